package theme

import "strings"

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
	Frame         // a border
	Focus         // the border of the pane that has the keyboard
	Heading       // names of columns
	Selected      // the row under the cursor, in the pane that has the keyboard
	Resting       // the row under the cursor of another pane
	Match         // cells a filter found
	numRoles
)

// palette gives each role the parameters of an SGR sequence, see console_codes(4).
type palette [numRoles]string

var dark = palette{
	Strong: "1", Faint: "2", Accent: "36", Own: "1", Shared: "2", Good: "32", Warn: "33", Fail: "31",
	Inside: "7;33", Frame: "2", Focus: "36", Heading: "2", Selected: "7", Resting: "1", Match: "4;36",
}

// On a light ground cyan and yellow text cannot be read: blue does for one, and reverse for the other.
var light = palette{
	Strong: "1", Faint: "2", Accent: "34", Own: "1", Shared: "2", Good: "32", Warn: "30;43", Fail: "31",
	Inside: "30;43", Frame: "2", Focus: "34", Heading: "2", Selected: "7", Resting: "1", Match: "4;34",
}

var mono = palette{
	Strong: "1", Faint: "2", Accent: "1", Own: "1", Shared: "2", Good: "", Warn: "1", Fail: "1",
	Inside: "7", Frame: "2", Focus: "1", Heading: "2", Selected: "7", Resting: "1", Match: "4",
}

// Nothing faint, and no colour: the terminal's own foreground and background differ most.
var highContrast = palette{
	Strong: "1", Accent: "1", Own: "1", Good: "1", Warn: "1;7", Fail: "1;7",
	Inside: "1;7", Focus: "1", Heading: "4", Selected: "1;7", Resting: "1", Match: "1;4",
}

// Glyphs are the characters that are not text.
type Glyphs struct {
	Round    Border            // around what is outside of a shell
	Heavy    Border            // around a shell: the shape alone tells where one is
	Cursor   string            // beside the selected row
	Mark     string            // beside a marked row
	Ellipsis string            // in place of what was cut
	Path     string            // between the parts of the breadcrumb
	Dot      string            // between facts in a line
	Up, Down string            // directions of a sort order
	spell    *strings.Replacer // nil where all of them can be shown
}

// Spell returns a text with the characters of our own words that cannot be shown replaced. What else a
// text holds stays: fonts differ.
func (g *Glyphs) Spell(s string) string {
	if g.spell == nil {
		return s
	}
	return g.spell.Replace(s)
}

// Border holds the characters of a frame.
type Border struct {
	TopLeft, TopRight, BottomLeft, BottomRight, Horizontal, Vertical string
}

var unicodeGlyphs = Glyphs{
	Round:  Border{"╭", "╮", "╰", "╯", "─", "│"},
	Heavy:  Border{"┏", "┓", "┗", "┛", "━", "┃"},
	Cursor: "▌", Mark: "*", Ellipsis: "…", Path: "›", Dot: "·", Up: "↑", Down: "↓",
}

// asciiGlyphs are for the kernel's own terminal, whose fonts lack most of the above.
var asciiGlyphs = Glyphs{
	Round:  Border{"+", "+", "+", "+", "-", "|"},
	Heavy:  Border{"#", "#", "#", "#", "=", "#"},
	Cursor: ">", Mark: "*", Ellipsis: "~", Path: ">", Dot: "-", Up: "^", Down: "v",
	spell: strings.NewReplacer("…", "~", "·", "-", "›", ">", "—", "-", "↑", "^", "↓", "v"),
}

// Env is what of the environment decides how things may look.
type Env struct {
	NoColor bool   // NO_COLOR has a value, whatever it is: https://no-color.org
	Term    string // TERM
}

// Theme is a theme ready to paint with. It is a value: changing the theme replaces it.
type Theme struct {
	Glyphs  Glyphs
	palette palette
	name    Name
	env     Env
}

// New returns the theme with the given name. An unknown name is Auto.
func New(name Name, env Env) Theme {
	t := Theme{Glyphs: unicodeGlyphs, palette: dark, name: name, env: env}
	switch {
	case name == HighContrast:
		t.palette = highContrast
	case name == Mono, env.NoColor:
		t.palette = mono
	case name == Light:
		t.palette = light
	}
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
	t.palette = light
	if darkBackground {
		t.palette = dark
	}
	return t
}

// Paint returns the text as its role looks, over the look of the row it is in. The text must be clean.
func (t Theme) Paint(base, role Role, s string) string {
	sgr := t.palette[base]
	if over := t.palette[role]; over != "" && over != sgr {
		// In a row of reverse video a colour would become the ground, another in each column.
		switch {
		case sgr == "":
			sgr = over
		case base != Selected && base != Inside:
			sgr += ";" + over
		case role == Match:
			sgr += ";4"
		}
	}
	if sgr == "" || s == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[m"
}

// Colourless reports whether the theme has no colours: what others draw shall have none then, either.
func (t Theme) Colourless() bool { return t.name == Mono || t.env.NoColor }
