package procscan

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
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

// Live keeps a picture of a proc root up to date, at nearly no cost where nothing changes. Its
// methods may be called from any goroutine.
//
// Where the kernel tells what happens (see package events), a refresh reads the processes it told
// of and no others: the births, ends, execs and namespaces in the picture are those of the refresh.
// Elsewhere a refresh lists the proc root, which tells births and ends, and looks again at those
// processes somebody looks at and at a tenth of the others, so that a setns(2) or exec(2) is seen
// after at most ten. Both look again at some in turn for what neither tells: users, titles, control
// groups and time namespaces.
//
// A process is the same as long as its directory has the same inode number, which the listing gives
// for free. Under memory pressure the kernel gives directories new numbers, so where one differs the
// start of the process decides.
//
// Whether a process runs or sleeps, and what a worker of the kernel calls itself, changes all the
// time and makes no new snapshot: it is as old as the last look at the process that saw something
// else change.
type Live struct {
	scanner *Scanner

	// busy holds one token while a refresh runs; it guards what follows.
	busy    chan struct{}
	picture picture
	sources sources
	texts   texter
	// patience is how long one system call may take but for the first refresh.
	patience time.Duration

	// mu guards what is asked for from other goroutines.
	mu     sync.Mutex
	status Status
	looked []ProcID
	last   *Snapshot // what was returned last
	found  *finding  // what a deep pass found since
}

// NewLive returns a Live that has read nothing yet.
func NewLive(o Options) *Live {
	o.Kinds = 0
	s := New(o)
	texts := textWork((*reader).texts)
	texts.workers = 1 // they are few, and the screen has its own to do
	return &Live{
		scanner: s,
		busy:    make(chan struct{}, 1),
		sources: sources{open: openEvents},
		texts:   texter{texting: texts, waits: &s.waits, most: textsNew},
		status:  Status{Why: "nothing is read yet"},

		patience: textPatience,
	}
}

// Refresh brings the picture up to date and returns it: the very same snapshot if nothing has
// changed. The first may take long; show, if it is not nil, gets what has been read so far, several
// times, in the goroutine of the caller.
//
// The first returns all processes and namespaces and as many texts as it may read, those somebody
// looks at and those of the leaders of namespaces first; the refreshes after it read the rest. What
// of Want is complete is in Snapshot.Read. It fails only if the proc root cannot be read or the
// context ends, and may be called again then. Calls at the same time wait for each other.
func (l *Live) Refresh(ctx context.Context, show func(*Snapshot)) (*Snapshot, error) {
	select {
	case l.busy <- struct{}{}:
		defer func() { <-l.busy }()
	case <-ctx.Done():
		return nil, fmt.Errorf("scan %s: %w", l.scanner.root, ctx.Err())
	}
	// The time of a thread is that of this goroutine only while it stays on it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	begin, spent := time.Now(), threadTime()

	fd, err := l.scanner.openRoot()
	if err != nil {
		return nil, err
	}
	root := newRootDir(l.scanner.sys, fd)
	defer root.release()
	crew := l.picture.from(l.scanner, root)

	first := !l.picture.begun
	if first {
		crew.patience, crew.every = max(l.patience, l.scanner.patience), l.scanner.every
		err = l.first(ctx, show)
	} else {
		err = l.again(ctx)
	}
	crew.patience = l.patience
	if err != nil {
		return nil, err
	}
	if err := l.readTexts(ctx); err != nil {
		return nil, err
	}
	if err := l.publish(ctx, begin); err != nil {
		return nil, err
	}
	l.account(threadTime()-spent+crew.spent, first)
	return l.picture.snap, nil
}

// first reads everything. The kernel is asked to tell what happens before the first process is read,
// so that nothing falls between.
func (l *Live) first(ctx context.Context, show func(*Snapshot)) error {
	p := &l.picture
	scan := &pass{s: l.scanner, began: time.Now(), crew: p.crew}
	var err error
	if scan.host, err = p.crew.host(ctx); err != nil {
		return fmt.Errorf("scan %s: %w", l.scanner.root, err)
	}
	p.host = &scan.host
	l.sources.begin(p.host)
	p.watchMounts()
	if scan.entries, err = p.crew.list(ctx, nil); err != nil {
		return fmt.Errorf("scan %s: %w", l.scanner.root, err)
	}
	l.scanner.done.Store(0)
	l.scanner.total.Store(int64(len(scan.entries)))
	if err := scan.readProcesses(ctx, show); err != nil {
		return err
	}
	p.begin(scan)
	// What is mounted here already is not to appear with the next thing that is.
	if err := p.readOwnMounts(ctx); err != nil {
		return err
	}
	l.sources.listed = time.Now()
	// Who leads a namespace is to be known when the texts are read.
	return l.publish(ctx, scan.began)
}

// always is what every snapshot of a Live has.
const always = Owners | NetIDs

// again finds out what may have changed, and looks at that.
func (l *Live) again(ctx context.Context) error {
	p := &l.picture
	if l.sources.hear(p) {
		p.markAll()
	}
	due := time.Since(l.sources.listed) >= resync
	if due {
		h, err := p.crew.host(ctx)
		if err != nil {
			return fmt.Errorf("scan %s: %w", l.scanner.root, err)
		}
		p.setHost(h)
	}
	if due || l.sources.mode == Polling {
		if err := p.list(ctx); err != nil {
			return fmt.Errorf("scan %s: %w", l.scanner.root, err)
		}
	}
	if due {
		l.sources.listed = time.Now()
	}
	p.markYoung()
	p.markHeld()
	l.sources.verify(p, l.looks())
	if err := p.look(ctx); err != nil {
		return err
	}
	return l.readHoldings(ctx)
}

// resync is how often the processes are listed though the kernel tells of them, and how often the root
// is asked for what hardly ever changes.
const resync = 30 * time.Second

// looks returns the processes somebody looks at.
func (l *Live) looks() []ProcID {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.looked
}

// share is the part of a core that refreshes may use: 1/share.
const share = 20

// account says what the refresh cost. The first is of no use to tell what the next will cost.
func (l *Live) account(cost time.Duration, first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &l.status
	s.Mode, s.Why, s.Lost = l.sources.mode, l.sources.why, l.sources.lost
	s.At, s.Cost = time.Now(), cost
	l.last = l.picture.snap
	s.Pause = cost * (share - 1)
	if first {
		s.Pause = 0
	}
}

// threadTime returns the processor time the calling thread has used, see clock_gettime(2).
func threadTime() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts); err != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}

// Look says which processes somebody looks at: their texts are read first, and again each time.
func (l *Live) Look(ids []ProcID) {
	// The caller goes on using what it gave.
	ids = slices.Clone(ids)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.looked = ids
}

// Status returns how fresh the picture is.
func (l *Live) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status
}

// Progress returns how many processes the first refresh has read so far, and of how many. The total is
// zero until the proc root is listed.
func (l *Live) Progress() (done, total int) { return l.scanner.Progress() }

// Inspect reads more about one process, see [Scanner.Inspect].
func (l *Live) Inspect(ctx context.Context, id ProcID) (Detail, error) {
	return l.scanner.Inspect(ctx, id)
}

// Close ends the events, after the refresh that runs, unless that is stuck: then it is left as it is.
// The Live must not be used afterwards.
func (l *Live) Close() {
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case l.busy <- struct{}{}:
	case <-late.C:
		return
	}
	defer func() { <-l.busy }()
	l.sources.close()
	l.picture.close()
}
