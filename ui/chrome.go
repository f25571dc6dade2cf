package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nstui/ui/layout"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// kindTab is a tab of the line of kinds and where it is.
type kindTab struct {
	x, w   int
	label  string
	tab    tab
	active bool
}

// kindTabs lays out the line of kinds: with counts where there is room, names alone where there is
// less, numbers alone where there is still less. The active one always says all.
func (m *Model) kindTabs() []kindTab {
	for _, style := range []struct{ counts, names, wide, tight, count bool }{
		{counts: true, names: true, wide: true, count: true},
		{counts: true, names: true, count: true},
		{names: true, count: true},
		{names: true, tight: true, count: true},
		{names: true, tight: true},
		{count: true},
	} {
		tabs, x := make([]kindTab, 0, numTabs), 0
		for tab := range numTabs {
			label, active := tab.key(), tab == m.browser.tab
			switch {
			case style.tight && !active && tab == ofContainers:
				label += " ctrs"
			case style.names || active:
				label += " " + tab.String()
			}
			if m.world != nil && (style.counts || active && style.count) {
				label += " " + strconv.Itoa(m.world.count(tab))
			}
			switch {
			case active:
				label = "[" + label + "]"
			case style.names && !style.tight:
				label = " " + label + " "
			default:
				label = " " + label
			}
			t := kindTab{x: x, w: len(label), label: label, tab: tab, active: active}
			if style.wide {
				x++
			}
			x += t.w
			tabs = append(tabs, t)
		}
		if x <= m.width || !style.names {
			return tabs
		}
	}
	return nil
}

// drawKinds draws the line of kinds.
func (m *Model) drawKinds() string {
	tabs := m.kindTabs()
	l, x := make(line, 0, 2*len(tabs)), 0
	for _, t := range tabs {
		l = append(l, span{theme.Plain, text.Spaces(t.x - x)})
		role := theme.Plain
		if t.active {
			role = theme.Focus
		}
		l = append(l, span{role, t.label})
		x = t.x + t.w
	}
	return m.paint.line(l, m.width, theme.Plain)
}

// clickKind chooses the tab under the pointer.
func (m *Model) clickKind(x int) {
	for _, t := range m.kindTabs() {
		if x >= t.x && x < t.x+t.w {
			m.setTab(t.tab)
			return
		}
	}
}

// crumb names what is open.
func (m *Model) crumb() string {
	id := m.browser.open.space
	if at := m.browser.open.group; at != (groupID{}) {
		return m.groupCrumb(at)
	}
	switch {
	case id == refusedID(id.Kind):
		return "refused"
	case m.gone():
		return fmt.Sprintf("%s %d gone", id.Kind, id.Ino)
	}
	return fmt.Sprintf("%s %d", id.Kind, id.Ino)
}

// drawCrumb draws where one is: kind, namespace, process.
func (m *Model) drawCrumb() string {
	b, sep := &m.browser, " "+m.paint.Glyphs.Path+" "
	kind := b.tab.String()
	l := line{{theme.Plain, " " + kind}}
	if b.open != (opened{}) {
		where := m.crumb()
		if b.tab != ofAll {
			where = strings.TrimPrefix(where, kind+" ")
		}
		l = append(l, span{theme.Faint, sep}, span{theme.Plain, where})
	}
	if p := m.selectedProc(); p != nil {
		l = append(l, span{theme.Faint, sep}, span{theme.Strong, strconv.Itoa(p.PID) + " " + nameOf(p.Process)})
	}
	var hidden []string
	if b.differing {
		hidden = append(hidden, "what is all yours (x)")
	}
	if n := b.kernelThreads; n > 0 && b.noKernel {
		hidden = append(hidden, fmt.Sprintf("%d kernel %s (K)", n, plural(n, "thread", "threads")))
	}
	if len(hidden) > 0 {
		l = append(l, span{theme.Faint, "   hidden: " + strings.Join(hidden, ", ")})
	}
	return m.paint.line(l, m.width, theme.Plain)
}

// drawFooter draws the keys, and under them the last message or what the letters mean.
func (m *Model) drawFooter(lines int) []string {
	if m.shells.pending {
		return m.paint.lines([]line{fitting(m.shellMenu(), m.width)}, m.width, lines)
	}
	if s, ok := m.top().(footed); ok {
		return m.paint.lines(s.footer(m), m.width, lines)
	}
	keys, below := m.keyLine(), m.legend()
	if words := m.silence(); words != "" {
		below = say(theme.Warn, " "+words)
	}
	if t := m.toasts.current(); t != nil {
		parts := text.Wrap(text.Clean(t.text), max(1, m.width-1))
		below = line{{theme.Plain, " "}, {t.role, t.text}}
		if lines == 1 {
			keys = below
		} else if len(parts) > 1 {
			keys, below = line{{theme.Plain, " "}, {t.role, parts[0]}}, line{{theme.Plain, " "}, {t.role, strings.Join(parts[1:], " ")}}
		}
	}
	return m.paint.lines([]line{keys, below}, m.width, lines)
}

// legend says what the letters of the NS column mean, as far as it fits.
func (m *Model) legend() line {
	if m.browser.tab == ofContainers && m.browser.focus == onNamespaces {
		for _, s := range []string{
			" NS: letter = its own, - = the host's, & = shared with another", " NS: letter = its own, - = the host's, & = shared",
		} {
			if m.browser.groupTree {
				s += ", . = not all in one"
			}
			s += "   + new"
			if len(s) < m.width {
				return say(theme.Faint, s)
			}
		}
	}
	for _, s := range []string{
		" NS column: letter = differs from yours, - = shared with you (letters of nsenter)   + new  ~ moved  ! exec",
		" NS: letter = differs from yours, - = shared with you   + new  ~ moved  ! exec",
		" NS: letter = differs from yours, - = shared with you",
	} {
		if len(s) < m.width {
			return say(theme.Faint, s)
		}
	}
	return nil
}

// keyLine returns the keys of what has the keyboard: as many as fit, the most important first to stay.
func (m *Model) keyLine() line {
	where := inBrowser
	if s := m.top(); s != nil {
		where = s.scope()
	}
	if _, ok := m.top().(*filterBar); ok {
		return line{
			{theme.Accent, " enter"},
			{theme.Plain, " keep  "},
			{theme.Accent, "esc"},
			{theme.Plain, " clear  "},
			{theme.Accent, "!word"},
			{theme.Plain, " without it"},
		}
	}
	for most := 4; ; most-- {
		var keys []line
		for i := range m.actions {
			a := &m.actions[i]
			if a.foot == 0 || a.foot > most || len(a.keys) == 0 || a.scope != where && (a.scope != inAny || where != inBrowser) {
				continue
			}
			keys = append(keys, line{{theme.Accent, " " + a.keys[0]}, {theme.Plain, " " + a.label + " "}})
		}
		// Help and quit are last in the table: whoever finds these finds the rest.
		for most == 1 && len(keys) > 2 && widthOf(keys) > m.width {
			keys = slices.Delete(keys, len(keys)-3, len(keys)-2)
		}
		if most == 1 || widthOf(keys) <= m.width {
			ls := slices.Concat(keys...)
			if n := len(ls) - 1; n >= 0 {
				ls[n].text = strings.TrimSuffix(ls[n].text, " ")
			}
			return ls
		}
	}
}

// widthOf returns how many cells lines take beside each other; the space after the last is none.
func widthOf(lines []line) int {
	n := -1
	for _, l := range lines {
		n += l.width()
	}
	return n
}

// notice says why so little is to be seen, for the foot of the processes: at length where there is
// room, else in a line. It is empty where nothing refused.
func (m *Model) notice(inner layout.Rect) []line {
	if m.world == nil || inner.H < 4 {
		return nil
	}
	s := m.world.snap
	if len(s.Refused) == 0 {
		if s.Hidepid != "" && m.config.UID != 0 {
			return []line{say(theme.Warn, " /proc hides others' processes (hidepid="+s.Hidepid+"): sudo nstui")}
		}
		return nil
	}
	n, reason := len(s.Refused), m.world.reason
	id := m.browser.open.space
	some := n*2 < len(s.Procs) && id != refusedID(id.Kind) && m.browser.open.group != refusedSet
	if some {
		return nil // most is shown; the row of those that refused says the rest
	}
	text := []string{
		"", fmt.Sprintf("%d %s refused to show %s", n, plural(n, "process", "processes"), plural(n, "its", "their")),
		fmt.Sprintf("namespaces (%s on /proc/PID/ns).", reason),
	}
	if m.config.UID == 0 {
		text = append(text,
			"You are root, and it takes more: all",
			"capabilities over the process, and no",
			"security module that says no.",
		)
		return m.noticeLines(text, inner, fmt.Sprintf("%d refused (%s), even to root", n, reason))
	}
	text = append(text, "Linux only lets root, or the same user", "with ptrace access, read them.")
	if s.Hidepid != "" {
		text = append(text, "/proc is mounted with hidepid="+s.Hidepid+".")
	}
	text = append(text, "", "sudo nstui    see and enter everything", "r             scan again")
	return m.noticeLines(text, inner, fmt.Sprintf("%d refused (%s): sudo nstui", n, reason))
}

// noticeHead is how many lines of a notice say what there is; the rest says why, and what to do.
const noticeHead = 3

// noticeLines returns the text, or the short form of it where there is no room.
func (m *Model) noticeLines(text []string, inner layout.Rect, short string) []line {
	if 1+m.browser.procs.Len()+len(text) > inner.H && inner.H < 2*len(text)+6 {
		return []line{{{theme.Plain, " "}, {theme.Warn, short}}}
	}
	ls := make([]line, len(text))
	for i, t := range text {
		role := theme.Plain
		if i < noticeHead {
			role = theme.Strong
		}
		ls[i] = line{{theme.Plain, " "}, {role, t}}
	}
	return ls
}
