package procscan

import (
	"context"
	"fmt"
	"slices"
)

// markYoung marks those that were born before the last refresh, and has their texts read again.
func (p *picture) markYoung() {
	for _, pid := range p.young {
		p.mark(pid, lookAt)
		p.fresh = append(p.fresh, pid)
	}
	p.young = p.young[:0]
}

// look does what is to be done, and looks at the children of those it finds to have ended.
func (p *picture) look(ctx context.Context) error {
	if err := p.round(ctx); err != nil || len(p.orphans) == 0 {
		return err
	}
	for i := range p.all {
		t := &p.all[i]
		if _, orphan := p.orphans[t.PPID]; orphan {
			p.mark(t.PID, lookAt)
		}
	}
	clear(p.orphans)
	return p.round(ctx)
}

// heldMost is how many of those that are held are asked in each refresh whether they still are. The
// turn of others comes as that of all does.
const heldMost = 256

// markHeld marks processes of which little could be read because they are held.
func (p *picture) markHeld() {
	for i, left := 0, min(p.stuck, heldMost); left > 0 && i < len(p.all); i++ {
		if p.all[i].held {
			p.mark(p.all[i].PID, lookAt)
			left--
		}
	}
}

// round does what is to be done, by pid. What it did not come to when the context ends is left for the
// next time.
func (p *picture) round(ctx context.Context) error {
	if len(p.tasks) == 0 {
		return nil
	}
	p.order = p.order[:0]
	for pid := range p.tasks {
		p.order = append(p.order, pid)
	}
	slices.Sort(p.order)
	p.updates = p.updates[:0]
	defer p.apply()
	p.looks.items = len(p.order)
	if err := p.crew.do(ctx, &p.looks); err != nil {
		return fmt.Errorf("read processes again: %w", err)
	}
	return nil
}

// prepare makes the work that looks at processes.
func (p *picture) prepare() {
	p.looks.workers = 1
	p.looks.ready = func(k *worker, i int) {
		pid := p.order[i]
		k.self, k.task = p.host, p.tasks[pid]
		k.known = false
		if old := p.find(pid); old != nil {
			k.was, k.known = *old, true
		}
		k.job.entry.pid = pid
		k.job.entry.ino, k.listed = p.inos[pid]
	}
	p.looks.read = func(k *worker, _ int) { k.look() }
	p.looks.keep = func(k *worker, i int) {
		p.do(k, p.order[i])
		p.done(p.order[i])
	}
	p.looks.lost = func(i int) {
		pid := p.order[i]
		if old := p.find(pid); old == nil {
			p.updates = append(p.updates, update{pid: pid, now: tracked{Process: stuckProcess(pid), why: Stuck}})
		} else if old.Start != 0 {
			p.stay(old, p.tasks[pid])
		}
		p.done(pid)
	}
}

// done notes that there is nothing more to be done about a pid.
func (p *picture) done(pid int) {
	delete(p.tasks, pid)
	delete(p.inos, pid)
}

// look reads what is needed to do what is to be done about a pid.
func (k *worker) look() {
	e := k.job.entry
	k.same, k.proc, k.why, k.alive, k.ino = false, nil, "", false, 0
	switch {
	case k.task&ended != 0:
		return
	case k.known && k.was.held && k.was.Start != 0 && k.task&execed == 0 && k.held(e.pid):
		k.same = true
	case k.known && k.task == confirm:
		k.same = k.is(&k.was)
	case k.known && k.task == leave:
		k.same = k.was.Zombie() && k.there(e.pid)
	}
	if !k.same {
		k.room = k.one[:]
		k.proc, k.why, k.alive = k.process(e, k.self)
	}
}

// do does what is to be done about one pid, as far as the worker has read it.
func (p *picture) do(k *worker, pid int) {
	old, ino := p.find(pid), k.job.entry.ino
	switch {
	case k.task&ended != 0:
		p.end(pid, old)
		return
	case k.same:
		if k.task == confirm {
			old.ino = ino
		}
		return
	case !k.alive:
		p.end(pid, old)
		return
	}
	if !k.listed {
		ino = k.ino
	}
	proc := k.proc
	if proc.held && old != nil && old.Start != 0 && (ino == old.ino || ino == 0 || old.ino == 0) {
		p.stay(old, k.task)
		return
	}
	if old == nil || old.Start != proc.Start {
		kept := *proc
		p.updates = append(p.updates, update{pid: pid, now: tracked{Process: &kept, ino: ino, why: k.why}})
		return
	}
	now := *old
	now.why = k.why
	if ino != 0 {
		now.ino = ino
	}
	if k.task&execed != 0 {
		now.texted = false
	}
	if !p.merge(&now, proc, k.task&execed != 0) && now == *old {
		return
	}
	p.updates = append(p.updates, update{pid: pid, now: now})
}

// stay keeps what is known of a process that is held: it is what it was while it executes a program.
func (p *picture) stay(old *tracked, what task) {
	now := *old
	now.why = Stuck
	if !old.held || what&execed != 0 {
		kept := *old.Process
		kept.held = true
		if what&execed != 0 {
			kept.execs++
			now.texted = false
		}
		now.Process = &kept
	}
	if now != *old {
		p.updates = append(p.updates, update{pid: old.PID, now: now})
	}
}

// end notes that a process is no more.
func (p *picture) end(pid int, old *tracked) {
	delete(p.leaving, pid)
	delete(p.entered, pid)
	delete(p.threads, pid)
	if old != nil {
		p.updates = append(p.updates, update{pid: pid, gone: true})
	}
}

// there reports whether there is a process with the pid.
func (r *reader) there(pid int) bool {
	dir, errno := r.sys.open(r.root, r.pidName(pid), openPath)
	if errno == 0 {
		r.sys.close(dir)
	}
	return !gone(errno)
}

// is reports whether the pid still has the process it had, under the same name.
func (r *reader) is(old *tracked) bool {
	if r.held(old.PID) {
		return false
	}
	dir, errno := r.sys.open(r.root, r.pidName(old.PID), openPath)
	if errno != 0 {
		return false
	}
	defer r.sys.close(dir)
	st, why, alive := r.stat(dir)
	return alive && why == "" && st.start == old.Start && (st.kernel || string(st.comm) == old.Comm) &&
		settledState(st.state) == settledState(old.State)
}

// settledState returns the state without the difference between what runs and what waits, which changes
// all the time.
func settledState(state byte) byte {
	switch state {
	case 'R', 'S', 'D', 'I':
		return 'S'
	case 'X':
		return 'Z'
	default:
		return state
	}
}

// merge puts what was read of a process in place of what was known of it, and reports whether that is
// anything new. The texts stay until they are read again.
func (p *picture) merge(now *tracked, read *Process, exec bool) bool {
	old := now.Process
	read.Texts, read.Args, read.NSpid, read.Cgroup, read.Groups = old.Texts, old.Args, old.NSpid, old.Cgroup, old.Groups
	read.execs = old.execs
	if exec {
		read.execs++
	}
	if read.Refused != "" {
		read.Nested = old.Nested
	}
	if read.Zombie() {
		read.Args = nil
	}
	if read.Comm != old.Comm && !read.Kernel || old.held {
		now.texted = false
	}
	if alike(old, read) {
		return false
	}
	kept := *read
	now.Process = &kept
	return true
}

// alike reports whether two readings of one process say the same, but for what changes all the time.
func alike(a, b *Process) bool {
	return a.PPID == b.PPID && a.UID == b.UID && a.Threads == b.Threads && a.Kernel == b.Kernel &&
		settledState(a.State) == settledState(b.State) && (a.Comm == b.Comm || a.Kernel) && a.execs == b.execs &&
		a.held == b.held && a.NS == b.NS && a.NextPID == b.NextPID && a.NextTime == b.NextTime && a.Refused == b.Refused &&
		a.Nested == b.Nested && a.Texts == b.Texts && a.Cgroup == b.Cgroup && a.Groups == b.Groups &&
		slices.Equal(a.Args, b.Args) && slices.Equal(a.NSpid, b.NSpid)
}
