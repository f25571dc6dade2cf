package ui

import (
	"fmt"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

// maxClipboard is the longest text that is sent to the clipboard unasked. There is no answer that would
// tell whether a terminal took it; some drop what takes more than 100,000 bytes as base64, as hterm does,
// and tmux what is longer than its buffer of 1 MiB.
const maxClipboard = 100_000 / 4 * 3

// copiedMsg is text out of a scrollback, as it was asked for.
type copiedMsg struct {
	what, text string
	shell      *shell
	save       bool // in a file
}

// copyStretch copies some text to the clipboard.
func (m *Model) copyStretch(what string, b *scrollback, r stretch) tea.Cmd {
	return read(copiedMsg{what: what, shell: m.shellShown()}, b, r)
}

// read reads text out of a copy of its own: it may be long.
func read(msg copiedMsg, b *scrollback, r stretch) tea.Cmd {
	frozen := b.term.Freeze()
	return func() tea.Msg {
		msg.text = strings.TrimRight(r.text(frozen), "\n")
		return msg
	}
}

// handleCopied sends text to the clipboard, or asks for a file.
func (m *Model) handleCopied(msg copiedMsg) tea.Cmd {
	if msg.text == "" {
		return m.warn(msg.what + ": there is no text in it")
	}
	if !msg.save && len(msg.text) <= maxClipboard {
		return m.toClipboard(msg.what, msg.text)
	}
	if !m.inFront(msg.shell) { // what asks there would take the keyboard unseen
		does := "sent"
		if msg.save {
			does = "saved"
		}
		return m.warn(msg.what + ": not " + does + ", as the keyboard has gone elsewhere")
	}
	if msg.save {
		m.openSave(msg)
		return nil
	}
	m.open(&menu{title: amount(msg.text) + " is more than some terminals take", shown: []item{
		{key: "s", label: "save it in a file", run: func(m *Model) tea.Cmd { m.openSave(msg); return nil }},
		{key: "y", label: "send it to the clipboard all the same", run: func(m *Model) tea.Cmd { return m.toClipboard(msg.what, msg.text) }},
	}})
	return nil
}

// toClipboard asks the terminal to take text into its clipboard (OSC 52) and says how much it was.
func (m *Model) toClipboard(what, text string) tea.Cmd {
	return tea.Batch(tea.SetClipboard(text), m.note(offered(what)+amount(text)))
}

// offered says that something was sent. What became of it only the terminal knows: it does not answer, and
// some refuse.
func offered(what string) string {
	return "sent " + what + " to the clipboard, if the terminal allows that: "
}

// amount says how much text there is.
func amount(text string) string {
	line := strings.TrimSuffix(text, "\n")
	if n := strings.Count(line, "\n") + 1; n > 1 {
		return fmt.Sprintf("%d lines, %d bytes", n, len(text))
	}
	n := utf8.RuneCountInString(line)
	return fmt.Sprintf("%d %s", n, plural(n, "character", "characters"))
}

// openCopyOf asks what to copy, or to save in a file.
func (m *Model) openCopyOf(s *shell, save bool) tea.Cmd {
	b, title, does := s.scroll, "Copy", "copy"
	if save {
		title, does = "Save in a file", "save"
	}
	choice := func(key, what, note string, r stretch) item {
		return item{key: key, label: what, note: note, run: func(*Model) tea.Cmd {
			return read(copiedMsg{what: what, shell: s, save: save}, b, r)
		}}
	}
	line := stretch{shape: byLines, from: b.at, to: b.at}.whole(b.term)
	all := everything(b.term)
	items := []item{
		choice("l", "the line", "with the cursor", line),
		choice("p", "the page", "what is shown", screenful(b.term, b.top)),
		choice("a", "everything", fmt.Sprintf("%d lines", b.last()-all.from.y+1), all),
	}
	output := choice("o", "the output", "of the command here", stretch{})
	switch r, marked := b.output(); {
	case !marked && len(b.term.Prompts()) > 0:
		output.why = "no command has printed any so far"
	case !marked:
		output.why = "the shell marks none (OSC 133)"
	case r.to.before(r.from):
		output.why = "the command has printed nothing"
	default:
		output = choice("o", "the output", "of the command here", r)
	}
	items = append(items, output)
	m.open(&menu{title: title, all: items, shown: items, does: does})
	return nil
}

// output returns what the command at or before the cursor has printed, and whether the shell has marked
// any. If that is nothing, it ends before it begins.
func (b *scrollback) output() (r stretch, marked bool) {
	first, last, end, ok := b.term.Output(b.at.y)
	if !ok {
		return stretch{}, false
	}
	r = stretch{from: point{first, 0}, to: point{last, end - 1}}
	if end == 0 {
		r.to = point{last - 1, b.term.Size().W - 1}
	}
	return r, true
}

// copyShell copies what is on the screen, or why there is none.
func (m *Model) copyShell() tea.Cmd {
	s := m.shellShown()
	if s.session == nil {
		if s.err == nil {
			return nil
		}
		return m.copyText("the reason", s.err.Error())
	}
	b := s.scroll
	if b == nil {
		b = &scrollback{}
		b.take(s.pane)
	}
	return m.copyStretch("the screen", b, screenful(b.term, b.top))
}
