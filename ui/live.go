package ui

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan"
)

// live is how the screen keeps up with the host.
type live struct {
	era      int       // of the scan that runs, or that ran last
	since    time.Time // when the running scan began; zero if none runs
	paused   bool
	err      error // why the last scan told nothing
	interval time.Duration
}

// scanning reports whether a scan runs.
func (l *live) scanning() bool { return !l.since.IsZero() }

// scannedMsg is the end of a scan.
type scannedMsg struct {
	era   int
	world *world
	err   error
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
	era, ctx, source, prev := m.live.era, m.ctx, m.config.Live, m.world
	run := func() tea.Msg {
		snap, err := source.Refresh(ctx, nil)
		if err != nil {
			return scannedMsg{era: era, err: err}
		}
		return scannedMsg{era: era, world: newWorld(prev, snap)}
	}
	return tea.Batch(run, m.tick())
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

// handleScanned shows what a scan saw, and sets the clock for the next.
func (m *Model) handleScanned(msg scannedMsg) tea.Cmd {
	if msg.era != m.live.era {
		return nil
	}
	m.live.since = time.Time{}
	m.live.err = msg.err
	cmds := []tea.Cmd{m.rest()}
	if msg.world != nil {
		first := m.world == nil
		m.world = msg.world
		m.browser.procs.Keep(func(id procscan.ProcID) bool { return m.world.find(id) != nil })
		m.refill()
		if first {
			cmds = append(cmds, m.openOn(m.config.PID))
		}
		cmds = append(cmds, m.nameUsers())
	}
	return tea.Batch(cmds...)
}

// openOn moves to the process the program was started for.
func (m *Model) openOn(pid int) tea.Cmd {
	if pid == 0 {
		return nil
	}
	if !m.showProcess(pid) {
		return m.warn(fmt.Sprintf("there is no process %d", pid))
	}
	return nil
}

// rest sets the clock for the next scan.
func (m *Model) rest() tea.Cmd {
	if m.live.paused {
		return nil
	}
	return m.after(m.live.interval, pausedMsg{m.live.era})
}

// togglePause stops scanning, or goes on at once.
func (m *Model) togglePause() tea.Cmd {
	m.live.paused = !m.live.paused
	if m.live.paused {
		return nil
	}
	return m.scan()
}

// users are the names of the users seen so far.
type users struct {
	names map[uint32]string
	asked map[uint32]bool
}

// name returns the name of a user, digits where it is not known, or not yet.
func (u *users) name(uid uint32) string {
	if name, ok := u.names[uid]; ok && name != "" {
		return name
	}
	return strconv.FormatUint(uint64(uid), 10)
}

// namedMsg is the names of some users.
type namedMsg struct{ names map[uint32]string }

// nameUsers asks for the names of users not asked for before.
func (m *Model) nameUsers() tea.Cmd {
	if m.config.Users == nil {
		return nil
	}
	var uids []uint32
	want := func(uid uint32) {
		if !m.users.asked[uid] {
			m.users.asked[uid] = true
			uids = append(uids, uid)
		}
	}
	for i := range m.world.procs {
		want(m.world.procs[i].UID)
	}
	for kind := range m.world.spaces {
		for i := range m.world.spaces[kind] {
			if s := &m.world.spaces[kind][i]; s.ownerKnown {
				want(s.owner)
			}
		}
	}
	if len(uids) == 0 {
		return nil
	}
	lookup := m.config.Users
	return func() tea.Msg {
		names := make(map[uint32]string, len(uids))
		for _, uid := range uids {
			names[uid] = lookup(uid)
		}
		return namedMsg{names}
	}
}

// handleNamed shows names in place of numbers.
func (m *Model) handleNamed(msg namedMsg) {
	maps.Copy(m.users.names, msg.names)
	m.refill() // the order and the filter may be by name
}

// inspection is the detail of one process.
type inspection struct {
	era    int
	id     procscan.ProcID
	detail *procscan.Detail // nil until it is read
	err    error
	cancel context.CancelFunc
}

// inspectedMsg is the end of an inspection.
type inspectedMsg struct {
	era    int
	detail procscan.Detail
	err    error
}

// inspectTimeout bounds an inspection: a dead network file system may hold one for ever.
const inspectTimeout = 3 * time.Second

// inspect reads the details of the process under the cursor if it is another than before, or again
// after a scan.
func (m *Model) inspect(again bool) tea.Cmd {
	p := m.selectedProc()
	in := &m.inspection
	if p == nil || p.ended {
		return nil
	}
	id := p.ID()
	if id == in.id && !again {
		return nil
	}
	if in.cancel != nil {
		in.cancel()
	}
	if id != in.id {
		in.detail, in.err = nil, nil
		m.browser.detailTop = 0
	}
	in.id = id
	in.era++
	ctx, cancel := context.WithTimeout(m.ctx, inspectTimeout)
	in.cancel = cancel
	era, source := in.era, m.config.Live
	read := func() tea.Msg {
		defer cancel()
		detail, err := source.Inspect(ctx, id)
		return inspectedMsg{era: era, detail: detail, err: err}
	}
	return tea.Batch(read, m.assessProc(p))
}

// handleInspected shows the details if they are of the process still under the cursor.
func (m *Model) handleInspected(msg inspectedMsg) {
	in := &m.inspection
	if msg.era != in.era {
		return
	}
	in.err = msg.err
	if msg.err == nil {
		in.detail = &msg.detail
	}
}
