package ui

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/term"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// link is an address in what a shell has printed.
type link struct {
	target string
	shown  string // what it was shown as
}

// maxLinks bounds the list of links.
const maxLinks = 1000

// linksIn returns the links in what a terminal has printed, each once, the newest first: those of OSC 8
// with their targets, and addresses in the text.
func linksIn(t *term.Terminal) []link {
	var found []link
	var p term.Paragraph
	for y := -t.HistoryLen(); y < t.Size().H; y += p.Rows {
		t.ReadParagraph(y, &p)
		found = appendLinks(found, &p)
	}
	seen := make(map[string]bool)
	var list []link
	for _, l := range slices.Backward(found) {
		if seen[l.target] || len(list) == maxLinks {
			continue
		}
		seen[l.target] = true
		list = append(list, l)
	}
	return list
}

// appendLinks adds the links of a paragraph as they follow each other, and drops the oldest if there are
// too many. It goes through both kinds of them once: there may be one in each cell of a paragraph.
func appendLinks(found []link, p *term.Paragraph) []link {
	add := func(l link) {
		if len(found) == 4*maxLinks { // the same may be there again and again
			found = slices.Delete(found, 0, 2*maxLinks)
		}
		found = append(found, l)
	}
	marked := p.Links
	addMarked := func() {
		l := marked[0]
		add(link{l.Target, string(p.Text[l.From:l.To])})
		marked = marked[1:]
	}
	for _, u := range urlsIn(p.Text) {
		for len(marked) > 0 && marked[0].To <= u.from {
			addMarked()
		}
		// What a link is shown as is not where it leads.
		if len(marked) == 0 || marked[0].From >= u.to {
			add(link{u.text, u.text})
		}
	}
	for len(marked) > 0 {
		addMarked()
	}
	return found
}

// schemes are what the addresses begin with that are found in text without a mark.
var schemes = []string{"http", "https", "ftp", "ftps", "sftp", "ssh", "git", "file", "ws", "wss", "irc", "ircs", "gemini", "gopher", "ldap", "postgres", "postgresql", "mysql", "redis", "amqp", "mongodb", "tcp", "udp", "unix", "docker", "oci", "s3"}

// url is an address in a line of text, from a byte on up to before another.
type url struct {
	text     string
	from, to int
}

// urlsIn returns the addresses in a line of text.
func urlsIn(line []byte) []url {
	var urls []url
	for at := 0; ; {
		i := bytes.Index(line[at:], []byte("://"))
		if i < 0 {
			return urls
		}
		i += at
		at = i + 3
		begin := i
		for begin > 0 && isAlnum(line[begin-1]) {
			begin--
		}
		if !slices.Contains(schemes, strings.ToLower(string(line[begin:i]))) {
			continue
		}
		end := at + bytes.IndexFunc(line[at:], func(r rune) bool { return r <= ' ' || strings.ContainsRune("\"<>`{}|\\^\u00a0\u3000", r) })
		if end < at {
			end = len(line)
		}
		end = at + len(trimURL(line[at:end]))
		if end > at {
			urls = append(urls, url{string(line[begin:end]), begin, end})
		}
		at = end
	}
}

func isAlnum(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// trimURL cuts off what stands behind an address in a sentence: punctuation, and brackets that were opened
// before it.
func trimURL(address []byte) []byte {
	var open [2]int // of each kind of bracket, less those that were closed
	for _, c := range address {
		switch c {
		case '(':
			open[0]++
		case ')':
			open[0]--
		case '[':
			open[1]++
		case ']':
			open[1]--
		}
	}
	for ; len(address) > 0; address = address[:len(address)-1] {
		switch last := address[len(address)-1]; {
		case last == ')' && open[0] < 0:
			open[0]++
		case last == ']' && open[1] < 0:
			open[1]++
		case strings.IndexByte(".,;:!?'*_~", last) < 0:
			return address
		}
	}
	return address
}

// linksMsg are the links of a shell.
type linksMsg struct {
	shell *shell
	links []link
}

// findLinks looks for the links in what a shell has printed.
func (m *Model) findLinks() tea.Cmd {
	s := m.shellShown()
	if s.session == nil {
		return m.note("nothing has been printed")
	}
	var frozen *term.Terminal
	if s.scroll != nil {
		frozen = s.scroll.term.Freeze()
	} else {
		frozen, _ = s.pane.freeze()
	}
	return func() tea.Msg { return linksMsg{s, linksIn(frozen)} }
}

// handleLinks shows the links to choose one from.
func (m *Model) handleLinks(msg linksMsg) tea.Cmd {
	if !m.inFront(msg.shell) {
		return nil
	}
	if len(msg.links) == 0 {
		return m.note("there are no links in it")
	}
	s := &menu{title: fmt.Sprintf("Links %s newest first", m.paint.Glyphs.Dot), typed: true, does: "copy", whole: func(at, width int) []line {
		return msg.links[at].lines(width)
	}}
	for i, l := range msg.links {
		s.all = append(s.all, item{label: l.target, number: i, run: func(m *Model) tea.Cmd { return m.copyText("the link", l.target) }})
	}
	s.search()
	m.open(s)
	return nil
}

// lines show a link whole, and what it was shown as.
func (l link) lines(width int) []line {
	var ls []line
	clean := text.Clean(l.target)
	for clean != "" && len(ls) < maxLinkLines {
		part := text.Truncate(clean, width, "")
		clean = clean[len(part):]
		ls = append(ls, say(theme.Strong, part))
	}
	if l.shown == l.target {
		return ls
	}
	role, verb := theme.Faint, "shown as "
	if urls := urlsIn([]byte(l.shown)); len(urls) > 0 {
		role, verb = theme.Warn, "but shown as "
	}
	return append(ls, say(role, text.Truncate(verb+text.Clean(l.shown), width, "")))
}

// maxLinkLines bounds how much of one link is shown: a target may have two thousand characters.
const maxLinkLines = 8
