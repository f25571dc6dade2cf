package term

import (
	"fmt"
	"strings"
	"testing"
)

// eightMods are the columns of the tables below.
var eightMods = [...]Mod{
	0, ModShift, ModAlt, ModShift | ModAlt, ModCtrl, ModCtrl | ModShift, ModCtrl | ModAlt, ModCtrl | ModShift | ModAlt,
}

// charTable says what xterm 379 sends for keys that are characters, on a US keyboard, with
// metaSendsEscape set and eightBitInput not. A line is a key without and with shift, and then what
// it sends with none, S, A, SA, C, CS, CA and CSA; ^[ is ESC, [n;c] is CSI 27 ; n ; c ~.
// Where xterm loses a modifier on the way (level 1, Alt beside another one) all are told here.
var charTable = map[string]string{
	"legacy": `
a A     a A ^[a ^[A ^A ^A ^[^A ^[^A
i I     i I ^[i ^[I ^I ^I ^[^I ^[^I
m M     m M ^[m ^[M ^M ^M ^[^M ^[^M
1 !     1 ! ^[1 ^[! 1 ! ^[1 ^[!
2 @     2 @ ^[2 ^[@ ^@ ^@ ^[^@ ^[^@
3 #     3 # ^[3 ^[# ^[ # ^[^[ ^[#
4 $     4 $ ^[4 ^[$ ^\ $ ^[^\ ^[$
5 %     5 % ^[5 ^[% ^] % ^[^] ^[%
6 ^     6 ^ ^[6 ^[^ ^^ ^^ ^[^^ ^[^^
7 &     7 & ^[7 ^[& ^_ & ^[^_ ^[&
8 *     8 * ^[8 ^[* ^? * ^[^? ^[*
9 (     9 ( ^[9 ^[( 9 ( ^[9 ^[(
- _     - _ ^[- ^[_ - ^_ ^[- ^[^_
= +     = + ^[= ^[+ = + ^[= ^[+
; :     ; : ^[; ^[: ; : ^[; ^[:
, <     , < ^[, ^[< , < ^[, ^[<
/ ?     / ? ^[/ ^[? ^_ ^? ^[^_ ^[^?
\ |     \ | ^[\ ^[| ^\ ^\ ^[^\ ^[^\
[ {     [ { ^[[ ^[{ ^[ ^[ ^[^[ ^[^[
] }     ] } ^[] ^[} ^] ^] ^[^] ^[^]
` + "` ~     ` ~ ^[` ^[~ ^@ ^^ ^[^@ ^[^^" + `
SP SP   SP SP ^[SP ^[SP ^@ ^@ ^[^@ ^[^@
CR CR   ^M ^M ^[^M ^[^M ^M ^M ^[^M ^[^M
HT HT   ^I ^[[Z ^[^I ^[[Z ^I ^[[Z ^[^I ^[[Z
DEL DEL ^? ^? ^[^? ^[^? ^H ^H ^[^H ^[^H
ESC ESC ^[ ^[ ^[^[ ^[^[ ^[ ^[ ^[^[ ^[^[`,
	"level 1": `
a A     a A ^[a ^[A ^A ^A ^[^A ^[^A
i I     i I ^[i ^[I ^I ^I ^[^I ^[^I
1 !     1 ! ^[1 ^[! [5;49] [6;33] [7;49] [8;33]
2 @     2 @ ^[2 ^[@ ^@ ^@ ^[^@ ^[^@
3 #     3 # ^[3 ^[# ^[ [6;35] ^[^[ [8;35]
8 *     8 * ^[8 ^[* ^? [6;42] ^[^? [8;42]
9 (     9 ( ^[9 ^[( [5;57] [6;40] [7;57] [8;40]
- _     - _ ^[- ^[_ [5;45] ^_ [7;45] ^[^_
= +     = + ^[= ^[+ [5;61] [6;43] [7;61] [8;43]
; :     ; : ^[; ^[: [5;59] [6;58] [7;59] [8;58]
/ ?     / ? ^[/ ^[? ^_ [6;63] ^[^_ [8;63]
[ {     [ { ^[[ ^[{ ^[ ^[ ^[^[ ^[^[
` + "` ~     ` ~ ^[` ^[~ ^@ ^^ ^[^@ ^[^^" + `
SP SP   SP SP ^[SP ^[SP ^@ ^@ ^[^@ ^[^@
CR CR   ^M [2;13] ^[^M ^[^M [5;13] [6;13] ^[^M ^[^M
HT HT   ^I ^[[Z ^[^I ^[[Z [5;9] ^[[Z ^[^I ^[[Z
DEL DEL ^? ^? ^[^? ^[^? ^H ^H ^[^H ^[^H
ESC ESC ^[ ^[ ^[^[ [4;27] ^[ ^[ [7;27] [8;27]`,
	"level 2": `
a A     a [2;65] [3;97] [4;65] [5;97] [6;65] [7;97] [8;65]
i I     i [2;73] [3;105] [4;73] [5;105] [6;73] [7;105] [8;73]
1 !     1 ! [3;49] [4;33] [5;49] [6;33] [7;49] [8;33]
2 @     2 [2;64] [3;50] [4;64] [5;50] [6;64] [7;50] [8;64]
3 #     3 # [3;51] [4;35] [5;51] [6;35] [7;51] [8;35]
8 *     8 * [3;56] [4;42] [5;56] [6;42] [7;56] [8;42]
- _     - [2;95] [3;45] [4;95] [5;45] [6;95] [7;45] [8;95]
= +     = + [3;61] [4;43] [5;61] [6;43] [7;61] [8;43]
; :     ; : [3;59] [4;58] [5;59] [6;58] [7;59] [8;58]
/ ?     / ? [3;47] [4;63] [5;47] [6;63] [7;47] [8;63]
[ {     [ [2;123] [3;91] [4;123] [5;91] [6;123] [7;91] [8;123]
` + "` ~     ` [2;126] [3;96] [4;126] [5;96] [6;126] [7;96] [8;126]" + `
SP SP   SP [2;32] [3;32] [4;32] [5;32] [6;32] [7;32] [8;32]
CR CR   ^M [2;13] [3;13] [4;13] [5;13] [6;13] [7;13] [8;13]
HT HT   ^I ^[[Z [3;9] [4;9] [5;9] [6;9] [7;9] [8;9]
DEL DEL ^? [2;127] [3;127] [4;127] ^H [6;8] [7;8] [8;8]
ESC ESC ^[ [2;27] [3;27] [4;27] [5;27] [6;27] [7;27] [8;27]`,
}

// bytesOf reads a field of the tables.
func bytesOf(field string) string {
	field = strings.NewReplacer("SP", " ", "CR", "\r", "HT", "\t", "DEL", "\x7f", "ESC", "\x1b").Replace(field)
	if rest, ok := strings.CutPrefix(field, "["); ok && strings.HasSuffix(field, "]") && len(field) > 1 {
		return "\x1b[27;" + strings.TrimSuffix(rest, "]") + "~"
	}
	if field == "^" {
		return field
	}
	var b strings.Builder
	for i := 0; i < len(field); i++ {
		if field[i] == '^' && i+1 < len(field) {
			i++
			b.WriteByte(field[i] ^ 0x40)
		} else {
			b.WriteByte(field[i])
		}
	}
	return strings.ReplaceAll(b.String(), "\x1b\x00[", "\x1b^[")
}

// charKey is a key as a keyboard that tells everything reports it.
func charKey(plain, shifted string, mod Mod) Key {
	k := Key{Code: []rune(plain)[0], Mod: mod}
	if k.Code >= ' ' && k.Code < 0x7f {
		k.Shifted = []rune(shifted)[0]
		switch mod {
		case 0:
			k.Text = plain
		case ModShift:
			k.Text = shifted
		}
	}
	return k
}

func TestCharacterKeys(t *testing.T) {
	for name, m := range map[string]Modes{
		"legacy": {}, "level 1": {ModifyOther: 1}, "level 2": {ModifyOther: 2},
	} {
		for line := range strings.SplitSeq(strings.TrimSpace(charTable[name]), "\n") {
			fields := strings.Fields(line)
			if len(fields) != 10 {
				t.Fatalf("%d fields in %q", len(fields), line)
			}
			for i, mod := range eightMods {
				k, want := charKey(bytesOf(fields[0]), bytesOf(fields[1]), mod), bytesOf(fields[2+i])
				if got := string(EncodeKey(k, m)); got != want {
					t.Errorf("%s: key %q with modifiers %d: got %q, want %q", name, fields[0], mod, got, want)
				}
				if got := string(EncodeKey(k, Modes{ModifyOther: m.ModifyOther, CursorKeys: true, Keypad: true})); got != want {
					t.Errorf("%s: key %q with modifiers %d in application modes: got %q, want %q", name, fields[0], mod, got, want)
				}
				if c, ok := strings.CutPrefix(want, "\x1b[27;"); ok {
					mods, char, _ := strings.Cut(strings.TrimSuffix(c, "~"), ";")
					want = "\x1b[" + char + ";" + mods + "u"
				}
				if got := string(EncodeKey(k, Modes{ModifyOther: m.ModifyOther, FormatOther: true})); got != want {
					t.Errorf("%s: key %q with modifiers %d as CSI u: got %q, want %q", name, fields[0], mod, got, want)
				}
			}
		}
	}
}

// functionTable are the keys of "PC-Style Function Keys", "VT220-Style Function Keys" and "Non-Function
// Keys" of ctlseqs: what they send, and in the application mode; _ is where modifiers go.
var functionTable = map[rune][2]string{
	KeyUp: {"[_A", "OA"}, KeyDown: {"[_B", "OB"}, KeyRight: {"[_C", "OC"}, KeyLeft: {"[_D", "OD"},
	KeyBegin: {"[_E", "OE"}, KeyHome: {"[_H", "OH"}, KeyEnd: {"[_F", "OF"},
	KeyKPUp: {"[_A", "OA"}, KeyKPDown: {"[_B", "OB"}, KeyKPRight: {"[_C", "OC"}, KeyKPLeft: {"[_D", "OD"},
	KeyKPBegin: {"[_E", "OE"}, KeyKPHome: {"[_H", "OH"}, KeyKPEnd: {"[_F", "OF"},
	KeyInsert: {"[2_~", ""}, KeyDelete: {"[3_~", ""}, KeyPageUp: {"[5_~", ""}, KeyPageDown: {"[6_~", ""},
	KeyKPInsert: {"[2_~", ""}, KeyKPDelete: {"[3_~", ""}, KeyKPPageUp: {"[5_~", ""}, KeyKPPageDown: {"[6_~", ""},
	KeyFind: {"[1_~", ""}, KeySelect: {"[4_~", ""}, KeyMenu: {"[29_~", ""},
	KeyF1: {"O_P", ""}, KeyF2: {"O_Q", ""}, KeyF3: {"O_R", ""}, KeyF4: {"O_S", ""},
	KeyF5: {"[15_~", ""}, KeyF6: {"[17_~", ""}, KeyF7: {"[18_~", ""}, KeyF8: {"[19_~", ""}, KeyF9: {"[20_~", ""},
	KeyF10: {"[21_~", ""}, KeyF11: {"[23_~", ""}, KeyF12: {"[24_~", ""},
	KeyF13: {"[25_~", ""}, KeyF14: {"[26_~", ""}, KeyF15: {"[28_~", ""}, KeyF16: {"[29_~", ""},
	KeyF17: {"[31_~", ""}, KeyF18: {"[32_~", ""}, KeyF19: {"[33_~", ""}, KeyF20: {"[34_~", ""},
	KeyPause: {"", ""}, KeyPrintScreen: {"", ""}, KeyCapsLock: {"", ""}, KeyLeftShift: {"", ""}, KeyMute: {"", ""},
}

func TestFunctionKeys(t *testing.T) {
	for code, row := range functionTable {
		for bits := range 16 {
			mod := Mod(bits & 7)
			if bits&8 != 0 {
				mod |= ModMeta
			}
			for _, m := range []Modes{
				{},
				{CursorKeys: true},
				{Keypad: true},
				{ModifyOther: 1},
				{ModifyOther: 2, FormatOther: true},
				{BackarrowBS: true, Newline: true},
				{Kitty: KittyAlternates | KittyText},
			} {
				want := row[0]
				switch {
				case want == "":
				case bits != 0 && strings.HasSuffix(want, "~"):
					want = "\x1b" + strings.Replace(want, "_", fmt.Sprintf(";%d", bits+1), 1)
				case bits != 0:
					want = fmt.Sprintf("\x1b[1;%d%c", bits+1, want[2])
				case m.CursorKeys && row[1] != "":
					want = "\x1b" + row[1]
				default:
					want = "\x1b" + strings.Replace(want, "_", "", 1)
				}
				if got := string(EncodeKey(Key{Code: code, Mod: mod | ModNumLock | ModSuper}, m)); got != want {
					t.Errorf("key %#x with %d in %+v: got %q, want %q", code, bits, m, got, want)
				}
			}
		}
	}
}

// The keypad as the VT220 has it, with what it sends in the application mode.
func TestKeypad(t *testing.T) {
	for code, want := range map[rune][2]string{
		KeyKP0: {"0", "p"}, KeyKP1: {"1", "q"}, KeyKP2: {"2", "r"}, KeyKP3: {"3", "s"}, KeyKP4: {"4", "t"},
		KeyKP5: {"5", "u"}, KeyKP6: {"6", "v"}, KeyKP7: {"7", "w"}, KeyKP8: {"8", "x"}, KeyKP9: {"9", "y"},
		KeyKPMultiply: {"*", "j"}, KeyKPPlus: {"+", "k"}, KeyKPSeparator: {",", "l"}, KeyKPMinus: {"-", "m"},
		KeyKPDecimal: {".", "n"}, KeyKPDivide: {"/", "o"}, KeyKPEqual: {"=", "X"}, KeyKPEnter: {"\r", "M"},
	} {
		for _, text := range []string{"", strings.TrimSpace(want[0])} {
			k := Key{Code: code, Text: text}
			if got := string(EncodeKey(k, Modes{})); got != want[0] {
				t.Errorf("key %#x: got %q, want %q", code, got, want[0])
			}
			if got := string(EncodeKey(k, Modes{Keypad: true})); got != "\x1bO"+want[1] {
				t.Errorf("key %#x in application mode: got %q, want SS3 %s", code, got, want[1])
			}
			k.Mod = ModNumLock
			if got := string(EncodeKey(k, Modes{Keypad: true})); got != want[0] {
				t.Errorf("key %#x with num lock: got %q, want %q", code, got, want[0])
			}
			k.Mod = ModCtrl | ModShift
			if got := string(EncodeKey(k, Modes{Keypad: true})); got != "\x1bO6"+want[1] {
				t.Errorf("key %#x with ctrl+shift in application mode: got %q, want SS3 6 %s", code, got, want[1])
			}
		}
	}
}

func TestBackarrow(t *testing.T) {
	for i, want := range [...]string{"\x08", "\x08", "\x1b\x08", "\x1b\x08", "\x7f", "\x7f", "\x1b\x7f", "\x1b\x7f"} {
		if got := string(EncodeKey(Key{Code: KeyBackspace, Mod: eightMods[i]}, Modes{BackarrowBS: true})); got != want {
			t.Errorf("modifiers %d: got %q, want %q", eightMods[i], got, want)
		}
	}
	if got := string(EncodeKey(Key{Code: KeyBackspace, Mod: ModAlt}, Modes{BackarrowBS: true, ModifyOther: 2})); got != "\x1b[27;3;8~" {
		t.Errorf("level 2: got %q", got)
	}
}
