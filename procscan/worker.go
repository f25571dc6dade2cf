package procscan

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// worker is a goroutine that reads.
type worker struct {
	*reader

	crew *crew
	ctx  context.Context //nolint:containedctx // of the work, as long as it is done
	work *work
	root *rootDir
	// step is odd while the worker reads. Who waits for it may give it up then, by setting step to
	// givenUp: it then touches nothing any more but its own.
	step atomic.Uint64
	part
	spent time.Duration

	// What who waits has seen of it, and of which process it was reading when it was given up.
	seen  uint64
	late  int
	stuck int64

	// What it is to read.
	job     textJob
	self    *host
	task    task
	was     tracked
	known   bool // there is what was
	listed  bool // the listing told the number of its directory
	holding holding

	// What it reads into.
	same    bool // nothing is new
	proc    *Process
	why     Reason
	alive   bool
	fd      int
	errno   unix.Errno
	err     error
	any     any
	entries []entry
	dig     *digger
}

// part is what is left of a chunk.
type part struct {
	from, to int  // the items
	chunk    int  // the number of the chunk
	retry    bool // another worker was lost to the first of them
}

const givenUp = ^uint64(0)

// tooLate reports whether a worker has been in the same call for the given number of looks.
func (k *worker) tooLate(parts int) bool {
	at := k.step.Load()
	if at%2 == 0 || at != k.seen {
		k.seen, k.late = at, 0
		return false
	}
	k.late++
	return k.late >= parts
}

// run is the goroutine of a worker.
func (k *worker) run() {
	if k.crew.timed {
		// The time of a thread is that of this goroutine only while it stays on it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
	}
	begin := time.Duration(0)
	if k.crew.timed {
		begin = threadTime()
	}
	if !k.items() {
		if k.work.left != nil {
			k.work.left(k)
		}
		k.waits.remove(k.stuck)
		k.close()
		k.root.release()
		return
	}
	if k.crew.timed {
		k.spent = threadTime() - begin
	}
	k.root.release()
	k.crew.ended <- k
}

// items reads until nothing is left; false if the worker was given up.
func (k *worker) items() bool {
	w := k.work
	for k.from < k.to || k.claim() {
		if w.begin != nil {
			w.begin(k, k.to-k.from)
		}
		for ; k.from < k.to; k.from++ {
			i := k.from
			if i%politeness == 0 {
				runtime.Gosched()
			}
			if i%politeness == 0 || w.chunk == 1 {
				k.fail(k.ctx.Err())
			}
			if w.failed.Load() != nil {
				return true
			}
			if w.ready != nil {
				w.ready(k, i)
			}
			k.step.Add(1)
			w.read(k, i)
			if at := k.step.Load(); at == givenUp || !k.step.CompareAndSwap(at, at+1) {
				return false
			}
			w.keep(k, i)
			k.retry = false
		}
		if w.done != nil {
			w.done[k.chunk].Store(true)
		}
	}
	return true
}

// claim takes the next chunk; false if there is none left.
func (k *worker) claim() bool {
	w := k.work
	k.chunk = int(w.claimed.Add(1)) - 1
	if k.chunk*w.chunk >= w.items {
		return false
	}
	k.from, k.to = k.chunk*w.chunk, min((k.chunk+1)*w.chunk, w.items)
	return true
}

// fail ends the work if there is an error. It is for begin and keep.
func (k *worker) fail(err error) {
	if err != nil {
		first := err
		k.work.failed.CompareAndSwap(nil, &first)
	}
}

// beat is called by read where an item takes long: it tells that the worker does not wait. It is false
// if the worker was given up; then read is to return.
func (k *worker) beat() bool {
	at := k.step.Load()
	return at != givenUp && k.step.CompareAndSwap(at, at+2)
}

// rest is beat for who rests meanwhile, as long as it likes.
func (k *worker) rest(pause func() error) (goOn bool, err error) {
	at := k.step.Load()
	if at == givenUp || !k.step.CompareAndSwap(at, at+1) {
		return false, nil
	}
	defer k.step.Add(1)
	return true, pause()
}
