package term

import (
	"strconv"
	"unicode/utf8"
)

// EncodeKey returns what a key sends in the given modes: what xterm does, or what the kitty
// keyboard protocol says if the child has asked for that; nil for a key that sends nothing.
//
// A key that may be Escape and another is sent as these two bytes whatever the child has asked for, but for
// all keys as escape sequences: to tell it that it is Alt would take the Escape away. Programs read both, as
// each of them is written for terminals that know nothing else.
func EncodeKey(k Key, m Modes) []byte {
	if k.Escaped && k.Action == KeyPress && k.Code <= utf8.MaxRune && m.Kitty&KittyAllKeys == 0 {
		m.Kitty, m.ModifyOther = 0, 0
	}
	if m.Kitty&(KittyDisambiguate|KittyEvents|KittyAllKeys) != 0 {
		return encodeKitty(k, m)
	}
	if k.Action == KeyRelease {
		return nil
	}
	return encodeLegacy(k, m)
}

// encodeLegacy encodes the press of a key as xterm does.
func encodeLegacy(k Key, m Modes) []byte {
	if k.Mod&ModNumLock != 0 {
		m.Keypad = false // "Use the NumLock key to override the application mode"
	}
	k.Mod &= ModShift | ModAlt | ModCtrl | ModMeta
	k.Code = withoutKeypad(k.Code)
	if otherModified(k, m) {
		return encodeOther(k, m)
	}
	if k.Text != "" && k.Mod&^ModShift == 0 && !special(k.Code, m) {
		return []byte(k.Text)
	}
	if seq := encodeFunction(k.Code, k.Mod, m); seq != nil {
		return seq
	}
	seq := encodeCharacter(k, m)
	if len(seq) > 0 && k.Mod&(ModAlt|ModMeta) != 0 {
		seq = append([]byte{0x1b}, seq...)
	}
	return seq
}

// special reports whether a key that types text sends something else.
func special(code rune, m Modes) bool {
	switch code {
	case KeyEnter, KeyTab, KeyEscape, KeyBackspace:
		return true
	}
	return code > utf8.MaxRune && (m.Keypad || keypadText(code) == 0)
}

// encodeCharacter encodes a key that is a character, but for the ESC that Alt puts before it.
func encodeCharacter(k Key, m Modes) []byte {
	if text := keypadText(k.Code); text != 0 {
		k.Code = rune(text)
	}
	switch k.Code {
	case KeyEnter:
		if m.Newline {
			return []byte("\r\n")
		}
		return []byte{'\r'}
	case KeyEscape:
		return []byte{0x1b}
	case KeyTab:
		return []byte{'\t'}
	case KeyBackspace:
		if m.BackarrowBS != (k.Mod&ModCtrl != 0) {
			return []byte{0x08}
		}
		return []byte{0x7f}
	}
	if k.Code <= 0 || !utf8.ValidRune(k.Code) {
		return nil
	}
	if k.Mod&ModCtrl != 0 {
		if c, ok := controlCode(k); ok {
			return []byte{c}
		}
	}
	if k.Text != "" {
		return []byte(k.Text)
	}
	code := k.typed()
	if code < 0x20 {
		return []byte{byte(code)}
	}
	return utf8.AppendRune(nil, code)
}

// controlCode returns the C0 control of a key with Ctrl, as xterm has them. On a layout without
// Latin letters the key's place on a US keyboard counts.
func controlCode(k Key) (byte, bool) {
	for _, r := range []rune{k.typed(), k.Base} {
		switch {
		case r >= '@' && r < 0x7f:
			return byte(r) & 0x1f, true
		case r >= '3' && r <= '7':
			return byte(r-'3') + 0x1b, true
		}
		switch r {
		case ' ', '2':
			return 0x00, true
		case '/':
			return 0x1f, true
		case '8', '?':
			return 0x7f, true
		}
	}
	return 0, false
}

// tildeNumbers are the numbers of keys that send CSI n ~; those from F13 on are of the VT220 and,
// above F20, of xterm.
var tildeNumbers = map[rune]int{
	KeyFind: 1, KeyInsert: 2, KeyDelete: 3, KeySelect: 4, KeyPageUp: 5, KeyPageDown: 6, KeyMenu: 29,
	KeyF5: 15, KeyF6: 17, KeyF7: 18, KeyF8: 19, KeyF9: 20, KeyF10: 21, KeyF11: 23, KeyF12: 24,
	KeyF13: 25, KeyF14: 26, KeyF15: 28, KeyF16: 29, KeyF17: 31, KeyF18: 32, KeyF19: 33, KeyF20: 34,
	KeyF21: 42, KeyF22: 43, KeyF23: 44, KeyF24: 45, KeyF25: 46, KeyF26: 47, KeyF27: 48, KeyF28: 49,
	KeyF29: 50, KeyF30: 51, KeyF31: 52, KeyF32: 53, KeyF33: 54, KeyF34: 55, KeyF35: 56,
}

// cursorLetters are the letters of keys that send CSI or SS3 and a letter.
var cursorLetters = map[rune]byte{
	KeyUp: 'A', KeyDown: 'B', KeyRight: 'C', KeyLeft: 'D', KeyBegin: 'E', KeyEnd: 'F', KeyHome: 'H',
}

// encodeFunction encodes the keys that are no character.
func encodeFunction(code rune, mod Mod, m Modes) []byte {
	if code == KeyTab && mod&ModShift != 0 {
		return []byte("\x1b[Z")
	}
	if letter, ok := cursorLetters[code]; ok {
		return encodeLetter(letter, mod, m.CursorKeys)
	}
	if code >= KeyF1 && code <= KeyF4 {
		return encodeLetter(byte('P'+code-KeyF1), mod, true)
	}
	if n, ok := tildeNumbers[code]; ok {
		out := strconv.AppendInt([]byte("\x1b["), int64(n), 10)
		if mod != 0 {
			out = appendMod(append(out, ';'), mod)
		}
		return append(out, '~')
	}
	if text := keypadText(code); text != 0 && m.Keypad {
		out := []byte("\x1bO")
		if mod != 0 {
			out = appendMod(out, mod) // ctlseqs does not tell, xterm does this
		}
		return append(out, keypadLetter(text))
	}
	return nil
}

// encodeLetter is CSI letter or SS3 letter, and with modifiers always CSI 1 ; mod letter.
func encodeLetter(letter byte, mod Mod, ss3 bool) []byte {
	switch {
	case mod != 0:
		return append(appendMod([]byte("\x1b[1;"), mod), letter)
	case ss3:
		return []byte{0x1b, 'O', letter}
	}
	return []byte{0x1b, '[', letter}
}

// appendMod writes modifiers as xterm numbers them: 1, and 1 for shift, 2 alt, 4 ctrl, 8 meta.
func appendMod(dst []byte, mod Mod) []byte {
	n := int64(mod & (ModShift | ModAlt | ModCtrl))
	if mod&ModMeta != 0 {
		n |= 8
	}
	return strconv.AppendInt(dst, n+1, 10)
}

// keypadLetter returns the letter that SS3 has for a character of the keypad.
func keypadLetter(text byte) byte {
	switch text {
	case '\r':
		return 'M'
	case '=':
		return 'X'
	}
	return text - '*' + 'j' // * is j, and so on to 9, which is y
}
