package procscan

import (
	"slices"
	"sort"

	"nstui/procscan/ns"
)

// group makes the namespaces of the processes, which are sorted by pid.
func (s *Scanner) group(procs []*Process) (all [ns.NumKinds][]Namespace) {
	parents := parentsOf(procs)
	for k := range ns.Kind(ns.NumKinds) {
		all[k] = s.groupKind(procs, k)
		for i := range all[k] {
			all[k][i].Leader = leader(procs, parents, &all[k][i])
		}
	}
	return all
}

// groupKind makes the namespaces of one kind in three steps: count the members of each, sort, and
// deal the members out into one array that all of them share.
func (s *Scanner) groupKind(procs []*Process, k ns.Kind) []Namespace {
	counts := s.index
	clear(counts)
	members := 0
	for i := range procs {
		if ino := procs[i].NS[k]; ino != 0 {
			counts[ino]++
			members++
		}
	}
	list := make([]Namespace, 0, len(counts))
	for ino := range counts {
		list = append(list, Namespace{ID: ns.ID{Kind: k, Ino: ino}})
	}
	slices.SortFunc(list, func(a, b Namespace) int {
		if a.ID.Ino < b.ID.Ino {
			return -1
		}
		return 1
	})
	room := make([]int, members)
	position := s.index
	for i := range list {
		n := counts[list[i].ID.Ino]
		// The capacity ends where the next namespace begins, so that no append reaches into it.
		list[i].Members, room = room[:0:n], room[n:]
		position[list[i].ID.Ino] = i
	}
	for i := range procs {
		if ino := procs[i].NS[k]; ino != 0 {
			n := &list[position[ino]]
			n.Members = append(n.Members, i)
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
		j := sort.Search(len(procs), func(j int) bool { return procs[j].PID >= ppid })
		if j < len(procs) && procs[j].PID == ppid {
			parents[i] = j
		}
	}
	return parents
}

// leader returns the member that stands for the namespace: one that is alive before one that is a
// zombie, one whose parent is not a member before others, then the oldest.
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
