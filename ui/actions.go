package ui

import (
	"fmt"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan"
	"nstui/procscan/ns"
	"nstui/ui/layout"
	"nstui/ui/theme"
)

func needProcess(m *Model) string {
	if m.selectedProc() == nil {
		return "no process is selected"
	}
	return ""
}

// needShown says why there are no details.
func needShown(m *Model) string {
	if m.shownSpace() != nil || m.shownGroup() != nil {
		return ""
	}
	return needProcess(m)
}

func needProcessList(m *Model) string {
	if m.browser.focus == onNamespaces {
		return "go to the processes first"
	}
	return needProcess(m)
}

func needTwoMarks(m *Model) string {
	if n := len(m.browser.procs.Marks()); n != 2 {
		return fmt.Sprintf("mark two processes with space, %d are marked", n)
	}
	return ""
}

// move moves the cursor of the list that has the keyboard.
func (m *Model) move(by int) tea.Cmd {
	m.browser.chosen = true
	switch b := &m.browser; b.focus {
	case onNamespaces:
		b.first().Move(by)
		m.syncOpen()
	case onProcesses:
		b.procs.Move(by)
	case onDetails:
		m.scrollDetails(by)
	}
	return nil
}

// movePage moves by half pages.
func (m *Model) movePage(halves int) tea.Cmd {
	m.browser.chosen = true
	switch b := &m.browser; b.focus {
	case onNamespaces:
		b.first().Page(halves)
		m.syncOpen()
	case onProcesses:
		b.procs.Page(halves)
	case onDetails:
		m.scrollDetails(halves * max(1, m.screen.Details.Inner().H/2))
	}
	return nil
}

// moveHome moves to the first row.
func (m *Model) moveHome() tea.Cmd {
	m.browser.chosen = true
	switch b := &m.browser; b.focus {
	case onNamespaces:
		b.first().Home()
		m.syncOpen()
	case onProcesses:
		b.procs.Home()
	case onDetails:
		b.detailTop = 0
	}
	return nil
}

// moveEnd moves to the last row.
func (m *Model) moveEnd() tea.Cmd {
	m.browser.chosen = true
	switch b := &m.browser; b.focus {
	case onNamespaces:
		b.first().End()
		m.syncOpen()
	case onProcesses:
		b.procs.End()
	case onDetails:
		m.scrollDetails(len(m.detailLines()))
	}
	return nil
}

// scrollDetails moves the details of the third column.
func (m *Model) scrollDetails(by int) {
	most := len(m.detailLines()) - m.screen.Details.Inner().H
	m.browser.detailTop = max(0, min(m.browser.detailTop+by, most))
}

// goIn goes right.
func (m *Model) goIn() tea.Cmd {
	switch b := &m.browser; {
	case b.focus == onNamespaces:
		if b.open != (opened{}) {
			b.focus = onProcesses
		}
	case b.focus == onProcesses && m.screen.Form == layout.Columns:
		b.focus = onDetails
	case m.selectedProc() != nil, m.emptySpace() != nil:
		return m.openDetails()
	}
	return nil
}

// goBack clears the filter, or goes left.
func (m *Model) goBack() tea.Cmd {
	if !m.browser.filter.empty() {
		m.setFilter(filter{})
		return nil
	}
	return m.goLeft()
}

// goLeft goes to the pane on the left. In the leftmost it stays: going back never quits.
func (m *Model) goLeft() tea.Cmd {
	b := &m.browser
	if b.focus == onNamespaces {
		return nil
	}
	b.focus--
	m.syncOpen()
	return nil
}

// cyclePane goes to the next pane there is on this screen, around the end.
func (m *Model) cyclePane(by int) tea.Cmd {
	panes := 2
	if m.screen.Form == layout.Columns {
		panes = 3
	}
	m.browser.focus = layout.Pane((int(m.browser.focus) + by + panes) % panes)
	m.syncOpen()
	return nil
}

func (m *Model) toggleMark() tea.Cmd {
	m.browser.procs.Mark(m.selectedProc().ID())
	m.browser.procs.Move(1)
	return nil
}

func (m *Model) toggleFollow() tea.Cmd {
	m.browser.follow = !m.browser.follow
	if m.browser.follow {
		return m.note("the selected row stays in view when the order changes")
	}
	return m.note("a new order starts at its top")
}

func (m *Model) toggleDiffering() tea.Cmd {
	m.browser.differing = !m.browser.differing
	m.refill()
	return nil
}

func (m *Model) toggleKernel() tea.Cmd {
	m.browser.noKernel = !m.browser.noKernel
	m.refill()
	if m.browser.noKernel {
		return m.note("kernel threads are hidden")
	}
	return m.note("kernel threads are shown")
}

// reverse turns the order of the list around.
func (m *Model) reverse() tea.Cmd {
	_, o := m.sortNames()
	o.reverse = !o.reverse
	m.sortBy(o)
	return nil
}

// openSort shows what the list can be sorted by. Choosing what it is sorted by already reverses it.
func (m *Model) openSort() tea.Cmd {
	names, now := m.sortNames()
	s := &menu{title: "Sort by"}
	for i, name := range names {
		mark := ""
		if i == now.column {
			mark = m.arrow(now)
			s.at = i
		}
		s.all = append(s.all, item{label: name, note: mark, run: func(m *Model) tea.Cmd {
			m.sortBy(order{column: i, reverse: i == now.column && !now.reverse})
			return nil
		}})
	}
	s.search()
	m.open(s)
	return nil
}

// arrow returns the sign of a direction.
func (m *Model) arrow(o order) string {
	if o.reverse {
		return m.paint.Glyphs.Down
	}
	return m.paint.Glyphs.Up
}

// openCompare shows the namespaces of the two marked processes side by side.
func (m *Model) openCompare() tea.Cmd {
	ids := m.browser.procs.Marks()
	if ids[1].PID < ids[0].PID {
		ids[0], ids[1] = ids[1], ids[0]
	}
	m.open(&page{title: "Compare", lines: func(m *Model) []line { return m.compareLines([2]procscan.ProcID(ids)) }})
	return nil
}

func (m *Model) compareLines(ids [2]procscan.ProcID) []line {
	var p [2]*proc
	for i, id := range ids {
		if p[i] = m.world.find(id); p[i] == nil {
			return []line{say(theme.Warn, fmt.Sprintf("process %d has ended", id.PID))}
		}
	}
	c := m.paint.column
	ls := []line{
		{c(theme.Heading, "", 10), c(theme.Strong, strconv.Itoa(p[0].PID)+" "+nameOf(p[0].Process), 24), c(theme.Strong, strconv.Itoa(p[1].PID)+" "+nameOf(p[1].Process), 24)},
		nil,
	}
	for _, kind := range ns.Kinds() {
		a, b := p[0].NS[kind], p[1].NS[kind]
		verdict := span{theme.Shared, "same"}
		switch {
		case a == 0 || b == 0:
			verdict = span{theme.Warn, "not known"}
		case a != b:
			verdict = span{theme.Own, "differ"}
		}
		ls = append(ls, line{
			c(theme.Plain, string(kind.Letter())+" "+kind.String(), 10),
			c(theme.Plain, inode(a), 24), c(theme.Plain, inode(b), 24), verdict,
		})
	}
	return ls
}

// inode writes an inode number, and one that is not known as ?.
func inode(n uint64) string {
	if n == 0 {
		return "?"
	}
	return strconv.FormatUint(n, 10)
}

// quitWindow is how long ctrl+c waits for the second one.
const quitWindow = time.Second

// cancel closes what is open. With nothing open it quits at the second time.
func (m *Model) cancel() tea.Cmd {
	if s := m.top(); s != nil {
		m.shut(s)
		return nil
	}
	if !m.leaving.IsZero() && m.now().Sub(m.leaving) < quitWindow {
		return m.quit()
	}
	m.leaving = m.now()
	return m.note("ctrl+c again to quit")
}

// quit ends the program; with shells running it asks, since they end too.
func (m *Model) quit() tea.Cmd {
	n := m.runningShells()
	if n == 0 {
		return tea.Quit
	}
	m.open(&confirm{
		title:    "Quit",
		question: []string{fmt.Sprintf("%d %s still running and will be ended.", n, plural(n, "shell is", "shells are"))},
		yes:      "quit",
		run:      func(*Model) tea.Cmd { return tea.Quit },
	})
	return nil
}

// plural returns one or many.
func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
