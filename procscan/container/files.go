package container

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan"
	"nstui/procscan/container/lookup"
)

// maxFile is how much is read of any file: a config.json has some 10 KiB, and somebody else may have made it.
const maxFile = 4 << 20

// Errors of reading files of others.
var (
	errNoFile   = errors.New("not a regular file")
	errLarge    = errors.New("larger than it should be")
	errStranger = errors.New("it is of another user")
	errNoAnswer = errors.New("no answer")
	errCrowded  = errors.New("too many files do not answer")
)

// How long a file may take, and with how many that take for ever nothing of the same user, or of anybody, is
// read any more. Each has a thread. The kernel answers within microseconds, unless a file is on a network or in
// the hands of a process, which a user may choose: so one user's files must not cost the names of others.
const (
	filePatience  = 500 * time.Millisecond
	maxStuck      = 16
	maxStuckRoot  = 4
	maxStuckUsers = maxStuck - maxStuckRoot
)

// blame is who could have files not answer: a user, or root of a container, which is not root of the host.
type blame struct {
	uid uint32
	in  *entry // the outermost container; nil if it is in none
}

// errands are what is read of files that may not answer: each in a goroutine of its own, which is left
// behind if nothing comes.
type errands struct {
	patience time.Duration

	mu    sync.Mutex
	stuck map[blame]int // by whose files they are
	users int           // of those that are not root's
}

// crowded reports whether nothing of somebody is to be read.
func (e *errands) crowded(whose blame) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if whose == (blame{}) {
		return e.stuck[whose] >= maxStuckRoot
	}
	return e.stuck[whose] > 0 || e.users >= maxStuckUsers
}

// leave counts one that is left behind, or with -1 one that ended after all.
func (e *errands) leave(whose blame, n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stuck == nil {
		e.stuck = make(map[blame]int)
	}
	if e.stuck[whose] += n; e.stuck[whose] == 0 {
		delete(e.stuck, whose)
	}
	if whose != (blame{}) {
		e.users += n
	}
}

// left returns how many are left behind.
func (e *errands) left() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.users + e.stuck[blame{}]
}

// run returns what do returns, or an error if that does not come in time. It reads what somebody may
// keep from coming. do must touch nothing that others have.
func run[T any](ctx context.Context, e *errands, whose blame, do func() T) (T, error) {
	var none T
	if e.crowded(whose) {
		return none, errCrowded
	}
	// Of the two the one that comes second clears up.
	var first atomic.Bool
	done := make(chan T, 1)
	go func() {
		done <- do()
		if !first.CompareAndSwap(false, true) {
			e.leave(whose, -1)
		}
	}()
	late := time.NewTimer(e.patience)
	defer late.Stop()
	select {
	case got := <-done:
		return got, nil
	case <-ctx.Done():
	case <-late.C:
	}
	e.leave(whose, 1)
	if !first.CompareAndSwap(false, true) {
		e.leave(whose, -1)
		return <-done, nil // it came just now
	}
	if err := ctx.Err(); err != nil {
		return none, err
	}
	return none, errNoAnswer
}

// folder is an open directory, by a descriptor that only names it.
type folder int

// openFolder opens a directory. The path is ours, or leads through a process's directory in proc.
func openFolder(name string) (folder, error) {
	fd, err := openat(unix.AT_FDCWD, name, unix.O_PATH|unix.O_DIRECTORY)
	if err != nil {
		return -1, fmt.Errorf("open %s: %w", name, err)
	}
	return folder(fd), nil
}

func (f folder) close() { _ = unix.Close(int(f)) } // nothing was written

// openat is openat(2), again where a signal came between.
func openat(dir int, name string, flags int) (int, error) {
	for {
		fd, err := unix.Openat(dir, name, flags|unix.O_CLOEXEC, 0)
		if !errors.Is(err, unix.EINTR) {
			return fd, err
		}
	}
}

// How a path from somebody else is looked up.
const (
	beside = lookup.Beside
	inside = lookup.Inside
)

// lookUp opens what is at the path below the folder so that it is only named.
func (f folder) lookUp(name string, resolve uint64) (int, error) {
	return lookup.Open(int(f), name, resolve, 0)
}

// fileID tells one file from another.
type fileID struct{ dev, ino uint64 }

// stamp tells one state of a file from another.
type stamp struct {
	fileID

	mtime unix.Timespec
	size  int64
	uid   uint32
}

// whose says whose files are read.
type whose func(uid uint32) bool

// anybodys are files of which it does not matter.
func anybodys(uint32) bool { return true }

// read reads a file below the folder. It opens nothing but a regular file of whom it should be: to open a device may
// do something, a named pipe waits for who writes, and root takes messages from others by reading what a user may
// have put a link to, such as /proc/kmsg.
func (f folder) read(name string, resolve uint64, of whose) ([]byte, unix.Stat_t, error) {
	return f.readUpTo(name, resolve, of, maxFile)
}

// readUpTo is read for a file that may have only so many bytes.
func (f folder) readUpTo(name string, resolve uint64, of whose, most int) ([]byte, unix.Stat_t, error) {
	var st unix.Stat_t
	text, err := f.readTo(name, resolve, of, most, &st)
	if err != nil {
		return nil, st, fmt.Errorf("read %s: %w", name, err)
	}
	return text, st, nil
}

func (f folder) readTo(name string, resolve uint64, of whose, most int, st *unix.Stat_t) ([]byte, error) {
	named, err := f.lookUp(name, resolve)
	if err != nil {
		return nil, err
	}
	defer unix.Close(named)
	if err := unix.Fstat(named, st); err != nil {
		return nil, err
	}
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		return nil, errNoFile
	case !of(st.Uid):
		return nil, errStranger
	}
	if st.Size > int64(most) {
		return nil, errLarge
	}
	fd, err := openat(unix.AT_FDCWD, "/proc/self/fd/"+strconv.Itoa(named), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	return readAll(fd, int(st.Size), most)
}

// readAll reads a file to its end, which is expected after size bytes and has to come after most of them.
func readAll(fd, size, most int) ([]byte, error) {
	buf := make([]byte, 0, size+512)
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := unix.Read(fd, buf[len(buf):cap(buf)])
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return nil, err
		case n == 0:
			return buf, nil
		}
		if buf = buf[:len(buf)+max(n, 0)]; len(buf) > most {
			return nil, errLarge
		}
	}
}

// stampOf returns the state of the file at the path below the folder.
func (f folder) stampOf(name string, resolve uint64) (stamp, error) {
	fd, err := f.lookUp(name, resolve)
	if err != nil {
		return stamp{}, err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return stamp{}, err
	}
	return stampIn(&st), nil
}

func stampIn(st *unix.Stat_t) stamp {
	file := fileID{dev: uint64(st.Dev), ino: st.Ino} //nolint:unconvert // of another type elsewhere
	return stamp{fileID: file, mtime: st.Mtim, size: st.Size, uid: st.Uid}
}

// names returns the names in a directory below the folder, at most so many; none where it cannot be read.
func (f folder) names(name string, most int) []string {
	names, _ := f.list(name, most) // what came before an error counts
	return names
}

// list is names with the error.
func (f folder) list(name string, most int) ([]string, error) {
	fd, err := f.lookUp(name, inside)
	if err != nil {
		return nil, fmt.Errorf("look for %s: %w", name, err)
	}
	defer unix.Close(fd)
	dir, err := openat(fd, ".", unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	defer unix.Close(dir)
	var names []string
	buf := make([]byte, 16<<10)
	for len(names) < most {
		n, err := unix.ReadDirent(dir, buf)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return names, fmt.Errorf("list %s: %w", name, err)
		}
		if n <= 0 {
			break
		}
		_, _, names = unix.ParseDirent(buf[:n], -1, names)
	}
	return names[:min(len(names), most)], nil
}

// process is the directory of a process in proc. It leads nowhere once the process is gone.
type process struct {
	folder

	id procscan.ProcID
}

// openProcess opens the directory of the very process.
func openProcess(root string, id procscan.ProcID) (process, error) {
	dir, err := openFolder(root + "/" + strconv.Itoa(id.PID))
	if err != nil {
		return process{}, err
	}
	text, err := dir.proc("stat")
	if err == nil && startIn(text) != id.Start {
		err = procscan.ErrGone
	}
	if err != nil {
		dir.close()
		return process{}, fmt.Errorf("process %d: %w", id.PID, err)
	}
	return process{folder: dir, id: id}, nil
}

// startIn returns when a process started, by the text of its stat, see proc_pid_stat(5): the 20th word after
// the name, which ends at the last parenthesis.
func startIn(stat []byte) uint64 {
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 {
		return math.MaxUint64
	}
	start, err := strconv.ParseUint(string(fields[19]), 10, 64)
	if err != nil {
		return math.MaxUint64
	}
	return start
}

// maxProc is how much of a file of proc is read.
const maxProc = 256 << 10

// proc reads a file of proc.
func (f folder) proc(name string) ([]byte, error) {
	fd, err := openat(int(f), name, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOFOLLOW)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	defer unix.Close(fd)
	var text []byte
	buf := make([]byte, 8<<10)
	for len(text) < maxProc {
		n, err := unix.Read(fd, buf)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if n == 0 {
			break
		}
		text = append(text, buf[:n]...)
	}
	return text, nil
}

// link opens the directory a link in proc leads to: "cwd" or "root" of the process.
func (p process) link(name string) (folder, error) {
	fd, err := openat(int(p.folder), name, unix.O_PATH|unix.O_DIRECTORY)
	if err != nil {
		return -1, fmt.Errorf("open %s of process %d: %w", name, p.id.PID, err)
	}
	return folder(fd), nil
}

// arguments returns the command line.
func (p process) arguments() []string {
	text, err := p.proc("cmdline")
	if err != nil {
		return nil
	}
	return splitArgs(text)
}

// splitArgs splits the text of cmdline at the NULs.
func splitArgs(text []byte) []string {
	text = bytes.TrimRight(text, "\x00")
	if len(text) == 0 {
		return nil
	}
	words := bytes.Split(text, []byte{0})
	args := make([]string, len(words))
	for i, word := range words {
		args[i] = string(word)
	}
	return args
}
