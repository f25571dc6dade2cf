package procscan

import (
	"bytes"
	"context"
	"encoding/binary"
	"strconv"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// linkSize is how much is read of the target of a descriptor. All that are of interest are shorter,
// but for paths, and those are told from each other by as much.
const linkSize = 40

// maxBatch is how many holdings of one process are kept until it is made sure whose they are.
const maxBatch = 256

// digger reads one process after the other.
type digger struct {
	*dig

	r      *reader
	w      *watch
	p      *Process
	pidfd  int // of p, -1 before it is needed
	batch  []holding
	st     unix.Statx_t
	link   [linkSize]byte
	dents  [32 << 10]byte
	device [2]uint32 // of nsfs, zero before it is needed
}

// Directories of a process.
const (
	dirTask = "/task\x00"
	dirFD   = "/fd\x00"
)

// process finds what a process holds. It fails only if the work is to end.
func (g *digger) process(ctx context.Context, p *Process) error {
	if p.Kernel {
		return nil // they have neither descriptors nor namespaces of their own
	}
	threads := g.want&Threads != 0 && p.Threads != 1
	files := g.want&(Files|Sockets) != 0 && !p.Zombie() && p.PID != g.host.self
	if p.Refused != "" {
		// Threads and descriptors are guarded as the links are.
		if threads {
			g.miss(Threads, p.Refused)
		}
		if files {
			g.missEach(g.want&(Files|Sockets), p.Refused)
		}
		return nil
	}
	g.p = p
	defer g.end()
	if threads {
		if err := g.threads(ctx); err != nil {
			return err
		}
	}
	if files {
		return g.files(ctx)
	}
	return nil
}

// end adds what was found, and closes what was opened for the process.
func (g *digger) end() {
	g.flush()
	if g.pidfd >= 0 {
		g.r.sys.close(g.pidfd)
		g.pidfd = -1
	}
}

// hold notes a reason for a namespace to be alive.
func (g *digger) hold(h holding) {
	if g.full(h.id, h.keeper.By) {
		return
	}
	h.keeper.Proc = g.p.ID()
	g.batch = append(g.batch, h)
	if len(g.batch) >= maxBatch {
		g.flush()
	}
}

// flush adds what was noted, if it was read of the process that was scanned: the pid may have been given
// to another. One that was there when it was scanned and is there now has had it in between.
func (g *digger) flush() {
	if len(g.batch) == 0 {
		return
	}
	start, why, alive := g.start()
	switch {
	case !alive:
	case why != "" && g.p.Start != 0:
		g.missEach(g.want&(Threads|Files|Sockets), why)
	case start == g.p.Start:
		g.add(g.batch...)
	}
	g.batch = g.batch[:0]
}

// start returns when the process that has the pid now has started, zero where that cannot be read.
func (g *digger) start() (at uint64, why Reason, alive bool) {
	dir, errno := g.r.sys.open(g.r.root, g.r.pidName(g.p.PID), openPath)
	if errno != 0 {
		why, alive = refusal(errno)
		return 0, why, alive
	}
	defer g.r.sys.close(dir)
	st, why, alive := g.r.stat(dir)
	return st.start, why, alive
}

// each calls f with the name, ending in NUL, and the value of each number in a directory of the
// process. what is what is missed if it cannot be read.
func (g *digger) each(ctx context.Context, name string, what Want, f func(dir, n int, name []byte) (more bool)) error {
	g.r.name = append(strconv.AppendInt(g.r.name[:0], int64(g.p.PID), 10), name...)
	dir, errno := g.r.sys.open(g.r.root, g.r.name, openDir)
	if errno != 0 {
		if why, ok := refusal(errno); ok {
			g.missEach(what, why)
		}
		return nil
	}
	defer g.r.sys.close(dir)
	for {
		n, errno := g.r.sys.list(dir, g.dents[:])
		if errno != 0 || n == 0 {
			if why, ok := refusal(errno); ok {
				g.missEach(what, why)
			}
			return nil
		}
		for records := g.dents[:n]; ; {
			name, rest, ok := nextName(records)
			if !ok {
				break
			}
			records = rest
			number, ok := parseUint(name[:len(name)-1])
			if ok && !f(dir, int(number), name) {
				return nil
			}
		}
		// What took more than one listing is long enough for a slice of its own.
		if n > len(g.dents)/2 {
			if err := g.beat(ctx, g.w); err != nil {
				return err
			}
		}
	}
}

// nextName returns the name with its NUL in the first of the records of getdents64(2), see
// appendEntries, and the records after it.
func nextName(records []byte) (name, rest []byte, ok bool) {
	const lenAt, nameAt = 16, 19
	if len(records) <= nameAt {
		return nil, nil, false
	}
	size := int(binary.NativeEndian.Uint16(records[lenAt:]))
	if size <= nameAt || size > len(records) {
		return nil, nil, false
	}
	end := bytes.IndexByte(records[nameAt:size], 0)
	if end < 0 {
		return nil, nil, false
	}
	return records[nameAt : nameAt+end+1], records[size:], true
}

// threads finds namespaces of threads other than the first. All threads of a process have the same
// user and pid namespace, see unshare(2) and setns(2), and so the same time namespace, but for one
// whose first thread has ended: that tells nothing.
func (g *digger) threads(ctx context.Context) error {
	path := make([]byte, 0, 32)
	return g.each(ctx, dirTask, Threads, func(task, tid int, name []byte) bool {
		if tid == g.p.PID {
			return true
		}
		path = append(append(path[:0], name[:len(name)-1]...), "/ns\x00"...)
		dir, errno := g.r.sys.open(task, path, openPath)
		if errno == 0 {
			errno = g.thread(dir, tid)
			g.r.sys.close(dir)
		}
		if why, ok := refusal(errno); ok {
			g.miss(Threads, why)
			return false
		}
		return true
	})
}

// Links in the directory ns.
var (
	threadLinks = nsNames()
	threadNext  = []byte("pid_for_children\x00")
)

func nsNames() (names [ns.NumKinds][]byte) {
	for _, k := range ns.Kinds() {
		names[k] = []byte(k.String() + "\x00")
	}
	return names
}

// thread reads the links of a thread that may differ from those of its process.
func (g *digger) thread(dir, tid int) syscall.Errno {
	keeper := Keeper{By: ByThread, Number: tid}
	read := func(name []byte, k ns.Kind) (uint64, syscall.Errno) {
		n, errno := g.r.sys.readlink(dir, name, g.link[:])
		if errno != 0 {
			return 0, errno
		}
		ino, _ := parseInode(g.link[:n], k)
		return ino, 0
	}
	own := &g.p.NS
	for k := range ns.Kind(ns.NumKinds) {
		if k == ns.User || k == ns.PID || k == ns.Time && own[k] != 0 {
			continue
		}
		ino, errno := read(threadLinks[k], k)
		if errno != 0 && !gone(errno) {
			return errno
		}
		if ino != 0 && ino != own[k] {
			g.hold(holding{id: ns.ID{Kind: k, Ino: ino}, keeper: keeper})
		}
	}
	next, errno := read(threadNext, ns.PID)
	if errno == 0 && next != 0 && next != own[ns.PID] && next != g.p.NextPID {
		g.hold(holding{id: ns.ID{Kind: ns.PID, Ino: next}, keeper: keeper})
	}
	return 0
}

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
	own, errno := g.r.sys.take(g.pidfd, fd)
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
		if candidates = g.paths[string(text)]; candidates == nil {
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
	pidfd, errno := g.r.sys.pidfd(g.p.PID)
	if errno != 0 {
		return ns.ID{}, false
	}
	defer g.r.sys.close(pidfd)
	if again, ok := g.r.fdInode(g.p.PID, fd); !ok || again != ino {
		return ns.ID{}, false
	}
	own, errno := g.r.sys.take(pidfd, fd)
	if errno != 0 {
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
