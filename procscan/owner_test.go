package procscan

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// inNested starts a shell in a user namespace within one that has no process.
func inNested(t *testing.T) *exec.Cmd {
	t.Helper()
	for _, program := range []string{"unshare", "sh"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("needs ", program, ": ", err)
		}
	}
	if out, err := exec.Command("unshare", "-Ur", "unshare", "-Ur", "true").CombinedOutput(); err != nil {
		t.Skipf("needs a host that lets us make user namespaces: %s", out)
	}
	return start(t, nil, "exec unshare -Ur unshare -Ur sh -c '"+wait+"'; ")
}

func TestGhostAboveAUserNamespace(t *testing.T) {
	cmd := inNested(t)
	s := New(Options{})
	h := hook(s, func(string, string) syscall.Errno { return 0 })
	snap := mustScan(t, s)
	p := snap.ByPID(cmd.Process.Pid)
	if p == nil {
		t.Fatal("the child is missing")
	}
	inner := snap.Namespace(p.NS.ID(ns.User))
	if inner.Level != 2 || inner.Parent == 0 || inner.Owner != inner.Parent || !inner.OwnerKnown {
		t.Fatalf("the namespace of the child is %+v", inner)
	}
	ghost := snap.Namespace(ns.ID{Kind: ns.User, Ino: inner.Parent})
	if len(ghost.Members) != 0 || ghost.Leader != -1 || ghost.Level != 1 || ghost.Parent != snap.Mine[ns.User] {
		t.Errorf("the one above is %+v", ghost)
	}
	if len(ghost.Keepers) != 1 || ghost.Keepers[0] != (Keeper{By: ByChild, Where: inner.ID}) {
		t.Errorf("it is kept by %+v", ghost.Keepers)
	}
	if mine := snap.Namespace(snap.Mine.ID(ns.User)); mine.Level != 0 || mine.Parent != 0 || len(mine.Keepers) != 0 {
		t.Errorf("ours is %+v", mine)
	}
	// The root, a socket, a namespace, its parent and its owner; nothing stays.
	if len(h.paths) != 0 || h.peak > 5 {
		t.Errorf("%d descriptors were open at once, left open are %v", h.peak, h.paths)
	}
	end(cmd)
	if snap := mustScan(t, New(Options{})); snap.Namespace(ghost.ID) != nil {
		t.Errorf("it is still there: %+v", snap.Namespace(ghost.ID))
	}
}

func TestGhostThatOwnsANamespace(t *testing.T) {
	needRoot(t, "entering a network namespace")
	if _, err := exec.LookPath("nsenter"); err != nil {
		t.Skip("needs nsenter: ", err)
	}
	maker := start(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWUSER | unix.CLONE_NEWNET}, "")
	made := mustScan(t, New(Options{})).ByPID(maker.Process.Pid)
	guest := start(t, nil, `exec nsenter --net=/proc/"$1"/ns/net sh -c '`+wait+"'; ", strconv.Itoa(maker.Process.Pid))
	end(maker)

	snap := mustScan(t, New(Options{}))
	net := snap.Namespace(made.NS.ID(ns.Net))
	if net == nil || len(net.Members) != 1 || snap.Procs[net.Leader].PID != guest.Process.Pid || net.Owner != made.NS[ns.User] {
		t.Fatalf("the network namespace is %+v", net)
	}
	owner := snap.Namespace(made.NS.ID(ns.User))
	if owner == nil || len(owner.Keepers) != 1 || owner.Keepers[0] != (Keeper{By: ByOwned, Where: net.ID}) || owner.Level != 1 {
		t.Errorf("its owner is %+v", owner)
	}
}

func TestNextPIDNamespace(t *testing.T) {
	needRoot(t, "making a pid namespace")
	// The shell's first child is the new namespace's process 1, the shell itself stays where it was.
	empty := start(t, nil, "exec unshare --pid sh -c '"+wait+"'; ")
	// That child has the input of the shell: it ends with it.
	full := start(t, nil, `exec unshare --pid sh -c 'exec 3<&0; (read -r line <&3) & `+wait+"'; ")
	snap := mustScan(t, New(Options{}))
	// A pid namespace without a process 1 is none that could be read: the link is missing.
	p := snap.ByPID(empty.Process.Pid)
	if p.NextPID != 0 || p.NS != snap.Mine || p.Refused != "" || len(snap.Unreadable) != 0 && snap.Unreadable[Other] != 0 {
		t.Errorf("the one without a child is %+v", p)
	}
	p = snap.ByPID(full.Process.Pid)
	n := snap.Namespace(ns.ID{Kind: ns.PID, Ino: p.NextPID})
	if p.NS != snap.Mine || n == nil || len(n.Members) != 1 || n.Parent != snap.Mine[ns.PID] || n.Level != 1 {
		t.Fatalf("the one with a child is %+v, its next namespace %+v", p, n)
	}
	if len(n.Keepers) != 1 || n.Keepers[0] != (Keeper{By: ByNext, Proc: p.ID()}) {
		t.Errorf("it is kept by %+v", n.Keepers)
	}
}

// nextTime in the environment makes a process of the test unshare its next time namespace and wait.
// A shell cannot do it: with the program it would execute it would enter that namespace.
const nextTime = "PROCSCAN_TEST_NEXT_TIME"

// The functions init run in the first thread, whose links are those of the process.
func init() {
	if os.Getenv(nextTime) == "" {
		return
	}
	if err := unix.Unshare(unix.CLONE_NEWTIME); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("ready")
	_, _ = os.Stdin.Read(make([]byte, 1))
	os.Exit(0)
}

// TestNextTimeNamespace is about a namespace that exists before a process is in it.
func TestNextTimeNamespace(t *testing.T) {
	needRoot(t, "making a time namespace")
	if out, err := exec.Command("unshare", "--time", "true").CombinedOutput(); err != nil {
		t.Skipf("needs time namespaces: %s", out)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := start(t, nil, nextTime+`=1 exec "$1"; `, program)
	snap := mustScan(t, New(Options{}))
	p := snap.ByPID(cmd.Process.Pid)
	n := snap.Namespace(ns.ID{Kind: ns.Time, Ino: p.NextTime})
	if p.NextTime == 0 || n == nil || p.NS != snap.Mine {
		t.Fatalf("the process is %+v", p)
	}
	if n.Leader != -1 || n.Owner != snap.Mine[ns.User] || !n.OwnerKnown || len(n.Keepers) != 1 || n.Keepers[0] != (Keeper{By: ByNext, Proc: p.ID()}) {
		t.Errorf("its next time namespace is %+v", n)
	}
}

// TestOwnersOutside is about what a process in a user namespace is not told of what is outside it.
func TestOwnersOutside(t *testing.T) {
	attr := &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	if os.Getenv("PROCSCAN_TEST_CHILD") == "" {
		probe := exec.Command("true")
		probe.SysProcAttr = attr
		if err := probe.Run(); err != nil {
			t.Skipf("needs a host that lets us make user namespaces: %v", err)
		}
	}
	if !rerun(t, attr) {
		return
	}
	snap := mustScan(t, New(Options{}))
	mine := snap.Namespace(snap.Mine.ID(ns.User))
	if mine == nil || mine.Level != 0 || mine.Owner != 0 || mine.Parent != 0 || !mine.OwnerKnown {
		t.Errorf("our user namespace is %+v", mine)
	}
	unknown := 0
	for _, k := range ns.Kinds() {
		n := snap.Namespace(snap.Mine.ID(k))
		if n == nil || k == ns.User {
			continue
		}
		if unknown++; n.Owner != 0 || n.OwnerKnown || n.Level != 0 {
			t.Errorf("of %v, which is from outside, is known %+v", n.ID, n)
		}
	}
	counted := 0
	for _, m := range snap.Missed {
		if m.What == Owners && m.Reason == NotPerm {
			counted = m.Count
		}
	}
	// The pid namespace is ours, and none is above it that we could be told of.
	if counted < unknown-1 || unknown < 6 {
		t.Errorf("%d are unknown, missed are %v", unknown, snap.Missed)
	}
}

// old is a kernel before Linux 4.9.
type old struct{ kernel }

func (old) ownerNS(int) (int, syscall.Errno)                     { return -1, unix.ENOTTY }
func (old) parentNS(int) (int, syscall.Errno)                    { return -1, unix.ENOTTY }
func (old) ownerUID(int, *uint32) syscall.Errno                  { return unix.ENOTTY }
func (old) unique(int, *uint64) syscall.Errno                    { return unix.ENOTTY }
func (old) netlink() (int, syscall.Errno)                        { return -1, unix.EPROTONOSUPPORT }
func (old) listNS(ns.Set, uint64, []uint64) (int, syscall.Errno) { return 0, unix.ENOSYS }

func TestKernelThatTellsNoOwners(t *testing.T) {
	s := New(Options{})
	s.sys = old{s.sys}
	snap := mustScan(t, s)
	for _, k := range ns.Kinds() {
		if n := snap.Namespace(snap.Mine.ID(k)); n != nil && (n.Owner != 0 || n.OwnerKnown || n.Unique != 0 || n.NETNSID != -1 || n.NETNSIDKnown) {
			t.Errorf("of %v is known %+v", n.ID, n)
		}
	}
	var owners, numbers bool
	for _, m := range snap.Missed {
		owners = owners || m.What == Owners && m.Reason == Unknown && m.Count > 0
		numbers = numbers || m.What == NetIDs && m.Reason == Unknown && m.Count > 0
	}
	if !owners || !numbers {
		t.Errorf("missed are %v", snap.Missed)
	}
}
