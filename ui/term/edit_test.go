package term

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestRepeatIsPrinting compares REP with the character printed so often, with all kinds of margins, modes
// and places of the cursor.
func TestRepeatIsPrinting(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	const w, h = 11, 6
	for range 5_000 {
		var before strings.Builder
		before.WriteString("\x1b[44m\x1b[2J\x1b[45m世界abcdefghij世世世世世世世世世世世世\x1b[?69h")
		left, top := 1+r.IntN(w-1), 1+r.IntN(h-1)
		fmt.Fprintf(&before, "\x1b[%d;%ds\x1b[%d;%dr", left, left+1+r.IntN(w-left), top, top+1+r.IntN(h-top))
		for _, mode := range []string{"\x1b[4h", "\x1b[?7l", "\x1b[?6h", "\x1b[?69l", "\x1b(0", "\x1b[?1049h"} {
			if r.IntN(5) == 0 {
				before.WriteString(mode)
			}
		}
		fmt.Fprintf(&before, "\x1b[%d;%dH\x1b[4%dmq", 1+r.IntN(h), 1+r.IntN(w), r.IntN(8))
		n := 1 + r.IntN(w*h)
		a, b := New(Size{w, h}, Options{}), New(Size{w, h}, Options{})
		feed(a, before.String()+fmt.Sprintf("\x1b[%db", n))
		feed(b, before.String()+strings.Repeat("q", n))
		if a.x != b.x || a.y != b.y || a.pending != b.pending || a.HistoryLen() != b.HistoryLen() {
			t.Fatalf("%q and %d: cursor %d,%d %v, want %d,%d %v", before.String(), n, a.x, a.y, a.pending, b.x, b.y, b.pending)
		}
		for y := -a.HistoryLen(); y < h; y++ {
			if got, want := a.Row(y, RowOptions{}), b.Row(y, RowOptions{}); got != want {
				t.Fatalf("%q and %d: row %d\n%q, want\n%q", before.String(), n, y, got, want)
			}
		}
	}
}

// A rectangle whose edge is in a wide character blanks the half it changes and the one that is left. What
// is only read stays as it is.
func TestRectanglesCutWideCharacters(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b[1;3;1;3;1;1;7$v":   "ab世cd",
		"\x1b[1;4;1;5;1;1;7$v":   "ab世cd c",
		"\x1b[1;3;1;3;1;1;1$v":   " b世cd",
		"\x1b[1;4;1;5;1;2;2$v":   "ab世cd\n  c",
		"\x1b[1;1;1;2;1;1;4$v":   "ab abd",
		"\x1b[1;1;1;3;1;1;2$v":   "aab cd",
		"\x1b[1;1;1;9;1;1;2$v":   "aab世cd",
		"\x1b[1;3;1;3$z":         "ab  cd",
		"\x1b[1;4;1;4$z":         "ab  cd",
		"\x1b[1;4;1;4${":         "ab  cd",
		"\x1b[88;1;4;1;4$x":      "ab Xcd",
		"\x1b[88;1;1;1;3$x":      "XXX cd",
		"\x1b[2;1;2;3;2;1;1;1$v": "    cd",
	} {
		vt := after(Size{9, 2}, Options{}, "ab世cd"+in)
		if got := strings.TrimRight(vt.Text(0)+"\n"+vt.Text(1), "\n"); got != want {
			t.Errorf("%q leaves %q, want %q", in, got, want)
		}
	}
}
