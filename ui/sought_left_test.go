package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
)

// The network namespace that is left of a pod is opened once it is found; what begins late under the name of the target
// moves no cursor. What a user calls so is not taken for it.
func TestOpensOnWhatIsLeftOfAPod(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: files of runtimes are believed only if they are root's")
	}
	root, bundle := t.TempDir(), t.TempDir()
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(bundle+"/config.json", `{"annotations": {"io.kubernetes.cri.container-type": "sandbox", "io.kubernetes.cri.sandbox-id": "`+pauseID+`",
		"io.kubernetes.cri.sandbox-name": "left-0", "io.kubernetes.cri.sandbox-namespace": "shop", "io.kubernetes.cri.sandbox-uid": "u"},
		"linux": {"namespaces": [{"type": "network", "path": "/var/run/netns/cni-1"}]}}`)
	write(root+"/100/stat", "100 (containerd-shim) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 "+strings.TrimSpace(strings.Repeat("100 ", 30))+"\n")
	write(root+"/100/status", "Name:\tcontainerd-shim\nUid:\t0\t0\t0\t0\n")
	if err := os.Symlink(bundle, root+"/100/cwd"); err != nil {
		t.Fatal(err)
	}
	host := func(users string) *procscan.Snapshot {
		var f fixture
		f.add(1, 0, 0, hostNS, "/init.scope", "/sbin/init")
		f.add(100, 1, 0, hostNS, "/system.slice/containerd.service", "/usr/bin/containerd-shim-runc-v2", "-namespace", "k8s.io", "-id", pauseID)
		if users != "" {
			f.add(200, 1, 1000, hostNS, "/user.slice/user-1000.slice/session-1.scope", users)
		}
		s := f.snapshot()
		s.ByPID(100).Comm, s.ByPID(100).Start, s.ByPID(100).UID = "containerd-shim", 100, 0
		return s
	}
	deep := func(users string) *procscan.Snapshot {
		s := host(users)
		s.Read |= procscan.Mounts
		keep(s, procscan.Namespace{ID: ns.ID{Kind: ns.Net, Ino: 4026532900}, Keepers: []procscan.Keeper{
			{By: procscan.ByMount, Path: "/run/netns/cni-1", Where: hostNS.ID(ns.Mnt)},
		}})
		return s
	}
	for _, test := range []struct {
		target string
		user   string // what a user runs
	}{{"pod/shop/left-0", ""}, {"left", ""}, {"k8s:shop", ""}, {"left-0", "left-0"}} {
		c, target := testConfig(host(test.user), deep(test.user)), test.target
		c.Names, c.Target = container.New(container.Options{Root: root, Host: t.TempDir()}), target
		s := start(t, 120, 36, c)
		if got := s.m.browser.open.space.Ino; got != 4026532900 || s.m.browser.focus != onNamespaces {
			t.Errorf("%s leads to %d:\n%s", target, got, s.text())
		}
	}

	late := cluster()
	late.add(9300, 8120, 0, hostNS, "/user.slice/user-0.slice/session-3.scope", "tardy")
	c := testConfig(clusterSnapshot(), late.snapshot())
	c.Names, c.Target = newNamer(toldOfCluster()), "tardy"
	s := start(t, 120, 36, c)
	if s.has(`nothing is called "tardy"`); s.pid() == 9300 {
		t.Errorf("the cursor is on %d", s.pid())
	}
}
