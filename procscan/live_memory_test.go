//go:build !race

// The race detector needs more memory than the limit leaves.

package procscan

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
	"nstui/test/crowd"
)

// memoryGroup is a control group with a limit of memory.
type memoryGroup struct {
	dir     string
	limit   string // the file that sets it
	full    string // the file that tells how often it was reached
	counter string // the word before the number in it, empty for the number alone
}

// newMemoryGroup makes a group under the first hierarchy that can limit memory, see cgroups(7).
func newMemoryGroup(t *testing.T, limit int) memoryGroup {
	t.Helper()
	var errs []error
	for _, g := range []memoryGroup{
		{dir: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes", full: "memory.failcnt"},
		{dir: "/sys/fs/cgroup", limit: "memory.max", full: "memory.events", counter: "max "},
	} {
		dir, err := os.MkdirTemp(g.dir, "nstui-test-")
		if err != nil {
			errs = append(errs, err)
			continue
		}
		g.dir = dir
		t.Cleanup(func() {
			if err := os.Remove(dir); err != nil {
				t.Error(err)
			}
		})
		if err := os.WriteFile(filepath.Join(dir, g.limit), []byte(strconv.Itoa(limit)), 0o600); err != nil {
			errs = append(errs, err)
			continue
		}
		return g
	}
	t.Skip("needs a control group that limits memory: ", errors.Join(errs...))
	return memoryGroup{}
}

// reached returns how often the limit was in the way.
func (g memoryGroup) reached(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(g.dir, g.full))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(string(line)), g.counter); ok {
			if n, err := strconv.Atoi(rest); err == nil {
				return n
			}
		}
	}
	t.Fatalf("%s says %q", g.full, text)
	return 0
}

// TestLittleMemory keeps the picture of a still host in a control group with less memory than what the
// kernel remembers of the processes that were read: it forgets some all the time, and their directories
// get other inode numbers. No process may be told to be new, and nothing may be killed.
//
// NSTUI_TEST_PROCESSES sets how many processes there are; with 10,000 the limit is 64 MiB.
func TestLittleMemory(t *testing.T) {
	needRoot(t, "making a host and a control group")
	procs, limit := 3000, 42<<20
	if text := os.Getenv("NSTUI_TEST_PROCESSES"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		procs, limit = n, 64<<20
	}
	const rootVariable, groupVariable = "PROCSCAN_TEST_ROOT", "PROCSCAN_TEST_GROUP"
	if root := os.Getenv(rootVariable); root != "" {
		if err := os.WriteFile(filepath.Join(os.Getenv(groupVariable), "cgroup.procs"), []byte("0"), 0o600); err != nil {
			t.Fatal(err)
		}
		watchStillHost(t, root, procs)
		return
	}
	group := newMemoryGroup(t, limit)
	host := crowd.Start(t, crowd.Options{Processes: procs})
	t.Setenv(rootVariable, host.Root)
	t.Setenv(groupVariable, group.dir)
	t.Setenv("GOMEMLIMIT", strconv.Itoa(limit/2)) // of the test binary, whose garbage is not the matter
	rerun(t, nil)
	if group.reached(t) == 0 {
		t.Error("the memory was enough, so nothing is shown")
	}
}

// watchStillHost refreshes again and again, and counts how often directories had other inode numbers.
func watchStillHost(t *testing.T, root string, procs int) {
	t.Helper()
	l := newPolling(t, root)
	last := refresh(t, l)
	if len(last.Procs) < procs {
		t.Fatalf("%d processes are seen", len(last.Procs))
	}
	renumbered := 0
	for range 2 * verifyParts {
		inos := make([]uint64, 0, len(l.picture.all))
		for i := range l.picture.all {
			inos = append(inos, l.picture.all[i].ino)
		}
		next := refresh(t, l)
		for _, c := range Diff(last, next) {
			if c.Proc != nil {
				t.Errorf("%s: %+v", said([]Change{c}), c.Proc)
			}
		}
		for i := range l.picture.all {
			if l.picture.all[i].ino != inos[i] {
				renumbered++
			}
		}
		last = next
	}
	if !slices.ContainsFunc(last.Namespaces[ns.Net], func(n Namespace) bool { return n.ID.Ino != last.Mine[ns.Net] }) {
		t.Error("no namespace is seen")
	}
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d directories got other numbers in %d refreshes of %d processes; memory at most %d KiB", renumbered, 2*verifyParts, len(last.Procs), usage.Maxrss)
}
