package term

import "strconv"

// The enhancements of the keyboard a child can ask for with the kitty keyboard protocol, see
// https://sw.kovidgoyal.net/kitty/keyboard-protocol/.
const (
	KittyDisambiguate uint8 = 1 << iota // keys that look like others are told apart
	KittyEvents                         // repeats and releases are reported
	KittyAlternates                     // with the shifted key and the one of a US keyboard
	KittyAllKeys                        // also keys that type text send escape sequences
	KittyText                           // and those hold the text

	kittyFlags = 1<<5 - 1
)

// kittyStack is what CSI > u keeps of one screen. The enhancements in force are not on it.
type kittyStack struct {
	now   uint8
	saved [maxKitty]uint8
	n     int
}

// push is CSI > flags u; the oldest entry makes room in a full stack.
func (s *kittyStack) push(flags uint8) {
	if s.n == maxKitty {
		copy(s.saved[:], s.saved[1:])
		s.n--
	}
	s.saved[s.n] = s.now
	s.n++
	s.now = flags
}

// pop is CSI < n u; a stack that is empty leaves no enhancements.
func (s *kittyStack) pop(n int) {
	for ; n > 0; n-- {
		if s.n == 0 {
			s.now = 0
			return
		}
		s.n--
		s.now = s.saved[s.n]
	}
}

// set is CSI = flags ; mode u.
func (s *kittyStack) set(flags uint8, mode int) {
	switch mode {
	case 1:
		s.now = flags
	case 2:
		s.now |= flags
	case 3:
		s.now &^= flags
	}
}

// kittyStack returns the stack of the screen that is shown.
func (t *Terminal) kittyStack() *kittyStack {
	if t.modes.AltScreen {
		return &t.kitty[1]
	}
	return &t.kitty[0]
}

// resetKeyboard takes back all the child has changed about how keys are sent.
func (t *Terminal) resetKeyboard() {
	t.kitty = [2]kittyStack{}
	t.modes.Kitty, t.modes.ModifyOther, t.modes.FormatOther = 0, 0, false
}

// kittyKeyboard is CSI with a mark and u.
func (t *Terminal) kittyKeyboard(s *sequence) {
	stack := t.kittyStack()
	flags := uint8(s.param(0, 0) & kittyFlags)
	switch s.private {
	case '>':
		stack.push(flags)
	case '<':
		stack.pop(s.count(0))
	case '=':
		stack.set(flags, s.param(1, 1))
	case '?':
		t.reply("\x1b[?" + strconv.Itoa(int(stack.now)) + "u")
	}
	t.modes.Kitty = stack.now
}

// Numbers of the resources of XTMODKEYS.
const (
	modifyKeyboard = iota
	modifyCursorKeys
	modifyFunctionKeys
	modifyKeypadKeys
	modifyOtherKeys
)

// setModifyKeys is XTMODKEYS, CSI > Pp ; Pv m. Only modifyOtherKeys can be changed: no program is
// known to change the others.
func (t *Terminal) setModifyKeys(s *sequence) {
	switch {
	case s.n == 0:
		t.modes.ModifyOther = 0
	case s.param(0, 0) == modifyOtherKeys:
		t.modes.ModifyOther = uint8(min(s.param(1, 0), 2))
	}
}

// reportModifyKeys is XTQMODKEYS, CSI ? Pp m.
func (t *Terminal) reportModifyKeys(what int) {
	value := 0
	switch what {
	case modifyKeyboard, modifyKeypadKeys:
	case modifyCursorKeys, modifyFunctionKeys:
		value = 2 // CSI 1 ; 5 A
	case modifyOtherKeys:
		value = int(t.modes.ModifyOther)
	default:
		return
	}
	t.reply("\x1b[>" + strconv.Itoa(what) + ";" + strconv.Itoa(value) + "m")
}

// setFormatKeys is XTFMTKEYS, CSI > Pp ; Pv f, and reportFormatKeys XTQFMTKEYS, CSI ? Pp g.
func (t *Terminal) setFormatKeys(s *sequence) {
	if s.n == 0 || s.param(0, 0) == modifyOtherKeys {
		t.modes.FormatOther = s.param(1, 0) == 1
	}
}

func (t *Terminal) reportFormatKeys(what int) {
	if what != modifyOtherKeys {
		return
	}
	value := "0"
	if t.modes.FormatOther {
		value = "1"
	}
	t.reply("\x1b[>4;" + value + "f")
}
