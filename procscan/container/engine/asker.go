package engine

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	leastInterval = 2 * time.Second  // between two questions to an engine
	sleepInterval = 10 * time.Second // between two looks at an engine that ends when nobody wants anything of it
	grace         = time.Second / 4  // beyond the patience, before a question is left to itself
)

// backOff is how long an engine is left alone after it did not answer as it should once, twice and more often.
var backOff = [...]time.Duration{5 * time.Second, 30 * time.Second, time.Minute}

// Asker asks the engines of a machine what their containers are called, and remembers what they said. It may be
// used by several goroutines at once, has none of its own while it is not asking, and needs no end.
type Asker struct {
	list     func() []Socket
	proc     string
	now      func() time.Time
	patience time.Duration

	known atomic.Pointer[Known]

	mu      sync.Mutex
	sockets map[Socket]*asked
	order   []Socket // as listed last
	changes int      // of states and of what is known
	told    int      // how many of them Ask has reported
}

// asked is what an Asker knows of a socket.
type asked struct {
	state      State
	busy       bool      // somebody is asking
	file       file      // which it was when it was last asked at; zero if at none
	next       time.Time // when it may be asked again
	failures   int       // in a row
	containers []Container
	lookout    lookout // of whoever is asking
}

// NewAsker returns one that asks the engines whose sockets are below root, "/" or "/proc/1/root", and the one of
// $DOCKER_HOST: see Sockets. It does nothing before it is told to ask.
func NewAsker(root string) *Asker {
	return newAsker(func() []Socket { return Sockets(root, os.Getenv("DOCKER_HOST")) })
}

// newAsker is NewAsker with another list of sockets, which is made whenever it is asked.
func newAsker(list func() []Socket) *Asker {
	a := &Asker{list: list, proc: "/proc", now: time.Now, patience: patience, sockets: make(map[Socket]*asked)}
	a.known.Store(&Known{})
	return a
}

// Known returns what the engines have said up to now. It is never nil, and looking at it costs nothing.
func (a *Asker) Known() *Known { return a.known.Load() }

// States returns what is known of each socket, in the order of Sockets. Those that are other names of one that
// is listed are left out.
func (a *Asker) States() []State {
	a.mu.Lock()
	defer a.mu.Unlock()
	var states []State
	for _, s := range a.order {
		if one := a.sockets[s]; one != nil && one.state.Status != twin {
			states = append(states, one.state)
		}
	}
	return states
}

// Ask asks all engines at once, but none more often than every two seconds, or ten if systemd starts it, nor one
// that failed before its time has come, and reports whether Known or States have changed since it last said so. It returns when all have
// answered or had their second, or as soon as the context has ended. Then nothing of it is left, save for a
// socket whose path hangs, which is left alone until it does no more. It is for a goroutine of its own, neither
// the screen's nor the scan's. If it is called while it runs, nobody is asked twice.
func (a *Asker) Ask(ctx context.Context) bool {
	due, held := a.due()
	claims := claims{files: held}
	done := make(chan struct{}, len(due))
	for _, s := range due {
		open := func() (*door, error) { return claims.open(s) }
		if s.UID == 0 && !s.Given {
			// Only root could have put it there, so opening it does not hang, and of two names of one file it is
			// always the same that comes first.
			d, err := open()
			open = func() (*door, error) { return d, err }
		}
		go func() {
			a.ask(ctx, s, open)
			done <- struct{}{}
		}()
	}
	a.wait(ctx, due, done)
	a.mu.Lock()
	defer a.mu.Unlock()
	changed := a.changes != a.told
	a.told = a.changes
	return changed
}

// wait waits until all have answered, and no longer than that may take.
func (a *Asker) wait(ctx context.Context, due []Socket, done <-chan struct{}) {
	late := time.NewTimer(a.patience + grace)
	defer late.Stop()
	ended := ctx.Done()
	for left := len(due); left > 0; {
		select {
		case <-done:
			left--
		case <-ended:
			// Who has opened the socket already ends at once; a path may hang.
			ended = nil
			late.Reset(grace)
		case <-late.C:
			a.leave(due)
			return
		}
	}
}

// due takes over the sockets whose time has come, and forgets those that are gone. held are the files of the
// others: another name of one of these is not asked in its place while it is left alone.
func (a *Asker) due() (due []Socket, held map[file]bool) {
	listed := a.list()
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	a.order = listed
	held = make(map[file]bool)
	for _, s := range listed {
		one := a.sockets[s]
		if one == nil {
			one = &asked{state: State{Socket: s, Since: now}, lookout: lookout{proc: a.proc}}
			a.sockets[s] = one
		}
		if !one.busy && !now.Before(one.next) {
			one.busy = true
			due = append(due, s)
		} else if one.file != (file{}) {
			held[one.file] = true
		}
	}
	before := len(a.sockets)
	maps.DeleteFunc(a.sockets, func(s Socket, one *asked) bool { return !one.busy && !slices.Contains(listed, s) })
	if len(a.sockets) != before {
		a.publish()
	}
	return due, held
}

// twin is the status of a socket that is another name of one that is asked already.
const twin Status = 255

// file is the socket file behind a name, whatever links lead there.
type file struct{ dev, ino uint64 }

// claims are the files that somebody asks at.
type claims struct {
	mu    sync.Mutex
	files map[file]bool
}

// open opens the socket, unless it was opened under another name.
func (c *claims) open(s Socket) (*door, error) {
	d, err := s.open()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	at := file{d.dev, d.ino}
	if c.files[at] {
		d.close()
		return nil, s.fail(twin, errors.New("it is another name of a socket that is asked"))
	}
	c.files[at] = true
	return d, nil
}

// ask asks at a socket, which is busy, and notes the result.
func (a *Asker) ask(ctx context.Context, s Socket, open func() (*door, error)) {
	a.mu.Lock()
	one := a.sockets[s]
	a.mu.Unlock()
	var list []Container
	d, err := open()
	a.hold(one, d)
	if err == nil {
		list, err = s.list(ctx, d, &one.lookout, a.patience)
		d.close()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	one.busy = false
	var failed *Error
	switch {
	case err == nil:
		a.answered(one, list)
	case errors.As(err, &failed):
		a.failed(one, failed)
	} // or else the context has ended
}

// hold notes at which file a socket is asked; nil is at none.
func (a *Asker) hold(one *asked, d *door) {
	a.mu.Lock()
	defer a.mu.Unlock()
	one.file = file{}
	if d != nil {
		one.file = file{d.dev, d.ino}
	}
}

// answered notes a list.
func (a *Asker) answered(one *asked, list []Container) {
	now := a.now()
	a.set(one, Answered, nil, now)
	one.failures, one.next = 0, now.Add(leastInterval)
	if one.lookout.pid != 0 {
		// systemd has started it, and podman ends 5 s after the last question: see podman-system-service(1).
		one.next = now.Add(sleepInterval)
	}
	slices.SortFunc(list, func(x, y Container) int { return strings.Compare(x.ID, y.ID) })
	if !slices.EqualFunc(one.containers, list, Container.equal) {
		one.containers = list
		a.publish()
	}
}

// failed notes an error. What the engine said before is kept as long as the socket is its: containers are not
// called otherwise because it hangs or does not run.
func (a *Asker) failed(one *asked, err *Error) {
	now := a.now()
	a.set(one, err.Status, err, now)
	switch err.Status {
	case Silent, Wrong:
		one.next = now.Add(backOff[min(one.failures, len(backOff)-1)])
		one.failures++
		return
	case Asleep:
		one.next = now.Add(sleepInterval)
	case Foreign, twin:
		if one.containers != nil {
			one.containers = nil
			a.publish()
		}
		fallthrough
	default:
		one.next = now.Add(leastInterval)
	}
	one.failures = 0
}

// leave notes which sockets did not even open in time. Whoever waits for them will say what came of it.
func (a *Asker) leave(due []Socket) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range due {
		if one := a.sockets[s]; one != nil && one.busy {
			a.set(one, Silent, s.fail(Silent, errors.New("opening it takes too long")), a.now())
		}
	}
}

// set notes a state, and since when it has been so.
func (a *Asker) set(one *asked, status Status, err error, now time.Time) {
	if one.state.Status != status {
		one.state.Since = now
		a.changes++
	}
	one.state.Status, one.state.Err = status, err
}

// publish makes what all sockets said into what is known.
func (a *Asker) publish() {
	known := &Known{byID: make(map[string][]Container)}
	for _, s := range a.order {
		if one := a.sockets[s]; one != nil {
			for _, c := range one.containers {
				known.byID[c.ID] = append(known.byID[c.ID], c)
			}
		}
	}
	a.known.Store(known)
	a.changes++
}
