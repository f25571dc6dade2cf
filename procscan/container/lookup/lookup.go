package lookup

import (
	"errors"
	"path"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// How a path is looked up.
const (
	// Beside follows no link at all. Only ".." leads out of the folder.
	Beside = unix.RESOLVE_NO_SYMLINKS
	// Inside takes the folder for the root of all paths and links.
	Inside = unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS
)

// known reports whether there is openat2(2): Linux has it since 5.6, and filters of system calls may forbid it. It
// is asked once and of our own root, since the file system of a user may answer EPERM, too.
var known = sync.OnceValue(func() bool {
	fd, err := unix.Openat2(unix.AT_FDCWD, "/", &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC})
	if err == nil {
		_ = unix.Close(fd)
	}
	return !errors.Is(err, unix.ENOSYS) && !errors.Is(err, unix.EPERM)
})

// Open opens what is at the path below the directory, with O_PATH and flags such as O_NOFOLLOW; resolve is Beside
// or Inside, perhaps with more of openat2(2). Where that is missing no link is followed at all.
func Open(dir int, name string, resolve uint64, flags int) (int, error) {
	if resolve&unix.RESOLVE_IN_ROOT != 0 {
		name = path.Clean("/" + name)[1:]
	}
	if name == "" {
		name = "."
	}
	if !known() {
		return walk(dir, name, flags)
	}
	how := unix.OpenHow{Flags: uint64(unix.O_PATH | unix.O_CLOEXEC | flags), Resolve: resolve}
	return again(func() (int, error) { return unix.Openat2(dir, name, &how) })
}

// walk is Open one step at a time.
func walk(dir int, name string, flags int) (int, error) {
	steps := strings.Split(name, "/")
	at := dir
	for i, step := range steps {
		last := i == len(steps)-1
		how := unix.O_PATH | unix.O_CLOEXEC | unix.O_NOFOLLOW
		if last {
			how |= flags
		} else {
			how |= unix.O_DIRECTORY
		}
		next, err := again(func() (int, error) { return unix.Openat(at, step, how, 0) })
		if at != dir {
			_ = unix.Close(at)
		}
		if err != nil {
			return -1, err
		}
		at = next
	}
	return at, nil
}

// maxAgain is how often a call is made again. Renames anywhere keep openat2(2) from finding a path with ".." in
// it or in its links, and whoever wants to may make as many as there is time for.
const maxAgain = 32

// again makes a call again that something came between.
func again(call func() (int, error)) (fd int, err error) {
	for range maxAgain {
		if fd, err = call(); !errors.Is(err, unix.EINTR) && !errors.Is(err, unix.EAGAIN) {
			break
		}
	}
	return fd, err
}
