package ui

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/layout"
	"nstui/ui/term"
)

// fuzzKeys are keys that do something on the screen of a shell, most of them after the prefix.
var fuzzKeys = []string{
	"ctrl+]", "ctrl+]", "ctrl+]", "ctrl+]", "ctrl+]", "[", "[", "k", "j", "pgup", "pgdown", "g", "G", "y", "v", "V", "/", "?", "n", "N", "a", "enter", "esc",
	"q", "d", "s", "t", "z", "u", "o", "l", "h", "{", "}", "up", "down", "left", "right", "home", "end", "space", "tab", ",", ".", "1", "2", "0", "*", "#", "'",
	"w", "e", "b", "c", "i", "m", "f", "R", "r", "x",
}

// fuzzText is what a child may print to get at the screen around its own.
var fuzzText = []string{
	"\x1b]0;title \"2:other all\x07", "\x1b]2;\u202e\u2066evil\u009b31m\x07", "\x1b]8;;http://evil/\u202e\x1b[2J\x07link\x1b]8;;\x07", "\x1b]8;;x:\u65e5\u672c\x07\u65e5\u672c\x1b]8;;\x07",
	"\x1b]52;c;RVZJTA==\x07", "\x07", "\x1b[?2026h", "\x1b[?1049h", "\x1b[?1003;1006h", "\x1b[?1004h", "\x1b[?25l", "\x1b[6 q", "\x1b[>31u", "\x1b[?2048h",
	"http://a.example/\u65e5?x=1 https://b.example/(c)", "$ \x1b]133;A\x07x\x1b]133;C\x07\r\nout\r\n\x1b]133;D;0\x07", "\u05d0\u05d1\u0627\u0628", "\U0001F468\u200d\U0001F469",
	"\u1112\u1161\u11ab\ufe0f\u20e3", "a" + strings.Repeat("\u0301", 40), "\x1b[999999b", "\x1b[5;3r\x1b[?69h\x1b[2;9s\x1bD", "\x1b[2J\x1b[3J", "\x1bc", "\r\n\r\n\r\n\r\n",
}

// FuzzShell lets a shell print and its user do things in turn. Whatever they do, the screen is whole:
// each line fills it, the frame is where it belongs, and nothing is on it but text and its colours.
func FuzzShell(f *testing.F) {
	for i, text := range fuzzText {
		f.Add([]byte(text), uint32(i*77777))
		f.Add([]byte(strings.Repeat(text, 3)), uint32(0xdeadbeef-i*99991))
	}
	f.Add([]byte{0xff, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24}, uint32(5))
	f.Fuzz(func(t *testing.T, data []byte, salt uint32) {
		if len(data) > 1<<10 {
			return
		}
		roll := func(n int) int {
			salt = salt*1664525 + 1013904223
			return int(salt>>16) % n
		}
		t.Chdir(t.TempDir()) // for what is saved in files
		t.Chdir(t.TempDir()) // recordings are files
		s := atNginx(t, 60+roll(100), 12+roll(30))
		s.press("n")
		for step := 0; len(data) > 0 && step < 200 && !s.quit; step++ {
			sh := s.m.shells.current
			if sh == nil {
				return // its user has closed it
			}
			n := min(len(data), 1+roll(24))
			sh.pane.feed(printed(data[:n]))
			data = data[n:]
			s.send(shellDrewMsg{shell: sh})
			s.fuzzAct(roll)
			s.catchUp()
			s.whole()
		}
	})
}

// printed returns what a shell prints for some bytes of the fuzzer: those beyond ASCII stand for more.
func printed(data []byte) []byte {
	var out []byte
	for _, b := range data {
		if b < 0xc0 {
			out = append(out, b)
		} else {
			out = append(out, fuzzText[int(b-0xc0)%len(fuzzText)]...)
		}
	}
	return out
}

// fuzzAct does what the user may do.
func (s *shellScreen) fuzzAct(roll func(int) int) {
	s.t.Helper()
	mouse := tea.Mouse{X: roll(170) - 2, Y: roll(45) - 2, Button: tea.MouseButton(roll(8)), Mod: tea.KeyMod(roll(8))}
	switch roll(10) {
	case 0, 1, 2, 3:
		s.press(fuzzKeys[roll(len(fuzzKeys))])
	case 4:
		s.send(tea.WindowSizeMsg{Width: roll(170), Height: roll(45)})
	case 5:
		s.send(tea.PasteMsg{Content: fuzzText[roll(len(fuzzText))]})
	case 6:
		s.send([]tea.Msg{tea.MouseClickMsg(mouse), tea.MouseReleaseMsg(mouse), tea.MouseMotionMsg(mouse), tea.MouseWheelMsg(mouse)}[roll(4)])
	case 7:
		s.send([]tea.Msg{tea.FocusMsg{}, tea.BlurMsg{}}[roll(2)])
	case 8:
		s.send(shellTickMsg{})
	}
}

// catchUp takes the messages of goroutines that are there.
func (s *shellScreen) catchUp() {
	s.t.Helper()
	for {
		select {
		case msg := <-s.inbox:
			s.send(msg)
		default:
			return
		}
	}
}

// whole fails if what is drawn is not text in its colours that fills the screen, or if the frame of a shell
// is not where it belongs.
func (s *shellScreen) whole() {
	s.t.Helper()
	if s.m.width <= 0 || s.m.height <= 0 {
		return
	}
	lines := s.lines()
	view := s.m.View()
	safe(s.t, view.Content)
	if strings.ContainsFunc(view.WindowTitle, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
		s.t.Fatalf("the title is %q", view.WindowTitle)
	}
	if c := view.Cursor; c != nil && (c.X < 0 || c.X >= s.m.width || c.Y < 0 || c.Y >= s.m.height) {
		s.t.Fatalf("the cursor is at %d,%d", c.X, c.Y)
	}
	l := s.m.shellLayout()
	if s.m.screen.Form == layout.TooSmall || s.m.shellShown() == nil || s.m.top() != s.m.shells.view || !l.Sides() {
		return
	}
	vt := term.New(term.Size{W: s.m.width, H: s.m.height}, term.Options{})
	_, _ = vt.Write([]byte(strings.ReplaceAll(view.Content, "\n", "\r\n")))
	for y := l.Pane.Y; y < l.Pane.Y+l.Pane.H; y++ {
		for _, x := range []int{l.Pane.X - 1, l.Pane.X + l.Pane.W} {
			if got, want := vt.Cell(x, y).Text, s.m.paint.Glyphs.Heavy.Left; got != want {
				s.t.Fatalf("%q in place of the frame at %d,%d:\n%s", got, x, y, strings.Join(lines, "\n"))
			}
		}
	}
}

// safe fails if there is something in a screen but text, line ends and SGR.
func safe(tb testing.TB, content string) {
	tb.Helper()
	if !utf8.ValidString(content) {
		tb.Fatalf("%q is not UTF-8", content)
	}
	for at := 0; at < len(content); {
		r, n := utf8.DecodeRuneInString(content[at:])
		rest := content[at:]
		at += n
		switch {
		case r == 0x1b:
			end := strings.IndexFunc(rest[1:], func(r rune) bool { return !strings.ContainsRune("[0123456789;:", r) })
			if end < 1 || rest[1] != '[' || rest[1+end] != 'm' {
				tb.Fatalf("%.40q is not SGR", rest)
			}
			at += end + 1
		case r != '\n' && unicode.IsControl(r), r != 0x200c && r != 0x200d && unicode.Is(unicode.Cf, r), r == 0x2028, r == 0x2029:
			tb.Fatalf("%U in %.40q", r, rest)
		}
	}
}
