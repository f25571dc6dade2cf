package ui

import (
	"strconv"
	"strings"

	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// sharesTold are the kinds of which it is told who shares them, the most telling first. That containers share
// the others with the host is as usual.
var sharesTold = [...]ns.Kind{ns.Net, ns.PID, ns.Mnt, ns.IPC, ns.UTS}

// shares says which namespaces a container shares, and with whom.
type shares struct {
	host string   // "host net pid", empty if none of those that are told
	with []string // "net with web", "ipc with side +2"
	hay  string   // lower case: what a filter looks in
}

// all returns what there is to say, the worst first.
func (s *shares) all() []string {
	if s.host == "" {
		return s.with
	}
	return append([]string{s.host}, s.with...)
}

// takeShares finds out what the containers share. Looking at all for each would take long where they are many.
func (w *world) takeShares() {
	in := make(map[ns.ID][]int)
	for i := range w.boxes {
		for _, k := range sharesTold {
			if r := &w.boxes[i].row; r.Others.Has(k) && r.NS[k] != 0 {
				in[r.NS.ID(k)] = append(in[r.NS.ID(k)], i)
			}
		}
	}
	for i := range w.boxes {
		g := &w.boxes[i]
		g.shares.host = hostShares(g.row.Host)
		g.shares.with = w.sharedWith(i, in)
		g.shares.hay = strings.ToLower(strings.Join(g.shares.all(), "\n"))
	}
}

// hostShares says which of the host's namespaces something is in; empty if none of those that are told.
func hostShares(in ns.Set) string {
	var kinds []string
	for _, k := range sharesTold {
		if in.Has(k) {
			kinds = append(kinds, k.String())
		}
	}
	if len(kinds) == 0 {
		return ""
	}
	return "host " + strings.Join(kinds, " ")
}

// sharedWith says which namespaces that are not the host's a container shares, and with whom; in has the
// containers by the namespaces they share. That those of a pod share some goes without saying.
func (w *world) sharedWith(at int, in map[ns.ID][]int) []string {
	g := &w.boxes[at]
	kinds := make(map[string][]string)
	var order []string
	for _, k := range sharesTold {
		if !g.row.Others.Has(k) || g.row.NS[k] == 0 {
			continue
		}
		with, count := "", 0
		for _, i := range in[g.row.NS.ID(k)] {
			o := &w.boxes[i]
			if i == at || container.OnePod(o.owner.Owner, g.owner.Owner) {
				continue
			}
			if count++; count == 1 {
				with = o.owner.least()
			}
		}
		if count == 0 {
			continue
		}
		if count > 1 {
			with += " +" + strconv.Itoa(count-1)
		}
		if kinds[with] == nil {
			order = append(order, with)
		}
		kinds[with] = append(kinds[with], k.String())
	}
	words := make([]string, len(order))
	for i, with := range order {
		words[i] = strings.Join(kinds[with], " ") + " with " + with
	}
	return words
}

// note returns the state of a container if it is one to take note of.
func (g *group) note() string {
	if g.owner.State == "running" {
		return ""
	}
	return g.owner.State
}

// sharesCell says which namespaces a container shares, and with whom: in red what is the host's; with state also in
// which state it is, if that is to be taken note of.
func (m *Model) sharesCell(g *group, width int, state bool) line {
	var spans line
	if note := g.note(); state && note != "" {
		spans = append(spans, span{theme.Warn, note})
	}
	if g.shares.host != "" {
		spans = append(spans, span{theme.Fail, g.shares.host})
	}
	for _, w := range g.shares.with {
		spans = append(spans, span{theme.Plain, w})
	}
	var l line
	left := width
	for i, s := range spans {
		if i > 0 {
			s.text = ", " + s.text
		}
		s.text = text.Line(s.text, left, m.paint.Glyphs.Ellipsis)
		left -= text.Width(s.text)
		l = append(l, m.wideFilter().highlight(s.role, s.text)...)
	}
	return append(l, span{theme.Plain, text.Spaces(max(0, left))})
}
