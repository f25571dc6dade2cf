package procscan

import (
	"context"
	"os"
	"testing"
	"time"
)

// BenchmarkDeep reports what the parts of a deep pass, and whole scans with them, cost as a multiple
// of the floor, the two taking turns. NSTUI_BENCH_ROOT is the proc root, if not /proc.
func BenchmarkDeep(b *testing.B) {
	root := DefaultRoot
	if other := os.Getenv("NSTUI_BENCH_ROOT"); other != "" {
		root = other
	}
	parts := []struct {
		name string
		want Want
	}{
		{"threads", Threads},
		{"files", Files},
		{"files+sockets", Files | Sockets},
		{"mounts", Mounts},
		{"all", Deep},
	}
	for _, part := range parts {
		b.Run(part.name, func(b *testing.B) {
			s := New(Options{Root: root})
			s.workers = 1
			procs := mustScan(b, s).Procs
			againstFloor(b, root, func() int {
				if _, _, err := s.deep(context.Background(), part.want, procs, nil); err != nil {
					b.Fatal(err)
				}
				return len(procs)
			})
		})
	}
	scans := []struct {
		name    string
		want    Want
		workers int
	}{
		{"scan=lsns-2.42", Owners | Leaders | NetIDs | Files | Sockets | Mounts, 1},
		{"scan=lsns-2.42/workers", Owners | Leaders | NetIDs | Files | Sockets | Mounts, 0},
		{"scan=everything", Everything, 1},
		{"scan=everything/workers", Everything, 0},
	}
	for _, scan := range scans {
		b.Run(scan.name, func(b *testing.B) {
			s := New(Options{Root: root})
			s.workers = scan.workers
			againstFloor(b, root, func() int {
				snap, err := s.Scan(context.Background(), scan.want, nil)
				if err != nil {
					b.Fatal(err)
				}
				return len(snap.Procs)
			})
		})
	}
}

// againstFloor measures f, which returns how many processes it read.
func againstFloor(b *testing.B, root string, f func() int) {
	b.Helper()
	buf := make([]byte, 64<<10)
	var atFloor, taken, cpuFloor, cpuTaken time.Duration
	procs := 0
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		begin, used := time.Now(), processorTime()
		if floor(b, root, buf) == 0 {
			b.Fatal("no links")
		}
		atFloor += time.Since(begin)
		cpuFloor += processorTime() - used
		b.StartTimer()
		begin, used = time.Now(), processorTime()
		procs += f()
		taken += time.Since(begin)
		cpuTaken += processorTime() - used
	}
	b.ReportMetric(float64(cpuTaken)/float64(cpuFloor), "x-floor-cpu")
	b.ReportMetric(float64(taken)/float64(atFloor), "x-floor-wall")
	b.ReportMetric(float64(cpuTaken.Microseconds())/float64(procs), "cpu-us/proc")
	b.ReportMetric(float64(procs)/float64(b.N), "procs")
}
