package term

// moveTo puts the cursor on a cell, clamped to the screen; with origin mode the position counts
// from the margins and stays inside them.
func (t *Terminal) moveTo(x, y int) {
	m := t.fullMargins()
	if t.origin {
		m = t.margins
		x, y = x+m.left, y+m.top
	}
	t.x, t.y = min(max(x, m.left), m.right), min(max(y, m.top), m.bottom)
	t.pending = false
}

// column and line are the cursor as moveTo counts it.
func (t *Terminal) column() int {
	if t.origin {
		return max(t.x-t.margins.left, 0)
	}
	return t.x
}

func (t *Terminal) line() int {
	if t.origin {
		return max(t.y-t.margins.top, 0)
	}
	return t.y
}

// up, down, left and right stop at a margin, or at the edge of the screen if the cursor is already
// beyond the margin.
func (t *Terminal) up(n int) {
	limit := 0
	if t.y >= t.margins.top {
		limit = t.margins.top
	}
	t.y, t.pending = max(t.y-n, limit), false
}

func (t *Terminal) down(n int) {
	limit := t.size.H - 1
	if t.y <= t.margins.bottom {
		limit = t.margins.bottom
	}
	t.y, t.pending = min(t.y+n, limit), false
}

func (t *Terminal) right(n int) {
	limit := t.size.W - 1
	if t.x <= t.margins.right {
		limit = t.margins.right
	}
	t.x, t.pending = min(t.x+n, limit), false
}

func (t *Terminal) left(n int) {
	if t.reverseWrap && t.autowrap {
		t.leftWrapping(n)
		return
	}
	limit := 0
	if t.x >= t.margins.left {
		limit = t.margins.left
	}
	t.x, t.pending = max(t.x-n, limit), false
}

// leftWrapping moves left in reverse wraparound mode: from the left margin to the end of the line
// before, if that wrapped into this one.
func (t *Terminal) leftWrapping(n int) {
	if t.pending {
		t.pending = false
		n-- // the first step takes back the wrap
	}
	for n > 0 {
		limit := 0
		if t.x >= t.margins.left {
			limit = t.margins.left
		}
		step := min(n, t.x-limit)
		t.x -= step
		if n -= step; n == 0 {
			return
		}
		if t.y <= t.margins.top || !t.screen.rows[t.y-1].wrapped {
			return
		}
		t.y--
		t.x = t.margins.right
		n--
	}
}

// carriageReturn goes to the left margin, or to the edge if the cursor is left of the margin.
func (t *Terminal) carriageReturn() {
	switch {
	case t.origin || t.x >= t.margins.left:
		t.x = t.margins.left
	default:
		t.x = 0
	}
	t.pending = false
}

// lineFeed goes down a line and scrolls at the bottom margin.
func (t *Terminal) lineFeed() { t.feed(false) }

// feed is lineFeed; on says that the line goes on there.
func (t *Terminal) feed(on bool) {
	t.pending = false
	switch {
	case t.y == t.margins.bottom:
		if t.inColumns() {
			t.scroll(1, on)
		}
	case t.y < t.size.H-1:
		t.y++
	}
}

// reverseIndex goes up a line and scrolls at the top margin.
func (t *Terminal) reverseIndex() {
	t.pending = false
	switch {
	case t.y == t.margins.top:
		if t.inColumns() {
			t.scrollDown(t.margins.top, t.margins.bottom, 1)
		}
	case t.y > 0:
		t.y--
	}
}

// forwardIndex and backIndex are DECFI and DECBI: sideways line feeds.
func (t *Terminal) forwardIndex() {
	switch {
	case t.x == t.margins.right:
		t.removeColumns(t.margins.left, 1)
	case t.x < t.size.W-1:
		t.x++
	}
	t.pending = false
}

func (t *Terminal) backIndex() {
	switch {
	case t.x == t.margins.left:
		t.insertColumns(t.margins.left, 1)
	case t.x > 0:
		t.x--
	}
	t.pending = false
}

// saveCursor and restoreCursor are DECSC and DECRC. Without a saved cursor the restored one is
// that of a fresh terminal.
func (t *Terminal) saveCursor() {
	t.screen.saved = saved{
		x: t.x, y: t.y, pending: t.pending,
		origin: t.origin, pen: t.pen, charsets: t.charsets,
	}
}

func (t *Terminal) restoreCursor() {
	s := &t.screen.saved
	t.x, t.y = min(s.x, t.size.W-1), min(s.y, t.size.H-1)
	t.pending = s.pending && s.x == t.x && t.x == t.lineEnd()-1
	t.origin, t.pen, t.charsets = s.origin, s.pen, s.charsets
}

// tab goes to the next of n tab stops. It keeps a pending wrap: there is nowhere to go.
func (t *Terminal) tab(n int) {
	end := t.lineEnd() - 1
	for ; n > 0 && t.x < end; n-- {
		t.x++
		for t.x < end && !t.tabs[t.x] {
			t.x++
		}
		t.pending = false
	}
}

// backTab goes to the n-th tab stop to the left.
func (t *Terminal) backTab(n int) {
	limit := 0
	if t.origin && t.x >= t.margins.left {
		limit = t.margins.left
	}
	for ; n > 0 && t.x > limit; n-- {
		t.x--
		for t.x > limit && !t.tabs[t.x] {
			t.x--
		}
	}
	t.pending = false
}

// defaultTabs sets a tab stop in every eighth column from the given one on.
func (t *Terminal) defaultTabs(from int) {
	clear(t.tabs[from:])
	for x := max(8, (from+7)&^7); x < len(t.tabs); x += 8 {
		t.tabs[x] = true
	}
}
