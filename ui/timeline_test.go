package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"nstui/procscan"
)

// news lets a second pass in which everything happens that can.
func (s *screen) news() {
	s.t.Helper()
	f := host()
	g := f.without(612, 4231)
	for i := range g {
		switch g[i].PID {
		case 9120:
			g[i].NS = inContainer(4026532980, 1<<3)
		case 8120:
			g[i].Comm, g[i].Args = "vi", []string{"vi", "\x1b[31mred"}
		}
	}
	g.add(9400, 8120, 1000, f[5].NS, "x", "curl", "-s")
	g.add(9401, 8120, 1000, hostNS, "x", "sleep")
	next := g.snapshot()
	next.At = noon.Add(time.Second)
	s.send(scannedMsg{era: s.m.live.era, world: newWorld(s.m.world, next, nil)})
}

func TestTimeline(t *testing.T) {
	s := start(t, 120, 36, testConfig(host().snapshot()))
	s.press(":")
	s.typeText("events")
	s.press("enter")
	s.has("nothing has changed yet")
	s.news()
	s.has(
		"- 12:00:01     612 sshd            ended, left your namespaces",
		"- 12:00:01    4231 nginx           ended, left Cimnp--u, net 4026532563",
		"! 12:00:01    8120 vi              exec zsh -> vi",
		"~ 12:00:01    9120 tcpdump         entered net 4026532983 from 4026532563",
		"+ 12:00:01    9400 curl            born in Cimnp--u, net 4026532563",
		"+ 12:00:01    9401 sleep           born in your namespaces",
		"+ 12:00:01         net 4026532983  namespace appeared",
		"7/7  follows",
	)
	s.press("k", "k", "k")
	s.has("4/7")
	s.press("enter")
	if s.m.top() != nil || s.pid() != 9120 {
		t.Errorf("Enter leads to %d", s.pid())
	}
	s.press("e", "g", "enter")
	s.has("process 612 has ended")
	s.press("G", "enter")
	s.has("net › 4026532983")
	if s.m.top() != nil {
		t.Error("the timeline is still open")
	}
}

func TestTimelineFilter(t *testing.T) {
	s := start(t, 80, 24, testConfig(host().snapshot()))
	s.news()
	s.press("e", "/")
	s.typeText("NGINX")
	s.has("/NGINX", "4231")
	s.hasNot("8120")
	s.press("enter", "q")
	s.has("8120", "Timeline")
	s.press("/")
	s.typeText("!q")
	s.press("esc", "q")
	if s.m.top() != nil {
		t.Error("q does not close it")
	}
}

// TestTimelineOfOthers leaves out what happens in our own namespaces only, of which there is much on any host.
func TestTimelineOfOthers(t *testing.T) {
	s := start(t, 120, 36, testConfig(host().snapshot()))
	s.news()
	s.press("e", "x")
	s.has("4231", "entered net", "9400", "namespace appeared", "not in yours only", "4/4")
	s.hasNot("612", "9401")
	s.press("x")
	s.has("612", "9401", "7/7")
}

// TestTimelineIsReadableWhenNarrow shows what happened beside whom on a narrow terminal.
func TestTimelineIsReadableWhenNarrow(t *testing.T) {
	s := start(t, 40, 10, testConfig(host().snapshot()))
	s.news()
	s.press("e", "x", "g")
	s.has("nginx", "ended", "entered")
}

// TestTimelineFollowsItsEnd shows what happens while it is open, and leaves alone who looks further up.
func TestTimelineFollowsItsEnd(t *testing.T) {
	f := host()
	s := start(t, 80, 24, testConfig(f.snapshot()))
	s.press("e")
	add := func(pid int) {
		f.add(pid, 1, 0, hostNS, "x", fmt.Sprintf("job-%d", pid))
		s.send(scannedMsg{era: s.m.live.era, world: newWorld(s.m.world, f.snapshot(), nil)})
	}
	for i := range 30 {
		add(10000 + i)
	}
	s.has("job-10029", "30/30  follows")
	s.press("k")
	add(11000)
	s.has("29/31")
	s.hasNot("follows")
	s.press("G")
	add(11001)
	s.has("job-11001", "32/32  follows")
}

func TestTimelineForgetsTheOldest(t *testing.T) {
	f := host()
	s := start(t, 80, 24, testConfig(f.snapshot()))
	for i := range maxTimeline + 5 {
		f.add(10000+i, 1, 0, hostNS, "x", "job")
	}
	s.press("e")
	s.send(scannedMsg{era: s.m.live.era, world: newWorld(s.m.world, f.snapshot(), nil)})
	f.add(20000, 1, 0, hostNS, "x", "last")
	s.send(scannedMsg{era: s.m.live.era, world: newWorld(s.m.world, f.snapshot(), nil)})
	if n := len(s.m.timeline); n != maxTimeline || s.m.timeline[0].Proc.PID != 10006 {
		t.Errorf("%d changes from %d on", n, s.m.timeline[0].Proc.PID)
	}
	s.has("last", "1000/1000")
}

func TestFreshness(t *testing.T) {
	c, source := withLive(host().snapshot())
	source.status = procscan.Status{Mode: procscan.Events, At: noon, DeepAt: noon.Add(-12 * time.Second)}
	s := start(t, 80, 24, c)
	s.m.now = func() time.Time { return noon.Add(3 * time.Second) }
	s.press(":")
	s.typeText("scan")
	s.press("enter")
	s.has("events: the kernel tells", "3s old", "ended 15s ago", "nothing was refused")
	s.press("esc")
	slow := s.m.deepen(false)
	s.press("F")
	s.has("one runs since 0s, with 2 % of a processor")
	s.do(slow)
}

// TestTimelineOfHostileNames draws changes of processes that call themselves anything.
func TestTimelineOfHostileNames(t *testing.T) {
	s := start(t, 120, 36, testConfig(host().snapshot()))
	s.m.show(newWorld(s.m.world, hostileHost().snapshot(), nil))
	s.press("e", "g")
	for range hostileNames {
		s.lines()
		s.press("pgdown")
	}
	for _, bad := range []string{"\x1b]", "\x1b[2J", "\u202e", "\x00"} {
		if strings.Contains(s.m.View().Content, bad) {
			t.Errorf("%q reaches the terminal", bad)
		}
	}
}
