package container

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"nstui/procscan"
	"nstui/procscan/ns"
)

func TestParseFreezers(t *testing.T) {
	got := parseFreezers([]byte(`25 1 0:22 / /sys rw,nosuid - sysfs sysfs rw
30 25 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
31 30 0:27 / /sys/fs/cgroup/cpu,freezer rw shared:7 master:2 - cgroup cgroup rw,cpu,freezer
32 30 0:28 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
33 30 0:29 / /sys/fs/cgroup/uni\040fied rw - cgroup2 cgroup2 rw,nsdelegate
34 30 0:29 / /srv/again rw - cgroup2 cgroup2 rw
35 30 0:29 /../my\134x2dslice.slice /srv/part rw - cgroup2 cgroup2 rw
36 30 0:29 / /srv/cut rw - cgroup2
`))
	want := []freezer{
		{"/sys/fs/cgroup/cpu,freezer", "", "freezer.state"},
		{"/sys/fs/cgroup/uni fied", "", "cgroup.events"},
		{"/srv/part", `/../my\x2dslice.slice`, "cgroup.events"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestFreezerBelow holds that a group is looked for only where it is in the mount: what is above our own control
// group has no name for us.
func TestFreezerBelow(t *testing.T) {
	for _, test := range []struct{ root, cgroup, want string }{
		{"", "/docker/a", "/docker/a/f"},
		{"", "/", "/f"},
		{"/docker", "/docker/a", "/a/f"},
		{"/docker", "/docker", "/f"},
		{"/docker", "/dockers/a", ""},
		{"", "/../docker-a.scope", ""},
		{"/..", "/../docker-a.scope", "/docker-a.scope/f"},
		{"/..", "/../../a", ""},
		{"/../..", "/../a", ""},
		{"", "/a/..", ""},
		{"", "/..a", "/..a/f"},
	} {
		f := freezer{root: test.root, file: "f"}
		if got, _ := f.below(test.cgroup); got != test.want {
			t.Errorf("%s below %q is %q, want %q", test.cgroup, test.root, got, test.want)
		}
	}
}

func TestParseFrost(t *testing.T) {
	for text, want := range map[string]frost{
		"populated 1\nfrozen 1\n": frozen, "populated 1\nfrozen 0\n": thawed, "populated 1\n": frostUnknown, "": frostUnknown,
		"FROZEN\n": frozen, "FREEZING\n": thawed, "THAWED\n": thawed,
	} {
		if got := parseFrost([]byte(text)); got != want {
			t.Errorf("%q is %d, want %d", text, got, want)
		}
	}
}

// TestPaused holds what is said of the state, by the kernel's files and by what the runtime says.
func TestPaused(t *testing.T) {
	tree := newTree(t)
	const pod = "/kubepods/burstable/pod0b9a4c3e-58c1-4f0e-9d5b-6d1f2a7c8e90/"
	tree.in(10, 1, pod+idA)
	tree.in(11, 1, "/docker/"+idB)
	tree.write(tree.host+dockerRoot+"/containers/"+idB+"/config.v2.json", `{"State":{"Running":true,"Pid":11},"Name":"/web"}`)
	tree.add(task{pid: 12, comm: "bwrap", args: []string{"bwrap", "sh"}})
	// The freezer's path is the second line.
	tree.add(task{pid: 13, ppid: 12, comm: "sh", cgroup: "2:freezer:/batch/7\n0::/\n", ns: within(13, ns.PID, ns.Mnt)})
	tree.add(task{pid: 14, ppid: 12, comm: "sh", cgroup: "2:freezer:/\n0::/\n", ns: within(14, ns.PID, ns.Mnt)})
	freezer := tree.host + "/sys/fs/cgroup/freezer"
	tree.write(tree.root+"/1/mountinfo", "1 0 0:1 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n2 0 0:2 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n")
	tree.dir(freezer)
	v1, second := freezer+pod+idA+"/freezer.state", tree.host+"/sys/fs/cgroup/unified/docker/"+idB+"/cgroup.events"
	sandbox := freezer + "/batch/7/freezer.state"
	r, snap := tree.resolver(), tree.scan(procscan.Groups)
	now := time.Now()
	r.now = func() time.Time { return now }
	for step, want := range [][4]string{
		{"running", "running", "running", "running"},
		{"paused", "paused", "paused", "running"},
		{"running", "running", "running", "running"},
	} {
		switch step {
		case 0:
			tree.write(v1, "THAWED\n")
		case 1:
			tree.write(v1, "FROZEN\n")
			tree.write(second, "populated 1\nfrozen 1\n")
			tree.write(sandbox, "FROZEN\n")
		case 2:
			tree.write(v1, "THAWED\n")
			tree.write(second, "populated 1\nfrozen 0\n")
			tree.write(sandbox, "FREEZING\n")
		}
		n := r.Resolve(t.Context(), snap)
		got := [4]string{stateOf(n, snap, 10), stateOf(n, snap, 11), stateOf(n, snap, 13), stateOf(n, snap, 14)}
		if got != want {
			t.Errorf("step %d: the states are %q, want %q", step, got, want)
		}
		if again := r.Resolve(t.Context(), snap); again != n {
			t.Errorf("step %d: it looks again at once", step)
		}
		now = now.Add(feelSeldom)
	}
}

// TestPausedWhileSlow holds that what is paused stays so where the kernel's files do not come in time, and that they
// are read again soon, the mounts among them.
func TestPausedWhileSlow(t *testing.T) {
	tree := newTree(t)
	tree.write(tree.root+"/1/mountinfo", "1 0 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
	tree.in(10, 1, "/docker/"+idB)
	tree.write(tree.host+dockerRoot+"/containers/"+idB+"/config.v2.json", `{"State":{"Running":true,"Pid":10},"Name":"/web"}`)
	tree.write(tree.host+"/sys/fs/cgroup/docker/"+idB+"/cgroup.events", "frozen 1\n")
	r, snap := tree.resolver(), tree.scan(procscan.Groups)
	now := time.Now()
	r.now = func() time.Time { return now }
	crowd := func(n int) { r.errands.leave(blame{}, n) } // so that nothing is read
	for step, want := range []string{"", "paused", "paused", "paused"} {
		slow := step%2 == 0
		if slow {
			crowd(maxStuckRoot)
		}
		if got := stateOf(r.Resolve(t.Context(), snap), snap, 10); got != want {
			t.Errorf("step %d: the state is %q, want %q", step, got, want)
		}
		if slow {
			crowd(-maxStuckRoot)
		}
		now = now.Add(feelEvery)
	}
}

func stateOf(n *Names, snap *procscan.Snapshot, pid int) string {
	if o := n.Of(snap.ByPID(pid)); o != nil {
		return o.State
	}
	return "nobody"
}

// TestFeelMany holds that new containers are all looked at at once, of the others so many, and all in turn.
func TestFeelMany(t *testing.T) {
	tree := newTree(t)
	tree.write(tree.root+"/1/mountinfo", "1 0 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
	const many = feelMost + 44
	var files []string
	for i := range many {
		cgroup := fmt.Sprintf("/docker/%064x", i)
		tree.in(100+i, 1, cgroup)
		files = append(files, tree.write(tree.host+"/sys/fs/cgroup"+cgroup+"/cgroup.events", "frozen 0\n"))
	}
	r, snap := tree.resolver(), tree.scan(procscan.Groups)
	now := time.Now()
	r.now = func() time.Time { return now }
	count := func(state string) (n int) {
		for _, row := range r.Resolve(t.Context(), snap).Containers() {
			if row.Owner.State == state {
				n++
			}
		}
		return n
	}
	if got := count("running"); got != many {
		t.Errorf("%d of %d are known to run", got, many)
	}
	for _, file := range files {
		tree.write(file, "frozen 1\n")
	}
	for _, want := range []int{0, feelMost, many} {
		if got := count("paused"); got != want {
			t.Errorf("%d are known to be paused, want %d", got, want)
		}
		now = now.Add(feelEvery)
	}
}

// TestFeelManyOfUser holds that of a user's containers no more are looked at at once than there is time for, and
// root's before them.
func TestFeelManyOfUser(t *testing.T) {
	tree := newTree(t)
	tree.write(tree.root+"/1/mountinfo", "1 0 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
	add := func(pid int, cgroup string) {
		tree.in(pid, 1, cgroup)
		tree.write(tree.host+"/sys/fs/cgroup"+cgroup+"/cgroup.events", "frozen 0\n")
	}
	for i := range 4*feelMost + 10 {
		add(100+i, fmt.Sprintf("/user.slice/user-1000.slice/user@1000.service/docker-%064x.scope", i))
	}
	add(5000, "/docker/"+idA)
	known := 0
	n := tree.resolve()
	for _, row := range n.Containers() {
		if row.Owner.State == "running" {
			known++
		}
	}
	if known != 4*feelMost || stateOf(n, n.snap, 5000) != "running" {
		t.Errorf("%d are known to run, root's is %s", known, stateOf(n, n.snap, 5000))
	}
}

// TestFeelManyOfBoth holds that of root's containers and of a user's each are looked at again, however many the other
// has.
func TestFeelManyOfBoth(t *testing.T) {
	const many = feelMost + 44
	for _, test := range []struct{ name, many, one string }{
		{"a user's beside root's", "/docker/%064x", "/user.slice/user-1000.slice/user@1000.service/docker-" + idA + ".scope"},
		{"root's beside a user's", "/user.slice/user-1000.slice/user@1000.service/docker-%064x.scope", "/docker/" + idA},
	} {
		t.Run(test.name, func(t *testing.T) {
			tree := newTree(t)
			tree.write(tree.root+"/1/mountinfo", "1 0 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
			add := func(pid int, cgroup string) string {
				tree.in(pid, 1, cgroup)
				return tree.write(tree.host+"/sys/fs/cgroup"+cgroup+"/cgroup.events", "frozen 0\n")
			}
			for i := range many {
				add(100+i, fmt.Sprintf(test.many, i))
			}
			file := add(5000, test.one)
			r, snap := tree.resolver(), tree.scan(procscan.Groups)
			now := time.Now()
			r.now = func() time.Time { return now }
			if got := stateOf(r.Resolve(t.Context(), snap), snap, 5000); got != "running" {
				t.Fatalf("at first it is %q", got)
			}
			tree.write(file, "frozen 1\n")
			now = now.Add(feelEvery)
			if got := stateOf(r.Resolve(t.Context(), snap), snap, 5000); got != "paused" {
				t.Errorf("it is %q", got)
			}
		})
	}
}

// TestFreezesReally freezes processes in each hierarchy there is.
func TestFreezesReally(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: it makes control groups")
	}
	freezers := findFreezers(procscan.DefaultRoot, "/")
	if len(freezers) == 0 {
		t.Fatal("no hierarchy is mounted in which something could be frozen")
	}
	for i, f := range freezers {
		t.Run(f.file, func(t *testing.T) {
			parent := filepath.Join(f.at, "nstui-test-"+strconv.Itoa(os.Getpid()))
			group := filepath.Join(parent, fmt.Sprintf("%060x%04x", os.Getpid(), i))
			if err := os.MkdirAll(group, 0o755); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := errors.Join(os.Remove(group), os.Remove(parent)); err != nil {
					t.Error(err)
				}
			})
			pid := sleeperIn(t, group)
			t.Cleanup(func() { f.freeze(t, group, false) }) // or else it does not end
			r, now := New(Options{}), time.Now()
			r.now = func() time.Time { return now }
			until := func(want string) {
				for got := ""; got != want; now = now.Add(feelSeldom) {
					if err := t.Context().Err(); err != nil {
						t.Fatalf("the state is %q, want %q: %v", got, want, err)
					}
					snap, err := procscan.New(procscan.Options{}).Scan(t.Context(), procscan.Groups, nil)
					if err != nil {
						t.Fatal(err)
					}
					got = stateOf(r.Resolve(t.Context(), snap), snap, pid)
				}
			}
			until("running")
			f.freeze(t, group, true)
			until("paused")
			f.freeze(t, group, false)
			until("running")
		})
	}
}

// freeze freezes the processes of a control group, or has them run again.
func (f *freezer) freeze(t *testing.T, group string, yes bool) {
	t.Helper()
	name, text := "cgroup.freeze", map[bool]string{true: "1", false: "0"}[yes]
	if f.file == "freezer.state" {
		name, text = f.file, map[bool]string{true: "FROZEN", false: "THAWED"}[yes]
	}
	if err := os.WriteFile(filepath.Join(group, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// sleeperIn starts a process in a control group that lasts as long as the test.
func sleeperIn(t *testing.T, group string) int {
	t.Helper()
	cmd := exec.Command("sh", "-c", "echo $$ >\"$0\"/cgroup.procs && echo there && exec cat", group)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(stdin.Close(), cmd.Wait()); err != nil {
			t.Error(err)
		}
	})
	line := make([]byte, len("there\n"))
	if _, err := stdout.Read(line); err != nil || !strings.HasPrefix(string(line), "there") {
		t.Fatalf("it says %q: %v", line, err)
	}
	return cmd.Process.Pid
}
