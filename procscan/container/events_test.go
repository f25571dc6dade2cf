package container

import (
	"os"
	"strings"
	"testing"
	"time"

	"nstui/procscan"
)

// clocked returns a resolver of a tree whose clock is set.
func clocked(tree *tree) (r *Resolver, wait func(time.Duration)) {
	r = tree.resolver()
	now := time.Unix(1_700_000_000, 0)
	r.now = func() time.Time { return now }
	return r, func(d time.Duration) { now = now.Add(d) }
}

// TestRename holds that a new name is seen, that what stays as it was stays the same, and that who gets new
// facts is another owner.
func TestRename(t *testing.T) {
	tree := newTree(t)
	tree.shim(100, "moby", idA)
	name := tree.write(tree.host+"/var/lib/docker/containers/"+idA+"/config.v2.json", dockerConfig("web", ""))
	tree.in(101, 100, "/docker/"+idA)
	r, wait := clocked(tree)
	look := func() (*Owner, uint64) {
		n := r.Resolve(t.Context(), tree.scan(procscan.Groups))
		return n.Of(n.snap.ByPID(101)), n.Serial()
	}
	first, serial := look()
	wait(time.Hour)
	if again, _ := look(); again != first {
		t.Errorf("%s became %s though nothing happened", first, again)
	}
	// dockerd writes a new file and puts it in the place of the old one.
	tree.write(name+".new", strings.Replace(dockerConfig("renamed", ""), `"Paused": false`, `"Paused": true`, 1))
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
	wait(time.Hour)
	after, next := look()
	if got := after.line(); got != "docker:renamed id=A name=renamed image=nstui/bb:1 state=paused by file" || next == serial {
		t.Errorf("after a rename it is %s, number %d after %d", got, next, serial)
	}
	if first.Name != "web" {
		t.Error("an owner has changed")
	}
	// A container that ends takes its files with it first.
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	wait(time.Hour)
	if last, _ := look(); last != after {
		t.Errorf("without its files it is %s", last)
	}
}

// TestRetry holds that a name that comes later is found, and when it is looked for.
func TestRetry(t *testing.T) {
	tree := newTree(t)
	tree.shim(100, "moby", idA)
	tree.in(101, 100, "/docker/"+idA)
	r, wait := clocked(tree)
	look := func() string { return of(r.Resolve(t.Context(), tree.scan(procscan.Groups)), 101) }
	const nobody = "docker:0123456789ab"
	look()
	tree.write(tree.host+"/var/lib/docker/containers/"+idA+"/config.v2.json", dockerConfig("web", ""))
	wait(time.Second)
	if got := look(); got != nobody {
		t.Errorf("it was looked for at once: %s", got)
	}
	wait(time.Second)
	if got := look(); got != "docker:web" {
		t.Errorf("after two seconds it is %s", got)
	}
}

// TestStill holds that on a host where nothing happens, so that a scan returns the very same snapshot, names
// come and change all the same, and that there are no new Names for nothing.
func TestStill(t *testing.T) {
	tree := newTree(t)
	tree.shim(100, "moby", idA)
	tree.in(101, 100, "/docker/"+idA)
	r, wait := clocked(tree)
	snap := tree.scan(procscan.Groups)
	first := r.Resolve(t.Context(), snap)
	for range 10 {
		wait(time.Hour)
		if r.Resolve(t.Context(), snap) != first {
			t.Fatal("there are new names though nothing is new")
		}
	}
	name := tree.host + "/var/lib/docker/containers/" + idA + "/config.v2.json"
	for i, called := range []string{"web", "renamed"} {
		tree.write(name+".new", dockerConfig(called, ""))
		if err := os.Rename(name+".new", name); err != nil {
			t.Fatal(err)
		}
		wait(time.Hour)
		next := r.Resolve(t.Context(), snap)
		if got := of(next, 101); got != "docker:"+called || next.Serial() == first.Serial() {
			t.Errorf("after change %d it is %s", i, got)
		}
		wait(time.Hour)
		if r.Resolve(t.Context(), snap) != next {
			t.Error("there are new names though nothing is new")
		}
	}
}

// TestSameNameAgain holds that the next container of a name is another.
func TestSameNameAgain(t *testing.T) {
	tree := newTree(t)
	start := func(pid int, folder string) {
		tree.add(task{pid: pid, comm: "lxc-start", args: []string{"[lxc monitor] " + folder + " web"}, cgroup: "/lxc.monitor.web"})
		tree.in(pid+1, pid, "/lxc.payload.web")
	}
	start(100, "/var/lib/lxc")
	r, wait := clocked(tree)
	first := r.Resolve(t.Context(), tree.scan(procscan.Groups))
	if got := of(first, 101); got != "lxc:web" {
		t.Errorf("it is %s", got)
	}
	tree.remove(100)
	tree.remove(101)
	start(200, "/var/lib/incus/containers")
	wait(time.Millisecond)
	n := r.Resolve(t.Context(), tree.scan(procscan.Groups))
	if got := of(n, 201); got != "incus:web" {
		t.Errorf("the next is %s", got)
	}
	if len(n.Containers()) != 1 {
		t.Errorf("there are %d containers", len(n.Containers()))
	}
}

// TestNestedLater holds that a container within gets what is known of the outer one.
func TestNestedLater(t *testing.T) {
	tree := newTree(t)
	tree.shim(90, "moby", idB)
	tree.in(95, 90, "/docker/"+idB)
	tree.add(task{pid: 101, ppid: 95, comm: "app", cgroup: "/docker/" + idB + "/docker/" + idA, ns: within(101, all...)})
	r, wait := clocked(tree)
	if got := of(r.Resolve(t.Context(), tree.scan(procscan.Groups)), 101); got != "docker:fedcba987654 > docker:0123456789ab" {
		t.Errorf("it is %s", got)
	}
	tree.write(tree.host+"/var/lib/docker/containers/"+idB+"/config.v2.json", strings.ReplaceAll(dockerConfig("kind", ""), idA, idB))
	wait(time.Hour)
	if got := of(r.Resolve(t.Context(), tree.scan(procscan.Groups)), 101); got != "docker:kind > docker:0123456789ab" {
		t.Errorf("later it is %s", got)
	}
}
