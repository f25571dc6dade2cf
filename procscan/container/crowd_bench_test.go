package container

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"nstui/procscan"
	"nstui/test/crowd"
)

// BenchmarkCrowd reports what names cost on a host of 10,000 real processes in 1,200 control groups, where the
// kernel makes the text of each. They are multiples of a scan that reads no control groups, in turns with it:
// x-groups is one that does, x-cold and x-warm are that and a Resolve by a new resolver and by one that knows
// all, and x-live is a refresh of a picture that is kept, with a Resolve, as in a program that goes on: it reads
// the control groups of few in each. No runtime's files are behind these groups, see BenchmarkResolve for those.
//
//	go test ./procscan/container -run '^$' -bench Crowd -benchtime 10x
func BenchmarkCrowd(b *testing.B) {
	root := crowdInGroups(b, 10_000, 1_200)
	ctx := context.Background()
	scanner, live := procscan.New(procscan.Options{Root: root}), procscan.NewLive(procscan.Options{Root: root})
	scan := func(want procscan.Want) *procscan.Snapshot {
		snap, err := scanner.Scan(ctx, want, nil)
		if err != nil {
			b.Fatal(err)
		}
		return snap
	}
	refresh := func() *procscan.Snapshot {
		snap, err := live.Refresh(ctx, nil)
		if err != nil {
			b.Fatal(err)
		}
		return snap
	}
	seen := refresh()
	for seen.Read&procscan.Groups == 0 {
		seen = refresh()
	}
	snap := scan(procscan.Groups)
	warm, kept := New(Options{Root: root}), New(Options{Root: root})
	if rows := warm.Resolve(ctx, snap).Containers(); len(rows) != 1200 {
		b.Fatalf("%d containers", len(rows))
	}
	kept.Resolve(ctx, seen)
	var bare, grouped, cold, again, alive time.Duration
	timed := func(sum *time.Duration, do func()) {
		began := time.Now()
		do()
		*sum += time.Since(began)
	}
	for b.Loop() {
		timed(&bare, func() { scan(0) })
		timed(&grouped, func() { snap = scan(procscan.Groups) })
		timed(&cold, func() { New(Options{Root: root}).Resolve(ctx, snap) })
		timed(&again, func() { warm.Resolve(ctx, scanned(snap)) })
		timed(&alive, func() { kept.Resolve(ctx, scanned(refresh())) })
	}
	times := func(d time.Duration) float64 { return float64(d) / float64(bare) }
	b.ReportMetric(times(grouped), "x-groups")
	b.ReportMetric(times(grouped+cold), "x-cold")
	b.ReportMetric(times(grouped+again), "x-warm")
	b.ReportMetric(times(alive), "x-live")
	b.ReportMetric(float64(bare.Microseconds())/float64(b.N)/1e3, "bare-ms")
	b.ReportMetric(float64(again.Microseconds())/float64(b.N)/1e3, "warm-ms")
	b.ReportMetric(float64(len(snap.Procs)), "procs")
}

// crowdInGroups makes a host with so many processes, in so many control groups that are called as those of
// containers in pods of four, and returns its proc root. All ends with the benchmark.
func crowdInGroups(b *testing.B, processes, groups int) (root string) {
	b.Helper()
	var top string
	b.Cleanup(func() { // after that of the crowd: a group with a process in it stays
		if top != "" {
			removeGroups(b, top)
		}
	})
	host := crowd.Start(b, crowd.Options{Processes: processes})
	top = groupsMount(b)
	var pids []int
	for _, p := range below(b, host.PID) {
		pids = append(pids, p.PID)
	}
	for i := range groups {
		folder := filepath.Join(top, "kubepods.slice", fmt.Sprintf("kubepods-pod%08x_9abc_def0_1234_56789abcdef0.slice", i/4),
			fmt.Sprintf("cri-containerd-%064x.scope", i))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			b.Fatal(err)
		}
		for _, pid := range pids[i*len(pids)/groups : (i+1)*len(pids)/groups] {
			if err := os.WriteFile(filepath.Join(folder, "cgroup.procs"), []byte(strconv.Itoa(pid)), 0); err != nil {
				b.Fatal(err)
			}
		}
	}
	return host.Root
}

// groupsMount makes a control group of the benchmark's own, in a hierarchy without controllers if there is one.
func groupsMount(b *testing.B) string {
	b.Helper()
	var errs []error
	for _, mount := range []string{"/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup"} {
		if _, err := os.Stat(filepath.Join(mount, "cgroup.procs")); err != nil {
			errs = append(errs, err)
			continue
		}
		top, err := os.MkdirTemp(mount, "nstui-")
		if err == nil {
			return top
		}
		errs = append(errs, err)
	}
	b.Skip("no hierarchy of control groups to make some in: ", errors.Join(errs...))
	return ""
}

// removeGroups removes a control group and those in it, which must have no processes any more.
func removeGroups(b *testing.B, top string) {
	b.Helper()
	var folders []string
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			folders = append(folders, path)
		}
		return err
	})
	slices.Reverse(folders)
	for _, folder := range folders {
		err = errors.Join(err, os.Remove(folder))
	}
	if err != nil {
		b.Error(err)
	}
}

// below returns the living processes that descend from one.
func below(b *testing.B, pid int) (list []*procscan.Process) {
	b.Helper()
	snap, err := procscan.New(procscan.Options{}).Scan(context.Background(), 0, nil)
	if err != nil {
		b.Fatal(err)
	}
	in := map[int]bool{pid: true}
	for grown := true; grown; { // pids may have begun at the lowest again
		grown = false
		for _, p := range snap.Procs {
			if in[p.PPID] && !in[p.PID] {
				in[p.PID], grown = true, true
				if !p.Zombie() {
					list = append(list, p)
				}
			}
		}
	}
	return list
}
