package term

import "unicode/utf8"

// Paragraph is a line of text as it was before it was wrapped to the width of the screen.
type Paragraph struct {
	Rows  int     // how many rows it takes
	Text  []byte  // its characters, a space for each blank, those at its end removed
	Cells []Place // for each byte of Text the cell of its character
	Links []Link  // in the order of their cells
}

// Place is a cell of a Paragraph: Row counts from its first row.
type Place struct{ Row, Col int32 }

// Link is a run of cells of a Paragraph with the same target: Text[From:To] is what is shown.
type Link struct {
	From, To int
	Target   string // without control characters
}

// maxParagraph bounds a Paragraph in rows: a program may print for ever without a newline.
const maxParagraph = 1000

// ReadParagraph reads the paragraph of which row y is the first, into the memory p has. Rows count as
// in Row.
func (t *Terminal) ReadParagraph(y int, p *Paragraph) {
	p.Rows, p.Text, p.Cells, p.Links = 0, p.Text[:0], p.Cells[:0], p.Links[:0]
	wrapped := true
	for ; wrapped && p.Rows < maxParagraph; p.Rows++ {
		wrapped = t.Wrapped(y + p.Rows)
		t.readRow(y+p.Rows, wrapped, p)
	}
}

// readRow adds the text of a row.
func (t *Terminal) readRow(y int, wrapped bool, p *Paragraph) {
	cells, _ := t.lineAt(y)
	end := textEnd(cells, wrapped)
	for x := range cells[:end] {
		c := &cells[x]
		if c.isTail() {
			continue
		}
		from := len(p.Text)
		if uint32(c.r) < utf8.RuneSelf && c.r != 0 {
			p.Text = append(p.Text, byte(c.r))
		} else {
			p.Text = t.appendText(p.Text, c)
		}
		at := Place{int32(p.Rows), int32(x)}
		for range len(p.Text) - from {
			p.Cells = append(p.Cells, at)
		}
		if c.extra != 0 {
			t.readLink(int(c.extra), from, p)
		}
	}
}

// readLink adds the character at Text[from:] to the link it belongs to.
func (t *Terminal) readLink(id, from int, p *Paragraph) {
	target := t.extras.value(id).link
	if target == "" {
		return
	}
	if n := len(p.Links); n > 0 && p.Links[n-1].To == from && p.Links[n-1].Target == target {
		p.Links[n-1].To = len(p.Text)
		return
	}
	p.Links = append(p.Links, Link{From: from, To: len(p.Text), Target: target})
}

// textEnd returns how many of the cells there are without the blanks at their end. Spaces that were
// written before the text goes on in the next row are no blanks.
func textEnd(cells []cell, wrapped bool) int {
	end := len(cells)
	for end > 0 && !cells[end-1].isTail() && (cells[end-1].r == 0 || cells[end-1].r == ' ' && !wrapped) {
		end--
	}
	return end
}

// Begin returns the first row of the paragraph that row y is in.
func (t *Terminal) Begin(y int) int {
	for n := 0; n < maxParagraph && y > -t.history.n && t.Wrapped(y-1); n++ {
		y--
	}
	return y
}

// TextEnd returns the column behind the last character of row y.
func (t *Terminal) TextEnd(y int) int {
	cells, wrapped := t.lineAt(y)
	return textEnd(cells, wrapped)
}

// TextBetween returns the characters of row y from column from up to column to, without the blanks at
// the end of the row. Wide characters that are cut by one of the columns are in it.
func (t *Terminal) TextBetween(y, from, to int) string {
	cells, wrapped := t.lineAt(y)
	to = min(to, textEnd(cells, wrapped))
	from = max(0, from)
	if from > 0 && from < to && cells[from].isTail() {
		from--
	}
	out := t.out[:0]
	for i := from; i < to; i++ {
		if c := &cells[i]; !c.isTail() {
			out = t.appendText(out, c)
		}
	}
	t.out = out
	return string(out)
}
