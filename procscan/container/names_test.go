package container

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// neighbours is a host with what shares namespaces: two containers in one network namespace (docker run
// --net container:…), one in the host's, one alone, a service, and visitors.
func neighbours(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	web, side, hostly := within(1, all...), within(2, all...), within(3, all...)
	side[ns.Net] = web[ns.Net]
	hostly[ns.Net] = hostNS[ns.Net]
	w.add(&procscan.Process{PID: 2, Comm: "kthreadd", Kernel: true, Cgroup: "/"})
	w.add(&procscan.Process{PID: 50, Comm: "nginx", Cgroup: "/system.slice/nginx.service"})
	w.add(&procscan.Process{PID: 51, PPID: 50, Comm: "nginx", Cgroup: "/system.slice/nginx.service/workers"})
	w.add(&procscan.Process{PID: 90, Comm: "containerd-shim", Cgroup: "/system.slice/docker.service"})
	w.add(&procscan.Process{PID: 100, PPID: 90, Comm: "httpd", Cgroup: "/docker/" + idA, NS: web})
	w.add(&procscan.Process{PID: 101, PPID: 100, Comm: "httpd", Cgroup: "/docker/" + idA, NS: web})
	w.add(&procscan.Process{PID: 99, PPID: 101, Comm: "young", Cgroup: "/docker/" + idA, NS: web, Start: 900})
	w.add(&procscan.Process{PID: 200, PPID: 90, Comm: "side", Cgroup: "/docker/" + idB, NS: side})
	w.add(&procscan.Process{PID: 300, PPID: 90, Comm: "hostly", Cgroup: "/lxc.payload.hostly", NS: hostly})
	// A shell of nsenter(1) in all of the first, and a process of the third in the network of the first.
	w.add(&procscan.Process{PID: 400, Comm: "sh", Cgroup: "/user.slice/user-0.slice/session-1.scope", NS: web})
	visitor := hostly
	visitor[ns.Net] = web[ns.Net]
	w.add(&procscan.Process{PID: 301, PPID: 300, Comm: "ip", Cgroup: "/lxc.payload.hostly", NS: visitor})
	// One that has made a namespace within the second.
	within := side
	within[ns.UTS] = 4026539999
	w.add(&procscan.Process{PID: 201, PPID: 200, Comm: "unshare", Cgroup: "/docker/" + idB, NS: within})
	return w
}

func TestOf(t *testing.T) {
	n := neighbours(t).resolve(New(Options{}))
	a, b := "docker:"+idA[:12], "docker:"+idB[:12]
	for pid, want := range map[int]string{
		1: "init.scope", 2: "", 50: "nginx.service", 51: "nginx.service", 90: "docker.service", 100: a, 101: a, 200: b, 201: b,
		300: "lxc:hostly", 301: "lxc:hostly", 400: "session-1.scope",
	} {
		if got := of(n, pid); got != want {
			t.Errorf("process %d belongs to %q, not %q", pid, got, want)
		}
	}
	procs := n.Snapshot()
	if n.Of(procs.ByPID(100)) != n.Of(procs.ByPID(101)) || n.Of(procs.ByPID(50)) != n.Of(procs.ByPID(51)) {
		t.Error("one container has two owners")
	}
	if other := *procs.ByPID(100); n.Of(&other) != n.Of(procs.ByPID(100)) {
		t.Error("the same process of another snapshot has another owner")
	}
	if again := *procs.ByPID(100); again.Start == 100 {
		again.Start++
		if n.Of(&again) != nil {
			t.Error("the next process of that pid has the owner of the one before")
		}
	}
	var none *Names
	if none.Of(procs.ByPID(100)) != nil || none.Containers() != nil || none.Find("web") != nil || none.Serial() != 0 {
		t.Error("no names tell something")
	}
}

func TestContainers(t *testing.T) {
	n := neighbours(t).resolve(New(Options{}))
	net, pid := ns.SetOf(ns.Net), ns.SetOf(ns.Time, ns.User)
	want := map[string]Row{
		idA[:12]: {Leader: n.snap.ByPID(100), Processes: 3, Host: pid, Others: net},
		idB[:12]: {Leader: n.snap.ByPID(200), Processes: 2, Host: pid, Others: net},
		"hostly": {Leader: n.snap.ByPID(300), Processes: 2, Host: pid | net},
	}
	rows := n.Containers()
	if len(rows) != len(want) {
		t.Errorf("there are %d containers", len(rows))
	}
	for _, got := range rows {
		want := want[got.Owner.Short()]
		if got.Leader != want.Leader || got.Processes != want.Processes || got.Host != want.Host || got.Others != want.Others ||
			got.NS != got.Leader.NS {
			t.Errorf("%s: got %+v", got.Owner, got)
		}
		if row, ok := n.Row(got.Owner); !ok || row != got {
			t.Errorf("the row of %s is %+v", got.Owner, row)
		}
		if members := n.Members(got.Owner); len(members) != got.Processes {
			t.Errorf("%s has %d members", got.Owner, len(members))
		}
	}
}

func TestSpace(t *testing.T) {
	w := neighbours(t)
	pinned := ns.ID{Kind: ns.Net, Ino: 4026538888}
	w.keepers[pinned] = []procscan.Keeper{
		{By: procscan.ByMount, Path: "/run/netns/blue", Where: hostNS.ID(ns.Mnt)},
		{By: procscan.ByMount, Path: "/var/run/netns/blue", Where: hostNS.ID(ns.Mnt)},
		{By: procscan.ByMount, Path: "/run/netns/bank", Where: ns.ID{Kind: ns.Mnt, Ino: 4026539999}}, // a user's
	}
	within := ns.ID{Kind: ns.Net, Ino: 4026538889}
	w.keepers[within] = []procscan.Keeper{{By: procscan.ByMount, Path: "/run/netns/green", Where: w.procs[5].NS.ID(ns.Mnt)}}
	snap := w.snapshot()
	snap.Namespace(w.procs[5].NS.ID(ns.Mnt)).Owner = hostNS[ns.User]
	n := New(Options{}).Resolve(t.Context(), snap)
	web, side := w.procs[5].NS, w.procs[8].NS
	tests := []struct {
		name string
		id   ns.ID
		want string
	}{
		{"shared by two, with visitors", web.ID(ns.Net), idA[:12] + ", " + idB[:12]},
		{"with a visitor", web.ID(ns.Mnt), idA[:12]},
		{"own", side.ID(ns.UTS), idB[:12]},
		{"made within", ns.ID{Kind: ns.UTS, Ino: 4026539999}, idB[:12]},
		{"the host's", hostNS.ID(ns.Net), ""},
		{"by ip-netns", pinned, "netns:blue"},
		{"by ip-netns in another mount namespace of root's", within, "netns:green"},
		{"unknown", ns.ID{Kind: ns.Net, Ino: 1}, ""},
	}
	for _, test := range tests {
		if s := n.Space(test.id); s.String() != test.want {
			t.Errorf("%s: it is for %q, not %q", test.name, s.String(), test.want)
		}
	}
	s := n.Space(hostNS.ID(ns.Net))
	if !s.Host || len(s.Owners) != 1 || s.Owners[0].Name != "hostly" {
		t.Errorf("in the host's network is %+v", s)
	}
}

// TestSame holds that what is not new stays the same.
func TestSame(t *testing.T) {
	w, r := neighbours(t), New(Options{})
	snap := w.snapshot()
	first := r.Resolve(t.Context(), snap)
	if r.Resolve(t.Context(), snap) != first {
		t.Error("the same snapshot has new names")
	}
	w.add(&procscan.Process{PID: 500, PPID: 100, Cgroup: "/docker/" + idA})
	next := w.resolve(r)
	if next.Serial() == first.Serial() {
		t.Error("other names have the same number")
	}
	for i, p := range first.snap.Procs {
		if next.Of(p) != first.Of(first.snap.Procs[i]) {
			t.Errorf("process %d belongs to another", p.PID)
		}
	}
	if next.Of(next.snap.ByPID(500)) != first.Of(first.snap.ByPID(100)) {
		t.Error("who came later belongs to another")
	}
	// Who has no process is forgotten.
	w.procs = w.procs[:1]
	if w.resolve(r); len(r.groups) != 1 || len(r.entries) != 0 || len(r.units) != 1 {
		t.Errorf("%d groups, %d containers and %d units are left", len(r.groups), len(r.entries), len(r.units))
	}
}

func TestFind(t *testing.T) {
	pod := func(namespace, name, container, id string) Owner {
		return Owner{Runtime: Containerd, ID: id, Name: container, Pod: &Pod{Name: name, Namespace: namespace, UID: podUID}}
	}
	infra := pod("kube-system", "coredns-5d78c9869d-abcde", "", "aa01"+idA[4:])
	infra.Infra = true
	only := pod("default", "empty", "", "aa04"+idA[4:])
	only.Infra = true
	owners := []Owner{
		{Runtime: Docker, Name: "web", ID: idA},
		{Runtime: Docker, Name: "shop-web-1", ID: idB, Project: "shop", Service: "web-of-shop"},
		{Runtime: Podman, Name: "cafe", ID: "cafe" + idB[4:]},
		{Runtime: LXC, Name: "box"},
		pod("kube-system", "coredns-5d78c9869d-abcde", "coredns", "aa02"+idA[4:]),
		infra,
		pod("default", "coredns", "main", "aa03"+idA[4:]),
		pod("default", "coredns", "box", "aa05"+idA[4:]),
		only,
		{Runtime: Systemd, Name: "nginx.service"},
		{Runtime: Systemd, Name: "session-1.scope"},
	}
	n := &Names{snap: new(procscan.Snapshot)}
	for i := range owners {
		n.snap.Procs = append(n.snap.Procs, &procscan.Process{PID: i + 1})
		n.owners, n.units = append(n.owners, nil), append(n.units, nil)
		if owners[i].Container() {
			n.owners[i] = &owners[i]
		} else {
			n.units[i] = &owners[i]
		}
	}
	tests := []struct {
		word string
		want string
	}{
		{"web", "docker:web"},
		{"container:web", "docker:web"},
		{"docker:web", "docker:web"},
		{"we", ""},
		{"", ""},
		{"container:", ""},
		{"web-of-shop", "docker:shop-web-1"},
		{"shop/web-of-shop", "docker:shop-web-1"},
		{idA, "docker:web"},
		{idA[:12], "docker:web"},
		{idA[:4], "docker:web"},
		{idA[:3], ""},
		{"cafe", "podman:cafe"},
		{"aa0", ""},
		{"aa02", "kube-system/coredns-5d78c9869d-abcde/coredns"},
		{"coredns", "kube-system/coredns-5d78c9869d-abcde/coredns"},
		{"pod/coredns", "default/coredns/box default/coredns/main"},
		{"pod:default/coredns", "default/coredns/box default/coredns/main"},
		{"pod/default/coredns/main", "default/coredns/main"},
		{"pod/coredns/main", "default/coredns/main"},
		{"pod/kube-system/coredns", "kube-system/coredns-5d78c9869d-abcde/coredns"},
		{"kube-system/coredns-5d78c9869d-abcde", "kube-system/coredns-5d78c9869d-abcde/coredns"},
		{"pod/kube-system/core", ""},
		{"default/empty", "default/empty/" + "aa04" + idA[4:12]},
		{"box", "lxc:box default/coredns/box"},
		{"unit:nginx", "nginx.service"},
		{"unit:nginx.service", "nginx.service"},
		{"unit:session-1.scope", "session-1.scope"},
		{"unit:session-1", ""},
		{"nginx.service", ""},
	}
	for _, test := range tests {
		var found []string
		for _, o := range n.Find(test.word) {
			found = append(found, o.Full())
		}
		if got := strings.Join(found, " "); got != test.want {
			t.Errorf("%q is %q, not %q", test.word, got, test.want)
		}
	}
}

// A user's container or unit is never found alone where root's is meant, too.
func TestFindAmongUsers(t *testing.T) {
	tree := newTree(t)
	tree.in(101, 1, "/docker/"+idA)
	tree.shim(110, "k8s.io", idB)
	tree.write(tree.host+"/run/task/k8s.io/"+idB+"/config.json", criConfig("container", "dns"))
	tree.in(111, 110, podCgroup+"/cri-containerd-"+idB+".scope")
	tree.add(task{pid: 120, comm: "nginx", cgroup: "/system.slice/nginx.service"})
	user := "/user.slice/user-1000.slice/user@1000.service/"
	for i, name := range []string{idA[:12], "coredns", idA[:5]} {
		tree.add(task{pid: 200 + i, uid: 1000, comm: "app", cgroup: user + "machine-" + name + ".scope", ns: within(uint64(20+i), all...)})
	}
	tree.add(task{pid: 300, uid: 1000, comm: "app", cgroup: user + "app.slice/nginx.service"})
	tree.add(task{pid: 310, uid: 1000, comm: "app", cgroup: user + "app.slice/mine.service"})
	for i, name := range []string{idA, "k8s_a_coredns-5d78c9869d-abcde_kube-system_" + podUID + "_0"} {
		pid, cgroup := 400+10*i, "/user.slice/user-1000.slice/session-1.scope"
		tree.add(task{pid: pid, uid: 1000, comm: "conmon", cgroup: cgroup, args: []string{"x", "-c", "0", "-n", name}})
		tree.add(task{pid: pid + 1, ppid: pid, uid: 1000, comm: "app", cgroup: cgroup, ns: within(uint64(40+i), ns.Mnt, ns.User)})
	}
	n := tree.resolve()
	for word, want := range map[string]string{
		idA:                       "101",
		idA[:12]:                  "101",
		idA[:5]:                   "101 202",
		"coredns":                 "111 201",
		"pod/kube-system/coredns": "111 411",
		"unit:nginx":              "120",
		"unit:mine":               "310",
	} {
		var pids []string
		list := n.Find(word)
		for _, o := range list {
			row, _ := n.Row(o)
			pids = append(pids, strconv.Itoa(row.Leader.PID))
		}
		if got := strings.Join(pids, " "); got != want {
			t.Errorf("%q is %q, not %q", word, got, want)
		}
		if len(list) > 1 && OnePod(list...) {
			t.Errorf("what is %q is said to be one pod", word)
		}
	}
}

// TestInitScope holds that systemd itself is in the unit that it says it is in, and the managers of users in
// theirs: nobody else's init.scope is meant by that name.
func TestInitScope(t *testing.T) {
	w := newWorld(t)
	in := func(pid int, cgroup string) {
		w.add(&procscan.Process{PID: pid, UID: 1000, Comm: "systemd", Cgroup: cgroup})
	}
	in(50, "/user.slice/user-1000.slice/user@1000.service/init.scope")
	in(51, "/user.slice/user-1000.slice/user@1000.service/init.scope")
	in(70, "/docker/"+idA+"/init.scope")
	for _, self := range []int{1, 50} { // root and the user look
		n := w.resolve(New(Options{}))
		n.snap.Self = n.snap.ByPID(self).ID()
		for word, want := range map[string]int{"init.scope": 1, "user@1000": 50} {
			if found := n.Find("unit:" + word); len(found) != 1 || len(n.Members(found[0])) == 0 || n.Members(found[0])[0].PID != want {
				t.Errorf("seen by %d, unit:%s is %v", self, word, found)
			}
		}
		for pid, want := range map[int]string{1: "init.scope", 50: "user@1000.service", 51: "user@1000.service", 70: "docker:" + idA[:12] + " > init.scope"} {
			if unit := n.Unit(n.snap.ByPID(pid)); unit.String() != want {
				t.Errorf("seen by %d, process %d is in %q, not %q", self, pid, unit, want)
			}
		}
	}
	// Where nstui is in a container itself, that is not its first process's.
	w = &world{tb: t}
	w.add(&procscan.Process{PID: 1, Comm: "sh", Cgroup: "/docker/" + idA})
	if o := w.resolve(New(Options{})).Of(w.procs[0]); o != nil {
		t.Errorf("the first process of a container belongs to %v", o)
	}
}

// TestFindInSeveral holds that of what is not trusted nothing hides what another has.
func TestFindInSeveral(t *testing.T) {
	tree := newTree(t)
	tree.shim(100, "moby", idA)
	tree.in(101, 100, "/docker/"+idA)
	tree.add(task{
		pid: 110, ppid: 101, comm: "containerd-shim", cgroup: "/docker/" + idA, ns: within(101, all...),
		args: []string{"x", "-namespace", "k8s.io", "-id", idB}, cwd: tree.host + "/run/task/k8s.io/" + idB,
	})
	tree.write(tree.host+"/run/task/k8s.io/"+idB+"/config.json", criConfig("container", "dns"))
	tree.in(111, 110, "/docker/"+idA+podCgroup+"/cri-containerd-"+idB+".scope")
	tree.add(task{pid: 200, uid: 1000, comm: "app", cgroup: "/user.slice/user-1000.slice/user@1000.service/machine-coredns.scope", ns: within(20, all...)})
	const want = "[machine:coredns docker:0123456789ab > kube-system/coredns-5d78c9869d-abcde]"
	if got := fmt.Sprint(tree.resolve().Find("coredns")); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
