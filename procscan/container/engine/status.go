package engine

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Status says what came of asking at a socket.
type Status uint8

// The states of a socket.
const (
	// Unasked: not yet.
	Unasked Status = iota
	// Answered: it listed its containers.
	Answered
	// Absent: there is no such file.
	Absent
	// Dead: the file is there, and nobody listens.
	Dead
	// Asleep: systemd listens, and would start the engine for whoever connects, so nobody was asked.
	Asleep
	// Forbidden: this process may not ask.
	Forbidden
	// Foreign: the file is not what it should be, or belongs to somebody who is not to be believed.
	Foreign
	// Silent: it took the question, or not even that, and did not answer in time.
	Silent
	// Wrong: it answered something else than a list of containers.
	Wrong
)

// String is a word for messages and tests.
func (s Status) String() string {
	words := [...]string{"unasked", "answered", "absent", "dead", "asleep", "forbidden", "foreign", "silent", "wrong"}
	if int(s) < len(words) {
		return words[s]
	}
	return fmt.Sprintf("status %d", uint8(s))
}

// Error says what was asked of whom, and what came of it.
type Error struct {
	Socket Socket
	Status Status
	Err    error
}

// Error names the socket as this program sees it.
func (e *Error) Error() string {
	root := e.Socket.Root
	if root == "/" {
		root = ""
	}
	return fmt.Sprintf("ask %s at %s%s: %v", e.Socket.Engine, root, e.Socket.Path, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// fail is an Error of the socket.
func (s Socket) fail(status Status, err error) error {
	return &Error{Socket: s, Status: status, Err: err}
}

// statusOf tells from the error of a system call what the socket is like.
func statusOf(err error) Status {
	switch {
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR):
		return Absent
	case errors.Is(err, unix.ECONNREFUSED):
		return Dead
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return Forbidden
	case errors.Is(err, unix.ELOOP), errors.Is(err, unix.EPROTOTYPE):
		return Foreign
	case errors.Is(err, unix.EAGAIN), errors.Is(err, os.ErrDeadlineExceeded):
		return Silent
	}
	return Wrong
}

// State is what is known of a socket.
type State struct {
	Socket Socket
	Status Status
	Since  time.Time // when it was first found so
	Err    error     // the last *Error; nil if it answered
}

// Trouble reports whether a user should be told: an engine is there, and its containers have no names.
func (s State) Trouble() bool { return s.Status == Silent || s.Status == Wrong }

// String says it as a status line does: "docker: no answer since 12:04:07".
func (s State) String() string {
	what := map[Status]string{
		Unasked: "not asked yet", Answered: "answers", Absent: "not there", Dead: "does not run",
		Asleep: "does not run", Forbidden: "may not be asked", Foreign: "not to be trusted",
		Silent: "no answer", Wrong: "no list of containers",
	}[s.Status]
	if !s.Trouble() {
		return fmt.Sprintf("%v: %s", s.Socket, what)
	}
	return fmt.Sprintf("%v: %s since %s", s.Socket, what, s.Since.Format(time.TimeOnly))
}
