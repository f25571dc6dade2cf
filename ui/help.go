package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/text"
	"nstui/ui/theme"
)

// openHelp shows all actions with their keys, those for what has the keyboard first. Only these can be
// run from it: others are not to be had before what is open is closed.
func (m *Model) openHelp() tea.Cmd {
	here := inBrowser
	if s := m.top(); s != nil {
		here = s.scope()
	}
	scopes := []scope{here}
	for _, s := range []scope{inAny, inBrowser, inTimeline, inPicker, inShell, inEnded, inScroll} {
		if s != here {
			scopes = append(scopes, s)
		}
	}
	s := &menu{title: "Help" + " " + m.paint.Glyphs.Dot + " type to search", typed: true}
	for _, where := range scopes {
		for i := range m.actions {
			a := &m.actions[i]
			if a.scope != where || len(a.keys) == 0 || a.help == "" {
				continue
			}
			it := m.itemOf(a)
			it.group, it.number = where.String(), len(s.all)
			it.key = strings.Join(a.keys, " ")
			it.label, it.note = a.help, ""
			if where != here && where != inAny {
				it.run, it.why = nil, ""
			}
			s.all = append(s.all, it)
		}
	}
	s.whole = s.helpWhole
	s.search()
	m.open(s)
	return nil
}

// helpWhole returns the words of a line of help, and why it cannot be run, where some line is too long for the
// list: always as many lines, so that the list keeps its place.
func (s *menu) helpWhole(number, width int) []line {
	keys, most := 0, 0
	for _, it := range s.all {
		keys = max(keys, text.Width(it.key))
	}
	words := func(it item) string {
		if it.why == "" {
			return it.label
		}
		return it.label + "  " + it.why
	}
	long := false
	for _, it := range s.all {
		long = long || text.Width(words(it)) > width-keys-2
		most = max(most, len(text.Wrap(words(it), width)))
	}
	if !long {
		return nil
	}
	ls := make([]line, most)
	for i, part := range text.Wrap(words(s.all[number]), width) {
		ls[i] = say(theme.Plain, part)
	}
	return ls
}
