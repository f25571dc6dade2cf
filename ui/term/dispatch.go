package term

// control does what a C0 control says.
func (t *Terminal) control(c byte) {
	switch c {
	case 0x07:
		t.event(Event{Kind: EventBell})
	case 0x08:
		t.left(1)
	case 0x09:
		t.tab(1)
	case 0x0a, 0x0b, 0x0c:
		t.lineFeed()
		if t.modes.Newline {
			t.carriageReturn()
		}
	case 0x0d:
		t.carriageReturn()
	case 0x0e:
		t.charsets.gl = 1
	case 0x0f:
		t.charsets.gl = 0
	}
}

// escape does what ESC, an intermediate and a letter say.
func (t *Terminal) escape(s *sequence) {
	switch s.inter {
	case 0:
		t.escapePlain(s.final)
	case '(', ')', '*', '+':
		t.charsets.designate(int(s.inter-'('), s.final, t.national)
	case '#':
		if s.final == '8' {
			t.align()
		}
	}
}

func (t *Terminal) escapePlain(final byte) {
	switch final {
	case '6':
		t.backIndex()
	case '7':
		t.saveCursor()
	case '8':
		t.restoreCursor()
	case '9':
		t.forwardIndex()
	case '=':
		t.modes.Keypad = true
	case '>':
		t.modes.Keypad = false
	case 'D':
		t.lineFeed()
	case 'E':
		t.lineFeed()
		t.carriageReturn()
	case 'H':
		t.tabs[t.x] = true
	case 'M':
		t.reverseIndex()
	case 'N':
		t.charsets.single = 2
	case 'O':
		t.charsets.single = 3
	case 'V':
		t.pen.attr |= protected
	case 'W':
		t.pen.attr &^= protected
	case 'Z':
		t.reply(deviceAttributes)
	case 'c':
		t.reset()
		t.setTitle("")
	case 'n':
		t.charsets.gl = 2
	case 'o':
		t.charsets.gl = 3
	}
}

// csi does what a control sequence says. Those with a private mark or an intermediate are apart:
// the same letter means something else there.
func (t *Terminal) csi(s *sequence) {
	switch {
	case s.is(0, 0):
		if !t.csiMove(s) && !t.csiEdit(s) {
			t.csiOther(s)
		}
	case s.is('?', 0):
		t.csiPrivate(s)
	case s.inter == 0:
		t.csiQuery(s)
	default:
		t.csiIntermediate(s)
	}
}

// csiMove does the sequences that only move the cursor, and reports whether this is one.
func (t *Terminal) csiMove(s *sequence) bool {
	switch s.final {
	case 'A', 'k':
		t.up(s.count(0))
	case 'B':
		t.down(s.count(0))
	case 'C':
		t.right(s.count(0))
	case 'D', 'j':
		t.left(s.count(0))
	case 'E':
		t.down(s.count(0))
		t.carriageReturn()
	case 'F':
		t.up(s.count(0))
		t.carriageReturn()
	case 'G', '`':
		t.moveTo(s.count(0)-1, t.line())
	case 'H', 'f':
		t.moveTo(s.count(1)-1, s.count(0)-1)
	case 'I':
		t.tab(s.count(0))
	case 'Z':
		t.backTab(s.count(0))
	case 'a':
		t.moveTo(t.column()+s.count(0), t.line())
	case 'd':
		t.moveTo(t.column(), s.count(0)-1)
	case 'e':
		t.moveTo(t.column(), t.line()+s.count(0))
	default:
		return false
	}
	return true
}

// csiEdit does the sequences that change cells, and reports whether this is one.
func (t *Terminal) csiEdit(s *sequence) bool {
	switch s.final {
	case '@':
		t.insertChars(s.count(0))
	case 'J':
		t.eraseDisplay(s.param(0, 0), false)
	case 'K':
		t.eraseLine(s.param(0, 0), false)
	case 'L':
		t.insertLines(s.count(0))
	case 'M':
		t.deleteLines(s.count(0))
	case 'P':
		t.deleteChars(s.count(0))
	case 'S':
		t.scroll(s.count(0), false)
	case 'T':
		if s.n <= 1 { // with five values it is highlight mouse tracking
			t.scrollDown(t.margins.top, t.margins.bottom, s.count(0))
		}
	case '^':
		t.scrollDown(t.margins.top, t.margins.bottom, s.count(0))
	case 'X':
		t.eraseChars(s.count(0))
	case 'b':
		t.repeat(s.count(0))
	case 'm':
		t.sgr(s)
	default:
		return false
	}
	return true
}

func (t *Terminal) csiOther(s *sequence) {
	switch s.final {
	case 'c':
		if s.param(0, 0) == 0 {
			t.reply(deviceAttributes)
		}
	case 'W':
		t.controlTab(s.param(0, 0))
	case 'g':
		switch s.param(0, 0) {
		case 0:
			t.tabs[t.x] = false
		case 3:
			clear(t.tabs)
		}
	case 'h', 'l':
		t.setModes(s, s.final == 'h')
	case 'n':
		t.reportStatus(s)
	case 'r':
		t.setRows(s)
	case 's':
		if t.columns {
			t.setColumns(s)
		} else {
			t.saveCursor()
		}
	case 't':
		t.windowOp(s)
	case 'u':
		t.restoreCursor()
	case 'x':
		if n := s.param(0, 0); n <= 1 {
			t.reportParameters(n)
		}
	}
}

// controlTab is CTC of ECMA-48, the parts of it that are about columns.
func (t *Terminal) controlTab(what int) {
	switch what {
	case 0:
		t.tabs[t.x] = true
	case 2:
		t.tabs[t.x] = false
	case 5:
		clear(t.tabs)
	}
}

func (t *Terminal) csiPrivate(s *sequence) {
	switch s.final {
	case 'J':
		t.eraseDisplay(s.param(0, 0), true)
	case 'K':
		t.eraseLine(s.param(0, 0), true)
	case 'h', 'l':
		t.setModes(s, s.final == 'h')
	case 'n':
		t.reportStatus(s)
	case 'r':
		t.restoreModes(s)
	case 's':
		t.saveModes(s)
	case 'S':
		t.refuseGraphics(s)
	case 'W':
		if s.param(0, 0) == 5 {
			t.defaultTabs(0)
		}
	case 'g':
		t.reportFormatKeys(s.param(0, 0))
	case 'm':
		t.reportModifyKeys(s.param(0, 0))
	case 'u':
		t.kittyKeyboard(s)
	}
}

func (t *Terminal) csiIntermediate(s *sequence) {
	switch {
	case s.is(0, '!') && s.final == 'p':
		t.softReset()
	case s.is(0, ' ') && s.final == 'q':
		if n := s.param(0, 1); n <= 6 {
			t.shape = n
		}
	case s.is(0, '"') && s.final == 'p':
		t.setLevel(s.param(0, 0))
	case s.is(0, '"') && s.final == 'q':
		t.pen.attr &^= protected
		if s.param(0, 0) == 1 {
			t.pen.attr |= protected
		}
	case s.inter == '$' && s.final == 'p':
		t.reportMode(s)
	case s.is(0, '$'):
		t.csiArea(s)
	case s.is(0, '*') && s.final == 'x':
		t.rectangles = s.param(0, 0) == 2
	case s.is(0, '#') && (s.final == '{' || s.final == 'p'):
		t.pushStyle(s)
	case s.is(0, '#') && (s.final == '}' || s.final == 'q'):
		t.popStyle()
	case s.is(0, '\'') && s.final == '}':
		t.insertColumns(t.x, s.count(0))
	case s.is(0, '\'') && s.final == '~':
		t.removeColumns(t.x, s.count(0))
	case s.is(0, ' ') && (s.final == '@' || s.final == 'A'):
		t.scrollSideways(s)
	}
}

// scrollSideways is SL and SR: every row of the region moves left or right.
func (t *Terminal) scrollSideways(s *sequence) {
	if !t.inRegion() {
		return
	}
	if s.final == '@' {
		t.removeColumns(t.margins.left, s.count(0))
	} else {
		t.insertColumns(t.margins.left, s.count(0))
	}
	t.pending = false
}

// csiArea does the controls of rectangles.
func (t *Terminal) csiArea(s *sequence) {
	switch s.final {
	case 'r', 't':
		t.changeArea(s, s.final == 't')
	case 'v':
		t.copyArea(s)
	case 'w':
		t.reportPresentation(s.param(0, 0))
	case 'x':
		if r := rune(s.param(0, 0)); r >= 0x20 && r < 0x7f || r >= 0xa0 && r <= 0xff {
			x1, y1, x2, y2 := t.area(s, 1)
			t.fillArea(x1, y1, x2, y2, t.pen.cell(r), false)
		}
	case 'z', '{':
		x1, y1, x2, y2 := t.area(s, 0)
		t.fillArea(x1, y1, x2, y2, t.pen.blank(), s.final == '{')
	}
}

// setRows is DECSTBM and setColumns DECSLRM; a region has at least two lines and columns.
func (t *Terminal) setRows(s *sequence) {
	top, bottom := s.count(0)-1, t.size.H-1
	if n := s.param(1, 0); n > 0 {
		bottom = min(n-1, bottom)
	}
	if top < bottom {
		t.margins.top, t.margins.bottom = top, bottom
		t.moveTo(0, 0)
	}
}

func (t *Terminal) setColumns(s *sequence) {
	left, right := s.count(0)-1, t.size.W-1
	if n := s.param(1, 0); n > 0 {
		right = min(n-1, right)
	}
	if left < right {
		t.margins.left, t.margins.right = left, right
		t.moveTo(0, 0)
	}
}
