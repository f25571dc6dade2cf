package ui

import (
	"fmt"
	"slices"
	"testing"

	"nstui/procscan"
	"nstui/procscan/container"
)

// A column in which nothing stands takes no room from the names.
func TestNothingSharedTakesNoRoom(t *testing.T) {
	s := start(t, 120, 36, namedConfig())
	s.press("c")
	s.has("SHARES")
	s.typeInto("/", "kind-node") // of the rows that are shown none shares anything
	s.hasNot("SHARES")
	alone := slices.DeleteFunc(cluster(), func(p procscan.Process) bool { return p.PID != 1 && p.PID != 7100 })
	c := testConfig(alone.snapshot())
	c.Names = newNamer(nil)
	s = start(t, 120, 36, c)
	s.press("c")
	s.has("NAME RUNTIME PROCS NS") // none wider than what stands in it
	s.hasNot("SHARES", "STATE")
}

// A state to take note of is on the screen, with what is shared where it has no column, also if nothing is.
func TestStateWithoutAColumn(t *testing.T) {
	for _, width := range []int{64, 80, 120, 200} {
		told := toldOfCluster()
		agent := told[agentID]
		agent.State = "paused"
		told[agentID] = agent
		for _, keep := range [][]int{{1, 4400}, {1, 4183, 4400}, nil} {
			f := slices.DeleteFunc(cluster(), func(p procscan.Process) bool { return keep != nil && !slices.Contains(keep, p.PID) })
			c := testConfig(f.snapshot())
			c.Names = newNamer(told)
			s := start(t, width, 36, c)
			s.press("c")
			s.has("paused", "agent")
		}
	}
}

// What only serves a pod says so with the name of the pod where there is room for some of it.
func TestInfraIsNamed(t *testing.T) {
	pod := &container.Pod{Name: "observability-prometheus-server-abcde", Namespace: "monitoring"}
	words := wordsFor(&container.Owner{Runtime: container.Containerd, Pod: pod, Infra: true}, false)
	for width, want := range map[int]string{
		48: "infra of observability-prometheus-server-abcde", 30: "infra of observ…s-server-abcde", 12: "infra …abcde", 11: "infra", 4: "inf…",
	} {
		if got := fit(words, width, "…"); got != want {
			t.Errorf("in %d cells: %q, want %q", width, got, want)
		}
	}
}

// Each row of the processes says who runs what, and whose it is, where the list is narrow, too.
func TestColumnsOfProcesses(t *testing.T) {
	for _, size := range sizes {
		s := start(t, size[0], size[1], namedConfig())
		s.press("j")
		s.has("USER NS       NAME      COMMAND", "root Cimnp--u web       nginx: mast", "101  Cimnp--u web       nginx: work")
		s.has("envoy -c /et")
	}
	s := start(t, 200, 50, namedConfig())
	s.press("j")
	s.has("root ---n---- session-3.scope tcpdump -ni eth0")
	// Of one container all are: it is named once.
	s.press("0", "j")
	s.has("in cgroup 4026532560 · web", "USER NS       COMMAND")
}

// At 80 columns a name that ip-netns(8) has given is whole.
func TestNameOfNetnsIsWhole(t *testing.T) {
	s := start(t, 80, 24, namedConfig())
	s.has("netns:blue")
	words := s.m.world.spaceWords(&container.Space{Netns: []string{"a-long-name-of-a-netns"}})
	for width, want := range map[int]string{30: "netns:a-long-name-of-a-netns", 24: "a-long-name-of-a-netns", 13: "a-long…-netns"} {
		if got := fit(words, width, "…"); got != want {
			t.Errorf("in %d cells: %q, want %q", width, got, want)
		}
	}
}

// Columns stay where they are while one scrolls: what is off the screen counts, too.
func TestColumnsStayInScrolling(t *testing.T) {
	f := host()
	for i := range 60 {
		f.add(20_000+i, 1, 0, f[0].NS, "", fmt.Sprintf("daemon-%d", i))
	}
	f.add(30_000, 1, 4_000_000_000, f[0].NS, "", "last")
	s := start(t, 120, 36, testConfig(f.snapshot()))
	s.press("l")
	before := s.m.procWidths(46)
	s.press("G")
	s.has("4000000000 --------")
	if now := s.m.procWidths(46); now != before {
		t.Errorf("%+v, then %+v", before, now)
	}
}

// Where there is little room for a command, the folder of its program does without.
func TestCommandWithoutFolder(t *testing.T) {
	for command, want := range map[string]string{
		"/usr/bin/conmon --api-version 1": "conmon --api-version 1",
		"/sbin/init":                      "init",
		"/":                               "/",
		"nginx: worker /usr/sbin/nginx":   "nginx: worker /usr/sbin/nginx",
		"less /etc/passwd":                "less /etc/passwd",
		"[kworker/0:1]":                   "[kworker/0:1]",
	} {
		if got := withoutFolder(command); got != want {
			t.Errorf("%s: %q, want %q", command, got, want)
		}
	}
	s := start(t, 120, 36, namedConfig())
	s.press("l")
	s.has("sshd       sshd -D")
	s = start(t, 200, 36, namedConfig())
	s.press("l")
	s.has("/usr/sbin/sshd -D")
}
