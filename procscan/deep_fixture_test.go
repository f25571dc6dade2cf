package procscan

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// holdersFixture is a root with one process that holds something in each way that can be told without
// the kernel: thread 8, descriptor 4, a mount. It has the socket 5 and a descriptor of a file by a path
// that looks like a namespace, too.
func holdersFixture(t *testing.T) (f fixture, want []holding) {
	t.Helper()
	f = newFixture(t)
	f.add(fixtureProc{pid: 7, stat: "7 (holder) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 2 0 99 0 0\n"})
	for _, dir := range []string{"7/fd", "7/task/7/ns", "7/task/8/ns"} {
		if err := os.MkdirAll(filepath.Join(f.root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	f.link("7/fd/0", "/dev/null")
	f.link("7/fd/1", "pipe:[7]")
	f.link("7/fd/2", "/net:[5000]")
	f.link("7/fd/3", "net:[5000"+strings.Repeat("0", 60)+"]")
	f.link("7/fd/4", "uts:[5001]")
	f.link("7/fd/5", "socket:[5000]")
	f.link("7/task/7/ns/net", "net:[5009]")
	for _, k := range ns.Kinds() {
		f.link("7/task/8/ns/"+k.String(), hostNS.ID(k).String())
	}
	f.remove("7/task/8/ns/ipc")
	f.link("7/task/8/ns/ipc", "ipc:[5002]")
	f.link("7/task/8/ns/pid_for_children", "pid:[5003]")
	f.write("7/mountinfo", "20 1 0:4 / / rw - ext4 a rw\n21 20 0:4 net:[5004] /a rw - nsfs nsfs rw\n")
	id := ProcID{PID: 7, Start: 99}
	return f, []holding{
		{id: ns.ID{Kind: ns.IPC, Ino: 5002}, keeper: Keeper{By: ByThread, Proc: id, Number: 8}},
		{id: ns.ID{Kind: ns.Net, Ino: 5004}, keeper: Keeper{By: ByMount, Proc: id, Path: "/a", Where: hostNS.ID(ns.Mnt)}},
		{id: ns.ID{Kind: ns.PID, Ino: 5003}, keeper: Keeper{By: ByThread, Proc: id, Number: 8}},
		{id: ns.ID{Kind: ns.UTS, Ino: 5001}, keeper: Keeper{By: ByFile, Proc: id, Number: 4}},
	}
}

func TestDeepInFixture(t *testing.T) {
	f, want := holdersFixture(t)
	s := f.scanner()
	procs := mustScan(t, s).Procs
	held, missed, err := s.deep(context.Background(), Deep, procs, nil)
	if err != nil || !slices.Equal(held, want) {
		t.Errorf("held are %+v, %v", held, err)
	}
	// The pids are not ours, so sockets cannot be asked.
	if !slices.Equal(missed, []Miss{{What: Sockets, Reason: Foreign, Count: 1}}) {
		t.Errorf("missed are %v", missed)
	}
	snap, err := s.Scan(context.Background(), Deep, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkSnapshot(t, snap)
	for _, h := range want {
		if n := snap.Namespace(h.id); n == nil || n.Leader != -1 || !slices.Equal(n.Keepers, []Keeper{h.keeper}) {
			t.Errorf("%v is %+v, want it kept by %+v", h.id, n, h.keeper)
		}
	}
	if snap.Read != Deep {
		t.Errorf("read is %b", snap.Read)
	}
	// Nothing of another process that has the pid by now.
	was := *procs[0]
	was.Start++
	held, _, err = s.deep(context.Background(), Threads|Files, []*Process{&was}, nil)
	if err != nil || len(held) != 0 {
		t.Errorf("of a process that is gone there is %+v, %v", held, err)
	}
}

// A process may vanish, or begin to refuse, at any moment: what was read by then is true, and only a
// refusal is counted.
func TestDeepBreaksAnywhere(t *testing.T) {
	f, want := holdersFixture(t)
	for _, errno := range []syscall.Errno{unix.ENOENT, unix.ESRCH, unix.EACCES} {
		step := 0
		for breakAt(t, f, want, errno, step) {
			step++
		}
		if step < 15 {
			t.Errorf("only %d steps", step)
		}
	}
}

// breakAt makes all calls for the process of the fixture fail from the given one on, and reports whether
// there were so many.
func breakAt(t *testing.T, f fixture, want []holding, errno syscall.Errno, step int) (broke bool) {
	t.Helper()
	s := f.scanner()
	procs := mustScan(t, s).Procs
	calls := 0
	h := hook(s, func(_, path string) syscall.Errno {
		if path != "7" && !strings.HasPrefix(path, "7/") {
			return 0
		}
		if calls++; calls > step {
			return errno
		}
		return 0
	})
	held, missed, err := s.deep(context.Background(), Threads|Files, procs, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range held {
		if !slices.Contains(want, got) {
			t.Errorf("%v at step %d: held is %+v", errno, step, got)
		}
	}
	broke = calls > step
	if refused := broke && errno == unix.EACCES; len(missed) > 0 != refused {
		t.Errorf("%v at step %d of %d: missed are %v", errno, step, calls, missed)
	}
	if len(h.paths) != 0 {
		t.Errorf("%v at step %d: left open are %v", errno, step, h.paths)
	}
	return broke
}

// FuzzTarget holds that targets of descriptors are taken as ns.ParseLink takes them.
func FuzzTarget(f *testing.F) {
	for _, text := range []string{"net:[4026531840]", "socket:[1]", "socket:[]", "/net:[1]", "pipe:[1]", "net:[0]", "net:[+1]", "uts:[1", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want, err := ns.ParseLink(text)
		if got, ok := parseTarget([]byte(text)); ok != (err == nil) || got != want {
			t.Errorf("%q is %v, %t; want %v, %v", text, got, ok, want, err)
		}
		if ino, ok := socketInode([]byte(text)); ok && (ino == 0 && !strings.Contains(text, "0") || !strings.HasPrefix(text, "socket:[")) {
			t.Errorf("%q is the socket %d", text, ino)
		}
	})
}
