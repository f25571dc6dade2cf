package container

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/procscan"
)

// TestSources holds that each place that is there is told of, with what may not be read there and why.
func TestSources(t *testing.T) {
	tree := newTree(t)
	r := tree.resolver()
	look := func() map[string]Source {
		found := make(map[string]Source)
		for _, s := range r.Sources(t.Context(), tree.scan(procscan.Groups)) {
			found[s.Name] = s
		}
		return found
	}
	if got := look(); len(got) != 2 || got["control-groups"].Count != 2 || got["control-groups"].Err != nil || !errors.Is(got["freezer"].Err, errNoFreezer) {
		t.Errorf("on a host with no runtime there are %+v", got)
	}

	tree.shim(10, "moby", idA)
	tree.add(task{pid: 11, comm: "conmon", args: []string{"conmon"}})
	if err := os.Remove(tree.root + "/11/root"); err != nil {
		t.Fatal(err)
	}
	tree.write(tree.root+"/11/root", "what is no folder")
	tree.write(tree.host+dockerRoot+"/containers/"+idA+"/config.v2.json", "{}")
	tree.dir(tree.host + "/run/runc/a")
	tree.dir(tree.host + "/run/containerd/runc/k8s.io/b")
	tree.write(tree.host+"/run/netns", "what is no folder")
	tree.write(tree.root+"/1/mountinfo", "1 0 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
	got := look()
	for name, want := range map[string]int{"control-groups": 4, "runtimes": 1, "docker-files": 1, "states": 2, "netns": 0, "freezer": 1} {
		s, ok := got[name]
		if !ok || s.Count != want || s.Tried == "" || s.Of == "" {
			t.Errorf("%s is %+v, want %d", name, s, want)
		}
		switch broken := name == "runtimes" || name == "netns"; {
		case !broken && s.Err != nil:
			t.Errorf("%s: %v", name, s.Err)
		case broken && !errors.Is(s.Err, unix.ENOTDIR):
			t.Errorf("%s: got the error %v", name, s.Err)
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("there are also %+v", got)
	}
	if err := look()["runtimes"].Err; err == nil || !strings.Contains(err.Error(), "1 of 2 cannot be looked into: ") {
		t.Errorf("of the runtimes it says %v", err)
	}
}
