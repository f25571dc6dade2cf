package ui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"nstui/nsenter"
	"nstui/ui/theme"
)

// other returns the oldest process that is in the same namespaces as the one of an entry was, of the
// kinds that are wanted of it; nil if there is none.
func (m *Model) other(e *entry) *proc {
	if m.world == nil {
		return nil
	}
	kinds := e.request.Kinds
	if e.differing {
		kinds = e.ref.NS.Differs(&m.world.snap.Mine)
	}
	kinds &= e.ref.NS.Known()
	for _, k := range kinds.Kinds() {
		if e.ref.Sources[k] != (nsenter.Source{}) {
			kinds = kinds.Without(k)
		}
	}
	if kinds == 0 {
		return nil
	}
	var oldest *proc
	for i := range m.world.procs {
		p := &m.world.procs[i]
		if p.ID() == procIDOf(e.ref) || p.Zombie() || p.Refused != "" || oldest != nil && oldest.Start <= p.Start {
			continue
		}
		if m.ofEnded(p) {
			continue
		}
		if p.NS.Known()&kinds == kinds && p.NS.Differs(&e.ref.NS)&kinds == 0 {
			oldest = p
		}
	}
	return oldest
}

// otherEntry returns the entry into the namespaces of an entry by another process.
func (m *Model) otherEntry(e *entry, p *proc) entry {
	in := m.entryFor(p, 0)
	in.request, in.differing, in.ref.Sources = e.request, e.differing, e.ref.Sources
	if e.apart != 0 {
		in.name, in.owned, in.apart, in.notAll = e.name, e.owned, e.apart, e.notAll
		in.forgetApart()
	}
	return in
}

// otherLines say which process could be entered in place of one that is not any more what it was.
func (m *Model) otherLines(e *entry, err error, width int) []line {
	if !nsenter.Left(err) {
		return nil
	}
	p := m.other(e)
	if p == nil {
		return labelled(theme.Faint, "", "no other process is in the same namespaces", width)
	}
	return labelled(theme.Accent, "o", fmt.Sprintf("take %d %s, which is in the same namespaces", p.PID, nameOf(p.Process)), width)
}

// takeOther opens the picker for another process of the same namespaces.
func (m *Model) takeOther(s *picker) tea.Cmd {
	if !nsenter.Left(s.err) {
		return m.note("its process still lives")
	}
	p := m.other(&s.entry)
	if p == nil {
		return m.warn("no other process is in the same namespaces")
	}
	m.shut(s)
	return tea.Batch(letGo(s.target), m.pick(m.otherEntry(&s.entry, p), m.aboutOf(p)))
}

// needOther says why no other process can be entered in place of that of a shell that did not start.
func needOther(m *Model) string {
	s := m.shellShown()
	switch {
	case s == nil || !nsenter.Left(s.err):
		return "its process was there"
	case m.other(&s.entry) == nil:
		return "no other process is in the same namespaces"
	}
	return ""
}

// enterOther enters by another process, in the place of a shell that did not start.
func (m *Model) enterOther() tea.Cmd {
	s := m.shellShown()
	s.entry = m.otherEntry(&s.entry, m.other(&s.entry))
	return m.restartShell()
}
