package ui

import (
	"fmt"
	"strconv"

	"nstui/procscan/ns"
	"nstui/ui/layout"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// drawGroups draws the list of groups.
func (m *Model) drawGroups(r layout.Rect) []string {
	b, p := &m.browser, m.paint
	inner := r.Inner()
	boxes := b.tab == ofContainers
	c, boxAt := m.setWidths(inner.W), m.boxWidths(inner.W)
	heading := c.heading(p)
	if boxes {
		heading = boxAt.heading(p)
	}
	rows := []string{p.line(heading, inner.W, theme.Plain)}
	visible, first := b.groups.Visible()
	for i, g := range visible {
		selected := first+i == b.groups.Index() && (b.focus == onNamespaces || g.id == b.open.group)
		var l line
		if boxes {
			l = m.boxLine(g, stem(b.groupStems, first+i), boxAt, selected)
		} else {
			l = m.setLine(g, c, selected)
		}
		rows = append(rows, p.line(l, inner.W, m.rowRole(selected, m.inUse(onNamespaces))))
	}
	if len(visible) == 0 && m.world != nil {
		why := ""
		if boxes && b.totalNS == 0 {
			why = m.noContainers()
		}
		rows = append(rows, m.nothing(inner.W, why)...)
	}
	return p.box(r, p.frameOf(m.groupsTitle(), m.listFoot(onNamespaces, inner.W), m.inUse(onNamespaces)), m.fill(rows, inner))
}

// groupsTitle is what the frame of the groups says.
func (m *Model) groupsTitle() line {
	if m.browser.tab == ofContainers {
		l := say(theme.Strong, "Containers")
		if m.world != nil {
			l = append(l, span{theme.Plain, fmt.Sprintf("  %d", m.world.count(ofContainers))})
		}
		return l
	}
	l := say(theme.Strong, "Sets")
	if m.world != nil {
		l = append(l, span{theme.Plain, fmt.Sprintf("  %d, of processes in the same eight namespaces", m.world.count(ofSets))})
	}
	return l
}

// setColumnsAt is the widths of the columns of the sets; 0 leaves one out. The leader takes what is left.
type setColumnsAt struct{ procs, user, name int }

func (m *Model) setWidths(width int) setColumnsAt {
	c := m.browser.groupContent
	got := layout.Share(width-2-len(hiddenNS)-1-c.procs,
		layout.Column{Want: c.command, Least: 14, Fair: 24},
		layout.Column{Want: c.name, Least: 8, Fair: 14},
		layout.Column{Want: c.user, Least: 6, Fair: 8},
	)
	return setColumnsAt{procs: c.procs + 1, name: got[1], user: got[2]}
}

func (c *setColumnsAt) heading(p painter) line {
	l := line{{theme.Heading, " ="}, p.column(theme.Heading, "NS", len(hiddenNS)), p.number(theme.Heading, "PROCS", c.procs)}
	if c.user > 0 {
		l = append(l, span{theme.Heading, " "}, p.column(theme.Heading, "USER", c.user))
	}
	if c.name > 0 {
		l = append(l, span{theme.Heading, " "}, p.column(theme.Heading, "NAME", c.name))
	}
	return append(l, span{theme.Heading, " LEADER"})
}

// groupMark returns what stands before a group: that it is new, or that nstui is in it.
func (m *Model) groupMark(g *group) string {
	switch {
	case g.born:
		return "+"
	case g.mine(m.world.snap):
		return "="
	}
	return " "
}

// nsRole returns the look of the letters of namespaces.
func nsRole(differs ns.Set, known bool) theme.Role {
	switch {
	case !known:
		return theme.Warn
	case differs != 0:
		return theme.Own
	}
	return theme.Shared
}

// setLine returns a set as a row.
func (m *Model) setLine(g *group, c setColumnsAt, selected bool) line {
	p, f := m.paint, m.wideFilter()
	l := line{{theme.Accent, m.cursorGlyph(selected)}, {theme.Accent, m.groupMark(g)}}
	cell := func(s span) { l = append(l, f.highlight(s.role, s.text)...) }
	cell(span{nsRole(g.differs, !g.refused()), g.letters})
	switch {
	case g.refused():
		return append(l, p.number(theme.Warn, strconv.Itoa(len(g.members)), c.procs), span{theme.Warn, " refused to show their namespaces"})
	case g.ended:
		return append(l, p.number(theme.Warn, "ended", c.procs), span{theme.Faint, " " + nameOf(g.leader.Process)})
	}
	l = append(l, p.number(theme.Plain, strconv.Itoa(len(g.members)), c.procs))
	if c.user > 0 {
		l = append(l, span{theme.Plain, " "})
		cell(p.column(theme.Plain, m.users.name(g.leader.UID), c.user))
	}
	if c.name > 0 {
		l = append(l, span{theme.Plain, " "})
		cell(m.ownerCell(g.owner, c.name, c.name < m.browser.groupContent.name))
	}
	l = append(l, span{theme.Plain, " "})
	cell(span{theme.Plain, text.Line(strconv.Itoa(g.leader.PID)+" "+g.leader.shown, 512, p.Glyphs.Ellipsis)})
	return l
}

// wideFilter returns the filter as far as it is for the first list.
func (m *Model) wideFilter() *filter {
	if m.browser.filter.wide {
		return &m.browser.filter
	}
	return &filter{}
}

// groupCrumb names a group.
func (m *Model) groupCrumb(id groupID) string {
	g := m.world.group(id)
	switch {
	case id == refusedSet:
		return "refused"
	case g == nil && id.box != "":
		return "container gone"
	case g == nil:
		return "set gone"
	case id.box != "":
		return g.owner.words[0]
	case g.mine(m.world.snap):
		return "set of yours"
	}
	return "set of " + strconv.Itoa(g.leader.PID) + " " + nameOf(g.leader.Process)
}

// shownGroup returns the group the details are of, nil where they are of something else.
func (m *Model) shownGroup() *group {
	g := m.world.group(m.browser.open.group)
	if g == nil || g.refused() {
		return nil
	}
	if m.browser.focus == onNamespaces || m.selectedProc() == nil {
		return g
	}
	return nil
}

// groupLines returns everything there is to say of a group.
func (m *Model) groupLines(g *group) []line {
	if g.id.box != "" {
		return m.boxLines(g)
	}
	c := m.paint
	state := say(theme.Own, "not yours")
	switch {
	case g.ended:
		state = say(theme.Warn, "ended")
	case g.mine(m.world.snap):
		state = say(theme.Shared, "= yours")
	}
	ls := []line{
		say(theme.Strong, m.groupCrumb(g.id)), nil,
		fact("state", state...),
		fact("members", span{theme.Plain, strconv.Itoa(len(g.members))}),
		fact("leader", span{theme.Plain, m.world.nameID(g.leader.ID())}),
		fact("user", span{theme.Plain, m.users.name(g.leader.UID)}),
		nil,
		{c.column(theme.Heading, "NAMESPACES", 20), {theme.Heading, "PROCS ALSO IN"}},
	}
	ls = append(ls, m.tupleLines(g)...)
	return append(ls, m.enterGroupLines(g)...)
}

// enterGroupLines say by which of its processes a group is entered, and what that needs.
func (m *Model) enterGroupLines(g *group) []line {
	p := m.procNow()
	if p == nil || g.ended {
		return nil
	}
	ls := []line{nil, say(theme.Heading, "ENTER"), say(theme.Faint, "by "+m.world.nameID(p.ID()))}
	ls = append(ls, m.enterHeadLines()...)
	return append(ls, m.enterLines(p.Process)...)
}

// tupleLines say which namespaces a group is in, and how many other sets are.
func (m *Model) tupleLines(g *group) (ls []line) {
	c := m.paint
	for _, kind := range ns.Kinds() {
		id := g.id.tuple.ID(kind)
		l := line{
			{theme.Strong, string(kind.Letter())},
			{theme.Plain, " "},
			c.column(theme.Plain, kind.String(), 7), c.column(theme.Plain, inode(id.Ino), 11),
		}
		if id.Ino == 0 {
			ls = append(ls, append(l, span{theme.Warn, "not known"}))
			continue
		}
		others := 0
		for i := range m.world.sets {
			if o := &m.world.sets[i]; o.id != g.id && !o.ended && o.id.tuple[kind] == id.Ino {
				others++
			}
		}
		procs := 0
		if s := m.world.space(id); s != nil {
			procs = len(s.Members)
		}
		l = append(l, c.column(theme.Plain, strconv.Itoa(procs), 6))
		switch {
		case m.world.snap.Mine[kind] == id.Ino:
			l = append(l, span{theme.Shared, "= yours"})
		case others > 0:
			l = append(l, span{theme.Own, fmt.Sprintf("%d %s", others, plural(others, "set", "sets"))})
		default:
			l = append(l, span{theme.Own, "own"})
		}
		ls = append(ls, l)
	}
	return ls
}

// groupStrip says what matters most of a group in three lines.
func (m *Model) groupStrip(g *group) []line {
	if g.id.box != "" {
		return m.boxStrip(g)
	}
	ls := []line{{
		{theme.Plain, " "},
		{theme.Strong, m.groupCrumb(g.id)},
		{theme.Plain, fmt.Sprintf("   %d %s   user %s", len(g.members), plural(len(g.members), "proc", "procs"), m.users.name(g.leader.UID))},
	}}
	return append(ls, m.stripNamespaces(g.leader, m.screen.Strip.Inner().W)...)
}

// leaders returns the processes that the visible rows of the first list name.
func (b *browser) leaders() (procs []*proc) {
	if b.tab.grouped() {
		groups, _ := b.groups.Visible()
		for _, g := range groups {
			if g.leader != nil && !g.ended {
				procs = append(procs, g.leader)
			}
		}
		return procs
	}
	spaces, _ := b.spaces.Visible()
	for _, s := range spaces {
		if s.leader != nil && !s.ended {
			procs = append(procs, s.leader)
		}
	}
	return procs
}
