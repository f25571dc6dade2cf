package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan"
	"nstui/procscan/ns"
	"nstui/ui/layout"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// drawDetails draws the third column.
func (m *Model) drawDetails(r layout.Rect) []string {
	p, b := m.paint, &m.browser
	inner := r.Inner()
	title := line{{theme.Strong, "Details"}}
	var ls []line
	if g := m.shownGroup(); g != nil {
		title = append(title, span{theme.Plain, "  " + m.groupCrumb(g.id)})
		ls = m.detailLines()
	} else if s := m.shownSpace(); s != nil {
		title = append(title, span{theme.Plain, fmt.Sprintf("  %s %d", s.ID.Kind, s.ID.Ino)})
		ls = m.detailLines()
	} else if sel := m.selectedProc(); sel != nil {
		title = append(title, span{theme.Plain, "  " + strconv.Itoa(sel.PID)})
		ls = m.detailLines()
	}
	top := max(0, min(b.detailTop, len(ls)-inner.H))
	var foot line
	if len(ls) > inner.H {
		foot = say(theme.Faint, fmt.Sprintf("%d more", len(ls)-inner.H-top))
	}
	shown := make([]line, 0, inner.H)
	for _, l := range ls[top:min(len(ls), top+inner.H)] {
		shown = append(shown, append(line{{theme.Plain, " "}}, l...))
	}
	return p.box(r, p.frameOf(title, foot, m.inUse(onDetails)), p.lines(shown, inner.W, inner.H))
}

// openDetails shows the details over the lists.
func (m *Model) openDetails() tea.Cmd {
	m.open(&page{title: "Details", lines: (*Model).detailLines})
	return nil
}

// detailLines returns everything there is to say of what the cursor is on.
func (m *Model) detailLines() []line {
	if g := m.shownGroup(); g != nil {
		return m.groupLines(g)
	}
	if s := m.shownSpace(); s != nil {
		return m.spaceLines(s)
	}
	p := m.selectedProc()
	if p == nil {
		return []line{say(theme.Faint, "no process is selected")}
	}
	ls := []line{say(theme.Strong, p.shown), nil}
	ls = append(ls, m.identityLines(p)...)
	ls = append(ls, nil)
	ls = append(ls, m.namespaceLines(p)...)
	ls = append(ls, nil, say(theme.Heading, "ENTER"))
	return append(ls, m.enterLines(p.Process)...)
}

// fact returns a line of a label and what it is of.
func fact(label string, value ...span) line {
	return append(line{{theme.Faint, text.Pad(label, 9)}}, value...)
}

// identityLines say who the process is.
func (m *Model) identityLines(p *proc) []line {
	pid := strconv.Itoa(p.PID)
	if n := len(p.NSpid); n > 1 {
		pid = fmt.Sprintf("%-6d (in its ns: %d)", p.PID, p.NSpid[n-1])
	}
	state := ""
	switch {
	case p.ended:
		state = "ended"
	case p.Zombie():
		state = "zombie, not yet reaped"
	case p.Kernel:
		state = "kernel thread"
	}
	parent := strconv.Itoa(p.PPID)
	if pp := m.world.byPID(p.PPID); pp != nil {
		parent = fmt.Sprintf("%-6d %s", p.PPID, nameOf(pp.Process))
	}
	user := m.users.name(p.UID)
	if started := m.world.snap.Started(p.Process); !started.IsZero() {
		user = fmt.Sprintf("%-6s started %s ago", text.Clean(user), ago(m.world.snap.At.Sub(started)))
	}
	ls := []line{fact("pid", span{theme.Plain, pid})}
	if state != "" {
		ls = append(ls, fact("state", span{theme.Warn, state}))
	}
	ls = append(ls, fact("parent", span{theme.Plain, parent}), fact("user", span{theme.Plain, user}))
	ls = append(ls, m.ownerLines(p)...)
	if p.Cgroup != "" {
		ls = append(ls, fact("cgroup", span{theme.Plain, p.Cgroup}))
	}
	return append(ls, m.inspectedLines()...)
}

// inspectedLines say what is only read of a process somebody looks at.
func (m *Model) inspectedLines() []line {
	in := &m.inspection
	switch {
	case in.err != nil:
		return []line{fact("root", span{theme.Warn, in.err.Error()})}
	case in.detail == nil:
		return []line{fact("root"), fact("cwd")}
	}
	d := in.detail
	orRefused := func(s string) span {
		if s == "" {
			if d.Refused != "" {
				return span{theme.Warn, "refused (" + string(d.Refused) + ")"}
			}
			return span{theme.Faint, "?"}
		}
		return span{theme.Plain, s}
	}
	root := fact("root", orRefused(d.Root))
	if d.RootFS != "" && d.Root != "" {
		root = append(root, span{theme.Faint, " (" + d.RootFS + ")"})
	}
	ls := []line{root, fact("cwd", orRefused(d.Cwd))}
	if d.Exe != "" {
		ls = append(ls, fact("exe", span{theme.Plain, d.Exe}))
	}
	if d.Threads > 1 {
		ls = append(ls, fact("threads", span{theme.Plain, strconv.Itoa(d.Threads)}))
	}
	return append(append(ls, mapLines("uid map", d.UIDMap)...), mapLines("gid map", d.GIDMap)...)
}

// mapLines say how the ids of a user namespace are mapped, one mapping a line.
func mapLines(label, text string) (ls []line) {
	for mapping := range strings.Lines(text) {
		ls = append(ls, fact(label, span{theme.Plain, strings.Join(strings.Fields(mapping), " ")}))
		label = ""
	}
	return ls
}

// namespaceLines say which namespaces the process is in, and who else is.
func (m *Model) namespaceLines(p *proc) []line {
	c := m.paint
	ls := make([]line, 0, 1+ns.NumKinds)
	ls = append(ls, line{c.column(theme.Heading, "NAMESPACES", 20), {theme.Heading, "SHARED BY"}})
	if p.Refused != "" { // what is known comes first
		ls = append(ls, m.otherPlaces(p, m.detailWidth()-1)...)
	}
	for _, kind := range ns.Kinds() {
		id := p.NS.ID(kind)
		if p.Refused != "" && p.Nested.Has(kind) {
			continue
		}
		l := line{
			{theme.Strong, string(kind.Letter())},
			{theme.Plain, " "},
			c.column(theme.Plain, kind.String(), 7), c.column(theme.Plain, inode(id.Ino), 11),
		}
		ls = append(ls, append(l, m.sharedBy(id, p.owner)...))
	}
	if p.Refused == "" {
		ls = append(ls, m.otherPlaces(p, m.detailWidth()-1)...)
	}
	return ls
}

// otherPlaces say what else is known of where a process is: what it could not hide, and where its
// threads are and its next child will be.
func (m *Model) otherPlaces(p *proc, width int) (ls []line) {
	place := func(kind ns.Kind, words string) {
		letter := string(kind.Letter())
		for _, part := range text.Wrap(words, max(8, width-2)) {
			ls = append(ls, line{{theme.Strong, letter}, {theme.Own, " " + part}})
			letter = " "
		}
	}
	if p.Refused != "" {
		for _, kind := range p.Nested.Kinds() {
			words := fmt.Sprintf("in a nested %s namespace", kind)
			if n := len(p.NSpid); kind == ns.PID && n > 1 {
				words += fmt.Sprintf("; its pid there: %d", p.NSpid[n-1])
			}
			place(kind, words)
		}
	}
	next := func(kind ns.Kind, ino uint64) {
		if ino != 0 && ino != p.NS[kind] {
			place(kind, fmt.Sprintf("its next child will be in %s %d", kind, ino))
		}
	}
	next(ns.PID, p.NextPID)
	next(ns.Time, p.NextTime)
	id := p.ID()
	for kind := range m.world.spaces {
		for i := range m.world.spaces[kind] {
			s := &m.world.spaces[kind][i]
			for _, k := range s.Keepers {
				if k.By == procscan.ByThread && k.Proc == id && s.ID.Ino != p.NS[kind] {
					place(s.ID.Kind, fmt.Sprintf("thread %d is in %s %d", k.Number, s.ID.Kind, s.ID.Ino))
				}
			}
		}
	}
	return ls
}

// sharedBy says how many processes are in a namespace and whether we are, else which containers are beside that of a
// process, nil if it is in none.
func (m *Model) sharedBy(id ns.ID, own *owner) line {
	if id.Ino == 0 {
		return say(theme.Warn, "not known")
	}
	space := m.world.snap.Namespace(id)
	if space == nil {
		return say(theme.Warn, "ended")
	}
	count := m.paint.column(theme.Plain, strconv.Itoa(len(space.Members)), 6)
	if m.world.snap.Mine[id.Kind] == id.Ino {
		return line{count, {theme.Shared, "= yours"}}
	}
	if s := m.world.space(id); s != nil && !s.whose.Host {
		var others []string
		for _, o := range s.whose.Owners {
			if row := m.world.owners[o]; row != nil && row != own {
				others = append(others, row.least())
			}
		}
		if len(others) > 0 {
			return line{count, {theme.Plain, strings.Join(others, ", ")}}
		}
	}
	return line{count, {theme.Own, "own"}}
}

// ago writes a duration in its two largest units.
func ago(d time.Duration) string {
	d = max(0, d)
	days, hours := int(d.Hours())/24, int(d.Hours())%24
	minutes, seconds := int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case days > 0:
		return fmt.Sprintf("%dd %dh", days, hours)
	case hours > 0:
		return fmt.Sprintf("%dh %dm", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%dm %ds", minutes, seconds)
	}
	return fmt.Sprintf("%ds", seconds)
}

// drawStrip draws the details in three lines, for screens without the third column.
func (m *Model) drawStrip(r layout.Rect) []string {
	p := m.paint
	inner := r.Inner()
	var ls []line
	title := line(nil)
	if g := m.shownGroup(); g != nil {
		title = say(theme.Strong, m.groupCrumb(g.id))
		ls = m.groupStrip(g)
	} else if s := m.shownSpace(); s != nil {
		title = say(theme.Strong, fmt.Sprintf("%s %d", s.ID.Kind, s.ID.Ino))
		ls = m.spaceStrip(s)
	} else if sel := m.selectedProc(); sel != nil {
		title = say(theme.Strong, strconv.Itoa(sel.PID))
		ls = m.stripLines(sel, inner.W)
	}
	return p.box(r, p.frameOf(title, say(theme.Faint, "i full details"), false), p.lines(ls, inner.W, inner.H))
}

// stripLines say who the process is and which of its namespaces are not ours.
func (m *Model) stripLines(sel *proc, width int) []line {
	who := fmt.Sprintf("%d %s", sel.PID, text.Line(sel.shown, max(20, width*3/5), m.paint.Glyphs.Ellipsis))
	first := line{{theme.Plain, " "}, {theme.Strong, who}, {theme.Plain, "   " + m.users.name(sel.UID) + "   "}}
	if sel.owner.Container() {
		first = append(first, span{theme.Strong, fit(sel.owner.words, max(12, width-2-first.width()), m.paint.Glyphs.Ellipsis) + "   "})
	}
	ls := []line{append(first, span{theme.Faint, sel.Cgroup})}
	return append(ls, m.stripNamespaces(sel, width)...)
}

// stripNamespaces say which of a process's namespaces are not ours.
func (m *Model) stripNamespaces(sel *proc, width int) (ls []line) {
	var own, yours, unknown []string
	mine := &m.world.snap.Mine
	for _, kind := range ns.Kinds() {
		switch ino := sel.NS[kind]; {
		case ino == 0:
			unknown = append(unknown, kind.String())
		case sel.differs.Has(kind):
			own = append(own, fmt.Sprintf("%c %d", kind.Letter(), ino))
		case mine[kind] == ino:
			yours = append(yours, fmt.Sprintf("%c %s", kind.Letter(), kind))
		}
	}
	var rest line
	if len(own) > 0 {
		first := own[:min(len(own), max(1, (width-8)/14))]
		ls = append(ls, line{{theme.Faint, " own    "}, {theme.Own, strings.Join(first, "  ")}})
		if more := own[len(first):]; len(more) > 0 {
			rest = append(rest, span{theme.Own, "        " + strings.Join(more, "  ") + "  "})
		}
	}
	switch {
	case len(unknown) == ns.NumKinds:
		reason := string(sel.Refused)
		if reason == "" {
			reason = "not known"
		}
		for _, l := range m.otherPlaces(sel, text.MaxBytes) {
			rest = append(rest, span{theme.Plain, " "})
			rest = append(rest, l...)
		}
		if len(rest) > 0 {
			return append(ls, line{{theme.Warn, " its namespaces: " + reason}}, rest)
		}
		return append(ls, line{{theme.Warn, " its namespaces: " + reason}})
	case len(unknown) > 0:
		rest = append(rest, span{theme.Warn, " ? " + strings.Join(unknown, " ") + " "})
	}
	if len(yours) > 0 {
		rest = append(rest, span{theme.Shared, " = yours  " + strings.Join(yours, "  ")})
	}
	return append(ls, rest)
}
