package container

import (
	"strings"
	"testing"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// A pod of which nothing is left but its network namespace is found by its name, where no container of it is.
func TestFindPinned(t *testing.T) {
	tree, pin := pinTree(t)
	r, _ := clocked(tree)
	at := hostNS.ID(ns.Mnt)
	before := r.Resolve(t.Context(), tree.scan(procscan.Groups))
	for _, o := range before.Find("pod/" + podPin) {
		if ino, ok := before.Pinned(o); ok {
			t.Errorf("while it runs the namespace %d is left of it", ino)
		}
	}
	tree.remove(101)
	n := r.Resolve(t.Context(), tree.held(mounted(pin, "/run/netns/cni-1", at)))
	for word, want := range map[string]bool{
		"pod/" + podPin: true, "pod/coredns": true, "pod:coredns-5d78c9869d-abcde": true, "coredns": true, podPin: true, podUID: true,
		"k8s:kube-system": true, "pod/cored": false, "unit:coredns": false, "compose:coredns": false, "k8s:other": false,
	} {
		found := n.Find(word)
		if len(found) != 1 && want || len(found) > 0 && !want {
			t.Errorf("%s: found %v", word, found)
			continue
		}
		if ino, ok := n.Pinned(&Owner{}); ok {
			t.Errorf("of another is left %d", ino)
		}
		if !want {
			continue
		}
		if ino, ok := n.Pinned(found[0]); !ok || ino != pin.Ino || !n.Trusted(found[0]) {
			t.Errorf("%s: its namespace is %d, %v, want %d; trusted: %v", word, ino, ok, pin.Ino, n.Trusted(found[0]))
		}
	}
	if _, ok := (*Names)(nil).Pinned(&Owner{}); ok {
		t.Error("nobody's names tell of one")
	}
}

// crioPod is a config.json CRI-O writes for what holds a pod.
func crioPod(name, kind, netns string) string {
	return `{"annotations": {"io.container.manager": "cri-o", "io.kubernetes.cri-o.ContainerType": "` + kind + `", "io.kubernetes.cri-o.Spoofed": "true",
		"io.kubernetes.pod.name": "` + name + `", "io.kubernetes.pod.namespace": "kube-system", "io.kubernetes.pod.uid": "` + podUID + `",
		"io.kubernetes.container.name": "POD"},
		"linux": {"namespaces": [{"type": "pid"}, {"type": "network", "path": "` + netns + `"}]}}`
}

// A pod of CRI-O's, which has no process of its own, is known by CRI-O's files if they are root's.
func TestFindCRIO(t *testing.T) {
	tree := newTree(t)
	write := func(id, text string) string {
		return tree.write(tree.host+crioFolders[0]+"/"+id+"/userdata/config.json", text)
	}
	write(idA, crioPod("metrics-66", "sandbox", "/var/run/netns/8f1c"))
	write(idB, crioPod("other-1", "sandbox", "/var/run/netns/none"))
	tree.own(write(strings.Repeat("c", 64), crioPod("evil-1", "sandbox", "/var/run/netns/blue")), 1000)
	write("not-an-id", crioPod("strange-1", "sandbox", "/var/run/netns/red"))
	space := func(ino uint64, name string, where uint64) procscan.Namespace {
		return mounted(ns.ID{Kind: ns.Net, Ino: ino}, "/run/netns/"+name, ns.ID{Kind: ns.Mnt, Ino: where})
	}
	host := hostNS[ns.Mnt]
	held := func() *procscan.Snapshot {
		return tree.held(space(4026539001, "8f1c", host), space(4026539002, "blue", host), space(4026539003, "red", host), space(4026539004, "8f1c", host+99))
	}
	r, wait := clocked(tree)
	n := r.Resolve(t.Context(), held())
	found := n.Find("pod/kube-system/metrics-66")
	if len(found) != 1 || found[0].Runtime != CRIO || !found[0].Infra || found[0].User != 0 {
		t.Fatalf("found %+v", found)
	}
	if ino, ok := n.Pinned(found[0]); !ok || ino != 4026539001 {
		t.Errorf("its namespace is %d, %v", ino, ok)
	}
	for _, word := range []string{"pod/other-1", "pod/evil-1", "pod/strange-1"} {
		if found := n.Find(word); len(found) > 0 {
			t.Errorf("%s: found %+v", word, found)
		}
	}
	for ino, want := range map[uint64]string{4026539001: "kube-system/metrics-66", 4026539002: "netns:blue", 4026539004: ""} {
		if s := n.Space(ns.ID{Kind: ns.Net, Ino: ino}); s.String() != want {
			t.Errorf("%d is for %q, not %q", ino, s.String(), want)
		}
	}
	// Another pod is seen once it is time to look again.
	write(idB, crioPod("late-1", "container", "/run/netns/red"))
	if found := r.Resolve(t.Context(), held()).Find("pod/late-1"); len(found) > 0 {
		t.Errorf("before its time: found %+v", found)
	}
	wait(crioEvery)
	if n := r.Resolve(t.Context(), held()); len(n.Find("pod/late-1")) != 1 || len(n.Find("pod/metrics-66")) != 1 {
		t.Errorf("in its time: found %+v and %+v", n.Find("pod/late-1"), n.Find("pod/metrics-66"))
	}
}
