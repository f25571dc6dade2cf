package procscan

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nstui/procscan/events"
	"nstui/procscan/ns"
)

func TestEventsMarkWhatTheyTell(t *testing.T) {
	f := newFixture(t)
	for pid := 5000000; pid < 5000500; pid++ {
		f.add(fixtureProc{pid: pid, start: uint64(pid), comm: "x", cmdline: "x\x00"})
	}
	l, s := newTold(t, f)
	snap := refresh(t, l)
	moved := hostNS
	moved[ns.UTS] = 88
	step := func(name string, do func(), want ...string) {
		t.Helper()
		do()
		next := refresh(t, l)
		got := said(Diff(snap, next))
		if !slices.Equal(got, want) {
			t.Errorf("%s: the differences are %q, want %q", name, got, want)
		}
		snap = next
	}
	step("nothing", func() {})
	step("a birth", func() {
		f.add(fixtureProc{pid: 6000000, start: 9, comm: "new", cmdline: "new\x00"})
		s.records = []events.Record{{What: events.Fork, PID: 6000000, TID: 6000000, PPID: 1}, {What: events.Enter, PID: 6000000, TID: 6000000, NS: hostNS}}
	}, "born 6000000/9")
	if p := snap.ByPID(6000000); !p.Texts || len(p.Args) != 1 {
		t.Errorf("the new process is %+v", p)
	}
	step("one that was short", func() {
		s.records = []events.Record{
			{What: events.Fork, PID: 6000001, TID: 6000001, PPID: 1},
			{What: events.Enter, PID: 6000001, TID: 6000001, NS: hostNS},
			{What: events.Exit, PID: 6000001, TID: 6000001},
		}
	})
	if len(l.picture.entered) != 0 {
		t.Errorf("kept of those that are no more: %v", l.picture.entered)
	}
	step("an exec of the same", func() { s.records = []events.Record{{What: events.Exec, PID: 5000100, TID: 5000100, Comm: "x"}} }, "execed 5000100/5000100")
	step("a setns", func() {
		f.remove("5000200/ns/uts")
		f.link("5000200/ns/uts", "uts:[88]")
		s.records = []events.Record{{What: events.Enter, PID: 5000200, TID: 5000200, NS: moved}}
	}, "moved 5000200 uts", "appeared uts:[88]")
	step("a thread", func() {
		s.records = []events.Record{{What: events.Fork, PID: 5000201, TID: 7777, PPID: 5000201}, {What: events.Enter, PID: 5000201, TID: 7777, NS: hostNS}}
	})
	if len(l.picture.threads) != 0 {
		t.Errorf("a thread where its process is makes work: %v", l.picture.threads)
	}
	step("its end as a zombie", func() {
		f.write("5000200/stat", fixtureProc{pid: 5000200, start: 5000200, comm: "x", state: "Z"}.statText())
		f.remove("5000200/ns")
		s.records = []events.Record{{What: events.Exit, PID: 5000200, TID: 5000200}}
	}, "vanished uts:[88]")
	step("its burial", func() { f.remove("5000200") }, "gone 5000200/5000200")
	step("a reused pid", func() {
		f.remove("5000300")
		f.add(fixtureProc{pid: 5000300, start: 10000, comm: "x"})
		s.records = []events.Record{{What: events.Exit, PID: 5000300, TID: 5000300}, {What: events.Fork, PID: 5000300, TID: 5000300, PPID: 1}}
	}, "gone 5000300/5000300", "born 5000300/10000")
	if len(l.picture.leaving) != 0 {
		t.Errorf("still thought to be leaving: %v", l.picture.leaving)
	}
}

func TestLostEventsReadEverythingAgain(t *testing.T) {
	f := newFixture(t)
	for pid := 5000000; pid < 5000300; pid++ {
		f.add(fixtureProc{pid: pid, start: uint64(pid), comm: "x", cmdline: "x\x00"})
	}
	l, s := newTold(t, f)
	first := refresh(t, l)
	for pid := 5000000; pid < 5000300; pid += 3 {
		f.remove(fmt.Sprintf("%d/ns/uts", pid))
		f.link(fmt.Sprintf("%d/ns/uts", pid), "uts:[88]")
		f.remove(strconv.Itoa(pid + 1))
		f.add(fixtureProc{pid: pid + 1000, start: 7, comm: "y", cmdline: "y\x00"})
	}
	s.lost = true
	if refresh(t, l) == first {
		t.Fatal("nothing was seen")
	}
	sameAsFresh(t, l)
	if s := l.Status(); s.Lost != 1 || s.Mode != Events {
		t.Errorf("the status is %+v", s)
	}
}

// sameAsFresh compares what a Live has with what a scan sees now, on a still host.
func sameAsFresh(t *testing.T, l *Live) {
	t.Helper()
	got, want := refresh(t, l), mustScan(t, New(Options{Root: l.scanner.root}))
	if len(got.Procs) != len(want.Procs) {
		t.Errorf("%d processes, a fresh scan has %d", len(got.Procs), len(want.Procs))
	}
	for _, p := range want.Procs {
		q := got.ByPID(p.PID)
		if q == nil {
			t.Errorf("process %d is missing", p.PID)
			continue
		}
		if !alike(p, (&Process{}).like(q)) {
			t.Errorf("process %d is\n%+v, a fresh scan says\n%+v", p.PID, q, p)
		}
	}
	for k := range want.Namespaces {
		if !slices.EqualFunc(got.Namespaces[k], want.Namespaces[k], func(a, b Namespace) bool { return reflect.DeepEqual(a, b) }) {
			t.Errorf("the namespaces are\n%+v, a fresh scan says\n%+v", got.Namespaces[k], want.Namespaces[k])
		}
	}
}

// like makes p a copy of q without what only a Live knows.
func (p *Process) like(q *Process) *Process {
	*p = *q
	p.execs = 0
	return p
}

func TestEventsThatEnd(t *testing.T) {
	f := newFixture(t)
	f.add(fixtureProc{pid: 1, comm: "init"})
	l, s := newTold(t, f)
	refresh(t, l)
	s.err = errors.New("the rings are gone")
	f.add(fixtureProc{pid: 2, comm: "new"})
	snap := refresh(t, l)
	if st := l.Status(); st.Mode != Polling || !strings.Contains(st.Why, "the rings are gone") || !s.closed {
		t.Errorf("the status is %+v", st)
	}
	if snap.ByPID(2) == nil {
		t.Error("what was not told was not looked for")
	}
}

func TestWhyThereAreNoEvents(t *testing.T) {
	l := newPolling(t, "")
	refresh(t, l)
	if s := l.Status(); s.Mode != Polling || !strings.Contains(s.Why, "permission denied") || !strings.Contains(s.Why, "CAP_PERFMON") {
		t.Errorf("the status is %+v", s)
	}
	f := newFixture(t)
	f.add(fixtureProc{pid: 1, comm: "init"})
	foreign := NewLive(Options{Root: f.root})
	foreign.sources.open = func() (stream, error) { return nil, errors.New("must not be asked") }
	refresh(t, foreign)
	if s := foreign.Status(); s.Mode != Polling || !strings.Contains(s.Why, "pid namespace") {
		t.Errorf("the status is %+v", s)
	}
}

func TestOrdinaryUserPolls(t *testing.T) {
	if os.Geteuid() == 0 && !rerun(t, asNobody()) {
		return
	}
	if text, err := os.ReadFile("/proc/sys/kernel/perf_event_paranoid"); err != nil || strings.TrimSpace(string(text)) < "1" {
		t.Skipf("needs a kernel that refuses events to users: perf_event_paranoid is %q, %v", text, err)
	}
	l := NewLive(Options{})
	t.Cleanup(l.Close)
	refresh(t, l)
	if s := l.Status(); s.Mode != Polling || s.Why == "" {
		t.Errorf("the status is %+v", s)
	}
	cmd := start(t, nil, "")
	if refresh(t, l).ByPID(cmd.Process.Pid) == nil {
		t.Error("a new child is not seen")
	}
}
