package term

import (
	"strconv"
	"unicode/utf8"
)

// Mod is a set of modifiers, numbered as xterm and kitty encode them.
type Mod uint8

// The modifiers.
const (
	ModShift Mod = 1 << iota
	ModAlt
	ModCtrl
	ModSuper
	ModHyper
	ModMeta
)

// Keys that are no character. They lie above Unicode.
const (
	KeyUp rune = utf8.MaxRune + 1 + iota
	KeyDown
	KeyRight
	KeyLeft
	KeyBegin
	KeyHome
	KeyEnd
	KeyInsert
	KeyDelete
	KeyPageUp
	KeyPageDown
	KeyF1
	KeyF2
	KeyF3
	KeyF4
	KeyF5
	KeyF6
	KeyF7
	KeyF8
	KeyF9
	KeyF10
	KeyF11
	KeyF12
	KeyF13
	KeyF14
	KeyF15
	KeyF16
	KeyF17
	KeyF18
	KeyF19
	KeyF20
	KeyF21
	KeyF22
	KeyF23
	KeyF24
	KeyKP0
	KeyKP1
	KeyKP2
	KeyKP3
	KeyKP4
	KeyKP5
	KeyKP6
	KeyKP7
	KeyKP8
	KeyKP9
	KeyKPDecimal
	KeyKPDivide
	KeyKPMultiply
	KeyKPMinus
	KeyKPPlus
	KeyKPEnter
	KeyKPEqual
	KeyKPSeparator
)

// Keys that are characters.
const (
	KeyEnter     rune = '\r'
	KeyTab       rune = '\t'
	KeyEscape    rune = 0x1b
	KeySpace     rune = ' '
	KeyBackspace rune = 0x7f
)

// Key is a key press.
type Key struct {
	Code    rune   // the character of the key without modifiers, or one of the Key constants
	Text    string // what it types, if it types something
	Mod     Mod
	Shifted rune // Code with shift, if known
	Base    rune // Code on a US keyboard, if known
}

// EncodeKey returns what xterm sends for a key in the given modes, and nil for one it sends nothing
// for.
func EncodeKey(k Key, m Modes) []byte {
	if k.Text != "" && k.Mod&^ModShift == 0 && !special(k.Code, m) {
		return []byte(k.Text)
	}
	mod := k.Mod & (ModShift | ModAlt | ModCtrl | ModMeta)
	if seq := encodeFunction(k.Code, mod, m); seq != nil {
		return seq
	}
	seq := encodeCharacter(k, m)
	if len(seq) > 0 && mod&(ModAlt|ModMeta) != 0 {
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
	code := k.Code
	if text := keypadText(code); text != 0 {
		code = rune(text)
	}
	switch code {
	case KeyEnter:
		if m.Newline {
			return []byte("\r\n")
		}
		return []byte{'\r'}
	case KeyEscape:
		return []byte{0x1b}
	case KeyTab:
		if k.Mod&ModShift != 0 {
			return []byte("\x1b[Z")
		}
		return []byte{'\t'}
	case KeyBackspace:
		if m.BackarrowBS != (k.Mod&ModCtrl != 0) {
			return []byte{0x08}
		}
		return []byte{0x7f}
	}
	if code <= 0 || !utf8.ValidRune(code) {
		return nil
	}
	if k.Mod&ModCtrl != 0 {
		if c, ok := controlCode(k); ok {
			return []byte{c}
		}
	}
	switch {
	case k.Text != "":
		return []byte(k.Text)
	case k.Mod&ModShift != 0 && k.Shifted > 0 && utf8.ValidRune(k.Shifted):
		code = k.Shifted
	case k.Mod&ModShift != 0 && code >= 'a' && code <= 'z':
		code -= 'a' - 'A'
	}
	if code < 0x20 {
		return []byte{byte(code)}
	}
	return utf8.AppendRune(nil, code)
}

// controlCode returns the C0 control of a key with Ctrl, as terminals since the VT220 have them. On
// a layout without Latin letters the key's place on a US keyboard counts.
func controlCode(k Key) (byte, bool) {
	for _, r := range []rune{k.Code, k.Base} {
		switch {
		case r >= 'a' && r <= 'z':
			return byte(r - 'a' + 1), true
		case r >= '@' && r <= '_':
			return byte(r - '@'), true
		}
		switch r {
		case ' ', '2', '`':
			return 0x00, true
		case '3':
			return 0x1b, true
		case '4':
			return 0x1c, true
		case '5':
			return 0x1d, true
		case '6', '~':
			return 0x1e, true
		case '7', '/', '-':
			return 0x1f, true
		case '8', '?':
			return 0x7f, true
		}
	}
	return 0, false
}

// tildeNumbers are the numbers of keys that send CSI n ~.
var tildeNumbers = map[rune]int{
	KeyInsert: 2, KeyDelete: 3, KeyPageUp: 5, KeyPageDown: 6,
	KeyF5: 15, KeyF6: 17, KeyF7: 18, KeyF8: 19, KeyF9: 20, KeyF10: 21, KeyF11: 23, KeyF12: 24,
}

// cursorLetters are the letters of keys that send CSI or SS3 and a letter.
var cursorLetters = map[rune]byte{
	KeyUp: 'A', KeyDown: 'B', KeyRight: 'C', KeyLeft: 'D', KeyBegin: 'E', KeyEnd: 'F', KeyHome: 'H',
}

// encodeFunction encodes the keys that are no character.
func encodeFunction(code rune, mod Mod, m Modes) []byte {
	// F13 and up are the first ones with shift, F25 would be those with ctrl.
	if code >= KeyF13 && code <= KeyF24 {
		code -= KeyF13 - KeyF1
		mod |= ModShift
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
		return encodeLetter(keypadLetter(text), mod, true)
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

// keypadText returns the character a key of the keypad types, and 0 for other keys.
func keypadText(code rune) byte {
	if code < KeyKP0 || code > KeyKPSeparator {
		return 0
	}
	return "0123456789./*-+\r=,"[code-KeyKP0]
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
