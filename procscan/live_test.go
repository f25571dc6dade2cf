package procscan

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// rerun runs the test that calls it once more in a child process with the given attributes and
// reports whether this is the child. The parent gets the child's verdict and output.
func rerun(t *testing.T, attr *syscall.SysProcAttr) (child bool) {
	t.Helper()
	const mark = "PROCSCAN_TEST_CHILD"
	if os.Getenv(mark) == t.Name() {
		return true
	}
	// By this name the child can be executed by a user who cannot reach the directory it is in.
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v", "-test.count=1")
	cmd.Env = append(os.Environ(), mark+"="+t.Name())
	cmd.SysProcAttr = attr
	out, err := cmd.CombinedOutput()
	t.Logf("in the child:\n%s", out)
	switch {
	case err != nil:
		t.Errorf("the child: %v", err)
	case strings.Contains(string(out), "--- SKIP"):
		t.Skip("the child skipped, its reason is above")
	case !strings.Contains(string(out), "--- PASS: "+t.Name()):
		t.Error("the child did not run the test")
	}
	return false
}

// needRoot skips a test that only root can run.
func needRoot(t *testing.T, what string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: " + what)
	}
}

// start starts a shell that runs the script, if any, and then waits for the end of the test. It
// returns when the script has run.
func start(t testing.TB, attr *syscall.SysProcAttr, script string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("/bin/sh", append([]string{"-c", script + wait, "sh"}, args...)...)
	cmd.SysProcAttr = attr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	err = cmd.Start()
	if err != nil && attr != nil {
		t.Skipf("needs a host that lets us make namespaces: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if _, err := io.ReadFull(stdout, make([]byte, len("ready\n"))); err != nil {
		t.Fatalf("script %q: %v", script, err)
	}
	return cmd
}

// wait is the script of a shell that says so when it is ready and stays until its input is closed.
const wait = "echo ready; read -r line"

func TestOwnChild(t *testing.T) {
	cmd := start(t, nil, "", "an\x1b[2J arg", "")
	snap := mustScan(t, New(Options{}))
	self := snap.Find(snap.Self)
	if self == nil || self.PID != os.Getpid() || self.NS != snap.Mine || snap.Mine.Known() == 0 {
		t.Fatalf("we are %+v in %v", self, snap.Mine)
	}
	p := snap.ByPID(cmd.Process.Pid)
	if p == nil || p.PPID != os.Getpid() || p.NS != snap.Mine || p.Comm != "sh" || p.Kernel || p.UID != uint32(os.Geteuid()) {
		t.Fatalf("the child is %+v", p)
	}
	if want := []string{"/bin/sh", "-c", wait, "sh", "an\x1b[2J arg"}; !slices.Equal(p.Args, want) {
		t.Errorf("its arguments are %q", p.Args)
	}
	if at := snap.Started(p); !snap.Boot.IsZero() && (at.After(snap.At) || at.Before(snap.Started(self).Add(-1))) {
		t.Errorf("it started at %v, we at %v, the scan was at %v", at, snap.Started(self), snap.At)
	}
}

func TestZombie(t *testing.T) {
	cmd := exec.Command("/bin/true")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }()
	var info unix.Siginfo
	err := unix.Waitid(unix.P_PID, cmd.Process.Pid, &info, unix.WEXITED|unix.WNOWAIT, nil)
	if err != nil {
		t.Fatal(err)
	}
	snap := mustScan(t, New(Options{}))
	p := snap.ByPID(cmd.Process.Pid)
	if p == nil || !p.Zombie() || p.Comm != "true" || p.Refused != "" {
		t.Fatalf("the zombie is %+v", p)
	}
	for _, k := range p.NS.Known().Kinds() {
		if p.NS[k] != snap.Mine[k] {
			t.Errorf("its %v is %d", k, p.NS[k])
		}
	}
	if !p.NS.Known().Has(ns.User) || p.NS.Known().Has(ns.Net) {
		t.Errorf("known of it are %v", p.NS.Known())
	}
}

// TestAgreesWithProcfs compares with another reader, which is asked before and after the scan: what
// it says the same both times must be in the snapshot.
func TestAgreesWithProcfs(t *testing.T) {
	start(t, nil, "")
	s := New(Options{})
	mustScan(t, s) // so that the second scan has something to remember
	before := oracle(t)
	snap := mustScan(t, s)
	after := oracle(t)
	compared := 0
	for pid, want := range before {
		if again, ok := after[pid]; !ok || !want.same(again) {
			continue
		}
		compared++
		p := snap.ByPID(pid)
		if p == nil {
			t.Errorf("process %d (%s) is missing", pid, want.comm)
			continue
		}
		got := facts{p.Start, p.PPID, stableName(p.Comm), p.UID, p.Args, p.NSpid, p.Cgroup, p.NS}
		if !want.namesKnown {
			got.names = want.names
		}
		if !got.same(want.facts) {
			t.Errorf("process %d is\n%+v, want\n%+v", pid, got, want.facts)
		}
	}
	if compared < 2 {
		t.Errorf("only %d processes could be compared", compared)
	}
}

// facts are what both readers say of a process.
type facts struct {
	start  uint64
	ppid   int
	comm   string
	uid    uint32
	args   []string
	nspid  []int
	cgroup string
	names  ns.Tuple
}

func (f facts) same(o facts) bool {
	return f.start == o.start && f.ppid == o.ppid && f.comm == o.comm && f.uid == o.uid && f.cgroup == o.cgroup &&
		f.names == o.names && slices.Equal(f.args, o.args) && slices.Equal(f.nspid, o.nspid)
}

// stableName returns the part of the name that lasts: workers of the kernel add what they are doing.
func stableName(comm string) string {
	if strings.HasPrefix(comm, "kworker/") {
		comm, _, _ = strings.Cut(strings.ReplaceAll(comm, "+", "-"), "-")
	}
	return comm
}

// testimony is what procfs says; it gives no namespaces at all if one of them cannot be read.
type testimony struct {
	facts
	namesKnown bool
}

func (a testimony) same(b testimony) bool {
	return a.namesKnown == b.namesKnown && a.facts.same(b.facts)
}

func oracle(t *testing.T) map[int]testimony {
	t.Helper()
	fsys, err := procfs.NewFS("/proc")
	if err != nil {
		t.Fatal(err)
	}
	procs, err := fsys.AllProcs()
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[int]testimony)
	for _, p := range procs {
		stat, err1 := p.Stat()
		status, err2 := p.NewStatus()
		args, err3 := p.CmdLine()
		groups, err4 := p.Cgroups()
		if errors.Join(err1, err2, err3, err4) != nil {
			continue
		}
		o := testimony{facts: facts{start: stat.Starttime, ppid: stat.PPID, comm: stableName(stat.Comm), uid: uint32(status.UIDs[1]), args: args}}
		for _, n := range status.NSpids {
			o.nspid = append(o.nspid, int(n))
		}
		longest := ""
		for _, g := range groups {
			if g.HierarchyID == 0 {
				o.cgroup = g.Path
			} else if len(g.Path) > len(longest) {
				longest = g.Path
			}
		}
		if len(o.cgroup) <= 1 && longest != "" {
			o.cgroup = longest
		}
		if len(strings.Join(args, " ")) >= maxArgs-1 {
			continue // cut off by design
		}
		if names, err := p.Namespaces(); err == nil {
			o.namesKnown = true
			for _, k := range ns.Kinds() {
				o.names[k] = uint64(names[k.String()].Inode)
			}
		}
		all[p.PID] = o
	}
	return all
}

func TestCancelledBeforeItBegins(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if snap, err := New(Options{}).Scan(ctx, Owners|Texts, nil); snap != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v", snap, err)
	}
}

// inOtherThread runs f in a goroutine with a thread of its own, which ends with it. That is not the first
// thread of the process, whose namespaces are those of the process.
func inOtherThread(f func()) {
	go func() {
		runtime.LockOSThread() // f's is never unlocked
		if unix.Gettid() != unix.Getpid() {
			f()
			return
		}
		begun := make(chan struct{})
		inOtherThread(func() { close(begun); f() })
		<-begun
		runtime.UnlockOSThread()
	}()
}
