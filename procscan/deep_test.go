package procscan

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

func mustLink(t *testing.T, text string) ns.ID {
	t.Helper()
	id, err := ns.ParseLink(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func number10(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func scanDeep(t *testing.T) *Snapshot {
	t.Helper()
	snap, err := New(Options{}).Scan(context.Background(), Everything&^Texts, nil)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// wantNone holds that a namespace is no more. Its inode number may be another one's by now.
func wantNone(t *testing.T, was *Namespace) {
	t.Helper()
	n := scanDeep(t).Namespace(was.ID)
	if n != nil && n.Unique == was.Unique && (n.Unique != 0 || len(n.Members) == 0) {
		t.Errorf("%v is still there: %+v", was.ID, n)
	}
}

// wantKept holds that a namespace without processes is there, kept by that alone, that its owner is
// known, and that the short look says the same. It returns a function that holds it is gone.
func wantKept(t *testing.T, id ns.ID, by Holder, proc *exec.Cmd, number int) (wantGone func()) {
	t.Helper()
	snap := scanDeep(t)
	n := snap.Namespace(id)
	if n == nil {
		t.Fatalf("there is no %v", id)
	}
	if len(n.Members) != 0 || n.Leader != -1 || len(n.Keepers) != 1 {
		t.Fatalf("%v is %+v, want it kept by one alone", id, n)
	}
	k := n.Keepers[0]
	if k.By != by || k.Proc.PID != proc.Process.Pid || k.Number != number || snap.Find(k.Proc) == nil {
		t.Errorf("%v is kept by %+v, want %d of process %d, number %d", id, k, by, proc.Process.Pid, number)
	}
	if !n.OwnerKnown || n.Owner == 0 {
		t.Errorf("the owner is not known: %+v", n)
	}
	r, held := holdingOf(t, id)
	if !r.holds(&held) {
		t.Errorf("the short look does not see %+v", held)
	}
	return func() {
		t.Helper()
		wantNone(t, n)
		if r.holds(&held) {
			t.Errorf("the short look still sees %+v", held)
		}
	}
}

// holdingOf returns the first holding of a namespace, and a reader to look at it again.
func holdingOf(t *testing.T, id ns.ID) (*reader, holding) {
	t.Helper()
	s := New(Options{})
	held, _, err := s.deep(context.Background(), Deep, mustScan(t, s).Procs, nil)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(held, func(h holding) bool { return h.id == id && !h.bare })
	if i < 0 {
		t.Fatalf("nothing holds %v", id)
	}
	root, err := s.openRoot()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.sys.close(root) })
	return newReader(s.sys, root), held[i]
}

func TestKeptByThread(t *testing.T) {
	needRoot(t, "making namespaces")
	if !alone(t) {
		return
	}
	cmd, words := startHelper(t, "thread", nil)
	tid := number10(t, words[0])
	gone := wantKept(t, mustLink(t, words[1]), ByThread, cmd, tid)
	wantKept(t, mustLink(t, words[2]), ByThread, cmd, tid)
	end(cmd)
	gone()
}

func TestKeptBySocket(t *testing.T) {
	needRoot(t, "making namespaces")
	if !alone(t) {
		return
	}
	cmd, words := startHelper(t, "socket", nil)
	gone := wantKept(t, mustLink(t, words[1]), BySocket, cmd, number10(t, words[0]))
	end(cmd)
	gone()
}

// A socket of a process in a user namespace, whose network namespace belongs to that.
func TestKeptBySocketOfOtherUser(t *testing.T) {
	needRoot(t, "making namespaces")
	if !alone(t) {
		return
	}
	ids := []syscall.SysProcIDMap{{ContainerID: 0, HostID: 100_000, Size: 1}}
	cmd, words := startHelper(t, "socket", &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWUSER, UidMappings: ids, GidMappings: ids, Credential: &syscall.Credential{},
	})
	id := mustLink(t, words[1])
	gone := wantKept(t, id, BySocket, cmd, number10(t, words[0]))
	if n := scanDeep(t).Namespace(id); n.OwnerUID != 0 && n.OwnerUID != 100_000 {
		t.Errorf("it belongs to %d", n.OwnerUID)
	}
	end(cmd)
	gone()
}

// startNet starts a process in a network namespace of its own, and one that has it open; the first
// has ended when it returns.
func startNet(t *testing.T, flags uintptr, link string) (holder *exec.Cmd, id ns.ID) {
	t.Helper()
	member := start(t, &syscall.SysProcAttr{Cloneflags: flags}, "")
	path := fmt.Sprintf("/proc/%d/ns/%s", member.Process.Pid, link)
	text, err := os.Readlink(path)
	if err != nil {
		t.Fatal(err)
	}
	holder = start(t, nil, "exec 9<"+path+"\n")
	end(member)
	return holder, mustLink(t, text)
}

func TestKeptByFile(t *testing.T) {
	needRoot(t, "making namespaces")
	if !alone(t) {
		return
	}
	for _, k := range ns.Kinds() {
		if k == ns.PID || k == ns.Time {
			continue // the first process of a pid namespace is its life; nobody is in a time namespace by unshare
		}
		holder, id := startNet(t, uintptr(k.CloneFlag()), k.String())
		gone := wantKept(t, id, ByFile, holder, 9)
		end(holder)
		gone()
	}
}

func TestKeptForNextChild(t *testing.T) {
	needRoot(t, "making namespaces")
	cmd := exec.Command("unshare", "--pid", "--fork", "sh", "-c", "echo; read end")
	stdin, stdout := startPiped(t, cmd)
	defer func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	}()
	if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	snap := scanDeep(t)
	p := snap.ByPID(cmd.Process.Pid)
	if p == nil || p.NextPID == 0 {
		t.Fatalf("the process is %+v", p)
	}
	id := ns.ID{Kind: ns.PID, Ino: p.NextPID}
	n := snap.Namespace(id)
	want := Keeper{By: ByNext, Proc: p.ID()}
	if n == nil || len(n.Members) != 1 || !slices.Contains(n.Keepers, want) {
		t.Fatalf("it is %+v, want it kept by %+v", n, want)
	}
	s := New(Options{})
	root, err := s.openRoot()
	if err != nil {
		t.Fatal(err)
	}
	defer s.sys.close(root)
	r := newReader(s.sys, root)
	self := r.host()
	fd, errno := r.openHeld(id, want, &self)
	if errno != 0 {
		t.Fatalf("open it: %v", errno)
	}
	s.sys.close(fd)
	if !r.holds(&holding{id: id, keeper: want}) {
		t.Error("the short look does not see it")
	}
	id.Ino++
	if fd, errno := r.openHeld(id, want, &self); errno != unix.ESTALE {
		t.Errorf("another namespace is opened: %d, %v", fd, errno)
	}
}

func TestManyFiles(t *testing.T) {
	needRoot(t, "making namespaces")
	if !alone(t) {
		return
	}
	cmd, words := startHelper(t, "files", &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET})
	wantKept(t, mustLink(t, words[3]), ByFile, cmd, number10(t, words[2]))
	n := scanDeep(t).Namespace(mustLink(t, words[1]))
	if n == nil || len(n.Members) != 1 || len(n.Keepers) != maxKeepers {
		t.Fatalf("the namespace that is open 2,000 times is %+v", n)
	}
}

func TestDeepAsOrdinaryUser(t *testing.T) {
	if os.Geteuid() == 0 && !rerun(t, asNobody()) {
		return
	}
	holder, id := startNet(t, unix.CLONE_NEWUSER|unix.CLONE_NEWNET, "net")
	snap := scanDeep(t)
	n := snap.Namespace(id)
	if n == nil || len(n.Keepers) != 1 || n.Keepers[0].Proc.PID != holder.Process.Pid || n.Keepers[0].By != ByFile {
		t.Errorf("the namespace our child holds is %+v", n)
	}
	if len(snap.Refused) == 0 {
		t.Skip("needs processes of other users")
	}
	for _, what := range []Want{Files, Sockets} {
		if !slices.ContainsFunc(snap.Missed, func(m Miss) bool { return m.What == what && m.Count > 0 }) {
			t.Errorf("missed are %v, nothing of %d", snap.Missed, what)
		}
	}
}

// stuckKernel does not come back from reading the first descriptor of one process.
type stuckKernel struct {
	kernel

	gate chan struct{}
	pid  int
	mu   sync.Mutex
	in   map[int]string // what is open of the process
}

func (k *stuckKernel) open(dir int, name []byte, flags int) (int, syscall.Errno) {
	fd, errno := k.kernel.open(dir, name, flags)
	k.mu.Lock()
	defer k.mu.Unlock()
	path := k.in[dir] + "/" + strings.TrimSuffix(string(name), "\x00")
	delete(k.in, fd)
	if errno == 0 && (path == fmt.Sprintf("/%d", k.pid) || k.in[dir] != "") {
		k.in[fd] = path
	}
	return fd, errno
}

func (k *stuckKernel) readlink(dir int, name, buf []byte) (int, syscall.Errno) {
	k.mu.Lock()
	stuck := strings.HasSuffix(k.in[dir], "/fd") && name[0] == '0'
	k.mu.Unlock()
	if stuck {
		<-k.gate
	}
	return k.kernel.readlink(dir, name, buf)
}

func TestDeepIsStuckNowhere(t *testing.T) {
	cmd := start(t, nil, "")
	s := New(Options{})
	procs := mustScan(t, s).Procs
	gate := make(chan struct{})
	defer close(gate)
	s.patience = busyPatience
	s.sys, s.workers = &stuckKernel{kernel: s.sys, gate: gate, pid: cmd.Process.Pid, in: map[int]string{}}, 1
	_, missed, err := s.deep(context.Background(), Files, procs, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Miss{What: Files, Reason: Stuck, Count: 1}); !slices.Contains(missed, want) {
		t.Errorf("missed are %v, not %v", missed, want)
	}
}

// Who looks at what is mounted may be left behind, and then goes on while others put new processes in the
// place of those the pass has.
func TestDeepHasItsOwnProcesses(t *testing.T) {
	s := New(Options{})
	procs := mustScan(t, s).Procs
	c, err := s.openCrew()
	if err != nil {
		t.Fatal(err)
	}
	defer c.root.release()
	defer c.close()
	d := s.newDig(Mounts, nil)
	if _, _, err := d.rest(t.Context(), c, procs); err != nil {
		t.Fatal(err)
	}
	was := procs[0]
	procs[0] = stuckProcess(was.PID)
	if len(d.procs) != len(procs) || d.procs[0] != was {
		t.Errorf("it has %d processes, the first is %+v", len(d.procs), d.procs[0])
	}
}

// A pace is kept, and can end it.
func TestDeepIsPaced(t *testing.T) {
	s := New(Options{})
	procs := mustScan(t, s).Procs
	slices := 0
	_, _, err := s.deep(context.Background(), Deep, procs, func(context.Context) error {
		slices++
		return nil
	})
	if err != nil || slices < len(procs)/deepChunk {
		t.Errorf("%d slices of work, %v", slices, err)
	}
	_, _, err = s.deep(context.Background(), Deep, procs, func(context.Context) error { return os.ErrDeadlineExceeded })
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("ended by its pace it says %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err = s.deep(ctx, Deep, procs, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended it says %v", err)
	}
}

// Under a proc root whose pids are other processes' for our system calls, those are not made.
func TestDeepUnderForeignRoot(t *testing.T) {
	needRoot(t, "making a pid namespace")
	if !rerun(t, own()) {
		return
	}
	// Nothing is mounted, so /proc is that of the namespace outside.
	s := New(Options{})
	procs := mustScan(t, s).Procs
	k := &countingKernel{kernel: s.sys}
	s.sys = k
	_, missed, err := s.deep(context.Background(), Deep, procs, nil)
	if err != nil || k.pidfds != 0 || !slices.Contains(missed, Miss{What: Sockets, Reason: Foreign, Count: 1}) {
		t.Errorf("%d processes were asked by pid; missed are %v; %v", k.pidfds, missed, err)
	}
}

// countingKernel counts the calls that take a pid.
type countingKernel struct {
	kernel

	pidfds int
}

func (k *countingKernel) pidfd(pid int) (int, syscall.Errno) {
	k.pidfds++
	return k.kernel.pidfd(pid)
}
