package term

import (
	"slices"
	"testing"
)

// agreedRecordings are programs recorded by TestRecord of package test. What is written down with them is what
// tmux and xterm.js both showed: see TestTmuxAndXtermJSRecordings.
var agreedRecordings = []string{"dialog", "htop", "man", "mc", "nano", "tmux", "vim"}

// agreedView is what they showed after Off bytes. X is the width while a wrap is pending.
type agreedView struct {
	Off               int
	Label             string
	X, Y              int
	Hidden, Alternate bool     // the cursor; whether it is the alternate screen
	Rows              []string // as cellsOf has them
}

func (v agreedView) same(other agreedView) bool {
	return v.X == other.X && v.Y == other.Y && v.Hidden == other.Hidden && v.Alternate == other.Alternate && slices.Equal(v.Rows, other.Rows)
}

// Programs look as they did in both of the others, however their output is cut into pieces.
func TestAgreed(t *testing.T) {
	for _, name := range agreedRecordings {
		t.Run(name, func(t *testing.T) {
			raw := readRaw(t, "live/"+name+"/raw")
			var points []agreedView
			readJSON(t, "live/"+name+"/cps.json", &points)
			for _, piece := range []int{1, 7, 4096} {
				term, at := New(Size{80, 24}, Options{}), 0
				for _, want := range points {
					for part := range slices.Chunk(raw[at:want.Off], piece) {
						_, _ = term.Write(part)
					}
					at = want.Off
					got := agreedView{X: term.x, Y: term.y, Hidden: term.hidden, Alternate: term.modes.AltScreen}
					if term.pending {
						got.X++
					}
					for y := range term.size.H {
						got.Rows = append(got.Rows, cellsOf(term, y, term.size.W))
					}
					if !got.same(want) {
						t.Errorf("in pieces of %d, at %d:\n got %+v\nwant %+v", piece, at, got, want)
					}
				}
			}
		})
	}
}
