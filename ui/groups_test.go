package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// setRows returns the sets on the screen: their letters, how many are in each, and their leaders.
func setRows(s *screen) (rows []string) {
	groups, _ := s.m.browser.groups.Visible()
	for _, g := range groups {
		rows = append(rows, fmt.Sprintf("%s %d %d", g.letters, len(g.members), g.leader.PID))
	}
	return rows
}

func wantSets(t *testing.T, s *screen, want ...string) {
	t.Helper()
	if got := setRows(s); !slices.Equal(got, want) {
		t.Errorf("the sets are %q, want %q", got, want)
	}
}

func TestSetsAreTheWholeTuples(t *testing.T) {
	s := start(t, 80, 24, testConfig(host().snapshot()))
	s.press("9")
	// The zombie is in the set of its parent, which still has all namespaces.
	wantSets(t, s, "-------- 5 1", "---n---- 1 9120", "--mn--U- 2 7001", "Cimnp--u 5 4183")
	if s.pid() != 1 {
		t.Errorf("it opens on %d", s.pid())
	}
	s.press("G")
	s.has("in set of 4183 nginx")
	if s.pid() != 4183 {
		t.Errorf("the cursor is on %d, not on the leader", s.pid())
	}
	s.press("enter", "j")
	if s.m.browser.focus != onProcesses || s.pid() != 4231 {
		t.Errorf("pane %d, process %d", s.m.browser.focus, s.pid())
	}
}

func TestSetOfAZombieWhoseParentIsElsewhere(t *testing.T) {
	f := host()
	z := f.add(9400, 1, 0, ns.Tuple{ns.PID: 4026532564, ns.User: hostNS[ns.User]}, "", "late")
	z.State, z.Args = 'Z', nil
	s := start(t, 80, 24, testConfig(f.snapshot()))
	s.press("9", "g", "o", "j", "enter") // by number of processes
	wantSets(t, s, "????p?-? 1 9400", "---n---- 1 9120", "--mn--U- 2 7001", "-------- 5 1", "Cimnp--u 5 4183")
}

func TestSetsOfThoseThatRefused(t *testing.T) {
	f := host()
	for i := range 3 {
		f.add(9500+i, 1, 0, ns.Tuple{}, "", "daemon").Refused = procscan.Denied
	}
	s := start(t, 80, 24, testConfig(f.snapshot()))
	s.press("9", "O") // the row is the last in any order
	s.press("G")
	s.has("????????     3 refused to show their namespaces", "in refused", "[9 sets 4]")
	if s.pid() != 9500 || s.m.shownGroup() != nil {
		t.Errorf("on %d", s.pid())
	}
	s.press("i")
	s.has("not known", "daemon")
}

// A refresh takes neither the cursor nor what is open; what is new and what has ended is marked for the
// time of one snapshot.
func TestSetsAfterARefresh(t *testing.T) {
	before := host()
	gone := slices.DeleteFunc(host(), func(p procscan.Process) bool { return p.PID == 9120 })
	gone.add(9700, 1, 0, inContainer(4026530000, ns.SetOf(ns.UTS)), "", "sleep", "1000")
	s := start(t, 80, 24, testConfig(before.snapshot(), gone.snapshot(), gone.snapshot()))
	s.press("9", "G")
	s.scan()
	if s.pid() != 4183 || s.m.browser.open.group.tuple[ns.Net] != 4026532563 {
		t.Errorf("the cursor is on %d", s.pid())
	}
	s.has("▌ Cimnp--u     5", "---n---- ended tcpdump", " +-------u     1 root 9700 sleep 1000", "[9 sets 4]")
	s.scan()
	s.hasNot("ended", " +-------u")
	s.has("▌ Cimnp--u     5", "-------u     1 root 9700 sleep 1000")
}

func TestOpenSetEnds(t *testing.T) {
	gone := slices.DeleteFunc(host(), func(p procscan.Process) bool { return p.PID == 9120 })
	s := start(t, 80, 24, testConfig(host().snapshot(), gone.snapshot(), gone.snapshot()))
	s.press("9", "j", "l")
	s.scan()
	s.has("in set of 9120 tcpdump", "ended tcpdump -ni eth0")
	s.scan()
	s.has("set is gone · esc back")
	s.press("esc")
	if s.pid() != 7001 {
		t.Errorf("on %d", s.pid())
	}
}

func TestFilterOfSets(t *testing.T) {
	for filter, want := range map[string][]string{
		"firefox":      {"--mn--U- 2 7001"},
		"nginx":        {"Cimnp--u 5 4183"},
		"4026532563":   {"---n---- 1 9120", "Cimnp--u 5 4183"}, // its network
		"!nginx !init": {"---n---- 1 9120", "--mn--U- 2 7001"},
	} {
		s := start(t, 80, 24, testConfig(host().snapshot()))
		s.press("9", "/")
		s.typeText(filter)
		s.press("enter")
		wantSets(t, s, want...)
		s.has(fmt.Sprintf("%d of 4", len(want)))
		if !slices.Contains(want, fmt.Sprintf("%s %d %d", s.m.shownGroup().letters, len(s.m.shownGroup().members), s.m.shownGroup().leader.PID)) || s.m.browser.procs.Len() == 0 {
			t.Errorf("%q: %d processes are shown", filter, s.m.browser.procs.Len())
		}
	}
}

func TestSortOfSets(t *testing.T) {
	s := start(t, 80, 24, testConfig(host().snapshot()))
	s.press("9", ":")
	s.typeText("sort age")
	s.press("enter")
	wantSets(t, s, "---n---- 1 9120", "--mn--U- 2 7001", "Cimnp--u 5 4183", "-------- 5 1")
	s.has("age ↑")
	s.press("4", "9", "t")
	s.has("sets are in no tree", "age ↑")
}

func TestTabsGoAround(t *testing.T) {
	s := start(t, 120, 36, testConfig(host().snapshot()))
	var got []string
	for range numTabs {
		s.press("]")
		got = append(got, s.m.browser.tab.String())
	}
	if want := []string{"pid", "time", "user", "uts", "sets", "containers", "all", "cgroup", "ipc", "mnt", "net"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	inNginx(s)
	s.press("9")
	if s.pid() != 4183 || s.m.shownGroup().leader.PID != 4183 {
		t.Error("the sets do not open on the set of the process at hand")
	}
	inNginx(s) // within the sets
	if s.m.browser.tab != ofSets || s.pid() != 4183 {
		t.Errorf("pid 4183 leads to %d in %s", s.pid(), s.m.browser.tab)
	}
	s.press(":")
	s.typeText("ns 4026532763")
	s.press("enter")
	s.has("[4 net 3]", "in net 4026532763")
	s.press(":")
	s.typeText("sets")
	s.press("enter")
	s.has("[9 sets 4]", "in set of 7001 firefox")
}

func TestMouseOnSets(t *testing.T) {
	c := testConfig(host().snapshot())
	c.Mouse = true
	s := start(t, 120, 36, c)
	click := func(x, y int) { s.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft}) }
	click(strings.Index(s.lines()[1], "9 sets"), 1)
	s.has("[9 sets 4]")
	click(10, 8) // the fourth set
	s.has("in set of 4183 nginx")
	click(10, 14) // its third process
	if s.pid() != 4232 || s.m.browser.focus != onProcesses {
		t.Errorf("on %d, pane %d", s.pid(), s.m.browser.focus)
	}
}

// What is entered of a set is the process that the cursor of the processes is on: at first its leader.
func TestEnteringASet(t *testing.T) {
	c := testConfig(host().snapshot())
	enterer := &fakeEnterer{shells: []string{"/bin/sh"}}
	c.Enter = enterer
	s := start(t, 120, 36, c)
	t.Cleanup(s.m.closeShells)
	s.m.send = func(tea.Msg) {}
	s.press("9", "G", "n")
	if sh := s.m.shells.current; sh == nil || sh.entry.ref.PID != 4183 || sh.entry.request.Kinds != ns.SetOf(ns.Net) {
		t.Errorf("entered %+v", s.m.shells.current)
	}
}
