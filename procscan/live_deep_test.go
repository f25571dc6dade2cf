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

	"nstui/procscan/ns"
)

func TestPaceLeavesTheRestOfTheCore(t *testing.T) {
	at := time.Unix(0, 0)
	var waited time.Duration
	p := pace{share: 0.02, begun: at, now: func() time.Time { return at }, wait: func(_ context.Context, d time.Duration) error {
		waited += d
		at = at.Add(d)
		return nil
	}}
	for range 100 {
		at = at.Add(300 * time.Microsecond)
		if err := p.rest(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if worked := 30 * time.Millisecond; waited < 48*worked || waited > 50*worked {
		t.Errorf("for %v of work it waited %v", worked, waited)
	}
	waited = 0
	at = at.Add(time.Hour) // of waiting for something else
	if err := p.rest(context.Background()); err != nil || waited > 50*mostWork {
		t.Errorf("it waited %v, %v", waited, err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := waitFor(ended, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("a wait that was cancelled gives %v", err)
	}
}

func TestDeepenWantsAShare(t *testing.T) {
	for _, share := range []float64{0, -1, 1.5} {
		if err := newPolling(t, "").Deepen(context.Background(), share); err == nil {
			t.Errorf("a share of %v is taken", share)
		}
	}
}

// deepened returns the snapshot after a deep pass at full speed.
func deepened(t *testing.T, l *Live) *Snapshot {
	t.Helper()
	if err := l.Deepen(context.Background(), 1); err != nil {
		t.Fatal(err)
	}
	snap := refresh(t, l)
	if snap.Read&Deep != Deep || l.Status().DeepAt.IsZero() {
		t.Fatalf("read are %b, at %v", snap.Read, l.Status().DeepAt)
	}
	return snap
}

// TestWhatADeepPassMissedIsTold holds for a pass that found the same as the one before.
func TestWhatADeepPassMissedIsTold(t *testing.T) {
	f := newFixture(t)
	f.add(fixtureProc{pid: 7, comm: "x"})
	l := newPolling(t, f.root)
	deepened(t, l)
	for _, missed := range [][]Miss{{{What: Files, Reason: Stuck, Count: 3}}, nil} {
		l.found = &finding{held: l.picture.held.list, missed: missed}
		if snap := refresh(t, l); !slices.Equal(snap.Missed, slices.Concat(missed, l.picture.unsaid)) {
			t.Errorf("missed are %v, want %v", snap.Missed, missed)
		}
	}
}

// TestHeldByAFile follows a network namespace without processes: it is found by a deep pass and gone as
// soon as the descriptor that held it is closed.
func TestHeldByAFile(t *testing.T) {
	needRoot(t, "making a network namespace")
	if !alone(t) {
		return
	}
	for name, newLive := range bothModes {
		t.Run(name, func(t *testing.T) {
			l := newLive(t)
			cmd := start(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}, "")
			holder, say, wait := obedient(t, fmt.Sprintf("exec 9</proc/%d/ns/net; ", cmd.Process.Pid), "exec 9<&-; echo done; read -r line")
			id := refresh(t, l).ByPID(cmd.Process.Pid).NS.ID(ns.Net)
			end(cmd)
			n := deepened(t, l).Namespace(id)
			if n == nil || n.Leader >= 0 || len(n.Keepers) != 1 || !n.OwnerKnown ||
				n.Keepers[0].By != ByFile || n.Keepers[0].Number != 9 || n.Keepers[0].Proc.PID != holder.Process.Pid {
				t.Fatalf("it is %+v", n)
			}
			before := refresh(t, l)
			if again := before.Namespace(id); again == nil || len(again.Keepers) != 1 {
				t.Errorf("afterwards it is %+v", again)
			}
			say()
			wait()
			after := refresh(t, l)
			if n := after.Namespace(id); n != nil {
				t.Errorf("it is kept by %+v", n.Keepers)
			}
			if got := said(Diff(before, after)); !slices.Contains(got, "vanished "+id.String()) {
				t.Errorf("the differences are %q", got)
			}
		})
	}
}

// TestHeldByAMountOfOurs holds that what is mounted and unmounted where we are is seen by the next
// refresh, without a deep pass between.
func TestHeldByAMountOfOurs(t *testing.T) {
	needRoot(t, "mounting")
	if !alone(t) {
		return
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	for name, newLive := range bothModes {
		t.Run(name, func(t *testing.T) {
			l := newLive(t)
			file := filepath.Join(t.TempDir(), "net work")
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			before := deepened(t, l)
			cmd := start(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}, "")
			if err := unix.Mount("/proc/"+strconv.Itoa(cmd.Process.Pid)+"/ns/net", file, "", unix.MS_BIND, ""); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = unix.Unmount(file, unix.MNT_DETACH) }()
			ended, cancel := context.WithCancel(context.Background())
			cancel()
			if err := l.picture.readOwnMounts(ended); !errors.Is(err, context.Canceled) {
				t.Errorf("in a refresh that is cancelled they are read: %v", err)
			}
			id := refresh(t, l).ByPID(cmd.Process.Pid).NS.ID(ns.Net)
			end(cmd)
			after := refresh(t, l)
			n := after.Namespace(id)
			if n == nil || n.Leader >= 0 || len(n.Keepers) != 1 || n.Keepers[0].By != ByMount || n.Keepers[0].Path != file {
				t.Fatalf("it is %+v", n)
			}
			if got := said(Diff(before, after)); !slices.Contains(got, "appeared "+id.String()) {
				t.Errorf("the differences are %q", got)
			}
			if err := unix.Unmount(file, 0); err != nil {
				t.Fatal(err)
			}
			if n := refresh(t, l).Namespace(id); n != nil {
				t.Errorf("it is kept by %+v", n.Keepers)
			}
		})
	}
}

// TestMountedBeforeTheFirst holds that what was mounted all the time does not appear when something else is
// mounted, though there was no deep pass yet.
func TestMountedBeforeTheFirst(t *testing.T) {
	needRoot(t, "mounting")
	if !rerun(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}) {
		return
	}
	ownMounts(t)
	dir := t.TempDir()
	old := mountNet(t, filepath.Join(dir, "old"))
	defer func() { _ = unix.Unmount(filepath.Join(dir, "old"), unix.MNT_DETACH) }()
	l := newPolling(t, "")
	before := refresh(t, l)
	if before.Namespace(old) == nil {
		t.Errorf("the first snapshot has no %v", old)
	}
	young := mountNet(t, filepath.Join(dir, "young"))
	defer func() { _ = unix.Unmount(filepath.Join(dir, "young"), unix.MNT_DETACH) }()
	got := said(Diff(before, refresh(t, l)))
	if !slices.Contains(got, "appeared "+young.String()) || slices.Contains(got, "appeared "+old.String()) {
		t.Errorf("the differences are %q, want %v and not %v", got, young, old)
	}
}

// TestLiveKeepsNoNamespaceAlive deletes a network namespace with one end of a cable in it while a Live
// runs, deep passes and all: the other end must vanish.
func TestLiveKeepsNoNamespaceAlive(t *testing.T) {
	needRoot(t, "making network interfaces")
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("needs ip: ", err)
	}
	if !rerun(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}) {
		return
	}
	for name, newLive := range bothModes {
		t.Run(name, func(t *testing.T) {
			l := newLive(t)
			cmd := start(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}, "")
			pid := strconv.Itoa(cmd.Process.Pid)
			if out, err := exec.Command("ip", "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", pid).CombinedOutput(); err != nil {
				t.Skipf("needs a kernel with veth: %s", out)
			}
			gone := linkGone(t)
			id := refresh(t, l).ByPID(cmd.Process.Pid).NS.ID(ns.Net)
			deepened(t, l)
			end(cmd)
			gone()
			if n := refresh(t, l).Namespace(id); n != nil {
				t.Errorf("it is still there: %+v", n)
			}
		})
	}
}

// linkGone begins to listen for network interfaces that vanish, and returns what waits for one.
func linkGone(t *testing.T) func() {
	t.Helper()
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: unix.RTMGRP_LINK}); err != nil {
		t.Fatal(err)
	}
	patience := unix.Timeval{Sec: 30}
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &patience); err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		message := make([]byte, 64<<10)
		for {
			n, _, err := unix.Recvfrom(fd, message, 0)
			if err != nil {
				t.Fatalf("the interface is still there: %v", err)
			}
			parsed, err := syscall.ParseNetlinkMessage(message[:n])
			if err != nil {
				t.Fatal(err)
			}
			if slices.ContainsFunc(parsed, func(m syscall.NetlinkMessage) bool { return m.Header.Type == unix.RTM_DELLINK }) {
				return
			}
		}
	}
}

// TestMovesOfThreads follows a thread that leaves its process's namespace and ends: with events both are
// seen in one refresh.
func TestMovesOfThreads(t *testing.T) {
	needRoot(t, "unsharing in a thread")
	if !alone(t) {
		return
	}
	l := newListening(t)
	before := deepened(t, l)
	moved, leave, ended := make(chan ns.ID), make(chan struct{}), make(chan struct{})
	inOtherThread(func() {
		defer close(ended)
		if err := unix.Unshare(unix.CLONE_NEWUTS); err != nil {
			t.Error(err)
			close(moved)
			return
		}
		text, _ := os.Readlink("/proc/thread-self/ns/uts")
		id, _ := ns.ParseLink(text)
		moved <- id
		<-leave
	})
	id := <-moved
	if id.Ino == 0 {
		t.Fatal("the thread could not move")
	}
	after := refresh(t, l)
	n := after.Namespace(id)
	if n == nil || len(n.Keepers) != 1 || n.Keepers[0].By != ByThread || n.Keepers[0].Proc.PID != os.Getpid() {
		t.Fatalf("its namespace is %+v", n)
	}
	if got := said(Diff(before, after)); !slices.Contains(got, "appeared "+id.String()) {
		t.Errorf("the differences are %q", got)
	}
	close(leave)
	<-ended
	awaitThreads(t, l, id)
}

// awaitThreads refreshes until the namespace is gone: a thread ends some time after its goroutine.
func awaitThreads(t *testing.T, l *Live, id ns.ID) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for refresh(t, l).Namespace(id) != nil {
		if time.Now().After(deadline) {
			t.Fatalf("it is still there: %+v", refresh(t, l).Namespace(id))
		}
	}
}

// TestRecycledInode holds that what is told of a namespace is of it and not of the one that had its
// number before. The kernel gives the inode number of a namespace that ends to the next.
func TestRecycledInode(t *testing.T) {
	needRoot(t, "making namespaces")
	if !alone(t) {
		return
	}
	for name, newLive := range bothModes {
		t.Run(name, func(t *testing.T) {
			l := newLive(t)
			recycled := 0
			for try := 0; try < 200 && recycled < 5; try++ {
				cmd := start(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWUTS}, "")
				before := refresh(t, l)
				id := before.ByPID(cmd.Process.Pid).NS.ID(ns.UTS)
				end(cmd)
				cmd = start(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWUTS}, "")
				after := refresh(t, l)
				now := after.ByPID(cmd.Process.Pid).NS.ID(ns.UTS)
				if now != id {
					end(cmd)
					continue
				}
				recycled++
				was, is := before.Namespace(id), after.Namespace(id)
				if was.Unique == 0 || is.Unique == 0 {
					t.Skip("needs a kernel with 64-bit numbers of namespaces")
				}
				if was.Unique == is.Unique {
					t.Errorf("two namespaces have the number %d", is.Unique)
				}
				got := said(Diff(before, after))
				if !slices.Contains(got, "vanished "+id.String()) || !slices.Contains(got, "appeared "+id.String()) {
					t.Errorf("the differences are %q", got)
				}
				end(cmd)
				refresh(t, l)
			}
			if recycled == 0 {
				t.Skip("needs a kernel that gives inode numbers again at once")
			}
		})
	}
}

// TestFactsAreNotAskedTwice counts the questions about namespaces.
func TestFactsAreNotAskedTwice(t *testing.T) {
	l := newPolling(t, "")
	refresh(t, l)
	asked := 0
	hook(l.scanner, func(call, path string) syscall.Errno {
		if call == "open" && strings.Contains(path, "/ns/") {
			asked++
		}
		return 0
	})
	cmd := start(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWUSER | unix.CLONE_NEWUTS}, "")
	snap := refresh(t, l)
	n := snap.Namespace(snap.ByPID(cmd.Process.Pid).NS.ID(ns.UTS))
	if n == nil || !n.OwnerKnown || n.Owner != snap.ByPID(cmd.Process.Pid).NS[ns.User] {
		t.Errorf("it is %+v", n)
	}
	// Others make namespaces while this runs, too.
	if asked == 0 || asked > snap.Count()/2+8 {
		t.Errorf("%d of %d namespaces were asked about", asked, snap.Count())
	}
}
