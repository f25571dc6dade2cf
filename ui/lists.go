package ui

import (
	"fmt"
	"strconv"

	"nstui/ui/layout"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// drawSpaces draws the list of namespaces.
func (m *Model) drawSpaces(r layout.Rect) []string {
	if m.browser.tab.grouped() {
		return m.drawGroups(r)
	}
	b, p := &m.browser, m.paint
	inner := r.Inner()
	cols := m.spaceWidths(inner.W)
	rows := []string{p.line(m.spaceHeading(cols), inner.W, theme.Plain)}
	visible, first := b.spaces.Visible()
	for i, s := range visible {
		// A namespace that is gone is still what the processes are of: no other is selected then.
		selected := first+i == b.spaces.Index() && (b.focus == onNamespaces || s.ID == b.open.space)
		rows = append(rows, p.line(m.spaceLine(s, stem(b.spaceStems, first+i), cols, selected), inner.W, m.rowRole(selected, m.inUse(onNamespaces))))
	}
	if len(visible) == 0 && m.world != nil {
		rows = append(rows, m.nothing(inner.W, "")...)
	}
	return p.box(r, p.frameOf(m.spacesTitle(inner.W), m.listFoot(onNamespaces, inner.W), m.inUse(onNamespaces)), m.fill(rows, inner))
}

// inUse reports whether a pane of the browser has the keyboard, or the browser would have it for that pane.
func (m *Model) inUse(pane layout.Pane) bool { return m.browser.focus == pane && !m.keysToShell() }

// rowRole returns the look of a row.
func (m *Model) rowRole(selected, focused bool) theme.Role {
	switch {
	case selected && focused:
		return theme.Selected
	case selected:
		return theme.Resting
	}
	return theme.Plain
}

// fill brings rows to the height of a rectangle.
func (m *Model) fill(rows []string, inner layout.Rect) []string {
	for len(rows) < inner.H {
		rows = append(rows, text.Spaces(inner.W))
	}
	return rows[:max(0, inner.H)]
}

// spaceColumnsAt is the widths of the columns of the namespaces; 0 leaves one out.
type spaceColumnsAt struct{ kind, tree, inode, procs, owner, name, leader int }

// spaceWidths fits the columns into a width. Who a namespace is for says more than its leader, and that more than
// the user who owns it. The last takes what is left.
func (m *Model) spaceWidths(width int) spaceColumnsAt {
	content := m.browser.spaceContent
	c := spaceColumnsAt{tree: widest(m.browser.spaceStems), inode: 10, procs: content.procs + 1}
	left := width - 2 - c.tree - c.inode - c.procs
	if m.browser.mixed() {
		// The word where there is room beside it for what tells them apart, else the letter.
		telling := min(content.leader, 8)
		if content.name > 0 {
			telling = min(content.name, 12)
		}
		if c.kind = 6; c.tree > 0 || left-c.kind-2 < telling {
			c.kind = 1
		}
		left -= c.kind + 1
	}
	got := layout.Share(left,
		layout.Column{Want: content.name, Least: min(16, left-1), Fair: 16}, // also where there is less
		layout.Column{Want: content.leader, Least: 6, Fair: 12},
		layout.Column{Want: content.owner, Least: 6, Fair: 8},
	)
	c.name, c.leader, c.owner = got[0], got[1], got[2]
	for _, w := range got {
		left -= min(w, 1) + w
	}
	switch left = max(0, left); {
	case c.leader > 0:
		c.leader += left
	case c.name > 0: // it stands for the leader, too
		c.name += left
	}
	return c
}

// spaceHeading returns the names of the columns.
func (m *Model) spaceHeading(c spaceColumnsAt) line {
	p := m.paint
	l := line{{theme.Heading, " ="}}
	if c.kind > 0 {
		l = append(l, p.column(theme.Heading, "KIND"[:min(4, c.kind)], c.kind), span{theme.Heading, " "})
	}
	l = append(l, p.column(theme.Heading, "INODE", c.tree+c.inode), p.number(theme.Heading, "PROCS", c.procs))
	if c.owner > 0 {
		l = append(l, span{theme.Heading, " "}, p.column(theme.Heading, "OWNER", c.owner))
	}
	if c.name > 0 {
		l = append(l, span{theme.Heading, " "}, p.column(theme.Heading, "NAME", c.name))
	}
	if c.leader > 0 {
		l = append(l, span{theme.Heading, " "}, p.column(theme.Heading, "LEADER", c.leader))
	}
	return l
}

// spaceLine returns a namespace as a row.
func (m *Model) spaceLine(s *space, stem string, c spaceColumnsAt, selected bool) line {
	p := m.paint
	mine := " "
	switch {
	case s.born:
		mine = "+"
	case s.mine:
		mine = "="
	}
	l := line{{theme.Accent, m.cursorGlyph(selected)}, {theme.Accent, mine}}
	f := &filter{}
	if m.browser.filter.wide {
		f = &m.browser.filter
	}
	cell := func(role theme.Role, s string, width int) {
		col := p.column(role, s, width)
		l = append(l, f.highlight(role, col.text)...)
	}
	if c.kind > 0 {
		kind := s.ID.Kind.String()
		if s.refused() {
			kind = "all"
		}
		if c.kind == 1 {
			kind = string(s.ID.Kind.Letter())
		}
		l = append(l, p.column(theme.Plain, kind, c.kind), span{theme.Plain, " "})
	}
	// The inode is at the end of the stem, wherever that is: the columns behind it stay in line.
	l = append(l, span{theme.Frame, stem})
	c.inode += c.tree - text.Width(stem)
	switch {
	case s.refused():
		return append(l, p.column(theme.Warn, "? refused", c.inode), p.number(theme.Warn, strconv.Itoa(len(s.Members)), c.procs))
	case s.ended:
		return append(l, p.column(theme.Faint, inode(s.ID.Ino), c.inode), p.number(theme.Warn, "ended", c.procs))
	}
	cell(theme.Plain, inode(s.ID.Ino), c.inode)
	l = append(l, p.number(theme.Plain, strconv.Itoa(len(s.Members)), c.procs))
	if s.empty() { // what keeps it takes more words than the name of a leader
		l = append(l, span{theme.Plain, " "})
		width := 0
		for _, w := range []int{c.owner, c.name, c.leader} {
			if w > 0 {
				width += w + 1
			}
		}
		return append(l, m.keptCell(s, f, width-1)...)
	}
	return append(l, m.whoseCells(s, c, f)...)
}

// whoseCells say who owns a namespace, who it is for and which process stands for it.
func (m *Model) whoseCells(s *space, c spaceColumnsAt, f *filter) (l line) {
	p := m.paint
	cell := func(role theme.Role, words string, width int) {
		if width > 0 {
			col := p.column(role, words, width)
			l = append(append(l, span{theme.Plain, " "}), f.highlight(role, col.text)...)
		}
	}
	cell(theme.Plain, m.ownerOf(s), c.owner)
	switch {
	case len(s.words) > 0:
		cell(theme.Plain, fit(s.words, c.name, p.Glyphs.Ellipsis), c.name)
	case c.leader > 0:
		cell(theme.Plain, "", c.name)
	default: // a name has no pid before it
		cell(theme.Faint, m.leaderID(s), c.name)
	}
	cell(theme.Plain, m.leaderOf(s), c.leader)
	return l
}

// keptCell says what a namespace without processes is called, and what keeps it.
func (m *Model) keptCell(s *space, f *filter, width int) line {
	var l line
	if len(s.words) > 0 {
		name := fit(s.words, width, m.paint.Glyphs.Ellipsis) + " "
		width -= text.Width(name)
		l = f.highlight(theme.Plain, name)
	}
	if len(s.words) > 0 && width < 8 {
		return l
	}
	kept := m.paint.column(theme.Faint, m.world.keptBy(s, width), width)
	return append(l, f.highlight(kept.role, kept.text)...)
}

// leaderID names the leader of a namespace by its pid, too.
func (m *Model) leaderID(s *space) string {
	if s.leader == nil {
		return ""
	}
	return m.world.nameID(s.leader.ID())
}

// ownerOf returns the name of the user who owns a namespace.
func (m *Model) ownerOf(s *space) string {
	if !s.OwnerKnown {
		return "?"
	}
	return m.users.name(s.OwnerUID)
}

func (m *Model) cursorGlyph(selected bool) string {
	if selected {
		return m.paint.Glyphs.Cursor
	}
	return " "
}

// spacesTitle is what the frame of the namespaces says.
func (m *Model) spacesTitle(width int) line {
	b := &m.browser
	count := 0
	if m.world != nil {
		count = m.world.count(b.tab)
	}
	words := fmt.Sprintf("%s %d", b.tab, count)
	if width >= 34 {
		return line{{theme.Strong, "Namespaces"}, {theme.Plain, "  " + words}}
	}
	return say(theme.Strong, words)
}

// procsTitle is what the frame of the processes says.
func (m *Model) procsTitle(width int) line {
	where := m.crumb()
	if m.browser.open == (opened{}) {
		return say(theme.Strong, "Processes")
	}
	l := line{{theme.Strong, "in " + where}}
	if m.screen.Form == layout.Columns || m.screen.Form == layout.Stacked {
		l = line{{theme.Strong, "Processes"}, {theme.Plain, "  in " + where}}
	} else if width < 40 {
		l = say(theme.Strong, where)
	}
	if o := m.browser.owner; o != nil && m.browser.open.group.box == "" { // else it is the crumb
		dot := " " + m.paint.Glyphs.Dot + " "
		if room := width - 3 - l.width() - len(dot); room >= 4 {
			l = append(l, span{theme.Plain, dot + fit(o.words, room, m.paint.Glyphs.Ellipsis)})
		}
	}
	return l
}

// listFoot is what stands at the foot of a list: the filter if it is for this list, where the cursor is
// and the order.
func (m *Model) listFoot(pane layout.Pane, width int) line {
	b := &m.browser
	n, at, total, o, name := b.procs.Len(), b.procs.Index(), b.total, b.procOrder, procColumns[b.procOrder.column].name
	if pane == onNamespaces {
		n, at, total, o, name = b.spaces.Len(), b.spaces.Index(), b.totalNS, b.spaceOrder, spaceColumns[b.spaceOrder.column].name
		if b.tab.grouped() {
			o = b.groupOrder[b.tab]
			n, at, name = b.groups.Len(), b.groups.Index(), groupColumnsOf(b.tab)[o.column].name
		}
	}
	passed := n
	if pane == onNamespaces {
		passed = b.passedNS
	}
	if l, ok := m.filterFoot(pane, passed, total, width); ok {
		return l
	}
	place := fmt.Sprintf("%d/%d", min(at+1, n), n)
	l := say(theme.Plain, place)
	if pane == onProcesses && n < total {
		l = append(l, span{theme.Warn, fmt.Sprintf(" of %d", total)})
	}
	if tree := m.treeFoot(pane == onNamespaces); tree != "" {
		l = append(l, span{theme.Faint, tree})
	}
	if pane == onProcesses || o != (order{}) {
		l = append(l, span{theme.Faint, "  " + name + " " + m.arrow(o)})
	}
	if pane == onProcesses && b.follow {
		l = append(l, span{theme.Faint, "  follow"})
	}
	return l
}

// filterFoot is the filter as it stands at the foot of the list it is for; both lists say how many
// rows have passed it.
func (m *Model) filterFoot(pane layout.Pane, n, total, width int) (line, bool) {
	b := &m.browser
	bar, typing := m.top().(*filterBar)
	typed := b.filter.text
	own := b.filter.wide == (pane == onNamespaces)
	if typing {
		typed = bar.input.text
		own = bar.wide == (pane == onNamespaces)
	}
	switch {
	case typing && own: // shown also while it is empty
	case typed == "", !own && pane == onNamespaces, !own && !b.filter.wide:
		return nil, false
	}
	count := fmt.Sprintf("%d of %d", n, total)
	if !own {
		return line{{theme.Plain, count}, {theme.Faint, "  /" + typed}}, true
	}
	room := max(4, width-6-len(count))
	shown := text.Clean(typed)
	for text.Width(shown) > room {
		cluster, _ := text.Next(shown)
		shown = shown[len(cluster):] // the end is where one types
	}
	l := line{{theme.Accent, "/"}, {theme.Strong, shown}}
	if typing {
		l = append(l, span{theme.Plain, " "})
	}
	return append(l, span{theme.Plain, "  " + count}), true
}
