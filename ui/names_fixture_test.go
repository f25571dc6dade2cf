package ui

import (
	"context"
	"maps"
	"strings"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
)

// fakeNamer names processes by their control groups as a real one does, and then by what the files of
// runtimes and their daemons would have told.
type fakeNamer struct {
	resolver *container.Resolver
	told     map[string]container.Owner // by ID
	late     map[string]container.Owner // only after they were asked for
	resolved int
	asked    int
	during   func() // called before each answer of Ask
	stopped  []container.Stopped
}

func newNamer(told map[string]container.Owner) *fakeNamer {
	return &fakeNamer{resolver: container.New(container.Options{Root: "/nonexistent"}), told: told}
}

func (f *fakeNamer) Resolve(ctx context.Context, snap *procscan.Snapshot) *container.Names {
	f.resolved++
	names := f.resolver.Resolve(ctx, snap)
	for _, p := range snap.Procs {
		for o := names.Of(p); o != nil; o = o.In {
			f.tell(o)
		}
	}
	return names
}

// tell writes into an owner what is told of it, before anybody else has seen it.
func (f *fakeNamer) tell(o *container.Owner) {
	t, ok := f.told[o.ID]
	if !ok || o.From == container.ByDisk {
		return
	}
	o.Name, o.Image, o.Pod, o.Infra, o.State, o.Labels, o.From = t.Name, t.Image, t.Pod, t.Infra, t.State, t.Labels, container.ByDisk
	o.Project, o.Service, o.User = t.Project, t.Service, t.User
	if t.Runtime != "" {
		o.Runtime = t.Runtime
	}
}

func (f *fakeNamer) Ask(context.Context) bool {
	f.asked++
	if f.during != nil {
		f.during()
	}
	if f.late == nil {
		return false
	}
	// A real one keeps what it learns: here the next one is another, which knows it.
	told := f.late
	maps.Copy(told, f.told)
	*f = fakeNamer{resolver: container.New(container.Options{Root: "/nonexistent"}), told: told, asked: f.asked, resolved: f.resolved}
	return true
}

func (f *fakeNamer) Stopped(_ context.Context, word string) (list []container.Stopped) {
	for _, s := range f.stopped {
		if s.Name == word {
			list = append(list, s)
		}
	}
	return list
}

// longID returns an ID as runtimes make them.
func longID(begin string) string { return begin + strings.Repeat("0", 64-len(begin)) }

// The containers of the cluster.
var (
	webID     = longID("9f2c61d0a7b3")
	sideID    = longID("51de00000001")
	agentID   = longID("a9e400000002")
	pauseID   = longID("c0de00000003")
	corednsID = longID("c0de00000004")
	kindID    = longID("d00000000005")
	dbID      = longID("db0000000006")
	dbPauseID = longID("db0000000007")
)

const (
	corednsUID = "0b1c2d3e-0000-4000-8000-0123456789ab"
	dbUID      = "1b1c2d3e-0000-4000-8000-0123456789ab"
)

// toldOfCluster is what the files of the runtimes tell of the containers of the cluster.
func toldOfCluster() map[string]container.Owner {
	coredns := &container.Pod{Name: "coredns-5d78c9869d-x7k2p", Namespace: "kube-system", UID: corednsUID}
	db := &container.Pod{Name: "db-0", Namespace: "shop", UID: dbUID}
	return map[string]container.Owner{
		webID: {
			Name: "web", Image: "nginx:1.27-alpine", Project: "shop", Service: "web", State: "running",
			Labels: map[string]string{"team": "net", "com.docker.compose.project": "shop"},
		},
		sideID:    {Name: "side", Image: "envoyproxy/envoy:v1.33", State: "paused"},
		agentID:   {Name: "agent", Image: "registry.example/agent:3", State: "running"},
		pauseID:   {Runtime: container.Containerd, Pod: coredns, Infra: true, Image: "registry.k8s.io/pause:3.10"},
		corednsID: {Runtime: container.Containerd, Name: "coredns", Pod: coredns, Image: "registry.k8s.io/coredns/coredns:v1.11.3"},
		kindID:    {Name: "kind-node", Image: "kindest/node:v1.32.0", State: "running"},
		dbPauseID: {Runtime: container.Containerd, Pod: db, Infra: true, Image: "registry.k8s.io/pause:3.10"},
		dbID:      {Runtime: container.Containerd, Name: "postgres", Pod: db, Image: "postgres:17"},
	}
}

// cluster is a host with containers of several runtimes, nested ones, and those that share namespaces.
func cluster() fixture {
	var f fixture
	most := ns.SetOf(ns.Cgroup, ns.IPC, ns.Mnt, ns.Net, ns.PID, ns.UTS)
	f.add(1, 0, 0, hostNS, "/init.scope", "/sbin/init")
	f.add(612, 1, 0, hostNS, "/system.slice/sshd.service", "/usr/sbin/sshd", "-D")
	f.add(700, 1, 0, hostNS, "/system.slice/containerd.service", "containerd-shim-runc-v2", "-namespace", "k8s.io")
	f.add(8120, 612, 1000, hostNS, "/user.slice/user-1000.slice/session-3.scope", "zsh")
	f.add(8200, 8120, 1000, hostNS, "/user.slice/user-1000.slice/session-3.scope", "less", "notes-on-coredns.txt")

	web := inContainer(4026532560, most)
	f.add(4183, 700, 0, web, "/docker/"+webID, "nginx: master process nginx -g daemon off;")
	for i := range 2 {
		f.add(4231+i, 4183, 101, web, "/docker/"+webID, "nginx: worker process")
	}
	f.add(9120, 8120, 0, inContainer(4026532560, ns.SetOf(ns.Net)), "/user.slice/user-1000.slice/session-3.scope", "tcpdump", "-ni", "eth0")
	side := inContainer(4026532580, most)
	side[ns.Net] = web[ns.Net]
	f.add(4300, 700, 0, side, "/docker/"+sideID, "envoy", "-c", "/etc/envoy.yaml")
	agent := inContainer(4026532600, ns.SetOf(ns.Mnt, ns.Cgroup, ns.IPC))
	f.add(4400, 700, 0, agent, "/docker/"+agentID, "/agent", "--all")

	pod := "/kubepods/burstable/pod" + corednsUID + "/"
	pause := inContainer(4026532620, ns.SetOf(ns.Mnt, ns.PID, ns.IPC, ns.Net, ns.UTS))
	f.add(5000, 700, 65535, pause, pod+pauseID, "/pause")
	coredns := inContainer(4026532640, ns.SetOf(ns.Mnt, ns.PID, ns.IPC, ns.Net, ns.UTS))
	for _, k := range []ns.Kind{ns.IPC, ns.Net, ns.UTS} {
		coredns[k] = pause[k]
	}
	f.add(5010, 700, 0, coredns, pod+corednsID, "/coredns", "-conf", "/etc/coredns/Corefile")

	kind := inContainer(4026532660, most)
	f.add(6000, 700, 0, kind, "/docker/"+kindID+"/init.scope", "/sbin/init")
	f.add(6010, 6000, 0, kind, "/docker/"+kindID+"/system.slice/kubelet.service", "/usr/bin/kubelet")
	inner := "/docker/" + kindID + "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" + strings.ReplaceAll(dbUID, "-", "_") + ".slice/cri-containerd-"
	dbPause := inContainer(4026532680, most)
	f.add(6100, 6000, 65535, dbPause, inner+dbPauseID+".scope", "/pause")
	db := inContainer(4026532700, most)
	for _, k := range []ns.Kind{ns.IPC, ns.Net, ns.UTS} {
		db[k] = dbPause[k]
	}
	f.add(6110, 6000, 999, db, inner+dbID+".scope", "postgres")

	f.add(7100, 1, 0, inContainer(4026532720, most), "/lxc.payload.l1", "/sbin/init")
	return f
}

// clusterSnapshot is the cluster, with a network namespace ip-netns(8) has made.
func clusterSnapshot() *procscan.Snapshot {
	return keep(cluster().snapshot(), procscan.Namespace{
		ID: ns.ID{Kind: ns.Net, Ino: 4026532900}, OwnerKnown: true,
		Keepers: []procscan.Keeper{{By: procscan.ByMount, Path: "/run/netns/blue", Where: hostNS.ID(ns.Mnt)}},
	})
}

// namedConfig is a screen on the cluster.
func namedConfig() Config {
	c := testConfig(clusterSnapshot())
	c.Names = newNamer(toldOfCluster())
	return c
}
