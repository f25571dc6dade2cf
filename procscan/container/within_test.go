package container

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// TestWithin holds that what is in a container tells nothing of the host, nor of that container.
func TestWithin(t *testing.T) {
	box := func(tree *tree, kinds ...ns.Kind) (in, own ns.Tuple) {
		tree.write(tree.host+"/run/runc/mybox/state.json", `{"id": "mybox", "init_process_pid": 150, "init_process_start": 150}`)
		in = within(15, kinds...)
		tree.add(task{pid: 150, comm: "init", cgroup: "/mybox", ns: in})
		own = in
		own[ns.Mnt], own[ns.User] = 777, 778
		return in, own
	}
	bank := []string{"x", "-c", "0", "-n", "bank"}
	for _, test := range []struct {
		name string
		make func(tree *tree)
		pid  int
		want string
	}{
		{"a conmon in a mount namespace of its own", func(tree *tree) {
			in, own := box(tree, all...)
			tree.add(task{pid: 160, ppid: 150, uid: 1000, comm: "conmon", cgroup: "/mybox", ns: own, args: bank})
			tree.add(task{pid: 170, ppid: 160, uid: 1000, comm: "app", cgroup: "/mybox", ns: in})
		}, 150, "runc:mybox id=mybox name=mybox by file"},
		{"one far below", func(tree *tree) {
			in, own := box(tree, all...)
			for pid := 200; pid < 200+2*maxDepth; pid++ {
				tree.add(task{pid: pid, ppid: pid - 1, uid: 1000, comm: "conmon", cgroup: "/mybox", ns: own, args: bank})
			}
			tree.add(task{pid: 199, ppid: 150, uid: 1000, comm: "app", cgroup: "/mybox", ns: own})
			tree.add(task{pid: 400, ppid: 199 + 2*maxDepth, uid: 1000, comm: "app", cgroup: "/mybox", ns: in})
		}, 150, "runc:mybox id=mybox name=mybox by file"},
		{"an orphan", func(tree *tree) {
			in, own := box(tree, ns.Mnt, ns.IPC, ns.PID)
			tree.add(task{pid: 160, uid: 1000, comm: "conmon", cgroup: "/mybox", ns: own, args: bank})
			tree.add(task{pid: 170, ppid: 160, uid: 1000, comm: "app", cgroup: "/mybox", ns: in})
		}, 150, "runc:mybox id=mybox name=mybox by file"},
		{"an orphan with a lower number", func(tree *tree) {
			in, own := box(tree, ns.Mnt, ns.IPC, ns.PID)
			tree.add(task{pid: 60, start: 160, uid: 1000, comm: "conmon", cgroup: "/mybox", ns: own, args: bank})
			tree.add(task{pid: 70, start: 170, ppid: 60, uid: 1000, comm: "app", cgroup: "/mybox", ns: in})
		}, 150, "runc:mybox id=mybox name=mybox by file"},
		{"its root, of which nobody has told", func(tree *tree) {
			tree.add(task{pid: 160, comm: "conmon", ns: within(16, ns.Mnt, ns.User), args: bank})
			tree.add(task{pid: 170, ppid: 160, comm: "app", ns: within(17, ns.Mnt, ns.User)})
		}, 170, ""},
		{"a control group with another's ID, below the shim", func(tree *tree) {
			tree.shim(100, "moby", idB)
			tree.write(tree.host+"/var/lib/docker/containers/"+idB+"/config.v2.json", strings.ReplaceAll(dockerConfig("web", ""), idA, idB))
			tree.write(tree.host+"/var/lib/docker/containers/"+idA+"/config.v2.json", dockerConfig("bank", ""))
			tree.in(150, 100, "/docker/"+idB)
			tree.add(task{pid: 170, ppid: 100, comm: "app", cgroup: "/docker/" + idB + "/docker/" + idA, ns: within(150, all...)})
		}, 170, "docker:web > docker:0123456789ab id=A by nobody"},
		{"a control group with the ID of another's pod, below the shim", func(tree *tree) {
			tree.shim(100, "k8s.io", idB)
			tree.write(tree.host+"/run/task/k8s.io/"+idA+"/config.json", criConfig("container", "coredns"))
			tree.in(150, 100, "/kubepods/"+idB)
			tree.add(task{pid: 170, ppid: 100, comm: "app", cgroup: "/kubepods/" + idB + "/docker/" + idA, ns: within(150, all...)})
		}, 170, "containerd:fedcba987654 > docker:0123456789ab id=A by nobody"},
		{"a mount namespace of its own, below the shim", func(tree *tree) {
			tree.shim(100, "moby", idA)
			tree.write(tree.host+"/var/lib/docker/containers/"+idA+"/config.v2.json", dockerConfig("web", ""))
			in := within(15, all...)
			tree.add(task{pid: 150, ppid: 100, comm: "init", cgroup: "/docker/" + idA, ns: in})
			in[ns.Mnt], in[ns.User] = 777, 778
			tree.add(task{pid: 170, ppid: 100, comm: "app", cgroup: "/docker/" + idA, ns: in})
		}, 170, "docker:web id=A name=web image=nstui/bb:1 state=running by file"},
		{"one that docker put below another", func(tree *tree) {
			tree.shim(100, "moby", idB)
			tree.in(150, 100, "/docker/"+idB)
			tree.shim(160, "moby", idA)
			tree.write(tree.host+"/var/lib/docker/containers/"+idA+"/config.v2.json", dockerConfig("job", ""))
			tree.in(170, 160, "/docker/"+idB+"/"+idA)
		}, 170, "docker:fedcba987654 > docker:job id=A name=job image=nstui/bb:1 state=running by file"},
		// A file system of a user may say that its files are of root.
		{"root's files as a user sees them", func(tree *tree) {
			tree.write(tree.host+"/home/u/run/runc/bank/state.json", `{"id": "bank", "init_process_pid": 170, "init_process_start": 170}`)
			tree.add(task{pid: 160, uid: 1000, comm: "sh", ns: within(16, ns.Mnt, ns.User), rootAt: tree.host + "/home/u"})
			tree.add(task{pid: 170, ppid: 160, uid: 1000, comm: "app", ns: within(17, all...)})
		}, 170, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			tree := newTree(t)
			test.make(tree)
			n := tree.resolve()
			if got := n.Of(n.snap.ByPID(test.pid)).line(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestSlowUser holds that a user's files that do not come cost nothing of what is root's and runs as the user,
// and that nothing of root's is looked for where a user has files.
func TestSlowUser(t *testing.T) {
	tree := newTree(t)
	tree.shim(100, "moby", idA)
	tree.write(tree.host+"/var/lib/docker/containers/"+idA+"/config.v2.json", dockerConfig("bank", ""))
	tree.add(task{pid: 101, ppid: 100, uid: 1000, comm: "app", cgroup: "/docker/" + idA, ns: within(7, all...)})
	r := tree.resolver()
	r.errands.leave(blame{uid: 1000}, 1)
	n := r.Resolve(t.Context(), tree.scan(procscan.Groups))
	if got := of(n, 101); got != "docker:bank" {
		t.Errorf("root's container is %s", got)
	}
	r.errands.leave(blame{uid: 1000}, -1)
	name := tree.write(tree.host+"/home/u/docker/containers/"+idB+"/config.v2.json", strings.ReplaceAll(dockerConfig("web", ""), idA, idB))
	tree.own(name, 1000)
	tree.shim(200, "moby", idB)
	tree.own(tree.root+"/200", 1000)
	tree.add(task{
		pid: 201, ppid: 200, uid: 1000, comm: "app", cgroup: "/user.slice/user-1000.slice/user@1000.service/runc-" + idB + ".scope", ns: within(20, all...),
		mountinfo: "2 1 8:1 /home/u/docker/containers/" + idB + "/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n",
	})
	n = r.Resolve(t.Context(), tree.scan(procscan.Groups))
	if got := of(n, 201); got != "docker:web" {
		t.Errorf("the user's container is %s", got)
	}
	if roots := r.shelf.dockerRoots(); len(roots) != 1 {
		t.Errorf("containers of Docker are looked for in %q", roots)
	}
}

// TestManyOfUser holds that a user's containers, however many and however slow, take no more of one Resolve than
// their share, that root's come first, and that all have their turn.
func TestManyOfUser(t *testing.T) {
	const many = 40
	tree := newTree(t)
	for i := range many {
		pid := 200 + 2*i
		tree.add(task{pid: pid, uid: 1000, comm: "conmon", cgroup: "/user.slice/user-1000.slice/session-1.scope", args: []string{"x", "-c", idB, "-n", "x" + strconv.Itoa(i)}})
		// In one another, as everything is that a user may make.
		group := "/user.slice/user-1000.slice/user@1000.service/lxc/" + strconv.Itoa(i)
		tree.add(task{pid: pid + 1, ppid: pid, uid: 1000, comm: "app", cgroup: group + "/lxc/a/lxc/b", ns: within(uint64(pid), all...)})
	}
	tree.shim(1000, "moby", idA)
	tree.write(tree.host+"/var/lib/docker/containers/"+idA+"/config.v2.json", dockerConfig("bank", ""))
	tree.in(1001, 1000, "/docker/"+idA)
	r := tree.resolver()
	now := time.Unix(1e9, 0)
	r.now = func() time.Time {
		now = now.Add(10 * time.Millisecond) // each look at the clock
		return now
	}
	snap := tree.scan(procscan.Groups)
	tried := func() (n int) {
		for _, e := range r.entries {
			if e.tries > 0 && e.user == "1000" {
				n++
			}
		}
		return n
	}
	if got := of(r.Resolve(t.Context(), snap), 1001); got != "docker:bank" {
		t.Errorf("root's container is %s", got)
	}
	before := 0
	for rounds := 1; before < 3*many; rounds++ {
		n := tried()
		if n == before || n > before+30 {
			t.Fatalf("in round %d there were looked up %d of %d, after %d", rounds, n, 3*many, before)
		}
		before = n
		r.Resolve(t.Context(), snap)
	}
}

// TestManyLabels holds that of a user's labels no more are kept than there is room for.
func TestManyLabels(t *testing.T) {
	tree := newTree(t)
	var labels []string
	for i := range maxLabels {
		labels = append(labels, `\"`+strconv.Itoa(i)+`\": \"x\"`)
	}
	config := tree.write(tree.host+"/b/config.json", `{"annotations": {"io.container.manager": "cri-o", "io.kubernetes.pod.name": "p", "io.kubernetes.cri-o.Labels": "{`+strings.Join(labels, ", ")+`}"}}`)
	tree.own(config, 1000)
	conmon := []string{"x", "-c", idB, "-n", "k8s_a_p_n_u_0", "-b", "/b"}
	for i := range maxUserLabels/maxLabels + 10 {
		pid := 200 + 2*i
		tree.add(task{pid: pid, uid: 1000, comm: "conmon", cgroup: "/user.slice/user-1000.slice/session-1.scope", args: conmon})
		group := "/user.slice/user-1000.slice/user@1000.service/" + strconv.Itoa(i) + "/crio-" + idB + ".scope"
		tree.add(task{pid: pid + 1, ppid: pid, uid: 1000, comm: "app", cgroup: group, ns: within(uint64(pid), all...)})
	}
	r := tree.resolver()
	now := time.Now()
	r.now = func() time.Time { return now } // there is all the time
	kept, named := 0, 0
	for _, row := range r.Resolve(t.Context(), tree.scan(procscan.Groups)).Containers() {
		kept += len(row.Owner.Labels)
		if row.Owner.Pod != nil {
			named++
		}
	}
	if kept != maxUserLabels || named != maxUserLabels/maxLabels+10 {
		t.Errorf("%d labels are kept, %d have a name", kept, named)
	}
}
