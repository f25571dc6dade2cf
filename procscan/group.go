package procscan

import (
	"slices"
	"sort"

	"nstui/procscan/ns"
)

// group makes the namespaces of the processes, which are sorted by pid, and of what was found to be
// held without them.
func group(procs []*Process, held []holding) (all [ns.NumKinds][]Namespace) {
	held = append(nextOf(procs), held...)
	slices.SortStableFunc(held, func(a, b holding) int { return compareID(a.id, b.id) })
	parents := parentsOf(procs)
	index := make(map[uint64]int)
	for k := range ns.Kind(ns.NumKinds) {
		n := sort.Search(len(held), func(i int) bool { return held[i].id.Kind > k })
		all[k] = groupKind(procs, held[:n], k, index)
		held = held[n:]
		for i := range all[k] {
			all[k][i].Leader = leader(procs, parents, &all[k][i])
		}
	}
	return all
}

// compareID orders namespaces by kind and inode number.
func compareID(a, b ns.ID) int {
	switch {
	case a.Kind != b.Kind:
		return int(a.Kind) - int(b.Kind)
	case a.Ino < b.Ino:
		return -1
	case a.Ino > b.Ino:
		return 1
	default:
		return 0
	}
}

// nextOf returns what processes hold for their next children.
func nextOf(procs []*Process) (held []holding) {
	for _, p := range procs {
		keeper := Keeper{By: ByNext, Proc: p.ID()}
		if p.NextPID != 0 {
			held = append(held, holding{id: ns.ID{Kind: ns.PID, Ino: p.NextPID}, keeper: keeper})
		}
		if p.NextTime != 0 {
			held = append(held, holding{id: ns.ID{Kind: ns.Time, Ino: p.NextTime}, keeper: keeper})
		}
	}
	return held
}

// groupKind makes the namespaces of one kind in three steps: count the members of each, sort, and
// deal the members out into one array that all of them share. held are the holdings of that kind,
// sorted, index is scratch.
func groupKind(procs []*Process, held []holding, k ns.Kind, index map[uint64]int) []Namespace {
	counts := index
	clear(counts)
	members := 0
	// Neighbours are often in the same namespace: then there is nothing to look up.
	var last uint64
	run := 0
	for _, p := range procs {
		ino := p.NS[k]
		if ino != last {
			counts[last] += run
			last, run = ino, 0
		}
		run++
		if ino != 0 {
			members++
		}
	}
	counts[last] += run
	delete(counts, 0)
	for i := range held {
		counts[held[i].id.Ino] += 0
	}
	inos := make([]uint64, 0, len(counts))
	for ino := range counts {
		inos = append(inos, ino)
	}
	slices.Sort(inos)
	list := make([]Namespace, len(inos))
	room := make([]int, members)
	position := index
	for i, ino := range inos {
		n := counts[ino]
		// The capacity ends where the next namespace begins, so that no append reaches into it.
		list[i] = Namespace{ID: ns.ID{Kind: k, Ino: ino}, Members: room[:0:n], NETNSID: -1}
		room = room[n:]
		position[ino] = i
	}
	var n *Namespace
	for i, p := range procs {
		ino := p.NS[k]
		if ino == 0 {
			continue
		}
		if n == nil || n.ID.Ino != ino {
			n = &list[position[ino]]
		}
		n.Members = append(n.Members, i)
	}
	for i := range held {
		n := &list[position[held[i].id.Ino]]
		if !held[i].bare {
			n.Keepers = append(n.Keepers, held[i].keeper)
		}
	}
	return list
}

// parentsOf returns for each process the index of its parent, -1 where that is not among them.
func parentsOf(procs []*Process) []int {
	parents := make([]int, len(procs))
	for i := range procs {
		parents[i] = -1
		ppid := procs[i].PPID
		if i > 0 && procs[i-1].PPID == ppid {
			parents[i] = parents[i-1]
			continue
		}
		j := sort.Search(len(procs), func(j int) bool { return procs[j].PID >= ppid })
		if j < len(procs) && procs[j].PID == ppid {
			parents[i] = j
		}
	}
	return parents
}

// leader returns the member that stands for the namespace: one that is alive before one that is a
// zombie, one whose parent is not a member before others, then the oldest. It is -1 without members.
func leader(procs []*Process, parents []int, n *Namespace) int {
	best, bestRank := -1, 0
	for _, i := range n.Members {
		p, rank := procs[i], 0
		if p.Zombie() {
			rank += 2
		}
		if parent := parents[i]; parent >= 0 && procs[parent].NS[n.ID.Kind] == n.ID.Ino {
			rank++
		}
		// Members come by pid, so the lower pid wins between two of the same age.
		if best < 0 || rank < bestRank || rank == bestRank && p.Start < procs[best].Start {
			best, bestRank = i, rank
		}
	}
	return best
}
