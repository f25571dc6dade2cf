package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/text"
	"nstui/ui/theme"
)

// Bounds of a tab, in cells: what names come from outside must leave room for the others.
const (
	maxTabLabel = 28
	maxTabTitle = 24
	wideStrip   = 60 // a strip of tabs where there is room for words about those that are hidden
)

// shellTab is a shell in the strip of tabs and where it is, or a mark that there are more of them.
type shellTab struct {
	x, w  int
	text  string
	role  theme.Role
	shell *shell // that a click shows
}

// tabDetail is how much a tab says beside the name of its shell and what became of that.
type tabDetail uint8

const (
	tabPlain   tabDetail = iota
	tabProgram           // which program has the terminal
	tabTitle             // and how that calls its window
)

// shellTabs lays out the strip: with the titles the programs in the shells have set where there is room for
// all, else without, then without the programs, else as many around the one in use as fit, with how many more
// there are on each side.
func (m *Model) shellTabs(width int) []shellTab {
	for detail := tabTitle; ; detail-- {
		tabs := m.tabsWith(detail)
		if place(tabs) <= width {
			return tabs
		}
		if detail == tabPlain {
			break
		}
	}
	if some := m.someTabs(m.tabsWith(tabProgram), width); place(some) <= width {
		return some
	}
	return m.someTabs(m.tabsWith(tabPlain), width) // one with its program alone may be too wide
}

// tabsWith returns the tabs of all shells.
func (m *Model) tabsWith(detail tabDetail) []shellTab {
	tabs := make([]shellTab, len(m.shells.list))
	for i := range tabs {
		tabs[i] = m.shellTab(i, detail)
	}
	return tabs
}

// place sets tabs side by side and returns how wide they are together.
func place(tabs []shellTab) int {
	x := 0
	for i := range tabs {
		tabs[i].x, tabs[i].w = x, text.Width(tabs[i].text)
		x += tabs[i].w
	}
	return x
}

// shellTab returns the tab of a shell by its place in the list.
func (m *Model) shellTab(i int, detail tabDetail) shellTab {
	s, dots := m.shells.list[i], m.paint.Glyphs.Ellipsis
	label := fmt.Sprintf("%d:%s%s", i+1, s.tabLabel(dots), s.recordedMark()+s.mark())
	if detail >= tabProgram {
		label += s.programWords()
	}
	if title := s.title; detail >= tabTitle && title != "" {
		label += " " + quoted(title, maxTabTitle, dots)
	}
	if s == m.shellShown() {
		return shellTab{text: "[" + label + "]", role: theme.Inside, shell: s}
	}
	role := theme.Plain
	if s.belled {
		role = theme.Warn
	}
	return shellTab{text: " " + label + " ", role: role, shell: s}
}

// someTabs returns the tabs around the one in use that fit into the width.
func (m *Model) someTabs(tabs []shellTab, width int) []shellTab {
	more, words := len(" <12! "), "%d" // cells of a mark, and what is in it
	if width >= wideStrip {
		more, words = len(" <12 more! "), "%d more"
	}
	place(tabs)
	before, behind := " "+m.paint.Glyphs.Before+words, " "+words+m.paint.Glyphs.Path
	at, room := max(0, m.shells.index(m.shells.current)), width-2*more
	from, to, used := at, at+1, tabs[at].w
	for grown := true; grown; {
		grown = false
		if to < len(tabs) && used+tabs[to].w <= room {
			used, to, grown = used+tabs[to].w, to+1, true
		}
		if from > 0 && used+tabs[from-1].w <= room {
			from, used, grown = from-1, used+tabs[from-1].w, true
		}
	}
	var out []shellTab
	if from > 0 {
		out = append(out, moreTabs(fmt.Sprintf(before, from), tabs[:from], tabs[from-1].shell))
	}
	out = append(out, tabs[from:to]...)
	if to < len(tabs) {
		out = append(out, moreTabs(fmt.Sprintf(behind, len(tabs)-to), tabs[to:], tabs[to].shell))
	}
	place(out)
	return out
}

// moreTabs is the mark for tabs there is no room for. A bell or news in one of them is not lost.
func moreTabs(words string, hidden []shellTab, next *shell) shellTab {
	t := shellTab{text: words, role: theme.Accent, shell: next}
	has := func(f func(*shell) bool) bool {
		return slices.ContainsFunc(hidden, func(t shellTab) bool { return f(t.shell) })
	}
	switch {
	case has(func(s *shell) bool { return s.belled }):
		t.text, t.role = t.text+"!", theme.Warn
	case has(func(s *shell) bool { return s.unseen }):
		t.text += "*"
	}
	t.text += " "
	return t
}

// tabLine draws the strip.
func (m *Model) tabLine(width int) string {
	tabs := m.shellTabs(width)
	l := make(line, len(tabs))
	for i, t := range tabs {
		l[i] = span{t.role, t.text}
	}
	return m.paint.line(l, width, theme.Plain)
}

// clickTab shows the shell whose tab is under the pointer.
func (m *Model) clickTab(x, width int) tea.Cmd {
	for _, t := range m.shellTabs(width) {
		if x >= t.x && x < t.x+t.w {
			return m.showShell(t.shell)
		}
	}
	return nil
}

// mark says in words or a letter what is to be known of a shell from outside of it: that it does not run
// any more, that it rang the bell, that it printed something nobody has seen.
func (s *shell) mark() string {
	switch state := s.state(); {
	case s.ended != nil && s.ended.InitEnded:
		return " ended"
	case state != "":
		return " " + state
	case s.belled:
		return "!"
	case s.unseen:
		return "*"
	}
	return ""
}

// state says in words that a shell does not run, "" if it does or is about to.
func (s *shell) state() string {
	switch {
	case s.err != nil:
		return "failed"
	case s.ended != nil:
		return s.ended.String()
	case s.stopped:
		return "stopped"
	}
	return ""
}

// quoted returns a title in quotes, which tell that it is not ours, in at most width cells. Its own quotes
// are single ones, so that it cannot go on behind ours as if it were the next tab.
func quoted(title string, width int, ellipsis string) string {
	title = strings.ReplaceAll(title, `"`, "'")
	return `"` + text.Line(title, width-2, ellipsis) + `"`
}

// bellTime is the least between two bells that are passed on: a shell that rings all the time is heard,
// and no more than that.
const bellTime = 250 * time.Millisecond

// ring passes the bell of the shell on the screen on to the terminal, and marks the tab of any other.
func (m *Model) ring(s *shell) tea.Cmd {
	if m.shellShown() != s {
		s.belled = true
		return nil
	}
	now := m.now()
	if m.config.NoBell || now.Sub(m.shells.rang) < bellTime {
		return nil
	}
	m.shells.rang = now
	return tea.Raw("\a")
}

// cycleShell shows the next shell, or the one before.
func (m *Model) cycleShell(by int) tea.Cmd {
	l := &m.shells
	n := len(l.list)
	return m.showShell(l.list[(l.index(l.current)+by+n)%n])
}

func (m *Model) switchShell(i int) tea.Cmd {
	if i >= len(m.shells.list) {
		return m.warn(fmt.Sprintf("there is no shell %d", i+1))
	}
	return m.showShell(m.shells.list[i])
}

// lastShell shows the shell that was shown before this one.
func (m *Model) lastShell() tea.Cmd {
	if m.shells.index(m.shells.last) < 0 {
		return m.note("no other shell was shown before")
	}
	return m.showShell(m.shells.last)
}
