package ui

import (
	"fmt"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan"
)

// live is how the screen keeps up with the host.
type live struct {
	era      int           // of the scan that runs, or that ran last
	since    time.Time     // when the running scan began; zero if none runs
	took     time.Duration // the last scan
	again    bool          // another is to follow the running one at once
	paused   bool
	err      error // why the last scan told nothing
	interval time.Duration
	status   procscan.Status // after the last scan
	sought   int             // the process to open on as soon as there is one; 0 for none
	// soughtName is what to open on as soon as it is known by name; "" for nothing.
	soughtName string
	soughtTold bool // it was said that nothing is called so
	deep       deep
	looked     looked
	naming     naming
}

// scanning reports whether a scan runs.
func (l *live) scanning() bool { return !l.since.IsZero() }

// pause returns how long to wait between two scans.
func (l *live) pause() time.Duration { return max(l.interval, l.status.Pause) }

// partMsg is what a scan that still runs has read so far.
type partMsg struct {
	era   int
	world *world
}

// scannedMsg is the end of a scan.
type scannedMsg struct {
	era    int
	world  *world // the one before if nothing is new
	status procscan.Status
	err    error
}

// pausedMsg is the end of the pause after a scan.
type pausedMsg struct{ era int }

// tickedMsg is a tick of the clock that runs while a scan does, to show how far it is.
type tickedMsg struct{ era int }

// scanTick is how often the header says how far a scan is.
const scanTick = 200 * time.Millisecond

// progressAfter is how long a scan goes on before the header says so: what is over sooner is no news.
const progressAfter = 300 * time.Millisecond

// scan starts a scan if none runs.
func (m *Model) scan() tea.Cmd {
	if m.live.scanning() {
		return nil
	}
	m.live.era++
	m.live.since = m.now()
	m.live.again = false
	era, ctx, source, namer, w, send := m.live.era, m.ctx, m.config.Live, m.config.Names, m.world, m.send
	show := func(part *procscan.Snapshot) {
		if w == nil || w.snap.Part { // else there is more to see in the one before
			w = newWorld(w, part, nil)
			send(partMsg{era: era, world: w})
		}
	}
	run := func() tea.Msg {
		snap, err := source.Refresh(ctx, show)
		msg := scannedMsg{era: era, status: source.Status(), err: err}
		switch {
		case err != nil:
		case namer == nil:
			msg.world = newWorld(w, snap, nil)
		default:
			show(snap) // the first names may take longer than the first scan
			msg.world = newWorld(w, snap, namer.Resolve(ctx, snap))
		}
		return msg
	}
	return tea.Batch(run, m.tick())
}

// rescan scans now, and looks for namespaces no process is in as fast as can be.
func (m *Model) rescan() tea.Cmd {
	return tea.Batch(m.scan(), m.deepen(true))
}

// tick sets the clock of the running scan.
func (m *Model) tick() tea.Cmd {
	return m.after(scanTick, tickedMsg{m.live.era})
}

// handleTicked keeps the clock going while the scan runs.
func (m *Model) handleTicked(msg tickedMsg) tea.Cmd {
	if msg.era != m.live.era || !m.live.scanning() {
		return nil
	}
	return m.tick()
}

// handlePaused scans again when the pause after the last scan is over.
func (m *Model) handlePaused(msg pausedMsg) tea.Cmd {
	if msg.era != m.live.era || m.live.paused {
		return nil
	}
	return m.scan()
}

// handlePart shows what the first scan has read so far.
func (m *Model) handlePart(msg partMsg) tea.Cmd {
	if msg.era != m.live.era || !m.live.scanning() {
		return nil
	}
	return m.show(msg.world)
}

// handleScanned shows what a scan saw, and sets the clock for the next.
func (m *Model) handleScanned(msg scannedMsg) tea.Cmd {
	if msg.era != m.live.era {
		return nil
	}
	if m.live.scanning() {
		m.live.took = m.now().Sub(m.live.since)
	}
	m.live.since = time.Time{}
	m.live.err, m.live.status = msg.err, msg.status
	var before uint64
	if m.world != nil {
		before = m.world.names.Serial()
	}
	var cmds []tea.Cmd
	switch {
	case msg.world == nil:
	case msg.world == m.world:
		cmds = append(cmds, m.openSought()) // it may have waited for something else
	case m.world != nil && msg.world.snap == m.world.snap && msg.world.names.Serial() < m.world.names.Serial():
		// Names that were told meanwhile are newer.
	default:
		cmds = append(cmds, m.show(msg.world))
		if msg.world.names.Serial() < before {
			cmds = append(cmds, m.rename())
		}
	}
	if m.live.err == nil {
		cmds = append(cmds, m.ask())
	}
	if m.live.again {
		cmds = append(cmds, m.scan())
	} else {
		cmds = append(cmds, m.rest())
	}
	if m.live.deep.at.IsZero() { // the first pass follows the first scan
		cmds = append(cmds, m.deepen(false))
	}
	return tea.Batch(cmds...)
}

// show puts a world on the screen in place of the one before.
func (m *Model) show(w *world) tea.Cmd {
	m.world = w
	m.remember(w)
	if !w.snap.Part {
		m.browser.procs.Keep(func(id procscan.ProcID) bool { return w.find(id) != nil })
	}
	m.refill()
	return tea.Batch(m.openSought(), m.nameUsers())
}

// openSought moves to what the program was started for, once it is there.
func (m *Model) openSought() tea.Cmd {
	pid := m.live.sought
	if m.live.soughtName != "" {
		return m.openSoughtName()
	}
	if pid == 0 || m.world.snap.Part && m.world.byPID(pid) == nil {
		return nil
	}
	here := m.showProcess(pid)
	if !here && m.config.Names != nil && m.world.names == nil {
		return nil // a container may be called so
	}
	m.live.sought = 0
	if here {
		return nil
	}
	said := fmt.Sprintf("there is no process %d", pid)
	if means := m.world.place().Digits(strconv.Itoa(pid)); means != "" {
		said += "; " + means
	}
	return m.warn(said)
}

// rest sets the clock for the next scan.
func (m *Model) rest() tea.Cmd {
	if m.live.paused {
		return nil
	}
	return m.after(m.live.pause(), pausedMsg{m.live.era})
}

// togglePause stops scanning, or goes on at once.
func (m *Model) togglePause() tea.Cmd {
	m.live.paused = !m.live.paused
	if m.live.paused {
		m.live.deep.stop()
		return nil
	}
	return tea.Batch(m.scan(), m.deepen(false))
}
