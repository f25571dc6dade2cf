package theme

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

var colour = regexp.MustCompile(`\x1b\[([0-9;]*)m`)

// hasColour reports whether any SGR parameter in s sets a colour.
func hasColour(s string) bool {
	for _, m := range colour.FindAllStringSubmatch(s, -1) {
		for p := range strings.SplitSeq(m[1], ";") {
			if len(p) == 2 && p[0] >= '3' && p[0] <= '4' {
				return true
			}
		}
	}
	return false
}

// paintAll paints a word in every role over every kind of row.
func paintAll(t Theme) string {
	var b strings.Builder
	for _, base := range []Role{Plain, Selected, Resting, Inside} {
		for role := range numRoles {
			b.WriteString(t.Paint(base, role, "word"))
		}
	}
	return b.String()
}

func TestNoColourAnywhere(t *testing.T) {
	for _, tt := range []struct {
		name Name
		env  Env
		want bool
	}{
		{Auto, Env{}, true},
		{Dark, Env{}, true},
		{Light, Env{}, true},
		{Mono, Env{}, false},
		{HighContrast, Env{}, false},
		{Auto, Env{NoColor: true}, false},
		{Light, Env{NoColor: true}, false},
	} {
		theme := New(tt.name, tt.env)
		if got := hasColour(paintAll(theme) + paintAll(theme.On(true)) + paintAll(theme.On(false))); got != tt.want {
			t.Errorf("%s %+v: colour %v, want %v", tt.name, tt.env, got, tt.want)
		}
	}
}

func TestEveryThemeShowsTheCursor(t *testing.T) {
	for _, name := range Names() {
		for _, noColor := range []bool{false, true} {
			if got := New(name, Env{NoColor: noColor}).Paint(Plain, Selected, "x"); !strings.Contains(got, "7m") {
				t.Errorf("%s: the selected row is not in reverse video: %q", name, got)
			}
		}
	}
}

func TestOnlyAutoFollowsTheBackground(t *testing.T) {
	for _, name := range Names() {
		theme := New(name, Env{})
		changed := paintAll(theme) != paintAll(theme.On(false))
		if changed != (name == Auto) {
			t.Errorf("%s: changed on a light background: %v", name, changed)
		}
	}
}

func TestConsoleGetsASCII(t *testing.T) {
	g := New(Auto, Env{Term: "linux"}).Glyphs
	all := g.Cursor + g.Mark + g.Ellipsis + g.Path + g.Dot + g.Up + g.Down
	for _, r := range all + fmt.Sprint(g.Round, g.Heavy) {
		if r > 0x7e {
			t.Errorf("%q is not ASCII", r)
		}
	}
	if g.Round == g.Heavy {
		t.Error("a shell's frame looks like any other")
	}
}

func TestPaintClosesWhatItOpens(t *testing.T) {
	theme := New(Dark, Env{})
	for base := range numRoles {
		for role := range numRoles {
			s := theme.Paint(base, role, "x")
			if strings.Contains(s, "\x1b") && !strings.HasSuffix(s, "\x1b[m") {
				t.Errorf("role %d over %d: %q", role, base, s)
			}
			if theme.Paint(base, role, "") != "" {
				t.Errorf("role %d over %d paints nothing as something", role, base)
			}
		}
	}
}

// A match must be seen in every row of every theme, also without colour.
func TestMatchesAreUnderlined(t *testing.T) {
	underline := regexp.MustCompile(`\x1b\[([0-9;]*;)?4(;[0-9;]*)?m`)
	for _, name := range Names() {
		for _, base := range []Role{Plain, Selected, Resting} {
			if got := New(name, Env{}).Paint(base, Match, "x"); !underline.MatchString(got) {
				t.Errorf("%s: a match in a row of role %d is not underlined: %q", name, base, got)
			}
		}
	}
}
