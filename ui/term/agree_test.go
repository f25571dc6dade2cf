//go:build tmux && xtermjs

package term

import "testing"

// TestTmuxAndXtermJSAgree feeds both of them streams of all kinds of tokens: where they show the same,
// so do we. What they agree about against xterm is left out.
func TestTmuxAndXtermJSAgree(t *testing.T) {
	m, x := startTmux(t), startXtermJS(t)
	m.noHistory = true // xterm.js has another idea of what goes there
	size := Size{24, 8}
	// outvoted returns what both show otherwise than ours.
	outvoted := func(s stream) string {
		got := s.run(t, m, size)
		if got == "" || s.run(t, x, size) == "" {
			return ""
		}
		if x.view(t).difference(m.view(t)) != "" {
			return ""
		}
		return got
	}
	failed := 0
	for seed := range 1000 {
		g := newMaker(uint64(seed), size, agreedOmits)
		s := g.stream(5+g.IntN(15), false)
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
