package ui

import "sync"

// queue is what waits to be typed into a shell. Who puts something into it never waits, however slowly
// the shell reads.
type queue struct {
	mu      sync.Mutex
	waiting [][]byte
	size    int           // of what waits and of what is being typed, with what it costs to keep
	ready   chan struct{} // has a value if something waits
}

// Bounds of a queue in bytes. Answers are few, unless a shell asks without end and reads none of them.
const (
	maxTyped    = 16 << 20 // more than anybody pastes
	maxAnswers  = 64 << 10
	pieceMemory = 64 // what each piece costs beside its bytes
)

func newQueue() *queue { return &queue{ready: make(chan struct{}, 1)} }

// put queues some bytes, all or none of them: it reports whether they fit into the limit.
func (q *queue) put(b []byte, limit int) bool {
	if len(b) == 0 {
		return true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.size+len(b)+pieceMemory > limit {
		return false
	}
	q.size += len(b) + pieceMemory
	q.waiting = append(q.waiting, b)
	select {
	case q.ready <- struct{}{}:
	default: // it is known already
	}
	return true
}

// take removes the oldest bytes, nil if there are none. They count until done is called with them.
func (q *queue) take() []byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return nil
	}
	b := q.waiting[0]
	q.waiting[0] = nil
	if q.waiting = q.waiting[1:]; len(q.waiting) == 0 {
		q.waiting = nil
	}
	return b
}

// done says that the shell has taken what take returned.
func (q *queue) done(b []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.size -= len(b) + pieceMemory
}
