package procscan

import (
	"bytes"
	"context"
	"strconv"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// files finds namespaces held by descriptors.
func (g *digger) files(ctx context.Context) error {
	refused := false
	return g.each(ctx, dirFD, g.want&(Files|Sockets), func(dir, fd int, name []byte) bool {
		n, errno := g.r.sys.readlink(dir, name, g.link[:])
		if errno != 0 {
			why, ok := refusal(errno)
			if ok {
				g.missEach(g.want&(Files|Sockets), why)
			}
			return !ok
		}
		text := g.link[:n]
		switch {
		case n == 0: // proc has no such links, but other roots may
		case g.want&Sockets != 0 && text[0] == 's':
			if ino, ok := socketInode(text); ok && !refused && g.host.ours {
				refused = g.socket(dir, fd, ino, name)
			}
		case g.want&Files == 0:
		case text[0] == '/':
			g.path(fd, text)
		default:
			if id, ok := parseTarget(text); ok {
				g.hold(holding{id: id, keeper: Keeper{By: ByFile, Number: fd}})
			}
		}
		return true
	})
}

// parseTarget is ns.ParseLink without allocation.
func parseTarget(text []byte) (ns.ID, bool) {
	for k := range ns.Kind(ns.NumKinds) {
		if ino, ok := parseInode(text, k); ok {
			return ns.ID{Kind: k, Ino: ino}, true
		}
	}
	return ns.ID{}, false
}

// socketInode parses the target of a socket's descriptor, "socket:[1234]".
func socketInode(text []byte) (uint64, bool) {
	const head = "socket:["
	if len(text) < len(head)+2 || string(text[:len(head)]) != head || text[len(text)-1] != ']' {
		return 0, false
	}
	return parseUint(text[len(head) : len(text)-1])
}

// maxSockets is how many sockets are remembered; with more it begins anew.
const maxSockets = 1 << 20

// sockets are the network namespaces of sockets by inode numbers: processes that were forked from one
// another share theirs. Zero is one that is not told.
type sockets struct {
	mu    sync.Mutex
	known map[uint64]uint64
}

func (s *sockets) get(ino uint64) (net uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	net, ok = s.known[ino]
	return net, ok
}

func (s *sockets) put(ino, net uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= maxSockets {
		s.known = make(map[uint64]uint64)
	}
	s.known[ino] = net
}

// socket finds the network namespace of a socket. That of the process itself is no news. refused says
// that the process lets nobody have its descriptors.
func (g *digger) socket(dir, fd int, ino uint64, name []byte) (refused bool) {
	net, known := g.sockets.get(ino)
	if !known {
		var errno syscall.Errno
		net, errno = g.askSocket(dir, fd, ino, name)
		if errno != 0 {
			why, ok := refusal(errno)
			if ok {
				g.miss(Sockets, why)
			}
			return ok
		}
		g.sockets.put(ino, net)
	}
	if net != 0 && net != g.p.NS[ns.Net] {
		g.hold(holding{id: ns.ID{Kind: ns.Net, Ino: net}, keeper: Keeper{By: BySocket, Number: fd}, socket: ino})
	}
	return false
}

// askSocket gets hold of a socket for a moment. An error means that the process lets nobody; a socket
// of a namespace we may not know gives zero, which is counted.
func (g *digger) askSocket(dir, fd int, ino uint64, name []byte) (net uint64, errno syscall.Errno) {
	if g.pidfd < 0 {
		if g.pidfd, errno = g.r.sys.pidfd(g.p.PID); errno != 0 {
			g.pidfd = -1
			return 0, errno
		}
		// The process was there before and is there now, so the pid was its own in between.
		if _, errno := g.r.sys.readlink(dir, name, g.link[:]); errno != 0 {
			return 0, errno
		}
	}
	own, errno := g.r.take(g.p.ID(), g.pidfd, fd)
	if errno == unix.EBADF {
		return 0, unix.ENOENT // it was closed
	}
	if errno != 0 {
		return 0, errno
	}
	net, errno = socketNet(g.r.sys, own, ino, &g.st)
	if why, ok := refusal(errno); ok {
		g.miss(Sockets, why)
	}
	return net, 0
}

// socketNet returns the network namespace of the socket with the given inode number, and closes the
// descriptor.
func socketNet(sys kernel, own int, ino uint64, st *unix.Statx_t) (net uint64, errno syscall.Errno) {
	// The descriptor may have been given to another file, and asking that could take for ever.
	if errno := sys.file(own, st); errno != 0 || st.Mode&unix.S_IFMT != unix.S_IFSOCK || st.Ino != ino {
		release(own)
		return 0, unix.ENOENT
	}
	defer sys.close(own)
	fd, errno := sys.socketNS(own)
	if errno != 0 {
		return 0, errno
	}
	defer sys.close(fd)
	if errno := sys.file(fd, st); errno != 0 {
		return 0, errno
	}
	return st.Ino, 0
}

// path looks at a descriptor that was opened through a mount. readlink(2) tells the path of the mount
// while there is one; of one that was detached, as by ip-netns(8), it says "/".
func (g *digger) path(fd int, text []byte) {
	var candidates []ns.ID
	if len(text) > 1 {
		if paths := g.paths.Load(); paths != nil {
			candidates = (*paths)[string(text)]
		}
		if candidates == nil {
			return
		}
	}
	ino, ok := g.r.fdInode(g.p.PID, fd)
	if !ok {
		return
	}
	for _, id := range candidates {
		if id.Ino == ino {
			g.hold(holding{id: id, keeper: Keeper{By: ByFile, Number: fd}})
			return
		}
	}
	if len(text) == 1 && ino >= firstInode && ino <= lastInode && g.host.ours {
		if id, ok := g.detached(fd, ino); ok {
			g.hold(holding{id: id, keeper: Keeper{By: ByFile, Number: fd}})
		}
	}
}

// Inode numbers of namespaces: linux/proc_ns.h and PROC_DYNAMIC_FIRST in fs/proc/generic.c.
const firstInode, lastInode = 0xEFFFFFF0, 0xFFFFFFFF

// fdInode returns the inode number of what a descriptor is open on, from fdinfo, see
// proc_pid_fdinfo(5). That asks no file system. There is none before Linux 5.14.
func (r *reader) fdInode(pid, fd int) (uint64, bool) {
	r.name = append(strconv.AppendInt(r.name[:0], int64(pid), 10), "/fdinfo/"...)
	r.name = append(strconv.AppendInt(r.name, int64(fd), 10), 0)
	text, why := r.text(r.root, r.name, r.buf[:])
	if why != "" {
		return 0, false
	}
	_, after, ok := bytes.Cut(text, []byte("\nino:\t"))
	if !ok {
		return 0, false
	}
	digits, _, ok := bytes.Cut(after, []byte{'\n'})
	if !ok {
		return 0, false
	}
	return parseUint(digits)
}

// detached gets hold of a descriptor for a moment to see whether it is a namespace with the given
// inode number, and of which kind.
func (g *digger) detached(fd int, ino uint64) (ns.ID, bool) {
	if g.device == [2]uint32{} {
		g.device[0], g.device[1] = nsfsDevice(g.r.sys)
	}
	// What is refused here may be a namespace or not.
	refused := func(errno syscall.Errno) {
		if why, ok := refusal(errno); ok {
			g.miss(Files, why)
		}
	}
	pidfd, errno := g.r.sys.pidfd(g.p.PID)
	if errno != 0 {
		refused(errno)
		return ns.ID{}, false
	}
	defer g.r.sys.close(pidfd)
	if again, ok := g.r.fdInode(g.p.PID, fd); !ok || again != ino {
		return ns.ID{}, false
	}
	own, errno := g.r.take(g.p.ID(), pidfd, fd)
	if errno != 0 {
		if errno != unix.EBADF { // it was closed
			refused(errno)
		}
		return ns.ID{}, false
	}
	if !isNamespace(g.r.sys, own, ino, g.device, &g.st) {
		release(own)
		return ns.ID{}, false
	}
	defer g.r.sys.close(own)
	flag, errno := g.r.sys.kind(own)
	if errno != 0 {
		return ns.ID{}, false
	}
	for _, k := range ns.Kinds() {
		if k.CloneFlag() == uint32(flag) {
			return ns.ID{Kind: k, Ino: ino}, true
		}
	}
	return ns.ID{}, false
}

// isNamespace reports whether a descriptor is open on the namespace with that inode number, without
// asking the file system it is on.
func isNamespace(sys kernel, fd int, ino uint64, device [2]uint32, st *unix.Statx_t) bool {
	return sys.file(fd, st) == 0 && st.Ino == ino && [2]uint32{st.Dev_major, st.Dev_minor} == device &&
		device != [2]uint32{}
}
