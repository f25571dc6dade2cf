package procscan

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// execsWith in the environment makes TestExecsWith open the file it names, to be closed on exec, and
// execute sleep(1) when it is told to.
const execsWith = "PROCSCAN_TEST_EXECS_WITH"

func TestExecsWith(t *testing.T) {
	name := os.Getenv(execsWith)
	if name == "" {
		return // it is a child process of other tests
	}
	if _, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
		t.Fatal(err)
	}
	fmt.Println("ready")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	t.Fatal(unix.Exec("/bin/sleep", []string{"sleep", "1000"}, os.Environ()))
}

// executor is a process that will wait in execve(2), in namespaces of its own.
type executor struct {
	cmd *exec.Cmd
	in  io.Writer
	net ns.ID
}

// executors are processes that wait in execve(2) once they are let go, until the file system ends.
type executors struct {
	fs   *fuse
	list []*executor
}

// startExecutors starts them; each has a file open on a file system of the test's own.
func startExecutors(t *testing.T, n int) *executors {
	t.Helper()
	dir := t.TempDir()
	e := &executors{fs: mountFUSE(t, dir)}
	t.Cleanup(func() {
		e.fs.end() // or they could not be killed
		for _, x := range e.list {
			end(x.cmd)
		}
	})
	for range n {
		cmd := exec.Command("/proc/self/exe", "-test.run=^TestExecsWith$", "-test.v")
		cmd.Env = append(os.Environ(), execsWith+"="+filepath.Join(dir, "file"))
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}
		in, out := startPiped(t, cmd)
		e.list = append(e.list, &executor{cmd: cmd, in: in, net: mustLink(t, linkOf(fmt.Sprintf("%d/ns/net", cmd.Process.Pid)))})
		lines := bufio.NewScanner(out)
		var said []string
		for lines.Scan() && lines.Text() != "ready" {
			said = append(said, lines.Text())
		}
		if lines.Text() != "ready" {
			t.Fatalf("the process says %q", said)
		}
	}
	return e
}

// letGo has them execute, and returns when all are stuck in that.
func (e *executors) letGo(t *testing.T) {
	t.Helper()
	e.fs.die()
	for _, x := range e.list {
		if _, err := io.WriteString(x.in, "\n"); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range e.list {
		await(t, "it executes", func() bool {
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", x.cmd.Process.Pid))
			return err == nil && parseStatm(text)
		})
	}
}

// collect collects garbage until the end is told, and then ends itself. A system call the scheduler does
// not know of would stop that, and with it everything.
func collect(end <-chan struct{}) {
	for {
		select {
		case <-end:
			return
		default:
			runtime.GC()
		}
	}
}

// TestExecutingProcesses scans while processes wait in execve(2) for a file system that does not answer:
// the kernel makes who looks at them wait with them.
func TestExecutingProcesses(t *testing.T) {
	needRoot(t, "mounting")
	if !alone(t) {
		return
	}
	for _, n := range []int{2, 30} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			e := startExecutors(t, n)
			defer e.fs.end()
			neighbour := start(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWUTS}, "")
			e.letGo(t)
			done := make(chan struct{})
			defer close(done)
			go collect(done)

			s := New(Options{})
			for range 2 {
				snap, err := s.Scan(t.Context(), Everything, nil)
				if err != nil {
					t.Fatal(err)
				}
				checkSnapshot(t, snap)
				e.check(t, snap)
				if p := snap.ByPID(neighbour.Process.Pid); p == nil || p.Comm != "sh" || p.NS.Known() != snap.Mine.Known() || len(p.Args) == 0 {
					t.Errorf("the process beside them is %+v", p)
				}
			}
			// Who meets one does not know: one worker each.
			if most := int32(runtime.GOMAXPROCS(0)); s.waits.n.Load() > most {
				t.Errorf("%d goroutines wait for %d processes", s.waits.n.Load(), n)
			}
			for _, x := range e.list[:2] {
				d, err := s.Inspect(t.Context(), ProcID{PID: x.cmd.Process.Pid})
				if err != nil || d.Refused != Stuck {
					t.Errorf("inspected it is %+v, %v", d, err)
				}
			}
			e.fs.end()
			await(t, "nobody waits", func() bool { return s.waits.n.Load() == 0 })
			for _, x := range e.list {
				await(t, "it sleeps", func() bool {
					p := mustScan(t, s).ByPID(x.cmd.Process.Pid)
					return p != nil && p.Comm == "sleep" && p.Refused == "" && p.NS.Known() != 0 && len(p.Args) == 2
				})
			}
		})
	}
}

// check checks what a scan tells of them.
func (e *executors) check(t *testing.T, snap *Snapshot) {
	t.Helper()
	if got := snap.Unreadable[Stuck]; got != len(e.list) {
		t.Errorf("%d are unreadable: %v", got, snap.Unreadable)
	}
	for _, what := range []Want{Texts, Files, Sockets} {
		if !slices.Contains(snap.Missed, Miss{What: what, Reason: Stuck, Count: len(e.list)}) {
			t.Errorf("missed are %v, not %b of all", snap.Missed, what)
		}
	}
	for _, x := range e.list {
		p := snap.ByPID(x.cmd.Process.Pid)
		if p == nil || p.PPID != os.Getpid() || p.Threads != 1 || p.Comm == "" || p.Comm == "sleep" {
			t.Errorf("it is %+v", p)
			continue
		}
		if p.Refused != "" {
			if p.Refused != Stuck || !lacksPidfdNamespaces() {
				t.Errorf("its namespaces are unknown: %+v", p)
			}
			continue
		}
		if n := snap.Namespace(x.net); p.NS.ID(ns.Net) != x.net || p.NS[ns.UTS] != snap.Mine[ns.UTS] || n == nil || !n.OwnerKnown || !n.NETNSIDKnown {
			t.Errorf("it is in %v, and its network namespace is %+v", p.NS, n)
		}
	}
}

// lacksPidfdNamespaces reports whether the kernel is older than Linux 6.11.
func lacksPidfdNamespaces() bool {
	pidfd, err := unix.PidfdOpen(os.Getpid(), 0)
	if err != nil {
		return true
	}
	defer unix.Close(pidfd)
	fd, errno := direct{}.namespaceOf(pidfd, ns.Net, false)
	if errno == 0 {
		unix.Close(fd)
	}
	return errno != 0
}

// A scan can be ended while it waits.
func TestScanEndsAmongExecuting(t *testing.T) {
	needRoot(t, "mounting")
	if !alone(t) {
		return
	}
	e := startExecutors(t, 1)
	defer e.fs.end()
	e.letGo(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	inTime(t, func() {
		if snap, err := New(Options{}).Scan(ctx, Everything, nil); err == nil {
			t.Errorf("it has %d processes", len(snap.Procs))
		}
	})
}

// TestProcessThatGetsStuck is about a picture in which one of the processes begins to wait, and ends that.
func TestProcessThatGetsStuck(t *testing.T) {
	needRoot(t, "mounting")
	if !alone(t) {
		return
	}
	for name, newLive := range bothModes {
		t.Run(name, func(t *testing.T) {
			e := startExecutors(t, 2)
			defer e.fs.end()
			l := newLive(t)
			before := deepened(t, l)
			e.letGo(t)
			done := make(chan struct{})
			defer close(done)
			go collect(done)

			pid := e.list[0].cmd.Process.Pid
			known := before.ByPID(pid)
			var snap *Snapshot
			await(t, "both are known to be stuck", func() bool {
				snap = refresh(t, l)
				return snap.Unreadable[Stuck] == 2
			})
			if p := snap.ByPID(pid); p == nil || p.ID() != known.ID() || p.NS != known.NS || p.Refused != "" || p.Comm != known.Comm {
				t.Errorf("it was %+v and is %+v", known, p)
			}
			if n := snap.Namespace(e.list[0].net); n == nil || !n.OwnerKnown {
				t.Errorf("its network namespace is %+v", n)
			}
			other := start(t, nil, "")
			await(t, "another process is seen", func() bool { p := refresh(t, l).ByPID(other.Process.Pid); return p != nil && p.Texts })
			if err := l.Deepen(t.Context(), 1); err != nil {
				t.Error(err)
			}
			snap = refresh(t, l)
			if !slices.Contains(snap.Missed, Miss{What: Files, Reason: Stuck, Count: 2}) {
				t.Errorf("missed are %v", snap.Missed)
			}
			if n := l.scanner.waits.n.Load(); n > maxStuck/2 {
				t.Errorf("%d goroutines wait for two processes", n)
			}
			e.fs.end()
			await(t, "it is known again", func() bool {
				snap = refresh(t, l)
				p := snap.ByPID(pid)
				return p != nil && p.Comm == "sleep" && slices.Equal(p.Args, []string{"sleep", "1000"}) && snap.Unreadable[Stuck] == 0
			})
			if p := snap.ByPID(pid); p.ID() != known.ID() || p.NS != known.NS {
				t.Errorf("it was %+v and is %+v", known, p)
			}
		})
	}
}
