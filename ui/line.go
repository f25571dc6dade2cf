package ui

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"nstui/ui/layout"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// span is a piece of a line with one look. Its text is as it came: it is made clean when it is drawn.
type span struct {
	role theme.Role
	text string
}

// line is what is drawn on one row of a rectangle.
type line []span

// say returns a line of one span.
func say(role theme.Role, s string) line { return line{{role, s}} }

// width returns how many cells the line takes if nothing is cut.
func (l line) width() int {
	n := 0
	for _, s := range l {
		n += text.Width(text.Clean(s.text))
	}
	return n
}

// fitting returns the first of some wordings that fits into the width, or the last.
func fitting(wordings []line, width int) line {
	var l line
	for _, l = range wordings {
		if l.width() <= width {
			break
		}
	}
	return l
}

// blank reports whether there is nothing to be seen in the line.
func (l line) blank() bool {
	for _, s := range l {
		if strings.TrimSpace(s.text) != "" {
			return false
		}
	}
	return true
}

// painter draws lines and frames in a theme. Everything on the screen is made by it, or is the screen
// of a shell.
type painter struct{ theme.Theme }

// column returns a span of exactly width cells. Text to the right is for numbers.
func (p painter) column(role theme.Role, s string, width int) span {
	return span{role, text.Pad(text.Line(s, width, p.Glyphs.Ellipsis), width)}
}

// number is column with the text to the right.
func (p painter) number(role theme.Role, s string, width int) span {
	return span{role, text.PadLeft(text.Line(s, width, p.Glyphs.Ellipsis), width)}
}

// line returns a row of exactly width cells.
func (p painter) line(l line, width int, base theme.Role) string {
	var b strings.Builder
	left := width
	for i, s := range l {
		if left <= 0 {
			break
		}
		clean := text.Line(p.Glyphs.Spell(s.text), left, p.Glyphs.Ellipsis)
		left -= text.Width(clean)
		if w := text.Width(clean); left == 0 && w > 0 && !l[i+1:].blank() && !strings.HasSuffix(clean, p.Glyphs.Ellipsis) {
			clean = text.Pad(text.Truncate(clean, w-1, "")+p.Glyphs.Ellipsis, w)
		}
		b.WriteString(p.Paint(base, s.role, clean))
	}
	if left > 0 {
		b.WriteString(p.Paint(base, theme.Plain, text.Spaces(left)))
	}
	return b.String()
}

// lines returns exactly height rows of exactly width cells.
func (p painter) lines(ls []line, width, height int) []string {
	rows := make([]string, 0, height)
	for i := range height {
		var l line
		if i < len(ls) {
			l = ls[i]
		}
		rows = append(rows, p.line(l, width, theme.Plain))
	}
	return rows
}

// frame is a border with words in it.
type frame struct {
	title, foot line
	border      lipgloss.Border
	role        theme.Role
}

// frameOf returns a round frame that shows whether what is in it has the keyboard.
func (p painter) frameOf(title, foot line, focused bool) frame {
	f := frame{title: title, foot: foot, border: p.Glyphs.Round, role: theme.Frame}
	if focused {
		f.role = theme.Focus
	}
	return f
}

// box draws rows, which must be as wide as the inside of the rectangle, in a frame around it.
func (p painter) box(r layout.Rect, f frame, rows []string) []string {
	if r.W < 2 || r.H < 2 {
		return p.lines(nil, max(0, r.W), max(0, r.H))
	}
	inner := r.Inner()
	out := make([]string, 0, r.H)
	out = append(out, p.edge(f, f.border.TopLeft, f.border.TopRight, f.title, inner.W))
	side := p.Paint(theme.Plain, f.role, f.border.Left)
	for i := range inner.H {
		row := text.Spaces(inner.W)
		if i < len(rows) {
			row = rows[i]
		}
		out = append(out, side+row+side)
	}
	return append(out, p.edge(f, f.border.BottomLeft, f.border.BottomRight, f.foot, inner.W))
}

// edge draws the upper or lower side of a frame, with words set into it after the first cell.
func (p painter) edge(f frame, left, right string, words line, width int) string {
	var b strings.Builder
	room := width - 3 // one cell of border and a space on each side of the words
	used := 0
	if w := words.width(); w > 0 && room > 0 {
		w = min(w, room)
		b.WriteString(p.Paint(theme.Plain, f.role, left+f.border.Top) + " ")
		b.WriteString(p.line(words, w, theme.Plain) + " ")
		used = w + 3
	} else {
		b.WriteString(p.Paint(theme.Plain, f.role, left))
	}
	b.WriteString(p.Paint(theme.Plain, f.role, strings.Repeat(f.border.Top, width-used)+right))
	return b.String()
}

// beside joins blocks of the same height from left to right.
func beside(blocks ...[]string) []string {
	if len(blocks) == 1 {
		return blocks[0]
	}
	out := make([]string, len(blocks[0]))
	for i := range out {
		for _, b := range blocks {
			out[i] += b[i]
		}
	}
	return out
}

// overlay draws the rows of a block over those of a screen of the given width. A wide character that
// is cut in half becomes a space, so that each row stays as wide as it was.
func overlay(screen []string, r layout.Rect, block []string, width int) {
	for i, row := range block {
		y := r.Y + i
		if y < 0 || y >= len(screen) {
			continue
		}
		if r.X == 0 && r.W == width {
			screen[y] = row
			continue
		}
		left := ansi.Truncate(screen[y], r.X, "")
		left += "\x1b[m" + text.Spaces(r.X-ansi.StringWidth(left))
		rest := width - r.X - r.W
		right := ansi.TruncateLeft(screen[y], r.X+r.W, "")
		if ansi.StringWidth(right) > rest {
			right = " " + ansi.TruncateLeft(screen[y], r.X+r.W+1, "")
		}
		screen[y] = left + row + right
	}
}
