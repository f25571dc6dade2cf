package term

import (
	"unicode"
	"unicode/utf8"
)

// Mod is a set of modifiers, numbered as the kitty keyboard protocol encodes them.
type Mod uint8

// The modifiers.
const (
	ModShift Mod = 1 << iota
	ModAlt
	ModCtrl
	ModSuper
	ModHyper
	ModMeta
	ModCapsLock
	ModNumLock

	modLocks = ModCapsLock | ModNumLock
)

// Keys that are no character. They lie above Unicode. From KeyCapsLock on they are in the order of
// the private numbers the kitty keyboard protocol gives them.
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
	KeyFind
	KeySelect
	KeyCapsLock
	KeyScrollLock
	KeyNumLock
	KeyPrintScreen
	KeyPause
	KeyMenu
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
	KeyF25
	KeyF26
	KeyF27
	KeyF28
	KeyF29
	KeyF30
	KeyF31
	KeyF32
	KeyF33
	KeyF34
	KeyF35
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
	KeyKPLeft
	KeyKPRight
	KeyKPUp
	KeyKPDown
	KeyKPPageUp
	KeyKPPageDown
	KeyKPHome
	KeyKPEnd
	KeyKPInsert
	KeyKPDelete
	KeyKPBegin
	KeyMediaPlay
	KeyMediaPause
	KeyMediaPlayPause
	KeyMediaReverse
	KeyMediaStop
	KeyMediaFastForward
	KeyMediaRewind
	KeyMediaNext
	KeyMediaPrevious
	KeyMediaRecord
	KeyLowerVolume
	KeyRaiseVolume
	KeyMute
	KeyLeftShift
	KeyLeftCtrl
	KeyLeftAlt
	KeyLeftSuper
	KeyLeftHyper
	KeyLeftMeta
	KeyRightShift
	KeyRightCtrl
	KeyRightAlt
	KeyRightSuper
	KeyRightHyper
	KeyRightMeta
	KeyLevel3Shift
	KeyLevel5Shift
	keyUnknown // and all above it
)

// Keys that are characters.
const (
	KeyEnter     rune = '\r'
	KeyTab       rune = '\t'
	KeyEscape    rune = 0x1b
	KeySpace     rune = ' '
	KeyBackspace rune = 0x7f
)

// KeyAction is what happened to a key.
type KeyAction uint8

// The actions.
const (
	KeyPress KeyAction = iota
	KeyRepeat
	KeyRelease
)

// Key is something that happened to a key.
type Key struct {
	Code    rune   // the character of the key without modifiers, or one of the Key constants
	Text    string // what it types, if it types something
	Mod     Mod
	Action  KeyAction
	Shifted rune // Code with shift, if known
	Base    rune // Code on a US keyboard, if known
	// Escaped says that Alt may be none: what came was ESC and a character, which is also Escape and then
	// the key.
	Escaped bool
}

// isModifier reports whether a key does nothing but change what others do.
func isModifier(code rune) bool {
	return code >= KeyCapsLock && code <= KeyNumLock || code >= KeyLeftShift && code <= KeyLevel5Shift
}

// withoutKeypad returns the key that does the same beside the keypad as a key of the keypad without
// num lock does on it.
func withoutKeypad(code rune) rune {
	if code < KeyKPLeft || code > KeyKPBegin {
		return code
	}
	return [...]rune{
		KeyLeft, KeyRight, KeyUp, KeyDown, KeyPageUp, KeyPageDown, KeyHome, KeyEnd, KeyInsert, KeyDelete, KeyBegin,
	}[code-KeyKPLeft]
}

// keypadText returns the character a key of the keypad types, and 0 for other keys.
func keypadText(code rune) byte {
	if code < KeyKP0 || code > KeyKPSeparator {
		return 0
	}
	return "0123456789./*-+\r=,"[code-KeyKP0]
}

// typed returns the character of the key with the shift it has: what is known of it, and of letters
// what there is to be known.
func (k *Key) typed() rune {
	if k.Mod&ModShift == 0 {
		return k.Code
	}
	if k.Shifted > 0 && utf8.ValidRune(k.Shifted) {
		return k.Shifted
	}
	return unicode.ToUpper(k.Code)
}
