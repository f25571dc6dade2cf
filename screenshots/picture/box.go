package picture

import (
	"image"
	"image/color"
	"image/draw"
	"math"
)

// The weights of the four arms of a box drawing character.
const (
	none = iota
	light
	heavy
)

// arms are the weights of the lines from the middle of a cell to its sides.
type arms struct{ up, right, down, left int }

// boxes are the box drawing characters nstui and most programs use; others are letters of the font.
var boxes = map[rune]arms{
	'─': {right: light, left: light}, '━': {right: heavy, left: heavy},
	'│': {up: light, down: light}, '┃': {up: heavy, down: heavy},
	'┌': {right: light, down: light}, '┐': {down: light, left: light},
	'└': {up: light, right: light}, '┘': {up: light, left: light},
	'┏': {right: heavy, down: heavy}, '┓': {down: heavy, left: heavy},
	'┗': {up: heavy, right: heavy}, '┛': {up: heavy, left: heavy},
	'├': {up: light, right: light, down: light}, '┤': {up: light, down: light, left: light},
	'┬': {right: light, down: light, left: light}, '┴': {up: light, right: light, left: light},
	'┼': {up: light, right: light, down: light, left: light},
	'┣': {up: heavy, right: heavy, down: heavy}, '┫': {up: heavy, down: heavy, left: heavy},
	'┳': {right: heavy, down: heavy, left: heavy}, '┻': {up: heavy, right: heavy, left: heavy},
	'╋': {up: heavy, right: heavy, down: heavy, left: heavy},
	'┠': {up: heavy, right: light, down: heavy}, '┨': {up: heavy, down: heavy, left: light},
	'┯': {right: heavy, down: light, left: heavy}, '┷': {up: light, right: heavy, left: heavy},
}

// rounded are the corners drawn as an arc: the two sides it joins, as steps from the middle.
var rounded = map[rune]image.Point{'╭': {1, 1}, '╮': {-1, 1}, '╯': {-1, -1}, '╰': {1, -1}}

// drawBox draws a box drawing or block character and reports whether r is one it knows.
func drawBox(dst draw.Image, cell image.Rectangle, r rune, ink color.RGBA) bool {
	if a, ok := boxes[r]; ok {
		drawArms(dst, cell, a, ink)
		return true
	}
	if toward, ok := rounded[r]; ok {
		drawCorner(dst, cell, toward, ink)
		return true
	}
	return drawBlock(dst, cell, r, ink)
}

// stroke is how thick a light line is, in pixels.
func stroke(cell image.Rectangle) int { return max(1, (cell.Dx()+4)/8) }

// span returns the pixels a line of the given thickness covers around the middle of [low, high).
func span(low, high, thick int) (from, to int) {
	from = (low + high - thick) / 2
	return from, from + thick
}

// thickness returns how thick a line of the weight is, in pixels.
func thickness(cell image.Rectangle, weight int) int { return weight * stroke(cell) }

// drawArms draws lines from the sides of the cell over its middle, as far as the thickest line across
// reaches, so that corners are filled.
func drawArms(dst draw.Image, cell image.Rectangle, a arms, ink color.RGBA) {
	acrossX := max(a.up, a.down)
	if acrossX == none {
		acrossX = max(a.left, a.right)
	}
	acrossY := max(a.left, a.right)
	if acrossY == none {
		acrossY = max(a.up, a.down)
	}
	left, right := span(cell.Min.X, cell.Max.X, thickness(cell, acrossX))
	top, bottom := span(cell.Min.Y, cell.Max.Y, thickness(cell, acrossY))
	horizontal := func(weight, from, to int) {
		y0, y1 := span(cell.Min.Y, cell.Max.Y, thickness(cell, weight))
		fill(dst, image.Rect(from, y0, to, y1), ink)
	}
	vertical := func(weight, from, to int) {
		x0, x1 := span(cell.Min.X, cell.Max.X, thickness(cell, weight))
		fill(dst, image.Rect(x0, from, x1, to), ink)
	}
	horizontal(a.left, cell.Min.X, right)
	horizontal(a.right, left, cell.Max.X)
	vertical(a.up, cell.Min.Y, bottom)
	vertical(a.down, top, cell.Max.Y)
}

// drawCorner draws a quarter of a circle, and straight lines from it to the sides of the cell.
func drawCorner(dst draw.Image, cell image.Rectangle, toward image.Point, ink color.RGBA) {
	thick := float64(stroke(cell))
	x0, _ := span(cell.Min.X, cell.Max.X, stroke(cell))
	y0, _ := span(cell.Min.Y, cell.Max.Y, stroke(cell))
	middleX, middleY := float64(x0)+thick/2, float64(y0)+thick/2
	radius := float64(cell.Dx()) / 2
	centerX, centerY := middleX+radius*float64(toward.X), middleY+radius*float64(toward.Y)
	for y := cell.Min.Y; y < cell.Max.Y; y++ {
		for x := cell.Min.X; x < cell.Max.X; x++ {
			px, py := float64(x)+0.5, float64(y)+0.5
			dx, dy := (centerX-px)*float64(toward.X), (centerY-py)*float64(toward.Y)
			var distance float64
			switch {
			case dx >= 0 && dy >= 0: // beside the arc
				distance = math.Abs(math.Hypot(dx, dy) - radius)
			case dx < 0: // beyond it, on the horizontal line
				distance = math.Abs(py - middleY)
			default: // on the vertical one
				distance = math.Abs(px - middleX)
			}
			cover := min(max(thick/2+0.5-distance, 0), 1)
			if cover > 0 {
				under := color.RGBAModel.Convert(dst.At(x, y)).(color.RGBA)
				dst.Set(x, y, mix(under, ink, int(cover*256)))
			}
		}
	}
}

func fill(dst draw.Image, r image.Rectangle, c color.RGBA) {
	draw.Draw(dst, r, image.NewUniform(c), image.Point{}, draw.Src)
}
