package ui

import (
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan/ns"
)

// openPalette shows all actions by name, and reads commands.
func (m *Model) openPalette() tea.Cmd {
	s := &menu{title: "Palette", typed: true, parse: (*Model).parseCommand}
	for i := range m.actions {
		a := &m.actions[i]
		if (a.scope == inBrowser || a.scope == inAny) && a.id != "palette" {
			it := m.itemOf(a)
			if len(a.keys) > 0 {
				it.key = a.keys[0]
			}
			s.all = append(s.all, it)
		}
	}
	s.search()
	m.open(s)
	return nil
}

// parseCommand reads a command with an argument, such as "pid 4183".
func (m *Model) parseCommand(typed string) (item, bool) {
	verb, arg, _ := strings.Cut(strings.TrimSpace(strings.ToLower(typed)), " ")
	arg = strings.TrimSpace(arg)
	if kind, ok := ns.ParseKind(verb); ok && arg == "" {
		return m.itemOf(m.action("kind-" + kind.String())), true
	}
	if a := m.actionLabelled(verb); a != nil && arg == "" {
		return m.itemOf(a), true
	}
	number, err := strconv.ParseUint(arg, 10, 64)
	switch {
	case verb == "pid" && err == nil:
		return item{label: "pid " + arg, note: "go to the process", run: func(m *Model) tea.Cmd {
			if !m.showProcess(int(min(number, 1<<31-1))) {
				return m.warn("there is no process " + arg)
			}
			return nil
		}}, true
	case verb == "ns" && err == nil:
		return item{label: "ns " + arg, note: "go to the namespace", run: func(m *Model) tea.Cmd {
			return m.showInode(number)
		}}, true
	case verb == "sort":
		names, now := m.sortNames()
		for i, name := range names {
			if arg != "" && strings.HasPrefix(name, arg) {
				return item{label: "sort " + name, note: "sort the list", run: func(m *Model) tea.Cmd {
					m.sortBy(order{column: i, reverse: i == now.column && !now.reverse})
					return nil
				}}, true
			}
		}
	}
	return m.boxCalled(strings.TrimSpace(typed))
}

// boxCalled returns what goes to the container that is called as is typed, or begins so; false if there is none.
func (m *Model) boxCalled(typed string) (item, bool) {
	if m.world == nil || len(typed) < leastTyped {
		return item{}, false
	}
	w := word{needle: strings.ToLower(typed), typed: typed}
	var best *group
	how := hasWord // and what is better
	for i := range m.world.boxes {
		g := &m.world.boxes[i]
		if like := likeness(w, append(g.owner.names(), g.owner.words...)...); like > how && !g.ended && !g.owner.Infra {
			best, how = g, like
		}
	}
	if best == nil {
		return item{}, false
	}
	id := best.id
	return item{label: best.owner.words[0], note: "go to the container", run: func(m *Model) tea.Cmd {
		m.setTab(ofContainers)
		m.showGroup(id)
		return nil
	}}, true
}

// leastTyped is how much of the name of a container is typed before the palette offers it.
const leastTyped = 2

// actionLabelled returns the action of the browser with that label, or nil.
func (m *Model) actionLabelled(label string) *action {
	for i := range m.actions {
		if a := &m.actions[i]; a.label == label && (a.scope == inBrowser || a.scope == inAny) {
			return a
		}
	}
	return nil
}

// showInode moves to the namespace with an inode number, of whatever kind.
func (m *Model) showInode(n uint64) tea.Cmd {
	for _, kind := range ns.Kinds() {
		if m.showSpace(ns.ID{Kind: kind, Ino: n}) {
			return nil
		}
	}
	return m.warn(fmt.Sprintf("there is no namespace %d", n))
}
