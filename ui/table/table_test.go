package table

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

type row struct {
	id   int
	name string
}

func rows(ids ...int) []row {
	out := make([]row, len(ids))
	for i, id := range ids {
		out[i] = row{id: id}
	}
	return out
}

func newList(height int, ids ...int) *List[int, row] {
	l := New(func(r row) int { return r.id })
	l.Resize(height)
	l.Set(rows(ids...))
	return l
}

func selected(t *testing.T, l *List[int, row]) int {
	t.Helper()
	r, ok := l.Selected()
	if !ok {
		t.Fatal("nothing is selected")
	}
	return r.id
}

// line returns the line of the screen the cursor is on.
func line(l *List[int, row]) int {
	_, first := l.Visible()
	return l.Index() - first
}

func TestCursorStaysOnItsRow(t *testing.T) {
	l := newList(4, 1, 3, 5, 7, 9, 11, 13, 15)
	l.Move(4)
	if selected(t, l) != 9 || line(l) != 3 {
		t.Fatalf("start: row %d on line %d", selected(t, l), line(l))
	}
	for _, tt := range []struct {
		what string
		ids  []int
		want int
		line int
	}{
		{"inserted above", []int{1, 2, 3, 4, 5, 6, 7, 9, 11, 13, 15}, 9, 3},
		{"deleted above", []int{5, 7, 9, 11, 13, 15}, 9, 2},
		{"inserted below", []int{5, 7, 9, 10, 11, 13, 15}, 9, 2},
		{"all in reverse", []int{15, 13, 11, 9, 7, 5}, 9, 2},
		{"itself deleted: its successor", []int{15, 13, 11, 7, 5}, 7, 2},
		{"itself and some above it deleted", []int{13, 5}, 5, 1},
		{"nothing below it left", []int{15, 13}, 13, 1},
		{"nothing left, then others", nil, 0, 0},
	} {
		l.Set(rows(tt.ids...))
		if tt.ids == nil {
			if _, ok := l.Selected(); ok {
				t.Errorf("%s: something is selected", tt.what)
			}
			continue
		}
		if got := selected(t, l); got != tt.want || line(l) != tt.line {
			t.Errorf("%s: row %d on line %d, want %d on %d", tt.what, got, line(l), tt.want, tt.line)
		}
	}
}

func TestOrder(t *testing.T) {
	descending := func(a, b row) int { return cmp.Compare(b.id, a.id) }
	l := newList(3, 1, 2, 3, 4, 5)
	l.Move(1)
	l.Order(descending, true)
	if got := selected(t, l); got != 2 {
		t.Errorf("following: on %d", got)
	}
	l.Set(rows(1, 2, 9))
	if v, _ := l.Visible(); v[0].id != 9 || selected(t, l) != 2 {
		t.Errorf("order lost in Set: %v, on %d", v, selected(t, l))
	}
	l.Order(nil, false)
	if l.Index() != 0 {
		t.Errorf("not following: on index %d", l.Index())
	}
}

func TestSortIsStable(t *testing.T) {
	l := New(func(r row) int { return r.id })
	l.Order(func(a, b row) int { return cmp.Compare(a.name, b.name) }, false)
	l.Resize(9)
	l.Set([]row{{1, "b"}, {2, "a"}, {3, "b"}, {4, "a"}})
	got, _ := l.Visible()
	if want := []row{{2, "a"}, {4, "a"}, {1, "b"}, {3, "b"}}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestMoves(t *testing.T) {
	l := newList(4, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	for i, tt := range []struct {
		do   func()
		want int
		line int
	}{
		{func() { l.End() }, 9, 3},
		{func() { l.Move(1) }, 9, 3},
		{func() { l.Move(-2) }, 7, 1},
		{func() { l.Page(-1) }, 5, 1},
		{func() { l.Page(-2) }, 1, 1},
		{func() { l.Page(-2) }, 0, 0},
		{func() { l.Page(1) }, 2, 0},
		{func() { l.Scroll(-1) }, 2, 1},
		{func() { l.Scroll(3) }, 4, 0},
		{func() { l.Home() }, 0, 0},
		{func() { l.Select(8) }, 8, 3},
		{func() { l.Select(77) }, 8, 3},
		{func() { l.Click(0) }, 5, 0},
		{func() { l.Click(9) }, 5, 0},
		{func() { l.Resize(1) }, 5, 0},
	} {
		tt.do()
		if got := selected(t, l); got != tt.want || line(l) != tt.line {
			t.Errorf("step %d: row %d on line %d, want %d on %d", i, got, line(l), tt.want, tt.line)
		}
	}
}

func TestMarks(t *testing.T) {
	l := newList(4, 1, 2, 3)
	l.Mark(1)
	l.Mark(2)
	l.Mark(1)
	l.Mark(3)
	l.Set(rows(1)) // a filter hides 2 and 3
	if !l.Marked(2) || !l.Marked(3) || l.Marked(1) {
		t.Errorf("marks %v", l.Marks())
	}
	l.Keep(func(k int) bool { return k != 3 })
	if got := l.Marks(); !slices.Equal(got, []int{2}) {
		t.Errorf("kept %v", got)
	}
}

// TestInvariants does anything in any order and asks that the cursor is in the list and visible.
func TestInvariants(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	l := newList(5)
	for step := range 20000 {
		switch n := rng.IntN(30) - 15; rng.IntN(9) {
		case 0:
			ids := rng.Perm(60)[:rng.IntN(60)]
			l.Set(rows(ids...))
		case 1:
			l.Move(n)
		case 2:
			l.Page(n)
		case 3:
			l.Scroll(n)
		case 4:
			l.Resize(n)
		case 5:
			l.Select(n)
		case 6:
			l.Click(n)
		case 7:
			l.Order(func(a, b row) int { return cmp.Compare(a.id*n, b.id*n) }, n > 0)
		case 8:
			l.End()
		}
		v, first := l.Visible()
		if first < 0 || len(v) > l.Height() || (l.Len() >= l.Height() && len(v) != l.Height()) {
			t.Fatalf("step %d: %d visible from %d of %d in %d lines", step, len(v), first, l.Len(), l.Height())
		}
		if l.Len() > 0 && (l.Index() < first || l.Index() >= first+len(v)) {
			t.Fatalf("step %d: cursor %d is not among %d rows from %d", step, l.Index(), len(v), first)
		}
	}
}

func BenchmarkSet10k(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	ids := rng.Perm(10000)
	l := newList(30)
	l.Order(func(a, b row) int { return cmp.Compare(a.id, b.id) }, false)
	b.ReportAllocs()
	for b.Loop() {
		l.Set(rows(ids...))
	}
}
