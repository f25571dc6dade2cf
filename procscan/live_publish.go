package procscan

import (
	"context"
	"fmt"
	"slices"
	"time"

	"nstui/procscan/ns"
)

// publish makes a snapshot if anything has changed.
func (l *Live) publish(ctx context.Context, begin time.Time) error {
	p := &l.picture
	if !p.changed {
		return nil
	}
	snap := &Snapshot{Root: l.scanner.root, Procs: p.procs()}
	if p.moved {
		if err := p.regroup(ctx, snap); err != nil {
			return err
		}
	} else {
		snap.Namespaces = p.snap.Namespaces
	}
	snap.Missed = slices.Concat(p.held.missed, p.unsaid, p.stuckTexts())
	p.tell(snap)
	snap.Read = p.read(snap)
	snap.At = time.Now()
	snap.Took = snap.At.Sub(begin)
	p.snap, p.changed, p.moved = snap, false, false
	clear(p.entered)
	return nil
}

// read returns what is complete in the snapshot.
func (p *picture) read(snap *Snapshot) Want {
	want := always | p.held.read
	if p.unread == 0 {
		return want | Leaders | Texts | Groups
	}
	for k := range snap.Namespaces {
		for i := range snap.Namespaces[k] {
			if at := snap.Namespaces[k][i].Leader; at >= 0 && !snap.Procs[at].Texts {
				return want
			}
		}
	}
	return want | Leaders
}

// regroup makes the namespaces of a snapshot anew. What is known of one is kept if it is the same one for
// sure, and asked for otherwise.
func (p *picture) regroup(ctx context.Context, snap *Snapshot) error {
	p.dropHoldings(snap)
	snap.Namespaces = group(snap.Procs, p.held.list)
	p.findLone(snap)
	before := p.before(snap.Procs)
	a := newAsker(snap.Procs, &snap.Namespaces, p.host, always)
	unanswered := make(map[ns.ID]nsFacts)
	note := func(id ns.ID, f nsFacts) {
		if f.why != "" || f.netWhy != "" {
			unanswered[id] = f
		}
	}
	// A NETNSID is given at any time, and nothing tells.
	askNet := time.Since(p.netAsked) >= resync
	var unknown []*Namespace
	for k := range snap.Namespaces {
		for i := range snap.Namespaces[k] {
			n := &snap.Namespaces[k][i]
			if n.ID.Kind == ns.Net && askNet || !p.survives(snap.Procs, before, n) {
				unknown = append(unknown, n)
			} else if f, ok := p.known(n.ID); ok {
				n.applyFacts(f)
				a.count(n.ID, f)
				note(n.ID, f)
			}
		}
	}
	answers := make([]nsFacts, len(unknown))
	if err := p.crew.do(ctx, a.work(unknown, func(i int, f nsFacts) { answers[i] = f })); err != nil {
		return fmt.Errorf("ask whose namespaces are: %w", err)
	}
	for i, n := range unknown {
		note(n.ID, answers[i])
	}
	for id, f := range a.found {
		note(id, f)
	}
	if p.held.read != 0 {
		r := newReader(p.crew.s.sys, p.crew.root.fd)
		defer r.close()
		a.unexplained(r, ns.All)
	}
	a.settle(func(id ns.ID) (nsFacts, bool) {
		f, ok := p.known(id)
		a.count(id, f)
		note(id, f)
		return f, ok
	})
	if askNet {
		p.netAsked = time.Now()
	}
	p.unanswered, p.unsaid = unanswered, a.misses()
	return nil
}

// last returns the namespace as it was in the last snapshot, or nil.
func (p *picture) last(id ns.ID) *Namespace {
	if p.snap == nil {
		return nil
	}
	return p.snap.Namespace(id)
}

// stuckTexts counts the processes whose texts cannot be read.
func (p *picture) stuckTexts() []Miss {
	n := 0
	for i := range p.all {
		if p.all[i].stuck {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return []Miss{{What: Texts, Reason: Stuck, Count: n}}
}

// known returns what the last snapshot says of a namespace.
func (p *picture) known(id ns.ID) (nsFacts, bool) {
	if f, ok := p.unanswered[id]; ok {
		return f, true
	}
	n := p.last(id)
	if n == nil {
		return nsFacts{}, false
	}
	return nsFacts{
		owner: n.Owner, parent: n.Parent, unique: n.Unique, ownerUID: n.OwnerUID, ownerKnown: n.OwnerKnown,
		netID: n.NETNSID, netIDKnown: n.NETNSIDKnown,
	}, true
}

// before returns for each process what it was in the last snapshot, nil where it was not.
func (p *picture) before(procs []*Process) []*Process {
	before := make([]*Process, len(procs))
	if p.snap == nil {
		return before
	}
	old := p.snap.Procs
	for i, proc := range procs {
		for len(old) > 0 && old[0].PID < proc.PID {
			old = old[1:]
		}
		if len(old) > 0 && old[0].ID() == proc.ID() {
			before[i] = old[0]
		}
	}
	return before
}

// survives reports whether a namespace is the one that had its inode number in the last snapshot: a
// process was in it then, is now, and was nowhere else in between, or something else held it all the
// time. The kernel gives the number of a namespace that is gone to the next one it makes.
func (p *picture) survives(procs, before []*Process, n *Namespace) bool {
	if old := p.last(n.ID); old != nil && slices.ContainsFunc(n.Keepers, func(k Keeper) bool { return slices.Contains(old.Keepers, k) }) {
		return true
	}
	for _, i := range n.Members {
		if before[i] == nil || before[i].NS[n.ID.Kind] != n.ID.Ino {
			continue
		}
		if _, entered := p.entered[procs[i].PID]; !entered {
			return true
		}
	}
	return false
}
