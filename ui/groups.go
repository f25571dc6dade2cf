package ui

import (
	"cmp"
	"math"
	"slices"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// groupID is the identity of a group: for a set the namespaces its processes are in, one of each kind.
type groupID struct {
	tuple ns.Tuple
}

// group is processes that belong together, as a row of the first list: those that are in the same
// namespaces of all kinds, which is a set.
type group struct {
	id      groupID
	members []int  // indices into world.procs, by pid
	leader  *proc  // the oldest; nil where nothing is known of any
	letters string // the NS column
	differs ns.Set
	born    bool
	ended   bool // only in the snapshot before
}

// refusedSet is the row of those that refused to show their namespaces.
var refusedSet = groupID{tuple: ns.Tuple{math.MaxUint64}}

// refused reports whether the group stands for processes that refused to show their namespaces.
func (g *group) refused() bool { return g.id == refusedSet }

// mine reports whether the group is the set nstui itself is in.
func (g *group) mine(snap *procscan.Snapshot) bool { return g.id.tuple == snap.Mine }

// compareTuples orders sets by the inode numbers of their kinds, one after the other.
func compareTuples(a, b *ns.Tuple) int { return slices.Compare(a[:], b[:]) }

// takeSets groups the processes by the namespaces they are in. A process that has ended but for being
// reaped has lost some: it is counted to the set of its parent if the others are the same.
func (w *world) takeSets() {
	at := make(map[ns.Tuple]int)
	var orphans []int
	last, of := ns.Tuple{}, -1 // neighbours are often in the same
	add := func(i int, t ns.Tuple) {
		if of < 0 || t != last {
			k, ok := at[t]
			if !ok {
				k = len(w.sets)
				at[t] = k
				w.sets = append(w.sets, group{id: groupID{tuple: t}})
			}
			last, of = t, k
		}
		w.sets[of].members = append(w.sets[of].members, i)
	}
	for i := range w.procs {
		switch p := &w.procs[i]; {
		case p.Refused != "":
			add(i, refusedSet.tuple)
		case p.Zombie():
			orphans = append(orphans, i)
		default:
			add(i, p.NS)
		}
	}
	for _, i := range orphans {
		t := w.procs[i].NS
		if parent := w.byPID(w.procs[i].PPID); parent != nil && parent.Refused == "" && !parent.Zombie() && within(&t, &parent.NS) {
			t = parent.NS
		}
		add(i, t)
	}
	for i := range w.sets {
		w.finish(&w.sets[i])
		if !w.sets[i].refused() {
			w.numSets++
		}
	}
	slices.SortFunc(w.sets, func(a, b group) int { return compareTuples(&a.id.tuple, &b.id.tuple) })
}

// within reports whether all that is known of a tuple is the same in another.
func within(t, other *ns.Tuple) bool {
	for k, ino := range t {
		if ino != 0 && ino != other[k] {
			return false
		}
	}
	return true
}

// finish works out what a set's row says from its members.
func (w *world) finish(g *group) {
	slices.Sort(g.members)
	for _, i := range g.members {
		if p := &w.procs[i]; !p.Zombie() && (g.leader == nil || p.Start < g.leader.Start) {
			g.leader = p
		}
	}
	if g.leader == nil {
		g.leader = &w.procs[g.members[0]]
	}
	g.letters, g.differs = g.leader.letters, g.leader.differs
	if g.refused() {
		g.letters = hiddenNS
	}
}

// markGroups marks the groups that are new since the world before, and keeps those that have ended for
// the time of one snapshot, without what was in them. Both lists are sorted by identity.
func markGroups(prev, now []group) []group {
	byID := func(a, b groupID) int { return compareTuples(&a.tuple, &b.tuple) }
	find := func(list []group, id groupID) *group {
		i, ok := slices.BinarySearchFunc(list, id, func(g group, id groupID) int { return byID(g.id, id) })
		if !ok {
			return nil
		}
		return &list[i]
	}
	for i := range now {
		before := find(prev, now[i].id)
		now[i].born = before == nil || before.ended
	}
	n := len(now)
	for i := range prev {
		if last := prev[i]; !last.ended && find(now[:n], last.id) == nil {
			last.members, last.born, last.ended = nil, false, true
			now = append(now, last)
		}
	}
	slices.SortFunc(now, func(a, b group) int { return byID(a.id, b.id) })
	return now
}

// group returns the group with the given identity, also one that has just ended, or nil.
func (w *world) group(id groupID) *group {
	if w == nil || id == (groupID{}) {
		return nil
	}
	i, ok := slices.BinarySearchFunc(w.sets, id, func(g group, id groupID) int { return compareTuples(&g.id.tuple, &id.tuple) })
	if !ok {
		return nil
	}
	return &w.sets[i]
}

// setOf returns the set a process is in.
func (w *world) setOf(p *proc) *group {
	if p.Refused != "" {
		return w.group(refusedSet)
	}
	if g := w.group(groupID{tuple: p.NS}); g != nil {
		return g
	}
	if parent := w.byPID(p.PPID); parent != nil { // of a zombie
		return w.group(groupID{tuple: parent.NS})
	}
	return nil
}

// groupColumns are what the groups can be sorted by.
var groupColumns = []column[*group]{
	{"set", func(m *Model, a, b *group) int {
		snap := m.world.snap
		return cmp.Or(compareBools(b.mine(snap), a.mine(snap)), compareTuples(&a.id.tuple, &b.id.tuple))
	}},
	{"procs", func(_ *Model, a, b *group) int { return cmp.Compare(len(a.members), len(b.members)) }},
	{"ns", func(_ *Model, a, b *group) int { return cmp.Compare(a.letters, b.letters) }},
	{"user", func(m *Model, a, b *group) int {
		return cmp.Compare(m.users.name(a.leader.UID), m.users.name(b.leader.UID))
	}},
	{"leader", func(_ *Model, a, b *group) int {
		return cmp.Compare(nameOf(a.leader.Process), nameOf(b.leader.Process))
	}},
	// Of a higher age is what started earlier.
	{"age", func(_ *Model, a, b *group) int { return cmp.Compare(b.leader.Start, a.leader.Start) }},
}

// groupOrder returns the comparison of an order of groups. What is not a group comes last.
func (m *Model) groupOrder(o order) func(a, b *group) int {
	compare := groupColumns[o.column].compare
	return func(a, b *group) int {
		if a.refused() != b.refused() {
			return compareBools(a.refused(), b.refused())
		}
		c := compare(m, a, b)
		if o.reverse {
			c = -c
		}
		return cmp.Or(c, compareTuples(&a.id.tuple, &b.id.tuple))
	}
}
