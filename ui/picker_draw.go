package ui

import (
	"os"
	"slices"
	"strconv"
	"strings"

	"nstui/nsenter"
	"nstui/procscan/ns"
	"nstui/ui/layout"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// environ is the environment a plan starts from.
func environ() []string { return os.Environ() }

// pickerWidth is the width of what is in the picker where there is room.
const pickerWidth = 98

// part is some lines of the picker, and how soon they are left out where there is no room: those of the
// highest rank first, one part after the other, those of rank 0 never.
type part struct {
	rank  int
	lines []line
}

// The ranks of what may be left out.
const (
	rankNote = 1 + iota
	rankOK
	rankLeave // how to leave the shell
	rankPick  // how to pick kinds
	rankEmpty
)

// linesOf returns the lines of the parts, without those of the highest ranks if there are too many.
func linesOf(parts []part, height int) (ls []line) {
	high := 0
	for _, p := range parts {
		high += len(p.lines)
	}
	left := slices.Clone(parts)
	for rank := rankEmpty; rank > 0 && high > height; rank-- {
		left = slices.DeleteFunc(left, func(p part) bool {
			out := p.rank == rank && (rank == rankEmpty || high > height) // all that is empty, or none
			if out {
				high -= len(p.lines)
			}
			return out
		})
	}
	for _, p := range left {
		ls = append(ls, p.lines...)
	}
	return ls
}

// draw draws the picker over the browser.
func (s *picker) draw(m *Model) (layout.Rect, []string) {
	p := m.paint
	parts := s.parts(m, m.screen.Popup(pickerWidth, 0).Inner().W)
	const all = 1 << 20
	r := m.screen.Popup(pickerWidth, len(linesOf(parts, all)))
	inner := r.Inner()
	ls := linesOf(parts, inner.H)
	if inner.H < len(ls) && s.plan != nil {
		ls = s.compactLines(m, inner.W)
	}
	title := "Enter namespaces of " + s.entry.who()
	if s.entry.ref.PID == 0 {
		title = "Enter " + s.entry.name
	}
	return r, p.box(r, p.frameOf(say(theme.Strong, title), nil, true), p.lines(ls, inner.W, inner.H))
}

// parts returns everything the picker says.
func (s *picker) parts(m *Model, width int) []part {
	empty := part{rankEmpty, []line{nil}}
	parts := []part{{0, []line{{{theme.Faint, " Target  "}, {theme.Plain, s.about}}}}, empty}
	add := func(rank int, ls []line) { parts = append(parts, part{rank, ls}) }
	if s.plan == nil {
		if s.err == nil {
			add(0, []line{say(theme.Faint, " reading…")})
		}
		add(0, s.errorLines(m, width))
		return parts
	}
	add(0, s.kindLines(m))
	parts = append(parts, empty)
	add(rankPick, []line{{
		{theme.Faint, " Pick    "},
		{theme.Accent, "a"},
		{theme.Plain, " all that differ   "},
		{theme.Accent, "-"},
		{theme.Plain, " none   "},
		{theme.Accent, "C i m n p T U u"},
		{theme.Plain, " toggle one (nsenter flags)"},
	}})
	add(0, s.choiceLines(m, width, true))
	parts = append(parts, empty)
	add(0, s.errorLines(m, width))
	for _, c := range s.plan.Checks {
		rank := map[nsenter.Level]int{nsenter.OK: rankOK, nsenter.Note: rankNote}[c.Level]
		add(rank, checkLines(c, width))
	}
	add(0, s.insteadLines(width))
	leave := m.config.Prefix + " d leaves the shell; it keeps running until you end it"
	add(rankLeave, labelled(theme.Faint, "note", leave, width))
	parts = append(parts, empty)
	add(0, s.commandLines(width))
	return parts
}

// errorLines say why the process cannot be entered any more, and which other one can.
func (s *picker) errorLines(m *Model, width int) []line {
	if s.err == nil {
		return nil
	}
	ls := labelled(theme.Fail, "fail", s.err.Error(), width)
	return append(ls, m.otherLines(&s.entry, s.err, width)...)
}

// insteadLines say with whose tools it would work.
func (s *picker) insteadLines(width int) []line {
	o := instead(s.plan, s.tools)
	if o == nil || s.err != nil {
		return nil
	}
	return labelled(theme.Accent, "h", "use other tools: "+o.words, width)
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
		ls = append(ls, s.choiceLines(m, width, false)...)
	}
	ls = append(ls, s.errorLines(m, width)...)
	for level := nsenter.Fail; level > nsenter.Note; level-- {
		for _, c := range s.plan.Checks {
			if c.Level == level {
				ls = append(ls, checkLines(c, width)...)
			}
		}
	}
	ls = append(ls, s.insteadLines(width)...)
	if s.edit == nil {
		ls = append(ls, s.choiceLines(m, width, false)...)
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
	case nsenter.Off, nsenter.Missing, nsenter.Shared:
		if s.entry.apart.Has(k.Kind) && k.Source == "" {
			return "[ ]", span{theme.Faint, "one of several: choose a container for it"}, theme.Faint
		}
	default:
	}
	switch k.State {
	case nsenter.Enter:
		return "[x]", span{theme.Plain, s.changed(k)}, theme.Plain
	case nsenter.Added:
		return "[+]", span{theme.Warn, k.Reason}, theme.Plain
	case nsenter.Off:
		if k.Reason != "" {
			return "[ ]", span{theme.Faint, k.Reason}, theme.Faint
		}
		return "[ ]", span{theme.Faint, s.changed(k)}, theme.Faint
	case nsenter.Refused: // at length below
		why, _, _ := strings.Cut(k.Reason, ":")
		return "[!]", span{theme.Fail, why}, theme.Plain
	case nsenter.Shared:
		return "[-]", span{theme.Faint, k.Reason + ": nothing to do"}, theme.Faint
	}
	why, _, _ := strings.Cut(k.Reason, ":")
	return "[-]", span{theme.Faint, why}, theme.Faint
}

// changed says what entering a namespace changes, and where it is from if not from the process.
func (s *picker) changed(k nsenter.KindPlan) string {
	switch {
	case k.Source != "":
		return "from " + k.Source
	case k.Kind == ns.Mnt && s.plan.Tree.At != "":
		return "its files, in " + s.plan.Tree.Target
	}
	return changes[k.Kind]
}

// choice is something of an entry that can be chosen, and what the keys for it would do.
type choice struct {
	label string
	value span
	keys  string
}

// line returns the choice as a line that can stand beside others.
func (c *choice) line(keys bool) line {
	l := line{{theme.Faint, " " + c.label + "  "}, c.value}
	if keys && c.keys != "" {
		l = append(l, span{theme.Faint, "  (" + c.keys + ")"})
	}
	return l
}

// choiceLines say what is chosen beside the kinds, as many choices on a line as fit, and with which keys;
// or what is typed.
func (s *picker) choiceLines(m *Model, width int, keys bool) []line {
	if s.edit != nil {
		return s.edit.lines(width)
	}
	var ls []line
	choices := s.choices(m.paint.Glyphs.Dot)
	if !keys { // where there is no room for keys, the shell is what is known best
		choices = append(choices[2:], choices[:2]...)
	}
	for _, c := range choices {
		l := c.line(keys)
		if n := len(ls) - 1; n >= 0 && ls[n].width()+2+l.width() <= width {
			ls[n] = append(append(ls[n], span{theme.Plain, "  "}), l...)
			continue
		}
		l[0].text = text.Pad(" "+c.label, labelWidth)
		ls = append(ls, l)
	}
	return ls
}

// choices returns which shell will run and where, as whom, within which limits and with whose tools.
func (s *picker) choices(dot string) []choice {
	dir := s.plan.Dir
	if dir == "" {
		dir = "yours"
	}
	r := &s.entry.request
	limits, limitKeys := limitWords(r, dot)
	tools := choice{"Tools", span{theme.Plain, toolsWords(r.Tools, s.plan)}, ""}
	if next, another := s.nextTools(); another {
		tools.keys = "h " + next.words
	}
	return []choice{
		s.shellChoice(dot),
		{"Dir", span{theme.Plain, dir}, ""},
		s.userChoice(),
		{"Limits", span{theme.Plain, limits}, limitKeys},
		tools,
	}
}

// shellChoice says which shell will run.
func (s *picker) shellChoice(dot string) choice {
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
	case s.plan.Busybox:
		where = "of the host's busybox"
	case s.plan.InRoot():
		where = "found in target"
	}
	return choice{"Shell", span{theme.Strong, shell}, "e edit " + dot + " " + where}
}

// userChoice says as whom the shell will run.
func (s *picker) userChoice() choice {
	user := strconv.FormatUint(uint64(s.plan.As.UID), 10)
	if s.plan.As.Name != "" {
		user = s.plan.As.Name + " " + user
	}
	as := s.entry.request.As
	if as != nsenter.AsAuto || s.plan.Join.Has(ns.User) {
		user += ": " + asWords(as, s.plan)
	}
	c := choice{"User", span{theme.Plain, user}, ""}
	if next, another := s.nextAs(); another {
		c.keys = "w " + asWords(next, s.plan)
	}
	return c
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
