package procscan

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan/events"
	"nstui/procscan/ns"
)

// told is a stream that tells what a test puts in it.
type told struct {
	records []events.Record
	lost    bool
	err     error
	closed  bool
}

func (s *told) Drain(f func(*events.Record)) (bool, error) {
	for i := range s.records {
		f(&s.records[i])
	}
	lost := s.lost
	s.records, s.lost = nil, false
	return lost, s.err
}

func (s *told) Close() { s.closed = true }

// refuseEvents is a kernel that tells nothing.
func refuseEvents() (stream, error) {
	return nil, fmt.Errorf("perf_event_open on processor 0: %w", unix.EACCES)
}

// newPolling returns a Live without events.
func newPolling(t testing.TB, root string) *Live {
	t.Helper()
	l := NewLive(Options{Root: root})
	l.sources.open = refuseEvents
	t.Cleanup(l.Close)
	return l
}

// newTold returns a Live of a fixture, and what tells it. Our own process is in it, too: the others are to
// have pids the kernel never gives, above PID_MAX_LIMIT of linux/threads.h, 4194304.
func newTold(t testing.TB, f fixture) (*Live, *told) {
	t.Helper()
	f.add(fixtureProc{pid: os.Getpid(), comm: "us", start: 3, links: hostNS})
	f.link("self", strconv.Itoa(os.Getpid()))
	l, s := NewLive(Options{Root: f.root}), &told{}
	l.sources.open = func() (stream, error) { return s, nil }
	t.Cleanup(l.Close)
	return l, s
}

// newListening returns a Live of the real proc with the kernel's events.
func newListening(t testing.TB) *Live {
	t.Helper()
	s, err := openEvents()
	if err != nil {
		t.Skip("needs events: ", err)
	}
	s.Close()
	l := NewLive(Options{})
	t.Cleanup(func() {
		if s := l.Status(); s.Mode != Events && !s.At.IsZero() {
			t.Errorf("the events ended: %s", s.Why)
		}
		l.Close()
	})
	return l
}

// bothModes are how to get a Live of the real proc with and without events.
var bothModes = map[string]func(testing.TB) *Live{
	"events":  newListening,
	"polling": func(tb testing.TB) *Live { tb.Helper(); return newPolling(tb, "") },
}

// refresh refreshes, and checks what holds for every snapshot.
func refresh(t testing.TB, l *Live) *Snapshot {
	t.Helper()
	snap, err := l.Refresh(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	checkSnapshot(t, snap)
	return snap
}

func TestUnchangedRefreshReturnsTheSameSnapshot(t *testing.T) {
	f := newFixture(t)
	for pid := 5000001; pid <= 5000300; pid++ {
		f.add(fixtureProc{pid: pid, start: uint64(pid), comm: "x", cmdline: "x\x00y\x00"})
	}
	listening, _ := newTold(t, f)
	for name, l := range map[string]*Live{"events": listening, "polling": newPolling(t, f.root)} {
		t.Run(name, func(t *testing.T) {
			l.scanner.sys = direct{} // as if the fixture were a proc: elsewhere some care is taken
			first := refresh(t, l)
			for range 8 {
				if refresh(t, l) != first {
					t.Fatal("nothing has changed, and yet there is another snapshot")
				}
			}
			allocs := testing.AllocsPerRun(20, func() {
				if _, err := l.Refresh(context.Background(), nil); err != nil {
					t.Error(err)
				}
			})
			if allocs > 10 && !raceDetector { // which allocates, too
				t.Errorf("%v allocations for nothing", allocs)
			}
		})
	}
}

// TestUntouchedProcessesCostNothing holds that a refresh makes no call for a process it has no reason to
// look at.
func TestUntouchedProcessesCostNothing(t *testing.T) {
	f := newFixture(t)
	for pid := 5000001; pid <= 5000700; pid++ {
		f.add(fixtureProc{pid: pid, start: uint64(pid), comm: "x"})
	}
	listening, _ := newTold(t, f)
	for name, test := range map[string]struct {
		live *Live
		most int
	}{"events": {listening, verifyTold + textsTold + 1}, "polling": {newPolling(t, f.root), 700/verifyParts + textsAgain + 2}} {
		t.Run(name, func(t *testing.T) {
			refresh(t, test.live)
			touched := make(map[string]bool)
			seen := hookLive(test.live, func(_, path string) syscall.Errno {
				dir, _, _ := strings.Cut(path, "/")
				touched[dir] = true
				return 0
			})
			refresh(t, test.live)
			if len(touched) > test.most || len(touched) < verifyTold {
				t.Errorf("%d processes were touched, expected up to %d", len(touched), test.most)
			}
			if len(seen.paths) != 0 {
				t.Errorf("left open: %v", seen.paths)
			}
		})
	}
}

// hookLive puts itself between a Live and the kernel. The texts are read in another goroutine, but while
// the first waits.
func hookLive(l *Live, before func(call, path string) syscall.Errno) *hooked {
	return hook(l.scanner, before)
}

func TestBirthAndEnd(t *testing.T) {
	for name, newLive := range bothModes {
		t.Run(name, func(t *testing.T) {
			l := newLive(t)
			before := refresh(t, l)
			cmd := start(t, nil, "", "an argument")
			born := refresh(t, l)
			p := born.ByPID(cmd.Process.Pid)
			if p == nil || p.NS != born.Mine || p.PPID != os.Getpid() || !slices.Contains(p.Args, "an argument") {
				t.Fatalf("the child is %+v", p)
			}
			if got := Diff(before, born); !slices.ContainsFunc(got, func(c Change) bool { return c.What == Born && c.Proc == p }) {
				t.Errorf("the differences are %q", said(got))
			}
			l.Look([]ProcID{p.ID()})
			_ = cmd.Process.Kill()
			var info unix.Siginfo
			if err := unix.Waitid(unix.P_PID, cmd.Process.Pid, &info, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
				t.Fatal(err)
			}
			if p := refresh(t, l).ByPID(cmd.Process.Pid); p == nil || !p.Zombie() || p.Args != nil {
				t.Errorf("the zombie is %+v", p)
			}
			if p := refresh(t, l).ByPID(cmd.Process.Pid); p == nil || !p.Zombie() {
				t.Errorf("the zombie is %+v afterwards", p)
			}
			_ = cmd.Wait()
			ended := refresh(t, l)
			if p := ended.ByPID(cmd.Process.Pid); p != nil {
				t.Errorf("the reaped is %+v", p)
			}
			if got := Diff(born, ended); !slices.ContainsFunc(got, func(c Change) bool { return c.What == Gone && c.Proc.ID() == p.ID() }) {
				t.Errorf("the differences are %q", said(got))
			}
		})
	}
}

func TestOrphansHaveAnotherParent(t *testing.T) {
	for name, newLive := range bothModes {
		t.Run(name, func(t *testing.T) {
			l := newLive(t)
			cmd := exec.Command("/bin/sh", "-c", "exec 3<&0; /bin/sh -c 'echo $$; read -r line' <&3 & wait")
			in, out := startPiped(t, cmd)
			defer in.Close()
			var pid int
			if _, err := fmt.Fscan(out, &pid); err != nil {
				t.Fatal(err)
			}
			if p := refresh(t, l).ByPID(pid); p == nil || p.PPID != cmd.Process.Pid {
				t.Fatalf("the child is %+v", p)
			}
			// Not cmd.Wait: that would close the input, and the orphan would end, too.
			_ = cmd.Process.Kill()
			_, _ = cmd.Process.Wait()
			refresh(t, l) // it is no longer young by this
			if p := refresh(t, l).ByPID(pid); p == nil || p.PPID == cmd.Process.Pid {
				t.Errorf("the orphan is %+v", p)
			}
		})
	}
}

func TestExecIsSeen(t *testing.T) {
	for name, newLive := range bothModes {
		t.Run(name, func(t *testing.T) {
			l := newLive(t)
			cmd, say, wait := obedient(t, "", "exec /bin/sh -c 'echo done; read -r line' renamed")
			before := refresh(t, l)
			l.Look([]ProcID{before.ByPID(cmd.Process.Pid).ID()})
			say()
			wait()
			after := refresh(t, l)
			p := after.ByPID(cmd.Process.Pid)
			if p == nil || !slices.Contains(p.Args, "renamed") {
				t.Fatalf("it is %+v", p)
			}
			execed := slices.ContainsFunc(Diff(before, after), func(c Change) bool { return c.What == Execed && c.Proc == p })
			if execed != (l.Status().Mode == Events) { // polling sees only another name
				t.Errorf("the differences are %q", said(Diff(before, after)))
			}
		})
	}
}

func TestNameIsSeen(t *testing.T) {
	for name, newLive := range bothModes {
		t.Run(name, func(t *testing.T) {
			l := newLive(t)
			cmd, say, wait := obedient(t, "", "printf other >/proc/$$/comm; echo done; read -r line")
			before := refresh(t, l)
			l.Look([]ProcID{before.ByPID(cmd.Process.Pid).ID()})
			say()
			wait()
			after := refresh(t, l)
			if p := after.ByPID(cmd.Process.Pid); p == nil || p.Comm != "other" {
				t.Fatalf("it is %+v", p)
			}
			if got := Diff(before, after); !slices.ContainsFunc(got, func(c Change) bool { return c.What == Execed && c.Proc.PID == cmd.Process.Pid }) {
				t.Errorf("the differences are %q", said(got))
			}
		})
	}
}

// obedient starts a shell that runs the script, which ends with "echo done; read -r line", when say is
// called; wait waits until it is done. What is to be done first is done when it returns.
func obedient(t *testing.T, first, script string) (cmd *exec.Cmd, say, wait func()) {
	t.Helper()
	cmd = exec.Command("/bin/sh", "-c", first+"echo ready; read -r line; "+script)
	in, out := startPiped(t, cmd)
	t.Cleanup(func() { _ = in.Close(); end(cmd) })
	await := func(word string) {
		t.Helper()
		got := make([]byte, len(word)+1)
		if n, err := out.Read(got); err != nil || string(got[:n]) != word+"\n" {
			t.Fatalf("instead of %q it said %q: %v", word, got[:n], err)
		}
	}
	await("ready")
	say = func() {
		if _, err := in.Write([]byte("go\n")); err != nil {
			t.Fatal(err)
		}
	}
	return cmd, say, func() { t.Helper(); await("done") }
}

// TestPollingSeesMovesWithinTenRefreshes is about processes nobody looks at, on a host too large to read
// all in one refresh.
func TestPollingSeesMovesWithinTenRefreshes(t *testing.T) {
	f := newFixture(t)
	const procs = 700
	for pid := 1; pid <= procs; pid++ {
		f.add(fixtureProc{pid: pid, start: uint64(pid), comm: "x"})
	}
	l := newPolling(t, f.root)
	first := refresh(t, l)
	l.Look([]ProcID{first.Procs[400].ID()})
	moved := []int{0, 200, 400, procs - 1}
	for _, i := range moved {
		link := fmt.Sprintf("%d/ns/net", first.Procs[i].PID)
		f.remove(link)
		f.link(link, "net:[77]")
	}
	seen := make(map[int]int)
	snap := first
	for tick := 1; tick <= verifyParts; tick++ {
		next := refresh(t, l)
		for _, c := range Diff(snap, next) {
			if c.What == Moved && c.Kinds == ns.SetOf(ns.Net) {
				seen[c.Proc.PID] = tick
			}
		}
		snap = next
	}
	if len(seen) != len(moved) || seen[first.Procs[400].PID] != 1 {
		t.Errorf("seen were %v", seen)
	}
	if n := snap.Namespace(ns.ID{Kind: ns.Net, Ino: 77}); n == nil || len(n.Members) != len(moved) {
		t.Errorf("it is %+v", n)
	}
}

// TestAnotherDirectoryIsNoOtherProcess is about inode numbers, which change when memory is short.
func TestAnotherDirectoryIsNoOtherProcess(t *testing.T) {
	f := newFixture(t)
	for pid := 1; pid <= 100; pid++ {
		f.add(fixtureProc{pid: pid, start: uint64(pid), comm: "x", cmdline: "x\x00"})
	}
	l := newPolling(t, f.root)
	first := refresh(t, l)
	// All are there again under other numbers, one as another process.
	old := f.root + ".old"
	if err := os.Rename(f.root, old); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(old) })
	if err := os.Mkdir(f.root, 0o755); err != nil {
		t.Fatal(err)
	}
	for pid := 1; pid <= 100; pid++ {
		p := fixtureProc{pid: pid, start: uint64(pid), comm: "x", cmdline: "x\x00"}
		if pid == 50 {
			p.start = 1000
		}
		f.add(p)
	}
	second := refresh(t, l)
	if got := said(Diff(first, second)); !slices.Equal(got, []string{"gone 50/50", "born 50/1000"}) {
		t.Errorf("the differences are %q", got)
	}
	for i := range first.Procs {
		if first.Procs[i] != second.Procs[i] && i != 49 {
			t.Errorf("process %d is another copy", first.Procs[i].PID)
		}
	}
	if refresh(t, l) != second {
		t.Error("it is not settled")
	}
}

func TestRefreshOfNothing(t *testing.T) {
	l := newPolling(t, filepath.Join(t.TempDir(), "none"))
	if snap, err := l.Refresh(context.Background(), nil); snap != nil || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, %v", snap, err)
	}
}

func TestRefreshThatIsCancelled(t *testing.T) {
	f := newFixture(t)
	for pid := 1; pid <= 500; pid++ {
		f.add(fixtureProc{pid: pid, start: uint64(pid), comm: "x", cmdline: "x\x00"})
	}
	l := newPolling(t, f.root)
	first := refresh(t, l)
	for pid := 1; pid <= 500; pid += 2 {
		f.remove(strconv.Itoa(pid))
		f.add(fixtureProc{pid: pid + 1000, start: 5, comm: "y", cmdline: "y\x00"})
	}
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	h := hookLive(l, func(string, string) syscall.Errno {
		if calls++; calls == 500 {
			cancel()
		}
		return 0
	})
	if snap, err := l.Refresh(ctx, nil); snap != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v", snap, err)
	}
	if len(h.paths) != 0 {
		t.Errorf("left open: %v", h.paths)
	}
	l.scanner.sys = direct{}
	sameAsFresh(t, l)
	if n := len(Diff(first, refresh(t, l))); n != 500 {
		t.Errorf("%d differences", n)
	}
}

// TestPauseFollowsTheCost holds that refreshes as often as the status allows use a twentieth of a core.
func TestPauseFollowsTheCost(t *testing.T) {
	l := newPolling(t, "")
	refresh(t, l)
	if s := l.Status(); s.Pause != 0 || s.At.IsZero() {
		t.Errorf("after the first it is %+v", s)
	}
	refresh(t, l)
	if s := l.Status(); s.Cost <= 0 || s.Pause != 19*s.Cost || time.Since(s.At) < 0 {
		t.Errorf("it is %+v", s)
	}
}
