package term

import "slices"

// Resize changes the size of the screen. On the primary screen lines that were wrapped are joined
// and wrapped again, in the history too. Where the cursor no longer fits, the rows at the top go into the
// history; what is below it is cut off, as in xterm, tmux and xterm.js. When a full screen grows, lines come
// back that were scrolled off since it was last erased. The alternate screen is cut and padded: its program draws it again.
func (t *Terminal) Resize(size Size) {
	size = size.clamp()
	if size == t.size {
		return
	}
	old := t.size
	t.size = size

	// While the alternate screen is shown, the cursor of the primary one is the saved one. Otherwise
	// that is a place on the screen and stays where it is.
	marks := []*mark{markOf(&t.x, &t.y, &t.pending)}
	if t.screen != t.primary {
		s := &t.primary.saved
		marks = []*mark{markOf(&s.x, &s.y, &s.pending)}
	}
	t.reflow(old, marks)
	for _, m := range marks {
		m.store(size)
	}
	if t.alternate != nil {
		t.cropAlternate()
	}
	t.margins = t.fullMargins()
	for x := old.W; x < size.W; x++ {
		t.tabs[x] = x%8 == 0
	}
	t.x, t.y = min(t.x, size.W-1), min(t.y, size.H-1)
	t.pending = t.pending && t.x == size.W-1
	if t.inBand {
		t.reportSize()
	}
}

// cropAlternate cuts or pads the alternate screen. If the cursor would be cut off, rows go at the
// top instead of the bottom.
func (t *Terminal) cropAlternate() {
	rows := t.alternate.rows
	if t.screen == t.alternate && t.y >= t.size.H {
		n := t.y - t.size.H + 1
		rows = rows[n:]
		t.y -= n
	}
	rows = rows[:min(len(rows), t.size.H)]
	fresh := make([]*row, 0, t.size.H)
	for _, r := range rows {
		r.resize(t.size.W)
		fresh = append(fresh, r)
	}
	for len(fresh) < t.size.H {
		fresh = append(fresh, newRow(t.size.W))
	}
	t.alternate.rows = fresh
}

// mark is a place in the text that moves with it: the cell after off cells of the row.
type mark struct {
	x, y    *int
	pending *bool
	row     int
	off     int
}

func markOf(x, y *int, pending *bool) *mark {
	m := &mark{x: x, y: y, pending: pending, row: *y, off: *x}
	if *pending {
		m.off++
	}
	return m
}

// store writes the mark back as a cursor on a screen of the given size.
func (m *mark) store(size Size) {
	*m.y = min(max(m.row, 0), size.H-1)
	*m.pending = m.off >= size.W
	*m.x = min(m.off, size.W-1)
}

// reflow fits the primary screen and the history to the new size. Marks hold rows of the screen
// before and after; the last one is the cursor, the line of which stays on the screen.
func (t *Terminal) reflow(old Size, marks []*mark) {
	rows := t.primary.rows
	cursor := marks[len(marks)-1]
	n := contentRows(rows, cursor.row)
	full := n == len(rows)
	rows = rows[:n]
	if t.size.W != old.W {
		rows = t.pullWrapped(rows, old.W, marks)
		rows = wrapRows(rows, t.size.W, marks)
		t.rewrapHistory(old.W)
	}
	if extra := cursor.row - t.size.H + 1; extra > 0 {
		for _, r := range rows[:extra] {
			t.history.push(r)
		}
		rows = rows[extra:]
		shift(marks, -extra)
	}
	if len(rows) > t.size.H {
		rows = rows[:t.size.H]
		rows[t.size.H-1].wrapped = false // what it went on in is cut off
	}
	if missing := t.size.H - len(rows); missing > 0 && full {
		rows = t.pull(rows, t.history.unsealed(missing), marks)
	}
	screen := make([]*row, 0, t.size.H)
	screen = append(screen, rows...)
	for len(screen) < t.size.H {
		screen = append(screen, newRow(t.size.W))
	}
	t.primary.rows = screen
}

// contentRows returns how many rows there are down to the last one with content or the cursor.
func contentRows(rows []*row, cursor int) int {
	n := len(rows)
	for n > cursor+1 && rows[n-1].empty() {
		n--
	}
	return max(n, 1)
}

func shift(marks []*mark, by int) {
	for _, m := range marks {
		m.row += by
	}
}

// pull takes n lines back from the history and puts them above rows.
func (t *Terminal) pull(rows []*row, n int, marks []*mark) []*row {
	if n == 0 {
		return rows
	}
	all := make([]*row, n, n+len(rows))
	for i := n - 1; i >= 0; i-- {
		all[i] = t.popRow(t.size.W)
	}
	shift(marks, n)
	return append(all, rows...)
}

// popRow takes the newest line of the history as a row of at least w cells.
func (t *Terminal) popRow(w int) *row {
	cells, wrapped, marks := t.history.pop(t.scratch[:0])
	t.scratch = cells
	r := newRow(max(w, len(cells)))
	copy(r.cells, cells)
	r.used, r.wide, r.wrapped, r.prompts = len(cells), true, wrapped, marks
	return r
}

// pullWrapped takes the lines of the history that go on in the first of the rows.
func (t *Terminal) pullWrapped(rows []*row, w int, marks []*mark) []*row {
	var above []*row
	for t.history.n > 0 && t.history.at(t.history.n-1).wrapped && len(above) < maxHeight {
		above = append(above, t.popRow(w))
	}
	if len(above) == 0 {
		return rows
	}
	shift(marks, len(above))
	all := make([]*row, 0, len(above)+len(rows))
	for _, r := range slices.Backward(above) {
		all = append(all, r)
	}
	return append(all, rows...)
}

// rewrapHistory wraps the lines of the history again. Lines that stand alone and fit are kept as
// they are.
func (t *Terminal) rewrapHistory(oldW int) {
	from := t.history
	t.history = newHistory(from.limit)
	defer func() { t.history.pushed = from.pushed }() // nothing has been scrolled off
	for i := 0; i < from.n; i++ {
		line := from.at(i)
		if !line.wrapped && int(line.cells) <= t.size.W {
			t.history.add(line.data, line.cells, false, line.prompts)
			t.history.at(t.history.n - 1).sealed = line.sealed
			continue
		}
		var group []*row
		for ; i < from.n; i++ {
			t.scratch = from.at(i).unpack(t.scratch[:0])
			r := newRow(max(oldW, len(t.scratch)))
			copy(r.cells, t.scratch)
			r.used, r.wide, r.wrapped, r.prompts = len(t.scratch), true, from.at(i).wrapped, from.at(i).prompts
			group = append(group, r)
			if !r.wrapped || len(group) == maxHeight {
				break
			}
		}
		last, sealed := group[len(group)-1].wrapped, from.at(min(i, from.n-1)).sealed
		group = wrapRows(group, t.size.W, nil)
		group[len(group)-1].wrapped = last
		for _, r := range group {
			t.history.push(r)
		}
		if sealed {
			t.history.seal()
		}
	}
}

// wrapRows joins the rows that were wrapped and splits them again at w cells.
func wrapRows(rows []*row, w int, marks []*mark) []*row {
	b := wrapper{w: w, marks: marks}
	b.next = make([]mark, len(marks))
	for y := 0; y < len(rows); {
		end := y + 1
		for end < len(rows) && rows[end-1].wrapped {
			end++
		}
		b.line(rows[y:end], y)
		y = end
	}
	for i, m := range marks {
		m.row, m.off = b.next[i].row, b.next[i].off
	}
	return b.out
}

// wrapper writes logical lines into rows of w cells.
type wrapper struct {
	w     int
	out   []*row
	x     int
	marks []*mark
	next  []mark // where each mark goes
}

// line writes one logical line, the rows of which begin with number y.
func (b *wrapper) line(rows []*row, y int) {
	b.newRow()
	for i, r := range rows {
		// Blanks at the end of a row that goes on are no text: a wide character did not fit there.
		cells := r.all()
		n := len(cells)
		text := n
		if i+1 == len(rows) {
			for text > 0 && cells[text-1].r == 0 && !cells[text-1].isTail() {
				text--
			}
		}
		for x := 0; x < n; x++ {
			if x >= text && b.x == b.w {
				n = x // what is left is colour only, and needs no row
				break
			}
			c := cells[x]
			if c.attr&wide != 0 && b.w < 2 {
				c.r, c.attr = 0xfffd, c.attr&^wide
				b.put(c)
				b.note(y+i, x)
				x++ // its right half has no place
			} else {
				b.put(c)
			}
			b.note(y+i, x)
			b.carry(r.prompts, x, b.x-1)
		}
		b.noteRest(y+i, n, i+1 == len(rows))
		b.carryRest(r.prompts, n)
	}
}

func (b *wrapper) newRow() {
	b.out = append(b.out, newRow(b.w))
	b.x = 0
}

func (b *wrapper) last() *row { return b.out[len(b.out)-1] }

// put writes a cell; a wide character takes its right half along to the next row.
func (b *wrapper) put(c cell) {
	need := 1
	if c.attr&wide != 0 {
		need = 2
	}
	if b.x+need > b.w {
		b.last().wrapped = true
		b.newRow()
	}
	r := b.last()
	r.cells[b.x] = c
	r.wide = r.wide || need == 2
	b.x++
	r.touch(b.x)
}

// note moves the marks at cell x of row y to the cell just written.
func (b *wrapper) note(y, x int) {
	for i, m := range b.marks {
		if m.row == y && m.off == x {
			b.next[i].row, b.next[i].off = len(b.out)-1, b.x-1
		}
	}
}

// noteRest moves the marks behind the n cells of row y. One right behind the text may be the wrap
// that is pending; further out it is just a column, which stays if there is one.
func (b *wrapper) noteRest(y, n int, last bool) {
	for i, m := range b.marks {
		if m.row != y || m.off < n {
			continue
		}
		off := b.x
		if gap := m.off - n; last && gap > 0 {
			off = min(b.x+gap, b.w-1)
		}
		b.next[i].row, b.next[i].off = len(b.out)-1, off
	}
}
