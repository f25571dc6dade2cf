package picture

import (
	"image/color"

	"nstui/ui/term"
)

// Palette is the colours of a terminal.
type Palette struct {
	Ground, Text color.RGBA
	Colors       [16]color.RGBA
}

// Dark and Light are two palettes as people use them: the sixteen colours are moderate, and each can
// be read on the ground it is made for.
var (
	Dark = Palette{
		Ground: rgb(0x1a1b20), Text: rgb(0xd6d8de),
		Colors: [16]color.RGBA{
			rgb(0x2c2e36), rgb(0xe5696f), rgb(0x8fbf6e), rgb(0xe3b755), rgb(0x6ea3e0), rgb(0xc186d6), rgb(0x58bcc4), rgb(0xc3c6ce),
			rgb(0x6b6f7b), rgb(0xf08a8f), rgb(0xa9d489), rgb(0xf0cb78), rgb(0x8fbaf0), rgb(0xd3a2e4), rgb(0x7bd1d8), rgb(0xf2f3f5),
		},
	}
	Light = Palette{
		Ground: rgb(0xfcfcfa), Text: rgb(0x26292f),
		Colors: [16]color.RGBA{
			rgb(0x26292f), rgb(0xc2343b), rgb(0x3f7d20), rgb(0xf0c64f), rgb(0x1f5fbf), rgb(0x8a3fa8), rgb(0x0f7c88), rgb(0xc9ccd1),
			rgb(0x737883), rgb(0xdb5359), rgb(0x579a38), rgb(0xc08a17), rgb(0x3d7ddc), rgb(0xa65cc4), rgb(0x2b9aa6), rgb(0xffffff),
		},
	}
)

func rgb(hex uint32) color.RGBA {
	return color.RGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xff}
}

// resolve returns the colour c stands for, or the given default.
func (p *Palette) resolve(c term.Color, otherwise color.RGBA) color.RGBA {
	switch c.Kind {
	case term.ColorRGB:
		return color.RGBA{R: c.R, G: c.G, B: c.B, A: 0xff}
	case term.ColorPalette:
		return p.index(int(c.Index))
	default:
		return otherwise
	}
}

// index returns a colour of xterm's 256: sixteen of the palette, a cube of six levels, 24 greys.
func (p *Palette) index(i int) color.RGBA {
	switch {
	case i < 16:
		return p.Colors[i]
	case i < 232:
		i -= 16
		return color.RGBA{R: level(i / 36), G: level(i / 6 % 6), B: level(i % 6), A: 0xff}
	default:
		grey := uint8(8 + 10*(i-232))
		return color.RGBA{R: grey, G: grey, B: grey, A: 0xff}
	}
}

// level returns the brightness of one of the six levels of the cube.
func level(i int) uint8 {
	if i == 0 {
		return 0
	}
	return uint8(55 + 40*i)
}

// mix returns a with a share of b, which is of 256.
func mix(a, b color.RGBA, share int) color.RGBA {
	blend := func(x, y uint8) uint8 { return uint8((int(x)*(256-share) + int(y)*share) / 256) }
	return color.RGBA{R: blend(a.R, b.R), G: blend(a.G, b.G), B: blend(a.B, b.B), A: 0xff}
}

// colors returns the colours of a cell's text and ground.
func (p *Palette) colors(s term.Style) (text, ground color.RGBA) {
	text, ground = p.resolve(s.FG, p.Text), p.resolve(s.BG, p.Ground)
	if s.Reverse {
		text, ground = ground, text
	}
	if s.Dim {
		text = mix(text, ground, 112)
	}
	if s.Conceal {
		text = ground
	}
	return text, ground
}
