package ui

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"nstui/ui/layout"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// drawProcs draws the list of processes.
func (m *Model) drawProcs(r layout.Rect) []string {
	b, p := &m.browser, m.paint
	inner := r.Inner()
	c := m.procWidths(inner.W)
	heading := line{{theme.Heading, "  "}, p.number(theme.Heading, "PID", c.pid), {theme.Heading, " "}}
	if c.user > 0 {
		heading = append(heading, p.column(theme.Heading, "USER", c.user), span{theme.Heading, " "})
	}
	heading = append(heading, p.column(theme.Heading, "NS", len(hiddenNS)), span{theme.Heading, " "})
	if c.name > 0 {
		heading = append(heading, p.column(theme.Heading, "NAME", c.name), span{theme.Heading, " "})
	}
	heading = append(heading, span{theme.Heading, "COMMAND"})
	rows := []string{p.line(heading, inner.W, theme.Plain)}
	visible, first := b.procs.Visible()
	for i, proc := range visible {
		selected := first+i == b.procs.Index()
		rows = append(rows, p.line(m.procLine(proc, stem(b.procStems, first+i), c, selected), inner.W, m.rowRole(selected, m.inUse(onProcesses))))
	}
	if len(visible) == 0 {
		rows = append(rows, m.emptyProcs(inner)...)
	}
	if notice := m.notice(inner); len(notice) > 0 {
		rows = append(rows, p.lines(notice, inner.W, len(notice))...)
	}
	return p.box(r, p.frameOf(m.procsTitle(inner.W), m.listFoot(onProcesses, inner.W), m.inUse(onProcesses)), m.fill(rows, inner))
}

// procColumnsAt is the widths of the columns of the processes that differ from screen to screen.
type procColumnsAt struct{ pid, user, name, command int }

// procWidths fits the columns into a width. Processes are told apart by their commands first, then by who they
// belong to, then by their users. The command takes what is left.
func (m *Model) procWidths(width int) procColumnsAt {
	c := m.browser.procContent
	stem := min(widest(m.browser.procStems), 8)
	width -= 2 + c.pid + 1 + len(hiddenNS)
	got := layout.Share(width,
		layout.Column{Want: c.command + stem, Least: 10 + stem, Fair: 20 + stem},
		layout.Column{Want: min(c.name, max(14, width/4)), Least: min(max(8, c.least), 14), Fair: 14}, // else units are all systemd…
		layout.Column{Want: c.user, Least: 6, Fair: 8},
	)
	for _, w := range got[1:] {
		width -= min(w, 1) + w
	}
	return procColumnsAt{pid: c.pid, name: got[1], user: got[2], command: width - 1}
}

// procLine returns a process as a row.
func (m *Model) procLine(proc *proc, stem string, c procColumnsAt, selected bool) line {
	p, f := m.paint, &m.browser.filter
	mark := proc.mark.String()
	if m.browser.procs.Marked(proc.ID()) {
		mark = p.Glyphs.Mark
	}
	l := line{{theme.Accent, m.cursorGlyph(selected)}, {theme.Accent, mark}}
	cell := func(s span) { l = append(l, f.highlight(s.role, s.text)...) }
	cell(p.number(theme.Plain, strconv.Itoa(proc.PID), c.pid))
	l = append(l, span{theme.Plain, " "})
	if c.user > 0 {
		cell(p.column(theme.Plain, m.users.name(proc.UID), c.user))
		l = append(l, span{theme.Plain, " "})
	}
	role := theme.Shared
	switch {
	case proc.Refused != "":
		role = theme.Warn
	case proc.differs != 0:
		role = theme.Own
	}
	cell(span{role, proc.letters})
	l = append(l, span{theme.Plain, " "})
	if c.name > 0 {
		cell(m.ownerCell(proc.owner, c.name, c.name < m.browser.procContent.name))
		l = append(l, span{theme.Plain, " "})
	}
	l = append(l, span{theme.Frame, stem})
	command := theme.Plain
	switch {
	case proc.ended:
		l = append(l, span{theme.Warn, "ended "})
		command = theme.Faint
	case proc.Zombie(), proc.Kernel:
		command = theme.Faint
	}
	shown := proc.shown
	if room := c.command - text.Width(stem); room < roomForFolder && len(shown) > room {
		shown = withoutFolder(shown)
	}
	return append(l, f.highlight(command, text.Line(shown, 512, p.Glyphs.Ellipsis))...)
}

// roomForFolder is how many cells a command has at least where the folder of its program is shown, too.
const roomForFolder = 32

// withoutFolder returns a command line without the folder of the program, which tells less than the arguments.
func withoutFolder(command string) string {
	program, arguments, _ := strings.Cut(command, " ")
	if name := path.Base(program); strings.HasPrefix(program, "/") && name != "/" {
		return strings.TrimSuffix(name+" "+arguments, " ")
	}
	return command
}

// ownerCell names who a process belongs to: units are less than containers. Where a column is too narrow for some of its
// names, units are named without their type in all of it.
func (m *Model) ownerCell(o *owner, width int, narrow bool) span {
	switch {
	case o == nil:
		return m.paint.column(theme.Plain, "", width)
	case !o.Container() && narrow:
		return m.paint.column(theme.Faint, fit(o.words[len(o.words)-1:], width, m.paint.Glyphs.Ellipsis), width)
	case !o.Container(), o.Infra:
		return m.paint.column(theme.Faint, fit(o.words, width, m.paint.Glyphs.Ellipsis), width)
	}
	return m.paint.column(theme.Plain, fit(o.words, width, m.paint.Glyphs.Ellipsis), width)
}

// emptyProcs says why no process is shown.
func (m *Model) emptyProcs(inner layout.Rect) []string {
	var why string
	switch {
	case m.world == nil:
		return m.paint.lines(m.waiting(), inner.W, max(0, inner.H-1))
	case m.gone():
		why = fmt.Sprintf("%s is gone %s esc back", strings.TrimSuffix(m.crumb(), " gone"), m.paint.Glyphs.Dot)
	case m.browser.total > 0 && m.browser.filter.empty():
		why = "none is to be shown: x and K hide some"
	case m.emptySpace() != nil:
		return m.whyEmpty(m.emptySpace(), inner)
	case m.browser.total == 0 && m.browser.first().Len() > 0:
		why = "no process is in it"
	}
	return m.nothing(inner.W, why)
}

// waiting is shown until there is something to show.
func (m *Model) waiting() []line {
	if m.live.err != nil {
		return []line{nil, say(theme.Fail, " cannot read /proc"), say(theme.Plain, " "+m.live.err.Error()), nil, say(theme.Faint, " r tries again")}
	}
	if progress := m.progress(); progress != "" {
		return []line{nil, say(theme.Faint, " "+progress)}
	}
	return nil
}

// nothing says why a list is empty; the filter is to blame if nothing else is.
func (m *Model) nothing(width int, why string) []string {
	if why == "" && m.browser.elsewhere {
		why = fmt.Sprintf("nothing here matches %q %s enter shows where something does", m.browser.filter.text, m.paint.Glyphs.Dot)
	}
	if why == "" && !m.browser.filter.empty() {
		why = fmt.Sprintf("nothing matches %q %s esc clears", m.browser.filter.text, m.paint.Glyphs.Dot)
	}
	if why == "" {
		return nil
	}
	return []string{m.paint.line(say(theme.Faint, " "+why), width, theme.Plain)}
}
