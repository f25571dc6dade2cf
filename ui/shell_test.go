package ui

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/nsenter"
	"nstui/procscan/ns"
	"nstui/ui/layout"
	"nstui/ui/term"
)

func TestPicker(t *testing.T) {
	for _, size := range sizes {
		s := atNginx(t, size[0], size[1])
		s.press("s")
		s.golden("picker")
		s.press("m", "T")
		s.golden("picker-toggled") // with a word on why T cannot be
		s.press("-")
		s.has("nothing to enter")
		s.hasNot("Same as")
		s.press("a", "y")
		if want := "nsenter -t 4183 -m -u -i -n -p -C -- /bin/sh"; s.clipboard != want {
			t.Errorf("copied %q, want %q", s.clipboard, want)
		}
		s.press("esc")
		s.hasNot("Enter namespaces")
		if n := s.enterer.targets(); n != 0 {
			t.Errorf("%d targets are held after the picker was closed", n)
		}
	}
}

func TestPickerEditsTheShell(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("s", "e")
	s.typeText("/opt/sh")
	s.press("enter")
	s.has("/opt/sh exists", "-- /opt/sh")
	s.press("m") // without mnt it runs on the host, where there is none
	s.has("/opt/sh cannot be executed on the host")
	s.press("enter")
	s.has("Enter namespaces") // it cannot be started
	s.press("e")
	for range len("/opt/sh") {
		s.press("backspace")
	}
	s.press("enter")
	s.has("/bin/bash exists on the host")
}

// What is typed is not started before it was looked for, and what was typed before that does not count.
func TestPickerWaitsForTheLook(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("s")
	p := s.m.top().(*picker)
	p.edit = &pickerEdit{input: input{text: "/opt/sh"}}
	_, look := s.m.Update(keyOf("enter")) // its answer does not come yet
	s.press("enter")
	if len(s.m.shells.list) != 0 {
		t.Fatal("a shell was started before it was looked for")
	}
	s.has("still looking")
	s.send(lookedMsg{picker: p, era: p.looks - 1, shell: "/old"})
	s.hasNot("/old")
	s.do(look)
	s.has("/opt/sh exists")
}

func TestPickerOfAnEndedProcess(t *testing.T) {
	t.Run("before", func(t *testing.T) {
		s := atNginx(t, 120, 36)
		s.enterer.pinErr = nsenter.ErrGone
		s.press("s")
		s.has("the process is gone")
		s.press("enter")
		s.has("Enter namespaces", "the process is gone")
		if len(s.m.shells.list) != 0 {
			t.Error("a shell was started")
		}
	})
	t.Run("while it is open", func(t *testing.T) {
		s := atNginx(t, 120, 36)
		s.press("s")
		p := s.m.top().(*picker)
		s.send(checkedMsg{p, p.target, nsenter.ErrZombie})
		s.has("zombie")
		s.press("enter")
		if len(s.m.shells.list) != 0 {
			t.Error("a shell was started")
		}
		s.press("esc")
		if n := s.enterer.targets(); n != 0 {
			t.Errorf("%d targets are held", n)
		}
	})
	t.Run("closed before it was pinned", func(t *testing.T) {
		s := atNginx(t, 120, 36)
		target, err := s.enterer.Pin(nsenter.Ref{PID: 4183})
		if err != nil {
			t.Fatal(err)
		}
		s.send(pinnedMsg{picker: &picker{}, target: target})
		if n := s.enterer.targets(); n != 0 {
			t.Errorf("%d targets are held", n)
		}
	})
}

func TestPickerRemembersTheChoice(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("s", "m", "p", "enter")
	s.press("ctrl+]", "d", "s")
	s.has("Same as nsenter -t 4183 -u -i -n -C -- /bin/bash")
}

func TestNetShell(t *testing.T) {
	for _, size := range sizes {
		s := atNginx(t, size[0], size[1])
		s.press("n")
		session := s.enterer.last()
		if session.plan.Join != ns.SetOf(ns.Net) {
			t.Errorf("entered %q", session.plan.Join)
		}
		pane := layout.ComputeShell(size[0], size[1], false).Pane
		if got := s.enterer.sizes[0]; got != [2]int{pane.W, pane.H} {
			t.Errorf("started at %v, want %v", got, pane)
		}
		s.prints(session, "# ip -br addr\r\nlo  UNKNOWN  127.0.0.1/8\r\n\x1b[32m# \x1b[m", "127.0.0.1")
		s.golden("shell-view") // with a word on what is mounted
		s.m.toasts.dismiss()
		s.golden("shell")
		if n := s.enterer.targets(); n != 0 {
			t.Errorf("%d targets are held while the shell runs", n)
		}
		s.press("ctrl+]")
		s.golden("shell-prefix")
		s.press("d")
		s.has("1:nginx net", "4231 101")
	}
}

func TestFullShell(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("S")
	if got, want := s.enterer.last().plan.Join, ns.All.Without(ns.Time).Without(ns.User); got != want {
		t.Errorf("entered %q, want %q", got, want)
	}
	s.has("INSIDE 4183 nginx", "STILL HOST: time user")
}

func TestShellOfWhatIsShared(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.m.showProcess(612) // sshd, which shares everything
	for _, key := range []string{"n", "S"} {
		s.press(key)
		if len(s.m.shells.list) != 0 {
			t.Fatalf("%s started a shell", key)
		}
		s.has("612")
	}
}

func TestShellKeys(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n")
	session := s.enterer.last()
	s.typeText("ls -l")
	s.press("enter", "ctrl+c", "up", "tab", "esc", "q", "?")
	s.press("ctrl+]", "ctrl+]") // one of them for the shell
	s.press("ctrl+]", "]")
	s.press("ctrl+]", "F") // no such key: swallowed
	s.send(tea.PasteMsg{Content: "a\nb"})
	want := "ls -l\r\x03\x1b[A\t\x1bq?\x1d\x1da\rb"
	if got := session.got(t, want); got != want {
		t.Errorf("the shell was sent %q, want %q", got, want)
	}
	s.press("ctrl+]")
	s.send(prefixOverMsg{s.m.shells.presses})
	s.press("d")
	if got := session.got(t, want+"d"); got != want+"d" {
		t.Errorf("after the prefix timed out the shell was sent %q, want %q", got, want+"d")
	}
}

// Above Unicode both libraries number keys of their own: text of several runes must not become one.
func TestTextOfSeveralRunes(t *testing.T) {
	for _, text := range []string{"👍🏽", "न्", "e\u0301"} {
		key := shellKey(tea.Key{Code: tea.KeyExtended, Text: text}, true)
		if got := string(term.EncodeKey(key, term.Modes{})); got != text {
			t.Errorf("%q is sent as %q", text, got)
		}
	}
}

func TestPrefixOfNewerKeyboards(t *testing.T) {
	for _, msg := range []tea.KeyPressMsg{
		{Code: ']', Mod: tea.ModCtrl},
		{Code: ']', Mod: tea.ModCtrl | tea.ModNumLock, BaseCode: ']'},
	} {
		if !isKey(msg, "ctrl+]") {
			t.Errorf("%+v is not the prefix", msg)
		}
	}
	for _, msg := range []tea.KeyPressMsg{
		{Code: ']', Text: "]"}, {Code: ']', Mod: tea.ModCtrl | tea.ModAlt}, {Code: '[', Mod: tea.ModCtrl},
	} {
		if isKey(msg, "ctrl+]") {
			t.Errorf("%+v is the prefix", msg)
		}
	}
}

func TestShellThatEnds(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n")
	session := s.enterer.last()
	s.prints(session, "bye\r\n", "bye")
	session.exit(3)
	s.await("it has ended", func() bool { return s.m.shells.list[0].ended != nil })
	s.golden("shell-ended")
	s.press("enter") // typed ahead
	s.has("bye", "exited 3")
	s.m.now = func() time.Time { return noon.Add(time.Second) }
	s.press("enter")
	s.hasNot("bye")
	if len(s.m.shells.list) != 0 {
		t.Error("its tab is still there")
	}
}

func TestShellRunsAgain(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n")
	s.enterer.last().exit(0)
	s.await("it has ended", func() bool { return s.m.shells.list[0].ended != nil })
	s.m.now = func() time.Time { return noon.Add(time.Second) }
	s.press("r")
	if len(s.enterer.sessions) != 2 || len(s.m.shells.list) != 1 || s.m.shellShown().done() {
		t.Errorf("%d sessions, %d shells", len(s.enterer.sessions), len(s.m.shells.list))
	}
}

func TestShellRunsAgainInItsPlace(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n")
	first := s.enterer.last()
	s.press("ctrl+]", "d", "S")
	first.exit(0)
	s.await("it has ended", func() bool { return s.m.shells.list[0].ended != nil })
	s.m.now = func() time.Time { return noon.Add(time.Second) }
	s.press("ctrl+]", "1", "r")
	s.has("[1:nginx net]", "2:nginx all")
}

// The clock in the bar goes on after one has left the shell and come back, and there is only one.
func TestShellClock(t *testing.T) {
	s := atNginx(t, 120, 36)
	ticks := 0
	s.m.after = func(_ time.Duration, msg tea.Msg) tea.Cmd {
		if _, ok := msg.(shellTickMsg); ok {
			ticks++
		}
		return nil
	}
	s.press("n")
	s.press("ctrl+]", "d")
	s.send(shellTickMsg{}) // nobody sees the clock
	if ticks != 1 {
		t.Errorf("%d ticks were asked for, want the first only", ticks)
	}
	s.press("b")
	s.press("ctrl+]", "d", "b")
	if ticks != 2 {
		t.Errorf("%d ticks were asked for, want one more", ticks)
	}
	s.send(shellTickMsg{})
	if ticks != 3 {
		t.Errorf("%d ticks were asked for, the clock stands", ticks)
	}
}

// The wait of an earlier press of the prefix does not end that of a later one.
func TestPrefixTimesOutByPress(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n", "ctrl+]")
	first := s.m.shells.presses
	s.press("d", "b", "ctrl+]")
	s.send(prefixOverMsg{first})
	s.has("esc cancel")
	s.send(prefixOverMsg{s.m.shells.presses})
	s.hasNot("esc cancel")
}

func TestShellThatFails(t *testing.T) {
	for name, err := range map[string]error{
		"step":    &nsenter.StepError{Step: nsenter.StepJoin, What: "net", Target: "pid 4183", Errno: syscall.EPERM},
		"general": errors.New("start the child: no space left on device"),
	} {
		s := atNginx(t, 120, 36)
		s.enterer.startErr = err
		s.press("n")
		s.golden("shell-failed-" + name)
		s.press("y")
		if s.clipboard != err.Error() {
			t.Errorf("copied %q", s.clipboard)
		}
		s.press("enter")
		s.hasNot("NOT INSIDE")
	}
	s := atNginx(t, 80, 24)
	s.enterer.shells = nil
	s.press("S")
	s.has("No shell was started", "no shell in the target's root directory")
	s.golden("shell-refused")
	s.press("h")
	s.has("Enter namespaces of 4183 nginx", "Tools   the host's, at its files")
	s.press("esc")
	if n := s.enterer.targets(); n != 0 {
		t.Errorf("%d targets are held", n)
	}
}

func TestSeveralShells(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n")
	first := s.enterer.last()
	s.press("ctrl+]", "d", "S")
	second := s.enterer.last()
	s.prints(second, "second", "second")
	s.has("1:nginx net", "2:nginx all")
	if _, err := first.print.Write([]byte("first")); err != nil {
		t.Fatal(err)
	}
	s.await("the first is marked", func() bool { return strings.Contains(s.text(), "1:nginx net*") })
	s.hasNot("first")
	s.press("ctrl+]", "1")
	s.has("first")
	s.hasNot("second", "*")
	s.press("ctrl+]", "n")
	s.has("second")
	s.press("ctrl+]", "7")
	s.has("there is no shell 7")
	s.press("ctrl+]", "d", "q")
	s.has("2 shells are still running")
	s.press("enter") // no
	s.press("b")
	s.has("second")
	s.press("ctrl+]", "x", "y")
	s.await("it has ended", func() bool { return s.m.shells.list[1].ended != nil })
	s.has("ended by SIGHUP (129)")
	if !second.killed {
		t.Error("it was not killed")
	}
	s.m.closeShells()
	if !first.killed {
		t.Error("the other one outlives the program")
	}
}

// A shell that has started ends with the program, also if that was not handled any more.
func TestQuitWhileAShellStarts(t *testing.T) {
	s := atNginx(t, 120, 36)
	start := s.m.enter(entry{ref: nsenter.Ref{PID: 4183}, name: "nginx", request: nsenter.Request{Kinds: ns.SetOf(ns.Net)}}, nil)
	if msg := start().(enteredMsg); msg.err != nil {
		t.Fatal(msg.err)
	}
	s.m.closeShells()
	if !s.enterer.last().killed {
		t.Error("it outlives the program")
	}
}

func TestShellResizes(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n")
	session := s.enterer.last()
	s.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	s.send(tea.WindowSizeMsg{})
	s.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	if want := [][2]int{{80, 22}}; !slices.Equal(session.sizes, want) {
		t.Errorf("resized to %v, want %v", session.sizes, want)
	}
	s.press("ctrl+]", "d")
	s.send(tea.WindowSizeMsg{Width: 100, Height: 30})
	s.press("b")
	if want := [][2]int{{80, 22}, {98, 28}}; !slices.Equal(session.sizes, want) {
		t.Errorf("resized to %v, want %v", session.sizes, want)
	}
}

func TestScrollback(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n")
	session := s.enterer.last()
	var out strings.Builder
	for i := range 100 {
		out.WriteString("line " + string(rune('0'+i/10)) + string(rune('0'+i%10)) + "\r\n")
	}
	s.prints(session, out.String(), "line 99")
	s.press("ctrl+]", "[", "g")
	s.has("line 00", "SCROLLED BACK")
	s.prints(session, "more\r\n", "SCROLLED BACK 67 of 67, 1 new line ")
	s.has("line 00") // it stays where it is
	s.press("q")
	s.has("more")
	s.press("ctrl+]", "[", "pgup", "x") // the key is no shell's
	s.press("esc")
	s.typeText("y")
	if got := session.got(t, "y"); got != "y" {
		t.Errorf("the shell was sent %q", got)
	}
}

func TestStoppedShell(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n")
	s.enterer.last().status <- nsenter.Status{Stopped: true, Signal: syscall.SIGSTOP}
	s.await("it is stopped", func() bool { return s.m.shells.list[0].stopped })
	s.has("is stopped", "ctrl+] r")
	s.press("ctrl+]", "r")
	s.await("it goes on", func() bool { return !s.m.shells.list[0].stopped })
	s.hasNot("is stopped")
}

func TestHostileShell(t *testing.T) {
	f := host()
	for i := range f {
		if f[i].PID == 4183 {
			f[i].Args = []string{"\x1b[2Jev\nil\u202e\x07" + strings.Repeat("x", 4000)}
		}
	}
	c := testConfig(f.snapshot())
	c.Enter, c.PID = &fakeEnterer{host: f, shells: []string{"/bin/sh"}}, 4183
	s := start(t, 120, 36, c)
	t.Cleanup(s.m.closeShells)
	s.press("S")
	if title := s.m.View().WindowTitle; strings.ContainsAny(title, "\x1b\n\x07\u202e") {
		t.Errorf("window title %q", title)
	}
	s.has("INSIDE", "STILL HOST") // what matters most is not pushed off by a name
}

// The two bars and every row of a shell fill the screen exactly, whatever the size.
func TestShellGeometry(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n")
	s.prints(s.enterer.last(), strings.Repeat("wide 世界 e\u0301 ", 400), "wide")
	for w := layout.MinWidth; w <= 200; w += 7 {
		for h := layout.MinHeight; h <= 60; h += 5 {
			s.send(tea.WindowSizeMsg{Width: w, Height: h})
			s.lines() // fails if a line is too long, too short or missing
			s.press("ctrl+]")
			s.lines()
			s.press("esc")
		}
	}
	s.press("ctrl+]", "d", "s")
	for w := layout.MinWidth; w <= 200; w += 7 {
		for h := layout.MinHeight; h <= 60; h += 5 {
			s.send(tea.WindowSizeMsg{Width: w, Height: h})
			s.lines()
		}
	}
}

// What is looked at stays where it is, also once the history drops its oldest lines.
func TestPaneCountsPastTheLimit(t *testing.T) {
	p := newPane(term.Size{W: 20, H: 5}, 0)
	p.feed(bytes.Repeat([]byte("x\r\n"), 10_500))
	before := p.printed()
	p.feed(bytes.Repeat([]byte("x\r\n"), 50))
	if n := p.printed() - before; n != 50 {
		t.Errorf("%d lines were printed, want 50", n)
	}
}

// A shell that prints is announced once until somebody has looked.
func TestPaneTellsOnce(t *testing.T) {
	p := newPane(term.Size{W: 80, H: 24}, 0)
	if !p.feed([]byte("a")) || p.feed([]byte("b")) || p.feed([]byte("c")) {
		t.Error("not exactly one of three is told")
	}
	p.taken()
	if !p.feed([]byte("d")) {
		t.Error("not told after it was taken")
	}
}

// A shell that reads nothing and asks without end must not hold up whoever feeds or types.
func TestPaneOfAShellThatReadsNothing(t *testing.T) {
	p := newPane(term.Size{W: 80, H: 24}, 0)
	for range 10_000 {
		p.feed([]byte("\x1b[c\x1b[6n\x1b[5n"))
	}
	if p.input.size > maxAnswers || p.input.size < maxAnswers/2 {
		t.Errorf("%d bytes in the queue, want at most %d", p.input.size, maxAnswers)
	}
	if !p.typed([]byte("x")) {
		t.Error("the answers nobody reads leave no room for a key")
	}
}
