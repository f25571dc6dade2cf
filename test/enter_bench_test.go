package test

import (
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// BenchmarkFirstByte measures the time from the start of nstui enter to the first byte its program writes,
// and that of nsenter(1) with the same options. They take turns, so that both have the same machine.
// Reported are the medians in microseconds and their ratio.
//
//	go test ./test -run '^$' -bench FirstByte -benchtime 2000x
func BenchmarkFirstByte(b *testing.B) {
	needRoot(b) // to have a target that differs in every kind nsenter enters by default
	if raceEnabled {
		b.Skip("measures the program as it ships: run it without the race detector")
	}
	nsenter, err := exec.LookPath("nsenter")
	if err != nil {
		b.Skip("needs a program to compare with:", err)
	}
	pid := strconv.Itoa(play(b, actor{Comm: "quokka", Flags: everyNamespace}))
	for _, bench := range []struct {
		name string
		// ours are the options that only nstui gets.
		ours, options []string
	}{
		{name: "net", options: []string{"-t", pid, "-n"}},
		{name: "uts", options: []string{"-t", pid, "-u"}},
		{name: "net-ordinary", ours: []string{"-F"}, options: []string{"-t", pid, "-n"}}, // see package express
		{name: "net-uts", options: []string{"-t", pid, "-n", "-u"}},
		{name: "all", options: []string{"-t", pid, "-a"}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			program := slices.Concat(bench.options, []string{"sh", "-c", "echo x"})
			them := slices.Concat([]string{nsenter}, program)
			us := slices.Concat([]string{binary, "enter"}, bench.ours, program)
			var theirs, ours []time.Duration
			for b.Loop() {
				theirs = append(theirs, firstByte(b, them))
				ours = append(ours, firstByte(b, us))
			}
			slices.Sort(theirs)
			slices.Sort(ours)
			median := func(times []time.Duration) float64 { return float64(times[len(times)/2].Nanoseconds()) / 1000 }
			b.ReportMetric(median(theirs), "nsenter-µs")
			b.ReportMetric(median(ours), "nstui-µs")
			b.ReportMetric(median(ours)/median(theirs), "ratio")
			b.ReportMetric(0, "ns/op") // it says nothing that these do not
		})
	}
}

// everyNamespace are the flags of a process that shares no namespace with us but that of time.
const everyNamespace = syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET |
	syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS | syscall.CLONE_NEWCGROUP

// firstByte runs a command that writes a line and returns how long its first byte took to come.
func firstByte(b *testing.B, argv []string) time.Duration {
	b.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	var line [2]byte
	started := time.Now()
	p, err := os.StartProcess(argv[0], argv, &os.ProcAttr{Files: []*os.File{nil, w, os.Stderr}, Env: os.Environ()})
	w.Close()
	if err != nil {
		b.Fatal(err)
	}
	_, err = r.Read(line[:1])
	took := time.Since(started)
	if _, rest := io.ReadFull(r, line[1:]); err != nil || rest != nil || string(line[:]) != "x\n" {
		b.Errorf("%q wrote %q: %v, %v", argv, line, err, rest)
	}
	if state, err := p.Wait(); err != nil || !state.Success() {
		b.Fatalf("%q ended with %v, %v", argv, state, err)
	}
	return took
}
