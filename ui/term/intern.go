package term

import "unicode/utf8"

// intern numbers values that do not fit into a cell, from 1. It holds a limited number of them;
// those no cell uses any more are swept out when it is full.
type intern[V comparable] struct {
	ids    map[V]int
	values []V // values[id-1]
	free   []int
	limit  int
	wait   int // refusals until the next sweep is worth its time
}

func newIntern[V comparable](limit int) intern[V] {
	return intern[V]{ids: make(map[V]int), limit: limit}
}

// sweeper makes room in a table by calling its keep.
type sweeper interface{ sweep() }

// id returns the number of v, and 0 if there is no room, not even after a sweep.
func (t *intern[V]) id(v V, s sweeper) int {
	if id, ok := t.ids[v]; ok {
		return id
	}
	if len(t.free) == 0 && len(t.values) >= t.limit {
		if t.wait > 0 {
			t.wait--
			return 0
		}
		s.sweep()
		if len(t.free) < t.limit/4 {
			t.wait = 4 * t.limit
		}
		if len(t.free) == 0 {
			return 0
		}
	}
	var id int
	if n := len(t.free); n > 0 {
		id, t.free = t.free[n-1], t.free[:n-1]
		t.values[id-1] = v
	} else {
		t.values = append(t.values, v)
		id = len(t.values)
	}
	t.ids[v] = id
	return id
}

// value returns the value numbered id, which is zero for a number out of use.
func (t *intern[V]) value(id int) (v V) {
	if id > 0 && id <= len(t.values) {
		v = t.values[id-1]
	}
	return v
}

// keep frees every number for which used is not set.
func (t *intern[V]) keep(used []bool) {
	var zero V
	for i, v := range t.values {
		if used[i+1] || v == zero {
			continue
		}
		delete(t.ids, v)
		t.values[i] = zero
		t.free = append(t.free, i+1)
	}
}

// extra is what few cells have.
type extra struct {
	link string
	ul   color
}

// sweep frees the clusters and extras that neither a cell nor a pen uses.
func (t *Terminal) sweep() {
	clusters := make([]bool, len(t.clusters.values)+1)
	extras := make([]bool, len(t.extras.values)+1)
	mark := func(cells []cell) {
		for i := range cells {
			if r := cells[i].r; r < 0 {
				clusters[^r] = true
			}
			extras[cells[i].extra] = true
		}
	}
	for _, s := range []*screen{t.primary, t.alternate} {
		if s == nil {
			continue
		}
		for _, r := range s.rows {
			mark(r.cells[:r.used])
			extras[r.rest.extra] = true
		}
		extras[s.saved.pen.extra] = true
	}
	extras[t.pen.extra] = true
	for i := range t.history.n {
		t.scratch = t.history.at(i).unpack(t.scratch[:0])
		t.work(len(t.scratch))
		mark(t.scratch)
	}
	t.clusters.keep(clusters)
	t.extras.keep(extras)
}

// setExtra numbers the pen's link and underline colour.
func (t *Terminal) setExtra() {
	if t.pen.link == "" && t.pen.ul == 0 {
		t.pen.extra = 0
		return
	}
	t.pen.extra = uint16(t.extras.id(extra{link: t.pen.link, ul: t.pen.ul}, t))
}

// cellText returns the character in a cell with its marks.
func (t *Terminal) cellText(c *cell) string {
	switch {
	case c.r > 0:
		return string(c.r)
	case c.r < 0:
		return t.clusters.value(int(^c.r))
	}
	return ""
}

// appendText appends the character in a cell with its marks, and a space for none.
func (t *Terminal) appendText(dst []byte, c *cell) []byte {
	switch {
	case c.r == 0:
		return append(dst, ' ')
	case c.r < utf8.RuneSelf && c.r > 0:
		return append(dst, byte(c.r))
	case c.r > 0:
		return utf8.AppendRune(dst, c.r)
	}
	return append(dst, t.clusters.value(int(^c.r))...)
}
