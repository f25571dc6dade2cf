package test

import (
	"slices"
	"testing"
	"time"

	"github.com/prometheus/procfs"

	"nstui/test/drive"
)

// BenchmarkKeyInAFlood measures what a user meets while a shell prints without end: the time from a key of
// nstui to its effect on the screen in milliseconds, how many cores nstui takes, and the time from ^C to the
// prompt.
//
//	go test ./test -run '^$' -bench KeyInAFlood -benchtime 100x
func BenchmarkKeyInAFlood(b *testing.B) {
	s := shellIn(b)
	s.send("yes flood" + drive.Enter)
	s.wait("flood")
	var times []time.Duration
	began, used := time.Now(), usage(b, s.PID())
	for b.Loop() {
		pressed := time.Now()
		s.send(drive.Prefix)
		s.wait("esc cancel")
		times = append(times, time.Since(pressed))
		s.send(drive.Esc)
		s.gone("esc cancel")
	}
	cores := (usage(b, s.PID()).cpu - used.cpu) / time.Since(began).Seconds()
	slices.Sort(times)
	pressed := time.Now()
	s.send(drive.CtrlC)
	s.waitFor("a prompt", prompt)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(ms(time.Since(pressed)), "interrupt-ms")
	b.ReportMetric(ms(times[len(times)/2]), "p50-ms")
	b.ReportMetric(ms(times[len(times)-1]), "max-ms")
	b.ReportMetric(cores, "cores")
	b.ReportMetric(0, "ns/op") // it says nothing that these do not
}

// BenchmarkIdleShells measures what 20 shells cost that do nothing: nstui's memory for each after the first,
// and the part of a core nstui takes with one and with 20. An operation is ten seconds of idling.
//
//	go test ./test -run '^$' -bench IdleShells -benchtime 1x
func BenchmarkIdleShells(b *testing.B) {
	const shells = 20
	s := shellIn(b)
	s.waitFor("a prompt", prompt)
	one := usage(b, s.PID())
	idle := func() (percent float64) {
		began, used := time.Now(), usage(b, s.PID())
		<-time.After(10 * time.Second) // what is measured is that nothing happens
		return (usage(b, s.PID()).cpu - used.cpu) / time.Since(began).Seconds() * 100
	}
	alone := idle()
	for range shells - 1 {
		s.send(drive.Prefix)
		s.wait("esc cancel")
		s.send("d")
		s.gone("INSIDE")
		s.send("n")
		s.wait("INSIDE")
		s.waitFor("a prompt", prompt)
	}
	all := usage(b, s.PID())
	var percent float64
	for b.Loop() {
		percent += idle()
	}
	b.ReportMetric(alone, "idle-%-one")
	b.ReportMetric(percent/float64(b.N), "idle-%-all")
	b.ReportMetric((all.memory-one.memory)/(shells-1)/1e3, "kB/shell")
	b.ReportMetric(all.memory/1e6, "MB")
	b.ReportMetric(0, "ns/op") // it says nothing that these do not
}

// used is what a process has taken: processor time in seconds, resident memory in bytes.
type used struct{ cpu, memory float64 }

func usage(b *testing.B, pid int) used {
	b.Helper()
	p, err := procfs.NewProc(pid)
	if err != nil {
		b.Fatal(err)
	}
	stat, err := p.Stat()
	if err != nil {
		b.Fatal(err)
	}
	return used{stat.CPUTime(), float64(stat.ResidentMemory())}
}
