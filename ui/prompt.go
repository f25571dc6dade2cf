package ui

import (
	tea "charm.land/bubbletea/v2"

	"nstui/ui/layout"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// prompt asks for a line of text over what is on the screen.
type prompt struct {
	title string
	label string                  // before what is typed
	note  func(typed string) line // below it: what it is for
	yes   string                  // what enter does, in a word
	input input
	run   func(m *Model, text string) tea.Cmd
}

func (s *prompt) scope() scope { return inAny }

func (s *prompt) key(m *Model, msg tea.KeyPressMsg) (tea.Cmd, bool) {
	switch keyName(msg) {
	case "enter":
		m.shut(s)
		return s.run(m, s.input.text), true
	case "esc", "ctrl+c":
		m.shut(s)
		return nil, true
	}
	return nil, s.input.key(msg)
}

func (s *prompt) paste(_ *Model, pasted string) tea.Cmd {
	s.input.paste(pasted)
	return nil
}

func (s *prompt) rect(m *Model) layout.Rect {
	return m.screen.Popup(max(44, min(maxMenuWidth, s.note(s.input.text).width()+2)), 2)
}

func (s *prompt) draw(m *Model) (layout.Rect, []string) {
	p, r := m.paint, s.rect(m)
	inner := r.Inner()
	lead := " " + s.label + " "
	ls := []line{
		{{theme.Accent, lead}, {theme.Plain, s.input.end(inner.W - text.Width(lead) - 1)}},
		append(say(theme.Plain, " "), s.note(s.input.text)...),
	}
	foot := say(theme.Faint, "enter "+s.yes+"  esc cancel")
	return r, p.box(r, p.frameOf(say(theme.Strong, s.title), foot, true), p.lines(ls, inner.W, inner.H))
}

func (s *prompt) cursor(m *Model) *tea.Cursor {
	inner := s.rect(m).Inner()
	lead := text.Width(s.label) + 2
	return tea.NewCursor(inner.X+lead+text.Width(s.input.end(inner.W-lead-1)), inner.Y)
}

// footer says in the browser's place what the frame says.
func (s *prompt) footer(*Model) []line {
	return []line{{{theme.Accent, " enter"}, {theme.Plain, " " + s.yes + "  "}, {theme.Accent, "esc"}, {theme.Plain, " cancel"}}}
}
