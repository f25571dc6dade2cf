package ui

import "nstui/procscan/ns"

// setTab changes the tab.
func (m *Model) setTab(t tab) {
	b := &m.browser
	selected := m.selectedProc()
	if t == ofContainers && !b.chosen { // what the program has put the cursor on is nothing to go to
		selected = nil
	}
	b.tab = t
	b.focus = onNamespaces
	b.open = opened{}
	if m.world == nil {
		return
	}
	b.groups.Set(nil) // an order is for rows of its tab
	m.sortRows()
	m.refillFirst()
	b.first().Home()
	// Where the process at hand is, is the best guess of what is looked for.
	if selected != nil {
		if kind, ok := t.kind(); ok {
			b.spaces.Select(selected.in(kind))
		} else if t.grouped() {
			if g := m.world.groupOf(t, selected); g != nil {
				b.groups.Select(g.id)
			}
		}
	}
	m.syncOpen()
	if selected != nil {
		b.procs.Select(selected.ID())
	}
}

// nextTab moves by that many tabs, of which "all" is the first.
func (m *Model) nextTab(by int) {
	m.setTab(tab((int(m.browser.tab) + by + int(numTabs)) % int(numTabs)))
}

// showProcess moves to a process, in the tab there is if it knows the process's namespace of that kind.
func (m *Model) showProcess(pid int) bool {
	p := m.world.byPID(pid)
	if p == nil {
		return false
	}
	b := &m.browser
	b.filter, b.differing = filter{}, false
	b.noKernel = b.noKernel && !p.Kernel
	if b.tab.grouped() {
		if g := m.world.groupOf(b.tab, p); g != nil {
			return m.showGroup(g.id) && b.procs.Select(p.ID())
		}
	}
	kind, ok := b.tab.kind()
	if !ok {
		kind = ns.Net
	}
	if p.Refused == "" && p.NS[kind] == 0 {
		kind = ns.PID // zombies keep this one when all others are gone
	}
	return m.showSpace(p.in(kind)) && b.procs.Select(p.ID())
}

// showSpace moves to the processes of a namespace.
func (m *Model) showSpace(id ns.ID) bool {
	if m.world.space(id) == nil {
		return false
	}
	b := &m.browser
	b.chosen = true
	if b.tab != ofAll {
		b.tab = tabOf(&id.Kind)
	}
	b.filter = filter{}
	b.focus = onNamespaces
	m.refillFirst()
	found := b.spaces.Select(id) || b.spaces.Select(refusedID(ns.UTS))
	m.syncOpen()
	m.refillProcs() // the filter may have hidden some
	b.focus = onProcesses
	return found
}

// showGroup moves to the processes of a group of the tab there is.
func (m *Model) showGroup(id groupID) bool {
	b := &m.browser
	b.chosen = true
	b.filter = filter{}
	b.focus = onNamespaces
	m.refillFirst()
	found := b.groups.Select(id)
	m.syncOpen()
	m.refillProcs() // the filter may have hidden some
	b.focus = onProcesses
	return found
}
