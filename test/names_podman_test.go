package test

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// labUser are the environment and the rights of the machines' user, as a command that executes another.
func labUser() []string {
	id := strconv.Itoa(uid)
	return []string{
		"setpriv", "--reuid", id, "--regid", id, "--init-groups", "env", "--chdir=/", "HOME=/home/lab", "XDG_RUNTIME_DIR=/run/user/" + id,
		"DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/" + id + "/bus",
	}
}

// lonely runs a container whose conmon is killed, which alone could tell its name without the service. Then a
// daemon has to be asked for it.
func (m *machine) lonely(t *testing.T, who []string, options ...string) (pid int) {
	t.Helper()
	podman := append(slices.Clone(who), "podman")
	run := func(args ...string) string { return m.run(t, append(slices.Clone(podman), args...)...) }
	id := run(slices.Concat([]string{"run", "-d", "--pull=never", "--network", "none", "--name", "lonely", "--label", "team=sea"}, options,
		[]string{tools, "/bin/sleep", "1000000"})...)
	t.Cleanup(func() {
		if run("inspect", "-f", "{{.State.Status}}", id) == "paused" {
			run("unpause", id)
		}
		killed(t, pid)
		run("rm", "-f", "-t", "0", id)
	})
	pids := strings.Fields(run("inspect", "-f", "{{.State.Pid}} {{.State.ConmonPid}}", id))
	inner := make([]int, len(pids))
	for i := range pids {
		var err error
		if inner[i], err = strconv.Atoi(pids[i]); err != nil {
			t.Fatal(err)
		}
	}
	pid = m.outside(t, inner[0])
	killed(t, m.outside(t, inner[1]))
	return pid
}

// A service of podman's tells what only it knows: names, labels, and who is paused.
func TestNamesPodmanService(t *testing.T) {
	m := hybrid.use(t)
	pid := m.innerPID(m.lonely(t, nil, "--cgroup-parent", "/"+m.groups+"/libpod_parent"))
	const socket = "/run/podman/podman.sock"
	if s := m.readerWithin(t).look("ask").Processes[pid]; s.Runtime != "podman" || s.Name != "" {
		t.Errorf("before there is a service the container is %s", s)
	}
	m.servePodman(t, socket)
	m.checkLonely(t, m.readerWithin(t).look("ask"), pid, "running")
	m.run(t, "podman", "pause", "lonely")
	m.checkLonely(t, m.readerWithin(t).look("ask"), pid, "paused")
}

// A service that systemd would start for whoever connects is not started by nstui. Once it runs it is asked. Root
// may ask all services, and a user his own.
func TestNamesPodmanActivated(t *testing.T) {
	m := booted.use(t)
	user := append(labUser(), "systemctl", "--user")
	for name, test := range map[string]struct{ who, systemctl, reader []string }{
		"root":             {nil, []string{"systemctl"}, nil},
		"user":             {labUser(), user, nil},
		"user, by himself": {labUser(), user, labUser()},
	} {
		t.Run(name, func(t *testing.T) {
			pid := m.innerPID(m.lonely(t, test.who))
			systemctl := func(args ...string) string { return m.run(t, append(slices.Clone(test.systemctl), args...)...) }
			ask := func() picture {
				return newReader(t, nil, slices.Concat(m.within(), test.reader, []string{m.install(t)})...).look("ask")
			}
			systemctl("start", "podman.socket")
			t.Cleanup(func() { systemctl("stop", "podman.socket", "podman.service") })
			began := func() string { return systemctl("show", "-P", "ExecMainStartTimestampMonotonic", "podman.service") }
			before := began()
			p := ask()
			if s := p.Processes[pid]; s.Runtime != "podman" || s.Name != "" || len(p.Silent) > 0 {
				t.Errorf("while the service sleeps the container is %s, and %q do not answer", s, p.Silent)
			}
			if after := began(); after != before {
				t.Errorf("the service was started at %s µs", after)
			}
			systemctl("start", "podman.service")
			m.checkLonely(t, ask(), pid, "running")
			m.run(t, slices.Concat(test.who, []string{"podman", "pause", "lonely"})...)
			m.checkLonely(t, ask(), pid, "paused")
		})
	}
}

// servePodman runs a service of root's until the end of the test, and returns when it listens.
func (m *machine) servePodman(t *testing.T, socket string) {
	t.Helper()
	m.run(t, "mkdir", "-p", "/run/podman")
	script := `exec podman --log-level=info system service --time=0 unix://"$0" 2>&1`
	cmd := exec.Command("nsenter", append(m.within()[1:], "sh", "-c", script, socket)...)
	stdin, stdout := startPiped(t, cmd)
	t.Cleanup(func() {
		_ = stdin.Close() // it reads nothing
		for _, child := range childrenOf(t, cmd.Process.Pid) {
			if pid, err := strconv.Atoi(child); err == nil {
				signal(t, pid, syscall.SIGTERM)
			}
		}
		_ = cmd.Wait() // it was told to end
		m.run(t, "rm", "-f", socket)
	})
	awaitLine(t, stdout, "API service listening on")
}

// checkLonely checks what the service has told of the lonely container.
func (m *machine) checkLonely(t *testing.T, p picture, pid int, state string) {
	t.Helper()
	s := p.Processes[pid]
	got := fmt.Sprintf("%s %q of %q, %s, team %q, told by %s", s.Runtime, s.Name, s.Image, s.State, s.Labels["team"], s.From)
	if want := fmt.Sprintf(`podman "lonely" of %q, %s, team "sea", told by socket`, toolsLocal, state); got != want {
		t.Errorf("the container is\n%s, want\n%s", got, want)
	}
	if len(p.Silent) > 0 {
		t.Errorf("%q do not answer", p.Silent)
	}
}

// awaitLine reads until a line has the words. What comes later is thrown away.
func awaitLine(t *testing.T, out io.Reader, words string) {
	t.Helper()
	var all strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fmt.Fprintln(&all, lines.Text())
		if strings.Contains(lines.Text(), words) {
			go func() { _, _ = io.Copy(io.Discard, out) }() // whoever writes it must not wait
			return
		}
	}
	t.Fatalf("nobody says %q: %v\n%s", words, lines.Err(), all.String())
}
