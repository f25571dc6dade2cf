package ui

import (
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan"
	"nstui/procscan/ns"
	"nstui/ui/layout"
	"nstui/ui/table"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// happened is a change as the timeline has it. Changes are counted for as long as the program runs.
type happened struct {
	number int
	procscan.Change
	mine ns.Tuple // our own namespaces when it happened
}

// maxTimeline is how many changes are remembered: the last ones.
const maxTimeline = 1000

// remember adds changes to the timeline.
func (m *Model) remember(w *world) {
	changes := w.changes[max(0, len(w.changes)-maxTimeline):]
	for _, c := range changes {
		m.count++
		m.timeline = append(m.timeline, &happened{number: m.count, Change: c, mine: w.snap.Mine})
	}
	if over := len(m.timeline) - maxTimeline; over > 0 {
		m.timeline = append([]*happened(nil), m.timeline[over:]...)
	}
	if len(changes) == 0 {
		return
	}
	for _, s := range m.surfaces {
		if s, ok := s.(*timeline); ok {
			s.refill(m)
		}
	}
}

// sign returns the mark of a change.
func (h *happened) sign() string {
	return [procscan.NumWhat]string{"+", "-", "~", "!", "+", "-"}[h.What]
}

// who names the process, or the namespace.
func (h *happened) who() (pid, name string) {
	if h.Proc == nil {
		return "", fmt.Sprintf("%s %d", h.Namespace.Kind, h.Namespace.Ino)
	}
	return strconv.Itoa(h.Proc.PID), nameOf(h.Proc)
}

// words say what happened.
func (h *happened) words() string {
	switch h.What {
	case procscan.Born:
		return "born in " + h.places()
	case procscan.Gone:
		return "ended, left " + h.places()
	case procscan.Moved:
		var moves []string
		for _, kind := range h.Kinds.Kinds() {
			moves = append(moves, fmt.Sprintf("%s %s from %s", kind, h.place(kind, h.Proc.NS[kind]), h.place(kind, h.Was.NS[kind])))
		}
		return "entered " + strings.Join(moves, ", ")
	case procscan.Execed:
		before, after := nameOf(h.Was), nameOf(h.Proc)
		if before == after {
			return "exec " + after
		}
		return "exec " + before + " -> " + after
	case procscan.Appeared:
		return "namespace appeared"
	case procscan.Vanished:
		return "namespace vanished"
	}
	return ""
}

// place names a namespace of a move.
func (h *happened) place(kind ns.Kind, ino uint64) string {
	if h.mine[kind] == ino {
		return "yours"
	}
	return inode(ino)
}

// places names the namespaces of a process that are not ours.
func (h *happened) places() string {
	if h.Proc.Refused != "" {
		return "namespaces it does not show"
	}
	var own []string
	differs := h.Proc.NS.Differs(&h.mine)
	if differs.Len() > 2 {
		own = append(own, differs.Letters())
		differs &= ns.SetOf(ns.Net)
	}
	for _, kind := range differs.Kinds() {
		own = append(own, fmt.Sprintf("%s %d", kind, h.Proc.NS[kind]))
	}
	if len(own) == 0 {
		return "your namespaces"
	}
	return strings.Join(own, ", ")
}

// within reports whether it happened to a process that is, and was, in our own namespaces only.
func (h *happened) within() bool {
	return h.Proc != nil && h.What != procscan.Moved && h.Proc.Refused == "" && h.Proc.NS.Differs(&h.mine) == 0
}

// timeline is the list of what has happened, the newest last. It follows the end while the cursor is
// there.
type timeline struct {
	list   *table.List[int, *happened]
	filter filter
	typing *input // nil where nothing is typed
	// differing says that what happens in our own namespaces only is not shown.
	differing bool
}

// openTimeline shows what has happened.
func (m *Model) openTimeline() tea.Cmd {
	s := &timeline{list: table.New(func(h *happened) int { return h.number })}
	s.refill(m)
	s.list.End()
	m.open(s)
	return nil
}

// refill makes the list again.
func (s *timeline) refill(m *Model) {
	atEnd := s.list.Index() >= s.list.Len()-1
	rows := make([]*happened, 0, len(m.timeline))
	for _, h := range m.timeline {
		if s.passes(h) {
			rows = append(rows, h)
		}
	}
	s.list.Set(rows)
	if atEnd {
		s.list.End()
	}
}

// passes reports whether a change is to be shown: it has all the words of the filter.
func (s *timeline) passes(h *happened) bool {
	if s.differing && h.within() {
		return false
	}
	if s.filter.empty() {
		return true
	}
	pid, name := h.who()
	hay := strings.ToLower(pid + " " + name + " " + h.words())
	for _, w := range s.filter.words {
		if strings.Contains(hay, w.needle) == w.not {
			return false
		}
	}
	return true
}

func (s *timeline) scope() scope { return inTimeline }

func (s *timeline) key(m *Model, msg tea.KeyPressMsg) (tea.Cmd, bool) {
	if s.typing == nil {
		return nil, false
	}
	switch keyName(msg) {
	case "enter":
		s.typing = nil
	case "esc", "ctrl+c":
		s.typing = nil
		s.sift(m, "")
	default:
		if s.typing.key(msg) {
			s.sift(m, s.typing.text)
		}
	}
	return nil, true
}

func (s *timeline) paste(m *Model, pasted string) tea.Cmd {
	if s.typing != nil {
		s.typing.insert(pasted)
		s.sift(m, s.typing.text)
	}
	return nil
}

func (s *timeline) mouse(_ *Model, msg tea.MouseMsg) tea.Cmd {
	switch msg.Mouse().Button {
	case tea.MouseWheelUp:
		s.list.Scroll(-wheelLines)
	case tea.MouseWheelDown:
		s.list.Scroll(wheelLines)
	}
	return nil
}

// sift shows only what has the words.
func (s *timeline) sift(m *Model, words string) {
	s.filter = newFilter(words, false)
	s.refill(m)
}

// differ shows only what happens outside our own namespaces, or all.
func (s *timeline) differ(m *Model) tea.Cmd {
	s.differing = !s.differing
	s.refill(m)
	return nil
}

// back clears the filter, or closes the timeline.
func (s *timeline) back(m *Model) tea.Cmd {
	if !s.filter.empty() {
		s.sift(m, "")
		return nil
	}
	m.shut(s)
	return nil
}

// jump goes to the process or the namespace of the change under the cursor, if it is still there.
func (s *timeline) jump(m *Model) tea.Cmd {
	h, ok := s.list.Selected()
	switch {
	case !ok:
		return nil
	case h.Proc == nil:
		if !m.showSpace(h.Namespace) {
			return m.warn(fmt.Sprintf("%s %d is gone", h.Namespace.Kind, h.Namespace.Ino))
		}
	default:
		p := m.world.byPID(h.Proc.PID)
		if p == nil || p.ID() != h.Proc.ID() || !m.showProcess(p.PID) {
			return m.warn(fmt.Sprintf("process %d has ended", h.Proc.PID))
		}
	}
	m.shut(s)
	return nil
}

func (s *timeline) draw(m *Model) (layout.Rect, []string) {
	p, r := m.paint, m.screen.Body
	inner := r.Inner()
	s.list.Resize(inner.H - 1)
	name := timelineName
	if inner.W < timelineNarrow {
		name = timelineShortName
	}
	rows := []string{p.line(line{
		{theme.Heading, "   TIME     "},
		p.number(theme.Heading, "PID", timelinePID),
		{theme.Heading, " "},
		p.column(theme.Heading, "NAME", name),
		{theme.Heading, " WHAT"},
	}, inner.W, theme.Plain)}
	visible, first := s.list.Visible()
	for i, h := range visible {
		selected := first+i == s.list.Index()
		rows = append(rows, p.line(s.line(m, h, selected, name), inner.W, m.rowRole(selected, true)))
	}
	if len(visible) == 0 {
		why := "nothing has changed yet"
		switch {
		case !s.filter.empty():
			why = fmt.Sprintf("nothing matches %q", s.filter.text)
		case len(m.timeline) > 0:
			why = "all of it was in your namespaces; x shows it"
		}
		rows = append(rows, p.line(say(theme.Faint, " "+why), inner.W, theme.Plain))
	}
	title := line{{theme.Strong, "Timeline"}, {theme.Plain, "  the last " + changesOf(len(m.timeline))}}
	if s.differing {
		title = append(title, span{theme.Accent, "  not in yours only (x)"})
	}
	return r, p.box(r, p.frameOf(title, s.foot(m), true), m.fill(rows, inner))
}

// Widths of the columns of the timeline. A narrow one has room for what happened by cutting names.
const (
	timelinePID       = 7
	timelineName      = 15
	timelineNarrow    = 60
	timelineShortName = 8
)

// changesOf counts changes in words.
func changesOf(n int) string { return fmt.Sprintf("%d %s", n, plural(n, "change", "changes")) }

// line returns a change as a row.
func (s *timeline) line(m *Model, h *happened, selected bool, nameWidth int) line {
	p := m.paint
	pid, name := h.who()
	role := theme.Plain
	switch h.What {
	case procscan.Moved:
		role = theme.Own
	case procscan.Gone, procscan.Vanished:
		role = theme.Faint
	case procscan.Born, procscan.Execed, procscan.Appeared:
	}
	l := line{{theme.Accent, m.cursorGlyph(selected)}, {theme.Accent, h.sign() + " "}, {theme.Faint, h.At.Format("15:04:05 ")}}
	cell := func(c span) { l = append(l, s.filter.highlight(c.role, c.text)...) }
	cell(p.number(theme.Plain, pid, timelinePID))
	l = append(l, span{theme.Plain, " "})
	cell(p.column(theme.Strong, name, nameWidth))
	l = append(l, span{theme.Plain, " "})
	cell(span{role, text.Line(h.words(), 512, p.Glyphs.Ellipsis)})
	return l
}

// foot is what stands at the foot: the filter, and where the cursor is.
func (s *timeline) foot(m *Model) line {
	n, at := s.list.Len(), s.list.Index()
	place := fmt.Sprintf("%d/%d", min(at+1, n), n)
	if at >= n-1 {
		place += "  follows"
	}
	switch {
	case s.typing != nil:
		return line{{theme.Accent, "/"}, {theme.Strong, s.typing.text}, {theme.Selected, " "}, {theme.Plain, "  " + place}}
	case !s.filter.empty():
		return line{{theme.Accent, "/"}, {theme.Strong, s.filter.text}, {theme.Plain, fmt.Sprintf("  %s of %d %s esc clears", place, len(m.timeline), m.paint.Glyphs.Dot)}}
	}
	return say(theme.Plain, place)
}

// timelineActions are the keys of the timeline.
func timelineActions() []action {
	on := func(f func(m *Model, s *timeline) tea.Cmd) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd {
			if s, ok := m.top().(*timeline); ok {
				return f(m, s)
			}
			return nil
		}
	}
	move := func(f func(*table.List[int, *happened])) func(*Model) tea.Cmd {
		return on(func(_ *Model, s *timeline) tea.Cmd { f(s.list); return nil })
	}
	type list = table.List[int, *happened]
	return []action{
		{
			id: "timeline-jump", scope: inTimeline, keys: []string{"enter", "l", "right"}, label: "go there", foot: 1,
			help: "go to the process or the namespace", run: on(func(m *Model, s *timeline) tea.Cmd { return s.jump(m) }),
		},
		{
			id: "timeline-filter", scope: inTimeline, keys: []string{"/"}, label: "filter", foot: 1,
			help: "show only changes with all the words typed; !word without it",
			run:  on(func(_ *Model, s *timeline) tea.Cmd { s.typing = &input{text: s.filter.text}; return nil }),
		},
		{
			id: "timeline-differing", scope: inTimeline, keys: []string{"x"}, label: "not yours", foot: 2,
			help: "only what was not in your namespaces alone, or all", run: on(func(m *Model, s *timeline) tea.Cmd { return s.differ(m) }),
		},
		{id: "timeline-down", scope: inTimeline, keys: []string{"j", "down"}, label: "down", help: "next change", run: move(func(l *list) { l.Move(1) })},
		{id: "timeline-up", scope: inTimeline, keys: []string{"k", "up"}, label: "up", help: "change before", run: move(func(l *list) { l.Move(-1) })},
		{
			id: "timeline-page-down", scope: inTimeline, keys: []string{"pgdown", "ctrl+d"}, label: "page down", help: "half a page down",
			run: move(func(l *list) { l.Page(1) }),
		},
		{
			id: "timeline-page-up", scope: inTimeline, keys: []string{"pgup", "ctrl+u"}, label: "page up", help: "half a page up",
			run: move(func(l *list) { l.Page(-1) }),
		},
		{id: "timeline-home", scope: inTimeline, keys: []string{"g", "home"}, label: "oldest", help: "oldest change", run: move((*list).Home)},
		{
			id: "timeline-end", scope: inTimeline, keys: []string{"G", "end"}, label: "newest", foot: 1,
			help: "newest change; the list follows the end from there", run: move((*list).End),
		},
		{
			id: "timeline-close", scope: inTimeline, keys: []string{"esc", "q", "h", "left", "e"}, label: "close", foot: 1,
			help: "clear the filter, else close", run: on(func(m *Model, s *timeline) tea.Cmd { return s.back(m) }),
		},
	}
}
