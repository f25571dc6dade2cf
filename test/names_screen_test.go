package test

import (
	"strconv"
	"strings"
	"testing"

	"nstui/test/drive"
	"nstui/ui/term"
)

// Who looks for a pod by what people call it has its addresses after three actions: the search, the entry and
// the command.
func TestNamesOnScreen(t *testing.T) {
	t.Run("hybrid", func(t *testing.T) { hybrid.use(t).testPodOnScreen(t) })
	t.Run("booted", func(t *testing.T) { booted.use(t).testPodOnScreen(t) })
}

func (m *machine) testPodOnScreen(t *testing.T) {
	t.Helper()
	address := m.podAddress(t, "coredns")
	within := append(m.within(), m.installProgram(t))
	s := startProgram(t, within[0], drive.Options{Args: within[1:], Size: term.Size{W: 120, H: 36}, Env: shellEnv()})
	s.wait("live")
	s.send("/coredns" + drive.Enter)
	s.wait("› " + strconv.Itoa(m.inner["coredns"]) + " ")
	s.send("n")
	s.wait("INSIDE kube-system/coredns ━ net")
	s.waitFor("a prompt", prompt)
	s.send("ip addr" + drive.Enter)
	s.wait("inet " + address)
	s.end()
}

// An ordinary user is told below the containers that a daemon that knows their names is not for them, and where more
// of that is said.
func TestDeniedOnScreen(t *testing.T) {
	m := hybrid.use(t)
	within := append(m.within(), "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", m.installProgram(t))
	s := startProgram(t, within[0], drive.Options{Args: within[1:], Size: term.Size{W: 120, H: 36}, Env: shellEnv()})
	s.wait("live")
	s.send("c")
	s.wait("names may be missing (F): permission denied by docker")
	s.send("F")
	s.wait("ask docker at /run/docker.sock: connect: permission denied")
	s.send(drive.Esc)
	s.gone("How fresh is this")
	s.send("q")
	s.exit(0)
}

// podAddress returns the address of a container's network as ip-address(8) prints it, such as "10.244.0.2/24".
func (m *machine) podAddress(t *testing.T, container string) string {
	t.Helper()
	fields := strings.Fields(m.run(t, "nsenter", "-t", strconv.Itoa(m.inner[container]), "-n", "ip", "-4", "-o", "address", "show", "dev", "eth0"))
	if len(fields) < 4 || fields[2] != "inet" {
		t.Fatalf("the network of %s is %q", container, fields)
	}
	return fields[3]
}
