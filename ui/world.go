package ui

import (
	"slices"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// world is a snapshot prepared for looking at: rows with everything that is sorted, filtered and shown.
// It is built in the goroutine of the scan and immutable from then on.
type world struct {
	snap   *procscan.Snapshot
	procs  []proc
	ended  []proc               // in the snapshot before and no more in this one
	spaces [ns.NumKinds][]space // by inode
	// reason is what most of those that refused gave as theirs.
	reason procscan.Reason
	// news says that something is marked or has ended: the next world is another even if its snapshot
	// is the same.
	news bool
}

// newWorld prepares a snapshot. prev is the world before it, or nil. It returns prev if there is nothing
// new, and else takes over from it what has stayed. A snapshot that is not whole marks nothing: what it
// lacks may well be there.
func newWorld(prev *world, snap *procscan.Snapshot) *world {
	if prev != nil && prev.snap == snap && !prev.news {
		return prev
	}
	w := &world{snap: snap, procs: make([]proc, len(snap.Procs))}
	w.takeProcs(prev)
	for _, kind := range ns.Kinds() {
		w.takeSpaces(prev, kind)
	}
	w.reason = w.commonReason()
	return w
}

// marks reports whether what differs from the world before is news.
func (w *world) marks(prev *world) bool {
	return prev != nil && !prev.snap.Part && !w.snap.Part
}

// takeProcs prepares the processes. Both lists are sorted by pid.
func (w *world) takeProcs(prev *world) {
	var before []proc
	if prev != nil {
		before = prev.procs
	}
	same, marks := prev != nil && prev.snap.Mine == w.snap.Mine, w.marks(prev)
	end := func(p proc) {
		if marks {
			p.mark, p.ended = unmarked, true
			w.ended = append(w.ended, p)
			w.news = true
		}
	}
	for i, p := range w.snap.Procs {
		for len(before) > 0 && before[0].PID < p.PID {
			end(before[0])
			before = before[1:]
		}
		row := &w.procs[i]
		var was *procscan.Process
		if len(before) > 0 && before[0].PID == p.PID {
			if before[0].Start == p.Start {
				was = before[0].Process
				*row = before[0]
			} else {
				end(before[0])
			}
			before = before[1:]
		}
		if was != p || !same {
			*row = newProc(p, &w.snap.Mine)
		}
		row.index, row.mark = i, unmarked
		if marks {
			row.mark = markOf(was, p)
			w.news = w.news || row.mark != unmarked
		}
	}
	for _, p := range before {
		end(p)
	}
}

// takeSpaces prepares the namespaces of a kind: those of the snapshot, those that ended since the one
// before, and last the processes that refused.
func (w *world) takeSpaces(prev *world, kind ns.Kind) {
	list, marks := w.snap.Namespaces[kind], w.marks(prev)
	spaces := make([]space, 0, len(list)+1)
	for i := range list {
		n := &list[i]
		s := space{
			Namespace: n, mine: w.snap.Mine[kind] == n.ID.Ino,
			born: marks && prev.snap.Namespace(n.ID) == nil,
		}
		w.news = w.news || s.born
		if n.Leader >= 0 && n.Leader < len(w.procs) {
			s.leader = &w.procs[n.Leader]
		}
		spaces = append(spaces, s)
	}
	if marks {
		for i := range prev.spaces[kind] {
			s := &prev.spaces[kind][i]
			if s.ended || s.refused() || w.snap.Namespace(s.ID) != nil {
				continue
			}
			last := *s.Namespace
			last.Members, last.Leader, last.Keepers = nil, -1, nil
			spaces = append(spaces, space{Namespace: &last, leader: s.leader, mine: s.mine, ended: true})
			w.news = true
		}
		slices.SortFunc(spaces, func(a, b space) int { return compareIDs(a.ID, b.ID) })
	}
	if len(w.snap.Refused) > 0 {
		spaces = append(spaces, space{Namespace: &procscan.Namespace{ID: refusedID(kind), Members: w.snap.Refused, Leader: -1}})
	}
	w.spaces[kind] = spaces
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

// members returns the processes in a namespace, by pid.
func (w *world) members(s *space) []*proc {
	procs := make([]*proc, len(s.Members))
	for i, at := range s.Members {
		procs[i] = &w.procs[at]
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
