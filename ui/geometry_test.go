package ui

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan"
	"nstui/ui/theme"
)

var (
	widths  = []int{1, 20, 39, 40, 41, 52, 63, 64, 65, 79, 80, 100, 119, 120, 200}
	heights = []int{1, 9, 10, 15, 16, 24, 36, 70}
)

// hostileNames are what a process may call itself.
var hostileNames = []string{
	"\x1b[2J\x1b[H\x1b]0;owned\x07\x1b[31mred",
	"line one\nline two\r\n\tline three",
	"\u202egnp.exe \u2066 isolate \u200f",
	strings.Repeat("A", 4000),
	strings.Repeat("数据库", 1500),
	"a" + strings.Repeat("\u0301\u0336", 500),
	"👨‍👩‍👧‍👦 🇩🇪 ❤️ ☝🏿 각각 क्षि \u1100\u1161",
	"\x9b31m\xff\xfe\xc3(\x00nul\x7f",
	"\x1b[8mhidden\x1b[0m \x1b_apc\x1b\\ \x1bP dcs\x1b\\",
	"\u200b\u2060\ufeff\u00ad",
}

// hostileHost is a host on which every text is hostile.
func hostileHost() fixture {
	f := host()
	for i, name := range hostileNames {
		p := f.add(20000+i, 1, uint32(5000+i), hostNS, name, name, name)
		p.Comm = name
		p = f.add(21000+i, 1, uint32(5000+i), inContainer(uint64(4026540000+10*i), 1<<3), name, name)
		p.Comm = name
	}
	return f
}

// surfaces are all there is to be seen, by what leads to it. The lists of the views are in golden_test.go.
func surfaces() map[string]func(*screen) {
	all := map[string]func(*screen){
		"namespaces": func(*screen) {},
		"processes":  func(s *screen) { s.press("l") },
		"columns":    func(s *screen) { s.press("l", "l") },
		"toast":      func(s *screen) { s.press("=") },
		"hostile": func(s *screen) {
			s.press(":")
			s.typeText("pid 20004")
			s.press("enter")
		},
	}
	maps.Copy(all, views)
	return all
}

// TestGeometry draws every surface on every size of screen. screen.text fails on a line that is not
// exactly as wide as the screen, and on a screen of the wrong height.
func TestGeometry(t *testing.T) {
	for name, do := range surfaces() {
		t.Run(name, func(t *testing.T) {
			s := start(t, 120, 36, testConfig(hostileHost().snapshot()))
			do(s)
			for _, w := range widths {
				for _, h := range heights {
					s.send(tea.WindowSizeMsg{Width: w, Height: h})
					s.lines()
					if c := s.m.View().Cursor; c != nil && (c.X < 0 || c.X >= w || c.Y < 0 || c.Y >= h) {
						t.Errorf("%dx%d: the cursor is at %d,%d", w, h, c.X, c.Y)
					}
				}
			}
		})
	}
}

// TestHostileNamesChangeNothingButTheirCells compares the screen of a process with a hostile name to
// that of one with a tame name: the frame must be the same.
func TestHostileNamesChangeNothingButTheirCells(t *testing.T) {
	draw := func(name string) (*screen, []string) {
		f := fixture{}
		f.add(1, 0, 0, hostNS, "init.scope", "init")
		p := f.add(2, 1, 0, hostNS, name, name)
		p.Comm = name
		c := testConfig(f.snapshot())
		c.Host = name
		s := start(t, 120, 36, c)
		s.press("l", "j", "y", "c")
		return s, s.lines()
	}
	_, tame := draw("tame")
	for _, name := range hostileNames {
		s, got := draw(name)
		for y := range got {
			for _, border := range "╭╮╰╯│" {
				if a, b := strings.Count(tame[y], string(border)), strings.Count(got[y], string(border)); a != b {
					t.Errorf("%.20q: line %d has %d %c, not %d: %q", name, y, b, border, a, got[y])
				}
			}
		}
		content := s.m.View().Content
		for _, bad := range []string{"\x1b]", "\x1bP", "\x1b_", "\x1b[2J", "\x1b[8m", "\u202e", "\u009b", "\x00", "\r", "\t"} {
			if strings.Contains(content, bad) {
				t.Errorf("%.20q: %q reaches the terminal", name, bad)
			}
		}
		if !utf8.ValidString(content) {
			t.Errorf("%.20q: what reaches the terminal is not UTF-8", name)
		}
		if title := s.m.View().WindowTitle; strings.ContainsAny(title, "\x1b\x07\n") {
			t.Errorf("%.20q: the title is %q", name, title)
		}
	}
}

// TestMonoSaysTheSame draws every screen without colour: not one character may be missing.
func TestMonoSaysTheSame(t *testing.T) {
	for name, do := range views {
		coloured := start(t, 120, 36, testConfig(host().snapshot()))
		do(coloured)
		c := testConfig(host().snapshot())
		c.Theme = theme.Auto
		s := startIn(t, "xterm-256color", "yes", 120, 36, c) // "yes" is no boolean, and counts all the same
		do(s)
		if s.text() != coloured.text() {
			t.Errorf("%s: without colour something else is said", name)
		}
		content := s.m.View().Content
		for _, sgr := range []string{"[3", ";3", "[4m", ";4m"} {
			for n := range 8 {
				if strings.Contains(content, fmt.Sprintf("%s%dm", sgr, n)) {
					t.Errorf("%s: a colour in spite of NO_COLOR", name)
				}
			}
		}
		if name == "browser" && !strings.Contains(content, "\x1b[7m") {
			t.Error("the cursor is not in reverse video")
		}
	}
}

// TestConsoleGetsASCII draws the browser as the kernel's own terminal shows it.
func TestConsoleGetsASCII(t *testing.T) {
	s := startIn(t, "linux", "", 120, 36, testConfig(host().snapshot()))
	for _, name := range slices.Sorted(maps.Keys(views)) {
		views[name](s)
		for _, r := range s.text() {
			if r > 0x7e {
				t.Fatalf("%s: %q is not ASCII:\n%s", name, r, s.text())
			}
		}
		for s.m.top() != nil {
			s.press("ctrl+c")
		}
	}
	s.has(">")
}

// TestEmptySnapshot draws what there is to be drawn of nothing.
func TestEmptySnapshot(t *testing.T) {
	s := start(t, 80, 24, testConfig(&procscan.Snapshot{At: noon}))
	s.press("l", "j", "k", "G", "g", "space", "i", "y", "y", "=", "x", "K", "o", "enter", "/", "a", "enter", "0", "]")
	s.has("0 procs")
}
