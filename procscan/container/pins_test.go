package container

import (
	"strings"
	"testing"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// podPin is the name of the pod whose first process pinTree makes: 101, below the shim 100.
const podPin = "kube-system/coredns-5d78c9869d-abcde"

// pinTree returns a tree with a pod whose network namespace, which is returned too, containerd keeps in a file.
func pinTree(t *testing.T) (tree *tree, pin ns.ID) {
	t.Helper()
	tree = newTree(t)
	tree.shim(100, "k8s.io", idA)
	tree.write(tree.host+"/run/task/k8s.io/"+idA+"/config.json", criConfig("sandbox", ""))
	tree.in(101, 100, podCgroup+"/cri-containerd-"+idA+".scope")
	return tree, ns.ID{Kind: ns.Net, Ino: within(101, all...)[ns.Net]}
}

// held scans the tree, with network namespaces that are mounted and have no processes, in the order of their
// numbers.
func (t *tree) held(spaces ...procscan.Namespace) *procscan.Snapshot {
	t.tb.Helper()
	snap := t.scan(procscan.Groups)
	snap.Read |= procscan.Mounts
	snap.Namespaces[ns.Net] = append(snap.Namespaces[ns.Net], spaces...)
	return snap
}

// mounted returns a namespace that is mounted at the path in the mount namespace.
func mounted(id ns.ID, path string, where ns.ID) procscan.Namespace {
	return procscan.Namespace{ID: id, Leader: -1, Keepers: []procscan.Keeper{{By: procscan.ByMount, Path: path, Where: where}}}
}

// TestPins holds whose a network namespace is that has no process any more: known from before, or by the shim
// that is left.
func TestPins(t *testing.T) {
	tree, pin := pinTree(t)
	r, _ := clocked(tree)
	host := hostNS.ID(ns.Mnt)
	r.Resolve(t.Context(), tree.scan(procscan.Groups))
	tree.remove(101)
	told := tree.resolver()
	for name, r := range map[string]*Resolver{"from before": r, "by the shim": told} {
		s := r.Resolve(t.Context(), tree.held(mounted(pin, "/run/netns/cni-1", host))).Space(pin)
		if s.String() != podPin || len(s.Owners) != 1 || !s.Owners[0].Infra || s.Owners[0].User != 0 {
			t.Errorf("%s it is for %q, %+v", name, s.String(), s)
		}
	}
	tree.remove(100)
	for name, r := range map[string]*Resolver{"from before": r, "by the shim that was": told} {
		if s := r.Resolve(t.Context(), tree.held(mounted(pin, "/run/netns/cni-1", host))).Space(pin); s.String() != podPin {
			t.Errorf("%s it is for %q once the shim has ended", name, s.String())
		}
	}
	if s := tree.resolver().Resolve(t.Context(), tree.held(mounted(pin, "/run/netns/cni-1", host))).Space(pin); s.String() != "netns:cni-1" {
		t.Errorf("without anybody it is for %q", s.String())
	}
}

// TestPinAgain holds that a namespace is not for the container whose namespace had its file, or its file and
// its number, before.
func TestPinAgain(t *testing.T) {
	host := hostNS.ID(ns.Mnt)
	other := ns.ID{Kind: ns.Net, Ino: 4026537777}
	unique := func(space procscan.Namespace, number uint64) procscan.Namespace {
		space.Unique = number
		return space
	}
	tests := map[string]func(tree *tree, r *Resolver, pin ns.ID) (*procscan.Snapshot, ns.ID){
		"of another number": func(tree *tree, _ *Resolver, _ ns.ID) (*procscan.Snapshot, ns.ID) {
			return tree.held(mounted(other, "/run/netns/cni-1", host)), other
		},
		"of the same number, seen gone": func(tree *tree, r *Resolver, pin ns.ID) (*procscan.Snapshot, ns.ID) {
			r.Resolve(t.Context(), tree.held())
			return tree.held(mounted(pin, "/run/netns/cni-1", host)), pin
		},
		"of the same number, not seen gone": func(tree *tree, _ *Resolver, pin ns.ID) (*procscan.Snapshot, ns.ID) {
			return tree.held(unique(mounted(pin, "/run/netns/cni-1", host), 8)), pin
		},
	}
	for name, again := range tests {
		t.Run(name, func(t *testing.T) {
			tree, pin := pinTree(t)
			r := tree.resolver()
			snap := tree.scan(procscan.Groups)
			snap.Namespace(pin).Unique = 7
			r.Resolve(t.Context(), snap)
			tree.remove(100)
			tree.remove(101)
			snap, id := again(tree, r, pin)
			if s := r.Resolve(t.Context(), snap).Space(id); len(s.Owners) > 0 || s.String() != "netns:cni-1" {
				t.Errorf("it is for %s", s.String())
			}
		})
	}
}

// TestPinLiars holds that nobody else's namespace is for root's pod, and root's for nobody else.
func TestPinLiars(t *testing.T) {
	evil := ns.ID{Kind: ns.Net, Ino: 4026537777}
	users := ns.ID{Kind: ns.Mnt, Ino: 4026539999}
	// A process that says that it is a shim, of a pod called bank with the namespace blue.
	claim := func(p task) func(tree *tree) {
		return func(tree *tree) {
			p.pid, p.comm, p.cwd, p.args = 300, "containerd-shim", tree.host+"/home", []string{"x", "-namespace", "x", "-id", "x"}
			config := tree.write(p.cwd+"/config.json", strings.NewReplacer("coredns", "bank", "cni-1", "blue").Replace(criConfig("sandbox", "")))
			tree.own(config, max(p.uid, p.ruid))
			tree.add(p)
		}
	}
	tests := []struct {
		name  string
		make  func(tree *tree)
		path  string
		where ns.ID
		want  string
	}{
		{"mounted in a user's mount namespace", func(*tree) {}, "/run/netns/cni-1", users, ""},
		{"mounted there, and the container has ended", func(tree *tree) { tree.remove(101) }, "/run/netns/cni-1", users, ""},
		{"claimed by a user's shim", claim(task{uid: 1000}), "/run/netns/blue", hostNS.ID(ns.Mnt), "netns:blue"},
		{"claimed by a setuid shim", claim(task{ruid: 1000}), "/run/netns/blue", hostNS.ID(ns.Mnt), "netns:blue"},
		{"claimed by a setuid shim with root's files", func(tree *tree) {
			claim(task{ruid: 1000})(tree)
			tree.own(tree.host+"/home/config.json", 0)
		}, "/run/netns/blue", hostNS.ID(ns.Mnt), "netns:blue"},
		{"claimed from another mount namespace", claim(task{ns: within(30, ns.Mnt)}), "/run/netns/blue", hostNS.ID(ns.Mnt), "netns:blue"},
		{"claimed by root's shim", claim(task{}), "/run/netns/blue", hostNS.ID(ns.Mnt), "kube-system/bank-5d78c9869d-abcde"},
		{"claimed from a user namespace", claim(task{ns: within(30, ns.Mnt, ns.User)}), "/run/netns/blue", ns.ID{Kind: ns.Mnt, Ino: within(30, ns.Mnt)[ns.Mnt]}, ""},
		{"kept by docker's shim", func(tree *tree) {
			tree.shim(300, "moby", idA)
			tree.write(tree.host+"/var/lib/docker/containers/"+idA+"/config.v2.json", dockerConfig("web", ""))
		}, "/run/docker/netns/0123456789ab", hostNS.ID(ns.Mnt), "web"},
		{"kept by docker's shim, of one with a user namespace", func(tree *tree) {
			tree.shim(300, "moby", idA)
			tree.dir(tree.host + "/var/lib/docker/containers")
			tree.write(tree.host+"/var/lib/docker/100000.100000/containers/"+idA+"/config.v2.json", dockerConfig("web", ""))
		}, "/run/docker/netns/0123456789ab", hostNS.ID(ns.Mnt), "web"},
		{"claimed by root's shim where it is", claim(task{ns: within(30, ns.Mnt)}), "/run/netns/blue", ns.ID{Kind: ns.Mnt, Ino: within(30, ns.Mnt)[ns.Mnt]}, "kube-system/bank-5d78c9869d-abcde"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree, _ := pinTree(t)
			test.make(tree)
			n := tree.resolver().Resolve(t.Context(), tree.held(mounted(evil, test.path, test.where)))
			if s := n.Space(evil); s.String() != test.want {
				t.Errorf("it is for %q, not %q", s.String(), test.want)
			}
		})
	}
}

// TestPinOfPod holds that what is in a container of a pod does not take over the namespace of the pod, and that a
// user's namespaces, however many, cost none of root's.
func TestPinOfPod(t *testing.T) {
	tree := newTree(t)
	tree.shim(100, "k8s.io", idA)
	tree.write(tree.host+"/run/task/k8s.io/"+idA+"/config.json", criConfig("sandbox", ""))
	pod, group := within(20, all...), podCgroup+"/cri-containerd-"+idA+".scope"
	tree.add(task{pid: 101, ppid: 100, comm: "pause", cgroup: group, ns: pod})
	own := pod
	own[ns.Mnt], own[ns.User] = 777, 778
	tree.add(task{pid: 150, ppid: 101, comm: "conmon", cgroup: group, ns: pod, args: []string{"x", "-c", idB, "-n", "k8s_POD_evil_x_u_0", "-b", "/b"}})
	tree.write(tree.host+"/b/config.json", `{"linux": {"namespaces": [{"type": "network", "path": "/var/run/netns/cni-1"}]}}`)
	tree.add(task{pid: 201, ppid: 150, comm: "app", cgroup: group, ns: own})
	r := tree.resolver()
	snap := tree.scan(procscan.Groups)
	n := r.Resolve(t.Context(), snap)
	const evil = "kube-system/coredns-5d78c9869d-abcde > x/evil"
	if got := of(n, 201); got != evil {
		t.Fatalf("in the container is %s", got)
	}
	for i := range uint64(maxNetns) {
		r.pins[pinKey{path: "/x", where: i}] = pin{owner: &Owner{User: 1000}}
	}
	r.unpin(snap)
	if len(r.pins) != 1 {
		t.Errorf("%d namespaces are pinned", len(r.pins))
	}
	for key, p := range r.pins {
		if got := p.owner.String(); got != "kube-system/coredns-5d78c9869d-abcde" {
			t.Errorf("%v is for %s", key, got)
		}
	}
}
