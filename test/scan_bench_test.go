package test

import (
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"nstui/test/crowd"
)

// BenchmarkList compares whole runs of nstui ls with those of lsns(8) and ps(1), on hosts of 1,000 and
// 10,000 processes, and of as many as NSTUI_TEST_CROWD says if it is set. The commands take turns, so
// that all have the same machine and the same processes. Reported are the medians: the wall time in
// milliseconds, the processor time, the memory, and how many times as long as nstui another one takes,
// in wall time, which on a busy machine says little, and in processor time.
//
//	go test ./test -run '^$' -bench List -benchtime 5x -timeout 1h
func BenchmarkList(b *testing.B) {
	if raceEnabled {
		b.Skip("measures the program as it ships: run it without the race detector")
	}
	sizes := []int{1_000, 10_000}
	if text := os.Getenv(crowdVariable); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		sizes = []int{n}
	}
	for _, n := range sizes {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			c := crowd.Start(b, crowd.Options{Processes: n})
			for _, bench := range listBenchmarks {
				b.Run(bench.name, func(b *testing.B) { compare(b, c, bench.commands) })
			}
		})
	}
}

// listBenchmarks are commands that tell the same, ours first.
var listBenchmarks = []struct {
	name     string
	commands []listCommand
}{
	{"default", []listCommand{
		{"nstui", []string{"", "ls"}},
		{"lsns", []string{"lsns"}},
	}},
	{"net", []listCommand{
		{"nstui", []string{"", "ls", "-t", "net"}},
		{"lsns", []string{"lsns", "-t", "net"}},
	}},
	{"all-columns", []listCommand{
		{"nstui", []string{"", "ls", "--output-all"}},
		{"lsns", []string{"lsns", "--output-all"}},
	}},
	{"ps", []listCommand{
		{"nstui", []string{"", "ls"}},
		{"ps", []string{"ps", "-eo", "pid,user,ipcns,mntns,netns,pidns,userns,utsns,args"}},
	}},
}

// listCommand is a command; the name of nstui itself is empty, since it is built when the tests begin.
type listCommand struct {
	name string
	argv []string
}

// compare runs the commands in turn and reports what they took.
func compare(b *testing.B, c *crowd.Crowd, commands []listCommand) {
	b.Helper()
	usages := make([][]crowd.Usage, len(commands))
	once := func(i int) {
		program := binary
		if commands[i].argv[0] != "" {
			var err error
			if program, err = exec.LookPath(commands[i].argv[0]); err != nil {
				b.Skip("needs a program to compare with:", err)
			}
		}
		u, out, err := c.Measure(program, commands[i].argv[1:]...)
		if err != nil || u.Exit != 0 || len(out) < 1000 {
			b.Fatalf("%q ended with %d after %d bytes, %v\n%.500s", commands[i].argv, u.Exit, len(out), err, out)
		}
		usages[i] = append(usages[i], u)
	}
	// The first run of all finds the files of proc not made yet.
	once(0)
	usages[0] = nil
	for b.Loop() {
		for i := range commands {
			once(i)
		}
	}
	median := func(i int, value func(crowd.Usage) float64) float64 {
		var values []float64
		for _, u := range usages[i] {
			values = append(values, value(u))
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	wall := func(u crowd.Usage) float64 { return ms(u.Wall) }
	cpu := func(u crowd.Usage) float64 { return ms(u.CPU) }
	rss := func(u crowd.Usage) float64 { return float64(u.RSS) / (1 << 20) }
	for i, command := range commands {
		b.ReportMetric(median(i, wall), command.name+"-ms")
		b.ReportMetric(median(i, cpu), command.name+"-cpu-ms")
		b.ReportMetric(median(i, rss), command.name+"-MiB")
		if i > 0 {
			b.ReportMetric(median(i, wall)/median(0, wall), command.name+"/nstui")
			b.ReportMetric(median(i, cpu)/median(0, cpu), command.name+"/nstui-cpu")
		}
	}
	b.ReportMetric(0, "ns/op") // it says nothing that these do not
}
