package events

import (
	"errors"

	"nstui/procscan/ns"
)

// What says what a Record is of.
type What uint8

// The records.
const (
	Fork   What = iota // a process or thread was born: PID is that of its process, TID its own
	Exit               // a process or thread ends: TID equals PID for a process
	Exec               // it runs another program; Comm is its name from now on
	Rename             // it has another name
	Enter              // it is in the namespaces of NS from now on; each fork is followed by one of these, too
)

// Record is what the kernel said of one task.
type Record struct {
	What     What
	PID, TID int
	PPID     int // Fork: the process that forked
	Comm     string
	// NS are the inode numbers the kernel tells, zero for those it does not, such as time.
	NS ns.Tuple
}

// ErrClosed is returned by a stream that was closed.
var ErrClosed = errors.New("events are closed")

// Stream is the kernel's word of what happens, from when it was opened on. It is for one goroutine.
type Stream struct{}

// Open begins to listen on every processor. It fails where the kernel does not allow it, with an error that
// says what was asked for.
func Open() (*Stream, error) { return nil, errors.ErrUnsupported }

// Drain calls f for all that has happened since the last call, in order for each task. lost says
// whether there was more than the buffers could hold: then everything has to be looked at again.
func (s *Stream) Drain(f func(*Record)) (lost bool, err error) {
	_ = f
	return false, ErrClosed
}

// Close ends it.
func (s *Stream) Close() {}
