package procscan

import (
	"context"
	"os"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// listing is a kernel that lists the given namespaces, two at a time, and has no others to tell of.
type listing struct {
	kernel
	numbers []uint64
	errno   syscall.Errno
	network *Namespace // one that can be opened by all that is in its handle
}

func (l listing) openNS(id uint64) (int, syscall.Errno) {
	fd, errno := l.kernel.openNS(id)
	if errno == unix.ESTALE && l.network != nil && id == l.network.Unique {
		return openHandle(id, ns.Net.CloneFlag(), uint32(l.network.ID.Ino))
	}
	return fd, errno
}

func (l listing) listNS(_ ns.Set, after uint64, numbers []uint64) (int, syscall.Errno) {
	from, _ := slices.BinarySearch(l.numbers, after+1)
	return copy(numbers[:2], l.numbers[from:]), l.errno
}

// TestNamespaceOnlyTheKernelKnows is about a network namespace that nothing but a descriptor of this
// very test keeps, in a scan that does not look for descriptors.
func TestNamespaceOnlyTheKernelKnows(t *testing.T) {
	needRoot(t, "opening a namespace by its number")
	cmd := start(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}, "")
	made := mustScan(t, New(Options{})).ByPID(cmd.Process.Pid).NS.ID(ns.Net)
	held, err := os.Open("/proc/" + strconv.Itoa(cmd.Process.Pid) + "/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	n := mustScan(t, New(Options{})).Namespace(made)
	if n.Unique == 0 {
		t.Skip("needs a kernel that numbers namespaces")
	}
	network := *n
	if fd, errno := (listing{kernel: direct{}, network: &network}).openNS(n.Unique); errno != 0 {
		t.Skipf("needs a kernel that opens namespaces by their handles: %v", errno)
	} else {
		(direct{}).close(fd)
	}
	end(cmd)

	s := New(Options{})
	mine := mustScan(t, s).Namespace(ns.ID{Kind: ns.Net, Ino: mustScan(t, s).Mine[ns.Net]})
	scan := func(l listing) *Snapshot {
		t.Helper()
		l.kernel, l.network = direct{}, &network
		s := New(Options{})
		s.sys = l
		h := hook(s, func(string, string) syscall.Errno { return 0 })
		snap, err := s.Scan(context.Background(), Owners|NetIDs|Threads, nil)
		if err != nil {
			t.Fatal(err)
		}
		checkSnapshot(t, snap)
		if len(h.paths) != 0 {
			t.Errorf("left open are %v", h.paths)
		}
		return snap
	}
	// The last has never been there.
	snap := scan(listing{numbers: []uint64{mine.Unique, n.Unique, n.Unique + 1<<40}})
	got := snap.Namespace(made)
	if got == nil || got.Unique != n.Unique || got.Leader != -1 || len(got.Keepers) != 0 || got.Owner != snap.Mine[ns.User] || !got.NETNSIDKnown {
		t.Errorf("the namespace without a process is %+v", got)
	}
	if got := snap.Namespace(mine.ID); len(got.Members) == 0 {
		t.Errorf("ours is %+v", got)
	}
	// So many that were never there are not even tried.
	var many []uint64
	for i := range uint64(maxListed + 1) {
		many = append(many, n.Unique+1<<40+i)
	}
	for _, n := range []int{maxListed, maxListed + 1} {
		missed := scan(listing{numbers: many[:n]}).Missed
		if slices.Contains(missed, Miss{What: Owners, Reason: Other, Count: 1}) != (n > maxListed) {
			t.Errorf("of %d numbers missed are %v", n, missed)
		}
	}
	for _, errno := range []syscall.Errno{unix.ENOSYS, unix.EPERM} {
		snap := scan(listing{errno: errno})
		denied := slices.ContainsFunc(snap.Missed, func(m Miss) bool { return m.What == Owners && m.Reason == NotPerm })
		if snap.Namespace(made) != nil || denied != (errno == unix.EPERM) {
			t.Errorf("after %v it is %+v, missed %v", errno, snap.Namespace(made), snap.Missed)
		}
	}
}
