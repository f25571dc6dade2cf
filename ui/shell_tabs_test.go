package ui

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/nsenter"
)

// says lets a shell print and waits until the messages of that have come through.
func (s *shellScreen) says(session *fakeSession, text string) {
	s.t.Helper()
	sh := s.shellOf(session)
	drew := false
	if _, err := session.print.Write([]byte(text)); err != nil {
		s.t.Fatal(err)
	}
	deadline := time.After(10 * time.Second)
	for !drew {
		select {
		case msg := <-s.inbox:
			m, ok := msg.(shellDrewMsg)
			drew = ok && m.shell == sh
			s.send(msg)
		case <-deadline:
			s.t.Fatalf("%q was not drawn", text)
		}
	}
}

// shellOf returns the shell of a session.
func (s *shellScreen) shellOf(session *fakeSession) *shell {
	s.t.Helper()
	for _, sh := range s.m.shells.list {
		if sh.session == Session(session) {
			return sh
		}
	}
	s.t.Fatal("no shell has that session")
	return nil
}

// open opens n shells in the network namespace, the last of which is shown.
func (s *shellScreen) openShells(n int) []*fakeSession {
	s.t.Helper()
	for i := range n {
		if i > 0 {
			s.press("ctrl+]", "d")
		}
		s.press("n")
	}
	return s.enterer.sessions
}

func TestTabMarks(t *testing.T) {
	s := atNginx(t, 120, 36)
	sessions := s.openShells(5)
	s.has("[5:nginx net]")
	s.says(sessions[0], "something")
	s.says(sessions[1], "something\a")
	sessions[2].exit(3)
	sessions[3].status <- nsenter.Status{Signal: syscall.SIGKILL, Code: 137}
	sessions[3].print.Close()
	s.await("two have ended", func() bool { return s.m.runningShells() == 3 })
	s.m.toasts.dismiss()
	s.has(" 1:nginx net*  2:nginx net!  3:nginx net exited 3  4:nginx net ended by SIGKILL (137) [5:nginx net]")
	s.golden("tabs-marks")
	s.press("ctrl+]", "1", "ctrl+]", "2", "ctrl+]", "3")
	s.has(" 1:nginx net  2:nginx net [3:nginx net exited 3]") // how it ended is still to be known
}

func TestBell(t *testing.T) {
	s := atNginx(t, 120, 36)
	now := noon
	s.m.now = func() time.Time { return now }
	sessions := s.openShells(2)
	s.says(sessions[1], "\a\a")
	if s.raw != "\a" {
		t.Fatalf("of the bells of the shell on the screen %q was passed on, want one", s.raw)
	}
	s.says(sessions[1], "\a")
	if s.raw != "\a" {
		t.Errorf("a bell right after another was passed on: %q", s.raw)
	}
	now = now.Add(bellTime)
	s.says(sessions[1], "\a")
	if s.raw != "\a\a" {
		t.Errorf("%q was passed on, want the bell after a while", s.raw)
	}
	now = now.Add(bellTime)
	s.says(sessions[0], "\a")
	if s.raw != "\a\a" {
		t.Errorf("the bell of a shell in the background was passed on: %q", s.raw)
	}
	s.press("ctrl+]", "d")
	s.has("1:nginx net!")
	s.press("b")
	s.m.config.NoBell = true
	s.says(sessions[1], "\a")
	if s.raw != "\a\a" {
		t.Errorf("a bell was passed on although none is wanted: %q", s.raw)
	}
}

// A title is shown where there is room, in quotes, and never where it is said where one is.
func TestTitles(t *testing.T) {
	for _, size := range sizes {
		s := atNginx(t, size[0], size[1])
		sessions := s.openShells(2)
		s.says(sessions[0], "\x1b]2;tail -f log\a")
		s.says(sessions[1], "\x1b]0;vim /etc\u202e/hosts\u009b31m\a")
		s.golden("tabs-titles")
		s.says(sessions[1], "\x1b]2;"+strings.Repeat("INSIDE your own namespaces ", 100)+"\a")
		s.lines()
		s.has("INSIDE 4183 nginx", "STILL HOST")
	}
	// One that leaves no room is left out of the strip, and cut in the bar.
	s := atNginx(t, 120, 36)
	sessions := s.openShells(2)
	s.says(sessions[0], "\x1b]2;"+strings.Repeat("数据库", 400)+"\a")
	s.has("1:nginx net* \"数据库")
	s.press("ctrl+]", "1")
	s.has("INSIDE 4183 nginx", "STILL HOST")
}

func TestLastShell(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.openShells(1)
	s.press("ctrl+]", "tab")
	s.has("no other shell was shown before")
	s.press("ctrl+]", "d", "n", "ctrl+]", "d", "n", "ctrl+]", "1", "ctrl+]", "tab")
	s.has("[3:nginx net]")
	s.press("ctrl+]", "tab")
	s.has("[1:nginx net]")
}

func TestRename(t *testing.T) {
	for _, size := range sizes {
		s := atNginx(t, size[0], size[1])
		sessions := s.openShells(2)
		s.press("ctrl+]", ",")
		s.golden("rename")
		s.typeText("web 数")
		s.press("enter")
		s.has("[2:web 数 net]", "INSIDE 4183 nginx")
		sessions[1].exit(0)
		s.await("it has ended", func() bool { return s.m.runningShells() == 1 })
		s.m.now = func() time.Time { return noon.Add(time.Minute) }
		s.press("r")
		s.has("[2:web 数 net]", "INSIDE 4183 nginx")
		s.press("ctrl+]", "tab") // the one before is still that
		s.has("[1:nginx net]")
		s.press("ctrl+]", "2", "ctrl+]", ",", "backspace")
		for range len("web 数") {
			s.press("backspace")
		}
		s.press("enter")
		s.has("[2:nginx net]")
		s.press("ctrl+]", ",")
		s.typeText("not this")
		s.press("esc")
		s.has("[2:nginx net]")
	}
}

// What is typed longer than the line is shown at its end, and a paste is no more than its first line.
func TestPromptOfALongLine(t *testing.T) {
	s := atNginx(t, 80, 24)
	s.openShells(1)
	s.press("ctrl+]", ",")
	s.send(tea.PasteMsg{Content: strings.Repeat("数x", 60) + "end\nnext\x1b[31m"})
	s.has("数xend ")
	s.hasNot("next")
	if c := s.m.View().Cursor; c == nil || c.X >= 80 {
		t.Errorf("the cursor is at %+v", c)
	}
}

func TestMenuOfShells(t *testing.T) {
	for _, size := range sizes {
		s := atNginx(t, size[0], size[1])
		sessions := s.openShells(4)
		s.says(sessions[0], "x\x1b]2;tail -f /var/log/nginx/access.log\a")
		s.says(sessions[1], "\a")
		sessions[2].exit(3)
		s.await("one has ended", func() bool { return s.m.runningShells() == 3 })
		s.m.toasts.dismiss()
		s.press("ctrl+]", "w")
		s.golden("shells-menu")
		s.press("up", "up", "enter")
		s.has("[2:nginx net]")
		s.press("ctrl+]", "w", "1")
		s.has("[1:nginx net")
	}
}

// With more shells than there is room for, the strip shows those around the one in use and what is hidden.
func TestManyShells(t *testing.T) {
	for _, size := range sizes {
		s := atNginx(t, size[0], size[1])
		sessions := s.openShells(20)
		s.press("ctrl+]", "0")
		s.has("[10:nginx net]")
		s.says(sessions[0], "x")
		s.says(sessions[19], "\a")
		s.golden("tabs-many")
		strip := s.lines()[0]
		if !strings.Contains(strip, "*") || !strings.Contains(strip, "!") {
			t.Errorf("news in hidden tabs are not marked: %q", strip)
		}
		for i := range 20 {
			s.press("ctrl+]", "w")
			s.press(slices.Repeat([]string{"up"}, 20)...)
			s.press(slices.Repeat([]string{"down"}, i)...)
			s.press("enter")
			s.has(fmt.Sprintf("[%d:nginx net]", i+1), "INSIDE 4183 nginx")
		}
		s.press("ctrl+]", "n")
		s.has("[1:nginx net]")
		s.press("ctrl+]", "p")
		s.has("[20:nginx net]")
	}
}

// Whatever fits, the tabs are in order, the one in use is among them, and no cell is in two.
func TestTabsFit(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.openShells(20)
	for _, at := range []int{0, 1, 7, 12, 18, 19} {
		s.m.showShell(s.m.shells.list[at])
		for w := 24; w < 400; w += 3 {
			tabs := s.m.shellTabs(w)
			x, shown := 0, false
			for i, tab := range tabs {
				if tab.x != x {
					t.Fatalf("%d of %d at width %d: tab %d is at %d, not %d", at, len(tabs), w, i, tab.x, x)
				}
				x += tab.w
				shown = shown || strings.HasPrefix(tab.text, "[")
			}
			if x > w || !shown {
				t.Fatalf("%d at width %d: %d cells, shown %v: %+v", at, w, x, shown, tabs)
			}
		}
	}
}

// One tab alone may have no room for its program.
func TestTabWithProgramFits(t *testing.T) {
	for width := 44; width < 60; width += 4 {
		s := atNginx(t, width, 24)
		sessions := s.openShells(3)
		s.press("ctrl+]", "2")
		for _, session := range sessions {
			s.shellOf(session).name = "a-name-as-long-as-a-tab-has-room"
		}
		sessions[1].runs("a-long-program1")
		s.says(sessions[1], "x")
		s.due(sessions[1])
		tabs := s.m.shellTabs(width)
		if w := place(tabs); w > width {
			t.Errorf("width %d: the tabs take %d: %+v", width, w, tabs)
		}
		s.has("‹1 [2:a-name-as-long-as-a-tab… net] 1›")
	}
}

func TestCloseOfAnEndedShell(t *testing.T) {
	s := atNginx(t, 120, 36)
	sessions := s.openShells(2)
	sessions[1].exit(0)
	s.await("it has ended", func() bool { return s.m.runningShells() == 1 })
	s.press("ctrl+]", "x")
	s.hasNot("2:nginx")
	s.press("b")
	s.has("INSIDE 4183 nginx")
	if len(s.m.shells.list) != 1 {
		t.Errorf("%d shells", len(s.m.shells.list))
	}
}

// A job in the background that keeps the terminal of a shell open does not keep the shell from ending, shown
// or not.
func TestBackgroundJobHoldsTheTerminal(t *testing.T) {
	s := atNginx(t, 120, 36)
	sessions := s.openShells(2)
	for i, session := range sessions {
		session.status <- nsenter.Status{Code: i} // and nobody closes its terminal
	}
	s.await("both have ended", func() bool { return s.m.runningShells() == 0 })
	s.has("1:nginx net exited 0", "2:nginx net exited 1")
	for _, session := range sessions {
		if _, err := session.print.Write([]byte("x")); err == nil {
			t.Error("its terminal is still read")
		}
	}
}

// A shell that runs again after its process is gone says so, in its place.
func TestRunAgainOfWhatIsGone(t *testing.T) {
	s := atNginx(t, 120, 36)
	sessions := s.openShells(2)
	s.press("ctrl+]", "1")
	sessions[0].exit(0)
	s.await("it has ended", func() bool { return s.m.runningShells() == 1 })
	s.enterer.pinErr = nsenter.ErrGone
	s.m.now = func() time.Time { return noon.Add(time.Minute) }
	s.press("r")
	s.has("[1:nginx failed]", "NOT INSIDE 4183 nginx", "No shell was started", "the process is gone", "2:nginx net")
}
