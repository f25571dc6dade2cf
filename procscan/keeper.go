package procscan

import (
	"context"

	"nstui/procscan/ns"
)

// holding is one reason why a namespace is alive.
type holding struct {
	id ns.ID
	// keeper is that reason. With bare nothing is known to keep the namespace: the kernel alone told
	// of it, and keeper is empty.
	keeper Keeper
	bare   bool
}

// pacer is called between slices of work of a few milliseconds at most. It may take its time, to let
// the work use but a share of a core; it returns an error when the work is to end. A nil pacer means
// full speed.
type pacer func(context.Context) error
