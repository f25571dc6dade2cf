package ui

import (
	"time"

	"nstui/ui/term"
)

// syncTime is how long the last finished screen is shown while the shell says that it is not done with the
// next (mode 2026). One that never says it is done is drawn that often.
const syncTime = 200 * time.Millisecond

// paneFrame is a screen that was finished when it was drawn.
type paneFrame struct {
	size    term.Size
	options term.RowOptions
	rows    []string
	cursor  term.Cursor
	held    time.Time // since when it is shown in place of one that is not finished; zero if it is not
}

// rows returns the rows of the screen, each exactly as wide as it. While the shell is not done with them,
// they are those of the screen before, for a while.
func (p *pane) rows(o term.RowOptions) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.holds(o) {
		p.keepFrame(o)
	}
	return append([]string(nil), p.frame.rows...)
}

// drawn draws the screen as it is.
func (p *pane) drawn(o term.RowOptions) []string {
	rows := make([]string, p.term.Size().H)
	for y := range rows {
		rows[y] = p.term.Row(y, o)
	}
	return rows
}

// keepFrame draws the screen as it is, to be shown until the next one is finished.
func (p *pane) keepFrame(o term.RowOptions) {
	p.frame = paneFrame{size: p.term.Size(), options: o, rows: p.drawn(o), cursor: p.term.Cursor()}
}

// holds reports whether the frame is to be shown in place of the screen.
func (p *pane) holds(o term.RowOptions) bool {
	f := &p.frame
	if !p.term.Modes().Sync || f.size != p.term.Size() || f.options.Mono != o.Mono {
		return false
	}
	now := p.now()
	if f.held.IsZero() {
		f.held = now
		if p.drew != nil {
			time.AfterFunc(syncTime, p.drew) // the shell may say nothing more
		}
	}
	return now.Sub(f.held) < syncTime
}

// finished keeps the screen if it was waited for: it may be in the making again before it is drawn.
func (p *pane) finished() {
	if !p.frame.held.IsZero() && !p.term.Modes().Sync && p.frame.size == p.term.Size() {
		p.keepFrame(p.frame.options)
	}
}

// cursor returns the cursor of what rows last returned.
func (p *pane) cursor() term.Cursor {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.frame.held.IsZero() && p.frame.size == p.term.Size() {
		return p.frame.cursor
	}
	return p.term.Cursor()
}
