package nsenter

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nstui/procscan/ns"
)

// In a frozen cgroup nothing is started: it would neither run nor end.
func TestFrozenCgroup(t *testing.T) {
	needRoot(t)
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	points := cgroupMounts(mounts)
	if m, ok := points[""]; ok {
		t.Run("version 2", func(t *testing.T) { testFrozenCgroup(t, m.point, "cgroup.freeze", "0", "1") })
	}
	m, ok := points["freezer"]
	if ok {
		t.Run("version 1", func(t *testing.T) { testFrozenCgroup(t, m.point, "freezer.state", "THAWED", "FROZEN") })
	}
	if _, second := points[""]; !ok && !second {
		t.Fatal("there is no hierarchy in which something could be frozen")
	}
}

// testFrozenCgroup freezes a target by the file of a cgroup.
func testFrozenCgroup(t *testing.T, point, file, thaw, freeze string) {
	t.Helper()
	p := startTarget(t, ns.SetOf(ns.UTS))
	pid := strconv.Itoa(p.ref().PID)
	dir := filepath.Join(point, "nstui-test-"+pid)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.end()
		if err := os.Remove(dir); err != nil {
			t.Error(err)
		}
	})
	put := func(file, text string) {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("cgroup.procs", pid)
	put(file, freeze)
	t.Cleanup(func() { put(file, thaw) }) // before it is to end
	until := func(frozen bool) {
		for (pin(t, p.ref()).Facts().Confines.Frozen != "") != frozen {
			if err := t.Context().Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	until(true)
	facts := pin(t, p.ref()).Facts()
	for _, r := range []Request{{Cgroup: true}, {Confined: true}, {}} {
		r.Kinds, r.Program = ns.SetOf(ns.UTS), []string{"true"}
		plan := NewPlan(facts, r, os.Environ())
		said := slices.ContainsFunc(plan.Checks, func(c Check) bool { return c.Level == Fail && strings.Contains(c.Text, dir+" is frozen") })
		if want := r.Cgroup || r.Confined; said != want || plan.Ready() == want {
			t.Errorf("with %+v it is refused: %v; %v", r, said, plan.Checks)
		}
	}
	put(file, thaw)
	until(false)
}
