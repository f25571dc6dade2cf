package ui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan/ns"
)

// due lets the time pass after which a shell is asked for its program.
func (s *shellScreen) due(session *fakeSession) {
	s.t.Helper()
	sh := s.shellOf(session)
	if !sh.program.due {
		s.t.Fatal("nobody wants to know its program")
	}
	s.send(programDueMsg{sh})
}

// A shell is asked for its program after it has printed or was sent something, and not otherwise; its tab and
// the menu say which, in parentheses it cannot leave.
func TestProgramInTheTab(t *testing.T) {
	s := atNginx(t, 120, 36)
	sessions := s.openShells(2)
	first, second := s.shellOf(sessions[0]), s.shellOf(sessions[1])
	if first.program.due || second.program.due {
		t.Fatal("a shell in which nothing has happened is asked")
	}
	sessions[0].runs("vim")
	s.says(sessions[0], "x\x1b]2;hosts\a")
	s.has(`1:nginx net* "hosts" [2:nginx net]`)
	s.due(sessions[0])
	s.has(`1:nginx net* (vim) "hosts"`, "[2:nginx net]")
	if first.program.due {
		t.Error("it is asked again though nothing has happened since")
	}
	sessions[1].runs("a) 3:\x1b[31m(b\u202e")
	s.typeText("x")
	s.says(sessions[1], "x") // while it is to be asked already
	s.due(sessions[1])
	if !second.program.due {
		t.Error("it is not asked again for what has happened meanwhile")
	}
	if name := second.program.name; strings.ContainsAny(name, "()\x1b\u202e") || !strings.HasPrefix(name, "a 3:") {
		t.Errorf("its program is called %q", name)
	}
	sessions[1].runs("")
	s.due(sessions[1])
	s.has("[2:nginx net]")

	sessions[1].runs("tail")
	s.press("ctrl+]", "w")
	s.has("running 00:00:00 (vim)", "running 00:00:00 (tail)")
	s.says(sessions[0], "\a")
	s.has("(vim) · bell !") // also while the menu is open
	sessions[0].exit(3)
	s.await("it has ended", func() bool { return first.ended != nil })
	s.send(programMsg{first, "late"})
	s.hasNot("(vim)", "(late)")
	s.has("1:nginx net exited 3")
}

// Where there is no room for all, titles go first, then the programs of all.
func TestProgramsWhereThereIsNoRoom(t *testing.T) {
	s := atNginx(t, 80, 24)
	sessions := s.openShells(3)
	for _, session := range sessions {
		session.runs("a-long-program")
		s.says(session, "x\x1b]2;a title\a")
		s.due(session)
	}
	s.hasNot("a title\" ")
	s.has("1:nginx net*  2:nginx net* [3:nginx net]")
	s.press("ctrl+]", "1", "ctrl+]", "x", "enter", "ctrl+]", "d")
	s.send(tea.WindowSizeMsg{Width: 100, Height: 24})
	s.has("(a-long-program)")
}

func TestAnotherShell(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.openShells(1)
	s.press("ctrl+]", "c")
	s.has("1:nginx net [2:nginx net]", "INSIDE 4183 nginx")
	if a, b := s.enterer.sessions[0].plan, s.enterer.sessions[1].plan; a.Join != b.Join || a.Join != ns.SetOf(ns.Net) {
		t.Errorf("the second is in %v, the first in %v", b.Join, a.Join)
	}
	s.press("ctrl+]", "d", "ctrl+]", "c")
	s.has("no shell is on the screen")
}

// With ten shells and more a digit that begins another number waits for the next one, and says so.
func TestMenuOfManyShells(t *testing.T) {
	for _, tt := range []struct {
		keys []string
		want string
	}{
		{[]string{"3"}, "[3:nginx net]"},
		{[]string{"1", "enter"}, "[1:nginx net]"},
		{[]string{"1", "2"}, "[12:nginx net]"},
		{[]string{"1", "0"}, "[10:nginx net]"},
		{[]string{"0"}, "[10:nginx net]"},
		{[]string{"1", "5"}, "there is no 15"},
		{[]string{"1", "down", "enter"}, "[2:nginx net]"},
		{[]string{"1", "5", "3"}, "[3:nginx net]"},
	} {
		s := atNginx(t, 120, 36)
		s.openShells(12)
		s.press("ctrl+]", "w", tt.keys[0])
		if len(tt.keys) > 1 {
			s.has("1: enter, or another digit", "12  nginx net")
		}
		s.press(tt.keys[1:]...)
		s.has(tt.want)
	}
}

// The bar names the shell that runs, which need not be the one that was tried first.
func TestShellThatRuns(t *testing.T) {
	for _, size := range sizes {
		s := atNginx(t, size[0], size[1])
		s.enterer.shells, s.enterer.ran = []string{"/bin/bash", "/bin/ash"}, 1
		s.press("S")
		s.await("the shell runs", func() bool { return s.m.shellShown().session != nil })
		s.has("ash")
		s.hasNot("bash")
	}
}

// What is typed of a number is forgotten when something else is selected.
func TestMenuForgetsNumber(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.openShells(12)
	s.press("ctrl+]", "w", "1")
	s.has("1: enter, or another digit")
	s.send(tea.MouseWheelMsg{Button: tea.MouseWheelDown, X: 60, Y: 18})
	s.hasNot("1: enter, or another digit")
	s.press("2")
	s.has("[2:nginx net]")
}

// A key without a name is that of no item.
func TestMenuKeyWithoutName(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.openShells(2)
	s.press("ctrl+]", "w")
	s.send(tea.KeyPressMsg{Code: tea.KeyExtended})
	s.has("─ Shells ─")
}

// What is typed last into a search is to be seen, with the cursor behind it.
func TestSearchLongerThanItsLine(t *testing.T) {
	s := atNginx(t, 80, 24)
	s.press("?")
	s.typeText(strings.Repeat("long ", 30) + "end")
	s.has("long end")
	c := s.m.View().Cursor
	if c == nil || !strings.HasSuffix(string([]rune(s.lines()[c.Y])[:c.X]), "long end") {
		t.Errorf("the cursor is at %+v", c)
	}
}

// What ends a shell is often typed with something behind it. The screen of its end takes no key at once, and
// says so.
func TestKeyRightAfterTheEnd(t *testing.T) {
	s := atNginx(t, 80, 24)
	s.press("n")
	s.enterer.last().exit(3)
	s.await("it has ended", func() bool { return s.m.shellShown().done() })
	s.has("exited 3", "enter, q back", "r again")
	s.press("j")
	s.hasNot("press j again")
	s.press("r")
	s.has("exited 3 just now: press r again")
	s.m.now = func() time.Time { return noon.Add(time.Second) }
	s.press("r")
	s.has("INSIDE 4183 nginx")
	s.enterer.last().exit(0)
	s.await("it has ended", func() bool { return s.m.shellShown().done() })
	s.m.now = func() time.Time { return noon.Add(time.Minute) }
	s.press("q")
	s.hasNot("nginx net")
	if len(s.m.shells.list) != 0 {
		t.Error("its tab is there yet")
	}
}

// A shell of ours that has just ended is no way into the namespaces it was in, nor is what it started.
func TestOtherIsNoEndedShell(t *testing.T) {
	f := host()
	var target fixture
	for _, p := range f {
		if p.PID != nginx {
			continue
		}
		shell, job := p, p
		shell.PID, shell.PPID, shell.Start, shell.Comm = 5120, 1, p.Start+10, "bash"
		job.PID, job.PPID, job.Start, job.Comm = 5121, 5120, p.Start+11, "sleep"
		target = fixture{p, shell, job}
	}
	c := testConfig(target.snapshot())
	e := &fakeEnterer{host: target, shells: []string{"/bin/sh"}}
	c.Enter, c.PID = e, nginx
	s := &shellScreen{screen: start(t, 120, 36, c), enterer: e, inbox: make(chan tea.Msg, 100)}
	s.m.send = func(msg tea.Msg) { s.inbox <- msg }
	t.Cleanup(s.m.closeShells)
	s.press("n")
	in := s.m.shellShown().entry
	if p := s.m.other(&in); p == nil || p.PID != 5120 {
		t.Fatalf("other is %+v, want the shell that runs", p)
	}
	e.last().exit(0)
	s.await("it has ended", func() bool { return s.m.shellShown().done() })
	if p := s.m.other(&in); p != nil {
		t.Errorf("%d %s is offered", p.PID, p.Comm)
	}
	s.m.now = func() time.Time { return noon.Add(2 * latelyTime) } // by then the number is another's
	if p := s.m.other(&in); p == nil || p.PID != 5120 {
		t.Errorf("other is %+v", p)
	}
}

// The frame says that the process whose namespaces a shell is in has ended, once a whole snapshot lacks it.
func TestTargetEnds(t *testing.T) {
	for _, size := range sizes {
		f := host()
		var rest fixture
		for _, p := range f {
			if p.PID != nginx {
				rest = append(rest, p)
			}
		}
		part := rest.snapshot()
		part.Part = true
		c := testConfig(f.snapshot(), part, rest.snapshot(), rest.snapshot())
		e := &fakeEnterer{host: f, shells: []string{"/bin/sh"}}
		c.Enter, c.PID = e, nginx
		s := &shellScreen{screen: start(t, size[0], size[1], c), enterer: e, inbox: make(chan tea.Msg, 100)}
		t.Cleanup(s.m.closeShells)
		s.m.send = func(msg tea.Msg) { s.inbox <- msg }
		s.press("n")
		s.hasNot("target ended")
		s.scan()
		s.hasNot("target ended")
		s.scan()
		s.has("INSIDE 4183 nginx  target ended  ━ n", "STILL HOST")
		s.golden("shell-target-ended")
		s.scan()
		s.has("target ended")
	}
}

// A name is cut at the limit, which is shown, and leaves what was entered to be read.
func TestRenameToALongName(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("S", "ctrl+]", ",")
	s.typeText("a-name-of-thirty-one-characters")
	s.has("31 of 24 cells: cut to a-name-of-thirty-one-ch…")
	s.press("enter", "ctrl+]", "c")
	s.has(" 1:a-name-of-thirty-one-ch… all [2:nginx all]")
	s.m.shells.list[0].plan.Join = ns.SetOf(ns.IPC, ns.Mnt, ns.Net, ns.UTS, ns.User)
	s.press("ctrl+]", "1")
	s.has("[1:a-name-of-thirty-one-… imnUu] 2:nginx all")
}

func TestManyShellsOnAPlainTerminal(t *testing.T) {
	for _, tt := range []struct {
		width        int
		before, more string
	}{{120, " <6 more  7:nginx", " 7 more>"}, {50, " <9 ", " 9>"}} {
		s := atNginx(t, tt.width, 24)
		s.openShells(20)
		s.m.paint.Glyphs.Before, s.m.paint.Glyphs.Path = "<", ">"
		s.press("ctrl+]", "0")
		s.has(tt.before, tt.more)
	}
}

// What a key does is to be read to its end in the help, on a screen of 120 columns.
func TestHelpIsNotCut(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n", "ctrl+]", "?")
	for _, a := range newActions() {
		if a.scope != inShell && a.scope != inEnded || a.help == "" {
			continue
		}
		for range 60 {
			s.press("backspace")
		}
		s.typeText(a.help)
		if !strings.Contains(s.text(), a.help+" ") {
			t.Errorf("%s: %q is cut:\n%s", a.id, a.help, s.text())
		}
		for range a.help {
			s.press("backspace")
		}
	}
}
