package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/procscan/ns"
)

// town is a snapshot of processes with names of all sorts: a web server with workers and its unit, two
// shells, and what is never a target.
func town() *procscan.Snapshot {
	mine := ns.Tuple{1, 2, 3, 4, 5, 6, 7, 8}
	web, web2 := mine, mine
	web[ns.Net], web2[ns.Net] = 4026532571, 4026532600
	procs := []*procscan.Process{
		{PID: 1, Comm: "systemd", Args: []string{"/sbin/init"}, Cgroup: "/init.scope", NS: mine},
		{PID: 2, Comm: "nginx", Kernel: true, NS: mine},
		{PID: 10, PPID: 1, Start: 7, Comm: "nginx", Args: []string{"nginx: master process /usr/sbin/nginx"}, Cgroup: "/system.slice/nginx.service", NS: web},
		{PID: 11, PPID: 10, Comm: "nginx", Args: []string{"nginx: worker process"}, Cgroup: "/system.slice/nginx.service", NS: web},
		{PID: 12, PPID: 11, Comm: "log", Args: []string{"log"}, Cgroup: "/system.slice/nginx.service", NS: web},
		{PID: 20, PPID: 1, Comm: "bash", Args: []string{"-bash"}, UID: 1000, Cgroup: "/user.slice/user-1000.slice/session-3.scope", NS: mine},
		{PID: 21, PPID: 20, Comm: "sh\x1b[2J", Args: []string{"/bin/bash", "-c", "\x1b]0;x\a"}, UID: 1000, Cgroup: "/user.slice", NS: web2},
		{PID: 22, PPID: 21, Comm: "MainThread", Args: []string{"/opt/a-name-that-is-longer", "x"}, Cgroup: "/system.slice/long.service", NS: mine},
		{PID: 30, PPID: 1, Start: 9, Comm: "etcd", Cgroup: "/kube.slice/a.scope/container", NS: mine, State: 'Z'},
		{PID: 31, PPID: 1, Start: 9, Comm: "etcd", Cgroup: "/kube.slice/a.scope/container", NS: web},
		{PID: 40, PPID: 20, Start: 5, Comm: "nstui", Args: []string{"nstui", "enter", "-t", "nstui"}, NS: mine},
		{PID: 50, PPID: 51, Comm: "loop", NS: mine}, // what no moment ever was, but two reads can show
		{PID: 51, PPID: 50, Comm: "loop", NS: mine},
	}
	snap := &procscan.Snapshot{Root: "/proc", Mine: mine, Self: procscan.ProcID{PID: 40, Start: 5}, Procs: procs}
	for _, k := range ns.Kinds() {
		if k != ns.Net {
			continue
		}
		for _, ino := range []uint64{4, 4026532571, 4026532600} {
			n := procscan.Namespace{ID: ns.ID{Kind: k, Ino: ino}}
			for i := range procs {
				if procs[i].NS[k] == ino {
					n.Members = append(n.Members, i)
				}
			}
			n.Leader = n.Members[0]
			snap.Namespaces[k] = append(snap.Namespaces[k], n)
		}
	}
	snap.Namespaces[ns.Net][1].Leader = 3 // not the first member
	return snap
}

func search(snap *procscan.Snapshot) *resolution {
	return &resolution{
		scan: func(procscan.Want) (*procscan.Snapshot, error) { return snap, nil },
		user: func(uid uint32) string { return fmt.Sprintf("u%d", uid) },
	}
}

func TestTargets(t *testing.T) {
	tests := []struct {
		target string
		pid    int
		err    string
	}{
		{"nginx", 10, ""}, // its worker is not one more, and a kernel thread is none
		{"nginx.service", 10, ""},
		{"unit:nginx", 10, ""},
		{"unit:nginx.service", 10, ""},
		{"log", 12, ""},
		{"init", 1, ""},
		{"unit:init.scope", 1, ""},
		{"a-name-that-is-longer", 22, ""},
		{"long", 22, ""}, // no process, but a unit
		{"unit:a.scope", 31, ""},
		{"etcd", 31, ""}, // a zombie has nothing to enter
		{"7zip", 0, "there is no container, pod or process of that name, and no unit 7zip.service"},
		{"nstui", 0, "there is no container, pod or process of that name"},
		{"ngin", 0, "there is no container, pod or process of that name"},
		{"unit:system.slice/nginx", 0, "no process in a control group of the name system.slice/nginx.service"},
		{"unit:etcd", 0, "no process in a control group of the name etcd.service"},
		{"bash", 0, "2 processes could be meant"},
		{"unit:system.slice", 0, "2 processes could be meant"},
		{"ns:99", 0, "there is no namespace of that number"},
		{"x\x1b[2J", 0, `target "x\x1b[2J": there is no container, pod or process`},
	}
	for _, test := range tests {
		t.Run(test.target, func(t *testing.T) {
			snap := town()
			at, err := search(snap).resolve(test.target)
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
			if want := []nsenter.Ref{{PID: p.PID, Start: p.Start, NS: p.NS}}; !reflect.DeepEqual(at.refs, want) || at.kinds != 0 {
				t.Errorf("got %+v, want %+v", at, want)
			}
		})
	}
}

// A namespace is entered by the process that stands for it, or else by another one in it.
func TestTargetNamespace(t *testing.T) {
	at, err := search(town()).resolve("ns:4026532571")
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, ref := range at.refs {
		pids = append(pids, ref.PID)
		if ref.NS[ns.Net] != 4026532571 || ref.NS[ns.Mnt] != 0 {
			t.Errorf("namespaces of %d are checked as %v, want the net namespace only", ref.PID, ref.NS)
		}
	}
	if at.kinds != ns.SetOf(ns.Net) || !reflect.DeepEqual(pids, []int{11, 10, 12, 31}) {
		t.Errorf("got kinds %v of %v", at.kinds, pids)
	}
}

// One that no process is in is entered by what keeps it, which a second, deeper look tells.
func TestTargetNamespaceWithoutProcesses(t *testing.T) {
	snap := town()
	here := ns.ID{Kind: ns.Mnt, Ino: snap.Mine[ns.Mnt]}
	keepers := map[uint64][]procscan.Keeper{
		901: {{By: procscan.ByFile, Proc: procscan.ProcID{PID: 10, Start: 7}, Number: 3}, {By: procscan.ByMount, Path: "/run/netns/blue", Where: here}},
		902: {{By: procscan.BySocket, Proc: procscan.ProcID{PID: 10, Start: 7}, Number: 4}},
		903: {{By: procscan.ByOwned, Where: ns.ID{Kind: ns.Mnt, Ino: 77}}},
		904: {{By: procscan.ByFile, Proc: procscan.ProcID{PID: 10, Start: 6}, Number: 3}}, // another process by now
	}
	for ino, list := range keepers {
		snap.Namespaces[ns.IPC] = append(snap.Namespaces[ns.IPC], procscan.Namespace{ID: ns.ID{Kind: ns.IPC, Ino: ino}, Leader: -1, Keepers: list})
	}
	slices.SortFunc(snap.Namespaces[ns.IPC], func(a, b procscan.Namespace) int { return cmp.Compare(a.ID.Ino, b.ID.Ino) })
	r := search(snap)
	r.scan = func(want procscan.Want) (*procscan.Snapshot, error) {
		if want&procscan.Deep != procscan.Deep {
			return town(), nil
		}
		return snap, nil
	}
	for ino, want := range map[string]aim{
		"901": {sources: [ns.NumKinds]nsenter.Source{ns.IPC: {File: "/run/netns/blue", Is: 901}}},
		"902": {
			refs:    []nsenter.Ref{{PID: 10, Start: 7, Sources: [ns.NumKinds]nsenter.Source{ns.IPC: {Socket: nsenter.Descriptor{Set: true, FD: 4}, Is: 902}}}},
			sources: [ns.NumKinds]nsenter.Source{ns.IPC: {Socket: nsenter.Descriptor{Set: true, FD: 4}, Is: 902}},
		},
	} {
		want.name, want.kinds = "ns:"+ino, ns.SetOf(ns.IPC)
		if at, err := r.resolve("ns:" + ino); err != nil || !reflect.DeepEqual(at, want) {
			t.Errorf("%s: got %+v, %v, want %+v", ino, at, err, want)
		}
	}
	for _, ino := range []string{"903", "904"} {
		if at, err := r.resolve("ns:" + ino); err == nil || !strings.Contains(err.Error(), "no process is in that ipc namespace") {
			t.Errorf("%s: got %+v, %v", ino, at, err)
		}
	}
}

func TestAmbiguousTargetIsListed(t *testing.T) {
	_, err := search(town()).resolve("bash")
	want := `target "bash": 2 processes could be meant, take one by its pid:
  PID  USER   DIFFERS   COMMAND
   20  u1000  --------  -bash
   21  u1000  ---n----  /bin/bash -c ␛]0;x␇`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	many := &procscan.Snapshot{}
	for pid := range 30 {
		many.Procs = append(many.Procs, &procscan.Process{PID: 100 + pid, Comm: "sh"})
	}
	_, err = search(many).resolve("sh")
	if err == nil || !strings.Contains(err.Error(), "30 processes") || !strings.HasSuffix(err.Error(), "\n  and 10 more") {
		t.Errorf("got\n%v", err)
	}
}

func TestTargetsThatCannotBeSeen(t *testing.T) {
	snap := town()
	snap.Refused = []int{0, 1}
	snap.Hidepid = "2"
	if _, err := search(snap).resolve("ns:99"); err == nil || !strings.Contains(err.Error(), "but 2 of 13 processes refuse to show theirs") {
		t.Errorf("got %v", err)
	}
	if _, err := search(snap).resolve("nobody"); err == nil || !strings.Contains(err.Error(), "among those you may see") {
		t.Errorf("got %v", err)
	}
	failing := &resolution{scan: func(procscan.Want) (*procscan.Snapshot, error) { return nil, errors.New("no /proc here") }}
	for _, target := range []string{"nginx", "unit:nginx", "ns:5"} {
		if _, err := failing.resolve(target); err == nil || !strings.Contains(err.Error(), "no /proc here") {
			t.Errorf("%s: got %v", target, err)
		}
	}
}

// One process after the other is tried while those before are gone, and only then.
func TestPinFirst(t *testing.T) {
	gone := fmt.Errorf("process 1: %w", nsenter.ErrGone)
	moved := fmt.Errorf("process 2: %w", nsenter.ErrMoved)
	denied := errors.New("permission denied")
	found := new(nsenter.Target)
	for _, test := range []struct {
		answers []error
		tried   int
		err     error
	}{
		{[]error{nil, gone}, 1, nil},
		{[]error{gone, nil, denied}, 2, nil},
		{[]error{gone, moved, nil}, 3, nil},
		{[]error{denied, nil}, 1, denied},
		{[]error{gone, moved}, 2, moved},
	} {
		tried := 0
		a := &app{engine: enterer{pin: func(ref nsenter.Ref) (*nsenter.Target, error) {
			err := test.answers[ref.PID-1]
			tried++
			if err != nil {
				return nil, err
			}
			return found, nil
		}}}
		refs := make([]nsenter.Ref, len(test.answers))
		for i := range refs {
			refs[i].PID = i + 1
		}
		target, err := a.pinFirst(refs)
		if !errors.Is(err, test.err) || (target == found) != (test.err == nil) || tried != test.tried {
			t.Errorf("answers %v: got %v after %d", test.answers, err, tried)
		}
	}
}

// A process that is there is taken hold of and planned for, and no further: the program is run only if
// nothing stands against it.
func TestEnterRuns(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "sleep", "1000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = errors.Join(cmd.Process.Kill(), cmd.Wait()) }() // it is killed
	pid := strconv.Itoa(cmd.Process.Pid)
	for _, test := range []struct {
		name   string
		status nsenter.Status
		err    error
		end    End
		stderr string
	}{
		{"exits", nsenter.Status{Code: 7}, nil, End{Status: 7}, ""},
		{"killed", nsenter.Status{Code: 143, Signal: 15}, nil, End{Status: 143, Signal: 15}, ""},
		{"not found", nsenter.Status{}, stepError(nsenter.StepExec, syscall.ENOENT), End{Status: 127}, "execute x: no such file or directory: the file, or the interpreter"},
		{"denied", nsenter.Status{}, stepError(nsenter.StepExec, syscall.EACCES), End{Status: 126}, "permission denied"},
		{"not joined", nsenter.Status{}, stepError(nsenter.StepJoin, syscall.EPERM), End{Status: 1}, "needs root, or the owner"},
		{"else", nsenter.Status{}, errors.New("no pipes left"), End{Status: 1}, "no pipes left"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var stderr strings.Builder
			a := &app{stderr: &stderr, engine: enterer{
				pin: nsenter.Pin,
				run: func(_ context.Context, target *nsenter.Target, _ *nsenter.Plan, _ func(*nsenter.StepError)) (nsenter.Status, error) {
					if target.Facts().PID != cmd.Process.Pid {
						t.Errorf("target is %d", target.Facts().PID)
					}
					return test.status, test.err
				},
			}}
			end := a.main(t.Context(), []string{"enter", "-t", pid, "-n", "x"})
			if end != test.end || !strings.Contains(stderr.String(), test.stderr) || (test.stderr == "") != (stderr.Len() == 0) {
				t.Errorf("ended as %+v, said %q", end, stderr.String())
			}
		})
	}
}

func stepError(step nsenter.Step, errno syscall.Errno) error {
	return &nsenter.StepError{Step: step, What: "x", Errno: errno}
}
