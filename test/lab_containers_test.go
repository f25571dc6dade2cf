package test

import (
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/test/drive"
	"nstui/ui/term"
)

// Containers of real runtimes, entered by the command line and by the screen.
func TestContainers(t *testing.T) {
	m := hybrid.use(t)
	t.Run("enter", m.testEnter)
	t.Run("enter as user", m.testEnterAsUser)
	t.Run("without a shell", m.testWithoutShell)
	t.Run("screen", m.testScreen)
	t.Run("screen without a shell", m.testScreenWithoutShell)
}

// containers are those with a shell, and what they should look like inside.
var containers = []struct {
	name, host string
	uid        string // of the shell: root, or else the user of the container where there is no root
	kinds      string // in which they must differ from the host, or the test would prove little
	rootless   bool   // they belong to uid
}{
	{"web", "web", "0", "ipc mnt net pid uts", false},
	{"plain", "lab", "0", "ipc mnt net pid uts", false},
	{"coredns", labPods[0].name, "0", "ipc mnt net pid uts", false},
	{"rootless", "rootless", "0", "ipc mnt net pid user uts", true},
	{"bwrap", "box", "1000", "cgroup ipc mnt net pid user uts", true},
	{"nested", "box", "1000", "cgroup ipc mnt net pid user uts", true},
	{"spawned", "spawned", "0", "ipc mnt net pid uts", false},
}

func (m *machine) testEnter(t *testing.T) {
	for _, c := range containers {
		t.Run(c.name, func(t *testing.T) {
			pid := m.pids[c.name]
			for kind := range strings.FieldsSeq(c.kinds) {
				if inode(t, pid, kind) == inode(t, m.starter, kind) {
					t.Errorf("the container shares %s with the host", kind)
				}
			}
			got := enters(t, "-t", strconv.Itoa(pid), "-a", "--", "/bin/sh", "-c", namespacesScript)
			if want := namespacesOf(t, pid) + "\n" + c.host + "\n" + c.uid; got != want {
				t.Errorf("inside is\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func (m *machine) testEnterAsUser(t *testing.T) {
	for _, c := range containers {
		if !c.rootless {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			pid := m.pids[c.name]
			cmd := exec.Command(binary, "enter", "-t", strconv.Itoa(pid), "-a", "--", "/bin/sh", "-c", namespacesScript)
			cmd.SysProcAttr = &unix.SysProcAttr{Credential: ordinary()}
			if got, want := output(t, cmd), namespacesOf(t, pid)+"\n"+c.host+"\n"+c.uid; got != want {
				t.Errorf("inside is\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// A container with one program and no shell: that is said, and the host's programs work in it.
func (m *machine) testWithoutShell(t *testing.T) {
	bare := m.pids["bare"]
	pid := strconv.Itoa(bare)
	cmd := exec.Command(binary, "enter", "-t", pid, "-a")
	cmd.Env = []string{"PATH=/usr/bin:/bin"}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("without a shell: %v, want status 1", err)
	}
	for _, text := range []string{"no shell in the target's root directory", "the host's tools"} {
		if !strings.Contains(string(out), text) {
			t.Errorf("without a shell nstui says %q, which lacks %q", out, text)
		}
	}

	got := enters(t, "-t", pid, "-a", "--tools=host", "--", "bash", "-c", namespacesScript+"; ps -A -o comm=; ls /sys/class/net")
	lines := strings.Split(got, "\n")
	for _, kind := range []string{"ipc", "net", "pid", "uts"} {
		if link := fmt.Sprintf("%s:[%s]", kind, inode(t, bare, kind)); !slices.Contains(lines, link) {
			t.Errorf("with the host's tools %s is not among %q", link, lines)
		}
	}
	want := []string{"bare", "0", "sleep", "bash", "ps", "eth0", "lo"}
	if len(lines) < len(want) || !slices.Equal(lines[len(lines)-len(want):], want) {
		t.Errorf("with the host's tools the host name, the user, the processes and the interfaces are %q, want %q", lines, want)
	}
}

// The docker container in the pane: a terminal of its own, its processes only, and the exit status.
func (m *machine) testScreen(t *testing.T) {
	s := m.browse(t, "web", "httpd")
	s.send("S")
	s.wait("INSIDE")
	s.send("clear; tty; hostname; ps -o comm" + drive.Enter)
	s.waitFor(ending("/dev/pts/0", "web", "COMMAND", "httpd", "sh", "ps", "/ #"))
	s.send("clear; readlink /proc/self/ns/net" + drive.Enter)
	s.wait("net:[" + inode(t, m.pids["web"], "net") + "]")
	s.send("exit 3" + drive.Enter)
	s.back("exited 3")
	s.send("q")
	s.exit(0)
}

func (m *machine) testScreenWithoutShell(t *testing.T) {
	s := m.browse(t, "bare", "sleep")
	s.send("s")
	s.wait("Enter namespaces of")
	s.doesNotStart("no shell in the target's root directory")
	if children := childrenOf(t, s.PID()); len(children) > 0 {
		t.Errorf("processes %v were started", children)
	}
	s.send(drive.Esc)
	s.gone("Enter namespaces of")
	s.send("q")
	s.exit(0)
}

// doesNotStart waits until the picker says why, presses Enter, and waits until that is said once more, in
// a message, and the picker is still there.
func (s *session) doesNotStart(why string) {
	s.t.Helper()
	said := func(times int) func(drive.View) bool {
		return func(v drive.View) bool {
			return strings.Count(strings.Join(v.Lines(), "\n"), why) == times && v.Contains("Enter namespaces of")
		}
	}
	s.waitFor("the reason", said(1))
	s.send(drive.Enter)
	s.waitFor("the reason in a message", said(2))
}

// browse starts nstui and goes to the process of a container.
func (m *machine) browse(t *testing.T, name, comm string) *session {
	t.Helper()
	s := start(t, drive.Options{Size: term.Size{W: 120, H: 36}, Env: shellEnv()})
	s.wait("live")
	pid := strconv.Itoa(m.pids[name])
	s.send(":pid " + pid + drive.Enter)
	s.waitFor(row("▌", pid, comm))
	return s
}
