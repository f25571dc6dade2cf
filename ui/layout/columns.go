package layout

// Column is what a column of a table asks for, in cells.
type Column struct {
	// Want is its widest value or its heading, whichever is wider: it never gets more. A column that wants
	// nothing has nothing to show and takes no room.
	Want int
	// Least is what it is of use with. It is left out where there is not as much, unless it wants less.
	Least int
	// Fair is what it gets before any other gets more than that.
	Fair int
}

// Share hands out a width to the columns of a table that ask for it, the most important first; before each there
// is a gap of one cell. It returns their widths in the same order, 0 for one that is left out. First all that
// there is room for get what they need, then what is fair, then what they want; of what all are content without
// nothing is handed out.
func Share(width int, columns ...Column) []int {
	got := make([]int, len(columns))
	for i, c := range columns {
		if least := max(1, min(c.Least, c.Want)); c.Want > 0 && width >= least+1 {
			got[i] = least
			width -= least + 1
		}
	}
	grow := func(i, most int) {
		if more := min(width, most-got[i]); got[i] > 0 && more > 0 {
			got[i] += more
			width -= more
		}
	}
	for i, c := range columns {
		grow(i, min(c.Fair, c.Want))
	}
	for i, c := range columns {
		grow(i, c.Want)
	}
	return got
}
