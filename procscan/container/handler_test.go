package container

import (
	"os"
	"testing"
)

// TestHandler holds what runs containers for their runtimes, and of what image they are.
func TestHandler(t *testing.T) {
	tree := newTree(t)
	// shimOf adds a shim and a container below it, in whose bundle the given file may be.
	shimOf := func(pid int, program, namespace, id, file string) {
		folder := tree.host + "/run/task/" + namespace + "/" + id
		tree.add(task{
			pid: pid, comm: "containerd-shim", cgroup: "/system.slice/containerd.service", cwd: folder,
			args: []string{program, "-namespace", namespace, "-id", id},
		})
		if file != "none" {
			tree.write(folder+"/runtime", file)
		}
		tree.in(pid+1, pid, "/default/"+id)
	}
	shimOf(10, "/usr/bin/containerd-shim-runc-v2", "default", "plain", "")
	shimOf(20, "/usr/bin/containerd-shim-runc-v2", "default", "chosen", "/usr/local/bin/crun\n")
	shimOf(30, "/usr/bin/containerd-shim-runc-v2", "default", "newer", "none")
	shimOf(40, "/opt/kata/bin/containerd-shim-kata-v2", "default", "vm", "none")
	shimOf(50, "containerd-shim-runsc-v1", "default", "gvisor", "")
	shimOf(60, "/usr/bin/my-shim", "default", "other", "runc")
	shimOf(70, "/usr/bin/containerd-shim-runc-v2", "default", "strange", "runc")
	tree.own(tree.host+"/run/task/default/strange/runtime", 1000)
	shimOf(80, "/usr/bin/containerd-shim-runc-v2", "default", "long", "none")
	if err := os.Truncate(tree.write(tree.host+"/run/task/default/long/runtime", ""), maxHandler+1); err != nil {
		t.Fatal(err)
	}
	tree.shim(90, "moby", idA)
	tree.write(tree.host+"/run/task/moby/"+idA+"/runtime", "runc")
	tree.write(tree.host+dockerRoot+"/containers/"+idA+"/config.v2.json", `{"State":{"Running":true},"Image":"sha256:`+idB+`","Config":{"Image":"app@sha256:`+idA+`"},"Name":"/web"}`)
	tree.in(91, 90, "/docker/"+idA)
	bundle := "/var/lib/containers/storage/overlay-containers/" + idB + "/userdata"
	tree.conmon(100, idB, "pweb", bundle)
	tree.write(tree.host+bundle+"/config.json", `{"annotations":{"io.container.manager":"libpod"}}`)
	tree.write(tree.host+"/var/lib/containers/storage/overlay-containers/containers.json",
		`[{"id":"`+idB+`","names":["pweb"],"image":"`+idA+`","metadata":"{\"image-name\":\"localhost/app:1\"}"}]`)
	tree.in(101, 100, "/machine.slice/libpod-"+idB+".scope")

	n := tree.resolve()
	for pid, want := range map[int][3]string{
		11: {"runc"}, 21: {"crun"}, 31: {""}, 41: {"kata"}, 51: {"runsc"}, 61: {""}, 71: {""}, 81: {""},
		91:  {"runc", "app@sha256:" + idA, "sha256:" + idB},
		101: {"runc", "localhost/app:1", "sha256:" + idA},
	} {
		o := n.Of(n.snap.ByPID(pid))
		if got := [3]string{o.Handler, o.Image, o.ImageID}; got != want {
			t.Errorf("%s has the handler, the image and its digest %q, want %q", o, got, want)
		}
	}
}
