package events

import (
	"errors"
	"os"

	"nstui/procscan/ns"
)

// What says what a Record is of.
type What uint8

// The records.
const (
	// Fork: a process or thread was born. PID is that of its process, TID its own: they are equal for a
	// process.
	Fork What = iota
	// Exit: a process or thread ends. TID equals PID for the first thread of a process, which may end
	// before the others: see Exec.
	Exit
	// Exec: it runs another program; Comm is its name from now on. A process whose first thread has
	// ended lives on if another thread executes, under the same pid and without a Fork.
	Exec
	// Rename: it has another name.
	Rename
	// Enter: it is in the namespaces of NS from now on. Each Fork is followed by one of these, too.
	Enter
)

// Record is what the kernel said of one task. It is valid until the function it was given to returns.
type Record struct {
	What     What
	PID, TID int
	PPID     int    // Fork: the process that forked; 0 if that is outside of our pid namespace
	Comm     string // Exec, Rename: at most 15 bytes, as the process set it
	// NS are the inode numbers of Enter, zero for those the kernel does not tell, such as time.
	NS ns.Tuple
}

// ErrClosed is returned by a stream that was closed.
var ErrClosed = errors.New("events are closed")

// Stream is the kernel's word of what happens, from when it was opened on. It is for one goroutine.
type Stream struct {
	rings []*ring
	pages int // of data in each ring
	// online is the list of processors that run, and seen what it said when the rings were opened.
	online *os.File
	seen   string
	buf    []byte // for a record that wraps, and for the list
	rec    Record
	names  map[string]string // names already made a string of
	err    error             // why nothing is heard any more
}

// Open begins to listen on every processor that runs. It fails where the kernel does not allow it, with
// an error that says on which processor and what was asked for; its cause is the error number.
func Open() (*Stream, error) { return open(defaultPages(), onlineFile) }

// open is Open with rings of so many pages, a power of two, or fewer.
func open(pages int, onlineFile string) (*Stream, error) {
	s := &Stream{pages: pages, buf: make([]byte, maxSize), names: make(map[string]string)}
	// Where there is no sysfs, processors that come and go are not noticed.
	s.online, _ = os.Open(onlineFile)
	s.changed()
	if err := s.openRings(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Drain calls f for all that has happened since the last call, causes before their effects. What
// happens while it runs may be left for the next call. lost says whether there was more than the rings
// could hold, or a processor came or went: then everything has to be looked at again. It makes one
// system call, and no allocation per record.
//
// An error is final: nothing is heard any more, and the stream can only be closed.
func (s *Stream) Drain(f func(*Record)) (lost bool, err error) {
	if s.err != nil {
		return false, s.err
	}
	lost = s.merge(f)
	if !s.changed() {
		return lost, nil
	}
	s.closeRings()
	s.err = s.openRings()
	return true, s.err
}

// merge delivers what is in the rings, and reports whether anything was lost.
//
// Records are delivered in the order of their times. But that one ring is looked at after another must
// not make an effect overtake its cause, so nothing is delivered that is later than all that was in the
// rings at a first look, and it is searched for in what is in them at a second look: whatever caused a
// record of the first look was written by then.
func (s *Stream) merge(f func(*Record)) (lost bool) {
	var until uint64
	for _, r := range s.rings {
		r.look()
		until = max(until, r.last())
	}
	for _, r := range s.rings {
		r.look()
		r.peek()
	}
	for {
		first := s.earliest()
		if first == nil || first.time > until {
			break
		}
		if s.parse(first) {
			f(&s.rec)
		}
		first.skip()
		first.peek()
	}
	for _, r := range s.rings {
		if r.commit() {
			lost = true
		}
	}
	return lost
}

// earliest returns the ring with the earliest record, nil if there is no record. There are no more
// rings than processors, and mostly a ring has many records in a row, so they are not kept sorted.
func (s *Stream) earliest() *ring {
	var first *ring
	for _, r := range s.rings {
		if r.size > 0 && (first == nil || r.time < first.time) {
			first = r
		}
	}
	return first
}

// Close ends it.
func (s *Stream) Close() {
	if errors.Is(s.err, ErrClosed) {
		return
	}
	s.err = ErrClosed
	s.closeRings()
	if s.online != nil {
		_ = s.online.Close() // it was only read
	}
}
