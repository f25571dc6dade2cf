package picture

import (
	"cmp"
	"image"
	"image/color"
	"maps"
	"slices"
)

// Quantize returns the image with its 256 most used colours, others as the nearest of them: letters
// have many shades that nobody can tell apart, and a file with a palette is a third of the size.
func Quantize(img *image.RGBA) *image.Paletted {
	count := make(map[color.RGBA]int)
	for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y++ {
		for x := img.Rect.Min.X; x < img.Rect.Max.X; x++ {
			count[img.RGBAAt(x, y)]++
		}
	}
	// Of equally frequent colours the order is that of their values, so that it is always the same.
	value := func(c color.RGBA) int { return int(c.R)<<16 | int(c.G)<<8 | int(c.B) }
	colors := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(value(a), value(b)))
	})
	palette := make(color.Palette, 0, 256)
	for _, c := range colors[:min(256, len(colors))] {
		palette = append(palette, c)
	}
	nearest := make(map[color.RGBA]uint8, len(colors))
	for _, c := range colors {
		nearest[c] = uint8(palette.Index(c))
	}
	out := image.NewPaletted(img.Rect, palette)
	for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y++ {
		for x := img.Rect.Min.X; x < img.Rect.Max.X; x++ {
			out.SetColorIndex(x, y, nearest[img.RGBAAt(x, y)])
		}
	}
	return out
}
