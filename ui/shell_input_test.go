package ui

import (
	"image/color"
	"testing"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/term"
)

// kittyShell is a shell on the screen in which a program has asked for the given enhancements.
func kittyShell(t *testing.T, flags string) (*shellScreen, *fakeSession) {
	t.Helper()
	s := atNginx(t, 120, 36)
	s.press("n")
	session := s.enterer.last()
	s.prints(session, "\x1b[>"+flags+"uready", "ready")
	return s, session
}

func TestEnhancementsAreAskedFor(t *testing.T) {
	s := atNginx(t, 120, 36)
	if got := s.m.View().KeyboardEnhancements; got != (tea.KeyboardEnhancements{}) {
		t.Errorf("the browser asks for %+v", got)
	}
	s.press("n")
	base := tea.KeyboardEnhancements{ReportAlternateKeys: true}
	for _, tc := range []struct {
		ask  string
		want tea.KeyboardEnhancements
	}{
		{"none", base},
		{"\x1b[>1uone", base},
		{"\x1b[>2utwo", tea.KeyboardEnhancements{ReportAlternateKeys: true, ReportEventTypes: true}},
		{"\x1b[=8ueight", tea.KeyboardEnhancements{
			ReportAlternateKeys: true, ReportAllKeysAsEscapeCodes: true, ReportAssociatedText: true,
		}},
		{"\x1b[?1049halternate", base},
		{"\x1b[?1049l\x1b[2Jprimary", tea.KeyboardEnhancements{
			ReportAlternateKeys: true, ReportAllKeysAsEscapeCodes: true, ReportAssociatedText: true,
		}},
	} {
		s.prints(s.enterer.last(), tc.ask, tc.ask[len(tc.ask)-3:])
		if got := s.m.View().KeyboardEnhancements; got != tc.want {
			t.Errorf("after %q: %+v, want %+v", tc.ask, got, tc.want)
		}
	}
	s.press("ctrl+]", "x") // a question over the shell
	if got := s.m.View().KeyboardEnhancements; got != (tea.KeyboardEnhancements{}) {
		t.Errorf("a question asks for %+v", got)
	}
}

func TestKittyShell(t *testing.T) {
	s, session := kittyShell(t, "31")
	shift := tea.KeyPressMsg{Code: tea.KeyLeftShift, Mod: tea.ModShift}
	s.send(shift)
	s.send(tea.KeyPressMsg{Code: 'a', ShiftedCode: 'A', Text: "A", Mod: tea.ModShift})
	s.send(tea.KeyPressMsg{Code: 'a', ShiftedCode: 'A', Text: "A", Mod: tea.ModShift, IsRepeat: true})
	s.send(tea.KeyReleaseMsg{Code: 'a', ShiftedCode: 'A', Mod: tea.ModShift})
	s.send(tea.KeyReleaseMsg{Code: 'q'}) // never pressed here
	want := "\x1b[57441;2u\x1b[97:65;2;65u\x1b[97:65;2:2;65u\x1b[97:65;2:3u"
	if got := session.got(t, want); got != want {
		t.Errorf("the shell was sent %q, want %q", got, want)
	}
	// The prefix and what follows it are not for the shell, down or up; holding it is pressing it once,
	// and the shift of a key to come is not that key.
	ctrl := tea.KeyPressMsg{Code: tea.KeyLeftCtrl, Mod: tea.ModCtrl}
	s.send(ctrl)
	s.send(keyOf("ctrl+]"))
	s.send(tea.KeyPressMsg{Code: ']', Mod: tea.ModCtrl, IsRepeat: true})
	s.send(tea.KeyReleaseMsg{Code: ']', Mod: tea.ModCtrl})
	s.send(tea.KeyReleaseMsg{Code: tea.KeyLeftCtrl, Mod: tea.ModCtrl})
	s.has("esc cancel")
	s.send(shift)
	s.has("esc cancel")
	s.send(tea.KeyPressMsg{Code: '/', ShiftedCode: '?', Text: "?", Mod: tea.ModShift})
	s.has("all keys")
	s.send(tea.KeyReleaseMsg{Code: '/', Mod: tea.ModShift})
	s.press("esc")
	s.send(tea.KeyReleaseMsg{Code: tea.KeyEscape})
	// Twice, it is sent, as the program wants keys to be sent.
	s.press("ctrl+]", "ctrl+]")
	want += "\x1b[57442;5u\x1b[57442;5:3u\x1b[93;5u"
	if got := session.got(t, want); got != want {
		t.Errorf("the shell was sent %q, want %q", got, want)
	}
}

// Only a terminal that speaks the kitty keyboard protocol tells Alt and a key from Escape and a key: what
// another one sends goes on as it came.
func TestEscapeBeforeAKey(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n")
	session := s.enterer.last()
	s.prints(session, "\x1b[>4;2mready", "ready")
	alt := tea.KeyPressMsg{Code: ':', Mod: tea.ModAlt}
	s.send(alt)
	want := "\x1b:"
	if got := session.got(t, want); got != want {
		t.Errorf("the shell was sent %q, want %q", got, want)
	}
	s.send(tea.KeyboardEnhancementsMsg{Flags: 1})
	s.send(alt)
	want += "\x1b[27;3;58~"
	if got := session.got(t, want); got != want {
		t.Errorf("the shell was sent %q, want %q", got, want)
	}
}

// The prefix works whatever the program in the shell has made of the keyboard.
func TestPrefixInAllModes(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n")
	for i, mode := range []string{"\x1b[?1h\x1b=", "\x1b[>4;1m", "\x1b[>4;2m\x1b[>4;1f", "\x1b[>1u", "\x1b[=8u", "\x1b[=31u", "\x1b[?66h"} {
		mark := "mode " + string(rune('0'+i))
		s.prints(s.enterer.last(), mode+mark, mark)
		for _, key := range []tea.KeyPressMsg{
			keyOf("ctrl+]"),
			{Code: ']', Mod: tea.ModCtrl | tea.ModNumLock | tea.ModCapsLock, BaseCode: ']', ShiftedCode: '}'},
			{Code: 'ъ', Mod: tea.ModCtrl, BaseCode: ']'},
		} {
			s.send(key)
			s.has("esc cancel")
			s.press("esc")
			s.hasNot("esc cancel")
		}
	}
}

func TestKeysForTheEmulator(t *testing.T) {
	kitty := term.Modes{Kitty: term.KittyDisambiguate | term.KittyAlternates}
	for _, tc := range []struct {
		name  string
		key   tea.Key
		outer bool // kitty
		modes term.Modes
		want  string
	}{
		{"super+up of kitty", tea.Key{Code: tea.KeyUp, Mod: tea.ModMeta}, true, kitty, "\x1b[1;9A"},
		{"meta+up of xterm", tea.Key{Code: tea.KeyUp, Mod: tea.ModMeta}, false, term.Modes{}, "\x1b[1;9A"},
		{"meta+F5 of kitty", tea.Key{Code: tea.KeyF5, Mod: tea.ModSuper}, true, kitty, "\x1b[15;33~"},
		{"super+a", tea.Key{Code: 'a', Mod: tea.ModSuper}, true, kitty, "\x1b[97;9u"},
		{"super+F13", tea.Key{Code: tea.KeyF13, Mod: tea.ModSuper}, true, kitty, "\x1b[57376;9u"},
		{"up with num lock", tea.Key{Code: tea.KeyUp, Mod: tea.ModNumLock}, true, term.Modes{}, "\x1b[A"},
		{"up with num lock, kitty", tea.Key{Code: tea.KeyUp, Mod: tea.ModNumLock}, true, kitty, "\x1b[1;129A"},
		{"alt+С", tea.Key{Code: 'с', Mod: tea.ModAlt | tea.ModShift, ShiftedCode: 'c', BaseCode: 'c'}, true, term.Modes{}, "\x1bС"},
		{"ctrl+с", tea.Key{Code: 'с', Mod: tea.ModCtrl, ShiftedCode: 'c', BaseCode: 'c'}, true, term.Modes{}, "\x03"},
		{"keypad up", tea.Key{Code: tea.KeyKpUp}, true, term.Modes{}, "\x1b[A"},
		{"keypad up, kitty", tea.Key{Code: tea.KeyKpUp}, true, kitty, "\x1b[57419u"},
		{"F35, kitty", tea.Key{Code: tea.KeyF35}, true, kitty, "\x1b[57398u"},
		{"mute, kitty", tea.Key{Code: tea.KeyMute}, true, kitty, "\x1b[57440u"},
		{"F36", tea.Key{Code: tea.KeyF36}, true, kitty, ""},
		{"left shift", tea.Key{Code: tea.KeyLeftShift, Mod: tea.ModShift}, true, kitty, ""},
	} {
		if got := string(term.EncodeKey(shellKey(tc.key, tc.outer), tc.modes)); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

// The wheel is keys for a program in the alternate screen, unless that does not want it.
func TestAlternateScroll(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n")
	session := s.enterer.last()
	wheel := tea.MouseWheelMsg{X: 20, Y: 10, Button: tea.MouseWheelUp}
	s.prints(session, "\x1b[?1049h\x1b[?1007lunwanted", "unwanted")
	s.send(wheel)
	s.prints(session, "\x1b[?1007hplease", "please")
	s.send(wheel)
	if got, want := session.got(t, "\x1b[A\x1b[A\x1b[A"), "\x1b[A\x1b[A\x1b[A"; got != want {
		t.Errorf("the shell was sent %q, want %q", got, want)
	}
}

// A program is told the colours of the terminal around, and of a change between dark and light if it asked.
func TestShellColors(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.send(tea.BackgroundColorMsg{Color: color.RGBA{250, 240, 230, 255}})
	s.press("n")
	session := s.enterer.last()
	s.prints(session, "\x1b]11;?\x07\x1b]10;?\x07\x1b[?996n\x1b[?2031hready", "ready")
	want := "\x1b]11;rgb:fafa/f0f0/e6e6\x07\x1b]10;rgb:0000/0000/0000\x07\x1b[?997;2n"
	if got := session.got(t, want); got != want {
		t.Errorf("the shell was sent %q, want %q", got, want)
	}
	s.send(tea.ForegroundColorMsg{Color: color.RGBA{1, 2, 3, 255}})
	s.send(tea.BackgroundColorMsg{Color: color.Black})
	s.prints(session, "\x1b]10;?\x07again", "again")
	want += "\x1b[?997;1n\x1b]10;rgb:0101/0202/0303\x07"
	if got := session.got(t, want); got != want {
		t.Errorf("the shell was sent %q, want %q", got, want)
	}
}
