package ui

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/term"
)

// walkKeys are what leads from one arrangement of list and shells to another, in the list or after the prefix.
var walkKeys = []string{
	"|", "z", "left", "right", "o", "d", "b", "tab", "n", "p", "c", "w", ",", "1", "2", "3", "9", "r", "x", "y", "[", "?",
	"enter", "esc", "j", "l", "s", "q", "i", "ctrl+]", "/",
}

// TestWalk presses keys, resizes and ends shells in any order. Whatever comes of it, the screen is full, the
// shell that is shown has the size there is for it, and what is shown and what has the keyboard exists.
func TestWalk(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			s := atNginx(t, 160, 45)
			now := noon
			s.m.now = func() time.Time { return now }
			var trail []string
			for range 400 {
				now = now.Add(time.Minute) // no key is typed ahead
				trail = append(trail, s.step(r))
				if err := s.sound(); err != nil {
					t.Fatalf("%v after %s:\n%s", err, strings.Join(trail, " "), s.text())
				}
			}
		})
	}
}

// step does one thing and says what.
func (s *shellScreen) step(r *rand.Rand) string {
	s.t.Helper()
	running := slices.DeleteFunc(slices.Clone(s.m.shells.list), func(sh *shell) bool { return !sh.running() })
	switch n := r.IntN(20); {
	case n == 0:
		w, h := 40+r.IntN(200), 10+r.IntN(50)
		s.send(tea.WindowSizeMsg{Width: w, Height: h})
		return fmt.Sprintf("%dx%d", w, h)
	case n == 1 && len(running) > 0:
		sh := running[r.IntN(len(running))]
		sh.session.(*fakeSession).exit(r.IntN(3))
		s.await("it has ended", sh.done)
		return "exit"
	case n == 2:
		x, y := r.IntN(s.m.width), r.IntN(s.m.height)
		s.sendAll(click(x, y), drag(x+3, y), release(x+3, y+1))
		return fmt.Sprintf("click(%d,%d)", x, y)
	case n < 12:
		key := walkKeys[r.IntN(len(walkKeys))]
		s.press("ctrl+]", key)
		return "^]" + key
	case n < 13 && len(s.m.shells.list) < 12 && s.m.top() == nil:
		s.press("n")
		return "open"
	}
	key := walkKeys[r.IntN(len(walkKeys))]
	s.press(key)
	return key
}

// sound says what does not fit together.
func (s *shellScreen) sound() error {
	s.t.Helper()
	m, l := s.m, &s.m.shells
	s.lines() // fails on a row that is too long or missing
	shown := m.shellShown()
	switch {
	case (l.current == nil) != (len(l.list) == 0):
		return fmt.Errorf("%d shells, the current one is %p", len(l.list), l.current)
	case l.current != nil && l.index(l.current) < 0:
		return errors.New("the current shell was put away")
	case m.keysToShell() && shown == nil:
		return errors.New("the keyboard is with a shell that is not shown")
	case l.view != nil && l.current == nil:
		return errors.New("there is a view of no shell")
	}
	if shown == nil {
		return nil
	}
	if p := m.shellLayout().Pane; shown.pane.term.Size() != (term.Size{W: p.W, H: p.H}) {
		return fmt.Errorf("the shell shown has %+v, not %+v", shown.pane.term.Size(), p)
	}
	if shown.unseen || shown.belled {
		return errors.New("the shell shown is marked")
	}
	return nil
}
