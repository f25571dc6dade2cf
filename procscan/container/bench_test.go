package container

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"nstui/procscan"
)

// hostOfPods makes a host of 10,000 processes: 2,000 in 50 services, the others in 300 pods of three containers
// and what holds their namespaces, each in a control group of its own, as containerd starts them.
func hostOfPods(b *testing.B) *tree {
	b.Helper()
	t := newTree(b)
	pid := 100
	for i := range 50 {
		for range 34 {
			t.add(task{pid: pid, comm: "service", args: []string{"service"}, cgroup: fmt.Sprintf("/system.slice/service-%d.service", i)})
			pid++
		}
	}
	// As large as config.json is with the list of system calls docker and containerd allow.
	calls := strings.Repeat(`"clock_nanosleep_time64","getresuid32",`, 400)
	t.write(t.root+"/1/mountinfo", "1 0 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n")
	for i := range 300 {
		slice := fmt.Sprintf("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod%08x_9abc_def0_1234_56789abcdef0.slice", i)
		shim, sandbox := pid, fmt.Sprintf("%064x", i*4)
		t.add(task{
			pid: shim, comm: "containerd-shim", cgroup: "/system.slice/containerd.service", cwd: t.host + "/run/task/" + sandbox,
			args: []string{"/usr/bin/containerd-shim-runc-v2", "-namespace", "k8s.io", "-id", sandbox, "-address", "/run/containerd/containerd.sock"},
		})
		pid++
		for c := range 4 {
			id, kind, procs := fmt.Sprintf("%064x", i*4+c), "container", 9
			if c == 0 {
				kind, procs = "sandbox", 1
			}
			t.write(t.host+"/run/task/"+id+"/config.json", fmt.Sprintf(`{"ociVersion":"1.1.0","process":{"args":["app"]},"hostname":"app-%d",
				"annotations":{"io.kubernetes.cri.sandbox-name":"app-%d","io.kubernetes.cri.sandbox-namespace":"default","io.kubernetes.cri.sandbox-uid":"%d",
				"io.kubernetes.cri.container-name":"c%d","io.kubernetes.cri.container-type":"%s","io.kubernetes.cri.image-name":"docker.io/app:1"},
				"linux":{"namespaces":[{"type":"pid"},{"type":"network","path":"/var/run/netns/cni-%d"}],"seccomp":{"names":[%s"x"]}}}`,
				i, i, i, c, kind, i, calls))
			t.write(t.host+"/sys/fs/cgroup"+slice+"/cri-containerd-"+id+".scope/cgroup.events", "populated 1\nfrozen 0\n")
			first := pid
			for j := range procs {
				parent := shim
				if j > 0 {
					parent = first
				}
				t.add(task{pid: pid, ppid: parent, comm: "app", args: []string{"app"}, cgroup: slice + "/cri-containerd-" + id + ".scope", ns: within(uint64(i*4+c), all...)})
				pid++
			}
		}
	}
	return t
}

// BenchmarkResolve reports what names cost beside a scan that reads the processes and their control groups, the
// two taking turns: x-cold with a new resolver and x-warm with one that knows all, each as a multiple of the
// scan alone, and x-groups what that costs itself beside one that reads no control groups.
//
//	go test ./procscan/container -run '^$' -bench Resolve -benchtime 5x
func BenchmarkResolve(b *testing.B) {
	t := hostOfPods(b)
	scanner := procscan.New(procscan.Options{Root: t.root})
	scan := func(want procscan.Want) *procscan.Snapshot {
		snap, err := scanner.Scan(context.Background(), want, nil)
		if err != nil {
			b.Fatal(err)
		}
		return snap
	}
	warm := t.resolver()
	snap := scan(procscan.Groups)
	if rows := warm.Resolve(context.Background(), snap).Containers(); len(rows) != 1200 || rows[0].Owner.Pod == nil || rows[0].Owner.Pod.Name == "" {
		b.Fatalf("%d containers, first %+v", len(rows), rows[0].Owner)
	}
	var bare, scanning, first, again time.Duration
	timed := func(sum *time.Duration, do func()) {
		began := time.Now()
		do()
		*sum += time.Since(began)
	}
	b.ReportAllocs()
	for b.Loop() {
		timed(&bare, func() { scan(0) })
		timed(&scanning, func() { snap = scan(procscan.Groups) })
		timed(&first, func() { t.resolver().Resolve(context.Background(), snap) })
		timed(&again, func() { warm.Resolve(context.Background(), scanned(snap)) })
	}
	b.ReportMetric(float64(scanning+first)/float64(scanning), "x-cold")
	b.ReportMetric(float64(scanning+again)/float64(scanning), "x-warm")
	b.ReportMetric(float64(scanning)/float64(bare), "x-groups")
	b.ReportMetric(float64(first.Microseconds())/float64(b.N)/1e3, "cold-ms")
	b.ReportMetric(float64(again.Microseconds())/float64(b.N)/1e3, "warm-ms")
	b.ReportMetric(float64(len(snap.Procs)), "procs")
}

// scanned returns the snapshot as if it was a new one.
func scanned(snap *procscan.Snapshot) *procscan.Snapshot {
	other := *snap
	return &other
}

// BenchmarkWarm reports what a Resolve allocates where nothing is new.
func BenchmarkWarm(b *testing.B) {
	t := hostOfPods(b)
	r, snap := t.resolver(), t.scan(procscan.Groups)
	r.Resolve(context.Background(), snap)
	b.ReportAllocs()
	for b.Loop() {
		r.Resolve(context.Background(), scanned(snap))
	}
}
