package procscan

import (
	"context"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// ownerTries is how many members are asked for the owner of a namespace: the leader may have ended
// since it was read.
const ownerTries = 3

// readOwners asks the kernel whose each namespace is. A descriptor of a namespace keeps it alive,
// so each is closed before the next is opened.
//
// The answers are not remembered for the next scan: inode numbers of dead namespaces are given to
// new ones within microseconds, and to know that one is still the same costs more thought than the
// five system calls cost time.
func (s *Scanner) readOwners(ctx context.Context, snap *Snapshot) error {
	asked := 0
	for k := range snap.Namespaces {
		for i := range snap.Namespaces[k] {
			if asked%politeness == 0 {
				if err := ctx.Err(); err != nil {
					return fmt.Errorf("scan %s: %w", s.root, err)
				}
				runtime.Gosched()
			}
			asked++
			n := &snap.Namespaces[k][i]
			s.readOwner(snap.Procs, n)
		}
	}
	return nil
}

// readOwner asks the leader's link, then those of other members.
func (s *Scanner) readOwner(procs []*Process, n *Namespace) {
	if s.ownerBy(procs[n.Leader].PID, n) == 0 {
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
		if s.ownerBy(procs[i].PID, n) == 0 {
			return
		}
	}
}

// ownerBy asks for the owner of a namespace, and for its number, through the link of a process.
func (s *Scanner) ownerBy(pid int, n *Namespace) unix.Errno {
	dir, errno := s.sys.open(s.rootFD, s.pidName(pid), openPath)
	if errno != 0 {
		return errno
	}
	defer s.sys.close(dir)
	fd, errno := s.sys.open(dir, fileLinks[n.ID.Kind], openFile)
	if errno != 0 {
		return errno
	}
	defer s.sys.close(fd)
	// The process may have gone elsewhere, or its pid to another, since it was read.
	if errno := s.sys.stat(fd, &s.st); errno != 0 || s.st.Ino != n.ID.Ino {
		return unix.ESTALE
	}
	if s.sys.unique(fd, &s.id) == 0 {
		n.Unique = s.id
	}
	if n.ID.Kind != ns.User {
		owner, errno := s.sys.ownerNS(fd)
		if errno != 0 {
			return errno
		}
		defer s.sys.close(owner)
		fd = owner
	}
	if errno := s.sys.ownerUID(fd, &s.uid); errno != 0 {
		return errno
	}
	n.OwnerUID, n.OwnerKnown = s.uid, true
	return 0
}
