package engine

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// clock is a time that passes when a test says so.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is that of the clock.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// pass lets time pass.
func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// testAsker asks at these sockets, with a clock that starts four minutes after noon.
func testAsker(sockets ...Socket) (*Asker, *clock) {
	c := &clock{now: time.Date(2026, 11, 22, 12, 4, 7, 0, time.Local)}
	a := newAsker(func() []Socket { return sockets })
	a.now = c.Now
	return a, c
}

// script answers each question with the next of the texts; "" is no answer.
func script(t *testing.T, texts ...string) func(*fake, net.Conn) {
	t.Helper()
	return func(f *fake, conn net.Conn) {
		n := len(f.questions())
		switch {
		case n > len(texts):
			t.Errorf("question %d was not expected", n)
		case texts[n-1] != "":
			says(texts[n-1])(f, conn)
		}
	}
}

// wantState checks what is said of the only socket.
func wantState(t *testing.T, a *Asker, status Status, text string) {
	t.Helper()
	states := a.States()
	if len(states) != 1 {
		t.Fatalf("there are %d states: %v", len(states), states)
	}
	if states[0].Status != status || states[0].String() != text {
		t.Errorf("it is %v: %q, want %v: %q (%v)", states[0].Status, states[0], status, text, states[0].Err)
	}
	if (states[0].Err == nil) != (status == Answered || status == Unasked) {
		t.Errorf("it is %v, and its error is %v", status, states[0].Err)
	}
}

// nameOfID is the name of a container as root's engine calls it.
func nameOfID(a *Asker, n int) string {
	c, _ := a.Known().Find(id(n), uint32(os.Getuid()))
	return c.Name
}

// called is an answer for one container.
func called(name string) string { return ok(`[{"Id":"` + id(1) + `","Names":["/` + name + `"]}]`) }

func TestAsker(t *testing.T) {
	f := startFake(t, script(t, called("web"), called("web"), called("shop"), ok("[]")))
	f.socket.Engine = "docker"
	a, clock := testAsker(f.socket)
	if a.Known().Len() != 0 || len(a.States()) != 0 {
		t.Errorf("it knows %v, %v before it has asked", a.Known(), a.States())
	}
	for step, tt := range []struct {
		pass    time.Duration
		changed bool
		asked   int
		name    string
	}{
		{0, true, 1, "web"},
		{0, false, 1, "web"}, // not again so soon
		{2*time.Second - 1, false, 1, "web"},
		{1, false, 2, "web"},
		{2 * time.Second, true, 3, "shop"},
		{2 * time.Second, true, 4, ""},
	} {
		clock.pass(tt.pass)
		before := a.Known()
		beforeName, _ := before.Find(id(1), f.socket.UID)
		if changed := a.Ask(t.Context()); changed != tt.changed {
			t.Errorf("step %d: changed is %v", step, changed)
		}
		if asked := len(f.questions()); asked != tt.asked {
			t.Errorf("step %d: it was asked %d times, want %d", step, asked, tt.asked)
		}
		if name := nameOfID(a, 1); name != tt.name {
			t.Errorf("step %d: it is called %q, want %q", step, name, tt.name)
		}
		if again, _ := before.Find(id(1), f.socket.UID); again.Name != beforeName.Name {
			t.Errorf("step %d: what was known has changed", step)
		}
		if !tt.changed && a.Known() != before {
			t.Errorf("step %d: what is known was replaced by the same", step)
		}
	}
	if state := a.States()[0]; state.Status != Answered || state.Trouble() || state.Since != time.Date(2026, 11, 22, 12, 4, 7, 0, time.Local) {
		t.Errorf("it is %+v", state)
	}
}

// TestAskerBacksOff leaves an engine alone that does not answer, for longer and longer, until it does.
func TestAskerBacksOff(t *testing.T) {
	html := "HTTP/1.0 200 OK\r\n\r\n<html>"
	f := startFake(t, script(t, called("web"), "", html, "", "", called("web"), html, called("shop")))
	a, clock := testAsker(f.socket)
	a.patience = 100 * time.Millisecond
	engine := f.socket.String()
	for step, tt := range []struct {
		rest   time.Duration // nobody is asked before this has passed
		status Status
		text   string
		name   string
	}{
		{0, Answered, ": answers", "web"},
		{2 * time.Second, Silent, ": no answer since 12:04:09", "web"},
		{5 * time.Second, Wrong, ": no list of containers since 12:04:14", "web"},
		{30 * time.Second, Silent, ": no answer since 12:04:44", "web"},
		{time.Minute, Silent, ": no answer since 12:04:44", "web"},
		{time.Minute, Answered, ": answers", "web"},
		{2 * time.Second, Wrong, ": no list of containers since 12:06:46", "web"},
		{5 * time.Second, Answered, ": answers", "shop"},
	} {
		if tt.rest > 0 {
			clock.pass(tt.rest - 1)
			if a.Ask(t.Context()) || len(f.questions()) != step {
				t.Fatalf("step %d: it was asked too soon", step)
			}
			clock.pass(1)
		}
		a.Ask(t.Context())
		wantState(t, a, tt.status, engine+tt.text)
		if name := nameOfID(a, 1); name != tt.name {
			t.Errorf("step %d: it is called %q, want %q", step, name, tt.name)
		}
	}
}

// TestAskerSees tells apart why nobody answers, and sees soon when that changes.
func TestAskerSees(t *testing.T) {
	s := ownSocket(t, "/docker.sock")
	a, clock := testAsker(s)
	next := func(changed bool, status Status, text string) {
		t.Helper()
		if got := a.Ask(t.Context()); got != changed {
			t.Errorf("changed is %v", got)
		}
		wantState(t, a, status, s.String()+": "+text)
		clock.pass(leastInterval)
	}
	next(true, Absent, "not there")
	next(false, Absent, "not there")
	fd := bound(t, &s, unix.SOCK_STREAM)
	next(true, Dead, "does not run")
	check(t, os.Rename(s.file(), s.file()+"1"))
	check(t, os.WriteFile(s.file(), nil, 0o600))
	next(true, Foreign, "not to be trusted")
	check(t, os.Rename(s.file()+"1", s.file()))
	check(t, unix.Listen(fd, 8))
	go func() {
		conn, _, err := unix.Accept(fd)
		if err != nil {
			return
		}
		// The question is lost, and that is no matter. A deadline of the test is when its context ends.
		_, _ = unix.Write(conn, []byte(called("web")))
		_ = unix.Shutdown(conn, unix.SHUT_WR)
		_, _ = io.Copy(io.Discard, os.NewFile(uintptr(conn), "connection"))
	}()
	next(true, Answered, "answers")
	if name := nameOfID(a, 1); name != "web" {
		t.Errorf("it is called %q", name)
	}
	check(t, os.Remove(s.file()))
	check(t, os.WriteFile(s.file(), nil, 0o600))
	next(true, Foreign, "not to be trusted")
	if a.Known().Len() != 0 {
		t.Error("names are believed of a socket that is none any more")
	}
}

// TestAskerAsleep looks less often at an engine that does not run, and does not keep one awake.
func TestAskerAsleep(t *testing.T) {
	f := startFake(t, script(t, called("web"), called("web")))
	p := proc{t, t.TempDir()}
	p.process(1, "systemd", "", 7)
	if f.socket.UID != 0 {
		p.process(2, "systemd", "", 7)
	}
	line := "0: 00000002 00000000 00010000 0001 01 7 " + f.socket.file() + "\n"
	for _, pid := range []string{"1", "2"} {
		err := os.WriteFile(filepath.Join(p.root, pid, "net/unix"), []byte(line), 0o600)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	a, clock := testAsker(f.socket)
	a.proc = p.root
	a.Ask(t.Context())
	wantState(t, a, Asleep, f.socket.String()+": does not run")
	p.process(9, "dockerd", "", 7)
	clock.pass(sleepInterval - 1)
	if a.Ask(t.Context()) {
		t.Error("it was looked at too soon")
	}
	clock.pass(1)
	a.Ask(t.Context())
	wantState(t, a, Answered, f.socket.String()+": answers")
	clock.pass(sleepInterval - 1)
	a.Ask(t.Context())
	if asked := len(f.questions()); asked != 1 {
		t.Errorf("it was asked %d times", asked)
	}
	clock.pass(1)
	a.Ask(t.Context())
	if asked := len(f.questions()); asked != 2 {
		t.Errorf("it was asked %d times", asked)
	}
}

// TestAskerTwins asks once at a socket that has two names.
func TestAskerTwins(t *testing.T) {
	f := startFake(t, script(t, called("web"), called("web")))
	twin := f.socket
	twin.Path = "/twin.sock"
	check(t, os.Link(f.socket.file(), twin.file()))
	given := twin
	given.Given = true
	a, clock := testAsker(f.socket, twin, given)
	for range 2 {
		a.Ask(t.Context())
		if os.Getuid() == 0 { // for an ordinary user, any of them may be the first
			wantState(t, a, Answered, "docker: answers")
		}
		if states := a.States(); len(states) != 1 || states[0].Status != Answered {
			t.Errorf("the states are %v", states)
		}
		clock.pass(leastInterval)
	}
	if name := nameOfID(a, 1); name != "web" {
		t.Errorf("it is called %q", name)
	}
}

// TestAskerTwinOfASilentOne does not ask by the other name while the first is left alone.
func TestAskerTwinOfASilentOne(t *testing.T) {
	f := startFake(t, script(t, "", "", ""))
	twin := f.socket
	twin.Path = "/twin.sock"
	check(t, os.Link(f.socket.file(), twin.file()))
	twin.Given = true
	a, clock := testAsker(f.socket, twin)
	a.patience = 100 * time.Millisecond
	for range 2 {
		a.Ask(t.Context())
		if states := a.States(); len(states) != 1 || states[0].Status != Silent {
			t.Errorf("the states are %v", states)
		}
		clock.pass(leastInterval)
	}
	if asked := len(f.questions()); asked != 1 {
		t.Errorf("it was asked %d times", asked)
	}
}

// TestAskerForgets forgets sockets that are not listed any more, and what was said there.
func TestAskerForgets(t *testing.T) {
	first, second := startFake(t, says(called("web"))), startFake(t, says(called("shop")))
	sockets := []Socket{first.socket}
	a, clock := testAsker()
	a.list = func() []Socket { return sockets }
	a.Ask(t.Context())
	if name := nameOfID(a, 1); name != "web" {
		t.Errorf("it is called %q", name)
	}
	sockets = []Socket{second.socket}
	clock.pass(leastInterval)
	if !a.Ask(t.Context()) {
		t.Error("nothing has changed")
	}
	if states := a.States(); len(states) != 1 || states[0].Socket != second.socket {
		t.Errorf("the states are %v", states)
	}
	if name := nameOfID(a, 1); name != "shop" {
		t.Errorf("it is called %q", name)
	}
	sockets = nil
	if !a.Ask(t.Context()) || a.Known().Len() != 0 || len(a.States()) != 0 {
		t.Errorf("it knows %v, %v", a.Known(), a.States())
	}
}

// TestAskerHangs goes on without a socket at which it hangs where nothing can be interrupted, and takes it up
// again when that has ended.
func TestAskerHangs(t *testing.T) {
	hung, fine := startFake(t, says(called("hung"))), startFake(t, says(ok(`[{"Id":"`+id(2)+`","Names":["/fine"]}]`)))
	a, clock := testAsker(hung.socket, fine.socket)
	a.patience = 100 * time.Millisecond
	p := proc{t, t.TempDir()}
	p.process(1, "systemd", "", 100)
	table := filepath.Join(p.root, "1/net/unix")
	check(t, os.Remove(table))
	check(t, unix.Mkfifo(table, 0o600)) // whoever opens it waits for a writer
	if hung.socket.UID != 0 {
		p.process(2, "systemd", "")
		check(t, os.Remove(filepath.Join(p.root, "2/net/unix")))
		check(t, os.Symlink(table, filepath.Join(p.root, "2/net/unix")))
	}
	a.sockets[hung.socket] = &asked{state: State{Socket: hung.socket}, lookout: lookout{proc: p.root}}

	if !a.Ask(t.Context()) {
		t.Error("nothing has changed")
	}
	if states := a.States(); states[0].Status != Silent || states[1].Status != Answered || nameOfID(a, 2) != "fine" {
		t.Errorf("the states are %v", states)
	}
	clock.pass(time.Hour)
	a.Ask(t.Context())
	if asked := len(fine.questions()); asked != 2 {
		t.Errorf("the other one was asked %d times", asked)
	}
	release(t, a, table, hung)
	clock.pass(time.Hour)
	a.Ask(t.Context())
	if states := a.States(); states[0].Status != Answered || nameOfID(a, 1) != "hung" {
		t.Errorf("the states are %v", states)
	}
}

// release lets go who waits for a writer of the pipe, until the engine was asked and nobody is busy.
func release(t *testing.T, a *Asker, pipe string, f *fake) {
	t.Helper()
	until(t, "the engine that hung is asked", func() bool {
		if w, err := os.OpenFile(pipe, os.O_WRONLY|unix.O_NONBLOCK, 0); err == nil {
			_ = w.Close()
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		return len(f.questions()) > 0 && !a.sockets[f.socket].busy
	})
	// From now on nobody waits.
	check(t, os.Remove(pipe))
}

// until waits for something that is not told.
func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	ticks := time.NewTicker(time.Millisecond)
	defer ticks.Stop()
	for end := time.After(time.Minute); !f(); {
		select {
		case <-ticks.C:
		case <-end:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// TestAskerCancelled ends with its context, and takes nothing for an answer.
func TestAskerCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := startFake(t, func(f *fake, conn net.Conn) {
		if len(f.questions()) == 1 {
			cancel()
			return
		}
		says(called("web"))(f, conn)
	})
	a, _ := testAsker(f.socket)
	a.patience = time.Hour
	if a.Ask(ctx) {
		t.Error("something has changed")
	}
	wantState(t, a, Unasked, f.socket.String()+": not asked yet")
	a.Ask(t.Context())
	wantState(t, a, Answered, f.socket.String()+": answers")
}

// TestAskerCancelledHanging ends the context while the path of a socket hangs.
func TestAskerCancelledHanging(t *testing.T) {
	hangs := Socket{Engine: Docker, Path: "/hangs"}
	a, _ := testAsker(hangs)
	a.patience = time.Hour
	due, _ := a.due()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ended := make(chan struct{})
	go func() {
		a.wait(ctx, due, make(chan struct{}))
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Fatal("nobody returns though the context has ended")
	}
	wantState(t, a, Silent, "docker: no answer since 12:04:07")
}

// TestAskerLeaks asks often, at engines that hang and others, and leaves nothing open.
func TestAskerLeaks(t *testing.T) {
	s := ownSocket(t, "/stopped.sock")
	check(t, unix.Listen(bound(t, &s, unix.SOCK_STREAM), 4096))
	var cancelAsked context.CancelFunc
	fine := startFake(t, func(f *fake, conn net.Conn) {
		says(called("web"))(f, conn)
		cancelAsked() // the one that is stopped was asked, too, or will not be
	})
	absent := s
	absent.Path = "/absent.sock"
	dead := s
	dead.Path = "/dead.sock"
	_ = bound(t, &dead, unix.SOCK_STREAM)
	a, clock := testAsker(s, fine.socket, absent, dead)
	a.patience = time.Hour
	round := func() {
		ctx, cancel := context.WithCancel(t.Context())
		cancelAsked = cancel
		a.Ask(ctx)
		clock.pass(time.Hour)
	}
	round()
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	for range 50 {
		round()
	}
	until(t, "all goroutines have ended", func() bool { return runtime.NumGoroutine() <= goroutines })
	until(t, "all files are closed", func() bool { return openFiles(t) <= files })
}

// openFiles counts the open descriptors of this process.
func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	check(t, err)
	return len(entries)
}

// TestAskerTogether asks from several goroutines at once: it is for the race detector.
func TestAskerTogether(t *testing.T) {
	f := startFake(t, says(called("web")))
	g := startFake(t, says("HTTP/1.0 500 No\r\n\r\n"))
	a, clock := testAsker(f.socket, g.socket)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 50 {
				a.Ask(t.Context())
				clock.pass(leastInterval)
				for _, state := range a.States() {
					_ = state.String()
				}
				if name := nameOfID(a, 1); name != "" && name != "web" {
					t.Errorf("it is called %q", name)
				}
			}
		})
	}
	all.Wait()
	if name := nameOfID(a, 1); name != "web" {
		t.Errorf("it is called %q", name)
	}
}

// TestFind believes root, and users of what is theirs.
func TestFind(t *testing.T) {
	k := &Known{byID: map[string][]Container{
		id(1): {{ID: id(1), UID: 0, Name: "root's"}, {ID: id(1), UID: 1000, Name: "forged"}},
		id(2): {{ID: id(2), UID: 1000, Name: "a user's"}},
		id(3): {{ID: id(3), UID: 1000, Name: "forged"}, {ID: id(3), UID: 0, Name: "root's"}},
		id(4): {{ID: id(4), UID: 1000, Name: "first"}, {ID: id(4), UID: 1001, Name: "second"}},
	}}
	for _, tt := range []struct {
		n     int
		users []uint32
		want  string
	}{
		{1, nil, "root's"},
		{1, []uint32{1000}, "root's"},
		{2, nil, ""},
		{2, []uint32{0}, ""},
		{2, []uint32{1001}, ""},
		{2, []uint32{100999, 1000}, "a user's"},
		{3, []uint32{1000}, "root's"},
		{4, []uint32{1001}, "second"},
		{5, []uint32{0, 1000}, ""},
	} {
		c, found := k.Find(id(tt.n), tt.users...)
		if c.Name != tt.want || found != (tt.want != "") {
			t.Errorf("container %d for %v is %q, %v", tt.n, tt.users, c.Name, found)
		}
	}
	if k.Len() != 4 {
		t.Errorf("there are %d", k.Len())
	}
}

// TestNewAsker asks where engines are on this machine, whatever there is.
func TestNewAsker(t *testing.T) {
	f := startFake(t, says(called("web")))
	t.Setenv("DOCKER_HOST", "unix://"+f.socket.file())
	a := NewAsker("/")
	a.Ask(t.Context())
	states := a.States()
	given := states[len(states)-1]
	if given.Status != Answered || !given.Socket.Given || nameOfID(a, 1) != "web" {
		t.Errorf("the states are %v: %v", states, given.Err)
	}
	for _, state := range states {
		if strings.Contains(state.String(), "\x1b") || state.Status == Unasked {
			t.Errorf("it says %q", state)
		}
	}
}
