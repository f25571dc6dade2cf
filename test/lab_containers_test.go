package test

import (
	"strconv"
	"strings"
	"testing"

	"nstui/test/drive"
	"nstui/ui/term"
)

// podName is the name and the host name of the pod.
const podName = "quokka-5d78c9869d-abcde"

// Containers of real runtimes, on the screen.
func TestContainers(t *testing.T) {
	m := startMachine(t)
	m.pod(t, podName)
	t.Run("namespaces", m.testNamespaces)
	t.Run("screen without a shell", m.testScreenWithoutShell)
}

// containers are those with a shell, and the kinds in which they differ from the host.
var containers = []struct{ name, kinds string }{
	{"web", "ipc mnt net pid uts"},
	{"ctr", "ipc mnt net pid uts"},
	{"pod", "ipc mnt net pid uts"},
	{"podman", "ipc mnt net pid user uts"},
	{"bwrap", "cgroup ipc mnt net pid user uts"},
	{"nested", "cgroup ipc mnt net pid user uts"},
	{"nspawn", "ipc mnt net pid uts"},
}

func (m *machine) testNamespaces(t *testing.T) {
	for _, c := range containers {
		for kind := range strings.FieldsSeq(c.kinds) {
			if inode(t, m.pids[c.name], kind) == inode(t, m.starter, kind) {
				t.Errorf("%s shares %s with the host", c.name, kind)
			}
		}
	}
}

func (m *machine) testScreenWithoutShell(t *testing.T) {
	s := m.browse(t, "bare", "sleep")
	s.send("s")
	s.wait("Enter namespaces of", "no shell in the target's root directory")
	s.send(drive.Enter) // which it does not take
	s.wait("Enter namespaces of")
	s.send(drive.Esc)
	s.gone("Enter namespaces of")
	s.send("q")
	s.exit(0)
}

// browse starts nstui and goes to the process of a container.
func (m *machine) browse(t *testing.T, name, comm string) *session {
	t.Helper()
	s := start(t, drive.Options{Size: term.Size{W: 120, H: 36}, Env: shellEnv()})
	s.wait("live")
	pid := strconv.Itoa(m.pids[name])
	s.send("/" + pid + drive.Enter)
	s.waitFor(row(pid, comm))
	return s
}
