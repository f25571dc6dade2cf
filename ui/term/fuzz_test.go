package term

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// check fails if the terminal is in a state it must never be in.
func check(t *testing.T, term *Terminal) {
	t.Helper()
	size := term.Size()
	if size != size.clamp() {
		t.Fatalf("size %v", size)
	}
	if c := term.Cursor(); c.X < 0 || c.X >= size.W || c.Y < 0 || c.Y >= size.H {
		t.Fatalf("cursor %+v on %v", c, size)
	}
	m := term.margins
	if m.top < 0 || m.top > m.bottom || m.bottom >= size.H || m.left < 0 || m.left > m.right || m.right >= size.W {
		t.Fatalf("margins %+v on %v", m, size)
	}
	for _, s := range []*screen{term.primary, term.alternate} {
		if s == nil {
			continue
		}
		if len(s.rows) != size.H {
			t.Fatalf("%d rows on %v", len(s.rows), size)
		}
		seen := map[*row]bool{}
		for y, r := range s.rows {
			if seen[r] {
				t.Fatalf("row %d is there twice", y)
			}
			seen[r] = true
			checkRow(t, r, size.W)
		}
	}
	if term.history.n > term.history.limit || len(term.replies) > maxReplies || len(term.events) > maxEvents ||
		len(term.title) > maxTitle || len(term.clusters.values) > maxClusters || len(term.extras.values) > maxExtras {
		t.Fatal("a limit was passed")
	}
	for y := -min(term.HistoryLen(), 20); y < size.H; y++ {
		checkDrawn(t, term.Row(y, RowOptions{Highlights: []Highlight{{From: 1, To: 4}}}), size.W)
		_ = term.Text(y)
		_ = term.Cell(size.W/2, y)
	}
}

// checkRow fails if a row has halves of wide characters or more than it says is used.
func checkRow(t *testing.T, r *row, w int) {
	t.Helper()
	if len(r.cells) != w || r.used > w {
		t.Fatalf("row of %d cells, %d used, want %d", len(r.cells), r.used, w)
	}
	for x := range r.cells {
		c := r.cells[x]
		isWide := c.attr&wide != 0
		if x >= r.used && c != (cell{}) {
			t.Fatalf("cell %d is used, the row says %d are", x, r.used)
		}
		if isWide && (x+1 >= w || !r.cells[x+1].isTail() || !r.wide) {
			t.Fatalf("wide character at %d without its right half", x)
		}
		if c.isTail() && (x == 0 || r.cells[x-1].attr&wide == 0) {
			t.Fatalf("right half at %d without its left one", x)
		}
	}
}

// checkDrawn fails if a drawn row has another width than its screen or anything but text and SGR.
func checkDrawn(t *testing.T, s string, w int) {
	t.Helper()
	if got, wc := ansi.StringWidth(s), ansi.StringWidthWc(s); got != w || wc != w {
		t.Fatalf("row %q is %d and %d wide, want %d", s, got, wc, w)
	}
	if !strings.HasSuffix(s, "\x1b[m") {
		t.Fatalf("row %q does not end in a reset", s)
	}
	for s != "" {
		at := strings.IndexByte(s, 0x1b)
		if at < 0 {
			at = len(s)
		}
		for _, r := range s[:at] {
			if r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
				t.Fatalf("%U in %q", r, s)
			}
		}
		if s = s[at:]; s == "" {
			return
		}
		end := strings.IndexFunc(s[1:], func(r rune) bool { return !strings.ContainsRune("[0123456789;:", r) })
		if end < 0 || s[1] != '[' || s[1+end] != 'm' {
			t.Fatalf("%q is not SGR", s)
		}
		s = s[end+2:]
	}
}

// seeds adds the corpus and some inputs that are hard on a terminal.
func seeds(f *testing.F) {
	f.Helper()
	for name := range unitCases(f) {
		f.Add(readRaw(f, "unit/"+name+".raw"), uint16(0x1234))
	}
	for _, name := range []string{"bash", "less"} {
		f.Add(readRaw(f, "live/"+name+"/raw")[:6000], uint16(7))
	}
	for _, s := range []string{
		"\x1b[?69h\x1b[3;9s日本語日本語日本語\x1b[2@\x1b[3P\x1b[S\x1b[T\x1b[L\x1b[M\x1b['}\x1b['~",
		"日\x1b[1;2H\x1b[1$x\x1b[65;1;2;9;9$x\x1b[1;1;5;5;1;3;3;1$v\x1b[2;2;5;5$z\x1b[1\"q日本\x1b[?J",
		"\x1b[?1049h日本\x1b[?47l\x1b[?1047h\x1b[?1048l\x1b8\x1b[!p\x1b#8\x1bc",
		"a\u0300\u0301\u0302b\u200d\U0001F468\u200d\U0001F469\u0903\u1112\u1161\u11ab\U0001F1E9\U0001F1EA",
		"\x1b]8;;http://x\x07link\x1b]8;;\x07\x1b[58:2::1:2:3;4:3mu\x1b[999999b\x1b]4;1;#f00;2;?\x07\x1b]10;?\x07",
		"\x1b[?45h\x08\x08\x1b[?7l日日\x1b[4h日\x1b[4l\x1b[5;2r\x1b[?6h\x1b[9;9H\x1b6\x1b9\x1bM\x1bD",
		strings.Repeat("日", 200) + strings.Repeat("\r\n", 30) + strings.Repeat("x", 300),
	} {
		f.Add([]byte(s), uint16(0xbeef))
	}
}

// FuzzTerminal writes in pieces, resizing in between, and checks the state after each piece.
func FuzzTerminal(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte, salt uint16) {
		if len(data) > 1<<14 {
			return
		}
		term := New(Size{40, 10}, Options{History: 50})
		n := uint32(salt)
		for len(data) > 0 {
			n = n*1664525 + 1013904223
			piece := min(len(data), int(n>>16&0x7f)+1)
			_, _ = term.Write(data[:piece])
			data = data[piece:]
			check(t, term)
			if n&0x30 == 0 {
				term.Resize(Size{int(n >> 8 % 50), int(n >> 20 % 30)})
				check(t, term)
			}
		}
	})
}

// FuzzPieces compares writing all at once with writing byte by byte.
func FuzzPieces(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte, _ uint16) {
		if len(data) > 1<<12 {
			return
		}
		whole, pieces := New(Size{20, 6}, Options{History: 20}), New(Size{20, 6}, Options{History: 20})
		_, _ = whole.Write(data)
		for i := range data {
			_, _ = pieces.Write(data[i : i+1])
		}
		for y := -whole.HistoryLen(); y < 6; y++ {
			if a, b := whole.Row(y, RowOptions{}), pieces.Row(y, RowOptions{}); a != b {
				t.Fatalf("row %d\nwhole  %q\npieces %q", y, a, b)
			}
		}
		if a, b := whole.Cursor(), pieces.Cursor(); a != b || whole.HistoryLen() != pieces.HistoryLen() {
			t.Fatalf("cursor %+v and %+v", a, b)
		}
		if a, b := string(whole.TakeReplies()), string(pieces.TakeReplies()); a != b {
			t.Fatalf("replies %q and %q", a, b)
		}
	})
}

// FuzzEncode checks that no text can end bracketed paste and no key panics.
func FuzzEncode(f *testing.F) {
	f.Add("a\x1b[201~b\x1b[20\x1b[201~1~\u009b201~", int32('a'), "A", uint8(5), true)
	f.Add("\n\r\n", KeyF24, "", uint8(255), false)
	f.Fuzz(func(t *testing.T, text string, code int32, typed string, mod uint8, on bool) {
		m := Modes{BracketedPaste: on, CursorKeys: on, Keypad: on, MouseSGR: on, Mouse: MouseMode(mod % 5)}
		got := string(EncodePaste(text, m))
		body := strings.TrimSuffix(strings.TrimPrefix(got, "\x1b[200~"), "\x1b[201~")
		if on == (body == got) || strings.ContainsAny(body, "\x1b\n\x7f") {
			t.Fatalf("paste %q", got)
		}
		_ = EncodeKey(Key{Code: code, Text: typed, Mod: Mod(mod), Base: code}, m)
		_ = EncodeMouse(Mouse{X: int(code), Y: int(mod), Button: MouseButton(mod), Action: MouseAction(mod % 3)}, m)
	})
}
