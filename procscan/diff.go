package procscan

import (
	"time"

	"nstui/procscan/ns"
)

// What says what a Change is.
type What uint8

// The changes between two snapshots.
const (
	Born     What = iota // a process that was not there
	Gone                 // a process that is no more
	Moved                // a process entered other namespaces, by setns(2) or unshare(2)
	Execed               // a process runs another program, or has another name
	Appeared             // a namespace that was not there
	Vanished             // a namespace that is no more
	NumWhat  = iota
)

// Change is one difference between two snapshots.
type Change struct {
	What What
	At   time.Time // when the later snapshot was made
	// Proc is the process as it is now, or as it was before it was gone; nil for namespaces.
	Proc *Process
	// Was is the process before, for Moved and Execed.
	Was *Process
	// Kinds are the kinds of the namespaces Proc left and entered, for Moved.
	Kinds ns.Set
	// Namespace is what appeared or vanished.
	Namespace ns.ID
}
