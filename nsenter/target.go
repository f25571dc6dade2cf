package nsenter

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// Target is a pinned process: a pidfd, and the namespaces it was in at that moment. It must be closed.
// Its methods may be called from several goroutines.
type Target struct {
	facts Facts

	open  sync.RWMutex     // held for reading while descriptors are in use
	pidfd int              // -1 without a process, and once closed
	ns    [ns.NumKinds]int // descriptors, -1 where it could not be opened
	chain []int            // user namespaces from below ours down to the target's
	dir   int              // O_PATH of its directory in /proc
	root  int              // O_PATH of its root directory, -1 where it could not be opened
	cwd   int              // the same of its working directory
	// sourceRoot is the root directory of the process the mount namespace is from, if that is another.
	sourceRoot int
	given      [2]int // O_PATH of Ref.Root and Ref.Dir, -1 where they are empty

	closed bool
}

// Pin takes hold of the process and of what else is named, and reads what a plan needs to know of it.
// The errors it returns wrap ErrGone, ErrZombie, ErrReused or ErrMoved, or say what could not be read.
// Namespaces of the process that may not be opened are no error: the facts say so.
func Pin(ref Ref) (_ *Target, err error) {
	t := &Target{pidfd: -1, dir: -1, root: -1, cwd: -1, sourceRoot: -1, given: [2]int{-1, -1}}
	for k := range t.ns {
		t.ns[k] = -1
	}
	defer func() {
		if err != nil {
			t.Close()
		}
	}()
	for _, k := range ns.Kinds() {
		t.facts.Kinds[k].Mine = ownNamespace(k)
	}
	if err := t.openGiven(ref); err != nil {
		return nil, err
	}
	if ref.PID != 0 {
		if err := t.hold(ref); err != nil {
			return nil, fmt.Errorf("process %d: %w", ref.PID, err)
		}
	}
	if err := t.openSources(ref); err != nil {
		return nil, err
	}
	if ref.PID != 0 {
		err = t.readProcess()
	}
	if err == nil {
		err = t.readFacts(ref)
	}
	if err == nil && ref.PID != 0 {
		if err = t.unmoved(ref); err == nil {
			err = t.Check()
		}
	}
	if err != nil && ref.PID != 0 {
		return nil, fmt.Errorf("process %d: %w", ref.PID, err)
	}
	return t, err
}

// hold opens the process and its namespaces.
func (t *Target) hold(ref Ref) (err error) {
	// All that follows is read relative to this directory, which yields ESRCH or ENOENT, never another
	// process, once this one is reaped; the pidfd says at the end that it was not.
	t.dir, err = unix.Open("/proc/"+strconv.Itoa(ref.PID), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.dir = -1
		return gone(err)
	}
	if t.pidfd, err = openPIDFD(ref.PID); err != nil {
		return gone(err)
	}
	if err := checkInode(t.pidfd, ref.Inode); err != nil {
		return err
	}
	stat, err := readStat(t.dir)
	if err != nil {
		return gone(err)
	}
	if ref.Start != 0 && stat.start != ref.Start {
		return ErrReused
	}
	if stat.zombie {
		return ErrZombie
	}
	t.facts.PID, t.facts.Start, t.facts.Comm = ref.PID, stat.start, stat.comm
	if err := t.openNamespaces(ref); err != nil {
		return err
	}
	const flags = unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC
	if t.root, err = unix.Openat(t.dir, "root", flags, 0); err != nil {
		t.root, t.facts.RootErr = -1, err
	}
	if t.cwd, err = unix.Openat(t.dir, "cwd", flags, 0); err != nil {
		t.cwd, t.facts.DirErr = -1, err
	}
	return nil
}

// openPIDFD opens a pidfd of a process, or of a thread that is not the first of its process.
func openPIDFD(pid int) (int, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOENT) {
		fd, err = unix.PidfdOpen(pid, unix.PIDFD_THREAD) // Linux 6.9
	}
	if err != nil {
		return -1, err
	}
	return fd, nil
}

// checkInode compares the inode number of the process in pidfs, see pidfd_open(2). 0 is not compared.
func checkInode(pidfd int, want uint64) error {
	if want == 0 {
		return nil
	}
	var fs unix.Statfs_t
	var st unix.Stat_t
	if err := errors.Join(unix.Fstatfs(pidfd, &fs), unix.Fstat(pidfd, &st)); err != nil {
		return fmt.Errorf("stat its pidfd: %w", err)
	}
	switch {
	case fs.Type != unix.PID_FS_MAGIC:
		return errors.New("this kernel has no inode numbers for processes (Linux 6.9 has)")
	case st.Ino != want:
		return fmt.Errorf("%w: its inode is %d, not %d", ErrReused, st.Ino, want)
	}
	return nil
}

// Check returns nil while the pinned process lives, or else ErrZombie or ErrGone, or ErrClosed. Without
// a process it is nil until Close.
func (t *Target) Check() error {
	t.open.RLock()
	defer t.open.RUnlock()
	return t.check()
}

// check must be called with open held.
func (t *Target) check() error {
	switch {
	case t.closed:
		return ErrClosed
	case t.pidfd < 0:
		return nil
	}
	fds := []unix.PollFd{{Fd: int32(t.pidfd), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(fds, 0)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return fmt.Errorf("poll the pidfd of %d: %w", t.facts.PID, err)
		case n == 0:
			return nil
		}
		// A pidfd becomes readable when the process ends. Until its parent has read its status, signal
		// 0 still finds it.
		if err := unix.PidfdSendSignal(t.pidfd, 0, nil, 0); errors.Is(err, unix.ESRCH) {
			return ErrGone
		}
		return ErrZombie
	}
}

// Facts returns what was read when the target was pinned. It must not be changed.
func (t *Target) Facts() *Facts { return &t.facts }

// Close lets go of the process and its namespaces, once nothing uses them any more. It may be called
// more than once.
func (t *Target) Close() {
	t.open.Lock()
	defer t.open.Unlock()
	for k := range t.ns {
		closeFD(&t.ns[k])
	}
	for i := range t.chain {
		closeFD(&t.chain[i])
	}
	closeFD(&t.pidfd)
	closeFD(&t.dir)
	closeFD(&t.root)
	closeFD(&t.cwd)
	closeFD(&t.sourceRoot)
	closeFD(&t.given[0])
	closeFD(&t.given[1])
	t.closed = true
}

// gone turns the errors the kernel has for a process that is not there into ErrGone.
func gone(err error) error {
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH) {
		return ErrGone
	}
	return err
}

type procStat struct {
	comm    string
	group   int // process group
	start   uint64
	zombie  bool
	stopped bool
	exiting bool // it ends, and may wait for others to be gone first
}

// readStat reads the stat file of the process whose directory is given, see proc_pid_stat(5).
func readStat(dir int) (procStat, error) {
	text, err := readAt(dir, "stat")
	if err != nil {
		return procStat{}, err
	}
	return parseStat(string(text))
}

func parseStat(text string) (procStat, error) {
	// The name may hold anything, a closing parenthesis too.
	open, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return procStat{}, fmt.Errorf("parse stat: no name in %q", text)
	}
	fields := strings.Fields(text[end+1:])
	const state, group, flags, startTime = 0, 5 - 3, 9 - 3, 22 - 3 // field numbers of the manual page, counted from the state, its third
	if len(fields) <= startTime {
		return procStat{}, fmt.Errorf("parse stat: %d fields after the name", len(fields))
	}
	start, err := strconv.ParseUint(fields[startTime], 10, 64)
	if err != nil {
		return procStat{}, fmt.Errorf("parse stat: start time: %w", err)
	}
	pgrp, err := strconv.Atoi(fields[group])
	if err != nil {
		return procStat{}, fmt.Errorf("parse stat: process group: %w", err)
	}
	bits, err := strconv.ParseUint(fields[flags], 10, 64)
	if err != nil {
		return procStat{}, fmt.Errorf("parse stat: flags: %w", err)
	}
	const exiting = 0x4 // PF_EXITING of the kernel's sched.h
	return procStat{
		exiting: bits&exiting != 0,
		comm:    text[open+1 : end],
		group:   pgrp,
		start:   start,
		zombie:  fields[state] == "Z" || fields[state] == "X",
		stopped: fields[state] == "T",
	}, nil
}

// maxRead caps what is read of one file of a target.
const maxRead = 1 << 20

// readAt reads a file below a directory, up to maxRead bytes.
func readAt(dir int, name string) ([]byte, error) {
	fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	return readAll(fd)
}

// readAll reads the descriptor to its end, up to maxRead bytes, and closes it.
func readAll(fd int) ([]byte, error) {
	defer unix.Close(fd)
	var text []byte
	buf := make([]byte, 16<<10)
	for len(text) < maxRead {
		n, err := unix.Read(fd, buf)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case err != nil:
			return nil, err
		case n == 0:
			return text, nil
		}
		text = append(text, buf[:n]...)
	}
	return text, nil
}

func closeFD(fd *int) {
	if *fd >= 0 {
		unix.Close(*fd)
		*fd = -1
	}
}

// dup returns an *os.File of its own for a descriptor, closed on exec.
func dup(fd int, name string) (*os.File, error) {
	n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("duplicate %s: %w", name, err)
	}
	return os.NewFile(uintptr(n), name), nil
}
