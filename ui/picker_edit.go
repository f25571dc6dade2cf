package ui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nstui/nsenter"
	"nstui/procscan/ns"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// pickerEdit is a line that is typed into the picker: a shell, or where a namespace is from.
type pickerEdit struct {
	input
	from    *ns.Kind // nil: the shell
	waiting bool     // for the namespace to be opened
	err     error    // why it was not
}

// sourcedMsg is the end of pinning a target whose namespaces are partly from elsewhere.
type sourcedMsg struct {
	picker *picker
	era    int
	ref    nsenter.Ref
	target Target
	err    error
	found  [2]bool
}

// editShell starts typing which shell is to run.
func (m *Model) editShell(s *picker) tea.Cmd {
	if s.plan != nil {
		s.edit = &pickerEdit{input: input{text: s.entry.request.Shell}}
	}
	return nil
}

// editSource starts typing where the namespace under the cursor is from.
func (m *Model) editSource(s *picker) tea.Cmd {
	switch {
	case s.plan == nil:
		return nil
	case s.err != nil:
		return m.warn(s.err.Error())
	case s.looking != 0:
		return m.note("still looking for the shell")
	}
	kind := pickerOrder[s.at]
	before := s.entry.ref.Sources[kind]
	typed := before.File
	if before.PID != 0 {
		typed = strconv.Itoa(before.PID)
	}
	s.edit = &pickerEdit{input: input{text: typed}, from: &kind}
	return nil
}

// editKey handles a key while something is typed.
func (s *picker) editKey(m *Model, name string, msg tea.KeyPressMsg) tea.Cmd {
	e := s.edit
	switch {
	case name == "esc", name == "ctrl+c":
		s.edit = nil
		s.pins++ // what is being opened is not wanted any more
	case e.waiting:
	case name != "enter":
		e.err = nil
		e.key(msg)
	case e.from == nil:
		return s.look(strings.TrimSpace(e.text))
	default:
		return s.source(m, *e.from, strings.TrimSpace(e.text))
	}
	return nil
}

// sourceOf reads what was typed: a pid, or the path of a file.
func sourceOf(typed string) nsenter.Source {
	if pid, err := strconv.ParseInt(typed, 10, 32); err == nil && pid > 0 {
		return nsenter.Source{PID: int(pid)}
	}
	return nsenter.Source{File: typed}
}

// source pins the target anew, with the namespace of one kind from elsewhere; from the process if what
// was typed is empty.
func (s *picker) source(m *Model, kind ns.Kind, typed string) tea.Cmd {
	ref := s.entry.ref
	ref.Sources[kind] = sourceOf(typed)
	if ref.Sources[kind] == s.entry.ref.Sources[kind] {
		s.edit = nil
		return nil
	}
	s.edit.waiting = true
	s.pins++
	era, shell, enterer := s.pins, s.entry.request.Shell, m.config.Enter
	return func() tea.Msg {
		t, err := enterer.Pin(ref)
		if err != nil {
			return sourcedMsg{picker: s, era: era, err: err}
		}
		t.Explore(true)
		return sourcedMsg{picker: s, era: era, ref: ref, target: t, found: lookFor(t, shell)}
	}
}

// handleSourced takes the new target in place of the one before.
func (m *Model) handleSourced(msg sourcedMsg) tea.Cmd {
	s := msg.picker
	if !m.isOpen(s) || msg.era != s.pins || s.edit == nil {
		return letGo(msg.target)
	}
	if s.edit.waiting = false; msg.err != nil {
		s.edit.err = msg.err
		return nil
	}
	kind, old := *s.edit.from, s.target
	s.edit = nil
	s.target, s.found, s.entry.ref = msg.target, msg.found, msg.ref
	if s.target.Facts().Differing().Has(kind) { // who says where it is from wants to enter it
		s.entry.request.Kinds = s.entry.request.Kinds.With(kind)
	}
	s.replan()
	return letGo(old)
}

// lines show what is typed and what may be.
func (e *pickerEdit) lines(width int) []line {
	label, help := " Shell", "enter takes it, empty: the best there is, esc leaves it"
	if e.from != nil {
		label, help = " "+e.from.String(), "from a pid or a file, empty: the process, esc leaves it"
	}
	if e.waiting {
		help = "opening…"
	}
	ls := []line{{{theme.Faint, text.Pad(label, labelWidth)}, {theme.Plain, e.text}, {theme.Selected, " "}, {theme.Faint, "  " + help}}}
	if e.err != nil {
		ls = append(ls, labelled(theme.Fail, nsenter.Fail.String(), e.err.Error(), width)...)
	}
	return ls
}
