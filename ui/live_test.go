package ui

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan"
)

// withLive is a configuration with what its snapshots come from.
func withLive(snaps ...*procscan.Snapshot) (Config, *fakeLive) {
	c := testConfig()
	source := &fakeLive{snaps: snaps}
	c.Live = source
	return c, source
}

// part returns what a scan has read of the first n processes.
func (f fixture) part(n int) *procscan.Snapshot {
	s := f[:n].snapshot()
	s.Part = true
	return s
}

// unstarted is a screen whose first scan has not begun.
func unstarted(t *testing.T, width, height int, c Config) *screen {
	t.Helper()
	s := &screen{t: t, m: newModel(t.Context(), c)}
	s.m.now = func() time.Time { return noon }
	s.m.after = func(time.Duration, tea.Msg) tea.Cmd { return nil }
	s.m.send = s.send
	s.send(tea.WindowSizeMsg{Width: width, Height: height})
	return s
}

func TestFirstScanIsShownWhileItRuns(t *testing.T) {
	for _, size := range sizes {
		f := host()
		c, source := withLive(f.snapshot())
		source.done, source.total = 4120, 11411
		source.parts = []*procscan.Snapshot{f.part(3), f.part(6), f.part(8)}
		s := unstarted(t, size[0], size[1], c)
		var shown []int
		source.during = func() {
			s.m.now = func() time.Time { return noon.Add(progressAfter) }
			s.has("reading /proc… 4,120 of 11,411", "sshd")
			if shown = append(shown, len(s.m.world.procs)); len(shown) == 1 {
				s.press("l", "j") // to sshd
			}
			if s.pid() != 612 {
				t.Errorf("after part %d the cursor is on %d", len(shown), s.pid())
			}
			if len(s.m.world.changes) > 0 {
				t.Error("a part has changes")
			}
			s.m.now = func() time.Time { return noon }
		}
		s.do(s.m.Init())
		if !slices.Equal(shown, []int{3, 6, 8}) {
			t.Errorf("%v processes were shown", shown)
		}
		s.has("13 procs", "live 2s")
		if len(s.m.world.changes) > 0 || s.pid() != 612 {
			t.Errorf("news: %v, on %d", s.m.world.changes, s.pid())
		}
	}
}

func TestPartialScanGolden(t *testing.T) {
	for _, size := range sizes {
		f := host()
		c, source := withLive(f.snapshot())
		source.done, source.total = 4120, 11411
		source.parts = []*procscan.Snapshot{f.part(7)}
		s := unstarted(t, size[0], size[1], c)
		source.during = func() {
			s.m.now = func() time.Time { return noon.Add(progressAfter) }
			s.golden("partial")
		}
		s.do(s.m.Init())
	}
}

// TestOpensOnAProcessOfThePart moves to the process asked for as soon as it is there, and once.
func TestOpensOnAProcessOfThePart(t *testing.T) {
	f := host()
	c, source := withLive(f.snapshot())
	c.PID = 4183
	source.parts = []*procscan.Snapshot{f.part(3), f.part(7), f.part(9)}
	s := unstarted(t, 80, 24, c)
	var on []int
	source.during = func() {
		on = append(on, s.pid())
		if len(on) == 2 {
			s.press("j")
		}
	}
	s.do(s.m.Init())
	if want := []int{1, 4183, 4231}; !slices.Equal(on, want) {
		t.Errorf("on %v, want %v", on, want)
	}
	if s.pid() != 4231 {
		t.Errorf("at last on %d", s.pid())
	}
}

func TestSameSnapshotIsNoWork(t *testing.T) {
	f := host()
	snap := f.snapshot()
	s := start(t, 80, 24, testConfig(snap, f.without(612).snapshot(), f.without(612).snapshot()))
	w := s.m.world
	if next := newWorld(w, snap, nil); next != w {
		t.Error("an unchanged snapshot makes a new world")
	}
	s.scan()
	marked := s.m.world
	s.has("ended")
	s.m.config.Live = &fakeLive{snaps: []*procscan.Snapshot{marked.snap}}
	s.scan()
	s.hasNot("ended")
	w = s.m.world
	rows, _ := s.m.browser.procs.Visible()
	first := rows[0]
	s.scan()
	if rows, _ = s.m.browser.procs.Visible(); s.m.world != w || rows[0] != first {
		t.Error("the lists were made again though nothing is new")
	}
}

// TestNothingNewIsNotDrawn is a host on which nothing happens: only the age of the data may change.
func TestNothingNewIsNotDrawn(t *testing.T) {
	c, source := withLive(host().snapshot())
	source.status.At = noon
	s := start(t, 120, 36, c)
	s.lines()
	drawn := func() bool {
		s.m.drawn.view.WindowTitle = "kept"
		return s.m.View().WindowTitle != "kept"
	}
	s.scan()
	if drawn() {
		t.Error("drawn again though nothing is new")
	}
	s.m.now = func() time.Time { return noon.Add(9 * time.Second) }
	if s.scan(); !drawn() {
		t.Error("the age of the data is not drawn")
	}
	source.err = errors.New("no /proc")
	if s.scan(); !drawn() {
		t.Error("that the scan failed is not drawn")
	}
	if s.press("j"); !drawn() {
		t.Error("a key is not drawn")
	}
	s.press("F")
	for range 2 {
		if !drawn() {
			t.Error("a page with times is not drawn")
		}
	}
}

func TestUnchangedProcessesAreTakenOver(t *testing.T) {
	snap := host().snapshot()
	before := newWorld(nil, snap, nil)
	after := newWorld(before, changed(snap, 1), nil)
	for i := range after.procs {
		a, b := &before.procs[i], &after.procs[i]
		switch {
		case i == 0 && (b.mark != execed || b.Comm == a.Comm):
			t.Errorf("process %d: %v %q", b.PID, b.mark, b.Comm)
		case i > 0 && (b.mark != unmarked || a.Process != b.Process):
			t.Errorf("process %d: %v", b.PID, b.mark)
		}
	}
	// What differs from ours depends on ours, too.
	moved := *snap
	moved.Mine = inContainer(1, 1)
	if w := newWorld(before, &moved, nil); w.procs[0].letters == before.procs[0].letters {
		t.Errorf("our own namespaces are others, and the column still says %q", w.procs[0].letters)
	}
}

func TestMarksOfAChange(t *testing.T) {
	f := host()
	g := f.without()
	for i := range g {
		switch g[i].PID {
		case 612:
			g[i].NS = g[5].NS
		case 8120:
			g[i].Comm, g[i].Args = "vi", []string{"vi"}
		}
	}
	g.add(8121, 1, 0, hostNS, "x", "new")
	s := start(t, 80, 24, testConfig(f.snapshot(), g.snapshot()))
	s.scan()
	for pid, want := range map[int]mark{612: moved, 8120: execed, 8121: born, 1: unmarked} {
		if got := s.m.world.byPID(pid).mark; got != want {
			t.Errorf("process %d is marked %q, want %q", pid, got, want)
		}
	}
	s.has("!  8120", "+  8121")
	s.has("+ new  ~ moved  ! exec")
}

func TestLooksAtWhatIsOnTheScreen(t *testing.T) {
	f := host()
	c, source := withLive(f.snapshot())
	kind := *testConfig().Kind
	c.Kind = &kind
	s := start(t, 80, 24, c)
	id := func(pid int) procscan.ProcID { return procscan.ProcID{PID: pid, Start: uint64(pid * 100)} }
	if len(source.looked) != 1 || !slices.Contains(source.looked[0], id(612)) || !slices.Contains(source.looked[0], id(4183)) {
		t.Fatalf("looked at %v", source.looked)
	}
	s.send(nil)
	if len(source.looked) != 1 {
		t.Errorf("told %d times of the same", len(source.looked))
	}
	s.press("j")
	if n := len(source.looked); n != 2 || !slices.Contains(source.looked[1], id(4234)) || slices.Contains(source.looked[1], id(612)) {
		t.Errorf("looked at %v", source.looked)
	}
}

func TestDeepPasses(t *testing.T) {
	f := host()
	c, source := withLive(f.snapshot())
	source.parts = []*procscan.Snapshot{f.part(3)}
	s := start(t, 80, 24, c)
	if !slices.Equal(source.deepened, []float64{deepShare}) {
		t.Fatalf("after the first scan: %v", source.deepened)
	}
	s.scan()
	s.send(deepDueMsg{ends: 0}) // of a clock that was set before
	if len(source.deepened) != 1 {
		t.Errorf("after the second scan: %v", source.deepened)
	}
	s.send(deepDueMsg{ends: 1})
	s.press("r")
	if want := []float64{deepShare, deepShare, fullShare}; !slices.Equal(source.deepened, want) {
		t.Errorf("passes %v, want %v", source.deepened, want)
	}
	s.press("p")
	s.send(deepDueMsg{ends: s.m.live.deep.ends})
	if len(source.deepened) != 3 {
		t.Error("a pass began during the pause")
	}
	s.press("p")
	if len(source.deepened) != 4 {
		t.Error("none began after it")
	}
}

// TestRescanTakesThePlaceOfTheBackground asks for a pass while another runs: that one ends first.
func TestRescanTakesThePlaceOfTheBackground(t *testing.T) {
	c, source := withLive(host().snapshot())
	s := start(t, 80, 24, c)
	slow := s.m.deepen(false)
	ends := s.m.live.deep.ends
	if s.m.deepen(false) != nil {
		t.Error("two at once")
	}
	source.err = nil
	if cmd := s.m.deepen(true); cmd != nil || !s.m.live.deep.again {
		t.Error("the fast one did not wait for the slow one")
	}
	s.do(slow)
	if got := source.deepened[len(source.deepened)-2:]; !slices.Equal(got, []float64{deepShare, fullShare}) || s.m.live.deep.ends != ends+2 {
		t.Errorf("passes %v", source.deepened)
	}
}

func TestPauseOfTheScannerCounts(t *testing.T) {
	c, source := withLive(host().snapshot())
	source.status = procscan.Status{Pause: 7 * time.Second, At: noon}
	var waits []time.Duration
	s := unstarted(t, 80, 24, c)
	s.m.after = func(d time.Duration, msg tea.Msg) tea.Cmd {
		if _, ok := msg.(pausedMsg); ok {
			waits = append(waits, d)
		}
		return nil
	}
	s.do(s.m.Init())
	if !slices.Equal(waits, []time.Duration{7 * time.Second}) {
		t.Errorf("waited %v", waits)
	}
	s.has("live, every 7.0s · polling")
}

func TestAgeOfWhatIsShown(t *testing.T) {
	c, source := withLive(host().snapshot())
	source.status = procscan.Status{Mode: procscan.Events, At: noon}
	s := start(t, 80, 24, c)
	s.has("live 2s · events")
	s.hasNot("old")
	s.m.now = func() time.Time { return noon.Add(4 * time.Second) }
	s.hasNot("old")
	s.m.now = func() time.Time { return noon.Add(9 * time.Second) }
	s.has("live 2s · events · 9s old")
	source.err = errors.New("read /proc: too many open files")
	s.scan()
	s.has("scan failed · 9s old")
}

// slowLive is a source whose refresh goes on until it is let go.
type slowLive struct {
	fakeLive
	let chan struct{}
}

func (f *slowLive) Deepen(ctx context.Context, _ float64) error {
	select {
	case <-ctx.Done():
	case <-f.let:
	}
	return ctx.Err()
}

func TestPauseEndsThePass(t *testing.T) {
	source := &slowLive{fakeLive: fakeLive{snaps: []*procscan.Snapshot{host().snapshot()}}, let: make(chan struct{})}
	c := testConfig()
	c.Live = source
	s := unstarted(t, 80, 24, c)
	close(source.let)
	s.do(s.m.Init())
	source.let = make(chan struct{})
	cmd := s.m.deepen(false)
	s.press("p")
	msg, ok := cmd().(deepenedMsg) // it would never come
	if !ok || !errors.Is(msg.err, context.Canceled) {
		t.Errorf("%+v", msg)
	}
	s.send(msg)
	if s.m.live.deep.err != nil {
		t.Errorf("a pass that was ended is no error: %v", s.m.live.deep.err)
	}
}
