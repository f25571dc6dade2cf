package test

import (
	"errors"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// watch is a process whose end a test waits for, that is not a child of the test.
type watch struct{ file *os.File }

// pidfd returns a watch of a process, see pidfd_open(2).
func pidfd(pid int) (*watch, error) {
	fd, err := unix.PidfdOpen(pid, unix.PIDFD_NONBLOCK)
	if err != nil {
		return nil, err
	}
	return &watch{os.NewFile(uintptr(fd), "pidfd")}, nil
}

// wait waits for the end of the process, until the deadline.
func (w *watch) wait(t *testing.T, deadline time.Time) {
	t.Helper()
	if !w.ends(t, deadline) {
		t.Fatal("a process that should have ended still runs")
	}
}

// ends reports whether the process ends before the deadline: a pidfd can be read from then on.
func (w *watch) ends(t *testing.T, deadline time.Time) bool {
	t.Helper()
	defer func() { _ = w.file.Close() }()
	fds := []unix.PollFd{{Fd: int32(w.file.Fd()), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(fds, max(0, int(time.Until(deadline).Milliseconds())))
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			t.Fatal(err)
		default:
			return n > 0
		}
	}
}
