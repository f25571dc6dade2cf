package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"nstui/procscan"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// drawHeader draws the first line of the screen: where we are on the left, how much there is and how
// old it is on the right. What does not fit goes, the age last.
func (m *Model) drawHeader() string {
	left := []string{"nstui"}
	if m.config.Host != "" {
		left = append(left, "  "+m.config.Host)
	}
	dot := " " + m.paint.Glyphs.Dot + " "
	if m.config.Kernel != "" && m.screen.Wide() {
		left = append(left, dot+"Linux "+m.config.Kernel)
	}
	left = append(left, dot+"uid "+strconv.Itoa(m.config.UID))
	right, state := m.counts(), m.state()
	gap := func() int {
		return m.width - 2 - text.Width(text.Clean(strings.Join(left, ""))) - right.width() - state.width() - 2
	}
	for gap() < 2 && len(right) > 0 {
		right = right[:len(right)-1]
	}
	for gap() < 1 && len(left) > 1 {
		left = left[:len(left)-1]
	}
	l := line{{theme.Plain, " "}, {theme.Strong, left[0]}, {theme.Plain, strings.Join(left[1:], "")}}
	l = append(l, span{theme.Plain, text.Spaces(gap())})
	l = append(l, right...)
	l = append(l, span{theme.Plain, "  "})
	return m.paint.line(append(l, state...), m.width, theme.Plain)
}

// counts says how much there is; the most important comes first.
func (m *Model) counts() line {
	if m.world == nil {
		return nil
	}
	s := m.world.snap
	dot := " " + m.paint.Glyphs.Dot + " "
	procs, spaces := len(s.Procs), s.Count()
	l := say(theme.Plain, fmt.Sprintf("%d procs", procs))
	if n := len(s.Refused); n > 0 {
		l = say(theme.Warn, fmt.Sprintf("%d of %d procs", procs-n, procs))
	}
	word := "ns"
	if m.screen.Wide() {
		word = "namespaces"
	}
	l = append(l, span{theme.Plain, fmt.Sprintf("%s%d %s", dot, spaces, word)})
	if m.screen.Wide() {
		role, n := theme.Plain, len(s.Refused)
		if n > 0 {
			role = theme.Warn
		}
		l = append(l, span{role, fmt.Sprintf("%s%d unreadable", dot, n)})
	}
	return l
}

// state says how old what is shown is.
func (m *Model) state() line {
	l := &m.live
	switch {
	case l.paused && !l.scanning() && m.world != nil && !m.world.snap.Part:
		words := "PAUSED " + m.asOf().Format("15:04:05")
		if m.screen.Wide() {
			words += " " + m.paint.Glyphs.Dot + " p resumes"
		}
		return say(theme.Warn, words)
	case (m.world == nil || m.world.snap.Part) && l.err == nil:
		return say(theme.Faint, m.progress())
	case l.scanning():
		took := m.now().Sub(l.since)
		if took < progressAfter {
			break
		}
		return append(say(theme.Accent, fmt.Sprintf("scanning %.1fs", took.Seconds())), m.old()...)
	case l.err != nil:
		return append(say(theme.Fail, "scan failed"), m.old()...)
	}
	if m.world == nil {
		return nil
	}
	every := "live " + l.interval.String()
	if took, pause := l.took, l.pause(); took > l.interval || pause > l.interval {
		every = fmt.Sprintf("live, every %.1fs", (took + pause).Seconds())
	}
	return append(say(theme.Plain, every+" "+m.paint.Glyphs.Dot+" "+modeWord(l.status.Mode)), m.old()...)
}

// modeWord says how changes are learned of.
func modeWord(mode procscan.Mode) string {
	if mode == procscan.Events {
		return "events"
	}
	return "polling"
}

// asOf returns when what is shown was true.
func (m *Model) asOf() time.Time {
	if at := m.live.status.At; !at.IsZero() {
		return at
	}
	return m.world.snap.At
}

// old says how old what is shown is, once it is older than scans that follow one another leave it.
func (m *Model) old() line {
	if m.world == nil || m.world.snap.Part {
		return nil
	}
	age := m.now().Sub(m.asOf())
	if age <= 2*(m.live.pause()+m.live.took) || age < time.Second {
		return nil
	}
	return line{{theme.Warn, " " + m.paint.Glyphs.Dot + " " + ago(age) + " old"}}
}

// progress says how far the first scan is, once it takes long enough for somebody to wonder.
func (m *Model) progress() string {
	if !m.live.scanning() || m.now().Sub(m.live.since) < progressAfter {
		return ""
	}
	done, total := m.config.Live.Progress()
	if total == 0 {
		return "reading /proc" + m.paint.Glyphs.Ellipsis
	}
	return fmt.Sprintf("reading /proc%s %s of %s", m.paint.Glyphs.Ellipsis, thousands(done), thousands(total))
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
