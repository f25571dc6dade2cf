package procscan

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// inTime runs f, which must not wait for a file system.
func inTime(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("it waits")
	}
}

// In some containers the stat of proc is a file of FUSE. Nobody may answer for it any more.
func TestDeadFileOverStat(t *testing.T) {
	needRoot(t, "mounting")
	if !rerun(t, own()) {
		return
	}
	ownMounts(t)
	before := mustScan(t, New(Options{})).Boot
	dir := t.TempDir()
	fs := mountFUSE(t, dir)
	if err := unix.Mount(filepath.Join(dir, "file"), "/proc/stat", "", unix.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	fs.die()
	inTime(t, func() {
		snap := mustScan(t, New(Options{}))
		if d := snap.Boot.Sub(before).Abs(); len(snap.Procs) == 0 || d > 2*time.Second {
			t.Errorf("of %d processes the boot was at %v, before it was at %v", len(snap.Procs), snap.Boot, before)
		}
	})
	if err := unix.Unmount("/proc/stat", unix.MNT_DETACH); err != nil {
		t.Error(err)
	}
}

// TestRootThatIsNoProc is about what anybody may put into a directory. Some devices and pipes do something
// when they are opened.
func TestRootThatIsNoProc(t *testing.T) {
	f := newFixture(t)
	outside := filepath.Join(t.TempDir(), "pipe")
	for _, pipe := range []string{outside, filepath.Join(f.root, "pipe")} {
		if err := unix.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f.add(fixtureProc{pid: 7, start: 5, comm: "sh"})
	for pid, trap := range map[string]string{"101": outside, "102": "../pipe", "103": "/dev/zero", "104": "../7/stat"} {
		if err := os.Mkdir(filepath.Join(f.root, pid), 0o700); err != nil {
			t.Fatal(err)
		}
		f.link(pid+"/stat", trap)
	}
	watch, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(watch)
	for _, trap := range []string{outside, filepath.Join(f.root, "pipe")} {
		if _, err := unix.InotifyAddWatch(watch, trap, unix.IN_OPEN); err != nil {
			t.Fatal(err)
		}
	}
	inTime(t, func() {
		snap := mustScan(t, f.scanner())
		if p := snap.ByPID(7); p == nil || p.Comm != "sh" {
			t.Errorf("the process is %+v", p)
		}
		if p := snap.ByPID(101); p == nil || p.Comm != "" {
			t.Errorf("the process that leads out is %+v", p)
		}
	})
	if n, err := unix.Read(watch, make([]byte, 4096)); !errors.Is(err, unix.EAGAIN) {
		t.Errorf("one of them was opened: %d, %v", n, err)
	}
}

// listKernel does not come back from listing the processes until it is released.
type listKernel struct {
	direct

	asked, release chan struct{}
}

func (k *listKernel) list(fd int, buf []byte) (int, syscall.Errno) {
	k.asked <- struct{}{}
	<-k.release
	return k.direct.list(fd, buf)
}

// A refresh that is stuck does not keep the program from its end.
func TestCloseOfOneThatIsStuck(t *testing.T) {
	defer func(was time.Duration) { patience = was }(patience)
	patience = 10 * time.Millisecond
	k := &listKernel{asked: make(chan struct{}, 8), release: make(chan struct{})}
	l := newPolling(t, newFixture(t).root)
	l.scanner.sys, l.scanner.patience = k, time.Hour
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = l.Refresh(t.Context(), nil)
	}()
	<-k.asked
	inTime(t, l.Close)
	close(k.release)
	<-ended
}
