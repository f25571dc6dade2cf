package container

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan"
)

// bundleTest replaces the config.json of a pod's container.
func bundleTest(t *testing.T, put func(tree *tree, name string)) (*tree, string) {
	t.Helper()
	tree := newTree(t)
	tree.shim(100, "k8s.io", idA)
	name := tree.host + "/run/task/k8s.io/" + idA + "/config.json"
	put(tree, name)
	tree.in(101, 100, podCgroup+"/cri-containerd-"+idA+".scope")
	n := tree.resolve()
	checkLimits(t, n)
	return tree, n.Of(n.snap.ByPID(101)).line()
}

// TestBadFiles holds that what is in the place of a file costs the name and nothing else.
func TestBadFiles(t *testing.T) {
	const nobody = "containerd:0123456789ab id=A uid=" + podUID + " by nobody"
	good := criConfig("container", "coredns")
	tests := []struct {
		name string
		put  func(tree *tree, name string)
		want string
	}{
		{"nothing", func(*tree, string) {}, nobody},
		{"empty", func(tree *tree, name string) { tree.write(name, "") }, nobody},
		{"no JSON", func(tree *tree, name string) { tree.write(name, "<html>") }, nobody},
		{"cut off", func(tree *tree, name string) { tree.write(name, good[:len(good)/3]) }, nobody},
		{"other types", func(tree *tree, name string) {
			tree.write(name, `{"annotations": [1, {"a": 2}], "linux": 7, "hostname": {"x": []}}`)
		}, nobody},
		{"numbers for texts", func(tree *tree, name string) {
			tree.write(name, strings.ReplaceAll(good, `"kube-system"`, "17"))
		}, "coredns-5d78c9869d-abcde id=A name=coredns image=registry.k8s.io/coredns:v1 uid=" + podUID + " by process"},
		{"larger than allowed", func(tree *tree, name string) {
			tree.write(name, strings.Replace(good, "{", `{"x": "`+strings.Repeat("y", 5<<20)+`",`, 1))
		}, nobody},
		{"deep", func(tree *tree, name string) {
			tree.write(name, strings.Replace(good, "{", `{"x": `+strings.Repeat("[", 1<<20)+strings.Repeat("]", 1<<20)+`,`, 1))
		}, "kube-system/coredns-5d78c9869d-abcde id=A name=coredns image=registry.k8s.io/coredns:v1 uid=" + podUID + " by process"},
		{"a named pipe", func(tree *tree, name string) {
			tree.write(name+".x", "")
			if err := unix.Mkfifo(name, 0o644); err != nil {
				tree.tb.Fatal(err)
			}
		}, nobody},
		{"a folder", func(tree *tree, name string) { tree.dir(name) }, nobody},
		{"a link", func(tree *tree, name string) {
			tree.write(name+".x", good)
			tree.link(name, name+".x")
		}, nobody},
		{"a long name", func(tree *tree, name string) {
			tree.write(name, strings.ReplaceAll(good, "kube-system", strings.Repeat("k", 1000)))
		}, strings.Repeat("k", maxText) + "/coredns-5d78c9869d-abcde id=A name=coredns image=registry.k8s.io/coredns:v1 uid=" + podUID + " by process"},
		{"escapes", func(tree *tree, name string) {
			tree.write(name, strings.ReplaceAll(good, "kube-system", `\u001b[2J\n\"x`))
		}, "\x1b[2J\n\"x/coredns-5d78c9869d-abcde id=A name=coredns image=registry.k8s.io/coredns:v1 uid=" + podUID + " by process"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, got := bundleTest(t, test.put); got != test.want {
				t.Errorf("got  %.300q\nwant %.300q", got, test.want)
			}
		})
	}
}

// TestLiars holds whom nobody believes. Process 101 is a container of Docker whose name nobody told of.
func TestLiars(t *testing.T) {
	const nobody = "docker:0123456789ab id=A by nobody"
	tests := []struct {
		name string
		make func(tree *tree)
		want string
	}{
		{"a user's conmon above root's process", func(tree *tree) {
			tree.add(task{pid: 100, uid: 1000, comm: "conmon", args: []string{"conmon", "-c", idA, "-n", "bank"}})
			tree.in(101, 100, "/docker/"+idA)
		}, nobody},
		{"a user's conmon with a control group of another's", func(tree *tree) {
			tree.add(task{pid: 100, uid: 1000, comm: "conmon", args: []string{"conmon", "-c", idA, "-n", "bank"}})
			tree.add(task{pid: 101, uid: 1000, ppid: 100, comm: "app", ns: within(1, all...), cgroup: "/user.slice/user-1001.slice/user@1001.service/docker-" + idA + ".scope"})
		}, nobody},
		{"a user's control group called as root's container", func(tree *tree) {
			tree.write(tree.host+"/var/lib/docker/containers/"+idA+"/config.v2.json", strings.Replace(dockerConfig("bank", ""), `"Pid": 7`, `"Pid": 101`, 1))
			tree.add(task{pid: 101, uid: 1000, comm: "app", ns: within(1, all...), cgroup: "/user.slice/user-1000.slice/user@1000.service/docker-" + idA + ".scope"})
		}, nobody},
		{"a service's control group called as a container", func(tree *tree) {
			tree.write(tree.host+"/var/lib/docker/containers/"+idA+"/config.v2.json", dockerConfig("bank", ""))
			tree.add(task{pid: 101, uid: 1000, comm: "app", ns: within(1, all...), cgroup: "/system.slice/x.service/docker-" + idA + ".scope"})
		}, nobody},
		{"one within", func(tree *tree) {
			tree.in(99, 1, "/docker/"+idA)
			tree.add(task{pid: 100, ppid: 99, comm: "conmon", args: []string{"conmon", "-c", idA, "-n", "bank"}, cgroup: "/docker/" + idA, ns: within(99, all...)})
			tree.add(task{pid: 101, ppid: 100, comm: "app", cgroup: "/docker/" + idA, ns: within(99, all...)})
		}, nobody},
		{"of another container", func(tree *tree) {
			tree.conmon(100, idB, "bank", "/gone")
			tree.in(101, 100, "/docker/"+idA)
		}, nobody},
		{"another container of the shim", func(tree *tree) {
			tree.shim(100, "moby", idB)
			tree.write(tree.host+"/var/lib/docker/containers/"+idB+"/config.v2.json", dockerConfig("bank", ""))
			tree.in(101, 100, "/docker/"+idA)
		}, nobody},
		{"in a control group that names one of the host's", func(tree *tree) {
			tree.write(tree.host+"/var/lib/docker/containers/"+idA+"/config.v2.json", dockerConfig("bank", ""))
			tree.add(task{pid: 99, comm: "app", cgroup: "/docker/" + idB, ns: within(99, all...), rootAt: tree.host + "-other"})
			tree.dir(tree.host + "-other")
			tree.add(task{pid: 101, ppid: 99, comm: "app", cgroup: "/docker/" + idB + "/docker/" + idA, ns: within(99, all...)})
		}, "docker:fedcba987654 > docker:0123456789ab id=A by nobody"},
		{"files of a user about root's container", func(tree *tree) {
			tree.shim(100, "moby", idA)
			name := tree.write(tree.host+"/var/lib/docker/containers/"+idA+"/config.v2.json", dockerConfig("bank", ""))
			if err := os.Chown(name, 1000, 1000); err != nil {
				tree.tb.Fatal(err)
			}
			tree.in(101, 100, "/docker/"+idA)
		}, nobody},
		{"a path that leads out of the root", func(tree *tree) {
			outside := tree.write(tree.host+"-outside/config.json", criConfig("container", "bank"))
			tree.conmon(100, idA, "", "/run/link")
			tree.write(tree.host+"/run/x", "")
			tree.link(tree.host+"/run/link", outside[:len(outside)-len("/config.json")])
			tree.in(101, 100, "/libpod_parent/libpod-"+idA)
		}, "podman:0123456789ab id=A by nobody"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree := newTree(t)
			test.make(tree)
			n := tree.resolve()
			if got := n.Of(n.snap.ByPID(101)).line(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestCircle holds that parents who are children of their children end nothing.
func TestCircle(t *testing.T) {
	tree := newTree(t)
	for pid := range 200 {
		tree.add(task{pid: 1000 + pid, ppid: 1000 + (pid+1)%200, comm: "bwrap", cgroup: "/", ns: within(uint64(pid), all...)})
		tree.add(task{pid: 2000 + pid, ppid: 2000 + (pid+1)%200, comm: "x", cgroup: "/docker/" + idA, ns: within(500, all...)})
		tree.add(task{pid: 3000 + pid, ppid: 3000 + pid, comm: "conmon", cgroup: "/", ns: within(uint64(1000+pid), all...)})
	}
	n := tree.resolve()
	checkLimits(t, n)
	if got := of(n, 2100); got != "docker:0123456789ab" {
		t.Errorf("process 2100 belongs to %q", got)
	}
}

// TestDeep holds that who puts one into the other without end makes no endless chain.
func TestDeep(t *testing.T) {
	tree := newTree(t)
	tree.add(task{pid: 1000, comm: "bwrap", cgroup: "/"})
	for i := range 99 {
		tree.add(task{pid: 1001 + i, ppid: 1000 + i, comm: "bwrap", cgroup: "/", ns: within(uint64(i), all...)})
	}
	path := strings.Repeat("/lxc/a", 100)
	tree.add(task{pid: 2000, comm: "a", cgroup: path})
	r := tree.resolver()
	for range 20 {
		n := r.Resolve(t.Context(), tree.scan(procscan.Groups))
		if depth := len(n.Of(n.snap.ByPID(2000)).Chain()); depth != maxChain {
			t.Errorf("control groups make a chain of %d", depth)
		}
		if depth := len(n.Of(n.snap.ByPID(1099)).Chain()); depth > maxChain+1 {
			t.Fatalf("processes make a chain of %d", depth)
		}
	}
}

// TestVisitors holds that who came to a sandbox from elsewhere is not of it.
func TestVisitors(t *testing.T) {
	tree := newTree(t)
	tree.add(task{pid: 50, comm: "sh", cgroup: "/"})
	// Before the first process in order, though later in time.
	tree.add(task{pid: 60, ppid: 50, start: 5000, comm: "sh", cgroup: "/", ns: within(101, all...)})
	tree.conmon(100, idA, "box", "/gone")
	tree.in(101, 100, "/")
	tree.add(task{pid: 102, ppid: 101, comm: "app", cgroup: "/", ns: within(101, all...)})
	tree.add(task{pid: 200, ppid: 50, start: 5001, comm: "sh", cgroup: "/", ns: within(101, all...)})
	// What is executed in it later has a conmon of its own.
	tree.conmon(300, idA, "box", "/gone")
	tree.add(task{pid: 301, ppid: 300, comm: "ls", cgroup: "/", ns: within(101, all...)})
	n := tree.resolve()
	for pid, want := range map[int]string{50: "", 60: "", 101: "podman:box", 102: "podman:box", 200: "", 301: "podman:box"} {
		if got := of(n, pid); got != want {
			t.Errorf("process %d belongs to %q, not %q", pid, got, want)
		}
	}
	if n.Of(n.snap.ByPID(101)) != n.Of(n.snap.ByPID(301)) {
		t.Error("one sandbox is two")
	}
}

// TestPatience holds that who waits for ever costs one name, and is said.
func TestPatience(t *testing.T) {
	e := errands{patience: time.Millisecond}
	held := make(chan struct{})
	ended := make(chan struct{}, maxStuck)
	wait := func() int {
		<-held
		ended <- struct{}{}
		return 1
	}
	// One of a user, and as many of all users as there is room for; four of root, whatever users do.
	var got []error
	for uid := range uint32(maxStuckUsers + 2) {
		for range maxStuckRoot + 1 {
			_, err := run(t.Context(), &e, blame{uid: uid}, wait)
			got = append(got, err)
		}
	}
	for i, err := range got {
		uid, nth := i/(maxStuckRoot+1), i%(maxStuckRoot+1)
		want := errCrowded
		if uid == 0 && nth < maxStuckRoot || uid > 0 && uid <= maxStuckUsers && nth == 0 {
			want = errNoAnswer
		}
		if !errors.Is(err, want) {
			t.Errorf("file %d of user %d: %v, want %v", nth, uid, err, want)
		}
	}
	if e.left() != maxStuck {
		t.Errorf("%d are left behind", e.left())
	}
	close(held)
	for range maxStuck {
		<-ended
	}
	for e.left() != 0 { // they end at once
		if t.Context().Err() != nil {
			t.Fatal("they do not end")
		}
	}
	e.patience = time.Minute
	if got, err := run(t.Context(), &e, blame{}, func() int { return 7 }); got != 7 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := run(ctx, &e, blame{}, func() int { <-ctx.Done(); <-t.Context().Done(); return 1 }); err == nil {
		t.Error("the end of the context ends nothing")
	}
}

// TestSilentFiles holds that files that do not come are told of, and asked for again later.
func TestSilentFiles(t *testing.T) {
	tree := newTree(t)
	tree.shim(100, "moby", idA)
	tree.write(tree.host+"/var/lib/docker/containers/"+idA+"/config.v2.json", dockerConfig("web", ""))
	tree.in(101, 100, "/docker/"+idA)
	r := tree.resolver()
	now := time.Unix(1000, 0)
	r.now = func() time.Time { return now }
	r.errands.patience = -1 // nothing comes in time
	for range 100 {
		// The first may be quick enough all the same.
		if n := r.Resolve(t.Context(), tree.scan(procscan.Groups)); len(n.Silent()) > 0 {
			if s := n.Silent()[0]; s.Source != "files of docker" || !s.Since.Equal(now) || s.Err == nil {
				t.Errorf("silent is %+v", s)
			}
			break
		}
		r = tree.resolver()
		r.now = func() time.Time { return now }
		r.errands.patience = -1
	}
	r.errands.patience = time.Minute
	now = now.Add(time.Hour)
	if n := r.Resolve(t.Context(), tree.scan(procscan.Groups)); of(n, 101) != "docker:web" {
		t.Errorf("an hour later it is %q", of(n, 101))
	}
}

// TestOpensNobodysFiles holds that no file is opened for a user that is not the user's: root takes messages from
// others by reading /proc/kmsg, and a user may put a link to it anywhere.
func TestOpensNobodysFiles(t *testing.T) {
	tree := newTree(t)
	target := tree.write(tree.host+"/proc/kmsg", "secret")
	watch, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(watch)
	if _, err := unix.InotifyAddWatch(watch, target, unix.IN_OPEN); err != nil {
		t.Fatal(err)
	}
	link := func(name string) {
		tree.dir(tree.host + name[:strings.LastIndexByte(name, '/')])
		tree.link(tree.host+name, "/proc/kmsg")
	}
	const slice = "/user.slice/user-1000.slice/user@1000.service"
	users := func(pid, ppid int, comm, cgroup string, args ...string) {
		tree.add(task{pid: pid, ppid: ppid, uid: 1000, comm: comm, cgroup: cgroup, args: args, ns: within(uint64(pid), all...)})
	}
	for _, name := range []string{
		"/home/b/config.json", "/home/docker/containers/" + idB + "/config.v2.json", "/home/run/x/config.json", "/.flatpak-info",
		"/run/user/1000/runc/x/state.json", "/run/systemd/machines/x", "/home/c/overlay-containers/containers.json",
	} {
		link(name)
	}
	tree.own(tree.host+"/run/user/1000/runc", 1000)
	users(100, 1, "conmon", slice+"/a.scope", "x", "-c", idA, "-b", "/home/b")
	users(101, 100, "app", slice+"/libpod-"+idA+".scope")
	users(110, 1, "conmon", slice+"/a.scope", "x", "-c", idB, "-b", "/home/c/overlay-containers/"+idB+"/userdata")
	users(111, 110, "app", slice+"/libpod-"+idB+".scope")
	users(120, 1, "bwrap", slice+"/a.scope", "bwrap")
	users(121, 120, "app", slice+"/b.scope")
	users(130, 1, "sh", slice+"/c.scope")
	users(131, 130, "app", slice+"/c.scope")
	users(140, 1, "app", slice+"/machine-x.scope")
	tree.add(task{
		pid: 150, uid: 1000, comm: "app", cgroup: slice + "/docker-" + idB + ".scope", ns: within(150, all...),
		mountinfo: "2 1 8:1 /home/docker/containers/" + idB + "/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n",
	})
	tree.add(task{pid: 160, uid: 1000, comm: "containerd-shim", cgroup: slice + "/d.scope", args: []string{"x", "-namespace", "x", "-id", idA}, cwd: tree.host + "/home/run/x"})
	users(161, 160, "app", slice+"/docker-"+idA+".scope")
	tree.resolve()
	if n, err := unix.Read(watch, make([]byte, 4096)); !errors.Is(err, unix.EAGAIN) {
		t.Errorf("it was opened: %d bytes of events, %v", n, err)
	}
	if _, err := os.ReadFile(target); err != nil {
		t.Fatal(err)
	}
	if n, err := unix.Read(watch, make([]byte, 4096)); err != nil || n == 0 {
		t.Errorf("opening it is not seen: %v", err)
	}
}
