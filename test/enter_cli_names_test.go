package test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/test/drive"
)

// enter runs nstui enter as the given user and returns what it wrote and its exit status.
func enter(t *testing.T, credential *syscall.Credential, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, append([]string{"enter"}, args...)...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// quoll and wombat are names no process has but those of this run: what else runs on the host, be it this
// test a second time, must not be called so.
var quoll, wombat = "quoll" + strconv.Itoa(os.Getpid()), "wombat" + strconv.Itoa(os.Getpid())

// animal starts a process of the name in a network namespace of its own.
func animal(t *testing.T, name string) (pid int) {
	t.Helper()
	a := actor{Comm: name, Args: []string{"/opt/" + name + "d", "--feed"}, Flags: syscall.CLONE_NEWNET}
	if os.Geteuid() != 0 {
		needUserNamespaces(t)
		a.Flags |= syscall.CLONE_NEWUSER
	}
	return play(t, a)
}

func TestEnterByName(t *testing.T) {
	pid := animal(t, quoll)
	want := "net:[" + inode(t, pid, "net") + "]\n"
	for _, args := range [][]string{
		{"-t", quoll, "-n"},
		{"-t", quoll + "d", "-n"}, // the name it was started by
		{"-t", quoll, "-a"},
		{"-t", "ns:" + inode(t, pid, "net")},
		{"-t", "ns:" + inode(t, pid, "net"), "-a"},
		{"-t", strconv.Itoa(pid), "-n"},
		{"-t", strconv.Itoa(pid) + ":" + pidfsInode(t, pid), "-n"},
	} {
		stdout, stderr, status := enter(t, nil, append(args, "readlink", "/proc/self/ns/net")...)
		if stdout != want || stderr != "" || status != 0 {
			t.Errorf("%v: got %q, %q and status %d, want %q", args, stdout, stderr, status, want)
		}
	}
	_, stderr, status := enter(t, nil, "-t", strconv.Itoa(pid)+":1", "-n", "true")
	if status != 1 || !strings.Contains(stderr, "the pid belongs to another process now") {
		t.Errorf("another process of the pid: %q and status %d", stderr, status)
	}
}

// pidfsInode returns the number of a process that is never used again.
func pidfsInode(t *testing.T, pid int) string {
	t.Helper()
	process, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = process.Release() }() // it is not ours to wait for
	number, ok := "", false
	if err := process.WithHandle(func(handle uintptr) {
		var st syscall.Stat_t
		ok = syscall.Fstat(int(handle), &st) == nil
		number = strconv.FormatUint(st.Ino, 10)
	}); err != nil || !ok {
		t.Fatalf("stat a pidfd: %v", err)
	}
	return number
}

// A name that fits two processes is not guessed.
func TestEnterAmbiguousName(t *testing.T) {
	one, two := animal(t, wombat), animal(t, wombat)
	stdout, stderr, status := enter(t, nil, "-t", wombat, "-n", "echo", "in")
	if status != 1 || stdout != "" {
		t.Errorf("got %q and status %d", stdout, status)
	}
	for _, want := range []string{"2 processes", strconv.Itoa(one), strconv.Itoa(two), "/opt/" + wombat + "d --feed"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("it does not say %q:\n%s", want, stderr)
		}
	}
	if stdout, _, status := enter(t, nil, "-t", "no-such-animal", "-n", "echo", "in"); status != 1 || stdout != "" {
		t.Errorf("got %q and status %d", stdout, status)
	}
}

func TestEnterNamedNetwork(t *testing.T) {
	needRoot(t) // to mount
	pid := animal(t, quoll)
	// In a mount namespace of its own, so that ip-netns(8) of this host does not see it.
	cmd := exec.CommandContext(t.Context(), "unshare", "--mount", "sh", "-ec", `
		mkdir -p /run/netns
		mount -t tmpfs none /run/netns
		touch /run/netns/blue
		mount --bind "$1" /run/netns/blue
		"$0" enter -t netns:blue readlink /proc/self/ns/net
		"$0" enter -t netns:red true || echo $?
		"$0" enter -t netns:blue -m true || echo $?`, binary, "/proc/"+strconv.Itoa(pid)+"/ns/net")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if want := "net:[" + inode(t, pid, "net") + "]\n1\n1\n"; err != nil || string(out) != want {
		t.Errorf("got %v and %q, want %q\n%s", err, out, want, stderr.Bytes())
	}
	for _, want := range []string{"/run/netns/red: no such file", "netns:blue is a namespace, not a process"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, stderr.Bytes())
		}
	}
}

// What is said of an entry before it is made, to people and to programs.
// A namespace without processes is entered by what keeps it.
func TestEnterWhatNoProcessIsIn(t *testing.T) {
	var fd int
	for name, keep := range map[string]func(link string) error{
		"descriptor": func(link string) (err error) {
			fd, err = unix.Open(link, unix.O_RDONLY|unix.O_CLOEXEC, 0)
			return err
		},
		"socket": func(string) (err error) {
			fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			ino := orphanNet(t, keep)
			defer func() { _ = unix.Close(fd) }()
			out, errs, status := enter(t, nil, "-t", "ns:"+ino, "readlink", "/proc/self/ns/net")
			if out != "net:["+ino+"]\n" || errs != "" || status != 0 {
				t.Errorf("got %q, %q, status %d, want to be in %s", out, errs, status, ino)
			}
		})
	}
}

func TestEnterDryRun(t *testing.T) {
	pid := animal(t, quoll)
	stdout, stderr, status := enter(t, nil, "-t", quoll, "-n", "--dry-run", "touch", "/nonexistent/x")
	if status != 0 || stderr != "" {
		t.Errorf("got %q and status %d", stderr, status)
	}
	for _, want := range []string{
		"target     " + strconv.Itoa(pid) + " " + quoll + "\n",
		"net        enter    " + inode(t, pid, "net") + ", yours is " + inode(t, os.Getpid(), "net") + "\n",
		"uts        shared   " + inode(t, pid, "uts") + ": same as yours\n",
		"program    touch /nonexistent/x\n",
		"same as    nsenter -t " + strconv.Itoa(pid) + " -n",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("it does not say %q:\n%s", want, stdout)
		}
	}
	stdout, _, status = enter(t, nil, "-t", quoll, "-n", "--dry-run", "--json")
	var plan struct {
		Ready  bool
		Target struct {
			PID  int
			Comm string
		}
		Kinds []struct {
			Kind, State string
			Target      uint64
		}
		Shells [][]string
	}
	if err := json.Unmarshal([]byte(stdout), &plan); err != nil || status != 0 {
		t.Fatalf("got %v and status %d:\n%s", err, status, stdout)
	}
	if !plan.Ready || plan.Target.PID != pid || plan.Target.Comm != quoll || len(plan.Shells) == 0 {
		t.Errorf("got %+v", plan)
	}
	for _, k := range plan.Kinds {
		if k.Kind == "net" && (k.State != "enter" || strconv.FormatUint(k.Target, 10) != inode(t, pid, "net")) {
			t.Errorf("net is %+v", k)
		}
	}
}

func TestEnterRefused(t *testing.T) {
	needRoot(t) // to have a process of another user
	pid := strconv.Itoa(animal(t, quoll))
	stdout, stderr, status := enter(t, ordinary(), "-t", pid, "-n", "echo", "in")
	if stdout != "" || status != 1 || !strings.HasPrefix(stderr, "nstui: net: ") {
		t.Errorf("got %q, %q and status %d", stdout, stderr, status)
	}
	stdout, stderr, status = enter(t, ordinary(), "-t", pid, "-n", "--dry-run")
	if status != 1 || stderr != "" || !strings.Contains(stdout, "fail       net: ") {
		t.Errorf("got %q, %q and status %d", stdout, stderr, status)
	}
}

// On a terminal the shell is like any other: keys reach it, and ^C ends what runs in it and nothing else.
func TestEnterOnATerminal(t *testing.T) {
	pid := animal(t, quoll)
	s := start(t, drive.Options{Args: []string{"enter", "-t", quoll, "-n", "sh", "-c", `PS1='here> ' exec sh -i`}})
	s.wait("here>")
	s.send("readlink /proc/self/ns/net" + drive.Enter)
	s.wait("net:[" + inode(t, pid, "net") + "]")
	s.send("echo wai''ting; cat" + drive.Enter)
	s.wait("waiting")
	s.send("typed" + drive.Enter)
	s.waitFor("an echo", func(v drive.View) bool { return strings.Count(strings.Join(v.Lines(), "\n"), "typed") == 2 })
	s.send("\x03")
	s.waitFor("a new prompt", func(v drive.View) bool {
		return slices.ContainsFunc(v.Lines(), func(line string) bool { return strings.TrimSpace(line) == "here>" })
	})
	s.send("echo $((6*7)); exit 4" + drive.Enter)
	s.wait("42")
	s.exit(4)
}

// Signals for nstui are for the program, and nstui ends as that does.
func TestEnterPassesSignalsOn(t *testing.T) {
	animal(t, quoll)
	for _, test := range []struct {
		program string
		end     string
	}{
		{`trap 'exit 9' TERM; echo ready; while :; do read -r line || exit 1; done`, "exit status 9"},
		{`echo ready; read -r line`, "signal: terminated"},
	} {
		cmd := exec.CommandContext(t.Context(), binary, "enter", "-t", quoll, "-n", "sh", "-c", test.program)
		stdin, stdout := startPiped(t, cmd)
		if _, err := stdout.Read(make([]byte, len("ready\n"))); err != nil {
			t.Error(err)
		}
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err == nil || err.Error() != test.end {
			t.Errorf("%s: got %v, want %s", test.program, err, test.end)
		}
		_ = stdin.Close() // Wait may have closed it
	}
}
