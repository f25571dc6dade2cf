package layout

// The size of a screen below which nothing useful fits.
const (
	MinWidth  = 40
	MinHeight = 10
)

// Widths from which on there is room for more.
const (
	twoLists     = 64  // namespaces beside processes
	threeColumns = 120 // and details beside both

	// SideBySide is the width from which on the lists and a shell are side by side, where that is wanted:
	// with its frame the shell has the 80 columns programs are made for.
	SideBySide = 140
)

// Rect is a part of the screen. One without width or height is not shown.
type Rect struct{ X, Y, W, H int }

// Empty reports whether nothing can be drawn in the rectangle.
func (r Rect) Empty() bool { return r.W <= 0 || r.H <= 0 }

// Contains reports whether a cell of the screen is in the rectangle.
func (r Rect) Contains(x, y int) bool {
	return x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H
}

// Inner returns what a frame around the rectangle leaves.
func (r Rect) Inner() Rect {
	return Rect{X: r.X + 1, Y: r.Y + 1, W: max(0, r.W-2), H: max(0, r.H-2)}
}

// Form is how the parts are arranged.
type Form uint8

// The forms, by how much they show.
const (
	TooSmall Form = iota
	OneList       // namespaces or processes, whichever has the keyboard
	Stacked       // one above the other, and a strip of details where it is high enough
	TwoLists      // side by side, and a strip of details where it is high enough
	Columns       // both, and the details beside them
)

// Pane is one of the parts that take the keyboard.
type Pane uint8

// The panes from left to right.
const (
	Namespaces Pane = iota
	Processes
	Details
)

// Want is what the arrangement depends on beside the size.
type Want struct {
	Width, Height int
	Focus         Pane // decides which list is shown where there is room for one
	Tabs          bool // there are shells, which need a line for their tabs
	Beside        bool // a shell is to be beside the lists, where there is room
	Long          bool // the rows of the first list are long: it is above the processes, not beside them
	// First and Second are how many rows the two lists have, if one is above the other; of the second the most that it
	// has for any row of the first, so that nothing moves with the cursor. Open is what it has now.
	First, Second, Open int
}

// Screen is where everything is. Rows from top to bottom belong to Header, Tabs, Kinds, Crumb, Body
// and Footer; the panes and the strip fill Body, but for the frame of a shell at its right.
type Screen struct {
	Form   Form
	Width  int
	Height int

	Header, Tabs, Kinds, Crumb, Body, Footer Rect

	Namespaces, Processes, Details, Strip Rect

	Shell Rect
}

// Wide reports whether there is room to say things at length in the lines over the body.
func (s *Screen) Wide() bool { return s.Width >= threeColumns && s.Form != TooSmall }

// Compute arranges the screen.
func Compute(w Want) Screen {
	s := Screen{Width: max(0, w.Width), Height: max(0, w.Height)}
	if w.Width < MinWidth || w.Height < MinHeight {
		return s
	}
	beside := w.Beside && w.Width >= SideBySide
	s.Form = formOf(w.Width)
	s.rows(w.Tabs)
	lists := s.Body
	if beside {
		lists, s.Shell = s.split()
		s.Form = stackedOr(lists)
	}
	if w.Long && s.Form == TwoLists {
		s.Form = Stacked
		if lists.H < leastStack {
			s.Form = OneList
		}
	}
	switch s.Form {
	case Columns:
		s.columns(lists, w)
	case TwoLists:
		s.twoLists(lists)
	case Stacked:
		s.stacked(lists, w)
	case OneList, TooSmall:
		s.oneList(lists, w.Focus)
	}
	return s
}

// formOf returns the form for a width that is large enough.
func formOf(width int) Form {
	switch {
	case width >= threeColumns:
		return Columns
	case width >= twoLists:
		return TwoLists
	}
	return OneList
}

// split divides the body between the lists and the frame of a shell. What the shell has beyond what it
// needs is shared: lists gain less from width than programs do.
func (s *Screen) split() (lists, shell Rect) {
	b := s.Body
	left := max(SideBySide-shellFrame, b.W*2/5)
	return Rect{X: b.X, Y: b.Y, W: left, H: b.H}, Rect{X: b.X + left, Y: b.Y, W: b.W - left, H: b.H}
}

// leastStack is how many lines two lists take above one another: three rows each, and more of the lower one.
const leastStack = 14

// stackedOr returns the form for lists beside a shell: columns are of use there only if they are wide.
func stackedOr(r Rect) Form {
	switch form := formOf(r.W); {
	case r.W >= bordered:
		return form
	case r.H >= leastStack:
		return Stacked
	}
	return OneList
}

// rows hands out the lines above and below the body. What a low screen can do without goes first.
func (s *Screen) rows(tabs bool) {
	top, bottom := 0, s.Height
	take := func(lines int) Rect {
		r := Rect{X: 0, Y: top, W: s.Width, H: lines}
		top += lines
		return r
	}
	s.Header = take(1)
	s.Tabs = take(lines(tabs))
	s.Kinds = take(1)
	s.Crumb = take(lines(s.Form == Columns && s.Height >= 16))
	footer := 1 + lines(s.Height >= 16)
	bottom -= footer
	s.Footer = Rect{X: 0, Y: bottom, W: s.Width, H: footer}
	s.Body = Rect{X: 0, Y: top, W: s.Width, H: bottom - top}
}

// lines returns the height of a line that may not be there.
func lines(shown bool) int {
	if shown {
		return 1
	}
	return 0
}

// columns sets namespaces, processes and details side by side: lists gain most from width, names, commands
// and paths are long. Long rows have the width of both lists.
func (s *Screen) columns(b Rect, w Want) {
	extra := b.W - threeColumns
	left := 36 + min(extra/8, 12)
	right := 36 + min(extra/4, 28)
	s.Namespaces = Rect{X: b.X, Y: b.Y, W: left, H: b.H}
	s.Processes = Rect{X: b.X + left, Y: b.Y, W: b.W - left - right, H: b.H}
	s.Details = Rect{X: b.X + b.W - right, Y: b.Y, W: right, H: b.H}
	if !w.Long {
		return
	}
	lists := Rect{X: b.X, Y: b.Y, W: b.W - right, H: b.H}
	s.Namespaces, s.Processes = Rect{}, Rect{}
	if b.H >= leastStack {
		s.above(lists, w)
	} else {
		s.oneList(lists, w.Focus)
	}
}

// Lists one above the other.
const (
	aroundRows = 3 // lines a list takes beside its rows: its frame and the names of its columns
	leastList  = 6 // lines of a list
)

// above sets the namespaces above the processes. Each has the lines it needs, where there are as many. Else the
// processes have a third, and more of it while they have the keyboard.
func (s *Screen) above(b Rect, w Want) {
	below := min(w.Second+aroundRows, max(leastList+2, b.H/3))
	if w.Focus != Namespaces {
		below = max(below, min(w.Open+aroundRows, b.H*3/5))
	}
	top := max(leastList, min(w.First+aroundRows, b.H-max(below, leastList)))
	s.Namespaces = Rect{X: b.X, Y: b.Y, W: b.W, H: top}
	s.Processes = Rect{X: b.X, Y: b.Y + top, W: b.W, H: b.H - top}
}

// stripLines is the height of the strip of details, with its frame.
const stripLines = 5

// twoLists sets the lists side by side over a strip of details.
func (s *Screen) twoLists(b Rect) {
	strip := 0
	if b.H >= 14 {
		strip = stripLines
	}
	left := max(26, min(b.W*2/5, 36))
	s.Namespaces = Rect{X: b.X, Y: b.Y, W: left, H: b.H - strip}
	s.Processes = Rect{X: b.X + left, Y: b.Y, W: b.W - left, H: b.H - strip}
	s.Strip = Rect{X: b.X, Y: b.Y + b.H - strip, W: b.W, H: strip}
}

// stacked sets the namespaces above the processes over a strip of details.
func (s *Screen) stacked(b Rect, w Want) {
	strip := 0
	if b.H >= 28 {
		strip = stripLines
	}
	s.above(Rect{X: b.X, Y: b.Y, W: b.W, H: b.H - strip}, w)
	s.Strip = Rect{X: b.X, Y: b.Y + b.H - strip, W: b.W, H: strip}
}

// oneList gives all to the list in use.
func (s *Screen) oneList(b Rect, focus Pane) {
	if focus == Namespaces {
		s.Namespaces = b
		return
	}
	s.Processes = b
}

// Popup returns a frame for that many columns and lines of content in the middle of the body, smaller
// where it does not fit; on screens without room around it, all of the body.
func (s *Screen) Popup(columns, lines int) Rect {
	b := s.Body
	if s.Width < 100 && columns+2 > b.W-8 {
		columns = b.W
	}
	w := min(columns+2, b.W)
	h := min(lines+2, b.H)
	return Rect{X: b.X + (b.W-w)/2, Y: b.Y + (b.H-h)/2, W: w, H: h}
}

// Under returns all of the screen below the header and the tabs of the shells, down to the last line.
func (s *Screen) Under() Rect {
	y := s.Tabs.Y + s.Tabs.H
	return Rect{X: 0, Y: y, W: s.Width, H: s.Height - y}
}
