package container

import (
	"nstui/procscan"
	"nstui/procscan/ns"
)

// A sandbox is a container that no control group names: the one is of the user who started it, or it has a
// name that says nothing. What tells it is that its processes are in another mount namespace than those they
// are children of, and that a process of a runtime is above them.

// maxChain is how many containers in one another are told apart. Nobody needs as many, but anybody can make more.
const maxChain = 16

// sandboxKey is where a sandbox is: its mount namespace in the container around it, or, where that cannot be
// read, the process of the runtime.
type sandboxKey struct {
	outer *entry
	mnt   uint64
	edge  procscan.ProcID
}

// States of settling whose a process is.
const (
	unsettled byte = iota
	settling
	settled
)

// settle finds out which processes are in sandboxes, and reports whether there are some to be asked about.
func (s *survey) settle() bool {
	s.due = s.due[:0]
	clear(s.state)
	if s.state == nil {
		s.state = make([]byte, len(s.conts))
	}
	for i, g := range s.groups {
		if g != nil && s.foreign(i) {
			s.settleOne(i)
		}
	}
	return len(s.due) > 0
}

// foreign reports whether a process may be in a sandbox in what its control group says.
func (s *survey) foreign(i int) bool {
	p, cont := s.snap.Procs[i], s.groups[i].cont
	mnt := p.NS[ns.Mnt]
	switch {
	case cont == nil:
	case cont.hit.monitor, cont.hit.runtime == Flatpak: // a scope of flatpak's is one app, with what serves it
		return false
	case mnt == 0:
		return s.helped
	default:
		return cont.mnt != 0 && mnt != cont.mnt
	}
	return mnt != s.host[ns.Mnt] && (mnt != 0 || s.helped)
}

// settleOne sets the container of a process, and returns it.
func (s *survey) settleOne(i int) *entry {
	if i < 0 || s.groups[i] == nil {
		return nil
	}
	if s.state[i] != unsettled || !s.foreign(i) {
		return s.conts[i]
	}
	s.state[i] = settling
	top, above := s.top(i)
	outer := s.groups[i].cont
	in := s.settleOne(above)
	for in != nil && in.hit.monitor {
		in = in.outer // who watches over a container is not in it
	}
	if in != nil && (outer == nil || in.within(outer)) {
		outer = in
	}
	s.conts[i] = outer
	if outer.depth() >= maxChain {
		s.state[i] = settled
		return outer
	}
	// Where namespaces are not known the runtime's process above may be that of the container that is known.
	if s.snap.Procs[i].NS[ns.Mnt] != 0 || outer == nil || above >= 0 && s.conts[above].within(outer) {
		if e := s.sandboxOf(i, top, above, outer); e != nil && e.known {
			s.conts[i] = e
		}
	}
	s.state[i] = settled
	return s.conts[i]
}

// top returns the last process on the way up from the given one that is in the same mount namespace, and the
// one above that, -1 if there is none. Those between may be in another, which they made within: they tell nothing
// of who is above them. Where the namespaces cannot be read that is where the processes of a runtime end.
func (s *survey) top(i int) (top, above int) {
	mnt := s.snap.Procs[i].NS[ns.Mnt]
	if mnt == 0 {
		return s.topHelped(i)
	}
	top, above = i, -1
	at, host := i, s.host[ns.Mnt]
	for range maxDepth {
		next := s.index(s.snap.Procs[at].PPID)
		if next < 0 {
			return top, above
		}
		in := s.snap.Procs[next].NS[ns.Mnt]
		switch {
		case in == mnt:
			top, above = next, -1
		case at == top:
			above = next
		}
		if in != mnt && (in == host || mnt == host) {
			return top, above
		}
		at = next
	}
	return top, -1
}

// topHelped returns the last process below one of a runtime, and that one; top has no above where there is none.
func (s *survey) topHelped(i int) (top, above int) {
	top = i
	for range maxDepth {
		if above = s.index(s.snap.Procs[top].PPID); above < 0 {
			break
		}
		kind := kindOf(s.snap.Procs[above])
		if kind == noHelper {
			top = above
			continue
		}
		// bwrap and firejail are above what they start once more.
		for range maxDepth {
			next := s.index(s.snap.Procs[above].PPID)
			if next < 0 || kindOf(s.snap.Procs[next]) != kind || kind != bwrap && kind != firejail {
				break
			}
			top, above = above, next
		}
		return top, above
	}
	return top, -1
}

// sandboxOf returns the sandbox, or what might be one, that a process is in; nil if it is in none.
func (s *survey) sandboxOf(i, top, above int, outer *entry) *entry {
	p := s.snap.Procs[i]
	key := sandboxKey{outer: outer, mnt: p.NS[ns.Mnt]}
	helped := above >= 0 && kindOf(s.snap.Procs[above]) != noHelper
	if key.mnt == 0 {
		if !helped {
			return nil
		}
		key.edge = s.snap.Procs[above].ID()
	}
	e := s.r.sandboxes[key]
	switch {
	case e == nil:
		if !helped && !s.bare(top, above) {
			return nil
		}
		e = &entry{sandbox: true, outer: outer, used: s.r.round, trust: NoUser}
		s.r.sandboxes[key] = e
		s.takeLeader(e, top, above)
	case e.used != s.r.round:
		e.used = s.r.round
		if at := s.index(e.leader.PID); at < 0 || s.snap.Procs[at].ID() != e.leader {
			// The next in that namespace, if nobody told of it yet.
			if helped || s.bare(top, above) {
				e.restart()
				s.takeLeader(e, top, above)
			}
		}
	case !e.known && (helped || s.bare(top, above)) && s.older(top, e):
		// A visitor came first, or what is in it and calls itself a runtime's.
		e.restart()
		s.takeLeader(e, top, above)
	}
	if e.queued != s.r.round && e.due(s.r.now()) {
		e.queued = s.r.round
		s.due = append(s.due, e)
	}
	if s.member(e, i, top, helped) {
		return e
	}
	return nil
}

// older reports whether a process is older than the leader.
func (s *survey) older(i int, e *entry) bool { return s.snap.Procs[i].Start < e.leader.Start }

// takeLeader makes a process the one that stands for the sandbox.
func (s *survey) takeLeader(e *entry, top, above int) {
	p := s.snap.Procs[top]
	e.leader, e.mnt, e.led = p.ID(), p.NS[ns.Mnt], s.r.round
	e.helped = above >= 0 && kindOf(s.snap.Procs[above]) != noHelper
	e.bare = s.bare(top, above)
	e.path = s.groups[top]
	if e.path != nil {
		e.cgroup, e.user = e.path.path, e.path.user
	}
}

// bare reports whether a process has more of its own than a service of systemd has.
func (s *survey) bare(top, above int) bool {
	if above < 0 {
		return false
	}
	p, q := s.snap.Procs[top], s.snap.Procs[above]
	return p.NS.Differs(&q.NS).Has(ns.PID)
}

// member reports whether a process that is in the mount namespace of a sandbox is of it, and no visitor: it
// is below its leader, or else below a process of the runtime, as what is executed in it later. In a
// sandbox without a pid namespace of its own, whose orphans go elsewhere, the control group has to do.
func (s *survey) member(e *entry, i, top int, helped bool) bool {
	return helped || s.snap.Procs[top].ID() == e.leader || !e.bare && s.groups[i] == e.path
}
