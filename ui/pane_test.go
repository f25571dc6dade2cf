package ui

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
	"weak"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/term"
)

// While a shell takes a paste of 10 MB slowly, keys are taken and what it prints is shown; what is typed
// arrives after the paste, all of it in order. A second paste has no room, and that is said.
func TestLargePasteIntoASlowShell(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n")
	session := s.enterer.last()
	gate := make(chan struct{})
	session.hold(gate)
	text := strings.Repeat("fifteen letters\n", 10<<20/16)
	s.send(tea.PasteMsg{Content: text})
	s.press("x")
	s.prints(session, "still here", "still here")
	s.hasNot("no room")
	s.send(tea.PasteMsg{Content: text})
	s.has("no room for a paste of 10.5 MB: 16 MB at most wait until the shell reads; nothing of it was sent")
	if q := s.m.shells.current.pane.input; q.size > maxTyped {
		t.Errorf("%d bytes wait", q.size)
	}
	close(gate)
	want := strings.ReplaceAll(text, "\n", "\r") + "x"
	if got := session.got(t, want); got != want {
		t.Errorf("the shell got %d bytes, want %d, or others", len(got), len(want))
	}
	s.send(tea.PasteMsg{Content: text}) // there is room again
	want += want[:len(want)-1]
	if got := session.got(t, want); got != want {
		t.Errorf("after two pastes the shell got %d bytes, want %d, or others", len(got), len(want))
	}
}

// Who types ctrl+c does not want the rest of a paste: it goes, and nothing else that was typed.
func TestInterruptDropsPastes(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n")
	session := s.enterer.last()
	gate := make(chan struct{})
	session.hold(gate)
	s.press("x") // which the shell does not read yet
	s.send(tea.PasteMsg{Content: strings.Repeat("fifteen letters\n", 1<<16)})
	s.press("y", "ctrl+c")
	s.has("ctrl+c: 1.0 MiB of a paste were not sent, as the shell had not read them")
	s.press("z", "ctrl+c")
	s.hasNot("of a paste")
	close(gate)
	if got, want := session.got(t, "xy\x03z\x03"), "xy\x03z\x03"; got != want {
		t.Errorf("the shell got %.40q, want %q", got, want)
	}
}

// A shell that does not read what was pasted is interrupted: of what was typed before ctrl+c it gets nothing,
// and all that is typed after it.
func TestInterruptsAStuckShell(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n")
	session := s.enterer.last()
	session.hold(make(chan struct{}))
	session.mu.Lock()
	session.stuck = make(chan struct{})
	session.mu.Unlock()
	s.send(tea.PasteMsg{Content: strings.Repeat("fifteen letters\n", 1<<16)})
	s.press("y", "ctrl+c", "z", "ctrl+c") // the second one finds a shell that reads
	if got, want := session.got(t, "z\x03"), "z\x03"; got != want {
		t.Errorf("the shell got %.40q, want %q", got, want)
	}
}

// A paste is over for the shell where it was cut, between two characters, and what it costs is given back.
func TestPasteIsTakenBack(t *testing.T) {
	text := strings.Repeat("日本", pasteBytes)
	for _, brackets := range []bool{false, true} {
		p := newPane(term.Size{W: 80, H: 24}, 0)
		encoded := term.EncodePaste(text, term.Modes{BracketedPaste: brackets})
		paste, end := piece{b: encoded, paste: true}, ""
		if brackets {
			end = term.PasteEnd
			paste.end = len(end)
		}
		p.input.add(paste, maxTyped)
		p.typed([]byte("a"))
		var got []byte
		take := func() bool {
			b := p.input.take()
			got = append(got, b...)
			p.input.done(b)
			return b != nil
		}
		take()
		take()
		begun := len(got)
		dropped := p.input.dropPastes()
		for take() {
		}
		if want := string(encoded[:begun]) + end + "a"; string(got) != want || !utf8.Valid(got) || dropped != len(encoded)-begun-len(end) {
			t.Errorf("dropped %d bytes of %d, and the shell got %d: …%q", dropped, len(encoded), len(got), got[len(got)-20:])
		}
		if p.input.size != 0 || p.input.dropPastes() != 0 {
			t.Errorf("%d bytes count as waiting", p.input.size)
		}
	}
}

// The screen and the history of a shell that was put away are given back.
func TestShellPutAwayIsFreed(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n")
	session := s.enterer.last()
	s.prints(session, strings.Repeat("some text\r\n", 2000)+"the end", "the end")
	freed := weak.Make(s.m.shells.current.pane.term)
	session.exit(0)
	s.await("it has ended", func() bool { return s.m.shells.list[0].ended != nil })
	s.m.now = func() time.Time { return noon.Add(2 * time.Second) }
	s.press("enter")
	if len(s.m.shells.list) != 0 {
		t.Fatal("it is not put away")
	}
	// Its goroutines end by themselves: each collection is a chance to see that they have.
	for range 1000 {
		if runtime.GC(); freed.Value() == nil {
			return
		}
	}
	t.Error("something holds the emulator of a shell that is gone")
}

func TestHistoryOfTheOptions(t *testing.T) {
	for lines, want := range map[int]int{-1: 0, 0: 10_000, 30: 30} {
		s := atNginx(t, 120, 36)
		s.m.config.History = lines
		s.press("n")
		p := s.m.shells.current.pane
		p.feed(bytes.Repeat([]byte("x\r\n"), 10_100))
		if n := p.term.HistoryLen(); n != want {
			t.Errorf("with the option %d there are %d lines of history, want %d", lines, n, want)
		}
	}
}

// The costliest bytes there are do not keep the emulator from those who draw: they get it in between.
func TestCostlyBytesAreFedInPieces(t *testing.T) {
	p := newPane(term.Size{W: 2000, H: 1000}, 0)
	costly := []byte("\x1b[44m\x1b[2J\x1b[?69h\x1b[2;1999s\x1b[1000;1000H" + strings.Repeat("\n", 100))
	for len(costly) > 0 {
		n, _, _ := p.feedSome(costly)
		if n == len(costly) && n > 10 {
			t.Fatalf("%d bytes at once", n)
		}
		costly = costly[n:]
	}
}
