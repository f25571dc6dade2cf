package term

import (
	"slices"
	"testing"
)

func TestPushStyle(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b[1;31m\x1b[#{\x1b[0;4;42m\x1b[#}x":          "0;1;31",
		"\x1b[1;31m\x1b[#p\x1b[0;4;42m\x1b[#qx":          "0;1;31",
		"\x1b[1;3;31m\x1b[1;30#{\x1b[0;4;32;44m\x1b[#}x": "0;1;4;31;44",
		"\x1b[4:3m\x1b[4#{\x1b[0;1m\x1b[#}x":             "0;1;4:3",
		"\x1b[58:5:9m\x1b[#{\x1b[0;1m\x1b[#}x":           "0;58;5;9",
		"\x1b[1m\x1b[#}x":                                "0;1", // nothing was pushed
		"\x1b[1m\x1b[#{\x1b[0;3m\x1b[#{\x1b[m\x1b[#}x":   "0;3",
		"\x1b[1m\x1b[#{\x1bc\x1b[3m\x1b[#}x":             "0;3",
	} {
		term := after(Size{20, 5}, Options{}, in+"\x1bP$qm\x1b\\")
		if got := string(term.TakeReplies()); got != "\x1bP1$r"+want+"m\x1b\\" {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	term := after(Size{20, 5}, Options{}, "")
	for range 50 {
		printf(term, "\x1b[#{")
	}
	if n := len(term.styles); n != maxStyles {
		t.Errorf("%d styles", n)
	}
}

// styled returns for each row which cells are bold, blinking, underlined and reversed.
func styled(term *Terminal) []string {
	rows := make([]string, 0, term.Size().H)
	for y := range term.Size().H {
		row := make([]byte, term.Size().W)
		for x := range row {
			n := byte('0')
			style := term.Cell(x, y).Style
			for i, on := range []bool{style.Bold, style.Underline != UnderlineNone, style.Blink, style.Reverse} {
				if on {
					n += 1 << i
				}
			}
			row[x] = n
		}
		rows = append(rows, string(row))
	}
	return rows
}

func TestChangeArea(t *testing.T) {
	for in, want := range map[string][]string{
		"\x1b[2*x\x1b[2;2;3;4;1$r":                                         {"000000", "011100", "011100", "000000"},
		"\x1b[2;4;3;2;1$r":                                                 {"000000", "000111", "110000", "000000"},
		"\x1b[2;4;4;2;1;4$r":                                               {"000000", "000333", "333333", "330000"},
		"\x1b[2*x\x1b[1;1;2;2;1;7$r\x1b[2;2;2;6;22$r":                      {"990000", "980000", "000000", "000000"},
		"\x1b[2*x\x1b[1;1;2;2;1;7$r\x1b[2;2;2;6;0$r":                       {"990000", "900000", "000000", "000000"},
		"\x1b[2*x\x1b[1;1;2;2;1;7$r\x1b[2;2;2;6$r":                         {"990000", "900000", "000000", "000000"},
		"\x1b[2*x\x1b[1;1;1;3;1$t\x1b[1;2;1;4;1$t":                         {"100100", "000000", "000000", "000000"},
		"\x1b[2*x\x1b[1;1;1;3;4$t\x1b[1;2;1;4;4$t":                         {"200200", "000000", "000000", "000000"},
		"\x1b[2*x\x1b[1;1;1;2$t":                                           {"??0000", "000000", "000000", "000000"},
		"\x1b[2*x\x1b[1;1;1;2;0$t":                                         {"??0000", "000000", "000000", "000000"},
		"\x1b[2*x\x1b[1;1;1;2;5;7$t":                                       {"<<0000", "000000", "000000", "000000"},
		"\x1b[2*x\x1b[3;2;4;3r\x1b[2;3r\x1b[?6h\x1b[1;1;9;2;1$r":           {"000000", "110000", "110000", "000000"},
		"\x1b[2*x\x1b[3;3;2;2;1$r":                                         {"000000", "000000", "000000", "000000"},
		"\x1b[2;5;2;2;1$r":                                                 {"000000", "000000", "000000", "000000"},
		"\x1b[65535;65535;65535;65535;1$r\x1b[65535;65535;65535;65535;1$t": {"000000", "000000", "000000", "000000"},
	} {
		term := after(Size{6, 4}, Options{}, "\x1b[Habcdef\x1b[2Hghi\x1b[4H日本\x1b[2;3H"+in)
		if got := styled(term); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
		check(t, term)
	}
	// The halves of a wide character stay alike.
	term := after(Size{6, 2}, Options{}, "日本語\x1b[2*x\x1b[1;2;1;3;7$r")
	if got := styled(term)[0]; got != "008800" {
		t.Errorf("wide characters: %s", got)
	}
	check(t, term)
}

func TestNationalSets(t *testing.T) {
	const ascii = "#@[\\]^_`{|}~"
	for in, want := range map[string]string{
		"\x1b(K":                            ascii, // not without DECNRCM
		"\x1b[?42h\x1b(K":                   "#§ÄÖÜ^_`äöüß",
		"\x1b[?42h\x1b(C":                   "#@ÄÖÅÜ_éäöåü",
		"\x1b[?42h\x1b(5":                   "#@ÄÖÅÜ_éäöåü",
		"\x1b[?42h\x1b(7":                   "#ÉÄÖÅÜ_éäöåü",
		"\x1b[?42h\x1b(R":                   "£à°ç§^_`éùè¨",
		"\x1b[?42h\x1b(9":                   "#àâçêî_ôéùèû",
		"\x1b[?42h\x1b(Y":                   "£§°çé^_ùàòèì",
		"\x1b[?42h\x1b(Z":                   "£§¡Ñ¿^_`°ñç~",
		"\x1b[?42h\x1b(4":                   "£¾ĳ½|^_`¨ƒ¼´",
		"\x1b[?42h\x1b(=":                   "ùàéçêîèôäöüû",
		"\x1b[?42h\x1b(E":                   "#ÄÆØÅÜ_äæøåü",
		"\x1b[?42h\x1b(`":                   "#ÄÆØÅÜ_äæøåü",
		"\x1b(A":                            "£@[\\]^_`{|}~",
		"\x1b[?42h\x1b(K\x1b(B":             ascii,
		"\x1b[?42h\x1b)K\x0e":               "#§ÄÖÜ^_`äöüß",
		"\x1b[?42h\x1b*K\x1bn":              "#§ÄÖÜ^_`äöüß", // LS2
		"\x1b[?42h\x1b+K\x1bo":              "#§ÄÖÜ^_`äöüß", // LS3
		"\x1b[?42h\x1b*K\x1bN#\x1bN@\x1b[H": ascii,
	} {
		if got := after(Size{20, 2}, Options{}, in+ascii).Text(0); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if got := after(Size{20, 2}, Options{}, "\x1b[?42h\x1b*K\x1b+R\x1bN@@\x1bO@@").Text(0); got != "§@à@" {
		t.Errorf("single shifts: %q", got)
	}
}

func TestMouseFormats(t *testing.T) {
	press := Mouse{X: 4, Y: 2, Button: MouseLeft}
	far := Mouse{X: 299, Y: 2, Button: MouseLeft, Mod: ModCtrl}
	release := Mouse{X: 4, Y: 2, Button: MouseLeft, Action: MouseRelease}
	for modes, want := range map[string][3]string{
		"\x1b[?1000h":                      {"\x1b[M\x20\x25\x23", "", "\x1b[M\x23\x25\x23"},
		"\x1b[?1000;1005h":                 {"\x1b[M\x20\x25\x23", "\x1b[M0\u014c#", "\x1b[M\x23\x25\x23"},
		"\x1b[?1000;1006h":                 {"\x1b[<0;5;3M", "\x1b[<16;300;3M", "\x1b[<0;5;3m"},
		"\x1b[?1000;1015h":                 {"\x1b[32;5;3M", "\x1b[48;300;3M", "\x1b[35;5;3M"},
		"\x1b[?1000;1016h":                 {"\x1b[<0;37;41M", "\x1b[<16;2397;41M", "\x1b[<0;37;41m"},
		"\x1b[?1000;1006;1016h":            {"\x1b[<0;37;41M", "\x1b[<16;2397;41M", "\x1b[<0;37;41m"},
		"\x1b[?1000;1016;1006h":            {"\x1b[<0;5;3M", "\x1b[<16;300;3M", "\x1b[<0;5;3m"},
		"\x1b[?1000;1005;1015h\x1b[?1005l": {"\x1b[32;5;3M", "\x1b[48;300;3M", "\x1b[35;5;3M"},
		"\x1b[?1000;1015;1006h\x1b[?1006l": {"\x1b[M\x20\x25\x23", "", "\x1b[M\x23\x25\x23"},
		"\x1b[?1000;1016h\x1b[?1016l":      {"\x1b[M\x20\x25\x23", "", "\x1b[M\x23\x25\x23"},
		"\x1b[?1000;1016h\x1bc\x1b[?1000h": {"\x1b[M\x20\x25\x23", "", "\x1b[M\x23\x25\x23"},
	} {
		m := after(Size{80, 24}, Options{}, modes).Modes()
		for i, ev := range []Mouse{press, far, release} {
			if got := string(EncodeMouse(ev, m)); got != want[i] {
				t.Errorf("%q: event %d: got %q, want %q", modes, i, got, want[i])
			}
		}
	}
	if got := EncodeMouse(Mouse{X: 2015, Button: MouseLeft}, Modes{Mouse: MouseNormal, MouseFormat: MouseUTF8}); got != nil {
		t.Errorf("beyond two bytes: %q", got)
	}
}
