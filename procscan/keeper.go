package procscan

import (
	"cmp"
	"slices"
	"sync"

	"nstui/procscan/mounts"
	"nstui/procscan/ns"
)

// holding is one reason why a namespace is alive.
type holding struct {
	id ns.ID
	// keeper is that reason. With bare nothing is known to keep the namespace: the kernel alone told
	// of it, and keeper is empty.
	keeper Keeper
	bare   bool
	// socket, for BySocket, is the inode number of the socket.
	socket uint64
	// mount, for ByMount and with bare, names the mount or the mount namespace; zero if not known.
	mount mounts.Number
}

// maxKeepers is how many keepers of one sort a namespace is given. A process may have a million
// descriptors of one namespace; that it is kept is said by the first, and more than these nobody
// reads. They are not even counted.
const maxKeepers = 64

// findings gathers what the goroutines of a deep pass find.
type findings struct {
	mu     sync.Mutex
	held   []holding
	counts map[keeping]int
	missed map[missKey]int
	later  []opened
	closed bool
}

// keeping is a namespace and one sort of its keepers.
type keeping struct {
	id ns.ID
	by Holder
}

type missKey struct {
	what Want
	why  Reason
}

func newFindings() *findings {
	return &findings{counts: make(map[keeping]int), missed: make(map[missKey]int)}
}

// add takes holdings unless there are enough of their sort, or nobody waits for more.
func (f *findings) add(held ...holding) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return
	}
	for _, h := range held {
		key := keeping{id: h.id, by: h.keeper.By}
		if h.bare {
			f.held = append(f.held, h)
		} else if f.counts[key] < maxKeepers {
			f.counts[key]++
			f.held = append(f.held, h)
		}
	}
}

// full reports whether no more holdings of that sort are taken.
func (f *findings) full(id ns.ID, by Holder) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts[keeping{id: id, by: by}] >= maxKeepers
}

// miss counts what could not be read.
func (f *findings) miss(what Want, why Reason) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed {
		f.missed[missKey{what, why}]++
	}
}

// missAll counts what could not be read.
func (f *findings) missAll(list []missKey) {
	for _, m := range list {
		f.miss(m.what, m.why)
	}
}

// take ends the gathering and returns what there is: sorted by namespace, and what was missed.
func (f *findings) take() ([]holding, []Miss) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	slices.SortStableFunc(f.held, func(a, b holding) int {
		return cmp.Or(
			compareID(a.id, b.id),
			cmp.Compare(a.keeper.By, b.keeper.By),
			cmp.Compare(a.keeper.Proc.PID, b.keeper.Proc.PID),
			cmp.Compare(a.keeper.Number, b.keeper.Number),
		)
	})
	missed := make([]Miss, 0, len(f.missed))
	for key, count := range f.missed {
		missed = append(missed, Miss{What: key.what, Reason: key.why, Count: count})
	}
	slices.SortFunc(missed, func(a, b Miss) int {
		return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.Reason, b.Reason))
	})
	return f.held, missed
}
