package ui

import (
	"fmt"
	"strconv"
	"strings"

	"nstui/procscan/ns"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// shownSpace returns the namespace the details are of: the one under the cursor while the namespaces
// have the keyboard, and one without processes. It is nil where they are of a process.
func (m *Model) shownSpace() *space {
	s := m.world.space(m.browser.open.space)
	if s == nil || s.refused() {
		return nil
	}
	if m.browser.focus == onNamespaces || m.selectedProc() == nil {
		return s
	}
	return nil
}

// emptySpace returns the namespace that is shown if no process is in it, else nil.
func (m *Model) emptySpace() *space {
	if s := m.shownSpace(); s != nil && s.empty() {
		return s
	}
	return nil
}

// maxKept bounds the lines about what keeps a namespace, or belongs to it.
const maxKept = 200

// spaceLines returns everything there is to say of a namespace.
func (m *Model) spaceLines(s *space) []line {
	ls := append([]line{say(theme.Strong, fmt.Sprintf("%s %d", s.ID.Kind, s.ID.Ino)), nil}, m.spaceFacts(s)...)
	ls = append(ls, nil, say(theme.Heading, "KEPT BY"))
	width := m.detailWidth() - 1
	item := func(role theme.Role, words string) {
		for i, part := range text.Wrap(text.Clean(words), max(8, width-2)) {
			indent := ""
			if i > 0 {
				indent = "  "
			}
			ls = append(ls, line{{role, indent + part}})
		}
	}
	if n := len(s.Members); n > 0 {
		item(theme.Plain, fmt.Sprintf("%d %s", n, plural(n, "process", "processes")))
	}
	keepers := m.world.keeperLines(s)
	for _, words := range keepers[:min(len(keepers), maxKept)] {
		item(theme.Plain, words)
	}
	if more := len(keepers) - maxKept; more > 0 {
		item(theme.Faint, fmt.Sprintf("and %s more", thousands(more)))
	}
	if len(keepers) == 0 && s.empty() {
		item(theme.Faint, "what is not known")
	}
	if below := m.belowLines(s); len(below) > 0 {
		ls = append(append(ls, nil), below...)
	}
	if s.ended {
		return ls
	}
	ls = append(ls, nil, say(theme.Heading, "ENTER"))
	if p := m.selectedProc(); p != nil {
		ls = append(ls, say(theme.Faint, "by "+m.world.nameID(p.ID())))
		return append(ls, m.enterLines(p.Process)...)
	}
	ref, err := m.wayInto(s)
	if err != nil {
		item(theme.Warn, err.Error())
		return ls
	}
	item(theme.Plain, "by "+ref.Sources[s.ID.Kind].String())
	return ls
}

// spaceFacts say what a namespace is.
func (m *Model) spaceFacts(s *space) []line {
	plain := func(words string) span { return span{theme.Plain, words} }
	state := say(theme.Own, "not yours")
	switch {
	case s.ended:
		state = say(theme.Warn, "ended")
	case s.mine:
		state = say(theme.Shared, "= yours")
	}
	ls := append([]line{fact("state", state...)}, m.spaceOwnerLines(s)...)
	if s.Unique != 0 {
		ls = append(ls, fact("id", plain(strconv.FormatUint(s.Unique, 10))))
	}
	owner := fact("owner", plain(m.ownerOf(s)))
	if s.Owner != 0 {
		owner = append(owner, span{theme.Faint, fmt.Sprintf(" of user %d", s.Owner)})
	}
	ls = append(ls, owner)
	if s.ID.Kind == ns.PID || s.ID.Kind == ns.User {
		parent := plain("none that can be seen")
		if s.Parent != 0 {
			parent = plain(fmt.Sprintf("%s %d", s.ID.Kind, s.Parent))
		}
		ls = append(ls, fact("parent", parent), fact("level", plain(strconv.Itoa(s.Level))))
	}
	if s.ID.Kind == ns.Net {
		id := plain("not known")
		switch {
		case s.NETNSIDKnown && s.NETNSID < 0:
			id = plain("none in yours")
		case s.NETNSIDKnown:
			id = plain(strconv.Itoa(s.NETNSID))
		}
		ls = append(ls, fact("netnsid", id))
	}
	members := strconv.Itoa(len(s.Members))
	if s.leader != nil && !s.ended {
		members = fmt.Sprintf("%-6s leader %s", members, m.world.nameID(s.leader.ID()))
	}
	return append(ls, fact("members", plain(members)))
}

// belowLines say what is below a namespace and what belongs to it.
func (m *Model) belowLines(s *space) (ls []line) {
	if s.ID.Kind != ns.PID && s.ID.Kind != ns.User {
		return nil
	}
	var below []string
	var owned [ns.NumKinds]int
	for kind, list := range m.world.spaces {
		for i := range list {
			other := &list[i]
			if other.ended || other.refused() {
				continue
			}
			if ns.Kind(kind) == s.ID.Kind && other.Parent == s.ID.Ino {
				below = append(below, strconv.FormatUint(other.ID.Ino, 10))
			}
			if s.ID.Kind == ns.User && ns.Kind(kind) != ns.User && other.Owner == s.ID.Ino {
				owned[kind]++
			}
		}
	}
	if len(below) > 0 {
		ls = append(ls, say(theme.Heading, "CHILDREN"))
		for _, part := range text.Wrap(strings.Join(below[:min(len(below), maxKept)], " "), max(8, m.detailWidth()-2)) {
			ls = append(ls, say(theme.Plain, part))
		}
	}
	var words []string
	for _, kind := range ns.Kinds() {
		if n := owned[kind]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, kind))
		}
	}
	if len(words) > 0 {
		ls = append(ls, say(theme.Heading, "OWNS"))
		for _, part := range text.Wrap(strings.Join(words, ", "), max(8, m.detailWidth()-2)) {
			ls = append(ls, say(theme.Plain, part))
		}
	}
	return ls
}

// spaceStrip says what matters most of a namespace in three lines.
func (m *Model) spaceStrip(s *space) []line {
	first := line{{theme.Plain, " "}, {theme.Strong, fmt.Sprintf("%s %d", s.ID.Kind, s.ID.Ino)}}
	if s.mine {
		first = append(first, span{theme.Shared, "  = yours"})
	}
	first = append(first, span{theme.Plain, fmt.Sprintf("   %d %s   owner %s", len(s.Members), plural(len(s.Members), "proc", "procs"), m.ownerOf(s))})
	if s.Owner != 0 {
		first = append(first, span{theme.Faint, fmt.Sprintf(" of user %d", s.Owner)})
	}
	if len(s.words) > 0 {
		first = append(first, span{theme.Strong, "   " + s.words[0]})
	}
	var kept []string
	if s.leader != nil {
		kept = append(kept, m.world.nameID(s.leader.ID()))
		if n := len(s.Members); n > 1 {
			kept[0] += fmt.Sprintf(" and %d more", n-1)
		}
	}
	for i, k := range m.world.keepersOf(s) {
		if i == 4 {
			break
		}
		kept = append(kept, m.world.keeperWords(k))
	}
	words := strings.Join(kept, "; ")
	if words == "" {
		words = "what is not known"
	}
	ls := []line{first, {{theme.Faint, " kept by "}, {theme.Plain, words}}}
	var rest []string
	if s.Parent != 0 {
		rest = append(rest, fmt.Sprintf("parent %d, level %d", s.Parent, s.Level))
	}
	if s.NETNSIDKnown && s.NETNSID >= 0 {
		rest = append(rest, fmt.Sprintf("netnsid %d", s.NETNSID))
	}
	if s.Unique != 0 {
		rest = append(rest, fmt.Sprintf("id %d", s.Unique))
	}
	return append(ls, say(theme.Faint, " "+strings.Join(rest, "   ")))
}
