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

// Modes are the modes the child has set that concern those who talk to it.
type Modes struct {
	CursorKeys      bool // DECCKM: cursor keys send SS3
	Keypad          bool // DECNKM: the keypad sends application codes
	BackarrowBS     bool // DECBKM: backspace sends BS in place of DEL
	Newline         bool // LNM: the enter key sends CR and LF
	BracketedPaste  bool
	Focus           bool // focus changes are reported
	Mouse           MouseMode
	MouseSGR        bool // mode 1006, else the encoding of X10
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
	case 2048:
		return &t.inBand
	}
	return nil
}

// mouseModes are the private modes that choose a MouseMode.
var mouseModes = map[int]MouseMode{9: MouseX10, 1000: MouseNormal, 1002: MouseDrag, 1003: MouseAny}

// mode returns whether a private mode is set, and whether it is known.
func (t *Terminal) mode(mode int) (on, known bool) {
	if f := t.flag(mode); f != nil {
		return *f, true
	}
	if m, ok := mouseModes[mode]; ok {
		return t.modes.Mouse == m, true
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
		switch {
		case on:
			t.modes.Mouse = m
		case t.modes.Mouse == m:
			t.modes.Mouse = MouseOff
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
