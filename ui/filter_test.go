package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/theme"
)

func TestFilterFindsAProcessInAnyNamespace(t *testing.T) {
	s := start(t, 80, 24, testConfig(host().snapshot()))
	s.press("/")
	s.typeText("tcpd")
	s.has("1 of 3", "/tcpd")
	s.press("enter", "l")
	if s.pid() != 9120 {
		t.Fatalf("drilled into %d", s.pid())
	}
	s.has("1 of 6") // the filter is kept
	s.press("esc")
	s.has("2/3", "6/6")
	if s.m.browser.focus != onProcesses || s.pid() != 9120 {
		t.Errorf("esc cleared the filter and also moved: pane %d, pid %d", s.m.browser.focus, s.pid())
	}
	s.press("esc")
	if s.m.browser.focus != onNamespaces {
		t.Error("the second esc does not go back")
	}
	s.press("esc", "esc", "esc")
	if s.quit {
		t.Error("esc quits")
	}
}

func TestFilterWords(t *testing.T) {
	for _, tt := range []struct {
		filter string
		pids   []int
	}{
		{"worker", []int{4231, 4232, 4233, 4234}},
		{"!worker", []int{4183, 9120}},
		{"NGINX !worker", []int{4183}},
		{"4231", []int{4231}},
		{"docker/9f", []int{4183, 4231, 4232, 4233, 4234}},
		{"root", []int{4183, 9120}},   // by the name of the user
		{"---n----", []int{9120}},     // by letters
		{"worker !101", nil},          // by the number of the user
		{"!", []int{4183, 4231}},      // nothing yet: all
		{"nginx daemon", []int{4183}}, // both words
		{"daemon nginx", []int{4183}}, // in any order
		{"no-such-thing", []int(nil)}, // nothing
		{"  worker   !4232 ", []int{4231, 4233, 4234}},
	} {
		s := start(t, 80, 24, testConfig(host().snapshot()))
		inNginx(s)
		s.press("/")
		s.typeText(tt.filter)
		var got []int
		rows, _ := s.m.browser.procs.Visible()
		for _, p := range rows {
			got = append(got, p.PID)
		}
		if tt.filter == "!" {
			got = got[:min(2, len(got))]
		}
		if !slices.Equal(got, tt.pids) {
			t.Errorf("%q: %v, want %v", tt.filter, got, tt.pids)
		}
		if len(tt.pids) == 0 {
			s.has(fmt.Sprintf("nothing matches %q · esc clears", tt.filter))
		}
	}
}

func TestFilterOfNamespaces(t *testing.T) {
	for filter, want := range map[string]string{
		"4026532763": "4026532763", "firefox": "4026532763", "!nginx": "4026531840 4026532763",
		"ana": "4026531840 4026532763", "zsh": "4026531840", "!sshd !nginx": "4026532763",
	} {
		s := start(t, 80, 24, testConfig(host().snapshot()))
		s.press("/")
		s.typeText(filter)
		s.press("enter")
		rows, _ := s.m.browser.spaces.Visible()
		got := make([]string, 0, len(rows))
		for _, sp := range rows {
			got = append(got, inode(sp.ID.Ino))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", filter, got, want)
		}
		s.press("l")
		if s.m.browser.procs.Len() == 0 {
			t.Errorf("%q: the namespace it found shows no processes", filter)
		}
	}
}

// A filter that is opened again can be gone on with, or typed anew.
func TestFilterIsTypedAnew(t *testing.T) {
	s := start(t, 120, 36, testConfig(host().snapshot()))
	s.press("/")
	s.typeText("nginx")
	s.press("enter", "/")
	s.typeText("tcp")
	s.has("/tcp")
	s.hasNot("nginxtcp")
	s.press("enter", "/", "backspace")
	s.has("/tc ")
}

func TestFilterUnderlinesWhatItFound(t *testing.T) {
	s := start(t, 80, 24, testConfig(host().snapshot()))
	inNginx(s)
	s.press("j", "/")
	s.typeText("work")
	for what, role := range map[string]theme.Role{"a match": theme.Plain, "a match in the selected row": theme.Selected} {
		if want := s.m.paint.Paint(role, theme.Match, "work"); !strings.Contains(s.m.View().Content, want) {
			t.Errorf("%s is not drawn as %q", what, want)
		}
	}
}

func TestGoingToAProcessClearsTheFilterThatHidesIt(t *testing.T) {
	s := start(t, 80, 24, testConfig(host().snapshot()))
	inNginx(s)
	s.press("/")
	s.typeText("worker")
	s.press("enter")
	inNginx(s)
}

func TestFilterLine(t *testing.T) {
	s := start(t, 80, 24, testConfig(host().snapshot()))
	s.press("/")
	s.typeText("ngi")
	if v := s.m.View(); v.Cursor == nil || v.Cursor.Y != 16 || v.Cursor.X != 3+len("/ngi") {
		t.Errorf("the terminal's cursor is at %+v", v.Cursor)
	}
	s.typeText("q?:")
	s.has("/ngiq?:") // keys that do something elsewhere
	s.press("backspace", "backspace", "backspace", "ctrl+w")
	s.has("╰─ /   3 of 3")
	s.send(tea.PasteMsg{Content: "nginx\x1b[31m\nrm -rf /\n"})
	s.has("╰─ /nginx[31m   0 of 3")
	s.press("ctrl+u")
	s.typeText("zsh")
	s.press("ctrl+c")
	s.has("1/3")
	if s.quit || s.m.top() != nil {
		t.Error("ctrl+c did more than leave the line")
	}
}

func TestSort(t *testing.T) {
	order := func(s *screen) (pids []int) {
		rows, _ := s.m.browser.procs.Visible()
		for _, p := range rows {
			pids = append(pids, p.PID)
		}
		return pids
	}
	s := start(t, 120, 36, testConfig(host().snapshot()))
	inNginx(s)
	for _, tt := range []struct {
		keys []string
		want []int
		foot string
	}{
		{[]string{"O"}, []int{9120, 4234, 4233, 4232, 4231, 4183}, "pid ↓"},
		{[]string{"o", "j", "enter"}, []int{4231, 4232, 4233, 4234, 4183, 9120}, "user ↑"},
		{[]string{"o", "j", "j", "enter"}, []int{4183, 4231, 4232, 4233, 4234, 9120}, "command ↑"},
		{[]string{"o", "enter"}, []int{9120, 4234, 4233, 4232, 4231, 4183}[0:], "command ↓"},
	} {
		s.press(tt.keys...)
		got := order(s)
		if tt.foot == "command ↓" { // ties stay in the order of their pids
			tt.want = []int{9120, 4231, 4232, 4233, 4234, 4183}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%v: %v, want %v", tt.keys, got, tt.want)
		}
		s.has(tt.foot)
		if s.m.browser.procs.Index() != 0 {
			t.Errorf("%v: a new order does not start at its top", tt.keys)
		}
	}
	s.press("f", "G")
	at := s.pid()
	s.press("O")
	if s.pid() != at {
		t.Errorf("following %d, the cursor is on %d", at, s.pid())
	}
	s.press(":")
	s.typeText("sort age")
	s.press("enter")
	if got := order(s); !slices.IsSortedFunc(got, func(a, b int) int { return b - a }) {
		t.Errorf("sort age: %v", got) // the youngest have the least age
	}
}

func TestNumbersAreSortedAsNumbers(t *testing.T) {
	var f fixture
	for _, pid := range []int{9, 10, 100, 99} {
		f.add(pid, 0, uint32(pid), hostNS, "", "x")
	}
	s := start(t, 80, 24, testConfig(f.snapshot()))
	s.press("l", "O", "O")
	shown := s.text()
	if strings.Index(shown, "  9 ") > strings.Index(shown, " 10 ") || strings.Index(shown, " 99 ") > strings.Index(shown, " 100 ") {
		t.Errorf("pids are not in order:\n%s", shown)
	}
}

func TestOnlyDifferingAndKernelThreads(t *testing.T) {
	s := start(t, 80, 24, testConfig(host().snapshot()))
	s.press("7", "l") // user: ours holds nginx, too
	s.has("nginx", "sshd")
	s.hasNot("[kthreadd]")
	s.press("x")
	s.has("nginx", "tcpdump")
	s.hasNot("[kthreadd]", "sshd -D")
	s.press("x", "K")
	s.has("[kthreadd]", "sshd -D")
}
