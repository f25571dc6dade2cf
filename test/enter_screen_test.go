package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"nstui/test/drive"
	"nstui/ui/term"
)

// cagedActor starts a process with an empty root directory but for a file, in namespaces of its own.
func cagedActor(t *testing.T, content string) (pid int) {
	t.Helper()
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "note"), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(actorBinary)
	cmd.Args[0] = "quokka"
	cmd.Env = []string{actorVariable + "=" + cage, folderVariable + "=" + root}
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS}
	startActor(t, cmd)
	return cmd.Process.Pid
}

// through starts an actor by a command that becomes it, such as setpriv, in namespaces of its own.
func through(t *testing.T, flags uintptr, command ...string) (pid int) {
	t.Helper()
	cmd := exec.Command(command[0], append(command[1:], actorBinary, "quokka")...)
	cmd.Env = append(os.Environ(), actorVariable+"="+echo)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags}
	startActor(t, cmd)
	return cmd.Process.Pid
}

// startOn runs nstui, goes to a process and opens the picker for it.
func startOn(t *testing.T, pid int) *session {
	t.Helper()
	s := start(t, drive.Options{Size: term.Size{W: 120, H: 36}, Env: shellEnv()})
	s.wait("live")
	s.send(":pid " + strconv.Itoa(pid) + drive.Enter)
	s.wait("Details  " + strconv.Itoa(pid))
	s.send("s")
	s.wait("Enter namespaces of "+strconv.Itoa(pid), "Same as")
	return s
}

// end leaves the shell and the program.
func (s *session) end() {
	s.t.Helper()
	s.send("exit" + drive.Enter)
	s.back("exited 0")
	s.send("q")
	s.exit(0)
}

// status returns a field of the status file of a process.
func status(t *testing.T, pid int, name string) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	t.Fatalf("there is no %s in the status of %d", name, pid)
	return ""
}

// A target without a shell is entered with the host's tools, which start among its files.
func TestScreenOffersHostTools(t *testing.T) {
	needRoot(t)
	pid := cagedActor(t, "written by a quokka\n")
	s := start(t, drive.Options{Size: term.Size{W: 120, H: 36}, Env: shellEnv()})
	s.find(pid)
	s.send("S")
	s.wait("No shell was started", "no shell in the target's root directory", "use other tools")
	s.send("h")
	s.wait("Enter namespaces of", "the host's, at its files", "/bin/bash exists on the host")
	s.send(drive.Enter)
	s.wait("INSIDE", "STILL HOST", "as host root")
	s.send("cat note; readlink /proc/self/ns/net /proc/self/ns/uts" + drive.Enter)
	s.wait("written by a quokka", "net:["+inode(t, pid, "net")+"]", "uts:["+inode(t, pid, "uts")+"]")
	s.end()
}

// The host's busybox runs in a root directory where nothing else does.
func TestScreenOffersBusybox(t *testing.T) {
	needRoot(t)
	if _, err := exec.LookPath("busybox"); err != nil {
		t.Skip("needs a static busybox:", err)
	}
	pid := cagedActor(t, "written by a quokka\n")
	s := startOn(t, pid)
	s.send("hh")
	s.wait("the host's busybox in its root", "nothing is written there")
	s.send(drive.Enter)
	s.wait("INSIDE", "STILL HOST")
	s.send("read x </note; echo $x; echo /*" + drive.Enter) // a shell, and no more than that
	s.waitFor(row("written by a quokka"))
	s.waitFor(row("┃/note ")) // there is nothing but the file
	s.end()
}

// Somebody else's process is entered as that user.
func TestScreenEntersAsTheTarget(t *testing.T) {
	needRoot(t)
	pid := play(t, actor{Comm: "quokka", Flags: syscall.CLONE_NEWNET, Credential: ordinary()})
	s := startOn(t, pid)
	s.send("w")
	s.wait(strconv.Itoa(uid)+": the target's own", fmt.Sprintf("-S %d -G %d", uid, uid))
	s.send(drive.Enter)
	s.wait("INSIDE", "STILL HOST")
	s.send("echo uid=$(id -u) gid=$(id -g) groups=$(id -G)." + drive.Enter)
	s.wait(fmt.Sprintf("uid=%d gid=%d groups=%d.", uid, uid, uid))
	s.end()
}

// A confined shell has no capability that its target can never have, and no new privileges if that has none.
func TestScreenConfinesAShell(t *testing.T) {
	needRoot(t)
	pid := through(t, syscall.CLONE_NEWNET, "setpriv", "--bounding-set", "-sys_time,-sys_module,-net_raw", "--no-new-privs")
	own := status(t, os.Getpid(), "CapBnd")
	bounding := status(t, pid, "CapBnd")
	if own == bounding {
		t.Fatalf("the target may have all that we may: %s", own)
	}
	s := startOn(t, pid)
	s.send("x")
	s.wait("as confined as the target", "no new privileges")
	s.send(drive.Enter)
	s.wait("INSIDE", "STILL HOST", "confined")
	s.send("clear; grep -E 'CapBnd|CapEff|NoNewPrivs' /proc/self/status" + drive.Enter)
	s.waitFor(row("CapBnd:", bounding))
	s.waitFor(row("CapEff:", bounding))
	s.waitFor(row("NoNewPrivs:", " 1"))
	s.end()
}

// One entry takes a namespace of each of two processes.
func TestScreenMixesTwoProcesses(t *testing.T) {
	needRoot(t)
	net := webServer(t)
	pid := play(t, actor{Comm: "wombat", Flags: syscall.CLONE_NEWUTS | syscall.CLONE_NEWNET})
	s := startOn(t, pid)
	s.send("nn") // the cursor goes where a letter is
	s.send("f/proc/1/nonsense" + drive.Enter)
	s.wait("open the net namespace of /proc/1/nonsense: no such file or directory")
	s.send("\x15" + strconv.Itoa(net) + drive.Enter)
	s.wait(fmt.Sprintf("from process %d", net), fmt.Sprintf("-n/proc/%d/ns/net", net))
	s.send(drive.Enter)
	s.wait("INSIDE", "STILL HOST")
	s.send("readlink /proc/self/ns/net /proc/self/ns/uts" + drive.Enter)
	s.wait("net:["+inode(t, net, "net")+"]", "uts:["+inode(t, pid, "uts")+"]")
	s.end()
}

// When the process that was picked ends, another one of its namespaces takes its place.
func TestScreenOffersAnotherProcess(t *testing.T) {
	needRoot(t)
	cmd := mortal(t)
	ino := inode(t, cmd.Process.Pid, "net")
	other := through(t, 0, "nsenter", "-n", "-t", strconv.Itoa(cmd.Process.Pid), "--")
	s := startOn(t, cmd.Process.Pid)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	s.wait("the process is gone", fmt.Sprintf("take %d ", other))
	s.send("o")
	s.wait(fmt.Sprintf("Enter namespaces of %d", other), "Same as")
	s.gone("the process is gone")
	s.send(drive.Enter)
	s.wait("INSIDE", "STILL HOST")
	s.send("readlink /proc/self/ns/net" + drive.Enter)
	s.wait("net:[" + ino + "]")
	s.end()
}
