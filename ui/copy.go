package ui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan/ns"
)

// openCopy shows what can be copied.
func (m *Model) openCopy() tea.Cmd {
	s := &menu{title: "Copy", does: "copy"}
	for i := range m.actions {
		a := &m.actions[i]
		if len(a.keys) == 0 || !strings.HasPrefix(a.keys[0], "y ") {
			continue
		}
		it := m.itemOf(a)
		it.key, it.note = strings.TrimPrefix(a.keys[0], "y "), m.copyOf(a.id)
		s.all = append(s.all, it)
	}
	s.search()
	m.open(s)
	return nil
}

// copyOf returns what an action would copy.
func (m *Model) copyOf(id string) string {
	if o := m.shownOwner(); o != nil {
		switch id {
		case "copy-name":
			return ownWords(o.Owner, o.beside)[0]
		case "copy-id":
			return o.ID
		}
	}
	if id == "copy-inode" {
		return m.inodesToCopy()
	}
	p := m.selectedProc()
	if p == nil {
		return ""
	}
	switch id {
	case "copy-pid":
		return strconv.Itoa(p.PID)
	case "copy-command":
		if len(p.Args) == 0 {
			return p.Comm
		}
		return strings.Join(p.Args, " ")
	case "copy-nsenter":
		return m.nsenterCommand(m.procNow().Process)
	}
	return ""
}

func (m *Model) copyPID() tea.Cmd     { return m.copyText("pid", m.copyOf("copy-pid")) }
func (m *Model) copyCommand() tea.Cmd { return m.copyText("command line", m.copyOf("copy-command")) }
func (m *Model) copyNsenter() tea.Cmd { return m.copyText("command", m.copyOf("copy-nsenter")) }

// copyText asks the terminal to take text into its clipboard. Terminals do not say whether they did.
func (m *Model) copyText(what, text string) tea.Cmd {
	return tea.Batch(tea.SetClipboard(text), m.note(offered(what)+text))
}

// openTuple returns the namespaces of the group that is open, by kind; false if a namespace is, or nothing.
func (m *Model) openTuple() (ns.Tuple, bool) {
	g := m.world.group(m.browser.open.group)
	switch {
	case g == nil || g.refused():
		return ns.Tuple{}, false
	case g.id.box != "":
		return g.row.NS, true
	}
	return g.id.tuple, true
}

// needOneProcess says why there is no command that enters all there is.
func needOneProcess(m *Model) string {
	if why := needProcess(m); why != "" {
		return why
	}
	return m.notAll(ns.All)
}

func needNamespace(m *Model) string {
	if tuple, ok := m.openTuple(); ok && tuple.Known() != 0 {
		return ""
	}
	if sp := m.world.space(m.browser.open.space); sp == nil || sp.refused() {
		return "no namespace is selected"
	}
	return ""
}

// inodesToCopy says what copying an inode would copy, or that there are several to choose from.
func (m *Model) inodesToCopy() string {
	if _, ok := m.openTuple(); ok {
		return "of which of its namespaces"
	}
	if needNamespace(m) != "" {
		return ""
	}
	return inode(m.browser.open.space.Ino)
}

// copyInode copies the inode of the namespace that is open. A group has one of each kind: it asks for the kind.
func (m *Model) copyInode() tea.Cmd {
	tuple, ok := m.openTuple()
	if !ok {
		return m.copyText("inode", inode(m.browser.open.space.Ino))
	}
	s := &menu{title: "Copy the inode of", does: "copy"}
	for _, k := range ns.Kinds() {
		if tuple[k] == 0 {
			continue
		}
		s.all = append(s.all, item{
			key: string(k.Letter()), label: k.String(), note: inode(tuple[k]),
			run: func(m *Model) tea.Cmd { return m.copyText("inode", inode(tuple[k])) },
		})
	}
	s.search()
	m.open(s)
	return nil
}
