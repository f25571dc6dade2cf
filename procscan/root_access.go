package procscan

import (
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// cautious makes the calls of direct while the proc root is one. Any other directory may be on a file
// system that does not answer, and hold what has an effect when it is opened: there the scheduler is
// told of each call, and nothing but directories and plain files below the root are opened.
type cautious struct {
	direct

	proc atomic.Bool
}

func (c *cautious) meet(root int) {
	var st unix.Statfs_t
	c.proc.Store(unix.Fstatfs(root, &st) == nil && st.Type == unix.PROC_SUPER_MAGIC)
}

func (c *cautious) open(dir int, name []byte, flags int) (int, syscall.Errno) {
	if c.proc.Load() {
		return c.direct.open(dir, name, flags)
	}
	path := unix.ByteSliceToString(name)
	if dir == unix.AT_FDCWD {
		fd, err := unix.Open(path, flags, 0)
		return fd, number(err)
	}
	if flags&(unix.O_PATH|unix.O_DIRECTORY) != 0 {
		return below(dir, path, flags)
	}
	at, errno := below(dir, path, unix.O_PATH|unix.O_CLOEXEC)
	if errno != 0 {
		return -1, errno
	}
	defer unix.Close(at)
	var st unix.Stat_t
	if err := unix.Fstat(at, &st); err != nil {
		return -1, number(err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return -1, unix.EINVAL
	}
	fd, err := unix.Open(ownFile(at), flags, 0)
	return fd, number(err)
}

// below opens a file below a directory, see openat2(2). Kernels before Linux 5.6 do not keep it there.
func below(dir int, path string, flags int) (int, syscall.Errno) {
	fd, err := unix.Openat2(dir, path, &unix.OpenHow{
		Flags: uint64(flags), Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_MAGICLINKS,
	})
	if number(err) == unix.ENOSYS {
		fd, err = unix.Openat(dir, path, flags, 0)
	}
	return fd, number(err)
}

func (c *cautious) readlink(dir int, name, buf []byte) (int, syscall.Errno) {
	if c.proc.Load() {
		return c.direct.readlink(dir, name, buf)
	}
	n, _, errno := syscall.Syscall6(unix.SYS_READLINKAT, uintptr(dir),
		uintptr(unsafe.Pointer(&name[0])), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)), 0, 0)
	return int(n), errno
}

func (c *cautious) read(fd int, buf []byte) (int, syscall.Errno) {
	if c.proc.Load() {
		return c.direct.read(fd, buf)
	}
	return c.readSlow(fd, buf)
}

func (c *cautious) close(fd int) {
	if c.proc.Load() {
		c.direct.close(fd)
		return
	}
	_ = unix.Close(fd)
}
