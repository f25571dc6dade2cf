package term

// screen is a grid of rows and the cursor saved for it. The primary screen and the alternate one
// share the cursor in use, which is the Terminal's.
type screen struct {
	rows  []*row
	saved saved
}

// rowWork is what it costs to erase or move a whole row, in cells that are gone through.
const rowWork = 8

// saved is what DECSC keeps.
type saved struct {
	x, y     int
	pending  bool
	origin   bool
	pen      pen
	charsets charsets
}

func newScreen(size Size) *screen {
	s := &screen{rows: make([]*row, size.H)}
	for y := range s.rows {
		s.rows[y] = newRow(size.W)
	}
	return s
}

// clear makes every cell the given blank.
func (s *screen) clear(blank cell) {
	for _, r := range s.rows {
		r.reset(blank)
	}
}

// margins are the scrolling region and the columns it spans, all inclusive.
type margins struct{ top, bottom, left, right int }

func (t *Terminal) fullMargins() margins {
	return margins{bottom: t.size.H - 1, right: t.size.W - 1}
}

// fullWidth reports whether the region spans whole rows.
func (t *Terminal) fullWidth() bool {
	return t.margins.left == 0 && t.margins.right == t.size.W-1
}

// inColumns and inRegion report whether the cursor is inside the margins.
func (t *Terminal) inColumns() bool { return t.x >= t.margins.left && t.x <= t.margins.right }

func (t *Terminal) inRegion() bool {
	return t.y >= t.margins.top && t.y <= t.margins.bottom && t.inColumns()
}

// row returns the row of the cursor.
func (t *Terminal) row() *row { return t.screen.rows[t.y] }

// scroll moves the scrolling region up by n. What leaves the top of the primary screen goes to the
// history, but only if the region begins there and spans whole rows. on says that the line at the bottom
// goes on in what comes below it; else it ends, since what it went on in stays where it is.
func (t *Terminal) scroll(n int, on bool) {
	n = min(n, t.margins.bottom-t.margins.top+1)
	t.work(n * rowWork)
	if !on && t.fullWidth() {
		t.breakAbove(t.margins.bottom + 1)
	}
	switch {
	case !t.fullWidth():
	case t.margins.top > 0:
		t.breakAbove(t.margins.top)
	case t.screen == t.primary:
		for _, r := range t.screen.rows[:n] {
			t.history.push(r)
		}
	}
	t.scrollUp(t.margins.top, t.margins.bottom, n)
}

// breakAbove ends the line that goes on in row y. One of the two rows is about to be erased or moved: a line
// that is wrapped again must not take in what comes there.
func (t *Terminal) breakAbove(y int) {
	switch {
	case y > 0:
		t.screen.rows[y-1].wrapped = false
	case t.screen == t.primary:
		t.history.breakLast()
	}
}

// scrollUp moves the rows from top to bottom up by n. The lines that go on there are for the caller to end.
func (t *Terminal) scrollUp(top, bottom, n int) {
	n = min(n, bottom-top+1)
	if !t.fullWidth() {
		t.scrollColumns(top, bottom, n)
		return
	}
	rows := t.screen.rows
	blank := t.pen.blank()
	if n == 1 { // by far the most frequent
		first := rows[top]
		copy(rows[top:bottom], rows[top+1:bottom+1])
		rows[bottom] = first
		first.reset(blank)
		return
	}
	t.spare = append(t.spare[:0], rows[top:top+n]...)
	copy(rows[top:], rows[top+n:bottom+1])
	copy(rows[bottom+1-n:], t.spare)
	for _, r := range t.spare {
		r.reset(blank)
	}
}

// scrollDown moves the rows from top to bottom down by n.
func (t *Terminal) scrollDown(top, bottom, n int) {
	n = min(n, bottom-top+1)
	if !t.fullWidth() {
		t.scrollColumns(top, bottom, -n)
		return
	}
	rows := t.screen.rows
	t.breakAbove(top)
	t.spare = append(t.spare[:0], rows[bottom+1-n:bottom+1]...)
	copy(rows[top+n:bottom+1], rows[top:])
	copy(rows[top:], t.spare)
	for _, r := range t.spare {
		r.reset(t.pen.blank())
	}
	rows[bottom].wrapped = false
}

// scrollColumns moves the part of the rows between the left and right margins, up by n or down by
// -n.
func (t *Terminal) scrollColumns(top, bottom, n int) {
	rows, left, end := t.screen.rows, t.margins.left, t.margins.right+1
	t.work((bottom + 1 - top) * (end - left))
	if n > 0 {
		for y := top; y+n <= bottom; y++ {
			rows[y].copyFrom(rows[y+n], left, end, left)
		}
		for y := bottom + 1 - n; y <= bottom; y++ {
			rows[y].fill(left, end, t.pen.blank())
		}
		return
	}
	for y := bottom; y+n >= top; y-- {
		rows[y].copyFrom(rows[y+n], left, end, left)
	}
	for y := top; y < top-n; y++ {
		rows[y].fill(left, end, t.pen.blank())
	}
}
