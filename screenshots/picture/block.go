package picture

import (
	"image"
	"image/color"
	"image/draw"
)

// quadrants are the quarters a character fills: upper left, upper right, lower left, lower right.
var quadrants = map[rune][4]bool{
	'▖': {false, false, true, false}, '▗': {false, false, false, true}, '▘': {true, false, false, false},
	'▝': {false, true, false, false}, '▙': {true, false, true, true}, '▚': {true, false, false, true},
	'▛': {true, true, true, false}, '▜': {true, true, false, true}, '▞': {false, true, true, false}, '▟': {false, true, true, true},
}

// shades are how much of the ground a character covers, of 256.
var shades = map[rune]int{'░': 64, '▒': 128, '▓': 192}

// drawBlock draws a block character and reports whether r is one.
func drawBlock(dst draw.Image, cell image.Rectangle, r rune, ink color.RGBA) bool {
	part := cell
	eighthX := func(n int) int { return cell.Min.X + (cell.Dx()*n+4)/8 }
	eighthY := func(n int) int { return cell.Min.Y + (cell.Dy()*n+4)/8 }
	switch {
	case r == '▀':
		part.Max.Y = eighthY(4)
	case r >= '▁' && r <= '█':
		part.Min.Y = eighthY(8 - int(r-'▁'+1))
	case r >= '▉' && r <= '▏':
		part.Max.X = eighthX(7 - int(r-'▉'))
	case r == '▐':
		part.Min.X = eighthX(4)
	case r == '▔':
		part.Max.Y = eighthY(1)
	case r == '▕':
		part.Min.X = eighthX(7)
	default:
		return drawShade(dst, cell, r, ink) || drawQuadrants(dst, cell, r, ink)
	}
	fill(dst, part, ink)
	return true
}

func drawShade(dst draw.Image, cell image.Rectangle, r rune, ink color.RGBA) bool {
	share, ok := shades[r]
	if ok {
		under := color.RGBAModel.Convert(dst.At(cell.Min.X, cell.Min.Y)).(color.RGBA)
		fill(dst, cell, mix(under, ink, share))
	}
	return ok
}

func drawQuadrants(dst draw.Image, cell image.Rectangle, r rune, ink color.RGBA) bool {
	filled, ok := quadrants[r]
	middle := image.Pt((cell.Min.X+cell.Max.X)/2, (cell.Min.Y+cell.Max.Y)/2)
	for i, on := range filled {
		if !on {
			continue
		}
		quarter := image.Rectangle{Min: cell.Min, Max: middle}
		if i%2 == 1 {
			quarter.Min.X, quarter.Max.X = middle.X, cell.Max.X
		}
		if i/2 == 1 {
			quarter.Min.Y, quarter.Max.Y = middle.Y, cell.Max.Y
		}
		fill(dst, quarter, ink)
	}
	return ok
}
