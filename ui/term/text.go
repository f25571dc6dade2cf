package term

import "unicode/utf8"

// text writes printable ASCII at the cursor.
func (t *Terminal) text(run []byte) {
	if !t.charsets.plain() || t.insert {
		for _, c := range run {
			t.put(t.charsets.next().rune(c), 1)
		}
		return
	}
	ink := t.pen.ink
	t.last = rune(run[len(run)-1])
	for len(run) > 0 {
		if t.pending {
			if !t.wrap() && len(run) > 1 {
				run = run[len(run)-1:] // the others would be written over
			}
		}
		end := t.lineEnd()
		n := min(len(run), end-t.x)
		r := t.row()
		r.cut(t.x)
		r.cut(t.x + n)
		r.need(t.x)
		cells := r.cells[t.x : t.x+n]
		for i, c := range run[:n] {
			cells[i] = cell{rune(c), ink}
		}
		r.touch(t.x + n)
		t.advance(n, end)
		run = run[n:]
	}
}

// print writes one character at the cursor.
func (t *Terminal) print(r rune) {
	w := t.widths.width(r)
	if w == 0 {
		t.combine(r)
		return
	}
	t.charsets.single = 0
	t.put(r, w)
}

// put writes a character that takes w cells.
func (t *Terminal) put(r rune, w int) {
	if t.pending && t.autowrap {
		t.wrap()
	}
	end := t.lineEnd()
	if t.x+w > end {
		// Half a character does not fit: without wrapping xterm drops it.
		if !t.autowrap || !t.breakLine() || t.x+w > t.lineEnd() {
			return
		}
		end = t.lineEnd()
	}
	t.last = r
	line := t.row()
	if t.insert {
		line.insert(t.x, w, end, t.pen.blank())
	}
	line.cut(t.x)
	line.cut(t.x + w)
	line.need(t.x)
	c := t.pen.cell(r)
	if w == 2 {
		line.wide = true
		c.attr |= wide
		half := t.pen.cell(0)
		half.attr |= tail
		line.cells[t.x+1] = half
	}
	line.cells[t.x] = c
	line.touch(t.x + w)
	t.advance(w, end)
}

// lineEnd returns the column text at the cursor ends before.
func (t *Terminal) lineEnd() int {
	if t.x <= t.margins.right {
		return t.margins.right + 1
	}
	return t.size.W
}

// advance moves the cursor past n cells just written. At the end of the line it stays on the last
// one, and the next character wraps.
func (t *Terminal) advance(n, end int) {
	t.x += n
	if t.x >= end {
		t.x, t.pending = end-1, true
	}
}

// wrap does what is pending at the end of a line, and reports whether the cursor moved.
func (t *Terminal) wrap() bool {
	t.pending = false
	return t.autowrap && t.breakLine()
}

// breakLine goes on in the next line and reports that it did.
func (t *Terminal) breakLine() bool {
	if t.fullWidth() && (t.y < t.size.H-1 || t.y == t.margins.bottom) { // else it is written over
		t.row().wrapped = true
	}
	t.feed(true)
	t.carriageReturn()
	return true
}

// combine adds a character of no width to the one before the cursor.
func (t *Terminal) combine(r rune) {
	if !joins(r) {
		return
	}
	x := t.x
	if !t.pending {
		x--
	}
	if x < 0 {
		return
	}
	line := t.row()
	if x >= line.used {
		if line.rest.r == 0 {
			return
		}
		line.need(x + 1)
	}
	if x > 0 && line.cells[x].isTail() {
		x--
	}
	if line.cells[x].r == 0 {
		return
	}
	c := &line.cells[x]
	t.scratchText = utf8.AppendRune(t.appendText(t.scratchText[:0], c), r)
	if len(t.scratchText) > maxCluster {
		return
	}
	id, ok := t.clusters.ids[string(t.scratchText)] // no allocation for one that is known
	if !ok {
		id = t.clusters.id(string(t.scratchText), t)
	}
	if id != 0 {
		c.r = ^rune(id)
	}
}
