package ui

import (
	"strings"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/nsenter"
	"nstui/procscan/ns"
)

// The host's tools are shown the network of the target, and it is said so once for each shell.
func TestShellWithAViewOfTheTarget(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n")
	const said = "host tools with the target's /sys, resolv.conf, hosts and hostname, for this shell alone"
	s.has(said)
	s.send(toastOverMsg{s.m.toasts.era})
	s.has("as host root", "with its /sys, 3 files")
	s.send(tea.WindowSizeMsg{Width: 160, Height: 40})
	s.has("as host root", "with its /sys, resolv.conf, hosts and hostname")
	s.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	s.has("as host root", "? keys")
	s.press("ctrl+]", "d", "b")
	s.hasNot(said)
	if plan := s.enterer.last().plan; len(plan.View.Files) != 3 || !plan.View.Sys {
		t.Errorf("the view is %+v", plan.View)
	}
}

func TestShellWithoutAView(t *testing.T) {
	f := host()
	c := testConfig(f.snapshot())
	e := &fakeEnterer{host: f}
	c.Enter, c.PID, c.Bare = e, nginx, true
	s := start(t, 120, 36, c)
	t.Cleanup(s.m.closeShells)
	s.press("n")
	if plan := e.last().plan; plan.View.Any() || plan.Join != ns.SetOf(ns.Net) {
		t.Errorf("the plan is %+v", plan)
	}
	s.hasNot("with its", "host tools")
}

func TestShellThatMissesPartOfItsView(t *testing.T) {
	for _, size := range sizes {
		s := atNginx(t, size[0], size[1])
		s.enterer.missed = []*nsenter.StepError{{Step: nsenter.StepSys, Errno: syscall.EPERM}}
		s.press("n")
		s.has("host tools without all of the target: show the target's /sys: operation not")
		s.m.toasts.dismiss()
		s.golden("shell-missed")
		s.press("ctrl+]", "d", ":")
		s.typeText("messages")
		s.press("enter")
		s.has("host tools without all of the target")
	}
}

func TestShellSaysWhatItIs(t *testing.T) {
	for name, tt := range map[string]struct {
		pid  int
		keys []string
		want string
		not  []string
	}{
		"root of the host":          {nginx, []string{"enter"}, "as host root", []string{"confined"}},
		"confined root":             {nginx, []string{"x", "enter"}, "root ·  confined ", []string{"host root"}},
		"root in a user namespace":  {firefox, []string{"enter"}, "· root · ", []string{"host root", "confined"}},
		"the target's user":         {firefox, []string{"w", "enter"}, "· uid 1000 · ", []string{"host root"}},
		"another user of the host":  {nginxWorker, []string{"w", "enter"}, "· uid 101 · ", []string{"host root"}},
		"the host's files around":   {nginx, []string{"h", "h", "enter"}, "as host root  · its files in /mnt", nil},
		"in our own namespaces yet": {nginx, []string{"-", "enter"}, "as host root", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := inPickerOf(t, tt.pid, 120, 36)
			s.press(tt.keys...)
			s.m.toasts.dismiss()
			s.has(tt.want)
			s.hasNot(tt.not...)
		})
	}
}

// What is not in the colours of the bar is set into it, and the bar is as wide as ever.
func TestBarSetsWordsApart(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("S")
	rows := strings.Split(s.m.View().Content, "\n")
	if bar := rows[len(rows)-1]; !strings.Contains(bar, "\x1b[33m as host root ") {
		t.Errorf("the bar is %q", bar)
	}
}

func TestContainerEnds(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("S")
	session := s.enterer.last()
	session.status <- nsenter.Status{Signal: syscall.SIGKILL, Code: 137, InitEnded: true}
	session.print.Close()
	s.await("it has ended", func() bool { return s.m.shells.list[0].ended != nil })
	s.golden("shell-container-ended")
	s.has("5120: the container has ended (137)")
	s.press("r")
	s.has("has ended") // it was typed ahead
	s.m.now = func() time.Time { return noon.Add(time.Second) }
	s.press("r")
	s.has("INSIDE 4183 nginx", "as host root")
}
