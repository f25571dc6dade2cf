package term

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// check fails if the terminal is in a state it must never be in, or draws what it must never draw.
func check(t *testing.T, term *Terminal) {
	t.Helper()
	checkState(t, term)
	checkBounds(t, term)
	checkInterned(t, term)
	for y := -min(term.HistoryLen(), 20); y < min(term.Size().H, 40); y++ {
		drawn := term.Row(y, RowOptions{Highlights: []Highlight{{From: 1, To: 4}, {From: 3, To: 9, Kind: HighlightCurrent}}})
		checkDrawn(t, drawn, term.Size().W, false)
		checkDrawn(t, term.Row(y, RowOptions{Mono: true}), term.Size().W, true)
		checkText(t, term.Text(y))
	}
}

// checkState fails if the cursor, the margins or a cell are where they cannot be.
func checkState(t *testing.T, term *Terminal) {
	t.Helper()
	size := term.Size()
	if size != size.clamp() {
		t.Fatalf("size %v", size)
	}
	c := term.Cursor()
	if c.X < 0 || c.X >= size.W || c.Y < 0 || c.Y >= size.H || c.Shape > Bar {
		t.Fatalf("cursor %+v on %v", c, size)
	}
	m := term.margins
	if m.top < 0 || m.top > m.bottom || m.bottom >= size.H || m.left < 0 || m.left > m.right || m.right >= size.W {
		t.Fatalf("margins %+v on %v", m, size)
	}
	if (term.screen == term.alternate && term.alternate != nil) != term.modes.AltScreen {
		t.Fatalf("the mode of the alternate screen is %v, the screen is another", term.modes.AltScreen)
	}
	seen := map[*row]bool{}
	for _, s := range []*screen{term.primary, term.alternate} {
		if s == nil {
			continue
		}
		if len(s.rows) != size.H {
			t.Fatalf("%d rows on %v", len(s.rows), size)
		}
		for y, r := range s.rows {
			if seen[r] {
				t.Fatalf("row %d is there twice", y)
			}
			seen[r] = true
			checkRow(t, r, size.W)
		}
		if s.saved.x < 0 || s.saved.y < 0 {
			t.Fatalf("the saved cursor is at %d, %d", s.saved.x, s.saved.y)
		}
	}
	for y := -min(term.HistoryLen(), 20); y < 0; y++ {
		checkLine(t, term, y)
	}
}

// checkLine fails if a line of the history holds half a wide character.
func checkLine(t *testing.T, term *Terminal, y int) {
	t.Helper()
	line := term.history.at(term.history.n + y)
	cells := line.unpack(nil)
	if len(cells) != int(line.cells) {
		t.Fatalf("line %d has %d cells, says %d", y, len(cells), line.cells)
	}
	for x := range cells {
		isWide, next := cells[x].attr&wide != 0, x+1 < len(cells) && cells[x+1].isTail()
		if isWide != next || x == 0 && cells[x].isTail() {
			t.Fatalf("half a character at %d of line %d", x, y)
		}
	}
}

// checkRow fails if a row has halves of wide characters or more than it says is used.
func checkRow(t *testing.T, r *row, w int) {
	t.Helper()
	if len(r.cells) != w || r.used > w || r.used < 0 {
		t.Fatalf("row of %d cells, %d used, want %d", len(r.cells), r.used, w)
	}
	if r.rest.attr&widthMask != 0 {
		t.Fatalf("the rest of a row is half a character: %+v", r.rest)
	}
	for x := range r.used {
		c := r.cells[x]
		isWide := c.attr&wide != 0
		if isWide && (x+1 >= r.used || !r.cells[x+1].isTail() || !r.wide || c.isTail()) {
			t.Fatalf("wide character at %d without its right half", x)
		}
		if c.isTail() && (x == 0 || r.cells[x-1].attr&wide == 0 || c.r != 0) {
			t.Fatalf("right half at %d without its left one", x)
		}
		if c.attr.underline() > UnderlineDashed {
			t.Fatalf("underline %d at %d", c.attr.underline(), x)
		}
	}
}

// checkBounds fails if anything a child can make longer is longer than its limit.
func checkBounds(t *testing.T, term *Terminal) {
	t.Helper()
	h := &term.history
	bytes := 0
	for i := range h.lines {
		bytes += cap(h.lines[i].data)
	}
	for what, size := range map[string][2]int{
		"lines of the history":    {h.n, h.limit},
		"ring of the history":     {len(h.lines), h.limit},
		"bytes of the history":    {h.bytes, max(h.limit*historyBytes, 32*maxWidth+64)},
		"bytes not accounted for": {bytes - h.bytes, 0},
		"replies":                 {len(term.replies), maxReplies},
		"events":                  {len(term.events), maxEvents},
		"title":                   {len(term.title), maxTitle},
		"titles":                  {len(term.titles), maxTitles},
		"styles":                  {len(term.styles), maxStyles},
		"keyboards":               {max(term.kitty[0].n, term.kitty[1].n), maxKitty},
		"link":                    {len(term.pen.link), maxLink},
		"saved modes":             {len(term.savedModes), 64},
		"clusters":                {len(term.clusters.values), term.clusters.limit},
		"extras":                  {len(term.extras.values), term.extras.limit},
		"tab stops":               {len(term.tabs), maxWidth},
		"string":                  {len(term.parser.buf), maxString},
		"parameters":              {term.parser.seq.n, maxParams},
		"start of a character":    {term.parser.partLen, utf8.UTFMax - 1},
	} {
		if size[0] > size[1] || size[0] < 0 && what != "bytes not accounted for" {
			t.Fatalf("%s: %d, at most %d", what, size[0], size[1])
		}
	}
	for _, title := range append(term.titles, term.title) {
		checkText(t, title)
	}
	for _, e := range term.events {
		if e.Kind == EventClipboard {
			e.Text = strings.NewReplacer("\n", "", "\t", "", "\u202e", "").Replace(e.Text)
			if len(e.Text) > maxString {
				t.Fatalf("%d bytes for the clipboard", len(e.Text))
			}
			continue
		}
		checkText(t, e.Text)
	}
}

// checkInterned fails if a cell, a pen or a line of the history has a number that stands for nothing,
// or if a table of numbers disagrees with itself.
func checkInterned(t *testing.T, term *Terminal) {
	t.Helper()
	checkTable(t, &term.clusters)
	checkTable(t, &term.extras)
	known := func(cells []cell) {
		for i := range cells {
			c := &cells[i]
			if c.r < 0 {
				if text := term.cellText(c); text == "" || len(text) > maxCluster || !utf8.ValidString(text) {
					t.Fatalf("cluster %d is %q", ^c.r, text)
				}
			}
			if c.extra != 0 && term.extras.value(int(c.extra)) == (extra{}) {
				t.Fatalf("extra %d is nothing", c.extra)
			}
		}
	}
	pens := []*pen{&term.pen}
	for _, s := range []*screen{term.primary, term.alternate} {
		if s == nil {
			continue
		}
		for _, r := range s.rows {
			known(append(r.cells[:r.used:r.used], r.rest))
		}
		pens = append(pens, &s.saved.pen)
	}
	for i := range term.history.n {
		known(term.history.at(i).unpack(nil))
	}
	for _, p := range pens {
		if p.extra != 0 && term.extras.value(int(p.extra)) != (extra{link: p.link, ul: p.ul}) {
			t.Fatalf("a pen has extra %d, which is %+v", p.extra, term.extras.value(int(p.extra)))
		}
	}
}

// checkTable fails if the two directions of a table do not agree.
func checkTable[V comparable](t *testing.T, in *intern[V]) {
	t.Helper()
	if len(in.ids)+len(in.free) != len(in.values) {
		t.Fatalf("%d numbers in use and %d free of %d", len(in.ids), len(in.free), len(in.values))
	}
	for v, id := range in.ids {
		if in.value(id) != v {
			t.Fatalf("%v has number %d, which is %v", v, id, in.value(id))
		}
	}
}

// checkText fails if a text has a character that does something on a terminal, or that turns text.
func checkText(t *testing.T, s string) {
	t.Helper()
	for _, r := range s {
		if unicode.IsControl(r) || turns(r) {
			t.Fatalf("%U in %q", r, s)
		}
	}
	if !utf8.ValidString(s) {
		t.Fatalf("%q is not UTF-8", s)
	}
}

// turns reports whether a character changes the direction of the text around it or breaks lines.
func turns(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x061c ||
		r == 0x2028 || r == 0x2029 || r >= 0xe0000 && r <= 0xe007f
}

// checkDrawn fails if a drawn row has another width than its screen or anything but text and SGR.
func checkDrawn(t *testing.T, s string, w int, mono bool) {
	t.Helper()
	if got, wc := ansi.StringWidth(s), ansi.StringWidthWc(s); got != w || wc != w {
		t.Fatalf("row %q is %d and %d wide, want %d", s, got, wc, w)
	}
	if !strings.HasSuffix(s, "\x1b[m") || !utf8.ValidString(s) {
		t.Fatalf("row %q does not end in a reset", s)
	}
	for s != "" {
		at := strings.IndexByte(s, 0x1b)
		if at < 0 {
			at = len(s)
		}
		checkText(t, s[:at])
		if s = s[at:]; s == "" {
			return
		}
		end := strings.IndexFunc(s[1:], func(r rune) bool { return !strings.ContainsRune("[0123456789;:", r) })
		if end < 0 || s[1] != '[' || s[1+end] != 'm' {
			t.Fatalf("%q is not SGR", s)
		}
		for p := range strings.SplitSeq(s[2:1+end], ";") {
			if mono && (strings.HasPrefix(p, "38") || strings.HasPrefix(p, "48") || strings.HasPrefix(p, "58")) {
				t.Fatalf("colour in %q", s[:end+2])
			}
		}
		s = s[end+2:]
	}
}
