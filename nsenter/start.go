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
			err = fmt.Errorf("enter %s: %w", p.Target, err)
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
	master, slave, err := t.openPTY(p, cols, rows)
	if err != nil {
		return nil, err
	}
	started, err := t.enter(ctx, p, [3]*os.File{slave, slave, slave})
	slave.Close()
	if ctxErr := context.Cause(ctx); err == nil && ctxErr != nil { // nobody wants it any more
		_ = syscall.Kill(started.pid, syscall.SIGKILL) // a child nobody has waited for can be killed
		wait(started.pid, 0)
		err = ctxErr
	}
	if err != nil {
		master.Close()
		return nil, err
	}
	s := &Session{pty: master, pid: started.pid, shell: started.shell, missed: started.missed, init: -1}
	if s.pidfd, err = unix.PidfdOpen(s.pid, 0); err != nil {
		// It is our child and not waited for, so this is no race but a lack of descriptors.
		_ = syscall.Kill(s.pid, syscall.SIGKILL) // a child nobody has waited for can be killed
		master.Close()
		wait(s.pid, 0)
		return nil, fmt.Errorf("open a pidfd of the shell: %w", err)
	}
	if p.Join.Has(ns.PID) && t.facts.Init != 0 {
		// To know in the end what killed the shell. The target is in that namespace and lives, so its
		// init does, too.
		dir := "/proc/" + strconv.Itoa(t.facts.Init)
		if fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err == nil {
			s.init = fd
		}
	}
	return s, nil
}

// started is a program that runs, and what of its plan could not be done.
type started struct {
	pid    int
	shell  []string // the one of the plan's that runs
	missed []*StepError
}

// enter runs the stage on the given standard descriptors and returns once the program runs.
func (t *Target) enter(ctx context.Context, p *Plan, stdio [3]*os.File) (*started, error) {
	self, release, err := image(p.Root != RootHost)
	if err != nil {
		return nil, err
	}
	defer release()
	h, files, err := t.handles(p)
	defer closeAll(files)
	if err != nil {
		return nil, err
	}
	wire := encode(compile(p, h))
	list, err := memfd("nstui-entry", 0, func(f *os.File) error {
		_, err := f.Write(wire)
		return err
	})
	if err != nil {
		return nil, err
	}
	defer list.Close()
	report, reportW, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("open the report pipe: %w", err)
	}
	defer report.Close()

	cmd := &exec.Cmd{
		Path:  "/proc/self/fd/" + strconv.Itoa(fdImage),
		Args:  []string{"nstui"},
		Env:   []string{nested + "=1"},
		Stdin: stdio[0], Stdout: stdio[1], Stderr: stdio[2],
		ExtraFiles: append([]*os.File{list, self, reportW}, files...),
	}
	err = onStarter(cmd.Start)
	reportW.Close()
	if err != nil {
		return nil, fmt.Errorf("start the child: %w", err)
	}
	told := readReport(ctx, report, cmd.Process.Pid)
	stageErr := cmd.Wait()
	return settle(p, told, stageErr, context.Cause(ctx))
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

// handles gives each descriptor the plan needs a number in the stage. The files are to be closed by the
// caller, also after an error.
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
	take := func(f *os.File, openErr error) int {
		if openErr != nil {
			err = errors.Join(err, openErr)
			return -1
		}
		files = append(files, f)
		return fdFirst + len(files) - 1
	}
	h.root, h.dir, h.busybox = -1, -1, -1
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
	switch p.Root {
	case RootTarget:
		h.root = give(t.root, "root")
	case RootSource:
		h.root = give(t.sourceRoot, "root")
	case RootGiven:
		h.root = give(t.given[0], "root")
	case RootHost, RootNamespace:
	}
	switch p.GivenDir {
	case RootTarget:
		h.dir = give(t.cwd, "directory")
	case RootGiven:
		h.dir = give(t.given[1], "directory")
	case RootHost, RootNamespace, RootSource:
	}
	for _, file := range p.Cgroups {
		f, openErr := os.OpenFile(file, os.O_WRONLY, 0)
		if openErr != nil {
			openErr = fmt.Errorf("join the cgroup: %w", openErr)
		}
		h.cgroups = append(h.cgroups, take(f, openErr))
	}
	if p.Busybox {
		h.busybox = take(sealedProgram(t.facts.Outside.Busybox))
	}
	return h, files, err
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// stall is how long a cancelled entry may go on.
const stall = time.Second

// told is what the stage has reported.
type told struct {
	pids   []int // of the processes forked, in the order of their forks
	failed *stage.Record
	missed []stage.Record
	shell  int  // which of the plan's was tried last
	killed bool // they were killed, since the context ended
}

// readReport reads the stage's records until every process that could write one has ended or become
// the shell. If ctx ends they are given a while to come to that, since nobody can tell from outside whether
// the shell runs already, and one that is killed between its fork and its record leaves a child nobody
// knows. Those that hang are killed then.
func readReport(ctx context.Context, report io.Reader, stagePID int) (t told) {
	var mu sync.Mutex // of t.pids, t.killed and over
	over := false     // the pids may be of others from now on
	kill := func() {
		mu.Lock()
		defer mu.Unlock()
		for _, pid := range append([]int{stagePID}, t.pids...) {
			if pid > 0 && !over {
				t.killed = true
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
	done := make(chan struct{})
	defer context.AfterFunc(ctx, func() {
		timer := time.NewTimer(stall)
		defer timer.Stop()
		select {
		case <-done:
		case <-timer.C:
			kill()
		}
	})()
	defer func() {
		mu.Lock()
		over = true
		mu.Unlock()
		close(done)
	}()
	for {
		var buf [stage.RecordSize]byte
		if _, err := io.ReadFull(report, buf[:]); err != nil {
			return t
		}
		r := *(*stage.Record)(unsafe.Pointer(&buf))
		switch r.Kind {
		case stage.Forked: // the first two may come in either order
			mu.Lock()
			if missing := int(r.A) + 1 - len(t.pids); missing > 0 {
				t.pids = append(t.pids, make([]int, missing)...)
			}
			t.pids[r.A] = int(r.B)
			mu.Unlock()
		case stage.Failed:
			t.failed = &r
		case stage.Missed:
			t.missed = append(t.missed, r)
		case stage.Tried:
			t.shell = int(r.B)
		}
	}
}

// settle waits for the forked processes that are not the shell, and says how the entry ended.
func settle(p *Plan, t told, stageErr, ctxErr error) (*started, error) {
	pids := slices.DeleteFunc(t.pids, func(pid int) bool { return pid <= 0 })
	// A context that has ended only now does not count: the program runs.
	ok := t.failed == nil && !t.killed && stageErr == nil && len(pids) == p.forks()
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
		s := &started{pid: shell}
		if t.shell < len(p.Shells) {
			s.shell = p.Shells[t.shell]
		}
		for i := range t.missed {
			s.missed = append(s.missed, stepError(p, &t.missed[i]))
		}
		return s, nil
	case t.failed != nil:
		return nil, stepError(p, t.failed)
	case t.killed && ctxErr != nil:
		return nil, ctxErr
	case stageErr != nil:
		return nil, fmt.Errorf("run the child: %w", stageErr)
	}
	return nil, errors.New("the child ended before the shell ran: killed from outside, or its pid namespace is gone")
}

func stepError(p *Plan, r *stage.Record) *StepError {
	e := &StepError{Step: Step(r.A), Target: p.Target, Errno: syscall.Errno(r.C)}
	switch e.Step {
	case StepJoin:
		k := ns.Kind(r.B)
		e.What = k.String()
		if source := p.Kinds[k].Source; source != "" {
			e.Target = source
		}
	case StepRoot:
		e.What = "that of " + p.Target
	case StepFork:
		e.What = "of " + p.Target
	case StepDir:
		e.What = p.Dir
	case StepCgroup:
		if int(r.B) < len(p.Cgroups) {
			e.What = p.Cgroups[r.B]
		}
	case StepFiles:
		if int(r.B) < len(p.View.Files) {
			e.What = p.View.Files[r.B].Path
		}
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
