//go:build amd64 || arm64

package crowd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// The variables that make a process the first one of a host: the path of the program of the others, and
// how many there are.
const (
	variable     = "NSTUI_TEST_CROWD_PROGRAM"
	sizeVariable = "NSTUI_TEST_CROWD_SIZE"
)

// init takes the first process over.
func init() {
	path := os.Getenv(variable)
	if path == "" {
		return
	}
	if err := be(path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// be makes the host, says so, and waits for the end of the input.
func be(path string) error {
	n, err := strconv.Atoi(os.Getenv(sizeVariable))
	if err != nil {
		return err
	}
	h, err := newHost(path)
	if err != nil {
		return err
	}
	h.crowd.Processes = n
	if err := h.fill(n); err != nil {
		return err
	}
	if err := h.hold(max(1, n/1000)); err != nil {
		return err
	}
	if err := h.wait(); err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(&h.crowd); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// host is what the first process makes.
type host struct {
	path string // of the program
	// files are what each process has open: 3 is the end of a pipe that all close when they are
	// complete, so that the other end tells when all are.
	files      []uintptr
	ready, end *os.File
	kept       []any // what must stay open

	lock  sync.Mutex // of what follows: pods are made by several threads
	crowd Crowd
	last  int // pid of a container that was made
}

// newHost prepares the namespaces, and what processes will have open.
func newHost(path string) (*host, error) {
	h := &host{path: path}
	// What whoever runs the tests has open is not for the processes of the crowd.
	if err := unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		return nil, fmt.Errorf("close_range: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return nil, fmt.Errorf("make the mounts private: %w", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return nil, fmt.Errorf("mount /proc: %w", err)
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	if h.ready, h.end, err = os.Pipe(); err != nil {
		return nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("socketpair: %w", err)
	}
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll_create: %w", err)
	}
	h.kept = append(h.kept, null, r, w)
	h.files = []uintptr{
		null.Fd(), null.Fd(), null.Fd(), h.end.Fd(), r.Fd(), w.Fd(), uintptr(pair[0]), uintptr(pair[1]),
		uintptr(epoll), null.Fd(),
	}
	return h, nil
}

// wait waits until all processes are complete.
func (h *host) wait() error {
	if err := h.end.Close(); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, h.ready)
	return err
}

// group is a process and its children.
type group struct {
	args     []string // of the first; as many threads as there are
	children []string // names of the others
	zombies  int      // children that have ended
	uid      int
	flags    uintptr // namespaces the first gets
}

// size returns how many processes it has.
func (g *group) size() int { return 1 + len(g.children) + g.zombies }

// start starts the processes of a group from this thread, and returns the pid of the first.
func (h *host) start(g group) (pid int, err error) {
	env := append([]string{h.path}, g.children...)
	for range g.zombies {
		env = append(env, "")
	}
	pid, err = syscall.ForkExec(h.path, g.args, &syscall.ProcAttr{
		Env:   env,
		Files: h.files,
		Sys: &syscall.SysProcAttr{
			Cloneflags: g.flags,
			Credential: &syscall.Credential{Uid: uint32(g.uid), Gid: uint32(g.uid)},
		},
	})
	if err != nil {
		return 0, fmt.Errorf("start %q: %w", g.args, err)
	}
	h.lock.Lock()
	defer h.lock.Unlock()
	h.crowd.Zombies += g.zombies
	h.crowd.Threads += len(g.args) - 1
	return pid, nil
}

// inThread runs f in a thread that ends with it, and with what f changed of it. It returns once the thread is gone:
// until then it is in the namespaces that f made or entered, and holds them.
func inThread(f func() error) error {
	done := make(chan error)
	var thread int
	go func() {
		runtime.LockOSThread()
		thread = unix.Gettid()
		done <- f()
	}()
	err := <-done
	if thread == os.Getpid() {
		return err // the first one only stops
	}
	for unix.Access(fmt.Sprintf("/proc/self/task/%d", thread), unix.F_OK) == nil {
		runtime.Gosched() // nothing tells of its end
	}
	return err
}

// inParallel runs f for each number below n, on all processors, each in a thread of its own.
func inParallel(n int, f func(i int) error) error {
	numbers := make(chan int)
	errs := make(chan error, n)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range numbers {
				errs <- inThread(func() error { return f(i) })
			}
		})
	}
	for i := range n {
		numbers <- i
	}
	close(numbers)
	workers.Wait()
	close(errs)
	var all []error
	for err := range errs {
		all = append(all, err)
	}
	return errors.Join(all...)
}
