package ui

import (
	"context"
	"os"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/ui/layout"
	"nstui/ui/theme"
)

// Model is all state of the program. Each field is a fact of its own; what can be worked out from
// others is not kept.
type Model struct {
	config  Config
	actions []action
	paint   painter
	now     func() time.Time
	after   func(time.Duration, tea.Msg) tea.Cmd            // a command that waits, then gives the message
	exec    func(tea.ExecCommand, tea.ExecCallback) tea.Cmd // runs a command in place of the screen
	send    func(tea.Msg)                                   // delivers a message from a goroutine; never call it from Update
	ctx     context.Context                                 //nolint:containedctx // bubbletea passes none to what makes commands

	width, height int
	drawn         drawn         // by the last View
	screen        layout.Screen // where everything is, as of the last message

	world      *world // nil until the first scan has ended
	live       live
	users      users
	inspection inspection
	browser    browser

	surfaces []surface // what lies over the browser; the last has the keyboard
	toasts   toasts
	timeline []*happened // the newest last
	count    int         // of all that ever were in the timeline
	leaving  time.Time   // when ctrl+c was pressed with nothing to cancel

	shells shells // of ui/shell.go

	trace *trace
	fatal error // why the program ends, if it is not because somebody asked
}

func newModel(ctx context.Context, c Config) *Model {
	if c.Interval <= 0 {
		c.Interval = defaultInterval
	}
	if c.Enter == nil {
		c.Enter = system{}
	}
	m := &Model{
		drawn:   drawn{stale: true},
		config:  c,
		now:     time.Now,
		after:   after,
		exec:    tea.Exec,
		send:    func(tea.Msg) {},
		ctx:     ctx,
		live:    live{interval: c.Interval, sought: c.PID, soughtName: c.Target},
		users:   users{names: make(map[uint32]string), asked: make(map[uint32]bool)},
		browser: newBrowser(c.Kind),
		shells:  shells{chosen: make(map[procscan.ProcID]nsenter.Request)},
	}
	m.paint = painter{theme.New(c.Theme, theme.Env{NoColor: os.Getenv("NO_COLOR") != "", Term: os.Getenv("TERM")})}
	m.actions = newActions()
	m.browser.spaces.Order(m.spaceOrder(order{}), false)
	m.browser.groups.Order(m.groupOrder(ofSets, order{}), false)
	m.browser.procs.Order(m.procOrder(order{}), false)
	return m
}

// after is how a clock is set outside of tests.
func after(d time.Duration, msg tea.Msg) tea.Cmd {
	return tea.Tick(d, func(time.Time) tea.Msg { return msg })
}

// Init starts the first scan and asks the terminal for its colours.
func (m *Model) Init() tea.Cmd {
	return tea.Batch(m.scan(), tea.RequestBackgroundColor, tea.RequestForegroundColor)
}

// close ends what must not outlive the screen.
func (m *Model) close() {
	if m.inspection.cancel != nil {
		m.inspection.cancel()
	}
	m.closeShells()
}

// top returns the surface that has the keyboard, nil if the browser has it.
func (m *Model) top() surface {
	if len(m.surfaces) == 0 {
		return nil
	}
	return m.surfaces[len(m.surfaces)-1]
}

// open puts a surface over what there is and gives it the keyboard.
func (m *Model) open(s surface) { m.surfaces = append(m.surfaces, s) }

// shut takes a surface away, wherever it lies. What is not open stays so.
func (m *Model) shut(s surface) {
	if i := slices.Index(m.surfaces, s); i >= 0 {
		m.surfaces = slices.Delete(m.surfaces, i, i+1)
	}
}

// arrange works out where everything is, for the size and the focus there are now.
func (m *Model) arrange() {
	b := &m.browser
	m.screen = layout.Compute(m.want())
	if b.focus == onDetails && m.screen.Form != layout.Columns {
		b.focus = onProcesses
	}
	b.first().Resize(m.screen.Namespaces.Inner().H - 1) // one line is for the names of the columns
	b.procs.Resize(m.screen.Processes.Inner().H - 1 - len(m.notice(m.screen.Processes.Inner())))
}
