package attach

import (
	"bytes"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"nstui/ui/term"
)

// outer is a real terminal: an emulator that answers what it is asked.
type outer struct {
	mu     sync.Mutex
	screen *term.Terminal
	raw    bool
	stuck  chan struct{} // nil, or it takes nothing until this is closed
	wrote  chan struct{} // has a value after a write
	taken  []byte
	read   []byte
	// answered is closed when all was answered that was asked, nil before anything was.
	answered chan struct{}

	typed *io.PipeReader
	keys  *io.PipeWriter
}

func newOuter(cols, rows int) *outer {
	o := &outer{screen: term.New(term.Size{W: cols, H: rows}, term.Options{}), wrote: make(chan struct{}, 1)}
	o.typed, o.keys = io.Pipe()
	return o
}

func (o *outer) Read(b []byte) (int, error) {
	n, err := o.typed.Read(b)
	o.read = append(o.read, b[:n]...)
	return n, err
}

func (o *outer) Cancel() { _ = o.typed.Close() } // never fails

func (o *outer) Write(b []byte) (int, error) {
	if o.stuck != nil {
		<-o.stuck
	}
	o.mu.Lock()
	o.taken = append(o.taken, b...)
	_, _ = o.screen.Write(b)
	answers := o.screen.TakeReplies()
	before, done := o.answered, make(chan struct{})
	if answers != nil {
		o.answered = done
	}
	o.mu.Unlock()
	if answers != nil {
		go func() { // in order, as a terminal does
			defer close(done)
			if before != nil {
				<-before
			}
			_, _ = o.keys.Write(answers)
		}()
	}
	select {
	case o.wrote <- struct{}{}:
	default:
	}
	return len(b), nil
}

func (o *outer) Raw() (func() error, error) {
	o.raw = true
	return func() error {
		o.raw = false
		return nil
	}, nil
}

func (o *outer) Size() (cols, rows int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	size := o.screen.Size()
	return size.W, size.H, nil
}

// hints returns the title, and the last line of the scrollback.
func (o *outer) hints() (title, above string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.screen.Title(), o.screen.Text(-1)
}

// text returns what is on the screen, without blank lines.
func (o *outer) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var rows []string
	for y := range o.screen.Size().H {
		if row := o.screen.Text(y); row != "" {
			rows = append(rows, row)
		}
	}
	return strings.Join(rows, "\n")
}

// await waits until something was written to the terminal.
func (o *outer) await(t *testing.T, want string) {
	t.Helper()
	limit := time.After(10 * time.Second)
	written := func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		return bytes.Contains(o.taken, []byte(want))
	}
	for !written() {
		select {
		case <-o.wrote:
		case <-limit:
			t.Fatalf("the terminal shows %q, want %q", o.text(), want)
		}
	}
}

// program keeps what it gets.
type program struct {
	mu       sync.Mutex
	state    string
	full     bool // it takes nothing that is typed
	typed    bytes.Buffer
	got      chan struct{}
	sizes    chan [2]int
	ended    chan struct{}
	attached chan *Attachment
	detached bool
}

func newProgram(state string) *program {
	return &program{
		state: state, got: make(chan struct{}, 100), sizes: make(chan [2]int, 10),
		ended: make(chan struct{}), attached: make(chan *Attachment, 1),
	}
}

func (p *program) Attach(a *Attachment, cols, rows int) []byte {
	p.sizes <- [2]int{cols, rows}
	p.attached <- a
	return []byte(p.state)
}

func (p *program) Resize(cols, rows int)  { p.sizes <- [2]int{cols, rows} }
func (p *program) Ended() <-chan struct{} { return p.ended }

func (p *program) Detach() int {
	p.detached = true
	return 0
}

func (p *program) Type(b []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.full {
		return false
	}
	p.typed.Write(b)
	p.got <- struct{}{}
	return true
}

// result is what Run returns.
type result struct {
	key string
	err error
}

// begin runs an attachment and returns once the program has the terminal.
func begin(t *testing.T, o *outer, p *program, resized <-chan os.Signal) (*Attachment, <-chan result) {
	t.Helper()
	a := New(']', func(key string) bool { return key == "f" }, "a program: prefix f")
	over := make(chan result, 1)
	go func() {
		key, err := a.Run(o, resized, p)
		over <- result{key, err}
	}()
	select {
	case <-p.attached:
	case r := <-over:
		t.Fatalf("it is over: %+v", r)
	}
	return a, over
}

// end waits for the end of an attachment and checks that all is put back.
func end(t *testing.T, o *outer, p *program, over <-chan result, key string) {
	t.Helper()
	select {
	case r := <-over:
		if r.key != key || r.err != nil {
			t.Errorf("it is over by %+v, want %q", r, key)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it does not end")
	}
	if o.stuck == nil && !regexp.MustCompile(`\x1b\[\d+;\d+R$`).Match(o.read) {
		t.Errorf("the last that was read is %q, not the answer to the last question", o.read)
	}
	if o.raw || !p.detached {
		t.Errorf("the terminal is raw: %v; the program has left it: %v", o.raw, p.detached)
	}
}

func typeInto(t *testing.T, o *outer, text string) {
	t.Helper()
	if _, err := o.keys.Write([]byte(text)); err != nil {
		t.Error(err)
	}
}

func TestAttach(t *testing.T) {
	o, p, resized := newOuter(40, 10), newProgram("drawn"), make(chan os.Signal, 1)
	_, _ = o.Write([]byte("outer$ "))
	a, over := begin(t, o, p, resized)
	if size := <-p.sizes; size != [2]int{40, 10} {
		t.Errorf("the size is %v", size)
	}
	o.await(t, "drawn")
	if text := o.text(); text != "drawn" {
		t.Errorf("the terminal shows %q", text)
	}
	if title, above := o.hints(); title != "a program: prefix f" || above != "[a program: prefix f]" {
		t.Errorf("the title is %q, and above the program stands %q", title, above)
	}
	a.Output([]byte(" and more"))
	o.await(t, " and more")
	typeInto(t, o, "ls\r")
	<-p.got
	if p.typed.String() != "ls\r" {
		t.Errorf("the program got %q", p.typed.String())
	}
	o.mu.Lock()
	o.screen.Resize(term.Size{W: 50, H: 12})
	o.mu.Unlock()
	resized <- syscall.SIGWINCH
	if size := <-p.sizes; size != [2]int{50, 12} {
		t.Errorf("the size is %v", size)
	}
	typeInto(t, o, "\x1df")
	end(t, o, p, over, "f")
	a.Output([]byte("too late")) // and does not wait
	if c := o.screen.Cursor(); c.X != 0 || c.Y != 1 || !strings.Contains(o.text(), "drawn and more") {
		t.Errorf("the cursor is at %d,%d below %q", c.X, c.Y, o.text())
	}
	lines := 0
	for y := range o.screen.HistoryLen() {
		if strings.Contains(o.screen.Text(-1-y), "outer$") {
			lines++
		}
	}
	if lines != 1 {
		t.Error("what was on the terminal is not in its history")
	}
}

// TestUnfinishedSequence keeps that what the program is in the middle of goes on: nothing comes between its state
// and what it prints next.
func TestUnfinishedSequence(t *testing.T) {
	o, p := newOuter(40, 10), newProgram("drawn \x1b[3")
	a, over := begin(t, o, p, nil)
	o.await(t, "\x1b[3")
	a.Output([]byte("1mred"))
	o.await(t, "1mred")
	if text := o.text(); text != "drawn red" {
		t.Errorf("the terminal shows %q", text)
	}
	if title, _ := o.hints(); title != "a program: prefix f" {
		t.Errorf("the title is %q", title)
	}
	typeInto(t, o, "\x1df")
	end(t, o, p, over, "f")
}

// TestPutBack leaves a terminal as a hostile program may leave it.
func TestPutBack(t *testing.T) {
	for name, left := range map[string]string{
		"modes":         "\x1b[?1;5;6;45;66;67;69;1003;1006;1004;2004;2026;2048h\x1b[?7;25l\x1b[4;20h\x1b=",
		"alternate":     "\x1b[?1049h\x1b[5 q",
		"keyboard":      "\x1b[>31u\x1b[>31u\x1b[?1049h\x1b[>31u\x1b[>4;2m\x1b[>4;1f",
		"keyboard 2":    "\x1b[?1049h\x1b[=31u\x1b[?1049l\x1b[=15u",
		"margins":       "\x1b[?69h\x1b[3;9s\x1b[4;6r\x1b[?6h",
		"sets":          "\x1b(0\x1b)0\x1b*0\x1b+0\x0e\x1bN",
		"style":         "\x1b[1;3;4:3;7;9;31;42;58;5;1m\x1b[1\"q\x1b]8;;http://evil/\x07",
		"colours":       "\x1b]4;1;#fff;2;#fff\x07\x1b]10;#fff\x07\x1b]11;#fff\x07\x1b]12;#fff\x07",
		"tabs":          "\x1b[3g",
		"inside OSC":    "\x1b]0;",
		"inside DCS":    "\x1bPqabc",
		"inside CSI":    "\x1b[38;5",
		"inside a rune": "\xe6\x97",
		"title":         "\x1b]0;evil\x07",
	} {
		t.Run(name, func(t *testing.T) {
			o, p := newOuter(40, 10), newProgram("drawn")
			fresh := term.New(term.Size{W: 40, H: 10}, term.Options{})
			a, over := begin(t, o, p, nil)
			o.await(t, "drawn")
			a.Output([]byte("last words" + left))
			o.await(t, left)
			typeInto(t, o, "\x1df")
			end(t, o, p, over, "f")
			o.screen.TakeEvents()
			const probe = "\x1b[2J\x1b[Hqx\t~#\x1b[K\r\n\x1b[35Gabcdefghij\x1b7"
			_, _ = o.screen.Write([]byte(probe))
			_, _ = fresh.Write([]byte(probe))
			if got, want := string(o.screen.State()), string(fresh.State()); got != want {
				t.Errorf("the terminal is\n%q, one that was just opened\n%q", got, want)
			}
		})
	}
}

// TestLeave is about modes the emulator that takes the place of the terminal does not have.
func TestLeave(t *testing.T) {
	for what, want := range map[string]string{"repeating keys": "\x1b[?8h", "win32-input-mode": "\x1b[?9001l", "the palette of the Linux console": "\x1b]R\x1b\\"} {
		if s := leave(80, 1); !strings.Contains(s, want) {
			t.Errorf("%s are not put back by %q", what, s)
		}
	}
}

// TestAnswers keeps what a program makes the terminal say from who reads the terminal next.
func TestAnswers(t *testing.T) {
	o, p := newOuter(40, 10), newProgram("drawn")
	a, over := begin(t, o, p, nil)
	o.await(t, "drawn")
	for range 50 {
		a.Output([]byte("\x1b[c\x1b[6n\x1b[>q\x1b[5n"))
	}
	a.Output([]byte("asked"))
	o.await(t, "asked")
	typeInto(t, o, "\x1df")
	end(t, o, p, over, "f")
	if _, err := o.keys.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the terminal is still read: %v", err)
	}
}

// TestSlowAnswers keeps that answers are waited for while they arrive.
func TestSlowAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		typed, written, over := make(chan []byte), make(chan struct{}), make(chan struct{})
		close(written)
		go func() {
			defer close(over)
			New(']', nil, "").putBack(io.Discard, written, typed, "", [2]int{40, 10})
		}()
		for n := range 4 {
			<-time.After(answerTime * 3 / 4)
			select {
			case typed <- []byte("\x1b[0n"):
			case <-over:
				t.Fatalf("it ends after %d answers", n)
			}
		}
		<-over
	})
}

func TestAttachEnds(t *testing.T) {
	t.Run("with the program", func(t *testing.T) {
		o, p := newOuter(40, 10), newProgram("")
		_, over := begin(t, o, p, nil)
		close(p.ended)
		end(t, o, p, over, "")
	})
	t.Run("when it is stopped", func(t *testing.T) {
		o, p := newOuter(40, 10), newProgram("")
		a, over := begin(t, o, p, nil)
		a.Stop()
		a.Stop()
		end(t, o, p, over, "")
	})
	t.Run("before it began", func(t *testing.T) {
		o, p := newOuter(40, 10), newProgram("")
		a := New(']', nil, "")
		a.Stop()
		over := make(chan result, 1)
		key, err := a.Run(o, nil, p)
		over <- result{key, err}
		end(t, o, p, over, "")
	})
	t.Run("with a terminal that takes nothing", func(t *testing.T) {
		o, p := newOuter(40, 10), newProgram("")
		o.stuck = make(chan struct{})
		defer close(o.stuck)
		a, over := begin(t, o, p, nil)
		go func() {
			for range 2 * outputQueue { // the program is held up, too
				a.Output([]byte("x"))
			}
		}()
		a.Stop()
		end(t, o, p, over, "")
	})
	t.Run("with nobody who takes what is typed", func(t *testing.T) {
		o, p := newOuter(40, 10), newProgram("")
		o.stuck = make(chan struct{})
		defer close(o.stuck)
		p.full = true
		a, over := begin(t, o, p, nil)
		for range 2 * outputQueue { // each rings
			typeInto(t, o, "x")
		}
		a.Stop()
		end(t, o, p, over, "")
	})
	t.Run("with a terminal that is gone", func(t *testing.T) {
		o, p := newOuter(40, 10), newProgram("")
		_, over := begin(t, o, p, nil)
		o.keys.Close()
		if r := <-over; r.err == nil || o.raw {
			t.Errorf("it is over by %+v, want an error", r)
		}
	})
}
