package theme

import (
	"strings"

	"charm.land/lipgloss/v2"
)

// Name is the name of a theme, as --theme takes it.
type Name string

// The themes. Auto is Dark until the terminal has said that its background is light.
const (
	Auto         Name = "auto"
	Dark         Name = "dark"
	Light        Name = "light"
	Mono         Name = "mono"
	HighContrast Name = "high-contrast"
)

// Names returns the names of all themes.
func Names() []Name { return []Name{Auto, Dark, Light, Mono, HighContrast} }

// Role is what a piece of text is, which decides how it looks.
type Role uint8

// The roles.
const (
	Plain    Role = iota
	Strong        // the name of the thing at hand
	Faint         // what is there for completeness: labels, what is shared with us
	Accent        // what can be acted on: keys, the active tab
	Own           // a letter or a word for "has its own"
	Shared        // a letter or a word for "same as yours"
	Good          // the word ok
	Warn          // the word warn, and what is not as usual
	Fail          // the word fail, and what went wrong
	Inside        // the bars of a shell: they must not be taken for the list
	Aside         // the bars of a shell beside the list that does not have the keyboard
	Frame         // a border
	Focus         // the border of the pane that has the keyboard
	Heading       // names of columns
	Selected      // the row under the cursor, in the pane that has the keyboard
	Resting       // the row under the cursor of another pane
	Match         // cells a filter found
	numRoles
)

// palette gives each role its look, on the 16 colours the user has chosen for the terminal.
type palette [numRoles]lipgloss.Style

// The looks the palettes are made of.
var (
	plain    = lipgloss.NewStyle()
	bold     = plain.Bold(true)
	faint    = plain.Faint(true)
	reverse  = plain.Reverse(true)
	underbar = plain.Underline(true)
)

var dark = palette{
	Strong: bold, Faint: faint, Accent: plain.Foreground(lipgloss.Cyan), Own: bold, Shared: faint,
	Good: plain.Foreground(lipgloss.Green), Warn: plain.Foreground(lipgloss.Yellow), Fail: plain.Foreground(lipgloss.Red),
	Inside: reverse.Foreground(lipgloss.Yellow), Aside: plain.Foreground(lipgloss.Yellow), Frame: faint, Focus: plain.Foreground(lipgloss.Cyan), Heading: faint,
	Selected: reverse, Resting: bold, Match: underbar.Foreground(lipgloss.Cyan),
}

// On a light ground cyan and yellow text cannot be read: blue does for one, and yellow as the ground
// for the other.
var light = palette{
	Strong: bold, Faint: faint, Accent: plain.Foreground(lipgloss.Blue), Own: bold, Shared: faint,
	Good: plain.Foreground(lipgloss.Green), Warn: onYellow, Fail: plain.Foreground(lipgloss.Red),
	Inside: onYellow, Aside: bold, Frame: faint, Focus: plain.Foreground(lipgloss.Blue), Heading: faint,
	Selected: reverse, Resting: bold, Match: underbar.Foreground(lipgloss.Blue),
}

var onYellow = plain.Foreground(lipgloss.Black).Background(lipgloss.Yellow)

var mono = palette{
	Strong: bold, Faint: faint, Accent: bold, Own: bold, Shared: faint, Warn: bold, Fail: bold,
	Inside: reverse, Aside: plain, Frame: faint, Focus: bold, Heading: faint, Selected: reverse, Resting: bold, Match: underbar,
}

// Nothing faint, and no colour: the terminal's own foreground and background differ most.
var highContrast = palette{
	Strong: bold, Accent: bold, Own: bold, Good: bold, Warn: bold.Reverse(true), Fail: bold.Reverse(true),
	Inside: bold.Reverse(true), Focus: bold, Heading: underbar, Selected: bold.Reverse(true), Resting: bold,
	Match: bold.Underline(true),
}

// Glyphs are the characters that are not text.
type Glyphs struct {
	Round    lipgloss.Border // around what is outside of a shell
	Heavy    lipgloss.Border // around a shell: the shape alone tells where one is
	Cursor   string          // beside the selected row
	Mark     string          // beside a marked row
	Ellipsis string          // in place of what was cut
	Path     string          // between the parts of the breadcrumb
	Before   string          // the same to the left
	Dot      string          // between facts in a line
	Up, Down string          // directions of a sort order
	// A tree: a row with others behind it, the last one, beside those between, and before a name.
	Branch, Last, Pipe, Dash string

	spell *strings.Replacer // nil where all of them can be shown
}

// Spell returns a text with the characters of our own words that cannot be shown replaced. What else a
// text holds stays: fonts differ.
func (g *Glyphs) Spell(s string) string {
	if g.spell == nil {
		return s
	}
	return g.spell.Replace(s)
}

var unicodeGlyphs = Glyphs{
	Round:  lipgloss.RoundedBorder(),
	Heavy:  lipgloss.ThickBorder(),
	Cursor: "▌", Mark: "*", Ellipsis: "…", Path: "›", Before: "‹", Dot: "·", Up: "↑", Down: "↓",
	Branch: "├", Last: "└", Pipe: "│", Dash: "─",
}

// asciiGlyphs are for the kernel's own terminal, whose fonts lack most of the above.
var asciiGlyphs = Glyphs{
	Round: lipgloss.ASCIIBorder(),
	Heavy: lipgloss.Border{
		Top: "=", Bottom: "=", Left: "#", Right: "#", TopLeft: "#", TopRight: "#", BottomLeft: "#", BottomRight: "#",
	},
	Cursor: ">", Mark: "*", Ellipsis: "~", Path: ">", Before: "<", Dot: "-", Up: "^", Down: "v",
	Branch: "|", Last: "`", Pipe: "|", Dash: "-",
	spell: strings.NewReplacer("…", "~", "·", "-", "›", ">", "—", "-", "↑", "^", "↓", "v"),
}

// Env is what of the environment decides how things may look.
type Env struct {
	NoColor bool   // NO_COLOR has a value, whatever it is: https://no-color.org
	Term    string // TERM
}

// Theme is a theme ready to paint with. It is a value: changing the theme replaces it.
type Theme struct {
	Glyphs Glyphs
	looks  *looks
	name   Name
	env    Env
}

// New returns the theme with the given name. An unknown name is Auto.
func New(name Name, env Env) Theme {
	p := &dark
	switch {
	case name == HighContrast:
		p = &highContrast
	case name == Mono, env.NoColor:
		p = &mono
	case name == Light:
		p = &light
	}
	t := Theme{Glyphs: unicodeGlyphs, looks: p.looks(), name: name, env: env}
	if env.Term == "linux" {
		t.Glyphs = asciiGlyphs
	}
	return t
}

// On returns the theme for the background the terminal says it has. Only Auto follows it.
func (t Theme) On(darkBackground bool) Theme {
	if t.name != Auto || t.env.NoColor {
		return t
	}
	t.looks = light.looks()
	if darkBackground {
		t.looks = dark.looks()
	}
	return t
}

// Paint returns the text as its role looks, over the look of the row it is in. The text must be clean.
func (t Theme) Paint(base, role Role, s string) string {
	if s == "" {
		return ""
	}
	l := &t.looks[base][role]
	return l.before + s + l.after
}

// look is what stands before and behind a text.
type look struct{ before, after string }

// looks are those of each role in a row of each role.
type looks [numRoles][numRoles]look

// looks works them out once: a screen has hundreds of spans, and is drawn after every message.
func (p *palette) looks() *looks {
	var all looks
	for base := range numRoles {
		for role := range numRoles {
			const text = "x"
			before, after, _ := strings.Cut(p.style(base, role).Render(text), text)
			all[base][role] = look{before, after}
		}
	}
	return &all
}

// style returns the style of a role in a row.
func (p *palette) style(base, role Role) lipgloss.Style {
	row := p[base]
	switch {
	case base == Plain:
		return p[role]
	case base != Selected && base != Inside:
		return p[role].Inherit(row)
	case role == Match:
		return row.Underline(true)
	}
	return row // in reverse video a colour would become the ground, another in each column
}

// Colourless reports whether the theme has no colours: what others draw shall have none then, either.
func (t Theme) Colourless() bool { return t.name == Mono || t.env.NoColor }
