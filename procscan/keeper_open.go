package procscan

import (
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"nstui/procscan/mounts"
	"nstui/procscan/ns"
)

// openHeld opens a namespace through what holds it. The descriptor keeps it alive and is to be closed
// at once. It fails with ESTALE if the holder holds another one by now, with EAGAIN where only a file
// system that may not answer could tell, and with EXDEV where there is no way: through descriptors of
// processes whose pids are not of our own pid namespace, and to mounts no process sees. self is the
// host of the same root.
func (r *reader) openHeld(id ns.ID, k Keeper, self *host) (int, syscall.Errno) {
	if k.Proc.PID != 0 && r.held(k.Proc.PID) {
		return -1, unix.ETIMEDOUT
	}
	fd, errno := -1, unix.EXDEV
	switch {
	case k.By == ByThread || k.By == ByNext:
		fd, errno = r.sys.open(r.root, r.heldName(id, k), openFile)
	case k.By == ByFile && self.ours:
		fd, errno = r.takeFrom(k)
	case k.By == BySocket && self.ours:
		fd, errno = r.openSocket(k)
	case k.By == ByMount && k.Path != "":
		fd, errno = r.openMount(k, self)
	}
	if errno != 0 {
		return -1, errno
	}
	// What was opened through proc is on proc; all else is not asked before it is known.
	var st unix.Statx_t
	major, minor := nsfsDevice(r.sys)
	if !isNamespace(r.sys, fd, id.Ino, [2]uint32{major, minor}, &st) {
		release(fd)
		return -1, unix.ESTALE
	}
	return fd, 0
}

// heldName returns the name of what holds the namespace under the proc root, for threads, next
// children, descriptors and sockets. It is valid until the next call.
func (r *reader) heldName(id ns.ID, k Keeper) []byte {
	r.name = strconv.AppendInt(r.name[:0], int64(k.Proc.PID), 10)
	switch k.By {
	case ByThread:
		r.name = append(r.name, "/task/"...)
		r.name = strconv.AppendInt(r.name, int64(k.Number), 10)
		fallthrough
	case ByNext:
		r.name = append(r.name, "/ns/"...)
		r.name = append(r.name, id.Kind.String()...)
		if k.By == ByNext || id.Kind == ns.PID { // a thread is never in a pid namespace of its own
			r.name = append(r.name, "_for_children"...)
		}
	default:
		r.name = append(r.name, "/fd/"...)
		r.name = strconv.AppendInt(r.name, int64(k.Number), 10)
	}
	r.name = append(r.name, 0)
	return r.name
}

// takeFrom returns a descriptor of our own of what a process has open.
func (r *reader) takeFrom(k Keeper) (int, syscall.Errno) {
	pidfd, errno := r.pidfdOf(k.Proc)
	if errno != 0 {
		return -1, errno
	}
	defer r.sys.close(pidfd)
	fd, errno := r.take(pidfd, k.Number)
	if errno == unix.EBADF {
		errno = unix.ENOENT
	}
	return fd, errno
}

// pidfdOf returns a descriptor of that very process.
func (r *reader) pidfdOf(id ProcID) (int, syscall.Errno) {
	dir, errno := r.sys.open(r.root, r.pidName(id.PID), openPath)
	if errno != 0 {
		return -1, errno
	}
	defer r.sys.close(dir)
	fd, errno := r.sys.pidfd(id.PID)
	if errno != 0 {
		return -1, errno
	}
	// It is there before and after, so the pid was its own in between.
	if st, why, alive := r.stat(dir); !alive || why == "" && st.start != id.Start {
		r.sys.close(fd)
		return -1, unix.ESRCH
	}
	return fd, 0
}

// openSocket opens the network namespace of a socket.
func (r *reader) openSocket(k Keeper) (int, syscall.Errno) {
	own, errno := r.takeFrom(k)
	if errno != 0 {
		return -1, errno
	}
	var st unix.Statx_t
	if r.sys.file(own, &st) != 0 || st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		release(own)
		return -1, unix.ESTALE
	}
	defer r.sys.close(own)
	return r.sys.socketNS(own)
}

// openMount opens a mounted namespace by its path. The kernel holds every directory above a mount in
// memory, so it finds the way without asking the file systems, and where it would have to ask one,
// as in a FUSE mount, it says EAGAIN. What is there is opened only if it is a namespace.
func (r *reader) openMount(k Keeper, self *host) (int, syscall.Errno) {
	root, errno := r.openMountRoot(k, self)
	if errno != 0 {
		return -1, errno
	}
	defer r.sys.close(root)
	var at int
	// EAGAIN is also said when somebody mounts or renames something at that moment.
	for range 3 {
		if at, errno = r.sys.look(root, k.Path); errno != unix.EAGAIN {
			break
		}
	}
	if errno == unix.EAGAIN && r.closed(root, k.Path) {
		errno = unix.EACCES
	}
	if errno != 0 {
		return -1, errno
	}
	var st unix.Statx_t
	major, minor := nsfsDevice(r.sys)
	if r.sys.file(at, &st) != 0 || st.Dev_major != major || st.Dev_minor != minor || major|minor == 0 {
		release(at)
		return -1, unix.ESTALE
	}
	defer r.sys.close(at)
	return r.sys.open(unix.AT_FDCWD, append([]byte(ownFile(at)), 0), openFile)
}

// ownFile returns the path of a descriptor of ours.
func ownFile(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

// openMountRoot opens the root directory of a mount namespace: our own one, or that of the process
// that sees the mount. On some file systems even that asks a server, and may wait for ever: then no
// process of that mount namespace is asked while it does.
func (r *reader) openMountRoot(k Keeper, self *host) (int, syscall.Errno) {
	if k.Where == (ns.ID{Kind: ns.Mnt, Ino: self.mine[ns.Mnt]}) {
		return r.sys.open(unix.AT_FDCWD, []byte("/\x00"), openPath)
	}
	if k.Proc.PID == 0 || k.Where.Ino == 0 {
		return -1, unix.EXDEV
	}
	where := -int64(k.Where.Ino)
	if r.waits.n.Load() >= maxStuck || r.waits.count(where) > 0 {
		return -1, unix.EAGAIN
	}
	r.at.Store(where)
	defer r.at.Store(int64(k.Proc.PID))
	r.name = append(strconv.AppendInt(r.name[:0], int64(k.Proc.PID), 10), "/root\x00"...)
	return r.sys.open(r.root, r.name, openPath)
}

// holds reports whether a namespace is still held by what held it, without opening it: one system call,
// or two. Where it cannot know it says yes: of mounts that were found in a mountinfo, and of what else
// the kernel alone told of.
func (r *reader) holds(h *holding) bool {
	if h.mount.Space != 0 {
		return mounts.Held(h.mount)
	}
	if h.bare || h.keeper.By == ByMount || h.keeper.By == ByChild || h.keeper.By == ByOwned {
		return true
	}
	if r.held(h.keeper.Proc.PID) {
		return true
	}
	n, errno := r.sys.readlink(r.root, r.heldName(h.id, h.keeper), r.buf[:linkSize])
	if errno != 0 {
		return !gone(errno)
	}
	text := r.buf[:n]
	if h.keeper.By == BySocket {
		ino, ok := socketInode(text)
		return ok && ino == h.socket
	}
	if n == 0 || text[0] != '/' {
		ino, ok := parseInode(text, h.id.Kind)
		return ok && ino == h.id.Ino
	}
	// It was opened through a mount.
	r.name = append(strconv.AppendInt(r.name[:0], int64(h.keeper.Proc.PID), 10), "/fdinfo/"...)
	r.name = append(strconv.AppendInt(r.name, int64(h.keeper.Number), 10), 0)
	ino, ok := r.inodeIn(r.root, r.name)
	return ok && ino == h.id.Ino
}
