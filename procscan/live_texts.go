package procscan

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"time"
)

// How many processes are asked for their texts in one refresh: those that have none yet, and those that
// are asked again for a new title or control group. Reading them costs about as much as reading the
// process itself.
const (
	textsNew    = 1000
	textsAgain  = 64 // polling: or a part of all
	textsParts  = 100
	textsTold   = 12 // with events
	textsLooked = 128
)

// textPatience is how long the texts of one process may take. The kernel reads a command line out of the
// memory of the process, and waits for whoever changes that: microseconds, or for ever if that one waits
// for a file system that does not answer.
const textPatience = 200 * time.Millisecond

// maxStuck is how many goroutines may wait for ever for texts. With so many no others are read.
const maxStuck = 4

// texter reads texts in a goroutine of its own, so that a process whose memory is locked does not hold
// up the refresh. Such a process is not asked again while it lives.
type texter struct {
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
}

// readTexts reads the texts of as many processes as a refresh may.
func (l *Live) readTexts(ctx context.Context) error {
	p, t := &l.picture, &l.texts
	t.spent = 0
	t.jobs = t.jobs[:0]
	t.choose(p, l.sources.mode, l.looks())
	defer func() { clear(t.jobs) }()
	rest := t.jobs
	for len(rest) > 0 && t.stuck.Load() < maxStuck {
		n, err := t.read(ctx, l.scanner, &p.host, rest)
		if err != nil {
			return fmt.Errorf("scan %s: %w", l.scanner.root, err)
		}
		rest = rest[n:]
	}
	p.updates = p.updates[:0]
	for i := range t.jobs {
		if job := &t.jobs[i]; job.done {
			p.text(job)
		}
	}
	slices.SortFunc(p.updates, func(a, b update) int { return a.pid - b.pid })
	p.apply()
	return nil
}

// text notes what came of a job. A process that is gone is left to the next refresh.
func (p *picture) text(job *textJob) {
	old := p.find(job.old.PID)
	if old == nil || old.Process != job.old || job.now == nil && !job.stuck {
		return
	}
	now := *old
	if now.stuck = job.stuck; !job.stuck {
		now.Process, now.texted = job.now, true
	}
	now.unsaid = job.why
	if now != *old {
		p.updates = append(p.updates, update{pid: old.PID, now: now})
	}
}

// choose fills the jobs: who is looked at, who is new, who leads a namespace, who has none, and whose turn
// it is.
func (t *texter) choose(p *picture, mode Mode, looked []ProcID) {
	t.round++
	for _, id := range looked[:min(len(looked), textsLooked)] {
		if old := p.find(id.PID); old != nil && old.Start == id.Start {
			t.add(old)
		}
	}
	left := t.most
	for _, pid := range p.fresh[:min(len(p.fresh), left)] {
		if old := p.find(pid); old != nil && t.add(old) {
			left--
		}
	}
	p.fresh = p.fresh[:0]
	if p.unread > 0 {
		if p.unread > left && p.snap != nil {
			left = t.chooseLeaders(p, left)
		}
		for i := range p.all {
			if left == 0 {
				break
			}
			if old := &p.all[i]; !old.texted && t.add(old) {
				left--
			}
		}
	}
	n := textsTold
	if mode == Polling {
		n = max(textsAgain, len(p.all)/textsParts)
	}
	at, _ := p.index(t.from)
	for range min(n, len(p.all)) {
		if at == len(p.all) {
			at = 0
		}
		t.add(&p.all[at])
		t.from = p.all[at].PID + 1
		at++
	}
}

// chooseLeaders adds those that lead a namespace and have no texts, at most n, and returns how many are
// left of n.
func (t *texter) chooseLeaders(p *picture, n int) int {
	for k := range p.snap.Namespaces {
		for i := range p.snap.Namespaces[k] {
			if n == 0 {
				return 0
			}
			at := p.snap.Namespaces[k][i].Leader
			if at < 0 {
				continue
			}
			if old := p.find(p.snap.Procs[at].PID); old != nil && !old.texted && t.add(old) {
				n--
			}
		}
	}
	return n
}

// add adds a process, unless it is among them or one that cannot be asked.
func (t *texter) add(old *tracked) bool {
	if old.stuck || old.round == t.round {
		return false
	}
	old.round = t.round
	t.jobs = append(t.jobs, textJob{old: old.Process, entry: entry{pid: old.PID, ino: old.ino}})
	return true
}

// errand is a goroutine that reads texts. step is 2*i before job i and 2*i+1 during it. Who waits for it
// may give it up during a job, by setting step to givenUp: it then touches nothing any more but its own.
type errand struct {
	step  atomic.Int64
	ended chan struct{}
	spent time.Duration
}

const givenUp = -1

// read reads the texts of the jobs until one takes too long, and returns how many are done with.
func (t *texter) read(ctx context.Context, s *Scanner, self *host, jobs []textJob) (int, error) {
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
	e := &errand{ended: make(chan struct{})}
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
		jobs[i].done, jobs[i].stuck = true, true
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
		e.step.Store(int64(2*i + 1))
		r.room = r.one[:]
		now, why, alive := r.texts(old, entry, self)
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
