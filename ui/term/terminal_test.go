package term

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// after returns a terminal that has been fed a string.
func after(size Size, o Options, s string) *Terminal {
	t := New(size, o)
	_, _ = t.Write([]byte(s))
	return t
}

// texts returns the rows of the screen without blank ones at the end.
func texts(t *Terminal) []string {
	rows := make([]string, t.Size().H)
	last := 0
	for y := range rows {
		if rows[y] = t.Text(y); rows[y] != "" {
			last = y + 1
		}
	}
	return rows[:last]
}

func lines(t *Terminal) []string {
	all := make([]string, 0, t.HistoryLen()+t.Size().H)
	for y := -t.HistoryLen(); y < 0; y++ {
		all = append(all, t.Text(y))
	}
	return append(all, texts(t)...)
}

func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "line %d\r\n", i)
	}
	return b.String()
}

func TestSmallestSizes(t *testing.T) {
	for _, size := range []Size{{0, 0}, {-1, -5}, {1, 1}, {1, 50}, {50, 1}, {2, 1}} {
		term := after(size, Options{History: 5}, "")
		for name := range unitCases(t) {
			_, _ = term.Write(readRaw(t, "unit/"+name+".raw"))
			check(t, term)
		}
		term.Resize(Size{40, 10})
		check(t, term)
		term.Resize(size)
		check(t, term)
	}
	if got := New(Size{1 << 40, 1 << 40}, Options{}).Size(); got != (Size{maxWidth, maxHeight}) {
		t.Errorf("size %v", got)
	}
}

func TestHugeCounts(t *testing.T) {
	for final := byte(0x40); final < 0x7f; final++ {
		for _, form := range []string{"%s%c", "?%s%c", ">%s%c", "%s %c", "%s$%c", "%s'%c", "%s\"%c", "%s;%[1]s;%[1]s;%[1]s;%[1]s;%[1]s%c"} {
			for _, n := range []string{"0", "65535", "2147483648", "99999999999999999999", ";;;;;;;;", "1:2:3:4"} {
				term := after(Size{30, 8}, Options{History: 10}, "日本語 text\x1b[3;5H")
				printf(term, "\x1b["+strings.Replace(form, "%c", "%[2]c", 1)+"x\r\n", n, final)
				check(t, term)
			}
		}
	}
}

func TestTooManyParameters(t *testing.T) {
	term := after(Size{20, 2}, Options{}, "\x1b["+strings.Repeat("1;", maxParams-1)+"31mx")
	if c := term.Cell(0, 0); c.Style.FG != (Color{Kind: ColorPalette, Index: 1}) || !c.Style.Bold {
		t.Errorf("as many values as are allowed: %+v", c)
	}
	term = after(Size{20, 2}, Options{}, "\x1b["+strings.Repeat("1;", maxParams)+"31mx")
	if c := term.Cell(0, 0); c.Style != (Style{}) || c.Text != "x" {
		t.Errorf("one too many: %+v", c)
	}
}

func TestFloodOfQueries(t *testing.T) {
	term := New(Size{80, 24}, Options{})
	for range 10_000 {
		_, _ = term.Write([]byte("\x1b[c\x1b[6n\x1b[?1$p\x1b[>q\x1bP+q544e\x1b\\\x1b]11;?\x07\x1b[18t\x07\x1b]2;t\x07\x1b]133;A\x07"))
	}
	got := term.TakeReplies()
	if len(got) == 0 || len(got) > maxReplies {
		t.Errorf("%d bytes of replies", len(got))
	}
	if term.TakeReplies() != nil {
		t.Error("replies are taken twice")
	}
	if n := len(term.TakeEvents()); n == 0 || n > maxEvents {
		t.Errorf("%d events", n)
	}
	_, _ = term.Write([]byte("\x1b[5n"))
	if got := string(term.TakeReplies()); got != "\x1b[0n" {
		t.Errorf("after the flood: %q", got)
	}
}

func TestReplies(t *testing.T) {
	for ask, want := range map[string]string{
		"\x1b[c":                         deviceAttributes,
		"\x1b[0c":                        deviceAttributes,
		"\x1b[1c":                        "",
		"\x1b[>c":                        secondaryAttribute,
		"\x1b[=c":                        tertiaryAttribute,
		"\x1b[>q":                        version,
		"\x1b[5n":                        "\x1b[0n",
		"\x1b[3;7H\x1b[6n":               "\x1b[3;7R",
		"\x1b[3;7H\x1b[?6n":              "\x1b[?3;7;1R",
		"\x1b[2;5r\x1b[?6h\x1b[6n":       "\x1b[1;1R",
		"\x1b[?7$p":                      "\x1b[?7;1$y",
		"\x1b[?25l\x1b[?25$p":            "\x1b[?25;2$y",
		"\x1b[?1002h\x1b[?1002;1000$p":   "\x1b[?1002;1$y",
		"\x1b[?4711$p":                   "\x1b[?4711;0$y",
		"\x1b[4h\x1b[4$p":                "\x1b[4;1$y",
		"\x1b[18t":                       "\x1b[8;24;80t",
		"\x1b]2;evil\x07\x1b[21t":        "",
		"\x1b[?2048h":                    "\x1b[48;24;80;384;640t",
		"\x1bP$qm\x1b\\":                 "\x1bP1$r0m\x1b\\",
		"\x1b[1;4:3;31m\x1bP$qm\x1b\\":   "\x1bP1$r0;1;4:3;31m\x1b\\",
		"\x1b[3;9r\x1bP$qr\x1b\\":        "\x1bP1$r3;9r\x1b\\",
		"\x1b[?69h\x1b[3;9s\x1bP$qs\x07": "\x1bP1$r3;9s\x1b\\",
		"\x1b[4 q\x1bP$q q\x1b\\":        "\x1bP1$r4 q\x1b\\",
		"\x1bP$qz\x1b\\":                 "\x1bP0$r\x1b\\",
		"\x1bP+q436f\x1b\\":              "\x1bP1+r436f=323536\x1b\\",
		"\x1bP+q4545;zz\x1b\\":           "\x1bP0+r\x1b\\",
		"\x1b]10;?\x1b\\":                "\x1b]10;rgb:e5e5/e5e5/e5e5\x1b\\",
		"\x1b]11;#123\x07\x1b]11;?\x07":  "\x1b]11;rgb:1111/2222/3333\x07",
		"\x1b]4;1;?;196;?\x07":           "\x1b]4;1;rgb:cdcd/0000/0000\x07\x1b]4;196;rgb:ffff/0000/0000\x07",
		"\x1b]4;7;rgb:f/80/0000\x07\x1b]4;7;?\x07\x1b]104\x07\x1b]4;7;?\x07": "\x1b]4;7;rgb:ffff/8080/0000\x07" +
			"\x1b]4;7;rgb:e5e5/e5e5/e5e5\x07",
		"\x1b]52;c;?\x07": "",
	} {
		if got := string(after(Size{80, 24}, Options{}, ask).TakeReplies()); got != want {
			t.Errorf("%q: got %q, want %q", ask, got, want)
		}
	}
}

func TestEvents(t *testing.T) {
	term := after(Size{20, 5}, Options{}, "\x07\x07"+
		"\x1b]0;one\x07\x1b]2;t\u202ew\u009b31mo\x01\x1b\\"+
		"\x1b]7;file://host/a%20b%0a\x1b\\\x1b]7;http://host/x\x07"+
		"\x1b]52;c;aGVs\x07\x1b]52;c;aGVsG1tsbwo=\x07\x1b]52;c;!\x07"+
		"\x1b]133;A\x07\x1b]133;B;x=1\x07\x1b]133;Z\x07")
	want := []Event{
		{EventBell, ""},
		{EventTitle, "tw31mo"},
		{EventDirectory, "/a b"},
		{EventClipboard, "hel[lo\n"},
		{EventPrompt, "A"},
		{EventPrompt, "B"},
	}
	if got := term.TakeEvents(); !slices.Equal(got, want) {
		t.Errorf("got  %+q\nwant %+q", got, want)
	}
	if term.TakeEvents() != nil {
		t.Error("events are taken twice")
	}
	if term.Title() != "tw31mo" {
		t.Errorf("title %q", term.Title())
	}
	_, _ = term.Write([]byte("\x1b]2;" + strings.Repeat("日", 5000) + "\x07"))
	if n := len(term.Title()); n > maxTitle || n < maxTitle-3 {
		t.Errorf("long title has %d bytes", n)
	}
	_, _ = term.Write([]byte("\x1b[22t\x1b]2;inner\x07\x1b[23t"))
	if term.Title() != strings.Repeat("日", maxTitle/3) {
		t.Errorf("title from the stack %q", term.Title())
	}
}

func TestStringLimit(t *testing.T) {
	for _, n := range []int{maxString, maxString + 1, 4 * maxString} {
		term := after(Size{20, 5}, Options{}, "\x1b]2;a\x07\x1b]2;"+strings.Repeat("x", n-2)+"\x07ok")
		want := strings.Repeat("x", maxTitle)
		if n > maxString {
			want = "a"
		}
		if term.Title() != want || term.Text(0) != "ok" || cap(term.parser.buf) > 2*maxString {
			t.Errorf("string of %d: title of %d, text %q, buffer of %d",
				n, len(term.Title()), term.Text(0), cap(term.parser.buf))
		}
	}
}

func TestLinks(t *testing.T) {
	term := after(Size{20, 3}, Options{History: 10}, "\x1b]8;id=1;http://a/;b\x1b[mx\x1b\\")
	_, _ = term.Write([]byte("\x1b]8;id=1;http://a/;b\x1b\\\x1b[4:3;58:5:9mx\x1b[my\x1b]8;;\x1b\\z" + strings.Repeat("\r\n", 4)))
	y := -term.HistoryLen()
	x, after, plain := term.Cell(1, y), term.Cell(2, y), term.Cell(3, y)
	if x.Link != "http://a/;b" || x.Style.Underline != UnderlineCurly || x.Style.UnderlineColor != (Color{Kind: ColorPalette, Index: 9}) {
		t.Errorf("link and underline: %+v of %q", x, term.Text(y))
	}
	if after.Link != "http://a/;b" || after.Style != (Style{}) || plain.Link != "" {
		t.Errorf("link: %+v, %+v", after, plain)
	}
	if s := term.Row(y, RowOptions{}); strings.Contains(s, "http") {
		t.Errorf("the link is drawn: %q", s)
	}
}

// TestSavedLink checks that the link of a saved cursor is not swept out while no cell has it.
func TestSavedLink(t *testing.T) {
	term := after(Size{80, 24}, Options{History: 5}, "\x1b]8;;saved\x07\x1b7\x1b]8;;\x07")
	for i := range 2 * maxExtras {
		printf(term, "\x1b]8;;l%d\x07x", i)
	}
	printf(term, "\x1b8x")
	if got := term.Cell(0, 0).Link; got != "saved" {
		t.Errorf("link %q", got)
	}
	printf(term, "\x1b]8;;pen\x07")
	term.sweep()
	printf(term, "x")
	if got := term.Cell(1, 0).Link; got != "pen" {
		t.Errorf("link of the pen %q", got)
	}
}

func TestManyMarks(t *testing.T) {
	term := after(Size{10, 2}, Options{}, "a"+strings.Repeat("\u0301\u0302", 1000)+"b")
	if got := term.Cell(0, 0).Text; len(got) > maxCluster || len(got) < maxCluster-3 {
		t.Errorf("%d bytes in a cell", len(got))
	}
	if got := term.Cell(1, 0).Text; got != "b" {
		t.Errorf("after them %q", got)
	}
	check(t, term)
}

// TestTables fills the tables of clusters and links beyond their limits with values that go out of
// use, and then with values that stay.
func TestTables(t *testing.T) {
	term := New(Size{80, 24}, Options{History: 5})
	for i := range 3 * maxClusters {
		printf(term, "%c\u0301%c \x1b]8;;l%d\x07x\x1b]8;;\x07\r\n", rune(0x4e00+i%20000), rune(0x300+i/20000), i)
	}
	printf(term, "%s", "e\u0301\x1b]8;;last\x07x\x1b]8;;\x07")
	if a, b := term.Cell(0, term.Cursor().Y), term.Cell(1, term.Cursor().Y); a.Text != "e\u0301" || b.Link != "last" {
		t.Errorf("after many: %+v, %+v", a, b)
	}
	check(t, term)
	if n := len(term.clusters.ids); n > maxClusters || n != len(term.clusters.values)-len(term.clusters.free) {
		t.Errorf("%d clusters numbered, %d values, %d free", n, len(term.clusters.values), len(term.clusters.free))
	}

	full := New(Size{200, 100}, Options{History: -1})
	for i := range 200*99 - 1 {
		printf(full, "%c\u0301", rune(0xac00+i%11000)-0xac00+0x3400)
		if i%11000 == 10999 {
			printf(full, "%s", "\u0302")
		}
	}
	check(t, full)
}

func TestHistory(t *testing.T) {
	term := after(Size{20, 5}, Options{History: 100}, numbered(300))
	if term.HistoryLen() != 100 || term.Text(-1) != "line 295" || term.Text(-100) != "line 196" || term.Text(-101) != "" {
		t.Errorf("%d lines from %q to %q", term.HistoryLen(), term.Text(-100), term.Text(-1))
	}
	for name, tc := range map[string]struct {
		in   string
		want int
	}{
		"region at the top":    {"\x1b[1;3r\x1b[3;1H\n\n", 2},
		"region below":         {"\x1b[2;4r\x1b[4;1H\n\n", 0},
		"columns":              {"\x1b[?69h\x1b[2;9s\x1b[5;4H\n\n", 0},
		"alternate screen":     {"\x1b[?1049h\x1b[5;1H\n\n", 0},
		"delete lines":         {"\x1b[H\x1b[2M", 0},
		"scroll up":            {"\x1b[2S", 2},
		"erase the screen":     {"\x1b[2J", 4},
		"erase from the start": {"\x1b[H\x1b[J", 4},
		"erase the history":    {"\x1b[5;1H\n\n\x1b[3J", 0},
	} {
		term := after(Size{20, 5}, Options{}, "a\r\nb\r\nc\r\nd\r\n"+tc.in)
		if term.HistoryLen() != tc.want {
			t.Errorf("%s: %d lines, want %d", name, term.HistoryLen(), tc.want)
		}
	}
	if n := after(Size{20, 5}, Options{History: -1}, numbered(50)).HistoryLen(); n != 0 {
		t.Errorf("no history has %d lines", n)
	}
}

// TestHistoryKeepsCells checks that a row looks the same before and after it became history.
func TestHistoryKeepsCells(t *testing.T) {
	const row = "ab\x1b[1;3;4:3;31;48;2;1;2;3mcd日本\x1b[58:5:9;7;9;53mé e\u0301\x1b[m  x\x1b[44m  \x1b[K"
	term := after(Size{40, 4}, Options{}, row)
	drawn, text := term.Row(0, RowOptions{}), term.Text(0)
	_, _ = term.Write([]byte("\x1b[m" + strings.Repeat("\r\n", 9)))
	y := -term.HistoryLen()
	if got := term.Row(y, RowOptions{}); got != drawn || term.Text(y) != text {
		t.Errorf("got  %q\nwant %q", got, drawn)
	}
}

func TestHistoryBytes(t *testing.T) {
	term := New(Size{500, 4}, Options{History: 100})
	line := &strings.Builder{}
	for i := range 500 {
		fmt.Fprintf(line, "\x1b[38;2;1;2;%d;48;2;3;4;5mx", i&0xff)
	}
	for range 200 {
		printf(term, "%s\r\n", line)
	}
	if term.history.bytes > 100*historyBytes || term.HistoryLen() < 10 {
		t.Errorf("%d lines in %d bytes", term.HistoryLen(), term.history.bytes)
	}
}
