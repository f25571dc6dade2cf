package ui

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
	"time"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// sizes are the two the screens are designed for.
var sizes = [][2]int{{120, 36}, {80, 24}}

// inNginx goes to the process everything is shown with.
func inNginx(s *screen) {
	s.t.Helper()
	s.press(":")
	s.typeText("pid 4183")
	s.press("enter")
	if p := s.m.selectedProc(); p == nil || p.PID != 4183 {
		s.t.Fatalf("on %+v", p)
	}
}

// views are the screens that are kept, by name.
var views = map[string]func(*screen){
	"browser": inNginx,
	"all":     func(s *screen) { s.press("0") },
	"details": func(s *screen) { inNginx(s); s.press("i") },
	"help":    func(s *screen) { s.press("?") },
	"palette": func(s *screen) { s.press(":"); s.typeText("sort") },
	"sort":    func(s *screen) { s.press("l", "o") },
	"copy":    func(s *screen) { inNginx(s); s.press("y") },
	"filter":  func(s *screen) { s.press("/"); s.typeText("worker"); s.press("enter", "l") },
	"typing":  func(s *screen) { s.press("/"); s.typeText("ngi") },
	"nothing": func(s *screen) { s.press("l", "/"); s.typeText("redis") },
	"compare": func(s *screen) {
		s.press("g", "l", "space", ":")
		s.typeText("pid 4183")
		s.press("enter", "space", "=")
	},
	"messages": func(s *screen) { s.press("f", "f", ":"); s.typeText("messages"); s.press("enter") },
	"timeline": func(s *screen) { s.news(); s.press("e") },
	"sifted":   func(s *screen) { s.news(); s.press("e", "/"); s.typeText("net !zsh") },
	"fresh":    func(s *screen) { s.press("F") },
	"polling": func(s *screen) {
		s.m.live.status = procscan.Status{
			Why: "perf_event_open: permission denied (needs CAP_PERFMON)", At: noon, Cost: 4200 * time.Microsecond, Lost: 1,
			DeepAt: noon.Add(-12 * time.Second),
		}
		w := *s.m.world
		snap := *w.snap
		snap.Unreadable = map[procscan.Reason]int{procscan.Denied: 3, procscan.NotPerm: 1}
		snap.Missed = []procscan.Miss{{What: procscan.Files, Reason: procscan.Denied, Count: 1312}, {What: procscan.Mounts, Reason: procscan.Other, Count: 2}}
		snap.Hidepid = "2"
		w.snap = &snap
		s.m.world, s.m.config.UID = &w, 1000
		s.press("F")
	},
	"processless": func(s *screen) {
		s.m.show(newWorld(s.m.world, kept(), nil))
		s.press("G")
	},
	"tree-owner": func(s *screen) {
		s.m.show(newWorld(s.m.world, nested(), nil))
		s.press("0", "t", "t")
		s.on(4026532801)
	},
	"tree-net": func(s *screen) {
		s.m.show(newWorld(s.m.world, nested(), nil))
		s.press("4", "t")
	},
	"tree-pid": func(s *screen) {
		s.m.show(newWorld(s.m.world, nested(), nil))
		s.press("5", "t")
	},
	"sets":         func(s *screen) { s.press("9", "j") },
	"sets-details": func(s *screen) { s.press("9", "j", "i") },
	"sets-procs":   func(s *screen) { s.press("9", "j", "l", "j") },
	"tree-procs":   func(s *screen) { s.press("8", "l", "t") },
	"question": func(s *screen) {
		s.m.open(&confirm{title: "Quit", question: []string{"2 shells are still running and will be ended."}, yes: "quit"})
		s.send(nil)
	},
}

func TestGoldenScreens(t *testing.T) {
	for name, do := range views {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s/%dx%d", name, size[0], size[1]), func(t *testing.T) {
				s := start(t, size[0], size[1], testConfig(host().snapshot()))
				do(s)
				s.golden(name)
			})
		}
	}
}

// TestGoldenWithoutRights is the screen of a user who may see almost nothing.
func TestGoldenWithoutRights(t *testing.T) {
	for _, size := range sizes {
		var f fixture
		f.add(8120, 612, 1000, hostNS, "user.slice/session-3.scope", "zsh")
		for i := range 311 {
			p := f.add(9000+i, 1, 0, ns.Tuple{}, "system.slice", "daemon")
			p.Refused = procscan.Denied
		}
		c := testConfig(f.snapshot())
		c.UID = 1000
		s := start(t, size[0], size[1], c)
		s.has("1 of 312 procs", "311 processes refused", "EACCES", "sudo nstui")
		s.golden("unprivileged")

		s.press("j", "l")
		s.has("????????", "EACCES", "sudo nstui")
		s.golden("refused")
	}
}

func TestGoldenBeforeTheFirstScan(t *testing.T) {
	c := testConfig()
	scanner := &fakeLive{done: 4120, total: 11411}
	c.Live = scanner
	s := &screen{t: t, m: newModel(t.Context(), c)}
	now := noon
	s.m.now = func() time.Time { return now }
	s.m.width, s.m.height = 80, 24
	s.m.scan() // started, and not at an end
	s.m.arrange()
	s.hasNot("reading")
	now = now.Add(progressAfter)
	s.has("reading /proc… 4,120 of 11,411")
	s.golden("reading")
}

func TestGoldenOfAnError(t *testing.T) {
	c := testConfig()
	c.Live = &fakeLive{err: &fs.PathError{Op: "open", Path: "/proc", Err: errors.New("permission denied")}}
	s := start(t, 80, 24, c)
	s.has("cannot read /proc", "open /proc: permission denied", "scan failed")
	s.golden("error")
}

// TestHidepid is a host whose /proc hides the processes of others altogether: none refuses.
func TestHidepid(t *testing.T) {
	var f fixture
	f.add(8120, 612, 1000, hostNS, "user.slice/session-3.scope", "zsh")
	snap := f.snapshot()
	snap.Hidepid = "2"
	c := testConfig(snap)
	c.UID = 1000
	start(t, 80, 24, c).has("/proc hides others' processes (hidepid=2)", "zsh")
	c.UID = 0
	start(t, 80, 24, c).hasNot("hidepid")
}
