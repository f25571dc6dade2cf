package term

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// allTexts returns all rows as text, the oldest first.
func allTexts(t *Terminal) []string {
	var all []string
	for y := -t.HistoryLen(); y < t.Size().H; y++ {
		all = append(all, t.Text(y))
	}
	return all
}

// A frozen terminal looks as the other one did, whatever that does afterwards, and wraps again without
// losing lines.
func TestFreeze(t *testing.T) {
	term := New(Size{W: 30, H: 6}, Options{History: 40})
	for i := range 200 {
		feed(term, fmt.Sprintf("\r\n\x1b[3%dmline %03d 世界 e\u0301 \x1b]8;;http://h/%d\x07link\x1b]8;;\x07", i%8, i, i))
	}
	frozen := term.Freeze()
	rows := func(t *Terminal) []string {
		var all []string
		for y := -t.HistoryLen(); y < t.Size().H; y++ {
			all = append(all, t.Row(y, RowOptions{}))
		}
		return all
	}
	before := rows(term)
	if !slices.Equal(rows(frozen), before) {
		t.Fatal("the copy does not look the same")
	}
	feed(term, strings.Repeat("\x1b[32mother\x1b[m\r\n", 300)) // over the oldest lines
	if !slices.Equal(rows(frozen), before) {
		t.Error("the copy changes with the lines that were dropped")
	}
	feed(term, "\x1b[3J\x1bc"+strings.Repeat("other\u0302 \x1b]8;;http://other\x07text\x1b]8;;\x07\r\n", 300))
	term.Resize(Size{W: 7, H: 3})
	if !slices.Equal(rows(frozen), before) {
		t.Error("the copy changes with the terminal")
	}
	lines := allTexts(frozen)
	frozen.Resize(Size{W: 5, H: 6})
	if n := frozen.HistoryLen(); n < 40*3 {
		t.Errorf("%d rows of 5 columns, lines were dropped", n)
	}
	frozen.Resize(Size{W: 30, H: 6})
	again, text := frozen.Freeze(), allTexts(term)
	feed(frozen, strings.Repeat("\r\nnothing of this", 300))
	if got := allTexts(term); !slices.Equal(got, text) {
		t.Error("the terminal changes with the copy")
	}
	frozen = again
	if got := allTexts(frozen); !slices.Equal(got, lines) {
		t.Errorf("after two resizes\n%q\nwant\n%q", got, lines)
	}
}

// The alternate screen does not go on what is in the history.
func TestFreezeOfTheAlternateScreen(t *testing.T) {
	term := New(Size{W: 10, H: 3}, Options{})
	feed(term, strings.Repeat("0123456789abc", 3)+"\x1b[?1049h\x1b[Hother")
	frozen := term.Freeze()
	if frozen.Text(0) != "other" || frozen.Wrapped(-1) {
		t.Errorf("the copy has %q, wrapped %v", frozen.Text(0), frozen.Wrapped(-1))
	}
	frozen.Resize(Size{W: 8, H: 2})
	if frozen.Text(0) != "other" {
		t.Errorf("resized it has %q", frozen.Text(0))
	}
}

func TestParagraph(t *testing.T) {
	term := New(Size{W: 5, H: 6}, Options{})
	feed(term, "one\r\nab世世cde\u0301f\x1b]8;;http://h\x07gh\x1b]8;;\x07 \x1b]8;;http://h\x07i\x1b]8;;\x07  \r\nx")
	var p Paragraph
	for y, want := range map[int]string{0: "one", 1: "ab世世cde\u0301fgh i", 5: "x", 9: ""} {
		term.ReadParagraph(y, &p)
		if string(p.Text) != want || len(p.Cells) != len(p.Text) {
			t.Errorf("row %d: %q, want %q; %d cells", y, p.Text, want, len(p.Cells))
		}
	}
	term.ReadParagraph(1, &p)
	if p.Rows != 4 {
		t.Errorf("%d rows, want 4", p.Rows)
	}
	// The second wide character does not fit into the first row, and the mark shares the cell of its letter.
	at := func(s string) Place { return p.Cells[strings.Index(string(p.Text), s)] }
	for s, want := range map[string]Place{"b": {0, 1}, "世c": {1, 0}, "c": {1, 2}, "e": {1, 4}, "\u0301": {1, 4}, "f": {2, 0}} {
		if got := at(s); got != want {
			t.Errorf("%q is at %v, want %v", s, got, want)
		}
	}
	if len(p.Links) != 2 || string(p.Text[p.Links[0].From:p.Links[0].To]) != "gh" || p.Links[1].Target != "http://h" {
		t.Errorf("the links are %+v", p.Links)
	}
	for y, want := range []int{0, 1, 1, 1, 1, 5} {
		if got := term.Begin(y); got != want {
			t.Errorf("row %d belongs to the paragraph of row %d, want %d", y, got, want)
		}
	}
}

func TestTextBetween(t *testing.T) {
	term := New(Size{W: 12, H: 2}, Options{})
	feed(term, "a世b e\u0301c   ")
	for _, tt := range []struct {
		from, to int
		want     string
	}{{0, 12, "a世b e\u0301c"}, {2, 4, "世b"}, {1, 2, "世"}, {4, 5, " "}, {4, 6, " e\u0301"}, {9, 12, ""}, {-3, 1, "a"}, {5, 2, ""}} {
		if got := term.TextBetween(0, tt.from, tt.to); got != tt.want {
			t.Errorf("columns %d to %d: %q, want %q", tt.from, tt.to, got, tt.want)
		}
	}
}

// BenchmarkFreeze is what scrolling back costs while the pane waits.
func BenchmarkFreeze(b *testing.B) {
	for _, lines := range []int{DefaultHistory, MaxHistory} {
		b.Run(strconv.Itoa(lines), func(b *testing.B) {
			term := New(Size{W: 80, H: 24}, Options{History: lines})
			feed(term, strings.Repeat(strings.Repeat("\x1b[32mcolour\x1b[m text ", 7)+"\r\n", lines+100))
			b.ReportAllocs()
			for b.Loop() {
				term.Freeze()
			}
		})
	}
}

// BenchmarkParagraphs reads all of the history, as a search does.
func BenchmarkParagraphs(b *testing.B) {
	term := New(Size{W: 80, H: 24}, Options{})
	feed(term, strings.Repeat(strings.Repeat("some text ", 8)+"\r\n", 10_100))
	b.ReportAllocs()
	var p Paragraph
	for b.Loop() {
		for y := -term.HistoryLen(); y < 24; y += p.Rows {
			term.ReadParagraph(y, &p)
		}
	}
}
