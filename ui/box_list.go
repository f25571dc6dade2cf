package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/ui/layout"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// boxColumnsAt is the widths of the columns of the containers; 0 leaves one out. The image takes what is left.
type boxColumnsAt struct {
	name, runtime, state, procs, shares, image int

	noted bool // states stand with what is shared
}

// boxWidths fits the columns into a width. What tells most in least room stays longest: the name, the letters
// and what is shared. Most containers run: a state to take note of stands with what is shared, where states have
// no column. They have one where all others have what they want, or nothing is shared.
func (m *Model) boxWidths(width int) boxColumnsAt {
	c := m.browser.groupContent
	width += 1 - 2 - (c.procs + 1) - 1 - len(hiddenNS) // before the name there is no gap
	share := func(shares, state int) (at boxColumnsAt, content bool) {
		columns := []layout.Column{
			{Want: c.name, Least: 20, Fair: 20},
			{Want: shares, Least: 16, Fair: 16},
			{Want: c.runtime, Least: c.runtime}, // whole, or not at all
			{Want: c.image, Least: 10, Fair: 14},
			{Want: state, Least: state},
		}
		got := layout.Share(width, columns...)
		content = true
		for i, column := range columns {
			content = content && got[i] == column.Want
		}
		return boxColumnsAt{name: got[0], shares: got[1], runtime: got[2], image: got[3], state: got[4], procs: c.procs + 1}, content
	}
	if at, content := share(c.shares, c.state); at.state > 0 && (content || c.shares == 0 && c.noted > 0) {
		return at
	}
	at, _ := share(c.noted, 0)
	at.noted = true
	return at
}

func (c *boxColumnsAt) heading(p painter) line {
	l := line{{theme.Heading, "  "}, p.column(theme.Heading, "NAME", c.name)}
	add := func(name string, width int) {
		if width > 0 {
			l = append(l, span{theme.Heading, " "}, p.column(theme.Heading, name, width))
		}
	}
	add("RUNTIME", c.runtime)
	add("STATE", c.state)
	l = append(l, p.number(theme.Heading, "PROCS", c.procs))
	add("NS", len(hiddenNS))
	add("SHARES", c.shares)
	add("IMAGE", c.image)
	return l
}

// boxLine returns a container as a row.
func (m *Model) boxLine(g *group, stem string, c boxColumnsAt, selected bool) line {
	p, f := m.paint, m.wideFilter()
	mark := " "
	if g.born {
		mark = "+"
	}
	l := line{{theme.Accent, m.cursorGlyph(selected)}, {theme.Accent, mark}, {theme.Frame, stem}}
	cell := func(s span) { l = append(l, f.highlight(s.role, s.text)...) }
	gap := func() { l = append(l, span{theme.Plain, " "}) }
	o := g.owner
	name := m.ownerCell(o, c.name, false)
	name.text = text.Pad(fit(boxWords(g, stem), c.name-text.Width(stem), p.Glyphs.Ellipsis), c.name-text.Width(stem))
	switch {
	case g.ended:
		name.role = theme.Faint
	case g.isHead():
		name.role = theme.Strong
	}
	cell(name)
	add := func(role theme.Role, words string, width int) {
		if width > 0 {
			gap()
			cell(p.column(role, words, width))
		}
	}
	add(theme.Plain, string(o.Runtime), c.runtime)
	add(theme.Plain, o.State, c.state)
	if g.ended {
		return append(l, p.number(theme.Warn, "ended", c.procs))
	}
	l = append(l, p.number(theme.Plain, strconv.Itoa(len(g.members)), c.procs))
	gap()
	cell(span{nsRole(ns.All&^g.row.Host, g.row.NS.Known() != 0), g.letters})
	if c.shares > 0 {
		gap()
		l = append(l, m.sharesCell(g, c.shares, c.noted)...)
	}
	add(theme.Plain, imageName(o.Image, c.image), c.image)
	return l
}

// boxWords returns what a container is called in its row of the list, behind the stem of a tree.
func boxWords(g *group, stem string) []string {
	words := g.owner.words
	switch {
	case g.isHead():
		return words
	case stem != "" && g.within != (groupID{}): // which stands above it
		return partWords(g)
	case stem != "": // what it is in stands above it
		words = words[min(len(words)-1, len(g.owner.Chain())-1, maxOuter):]
	}
	return words
}

// imageName returns the name of an image, from its end if it is too long: the registry says least.
func imageName(image string, width int) string {
	for text.Width(text.Line(image, text.MaxBytes, "")) > width {
		_, rest, ok := strings.Cut(image, "/")
		if !ok {
			break
		}
		image = rest
	}
	return image
}

// noContainers says why none is in the list.
func (m *Model) noContainers() string {
	switch {
	case m.config.Names == nil:
		return "nobody is asked for the names of containers"
	case m.world.names == nil:
		return "their names are being read" + m.paint.Glyphs.Ellipsis
	}
	return "no process is in a container that can be told by its control group or its runtime"
}

// boxLines returns everything there is to say of a container.
func (m *Model) boxLines(g *group) []line {
	if g.isHead() {
		return m.headLines(g)
	}
	c, o := m.paint, g.owner
	ls := []line{say(theme.Strong, o.words[0]), nil}
	width := max(8, m.detailWidth()-11)
	tell := func(role theme.Role, label, words string) {
		if words == "" {
			return
		}
		for _, part := range text.Wrap(text.Clean(words), width) {
			ls = append(ls, fact(label, span{role, part}))
			label = ""
		}
	}
	if g.ended {
		tell(theme.Warn, "state", "ended")
	} else {
		tell(theme.Plain, "state", o.State)
	}
	tell(theme.Plain, "runtime", string(o.Runtime))
	if o.Infra {
		tell(theme.Plain, "infra", "it only serves others")
	}
	for _, f := range ownerFacts(o.Owner) {
		tell(theme.Plain, f[0], f[1])
	}
	tell(theme.Plain, "members", fmt.Sprintf("%-6d leader %s", len(g.members), m.world.nameID(g.leader.ID())))
	tell(theme.Plain, "user", m.users.name(g.leader.UID))
	ls = append(ls, nil, line{c.column(theme.Heading, "NAMESPACES", 20), {theme.Heading, "SHARED WITH"}})
	for _, k := range ns.Kinds() {
		ls = append(ls, append(m.kindOfBox(g, k), m.boxShares(g, k)...))
	}
	ls = append(append(ls, m.enterGroupLines(g)...), nil, say(theme.Heading, "KNOWN BY"))
	for _, f := range ownerTraces(o.Owner) {
		tell(theme.Plain, f[0], f[1])
	}
	if labels := labelLines(o.Labels, width+9); len(labels) > 0 {
		ls = append(append(ls, nil, say(theme.Heading, "LABELS")), labels...)
	}
	return ls
}

// kindOfBox names the namespace of a kind a container is in.
func (m *Model) kindOfBox(g *group, k ns.Kind) line {
	c, number := m.paint, inode(g.row.NS[k])
	if g.apart.Has(k) {
		number = ""
	}
	return line{
		{theme.Strong, string(k.Letter())},
		{theme.Plain, " "},
		c.column(theme.Plain, k.String(), 7), c.column(theme.Plain, number, 11),
	}
}

// boxShares says who is in a container's namespace of a kind beside it.
func (m *Model) boxShares(g *group, k ns.Kind) line {
	switch {
	case g.row.NS[k] == 0:
		return say(theme.Warn, "not known")
	case g.row.Host.Has(k) && slices.Contains(sharesTold[:], k):
		return say(theme.Fail, "the host")
	case g.row.Host.Has(k):
		return say(theme.Shared, "the host")
	}
	var names []string
	for i := range m.world.boxes {
		if o := &m.world.boxes[i]; o.id != g.id && !o.ended && o.within != g.id && o.row.NS[k] == g.row.NS[k] {
			names = append(names, o.owner.least())
		}
	}
	if len(names) == 0 {
		return say(theme.Own, "own")
	}
	return say(theme.Plain, strings.Join(names, ", "))
}

// ownerFacts returns what is known of an owner beside its name, each with a label.
func ownerFacts(o *container.Owner) (facts [][2]string) {
	add := func(label, words string) {
		if words != "" {
			facts = append(facts, [2]string{label, words})
		}
	}
	add("name", o.Name)
	if o.Pod != nil {
		add("pod", o.Pod.String())
	}
	add("image", o.Image)
	if o.Project != "" || o.Service != "" {
		add("compose", strings.Trim(o.Project+"/"+o.Service, "/"))
	}
	if o.In != nil {
		add("in", o.In.String())
	}
	return facts
}

// ownerTraces returns by what an owner is known, each with a label.
func ownerTraces(o *container.Owner) [][2]string {
	facts := [][2]string{{"told by", tellers[o.From]}, {"id", o.ID}, {"cgroup", o.Cgroup}}
	if o.Pod != nil {
		facts = append(facts, [2]string{"pod uid", o.Pod.UID})
	}
	return facts
}

// tellers say who told a name.
var tellers = map[container.Layer]string{
	container.Nobody:     "nobody: no name is known",
	container.ByCgroup:   "its control group",
	container.ByAncestor: "its runtime's process",
	container.ByDisk:     "its runtime's files",
	container.BySocket:   "its runtime's daemon",
	container.ByUnit:     "the unit of its control group",
}

// labelLines write labels, one a line.
func labelLines(labels map[string]string, width int) (ls []line) {
	keys := make([]string, 0, len(labels))
	for k := range labels {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		for i, part := range text.Wrap(text.Clean(k+"="+labels[k]), max(8, width-2)) {
			indent := ""
			if i > 0 {
				indent = "  "
			}
			ls = append(ls, say(theme.Plain, indent+part))
		}
	}
	return ls
}

// boxStrip says what matters most of a container in three lines.
func (m *Model) boxStrip(g *group) []line {
	o := g.owner
	first := line{{theme.Plain, " "}, {theme.Strong, o.words[0]}, {theme.Plain, "   " + string(o.Runtime)}}
	if o.State != "" {
		first = append(first, span{theme.Plain, "   " + o.State})
	}
	first = append(first, span{theme.Plain, "   " + o.Image})
	second := line{{theme.Plain, fmt.Sprintf(" %d %s   ", len(g.members), plural(len(g.members), "proc", "procs"))}}
	second = append(second, m.sharesCell(g, 60, false)...)
	if !g.isHead() {
		return []line{first, second, say(theme.Faint, " "+o.ID+"   "+o.Cgroup)}
	}
	var parts []string
	for _, b := range m.world.partsOf(g) {
		parts = append(parts, partWords(b)[0])
	}
	return []line{first, second, say(theme.Faint, " of "+strings.Join(parts, ", "))}
}
