package ui

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan/container"
	"nstui/procscan/ns"
)

// The prefixes of a target that say what kind of thing it is; container.Names.Find knows more.
const (
	unitPrefix = "unit:"
	inoPrefix  = "ns:"
)

// meantFilter is a filter that lets pass what a target means, and nothing else that is called so in part.
func meantFilter(word string) filter {
	return filter{text: word[strings.LastIndexAny(word, ":/")+1:], wide: true, meant: word}
}

// meantOwners returns the containers and units a target means.
func (w *world) meantOwners(word string) []*container.Owner {
	owners := w.names.Find(word)
	if len(owners) == 0 && !strings.ContainsAny(word, ":/") {
		owners = w.names.Find(unitPrefix + word)
	}
	return owners
}

// meant returns the processes a target means, by index: those of the containers and units that are called so,
// or else the processes that are.
func (w *world) meant(word string) map[int]bool {
	owners, found := w.meantOwners(word), make(map[int]bool)
	for i := range w.procs {
		p := &w.procs[i]
		switch {
		case len(owners) == 0:
			if w.called(p, word) && !w.helps(p, word) {
				found[i] = true
			}
		case p.owner != nil && slices.Contains(owners, p.owner.Owner), slices.Contains(owners, w.names.Unit(p.Process)):
			found[i] = true
		}
	}
	return found
}

// called reports whether a process is one of what enter takes for a target that no owner is called.
func (w *world) called(p *proc, word string) bool {
	if p.Kernel || p.Zombie() || p.ID() == w.snap.Self {
		return false
	}
	if unit, ok := strings.CutPrefix(word, unitPrefix); ok {
		return slices.Contains(strings.Split(p.Cgroup, "/"), unit)
	}
	return p.Comm == word || len(p.Args) > 0 && path.Base(p.Args[0]) == word
}

// helps reports whether a process above is called so, too, and in the same namespaces: it is a worker of that.
// What was seen of two processes is not of one moment, so that parents could go round in a circle.
func (w *world) helps(p *proc, word string) bool {
	above := w.byPID(p.PPID)
	for steps := 0; above != nil && steps < len(w.procs); steps++ {
		if above.ID() != p.ID() && above.NS == p.NS && w.called(above, word) {
			return true
		}
		above = w.byPID(above.PPID)
	}
	return false
}

// choose moves to what a target means that is no single container: to the one process, or to a list of all
// that could be meant.
func (m *Model) choose(word string) tea.Cmd {
	found := m.world.meant(word)
	owners := m.world.meantOwners(word)
	if len(found) == 0 {
		return m.warn(fmt.Sprintf("there is no container, unit or process %q", word))
	}
	if len(owners) == 1 {
		return m.showOwner(owners[0])
	}
	if len(owners) == 0 && len(found) == 1 {
		for i := range found {
			m.showProcess(m.world.procs[i].PID)
		}
		return nil
	}
	b := &m.browser
	boxes := slices.ContainsFunc(m.world.boxes, func(g group) bool { return slices.Contains(owners, g.owner.Owner) })
	if boxes {
		m.setTab(ofContainers)
	} else if b.tab.grouped() {
		kind := ns.Net
		m.setTab(tabOf(&kind))
	}
	m.typeFilter(meantFilter(word))
	b.first().Home()
	m.syncOpen()
	if !boxes {
		b.focus = onProcesses
	}
	count := len(owners)
	if count == 0 {
		count = len(found)
	}
	return m.warn(fmt.Sprintf("%d are meant by %q: choose one", count, word))
}

// openInode moves to the namespace with an inode number; no two kinds have the same.
func (m *Model) openInode(digits string) tea.Cmd {
	ino, err := strconv.ParseUint(digits, 10, 64)
	for _, kind := range ns.Kinds() {
		id := ns.ID{Kind: kind, Ino: ino}
		if err == nil && m.world.snap.Namespace(id) != nil {
			m.live.soughtName = ""
			m.showSpace(id)
			m.browser.focus = onNamespaces
			return nil
		}
	}
	if err != nil || m.live.deep.ends > 0 { // one without processes is found only by a look at everything
		m.live.soughtName = ""
		return m.warn(fmt.Sprintf("there is no namespace %q", digits))
	}
	return nil
}
