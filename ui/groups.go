package ui

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
)

// groupID is the identity of a group: for a set the namespaces its processes are in, one of each kind, for a
// container what boxOf makes of it.
type groupID struct {
	tuple ns.Tuple
	box   string
}

// compare orders groups by identity.
func (id *groupID) compare(other *groupID) int {
	return cmp.Or(slices.Compare(id.tuple[:], other.tuple[:]), strings.Compare(id.box, other.box))
}

// group is processes that belong together, as a row of the first list: those that are in the same
// namespaces of all kinds, which is a set, or those of a container, or those of containers that are below one head.
type group struct {
	id      groupID
	owner   *owner        // of a container; of a set that of its leader, nil for nobody
	row     container.Row // of a container
	members []int         // indices into world.procs, by pid
	leader  *proc         // the oldest; nil where nothing is known of any
	letters string        // the NS column
	shares  shares        // of a container
	differs ns.Set
	within  groupID // of a container: the head it is below in the tree; the zero if none
	parts   int     // of a head: how many containers are below it
	serves  bool    // of a head: all of them only serve others
	// Of a head the kinds in which those below it are not all in the same namespace (split), also without what only
	// serves the others (apart), and those in which nobody may see where they all are.
	split, apart, unknown ns.Set
	born                  bool
	ended                 bool // only in the snapshot before
}

// refusedSet is the row of those that refused to show their namespaces.
var refusedSet = groupID{tuple: ns.Tuple{math.MaxUint64}}

// refused reports whether the group stands for processes that refused to show their namespaces.
func (g *group) refused() bool { return g.id == refusedSet }

// mine reports whether the group is the set nstui itself is in.
func (g *group) mine(snap *procscan.Snapshot) bool { return g.id.box == "" && g.id.tuple == snap.Mine }

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
	slices.SortFunc(w.sets, func(a, b group) int { return a.id.compare(&b.id) })
}

// boxOf returns the identity of a container: its ID, and where it is, which what becomes known later does not
// change. One without an ID, whose name the next may have, is known by the process that stands for it.
func boxOf(r *container.Row) string {
	if r.Owner.ID != "" {
		return r.Owner.ID + "\x00" + r.Owner.Cgroup
	}
	return strconv.Itoa(r.Leader.PID) + "\x00" + strconv.FormatUint(r.Leader.Start, 10) + "\x00" + r.Owner.Cgroup
}

// takeBoxes groups the processes by the containers they are in.
func (w *world) takeBoxes() {
	rows := w.names.Containers()
	if len(rows) == 0 {
		return
	}
	w.boxes = make([]group, 0, len(rows))
	at := make(map[*container.Owner]int, len(rows))
	known := make(map[string]bool, len(rows))
	for _, r := range rows {
		o, leader := w.owners[r.Owner], w.byPID(r.Leader.PID)
		if o == nil || leader == nil {
			continue // all its processes are in one inside of it
		}
		id := boxOf(&r)
		if known[id] { // with an ID that somebody else has made up, too
			id += "\x00" + strconv.Itoa(r.Leader.PID)
		}
		known[id] = true
		at[r.Owner] = len(w.boxes)
		w.boxes = append(w.boxes, group{
			id: groupID{box: id}, owner: o, row: r, leader: leader, letters: boxLetters(&r), differs: leader.differs,
		})
	}
	for i := range w.procs {
		if o := w.procs[i].owner; o != nil {
			if k, ok := at[o.Owner]; ok {
				w.boxes[k].members = append(w.boxes[k].members, i)
			}
		}
	}
	w.takeShares()
	w.takeHeads()
	w.numBoxes = len(w.boxes)
	slices.SortFunc(w.boxes, func(a, b group) int { return a.id.compare(&b.id) })
}

// boxLetters returns the NS column of a container: the letter of a kind of which it has a namespace for itself,
// '-' where it is in the host's, '&' where it shares one with another container, '?' where that is not known.
func boxLetters(r *container.Row) string {
	letters := []byte(hiddenNS)
	for i, kind := range ns.Kinds() {
		switch {
		case r.Host.Has(kind):
			letters[i] = '-'
		case r.Others.Has(kind):
			letters[i] = '&'
		case r.NS[kind] != 0:
			letters[i] = kind.Letter()
		}
	}
	return string(letters)
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
	if g.id.tuple != w.names.Host() { // units of the host are in it together
		g.owner = g.leader.owner
	}
	if g.refused() {
		g.letters = hiddenNS
	}
}

// markGroups marks the groups that are new since the world before, and keeps those that have ended for
// the time of one snapshot, without what was in them. Both lists are sorted by identity.
func markGroups(prev, now []group) []group {
	for i := range now {
		before := findGroup(prev, &now[i].id)
		now[i].born = before == nil || before.ended
	}
	n := len(now)
	for i := range prev {
		if last := prev[i]; !last.ended && findGroup(now[:n], &last.id) == nil {
			last.members, last.born, last.ended = nil, false, true
			now = append(now, last)
		}
	}
	slices.SortFunc(now, func(a, b group) int { return a.id.compare(&b.id) })
	return now
}

// findGroup returns the group with the given identity in a list sorted by it, or nil.
func findGroup(list []group, id *groupID) *group {
	i, ok := slices.BinarySearchFunc(list, id, func(g group, id *groupID) int { return g.id.compare(id) })
	if !ok {
		return nil
	}
	return &list[i]
}

// groups returns the rows of a tab of groups.
func (w *world) groups(t tab) []group {
	if t == ofContainers {
		return w.boxes
	}
	return w.sets
}

// group returns the group with the given identity, also one that has just ended, or nil.
func (w *world) group(id groupID) *group {
	if w == nil || id == (groupID{}) {
		return nil
	}
	if id.box != "" {
		if g := findGroup(w.boxes, &id); g != nil {
			return g
		}
		return findGroup(w.heads, &id)
	}
	return findGroup(w.sets, &id)
}

// groupOf returns the group of a tab a process is in, or nil.
func (w *world) groupOf(t tab, p *proc) *group {
	if t == ofSets {
		return w.setOf(p)
	}
	for i := range w.boxes {
		if g := &w.boxes[i]; p.owner != nil && g.owner == p.owner {
			return g
		}
	}
	return nil
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

// groupColumnsOf returns what the groups of a tab can be sorted by.
func groupColumnsOf(t tab) []column[*group] {
	if t == ofContainers {
		return boxColumns
	}
	return setColumns
}

// boxColumns are what the containers can be sorted by. Of one pod that which holds its namespaces is the last.
var boxColumns = []column[*group]{
	{"name", func(_ *Model, a, b *group) int {
		return strings.Compare(a.owner.SortName(), b.owner.SortName())
	}},
	{"runtime", func(_ *Model, a, b *group) int { return cmp.Compare(a.owner.Runtime, b.owner.Runtime) }},
	{"image", func(_ *Model, a, b *group) int { return cmp.Compare(a.owner.Image, b.owner.Image) }},
	{"state", func(_ *Model, a, b *group) int { return cmp.Compare(a.owner.State, b.owner.State) }},
	{"procs", func(_ *Model, a, b *group) int { return cmp.Compare(len(a.members), len(b.members)) }},
	{"ns", func(_ *Model, a, b *group) int { return cmp.Compare(a.letters, b.letters) }},
	{"shares", func(_ *Model, a, b *group) int { return compareWords(a.shares.all(), b.shares.all()) }},
	// Of a higher age is what started earlier.
	{"age", func(_ *Model, a, b *group) int { return cmp.Compare(b.leader.Start, a.leader.Start) }},
	{"cgroup", func(_ *Model, a, b *group) int { return cmp.Compare(a.owner.Cgroup, b.owner.Cgroup) }},
}

// setColumns are what the sets can be sorted by.
var setColumns = []column[*group]{
	{"set", func(m *Model, a, b *group) int {
		snap := m.world.snap
		return cmp.Or(compareBools(b.mine(snap), a.mine(snap)), a.id.compare(&b.id))
	}},
	{"procs", func(_ *Model, a, b *group) int { return cmp.Compare(len(a.members), len(b.members)) }},
	{"ns", func(_ *Model, a, b *group) int { return cmp.Compare(a.letters, b.letters) }},
	{"user", func(m *Model, a, b *group) int {
		return cmp.Compare(m.users.name(a.leader.UID), m.users.name(b.leader.UID))
	}},
	{"leader", func(_ *Model, a, b *group) int {
		return cmp.Compare(nameOf(a.leader.Process), nameOf(b.leader.Process))
	}},
	{"name", func(_ *Model, a, b *group) int { return compareWords(a.owner.called(), b.owner.called()) }},
	// Of a higher age is what started earlier.
	{"age", func(_ *Model, a, b *group) int { return cmp.Compare(b.leader.Start, a.leader.Start) }},
}

// groupOrder returns the comparison of an order of groups. What is not a group comes last.
func (m *Model) groupOrder(t tab, o order) func(a, b *group) int {
	compare := groupColumnsOf(t)[o.column].compare
	return func(a, b *group) int {
		if a.refused() != b.refused() {
			return compareBools(a.refused(), b.refused())
		}
		c := compare(m, a, b)
		if o.reverse {
			c = -c
		}
		return cmp.Or(c, a.id.compare(&b.id))
	}
}
