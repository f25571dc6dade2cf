package attach

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// keys tells the prefix and the key after it from what is typed, which is for the program. Keys come as
// the program asked for them: as control codes, as xterm's CSI 27 ; modifiers ; code ~ (modifyOtherKeys), as
// CSI code ; modifiers u (the kitty keyboard protocol, and xterm's formatOtherKeys), or as CSI … _ with the
// fields of a Windows console (win32-input-mode).
type keys struct {
	prefix rune // the key that with ctrl is the prefix
	// leads reports whether a key after the prefix leads back. Its name is its character, or "tab".
	leads   func(key string) bool
	pending bool   // the prefix was pressed
	pasting bool   // between the brackets of a paste nothing is a key
	held    []byte // the start of a sequence: the rest of it is on its way
}

const maxHeld = 64 // bytes of the longest sequence that is a key

// mouse begins a report of the mouse in its first form: three bytes follow, for the button and the place
// (XTerm Control Sequences, "Normal tracking mode").
const mouse = "\x1b[M"

// feed takes what was typed and returns what of it is for the program. If it ends with a key that leads
// back that is returned, too, and what came behind it is dropped.
func (k *keys) feed(typed []byte) (program []byte, key string) {
	data := slices.Concat(k.held, typed)
	k.held = nil
	for len(data) > 0 {
		n, whole := token(data)
		if !k.pasting && string(data[:n]) == mouse {
			n = min(n+3, len(data))
			whole = n == len(mouse)+3
		}
		if !whole && n <= maxHeld {
			k.held = bytes.Clone(data)
			break
		}
		pass, key := k.token(data[:n])
		if key != "" {
			return program, key
		}
		if pass {
			program = append(program, data[:n]...)
		}
		data = data[n:]
	}
	return program, ""
}

// release returns what was held for longer than a sequence takes to arrive.
func (k *keys) release() []byte {
	held := k.held
	k.held = nil
	return held
}

// token returns the length of the key or sequence data begins with, and whether it is all there. Only the
// sequences that can be keys are waited for: an escape may be just that.
func token(data []byte) (n int, whole bool) {
	if data[0] != 0x1b || len(data) == 1 {
		if n := runeLen(data); n > 0 {
			return n, true
		}
		return 1, true
	}
	switch data[1] {
	case '[':
		for n = 2; n < len(data); n++ {
			if data[n] >= 0x40 && data[n] <= 0x7e {
				return n + 1, true
			}
			if data[n] < 0x20 {
				return n, true // not a sequence; what follows is looked at by itself
			}
		}
		return n, false
	case 'O': // SS3
		return min(3, len(data)), true
	case ']', 'P', '_', '^', 'X': // an answer of the terminal
		for n = 2; n < len(data); n++ {
			if data[n] == 0x07 || data[n] == '\\' && data[n-1] == 0x1b {
				return n + 1, true
			}
		}
		return n, true
	case 0x1b:
		return 1, true
	}
	return 1 + max(1, runeLen(data[1:])), true // with alt
}

// runeLen returns the length of the character data begins with, 0 if it is none.
func runeLen(data []byte) int {
	if r, n := utf8.DecodeRune(data); r != utf8.RuneError {
		return n
	}
	return 0
}

// token takes one key or sequence and reports whether it is for the program; key is one that leads back.
func (k *keys) token(t []byte) (pass bool, key string) {
	switch {
	case bytes.Equal(t, []byte("\x1b[200~")):
		k.pasting = true
		return true, ""
	case bytes.Equal(t, []byte("\x1b[201~")):
		k.pasting = false
		return true, ""
	case k.pasting:
		return true, ""
	}
	e, ok := keyOf(t)
	switch {
	case !ok:
		return true, "" // the mouse, the focus, an answer; arrows mean nothing after the prefix
	case e.is(k.prefix):
		if e.released {
			return !k.pending, ""
		}
		again := k.pending
		k.pending = !again
		return again, ""
	case !k.pending:
		return true, ""
	case e.released || e.modifier():
		return false, "" // ctrl on its way up
	}
	k.pending = false
	if name := e.name(); k.leads(name) {
		return false, name
	}
	return false, ""
}

// press is a key as a terminal reports it.
type press struct {
	code, shifted rune
	text          string
	mod           int // shift 1, alt 2, ctrl 4, super 8, hyper 16, meta 32, as kitty numbers them, without locks
	released      bool
}

const (
	shift = 1
	ctrl  = 4
	locks = 64 | 128 // caps lock and num lock
)

// keyOf reads a key, if it is one that can be the prefix or follow it.
func keyOf(t []byte) (press, bool) {
	if t[0] != 0x1b || len(t) == 1 {
		return plainKey(t)
	}
	if t[1] != '[' || len(t) < 4 || t[2] >= '<' { // not a number: the mouse, or an answer
		return press{mod: 2}, t[1] != '[' && t[1] != 'O' && t[1] != ']' && t[1] != 'P' && t[1] != '_' // with alt: no key of ours
	}
	fields := strings.Split(string(t[2:len(t)-1]), ";")
	at := func(i int) []string {
		if i < len(fields) {
			return strings.Split(fields[i], ":")
		}
		return []string{""}
	}
	number := func(s string, def int) int {
		if n, err := strconv.Atoi(s); err == nil {
			return n
		}
		return def
	}
	switch last := t[len(t)-1]; {
	case last == 'u':
		var e press
		e.code = rune(number(at(0)[0], 0))
		if alt := at(0); len(alt) > 1 {
			e.shifted = rune(number(alt[1], 0))
		}
		mods := at(1)
		e.mod = (number(mods[0], 1) - 1) &^ locks
		e.released = len(mods) > 1 && mods[1] == "3"
		for _, c := range at(2) {
			if n := number(c, 0); n > 0 {
				e.text += string(rune(n))
			}
		}
		return e, true
	case last == '_':
		return win32Key(number(at(0)[0], 0), number(at(2)[0], 0), number(at(3)[0], 0), number(at(4)[0], 0))
	case last == '~' && at(0)[0] == "27" && len(fields) == 3:
		return press{code: rune(number(at(2)[0], 0)), mod: (number(at(1)[0], 1) - 1) &^ locks}, true
	}
	return press{}, false
}

// plainKey reads a key that is a character or a control code.
func plainKey(t []byte) (press, bool) {
	c, _ := utf8.DecodeRune(t)
	switch {
	case c == '\t', c == '\r', c == 0x1b, c == 0x7f:
		return press{code: c}, true
	case c == 0:
		return press{code: ' ', mod: ctrl}, true
	case c <= 0x1a:
		return press{code: c - 1 + 'a', mod: ctrl}, true
	case c < 0x20:
		return press{code: c + '@', mod: ctrl}, true
	}
	return press{code: c, text: string(c)}, true
}

// win32Key reads a key of win32-input-mode, CSI virtual key ; scan code ; character ; down ; modifiers ;
// repeats _, as the specification of Windows Terminal has it ("Improved keyboard handling in Conpty"). The
// modifiers are dwControlKeyState of KEY_EVENT_RECORD, where AltGr is the left ctrl with the right alt.
func win32Key(virtual, char, down, state int) (press, bool) {
	const (
		rightAlt, leftAlt, rightCtrl, leftCtrl = 1, 2, 4, 8

		modifier = 57441 // any of those the kitty protocol numbers
	)
	if char == 0 {
		// Shift, ctrl, alt, caps lock, the Windows keys, num lock, scroll lock.
		ours := slices.Contains([]int{0x10, 0x11, 0x12, 0x14, 0x5b, 0x5c, 0x90, 0x91}, virtual)
		return press{code: modifier, released: down == 0}, ours
	}
	e, ok := plainKey(utf8.AppendRune(nil, rune(char)))
	e.released = down == 0
	if alt := state & (rightAlt | leftAlt); alt != 0 && state&(rightCtrl|leftCtrl) == 0 {
		e.mod |= 2
	}
	return e, ok
}

// is reports whether the key is that of the prefix, with ctrl. The character may take shift.
func (e *press) is(prefix rune) bool {
	return e.mod == ctrl && e.code == prefix || e.mod == ctrl|shift && e.shifted == prefix
}

// modifier reports whether the key is one such as ctrl itself.
func (e *press) modifier() bool { return e.code >= 57441 && e.code <= 57454 }

// name returns how the key is called in tables of keys: the character it types, or "tab". Others are "".
func (e *press) name() string {
	switch {
	case e.mod&^shift != 0 || !unicode.IsPrint(e.code) && e.code != '\t':
		return ""
	case e.code == '\t':
		return "tab"
	case e.text != "":
		return e.text
	case e.mod == shift && e.shifted != 0:
		return string(e.shifted)
	case e.mod == shift:
		return string(unicode.ToUpper(e.code))
	}
	return string(e.code)
}
