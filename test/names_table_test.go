// The resolver does not know all of this yet: go test -tags names ./test -run TestNames

//go:build names

package test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// Names of everything in the machines, as the host sees them, and as somebody inside does.
func TestNames(t *testing.T) {
	t.Run("hybrid", func(t *testing.T) {
		m := hybrid.use(t)
		t.Run("from the host", func(t *testing.T) { m.testNames(t, inHybrid, m.pids, "", newReader(t, nil, actorBinary).look("look")) })
		t.Run("inside", func(t *testing.T) { m.testNames(t, inHybrid, m.inner, "", m.readerWithin(t).look("look")) })
	})
	t.Run("booted", func(t *testing.T) {
		m := booted.use(t)
		t.Run("from the host", func(t *testing.T) {
			m.testNames(t, inBooted, m.pids, "machine:booted > ", newReader(t, nil, actorBinary).look("look"))
		})
		t.Run("inside", func(t *testing.T) { m.testNames(t, inBooted, m.inner, "", m.readerWithin(t).look("look")) })
	})
}

// readerWithin starts a reader that is one of the machine's own processes.
func (m *machine) readerWithin(t *testing.T) *reader {
	t.Helper()
	program := m.install(t)
	return newReader(t, nil, append(m.within(), program)...)
}

// testNames compares what a reader sees with the table. pids are those the reader sees, and outer is the
// chain of what the machine itself is in.
func (m *machine) testNames(t *testing.T, all []resident, pids map[string]int, outer string, got picture) {
	t.Helper()
	for _, r := range all {
		s, ok := got.Processes[pids[r.key]]
		if r.reason != "" {
			if ok {
				t.Errorf("%s belongs to %s: %s", r.key, s.Chain, r.reason)
			}
			continue
		}
		if !ok {
			t.Errorf("%s belongs to nobody", r.key)
			continue
		}
		if got, want := s.terse(), r.terse(); got != want {
			t.Errorf("%s is\n%s, told by %s, want\n%s", r.key, got, s.From, want)
		}
		if !strings.HasPrefix(s.Chain, outer) || strings.Count(s.Chain, " > ") != strings.Count(outer, " > ") {
			t.Errorf("%s is in the chain %q, want %q and itself", r.key, s.Chain, outer)
		}
		if key, value, _ := strings.Cut(r.label, "="); key != "" && s.Labels[key] != value {
			t.Errorf("%s has the labels %q, want %s", r.key, s.Labels, r.label)
		}
	}
	m.testRows(t, all, pids, got)
	m.testSpaces(t, all, got)
}

// testRows checks that there is a row for each container of the table, and no other of the machine's.
func (m *machine) testRows(t *testing.T, all []resident, pids map[string]int, got picture) {
	t.Helper()
	want := make(map[string]bool)
	for _, r := range all {
		if r.reason == "" && r.runtime != "systemd" {
			want[r.terse()] = true
		}
	}
	var rows []string
	mine := slices.Collect(maps.Values(pids))
	for _, s := range got.Rows {
		if strings.Contains(s.Cgroup, m.groups) || slices.Contains(mine, s.PID) {
			rows = append(rows, s.terse())
		}
	}
	slices.Sort(rows)
	for _, row := range rows {
		if !want[row] {
			t.Errorf("there is one more container: %s", row)
		}
		delete(want, row)
	}
	for row := range want {
		t.Errorf("there is no row for %s", row)
	}
}

// testSpaces checks what network namespaces are called.
func (m *machine) testSpaces(t *testing.T, all []resident, got picture) {
	t.Helper()
	called := make(map[string][]string) // the names, by who the namespace is of
	for _, r := range all {
		owner := r.netOf(all)
		switch {
		case owner == "init" || r.infra:
		case r.pod != "":
			called[owner] = []string{strings.TrimPrefix(r.namespace+"/"+r.pod, "/")}
		case r.reason != "":
			called[owner] = []string{"netns:" + r.key}
		default:
			called[owner] = append(called[owner], r.short())
		}
	}
	for owner, names := range called {
		slices.Sort(names)
		want := strings.Join(slices.Compact(names), ", ")
		var ino uint64
		if _, err := fmt.Sscan(inode(t, m.pids[owner], "net"), &ino); err != nil {
			t.Fatal(err)
		}
		if got.Spaces[ino] != want {
			t.Errorf("the network namespace of %s is called %q, want %q", owner, got.Spaces[ino], want)
		}
	}
}

// terse returns all that the table tells of a container, in a line.
func (s sighting) terse() string {
	return resident{
		runtime: s.Runtime, name: s.Name, image: s.Image, pod: s.Pod, namespace: s.Namespace, project: s.Project, service: s.Service,
		infra: s.Infra,
	}.terse()
}

func (r resident) terse() string {
	if r.infra {
		// Nobody asks what a pod's own process is called.
		return fmt.Sprintf("%s: what holds pod %q in %q", r.runtime, r.pod, r.namespace)
	}
	return fmt.Sprintf("%s %q of %q, pod %q in %q, project %q service %q", r.runtime, r.name, r.image, r.pod, r.namespace, r.project, r.service)
}

// short is what the container is called where there is no room.
func (r resident) short() string {
	if r.name == "" {
		return r.runtime
	}
	return r.name
}
