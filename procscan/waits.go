package procscan

import (
	"sync"
	"sync/atomic"
)

// waits are what is read and does not come, by what it is of, for as long as a goroutine waits for it:
// of a process, by its pid, or of a mount namespace, by its inode number below zero.
type waits struct {
	n  atomic.Int32
	mu sync.Mutex
	on map[int64]int
	// blind says that even what is known not to wait did, as with hidepid, see proc(5).
	blind atomic.Bool
}

// maxStuck is with how many goroutines that wait for ever nothing is asked any more that could make
// another. Each has a thread, and Go ends a program that has 10,000.
const maxStuck = 16

func (w *waits) add(pid int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.on == nil {
		w.on = make(map[int64]int)
	}
	w.on[pid]++
	w.n.Add(1)
}

func (w *waits) remove(pid int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.on[pid]--; w.on[pid] == 0 {
		delete(w.on, pid)
	}
	if w.n.Add(-1) == 0 {
		w.blind.Store(false)
	}
}

// doubt notes that even what is known not to wait did, if two goroutines wait for the same: the second asked
// for nothing else.
func (w *waits) doubt(of int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.on[of] > 1 {
		w.blind.Store(true) // under the lock, or the last that waits could have ended before
	}
}

// count returns how many goroutines wait for a process or a mount namespace.
func (w *waits) count(of int64) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.on[of]
}
