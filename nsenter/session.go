package nsenter

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"nstui/nsenter/stage"
)

// nested is set in the environment of a stage, and of nothing else. A program that sees it is a stage
// that was not recognised, and must not make another.
const nested = "NSTUI_STAGE"

// Nested reports whether this program is a re-executed child that did not become a stage.
func Nested() bool { return os.Getenv(nested) != "" }

// Session is a running shell and the master side of its pty. Its methods may be called from several
// goroutines.
type Session struct {
	pty    *os.File
	pid    int
	shell  []string
	missed []*StepError

	open  sync.RWMutex // held for reading while pidfd is in use
	pidfd int          // -1 once closed
	init  int          // O_PATH of the directory in /proc of the init process of its pid namespace; -1: not in another

	waiting sync.Mutex // held by Wait
	ended   *Status
}

// Status is a change in the life of a shell.
type Status struct {
	Stopped   bool           // it is stopped, by Signal; Continue lets it go on
	Continued bool           // it goes on after it was stopped
	Signal    syscall.Signal // that stopped or ended it, 0 if it exited
	Code      int            // its exit status; 128 and the signal's number if a signal ended it
	// InitEnded says that the init process of its pid namespace has ended, which kills all in it.
	InitEnded bool
}

// String returns such as "exited 3" or "ended by SIGKILL (137)".
func (s Status) String() string {
	switch {
	case s.Continued:
		return "continued"
	case s.Stopped:
		return "stopped by " + unix.SignalName(s.Signal)
	case s.InitEnded:
		return fmt.Sprintf("the container has ended (%d)", s.Code)
	case s.Signal != 0:
		return fmt.Sprintf("ended by %s (%d)", unix.SignalName(s.Signal), s.Code)
	}
	return fmt.Sprintf("exited %d", s.Code)
}

// Missed returns what of the plan's view could not be mounted.
func (s *Session) Missed() []*StepError { return s.missed }

// Shell returns the argument vector of what runs: of the plan's shells the first that could be executed.
func (s *Session) Shell() []string { return s.shell }

// PID returns the shell's pid in the caller's pid namespace.
func (s *Session) PID() int { return s.pid }

// Read reads what the shell prints. It returns io.EOF once nobody has the terminal open any more.
func (s *Session) Read(b []byte) (int, error) {
	n, err := s.pty.Read(b)
	if errors.Is(err, syscall.EIO) || errors.Is(err, os.ErrClosed) {
		return n, io.EOF
	}
	return n, err
}

// Write types into the shell. It blocks while the shell does not read, until Close or Interrupt.
func (s *Session) Write(b []byte) (int, error) {
	n, err := s.pty.Write(b)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return len(b), nil // thrown away by Interrupt
	}
	return n, err
}

// Resize tells the shell the size of its terminal in cells.
func (s *Session) Resize(cols, rows int) error { return resize(s.pty, cols, rows) }

// Wait returns when the shell stops, goes on or ends. Once it has ended every call returns the same at once.
func (s *Session) Wait() Status {
	s.waiting.Lock()
	defer s.waiting.Unlock()
	if s.ended != nil {
		return *s.ended
	}
	st := wait(s.pid, unix.WUNTRACED|unix.WCONTINUED)
	if !st.Stopped && !st.Continued {
		st.InitEnded = st.Signal == unix.SIGKILL && s.initEnded()
		s.ended = &st
	}
	return st
}

// initEnded reports whether the init process of the shell's pid namespace has ended, or is about to: it is
// the last to go, once all others in there have been waited for.
func (s *Session) initEnded() bool {
	s.open.RLock()
	defer s.open.RUnlock()
	if s.init < 0 {
		return false
	}
	stat, err := readStat(s.init)
	return err != nil || stat.zombie || stat.exiting
}

func wait(pid, options int) Status {
	var ws unix.WaitStatus
	for {
		_, err := unix.Wait4(pid, &ws, options, nil)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil: // ECHILD: somebody else waited for it
			return Status{Code: stage.ExitFailed}
		case ws.Continued():
			return Status{Continued: true}
		case ws.Stopped():
			return Status{Stopped: true, Signal: ws.StopSignal()}
		case ws.Signaled():
			return Status{Signal: ws.Signal(), Code: 128 + int(ws.Signal())}
		}
		return Status{Code: ws.ExitStatus()}
	}
}

// Continue lets a stopped shell go on.
func (s *Session) Continue() error {
	s.open.RLock()
	defer s.open.RUnlock()
	return s.signal(unix.SIGCONT)
}

// Signal sends a signal to the shell. Once it has ended that does nothing.
func (s *Session) Signal(sig syscall.Signal) error {
	s.open.RLock()
	defer s.open.RUnlock()
	return s.signal(sig)
}

// signal must be called with open held.
func (s *Session) signal(sig syscall.Signal) error {
	if s.pidfd < 0 {
		return nil
	}
	err := unix.PidfdSendSignal(s.pidfd, sig, nil, 0)
	if err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("signal the shell %d: %w", s.pid, err)
	}
	return nil
}

// killGrace is how long a shell has to end after the hangup.
const killGrace = time.Second

// Kill ends the shell as a closed terminal does: with a hangup, which shells pass on to their jobs. If
// that does not end it within a second it is killed. Its status is for Wait to tell.
func (s *Session) Kill() error {
	s.open.RLock()
	defer s.open.RUnlock()
	if err := s.signal(unix.SIGHUP); err != nil || s.pidfd < 0 {
		return err
	}
	_ = s.signal(unix.SIGCONT) // a stopped shell does not see the hangup otherwise
	fds := []unix.PollFd{{Fd: int32(s.pidfd), Events: unix.POLLIN}}
	deadline := time.Now().Add(killGrace)
	for left := killGrace; left > 0; left = time.Until(deadline) {
		n, err := unix.Poll(fds, int(left.Milliseconds())+1)
		if n > 0 {
			return nil
		}
		if err != nil && !errors.Is(err, unix.EINTR) {
			break
		}
	}
	return s.signal(unix.SIGKILL)
}

// Close lets go of the pty, which hangs up the shell if it still runs. It unblocks Read and Write. Wait
// still works afterwards, Kill and Continue do nothing. It may be called more than once.
func (s *Session) Close() error {
	s.open.Lock()
	defer s.open.Unlock()
	if s.pidfd < 0 {
		return nil
	}
	closeFD(&s.pidfd)
	closeFD(&s.init)
	if err := s.pty.Close(); err != nil {
		return fmt.Errorf("close the pty of the shell %d: %w", s.pid, err)
	}
	return nil
}
