package test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// Names of everything in the machines, as the host sees them, and as others do.
func TestNames(t *testing.T) {
	t.Run("hybrid", func(t *testing.T) { hybrid.use(t).testReaders(t, inHybrid, "") })
	t.Run("booted", func(t *testing.T) { booted.use(t).testReaders(t, inBooted, "nspawn:booted > ") })
}

// testReaders compares what readers see with the table, outer being the chain of what the machine is in.
func (m *machine) testReaders(t *testing.T, all []resident, outer string) {
	t.Helper()
	t.Run("from the host", func(t *testing.T) {
		p := newReader(t, nil, actorBinary).look("look")
		p.Rows = slices.DeleteFunc(p.Rows, func(s sighting) bool { return !descends(s.PID, m.starter) })
		if outer != "" {
			i := slices.IndexFunc(p.Rows, func(s sighting) bool { return s.Chain+" > " == outer })
			if i < 0 {
				t.Fatalf("there is no row for %q", outer)
			}
			p.Rows = slices.Delete(p.Rows, i, i+1)
		}
		m.testNames(t, all, m.pids, outer, p)
		m.testPaused(t, all, m.pids, p)
		m.testRows(t, all, p)
		m.testSpaces(t, all, p)
	})
	t.Run("inside", func(t *testing.T) {
		p := m.readerWithin(t).look("look")
		m.testNames(t, all, m.inner, "", p)
		m.testPaused(t, all, m.inner, p)
		m.testRows(t, all, p)
		m.testSpaces(t, all, p)
		m.testShared(t, all, p)
	})
	for _, groups := range []string{"private", "host"} {
		t.Run("in a container with control groups "+groups, func(t *testing.T) {
			p := m.readerInContainer(t, groups).look("look")
			p.Rows = slices.DeleteFunc(p.Rows, func(s sighting) bool { return s.Name == "reader" })
			m.testNames(t, all, m.inner, "", p)
			m.testRows(t, all, p)
			m.testSpaces(t, all, p)
		})
	}
	t.Run("as an ordinary user", func(t *testing.T) {
		var seen []resident
		for _, r := range all {
			seen = append(seen, r.byStranger())
		}
		p := newReader(t, ordinary(), actorBinary).look("look")
		m.testNames(t, seen, m.pids, outer, p)
		m.testPaused(t, seen, m.pids, p)
	})
}

// byStranger is what an ordinary user can know of a resident, who may read control groups and arguments of
// others, but none of their files.
func (r resident) byStranger() resident {
	switch {
	case r.runtime == "docker", r.namespace != "": // an ID in the control group, and the UID of the pod
		r = resident{key: r.key, runtime: r.runtime, net: r.net, paused: r.paused}
	case r.runtime == "podman" && !r.rootless: // the arguments of conmon tell the name
		r.image, r.pod = "", ""
	case r.runtime == "runc":
		r.reason = "nothing but files of root tells of it"
	}
	return r
}

// readerWithin starts a reader that is one of the machine's own processes.
func (m *machine) readerWithin(t *testing.T) *reader {
	t.Helper()
	program := m.install(t)
	return newReader(t, nil, append(m.within(), program)...)
}

// readerInContainer starts a reader in a container that has the machine's processes, and the control group
// namespace that docker calls so.
func (m *machine) readerInContainer(t *testing.T, groups string) *reader {
	t.Helper()
	options := []string{"--pid=host", "--network=none", "--cgroupns=" + groups, "--env", actorVariable + "=" + names}
	// All that --privileged gives but one capability, which the machine itself may lack.
	options = append(options, "--cap-add=ALL", "--cap-drop=SYS_RESOURCE", "--security-opt=seccomp=unconfined", "--security-opt=apparmor=unconfined")
	for _, folder := range []string{"/lib", "/lib64", "/usr"} { // what the program is linked with
		options = append(options, "--volume", folder+":"+folder+":ro")
	}
	program := m.install(t)
	options = append(options, "--volume", program+":"+program+":ro", tools, program)
	return newReader(t, nil, slices.Concat(m.within(), []string{"docker", "run", "--rm", "-i", "--name=reader"}, options)...)
}

// testNames compares what a reader sees with the table. pids are those the reader sees, and outer is the
// chain of what the machine itself is in.
func (m *machine) testNames(t *testing.T, all []resident, pids map[string]int, outer string, got picture) {
	t.Helper()
	for _, r := range all {
		s, ok := got.Processes[pids[r.key]]
		if want := outer + r.unit; r.unit != "" && s.Unit != want {
			t.Errorf("%s is in the unit %q, want %q", r.key, s.Unit, want)
		}
		switch {
		case r.reason != "":
			// It belongs to the machine, if to anybody.
			if want := strings.TrimSuffix(outer, " > "); ok && s.Runtime != "systemd" && s.Chain != want {
				t.Errorf("%s belongs to %q, want %q: %s", r.key, s.Chain, want, r.reason)
			}
			continue
		case !ok:
			t.Errorf("%s belongs to nobody", r.key)
			continue
		}
		if got, want := s.terse(), r.terse(); got != want {
			t.Errorf("%s is\n%s, told by %s, want\n%s", r.key, got, s.From, want)
		}
		if want := outer + r.in; !strings.HasPrefix(s.Chain, want) || strings.Count(s.Chain, " > ") != strings.Count(want, " > ") {
			t.Errorf("%s is in the chain %q, want %q and itself", r.key, s.Chain, want)
		}
		if key, value, _ := strings.Cut(r.label, "="); key != "" && s.Labels[key] != value {
			t.Errorf("%s has the labels %q, want %s", r.key, s.Labels, r.label)
		}
	}
}

// testPaused checks who is said to be paused.
func (m *machine) testPaused(t *testing.T, all []resident, pids map[string]int, got picture) {
	t.Helper()
	for _, r := range all {
		if state := got.Processes[pids[r.key]].State; r.reason == "" && (state == "paused") != r.paused {
			t.Errorf("%s is %q, want paused: %v", r.key, state, r.paused)
		}
	}
}

// testShared checks what containers share with the machine, and with others.
func (m *machine) testShared(t *testing.T, all []resident, got picture) {
	t.Helper()
	for _, r := range all {
		i := slices.IndexFunc(got.Rows, func(s sighting) bool { return s.PID == m.inner[r.key] })
		if i < 0 {
			continue // a process that does not lead its container
		}
		row := got.Rows[i]
		if shared, want := strings.Contains(row.Host, "net"), r.netOf(all) == "init"; shared != want {
			t.Errorf("%s shares %q with the host, want net: %v", r.key, row.Host, want)
		}
		others := slices.ContainsFunc(all, func(other resident) bool {
			return other.key != r.key && other.terse() != r.terse() && other.reason == "" && other.netOf(all) == r.netOf(all)
		})
		if shared, want := strings.Contains(row.Others, "net"), others && r.netOf(all) != "init"; shared != want {
			t.Errorf("%s shares %q with other containers, want net: %v", r.key, row.Others, want)
		}
	}
}

// testRows checks that there is a row for each container of the table, and no other.
func (m *machine) testRows(t *testing.T, all []resident, got picture) {
	t.Helper()
	var want, rows []string
	for _, r := range all {
		if r.reason == "" && r.of == "" {
			want = append(want, r.in+r.terse())
		}
		if r.in != "" { // what it is in
			want = append(want, resident{runtime: r.runtime}.terse())
		}
	}
	for _, s := range got.Rows {
		in := ""
		if i := strings.LastIndex(s.Chain, " > "); i >= 0 {
			in = s.Chain[:i+len(" > ")]
		}
		rows = append(rows, strings.TrimPrefix(in, "nspawn:booted > ")+s.terse())
	}
	slices.Sort(rows)
	slices.Sort(want)
	if !slices.Equal(rows, want) {
		t.Errorf("the containers are\n%s\nwant\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
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
			called[owner] = []string{"netns:" + r.key} // the only one with a namespace of its own
		default:
			called[owner] = append(called[owner], r.short())
		}
	}
	if r := "netns:blue"; m == hybrid && !slices.Contains(slices.Collect(maps.Values(got.Spaces)), r) {
		t.Errorf("no network namespace is called %q", r)
	}
	for owner, names := range called {
		slices.Sort(names)
		want := strings.Join(slices.Compact(names), ", ")
		if is := got.Spaces[netInode(t, m.pids[owner])]; is != want {
			t.Errorf("the network namespace of %s is called %q, want %q", owner, is, want)
		}
	}
}

// short is what the container is called where there is no room.
func (r resident) short() string {
	if r.name == "" {
		return r.runtime
	}
	return r.name
}
