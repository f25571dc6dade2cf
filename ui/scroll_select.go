package ui

import (
	"strings"

	"nstui/ui/term"
)

// shape is what of the cells between two places is selected.
type shape uint8

// The shapes.
const (
	byChars shape = iota // from one to the other, as text runs
	byLines              // whole lines, as they were before they were wrapped
	byBlock              // the rectangle
)

func (s shape) String() string { return [...]string{"CHARACTERS", "LINES", "BLOCK"}[s] }

// selection goes from a point to the cursor.
type selection struct {
	shape shape
	from  point
}

// stretch is some text of a scrollback: both places are in it.
type stretch struct {
	shape    shape
	from, to point
}

// selected returns what is selected, the earlier point first.
func (b *scrollback) selected() stretch {
	r := stretch{b.sel.shape, b.sel.from, b.at}
	if r.to.before(r.from) {
		r.from, r.to = r.to, r.from
	}
	return r.whole(b.term)
}

// whole extends lines to what was wrapped of them.
func (r stretch) whole(t *term.Terminal) stretch {
	if r.shape == byLines {
		r.from = point{t.Begin(r.from.y), 0}
		for r.to.y < t.Size().H-1 && t.Wrapped(r.to.y) {
			r.to.y++
		}
		r.to.x = t.Size().W - 1
	}
	return r
}

// columns returns which columns of a row are in the text: of a wide character both, and of an empty row
// the first, so that it can be seen.
func (r stretch) columns(t *term.Terminal, y int) (from, to int, ok bool) {
	if y < r.from.y || y > r.to.y {
		return 0, 0, false
	}
	from, to = 0, max(1, t.TextEnd(y))
	switch r.shape {
	case byBlock:
		from, to = min(r.from.x, r.to.x), max(r.from.x, r.to.x)+1
	case byLines:
	default:
		if y == r.from.y {
			from = r.from.x
		}
		if y == r.to.y {
			to = min(r.to.x+1, to)
		}
	}
	to = max(to, from+1)
	if t.Cell(from, y).Width == 0 {
		from--
	}
	if to > 0 && t.Cell(to-1, y).Width == 2 {
		to++
	}
	return from, to, true
}

// text returns the text: wrapped lines joined, blanks at the ends of lines dropped, and no newline at
// its end.
func (r stretch) text(t *term.Terminal) string {
	var out strings.Builder
	for y := r.from.y; y <= r.to.y; y++ {
		from, to, _ := r.columns(t, y)
		part := t.TextBetween(y, from, to)
		if r.shape == byBlock {
			part = strings.TrimRight(part, " ")
		}
		out.WriteString(part)
		if y < r.to.y && (r.shape == byBlock || !t.Wrapped(y)) {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// screenful is what of a terminal is on the screen if the row top is the first; everything is all of it.
func screenful(t *term.Terminal, top int) stretch {
	return stretch{shape: byChars, from: point{top, 0}, to: point{top + t.Size().H - 1, t.Size().W - 1}}
}

func everything(t *term.Terminal) stretch {
	return stretch{shape: byChars, from: point{-t.HistoryLen(), 0}, to: point{t.Size().H - 1, t.Size().W - 1}}
}

// word returns the word around a point: an address whole, with the brackets in it; else letters, digits and
// what is in paths and names; or the one character there is. What ends a sentence is no part of a word.
func (b *scrollback) word(at point) stretch {
	if at.x > 0 && b.term.Cell(at.x, at.y).Width == 0 {
		at.x-- // the left half of a wide character
	}
	begin := b.term.Begin(at.y)
	var p term.Paragraph
	b.term.ReadParagraph(begin, &p)
	i := indexOf(&p, point{at.y - begin, at.x})
	if i >= len(p.Text) {
		return stretch{byChars, at, at}
	}
	from, to := wordIn(p.Text, i)
	cell := func(i int) point { return point{begin + int(p.Cells[i].Row), int(p.Cells[i].Col)} }
	return stretch{byChars, cell(from), cell(to - 1)}
}

// wordIn returns the word around byte i of some text, up to before byte to.
func wordIn(text []byte, i int) (from, to int) {
	for _, u := range urlsIn(text) {
		if u.from <= i && i < u.to {
			return u.from, u.to
		}
	}
	from, to = i, i+1
	if !inWord(text[i]) {
		return from, to
	}
	for from > 0 && inWord(text[from-1]) {
		from--
	}
	for to < len(text) && inWord(text[to]) {
		to++
	}
	if last := to - 1; last > from && strings.IndexByte(".:?", text[last]) >= 0 && isAlnum(text[last-1]) {
		if i == last {
			return last, to
		}
		to = last
	}
	return from, to
}

// indexOf returns the byte of a paragraph's text that is at a point in it, or the next there is.
func indexOf(p *term.Paragraph, at point) int {
	for i, c := range p.Cells {
		if !(point{int(c.Row), int(c.Col)}).before(at) {
			return i
		}
	}
	return len(p.Text)
}

// inWord reports whether a byte is of a word, for a double click: bytes of characters that are not ASCII
// are.
func inWord(c byte) bool {
	return c >= 0x80 || isAlnum(c) || strings.IndexByte("_-./~:@%+#=?&", c) >= 0
}
