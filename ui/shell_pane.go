package ui

import (
	"sync"
	"time"

	"nstui/nsenter"
	"nstui/ui/attach"
	"nstui/ui/cast"
	"nstui/ui/term"
)

// pane is the screen of a shell and what goes to and fro between it and the shell. It is shared by the
// goroutines that read, write and wait, and by the one that draws.
type pane struct {
	mu     sync.Mutex
	term   *term.Terminal
	events []term.Event
	told   bool // a message that there is something new is on its way
	frame  paneFrame
	drew   func() // says that there is something to draw; nil until the shell runs
	now    func() time.Time

	tail  nsenter.Tail
	input *queue        // what is typed, and the answers of the emulator
	eof   chan struct{} // closed when nothing more is printed

	recorder *cast.Recorder     // nil while nothing is recorded
	tap      *attach.Attachment // nil unless the shell has the real terminal
}

// Bounds of a pane.
const (
	frameTime = time.Second / 60 // between two messages that the screen has changed
	readBytes = 16 << 10         // Linux gives 4 KiB of a pty at a time
	maxEvents = 64
)

// newPane returns a blank pane that keeps so many lines of history; 0 and negative numbers are as in
// term.Options.
func newPane(size term.Size, history int) *pane {
	return &pane{
		term:  term.New(size, term.Options{History: history}),
		input: newQueue(),
		eof:   make(chan struct{}),
		now:   time.Now,
	}
}

// read shows what the shell prints until its terminal is closed. drew is called from another goroutine
// when there is something to draw, and again only after taken, at most once in frameTime.
func (p *pane) read(session Session, drew func()) {
	defer close(p.eof)
	p.mu.Lock()
	p.drew = drew
	p.mu.Unlock()
	buf := make([]byte, readBytes)
	var last time.Time
	for {
		n, err := p.tail.Read(session, buf)
		if p.feed(buf[:n]) {
			wait := frameTime - time.Since(last)
			last = time.Now().Add(max(0, wait))
			time.AfterFunc(wait, drew)
		}
		if err != nil {
			return
		}
	}
}

// feed shows some bytes and reports whether that is to be told. Some sequences are costly: who draws gets
// the emulator in between.
func (p *pane) feed(b []byte) (tell bool) {
	for len(b) > 0 {
		n, first, tap := p.feedSome(b)
		if tap != nil {
			tap.Output(b[:n])
		}
		b, tell = b[n:], tell || first
	}
	return tell
}

// feedSome shows the beginning of some bytes. It returns how much that is, whether it is the first that is
// not told yet, and who is to get it as well.
func (p *pane) feedSome(b []byte) (n int, first bool, tap *attach.Attachment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n = p.term.WriteSome(b)
	p.finished()
	if p.recorder != nil {
		p.recorder.Output(b[:n])
	}
	if room := maxEvents - len(p.events); room > 0 {
		events := p.term.TakeEvents()
		p.events = append(p.events, events[:min(room, len(events))]...)
	}
	p.answer()
	first = !p.told
	p.told = true
	return n, first, p.tap
}

// answer queues what the emulator answers, unless the real terminal does. A shell that reads nothing loses the
// answers it asked for.
func (p *pane) answer() {
	if replies := p.term.TakeReplies(); replies != nil && p.tap == nil {
		p.input.put(replies, maxAnswers)
	}
}

// taken returns what the shell wants to be known since it was last called.
func (p *pane) taken() []term.Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	events := p.events
	p.events, p.told = nil, false
	return events
}

// typed queues input for the shell. It never waits: it reports whether there was room.
func (p *pane) typed(b []byte) bool { return p.input.put(b, maxTyped) }

// write sends what is queued to the shell until its terminal is closed. A shell that does not read
// holds up only this goroutine.
func (p *pane) write(session Session) {
	for {
		select {
		case <-p.input.ready:
			for b := p.input.take(); b != nil; b = p.input.take() {
				_, err := session.Write(b)
				p.input.done(b)
				if err != nil {
					return
				}
			}
		case <-p.eof:
			return
		}
	}
}

// wait returns the status of the shell once it has ended and what it printed is on the screen. Programs
// it left in the background may keep the terminal open: they are not waited for, it is hung up.
func (p *pane) wait(session Session, stopped func(bool)) nsenter.Status {
	for {
		status := session.Wait()
		if status.Stopped || status.Continued {
			stopped(status.Stopped)
			continue
		}
		hangUp := func() { _ = session.Close() } // nothing is to be done about an error: the descriptor is gone
		p.tail.End(hangUp)
		<-p.eof
		hangUp()
		return status
	}
}

// resize changes the size of the screen and reports whether it was another.
func (p *pane) resize(size term.Size) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.term.Size() == size {
		return false
	}
	p.term.Resize(size)
	if p.recorder != nil {
		p.recorder.Resize(size.W, size.H)
	}
	return true
}

// state returns what decides about keys and the cursor.
func (p *pane) state() (term.Modes, term.Cursor) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.term.Modes(), p.term.Cursor()
}

// title returns what the program in the shell wants its window to be called.
func (p *pane) title() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.term.Title()
}
