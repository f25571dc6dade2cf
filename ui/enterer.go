package ui

import (
	"context"
	"io"

	"nstui/nsenter"
)

// Enterer takes hold of processes to enter their namespaces. Its methods and those of what it returns
// are called from commands and goroutines, never while a message is handled.
type Enterer interface {
	Pin(ref nsenter.Ref) (Target, error)
}

// Target is a pinned process, see nsenter.Target.
type Target interface {
	Facts() *nsenter.Facts
	Check() error
	Look(inside bool, commandLine string) bool
	Explore(inside bool)
	Start(ctx context.Context, plan *nsenter.Plan, cols, rows int) (Session, error)
	Close()
}

// Session is a running shell, see nsenter.Session.
type Session interface {
	io.ReadWriter
	signalled
	PID() int
	// Shell returns the argument vector of what runs.
	Shell() []string
	Resize(cols, rows int) error
	Wait() nsenter.Status
	// Missed returns what of the plan's view could not be mounted.
	Missed() []*nsenter.StepError
	// Foreground returns the name of the program that has the shell's terminal, which may be anything; "" for
	// the shell itself, and where that cannot be known.
	Foreground() string
	Close() error
}

// signalled is what is done to the processes of a shell.
type signalled interface {
	// Interrupt does what ^C does, if that would have to wait behind input that nobody reads.
	Interrupt(idle <-chan struct{}) (done bool, err error)
	Continue() error
	Kill() error
}

// system enters the namespaces of real processes.
type system struct{}

func (system) Pin(ref nsenter.Ref) (Target, error) {
	t, err := nsenter.Pin(ref)
	if err != nil {
		return nil, err
	}
	return systemTarget{t}, nil
}

type systemTarget struct{ *nsenter.Target }

func (t systemTarget) Start(ctx context.Context, plan *nsenter.Plan, cols, rows int) (Session, error) {
	s, err := nsenter.Start(ctx, t.Target, plan, cols, rows)
	if err != nil {
		return nil, err
	}
	return s, nil
}
