//go:build amd64 || arm64

package crowd

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// Options say what host to make.
type Options struct {
	// Processes is how many processes the host has, its first one included; at least 20.
	Processes int
}

// Crowd is a host that runs.
type Crowd struct {
	PID        int    // of its first process, as seen from here
	Root       string // its proc, as seen from here
	Processes  int    // how many there are, the zombies included
	Zombies    int
	Threads    int // those of the processes beside their first ones; those of the first process not counted
	Namespaces int // how many were made for pods and containers
	Held       []Held

	meter string // a program that measures others
}

// Held is a namespace that no process is in.
type Held struct {
	By   string // "fd", "socket", "mount", "far mount" (in the mount namespace of a container), "thread"
	Kind string // "net" or "uts"
	Ino  uint64
}

// Start makes a host and ends it with the test. It skips the test if it is not root's, or if there are
// not enough pids.
func Start(tb testing.TB, o Options) *Crowd {
	tb.Helper()
	if os.Geteuid() != 0 {
		tb.Skip("needs root: making a host full of namespaces")
	}
	needPIDs(tb, 2*o.Processes+500)
	// Other users execute what is in it, which they cannot in a tb.TempDir.
	folder, err := os.MkdirTemp("", "crowd-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			tb.Error(err)
		}
	})
	path := filepath.Join(folder, "program")
	meter := filepath.Join(folder, "measure")
	if err := errors.Join(os.Chmod(folder, 0o755), writeProgram(path, &programAt), writeProgram(meter, &measureAt)); err != nil {
		tb.Fatal(err)
	}
	c, err := start(tb, o, path)
	if err != nil {
		tb.Fatalf("make a host of %d processes: %v", o.Processes, err)
	}
	c.meter = meter
	return c
}

// needPIDs skips the test where fewer pids are free: the limit is one for all pid namespaces.
func needPIDs(tb testing.TB, n int) {
	tb.Helper()
	var most, used int
	text, err := os.ReadFile("/proc/sys/kernel/pid_max")
	if err == nil {
		_, err = fmt.Sscan(string(text), &most)
	}
	if err != nil {
		tb.Fatalf("read pid_max: %v", err)
	}
	text, err = os.ReadFile("/proc/loadavg") // 0.1 0.2 0.3 1/234 567: 234 is how many tasks there are
	if err == nil {
		_, all, _ := strings.Cut(string(text), "/")
		_, err = fmt.Sscan(all, &used)
	}
	if err != nil {
		tb.Fatalf("read loadavg: %v", err)
	}
	if free := most - used; free < n {
		tb.Skipf("needs %d free pids, there are %d: sysctl kernel.pid_max=%d", n, free, used+n)
	}
}

// start starts the first process and waits until it says that all are there.
func start(tb testing.TB, o Options, path string) (*Crowd, error) {
	tb.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), variable+"="+path, sizeVariable+"="+strconv.Itoa(o.Processes))
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	tb.Cleanup(func() {
		// Without an input it ends, and with it everything.
		if err := errors.Join(stdin.Close(), cmd.Wait()); err != nil {
			tb.Errorf("the crowd failed: %v\n%s", err, stderr.String())
		}
	})
	c := &Crowd{}
	if err := json.NewDecoder(stdout).Decode(c); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, stderr.String())
	}
	c.PID = cmd.Process.Pid
	c.Root = fmt.Sprintf("/proc/%d/root/proc", c.PID)
	return c, nil
}

// Run runs a command in the pid and the mount namespace of the host, from its root directory, and
// waits for its end.
func (c *Crowd) Run(cmd *exec.Cmd) error {
	done := make(chan error)
	go func() {
		// The thread is not unlocked: it must end with what this changes.
		runtime.LockOSThread()
		if err := c.enter(); err != nil {
			done <- fmt.Errorf("enter the crowd: %w", err)
			return
		}
		done <- cmd.Run()
	}()
	return <-done
}

// enter moves this thread into the mount namespace, and its children to come into the pid namespace.
func (c *Crowd) enter() error {
	fd, err := unix.PidfdOpen(c.PID, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	// A thread that shares its root and working directory with others cannot leave.
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return err
	}
	return unix.Setns(fd, unix.CLONE_NEWNS|unix.CLONE_NEWPID)
}
