package ui

import (
	"strings"
	"testing"
	"time"

	"nstui/ui/term"
)

// syncedPane is a pane with a clock that only the test moves.
func syncedPane() (*pane, func(time.Duration), func() string) {
	p := newPane(term.Size{W: 20, H: 3}, 0)
	now := time.Unix(1e9, 0)
	p.now = func() time.Time { return now }
	return p, func(d time.Duration) { now = now.Add(d) },
		func() string {
			vt := term.New(term.Size{W: 20, H: 3}, term.Options{})
			_, _ = vt.Write([]byte(strings.Join(p.rows(term.RowOptions{}), "\r\n")))
			return strings.TrimRight(vt.Text(0)+"|"+vt.Text(1)+"|"+vt.Text(2), "|")
		}
}

func TestSynchronizedOutput(t *testing.T) {
	p, pass, shown := syncedPane()
	p.feed([]byte("one"))
	if got := shown(); got != "one" {
		t.Errorf("before: %q", got)
	}
	p.feed([]byte("\x1b[?2026h\x1b[2Jhalf"))
	if got, at := shown(), p.cursor(); got != "one" || at.X != 3 {
		t.Errorf("while it is not finished: %q, cursor at %d", got, at.X)
	}
	// The frame that is finished is shown even if the next has been begun.
	p.feed([]byte("\x1b[Htwo \x1b[K\x1b[?2026l\x1b[?2026h\x1b[2Jnext"))
	if got, at := shown(), p.cursor(); !strings.HasSuffix(got, "two") || at.X != 4 {
		t.Errorf("between two frames: %q, cursor at %d", got, at.X)
	}
	// It is drawn in spite of that after a time, and again after as long.
	pass(syncTime)
	if got := shown(); !strings.Contains(got, "next") {
		t.Errorf("after the time: %q", got)
	}
	p.feed([]byte("\x1b[2J\x1b[Hmore"))
	if got := shown(); !strings.Contains(got, "next") {
		t.Errorf("at once after that: %q", got)
	}
	pass(syncTime)
	if got := shown(); got != "more" {
		t.Errorf("after the time once more: %q", got)
	}
	p.feed([]byte("\x1b[2J\x1b[Hfour"))
	shown()
	p.resize(term.Size{W: 20, H: 2})
	if got := p.rows(term.RowOptions{}); len(got) != 2 || !strings.Contains(got[0], "four") {
		t.Errorf("after a resize: %q", got)
	}
	p.feed([]byte("\x1bc five"))
	if got := p.rows(term.RowOptions{}); !strings.Contains(got[0], "five") {
		t.Errorf("after a reset: %q", got)
	}
}

// A shell that begins a screen, never ends it and says nothing more is drawn without anything else
// happening.
func TestSynchronizedOutputThatNeverEnds(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n")
	session := s.enterer.last()
	s.prints(session, "before", "before")
	if _, err := session.print.Write([]byte("\x1b[?2026hbehind")); err != nil {
		t.Fatal(err)
	}
	s.await("it is drawn", func() bool { return strings.Contains(s.text(), "beforebehind") })
}
