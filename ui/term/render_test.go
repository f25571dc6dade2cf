package term

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// exotic are characters about the width or the joining of which terminals disagree.
var exotic = []string{
	"👨\u200d👩\u200d👧", "❤\ufe0f", "🇩🇪", "🇩", "\u1112\u1161\u11ab", "\u1100", "\u1161", "가\u11a8", "e\u0301\u0302", "\u0903", "क\u094d", "ष", "स\u094d\u0924",
	"\u0600", "\u0d4e", "\u0e33", "\u0ba8\u0bbf", "👍🏽", "\U0001f3fd", "1\ufe0f\u20e3", "\u200d", "\u200b", "\u202e", "\u2066", "\ufeff", "\u00ad", "ａ", "ﷺ", "𒈙",
	"☎\ufe0e", "⌚", "\U000e0061", "\u3099か", "\u2028", "\u034f", "\u115f", "\u3164", "\U0001f9d1\u200d🚀", "日", "─", "é", "x", " ", "\u0b95\u0bcd\u0bb7",
}

// TestWidths draws random rows of exotic characters: each has the width of the screen under both
// ways of counting, also between two bars, as in a frame.
func TestWidths(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		w := 1 + r.IntN(30)
		term := New(Size{w, 2}, Options{})
		for range 2 * w {
			switch r.IntN(4) {
			case 0:
				printf(term, "%c", rune(r.IntN(0x20000)))
			case 1:
				printf(term, "\x1b[%dG", 1+r.IntN(w))
			default:
				printf(term, "%s", exotic[r.IntN(len(exotic))])
			}
		}
		check(t, term)
		framed := "│" + term.Row(0, RowOptions{}) + "│"
		bare := "│" + ansi.Strip(term.Row(0, RowOptions{})) + "│"
		for _, s := range []string{framed, bare} {
			if ansi.StringWidth(s) != w+2 || ansi.StringWidthWc(s) != w+2 {
				t.Fatalf("%q: %d and %d, want %d", s, ansi.StringWidth(s), ansi.StringWidthWc(s), w+2)
			}
		}
	}
}

// TestPlain checks what the fast way of drawing takes for granted, for every character it takes.
func TestPlain(t *testing.T) {
	n := 0
	for r := rune(0x20); r <= unicode.MaxRune; r++ {
		if !plain(r) {
			continue
		}
		n++
		s := string(r)
		if w := runeWidth(r); ansi.StringWidth(s) != w || ansi.StringWidthWc(s) != w {
			t.Fatalf("%U is %d, %d and %d wide", r, w, ansi.StringWidth(s), ansi.StringWidthWc(s))
		}
		for _, other := range []string{"a", "👨\u200d", "क\u094d", "日"} {
			if !apart(s, other) || !apart(other, s) {
				t.Fatalf("%U joins %q", r, other)
			}
		}
	}
	if n < 20000 {
		t.Errorf("only %d characters are plain", n)
	}
}

func TestSafeCells(t *testing.T) {
	for in, want := range map[string]string{
		"a👨\u200d👩b":      "a👨👩b  ",
		"👨\u200d👩\u200d👧": "👨👩👧  ",
		"👨\u200d\x1b[1m👩": "👨👩    ",
		"👨\u200d|👩":       "👨\u200d|👩   ",
		"🏳\ufe0f\u200d🌈":  "🏳🌈     ",
		"👍🏽|":             "👍▒ |   ",
		"1\ufe0f\u20e3.":  "1.      ",
		"🇩🇪|":             "🇩🇪|     ",
		"🇩🇪🇫🇷🇪|":          "🇩🇪🇫🇷E|  ",
		"🇩\x1b[1m🇪|":      "DE|     ",
		"क\u094dष\u093f|": "कष◌|    ",
		"e\u0301x":        "e\u0301x      ",
		"日本":              "日本    ",
		"a\u202eb":        "ab      ",
		"\x1b[8mhid":      "        ",
		"a\u0903":         "a◌      ",
		"\u0d4ex":         "\ufffdx      ",
		"❤\ufe0fx":        "❤x      ",
		"क\u094d" + "ष":   "कष      ",
	} {
		if got := ansi.Strip(after(Size{8, 1}, Options{}, in).Row(0, RowOptions{})); got != want {
			t.Errorf("%+q: got %+q, want %+q", in, got, want)
		}
	}
}

func TestRow(t *testing.T) {
	term := after(Size{6, 2}, Options{}, "\x1b[31mab\x1b[1;4:3mc\x1b[md日")
	for _, tc := range []struct {
		o    RowOptions
		want string
	}{
		{RowOptions{}, "\x1b[0;31mab\x1b[0;1;4:3;31mc\x1b[md日\x1b[m"},
		{RowOptions{Mono: true}, "ab\x1b[0;1;4:3mc\x1b[md日\x1b[m"},
		{RowOptions{Highlights: []Highlight{{From: 1, To: 2}}}, "\x1b[0;31ma\x1b[0;7;31mb\x1b[0;1;4:3;31mc\x1b[md日\x1b[m"},
		{RowOptions{Highlights: []Highlight{{From: 5, To: 99, Kind: HighlightMatch}}}, "\x1b[0;31mab\x1b[0;1;4:3;31mc\x1b[md\x1b[0;4;30;43m日\x1b[m"},
		{RowOptions{Highlights: []Highlight{{From: 0, To: 1, Kind: HighlightCurrent}}}, "\x1b[0;1;4;30;46ma\x1b[0;31mb\x1b[0;1;4:3;31mc\x1b[md日\x1b[m"},
		{RowOptions{Mono: true, Highlights: []Highlight{{From: 0, To: 1, Kind: HighlightMatch}}}, "\x1b[0;7;4ma\x1b[mb\x1b[0;1;4:3mc\x1b[md日\x1b[m"},
		{RowOptions{Highlights: []Highlight{{From: -5, To: 0}, {From: 3, To: 2}}}, "\x1b[0;31mab\x1b[0;1;4:3;31mc\x1b[md日\x1b[m"},
	} {
		if got := term.Row(0, tc.o); got != tc.want {
			t.Errorf("%+v:\n got %q\nwant %q", tc.o, got, tc.want)
		}
	}
	for _, y := range []int{-1, 2, 1 << 30, -1 << 30} {
		if got := term.Row(y, RowOptions{}); got != "      \x1b[m" {
			t.Errorf("row %d: %q", y, got)
		}
	}
	_, _ = term.Write([]byte("\x1b]4;1;#00ff00\x07"))
	if got := term.Row(0, RowOptions{}); !strings.HasPrefix(got, "\x1b[0;38;2;0;255;0mab") {
		t.Errorf("a colour of the palette was changed: %q", got)
	}
}

// What was never written has the colours the child has set, as what it erased has.
func TestBlankCellsAreAlike(t *testing.T) {
	term := New(Size{W: 6, H: 3}, Options{})
	_, _ = term.Write([]byte("\x1b]10;#fed\x07\x1b]11;#123\x07ab\r\nab\x1b[2D\x1b[2X"))
	want := Style{FG: Color{Kind: ColorRGB, R: 0xff, G: 0xee, B: 0xdd}, BG: Color{Kind: ColorRGB, R: 0x11, G: 0x22, B: 0x33}}
	for y := range 3 {
		for x := range 6 {
			if got := term.Cell(x, y).Style; got != want {
				t.Errorf("cell %d,%d is %+v", x, y, got)
			}
		}
	}
}
