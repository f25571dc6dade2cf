package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/layout"
	"nstui/ui/text"
)

// input is a line somebody types. Its cursor is at its end.
type input struct {
	text  string
	fresh bool // nothing was typed yet: the first character replaces what stands there
}

// maxInput bounds a line in bytes, so that a large paste into the wrong place does no harm.
const maxInput = 256

// key handles what edits the line and reports whether it did.
func (in *input) key(msg tea.KeyPressMsg) bool {
	if in.fresh && msg.Text != "" {
		in.text = ""
	}
	in.fresh = false
	switch msg.Keystroke() {
	case "backspace", "ctrl+h":
		_, size := utf8.DecodeLastRuneInString(in.text)
		in.text = in.text[:len(in.text)-size]
	case "ctrl+w", "alt+backspace":
		in.text = in.text[:strings.LastIndexByte(strings.TrimRight(in.text, " "), ' ')+1]
	case "ctrl+u":
		in.text = ""
	default:
		if msg.Text == "" || msg.Mod&^(tea.ModShift|tea.ModCapsLock|tea.ModNumLock) != 0 {
			return false
		}
		in.insert(msg.Text)
	}
	return true
}

// paste inserts what was pasted, in place of what stands there if that is still fresh.
func (in *input) paste(s string) {
	if in.fresh {
		in.text, in.fresh = "", false
	}
	in.insert(s)
}

// insert adds text at the end: of several lines the first, without what is not to be seen.
func (in *input) insert(s string) {
	s, _, _ = strings.Cut(strings.TrimLeft(s, "\r\n"), "\n")
	for _, r := range s {
		if unicode.IsGraphic(r) && len(in.text)+utf8.RuneLen(r) <= maxInput {
			in.text += string(r)
		}
	}
}

// end returns the end of the line that fits into some cells, clean: what is typed last is always to be seen.
func (in *input) end(width int) string {
	t := text.Clean(in.text)
	for t != "" && text.Width(t) > width {
		first, _ := text.Next(t)
		t = t[len(first):]
	}
	return t
}

// filterBar is the line a filter is typed in, at the foot of the list it is for.
type filterBar struct {
	input  input
	before filter // what ctrl+c goes back to
	wide   bool
	at     opened // what the cursor of the first list was on: of equally good rows it is the best
}

// openFilter starts typing a filter, going on with the one there is.
func (m *Model) openFilter() tea.Cmd {
	b := &m.browser
	if b.focus == onDetails {
		b.focus = onProcesses
	}
	bar := &filterBar{before: b.filter, wide: b.focus == onNamespaces}
	bar.at, _ = b.underCursor()
	bar.input = input{text: b.filter.text, fresh: true}
	m.open(bar)
	return nil
}

func (f *filterBar) scope() scope { return inAny }

func (f *filterBar) key(m *Model, msg tea.KeyPressMsg) (tea.Cmd, bool) {
	switch keyName(msg) {
	case "enter":
		m.shut(f)
		if m.browser.elsewhere { // which the list has said
			m.browser.focus = onNamespaces
			m.typeFilter(newFilter(f.input.text, true))
		}
	case "esc":
		m.shut(f)
		m.setFilter(filter{})
	case "ctrl+c":
		m.shut(f)
		m.setFilter(f.before)
	case "up", "down", "pgup", "pgdown", "ctrl+d":
		return m.run(m.actionFor(keyName(msg), inBrowser)), true
	case "tab":
		m.shut(f)
		return m.cyclePane(1), true
	default:
		if !f.input.key(msg) {
			return nil, false
		}
		f.apply(m)
	}
	return nil, true
}

// apply filters by what is typed. Where the cursor has come to on the way there decides nothing.
func (f *filterBar) apply(m *Model) {
	filter := newFilter(f.input.text, f.wide)
	if f.wide && m.world != nil {
		m.setFilter(filter)
		m.browser.goTo(f.at)
	}
	m.typeFilter(filter)
}

func (f *filterBar) paste(m *Model, s string) tea.Cmd {
	f.input.paste(s)
	f.apply(m)
	return nil
}

func (f *filterBar) draw(*Model) (layout.Rect, []string) { return layout.Rect{}, nil }

func (f *filterBar) cursor(m *Model) *tea.Cursor {
	r := m.screen.Processes
	if f.wide {
		r = m.screen.Namespaces
	}
	if r.Empty() {
		return nil
	}
	list := onProcesses
	if f.wide {
		list = onNamespaces
	}
	l := m.listFoot(list, r.Inner().W)
	if len(l) < 2 {
		return nil
	}
	return tea.NewCursor(r.X+3+l[:2].width(), r.Y+r.H-1)
}
