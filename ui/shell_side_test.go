package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan"
	"nstui/ui/layout"
	"nstui/ui/term"
)

// atSide starts with a shell beside the list, the shell having the keyboard.
func atSide(t *testing.T) (*shellScreen, *fakeSession) {
	t.Helper()
	s := atNginx(t, 160, 45)
	s.press("n")
	s.m.toasts.dismiss()
	s.press("ctrl+]", "|")
	return s, s.enterer.last()
}

// lastSize returns the size a session was told last.
func (s *fakeSession) lastSize() [2]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sizes[len(s.sizes)-1]
}

// sideSize is the size of a shell beside the list.
func sideSize(w, h int) [2]int {
	p := layout.ShellIn(layout.Compute(layout.Want{Width: w, Height: h, Tabs: true, Beside: true}).Shell).Pane
	return [2]int{p.W, p.H}
}

func TestSideBySide(t *testing.T) {
	s, session := atSide(t)
	if got, want := session.lastSize(), sideSize(160, 45); got != want {
		t.Errorf("the shell has %v, want %v", got, want)
	}
	s.prints(session, "# ip -br addr\r\nlo  UNKNOWN  127.0.0.1/8\r\n# ", "127.0.0.1")
	s.golden("side-shell")
	s.typeText("ls")
	s.press("ctrl+]")
	s.golden("side-prefix")
	s.press("left")
	s.golden("side-list")
	if c := s.m.View().Cursor; c != nil {
		t.Errorf("the list has the keyboard, and the cursor is at %+v", c)
	}
	s.press("j", "k", "j") // the list's
	s.has("4231 101", "INSIDE 4183 nginx", "STILL HOST")
	s.press("ctrl+]", "right")
	s.typeText(" -l")
	s.press("ctrl+]", "o")
	s.press("j")
	s.press("b")
	s.press("enter")
	if got, want := session.got(t, "ls -l\r"), "ls -l\r"; got != want {
		t.Errorf("the shell was sent %q, want %q", got, want)
	}
	s.press("ctrl+]", "d")
	s.hasNot("INSIDE")
	s.press("b")
	s.has("INSIDE", "Processes", "the shell has the keys")
}

// Which side has the keyboard is to be seen without colour, and on a console without characters of lines.
func TestSidesWithoutColour(t *testing.T) {
	for _, env := range [][2]string{{"xterm-256color", "1"}, {"linux", ""}} {
		f := host()
		c := testConfig(f.snapshot())
		c.Enter, c.PID = &fakeEnterer{host: f, shells: []string{"/bin/sh"}}, 4183
		s := startIn(t, env[0], env[1], 160, 45, c)
		t.Cleanup(s.m.closeShells)
		s.press("n")
		s.m.toasts.dismiss()
		s.press("ctrl+]", "|")
		bars := func() []string {
			rows := strings.Split(s.m.View().Content, "\n")
			return []string{rows[s.m.screen.Shell.Y], rows[s.m.screen.Shell.Y+s.m.screen.Shell.H-1]}
		}
		for _, bar := range bars() {
			if !strings.Contains(bar, "\x1b[7") && !strings.Contains(bar, ";7") {
				t.Errorf("%v: the bar of the shell that has the keyboard is not reversed: %q", env, bar)
			}
		}
		s.has("the shell has the keys")
		s.press("ctrl+]", "left")
		for _, bar := range bars() {
			if strings.Contains(bar, "\x1b[7") || strings.Contains(bar, ";7") {
				t.Errorf("%v: the bar of the shell without the keyboard is reversed: %q", env, bar)
			}
		}
		s.has("the list has the keys")
		for _, r := range s.text() {
			if env[0] == "linux" && r > 0x7e {
				t.Fatalf("%q is not ASCII:\n%s", r, s.text())
			}
		}
	}
}

// The list beside a shell is alive, and so is the shell while the list has the keyboard.
func TestBothSidesLive(t *testing.T) {
	s, session := atSide(t)
	s.press("ctrl+]", "left")
	s.prints(session, "printed meanwhile", "printed meanwhile")
	f := host()
	f.add(9999, 4183, 0, hostNS, "x", "new-one")
	live := s.m.config.Live.(*fakeLive)
	live.snaps = []*procscan.Snapshot{f.snapshot()}
	s.scan()
	s.has("14 procs")
	s.hasNot("1:nginx net*") // it is looked at
	s.press("ctrl+]", "right")
	f.add(10000, 4183, 0, hostNS, "x", "newer-one")
	live.snaps = []*procscan.Snapshot{f.snapshot()}
	s.scan()
	s.has("15 procs")
}

func TestSideBySideNeedsRoom(t *testing.T) {
	s := atNginx(t, 139, 36)
	s.press("n", "ctrl+]", "|")
	s.has("side by side needs 140 columns, there are 139")
	if size := s.enterer.last().sizes; len(size) != 0 {
		t.Errorf("resized to %v", size)
	}
	s.press("ctrl+]", "z")
	s.has("the list is not beside the shell: ctrl+] | puts it there")
	s.press("ctrl+]", "left")
	s.has("the list is not beside the shell")
}

// A window that gets too narrow shows what has the keyboard, and both again once it grows.
func TestSideBySideInAChangingWindow(t *testing.T) {
	s, session := atSide(t)
	s.send(tea.WindowSizeMsg{Width: 139, Height: 45})
	s.hasNot("Namespaces")
	s.has("INSIDE")
	full := layout.ComputeShell(139, 45, false).Pane
	if got := session.lastSize(); got != [2]int{full.W, full.H} {
		t.Errorf("the shell has %v, want %v", got, full)
	}
	s.press("ctrl+]", "z")
	s.has("side by side needs 140 columns, there are 139")
	s.send(tea.WindowSizeMsg{Width: 140, Height: 45})
	s.has("INSIDE", "Namespaces")
	if got, want := session.lastSize(), sideSize(140, 45); got != want || want[0] != 80 {
		t.Errorf("the shell has %v, want %v", got, want)
	}
	s.press("ctrl+]", "left")
	s.send(tea.WindowSizeMsg{Width: 100, Height: 45})
	s.hasNot("INSIDE")
	s.press("j")
	s.send(tea.WindowSizeMsg{Width: 200, Height: 50})
	s.has("INSIDE", "the list has the keys")
	if got, want := session.lastSize(), sideSize(200, 50); got != want {
		t.Errorf("the shell has %v, want %v", got, want)
	}
}

func TestZoom(t *testing.T) {
	s, session := atSide(t)
	s.press("ctrl+]", "z")
	s.hasNot("Namespaces")
	s.has("INSIDE")
	full := layout.ComputeShell(160, 45, false).Pane
	if got := session.lastSize(); got != [2]int{full.W, full.H} {
		t.Errorf("the shell has %v, want %v", got, full)
	}
	s.press("ctrl+]", "left")
	s.has("ctrl+] z ends that")
	s.press("ctrl+]", "z")
	s.has("INSIDE", "Namespaces")
	if got, want := session.lastSize(), sideSize(160, 45); got != want {
		t.Errorf("the shell has %v, want %v", got, want)
	}
	s.press("ctrl+]", "left", "ctrl+]", "z") // now the list
	s.hasNot("INSIDE")
	s.press("ctrl+]", "z")
	s.has("INSIDE", "the list has the keys")
	s.press("ctrl+]", "|")
	s.hasNot("INSIDE")
	s.press("b")
	s.hasNot("Namespaces")
}

// Beside the list a shell that is put away makes room for another, and what is typed does not go to that.
func TestSideBySideOfSeveral(t *testing.T) {
	s, first := atSide(t)
	s.press("ctrl+]", "left", "n")
	second := s.enterer.last()
	s.has("[2:nginx net]", "the shell has the keys")
	second.exit(0)
	s.await("it has ended", func() bool { return s.m.runningShells() == 1 })
	s.golden("side-ended")
	s.m.now = func() time.Time { return noon.Add(time.Minute) }
	s.press("enter")
	s.has("[1:nginx net]", "the list has the keys")
	s.press("j")
	s.press("ctrl+]", "right", "x")
	if got := first.got(t, "x"); got != "x" {
		t.Errorf("the first shell was sent %q", got)
	}
	first.exit(0)
	s.await("it has ended", func() bool { return s.m.runningShells() == 0 })
	s.m.now = func() time.Time { return noon.Add(2 * time.Minute) }
	s.press("enter")
	s.hasNot("INSIDE", "nginx net")
	s.press("n")
	s.has("INSIDE", "Namespaces") // it is still wanted so
}

// The prefix works in the list too, with what is of use there.
func TestPrefixInTheList(t *testing.T) {
	s := atNginx(t, 160, 45)
	s.press("ctrl+]")
	s.hasNot("esc cancel") // there is no shell yet
	s.press("n", "ctrl+]", "d", "n", "ctrl+]", "d")
	s.press("ctrl+]")
	s.has("esc cancel", "w shells")
	s.press("1")
	s.has("[1:nginx net]", "INSIDE")
	s.press("ctrl+]", "d", "ctrl+]", "y")
	s.has("copy: no shell is on the screen, b goes back to it")
	s.press("ctrl+]", "b")
	s.has("INSIDE")
	s.press("ctrl+]", "b")
	if s.m.shellShown() != nil {
		t.Error("the browser is not back")
	}
	s.press("ctrl+]", "ctrl+]", "ctrl+]", "esc", "ctrl+]", "F")
	s.has("ctrl+] F means nothing")
	s.press("ctrl+]", "|")
	s.has("INSIDE", "the list has the keys")
	s.press("ctrl+]", "y") // what is done to the shell gives it the keyboard
	s.has("the shell has the keys")
	s.press("ctrl+]", "left", "ctrl+]", "w")
	s.golden("side-menu")
	s.press("2")
	s.has("[2:nginx net]", "the shell has the keys")
}

// Every row fills the screen exactly on any size, whichever side has the keyboard and whatever lies over it.
func TestSideBySideGeometry(t *testing.T) {
	s, session := atSide(t)
	s.prints(session, strings.Repeat("wide 世界 e\u0301 ", 400)+"\x1b]2;"+strings.Repeat("数", 90)+"\a", "wide")
	s.press("ctrl+]", "left", "n", "n")
	for _, keys := range [][]string{{}, {"ctrl+]", "left"}, {"ctrl+]"}, {"w"}, {"esc"}, {"ctrl+]", ","}, {"esc", "ctrl+]", "left", "s"}} {
		s.press(keys...)
		for w := layout.MinWidth; w <= 320; w += 7 {
			for _, h := range []int{10, 11, 15, 16, 24, 36, 45, 70} {
				s.send(tea.WindowSizeMsg{Width: w, Height: h})
				s.lines()
				if c := s.m.View().Cursor; c != nil && (c.X < 0 || c.X >= w || c.Y < 0 || c.Y >= h) {
					t.Errorf("%dx%d: the cursor is at %d,%d", w, h, c.X, c.Y)
				}
			}
		}
		s.send(tea.WindowSizeMsg{Width: 160, Height: 45})
	}
}

// The cursor is the shell's: in its place, in its shape, and only where the shell has the keyboard and shows it.
func TestCursor(t *testing.T) {
	s, session := atSide(t)
	pane := s.m.shellLayout().Pane
	at := func(x, y int, shape tea.CursorShape, blink bool) {
		t.Helper()
		c := s.m.View().Cursor
		if c == nil || c.X != pane.X+x || c.Y != pane.Y+y || c.Shape != shape || c.Blink != blink {
			t.Fatalf("the cursor is %+v, want %d,%d in the pane at %+v, shape %d, blink %v", c, x, y, pane, shape, blink)
		}
	}
	hidden := func(why string) {
		t.Helper()
		if c := s.m.View().Cursor; c != nil {
			t.Fatalf("%s: the cursor is at %+v", why, c)
		}
	}
	s.says(session, "ab")
	at(2, 0, tea.CursorBlock, true)
	s.says(session, "\x1b[4 q\r\n世") // after a wide character: where an input method opens its window
	at(2, 1, tea.CursorUnderline, false)
	s.says(session, "\x1b[5 q")
	at(2, 1, tea.CursorBar, true)
	s.says(session, "\x1b[?25l")
	hidden("?25")
	s.says(session, "\x1b[?25h")
	s.says(session, "\x1b[?2026h")
	hidden("synchronized output")
	s.says(session, "\x1b[?2026l")
	s.press("ctrl+]", "left")
	hidden("the list has the keyboard")
	s.press("ctrl+]", "right")
	at(2, 1, tea.CursorBar, true)
	s.press("ctrl+]", "w")
	hidden("a menu lies over it")
	s.press("esc")
	s.says(session, strings.Repeat("x\r\n", 100))
	s.m.shells.current.wheel(-wheelLines)
	hidden("scrolled back")
	s.press("ctrl+]", "[")
	at(0, pane.H-1, tea.CursorBlock, false)
	s.press("q")
	at(0, pane.H-1, tea.CursorBar, true)
	session.exit(0)
	s.await("it has ended", func() bool { return s.m.runningShells() == 0 })
	hidden("it has ended")
}

// A program that asks for it is told when it has the keyboard: neither the window nor the list may have it.
func TestFocusReports(t *testing.T) {
	s, session := atSide(t)
	if s.m.View().ReportFocus {
		t.Error("the terminal reports its focus to nobody")
	}
	s.says(session, "\x1b[?1004h")
	if !s.m.View().ReportFocus {
		t.Error("the terminal does not report its focus")
	}
	want := ""
	expect := func(more string) {
		t.Helper()
		want += more
		s.typeText("|")
		want += "|"
		if got := session.got(t, want); got != want {
			t.Fatalf("the shell was sent %q, want %q", got, want)
		}
	}
	const in, out = "\x1b[I", "\x1b[O"
	expect("")
	s.send(tea.BlurMsg{})
	s.send(tea.FocusMsg{})
	expect(out + in)
	s.press("ctrl+]", "left")
	s.send(tea.BlurMsg{})
	s.send(tea.FocusMsg{})
	s.press("ctrl+]", "right")
	expect(out + in)
	s.press("ctrl+]", "z", "ctrl+]", "z") // it keeps it
	expect("")
	s.press("ctrl+]", "d", "b")
	expect(out + in)
	s.press("ctrl+]", "d", "n", "ctrl+]", "1")
	expect(out + in)
}

// click, drag and the rest are mouse events on a cell of the screen.
func click(x, y int) tea.Msg   { return tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft} }
func drag(x, y int) tea.Msg    { return tea.MouseMotionMsg{X: x, Y: y, Button: tea.MouseLeft} }
func release(x, y int) tea.Msg { return tea.MouseReleaseMsg{X: x, Y: y, Button: tea.MouseLeft} }
func wheel(x, y int, b tea.MouseButton) tea.Msg {
	return tea.MouseWheelMsg{X: x, Y: y, Button: b}
}

func (s *screen) sendAll(msgs ...tea.Msg) {
	s.t.Helper()
	for _, msg := range msgs {
		s.send(msg)
	}
}

// The program in the shell gets the mouse in its own cells, and a drag that leaves the pane at the nearest.
func TestMouseOfTheShell(t *testing.T) {
	s, session := atSide(t)
	p := s.m.shellLayout().Pane
	s.says(session, "\x1b[?1002h\x1b[?1006h")
	if got := s.m.View().MouseMode; got != tea.MouseModeCellMotion {
		t.Errorf("mouse mode %v", got)
	}
	s.sendAll(
		click(p.X, p.Y), drag(p.X+4, p.Y+2), drag(0, 0), drag(p.X+p.W, p.Y+p.H), release(500, 500),
		drag(p.X, p.Y), release(p.X, p.Y), // nothing of this: no button was pressed here
		wheel(p.X+p.W-1, p.Y+p.H-1, tea.MouseWheelUp),
	)
	want := "\x1b[<0;1;1M\x1b[<32;5;3M\x1b[<32;1;1M\x1b[<32;94;37M\x1b[<0;94;37m\x1b[<64;94;37M"
	if got := session.got(t, want); got != want {
		t.Errorf("the shell was sent %q, want %q", got, want)
	}
	// A key, and another window, end a drag.
	s.sendAll(click(p.X, p.Y), keyOf("a"), drag(0, 0), click(p.X, p.Y), tea.BlurMsg{}, tea.FocusMsg{}, drag(0, 0))
	want += "\x1b[<0;1;1Ma\x1b[<0;1;1M"
	s.typeText("b")
	if got := session.got(t, want+"b"); got != want+"b" {
		t.Errorf("the shell was sent %q, want %q", got, want+"b")
	}
	s.says(session, "\x1b[?1003h")
	if got := s.m.View().MouseMode; got != tea.MouseModeAllMotion {
		t.Errorf("mouse mode %v", got)
	}
}

// A click gives the keyboard to the side it is on, and shows the shell of a tab.
func TestMouseOnBothSides(t *testing.T) {
	s, session := atSide(t)
	s.says(session, "\x1b[?1000h\x1b[?1006h")
	p, list := s.m.shellLayout().Pane, s.m.screen.Processes
	s.send(click(list.X+3, list.Y+3))
	s.has("the list has the keys")
	if s.m.selectedProc().PID != 4231 || s.m.View().MouseMode == tea.MouseModeNone {
		t.Errorf("on %d, mouse mode %v", s.m.selectedProc().PID, s.m.View().MouseMode)
	}
	s.send(wheel(p.X+1, p.Y, tea.MouseWheelDown)) // under the pointer, whoever has the keyboard
	s.has("the list has the keys")
	s.send(click(p.X+2, p.Y+1))
	s.has("the shell has the keys")
	want := "\x1b[<65;2;1M\x1b[<0;3;2M"
	if got := session.got(t, want); got != want {
		t.Errorf("the shell was sent %q, want %q", got, want)
	}
	s.sendAll(release(p.X+2, p.Y+1), click(list.X+3, list.Y+3), click(p.X+2, p.Y-1)) // on its bar
	s.has("the shell has the keys")
	s.press("ctrl+]", "left", "n")
	s.has("[2:nginx net]")
	s.send(click(3, s.m.screen.Tabs.Y))
	s.has("[1:nginx net]", "the shell has the keys")
	s.press("ctrl+]", "z")
	s.send(click(20, 0))
	s.has("[2:nginx net]")
}

// Where the program does not want the mouse the wheel scrolls, or moves in a program that fills the screen.
func TestWheel(t *testing.T) {
	s, session := atSide(t)
	s.m.config.Mouse = true
	p := s.m.shellLayout().Pane
	s.says(session, strings.Repeat("line\r\n", 100))
	s.send(wheel(p.X, p.Y, tea.MouseWheelUp))
	if back := s.m.shells.current.scroll.back(); back != wheelLines {
		t.Errorf("scrolled back %d lines", back)
	}
	s.send(wheel(p.X, p.Y, tea.MouseWheelDown))
	s.says(session, "\x1b[?1049h")
	s.send(wheel(p.X, p.Y, tea.MouseWheelUp))
	s.says(session, "\x1b[?1h") // cursor keys as an application has them
	s.send(wheel(p.X, p.Y, tea.MouseWheelDown))
	s.says(session, "\x1b[?1007l")
	s.send(wheel(p.X, p.Y, tea.MouseWheelDown))
	want := strings.Repeat("\x1b[A", wheelLines) + strings.Repeat("\x1bOB", wheelLines)
	s.typeText("q")
	if got := session.got(t, want+"q"); got != want+"q" {
		t.Errorf("the shell was sent %q, want %q", got, want+"q")
	}
}

// Shells that are not shown are told nothing of a resize until they are.
func TestOnlyTheShownShellIsResized(t *testing.T) {
	s, first := atSide(t)
	s.press("ctrl+]", "left", "n")
	second := s.enterer.last()
	before := len(first.sizes)
	for w := 160; w < 200; w += 5 {
		s.send(tea.WindowSizeMsg{Width: w, Height: 45})
	}
	if len(first.sizes) != before {
		t.Errorf("the hidden shell was resized to %v", first.sizes)
	}
	if got, want := second.lastSize(), sideSize(195, 45); got != want {
		t.Errorf("the shell has %v, want %v", got, want)
	}
	s.press("ctrl+]", "1")
	if got, want := first.lastSize(), sideSize(195, 45); got != want {
		t.Errorf("the shell has %v, want %v", got, want)
	}
	if size := s.m.shells.current.pane.term.Size(); size != (term.Size{W: first.lastSize()[0], H: first.lastSize()[1]}) {
		t.Errorf("its screen has %v", size)
	}
	if slices.ContainsFunc(first.sizes, func(size [2]int) bool { return size[0] < 80 }) {
		t.Errorf("it had %v on the way", first.sizes)
	}
}
