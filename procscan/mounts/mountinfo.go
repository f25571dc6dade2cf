package mounts

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// bufferSize is more than a line of a mounted namespace can have: a path of 4096 bytes, each written
// as four, and less than a hundred bytes else. Longer lines are of other mounts.
const bufferSize = 64 << 10

// source reads the mounts of one source, or of each process of one that is not known. With listed the
// kernel has told of all mount namespaces: one it left out is gone, which is no miss.
func (f *finder) source(ctx context.Context, s Source, listed bool) error {
	var last syscall.Errno
	for i, pid := range s.PIDs {
		answered, errno, err := f.process(ctx, pid, s.Where)
		if err != nil {
			return err
		}
		if answered && s.Where != 0 {
			return nil
		}
		// A process that is gone, or a zombie (EINVAL), says nothing about the others.
		if errno != 0 && errno != unix.ENOENT && errno != unix.ESRCH && errno != unix.EINVAL {
			last = errno
		}
		if s.Where != 0 && i == maxTries {
			break
		}
	}
	if last != 0 && !listed {
		f.miss(s.Where, last)
	}
	return nil
}

// maxTries is how many processes of one mount namespace are asked after the first.
const maxTries = 7

// process reads the mountinfo of a process. errno is why it did not answer.
func (f *finder) process(ctx context.Context, pid int, where uint64) (answered bool, errno syscall.Errno, err error) {
	if err := f.pace(ctx); err != nil {
		return false, 0, err
	}
	if f.Skip != nil && f.Skip(pid) {
		return false, unix.ETIMEDOUT, nil
	}
	dir, err := unix.Openat(f.Root, strconv.Itoa(pid), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false, errnoOf(err), nil
	}
	defer unix.Close(dir)
	fd, err := unix.Openat(dir, "mountinfo", unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return false, errnoOf(err), nil
	}
	defer unix.Close(fd)
	// The open file stays with the mount namespace the process was in; it may be another by now than
	// when it was seen, or the pid another process's.
	if where != 0 {
		n, err := unix.Readlinkat(dir, "ns/mnt", f.buf)
		if err != nil {
			return false, errnoOf(err), nil
		}
		if id, ok := parseRoot(f.buf[:n]); !ok || id != (ns.ID{Kind: ns.Mnt, Ino: where}) {
			return false, unix.ESRCH, nil
		}
	}
	t := table{finder: f, where: where, pid: pid, left: maxRead}
	err = t.read(ctx, descriptor(fd), f.buf)
	if t.strange > 0 {
		f.miss(where, unix.EINVAL)
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		if t.lines > 0 {
			f.miss(where, errno)
			return true, 0, nil
		}
		return false, errno, nil
	}
	return true, 0, err
}

// table is a mountinfo that is being read.
type table struct {
	*finder

	where   uint64
	pid     int
	left    int // bytes that may still be read
	lines   int
	strange int // lines that are not as the kernel writes them
}

// read reads line by line through buf. A process whose first mount was seen already is in a mount
// namespace that was read, so no more of it is read.
func (t *table) read(ctx context.Context, from io.Reader, buf []byte) error {
	have, skip := 0, false
	for {
		n, err := from.Read(buf[have:])
		if errors.Is(err, io.EOF) {
			err = nil
		}
		if err != nil {
			return err
		}
		have += n
		rest := buf[:have]
		for {
			line, after, whole := bytes.Cut(rest, []byte{'\n'})
			if !whole {
				break
			}
			if !skip && !t.line(line) {
				return nil
			}
			skip, rest = false, after
		}
		if n == 0 {
			return nil
		}
		if len(rest) == len(buf) {
			skip, rest = true, nil
		}
		have = copy(buf, rest)
		if t.left -= n; t.left <= 0 {
			return unix.E2BIG
		}
		if err := t.pace(ctx); err != nil {
			return err
		}
	}
}

// line takes a line without its end. It returns false if no more are to be read, because another
// process has shown them.
func (t *table) line(line []byte) (more bool) {
	t.lines++
	e, ok := parseLine(line)
	if !ok {
		t.strange++
		return true
	}
	if t.lines == 1 {
		if t.seen[e.mount] {
			return false
		}
		t.seen[e.mount] = true
	}
	if e.namespace.Ino == 0 || !t.wanted(e.namespace) {
		return true
	}
	path, ok := unescape(e.path)
	if !ok {
		t.strange++
		return true
	}
	t.add(Mount{Namespace: e.namespace, Where: t.where, PID: t.pid}, path)
	return true
}

// line is what is of interest in a line of mountinfo.
type line struct {
	mount     uint64
	namespace ns.ID  // its Ino is 0 where something else is mounted
	path      []byte // with the kernel's escapes
}

// parseLine parses a line of mountinfo without its end, see proc_pid_mountinfo(5):
//
//	36 35 0:4 net:[4026532177] /run/netns/blue rw shared:5 - nsfs nsfs rw
//
// Of one that has nothing to do with namespaces only the first fields are looked at.
func parseLine(text []byte) (e line, ok bool) {
	var field [6][]byte // mount, parent, device, root, path, options
	for i := range field {
		if field[i], text, ok = bytes.Cut(text, []byte{' '}); !ok || len(field[i]) == 0 {
			return line{}, false
		}
	}
	for _, digit := range field[0] {
		if digit < '0' || digit > '9' || e.mount >= 1<<56 {
			return line{}, false
		}
		e.mount = e.mount*10 + uint64(digit-'0')
	}
	if field[3][0] == '/' {
		return e, true
	}
	// Optional fields, of which there may be none, end with a dash of their own.
	for {
		var tag []byte
		if tag, text, ok = bytes.Cut(text, []byte{' '}); !ok {
			return line{}, false
		}
		if len(tag) == 1 && tag[0] == '-' {
			break
		}
	}
	kind, _, ok := bytes.Cut(text, []byte{' '})
	if !ok {
		return line{}, false
	}
	// Other file systems, too, have roots that are no paths.
	if string(kind) != "nsfs" {
		return e, true
	}
	if field[4][0] != '/' {
		return line{}, false
	}
	e.path = field[4]
	e.namespace, ok = parseRoot(field[3])
	return e, ok
}

// unescape resolves in place what the kernel writes as a backslash and three octal digits: spaces,
// tabs, ends of lines and the backslash itself. It refuses what the kernel does not write.
func unescape(text []byte) ([]byte, bool) {
	out := text[:0]
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\\' {
			if i+3 >= len(text) {
				return nil, false
			}
			n := 0
			for _, digit := range text[i+1 : i+4] {
				if digit < '0' || digit > '7' {
					return nil, false
				}
				n = n*8 + int(digit-'0')
			}
			if n > 255 {
				return nil, false
			}
			c = byte(n)
			i += 3
		}
		out = append(out, c)
	}
	return out, true
}

// descriptor reads a file without the runtime's poller, which mountinfo would wake for every mount.
type descriptor int

func (d descriptor) Read(buf []byte) (int, error) {
	for {
		n, err := unix.Read(int(d), buf)
		if !errors.Is(err, unix.EINTR) {
			return max(n, 0), err
		}
	}
}

// errnoOf returns the error number in an error of x/sys.
func errnoOf(err error) syscall.Errno {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	return unix.EIO
}
