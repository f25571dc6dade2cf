package term

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestReflow(t *testing.T) {
	term := after(Size{10, 4}, Options{}, "0123456789abcdefgh\r\n$ ls")
	for _, tc := range []struct {
		size Size
		want []string
		x, y int
	}{
		{Size{20, 4}, []string{"0123456789abcdefgh", "$ ls"}, 4, 1},
		{Size{6, 5}, []string{"012345", "6789ab", "cdefgh", "$ ls"}, 4, 3},
		{Size{6, 3}, []string{"6789ab", "cdefgh", "$ ls"}, 4, 2},
		{Size{30, 3}, []string{"0123456789abcdefgh", "$ ls"}, 4, 1},
		{Size{3, 2}, []string{"$ l", "s"}, 1, 1},
		{Size{10, 4}, []string{"0123456789", "abcdefgh", "$ ls"}, 4, 2},
	} {
		term.Resize(tc.size)
		check(t, term)
		if got := texts(term); !slices.Equal(got, tc.want) {
			t.Errorf("%v: %q, want %q", tc.size, got, tc.want)
		}
		if c := term.Cursor(); c.X != tc.x || c.Y != tc.y {
			t.Errorf("%v: cursor at %d,%d, want %d,%d", tc.size, c.X, c.Y, tc.x, tc.y)
		}
	}
}

// TestReflowLosesNothing resizes back and forth and expects all the text to be there, in order.
func TestReflowLosesNothing(t *testing.T) {
	term := New(Size{40, 10}, Options{})
	var want strings.Builder
	for i := range 60 {
		line := fmt.Sprintf("%d:%s", i, strings.Repeat("a b日", i%23))
		want.WriteString(line + "\n")
		printf(term, "%s\r\n", line)
	}
	joined := func() string {
		var b strings.Builder
		for y := -term.HistoryLen(); y < term.Size().H; y++ {
			b.WriteString(term.Text(y))
			if !term.Wrapped(y) {
				b.WriteByte('\n')
			}
		}
		return strings.TrimRight(b.String(), "\n") + "\n"
	}
	if got := joined(); got != want.String() {
		t.Fatalf("before: %q", got)
	}
	for _, size := range []Size{{7, 3}, {200, 50}, {2, 2}, {33, 24}, {80, 1}, {41, 100}, {40, 10}} {
		term.Resize(size)
		check(t, term)
		if got := joined(); got != want.String() {
			t.Fatalf("%v:\n got %q\nwant %q", size, got, want.String())
		}
	}
}

func TestShrinkKeepsPrompt(t *testing.T) {
	term := after(Size{20, 10}, Options{}, numbered(6)+"$ ")
	term.Resize(Size{20, 8}) // three blank rows below the prompt go first
	if got := texts(term); len(got) != 7 || got[0] != "line 0" || term.HistoryLen() != 0 {
		t.Errorf("8 rows: %q", got)
	}
	term.Resize(Size{20, 3})
	if got := texts(term); !slices.Equal(got, []string{"line 4", "line 5", "$"}) || term.Cursor().Y != 2 {
		t.Errorf("3 rows: %q, cursor %+v", got, term.Cursor())
	}
	term.Resize(Size{20, 10})
	if got := texts(term); len(got) != 7 || got[0] != "line 0" || term.Cursor().Y != 6 {
		t.Errorf("10 rows again: %q, cursor %+v", got, term.Cursor())
	}
}

func TestGrowPullsOnlyIfFull(t *testing.T) {
	term := after(Size{20, 4}, Options{}, numbered(10)+"\x1b[H\x1b[2J$ ")
	history := term.HistoryLen()
	term.Resize(Size{20, 8})
	if got := texts(term); !slices.Equal(got, []string{"$"}) || term.HistoryLen() != history {
		t.Errorf("a cleared screen that grows: %q", got)
	}
}

func TestCursorAtTopKeepsItsRow(t *testing.T) {
	term := after(Size{20, 5}, Options{}, "a\r\nb\r\nc\r\nd\r\ne\x1b[H")
	term.Resize(Size{20, 2})
	if got := texts(term); !slices.Equal(got, []string{"a", "b"}) || term.Cursor().Y != 0 {
		t.Errorf("%q, cursor %+v", got, term.Cursor())
	}
}

func TestResizeAlternate(t *testing.T) {
	term := after(Size{20, 6}, Options{}, "one\r\ntwo\r\n$ vi\x1b[?1049h\x1b[H\x1b[2J"+numbered(5)+"end")
	for _, size := range []Size{{4, 3}, {30, 10}, {20, 6}} {
		term.Resize(size)
		check(t, term)
	}
	if got := term.Text(0); got != "line" {
		t.Errorf("the alternate screen is cut, not wrapped: %q", texts(term))
	}
	_, _ = term.Write([]byte("\x1b[?1049l"))
	if got := lines(term); !slices.Equal(got, []string{"one", "two", "$ vi"}) {
		t.Errorf("the primary screen: %q", got)
	}
	if c := term.Cursor(); c.X != 4 || term.Text(c.Y) != "$ vi" {
		t.Errorf("cursor %+v in %q", c, texts(term))
	}
}

// TestScrollWhileShrinking scrolls inside a region, as an editor does, while the window changes.
func TestScrollWhileShrinking(t *testing.T) {
	term := after(Size{100, 40}, Options{}, "\x1b[?1049h\x1b[?69h")
	for i := range 360 {
		h := term.Size().H
		printf(term, "\x1b[1;%dr\x1b[%d;1H\n日本 %d\x1b[K\x1b[1;1H\x1bM\x1b[2L\x1b[M\x1b[5;20s\x1b[3S\x1b[s", h-1, h-1, i)
		term.Resize(Size{100 - i%90, 40 - i%39})
		check(t, term)
	}
}

func TestPendingWrapSurvivesResize(t *testing.T) {
	term := after(Size{5, 3}, Options{}, "abcde")
	term.Resize(Size{8, 3})
	_, _ = term.Write([]byte("f"))
	if got := term.Text(0); got != "abcdef" {
		t.Errorf("wider: %q", got)
	}
	term = after(Size{8, 3}, Options{}, "abcde")
	term.Resize(Size{5, 3})
	_, _ = term.Write([]byte("f"))
	if got := texts(term); !slices.Equal(got, []string{"abcde", "f"}) {
		t.Errorf("narrower: %q", got)
	}
}

func TestInBandResize(t *testing.T) {
	term := after(Size{80, 24}, Options{}, "\x1b[?2048h")
	term.TakeReplies()
	term.Resize(Size{81, 25})
	term.Resize(Size{81, 25})
	if got := string(term.TakeReplies()); got != "\x1b[48;25;81;400;648t" {
		t.Errorf("%q", got)
	}
}

// TestSavedCursorStays checks that a cursor saved with DECSC is a place on the screen, and one saved
// by mode 1049 a place in the text: on the way back the shell goes on where it was.
func TestSavedCursorStays(t *testing.T) {
	for _, tc := range []struct {
		in, back string
		x, y     int
	}{
		{"0123456789abc\x1b7\r\n\r\n", "\x1b8", 3, 1},
		{"0123456789abc\x1b[?1049h", "\x1b[?1049l", 1, 2},
	} {
		term := after(Size{10, 5}, Options{}, tc.in)
		term.Resize(Size{6, 5})
		check(t, term)
		printf(term, "%s", tc.back)
		if c := term.Cursor(); c.X != tc.x || c.Y != tc.y {
			t.Errorf("%q: cursor at %d,%d, want %d,%d", tc.in, c.X, c.Y, tc.x, tc.y)
		}
	}
}

// Lines that were erased neither come back nor take in what is written in their place, whatever erased them.
func TestReflowAfterErasing(t *testing.T) {
	const wrapped = "0123456789abcdefghijklm"
	for name, tc := range map[string]struct {
		child string
		size  Size
		want  []string
		y     int // of the cursor
	}{
		"a screen":               {wrapped + "\r\x1b[2K\x1b[2J\x1b[H$ ", Size{8, 6}, []string{"$"}, 0},
		"everything":             {wrapped + wrapped + wrapped + "\x1bc$ ", Size{8, 6}, []string{"$"}, 0},
		"a line":                 {wrapped + "\r\x1b[2K$ ", Size{30, 4}, []string{"0123456789abcdefghij", "$"}, 1},
		"a line to its end":      {wrapped + "\r\x1b[K$ ", Size{30, 4}, []string{"0123456789abcdefghij", "$"}, 1},
		"a line by characters":   {wrapped + "\r\x1b[10X$ ", Size{30, 4}, []string{"0123456789abcdefghij", "$"}, 1},
		"the line above":         {wrapped + "\x1b[2;1H\x1b[10X\x1b[3;4H", Size{30, 4}, []string{"0123456789", "", "klm"}, 2},
		"the screen below":       {wrapped + "\r\x1b[J$ ", Size{30, 4}, []string{"0123456789abcdefghij", "$"}, 1},
		"a screen, then filled":  {wrapped + "\x1b[H\x1b[J1\r\n2\r\n3\r\n4", Size{10, 6}, []string{"1", "2", "3", "4"}, 3},
		"in colour":              {"$ \x1b[44m\x1b[K\r\n> \x1b[K", Size{6, 4}, []string{"$", ">"}, 1},
		"a deleted line at top":  {wrapped + wrapped + "\x1b[H\x1b[M\x1b[3;6H", Size{40, 4}, []string{"klm0123456789abcdefghijklm"}, 0},
		"an inserted one at top": {wrapped + wrapped + "\x1b[H\x1b[L", Size{40, 4}, []string{"0123456789", "", "abcdefghijklm0123456789abcdefg"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			term := after(Size{10, 4}, Options{}, tc.child)
			term.Resize(tc.size)
			check(t, term)
			if got := texts(term); !slices.Equal(got, tc.want) {
				t.Errorf("the screen is %q, want %q", got, tc.want)
			}
			if y := term.Cursor().Y; y != tc.y {
				t.Errorf("the cursor is in row %d, want %d", y, tc.y)
			}
		})
	}
}

// A screen that gets lower keeps the rows above the cursor, as far as they are needed for it.
func TestShrinkCutsBelowCursor(t *testing.T) {
	term := after(Size{20, 6}, Options{}, "a\r\nb\r\nc\r\nd\r\ne\r\nf\x1b[3;1H")
	for _, tc := range []struct {
		height int
		want   []string
		y      int
	}{{4, []string{"a", "b", "c", "d"}, 2}, {2, []string{"b", "c"}, 1}} {
		term.Resize(Size{20, tc.height})
		if got := texts(term); !slices.Equal(got, tc.want) || term.Cursor().Y != tc.y {
			t.Errorf("%d rows: %q, cursor %+v", tc.height, got, term.Cursor())
		}
	}
	if got := term.Text(-1); got != "a" {
		t.Errorf("in the history is %q", got)
	}
}

// What is cut off at the bottom is not the end of its line any more.
func TestShrinkEndsLine(t *testing.T) {
	term := after(Size{10, 4}, Options{}, "\x1b[3;1H0123456789abc\x1b[H")
	term.Resize(Size{10, 3})
	term.Resize(Size{10, 4})
	printf(term, "\x1b[4;1HX\x1b[H")
	term.Resize(Size{20, 4})
	check(t, term)
	if got, want := texts(term), []string{"", "", "0123456789", "X"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
