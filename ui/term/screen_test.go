package term

import (
	"slices"
	"strings"
	"testing"
)

// alphabet fills a screen of 10x6 with rows of one letter each.
const alphabet = "\x1b[HAAAAAAAAAA\r\nBBBBBBBBBB\r\nCCCCCCCCCC\r\nDDDDDDDDDD\r\nEEEEEEEEEE\r\nFFFFFFFFFF"

// TestScreen checks what sequences do to that screen; rows left out of want are unchanged.
func TestScreen(t *testing.T) {
	const columns = "\x1b[?69h\x1b[3;6s" // columns C to F of ten
	rows := strings.Split("AAAAAAAAAA BBBBBBBBBB CCCCCCCCCC DDDDDDDDDD EEEEEEEEEE FFFFFFFFFF", " ")
	for _, tc := range []struct {
		name, in string
		want     map[int]string
		x, y     int
	}{
		{"left and right margins wrap", columns + "\x1b[2;3H12345", map[int]string{1: "BB1234BBBB", 2: "CC5CCCCCCC"}, 3, 2},
		{"text right of the margins goes to the edge", columns + "\x1b[2;9H123", map[int]string{1: "BBBBBBBB12", 2: "CC3CCCCCCC"}, 3, 2},
		{"carriage return goes to the left margin", columns + "\x1b[2;5H\rx", map[int]string{1: "BBxBBBBBBB"}, 3, 1},
		{"carriage return left of it goes to the edge", columns + "\x1b[2;2H\rx", map[int]string{1: "xBBBBBBBBB"}, 1, 1},
		{"carriage return left of it in origin mode", "\x1b[?6h\x1b7" + columns + "\x1b8\rx", map[int]string{0: "AAxAAAAAAA"}, 3, 0},
		{"scrolling between margins", columns + "\x1b[2;4r\x1b[4;3H\n", map[int]string{1: "BBCCCCBBBB", 2: "CCDDDDCCCC", 3: "DD    DDDD"}, 2, 3},
		{"no scrolling outside of them", columns + "\x1b[2;4r\x1b[4;9H\n", nil, 8, 3},
		{"reverse index between margins", columns + "\x1b[2;4r\x1b[2;3H\x1bM", map[int]string{1: "BB    BBBB", 2: "CCBBBBCCCC", 3: "DDCCCCDDDD"}, 2, 1},
		{"insert line between margins", columns + "\x1b[5;4H\x1b[L", map[int]string{4: "EE    EEEE", 5: "FFEEEEFFFF"}, 2, 4},
		{"delete line between margins", columns + "\x1b[5;4H\x1b[M", map[int]string{4: "EEFFFFEEEE", 5: "FF    FFFF"}, 2, 4},
		{"insert line outside margins", columns + "\x1b[5;9H\x1b[L", nil, 8, 4},
		{"insert characters up to the margin", columns + "\x1b[2;3H12\x1b[D\x1b[@", map[int]string{1: "BB1 2BBBBB"}, 3, 1},
		{"delete characters up to the margin", columns + "\x1b[2;3H\x1b[3P", map[int]string{1: "BBB   BBBB"}, 2, 1},
		{"cursor stops at margins", columns + "\x1b[2;4H\x1b[9C1\x1b[2;4H\x1b[9D2", map[int]string{1: "BB2BB1BBBB"}, 3, 1},
		{"origin mode counts from margins", columns + "\x1b[2;4r\x1b[?6h\x1b[2;2Hx\x1b[99;99Hy", map[int]string{2: "CCCxCCCCCC", 3: "DDDDDyDDDD"}, 5, 3},
		{"margins end with the mode", columns + "\x1b[?69l\x1b[2;3H12345", map[int]string{1: "BB12345BBB"}, 7, 1},
		{"without the mode CSI s saves", "\x1b[3;3H\x1b[2;4s\x1b[H\x1b[ux", map[int]string{2: "CCxCCCCCCC"}, 3, 2},
		{"one column is no region", "\x1b[?69h\x1b[4;4s\x1b[2;4Hab", map[int]string{1: "BBBabBBBBB"}, 5, 1},

		{"forward index moves the region", columns + "\x1b[2;3r\x1b[2;6H\x1b9", map[int]string{1: "BBBBB BBBB", 2: "CCCCC CCCC"}, 5, 1},
		{"back index moves the region", columns + "\x1b[2;3r\x1b[2;3H\x1b6", map[int]string{1: "BB BBBBBBB", 2: "CC CCCCCCC"}, 2, 1},
		{"insert columns", "\x1b[1;2r\x1b[1;3H\x1b[2'}", map[int]string{0: "AA  AAAAAA", 1: "BB  BBBBBB"}, 2, 0},
		{"delete columns", "\x1b[1;2r\x1b[1;3H\x1b[2'~", map[int]string{0: "AAAAAAAA", 1: "BBBBBBBB"}, 2, 0},
		{"shift left", "\x1b[5;6r\x1b[5;1H\x1b[2 @", map[int]string{4: "EEEEEEEE", 5: "FFFFFFFF"}, 0, 4},
		{"shift right", "\x1b[5;6r\x1b[5;1H\x1b[2 A", map[int]string{4: "  EEEEEEEE", 5: "  FFFFFFFF"}, 0, 4},

		{"fill a rectangle", "\x1b[120;2;3;3;5$x", map[int]string{1: "BBxxxBBBBB", 2: "CCxxxCCCCC"}, 9, 5},
		{"erase a rectangle", "\x1b[2;3;3;5$z", map[int]string{1: "BB   BBBBB", 2: "CC   CCCCC"}, 9, 5},
		{"copy a rectangle onto itself", "\x1b[1;1;3;4;1;2;3;1$v", map[int]string{1: "BBAAAABBBB", 2: "CCBBBBCCCC", 3: "DDCCCCDDDD"}, 9, 5},
		{"copy a rectangle over the edge", "\x1b[1;1;3;4;1;6;9;1$v", map[int]string{5: "FFFFFFFFAA"}, 9, 5},
		{"selective erase", "\x1b[2;3H\x1b[1\"qxy\x1b[2\"qz\x1b[?2K", map[int]string{1: "  xy"}, 5, 1},
		{"plain erase does not spare", "\x1b[2;3H\x1b[1\"qxy\x1b[2K", map[int]string{1: ""}, 4, 1},

		{"erase below", "\x1b[3;3H\x1b[J", map[int]string{2: "CC", 3: "", 4: "", 5: ""}, 2, 2},
		{"erase above", "\x1b[3;3H\x1b[1J", map[int]string{0: "", 1: "", 2: "   CCCCCCC"}, 2, 2},
		{"erase the history only", "\x1b[3;3H\x1b[3J", nil, 2, 2},
		{"next and previous lines", "\x1b[3;3H\x1b[2Ex\x1b[3Fy", map[int]string{4: "xEEEEEEEEE", 1: "yBBBBBBBBB"}, 1, 1},
		{"single shift", "\x1b*0\x1b[2;1H\x1bNqq", map[int]string{1: "─qBBBBBBBB"}, 2, 1},
		{"locking shift 2", "\x1b*0\x1b[2;1H\x1bnq\x0fq", map[int]string{1: "─qBBBBBBBB"}, 2, 1},
		{"C1 controls in UTF-8", "\u009b2;3Hx\u0085y\u009d2;t\u0007z", map[int]string{1: "BBxBBBBBBB", 2: "yzCCCCCCCC"}, 2, 2},
		{"next line right of the columns does not scroll them", columns + "\x1b[6;10H\x1bEx", map[int]string{5: "FFxFFFFFFF"}, 3, 5},
		{"nor does a line feed in line feed mode", columns + "\x1b[6;10H\x1b[20h\nx", map[int]string{5: "FFxFFFFFFF"}, 3, 5},
		{"a mark after a dropped wide character", "\x1b[?7l\x1b[2;9Hxy日\u0301", map[int]string{1: "BBBBBBBBxy\u0301"}, 9, 1},
		{"erasing to the end where a wrap is pending", "\x1b[2;10Hb\x1b[Kx", map[int]string{1: "BBBBBBBBBb", 2: "xCCCCCCCCC"}, 1, 2},
		{"erasing below there", "\x1b[4;10Hd\x1b[Jx", map[int]string{3: "DDDDDDDDDd", 4: "x", 5: ""}, 1, 4},
		{"erasing to the start there", "\x1b[2;10Hb\x1b[1Kx", map[int]string{1: "", 2: "xCCCCCCCCC"}, 1, 2},
		{"reset", "\x1b[?6h\x1b[2;3r\x1bcx", map[int]string{0: "x", 1: "", 2: "", 3: "", 4: "", 5: ""}, 1, 0},
		{"align", "\x1b[2;3r\x1b#8", map[int]string{0: "EEEEEEEEEE", 1: "EEEEEEEEEE", 2: "EEEEEEEEEE", 3: "EEEEEEEEEE", 5: "EEEEEEEEEE"}, 0, 0},
		{"insert mode", "\x1b[2;3H\x1b[4hxy日\x1b[4l", map[int]string{1: "BBxy日BBBB"}, 6, 1},
		{"no wrapping drops a wide character at the edge", "\x1b[?7l\x1b[2;10H日x", map[int]string{1: "BBBBBBBBBx"}, 9, 1},
		{"reverse wrap stops where nothing wrapped", "\x1b[?45h\x1b[3;2H\x1b[9Dx", map[int]string{2: "xCCCCCCCCC"}, 1, 2},
	} {
		term := after(Size{10, 6}, Options{}, alphabet+tc.in)
		check(t, term)
		for y, row := range rows {
			if w, ok := tc.want[y]; ok {
				row = w
			}
			if got := term.Text(y); got != row {
				t.Errorf("%s: row %d is %q, want %q", tc.name, y, got, row)
			}
		}
		if c := term.Cursor(); c.X != tc.x || c.Y != tc.y {
			t.Errorf("%s: cursor at %d,%d, want %d,%d", tc.name, c.X, c.Y, tc.x, tc.y)
		}
	}
}

// TestAlternateScreens checks which ways into and out of the alternate screen blank it.
func TestAlternateScreens(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b[?1049halt\x1b[?1049l\x1b[?1049h":             "",
		"\x1b[?1049halt\x1b[?1049h":                        "",
		"\x1b[?1047halt\x1b[?1047l\x1b[?47h":               "",
		"\x1b[?47halt\x1b[?47l\x1b[?47h":                   "alt",
		"\x1b[?47halt\x1b[?47l":                            "main",
		"\x1b[?1047halt\x1b[?1049l":                        "main",
		"\x1b[?1047l":                                      "main",
		"\x1b[?1049h\x1b[Halt\x1b7\x1b[?1049l\x1b8x\x1b[D": "mainx",
	} {
		if got := after(Size{10, 4}, Options{}, "main"+in).Text(0); strings.TrimSpace(got) != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// TestWrappedEnds checks that a line whose continuation was moved away does not go on in what is
// below it now.
func TestWrappedEnds(t *testing.T) {
	for _, in := range []string{
		"", "\x1b[2;3r\x1b[3;1H\n", "\x1b[2;3r\x1b[2;1H\x1bM", "\x1b[2;1H\x1b[L", "\x1b[2;1H\x1b[M", "\x1b[1;4H\x1b[K", "\x1b[1;4H\x1b[2K",
	} {
		term := after(Size{10, 4}, Options{}, "0123456789abc"+in)
		if got := term.Wrapped(0); got != (in == "") {
			t.Errorf("%q: %v", in, got)
		}
	}
}

// TestWrappedEndsAtMargin checks that a line that goes on below the scrolling region is over once the region
// scrolls, or lines are deleted in it: its end stays where it is.
func TestWrappedEndsAtMargin(t *testing.T) {
	for _, in := range []string{"\x1b[3;1H\n\x1b[3;1HX", "\x1b[S\x1b[3;1HX", "\x1b[3S", "\x1b[2;1H\x1b[M\x1b[3;1HX", "\x1b[3;1H0123456789X"} {
		term := after(Size{10, 5}, Options{}, "\x1b[3;1H0123456789abc\x1b[1;3r"+in)
		check(t, term)
		for y := -term.HistoryLen(); y < 5; y++ {
			if want := in[len(in)-2] == '9' && y == 1; term.Wrapped(y) != want {
				t.Errorf("%q: row %d of %q goes on: %v", in, y, texts(term), !want)
			}
		}
	}
	if term := after(Size{10, 4}, Options{}, "\x1b[1;3r\x1b[4;1H0123456789abc"); term.Wrapped(3) {
		t.Errorf("the last row of %q goes on in itself", texts(term))
	}
}

func TestModes(t *testing.T) {
	for in, want := range map[string]Modes{
		"\x1b[?1h\x1b=\x1b[?2004h":           {CursorKeys: true, Keypad: true, BracketedPaste: true, AlternateScroll: true},
		"\x1b[?1;2004h\x1b[?1l":              {BracketedPaste: true, AlternateScroll: true},
		"\x1b[?1000h\x1b[?1003;1006h":        {Mouse: MouseAny, MouseSGR: true, AlternateScroll: true},
		"\x1b[?1003h\x1b[?1000l":             {AlternateScroll: true},
		"\x1b[?1003h\x1b[?1003l\x1b[?1007l":  {},
		"\x1b[?1004;1049;2026;67h\x1b[20h":   {Focus: true, AltScreen: true, Sync: true, BackarrowBS: true, Newline: true, AlternateScroll: true},
		"\x1b[?1h\x1b=\x1b[?2004h\x1b[!p":    {BracketedPaste: true, AlternateScroll: true},
		"\x1b[?1h\x1b=\x1b[?2004;1002h\x1bc": {AlternateScroll: true},
		"\x1b[?1h\x1b[?1s\x1b[?1l\x1b[?1r":   {CursorKeys: true, AlternateScroll: true},
		"\x1b[?1049h\x1b[?2004h\x1b[?1049l":  {BracketedPaste: true, AlternateScroll: true},
	} {
		if got := after(Size{10, 4}, Options{}, in).Modes(); got != want {
			t.Errorf("%q:\n got %+v\nwant %+v", in, got, want)
		}
	}
}

func TestCursorShapes(t *testing.T) {
	for in, want := range map[string]Cursor{
		"":                       {Visible: true, Blink: true},
		"\x1b[ q":                {Visible: true, Blink: true},
		"\x1b[2 q":               {Visible: true},
		"\x1b[3 q":               {Visible: true, Shape: Underscore, Blink: true},
		"\x1b[6 q":               {Visible: true, Shape: Bar},
		"\x1b[6 q\x1b[7 q":       {Visible: true, Shape: Bar},
		"\x1b[6 q\x1b[?12h":      {Visible: true, Shape: Bar, Blink: true},
		"\x1b[?12l":              {Visible: true},
		"\x1b[?25l":              {Blink: true},
		"\x1b[?25l\x1b[6 q\x1bc": {Visible: true, Blink: true},
	} {
		if got := after(Size{10, 4}, Options{}, in).Cursor(); got != want {
			t.Errorf("%q: got %+v, want %+v", in, got, want)
		}
	}
}

func TestStyles(t *testing.T) {
	red, rgb := Color{Kind: ColorPalette, Index: 1}, Color{Kind: ColorRGB, R: 1, G: 2, B: 3}
	for in, want := range map[string]Style{
		"\x1b[1;2;3;4;5;7;8;9;53m":                  {Bold: true, Dim: true, Italic: true, Underline: UnderlineSingle, Blink: true, Reverse: true, Conceal: true, Strike: true, Overline: true},
		"\x1b[1;2;3m\x1b[22;23m":                    {},
		"\x1b[4;5;7;8;9;53m\x1b[24;25;27;28;29;55m": {},
		"\x1b[21m":                   {Underline: UnderlineDouble},
		"\x1b[4:5m":                  {Underline: UnderlineDashed},
		"\x1b[4:9m":                  {},
		"\x1b[4m\x1b[4:0m":           {},
		"\x1b[31;49m":                {FG: red},
		"\x1b[38;5;1;1m":             {FG: red, Bold: true},
		"\x1b[38:5:1;1m":             {FG: red, Bold: true},
		"\x1b[48;2;1;2;3;1m":         {BG: rgb, Bold: true},
		"\x1b[48:2:1:2:3;1m":         {BG: rgb, Bold: true},
		"\x1b[48:2::1:2:3;1m":        {BG: rgb, Bold: true},
		"\x1b[48:2:0:1:2:3:0:0;1m":   {BG: rgb, Bold: true},
		"\x1b[58;2;1;2;3m":           {UnderlineColor: rgb},
		"\x1b[58:5:1m\x1b[59m":       {},
		"\x1b[58:5:1m\x1b[m":         {},
		"\x1b[38;5;256m\x1b[38;5m":   {},
		"\x1b[38;2;1;2;256m":         {},
		"\x1b[38:2:1:2m\x1b[38m":     {},
		"\x1b[97;107m\x1b[39m":       {BG: Color{Kind: ColorPalette, Index: 15}},
		"\x1b[31m\x1b]8;;x\x07":      {FG: red},
		"\x1b[>4;2m\x1b[?4m\x1b[31m": {FG: red},
	} {
		if got := after(Size{10, 4}, Options{}, in+"x").Cell(0, 0).Style; got != want {
			t.Errorf("%q:\n got %+v\nwant %+v", in, got, want)
		}
	}
}

// TestCutEverywhere writes a string of every kind of sequence, cut at each place in two.
func TestCutEverywhere(t *testing.T) {
	const in = "é日\x1b[1;38:2::1:2:3mx\x1b]2;tïtle\x1b\\\x1bP$qm\x1b\\\u009b31my\x1b(0q\x1b(B\xff\xe2\x82z\x1b[2 q\x1b_apc\x1b\\ok"
	want := after(Size{40, 3}, Options{}, in)
	row, replies := want.Row(0, RowOptions{}), want.TakeReplies()
	if want.Text(0) != "é日xy─zok" || want.Title() != "tïtle" || len(replies) == 0 {
		t.Fatalf("whole: %q, %q, %q", want.Text(0), want.Title(), replies)
	}
	for i := range len(in) {
		term := after(Size{40, 3}, Options{}, in[:i])
		_, _ = term.Write([]byte(in[i:]))
		if term.Row(0, RowOptions{}) != row || term.Title() != want.Title() || !slices.Equal(term.TakeReplies(), replies) {
			t.Errorf("cut at %d: %q, %q", i, term.Text(0), term.Title())
		}
	}
}
