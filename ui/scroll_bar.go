package ui

import (
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/layout"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// footBar is a surface that is one line at the foot of the shell, in which one types.
type footBar interface {
	surface
	// asks returns what is asked for, what is typed, and what is to be said about it.
	asks() (question, typed, note string)
}

func (f *findBar) draw(*Model) (layout.Rect, []string) { return layout.Rect{}, nil }

func (f *findBar) cursor(m *Model) *tea.Cursor { return m.footCursor(f) }

func (f *findBar) asks() (question, typed, note string) {
	question = "/"
	if f.up {
		question = "?"
	}
	if b := f.shell.scroll; b.find != nil && f.input.text != "" {
		note = b.find.words()
	}
	return question, f.input.text, note
}

// barWords draws a line in which one types, in the colours of the bar.
func (m *Model) barWords(f footBar) []line {
	question, typed, note := f.asks()
	typed = strings.TrimPrefix(typed, m.unseen(f))
	keys := "enter goes there   esc cancels"
	if _, ok := f.(*saveBar); ok {
		keys = "enter saves   esc cancels"
	}
	sep := " " + m.paint.Glyphs.Heavy.Top + " "
	words := func(parts ...string) line {
		l := say(theme.Inside, question+typed+" ")
		for _, part := range parts {
			if part != "" {
				l = append(l, span{theme.Inside, sep + part})
			}
		}
		return l
	}
	return []line{words(note, keys), words(note, "esc cancels"), words(note), words()}
}

// unseen returns what of the typed text has to be left out at its beginning for the end to be seen.
func (m *Model) unseen(f footBar) string {
	question, typed, _ := f.asks()
	room := m.shellLayout().Frame.W - 8 - text.Width(question)
	left := typed
	for left != "" && text.Width(text.Clean(left)) > room {
		_, size := utf8.DecodeRuneInString(left)
		left = left[size:]
	}
	return typed[:len(typed)-len(left)]
}

// footCursor returns where the next character goes.
func (m *Model) footCursor(f footBar) *tea.Cursor {
	l := m.shellLayout()
	question, typed, _ := f.asks()
	x := l.Frame.X + 2 // the border and a space
	if l.Sides() {
		x++
	}
	x += text.Width(question) + text.Width(text.Clean(strings.TrimPrefix(typed, m.unseen(f))))
	return tea.NewCursor(min(x, l.Frame.X+l.Frame.W-1), l.Frame.Y+l.Frame.H-1)
}
