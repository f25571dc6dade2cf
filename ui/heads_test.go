package ui

import (
	"slices"
	"strings"
	"testing"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
)

// composed is the cluster with a second service of the project the web container is of.
func composed() Config {
	f := cluster()
	id := longID("cac4e0000009")
	f.add(4500, 700, 999, inContainer(4026532760, ns.SetOf(ns.Cgroup, ns.IPC, ns.Mnt, ns.Net, ns.PID, ns.UTS)), "/docker/"+id, "redis-server")
	told := toldOfCluster()
	told[id] = container.Owner{Name: "shop-cache-1", Image: "redis:7", Project: "shop", Service: "cache", State: "running"}
	c := testConfig(f.snapshot(), f.snapshot(), f.without(4500).snapshot(), f.without(4500).snapshot(), f.without(4500, 4183, 4231, 4232).snapshot(), f.without(4500, 4183, 4231, 4232).snapshot())
	c.Names = newNamer(told)
	return c
}

// tree returns the rows of the tree of containers as they stand there, stem and name.
func (s *screen) tree() string {
	var rows []string
	for i, g := range s.m.browser.groups.Rows() {
		head := stem(s.m.browser.groupStems, i)
		rows = append(rows, head+boxWords(g, head)[0])
	}
	return strings.Join(rows, "\n")
}

func TestTreeOfContainers(t *testing.T) {
	s := start(t, 120, 36, composed())
	s.press("c", "t")
	if got, want := s.tree(), `agent
kind-node
└─pod/shop/db-0
  ├─postgres
  └─infra
pod/kube-system/coredns-5d78c9869d-x7k2p
├─coredns
└─infra
l1
compose:shop
├─cache-1
└─web
side`; got != want {
		t.Errorf("the tree is\n%s\nwant\n%s", got, want)
	}
	s.press("G", "k", "k", "k")
	s.has("10/13  tree", ". = not all in one", "compose:shop", "docker         4 .....")
	s.press("t")
	s.has("8/10")
	s.hasNot("compose:shop", "pod/")
}

// What matches stands below what it is below, which is there, too.
func TestFilterKeepsWhatIsAbove(t *testing.T) {
	for typed, want := range map[string]string{
		"postgres":     "kind-node\n└─pod/shop/db-0\n  └─postgres",
		"cache":        "compose:shop\n└─cache-1",
		"compose:shop": "compose:shop\n├─cache-1\n└─web",
		"pod/shop/":    "kind-node\n└─pod/shop/db-0\n  ├─postgres\n  └─infra",
	} {
		s := start(t, 120, 36, composed())
		s.press("c", "t")
		s.typeInto("/", typed)
		if got := s.tree(); got != want {
			t.Errorf("/%s:\n%s\nwant\n%s", typed, got, want)
		}
		if g := s.m.shownGroup(); g == nil || g.isHead() {
			t.Errorf("/%s: on %+v", typed, g)
		}
	}
}

// A head has the processes of all that is below it, and stays while one is; the cursor stays on it.
func TestHeadAcrossScans(t *testing.T) {
	s := start(t, 120, 36, composed())
	s.press("c", "t", "G", "k", "k", "k")
	head := s.m.browser.open.group
	s.has("in compose:shop", "redis-server", "nginx: worker", "project of compose", "4      in 2 containers", "the host", "several", "1    cache-1", "3    web")
	if s.pid() != 4183 {
		t.Errorf("it is entered by %d", s.pid())
	}
	s.scan()
	if s.m.browser.open.group != head {
		t.Errorf("on %+v", s.m.browser.open)
	}
	s.scan()
	s.has("ended", "└─web")
	if g := s.m.shownGroup(); g == nil || g.id != head || len(g.members) != 3 || g.parts != 1 {
		t.Errorf("on %+v", g)
	}
	s.has("3 Cim&p--u", "n net    4026532563 side", "m mnt    4026532562 all in it") // one outside shares it
	s.scan()
	s.hasNot("cache-1")
	s.scan()
	s.has("compose:shop")
	s.scan()
	s.hasNot("compose:shop")
}

// Nobody's container comes among those of root by what it says of itself.
func TestTreeOfPodsOfUsers(t *testing.T) {
	for _, as := range []container.Owner{
		{Name: "zz", Pod: toldOfCluster()[corednsID].Pod},
		{Name: "zz", Pod: toldOfCluster()[corednsID].Pod, Infra: true},
		{Name: "zz", Project: "shop", Service: "web"},
	} {
		c, _ := withUsers(as)
		s := start(t, 120, 36, c)
		s.press("c", "t")
		rows := s.m.browser.groups.Rows()
		user := slices.IndexFunc(rows, func(g *group) bool { return !g.isHead() && g.owner.User == 1000 })
		for i, g := range rows {
			if i != user && !g.isHead() && g.within == rows[user].within && g.within != (groupID{}) {
				t.Errorf("%+v: in\n%s\n%s is beside the user's", as, s.text(), g.owner.ID)
			}
		}
		if head := s.m.world.group(rows[user].within); head == nil || len(head.members) != 1 {
			t.Errorf("%+v: its head is %+v", as, head)
		}
	}
}

// A head is copied and entered as what stands for it.
func TestActionsOnAHead(t *testing.T) {
	c := composed()
	s, _ := atCluster(t, 120, 36, c)
	s.press("c", "t", "G", "k", "k", "k", "k", "k", "k", "k")
	s.has("containers › pod/kube-system/coredns-5d78c9869d-x7k2p › 5010 coredns", "CONTAINERS", "infra")
	s.press("y")
	s.has("copy name     kube-system/coredns-5d78c9869d-x7k2p", "of which of its namespaces")
	s.press("i")
	s.has("n  net     4026532623", "m  mnt     4026532642") // what only serves the pod is not meant
	s.press("esc", "n")
	if pid, _ := entered(t, s); pid != 5010 {
		t.Errorf("entered %d", pid)
	}
}

// ofMany is the cluster with a second container in the pod of coredns.
func ofMany() Config {
	f := cluster()
	id := longID("51dec0000010")
	sidecar := f[slices.IndexFunc(f, func(p procscan.Process) bool { return p.PID == 5010 })].NS
	sidecar[ns.Mnt], sidecar[ns.PID] = 4026532790, 4026532791
	f.add(5020, 700, 0, sidecar, "/kubepods/burstable/pod"+corednsUID+"/"+id, "/sidecar")
	told := toldOfCluster()
	told[id] = container.Owner{Runtime: container.Containerd, Name: "sidecar", Pod: told[corednsID].Pod, Image: "sidecar:1"}
	c := testConfig(f.snapshot())
	c.Names = newNamer(told)
	return c
}

// onHead moves to a row of the tree of containers by what it is called.
func (s *screen) onHead(words string) {
	s.t.Helper()
	s.press("c", "t", "g")
	for range s.m.browser.groups.Len() {
		if g := s.m.shownGroup(); g != nil && g.isHead() && strings.HasPrefix(g.owner.words[0], words) {
			return
		}
		s.press("j")
	}
	s.t.Fatalf("there is no %s:\n%s", words, s.text())
}

// What several containers below a row are in is entered by it; for the rest one of them is to be chosen.
func TestEnterHeadOfSeveral(t *testing.T) {
	const inPod, inProject = "the containers of the pod do not have in common what it takes", "the containers of the project do not have in common what it takes"
	s, _ := atCluster(t, 200, 50, ofMany())
	s.onHead("pod/kube-system")
	s.has("│ not     mnt pid: choose a container below")
	s.press("S")
	s.has("full shell: " + inPod + " (mnt pid): choose one below")
	s.press("y", "n")
	s.has("copy nsenter: " + inPod + " (mnt pid): choose one below")
	s.press("esc", "n")
	if pid, kinds := entered(t, s); pid != 5010 || kinds != ns.SetOf(ns.Net) || s.m.shells.current.entry.who() != "pod/kube-system/coredns" {
		t.Errorf("entered %s of %d as %s", kinds, pid, s.m.shells.current.entry.who())
	}

	s, _ = atCluster(t, 200, 50, ofMany())
	s.onHead("pod/kube-system")
	s.press("s")
	s.has("Enter namespaces of pod/kube-system/coredns", "[ ] m mnt", "one of several: choose a container for it", "[x] n net", "[x] i ipc")
	s.press("m")
	s.has("the containers of the pod do not have in common what a shell takes (mnt): choose one below", "[ ] m mnt")
	s.press("-", "a", "enter")
	if pid, kinds := entered(t, s); pid != 5010 || kinds != ns.SetOf(ns.IPC, ns.Net, ns.UTS) {
		t.Errorf("entered %s of %d", kinds, pid)
	}

	s, _ = atCluster(t, 200, 50, composed())
	s.onHead("compose:shop")
	for key, label := range map[string]string{"n": "net shell", "S": "full shell", "s": "shell…"} {
		s.press(key)
		s.has(label + ": " + inProject)
		if s.m.top() != nil || s.m.shells.current != nil {
			t.Fatalf("%s entered one of several:\n%s", key, s.text())
		}
	}
	s.press("j", "n")
	if pid, _ := entered(t, s); pid != 4500 {
		t.Errorf("entered %d", pid)
	}
}

// Of a head nothing is said of namespaces that nobody may see: they are not several, nor not all in one.
func TestHeadOfHiddenNamespaces(t *testing.T) {
	f := cluster()
	for i := range f {
		if strings.Contains(f[i].Cgroup, "kubepods") {
			f[i].NS, f[i].Refused = ns.Tuple{}, procscan.Denied
		}
	}
	c := testConfig(f.snapshot())
	c.UID = 1000
	c.Names = newNamer(toldOfCluster())
	s := start(t, 200, 50, c)
	s.onHead("pod/kube-system")
	s.has("????????", "? ", "not known")
	if got := s.m.shownGroup().letters; got != hiddenNS {
		t.Errorf("its letters are %q", got)
	}
	s.hasNot("several", "all in it")
}

// Of a pod of several containers each is called as such; one alone goes by the name of the pod while it is.
func TestNamesInAPodOfSeveral(t *testing.T) {
	c := ofMany()
	f := cluster()
	c.Live = &fakeLive{snaps: append(c.Live.(*fakeLive).snaps, f.snapshot())}
	s := start(t, 200, 50, c)
	const pod = "kube-system/coredns-5d78c9869d-x7k2p"
	s.press("c")
	s.has(pod+"/coredns ", pod+"/sidecar ", "infra of "+pod+" ", "shop/db-0/postgres")
	s.scan()
	s.has(pod + " ")
	s.hasNot(pod + "/coredns ")
}

// What the kernel does not have keeps nobody from entering the rest.
func TestEnterHeadOnOldKernel(t *testing.T) {
	f := cluster()
	for i := range f {
		f[i].NS[ns.Time] = 0
	}
	snap := f.snapshot()
	snap.Mine[ns.Time] = 0
	c := testConfig(snap)
	c.Names = newNamer(toldOfCluster())
	s, _ := atCluster(t, 120, 36, c)
	s.onHead("pod/kube-system")
	s.press("S")
	if pid, _ := entered(t, s); pid != 5010 {
		t.Errorf("entered %d", pid)
	}
}
