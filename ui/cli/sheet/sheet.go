package sheet

import (
	"bufio"
	"io"
	"strings"
	"unicode/utf8"

	"nstui/ui/text"
)

// Flags say how a column is printed.
type Flags uint8

// The flags of columns.
const (
	Right Flags = 1 << iota // to the right
	Trunc                   // cut where the table is wider than the terminal
	Wrap                    // a cell is a list of values with Separator between them; each has a line
	Tree                    // the lines of the tree stand before it
	Ends                    // with Trunc, what is cut is the middle, and marked: names that begin alike differ at their ends
)

// Separator parts the values of a cell that is a list: names and paths have every byte but this one.
const Separator = "\x00"

// Type says what a column is in JSON. An empty cell is null, or an empty list.
type Type uint8

// The types of columns.
const (
	String Type = iota
	Number      // digits
	List        // an array of the values of a cell; as a String they have newlines between them
)

// Column is one column. Its name is its heading and, in lower case, its key in JSON.
type Column struct {
	Name string
	// Hint is how wide the column is at least if its cells are as wide as its heading or wider.
	Hint int
	// Most is how wide the column is at most for cells that are not cut: what is wider moves what stands behind it
	// on its own line, and on no other. 0 for any width.
	Most  int
	Flags Flags
	Type  Type
}

// Format says what is written.
type Format uint8

// The formats.
const (
	Aligned     Format = iota
	Raw                // one space between cells, every byte that is no printable ASCII as \xHH
	JSON               // one object with the sheet's name and an array of objects, over many lines
	JSONCompact        // the same without spaces, on one line
	JSONLines          // one object a line, and no array around them
)

// NoParent is the parent of a line at the top.
const NoParent = -1

// Sheet is a table.
type Sheet struct {
	Name       string // of the array in JSON
	Columns    []Column
	Format     Format
	NoHeadings bool
	// Terminal is how many cells a line of the terminal has; 0 if there is none, and nothing is cut.
	Terminal int
	// ASCII says that the locale has no other characters: others are written as \xHH, trees are drawn
	// with |, - and `.
	ASCII bool

	rows []row
}

// row is one line of the table. The others of its family are indices into Sheet.rows, or NoParent.
type row struct {
	cells                    []string
	parent                   int
	child, lastChild, sister int
}

// Add adds a line below the parent, which is a line added before or [NoParent], and returns its
// number. There is a cell for each column.
func (s *Sheet) Add(parent int, cells []string) int {
	i := len(s.rows)
	s.rows = append(s.rows, row{cells: cells, parent: parent, child: NoParent, lastChild: NoParent, sister: NoParent})
	if parent != NoParent {
		p := &s.rows[parent]
		if p.lastChild == NoParent {
			p.child = i
		} else {
			s.rows[p.lastChild].sister = i
		}
		p.lastChild = i
	}
	return i
}

// Len returns how many lines there are.
func (s *Sheet) Len() int { return len(s.rows) }

// Print writes the table. A table without lines is nothing, headings included, but JSON is always
// JSON.
func (s *Sheet) Print(w io.Writer) error {
	// The writer keeps the first error and Flush returns it.
	out := bufio.NewWriterSize(w, 32<<10)
	switch {
	case s.Format == JSON || s.Format == JSONCompact || s.Format == JSONLines:
		s.printJSON(out)
	case len(s.rows) == 0:
	case s.Format == Raw:
		s.printRaw(out)
	default:
		s.printAligned(out)
	}
	return out.Flush()
}

// isTree reports whether a column is drawn as a tree. Without one, the lines stand in the order they
// were added in.
func (s *Sheet) isTree() bool {
	for i := range s.Columns {
		if s.Columns[i].Flags&Tree != 0 {
			return true
		}
	}
	return false
}

// walker goes through the lines in the order they are printed in: each before its children.
type walker struct {
	s    *Sheet
	tree bool
	at   int // the line; -1 before the first
	// lasts says of the line and of each above it whether it is the last of its parent's children, the
	// topmost left out: they have no parent.
	lasts []bool
}

func (s *Sheet) walk() *walker { return &walker{s: s, tree: s.isTree(), at: -1} }

// next goes to the next line, and reports whether there is one.
func (w *walker) next() bool {
	rows := w.s.rows
	switch {
	case w.at >= 0 && w.tree && rows[w.at].child != NoParent:
		w.at = rows[w.at].child
		w.lasts = append(w.lasts, rows[w.at].sister == NoParent)
		return true
	case !w.tree:
		w.at++
		return w.at < len(rows)
	}
	for w.at >= 0 && len(w.lasts) > 0 {
		if sister := rows[w.at].sister; sister != NoParent {
			w.at = sister
			w.lasts[len(w.lasts)-1] = rows[sister].sister == NoParent
			return true
		}
		w.at = rows[w.at].parent
		w.lasts = w.lasts[:len(w.lasts)-1]
	}
	for w.at++; w.at < len(rows); w.at++ {
		if rows[w.at].parent == NoParent {
			return true
		}
	}
	return false
}

// depth returns how many lines are above this one.
func (w *walker) depth() int { return len(w.lasts) }

// parts are what trees are drawn with: each is two cells wide.
type parts struct{ through, branch, last string }

var (
	lineParts  = parts{through: "│ ", branch: "├─", last: "└─"}
	asciiParts = parts{through: "| ", branch: "|-", last: "`-"}
)

func (s *Sheet) parts() parts {
	if s.ASCII {
		return asciiParts
	}
	return lineParts
}

// art draws what stands before a cell of the tree column.
func (w *walker) art(p parts) string {
	if len(w.lasts) == 0 {
		return ""
	}
	var b strings.Builder
	end := len(w.lasts) - 1
	w.above(&b, p, end)
	if w.lasts[end] {
		b.WriteString(p.last)
	} else {
		b.WriteString(p.branch)
	}
	return b.String()
}

// emptyArt draws what stands in the tree column on the second and later lines of one that has several.
func (w *walker) emptyArt(p parts) string {
	var b strings.Builder
	w.above(&b, p, len(w.lasts))
	if w.s.rows[w.at].child != NoParent {
		b.WriteString(p.through)
	}
	return b.String()
}

// above draws the lines of the topmost levels, which pass this one.
func (w *walker) above(b *strings.Builder, p parts, levels int) {
	for _, last := range w.lasts[:levels] {
		if last {
			b.WriteString("  ")
		} else {
			b.WriteString(p.through)
		}
	}
}

// widthOf returns how many cells a safe text takes. ASCII and what trees are drawn with are one each,
// and nothing melts into them that is not seen to come after; only other texts are worth a closer look.
func widthOf(s string) int {
	width := 0
	for i := 0; i < len(s); width++ {
		switch {
		case s[i] < utf8.RuneSelf:
			i++
		case isLine(s[i:]):
			i += len("─")
		default:
			return text.Width(s)
		}
	}
	return width
}

// isLine reports whether the text begins with a character of lineParts.
func isLine(s string) bool {
	return len(s) >= len("─") && (s[:len("─")] == "─" || s[:len("─")] == "│" || s[:len("─")] == "├" || s[:len("─")] == "└")
}
