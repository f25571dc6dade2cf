package ui

import (
	"slices"
	"testing"

	"nstui/procscan/container"
)

func TestLikeness(t *testing.T) {
	for _, tt := range []struct {
		needle string
		names  []string
		want   int
	}{
		{"web", []string{"Web"}, isIt},
		{"web", []string{"Web", "web"}, isExactly},
		{"Web", []string{"web"}, isIt},
		{"Web", []string{"web", "Web"}, isExactly},
		{"web", []string{"pweb", "web"}, isExactly},
		{"web", []string{"web-1"}, begins},
		{"web", []string{"website"}, begins},
		{"web", []string{"docker:web"}, hasWord},
		{"web", []string{"pweb-web"}, hasWord},
		{"web", []string{"pweb"}, hasIt},
		{"web", []string{"", "db"}, 0},
	} {
		if got := likeness(newFilter(tt.needle, true).words[0], tt.names...); got != tt.want {
			t.Errorf("%q in %q: %d, want %d", tt.needle, tt.names, got, tt.want)
		}
	}
}

// likeNames is a screen on a cluster in which what comes first in every list has the name of another in its own.
func likeNames(t *testing.T, change func(map[string]container.Owner)) *screen {
	t.Helper()
	told := toldOfCluster()
	change(told)
	f := cluster()
	f.add(601, 1, 0, hostNS, "/system.slice/opensshd.service", "opensshd")
	f.add(602, 1, 0, hostNS, "/system.slice/sshd-keygen.service", "sshd-keygen")
	c := testConfig(f.snapshot())
	c.Names = newNamer(told)
	s, _ := atCluster(t, 120, 36, c)
	return s
}

// rename gives containers other names.
func rename(names map[string]string) func(map[string]container.Owner) {
	return func(told map[string]container.Owner) {
		for id, name := range names {
			o := told[id]
			o.Name, o.Service = name, ""
			told[id] = o
		}
	}
}

// What is called as is typed comes before what begins so, and that before what has it somewhere: in every list,
// and with every key.
func TestFilterGoesToTheWholeName(t *testing.T) {
	exact := rename(map[string]string{webID: "pweb", agentID: "web1", kindID: "web"})
	for _, before := range [][]string{{"c"}, nil, {"0"}, {"9"}, {"c", "t"}} {
		s := likeNames(t, exact)
		s.press(before...)
		s.typeInto("/", "web")
		s.press("enter", "n")
		if pid, _ := entered(t, s); pid != 6000 {
			t.Errorf("%v /web enters %d, not the container web", before, pid)
		}
	}

	s := likeNames(t, exact)
	s.press("c")
	for _, step := range []struct {
		key  string
		want int
	}{{"w", 6000}, {"e", 6000}, {"b", 6000}, {"1", 4400}, {"backspace", 6000}, {"home", 6000}, {"p", 4183}} {
		if step.key == "w" {
			s.press("/")
		}
		if step.key == "home" {
			s.press("ctrl+u")
			continue
		}
		s.press(step.key)
		if g := s.m.shownGroup(); step.key != "w" && (g == nil || g.leader.PID != step.want) {
			t.Errorf("after %q the cursor is on %+v, not on %d", step.key, g, step.want)
		}
	}

	s = likeNames(t, rename(map[string]string{webID: "pweb", agentID: "other", kindID: "webserver"}))
	s.press("c")
	s.typeInto("/", "web")
	if g := s.m.shownGroup(); g == nil || g.leader.PID != 6000 {
		t.Errorf("/web goes to %+v, not to webserver", g)
	}

	s = likeNames(t, exact)
	s.press("l")
	s.typeInto("/", "sshd")
	if s.pid() != 612 {
		t.Errorf("/sshd goes to %d, not to the unit:\n%s", s.pid(), s.text())
	}
	s.typeText("-")
	if s.pid() != 602 {
		t.Errorf("/sshd- goes to %d", s.pid())
	}
}

// The words of an owner that a user may type have its unit without its type.
func TestNamesOfAUnit(t *testing.T) {
	o := newOwner(&container.Owner{Runtime: container.Systemd, Name: "psql.service"}, nil, false)
	if !slices.Contains(o.names(), "psql") {
		t.Errorf("%q", o.names())
	}
}

// What stands on the screen is found by the words that stand there.
func TestFilterFindsTheWordsOnTheScreen(t *testing.T) {
	for typed, want := range map[string][]int{
		"infra":        {5000, 6100},
		"infra of":     {5000, 6100},
		"host net":     {4400},
		"net with web": {4183, 4300}, // the words, not the phrase
		"with":         {4183, 4300},
		"paused":       {4300},
		"!with !infra": {4400, 5010, 6000, 6110, 7100},
		"kind-node >":  {6100, 6110},
	} {
		s := start(t, 200, 36, namedConfig())
		s.press("c")
		s.typeInto("/", typed)
		var got []int
		for _, g := range s.m.browser.groups.Rows() {
			got = append(got, g.leader.PID)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("/%s finds %v, want %v:\n%s", typed, got, want, s.text())
		}
	}
}

func TestContainersBySharing(t *testing.T) {
	s := start(t, 200, 36, namedConfig())
	s.press("c")
	names, _ := s.m.sortNames()
	s.m.sortBy(order{column: slices.Index(names, "shares")})
	var got []string
	for _, g := range s.m.browser.groups.Rows()[:4] {
		got = append(got, g.owner.least())
	}
	if want := []string{"agent", "web", "side"}; !slices.Equal(got[:3], want) {
		t.Errorf("the order is %q, want %q first", got, want)
	}
}
