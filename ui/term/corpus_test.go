package term

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shown is what another terminal showed, see testdata/README.md.
type shown struct {
	E            string
	CX, CY       int
	CVis, Alt    bool
	Hist, Off    int
	W, H         int
	Label        string
	OraclesAgree bool
}

const atMargin = "IL and DL go to the left margin"

// xterm holds the cases in which tmux does something else than xterm, whose behaviour is the
// right one: the rows (SGR as in the recordings, trailing blank rows left out) and the cursor.
var xterm = map[string]struct {
	why    string
	rows   string
	cx, cy int
}{
	"acs_uk":            {"ESC ( A is the UK set, where # is the pound sign", "£#", 2, 0},
	"alt_leave_noenter": {"1049 restores the cursor also if it was never saved, then to the corner", "Xbc", 1, 0},
	"bce_dch":           {"cells that DCH frees take the background", "cdef" + sp(34) + "\x1b[44m  ", 0, 0},
	"bce_el":            {"cells that EL erases take the background", "\x1b[44mab" + sp(38), 2, 0},
	"bce_lf":            {"lines scrolled in take the background", strings.Repeat("\n", 8) + "\x1b[44m" + sp(40) + "\n" + sp(40), 0, 9},
	"bce_reverse_el":    {"cells that EL erases take the background, but are not reversed", "\x1b[7;44mab\x1b[27m" + sp(38), 2, 0},
	"dl":                {atMargin, firstX("ABCDGHIJ"), 1, 4},
	"dl_big":            {atMargin, firstX("ABCD."), 1, 4},
	"dl_region_big":     {atMargin, firstX("ABCD...HIJ"), 1, 4},
	"dl_zero":           {atMargin, firstX("ABCDFGHIJ"), 1, 4},
	"il_big":            {atMargin, firstX("ABCD."), 1, 4},
	"il_region_big":     {atMargin, firstX("ABCD...HIJ"), 1, 4},
	"il_zero":           {atMargin, firstX("ABCD.EFGHI"), 1, 4},
	"csi_huge":          {"a count beyond any screen is one that stops at the edge, not one of 1", sp(39) + "X", 39, 0},
	"decstr":            {"DECSTR resets margins, origin mode and SGR", "X", 1, 0},
	"emoji_zwj":         {"the width of a joined sequence is that of its parts, as wcwidth counts", "a👨\u200d👩\u200d👧b|", 9, 0},
	"hpa_hpr_vpr":       {"HPR and VPR move relative to the cursor", "    X   Y\n\n         Z", 10, 2},
	"ich_big":           {"ICH with a count beyond the line pushes all of it out", "abX", 3, 0},
	"il_outside":        {"IL outside the scrolling region does nothing", letters(10, 8, "IIIIX"+strings.Repeat("I", 35)), 5, 8},
	"lnm":               {"in line feed mode LF goes to the left as well", "abc\ndef", 3, 1},
	"rep_wide":          {"REP repeats wide characters as well", "日日日日|", 9, 0},
	"tab_cht":           {"CHT goes to the third tab stop", sp(24) + "X", 25, 0},
	"wide_dch":          {"half of a deleted wide character becomes a blank", " 本語abc", 1, 0},
	"wide_dch_left":     {"half of a deleted wide character becomes a blank", " 本語abc", 0, 0},
	"wide_erase_half":   {"half of an erased wide character becomes a blank", "", 1, 0},
	"wide_ich":          {"a wide character split by ICH becomes two blanks", "   本語abc", 1, 0},
	"wide_overwrite_right": {
		"half of an overwritten wide character becomes a blank", " X本語", 2, 0,
	},
	"wrap_off_on":     {"in xterm a pending wrap is there also while wrapping is off", strings.Repeat("a", 40) + "\nZZ", 2, 1},
	"wrap_pending_lf": {"a line feed ends a pending wrap", strings.Repeat("a", 40) + "\n" + sp(39) + "X", 39, 1},
	"wrap_save_1048":  {"1048 saves and restores the cursor", strings.Repeat("a", 39) + "X\n\n\n\n    q", 39, 0},
}

// agreed holds the cases in which tmux is right and xterm.js is not, or only counts otherwise.
var agreed = map[string]string{
	"bom":           "xterm.js drops U+FEFF; whether it is kept cannot be seen",
	"decom_cuu":     "xterm.js adds the origin twice; a cursor in the region stops at its top margin",
	"emoji_flag":    "regional indicators are one cell each for wcwidth",
	"emoji_vs16":    "a variation selector does not change the width for wcwidth",
	"osc_8":         "xterm.js underlines links",
	"sgr_rgb_colon": "xterm.js takes 48:2:4:5:6 as colour space 4; xterm reads three values as RGB",
}

func sp(n int) string { return strings.Repeat(" ", n) }

// letters are n full lines A, B, C… of 40 columns with one of them replaced.
func letters(n, at int, with string) string {
	rows := make([]string, 0, n)
	for i := range n {
		rows = append(rows, strings.Repeat(string(rune('A'+i)), 40))
	}
	rows[at] = with
	return strings.Join(rows, "\n")
}

// firstX are full lines of 40 columns, named by their letter, or empty where that is a dot; the fifth
// begins with an X.
func firstX(names string) string {
	rows := make([]string, 0, len(names))
	for i, name := range names {
		row := strings.Repeat(strings.Trim(string(name), "."), 40)
		if i == 4 {
			row = "X" + row[min(len(row), 1):]
		}
		rows = append(rows, row)
	}
	return strings.Join(rows, "\n")
}

// printf writes to a terminal, which never fails.
func printf(t *Terminal, format string, args ...any) { _, _ = fmt.Fprintf(t, format, args...) }

// screenOf parses recorded rows by showing them on a screen with room to spare.
func screenOf(rows string, size Size) *Terminal {
	t := New(Size{size.W + 1, size.H + 1}, Options{})
	_, _ = t.Write([]byte("\x1b)0"))
	for y, line := range strings.Split(strings.TrimRight(rows, "\n"), "\n") {
		printf(t, "\x1b[%dH%s", y+1, line)
	}
	return t
}

// cellsOf returns row y as formatCells has it.
func cellsOf(t *Terminal, y, w int) string {
	cells := make([]Cell, w)
	for x := range cells {
		cells[x] = t.Cell(x, y)
	}
	return formatCells(cells)
}

// formatCells returns what can be seen of cells in a form to compare and to read: the text, and in
// braces before it each change of style, as SGR; blanks at the end that have no style are left out.
func formatCells(cells []Cell) string {
	var out strings.Builder
	blanks := 0
	var now Style
	for _, c := range cells {
		switch {
		case c.Width == 0:
			continue // the right half of a wide character
		case c.Text == "", c.Style.Conceal:
			c.Text = sp(c.Width)
		}
		c.Style = seen(c)
		if c.Style == now && now == (Style{}) && c.Text == " " {
			blanks++
			continue
		}
		out.WriteString(sp(blanks))
		blanks = 0
		if c.Style != now {
			fmt.Fprintf(&out, "{%s}", formatStyle(c.Style))
			now = c.Style
		}
		out.WriteString(c.Text)
	}
	return strings.TrimSuffix(out.String(), "{}")
}

// seen returns the part of a cell's style that can be seen: of most blanks that is the background.
func seen(c Cell) Style {
	s := c.Style
	s.Conceal = false
	if s.Underline == 0 {
		s.UnderlineColor = Color{}
	}
	if strings.Trim(c.Text, " ") == "" && s.Underline == 0 && !s.Strike && !s.Overline && !s.Reverse {
		return Style{BG: s.BG}
	}
	return s
}

// formatStyle returns a style as the values of SGR.
func formatStyle(s Style) string {
	var out []string
	for _, a := range []struct {
		on   bool
		name string
	}{
		{s.Bold, "1"},
		{s.Dim, "2"},
		{s.Italic, "3"},
		{s.Underline != 0, fmt.Sprintf("4:%d", s.Underline)},
		{s.Blink, "5"},
		{s.Reverse, "7"},
		{s.Strike, "9"},
		{s.Overline, "53"},
	} {
		if a.on {
			out = append(out, a.name)
		}
	}
	for i, c := range []Color{s.FG, s.BG, s.UnderlineColor} {
		switch c.Kind {
		case ColorPalette:
			out = append(out, fmt.Sprintf("%d:5:%d", 38+10*i, c.Index))
		case ColorRGB:
			out = append(out, fmt.Sprintf("%d:2:%d:%d:%d", 38+10*i, c.R, c.G, c.B))
		}
	}
	return strings.Join(out, ";")
}

// compare checks a terminal against recorded rows and cursor.
func compare(t *testing.T, got *Terminal, rows string, want shown) {
	t.Helper()
	size := got.Size()
	ref := screenOf(rows, size)
	for y := range size.H {
		if g, w := cellsOf(got, y, size.W), cellsOf(ref, y, size.W); g != w {
			t.Errorf("row %d:\n got %s\nwant %s", y, g, w)
		}
	}
	c := got.Cursor()
	if c.X != min(want.CX, size.W-1) || c.Y != want.CY {
		t.Errorf("cursor at %d,%d, want %d,%d", c.X, c.Y, want.CX, want.CY)
	}
	if c.Visible != want.CVis || got.Modes().AltScreen != want.Alt {
		t.Errorf("visible %v, alternate %v, want %v, %v", c.Visible, got.Modes().AltScreen, want.CVis, want.Alt)
	}
}

func readJSON(tb testing.TB, name string, v any) {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		tb.Fatal(err)
	}
}

func readRaw(tb testing.TB, name string) []byte {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

func unitCases(tb testing.TB) map[string]shown {
	tb.Helper()
	var cases map[string]shown
	readJSON(tb, "unit.json", &cases)
	if len(cases) != 135 {
		tb.Fatalf("%d unit cases, want 135", len(cases))
	}
	return cases
}

func TestUnitCases(t *testing.T) {
	for name, want := range unitCases(t) {
		t.Run(name, func(t *testing.T) {
			rows := want.E
			if x, ok := xterm[name]; ok {
				rows, want.CX, want.CY = x.rows, x.cx, x.cy
			} else if _, ok := agreed[name]; !ok && !want.OraclesAgree {
				t.Fatal("the oracles differ, and nothing says who is right")
			}
			raw := readRaw(t, "unit/"+name+".raw")
			whole := New(Size{40, 10}, Options{})
			_, _ = whole.Write(raw)
			compare(t, whole, rows, want)

			pieces := New(Size{40, 10}, Options{})
			for i := range raw {
				_, _ = pieces.Write(raw[i : i+1])
			}
			compare(t, pieces, rows, want)
		})
	}
}

func TestRecordings(t *testing.T) {
	for _, name := range []string{"bash", "less"} {
		t.Run(name, func(t *testing.T) {
			raw := readRaw(t, "live/"+name+"/raw")
			var sizes [][3]int
			for line := range bytes.Lines(readRaw(t, "live/"+name+"/raw.size")) {
				var s [3]int
				if _, err := fmt.Sscan(string(line), &s[0], &s[1], &s[2]); err == nil {
					sizes = append(sizes, s)
				}
			}
			var points []shown
			readJSON(t, "live/"+name+"/cps.json", &points)
			for _, chunk := range []int{1, 7, 4096} {
				replay(t, raw, sizes, points, chunk)
			}
		})
	}
}

// replay feeds a recording in pieces and compares at its checkpoints.
func replay(t *testing.T, raw []byte, sizes [][3]int, points []shown, chunk int) {
	t.Helper()
	got := New(Size{sizes[0][1], sizes[0][2]}, Options{History: 2000})
	stops := make([]int, 0, len(sizes)+len(points))
	for _, s := range sizes[1:] {
		stops = append(stops, s[0])
	}
	for _, p := range points {
		stops = append(stops, p.Off)
	}
	slices.Sort(stops)
	at := 0
	for _, stop := range slices.Compact(stops) {
		for at < stop {
			n := min(chunk, stop-at)
			_, _ = got.Write(raw[at : at+n])
			at += n
		}
		for _, p := range points {
			if p.Off == at {
				t.Run(fmt.Sprintf("%s/%d", p.Label, chunk), func(t *testing.T) {
					compare(t, got, p.E, p)
					if got.HistoryLen() != p.Hist {
						t.Errorf("%d lines of history, want %d", got.HistoryLen(), p.Hist)
					}
				})
			}
		}
		for _, s := range sizes[1:] {
			if s[0] == at {
				got.Resize(Size{s[1], s[2]})
			}
		}
	}
}
