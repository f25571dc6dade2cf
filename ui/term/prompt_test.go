package term

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// session prints what a shell with marks prints for some commands that each print a number of lines.
func session(t *Terminal, commands ...int) {
	for i, lines := range commands {
		feed(t, "\x1b]133;D;0\x07\x1b]133;A\x07$ \x1b]133;B\x07run "+strconv.Itoa(i)+"\r\n\x1b]133;C\x07")
		for n := range lines {
			feed(t, fmt.Sprintf("output %d of %d, which is long enough to be wrapped\r\n", n, i))
		}
	}
	feed(t, "\x1b]133;D;0\x07\x1b]133;A\x07$ ")
}

func feed(t *Terminal, s string) { _, _ = t.Write([]byte(s)) }

// promptTexts returns the texts of the rows with a prompt.
func promptTexts(t *Terminal) []string {
	var texts []string
	for _, y := range t.Prompts() {
		texts = append(texts, t.Text(y))
	}
	return texts
}

// Marks stay with their rows, however often these are wrapped again, on the screen and in the history.
func TestPromptsSurviveResizes(t *testing.T) {
	term := New(Size{W: 80, H: 10}, Options{})
	session(term, 3, 0, 20, 1)
	want := []string{"$ run 0", "$ run 1", "$ run 2", "$ run 3", "$"}
	for _, size := range []Size{{80, 10}, {30, 10}, {9, 4}, {120, 50}, {7, 1}, {80, 10}} {
		term.Resize(size)
		if got := promptTexts(term); !slices.Equal(got, want) {
			t.Fatalf("at %v the prompts are %q, want %q", size, got, want)
		}
		y := term.Prompts()[2] + 1
		first, last, end, ok := term.Output(y)
		if !ok || end != 0 || !strings.HasPrefix(term.Text(first), "output") || term.Text(last) != "$ run 3" {
			t.Fatalf("at %v the output is from %q to %q, column %d, %v", size, term.Text(first), term.Text(last), end, ok)
		}
	}
}

// On the row of a prompt the output is that of what was typed there, at a prompt where nothing was typed that
// of the command before.
func TestOutputOfAPrompt(t *testing.T) {
	term := New(Size{W: 80, H: 10}, Options{})
	feed(term, "\x1b]133;A\x07$ ")
	if _, _, _, ok := term.Output(0); ok {
		t.Error("there is output before any command")
	}
	feed(term, "\r\x1b[K")
	session(term, 30, 1, 0, 2)
	feed(term, "\r\n\x1b]133;D\x07\x1b]133;A\x07$ ") // only enter
	rows := term.Prompts()
	for i, want := range []string{"output 0 of 0", "output 0 of 1", "", "output 0 of 3", "output 0 of 3", "output 0 of 3"} {
		first, last, end, ok := term.Output(rows[i])
		got := ""
		if last > first || end > 0 {
			got = term.Text(first)
		}
		if !ok || !strings.HasPrefix(got, want) || (got == "") != (want == "") {
			t.Errorf("the output of prompt %d begins with %q, want %q (%v)", i, got, want, ok)
		}
	}
}

// What a command prints last without a newline is output up to the column the mark was at.
func TestOutputThatEndsInALine(t *testing.T) {
	term := New(Size{W: 20, H: 6}, Options{})
	feed(term, "\x1b]133;A\x07$ \r\n\x1b]133;C\x07some words\x1b]133;D\x07\x1b]133;A\x07$ ")
	for _, w := range []int{20, 6, 4, 20} {
		term.Resize(Size{W: w, H: 6})
		first, last, end, ok := term.Output(5)
		rows := last - first
		if got := rows*w + end; !ok || got != len("some words") {
			t.Errorf("%d columns: the output ends after %d cells, want 10 (%v)", w, got, ok)
		}
	}
	if _, _, _, ok := New(Size{W: 20, H: 6}, Options{}).Output(5); ok {
		t.Error("there is output without a mark")
	}
}

func TestPromptsAreErased(t *testing.T) {
	for name, tt := range map[string]struct {
		erase string
		want  []int
	}{
		"the screen":    {"\x1b[H\x1b[2J", []int{-2, -1}},
		"from its top":  {"\x1b[H\x1b[J", []int{-2, -1}},
		"all":           {"\x1b[H\x1b[2J\x1b[3J", nil},
		"the line":      {"\x1b[2K", []int{0, 1}},
		"what is below": {"\x1b[1H\x1b[C\x1b[J", []int{0}},
		"reset":         {"\x1bc", nil},
	} {
		t.Run(name, func(t *testing.T) {
			term := New(Size{W: 20, H: 6}, Options{})
			feed(term, "\x1b]133;A\x07$ one\r\n\x1b]133;A\x07$ two"+tt.erase)
			if got := term.Prompts(); !slices.Equal(got, tt.want) {
				t.Errorf("prompts in %v, want %v", got, tt.want)
			}
		})
	}
}

// Erasing the history or wrapping it does not count as scrolling.
func TestScrolledCounts(t *testing.T) {
	term := New(Size{W: 20, H: 5}, Options{History: 50})
	feed(term, strings.Repeat("a line that is wrapped\r\n", 100))
	before := term.Scrolled()
	term.Resize(Size{W: 10, H: 5})
	term.Resize(Size{W: 20, H: 5})
	feed(term, "\x1b[3J")
	if got := term.Scrolled(); got < before {
		t.Errorf("%d lines were scrolled, before the history was erased %d", got, before)
	}
}
