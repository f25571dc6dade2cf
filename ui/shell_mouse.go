package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/term"
)

// pointer handles the mouse on the shell and its frame, and reports whether it was there. A drag that began in
// the shell is the shell's until the button is let go, wherever it goes: it is told the nearest of its cells.
func (v *shellView) pointer(m *Model, msg tea.MouseMsg) (cmd tea.Cmd, taken bool) {
	s, l, ev := m.shells.current, m.shellLayout(), shellMouse(msg)
	_, pressed := msg.(tea.MouseClickMsg)
	if !l.Pane.Contains(ev.X, ev.Y) && !v.dragging {
		if on := l.Frame.Contains(ev.X, ev.Y); !on || !pressed {
			return nil, on
		}
		m.focusShell()
		return nil, true
	}
	began := v.dragging
	switch ev.Action {
	case term.MousePress:
		if pressed {
			m.focusShell()
			v.dragging = true
		}
	case term.MouseRelease:
		v.dragging = false
		if !began {
			return nil, true
		}
	case term.MouseMotion:
		if ev.Button != term.MouseNone && !began {
			return nil, true // it was pressed somewhere else
		}
	}
	if s.session == nil {
		return nil, true
	}
	ev.X = min(max(ev.X-l.Pane.X, 0), l.Pane.W-1)
	ev.Y = min(max(ev.Y-l.Pane.Y, 0), l.Pane.H-1)
	modes := term.Modes{}
	if s.scroll == nil && !s.done() {
		modes, _ = s.pane.state()
	}
	switch {
	case modes.Mouse != term.MouseOff:
		return m.typeInto(s, term.EncodeMouse(ev, modes)), true
	case ev.Button == term.WheelUp, ev.Button == term.WheelDown:
		return v.wheel(m, ev, modes), true
	case ev.Mod&term.ModShift != 0: // that is for the terminal around, whether it takes it or not
		return nil, true
	}
	return v.dragged(m, s, ev), true
}

// wheel scrolls the history, or sends cursor keys to a program that fills the screen and did not say that it
// wants none.
func (v *shellView) wheel(m *Model, ev term.Mouse, modes term.Modes) tea.Cmd {
	lines := wheelLines
	if ev.Button == term.WheelUp {
		lines = -lines
	}
	if !modes.AltScreen {
		m.shells.current.wheel(lines)
		return nil
	}
	if !modes.AlternateScroll {
		return nil
	}
	arrow := term.Key{Code: term.KeyDown}
	if lines < 0 {
		arrow.Code = term.KeyUp
	}
	return m.typeInto(m.shells.current, []byte(strings.Repeat(string(term.EncodeKey(arrow, modes)), wheelLines)))
}
