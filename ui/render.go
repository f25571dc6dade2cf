package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/layout"
	"nstui/ui/theme"
)

// View draws the screen. It runs after every message, and draws again only if that changed something:
// what lies over the browser may show times, and is always drawn.
func (m *Model) View() tea.View {
	began := time.Now()
	if m.drawn.stale || len(m.surfaces) > 0 || m.drawn.header != m.headerWords() {
		view := m.draw()
		m.drawn = drawn{view: view, header: m.headerWords(), lists: m.drawn.lists}
	}
	m.trace.view(len(m.drawn.view.Content), time.Since(began))
	return m.drawn.view
}

// drawn is the screen as it was last drawn.
type drawn struct {
	view   tea.View
	header string   // what it said
	stale  bool     // something else on it has changed since
	lists  []string // what is beside a shell, nil if that has changed since
}

// headerWords is what the header says, but for how much there is.
func (m *Model) headerWords() string {
	var b strings.Builder
	for _, s := range m.state() {
		b.WriteString(s.text)
	}
	return b.String()
}

// draw draws the screen.
func (m *Model) draw() tea.View {
	v := tea.NewView(strings.Join(m.rows(), "\n"))
	v.AltScreen = true
	v.WindowTitle = m.windowTitle()
	if m.config.Mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	if s, ok := m.top().(cursored); ok && m.screen.Form != layout.TooSmall {
		v.Cursor = s.cursor(m)
	}
	m.decorate(&v)
	return v
}

// windowTitle is what the terminal shows over its window: where one is.
func (m *Model) windowTitle() string {
	if title := m.shellTitle(); title != "" {
		return "nstui: " + title
	}
	return "nstui"
}

// rows returns the lines of the screen, each exactly as wide as it.
func (m *Model) rows() []string {
	if m.width <= 0 || m.height <= 0 {
		return nil
	}
	if m.screen.Form == layout.TooSmall {
		return m.tooSmall()
	}
	layers, covered := m.layers()
	var rows []string
	if m.shellShown() != nil && !m.beside() {
		rows = m.shells.view.rows(m)
	} else {
		rows = m.browserRows(covered)
	}
	for _, l := range slices.Backward(layers) {
		overlay(rows, l.rect, l.block, m.width)
	}
	return rows
}

// browserRows draws the browser, without its body if that is covered.
func (m *Model) browserRows(covered bool) []string {
	rows := make([]string, 0, m.height)
	rows = append(rows, m.drawHeader())
	if !m.screen.Tabs.Empty() {
		rows = append(rows, m.tabLine(m.width))
	}
	rows = append(rows, m.drawKinds())
	if !m.screen.Crumb.Empty() {
		rows = append(rows, m.drawCrumb())
	}
	if covered {
		rows = append(rows, make([]string, m.screen.Body.H)...)
	} else {
		rows = append(rows, m.drawBody()...)
	}
	return append(rows, m.drawFooter(m.screen.Footer.H)...)
}

// layer is a surface as it is drawn.
type layer struct {
	rect  layout.Rect
	block []string
}

// layers draws the surfaces from the topmost down to the first that covers the body, and reports
// whether there is one: what is under it need not be drawn.
func (m *Model) layers() (layers []layer, covered bool) {
	body := m.screen.Body
	for _, s := range slices.Backward(m.surfaces) {
		r, block := s.draw(m)
		if r.Empty() {
			continue
		}
		layers = append(layers, layer{r, block})
		if r.X <= 0 && r.W >= body.W && r.Y <= body.Y && r.Y+r.H >= body.Y+body.H {
			return layers, true
		}
	}
	return layers, false
}

// tooSmall says on one line which size is missing.
func (m *Model) tooSmall() []string {
	says := fmt.Sprintf("nstui needs %dx%d, this is %dx%d", layout.MinWidth, layout.MinHeight, m.width, m.height)
	return m.paint.lines([]line{say(theme.Plain, says)}, m.width, m.height)
}

// drawBody draws the lists, and the shell beside them.
func (m *Model) drawBody() []string {
	if m.screen.Shell.Empty() {
		return m.drawLists()
	}
	if m.drawn.lists == nil { // a shell changes far more often
		m.drawn.lists = m.drawLists()
	}
	return beside(m.drawn.lists, m.shells.view.frame(m, layout.ShellIn(m.screen.Shell)))
}

// drawLists draws the panes there is room for, and the strip of details below them.
func (m *Model) drawLists() []string {
	lists := m.drawPanes()
	if strip := m.screen.Strip; !strip.Empty() {
		lists = append(lists, m.drawStrip(strip)...)
	}
	return lists
}

// drawPanes draws the lists, and the details if they have a column.
func (m *Model) drawPanes() []string {
	s := &m.screen
	var panes [][]string
	if !s.Namespaces.Empty() {
		panes = append(panes, m.drawSpaces(s.Namespaces))
	}
	if !s.Processes.Empty() {
		panes = append(panes, m.drawProcs(s.Processes))
	}
	if len(panes) == 2 && s.Namespaces.X == s.Processes.X { // one above the other
		panes = [][]string{slices.Concat(panes...)}
	}
	if !s.Details.Empty() {
		panes = append(panes, m.drawDetails(s.Details))
	}
	return beside(panes...)
}
