package ui

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/text"
)

// programTime is how long after a shell has printed or was sent something it is asked which program has its
// terminal: one that is started prints nothing at first. A shell in which nothing happens is not asked.
const programTime = 500 * time.Millisecond

// maxProgram is how many cells the name of a program takes; Linux keeps 15 bytes of it.
const maxProgram = 15

// foreground is the program that has the terminal of a shell.
type foreground struct {
	name  string // "" for the shell itself; ready for the screen
	due   bool   // it will be asked for
	again bool   // and once more after that: something has happened meanwhile
}

type (
	programDueMsg struct{ shell *shell } // it is time to ask
	programMsg    struct {               // what a shell's program is called, as it says
		shell *shell
		name  string
	}
)

// askProgram has the shell asked for its program in a while.
func (m *Model) askProgram(s *shell) tea.Cmd {
	p := &s.program
	switch {
	case !s.running():
		return nil
	case p.due:
		p.again = true
		return nil
	}
	p.due = true
	return m.after(programTime, programDueMsg{s})
}

// programOf asks the shell for its program now.
func programOf(s *shell) tea.Cmd {
	if !s.running() {
		return nil
	}
	session := s.session
	return func() tea.Msg { return programMsg{s, session.Foreground()} }
}

// updateProgram handles what has to do with the programs in shells.
func (m *Model) updateProgram(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case programDueMsg:
		p := &msg.shell.program
		again := p.again
		p.due, p.again = false, false
		if again {
			return tea.Batch(programOf(msg.shell), m.askProgram(msg.shell))
		}
		return programOf(msg.shell)
	case programMsg:
		if msg.shell.running() {
			msg.shell.program.name = programName(msg.name)
		}
	}
	return nil
}

// parentheses are around the name of a program: without its own it cannot go on behind them.
var parentheses = strings.NewReplacer("(", "", ")", "")

// programName returns the name of a program as it is shown. The program has chosen it.
func programName(name string) string {
	return text.Line(strings.TrimSpace(parentheses.Replace(text.Clean(name))), maxProgram, "")
}

// programWords say which program has the terminal, behind other words; "" if it is the shell itself.
func (s *shell) programWords() string {
	if s.program.name == "" {
		return ""
	}
	return " (" + s.program.name + ")"
}

// endedShell is a shell that has ended. The snapshots of the next seconds may have been made before.
type endedShell struct {
	pid int
	at  time.Time
}

// latelyTime is how long a process is left out of what can be entered in place of another once it is known to
// have ended: much longer than a scan takes.
const latelyTime = 10 * time.Second

// noteEnded keeps in mind that the shell's process is none to be entered any more.
func (l *shells) noteEnded(s *shell) {
	l.lately = slices.DeleteFunc(l.lately, func(e endedShell) bool { return s.over.Sub(e.at) > latelyTime })
	if s.session != nil {
		l.lately = append(l.lately, endedShell{s.session.PID(), s.over})
	}
}

// ofEnded reports whether a process is a shell of ours that has just ended, or was started by it and has most
// likely ended with it.
func (m *Model) ofEnded(p *proc) bool {
	return slices.ContainsFunc(m.shells.lately, func(e endedShell) bool {
		return (e.pid == p.PID || e.pid == p.PPID) && m.now().Sub(e.at) <= latelyTime
	})
}
