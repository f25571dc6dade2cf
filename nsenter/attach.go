package nsenter

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"

	"golang.org/x/sys/unix"
)

// passedOn are the signals that Run passes on to the program. Those a terminal sends are not among them:
// it sends them to the program, too.
var passedOn = []os.Signal{unix.SIGHUP, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2, unix.SIGALRM, unix.SIGCONT}

// fromTerminal are those a terminal sends to all in its foreground. Without one they are passed on.
var fromTerminal = []os.Signal{unix.SIGINT, unix.SIGQUIT}

// Run runs what the plan says on the caller's standard input, output and error, and returns how it ended.
// It is in the caller's session and process group. Signals that are sent to the caller are passed on; when
// the program stops, so does the caller. What of the plan's view could not be mounted is told once the
// program runs. Errors are those of Start.
func Run(ctx context.Context, t *Target, p *Plan, tell func(*StepError)) (_ Status, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("enter %s: %w", p.Target, err)
		}
	}()
	if Nested() {
		return Status{}, ErrNested
	}
	signals := make(chan os.Signal, 16)
	for _, sig := range append(passedOn, fromTerminal...) {
		if !signal.Ignored(sig) { // as under nohup(1)
			signal.Notify(signals, sig)
		}
	}
	defer signal.Stop(signals)
	started, caught, err := t.runOrStop(ctx, p, signals)
	if err != nil {
		if caught != 0 && errors.Is(err, context.Canceled) {
			return Status{Signal: caught, Code: 128 + int(caught)}, nil
		}
		return Status{}, err
	}
	for _, missed := range started.missed {
		tell(missed)
	}
	pid := started.pid
	child, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		_ = unix.Kill(pid, unix.SIGKILL) // a child nobody has waited for can be killed
		wait(pid, 0)
		return Status{}, fmt.Errorf("open a pidfd of the program: %w", err)
	}
	defer unix.Close(child)
	if caught != 0 { // it came just when the program began to run
		pass(child, caught)
	}
	ended := make(chan Status, 1)
	go func() { ended <- follow(pid) }()
	for {
		select {
		case status := <-ended:
			return status, nil
		case sig := <-signals:
			pass(child, sig)
		}
	}
}

// runOrStop starts the program, which may take for ever: one of the signals calls it off, and is returned.
func (t *Target) runOrStop(ctx context.Context, p *Plan, signals <-chan os.Signal) (s *started, caught unix.Signal, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s, err = t.run(ctx, p)
	}()
	for {
		select {
		case <-done:
			return s, caught, err
		case sig := <-signals:
			if number, ok := sig.(unix.Signal); ok && number != unix.SIGCONT && caught == 0 {
				caught = number
				cancel()
			}
		}
	}
}

// run starts the program.
func (t *Target) run(ctx context.Context, p *Plan) (*started, error) {
	t.open.RLock()
	defer t.open.RUnlock()
	if err := t.check(); err != nil {
		return nil, err
	}
	return t.enter(ctx, p, [3]*os.File{os.Stdin, os.Stdout, os.Stderr})
}

// pass passes a signal on to the child, unless the terminal has sent it to both.
func pass(pidfd int, sig os.Signal) {
	number, ok := sig.(unix.Signal)
	if !ok || (number == unix.SIGINT || number == unix.SIGQUIT) && inForeground() {
		return
	}
	_ = unix.PidfdSendSignal(pidfd, number, nil, 0) // it may have ended
}

// inForeground reports whether the caller is in the foreground of its terminal.
func inForeground() bool {
	tty, err := unix.Open("/dev/tty", unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	if err != nil {
		return false
	}
	defer unix.Close(tty)
	group, err := unix.IoctlGetInt(tty, unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// follow waits for the end of the child. When it stops, the caller stops as well; the signal that lets the
// caller go on is passed on to the child, or was sent to both.
func follow(pid int) Status {
	for {
		status := wait(pid, unix.WUNTRACED)
		if !status.Stopped {
			return status
		}
		// The terminal may have stopped and continued both meanwhile.
		if stopped(pid) {
			_ = unix.Kill(unix.Getpid(), unix.SIGSTOP) // it takes hold of all threads after it has returned
		}
	}
}

// stopped reports whether a process is stopped now.
func stopped(pid int) bool {
	dir, err := unix.Open("/proc/"+strconv.Itoa(pid), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return !errors.Is(err, unix.ENOENT) // without a /proc: believe what was told
	}
	defer unix.Close(dir)
	stat, err := readStat(dir)
	return err == nil && stat.stopped
}
