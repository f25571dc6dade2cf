package ui

import (
	"errors"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"nstui/nsenter"
	"nstui/ui/layout"
	"nstui/ui/term"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// cursor returns the terminal's own cursor where the shell has it.
func (v *shellView) cursor(m *Model) *tea.Cursor {
	s := m.shells.current
	at := s.pane.cursor()
	p := m.shellLayout().Pane
	if s.scroll != nil {
		return s.scroll.cursor(p)
	}
	if s.session == nil || s.done() || !at.Visible {
		return nil
	}
	if at.X >= p.W || at.Y >= p.H {
		return nil
	}
	c := tea.NewCursor(p.X+at.X, p.Y+at.Y)
	c.Blink = at.Blink
	c.Shape = map[term.Shape]tea.CursorShape{
		term.Block: tea.CursorBlock, term.Underscore: tea.CursorUnderline, term.Bar: tea.CursorBar,
	}[at.Shape]
	return c
}

// draw draws nothing: a shell fills the screen, so it is drawn in place of the browser, not over it.
func (v *shellView) draw(*Model) (layout.Rect, []string) { return layout.Rect{}, nil }

// rows returns the whole screen.
func (v *shellView) rows(m *Model) []string {
	l := m.shellLayout()
	rows := make([]string, 0, m.height)
	if !l.Tabs.Empty() {
		rows = append(rows, m.tabLine(l.Tabs.W))
	}
	return append(rows, v.frame(m, l)...)
}

// frame draws the shell in its frame: its two bars, and the pane between them. Without the keyboard the bars
// are not set off from the rest.
func (v *shellView) frame(m *Model, l layout.Shell) []string {
	s, role := m.shells.current, theme.Inside
	if !m.keysToShell() {
		role = theme.Aside
	}
	b := bar{role: role, border: m.paint.Glyphs.Heavy, sides: l.Sides(), width: l.Frame.W}
	side := ""
	if l.Sides() {
		side = m.paint.Paint(theme.Plain, role, b.border.Left)
	}
	rows := make([]string, 0, l.Frame.H)
	rows = append(rows, m.drawBar(b, true, s.title, s.recordedWords(s.whereWords(m))...))
	for _, row := range m.paneRows(s, l.Pane) {
		rows = append(rows, side+row+side)
	}
	return append(rows, m.drawBar(b, false, "", v.footWords(m, s)...))
}

// paneRows returns the screen of the shell, or what there is to say in its place.
func (m *Model) paneRows(s *shell, p layout.Rect) []string {
	if s.session == nil {
		return m.paint.lines(s.story(m, p.W), p.W, p.H)
	}
	o := term.RowOptions{Mono: m.paint.Colourless()}
	var rows []string
	if s.scroll != nil {
		rows = s.scroll.rows(o)
	} else {
		rows = s.pane.rows(o)
	}
	for len(rows) < p.H { // a resize has not come through yet
		rows = append(rows, m.paint.line(nil, p.W, theme.Plain))
	}
	return rows[:p.H]
}

// story says how the start of a shell goes, or what went wrong.
func (s *shell) story(m *Model, width int) []line {
	if s.err == nil {
		if m.now().Sub(s.began) < 300*time.Millisecond {
			return nil
		}
		return []line{nil, say(theme.Faint, " entering…")}
	}
	ls := []line{nil, say(theme.Strong, " No shell was started"), nil}
	if refused, ok := errors.AsType[*notReadyError](s.err); ok {
		for _, c := range refused.checks {
			ls = append(ls, checkLines(c, width)...)
		}
	} else {
		ls = append(ls, labelled(theme.Fail, nsenter.Fail.String(), s.err.Error(), width)...)
	}
	if step, ok := errors.AsType[*nsenter.StepError](s.err); ok && step.Hint() != "" {
		ls = append(ls, labelled(theme.Plain, "", step.Hint(), width)...)
	}
	if s.tools != nil {
		ls = append(ls, labelled(theme.Accent, "h", "use other tools: "+s.tools.words, width)...)
	}
	ls = append(ls, m.otherLines(&s.entry, s.err, width)...)
	if s.plan != nil && s.plan.Command != "" {
		ls = append(append(ls, nil), labelled(theme.Faint, "Same as", s.plan.Command, width)...)
	}
	return append(ls, nil, say(theme.Faint, " Nothing of it is left behind."))
}

// bar is how the two bars around a shell look.
type bar struct {
	role   theme.Role
	border lipgloss.Border
	sides  bool // they are the ends of a frame
	width  int
}

// ends returns the left and the right end of the upper bar or the lower one.
func (b *bar) ends(upper bool) (left, right string) {
	switch {
	case !b.sides:
		return b.border.Top, b.border.Top
	case upper:
		return b.border.TopLeft + b.border.Top, b.border.Top + b.border.TopRight
	}
	return b.border.BottomLeft + b.border.Top, b.border.Top + b.border.BottomRight
}

// drawBar draws one of the two bars around a shell: the first of the wordings that fits, or the last, cut. The
// title, which is the program's in the shell, has what room is left.
func (m *Model) drawBar(b bar, upper bool, title string, wordings ...line) string {
	left, right := b.ends(upper)
	room := b.width - text.Width(left) - text.Width(right) - 2
	words := fitting(wordings, room)
	used := min(words.width(), max(0, room))
	const leastTitle = 12 // cells of a title that is worth showing
	if rest := room - used - 4; title != "" && rest >= leastTitle {
		title = quoted(title, rest, m.paint.Glyphs.Ellipsis)
		right = " " + title + " " + b.border.Top + right
		room -= text.Width(title) + 3
	}
	fill := strings.Repeat(b.border.Top, max(0, room-used))
	var row strings.Builder
	row.WriteString(m.paint.line(say(b.role, left+" "), text.Width(left)+1, b.role))
	for i, rest := 0, used; i < len(words) && rest > 0; i++ {
		// What is not in the bar's own colours is set into it on the ground of the screen.
		word, base := words[i], b.role
		if word.role == theme.Inside {
			word.role = b.role
		} else {
			base = theme.Plain
		}
		w := min(rest, line{word}.width())
		row.WriteString(m.paint.line(line{word}, w, base))
		rest -= w
	}
	row.WriteString(m.paint.line(say(b.role, " "+fill+right), b.width-text.Width(left)-1-used, b.role))
	return row.String()
}
