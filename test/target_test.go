package test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/test/drive"
	"nstui/ui/term"
)

// mortal starts a process in a network namespace of its own that the test ends itself.
func mortal(t *testing.T) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("sleep", "1000")
	cmd.Args[0] = "quokka"
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if os.Geteuid() != 0 {
		needUserNamespaces(t)
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have been
		_ = cmd.Wait()
	})
	return cmd
}

// pick goes to the process and opens the picker.
func (s *session) pick(pid int) {
	s.t.Helper()
	s.find(pid)
	s.send("s")
	s.wait("Enter namespaces of", "Same as")
}

// refuses checks that Enter starts nothing, and that the program goes on.
func (s *session) refuses(why string) {
	s.t.Helper()
	s.wait(why)
	s.send(drive.Enter)
	s.wait("Enter namespaces of", why)
	s.send(drive.Esc)
	s.gone("Enter namespaces of")
	if left := childrenOf(s.t, s.PID()); len(left) > 0 {
		s.t.Errorf("processes %v are left", left)
	}
	s.send("q")
	s.exit(0)
}

func TestTargetEndsWhileItIsPicked(t *testing.T) {
	t.Run("and is gone", func(t *testing.T) {
		cmd := mortal(t)
		s := startSize(t, 120, 36)
		s.pick(cmd.Process.Pid)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		s.refuses("the process is gone")
	})
	t.Run("and is a zombie", func(t *testing.T) {
		cmd := mortal(t)
		s := startSize(t, 120, 36)
		s.pick(cmd.Process.Pid)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		s.refuses("it has no namespaces to enter")
	})
}

func TestTargetIsAZombie(t *testing.T) {
	cmd := mortal(t)
	fd, err := unix.PidfdOpen(cmd.Process.Pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1); !errors.Is(err, unix.EINTR) {
			break
		}
	}
	s := startSize(t, 120, 36, "--kind", "pid") // the kernel keeps it in its pid and user namespaces
	s.wait("live")
	s.send("/" + strconv.Itoa(cmd.Process.Pid) + drive.Enter)
	s.wait("(zombie)")
	s.send("n")
	s.wait(fmt.Sprintf("process %d has ended and is a zombie", cmd.Process.Pid))
	s.send("q")
	s.exit(0)
}

func TestTargetWithoutPermission(t *testing.T) {
	needRoot(t) // to have a process of another user
	pid := webServer(t)
	s := start(t, drive.Options{Size: term.Size{W: 120, H: 36}, Credential: ordinary()})
	s.wait("live")
	s.send(":pid " + strconv.Itoa(pid) + drive.Enter)
	s.waitFor(row(strconv.Itoa(pid), "????????"))
	s.send("n")
	s.wait("NOT INSIDE", "permission denied", "its process belongs to uid 0", "Nothing of it is left behind")
	s.send(drive.Enter)
	s.gone("NOT INSIDE")
	s.send("q")
	s.exit(0)
}

func TestTargetWithoutAShell(t *testing.T) {
	needRoot(t) // to change the root directory
	cmd := exec.Command(actorBinary)
	cmd.Args[0] = "quokka"
	cmd.Env = []string{actorVariable + "=" + cage, folderVariable + "=" + t.TempDir()}
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET}
	startActor(t, cmd)
	pid := cmd.Process.Pid

	s := start(t, drive.Options{Size: term.Size{W: 120, H: 36}, Env: shellEnv()})
	s.pick(pid)
	s.wait("no shell in the target's root directory", "leave mnt out")
	s.send("m") // and what it advises works
	s.wait("/bin/bash exists on the host")
	s.send(drive.Enter)
	s.wait("INSIDE", "STILL HOST")
	s.send("readlink /proc/self/ns/net" + drive.Enter)
	s.wait("net:[" + inode(t, pid, "net") + "]")
	s.send("exit" + drive.Enter)
	s.back("exited 0")
	s.send("q")
	s.exit(0)
}
