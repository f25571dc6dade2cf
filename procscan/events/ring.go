package events

import (
	"encoding/binary"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// ring is the memory the kernel writes the records of one processor into, see perf_event_open(2), "MMAP
// layout". Positions count bytes from the beginning and never go back: the place of one in the data is
// its remainder by the length, which is a power of two.
type ring struct {
	page *unix.PerfEventMmapPage
	data []byte
	// memory is all of it, fd the event; they are what is left to close.
	memory []byte
	fd     int

	head uint64 // where the kernel was at the last look
	next uint64 // position of the record peeked at
	size uint64 // its length; 0 if there is none
	time uint64 // when it was written: nanoseconds of CLOCK_MONOTONIC
	lost bool
}

const (
	headerSize = 8 // type u32, misc u16, size u16
	timeSize   = 8 // at the end of each record, by sample_id_all
	// maxSize is more than any record has.
	maxSize = 1 << 16
	// roomy is more than any record has that is asked for: a name has 16 bytes, and there are at most a
	// dozen namespaces. Where less than this is free, a record may not have found room.
	roomy = 256
)

// look asks the kernel how far it is.
func (r *ring) look() { r.head = atomic.LoadUint64(&r.page.Data_head) }

// last returns the time of the last record there is, 0 if there is none.
func (r *ring) last() (last uint64) {
	start, before := r.next, r.time
	for r.peek(); r.size > 0; r.peek() {
		last = r.time
		r.skip()
	}
	r.next, r.time = start, before
	return last
}

// peek finds the size and time of the next record. What is no record must not be read on: the rest of
// the ring is given up as lost.
func (r *ring) peek() {
	r.size = 0
	left := r.head - r.next
	if left == 0 {
		return
	}
	if left < headerSize+timeSize {
		r.giveUp()
		return
	}
	// Records are aligned to 8 bytes, so that neither their header nor their time ever wraps.
	mask := uint64(len(r.data) - 1)
	size := uint64(binary.NativeEndian.Uint16(r.data[r.next&mask+6:]))
	if size < headerSize+timeSize || size%8 != 0 || size > left || size > uint64(len(r.data)) {
		r.giveUp()
		return
	}
	r.size = size
	written := binary.NativeEndian.Uint64(r.data[(r.next+size-timeSize)&mask:])
	// The order within a ring is right whatever the clock did.
	r.time = max(r.time, written)
}

// giveUp skips all there is.
func (r *ring) giveUp() {
	r.next, r.size, r.lost = r.head&^7, 0, true
}

// skip goes on to the next record.
func (r *ring) skip() { r.next += r.size }

// record returns the record peeked at without its time: in the ring itself or, if it wraps, in buf.
func (r *ring) record(buf []byte) []byte {
	start := r.next & uint64(len(r.data)-1)
	size := r.size - timeSize
	if start+size <= uint64(len(r.data)) {
		return r.data[start : start+size]
	}
	n := copy(buf, r.data[start:])
	copy(buf[n:size], r.data)
	return buf[:size]
}

// commit gives what was read back to the kernel, and reports whether records of this ring were lost
// since the last time. The kernel writes a record of its own for that, but only with the next one that
// fits, which may never come; that the ring is full can be seen at once.
func (r *ring) commit() (lost bool) {
	used := atomic.LoadUint64(&r.page.Data_head) - atomic.LoadUint64(&r.page.Data_tail)
	atomic.StoreUint64(&r.page.Data_tail, r.next)
	lost = r.lost || used+roomy > uint64(len(r.data))
	r.lost = false
	return lost
}
