package term

import (
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// HighlightKind is how a range of a row stands out.
type HighlightKind uint8

// The kinds of highlights.
const (
	HighlightSelection HighlightKind = iota // reversed
	HighlightMatch                          // underlined on yellow: one match of a search
	HighlightCurrent                        // bold and underlined on cyan: the match one is at
)

// Highlight is a range of columns, From up to To.
type Highlight struct {
	From, To int
	Kind     HighlightKind
}

// RowOptions are how Row draws.
type RowOptions struct {
	Highlights []Highlight // later ones are over earlier ones
	Mono       bool        // attributes, but no colours: matches are reversed
}

// line returns the cells of row y, negative ones from the history, and whether it is wrapped. Blank
// ones at the end may be missing; they are valid until the next call.
func (t *Terminal) lineAt(y int) (cells []cell, wrapped bool) {
	switch {
	case y >= 0 && y < t.size.H:
		r := t.screen.rows[y]
		return r.all(), r.wrapped
	case y < 0 && -y <= t.history.n:
		line := t.history.at(t.history.n + y)
		t.scratch = line.unpack(t.scratch[:0])
		return t.scratch[:min(len(t.scratch), t.size.W)], line.wrapped
	}
	return nil, false
}

// Row returns row y, where 0 is the top of the screen and -1 the newest line of the history, as
// text with SGR that takes exactly the width of the screen and ends with ESC [ m. A row that does
// not exist is blank. It can be put into a frame as it is: of the child's bytes it has only
// characters that take the width they have here and do not join their neighbours.
func (t *Terminal) Row(y int, o RowOptions) string {
	cells, _ := t.lineAt(y)
	d := drawing{t: t, mono: o.Mono, out: t.out[:0]}
	for x := 0; x < t.size.W; {
		var c cell
		if x < len(cells) {
			c = cells[x]
		}
		w := 1
		if c.attr&wide != 0 && x+1 < t.size.W {
			w = 2
		}
		highlight := highlightAt(o.Highlights, x, w)
		d.style(c, highlight)
		if isRegional(c.r) && x+1 < min(len(cells), t.size.W) && highlightAt(o.Highlights, x+1, 1) == highlight && d.flag(&c, &cells[x+1]) {
			x += 2
			continue
		}
		d.cell(&c, w)
		x += w
	}
	d.out = append(d.out, "\x1b[m"...)
	t.out = d.out
	return string(t.out)
}

// look is what a highlight does to the look of a cell.
type look struct {
	attr   attr
	ground color // the background, with black on it; 0 reverses
}

// looks are those of the kinds of highlights.
var looks = [...]look{
	HighlightSelection: {attr: reverse},
	HighlightMatch:     {attr: reverse | attr(UnderlineSingle)<<underlineShift, ground: paletteColor(3)},
	HighlightCurrent:   {attr: reverse | bold | attr(UnderlineSingle)<<underlineShift, ground: paletteColor(6)},
}

// highlightAt returns what the highlights do to w cells at x.
func highlightAt(hs []Highlight, x, w int) (l look) {
	for _, h := range hs {
		if h.From < x+w && h.To > x {
			l = looks[min(int(h.Kind), len(looks)-1)]
		}
	}
	return l
}

// drawing is a row on its way to text.
type drawing struct {
	t     *Terminal
	mono  bool
	out   []byte
	now   cell // the style in force, without a character
	nowUL color
	prev  string // the character before with its marks, if it may join the next; else empty
	// prevAt is where it begins in out.
	prevAt int
}

// style writes the SGR that leads to the style of c.
func (d *drawing) style(c cell, highlight look) {
	var ul color
	if c.extra != 0 {
		ul = d.t.extras.value(int(c.extra)).ul
	}
	a := c.attr &^ (widthMask | protected)
	a = a ^ highlight.attr&reverse | highlight.attr&bold
	if u := highlight.attr.underline(); u != 0 {
		a = a.withUnderline(u)
	}
	if d.t.inverted {
		a ^= reverse
	}
	style := cell{ink: ink{fg: d.t.shown(c.fg, 0), bg: d.t.shown(c.bg, 1), attr: a}}
	if ul&colorKind == colorPalette {
		ul = d.t.shown(ul, 0)
	}
	if highlight.ground != 0 && !d.mono {
		style.fg, style.bg, style.attr, ul = paletteColor(0), highlight.ground, a&^(reverse|dim), 0
	}
	if d.mono {
		style.fg, style.bg, ul = 0, 0, 0
	}
	if style == d.now && ul == d.nowUL {
		return
	}
	d.now, d.nowUL = style, ul
	d.out = appendStyle(d.out, style, ul, true)
}

// shown returns a colour as the child redefined it, if it did.
func (t *Terminal) shown(c color, dynamic int) color {
	switch {
	case c == 0:
		return t.palette.dynamic[dynamic]
	case c&colorKind == colorPalette && t.palette.colors != nil:
		if changed := t.palette.colors[c&0xff]; changed != 0 {
			return changed
		}
	}
	return c
}

// cell writes the character of c on w cells.
func (d *drawing) cell(c *cell, w int) {
	half := c.attr&widthMask != 0 && w == 1 // half of a wide character at an edge
	switch {
	case c.r == 0 || c.attr&conceal != 0 || half:
		d.ascii(' ', w)
	case c.r < utf8.RuneSelf && c.r > 0:
		d.ascii(byte(c.r), 1)
	case c.r > 0 && plain(c.r):
		d.out = utf8.AppendRune(d.out, c.r)
		d.prev = ""
	default:
		d.careful(c, w)
	}
}

func (d *drawing) ascii(ch byte, w int) {
	for range w {
		d.out = append(d.out, ch)
	}
	d.prev = ""
}

// careful writes a character about which terminals may disagree: as it is, else without the marks they
// disagree about, else another in its place. Characters that join plain ones are never drawn, so only two
// that are not plain have to be looked at together.
func (d *drawing) careful(c *cell, w int) {
	text := d.t.cellText(c)
	if !d.safe(text, w) {
		first, size := utf8.DecodeRuneInString(text)
		if text = text[:size]; !d.safe(text, w) {
			d.out = utf8.AppendRune(d.out, standIn(first))
			for range w - 1 {
				d.out = append(d.out, ' ')
			}
			d.prev = ""
			return
		}
	}
	d.prev, d.prevAt = text, len(d.out)
	d.out = append(d.out, text...)
}

// flag writes two cells, the first a letter of flags, if they are a flag, and reports whether they are: each letter
// takes one cell where characters are counted, and both take two where clusters are.
func (d *drawing) flag(c, next *cell) bool {
	if !isRegional(next.r) || c.ink != next.ink || c.attr&conceal != 0 {
		return false
	}
	both := string([]rune{c.r, next.r})
	if !d.safe(both, 2) {
		return false
	}
	d.prev, d.prevAt = both, len(d.out)
	d.out = append(d.out, both...)
	return true
}

// isRegional reports whether a character is a letter of flags.
func isRegional(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

// safe reports whether a character takes w cells everywhere and stays apart from what is beside it. The
// one before may join it, as those of one emoji do (ZWJ): it loses its marks then, and both are to be seen.
func (d *drawing) safe(text string, w int) bool {
	if ansi.StringWidth(text) != w || ansi.StringWidthWc(text) != w || !apart("a", text) || !apart(text, "a") {
		return false
	}
	if apart(d.prev, text) {
		return true
	}
	_, size := utf8.DecodeRuneInString(d.prev)
	if size == len(d.prev) || !apart(d.prev[:size], text) {
		return false
	}
	d.out = slices.Delete(d.out, d.prevAt+size, d.prevAt+len(d.prev))
	d.prev = d.prev[:size]
	return true
}

// standIn returns what is drawn for a character that cannot be: a letter of half a flag, a patch for the
// colour of a skin, a circle of dots for a mark that takes a cell of its own (a vowel of Devanagari), as Unicode
// has it for marks without a character; else U+FFFD. It takes one cell.
func standIn(r rune) rune {
	switch {
	case isRegional(r):
		return r - 0x1f1e6 + 'A'
	case r >= 0x1f3fb && r <= 0x1f3ff:
		return '▒'
	case unicode.Is(unicode.Mc, r):
		return '◌'
	}
	return utf8.RuneError
}

// apart reports whether two characters stay two when they are beside each other.
func apart(a, b string) bool {
	if a == "" {
		return true
	}
	var buf [2 * maxCluster]byte
	both := append(append(buf[:0], a...), b...)
	first, _ := ansi.FirstGraphemeCluster(both, ansi.GraphemeWidth)
	return len(first) == len(a)
}

// appendStyle writes the SGR for a style, beginning with a reset.
func appendStyle(dst []byte, c cell, ul color, reset bool) []byte {
	dst = append(dst, "\x1b["...)
	start := len(dst)
	if reset && (c != (cell{}) || ul != 0) {
		dst = append(dst, '0')
	}
	sep := func() {
		if len(dst) > start {
			dst = append(dst, ';')
		}
	}
	for _, a := range [...]struct {
		attr attr
		code byte
	}{{bold, '1'}, {dim, '2'}, {italic, '3'}, {blink, '5'}, {reverse, '7'}, {conceal, '8'}, {strike, '9'}} {
		if c.attr&a.attr != 0 {
			sep()
			dst = append(dst, a.code)
		}
	}
	if c.attr&overline != 0 {
		sep()
		dst = append(dst, "53"...)
	}
	switch u := c.attr.underline(); u {
	case UnderlineNone:
	case UnderlineSingle:
		sep()
		dst = append(dst, '4')
	default:
		sep()
		dst = append(dst, '4', ':', '0'+byte(u))
	}
	for _, f := range [...]struct {
		c    color
		base int
	}{{c.fg, 30}, {c.bg, 40}, {ul, 50}} {
		if f.c != 0 {
			sep()
			dst = appendColor(dst, f.c, f.base)
		}
	}
	return append(dst, 'm')
}

// appendColor writes the values of SGR for a colour, base being 30, 40 or 50 (underline).
func appendColor(dst []byte, c color, base int) []byte {
	p := c.public()
	number := func(n int) { dst = strconv.AppendInt(dst, int64(n), 10) }
	switch {
	case p.Kind == ColorPalette && p.Index < 8 && base < 50:
		number(base + int(p.Index))
	case p.Kind == ColorPalette && p.Index < 16 && base < 50:
		number(base + 60 + int(p.Index) - 8)
	case p.Kind == ColorPalette:
		number(base + 8)
		dst = append(dst, ";5;"...)
		number(int(p.Index))
	default:
		number(base + 8)
		dst = append(dst, ";2;"...)
		number(int(p.R))
		dst = append(dst, ';')
		number(int(p.G))
		dst = append(dst, ';')
		number(int(p.B))
	}
	return dst
}
