package ui

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
)

// namedViews are the screens of a host with containers, by name.
var namedViews = map[string]func(*screen){
	"named":         func(s *screen) { s.press("j") },
	"named-host":    func(s *screen) { s.press("l") },
	"named-all":     func(s *screen) { s.press("0", "j") },
	"boxes":         func(s *screen) { s.press("c") },
	"boxes-shared":  func(s *screen) { s.press("c"); s.typeInto("/", "side"); s.press("enter") },
	"boxes-tree":    func(s *screen) { s.press("c", "t") },
	"boxes-head":    func(s *screen) { s.press("c", "t"); s.typeInto("/", "compose:"); s.press("enter", "g") },
	"boxes-inodes":  func(s *screen) { s.press("c", "y", "i") },
	"boxes-details": func(s *screen) { s.press("c"); s.typeInto("/", "postgres"); s.press("enter", "i") },
	"boxes-none":    func(s *screen) { s.press("c"); s.typeInto("/", "redis") },
	"named-sets":    func(s *screen) { s.press("9", "G") },
	"named-found":   func(s *screen) { s.press("/"); s.typeText("coredns"); s.press("enter") },
}

// typeInto presses a key and types a text.
func (s *screen) typeInto(key, text string) {
	s.t.Helper()
	s.press(key)
	s.typeText(text)
}

func TestGoldenNames(t *testing.T) {
	for name, do := range namedViews {
		for _, size := range [][2]int{{120, 36}, {80, 24}, {200, 50}} {
			t.Run(fmt.Sprintf("%s/%dx%d", name, size[0], size[1]), func(t *testing.T) {
				s := start(t, size[0], size[1], namedConfig())
				do(s)
				s.golden(name)
			})
		}
	}
}

// atCluster is a screen on the cluster in which shells can be opened.
func atCluster(t *testing.T, w, h int, c Config) (*screen, *fakeEnterer) {
	t.Helper()
	enterer := &fakeEnterer{shells: []string{"/bin/sh"}}
	c.Enter = enterer
	s := start(t, w, h, c)
	t.Cleanup(s.m.closeShells)
	s.m.send = func(tea.Msg) {}
	return s, enterer
}

// entered returns the process whose namespaces were entered last, and which of them.
func entered(t *testing.T, s *screen) (pid int, kinds ns.Set) {
	t.Helper()
	sh := s.m.shells.current
	if sh == nil {
		t.Fatalf("nothing was entered:\n%s", s.text())
	}
	return sh.entry.ref.PID, sh.entry.request.Kinds
}

// Three actions lead from the first screen to the network of a pod: its name, enter and n. That another process
// has the name in its command line does not matter.
func TestFilterByNameThenEnter(t *testing.T) {
	for _, tt := range []struct {
		before []string
		typed  string
		want   int
	}{
		{nil, "coredns", 5010},
		{nil, "kube-system", 5010},
		{nil, "x7k2p", 5010},
		{nil, "c0de00000004", 5010},
		{nil, "postgres", 6110},
		{nil, "shop/db-0", 6110},
		{nil, "web", 4183},
		{nil, "envoy", 4300},
		{nil, "nginx:1.27", 4183}, // the image
		{nil, "l1 lxc", 7100},
		{[]string{"0"}, "coredns", 5010},
		{[]string{"9"}, "coredns", 5010},
		{[]string{"c"}, "coredns", 5010},
		{[]string{"c"}, "corefile", 5010}, // which is in its command line
		{[]string{"l"}, "postgres", 6110}, // the list that has the keyboard has none: another has
		{[]string{"l"}, "kube-system", 5010},
		{[]string{"tab", "tab"}, "postgres", 6110},
		{[]string{"j", "l"}, "kube-system", 5010},
		{[]string{"c", "l"}, "kube-system", 5010},
		{[]string{"c", "G", "l"}, "nginx", 4183}, // the list that has the keyboard has it
	} {
		for _, size := range sizes {
			s, _ := atCluster(t, size[0], size[1], namedConfig())
			s.press(tt.before...)
			s.typeInto("/", tt.typed)
			s.press("enter", "n")
			if s.m.shells.current == nil {
				t.Errorf("%v /%s: nothing was entered:\n%s", tt.before, tt.typed, s.text())
				continue
			}
			if pid, kinds := entered(t, s); pid != tt.want || kinds != ns.SetOf(ns.Net) {
				t.Errorf("%v /%s: entered %s of %d, not of %d", tt.before, tt.typed, kinds, pid, tt.want)
			}
		}
	}
}

func TestFilterElsewhereSaysSo(t *testing.T) {
	s := start(t, 120, 36, namedConfig())
	s.press("l")
	s.typeInto("/", "postgres")
	s.has(`nothing here matches "postgres"`)
	s.press("enter")
	s.has("net 4026532683", "/postgres  1 of 7")
	s.press("esc", "l")
	s.typeInto("/", "no-such-thing")
	s.has(`nothing matches "no-such-thing"`)
	s.press("enter")
	if s.m.browser.focus != onProcesses || s.m.browser.filter.wide {
		t.Error("a filter that finds nothing anywhere went somewhere")
	}
}

func TestFilterByNetnsName(t *testing.T) {
	s := start(t, 120, 36, namedConfig())
	s.typeInto("/", "netns:blue")
	s.press("enter")
	s.has("1 of 7", "netns:blue", "net 4026532900")
}

// What is typed goes to the best row; a refresh goes nowhere.
func TestLateNamesMoveNoCursor(t *testing.T) {
	told := toldOfCluster()
	late := map[string]container.Owner{corednsID: told[corednsID], webID: told[webID]}
	delete(told, corednsID)
	delete(told, webID)
	namer := newNamer(told)
	namer.late = late
	c := namedConfig()
	c.Names = namer
	var s *screen
	asked := false
	namer.during = func() { // between the first screen and the answer
		asked = true
		s.hasNot("coredns:v1")
		s.press("c", "o", "G", "enter") // by control group
		for s.m.shownGroup() == nil || s.m.shownGroup().leader.PID != 4183 {
			s.press("j")
		}
		s.has("9f2c61d0a7b3")
	}
	s = startLater(t, 120, 36, c)
	s.do(s.m.Init())
	if !asked {
		t.Fatal("nobody was asked")
	}
	if g := s.m.shownGroup(); g == nil || g.leader.PID != 4183 || s.pid() != 4183 {
		t.Errorf("the cursor is on %+v", g)
	}
	s.has("kube-system/coredns", "web", "nginx:1.2")
	if namer.asked != 2 { // the second for what came with the first: it told nothing new
		t.Logf("asked %d times", namer.asked)
	}
}

// What is found only once names are known is gone to as if it was typed then.
func TestFilterBeforeNames(t *testing.T) {
	told := toldOfCluster()
	late := map[string]container.Owner{corednsID: told[corednsID], pauseID: told[pauseID]}
	delete(told, corednsID)
	delete(told, pauseID)
	namer := newNamer(told)
	namer.late = late
	c := namedConfig()
	c.Names = namer
	var s *screen
	namer.during = func() {
		s.typeInto("/", "kube-system")
		s.press("enter")
		s.has(`nothing matches "kube-system"`)
	}
	s = startLater(t, 120, 36, c)
	s.do(s.m.Init())
	s.has("1 of 7")
	if s.pid() != 5010 { // not what only holds the pod's namespaces
		t.Errorf("on %d", s.pid())
	}
}

// startLater is start without the first scan.
func startLater(tb testing.TB, width, height int, c Config) *screen {
	tb.Helper()
	tb.Setenv("NO_COLOR", "")
	tb.Setenv("TERM", "xterm-256color")
	s := &screen{t: tb, m: newModel(tb.Context(), c)}
	s.m.now = func() time.Time { return noon }
	s.m.after = func(time.Duration, tea.Msg) tea.Cmd { return nil }
	s.m.send = s.send
	s.send(tea.WindowSizeMsg{Width: width, Height: height})
	return s
}

// Names that were made for a world that is not shown any more are made again for that which is, unless that
// knows them.
func TestLateNamesOfAWorldThatIsGone(t *testing.T) {
	c := namedConfig()
	s := start(t, 120, 36, c)
	of := s.m.world
	bare := newWorld(nil, of.snap, nil)
	s.m.show(bare)
	s.hasNot("2 coredns")
	s.send(renamedMsg{of: of, world: of})
	s.has("2 coredns")
	shown := s.m.world
	s.send(renamedMsg{of: bare, world: bare})
	if s.m.world != shown {
		t.Error("an older world is shown again")
	}
}

func TestNamesAreTakenOver(t *testing.T) {
	snap := clusterSnapshot()
	namer := newNamer(toldOfCluster())
	names := namer.Resolve(t.Context(), snap)
	w := newWorld(nil, snap, names)
	if newWorld(w, snap, namer.Resolve(t.Context(), snap)) != w {
		t.Error("nothing is new, and another world is made")
	}
	next := changed(snap, 1)
	again := newWorld(w, next, namer.Resolve(t.Context(), next))
	if a, b := w.byPID(4183).owner, again.byPID(4183).owner; a == nil || a != b {
		t.Errorf("the owner of a process is %p, then %p", a, b)
	}
}

// openOn starts a screen that is to open on what is called so.
func openOn(t *testing.T, target string) *screen {
	t.Helper()
	c := namedConfig()
	c.Target = target
	return start(t, 120, 36, c)
}

func TestOpensOnAName(t *testing.T) {
	for target, want := range map[string]struct {
		tab tab
		pid int
	}{
		"web":                     {ofContainers, 4183},
		"pod/kube-system/coredns": {ofContainers, 5010},
		"unit:sshd":               {tab(ns.Net) + 1, 612},
		"9f2c":                    {ofContainers, 4183},
	} {
		s := openOn(t, target)
		if s.m.browser.tab != want.tab || s.pid() != want.pid || s.m.browser.focus != onProcesses {
			t.Errorf("%s leads to %d in %s", target, s.pid(), s.m.browser.tab)
		}
	}
	s := openOn(t, "netns:blue")
	if s.m.browser.open.space.Ino != 4026532900 {
		t.Errorf("netns:blue leads to %v", s.m.browser.open)
	}
	openOn(t, "nobody").has(`nothing is called "nobody"`)
	openOn(t, "netns:red").has(`there is no network namespace "red"`)
}

func TestOpensOnAnAmbiguousName(t *testing.T) {
	told := toldOfCluster()
	side := told[sideID]
	side.Name = "web"
	told[sideID] = side
	c := namedConfig()
	c.Names, c.Target = newNamer(told), "container:web"
	s := start(t, 120, 36, c)
	s.has(`2 are meant by "container:web": choose one`, "/web  2 of 9")
}

// withUsers is the cluster with a container of the user 1000, which is called as the user likes.
func withUsers(as container.Owner) (Config, *fakeNamer) {
	id := longID("0e5e00000008")
	f := cluster()
	f.add(8300, 8120, 1000, inContainer(4026532740, ns.SetOf(ns.Mnt, ns.User)), "/user.slice/user-1000.slice/user@1000.service/docker/"+id, "app")
	as.User = 1000
	told := toldOfCluster()
	told[id] = as
	namer := newNamer(told)
	c := testConfig(f.snapshot())
	c.Names = namer
	return c, namer
}

// A user who calls a container as root's, or says that it is of root's pod, is not taken for root.
func TestOpensOnNoneOfUsers(t *testing.T) {
	coredns := toldOfCluster()[corednsID].Pod
	for name, test := range map[string]struct {
		as     container.Owner
		target string
		pid    int // of root's; 0 where one is to be chosen
		said   string
	}{
		"pod":        {container.Owner{Name: "a", Pod: coredns}, "pod/kube-system/coredns", 5010, "kube-system/coredns-5d78c9869d-x7k2p/a of "},
		"deployment": {container.Owner{Name: "coredns"}, "coredns", 5010, " is called so, too, and not meant: that is 8300 or 0e5e00000008"},
		"prefix":     {container.Owner{Name: "9f2c"}, "9f2c", 0, "2 are meant by"},
		"daemon's":   {container.Owner{Name: "late"}, "late", 4400, "docker:late of "},
	} {
		c, namer := withUsers(test.as)
		c.Target = test.target
		namer.late = map[string]container.Owner{agentID: {Name: "late"}}
		delete(namer.told, agentID)
		s := start(t, 160, 36, c)
		if s.has(test.said); t.Failed() || test.pid > 0 && s.pid() != test.pid {
			t.Fatalf("%s: it is opened on %d", name, s.pid())
		}
	}
	c, _ := withUsers(container.Owner{Name: webID[:12]})
	c.Target = webID[:12]
	if s := start(t, 120, 36, c); s.pid() != 4183 {
		t.Errorf("the ID of web leads to %d", s.pid())
	}
}

func TestDetailsSayTheOwner(t *testing.T) {
	s := start(t, 120, 36, namedConfig())
	s.press(":")
	s.typeText("pid 6110")
	s.press("enter", "i")
	s.has("belongs  docker:kind-node > shop/db-0/postgres containerd", "image    postgres:17")
	s.press("esc", "esc", "i")
	s.has("belongs  docker:kind-node > shop/db-0/postgres containerd")
	s.press("esc", ":")
	s.typeText("pid 612")
	s.press("enter", "i")
	s.has("unit     sshd.service")
	s.press("esc", "h", "G", "i")
	s.has("netns    blue")
}

func TestCopyOfAnOwner(t *testing.T) {
	s := start(t, 120, 36, namedConfig())
	s.typeInto("/", "coredns")
	s.press("enter", "y")
	s.has("copy name", "kube-system/coredns-5d78c9869d-x7k2p", "copy id")
	s.press("o")
	if s.clipboard != "kube-system/coredns-5d78c9869d-x7k2p" {
		t.Errorf("copied %q", s.clipboard)
	}
	s.press("y", "d")
	if s.clipboard != corednsID {
		t.Errorf("copied %q", s.clipboard)
	}
	s.press("esc", "g", "l", "y", "o")
	if s.clipboard != "init.scope" {
		t.Errorf("copied %q", s.clipboard)
	}
	f := cluster()
	f[0].Cgroup = "/" // its init is not systemd
	c := testConfig(f.snapshot())
	c.Names = newNamer(toldOfCluster())
	s = start(t, 120, 36, c)
	s.press("l", "y", "o")
	s.has("it belongs to nobody who has a name")
}

func TestShellIsCalledByItsContainer(t *testing.T) {
	for _, size := range sizes {
		s, _ := atCluster(t, size[0], size[1], namedConfig())
		s.typeInto("/", "coredns")
		s.press("enter", "s")
		s.has("Enter namespaces of kube-system/coredns", "/coredns -conf", "kube-system/coredns-5d78c9869d-x7k2p")
		s.press("esc", "n")
		s.has("INSIDE kube-system/coredns ━ net ━ STILL HOST")
		if title := s.m.View().WindowTitle; title != "nstui: kube-system/coredns [n]" {
			t.Errorf("the title is %q", title)
		}
	}
}

// hostileCluster is the cluster with names a container may have been given by whom nobody trusts.
func hostileCluster() Config {
	told := toldOfCluster()
	i := 0
	for id, o := range told {
		o.Name, o.Image, o.State = hostileNames[i%len(hostileNames)], hostileNames[(i+1)%len(hostileNames)], hostileNames[(i+2)%len(hostileNames)]
		if o.Pod != nil {
			o.Pod = &container.Pod{Name: hostileNames[(i+3)%len(hostileNames)], Namespace: hostileNames[(i+4)%len(hostileNames)], UID: o.Pod.UID}
		}
		if o.Project != "" {
			o.Project, o.Service = hostileNames[(i+3)%len(hostileNames)], hostileNames[(i+4)%len(hostileNames)]
		}
		o.Labels = map[string]string{hostileNames[i%len(hostileNames)]: hostileNames[(i+5)%len(hostileNames)]}
		told[id] = o
		i++
	}
	c := namedConfig()
	c.Names = newNamer(told)
	return c
}

func TestGeometryOfNames(t *testing.T) {
	configs := map[string]func() Config{"tame": namedConfig, "hostile": hostileCluster}
	for kind, config := range configs {
		for name, do := range namedViews {
			t.Run(kind+"/"+name, func(t *testing.T) {
				s := start(t, 120, 36, config())
				do(s)
				for _, w := range widths {
					for _, h := range heights {
						s.send(tea.WindowSizeMsg{Width: w, Height: h})
						s.lines()
						content := s.m.View().Content
						for _, bad := range []string{"\x1b]", "\x1bP", "\x1b_", "\x1b[2J", "\x1b[8m", "\u202e", "\u009b", "\x00", "\r", "\t"} {
							if strings.Contains(content, bad) {
								t.Fatalf("%dx%d: %q reaches the terminal", w, h, bad)
							}
						}
					}
				}
			})
		}
	}
}

func TestHostileNameInTheTitle(t *testing.T) {
	s, _ := atCluster(t, 120, 36, hostileCluster())
	s.press("c")
	for range 9 {
		s.press("j", "n")
		if title := s.m.View().WindowTitle; strings.ContainsAny(title, "\x1b\x07\n\r") {
			t.Errorf("the title is %q", title)
		}
		s.lines()
		s.press("ctrl+]", "d")
	}
}

func TestWordsOfAnOwner(t *testing.T) {
	pod := func(ns, name, ctr string) *container.Owner {
		return &container.Owner{Runtime: container.Containerd, Name: ctr, Pod: &container.Pod{Namespace: ns, Name: name}}
	}
	kind := &container.Owner{Runtime: container.Docker, Name: "kind-node"}
	inKind := pod("kube-system", "coredns-5d78c9869d-x7k2p", "coredns")
	inKind.In = kind
	infra := pod("kube-system", "coredns-5d78c9869d-x7k2p", "")
	infra.Infra = true
	for _, tt := range []struct {
		o    *container.Owner
		want []string
	}{
		{kind, []string{"kind-node"}},
		{&container.Owner{Runtime: container.Docker, ID: webID}, []string{"9f2c61d0a7b3"}},
		{&container.Owner{Runtime: container.Systemd, Name: "nginx.service"}, []string{"nginx.service", "nginx"}},
		{&container.Owner{Runtime: container.Systemd, Name: "run-u1.scope"}, []string{"run-u1.scope", "run-u1"}},
		{&container.Owner{Runtime: container.Docker, Name: "shop-db-1", Project: "shop", Service: "db"}, []string{"shop-db-1", "db-1"}},
		{&container.Owner{Runtime: container.Docker, Name: "database", Project: "shop", Service: "db"}, []string{"database"}},
		{pod("default", "web-0", "web"), []string{"default/web-0", "default/web", "web"}},
		{pod("default", "web-7d9fc6b5c4-zxcvb", "istio-proxy"), []string{"default/web-7d9fc6b5c4-zxcvb/istio-proxy", "default/web/istio-proxy", "web/istio-proxy"}},
		{pod("default", "my-proxy", "x"), []string{"default/my-proxy/x", "my-proxy/x"}},
		{pod("", "mypod", "inpod"), []string{"mypod/inpod"}},
		{inKind, []string{
			"docker:kind-node > kube-system/coredns-5d78c9869d-x7k2p", "kube-system/coredns-5d78c9869d-x7k2p", "kube-system/coredns", "coredns",
		}},
		{&container.Owner{Runtime: container.LXC, Name: "l1", Infra: true, Monitor: true}, []string{"monitor of l1", "monitor"}},
		{infra, []string{"infra of kube-system/coredns-5d78c9869d-x7k2p", "infra of kube-system/coredns", "infra of coredns", "infra"}},
	} {
		if got := wordsFor(tt.o, false); !slices.Equal(got, tt.want) {
			t.Errorf("%+v: %q, want %q", tt.o, got, tt.want)
		}
	}
}

// Who makes control groups in one another may make many, with long names: each costs no more than the first.
func TestOwnersInOneAnother(t *testing.T) {
	path := "/user.slice/user-1000.slice/user@1000.service"
	var chain []*container.Owner
	for i := range 100 {
		o := &container.Owner{Runtime: container.Machine, Name: fmt.Sprintf("Link%d", i) + strings.Repeat("x", 240)}
		path += "/machine-" + o.Name + ".scope"
		if o.Cgroup = path; i > 0 {
			o.In = chain[i-1]
		}
		chain = append(chain, o)
	}
	n := named{owners: make(map[*container.Owner]*owner)}
	row := n.takeOwner(nil, chain[99])
	size := len(row.hay)
	for _, words := range row.words {
		size += len(words)
	}
	if size > 4<<10 {
		t.Errorf("the last one takes %d bytes", size)
	}
	if want := "machine:" + chain[96].Name + " > "; !strings.HasPrefix(row.words[0], want) {
		t.Errorf("it is called %q, want %q first", row.words[0], want)
	}
	for _, needle := range []string{"link99", "link0x", "user@1000.service/machine-link0"} {
		if !row.has(needle) {
			t.Errorf("%q does not find it", needle)
		}
	}
	if row.has("link100") {
		t.Error("what nobody is called finds it")
	}
	// The world after has the same rows, also of those without processes.
	next := named{owners: make(map[*container.Owner]*owner)}
	if next.takeOwner(&world{named: n}, chain[99]) != row || next.owners[chain[0]] != n.owners[chain[0]] || len(next.owners) != 100 {
		t.Errorf("of 100 owners %d are taken over", len(next.owners))
	}
}

// A daemon that takes the question and never answers costs its names, and is said in one place.
func TestSilentDaemonIsSaid(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("root's containers are asked of root's daemon alone, and only root makes a socket of root's")
	}
	host := t.TempDir()
	if err := os.MkdirAll(filepath.Join(host, "run"), 0o755); err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", filepath.Join(host, "run", "docker.sock"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	c := namedConfig()
	c.Names = container.New(container.Options{Root: "/nonexistent", Host: host})
	s := start(t, 120, 36, c)
	s.has("51de00000001", "no answer since")
	if n := strings.Count(s.text(), "no answer since"); n != 1 {
		t.Errorf("it is said %d times", n)
	}
	s.press("F")
	if n := strings.Count(s.text(), "no answer since"); n != 2 {
		t.Errorf("how fresh the screen is does not say it:\n%s", s.text())
	}
}

// Of a container that has ended its row stays for the time of one snapshot, with those of its processes that
// have.
func TestRowOfAContainerThatEnds(t *testing.T) {
	gone := slices.DeleteFunc(cluster(), func(p procscan.Process) bool { return p.PID == 4300 })
	gone.add(7200, 1, 0, inContainer(4026532740, ns.SetOf(ns.UTS)), "/lxc.payload.l2", "/sbin/init")
	c := namedConfig()
	c.Live = &fakeLive{snaps: []*procscan.Snapshot{clusterSnapshot(), gone.snapshot(), gone.snapshot()}}
	s := start(t, 80, 24, c)
	s.press("c")
	s.typeInto("/", "envoy")
	s.press("enter", "l")
	s.scan()
	s.has("ended envoy -c")
	s.press("esc", "h", "G")
	s.has("side                 docker     ended", "web ")
	s.scan()
	s.hasNot("side  ", "ended")
	s.press("g")
	s.typeInto("/", "l2")
	s.has("1 of 9")
}

// Units can be told apart where the list is narrow, and none keeps the type that others have lost.
func TestNamesOfUnits(t *testing.T) {
	f := cluster()
	for i, unit := range []string{"systemd-journald.service", "systemd-udevd.service", "cron.service"} {
		f.add(900+i, 1, 0, hostNS, "/system.slice/"+unit, "daemon")
	}
	c := testConfig(f.snapshot())
	c.Names = newNamer(toldOfCluster())
	for _, size := range sizes {
		s := start(t, size[0], size[1], c)
		s.press("4", "l")
		s.has(" systemd…urnald ", " systemd-udevd ", " cron ", " init ", " session-3 ")
		s.hasNot("cron.service", "session-3.scope")
	}
	s := start(t, 300, 50, c)
	s.press("4", "l")
	s.has(" systemd-journald.service ", " cron.service ", " init.scope ")
}

// What lists and details call something is found by it, whatever its kind.
func TestFilterByWhatIsShown(t *testing.T) {
	for typed, want := range map[string]int{"docker:web": 4183, "unit:containerd": 700, "shop/web": 4183, "compose:shop/web": 4183, "pod/kube-system": 5010} {
		s := start(t, 120, 36, namedConfig())
		s.typeInto("/", typed)
		s.press("enter")
		if p := s.m.selectedProc(); p == nil || p.PID != want {
			t.Errorf("/%s is on %+v", typed, p)
		}
	}
}

// Of two names that differ in their case that which is typed is meant, in every list.
func TestFilterMindsTheCase(t *testing.T) {
	for _, tab := range []string{"c", "4", "9"} {
		for typed, want := range map[string]int{"web": 4183, "WEB": 4400} {
			told := toldOfCluster()
			rename(map[string]string{agentID: "WEB"})(told)
			c := namedConfig()
			c.Names = newNamer(told)
			s := start(t, 120, 36, c)
			s.press(tab)
			s.typeInto("/", typed)
			if p := s.m.selectedProc(); p == nil || p.PID != want {
				t.Errorf("%s /%s is on %+v", tab, typed, p)
			}
		}
	}
}

// Of equally good rows the first is gone to, or that which the cursor was on; not one that it came to while typing.
func TestFilterGoesToTheFirst(t *testing.T) {
	told := toldOfCluster()
	for id, name := range map[string]string{agentID: "a", sideID: "numb", webID: "z"} {
		o := told[id]
		o.Name, o.State, o.Service = name, "paused", ""
		told[id] = o
	}
	told[sideID] = container.Owner{Name: "pa-numb", State: "paused"}
	for before, want := range map[string]int{"g": 4400, "G": 4183} {
		c := namedConfig()
		c.Names = newNamer(told)
		s := start(t, 120, 36, c)
		s.press("c", before)
		s.typeInto("/", "paused")
		if p := s.m.selectedProc(); p == nil || p.PID != want {
			t.Errorf("%s: on %+v", before, p)
		}
	}
}

// The details of a process say who else is in its namespaces, as those of its container do.
func TestDetailsSayWhoShares(t *testing.T) {
	s := start(t, 200, 50, namedConfig())
	s.press(":")
	s.typeText("pid 4183")
	s.press("enter")
	s.has("n net    4026532563 5     side", "m mnt    4026532562 3     own")
	s.press(":")
	s.typeText("pid 9120") // it is in none of them
	s.press("enter")
	s.has("n net    4026532563 5     side, web")
}

// The palette goes to a container by its name, and offers nothing twice.
func TestPaletteFindsContainers(t *testing.T) {
	for typed, want := range map[string]int{"agent": 4400, "postgr": 6110, "docker:web": 4183, "kube-system/coredns": 5010} {
		s := start(t, 120, 36, namedConfig())
		s.press(":")
		s.typeText(typed)
		s.has("go to the container")
		s.press("enter")
		if p := s.m.selectedProc(); p == nil || p.PID != want || s.m.browser.tab != ofContainers {
			t.Errorf("%s leads to %+v", typed, p)
		}
	}
	s := start(t, 120, 36, namedConfig())
	s.press(":")
	s.typeText("sets")
	offered := 0
	for _, it := range s.m.top().(*menu).shown {
		if it.label == "sets" {
			offered++
		}
	}
	if offered != 1 {
		t.Errorf("sets are offered %d times:\n%s", offered, s.text())
	}
}

// What a target means instead of nothing is said until a key is pressed, whole.
func TestNearNamesStay(t *testing.T) {
	for target, want := range map[string]string{
		"bleu": "near names: netns:blue", "netns:bleu": "near names: netns:blue", "unit:ssdh": "near names: sshd.service", "corednz": "near names: coredns",
	} {
		c := namedConfig()
		c.Target = target
		s := startLater(t, 120, 36, c)
		s.m.after = func(_ time.Duration, msg tea.Msg) tea.Cmd {
			if _, ok := msg.(toastOverMsg); ok { // at once
				return func() tea.Msg { return msg }
			}
			return nil
		}
		s.do(s.m.Init())
		s.has(want)
		s.press("j")
		s.hasNot("near names")
	}
	s := start(t, 100, 24, namedConfig())
	s.m.hold("nothing is called x; near names: " + strings.Repeat("a-name-of-a-container, ", 5) + "the-last")
	s.send(nil)
	s.has("near names: a-name", "the-last")
}

// A container that has only a name is one all the same.
func TestCopyOfNoID(t *testing.T) {
	s := start(t, 120, 36, namedConfig())
	s.typeInto("/", "l1")
	s.press("enter", "y")
	s.has("its container has no id, only a name")
	s.press("esc", "esc", "g", "y")
	s.has("it is in no container")
}

// The list of containers begins at its top, unless somebody has gone to what is in one.
func TestContainersBeginAtTheTop(t *testing.T) {
	s := start(t, 120, 36, namedConfig())
	if !s.m.browser.spaces.Select(ns.ID{Kind: ns.Net, Ino: 4026532663}) { // where the program has put the cursor
		t.Fatal(s.text())
	}
	s.m.syncOpen()
	s.press("c")
	s.has("1/9")
	if i := s.m.browser.groups.Index(); i != 0 {
		t.Errorf("the cursor is on row %d", i)
	}
	s = start(t, 120, 36, namedConfig())
	s.typeInto("/", "postgres")
	s.press("enter", "c")
	if p := s.pid(); p != 6110 {
		t.Errorf("the cursor is on %d", p)
	}
}
