package procscan

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// init is the helper mover: a process whose first thread goes to a UTS namespace of its own and back, as
// it is told. Only in an init it is sure which thread that is.
func init() {
	if os.Getenv("PROCSCAN_TEST_HELPER") != "mover" {
		return
	}
	runtime.LockOSThread()
	home, err := unix.Open("/proc/self/ns/uts", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	in := bufio.NewReader(os.Stdin)
	for {
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("ready")
		word, ended := in.ReadString('\n')
		if ended != nil {
			os.Exit(0)
		}
		if word == "away\n" {
			err = unix.Unshare(unix.CLONE_NEWUTS)
		} else {
			err = unix.Setns(home, unix.CLONE_NEWUTS)
		}
	}
}

// startMover starts a mover and returns what tells it where to go, and waits until it is there.
func startMover(t *testing.T) (pid int, move func(where string)) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), "PROCSCAN_TEST_HELPER=mover")
	in, out := startPiped(t, cmd)
	t.Cleanup(func() { _ = in.Close(); end(cmd) })
	lines := bufio.NewReader(out)
	await := func() {
		t.Helper()
		if line, err := lines.ReadString('\n'); err != nil || line != "ready\n" {
			t.Fatalf("the mover says %q, %v", line, err)
		}
	}
	await()
	return cmd.Process.Pid, func(where string) {
		t.Helper()
		if _, err := in.Write([]byte(where + "\n")); err != nil {
			t.Fatal(err)
		}
		await()
	}
}

// TestMovesAreSeen holds that a setns is seen in the refresh after it with events or if somebody looks at
// the process, and else after ten.
func TestMovesAreSeen(t *testing.T) {
	needRoot(t, "entering namespaces")
	if !alone(t) {
		return
	}
	for name, newLive := range bothModes {
		t.Run(name, func(t *testing.T) {
			l := newLive(t)
			pid, move := startMover(t)
			snap := refresh(t, l)
			within := func(where string, ticks int) {
				t.Helper()
				move(where)
				for range ticks {
					next := refresh(t, l)
					changes := Diff(snap, next)
					snap = next
					if slices.ContainsFunc(changes, func(c Change) bool {
						return c.What == Moved && c.Proc.PID == pid && c.Kinds == ns.SetOf(ns.UTS)
					}) {
						return
					}
				}
				t.Errorf("going %s is not seen in %d refreshes", where, ticks)
			}
			ticks := 1
			if l.Status().Mode == Polling {
				ticks = verifyParts
			}
			within("away", ticks)
			within("home", ticks)
			l.Look([]ProcID{snap.ByPID(pid).ID()})
			within("away", 1)
			within("home", 1)
		})
	}
}

// TestReusedPIDsAreOtherProcesses is about a pid that goes to another process between two refreshes.
func TestReusedPIDsAreOtherProcesses(t *testing.T) {
	needRoot(t, "choosing the pids of processes")
	if !alone(t) {
		return
	}
	const pid = 4000
	for name, newLive := range bothModes {
		t.Run(name, func(t *testing.T) {
			l := newLive(t)
			var last *Snapshot
			for i := range 20 {
				arg := fmt.Sprintf("process %d", i)
				cmd := startAs(t, pid, arg)
				snap := refresh(t, l)
				p := snap.ByPID(pid)
				if p == nil || len(p.Args) == 0 || p.Args[len(p.Args)-1] != arg {
					t.Fatalf("instead of %q there is %+v", arg, p)
				}
				if last != nil && last.ByPID(pid).Start != p.Start {
					got := said(Diff(last, snap))
					gone, born := fmt.Sprintf("gone %d/%d", pid, last.ByPID(pid).Start), fmt.Sprintf("born %d/%d", pid, p.Start)
					if i := slices.Index(got, gone); i < 0 || i+1 == len(got) || got[i+1] != born {
						t.Errorf("the differences are %q, want %q and %q", got, gone, born)
					}
				}
				last = snap
				end(cmd)
			}
		})
	}
}

// storm is a script that makes many short processes, some of which move or leave others behind.
const storm = `i=0
while [ $i -lt 100 ]; do
	/bin/true
	(/bin/true &)
	unshare -u /bin/true
	( exec sh -c 'exit 3' )
	i=$((i+1))
done
`

// TestPictureIsTrueAfterAStorm refreshes while processes come and go, and compares with a fresh scan when
// they are gone.
func TestPictureIsTrueAfterAStorm(t *testing.T) {
	needRoot(t, "unsharing namespaces")
	if !alone(t) {
		return
	}
	for name, newLive := range bothModes {
		t.Run(name, func(t *testing.T) {
			l := newLive(t)
			refresh(t, l)
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					if out, err := exec.Command("/bin/sh", "-c", storm).CombinedOutput(); err != nil {
						t.Errorf("%v: %s", err, out)
					}
				})
			}
			ended := make(chan struct{})
			go func() { wg.Wait(); close(ended) }()
			refreshes := 0
			for running := true; running; refreshes++ {
				select {
				case <-ended:
					running = false
				default:
				}
				if snap := refresh(t, l); snap.Find(snap.Self) == nil || snap.Unreadable[Unparsed]+snap.Unreadable[Other] != 0 {
					t.Fatalf("we are not there, or unreadable are %v", snap.Unreadable)
				}
			}
			if l.Status().Mode == Polling {
				for range verifyParts {
					refresh(t, l)
				}
			}
			trueToFresh(t, l)
			t.Logf("%d refreshes, the kernel lost count %d times", refreshes, l.Status().Lost)
		})
	}
}

// trueToFresh compares what a Live has with fresh scans. On a host where others are at work, too, some of
// them may move at that moment, and polling sees that later: what is wrong stays wrong.
func trueToFresh(t *testing.T, l *Live) {
	t.Helper()
	var wrong []string
	for range 3 {
		if wrong = compareFresh(t, l); wrong == nil {
			return
		}
		for range verifyParts {
			refresh(t, l)
		}
	}
	t.Errorf("it is not true:\n%s", strings.Join(wrong, "\n"))
}

// compareFresh compares with two scans, one before and one after a refresh: what both say must be in it,
// and nothing must be that neither has.
func compareFresh(t *testing.T, l *Live) (wrong []string) {
	t.Helper()
	before := scanOf(t, l)
	snap := refresh(t, l)
	after := scanOf(t, l)
	// What lived between the scans only is gone by now. Zombies that stay are not looked for each time.
	again := refresh(t, l)
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for _, p := range before.Procs {
		q := after.Find(p.ID())
		if q == nil || q.NS != p.NS || q.Zombie() != p.Zombie() {
			continue
		}
		if r := snap.Find(p.ID()); r == nil || r.NS != p.NS || r.Zombie() != p.Zombie() {
			say("process %d (%q) is %+v, scans say %+v", p.PID, p.Comm, r, p)
		}
	}
	for _, p := range snap.Procs {
		if before.Find(p.ID()) == nil && after.Find(p.ID()) == nil && again.Find(p.ID()) != nil && !p.Zombie() {
			say("process %d (%q) is no more: %+v", p.PID, p.Comm, p)
		}
	}
	for k := range snap.Namespaces {
		for _, n := range snap.Namespaces[k] {
			if before.Namespace(n.ID) == nil && after.Namespace(n.ID) == nil && again.Namespace(n.ID) != nil && len(n.Members) > 0 {
				say("%v is no more: %+v", n.ID, n)
			}
		}
		for _, n := range before.Namespaces[k] {
			if later := after.Namespace(n.ID); later != nil && later.Unique == n.Unique && len(n.Members) > 0 && snap.Namespace(n.ID) == nil {
				say("%v is missing", n.ID)
			}
		}
	}
	return wrong
}

func scanOf(t *testing.T, l *Live) *Snapshot {
	t.Helper()
	snap, err := New(Options{Root: l.scanner.root}).Scan(context.Background(), Owners, nil)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// TestOverflow forks until the kernel has more to tell than there is room for, and compares with a fresh
// scan.
func TestOverflow(t *testing.T) {
	if os.Geteuid() == 0 && !alone(t) {
		return
	}
	l := newListening(t)
	refresh(t, l)
	stayed := start(t, nil, "")
	for forks := 4000; l.Status().Lost == 0; forks *= 2 {
		if forks > 64_000 {
			t.Fatal("nothing was lost")
		}
		script := fmt.Sprintf("i=0; while [ $i -lt %d ]; do ( : ); i=$((i+1)); done", forks)
		if out, err := exec.Command("/bin/sh", "-c", script).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		refresh(t, l)
	}
	trueToFresh(t, l)
	if s := l.Status(); s.Mode != Events || refresh(t, l).ByPID(stayed.Process.Pid) == nil {
		t.Errorf("the status is %+v", s)
	}
}

// TestRefreshesFromManyGoroutines is for the race detector.
func TestRefreshesFromManyGoroutines(t *testing.T) {
	if os.Geteuid() == 0 && !alone(t) {
		return
	}
	for name, newLive := range bothModes {
		t.Run(name, func(t *testing.T) {
			l := newLive(t)
			var wg sync.WaitGroup
			for range 3 {
				repeat(t, &wg, 10, func() error { return refreshAndLook(l) })
			}
			repeat(t, &wg, 2, func() error { return l.Deepen(context.Background(), 1) })
			repeat(t, &wg, 30, func() error { return exec.Command("/bin/true").Run() })
			wg.Wait()
		})
	}
}

// repeat starts a goroutine that does something several times.
func repeat(t *testing.T, wg *sync.WaitGroup, times int, do func() error) {
	t.Helper()
	wg.Go(func() {
		for range times {
			if err := do(); err != nil {
				t.Error(err)
			}
		}
	})
}

func refreshAndLook(l *Live) error {
	snap, err := l.Refresh(context.Background(), func(*Snapshot) {})
	if err != nil {
		return err
	}
	l.Look([]ProcID{snap.Self})
	if s := l.Status(); s.At.IsZero() {
		return errors.New("there is no time")
	}
	return nil
}
