package container

import (
	"fmt"
	"strings"
	"testing"
)

const (
	idA = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	idB = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
	// The UID of a pod, the same as systemd has it in names of slices, and the hash a static pod has.
	podUID   = "12345678-9abc-def0-1234-56789abcdef0"
	podSlice = "12345678_9abc_def0_1234_56789abcdef0"
	podHash  = "0123456789abcdef0123456789abcdef"
)

// said returns what a path says in a short notation: RUNTIME:ID:NAME@POD for each hit, a '!' behind a
// monitor, then the unit.
func said(p parsed) string {
	var words []string
	for _, h := range p.hits {
		word := fmt.Sprintf("%s:%s:%s", h.runtime, h.id, h.name)
		if h.pod != "" {
			word += "@" + h.pod
		}
		if h.podman {
			word += "(podman)"
		}
		if h.monitor {
			word += "!"
		}
		words = append(words, word)
	}
	if p.unit != "" {
		words = append(words, "unit:"+p.unit)
	}
	if p.user != "" {
		words = append(words, "user:"+p.user)
	}
	return strings.Join(words, " ")
}

func TestParsePath(t *testing.T) {
	user := "/user.slice/user-1001.slice/user@1001.service"
	tests := []struct{ path, want string }{
		{"", ""},
		{"/", ""},
		{"//", ""},
		{"no slash", ""},

		// Docker.
		{"/docker/" + idA, "docker:A:"},
		{"/docker/" + idA + " (deleted)", "docker:A:"},
		{"/docker/" + idA + "/init.scope", "docker:A: unit:init.scope"},
		{"/docker/" + idA + "/system.slice/nginx.service", "docker:A: unit:nginx.service"},
		{"/system.slice/docker-" + idA + ".scope", "docker:A:"},
		{"/my.slice/docker-" + idA + ".scope", "docker:A:"},
		{"/my.slice/my-inner.slice/docker-" + idA + ".scope", "docker:A:"},
		{"/system.slice:docker:" + idA, "docker:A:"},
		{user + "/user.slice/runc-" + idA + ".scope", ":A: user:1001"},
		{user + "/user.slice/docker-" + idA + ".scope", "docker:A: user:1001"},
		{"/actions_job/" + idA, "docker:A:"},
		{"/ecs/task/" + idA, "docker:A:"},
		{"/ecs/cluster/task/" + idA, ":A:"},
		{"/ecs/" + idA, "docker:A:"},
		{"/docker/buildkit/0bq3m1xz", "buildkit:0bq3m1xz:"}, // buildkit executor/oci/spec.go
		{"/buildkit/0bq3m1xz", "buildkit:0bq3m1xz:"},
		{"/system.slice/docker.service", "unit:docker.service"},
		{"/docker/" + idA[1:], ""},
		{"/docker/" + strings.ToUpper(idA), ""},
		{"/docker/x" + idA, ""},

		// The reader is in a control group namespace of its own.
		{"/../docker-" + idA + ".scope", "docker:A:"},
		{"/../../kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + podSlice + ".slice/cri-containerd-" + idA + ".scope", "containerd:A:@" + podUID},
		{"/../../init.scope", "unit:init.scope"},
		{"/init.scope", "unit:init.scope"},
		{user + "/init.scope", "unit:user@1001.service user:1001"},
		{user + "/app.slice/init.scope", "unit:init.scope user:1001"},
		{"/docker/" + idA + user + "/init.scope", "docker:A: unit:user@1001.service"},

		// containerd: CRI, ctr, nerdctl.
		{"/kubepods/burstable/pod" + podUID + "/" + idA, "containerd:A:@" + podUID},
		{"/kubepods/besteffort/pod" + podUID + "/" + idA, "containerd:A:@" + podUID},
		{"/kubepods/pod" + podUID + "/" + idA, "containerd:A:@" + podUID},
		{"/kubepods/burstable/pod" + podHash + "/" + idA, "containerd:A:@" + podHash},
		{"/kubepods.slice/kubepods-pod" + podSlice + ".slice/cri-containerd-" + idA + ".scope", "containerd:A:@" + podUID},
		{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" + podSlice + ".slice/cri-containerd-" + idA + ".scope", "containerd:A:@" + podUID},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + podHash + ".slice/cri-containerd-" + idA + ".scope", "containerd:A:@" + podHash},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + podSlice + ".slice:cri-containerd:" + idA, "containerd:A:@" + podUID},
		{"/kubepods-burstable-pod" + podSlice + ".slice:cri-containerd:" + idA, "containerd:A:@" + podUID},
		{"/system.slice/containerd.service/kubepods-burstable-pod" + podSlice + ".slice:cri-containerd:" + idA, "containerd:A:@" + podUID},
		{"/k8s.io/" + idA, "containerd:A:"},
		{"/default/" + idA, "containerd:A:"},
		{"/default/plain1", ""},
		{"/system.slice/nerdctl-" + idA + ".scope", "containerd:A:"},
		{"/system.slice/demo-plain2.scope", "unit:demo-plain2.scope"},
		{"/kubepods/burstable/pod" + podUID, "kubernetes::@" + podUID},
		{"/kubepods/burstable/podinfo", ""},
		{podCgroup + "/a.scope/b", "kubernetes::@" + podUID + " unit:a.scope"},
		{"/.scope/.service", ""},

		// CRI-O (cri-o internal/config/cgmgr: systemd_linux.go, cgroupfs_linux.go).
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + podSlice + ".slice/crio-" + idA + ".scope", "cri-o:A:@" + podUID},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + podSlice + ".slice/crio-" + idA + ".scope/container", "cri-o:A:@" + podUID},
		{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + podSlice + ".slice/crio-conmon-" + idA + ".scope", "cri-o:A:@" + podUID + "!"},
		{"/system.slice/crio-conmon-" + idA + ".scope", "cri-o:A:!"},
		{"/kubepods/burstable/pod" + podUID + "/crio-" + idA, "cri-o:A:@" + podUID},

		// cri-dockerd.
		{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" + podSlice + ".slice/docker-" + idA + ".scope", "docker:A:@" + podUID},

		// podman.
		{"/libpod_parent/libpod-" + idA, "podman:A:"},
		{"/libpod_parent/" + idB + "/libpod-" + idA, "podman:A:@" + idB + "(podman)"},
		{"/libpod_parent/" + idB, ""}, // conmon's
		{"/machine.slice/libpod-" + idA + ".scope", "podman:A:"},
		{"/machine.slice/libpod-" + idA + ".scope/container", "podman:A:"},
		{"/machine.slice/libpod-conmon-" + idA + ".scope", "podman:A:!"},
		{"/machine.slice/machine-libpod_pod_" + idB + ".slice/libpod-" + idA + ".scope", "podman:A:@" + idB + "(podman)"},
		{"/system.slice/x.service/libpod-payload-" + idA, "podman:A:"},
		{"/system.slice/x.service/supervisor", "unit:x.service"},
		{user + "/user.slice/libpod-" + idA + ".scope", "podman:A: user:1001"},
		{user + "/user.slice/libpod-conmon-" + idA + ".scope", "podman:A:! user:1001"},
		{user + "/user.slice/user-libpod_pod_" + idB + ".slice/libpod-" + idA + ".scope", "podman:A:@" + idB + "(podman) user:1001"},

		// LXC, LXD, Incus.
		{"/lxc.payload.web", "lxc::web"},
		{"/lxc.payload.web-1", "lxc::web-1"},
		{"/lxc.payload/web", "lxc::web"},
		{"/lxc.payload.project_web/system.slice/cron.service", "lxc::project_web unit:cron.service"},
		{"/lxc/web", "lxc::web"},
		{"/lxc/101/ns/init.scope", "lxc::101 unit:init.scope"},
		{"/lxc.monitor.web", "lxc::web!"},
		{"/lxc.monitor/web", "lxc::web!"},
		{"/lxc.payload.", ""},

		// Machines.
		{"/machine.slice/machine-n1.scope/payload", "machine::n1"},
		{"/machine.slice/machine-n1.scope/supervisor", "machine::n1!"},
		{"/machine.slice/systemd-nspawn@n1.service/supervisor", "nspawn::n1!"},
		{"/docker/" + idA + "/supervisor", "docker:A:"},
		{`/machine.slice/machine-my\x2dbox.scope/payload/init.scope`, "machine::my-box unit:init.scope"},
		{`/machine.slice/machine-qemu\x2d1\x2dweb\x2dvm.scope/libvirt/emulator`, "libvirt::web-vm"},
		{`/machine.slice/machine-lxc\x2d4711\x2dbox.scope`, "libvirt::box"},
		{"/machine.slice/machine-qemu.scope", "machine::qemu"},
		{"/machine.slice/systemd-nspawn@n1.service/payload", "nspawn::n1"},
		{`/machine.slice/systemd-nspawn@my\x2dbox.service/payload/system.slice/a.service`, "nspawn::my-box unit:a.service"},
		{"/system.slice/x.service/payload", "unit:x.service"},
		{"/payload", ""},

		// Sandboxes of desktops (flatpak common/flatpak-run.c, snapd sandbox/cgroup/tracking.go and scanning.go).
		{user + "/app.slice/app-flatpak-org.test.App-4711.scope", "flatpak::org.test.App user:1001"},
		{user + "/app.slice/flatpak-org.test.App-4711.scope", "flatpak::org.test.App user:1001"},
		{user + `/app.slice/app-flatpak-org.test.My\x2dApp-4711.scope`, "flatpak::org.test.My-App user:1001"},
		{user + "/app.slice/app-flatpak-org.test.App.scope", "unit:app-flatpak-org.test.App.scope user:1001"},
		{user + "/app.slice/snap.firefox.firefox-" + podUID + ".scope", "snap::firefox user:1001"},
		{user + "/app.slice/snap.firefox.geckodriver." + podUID + ".scope", "snap::firefox.geckodriver user:1001"},
		{"/system.slice/snap.lxd.hook.install-" + podUID + ".scope", "snap::lxd.hook.install"},
		{"/system.slice/snap.lxd.daemon.service", "snap::lxd.daemon"},
		{"/system.slice/snap.lxd.daemon.unix.socket", ""},
		{"/system.slice/snapd.service", "unit:snapd.service"},

		// Virtual machines. The jailer's parent is called as the program (firecracker docs/jailer.md). kata puts the
		// machine beside the pod's containers, or what is not its processors below a group of its own (kata-containers
		// docs/design/host-cgroups.md, src/runtime/pkg/resourcecontrol, src/runtime/virtcontainers/sandbox.go and
		// src/runtime-rs/crates/resource/src/cgroups).
		{"/firecracker/my-vm", "firecracker:my-vm:"},
		{"/kata_" + idA, "kata:A:"},
		{"/kubepods/burstable/pod" + podUID + "/kata_" + idA, "kata:A:@" + podUID},
		{"/kata_overhead/" + idA, "kata:A:"},
		{"/kata_overhead/my-vm", "kata:my-vm:"},
		{"/kata_overhead/kubepods/burstable/pod" + podUID + "/" + idA, "kata:A:@" + podUID},
		{"/kata_overhead/default/my-vm", "kata:my-vm:"},
		{"/kata-overhead.slice/runtime-rs-" + idA + ".scope", "kata:A:"},
		{"/kata-overhead.slice/runtime-rs-my-vm.scope", "kata:my-vm:"},
		{"/kata_sandboxed_pod/" + idA, "kata:A:"},

		// Schedulers (nomad client/lib/cgroupslib: editor.go, partition.go), with the parent it has and with another.
		{"/nomad.slice/share.slice/" + podUID + ".redis.scope", "nomad:" + podUID + ":redis"},
		{"/nomad.slice/reserve.slice/" + podUID + `.my\x2dtask.scope`, "nomad:" + podUID + `:my\x2dtask`},
		{"/nomad.slice/" + podUID + ".redis.scope", "nomad:" + podUID + ":redis"},
		{"/jobs/share.slice/" + podUID + ".redis.scope", "nomad:" + podUID + ":redis"},
		{"/nomad/" + podUID + ".redis", "nomad:" + podUID + ":redis"},
		{"/nomad/share/" + podUID + ".redis.v2", "nomad:" + podUID + ":redis.v2"},
		{"/nomad/share/" + podUID, ""},
		{"/system.slice/" + podUID + ".redis.scope", "unit:" + podUID + ".redis.scope"},

		// Units.
		{"/system.slice/nginx.service", "unit:nginx.service"},
		{"/system.slice/system-getty.slice/getty@tty1.service", "unit:getty@tty1.service"},
		{"/user.slice/user-1000.slice/session-3.scope", "unit:session-3.scope user:1000"},
		{user + "/app.slice/app-gnome-firefox-4711.scope", "unit:app-gnome-firefox-4711.scope user:1001"},
		{"/system.slice", ""},
		{"/x/user.slice/user-1000.slice/a.scope", "unit:a.scope user:1000"},

		// One in another, the outermost first. The kubelet of kind has a root of its own, /kubelet (kind
		// pkg/cluster/internal/kubeadm/config.go).
		{"/docker/" + idB + "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod" + podSlice + ".slice/cri-containerd-" + idA + ".scope", "docker:B: containerd:A:@" + podUID},
		{"/docker/" + idB + "/kubelet/kubepods/besteffort/pod" + podUID + "/" + idA, "docker:B: containerd:A:@" + podUID},
		{"/docker/" + idB + "/docker/" + idA, "docker:B: docker:A:"},
		{"/machine.slice/machine-n1.scope/payload/system.slice/docker-" + idA + ".scope", "machine::n1 docker:A:"},
		{"/machine.slice/machine-n1.scope/payload/machine.slice/libpod-" + idA + ".scope/container", "machine::n1 podman:A:"},
		{"/lxc.payload.k3s/kubepods/besteffort/pod" + podUID + "/" + idA, "lxc::k3s containerd:A:@" + podUID},

		// Hostile.
		{"/docker/" + idA + "\x1b[2J", ""},
		{"/lxc.payload.\x1b[2J", "lxc::\x1b[2J"},
		{`/machine.slice/machine-\x1b\x5b2J.scope`, `machine::\x1b[2J`},
		{`/machine.slice/machine-a\x.scope`, `machine::a\x`},
		{"/systemd-nspawn@.service", "unit:systemd-nspawn@.service"},
		{"/snap..a.service", "unit:snap..a.service"},
		{"/-" + idA, ":A:"},
		{"/-conmon-" + idA, ":A:!"},
		{"/user.slice/user-.slice/a.service", "unit:a.service"},
	}
	for _, test := range tests {
		got := strings.NewReplacer(idA, "A").Replace(said(parsePath(test.path)))
		if !strings.Contains(test.want, idB) {
			got = strings.ReplaceAll(got, idB, "B")
		}
		if got != test.want {
			t.Errorf("%s\n got %q\nwant %q", test.path, got, test.want)
		}
	}
}

// TestParsePaths holds that of many hierarchies the one counts that names most.
func TestParsePaths(t *testing.T) {
	tests := []struct{ paths, want string }{
		{"/", "/"},
		{"/docker/" + idA + "\n/", "/docker/" + idA},
		{"/\n/docker/" + idA, "/docker/" + idA},
		{"/user.slice\n/system.slice/a.service", "/system.slice/a.service"},
		{"/system.slice/docker.service\n/docker/" + idA, "/docker/" + idA},
		{"/docker/" + idB + "\n/docker/" + idB + "/docker/" + idA, "/docker/" + idB + "/docker/" + idA},
		{"/docker/" + idB + "\n/docker/" + idA, "/docker/" + idB},
		// A machine with the second version's control groups on a host with both.
		{
			"/machine.slice/machine-n1.scope/payload\n/machine.slice/machine-n1.scope/payload/system.slice/a.service",
			"/machine.slice/machine-n1.scope/payload/system.slice/a.service",
		},
	}
	for _, test := range tests {
		if got := parsePaths(test.paths); got.path != test.want {
			t.Errorf("of %q %q is chosen, not %q", test.paths, got.path, test.want)
		}
	}
}

func FuzzParsePaths(f *testing.F) {
	f.Add("/docker/" + idA + "\n/")
	f.Add("/../../kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + podSlice + ".slice/cri-containerd-" + idA + ".scope")
	f.Add("/libpod_parent/" + idB + "/libpod-conmon-" + idA + "/x.slice:docker:" + idA)
	f.Add(`/machine.slice/machine-qemu\x2d1\x2d\x1b.scope/lxc.payload./lxc/x/nomad/` + podUID + `.a.scope`)
	f.Add("/user.slice/user-1.slice/app-flatpak-a-1.scope/snap.a.b-" + podUID + ".scope/firecracker/x")
	f.Fuzz(func(t *testing.T, text string) {
		p := parsePaths(text)
		if !strings.Contains(text, p.path) || strings.Contains(p.path, "\n") {
			t.Fatalf("%q gives the path %q", text, p.path)
		}
		at := 0
		for _, h := range p.hits {
			if h.end <= at || h.end > len(p.path) {
				t.Fatalf("a hit of %q ends at %d after %d", p.path, h.end, at)
			}
			if at = h.end; at < len(p.path) && p.path[at] != '/' {
				t.Fatalf("a hit of %q ends within a segment, at %d", p.path, at)
			}
			for _, word := range []string{h.id, h.name, h.pod} {
				if len(word) > at {
					t.Fatalf("%q is longer than its path", word)
				}
				checkControls(t, text, word)
			}
			if h.id == "" && h.name == "" && h.pod == "" {
				t.Fatalf("%q has a hit that says nothing", p.path)
			}
		}
		if p.unit != "" && (p.unitEnd <= at || p.unitEnd > len(p.path) || !strings.HasSuffix(p.path[:p.unitEnd], "/"+p.unit) && p.path[:p.unitEnd] != p.unit) {
			t.Fatalf("the unit of %q is %q, up to %d", p.path, p.unit, p.unitEnd)
		}
		checkControls(t, text, unescape(p.unit))
	})
}

// checkControls checks that no control character is in what came of a text that was not in the text.
func checkControls(t *testing.T, text, got string) {
	t.Helper()
	for i := range len(got) {
		if c := got[i]; (c < ' ' || c == 0x7f) && strings.IndexByte(text, c) < 0 {
			t.Fatalf("%q became %q", text, got)
		}
	}
}

func BenchmarkParsePath(b *testing.B) {
	path := "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + podSlice + ".slice/cri-containerd-" + idA + ".scope"
	b.ReportAllocs()
	for b.Loop() {
		if len(parsePath(path).hits) != 1 {
			b.Fatal("not understood")
		}
	}
}
