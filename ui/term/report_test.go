package term

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// ask returns what a terminal of 80x24 answers.
func ask(s string) string { return string(after(Size{80, 24}, Options{}, s).TakeReplies()) }

func TestStatusReports(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b[?5n":                     "",
		"\x1b[15n":                     "", // only of DEC
		"\x1b[?15n":                    "\x1b[?13n",
		"\x1b[?25n":                    "\x1b[?20n",
		"\x1b[?26n":                    "\x1b[?27;1;0;0n",
		"\x1b[?53n\x1b[?55n":           "\x1b[?50n\x1b[?50n",
		"\x1b[?56n":                    "\x1b[?57;0n",
		"\x1b[?62n":                    "\x1b[0000*{",
		"\x1b[?63;7n":                  "\x1bP7!~0000\x1b\\",
		"\x1b[?75n\x1b[?85n":           "\x1b[?70n\x1b[?83n",
		"\x1b[?996n":                   "\x1b[?997;1n",
		"\x1b[?4711n":                  "",
		"\x1b[x\x1b[1x\x1b[2x":         "\x1b[2;1;1;128;128;1;0x\x1b[3;1;1;128;128;1;0x",
		"\x1bZ":                        deviceAttributes,
		"\x1b[11t":                     "\x1b[1t",
		"\x1b[13t":                     "\x1b[3;0;0t",
		"\x1b[14t\x1b[15t\x1b[16t":     "\x1b[4;384;640t\x1b[5;384;640t\x1b[6;16;8t",
		"\x1b[18t\x1b[19t":             "\x1b[8;24;80t\x1b[9;24;80t",
		"\x1b]0;evil\x07\x1b[20t":      "",
		"\x1b[8;1;1t\x1b[30t\x1b[18t":  "\x1b[8;24;80t", // it cannot be resized
		"\x1b[?1;1;0S":                 "\x1b[?1;3S",
		"\x1b[?2;1;0S":                 "\x1b[?2;3S",
		"\x1b[?1;9;0S":                 "\x1b[?1;2S",
		"\x1b[?9;1;0S":                 "\x1b[?9;1S",
		"\x1b[3;5H\x1b[1;5;7m\x1b[1$w": "\x1bP1$u3;5;1;M;@;@;0;2;@;BBBB\x1b\\",
		"\x1b[?42h\x1b(K\x1b*0\x1b)A\x0e\x1bN\x1b[1\"q\x1b[?6h\x1b[1$w": "\x1bP1$u1;1;1;@;A;C;1;2;@;KA0B\x1b\\",
		"\x1b[3g\x1b[10G\x1bH\x1b[5G\x1b[W\x1b[2$w":                     "\x1bP2$u5/10\x1b\\",
		"\x1b[3g\x1b[10G\x1bH\x1b[5G\x1b[W\x1b[2W\x1b[2$w":              "\x1bP2$u10\x1b\\",
		"\x1b[5W\x1b[2$w":         "\x1bP2$u\x1b\\",
		"\x1b[5W\x1b[?5W\x1b[2$w": "\x1bP2$u9/17/25/33/41/49/57/65/73\x1b\\",
		"\x1b[3$w":                "",
	} {
		if got := ask(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// TestModeReports asks for all modes there are: those that can be set are so, the others are as DECRQM of
// xterm has them, or never set.
func TestModeReports(t *testing.T) {
	settable := map[int]bool{ // whether it is set at first
		1: false, 5: false, 6: false, 7: true, 9: false, 12: true, 25: true, 42: false, 45: false, 47: false, 66: false,
		67: false, 69: false, 1000: false, 1002: false, 1003: false, 1004: false, 1005: false, 1006: false, 1007: true,
		1015: false, 1016: false, 1047: false, 1049: false, 2004: false, 2026: false, 2031: false, 2048: false,
	}
	for mode := range 3000 {
		fresh, isSettable := settable[mode]
		fixed := fixedModes[mode]
		if isSettable && fixed != 0 {
			t.Errorf("mode %d is settable and fixed", mode)
		}
		value := map[bool]int{true: 1, false: 2}
		want := fmt.Sprintf("\x1b[?%d;%d$y", mode, fixed)
		if isSettable || mode == 1048 {
			want = fmt.Sprintf("\x1b[?%d;%d$y", mode, value[fresh])
		}
		if got := ask(fmt.Sprintf("\x1b[?%d$p", mode)); got != want {
			t.Errorf("mode %d: got %q, want %q", mode, got, want)
		}
		for _, on := range []bool{true, false} {
			final := map[bool]byte{true: 'h', false: 'l'}[on]
			if isSettable {
				want = fmt.Sprintf("\x1b[?%d;%d$y", mode, value[on])
			}
			term := after(Size{80, 24}, Options{}, fmt.Sprintf("\x1b[?%d%c", mode, final))
			term.TakeReplies()
			printf(term, "\x1b[?%d$p", mode)
			if got := string(term.TakeReplies()); got != want {
				t.Errorf("mode %d with %c: got %q, want %q", mode, final, got, want)
			}
			// XTSAVE and XTRESTORE
			printf(term, "\x1b[?%ds\x1b[?%d%c\x1b[?%dr", mode, mode, map[bool]byte{true: 'l', false: 'h'}[on], mode)
			term.TakeReplies()
			printf(term, "\x1b[?%d$p", mode)
			if got := string(term.TakeReplies()); got != want && mode != 1048 {
				t.Errorf("mode %d with %c, saved and restored: got %q, want %q", mode, final, got, want)
			}
		}
	}
	for in, want := range map[string]string{
		"\x1b[4$p": "\x1b[4;2$y", "\x1b[4h\x1b[4$p": "\x1b[4;1$y", "\x1b[20$p": "\x1b[20;2$y", "\x1b[20h\x1b[20$p": "\x1b[20;1$y",
		"\x1b[12$p": "\x1b[12;3$y", "\x1b[2$p": "\x1b[2;4$y", "\x1b[10$p": "\x1b[10;4$y", "\x1b[99$p": "\x1b[99;0$y",
		"\x1b[?2027$p": "\x1b[?2027;0$y", // widths are those of characters, not of clusters
	} {
		if got := ask(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestSettingReports(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b[m\x1bP$qm":                      "1$r0m",
		"\x1b[7;38;5;196;48;2;1;2;3m\x1bP$qm": "1$r0;7;38;5;196;48;2;1;2;3m",
		"\x1bP$qr":                            "1$r1;24r",
		"\x1bP$qs":                            "1$r1;80s",
		"\x1b[ q\x1bP$q q":                    "1$r1 q",
		"\x1b[5 q\x1bP$q q":                   "1$r5 q",
		"\x1bP$q\"p":                          "1$r64;1\"p",
		"\x1b[62;1\"p\x1bP$q\"p":              "1$r62;1\"p",
		"\x1b[65\"p\x1bP$q\"p":                "1$r64;1\"p",
		"\x1b[99\"p\x1bP$q\"p":                "1$r64;1\"p",
		"\x1b[1\"q\x1bP$q\"q":                 "1$r1\"q",
		"\x1b[2\"q\x1bP$q\"q":                 "1$r0\"q",
		"\x1b[2*x\x1bP$q*x":                   "1$r2*x",
		"\x1bP$q*x":                           "1$r1*x",
		"\x1bP$qt":                            "1$r24t",
		"\x1bP$q*|":                           "1$r24*|",
		"\x1bP$q$|":                           "1$r80$|",
		"\x1bP$q$}":                           "1$r0$}",
		"\x1bP$q$~":                           "1$r0$~",
		"\x1bP$qevil":                         "0$r",
		"\x1bP$q":                             "0$r",
	} {
		if got := ask(in + "\x1b\\"); got != "\x1bP"+want+"\x1b\\" {
			t.Errorf("%q: got %q, want DCS %q", in, got, want)
		}
	}
}

func TestLevel(t *testing.T) {
	term := after(Size{20, 5}, Options{}, "\x1b[2;4r\x1b[?6h\x1b[1m\x1b[?25l\x1b[61\"pabc")
	if c := term.Cell(0, 1); c.Text != "a" && term.Text(0) != "abc" || term.Cell(0, 0).Style.Bold || !term.Cursor().Visible {
		t.Errorf("DECSCL leaves %q, cursor %+v", texts(term), term.Cursor())
	}
	if got := ask("\x1b G\x1b[c\x1b F"); got != deviceAttributes {
		t.Errorf("with S8C1T: %q", got)
	}
}

func TestCapabilities(t *testing.T) {
	h := func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) }
	for names, want := range map[string]string{
		"TN":              "1+r544E=" + h("xterm-256color"),
		"Co;RGB":          "1+r436F=323536;524742=38",
		"Tc;Su":           "1+r5463;5375",
		"Co;nonsense;RGB": "1+r436F=323536",
		"nonsense;Co":     "0+r",
		"":                "0+r",
		"Ms":              "0+r",
		"kcuu1;ku":        "1+r6B63757531=" + h("\x1b[A") + ";6B75=" + h("\x1b[A"),
		"k1;F2;kUP":       "1+r6B31=" + h("\x1bOP") + ";4632=" + h("\x1b[24~") + ";6B5550=" + h("\x1b[1;2A"),
		"Smulx":           "1+r" + h("Smulx") + "=" + h("\x1b[4:%p1%dm"),
	} {
		list := strings.Split(names, ";")
		for i := range list {
			list[i] = h(list[i])
		}
		if got := ask("\x1bP+q" + strings.Join(list, ";") + "\x1b\\"); got != "\x1bP"+want+"\x1b\\" {
			t.Errorf("%q: got %q, want DCS %q", names, got, want)
		}
	}
	if got, want := ask("\x1b[?1h\x1bP+q"+h("ku")+"\x1b\\"), "\x1bP1+r6B75="+h("\x1bOA")+"\x1b\\"; got != want {
		t.Errorf("a cursor key in application mode: got %q, want %q", got, want)
	}
	if got := ask("\x1bP+q" + strings.Repeat(h("TN")+";", 10_000) + "\x1b\\"); len(got) > maxReplies {
		t.Errorf("%d bytes of answer", len(got))
	}
}

func TestColorScheme(t *testing.T) {
	term := after(Size{20, 5}, Options{}, "\x1b[?2031h")
	light, dark := RGB{250, 250, 240}, RGB{10, 10, 30}
	for _, tc := range []struct {
		background RGB
		want       string
	}{
		{dark, ""}, {light, "\x1b[?997;2n"}, {light, ""}, {RGB{255, 255, 255}, ""}, {dark, "\x1b[?997;1n"},
	} {
		term.SetColors(RGB{1, 2, 3}, tc.background)
		if got := string(term.TakeReplies()); got != tc.want {
			t.Errorf("%v: got %q, want %q", tc.background, got, tc.want)
		}
	}
	printf(term, "\x1b[?2031l\x1b]11;?\x07\x1b[?996n")
	term.SetColors(RGB{}, light)
	if got, want := string(term.TakeReplies()), "\x1b]11;rgb:0a0a/0a0a/1e1e\x07\x1b[?997;1n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDynamicColors(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b]17;?\x1b\\":                              "\x1b]17;rgb:e5e5/e5e5/e5e5\x1b\\",
		"\x1b]19;?\x1b\\":                              "\x1b]19;rgb:0000/0000/0000\x1b\\",
		"\x1b]17;#123456\x07\x1b]17;?\x07":             "\x1b]17;rgb:1212/3434/5656\x07",
		"\x1b]17;#123456\x07\x1b]117\x07\x1b]17;?\x07": "\x1b]17;rgb:e5e5/e5e5/e5e5\x07",
		"\x1b]18;#111;#222;#333\x07\x1b]19;?\x07":      "\x1b]19;rgb:2222/2222/2222\x07",
		"\x1b]10;#111;#222;#333\x07\x1b]10;?;?;?\x07": "\x1b]10;rgb:1111/1111/1111\x07" +
			"\x1b]11;rgb:2222/2222/2222\x07\x1b]12;rgb:3333/3333/3333\x07",
		"\x1b]5;0;?\x07\x1b]20;?\x07\x1b]50;?\x07\x1b]60\x07\x1b]9;hello\x07\x1b]1;icon\x07": "",
	} {
		if got := ask(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
