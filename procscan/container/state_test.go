package container

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// TestStatesOfMany holds that of a folder of states only so much is read, whatever is there.
func TestStatesOfMany(t *testing.T) {
	tree := newTree(t)
	root, err := openFolder(tree.host)
	if err != nil {
		t.Fatal(err)
	}
	defer root.close()
	const size = 250 << 10
	for i := range 80 {
		text := fmt.Sprintf(`{"init_process_pid": 1, "init_process_start": %d`, i+1)
		tree.write(fmt.Sprintf("%s/run/large/%d/state.json", tree.host, i), text+strings.Repeat(" ", size-len(text)-1)+"}")
	}
	tree.write(tree.host+"/run/odd/a/state.json", `{"init_process_pid": 1, "init_process_start": 7}`)
	if err := os.Truncate(tree.write(tree.host+"/run/odd/b/state.json", ""), maxState+1); err != nil {
		t.Fatal(err)
	}
	s := shelf{now: time.Now}
	if got, want := len(s.inits(root, stateFolder{Runc, "/run/large", "state.json"})), maxStateBytes/size; got != want {
		t.Errorf("%d states are taken, want %d", got, want)
	}
	if got := s.inits(root, stateFolder{Runc, "/run/odd", "state.json"}); len(got) != 1 || got[0].start != 7 {
		t.Errorf("got %+v", got)
	}
}

// TestStatesThatCome holds that a state is looked for again that comes after its folder, but not all the time.
func TestStatesThatCome(t *testing.T) {
	tree := newTree(t)
	root, err := openFolder(tree.host)
	if err != nil {
		t.Fatal(err)
	}
	defer root.close()
	state := func(id string) {
		tree.write(tree.host+"/run/runc/"+id+"/state.json", `{"init_process_pid": 1, "init_process_start": 7}`)
	}
	state("a")
	tree.dir(tree.host + "/run/runc/b")
	tree.dir(tree.host + "/run/runc/c")
	changed, err := os.Stat(tree.host + "/run/runc")
	if err != nil {
		t.Fatal(err)
	}
	var after time.Duration
	s := shelf{now: func() time.Time { return changed.ModTime().Add(after) }}
	for _, step := range []struct {
		after time.Duration
		come  string
		want  int
	}{
		{time.Second, "", 1},
		{time.Second, "b", 2}, // so soon it is looked for each time
		{time.Minute, "", 2},
		{time.Minute + stateSettles - 1, "c", 2},
		{time.Minute + stateSettles, "", 3},
	} {
		if after = step.after; step.come != "" {
			state(step.come)
		}
		if got := len(s.inits(root, stateFolder{Runc, "/run/runc", "state.json"})); got != step.want {
			t.Errorf("after %v: %d states, want %d", step.after, got, step.want)
		}
	}
}

// TestBlame holds that root of a container, whose files may be slow, is not taken for root.
func TestBlame(t *testing.T) {
	tree := newTree(t)
	tree.add(task{pid: 99, comm: "evil", cgroup: "/docker/" + idB, ns: within(99, all...)})
	tree.add(task{pid: 110, ppid: 99, comm: "app", cgroup: "/docker/" + idB, ns: within(110, ns.PID, ns.Mnt, ns.User)})
	tree.in(111, 99, "/docker/"+idB+"/docker/"+idA)
	tree.in(112, 1, "/user.slice/user-1000.slice/user@1000.service/docker-"+idA+".scope")
	r := tree.resolver()
	r.Resolve(t.Context(), tree.scan(procscan.Groups))
	outermost := r.entries["/docker/"+idB]
	want := map[int]blame{99: {}, 110: {in: outermost}, 111: {in: outermost}, 112: {uid: 1000}}
	check := func(e *entry) {
		if got := e.blamed(); got != want[e.leader.PID] {
			t.Errorf("for the files of %d the blame is with %+v", e.leader.PID, got)
		}
		delete(want, e.leader.PID)
	}
	for _, e := range r.entries {
		check(e)
	}
	for _, e := range r.sandboxes {
		check(e)
	}
	if len(want) > 0 {
		t.Errorf("not found are %v", want)
	}
	// Whoever it is, it does not cost root's names.
	e := &errands{patience: time.Minute}
	for range maxStuck {
		e.leave(blame{in: outermost}, 1)
	}
	if e.crowded(blame{}) || !e.crowded(blame{in: outermost}) {
		t.Error("the files of a container count as root's")
	}
}
