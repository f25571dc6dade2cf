package ui

import (
	"path/filepath"
	"slices"
	"strconv"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/procscan/ns"
)

// WayInto returns by what a namespace can be entered that no process is in: a file that holds it, or a
// socket; false if nothing is known that does. A mount somewhere else is the last resort: the way to it is
// by the root directory of a process, which takes more rights than its descriptors. The snapshot is the
// one the namespace is of, and as good as what was looked for in it: see procscan.Deep.
func WayInto(snap *procscan.Snapshot, n *procscan.Namespace) (nsenter.Ref, bool) {
	keepers := slices.Clone(n.Keepers)
	sortKeepers(snap, keepers)
	for _, elsewhere := range []bool{false, true} {
		for _, k := range keepers {
			if (k.By == procscan.ByMount && !mountedHere(snap, k)) == elsewhere {
				if ref, ok := wayBy(snap, n.ID, k); ok {
					return ref, true
				}
			}
		}
	}
	return nsenter.Ref{}, false
}

// wayBy returns how a namespace is entered by what keeps it, if it can be.
func wayBy(snap *procscan.Snapshot, id ns.ID, k procscan.Keeper) (ref nsenter.Ref, ok bool) {
	in := &ref.Sources[id.Kind]
	in.Is = id.Ino
	if mountedHere(snap, k) {
		in.File = k.Path
		return ref, true
	}
	if p := snap.ByPID(k.Proc.PID); p == nil || p.ID() != k.Proc {
		return ref, false
	}
	of := func(rest ...string) string {
		return filepath.Join(append([]string{snap.Root, strconv.Itoa(k.Proc.PID)}, rest...)...)
	}
	switch k.By {
	case procscan.ByMount:
		in.File = of("root", k.Path)
	case procscan.ByFile:
		in.File = of("fd", strconv.Itoa(k.Number))
	case procscan.ByThread:
		name := id.Kind.String()
		if id.Kind == ns.PID { // a thread is never in one of its own: its next child will be
			name += "_for_children"
		}
		in.File = of("task", strconv.Itoa(k.Number), "ns", name)
	case procscan.ByNext:
		in.File = of("ns", id.Kind.String()+"_for_children")
	case procscan.BySocket:
		ref.PID, ref.Start = k.Proc.PID, k.Proc.Start
		in.Socket = nsenter.Descriptor{Set: true, FD: k.Number}
	case procscan.ByChild, procscan.ByOwned:
		return ref, false
	}
	return ref, true
}
