package term

// prompts are what a shell told about a row with OSC 133, in four bytes: they go with the row through
// scrolling, the history and wrapping.
type prompts struct {
	marks promptMark
	end   uint16 // the column the output of a command ended before, with markEnd
}

// promptMark is a set of marks. What is not kept is B, the end of a prompt.
type promptMark uint8

const (
	markPrompt promptMark = 1 << iota // A: a prompt begins here
	markOutput                        // C: what a command prints begins here
	markEnd                           // D: and ends here
)

// mark keeps the mark of OSC 133 with the row of the cursor. The marks are those of FinalTerm, as they
// are described in ctlseqs and in the documentation of kitty and iTerm2.
func (t *Terminal) mark(kind byte) {
	p := &t.row().prompts
	switch kind {
	case 'A':
		p.marks |= markPrompt
	case 'C':
		p.marks |= markOutput
	case 'D':
		p.marks |= markEnd
		p.end = uint16(t.x)
		if t.pending {
			p.end++
		}
	}
}

// Prompts returns the rows a prompt begins in, from the oldest to the newest, counted as in Row.
func (t *Terminal) Prompts() []int {
	var rows []int
	for y := -t.history.n; y < t.size.H; y++ {
		if t.promptsAt(y).marks&markPrompt != 0 {
			rows = append(rows, y)
		}
	}
	return rows
}

// Output returns where the output of the command around row y begins and ends: from column 0 of row first
// to before column end of row last. On a prompt that is of the command typed there; of a prompt where none
// was, the one before. What still runs ends with the screen. It reports false if no output was marked there.
func (t *Terminal) Output(y int) (first, last, end int, ok bool) {
	first, ok = t.outputBegin(min(y, t.size.H-1))
	if !ok {
		return 0, 0, 0, false
	}
	for last = first; last < t.size.H; last++ {
		switch p := t.promptsAt(last); {
		case p.marks&markEnd != 0:
			return first, last, int(p.end), true
		case p.marks&markPrompt != 0 && last > first:
			return first, last, 0, true
		}
	}
	return first, last, 0, true
}

// outputBegin returns the row in which the output of the command around row y begins. A row may have the
// marks of two commands: one that printed nothing, and the prompt after it, whose row it is then.
func (t *Terminal) outputBegin(y int) (first int, ok bool) {
	first, ok = t.seekMark(y, -1, markPrompt|markOutput)
	if !ok {
		return 0, false
	}
	if t.promptsAt(first).marks&markPrompt != 0 {
		next, ok := t.seekMark(first+1, 1, markPrompt|markOutput)
		if ok && t.promptsAt(next).marks&markOutput != 0 {
			return next, true
		}
	}
	return t.seekMark(first, -1, markOutput)
}

// seekMark returns the first row with one of the marks, from row y on in steps of 1 or -1.
func (t *Terminal) seekMark(y, step int, marks promptMark) (found int, ok bool) {
	for ; y >= -t.history.n && y < t.size.H; y += step {
		if t.promptsAt(y).marks&marks != 0 {
			return y, true
		}
	}
	return 0, false
}

// promptsAt returns the marks of row y.
func (t *Terminal) promptsAt(y int) prompts {
	switch {
	case y >= 0 && y < t.size.H:
		return t.screen.rows[y].prompts
	case y < 0 && -y <= t.history.n:
		return t.history.at(t.history.n + y).prompts
	}
	return prompts{}
}

// forgetPrompts drops the marks of rows that are erased.
func forgetPrompts(rows []*row) {
	for _, r := range rows {
		r.prompts = prompts{}
	}
}

// carry takes the marks of a row to where its cell x goes: column at of the last row written.
func (b *wrapper) carry(p prompts, x, at int) {
	if p.marks == 0 {
		return
	}
	to := &b.last().prompts
	if x == 0 {
		to.marks |= p.marks &^ markEnd
	}
	if p.marks&markEnd != 0 && int(p.end) == x {
		to.marks |= markEnd
		to.end = uint16(at)
	}
}

// carryRest takes the marks that are behind the n cells of a row.
func (b *wrapper) carryRest(p prompts, n int) {
	if n == 0 {
		b.last().prompts.marks |= p.marks &^ markEnd
	}
	if p.marks&markEnd != 0 && int(p.end) >= n {
		b.carry(p, int(p.end), min(b.x, b.w))
	}
}
