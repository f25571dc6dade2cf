package ui

import (
	"cmp"
	"strings"

	"nstui/procscan/ns"
	"nstui/ui/text"
)

// column is something a list can be sorted by. Values are compared as what they are, not as they are
// written; ties are broken by identity, so that an order is the same after every scan.
type column[R any] struct {
	name    string
	compare func(m *Model, a, b R) int
}

var spaceColumns = []column[*space]{
	{"inode", func(_ *Model, a, b *space) int { return compareIDs(a.ID, b.ID) }},
	{"procs", func(_ *Model, a, b *space) int { return cmp.Compare(len(a.Members), len(b.Members)) }},
	{"owner", func(m *Model, a, b *space) int {
		if a.OwnerKnown != b.OwnerKnown {
			return compareBools(b.OwnerKnown, a.OwnerKnown)
		}
		return strings.Compare(m.users.name(a.OwnerUID), m.users.name(b.OwnerUID))
	}},
	{"leader", func(m *Model, a, b *space) int { return strings.Compare(m.leaderOf(a), m.leaderOf(b)) }},
	{"name", func(_ *Model, a, b *space) int { return compareWords(a.words, b.words) }},
}

var procColumns = []column[*proc]{
	{"pid", func(_ *Model, a, b *proc) int { return cmp.Compare(a.PID, b.PID) }},
	{"user", func(m *Model, a, b *proc) int { return strings.Compare(m.users.name(a.UID), m.users.name(b.UID)) }},
	{"ns", func(_ *Model, a, b *proc) int { return strings.Compare(a.letters, b.letters) }},
	{"command", func(_ *Model, a, b *proc) int { return strings.Compare(a.shown, b.shown) }},
	// Of a higher age is what started earlier.
	{"age", func(_ *Model, a, b *proc) int { return cmp.Compare(b.Start, a.Start) }},
	{"cgroup", func(_ *Model, a, b *proc) int { return strings.Compare(a.Cgroup, b.Cgroup) }},
	{"name", func(_ *Model, a, b *proc) int { return compareWords(a.owner.called(), b.owner.called()) }},
}

// compareWords orders by what something is called; what has no name comes last.
func compareWords(a, b []string) int {
	if len(a) == 0 || len(b) == 0 {
		return compareBools(len(a) == 0, len(b) == 0)
	}
	return strings.Compare(a[0], b[0])
}

// order is what a list is sorted by.
type order struct {
	column  int
	reverse bool
}

// spaceOrder returns the comparison of an order of namespaces. What is not a namespace comes last.
func (m *Model) spaceOrder(o order) func(a, b *space) int {
	compare := spaceColumns[o.column].compare
	return func(a, b *space) int {
		if a.refused() != b.refused() {
			return compareBools(a.refused(), b.refused())
		}
		c := compare(m, a, b)
		if o.reverse {
			c = -c
		}
		if c == 0 {
			c = compareIDs(a.ID, b.ID)
		}
		return c
	}
}

// procOrder returns the comparison of an order of processes.
func (m *Model) procOrder(o order) func(a, b *proc) int {
	compare := procColumns[o.column].compare
	return func(a, b *proc) int {
		c := compare(m, a, b)
		if o.reverse {
			c = -c
		}
		if c == 0 {
			c = cmp.Or(cmp.Compare(a.PID, b.PID), cmp.Compare(a.Start, b.Start))
		}
		return c
	}
}

// compareIDs orders namespaces by kind, then by inode.
func compareIDs(a, b ns.ID) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Ino, b.Ino))
}

// compareBools orders false before true.
func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// leaderOf returns the name of the leader of a namespace, or what keeps it where there is none.
func (m *Model) leaderOf(s *space) string {
	if s.leader == nil {
		return m.world.keptBy(s, text.MaxBytes)
	}
	return nameOf(s.leader.Process)
}

// sortNames returns the names of the columns of the list that has the keyboard, and its order.
func (m *Model) sortNames() (names []string, o order) {
	if m.browser.focus == onNamespaces && m.browser.tab.grouped() {
		for _, c := range groupColumnsOf(m.browser.tab) {
			names = append(names, c.name)
		}
		return names, m.browser.groupOrder[m.browser.tab]
	}
	if m.browser.focus == onNamespaces {
		for _, c := range spaceColumns {
			names = append(names, c.name)
		}
		return names, m.browser.spaceOrder
	}
	for _, c := range procColumns {
		names = append(names, c.name)
	}
	return names, m.browser.procOrder
}

// sortBy sorts the list that has the keyboard.
func (m *Model) sortBy(o order) {
	b := &m.browser
	if b.focus == onNamespaces && b.tab.grouped() {
		b.groupOrder[b.tab] = o
		if b.tab == ofContainers && b.groupTree {
			m.refillFirst()
			return
		}
		b.groups.Order(m.groupOrder(b.tab, o), b.follow)
		m.syncOpen()
		return
	}
	if b.focus == onNamespaces {
		b.spaceOrder = o
		if b.spaceTree == flat {
			b.spaces.Order(m.spaceOrder(o), b.follow)
		} else {
			m.refillFirst()
		}
		m.syncOpen()
		return
	}
	b.procOrder = o
	if b.procTree {
		m.refillProcs()
		return
	}
	b.procs.Order(m.procOrder(o), b.follow)
}
