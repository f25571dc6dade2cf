package cast

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"
)

// File is what a recording is written to, such as an *os.File.
type File interface {
	io.WriteCloser
	Truncate(size int64) error
}

const (
	// maxWaiting is how many bytes may wait to be written: a second or more of a program that prints without
	// end, and far more of one that somebody looks at.
	maxWaiting = 16 << 20
	// lastTime is how long what still waits may take to be written, once nothing more is recorded.
	lastTime = 2 * time.Second
)

// ErrBehind is why a recording ended that could not be written as fast as it grew.
var ErrBehind = errors.New("it cannot be written as fast as the program prints")

// errStuck is why a recording ended whose last part was not written in time.
var errStuck = errors.New("the file system does not answer")

// Recorder takes what is recorded. Its methods may be called from several goroutines; but for Run and Wait
// they never wait for the file.
type Recorder struct {
	header Header
	now    func() time.Time
	began  time.Time

	mu      sync.Mutex
	queue   batch
	closed  error         // why nothing more is taken; nil while it is
	wake    chan struct{} // has a value when there is something to be done
	ending  chan struct{} // closed when nothing more is taken
	ended   chan struct{} // closed when Run has ended
	written int64         // bytes of whole lines in the file
	last    time.Duration // of the last event in there
	age     time.Duration // when nothing more was taken
	err     error         // of Run
}

// batch is events that wait: their texts one behind the other.
type batch struct {
	data   []byte
	events []event
}

type event struct {
	at   time.Duration
	code byte
	size int
}

// errStopped is why nothing more is taken once Stop was called.
var errStopped = errors.New("stopped")

// New returns a recorder; what it is given waits until Run writes it. now is the clock, nil for that of the
// system.
func New(h Header, now func() time.Time) *Recorder {
	if now == nil {
		now = time.Now
	}
	return &Recorder{
		header: h, now: now, began: now(),
		wake: make(chan struct{}, 1), ending: make(chan struct{}), ended: make(chan struct{}),
	}
}

// Output records what the program printed.
func (r *Recorder) Output(b []byte) { r.add(output, b) }

// Resize records a new size in cells.
func (r *Recorder) Resize(cols, rows int) {
	r.add(resize, strconv.AppendInt(append(strconv.AppendInt(nil, int64(cols), 10), 'x'), int64(rows), 10))
}

// Stop ends the recording: nothing more is taken, and Run returns once all has been written.
func (r *Recorder) Stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.end(errStopped)
}

func (r *Recorder) add(code byte, b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed != nil || len(b) == 0:
		return
	case len(r.queue.data)+len(b) > maxWaiting || len(r.queue.events) >= maxWaiting/16:
		r.end(ErrBehind)
		return
	}
	r.queue.data = append(r.queue.data, b...)
	r.queue.events = append(r.queue.events, event{at: r.now().Sub(r.began), code: code, size: len(b)})
	r.rouse()
}

// end must be called with mu held.
func (r *Recorder) end(why error) {
	if r.closed == nil {
		r.closed, r.age = why, r.now().Sub(r.began)
		close(r.ending)
		r.rouse()
	}
}

func (r *Recorder) rouse() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run opens the file and writes the recording to it until that is stopped or fails. It waits for the file
// as long as that takes, so it is for a goroutine of its own; Wait tells what came of it.
func (r *Recorder) Run(open func() (File, error)) {
	defer close(r.ended)
	err := r.run(open)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
	r.end(errStopped)
	r.queue = batch{}
}

func (r *Recorder) run(open func() (File, error)) (err error) {
	file, err := open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	line, err := r.header.line()
	if err != nil {
		return fmt.Errorf("write the header: %w", err)
	}
	if err := r.write(file, line, 0); err != nil {
		return err
	}
	w := writer{r: r, file: file}
	var now batch
	for {
		<-r.wake
		r.mu.Lock()
		now, r.queue = r.queue, batch{now.data[:0], now.events[:0]}
		closed := r.closed != nil
		r.mu.Unlock()
		if err := w.events(&now, closed); err != nil {
			return err
		}
		if closed {
			return nil
		}
	}
}

// writer turns events into lines of the file.
type writer struct {
	r     *Recorder
	file  File
	chars decoder
	lines []byte
	last  time.Duration
}

// writeBytes is how much is written at once: a batch may be large, and JSON six times that.
const writeBytes = 256 << 10

// events writes the events, and if they are the last the start of a character that never got whole.
func (w *writer) events(b *batch, last bool) error {
	data := b.data
	for _, e := range b.events {
		text := data[:e.size]
		data = data[e.size:]
		if e.code == output {
			text = w.chars.decode(text)
		}
		if err := w.event(e.at, e.code, text); err != nil {
			return err
		}
	}
	if last {
		if err := w.event(w.last, output, w.chars.rest()); err != nil {
			return err
		}
	}
	return w.flush()
}

func (w *writer) event(at time.Duration, code byte, text []byte) error {
	w.last = at
	if len(text) == 0 {
		return nil
	}
	w.lines = appendEvent(w.lines, at, code, text)
	if len(w.lines) < writeBytes {
		return nil
	}
	return w.flush()
}

func (w *writer) flush() error {
	err := w.r.write(w.file, w.lines, w.last)
	w.lines = w.lines[:0]
	return err
}

// write writes whole lines, or none: what was written of them is cut off again if that fails.
func (r *Recorder) write(file File, lines []byte, last time.Duration) error {
	if len(lines) == 0 {
		return nil
	}
	if _, err := file.Write(lines); err != nil {
		_ = file.Truncate(r.written) // a line cut short is all that can be left, and players skip it
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.written += int64(len(lines))
	r.last = last
	return nil
}

// Result is what came of a recording.
type Result struct {
	Bytes int64         // in the file
	Last  time.Duration // when the last event in there happened
	Age   time.Duration // how long what there was to record was taken
	Err   error         // why it ended, nil if it was stopped
}

// Wait returns once the recording is over and written, or too much time has gone by since it was over.
func (r *Recorder) Wait() Result {
	<-r.ending
	timer := time.NewTimer(lastTime)
	defer timer.Stop()
	stuck := false
	select {
	case <-r.ended:
	case <-timer.C:
		stuck = true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	res := Result{Bytes: r.written, Last: r.last, Age: r.age, Err: r.err}
	switch {
	case res.Err != nil:
	case r.closed != errStopped: //nolint:errorlint // it is this value, never one around it
		res.Err = r.closed
	case stuck:
		res.Err = errStuck
	}
	return res
}

// State returns how long the recording goes on, and how many bytes were recorded, of which some may still
// wait to be written.
func (r *Recorder) State() (age time.Duration, bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now().Sub(r.began), r.written + int64(len(r.queue.data))
}
