package ui

import (
	"fmt"
	"strings"

	"nstui/procscan/ns"
	"nstui/procscan/sought"
	"nstui/ui/theme"
)

// headNow returns the head that is entered where the first list has the keyboard, nil if something else is.
func (m *Model) headNow() *group {
	if g := m.shownGroup(); g != nil && g.isHead() && !g.ended {
		return g
	}
	return nil
}

// procNow returns the process that is entered: the one that stands for a head, else the one under the cursor.
func (m *Model) procNow() *proc {
	if g := m.headNow(); g != nil {
		return g.leader
	}
	return m.selectedProc()
}

// family says what is below a head.
func (g *group) family() string {
	if g.owner.Project != "" {
		return "project"
	}
	return "pod"
}

// apartNow returns the kinds in which what is to be entered is in several namespaces, or nobody may see whether it is.
func (m *Model) apartNow() ns.Set {
	if g := m.headNow(); g != nil && g.leader.Refused == "" {
		return g.apart | g.unknown&m.world.snap.Mine.Known() // an old kernel has not all kinds
	}
	return 0
}

// notAll says why a head is not entered in some kinds; "" if it can be in all of them.
func (m *Model) notAll(kinds ns.Set) string {
	if kinds &= m.apartNow(); kinds == 0 {
		return ""
	}
	return m.headNow().notInCommon("it", kinds)
}

// notInCommon says that what is below a head is not all in the same namespaces of some kinds.
func (g *group) notInCommon(taker string, kinds ns.Set) string {
	if kinds&g.apart == 0 {
		return fmt.Sprintf("nobody may see here whether the containers of the %s have in common what %s takes (%s): choose one below",
			g.family(), taker, kinds)
	}
	return sought.NotInCommon(g.family(), taker, kinds) + ": choose one below"
}

// entryOfHead returns an entry into what all below a head are in.
func (m *Model) entryOfHead(g *group, kinds ns.Set) entry {
	e := m.entryFor(g.leader, kinds)
	if e.apart = m.apartNow(); e.apart == 0 {
		return e
	}
	e.name, e.owned = fit(g.owner.words, maxEntryName, "…"), true
	e.notAll = g.notInCommon
	e.forgetApart()
	return e
}

// forgetApart lets the process be in any namespaces of the kinds that are not entered.
func (e *entry) forgetApart() {
	for _, k := range e.apart.Kinds() {
		e.ref.NS[k], e.ref.IDs[k] = 0, 0
	}
}

// enterHeadLines say what of a head cannot be entered as one.
func (m *Model) enterHeadLines() []line {
	apart := m.apartNow()
	if apart == 0 {
		return nil
	}
	ls := labelled(theme.Warn, "not", apart.String()+": choose a container below", m.detailWidth())
	for _, l := range ls {
		l[0].text = strings.TrimPrefix(l[0].text, " ") // the details have a margin of their own
	}
	return ls
}
