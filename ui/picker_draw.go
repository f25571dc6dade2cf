package ui

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"nstui/nsenter"
	"nstui/ui/layout"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// environ is the environment a plan starts from.
func environ() []string { return os.Environ() }

// pickerWidth is the width of what is in the picker where there is room.
const pickerWidth = 98

// draw draws the picker over the browser.
func (s *picker) draw(m *Model) (layout.Rect, []string) {
	p := m.paint
	ls := s.lines(m, m.screen.Popup(pickerWidth, 0).Inner().W)
	r := m.screen.Popup(pickerWidth, len(ls))
	inner := r.Inner()
	if inner.H < len(ls) { // a low screen: without the empty lines
		ls = slices.DeleteFunc(ls, func(l line) bool { return len(l) == 0 })
	}
	if inner.H < len(ls) { // nor how to pick
		ls = slices.DeleteFunc(ls, func(l line) bool { return l[0] == pickLabel })
	}
	if inner.H < len(ls) && s.plan != nil {
		ls = s.compactLines(m, inner.W)
	}
	title := fmt.Sprintf("Enter namespaces of %d %s", s.entry.ref.PID, s.entry.name)
	return r, p.box(r, p.frameOf(say(theme.Strong, title), nil, true), p.lines(ls, inner.W, inner.H))
}

// pickLabel stands before the keys that pick kinds.
var pickLabel = span{theme.Faint, " Pick    "}

// lines returns everything the picker says.
func (s *picker) lines(m *Model, width int) []line {
	ls := []line{{{theme.Faint, " Target  "}, {theme.Plain, s.about}}, nil}
	if s.plan == nil {
		if s.err == nil {
			return append(ls, say(theme.Faint, " reading…"))
		}
		return append(ls, labelled(theme.Fail, "fail", s.err.Error(), width)...)
	}
	ls = append(ls, s.kindLines(m)...)
	ls = append(ls, nil, line{
		pickLabel,
		{theme.Accent, "a"},
		{theme.Plain, " all that differ   "},
		{theme.Accent, "-"},
		{theme.Plain, " none   "},
		{theme.Accent, "C i m n p T U u"},
		{theme.Plain, " toggle one (nsenter flags)"},
	})
	ls = append(append(ls, s.shellLines(m, width)...), nil)
	if s.err != nil {
		ls = append(ls, labelled(theme.Fail, "fail", s.err.Error(), width)...)
	}
	for _, c := range s.plan.Checks {
		ls = append(ls, checkLines(c, width)...)
	}
	leave := m.config.Prefix + " d leaves the shell; it keeps running until you end it"
	ls = append(ls, labelled(theme.Faint, "note", leave, width)...)
	return append(append(ls, nil), s.commandLines(width)...)
}

// kindLines returns a row for each kind.
func (s *picker) kindLines(m *Model) []line {
	p := m.paint
	wide := m.width >= 100
	head := line{{theme.Heading, "      TYPE     "}, p.column(theme.Heading, "TARGET", 13)}
	if wide {
		head = append(head, p.column(theme.Heading, "YOURS", 13))
	}
	ls := []line{append(head, span{theme.Heading, "WHAT CHANGES"})}
	for i, k := range pickerOrder {
		plan := s.plan.Kinds[k]
		box, what, role := s.boxOf(plan)
		cursor := " "
		if i == s.at {
			cursor = p.Glyphs.Cursor
		}
		l := line{
			{theme.Accent, cursor},
			{role, box + " " + string(k.Letter()) + " "},
			p.column(role, k.String(), 8),
			p.column(role, inode(plan.Target), 13),
		}
		if wide {
			l = append(l, p.column(theme.Faint, inode(plan.Mine), 13))
		}
		ls = append(ls, append(l, what))
	}
	return ls
}

// compactLines says the most important in as few lines as it can: the kinds on one, what is wrong first.
func (s *picker) compactLines(m *Model, width int) []line {
	kinds := line{{theme.Plain, " "}}
	for i, k := range pickerOrder {
		box, _, role := s.boxOf(s.plan.Kinds[k])
		if i == s.at {
			role = theme.Selected
		}
		kinds = append(kinds, span{role, string(k.Letter()) + box[1:2]}, span{theme.Plain, " "})
	}
	at := s.plan.Kinds[pickerOrder[s.at]]
	_, what, _ := s.boxOf(at)
	ls := []line{kinds, {{theme.Strong, " " + at.Kind.String() + "  "}, what}}
	if s.edit != nil {
		ls = append(ls, s.shellLines(m, width)...)
	}
	if s.err != nil {
		ls = append(ls, labelled(theme.Fail, "fail", s.err.Error(), width)...)
	}
	for level := nsenter.Fail; level > nsenter.Note; level-- {
		for _, c := range s.plan.Checks {
			if c.Level == level {
				ls = append(ls, checkLines(c, width)...)
			}
		}
	}
	if s.edit == nil {
		ls = append(ls, s.shellLines(m, width)...)
	}
	return append(ls, s.commandLines(width)...)
}

// commandLines are the equal command, if there is one.
func (s *picker) commandLines(width int) []line {
	if s.plan.Command == "" {
		return nil
	}
	return labelled(theme.Faint, "Same as", s.plan.Command, width)
}

// boxOf returns the check box of a kind, what there is to say of it, and how its row looks.
func (s *picker) boxOf(k nsenter.KindPlan) (string, span, theme.Role) {
	switch k.State {
	case nsenter.Enter:
		return "[x]", span{theme.Plain, changes[k.Kind]}, theme.Plain
	case nsenter.Added:
		return "[+]", span{theme.Warn, k.Reason}, theme.Plain
	case nsenter.Off:
		return "[ ]", span{theme.Faint, changes[k.Kind]}, theme.Faint
	case nsenter.Refused: // at length below
		why, _, _ := strings.Cut(k.Reason, ":")
		return "[!]", span{theme.Fail, why}, theme.Plain
	case nsenter.Shared:
		return "[-]", span{theme.Faint, k.Reason + ": nothing to do"}, theme.Faint
	}
	why, _, _ := strings.Cut(k.Reason, ":")
	return "[-]", span{theme.Faint, why}, theme.Faint
}

// shellLines say which shell will run, as whom and where.
func (s *picker) shellLines(m *Model, width int) []line {
	label := span{theme.Faint, " Shell   "}
	if s.edit != nil {
		return []line{{label, {theme.Plain, s.edit.text}, {theme.Selected, " "}, {theme.Faint, "  enter takes it, empty: the best there is, esc leaves it"}}}
	}
	shell := "none"
	if len(s.plan.Shells) > 0 {
		shell = strings.Join(s.plan.Shells[0], " ")
	}
	where := "found on the host"
	switch {
	case len(s.plan.Shells) == 0:
		where = "nothing found"
	case s.entry.request.Shell != "":
		where = "your choice"
	case s.plan.InRoot():
		where = "found in target"
	}
	dir := s.plan.Dir
	if dir == "" {
		dir = "yours"
	}
	user := strconv.FormatUint(uint64(s.plan.As.UID), 10)
	if s.plan.As.Name != "" {
		user = s.plan.As.Name + " " + user
	}
	first := line{label, {theme.Strong, shell}, {theme.Faint, "   (e edit " + m.paint.Glyphs.Dot + " " + where + ")"}}
	second := line{{theme.Faint, "   User  "}, {theme.Plain, user}, {theme.Faint, "   Dir  "}, {theme.Plain, dir}}
	if first.width()+second.width() > width {
		second[0].text = text.Pad(" User", labelWidth)
		return []line{first, second}
	}
	return []line{append(first, second...)}
}

// checkLines are the lines of a check of the preflight.
func checkLines(c nsenter.Check, width int) []line {
	role := map[nsenter.Level]theme.Role{
		nsenter.OK: theme.Good, nsenter.Note: theme.Faint, nsenter.Warn: theme.Warn, nsenter.Fail: theme.Fail,
	}[c.Level]
	return labelled(role, c.Level.String(), c.Text, width)
}

// labelWidth is what the labels in front of what is said of an entry take.
const labelWidth = len(" Target  ")

// labelled returns a label and a text behind it, in as many lines of the given width as it needs.
func labelled(role theme.Role, label, words string, width int) []line {
	var ls []line
	for _, part := range text.Wrap(text.Clean(words), width-labelWidth) {
		ls = append(ls, line{{role, text.Pad(" "+label, labelWidth)}, {theme.Plain, part}})
		label = ""
	}
	return ls
}
