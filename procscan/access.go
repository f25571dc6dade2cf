package procscan

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// kernel is the few system calls a scan makes. There is one real implementation; tests put theirs
// over it to see what happens when a process refuses or vanishes between two calls.
//
// Names end in NUL, which spares copying them on every call. Errors are bare error numbers for the
// same reason: a scan meets thousands of them and reports counts.
type kernel interface {
	open(dir int, name []byte, flags int) (int, syscall.Errno)
	readlink(dir int, name, buf []byte) (int, syscall.Errno)
	read(fd int, buf []byte) (int, syscall.Errno)
	// readSlow is read for files whose content the kernel gathers under locks that may be held
	// for long: those of a process's memory for cmdline, of all control groups for cgroup.
	readSlow(fd int, buf []byte) (int, syscall.Errno)
	stat(fd int, st *unix.Stat_t) syscall.Errno
	write(fd int, data []byte) (int, syscall.Errno)
	close(fd int)
	directories
	questions
	descriptors
}

// directories are the system calls that tell what a directory is and has.
type directories interface {
	// meet is told each time the proc root is opened.
	meet(root int)
	// list is getdents64(2).
	list(fd int, buf []byte) (int, syscall.Errno)
	// near is statx(2) of a name, as far as it is known without asking the file system.
	near(dir int, name []byte, st *unix.Statx_t) syscall.Errno
}

const (
	openPath = unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC
	openDir  = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_CLOEXEC
	// O_NONBLOCK matters only under a root that is no proc: opening a named pipe there would wait.
	openFile = unix.O_RDONLY | unix.O_NONBLOCK | unix.O_CLOEXEC
)

// direct makes the system calls with as little as there can be around them. The scheduler of Go is told of
// all that may wait, which is nearly all: what looks at a process waits while that executes a program,
// see reader.held, and with hidepid, see proc(5), so does what opens its files. A call it is not told of
// would stop the whole program at the next collection of garbage.
type direct struct{}

func (direct) meet(int) {}

func (direct) open(dir int, name []byte, flags int) (int, syscall.Errno) {
	for {
		fd, _, errno := syscall.Syscall6(unix.SYS_OPENAT, uintptr(dir),
			uintptr(unsafe.Pointer(&name[0])), uintptr(flags), 0, 0, 0)
		if errno != unix.EINTR {
			return int(fd), errno
		}
	}
}

func (direct) readlink(dir int, name, buf []byte) (int, syscall.Errno) {
	n, _, errno := syscall.Syscall6(unix.SYS_READLINKAT, uintptr(dir),
		uintptr(unsafe.Pointer(&name[0])), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)), 0, 0)
	return int(n), errno
}

func (direct) read(fd int, buf []byte) (int, syscall.Errno) {
	for {
		n, _, errno := syscall.RawSyscall(unix.SYS_READ, uintptr(fd),
			uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)))
		if errno != unix.EINTR {
			return int(n), errno
		}
	}
}

func (direct) readSlow(fd int, buf []byte) (int, syscall.Errno) {
	for {
		n, _, errno := syscall.Syscall(unix.SYS_READ, uintptr(fd),
			uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)))
		if errno != unix.EINTR {
			return int(n), errno
		}
	}
}

func (direct) list(fd int, buf []byte) (int, syscall.Errno) {
	n, _, errno := syscall.Syscall(unix.SYS_GETDENTS64, uintptr(fd),
		uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)))
	return int(n), errno
}

// stat goes through x/sys: the number and the layout of fstat differ between architectures.
func (direct) stat(fd int, st *unix.Stat_t) syscall.Errno {
	return number(unix.Fstat(fd, st))
}

func (direct) near(dir int, name []byte, st *unix.Statx_t) syscall.Errno {
	return number(unix.Statx(dir, unix.ByteSliceToString(name), unix.AT_STATX_DONT_SYNC, unix.STATX_TYPE, st))
}

func (direct) write(fd int, data []byte) (int, syscall.Errno) {
	n, _, errno := syscall.Syscall(unix.SYS_WRITE, uintptr(fd),
		uintptr(unsafe.Pointer(&data[0])), uintptr(len(data)))
	return int(n), errno
}

// close has nothing to tell: what it closes was only read.
func (direct) close(fd int) { _, _, _ = syscall.Syscall(unix.SYS_CLOSE, uintptr(fd), 0, 0) }

// number returns the error number in an error of x/sys.
func number(err error) syscall.Errno {
	if errno, ok := err.(syscall.Errno); ok { //nolint:errorlint // x/sys returns it bare
		return errno
	}
	return 0
}

// gone reports whether the error says that there is no such process or file (any more).
func gone(errno syscall.Errno) bool { return errno == unix.ENOENT || errno == unix.ESRCH }

// reasonOf returns what to count for an error that does not mean gone.
func reasonOf(errno syscall.Errno) Reason {
	switch errno {
	case unix.EACCES:
		return Denied
	case unix.EPERM:
		return NotPerm
	case unix.ENOTTY, unix.ENOSYS, unix.EOPNOTSUPP, unix.EPROTONOSUPPORT, unix.EAFNOSUPPORT:
		return Unknown
	case unix.EAGAIN, unix.ETIMEDOUT: // see openHeld and take
		return Stuck
	case unix.EXDEV:
		return Foreign
	case unix.EBADMSG: // see netID
		return Unparsed
	default:
		return Other
	}
}
