package container

import (
	"cmp"
	"slices"
	"time"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// survey is the work on one snapshot.
type survey struct {
	r    *Resolver
	snap *procscan.Snapshot
	host ns.Tuple
	// groups and conts are parallel to the processes: the innermost container of each.
	groups   []*group
	conts    []*entry
	hostRoot string // the root directory of the host, as we see it
	// helped says that there is a process of a runtime at all.
	helped bool
	due    []*entry // sandboxes to be asked about
	state  []byte   // of settling the conts, parallel to the processes
	// spent is how long was looked for what is of somebody, labels how many are kept of it; nil if not counted yet.
	spent  map[blame]time.Duration
	labels map[blame]int
}

// survey sorts the processes by their control groups. The kernel's threads belong to nobody, the first process to
// no container: where it is systemd, that is in a unit of its own.
func (r *Resolver) survey(snap *procscan.Snapshot) *survey {
	n := len(snap.Procs)
	s := &survey{r: r, snap: snap, host: hostOf(snap), hostRoot: r.hostRoot(snap), groups: make([]*group, n), conts: make([]*entry, n), spent: make(map[blame]time.Duration)}
	var last *group
	var lastKey string
	for i, p := range snap.Procs {
		if !s.helped && kindOf(p) != noHelper {
			s.helped = true
		}
		key := p.Cgroup
		if p.Groups != "" {
			key = p.Groups
		}
		if key == "" || p.Kernel {
			continue
		}
		// Neighbours are often in the same.
		if last == nil || key != lastKey {
			last, lastKey = r.group(key), key
		}
		if p.PID == 1 && last.cont != nil {
			continue
		}
		s.groups[i] = last
		if s.conts[i] = last.cont; last.cont != nil && last.cont.leader.PID == p.PID && last.cont.leader.Start == p.Start &&
			!serves(p, last.cont.hit.runtime) {
			last.cont.led = r.round
		}
	}
	return s
}

// index returns the place of the process with the pid, -1 if there is none.
func (s *survey) index(pid int) int {
	i, ok := slices.BinarySearchFunc(s.snap.Procs, pid, func(p *procscan.Process, pid int) int { return cmp.Compare(p.PID, pid) })
	if !ok {
		return -1
	}
	return i
}

// lead finds the leaders of the containers whose leader is gone or not known yet, and returns what is to be
// asked about.
func (s *survey) lead() []*entry {
	r := s.r
	best := make(map[*entry]int)
	for key := range r.entries {
		if e := r.entries[key]; e.used == r.round && e.led != r.round {
			best[e] = -1
		}
	}
	if len(best) > 0 {
		for i := range s.conts {
			for e := s.conts[i]; e != nil; e = e.outer {
				if at, wanted := best[e]; wanted && (at < 0 || s.better(e, i, at)) {
					best[e] = i
				}
			}
		}
	}
	for e, i := range best {
		if i < 0 {
			continue
		}
		p := s.snap.Procs[i]
		if id := p.ID(); id != e.leader {
			if e.leader != (procscan.ProcID{}) && e.hit.named() {
				e.restart()
			}
			e.leader = id
		}
		e.led, e.mnt = r.round, p.NS[ns.Mnt]
	}
	var due []*entry
	now := r.now()
	for _, e := range r.entries {
		if e.used == r.round && e.leader.PID != 0 && e.due(now) {
			due = append(due, e)
		}
	}
	return due
}

// better reports whether the process at i stands for a container better than the one at j.
func (s *survey) better(e *entry, i, j int) bool {
	rank := func(i int) int {
		p := s.snap.Procs[i]
		at := s.index(p.PPID)
		return rankOf(p, e.runtime(), at >= 0 && s.conts[at].within(e))
	}
	a, b := rank(i), rank(j)
	return a < b || a == b && s.snap.Procs[i].Start < s.snap.Procs[j].Start
}

// rankOf says how well a process stands for its container, less is better; below that its parent is in there, too.
func rankOf(p *procscan.Process, runtime Runtime, below bool) (rank int) {
	if p.Zombie() {
		rank += 4
	}
	if serves(p, runtime) {
		rank += 2
	}
	if below {
		rank++
	}
	return rank
}

// serves reports whether a process serves those of its container: the first of a sandbox are often its runtime's,
// and flatpak has a proxy in the same scope.
func serves(p *procscan.Process, runtime Runtime) bool {
	switch runtime {
	case Flatpak:
		return kindOf(p) == bwrap || p.Comm == "xdg-dbus-proxy"
	case Bwrap, Firejail:
		return kindOf(p) != noHelper
	}
	return false
}

// above returns the first process above the given one that is not in the container, -1 if there is none.
func (s *survey) above(e *entry, i int) int {
	for range maxDepth {
		if i = s.index(s.snap.Procs[i].PPID); i < 0 || !s.conts[i].within(e) {
			return i
		}
	}
	return -1
}

// names makes the answer.
func (s *survey) names() *Names {
	n := &Names{snap: s.snap, host: s.host, owners: make([]*Owner, len(s.conts)), units: make([]*Owner, len(s.conts))}
	for i, e := range s.conts {
		if e != nil {
			n.owners[i] = e.build()
		}
		if g := s.groups[i]; g != nil && g.in != nil {
			n.units[i] = g.in.build(g)
		}
	}
	return n
}
