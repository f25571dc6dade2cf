package procscan

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// politeness is after how many items a worker lets other goroutines run. The system calls of a scan
// hold the processor, so without it the screen would be late by tens of milliseconds wherever the
// workers have all the processors there are.
const politeness = 16

// chunk is how many items a worker takes at once: few, because at the end all wait for the last one.
const chunk = 16

// work is a number of items, each to be done once.
type work struct {
	items int
	do    func(r *reader, i int)
	// begin, if not nil, is called before each chunk with how many items it has.
	begin func(r *reader, items int)
	// between, if not nil, is called in the goroutine of the caller now and then, with the number of
	// items from the first on that are all done.
	between func(finished int)

	claimed atomic.Int64 // chunks
	done    []atomic.Bool
	stopped atomic.Bool
}

// share deals the work out to as many workers as may run at once, the caller being one of them, and
// returns when it is done. It fails only if the context ends.
func (p *pass) share(ctx context.Context, w *work) error {
	workers := p.s.workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	chunks := (w.items + chunk - 1) / chunk
	w.done = make([]atomic.Bool, chunks)
	var others sync.WaitGroup
	for worker := 1; worker < min(workers, chunks); worker++ {
		r := p.reader(worker)
		others.Go(func() {
			for w.next(ctx, r) {
				continue
			}
		})
	}
	finished := 0
	for r := p.reader(0); w.next(ctx, r); {
		if w.between == nil {
			continue
		}
		for finished < chunks && w.done[finished].Load() {
			finished++
		}
		w.between(min(finished*chunk, w.items))
	}
	others.Wait()
	if err := ctx.Err(); err != nil && w.stopped.Load() {
		return fmt.Errorf("scan %s: %w", p.s.root, err)
	}
	return nil
}

// next does one chunk. It returns false when there is none left, or the context has ended.
func (w *work) next(ctx context.Context, r *reader) bool {
	number := int(w.claimed.Add(1)) - 1
	if number >= len(w.done) {
		return false
	}
	from, to := number*chunk, min(number*chunk+chunk, w.items)
	if w.begin != nil {
		w.begin(r, to-from)
	}
	for i := from; i < to; i++ {
		if i%politeness == 0 {
			if ctx.Err() != nil {
				w.stopped.Store(true)
				return false
			}
			runtime.Gosched()
		}
		w.do(r, i)
	}
	w.done[number].Store(true)
	return true
}
