package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"

	"nstui/nsenter"
)

// drainTime is how long output may take to be shown once a signal has told us to end.
const drainTime = 200 * time.Millisecond

// endings are the signals that end us, passed those that are for the program. That of a terminal that is
// gone is not among them: nobody may ignore it.
var (
	endings = []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM}
	passed  = []os.Signal{syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGALRM}
)

// relayed is a program on a terminal of its own that is shown on ours.
type relayed struct {
	session *nsenter.Session
	record  *recording
	signals chan os.Signal
	changes chan nsenter.Status // of the program; the last is its end
	printed chan struct{}       // closed when all output is shown
	tail    nsenter.Tail
	caught  syscall.Signal // that told us to end
}

// relay runs the plan on a terminal of its own and shows that on ours, as if it was ours. What runs in
// there finds its terminal by name where the mount namespace is entered, and cannot type into ours.
func relay(ctx context.Context, target *nsenter.Target, plan *nsenter.Plan, record *recording, tell func(*nsenter.StepError)) (status nsenter.Status, err error) {
	cols, rows, err := term.GetSize(os.Stdin.Fd())
	if err != nil {
		return status, fmt.Errorf("read the size of the terminal: %w", err)
	}
	r := &relayed{
		record:  record,
		signals: make(chan os.Signal, 16),
		changes: make(chan nsenter.Status),
		printed: make(chan struct{}),
	}
	defer signal.Stop(r.signals)
	early, err := r.start(ctx, func(ctx context.Context) (*nsenter.Session, error) {
		return nsenter.Start(ctx, target, plan, cols, rows)
	})
	if err != nil {
		if early != 0 && errors.Is(err, context.Canceled) {
			r.caught = early
			return r.ended(status), nil
		}
		return status, err
	}
	defer func() { err = errors.Join(err, r.session.Close()) }()
	for _, missed := range r.session.Missed() {
		tell(missed)
	}
	record.begin(plan, cols, rows)
	go r.follow()
	if early != 0 { // it came just when the program began to run
		r.notify()
		err = r.handle(early)
	}
	if err == nil {
		status, err = r.show()
	}
	if err == nil {
		return status, nil
	}
	err = errors.Join(err, r.session.Kill())
	for range r.changes { // until it has ended
	}
	return status, err
}

// start opens the session, which may take for ever: a signal calls that off, and is returned, so that what is
// recorded is put in order. Another one ends us, should that hang, too. From now on signals are caught.
func (r *relayed) start(ctx context.Context, open func(context.Context) (*nsenter.Session, error)) (early syscall.Signal, err error) {
	r.notify()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.session, err = open(ctx)
	}()
	for {
		select {
		case <-done:
			return early, err
		case sig := <-r.signals:
			if number, ok := sig.(syscall.Signal); ok && number != syscall.SIGWINCH && early == 0 {
				early = number
				signal.Stop(r.signals)
				cancel()
			}
		}
	}
}

// notify catches signals, but not those that whoever started us wants to be ignored.
func (r *relayed) notify() {
	signal.Notify(r.signals, syscall.SIGWINCH, syscall.SIGHUP)
	for _, sig := range append(endings, passed...) {
		if !signal.Ignored(sig) {
			signal.Notify(r.signals, sig)
		}
	}
}

// follow tells what becomes of the program.
func (r *relayed) follow() {
	defer close(r.changes)
	for {
		status := r.session.Wait()
		r.changes <- status
		if !status.Stopped && !status.Continued {
			return
		}
	}
}

// show shows the program on our terminal until it ends. The terminal is left as it was.
func (r *relayed) show() (status nsenter.Status, err error) {
	state, err := term.MakeRaw(os.Stdin.Fd())
	if err != nil {
		return status, fmt.Errorf("put the terminal into raw mode: %w", err)
	}
	defer func() { err = errors.Join(err, term.Restore(os.Stdin.Fd(), state)) }()
	if err := r.resize(); err != nil { // the size may have changed meanwhile
		return status, err
	}

	// The copies end with the session; that from our terminal may wait for a key until the program ends.
	go r.print()
	go func() { _, _ = io.Copy(r.session, os.Stdin) }()
	for {
		select {
		case sig := <-r.signals:
			err = r.handle(sig)
		case status = <-r.changes:
			switch {
			case status.Stopped && r.caught == 0:
				err = r.pause(state)
			case !status.Stopped && !status.Continued:
				r.drain()
				return r.ended(status), nil
			}
		}
		if err != nil {
			return status, err
		}
	}
}

// ended returns how we are to end: by the signal that told us to, else as the program did.
func (r *relayed) ended(status nsenter.Status) nsenter.Status {
	if r.caught != 0 {
		return nsenter.Status{Signal: r.caught, Code: 128 + int(r.caught)}
	}
	return status
}

// print shows what the program prints. What cannot be shown is lost, as on any terminal.
func (r *relayed) print() {
	defer close(r.printed)
	buf := make([]byte, 32<<10)
	for {
		n, err := r.tail.Read(r.session, buf)
		r.record.output(buf[:n])
		if _, writeErr := os.Stdout.Write(buf[:n]); err != nil || writeErr != nil {
			return
		}
	}
}

// drain waits until all that the program printed is shown. A terminal that takes nothing more holds us
// until a signal tells us to end.
func (r *relayed) drain() {
	r.tail.End(func() { _ = r.session.Close() }) // the descriptor is gone, whatever it says
	var limit <-chan time.Time
	if r.caught != 0 {
		limit = time.After(drainTime)
	}
	for {
		select {
		case <-r.printed:
			return
		case <-limit:
			return
		case sig := <-r.signals:
			_ = r.handle(sig) // the program has ended, and its terminal may be closed
			if r.caught != 0 && limit == nil {
				return
			}
		}
	}
}

// handle acts on a signal that was sent to us.
func (r *relayed) handle(sig os.Signal) error {
	number, ok := sig.(syscall.Signal)
	switch {
	case !ok:
		return nil
	case number == syscall.SIGWINCH:
		return r.resize()
	case slices.Contains(passed, sig):
		return r.session.Signal(number)
	}
	r.caught = cmp.Or(r.caught, number)
	return r.session.Kill()
}

// resize gives the program's terminal the size of ours.
func (r *relayed) resize() error {
	// Without an answer the terminal is gone, and the hangup follows.
	if cols, rows, err := term.GetSize(os.Stdin.Fd()); err == nil {
		r.record.resize(cols, rows)
		return r.session.Resize(cols, rows)
	}
	return nil
}

// pause stops us with the program, on a terminal that is as it was, until both are continued.
func (r *relayed) pause(state *term.State) error {
	if err := term.Restore(os.Stdin.Fd(), state); err != nil {
		return fmt.Errorf("restore the terminal: %w", err)
	}
	// The system call returns before all threads have stopped.
	resumed := make(chan os.Signal, 1)
	signal.Notify(resumed, syscall.SIGCONT)
	defer signal.Stop(resumed)
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGSTOP); err != nil {
		return fmt.Errorf("stop with the program: %w", err)
	}
	<-resumed
	if _, err := term.MakeRaw(os.Stdin.Fd()); err != nil {
		return fmt.Errorf("put the terminal into raw mode: %w", err)
	}
	if err := r.resize(); err != nil {
		return err
	}
	return r.session.Continue()
}
