package procscan

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

const evilComm = "(we)ird (x\n) \x1b]0;S"

// TestGroups scans for control groups alone.
func TestGroups(t *testing.T) {
	f := newFixture(t)
	f.add(fixtureProc{pid: 1, comm: "init", start: 1})
	f.add(fixtureProc{pid: 7, ppid: 1, comm: "a", start: 2, cmdline: "a\x00", cgroup: "3:memory:/docker/abc\n0::/\n"})
	snap, err := f.scanner().Scan(t.Context(), Groups, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkSnapshot(t, snap)
	if p := snap.ByPID(1); p.Cgroup != "/" || p.Groups != "" {
		t.Errorf("process 1 is in %q, %q", p.Cgroup, p.Groups)
	}
	if p := snap.ByPID(7); p.Cgroup != "/docker/abc" || p.Groups != "/docker/abc\n/" || p.Texts || p.Args != nil || p.NSpid != nil {
		t.Errorf("got %+v", p)
	}
	if snap.Read != Groups {
		t.Errorf("read %b", snap.Read)
	}
}

func TestScanOfAFixture(t *testing.T) {
	pod := hostNS
	pod[ns.Net], pod[ns.Mnt], pod[ns.PID] = 4026532301, 4026532302, 4026532303
	f := newFixture(t)
	// Not in the order of their pids, with names around that are no processes.
	f.add(fixtureProc{
		pid: 300, ppid: 20, start: 900, comm: evilComm, cmdline: "/bin/evil\x00\x1b[2J\x00", links: pod,
		cgroup: "0::/pods/a\n", status: "Name:\tx\nNSpid:\t300\t1\n",
	})
	f.add(fixtureProc{pid: 1, start: 1, comm: "init", cmdline: "/sbin/init\x00splash\x00"})
	f.add(fixtureProc{pid: 2, start: 1, comm: "kthreadd", flags: flagKthread, cmdline: "not read\x00"})
	f.add(fixtureProc{pid: 20, ppid: 1, start: 50, comm: "shim", cmdline: "shim\x00"})
	f.add(fixtureProc{pid: 301, ppid: 300, start: 901, comm: "worker", state: "R", links: pod})
	f.write("stat", "cpu 1\nbtime 1700000000\n")
	f.write("uptime", "1 1\n")
	f.link("self", strconv.Itoa(20))

	snap := mustScan(t, f.scanner())
	self := uint32(os.Geteuid())
	want := []*Process{
		{
			PID: 1, Texts: true, Threads: 1, Start: 1, UID: self, State: 'S', Comm: "init", Args: []string{"/sbin/init", "splash"},
			NSpid: []int{1}, Cgroup: "/", NS: hostNS,
		},
		{PID: 2, Texts: true, Threads: 1, Start: 1, UID: self, State: 'S', Kernel: true, Comm: "kthreadd", NSpid: []int{2}, Cgroup: "/", NS: hostNS},
		{
			PID: 20, Texts: true, Threads: 1, PPID: 1, Start: 50, UID: self, State: 'S', Comm: "shim", Args: []string{"shim"},
			NSpid: []int{20}, Cgroup: "/", NS: hostNS,
		},
		{
			PID: 300, Texts: true, Threads: 1, PPID: 20, Start: 900, UID: self, State: 'S', Comm: evilComm, Args: []string{"/bin/evil", "\x1b[2J"},
			NSpid: []int{300, 1}, Cgroup: "/pods/a", NS: pod,
		},
		{PID: 301, Texts: true, Threads: 1, PPID: 300, Start: 901, UID: self, State: 'R', Comm: "worker", NSpid: []int{301}, Cgroup: "/", NS: pod},
	}
	if !reflect.DeepEqual(snap.Procs, want) {
		t.Errorf("processes are\n%+v\nwant\n%+v", snap.Procs, want)
	}
	if got := snap.Namespaces[ns.Net]; len(got) != 2 || !slices.Equal(got[0].Members, []int{0, 1, 2}) ||
		!slices.Equal(got[1].Members, []int{3, 4}) || got[0].Leader != 0 || got[1].Leader != 3 {
		t.Errorf("network namespaces are %+v", got)
	}
	if snap.Count() != 8+3 {
		t.Errorf("there are %d namespaces", snap.Count())
	}
	for _, list := range snap.Namespaces {
		for _, n := range list {
			if n.OwnerKnown {
				t.Errorf("the owner of %v is known from a link that leads nowhere", n.ID)
			}
		}
	}
	if !snap.Boot.Equal(time.Unix(1700000000, 0)) || !snap.Started(snap.Procs[3]).Equal(time.Unix(1700000009, 0)) {
		t.Errorf("boot was at %v", snap.Boot)
	}
	if snap.Self != (ProcID{}) || snap.Mine != hostNS {
		t.Errorf("the pid of another is ours: %v in %v", snap.Self, snap.Mine)
	}
	if len(snap.Unreadable) != 0 || snap.Hidepid != "" || snap.Root != f.root || snap.Took <= 0 || snap.At.IsZero() {
		t.Errorf("the scan itself is told as %+v", snap)
	}
}

func TestSelf(t *testing.T) {
	f := newFixture(t)
	mine := hostNS
	mine[ns.UTS] = 77
	f.add(fixtureProc{pid: os.Getpid(), start: 5, comm: "us", links: mine})
	f.link("self", strconv.Itoa(os.Getpid()))
	snap := mustScan(t, f.scanner())
	if snap.Self != (ProcID{os.Getpid(), 5}) || snap.Mine != mine || !snap.Boot.IsZero() {
		t.Errorf("we are %v in %v, booted at %v", snap.Self, snap.Mine, snap.Boot)
	}
}

func TestHidepidOfTheRoot(t *testing.T) {
	f := newFixture(t)
	f.add(fixtureProc{pid: 7, comm: "us"})
	f.link("self", "7")
	var st unix.Stat_t
	if err := unix.Stat(f.root, &st); err != nil {
		t.Fatal(err)
	}
	f.write("7/mountinfo", fmt.Sprintf("22 27 0:999 / /x rw - proc proc rw,hidepid=off\n23 27 %d:%d / /proc rw - proc proc rw,hidepid=invisible\n",
		unix.Major(st.Dev), unix.Minor(st.Dev)))
	if got := mustScan(t, f.scanner()).Hidepid; got != "invisible" {
		t.Errorf("hidepid is %q", got)
	}
}

func TestOddProcesses(t *testing.T) {
	withoutPIDAndTime := hostNS
	withoutPIDAndTime[ns.PID], withoutPIDAndTime[ns.Time] = 0, 0
	zombie := ns.Tuple{ns.PID: hostNS[ns.PID], ns.User: hostNS[ns.User]}
	tests := []struct {
		name    string
		proc    fixtureProc
		damage  func(f fixture)
		trouble Reason
		check   func(p *Process) bool
	}{
		{
			name: "huge command line", proc: fixtureProc{cmdline: strings.Repeat("x", 2<<20) + "\x00y\x00"},
			check: func(p *Process) bool { return len(p.Args) == 1 && len(p.Args[0]) == maxArgs },
		},
		{
			name: "many arguments", proc: fixtureProc{cmdline: strings.Repeat("a\x00", 1<<20)},
			check: func(p *Process) bool { return len(p.Args) == (maxArgs+1)/2 },
		},
		{
			name: "wiped command line", proc: fixtureProc{cmdline: ""},
			check: func(p *Process) bool { return p.Args == nil && !p.Kernel },
		},
		{
			name: "zombie", proc: fixtureProc{state: "Z", cmdline: "gone\x00", links: zombie},
			check: func(p *Process) bool { return p.NS == zombie && p.Args == nil && p.Zombie() },
		},
		{
			name: "missing links", proc: fixtureProc{links: withoutPIDAndTime},
			check: func(p *Process) bool { return p.NS == withoutPIDAndTime },
		},
		{
			name: "truncated stat", proc: fixtureProc{stat: "7 (cat) S 1 1 1"}, trouble: Unparsed,
			check: func(p *Process) bool { return p.NS == hostNS && p.Start == 0 && p.Comm == "" },
		},
		{
			name: "empty stat", proc: fixtureProc{stat: "\n"}, trouble: Unparsed,
			check: func(p *Process) bool { return p.NS == hostNS },
		},
		{
			name: "no texts", damage: func(f fixture) { f.remove("7/cmdline"); f.remove("7/cgroup"); f.remove("7/status") },
			check: func(p *Process) bool {
				return p.Args == nil && p.Cgroup == "" && slices.Equal(p.NSpid, []int{7}) && p.NS == hostNS
			},
		},
		{
			name: "strange link", trouble: Unparsed,
			damage: func(f fixture) { f.remove("7/ns/net"); f.link("7/ns/net", "/dev/null") },
			check:  func(p *Process) bool { return p.NS[ns.Net] == 0 && p.NS.Known().Len() == 7 && p.Refused == "" },
		},
		{
			name: "a file for a link", trouble: Other,
			damage: func(f fixture) { f.remove("7/ns/net"); f.write("7/ns/net", "net:[5]") },
			check:  func(p *Process) bool { return p.NS[ns.Net] == 0 && p.NS.Known().Len() == 7 },
		},
		{
			name: "no links", damage: func(f fixture) { f.remove("7/ns") },
			check: func(p *Process) bool { return p.NS == ns.Tuple{} && p.Refused == "" },
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t)
			f.add(fixtureProc{pid: 1, comm: "init"})
			test.proc.pid = 7
			if test.proc.stat == "" {
				test.proc.start = 9
			}
			f.add(test.proc)
			if test.damage != nil {
				test.damage(f)
			}
			snap := mustScan(t, f.scanner())
			p := snap.ByPID(7)
			if p == nil || snap.ByPID(1) == nil {
				t.Fatalf("a process is lost: %+v", snap.Procs)
			}
			if !test.check(p) {
				t.Errorf("it is %+.300v", p)
			}
			want := map[Reason]int{}
			if test.trouble != "" {
				want[test.trouble] = 1
			}
			if !maps.Equal(snap.Unreadable, want) {
				t.Errorf("unreadable are %v, want %v", snap.Unreadable, want)
			}
		})
	}
}

func TestRefusedLinks(t *testing.T) {
	for _, test := range []struct {
		errno syscall.Errno
		link  string
		want  Reason
	}{
		{unix.EACCES, "cgroup", Denied}, {unix.EPERM, "cgroup", NotPerm}, {unix.EACCES, "pid", Denied},
	} {
		t.Run(test.errno.Error()+" from "+test.link, func(t *testing.T) {
			f := newFixture(t)
			f.add(fixtureProc{pid: 1, start: 1, comm: "init"})
			f.add(fixtureProc{pid: 7, ppid: 1, start: 2, comm: "shy", cmdline: "shy\x00"})
			s := f.scanner()
			after := 0
			refused := false
			hook(s, func(call, path string) syscall.Errno {
				if call != "readlink" || !strings.HasPrefix(path, "7/ns/") {
					return 0
				}
				if refused {
					after++
				}
				if path == "7/ns/"+test.link {
					refused = true
					return test.errno
				}
				return 0
			})
			snap := mustScan(t, s)
			p := snap.ByPID(7)
			if p == nil || p.Refused != test.want || p.NS != (ns.Tuple{}) || p.Comm != "shy" || len(p.Args) != 1 {
				t.Errorf("it is %+v", p)
			}
			if !slices.Equal(snap.Refused, []int{1}) || !maps.Equal(snap.Unreadable, map[Reason]int{test.want: 1}) {
				t.Errorf("refused are %v, counted %v", snap.Refused, snap.Unreadable)
			}
			if !refused || after != 0 {
				t.Errorf("%d more links were asked for", after)
			}
		})
	}
}

func TestHidepid1(t *testing.T) {
	f := newFixture(t)
	f.add(fixtureProc{pid: 1, comm: "init"})
	f.add(fixtureProc{pid: 7, comm: "hidden"})
	s := f.scanner()
	hook(s, func(_, path string) syscall.Errno {
		if strings.HasPrefix(path, "7/") {
			return unix.EPERM
		}
		return 0
	})
	snap := mustScan(t, s)
	want := &Process{PID: 7, Texts: true, UID: uint32(os.Geteuid()), Refused: NotPerm}
	if p := snap.ByPID(7); !reflect.DeepEqual(p, want) {
		t.Errorf("it is %+v", p)
	}
	if !maps.Equal(snap.Unreadable, map[Reason]int{NotPerm: 1}) {
		t.Errorf("counted as %v", snap.Unreadable)
	}
}

func TestDeniedByMode(t *testing.T) {
	if os.Geteuid() == 0 && !rerun(t, asNobody()) {
		return
	}
	f := newFixture(t)
	f.add(fixtureProc{pid: 1, comm: "init"})
	f.add(fixtureProc{pid: 7, comm: "shy"})
	for _, dir := range []string{filepath.Dir(f.root), f.root} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	locked := filepath.Join(f.root, "7", "ns")
	if err := os.Chmod(locked, 0); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.Chmod(locked, 0o755) }()
	snap := mustScan(t, f.scanner())
	if p := snap.ByPID(7); p == nil || p.Refused != Denied || p.Comm != "shy" {
		t.Errorf("it is %+v", p)
	}
}

func TestVanishingAtEveryStep(t *testing.T) {
	steps := 0
	for step := 0; ; step++ {
		f := newFixture(t)
		f.add(fixtureProc{pid: 1, comm: "init"})
		f.add(fixtureProc{pid: 7, start: 7, comm: "dying", cmdline: "dying\x00"})
		f.add(fixtureProc{pid: 9, comm: "next"})
		s := f.scanner()
		calls := 0
		hook(s, func(_, path string) syscall.Errno {
			if path == "7" || strings.HasPrefix(path, "7/") {
				if calls == step {
					f.remove("7")
				}
				calls++
			}
			return 0
		})
		snap := mustScan(t, s)
		if len(snap.Unreadable) != 0 || len(snap.Refused) != 0 {
			t.Fatalf("step %d: a dead process counts as %v", step, snap.Unreadable)
		}
		if snap.ByPID(1) == nil || snap.ByPID(9) == nil || snap.ByPID(9).NS != hostNS {
			t.Fatalf("step %d: another process is lost: %+v", step, snap.Procs)
		}
		if p := snap.ByPID(7); p != nil && (p.NS != hostNS || p.Comm != "dying" || p.Start != 7) {
			t.Fatalf("step %d: half a process is shown: %+v", step, p)
		}
		if calls <= step { // it lived to the end
			break
		}
		steps++
	}
	if steps < 15 {
		t.Errorf("it vanished at %d steps only", steps)
	}
}

func TestUnreadableRoot(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for root, want := range map[string]error{filepath.Join(dir, "none"): fs.ErrNotExist, file: unix.ENOTDIR} {
		snap, err := New(Options{Root: root}).Scan(context.Background(), Owners|Texts, nil)
		if snap != nil || !errors.Is(err, want) || !strings.Contains(err.Error(), root) {
			t.Errorf("the scan of %s gives %v, %v", root, snap, err)
		}
	}
}

func TestScanOfAnEmptyRoot(t *testing.T) {
	if snap := mustScan(t, newFixture(t).scanner()); len(snap.Procs) != 0 || snap.Count() != 0 {
		t.Errorf("there are %v", snap.Procs)
	}
}

func TestCancel(t *testing.T) {
	f := newFixture(t)
	const procs, stop = 200, 40
	for pid := 1; pid <= procs; pid++ {
		f.add(fixtureProc{pid: pid, comm: "x"})
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := f.scanner()
	opened := 0
	h := hook(s, func(call, path string) syscall.Errno {
		if call == "open" && path != "" && !strings.Contains(path, "/") {
			if done, total := s.Progress(); done > opened || total != procs && opened > 0 {
				t.Errorf("after %d processes the progress is %d of %d", opened, done, total)
			}
			if opened++; opened == stop {
				cancel()
			}
		}
		return 0
	})
	snap, err := s.Scan(ctx, Owners|Texts, nil)
	if snap != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v", snap, err)
	}
	if opened < stop || opened > stop+politeness {
		t.Errorf("%d processes were opened", opened)
	}
	if len(h.paths) != 0 {
		t.Errorf("left open: %v", h.paths)
	}
	s.sys = direct{}
	if got := len(mustScan(t, s).Procs); got != procs {
		t.Errorf("the next scan has %d processes", got)
	}
	if done, total := s.Progress(); done != procs || total != procs {
		t.Errorf("at the end the progress is %d of %d", done, total)
	}
}

func TestScansWaitForEachOther(t *testing.T) {
	f := newFixture(t)
	f.add(fixtureProc{pid: 7, comm: "x"})
	s := f.scanner()
	inside, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	hook(s, func(_, path string) syscall.Errno {
		if path == "7" {
			once.Do(func() { close(inside); <-release })
		}
		return 0
	})
	var wg sync.WaitGroup
	scan := func() {
		if snap, err := s.Scan(context.Background(), Owners|Texts, nil); err != nil || len(snap.Procs) != 1 {
			t.Errorf("got %v, %v", snap, err)
		}
	}
	wg.Go(scan)
	<-inside
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if snap, err := s.Scan(ended, Owners|Texts, nil); snap != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("a scan that may not wait gives %v, %v", snap, err)
	}
	wg.Go(scan)
	close(release)
	wg.Wait()
}

func TestSnapshotStaysAsItWas(t *testing.T) {
	f := newFixture(t)
	for pid := 1; pid < 50; pid++ {
		f.add(fixtureProc{pid: pid, start: uint64(pid), comm: "before", cmdline: "before\x00now\x00", cgroup: "0::/before\n"})
	}
	s := f.scanner()
	first := mustScan(t, s)
	copied := *first
	copied.Procs = slices.Clone(first.Procs)
	for i := range copied.Procs {
		copied.Procs[i].Args = slices.Clone(first.Procs[i].Args)
		copied.Procs[i].NSpid = slices.Clone(first.Procs[i].NSpid)
	}
	for k := range copied.Namespaces {
		copied.Namespaces[k] = slices.Clone(first.Namespaces[k])
		for i := range copied.Namespaces[k] {
			copied.Namespaces[k][i].Members = slices.Clone(first.Namespaces[k][i].Members)
		}
	}
	for pid := 1; pid < 50; pid += 2 {
		f.remove(strconv.Itoa(pid))
		f.add(fixtureProc{
			pid: pid, start: uint64(pid), comm: "after", cmdline: "after\x00\x00x\x00", cgroup: "0::/after\n",
			links: ns.Tuple{ns.Net: uint64(pid)},
		})
	}
	if second := mustScan(t, s); reflect.DeepEqual(second.Procs, first.Procs) {
		t.Error("the second scan sees nothing new")
	}
	if !reflect.DeepEqual(*first, copied) {
		t.Error("the first snapshot changed")
	}
}
