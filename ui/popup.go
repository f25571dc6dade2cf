package ui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/layout"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// page is text to be read: it scrolls, and is made again each time it is drawn.
type page struct {
	title string
	lines func(m *Model) []line
	top   int
}

func (s *page) scope() scope { return inPage }

func (s *page) key(*Model, tea.KeyPressMsg) (tea.Cmd, bool) { return nil, false }

func (s *page) mouse(m *Model, msg tea.MouseMsg) tea.Cmd {
	switch msg.Mouse().Button {
	case tea.MouseWheelUp:
		s.scroll(m, -wheelLines)
	case tea.MouseWheelDown:
		s.scroll(m, wheelLines)
	}
	return nil
}

// rect returns where the page is.
func (s *page) rect(m *Model, ls []line) layout.Rect {
	width := max(36, text.Width(s.title)+4)
	for _, l := range ls {
		width = max(width, min(maxMenuWidth, l.width()+2))
	}
	return m.screen.Popup(width, max(3, len(ls)))
}

// scroll moves the text, as far as there is any.
func (s *page) scroll(m *Model, by int) {
	ls := s.lines(m)
	s.top = max(0, min(s.top+by, len(ls)-s.rect(m, ls).Inner().H))
}

func (s *page) draw(m *Model) (layout.Rect, []string) {
	ls := s.lines(m)
	r := s.rect(m, ls)
	inner := r.Inner()
	top := max(0, min(s.top, len(ls)-inner.H))
	shown := make([]line, 0, inner.H)
	for _, l := range ls[top:min(len(ls), top+inner.H)] {
		shown = append(shown, append(line{{theme.Plain, " "}}, l...))
	}
	foot := say(theme.Faint, "esc close")
	if more := len(ls) - inner.H - top; more > 0 {
		foot = append(foot, span{theme.Warn, fmt.Sprintf("  %d more below", more)})
	}
	f := m.paint.frameOf(say(theme.Strong, s.title), foot, true)
	return r, m.paint.box(r, f, m.paint.lines(shown, inner.W, inner.H))
}

// confirm is a question before something that cannot be taken back. The answer is no until somebody
// says otherwise.
type confirm struct {
	title    string
	question []string
	yes      string // what yes does, in one word
	run      func(m *Model) tea.Cmd
	chosen   bool // the cursor is on yes
}

func (s *confirm) scope() scope { return inConfirm }

func (s *confirm) key(*Model, tea.KeyPressMsg) (tea.Cmd, bool) { return nil, false }

// answer closes the question and does what was asked about, if the answer is yes.
func (s *confirm) answer(m *Model, yes bool) tea.Cmd {
	m.shut(s)
	if !yes {
		return nil
	}
	return s.run(m)
}

func (s *confirm) draw(m *Model) (layout.Rect, []string) {
	p := m.paint
	width := 30
	for _, q := range s.question {
		width = max(width, text.Width(text.Clean(q))+2)
	}
	width = m.screen.Popup(min(width, maxMenuWidth), 0).Inner().W
	ls := []line{nil}
	for _, q := range s.question {
		for _, part := range text.Wrap(text.Clean(q), width-2) {
			ls = append(ls, say(theme.Plain, " "+part))
		}
	}
	button := func(label string, on bool) span {
		if on {
			return span{theme.Selected, "[" + label + "]"}
		}
		return span{theme.Plain, " " + label + " "}
	}
	ls = append(ls, nil, line{
		{theme.Plain, " "}, button("y "+s.yes, s.chosen), {theme.Plain, "   "}, button("n no", !s.chosen),
	})
	r := m.screen.Popup(min(width, maxMenuWidth), len(ls)+1)
	inner := r.Inner()
	f := p.frameOf(say(theme.Warn, s.title), nil, true)
	return r, p.box(r, f, p.lines(ls, inner.W, inner.H))
}

// popupActions are the keys of menus, pages and questions.
func popupActions() []action {
	onMenu := func(f func(*Model, *menu) tea.Cmd) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd {
			if s, ok := m.top().(*menu); ok {
				return f(m, s)
			}
			return nil
		}
	}
	moveMenu := func(by func(*menu) int) func(*Model) tea.Cmd {
		return onMenu(func(_ *Model, s *menu) tea.Cmd { s.move(by(s)); return nil })
	}
	onPage := func(by func(m *Model) int) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd {
			if s, ok := m.top().(*page); ok {
				s.scroll(m, by(m))
			}
			return nil
		}
	}
	onQuestion := func(f func(*Model, *confirm) tea.Cmd) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd {
			if s, ok := m.top().(*confirm); ok {
				return f(m, s)
			}
			return nil
		}
	}
	lines := func(n int) func(*Model) int { return func(*Model) int { return n } }
	half := func(sign int) func(*Model) int { return func(m *Model) int { return sign * m.screen.Body.H / 2 } }
	shut := func(m *Model) tea.Cmd { m.shut(m.top()); return nil }
	const far = 1 << 20
	return []action{
		{
			id: "menu-run", scope: inMenu, keys: []string{"enter"}, label: "run", foot: 1, help: "run what is selected",
			run: onMenu(func(m *Model, s *menu) tea.Cmd { return s.choose(m) }),
		},
		{
			id: "menu-down", scope: inMenu, keys: []string{"down", "ctrl+n", "j"}, label: "down", help: "next",
			run: moveMenu(func(*menu) int { return 1 }),
		},
		{
			id: "menu-up", scope: inMenu, keys: []string{"up", "ctrl+p", "k"}, label: "up", help: "the one before",
			run: moveMenu(func(*menu) int { return -1 }),
		},
		{
			id: "menu-page-down", scope: inMenu, keys: []string{"pgdown", "ctrl+d"}, label: "page down", help: "a page down",
			run: moveMenu(func(s *menu) int { return s.height }),
		},
		{
			id: "menu-page-up", scope: inMenu, keys: []string{"pgup"}, label: "page up", help: "a page up",
			run: moveMenu(func(s *menu) int { return -s.height }),
		},
		{
			id: "menu-home", scope: inMenu, keys: []string{"home"}, label: "top", help: "the first",
			run: moveMenu(func(s *menu) int { return -len(s.shown) }),
		},
		{
			id: "menu-end", scope: inMenu, keys: []string{"end"}, label: "bottom", help: "the last",
			run: moveMenu(func(s *menu) int { return len(s.shown) }),
		},
		{id: "menu-close", scope: inMenu, keys: []string{"esc"}, label: "close", foot: 1, help: "close", run: shut},

		{id: "page-scroll-down", scope: inPage, keys: []string{"j", "down"}, label: "down", foot: 1, help: "a line down", run: onPage(lines(1))},
		{id: "page-scroll-up", scope: inPage, keys: []string{"k", "up"}, label: "up", foot: 1, help: "a line up", run: onPage(lines(-1))},
		{id: "page-half-down", scope: inPage, keys: []string{"pgdown", "ctrl+d", "space"}, label: "page down", help: "half a page down", run: onPage(half(1))},
		{id: "page-half-up", scope: inPage, keys: []string{"pgup", "ctrl+u"}, label: "page up", help: "half a page up", run: onPage(half(-1))},
		{id: "page-home", scope: inPage, keys: []string{"g", "home"}, label: "top", help: "first line", run: onPage(lines(-far))},
		{id: "page-end", scope: inPage, keys: []string{"G", "end"}, label: "bottom", help: "last line", run: onPage(lines(far))},
		{id: "page-close", scope: inPage, keys: []string{"esc", "q", "enter", "h", "left", "i"}, label: "close", foot: 1, help: "close", run: shut},

		{
			id: "confirm-choose", scope: inConfirm, keys: []string{"enter"}, label: "choose", foot: 1, help: "take the answer in brackets",
			run: onQuestion(func(m *Model, s *confirm) tea.Cmd { return s.answer(m, s.chosen) }),
		},
		{
			id: "confirm-yes", scope: inConfirm, keys: []string{"y"}, label: "yes", foot: 1, help: "yes",
			run: onQuestion(func(m *Model, s *confirm) tea.Cmd { return s.answer(m, true) }),
		},
		{
			id: "confirm-no", scope: inConfirm, keys: []string{"n", "esc", "q"}, label: "no", foot: 1, help: "no",
			run: onQuestion(func(m *Model, s *confirm) tea.Cmd { return s.answer(m, false) }),
		},
		{
			id: "confirm-other", scope: inConfirm, keys: []string{"tab", "shift+tab", "left", "right", "h", "l"}, label: "other", help: "the other answer",
			run: onQuestion(func(_ *Model, s *confirm) tea.Cmd { s.chosen = !s.chosen; return nil }),
		},
	}
}
