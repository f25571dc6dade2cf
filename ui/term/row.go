package term

// row is one line of a screen. Cells from used on are zero, so that clearing, packing and drawing
// cost what was written and not what the window could hold.
type row struct {
	cells   []cell
	used    int
	wide    bool // there may be wide characters
	wrapped bool // the text goes on in the next row
	prompts prompts
}

func newRow(w int) *row { return &row{cells: make([]cell, w)} }

// reset makes every cell the given blank.
func (r *row) reset(blank cell) {
	clear(r.cells[:r.used])
	r.used, r.wide, r.wrapped, r.prompts = 0, false, false, prompts{}
	if blank != (cell{}) {
		r.fill(0, len(r.cells), blank)
	}
}

// touch notes that cells before end may be written to.
func (r *row) touch(end int) { r.used = max(r.used, end) }

// trim lowers used to what is there.
func (r *row) trim() {
	for r.used > 0 && r.cells[r.used-1] == (cell{}) {
		r.used--
	}
}

// cut makes sure that no wide character spans the border before cell x: one that does becomes two
// blanks with its background.
func (r *row) cut(x int) {
	if !r.wide || x <= 0 || x >= len(r.cells) || !r.cells[x].isTail() {
		return
	}
	bg := r.cells[x].bg
	r.cells[x-1], r.cells[x] = cell{bg: bg}, cell{bg: bg}
}

// fill sets the cells from a up to b, which are inside the row.
func (r *row) fill(a, b int, c cell) {
	r.cut(a)
	r.cut(b)
	r.set(a, b, c)
}

// set is fill where the borders are known not to cut a wide character.
func (r *row) set(a, b int, c cell) {
	if c != (cell{}) {
		span := r.cells[a:b]
		if len(span) > 0 {
			span[0] = c
		}
		for n := 1; n < len(span); n *= 2 {
			copy(span[n:], span[:n])
		}
		r.touch(b)
		return
	}
	if b < r.used {
		clear(r.cells[a:b])
	} else if a < r.used {
		clear(r.cells[a:r.used])
		r.used = a
	}
}

// fillUnprotected is fill for cells without DECSCA protection.
func (r *row) fillUnprotected(a, b int, c cell) {
	for i := a; i < b; i++ {
		if r.cells[i].attr&protected == 0 {
			r.fill(i, i+1, c)
		}
	}
}

// insert moves the cells from x to the right by n, dropping those that would pass end.
func (r *row) insert(x, n, end int, blank cell) {
	n = min(n, end-x)
	r.cut(x)
	r.cut(end)
	r.cut(end - n)
	copy(r.cells[x+n:end], r.cells[x:end-n])
	r.touch(end)
	r.set(x, x+n, blank)
	r.trim()
}

// remove moves the cells from x+n to the left by n, filling up before end.
func (r *row) remove(x, n, end int, blank cell) {
	n = min(n, end-x)
	r.cut(x)
	r.cut(x + n)
	r.cut(end)
	copy(r.cells[x:end-n], r.cells[x+n:end])
	r.touch(end)
	r.set(end-n, end, blank)
	r.trim()
}

// copyFrom copies the cells from a up to b of another row.
func (r *row) copyFrom(from *row, a, b int) {
	r.cut(a)
	r.cut(b)
	from.cut(a)
	from.cut(b)
	copy(r.cells[a:b], from.cells[a:b])
	r.wide = r.wide || from.wide
	r.touch(b)
	r.trim()
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
		copy(cells, r.cells)
		r.cells = cells
	}
	r.wrapped = false
}
