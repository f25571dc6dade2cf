package container

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// Names says who the processes and namespaces of one snapshot belong to. It is immutable and may be shared
// and kept; its methods do no more than think. The zero value and nil know nothing.
type Names struct {
	snap *procscan.Snapshot
	// owners and units are parallel to the processes of the snapshot.
	owners, units []*Owner
	host          ns.Tuple
	netns         map[uint64][]string // names ip-netns(8) gave, by inode number
	pinned        map[uint64]*Owner   // of network namespaces without processes
	silent        []Silent
	serial        uint64

	once  sync.Once
	table table
}

// Silent is a source of names that does not answer.
type Silent struct {
	Source string    // in words, such as "docker" or the path of a socket: hostile text
	Since  time.Time // when it was asked first without an answer
	Err    error     // what came instead
	// Denied says that it is there and this process may not ask it.
	Denied bool
}

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

// Space is who a namespace is for.
type Space struct {
	// Host says that it is the namespace of the host's first process. Owners are then the containers
	// that have been put there.
	Host bool
	// Owners are the containers in it; where there is none, units. Left out are visitors (processes that
	// came from elsewhere, such as a shell of nsenter(1)), and what only serves others, unless nobody
	// else is there.
	Owners []*Owner
	// Pod is the pod that all of them are of, nil if they are not.
	Pod *Pod
	// Netns are the names ip-netns(8) gave it, sorted.
	Netns []string
}

// String returns a short name: of the pod, else of the owners, else that of ip-netns(8) as netns:NAME. It is
// empty where there is nothing to say, and for the host's.
func (s *Space) String() string {
	switch {
	case s.Host:
		return ""
	case s.Pod != nil:
		return s.Pod.String()
	case len(s.Owners) == 0 && len(s.Netns) > 0:
		return "netns:" + s.Netns[0]
	}
	words := make([]string, 0, len(s.Owners))
	for _, o := range s.Owners {
		words = append(words, o.Short())
	}
	return strings.Join(words, ", ")
}

// says reports whether it says the same as other names of the same snapshot.
func (n *Names) says(other *Names) bool {
	return slices.Equal(n.owners, other.owners) && slices.Equal(n.units, other.units) && maps.Equal(n.pinned, other.pinned) &&
		maps.EqualFunc(n.netns, other.netns, slices.Equal) &&
		slices.EqualFunc(n.silent, other.silent, func(a, b Silent) bool { return a.Source == b.Source && a.Since.Equal(b.Since) })
}

// Serial is another one for every Names that says anything new.
func (n *Names) Serial() uint64 {
	if n == nil {
		return 0
	}
	return n.serial
}

// Snapshot returns what the names were made for.
func (n *Names) Snapshot() *procscan.Snapshot {
	if n == nil {
		return nil
	}
	return n.snap
}

// Silent returns the sources that do not answer, those that are silent longest first.
func (n *Names) Silent() []Silent { return n.sources(false) }

// Denied returns the sources that may know more and may not be asked by this process, such as the socket of a
// daemon that is for root. None is told of if nobody has to be asked.
func (n *Names) Denied() []Silent { return n.sources(true) }

// sources returns those that were denied, or those that do not answer.
func (n *Names) sources(denied bool) (list []Silent) {
	if n == nil {
		return nil
	}
	for _, s := range n.silent {
		if s.Denied == denied {
			list = append(list, s)
		}
	}
	return list
}

// Host returns the namespaces of the host, as far as they are known.
func (n *Names) Host() ns.Tuple {
	if n == nil {
		return ns.Tuple{}
	}
	return n.host
}

// Of returns who a process belongs to: the innermost container it is in, else the unit of systemd. It is
// nil for the host's own, and where nothing is known. The process may be one of another snapshot.
func (n *Names) Of(p *procscan.Process) *Owner {
	if i := n.index(p); i >= 0 {
		return cmp.Or(n.owners[i], n.units[i])
	}
	return nil
}

// Unit returns the unit of systemd a process runs in, also within a container: In says in which. It is nil
// where there is none.
func (n *Names) Unit(p *procscan.Process) *Owner {
	if i := n.index(p); i >= 0 {
		return n.units[i]
	}
	return nil
}

// index returns the place of a process in the snapshot, -1 if it has none.
func (n *Names) index(p *procscan.Process) int {
	if n == nil || n.snap == nil {
		return -1
	}
	i, ok := slices.BinarySearchFunc(n.snap.Procs, p.PID, func(q *procscan.Process, pid int) int { return cmp.Compare(q.PID, pid) })
	if !ok || n.snap.Procs[i].Start != p.Start {
		return -1
	}
	return i
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
		if o == nil || o.monitor {
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
	rank := 0
	if p.Zombie() {
		rank += 4
	}
	// The first process of a sandbox is often its runtime's, which serves what it started.
	if kindOf(p) != noHelper && (o.Runtime == Bwrap || o.Runtime == Flatpak || o.Runtime == Firejail) {
		rank += 2
	}
	if i, ok := slices.BinarySearchFunc(n.snap.Procs, p.PPID, func(q *procscan.Process, pid int) int { return cmp.Compare(q.PID, pid) }); ok && owners[i] == o {
		rank++
	}
	return rank
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

// Space returns who a namespace is for.
//
// A container is what a namespace is for if its leader is in it. Only where no leader is, a container counts
// that has another process in it, which has made the namespace within. So a process that was put into a
// namespace of another container names nothing.
func (n *Names) Space(id ns.ID) Space {
	var s Space
	if n == nil || n.snap == nil {
		return s
	}
	space := n.snap.Namespace(id)
	if space == nil {
		return s
	}
	s.Host = id.Ino == n.host[id.Kind]
	s.Netns = n.netnsNames(space)
	t := n.tables()
	var groups [numRanks]ownerSet
	for _, i := range space.Members {
		o, unit := n.owners[i], n.units[i]
		switch {
		case o == nil && unit != nil:
			groups[rankUnit].add(unit)
		case o == nil, o.monitor:
		case t.containers[t.rows[o]].NS[id.Kind] == id.Ino && !o.Infra:
			groups[rankLeader].add(o)
		case t.containers[t.rows[o]].NS[id.Kind] == id.Ino:
			groups[rankInfra].add(o)
		default:
			groups[rankMember].add(o)
		}
	}
	if s.Host {
		s.Owners = groups[rankLeader].list
	} else {
		for _, g := range groups {
			if s.Owners = g.list; len(s.Owners) > 0 {
				break
			}
		}
	}
	if o := n.pinned[id.Ino]; o != nil && id.Kind == ns.Net && len(space.Members) == 0 {
		s.Owners = []*Owner{o}
	}
	slices.SortFunc(s.Owners, compare)
	s.Pod = podOfAll(s.Owners)
	return s
}

// What an owner is to a namespace, the best first.
const (
	rankLeader = iota
	rankInfra
	rankMember
	rankUnit
	numRanks
)

// ownerSet is a list in which each owner is once.
type ownerSet struct {
	list []*Owner
	has  map[*Owner]bool
}

func (s *ownerSet) add(o *Owner) {
	if len(s.list) > 0 && s.list[len(s.list)-1] == o || s.has[o] {
		return
	}
	if s.has == nil {
		s.has = make(map[*Owner]bool)
	}
	s.has[o] = true
	s.list = append(s.list, o)
}

// podOfAll returns the pod all owners are of.
func podOfAll(owners []*Owner) *Pod {
	if len(owners) == 1 || OnePod(owners...) {
		return owners[0].Pod
	}
	return nil
}
