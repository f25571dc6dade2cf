package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"

	"nstui/nsenter"
)

// drainTime is how long output may come after the program has ended: what it left in the background may
// keep its terminal open.
const drainTime = 200 * time.Millisecond

// relay runs the plan on a terminal of its own and shows that on ours, as if it was ours. What runs in
// there finds its terminal by name where the mount namespace is entered, and cannot type into ours.
func relay(ctx context.Context, target *nsenter.Target, plan *nsenter.Plan, tell func(*nsenter.StepError)) (status nsenter.Status, err error) {
	cols, rows, err := term.GetSize(os.Stdin.Fd())
	if err != nil {
		return status, fmt.Errorf("read the size of the terminal: %w", err)
	}
	session, err := nsenter.Start(ctx, target, plan, cols, rows)
	if err != nil {
		return status, err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	for _, missed := range session.Missed() {
		tell(missed)
	}
	state, err := term.MakeRaw(os.Stdin.Fd())
	if err != nil {
		return status, errors.Join(fmt.Errorf("put the terminal into raw mode: %w", err), session.Kill())
	}
	defer func() { err = errors.Join(err, term.Restore(os.Stdin.Fd(), state)) }()

	// Until here a signal ended us, and the closed terminal of the program ended that.
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGWINCH, syscall.SIGHUP, syscall.SIGTERM)
	defer signal.Stop(signals)
	if err := handle(session, syscall.SIGWINCH); err != nil { // the size may have changed meanwhile
		return status, errors.Join(err, session.Kill())
	}

	// The copies end with the session; that from our terminal may wait for a key until the program ends.
	printed := make(chan struct{})
	go func() {
		defer close(printed)
		_, _ = io.Copy(os.Stdout, session) // what cannot be shown is lost, as on any terminal
	}()
	go func() { _, _ = io.Copy(session, os.Stdin) }()
	changes := make(chan nsenter.Status)
	go func() {
		for {
			s := session.Wait()
			changes <- s
			if !s.Stopped && !s.Continued {
				return
			}
		}
	}()
	for {
		select {
		case sig := <-signals:
			err = handle(session, sig)
		case status = <-changes:
			if status.Stopped {
				err = pause(session, state)
			} else if !status.Continued {
				drained(printed)
				return status, nil
			}
		}
		if err != nil {
			return status, errors.Join(err, session.Kill())
		}
	}
}

// drained waits until all output is shown, or long enough.
func drained(printed <-chan struct{}) {
	timer := time.NewTimer(drainTime)
	defer timer.Stop()
	select {
	case <-printed:
	case <-timer.C:
	}
}

// handle acts on a signal that was sent to us.
func handle(session *nsenter.Session, sig os.Signal) error {
	if sig != syscall.SIGWINCH {
		return session.Kill()
	}
	// Without an answer the terminal is gone, and the hangup follows.
	if cols, rows, err := term.GetSize(os.Stdin.Fd()); err == nil {
		return session.Resize(cols, rows)
	}
	return nil
}

// pause stops us with the program, on a terminal that is as it was, until both are continued.
func pause(session *nsenter.Session, state *term.State) error {
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
	if err := handle(session, syscall.SIGWINCH); err != nil {
		return err
	}
	return session.Continue()
}
