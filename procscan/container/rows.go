package container

import (
	"cmp"
	"slices"
	"strings"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// Row is a container or a unit in a list of them.
type Row struct {
	Owner *Owner
	// Leader is the oldest of its topmost processes: those whose parent is not in it.
	Leader    *procscan.Process
	Processes int
	NS        ns.Tuple // of the leader
	// Host are the kinds in which it is in the host's namespace, Others those in which it shares one
	// that is not the host's with another container.
	Host, Others ns.Set
}

// table is what is made of a snapshot when it is asked for first.
type table struct {
	containers, units []Row
	rows              map[*Owner]int // place in containers or units
	// here counts the containers whose leader is in a namespace that is not the host's.
	here map[ns.ID]int
}

// tables returns the rows.
func (n *Names) tables() *table {
	n.once.Do(func() {
		t := &n.table
		t.rows = make(map[*Owner]int)
		t.here = make(map[ns.ID]int)
		if n.snap == nil {
			return
		}
		t.containers = n.tally(n.owners, t.rows)
		t.units = n.tally(n.units, t.rows)
		for i := range t.containers {
			for k, ino := range t.containers[i].NS {
				t.here[ns.ID{Kind: ns.Kind(k), Ino: ino}]++
			}
		}
		for i := range t.containers {
			r := &t.containers[i]
			for k, ino := range r.NS {
				if ino != 0 && ino != n.host[k] && t.here[ns.ID{Kind: ns.Kind(k), Ino: ino}] > 1 {
					r.Others = r.Others.With(ns.Kind(k))
				}
			}
		}
	})
	return &n.table
}

// tally makes a row of each owner, sorted, and notes its place.
func (n *Names) tally(owners []*Owner, place map[*Owner]int) []Row {
	var rows []Row
	// Whether the leader so far is topmost, parallel to rows.
	var ranks []int
	for i, o := range owners {
		if o == nil || o.Monitor {
			continue
		}
		p := n.snap.Procs[i]
		at, known := place[o]
		if !known {
			at = len(rows)
			place[o] = at
			rows, ranks = append(rows, Row{Owner: o}), append(ranks, 0)
		}
		r := &rows[at]
		r.Processes++
		rank := n.rank(p, o, owners)
		if r.Leader == nil || rank < ranks[at] || rank == ranks[at] && p.Start < r.Leader.Start {
			r.Leader, ranks[at] = p, rank
		}
	}
	for i := range rows {
		r := &rows[i]
		r.NS = r.Leader.NS
		for k, ino := range r.NS {
			if ino != 0 && ino == n.host[k] {
				r.Host = r.Host.With(ns.Kind(k))
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return compare(a.Owner, b.Owner) })
	for i := range rows {
		place[rows[i].Owner] = i
	}
	return rows
}

// rank says how well a process stands for its owner; less is better.
func (n *Names) rank(p *procscan.Process, o *Owner, owners []*Owner) int {
	i, ok := slices.BinarySearchFunc(n.snap.Procs, p.PPID, func(q *procscan.Process, pid int) int { return cmp.Compare(q.PID, pid) })
	return rankOf(p, o.Runtime, ok && owners[i] == o)
}

// compare orders owners for lists: by where they are, pod and name.
func compare(a, b *Owner) int {
	var pa, pb Pod
	if a.Pod != nil {
		pa = *a.Pod
	}
	if b.Pod != nil {
		pb = *b.Pod
	}
	infra := 0
	if a.Infra != b.Infra {
		infra = 1
		if b.Infra {
			infra = -1
		}
	}
	return cmp.Or(
		strings.Compare(pa.Namespace, pb.Namespace), strings.Compare(pa.Name, pb.Name), strings.Compare(pa.UID, pb.UID),
		infra, strings.Compare(a.Project, b.Project), strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID),
		strings.Compare(string(a.Runtime), string(b.Runtime)), strings.Compare(a.Cgroup, b.Cgroup),
	)
}

// Containers returns the containers that have processes, those of a pod together. What only serves others is
// among them, with Infra, where it is a container.
func (n *Names) Containers() []Row {
	if n == nil {
		return nil
	}
	return n.tables().containers
}

// Units returns the units of systemd that have processes, those within containers among them.
func (n *Names) Units() []Row {
	if n == nil {
		return nil
	}
	return n.tables().units
}

// Row returns the row of an owner; ok is false if it has no processes.
func (n *Names) Row(o *Owner) (row Row, ok bool) {
	if n == nil || o == nil {
		return Row{}, false
	}
	t := n.tables()
	i, ok := t.rows[o]
	switch {
	case !ok:
		return Row{}, false
	case o.Container():
		return t.containers[i], true
	default:
		return t.units[i], true
	}
}

// Members returns the processes that belong to an owner, by pid. Those of a unit within a container belong
// to both.
func (n *Names) Members(o *Owner) []*procscan.Process {
	if n == nil || n.snap == nil || o == nil {
		return nil
	}
	owners := n.owners
	if !o.Container() {
		owners = n.units
	}
	var members []*procscan.Process
	for i, at := range owners {
		if at == o {
			members = append(members, n.snap.Procs[i])
		}
	}
	return members
}
