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
	name, kinds := s.names()
	return strings.TrimSuffix(name+" "+kinds, " ")
}

// tabLabel names a shell in at most maxTabLabel cells. What it has entered stays: of more kinds than there is
// room for the letters.
func (s *shell) tabLabel(dots string) string {
	label := s.label()
	if _, kinds := s.names(); text.Width(text.Clean(label)) > maxTabLabel && kinds != "" {
		name, _ := s.names()
		return text.Line(name, s.nameRoom(), dots) + " " + s.briefKinds()
	}
	return text.Line(label, maxTabLabel, dots)
}

// briefKinds says in few cells what a shell has entered: one kind, or the letters of several.
func (s *shell) briefKinds() string {
	_, kinds := s.names()
	if strings.Contains(kinds, " ") {
		return strings.ReplaceAll(s.plan.Join.Letters(), "-", "")
	}
	return kinds
}

// nameRoom returns how many cells of its name a tab can show.
func (s *shell) nameRoom() int {
	if kinds := s.briefKinds(); kinds != "" {
		return maxTabLabel - 1 - text.Width(kinds)
	}
	return maxTabLabel
}

// renameShell asks for a name for the tab. What says which namespaces one is in stays.
func (m *Model) renameShell() tea.Cmd {
	s, dots := m.shellShown(), m.paint.Glyphs.Ellipsis
	name, room := cmp.Or(s.name, s.entry.name), s.nameRoom()
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
