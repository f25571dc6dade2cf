package term

// MouseMode is which mouse events a child wants.
type MouseMode uint8

// The mouse modes.
const (
	MouseOff    MouseMode = iota
	MouseX10              // presses, mode 9
	MouseNormal           // presses and releases, mode 1000
	MouseDrag             // and motion with a button down, mode 1002
	MouseAny              // and all motion, mode 1003
)

// MouseFormat is how mouse events are written when MouseSGR is not set.
type MouseFormat uint8

// The formats.
const (
	MouseBytes  MouseFormat = iota // as X10: what does not fit into a byte is not sent
	MouseUTF8                      // mode 1005
	MouseUrxvt                     // mode 1015
	MousePixels                    // mode 1016: as SGR, in the pixels a cell is said to have
)

// Modes are the modes the child has set that concern those who talk to it.
type Modes struct {
	CursorKeys      bool // DECCKM: cursor keys send SS3
	Keypad          bool // DECNKM: the keypad sends application codes
	BackarrowBS     bool // DECBKM: backspace sends BS in place of DEL
	Newline         bool // LNM: the enter key sends CR and LF
	BracketedPaste  bool
	Focus           bool // focus changes are reported
	Mouse           MouseMode
	MouseSGR        bool // mode 1006, else MouseFormat
	MouseFormat     MouseFormat
	AltScreen       bool
	AlternateScroll bool  // mode 1007: the wheel sends cursor keys in the alternate screen
	Sync            bool  // mode 2026: do not draw now
	Kitty           uint8 // the enhancements of the kitty keyboard protocol in force
	ModifyOther     uint8 // modifyOtherKeys: 0, 1 or 2
	FormatOther     bool  // formatOtherKeys: CSI u in place of CSI 27
}

// Modes returns the modes.
func (t *Terminal) Modes() Modes { return t.modes }

// setModes is SM and RM, and DECSET and DECRST if private.
func (t *Terminal) setModes(s *sequence, on bool) {
	for i := range s.n {
		mode := s.param(i, 0)
		switch {
		case s.private == '?':
			t.setPrivate(mode, on)
		case mode == 4:
			t.insert = on
		case mode == 20:
			t.modes.Newline = on
		}
	}
}

// ansiMode returns whether a mode of SM is set, and 3 or 4 in place of that for one that never changes:
// of those the VT420 knows, nearly all are reset for good. SRM is set: the child's terminal echoes.
func (t *Terminal) ansiMode(mode int) (on bool, fixed int, known bool) {
	switch mode {
	case 4:
		return t.insert, 0, true
	case 12:
		return true, 3, true
	case 20:
		return t.modes.Newline, 0, true
	case 1, 2, 3, 5, 7, 10, 11, 13, 14, 15, 16, 17, 18, 19:
		return false, 4, true
	}
	return false, 0, false
}

// fixedModes are the private modes xterm knows that nothing changes here, with what DECRQM says of them.
var fixedModes = map[int]int{
	2:    3, // DECANM: never a VT52
	3:    4, // DECCOLM: the width is the pane's
	4:    4, // DECSCLM
	8:    3, // DECARM: the keyboard is not ours
	10:   4,
	13:   4,
	14:   4,
	18:   4, // DECPFF, and DECPEX: there is no printer
	19:   4,
	30:   4,
	35:   4,
	38:   4, // DECTEK
	40:   4,
	41:   4,
	44:   4,
	46:   4, // no log file
	80:   4, // DECSDM: no graphics
	95:   4,
	1001: 4, // highlight tracking stops a terminal until the child answers
	1010: 4, // the view stays where it is when something is printed,
	1011: 3, // and goes to the end when something is typed
	1034: 4,
	1035: 3,
	1036: 3, // Meta and Alt send ESC
	1037: 4,
	1039: 3,
	1040: 4,
	1041: 4,
	1042: 4,
	1043: 4,
	1044: 4,
	1046: 3, // there is an alternate screen
	1050: 4, // keys are those of a PC
	1051: 4,
	1052: 4,
	1053: 4,
	1060: 4,
	1061: 4,
	2001: 4,
	2002: 4,
	2003: 4,
	2005: 4,
	2006: 4,
}

// flag returns the boolean a private mode is, and nil for one that is none or not known.
func (t *Terminal) flag(mode int) *bool {
	switch mode {
	case 1:
		return &t.modes.CursorKeys
	case 5:
		return &t.inverted
	case 6:
		return &t.origin
	case 7:
		return &t.autowrap
	case 42:
		return &t.national
	case 45:
		return &t.reverseWrap
	case 66:
		return &t.modes.Keypad
	case 67:
		return &t.modes.BackarrowBS
	case 69:
		return &t.columns
	case 1004:
		return &t.modes.Focus
	case 1006:
		return &t.modes.MouseSGR
	case 1007:
		return &t.modes.AlternateScroll
	case 2004:
		return &t.modes.BracketedPaste
	case 2026:
		return &t.modes.Sync
	case 2031:
		return &t.scheme
	case 2048:
		return &t.inBand
	}
	return nil
}

// mouseModes are the private modes that choose a MouseMode.
var mouseModes = map[int]MouseMode{9: MouseX10, 1000: MouseNormal, 1002: MouseDrag, 1003: MouseAny}

// mouseFormats are those that choose how mouse events are written, beside 1006.
var mouseFormats = map[int]MouseFormat{1005: MouseUTF8, 1015: MouseUrxvt, 1016: MousePixels}

// mode returns whether a private mode is set, and whether it is known.
func (t *Terminal) mode(mode int) (on, known bool) {
	if f := t.flag(mode); f != nil {
		return *f, true
	}
	if m, ok := mouseModes[mode]; ok {
		return t.modes.Mouse == m, true
	}
	if f, ok := mouseFormats[mode]; ok {
		return t.modes.MouseFormat == f && !t.modes.MouseSGR, true
	}
	switch mode {
	case 12:
		return t.Cursor().Blink, true
	case 25:
		return !t.hidden, true
	case 47, 1047, 1049:
		return t.modes.AltScreen, true
	case 1048:
		return false, true
	}
	return false, false
}

func (t *Terminal) setPrivate(mode int, on bool) {
	if f := t.flag(mode); f != nil {
		*f = on
		t.modeChanged(mode, on)
		return
	}
	if m, ok := mouseModes[mode]; ok {
		if !on {
			m = MouseOff // also if it was another that was set
		}
		t.modes.Mouse = m
		return
	}
	if f, ok := mouseFormats[mode]; ok {
		switch {
		case on:
			t.modes.MouseFormat, t.modes.MouseSGR = f, false // the last one counts
		case t.modes.MouseFormat == f:
			t.modes.MouseFormat = MouseBytes
		}
		return
	}
	switch mode {
	case 12:
		t.setBlink(on)
	case 25:
		t.hidden = !on
	case 47:
		t.switchScreen(on)
	case 1047:
		if !on && t.modes.AltScreen {
			t.screen.clear(cell{})
		}
		t.switchScreen(on)
	case 1048:
		if on {
			t.saveCursor()
		} else {
			t.restoreCursor()
		}
	case 1049:
		t.setAlternate(on)
	}
}

// modeChanged does what comes with a flag.
func (t *Terminal) modeChanged(mode int, on bool) {
	switch mode {
	case 6:
		t.moveTo(0, 0)
	case 69:
		if !on {
			t.margins.left, t.margins.right = 0, t.size.W-1
		}
	case 1006:
		if on {
			t.modes.MouseFormat = MouseBytes
		}
	case 2026:
		if !on {
			t.work(maxWork) // whoever feeds in pieces can look at the screen now
		}
	case 2048:
		if on {
			t.reportSize()
		}
	}
}

// setAlternate is mode 1049: the cursor saved, the alternate screen blank; and back.
func (t *Terminal) setAlternate(on bool) {
	if !on {
		t.switchScreen(false)
		t.restoreCursor()
		return
	}
	t.saveCursor()
	t.switchScreen(true)
	t.screen.clear(t.pen.blank())
}

// setBlink makes the shape of the cursor a blinking one or not, as DECSCUSR numbers them.
func (t *Terminal) setBlink(on bool) {
	shape := max(t.shape, 1)
	if on {
		t.shape = shape - (shape+1)%2
	} else {
		t.shape = shape + shape%2
	}
}

// saveModes and restoreModes are XTSAVE and XTRESTORE.
func (t *Terminal) saveModes(s *sequence) {
	for i := range s.n {
		mode := s.param(i, 0)
		if on, known := t.mode(mode); known {
			t.savedModes[mode] = on
		}
	}
}

func (t *Terminal) restoreModes(s *sequence) {
	for i := range s.n {
		mode := s.param(i, 0)
		if on, ok := t.savedModes[mode]; ok {
			t.setPrivate(mode, on)
		}
	}
}
