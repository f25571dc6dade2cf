package ui

import (
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/nsenter"
	"nstui/ui/term"
)

// realTerminal is the terminal around, which the screen hands over: an emulator that answers.
type realTerminal struct {
	mu     sync.Mutex
	screen *term.Terminal
	wrote  chan struct{}

	typed *io.PipeReader
	keys  *io.PipeWriter
	size  chan os.Signal
}

func (r *realTerminal) Read(b []byte) (int, error)  { return r.typed.Read(b) }
func (r *realTerminal) Cancel()                     { _ = r.typed.Close() } // never fails
func (r *realTerminal) Raw() (func() error, error)  { return func() error { return nil }, nil }
func (r *realTerminal) Size() (w, h int, err error) { s := r.now(); return s.Size().W, s.Size().H, nil }

func (r *realTerminal) Write(b []byte) (int, error) {
	r.mu.Lock()
	_, _ = r.screen.Write(b)
	answers := r.screen.TakeReplies()
	r.mu.Unlock()
	if answers != nil {
		go func() { _, _ = r.keys.Write(answers) }()
	}
	select {
	case r.wrote <- struct{}{}:
	default:
	}
	return len(b), nil
}

// now returns a copy of the terminal.
func (r *realTerminal) now() *term.Terminal {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := term.New(r.screen.Size(), term.Options{})
	_, _ = c.Write(r.screen.State())
	return c
}

// await waits until the terminal is as it should be.
func (r *realTerminal) await(t *testing.T, what string, cond func(*term.Terminal) bool) {
	t.Helper()
	limit := time.After(10 * time.Second)
	for !cond(r.now()) {
		select {
		case <-r.wrote:
		case <-limit:
			t.Fatalf("waiting until %s: the terminal is %q", what, r.now().State())
		}
	}
}

// shows waits for the text on the given row.
func (r *realTerminal) shows(t *testing.T, y int, want string) {
	t.Helper()
	r.await(t, "it shows "+want, func(s *term.Terminal) bool { return s.Text(y) == want })
}

func (r *realTerminal) types(t *testing.T, text string) {
	t.Helper()
	if _, err := r.keys.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

// atFull starts a shell that prints something, and gives the terminal to it when the test asks for that. As
// with bubbletea no message is handled until it is back.
func atFull(t *testing.T, prints string) (*shellScreen, *fakeSession, *realTerminal) {
	t.Helper()
	s := atNginx(t, 80, 24)
	r := &realTerminal{
		screen: term.New(term.Size{W: 80, H: 24}, term.Options{}), wrote: make(chan struct{}, 1), size: make(chan os.Signal, 1),
	}
	_, _ = r.screen.Write([]byte("\x1b]2;nstui\x07"))
	r.typed, r.keys = io.Pipe()
	s.m.exec = func(c tea.ExecCommand, back tea.ExecCallback) tea.Cmd {
		return func() tea.Msg { // once the message that led to it is handled
			go func() { s.inbox <- back(c.(*fullScreen).run(r, r.size)) }()
			return nil
		}
	}
	s.press("S")
	s.await("the shell runs", func() bool { return s.m.shellShown().session != nil })
	session := s.enterer.last()
	s.prints(session, prints, "marked")
	return s, session, r
}

// back takes messages until the terminal is the screen's again.
func (s *shellScreen) back() {
	s.t.Helper()
	s.await("the terminal is back", func() bool { return s.m.shells.full.Load() == nil })
}

func TestFullScreen(t *testing.T) {
	s, session, r := atFull(t, "shell\x1b]2;shell\x07\x1b[22;2t\x1b]2;editor\x07\x1b[?1049h\x1b[?1h\x1b[?2004h\x1b[?1003;1006h\x1b[5 q\x1b[31mmarked\x1b[m")
	s.press("ctrl+]", "f")
	r.shows(t, 0, "     marked")
	modes := r.now().Modes()
	if !modes.AltScreen || !modes.CursorKeys || !modes.BracketedPaste || !modes.MouseSGR || modes.Mouse != term.MouseAny {
		t.Errorf("its modes are %+v", modes)
	}
	if title := r.now().Title(); title != "nstui: nginx all · ctrl+] f: back" {
		t.Errorf("the title says %q", title)
	}
	if c := r.now().Cursor(); c.X != 11 || c.Y != 0 || c.Shape != term.Bar {
		t.Errorf("its cursor is %+v", c)
	}
	if _, err := session.print.Write([]byte("\x1b[c\x1b[2;1Hmore")); err != nil {
		t.Fatal(err)
	}
	r.shows(t, 1, "more")
	answer := session.got(t, "\x1b[?64;6;21;22;28c") // one, from the terminal
	r.types(t, "x\x1d\x1dy")
	if got := session.got(t, answer+"x\x1dy"); got != answer+"x\x1dy" {
		t.Errorf("the shell was sent %q", got)
	}
	r.mu.Lock()
	r.screen.Resize(term.Size{W: 100, H: 30})
	r.mu.Unlock()
	r.size <- os.Interrupt // any signal is one
	r.types(t, "z\x1d")
	session.got(t, answer+"x\x1dyz")
	r.types(t, "f")
	s.back()
	s.has("INSIDE", "     marked", "more")
	session.mu.Lock()
	sizes := slices.Clone(session.sizes)
	session.mu.Unlock()
	if want := [][2]int{{80, 24}, {100, 30}, {80, 22}}; !slices.Equal(sizes, want) {
		t.Errorf("the shell had the sizes %v, want %v", sizes, want)
	}
	if title := r.now().Title(); title != "nstui" {
		t.Errorf("the title of the terminal is %q", title)
	}
	if m := r.now().Modes(); m != (term.Modes{AlternateScroll: true}) || r.now().Text(0) != "shell" {
		t.Errorf("the terminal has the modes %+v and shows %q", m, r.now().Text(0))
	}
	s.prints(session, "\x1b[3;1Hin the frame", "in the frame")
}

// The key that leads back does what it does in the frame.
func TestFullScreenLeadsBack(t *testing.T) {
	for key, want := range map[string]func(*shellScreen) bool{
		"f": func(s *shellScreen) bool { return s.m.shellShown() != nil && s.m.top() == s.m.shells.view },
		"d": func(s *shellScreen) bool { return s.m.shellShown() == nil },
		"x": func(s *shellScreen) bool { return strings.Contains(s.text(), "End the shell") },
		"R": func(s *shellScreen) bool { return strings.Contains(s.text(), "REC") },
	} {
		t.Run(key, func(t *testing.T) {
			t.Chdir(t.TempDir())
			s, _, r := atFull(t, "marked")
			s.press("ctrl+]", "f")
			r.shows(t, 0, "marked")
			r.types(t, "\x1d"+key)
			s.back()
			if !want(s) {
				t.Errorf("the screen is\n%s", s.text())
			}
		})
	}
}

func TestFullScreenEnds(t *testing.T) {
	for name, end := range map[string]func(*shellScreen, *fakeSession){
		"the shell ends":     func(_ *shellScreen, session *fakeSession) { session.exit(3) },
		"the shell stops":    func(_ *shellScreen, session *fakeSession) { session.status <- nsenter.Status{Stopped: true} },
		"a goroutine panics": func(s *shellScreen, _ *fakeSession) { s.m.spawn("a test", func() { panic("on purpose") }) },
	} {
		t.Run(name, func(t *testing.T) {
			s, session, r := atFull(t, "marked")
			s.press("ctrl+]", "f")
			r.shows(t, 0, "marked")
			end(s, session)
			s.back()
			s.await("it is told why", func() bool {
				now := s.m.shellShown()
				return now.ended != nil || now.stopped || s.m.fatal != nil
			})
		})
	}
}

func TestFullScreenWithoutAShell(t *testing.T) {
	s, session, _ := atFull(t, "marked")
	session.exit(0)
	s.await("the shell has ended", func() bool { return s.m.shellShown().ended != nil })
	s.press("ctrl+]", "f")
	s.has("full screen: it does not run")
}
