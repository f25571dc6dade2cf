package term

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// fuzzSizes are the sizes of screens the fuzzers resize to: edges above all.
var fuzzSizes = []Size{
	{1, 1}, {2, 1}, {1, 7}, {2, 2}, {3, 3}, {5, 4}, {9, 3}, {10, 8}, {17, 6}, {40, 10}, {20, 24}, {0, 0}, {-5, 3}, {7, 60}, {80, 24}, {300, 100},
}

// fuzzOptions are what fuzzed terminals are made with. Those with small tables run out of numbers for
// clusters and links, which else takes more input than a fuzzer makes.
var fuzzOptions = []struct {
	history, clusters, extras int
}{{50, maxClusters, maxExtras}, {-1, 4, 3}, {1, 5, 1}, {100, 6, 4}, {20, maxClusters, 2}, {7, 1, maxExtras}}

// fuzzed returns a terminal that depends on a number only.
func fuzzed(n uint32) *Terminal {
	o := fuzzOptions[int(n>>4)%len(fuzzOptions)]
	size := Size{40, 10}
	if n&1 != 0 {
		size = fuzzSizes[int(n>>8)%(len(fuzzSizes)-3)]
	}
	term := New(size, Options{History: o.history})
	term.clusters.limit, term.extras.limit = o.clusters, o.extras
	return term
}

// dice are a sequence of numbers that a seed determines.
type dice uint32

func (d *dice) roll(n int) int {
	*d = *d*1664525 + 1013904223
	return int(uint32(*d)>>16) % n
}

// poke does to a terminal what its owner may do at any time.
func poke(t *testing.T, term *Terminal, d *dice) {
	t.Helper()
	size := term.Size()
	switch d.roll(16) {
	case 0, 1:
		n := len(fuzzSizes)
		if d.roll(16) != 0 {
			n -= 3 // the last ones take long to check
		}
		term.Resize(fuzzSizes[d.roll(n)])
	case 2:
		term.Resize(Size{size.W + d.roll(5) - 2, size.H + d.roll(5) - 2})
	case 3:
		if r := term.TakeReplies(); len(r) > maxReplies || !utf8.Valid(r) {
			t.Fatalf("replies %q", r)
		}
		if len(term.TakeReplies()) != 0 {
			t.Fatal("replies are there twice")
		}
	case 4:
		term.TakeEvents()
	case 5:
		y := d.roll(400) - 200
		checkDrawn(t, term.Row(y, RowOptions{Highlights: []Highlight{{From: d.roll(9) - 4, To: d.roll(400)}}}), size.W, false)
		checkText(t, term.Text(y))
		term.Wrapped(y)
		if c := term.Cell(d.roll(400)-200, y); c.Width < 0 || c.Width > 2 {
			t.Fatalf("cell %+v", c)
		}
	case 6:
		m := term.Modes()
		checkInput(t, EncodeKey(Key{Code: KeyUp + rune(d.roll(60)), Mod: Mod(d.roll(256)), Action: KeyAction(d.roll(3))}, m))
		checkInput(t, EncodeMouse(Mouse{X: d.roll(400) - 5, Y: d.roll(400) - 5, Button: MouseButton(d.roll(12)), Action: MouseAction(d.roll(3))}, m))
		checkInput(t, EncodeFocus(d.roll(2) == 0, m))
	case 7:
		checkReading(t, term, d)
	case 10:
		term.SetColors(RGB{uint8(d.roll(256)), 9, 9}, RGB{uint8(d.roll(256)), uint8(d.roll(256)), 0})
	case 8:
		checkFrozen(t, term, d)
	case 9:
		if other, same := resumed(term); same {
			checkSame(t, other, term, "taken up")
		}
	}
}

// checkReading reads what is not drawn: paragraphs, links, prompts and what commands have printed.
func checkReading(t *testing.T, term *Terminal, d *dice) {
	t.Helper()
	var p Paragraph
	size := term.Size()
	for y := term.Begin(d.roll(40) - 20); y < size.H; y += max(p.Rows, 1) {
		term.ReadParagraph(y, &p)
		if p.Rows < 1 || p.Rows > maxParagraph || len(p.Cells) != len(p.Text) {
			t.Fatalf("%d rows, %d bytes, %d places at %d", p.Rows, len(p.Text), len(p.Cells), y)
		}
		checkText(t, string(p.Text))
		for _, l := range p.Links {
			if l.From >= l.To || l.To > len(p.Text) || l.Target == "" || len(l.Target) > maxLink {
				t.Fatalf("link %+v in %d bytes", l, len(p.Text))
			}
			checkText(t, l.Target)
		}
	}
	for _, y := range term.Prompts() {
		if y < -term.HistoryLen() || y >= size.H {
			t.Fatalf("a prompt in row %d", y)
		}
	}
	y := d.roll(60) - 30
	if first, last, end, ok := term.Output(y); ok && (first < -term.HistoryLen() || last < first || last > size.H || end < 0 || end > maxWidth) {
		t.Fatalf("output from %d to %d, %d", first, last, end)
	}
	checkText(t, term.TextBetween(y, d.roll(20)-5, d.roll(90)))
}

// checkFrozen resizes and draws a copy, and fails if the terminal notices.
func checkFrozen(t *testing.T, term *Terminal, d *dice) {
	t.Helper()
	before := term.Row(0, RowOptions{})
	f := term.Freeze()
	lines := f.HistoryLen()
	f.Resize(fuzzSizes[d.roll(len(fuzzSizes)-2)])
	checkState(t, f)
	for y := -min(f.HistoryLen(), 5); y < f.Size().H; y++ {
		checkDrawn(t, f.Row(y, RowOptions{}), f.Size().W, false)
	}
	if lines != term.HistoryLen() || term.Row(0, RowOptions{}) != before {
		t.Fatal("resizing a copy changed what was copied")
	}
	checkReading(t, f, d)
}

// checkInput fails if what an event sends to the child is longer than any event.
func checkInput(t *testing.T, b []byte) {
	t.Helper()
	if len(b) > 40 {
		t.Fatalf("%d bytes for one event: %q", len(b), b)
	}
}

// seeds adds the corpus and some inputs that are hard on a terminal.
func seeds(f *testing.F) {
	f.Helper()
	for name := range unitCases(f) {
		f.Add(readRaw(f, "unit/"+name+".raw"), uint32(0x1234))
	}
	for _, name := range []string{"bash", "less"} {
		f.Add(readRaw(f, "live/"+name+"/raw")[:6000], uint32(7))
	}
	for _, s := range []string{
		"\x1b[?69h\x1b[3;9s日本語日本語日本語\x1b[2@\x1b[3P\x1b[S\x1b[T\x1b[L\x1b[M\x1b['}\x1b['~",
		"日\x1b[1;2H\x1b[1$x\x1b[65;1;2;9;9$x\x1b[1;1;5;5;1;3;3;1$v\x1b[2;2;5;5$z\x1b[1\"q日本\x1b[?J",
		"\x1b[?1049h日本\x1b[?47l\x1b[?1047h\x1b[?1048l\x1b8\x1b[!p\x1b#8\x1bc",
		"a\u0300\u0301\u0302b\u200d\U0001F468\u200d\U0001F469\u0903\u1112\u1161\u11ab\U0001F1E9\U0001F1EA",
		"\x1b]8;;http://x\x07link\x1b]8;;\x07\x1b[58:2::1:2:3;4:3mu\x1b[999999b\x1b]4;1;#f00;2;?\x07\x1b]10;?\x07",
		"\x1b[?45h\x08\x08\x1b[?7l日日\x1b[4h日\x1b[4l\x1b[5;2r\x1b[?6h\x1b[9;9H\x1b6\x1b9\x1bM\x1bD",
		"\x1b]0;t\x07\x1b[22t\x1b[22;0t\x1b[23t\x1b]7;file:///a%1bb\x07\x1b]52;c;aGk=\x07\x1b]133;A\x07\x1bP$qm\x1b\\\x1bP+q544e\x1b\\",
		"\x1b[=5;1u\x1b[>31u\x1b[<9u\x1b[?u\x1b[>4;2m\x1b[?2026h\x1b[?2048h\x1b[?1003;1006hx\x1b[?2026$p\x1b[14t\x1b[5n\x1b[6n\x1b[c",
		strings.Repeat("日", 200) + strings.Repeat("\r\n", 30) + strings.Repeat("x", 300),
	} {
		f.Add([]byte(s), uint32(0xbeef))
	}
	for n := range uint32(48) {
		f.Add([]byte("日a\u0301\x1b]8;;u:1\x07b\u0302\x1b]8;;u:2\x07c\u0303\n\x1b]8;;u:3\x07d\u0304\x1b[58;5;1me\u0305\x1b7\x1b[Hf\u0306\x1b8g\n\n\u65e5\u0301"), n<<8|n<<4|1)
	}
}

// FuzzTerminal writes in pieces, does in between what an owner does, and checks the state after each.
func FuzzTerminal(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte, salt uint32) {
		if len(data) > 1<<13 {
			return
		}
		term, d := fuzzed(salt), dice(salt)
		for len(data) > 0 {
			piece := min(len(data), d.roll(100)+1)
			_, _ = term.Write(data[:piece])
			data = data[piece:]
			checkState(t, term)
			checkBounds(t, term)
			poke(t, term, &d)
			checkState(t, term)
		}
		check(t, term)
	})
}

// FuzzSequences does the same with what a generator makes of the input: nearly all of it is sequences
// the terminal knows.
func FuzzSequences(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte, salt uint32) {
		if len(data) > 1<<11 {
			return
		}
		term, d := fuzzed(salt), dice(salt)
		g := generator{data: data, size: term.Size()}
		for len(g.data) > 0 {
			_, _ = term.Write([]byte(g.sequence()))
			if d.roll(8) == 0 {
				checkState(t, term)
				checkBounds(t, term)
				poke(t, term, &d)
				checkState(t, term)
				g.size = term.Size()
			}
		}
		check(t, term)
	})
}

// FuzzPieces compares writing all at once with writing in pieces of one byte, and of any length: no
// difference may be left anywhere in the terminal.
func FuzzPieces(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte, salt uint32) {
		if len(data) > 1<<12 {
			return
		}
		g := generator{data: data, size: Size{20, 6}}
		if salt&2 != 0 {
			for data = nil; len(g.data) > 0 && len(data) < 1<<12; {
				data = append(data, g.sequence()...)
			}
		}
		whole, bytes, pieces, d := fuzzed(salt), fuzzed(salt), fuzzed(salt), dice(salt)
		_, _ = whole.Write(data)
		for i := range data {
			_, _ = bytes.Write(data[i : i+1])
		}
		for rest := data; len(rest) > 0; {
			n := min(len(rest), d.roll(50))
			_, _ = pieces.Write(rest[:n])
			rest = rest[n:]
		}
		sameState(t, whole, bytes)
		sameState(t, whole, pieces)
		for _, size := range []Size{{9, 3}, {40, 10}} { // what is not seen now may be later
			whole.Resize(size)
			bytes.Resize(size)
			sameState(t, whole, bytes)
		}
	})
}

// sameState fails if two terminals differ in anything but buffers with nothing in them.
func sameState(t *testing.T, a, b *Terminal) {
	t.Helper()
	for _, term := range []*Terminal{a, b} {
		term.scratch, term.scratchText, term.out, term.spare, term.history.scratch = nil, nil, nil, nil, nil
		term.widths = widthCache{}
		for _, s := range []*screen{term.primary, term.alternate} {
			if s != nil {
				for _, r := range s.rows {
					clear(r.cells[r.used:])
				}
			}
		}
		clear(term.parser.part[term.parser.partLen:])
		if p := &term.parser; p.state != inOSC && p.state != inDCS || p.over || len(p.buf) == 0 {
			p.buf = nil
		}
	}
	for _, screens := range [][2]*screen{{a.primary, b.primary}, {a.alternate, b.alternate}} {
		if screens[0] == nil || screens[1] == nil {
			continue
		}
		for y, r := range screens[0].rows {
			s := screens[1].rows[y]
			if !slices.Equal(r.cells[:r.used], s.cells[:s.used]) || r.rest != s.rest || r.wrapped != s.wrapped || r.prompts != s.prompts {
				t.Fatalf("row %d\nwhole  %+v\npieces %+v", y, r, s)
			}
		}
	}
	rest := func(t *Terminal) Terminal { // what is not compared yet
		c := *t
		for _, s := range []**screen{&c.primary, &c.alternate, &c.screen} {
			if *s != nil {
				*s = &screen{saved: (*s).saved}
			}
		}
		return c
	}
	if !reflect.DeepEqual(rest(a), rest(b)) {
		t.Fatalf("whole\n%s\npieces\n%s", inside(a), inside(b))
	}
}

// inside returns what a terminal holds beside its cells.
func inside(t *Terminal) string {
	return fmt.Sprintf("cursor %d,%d pending %v last %q pen %+v charsets %+v margins %+v modes %+v flags %v\n"+
		"title %q %q palette %+v saved %+v %+v\nclusters %q extras %+v\nreplies %q events %+v\nparser %+v",
		t.x, t.y, t.pending, t.last, t.pen, t.charsets, t.margins, t.modes,
		[]bool{t.origin, t.autowrap, t.insert, t.reverseWrap, t.columns, t.inBand, t.inverted, t.hidden},
		t.title, t.titles, t.palette, t.primary.saved, t.savedModes, t.clusters.values, t.extras.values, t.replies, t.events, t.parser)
}

// FuzzEncode checks that keys and mice send what a terminal may send, whatever they are.
func FuzzEncode(f *testing.F) {
	f.Add(KeyF24, "", uint8(255), uint32(0xffff), rune(0), rune(0))
	f.Add('a', "A", uint8(5), uint32(0), 'A', 'a')
	f.Add('ф', "", uint8(4), uint32(0x1f), 'Ф', 'a')
	f.Add(KeyKPEnter, "\r", uint8(1), uint32(2), rune(0), rune(0))
	f.Fuzz(func(t *testing.T, code rune, typed string, mod uint8, flags uint32, shifted, base rune) {
		m := fuzzedModes(flags)
		k := Key{Code: code, Text: typed, Mod: Mod(mod), Shifted: shifted, Base: base, Action: KeyAction(flags >> 28 % 3)}
		got := EncodeKey(k, m)
		if len(got) > len(typed)*12+40 {
			t.Fatalf("%d bytes for %+v: %q", len(got), k, got)
		}
		if utf8.ValidString(typed) && !utf8.Valid(got) {
			t.Fatalf("%+v sends %q", k, got)
		}
		ev := Mouse{X: int(code), Y: int(shifted), Button: MouseButton(mod % 16), Action: MouseAction(flags >> 24 % 3), Mod: Mod(mod)}
		out := EncodeMouse(ev, m)
		if len(out) > 40 || m.Mouse == MouseOff && out != nil {
			t.Fatalf("%+v sends %q", ev, out)
		}
		if m.MouseSGR && len(out) > 0 && !mouseSGR.Match(out) {
			t.Fatalf("%+v sends %q", ev, out)
		}
	})
}

var mouseSGR = regexp.MustCompile(`^\x1b\[<[0-9]{1,3};[1-9][0-9]*;[1-9][0-9]*[mM]$`)

// fuzzedModes returns modes of which each depends on a bit of a number.
func fuzzedModes(n uint32) Modes {
	bit := func(i int) bool { return n>>i&1 != 0 }
	return Modes{
		CursorKeys: bit(0), Keypad: bit(1), BackarrowBS: bit(2), Newline: bit(3), BracketedPaste: bit(4), Focus: bit(5),
		MouseSGR: bit(6), Mouse: MouseMode(n >> 8 % 5), Kitty: uint8(n >> 16 & 31), ModifyOther: uint8(n >> 12 % 3), FormatOther: bit(14),
		MouseFormat: MouseFormat(n >> 21 % 4),
	}
}

// FuzzPaste checks that no text can end bracketed paste, nor be anything but text.
func FuzzPaste(f *testing.F) {
	f.Add("a\x1b[201~b\x1b[20\x1b[201~1~\u009b201~", true)
	f.Add("\xc2\x1b\x9b201~\xc2\xc2\x9b\x9b201~\xc2a\x7f", true)
	f.Add("\n\r\n", false)
	f.Fuzz(func(t *testing.T, text string, on bool) {
		got := string(EncodePaste(text, Modes{BracketedPaste: on}))
		body, begun := strings.CutPrefix(got, "\x1b[200~")
		body, ended := strings.CutSuffix(body, "\x1b[201~")
		if begun != on || ended != on {
			t.Fatalf("paste %q", got)
		}
		for i, r := range body {
			if unicode.IsControl(r) && r != '\t' && r != '\r' || r == utf8.RuneError && body[i] < 0xa0 {
				t.Fatalf("%q in %q", r, got)
			}
		}
		if ascii(text) && strings.ReplaceAll(body, "\r", "\n") != text {
			t.Fatalf("%q is pasted as %q", text, body)
		}
	})
}

// ascii reports whether a text is printable ASCII in lines.
func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return (r < 0x20 || r > 0x7e) && r != '\n' }) < 0
}
