package ui

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/attach"
	"nstui/ui/term"
	"nstui/ui/text"
)

// fullScreen hands the real terminal to a shell, as a command that bubbletea runs in its own place: no
// message is handled meanwhile, and goroutines that send one wait.
type fullScreen struct {
	ctx        context.Context //nolint:containedctx // bubbletea passes none to a command
	attachment *attach.Attachment
	program    attachedShell
	in         io.Reader
	out        io.Writer
	key        string // that led back
}

// backMsg says that the terminal is the screen's again.
type backMsg struct {
	shell *shell
	key   string
	err   error
}

// needRunning keeps what is done with a program from a shell that has none.
func needRunning(m *Model) string {
	if s := m.shellShown(); s == nil || !s.running() {
		return "it does not run"
	}
	return ""
}

// showFull hands the terminal to the shell until the prefix and another key of its table.
func (m *Model) showFull() tea.Cmd {
	s := m.shellShown()
	leads := func(key string) bool { return m.actionIn(inShell, key) != nil }
	a := attach.New(m.config.prefix(), leads, m.fullHint(s))
	f := &fullScreen{ctx: m.ctx, attachment: a, program: attachedShell{s.pane, s.session}}
	m.shells.full.Store(a)
	return m.exec(f, func(err error) tea.Msg { return backMsg{s, f.key, err} })
}

// fullHint says which shell has the terminal, and how it is taken back: nothing else does meanwhile.
func (m *Model) fullHint(s *shell) string {
	hint := "nstui: " + s.tabLabel(m.paint.Glyphs.Ellipsis) + " " + m.paint.Glyphs.Dot + " " + m.config.Prefix + " f: back"
	return m.paint.Glyphs.Spell(text.Clean(hint))
}

// SetStdin, SetStdout and SetStderr are called by bubbletea with its terminal.
func (f *fullScreen) SetStdin(r io.Reader)  { f.in = r }
func (f *fullScreen) SetStdout(w io.Writer) { f.out = w }
func (f *fullScreen) SetStderr(io.Writer)   {}

// Run hands over the terminal and returns when it is the screen's again.
func (f *fullScreen) Run() error {
	terminal, err := attach.Open(f.in, f.out)
	if err != nil {
		return err
	}
	defer terminal.Close()
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	defer signal.Stop(resized)
	return f.run(terminal, resized)
}

func (f *fullScreen) run(terminal attach.Terminal, resized <-chan os.Signal) (err error) {
	defer context.AfterFunc(f.ctx, f.attachment.Stop)()
	f.key, err = f.attachment.Run(terminal, resized, f.program)
	return err
}

// handleBack shows the shell in its frame again, and does what the key that led back does there.
func (m *Model) handleBack(msg backMsg) tea.Cmd {
	m.shells.full.Store(nil)
	if msg.err != nil {
		return m.warn("full screen: " + msg.err.Error())
	}
	a := m.actionIn(inShell, msg.key)
	if a == nil || a.id == fullAction || m.shellShown() != msg.shell {
		return nil
	}
	return m.run(a)
}

// fullAction is the id of the action that hands over the terminal.
const fullAction = "shell-full"

// attachedShell is a shell that has the real terminal.
type attachedShell struct {
	pane    *pane
	session Session
}

// Attach returns the state of the shell's screen. What the shell prints from then on goes to the terminal,
// too, and what it asks is answered by that.
func (s attachedShell) Attach(a *attach.Attachment, cols, rows int) []byte {
	s.Resize(cols, rows)
	p := s.pane
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tap = a
	return p.term.Handover()
}

// Resize gives the shell the size of the terminal.
func (s attachedShell) Resize(cols, rows int) {
	size := term.Size{W: cols, H: rows}
	if cols > 0 && rows > 0 && s.pane.resize(size) {
		_ = s.session.Resize(cols, rows) // it fails only once the shell's terminal is closed
	}
}

func (s attachedShell) Type(b []byte) bool { return s.pane.typed(b) }

func (s attachedShell) Ended() <-chan struct{} { return s.pane.eof }

// Detach keeps what the shell prints to its own screen again.
func (s attachedShell) Detach() (row int) {
	s.pane.mu.Lock()
	defer s.pane.mu.Unlock()
	s.pane.tap = nil
	return s.pane.term.PrimaryRow()
}

// comeBack ends the full screen if the shell has it: there is something to be said about it.
func (p *pane) comeBack() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tap != nil {
		p.tap.Stop()
	}
}
