package test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
)

// resident is a process in a machine, and what is known of the container it is in.
type resident struct {
	key            string // in the pids of the machine
	runtime        string
	name, image    string
	pod, namespace string // of Kubernetes, or the name of podman's pod alone
	label          string // one of its labels, as KEY=VALUE
	project        string // and service: of compose
	service        string
	net            string // another resident whose network namespace it is in, "init" being the machine's; empty if it has its own
	infra          bool   // it only serves others
	rootless       bool   // it is the ordinary user's own
	paused         bool
	in             string // the chain of the containers it is in
	of             string // another resident, which is the first process of the same container
	unit           string // of systemd
	reason         string // why there is nothing to name
}

// Names of the image, as it was called to start a container, and as it then is called.
const (
	tools      = "nstui-lab/tools"
	toolsFull  = "docker.io/nstui-lab/tools:latest"
	toolsLocal = "localhost/nstui-lab/tools:latest"
)

// everywhere are the residents of every machine.
var everywhere = slices.Concat([]resident{
	{key: "web", runtime: "docker", name: "web", image: tools, label: "team=net"},
	{key: "side", runtime: "docker", name: "side", image: tools, net: "web"},
	{key: "bare", runtime: "docker", name: "bare", image: "nstui-lab/bare"},
	{key: "shop-db-1", runtime: "docker", name: "shop-db-1", image: tools, project: "shop", service: "db"},
	{key: "hosted", runtime: "docker", name: "hosted", image: tools, net: "init"},
	{key: "private", runtime: "docker", name: "private", image: tools},
	{key: "spy", runtime: "docker", name: "spy", image: tools},
	{key: "orphan", runtime: "docker", name: "spy", image: tools, net: "spy", of: "spy"},
	{key: "flatpak", runtime: "flatpak", name: "org.nstui.Lab", image: flatpakRuntime()},
	{key: "pweb", runtime: "podman", name: "pweb", image: toolsLocal},
	{key: "numb", runtime: "podman", name: "numb", image: toolsLocal, paused: true},
	{key: "plain", runtime: "containerd", name: "plain"},
	{key: "stiff", runtime: "containerd", name: "stiff", paused: true},
	{key: "inpod", runtime: "podman", name: "inpod", image: toolsLocal, pod: "mypod", net: "mypod-infra"},
	{key: "mypod-infra", runtime: "podman", pod: "mypod", infra: true},
}, podResidents())

// inHybrid are the residents of the machine without systemd.
var inHybrid = slices.Concat(everywhere, []resident{
	{key: "rootless", runtime: "podman", name: "rootless", rootless: true},
	{key: "bwrap", runtime: "bwrap"},
	{key: "nested", runtime: "bwrap", in: "bwrap > "},
	{key: "fjbox", runtime: "firejail", name: "fjbox"},
	{key: "spawned", runtime: "nspawn", name: "spawned"},
	{key: "l1", runtime: "lxc", name: "l1"},
	{key: "l2", runtime: "lxc", name: "l2", paused: true},
	{key: "byhand", runtime: "runc", name: "byhand"},
	{key: "green", reason: "a network namespace with a name is no container"},
})

// inBooted are the residents of the machine with systemd.
var inBooted = slices.Concat(everywhere, []resident{
	{key: "split", runtime: "podman", name: "split", image: toolsLocal},
	{key: "rootless", runtime: "podman", name: "rootless", image: toolsLocal, rootless: true},
	{key: "digger", runtime: "podman", name: "digger", image: toolsLocal, pod: "burrow", net: "burrow-infra", rootless: true},
	{key: "burrow-infra", runtime: "podman", pod: "burrow", infra: true, rootless: true},
	{key: "spawned", runtime: "nspawn", name: "spawned"},
	{key: "init", unit: "init.scope", net: "init", reason: "systemd is no container"},
	{key: "errand", unit: "errand.service", net: "init", reason: "a unit is no container"},
})

// flatpakRuntime is what flatpak(1) calls the runtime of the lab's app.
func flatpakRuntime() string {
	architectures := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}
	return "runtime/org.nstui.Platform/" + architectures[runtime.GOARCH] + "/1"
}

// podResidents are the containers of the pods, and the pods' own processes.
func podResidents() []resident {
	var all []resident
	for _, p := range labPods {
		infra := resident{key: p.name, runtime: "containerd", pod: p.name, namespace: p.namespace, infra: true}
		if p.hostNetwork {
			infra.net = "init"
		}
		all = append(all, infra)
		for _, name := range p.containers {
			r := resident{key: name, runtime: "containerd", name: name, image: toolsFull, pod: p.name, namespace: p.namespace, net: p.name}
			all = append(all, r)
		}
	}
	return all
}

// The machine is as the table says: what each shares its network namespace with, and nobody else is there.
func TestLabShares(t *testing.T) {
	t.Run("hybrid", func(t *testing.T) { hybrid.use(t).testShares(t, inHybrid) })
	t.Run("booted", func(t *testing.T) { booted.use(t).testShares(t, inBooted) })
}

func (m *machine) testShares(t *testing.T, all []resident) {
	t.Helper()
	keys := []string{"init"}
	for _, r := range all {
		keys = append(keys, r.key)
		pid, ok := m.pids[r.key]
		if !ok {
			t.Errorf("%s is not there", r.key)
			continue
		}
		for _, other := range all {
			want := r.key == other.key || r.netOf(all) == other.netOf(all)
			if m.pids[other.key] == 0 {
				continue
			}
			if got := inode(t, pid, "net") == inode(t, m.pids[other.key], "net"); got != want {
				t.Errorf("%s shares the network of %s: %v, want %v", r.key, other.key, got, want)
			}
		}
		if got, want := inode(t, pid, "net") == inode(t, m.pids["init"], "net"), r.netOf(all) == "init"; got != want {
			t.Errorf("%s is in the network of the machine: %v, want %v", r.key, got, want)
		}
	}
	for key := range m.pids {
		if !slices.Contains(keys, key) {
			t.Errorf("the table lacks %s", key)
		}
	}
}

// netOf returns the key of who the network namespace of a resident is.
func (r resident) netOf(all []resident) string {
	for r.net != "" && r.net != "init" {
		i := slices.IndexFunc(all, func(other resident) bool { return other.key == r.net })
		r = all[i]
	}
	if r.net == "init" {
		return "init"
	}
	return r.key
}

// terse returns all that the table tells of a container, in a line.
func (s sighting) terse() string {
	return resident{
		runtime: s.Runtime, name: s.Name, image: s.Image, pod: s.Pod, namespace: s.Namespace, project: s.Project, service: s.Service,
		infra: s.Infra,
	}.terse()
}

func (r resident) terse() string {
	if r.infra {
		// Nobody asks what a pod's own process is called.
		return fmt.Sprintf("%s: what holds pod %q in %q", r.runtime, r.pod, r.namespace)
	}
	return fmt.Sprintf("%s %q of %q, pod %q in %q, project %q service %q", r.runtime, r.name, r.image, r.pod, r.namespace, r.project, r.service)
}
