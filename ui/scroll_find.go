package ui

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/term"
)

// finding is a search in a scrollback: what is looked for and where it is. The text is taken as it is; if
// it has no capital letter, those that are looked at count as small ones.
type finding struct {
	text  string
	up    bool // it was asked for upwards
	exact bool // capital letters matter

	hits  []hit // from the oldest to the newest
	at    int   // the one the cursor was last sent to, -1 for none
	next  int   // the row the search goes on from
	done  bool
	more  bool  // there are more than are kept
	from  point // where the first hit is looked for from
	stay  bool  // the cursor is not sent there
	going bool  // somebody goes on with it

	paragraph term.Paragraph
}

// hit is a place where the text is, up to before the cell to.
type hit struct{ from, to point }

const (
	// findCells are searched at a time, in about 10 ms: keys come in between.
	findCells = 4000 * 80
	// maxHits bounds what is kept of what was found, the newest.
	maxHits = 100_000
)

// newFinding starts a search in b. The first hit is the next one from a point on.
func (b *scrollback) newFinding(text string, up bool, from point) {
	b.find = &finding{
		text: text, up: up, from: from, at: -1, next: b.first(),
		exact: strings.IndexFunc(text, unicode.IsUpper) >= 0,
	}
}

// searchAgain starts a search anew as what it was in has changed. The cursor stays.
func (b *scrollback) searchAgain(old *finding) {
	b.newFinding(old.text, old.up, b.at)
	b.find.stay = true
}

// findMsg asks for a search to be gone on with.
type findMsg struct {
	shell *shell
	find  *finding
}

// startFinding goes on with a search that nobody goes on with yet.
func (m *Model) startFinding() tea.Cmd {
	s := m.shellShown()
	if s == nil || s.scroll == nil || s.scroll.find == nil || s.scroll.find.going {
		return nil
	}
	s.scroll.find.going = true
	return m.goOnFinding(s)
}

// goOnFinding searches some more, if there is something to be looked for yet, and goes to the first hit
// once all are known.
func (m *Model) goOnFinding(s *shell) tea.Cmd {
	f := s.scroll.find
	s.scroll.search(findCells / s.scroll.term.Size().W)
	if !f.done {
		return func() tea.Msg { return findMsg{s, f} }
	}
	if len(f.hits) == 0 {
		return nil
	}
	if i := f.nearest(f.from, f.up, true); !f.stay {
		s.scroll.goToHit(i)
	} else if f.hits[i].from == f.from {
		f.at = i
	}
	return nil
}

// handleFind goes on with a search, if it is still the one there is.
func (m *Model) handleFind(msg findMsg) tea.Cmd {
	if msg.shell.scroll == nil || msg.shell.scroll.find != msg.find {
		msg.find.going = false // it may be gone back to
		return nil
	}
	return m.goOnFinding(msg.shell)
}

// search looks through some rows.
func (b *scrollback) search(rows int) {
	f := b.find
	needle := []byte(f.text)
	if !f.exact {
		needle, _ = foldCase(needle, nil)
	}
	last := b.last()
	for end := f.next + rows; f.next <= last && f.next < end; {
		p := &f.paragraph
		b.term.ReadParagraph(f.next, p)
		if !f.exact {
			p.Text, p.Cells = foldCase(p.Text, p.Cells)
		}
		f.searchIn(p, needle)
		f.next += p.Rows
	}
	if len(f.hits) > 2*maxHits {
		f.hits, f.more = slices.Delete(f.hits, 0, len(f.hits)-maxHits), true
	}
	f.done = f.next > last
}

// searchIn adds the hits in a paragraph that begins at the row the search is at.
func (f *finding) searchIn(p *term.Paragraph, needle []byte) {
	for i := 0; len(needle) > 0; {
		at := bytes.Index(p.Text[i:], needle)
		if at < 0 {
			return
		}
		from, end := i+at, i+at+len(needle)
		i = end
		last := p.Cells[end-1]
		f.hits = append(f.hits, hit{
			from: point{f.next + int(p.Cells[from].Row), int(p.Cells[from].Col)},
			to:   point{f.next + int(last.Row), int(last.Col) + 1},
		})
	}
}

// foldCase makes the capital letters of a text small. Where that takes another number of bytes, cells,
// which has a value for each byte, goes along.
func foldCase(text []byte, cells []term.Place) ([]byte, []term.Place) {
	ascii := true
	for i, c := range text {
		if c >= 'A' && c <= 'Z' {
			text[i] = c + 'a' - 'A'
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	if ascii {
		return text, cells
	}
	out := make([]byte, 0, len(text))
	var at []term.Place
	for i, r := range string(text) {
		out = utf8.AppendRune(out, unicode.ToLower(r))
		for cells != nil && len(at) < len(out) {
			at = append(at, cells[i])
		}
	}
	return out, at
}

// nearest returns the number of the next hit from a point on, upwards or downwards, going on at the other
// end. A hit at the point itself counts only if it may.
func (f *finding) nearest(from point, up, here bool) int {
	n := len(f.hits)
	if up {
		i := sort.Search(n, func(i int) bool {
			at := f.hits[i].from
			return from.before(at) || !here && at == from
		})
		return (i - 1 + n) % n
	}
	i := sort.Search(n, func(i int) bool {
		at := f.hits[i].from
		return from.before(at) || here && at == from
	})
	return i % n
}

// goToHit moves the cursor to a hit.
func (b *scrollback) goToHit(i int) {
	b.find.at = i
	at := b.find.hits[i].from
	b.show(at.y)
	b.put(at)
}

// findNext goes to the next hit in the direction of the search, or against it.
func (m *Model) findNext(b *scrollback, against bool) tea.Cmd {
	f := b.find
	switch {
	case f == nil:
		return m.note("nothing is looked for: / and ? do")
	case !f.done:
		return m.note("still searching")
	case len(f.hits) == 0:
		return m.warn(fmt.Sprintf("%q is nowhere in it", f.text))
	}
	b.goToHit(f.nearest(b.at, f.up != against, false))
	return nil
}

// highlights returns the hits in a row of width w.
func (f *finding) highlights(y, w int) []term.Highlight {
	var hs []term.Highlight
	first := sort.Search(len(f.hits), func(i int) bool { return f.hits[i].to.y >= y })
	for i := first; i < len(f.hits) && f.hits[i].from.y <= y; i++ {
		h := term.Highlight{From: 0, To: w, Kind: term.HighlightMatch}
		if f.hits[i].from.y == y {
			h.From = f.hits[i].from.x
		}
		if f.hits[i].to.y == y {
			h.To = f.hits[i].to.x
		}
		if i == f.at {
			h.Kind = term.HighlightCurrent
		}
		hs = append(hs, h)
	}
	return hs
}

// words say how many hits there are, and at which one is.
func (f *finding) words() string {
	n := len(f.hits)
	switch {
	case f.text == "":
		return ""
	case n == 0 && f.done:
		return fmt.Sprintf("%q not found", f.text)
	case !f.done:
		return fmt.Sprintf("%d found, searching", n)
	case f.at < 0:
		return fmt.Sprintf("%d found", n)
	}
	if f.more {
		return fmt.Sprintf("%d of the last %d", f.at+1, n)
	}
	return fmt.Sprintf("%d of %d", f.at+1, n)
}

// findBar is the line in which one types what to look for, at the foot of the shell.
type findBar struct {
	shell *shell
	up    bool
	input input
	// What there was before.
	old  *finding
	from point
	top  int
	size term.Size // the one that is true in
}

// openFind asks what to look for.
func (m *Model) openFind(s *shell, up bool) tea.Cmd {
	b := s.scroll
	m.open(&findBar{shell: s, up: up, old: b.find, from: b.at, top: b.top, size: b.term.Size()})
	return nil
}

func (f *findBar) scope() scope { return inAny }

func (f *findBar) key(m *Model, msg tea.KeyPressMsg) (tea.Cmd, bool) {
	b := f.shell.scroll
	switch name := keyName(msg); {
	case name == "enter" && f.input.text == "" && f.old != nil: // the same again
		m.shut(f)
		f.restore(b)
		b.find.up = f.up
		return m.findNext(b, false), true
	case name == "enter" && f.input.text != "":
		m.shut(f)
		if b.find.done && len(b.find.hits) == 0 {
			return m.warn(fmt.Sprintf("%q is nowhere in it", f.input.text)), true
		}
		return nil, true
	case name == "enter", name == "esc", name == "ctrl+c", name == "backspace" && f.input.text == "":
		m.shut(f)
		f.restore(b)
		return nil, true
	case f.input.key(msg):
		f.typed()
		return nil, true
	}
	return nil, true
}

func (f *findBar) paste(_ *Model, s string) tea.Cmd {
	f.input.insert(s)
	f.typed()
	return nil
}

// restore goes back to how it was. Since the text was wrapped anew, it was elsewhere: then the cursor
// stays, and what was found before is looked for again.
func (f *findBar) restore(b *scrollback) {
	if size := b.term.Size(); f.size != size {
		f.size, f.from, f.top = size, b.at, b.top
		if f.old != nil {
			b.searchAgain(f.old)
			f.old = b.find
		}
	}
	b.find = f.old
	b.scrollTo(f.top)
	b.put(f.from)
}

// typed searches again after the line has changed, from where it was opened.
func (f *findBar) typed() {
	b := f.shell.scroll
	f.restore(b)
	if f.input.text != "" {
		b.newFinding(f.input.text, f.up, f.from)
	}
}
