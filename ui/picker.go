package ui

import (
	"slices"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/nsenter"
	"nstui/procscan/ns"
	"nstui/ui/theme"
)

// picker chooses the namespaces to enter of one process. It holds the process pinned while it is open.
type picker struct {
	entry  entry
	about  string // what else is known of the process: its command line
	target Target // nil until it is pinned
	err    error  // why it cannot be entered: not pinned, or ended since
	plan   *nsenter.Plan
	at     int // the kind under the cursor, an index into pickerOrder
	edit   *pickerEdit
	pins   int // the era of the last look for a namespace from elsewhere
	// runsAs and tools are what may be chosen of each: what would work, and makes a difference.
	runsAs []nsenter.As
	tools  []toolsOffer
	// looking is the era of the look for a shell that has not come back, 0 if there is none.
	looking, looks int
	// found says whether the shell that was asked for is there: in the target's root, in ours.
	found [2]bool
}

// pickerOrder is the order of the kinds in the picker.
var pickerOrder = ns.ByEffect()

// changes says in people's words what entering a kind does.
var changes = [ns.NumKinds]string{
	ns.Cgroup: "its cgroup root",
	ns.IPC:    "its SysV/POSIX IPC",
	ns.Mnt:    "its files: / becomes its root",
	ns.Net:    "its interfaces and sockets",
	ns.PID:    "its process tree (ps also needs m)",
	ns.Time:   "its clocks since boot",
	ns.User:   "its users and capabilities",
	ns.UTS:    "its hostname",
}

// pinnedMsg is the end of pinning a target for a picker.
type pinnedMsg struct {
	picker *picker
	target Target
	err    error
	found  [2]bool
}

// checkDueMsg says that it is time to look whether the target of a picker still lives.
type checkDueMsg struct{ picker *picker }

// checkedMsg says whether the target of a picker still lives.
type checkedMsg struct {
	picker *picker
	target Target
	err    error
}

// lookedMsg says whether the shell typed into a picker is there.
type lookedMsg struct {
	picker *picker
	era    int
	shell  string
	found  [2]bool
}

// checkTime is how often a picker looks whether its target still lives.
const checkTime = 500 * time.Millisecond

// entryFor returns an entry into the namespaces of a process as it was seen.
func (m *Model) entryFor(p *proc, kinds ns.Set) entry {
	name, owned := entryName(p)
	return entry{
		ref:     nsenter.Ref{PID: p.PID, Start: p.Start, NS: p.NS, IDs: m.world.ids(&p.NS)},
		name:    name,
		owned:   owned,
		request: nsenter.Request{Kinds: kinds, Shell: m.config.Shell, Tools: m.config.tools()},
	}
}

// entryNow returns an entry into what the cursor is on: a process, or a namespace without any.
func (m *Model) entryNow(kinds ns.Set) entry {
	if s := m.emptySpace(); s != nil {
		return m.entryInto(s, kinds)
	}
	if g := m.headNow(); g != nil {
		return m.entryOfHead(g, kinds)
	}
	return m.entryFor(m.selectedProc(), kinds)
}

// openPicker opens the picker for what the cursor is on.
func (m *Model) openPicker() tea.Cmd {
	if s := m.emptySpace(); s != nil {
		e := m.entryInto(s, ns.SetOf(s.ID.Kind))
		return m.pick(e, "no process is in it: "+e.ref.Sources[s.ID.Kind].String())
	}
	p, e := m.procNow(), m.entryNow(0)
	before, again := m.shells.chosen[p.ID()]
	if again && e.apart == 0 {
		e.request = before
	} else {
		e.differing = true
	}
	about := m.aboutOf(p)
	if e.apart != 0 {
		about = "by " + strconv.Itoa(p.PID) + " " + about
	}
	return m.pick(e, about)
}

// pick opens the picker for an entry.
func (m *Model) pick(e entry, about string) tea.Cmd {
	s := &picker{entry: e, about: about}
	m.open(s)
	ref, shell, enterer := s.entry.ref, s.entry.request.Shell, m.config.Enter
	return func() tea.Msg {
		t, err := enterer.Pin(ref)
		if err != nil {
			return pinnedMsg{picker: s, err: err}
		}
		t.Explore(true)
		return pinnedMsg{picker: s, target: t, found: lookFor(t, shell)}
	}
}

// lookFor looks for a shell in the target's root directory and in ours.
func lookFor(t Target, shell string) [2]bool {
	if shell == "" {
		return [2]bool{true, true}
	}
	return [2]bool{t.Look(true, shell), t.Look(false, shell)}
}

// isOpen reports whether the picker is still on the screen.
func (m *Model) isOpen(s surface) bool {
	return slices.Contains(m.surfaces, s)
}

// handlePinned shows what the target can be entered with.
func (m *Model) handlePinned(msg pinnedMsg) tea.Cmd {
	s := msg.picker
	if !m.isOpen(s) {
		return letGo(msg.target)
	}
	s.target, s.err, s.found = msg.target, msg.err, msg.found
	if s.err != nil {
		return nil
	}
	if s.entry.differing {
		s.entry.differing = false
		s.entry.request.Kinds = s.differing()
	}
	s.replan()
	s.at = max(0, slices.IndexFunc(pickerOrder[:], func(k ns.Kind) bool { return s.plan.Kinds[k].State == nsenter.Enter }))
	return m.after(checkTime, checkDueMsg{s})
}

// differing returns the kinds that differ from ours and can be chosen.
func (s *picker) differing() ns.Set { return s.target.Facts().Differing() &^ s.entry.apart }

// letGo returns a command that closes a target: it may wait for a call that still uses it.
func letGo(t Target) tea.Cmd {
	if t == nil {
		return nil
	}
	return func() tea.Msg {
		t.Close()
		return nil
	}
}

// handleCheckDue looks whether the target of an open picker still lives.
func (m *Model) handleCheckDue(s *picker) tea.Cmd {
	if !m.isOpen(s) {
		return nil
	}
	t := s.target
	return func() tea.Msg { return checkedMsg{s, t, t.Check()} }
}

func (m *Model) handleChecked(msg checkedMsg) tea.Cmd {
	s := msg.picker
	if !m.isOpen(s) || s.err != nil {
		return nil
	}
	if msg.target == s.target { // else it was let go of for another
		s.err = msg.err
	}
	if s.err != nil {
		return nil
	}
	return m.after(checkTime, checkDueMsg{s})
}

// replan makes the plan anew for what is chosen now.
func (s *picker) replan() {
	f, r := s.target.Facts(), &s.entry.request
	plan := planOf(f, *r, s.found)
	// Two of the tools are for the target's files only, and bare is for the host's.
	mnt := plan.Join.Has(ns.Mnt)
	switch r.Tools {
	case nsenter.ToolsBusybox, nsenter.ToolsTree:
		if !mnt {
			r.Tools = nsenter.ToolsAuto
		}
	case nsenter.ToolsBare:
		if mnt {
			r.Tools = nsenter.ToolsAuto
		}
	}
	if !mayBecome(f, plan) {
		r.As = nsenter.AsAuto
	}
	s.plan = planOf(f, *r, s.found)
	s.runsAs, s.tools = identitiesFor(f, *r), toolsFor(f, *r, s.found)
}

// planOf makes a plan, given where the shell that is asked for was found.
func planOf(f *nsenter.Facts, r nsenter.Request, found [2]bool) *nsenter.Plan {
	plan := nsenter.NewPlan(f, r, environ())
	where := 1
	if plan.InRoot() {
		where = 0
	}
	if r.ShellMissing = !found[where]; r.ShellMissing {
		return nsenter.NewPlan(f, r, environ())
	}
	return plan
}

// toggle chooses a kind or chooses it no more. What cannot be chosen says why.
func (m *Model) toggle(s *picker, k ns.Kind) tea.Cmd {
	if s.plan == nil {
		return nil
	}
	if e := &s.entry; e.apart.Has(k) && !e.request.Kinds.Has(k) && e.ref.Sources[k] == (nsenter.Source{}) {
		return m.warn(e.notAll("a shell", ns.SetOf(k)))
	}
	switch plan := s.plan.Kinds[k]; plan.State {
	case nsenter.Shared, nsenter.Missing:
		return m.warn(k.String() + ": " + plan.Reason)
	case nsenter.Added:
		return m.warn("user: the others cannot be entered without it")
	}
	r := &s.entry.request
	if k == ns.Mnt && r.Tools == nsenter.ToolsHost { // which leave it out, wanted or not
		r.Tools, r.Kinds = nsenter.ToolsAuto, r.Kinds.With(k)
	} else {
		r.Kinds = r.Kinds.Toggle(k)
	}
	s.replan()
	return nil
}

func (s *picker) choose(kinds ns.Set) {
	if s.plan != nil {
		s.entry.request.Kinds = kinds
		s.replan()
	}
}

// start starts the shell and closes the picker.
func (m *Model) startPicked(s *picker) tea.Cmd {
	switch {
	case s.err != nil:
		return m.warn(s.err.Error())
	case s.plan == nil:
		return nil
	case s.looking != 0:
		return m.note("still looking for the shell")
	case !s.plan.Ready():
		for _, c := range s.plan.Checks {
			if c.Level == nsenter.Fail {
				return m.tell(theme.Fail, c.Text)
			}
		}
	}
	if s.entry.ref.Start != 0 && s.entry.apart == 0 {
		m.shells.chosen[procIDOf(s.entry.ref)] = s.entry.request
	}
	m.shut(s)
	return m.enter(s.entry, s.target)
}

// cancelPicker closes the picker and lets go of the target.
func (m *Model) cancelPicker(s *picker) tea.Cmd {
	m.shut(s)
	return letGo(s.target)
}

func (s *picker) scope() scope { return inPicker }

func (s *picker) key(m *Model, msg tea.KeyPressMsg) (tea.Cmd, bool) {
	name := keyName(msg)
	if s.edit != nil {
		return s.editKey(m, name, msg), true
	}
	if name == "ctrl+c" {
		return m.cancelPicker(s), true
	}
	if len(name) == 1 {
		if k, ok := ns.KindOfLetter(name[0]); ok {
			for i := range pickerOrder {
				if pickerOrder[i] == k {
					s.at = i
				}
			}
			return m.toggle(s, k), true
		}
	}
	return nil, false
}

func (s *picker) paste(_ *Model, text string) tea.Cmd {
	if s.edit != nil && !s.edit.waiting {
		s.edit.insert(text)
	}
	return nil
}

// look looks for the shell that was typed.
func (s *picker) look(shell string) tea.Cmd {
	s.edit = nil
	s.looks++
	s.looking = s.looks
	t, era := s.target, s.looks
	return func() tea.Msg { return lookedMsg{s, era, shell, lookFor(t, shell)} }
}

func (m *Model) handleLooked(msg lookedMsg) {
	s := msg.picker
	if m.isOpen(s) && msg.era == s.looking {
		s.looking = 0
		s.entry.request.Shell, s.found = msg.shell, msg.found
		s.replan()
	}
}

// updatePicker handles what was found out for a picker.
func (m *Model) updatePicker(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case pinnedMsg:
		return m.handlePinned(msg)
	case lookedMsg:
		m.handleLooked(msg)
	case sourcedMsg:
		return m.handleSourced(msg)
	case checkDueMsg:
		return m.handleCheckDue(msg.picker)
	case checkedMsg:
		return m.handleChecked(msg)
	case assessedMsg:
		m.handleAssessed(msg)
	}
	return nil
}
