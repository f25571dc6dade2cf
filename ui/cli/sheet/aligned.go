package sheet

import (
	"bufio"
	"strings"

	"nstui/ui/text"
)

// printAligned writes the table in columns, with one space between them.
func (s *Sheet) printAligned(out *bufio.Writer) {
	s.makeSafe()
	widths := s.widths()
	if !s.NoHeadings {
		titles := make([]string, len(s.Columns))
		for i := range s.Columns {
			titles[i] = s.Columns[i].Name
		}
		s.printLine(out, titles, widths, nil)
	}
	line := make([]string, len(s.Columns))
	p := s.parts()
	for w := s.walk(); w.next(); {
		s.printRow(out, w, p, line, widths)
	}
}

// makeSafe replaces every cell by what may be written.
func (s *Sheet) makeSafe() {
	for i := range s.rows {
		for c, cell := range s.rows[i].cells {
			s.rows[i].cells[c] = safe(cell, s.ASCII, s.Columns[c].Flags&Wrap != 0)
		}
	}
}

// widths returns how wide each column is: as its widest cell, at least as its heading, and as its hint
// where the cells are no narrower than the heading. Columns that may be cut give way to the terminal, others have
// their own most.
func (s *Sheet) widths() []int {
	widths := make([]int, len(s.Columns))
	for w := s.walk(); w.next(); {
		for c, cell := range s.rows[w.at].cells {
			width := 0
			switch {
			case s.Columns[c].Flags&Tree != 0:
				width = 2*w.depth() + widthOf(cell)
			case s.Columns[c].Flags&Wrap != 0:
				for value := range strings.SplitSeq(cell, Separator) {
					width = max(width, widthOf(value))
				}
			default:
				width = widthOf(cell)
			}
			widths[c] = max(widths[c], width)
		}
	}
	total := len(s.Columns) - 1
	for c := range s.Columns {
		title, hint := widthOf(s.Columns[c].Name), s.Columns[c].Hint
		switch {
		case widths[c] < title:
			widths[c] = title
		case widths[c] < hint && title < hint:
			widths[c] = hint
		}
		if most := s.Columns[c].Most; most > 0 && (s.Terminal == 0 || s.Columns[c].Flags&Trunc == 0) {
			widths[c] = min(widths[c], max(most, title))
		}
		total += widths[c]
	}
	if s.Terminal > 0 {
		s.reduce(widths, total)
	}
	return widths
}

// reduce takes cells from the columns that may be cut, always from the widest, until the table fits the
// terminal or they are as narrow as their headings.
func (s *Sheet) reduce(widths []int, total int) {
	for ; total > s.Terminal; total-- {
		widest := -1
		for c := range s.Columns {
			if s.Columns[c].Flags&Trunc != 0 && widths[c] > widthOf(s.Columns[c].Name) && (widest < 0 || widths[c] > widths[widest]) {
				widest = c
			}
		}
		if widest < 0 {
			return
		}
		widths[widest]--
	}
}

// printRow writes one row, on as many lines as the longest of its lists.
func (s *Sheet) printRow(out *bufio.Writer, w *walker, p parts, line []string, widths []int) {
	cells := s.rows[w.at].cells
	art := w.art(p)
	more := false
	for c, cell := range cells {
		switch {
		case s.Columns[c].Flags&Tree != 0:
			line[c] = art + cell
		case s.Columns[c].Flags&Wrap != 0:
			first, _, cut := strings.Cut(cell, Separator)
			line[c], more = first, more || cut
		default:
			line[c] = cell
		}
	}
	s.printLine(out, line, widths, nil)
	for n := 1; more; n++ {
		more = false
		pending := make([]bool, len(cells))
		for c, cell := range cells {
			line[c] = ""
			switch {
			case s.Columns[c].Flags&Tree != 0:
				line[c] = w.emptyArt(p)
			case s.Columns[c].Flags&Wrap != 0:
				values := strings.SplitN(cell, Separator, n+2)
				if len(values) > n {
					line[c], pending[c] = values[n], true
				}
				more = more || len(values) > n+1
			}
		}
		s.printLine(out, line, widths, pending)
	}
}

// printLine writes one line of cells. What pending says is the rest of a list stands to the left.
func (s *Sheet) printLine(out *bufio.Writer, cells []string, widths []int, pending []bool) {
	last := len(cells) - 1
	for c, cell := range cells {
		width := widthOf(cell)
		if width > widths[c] && s.Terminal > 0 && s.Columns[c].Flags&Trunc != 0 {
			cell = s.cut(c, cell, widths[c])
			width = widthOf(cell)
		}
		left := s.Columns[c].Flags&Right == 0 || pending != nil && pending[c]
		if !left && cell != "" {
			_, _ = out.WriteString(text.Spaces(widths[c] - width)) // see Print
			width = widths[c]
		}
		_, _ = out.WriteString(cell)
		if c < last {
			_, _ = out.WriteString(text.Spaces(widths[c] - width))
			_ = out.WriteByte(' ')
		}
	}
	_ = out.WriteByte('\n')
}

// cut returns what fits into a column.
func (s *Sheet) cut(column int, cell string, width int) string {
	switch {
	case s.Columns[column].Flags&Ends == 0:
		return text.Truncate(cell, width, "")
	case s.ASCII:
		return text.Ends(cell, width, "~")
	default:
		return text.Ends(cell, width, "…")
	}
}

// text returns the cell with a newline between the values of a list.
func (s *Sheet) text(column int, cell string) string {
	if s.Columns[column].Flags&Wrap == 0 {
		return cell
	}
	return strings.ReplaceAll(cell, Separator, "\n")
}

// printRaw writes the cells as they are, so escaped that no space and no newline is in one.
func (s *Sheet) printRaw(out *bufio.Writer) {
	last := len(s.Columns) - 1
	if !s.NoHeadings {
		for c := range s.Columns {
			_, _ = out.WriteString(s.Columns[c].Name)
			if c < last {
				_ = out.WriteByte(' ')
			}
		}
		_ = out.WriteByte('\n')
	}
	p := s.parts()
	for w := s.walk(); w.next(); {
		for c, cell := range s.rows[w.at].cells {
			if s.Columns[c].Flags&Tree != 0 {
				writeRaw(out, w.art(p))
			}
			writeRaw(out, s.text(c, cell))
			if c < last {
				_ = out.WriteByte(' ')
			}
		}
		_ = out.WriteByte('\n')
	}
}
