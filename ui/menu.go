package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/layout"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// item is something that can be chosen in a menu.
type item struct {
	key   string // runs it at once in a menu that is not typed in; with several characters, once all are typed
	also  string // another such key, which is not shown
	group string // a heading over the first of a group
	label string
	note  string
	why   string // why it cannot be had
	run   func(m *Model) tea.Cmd

	number int // what whole and fill know it by
}

// menu is a list to choose from: sort orders, what to copy, the help, the palette.
type menu struct {
	title  string
	all    []item
	typed  bool // keys are searched for, instead of being keys
	input  input
	parse  func(m *Model, typed string) (item, bool) // reads what is typed as a command
	shown  []item
	at     int // what is selected
	top    int
	height int // of the list, as it was last drawn

	does string // what enter does, "" for run
	// whole says all there is to say about an item, below the list; nil is nothing.
	whole func(number, width int) []line
	// fill returns what there is to choose from now, for a menu of what goes on; nil is what there was.
	fill  func(m *Model) []item
	begun string // what is typed of a key that begins as others do
}

// search makes the list of what fits to what is typed.
func (s *menu) search() {
	words := strings.Fields(strings.ToLower(s.input.text))
	s.shown = s.shown[:0]
	for _, it := range s.all {
		hay := strings.ToLower(it.label + " " + it.note + " " + it.key + " " + it.group)
		fits := true
		for _, w := range words {
			fits = fits && strings.Contains(hay, w)
		}
		if fits {
			s.shown = append(s.shown, it)
		}
	}
	if s.parse != nil { // a list of names, in no groups
		typed := strings.Join(words, " ")
		slices.SortStableFunc(s.shown, func(a, b item) int { return cmp.Compare(a.rank(typed), b.rank(typed)) })
	}
	s.at = min(s.at, max(0, len(s.shown)-1))
}

// rank says how well the name of an item fits to what is typed: 0 if it begins so.
func (it item) rank(typed string) int {
	switch label := strings.ToLower(it.label); {
	case strings.HasPrefix(label, typed):
		return 0
	case strings.Contains(label, typed):
		return 1
	default:
		return 2
	}
}

// typedMore searches again after the line has changed.
func (s *menu) typedMore(m *Model) {
	s.at, s.top = 0, 0
	s.search()
	if s.parse == nil {
		return
	}
	if it, ok := s.parse(m, s.input.text); ok {
		others := slices.DeleteFunc(s.shown, func(other item) bool {
			if other.label == it.label { // an action, whose key is worth knowing
				it.key = other.key
			}
			return other.label == it.label
		})
		s.shown = append([]item{it}, others...)
	}
}

func (s *menu) scope() scope { return inMenu }

func (s *menu) key(m *Model, msg tea.KeyPressMsg) (tea.Cmd, bool) {
	if s.typed {
		taken := s.input.key(msg)
		if taken {
			s.typedMore(m)
		}
		return nil, taken
	}
	return s.keyed(m, keyName(msg))
}

func (s *menu) paste(m *Model, pasted string) tea.Cmd {
	if s.typed {
		s.input.insert(pasted)
		s.typedMore(m)
	}
	return nil
}

func (s *menu) mouse(_ *Model, msg tea.MouseMsg) tea.Cmd {
	switch msg.Mouse().Button {
	case tea.MouseWheelUp:
		s.move(-1)
	case tea.MouseWheelDown:
		s.move(1)
	}
	return nil
}

// move moves the cursor. What is typed of a key was for what it was on.
func (s *menu) move(by int) {
	s.at, s.begun = max(0, min(s.at+by, len(s.shown)-1)), ""
}

// choose closes the menu and runs what is under the cursor.
func (s *menu) choose(m *Model) tea.Cmd {
	if len(s.shown) == 0 {
		return nil
	}
	it := s.shown[s.at]
	m.shut(s)
	if it.why != "" {
		return m.warn(it.label + ": " + it.why)
	}
	if it.run == nil {
		return nil
	}
	return it.run(m)
}

// lines returns the rows of the list, and which of them the cursor is on.
func (s *menu) lines(p painter, keyWidth, labelWidth int) (ls []line, row int) {
	group := ""
	for i, it := range s.shown {
		if it.group != group {
			if group = it.group; len(ls) > 0 {
				ls = append(ls, nil)
			}
			ls = append(ls, say(theme.Heading, "  "+group))
		}
		role, keys := theme.Plain, theme.Accent
		if it.why != "" {
			role, keys = theme.Faint, theme.Faint
		}
		glyph := " "
		if i == s.at {
			glyph, row = p.Glyphs.Cursor, len(ls)
		}
		l := line{{theme.Accent, glyph}, {role, " "}}
		if keyWidth > 0 {
			l = append(l, p.column(keys, it.key, keyWidth), span{role, "  "})
		}
		if it.note == "" && it.why == "" {
			l = append(l, span{role, it.label})
		} else {
			l = append(l, p.column(role, it.label, labelWidth), span{role, "  "}, span{theme.Faint, it.note})
		}
		if it.why != "" {
			l = append(l, span{theme.Warn, "  " + it.why})
		}
		ls = append(ls, l)
	}
	if len(ls) == 0 {
		ls = []line{say(theme.Faint, fmt.Sprintf("  nothing matches %q", s.input.text))}
	}
	return ls, row
}

// maxMenuWidth bounds a menu: a line of help is not read more easily for being longer.
const maxMenuWidth = 96

func (s *menu) draw(m *Model) (layout.Rect, []string) {
	p := m.paint
	keyWidth, labelWidth, width := 0, 0, text.Width(s.title)+2
	for _, it := range s.all {
		keyWidth = max(keyWidth, text.Width(it.key))
		labelWidth = max(labelWidth, text.Width(it.label))
		note := it.note
		if it.why != "" {
			note += "  " + it.why
		}
		width = max(width, text.Width(text.Line(note, 60, "")))
	}
	foot := s.words()
	if s.whole != nil {
		width = maxMenuWidth
	}
	width = min(maxMenuWidth, max(width+keyWidth+labelWidth+7, text.Width(foot)+3))
	ls, row := s.lines(p, keyWidth, labelWidth)
	head := 0
	if s.typed {
		head = 2
	}
	high := len(ls)
	if s.typed {
		high = 1000 // a list that is searched does not change its size
	}
	r := m.screen.Popup(width, min(high+head, 30))
	inner := r.Inner()
	var whole []line
	if s.whole != nil && len(s.shown) > 0 {
		if whole = s.whole(s.shown[s.at].number, inner.W-2); len(whole) > 0 {
			whole = append([]line{nil}, whole...)
		}
		whole = whole[:min(len(whole), inner.H-head-1)]
	}
	s.height = max(1, inner.H-head-len(whole))
	s.top = max(0, min(s.top, len(ls)-s.height))
	s.top = min(s.top, row)
	s.top = max(s.top, row-s.height+1)
	var rows []string
	if s.typed {
		rows = append(rows, p.line(line{{theme.Accent, searchLead}, {theme.Plain, s.searched(inner)}}, inner.W, theme.Plain))
		rows = append(rows, p.line(nil, inner.W, theme.Plain))
	}
	for i := s.top; i < min(len(ls), s.top+s.height); i++ {
		base := theme.Plain
		if i == row && len(s.shown) > 0 {
			base = theme.Selected
		}
		rows = append(rows, p.line(ls[i], inner.W, base))
	}
	for len(rows) < inner.H-len(whole) {
		rows = append(rows, p.line(nil, inner.W, theme.Plain))
	}
	for _, l := range whole {
		rows = append(rows, p.line(append(line{{theme.Plain, " "}}, l...), inner.W, theme.Plain))
	}
	return r, p.box(r, p.frameOf(say(theme.Strong, s.title), say(theme.Faint, foot), true), rows[:inner.H])
}

func (s *menu) cursor(m *Model) *tea.Cursor {
	if !s.typed {
		return nil
	}
	r, _ := s.draw(m)
	inner := r.Inner()
	return tea.NewCursor(inner.X+len(searchLead)+text.Width(s.searched(inner)), inner.Y)
}

// searchLead stands before what is searched for.
const searchLead = " > "

// searched returns the end of what is searched for, with room for the cursor behind it.
func (s *menu) searched(inner layout.Rect) string { return s.input.end(inner.W - len(searchLead) - 1) }

// itemOf returns an action as something to choose.
func (m *Model) itemOf(a *action) item {
	it := item{label: a.label, note: a.help, run: func(m *Model) tea.Cmd { return m.run(a) }}
	if a.why != nil {
		it.why = a.why(m)
	}
	return it
}
