package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/procscan/sought"
)

// meantFilter is a filter that lets pass what a target means, and nothing else that is called so in part.
func meantFilter(word string) filter {
	return filter{text: word[strings.LastIndexAny(word, ":/")+1:], wide: true, meant: word}
}

// place is what a target is looked for in.
func (w *world) place() *sought.Place { return &sought.Place{Snapshot: w.snap, Names: w.names} }

// meant returns the processes a target means, by index, with all of the containers it means; and the namespaces
// that are left of pods it means.
func (w *world) meant(word string) (processes map[int]bool, left map[ns.ID]bool) {
	processes, left = make(map[int]bool), make(map[ns.ID]bool)
	at := w.place()
	found := at.Find(word)
	belongs := at.Belongs(found)
	for i := range w.procs {
		if belongs(w.procs[i].Process) {
			processes[i] = true
		}
	}
	for _, c := range found {
		if c.Process == nil {
			left[c.Space] = true
		}
	}
	return processes, left
}

// openSoughtName moves to what the program was started for by name, once that is known.
func (m *Model) openSoughtName() tea.Cmd {
	word := m.live.soughtName
	if word == "" || m.world == nil || m.world.snap.Part || m.config.Names != nil && m.world.names == nil {
		return nil
	}
	if name, ok := strings.CutPrefix(word, container.NetnsPrefix); ok {
		return m.openNetns(name)
	}
	if digits, ok := strings.CutPrefix(word, sought.NumberPrefix); ok {
		return m.openInode(digits)
	}
	return m.openWord(word)
}

// openWord moves to what a target means, which is no number: to the one process, container or pod, or to a list of all
// that could be meant. If a container nobody has named yet would be meant instead it waits for the daemons, and if only
// anybody calls something so for a look at everything, since of root's pod there may be nothing but a network namespace.
func (m *Model) openWord(word string) tea.Cmd {
	at := m.world.place()
	meaning := at.Mean(word)
	found := meaning.Choices
	certain := at.Certain(found)
	switch {
	case m.config.Names == nil, certain && !meaning.Open:
	case !m.live.naming.asked:
		return nil
	case certain, len(found) == 0, strings.HasPrefix(word, container.UnitPrefix):
	case !m.live.deep.over():
		return m.deepen(true)
	case !m.seenAll():
		return nil
	}
	told := m.live.soughtTold
	if len(found) == 0 && m.config.Names != nil && !m.seenAll() {
		// A pod of which no more is left is found later.
		m.live.soughtTold = true
	} else {
		m.live.soughtName = ""
	}
	switch {
	case told && len(found) == 0:
		return m.tellNetns(word)
	case told && found[0].Process != nil:
		return nil // what comes late does not move the cursor
	case len(found) == 0:
		return m.askStopped(word)
	}
	said := at.Notes(meaning, m.users.name)
	if !m.openFound(found) {
		m.choose(word, found)
		said = append([]string{fmt.Sprintf("%d are meant by %q: choose one", len(found), word)}, said...)
	}
	if len(said) == 0 {
		return nil
	}
	return m.hold(strings.Join(said, "; "))
}

// tellNetns tells of a target which means nothing that names of ip-netns(8) are almost it: they are known late.
func (m *Model) tellNetns(word string) tea.Cmd {
	w := m.world
	if !m.seenAll() || len(w.nearNetns(word)) == 0 && !slices.Contains(w.netnsNames(), word) {
		return nil
	}
	return func() tea.Msg { return absentMsg{w.nothing(word)} }
}

// nearNetns returns the names of ip-netns(8) that are almost a word that does not say what it asks for.
func (w *world) nearNetns(word string) []string {
	names := w.netnsNames()
	if prefix, _ := container.Split(word); prefix != "" || slices.Contains(names, word) {
		return nil
	}
	near := sought.Near(word, names)
	for i := range near {
		near[i] = container.NetnsPrefix + near[i]
	}
	return near
}

// openFound moves to what was found for a target, if that is one thing.
func (m *Model) openFound(found []sought.Choice) bool {
	switch c := found[0]; {
	case len(found) == 1 && c.Process == nil:
		m.showSpace(c.Space)
		m.browser.focus = onNamespaces
	case c.Process != nil && c.Owner.Container() && (len(found) == 1 || sought.OnePod(found)):
		m.showOwner(c)
	case len(found) == 1:
		m.showProcess(c.Process.PID)
	default:
		return false
	}
	return true
}

// absentMsg says of a target that it means nothing that runs.
type absentMsg struct{ said string }

// askStopped finds out whether a target is a container that does not run, else what is called almost so: over many
// names that takes a while.
func (m *Model) askStopped(word string) tea.Cmd {
	namer, ctx, w := m.config.Names, m.ctx, m.world
	return func() tea.Msg {
		var said []string
		if namer != nil {
			for _, s := range namer.Stopped(ctx, word) {
				said = append(said, s.String())
			}
		}
		if len(said) == 0 {
			said = []string{w.nothing(word)}
		}
		return absentMsg{strings.Join(said, "; ")}
	}
}

// nothing says that a target means nothing, and what is called almost so.
func (w *world) nothing(word string) string {
	at := w.place()
	said := append([]string{fmt.Sprintf("nothing is called %q", word)}, at.Others(word, w.netnsNames())...)
	if near := append(at.Near(word), w.nearNetns(word)...); len(near) > 0 {
		said = append(said, "near names: "+strings.Join(near, ", "))
	}
	return strings.Join(said, "; ")
}

// netnsNames returns the names ip-netns(8) gave network namespaces.
func (w *world) netnsNames() []string {
	var names []string
	for i := range w.spaces[ns.Net] {
		names = append(names, w.spaces[ns.Net][i].whose.Netns...)
	}
	return names
}

// choose shows what a target could mean, to choose from: in the list of containers, if that has all of it.
func (m *Model) choose(word string, found []sought.Choice) {
	b := &m.browser
	boxes := !slices.ContainsFunc(found, func(c sought.Choice) bool { return !c.Owner.Container() || c.Process == nil })
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
}

// showOwner moves to a container in the list of these, or else to its process.
func (m *Model) showOwner(c sought.Choice) {
	if i := slices.IndexFunc(m.world.boxes, func(g group) bool { return g.owner.Owner == c.Owner }); i >= 0 {
		m.setTab(ofContainers)
		m.showGroup(m.world.boxes[i].id)
		return
	}
	m.showProcess(c.Process.PID)
}

// openNetns moves to the network namespace ip-netns(8) has given a name. It may be found only by the first
// look at all mounts.
func (m *Model) openNetns(name string) tea.Cmd {
	for i := range m.world.spaces[ns.Net] {
		if s := &m.world.spaces[ns.Net][i]; slices.Contains(s.whose.Netns, name) {
			m.live.soughtName = ""
			m.showSpace(s.ID)
			m.browser.focus = onNamespaces
			return nil
		}
	}
	if m.live.deep.ends > 0 {
		m.live.soughtName = ""
		said := fmt.Sprintf("there is no network namespace %q", name)
		if near := sought.Near(name, m.world.netnsNames()); len(near) > 0 {
			said += "; near names: " + container.NetnsPrefix + strings.Join(near, ", "+container.NetnsPrefix)
		}
		return m.hold(said)
	}
	return nil
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
		return m.hold(fmt.Sprintf("there is no namespace %q", digits))
	}
	return nil
}
