package picture

import (
	"image"
	"image/color"
	"testing"

	"nstui/ui/term"
)

// render returns the picture of what a terminal of the size shows after the output.
func render(t *testing.T, size term.Size, output string) (*image.RGBA, *canvas) {
	t.Helper()
	screen := term.New(size, term.Options{})
	if _, err := screen.Write([]byte(output)); err != nil {
		t.Fatal(err)
	}
	img, err := Draw(screen, &Dark)
	if err != nil {
		t.Fatal(err)
	}
	fonts, err := loadFaces()
	if err != nil {
		t.Fatal(err)
	}
	return img, newCanvas(size, fonts, &Dark)
}

// inked reports whether a pixel is nearer to the text's colour than to the ground's.
func inked(img *image.RGBA, x, y int) bool {
	return int(img.RGBAAt(x, y).G) > (int(Dark.Ground.G)+int(Dark.Text.G))/2
}

// touches reports which sides of the cell are reached by ink.
func touches(img *image.RGBA, cell image.Rectangle) (a arms) {
	for x := cell.Min.X; x < cell.Max.X; x++ {
		if inked(img, x, cell.Min.Y) {
			a.up = light
		}
		if inked(img, x, cell.Max.Y-1) {
			a.down = light
		}
	}
	for y := cell.Min.Y; y < cell.Max.Y; y++ {
		if inked(img, cell.Min.X, y) {
			a.left = light
		}
		if inked(img, cell.Max.X-1, y) {
			a.right = light
		}
	}
	return a
}

// Lines of frames must meet, so each character has to reach exactly the sides it is made for.
func TestBoxesReachTheirSides(t *testing.T) {
	want := make(map[rune]arms)
	for r, a := range boxes {
		want[r] = arms{min(a.up, light), min(a.right, light), min(a.down, light), min(a.left, light)}
	}
	want['╭'] = arms{right: light, down: light}
	want['╮'] = arms{left: light, down: light}
	want['╯'] = arms{left: light, up: light}
	want['╰'] = arms{right: light, up: light}
	for r, a := range want {
		img, c := render(t, term.Size{W: 3, H: 3}, "\x1b[?25l\x1b[2;2H"+string(r))
		if got := touches(img, c.cell(1, 1, 1)); got != a {
			t.Errorf("%c reaches %+v, want %+v", r, got, a)
		}
	}
}

// The arc of a corner ends where the straight line beside it begins.
func TestCornersMeetLines(t *testing.T) {
	img, c := render(t, term.Size{W: 3, H: 3}, "\x1b[?25l╭─╮\r\n│ │\r\n╰─╯")
	top := c.cell(1, 0, 1)
	for y := top.Min.Y; y < top.Max.Y; y++ {
		line := inked(img, top.Min.X, y)
		if inked(img, top.Min.X-1, y) != line || inked(img, top.Max.X, y) != line {
			t.Errorf("the upper line breaks at y %d", y)
		}
	}
	left := c.cell(0, 1, 1)
	for x := left.Min.X; x < left.Max.X; x++ {
		line := inked(img, x, left.Min.Y)
		if inked(img, x, left.Min.Y-1) != line || inked(img, x, left.Max.Y) != line {
			t.Errorf("the left line breaks at x %d", x)
		}
	}
}

func TestBlocks(t *testing.T) {
	share := func(r rune) float64 {
		img, c := render(t, term.Size{W: 1, H: 1}, "\x1b[?25l"+string(r))
		cell, n := c.cell(0, 0, 1), 0
		for y := cell.Min.Y; y < cell.Max.Y; y++ {
			for x := cell.Min.X; x < cell.Max.X; x++ {
				if img.RGBAAt(x, y) == Dark.Text {
					n++
				}
			}
		}
		return float64(n) / float64(cell.Dx()*cell.Dy())
	}
	for r, want := range map[rune]float64{'█': 1, '▀': 0.5, '▄': 0.5, '▌': 0.5, '▐': 0.5, '▂': 0.25, '▎': 0.25, '▚': 0.5, '▙': 0.75} {
		if got := share(r); got < want-0.06 || got > want+0.06 {
			t.Errorf("%c covers %.2f of its cell, want %.2f", r, got, want)
		}
	}
}

func TestColors(t *testing.T) {
	at := func(output string) color.RGBA {
		img, c := render(t, term.Size{W: 2, H: 1}, "\x1b[?25l"+output)
		corner := c.cell(0, 0, 1).Min
		return img.RGBAAt(corner.X, corner.Y)
	}
	for output, want := range map[string]color.RGBA{
		"x":                         Dark.Ground,
		"\x1b[41mx":                 Dark.Colors[1],
		"\x1b[107mx":                Dark.Colors[15],
		"\x1b[7mx":                  Dark.Text,
		"\x1b[7;33mx":               Dark.Colors[3],
		"\x1b[48;5;16mx":            {A: 0xff},
		"\x1b[48;5;231mx":           {0xff, 0xff, 0xff, 0xff},
		"\x1b[48;5;67mx":            {95, 135, 175, 0xff},
		"\x1b[48;5;244mx":           {128, 128, 128, 0xff},
		"\x1b[48;2;1;2;3mx":         {1, 2, 3, 0xff},
		"\x1b[48;2;1;2;3m\x1b[0m x": Dark.Ground,
	} {
		if got := at(output); got != want {
			t.Errorf("%q has the ground %v, want %v", output, got, want)
		}
	}
}

// A picture in a repository must not change when the screen does not.
func TestSameScreenSamePicture(t *testing.T) {
	const output = "\x1b[1mbold\x1b[m \x1b[3mitalic\x1b[m \x1b[2mfaint\x1b[m 世界 ╭─╮ é\u0301"
	a, _ := render(t, term.Size{W: 40, H: 2}, output)
	b, _ := render(t, term.Size{W: 40, H: 2}, output)
	if string(a.Pix) != string(b.Pix) {
		t.Error("two pictures of one screen differ")
	}
}

// The cursor is drawn over its letter, in its colours reversed.
func TestCursor(t *testing.T) {
	img, c := render(t, term.Size{W: 2, H: 1}, "x\r")
	corner := c.cell(0, 0, 1).Min
	if got := img.RGBAAt(corner.X, corner.Y); got != Dark.Text {
		t.Errorf("the cursor is %v, want %v", got, Dark.Text)
	}
}
