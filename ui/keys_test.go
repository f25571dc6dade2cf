package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// TestNoKeyDoesTwoThings looks for keys that two actions of a scope want. What a surface takes of the
// keys for everywhere is on purpose, but the browser has no surface: there none may be hidden.
func TestNoKeyDoesTwoThings(t *testing.T) {
	type place struct {
		scope scope
		key   string
	}
	taken := map[place]string{}
	for _, a := range newActions() {
		scopes := []scope{a.scope}
		if a.scope == inAny {
			scopes = append(scopes, inBrowser)
		}
		for _, s := range scopes {
			for _, k := range a.keys {
				at := place{s, k}
				if other := taken[at]; other != "" {
					t.Errorf("%s: %q is %s and %s", s, k, other, a.id)
				}
				taken[at] = a.id
			}
		}
	}
	for at := range taken {
		if first, _, chord := strings.Cut(at.key, " "); chord && taken[place{at.scope, first}] == "" {
			t.Errorf("%q can never be typed: %q does nothing", at.key, first)
		}
	}
}

func TestActionsAreWhole(t *testing.T) {
	ids := map[string]bool{}
	for _, a := range newActions() {
		if a.id == "" || a.label == "" {
			t.Errorf("%+v lacks an id or a label", a)
		}
		if a.help == "" && !strings.HasPrefix(a.id, "shell-") { // shell-1 says it for the others
			t.Errorf("%s lacks a help", a.id)
		}
		if a.run == nil && a.scope != inShell {
			t.Errorf("%s does nothing", a.id)
		}
		if ids[a.id] {
			t.Errorf("%s is there twice", a.id)
		}
		ids[a.id] = true
	}
}

// TestEveryKeyOfTheTableCanBePressed gives each key of the browser to a model as the terminal would.
func TestEveryKeyOfTheTableCanBePressed(t *testing.T) {
	for _, a := range newActions() {
		for _, k := range a.keys {
			for part := range strings.SplitSeq(k, " ") {
				if part == "" || a.scope == inShell {
					continue
				}
				if got := keyName(keyOf(part)); got != part {
					t.Errorf("%s: %q arrives as %q", a.id, part, got)
				}
			}
		}
	}
}

func TestKeyNames(t *testing.T) {
	for _, tt := range []struct {
		key  tea.KeyPressMsg
		want string
	}{
		{tea.KeyPressMsg{Code: tea.KeyKpEnter}, "enter"},
		{tea.KeyPressMsg{Code: 'g', ShiftedCode: 'G', Text: "G", Mod: tea.ModShift}, "G"},
		{tea.KeyPressMsg{Code: '/', ShiftedCode: '?', Text: "?", Mod: tea.ModShift}, "?"},
		{tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}, "space"},
		{tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl}, "ctrl+c"},
		{tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}, "shift+tab"},
	} {
		if got := keyName(tt.key); got != tt.want {
			t.Errorf("%+v is %q, want %q", tt.key, got, tt.want)
		}
	}
}

func TestFooterNamesTheKeys(t *testing.T) {
	for _, width := range []int{40, 80, 120, 200} {
		s := start(t, width, 24, testConfig(host().snapshot()))
		footer := s.lines()[22]
		for _, want := range []string{"enter open", "s shell", "? help", "q quit"} {
			if !strings.Contains(footer, want) {
				t.Errorf("%d columns: %q lacks %q", width, footer, want)
			}
		}
	}
	s := start(t, 200, 24, testConfig(host().snapshot()))
	s.has("space mark", "f follow", "o sort")
}

func TestKeysMarkdown(t *testing.T) {
	got := KeysMarkdown()
	for _, want := range []string{
		"**Everywhere**", "**Browser**", "| `enter` `l` `right` | ", "| `y p` | copy the pid |", "| `?` `f1` | ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
	for row := range strings.SplitSeq(got, "\n") {
		if n := strings.Count(row, "|") - strings.Count(row, `\|`); row != "" && strings.HasPrefix(row, "|") && n != 3 {
			t.Errorf("not a row of two columns: %q", row)
		}
	}
}

func TestTrace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trace")
	log, err := openTrace(path)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, 80, 24, testConfig(host().snapshot()))
	s.m.trace = log
	s.press("j")
	s.text()
	log.close()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"update tea.KeyPressMsg", "update ui.inspectedMsg", "view "} {
		if !strings.Contains(string(got), want) {
			t.Errorf("the trace lacks %q:\n%s", want, got)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the trace has mode %v, %v", info.Mode(), err)
	}
}
