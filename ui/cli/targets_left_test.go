package cli

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
)

// leftPod is a search on a host where a shim is left of a pod, and what a deep look finds: its network namespace.
func leftPod(t *testing.T) *resolution {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: files of runtimes are believed only if they are root's")
	}
	root, bundle, id := t.TempDir(), t.TempDir(), longID("d1")
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(bundle+"/config.json", `{"annotations": {"io.kubernetes.cri.container-type": "sandbox", "io.kubernetes.cri.sandbox-id": "`+id+`",
		"io.kubernetes.cri.sandbox-name": "coredns-0", "io.kubernetes.cri.sandbox-namespace": "kube-system", "io.kubernetes.cri.sandbox-uid": "u"},
		"linux": {"namespaces": [{"type": "network", "path": "/var/run/netns/cni-1"}]}}`)
	write(root+"/100/stat", "100 (containerd-shim) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 100"+strings.Repeat(" 0", 30)+"\n")
	write(root+"/100/status", "Name:\tcontainerd-shim\nUid:\t0\t0\t0\t0\n")
	if err := os.Symlink(bundle, root+"/100/cwd"); err != nil {
		t.Fatal(err)
	}

	mine := ns.Tuple{1, 2, 3, 4, 5, 6, 7, 8}
	args := []string{"/usr/bin/containerd-shim-runc-v2", "-namespace", "k8s.io", "-id", id}
	deep := procscan.Snapshot{Root: "/proc", Mine: mine, Read: procscan.Mounts, Procs: []*procscan.Process{
		{PID: 1, Comm: "systemd", NS: mine, Cgroup: "/init.scope", Texts: true},
		{PID: 100, PPID: 1, Start: 100, Comm: "containerd-shim", Args: args, NS: mine, Cgroup: "/system.slice/containerd.service", Texts: true},
	}}
	shallow := deep
	shallow.Read = 0
	left := procscan.Namespace{ID: ns.ID{Kind: ns.Net, Ino: 901}, Leader: -1, Keepers: []procscan.Keeper{
		{By: procscan.ByMount, Path: "/run/netns/cni-1", Where: ns.ID{Kind: ns.Mnt, Ino: mine[ns.Mnt]}},
	}}
	deep.Namespaces[ns.Net] = []procscan.Namespace{left}
	resolver := container.New(container.Options{Root: root, Host: t.TempDir()})
	return &resolution{
		scan: func(want procscan.Want) (*procscan.Snapshot, error) {
			if want&procscan.Mounts != 0 {
				return &deep, nil
			}
			return &shallow, nil
		},
		names: func(snap *procscan.Snapshot) *container.Names { return resolver.Resolve(context.Background(), snap) },
		user:  func(uint32) string { return "root" },
	}
}

// Of a pod of which no process is left the network namespace is entered, and what else is asked for is said to
// be not there.
func TestTargetWithoutProcesses(t *testing.T) {
	at, err := leftPod(t).resolve("pod/kube-system/coredns-0")
	want := nsenter.Source{File: "/run/netns/cni-1", Is: 901}
	if err != nil || len(at.refs) > 0 || at.sources[ns.Net] != want || at.kinds != ns.SetOf(ns.Net) {
		t.Fatalf("got %+v, %v", at, err)
	}
	for _, test := range []struct{ options, need string }{
		{"", ""},
		{"-n", ""},
		{"-n -m/file", ""},
		{"-n -m", "--mount"},
		{"-a", "--all"},
		{"-n -e", "--env"},
	} {
		o, err := readEnterOptions(strings.Fields(test.options))
		if err != nil {
			t.Fatal(err)
		}
		_, err = o.entry(at)
		said := `target "pod/kube-system/coredns-0": no process of it is left, only its network namespace, which -n enters: there is nothing for ` + test.need + " to take"
		if test.need == "" && err != nil || test.need != "" && (err == nil || err.Error() != said) {
			t.Errorf("%q: got %v, want %q", test.options, err, test.need)
		}
	}
	for _, word := range []string{"coredns", "pod:coredns-0", "k8s:kube-system"} {
		if at, err := leftPod(t).resolve(word); err != nil || at.sources[ns.Net] != want {
			t.Errorf("%s: got %+v, %v", word, at, err)
		}
	}
	if _, err := leftPod(t).resolve("pod/other"); err == nil || !strings.Contains(err.Error(), "there is no pod of that name") {
		t.Errorf("got %v", err)
	}
}

// What a user calls so does not stand in for root's pod of which only a network namespace is left.
func TestTargetWithoutProcessesBesideUsers(t *testing.T) {
	r := leftPod(t)
	scan := r.scan
	r.scan = func(want procscan.Want) (*procscan.Snapshot, error) {
		snap, err := scan(want)
		s := *snap
		s.Procs = append(slices.Clone(s.Procs), &procscan.Process{
			PID: 200, PPID: 1, Start: 200, UID: 1000, Comm: "coredns-0", NS: s.Mine, Cgroup: "/user.slice/user-1000.slice/session-1.scope", Texts: true,
		})
		return &s, err
	}
	at, err := r.resolve("coredns-0")
	if want := (nsenter.Source{File: "/run/netns/cni-1", Is: 901}); err != nil || len(at.refs) > 0 || at.sources[ns.Net] != want {
		t.Errorf("it enters %+v, %v; want what is left of root's pod", at, err)
	}
}
