package ui

import (
	"fmt"
	"testing"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/procscan/ns"
)

// on moves to the namespace with an inode number, in the list.
func (s *screen) on(ino uint64) {
	s.t.Helper()
	s.press(":")
	s.typeText(fmt.Sprintf("ns %d", ino))
	s.press("enter", "h")
	if id := s.m.browser.open.space; id.Ino != ino {
		s.t.Fatalf("on %v, want %d", id, ino)
	}
}

func TestGoldenWithoutProcesses(t *testing.T) {
	for _, size := range sizes {
		s := start(t, size[0], size[1], testConfig(kept()))
		s.on(4026532900)
		s.golden("kept")
		s.press("i")
		s.golden("kept-details")
		s.press("esc")
		s.on(4026532563)
		s.golden("namespace")
		s.press("0")
		s.on(4026532911)
		s.golden("kept-pid")
	}
}

func TestWhatKeepsIsSaid(t *testing.T) {
	for _, tt := range []struct {
		ino  uint64
		says []string
	}{
		{4026532900, []string{"(bind: /run/netns/blue)", "no process is in it", "mount /run/netns/blue", "n enters it by /run/netns/blue"}},
		{4026532901, []string{"(fd 7 of 4183 nginx)", "fd 7 of 4183 nginx", "n enters it by /proc/4183/fd/7"}},
		{4026532902, []string{"(socket of 4183 nginx)", "n enters it by socket 9"}},
		{4026532903, []string{"(thread 4190 of 4183 nginx)", "by /proc/4183/task/4190/ns/net"}},
		{4026532904, []string{"(bind: /run/netns/inside)", "in mnt 4026532562 of 4183 nginx", "by /proc/4183/root/run/netns/inside"}},
		{4026532911, []string{"(child 4026532912)", "pid 4026532912 below it", "no file holds it", "parent   pid 4026531836", "level    1"}},
		{4026532912, []string{"(next child of 8120 zsh)", "s enters it by /proc/8120/ns/pid_for_children"}},
		{4026532920, []string{"(owns net 4026532900)", "net 4026532900 belongs to it"}},
		{4026532930, []string{"", "nothing was found that keeps it"}},
	} {
		s := start(t, 200, 60, testConfig(kept()))
		s.press("0")
		s.on(tt.ino)
		s.has(tt.says[1:]...)
		if got := s.m.world.keptBy(s.m.world.space(s.m.browser.open.space), 60); got != tt.says[0] {
			t.Errorf("%d: %s, want %s", tt.ino, got, tt.says[0])
		}
	}
	snap := kept()
	snap.Read = procscan.Owners
	s := start(t, 120, 36, testConfig(snap))
	s.on(4026532930)
	s.has("what keeps it is being looked for", "at once")
}

// TestEntersWithoutAProcess opens shells by what keeps a namespace.
func TestEntersWithoutAProcess(t *testing.T) {
	for ino, want := range map[uint64]nsenter.Source{
		4026532900: {File: "/run/netns/blue", Is: 4026532900},
		4026532901: {File: "/proc/4183/fd/7", Is: 4026532901},
		4026532902: {Socket: nsenter.Descriptor{Set: true, FD: 9}, Is: 4026532902},
		4026532903: {File: "/proc/4183/task/4190/ns/net", Is: 4026532903},
	} {
		s := start(t, 120, 36, testConfig(kept()))
		s.on(ino)
		s.press("n")
		if len(s.m.shells.list) != 1 {
			t.Fatalf("%d: no shell", ino)
		}
		e := s.m.shells.list[0].entry
		if e.ref.Sources[ns.Net] != want || e.request.Kinds != ns.SetOf(ns.Net) {
			t.Errorf("%d is entered by %+v with %v", ino, e.ref.Sources[ns.Net], e.request.Kinds)
		}
		if want.Socket.Set != (e.ref.PID == 4183) {
			t.Errorf("%d is entered by process %d", ino, e.ref.PID)
		}
	}
	s := start(t, 120, 36, testConfig(kept()))
	s.press("0")
	s.on(4026532911)
	s.press("n")
	s.has("no file holds it")
	s.on(4026532912)
	s.press("n")
	s.has("it is a pid namespace: s enters it")
	s.press("s")
	s.has("Enter pid 4026532912", "/proc/8120/ns/pid_for_children")
	s.press("esc")
	thread := kept()
	keep(thread, procscan.Namespace{ID: ns.ID{Kind: ns.PID, Ino: 4026532991}, Keepers: []procscan.Keeper{
		{By: procscan.ByThread, Proc: procscan.ProcID{PID: 4183, Start: 418300}, Number: 4190},
	}})
	s = start(t, 200, 60, testConfig(thread))
	s.press("0")
	s.on(4026532991)
	s.has("s enters it by /proc/4183/task/4190/ns/pid_for_children")
	gone := kept()
	keep(gone, procscan.Namespace{ID: ns.ID{Kind: ns.Net, Ino: 4026532990}, Keepers: []procscan.Keeper{
		{By: procscan.ByFile, Proc: procscan.ProcID{PID: 4183, Start: 1}, Number: 3},
	}})
	s = start(t, 120, 36, testConfig(gone))
	s.on(4026532990)
	s.press("n")
	s.has("no file holds it: only fd 3 of 4183")
}

// TestMapsOfAProcess shows how the ids of its user namespace are mapped.
func TestMapsOfAProcess(t *testing.T) {
	s := start(t, 120, 36, testConfig(host().snapshot()))
	inNginx(s)
	s.send(inspectedMsg{era: s.m.inspection.era, detail: procscan.Detail{UIDMap: "0 1000 1", GIDMap: "0 2000 1\n1 100000 65536"}})
	s.has("uid map  0 1000 1", "gid map  0 2000 1", "1 100000 65536")
}

// TestOtherPlacesOfAProcess are the threads and the next child of a process that are elsewhere.
func TestOtherPlacesOfAProcess(t *testing.T) {
	f := host()
	for i := range f {
		if f[i].PID == 4183 {
			f[i].NextPID = 4026532912
		}
	}
	snap := f.snapshot()
	keep(snap, procscan.Namespace{ID: ns.ID{Kind: ns.Net, Ino: 4026532903}, Keepers: []procscan.Keeper{
		{By: procscan.ByThread, Proc: procscan.ProcID{PID: 4183, Start: 418300}, Number: 4190},
	}})
	s := start(t, 120, 36, testConfig(snap))
	inNginx(s)
	s.has("p its next child will be in pid", "n thread 4190 is in net")
}

// TestPrefersTheMountThatIsHere has a namespace mounted in two mount namespaces, as those that propagate
// are: the way by the root directory of another process may be closed.
func TestPrefersTheMountThatIsHere(t *testing.T) {
	snap := kept()
	nginx := procscan.ProcID{PID: 4183, Start: 418300}
	there := procscan.Keeper{By: procscan.ByMount, Proc: nginx, Path: "/there", Where: ns.ID{Kind: ns.Mnt, Ino: 4026532562}}
	here := procscan.Keeper{By: procscan.ByMount, Path: "/here", Where: hostNS.ID(ns.Mnt)}
	file := procscan.Keeper{By: procscan.ByFile, Proc: nginx, Number: 5}
	for i, keepers := range [][]procscan.Keeper{{there, here, there, here}, {there, file}} {
		keep(snap, procscan.Namespace{ID: ns.ID{Kind: ns.Net, Ino: uint64(4026532990 + i)}, Keepers: keepers})
	}
	s := start(t, 120, 36, testConfig(snap))
	s.on(4026532990)
	s.has("(bind: /here)", "n enters it by /here")
	if n := len(s.m.world.keepersOf(s.m.emptySpace())); n != 2 {
		t.Errorf("%d keepers are told, want 2", n)
	}
	s.on(4026532991)
	s.has("(bind: /there)", "n enters it by /proc/4183/fd/5")
}

// TestNamesMountedEverywhere holds that a name that is mounted in every mount namespace does not push the way
// in off the screen, and that a mount nobody knows the place of is not taken for one of ours.
func TestNamesMountedEverywhere(t *testing.T) {
	snap := kept()
	n := snap.Namespace(ns.ID{Kind: ns.Net, Ino: 4026532900})
	for i := range uint64(60) {
		n.Keepers = append(n.Keepers, procscan.Keeper{By: procscan.ByMount, Path: "/run/netns/blue", Where: ns.ID{Kind: ns.Mnt, Ino: 4026600000 + i}})
	}
	n.Keepers[len(n.Keepers)-1].Where.Ino = 0
	s := start(t, 120, 36, testConfig(snap))
	s.press("4")
	s.on(4026532900)
	s.has("mount /run/netns/blue in mnt", "more mounts in other mount", "n enters it by /run/netns/blue")
	s.hasNot("4026600010")
	if got := s.m.world.keeperWords(n.Keepers[len(n.Keepers)-1]); got != "mount /run/netns/blue in another mnt" {
		t.Errorf("it says %q", got)
	}
}

func TestFilterFindsByWhatKeeps(t *testing.T) {
	s := start(t, 120, 36, testConfig(kept()))
	s.press("/")
	s.typeText("netns/BLUE")
	s.press("enter")
	s.has("4026532900")
	s.hasNot("4026532901")
}

func TestRefusedButNested(t *testing.T) {
	for _, size := range sizes {
		f := host()
		p := f.add(5000, 1, 1000, ns.Tuple{}, "system.slice/x", "nested")
		p.Refused, p.Nested = procscan.Denied, ns.SetOf(ns.PID, ns.User)
		p.NSpid = []int{5000, 1}
		s := start(t, size[0], size[1], testConfig(f.snapshot()))
		s.press("G", "l")
		s.has("????p?U?")
		s.golden("nested")
		s.press("i")
		s.has("in a nested pid namespace", "there: 1", "in a nested user namespace")
	}
}

// TestPIDsOfAnotherNamespace holds that processes of a proc root whose pids are not ours are not said to be
// gone when one wants to enter them.
func TestPIDsOfAnotherNamespace(t *testing.T) {
	snap := host().snapshot()
	snap.Root, snap.Self = "/host/proc", procscan.ProcID{}
	s := start(t, 120, 36, testConfig(snap))
	inNginx(s)
	s.has("the pids of /host/proc")
	s.press("s")
	if s.m.top() != nil {
		t.Error("the picker is open")
	}
	s.has("the pids of /host/proc are of another pid namespace")
}
