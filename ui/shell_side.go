package ui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/layout"
	"nstui/ui/term"
	"nstui/ui/theme"
)

// A shell that is wanted on the screen has a view. It fills the screen while it has the keyboard, which is
// while its view is among the surfaces. With the list beside it either may have the keyboard. All else
// follows from that and from the width there is.

// keysToShell reports whether what is typed goes to the shell, or will once what lies over it is closed.
func (m *Model) keysToShell() bool {
	return m.shells.view != nil && slices.Contains(m.surfaces, surface(m.shells.view))
}

// beside reports whether list and shell are side by side.
func (m *Model) beside() bool {
	l := &m.shells
	return l.view != nil && l.split && !l.zoomed && m.width >= layout.SideBySide && m.height >= layout.MinHeight
}

// shellShown returns the shell on the screen, nil if there is none.
func (m *Model) shellShown() *shell {
	if m.keysToShell() || m.beside() {
		return m.shells.current
	}
	return nil
}

// inFront reports whether a shell is shown and has the keyboard, with nothing open over it.
func (m *Model) inFront(s *shell) bool { return m.shellShown() == s && m.top() == m.shells.view }

// want is what the arrangement of the screen depends on, now.
func (m *Model) want() layout.Want {
	b := &m.browser
	return layout.Want{
		Width: m.width, Height: m.height, Focus: b.focus, Tabs: len(m.shells.list) > 0, Beside: m.beside(),
		Long: b.tab.grouped(), First: b.rowsNS, Second: b.mostProcs, Open: b.total,
	}
}

// shellLayout is where the parts of the shell's screen are.
func (m *Model) shellLayout() layout.Shell {
	if m.beside() {
		s := layout.Compute(m.want())
		return layout.ShellIn(s.Shell)
	}
	return layout.ComputeShell(m.width, m.height, len(m.shells.list) > 1)
}

// settle does what follows from any change: the shell on the screen is looked at, has the size there is for
// it, and knows whether it has the keyboard.
func (m *Model) settle() tea.Cmd {
	if s := m.shellShown(); s != nil {
		s.unseen, s.belled = false, false
		m.fitShell(s)
	}
	m.tellFocus()
	if s, ok := m.top().(*menu); ok && s.fill != nil {
		s.refill(m)
	}
	return tea.Batch(m.tickClock(), m.startFinding())
}

// tellFocus tells the shell that has got the keyboard, and the one that has lost it, if they asked for that.
func (m *Model) tellFocus() {
	l := &m.shells
	var now *shell
	if m.keysToShell() && !l.blurred {
		now = l.current
	}
	if now == l.told {
		return
	}
	tell := func(s *shell, in bool) {
		if s != nil && !s.done() {
			modes, _ := s.pane.state()
			s.pane.typed(term.EncodeFocus(in, modes))
		}
	}
	tell(l.told, false)
	tell(now, true)
	l.told = now
}

// focusShell gives the keyboard to the shell.
func (m *Model) focusShell() {
	l := &m.shells
	if l.view == nil {
		l.view = &shellView{shells: l}
	}
	if !m.keysToShell() {
		m.open(l.view)
	}
}

// focusList gives the keyboard to the list beside the shell.
func (m *Model) focusList() {
	if v := m.shells.view; v != nil {
		v.dragging = false
		m.shut(v)
	}
}

// needSide says why list and shell cannot be side by side on this screen.
func needSide(m *Model) string {
	if m.width < layout.SideBySide {
		return fmt.Sprintf("side by side needs %d columns, there are %d", layout.SideBySide, m.width)
	}
	return ""
}

// needBeside says why the keyboard cannot go from one side to the other.
func needBeside(m *Model) string {
	l := &m.shells
	switch {
	case m.beside():
		return ""
	case !l.split:
		return "the list is not beside the shell: " + m.config.Prefix + " | puts it there"
	case l.zoomed:
		return "one of both fills the screen: " + m.config.Prefix + " z ends that"
	}
	return needSide(m)
}

// needSplit says why there is nothing to zoom.
func needSplit(m *Model) string {
	if m.shells.zoomed {
		return ""
	}
	return needBeside(m)
}

// toggleSide puts list and shell side by side, or no longer. The keyboard stays where it is.
func (m *Model) toggleSide() tea.Cmd {
	l := &m.shells
	if m.beside() {
		l.split = false
		if !m.keysToShell() {
			m.hideShell()
		}
		return nil
	}
	if why := needSide(m); why != "" {
		return m.warn(why)
	}
	l.split, l.zoomed = true, false
	if l.view == nil {
		l.view = &shellView{shells: l}
	}
	return nil
}

// toggleZoom lets the side that has the keyboard fill the screen, or no longer.
func (m *Model) toggleZoom() tea.Cmd {
	m.shells.zoomed = !m.shells.zoomed
	return nil
}

// otherSide gives the keyboard to the side that does not have it.
func (m *Model) otherSide() tea.Cmd {
	if m.keysToShell() {
		m.focusList()
	} else {
		m.focusShell()
	}
	return nil
}

// prefixed handles the prefix and the key after it: they are ours wherever the keyboard is.
func (m *Model) prefixed(msg tea.KeyPressMsg) (cmd tea.Cmd, taken bool) {
	l := &m.shells
	prefix := isKey(msg, m.config.Prefix)
	switch {
	case !l.pending && !prefix:
		return nil, false
	case l.pending && (onlyModifies(msg.Code) || prefix && msg.IsRepeat):
		return nil, true // the key it modifies is still to come; the prefix is held down
	case !l.pending:
		l.pending = true
		l.presses++
		return m.after(prefixTime, prefixOverMsg{l.presses}), true
	}
	l.pending = false
	if prefix {
		if m.keysToShell() {
			return m.sendPrefix(), true
		}
		return nil, true
	}
	name := keyName(msg)
	if a := m.actionIn(inShell, name); a != nil {
		return m.runShell(a), true
	}
	if name == "esc" {
		return nil, true
	}
	return m.note(fmt.Sprintf("%s %s means nothing: %s ? shows the keys", m.config.Prefix, name, m.config.Prefix)), true
}

// runShell runs an action of the shell on the screen. If the list has the keyboard, what is done to the
// shell gives it to that.
func (m *Model) runShell(a *action) tea.Cmd {
	if a.aside || m.keysToShell() {
		return m.run(a)
	}
	if m.shellShown() == nil {
		return m.warn(a.label + ": no shell is on the screen, b goes back to it")
	}
	m.focusShell()
	return m.run(a)
}

// footer says in the place of the list's keys which are the shell's.
func (v *shellView) footer(m *Model) []line {
	l := line{{theme.Plain, " the shell has the keys   "}, {theme.Accent, m.config.Prefix}, {theme.Plain, " then"}}
	for _, id := range []string{"shell-list-side", "shell-zoom", "shell-side", "shell-list", "shell-back", "shell-help"} {
		a := m.action(id)
		l = append(l, span{theme.Accent, "  " + a.keys[0]}, span{theme.Plain, " " + a.label})
	}
	return []line{l, m.legend()}
}
