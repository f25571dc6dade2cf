package nsenter

import (
	"io"
	"sync"
	"time"
)

// Bounds of what is read from a terminal whose program has ended.
const (
	// tailTime is how long the terminal may have nothing to read, all such times together.
	tailTime = 200 * time.Millisecond
	// tailBytes is more than Linux keeps of what was written to a pty and not read: 20 KiB were measured.
	tailBytes = 64 << 10
)

// Tail reads what a program prints and knows when the last of it has been read. It is ready to use.
//
// The end of the terminal does not tell that: a job left in the background may keep it open, and print for
// ever. Nor does a time: to show what was read may take long. But what was printed before the end comes
// out first and is no more than a pty holds, so what comes after that many bytes need not be read, and
// what is there is read without waiting, so only waiting counts against the time.
type Tail struct {
	mu      sync.Mutex
	hangUp  func()      // not nil: the program has ended
	timer   *time.Timer // runs while a Read waits after the end
	reading bool
	since   time.Time     // when the Read began to wait, or the program ended meanwhile
	waited  time.Duration // since the end, without the Read that goes on
	bytes   int           // read since the end
}

// End says that the program has ended. If Read waits for too long it calls hangUp, which must make the
// source return.
func (t *Tail) End(hangUp func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hangUp = hangUp
	if t.reading {
		t.count()
	}
}

// Read reads from the source. It returns io.EOF when all has been read.
func (t *Tail) Read(source io.Reader, b []byte) (int, error) {
	if !t.begin() {
		return 0, io.EOF
	}
	n, err := source.Read(b)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reading = false
	if t.timer != nil {
		t.timer.Stop()
		t.waited += time.Since(t.since)
	}
	if t.hangUp != nil {
		t.bytes += n
	}
	return n, err
}

// begin notes that a Read begins and reports whether it may.
func (t *Tail) begin() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waited >= tailTime || t.bytes >= tailBytes {
		return false
	}
	t.reading = true
	if t.hangUp != nil {
		t.count()
	}
	return true
}

// count starts to count how long the Read waits.
func (t *Tail) count() {
	t.since = time.Now()
	t.timer = time.AfterFunc(tailTime-t.waited, t.expire)
}

// expire ends a Read that still waits: the timer may belong to one that has just returned.
func (t *Tail) expire() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.reading && t.waited+time.Since(t.since) >= tailTime {
		t.hangUp()
	}
}
