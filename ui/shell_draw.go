package ui

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"nstui/nsenter"
	"nstui/procscan/ns"
	"nstui/ui/layout"
	"nstui/ui/term"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// cursor returns the terminal's own cursor where the shell has it.
func (v *shellView) cursor(m *Model) *tea.Cursor {
	s := m.shells.current
	at := s.pane.cursor()
	p := m.shellLayout().Pane
	if s.scroll != nil {
		return s.scroll.cursor(p)
	}
	if s.session == nil || s.done() || !at.Visible {
		return nil
	}
	if at.X >= p.W || at.Y >= p.H {
		return nil
	}
	c := tea.NewCursor(p.X+at.X, p.Y+at.Y)
	c.Blink = at.Blink
	c.Shape = map[term.Shape]tea.CursorShape{
		term.Block: tea.CursorBlock, term.Underscore: tea.CursorUnderline, term.Bar: tea.CursorBar,
	}[at.Shape]
	return c
}

// draw draws nothing: a shell fills the screen, so it is drawn in place of the browser, not over it.
func (v *shellView) draw(*Model) (layout.Rect, []string) { return layout.Rect{}, nil }

// rows returns the whole screen.
func (v *shellView) rows(m *Model) []string {
	l := m.shellLayout()
	rows := make([]string, 0, m.height)
	if !l.Tabs.Empty() {
		rows = append(rows, m.tabLine(l.Tabs.W))
	}
	return append(rows, v.frame(m, l)...)
}

// frame draws the shell in its frame: its two bars, and the pane between them. Without the keyboard the bars
// are not set off from the rest.
func (v *shellView) frame(m *Model, l layout.Shell) []string {
	s, role := m.shells.current, theme.Inside
	if !m.keysToShell() {
		role = theme.Aside
	}
	b := bar{role: role, border: m.paint.Glyphs.Heavy, sides: l.Sides(), width: l.Frame.W}
	side := ""
	if l.Sides() {
		side = m.paint.Paint(theme.Plain, role, b.border.Left)
	}
	rows := make([]string, 0, l.Frame.H)
	rows = append(rows, m.drawBar(b, true, s.title, s.recordedWords(s.whereWords(m))...))
	for _, row := range m.paneRows(s, l.Pane) {
		rows = append(rows, side+row+side)
	}
	return append(rows, m.drawBar(b, false, "", v.footWords(m, s)...))
}

// paneRows returns the screen of the shell, or what there is to say in its place.
func (m *Model) paneRows(s *shell, p layout.Rect) []string {
	if s.session == nil {
		return m.paint.lines(s.story(m, p.W), p.W, p.H)
	}
	o := term.RowOptions{Mono: m.paint.Colourless()}
	var rows []string
	if s.scroll != nil {
		rows = s.scroll.rows(o)
	} else {
		rows = s.pane.rows(o)
	}
	for len(rows) < p.H { // a resize has not come through yet
		rows = append(rows, m.paint.line(nil, p.W, theme.Plain))
	}
	return rows[:p.H]
}

// story says how the start of a shell goes, or what went wrong.
func (s *shell) story(m *Model, width int) []line {
	if s.err == nil {
		if m.now().Sub(s.began) < 300*time.Millisecond {
			return nil
		}
		return []line{nil, say(theme.Faint, " entering…")}
	}
	ls := []line{nil, say(theme.Strong, " No shell was started"), nil}
	if refused, ok := errors.AsType[*notReadyError](s.err); ok {
		for _, c := range refused.checks {
			ls = append(ls, checkLines(c, width)...)
		}
	} else {
		ls = append(ls, labelled(theme.Fail, nsenter.Fail.String(), s.err.Error(), width)...)
	}
	if step, ok := errors.AsType[*nsenter.StepError](s.err); ok && step.Hint() != "" {
		ls = append(ls, labelled(theme.Plain, "", step.Hint(), width)...)
	}
	if s.tools != nil {
		ls = append(ls, labelled(theme.Accent, "h", "use other tools: "+s.tools.words, width)...)
	}
	ls = append(ls, m.otherLines(&s.entry, s.err, width)...)
	if s.plan != nil && s.plan.Command != "" {
		ls = append(append(ls, nil), labelled(theme.Faint, "Same as", s.plan.Command, width)...)
	}
	return append(ls, nil, say(theme.Faint, " Nothing of it is left behind."))
}

// bar is how the two bars around a shell look.
type bar struct {
	role   theme.Role
	border lipgloss.Border
	sides  bool // they are the ends of a frame
	width  int
}

// ends returns the left and the right end of the upper bar or the lower one.
func (b *bar) ends(upper bool) (left, right string) {
	switch {
	case !b.sides:
		return b.border.Top, b.border.Top
	case upper:
		return b.border.TopLeft + b.border.Top, b.border.Top + b.border.TopRight
	}
	return b.border.BottomLeft + b.border.Top, b.border.Top + b.border.BottomRight
}

// drawBar draws one of the two bars around a shell: the first of the wordings that fits, or the last, cut. The
// title, which is the program's in the shell, has what room is left.
func (m *Model) drawBar(b bar, upper bool, title string, wordings ...line) string {
	left, right := b.ends(upper)
	room := b.width - text.Width(left) - text.Width(right) - 2
	words := fitting(wordings, room)
	used := min(words.width(), max(0, room))
	const leastTitle = 12 // cells of a title that is worth showing
	if rest := room - used - 4; title != "" && rest >= leastTitle {
		title = quoted(title, rest, m.paint.Glyphs.Ellipsis)
		right = " " + title + " " + b.border.Top + right
		room -= text.Width(title) + 3
	}
	fill := strings.Repeat(b.border.Top, max(0, room-used))
	var row strings.Builder
	row.WriteString(m.paint.line(say(b.role, left+" "), text.Width(left)+1, b.role))
	for i, rest := 0, used; i < len(words) && rest > 0; i++ {
		// What is not in the bar's own colours is set into it on the ground of the screen.
		word, base := words[i], b.role
		if word.role == theme.Inside {
			word.role = b.role
		} else {
			base = theme.Plain
		}
		w := min(rest, line{word}.width())
		row.WriteString(m.paint.line(line{word}, w, base))
		rest -= w
	}
	row.WriteString(m.paint.line(say(b.role, " "+fill+right), b.width-text.Width(left)-1-used, b.role))
	return row.String()
}

// whereWords say where the shell is, from all there is to say to the least that must not be missing.
func (s *shell) whereWords(m *Model) []line {
	who, name := s.entry.who(), s.entry.name
	word := func(texts ...string) line { return say(theme.Inside, strings.Join(texts, "")) }
	switch {
	case s.err != nil:
		return []line{word("NOT INSIDE ", who), word("NOT INSIDE ", s.entry.name)}
	case s.plan == nil:
		return []line{word("ENTERING ", who), word("ENTERING ", s.entry.name)}
	}
	from, only := s.sources()
	if only {
		who, name, from = from, from, ""
	}
	sep := " " + m.paint.Glyphs.Heavy.Top + " "
	inside, host := s.plan.Join, ^s.plan.Join&ns.All
	names := func(set ns.Set) string {
		if set == 0 {
			return "nothing"
		}
		return set.String()
	}
	short := strings.ReplaceAll(inside.Letters(), "-", "")
	cgroup := ""
	if p := m.world.find(procIDOf(s.entry.ref)); p != nil && !only && p.Cgroup != "" && p.Cgroup != "/" {
		cgroup = " " + m.paint.Glyphs.Dot + " " + strings.TrimPrefix(p.Cgroup, "/")
	}
	all, insideNames := "INSIDE "+who, names(inside)
	if from != "" {
		insideNames += " (" + from + ")"
		short += " (" + from + ")"
	}
	hostShort := strings.ReplaceAll(host.Letters(), "-", "")
	if inside == 0 {
		return []line{
			word("NOT INSIDE ", who, sep, "a shell in your own namespaces"),
			word("NOT INSIDE ", s.entry.name, sep, "your own namespaces"),
			word("NOT INSIDE ", s.entry.name),
		}
	}
	return []line{
		word(all, cgroup, sep, insideNames, sep, "STILL HOST: ", names(host)),
		word(all, sep, insideNames, sep, "STILL HOST: ", names(host)),
		word(all, sep, insideNames, sep, "STILL HOST: ", hostShort),
		word(all, sep, short, sep, "STILL HOST: ", hostShort),
		word("INSIDE ", short, sep, "HOST ", hostShort, sep, name),
	}
}

// sources says which namespaces are not the picked process's own: "net of process 6046". only says that none
// is, and that all are from one place, which is returned alone.
func (s *shell) sources() (from string, only bool) {
	var parts, places []string
	for _, k := range s.plan.Join.Kinds() {
		source := s.plan.Kinds[k].Source
		if !slices.Contains(places, source) {
			places = append(places, source)
		}
		if source != "" {
			parts = append(parts, k.String()+" of "+source)
		}
	}
	if len(places) == 1 && places[0] != "" {
		return places[0], true
	}
	return strings.Join(parts, ", "), false
}

// footWords say what the shell is and which keys there are.
func (v *shellView) footWords(m *Model, s *shell) []line {
	sep := " " + m.paint.Glyphs.Heavy.Top + " "
	var facts []string
	if s.plan != nil && len(s.plan.Shells) > 0 {
		facts = append(facts, strings.Join(s.plan.Shells[0], " "))
	}
	if s.session != nil {
		facts = append(facts, strconv.Itoa(s.session.PID()))
	}
	what := strings.Join(facts, " ")
	until := m.now()
	if s.done() {
		until = s.over
	}
	age := clock(until.Sub(s.began))
	prefix := m.config.Prefix
	say := func(texts ...string) line { return say(theme.Inside, strings.Join(texts, sep)) }
	if t := m.toasts.current(); t != nil && !m.shells.pending && m.keysToShell() {
		return []line{say(t.text)}
	}
	if bar, ok := m.top().(footBar); ok {
		return m.barWords(bar)
	}
	switch {
	case !m.keysToShell():
		return m.asideWords(s, what, age)
	case m.shells.pending:
		return m.shellMenu()
	case s.scroll != nil:
		return s.scroll.words(m, s)
	case s.err != nil:
		more := ""
		if s.tools != nil {
			more += "h other tools   "
		}
		if nsenter.Left(s.err) && m.other(&s.entry) != nil {
			more += "o other process   "
		}
		return []line{say("enter back   " + more + "r run again   y copy the reason"), say("enter back   " + more + "r again"), say("enter back")}
	case s.ended != nil:
		end := s.ended.String()
		return []line{
			say(what+ended(s.ended)+" after "+age, "enter back   r run again   y copy"),
			say(what+ended(s.ended), "enter back   r again   y copy"),
			say(end, "enter back   r again   y copy"),
			say(end, "enter back   r again"),
			say(end, "enter back"),
			say("enter back"),
		}
	case s.stopped:
		return []line{say(what+" is stopped by a signal", prefix+" c lets it go on"), say("stopped", prefix+" c lets it go on")}
	}
	return append(m.runWords(s, what, age), say(prefix+" then  d back  x kill  ? keys"), say(prefix+" d back"))
}

// asideWords say how a shell beside the list is while the list has the keyboard, and how it gets it.
func (m *Model) asideWords(s *shell, what, age string) []line {
	word := func(texts ...string) line { return say(theme.Inside, strings.Join(texts, "")) }
	keys := " " + m.paint.Glyphs.Heavy.Top + " the list has the keys: " + m.config.Prefix + " right comes here"
	short := "the list has the keys"
	switch {
	case s.session == nil:
		return []line{word(short)}
	case s.ended != nil:
		return []line{word(what, ended(s.ended), " after ", age, keys), word(s.ended.String(), keys), word(short)}
	case s.stopped:
		return []line{word(what, " is stopped by a signal", keys), word("stopped", keys), word(short)}
	}
	dot := " " + m.paint.Glyphs.Dot + " "
	who := identityWords(s.plan, dot)
	return []line{
		slices.Concat(word(what), who, word(dot, age, keys)), slices.Concat(word(what), who, word(keys)), word(what, keys), word(short),
	}
}

// runWords say how a running shell runs, and which keys there are: from all there is to say to the least.
func (m *Model) runWords(s *shell, what, age string) []line {
	dot := " " + m.paint.Glyphs.Dot + " "
	word := func(texts ...string) line { return say(theme.Inside, strings.Join(texts, "")) }
	var who, view, brief line
	if s.plan != nil {
		who = identityWords(s.plan, dot)
		view, brief = s.viewWords(dot)
	}
	sep := " " + m.paint.Glyphs.Heavy.Top + " "
	long := word(sep, m.config.Prefix, " then  d back   x kill   [ scroll   y copy   ? keys")
	middle := word(sep, m.config.Prefix, " then  d back  x kill  [ scroll  ? keys")
	short := word(sep, m.config.Prefix, " then  d back  x kill  ? keys")
	clock := word(dot, age)
	var wordings []line
	for _, parts := range [][]line{
		{word(what), who, view, clock, long},
		{word(what), who, view, clock, middle},
		{word(what), who, view, clock, short},
		{word(what), who, brief, clock, middle},
		{word(what), who, brief, clock, short},
		{word(what), who, brief, short},
		{word(what), who, clock, middle},
		{word(what), who, clock, short},
		{word(what), who, short},
		{word(what), who},
	} {
		wordings = append(wordings, slices.Concat(parts...))
	}
	return wordings
}

// viewWords say what of the target is mounted around the host's tools: all of it, and in short.
func (s *shell) viewWords(dot string) (all, brief line) {
	var l line
	switch {
	case s.session == nil:
		return nil, nil
	case len(s.session.Missed()) > 0:
		l = line{{theme.Inside, dot}, {theme.Warn, " not all of its view "}}
		return l, l
	case s.plan.Tree.At != "":
		l = say(theme.Inside, dot+"its files in "+s.plan.Tree.Target)
		return l, l
	case !s.plan.View.Any():
		return nil, nil
	}
	return say(theme.Inside, dot+"with its "+s.plan.View.String()), say(theme.Inside, dot+"with its "+briefView(s.plan.View))
}

// briefView names what is mounted, and only counts the files.
func briefView(v nsenter.View) string {
	n := len(v.Files)
	if n < 2 {
		return v.String()
	}
	v.Files = nil
	return fmt.Sprintf("%s, %d files", v.String(), n)
}

// identityWords name who a shell runs as, and what is between it and the host.
func identityWords(plan *nsenter.Plan, dot string) line {
	name := plan.As.Name
	if name == "" {
		name = fmt.Sprintf("uid %d", plan.As.UID)
	}
	switch {
	case plan.Confined:
		return line{{theme.Inside, dot + name + dot}, {theme.Good, " confined "}}
	case plan.As.OutUID == 0 && !plan.Join.Has(ns.User):
		return line{{theme.Inside, dot}, {theme.Warn, " as host root "}}
	}
	return say(theme.Inside, dot+name)
}

// clock returns a duration as hours, minutes and seconds.
func clock(d time.Duration) string {
	s := int(max(0, d).Seconds())
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}

// shellTitle says where one is, for the tabs and bars of the terminal around; "" outside of shells.
func (m *Model) shellTitle() string {
	s := m.shellShown()
	if s == nil || s.plan == nil {
		return ""
	}
	kinds := strings.Join(strings.Split(strings.ReplaceAll(s.plan.Join.Letters(), "-", ""), ""), " ")
	name := s.entry.name
	if pid := s.entry.ref.PID; pid != 0 {
		name += " " + strconv.Itoa(pid)
	}
	return text.Clean(fmt.Sprintf("%s [%s]", name, kinds))
}
