package procscan

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"nstui/procscan/events"
	"nstui/procscan/ns"
)

// busyPatience is long enough for a machine that is busy with other tests.
const busyPatience = 400 * time.Millisecond

// heldKernel does not come back from reading some files until it is released.
type heldKernel struct {
	direct

	names   []string // the ends of the paths
	asked   atomic.Int32
	release chan struct{}
}

func (k *heldKernel) readSlow(fd int, buf []byte) (int, syscall.Errno) {
	k.wait(linkOf(fmt.Sprintf("self/fd/%d", fd)))
	return k.direct.readSlow(fd, buf)
}

// wait waits if the path ends as one of the names.
func (k *heldKernel) wait(path string) {
	if slices.ContainsFunc(k.names, func(name string) bool { return strings.HasSuffix(path, name) }) {
		k.asked.Add(1)
		<-k.release
	}
}

// TestStuckProcessesHoldNothingUp is about processes whose memory is locked by somebody who waits: their
// command lines do not come. The others' do, and the picture is kept.
func TestStuckProcessesHoldNothingUp(t *testing.T) {
	f := newFixture(t)
	for pid := 101; pid <= 140; pid++ {
		f.add(fixtureProc{pid: pid, start: uint64(pid), comm: "x", cmdline: "x\x00", cgroup: "0::/x\n"})
	}
	k := &heldKernel{names: []string{"/105/cmdline", "/120/cmdline"}, release: make(chan struct{})}
	l := newPolling(t, f.root)
	l.scanner.sys = k
	l.patience, l.scanner.patience = busyPatience, busyPatience
	for range 3 {
		snap := refresh(t, l)
		for _, p := range snap.Procs {
			if stuck := p.PID == 105 || p.PID == 120; p.Texts == stuck || (len(p.Args) == 0) != stuck {
				t.Fatalf("it is %+v", p)
			}
			// It cannot hide whose it is.
			if p.PID != os.Getpid() && p.Cgroup != "/x" {
				t.Errorf("process %d is in control group %q", p.PID, p.Cgroup)
			}
		}
		if want := []Miss{{What: Texts, Reason: Stuck, Count: 2}}; !slices.Equal(snap.Missed[len(snap.Missed)-1:], want) {
			t.Errorf("missed are %v", snap.Missed)
		}
	}
	f.add(fixtureProc{pid: 200, start: 5, comm: "y", cmdline: "y\x00"})
	if p := refresh(t, l).ByPID(200); p == nil || !p.Texts {
		t.Errorf("the next process is %+v", p)
	}
	if n := k.asked.Load(); n != 2 {
		t.Errorf("they were asked %d times", n)
	}
	if n := l.scanner.waits.n.Load(); n != 2 {
		t.Errorf("%d goroutines wait", n)
	}
	close(k.release)
	await(t, "the goroutines that waited are gone", func() bool { return l.scanner.waits.n.Load() == 0 })
}

// await waits until something that has no event to wait for is so.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !so() {
		if time.Now().After(deadline) {
			t.Fatalf("not so: %s", what)
		}
		runtime.Gosched()
	}
}

func TestNotManyGoroutinesAreStuck(t *testing.T) {
	f := newFixture(t)
	k := &heldKernel{release: make(chan struct{})}
	const procs = maxStuck + 6
	for pid := 101; pid <= 100+procs; pid++ {
		f.add(fixtureProc{pid: pid, start: uint64(pid), comm: "x", cmdline: "x\x00", cgroup: "0::/x\n"})
		k.names = append(k.names, fmt.Sprintf("/%d/cmdline", pid))
	}
	l := newPolling(t, f.root)
	l.scanner.sys = k
	l.patience, l.scanner.patience = busyPatience/4, busyPatience/4
	for range 5 {
		if snap := refresh(t, l); len(snap.Procs) != procs || snap.Read&Texts != 0 {
			t.Errorf("%d processes, read are %b", len(snap.Procs), snap.Read)
		} else if i := slices.IndexFunc(snap.Procs, func(p *Process) bool { return p.Cgroup != "/x" }); i >= 0 {
			t.Errorf("it is %+v", snap.Procs[i])
		}
	}
	if n := k.asked.Load(); n != maxStuck {
		t.Errorf("%d were asked", n)
	}
	close(k.release)
	await(t, "the goroutines that waited are gone", func() bool { return l.scanner.waits.n.Load() == 0 })
	refresh(t, l)
	if snap := refresh(t, l); snap.Read&Texts == 0 || !snap.ByPID(110).Texts {
		t.Errorf("afterwards read are %b", snap.Read)
	}
}

// TestScanIsNotStuck is about a scan that nobody goes on with while it waits: a process that locks its
// memory is told to be missed.
func TestScanIsNotStuck(t *testing.T) {
	f := newFixture(t)
	for pid := 101; pid <= 140; pid++ {
		f.add(fixtureProc{pid: pid, start: uint64(pid), comm: "x", cmdline: "x\x00", cgroup: "0::/x\n", links: hostNS})
	}
	for _, test := range []struct {
		want, missed Want
	}{{Leaders, Leaders}, {Texts, Texts}, {Everything, Texts}} {
		k := &heldKernel{names: []string{"/101/cmdline"}, release: make(chan struct{})}
		s := f.scanner()
		s.sys, s.patience = k, busyPatience
		snap, err := s.Scan(t.Context(), test.want, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(snap.Missed, Miss{What: test.missed, Reason: Stuck, Count: 1}) {
			t.Errorf("of %b missed are %v", test.want, snap.Missed)
		}
		if p := snap.ByPID(101); p.Comm != "x" || p.Args != nil || test.want&Texts != 0 && p.Cgroup != "/x" {
			t.Errorf("of %b it is %+v", test.want, p)
		}
		if p := snap.ByPID(102); test.want&Texts != 0 && p.Args == nil {
			t.Errorf("of %b the next is %+v", test.want, p)
		}
		close(k.release)
	}
}

// TestTextsOfWhoMattersComeFirst is about a host with more processes than get their texts in one refresh.
func TestTextsOfWhoMattersComeFirst(t *testing.T) {
	f := newFixture(t)
	const procs, most = 60, 10
	for pid := 5000101; pid <= 5000100+procs; pid++ {
		p := fixtureProc{pid: pid, ppid: 5000101, start: uint64(pid), comm: "x", cmdline: "x\x00"}
		if pid == 5000150 {
			p.links = hostNS
			p.links[ns.Net] = 77
		}
		f.add(p)
	}
	l, s := newTold(t, f)
	l.texts.most = most
	l.Look([]ProcID{{5000140, 5000140}, {5000155, 5000155}, {5000999, 1}})
	snap := refresh(t, l)
	texted := func(snap *Snapshot) (n int) {
		for _, p := range snap.Procs {
			if p.Texts {
				n++
			}
		}
		return n
	}
	for _, pid := range []int{5000101, 5000140, 5000150, 5000155} {
		if !snap.ByPID(pid).Texts {
			t.Errorf("process %d has no texts", pid)
		}
	}
	if snap.Read != always|Leaders || texted(snap) > most+textsTold+2 {
		t.Errorf("read are %b, %d have texts", snap.Read, texted(snap))
	}
	// One that is born meanwhile does not queue up.
	f.add(fixtureProc{pid: 5000900, start: 9, comm: "new", cmdline: "new\x00"})
	s.records = []events.Record{{What: events.Fork, PID: 5000900, TID: 5000900}}
	if p := refresh(t, l).ByPID(5000900); p == nil || !p.Texts {
		t.Errorf("the new one is %+v", p)
	}
	for range procs / most {
		snap = refresh(t, l)
	}
	if snap.Read&Texts == 0 || texted(snap) != len(snap.Procs) {
		t.Errorf("at the end read are %b, %d of %d have texts", snap.Read, texted(snap), len(snap.Procs))
	}
}

// TestTextsAreReadAgain is about titles and control groups, which change without a word: of those
// somebody looks at at once, of the others in turn.
func TestTextsAreReadAgain(t *testing.T) {
	f := newFixture(t)
	const procs = 60
	for pid := 5001001; pid <= 5001000+procs; pid++ {
		f.add(fixtureProc{pid: pid, start: uint64(pid), comm: "x", cmdline: "old\x00"})
	}
	l, _ := newTold(t, f)
	refresh(t, l)
	l.Look([]ProcID{{5001030, 5001030}})
	for pid := 5001001; pid <= 5001000+procs; pid++ {
		f.write(fmt.Sprintf("%d/cmdline", pid), "new\x00")
		f.write(fmt.Sprintf("%d/cgroup", pid), "0::/new\n")
	}
	fresh := func(p *Process) bool { return p.Args[0] == "new" && p.Cgroup == "/new" }
	if p := refresh(t, l).ByPID(5001030); !fresh(p) {
		t.Errorf("who is looked at is %+v", p)
	}
	var snap *Snapshot
	for range procs/textsTold + 1 {
		snap = refresh(t, l)
	}
	for _, p := range snap.Procs {
		if p.PID != os.Getpid() && !fresh(p) {
			t.Errorf("it is %+v", p)
		}
	}
}
