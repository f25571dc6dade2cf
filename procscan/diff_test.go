package procscan

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"nstui/procscan/ns"
)

// said returns the changes in words.
func said(changes []Change) []string {
	words := [NumWhat]string{"born", "gone", "moved", "execed", "appeared", "vanished"}
	var list []string
	for _, c := range changes {
		switch {
		case c.Proc == nil:
			list = append(list, fmt.Sprintf("%s %v", words[c.What], c.Namespace))
		case c.What == Moved:
			list = append(list, fmt.Sprintf("moved %d %v", c.Proc.PID, c.Kinds))
		default:
			list = append(list, fmt.Sprintf("%s %d/%d", words[c.What], c.Proc.PID, c.Proc.Start))
		}
	}
	return list
}

// snapshotOf returns a snapshot of the processes, which are sorted by pid, grouped.
func snapshotOf(procs ...*Process) *Snapshot {
	snap := &Snapshot{Procs: procs, Read: Owners, At: time.Unix(1700000000, 0)}
	byInode := func(a, b Namespace) int { return int(a.ID.Ino) - int(b.ID.Ino) }
	for i, p := range procs {
		for _, k := range p.NS.Known().Kinds() {
			list := snap.Namespaces[k]
			at, found := slices.BinarySearchFunc(list, Namespace{ID: p.NS.ID(k)}, byInode)
			if !found {
				list = slices.Insert(list, at, Namespace{ID: p.NS.ID(k), Leader: i})
			}
			list[at].Members = append(list[at].Members, i)
			snap.Namespaces[k] = list
		}
	}
	return snap
}

func TestDiff(t *testing.T) {
	base := func() *Process {
		return &Process{PID: 7, Start: 5, State: 'S', Comm: "sh", NS: ns.Tuple{ns.Net: 1, ns.UTS: 2}}
	}
	with := func(change func(*Process)) *Process {
		p := base()
		change(p)
		return p
	}
	one, other := &Process{PID: 1, Comm: "init", NS: base().NS}, &Process{PID: 9, Comm: "cat", NS: base().NS}
	for _, test := range []struct {
		name string
		now  []*Process
		want []string
	}{
		{"an equal copy", []*Process{one, base(), other}, nil},
		{"another process at the end", []*Process{one, base(), other, {PID: 10, Start: 8}}, []string{"born 10/8"}},
		{"one between", []*Process{one, {PID: 6}, base(), other}, []string{"born 6/0"}},
		{"one gone", []*Process{one, other}, []string{"gone 7/5"}},
		{"all gone", nil, []string{"gone 1/0", "gone 7/5", "gone 9/0", "vanished net:[1]", "vanished uts:[2]"}},
		{
			"a reused pid",
			[]*Process{one, with(func(p *Process) { p.Start, p.Comm, p.NS[ns.Net] = 6, "x", 3 }), other},
			[]string{"gone 7/5", "born 7/6", "appeared net:[3]"},
		},
		{"an exec", []*Process{one, with(func(p *Process) { p.Comm = "cat" }), other}, []string{"execed 7/5"}},
		{"an exec of the same", []*Process{one, with(func(p *Process) { p.execs++ }), other}, []string{"execed 7/5"}},
		{"a title", []*Process{one, with(func(p *Process) { p.Args = []string{"sh: idle"} }), other}, nil},
		{"a kernel thread at work", []*Process{one, with(func(p *Process) { p.Comm, p.Kernel = "kworker/0:1-x", true }), other}, nil},
		{
			"a move",
			[]*Process{one, with(func(p *Process) { p.NS = ns.Tuple{ns.Net: 3, ns.UTS: 4} }), other},
			[]string{"moved 7 net uts", "appeared uts:[4]", "appeared net:[3]"},
		},
		{"namespaces learnt", []*Process{one, with(func(p *Process) { p.NS[ns.IPC] = 9 }), other}, []string{"appeared ipc:[9]"}},
		{"a zombie", []*Process{one, with(func(p *Process) { p.NS, p.State = ns.Tuple{}, 'Z' }), other}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			old, now := snapshotOf(one, base(), other), snapshotOf(test.now...)
			got := Diff(old, now)
			list := said(got)
			slices.Sort(list)
			want := slices.Sorted(slices.Values(test.want))
			if !slices.Equal(list, want) {
				t.Errorf("got %q, want %q", list, want)
			}
			for _, c := range got {
				if c.At != now.At || (c.Was != nil) != (c.What == Moved || c.What == Execed) {
					t.Errorf("%+v is not whole", c)
				}
			}
		})
	}
}

func TestDiffTellsTheEndBeforeTheBeginning(t *testing.T) {
	old := snapshotOf(&Process{PID: 7, Start: 5, NS: ns.Tuple{ns.UTS: 2}}, &Process{PID: 8, NS: ns.Tuple{ns.UTS: 3}})
	now := snapshotOf(&Process{PID: 7, Start: 6, NS: ns.Tuple{ns.UTS: 2}}, &Process{PID: 9, NS: ns.Tuple{ns.UTS: 4}})
	old.Namespaces[ns.UTS][0].Unique, now.Namespaces[ns.UTS][0].Unique = 70, 71
	want := []string{
		"gone 7/5", "born 7/6", "gone 8/0", "born 9/0",
		"vanished uts:[2]", "appeared uts:[2]", "vanished uts:[3]", "appeared uts:[4]",
	}
	if got := said(Diff(old, now)); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	now.Namespaces[ns.UTS][0].Unique = 0 // not told this time, which is no news
	if got := said(Diff(old, now)); slices.Contains(got, "appeared uts:[2]") {
		t.Errorf("got %q", got)
	}
}

// TestDiffOfADeeperLook is about namespaces no process is in: they are new only if they were looked
// for before.
func TestDiffOfADeeperLook(t *testing.T) {
	p := &Process{PID: 7, NS: ns.Tuple{ns.Net: 3}}
	old, now := snapshotOf(p), snapshotOf(p)
	now.Namespaces[ns.Net] = append(now.Namespaces[ns.Net], Namespace{ID: ns.ID{Kind: ns.Net, Ino: 4}, Leader: -1})
	now.Read |= Files
	if got := said(Diff(old, now)); got != nil {
		t.Errorf("the first look tells %q", got)
	}
	old.Read = now.Read
	if got := said(Diff(old, now)); !slices.Equal(got, []string{"appeared net:[4]"}) {
		t.Errorf("the second look tells %q", got)
	}
}

func TestDiffOfNothing(t *testing.T) {
	whole, part := snapshotOf(&Process{PID: 7}), snapshotOf(&Process{PID: 8})
	part.Part = true
	for _, pair := range [][2]*Snapshot{{nil, whole}, {whole, nil}, {whole, whole}, {part, whole}, {whole, part}} {
		if got := Diff(pair[0], pair[1]); got != nil {
			t.Errorf("got %q", said(got))
		}
	}
	same := *whole
	if n := testing.AllocsPerRun(10, func() { Diff(whole, &same) }); n != 0 {
		t.Errorf("%v allocations for nothing", n)
	}
}

func BenchmarkDiff(b *testing.B) {
	procs := make([]*Process, 10_000)
	for i := range procs {
		procs[i] = &Process{PID: i + 1, NS: hostNS}
	}
	old := snapshotOf(procs...)
	now := snapshotOf(slices.Insert(slices.Clone(procs[:9000]), 5000, &Process{PID: 5000, Start: 9})...)
	b.ReportAllocs()
	for b.Loop() {
		if len(Diff(old, now)) == 0 {
			b.Fatal("no difference")
		}
	}
}
