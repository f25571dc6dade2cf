package ui

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/ui/attach"
	"nstui/ui/term"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// shells are the shells there are, also those that have ended and are still looked at.
type shells struct {
	list    []*shell
	current *shell       // the one that is shown, or was last
	view    *shellView   // nil while none is wanted on the screen
	split   bool         // list and shell are to be side by side
	zoomed  bool         // but for now the one that has the keyboard fills the screen
	pending bool         // the prefix was pressed
	told    *shell       // that it has the keyboard, last
	blurred bool         // another window has the keyboard
	last    *shell       // the one that was shown before it; it may have been put away
	lately  []endedShell // that a snapshot may still have
	lastID  int
	ticking bool      // the clock in the bar goes
	presses int       // of the prefix
	rang    time.Time // when a bell was passed on last
	kitty   bool      // the terminal around speaks the kitty keyboard protocol
	colors  outerColors
	full    atomic.Pointer[attach.Attachment] // nil unless a shell has the real terminal
	// chosen is what was last asked for in the picker, by process.
	chosen map[procscan.ProcID]nsenter.Request
	assess assessment
}

// shell is one entry, from the moment it was asked for until its screen is put away.
type shell struct {
	id    int
	entry entry
	name  string // given by the user, "" for that of the process
	pane  *pane
	began time.Time
	abort context.CancelFunc // ends the start, if it still goes on
	// started is closed when the start has come to its end, whatever that is.
	started chan struct{}
	// made is what the start has made, nil for nothing. It is for who has waited for started: the message
	// that says so may never be handled.
	made Session

	plan    *nsenter.Plan   // nil until the target is pinned
	session Session         // nil until it runs
	err     error           // why it does not
	stopped bool            // by a signal
	ended   *nsenter.Status // nil while it runs
	over    time.Time       // when it ended, or failed
	tools   *toolsOffer     // with which it would have started, if it did not for want of a shell

	scroll  *scrollback // nil while its screen is shown as it is
	title   string      // what the program in it wants its window to be called, which may be anything
	program foreground
	unseen  bool // it printed something nobody has seen
	belled  bool // it rang the bell while nobody looked
	// refused is set once it was said that it may not set the clipboard: one that asks all the time
	// would leave no room for what else is said.
	refused bool

	recording *recording // nil while nothing is recorded
}

// running reports whether there is a process to be ended.
func (s *shell) running() bool { return s.session != nil && s.ended == nil }

// done reports whether nothing can happen to it any more.
func (s *shell) done() bool { return s.err != nil || s.ended != nil }

// Messages of the goroutines of a shell.
type (
	shellDrewMsg    struct{ shell *shell } // its screen is not what it was
	shellStoppedMsg struct {               // a signal stopped it, or let it go on
		shell   *shell
		stopped bool
	}
	shellEndedMsg struct {
		shell  *shell
		status nsenter.Status
	}
	shellFailedMsg struct{ err error } // something asked of a shell was not done
	shellTickMsg   struct{}            // a second has passed
	prefixOverMsg  struct{ press int } // the wait for the key after the prefix is over
)

// updateShells handles what is only for shells, pickers and what was scrolled off.
func (m *Model) updateShells(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case enteredMsg:
		return m.handleEntered(msg)
	case shellDrewMsg:
		return m.handleShellDrew(msg.shell)
	case shellStoppedMsg:
		msg.shell.stopped = msg.stopped
		m.dismissFor(msg.shell)
	case programDueMsg, programMsg:
		return m.updateProgram(msg)
	case shellEndedMsg:
		return m.handleShellEnded(msg)
	case backMsg:
		return m.handleBack(msg)
	case recordedMsg:
		return m.handleRecorded(msg)
	case shellFailedMsg:
		return m.tell(theme.Fail, msg.err.Error())
	case shellTickMsg:
		m.shells.ticking = false
	case prefixOverMsg:
		if m.shells.presses == msg.press {
			m.shells.pending = false
		}
	case pinnedMsg, lookedMsg, sourcedMsg, checkDueMsg, checkedMsg, assessedMsg:
		return m.updatePicker(msg)
	case findMsg, copiedMsg, savedMsg, linksMsg, dragMsg:
		return m.updateScrollback(msg)
	default:
		return m.updateOutside(msg)
	}
	return nil
}

// updateOutside handles what the terminal around tells, as far as shells want to know it.
func (m *Model) updateOutside(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.FocusMsg:
		m.shells.blurred = false
	case tea.BlurMsg:
		m.shells.blurred = true
		if v := m.shells.view; v != nil {
			v.dragging = false
		}
	case tea.BackgroundColorMsg:
		m.shells.colors.background = rgbOf(msg.Color)
		m.shells.recolor()
	case tea.ForegroundColorMsg:
		m.shells.colors.foreground = rgbOf(msg.Color)
		m.shells.recolor()
	case tea.KeyboardEnhancementsMsg:
		m.shells.kitty = msg.Flags != 0
	case tea.KeyReleaseMsg:
		if v, ok := m.top().(*shellView); ok {
			return v.released(m, msg)
		}
	}
	return nil
}

// tickClock keeps the clock in the bar of a shell going while there is one to be seen.
func (m *Model) tickClock() tea.Cmd {
	if s := m.shellShown(); s == nil || s.done() || m.shells.ticking {
		return nil
	}
	m.shells.ticking = true
	return m.after(time.Second, shellTickMsg{})
}

// handleShellDrew takes what the shell wants to be known, and lets it draw again.
func (m *Model) handleShellDrew(s *shell) tea.Cmd {
	s.unseen = m.shellShown() != s
	// It is kept, so that drawing the tabs waits for no shell that prints in the background.
	s.title = strings.TrimSpace(text.Clean(s.pane.title()))
	cmds := []tea.Cmd{m.askProgram(s)}
	for _, e := range s.pane.taken() {
		switch e.Kind {
		case term.EventBell:
			cmds = append(cmds, m.ring(s))
		case term.EventClipboard:
			if !s.refused {
				s.refused = true
				cmds = append(cmds, m.warn(s.label()+" wanted to set the clipboard: not allowed"))
			}
		}
	}
	return tea.Batch(cmds...)
}

func (m *Model) handleShellEnded(msg shellEndedMsg) tea.Cmd {
	s := msg.shell
	s.ended, s.stopped, s.over = &msg.status, false, m.now()
	s.program.name = ""
	m.shells.noteEnded(s)
	s.stopRecording()
	m.dismissFor(s)
	if m.shells.index(s) >= 0 && m.shellShown() != s {
		return m.note(s.label() + ended(&msg.status))
	}
	return nil
}

// dismissFor hides the toast when there is something newer to be read in its place.
func (m *Model) dismissFor(s *shell) {
	if m.shellShown() == s {
		m.toasts.dismiss()
	}
}

// ended says how a shell has ended, behind its name.
func ended(status *nsenter.Status) string {
	if status.InitEnded {
		return ": " + status.String()
	}
	return " " + status.String()
}

// index returns the place of a shell in the list, -1 if it was put away.
func (l *shells) index(s *shell) int {
	for i := range l.list {
		if l.list[i] == s {
			return i
		}
	}
	return -1
}

// dropShell puts a shell away. The list takes its place, or beside the list another shell.
func (m *Model) dropShell(s *shell) {
	l := &m.shells
	i := l.index(s)
	if i < 0 {
		return
	}
	l.list = slices.Delete(l.list, i, i+1)
	if l.last == s {
		l.last = nil
	}
	s.stopRecording()
	if l.current != s {
		return
	}
	m.focusList()
	l.current = nil
	switch {
	case l.index(l.last) >= 0:
		l.current = l.last
	case len(l.list) > 0:
		l.current = l.list[min(i, len(l.list)-1)]
	}
	if l.current == nil || !m.beside() {
		m.hideShell()
	}
}

// runningShells returns how many shells would be ended by quitting.
func (m *Model) runningShells() int {
	n := 0
	for _, s := range m.shells.list {
		if !s.done() {
			n++
		}
	}
	return n
}

// endTime is how long a shell may take to go away once it is killed. One that is traced or stuck in the
// kernel may take for ever: the program ends without it then.
const endTime = 2 * time.Second

// closeShells ends all shells and waits until they have.
func (m *Model) closeShells() {
	var all sync.WaitGroup
	for _, s := range m.shells.list {
		if r := s.recording; r != nil {
			s.stopRecording()
			all.Go(func() { r.recorder.Wait() })
		}
		s.abort()
		if s.done() {
			continue
		}
		all.Go(func() {
			<-s.started
			if s.made == nil {
				return // its processes are ended
			}
			// What is left undone by an error, the closed terminal does: it hangs up.
			_ = s.made.Kill()
			_ = s.made.Close()
			s.made.Wait()
		})
	}
	gone := make(chan struct{})
	go func() {
		all.Wait()
		close(gone)
	}()
	timer := time.NewTimer(endTime)
	defer timer.Stop()
	select {
	case <-gone:
	case <-timer.C:
	}
}

// paneSize returns the size of a shell's screen.
func (m *Model) paneSize() term.Size {
	p := m.shellLayout().Pane
	return term.Size{W: p.W, H: p.H}
}

// fitShell gives a shell the size there is for it. Those that are not shown get it when they are.
func (m *Model) fitShell(s *shell) {
	size := m.paneSize()
	if s.resize(size) && s.running() {
		// It fails only once the shell's terminal is closed, and then the waiter tells.
		_ = s.session.Resize(size.W, size.H)
	}
}

// decorate asks the terminal around for what the program in the shell asks for. Beside the list that does not
// depend on which of both has the keyboard: a click changes that.
func (m *Model) decorate(v *tea.View) {
	s := m.shellShown()
	if s == nil || s.done() {
		return
	}
	if _, onShell := m.top().(*shellView); !onShell && m.top() != nil {
		return
	}
	modes, _ := s.pane.state()
	v.ReportFocus = modes.Focus
	if v.KeyboardEnhancements = enhancements(0); m.keysToShell() {
		v.KeyboardEnhancements = enhancements(modes.Kitty)
	}
	switch modes.Mouse {
	case term.MouseOff:
	case term.MouseAny:
		v.MouseMode = tea.MouseModeAllMotion
	default:
		v.MouseMode = tea.MouseModeCellMotion
	}
}
