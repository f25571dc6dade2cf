package ui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/theme"
)

// toast is a line that says what has happened.
type toast struct {
	at   time.Time
	role theme.Role
	text string
}

// toasts are the last things said. The newest is shown until its time is over or a key is pressed.
type toasts struct {
	log   []toast
	shown bool
	era   int
}

// toastOverMsg is the end of the time of a toast.
type toastOverMsg struct{ era int }

const (
	toastTime = 4 * time.Second
	toastLog  = 50
)

// current returns the toast to be shown, or nil.
func (t *toasts) current() *toast {
	if !t.shown || len(t.log) == 0 {
		return nil
	}
	return &t.log[len(t.log)-1]
}

// dismiss hides the toast.
func (t *toasts) dismiss() { t.shown = false }

// over hides the toast of that era.
func (t *toasts) over(era int) {
	if era == t.era {
		t.shown = false
	}
}

// tell shows a toast. The text may be as it came from outside.
func (m *Model) tell(role theme.Role, text string) tea.Cmd {
	t := &m.toasts
	t.log = append(t.log, toast{at: m.now(), role: role, text: text})
	if len(t.log) > toastLog {
		t.log = t.log[len(t.log)-toastLog:]
	}
	t.shown = true
	t.era++
	return m.after(toastTime, toastOverMsg{t.era})
}

// note tells what was done.
func (m *Model) note(text string) tea.Cmd { return m.tell(theme.Strong, text) }

// warn tells why something was not done.
func (m *Model) warn(text string) tea.Cmd { return m.tell(theme.Warn, text) }

// hold tells something that is read slowly, or that nobody may be looking at yet: it stays until a key is pressed.
func (m *Model) hold(text string) tea.Cmd {
	m.tell(theme.Warn, text) // its end is not waited for
	return nil
}

// openMessages shows all toasts there were.
func (m *Model) openMessages() tea.Cmd {
	m.open(&page{title: "Messages", lines: func(m *Model) []line {
		if len(m.toasts.log) == 0 {
			return []line{say(theme.Faint, "no messages yet")}
		}
		var ls []line
		for _, t := range slices.Backward(m.toasts.log) {
			ls = append(ls, line{{theme.Faint, t.at.Format("15:04:05 ")}, {t.role, t.text}})
		}
		return ls
	}})
	return nil
}
