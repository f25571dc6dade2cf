package ui

import (
	tea "charm.land/bubbletea/v2"

	"nstui/ui/layout"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// footBar is a surface that is one line at the foot of the shell, in which one types.
type footBar interface {
	surface
	// asks returns what is asked for, what is typed, and what is to be said about it.
	asks() (question string, typed *input, note string)
}

func (f *findBar) draw(*Model) (layout.Rect, []string) { return layout.Rect{}, nil }

func (f *findBar) cursor(m *Model) *tea.Cursor { return m.footCursor(f) }

func (f *findBar) asks() (question string, typed *input, note string) {
	question = "/"
	if f.up {
		question = "?"
	}
	if b := f.shell.scroll; b.find != nil && f.input.text != "" {
		note = b.find.words()
	}
	return question, &f.input, note
}

// barWords draws a line in which one types, in the colours of the bar.
func (m *Model) barWords(f footBar) []line {
	question, _, note := f.asks()
	keys := "enter goes there   esc cancels"
	if _, ok := f.(*saveBar); ok {
		keys = "enter saves   esc cancels"
	}
	sep := " " + m.paint.Glyphs.Heavy.Top + " "
	words := func(parts ...string) line {
		l := say(theme.Inside, question+m.typedEnd(f)+" ")
		for _, part := range parts {
			if part != "" {
				l = append(l, span{theme.Inside, sep + part})
			}
		}
		return l
	}
	return []line{words(note, keys), words(note, "esc cancels"), words(note), words()}
}

// typedEnd returns what of the line is to be seen behind the question.
func (m *Model) typedEnd(f footBar) string {
	question, typed, _ := f.asks()
	return typed.end(m.shellLayout().Frame.W - 8 - text.Width(question))
}

// footCursor returns where the next character goes.
func (m *Model) footCursor(f footBar) *tea.Cursor {
	l := m.shellLayout()
	question, _, _ := f.asks()
	x := l.Frame.X + 2 // the border and a space
	if l.Sides() {
		x++
	}
	x += text.Width(question) + text.Width(m.typedEnd(f))
	return tea.NewCursor(min(x, l.Frame.X+l.Frame.W-1), l.Frame.Y+l.Frame.H-1)
}
