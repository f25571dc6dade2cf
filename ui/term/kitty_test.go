package term

import (
	"fmt"
	"strings"
	"testing"
)

// kittyTable is the table "Functional key definitions" of the protocol: the number and the letter.
var kittyTable = map[rune]string{
	KeyEscape: "27 u", KeyEnter: "13 u", KeyTab: "9 u", KeyBackspace: "127 u",
	KeyInsert: "2 ~", KeyDelete: "3 ~", KeyLeft: "1 D", KeyRight: "1 C", KeyUp: "1 A", KeyDown: "1 B",
	KeyPageUp: "5 ~", KeyPageDown: "6 ~", KeyHome: "1 H", KeyEnd: "1 F",
	KeyCapsLock: "57358 u", KeyScrollLock: "57359 u", KeyNumLock: "57360 u", KeyPrintScreen: "57361 u",
	KeyPause: "57362 u", KeyMenu: "57363 u",
	KeyF1: "1 P", KeyF2: "1 Q", KeyF3: "13 ~", KeyF4: "1 S", KeyF5: "15 ~", KeyF6: "17 ~", KeyF7: "18 ~",
	KeyF8: "19 ~", KeyF9: "20 ~", KeyF10: "21 ~", KeyF11: "23 ~", KeyF12: "24 ~", KeyF13: "57376 u",
	KeyF14: "57377 u", KeyF15: "57378 u", KeyF16: "57379 u", KeyF17: "57380 u", KeyF18: "57381 u",
	KeyF19: "57382 u", KeyF20: "57383 u", KeyF21: "57384 u", KeyF22: "57385 u", KeyF23: "57386 u",
	KeyF24: "57387 u", KeyF25: "57388 u", KeyF26: "57389 u", KeyF27: "57390 u", KeyF28: "57391 u",
	KeyF29: "57392 u", KeyF30: "57393 u", KeyF31: "57394 u", KeyF32: "57395 u", KeyF33: "57396 u",
	KeyF34: "57397 u", KeyF35: "57398 u",
	KeyKP0: "57399 u", KeyKP1: "57400 u", KeyKP2: "57401 u", KeyKP3: "57402 u", KeyKP4: "57403 u",
	KeyKP5: "57404 u", KeyKP6: "57405 u", KeyKP7: "57406 u", KeyKP8: "57407 u", KeyKP9: "57408 u",
	KeyKPDecimal: "57409 u", KeyKPDivide: "57410 u", KeyKPMultiply: "57411 u", KeyKPMinus: "57412 u",
	KeyKPPlus: "57413 u", KeyKPEnter: "57414 u", KeyKPEqual: "57415 u", KeyKPSeparator: "57416 u",
	KeyKPLeft: "57417 u", KeyKPRight: "57418 u", KeyKPUp: "57419 u", KeyKPDown: "57420 u",
	KeyKPPageUp: "57421 u", KeyKPPageDown: "57422 u", KeyKPHome: "57423 u", KeyKPEnd: "57424 u",
	KeyKPInsert: "57425 u", KeyKPDelete: "57426 u", KeyKPBegin: "1 E",
	KeyMediaPlay: "57428 u", KeyMediaPause: "57429 u", KeyMediaPlayPause: "57430 u",
	KeyMediaReverse: "57431 u", KeyMediaStop: "57432 u", KeyMediaFastForward: "57433 u",
	KeyMediaRewind: "57434 u", KeyMediaNext: "57435 u", KeyMediaPrevious: "57436 u", KeyMediaRecord: "57437 u",
	KeyLowerVolume: "57438 u", KeyRaiseVolume: "57439 u", KeyMute: "57440 u",
	KeyLeftShift: "57441 u", KeyLeftCtrl: "57442 u", KeyLeftAlt: "57443 u", KeyLeftSuper: "57444 u",
	KeyLeftHyper: "57445 u", KeyLeftMeta: "57446 u", KeyRightShift: "57447 u", KeyRightCtrl: "57448 u",
	KeyRightAlt: "57449 u", KeyRightSuper: "57450 u", KeyRightHyper: "57451 u", KeyRightMeta: "57452 u",
	KeyLevel3Shift: "57453 u", KeyLevel5Shift: "57454 u",
}

// kittyWants returns what a functional key of the table sends by the rules of "Key events", and false for
// one that has tests of its own, because it sends what it did before the protocol.
func kittyWants(k Key, flags uint8) (want string, ok bool) {
	all := flags&KittyAllKeys != 0
	plain := k.Code == KeyEnter || k.Code == KeyTab || k.Code == KeyBackspace
	switch {
	case flags&(KittyDisambiguate|KittyAllKeys) == 0, isModifier(k.Code) && !all,
		plain && !all && (k.Mod&^modLocks == 0 || k.Action == KeyRelease):
		return "", false
	case k.Action == KeyRelease && flags&KittyEvents == 0:
		return "", true
	}
	number, letter, _ := strings.Cut(kittyTable[k.Code], " ")
	mods, event := k.Mod, ""
	if !all && k.Code < 0x80 {
		mods &^= modLocks
	}
	if k.Action != KeyPress && flags&KittyEvents != 0 {
		event = fmt.Sprintf(":%d", k.Action+1)
	}
	switch {
	case mods != 0 || event != "":
		return fmt.Sprintf("\x1b[%s;%d%s%s", number, int(mods)+1, event, letter), true
	case number == "1":
		return "\x1b[" + letter, true
	}
	return "\x1b[" + number + letter, true
}

// TestKittyFunctionalKeys checks every functional key with every set of modifiers, every event and every
// set of enhancements.
func TestKittyFunctionalKeys(t *testing.T) {
	checked := 0
	for code := range kittyTable {
		for i := range 256 * 3 * 32 {
			k := Key{Code: code, Mod: Mod(i % 256), Action: KeyAction(i / 256 % 3)}
			flags := uint8(i / 256 / 3)
			want, ok := kittyWants(k, flags)
			if !ok {
				continue
			}
			checked++
			if got := string(EncodeKey(k, Modes{Kitty: flags, CursorKeys: true, Keypad: true})); got != want {
				t.Fatalf("%+v with %#x: got %q, want %q", k, flags, got, want)
			}
		}
	}
	if checked < len(kittyTable)*8000 {
		t.Errorf("only %d were checked", checked)
	}
}

func TestKittyKeys(t *testing.T) {
	const (
		dis, events, alternates, all, text = KittyDisambiguate, KittyEvents, KittyAlternates, KittyAllKeys, KittyText
	)
	a := Key{Code: 'a', Text: "a", Shifted: 'A', Base: 'a'}
	with := func(k Key, mod Mod, action KeyAction) Key {
		k.Mod, k.Action = mod, action
		switch mod &^ modLocks {
		case 0:
		case ModShift:
			k.Text = string(k.Shifted)
		default:
			k.Text = ""
		}
		if action == KeyRelease {
			k.Text = ""
		}
		return k
	}
	es := Key{Code: 'с', Text: "с", Shifted: 'С', Base: 'c'} // Cyrillic
	for _, tc := range []struct {
		name  string
		key   Key
		flags uint8
		want  string
	}{
		{"a", a, dis, "a"},
		{"A", with(a, ModShift, KeyPress), dis, "A"},
		{"A without text", Key{Code: 'a', Mod: ModShift}, dis, "A"},
		{"a with caps lock", Key{Code: 'a', Text: "A", Mod: ModCapsLock}, dis, "A"},
		{"ctrl+a", with(a, ModCtrl, KeyPress), dis, "\x1b[97;5u"},
		{"ctrl+a with num lock", with(a, ModCtrl|ModNumLock, KeyPress), dis, "\x1b[97;5u"},
		{"ctrl+a with num lock, all", with(a, ModCtrl|ModNumLock, KeyPress), dis | all, "\x1b[97;133u"},
		{"ctrl+shift+a", with(a, ModCtrl|ModShift, KeyPress), dis, "\x1b[97;6u"},
		{"alt+a", with(a, ModAlt, KeyPress), dis, "\x1b[97;3u"},
		{"alt+shift+a", with(a, ModAlt|ModShift, KeyPress), dis, "\x1b[97;4u"},
		{"super+a", with(a, ModSuper, KeyPress), dis, "\x1b[97;9u"},
		{"hyper+meta+a", with(a, ModHyper|ModMeta, KeyPress), dis, "\x1b[97;49u"},
		{"ctrl+space", Key{Code: ' ', Mod: ModCtrl}, dis, "\x1b[32;5u"},
		{"shift+space", Key{Code: ' ', Text: " ", Mod: ModShift}, dis, " "},
		{"escape", Key{Code: KeyEscape}, dis, "\x1b[27u"},
		{"enter", Key{Code: KeyEnter}, dis, "\r"},
		{"enter with num lock", Key{Code: KeyEnter, Mod: ModNumLock}, dis, "\r"},
		{"shift+enter", Key{Code: KeyEnter, Mod: ModShift}, dis, "\x1b[13;2u"},
		{"tab", Key{Code: KeyTab}, dis, "\t"},
		{"shift+tab", Key{Code: KeyTab, Mod: ModShift}, dis, "\x1b[9;2u"},
		{"backspace", Key{Code: KeyBackspace}, dis, "\x7f"},
		{"enter, all", Key{Code: KeyEnter}, all, "\x1b[13u"},
		{"enter released", Key{Code: KeyEnter, Action: KeyRelease}, dis | events, ""},
		{"shift+enter released", Key{Code: KeyEnter, Mod: ModShift, Action: KeyRelease}, dis | events, ""},
		{"enter released, all", Key{Code: KeyEnter, Action: KeyRelease}, all | events, "\x1b[13;1:3u"},
		{"keypad 5 with num lock", Key{Code: KeyKP5, Text: "5", Mod: ModNumLock}, dis, "5"},
		{"keypad 5, all", Key{Code: KeyKP5, Text: "5", Mod: ModNumLock}, all | text, "\x1b[57404;129;53u"},

		{"a again", with(a, 0, KeyRepeat), dis | events, "a"},
		{"a released", with(a, 0, KeyRelease), dis | events, "\x1b[97;1:3u"},
		{"a released, unasked", with(a, 0, KeyRelease), dis | all, ""},
		{"ctrl+a again", with(a, ModCtrl, KeyRepeat), dis | events, "\x1b[97;5:2u"},
		{"ctrl+a again, unasked", with(a, ModCtrl, KeyRepeat), dis, "\x1b[97;5u"},
		{"ctrl+a, events only", with(a, ModCtrl, KeyPress), events, "\x01"},
		{"ctrl+a again, events only", with(a, ModCtrl, KeyRepeat), events, "\x1b[97;5:2u"},
		{"alt+a, events only", with(a, ModAlt, KeyPress), events, "\x1ba"},
		{"escape, events only", Key{Code: KeyEscape}, events, "\x1b"},
		{"up, events only", Key{Code: KeyUp}, events, "\x1b[A"},
		{"up released, events only", Key{Code: KeyUp, Action: KeyRelease}, events, "\x1b[1;1:3A"},

		{"alternates alone", with(a, ModCtrl|ModShift, KeyPress), alternates, "\x01"},
		{"ctrl+shift+a, alternates", with(a, ModCtrl|ModShift, KeyPress), dis | alternates, "\x1b[97:65;6u"},
		{"ctrl+a, alternates", with(a, ModCtrl, KeyPress), dis | alternates, "\x1b[97;5u"},
		{"ctrl+с, alternates", with(es, ModCtrl, KeyPress), dis | alternates, "\x1b[1089::99;5u"},
		{"ctrl+С, alternates", with(es, ModCtrl|ModShift, KeyPress), dis | alternates, "\x1b[1089:1057:99;6u"},
		{"up, alternates", Key{Code: KeyUp, Mod: ModShift, Shifted: 'x', Base: 'y'}, dis | alternates, "\x1b[1;2A"},

		{"a, all", a, all, "\x1b[97u"},
		{"A, all", with(a, ModShift, KeyPress), all, "\x1b[97;2u"},
		{"a, all with text", a, all | text, "\x1b[97;;97u"},
		{"A, all with text", with(a, ModShift, KeyPress), all | text, "\x1b[97;2;65u"},
		{"A again, everything", with(a, ModShift, KeyRepeat), 31, "\x1b[97:65;2:2;65u"},
		{"A released, everything", with(a, ModShift, KeyRelease), 31, "\x1b[97:65;2:3u"},
		{"composed", Key{Text: "か\u3099"}, all | text, "\x1b[0;;12363:12441u"},
		{"composed, disambiguated", Key{Text: "か\u3099"}, dis, "か\u3099"},
		{"text with controls", Key{Code: 'a', Text: "a\x1b\u009b"}, all | text, "\x1b[97;;97u"},
		{"left shift", Key{Code: KeyLeftShift, Mod: ModShift}, dis | events, ""},
		{"left shift, all", Key{Code: KeyLeftShift, Mod: ModShift}, all, "\x1b[57441;2u"},
		{"caps lock, all", Key{Code: KeyCapsLock, Mod: ModCapsLock}, all, "\x1b[57358;65u"},
		{"nothing", Key{}, 31, ""},
		{"unknown", Key{Code: keyUnknown}, 31, ""},
		{"negative", Key{Code: -5, Mod: ModCtrl}, 31, ""},
	} {
		if got := string(EncodeKey(tc.key, Modes{Kitty: tc.flags})); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestKittyStacks(t *testing.T) {
	for ask, want := range map[string]uint8{
		"":                                       0,
		"\x1b[>1u":                               1,
		"\x1b[>u":                                0,
		"\x1b[>99u":                              3, // only the bits there are
		"\x1b[=5u":                               5,
		"\x1b[=5u\x1b[=2;2u":                     7,
		"\x1b[=7u\x1b[=2;3u":                     5,
		"\x1b[=7u\x1b[=2;1u":                     2,
		"\x1b[=7u\x1b[=2;9u":                     7,
		"\x1b[=5u\x1b[>1u":                       1,
		"\x1b[=5u\x1b[>1u\x1b[<u":                5,
		"\x1b[=5u\x1b[>1u\x1b[<2u":               0,
		"\x1b[>1u\x1b[>3u\x1b[>7u\x1b[<u":        3,
		"\x1b[>1u\x1b[>3u\x1b[>7u\x1b[<65535u":   0,
		"\x1b[>1u\x1b[?1049h":                    0,
		"\x1b[>1u\x1b[?1049h\x1b[>7u":            7,
		"\x1b[>1u\x1b[?1049h\x1b[>7u\x1b[?1049l": 1,
		"\x1b[>1u\x1b[?1049h\x1b[>7u\x1b[?47l\x1b[?47h": 7,
		"\x1b[>1u\x1bc":                       0,
		"\x1b[>1u\x1b[!p":                     0,
		"\x1b[>1u\x1b[?1049h\x1bc\x1b[?47h":   0,
		"\x1b[=1u\x1b[5;5H\x1b[s\x1b[H\x1b[u": 1, // SCORC is another sequence
	} {
		term := after(Size{20, 5}, Options{}, ask+"\x1b[?u")
		if got := term.Modes().Kitty; got != want {
			t.Errorf("%q: flags %d, want %d", ask, got, want)
		}
		if got, want := string(term.TakeReplies()), fmt.Sprintf("\x1b[?%du", want); got != want {
			t.Errorf("%q: replied %q, want %q", ask, got, want)
		}
	}
	term := after(Size{20, 5}, Options{}, "")
	for i := range maxKitty + 5 {
		printf(term, "\x1b[>%du", i%32)
	}
	for i := maxKitty + 3; i >= 4; i-- {
		printf(term, "\x1b[<u")
		if got := term.Modes().Kitty; got != uint8(i%32) {
			t.Fatalf("entry %d is %d", i, got)
		}
	}
	printf(term, "\x1b[<u")
	if got := term.Modes().Kitty; got != 0 {
		t.Errorf("an empty stack leaves %d", got)
	}
}

func TestModifyOtherKeys(t *testing.T) {
	for ask, want := range map[string]string{
		"\x1b[?4m":                       "\x1b[>4;0m",
		"\x1b[>4;2m\x1b[?4m":             "\x1b[>4;2m",
		"\x1b[>4;1m\x1b[?4m":             "\x1b[>4;1m",
		"\x1b[>4;2m\x1b[>4m\x1b[?4m":     "\x1b[>4;0m",
		"\x1b[>4;2m\x1b[>m\x1b[?4m":      "\x1b[>4;0m",
		"\x1b[>4;2m\x1b[>4n\x1b[?4m":     "\x1b[>4;0m",
		"\x1b[>4;2m\x1b[>n\x1b[?4m":      "\x1b[>4;2m", // means modifyFunctionKeys
		"\x1b[>4;2m\x1bc\x1b[?4m":        "\x1b[>4;0m",
		"\x1b[>4;2m\x1b[!p\x1b[?4m":      "\x1b[>4;0m",
		"\x1b[>1;3m\x1b[?1m\x1b[?2m":     "\x1b[>1;2m\x1b[>2;2m",
		"\x1b[?0m\x1b[?3m":               "\x1b[>0;0m\x1b[>3;0m",
		"\x1b[?4g\x1b[>4;1f\x1b[?4g":     "\x1b[>4;0f\x1b[>4;1f",
		"\x1b[>4;1f\x1b[>f\x1b[?4g":      "\x1b[>4;0f",
		"\x1b[>4;1f\x1b[>1;1f\x1b[?4;1g": "\x1b[>4;1f",
	} {
		term := after(Size{20, 5}, Options{}, ask+"x")
		if got := string(term.TakeReplies()); got != want {
			t.Errorf("%q: got %q, want %q", ask, got, want)
		}
		if c := term.Cell(0, 0); c.Style != (Style{}) {
			t.Errorf("%q was taken for SGR: %+v", ask, c)
		}
	}
}
