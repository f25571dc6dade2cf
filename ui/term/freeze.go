package term

import (
	"math"
	"slices"
)

// Freeze returns a copy of what can be seen, screen and history, to be looked at while the terminal
// goes on: it can be resized and read, also by another goroutine. What both share of the history is
// written to by neither, so that the cost is that of a copy of the screen and of 40 bytes for each
// line. It wraps its history again without dropping lines.
func (t *Terminal) Freeze() *Terminal {
	f := New(t.size, t.opts)
	f.history = t.history.clone()
	f.primary = t.primary.clone()
	f.screen = f.primary
	f.modes.AltScreen = t.modes.AltScreen
	if t.modes.AltScreen {
		f.alternate = t.alternate.clone()
		f.screen = f.alternate
	}
	f.x, f.y, f.pending, f.margins = t.x, t.y, t.pending, t.margins
	f.inverted, f.hidden, f.shape = t.inverted, t.hidden, t.shape
	f.palette.dynamic = t.palette.dynamic
	if t.palette.colors != nil {
		colors := *t.palette.colors
		f.palette.colors = &colors
	}
	f.clusters.values = slices.Clone(t.clusters.values)
	f.extras.values = slices.Clone(t.extras.values)
	return f
}

// clone copies a screen and the cursor saved for it.
func (s *screen) clone() *screen {
	c := &screen{rows: make([]*row, len(s.rows)), saved: s.saved}
	for y, r := range s.rows {
		copied := *r
		copied.cells = slices.Clone(r.cells)
		c.rows[y] = &copied
	}
	return c
}

// clone copies a history but for the bytes of its lines, which both share from now on. It may hold any
// number of lines: narrower ones are more.
func (h *history) clone() history {
	c := newHistory(math.MaxInt / historyBytes)
	c.lines, c.n, c.bytes, c.pushed = make([]packed, h.n), h.n, h.bytes, h.pushed
	for i := range c.lines {
		line := h.at(i)
		line.shared = true
		c.lines[i] = *line
	}
	return c
}
