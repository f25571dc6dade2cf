package procscan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestParseStatm(t *testing.T) {
	for text, want := range map[string]bool{
		"1 1 0 0 0 1 0\n":         true, // in execve(2)
		"513 40 0 0 0 513 0\n":    true, // with many arguments
		"2207 467 439 164 0 99 0": false,
		"0 0 0 0 0 0 0\n":         false, // a kernel thread or a zombie
		"":                        false,
		"1 1":                     false,
	} {
		if got := parseStatm([]byte(text)); got != want {
			t.Errorf("%q is %t", text, got)
		}
	}
}

func TestParseStatus(t *testing.T) {
	const text = "Name:\t%s\nUmask:\t0022\nState:\tD (disk sleep)\nTgid:\t7\nPPid:\t5\nThreads:\t3\nNSpid:\t7\t1\n"
	for escaped, want := range map[string]string{
		"sh": "sh", `a\nb`: "a\nb", `back\\slash`: `back\slash`, `\nNSpid:\t9`: "\nNSpid:" + `\t9`, `end\`: `end\`,
	} {
		st, ok := parseStatus(fmt.Appendf(nil, text, escaped))
		if name := string(unescape(slices.Clone(st.comm))); !ok || name != want || st.state != 'D' || st.ppid != 5 || st.threads != 3 {
			t.Errorf("%q is %q, %+v, %t", escaped, name, st, ok)
		}
	}
	whole := fmt.Sprintf(text, "sh")
	for n := range strings.Index(whole, "PPid") {
		if st, ok := parseStatus([]byte(whole[:n])); ok {
			t.Errorf("%q is %+v", whole[:n], st)
		}
	}
}

// open does not come back, either, where it is of one of the paths.
func (k *heldKernel) open(dir int, name []byte, flags int) (int, syscall.Errno) {
	if dir != unix.AT_FDCWD {
		k.wait(linkOf("self/fd/"+strconv.Itoa(dir)) + "/" + strings.TrimSuffix(string(name), "\x00"))
	}
	return k.direct.open(dir, name, flags)
}

// heldFixture has processes of which everything below is at hand, and some that execute.
func heldFixture(t *testing.T, executing ...int) fixture {
	t.Helper()
	f := newFixture(t)
	for pid := 101; pid <= 100+4*chunk; pid++ {
		p := fixtureProc{pid: pid, start: uint64(pid), comm: "x", cmdline: "x\x00", cgroup: "0::/x\n", links: hostNS}
		f.add(p)
		f.write(fmt.Sprintf("%d/statm", pid), "2207 467 439 164 0 99 0\n")
		if slices.Contains(executing, pid) {
			f.write(fmt.Sprintf("%d/statm", pid), "1 1 0 0 0 1 0\n")
			f.write(fmt.Sprintf("%d/status", pid), fmt.Sprintf("Name:\ta\\nb\nState:\tD (disk sleep)\nPPid:\t1\nThreads:\t1\nNSpid:\t%d\n", pid))
		}
	}
	return f
}

// TestHeldByStatm holds that one goroutine at most is lost to each worker, whatever how many wait, where
// the kernel tells who does, and what is known of those.
func TestHeldByStatm(t *testing.T) {
	f := heldFixture(t, 105, 120, 150)
	k := &heldKernel{names: []string{"/105/stat", "/120/stat", "/150/stat"}, release: make(chan struct{})}
	s := f.scanner()
	s.sys, s.patience, s.workers = k, busyPatience, 1
	snap, err := s.Scan(t.Context(), Everything&^Sockets, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkSnapshot(t, snap)
	if n := k.asked.Load(); n != 1 {
		t.Errorf("%d were asked", n)
	}
	for i, pid := range []int{105, 120, 150} {
		p := snap.ByPID(pid)
		if p == nil || p.Comm != "a\nb" || p.PPID != 1 || p.State != 'D' || p.Start != 0 || p.Refused != Stuck || p.Cgroup != "/x" || snap.Refused[i] != pid-101 {
			t.Errorf("it is %+v", p)
		}
	}
	if snap.Unreadable[Stuck] != 3 || len(snap.Unreadable) != 1 {
		t.Errorf("unreadable are %v", snap.Unreadable)
	}
	if p := snap.ByPID(151); p.NS != hostNS || p.Args == nil {
		t.Errorf("the next is %+v", p)
	}
	close(k.release)
	await(t, "nobody waits", func() bool { return s.waits.n.Load() == 0 })
	snap, err = s.Scan(t.Context(), Texts, nil)
	if err != nil || snap.Unreadable[Stuck] != 0 || snap.ByPID(105).NS != hostNS {
		t.Errorf("afterwards unreadable are %v, %v", snap.Unreadable, err)
	}
}

// TestHeldAltogether is about processes of which even the directory cannot be opened, as with hidepid: they
// are listed, and cost a bounded number of goroutines.
func TestHeldAltogether(t *testing.T) {
	f := heldFixture(t)
	k := &heldKernel{release: make(chan struct{})}
	const stuck = maxStuck + 4
	for pid := 105; pid < 105+stuck; pid++ {
		k.names = append(k.names, fmt.Sprintf("/%d", pid), fmt.Sprintf("/%d/statm", pid))
	}
	s := f.scanner()
	s.sys, s.patience, s.workers = k, busyPatience/4, 2
	snap, err := s.Scan(t.Context(), Texts|Owners, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkSnapshot(t, snap)
	if n := s.waits.n.Load(); n > maxStuck+2 {
		t.Errorf("%d goroutines wait", n)
	}
	if len(snap.Procs) != 4*chunk || snap.ByPID(104).NS != hostNS {
		t.Errorf("there are %d processes, and before them %+v", len(snap.Procs), snap.ByPID(104))
	}
	for pid := 105; pid < 105+stuck; pid++ {
		if p := snap.ByPID(pid); p.Refused != Stuck || p.NS.Known() != 0 {
			t.Errorf("it is %+v", p)
		}
	}
	close(k.release)
	await(t, "nobody waits", func() bool { return s.waits.n.Load() == 0 })
	snap, err = s.Scan(t.Context(), Texts, nil)
	if err != nil || len(snap.Unreadable) != 0 || snap.ByPID(105).NS != hostNS {
		t.Errorf("afterwards unreadable are %v, %v", snap.Unreadable, err)
	}
}

// TestDonePastTheLost holds that what is shown while a scan runs goes on past a chunk whose last process
// was lost.
func TestDonePastTheLost(t *testing.T) {
	s := heldFixture(t).scanner()
	s.patience, s.workers = busyPatience/2, 2
	c, err := s.openCrew()
	if err != nil {
		t.Fatal(err)
	}
	defer c.root.release()
	release := make(chan struct{})
	var lost []int
	w := &work{
		items: 4 * chunk,
		read: func(_ *worker, i int) {
			if i == chunk-1 {
				<-release
			}
		},
		keep:    func(*worker, int) {},
		lost:    func(i int) { lost = append(lost, i) },
		between: func(int) {},
	}
	if err := c.do(t.Context(), w); err != nil || !slices.Contains(lost, chunk-1) {
		t.Errorf("lost are %v, %v", lost, err)
	}
	for i := range w.done {
		if !w.done[i].Load() {
			t.Errorf("chunk %d of %d is never done", i, len(w.done))
		}
	}
	close(release)
	await(t, "nobody waits", func() bool { return s.waits.n.Load() == 0 })
}

// TestBlindWhileOneWaits holds that distrust ends with the last that waits, whatever comes first.
func TestBlindWhileOneWaits(t *testing.T) {
	var w waits
	w.add(7)
	if w.doubt(7); w.blind.Load() {
		t.Error("one that waits is enough")
	}
	w.add(7)
	if w.doubt(7); !w.blind.Load() {
		t.Error("two that wait are not enough")
	}
	w.remove(7)
	w.remove(7)
	for range 1000 {
		w.add(7)
		w.add(7)
		var waiting atomic.Bool
		waiting.Store(true)
		var doubts sync.WaitGroup
		doubts.Go(func() {
			for waiting.Load() {
				w.doubt(7)
			}
		})
		await(t, "it is blind", w.blind.Load)
		w.remove(7)
		w.remove(7)
		waiting.Store(false)
		doubts.Wait()
		if w.blind.Load() {
			t.Fatal("nobody waits, and it is blind")
		}
	}
}
