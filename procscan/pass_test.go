package procscan

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// TestParts holds that what a scan shows while it runs is the beginning of what it returns.
func TestParts(t *testing.T) {
	f := newFixture(t)
	const procs = 5 * chunk
	for pid := 1; pid <= procs; pid++ {
		links := hostNS
		links[ns.Net] += uint64(pid % 7)
		f.add(fixtureProc{pid: pid, ppid: pid - 1, start: uint64(pid), comm: "x", links: links})
	}
	for _, workers := range []int{1, 4} {
		s := f.scanner()
		shown := make(chan struct{})
		if workers == 1 {
			// The last process waits for what is shown of those before.
			hook(s, func(call, path string) syscall.Errno {
				if call == "open" && path == strconv.Itoa(procs) {
					<-shown
				}
				return 0
			})
		}
		s.workers, s.every = workers, 0
		var parts []*Snapshot
		snap, err := s.Scan(context.Background(), Texts, func(part *Snapshot) {
			if parts = append(parts, part); len(parts) == 1 {
				close(shown)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		checkParts(t, parts, snap)
		if checkSnapshot(t, snap); snap.Part || len(snap.Procs) != procs || snap.Read != Texts|Groups {
			t.Errorf("with %d workers %d processes were read", workers, len(snap.Procs))
		}
	}
}

// checkParts checks what was shown before a snapshot.
func checkParts(t *testing.T, parts []*Snapshot, snap *Snapshot) {
	t.Helper()
	seen := 0
	for _, part := range parts {
		checkSnapshot(t, part)
		if !part.Part || part.Read != 0 || len(part.Procs) < seen || len(part.Procs) >= len(snap.Procs) || part.Mine != snap.Mine {
			t.Errorf("after %d processes a part has %d: %+v", seen, len(part.Procs), part.Part)
		}
		seen = len(part.Procs)
		for i, p := range part.Procs {
			if p.ID() != snap.Procs[i].ID() || p.NS != snap.Procs[i].NS || p.Texts {
				t.Fatalf("the part has %+v in place of %+v", p, snap.Procs[i])
			}
		}
	}
}

// TestOurPIDs is about who may be reached by pid: with the same number we can be seen in the proc of a
// pid namespace above ours.
func TestOurPIDs(t *testing.T) {
	us := os.Getpid()
	for text, want := range map[string]bool{
		fmt.Sprintf("Name:\tx\nNSpid:\t%d\n", us):         true,
		fmt.Sprintf("Name:\tx\nNSpid:\t%d\t%d\n", us, us): false,
		fmt.Sprintf("Name:\tx\nNSpid:\t%d\n", us+1):       false,
		"Name:\tx\n": false,
	} {
		f := newFixture(t)
		f.add(fixtureProc{pid: us, start: 5, comm: "us", status: text})
		f.link("self", strconv.Itoa(us))
		if snap := mustScan(t, f.scanner()); (snap.Self.PID == us) != want {
			t.Errorf("by %q we are %v", text, snap.Self)
		}
	}
}

// hostOf reads what a proc root tells beside its processes.
func hostOf(t *testing.T, root string) host {
	t.Helper()
	s := New(Options{Root: root})
	fd, err := s.openRoot()
	if err != nil {
		t.Fatal(err)
	}
	defer s.sys.close(fd)
	return newReader(s.sys, fd).host()
}

// TestOurRealPIDs looks from a pid namespace at its own proc and at that of the one above.
func TestOurRealPIDs(t *testing.T) {
	needRoot(t, "making a pid namespace")
	if !rerun(t, own()) {
		return
	}
	above, root := hostOf(t, "/proc"), t.TempDir()
	mountProc(t, root, "")
	defer func() { _ = unix.Unmount(root, 0) }()
	below := hostOf(t, root)
	if above.ours || above.levels != below.levels+1 || above.self == 0 || above.mine != below.mine {
		t.Errorf("in the proc above we are %+v", above)
	}
	if !below.ours || below.levels != 1 || below.self != os.Getpid() || below.top != below.mine[ns.PID] || above.top == below.top {
		t.Errorf("in our own proc we are %+v", below)
	}
}

// counting is a kernel that counts the calls of the first pass.
type counting struct {
	kernel
	calls int
}

func (c *counting) open(dir int, name []byte, flags int) (int, syscall.Errno) {
	c.calls++
	return c.kernel.open(dir, name, flags)
}

func (c *counting) readlink(dir int, name, buf []byte) (int, syscall.Errno) {
	c.calls++
	return c.kernel.readlink(dir, name, buf)
}

func (c *counting) read(fd int, buf []byte) (int, syscall.Errno) {
	c.calls++
	return c.kernel.read(fd, buf)
}

func (c *counting) readSlow(fd int, buf []byte) (int, syscall.Errno) {
	c.calls++
	return c.kernel.readSlow(fd, buf)
}

func (c *counting) stat(fd int, st *unix.Stat_t) syscall.Errno {
	c.calls++
	return c.kernel.stat(fd, st)
}

func (c *counting) close(fd int) {
	c.calls++
	c.kernel.close(fd)
}

func TestCallsOfTheFirstPass(t *testing.T) {
	f := newFixture(t)
	f.add(fixtureProc{pid: 7, start: 5, comm: "x"})
	f.add(fixtureProc{pid: 8, start: 5, comm: "shy"})
	for name, target := range map[string]string{"pid_for_children": "pid:[5]", "time_for_children": "time:[6]"} {
		f.link("7/ns/"+name, target)
	}
	s := f.scanner()
	hook(s, func(call, path string) syscall.Errno {
		if call == "readlink" && strings.HasPrefix(path, "8/") {
			return unix.EACCES
		}
		return 0
	})
	fd, err := s.openRoot()
	if err != nil {
		t.Fatal(err)
	}
	defer s.sys.close(fd)
	sys := &counting{kernel: s.sys}
	r := newReader(sys, fd)
	self := &host{kinds: ns.All}
	p, why, alive := r.process(entry{pid: 7}, self)
	if !alive || why != "" || p.NS != hostNS || p.NextPID != 5 || p.NextTime != 6 || sys.calls > 16 {
		t.Errorf("%d calls gave %+v, %q", sys.calls, p, why)
	}
	sys.calls = 0
	p, why, alive = r.process(entry{pid: 8}, self)
	if !alive || why != Denied || p.Refused != Denied || p.Comm != "shy" || sys.calls > 7 {
		t.Errorf("%d calls gave %+v, %q", sys.calls, p, why)
	}
	sys.calls = 0
	if p, why, alive := r.process(entry{pid: 9}, self); alive || why != "" || sys.calls != 1 {
		t.Errorf("%d calls gave %+v, %q", sys.calls, p, why)
	}
}

// TestAllocations holds that reading a process needs no memory but that of the process.
func TestAllocations(t *testing.T) {
	s := New(Options{})
	fd, err := s.openRoot()
	if err != nil {
		t.Fatal(err)
	}
	defer s.sys.close(fd)
	r := newReader(s.sys, fd)
	e := entry{pid: os.Getpid()}
	room, self := make([]Process, 1), new(host)
	if n := testing.AllocsPerRun(100, func() {
		r.room = room
		if _, _, alive := r.process(e, self); !alive {
			t.Error("we are gone")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestNestedOfRefused is about what an ordinary user learns of the processes of others.
func TestNestedOfRefused(t *testing.T) {
	const name = "PROCSCAN_TEST_REFUSED"
	if os.Getenv(name) == "" {
		needRoot(t, "being two users")
		var pids []string
		for _, flags := range []uintptr{0, unix.CLONE_NEWPID, unix.CLONE_NEWUSER, unix.CLONE_NEWPID | unix.CLONE_NEWUSER} {
			pids = append(pids, strconv.Itoa(start(t, &syscall.SysProcAttr{Cloneflags: flags}, "").Process.Pid))
		}
		t.Setenv(name, strings.Join(pids, " "))
	}
	if !rerun(t, asNobody()) {
		return
	}
	snap := mustScan(t, New(Options{}))
	want := []ns.Set{0, ns.SetOf(ns.PID), ns.SetOf(ns.User), ns.SetOf(ns.PID, ns.User)}
	for i, word := range strings.Fields(os.Getenv(name)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		p := snap.ByPID(pid)
		if p == nil || p.Refused != Denied || p.Nested != want[i] || p.Comm != "sh" || len(p.Args) == 0 || p.NS.Known() != 0 {
			t.Errorf("process %d is %+v, want it nested in %v", pid, p, want[i])
		}
	}
	if snap.Unreadable[Denied] < len(want) {
		t.Errorf("counted are %v", snap.Unreadable)
	}
}

// TestScanAmongShortLives scans while processes come and go all the time.
func TestScanAmongShortLives(t *testing.T) {
	if os.Geteuid() == 0 {
		if !rerun(t, own()) { // by ourselves, so that a scan takes as long as what the test makes
			return
		}
		mountProc(t, "/proc", "")
	}
	const parents, scans = 4, 500
	var born atomic.Int64
	storm, calm := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer calm()
	for range parents {
		wg.Go(func() {
			for storm.Err() == nil {
				if err := exec.CommandContext(storm, "/bin/true").Run(); err != nil && storm.Err() == nil {
					t.Error(err)
					return
				}
				born.Add(1)
			}
		})
	}
	s := New(Options{})
	seen := 0
	// Most scans take less time than a life, so there may have to be more for the lives to be met.
	for i := 0; i < scans || seen == 0 && !t.Failed(); i++ {
		snap := mustScan(t, s)
		_, listed := s.Progress()
		seen += listed - len(snap.Procs) // those that were gone when it was their turn
		if snap.Find(snap.Self) == nil {
			t.Fatalf("scan %d: we are not among the processes", i)
		}
		if n := snap.Unreadable[Unparsed] + snap.Unreadable[Other]; n != 0 {
			t.Errorf("scan %d: %v are unreadable", i, snap.Unreadable)
		}
		for _, p := range snap.Procs {
			if p.PPID != snap.Self.PID {
				continue
			}
			seen++
			if d := p.NS.Differs(&snap.Mine); d != 0 || p.Start < snap.Self.Start || p.Comm == "" {
				t.Fatalf("scan %d: a child is %+v, which differs in %v", i, p, d)
			}
		}
	}
	t.Logf("%d lives, %d met", born.Load(), seen)
}

// stopping is a kernel that ends the scan when a certain process is opened.
type stopping struct {
	kernel
	at  string
	end func()
}

func (s stopping) open(dir int, name []byte, flags int) (int, syscall.Errno) {
	if string(name) == s.at+"\x00" {
		s.end()
	}
	return s.kernel.open(dir, name, flags)
}

// TestEndWhileSharing ends a scan of several workers.
func TestEndWhileSharing(t *testing.T) {
	f := newFixture(t)
	for pid := 1; pid <= 30*chunk; pid++ {
		f.add(fixtureProc{pid: pid, comm: "x"})
	}
	s := f.scanner()
	ctx, cancel := context.WithCancel(context.Background())
	s.sys, s.workers = stopping{s.sys, strconv.Itoa(chunk + 1), cancel}, 4
	if snap, err := s.Scan(ctx, 0, nil); snap != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v", snap, err)
	}
}
