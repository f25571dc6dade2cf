package test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nstui/test/drive"
	"nstui/ui/term"
)

// address is one that only the network namespaces of tests have.
const address = "10.77.5.1/24"

// webServer returns a process in a network namespace with the address. For an ordinary user it is in a
// user namespace of theirs, too, as in a rootless container.
func webServer(t testing.TB) (pid int) {
	t.Helper()
	a := actor{
		Comm:  "quokka",
		Args:  []string{"quokka: master process"},
		Flags: syscall.CLONE_NEWNET,
		Setup: [][]string{{"ip", "addr", "add", address, "dev", "lo"}, {"ip", "link", "set", "lo", "up"}},
	}
	if os.Geteuid() != 0 {
		a.Flags |= syscall.CLONE_NEWUSER
		needUserNamespaces(t)
	}
	return play(t, a)
}

// needUserNamespaces skips a test where an ordinary user cannot make user namespaces.
func needUserNamespaces(t testing.TB) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "-test.run", "^$")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER}
	cmd.Env = []string{actorVariable + "=" + echo}
	if err := cmd.Run(); err != nil {
		t.Skip("needs user namespaces:", err)
	}
}

// find finds the process by the filter.
func (s *session) find(pid int) {
	s.t.Helper()
	s.wait("live")
	s.send("/quokka" + drive.Enter)
	s.waitFor(row(strconv.Itoa(pid), "quokka"))
}

// enterNet finds the process and opens a shell in its network namespace.
func (s *session) enterNet(pid int) {
	s.t.Helper()
	s.find(pid)
	s.send("n")
	s.wait("INSIDE", "STILL HOST")
}

// The whole of what nstui is for: find a process, enter its network, look around, leave and come back,
// resize, exit, quit; and all is as it was.
func TestShellInANetworkNamespace(t *testing.T) {
	pid := webServer(t)
	s := start(t, drive.Options{Before: "$ nstui\n", Size: term.Size{W: 120, H: 36}, Env: shellEnv()})
	before := untouched(s)
	s.enterNet(pid)
	s.send("readlink /proc/self/ns/net; ip addr show dev lo" + drive.Enter)
	s.wait("net:["+inode(t, pid, "net")+"]", address)

	s.send(drive.Prefix + "d")
	s.gone("INSIDE")
	s.waitFor(row(strconv.Itoa(pid), "quokka"))
	s.send("b")
	s.wait("INSIDE", address)

	s.send("clear; stty size" + drive.Enter)
	s.wait("34 118")
	if err := s.Resize(term.Size{W: 80, H: 24}); err != nil {
		t.Fatal(err)
	}
	s.send("clear; stty size" + drive.Enter)
	s.wait("22 80")

	s.send("exit 7" + drive.Enter)
	s.back("exited 7")
	s.send("q")
	s.exit(0)
	s.restored(before)
	if left := inNamespace(t, "net", inode(t, pid, "net")); len(left) != 1 || left[0] != pid {
		t.Errorf("processes %v are in the namespace, want only %d", left, pid)
	}
}

// S takes every kind in which the process differs, and no other.
func TestShellInEveryNamespace(t *testing.T) {
	needRoot(t)
	pid := play(t, actor{
		Comm: "quokka",
		Flags: syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC | syscall.CLONE_NEWNET |
			syscall.CLONE_NEWPID | unix.CLONE_NEWCGROUP,
	})
	s := start(t, drive.Options{Size: term.Size{W: 120, H: 36}, Env: shellEnv()})
	s.find(pid)
	s.send("S")
	s.wait("INSIDE", "STILL HOST: time user")
	s.send("clear; readlink /proc/self/ns/*" + drive.Enter)
	for _, kind := range []string{"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"} {
		s.wait(kind + ":[" + inode(t, pid, kind) + "]")
	}
	s.send("exit" + drive.Enter)
	s.back("exited 0")
	s.send("q")
	s.exit(0)
}

// Shells that come and go must leave neither descriptors nor processes.
func TestShellsLeaveNothing(t *testing.T) {
	pid := webServer(t)
	// Each worker of a scan keeps a socket from when it needs one first: here there is one worker.
	s := start(t, drive.Options{Size: term.Size{W: 120, H: 36}, Env: append(shellEnv(), "GOMAXPROCS=1")})
	s.enterNet(pid)
	s.leave(pid)
	open := descriptors(t, s.PID()) // with what is made once, for the first shell
	for range 3 {
		s.send("n")
		s.wait("INSIDE", "STILL HOST")
		s.leave(pid)
	}
	// A scan has a socket open for a moment; what a shell leaves stays.
	now := descriptors(t, s.PID())
	for end := time.Now().Add(patience); !maps.Equal(now, open) && time.Now().Before(end); {
		now = descriptors(t, s.PID())
	}
	if !maps.Equal(now, open) {
		t.Errorf("open are %v, and were %v", now, open)
	}
	if children := childrenOf(t, s.PID()); len(children) > 0 {
		t.Errorf("processes %v are left", children)
	}
	s.send("q")
	s.exit(0)
}

// leave ends the shell by exit and goes back to the list.
func (s *session) leave(pid int) {
	s.t.Helper()
	s.send("exit" + drive.Enter)
	s.back("exited 0")
	s.waitFor(row(strconv.Itoa(pid), "quokka"))
}

// back leaves the screen of a shell that has ended. It takes no key until the keyboard has been quiet for
// a moment, so that what was typed for the shell does nothing in the list: so press Enter as a person
// does, again if nothing happens.
func (s *session) back(ended string) {
	s.t.Helper()
	s.wait(ended)
	for s.ctx.Err() == nil {
		s.send(drive.Enter)
		moment, cancel := context.WithTimeout(s.ctx, time.Second)
		err := s.WaitGone(moment, ended)
		cancel()
		if err == nil {
			return
		}
	}
	s.t.Fatalf("the screen of the shell stays:\n%s", s.Screen())
}

// When nstui is killed the shells end with it: nobody could reach them any more.
func TestShellsEndWithTheProgram(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		t.Run(sig.String(), func(t *testing.T) {
			pid := webServer(t)
			s := start(t, drive.Options{Size: term.Size{W: 120, H: 36}, Env: shellEnv()})
			s.enterNet(pid)
			s.send("echo pid $$" + drive.Enter)
			var shell int
			s.waitFor("the pid of the shell", func(v drive.View) bool {
				for _, line := range v.Lines() {
					if _, rest, ok := strings.Cut(line, "┃pid "); ok {
						_, err := fmt.Sscan(rest, &shell)
						return err == nil
					}
				}
				return false
			})
			fd, err := pidfd(shell)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Signal(sig); err != nil {
				t.Fatal(err)
			}
			s.exit(128 + int(sig))
			deadline, _ := s.ctx.Deadline()
			fd.wait(t, deadline)
		})
	}
}

func TestQuitAsksWhileAShellRuns(t *testing.T) {
	pid := webServer(t)
	s := start(t, drive.Options{Size: term.Size{W: 80, H: 24}, Env: shellEnv()})
	s.enterNet(pid)
	s.send(drive.Prefix + "d")
	s.gone("INSIDE")
	s.send("q")
	s.wait("1 shell is still running")
	s.send("n")
	s.gone("still running")
	s.send("b")
	s.wait("INSIDE")
	s.send(drive.Prefix + "d")
	s.gone("INSIDE")
	s.send("q")
	s.wait("still running")
	s.send("y")
	s.exit(0)
}

// shellEnv is the environment of a test with a shell: a plain prompt, and no history file.
func shellEnv() []string { return append(drive.Environ(), "HISTFILE=", "PS1=$ ", "SHELL=/bin/sh") }

// descriptors returns what the descriptors of a process refer to.
func descriptors(t *testing.T, pid int) map[string]string {
	t.Helper()
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	open := make(map[string]string)
	for _, entry := range entries {
		// One that is open for a moment, for a scan, may be gone.
		if target, err := os.Readlink(filepath.Join(dir, entry.Name())); err == nil && !strings.HasPrefix(target, "/proc") {
			open[entry.Name()] = target
		}
	}
	return open
}

// childrenOf returns the pids of the children of a process.
func childrenOf(t testing.TB, pid int) []string {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	var children []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // a thread that has ended
		}
		children = append(children, strings.Fields(string(text))...)
	}
	return children
}

// inNamespace returns the pids of the processes in the namespace with the inode number.
func inNamespace(t *testing.T, kind, ino string) []int {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/ns/" + kind)
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, link := range links {
		if target, err := os.Readlink(link); err != nil || target != kind+":["+ino+"]" {
			continue
		}
		pid, err := strconv.Atoi(strings.Split(link, "/")[2])
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}
