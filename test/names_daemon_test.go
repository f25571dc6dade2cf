package test

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// A daemon that does not answer costs nothing while its files are there, and then only its names.
func TestNamesHungDaemon(t *testing.T) {
	m := hybrid.use(t)
	id, pid := m.docker(t, "stuck")
	inner := m.innerPID(pid)
	dockerd := m.process(t, "dockerd")
	t.Cleanup(func() { signal(t, dockerd, syscall.SIGCONT) })
	signal(t, dockerd, syscall.SIGSTOP)
	if s := m.readerWithin(t).look("ask").Processes[inner]; s.Name != "stuck" || s.Image != tools || s.From != "file" {
		t.Errorf("while the daemon hangs the container is %s", s)
	}

	m.run(t, "mount", "-t", "tmpfs", "tmpfs", "/var/lib/docker/containers")
	t.Cleanup(func() { m.run(t, "umount", "/var/lib/docker/containers") })
	r := m.readerWithin(t)
	if s := r.look("look").Processes[inner]; s.Name != "" || s.ID != id || s.Short != id[:12] {
		t.Errorf("without its files the container is %s", s)
	}
	p := r.look("ask")
	if s := p.Processes[inner]; s.Name != "" || s.ID != id {
		t.Errorf("a hung daemon has told of %s", s)
	}
	if !slices.ContainsFunc(p.Silent, func(text string) bool { return strings.Contains(text, "docker") }) {
		t.Errorf("nobody is said not to answer but %q", p.Silent)
	}

	signal(t, dockerd, syscall.SIGCONT)
	p = m.readerWithin(t).look("ask")
	if s := p.Processes[inner]; s.Name != "stuck" || s.Image != tools || s.From != "socket" || !p.News {
		t.Errorf("the daemon has told of %s", s)
	}
	if len(p.Silent) > 0 {
		t.Errorf("%q do not answer", p.Silent)
	}
}

// process returns the machine's process with the name, of which there must be one.
func (m *machine) process(t *testing.T, name string) int {
	t.Helper()
	found := 0
	for _, pid := range descendants(m.starter, m.depth) {
		if statusField(filepath.Join("/proc", strconv.Itoa(pid), "status"), "Name") == name {
			if found != 0 {
				t.Fatalf("%d and %d are called %s", found, pid, name)
			}
			found = pid
		}
	}
	if found == 0 {
		t.Fatalf("no process is called %s", name)
	}
	return found
}

// innerPID returns the pid a process has in the machine.
func (m *machine) innerPID(pid int) int {
	for inner, outer := range descendants(m.starter, m.depth) {
		if outer == pid {
			return inner
		}
	}
	return 0
}

func signal(t *testing.T, pid int, sig syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, sig); err != nil {
		t.Fatalf("%v to %d: %v", sig, pid, err)
	}
}
