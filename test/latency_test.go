package test

import (
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"nstui/test/crowd"
	"nstui/test/drive"
	"nstui/ui/term"
)

// crowdVariable says how many processes a crowd has: 10,000 unless it is set.
const crowdVariable = "NSTUI_TEST_CROWD"

// BenchmarkKeyLatency measures the time from a key to its effect on the screen, while the host has many
// processes and nstui scans them all the time. p50, p99 and the longest are reported in milliseconds.
//
//	go test ./test -run '^$' -bench KeyLatency -benchtime 1000x
func BenchmarkKeyLatency(b *testing.B) {
	n := startCrowd(b)
	s := startSize(b, 120, 36, "--kind", "uts", "--interval", "100ms")
	s.wait("live")
	s.send(drive.Enter) // to the processes
	s.waitFor("the cursor in the list of the processes", func(v drive.View) bool { return inverse(v) != (span{}) })
	times := make([]time.Duration, 0, b.N)
	key := "j"
	for b.Loop() {
		var before span
		s.Look(func(v drive.View) { before = inverse(v) })
		pressed := time.Now()
		s.send(key)
		s.waitFor("the cursor on another row", func(v drive.View) bool { return inverse(v) != before })
		times = append(times, time.Since(pressed))
		if len(times)%10 == 0 {
			key = map[string]string{"j": "k", "k": "j"}[key]
		}
	}
	slices.Sort(times)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(float64(n), "processes")
	b.ReportMetric(ms(times[len(times)/2]), "p50-ms")
	b.ReportMetric(ms(times[len(times)*99/100]), "p99-ms")
	b.ReportMetric(ms(times[len(times)-1]), "max-ms")
	b.ReportMetric(0, "ns/op") // it says nothing that these do not
}

// BenchmarkStart measures the time from the start of the program to its first list.
func BenchmarkStart(b *testing.B) {
	if os.Getenv(crowdVariable) != "" {
		b.ReportMetric(float64(startCrowd(b)), "processes")
	}
	for b.Loop() {
		p, err := drive.Start(binary, drive.Options{Size: term.Size{W: 120, H: 36}})
		if err != nil {
			b.Fatal(err)
		}
		if err := p.WaitText(b.Context(), "live"); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// span is a run of cells in reverse video: the row under the cursor of the list with the keyboard.
type span struct{ x, y, width int }

// inverse returns the longest run of reversed cells on the screen.
func inverse(v drive.View) (longest span) {
	size := v.Size()
	for y := range size.H {
		var run span
		for x := range size.W {
			if !v.Cell(x, y).Style.Reverse {
				run = span{}
				continue
			}
			if run.width == 0 {
				run.x, run.y = x, y
			}
			run.width++
			if run.width > longest.width {
				longest = run
			}
		}
	}
	return longest
}

// startCrowd starts many processes, which end with the benchmark, and returns how many.
func startCrowd(b *testing.B) int {
	b.Helper()
	n := 10_000
	if text := os.Getenv(crowdVariable); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	return crowd.Start(b, crowd.Options{Processes: n}).Processes
}
