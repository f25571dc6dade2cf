package term

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"
)

// checkSame fails if two terminals are not the same to their child: what State leaves out apart.
func checkSame(t *testing.T, got, want *Terminal, after string) {
	t.Helper()
	for y := range want.size.H {
		for x := range want.size.W {
			if g, w := got.Cell(x, y), want.Cell(x, y); g != w {
				t.Fatalf("%s: cell %d,%d is %+v, want %+v", after, x, y, g, w)
			}
		}
	}
	type facts struct {
		X, Y                                    int
		Pending, Origin, Autowrap, Insert       bool
		ReverseWrap, Columns, Inverted, Hidden  bool
		InBand, National, Scheme, Rectangles    bool
		Level                                   int
		Styles                                  string
		Shape                                   int
		Modes                                   Modes
		Keyboard                                string
		Margins                                 margins
		Charsets                                charsets
		Title, Titles, Tabs, Pen, Link, Palette string
	}
	keyboard := func(t *Terminal) string {
		k, alternate := &t.kitty[0], &t.kitty[1]
		return fmt.Sprintf("%v %v, %v %v", k.now, k.saved[:k.n], alternate.now, alternate.saved[:alternate.n])
	}
	of := func(t *Terminal) facts {
		var styles []string
		for _, s := range t.styles {
			p := pen{ink: ink{attr: s.pen.attr & s.attrs}}
			if s.fg {
				p.fg = s.pen.fg
			}
			if s.bg {
				p.bg = s.pen.bg
			}
			if s.all {
				p.ul = s.pen.ul
			}
			styles = append(styles, fmt.Sprint(s.attrs, s.fg, s.bg, s.all, p))
		}
		f := facts{
			t.x, t.y, t.pending, t.origin, t.autowrap, t.insert, t.reverseWrap, t.columns, t.inverted, t.hidden,
			t.inBand, t.national, t.scheme, t.rectangles, t.level, fmt.Sprint(styles), t.shape, t.modes, keyboard(t), t.margins, t.charsets, t.title, fmt.Sprint(t.titles), fmt.Sprint(t.tabs[:t.size.W]),
			"", t.pen.link, fmt.Sprint(t.palette.dynamic),
		}
		f.Pen = fmt.Sprint(t.pen.fg, t.pen.bg, t.pen.attr, t.pen.ul)
		if t.palette.colors != nil && *t.palette.colors != [256]color{} {
			f.Palette += fmt.Sprint(*t.palette.colors)
		}
		return f
	}
	if g, w := of(got), of(want); !reflect.DeepEqual(g, w) {
		t.Fatalf("%s:\n%+v, want\n%+v", after, g, w)
	}
}

// resumed returns a terminal made from the state of another, and whether they are to be the same from then
// on: some of what State leaves out matters to few sequences.
func resumed(from *Terminal) (to *Terminal, same bool) {
	to = New(from.size, Options{})
	_, _ = to.Write(from.State())
	to.TakeReplies()
	to.last = from.last
	lost := func(r *row, x int) bool {
		c := cellAt(r.all(), x)
		return c.r == 0 && !c.isTail()
	}
	plain := func(s saved, scr *screen) bool {
		return s.x < from.size.W && s.y < from.size.H && !s.pending || s == saved{} ||
			s.pending && s.x == from.size.W-1 && s.y < from.size.H && !lost(scr.rows[s.y], s.x)
	}
	same = (from.alternate == nil || from.modes.AltScreen) && len(from.savedModes) == 0 &&
		plain(from.primary.saved, from.primary) && (from.alternate == nil || plain(from.alternate.saved, from.alternate)) &&
		(!from.pending || !lost(from.row(), from.x) && (from.x == from.lineEnd()-1 || from.x == from.size.W-1)) && (!from.origin || from.inRegion()) &&
		len(from.extras.values) < maxExtras && len(from.clusters.values) < maxClusters
	return to, same
}

func TestStateResumes(t *testing.T) {
	size := Size{W: 12, H: 5}
	for name, c := range map[string][2]string{
		"text":             {"hello\r\nworld", "!"},
		"styles":           {"\x1b[1;31ma\x1b[4:3;58:2::1:2:3mb\x1b[0;7;48;5;99mc", "d"},
		"erased with bg":   {"\x1b[44m\x1b[2J\x1b[2;3Hx\x1b[K", "y"},
		"wrapped":          {"abcdefghijklmnopqrstuvwx", "y"},
		"wide at the edge": {"abcdefghijk日本", "語"},
		"combining":        {"e\u0301x\u0300", "\u0302"},
		"link":             {"\x1b]8;;http://a/\x1b\\link", "more\x1b]8;;\x1b\\"},
		"protected":        {"\x1b[1\"qab\x1b[0\"qcd\x1b[1\"q", "ef\x1b[?2J"},
		"margins":          {"\x1b[?69h\x1b[3;8s\x1b[2;4r\x1b[?6h\x1b[2;2Hx", "abcdefgh\n\n\n"},
		"alternate":        {"shell\x1b[31m\x1b[?1049h\x1b[2;2Hvim", "x\x1b[?1049lprompt"},
		"saved":            {"\x1b[3;3H\x1b(0\x1b[32m\x1b7\x1b(B\x1b[m\x1b[H", "a\x1b8q"},
		"saved on both":    {"\x1b[3;3H\x1b[?1049h\x1b[2;2H\x1b[7m\x1b7\x1b[m\x1b[H", "a\x1b8b\x1b[?1049lc"},
		"line drawing":     {"\x1b)0\x0elqk", "x\x0fx"},
		"single shift":     {"\x1b*0\x1bN", "qq"},
		"tab stops":        {"\x1b[3g\x1b[1;5H\x1bH\r", "\tx"},
		"modes":            {"\x1b[?1;7;25;2004;1002;1006;1004h\x1b[?7;25l\x1b[4;20h\x1b=\x1b[3 q\x1b[?2026h", "x"},
		"keyboard":         {"\x1b[>1u\x1b[>5u\x1b[?1049h\x1b[=3u\x1b[>4;2m\x1b[>4;1f", "\x1b[<u\x1b[?1049l\x1b[<u"},
		"mouse":            {"\x1b[?1003;1015h", "\x1b[?1006$p"},
		"national sets":    {"\x1b[?42h\x1b(K\x1b*R\x0e[[", "\x0f[{\x1bn[\x1b)R\x0e["},
		"sets left on":     {"\x1b[?42h\x1b(K\x1b[?42l[", "[\x1b(K["},
		"blanks":           {"\x1b[41mab\x1b[K\x1b[m\x1b[1;2;3;7;7;4$t\x1b[2*x\x1b[4;1;5;3;1;5;8$r", "\x1b[1;1;4;9;7$t"},
		"saved styles":     {"\x1b[1;31m\x1b[#{\x1b[4;42m\x1b[1;31#{\x1b[m\x1b[0#{", "\x1b[35m\x1b[#}a\x1b[#}b\x1b[#}c"},
		"conformance":      {"\x1b[62;1\"p\x1b[2*x\x1b[?2031h", "\x1b[1;1;2;2;7$r"},
		"title and colors": {"\x1b]0;one\x07\x1b[22;0t\x1b]2;two\x07\x1b]4;1;#123456\x07\x1b]11;#222\x07", "\x1b[23;0t"},
		"inside CSI":       {"x\x1b[1;38:2:", "9:8:7mz"},
		"inside private":   {"x\x1b[?25", "l"},
		"inside OSC":       {"\x1b]0;ti", "tle\x07"},
		"inside its end":   {"\x1b]0;title\x1b", "\\x"},
		"inside DCS":       {"\x1bP$", "qm\x1b\\x"},
		"inside APC":       {"\x1b_Gabc", "def\x1b\\x"},
		"inside escape":    {"\x1b(", "0q"},
		"inside character": {"\xe6\x97", "\xa5x"},
	} {
		t.Run(name, func(t *testing.T) {
			a := New(size, Options{})
			_, _ = a.Write([]byte(c[0]))
			b, same := resumed(a)
			if !same {
				t.Fatal("the case is one of those that State leaves out")
			}
			checkSame(t, b, a, "before")
			_, _ = a.Write([]byte(c[1]))
			_, _ = b.Write([]byte(c[1]))
			checkSame(t, b, a, "after")
		})
	}
}

// TestStateWraps keeps that what wrapped does so in the terminal that reads it.
func TestStateWraps(t *testing.T) {
	for _, text := range []string{"0123456789abcdefghij", "012345678日本", "日本日本日本日本"} {
		a := New(Size{W: 10, H: 4}, Options{})
		_, _ = a.Write([]byte(text))
		b, _ := resumed(a)
		b.Resize(Size{W: 40, H: 4})
		if got := b.Text(0); got != text {
			t.Errorf("%q is %q once there is room", text, got)
		}
	}
}

// FuzzState takes a child's output up in another terminal, in the middle of it.
func FuzzState(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte, salt uint32) {
		if len(data) > 1<<12 {
			return
		}
		size := Size{W: 1 + int(salt%40), H: 1 + int(salt>>8%20)}
		at := len(data) * int(salt&0xff) / 0xff
		a := New(size, Options{})
		_, _ = a.Write(data[:at])
		b, same := resumed(a)
		if again := a.State(); !bytes.Equal(again, a.State()) {
			t.Fatalf("the state is %q, and then another", again)
		}
		if !same {
			return
		}
		checkSame(t, b, a, "before")
		_, _ = a.Write(data[at:])
		_, _ = b.Write(data[at:])
		if len(a.savedModes) == len(b.savedModes) && len(a.titles) == len(b.titles) {
			checkSame(t, b, a, "after")
		}
	})
}
