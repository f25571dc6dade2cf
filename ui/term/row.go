package term

// row is one line of a screen. Its cells from used on are all like rest, and what cells holds there
// means nothing: so erasing, filling, packing and drawing cost what was written and not what the window
// can hold.
type row struct {
	cells   []cell
	used    int
	rest    cell // of one column
	wide    bool // there may be wide characters
	wrapped bool // the text goes on in the next row
	prompts prompts
}

func newRow(w int) *row { return &row{cells: make([]cell, w)} }

// reset makes every cell the given blank.
func (r *row) reset(blank cell) {
	r.used, r.rest, r.wide, r.wrapped, r.prompts = 0, blank, false, false, prompts{}
}

// empty reports whether nothing was ever written to the row.
func (r *row) empty() bool { return r.used == 0 && r.rest == cell{} }

// all returns the cells up to the last one that is not blank, whether it is used or like the rest.
func (r *row) all() []cell {
	if r.rest != (cell{}) {
		r.need(len(r.cells))
	}
	return r.cells[:r.used]
}

// need makes the cells before end used ones.
func (r *row) need(end int) {
	if r.used < end {
		fillCells(r.cells[r.used:end], r.rest)
		r.used = end
	}
}

func fillCells(cells []cell, c cell) {
	if c == (cell{}) {
		clear(cells)
		return
	}
	if len(cells) > 0 {
		cells[0] = c
	}
	for n := 1; n < len(cells); n *= 2 {
		copy(cells[n:], cells[:n])
	}
}

// touch notes that the cells before end were written to.
func (r *row) touch(end int) { r.used = max(r.used, end) }

// trim lowers used to what is not like the rest.
func (r *row) trim() {
	for r.used > 0 && r.cells[r.used-1] == r.rest {
		r.used--
	}
}

// cut makes sure that no wide character spans the border before cell x: one that does becomes two
// blanks with its background.
func (r *row) cut(x int) {
	if !r.wide || x <= 0 || x >= r.used || !r.cells[x].isTail() {
		return
	}
	bg := r.cells[x].bg
	r.cells[x-1], r.cells[x] = cell{ink: ink{bg: bg}}, cell{ink: ink{bg: bg}}
}

// fill sets the cells from a up to b, which are inside the row, to a cell of one column.
func (r *row) fill(a, b int, c cell) {
	r.cut(a)
	r.cut(b)
	r.set(a, b, c)
}

// set is fill where the borders are known not to cut a wide character.
func (r *row) set(a, b int, c cell) {
	switch {
	case a >= b:
	case b == len(r.cells):
		if a > r.used && c != r.rest {
			r.need(a)
		}
		r.used, r.rest = min(r.used, a), c
	case b >= r.used && c == r.rest:
		r.used = min(r.used, a)
	default:
		r.need(a)
		fillCells(r.cells[a:b], c)
		r.touch(b)
	}
}

// fillUnprotected is fill for cells without DECSCA protection. Both halves of a wide character have it
// or have it not.
func (r *row) fillUnprotected(a, b int, c cell) {
	r.cut(a)
	r.cut(b)
	n := min(b, r.used)
	for i := a; i < n; i++ {
		if r.cells[i].attr&protected == 0 {
			r.cells[i] = c
		}
	}
	if r.rest.attr&protected == 0 {
		r.set(max(a, n), b, c)
	}
}

// insert moves the cells from x to the right by n, dropping those that would pass end.
func (r *row) insert(x, n, end int, blank cell) {
	if x >= r.used && blank == r.rest {
		return
	}
	n = min(n, end-x)
	r.cut(x)
	r.cut(end)
	r.cut(end - n)
	if end == len(r.cells) { // the rest moves out and needs no copying
		end = min(max(r.used, x)+n, end)
	}
	r.need(end)
	copy(r.cells[x+n:end], r.cells[x:])
	r.set(x, x+n, blank)
	r.trim()
}

// remove moves the cells from x+n to the left by n, filling up before end.
func (r *row) remove(x, n, end int, blank cell) {
	if x >= r.used && blank == r.rest {
		return
	}
	n = min(n, end-x)
	r.cut(x)
	r.cut(x + n)
	r.cut(end)
	if end == len(r.cells) && blank == r.rest { // the rest moves in and needs no copying
		if r.used > x {
			r.used = x + copy(r.cells[x:], r.cells[min(x+n, r.used):r.used])
		}
		return
	}
	r.need(end)
	copy(r.cells[x:end-n], r.cells[x+n:end])
	r.set(end-n, end, blank)
	r.trim()
}

// copyFrom copies the cells from a up to b of another row, or of this one from column at on.
func (r *row) copyFrom(from *row, a, b, at int) {
	r.cut(at)
	r.cut(at + b - a)
	from.cut(a)
	from.cut(b)
	r.wide = r.wide || from.wide
	if r.rest == from.rest && at == a { // what is not used there needs no copying
		end := max(a, min(b, from.used))
		if a < end {
			r.need(a)
			copy(r.cells[a:end], from.cells[a:end])
			r.touch(end)
		}
		r.set(end, b, r.rest)
		return
	}
	from.need(b)
	r.need(at + b - a)
	copy(r.cells[at:at+b-a], from.cells[a:b])
}

// resize cuts or extends the row to w cells.
func (r *row) resize(w int) {
	switch {
	case w < len(r.cells):
		r.cut(w)
		r.cells = append([]cell(nil), r.cells[:w]...)
		r.used = min(r.used, w)
	case w > len(r.cells):
		cells := make([]cell, w)
		r.used = copy(cells, r.all())
		r.cells, r.rest = cells, cell{}
	}
	r.wrapped = false
}
