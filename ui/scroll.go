package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/layout"
	"nstui/ui/term"
	"nstui/ui/theme"
)

// scrollback is a look back at what a shell has printed, nil while its screen is shown as it is. What is
// looked at is a copy: it stays as it is while the shell prints on, so that a selection and what was
// found in it stay where they are, even when the history drops its oldest lines. Rows count as in
// term.Terminal: 0 is the top of the screen, -1 the newest line of the history.
type scrollback struct {
	term *term.Terminal
	keys bool  // it has the keyboard; else it came by the mouse, and typing ends it
	top  int   // the row that is shown first, 0 at the end
	at   point // the cursor
	goal int   // the column the cursor came from, for the lines that are longer again
	base int   // what the pane had printed when the copy was made, as printed counts

	find *finding   // nil if nothing is looked for
	sel  *selection // nil if nothing is selected
}

// freeze returns a copy of what is to be seen, and what was printed until then, as printed counts.
func (p *pane) freeze() (frozen *term.Terminal, printed int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.term.Freeze(), p.lines()
}

// printed returns the number of the line the cursor is in, from the first that was ever printed on.
func (p *pane) printed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lines()
}

func (p *pane) lines() int { return int(p.term.Scrolled()) + p.term.Cursor().Y }

// point is a cell by row and column.
type point struct{ y, x int }

func (p point) before(q point) bool { return p.y < q.y || p.y == q.y && p.x < q.x }

// lookBack returns the scrollback of a shell and makes one if there is none.
func (s *shell) lookBack() *scrollback {
	if s.scroll == nil {
		s.scroll = &scrollback{}
		s.scroll.take(s.pane)
	}
	return s.scroll
}

// take copies what the pane has now, and goes to its end.
func (b *scrollback) take(p *pane) {
	b.term, b.base = p.freeze()
	b.top = 0
	c := b.term.Cursor()
	b.put(point{c.Y, c.X})
}

// first and last are the rows the cursor can be in: what is blank below the cursor of the shell is not
// among them.
func (b *scrollback) first() int { return -b.term.HistoryLen() }

func (b *scrollback) last() int {
	y := b.term.Size().H - 1
	for y > b.term.Cursor().Y && b.term.TextEnd(y) == 0 {
		y--
	}
	return y
}

// back is how many lines the view is scrolled back.
func (b *scrollback) back() int { return -b.top }

// show scrolls so that row y is in view.
func (b *scrollback) show(y int) {
	if h := b.term.Size().H; y < b.top || y >= b.top+h {
		b.scrollTo(y - h/2)
	}
}

// scrollTo makes a row the first that is shown, as far as there are rows.
func (b *scrollback) scrollTo(top int) { b.top = max(b.first(), min(top, 0)) }

// put moves the cursor to a cell, or the nearest there is, without scrolling further than needed.
func (b *scrollback) put(p point) {
	size := b.term.Size()
	b.at = point{max(b.first(), min(p.y, b.last())), max(0, min(p.x, size.W-1))}
	if b.term.Cell(b.at.x, b.at.y).Width == 0 {
		b.at.x-- // the left half of a wide character
	}
	b.goal = b.at.x
	b.scrollTo(min(max(b.top, b.at.y-size.H+1), b.at.y))
}

// moveBy moves the cursor down, up if negative. It comes back to its column where there is text.
func (b *scrollback) moveBy(by int) {
	goal := b.goal
	y := max(b.first(), min(b.at.y+by, b.last()))
	b.put(point{y, min(goal, b.lineEnd(y))})
	b.goal = goal
}

// scrollBy moves view and cursor down, up if negative.
func (b *scrollback) scrollBy(by int) {
	b.scrollTo(b.top + by)
	b.moveBy(by)
}

// wheel moves the view only; the cursor stays in it.
func (b *scrollback) wheel(by int) {
	b.scrollTo(b.top + by)
	if y := max(b.top, min(b.at.y, b.top+b.term.Size().H-1)); y != b.at.y {
		b.moveBy(y - b.at.y)
	}
}

// lineEnd returns the column of the last character of a row.
func (b *scrollback) lineEnd(y int) int { return max(0, b.term.TextEnd(y)-1) }

// rows draws what is looked at.
func (b *scrollback) rows(o term.RowOptions) []string {
	rows := make([]string, b.term.Size().H)
	for i := range rows {
		y := b.top + i
		o.Highlights = b.highlights(y)
		rows[i] = b.term.Row(y, o)
	}
	return rows
}

// highlights returns what stands out in a row: what was found, and over it the selection.
func (b *scrollback) highlights(y int) []term.Highlight {
	var hs []term.Highlight
	if b.find != nil {
		hs = b.find.highlights(y, b.term.Size().W)
	}
	if b.sel != nil {
		if from, to, ok := b.selected().columns(b.term, y); ok {
			hs = append(hs, term.Highlight{From: from, To: to, Kind: term.HighlightSelection})
		}
	}
	return hs
}

// cursor returns the cursor on the screen, nil if the keys are not for what is looked at.
func (b *scrollback) cursor(p layout.Rect) *tea.Cursor {
	x, y := b.at.x, b.at.y-b.top
	if !b.keys || x >= p.W || y < 0 || y >= p.H {
		return nil
	}
	c := tea.NewCursor(p.X+x, p.Y+y)
	c.Blink = false
	return c
}

// words say where one is in what is looked at, and which keys there are: from all there is to say to the
// least.
func (b *scrollback) words(m *Model, s *shell) []line {
	at := fmt.Sprintf("%d of %d", b.back(), b.term.HistoryLen())
	long, short := []string{"SCROLLED BACK " + at}, []string{"BACK " + at}
	if n := s.fresh(); n > 0 {
		long[0] += fmt.Sprintf(", %d new %s", n, plural(n, "line", "lines"))
		short[0] += fmt.Sprintf(", %d new", n)
	}
	if b.sel != nil {
		long = append(long, "SELECTING "+b.sel.shape.String())
		short = append(short, b.sel.shape.String())
	}
	if b.find != nil {
		long, short = append(long, b.find.words()), append(short, b.find.words())
	}
	sep := " " + m.paint.Glyphs.Heavy.Top + " "
	words := func(facts []string, keys ...string) line {
		return say(theme.Inside, strings.Join(slices.Concat(facts, keys), sep))
	}
	if !b.keys {
		leave, prefix := "q back", "  "+m.config.Prefix+" [ for keys"
		return []line{
			words(long, leave+prefix+"   any other key goes to the shell"), words(long, leave+prefix), words(long, leave),
			words(short, leave), words(short),
		}
	}
	var wordings []line
	for least := 4; least > 0; least-- {
		var keys []string
		for i := range m.actions {
			if a := &m.actions[i]; a.scope == inScroll && a.foot > 0 && a.foot <= least {
				keys = append(keys, a.keys[0]+" "+a.label)
			}
		}
		wordings = append(wordings, words(long, strings.Join(keys, "  ")))
	}
	if b.sel != nil {
		wordings = append(wordings, words(long, "y copy  q back"), words(short, "y copy  q back"))
	}
	return append(wordings, words(long, "q back"), words(short, "q back"), words(short), words(short[:1]))
}

// updateScrollback handles what was found, copied or saved of what a shell printed.
func (m *Model) updateScrollback(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case findMsg:
		return m.handleFind(msg)
	case copiedMsg:
		return m.handleCopied(msg)
	case savedMsg:
		return m.handleSaved(msg)
	case linksMsg:
		return m.handleLinks(msg)
	case dragMsg:
		return m.handleDrag(msg)
	}
	return nil
}
