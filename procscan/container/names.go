package container

import (
	"cmp"
	"maps"
	"slices"
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
	setuid        map[procscan.ProcID]bool
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

// says reports whether it says the same as other names of the same snapshot.
func (n *Names) says(other *Names) bool {
	return slices.Equal(n.owners, other.owners) && slices.Equal(n.units, other.units) && maps.Equal(n.pinned, other.pinned) &&
		maps.EqualFunc(n.netns, other.netns, slices.Equal) && maps.Equal(n.setuid, other.setuid) &&
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
