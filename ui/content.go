package ui

import (
	"strings"

	"nstui/ui/text"
)

// The most that columns want, in cells: what is wider is rare, and is in the details.
const (
	mostName    = 48
	mostUser    = 16
	mostCommand = 32
	mostLeader  = 20
	mostImage   = 40
	mostShares  = 28
)

// procContent is how many cells the widest values of the processes in the list take, with the headings; 0 where
// there is nothing to show. It is of all rows, also those that are not on the screen: columns do not move
// because somebody scrolls.
//
// least is the width of the widest name as short as it gets.
type procContent struct{ pid, user, name, least, command int }

// spaceContent is procContent for the namespaces.
type spaceContent struct{ procs, owner, name, leader int }

// groupContent is procContent for the groups; noted is what shares is where states stand there, too.
type groupContent struct{ procs, user, name, command, runtime, state, shares, noted, image int }

// cells returns how many cells a text takes on the screen, at most so many.
func cells(s string, most int) int {
	return min(most, text.Width(text.Line(s, most, "")))
}

// digits returns how many digits a number has that is not negative.
func digits(n int) int {
	width := 1
	for ; n >= 10; n /= 10 {
		width++
	}
	return width
}

// measureProcs finds out how wide the columns of the processes need to be.
func (m *Model) measureProcs(rows []*proc) {
	b := &m.browser
	c := procContent{pid: 6, user: len("USER")}
	if n := len(m.world.procs); n > 0 { // of all: a list of others has its columns where this one has them
		c.pid = max(c.pid, digits(m.world.procs[n-1].PID))
	}
	users := make(map[uint32]bool)
	owners := make(map[*owner]bool)
	for _, p := range rows {
		if c.pid = max(c.pid, digits(p.PID)); !users[p.UID] {
			users[p.UID] = true
			c.user = max(c.user, cells(m.users.name(p.UID), mostUser))
		}
		if o := p.owner; o != nil && !owners[o] && b.owner == nil { // the same of all is said once, over the list
			owners[o] = true
			c.name = max(c.name, len("NAME"), cells(o.words[0], mostName))
			c.least = max(c.least, cells(o.words[len(o.words)-1], mostName))
		}
		if c.command < mostCommand {
			c.command = max(c.command, len("COMMAND"), cells(p.shown, mostCommand))
		}
	}
	b.procContent = c
}

// measureSpaces is measureProcs for the namespaces.
func (m *Model) measureSpaces(rows []*space) {
	c := spaceContent{procs: len("PROCS"), owner: len("OWNER"), leader: len("LEADER")}
	users := make(map[uint32]bool)
	for _, s := range rows {
		c.procs = max(c.procs, digits(len(s.Members)))
		if s.OwnerKnown && !users[s.OwnerUID] {
			users[s.OwnerUID] = true
			c.owner = max(c.owner, cells(m.users.name(s.OwnerUID), mostUser))
		}
		if len(s.words) > 0 {
			c.name = max(c.name, len("NAME"), cells(s.words[0], mostName))
		}
		if s.leader != nil {
			c.leader = max(c.leader, cells(nameOf(s.leader.Process), mostLeader))
		}
	}
	m.browser.spaceContent = c
}

// measureGroups is measureProcs for the groups.
func (m *Model) measureGroups(rows []*group) {
	b := &m.browser
	c := groupContent{procs: len("PROCS"), user: len("USER"), command: len("LEADER")}
	for i, g := range rows {
		if c.procs = max(c.procs, digits(len(g.members))); g.leader != nil {
			c.user = max(c.user, cells(m.users.name(g.leader.UID), mostUser))
		}
		if c.command < mostCommand && g.leader != nil {
			c.command = max(c.command, digits(g.leader.PID)+1+cells(g.leader.shown, mostCommand))
		}
		if o := g.owner; o != nil {
			head := stem(b.groupStems, i)
			c.name = max(c.name, len("NAME"), text.Width(head)+cells(boxWords(g, head)[0], mostName))
			c.measureBox(g)
		}
	}
	b.groupContent = c
}

// measureBox takes what only containers have into account.
func (c *groupContent) measureBox(g *group) {
	grow := func(column *int, heading string, width int) {
		if width > 0 {
			*column = max(*column, len(heading), width)
		}
	}
	grow(&c.runtime, "RUNTIME", cells(string(g.owner.Runtime), mostUser))
	grow(&c.state, "STATE", cells(g.owner.State, mostUser))
	grow(&c.image, "IMAGE", cells(g.owner.Image, mostImage))
	words := strings.Join(g.shares.all(), ", ")
	grow(&c.shares, "SHARES", cells(words, mostShares))
	if note := g.note(); note != "" && words != "" {
		words = note + ", " + words
	} else if note != "" {
		words = note
	}
	grow(&c.noted, "SHARES", cells(words, mostShares))
}
