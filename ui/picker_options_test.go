package ui

import (
	"testing"

	tea "charm.land/bubbletea/v2"

	"nstui/nsenter"
	"nstui/procscan/ns"
)

// inPickerOf opens the picker for a process of the fixture.
func inPickerOf(t *testing.T, pid, width, height int) (*shellScreen, *picker) {
	t.Helper()
	s := atNginx(t, width, height)
	if !s.m.showProcess(pid) {
		t.Fatalf("there is no process %d", pid)
	}
	s.press("s")
	p, ok := s.m.top().(*picker)
	if !ok {
		t.Fatalf("no picker:\n%s", s.text())
	}
	return s, p
}

const (
	nginx       = 4183
	nginxWorker = 4231
	firefox     = 7001 // in a user namespace of its own
)

func TestPickerChoosesAsWhom(t *testing.T) {
	for _, size := range sizes {
		s, p := inPickerOf(t, firefox, size[0], size[1])
		s.has("root 0: root where it is mapped", "w the target's own")
		s.press("w")
		s.golden("picker-as")
		if id := p.plan.As; id.UID != 1000 || !id.SetUID {
			t.Errorf("as the target it runs as %+v", id)
		}
		s.has("1000: the target's own", "-S 1000 -G 1000")
		s.press("w")
		s.has("65534: yours, whatever they are in there")
		if id := p.plan.As; !id.Keep() {
			t.Errorf("as the caller it runs as %+v", id)
		}
		s.press("w")
		s.has("root 0: root where it is mapped")
		s.press("enter")
		if id := s.enterer.last().plan.As; id.UID != 0 || id.OutUID != 100000 {
			t.Errorf("it was started as %+v", id)
		}
	}
}

func TestPickerHasNobodyElse(t *testing.T) {
	s, p := inPickerOf(t, nginx, 120, 36)
	s.press("w") // it is root, and so is the target
	s.has("there is nobody else")
	if p.entry.request.As != nsenter.AsAuto {
		t.Errorf("as %d", p.entry.request.As)
	}
}

// Root may become the target's user also where no user namespace is entered; nobody else may.
func TestPickerIdentitiesWithoutUser(t *testing.T) {
	s, p := inPickerOf(t, nginxWorker, 120, 36)
	s.press("w")
	s.has("101: the target's own", "w yours")
	f := *p.target.Facts()
	f.Caller.UID = 1000
	if got := identitiesFor(&f, p.entry.request); len(got) != 1 || got[0] != nsenter.AsAuto {
		t.Errorf("an ordinary user is offered %v", got)
	}
}

func TestPickerConfines(t *testing.T) {
	for _, size := range sizes {
		s, p := inPickerOf(t, nginx, size[0], size[1])
		s.press("g")
		s.has("Limits  its cgroup", "g no more", " -c ")
		if !p.entry.request.Cgroup || len(p.plan.Cgroups) != 1 || p.plan.Confined {
			t.Errorf("the plan is %+v", p.plan)
		}
		s.press("g")
		s.has("Limits  none")
		s.press("x")
		s.golden("picker-confined")
		s.has("as confined as the target", "x no more")
		s.hasNot("runs as root of the host")
		s.press("g")
		s.has("its cgroup is joined already")
		s.press("enter")
		if plan := s.enterer.last().plan; !plan.Confined || plan.Confine.Bounding != 0xa80425fb || len(plan.Cgroups) != 1 {
			t.Errorf("started with %+v", plan)
		}
		s.m.toasts.dismiss()
		s.golden("shell-confined")
		s.has("root ", "confined")
		s.hasNot("host root")
	}
}

// Without a shell in the target the picker says which tools would do, and gives only those.
func TestPickerWithoutAShell(t *testing.T) {
	for _, size := range sizes {
		s := atNginx(t, size[0], size[1])
		s.enterer.shells, s.enterer.busybox = nil, "/bin/busybox"
		s.press("s")
		p := s.m.top().(*picker)
		s.golden("picker-no-shell")
		s.has("no shell in the target's root directory", "use other tools: the host's, at its files")
		s.press("enter")
		s.has("Enter namespaces")
		s.press("h")
		s.golden("picker-host-tools")
		s.has("host tools: the files stay yours", "/proc/1/root")
		if p.entry.request.Tools != nsenter.ToolsHost || p.plan.Join.Has(ns.Mnt) || !p.plan.Ready() {
			t.Errorf("the plan is %+v", p.plan)
		}
		s.press("h")
		s.golden("picker-busybox")
		s.has("the host's busybox in its root", "/bin/busybox of the host runs in the target's root directory")
		s.press("h")
		s.golden("picker-tree")
		s.has("the host's, its files in /mnt", "its files, in /mnt")
		if plan := p.plan; plan.Tree.At != "/srv" || plan.InRoot() || !plan.Ready() {
			t.Errorf("the plan is %+v", plan)
		}
		s.press("h") // those of the target are not offered: they are not there
		if p.entry.request.Tools != nsenter.ToolsHost {
			t.Errorf("after the tree comes %d", p.entry.request.Tools)
		}
		s.press("h", "enter")
		if plan := s.enterer.last().plan; !plan.Busybox || !plan.InRoot() {
			t.Errorf("started %+v", plan)
		}
	}
}

func TestPickerToolsOfTheHost(t *testing.T) {
	s, p := inPickerOf(t, nginx, 120, 36)
	s.press("m") // it is left out: the host's tools, with a view of the target
	s.has("the host's, with its /proc and /sys, 3 files")
	s.press("h", "h") // at its files, and then as they are
	s.has("the host's, with nothing around")
	if p.plan.View.Any() || p.entry.request.Tools != nsenter.ToolsBare {
		t.Errorf("the plan is %+v", p.plan)
	}
	s.press("m")
	s.has("the target's own")
	if !p.plan.Join.Has(ns.Mnt) {
		t.Error("mnt is not entered")
	}
	s.press("h")
	s.has("the host's, at its files")
	s.press("m") // who chooses mnt wants the target's files
	s.has("the target's own")
	if !p.plan.Join.Has(ns.Mnt) || p.entry.request.Tools != nsenter.ToolsAuto {
		t.Errorf("the plan is %+v", p.plan)
	}
}

// What is done with the target's files is not done without them.
func TestPickerToolsNeedTheTargetsFiles(t *testing.T) {
	for _, keys := range [][]string{{"h", "h"}, {"h", "h", "h"}} {
		s := atNginx(t, 120, 36)
		s.enterer.shells, s.enterer.busybox = nil, "/bin/busybox"
		s.press("s")
		s.press(keys...)
		p := s.m.top().(*picker)
		if tools := p.entry.request.Tools; tools != nsenter.ToolsBusybox && tools != nsenter.ToolsTree {
			t.Fatalf("the tools are %d", tools)
		}
		s.press("m")
		if p.entry.request.Tools != nsenter.ToolsAuto || p.plan.Busybox || p.plan.Tree.At != "" {
			t.Errorf("the plan is %+v", p.plan)
		}
		s.has("/bin/bash exists on the host")
	}
}

func TestPickerHasNoOtherTools(t *testing.T) {
	s, p := inPickerOf(t, nginx, 120, 36)
	p.found[0], p.found[1] = false, false
	p.entry.request.Shell = "/nowhere/sh"
	p.replan()
	s.press("h")
	s.has("no other tools would work here")
	s.hasNot("use other tools")
}

// What is chosen is to be seen at any size, and nothing is done before there is a plan.
func TestPickerOptionsAtAnySize(t *testing.T) {
	s, _ := inPickerOf(t, firefox, 120, 36)
	s.press("w", "g", "h")
	for _, size := range [][2]int{{40, 10}, {60, 16}, {80, 24}, {200, 60}} {
		s.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		s.lines()
	}
	s.send(tea.WindowSizeMsg{Width: 40, Height: 10})
	s.golden("picker-options")
	s.press("esc")
	s.enterer.pinErr = nsenter.ErrGone
	s.press("s", "w", "x", "g", "h", "f", "e", "y", "a", "-", "m")
	s.has("the process is gone")
}
