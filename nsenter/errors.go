package nsenter

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"nstui/procscan/ns"
)

// Why a target cannot be pinned, or is not any more what was pinned.
var (
	ErrGone   = errors.New("the process is gone")
	ErrZombie = errors.New("the process has ended and is a zombie: it has no namespaces to enter")
	ErrReused = errors.New("the pid belongs to another process now")
	ErrMoved  = errors.New("the process is in another namespace now")
	// ErrClosed is returned for a target that was let go of.
	ErrClosed = errors.New("the target is closed")
	// ErrNested is returned by Start and Run in a re-executed child: it would re-execute itself without end.
	ErrNested = errors.New("refusing to re-execute inside a re-executed child")
)

// Left reports whether the error says that a process is not any more what it was when it was seen.
func Left(err error) bool {
	return errors.Is(err, ErrGone) || errors.Is(err, ErrZombie) || errors.Is(err, ErrReused) || errors.Is(err, ErrMoved)
}

// StepError says which step of an entry failed, on what, and the kernel's reason.
type StepError struct {
	Step   Step
	What   string // the kind, the path or the id the step was about
	Target string // "pid 4183", or the file the namespace is from
	Errno  syscall.Errno
}

// Error returns such as "join mnt of pid 4183: operation not permitted".
func (e *StepError) Error() string {
	var b strings.Builder
	b.WriteString(e.Step.String())
	if e.What != "" {
		b.WriteString(" " + e.What)
	}
	if e.Step == StepJoin {
		b.WriteString(" of " + e.Target)
	}
	return b.String() + ": " + e.Errno.Error()
}

// Unwrap returns the errno.
func (e *StepError) Unwrap() error { return e.Errno }

// Hint returns in people's words what the errno means at this step, or "".
func (e *StepError) Hint() string {
	switch {
	case e.Step == StepJoin && e.Errno == syscall.EPERM:
		return "that needs root, or the owner of the user namespace it belongs to"
	case e.Step == StepJoin && e.Errno == syscall.EINVAL && e.What == ns.PID.String():
		return "a pid namespace can only be entered from one of its ancestors"
	case e.Step == StepJoin && e.Errno == syscall.EINVAL:
		return "this kernel cannot join it from here"
	case e.Step == StepFork && e.Errno == syscall.ENOMEM:
		return "the init process of its pid namespace has ended"
	case e.Step == StepExec && e.Errno == syscall.ENOENT:
		return "the file, or the interpreter it asks for, does not exist there"
	case e.Step == StepExec && e.Errno == syscall.EACCES:
		return "it may not be executed there"
	case e.Step == StepExec && e.Errno == syscall.ENOEXEC:
		return "it is not a program this machine can run"
	case (e.Step == StepSetUID || e.Step == StepSetGID) && e.Errno == syscall.EINVAL:
		return "that id is not mapped in its user namespace"
	}
	return ""
}

// Step is one step of an entry, as it is reported when it fails.
type Step uint32

// The steps.
const (
	StepStage Step = iota // before the list began
	StepSignals
	StepClose
	StepDumpable
	StepJoin
	StepRoot
	StepFork
	StepSession
	StepTTY
	StepSetGID
	StepSetUID
	StepExec
	StepCgroup
	StepLabel
	StepDir
	StepConfine
	StepCaps
	StepView
	StepFiles
	StepSys
	StepProc
	StepTree
)

var stepNames = [...]string{
	StepStage:    "start the child",
	StepSignals:  "reset signals",
	StepClose:    "close inherited descriptors",
	StepDumpable: "protect the child",
	StepJoin:     "join",
	StepRoot:     "change root to",
	StepFork:     "fork into the pid namespace",
	StepSession:  "start a session",
	StepTTY:      "take the terminal",
	StepSetGID:   "set gid",
	StepSetUID:   "set uid",
	StepExec:     "execute",
	StepCgroup:   "join cgroup",
	StepLabel:    "take on the security label",
	StepDir:      "change directory to",
	StepConfine:  "drop what the target does not have",
	StepCaps:     "keep capabilities",
	StepView:     "make a mount namespace for host tools",
	StepFiles:    "show the target's",
	StepSys:      "show the target's /sys",
	StepProc:     "show the target's /proc",
	StepTree:     "mount the host's tree in the target's mount namespace",
}

// String returns the step as the beginning of a sentence that goes on with its object.
func (s Step) String() string {
	if int(s) < len(stepNames) {
		return stepNames[s]
	}
	return fmt.Sprintf("step %d", uint32(s))
}
