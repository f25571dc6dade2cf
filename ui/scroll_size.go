package ui

import "nstui/ui/term"

// fresh returns how many lines the shell has printed since the copy was made.
func (s *shell) fresh() int { return max(0, s.pane.printed()-s.scroll.base) }

// resize changes the size of the shell's screen and reports whether it was another. What is looked at
// stays in view.
func (s *shell) resize(size term.Size) bool {
	b := s.scroll
	if b == nil {
		return s.pane.resize(size)
	}
	fresh := s.fresh()
	changed := s.pane.resize(size)
	b.base = s.pane.printed() - fresh
	b.resize(size)
	return changed
}

// resize wraps the copy again. What was in view and under the cursor still is.
func (b *scrollback) resize(size term.Size) {
	if b.term.Size() == size {
		return
	}
	top, atEnd := point{y: b.top}, b.top == 0
	points := []*point{&top, &b.at}
	if b.sel != nil {
		points = append(points, &b.sel.from)
	}
	anchors := b.anchors(points)
	b.term.Resize(size)
	b.restore(anchors, points)
	b.scrollTo(top.y)
	if atEnd {
		b.top = 0
	}
	b.put(b.at)
	if b.find != nil {
		b.searchAgain(b.find)
	}
}

// anchor is a point by what wrapping does not change: the number of the line it is in, from the oldest,
// and of the cell in that.
type anchor struct{ line, cell int }

// anchors returns where points are in the lines as they were before they were wrapped.
func (b *scrollback) anchors(points []*point) []anchor {
	anchors := make([]anchor, len(points))
	n := 0
	for y := b.first(); y < b.term.Size().H; y++ {
		for i, p := range points {
			if p.y == y {
				anchors[i] = anchor{n, p.x + b.cellsBefore(y)}
			}
		}
		if !b.term.Wrapped(y) {
			n++
		}
	}
	return anchors
}

// cellsBefore returns how many cells the rows take that a row goes on from.
func (b *scrollback) cellsBefore(y int) int {
	n := 0
	for begin := b.term.Begin(y); begin < y; begin++ {
		n += b.term.TextEnd(begin)
	}
	return n
}

// restore sets points to where their anchors are now.
func (b *scrollback) restore(anchors []anchor, points []*point) {
	n := 0
	for y := b.first(); y < b.term.Size().H; y++ {
		wrapped := b.term.Wrapped(y)
		for i := range anchors {
			a := &anchors[i]
			if a.line != n {
				continue
			}
			if end := b.term.TextEnd(y); wrapped && a.cell >= end {
				a.cell -= end
				continue
			}
			*points[i] = point{y, min(a.cell, b.term.Size().W-1)}
			a.line = -1
		}
		if !wrapped {
			n++
		}
	}
}
