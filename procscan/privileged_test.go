package procscan

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

const nobody = 65534

// asNobody are the attributes of a child without rights.
func asNobody() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
}

// own are the attributes of a child with a pid namespace and mounts of its own.
func own() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS}
}

// mountProc mounts the proc of this pid namespace, in a mount namespace that must be the test's own.
func mountProc(t *testing.T, at, options string) {
	t.Helper()
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("proc", at, "proc", 0, options); err != nil {
		t.Fatal(err)
	}
}

// alone runs the test as rerun does, in a pid namespace with a proc of its own: others make and end
// processes and namespaces all the time, and may have thousands, which each scan would read.
func alone(t *testing.T) (child bool) {
	t.Helper()
	if !rerun(t, own()) {
		return false
	}
	mountProc(t, "/proc", "")
	return true
}

// enoughThreads makes more threads than the tests need at once. Go keeps them, so that no new one takes the
// pid a process is to have: it would not give it back.
var enoughThreads = sync.OnceFunc(func() {
	var made, ended sync.WaitGroup
	release := make(chan struct{})
	for range 32 {
		made.Add(1)
		ended.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			made.Done()
			<-release
		})
	}
	made.Wait()
	close(release)
	ended.Wait()
})

// startAs starts a command until it gets the pid; threads of the test may be faster now and then.
func startAs(t *testing.T, pid int, arg string) *exec.Cmd {
	t.Helper()
	enoughThreads()
	for range 100 {
		if err := os.WriteFile("/proc/sys/kernel/ns_last_pid", []byte(strconv.Itoa(pid-1)), 0); err != nil {
			t.Skipf("needs a kernel with ns_last_pid: %v", err)
		}
		cmd := start(t, nil, "", arg)
		if cmd.Process.Pid == pid {
			return cmd
		}
		end(cmd)
	}
	t.Fatalf("no process got pid %d", pid)
	return nil
}

func end(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

func TestReusedPID(t *testing.T) {
	needRoot(t, "choosing the pids of processes")
	if !alone(t) {
		return
	}
	const pid = 4000

	s := New(Options{})
	for i := range 20 {
		arg := fmt.Sprintf("process %d", i)
		cmd := startAs(t, pid, arg)
		for range 2 {
			p := mustScan(t, s).ByPID(pid)
			if p == nil || len(p.Args) == 0 || p.Args[len(p.Args)-1] != arg {
				t.Fatalf("instead of %q there is %+v", arg, p)
			}
		}
		end(cmd)
	}

	// The same while the process is being read: at each step another takes its pid.
	for step := 1; ; step++ {
		cmd := startAs(t, pid, "first")
		s := New(Options{})
		calls, links := 0, 0
		hook(s, func(call, path string) syscall.Errno {
			if path == "4000" || strings.HasPrefix(path, "4000/") {
				if calls == step {
					end(cmd)
					cmd = startAs(t, pid, "second")
				}
				calls++
				if calls > step && call == "readlink" {
					links++
				}
			}
			return 0
		})
		snap := mustScan(t, s)
		// Only one that started in the same tick may be there in its place, and then as a whole.
		if p := snap.ByPID(pid); p != nil && slices.Contains(p.Args, "second") && links < ns.NumKinds {
			t.Fatalf("step %d: read from both processes: %+v", step, p)
		}
		end(cmd)
		if calls <= step {
			if step < 15 {
				t.Errorf("only %d steps", step)
			}
			return
		}
	}
}

// TestAgreesWithLsns compares with lsns(8) row by row, in a pid namespace where nothing else moves.
func TestAgreesWithLsns(t *testing.T) {
	needRoot(t, "making namespaces of every kind")
	if _, err := exec.LookPath("lsns"); err != nil {
		t.Skip("needs lsns: ", err)
	}
	if !alone(t) {
		return
	}
	made := 0
	for _, flags := range []uintptr{
		unix.CLONE_NEWNET, unix.CLONE_NEWUTS | unix.CLONE_NEWIPC, unix.CLONE_NEWNS, unix.CLONE_NEWCGROUP,
		unix.CLONE_NEWPID, unix.CLONE_NEWUSER | unix.CLONE_NEWNET,
		unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP,
	} {
		for _, script := range []string{"", "sleep 1000 & "} {
			start(t, &syscall.SysProcAttr{Cloneflags: flags}, script)
			for _, k := range ns.Kinds() {
				if flags&uintptr(k.CloneFlag()) != 0 {
					made++
				}
			}
		}
	}
	numberNetworks(t)
	snap := mustScan(t, New(Options{}))
	theirs := lsns(t, snap)
	for _, list := range snap.Namespaces {
		for _, n := range list {
			got := row{members: len(n.Members), parent: n.Parent, owner: n.Owner, number: n.NETNSID}
			if n.Leader >= 0 {
				got.leader = snap.Procs[n.Leader].PID
			}
			if got != theirs[n.ID] {
				t.Errorf("%v is %+v, lsns says %+v", n.ID, got, theirs[n.ID])
			}
			delete(theirs, n.ID)
		}
	}
	if len(theirs) != 0 || snap.Count() < made {
		t.Errorf("%d namespaces, %d were made; only lsns has %v", snap.Count(), made, theirs)
	}
}

// row is what lsns says of a namespace.
type row struct {
	members, leader int
	parent, owner   uint64
	number          int
}

// lsns runs lsns(8), and takes it out of its own counts.
func lsns(t *testing.T, snap *Snapshot) map[ns.ID]row {
	t.Helper()
	out, err := exec.Command("lsns", "-n", "-r", "-o", "NS,TYPE,NPROCS,PID,PNS,ONS,NETNSID").Output()
	if err != nil {
		t.Fatalf("lsns: %v", err)
	}
	rows := make(map[ns.ID]row)
	for line := range strings.Lines(string(out)) {
		var id ns.ID
		var kind, number string
		var r row
		if _, err := fmt.Sscan(line, &id.Ino, &kind, &r.members, &r.leader, &r.parent, &r.owner, &number); err != nil && kind == "net" {
			t.Fatalf("%q: %v", line, err)
		}
		id.Kind, _ = ns.ParseKind(kind)
		if id.Ino == snap.Mine[id.Kind] {
			r.members--
		}
		r.number = -1
		if n, err := strconv.Atoi(number); err == nil {
			r.number = n
		}
		rows[id] = r
	}
	return rows
}

// numberNetworks gives one of two new network namespaces a number in ours, as ip-netns(8) does for
// those it names.
func numberNetworks(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("ip"); err != nil {
		t.Log("without ip no network namespace has a number: ", err)
		return
	}
	start(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}, "")
	numbered := start(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}, "")
	pid := strconv.Itoa(numbered.Process.Pid)
	if err := unix.Mount("run", "/run", "tmpfs", 0, ""); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"attach", "ours", pid}, {"set", "ours", "42"}} {
		if out, err := exec.Command("ip", append([]string{"netns"}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("ip netns %v: %s", args, out)
		}
	}
	link, err := os.Readlink("/proc/" + pid + "/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	id, err := ns.ParseLink(link)
	if err != nil {
		t.Fatal(err)
	}
	n := mustScan(t, New(Options{})).Namespace(id)
	if n == nil || n.NETNSID != 42 || !n.NETNSIDKnown {
		t.Errorf("the namespace with a number is %+v", n)
	}
}

func TestOwners(t *testing.T) {
	if os.Geteuid() == 0 && !rerun(t, asNobody()) {
		return // root would own everything and prove nothing
	}
	uid := uint32(os.Geteuid())
	cmd := start(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWUSER | unix.CLONE_NEWNET | unix.CLONE_NEWUTS}, "")
	s := New(Options{})
	h := hook(s, func(string, string) syscall.Errno { return 0 })
	snap := mustScan(t, s)
	p := snap.ByPID(cmd.Process.Pid)
	if p == nil || p.NS.Differs(&snap.Mine) != ns.SetOf(ns.User, ns.Net, ns.UTS) {
		t.Fatalf("the child is %+v", p)
	}
	for k := range ns.Kind(ns.NumKinds) {
		n := snap.Namespace(p.NS.ID(k))
		want := uint32(0)
		if p.NS[k] != snap.Mine[k] {
			want = uid
		}
		if n == nil || !n.OwnerKnown || n.OwnerUID != want {
			t.Errorf("%v is %+v, want owner %d", k, n, want)
		}
	}
	// The root, a socket, a namespace, its parent (of whoever has one) and its owner; nothing stays.
	if len(h.paths) != 0 || h.peak > 5 {
		t.Errorf("%d descriptors were open at once, left open are %v", h.peak, h.paths)
	}
}

func TestOwnerIsAskedOfTheRightNamespace(t *testing.T) {
	cmd := start(t, nil, "")
	s := New(Options{})
	snap := mustScan(t, s)
	fd, errno := s.sys.open(unix.AT_FDCWD, []byte("/proc\x00"), openDir)
	if errno != 0 {
		t.Fatal(errno)
	}
	defer s.sys.close(fd)
	r := newReader(s.sys, fd)
	p := snap.ByPID(cmd.Process.Pid)
	link, id := fileLinks[ns.Net], p.NS.ID(ns.Net)
	nsfd, errno := r.openLink(p.PID, link, id)
	if errno != 0 {
		t.Errorf("the namespace cannot be opened: %v", errno)
	} else {
		s.sys.close(nsfd)
	}
	id.Ino++
	if _, errno := r.openLink(p.PID, link, id); errno != unix.ESTALE {
		t.Errorf("another namespace is opened with %v", errno)
	}
}

// Two namespaces of one inode number have different unique numbers.
func TestUniqueNumbers(t *testing.T) {
	snap := mustScan(t, New(Options{}))
	seen := map[uint64]ns.ID{}
	for _, k := range ns.Kinds() {
		for i := range snap.Namespaces[k] {
			n := &snap.Namespaces[k][i]
			if n.Unique == 0 {
				continue // an older kernel, or not told us
			}
			if other, ok := seen[n.Unique]; ok {
				t.Errorf("%s and %s both have the number %d", other, n.ID, n.Unique)
			}
			seen[n.Unique] = n.ID
		}
	}
	fd, err := unix.Open("/proc/self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	var id uint64
	if (direct{}).unique(fd, &id) == 0 && seen[id] != snap.Mine.ID(ns.Net) {
		t.Errorf("our network namespace has the number %d, which the snapshot gives to %v", id, seen[id])
	}
}

func TestUnprivileged(t *testing.T) {
	if os.Geteuid() == 0 && !rerun(t, asNobody()) {
		return
	}
	snap := mustScan(t, New(Options{}))
	if len(snap.Refused) == 0 {
		t.Skip("needs processes of other users")
	}
	if self := snap.Find(snap.Self); self == nil || self.Refused != "" || self.NS != snap.Mine {
		t.Errorf("we are %+v", self)
	}
	named := 0
	for _, i := range snap.Refused {
		p := snap.Procs[i]
		switch {
		case p.Comm != "" && len(p.NSpid) > 0:
			named++
		case p.Texts && snap.Hidepid == "": // without, it had ended when they were read
			t.Errorf("process %d, which refused, has no name or no pid: %+v", p.PID, p)
		}
	}
	if named == 0 && snap.Hidepid == "" {
		t.Errorf("none of %d who refused has a name and a pid", len(snap.Refused))
	}
	first := snap.Procs[snap.Refused[0]]
	d, err := New(Options{}).Inspect(context.Background(), first.ID())
	if snap.Hidepid == "" && (err != nil || d.Refused != first.Refused || d.Root != "" || d.Threads == 0) {
		t.Errorf("process %d is %+v, %v", first.PID, d, err)
	}
	if n := snap.Unreadable[Denied] + snap.Unreadable[NotPerm]; n != len(snap.Refused) {
		t.Errorf("%d refused, counted are %v", len(snap.Refused), snap.Unreadable)
	}
}

func TestRealHidepid(t *testing.T) {
	needRoot(t, "mounting proc")
	if !rerun(t, own()) {
		return
	}
	root := t.TempDir()
	mountProc(t, root, "hidepid=2")
	defer func() { _ = unix.Unmount(root, 0) }()
	snap := mustScan(t, New(Options{Root: root}))
	if snap.Hidepid != "invisible" && snap.Hidepid != "2" { // before Linux 5.8
		t.Errorf("hidepid is %q", snap.Hidepid)
	}
	if snap.Self.PID != os.Getpid() {
		t.Errorf("we are %v", snap.Self)
	}
}

func TestForeignProcRoot(t *testing.T) {
	needRoot(t, "making a pid namespace")
	if !rerun(t, own()) {
		return
	}
	// Nothing is mounted, so /proc is that of the namespace outside.
	snap := mustScan(t, New(Options{}))
	link, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		t.Fatal(err)
	}
	if os.Getpid() != 1 || snap.Self != (ProcID{}) || snap.Mine.ID(ns.PID).String() != link {
		t.Errorf("we are %v in %v, want %s", snap.Self, snap.Mine, link)
	}
	n := snap.Namespace(snap.Mine.ID(ns.PID))
	if n == nil || len(n.Members) != 1 || !slices.Equal(snap.Procs[n.Leader].NSpid[1:], []int{1}) {
		t.Errorf("our pid namespace is %+v", n)
	}
}

// TestScannerKeepsNoNamespaceAlive holds that a network namespace goes with its last process though
// it was scanned all the time: the peer of the interface in it vanishes, and the kernel tells.
func TestScannerKeepsNoNamespaceAlive(t *testing.T) {
	needRoot(t, "making network interfaces")
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("needs ip: ", err)
	}
	if !rerun(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}) {
		return
	}
	cmd := start(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}, "")
	pid := strconv.Itoa(cmd.Process.Pid)
	if out, err := exec.Command("ip", "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", pid).CombinedOutput(); err != nil {
		t.Skipf("needs a kernel with veth: %s", out)
	}
	gone := linkGone(t)

	s := New(Options{})
	scanDeep(t)
	p := mustScan(t, s).ByPID(cmd.Process.Pid)
	if p == nil || p.NS.Differs(&ns.Tuple{ns.Net: mustScan(t, s).Mine[ns.Net]}) != ns.SetOf(ns.Net) {
		t.Fatalf("the child is %+v", p)
	}
	if _, err := s.Inspect(context.Background(), p.ID()); err != nil {
		t.Fatal(err)
	}
	end(cmd)
	// s is still in use below, so nothing it holds was collected.
	gone()
	mustScan(t, s)
}

// startPiped starts a command and returns the other ends of its standard input and output.
func startPiped(t testing.TB, cmd *exec.Cmd) (in io.WriteCloser, out io.ReadCloser) {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if out, err = cmd.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return in, out
}
