package ui

import (
	"fmt"
	"testing"

	"nstui/nsenter"
	"nstui/procscan/ns"
)

// A process that is not any more what it was can be replaced by another of the same namespaces.
func TestPickerTakesAnotherProcess(t *testing.T) {
	for i, gone := range []error{nsenter.ErrGone, nsenter.ErrZombie, nsenter.ErrReused, nsenter.ErrMoved} {
		for _, size := range sizes {
			s, p := inPickerOf(t, nginx, size[0], size[1])
			s.press("T", "u", "w", "x")
			s.send(checkedMsg{p, p.target, fmt.Errorf("process 4183: %w", gone)})
			s.has(gone.Error()[:16], "take 4231 nginx, which is in the same namespaces")
			if i == 0 {
				s.golden("picker-gone")
			}
			s.press("o")
			s.has("Enter namespaces of 4231 nginx")
			s.hasNot("fail")
			p = s.m.top().(*picker)
			if r := p.entry.request; p.entry.ref.PID != nginxWorker || r.Kinds.Has(ns.UTS) || !r.Confined {
				t.Errorf("it asks for %+v of %d", r, p.entry.ref.PID)
			}
			if n := s.enterer.targets(); n != 1 {
				t.Errorf("%d targets are held, want 1", n)
			}
		}
	}
}

func TestPickerBeforeItIsPinnedTakesAnotherProcess(t *testing.T) {
	s := atNginx(t, 80, 24)
	s.enterer.pinErrs = map[int]error{nginx: nsenter.ErrReused}
	s.press("s")
	s.has("belongs to another process", "take 4231 nginx")
	s.press("o")
	s.has("Enter namespaces of 4231 nginx", "Same as nsenter -t 4231 -m -u -i -n -p -C")
}

func TestPickerHasNoOtherProcess(t *testing.T) {
	s, p := inPickerOf(t, firefox, 120, 36)
	s.press("o")
	s.has("its process still lives")
	s.send(checkedMsg{p, p.target, nsenter.ErrGone})
	s.has("no other process is in the same namespaces")
	s.press("o")
	if s.m.top() != p {
		t.Error("the picker was closed")
	}
	s.press("-") // and what is not entered does not count
	s.has("no other process is in the same namespaces")
}

// Only the kinds that are wanted must be the same: for the network alone, tcpdump is as good.
func TestOtherProcessByTheKindsThatAreWanted(t *testing.T) {
	s := atNginx(t, 120, 36)
	e := s.m.entryFor(s.m.selectedProc(), ns.SetOf(ns.Net))
	for i := range s.m.world.procs { // as if nginx itself had only tcpdump left
		if p := &s.m.world.procs[i]; p.PID > nginx && p.PID <= nginxWorker+3 {
			p.Refused = "EACCES"
		}
	}
	if p := s.m.other(&e); p == nil || p.PID != 9120 {
		t.Errorf("found %+v", p)
	}
	e.request.Kinds = ns.SetOf(ns.Net, ns.Mnt)
	if p := s.m.other(&e); p != nil {
		t.Errorf("found %d, which is not in its mount namespace", p.PID)
	}
	e.ref.Sources[ns.Mnt].PID = 1 // it is not wanted of the process then
	if p := s.m.other(&e); p == nil || p.PID != 9120 {
		t.Errorf("found %+v", p)
	}
}

// A shell that could not start for want of its process starts by another.
func TestShellOfAnotherProcess(t *testing.T) {
	for _, size := range sizes {
		s := atNginx(t, size[0], size[1])
		s.enterer.pinErrs = map[int]error{nginx: fmt.Errorf("process 4183: %w", nsenter.ErrGone)}
		s.press("S")
		s.golden("shell-gone")
		s.has("NOT INSIDE", "take 4231 nginx", "o other process")
		s.press("o")
		s.has("INSIDE 4231 nginx", "STILL HOST: time user")
		if len(s.m.shells.list) != 1 {
			t.Errorf("there are %d shells", len(s.m.shells.list))
		}
	}
	s := atNginx(t, 120, 36)
	s.m.showProcess(firefox)
	s.enterer.pinErr = nsenter.ErrGone
	s.press("n")
	s.has("no other process is in the same namespaces")
	s.press("o")
	s.has("NOT INSIDE")
	s.press("h") // nor would tools help
	s.has("NOT INSIDE", "none would help")
}
