package ui

import (
	"slices"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
)

// world is a snapshot prepared for looking at: rows with everything that is sorted, filtered and shown.
// It is built in the goroutine of the scan and immutable from then on.
type world struct {
	snap   *procscan.Snapshot
	procs  []proc
	ended  []proc               // in the snapshot before and no more in this one
	spaces [ns.NumKinds][]space // by inode
	sets   []group              // by their namespaces
	boxes  []group              // the containers, by identity
	heads  []group              // what they are below in their tree beside one another, by identity
	// How many of them are what they are called, and live.
	numSets, numBoxes int
	named
	// reason is what most of those that refused gave as theirs.
	reason procscan.Reason
	// changes are what happened since the snapshot before. Their marks are gone in the next world, also
	// if its snapshot is the same.
	changes []procscan.Change
}

// newWorld prepares a snapshot, with who its processes belong to; names is nil if that is not known. prev is the world before it, or nil. It returns prev if there is nothing
// new, and else takes over from it what has stayed. A snapshot that is not whole marks nothing: what it
// lacks may well be there.
func newWorld(prev *world, snap *procscan.Snapshot, names *container.Names) *world {
	if prev != nil && prev.snap == snap && prev.names == names && len(prev.changes) == 0 {
		return prev
	}
	w := &world{snap: snap, procs: make([]proc, len(snap.Procs)), named: named{names: names}}
	w.takeProcs(prev)
	for _, kind := range ns.Kinds() {
		w.takeSpaces(kind)
	}
	w.takeOwners(prev)
	w.takeSets()
	w.takeBoxes()
	if prev != nil {
		w.changes = procscan.Diff(prev.snap, snap)
		w.mark(prev)
	}
	w.reason = w.commonReason()
	return w
}

// takeProcs prepares the processes. Both lists are sorted by pid.
func (w *world) takeProcs(prev *world) {
	var before []proc
	if prev != nil && prev.snap.Mine == w.snap.Mine {
		before = prev.procs
	}
	for i, p := range w.snap.Procs {
		for len(before) > 0 && before[0].PID < p.PID {
			before = before[1:]
		}
		row := &w.procs[i]
		if len(before) > 0 && before[0].Process == p {
			*row = before[0]
		} else {
			*row = newProc(p, &w.snap.Mine)
		}
		row.index, row.mark, row.owner = i, unmarked, nil
	}
}

// takeSpaces prepares the namespaces of a kind, and last the processes that refused.
func (w *world) takeSpaces(kind ns.Kind) {
	list := w.snap.Namespaces[kind]
	spaces := make([]space, 0, len(list)+1)
	for i := range list {
		n := &list[i]
		s := space{Namespace: n, mine: w.snap.Mine[kind] == n.ID.Ino}
		if n.Leader >= 0 && n.Leader < len(w.procs) {
			s.leader = &w.procs[n.Leader]
		}
		spaces = append(spaces, s)
	}
	if len(w.snap.Refused) > 0 {
		spaces = append(spaces, space{Namespace: &procscan.Namespace{ID: refusedID(kind), Members: w.snap.Refused, Leader: -1}})
	}
	w.spaces[kind] = spaces
}

// mark marks what has changed since the world before, and keeps what has ended for the time of one
// snapshot.
func (w *world) mark(prev *world) {
	marks := [procscan.NumWhat]mark{procscan.Born: born, procscan.Moved: moved, procscan.Execed: execed}
	ended := false
	for _, c := range w.changes {
		switch c.What {
		case procscan.Born, procscan.Moved, procscan.Execed:
			if p := w.byPID(c.Proc.PID); p != nil && p.mark == unmarked { // a move says more than an exec
				p.mark = marks[c.What]
			}
		case procscan.Gone:
			if p := prev.find(c.Proc.ID()); p != nil {
				last := *p
				last.mark, last.ended = unmarked, true
				w.ended = append(w.ended, last)
			}
		case procscan.Appeared:
			if s := w.space(c.Namespace); s != nil {
				s.born = true
			}
		case procscan.Vanished:
			ended = true
		}
	}
	if ended {
		w.keepVanished(prev)
	}
	if !prev.snap.Part && !w.snap.Part {
		w.sets = markGroups(prev.sets, w.sets)
		if prev.names != nil { // else all would be new
			w.boxes = markGroups(prev.boxes, w.boxes)
			w.heads = markGroups(prev.heads, w.heads)
		}
	}
}

// keepVanished adds the namespaces that have ended to the lists, without what was in them.
func (w *world) keepVanished(prev *world) {
	for _, c := range w.changes {
		s := prev.space(c.Namespace)
		if c.What != procscan.Vanished || s == nil || w.snap.Namespace(c.Namespace) != nil {
			continue
		}
		last := *s.Namespace
		last.Members, last.Leader, last.Keepers = nil, -1, nil
		kind := c.Namespace.Kind
		w.spaces[kind] = append(w.spaces[kind], space{Namespace: &last, leader: s.leader, mine: s.mine, ended: true})
	}
	for _, spaces := range w.spaces {
		slices.SortFunc(spaces, func(a, b space) int { return compareIDs(a.ID, b.ID) })
	}
}

// commonReason returns the reason most of the processes refused for.
func (w *world) commonReason() procscan.Reason {
	count := make(map[procscan.Reason]int)
	for _, i := range w.snap.Refused {
		count[w.procs[i].Refused]++
	}
	var most procscan.Reason
	for reason, n := range count {
		if n > count[most] || n == count[most] && reason < most {
			most = reason
		}
	}
	return most
}

// inside returns the processes in a namespace or a group, by pid, and last those that have just ended.
func (w *world) inside(at opened) []*proc {
	var members []int
	left := func(p *proc) bool { return p.NS == at.group.tuple }
	if s := w.space(at.space); s != nil {
		members = s.Members
		left = func(p *proc) bool { return p.in(at.space.Kind) == at.space }
	} else if g := w.group(at.group); g != nil {
		members = g.members
		if g.isHead() {
			left = func(p *proc) bool { return p.owner != nil && g.isOf(p.owner) }
		} else if at.group.box != "" {
			left = func(p *proc) bool { return p.owner == g.owner }
		}
	} else {
		return nil
	}
	procs := make([]*proc, 0, len(members))
	for _, k := range members {
		procs = append(procs, &w.procs[k])
	}
	for i := range w.ended {
		if p := &w.ended[i]; left(p) {
			procs = append(procs, p)
		}
	}
	return procs
}

// ids returns the numbers of namespaces that the kernel gives to no other, 0 where it has none.
func (w *world) ids(inodes *ns.Tuple) (ids ns.Tuple) {
	for _, k := range ns.Kinds() {
		if s := w.space(inodes.ID(k)); s != nil {
			ids[k] = s.Unique
		}
	}
	return ids
}

// space returns the namespace with the given identity, also one that has just ended, or nil.
func (w *world) space(id ns.ID) *space {
	if w == nil {
		return nil
	}
	list := w.spaces[id.Kind]
	i, ok := slices.BinarySearchFunc(list, id, func(s space, id ns.ID) int { return compareIDs(s.ID, id) })
	if !ok {
		return nil
	}
	return &list[i]
}

// byPID returns the process with the given pid, or nil.
func (w *world) byPID(pid int) *proc {
	if w == nil {
		return nil
	}
	i, ok := slices.BinarySearchFunc(w.procs, pid, func(p proc, pid int) int { return p.PID - pid })
	if !ok {
		return nil
	}
	return &w.procs[i]
}

// find returns the process with the given identity, also one that has just ended, or nil.
func (w *world) find(id procscan.ProcID) *proc {
	if p := w.byPID(id.PID); p != nil && p.ID() == id {
		return p
	}
	if w == nil {
		return nil
	}
	for i := range w.ended {
		if w.ended[i].ID() == id {
			return &w.ended[i]
		}
	}
	return nil
}
