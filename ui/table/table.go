package table

import (
	"slices"
)

// List is rows of type R with identities of type K.
type List[K comparable, R any] struct {
	key    func(R) K
	order  func(a, b R) int
	rows   []R
	cursor int // index of the selected row; 0 in an empty list
	top    int // index of the first visible row
	height int // visible rows
	marks  map[K]struct{}
}

// New returns an empty list; key gives the identity of a row, which no two rows of a list share.
func New[K comparable, R any](key func(R) K) *List[K, R] {
	return &List[K, R]{key: key, height: 1, marks: make(map[K]struct{})}
}

// Set replaces the rows and takes over the slice. The cursor stays on its row, and on the same line of
// the screen; if the row is gone, on the next below it that is not, or else above it.
func (l *List[K, R]) Set(rows []R) {
	old, line := l.rows, l.cursor-l.top
	selected, ok := l.Selected()
	l.rows = rows
	if l.order != nil {
		slices.SortStableFunc(l.rows, l.order)
	}
	if ok {
		if i := l.index(l.key(selected)); i >= 0 {
			l.cursor = i
		} else if i := l.neighbour(old); i >= 0 {
			l.cursor = i
		}
	}
	l.top = l.cursor - line
	l.clamp()
}

// neighbour returns the index of the row that was nearest to the cursor among the old rows, or -1 if
// none of them is left.
func (l *List[K, R]) neighbour(old []R) int {
	left := make(map[K]int, len(l.rows))
	for i, r := range l.rows {
		left[l.key(r)] = i
	}
	for _, r := range old[l.cursor:] {
		if i, ok := left[l.key(r)]; ok {
			return i
		}
	}
	for _, r := range slices.Backward(old[:l.cursor]) {
		if i, ok := left[l.key(r)]; ok {
			return i
		}
	}
	return -1
}

// Order sorts the rows, now and after every Set. The rows must have been set in the order that breaks
// ties. With follow the cursor stays on its row, without it goes to the top.
func (l *List[K, R]) Order(order func(a, b R) int, follow bool) {
	l.order = order
	l.Set(l.rows)
	if !follow {
		l.Home()
	}
}

// index returns the index of the row with the given identity, or -1.
func (l *List[K, R]) index(key K) int {
	return slices.IndexFunc(l.rows, func(r R) bool { return l.key(r) == key })
}

// clamp brings cursor and top back into the list, with the cursor visible.
func (l *List[K, R]) clamp() {
	l.cursor = max(0, min(l.cursor, len(l.rows)-1))
	l.top = max(0, min(l.top, len(l.rows)-l.height))
	l.top = min(l.top, l.cursor)
	l.top = max(l.top, l.cursor-l.height+1)
}

// Resize sets how many rows are visible.
func (l *List[K, R]) Resize(height int) {
	if height = max(1, height); height != l.height {
		l.height = height
		l.clamp()
	}
}

// Height returns how many rows are visible.
func (l *List[K, R]) Height() int { return l.height }

// Len returns the number of rows.
func (l *List[K, R]) Len() int { return len(l.rows) }

// Index returns the index of the selected row.
func (l *List[K, R]) Index() int { return l.cursor }

// Selected returns the selected row; false if the list is empty.
func (l *List[K, R]) Selected() (R, bool) {
	if len(l.rows) == 0 {
		var none R
		return none, false
	}
	return l.rows[l.cursor], true
}

// Rows returns all rows in their order. They are the list's own.
func (l *List[K, R]) Rows() []R { return l.rows }

// Visible returns the rows on the screen and the index of the first of them.
func (l *List[K, R]) Visible() (rows []R, first int) {
	return l.rows[l.top:min(len(l.rows), l.top+l.height)], l.top
}

// Select moves the cursor to the row with the given identity and reports whether there is one.
func (l *List[K, R]) Select(key K) bool {
	i := l.index(key)
	if i >= 0 {
		l.cursor = i
		l.clamp()
	}
	return i >= 0
}

// Move moves the cursor by a number of rows, down if it is positive.
func (l *List[K, R]) Move(by int) {
	l.cursor += by
	l.clamp()
}

// Page moves the cursor and the rows under it by half pages, down if it is positive.
func (l *List[K, R]) Page(halves int) {
	by := halves * max(1, l.height/2)
	l.cursor += by
	l.top += by
	l.clamp()
}

// Scroll moves the rows by a number of lines and the cursor only as far as it must to stay visible.
func (l *List[K, R]) Scroll(by int) {
	l.top = max(0, min(l.top+by, len(l.rows)-l.height))
	l.cursor = max(l.top, min(l.cursor, l.top+l.height-1))
	l.clamp()
}

// Home moves the cursor to the first row.
func (l *List[K, R]) Home() { l.Move(-len(l.rows)) }

// End moves the cursor to the last row.
func (l *List[K, R]) End() { l.Move(len(l.rows)) }

// Click moves the cursor to the row on the given line of the screen and reports whether there is one.
func (l *List[K, R]) Click(line int) bool {
	if line < 0 || line >= l.height || l.top+line >= len(l.rows) {
		return false
	}
	l.cursor = l.top + line
	return true
}

// Mark marks the row with the given identity, or takes its mark away. Marks outlive what hides a row.
func (l *List[K, R]) Mark(key K) {
	if _, ok := l.marks[key]; ok {
		delete(l.marks, key)
		return
	}
	l.marks[key] = struct{}{}
}

// Marked reports whether the identity is marked.
func (l *List[K, R]) Marked(key K) bool {
	_, ok := l.marks[key]
	return ok
}

// Marks returns the marked identities in no order.
func (l *List[K, R]) Marks() []K {
	keys := make([]K, 0, len(l.marks))
	for k := range l.marks {
		keys = append(keys, k)
	}
	return keys
}

// Keep takes the marks away from the identities that keep does not want.
func (l *List[K, R]) Keep(keep func(K) bool) {
	for k := range l.marks {
		if !keep(k) {
			delete(l.marks, k)
		}
	}
}
