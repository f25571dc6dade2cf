package ui

import (
	"strconv"

	tea "charm.land/bubbletea/v2"
)

// chooseShell opens the menu of all shells, and has them asked what runs in them.
func (m *Model) chooseShell() tea.Cmd {
	s := &menu{title: "Shells", does: "go there", fill: (*Model).shellItems}
	s.all = m.shellItems()
	s.search()
	s.at = max(0, m.shells.index(m.shells.current))
	m.open(s)
	cmds := make([]tea.Cmd, len(m.shells.list))
	for i, sh := range m.shells.list {
		cmds[i] = programOf(sh)
	}
	return tea.Batch(cmds...)
}

// shellItems are all shells as they are now.
func (m *Model) shellItems() []item {
	items := make([]item, len(m.shells.list))
	for i, sh := range m.shells.list {
		it := item{
			key: strconv.Itoa(i + 1), number: sh.id,
			label: sh.tabLabel(m.paint.Glyphs.Ellipsis), note: m.stateWords(sh),
		}
		if i == 9 {
			it.also = "0" // as after the prefix
		}
		it.run = func(m *Model) tea.Cmd {
			if m.shells.index(sh) < 0 {
				return m.warn("that shell was closed")
			}
			return m.showShell(sh)
		}
		items[i] = it
	}
	return items
}

// stateWords say how a shell is, for the menu.
func (m *Model) stateWords(s *shell) string {
	dot := " " + m.paint.Glyphs.Dot + " "
	words := s.state()
	switch {
	case words != "":
	case s.session == nil:
		words = "entering"
	default:
		words = "running " + clock(m.now().Sub(s.began)) + s.programWords()
	}
	if s.belled {
		words += dot + "bell !"
	}
	if s.unseen {
		words += dot + "new output *"
	}
	if title := s.title; title != "" {
		words += dot + quoted(title, maxTabLabel, m.paint.Glyphs.Ellipsis)
	}
	return words
}
