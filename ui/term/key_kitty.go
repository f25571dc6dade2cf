package term

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// encodeKitty encodes a key by the kitty keyboard protocol, which the child has asked for.
func encodeKitty(k Key, m Modes) []byte {
	all := m.Kitty&KittyAllKeys != 0
	switch {
	case k.Code <= 0 && k.Text == "" || k.Code >= keyUnknown:
		return nil
	case k.Action == KeyRelease && m.Kitty&KittyEvents == 0, isModifier(k.Code) && !all:
		return nil
	}
	if !all {
		if seq, ok := kittyPlain(k, m); ok {
			return seq
		}
	}
	number, final := kittyNumber(k.Code)
	f := kittyFields{flags: m.Kitty, mod: k.Mod, number: number}
	if final == 'u' && k.Code <= utf8.MaxRune {
		if !all {
			f.mod &^= modLocks // they belong to the text of the key
		}
		f.alternates(k)
	}
	f.event = k.Action
	if all && m.Kitty&KittyText != 0 && k.Action != KeyRelease {
		f.text = k.Text
	}
	return f.append(nil, final)
}

// kittyPlain encodes the keys that send what they always did while not all are asked for, and
// reports whether this is one.
func kittyPlain(k Key, m Modes) ([]byte, bool) {
	mod := k.Mod &^ modLocks
	k.Mod = mod
	switch {
	case k.Code == KeyEnter, k.Code == KeyTab, k.Code == KeyBackspace:
		// So a shell can still be used after a program that did not clean up.
		if k.Action == KeyRelease {
			return nil, true
		}
		return encodeCharacter(k, m), mod == 0
	case k.Action == KeyRelease:
		return nil, false
	case k.Text != "" && mod&^ModShift == 0 && k.Code != KeyEscape:
		return []byte(k.Text), true
	case k.Code > utf8.MaxRune:
		return nil, false
	case mod&^ModShift == 0 && k.Code != KeyEscape,
		k.Action == KeyPress && m.Kitty&KittyDisambiguate == 0:
		return encodeLegacy(k, m), true
	}
	return nil, false
}

// kittyNumber returns the number of a key and the letter its sequence ends with. F3 is not CSI R,
// because that is how the cursor is reported.
func kittyNumber(code rune) (number int, final byte) {
	if letter, ok := cursorLetters[code]; ok {
		return 1, letter
	}
	if n, ok := tildeNumbers[code]; ok && code < KeyF13 && code != KeyMenu {
		return n, '~'
	}
	switch {
	case code == KeyKPBegin:
		return 1, 'E'
	case code == KeyF3:
		return 13, '~'
	case code >= KeyF1 && code <= KeyF4:
		return 1, byte('P' + code - KeyF1)
	case code >= KeyCapsLock:
		return int(57358 + code - KeyCapsLock), 'u'
	}
	return int(unicode.ToLower(max(code, 0))), 'u'
}

// kittyFields are the parts of CSI number : shifted : base ; modifiers : event ; text u.
type kittyFields struct {
	flags         uint8
	number        int
	shifted, base rune
	mod           Mod
	event         KeyAction
	text          string
}

// alternates adds the other keys the key could be meant as.
func (f *kittyFields) alternates(k Key) {
	if f.flags&KittyAlternates == 0 {
		return
	}
	if s := k.typed(); k.Mod&ModShift != 0 && int(s) != f.number {
		f.shifted = s
	}
	if k.Base > 0 && k.Base <= utf8.MaxRune && int(k.Base) != f.number {
		f.base = k.Base
	}
}

// append writes the sequence; fields at its end that say nothing are left out.
func (f *kittyFields) append(dst []byte, final byte) []byte {
	number := func(n int) { dst = strconv.AppendInt(dst, int64(n), 10) }
	dst = append(dst, "\x1b["...)
	text := make([]rune, 0, len(f.text))
	for _, r := range f.text {
		if !unicode.IsControl(r) {
			text = append(text, r)
		}
	}
	event := f.event != KeyPress && f.flags&KittyEvents != 0
	mods := f.mod != 0 || event
	if final == 'u' || final == '~' || mods {
		number(f.number)
	}
	if f.shifted != 0 || f.base != 0 {
		dst = append(dst, ':')
		if f.shifted != 0 {
			number(int(f.shifted))
		}
	}
	if f.base != 0 {
		dst = append(dst, ':')
		number(int(f.base))
	}
	if mods || len(text) > 0 {
		dst = append(dst, ';')
	}
	if mods {
		number(int(f.mod) + 1)
	}
	if event {
		dst = append(dst, ':')
		number(int(f.event) + 1)
	}
	for i, r := range text {
		dst = append(dst, ";:"[min(i, 1)])
		number(int(r))
	}
	return append(dst, final)
}
