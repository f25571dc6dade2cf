package container

import (
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
