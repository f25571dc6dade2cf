package procscan

import (
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"
)

// descriptors are the system calls of a deep pass. None of them waits for a file system, whatever
// the descriptor is of.
type descriptors interface {
	// pidfd is pidfd_open(2), take pidfd_getfd(2).
	pidfd(pid int) (int, syscall.Errno)
	take(pidfd, fd int) (int, syscall.Errno)
	// file is statx(2) of what a descriptor is open on, as far as that is known without asking the
	// file system.
	file(fd int, st *unix.Statx_t) syscall.Errno
	// socketNS is SIOCGSKNS, see socket_namespace in netdevice(7): the network namespace of a socket.
	socketNS(fd int) (int, syscall.Errno)
	// kind is NS_GET_NSTYPE, see ioctl_nsfs(2): the CLONE_NEW… flag of a namespace.
	kind(fd int) (int, syscall.Errno)
	// look is openat2(2) with O_PATH of a file below root, which is taken for "/". It gives EAGAIN
	// where the kernel would have to ask a file system, see RESOLVE_CACHED, and also where who asks may not
	// go through a directory: that is only said after a second look, which does not come.
	look(root int, path string) (int, syscall.Errno)
}

func (direct) pidfd(pid int) (int, syscall.Errno) {
	fd, _, errno := syscall.RawSyscall(unix.SYS_PIDFD_OPEN, uintptr(pid), 0, 0)
	return int(fd), errno
}

// take is no raw call: it goes through the security module, which may look at the file.
func (direct) take(pidfd, fd int) (int, syscall.Errno) {
	n, _, errno := syscall.Syscall(unix.SYS_PIDFD_GETFD, uintptr(pidfd), uintptr(fd), 0)
	return int(n), errno
}

// fileFacts is what is asked of a file.
const fileFacts = unix.STATX_TYPE | unix.STATX_MODE | unix.STATX_UID | unix.STATX_GID | unix.STATX_INO

func (direct) file(fd int, st *unix.Statx_t) syscall.Errno {
	return number(unix.Statx(fd, "", unix.AT_EMPTY_PATH|unix.AT_STATX_DONT_SYNC, fileFacts, st))
}

func (direct) socketNS(fd int) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCGSKNS, 0)
	return int(n), errno
}

func (direct) kind(fd int) (int, syscall.Errno) {
	flag, _, errno := syscall.RawSyscall(unix.SYS_IOCTL, uintptr(fd), unix.NS_GET_NSTYPE, 0)
	return int(flag), errno
}

// resolveCached is RESOLVE_CACHED of linux/openat2.h, since Linux 5.12; x/sys has it for another
// system only.
const resolveCached = 0x20

func (direct) look(root int, path string) (int, syscall.Errno) {
	fd, err := unix.Openat2(root, path, &unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS | resolveCached,
	})
	return fd, number(err)
}

// waiting counts the goroutines that were left behind, each to wait for a file system that may never
// answer. Each has a thread, and Go ends a program that has 10,000.
var waiting atomic.Int32

// maxWaiting is with how many of them nothing is done any more that may make another. Who changes what
// a descriptor is of just when it is looked at could make one of each socket it has.
const maxWaiting = 32

// release closes a descriptor of a file nobody knows. Closing one of a file system in user space, or
// of one on another host, waits for its answer: that is left to a goroutine.
func release(fd int) {
	waiting.Add(1)
	go func() {
		defer waiting.Add(-1)
		_ = unix.Close(fd)
	}()
}

// take takes a descriptor of a process. It fails with ETIMEDOUT while too many that were taken wait to be
// closed. It waits while the process executes a program.
func (r *reader) take(pidfd, fd int) (int, syscall.Errno) {
	if waiting.Load() >= maxWaiting {
		return -1, unix.ETIMEDOUT
	}
	return r.sys.take(pidfd, fd)
}
