package procscan

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// floor is the least work that can find the namespaces of all processes: list them, open each, read
// its links. It returns how many links it read.
func floor(b *testing.B, root string, buf []byte) int {
	b.Helper()
	var sys direct
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
	links := 0
	var name []byte
	for _, e := range entries {
		name = append(strconv.AppendInt(name[:0], int64(e.pid), 10), 0)
		dir, errno := sys.open(fd, name, openPath)
		if errno != 0 {
			continue
		}
		for k := range ns.Kind(ns.NumKinds) {
			if _, errno := sys.readlink(dir, fileLinks[k], buf); errno == 0 {
				links++
			}
		}
		sys.close(dir)
	}
	return links
}

// BenchmarkScan reports what a scan costs as a multiple of the floor, the two taking turns: "first"
// is that of a new scanner, "again" that of one that remembers the last scan.
func BenchmarkScan(b *testing.B) {
	b.Run("proc", func(b *testing.B) { benchmarkScan(b, DefaultRoot) })
	b.Run("fixture=10000", func(b *testing.B) { benchmarkScan(b, manyProcesses(b, 10_000)) })
}

func benchmarkScan(b *testing.B, root string) {
	b.Helper()
	modes := []struct {
		name    string
		scanner func(*Scanner) *Scanner
	}{
		{"first", func(*Scanner) *Scanner { return New(Options{Root: root}) }},
		{"again", func(s *Scanner) *Scanner { return s }},
	}
	for _, mode := range modes {
		b.Run(mode.name, func(b *testing.B) {
			buf := make([]byte, 64<<10)
			s := New(Options{Root: root})
			mustScan(b, s)
			var atFloor, scanning time.Duration
			procs := 0
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				begin := time.Now()
				if floor(b, root, buf) == 0 {
					b.Fatal("no links")
				}
				atFloor += time.Since(begin)
				s = mode.scanner(s)
				b.StartTimer()
				begin = time.Now()
				snap, err := s.Scan(context.Background(), Owners|Texts, nil)
				if err != nil {
					b.Fatal(err)
				}
				scanning += time.Since(begin)
				procs += len(snap.Procs)
			}
			b.ReportMetric(float64(scanning)/float64(atFloor), "x-floor")
			b.ReportMetric(float64(scanning.Microseconds())/float64(procs), "us/proc")
			b.ReportMetric(float64(procs)/float64(b.N), "procs")
		})
	}
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
