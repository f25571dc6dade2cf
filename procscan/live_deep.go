package procscan

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan/mounts"
	"nstui/procscan/ns"
)

// Deepen looks for namespaces no process is in, and for what keeps each alive. It uses at most the
// given share of a core, more than 0 and at most 1, and so takes long on a large host; meanwhile
// refreshes go on. What it finds is in the next snapshot, and from then on each refresh drops what is
// no longer held, and looks at threads and at our own mounts when they change.
func (l *Live) Deepen(ctx context.Context, share float64) error {
	if share <= 0 || share > 1 {
		return fmt.Errorf("look deeper into %s: %v is no share of a core", l.scanner.root, share)
	}
	l.mu.Lock()
	snap := l.last
	l.mu.Unlock()
	if snap == nil {
		var err error
		if snap, err = l.Refresh(ctx, nil); err != nil {
			return err
		}
	}
	p := pace{share: share, begun: time.Now(), now: time.Now, wait: waitFor}
	held, missed, err := l.scanner.deep(ctx, Deep, snap.Procs, p.rest)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.found = &finding{held: held, missed: missed}
	l.status.DeepAt = time.Now()
	return nil
}

// pace keeps work at a share of a core.
type pace struct {
	share float64
	begun time.Time // when work went on last
	now   func() time.Time
	wait  func(context.Context, time.Duration) error
}

// Work is given rest for at least leastWork, so that there are not more timers than work, and counts as at
// most mostWork: what takes longer was itself waiting.
const (
	leastWork = time.Millisecond
	mostWork  = 50 * time.Millisecond
)

// rest is a pacer. The time of the clock counts as work, which is too much where the processor was busy
// with other things, and then leaves it to them.
func (p *pace) rest(ctx context.Context) error {
	worked := p.now().Sub(p.begun)
	if worked < leastWork {
		return ctx.Err()
	}
	worked = min(worked, mostWork)
	err := p.wait(ctx, time.Duration(float64(worked)*(1/p.share-1)))
	p.begun = p.now()
	return err
}

// waitFor waits for a time, or until the context ends.
func waitFor(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// finding is what a deep pass found.
type finding struct {
	held   []holding
	missed []Miss
}

// holdings are what keeps namespaces alive beside the processes in them.
type holdings struct {
	list   []holding
	missed []Miss
	read   Want
	lone   []int // which of list hold a namespace no process is in
	next   int   // the first of lone to be verified next
	// mountinfo is our own, which tells when it changes; negative where there is none. It tells once:
	// changed says that it has and was not read since.
	mountinfo int
	changed   bool
}

// loneMost is how many namespaces without processes are verified in one refresh.
const loneMost = 128

// readHoldings takes over what a deep pass found since the last refresh, and looks again at what may have
// changed.
func (l *Live) readHoldings(ctx context.Context) error {
	l.mu.Lock()
	found := l.found
	l.found = nil
	l.mu.Unlock()
	p := &l.picture
	h := &p.held
	if found != nil {
		if !slices.Equal(h.missed, found.missed) {
			h.missed, p.changed = found.missed, true
		}
		if h.read != Deep || !slices.Equal(h.list, found.held) {
			h.read = Deep
			p.hold(found.held)
		}
	}
	if err := p.verifyLone(ctx); err != nil {
		return err
	}
	if err := p.readThreads(ctx); err != nil {
		return err
	}
	return p.readOwnMounts(ctx)
}

// hold replaces the holdings.
func (p *picture) hold(list []holding) {
	p.held.list, p.held.lone = list, nil
	p.changed, p.moved = true, true
}

// replace replaces those holdings for which drop says so, if the others are not the same.
func (p *picture) replace(drop func(*holding) bool, others []holding) {
	var kept, old []holding
	for i := range p.held.list {
		if h := &p.held.list[i]; drop(h) {
			old = append(old, *h)
		} else {
			kept = append(kept, *h)
		}
	}
	if !slices.Equal(old, others) {
		p.hold(append(kept, others...))
	}
}

// verifyLone drops what holds a namespace no longer, of those nothing else tells that they are gone.
func (p *picture) verifyLone(ctx context.Context) error {
	h := &p.held
	if len(h.lone) == 0 {
		return nil
	}
	var gone []int
	from := h.next
	index := func(i int) int { return h.lone[(from+i)%len(h.lone)] }
	err := p.crew.do(ctx, &work{
		items: min(len(h.lone), loneMost), workers: 1,
		ready: func(k *worker, i int) { k.holding = h.list[index(i)] },
		read:  func(k *worker, _ int) { k.same = k.holds(&k.holding) },
		keep: func(k *worker, i int) {
			h.next = (from + i + 1) % len(h.lone)
			if !k.same {
				gone = append(gone, index(i))
			}
		},
		lost: func(int) {},
	})
	if err != nil || gone == nil {
		return err
	}
	slices.Sort(gone)
	var kept []holding
	for i := range h.list {
		if _, is := slices.BinarySearch(gone, i); !is {
			kept = append(kept, h.list[i])
		}
	}
	p.hold(kept)
	return nil
}

// readThreads reads the threads of processes of which one entered namespaces.
func (p *picture) readThreads(ctx context.Context) error {
	if len(p.threads) == 0 {
		return nil
	}
	var procs []*Process
	for pid := range p.threads {
		if t := p.find(pid); t != nil {
			procs = append(procs, t.Process)
		}
	}
	slices.SortFunc(procs, func(a, b *Process) int { return a.PID - b.PID })
	held, _, err := p.crew.s.deep(ctx, Threads, procs, nil)
	if err != nil {
		return err
	}
	p.replace(func(h *holding) bool {
		_, is := p.threads[h.keeper.Proc.PID]
		return is && h.keeper.By == ByThread
	}, held)
	clear(p.threads)
	return nil
}

// watchMounts opens our own mountinfo. It keeps our own mount namespace alive and no other.
func (p *picture) watchMounts() {
	if !p.host.ours || p.held.mountinfo >= 0 {
		return
	}
	if fd, errno := p.crew.s.sys.open(p.crew.root.fd, fileMountinfo, openFile); errno == 0 {
		p.held.mountinfo, p.held.changed = fd, true
	}
}

// mountsChanged reports whether anything was mounted or unmounted since it was asked last, see
// proc_pid_mounts(5).
func (p *picture) mountsChanged() bool {
	if p.held.mountinfo < 0 {
		return false
	}
	p.polled[0] = unix.PollFd{Fd: int32(p.held.mountinfo), Events: unix.POLLPRI}
	n, err := unix.Poll(p.polled[:], 0)
	return err == nil && n > 0 && p.polled[0].Revents&(unix.POLLPRI|unix.POLLERR) != 0
}

// readOwnMounts reads what is mounted in our own mount namespace if that has changed: that is where
// ip-netns(8) and others keep namespaces.
func (p *picture) readOwnMounts(ctx context.Context) error {
	where := p.host.mine.ID(ns.Mnt)
	p.held.changed = p.mountsChanged() || p.held.changed
	if where.Ino == 0 || !p.held.changed {
		return nil
	}
	found, err := mounts.Find(ctx, mounts.Query{
		Root: p.crew.root.fd, Sources: []mounts.Source{{Where: where.Ino, PIDs: []int{p.host.self}}},
	})
	if err != nil {
		return err
	}
	p.held.changed = false
	var held []holding
	for _, m := range found.Mounts {
		held = append(held, holding{id: m.Namespace, keeper: Keeper{By: ByMount, Path: m.Path, Where: where, Proc: p.memberOf(where)}})
	}
	slices.SortStableFunc(held, func(a, b holding) int { return compareID(a.id, b.id) })
	p.replace(func(h *holding) bool { return h.keeper.By == ByMount && h.keeper.Where == where }, held)
	return nil
}

// memberOf returns the first process that is in the namespace.
func (p *picture) memberOf(id ns.ID) ProcID {
	for i := range p.all {
		if p.all[i].NS[id.Kind] == id.Ino {
			return p.all[i].ID()
		}
	}
	return ProcID{}
}

// dropHoldings drops the holdings of processes that are no more. A mount is held by its mount namespace,
// so as long as there is another process in that one it is seen by that.
func (p *picture) dropHoldings(snap *Snapshot) {
	p.held.list = slices.DeleteFunc(slices.Clone(p.held.list), func(h holding) bool {
		return !h.bare && h.keeper.By != ByMount && h.keeper.Proc.PID != 0 && snap.Find(h.keeper.Proc) == nil
	})
	seers := make(map[ns.ID]ProcID)
	kept := p.held.list[:0]
	for _, h := range p.held.list {
		if h.keeper.By == ByMount && h.keeper.Proc.PID != 0 && snap.Find(h.keeper.Proc) == nil {
			seer, asked := seers[h.keeper.Where]
			if !asked {
				seer = p.memberOf(h.keeper.Where)
				seers[h.keeper.Where] = seer
			}
			if seer.PID == 0 {
				continue
			}
			h.keeper.Proc = seer
		}
		kept = append(kept, h)
	}
	p.held.list = kept
}

// findLone notes which holdings are of namespaces without processes.
func (p *picture) findLone(snap *Snapshot) {
	p.held.lone = nil
	for i := range p.held.list {
		if n := snap.Namespace(p.held.list[i].id); n != nil && n.Leader < 0 {
			p.held.lone = append(p.held.lone, i)
		}
	}
}
