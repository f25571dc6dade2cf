package test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nstui/test/drive"
	"nstui/ui/term"
)

// crowdVariable says how many processes a crowd has: 10,000 unless it is set.
const crowdVariable = "NSTUI_TEST_CROWD"

// crowd is the part of a process that has many children.
const crowd = "crowd"

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

// startCrowd starts many processes, which end with the test, and returns how many.
func startCrowd(tb testing.TB) int {
	tb.Helper()
	n := 10_000
	if text := os.Getenv(crowdVariable); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			tb.Fatal(err)
		}
	}
	cmd := exec.Command(actorBinary, strconv.Itoa(n))
	cmd.Env = append(os.Environ(), actorVariable+"="+crowd)
	// In a pid namespace of their own all end when the first does.
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = stdin.Close()
		if err := cmd.Wait(); err != nil {
			tb.Errorf("the crowd failed: %v\n%s", err, stderr.String())
		}
	})
	var started int
	if _, err := fmt.Fscanln(stdout, &started); err != nil || started != n {
		tb.Fatalf("%d processes started: %v\n%s", started, err, stderr.String())
	}
	return n
}

// gather starts many children, says how many, and ends when its input does. They are forks that
// execute nothing: a process that only waits costs a few pages.
func gather() error {
	n, err := strconv.Atoi(os.Args[1])
	if err != nil {
		return err
	}
	for i := range n {
		pid, _, errno := syscall.RawSyscall6(syscall.SYS_CLONE, uintptr(syscall.SIGCHLD), 0, 0, 0, 0, 0)
		if errno != 0 {
			return fmt.Errorf("start process %d: %w", i, errno)
		}
		if pid == 0 {
			// Nothing of Go but this loop may run here: the process has one thread only.
			for {
				_, _, _ = syscall.RawSyscall6(unix.SYS_PPOLL, 0, 0, 0, 0, 0, 0)
			}
		}
	}
	if _, err := fmt.Println(n); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
