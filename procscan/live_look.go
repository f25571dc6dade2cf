package procscan

import (
	"context"
	"fmt"
	"runtime"
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
	for i, pid := range p.order {
		if i%politeness == 0 {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("read processes again: %w", err)
			}
			runtime.Gosched()
		}
		p.do(pid, p.tasks[pid])
		delete(p.tasks, pid)
		delete(p.inos, pid)
	}
	return nil
}

// do does what is to be done about one pid.
func (p *picture) do(pid int, what task) {
	old := p.find(pid)
	ino, listed := p.inos[pid]
	switch {
	case what&ended != 0:
		p.end(pid, old)
		return
	case what == confirm && old != nil && p.same(old):
		old.ino = ino
		return
	case what == leave && old != nil && old.Zombie() && p.there(pid):
		return
	}
	p.reader.room, p.reader.st.Ino = p.one[:], 0
	proc, why, alive := p.reader.process(entry{pid: pid, ino: ino}, p.host.kinds)
	if !alive {
		p.end(pid, old)
		return
	}
	if !listed {
		ino = p.reader.st.Ino // of its directory, zero if that could not be opened
	}
	if old == nil || old.Start != proc.Start {
		kept := *proc
		p.updates = append(p.updates, update{pid: pid, now: tracked{Process: &kept, ino: ino, why: why}})
		return
	}
	now := *old
	now.why = why
	if ino != 0 {
		now.ino = ino
	}
	if what&execed != 0 {
		now.texted = false
	}
	if !p.merge(&now, proc, what&execed != 0) && now == *old {
		return
	}
	p.updates = append(p.updates, update{pid: pid, now: now})
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
func (p *picture) there(pid int) bool {
	dir, errno := p.reader.sys.open(p.reader.root, p.reader.pidName(pid), openPath)
	if errno == 0 {
		p.reader.sys.close(dir)
	}
	return !gone(errno)
}

// same reports whether the pid still has the process it had, under the same name.
func (p *picture) same(old *tracked) bool {
	dir, errno := p.reader.sys.open(p.reader.root, p.reader.pidName(old.PID), openPath)
	if errno != 0 {
		return false
	}
	defer p.reader.sys.close(dir)
	st, why, alive := p.reader.stat(dir)
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
	read.Texts, read.Args, read.NSpid, read.Cgroup = old.Texts, old.Args, old.NSpid, old.Cgroup
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
	if read.Comm != old.Comm && !read.Kernel {
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
		a.NS == b.NS && a.NextPID == b.NextPID && a.NextTime == b.NextTime && a.Refused == b.Refused &&
		a.Nested == b.Nested && a.Texts == b.Texts && a.Cgroup == b.Cgroup &&
		slices.Equal(a.Args, b.Args) && slices.Equal(a.NSpid, b.NSpid)
}
