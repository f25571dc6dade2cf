package term

import (
	"strconv"
	"unicode/utf8"
)

// otherModified reports whether a key that is a character is sent with its modifiers because the
// child has set modifyOtherKeys. The cases are those of xterm 379, found by pressing them all.
func otherModified(k Key, m Modes) bool {
	if m.ModifyOther == 0 || k.Mod == 0 || k.Code <= 0 || k.Code > utf8.MaxRune {
		return false
	}
	if m.ModifyOther == 1 {
		return otherModified1(k)
	}
	switch k.Code {
	case KeyTab:
		return k.Mod != ModShift
	case KeyBackspace:
		return k.Mod != ModCtrl
	case KeyEnter, KeyEscape, KeySpace:
		return true
	}
	r := k.typed()
	return k.Mod != ModShift || r >= '@' && r < 0x7f
}

// otherModified1 is level 1: what has had a code before keeps that, such as Ctrl with a letter, and
// Alt puts ESC before it.
func otherModified1(k Key) bool {
	switch k.Code {
	case KeyTab:
		return k.Mod == ModCtrl
	case KeyEnter:
		return k.Mod&(ModAlt|ModMeta) == 0
	case KeyEscape:
		return k.Mod&(ModAlt|ModMeta) != 0 && k.Mod&(ModShift|ModCtrl) != 0
	case KeyBackspace:
		return false
	}
	if k.Mod&ModCtrl == 0 {
		return false
	}
	_, ok := controlCode(k)
	return !ok || k.typed() == '?'
}

// encodeOther is CSI 27 ; modifiers ; character ~ or, as formatOtherKeys has it, CSI character ;
// modifiers u. The character is the one with shift.
func encodeOther(k Key, m Modes) []byte {
	r := k.typed()
	switch {
	case k.Code == KeyBackspace:
		r = 0x7f
		if m.BackarrowBS != (k.Mod&ModCtrl != 0) {
			r = 0x08
		}
	case r >= utf8.RuneSelf && k.Mod&ModCtrl != 0 && k.Base > 0 && k.Base < utf8.RuneSelf:
		r = k.Base // nothing is bound to Ctrl and a letter that is not Latin
	}
	if m.FormatOther {
		out := strconv.AppendInt([]byte("\x1b["), int64(r), 10)
		return append(appendMod(append(out, ';'), k.Mod), 'u')
	}
	out := appendMod([]byte("\x1b[27;"), k.Mod)
	return append(strconv.AppendInt(append(out, ';'), int64(r), 10), '~')
}
