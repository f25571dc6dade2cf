package ui

import (
	"context"
	"errors"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan"
)

// deep is the search for namespaces no process is in, and for what keeps each alive. It goes on in the
// background.
type deep struct {
	cancel context.CancelFunc // of the pass that runs; nil if none does
	full   bool               // it runs as fast as can be: somebody waits for it
	again  bool               // one as fast as can be is to follow it at once
	at     time.Time          // when the last one began; zero before the first
	ends   int                // how many have ended
	err    error              // why the last one did not come to its end
}

// stop ends the pass that runs.
func (d *deep) stop() {
	if d.cancel != nil {
		d.again = false
		d.cancel()
	}
}

// over reports whether a pass has ended, and none runs that somebody waits for.
func (d *deep) over() bool { return d.ends > 0 && !d.full && !d.again }

// seenAll reports whether a pass is over and what it found is on the screen.
func (m *Model) seenAll() bool { return m.live.deep.over() && !m.live.scanning() && !m.live.again }

// The shares of a core a pass may use: while nobody waits for it, and if somebody does.
const (
	deepShare = 0.02
	fullShare = 1
)

// deepPause is how long the search rests after a pass.
const deepPause = 30 * time.Second

// deepenedMsg is the end of a pass.
type deepenedMsg struct {
	status procscan.Status
	err    error
}

// deepDueMsg says that the rest after a pass is over.
type deepDueMsg struct{ ends int }

// deepen starts a pass. Of those that run in the background one is enough; one that somebody asks for
// takes its place.
func (m *Model) deepen(full bool) tea.Cmd {
	d := &m.live.deep
	switch {
	case m.world == nil || m.world.snap.Part, m.live.paused && !full:
		return nil
	case d.cancel != nil:
		if full && !d.full {
			d.again = true
			d.cancel()
		}
		return nil
	}
	ctx, cancel := context.WithCancel(m.ctx)
	d.cancel, d.full, d.again, d.at = cancel, full, false, m.now()
	source, share := m.config.Live, deepShare
	if full {
		share = fullShare
	}
	return func() tea.Msg {
		defer cancel()
		err := source.Deepen(ctx, share)
		return deepenedMsg{status: source.Status(), err: err}
	}
}

// handleDeepened sets the clock for the next pass. What the last one found is in the next snapshot: who
// asked for it shall not have to wait for that.
func (m *Model) handleDeepened(msg deepenedMsg) tea.Cmd {
	d := &m.live.deep
	full := d.full
	d.cancel, d.full = nil, false
	d.ends++
	m.live.status.DeepAt = msg.status.DeepAt
	if d.err = msg.err; errors.Is(msg.err, context.Canceled) {
		d.err = nil
	}
	if d.again {
		return m.deepen(true)
	}
	var scan tea.Cmd
	if full || m.live.soughtName != "" {
		if m.live.again = m.live.scanning(); !m.live.again {
			scan = m.scan()
		}
	}
	return tea.Batch(scan, m.after(deepPause, deepDueMsg{d.ends}))
}

// handleDeepDue starts the next pass.
func (m *Model) handleDeepDue(msg deepDueMsg) tea.Cmd {
	if msg.ends != m.live.deep.ends {
		return nil
	}
	return m.deepen(false)
}

// looked is which processes the scans were last told that somebody looks at.
type looked struct {
	ids  []procscan.ProcID
	next []procscan.ProcID // a buffer
	busy bool              // they are being told
}

// lookedAtMsg says that they have been told.
type lookedAtMsg struct{}

// look tells the scans which processes are on the screen, if these are others than before: one call
// after the other, so that the last one is the last that arrives.
func (m *Model) look() tea.Cmd {
	l := &m.live.looked
	if m.world == nil || l.busy {
		return nil
	}
	ids := l.next[:0]
	procs, _ := m.browser.procs.Visible()
	for _, p := range procs {
		if !p.ended {
			ids = append(ids, p.ID())
		}
	}
	for _, p := range m.browser.leaders() {
		ids = append(ids, p.ID())
	}
	if l.next = ids; slices.Equal(ids, l.ids) {
		return nil
	}
	l.ids = slices.Clone(ids)
	l.busy = true
	told, source := l.ids, m.config.Live
	return func() tea.Msg {
		source.Look(told)
		return lookedAtMsg{}
	}
}
