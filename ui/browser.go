package ui

import (
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
	kind   *ns.Kind    // the tab; nil for all kinds
	focus  layout.Pane // what has the keyboard where no surface has it
	spaces *table.List[ns.ID, *space]
	procs  *table.List[procscan.ProcID, *proc]
	// open is the namespace whose processes are shown. It follows the cursor of the namespaces while
	// that list has the keyboard; later it stays, also when the namespace has ended.
	open       ns.ID
	filter     filter
	spaceOrder order
	procOrder  order
	spaceTree  treeOf
	procTree   bool     // processes are below their parents
	spaceStems []string // what is drawn before each row of a tree; nil without one
	procStems  []string
	follow     bool // the cursor stays on its row when the order changes
	differing  bool // only processes that are not in all of our namespaces
	noKernel   bool // no kernel threads
	detailTop  int  // first line of the details that is visible
	// kernelThreads is how many of the processes in the open namespace are kernel threads.
	kernelThreads int
	total         int // processes in the open namespace before anything hides some
	totalNS       int // the same for namespaces
	passedNS      int // how many of those pass the filter; a tree may have their owners, too
}

func newBrowser(kind *ns.Kind) browser {
	return browser{
		kind:     kind,
		spaces:   table.New(func(s *space) ns.ID { return s.ID }),
		procs:    table.New(func(p *proc) procscan.ProcID { return p.ID() }),
		noKernel: true, // they share all of the host's and are many
	}
}

// kinds returns the kinds of the tab.
func (b *browser) kinds() []ns.Kind {
	if b.kind != nil {
		return []ns.Kind{*b.kind}
	}
	all := ns.Kinds()
	return all[:]
}

// refill makes both lists again, after a scan or a change of what is to be in them.
func (m *Model) refill() {
	if m.world == nil {
		return
	}
	m.refillSpaces()
	m.refillProcs()
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
			if list[i].refused() && b.kind == nil && kind != ns.UTS {
				continue
			}
			b.totalNS++
			if !b.filter.wide || s.passesSpace(&list[i]) {
				rows = append(rows, &list[i])
			}
		}
	}
	b.passedNS = len(rows)
	b.spaces.Set(m.plantSpaces(rows))
	m.syncOpen()
}

// syncOpen opens the namespace under the cursor while that list has the keyboard, or none is open.
func (m *Model) syncOpen() {
	b := &m.browser
	row, ok := b.spaces.Selected()
	if b.focus != onNamespaces && b.open != (ns.ID{}) {
		return
	}
	var id ns.ID
	if ok {
		id = row.ID
	}
	if id != b.open {
		b.open = id
		b.detailTop = 0
		m.refillProcs()
		b.procs.Home()
		if ok && row.leader != nil {
			b.procs.Select(row.leader.ID())
		}
	}
}

// refillProcs makes the list of the processes in the open namespace.
func (m *Model) refillProcs() {
	b := &m.browser
	b.total = 0
	if m.world == nil || b.open == (ns.ID{}) {
		b.procs.Set(m.plantProcs(nil))
		return
	}
	sp := m.world.space(b.open)
	if sp == nil {
		b.procs.Set(m.plantProcs(nil))
		return
	}
	members := m.world.members(sp)
	for i := range m.world.ended {
		if p := &m.world.ended[i]; p.in(b.open.Kind) == b.open {
			members = append(members, p)
		}
	}
	b.total = len(members)
	b.procs.Set(m.plantProcs(m.passing(members)))
}

// passing returns the processes that are to be shown. A namespace found by its own number or owner,
// by none of its processes, shows them all.
func (m *Model) passing(members []*proc) []*proc {
	b := &m.browser
	s := b.filter.sieve(m.users.names, m.world)
	rows := make([]*proc, 0, len(members))
	shown := make([]*proc, 0, len(members))
	b.kernelThreads = 0
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
	m.browser.filter = f
	m.refill()
}

// setKind changes the tab; nil is all kinds.
func (m *Model) setKind(kind *ns.Kind) {
	b := &m.browser
	selected := m.selectedProc()
	b.kind = kind
	b.focus = onNamespaces
	b.open = ns.ID{}
	m.refillSpaces()
	b.spaces.Home()
	// Where the process at hand is, is the best guess of what is looked for.
	if selected != nil && kind != nil {
		b.spaces.Select(selected.in(*kind))
	}
	m.syncOpen()
	if selected != nil {
		b.procs.Select(selected.ID())
	}
}

// nextKind moves by that many tabs, of which "all" is the first.
func (m *Model) nextKind(by int) {
	at := 0
	if k := m.browser.kind; k != nil {
		at = int(*k) + 1
	}
	at = (at + by + ns.NumKinds + 1) % (ns.NumKinds + 1)
	if at == 0 {
		m.setKind(nil)
		return
	}
	kind := ns.Kind(at - 1)
	m.setKind(&kind)
}

// showProcess moves to a process, in the tab there is if it knows the process's namespace of that kind.
func (m *Model) showProcess(pid int) bool {
	p := m.world.byPID(pid)
	if p == nil {
		return false
	}
	b := &m.browser
	b.filter, b.differing = filter{}, false
	b.noKernel = b.noKernel && !p.Kernel
	kind := ns.Net
	if b.kind != nil {
		kind = *b.kind
	}
	if p.Refused == "" && p.NS[kind] == 0 {
		kind = ns.PID // zombies keep this one when all others are gone
	}
	return m.showSpace(p.in(kind)) && b.procs.Select(p.ID())
}

// showSpace moves to the processes of a namespace.
func (m *Model) showSpace(id ns.ID) bool {
	if m.world.space(id) == nil {
		return false
	}
	b := &m.browser
	if b.kind != nil {
		b.kind = &id.Kind
	}
	b.filter = filter{}
	b.focus = onNamespaces
	m.refillSpaces()
	found := b.spaces.Select(id) || b.spaces.Select(refusedID(ns.UTS))
	m.syncOpen()
	m.refillProcs() // the filter may have hidden some
	b.focus = onProcesses
	return found
}

// selectedProc returns the process under the cursor, or nil.
func (m *Model) selectedProc() *proc {
	p, ok := m.browser.procs.Selected()
	if !ok {
		return nil
	}
	return p
}

// gone reports whether the open namespace has ended and its last row is off the list, too.
func (m *Model) gone() bool {
	return m.world != nil && m.browser.open != (ns.ID{}) && m.world.space(m.browser.open) == nil
}
