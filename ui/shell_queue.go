package ui

import (
	"slices"
	"sync"
	"unicode/utf8"
)

// queue is what waits to be typed into a shell. Who puts something into it never waits, however slowly
// the shell reads.
type queue struct {
	mu      sync.Mutex
	waiting []piece
	size    int           // of what waits and of what is being typed, with what it costs to keep
	ready   chan struct{} // has a value if something waits

	pasted bool          // the shell was given some of a paste and not interrupted since
	typing bool          // something was taken and is not done
	held   bool          // nothing is typed for now
	idle   chan struct{} // closed once nothing is being typed; nil unless held
}

// piece is some input: keys, an answer, or a paste.
type piece struct {
	b     []byte
	paste bool
	end   int  // how many bytes at its end tell the shell that the paste is over
	begun bool // the shell was given some of it
	held  bool // it was there when hold was called
}

// Bounds of a queue in bytes. Answers are few, unless a shell asks without end and reads none of them.
const (
	maxTyped    = 16 << 20 // more than anybody pastes
	maxAnswers  = 64 << 10
	pieceMemory = 64      // what each piece costs beside its bytes
	pasteBytes  = 4 << 10 // of a paste at a time: as much as waits in a terminal of Linux
)

func newQueue() *queue { return &queue{ready: make(chan struct{}, 1)} }

// put queues some bytes, all or none of them: it reports whether they fit into the limit.
func (q *queue) put(b []byte, limit int) bool { return q.add(piece{b: b}, limit) }

func (q *queue) add(p piece, limit int) bool {
	if len(p.b) == 0 {
		return true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.size+len(p.b)+pieceMemory > limit {
		return false
	}
	q.size += len(p.b) + pieceMemory
	q.waiting = append(q.waiting, p)
	select {
	case q.ready <- struct{}{}:
	default: // it is known already
	}
	return true
}

// take removes the oldest bytes, nil if there are none. They count until done is called with them. Of a
// paste it is a part, so that the rest can be taken back.
func (q *queue) take() []byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 || q.held {
		return nil
	}
	p := &q.waiting[0]
	q.typing, q.pasted = true, q.pasted || p.paste
	b := p.b
	if n := pasteBytes; p.paste && len(b) > n {
		for !utf8.RuneStart(b[n]) { // what is pasted is UTF-8
			n--
		}
		b, p.b, p.begun = b[:n:n], b[n:], true
		return b
	}
	*p = piece{}
	q.size -= pieceMemory
	if q.waiting = q.waiting[1:]; len(q.waiting) == 0 {
		q.waiting = nil
	}
	return b
}

// done says that the shell has taken what take returned.
func (q *queue) done(b []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.size -= len(b)
	q.typing = false
	if q.idle != nil {
		close(q.idle)
		q.idle = nil
	}
}

// hold keeps what waits until release is called, and returns a channel that is closed once nothing is being
// typed. It returns nil and does nothing if it is held already, and if the shell has nothing it might not read:
// nothing that waits but the newest piece, and no paste.
func (q *queue) hold() (idle <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.held || len(q.waiting) == 0 || len(q.waiting) == 1 && !q.typing && !q.pasted {
		return nil
	}
	q.held, q.pasted = true, false
	for i := range q.waiting {
		q.waiting[i].held = true
	}
	c := make(chan struct{})
	if q.idle = c; !q.typing {
		close(c)
		q.idle = nil
	}
	return c
}

// release lets what was held be typed, or drops it; what was put in since is typed in any case.
func (q *queue) release(drop bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held = false
	q.pasted = !drop // what is there may still get stuck
	if drop {
		q.waiting = slices.DeleteFunc(q.waiting, func(p piece) bool {
			if p.held {
				q.size -= len(p.b) + pieceMemory
			}
			return p.held
		})
	}
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// dropPastes takes back what waits of pastes, and returns how many bytes that is. A shell that was given
// the beginning of one is told that it is over: else it would take the next key for a part of it.
func (q *queue) dropPastes() (dropped int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var kept []piece
	for _, p := range q.waiting {
		if p.paste {
			n := len(p.b)
			if p.begun {
				n = max(0, n-p.end)
			}
			p.b = p.b[n:]
			q.size -= n
			dropped += n
		}
		if len(p.b) == 0 {
			q.size -= pieceMemory
			continue
		}
		kept = append(kept, p)
	}
	q.waiting = kept
	return dropped
}
