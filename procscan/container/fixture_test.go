package container

import (
	"slices"
	"testing"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// hostNS are the namespaces of the first process of a world.
var hostNS = ns.Tuple{4026531835, 4026531839, 4026531832, 4026531840, 4026531836, 4026531834, 4026531837, 4026531838}

// world makes snapshots for tests.
type world struct {
	tb    testing.TB
	procs []*procscan.Process
	// keepers are what else keeps namespaces alive.
	keepers map[ns.ID][]procscan.Keeper
}

// newWorld returns a world with an init of a host.
func newWorld(tb testing.TB) *world {
	tb.Helper()
	w := &world{tb: tb, keepers: make(map[ns.ID][]procscan.Keeper)}
	w.add(&procscan.Process{PID: 1, Comm: "systemd", Cgroup: "/init.scope"})
	return w
}

// add adds a process; one without namespaces is in the host's, one without a parent a child of the first.
func (w *world) add(p *procscan.Process) *procscan.Process {
	w.tb.Helper()
	if p.NS == (ns.Tuple{}) {
		p.NS = hostNS
	}
	if p.PPID == 0 && p.PID != 1 {
		p.PPID = 1
	}
	if p.Start == 0 {
		p.Start = uint64(p.PID)
	}
	w.procs = append(w.procs, p)
	return p
}

// within returns the host's namespaces with others of the given kinds, which the number tells from others.
func within(number uint64, kinds ...ns.Kind) ns.Tuple {
	t := hostNS
	for _, k := range kinds {
		t[k] = 4026532000 + 10*number + uint64(k)
	}
	return t
}

// all are the kinds a container has of its own.
var all = []ns.Kind{ns.Cgroup, ns.IPC, ns.Mnt, ns.Net, ns.PID, ns.UTS}

// snapshot returns what a scan would.
func (w *world) snapshot() *procscan.Snapshot {
	s := &procscan.Snapshot{Root: "/nowhere", Procs: slices.Clone(w.procs), Mine: hostNS, Read: procscan.Groups}
	slices.SortFunc(s.Procs, func(a, b *procscan.Process) int { return a.PID - b.PID })
	for k := range ns.Kind(ns.NumKinds) {
		spaces := make(map[uint64]*procscan.Namespace)
		for i, p := range s.Procs {
			if ino := p.NS[k]; ino != 0 {
				if spaces[ino] == nil {
					spaces[ino] = &procscan.Namespace{ID: ns.ID{Kind: k, Ino: ino}}
				}
				spaces[ino].Members = append(spaces[ino].Members, i)
			}
		}
		for id, keepers := range w.keepers {
			if id.Kind != k {
				continue
			}
			if spaces[id.Ino] == nil {
				spaces[id.Ino] = &procscan.Namespace{ID: id, Leader: -1}
			}
			spaces[id.Ino].Keepers = keepers
		}
		for _, space := range spaces {
			s.Namespaces[k] = append(s.Namespaces[k], *space)
		}
		slices.SortFunc(s.Namespaces[k], func(a, b procscan.Namespace) int {
			if a.ID.Ino < b.ID.Ino {
				return -1
			}
			return 1
		})
	}
	return s
}

// resolve returns the names of the world as it is now.
func (w *world) resolve(r *Resolver) *Names {
	w.tb.Helper()
	return r.Resolve(w.tb.Context(), w.snapshot())
}

// of returns the whole chain of the process with the given pid, "" where it has no owner.
func of(n *Names, pid int) string {
	if o := n.Of(n.Snapshot().ByPID(pid)); o != nil {
		return o.String()
	}
	return ""
}
