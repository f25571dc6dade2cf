package term

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// model is a row the simple way: every cell is there.
type model []cell

func (m model) cut(x int) {
	if x > 0 && x < len(m) && m[x].isTail() {
		bg := m[x].bg
		m[x-1], m[x] = cell{ink: ink{bg: bg}}, cell{ink: ink{bg: bg}}
	}
}

func (m model) fill(a, b int, c cell, selective bool) {
	m.cut(a)
	m.cut(b)
	for x := a; x < b; x++ {
		if !selective || m[x].attr&protected == 0 {
			m[x] = c
		}
	}
}

func (m model) insert(x, n, end int, blank cell) {
	n = min(n, end-x)
	m.cut(x)
	m.cut(end)
	m.cut(end - n)
	copy(m[x+n:end], m[x:end-n])
	m.fill(x, x+n, blank, false)
}

func (m model) remove(x, n, end int, blank cell) {
	n = min(n, end-x)
	m.cut(x)
	m.cut(x + n)
	m.cut(end)
	copy(m[x:end-n], m[x+n:end])
	for i := end - n; i < end; i++ {
		m[i] = blank
	}
}

func (m model) copyFrom(from model, a, b, at int) {
	m.cut(at)
	m.cut(at + b - a)
	from.cut(a)
	from.cut(b)
	copy(m[at:at+b-a], from[a:b])
}

// TestRowIsItsCells does the same at random to rows and to slices of all their cells: what a row does not
// write out makes no difference.
func TestRowIsItsCells(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const w = 12
	rows := []*row{newRow(w), newRow(w)}
	models := []model{make(model, w), make(model, w)}
	cells := []cell{{}, {ink: ink{bg: 1}}, {r: 'E'}, {r: 'x', ink: ink{fg: 2}}, {r: 'p', ink: ink{attr: protected}}, {}}
	for step := range 50_000 {
		i := r.IntN(2)
		a := r.IntN(w)
		b := a + 1 + r.IntN(w-a)
		n, c := 1+r.IntN(w), cells[r.IntN(len(cells))]
		row, m := rows[i], models[i]
		switch op := r.IntN(9); op {
		case 0:
			row.reset(c)
			m.fill(0, w, c, false)
		case 1, 2:
			row.fill(a, b, c)
			m.fill(a, b, c, false)
		case 3:
			row.fillUnprotected(a, b, c)
			m.fill(a, b, c, true)
		case 4:
			row.insert(a, n, b, c)
			m.insert(a, n, b, c)
		case 5:
			row.remove(a, n, b, c)
			m.remove(a, n, b, c)
		case 6:
			at := r.IntN(w - (b - a) + 1)
			row.copyFrom(rows[1-i], a, b, at)
			m.copyFrom(models[1-i], a, b, at)
		case 7:
			if a+2 > w {
				continue
			}
			row.cut(a)
			row.cut(a + 2)
			row.need(a)
			row.cells[a], row.cells[a+1], row.wide = cell{r: '界', ink: ink{attr: wide}}, cell{ink: ink{attr: tail}}, true
			row.touch(a + 2)
			m.cut(a)
			m.cut(a + 2)
			m[a], m[a+1] = cell{r: '界', ink: ink{attr: wide}}, cell{ink: ink{attr: tail}}
		case 8:
			packed := packed{data: packRow(nil, row)}
			got := packed.unpack(nil)
			if want := m[:len(got)]; !slices.Equal(got, want) || slices.ContainsFunc(m[len(got):], func(c cell) bool { return c != cell{} }) {
				t.Fatalf("step %d: packed and unpacked %+v, want %+v", step, got, m)
			}
			continue
		}
		for i, row := range rows {
			checkRow(t, row, w)
			got := slices.Clone(row.cells)
			fillCells(got[row.used:], row.rest)
			if !slices.Equal(got, models[i]) {
				t.Fatalf("step %d: row %d is %+v, want %+v", step, i, got, models[i])
			}
		}
	}
}
