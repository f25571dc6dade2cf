package ui

import (
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/term"
)

// shellView is the surface that shows the current shell. Every key belongs to the shell, but for the
// prefix and the one after it.
type shellView struct {
	shells   *shells
	dragging bool // a button was pressed in the shell and not let go yet
	drag     mouseDrag
	quiet    time.Time
	held     map[rune]bool // the keys the shell was sent and not yet told that they are up
}

const (
	prefixTime = 3 * time.Second
	// graceTime is how long the keyboard must be quiet after a shell has ended before a key counts:
	// what was typed ahead was meant for the shell.
	graceTime = 400 * time.Millisecond
	mostGrace = time.Second // but no longer than that after the end
)

// showShell shows a shell and gives it the keyboard.
func (m *Model) showShell(s *shell) tea.Cmd {
	l := &m.shells
	m.focusShell()
	l.view.dragging, l.view.held = false, nil
	if l.current != s {
		l.last = l.current
	}
	l.current = s
	m.fitShell(s)
	return nil
}

// hideShell goes back to the browser. The shells go on.
func (m *Model) hideShell() {
	m.focusList()
	m.shells.view, m.shells.zoomed = nil, false
}

func (v *shellView) scope() scope {
	if b := v.shells.current.scroll; b != nil && b.keys {
		return inScroll
	}
	return inShell
}

func (v *shellView) key(m *Model, msg tea.KeyPressMsg) (tea.Cmd, bool) {
	v.dragging = v.dragging && onlyModifies(msg.Code)
	if cmd, taken := m.prefixed(msg); taken {
		return cmd, true
	}
	switch s := m.shells.current; {
	case onlyModifies(msg.Code) && (s.scroll != nil && s.scroll.keys || s.done()):
		return nil, true
	case s.scroll != nil && s.scroll.keys:
		if a := m.actionIn(inScroll, keyName(msg)); a != nil {
			return m.run(a), true
		}
		return nil, true
	case s.done():
		return v.doneKey(m, msg), true
	case s.scroll != nil && (isKey(msg, "q") || isKey(msg, "esc")):
		s.scroll = nil // it was opened by the wheel, and these lead back wherever one scrolls
		return nil, true
	default:
		return v.typeKey(m, msg), true
	}
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
	if s.scroll != nil {
		s.scroll = nil
		return nil
	}
	last := v.quiet
	if last.Before(s.over) {
		last = s.over
	}
	v.quiet = m.now()
	a := m.actionIn(inEnded, keyName(msg))
	switch {
	case a == nil:
		return nil
	case s.ended != nil && v.quiet.Sub(last) < graceTime && v.quiet.Sub(s.over) < mostGrace:
		return m.note(fmt.Sprintf("%s just now: press %s again", s.ended, keyName(msg)))
	}
	return m.run(a)
}

// typeInto sends input to a shell and says so if it does not take it.
func (m *Model) typeInto(s *shell, b []byte) tea.Cmd {
	return m.give(s, piece{b: b}, "the shell does not read: what was typed is lost")
}

// give sends input to a shell, or says what is lost if there is no room for it.
func (m *Model) give(s *shell, p piece, lost string) tea.Cmd {
	switch {
	case s.session == nil:
		return nil
	case s.pane.input.add(p, maxTyped):
		return m.askProgram(s)
	}
	return m.warn(lost)
}

func (v *shellView) paste(m *Model, pasted string) tea.Cmd {
	s := m.shells.current
	if s.done() {
		return nil
	}
	s.scroll = nil
	modes, _ := s.pane.state()
	p := piece{b: term.EncodePaste(pasted, modes), paste: true}
	if modes.BracketedPaste {
		p.end = len(term.PasteEnd)
	}
	return m.give(s, p, fmt.Sprintf("no room for a paste of %.1f MB: %d MB at most wait until the shell reads; nothing of it was sent",
		float64(len(pasted))/1e6, maxTyped/1_000_000))
}

// takeBack takes back what a shell has not read of a paste: who types ctrl+c means that, too, and would
// wait for all of it to be read. In full screen it does not: there what the terminal sends goes to the shell as it
// is, and nobody tells a paste from keys.
func (m *Model) takeBack(s *shell, msg tea.KeyPressMsg) tea.Cmd {
	if !isKey(msg, "ctrl+c") {
		return nil
	}
	n := s.pane.input.dropPastes()
	if n == 0 {
		return nil
	}
	return m.warn("ctrl+c: " + byteSize(int64(n)) + " of a paste were not sent, as the shell had not read them")
}

// interrupt is for ^C that was just typed behind other input: where the shell does not read that, ^C would not
// be seen until it does, and what was pasted be run after it. It holds up what is typed until that is known.
func interrupt(s *shell, typed []byte) tea.Cmd {
	if string(typed) != "\x03" || s.session == nil {
		return nil
	}
	idle := s.pane.input.hold()
	if idle == nil {
		return nil
	}
	return func() tea.Msg {
		done, err := s.session.Interrupt(idle)
		s.pane.input.release(done)
		if err != nil {
			return shellFailedMsg{err}
		}
		return nil
	}
}
