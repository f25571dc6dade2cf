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

// Diff returns what happened between two snapshots of one proc root, the processes by pid and then
// the namespaces by kind and inode number. Of a pid or an inode number that went to another, the end
// of the first comes before the beginning of the second. Without both, or if one of them is a part
// of a first scan, nothing can be said and nothing is returned.
//
// Moved is only what was in one namespace and is in another: that namespaces were learnt, or are no
// longer told as of a zombie, is no move. Execed is another name (of a kernel thread that says only
// what it works at, and is not told), or an exec the kernel told a [Live] of. Other arguments under
// the same name are a title, which programs set as they like, and no change here.
//
// A namespace no process is in is found only if it is looked for: where the later snapshot looked
// for more than the earlier, those it found by that are not told to have appeared.
func Diff(old, now *Snapshot) []Change {
	if old == now || old == nil || now == nil || old.Part || now.Part {
		return nil
	}
	d := differ{old: old, now: now}
	d.processes()
	for k := range now.Namespaces {
		d.namespaces(old.Namespaces[k], now.Namespaces[k])
	}
	return d.changes
}

// finds is what finds namespaces no process is in.
const finds = Deep | Owners

// differ collects the changes between two snapshots.
type differ struct {
	old, now *Snapshot
	changes  []Change
}

func (d *differ) add(c Change) {
	c.At = d.now.At
	d.changes = append(d.changes, c)
}

// processes merges the two lists, which are sorted by pid. Processes that stayed as they were are
// shared, so for nearly all of them comparing the pointers is all there is to do.
func (d *differ) processes() {
	was, is := d.old.Procs, d.now.Procs
	for len(was) > 0 || len(is) > 0 {
		switch {
		case len(is) == 0 || len(was) > 0 && was[0].PID < is[0].PID:
			d.add(Change{What: Gone, Proc: was[0]})
			was = was[1:]
		case len(was) == 0 || is[0].PID < was[0].PID:
			d.add(Change{What: Born, Proc: is[0]})
			is = is[1:]
		default:
			if was[0] != is[0] {
				d.process(was[0], is[0])
			}
			was, is = was[1:], is[1:]
		}
	}
}

// process compares what is known of one pid.
func (d *differ) process(was, is *Process) {
	if was.Start != is.Start {
		d.add(Change{What: Gone, Proc: was})
		d.add(Change{What: Born, Proc: is})
		return
	}
	if kinds := was.NS.Differs(&is.NS); kinds != 0 {
		d.add(Change{What: Moved, Proc: is, Was: was, Kinds: kinds})
	}
	if was.execs != is.execs || was.Comm != is.Comm && !is.Kernel {
		d.add(Change{What: Execed, Proc: is, Was: was})
	}
}

// namespaces merges the two lists of one kind, which are sorted by inode number.
func (d *differ) namespaces(was, is []Namespace) {
	if len(was) == len(is) && (len(is) == 0 || &was[0] == &is[0]) {
		return // shared by both snapshots
	}
	for len(was) > 0 || len(is) > 0 {
		switch {
		case len(is) == 0 || len(was) > 0 && was[0].ID.Ino < is[0].ID.Ino:
			d.add(Change{What: Vanished, Namespace: was[0].ID})
			was = was[1:]
		case len(was) == 0 || is[0].ID.Ino < was[0].ID.Ino:
			if len(is[0].Members) > 0 || d.now.Read&^d.old.Read&finds == 0 {
				d.add(Change{What: Appeared, Namespace: is[0].ID})
			}
			is = is[1:]
		default:
			if was[0].Unique != is[0].Unique && was[0].Unique != 0 && is[0].Unique != 0 {
				d.add(Change{What: Vanished, Namespace: was[0].ID})
				d.add(Change{What: Appeared, Namespace: is[0].ID})
			}
			was, is = was[1:], is[1:]
		}
	}
}
