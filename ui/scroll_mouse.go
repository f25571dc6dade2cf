package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/term"
)

// mouseDrag is the mouse in the screen of a shell, from a press of its left button on.
type mouseDrag struct {
	shell  *shell
	at     point // where the button went down
	clicks int   // 2 and 3 are a word and a line
	time   time.Time
	opened bool // what is selected in was opened for it
	edge   int  // rows the view goes at a time while the pointer is at an edge
	era    int  // counts presses and moves of the pointer
}

// dragMsg is the time to scroll on while the pointer is held at an edge.
type dragMsg struct{ era int }

const (
	clickTime = 400 * time.Millisecond // between two clicks that are one double click
	dragTime  = 60 * time.Millisecond  // between two rows at an edge
)

// wheel scrolls, and leaves at the end what the wheel began.
func (s *shell) wheel(by int) {
	if s.scroll == nil && by > 0 {
		return
	}
	b := s.lookBack()
	b.wheel(by)
	if b.top == 0 && !b.keys && b.sel == nil {
		s.scroll = nil
	}
}

// dragged handles the left button: what it is dragged over is selected, and copied when it is released.
func (v *shellView) dragged(m *Model, s *shell, ev term.Mouse) tea.Cmd {
	d := &v.drag
	switch {
	case ev.Action == term.MousePress && ev.Button == term.MouseLeft:
		return v.buttonDown(m, s, ev)
	case d.shell != s:
	case ev.Action == term.MouseRelease:
		return v.buttonUp(m, s)
	case ev.Action == term.MouseMotion:
		return v.moved(m, s, ev)
	}
	return nil
}

func (v *shellView) buttonDown(m *Model, s *shell, ev term.Mouse) tea.Cmd {
	d := &v.drag
	top := 0
	if s.scroll != nil {
		top = s.scroll.top
	}
	at := point{top + ev.Y, ev.X}
	again := d.shell == s && d.at == at && d.clicks < 3 && m.now().Sub(d.time) < clickTime
	clicks := 1
	if again {
		clicks = d.clicks + 1
	}
	*d = mouseDrag{shell: s, at: at, clicks: clicks, time: m.now(), era: d.era + 1}
	if clicks == 1 {
		if b := s.scroll; b != nil {
			b.sel = nil
			b.put(at)
		}
		return nil
	}
	d.opened = s.scroll == nil
	b := s.lookBack()
	b.keys = true
	if clicks == 2 {
		word := b.word(at)
		b.sel = &selection{byChars, word.from}
		b.put(word.to)
	} else {
		b.sel = &selection{byLines, at}
		b.put(at)
	}
	return nil
}

// moved selects up to where the pointer is. At the upper and lower edge the view goes on by itself.
func (v *shellView) moved(m *Model, s *shell, ev term.Mouse) tea.Cmd {
	d := &v.drag
	if s.scroll == nil {
		if (point{ev.Y, ev.X}) == d.at {
			return nil
		}
		d.opened = true
	}
	b := s.lookBack()
	b.keys = true
	if b.sel == nil {
		b.sel = &selection{byChars, d.at}
		if ev.Mod&term.ModAlt != 0 {
			b.sel.shape = byBlock
		}
	}
	h := b.term.Size().H
	d.era++
	d.edge = 0
	if ev.Y <= 0 && b.top > b.first() {
		d.edge = -1
	} else if ev.Y >= h-1 && b.top < 0 {
		d.edge = 1
	}
	b.drag(point{b.top + max(0, min(ev.Y, h-1)), ev.X})
	if d.edge != 0 {
		return m.after(dragTime, dragMsg{d.era})
	}
	return nil
}

// drag moves the cursor to where the pointer is, without scrolling.
func (b *scrollback) drag(to point) {
	top := b.top
	b.put(to)
	b.top = top
}

// handleDrag scrolls on, as long as the pointer is held at the edge.
func (m *Model) handleDrag(msg dragMsg) tea.Cmd {
	v := m.shells.view
	if v == nil || !v.dragging || v.drag.era != msg.era || v.drag.shell.scroll == nil {
		return nil
	}
	b := v.drag.shell.scroll
	b.scrollTo(b.top + v.drag.edge)
	b.drag(point{b.at.y + v.drag.edge, b.at.x})
	if b.top == 0 || b.top == b.first() {
		return nil
	}
	return m.after(dragTime, msg)
}

// buttonUp copies what was selected. What was opened for it is closed, as it would look as if the shell
// hung, unless the view has gone from the end: who sees that one looks back types keys for that, and they
// are not for the shell.
func (v *shellView) buttonUp(m *Model, s *shell) tea.Cmd {
	d := &v.drag
	b := s.scroll
	if b == nil || b.sel == nil {
		return nil
	}
	cmd := m.copyStretch("the selection", b, b.selected())
	b.sel = nil
	if d.opened && b.top == 0 {
		s.scroll = nil
	}
	return cmd
}
