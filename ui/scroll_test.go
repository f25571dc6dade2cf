package ui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/layout"
	"nstui/ui/term"
	"nstui/ui/text"
)

// atScroll is a shell that has printed something, with its scrollback open. The last line of what it
// prints must not be one before.
func atScroll(t *testing.T, width, height int, printed string) (*shellScreen, *fakeSession) {
	t.Helper()
	s := atNginx(t, width, height)
	s.press("n")
	session := s.enterer.last()
	s.says(session, printed)
	at := strings.LastIndexAny(printed, "\n\a") + 1
	s.await("all is printed", func() bool { return strings.Contains(s.text(), strings.TrimSpace(printed[at:])) })
	s.m.toasts.dismiss()
	s.press("ctrl+]", "[")
	return s, session
}

// look returns the scrollback that is shown.
func (s *shellScreen) look() *scrollback {
	s.t.Helper()
	b := s.m.shellShown().scroll
	if b == nil {
		s.t.Fatal("it is not scrolled back")
	}
	return b
}

// on fails the test unless the cursor is on a cell with that text.
func (s *shellScreen) onText(want string) {
	s.t.Helper()
	b := s.look()
	if got := b.term.TextBetween(b.at.y, b.at.x, b.at.x+text.Width(want)); got != want {
		s.t.Errorf("the cursor is on %q, want %q", got, want)
	}
}

// numbered returns lines with their numbers, the last without a newline.
func numbered(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "line %d\r\n", i)
	}
	return out.String() + "# "
}

// What is looked at stays as it is, also when the history is full and drops its oldest lines, and when
// the shell erases it. What has come since is announced and to be seen at the end.
func TestScrollbackStays(t *testing.T) {
	s, session := atScroll(t, 120, 36, numbered(10_500))
	s.press("g")
	s.has("SCROLLED BACK 10000 of 10000")
	shown := s.lines()[1:35]
	s.says(session, strings.Repeat("new\r\n", 700)+"last")
	s.await("all is announced", func() bool { return strings.Contains(s.text(), "700 new lines") })
	s.says(session, "\x1b[H\x1b[2J\x1b[3Jcleared")
	if got := s.lines()[1:35]; strings.Join(got, "\n") != strings.Join(shown, "\n") {
		t.Errorf("it shows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(shown, "\n"))
	}
	s.press("G")
	s.has("SCROLLED BACK 0 of 0", "cleared")
	s.hasNot("new line")
	s.press("q")
	s.hasNot("SCROLLED")
}

func TestScrollKeys(t *testing.T) {
	s, _ := atScroll(t, 120, 36, numbered(200))
	back := func(want int) {
		t.Helper()
		if got := s.look().back(); got != want {
			t.Errorf("scrolled back %d lines, want %d", got, want)
		}
	}
	all := s.look().term.HistoryLen()
	s.press("k", "k", "j")
	back(0) // the cursor moves first
	s.onText("ne 199")
	s.press("ctrl+u")
	back(17)
	s.press("ctrl+d", "pgup")
	back(34)
	s.press("space", "ctrl+b", "ctrl+f")
	back(0)
	s.press("g")
	back(all)
	s.onText("line 0")
	s.press("w")
	s.onText("0")
	s.press("w", "e", "b")
	s.onText("line 1")
	s.press("$")
	s.onText("1")
	s.press("l", "l", "h", "0", "h")
	s.onText("line 1")
	s.press("up", "up", "home", "left")
	s.onText("line 0")
	s.press("end", "b")
	s.onText("199")
	s.press("x", "tab") // no keys
	s.press("q")
	s.hasNot("SCROLLED")
}

// The view goes with the text when the window changes its size, and the selection with it.
func TestScrollbackResizes(t *testing.T) {
	long := strings.Repeat("0123456789", 20)
	s, _ := atScroll(t, 120, 36, strings.Repeat(long+"\r\n", 100)+"wanted 世界 "+long+"\r\n"+strings.Repeat(long+"\r\n", 100)+"# ")
	s.press("/")
	s.typeText("世界")
	s.press("enter", "v", "w", "n")
	for _, size := range [][2]int{{60, 20}, {200, 50}, {43, 12}, {120, 36}} {
		s.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		s.has("世界", "1 of 1")
		s.onText("世界")
	}
	s.press("y")
	if s.clipboard != "世" {
		t.Errorf("copied %q", s.clipboard)
	}
}

func TestWheelOpensAndLeaves(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.m.config.Mouse = true
	s.press("n")
	session := s.enterer.last()
	s.says(session, numbered(100))
	s.m.toasts.dismiss()
	s.send(wheel(5, 5, tea.MouseWheelDown))
	if s.m.shellShown().scroll != nil {
		t.Error("the wheel went beyond the end")
	}
	s.send(wheel(5, 5, tea.MouseWheelUp))
	s.send(wheel(5, 5, tea.MouseWheelUp))
	s.has("SCROLLED BACK 6 of")
	s.send(wheel(5, 5, tea.MouseWheelDown))
	s.send(wheel(5, 5, tea.MouseWheelDown))
	s.hasNot("SCROLLED BACK")
	// A key is for the shell, and ends it; after the prefix and [ it is not.
	s.send(wheel(5, 5, tea.MouseWheelUp))
	s.press("a")
	s.hasNot("SCROLLED BACK")
	for _, key := range []string{"q", "esc"} { // these only lead back
		s.send(wheel(5, 5, tea.MouseWheelUp))
		s.has("q back")
		s.press(key)
		s.hasNot("SCROLLED BACK")
	}
	s.press("q")
	s.send(wheel(5, 5, tea.MouseWheelUp))
	s.press("ctrl+]", "[", "k", "k")
	s.send(wheel(5, 5, tea.MouseWheelDown))
	s.has("SCROLLED BACK 0 of")
	if got := session.got(t, "aq"); got != "aq" {
		t.Errorf("the shell was sent %q", got)
	}
}

// What is selected looks so also where something was found, and at 80 columns it is said how it is copied.
func TestSelectionOverAMatch(t *testing.T) {
	s, _ := atScroll(t, 80, 24, "some needle here\r\n"+numbered(100))
	s.press("/")
	s.typeText("needle")
	s.press("enter", "V")
	b := s.look()
	if hs := b.highlights(b.at.y); len(hs) != 2 || hs[0].Kind != term.HighlightCurrent || hs[1].Kind != term.HighlightSelection {
		t.Errorf("from below to above there are %+v", hs)
	}
	s.has("y copy", "q back")
}

// Whatever is looked at, the screen is filled exactly, at any size.
func TestScrollGeometry(t *testing.T) {
	s, _ := atScroll(t, 120, 36, strings.Repeat("wide 世界 e\u0301 http://host/path ", 400)+"\r\n# ")
	for name, keys := range map[string][]string{
		"moved":    {"pgup"},
		"selected": {"pgup", "v", "k", "k", "w"},
		"block":    {"pgup", "ctrl+v", "k", "k", "w"},
		"found":    {"?", "世", "enter", "V"},
		"typing":   {"?", "w", "i"},
		"menu":     {"y"},
		"links":    {"u"},
		"saving":   {"s", "p"},
	} {
		t.Run(name, func(*testing.T) {
			s.press(keys...)
			for w := layout.MinWidth; w <= 170; w += 13 {
				for h := layout.MinHeight; h <= 50; h += 8 {
					s.send(tea.WindowSizeMsg{Width: w, Height: h})
					s.lines() // fails if a line is too long, too short or missing
				}
			}
			s.press("esc", "esc", "esc", "esc", "esc", "ctrl+]", "[", "G")
			s.has("SCROLLED BACK 0 of")
		})
	}
}

func TestScrollGoldens(t *testing.T) {
	printed := "\x1b]133;A\x07# cat /etc/motd\r\n\x1b]133;C\x07Welcome to build-07, 世界 and all others.\r\n" +
		"Read \x1b]8;;https://evil.example/login\x07https://bank.example\x1b]8;;\x07, and then https://go.dev/doc/install.\r\n" +
		numbered(60) + "\r\n\x1b]133;D\x07\x1b]133;A\x07# "
	for name, keys := range map[string][]string{
		"scroll":        {"pgup"},
		"scroll-select": {"?", "l", "i", "n", "e", " ", "4", "enter", "backspace", "V", "k", "k"},
		"scroll-find":   {"g", "/", "l", "i", "n", "e", " ", "5"},
		"scroll-copy":   {"y"},
		"scroll-links":  {"u", "down"},
		"scroll-save":   {"s", "p"},
		"scroll-help":   {"f1"},
	} {
		for _, size := range sizes {
			s, _ := atScroll(t, size[0], size[1], printed)
			s.press(keys...)
			s.m.toasts.dismiss()
			s.golden(name)
		}
	}
}

func TestPromptsOfAShell(t *testing.T) {
	var printed strings.Builder
	for i := range 5 {
		fmt.Fprintf(&printed, "\x1b]133;D\x07\x1b]133;A\x07$ command %d\r\n\x1b]133;C\x07%s", i, strings.Repeat(fmt.Sprintf("output %d\r\n", i), 20*i))
	}
	s, _ := atScroll(t, 120, 36, printed.String()+"\x1b]133;D\x07\x1b]133;A\x07$ ready")
	s.press("[")
	s.onText("$ command 4")
	s.press("{", "[")
	s.onText("$ command 2")
	for _, keys := range [][]string{{"y", "o"}, {"j", "j", "y", "o"}} { // on the prompt, and in the output
		s.clipboard = ""
		s.press(keys...)
		if want := strings.TrimSuffix(strings.Repeat("output 2\n", 40), "\n"); s.clipboard != want {
			t.Errorf("copied %q", s.clipboard)
		}
	}
	s.press("]")
	s.onText("$ command 3")
	s.press("}", "]", "]")
	s.onText("$ ready")
	s.has("this is the last prompt")
	s.press("g", "[")
	s.has("this is the first prompt")

	s, _ = atScroll(t, 120, 36, "no marks")
	s.press("[")
	s.has("the shell marks no prompts (OSC 133)")
	s.press("y", "o")
	s.has("the shell marks none (OSC 133)")

	s, _ = atScroll(t, 120, 36, "\x1b]133;A\x07$ true\r\n\x1b]133;C\x07\x1b]133;D\x07\x1b]133;A\x07$ ready")
	s.press("y", "o")
	s.has("the command has printed nothing")
}

// What a program on the alternate screen draws can be looked at and copied too.
func TestScrollbackOfTheAlternateScreen(t *testing.T) {
	s, _ := atScroll(t, 120, 36, numbered(100)+"\x1b[?1049h\x1b[H\r\ndrawn by a program")
	s.press("Y")
	if s.clipboard != "drawn by a program" {
		t.Errorf("copied %q", s.clipboard)
	}
	s.press("k", "k", "0")
	s.onText("line 66")
}

// BenchmarkSearch looks for a text in 10,000 lines.
func BenchmarkSearch(b *testing.B) {
	t := term.New(term.Size{W: 80, H: 24}, term.Options{})
	for i := range 10_000 {
		_, _ = fmt.Fprintf(t, "%4d some text of a line that is 80 columns long, as lines of programs often are\r\n", i)
	}
	for _, what := range []string{"line", "nowhere", "Often", "9999 some"} {
		b.Run(what, func(b *testing.B) {
			back := &scrollback{term: t}
			for b.Loop() {
				for back.newFinding(what, false, point{}); !back.find.done; {
					back.search(findCells / 80)
				}
			}
		})
	}
}
