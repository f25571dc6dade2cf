package term

// eraseLine is EL and, if selective, DECSEL. A wrap that is pending stays so, and the cursor counts
// as right of the character written last, as in tmux and xterm.js: xterm erases that character, and
// so the end of a full line of top and letters in what grep colours.
func (t *Terminal) eraseLine(how int, selective bool) {
	r := t.row()
	switch how {
	case 0:
		from := t.x
		if t.pending {
			from++
		}
		if from == 0 {
			t.breakAbove(t.y)
		}
		r.wrapped = false
		t.erase(r, from, t.size.W, selective)
	case 1:
		t.erase(r, 0, t.x+1, selective)
	case 2:
		t.breakAbove(t.y)
		r.wrapped = false
		t.erase(r, 0, t.size.W, selective)
	}
}

// eraseDisplay is ED and, if selective, DECSED. As to a pending wrap it is like EL.
func (t *Terminal) eraseDisplay(how int, selective bool) {
	rows := t.screen.rows
	switch how {
	case 0:
		if t.x == 0 && t.y == 0 && !t.pending && !selective {
			t.keepScreen()
			forgetPrompts(rows[:1])
		}
		t.eraseLine(0, selective)
		t.eraseRows(t.y+1, len(rows), selective)
	case 1:
		t.eraseRows(0, t.y, selective)
		t.eraseLine(1, selective)
	case 2:
		if !selective {
			t.keepScreen()
		}
		t.eraseRows(0, len(rows), selective)
	case 3:
		t.history.clear()
	}
}

func (t *Terminal) eraseRows(a, b int, selective bool) {
	t.work((b - a) * rowWork)
	if a < b {
		t.breakAbove(a)
	}
	for _, r := range t.screen.rows[a:b] {
		r.wrapped, r.prompts = false, prompts{}
		t.erase(r, 0, t.size.W, selective)
	}
}

func (t *Terminal) erase(r *row, a, b int, selective bool) {
	if selective {
		t.work(b - a)
		r.fillUnprotected(a, b, t.pen.blank())
	} else {
		r.fill(a, b, t.pen.blank())
	}
}

// keepScreen copies the rows in use to the history before all of the primary screen is erased.
func (t *Terminal) keepScreen() {
	if t.screen != t.primary {
		return
	}
	rows := t.screen.rows
	n := len(rows)
	for n > 0 && rows[n-1].empty() {
		n--
	}
	for _, r := range rows[:n] {
		t.work(rowWork + r.used)
		t.history.push(r)
	}
	t.history.seal()
}

// insertLines and deleteLines are IL and DL. As in xterm the cursor goes to the left margin.
func (t *Terminal) insertLines(n int) {
	if t.inRegion() {
		t.scrollDown(t.y, t.margins.bottom, n)
		t.x, t.pending = t.margins.left, false
	}
}

func (t *Terminal) deleteLines(n int) {
	if t.inRegion() {
		if t.fullWidth() {
			t.breakAbove(t.y)
			t.breakAbove(t.margins.bottom + 1)
		}
		t.scrollUp(t.y, t.margins.bottom, n)
		t.x, t.pending = t.margins.left, false
	}
}

// insertChars, deleteChars and eraseChars are ICH, DCH and ECH.
func (t *Terminal) insertChars(n int) {
	t.work(t.size.W)
	if t.inColumns() {
		t.row().insert(t.x, n, t.margins.right+1, t.pen.blank())
	}
	t.pending = false
}

func (t *Terminal) deleteChars(n int) {
	t.work(t.size.W)
	if t.inColumns() {
		t.row().remove(t.x, n, t.margins.right+1, t.pen.blank())
	}
	t.pending = false
}

func (t *Terminal) eraseChars(n int) {
	t.pending = false
	if n >= t.size.W-t.x {
		t.eraseLine(0, false)
		return
	}
	t.row().fill(t.x, t.x+n, t.pen.blank())
}

// insertColumns and removeColumns are DECIC and DECDC from column x on.
func (t *Terminal) insertColumns(x, n int) {
	if !t.inRegion() {
		return
	}
	t.work((t.margins.bottom + 1 - t.margins.top) * t.size.W)
	for _, r := range t.screen.rows[t.margins.top : t.margins.bottom+1] {
		r.insert(x, n, t.margins.right+1, t.pen.blank())
	}
}

func (t *Terminal) removeColumns(x, n int) {
	if !t.inRegion() {
		return
	}
	t.work((t.margins.bottom + 1 - t.margins.top) * t.size.W)
	for _, r := range t.screen.rows[t.margins.top : t.margins.bottom+1] {
		r.remove(x, n, t.margins.right+1, t.pen.blank())
	}
}

// repeat is REP: the last character once more for each count. More than fill the screen cannot be
// seen. Wide characters go to the end of the line, as all do in tmux.
func (t *Terminal) repeat(n int) {
	if t.last == 0 {
		return
	}
	w := t.widths.width(t.last)
	if w == 1 {
		t.repeatNarrow(min(n, t.size.W*t.size.H))
		return
	}
	n = min(n, max(1, (t.lineEnd()-t.x)/w))
	t.work(n * t.size.W)
	for range n {
		t.put(t.last, w)
	}
}

// repeatNarrow repeats a character of one column, a line at a time.
func (t *Terminal) repeatNarrow(n int) {
	c := t.pen.cell(t.last)
	w := t.margins.right + 1 - t.margins.left
	if !t.fullWidth() {
		// Between margins nothing goes to the history: more lines than fit leave what fewer leave.
		n -= max(0, (n-t.size.W)/w-2*t.size.H) * w
	}
	t.work(n)
	for n > 0 {
		if t.pending && t.autowrap && !t.fullWidth() && t.y == t.margins.bottom && t.inColumns() {
			// To scroll by columns is costly: once for all lines to come.
			lines := min((n+w-1)/w, t.margins.bottom+1-t.margins.top)
			t.scroll(lines, true)
			t.y -= lines - 1
			t.carriageReturn()
		}
		if t.pending && !t.wrap() {
			n = 1 // the others would be written over
		}
		end := t.lineEnd()
		k := min(n, end-t.x)
		if t.insert {
			t.row().insert(t.x, k, end, t.pen.blank())
		}
		t.row().fill(t.x, t.x+k, c)
		t.advance(k, end)
		n -= k
	}
}

// align is DECALN: a screen full of E.
func (t *Terminal) align() {
	t.margins = t.fullMargins()
	t.origin = false
	t.moveTo(0, 0)
	t.work(t.size.H * rowWork)
	t.breakAbove(0)
	for _, r := range t.screen.rows {
		r.reset(cell{r: 'E'})
	}
}

// area clamps the four parameters of a rectangle control to the screen, as x1, y1, x2, y2 with the
// ends exclusive.
func (t *Terminal) area(s *sequence, i int) (x1, y1, x2, y2 int) {
	m := t.fullMargins()
	if t.origin {
		m = t.margins
	}
	y1 = min(m.top+s.count(i)-1, m.bottom)
	x1 = min(m.left+s.count(i+1)-1, m.right)
	y2, x2 = m.bottom+1, m.right+1
	if n := s.param(i+2, 0); n > 0 {
		y2 = min(m.top+n, y2)
	}
	if n := s.param(i+3, 0); n > 0 {
		x2 = min(m.left+n, x2)
	}
	return x1, y1, x2, y2
}

// fillArea is DECFRA and DECERA, and DECSERA if selective.
func (t *Terminal) fillArea(x1, y1, x2, y2 int, c cell, selective bool) {
	t.work((y2 - y1) * (x2 - x1))
	for y := y1; y < y2 && x1 < x2; y++ {
		if selective {
			t.screen.rows[y].fillUnprotected(x1, x2, c)
		} else {
			t.screen.rows[y].fill(x1, x2, c)
		}
	}
}

// copyArea is DECCRA.
func (t *Terminal) copyArea(s *sequence) {
	x1, y1, x2, y2 := t.area(s, 0)
	toY, toX := s.count(5)-1, s.count(6)-1
	if t.origin {
		toX, toY = toX+t.margins.left, toY+t.margins.top
	}
	h := min(y2-y1, t.size.H-toY)
	w := min(x2-x1, t.size.W-toX)
	if h <= 0 || w <= 0 {
		return
	}
	t.work(h * w)
	for i := range h {
		y := i
		if toY > y1 { // from the bottom up, so that no row is written before it is read
			y = h - 1 - i
		}
		from := t.screen.rows[y1+y]
		if from.wide { // a character of which half is read becomes a blank where it is written only
			from.need(x1 + w)
			t.scratch = append(t.scratch[:0], from.cells[:from.used]...)
			t.work(len(t.scratch))
			from = &row{cells: t.scratch, used: len(t.scratch), rest: from.rest, wide: true}
		}
		t.screen.rows[toY+y].copyFrom(from, x1, x1+w, toX)
	}
}
