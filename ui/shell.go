package ui

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/procscan/ns"
	"nstui/ui/layout"
	"nstui/ui/term"
	"nstui/ui/theme"
)

// shells are the shells there are, also those that have ended and are still looked at.
type shells struct {
	list    []*shell
	current *shell     // the one that is shown, or was last
	view    *shellView // nil while the browser is shown
	lastID  int
	ticking bool // the clock in the bar goes
	presses int  // of the prefix
	// chosen is what was last asked for in the picker, by process.
	chosen map[procscan.ProcID]nsenter.Request
	assess assessment
}

// entry is what was asked for: it can be asked for again.
type entry struct {
	ref     nsenter.Ref
	name    string // of the process, as it set it
	request nsenter.Request
	// differing asks for all kinds that differ in place of those of the request.
	differing bool
}

// shell is one entry, from the moment it was asked for until its screen is put away.
type shell struct {
	id    int
	entry entry
	pane  *pane
	began time.Time
	abort context.CancelFunc // ends the start, if it still goes on
	// started is closed when the start has come to its end, whatever that is.
	started chan struct{}

	plan    *nsenter.Plan   // nil until the target is pinned
	session Session         // nil until it runs
	err     error           // why it does not
	stopped bool            // by a signal
	ended   *nsenter.Status // nil while it runs
	over    time.Time       // when it ended, or failed
	tools   *toolsOffer     // with which it would have started, if it did not for want of a shell

	back   int  // lines the view is scrolled back
	unseen bool // it printed something nobody has seen
}

// running reports whether there is a process to be ended.
func (s *shell) running() bool { return s.session != nil && s.ended == nil }

// done reports whether nothing can happen to it any more.
func (s *shell) done() bool { return s.err != nil || s.ended != nil }

// enteredMsg says that a shell runs, or why not.
type enteredMsg struct {
	shell   *shell
	plan    *nsenter.Plan
	session Session
	err     error
	tools   *toolsOffer
}

// notReadyError is why a plan was not started.
type notReadyError struct{ checks []nsenter.Check }

func (e *notReadyError) Error() string {
	var fails []string
	for _, c := range e.checks {
		if c.Level == nsenter.Fail {
			fails = append(fails, c.Text)
		}
	}
	return strings.Join(fails, "; ")
}

// enter opens a shell. The target is pinned first if it is nil; it is closed in any case.
func (m *Model) enter(e entry, target Target) tea.Cmd {
	l := &m.shells
	l.lastID++
	ctx, abort := context.WithCancel(m.ctx)
	s := &shell{id: l.lastID, entry: e, began: m.now(), abort: abort, started: make(chan struct{})}
	l.list = append(l.list, s)
	size := m.paneSize()
	s.pane = newPane(size)
	clock := m.showShell(s)
	enterer := m.config.Enter
	start := func() tea.Msg {
		defer close(s.started)
		defer abort()
		msg := enteredMsg{shell: s}
		if target == nil {
			if target, msg.err = enterer.Pin(e.ref); msg.err != nil {
				return msg
			}
		}
		defer target.Close()
		request := e.request
		if e.differing {
			request.Kinds = target.Facts().Differing()
		}
		explore(target, request)
		found := lookFor(target, request.Shell)
		msg.plan = planOf(target.Facts(), request, found)
		if !msg.plan.Ready() {
			msg.err = &notReadyError{msg.plan.Checks}
			msg.tools = instead(msg.plan, toolsFor(target.Facts(), request, found))
			return msg
		}
		msg.session, msg.err = target.Start(ctx, msg.plan, size.W, size.H)
		return msg
	}
	return tea.Batch(start, clock)
}

// explore looks into the target for what an entry needs to know, once. Its files may be slow to answer:
// they matter only if they are entered or shown to the host's tools.
func explore(t Target, r nsenter.Request) {
	if f := t.Facts(); !f.Explored {
		plan := nsenter.NewPlan(f, r, nil)
		t.Explore(r.Kinds.Has(ns.Mnt) || plan.View.Any() || r.Confined || r.Cgroup)
	}
}

// handleEntered lets the shell's goroutines run.
func (m *Model) handleEntered(msg enteredMsg) tea.Cmd {
	s := msg.shell
	s.plan, s.err, s.tools = msg.plan, msg.err, msg.tools
	if msg.err != nil {
		s.over = m.now()
		if errors.Is(msg.err, context.Canceled) {
			m.dropShell(s)
		}
		return nil
	}
	s.session = msg.session
	p, session, send := s.pane, msg.session, m.send
	m.spawn("the reader of a shell", func() { p.read(session, func() { send(shellDrewMsg{s}) }) })
	m.spawn("the writer of a shell", func() { p.write(session) })
	m.spawn("the waiter of a shell", func() {
		status := p.wait(session, func(stopped bool) { send(shellStoppedMsg{s, stopped}) })
		send(shellEndedMsg{s, status})
	})
	if m.shells.index(s) < 0 { // it was put away while it started
		return end(session)
	}
	m.fitShell(s) // the size may have changed meanwhile
	return m.tellView(s)
}

// tellView says what is mounted around the host's tools in a shell, and what could not be.
func (m *Model) tellView(s *shell) tea.Cmd {
	if !s.plan.View.Any() {
		return nil
	}
	missed := s.session.Missed()
	if len(missed) == 0 {
		return m.note("host tools with the target's " + s.plan.View.String() + ", for this shell alone")
	}
	words := make([]string, len(missed))
	for i, e := range missed {
		words[i] = e.Error()
	}
	return m.warn("host tools without all of the target: " + strings.Join(words, "; "))
}

// end returns a command that ends a shell whose goroutines run.
func end(session Session) tea.Cmd {
	return func() tea.Msg {
		if err := session.Kill(); err != nil {
			return shellFailedMsg{err}
		}
		return nil
	}
}

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

// updateShells handles what is only for shells and pickers.
func (m *Model) updateShells(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.refit()
	case tea.FocusMsg:
		m.shells.focus(true)
	case tea.BlurMsg:
		m.shells.focus(false)
	case pinnedMsg:
		return m.handlePinned(msg)
	case lookedMsg:
		m.handleLooked(msg)
	case sourcedMsg:
		return m.handleSourced(msg)
	case checkDueMsg:
		return m.handleCheckDue(msg.picker)
	case checkedMsg:
		return m.handleChecked(msg)
	case assessedMsg:
		m.handleAssessed(msg)
	case enteredMsg:
		return m.handleEntered(msg)
	case shellDrewMsg:
		return m.handleShellDrew(msg.shell)
	case shellStoppedMsg:
		msg.shell.stopped = msg.stopped
		m.dismissFor(msg.shell)
	case shellEndedMsg:
		return m.handleShellEnded(msg)
	case shellFailedMsg:
		return m.tell(theme.Fail, msg.err.Error())
	case shellTickMsg:
		m.shells.ticking = false
		return m.tickClock()
	case prefixOverMsg:
		if v := m.shells.view; v != nil && m.shells.presses == msg.press {
			v.pending = false
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
	grown, events := s.pane.taken()
	if s.back > 0 { // what is looked at stays where it is
		s.back = min(s.back+grown, s.pane.history())
	}
	for _, e := range events {
		if e.Kind == term.EventClipboard {
			return m.warn(s.label() + " wanted to set the clipboard: not allowed")
		}
	}
	return nil
}

func (m *Model) handleShellEnded(msg shellEndedMsg) tea.Cmd {
	s := msg.shell
	s.ended, s.stopped, s.over = &msg.status, false, m.now()
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

// label names a shell in a tab.
func (s *shell) label() string {
	if s.plan == nil {
		return s.entry.name
	}
	kinds := s.plan.Join.String()
	switch {
	case s.plan.Join == 0:
		kinds = "host"
	case s.plan.Host() == 0 && s.plan.Join.Len() > 1:
		kinds = "all"
	}
	return s.entry.name + " " + kinds
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

// dropShell puts a shell away. The browser takes its place on the screen.
func (m *Model) dropShell(s *shell) {
	l := &m.shells
	i := l.index(s)
	if i < 0 {
		return
	}
	l.list = append(l.list[:i:i], l.list[i+1:]...)
	if l.current != s {
		m.refit()
		return
	}
	m.hideShell()
	l.current = nil
	if len(l.list) > 0 {
		l.current = l.list[min(i, len(l.list)-1)]
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
		s.abort()
		if s.session == nil {
			all.Go(func() { <-s.started }) // its processes are ended
		}
		if s.running() {
			all.Go(func() {
				// What is left undone by an error, the closed terminal does: it hangs up.
				_ = s.session.Kill()
				_ = s.session.Close()
				s.session.Wait()
			})
		}
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

// shellLayout is where the parts of the shell's screen are.
func (m *Model) shellLayout() layout.Shell {
	return layout.ComputeShell(m.width, m.height, len(m.shells.list) > 1)
}

// paneSize returns the size of a shell's screen.
func (m *Model) paneSize() term.Size {
	p := m.shellLayout().Pane
	return term.Size{W: p.W, H: p.H}
}

// refit gives the shell that is shown its size, after something it depends on has changed.
func (m *Model) refit() {
	if s := m.shellShown(); s != nil {
		m.fitShell(s)
	}
}

// fitShell gives a shell the size there is for it. Those that are not shown get it when they are.
func (m *Model) fitShell(s *shell) {
	size := m.paneSize()
	if s.pane.resize(size) && s.running() {
		// It fails only once the shell's terminal is closed, and then the waiter tells.
		_ = s.session.Resize(size.W, size.H)
	}
}

// decorate asks the terminal around for what the program in the shell asks for.
func (m *Model) decorate(v *tea.View) {
	s := m.shellShown()
	if s == nil || s.done() || m.top() != m.shells.view {
		return
	}
	modes, _ := s.pane.state()
	v.ReportFocus = modes.Focus
	switch modes.Mouse {
	case term.MouseOff:
	case term.MouseAny:
		v.MouseMode = tea.MouseModeAllMotion
	default:
		v.MouseMode = tea.MouseModeCellMotion
	}
}
