package test

import (
	"bufio"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What happens to containers while somebody looks.
func TestNamesEvents(t *testing.T) {
	m := hybrid.use(t)
	for _, test := range []struct {
		name string
		run  func(*machine, *testing.T)
	}{
		{"rename", (*machine).testRename},
		{"pause", (*machine).testPause},
		{"same name again", (*machine).testSameName},
		{"exec and visitor", (*machine).testVisitor},
		{"pause process killed", (*machine).testPauseKilled},
		{"pinned", (*machine).testPinned},
		{"infra process killed", (*machine).testInfraKilled},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(m, t) })
	}
}

// run runs a command in the machine, which must succeed, and returns what it prints.
func (m *machine) run(t *testing.T, command ...string) string {
	t.Helper()
	all := append(m.within(), command...)
	out, err := exec.Command(all[0], all[1:]...).Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		t.Fatalf("%s: %v", strings.Join(command, " "), err)
	}
	return strings.TrimSpace(string(out))
}

// docker runs a container until the end of the test, and returns its ID and process.
func (m *machine) docker(t *testing.T, name string, options ...string) (id string, pid int) {
	t.Helper()
	id = m.run(t, slices.Concat([]string{"docker", "run", "-d", "--network", "none", "--name", name}, options, []string{tools})...)
	t.Cleanup(func() { m.run(t, "docker", "rm", "-f", id) })
	return id, m.dockerPID(t, id)
}

// dockerPID returns the process of a container of docker's as it is here.
func (m *machine) dockerPID(t *testing.T, id string) int {
	t.Helper()
	inner, err := strconv.Atoi(m.run(t, "docker", "inspect", "-f", "{{.State.Pid}}", id))
	if err != nil {
		t.Fatal(err)
	}
	return m.outside(t, inner)
}

// until looks until what is seen is as wanted.
func (r *reader) until(word, what string, holds func(picture) bool) picture {
	r.t.Helper()
	for {
		p := r.look(word)
		if holds(p) {
			return p
		}
		if err := r.t.Context().Err(); err != nil {
			r.t.Fatalf("%s: %v", what, err)
		}
	}
}

// named reports whether a process belongs to a container with the name.
func named(pid int, name string) func(picture) bool {
	return func(p picture) bool { return p.Processes[pid].Name == name }
}

func (m *machine) testRename(t *testing.T) {
	t.Helper()
	_, pid := m.docker(t, "before")
	r := newReader(t, nil, actorBinary)
	if s := r.look("look").Processes[pid]; s.Name != "before" {
		t.Fatalf("the container is called %q", s.Name)
	}
	m.run(t, "docker", "rename", "before", "after")
	if s := newReader(t, nil, actorBinary).look("look").Processes[pid]; s.Name != "after" {
		t.Errorf("who looks first after that calls the container %q", s.Name)
	}
	r.until("look", "the new name", named(pid, "after"))
}

// Who is paused is seen to be, also by who has looked before.
func (m *machine) testPause(t *testing.T) {
	t.Helper()
	id, pid := m.docker(t, "sleepy")
	r := newReader(t, nil, actorBinary)
	if state := r.look("look").Processes[pid].State; state != "running" {
		t.Errorf("the container is %q", state)
	}
	m.run(t, "docker", "pause", id)
	r.until("look", "the pause", func(p picture) bool { return p.Processes[pid].State == "paused" })
	m.run(t, "docker", "unpause", id)
	if state := newReader(t, nil, actorBinary).look("look").Processes[pid].State; state != "running" {
		t.Errorf("the container that goes on is %q", state)
	}
}

// A container is removed, and another gets its name.
func (m *machine) testSameName(t *testing.T) {
	t.Helper()
	first, pid := m.docker(t, "again")
	r := newReader(t, nil, actorBinary)
	if s := r.look("look").Processes[pid]; s.Name != "again" || s.ID != first {
		t.Fatalf("the container is %s, want %s", s, first)
	}
	m.run(t, "docker", "rm", "-f", first)
	second, pid := m.docker(t, "again")
	p := r.look("look")
	if s := p.Processes[pid]; s.Name != "again" || s.ID != second {
		t.Errorf("the second container is %s, want %s", s, second)
	}
	var ids []string
	for _, row := range p.Rows {
		if row.Name == "again" {
			ids = append(ids, row.ID)
		}
	}
	if !slices.Equal(ids, []string{second}) {
		t.Errorf("containers %q have the name, want only %s", ids, second)
	}
}

// What is executed in a container belongs to it; what only joins its namespaces does not, and gives its name to
// none of them.
func (m *machine) testVisitor(t *testing.T) {
	t.Helper()
	_, web := m.docker(t, "visited")
	inside := append(m.within(), "docker", "exec", "-i", "visited", "sh", "-c", waits)
	m.waiting(t, exec.Command(inside[0], inside[1:]...))
	executed := slices.DeleteFunc(inNamespace(t, "pid", inode(t, web, "pid")), func(pid int) bool { return pid == web })
	if len(executed) != 1 {
		t.Fatalf("processes %v are in the container, want one more", executed)
	}
	visit := exec.Command("nsenter", "-t", strconv.Itoa(web), "-m", "-n", "-u", "-i", "/bin/sh", "-c", waits)
	m.waiting(t, visit)
	p := newReader(t, nil, actorBinary).look("look")
	if s := p.Processes[executed[0]]; s.Name != "visited" {
		t.Errorf("what was executed belongs to %q", s.Chain)
	}
	if s := p.Processes[visit.Process.Pid]; s.Name == "visited" || s.Cgroup != p.Processes[m.starter].Cgroup {
		t.Errorf("the visitor belongs to %q, in %q", s.Chain, s.Cgroup)
	}
	for _, row := range p.Rows {
		if row.Name == "visited" && row.Processes != 2 {
			t.Errorf("the container has %d processes, want 2", row.Processes)
		}
	}
	if got := p.Spaces[netInode(t, web)]; got != "visited" {
		t.Errorf("the namespace with a visitor is called %q", got)
	}
}

// waits is a script that says that it runs, and then waits for the end of its input.
const waits = "echo running; read line"

// waiting starts a command that runs the script, and returns when that runs.
func (m *machine) waiting(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	in, out := startPiped(t, cmd)
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait() // with an error: no line came
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "running\n" {
		t.Fatalf("%s: %q, %v", cmd, line, err)
	}
}

// kubePod makes a pod until the end of the test, and returns where its processes are here, by name.
func (m *machine) kubePod(t *testing.T, p pod) map[string]int {
	t.Helper()
	inner := make(map[string]int)
	cri := dialCRI(m.path("/run/containerd/containerd.sock"))
	id, err := m.makePod(cri, p, inner)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := cri.call("RemovePodSandbox", message{{1, id}}); err != nil {
			t.Error(err)
		}
	})
	for name, pid := range inner {
		inner[name] = m.outside(t, pid)
	}
	return inner
}

// The process that holds a pod's namespaces is killed: its containers keep the pod's name.
func (m *machine) testPauseKilled(t *testing.T) {
	t.Helper()
	p := pod{
		namespace: "zoo", name: "wombat-6c8d7f9b4-k2p9q", uid: "3e6f7a8b-8bf4-4c3b-a08e-9a4c5daffcc3",
		containers: []string{"wombat"},
	}
	pids := m.kubePod(t, p)
	killed(t, pids[p.name])
	s := newReader(t, nil, actorBinary).look("look").Processes[pids["wombat"]]
	if s.Name != "wombat" || s.Pod != p.name || s.Namespace != p.namespace {
		t.Errorf("the container is %s", s)
	}
}

// A network namespace that no process is in, but the file the runtime has made for the pod: it has the pod's name.
func (m *machine) testPinned(t *testing.T) {
	t.Helper()
	p := pod{namespace: "zoo", name: "quoll-5f6b7c8d9-w8r4t", uid: "4f7a8b9c-9ca5-4d4c-b19f-ab5d6ebaadd4"}
	pause := m.kubePod(t, p)[p.name]
	ino := netInode(t, pause)
	containerd := m.process(t, "containerd")
	t.Cleanup(func() { signal(t, containerd, syscall.SIGCONT) }) // it would tidy up
	signal(t, containerd, syscall.SIGSTOP)
	killed(t, pause)
	if got, want := newReader(t, nil, actorBinary).look("look").Spaces[ino], p.namespace+"/"+p.name; got != want {
		t.Errorf("without a process the pod's network namespace is called %q, want %q", got, want)
	}
}

// netInode returns the number of the network namespace of a process.
func netInode(t *testing.T, pid int) (ino uint64) {
	t.Helper()
	ino, err := strconv.ParseUint(inode(t, pid, "net"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return ino
}

// killed kills a process and waits for its end.
func killed(t *testing.T, pid int) {
	t.Helper()
	w, err := pidfd(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	w.wait(t, time.Now().Add(patience))
}

// The same of podman, which gives up the name of the network namespace with it.
func (m *machine) testInfraKilled(t *testing.T) {
	t.Helper()
	m.run(t, "podman", "pod", "create", "--cgroup-parent", "/"+m.groups+"/libpod_parent", "--name", "burrow",
		"--infra-image", tools, "--infra-command", "/bin/sleep 1000000")
	t.Cleanup(func() { m.run(t, "podman", "pod", "rm", "-f", "-t", "0", "burrow") })
	m.run(t, "podman", "run", "-d", "--pull=never", "--pod", "burrow", "--name", "digger", tools, "/bin/sleep", "1000000")
	infra := m.run(t, "podman", "pod", "inspect", "-f", "{{.InfraContainerID}}", "burrow")
	digger, hold := m.podmanPID(t, "digger"), m.podmanPID(t, infra)
	r := newReader(t, nil, actorBinary)
	if s := r.look("look").Processes[digger]; s.Name != "digger" || s.Pod != "burrow" {
		t.Errorf("the container is %s", s)
	}
	killed(t, hold)
	if s := r.look("look").Processes[digger]; s.Name != "digger" || s.Pod != "burrow" {
		t.Errorf("without its pod's own process the container is %s", s)
	}
	// Who did not know that process has nothing but the control group to tell of the pod.
	if s := newReader(t, nil, actorBinary).look("look").Processes[digger]; s.Name != "digger" || s.UID == "" {
		t.Errorf("who looks first after that takes the container for %s of pod %q", s, s.UID)
	}
}

func (m *machine) podmanPID(t *testing.T, name string) int {
	t.Helper()
	inner, err := strconv.Atoi(m.run(t, "podman", "inspect", "-f", "{{.State.Pid}}", name))
	if err != nil {
		t.Fatal(err)
	}
	return m.outside(t, inner)
}
