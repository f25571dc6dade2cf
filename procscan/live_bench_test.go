package procscan

import (
	"context"
	"fmt"
	"os/exec"
	"testing"
	"time"

	"nstui/test/crowd"
)

// BenchmarkRefresh reports what keeping the picture costs where nothing much happens, as a share of a core
// with one refresh in a second, on a host of 10,000 processes and on the host as it is. What else runs on
// the host is part of it.
//
// "idle" is without anybody looking, "looked" with forty rows on the screen, "churn" with 200 short and 20
// longer processes born between two refreshes.
func BenchmarkRefresh(b *testing.B) {
	b.Run("host", benchmarkRefresh)
	b.Run("crowd=10000", func(b *testing.B) {
		crowd.Start(b, crowd.Options{Processes: 10_000})
		benchmarkRefresh(b)
	})
}

func benchmarkRefresh(b *testing.B) {
	b.Helper()
	for name, newLive := range bothModes {
		for _, what := range []string{"idle", "looked", "churn"} {
			b.Run(fmt.Sprintf("%s/%s", name, what), func(b *testing.B) {
				l := newLive(b)
				settle(b, l)
				measureRefresh(b, l, what)
			})
		}
	}
}

// settle refreshes until all texts are read.
func settle(b *testing.B, l *Live) {
	b.Helper()
	for {
		snap, err := l.Refresh(context.Background(), nil)
		if err != nil {
			b.Fatal(err)
		}
		if snap.Read&Texts != 0 {
			return
		}
	}
}

func measureRefresh(b *testing.B, l *Live, what string) {
	b.Helper()
	if what == "looked" {
		var rows []ProcID
		for _, p := range l.last.Procs[:min(40, len(l.last.Procs))] {
			rows = append(rows, p.ID())
		}
		l.Look(rows)
	}
	var cost time.Duration
	unchanged := 0
	last := l.last
	b.ReportAllocs()
	for b.Loop() {
		if what == "churn" {
			b.StopTimer()
			churn(b)
			b.StartTimer()
		}
		snap, err := l.Refresh(context.Background(), nil)
		if err != nil {
			b.Fatal(err)
		}
		cost += l.Status().Cost
		if snap == last {
			unchanged++
		}
		last = snap
	}
	b.ReportMetric(100*cost.Seconds()/float64(b.N), "%core@1Hz")
	b.ReportMetric(float64(unchanged)/float64(b.N), "unchanged")
	b.ReportMetric(float64(len(last.Procs)), "procs")
	b.ReportMetric(float64(l.Status().Lost), "lost")
}

// churn is what happens in a second on a host that is busy.
func churn(b *testing.B) {
	b.Helper()
	const script = `i=0; while [ $i -lt 200 ]; do ( : ); i=$((i+1)); done
i=0; while [ $i -lt 20 ]; do sleep 3 >/dev/null 2>&1 & i=$((i+1)); done`
	if out, err := exec.Command("/bin/sh", "-c", script).CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
}
