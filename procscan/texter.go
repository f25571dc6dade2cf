package procscan

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"
)

// textPatience is how long the texts of one process may take. The kernel reads a command line out of the
// memory of the process, and waits for whoever changes that: microseconds, or for ever if that one waits
// for a file system that does not answer.
const textPatience = 200 * time.Millisecond

// maxStuck is how many goroutines may wait for ever for command lines. With so many no others are read.
// As many again may wait for other texts.
const maxStuck = 4

// texter reads texts in a goroutine of its own, so that a process whose memory is locked does not hold
// up the rest. Of such a process the command line is not read: what it could not lock, such as its
// control group, is, so that it cannot hide whose it is. A Live does not ask it again while it lives.
type texter struct {
	take     reading // what is read of each
	patience time.Duration
	most     int          // how many are read for the first time in one refresh
	stuck    atomic.Int32 // goroutines that wait
	from     int          // the pid from which texts are read again
	spent    time.Duration
	round    uint32 // of choosing
	reader   *textReader
	timer    *time.Timer
	jobs     []textJob // scratch
}

// textReader is a reader that puts what it reads in the same place each time.
type textReader struct {
	reader
	one [1]Process
}

// textJob is a process whose texts are to be read, and what came of it.
type textJob struct {
	old   *Process
	entry entry
	now   *Process // old if the texts are the same, nil if the process is gone
	why   Reason
	done  bool
	stuck bool
	mute  bool // the command line is left out, because of this process or of too many others
}

// errand is a goroutine that reads texts. step is 2*i before job i and 2*i+1 during it. Who waits for it
// may give it up during a job, by setting step to givenUp: it then touches nothing any more but its own.
type errand struct {
	take  reading
	step  atomic.Int64
	ended chan struct{}
	spent time.Duration
}

const givenUp = -1

// read does the jobs, as far as too many do not get stuck.
func (t *texter) read(ctx context.Context, s *Scanner, self *host, jobs []textJob) error {
	for len(jobs) > 0 {
		stuck := t.stuck.Load()
		if stuck >= 2*maxStuck {
			return nil
		}
		if stuck >= maxStuck {
			for i := range jobs {
				jobs[i].mute = true
			}
		}
		n, err := t.some(ctx, s, self, jobs)
		if err != nil {
			return err
		}
		jobs = jobs[n:]
	}
	return nil
}

// some does the jobs until one takes too long, and returns how many are done with.
func (t *texter) some(ctx context.Context, s *Scanner, self *host, jobs []textJob) (int, error) {
	// Its own, because it may go on when everything else has changed.
	root, err := s.openRoot()
	if err != nil {
		return 0, err
	}
	if t.reader == nil {
		t.reader = &textReader{reader: *newReader(s.sys, root)}
	}
	r, own := t.reader, *self
	r.sys, r.root = s.sys, root
	e := &errand{take: t.take, ended: make(chan struct{})}
	go func() {
		defer close(e.ended)
		defer s.sys.close(root)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		spent := threadTime()
		if !e.run(ctx, r, &own, jobs) {
			t.stuck.Add(-1)
			return
		}
		e.spent = threadTime() - spent
	}()
	if t.timer == nil {
		t.timer = time.NewTimer(t.patience)
	}
	t.timer.Reset(t.patience)
	defer t.timer.Stop()
	seen := int64(0)
	for {
		select {
		case <-e.ended:
			t.spent += e.spent
			return len(jobs), ctx.Err()
		case <-t.timer.C:
		}
		at := e.step.Load()
		if at != seen || at%2 == 0 {
			seen = at
			t.timer.Reset(t.patience)
			continue
		}
		t.stuck.Add(1)
		if !e.step.CompareAndSwap(at, givenUp) {
			t.stuck.Add(-1)
			t.timer.Reset(t.patience)
			continue
		}
		t.reader = nil
		i := int(at / 2)
		job := &jobs[i]
		job.stuck = true
		if !job.mute {
			job.mute = true
			return i, ctx.Err() // and once more
		}
		job.done = true
		return i + 1, ctx.Err()
	}
}

// run does the jobs one after the other; false if it was given up.
func (e *errand) run(ctx context.Context, r *textReader, self *host, jobs []textJob) bool {
	for i := range jobs {
		if ctx.Err() != nil {
			return true
		}
		if i%politeness == 0 {
			runtime.Gosched()
		}
		old, entry := jobs[i].old, jobs[i].entry
		r.mute, r.room = jobs[i].mute, r.one[:]
		e.step.Store(int64(2*i + 1))
		now, why, alive := e.take(&r.reader, old, entry, self)
		if !e.step.CompareAndSwap(int64(2*i+1), int64(2*i+2)) {
			return false
		}
		switch {
		case !alive:
			now = nil
		case alike(old, now.withExecs(old.execs)):
			now = old
		default:
			kept := *now
			now = &kept
		}
		jobs[i].now, jobs[i].why, jobs[i].done = now, why, true
	}
	return true
}

// withExecs returns p, which counts as many execs as what it is read of.
func (p *Process) withExecs(n uint32) *Process {
	p.execs = n
	return p
}
