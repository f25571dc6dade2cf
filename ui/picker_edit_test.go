package ui

import (
	"testing"

	tea "charm.land/bubbletea/v2"

	"nstui/nsenter"
	"nstui/procscan/ns"
)

// toKind moves the cursor of the picker to a kind.
func (s *screen) toKind(p *picker, k ns.Kind) {
	s.t.Helper()
	for pickerOrder[p.at] != k {
		s.press("down")
	}
}

func TestPickerTakesANamespaceFromElsewhere(t *testing.T) {
	for _, size := range sizes {
		s, p := inPickerOf(t, nginx, size[0], size[1])
		s.toKind(p, ns.Net)
		s.press("f")
		s.golden("picker-from")
		s.typeText("7001")
		s.press("enter")
		s.golden("picker-from-taken")
		s.has("4026532763", "from process 7001", "-n/proc/7001/ns/net")
		if n := s.enterer.targets(); n != 1 {
			t.Errorf("%d targets are held, want the new one only", n)
		}
		s.press("f")
		s.has("net     7001") // to be changed
		for range "7001" {
			s.press("backspace")
		}
		s.send(tea.PasteMsg{Content: "/run/netns/red"})
		s.press("enter")
		s.golden("picker-from-failed")
		s.has("fail    open the net namespace of /run/netns/red: file does not exist")
		s.press("ctrl+u")
		s.hasNot("does not exist")
		s.typeText("/run/netns/blue")
		s.press("enter")
		s.has("from /run/netns/blue", "4026533000")
		s.press("enter")
		if plan := s.enterer.last().plan; plan.Kinds[ns.Net].Target != 4026533000 || plan.Kinds[ns.Mnt].Target != 4026532562 {
			t.Errorf("entered %+v", plan.Kinds)
		}
		s.has("net of /run/netns/blue")
		if n := s.enterer.targets(); n != 0 {
			t.Errorf("%d targets are held", n)
		}
	}
}

// A shell that is only in namespaces of another process is not called one of the picked process.
func TestFrameNamesWhereTheShellIs(t *testing.T) {
	s, p := inPickerOf(t, nginx, 120, 36)
	s.press("-")
	s.toKind(p, ns.Net)
	s.press("f")
	s.typeText("7001")
	s.press("enter", "enter")
	s.has("INSIDE process 7001 ")
	s.hasNot("INSIDE 4183")
}

// A namespace that is named is entered, also of a kind that the process shares with us; without one it is
// that of the process again.
func TestPickerEntersWhatIsNamed(t *testing.T) {
	s, p := inPickerOf(t, nginx, 120, 36)
	s.toKind(p, ns.User)
	s.press("f")
	s.typeText("7001")
	s.press("enter")
	if !p.plan.Join.Has(ns.User) {
		t.Errorf("joined is %q", p.plan.Join)
	}
	s.press("f", "ctrl+u", "enter")
	if p.plan.Join.Has(ns.User) || p.entry.ref.Sources[ns.User] != (nsenter.Source{}) {
		t.Errorf("joined is %q, from %v", p.plan.Join, p.entry.ref.Sources)
	}
	s.press("f", "enter") // nothing was changed
	if p.edit != nil || s.enterer.targets() != 1 {
		t.Errorf("edited is %+v, %d targets are held", p.edit, s.enterer.targets())
	}
}

// What comes too late is dropped, and its target let go of.
func TestPickerDropsWhatComesTooLate(t *testing.T) {
	for name, after := range map[string]func(*shellScreen, *picker){
		"left": func(s *shellScreen, _ *picker) { s.press("esc") },
		"closed": func(s *shellScreen, _ *picker) {
			s.press("esc", "esc")
		},
		"asked again": func(s *shellScreen, _ *picker) {
			s.press("esc", "f")
			s.typeText("/run/netns/blue")
			s.press("enter")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, p := inPickerOf(t, nginx, 120, 36)
			s.toKind(p, ns.Net)
			s.press("f")
			s.typeText("7001")
			_, pin := s.m.Update(keyOf("enter")) // its answer does not come yet
			s.has("opening…")
			s.press("x", "enter") // neither typed nor asked again
			after(s, p)
			s.do(pin)
			if src := p.entry.ref.Sources[ns.Net]; src.PID != 0 {
				t.Errorf("taken from %+v", src)
			}
			want := 1
			if !s.m.isOpen(p) {
				want = 0
			}
			if n := s.enterer.targets(); n != want {
				t.Errorf("%d targets are held, want %d", n, want)
			}
		})
	}
}

// A look at the target there was before says nothing of the one there is.
func TestPickerChecksTheTargetThereIs(t *testing.T) {
	s, p := inPickerOf(t, nginx, 120, 36)
	old := p.target
	s.toKind(p, ns.Net)
	s.press("f")
	s.typeText("7001")
	s.press("enter")
	s.send(checkedMsg{p, old, nsenter.ErrClosed})
	if p.err != nil {
		t.Errorf("the picker says %v", p.err)
	}
	s.send(checkedMsg{p, p.target, nsenter.ErrGone})
	s.press("f")
	s.has("the process is gone")
	if p.edit != nil {
		t.Error("a namespace can be typed for a process that is gone")
	}
}
