package ui

import (
	"slices"
	"testing"

	"nstui/procscan/container"
	"nstui/procscan/ns"
)

// Whatever enter takes for a target, the screen opens on.
func TestOpensOnWhatEnterKnows(t *testing.T) {
	for target, pid := range map[string]int{
		"sshd": 612, "sshd.service": 612, "zsh": 8120, "tcpdump": 9120, "unit:session-3.scope": 8120,
		"containerd": 700,
	} {
		if s := openOn(t, target); s.pid() != pid || s.m.browser.focus != onProcesses {
			t.Errorf("%s leads to %d:\n%s", target, s.pid(), s.text())
		}
	}
	if s := openOn(t, "ns:4026532563"); s.m.browser.open.space != (ns.ID{Kind: ns.Net, Ino: 4026532563}) {
		t.Errorf("ns:… leads to %v", s.m.browser.open)
	}
	openOn(t, "ns:12").has(`there is no namespace "12"`)
}

// Of an ambiguous name only what it means is shown, with the cursor on one of these: not what has the name in
// its own, or in its command line.
func TestOnlyWhatIsMeantIsShown(t *testing.T) {
	told := toldOfCluster()
	rename(map[string]string{webID: "web", sideID: "pweb", agentID: "web"})(told)
	c := namedConfig()
	c.Names, c.Target = newNamer(told), "container:web"
	s := start(t, 120, 36, c)
	s.has(`2 are meant by "container:web": choose one`, "/web  2 of 9")
	var got []int
	for _, g := range s.m.browser.groups.Rows() {
		got = append(got, g.leader.PID)
	}
	slices.Sort(got)
	if !slices.Equal(got, []int{4183, 4400}) {
		t.Errorf("they are %v", got)
	}
	if g := s.m.shownGroup(); g == nil || !slices.Contains(got, g.leader.PID) {
		t.Errorf("the cursor is on %+v", g)
	}
	s.press("esc")
	if n := s.m.browser.groups.Len(); n != 9 {
		t.Errorf("esc leaves %d rows", n)
	}
}

// Units are not in the list of containers.
func TestUnitsToChooseFrom(t *testing.T) {
	f := cluster()
	f.add(901, 1, 0, hostNS, "/system.slice/dbus.service", "dbus-daemon", "--system")
	f.add(902, 1, 1000, hostNS, "/user.slice/user-1000.slice/user@1000.service/app.slice/dbus.service", "dbus-daemon", "--session")
	f.add(903, 1, 1000, hostNS, "/user.slice/user-1000.slice/session-3.scope", "vim", "dbus.service")
	for target, want := range map[string][]int{"less": {8200}, "dbus-daemon": {901, 902}} {
		c := testConfig(f.snapshot())
		c.Names, c.Target = container.New(container.Options{Root: "/nonexistent"}), target
		s := start(t, 120, 36, c)
		var got []int
		for _, p := range s.m.browser.procs.Rows() {
			got = append(got, p.PID)
		}
		if len(want) > 1 && !slices.Equal(got, want) || s.pid() != want[0] || s.m.browser.tab == ofContainers {
			t.Errorf("%s: they are %v, the cursor on %d:\n%s", target, got, s.pid(), s.text())
		}
	}
}
