package term

import (
	"strings"
	"testing"
)

func TestEncodeKey(t *testing.T) {
	var (
		plainModes Modes
		app        = Modes{CursorKeys: true, Keypad: true}
	)
	for _, tc := range []struct {
		name string
		key  Key
		mode Modes
		want string
	}{
		{"a", Key{Code: 'a', Text: "a"}, plainModes, "a"},
		{"A", Key{Code: 'a', Text: "A", Mod: ModShift, Shifted: 'A'}, plainModes, "A"},
		{"A without text", Key{Code: 'a', Mod: ModShift}, plainModes, "A"},
		{"! without text", Key{Code: '1', Mod: ModShift, Shifted: '!'}, plainModes, "!"},
		{"é", Key{Code: 'é', Text: "é"}, plainModes, "é"},
		{"composed", Key{Code: 'a', Text: "か"}, plainModes, "か"},
		{"space", Key{Code: KeySpace, Text: " "}, plainModes, " "},
		{"shift+space", Key{Code: KeySpace, Text: " ", Mod: ModShift}, plainModes, " "},
		{"AltGr types", Key{Code: 'q', Text: "@"}, plainModes, "@"},

		{"ctrl+a", Key{Code: 'a', Mod: ModCtrl}, plainModes, "\x01"},
		{"ctrl+shift+a", Key{Code: 'a', Mod: ModCtrl | ModShift, Shifted: 'A'}, plainModes, "\x01"},
		{"ctrl+space", Key{Code: KeySpace, Mod: ModCtrl}, plainModes, "\x00"},
		{"ctrl+@", Key{Code: '@', Mod: ModCtrl}, plainModes, "\x00"},
		{"ctrl+[", Key{Code: '[', Mod: ModCtrl}, plainModes, "\x1b"},
		{"ctrl+\\", Key{Code: '\\', Mod: ModCtrl}, plainModes, "\x1c"},
		{"ctrl+]", Key{Code: ']', Mod: ModCtrl}, plainModes, "\x1d"},
		{"ctrl+^", Key{Code: '^', Mod: ModCtrl}, plainModes, "\x1e"},
		{"ctrl+_", Key{Code: '_', Mod: ModCtrl}, plainModes, "\x1f"},
		{"ctrl+/", Key{Code: '/', Mod: ModCtrl}, plainModes, "\x1f"},
		{"ctrl+3", Key{Code: '3', Mod: ModCtrl}, plainModes, "\x1b"},
		{"ctrl+8", Key{Code: '8', Mod: ModCtrl}, plainModes, "\x7f"},
		{"ctrl+9", Key{Code: '9', Mod: ModCtrl}, plainModes, "9"},
		{"ctrl+с on a Russian layout", Key{Code: 'с', Base: 'c', Mod: ModCtrl}, plainModes, "\x03"},
		{"alt+a", Key{Code: 'a', Mod: ModAlt}, plainModes, "\x1ba"},
		{"alt+A", Key{Code: 'a', Text: "A", Mod: ModAlt | ModShift, Shifted: 'A'}, plainModes, "\x1bA"},
		{"meta+a", Key{Code: 'a', Mod: ModMeta}, plainModes, "\x1ba"},
		{"ctrl+alt+a", Key{Code: 'a', Mod: ModCtrl | ModAlt}, plainModes, "\x1b\x01"},

		{"enter", Key{Code: KeyEnter}, plainModes, "\r"},
		{"enter with text", Key{Code: KeyEnter, Text: "\r"}, plainModes, "\r"},
		{"enter in line feed mode", Key{Code: KeyEnter}, Modes{Newline: true}, "\r\n"},
		{"alt+enter", Key{Code: KeyEnter, Mod: ModAlt}, plainModes, "\x1b\r"},
		{"tab", Key{Code: KeyTab}, plainModes, "\t"},
		{"shift+tab", Key{Code: KeyTab, Mod: ModShift}, plainModes, "\x1b[Z"},
		{"escape", Key{Code: KeyEscape}, plainModes, "\x1b"},
		{"alt+escape", Key{Code: KeyEscape, Mod: ModAlt}, plainModes, "\x1b\x1b"},
		{"backspace", Key{Code: KeyBackspace}, plainModes, "\x7f"},
		{"ctrl+backspace", Key{Code: KeyBackspace, Mod: ModCtrl}, plainModes, "\x08"},
		{"alt+backspace", Key{Code: KeyBackspace, Mod: ModAlt}, plainModes, "\x1b\x7f"},
		{"backspace, DECBKM", Key{Code: KeyBackspace}, Modes{BackarrowBS: true}, "\x08"},

		{"up", Key{Code: KeyUp}, plainModes, "\x1b[A"},
		{"up, DECCKM", Key{Code: KeyUp}, app, "\x1bOA"},
		{"shift+up", Key{Code: KeyUp, Mod: ModShift}, app, "\x1b[1;2A"},
		{"ctrl+right", Key{Code: KeyRight, Mod: ModCtrl}, plainModes, "\x1b[1;5C"},
		{"home", Key{Code: KeyHome}, plainModes, "\x1b[H"},
		{"end, DECCKM", Key{Code: KeyEnd}, app, "\x1bOF"},
		{"delete", Key{Code: KeyDelete}, plainModes, "\x1b[3~"},
		{"alt+page up", Key{Code: KeyPageUp, Mod: ModAlt}, plainModes, "\x1b[5;3~"},
		{"F1", Key{Code: KeyF1}, plainModes, "\x1bOP"},
		{"ctrl+F1", Key{Code: KeyF1, Mod: ModCtrl}, plainModes, "\x1b[1;5P"},
		{"F5", Key{Code: KeyF5}, plainModes, "\x1b[15~"},
		{"F12", Key{Code: KeyF12}, plainModes, "\x1b[24~"},
		{"F13", Key{Code: KeyF13}, plainModes, "\x1b[25~"},
		{"shift+F24", Key{Code: KeyF24, Mod: ModShift}, plainModes, "\x1b[45;2~"},
		{"all modifiers", Key{Code: KeyF5, Mod: ModShift | ModAlt | ModCtrl | ModMeta}, plainModes, "\x1b[15;16~"},
		{"super is not known", Key{Code: KeyF5, Mod: ModSuper}, plainModes, "\x1b[15~"},

		{"keypad 5", Key{Code: KeyKP5, Text: "5"}, plainModes, "5"},
		{"keypad 5 without text", Key{Code: KeyKP5}, plainModes, "5"},
		{"keypad 5, application", Key{Code: KeyKP5, Text: "5"}, app, "\x1bOu"},
		{"keypad + with ctrl, application", Key{Code: KeyKPPlus, Mod: ModCtrl}, app, "\x1bO5k"},
		{"keypad enter", Key{Code: KeyKPEnter}, plainModes, "\r"},
		{"keypad enter, application", Key{Code: KeyKPEnter}, app, "\x1bOM"},

		{"nothing", Key{}, plainModes, ""},
		{"an unknown key", Key{Code: keyUnknown}, plainModes, ""},
		{"a negative one", Key{Code: -7, Mod: ModCtrl | ModAlt}, app, ""},
	} {
		if got := string(EncodeKey(tc.key, tc.mode)); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

// What may be Escape and another key is sent as it came, however the child wants Alt to be sent.
func TestEncodeEscaped(t *testing.T) {
	other := Modes{ModifyOther: 2}
	for _, tc := range []struct {
		name string
		key  Key
		mode Modes
		want string
	}{
		{"alt+k", Key{Code: 'k', Mod: ModAlt}, other, "\x1b[27;3;107~"},
		{"esc k", Key{Code: 'k', Mod: ModAlt, Escaped: true}, other, "\x1bk"},
		{"esc k, level 1", Key{Code: 'k', Mod: ModAlt, Escaped: true}, Modes{ModifyOther: 1}, "\x1bk"},
		{"esc k, CSI u", Key{Code: 'k', Mod: ModAlt, Escaped: true}, Modes{ModifyOther: 2, FormatOther: true}, "\x1bk"},
		{"esc K", Key{Code: 'k', Mod: ModAlt | ModShift, Shifted: 'K', Escaped: true}, other, "\x1bK"},
		{"esc ctrl+w", Key{Code: 'w', Mod: ModAlt | ModCtrl, Escaped: true}, other, "\x1b\x17"},
		{"esc enter", Key{Code: KeyEnter, Mod: ModAlt, Escaped: true}, other, "\x1b\r"},
		{"esc esc", Key{Code: KeyEscape, Mod: ModAlt, Escaped: true}, other, "\x1b\x1b"},
		{"esc k, kitty", Key{Code: 'k', Mod: ModAlt, Escaped: true}, Modes{Kitty: KittyDisambiguate | KittyEvents}, "\x1bk"},
		{"alt+up", Key{Code: KeyUp, Mod: ModAlt, Escaped: true}, Modes{Kitty: KittyDisambiguate}, "\x1b[1;3A"},
		{"esc k, all keys", Key{Code: 'k', Mod: ModAlt, Escaped: true}, Modes{Kitty: KittyAllKeys}, "\x1b[107;3u"},
	} {
		if got := string(EncodeKey(tc.key, tc.mode)); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestEncodeModifiers checks each key that is no character with each set of modifiers against the
// scheme of xterm: the number of the modifiers is one more than the sum of their bits.
func TestEncodeModifiers(t *testing.T) {
	digits := func(n int) string {
		if n < 10 {
			return string(rune('0' + n))
		}
		return "1" + string(rune('0'+n-10))
	}
	for code, base := range map[rune]string{
		KeyUp: "\x1b[1;_A", KeyDown: "\x1b[1;_B", KeyRight: "\x1b[1;_C", KeyLeft: "\x1b[1;_D", KeyBegin: "\x1b[1;_E",
		KeyEnd: "\x1b[1;_F", KeyHome: "\x1b[1;_H", KeyInsert: "\x1b[2;_~", KeyDelete: "\x1b[3;_~", KeyPageUp: "\x1b[5;_~",
		KeyPageDown: "\x1b[6;_~", KeyF1: "\x1b[1;_P", KeyF2: "\x1b[1;_Q", KeyF3: "\x1b[1;_R", KeyF4: "\x1b[1;_S",
		KeyF5: "\x1b[15;_~", KeyF6: "\x1b[17;_~", KeyF7: "\x1b[18;_~", KeyF8: "\x1b[19;_~", KeyF9: "\x1b[20;_~",
		KeyF10: "\x1b[21;_~", KeyF11: "\x1b[23;_~", KeyF12: "\x1b[24;_~",
	} {
		for bits := 1; bits < 16; bits++ {
			mod := Mod(bits & 7)
			if bits&8 != 0 {
				mod |= ModMeta
			}
			want := strings.Replace(base, "_", digits(bits+1), 1)
			for _, m := range []Modes{{}, {CursorKeys: true, Keypad: true}} {
				if got := string(EncodeKey(Key{Code: code, Mod: mod}, m)); got != want {
					t.Errorf("key %#x with %b: got %q, want %q", code, bits, got, want)
				}
			}
		}
	}
}

func TestEncodePaste(t *testing.T) {
	bracketed := Modes{BracketedPaste: true}
	for _, tc := range []struct {
		in   string
		m    Modes
		want string
	}{
		{"a\nb\r\nc\rd\te", Modes{}, "a\rb\rc\rd\te"},
		{"é日\u00a0", bracketed, "\x1b[200~é日\u00a0\x1b[201~"},
		{"a\x1b[201~b", bracketed, "\x1b[200~ab\x1b[201~"},
		{"a\x1b[20\x1b[201~1~b", bracketed, "\x1b[200~a[201~b\x1b[201~"},
		{"a\u009b201~b\x03\x7f\x00", bracketed, "\x1b[200~a201~b\x1b[201~"},
		{"a\xc2", Modes{}, "a"},
		{"a\xc2\xc2\x9b\x9b201~b", bracketed, "\x1b[200~a201~b\x1b[201~"}, // what is left out joins nothing
		{"", Modes{}, ""},
	} {
		if got := string(EncodePaste(tc.in, tc.m)); got != tc.want {
			t.Errorf("%q: got %q, want %q", tc.in, got, tc.want)
		}
	}
}

func TestEncodeMouse(t *testing.T) {
	press := Mouse{X: 4, Y: 2, Button: MouseLeft}
	with := func(ev Mouse, f func(*Mouse)) Mouse { f(&ev); return ev }
	release := with(press, func(m *Mouse) { m.Action = MouseRelease })
	right := with(press, func(m *Mouse) { m.Button = MouseRight })
	drag := with(press, func(m *Mouse) { m.Action = MouseMotion })
	move := with(drag, func(m *Mouse) { m.Button = MouseNone })
	wheel := with(press, func(m *Mouse) { m.Button = WheelDown })
	far := with(press, func(m *Mouse) { m.X = 300 })
	mods := with(press, func(m *Mouse) { m.Mod = ModShift | ModAlt | ModCtrl })
	for _, tc := range []struct {
		name string
		ev   Mouse
		mode MouseMode
		sgr  bool
		want string
	}{
		{"off", press, MouseOff, true, ""},
		{"X10 press", right, MouseX10, false, "\x1b[M\x22\x25\x23"},
		{"X10 release", release, MouseX10, false, ""},
		{"X10 wheel", wheel, MouseX10, false, ""},
		{"X10 modifiers", mods, MouseX10, false, "\x1b[M\x20\x25\x23"},
		{"press", press, MouseNormal, false, "\x1b[M\x20\x25\x23"},
		{"release", release, MouseNormal, false, "\x1b[M\x23\x25\x23"},
		{"press, SGR", press, MouseNormal, true, "\x1b[<0;5;3M"},
		{"release, SGR", release, MouseNormal, true, "\x1b[<0;5;3m"},
		{"modifiers, SGR", mods, MouseNormal, true, "\x1b[<28;5;3M"},
		{"wheel, SGR", wheel, MouseNormal, true, "\x1b[<65;5;3M"},
		{"drag unwanted", drag, MouseNormal, true, ""},
		{"drag", drag, MouseDrag, true, "\x1b[<32;5;3M"},
		{"motion unwanted", move, MouseDrag, true, ""},
		{"motion", move, MouseAny, true, "\x1b[<35;5;3M"},
		{"far", far, MouseAny, false, ""},
		{"far, SGR", far, MouseAny, true, "\x1b[<0;301;3M"},
		{"outside", Mouse{X: -1, Button: MouseLeft}, MouseAny, true, ""},
		{"unknown button", Mouse{Button: 99}, MouseAny, true, ""},
	} {
		if got := string(EncodeMouse(tc.ev, Modes{Mouse: tc.mode, MouseSGR: tc.sgr})); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestEncodeFocus(t *testing.T) {
	if got := EncodeFocus(true, Modes{}); got != nil {
		t.Errorf("unwanted: %q", got)
	}
	m := Modes{Focus: true}
	if in, out := string(EncodeFocus(true, m)), string(EncodeFocus(false, m)); in != "\x1b[I" || out != "\x1b[O" {
		t.Errorf("%q and %q", in, out)
	}
}
