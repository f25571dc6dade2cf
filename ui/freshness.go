package ui

import (
	"fmt"
	"maps"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// openFreshness shows how fresh what is shown is, and what is missing in it.
func (m *Model) openFreshness() tea.Cmd {
	m.open(&page{title: "How fresh is this", lines: (*Model).freshnessLines})
	return nil
}

// wantWords name the parts of a scan.
var wantWords = []struct {
	want procscan.Want
	word string
}{
	{procscan.Owners, "owners"},
	{procscan.NetIDs, "network ids"},
	{procscan.Leaders, "leaders"},
	{procscan.Texts, "command lines"},
	{procscan.Threads, "threads"},
	{procscan.Files, "open files"},
	{procscan.Sockets, "sockets"},
	{procscan.Mounts, "mounts"},
}

// wantWord names a part of a scan.
func wantWord(want procscan.Want) string {
	for _, w := range wantWords {
		if w.want == want {
			return w.word
		}
	}
	return fmt.Sprintf("part %#x", uint16(want))
}

// reasonWords say what a reason comes from.
var reasonWords = map[procscan.Reason]string{
	procscan.Denied:   "no ptrace access to the process",
	procscan.NotPerm:  "not permitted, or hidepid",
	procscan.Unparsed: "not understood",
	procscan.Unknown:  "not known to this kernel",
	procscan.Stuck:    "no answer in time",
	procscan.Foreign:  "no way there from here: pids of another pid namespace, or mounts no process sees",
	procscan.Other:    "another error",
}

// freshnessLines say how changes are learned of, how old everything is and what was not read.
func (m *Model) freshnessLines() []line {
	width := m.screen.Popup(maxMenuWidth, 0).Inner().W
	var ls []line
	tell := func(label string, role theme.Role, words string) {
		ls = append(ls, freshLine(label, role, words, width)...)
	}
	st, now := &m.live.status, m.now()
	if st.Mode == procscan.Events {
		tell("mode", theme.Strong, "events: the kernel tells what changes")
	} else {
		tell("mode", theme.Strong, "polling: /proc is listed again, and some of it read again")
		if st.Why != "" {
			tell("", theme.Warn, "no events: "+st.Why)
		}
	}
	if m.world == nil {
		tell("data", theme.Warn, "none yet")
		return ls
	}
	tell("data", theme.Plain, fmt.Sprintf("%s old; read in %s", ago(now.Sub(m.asOf())), round(m.live.took)))
	cost := ""
	if st.Cost > 0 {
		cost = fmt.Sprintf("; the last one took %s of a processor", round(st.Cost))
	}
	tell("refresh", theme.Plain, fmt.Sprintf("%s after the last has ended%s", round(m.live.pause()), cost))
	if m.live.err != nil {
		tell("", theme.Fail, m.live.err.Error())
	}
	if st.Lost > 0 {
		tell("lost", theme.Warn, fmt.Sprintf("%d %s there was more to tell than room: all was read again", st.Lost, plural(int(min(st.Lost, 2)), "time", "times")))
	}
	tell("deep pass", theme.Plain, m.deepWords(now))
	if err := m.live.deep.err; err != nil {
		tell("", theme.Fail, err.Error())
	}
	for _, s := range m.world.names.Silent() {
		words := fmt.Sprintf("%s: no answer since %s", s.Source, s.Since.Format("15:04:05"))
		if s.Err != nil {
			words += ": " + s.Err.Error()
		}
		tell("names", theme.Warn, words)
	}
	for _, s := range m.world.names.Denied() {
		tell("names", theme.Warn, s.Err.Error())
		tell("", theme.Plain, "some may be missing: it may be asked by root, and by whom its socket lets")
	}
	tell("root", theme.Plain, m.world.snap.Root)
	if h := m.world.snap.Hidepid; h != "" {
		tell("", theme.Warn, "mounted with hidepid="+h+": processes of others may be hidden")
	}
	return append(append(ls, nil), m.unreadLines(width)...)
}

// unreadLines say what was not read, and why.
func (m *Model) unreadLines(width int) []line {
	ls := []line{say(theme.Heading, "NOT READ")}
	tell := func(label, words string) { ls = append(ls, freshLine(label, theme.Warn, words, width)...) }
	why := func(r procscan.Reason) string {
		words := string(r)
		if w := reasonWords[r]; w != "" {
			words += ", " + w
		}
		return words
	}
	un := m.world.snap.Unreadable
	for _, reason := range slices.Sorted(maps.Keys(un)) {
		tell("processes", fmt.Sprintf("%s: %s", thousands(un[reason]), why(reason)))
	}
	for _, miss := range m.world.snap.Missed {
		tell(wantWord(miss.What), fmt.Sprintf("%s: %s", thousands(miss.Count), why(miss.Reason)))
	}
	if len(ls) == 1 {
		return append(ls, say(theme.Faint, "nothing was refused"))
	}
	if m.config.UID != 0 {
		ls = append(ls, nil, say(theme.Plain, "sudo nstui reads what only root may"))
	}
	return ls
}

// freshLine returns what is said of something, in as many lines as that takes.
func freshLine(label string, role theme.Role, words string, width int) (ls []line) {
	for _, part := range text.Wrap(text.Clean(words), max(8, width-freshLabel-2)) {
		ls = append(ls, line{{theme.Faint, text.Pad(label, freshLabel)}, {role, part}})
		label = ""
	}
	return ls
}

// freshLabel is the width of the labels.
const freshLabel = 14

// deepWords say how old the search for namespaces without processes is.
func (m *Model) deepWords(now time.Time) string {
	d, at := &m.live.deep, m.live.status.DeepAt
	words := "none has ended yet"
	if !at.IsZero() {
		words = "ended " + ago(now.Sub(at)) + " ago"
	}
	switch {
	case d.cancel != nil && d.full:
		words += "; one runs as fast as it can"
	case d.cancel != nil:
		words += fmt.Sprintf("; one runs since %s, with %g %% of a processor", ago(now.Sub(d.at)), deepShare*100)
	case m.live.paused:
		words += "; paused"
	}
	return words
}

// round writes a short time with as many digits as say something.
func round(d time.Duration) string {
	switch {
	case d >= time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}
