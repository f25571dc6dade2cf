package term

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// stateOf is all that can be seen of a terminal from outside.
func stateOf(t *Terminal) []string {
	size := t.Size()
	out := []string{fmt.Sprintf("%+v %+v %v %d %d %d %q %q", size, t.Cursor(), t.pending, t.x, t.y, t.HistoryLen(), t.Title(), t.replies)}
	for y := -t.HistoryLen(); y < size.H; y++ {
		out = append(out, fmt.Sprintf("%v %s", t.Wrapped(y), t.Row(y, RowOptions{})))
	}
	return append(out, fmt.Sprintf("%+v %+v %v", t.Modes(), t.margins, t.tabs[:size.W]))
}

// TestSplits feeds the same streams whole, byte by byte and cut at random places, which must make no
// difference, and checks that the terminal is in a state it may be in and its rows as wide as it is.
func TestSplits(t *testing.T) {
	streams := map[string]string{}
	for name := range unitCases(t) {
		streams[name] = string(readRaw(t, "unit/"+name+".raw"))
	}
	for _, name := range []string{"bash", "less"} {
		streams[name] = string(readRaw(t, "live/"+name+"/raw"))
	}
	for seed := range uint64(300) {
		g := newMaker(seed, Size{40, 10}, nil)
		var b strings.Builder
		for _, tok := range g.stream(100, false) {
			b.WriteString(tok.data)
			if g.IntN(4) == 0 {
				b.WriteString(exotic[g.IntN(len(exotic))])
			}
		}
		streams[fmt.Sprintf("seed %d", seed)] = b.String()
	}
	g := newMaker(1, Size{40, 10}, nil)
	for name, data := range streams {
		whole := after(Size{40, 10}, Options{History: 100}, data)
		check(t, whole)
		want := stateOf(whole)
		for _, limit := range []int{1, 2, 3, 17, 4096} {
			pieces := New(Size{40, 10}, Options{History: 100})
			for rest := data; rest != ""; {
				n := min(1+g.IntN(limit), len(rest))
				_, _ = pieces.Write([]byte(rest[:n]))
				rest = rest[n:]
			}
			if got := stateOf(pieces); !slices.Equal(got, want) {
				for i := range min(len(got), len(want)) {
					if got[i] != want[i] {
						t.Errorf("%s in pieces of up to %d bytes, %d:\n got %q\nwant %q", name, limit, i, got[i], want[i])
					}
				}
			}
		}
	}
}
