package ui

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/theme"
)

// maxEntryName is how many cells of the name of a container stand for its process in frames and titles.
const maxEntryName = 32

// entryName returns what a shell in the namespaces of a process is called by: the container it is in, else the
// process. owned says that it is the container.
func entryName(p *proc) (name string, owned bool) {
	if p.owner.Container() {
		return fit(p.owner.words, maxEntryName, "…"), true
	}
	return nameOf(p.Process), false
}

// aboutOf says what a picker says of its target: the container it is in, and the command line.
func (m *Model) aboutOf(p *proc) string {
	if p.owner.Container() {
		return p.owner.words[0] + "  " + m.paint.Glyphs.Dot + "  " + p.shown
	}
	return p.shown
}

// ownerLines say who a process belongs to.
func (m *Model) ownerLines(p *proc) (ls []line) {
	if o := p.owner; o.Container() {
		ls = append(ls, fact("belongs", span{theme.Strong, o.words[0]}, span{theme.Faint, " " + string(o.Runtime)}))
		if o.Image != "" {
			ls = append(ls, fact("image", span{theme.Plain, o.Image}))
		}
	}
	if m.world.names != nil {
		if unit := m.world.names.Unit(p.Process); unit != nil {
			ls = append(ls, fact("unit", span{theme.Plain, unit.Name}))
		}
	}
	return ls
}

// spaceOwnerLines say who a namespace is for.
func (m *Model) spaceOwnerLines(s *space) (ls []line) {
	label := "belongs"
	if s.whose.Host {
		label = "also in" // whose namespace it is goes without saying
	}
	for i, o := range s.whose.Owners {
		if i == maxKept {
			break
		}
		ls = append(ls, fact(label, span{theme.Strong, m.world.wordsOf(o)[0]}, span{theme.Faint, " " + string(o.Runtime)}))
		label = ""
	}
	for _, name := range s.whose.Netns {
		ls = append(ls, fact("netns", span{theme.Plain, name}))
	}
	return ls
}

// shownOwner returns the container or the unit the details are of, nil if there is none.
func (m *Model) shownOwner() *owner {
	if g := m.shownGroup(); g != nil {
		return g.owner
	}
	if p := m.selectedProc(); p != nil {
		return p.owner
	}
	return nil
}

func needOwner(m *Model) string {
	if m.shownOwner() == nil {
		return "it belongs to nobody who has a name"
	}
	return ""
}

func needOwnerID(m *Model) string {
	switch o := m.shownOwner(); {
	case !o.Container():
		return "it is in no container"
	case o.ID == "":
		return "its container has no id, only a name"
	}
	return ""
}

func (m *Model) copyOwner() tea.Cmd   { return m.copyText("name", m.copyOf("copy-name")) }
func (m *Model) copyOwnerID() tea.Cmd { return m.copyText("id", m.copyOf("copy-id")) }

// silence says which sources of names do not answer, in a line, and at the containers also which may not be asked;
// empty if all do.
func (m *Model) silence() string {
	if m.world == nil {
		return ""
	}
	var words []string
	for _, s := range m.world.names.Silent() {
		words = append(words, s.Source+": no answer since "+s.Since.Format("15:04"))
	}
	if len(words) > 0 || m.browser.tab != ofContainers || m.browser.focus != onNamespaces {
		return strings.Join(words, ", ")
	}
	for _, s := range m.world.names.Denied() {
		words = append(words, s.Source)
	}
	if len(words) == 0 {
		return ""
	}
	slices.SortStableFunc(words, func(a, b string) int { return cmp.Compare(len(a), len(b)) }) // root's before those of users
	return "names may be missing (F): permission denied by " + strings.Join(words, ", ")
}
