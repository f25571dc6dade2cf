//go:build tmux || xtermjs || xterm

package term

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// oracle is another terminal that is fed what ours is.
type oracle interface {
	name() string
	reset(t *testing.T, size Size)
	feed(t *testing.T, data string)
	resize(t *testing.T, size Size)
	view(t *testing.T) view
}

// view is what a terminal shows.
type view struct {
	rows        []string // as cellsOf has them
	plain       []string // as formatPlain has them
	text        []string // without style
	x, y        int      // x is the width while a wrap is pending
	reportX     int      // the cursor as DSR 6 reports it
	reportY     int
	isReported  bool // the terminal has no other way to tell where its cursor is
	alternate   bool
	hidden      bool // the cursor
	history     []string
	hasHistory  bool // history was looked at
	hasIsHidden bool // hidden was looked at
	isPlain     bool // the rows have blanks without style only
	isText      bool // the rows have no style
}

// plainBlanks returns row y as formatPlain has it.
func plainBlanks(t *Terminal, y, w int) string {
	cells := make([]Cell, w)
	for x := range cells {
		cells[x] = t.Cell(x, y)
	}
	return formatPlain(cells)
}

// textOf returns row y without any style.
func textOf(t *Terminal, y, w int) string {
	cells := make([]Cell, w)
	for x := range cells {
		if cells[x] = t.Cell(x, y); cells[x].Style.Conceal {
			cells[x].Text = "" // as formatCells has it
		}
		cells[x].Style = Style{}
	}
	return formatCells(cells)
}

// formatPlain returns cells as formatCells has them, with blanks without style.
func formatPlain(cells []Cell) string {
	cells = slices.Clone(cells)
	for i := range cells {
		if c := &cells[i]; strings.Trim(c.Text, " ") == "" || c.Style.Conceal {
			c.Style = Style{}
		}
	}
	return formatCells(cells)
}

// viewOf returns what our terminal shows.
func viewOf(t *Terminal) view {
	v := view{x: t.x, y: t.y, alternate: t.modes.AltScreen, hidden: t.hidden, hasHistory: true, hasIsHidden: true}
	v.reportX, v.reportY = t.column(), t.line()
	if t.pending {
		v.x++
	}
	for y := range t.size.H {
		v.rows = append(v.rows, cellsOf(t, y, t.size.W))
		v.plain = append(v.plain, plainBlanks(t, y, t.size.W))
		v.text = append(v.text, textOf(t, y, t.size.W))
	}
	for y := -t.HistoryLen(); y < 0; y++ {
		v.history = append(v.history, cellsOf(t, y, t.size.W))
	}
	return v
}

// difference returns in what v differs from another terminal's view, and nothing if it does not.
func (v view) difference(other view) string {
	var b strings.Builder
	if other.isReported {
		v.x, v.y, other.x, other.y = v.reportX, v.reportY, other.reportX, other.reportY
	}
	if v.x != other.x || v.y != other.y {
		fmt.Fprintf(&b, "cursor at %d,%d, want %d,%d\n", v.x, v.y, other.x, other.y)
	}
	if v.alternate != other.alternate {
		fmt.Fprintf(&b, "alternate screen %v, want %v\n", v.alternate, other.alternate)
	}
	if other.hasIsHidden && v.hidden != other.hidden {
		fmt.Fprintf(&b, "cursor hidden %v, want %v\n", v.hidden, other.hidden)
	}
	rows := func(what string, got, want []string) {
		if len(got) != len(want) {
			fmt.Fprintf(&b, "%d %s, want %d\n", len(got), what, len(want))
		}
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				fmt.Fprintf(&b, "%s %d:\n got %s\nwant %s\n", what, i, got[i], want[i])
			}
		}
	}
	switch {
	case other.isPlain:
		v.rows = v.plain
	case other.isText:
		v.rows = v.text
	}
	rows("rows", v.rows, other.rows)
	if v.hasHistory && other.hasHistory {
		rows("lines of history", v.history, other.history)
	}
	return b.String()
}

// play feeds a stream to our terminal and to others. After each change of the size and at the end it calls
// look, until that has seen enough.
func (s stream) play(t *testing.T, size Size, others []oracle, look func(ours view, end bool) (enough bool)) {
	t.Helper()
	ours := New(size, Options{History: 2000})
	for _, o := range others {
		o.reset(t, size)
	}
	var data strings.Builder
	flush := func() {
		if data.Len() > 0 {
			_, _ = ours.Write([]byte(data.String()))
			for _, o := range others {
				o.feed(t, data.String())
			}
			data.Reset()
		}
	}
	for _, tok := range s {
		data.WriteString(tok.data)
		if tok.size == (Size{}) {
			continue
		}
		flush()
		ours.Resize(tok.size)
		for _, o := range others {
			o.resize(t, tok.size)
		}
		if look(viewOf(ours), false) {
			return
		}
	}
	flush()
	look(viewOf(ours), true)
}

// run feeds a stream to our terminal and an oracle and returns in what they differ at its end.
func (s stream) run(t *testing.T, o oracle, size Size) (difference string) {
	t.Helper()
	s.play(t, size, []oracle{o}, func(ours view, end bool) bool {
		if end {
			difference = ours.difference(o.view(t))
		}
		return end
	})
	return difference
}

// shrink returns a part of the stream that still fails and of which every token is needed.
func (s stream) shrink(fails func(stream) bool) stream {
	for n := max(len(s)/2, 1); ; n = max(n/2, 1) {
		before := len(s)
		for at := 0; at < len(s); {
			end := min(at+n, len(s))
			shorter := slices.Clone(s[:at])
			for _, t := range s[at:end] {
				if t.keep {
					shorter = append(shorter, t)
				}
			}
			shorter = append(shorter, s[end:]...)
			if len(shorter) < len(s) && fails(shorter) {
				s = shorter
			} else {
				at += n
			}
		}
		if n == 1 && len(s) == before {
			return s
		}
	}
}

// differ feeds n generated streams to an oracle. The first few that are shown otherwise are
// reported, cut down to what is needed for it.
func differ(t *testing.T, o oracle, omit map[string]string, settled bool, n int) {
	t.Helper()
	const enough = 5
	size := Size{24, 8}
	failed := 0
	for seed := range n {
		g := newMaker(uint64(seed), size, omit)
		s := g.stream(10+g.IntN(60), settled)
		if s.run(t, o, size) == "" {
			continue
		}
		s = s.shrink(func(s stream) bool { return (!settled || s.settled(size)) && s.run(t, o, size) != "" })
		t.Errorf("seed %d, with %s as the one to be like:%s\n%s", seed, o.name(), s, s.run(t, o, size))
		if failed++; failed == enough {
			return
		}
	}
}

// corpus feeds the unit cases to an oracle, but for those in which it is known to be wrong.
func corpus(t *testing.T, o oracle, wrong func(name string) bool) {
	t.Helper()
	for name := range unitCases(t) {
		s := stream{{data: string(readRaw(t, "unit/"+name+".raw"))}}
		got := s.run(t, o, Size{40, 10})
		switch {
		case got != "" && !wrong(name):
			t.Errorf("%s: %s\n%s", name, s, got)
		case got == "" && wrong(name):
			t.Errorf("%s is said to be wrong in %s, but it is the same", name, o.name())
		}
	}
}

// recording is a program's output with the sizes of its window.
type recording struct {
	stream stream
	start  Size
	points []int // numbers of tokens before which to look
}

// readRecording reads a recording as testdata/README.md describes it.
func readRecording(t *testing.T, dir string) recording {
	t.Helper()
	raw := readRaw(t, filepath.Join(dir, "raw"))
	type stop struct {
		at   int
		size Size
	}
	var stops []stop
	for line := range strings.Lines(string(readRaw(t, filepath.Join(dir, "raw.size")))) {
		var s stop
		if _, err := fmt.Sscan(line, &s.at, &s.size.W, &s.size.H); err != nil {
			t.Fatalf("%s: %q: %v", dir, line, err)
		}
		stops = append(stops, s)
	}
	r := recording{start: stops[0].size}
	stops = stops[1:]
	var points []shown
	if _, err := os.Stat(filepath.Join("testdata", dir, "cps.json")); err == nil {
		readJSON(t, filepath.Join(dir, "cps.json"), &points)
	}
	for _, p := range points {
		stops = append(stops, stop{at: p.Off})
	}
	slices.SortStableFunc(stops, func(a, b stop) int { return a.at - b.at })
	at := 0
	for _, s := range append(stops, stop{at: len(raw)}) {
		if s.at > at {
			r.stream = append(r.stream, token{data: string(raw[at:s.at])})
			at = s.at
		}
		if s.size == (Size{}) {
			r.points = append(r.points, len(r.stream))
			continue
		}
		r.stream = append(r.stream, token{size: s.size})
	}
	return r
}

// recordings plays the recorded programs to an oracle and looks at the screen at every checkpoint.
func recordings(t *testing.T, o oracle) {
	t.Helper()
	dirs, err := filepath.Glob("testdata/live/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			r := readRecording(t, strings.TrimPrefix(dir, "testdata/"))
			ours := New(r.start, Options{History: 2000})
			o.reset(t, r.start)
			for i, tok := range append(r.stream, token{}) {
				if slices.Contains(r.points, i) {
					if got := viewOf(ours).difference(o.view(t)); got != "" {
						t.Errorf("before piece %d:\n%s", i, got)
					}
				}
				if tok.size != (Size{}) {
					ours.Resize(tok.size)
					o.resize(t, tok.size)
					continue
				}
				_, _ = ours.Write([]byte(tok.data))
				o.feed(t, tok.data)
			}
		})
	}
}

// settled reports whether only text and returns come where a wrap is pending.
func (s stream) settled(size Size) bool {
	t := New(size, Options{})
	for _, tok := range s {
		if t.pending && tok.kind != "cr" {
			return false
		}
		_, _ = t.Write([]byte(tok.data))
	}
	return true
}
