package ui

import (
	"maps"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/term"
)

// isKey reports whether a key is the one with the given name, such as "ctrl+]". It compares what was
// pressed, not what the terminal made of it: 0x1d and the reports of newer keyboards are the same key,
// and so is the one in the same place where that has no Latin character.
func isKey(msg tea.KeyPressMsg, name string) bool {
	const held = tea.ModShift | tea.ModAlt | tea.ModCtrl | tea.ModMeta | tea.ModSuper | tea.ModHyper
	mod := msg.Mod & held
	rest, ctrl := strings.CutPrefix(name, "ctrl+")
	want := tea.KeyMod(0)
	if ctrl {
		want = tea.ModCtrl
	}
	r := []rune(rest)
	if len(r) != 1 {
		return msg.String() == name
	}
	return mod == want && (msg.Code == r[0] || msg.Code > unicode.MaxASCII && msg.BaseCode == r[0])
}

// onlyModifies reports whether a key does nothing but change what others do. Terminals tell of those
// only if they are asked to.
func onlyModifies(code rune) bool {
	switch code {
	case tea.KeyCapsLock, tea.KeyScrollLock, tea.KeyNumLock:
		return true
	}
	return code >= tea.KeyLeftShift && code <= tea.KeyIsoLevel5Shift
}

// editKeys are keys without a character that have had codes for long, by their names in the two
// libraries.
var editKeys = map[rune]rune{
	tea.KeyUp: term.KeyUp, tea.KeyDown: term.KeyDown, tea.KeyLeft: term.KeyLeft, tea.KeyRight: term.KeyRight,
	tea.KeyBegin: term.KeyBegin, tea.KeyHome: term.KeyHome, tea.KeyEnd: term.KeyEnd,
	tea.KeyInsert: term.KeyInsert, tea.KeyDelete: term.KeyDelete,
	tea.KeyPgUp: term.KeyPageUp, tea.KeyPgDown: term.KeyPageDown,
	tea.KeyFind: term.KeyFind, tea.KeySelect: term.KeySelect,
}

// emulatorKeys are all keys without a character, and the characters that are no text.
var emulatorKeys = newEmulatorKeys()

func newEmulatorKeys() map[rune]rune {
	keys := map[rune]rune{
		tea.KeyEnter: term.KeyEnter, tea.KeyTab: term.KeyTab, tea.KeyEscape: term.KeyEscape,
		tea.KeySpace: term.KeySpace, tea.KeyBackspace: term.KeyBackspace,
		tea.KeyKpDecimal: term.KeyKPDecimal, tea.KeyKpDivide: term.KeyKPDivide, tea.KeyKpMultiply: term.KeyKPMultiply,
		tea.KeyKpMinus: term.KeyKPMinus, tea.KeyKpPlus: term.KeyKPPlus, tea.KeyKpEnter: term.KeyKPEnter,
		tea.KeyKpEqual: term.KeyKPEqual, tea.KeyKpSep: term.KeyKPSeparator, tea.KeyKpComma: term.KeyKPSeparator,
		tea.KeyKpUp: term.KeyKPUp, tea.KeyKpDown: term.KeyKPDown,
		tea.KeyKpLeft: term.KeyKPLeft, tea.KeyKpRight: term.KeyKPRight,
		tea.KeyKpPgUp: term.KeyKPPageUp, tea.KeyKpPgDown: term.KeyKPPageDown,
		tea.KeyKpHome: term.KeyKPHome, tea.KeyKpEnd: term.KeyKPEnd,
		tea.KeyKpInsert: term.KeyKPInsert, tea.KeyKpDelete: term.KeyKPDelete, tea.KeyKpBegin: term.KeyKPBegin,
		tea.KeyCapsLock: term.KeyCapsLock, tea.KeyScrollLock: term.KeyScrollLock, tea.KeyNumLock: term.KeyNumLock,
		tea.KeyPrintScreen: term.KeyPrintScreen, tea.KeyPause: term.KeyPause, tea.KeyMenu: term.KeyMenu,
		tea.KeyMediaPlay: term.KeyMediaPlay, tea.KeyMediaPause: term.KeyMediaPause,
		tea.KeyMediaPlayPause: term.KeyMediaPlayPause, tea.KeyMediaReverse: term.KeyMediaReverse,
		tea.KeyMediaStop: term.KeyMediaStop, tea.KeyMediaFastForward: term.KeyMediaFastForward,
		tea.KeyMediaRewind: term.KeyMediaRewind, tea.KeyMediaNext: term.KeyMediaNext,
		tea.KeyMediaPrev: term.KeyMediaPrevious, tea.KeyMediaRecord: term.KeyMediaRecord,
		tea.KeyLowerVol: term.KeyLowerVolume, tea.KeyRaiseVol: term.KeyRaiseVolume, tea.KeyMute: term.KeyMute,
		tea.KeyLeftShift: term.KeyLeftShift, tea.KeyLeftAlt: term.KeyLeftAlt, tea.KeyLeftCtrl: term.KeyLeftCtrl,
		tea.KeyLeftSuper: term.KeyLeftSuper, tea.KeyLeftHyper: term.KeyLeftHyper, tea.KeyLeftMeta: term.KeyLeftMeta,
		tea.KeyRightShift: term.KeyRightShift, tea.KeyRightAlt: term.KeyRightAlt, tea.KeyRightCtrl: term.KeyRightCtrl,
		tea.KeyRightSuper: term.KeyRightSuper, tea.KeyRightHyper: term.KeyRightHyper, tea.KeyRightMeta: term.KeyRightMeta,
		tea.KeyIsoLevel3Shift: term.KeyLevel3Shift, tea.KeyIsoLevel5Shift: term.KeyLevel5Shift,
	}
	for i := range rune(10) {
		keys[tea.KeyKp0+i] = term.KeyKP0 + i
	}
	for i := range rune(35) {
		keys[tea.KeyF1+i] = term.KeyF1 + i
	}
	maps.Copy(keys, editKeys)
	return keys
}

// shellKey is the key as the emulator takes it. kitty says that the terminal around speaks the kitty
// keyboard protocol.
func shellKey(key tea.Key, kitty bool) term.Key {
	k := term.Key{Text: key.Text, Mod: shellMod(key.Mod), Shifted: key.ShiftedCode, Base: key.BaseCode}
	k.Escaped = !kitty && k.Mod&term.ModAlt != 0
	if key.IsRepeat {
		k.Action = term.KeyRepeat
	}
	if k.Base != 0 && k.Shifted == k.Base {
		k.Shifted = 0 // of a key with both the library keeps one
	}
	// Above Unicode both libraries number keys of their own: what has no name in the other is its text.
	if code, ok := emulatorKeys[key.Code]; ok {
		k.Code = code
	} else if key.Code <= unicode.MaxRune {
		k.Code = key.Code
	}
	_, edit := editKeys[key.Code]
	if kitty && (edit || key.Code >= tea.KeyF1 && key.Code <= tea.KeyF12) {
		k.Mod = swapMeta(k.Mod) // in these sequences the library reads the modifiers as xterm has them
	}
	return k
}

// swapMeta exchanges Meta, which is 8 for xterm and 32 for kitty, and Super, of which the reverse is
// true.
func swapMeta(mod term.Mod) term.Mod {
	out := mod &^ (term.ModMeta | term.ModSuper)
	if mod&term.ModMeta != 0 {
		out |= term.ModSuper
	}
	if mod&term.ModSuper != 0 {
		out |= term.ModMeta
	}
	return out
}

func shellMod(mod tea.KeyMod) term.Mod {
	var out term.Mod
	for from, to := range map[tea.KeyMod]term.Mod{
		tea.ModShift: term.ModShift, tea.ModAlt: term.ModAlt, tea.ModCtrl: term.ModCtrl,
		tea.ModSuper: term.ModSuper, tea.ModHyper: term.ModHyper, tea.ModMeta: term.ModMeta,
		tea.ModCapsLock: term.ModCapsLock, tea.ModNumLock: term.ModNumLock,
	} {
		if mod.Contains(from) {
			out |= to
		}
	}
	return out
}

// shellMouse is the event as the emulator takes it, in cells of the whole screen.
func shellMouse(msg tea.MouseMsg) term.Mouse {
	mouse := msg.Mouse()
	ev := term.Mouse{X: mouse.X, Y: mouse.Y, Mod: shellMod(mouse.Mod), Button: map[tea.MouseButton]term.MouseButton{
		tea.MouseLeft: term.MouseLeft, tea.MouseMiddle: term.MouseMiddle, tea.MouseRight: term.MouseRight,
		tea.MouseWheelUp: term.WheelUp, tea.MouseWheelDown: term.WheelDown,
		tea.MouseWheelLeft: term.WheelLeft, tea.MouseWheelRight: term.WheelRight,
		tea.MouseBackward: term.MouseBackward, tea.MouseForward: term.MouseForward,
	}[mouse.Button]}
	switch msg.(type) {
	case tea.MouseReleaseMsg:
		ev.Action = term.MouseRelease
	case tea.MouseMotionMsg:
		ev.Action = term.MouseMotion
	}
	return ev
}

// enhancements are what the terminal around is asked to tell of keys for the program in a shell. Where
// each key is on a US keyboard is asked always: it makes Ctrl with a letter work on every layout.
func enhancements(kitty uint8) tea.KeyboardEnhancements {
	all := kitty&term.KittyAllKeys != 0
	return tea.KeyboardEnhancements{
		ReportEventTypes:           kitty&term.KittyEvents != 0,
		ReportAlternateKeys:        true,
		ReportAllKeysAsEscapeCodes: all,
		ReportAssociatedText:       all, // else nobody knows what such a key types
	}
}

// typeKey sends a key to the shell that is shown.
func (v *shellView) typeKey(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	s := m.shells.current
	modes, _ := s.pane.state()
	b := term.EncodeKey(shellKey(msg.Key(), m.shells.kitty), modes)
	if len(b) == 0 {
		return nil
	}
	s.scroll = nil
	if modes.Kitty&term.KittyEvents == 0 {
		v.held = nil
	} else {
		if v.held == nil {
			v.held = make(map[rune]bool)
		}
		v.held[msg.Code] = true
	}
	return tea.Batch(m.takeBack(s, msg), m.typeInto(s, b), interrupt(s, b))
}

// released tells the shell that a key it was sent is up again. Of one that was for this program it is
// not told.
func (v *shellView) released(m *Model, msg tea.KeyReleaseMsg) tea.Cmd {
	if !v.held[msg.Code] {
		return nil
	}
	delete(v.held, msg.Code)
	s := m.shells.current
	if s.done() {
		return nil
	}
	k := shellKey(msg.Key(), m.shells.kitty)
	k.Action = term.KeyRelease
	modes, _ := s.pane.state()
	return m.typeInto(s, term.EncodeKey(k, modes))
}
