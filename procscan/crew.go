package procscan

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// politeness is after how many items a worker lets other goroutines run. Most system calls of a scan
// are short, so without it the screen would be late by tens of milliseconds wherever the workers have
// all the processors there are.
const politeness = 16

// chunk is how many items a worker takes at once: few, because at the end all wait for the last one.
const chunk = 16

// How long a system call may take until it is held to wait for ever. The kernel answers within
// microseconds; a process that changes its memory or executes a program is waited for, and that one
// may wait for a file system that does not answer. Who cannot ask again waits longer: a busy machine
// shall not look like a stuck process.
const (
	textPatience = 200 * time.Millisecond
	scanPatience = time.Second
)

// patienceParts is in how many parts the patience is waited, so that one that was spent while this whole
// program got no processor counts as one part.
const patienceParts = 4

// work is a number of items, each to be read once, in goroutines that may be left behind.
type work struct {
	items   int
	workers int // how many at most; zero for as many as the crew has
	chunk   int // how many items a worker takes at once; zero for the usual
	// begin, if not nil, is called before each chunk, or what is left of one, with how many items it has.
	begin func(k *worker, items int)
	// ready, if not nil, gives the worker its own copy of what is to be read. It must not wait.
	ready func(k *worker, i int)
	// read reads an item into what is the worker's own. It may wait for ever. Then the worker is given
	// up, and whatever comes of it later is nobody's: so it must not touch what others have, but for
	// what never changes and what is locked.
	read func(k *worker, i int)
	// keep puts what was read where it belongs. It must not wait.
	keep func(k *worker, i int)
	// left, if not nil, releases what was read by one that was given up.
	left func(k *worker)
	// lost is told of an item that two workers were lost to: the first may not have known that it would
	// wait, the second asked only what is known not to. It is called by who waits.
	lost func(i int)
	// between, if not nil, is called by who waits now and then, with the number of items from the first
	// on that are all done.
	between func(finished int)

	claimed atomic.Int64 // chunks
	done    []atomic.Bool
	failed  atomic.Pointer[error]
}

// crew lends workers to work on a proc root.
type crew struct {
	s        *Scanner
	root     *rootDir
	skip     ns.Set // kinds its readers skip
	grouped  bool   // its readers read control groups with the rest
	workers  int    // how many at most
	patience time.Duration
	every    time.Duration // how often between is called, at least; zero for as it comes
	timed    bool          // the time of the processor is counted
	spent    time.Duration

	listing work
	entries []entry // that it lists
	err     error   // of that

	idle  []*worker
	busy  []*worker
	ended chan *worker
	timer *time.Timer
}

// rootDir is an open proc root. It is closed when nobody uses it any more: one that was given up may
// still, and the number of its descriptor must not be another file's by then.
type rootDir struct {
	sys   kernel
	fd    int
	users atomic.Int32
}

func newRootDir(sys kernel, fd int) *rootDir {
	d := &rootDir{sys: sys, fd: fd}
	d.users.Store(1)
	return d
}

func (d *rootDir) release() {
	if d.users.Add(-1) == 0 {
		d.sys.close(d.fd)
	}
}

// newCrew returns a crew with as many workers as may run at once.
func (s *Scanner) newCrew(root *rootDir) *crew {
	workers := s.workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	c := &crew{s: s, root: root, workers: workers, patience: s.patience, ended: make(chan *worker, workers)}
	c.prepare()
	return c
}

// close closes what the workers have open that wait for work.
func (c *crew) close() {
	for _, k := range c.idle {
		k.close()
	}
}

// plain makes the workers look at no more of a process, and lets go of the room for processes.
func (c *crew) plain() {
	for _, k := range c.idle {
		k.room, k.visit = nil, nil
	}
}

// one has one worker do one thing. It fails with ETIMEDOUT if that waits for ever.
func (c *crew) one(ctx context.Context, w *work) error {
	stuck := false
	w.items, w.lost = 1, func(int) { stuck = true }
	if err := c.do(ctx, w); err != nil || !stuck {
		return err
	}
	return unix.ETIMEDOUT
}

// do deals the work out and returns when it is done, or else lost. It fails only if the context ends,
// or an item does.
func (c *crew) do(ctx context.Context, w *work) error {
	if w.chunk == 0 {
		w.chunk = chunk
	}
	chunks := (w.items + w.chunk - 1) / w.chunk
	w.claimed.Store(0)
	w.failed.Store(nil)
	if w.between != nil {
		w.done = make([]atomic.Bool, chunks)
	}
	workers := c.workers
	if w.workers != 0 {
		workers = min(workers, w.workers)
	}
	for range min(workers, chunks) {
		c.start(ctx, w, part{})
	}
	c.watch(ctx, w, chunks)
	if err := w.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// start starts a worker, first on what another has left of a chunk.
func (c *crew) start(ctx context.Context, w *work, left part) {
	var k *worker
	if n := len(c.idle); n > 0 {
		k, c.idle = c.idle[n-1], c.idle[:n-1]
	} else {
		k = &worker{reader: newReader(c.s.sys, -1), crew: c}
		k.waits = &c.s.waits
	}
	c.root.users.Add(1)
	k.root = c.root
	k.sys, k.reader.root, k.skip = c.s.sys, c.root.fd, c.skip
	k.grouped = c.grouped
	k.ctx, k.work = ctx, w
	k.part = left
	k.seen, k.late = 0, 0
	k.step.Store(0)
	c.busy = append(c.busy, k)
	go k.run()
}

// watch waits for the workers. It gives up those that read nothing for too long and has others do what
// is left to them.
func (c *crew) watch(ctx context.Context, w *work, chunks int) {
	interval := c.patience / patienceParts
	if w.between != nil {
		interval = min(interval, max(c.every, time.Millisecond))
	}
	parts := int((c.patience + interval - 1) / interval)
	if c.timer == nil {
		c.timer = time.NewTimer(interval)
	}
	c.timer.Reset(interval)
	defer c.timer.Stop()
	finished := 0
	for len(c.busy) > 0 {
		select {
		case k := <-c.ended:
			c.home(k)
			continue
		case <-c.timer.C:
		}
		if w.between != nil {
			for finished < chunks && w.done[finished].Load() {
				finished++
			}
			w.between(min(finished*w.chunk, w.items))
		}
		for i := 0; i < len(c.busy); i++ {
			if k := c.busy[i]; k.tooLate(parts) && c.giveUp(k) {
				c.busy[i] = c.busy[len(c.busy)-1]
				c.busy = c.busy[:len(c.busy)-1]
				i--
				c.replace(ctx, w, k)
			}
		}
		c.timer.Reset(interval)
	}
}

// home takes a worker back.
func (c *crew) home(k *worker) {
	for i := range c.busy {
		if c.busy[i] == k {
			c.busy[i] = c.busy[len(c.busy)-1]
			c.busy = c.busy[:len(c.busy)-1]
			break
		}
	}
	c.spent += k.spent
	c.idle = append(c.idle, k)
}

// giveUp gives up a worker, unless it goes on that moment.
func (c *crew) giveUp(k *worker) bool {
	k.stuck = k.at.Load()
	c.s.waits.add(k.stuck)
	if k.step.CompareAndSwap(k.seen, givenUp) {
		return true
	}
	c.s.waits.remove(k.stuck)
	return false
}

// replace has another worker do what one that was given up has left, the item that it read once more.
func (c *crew) replace(ctx context.Context, w *work, k *worker) {
	rest := k.part
	rest.retry = !k.retry
	if k.retry {
		c.s.waits.doubt(k.stuck)
		w.lost(rest.from)
		rest.from++
		if rest.from == rest.to && w.done != nil {
			w.done[rest.chunk].Store(true) // nobody comes back to it
		}
	}
	c.start(ctx, w, rest)
}
