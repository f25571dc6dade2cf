package express_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// binary is nstui as it ships, in a folder every user can read.
var binary string

func TestMain(m *testing.M) {
	status, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

func runTests(m *testing.M) (status int, err error) {
	folder, err := os.MkdirTemp("", "nstui-express-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := os.Chmod(folder, 0o755); err != nil {
		return 0, err
	}
	binary = filepath.Join(folder, "nstui")
	cmd := exec.Command("go", "build", "-o", binary, "nstui")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build nstui: %w\n%s", err, out)
	}
	return m.Run(), nil
}

// needRoot skips a test that only root can do. The words are known to .ci/run.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
}

// user is an ordinary one.
var user = &syscall.Credential{Uid: 1000, Gid: 1000}

// target starts a process in namespaces of its own. It ends with the test.
func target(t *testing.T, attr *syscall.SysProcAttr) (pid int) {
	t.Helper()
	cmd := exec.Command("cat")
	cmd.SysProcAttr = attr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(stdin.Close(), cmd.Wait()); err != nil {
			t.Errorf("the target: %v", err)
		}
	})
	return cmd.Process.Pid
}

// fourKinds are the kinds that are entered the fast way.
const fourKinds = syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC | syscall.CLONE_NEWCGROUP

// outcome is what a run of a program came to.
type outcome struct {
	pid            int
	stdout, stderr string
	end            string // "exit status 3" or "signal: killed"
}

// run runs a command to its end. setup may change how it is started.
func run(t *testing.T, setup func(*exec.Cmd), argv ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), argv[0], argv[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader("over standard input\n"), &stdout, &stderr
	if setup != nil {
		setup(cmd)
	}
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{cmd.Process.Pid, stdout.String(), stderr.String(), cmd.ProcessState.String()}
}

// ways runs a command line the fast way, the ordinary way and with nsenter(1).
func ways(t *testing.T, setup func(*exec.Cmd), args ...string) (fast, ordinary, nsenter outcome) {
	t.Helper()
	fast = run(t, setup, slices.Concat([]string{binary, "enter"}, args)...)
	ordinary = run(t, setup, slices.Concat([]string{binary, "enter", "-F"}, args)...)
	nsenter = run(t, setup, slices.Concat([]string{"nsenter"}, args)...)
	return fast, ordinary, nsenter
}

// equal checks that nobody can tell the fast way from the ordinary one, nor its end from that of
// nsenter(1). The errors of that one have their own words.
func equal(t *testing.T, fast, ordinary, nsenter outcome) {
	t.Helper()
	if fast.stdout != ordinary.stdout || fast.stderr != ordinary.stderr || fast.end != ordinary.end {
		t.Errorf("the fast way: %s\n%s%s\nthe ordinary way: %s\n%s%s",
			fast.end, fast.stdout, fast.stderr, ordinary.end, ordinary.stdout, ordinary.stderr)
	}
	if fast.stdout != nsenter.stdout || fast.end != nsenter.end {
		t.Errorf("the fast way: %s\n%s%s\nnsenter: %s\n%s%s",
			fast.end, fast.stdout, fast.stderr, nsenter.end, nsenter.stdout, nsenter.stderr)
	}
}

// links prints the namespaces a program is in.
const links = `for k in cgroup ipc mnt net pid time user uts; do readlink /proc/self/ns/$k; done`

func TestDoesAsTheOthers(t *testing.T) {
	needRoot(t)
	pid := strconv.Itoa(target(t, &syscall.SysProcAttr{Cloneflags: fourKinds}))
	folder := t.TempDir()
	programs := map[string]struct {
		text string
		mode os.FileMode
	}{
		"plain":       {"echo out of a script: $0 $1", 0o755}, // without #!
		"script":      {"#!/bin/sh\necho out of $0: $1\n", 0o755},
		"interpreted": {"#!/nonexistent/interpreter\n", 0o755},
		"closed":      {"#!/bin/sh\n", 0o644},
		"empty":       {"", 0o755},
	}
	for name, p := range programs {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(p.text), p.mode); err != nil {
			t.Fatal(err)
		}
	}
	later := filepath.Join(folder, "later")
	if err := errors.Join(os.Mkdir(later, 0o755), os.Symlink("../script", filepath.Join(later, "closed"))); err != nil {
		t.Fatal(err)
	}
	path := "PATH=/nonexistent:" + folder + ":" + later + ":/bin:/usr/bin"
	for _, args := range [][]string{
		{"-t", pid, "-n", "sh", "-c", links},
		{"-t", pid, "-u", "sh", "-c", links},
		{"-t", pid, "-i", "sh", "-c", links},
		{"-t", pid, "-C", "sh", "-c", links + "; cat /proc/self/cgroup"},
		{"-t" + pid, "--net", "sh", "-c", links},
		{"--target=" + pid, "--uts", "--", "sh", "-c", links},
		{"--ipc", "--target", pid, "sh", "-c", links},
		{"--cgroup", "-t", pid, "sh", "-c", links},

		{"-t", pid, "-n", "cat"},
		{"-t", pid, "-n", "printf", "<%s>", "", "a b", "-t", "--", "ü"},
		{"-t", pid, "-n", "sh", "-c", "exit 3"},
		{"-t", pid, "-n", "sh", "-c", "kill -KILL $$"},
		{"-t", pid, "-n", "sh", "-c", "kill -TERM $$"},
		{"-t", pid, "-n", "sh", "-c", "kill -PIPE $$"},
		{"-t", pid, "-n", "sh", "-c", "ulimit -c 0; kill -QUIT $$"},

		{"-t", pid, "-n", "plain", "one"},
		{"-t", pid, "-n", filepath.Join(folder, "plain"), "one"},
		{"-t", pid, "-n", "script", "one"},
		{"-t", pid, "-n", "closed", "one"}, // the one that may be executed is found later
		{"-t", pid, "-n", "empty"},
		{"-t", pid, "-n", "interpreted"},
		{"-t", pid, "-n", "later"}, // a folder
		{"-t", pid, "-n", "no-such-program"},
		{"-t", pid, "-n", "/no/such/program"},
		{"-t", pid, "-n", "/etc/passwd"},
		{"-t", pid, "-n", "/etc/passwd/x"},
		{"-t", pid, "-n", filepath.Join(folder, "closed")},

		{"-t", strconv.Itoa(os.Getpid()), "-n", "sh", "-c", links}, // the same namespace
		{"-t", strconv.Itoa(os.Getpid()), "-n", "no-such-program"},
		{"-t", "4194304", "-n", "true"}, // no process can have it
		{"-t", "0", "-n", "true"},
	} {
		t.Run(strings.ReplaceAll(strings.Join(args, " "), "/", "|"), func(t *testing.T) {
			fast, ordinary, nsenter := ways(t, func(cmd *exec.Cmd) { cmd.Env = append(os.Environ(), path) }, args...)
			equal(t, fast, ordinary, nsenter)
		})
	}
	// Only then does a closed file count that is found on the way.
	t.Run("closed file on the way", func(t *testing.T) {
		fast, ordinary, nsenter := ways(t, func(cmd *exec.Cmd) { cmd.Env = []string{"PATH=" + folder + ":/nonexistent:/usr/bin"} },
			"-t", pid, "-n", "closed")
		if equal(t, fast, ordinary, nsenter); fast.end != "exit status 126" {
			t.Errorf("it ended with %s", fast.end)
		}
	})
}

// What a process is given from before, the program has, too.
func TestHandsOn(t *testing.T) {
	needRoot(t)
	pid := strconv.Itoa(target(t, &syscall.SysProcAttr{Cloneflags: fourKinds}))
	// Go would raise the limit of open files, and take the ignored signals for its own.
	const given = `ulimit -S -n 64; umask 027; cd /usr; trap '' HUP INT; exec "$@"`
	// Of its own status the program shows the masks, of its stat: group, session, terminal.
	const look = `ulimit -S -n; ulimit -H -n; umask; pwd; env | sort; id
		grep -E '^(SigBlk|SigIgn|Cap)' /proc/self/status; cut -d ' ' -f 5-7 /proc/self/stat`
	through := func(argv ...string) outcome {
		return run(t, nil, slices.Concat([]string{"sh", "-c", given, "sh"}, argv, []string{"-t", pid, "-n", "sh", "-c", look})...)
	}
	equal(t, through(binary, "enter"), through(binary, "enter", "-F"), through("nsenter"))

	t.Run("but no variables of nstui", func(t *testing.T) {
		got := run(t, func(cmd *exec.Cmd) { cmd.Env = []string{"NSTUI_THEME=dark", "A=1", "PATH=/usr/bin"} },
			binary, "enter", "-t", pid, "-n", "env")
		if got.stdout != "A=1\nPATH=/usr/bin\n" {
			t.Errorf("the environment is %q", got.stdout)
		}
	})
	t.Run("and no descriptors", func(t *testing.T) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		defer w.Close()
		const look = `cd /proc/$$/fd; for fd in 3 4 5 6 7 8 9 10 11 12; do test -L $fd && readlink $fd; done; echo $$`
		got := run(t, func(cmd *exec.Cmd) { cmd.ExtraFiles = []*os.File{r, w} }, binary, "enter", "-t", pid, "-n", "sh", "-c", look)
		if want := fmt.Sprintln(got.pid); got.stdout != want {
			t.Errorf("it has %q, want %q", got.stdout, want)
		}
	})
}

// The program has the pid nstui was started with if it went the fast way, and only then.
func TestTakesOnlyTheSimpleCase(t *testing.T) {
	needRoot(t)
	pid := strconv.Itoa(target(t, &syscall.SysProcAttr{Cloneflags: fourKinds}))
	folder, later := t.TempDir(), t.TempDir()
	// A file on the way that may not be executed, then a script without #!.
	if err := errors.Join(os.WriteFile(filepath.Join(folder, "sh"), nil, 0o644),
		os.WriteFile(filepath.Join(later, "sh"), []byte("echo $$"), 0o755)); err != nil {
		t.Fatal(err)
	}
	none := func(*exec.Cmd) {}
	path := func(dirs string) func(*exec.Cmd) {
		return func(cmd *exec.Cmd) { cmd.Env = []string{"PATH=" + dirs} }
	}
	for _, c := range []struct {
		name  string
		args  []string
		setup func(*exec.Cmd)
		takes bool
	}{
		{"net", []string{"-t", pid, "-n"}, none, true},
		{"long options", []string{"--uts", "--target=" + pid, "--"}, none, true},
		{"a script", []string{"-t", pid, "-n"}, path(folder + ":" + later), true},
		{"an option behind", []string{"-t", pid, "-n", "-F"}, none, false},
		{"two kinds", []string{"-t", pid, "-n", "-u"}, none, false},
		{"an option cut short", []string{"-t", pid, "--ne"}, none, false},
		{"a file", []string{"-n/proc/" + pid + "/ns/net"}, none, false},
		{"the same namespace", []string{"-t", strconv.Itoa(os.Getpid()), "-n"}, none, false},
		{"a path that is not clean", []string{"-t", pid, "-n"}, path("/usr//bin"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := run(t, c.setup, slices.Concat([]string{binary, "enter"}, c.args, []string{"sh", "-c", "echo $$"})...)
			if shell, err := strconv.Atoi(strings.TrimSpace(got.stdout)); err != nil || shell == got.pid != c.takes {
				t.Errorf("nstui had pid %d, its program %s%s: %s", got.pid, got.stdout, got.stderr, got.end)
			}
		})
	}
	t.Run("not in a child of itself", func(t *testing.T) {
		got := run(t, func(cmd *exec.Cmd) { cmd.Env = []string{"NSTUI_STAGE=1"} }, binary, "enter", "-t", pid, "-n", "/bin/true")
		if got.end != "exit status 125" {
			t.Errorf("it ended with %s: %s", got.end, got.stderr)
		}
	})
}

// Where it may not enter, the ordinary way says so.
func TestRefused(t *testing.T) {
	needRoot(t)
	asUser := func(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Credential: user} }
	for _, c := range []struct {
		name  string
		attr  syscall.SysProcAttr
		setup func(*exec.Cmd)
	}{
		{"a process of root", syscall.SysProcAttr{Cloneflags: fourKinds}, asUser},
		{"a namespace of root", syscall.SysProcAttr{Cloneflags: fourKinds, Credential: user}, asUser},
		// The number is that of no process, or of another, in the pid namespace of the caller.
		{"a process of another /proc", syscall.SysProcAttr{Cloneflags: fourKinds}, func(cmd *exec.Cmd) {
			cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			pid := strconv.Itoa(target(t, &c.attr))
			args := []string{"-t", pid, "-n", "echo", "ran"}
			fast := run(t, c.setup, slices.Concat([]string{binary, "enter"}, args)...)
			ordinary := run(t, c.setup, slices.Concat([]string{binary, "enter", "-F"}, args)...)
			equal(t, fast, ordinary, outcome{end: "exit status 1"})
			if !strings.HasPrefix(fast.stderr, "nstui: ") {
				t.Errorf("it says %q", fast.stderr)
			}
		})
	}
}

// With more privileges than its caller has it does nothing.
func TestRefusesPrivileges(t *testing.T) {
	needRoot(t)
	pid := strconv.Itoa(target(t, &syscall.SysProcAttr{Cloneflags: fourKinds, Credential: user}))
	privileged := filepath.Join(filepath.Dir(binary), "privileged")
	t.Cleanup(func() {
		if err := os.Remove(privileged); err != nil {
			t.Error(err)
		}
	})
	text, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(privileged, text, 0o755), os.Chmod(privileged, 0o755|os.ModeSetuid)); err != nil {
		t.Fatal(err)
	}
	asUser := func(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Credential: user} }
	if got := run(t, asUser, privileged, "enter", "-t", pid, "-n", "sh", "-c", "echo $$"); got.stdout == fmt.Sprintln(got.pid) {
		t.Error("it entered")
	}
}
