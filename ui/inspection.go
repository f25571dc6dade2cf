package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan"
)

// inspection is the detail of one process.
type inspection struct {
	era    int
	id     procscan.ProcID
	at     time.Time        // when it was begun
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
	in.at = m.now()
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

// inspectAgain is how old the details of a process become while no scan has anything new to tell.
const inspectAgain = 10 * time.Second

// staleInspection reports whether the details under the cursor are to be read again.
func (m *Model) staleInspection() bool { return m.now().Sub(m.inspection.at) >= inspectAgain }

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
