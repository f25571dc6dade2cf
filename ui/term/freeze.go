package term

import (
	"math"
	"slices"
)

// Freeze returns a copy of what can be seen, screen and history, to be looked at while the terminal
// goes on: it can be resized and read, and shares nothing with the terminal. What it costs is a copy
// of the bytes of the history. It wraps its history again without dropping lines.
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

// clone copies a history, its lines into one buffer. It may hold any number of lines: narrower ones are
// more.
func (h *history) clone() history {
	size := 0
	for i := range h.n {
		size += len(h.at(i).data)
	}
	c := newHistory(math.MaxInt / historyBytes)
	c.lines, c.n, c.pushed = make([]packed, h.n), h.n, h.pushed
	all := make([]byte, 0, size)
	for i := range c.lines {
		line := *h.at(i)
		from := len(all)
		all = append(all, line.data...)
		line.data = all[from:len(all):len(all)]
		c.lines[i] = line
	}
	return c
}
