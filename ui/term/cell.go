package term

// color is a colour as a child names it: the zero value is the default one, otherwise the top byte
// tells a number of the palette from red, green and blue.
type color uint32

const (
	colorPalette color = 1 << 24
	colorRGB     color = 2 << 24
	colorKind    color = 0xff << 24
)

func paletteColor(n int) color { return colorPalette | color(n&0xff) }

func rgbColor(r, g, b int) color {
	return colorRGB | color(r&0xff)<<16 | color(g&0xff)<<8 | color(b&0xff)
}

// attr is how a character is drawn, and whether its cell is one half of a wide one.
type attr uint16

const (
	bold attr = 1 << iota
	dim
	italic
	blink
	reverse
	conceal
	strike
	overline
	protected // DECSCA: selective erasing leaves it
	wide      // the left half of a wide character
	tail      // the right half of one; it has the style of the left half and no text

	underlineShift      = 11
	underlineMask  attr = 7 << underlineShift
	widthMask           = wide | tail
)

func (a attr) underline() Underline { return Underline(a & underlineMask >> underlineShift) }

func (a attr) withUnderline(u Underline) attr { return a&^underlineMask | attr(u)<<underlineShift }

// cell is one cell in 16 bytes; its zero value is a cell never written to.
type cell struct {
	r rune // the character; 0 is blank, a negative one numbers a cluster: ^r
	ink
}

// ink is how a cell is drawn. It is apart from the character because the compiler keeps structs of up to four
// fields in registers: writing text takes half the time.
type ink struct {
	fg, bg color
	attr   attr
	extra  uint16 // number of the link and underline colour, 0 is none
}

func (c *cell) isTail() bool { return c.attr&tail != 0 }

// pen is the style the next character gets, and the cell an erased one becomes.
type pen struct {
	ink
	ul   color
	link string
}

func (p *pen) cell(r rune) cell { return cell{r, p.ink} }

// blank is an erased cell: it takes the background only ("bce").
func (p *pen) blank() cell { return cell{ink: ink{bg: p.bg}} }

// Underline is the shape of an underline.
type Underline uint8

// The shapes, numbered as in CSI 4 : n m.
const (
	UnderlineNone Underline = iota
	UnderlineSingle
	UnderlineDouble
	UnderlineCurly
	UnderlineDotted
	UnderlineDashed
)

// ColorKind tells how a Color is meant.
type ColorKind uint8

// The kinds of colours.
const (
	ColorDefault ColorKind = iota
	ColorPalette           // Index
	ColorRGB               // R, G, B
)

// Color is the colour of a cell.
type Color struct {
	Kind    ColorKind
	Index   uint8
	R, G, B uint8
}

func (c color) public() Color {
	switch c & colorKind {
	case colorPalette:
		return Color{Kind: ColorPalette, Index: uint8(c)}
	case colorRGB:
		return Color{Kind: ColorRGB, R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c)}
	}
	return Color{}
}

// Style is how a cell is drawn.
type Style struct {
	FG, BG, UnderlineColor            Color
	Underline                         Underline
	Bold, Dim, Italic, Blink, Reverse bool
	Conceal, Strike, Overline         bool
}

// Cell is one cell of the screen or the history.
type Cell struct {
	Text  string // one character with its marks; empty if blank or the right half of a wide one
	Width int    // 1, 2, and 0 for the right half of a wide character
	Style Style
	Link  string // target of the OSC 8 link, without control characters
}
