//go:build tmux && xtermjs

package term

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write down what tmux and xterm.js agree on in the recordings")

// TestTmuxAndXtermJSAgree feeds both of them streams of all kinds of tokens: where they show the same,
// so do we. What they agree about against xterm is left out.
func TestTmuxAndXtermJSAgree(t *testing.T) {
	agree(t, 1000, func(seed uint64, size Size) stream {
		g := newMaker(seed, size, agreedOmits)
		return g.stream(5+g.IntN(15), false)
	})
}

// TestTmuxAndXtermJSReflow does the same while the window changes its size.
func TestTmuxAndXtermJSReflow(t *testing.T) {
	omit := maps.Clone(agreedOmits)
	maps.Copy(omit, reflowOmits)
	agree(t, 1000, func(seed uint64, size Size) stream {
		g := newMaker(seed, size, omit)
		return g.reflowing(5 + g.IntN(25))
	})
}

// reflowing makes a stream of n tokens with a change of the window's size now and then. Before a screen becomes
// narrower all below the cursor is erased: where it takes more rows than there are, tmux and xterm.js lose the line
// with the cursor at the top, and we what is at the bottom.
func (g *maker) reflowing(n int) stream {
	var s stream
	for range n {
		if g.IntN(6) == 0 {
			tok := token{kind: "resize", size: Size{min(max(g.size.W+g.IntN(17)-8, 4), 40), min(max(g.size.H+g.IntN(7)-3, 2), 12)}}
			if tok.size.W < g.size.W {
				tok.data = "\x1b[J"
			}
			s, g.size = append(s, tok), tok.size
			continue
		}
		s = append(s, g.next())
	}
	return s
}

// agree fails if tmux and xterm.js show one of n streams in one way and we in another.
func agree(t *testing.T, n int, generate func(seed uint64, size Size) stream) {
	t.Helper()
	m, x := startTmux(t), startXtermJS(t)
	m.noHistory = true // xterm.js has another idea of what goes there
	size := Size{24, 8}
	// outvoted returns what both show otherwise than ours. Once they differ they are no longer asked.
	outvoted := func(s stream) (difference string) {
		s.play(t, size, []oracle{m, x}, func(ours view, _ bool) bool {
			tmux, js := m.view(t), x.view(t)
			if js.difference(tmux) != "" {
				return true
			}
			difference = ours.difference(tmux)
			return difference != ""
		})
		return difference
	}
	failed := 0
	for seed := range n {
		s := generate(uint64(seed), size)
		if outvoted(s) == "" {
			continue
		}
		s = s.shrink(func(s stream) bool { return outvoted(s) != "" })
		t.Errorf("seed %d:%s\n%s", seed, s, outvoted(s))
		if failed++; failed == 8 {
			return
		}
	}
}

// agreedOmits are the kinds of tokens about which tmux and xterm.js agree, and xterm does not.
var agreedOmits = map[string]string{
	"columns":         "neither has left and right margins",
	"rectangle":       "nor rectangles",
	"decbi":           "nor DECBI and DECFI",
	"1048":            "nor does either end a colour with it",
	"alternate again": "1049 does nothing where the alternate screen is shown already",
}

// reflowOmits are those that differ only in what a resize makes of them.
var reflowOmits = map[string]string{
	"decaln":    "neither takes lines back from the history then",
	"tabs":      "both set all tab stops again, xterm none; we those of new columns",
	"alternate": "what did not fit on a narrower alternate screen comes back in both once there is room; xterm and we cut it off",
	"alt47":     "as alternate",
}

// TestTmuxAndXtermJSRecordings plays the recordings that have what was seen to tmux and xterm.js: both must have shown
// the same, and the same as is written down, which TestAgreed compares with ours.
func TestTmuxAndXtermJSRecordings(t *testing.T) {
	m, x := startTmux(t), startXtermJS(t)
	m.noHistory = true
	for _, name := range agreedRecordings {
		t.Run(name, func(t *testing.T) {
			dir := "live/" + name
			r, points := readRecording(t, dir), []agreedView(nil)
			readJSON(t, dir+"/cps.json", &points)
			m.reset(t, r.start)
			x.reset(t, r.start)
			at := 0
			for i, tok := range append(r.stream, token{}) {
				if slices.Contains(r.points, i) {
					tmux, js := m.view(t), x.view(t)
					js.hidden = tmux.hidden // xterm.js does not tell
					if d := js.difference(tmux); d != "" {
						t.Errorf("at %d xterm.js is not as tmux:\n%s", points[at].Off, d)
					}
					seen := agreedView{points[at].Off, points[at].Label, tmux.x, tmux.y, tmux.hidden, tmux.alternate, js.rows}
					if !*update && !seen.same(points[at]) {
						t.Errorf("at %d they show\n%+v\nand showed\n%+v", seen.Off, seen, points[at])
					}
					points[at] = seen
					at++
				}
				m.feed(t, tok.data)
				x.feed(t, tok.data)
			}
			if *update && !t.Failed() {
				writeViews(t, dir, points)
			}
		})
	}
}

// writeViews writes down what was seen of a recording.
func writeViews(t *testing.T, dir string, points []agreedView) {
	t.Helper()
	list := make([]string, 0, len(points))
	for _, p := range points {
		line, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(line))
	}
	text := "[" + strings.Join(list, ",\n") + "]\n"
	if err := os.WriteFile(filepath.Join("testdata", dir, "cps.json"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
