package ui

import (
	"cmp"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/text"
	"nstui/ui/theme"
)

// names returns how a shell is called, by its process or as the user has named it, and what it has entered.
func (s *shell) names() (name, kinds string) {
	name = cmp.Or(s.name, s.entry.name)
	if s.plan == nil {
		return name, ""
	}
	kinds = s.plan.Join.String()
	switch {
	case s.plan.Join == 0:
		kinds = "host"
	case s.plan.Host() == 0 && s.plan.Join.Len() > 1:
		kinds = "all"
	}
	if from, only := s.sources(); only && s.name == "" {
		name = from
	}
	return name, kinds
}

// label names a shell wherever there is room.
func (s *shell) label() string {
	return joined(s.names())
}

func joined(name, kinds string) string { return strings.TrimSuffix(name+" "+kinds, " ") }

// tabLabel names a shell in at most maxTabLabel cells. What it has entered stays: of more kinds than there is
// room for the letters.
func (s *shell) tabLabel(dots string) string {
	name, kinds := s.names()
	label := joined(name, kinds)
	if kinds == "" || text.Width(text.Clean(label)) <= maxTabLabel {
		return text.Line(label, maxTabLabel, dots)
	}
	kinds = s.brief(kinds)
	return text.Line(name, nameRoom(kinds), dots) + " " + kinds
}

// brief says in few cells what a shell has entered: one kind, or the letters of several.
func (s *shell) brief(kinds string) string {
	if strings.Contains(kinds, " ") {
		return strings.ReplaceAll(s.plan.Join.Letters(), "-", "")
	}
	return kinds
}

// nameRoom returns how many cells of its name a tab can show beside what is entered, in brief.
func nameRoom(kinds string) int {
	if kinds == "" {
		return maxTabLabel
	}
	return maxTabLabel - 1 - text.Width(kinds)
}

// renameShell asks for a name for the tab. What says which namespaces one is in stays.
func (m *Model) renameShell() tea.Cmd {
	s, dots := m.shellShown(), m.paint.Glyphs.Ellipsis
	_, kinds := s.names()
	name, room := cmp.Or(s.name, s.entry.name), nameRoom(s.brief(kinds))
	own := text.Line(s.entry.name, maxTabLabel, dots)
	m.open(&prompt{
		title: "Rename", label: "name", yes: "rename",
		input: input{text: name, fresh: true},
		note: func(typed string) line {
			used := text.Width(text.Clean(strings.TrimSpace(typed)))
			if used > room {
				return line{{theme.Warn, fmt.Sprintf("%d of %d cells", used, room)}, {theme.Plain, ": cut to " + text.Line(typed, room, dots)}}
			}
			return say(theme.Faint, fmt.Sprintf("%d of %d cells; empty is %s", used, room, own))
		},
		run: func(_ *Model, name string) tea.Cmd {
			s.name = strings.TrimSpace(name)
			return nil
		},
	})
	return nil
}
