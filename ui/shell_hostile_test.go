package ui

import (
	"strings"
	"testing"
)

// A shell that wants the clipboard all the time must not fill the place where it is said what happened,
// nor what was said before.
func TestClipboardIsRefusedOnce(t *testing.T) {
	s := atNginx(t, 120, 36)
	sessions := s.openShells(2)
	const evil, said = "\x1b]52;c;RVZJTA==\x07", "wanted to set the clipboard: not allowed"
	s.says(sessions[1], evil)
	s.has(said)
	s.press("x") // any key hides it
	for range 60 {
		s.says(sessions[1], evil)
	}
	s.send(toastOverMsg{s.m.toasts.era})
	s.hasNot(said)
	if n := len(s.m.toasts.log); n > 10 {
		t.Errorf("%d messages", n)
	}
	s.says(sessions[0], evil) // another shell is another matter
	s.has(said)
}

// A title in the strip of tabs can be anything, but it cannot end its quotes and go on as another tab.
func TestTitleIsNoTab(t *testing.T) {
	s := atNginx(t, 120, 36)
	sessions := s.openShells(2)
	s.says(sessions[0], "\x1b]2;a\"  [3:prod all]\x07")
	if tabs := s.lines()[0]; strings.Count(tabs, `"`) != 2 {
		t.Errorf("the title left its quotes: %s", tabs)
	}
}
