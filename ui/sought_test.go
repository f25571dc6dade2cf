package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"nstui/procscan"
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

// A word that means nothing is answered by what is called almost so.
func TestNearNamesOfATarget(t *testing.T) {
	for target, want := range map[string]string{
		"wbe":        `nothing is called "wbe"; near names: web`,
		"unit:sshdd": `nothing is called "unit:sshdd"; near names: sshd.service`,
		"k8s:shpo":   `nothing is called "k8s:shpo"; near names: shop`,
		"blue":       `nothing is called "blue"; a network namespace is called so: netns:blue`,
		"pod/shop":   `nothing is called "pod/shop"; a project of compose is called so: compose:shop; a namespace of Kubernetes is called`,
		"netns:bleu": `there is no network namespace "bleu"; near names: netns:blue`,
		"qqqqqqqq":   `nothing is called "qqqqqqqq"` + "\n",
	} {
		if s := openOn(t, target); !strings.Contains(s.text()+"\n", want) {
			t.Errorf("%s: it does not say %q:\n%s", target, want, s.text())
		}
	}
}

// What is called almost so is found out in the background, over what was on the screen then.
func TestNearNamesAreFoundInTheBackground(t *testing.T) {
	s := start(t, 120, 36, namedConfig())
	find := s.m.askStopped("wbe")
	s.m.world = newWorld(nil, new(procscan.Snapshot), nil)
	s.send(find())
	s.has(`nothing is called "wbe"; near names: web`)
}

// A project of compose and a namespace of Kubernetes are their containers, and nothing that has the word in its own name,
// nor what is called so within a container beside the host's.
func TestOpensOnAProject(t *testing.T) {
	told := toldOfCluster()
	side := told[sideID]
	side.Project, side.Service, side.Name = "shop", "proxy", "shop-proxy-1"
	told[sideID] = side
	agent := told[agentID]
	agent.Name = "shop-agent"
	told[agentID] = agent
	for target, want := range map[string][]int{"compose:shop": {4183, 4300}, "k8s:shop": {6110}, "shop": {4183, 4300}} {
		c := namedConfig()
		c.Names, c.Target = newNamer(told), target
		s := start(t, 120, 36, c)
		var got []int
		for _, g := range s.m.browser.groups.Rows() {
			got = append(got, g.leader.PID)
		}
		slices.Sort(got)
		if len(want) > 1 && !slices.Equal(got, want) || s.m.browser.tab != ofContainers {
			t.Errorf("%s: they are %v:\n%s", target, got, s.text())
		}
		if len(want) == 1 && s.pid() != want[0] || len(want) > 1 && s.m.shownGroup() == nil {
			t.Errorf("%s: the cursor is on nothing, or on another:\n%s", target, s.text())
		}
	}
}

// A user's unit is no reason to pass over root's process of that name, nor a user's process over root's unit.
func TestOpensOnWhatIsRoots(t *testing.T) {
	f := cluster()
	f.add(901, 1, 0, hostNS, "/system.slice/other.service", "agent9")
	f.add(902, 1, 1000, hostNS, "/user.slice/user-1000.slice/user@1000.service/app.slice/agent9.service", "x")
	f.add(903, 1, 0, hostNS, "/system.slice/psql.service", "postgres")
	f.add(904, 1, 1000, hostNS, "/user.slice/user-1000.slice/session-3.scope", "psql")
	for target, want := range map[string]int{"agent9": 901, "psql": 903} {
		c := testConfig(f.snapshot())
		c.Names, c.Target = newNamer(toldOfCluster()), target
		if s := start(t, 120, 36, c); s.pid() != want {
			t.Errorf("%s leads to %d", target, s.pid())
		}
	}
}

// Before a process is opened, root's even, the daemons are asked for a container of that name; and where one does not
// tell, that is said.
func TestAsksBeforeAProcess(t *testing.T) {
	f := cluster()
	f.add(901, 1, 0, hostNS, "/system.slice/other.service", "late")
	for _, late := range []map[string]container.Owner{{agentID: {Name: "late"}}, nil} {
		c := testConfig(f.snapshot())
		namer := newNamer(toldOfCluster())
		delete(namer.told, agentID)
		namer.late = late
		c.Names, c.Target = namer, "late"
		want := 901
		if late != nil {
			want = 4400
		}
		if s := start(t, 120, 36, c); s.pid() != want {
			t.Errorf("it leads to %d, want %d", s.pid(), want)
		}
	}
}

// A number is a pid; where there is no such process it is said which container is called so.
func TestOpensOnAPID(t *testing.T) {
	told := toldOfCluster()
	rename(map[string]string{webID: "8120", sideID: "99999"})(told)
	for pid, want := range map[int]string{
		8120: "", 99999: "there is no process 99999; container:99999 means docker:99999", 77777: "there is no process 77777\n",
	} {
		c := namedConfig()
		c.Names, c.PID = newNamer(told), pid
		s := start(t, 120, 36, c)
		if said := s.text() + "\n"; !strings.Contains(said, want) || pid == 8120 && s.pid() != pid {
			t.Errorf("%d: it is opened on %d and does not say %q:\n%s", pid, s.pid(), want, said)
		}
	}
}

// A container that does not run is told of as such.
func TestStoppedTarget(t *testing.T) {
	c := namedConfig()
	namer := newNamer(toldOfCluster())
	namer.stopped = []container.Stopped{{Runtime: container.Docker, Name: "wob\x1b", How: "exited with 137, 5 minutes ago"}}
	c.Names, c.Target = namer, "wob\x1b"
	s := start(t, 120, 36, c)
	s.has("docker's container wob␛ is not running (exited with 137, 5 minutes ago)")
	s.hasNot("nothing is called")
}

// The screen opens on what package sought finds, as enter does: on the one, or on all of them.
func TestOpensOnWhatIsFound(t *testing.T) {
	for _, word := range []string{
		"web", "container:web", "docker:web", "9f2c", webID, "side", "agent", "coredns", "pod/coredns", "kube-system", "postgres", "shop/web",
		"kind-node", "docker:kind-node > shop/db-0/postgres", "infra of coredns", "unit:kubelet", "kubelet", "sshd", "zsh", "less", "tcpdump",
		"session-3.scope", "unit:session-3.scope", "containerd", "init", "l1", "lxc:l1", "compose:shop", "k8s:shop", "shop",
	} {
		s := openOn(t, word)
		at := s.m.world.place()
		found := at.Find(word)
		switch {
		case len(found) == 0:
			t.Errorf("%s is nothing", word)
		case len(found) == 1:
			if s.pid() != found[0].Process.PID || !s.m.browser.filter.empty() {
				t.Errorf("%s leads to %d, not to %d", word, s.pid(), found[0].Process.PID)
			}
		default:
			s.has(fmt.Sprintf("%d are meant by %q", len(found), word))
			belongs := at.Belongs(found)
			for _, p := range s.m.browser.procs.Rows() {
				if !belongs(p.Process) {
					t.Errorf("%s: %d is shown", word, p.PID)
				}
			}
			if len(s.m.browser.procs.Rows()) == 0 {
				t.Errorf("%s: nothing is shown:\n%s", word, s.text())
			}
		}
	}
}
