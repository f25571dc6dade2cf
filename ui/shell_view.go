package ui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/term"
)

// shellView is the surface that shows the current shell. Every key belongs to the shell, but for the
// prefix and the one after it.
type shellView struct {
	pending   bool // the prefix was pressed
	scrolling bool // keys scroll
	quiet     time.Time
}

const (
	prefixTime = 3 * time.Second
	// graceTime is how long the keyboard must be quiet after a shell has ended before a key counts:
	// what was typed ahead was meant for the shell.
	graceTime = 400 * time.Millisecond
	mostGrace = time.Second // but no longer than that after the end
)

// showShell shows a shell in place of the browser.
func (m *Model) showShell(s *shell) tea.Cmd {
	l := &m.shells
	l.focus(false)
	if l.view == nil {
		l.view = &shellView{}
		m.open(l.view)
	}
	l.view.pending, l.view.scrolling = false, false
	if l.current != s {
		l.last = l.current
	}
	l.current, s.unseen, s.belled = s, false, false
	l.focus(true)
	m.fitShell(s)
	return m.tickClock()
}

// hideShell goes back to the browser. The shells go on.
func (m *Model) hideShell() {
	if v := m.shells.view; v != nil {
		m.shells.focus(false)
		m.shells.view = nil
		m.shut(v)
	}
}

// focus tells the shell that is shown that it has, or has not any more, the keyboard.
func (l *shells) focus(in bool) {
	if l.view == nil || l.current == nil {
		return
	}
	modes, _ := l.current.pane.state()
	l.current.pane.typed(term.EncodeFocus(in, modes))
}

// shellShown returns the shell on the screen, nil if there is none.
func (m *Model) shellShown() *shell {
	if m.shells.view == nil {
		return nil
	}
	return m.shells.current
}

func (v *shellView) scope() scope { return inShell }

func (v *shellView) key(m *Model, msg tea.KeyPressMsg) (tea.Cmd, bool) {
	s := m.shells.current
	prefix := isKey(msg, m.config.Prefix)
	switch {
	case v.pending:
		v.pending = false
		if prefix {
			return m.sendPrefix(), true
		}
		if a := m.actionIn(inShell, keyName(msg)); a != nil {
			return m.run(a), true
		}
		if name := keyName(msg); name != "esc" {
			return m.note(fmt.Sprintf("%s %s means nothing: %s ? shows the keys", m.config.Prefix, name, m.config.Prefix)), true
		}
	case prefix:
		v.pending = true
		m.shells.presses++
		return m.after(prefixTime, prefixOverMsg{m.shells.presses}), true
	case v.scrolling:
		return v.scroll(m, keyName(msg)), true
	case s.done():
		return v.doneKey(m, msg), true
	default:
		s.back = 0
		modes, _ := s.pane.state()
		return m.typeInto(s, term.EncodeKey(shellKey(msg), modes)), true
	}
	return nil, true
}

// actionIn returns the action of a key in a scope, or nil: what is to be had everywhere is not in a shell.
func (m *Model) actionIn(where scope, key string) *action {
	for i := range m.actions {
		if a := &m.actions[i]; a.scope == where && slices.Contains(a.keys, key) {
			return a
		}
	}
	return nil
}

// doneKey handles a key on the screen of a shell that has ended.
func (v *shellView) doneKey(m *Model, msg tea.KeyPressMsg) tea.Cmd {
	s := m.shells.current
	last := v.quiet
	if last.Before(s.over) {
		last = s.over
	}
	v.quiet = m.now()
	if s.ended != nil && v.quiet.Sub(last) < graceTime && v.quiet.Sub(s.over) < mostGrace {
		return nil
	}
	if a := m.actionIn(inEnded, keyName(msg)); a != nil {
		return m.run(a)
	}
	return nil
}

// scroll handles a key while the view is scrolled back.
func (v *shellView) scroll(m *Model, key string) tea.Cmd {
	s := m.shells.current
	page := m.paneSize().H
	switch key {
	case "up", "k":
		v.scrollBy(m, 1)
	case "down", "j":
		v.scrollBy(m, -1)
	case "pgup":
		v.scrollBy(m, page)
	case "pgdown", "space":
		v.scrollBy(m, -page)
	case "ctrl+u":
		v.scrollBy(m, page/2)
	case "ctrl+d":
		v.scrollBy(m, -page/2)
	case "g", "home":
		s.back = s.pane.history()
	case "G", "end":
		s.back = 0
	case "y":
		return m.copyShell()
	case "q", "esc":
		v.scrolling = false
		s.back = 0
	}
	return nil
}

// scrollBy scrolls back by some lines, forward if negative.
func (v *shellView) scrollBy(m *Model, by int) {
	s := m.shells.current
	s.back = max(0, min(s.back+by, s.pane.history()))
}

// typeInto sends input to a shell and says so if it does not take it.
func (m *Model) typeInto(s *shell, b []byte) tea.Cmd {
	if s.session == nil || s.pane.typed(b) {
		return nil
	}
	return m.warn("the shell does not read: what was typed is lost")
}

func (v *shellView) paste(m *Model, pasted string) tea.Cmd {
	s := m.shells.current
	if s.done() {
		return nil
	}
	s.back = 0
	v.scrolling = false
	modes, _ := s.pane.state()
	return m.typeInto(s, term.EncodePaste(pasted, modes))
}

func (v *shellView) mouse(m *Model, msg tea.MouseMsg) tea.Cmd {
	s := m.shells.current
	if s.done() {
		return nil
	}
	p := m.shellLayout().Pane
	ev := shellMouse(msg)
	if !p.Contains(ev.X, ev.Y) {
		return nil
	}
	ev.X, ev.Y = ev.X-p.X, ev.Y-p.Y
	modes, _ := s.pane.state()
	if modes.Mouse != term.MouseOff {
		return m.typeInto(s, term.EncodeMouse(ev, modes))
	}
	up := ev.Button == term.WheelUp
	if !up && ev.Button != term.WheelDown {
		return nil
	}
	if modes.AltScreen {
		arrow := term.Key{Code: term.KeyDown}
		if up {
			arrow.Code = term.KeyUp
		}
		return m.typeInto(s, []byte(strings.Repeat(string(term.EncodeKey(arrow, modes)), wheelLines)))
	}
	if up {
		v.scrollBy(m, wheelLines)
	} else {
		v.scrollBy(m, -wheelLines)
	}
	return nil
}
