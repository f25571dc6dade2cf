package term

// savedStyle is what XTPUSHSGR keeps: a style, and which parts of it.
type savedStyle struct {
	pen    pen
	attrs  attr
	fg, bg bool
	all    bool // the colour of underlines too, which has no number of its own
}

// savedAttrs are the attributes by the numbers XTPUSHSGR has for them.
var savedAttrs = map[int]attr{
	1: bold, 2: dim, 3: italic, 4: underlineMask, 5: blink, 7: reverse, 8: conceal, 9: strike, 21: underlineMask,
}

// pushStyle is XTPUSHSGR, CSI Pm # {: no values mean all. A full stack takes no more.
func (t *Terminal) pushStyle(s *sequence) {
	if len(t.styles) == maxStyles {
		return
	}
	saved := savedStyle{pen: t.pen, all: s.n == 0}
	if saved.all {
		saved.attrs, saved.fg, saved.bg = ^protected, true, true
	}
	for i := range s.n {
		switch what := s.param(i, 0); what {
		case 30:
			saved.fg = true
		case 31:
			saved.bg = true
		default:
			saved.attrs |= savedAttrs[what]
		}
	}
	t.styles = append(t.styles, saved)
}

// popStyle is XTPOPSGR, CSI # }.
func (t *Terminal) popStyle() {
	n := len(t.styles)
	if n == 0 {
		return
	}
	saved := t.styles[n-1]
	t.styles = t.styles[:n-1]
	t.pen.attr = t.pen.attr&^saved.attrs | saved.pen.attr&saved.attrs
	if saved.fg {
		t.pen.fg = saved.pen.fg
	}
	if saved.bg {
		t.pen.bg = saved.pen.bg
	}
	if saved.all && t.pen.ul != saved.pen.ul {
		t.pen.ul = saved.pen.ul
		t.setExtra()
	}
}

// areaChange is what DECCARA and DECRARA do to the attributes of a cell.
type areaChange struct{ clear, set, flip attr }

func (c areaChange) apply(a attr) attr {
	a = a&^c.clear | c.set
	if c.flip&underlineMask != 0 { // of the shapes only one is reversed: having any
		u := UnderlineNone
		if a.underline() == UnderlineNone {
			u = UnderlineSingle
		}
		a = a.withUnderline(u)
	}
	return a ^ c.flip&^underlineMask
}

// newAreaChange reads the attributes from value i of a sequence on. DECCARA sets them or takes them back,
// DECRARA reverses them.
func newAreaChange(s *sequence, i int, flip bool) (c areaChange) {
	const all = bold | underlineMask | blink | reverse | conceal
	single := attr(0).withUnderline(UnderlineSingle)
	if i >= s.n {
		if flip {
			return areaChange{flip: all &^ conceal}
		}
		return areaChange{clear: all}
	}
	for ; i < s.n; i++ {
		v := s.param(i, 0)
		a := map[int]attr{0: all, 1: bold, 4: underlineMask, 5: blink, 7: reverse, 8: conceal}[v%20]
		if v == 22 { // the one that is not 20 more
			a = bold
		}
		switch {
		case a == 0 || v > 28 || v == 20 || v == 21:
		case flip && v == 0:
			c.flip |= all &^ conceal
		case flip && v < 20:
			c.flip |= a
		case flip:
		case v == 0 || v > 20:
			c.clear, c.set = c.clear|a, c.set&^a
		case v == 4:
			c.clear, c.set = c.clear|a, c.set&^a|single
		default:
			c.set |= a
		}
	}
	return c
}

// changeArea is DECCARA, CSI top ; left ; bottom ; right ; Pm $ r, and if flip is set DECRARA, $ t. After
// DECSACE the area is a rectangle, else the text from its first cell to its last.
func (t *Terminal) changeArea(s *sequence, flip bool) {
	c := newAreaChange(s, 4, flip)
	if t.rectangles {
		x1, y1, x2, y2 := t.area(s, 0)
		t.work(max(0, y2-y1) * max(0, x2-x1))
		for y := y1; y < y2; y++ {
			t.screen.rows[y].change(x1, x2, c)
		}
		return
	}
	m := t.fullMargins()
	if t.origin {
		m = t.margins
	}
	x1, y1, _, y2 := t.area(s, 0)
	last := m.right + 1
	if n := s.param(3, 0); n > 0 {
		last = min(m.left+n, last)
	}
	t.work(max(0, y2-y1) * t.size.W)
	for y := y1; y < y2; y++ {
		from, to := m.left, m.right+1
		if y == y1 {
			from = x1
		}
		if y == y2-1 {
			to = last
		}
		t.screen.rows[y].change(from, to, c)
	}
}

// change changes the attributes of the cells from a up to b. A wide character is changed as a whole, by what
// is done to its left half.
func (r *row) change(a, b int, c areaChange) {
	if a >= b {
		return
	}
	r.need(b)
	if r.cells[a].isTail() {
		a++
	}
	if b < r.used && r.cells[b].isTail() {
		b++
	}
	for i := a; i < b; i++ {
		r.cells[i].attr = c.apply(r.cells[i].attr)
	}
	r.trim()
}
