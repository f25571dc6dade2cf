package ui

import (
	"fmt"
	"slices"
	"testing"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
)

// crowd is a crowded host, a tenth of its processes in containers of ten.
func crowd() *procscan.Snapshot {
	f := make(fixture, 0, crowded)
	for i := range crowded {
		in := hostNS
		if i%10 == 0 {
			in = inContainer(4026540000+uint64(i/100*10), ns.SetOf(ns.Mnt, ns.Net, ns.PID))
		}
		f.add(i+1, 1, uint32(i%50), in, fmt.Sprintf("system.slice/service-%d.service", i%400),
			fmt.Sprintf("/usr/lib/service-%d/daemon", i%400), "--config", fmt.Sprintf("/etc/service-%d/daemon.conf", i), "--verbose")
	}
	return f.snapshot()
}

const crowded = 10_000

// inCrowd is a screen on the largest list of a crowded host.
func inCrowd(b *testing.B) *screen {
	b.Helper()
	s := start(b, 120, 36, testConfig(crowd()))
	s.press("l")
	if s.m.browser.procs.Len() != crowded*9/10 {
		b.Fatalf("%d processes", s.m.browser.procs.Len())
	}
	b.ReportAllocs()
	b.ResetTimer()
	return s
}

func BenchmarkView10k(b *testing.B) {
	s := inCrowd(b)
	for b.Loop() {
		s.m.drawn.stale = true
		s.m.View()
	}
}

// BenchmarkKey10k is a key and the screen after it: what somebody waits for.
func BenchmarkKey10k(b *testing.B) {
	s := inCrowd(b)
	down, up := keyOf("j"), keyOf("k")
	for i := 0; b.Loop(); i++ {
		key := down
		if i%2 == 1 {
			key = up
		}
		s.m.Update(key)
		s.m.View()
	}
}

// changed returns a snapshot like another but for n of its processes, which another program runs in.
func changed(snap *procscan.Snapshot, n int) *procscan.Snapshot {
	next := *snap
	next.Procs = slices.Clone(snap.Procs)
	for i := range n {
		p := *next.Procs[i*len(next.Procs)/n]
		p.Comm += "'"
		next.Procs[i*len(next.Procs)/n] = &p
	}
	return &next
}

// BenchmarkApply10k is what a scan costs the goroutine that answers keys: one that found nothing new,
// and one that found ten.
func BenchmarkApply10k(b *testing.B) {
	for _, n := range []int{0, 10} {
		b.Run(fmt.Sprintf("changed=%d", n), func(b *testing.B) {
			s := inCrowd(b)
			worlds := []*world{s.m.world, newWorld(s.m.world, changed(s.m.world.snap, max(1, n)), nil)}
			for i := 0; b.Loop(); i++ {
				s.m.Update(scannedMsg{era: s.m.live.era, world: worlds[min(n, i%2)]})
				s.m.View()
			}
		})
	}
}

// containers is a crowded host with 1,200 control groups: 400 units, and 800 containers of two or three processes.
func containers() *procscan.Snapshot {
	f := make(fixture, 0, crowded)
	for i := range crowded {
		in, cgroup := hostNS, fmt.Sprintf("/system.slice/service-%d.service", i%400)
		if i%5 == 0 {
			k := i / 5 % 800
			in = inContainer(4026540000+uint64(10*k), ns.SetOf(ns.Mnt, ns.Net, ns.PID, ns.IPC, ns.UTS))
			cgroup = "/docker/" + longID(fmt.Sprintf("%012x", k+1))
		}
		f.add(i+1, 1, uint32(i%50), in, cgroup, fmt.Sprintf("/usr/lib/service-%d/daemon", i%400), "--config", fmt.Sprintf("/etc/service-%d/daemon.conf", i))
	}
	return f.snapshot()
}

// BenchmarkNamed10k is what names cost the goroutine of the scan beside what else it prepares, with ten processes
// changed, and then the goroutine that answers keys, in the list of namespaces, in that of containers, and for
// a letter typed into a filter.
func BenchmarkNamed10k(b *testing.B) {
	snap := containers()
	namer := container.New(container.Options{Root: "/nonexistent"})
	names := namer.Resolve(b.Context(), snap)
	ten := changed(snap, 10)
	tenNames := namer.Resolve(b.Context(), ten)
	for _, tt := range []struct {
		name          string
		before, after *container.Names
	}{{"nameless", nil, nil}, {"named", names, tenNames}} {
		before := newWorld(nil, snap, tt.before)
		b.Run("prepare/"+tt.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				newWorld(before, ten, tt.after)
			}
		})
		for _, keys := range []string{"4", "c"} {
			b.Run("refill/"+tt.name+"/"+keys, func(b *testing.B) {
				s := start(b, 120, 36, testConfig(snap))
				s.m.show(before)
				s.press(keys)
				b.ReportAllocs()
				for b.Loop() {
					s.m.refill()
				}
			})
		}
		b.Run("type/"+tt.name, func(b *testing.B) {
			s := start(b, 120, 36, testConfig(snap))
			s.m.show(before)
			s.press("/")
			b.ReportAllocs()
			for b.Loop() {
				s.m.Update(keyOf("z"))
				s.m.Update(keyOf("backspace"))
			}
		})
	}
}

// BenchmarkPrepare10k is what it costs the goroutine of the scan.
func BenchmarkPrepare10k(b *testing.B) {
	snap := crowd()
	before := newWorld(nil, snap, nil)
	ten := changed(snap, 10)
	for _, tt := range []struct {
		name string
		prev *world
		snap *procscan.Snapshot
	}{
		{"first", nil, snap},
		{"unchanged", before, snap},
		{"changed=10", before, ten},
	} {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				newWorld(tt.prev, tt.snap, nil)
			}
		})
	}
}

// BenchmarkFilter10k is a letter typed into the filter of all kinds of namespaces.
func BenchmarkFilter10k(b *testing.B) {
	s := start(b, 120, 36, testConfig(crowd()))
	s.press("0", "/")
	b.ReportAllocs()
	for b.Loop() {
		s.m.Update(tea.KeyPressMsg{Code: 'z', Text: "z"})
		s.m.View()
		s.m.Update(keyOf("backspace"))
		s.m.View()
	}
}

// BenchmarkSort10k is a new order.
func BenchmarkSort10k(b *testing.B) {
	s := inCrowd(b)
	for i := 0; b.Loop(); i++ {
		s.m.sortBy(order{column: i % len(procColumns)})
	}
}

// BenchmarkBesideAShell10k is what each change of a shell costs, up to sixty times a second: alone on the
// screen, and beside the largest list of a crowded host.
func BenchmarkBesideAShell10k(b *testing.B) {
	for _, keys := range [][]string{{}, {"ctrl+]", "|"}} {
		b.Run(fmt.Sprintf("beside=%v", len(keys) > 0), func(b *testing.B) {
			c := testConfig(crowd())
			c.Enter, c.PID = &fakeEnterer{shells: []string{"/bin/sh"}}, 1
			s := start(b, 160, 45, c)
			b.Cleanup(s.m.closeShells)
			s.m.send = func(tea.Msg) {}
			s.press("n")
			s.press(keys...)
			sh := s.m.shells.current
			if sh.session == nil {
				b.Fatal(sh.err)
			}
			for y := range 40 {
				sh.pane.feed(fmt.Appendf(nil, "\x1b[3%dmline %d of what a program prints\x1b[m and more of it, up to here\r\n", y%8, y))
			}
			b.ReportAllocs()
			for b.Loop() {
				s.m.Update(shellDrewMsg{sh})
				s.m.View()
			}
		})
	}
}
