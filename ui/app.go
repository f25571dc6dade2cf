package ui

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/procscan/ns"
	"nstui/ui/term"
	"nstui/ui/theme"
)

// Live is where the screen has its snapshots from: a procscan.Live, which see. Its methods are called
// from commands, Refresh by one at a time, and Deepen by one, the others at any time.
type Live interface {
	Refresh(ctx context.Context, show func(*procscan.Snapshot)) (*procscan.Snapshot, error)
	Deepen(ctx context.Context, share float64) error
	Look(ids []procscan.ProcID)
	Status() procscan.Status
	Progress() (done, total int)
	Inspect(ctx context.Context, id procscan.ProcID) (procscan.Detail, error)
}

// How many lines of what scrolled off a shell keeps if nothing is said, and at most.
const (
	DefaultHistory = term.DefaultHistory
	MaxHistory     = term.MaxHistory
)

// Config is what a run of the screen depends on.
type Config struct {
	Live     Live
	Names    Namer         // who processes belong to; nil for nobody
	PID      int           // open on this process; 0 for none
	Target   string        // open on what is called so, as Find of container.Names reads it, or netns:NAME; "" for none
	Kind     *ns.Kind      // open on this kind; nil for all
	Prefix   string        // the one key that is ours inside a shell, such as "ctrl+]"
	Interval time.Duration // pause between two scans; 0 for 2 s
	History  int           // lines each shell keeps of what scrolled off; 0 for 10,000, negative for none
	Theme    theme.Name
	Mouse    bool // take the mouse from the terminal
	Shell    string
	Bare     bool    // nothing is mounted around the host's tools, unless that is chosen in the picker
	NoBell   bool    // no bell of a shell is passed on to the terminal
	Enter    Enterer // nil for the namespaces of real processes
	Host     string
	Kernel   string
	UID      int
	Version  string
	// Users returns the name of a user. It may be slow and is called from commands only, by several
	// at once; nil shows numbers.
	Users func(uid uint32) string
}

// prefix returns the key that is the prefix with ctrl.
func (c *Config) prefix() rune {
	key, _ := utf8.DecodeRuneInString(strings.TrimPrefix(c.Prefix, "ctrl+"))
	return key
}

// tools are whose programs a shell uses unless others are chosen.
func (c *Config) tools() nsenter.Tools {
	if c.Bare {
		return nsenter.ToolsBare
	}
	return nsenter.ToolsAuto
}

// defaultInterval is the pause between two scans where none is asked for.
const defaultInterval = 2 * time.Second

// debugVariable names a file that gets a line for every message, with how long it took.
const debugVariable = "NSTUI_DEBUG"

// Run shows the screen until the user quits or ctx ends. It needs a terminal on standard input and
// output, and leaves it as it was.
func Run(ctx context.Context, c Config) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	m := newModel(ctx, c)
	if path := os.Getenv(debugVariable); path != "" {
		log, err := openTrace(path)
		if err != nil {
			return err
		}
		defer log.close()
		m.trace = log
	}
	// Signals are the caller's: they end ctx.
	hard, kill := context.WithCancel(context.Background())
	defer kill()
	program := tea.NewProgram(m, tea.WithContext(hard), tea.WithoutSignalHandler(), tea.WithFilter(sized))
	m.send = program.Send
	defer m.close()
	left := make(chan struct{})
	defer context.AfterFunc(ctx, func() { leave(program, left, kill) })()
	_, err := program.Run()
	close(left)
	switch {
	case m.fatal != nil:
		return m.fatal
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("run the screen: %w", err)
	}
	return nil
}

// leaveTime is how long the screen may take to be put away.
const leaveTime = 2 * time.Second

// leave ends the program as q does. Ending its context kills it in the middle of reading keys, with a data
// race that left the screen where it was: that is the way out only if the first does not come to an
// end, with a terminal that takes nothing any more.
func leave(program *tea.Program, left <-chan struct{}, kill func()) {
	program.Quit()
	timer := time.NewTimer(leaveTime)
	defer timer.Stop()
	select {
	case <-left:
	case <-timer.C:
		kill()
	}
}

// sized drops the size 0x0, which a terminal without one has: the renderer would take it over before
// the model sees it, and draw nothing from then on.
func sized(_ tea.Model, msg tea.Msg) tea.Msg {
	if size, ok := msg.(tea.WindowSizeMsg); ok && (size.Width <= 0 || size.Height <= 0) {
		return nil
	}
	return msg
}

// panickedMsg says that a goroutine of ours has panicked.
type panickedMsg struct {
	what  string
	value any
	stack []byte
}

// spawn runs f in a goroutine. A panic in it ends the program with the terminal restored.
func (m *Model) spawn(what string, f func()) {
	send := m.send
	go func() {
		defer func() {
			if v := recover(); v != nil {
				if a := m.shells.full.Load(); a != nil {
					a.Stop() // no message is handled before
				}
				send(panickedMsg{what: what, value: v, stack: debug.Stack()})
			}
		}()
		f()
	}()
}

// handlePanicked ends the program: what the goroutine was to do is not done.
func (m *Model) handlePanicked(msg panickedMsg) tea.Cmd {
	m.fatal = fmt.Errorf("panic in %s: %v\n%s", msg.what, msg.value, msg.stack)
	return tea.Quit
}
