package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/ui/text"
)

// treeOf is what the list of namespaces is a tree by.
type treeOf uint8

// The trees.
const (
	flat     treeOf = iota
	byParent        // a pid or user namespace below the one it was made in
	byOwner         // a namespace below the user namespace it belongs to
	numTrees
)

// String returns what stands at the foot of the list.
func (t treeOf) String() string { return [numTrees]string{"", "by parent", "by owner"}[t] }

// Bounds of a tree as it is drawn, in cells, and of a walk up to an ancestor that is shown.
const (
	maxSpaceIndent = 6
	maxProcIndent  = 32
	maxBoxIndent   = 12
	maxHops        = 256
)

// twigs are what a tree is drawn with.
type twigs struct{ branch, last, pipe, none string }

// spaceTwigs are narrow, since inode numbers stand behind them.
func (m *Model) spaceTwigs() twigs {
	g := &m.paint.Glyphs
	return twigs{g.Branch, g.Last, g.Pipe, " "}
}

func (m *Model) procTwigs() twigs {
	g := &m.paint.Glyphs
	return twigs{g.Branch + g.Dash, g.Last + g.Dash, g.Pipe + " ", "  "}
}

// grow puts rows, which are sorted, in the order of a tree and returns what is to be drawn before each.
// above returns the row another hangs below, and up does so for one that is not among the rows: it
// hangs below the nearest above it that is then. What hangs below itself is no worse than a root.
func grow[K comparable, R any](rows []R, key func(R) K, above func(R) (K, bool), up func(K) (K, bool), t twigs, indent int) ([]R, []string) {
	c := &climber{first: make([]int, len(rows)+1), next: make([]int, len(rows)), seen: make([]bool, len(rows)), twigs: t, indent: indent}
	at := make(map[K]int, len(rows))
	for i, r := range rows {
		at[key(r)] = i
	}
	for i := range c.first {
		c.first[i] = none
	}
	roots := len(rows)
	for i, r := range slices.Backward(rows) {
		parent := roots
		k, ok := above(r)
		for hops := 0; ok && hops < maxHops; hops++ {
			if j, shown := at[k]; shown {
				if j != i {
					parent = j
				}
				break
			}
			k, ok = up(k)
		}
		c.next[i], c.first[parent] = c.first[parent], i
	}
	c.climb(c.first[roots])
	for i := range rows {
		if !c.seen[i] { // in a circle
			c.next[i] = none
			c.climb(i)
		}
	}
	out := make([]R, len(c.order))
	for i, row := range c.order {
		out[i] = rows[row]
	}
	return out, c.stems
}

// none is no row.
const none = -1

// climber goes through a tree whose children are chains: the first of each row (the last of all is for
// the roots) and the next of each row.
type climber struct {
	first, next []int
	seen        []bool
	order       []int
	stems       []string
	twigs       twigs
	indent      int // cells from which on it is not indented further
}

// climb adds the chain that begins with a row, and what hangs below it.
func (c *climber) climb(from int) {
	type branch struct {
		row  int
		stem string // before its children
	}
	stack := []branch{{from, ""}}
	for len(stack) > 0 {
		b := &stack[len(stack)-1]
		i := b.row
		if i == none {
			stack = stack[:len(stack)-1]
			continue
		}
		b.row = c.next[i]
		if c.seen[i] {
			continue
		}
		c.seen[i] = true
		stem, below := "", ""
		if len(stack) > 1 {
			twig, rest := c.twigs.branch, c.twigs.pipe
			if c.next[i] == none {
				twig, rest = c.twigs.last, c.twigs.none
			}
			stem, below = b.stem+twig, b.stem+rest
			if text.Width(below) >= c.indent {
				below = b.stem
			}
		}
		c.order, c.stems = append(c.order, i), append(c.stems, stem)
		stack = append(stack, branch{c.first[i], below})
	}
}

// plantSpaces makes the rows of the namespaces a tree if they are to be one.
func (m *Model) plantSpaces(rows []*space) []*space {
	b := &m.browser
	b.spaceStems = nil
	if b.spaceTree == flat {
		return rows
	}
	if b.spaceTree == byOwner {
		rows = m.withOwners(rows)
	}
	slices.SortStableFunc(rows, m.spaceOrder(b.spaceOrder))
	above := func(s *space) (ns.ID, bool) { return b.spaceTree.above(s) }
	up := func(id ns.ID) (ns.ID, bool) {
		if s := m.world.space(id); s != nil {
			return b.spaceTree.above(s)
		}
		return ns.ID{}, false
	}
	rows, b.spaceStems = grow(rows, func(s *space) ns.ID { return s.ID }, above, up, m.spaceTwigs(), maxSpaceIndent)
	return rows
}

// above returns what a namespace is below.
func (t treeOf) above(s *space) (ns.ID, bool) {
	switch {
	case t == byOwner && s.Owner != 0:
		return ns.ID{Kind: ns.User, Ino: s.Owner}, true
	case s.Parent != 0 && (t == byParent || s.ID.Kind == ns.User):
		return ns.ID{Kind: s.ID.Kind, Ino: s.Parent}, true
	}
	return ns.ID{}, false
}

// withOwners adds the user namespaces that own what is in the rows, and those above these.
func (m *Model) withOwners(rows []*space) []*space {
	in := make(map[ns.ID]bool, len(rows))
	for _, s := range rows {
		in[s.ID] = true
	}
	for i := 0; i < len(rows); i++ { // it grows
		id, ok := byOwner.above(rows[i])
		if s := m.world.space(id); ok && s != nil && !in[id] {
			in[id] = true
			rows = append(rows, s)
		}
	}
	return rows
}

// plantGroups makes the rows of the containers a tree if they are to be one: those of a pod or of a project of
// compose are below that, and one that is in another is below it. What those in the rows are below is added.
func (m *Model) plantGroups(rows []*group) []*group {
	b := &m.browser
	b.groupStems = nil
	if b.tab != ofContainers || !b.groupTree {
		return rows
	}
	at := make(map[*container.Owner]groupID, len(m.world.boxes))
	for i := range m.world.boxes {
		at[m.world.boxes[i].owner.Owner] = m.world.boxes[i].id
	}
	above := func(g *group) (groupID, bool) {
		if g.within != (groupID{}) {
			return g.within, true
		}
		for o := g.owner.In; o != nil; o = o.In {
			if id, ok := at[o]; ok {
				return id, true
			}
		}
		return groupID{}, false
	}
	in := make(map[groupID]bool, len(rows))
	for _, g := range rows {
		in[g.id] = true
	}
	for i := 0; i < len(rows); i++ { // it grows
		id, ok := above(rows[i])
		if g := m.world.group(id); ok && g != nil && !in[id] {
			in[id] = true
			rows = append(rows, g)
		}
	}
	slices.SortStableFunc(rows, m.groupOrder(b.tab, b.groupOrder[b.tab]))
	none := func(groupID) (groupID, bool) { return groupID{}, false } // all of them are rows
	rows, b.groupStems = grow(rows, func(g *group) groupID { return g.id }, above, none, m.procTwigs(), maxBoxIndent)
	return rows
}

// plantProcs makes the rows of the processes a tree if they are to be one.
func (m *Model) plantProcs(rows []*proc) []*proc {
	b := &m.browser
	b.procStems = nil
	if !b.procTree {
		return rows
	}
	slices.SortStableFunc(rows, m.procOrder(b.procOrder))
	above := func(p *proc) (int, bool) { return p.PPID, p.PPID != 0 }
	up := func(pid int) (int, bool) {
		if p := m.world.byPID(pid); p != nil {
			return above(p)
		}
		return 0, false
	}
	rows, b.procStems = grow(rows, func(p *proc) int { return p.PID }, above, up, m.procTwigs(), maxProcIndent)
	return rows
}

// stem returns what is drawn before a row of a tree.
func stem(stems []string, i int) string {
	if i < len(stems) {
		return stems[i]
	}
	return ""
}

// widest returns the width of the widest stem.
func widest(stems []string) int {
	most := 0
	for _, s := range stems {
		most = max(most, text.Width(s))
	}
	return most
}

// nextTree makes the list that has the keyboard the next tree there is for it, or flat again.
func (m *Model) nextTree() tea.Cmd {
	b := &m.browser
	if b.focus != onNamespaces {
		b.procTree = !b.procTree
		m.sortRows()
		m.refillProcs()
		if b.procTree {
			return m.note("processes below their parents")
		}
		return m.note("processes without a tree")
	}
	switch b.tab {
	case ofSets:
		return m.note("sets are in no tree")
	case ofContainers:
		b.groupTree = !b.groupTree
		m.sortRows()
		m.refillFirst()
		if b.groupTree {
			return m.note("containers below their pods and projects, and what they are in")
		}
		return m.note("containers without a tree")
	}
	b.spaceTree = (b.spaceTree + 1) % numTrees
	if k, ok := b.tab.kind(); b.spaceTree == byParent && ok && k != ns.PID && k != ns.User {
		b.spaceTree = byOwner // no other kind has parents
	}
	m.sortRows()
	m.refillFirst()
	if b.spaceTree == flat {
		return m.note("namespaces without a tree")
	}
	return m.note("namespaces " + b.spaceTree.String())
}

// sortRows tells the lists whether they are to sort their rows, which those of a tree are already.
func (m *Model) sortRows() {
	b := &m.browser
	spaces, procs := m.spaceOrder(b.spaceOrder), m.procOrder(b.procOrder)
	if b.spaceTree != flat {
		spaces = nil
	}
	if b.procTree {
		procs = nil
	}
	if b.tab.grouped() {
		groups := m.groupOrder(b.tab, b.groupOrder[b.tab])
		if b.tab == ofContainers && b.groupTree {
			groups = nil
		}
		b.groups.Order(groups, true)
	}
	b.spaces.Order(spaces, true)
	b.procs.Order(procs, true)
}

// treeFoot says at the foot of a list that it is a tree.
func (m *Model) treeFoot(spaces bool) string {
	b := &m.browser
	switch {
	case spaces && b.spaceTree != flat && !b.tab.grouped():
		return "  " + b.spaceTree.String()
	case !spaces && b.procTree, spaces && b.tab == ofContainers && b.groupTree:
		return "  tree"
	}
	return ""
}

// mixed reports whether namespaces of several kinds are in the list.
func (b *browser) mixed() bool { return b.tab == ofAll || b.spaceTree == byOwner }
