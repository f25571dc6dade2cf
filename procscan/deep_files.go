package procscan

import (
	"bytes"
	"cmp"
	"context"
	"hash/maphash"
	"slices"
	"strconv"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// files finds namespaces held by descriptors.
func (g *digger) files() {
	refused := false
	g.each(dirFD, g.want&(Files|Sockets), func(dir, fd int, name []byte) bool {
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
	own, errno := g.r.take(g.pidfd, fd)
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

// opened is a descriptor that was opened by a path that may be one where a namespace is mounted.
type opened struct {
	proc *Process
	fd   int
	path uint64 // its hash
}

// hashes is the seed of the hashes of paths.
var hashes = maphash.MakeSeed()

// addOpened notes descriptors to be looked at when it is known what is mounted.
func (f *findings) addOpened(list []opened) {
	if len(list) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed {
		f.later = append(f.later, list...)
	}
}

// path looks at a descriptor that was opened through a mount. readlink(2) tells the path of the mount
// while there is one; of one that was detached, as by ip-netns(8), it says "/".
func (g *digger) path(fd int, text []byte) {
	if len(text) > 1 {
		if g.want&Mounts != 0 {
			g.later = append(g.later, opened{proc: g.p, fd: fd, path: maphash.Bytes(hashes, text)})
		}
		return
	}
	ino, ok := g.r.fdInode(g.dir, fd)
	if ok && ino >= firstInode && ino <= lastInode && g.host.ours {
		if id, ok := g.detached(fd, ino); ok {
			g.hold(holding{id: id, keeper: Keeper{By: ByFile, Number: fd}})
		}
	}
}

// opened looks at the descriptors whose path is that of a mounted namespace.
func (d *dig) opened(ctx context.Context, c *crew) error {
	known := make(map[uint64]bool)
	for path := range d.paths {
		known[maphash.String(hashes, path)] = true
	}
	d.later = slices.DeleteFunc(d.later, func(o opened) bool { return !known[o.path] })
	slices.SortFunc(d.later, func(a, b opened) int { return cmp.Or(cmp.Compare(a.proc.PID, b.proc.PID), cmp.Compare(a.fd, b.fd)) })
	var lists [][]opened
	for rest := d.later; len(rest) > 0; {
		n := slices.IndexFunc(rest, func(o opened) bool { return o.proc != rest[0].proc })
		if n < 0 {
			n = len(rest)
		}
		lists, rest = append(lists, rest[:n]), rest[n:]
	}
	return c.do(ctx, &work{
		items: len(lists), chunk: 1,
		begin: func(k *worker, _ int) { k.slow(d) },
		read:  func(k *worker, i int) { k.digger(d).again(lists[i][0].proc, lists[i]) },
		keep:  func(k *worker, _ int) { k.fail(k.dig.keep()) },
		lost:  func(int) { d.miss(Files, Stuck) },
	})
}

// resolve looks at some descriptors of a process whose directory is open.
func (g *digger) resolve(dir int, p *Process, list []opened) {
	g.p, g.dir = p, dir
	for i, o := range list {
		if i%politeness == 0 {
			if g.err = g.beat(g.k); g.err != nil {
				return
			}
		}
		name := append(strconv.AppendInt(append(g.r.name[:0], "fd/"...), int64(o.fd), 10), 0)
		n, errno := g.r.sys.readlink(dir, name, g.link[:])
		if why, ok := refusal(errno); ok {
			g.miss(Files, why)
			return
		}
		if errno != 0 {
			continue
		}
		candidates := g.paths[string(g.link[:n])]
		ino, ok := g.r.fdInode(dir, o.fd)
		at := slices.IndexFunc(candidates, func(id ns.ID) bool { return ok && id.Ino == ino })
		if at >= 0 {
			g.hold(holding{id: candidates[at], keeper: Keeper{By: ByFile, Number: o.fd}})
		}
	}
}

// Inode numbers of namespaces: linux/proc_ns.h and PROC_DYNAMIC_FIRST in fs/proc/generic.c.
const firstInode, lastInode = 0xEFFFFFF0, 0xFFFFFFFF

// fdInode returns the inode number of what a descriptor is open on, from the fdinfo of the process whose
// directory is given, see proc_pid_fdinfo(5). That asks no file system. There is none before Linux 5.14.
func (r *reader) fdInode(dir, fd int) (uint64, bool) {
	r.name = append(r.name[:0], "fdinfo/"...)
	r.name = append(strconv.AppendInt(r.name, int64(fd), 10), 0)
	return r.inodeIn(dir, r.name)
}

// inodeIn returns the inode number in a file of fdinfo.
func (r *reader) inodeIn(dir int, name []byte) (uint64, bool) {
	text, why := r.text(dir, name, r.buf[:])
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
	if again, ok := g.r.fdInode(g.dir, fd); !ok || again != ino {
		return ns.ID{}, false
	}
	own, errno := g.r.take(pidfd, fd)
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
