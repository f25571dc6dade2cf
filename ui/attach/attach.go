package attach

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"sync"
	"time"
)

// Terminal is the real terminal.
type Terminal interface {
	io.ReadWriter
	// Raw puts it into raw mode, and the function it returns puts it back.
	Raw() (restore func() error, err error)
	// Size returns its size in cells.
	Size() (cols, rows int, err error)
	// Cancel ends a Read that waits, and all that follow.
	Cancel()
}

// Program is what the terminal is handed to.
type Program interface {
	// Attach gives the program's own terminal a size and returns what brings the real one to its state, but
	// for the title. What is printed after that goes to Output, and goes on where the state ends.
	Attach(a *Attachment, cols, rows int) []byte
	Resize(cols, rows int)
	// Type sends what was typed, and reports whether there was room for it.
	Type(b []byte) bool
	// Ended is closed when nothing more is printed.
	Ended() <-chan struct{}
	// Detach ends that, and returns the row of the cursor on the primary screen, the first being 0.
	Detach() (row int)
}

const (
	sequenceTime = 50 * time.Millisecond // for the rest of a sequence to arrive
	answerTime   = time.Second           // for the terminal to answer, or to go on with it
	answersTime  = 10 * time.Second      // for all its answers
	leaveTime    = time.Second           // for a terminal to take what puts it back, when all has to end
	outputQueue  = 16                    // pieces of output that may wait
)

// Attachment is one time for which the terminal is handed over.
type Attachment struct {
	keys keys
	hint string
	out  chan []byte
	stop chan struct{} // closed by Stop
	once sync.Once
	over chan struct{} // closed when no more output is shown
}

// New returns an attachment for a prefix, ctrl and the given key. leads says which keys after it lead back,
// by their characters or as "tab". hint tells that to the user: it is the title of the terminal until the
// program sets another, and a line above the program in the scrollback. It must hold no control characters;
// "" is for none.
func New(prefix rune, leads func(key string) bool, hint string) *Attachment {
	return &Attachment{
		keys: keys{prefix: prefix, leads: leads},
		hint: hint,
		out:  make(chan []byte, outputQueue),
		stop: make(chan struct{}),
		over: make(chan struct{}),
	}
}

// Stop ends the attachment, now or as soon as it begins. It may be called from any goroutine.
func (a *Attachment) Stop() { a.once.Do(func() { close(a.stop) }) }

// Output shows what the program printed. It waits while the terminal takes nothing.
func (a *Attachment) Output(b []byte) {
	select {
	case <-a.over: // select would choose any
		return
	default:
	}
	select {
	case a.out <- bytes.Clone(b):
	case <-a.over:
	}
}

// ring rings the bell, unless more waits to be shown than there is room for: it is for who must not wait.
func (a *Attachment) ring() {
	select {
	case a.out <- []byte{0x07}:
	default:
	}
}

// Run hands over the terminal until a key leads back, the program ends or Stop is called, and returns that
// key, "" for none. It may be called once.
func (a *Attachment) Run(t Terminal, resized <-chan os.Signal, p Program) (key string, err error) {
	restore, err := t.Raw()
	if err != nil {
		return "", fmt.Errorf("put the terminal into raw mode: %w", err)
	}
	defer func() { err = errors.Join(err, restore()) }()
	cols, rows, err := t.Size()
	if err != nil {
		return "", fmt.Errorf("read the size of the terminal: %w", err)
	}

	typed := make(chan []byte)
	done := make(chan struct{})
	var reader sync.WaitGroup
	reader.Go(func() { read(t, typed, done) })
	defer reader.Wait()
	defer t.Cancel()
	defer close(done)

	// The program's state ends in the middle of what it prints: nothing may come between.
	first := append([]byte(take(rows, a.hint)), p.Attach(a, cols, rows)...)
	written := make(chan struct{})
	go func() {
		defer close(written)
		a.write(t, first)
	}()
	defer func() {
		row := p.Detach()
		close(a.over)
		if c, r, sizeErr := t.Size(); sizeErr == nil {
			cols, rows = c, r
		}
		a.putBack(t, written, typed, leave(cols, row), [2]int{cols, rows})
	}()
	return a.relay(t, resized, typed, p)
}

// relay passes on what is typed, until the end.
func (a *Attachment) relay(t Terminal, resized <-chan os.Signal, typed <-chan []byte, p Program) (string, error) {
	var late <-chan time.Time // what is held is no sequence
	send := func(b []byte) {
		if len(b) > 0 && !p.Type(b) {
			a.ring() // it is lost
		}
	}
	for {
		select {
		case <-a.stop:
			return "", nil
		case <-p.Ended():
			return "", nil
		case <-resized:
			if cols, rows, err := t.Size(); err == nil { // else the terminal is gone, and a signal follows
				p.Resize(cols, rows)
			}
		case b, ok := <-typed:
			if !ok {
				return "", errors.New("nothing can be read from the terminal any more")
			}
			program, key := a.keys.feed(b)
			send(program)
			if key != "" {
				return key, nil
			}
			late = nil
			if len(a.keys.held) > 0 {
				late = time.After(sequenceTime)
			}
		case <-late:
			late = nil
			send(a.keys.release())
		}
	}
}

// read reads what is typed until the terminal cannot be read any more, or done is closed.
func read(t io.Reader, typed chan<- []byte, done <-chan struct{}) {
	defer close(typed)
	for {
		buf := make([]byte, 4096)
		n, err := t.Read(buf)
		if n > 0 {
			select {
			case typed <- buf[:n]:
			case <-done:
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// write shows what is printed until the attachment is over. What is left then is not shown: the emulator
// has it.
func (a *Attachment) write(t io.Writer, first []byte) {
	for b := first; ; {
		if _, err := t.Write(b); err != nil {
			a.Stop()
			return
		}
		select {
		case <-a.over:
			return
		case b = <-a.out:
		}
	}
}

// putBack puts the terminal back and throws away what was typed up to then, and what the program had it
// answer. A terminal answers in order: where the cursor is, which nobody else can know, comes after all else.
func (a *Attachment) putBack(t io.Writer, written <-chan struct{}, typed <-chan []byte, leave string, size [2]int) {
	var limit <-chan time.Time
	stop := a.stop
	for open := true; open; {
		select {
		case <-written:
			open = false
		case <-stop:
			stop, limit = nil, time.After(leaveTime)
		case <-limit:
			return // it takes nothing any more
		case _, ok := <-typed:
			if !ok {
				typed = nil
			}
		}
	}
	// Also when all has to end: what the program asked would be answered to the shell of the user.
	x, y := place(size[0]), place(size[1])
	question := fmt.Sprintf("\x1b[%d;%dH\x1b[6n", y, x)
	if _, err := io.WriteString(t, leave+"\x1b7"+question+"\x1b8"); err != nil {
		return // there is no terminal any more
	}
	answer := fmt.Appendf(nil, "\x1b[%d;%dR", y, x)
	var got []byte
	timer := time.NewTimer(answerTime)
	defer timer.Stop()
	whole := time.After(answersTime)
	if stop == nil {
		whole = time.After(leaveTime)
	}
	for {
		select {
		case <-whole:
			return
		case <-stop:
			stop, whole = nil, time.After(leaveTime)
		case b, ok := <-typed:
			got = append(got, b...)
			if !ok || bytes.Contains(got, answer) {
				return
			}
			got = got[max(0, len(got)-len(answer)):]
			timer.Reset(answerTime)
		case <-timer.C:
			return
		}
	}
}

// place returns a number from 1 to most that cannot be guessed.
func place(most int) int {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(max(most, 1))))
	if err != nil {
		return 1
	}
	return int(n.Int64()) + 1
}
