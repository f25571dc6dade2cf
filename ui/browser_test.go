package ui

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan"
	"nstui/procscan/ns"
	"nstui/ui/layout"
)

// without returns the processes but those with the given pids.
func (f fixture) without(pids ...int) fixture {
	return slices.DeleteFunc(slices.Clone(f), func(p procscan.Process) bool { return slices.Contains(pids, p.PID) })
}

// pid returns the pid under the cursor, 0 for none.
func (s *screen) pid() int {
	if p := s.m.selectedProc(); p != nil {
		return p.PID
	}
	return 0
}

func TestCursorStaysWhileTheHostChanges(t *testing.T) {
	f := host()
	more := f.without()
	for i := range 3 {
		more.add(4100+i, 1, 0, f[4].NS, "new", "early")      // our own namespaces
		more.add(4184+i, 4183, 0, f[5].NS, "new", "sidecar") // the container
	}
	s := start(t, 80, 24, testConfig(f.snapshot(), more.snapshot(), more.without(4184, 4231).snapshot(), f.without(4232).snapshot(), f.without(4232).snapshot()))
	inNginx(s)
	s.press("j", "j")
	if s.pid() != 4232 {
		t.Fatalf("on %d", s.pid())
	}

	s.scan()
	if s.pid() != 4232 {
		t.Errorf("rows were inserted: on %d", s.pid())
	}
	s.has("+  4184", "+  4186") // new ones are marked

	s.scan()
	if s.pid() != 4232 {
		t.Errorf("rows were deleted: on %d", s.pid())
	}
	s.hasNot("+  4185")
	s.has("4231 101  Cimnp--u ended nginx")

	s.scan()
	if s.pid() != 4232 {
		t.Errorf("the row itself ended: on %d, should stay for one scan", s.pid())
	}
	s.has("4232 101  Cimnp--u ended nginx")

	s.scan()
	if s.pid() != 4233 {
		t.Errorf("on %d, want the process below the one that ended", s.pid())
	}
	s.hasNot("ended", "4232")
}

func TestReusedPIDIsAnotherProcess(t *testing.T) {
	f := host()
	g := f.without()
	for i := range g {
		if p := &g[i]; p.PID == 4231 {
			p.Start, p.Args = 999999, []string{"impostor"}
		}
	}
	s := start(t, 80, 24, testConfig(f.snapshot(), g.snapshot()))
	inNginx(s)
	s.press("j", "space", "k")
	s.scan()
	s.has("ended nginx: worker", "impostor")
	if s.m.browser.procs.Marked(procscan.ProcID{PID: 4231, Start: 999999}) {
		t.Error("the mark went to another process with the same pid")
	}
}

func TestNamespaceThatEndsWhileInIt(t *testing.T) {
	f := host()
	after := f.without(4183, 4231, 4232, 4233, 4234, 9120).snapshot()
	s := start(t, 120, 36, testConfig(f.snapshot(), after, after))
	inNginx(s)
	s.scan()
	s.has("4026532563 ended", "ended nginx: m")
	s.scan()
	s.has("net 4026532563 is gone", "net › 4026532563 gone")
	if s.pid() != 0 {
		t.Errorf("on process %d of another namespace", s.pid())
	}
	s.press("esc")
	s.hasNot("gone")
	if s.pid() == 0 {
		t.Error("back in the list, and nothing is selected")
	}
}

func TestTabsKeepTheProcess(t *testing.T) {
	s := start(t, 120, 36, testConfig(host().snapshot()))
	inNginx(s)
	s.press("3") // mnt
	s.has("[3 mnt 3]", "mnt › 4026532562 › 4183 nginx")
	s.press("]")
	s.has("[4 net 3]", "net › 4026532563")
	s.press("[", "[", "[", "[")
	s.has("[0 all 17]")
	s.press("[")
	s.has("[c containers 0]", "nobody is asked for the names of containers")
	s.press("[", "[")
	s.has("[8 uts 2]")
}

func TestZombieIsShownWhereItStillIs(t *testing.T) {
	s := start(t, 120, 36, testConfig(host().snapshot()))
	s.press(":")
	s.typeText("pid 9300")
	s.press("enter")
	s.has("???", "helper (zombie)", "zombie, not yet reaped", "C cgroup ?")
	if s.pid() != 9300 {
		t.Errorf("on %d", s.pid())
	}
}

func TestMarksAndCompare(t *testing.T) {
	s := start(t, 120, 36, testConfig(host().snapshot()))
	s.press("=")
	s.has("compare: mark two processes")
	s.press("space")
	s.has("mark: go to the processes first")
	inNginx(s)
	s.press("space", "G", "space", "=")
	s.has("4183 nginx", "9120 tcpdump", "n net     4026532563              4026532563              same", "m mnt     4026532562              4026531841              differ")
	s.press("esc")
	if s.m.top() != nil {
		t.Error("esc does not close it")
	}
}

func TestCopy(t *testing.T) {
	s := start(t, 80, 24, testConfig(host().snapshot()))
	inNginx(s)
	for key, want := range map[string]string{
		"p": "4183", "i": "4026532563", "c": "nginx: master process nginx -g daemon off;",
		"n": "nsenter -t 4183 -C -i -m -n -p -u",
	} {
		s.press("y", key)
		if s.clipboard != want {
			t.Errorf("y %s copied %q, want %q", key, s.clipboard, want)
		}
		s.has("sent ", "to the clipboard, if the terminal allows that")
	}
	s.press("y", "esc", "j")
	if s.m.top() != nil || s.pid() != 4231 {
		t.Errorf("esc does not close the menu: %v, on %d", s.m.top(), s.pid())
	}
}

func TestPaletteAndHelpRunActions(t *testing.T) {
	s := start(t, 120, 36, testConfig(host().snapshot()))
	for _, tt := range []struct{ typed, want string }{
		{"uts", "[8 uts 2]"},
		{"pid 7001", "7001 firefox"},
		{"pid 99999", "there is no process 99999"},
		{"ns 4026532567", "[8 uts 2]"},
		{"ns 1", "there is no namespace 1"},
		{"sort command", "command ↑"},
		{"pause", "PAUSED 12:00:00"},
		{"pause", "live 2s"},
	} {
		s.press(":")
		s.typeText(tt.typed)
		s.press("enter")
		s.has(tt.want)
		if s.m.top() != nil {
			t.Errorf("%s: the palette is still open", tt.typed)
		}
	}
	s.press(":")
	s.typeText("eve") // not the shell in everything that differs
	s.press("enter")
	s.has("Timeline")
	s.press("esc", "f1")
	s.typeText("hide or show kernel")
	s.press("enter")
	s.has("kernel threads are shown")
	s.press("?")
	s.typeText("zzz")
	s.has(`nothing matches "zzz"`)
	s.press("enter", "esc")
	if s.m.top() != nil {
		t.Error("esc does not close the help")
	}
}

func TestHelpOfWhatIsOpen(t *testing.T) {
	s := start(t, 120, 36, testConfig(host().snapshot()))
	inNginx(s)
	s.press("i", "?")
	s.has("Pages", "a line down")
	s.typeText("go left")
	s.press("enter") // of the browser, which does not have the keyboard
	if s.m.browser.focus != onProcesses {
		t.Error("the help runs what cannot be had now")
	}
}

// The heading of a scope is found, and what a line has no room for stands below the list.
func TestHelpIsReadable(t *testing.T) {
	s := start(t, 80, 24, testConfig(host().snapshot()))
	s.press("?")
	s.typeText("scrollb")
	s.has("Scrollback", "search upwards")
	for range len("scrollb") {
		s.press("backspace")
	}
	s.typeText("small letters find")
	s.has("small letters find capit…", "search downwards, on from the top; small letters find capital ones too")
}

func TestPauseAndRescan(t *testing.T) {
	f := host()
	s := start(t, 80, 24, testConfig(f.snapshot(), f.without(612).snapshot(), f.without(612).snapshot(), f.without(612, 1).snapshot()))
	s.press("p")
	s.has("PAUSED 12:00:00")
	s.scan() // the clock that was set before
	s.has("13 procs")
	s.press("r")
	s.has("12 procs", "PAUSED")
	s.press("p")
	s.has("11 procs", "live 2s")
}

func TestLateScanIsDropped(t *testing.T) {
	s := start(t, 80, 24, testConfig(host().snapshot()))
	era := s.m.live.era
	s.press("r")
	s.send(scannedMsg{era: era, world: newWorld(nil, fixture{}.snapshot(), nil)})
	s.has("13 procs")
}

func TestLateInspectionIsDropped(t *testing.T) {
	s := start(t, 120, 36, testConfig(host().snapshot()))
	inNginx(s)
	era := s.m.inspection.era
	s.press("j")
	s.send(inspectedMsg{era: era, detail: procscan.Detail{Root: "/of/another"}})
	s.hasNot("/of/another")
}

func TestScanThatFailsKeepsWhatThereIs(t *testing.T) {
	scanner := &fakeLive{snaps: []*procscan.Snapshot{host().snapshot()}}
	c := testConfig()
	c.Live = scanner
	s := start(t, 80, 24, c)
	scanner.err = errors.New("read /proc: too many open files")
	s.scan()
	s.has("scan failed", "sshd")
	scanner.err = nil
	s.scan()
	s.has("live 2s", "sshd")
}

func TestSlowScan(t *testing.T) {
	now := noon
	c, source := withLive(host().snapshot())
	source.during = func() { now = now.Add(1400 * time.Millisecond) }
	source.parts = []*procscan.Snapshot{host().part(3)}
	c.Interval = time.Second
	s := unstarted(t, 80, 24, c)
	s.m.now = func() time.Time { return now }
	s.do(s.m.Init())
	s.has("live, every 2.4s")
	s.m.scan() // goes on
	now = now.Add(1400 * time.Millisecond)
	s.has("scanning 1.4s", "sshd")
}

func TestQuit(t *testing.T) {
	s := start(t, 80, 24, testConfig(host().snapshot()))
	s.press("ctrl+c")
	s.has("ctrl+c again to quit")
	now := noon
	s.m.now = func() time.Time { return now }
	now = now.Add(quitWindow)
	s.press("ctrl+c")
	if s.quit {
		t.Fatal("the second ctrl+c came late, and quits")
	}
	now = now.Add(quitWindow / 2)
	s.press("ctrl+c")
	if !s.quit {
		t.Error("ctrl+c twice does not quit")
	}
	s = start(t, 80, 24, testConfig(host().snapshot()))
	s.press("q")
	if !s.quit {
		t.Error("q does not quit")
	}
}

func TestQuestionIsAnsweredNo(t *testing.T) {
	for _, tt := range []struct {
		keys []string
		done bool
	}{
		{[]string{"enter"}, false},
		{[]string{"esc"}, false},
		{[]string{"n"}, false},
		{[]string{"ctrl+c"}, false},
		{[]string{"y"}, true},
		{[]string{"tab", "enter"}, true},
		{[]string{"left", "right", "enter"}, false},
	} {
		s := start(t, 80, 24, testConfig(host().snapshot()))
		done := false
		s.m.open(&confirm{title: "Kill", question: []string{"sure?"}, yes: "kill", run: func(*Model) tea.Cmd { done = true; return nil }})
		s.press(tt.keys...)
		if done != tt.done || s.m.top() != nil {
			t.Errorf("%v: done %v, open %v", tt.keys, done, s.m.top() != nil)
		}
	}
}

func TestToasts(t *testing.T) {
	s := start(t, 80, 24, testConfig(host().snapshot()))
	s.press("=")
	era := s.m.toasts.era
	s.press("K")
	s.send(toastOverMsg{era}) // of the one before
	s.has("kernel threads are shown")
	s.press("j")
	s.hasNot("kernel threads are shown")
	for i := range 60 {
		s.do(s.m.note(fmt.Sprintf("message %d.", i)))
	}
	if n := len(s.m.toasts.log); n != toastLog {
		t.Errorf("%d messages are kept", n)
	}
	s.send(toastOverMsg{s.m.toasts.era})
	s.hasNot("message 59.")
	s.press(":")
	s.typeText("messages")
	s.press("enter")
	s.has("message 59.", "more below")
}

func TestFocusOnScreensWithOneList(t *testing.T) {
	s := start(t, 60, 20, testConfig(host().snapshot()))
	s.has("INODE")
	s.hasNot("COMMAND")
	s.press("j", "enter")
	s.has("COMMAND", "net 4026532563")
	s.hasNot("INODE")
	s.press("enter")
	s.has("Details", "NAMESPACES")
	s.press("esc", "h")
	s.has("INODE")
}

func TestResizeKeepsTheFocusOnThePanesThereAre(t *testing.T) {
	s := start(t, 120, 36, testConfig(host().snapshot()))
	inNginx(s)
	s.press("l")
	if s.m.browser.focus != onDetails {
		t.Fatalf("focus on %d", s.m.browser.focus)
	}
	s.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	if s.m.browser.focus != onProcesses {
		t.Errorf("focus on %d, which is not there", s.m.browser.focus)
	}
	s.send(tea.WindowSizeMsg{})
	if s.m.screen.Form != layout.TwoLists {
		t.Error("a terminal without a size was believed")
	}
	s.send(tea.WindowSizeMsg{Width: 36, Height: 12})
	s.has("nstui needs 40x10, this is 36x12")
}

func TestMouse(t *testing.T) {
	c := testConfig(host().snapshot())
	c.Mouse = true
	s := start(t, 80, 24, c)
	if s.m.View().MouseMode != tea.MouseModeCellMotion {
		t.Error("the mouse is not taken")
	}
	click := func(x, y int) { s.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft}) }
	click(5, 5) // the second namespace
	s.has("in net 4026532563")
	click(40, 6) // its third process
	if s.pid() != 4232 || s.m.browser.focus != onProcesses {
		t.Errorf("on %d, pane %d", s.pid(), s.m.browser.focus)
	}
	click(40, 15) // nothing there
	if s.pid() != 4232 {
		t.Errorf("on %d", s.pid())
	}
	click(2, 1)
	s.has("[0 all 17]")
	s.send(tea.MouseWheelMsg{X: 5, Y: 8, Button: tea.MouseWheelDown})
	if _, first := s.m.browser.spaces.Visible(); first != wheelLines {
		t.Errorf("scrolled to %d", first)
	}
}

func TestOpensOnAProcess(t *testing.T) {
	c := testConfig(host().snapshot())
	c.PID, c.Kind = 9120, nil
	s := start(t, 120, 36, c)
	if s.pid() != 9120 {
		t.Errorf("on %d", s.pid())
	}
	c.PID = 31
	start(t, 120, 36, c).has("there is no process 31")
}

func TestPanicInAGoroutineEndsTheProgram(t *testing.T) {
	s := start(t, 80, 24, testConfig(host().snapshot()))
	got := make(chan tea.Msg, 1)
	s.m.send = func(msg tea.Msg) { got <- msg }
	var none []int
	s.m.spawn("the test", func() { none[0]++ })
	s.send(<-got)
	if !s.quit || s.m.fatal == nil || !strings.Contains(s.m.fatal.Error(), "panic in the test: runtime error: index out of range") {
		t.Errorf("quit %v with %v", s.quit, s.m.fatal)
	}
}

func TestKindsOfTheTable(t *testing.T) {
	s := start(t, 80, 24, testConfig(host().snapshot()))
	for i, kind := range ns.Kinds() {
		s.press(strconv.Itoa(i + 1))
		if s.m.browser.tab != tabOf(&kind) {
			t.Errorf("%d does not show %s", i+1, kind)
		}
	}
}
