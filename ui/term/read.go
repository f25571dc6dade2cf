package term

// Text returns the characters of row y without style, blanks at its end removed; a row that goes on
// in the next one keeps the spaces that were written. Rows count as in Row.
func (t *Terminal) Text(y int) string {
	return t.TextBetween(y, 0, t.size.W)
}

// Wrapped reports whether the text of row y goes on in the next row.
func (t *Terminal) Wrapped(y int) bool {
	if y == -1 && t.modes.AltScreen {
		return false // what is below it is another screen
	}
	if y < 0 && -y <= t.history.n {
		return t.history.at(t.history.n + y).wrapped
	}
	return y >= 0 && y < t.size.H && t.screen.rows[y].wrapped
}

// Cell returns the cell in column x of row y, a blank one if there is none.
func (t *Terminal) Cell(x, y int) Cell {
	cells, _ := t.lineAt(y)
	c := &cell{}
	if x >= 0 && x < len(cells) {
		c = &cells[x]
	}
	e := t.extras.value(int(c.extra))
	out := Cell{Text: t.cellText(c), Width: 1, Link: e.link, Style: Style{
		FG: t.shown(c.fg, 0).public(), BG: t.shown(c.bg, 1).public(), UnderlineColor: e.ul.public(),
		Underline: c.attr.underline(),
		Bold:      c.attr&bold != 0, Dim: c.attr&dim != 0, Italic: c.attr&italic != 0,
		Blink: c.attr&blink != 0, Reverse: c.attr&reverse != 0, Conceal: c.attr&conceal != 0,
		Strike: c.attr&strike != 0, Overline: c.attr&overline != 0,
	}}
	switch {
	case c.attr&wide != 0:
		out.Width = 2
	case c.isTail():
		out.Width = 0
	}
	return out
}
