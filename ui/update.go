package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// Update handles a message. It never waits.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	began := time.Now()
	before := m.world
	cmd := m.handle(msg)
	m.arrange()
	settled := m.settle()
	if !m.isQuiet(msg, before) {
		m.drawn.stale = true
		if !ofShell(msg) {
			m.drawn.lists = nil
		}
	}
	cmd = tea.Batch(cmd, settled, m.look(), m.inspect(isScan(msg) && (m.world != before || m.staleInspection())))
	m.trace.message(msg, time.Since(began))
	return m, cmd
}

// isQuiet reports whether a message changes nothing but the header: the clock of a host on which nothing
// happens. before is the world before it.
func (m *Model) isQuiet(msg tea.Msg, before *world) bool {
	switch msg := msg.(type) {
	case pausedMsg, tickedMsg, lookedAtMsg, deepDueMsg, programDueMsg:
		return true
	case askedMsg:
		return !msg.told
	case renamedMsg:
		return m.world == before
	case scannedMsg:
		return m.world == before && msg.err == nil
	}
	return false
}

// ofShell reports whether a message changes nothing but the shell and its tab.
func ofShell(msg tea.Msg) bool {
	switch msg.(type) {
	case shellDrewMsg, shellTickMsg, programMsg:
		return true
	}
	return false
}

// isScan reports whether the message is the end of a scan.
func isScan(msg tea.Msg) bool {
	_, ok := msg.(scannedMsg)
	return ok
}

// handle gives the message to what it is for.
func (m *Model) handle(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return m.handleKey(msg)
	case tea.PasteMsg:
		if s, ok := m.top().(paster); ok {
			return s.paste(m, msg.Content)
		}
	case tea.MouseMsg:
		return m.handleMouse(msg)
	case tea.WindowSizeMsg:
		m.handleSize(msg)
		return m.updateShells(msg)
	case tea.BackgroundColorMsg:
		m.paint.Theme = m.paint.On(msg.IsDark())
		return m.updateShells(msg)
	case tea.ResumeMsg:
		return tea.RequestWindowSize
	case partMsg:
		return m.handlePart(msg)
	case scannedMsg:
		return m.handleScanned(msg)
	case pausedMsg:
		return m.handlePaused(msg)
	case askedMsg:
		return m.handleAsked(msg)
	case renamedMsg:
		return m.handleRenamed(msg)
	case absentMsg:
		return m.hold(msg.said)
	case deepenedMsg:
		return m.handleDeepened(msg)
	case deepDueMsg:
		return m.handleDeepDue(msg)
	case lookedAtMsg:
		m.live.looked.busy = false
	case tickedMsg:
		return m.handleTicked(msg)
	case inspectedMsg:
		m.handleInspected(msg)
	case namedMsg:
		m.handleNamed(msg)
	case toastOverMsg:
		m.toasts.over(msg.era)
	case panickedMsg:
		return m.handlePanicked(msg)
	default:
		return m.updateShells(msg)
	}
	return nil
}

// handleSize takes over the size of the terminal. A terminal that has none yet says it is 0x0.
func (m *Model) handleSize(msg tea.WindowSizeMsg) {
	if msg.Width > 0 && msg.Height > 0 {
		m.width, m.height = msg.Width, msg.Height
	}
}

// handleKey gives a key to the surface that has the keyboard, then to the actions there are for it.
func (m *Model) handleKey(msg tea.KeyPressMsg) tea.Cmd {
	if !onlyModifies(msg.Code) {
		m.toasts.dismiss()
	}
	where := inBrowser
	if s := m.top(); s != nil {
		if cmd, taken := s.key(m, msg); taken {
			return cmd
		}
		where = s.scope()
	} else if m.shells.current != nil {
		if cmd, taken := m.prefixed(msg); taken {
			return cmd
		}
	}
	a := m.actionFor(keyName(msg), where)
	if a == nil {
		return nil
	}
	return m.run(a)
}

// keyName returns the name a key has in the table of actions.
func keyName(msg tea.KeyPressMsg) string {
	if msg.Code == tea.KeyKpEnter {
		return "enter"
	}
	return msg.String()
}

// wheelLines is how far one notch of the wheel goes.
const wheelLines = 3

// handleMouse gives the mouse to what lies over the rest, or to what is under the pointer.
func (m *Model) handleMouse(msg tea.MouseMsg) tea.Cmd {
	top := m.top()
	if _, onShell := top.(*shellView); top != nil && !onShell {
		if s, ok := top.(mouser); ok {
			return s.mouse(m, msg)
		}
		return nil
	}
	tabs := m.screen.Tabs
	if m.shellShown() != nil {
		if cmd, taken := m.shells.view.pointer(m, msg); taken {
			return cmd
		}
		if !m.beside() {
			tabs = m.shellLayout().Tabs
		}
	}
	mouse := msg.Mouse()
	if _, click := msg.(tea.MouseClickMsg); click && tabs.Contains(mouse.X, mouse.Y) {
		return m.clickTab(mouse.X, tabs.W)
	}
	if m.shellShown() == nil || m.beside() {
		m.mouseList(msg)
	}
	return nil
}

// mouseList scrolls what is under the pointer and selects what is clicked.
func (m *Model) mouseList(msg tea.MouseMsg) {
	mouse := msg.Mouse()
	by := 0
	switch mouse.Button {
	case tea.MouseWheelUp:
		by = -wheelLines
	case tea.MouseWheelDown:
		by = wheelLines
	}
	_, click := msg.(tea.MouseClickMsg)
	if click {
		m.browser.chosen = true
		m.focusList()
	}
	switch {
	case m.screen.Namespaces.Contains(mouse.X, mouse.Y):
		if by != 0 {
			m.browser.first().Scroll(by)
		} else if click && m.browser.first().Click(mouse.Y-m.screen.Namespaces.Y-2) {
			m.browser.focus = onNamespaces
		}
		m.syncOpen()
	case m.screen.Processes.Contains(mouse.X, mouse.Y):
		if by != 0 {
			m.browser.procs.Scroll(by)
		} else if click && m.browser.procs.Click(mouse.Y-m.screen.Processes.Y-2) {
			m.browser.focus = onProcesses
		}
	case m.screen.Details.Contains(mouse.X, mouse.Y):
		m.scrollDetails(by)
	case click && m.screen.Kinds.Contains(mouse.X, mouse.Y):
		m.clickKind(mouse.X)
	}
}
