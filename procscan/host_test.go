package procscan

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

func TestLines(t *testing.T) {
	f := newFixture(t)
	long := strings.Repeat("x", 40<<10)
	var many strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, "line %d of many\n", i)
	}
	s := f.scanner()
	fd, err := s.openRoot()
	if err != nil {
		t.Fatal(err)
	}
	defer s.sys.close(fd)
	r := newReader(s.sys, fd)
	for _, text := range []string{
		"", "\n", "a\nb\n", "a\n\nb\n", long + "\nb\n", "a\n" + long + "\nb\n", many.String(),
		strings.Repeat("y", len(r.buf)) + "\nb\n", strings.Repeat("y", len(r.buf)-1) + "\nb\n",
	} {
		f.write("file", text)
		var want, got []string
		for line := range strings.Lines(text) {
			want = append(want, strings.TrimSuffix(line, "\n"))
		}
		r.lines([]byte("file\x00"), func(line []byte) bool {
			got = append(got, string(line))
			return true
		})
		// A line that is too long is given as far as it fits, once.
		same := func(a, b string) bool {
			return a == b || len(a) <= len(r.buf) && len(a) > 1<<10 && strings.HasPrefix(b, a)
		}
		if !slices.EqualFunc(got, want, same) {
			t.Errorf("of %.20q… there are %d lines, not %d", text, len(got), len(want))
		}
		if len(want) == 0 {
			continue
		}
		calls := 0
		r.lines([]byte("file\x00"), func([]byte) bool { calls++; return false })
		if calls != 1 {
			t.Errorf("after the end of it %d lines follow", calls-1)
		}
	}
	r.lines([]byte("none\x00"), func([]byte) bool { t.Error("there is no such file"); return false })
}

// lateKernel does not come back from the first call that lists, until the next listing after it is told to
// let go has begun.
type lateKernel struct {
	direct

	asked, letGo  atomic.Bool
	release, late chan struct{}
}

func (k *lateKernel) list(fd int, buf []byte) (int, syscall.Errno) {
	if k.asked.CompareAndSwap(false, true) {
		defer close(k.late)
		<-k.release
	} else if k.letGo.CompareAndSwap(true, false) {
		close(k.release)
		<-k.late
	}
	return k.direct.list(fd, buf)
}

// TestListGivenUp holds that a listing that goes on after it was given up takes nothing from another.
func TestListGivenUp(t *testing.T) {
	s := heldFixture(t).scanner()
	k := &lateKernel{release: make(chan struct{}), late: make(chan struct{})}
	s.sys, s.patience, s.workers = k, busyPatience, 1
	c, err := s.openCrew()
	if err != nil {
		t.Fatal(err)
	}
	defer c.root.release()
	for range 2 {
		entries, err := c.list(t.Context(), nil)
		if err != nil || len(entries) != 4*chunk {
			t.Errorf("listed are %d processes of %d, %v", len(entries), 4*chunk, err)
		}
		k.letGo.Store(true)
	}
	await(t, "nobody waits", func() bool { return s.waits.n.Load() == 0 })
}
