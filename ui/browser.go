package ui

import (
	"slices"

	"nstui/procscan"
	"nstui/procscan/ns"
	"nstui/ui/layout"
	"nstui/ui/table"
)

// The panes of the browser, by the names they have here.
const (
	onNamespaces = layout.Namespaces
	onProcesses  = layout.Processes
	onDetails    = layout.Details
)

// browser is what somebody has chosen to look at, and the lists made of it.
type browser struct {
	tab    tab
	focus  layout.Pane // what has the keyboard where no surface has it
	spaces *table.List[ns.ID, *space]
	groups *table.List[groupID, *group] // in place of the namespaces in the tabs of groups
	procs  *table.List[procscan.ProcID, *proc]
	// open is what the processes are shown of. It follows the cursor of the first list while that has the
	// keyboard; later it stays, also when what it is has ended.
	open       opened
	filter     filter
	spaceOrder order
	groupOrder [numTabs]order // of the tabs of groups
	procOrder  order
	spaceTree  treeOf
	groupTree  bool     // containers are below what they are in, and those of a pod below what holds it
	procTree   bool     // processes are below their parents
	spaceStems []string // what is drawn before each row of a tree; nil without one
	groupStems []string
	procStems  []string
	follow     bool // the cursor stays on its row when the order changes
	differing  bool // only processes that are not in all of our namespaces
	noKernel   bool // no kernel threads
	detailTop  int  // first line of the details that is visible
	// kernelThreads is how many of the processes in the open namespace are kernel threads.
	kernelThreads int
	// owner is who all processes in the list belong to; nil if they do not belong to the same.
	owner *owner
	// How wide what is in the lists is.
	procContent  procContent
	spaceContent spaceContent
	groupContent groupContent
	// elsewhere says that the filter that is typed finds nothing in what is open, and something else.
	elsewhere bool
	total     int // processes in the open namespace before anything hides some
	totalNS   int // the same for the rows of the first list
	passedNS  int // how many of those pass the filter; a tree may have their owners, too
	// rowsNS is how many rows the first list has without a filter, mostProcs in how many processes the largest of them is.
	rowsNS, mostProcs int
	chosen            bool // somebody has moved a cursor
}

// opened is what processes are shown of: a namespace or a group. Its zero is nothing.
type opened struct {
	space ns.ID
	group groupID
}

// rower is what can be done with the rows of a list, whatever they are.
type rower interface {
	Move(by int)
	Page(halves int)
	Scroll(by int)
	Home()
	End()
	Click(line int) bool
	Resize(height int)
	Len() int
	Index() int
}

// first returns the first list, as the tab has it.
func (b *browser) first() rower {
	if b.tab.grouped() {
		return b.groups
	}
	return b.spaces
}

func newBrowser(kind *ns.Kind) browser {
	return browser{
		tab:      tabOf(kind),
		spaces:   table.New(func(s *space) ns.ID { return s.ID }),
		groups:   table.New(func(g *group) groupID { return g.id }),
		procs:    table.New(func(p *proc) procscan.ProcID { return p.ID() }),
		noKernel: true, // they share all of the host's and are many
	}
}

// kinds returns the kinds of the tab.
func (b *browser) kinds() []ns.Kind {
	if kind, ok := b.tab.kind(); ok {
		return []ns.Kind{kind}
	}
	all := ns.Kinds()
	return all[:]
}

// refill makes both lists again, after a scan or a change of what is to be in them. What a filter finds only now
// is gone to as if it was typed now: no cursor was on anything.
func (m *Model) refill() {
	if m.world == nil {
		return
	}
	found := m.browser.first().Len()
	m.refillFirst()
	m.refillProcs()
	if found == 0 && m.browser.filter.wide {
		m.aim()
	}
}

// refillFirst makes the first list, and opens what the cursor is on then.
func (m *Model) refillFirst() {
	if m.browser.tab.grouped() {
		m.refillGroups()
	} else {
		m.refillSpaces()
	}
	m.syncOpen()
}

// refillSpaces makes the list of namespaces.
func (m *Model) refillSpaces() {
	b := &m.browser
	s := b.filter.sieve(m.users.names, m.world)
	var rows []*space
	b.totalNS = 0
	for _, kind := range b.kinds() {
		list := m.world.spaces[kind]
		for i := range list {
			// Who refuses one kind refuses all: with all kinds in one list one row says it.
			if list[i].refused() && b.tab == ofAll && kind != ns.UTS {
				continue
			}
			b.totalNS++
			if !b.filter.wide || s.passesSpace(&list[i]) {
				rows = append(rows, &list[i])
			}
		}
	}
	b.passedNS, b.rowsNS, b.mostProcs = len(rows), b.totalNS, 0
	for _, r := range rows {
		b.mostProcs = max(b.mostProcs, len(r.Members))
	}
	rows = m.plantSpaces(rows)
	m.measureSpaces(rows)
	b.spaces.Set(rows)
}

// refillGroups makes the list of groups.
func (m *Model) refillGroups() {
	b := &m.browser
	s := b.filter.sieve(m.users.names, m.world)
	var rows []*group
	list := m.world.groups(b.tab)
	b.totalNS, b.rowsNS, b.mostProcs = len(list), len(list), 0
	if b.tab == ofContainers && b.groupTree {
		b.rowsNS += len(m.world.heads)
	}
	for i := range list {
		b.mostProcs = max(b.mostProcs, len(list[i].members))
		if !b.filter.wide || s.passesGroup(&list[i]) {
			rows = append(rows, &list[i])
		}
	}
	b.passedNS = len(rows)
	rows = m.plantGroups(rows)
	m.measureGroups(rows)
	b.groups.Set(rows)
}

// underCursor returns what the cursor of the first list is on, and the process that stands for it, if any.
func (b *browser) underCursor() (at opened, leader *proc) {
	if b.tab.grouped() {
		if g, ok := b.groups.Selected(); ok {
			return opened{group: g.id}, g.leader
		}
		return opened{}, nil
	}
	if s, ok := b.spaces.Selected(); ok {
		return opened{space: s.ID}, s.leader
	}
	return opened{}, nil
}

// goTo moves the cursor of the first list to a row, to the first if that is not in the list.
func (b *browser) goTo(at opened) {
	var found bool
	if b.tab.grouped() {
		found = b.groups.Select(at.group)
	} else {
		found = b.spaces.Select(at.space)
	}
	if !found {
		b.first().Home()
	}
}

// syncOpen opens what is under the cursor of the first list while that has the keyboard, or nothing is open.
func (m *Model) syncOpen() {
	b := &m.browser
	if b.focus != onNamespaces && b.open != (opened{}) {
		return
	}
	if at, leader := b.underCursor(); at != b.open {
		b.open = at
		b.detailTop = 0
		m.refillProcs()
		b.procs.Home()
		if leader != nil {
			b.procs.Select(leader.ID())
		}
	}
}

// refillProcs makes the list of the processes in what is open.
func (m *Model) refillProcs() {
	b := &m.browser
	members := m.world.inside(b.open)
	b.total = len(members)
	rows := m.passing(members)
	b.owner = ownerOf(rows)
	m.measureProcs(rows)
	b.procs.Set(m.plantProcs(rows))
}

// passing returns the processes that are to be shown. A namespace found by its own number or owner,
// by none of its processes, shows them all.
func (m *Model) passing(members []*proc) []*proc {
	b := &m.browser
	b.kernelThreads = 0
	if len(members) == 0 {
		return nil
	}
	s := b.filter.sieve(m.users.names, m.world)
	rows := make([]*proc, 0, len(members))
	shown := make([]*proc, 0, len(members))
	for _, p := range members {
		if p.Kernel {
			b.kernelThreads++
		}
		if b.differing && p.differs == 0 && p.Refused == "" || b.noKernel && p.Kernel {
			continue
		}
		shown = append(shown, p)
		if s.passes(p) {
			rows = append(rows, p)
		}
	}
	if len(rows) == 0 && b.filter.wide {
		return shown
	}
	return rows
}

// setFilter filters both lists or one.
func (m *Model) setFilter(f filter) {
	m.browser.elsewhere = false
	m.browser.filter = f
	m.refill()
}

// typeFilter filters by what is typed, and goes to what it finds best.
func (m *Model) typeFilter(f filter) {
	m.setFilter(f)
	m.aim()
	b := &m.browser
	b.chosen = true
	b.elsewhere = !f.wide && !f.empty() && m.world != nil && b.procs.Len() == 0 && m.finds(newFilter(f.text, true))
}

// finds reports whether a row of the first list passes a filter.
func (m *Model) finds(f filter) bool {
	s := f.sieve(m.users.names, m.world)
	if m.browser.tab.grouped() {
		list := m.world.groups(m.browser.tab)
		return slices.ContainsFunc(list, func(g group) bool { return s.passesGroup(&g) })
	}
	for _, kind := range m.browser.kinds() {
		if slices.ContainsFunc(m.world.spaces[kind], func(sp space) bool { return s.passesSpace(&sp) }) {
			return true
		}
	}
	return false
}

// selectedProc returns the process under the cursor, or nil.
func (m *Model) selectedProc() *proc {
	p, ok := m.browser.procs.Selected()
	if !ok {
		return nil
	}
	return p
}

// gone reports whether what is open has ended and its last row is off the list, too.
func (m *Model) gone() bool {
	at := m.browser.open
	return m.world != nil && at != (opened{}) && m.world.space(at.space) == nil && m.world.group(at.group) == nil
}
