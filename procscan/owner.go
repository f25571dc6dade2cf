package procscan

import (
	"context"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// ownerTries is how many members are asked for the owner of a namespace: the leader may have ended
// since it was read.
const ownerTries = 3

// readOwners asks the kernel whose each namespace is. A descriptor of a namespace keeps it alive,
// so each is closed before the next is opened.
func (p *pass) readOwners(ctx context.Context) error {
	var list []*Namespace
	for k := range p.all {
		for i := range p.all[k] {
			list = append(list, &p.all[k][i])
		}
	}
	return p.share(ctx, &work{items: len(list), do: func(r *reader, i int) { r.owner(p.procs, list[i]) }})
}

// owner asks the leader's link, then those of other members.
func (r *reader) owner(procs []*Process, n *Namespace) {
	if n.Leader < 0 || r.ownerBy(procs[n.Leader].PID, n) == 0 {
		return
	}
	tries := 1
	for _, i := range n.Members {
		if tries == ownerTries {
			return
		}
		if i == n.Leader {
			continue
		}
		tries++
		if r.ownerBy(procs[i].PID, n) == 0 {
			return
		}
	}
}

// ownerBy asks for the owner of a namespace, and for its number, through the link of a process.
func (r *reader) ownerBy(pid int, n *Namespace) unix.Errno {
	dir, errno := r.sys.open(r.root, r.pidName(pid), openPath)
	if errno != 0 {
		return errno
	}
	defer r.sys.close(dir)
	fd, errno := r.sys.open(dir, fileLinks[n.ID.Kind], openFile)
	if errno != 0 {
		return errno
	}
	defer r.sys.close(fd)
	// The process may have gone elsewhere, or its pid to another, since it was read.
	if errno := r.sys.stat(fd, &r.st); errno != 0 || r.st.Ino != n.ID.Ino {
		return unix.ESTALE
	}
	if r.sys.unique(fd, &r.id) == 0 {
		n.Unique = r.id
	}
	if n.ID.Kind != ns.User {
		owner, errno := r.sys.ownerNS(fd)
		if errno != 0 {
			return errno
		}
		defer r.sys.close(owner)
		fd = owner
	}
	if errno := r.sys.ownerUID(fd, &r.uid); errno != 0 {
		return errno
	}
	n.OwnerUID, n.OwnerKnown = r.uid, true
	return 0
}
