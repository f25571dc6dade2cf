package nsenter

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"nstui/procscan/ns"
)

// kinds that need a user namespace of one's own come last in these flags: clone makes it first.
func flagsOf(set ns.Set) (clone, unshare uintptr) {
	for _, k := range set.Kinds() {
		if k == ns.Time { // clone(2) has no bit left for it
			unshare |= uintptr(k.CloneFlag())
			continue
		}
		clone |= uintptr(k.CloneFlag())
	}
	return clone, unshare
}

// target is a process in namespaces of its own that does nothing.
type target struct {
	cmd *exec.Cmd
	in  io.WriteCloser
}

func (p *target) ref() Ref { return Ref{PID: p.cmd.Process.Pid} }

func (p *target) end() {
	p.in.Close()
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait() // it was killed, or has been waited for
}

// startTarget starts a process with new namespaces of the given kinds. In a new user namespace it is
// root, mapped to the caller.
func startTarget(t testing.TB, set ns.Set) *target {
	t.Helper()
	return startCommand(t, exec.Command("cat"), set)
}

func startCommand(t testing.TB, cmd *exec.Cmd, set ns.Set) *target {
	t.Helper()
	clone, unshare := flagsOf(set)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: clone, Unshareflags: unshare}
	if set.Has(ns.User) {
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil { // returns after the execve
		t.Fatalf("start a target in %s: %v", set, err)
	}
	p := &target{cmd: cmd, in: in}
	t.Cleanup(p.end)
	return p
}

// echo waits until the command that runs in the target is cat.
func (p *target) echo(t testing.TB, out io.Reader) {
	t.Helper()
	typeLine(t, p.in, "there")
	buf := make([]byte, len("there\n"))
	if _, err := io.ReadFull(out, buf); err != nil {
		t.Fatalf("the target says nothing: %v", err)
	}
}

// typeLine writes a line to a process.
func typeLine(t testing.TB, w io.Writer, text string) {
	t.Helper()
	if _, err := fmt.Fprintln(w, text); err != nil {
		t.Fatal(err)
	}
}

// hangUp closes the terminal of a shell.
func hangUp(t testing.TB, s *Session) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func tupleOf(t testing.TB, pid int) ns.Tuple {
	t.Helper()
	var tuple ns.Tuple
	for _, k := range ns.Kinds() {
		link, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", pid, k))
		if err != nil {
			t.Fatal(err)
		}
		id, err := ns.ParseLink(link)
		if err != nil {
			t.Fatal(err)
		}
		tuple[k] = id.Ino
	}
	return tuple
}

func pin(t testing.TB, ref Ref) *Target {
	t.Helper()
	pinned, err := Pin(ref)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pinned.Close)
	pinned.Explore(true)
	return pinned
}

// enter starts a shell and ends it with the test. The shell is cat: it opens nothing of its own.
func enter(t testing.TB, pinned *Target, set ns.Set) (*Session, *Plan) {
	t.Helper()
	plan := NewPlan(pinned.Facts(), Request{Kinds: set, Shell: "/bin/cat", Tools: ToolsBare}, os.Environ())
	if !plan.Ready() {
		t.Fatalf("the plan for %q is not ready: %v", set, plan.Checks)
	}
	s, err := Start(context.Background(), pinned, plan, 80, 24)
	if err != nil {
		t.Fatalf("enter %q: %v", set, err)
	}
	t.Cleanup(func() {
		hangUp(t, s)
		s.Wait()
	})
	return s, plan
}

// checkLinks compares all eight namespaces of the shell, seen from outside, with what they should be:
// the target's for the kinds entered, ours for the others.
func checkLinks(t *testing.T, shell, target int, entered ns.Set) {
	t.Helper()
	got, theirs, ours := tupleOf(t, shell), tupleOf(t, target), tupleOf(t, os.Getpid())
	for _, k := range ns.Kinds() {
		want := ours[k]
		if entered.Has(k) {
			want = theirs[k]
		}
		if got[k] != want {
			t.Errorf("%s of the shell is %d, want %d (target %d, ours %d)", k, got[k], want, theirs[k], ours[k])
		}
	}
}

func needRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: it enters namespaces that belong to root")
	}
}

// matrix calls f with each kind alone, user with each, and all.
func matrix(t *testing.T, f func(t *testing.T, set ns.Set)) {
	t.Helper()
	sets := []ns.Set{ns.All}
	for _, k := range ns.Kinds() {
		sets = append(sets, ns.SetOf(k), ns.SetOf(ns.User, k))
	}
	slices.Sort(sets)
	for _, set := range slices.Compact(sets) {
		t.Run(strings.ReplaceAll(set.String(), " ", "+"), func(t *testing.T) { f(t, set) })
	}
}
