package test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/test/drive"
	"nstui/ui/term"
)

// orphanNet makes a network namespace that no process is in, lets hold take hold of it by the link of
// the only thread that is, and returns its inode number.
func orphanNet(t *testing.T, hold func(link string) error) (ino string) {
	t.Helper()
	needRoot(t)
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with this function
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			ino, err = os.Readlink("/proc/thread-self/ns/net")
		}
		if err == nil {
			err = hold(fmt.Sprintf("/proc/self/task/%d/ns/net", unix.Gettid()))
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return strings.Trim(ino, "net:[]")
}

// startDeep runs nstui on the network namespaces, and has it look for those no process is in.
func startDeep(t *testing.T) *session {
	t.Helper()
	s := start(t, drive.Options{Args: []string{"--kind", "net"}, Size: term.Size{W: 120, H: 36}, Env: shellEnv()})
	s.wait("live")
	s.send("r")
	return s
}

// entersOrphan filters for a namespace by what keeps it and opens a shell in it.
func (s *session) entersOrphan(ino, filter, why string) {
	s.t.Helper()
	s.send("/" + filter + drive.Enter)
	s.waitFor(row(ino, " 0 ("))
	s.wait("no process is in it", why)
	s.send("n")
	s.wait("INSIDE", "STILL HOST")
	s.send("readlink /proc/self/ns/net" + drive.Enter)
	s.wait("net:[" + ino + "]")
	s.end()
}

func TestScreenEntersWhatAMountKeeps(t *testing.T) {
	file := filepath.Join(t.TempDir(), "blue-quokka")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ino := orphanNet(t, func(link string) error { return unix.Mount(link, file, "", unix.MS_BIND, "") })
	t.Cleanup(func() {
		if err := unix.Unmount(file, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	startDeep(t).entersOrphan(ino, "blue-quokka", "blue-quokka")
}

func TestScreenEntersWhatADescriptorKeeps(t *testing.T) {
	fd := -1
	ino := orphanNet(t, func(link string) (err error) {
		fd, err = unix.Open(link, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		return err
	})
	defer unix.Close(fd)
	startDeep(t).entersOrphan(ino, ino, fmt.Sprintf("fd %d of %d", fd, os.Getpid()))
}

func TestScreenEntersWhatASocketKeeps(t *testing.T) {
	fd := -1
	ino := orphanNet(t, func(string) (err error) {
		fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		return err
	})
	defer unix.Close(fd)
	startDeep(t).entersOrphan(ino, ino, fmt.Sprintf("socket %d of %d", fd, os.Getpid()))
}

// mover is a shell that leaves its UTS namespace at the first line it reads, and ends at the second.
type mover struct {
	pid int
	in  io.Writer
	out *bufio.Reader
	end func() error // waits for its end and takes it off the list of processes
}

func startMover(t *testing.T) *mover {
	t.Helper()
	needRoot(t)
	cmd := exec.Command("sh", "-c", `echo begun; read x; exec unshare --uts sh -c 'echo moved; read x'`)
	in, out := startPiped(t, cmd)
	end := sync.OnceValue(func() error {
		return errors.Join(in.Close(), cmd.Wait())
	})
	t.Cleanup(func() {
		var exit *exec.ExitError
		if err := end(); err != nil && !errors.As(err, &exit) { // read fails at the end of its input
			t.Error(err)
		}
	})
	m := &mover{pid: cmd.Process.Pid, in: in, out: bufio.NewReader(out), end: end}
	m.says(t, "begun")
	return m
}

func (m *mover) says(t *testing.T, want string) {
	t.Helper()
	if line, err := m.out.ReadString('\n'); err != nil || strings.TrimSpace(line) != want {
		t.Fatalf("the mover says %q, %v", line, err)
	}
}

// TestTimelineShowsAMove is a live process that leaves its namespace while the timeline is open, and
// then ends.
func TestTimelineShowsAMove(t *testing.T) {
	m := startMover(t)
	pid := strconv.Itoa(m.pid)
	s := startSize(t, 120, 36, "--interval", "200ms")
	s.wait("live")
	s.send("e")
	s.wait("Timeline")
	s.send("/" + pid + drive.Enter)
	s.wait("nothing matches")
	if _, err := io.WriteString(m.in, "\n"); err != nil {
		t.Fatal(err)
	}
	m.says(t, "moved")
	s.waitFor(row("~", pid, "entered uts "+inode(t, m.pid, "uts")+" from yours"))
	s.send("g" + drive.Enter)
	s.waitFor(row("▌", pid, "u sh")) // its row, whose NS column ends in u
	s.send("e/" + pid + drive.Enter)
	if _, err := io.WriteString(m.in, "\n"); err != nil {
		t.Fatal(err)
	}
	if err := m.end(); err != nil {
		t.Fatal(err)
	}
	s.waitFor(row("-", pid, "ended, left uts"))
	s.send("q")
	s.gone("esc clears")
	s.send("q")
	s.gone("Timeline")
}

// TestFreshnessPage says how changes are learned of, to root and to others.
func TestFreshnessPage(t *testing.T) {
	s := start(t, drive.Options{Size: term.Size{W: 80, H: 24}, Credential: ordinary()})
	s.wait("live", "polling")
	s.send("F")
	s.wait("How fresh is this", "no events: ", "NOT READ", "EACCES")
	s.send(drive.Esc)
	s.gone("How fresh is this")
	s.send("q")
	s.exit(0)
}
