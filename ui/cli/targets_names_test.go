package cli

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
)

// fakeNamer names processes by their control groups as a real one does, and then by what the files of
// runtimes, and once it was asked their daemons, would have told.
type fakeNamer struct {
	resolver *container.Resolver
	told     map[string]container.Owner // by ID
	late     map[string]container.Owner
	asked    int
	stopped  []container.Stopped
}

func newNamer(told, late map[string]container.Owner) *fakeNamer {
	return &fakeNamer{resolver: container.New(container.Options{Root: "/nonexistent"}), told: told, late: late}
}

func (f *fakeNamer) Resolve(ctx context.Context, snap *procscan.Snapshot) *container.Names {
	names := f.resolver.Resolve(ctx, snap)
	for _, p := range snap.Procs {
		for o := names.Of(p); o != nil; o = o.In {
			// Before anybody else has seen it.
			if t, ok := f.told[o.ID]; ok && o.From != container.ByDisk {
				id, cgroup, in := o.ID, o.Cgroup, o.In
				runtime := o.Runtime
				*o = t
				if o.Runtime == "" {
					o.Runtime = runtime
				}
				o.ID, o.Cgroup, o.In, o.From = id, cgroup, in, container.ByDisk
			}
		}
	}
	return names
}

func (f *fakeNamer) Ask(context.Context) bool {
	f.asked++
	if f.late == nil {
		return false
	}
	told := f.late
	maps.Copy(told, f.told)
	f.told, f.late = told, nil
	f.resolver = container.New(container.Options{Root: "/nonexistent"})
	return true
}

func (f *fakeNamer) Stopped(_ context.Context, word string) (list []container.Stopped) {
	for _, s := range f.stopped {
		if s.Name == word || s.ByID && strings.HasPrefix(s.ID, word) {
			list = append(list, s)
		}
	}
	return list
}

func longID(begin string) string { return begin + strings.Repeat("0", 64-len(begin)) }

// harbour is a host with containers: two called web of different runtimes and a process called so, one whose
// name only a daemon tells, one within another, and pods of one and of two containers, each with its pause.
func harbour() (*procscan.Snapshot, *fakeNamer) {
	mine := ns.Tuple{1, 2, 3, 4, 5, 6, 7, 8}
	snap := &procscan.Snapshot{Root: "/proc", Mine: mine}
	// add adds a process whose namespaces of some kinds are others, with numbers of its own.
	add := func(pid, ppid int, comm, cgroup string, own ns.Set) *procscan.Process {
		p := &procscan.Process{PID: pid, PPID: ppid, Start: uint64(pid), Comm: comm, Args: []string{"/bin/" + comm}, Cgroup: cgroup, NS: mine}
		for _, k := range own.Kinds() {
			p.NS[k] = uint64(pid)*100 + uint64(k)
		}
		snap.Procs = append(snap.Procs, p)
		return p
	}
	most := ns.SetOf(ns.Mnt, ns.PID, ns.IPC, ns.Net, ns.UTS)
	add(1, 0, "systemd", "/init.scope", 0)
	add(10, 1, "dockerd", "/system.slice/docker.service", 0)
	add(50, 1, "dns", "/system.slice/dns.service", 0)
	add(60, 1, "web", "/system.slice/old.service", 0)
	add(100, 10, "httpd", "/docker/"+longID("aaaa1"), most)
	add(101, 100, "worker", "/docker/"+longID("aaaa1"), most).NS = snap.Procs[4].NS
	add(110, 10, "redis", "/docker/"+longID("bbbb1"), most)
	add(120, 1, "lxc", "/lxc.payload.web", most)
	add(130, 10, "init", "/docker/"+longID("cccc1"), most)
	add(131, 130, "app", "/docker/"+longID("cccc1")+"/docker/"+longID("cccc2"), most)
	add(140, 10, "beef", "/docker/"+longID("beef1"), most)
	add(150, 1, "beef", "/system.slice/beef.service", ns.SetOf(ns.Net))
	pod := "/kubepods/burstable/pod0b1c2d3e-0000-4000-8000-0123456789ab/"
	pause := add(200, 10, "pause", pod+longID("d1"), most)
	add(201, 10, "coredns", pod+longID("d2"), most).NS[ns.Net] = pause.NS[ns.Net]
	pod = "/kubepods/burstable/pod1b1c2d3e-0000-4000-8000-0123456789ab/"
	pause = add(210, 10, "pause", pod+longID("e1"), most)
	for pid, id := range map[int]string{211: "e2", 212: "e3"} {
		p := add(pid, 10, "shop", pod+longID(id), most)
		for _, k := range []ns.Kind{ns.Net, ns.IPC, ns.UTS} {
			p.NS[k] = pause.NS[k]
		}
	}
	add(300, 1, "nsenter", "/user.slice/user-0.slice/session-1.scope", most).NS = snap.Procs[4].NS // a visitor of 100
	slices.SortFunc(snap.Procs, func(a, b *procscan.Process) int { return cmp.Compare(a.PID, b.PID) })
	coredns := &container.Pod{Name: "coredns-5d78", Namespace: "kube-system", UID: "0b1c2d3e-0000-4000-8000-0123456789ab"}
	shop := &container.Pod{Name: "shop-0", Namespace: "default", UID: "1b1c2d3e-0000-4000-8000-0123456789ab"}
	return snap, newNamer(map[string]container.Owner{
		longID("aaaa1"): {Name: "web", Image: "nginx:1.27\x1b[2J", Service: "front", Project: "shop"},
		longID("cccc1"): {Name: "kind"},
		longID("cccc2"): {Name: "inner"},
		longID("beef1"): {Name: "cow"},
		longID("d1"):    {Runtime: container.Containerd, Pod: coredns, Infra: true},
		longID("d2"):    {Runtime: container.Containerd, Name: "coredns", Pod: coredns, Image: "coredns:1"},
		longID("e1"):    {Runtime: container.Containerd, Pod: shop, Infra: true},
		longID("e2"):    {Runtime: container.Containerd, Name: "app", Pod: shop},
		longID("e3"):    {Runtime: container.Containerd, Name: "proxy", Pod: shop},
	}, map[string]container.Owner{longID("bbbb1"): {Name: "cache"}})
}

// searchIn returns a search among processes that belong to containers.
func searchIn(snap *procscan.Snapshot, n *fakeNamer) *resolution {
	r := search(snap)
	r.names = func(snap *procscan.Snapshot) *container.Names { return n.Resolve(context.Background(), snap) }
	r.ask = func() bool { return n.Ask(context.Background()) }
	r.stopped = func(word string) []container.Stopped { return n.Stopped(context.Background(), word) }
	return r
}

func TestTargetContainers(t *testing.T) {
	for _, test := range []struct {
		target string
		pid    int
		asked  int
		err    string
	}{
		{"container:cow", 140, 0, ""},
		{"cow", 140, 0, ""},
		{"docker:web", 100, 0, ""},
		{"lxc:web", 120, 0, ""},
		{"front", 100, 0, ""}, // of compose
		{"shop/front", 100, 0, ""},
		{"aaaa1", 100, 0, ""},
		{"container:aaaa", 100, 0, ""},
		{"docker:aaaa1", 100, 0, ""},
		{"docker:" + longID("aaaa1")[:12], 100, 0, ""},
		{"lxc:aaaa1", 0, 1, "no container, pod or process"}, // that is another's
		{longID("aaaa1"), 100, 0, ""},
		{"cache", 110, 1, ""},
		{"container:cache", 110, 1, ""},
		{"inner", 131, 1, ""}, // within another one, where anybody may call anything so
		{"kind", 130, 0, ""},
		{"app", 211, 0, ""}, // a container of a pod, and not what runs in inner
		{"pod/kube-system/coredns-5d78", 201, 0, ""},
		{"pod:kube-system/coredns", 201, 0, ""},
		{"pod/coredns", 201, 0, ""},
		{"kube-system/coredns", 201, 0, ""},
		{"coredns", 201, 0, ""}, // what runs in it is called so, too
		{"pod/default/shop-0/proxy", 212, 0, ""},
		{"default/shop-0/app", 211, 0, ""},
		{"worker", 101, 1, ""},
		{"redis", 110, 1, ""},                                       // a process, within a container
		{"dns", 50, 0, ""},                                          // a process, for which no daemon is asked
		{"beef", 0, 0, "2 containers and processes could be meant"}, // the start of an ID, and a process
		{"container:beef", 140, 0, ""},
		{"web", 0, 0, "2 containers could be meant, take one by its pid or whole name:"},
		{"container:web", 0, 0, "2 containers could be meant"},
		{"container:redis", 0, 1, "there is no container or pod of that name"},
		{"pod/web", 0, 1, "there is no pod of that name"},
		{"compose:shop", 100, 0, ""}, // which has one container
		{"compose:front", 0, 1, "there is no container of a compose project of that name"},
		{"k8s:kube-system", 201, 0, ""},
		{"kube-system", 201, 0, ""},
		{"k8s:none", 0, 1, "there is no pod in a namespace of Kubernetes of that name"},
		{"aaa", 0, 1, "no container, pod or process"}, // too short for an ID
		{"unit:docker", 10, 0, ""},                    // and not its containers
		{"unit:dns.service", 50, 0, ""},
		{"unit:init.scope", 1, 0, ""},
	} {
		t.Run(test.target, func(t *testing.T) {
			snap, namer := harbour()
			at, err := searchIn(snap, namer).resolve(test.target)
			if namer.asked != test.asked {
				t.Errorf("daemons were asked %d times, want %d", namer.asked, test.asked)
			}
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("got %+v, %v, want error %q", at, err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			p := snap.ByPID(test.pid)
			if want := []nsenter.Ref{{PID: p.PID, Start: p.Start, NS: p.NS}}; !reflect.DeepEqual(at.refs, want) || at.unsure != nil {
				t.Errorf("got %+v, want %+v", at, want)
			}
		})
	}
}

// What a user calls a process or a container is not taken for what root has.
func TestTargetOfUser(t *testing.T) {
	const user = 1000
	process := func(name string) func(*procscan.Snapshot, *fakeNamer) {
		return func(snap *procscan.Snapshot, _ *fakeNamer) {
			snap.Procs = append(snap.Procs, &procscan.Process{
				PID: 400, PPID: 1, Start: 400, UID: user, Comm: name[:min(len(name), 15)], Args: []string{name},
				Cgroup: "/user.slice/user-1000.slice/session-1.scope", NS: ns.Tuple{1, 2, 3, 4, 5, 6, 777, 8},
			})
		}
	}
	called := func(as container.Owner) func(*procscan.Snapshot, *fakeNamer) {
		return func(snap *procscan.Snapshot, namer *fakeNamer) {
			process("app")(snap, namer)
			snap.ByPID(400).Cgroup = "/user.slice/user-1000.slice/user@1000.service/docker/" + longID("f1")
			as.User = user
			namer.told[longID("f1")] = as
		}
	}
	shop := &container.Pod{Name: "shop-0", Namespace: "default", UID: "1b1c2d3e-0000-4000-8000-0123456789ab"}
	for name, test := range map[string]struct {
		add    func(*procscan.Snapshot, *fakeNamer)
		target string
		pid    int // 0: more than one is meant
	}{
		"process called as an id":          {process(longID("aaaa1")), longID("aaaa1"), 100},
		"process called as a short id":     {process(longID("aaaa1")[:12]), longID("aaaa1")[:12], 100},
		"process called as a prefix":       {process("aaaa1"), "aaaa1", 0},
		"process called as a container":    {process("cow"), "cow", 140},
		"process called as a daemon's":     {process("cache"), "cache", 110},
		"process called as a unit":         {process("docker"), "docker", 10},
		"container called as an id":        {called(container.Owner{Name: longID("aaaa1")}), longID("aaaa1"), 100},
		"container called as a short id":   {called(container.Owner{Name: longID("aaaa1")[:12]}), "container:" + longID("aaaa1")[:12], 100},
		"container called as a prefix":     {called(container.Owner{Name: "aaaa1"}), "container:aaaa1", 0},
		"container called as a container":  {called(container.Owner{Name: "cow"}), "container:cow", 140},
		"container called as a daemon's":   {called(container.Owner{Name: "cache"}), "container:cache", 110},
		"container called as a deployment": {called(container.Owner{Name: "coredns"}), "coredns", 201},
		"container said to be of a pod":    {called(container.Owner{Name: "app", Pod: shop}), "pod/default/shop-0", 211},
		"container of a name of its own":   {called(container.Owner{Name: "mine"}), "mine", 400},
	} {
		t.Run(name, func(t *testing.T) {
			snap, namer := harbour()
			test.add(snap, namer)
			at, err := searchIn(snap, namer).resolve(test.target)
			switch {
			case test.pid == 0 && (err == nil || !strings.Contains(err.Error(), "\n  400  u1000 ") || !strings.Contains(err.Error(), " could be meant")):
				t.Errorf("got %v, %v, want a choice", at.refs, err)
			case test.pid != 0 && (err != nil || at.refs[0].PID != test.pid):
				t.Errorf("got %v, %v, want %d", at.refs, err, test.pid)
			}
			told := strings.HasSuffix(strings.Join(at.notes, "\n"), " of u1000 is called so, too, and not meant: that is 400 or f10000000000")
			if users := strings.HasPrefix(name, "container called") && !strings.HasSuffix(name, " id"); users && told != (test.pid > 0) {
				t.Errorf("it says %q, not what the user's is", at.notes)
			}
			if err != nil && strings.HasPrefix(name, "container") && !strings.Contains(err.Error(), "WHOSE") {
				t.Errorf("got %v, which does not say whose it is", err)
			}
		})
	}
}

// A pid is not looked up: nothing is read.
func TestTargetPIDNeedsNoNames(t *testing.T) {
	fail := func() { t.Error("something is read for a pid") }
	r := &resolution{
		scan:  func(procscan.Want) (*procscan.Snapshot, error) { fail(); return nil, errors.New("not to be called") },
		names: func(*procscan.Snapshot) *container.Names { fail(); return nil },
		ask:   func() bool { fail(); return false },
	}
	if at, err := r.resolve("4183"); err != nil || len(at.refs) != 1 || at.refs[0].PID != 4183 {
		t.Errorf("got %+v, %v", at, err)
	}
}

// What the containers of a pod have in common is entered by any of them; for the rest one has to be named.
func TestTargetPod(t *testing.T) {
	snap, namer := harbour()
	at, err := searchIn(snap, namer).resolve("pod/shop")
	if err != nil {
		t.Fatal(err)
	}
	net := snap.ByPID(211).NS[ns.Net]
	if len(at.refs) != 2 || at.refs[0].PID != 211 || at.refs[1].PID != 212 || at.refs[0].Start != 211 {
		t.Fatalf("got %+v", at.refs)
	}
	for _, ref := range at.refs {
		if ref.NS[ns.Net] != net || ref.NS[ns.Mnt] != 0 {
			t.Errorf("of %d is checked %v", ref.PID, ref.NS)
		}
	}
	for _, test := range []struct{ options, need, takes string }{
		{"-n", "", ""},
		{"-n -u -i", "", ""},
		{"-n -m/file", "", ""},
		{"-n -m", "--mount", "--mount takes (mnt)"},
		{"-p -m", "--mount", "--mount takes (mnt pid)"},
		{"-p", "--pid", "--pid takes (pid)"},
		{"-a", "--all", "--all takes ("},
		{"-n -e", "--env", "--env takes"},
		{"-n -r", "--root", "--root takes"},
		{"-n -r/", "", ""},
	} {
		o, err := readEnterOptions(strings.Fields(test.options))
		if err != nil {
			t.Fatal(err)
		}
		err = o.unsure(at)
		if test.need == "" {
			if err != nil {
				t.Errorf("%s: got %v", test.options, err)
			}
			continue
		}
		want := "the containers of the pod do not have in common what " + test.takes
		const choose = ": 2 containers could be meant, take one by its pid or whole name:\n"
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), choose) || !strings.Contains(err.Error(), "default/shop-0/proxy") {
			t.Errorf("%s: got %v, want %q", test.options, err, want)
		}
	}
}

func TestAmbiguousContainersAreListed(t *testing.T) {
	_, err := searchIn(harbour()).resolve("web")
	want := `target "web": 2 containers could be meant, take one by its pid or whole name:
  PID  USER  DIFFERS   NAME        IMAGE           COMMAND
  120  u0    -imnp--u  lxc:web                     /bin/lxc
  100  u0    -imnp--u  docker:web  nginx:1.27␛[2J  /bin/httpd`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	_, err = searchIn(harbour()).resolve("beef")
	want = `target "beef": 2 containers and processes could be meant, take one by its pid or whole name:
  PID  USER  DIFFERS   NAME        COMMAND
  150  u0    ---n----              /bin/beef
  140  u0    -imnp--u  docker:cow  /bin/beef`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// Of pods it is told which runtime they are of: their names do not say it.
func TestAmbiguousPodsAreListed(t *testing.T) {
	snap, namer := harbour()
	other := namer.told[longID("d2")]
	again := *other.Pod
	other.Runtime, other.Pod, again.UID = container.CRIO, &again, "1b1c2d3e"
	namer.told[longID("e3")] = other
	_, err := searchIn(snap, namer).resolve("coredns")
	want := `target "coredns": 2 containers could be meant, take one by its pid or whole name:
  PID  USER  DIFFERS   NAME                              RUNTIME     IMAGE      COMMAND
  201  u0    -imnp--u  kube-system/coredns-5d78/coredns  containerd  coredns:1  /bin/coredns
  212  u0    -imnp--u  kube-system/coredns-5d78/coredns  cri-o       coredns:1  /bin/shop`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// A name that nothing has is answered by those that are almost it, and by who did not answer.
func TestNothingOfThatName(t *testing.T) {
	_, err := searchIn(harbour()).resolve("pod/cordns")
	want := `target "pod/cordns": there is no pod of that name
  near names: coredns, kube-system/coredns-5d78`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	snap, namer := harbour()
	namer.late = nil
	_, err = searchIn(snap, namer).resolve("container:cach")
	if err == nil || !strings.Contains(err.Error(), "1 container is without a name here") {
		t.Errorf("got %v", err)
	}
}

// A container that does not run is told of in place of what is called almost so, and before that where the word may be
// the start of its ID by chance.
func TestStoppedTarget(t *testing.T) {
	snap, namer := harbour()
	namer.stopped = []container.Stopped{
		{Runtime: container.Docker, Name: "wob", How: "exited with 137, 5 minutes ago"},
		{Runtime: container.Podman, Name: "wob"},
		{Runtime: container.Docker, Name: "e\x1bvil", How: "\x1b]0;x"},
		{Runtime: container.Docker, Name: "cow"},
		{Runtime: container.Docker, Name: "job", ID: longID("beff"), ByID: true},
	}
	for target, want := range map[string]string{
		"wob":      "docker's container wob is not running (exited with 137, 5 minutes ago)\npodman's container wob is not running",
		"e\x1bvil": "docker's container e␛vil is not running (␛]0;x)",
		"wab":      "there is no container, pod or process of that name, and no unit wab.service\n  near names: web",
		"beff":     "docker's container job, beff00000000, is not running\n  near names: beef",
	} {
		_, err := searchIn(snap, namer).resolve(target)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", target, err, want)
		}
	}
	if at, err := searchIn(snap, namer).resolve("cow"); err != nil || at.refs[0].PID != 140 {
		t.Errorf("one that runs: got %+v, %v", at, err)
	}
}
