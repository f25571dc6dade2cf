package nsenter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"nstui/nsenter/stage"
	"nstui/procscan/ns"
)

// Start opens a shell as the plan says. It returns once the shell runs, or with what went wrong: a
// *StepError for a step of the entry, an error that wraps ErrGone or ErrZombie if the target ended.
// If ctx ends first, everything that was started is ended.
func Start(ctx context.Context, t *Target, p *Plan, cols, rows int) (_ *Session, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("enter pid %d: %w", p.PID, err)
		}
	}()
	if Nested() {
		return nil, ErrNested
	}
	t.open.RLock()
	defer t.open.RUnlock()
	if err := t.check(); err != nil {
		return nil, err
	}
	master, slave, err := openPTY(p.As, cols, rows)
	if err != nil {
		return nil, err
	}
	pid, err := t.enter(ctx, p, slave)
	slave.Close()
	if err != nil {
		master.Close()
		return nil, err
	}
	pidfd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		// It is our child and not waited for, so this is no race but a lack of descriptors.
		_ = syscall.Kill(pid, syscall.SIGKILL) // a child nobody has waited for can be killed
		master.Close()
		wait(pid, 0)
		return nil, fmt.Errorf("open a pidfd of the shell: %w", err)
	}
	return &Session{pty: master, pid: pid, pidfd: pidfd}, nil
}

// openPTY opens a pty of the given size whose terminal belongs to the user the shell runs as.
func openPTY(as Identity, cols, rows int) (master, slave *os.File, err error) {
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("open a pty: %w", err)
	}
	if slave, err = openPeer(master); err != nil {
		master.Close()
		return nil, nil, fmt.Errorf("open the terminal of a pty: %w", err)
	}
	err = errors.Join(resize(master, cols, rows), eraseUTF8(slave))
	if err == nil && int(as.OutUID) != os.Geteuid() {
		// Where we may not, the shell can still open its terminal as /dev/tty, only not by its own name.
		if err = slave.Chown(int(as.OutUID), -1); errors.Is(err, unix.EPERM) {
			err = nil
		}
	}
	if err != nil {
		master.Close()
		slave.Close()
		return nil, nil, fmt.Errorf("prepare the pty: %w", err)
	}
	return master, slave, nil
}

// eraseUTF8 lets the terminal erase whole characters, not bytes: the pane shows UTF-8.
func eraseUTF8(tty *os.File) error {
	conn, err := tty.SyscallConn()
	if err != nil {
		return err
	}
	ctlErr := conn.Control(func(fd uintptr) {
		var modes *unix.Termios
		if modes, err = unix.IoctlGetTermios(int(fd), unix.TCGETS); err == nil {
			modes.Iflag |= unix.IUTF8
			err = unix.IoctlSetTermios(int(fd), unix.TCSETS, modes)
		}
	})
	return errors.Join(ctlErr, err)
}

// openPeer opens the terminal that belongs to the master, see ioctl_tty(2). Not by its name, as
// pty.Open does: numbers are used again at once, and one in some hundred concurrent entries then got
// the terminal of a pty that was just going away, or none.
func openPeer(master *os.File) (slave *os.File, err error) {
	conn, err := master.SyscallConn()
	if err != nil {
		return nil, err
	}
	ctlErr := conn.Control(func(fd uintptr) {
		if err = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); err != nil {
			return
		}
		peer, _, errno := unix.Syscall(unix.SYS_IOCTL, fd, unix.TIOCGPTPEER, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC)
		if errno != 0 {
			err = errno
			return
		}
		slave = os.NewFile(peer, "pty")
	})
	return slave, errors.Join(ctlErr, err)
}

// resize sets the size of a pty. Not with pty.Setsize, which puts the master into blocking mode: closing
// it would then not end a read that waits, and a job left in the background keeps one waiting for ever.
func resize(master *os.File, cols, rows int) error {
	conn, err := master.SyscallConn()
	if err != nil {
		return err
	}
	size := unix.Winsize{Col: uint16(min(max(cols, 1), 0xffff)), Row: uint16(min(max(rows, 1), 0xffff))}
	ctlErr := conn.Control(func(fd uintptr) {
		err = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &size)
	})
	return errors.Join(ctlErr, err)
}

// enter runs the stage on the terminal and returns the pid of the shell.
func (t *Target) enter(ctx context.Context, p *Plan, tty *os.File) (int, error) {
	self, err := image()
	if err != nil {
		return 0, err
	}
	h, files, err := t.handles(p)
	defer closeAll(files)
	if err != nil {
		return 0, err
	}
	wire := encode(compile(p, h))
	list, err := memfd("nstui-entry", 0, func(f *os.File) error {
		_, err := f.Write(wire)
		return err
	})
	if err != nil {
		return 0, err
	}
	defer list.Close()
	report, reportW, err := os.Pipe()
	if err != nil {
		return 0, fmt.Errorf("open the report pipe: %w", err)
	}
	defer report.Close()

	cmd := &exec.Cmd{
		Path:  "/proc/self/fd/" + strconv.Itoa(fdImage),
		Args:  []string{"nstui"},
		Env:   []string{nested + "=1"},
		Stdin: tty, Stdout: tty, Stderr: tty,
		ExtraFiles: append([]*os.File{list, self, reportW}, files...),
	}
	err = onStarter(cmd.Start)
	reportW.Close()
	if err != nil {
		return 0, fmt.Errorf("start the child: %w", err)
	}
	pids, result := readReport(ctx, report, cmd.Process.Pid, forks(p))
	stageErr := cmd.Wait()
	return settle(p, pids, result, stageErr, ctx.Err())
}

// starter runs functions one after the other on a thread that lives as long as the program. The kernel
// tells a child that its parent has died when the thread dies that started it, see PR_SET_PDEATHSIG.
var starter = sync.OnceValue(func() chan<- func() {
	jobs := make(chan func())
	go func() {
		runtime.LockOSThread()
		for job := range jobs {
			job()
		}
	}()
	return jobs
})

// onStarter runs a function on the thread of the starter.
func onStarter(start func() error) error {
	result := make(chan error)
	starter() <- func() { result <- start() }
	return <-result
}

// handles gives each descriptor of the target the plan needs a number in the stage.
func (t *Target) handles(p *Plan) (h handles, files []*os.File, err error) {
	give := func(fd int, name string) int {
		if err != nil || fd < 0 {
			return -1
		}
		var f *os.File
		if f, err = dup(fd, name); err != nil {
			return -1
		}
		files = append(files, f)
		return fdFirst + len(files) - 1
	}
	h.root = -1
	for _, k := range ns.Kinds() {
		h.ns[k] = -1
		if k != ns.User && p.Join.Has(k) {
			h.ns[k] = give(t.ns[k], k.String())
		}
	}
	if p.Join.Has(ns.User) {
		for _, fd := range t.chain {
			h.chain = append(h.chain, give(fd, ns.User.String()))
		}
	}
	if p.Join.Has(ns.Mnt) {
		h.root = give(t.root, "root")
	}
	return h, files, err
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// stall is how long a cancelled entry may take to tell the pids of its processes.
const stall = time.Second

// readReport reads the stage's records until every process that could write one has ended or become
// the shell. The pids are those of the processes forked, in the order of their forks. If ctx ends, the
// processes are killed: once all that are to come have told their pids, since one that is killed
// between its fork and its record leaves a child nobody knows; or after a while, if one hangs before.
func readReport(ctx context.Context, report io.Reader, stagePID, forks int) (pids []int, failed *stage.Record) {
	var mu sync.Mutex // of pids and over
	over := false     // the pids may be of others from now on
	kill := func() {
		mu.Lock()
		defer mu.Unlock()
		for _, pid := range append([]int{stagePID}, pids...) {
			if pid > 0 && !over {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
	complete := make(chan struct{}) // all pids are told, or there are no more to come
	completed := sync.OnceFunc(func() { close(complete) })
	defer context.AfterFunc(ctx, func() {
		timer := time.NewTimer(stall)
		defer timer.Stop()
		select {
		case <-complete:
		case <-timer.C:
		}
		kill()
	})()
	defer func() {
		mu.Lock()
		over = true
		mu.Unlock()
		completed()
	}()
	for {
		var buf [stage.RecordSize]byte
		if _, err := io.ReadFull(report, buf[:]); err != nil {
			return pids, failed
		}
		r := *(*stage.Record)(unsafe.Pointer(&buf))
		switch r.Kind {
		case stage.Forked: // the first two may come in either order
			mu.Lock()
			if missing := int(r.A) + 1 - len(pids); missing > 0 {
				pids = append(pids, make([]int, missing)...)
			}
			pids[r.A] = int(r.B)
			all := len(pids) == forks && !slices.Contains(pids, 0)
			mu.Unlock()
			if all {
				completed()
			}
		case stage.Failed:
			failed = &r
		}
	}
}

// settle waits for the forked processes that are not the shell, and says how the entry ended.
func settle(p *Plan, pids []int, failed *stage.Record, stageErr, ctxErr error) (int, error) {
	pids = slices.DeleteFunc(pids, func(pid int) bool { return pid <= 0 })
	ok := failed == nil && ctxErr == nil && stageErr == nil && len(pids) == forks(p)
	shell := 0
	if ok {
		shell = pids[len(pids)-1]
		pids = pids[:len(pids)-1]
	}
	for _, pid := range pids {
		if !ok { // it may be the shell, which nobody wants any more; it is our child and not waited for
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		wait(pid, 0)
	}
	switch {
	case ok:
		return shell, nil
	case failed != nil:
		return 0, stepError(p, failed)
	case ctxErr != nil:
		return 0, ctxErr
	case stageErr != nil:
		return 0, fmt.Errorf("run the child: %w", stageErr)
	}
	return 0, errors.New("the child ended before the shell ran: killed from outside, or its pid namespace is gone")
}

// forks returns how many processes an entry makes: one, and one more for the pid namespace.
func forks(p *Plan) int {
	if p.Join.Has(ns.PID) {
		return 2
	}
	return 1
}

func stepError(p *Plan, r *stage.Record) *StepError {
	e := &StepError{Step: Step(r.A), PID: p.PID, Errno: syscall.Errno(r.C)}
	switch e.Step {
	case StepJoin:
		e.What = ns.Kind(r.B).String()
	case StepRoot:
		e.What = fmt.Sprintf("that of pid %d", p.PID)
	case StepFork:
		e.What = fmt.Sprintf("of pid %d", p.PID)
	case StepSetUID:
		e.What = strconv.FormatUint(uint64(p.As.UID), 10)
	case StepSetGID:
		e.What = strconv.FormatUint(uint64(p.As.GID), 10)
	case StepExec:
		if int(r.B) < len(p.Shells) {
			e.What = p.Shells[r.B][0]
		}
	}
	return e
}
