package procscan

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
	"nstui/test/crowd"
)

// floor is the least work that can find the namespaces of all processes: list them, open each, read
// its ten links. It returns how many links it read.
func floor(b *testing.B, root string, buf []byte) int {
	b.Helper()
	var sys bare
	fd, errno := sys.open(unix.AT_FDCWD, append([]byte(root), 0), openDir)
	if errno != 0 {
		b.Fatal(errno)
	}
	defer sys.close(fd)
	var entries []entry
	for {
		n, errno := sys.list(fd, buf)
		if errno != 0 {
			b.Fatal(errno)
		}
		if n == 0 {
			break
		}
		entries = appendEntries(entries, buf[:n])
	}
	var names [][]byte
	for _, name := range append(slices.Clone(fileLinks[:]), fileNextPID, fileNextTime) {
		names = append(names, bytes.TrimPrefix(name, []byte("ns/")))
	}
	links := 0
	var name []byte
	for _, e := range entries {
		name = append(strconv.AppendInt(name[:0], int64(e.pid), 10), "/ns\x00"...)
		dir, errno := sys.open(fd, name, openPath)
		if errno != 0 {
			continue
		}
		for _, name := range names {
			if _, errno := sys.readlink(dir, name, buf); errno == 0 {
				links++
			}
		}
		sys.close(dir)
	}
	return links
}

// bare makes the calls of the floor without telling Go's scheduler, at the price they have in C. Nothing
// of what it reads must make it wait.
type bare struct{ direct }

func (bare) open(dir int, name []byte, flags int) (int, syscall.Errno) {
	fd, _, errno := syscall.RawSyscall6(unix.SYS_OPENAT, uintptr(dir), uintptr(unsafe.Pointer(&name[0])), uintptr(flags), 0, 0, 0)
	return int(fd), errno
}

func (bare) readlink(dir int, name, buf []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(unix.SYS_READLINKAT, uintptr(dir),
		uintptr(unsafe.Pointer(&name[0])), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)), 0, 0)
	return int(n), errno
}

// benchRoot in the environment names a proc root to measure beside the others, such as that of a
// large host in a container, as /proc/PID/root/proc.
const benchRoot = "PROCSCAN_BENCH_ROOT"

// eachRoot runs a benchmark over several proc roots.
func eachRoot(b *testing.B, run func(b *testing.B, root string)) {
	b.Helper()
	b.Run("proc", func(b *testing.B) { run(b, DefaultRoot) })
	b.Run("fixture=10000", func(b *testing.B) { run(b, manyProcesses(b, 10_000)) })
	for _, n := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("crowd=%d", n), func(b *testing.B) {
			run(b, crowd.Start(b, crowd.Options{Processes: n}).Root)
		})
	}
	if root := os.Getenv(benchRoot); root != "" {
		b.Run("root", func(b *testing.B) { run(b, root) })
	}
}

// BenchmarkScan reports what a scan costs as a multiple of the floor, the two taking turns: x-wall of
// its time, x-cpu of its processor time.
//
//	go test ./procscan -run '^$' -bench Scan/crowd -benchtime 5x -timeout 1h
func BenchmarkScan(b *testing.B) {
	depths := []struct {
		name string
		want Want
	}{
		{"first-screen", 0},
		{"lsns", Owners | NetIDs | Leaders},
		{"lsns-2.42", Owners | NetIDs | Leaders | Files | Sockets | Mounts},
		{"everything", Everything},
	}
	eachRoot(b, func(b *testing.B, root string) {
		b.Helper()
		for _, depth := range depths {
			for _, workers := range []int{1, runtime.GOMAXPROCS(0)} {
				b.Run(fmt.Sprintf("%s/workers=%d", depth.name, workers), func(b *testing.B) {
					s := New(Options{Root: root})
					s.workers = workers
					benchmarkScan(b, s, depth.want)
				})
			}
		}
	})
}

func benchmarkScan(b *testing.B, s *Scanner, want Want) {
	b.Helper()
	buf := make([]byte, 64<<10)
	scan := func() int {
		snap, err := s.Scan(context.Background(), want, nil)
		if err != nil {
			b.Fatal(err)
		}
		return len(snap.Procs)
	}
	scan()
	var atFloor, scanning cost
	procs := 0
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		atFloor.add(func() {
			if floor(b, s.root, buf) == 0 {
				b.Fatal("no links")
			}
		})
		b.StartTimer()
		scanning.add(func() { procs += scan() })
	}
	b.ReportMetric(float64(scanning.wall)/float64(atFloor.wall), "x-wall")
	b.ReportMetric(float64(scanning.cpu)/float64(atFloor.cpu), "x-cpu")
	b.ReportMetric(float64(scanning.wall.Microseconds())/float64(procs), "us/proc")
	b.ReportMetric(float64(scanning.cpu.Microseconds())/float64(procs), "cpu-us/proc")
	b.ReportMetric(float64(procs)/float64(b.N), "procs")
}

// cost is what some work took of the time and of the processors.
type cost struct{ wall, cpu time.Duration }

func (c *cost) add(work func()) {
	began, used := time.Now(), processorTime()
	work()
	c.wall += time.Since(began)
	c.cpu += processorTime() - used
}

func processorTime() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		panic(err) // it cannot fail with these arguments
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkLateness reports by how much a timer of 5 ms is late while scans run one after the other
// with all the workers there can be, and as idle- by how much it is late without them.
func BenchmarkLateness(b *testing.B) {
	eachRoot(b, func(b *testing.B, root string) {
		b.Helper()
		s := New(Options{Root: root})
		idle, busy := make(chan []time.Duration), make(chan []time.Duration)
		end := make(chan struct{})
		go func() { idle <- timers(200, end) }()
		before := <-idle
		go func() { busy <- timers(-1, end) }()
		for b.Loop() {
			if _, err := s.Scan(context.Background(), Owners|NetIDs|Leaders, nil); err != nil {
				b.Fatal(err)
			}
		}
		close(end)
		during := <-busy
		if len(during) == 0 {
			return // it was over before the first timer
		}
		for name, late := range map[string][]time.Duration{"idle": before, "late": during} {
			slices.Sort(late)
			b.ReportMetric(late[len(late)/2].Seconds()*1e3, name+"-p50-ms")
			b.ReportMetric(late[len(late)*99/100].Seconds()*1e3, name+"-p99-ms")
		}
		b.ReportMetric(float64(len(during)), "timers")
	})
}

// timers returns how late so many timers of 5 ms were one after the other, or all until the end.
func timers(n int, end <-chan struct{}) (late []time.Duration) {
	const period = 5 * time.Millisecond
	timer := time.NewTimer(period)
	defer timer.Stop()
	for len(late) != n {
		due := time.Now().Add(period)
		timer.Reset(period)
		select {
		case <-timer.C:
			late = append(late, time.Since(due))
		case <-end:
			return late
		}
	}
	return late
}

// benchOnce in the environment makes a process of the benchmark scan the proc root it names, and end.
const benchOnce = "PROCSCAN_BENCH_ONCE"

func init() {
	root := os.Getenv(benchOnce)
	if root == "" {
		return
	}
	if _, err := New(Options{Root: root}).Scan(context.Background(), Owners|NetIDs|Leaders, nil); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// BenchmarkMemory reports the most memory a process has that scans once, in MiB.
func BenchmarkMemory(b *testing.B) {
	eachRoot(b, func(b *testing.B, root string) {
		b.Helper()
		var most int64
		for b.Loop() {
			cmd := exec.Command("/proc/self/exe")
			cmd.Env = append(os.Environ(), benchOnce+"="+root)
			if out, err := cmd.CombinedOutput(); err != nil {
				b.Fatalf("%v: %s", err, out)
			}
			if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
				most = max(most, usage.Maxrss)
			}
		}
		b.ReportMetric(float64(most)/1024, "MiB")
	})
}

// manyProcesses makes a fixture with pods of 25 processes, each with namespaces of its own.
func manyProcesses(b *testing.B, n int) string {
	b.Helper()
	f := newFixture(b)
	for pid := 1; pid <= n; pid++ {
		pod := pid / 25
		links := hostNS
		for _, k := range []ns.Kind{ns.Net, ns.IPC, ns.UTS, ns.Mnt, ns.PID, ns.Cgroup} {
			links[k] = 4026532000 + uint64(pod)*10 + uint64(k)
		}
		f.add(fixtureProc{
			pid: pid, ppid: 1, start: uint64(pid), comm: fmt.Sprintf("worker-%d", pid), links: links,
			cmdline: fmt.Sprintf("/usr/bin/worker\x00--number\x00%d\x00", pid),
			cgroup:  fmt.Sprintf("0::/kubepods.slice/pod%d/container%d\n", pod, pid),
		})
	}
	return f.root
}

func BenchmarkGroup(b *testing.B) {
	procs := make([]*Process, 10_000)
	for i := range procs {
		procs[i] = &Process{PID: i + 1, PPID: i / 25, Start: uint64(i), NS: hostNS}
		procs[i].NS[ns.Net] = uint64(1 + i/25)
	}
	b.ReportAllocs()
	for b.Loop() {
		group(procs, nil)
	}
}

func BenchmarkParseStat(b *testing.B) {
	text := []byte("42 ((we)ird) S 7 1 1 0 -1 4194560 0 0 0 0 1 2 0 0 20 0 3 0 110479 0 0\n")
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := parseStat(text); !ok {
			b.Fatal("not understood")
		}
	}
}
