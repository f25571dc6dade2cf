package picture

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"

	"nstui/ui/term"
)

// margin is the ground around the cells, in pixels.
const margin = 20

// Screen is what a picture is taken of.
type Screen interface {
	Size() term.Size
	Cell(x, y int) term.Cell
	Cursor() term.Cursor
}

// Draw draws the screen in the colours of the palette.
func Draw(s Screen, p *Palette) (*image.RGBA, error) {
	fonts, err := loadFaces()
	if err != nil {
		return nil, err
	}
	c := newCanvas(s.Size(), fonts, p)
	size := s.Size()
	for y := range size.H {
		for x := range size.W {
			c.drawGround(x, y, s.Cell(x, y))
		}
	}
	for y := range size.H {
		for x := range size.W {
			c.drawText(x, y, s.Cell(x, y))
		}
	}
	c.drawCursor(s)
	return c.img, nil
}

// canvas is an image divided into cells.
type canvas struct {
	img      *image.RGBA
	fonts    faces
	palette  *Palette
	width    int // of a cell
	height   int
	baseline int // below the top of a cell
}

func newCanvas(size term.Size, fonts faces, p *Palette) *canvas {
	metrics := fonts[0].Metrics()
	advance, _ := fonts[0].GlyphAdvance('M')
	c := &canvas{
		fonts:    fonts,
		palette:  p,
		width:    advance.Round(),
		height:   metrics.Ascent.Ceil() + metrics.Descent.Ceil(),
		baseline: metrics.Ascent.Ceil(),
	}
	c.img = image.NewRGBA(image.Rect(0, 0, size.W*c.width+2*margin, size.H*c.height+2*margin))
	fill(c.img, c.img.Rect, p.Ground)
	return c
}

// cell returns the pixels of a cell, or of as many as a character is wide.
func (c *canvas) cell(x, y, wide int) image.Rectangle {
	at := image.Pt(margin+x*c.width, margin+y*c.height)
	return image.Rectangle{Min: at, Max: at.Add(image.Pt(c.width*wide, c.height))}
}

func (c *canvas) drawGround(x, y int, cell term.Cell) {
	_, ground := c.palette.colors(cell.Style)
	fill(c.img, c.cell(x, y, 1), ground)
}

func (c *canvas) drawText(x, y int, cell term.Cell) {
	if cell.Width == 0 {
		return // the right half of a wide character
	}
	ink, _ := c.palette.colors(cell.Style)
	area := c.cell(x, y, cell.Width)
	c.drawLines(area, cell.Style, ink)
	for i, r := range cell.Text {
		if i == 0 && drawBox(c.img, area, r, ink) {
			continue
		}
		c.drawRune(area, r, cell.Style, ink)
	}
}

// drawRune draws a letter, or a mark over the letter drawn before.
func (c *canvas) drawRune(area image.Rectangle, r rune, style term.Style, ink color.RGBA) {
	cut := 0
	if style.Bold {
		cut |= boldCut
	}
	if style.Italic {
		cut |= italicCut
	}
	drawer := font.Drawer{
		Dst:  c.img,
		Src:  image.NewUniform(ink),
		Face: c.fonts[cut],
		Dot:  fixed.P(area.Min.X, area.Min.Y+c.baseline),
	}
	drawer.DrawString(string(r))
}

// drawLines draws what is under, through and over a text.
func (c *canvas) drawLines(area image.Rectangle, style term.Style, ink color.RGBA) {
	thick := stroke(area)
	line := func(y int) { fill(c.img, image.Rect(area.Min.X, y, area.Max.X, y+thick), ink) }
	if style.Underline != term.UnderlineNone {
		under := ink
		if style.UnderlineColor.Kind != term.ColorDefault {
			under = c.palette.resolve(style.UnderlineColor, ink)
		}
		y := area.Min.Y + c.baseline + 2*thick
		fill(c.img, image.Rect(area.Min.X, y, area.Max.X, y+thick), under)
	}
	if style.Strike {
		line(area.Min.Y + int(math.Round(float64(c.baseline)*0.7)))
	}
	if style.Overline {
		line(area.Min.Y)
	}
}

// drawCursor draws the cursor as a block over its cell.
func (c *canvas) drawCursor(s Screen) {
	cursor := s.Cursor()
	if !cursor.Visible {
		return
	}
	cell := s.Cell(cursor.X, cursor.Y)
	wide := max(1, cell.Width)
	text, ground := c.palette.colors(cell.Style)
	fill(c.img, c.cell(cursor.X, cursor.Y, wide), text)
	for _, r := range cell.Text {
		c.drawRune(c.cell(cursor.X, cursor.Y, wide), r, cell.Style, ground)
	}
}
