package container

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"nstui/procscan/ns"
)

// facts in a line, as tests compare them.
func (o *Owner) line() string {
	if o == nil {
		return ""
	}
	words := []string{o.String()}
	add := func(name, value string) {
		if value != "" {
			words = append(words, name+"="+value)
		}
	}
	add("id", strings.NewReplacer(idA, "A", idB, "B").Replace(o.ID))
	add("name", o.Name)
	add("image", o.Image)
	if o.Pod != nil {
		add("uid", strings.ReplaceAll(o.Pod.UID, idB, "B"))
	}
	add("compose", strings.Trim(o.Project+"/"+o.Service, "/"))
	add("state", o.State)
	for _, key := range []string{"team", "app"} {
		add(key, o.Labels[key])
	}
	if o.Infra {
		words = append(words, "infra")
	}
	return strings.Join(append(words, "by", o.From.String()), " ")
}

// podCgroup is the control group of a pod with the driver for systemd.
const podCgroup = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + podSlice + ".slice"

// criConfig is a config.json as containerd's CRI plugin writes it (containerd 1.6: pkg/cri/annotations; seen
// with crictl pods).
func criConfig(kind, container string) string {
	return fmt.Sprintf(`{"ociVersion": "1.0.2", "hostname": "coredns-5d78c9869d-abcde", "process": {"args": ["/coredns"]},
		"annotations": {"io.kubernetes.cri.container-name": %q, "io.kubernetes.cri.container-type": %q,
			"io.kubernetes.cri.image-name": "registry.k8s.io/coredns:v1", "io.kubernetes.cri.sandbox-id": %q,
			"io.kubernetes.cri.sandbox-name": "coredns-5d78c9869d-abcde", "io.kubernetes.cri.sandbox-namespace": "kube-system",
			"io.kubernetes.cri.sandbox-uid": %q},
		"linux": {"namespaces": [{"type": "pid"}, {"type": "network", "path": "/var/run/netns/cni-1"}]}}`,
		container, kind, idB, podUID)
}

// dockerConfig is a config.v2.json as dockerd writes it (20.10 and 28).
func dockerConfig(name, labels string) string {
	return fmt.Sprintf(`{"StreamConfig": {}, "State": {"Running": true, "Pid": 7, "Paused": false, "Restarting": false, "Dead": false},
		"ID": %q, "Managed": false, "Path": "httpd", "Config": {"Hostname": "web", "Image": "nstui/bb:1", "Labels": {%s}},
		"NetworkSettings": {"SandboxKey": "/var/run/docker/netns/0123456789ab"}, "Name": %q}`, idA, labels, "/"+name)
}

func (t *tree) shim(pid int, namespace, id string) {
	t.add(task{
		pid: pid, comm: "containerd-shim", cgroup: "/system.slice/containerd.service",
		args: []string{"/usr/bin/containerd-shim-runc-v2", "-namespace", namespace, "-id", id, "-address", "/run/containerd/containerd.sock"},
		cwd:  t.host + "/run/task/" + namespace + "/" + id,
	})
}

func (t *tree) conmon(pid int, id, name, bundle string) {
	t.add(task{
		pid: pid, comm: "conmon", cgroup: "/machine.slice/libpod-conmon-" + id + ".scope",
		args: []string{"/usr/bin/conmon", "--api-version", "1", "-c", id, "-u", id, "-r", "/usr/bin/runc", "-b", bundle, "-p", "/run/pidfile", "-n", name, "--exit-dir", "/run/exits"},
	})
}

// in is a process in namespaces of its own.
func (t *tree) in(pid, ppid int, cgroup string) {
	t.add(task{pid: pid, ppid: ppid, comm: "app", args: []string{"app"}, cgroup: cgroup, ns: within(uint64(pid), all...)})
}

// storage is what podman 4.3 keeps of its containers (containers/storage: containers.json).
const storage = `[{"id": "` + idA + `", "names": ["renamed"], "image": "ea65", "layer": "6b12",
	"metadata": "{\"image-name\":\"docker.io/nstui/bb:1\",\"image-id\":\"ea65\",\"name\":\"pweb\",\"created-at\":1795342073}"},
	{"id": "` + idB + `", "names": ["cd6b5c4b03a5-infra"], "metadata": "{\"image-name\":\"localhost/podman-pause:4.3.1\",\"name\":\"cd6b5c4b03a5-infra\"}"}]`

type runtimeTest struct {
	name string
	make func(t *tree)
	want string
}

// runtimeTests are hosts with one runtime each, and what is known of process 101.
var runtimeTests = []runtimeTest{
	// Docker 20.10 with the driver for cgroupfs and for systemd: seen.
	{"docker", func(t *tree) {
		t.shim(100, "moby", idA)
		t.write(t.host+"/var/lib/docker/containers/"+idA+"/config.v2.json", dockerConfig("web", `"team": "net", "com.docker.compose.project": "shop", "com.docker.compose.service": "front", "com.docker.compose.container-number": "1"`))
		t.in(101, 100, "/docker/"+idA)
	}, "docker:web id=A name=web image=nstui/bb:1 compose=shop/front state=running team=net by file"},
	{"docker with its files elsewhere, by overlay", func(t *tree) {
		t.shim(100, "moby", idA)
		t.write(t.host+"/srv/docker/containers/"+idA+"/config.v2.json", dockerConfig("web", ""))
		t.add(task{
			pid: 101, ppid: 100, comm: "app", cgroup: "/system.slice/docker-" + idA + ".scope", ns: within(1, all...),
			mountinfo: "621 559 0:58 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/srv/docker/overlay2/l/X,upperdir=/srv/docker/overlay2/1a/diff,workdir=/srv/docker/overlay2/1a/work\n",
		})
	}, "docker:web id=A name=web image=nstui/bb:1 state=running by file"},
	{"docker with its files elsewhere, by hosts", func(t *tree) {
		t.shim(100, "moby", idA)
		t.write(t.host+"/srv/d/containers/"+idA+"/config.v2.json", dockerConfig("web", ""))
		t.add(task{
			pid: 101, ppid: 100, comm: "app", cgroup: "/system.slice/docker-" + idA + ".scope", ns: within(1, all...),
			mountinfo: "630 621 8:1 /srv/d/containers/" + idA + "/hosts /etc/hosts rw,relatime - ext4 /dev/sda1 rw\n",
		})
	}, "docker:web id=A name=web image=nstui/bb:1 state=running by file"},
	// dockerd --containerd-namespace: seen with 20.10.
	{"docker in another namespace of containerd", func(t *tree) {
		t.shim(100, "ours", idA)
		t.write(t.host+"/srv/d/containers/"+idA+"/config.v2.json", dockerConfig("web", ""))
		t.add(task{
			pid: 101, ppid: 100, comm: "app", cgroup: "/ours/" + idA, ns: within(1, all...),
			mountinfo: "630 621 8:1 /srv/d/containers/" + idA + "/hosts /etc/hosts rw,relatime - ext4 /dev/sda1 rw\n",
		})
	}, "docker:web id=A name=web image=nstui/bb:1 state=running by file"},
	// dockerd --userns-remap: seen with 20.10.
	{"docker with a user namespace", func(t *tree) {
		t.shim(100, "moby", idA)
		t.write(t.host+"/srv/d/100000.100000/containers/"+idA+"/config.v2.json", dockerConfig("web", ""))
		t.add(task{
			pid: 101, ppid: 100, uid: 100000, comm: "app", cgroup: "/docker/" + idA, ns: within(1, append(all, ns.User)...),
			mountinfo: "630 621 8:1 /srv/d/100000.100000/containers/" + idA + "/hosts /etc/hosts rw,relatime - ext4 /dev/sda1 rw\n",
		})
	}, "docker:web id=A name=web image=nstui/bb:1 state=running by file"},
	{"docker without its files", func(t *tree) {
		t.shim(100, "moby", idA)
		t.in(101, 100, "/docker/"+idA)
	}, "docker:0123456789ab id=A by nobody"},
	{"docker without its shim", func(t *tree) {
		t.write(t.host+"/var/lib/docker/containers/"+idA+"/config.v2.json", dockerConfig("web", ""))
		t.add(task{pid: 101, comm: "app", cgroup: "/docker/" + idA, ns: within(101, all...), nspid: "101\t7\t1"})
	}, "docker:web id=A name=web image=nstui/bb:1 state=running by file"},
	// A rootless dockerd names scopes runc-<id>: seen.
	{"docker rootless", func(t *tree) {
		name := t.write(t.host+"/home/u/.local/share/docker/containers/"+idA+"/config.v2.json", dockerConfig("web", ""))
		t.own(name, 1001)
		t.shim(100, "moby", idA)
		t.own(t.root+"/100", 1001)
		t.add(task{
			pid: 101, uid: 1001, ppid: 100, comm: "app", ns: within(101, all...),
			cgroup:    "/user.slice/user-1001.slice/user@1001.service/user.slice/runc-" + idA + ".scope",
			mountinfo: "1 1 0:58 / / rw - fuse.fuse-overlayfs fuse-overlayfs rw\n2 1 8:1 /home/u/.local/share/docker/containers/" + idA + "/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n",
		})
	}, "docker:web id=A name=web image=nstui/bb:1 state=running by file"},
	// cri-dockerd names containers k8s_… and labels them as the kubelet does (cri-dockerd core/labels.go).
	{"cri-dockerd", func(t *tree) {
		t.shim(100, "moby", idA)
		t.write(t.host+"/var/lib/docker/containers/"+idA+"/config.v2.json", dockerConfig("k8s_coredns_coredns-abcde_kube-system_"+podUID+"_0",
			`"io.kubernetes.docker.type": "container", "io.kubernetes.container.name": "coredns", "io.kubernetes.pod.name": "coredns-abcde",
			"io.kubernetes.pod.namespace": "kube-system", "io.kubernetes.pod.uid": "`+podUID+`"`))
		t.in(101, 100, podCgroup+"/docker-"+idA+".scope")
	}, "kube-system/coredns-abcde id=A name=coredns image=nstui/bb:1 uid=" + podUID + " state=running by file"},
	{"cri-dockerd's pause", func(t *tree) {
		t.shim(100, "moby", idA)
		t.write(t.host+"/var/lib/docker/containers/"+idA+"/config.v2.json", dockerConfig("k8s_POD_coredns-abcde_kube-system_"+podUID+"_0",
			`"io.kubernetes.docker.type": "podsandbox", "io.kubernetes.container.name": "POD", "io.kubernetes.pod.name": "coredns-abcde",
			"io.kubernetes.pod.namespace": "kube-system", "io.kubernetes.pod.uid": "`+podUID+`"`))
		t.in(101, 100, podCgroup+"/docker-"+idA+".scope")
	}, "kube-system/coredns-abcde id=A image=nstui/bb:1 uid=" + podUID + " state=running infra by file"},

	// containerd 1.6: seen. One shim has the whole pod; the bundles are beside each other.
	{"pod of containerd", func(t *tree) {
		t.shim(100, "k8s.io", idB)
		t.write(t.host+"/run/task/k8s.io/"+idB+"/config.json", criConfig("sandbox", ""))
		t.write(t.host+"/run/task/k8s.io/"+idA+"/config.json", criConfig("container", "coredns"))
		t.in(102, 100, podCgroup+"/cri-containerd-"+idB+".scope")
		t.in(101, 100, podCgroup+"/cri-containerd-"+idA+".scope")
	}, "kube-system/coredns-5d78c9869d-abcde id=A name=coredns image=registry.k8s.io/coredns:v1 uid=" + podUID + " by process"},
	{"pause of containerd", func(t *tree) {
		t.shim(100, "k8s.io", idA)
		t.write(t.host+"/run/task/k8s.io/"+idA+"/config.json", criConfig("sandbox", ""))
		t.in(101, 100, "/kubepods/burstable/pod"+podUID+"/"+idA)
	}, "kube-system/coredns-5d78c9869d-abcde id=A image=registry.k8s.io/coredns:v1 uid=" + podUID + " infra by process"},
	{"pod whose shim may not be looked into", func(t *tree) {
		t.shim(100, "k8s.io", idB)
		t.in(101, 100, podCgroup+"/cri-containerd-"+idA+".scope")
	}, "containerd:0123456789ab id=A uid=" + podUID + " by nobody"},
	{"pod whose other container tells of it", func(t *tree) {
		t.shim(100, "k8s.io", idB)
		t.write(t.host+"/run/task/k8s.io/"+idB+"/config.json", criConfig("sandbox", ""))
		t.in(102, 100, podCgroup+"/cri-containerd-"+idB+".scope")
		t.in(101, 100, podCgroup+"/cri-containerd-"+idA+".scope")
	}, "kube-system/coredns-5d78c9869d-abcde id=A uid=" + podUID + " by nobody"},
	{"container of containerd without a shim", func(t *tree) {
		t.write(t.host+"/run/containerd/runc/k8s.io/"+idA+"/state.json", `{"id": "x", "init_process_pid": 101, "init_process_start": 101, "config": {"rootfs": "/x",
			"labels": ["io.kubernetes.cri.sandbox-name=coredns", "io.kubernetes.cri.sandbox-namespace=kube-system", "io.kubernetes.cri.container-name=main", "bundle=/run/x"]}}`)
		t.in(101, 1, "/kubepods/besteffort/pod"+podUID+"/"+idA)
	}, "kube-system/coredns id=A name=main by file"},
	{"ctr", func(t *tree) {
		t.shim(100, "default", "plain1")
		t.write(t.host+"/run/task/default/plain1/config.json", `{"ociVersion": "1.0.2"}`)
		t.in(101, 100, "/default/plain1")
	}, "containerd:plain1 id=plain1 name=plain1 by process"},
	// nerdctl annotates the names it gives (nerdctl pkg/labels).
	{"nerdctl", func(t *tree) {
		t.shim(100, "default", idA)
		t.write(t.host+"/run/task/default/"+idA+"/config.json", `{"annotations": {"nerdctl/name": "web", "nerdctl/namespace": "default"}}`)
		t.in(101, 100, "/system.slice/nerdctl-"+idA+".scope")
	}, "containerd:web id=A name=web by process"},
	// kata's shim is another program, and has the name of that (kata-containers src/runtime/cmd/containerd-shim-kata-v2).
	{"kata", func(t *tree) {
		t.add(task{
			pid: 100, comm: "containerd-shim", cgroup: "/system.slice/containerd.service", cwd: t.host + "/run/task/k8s.io/" + idA,
			args: []string{"/opt/kata/bin/containerd-shim-kata-v2", "-namespace", "k8s.io", "-id", idA},
		})
		t.write(t.host+"/run/task/k8s.io/"+idA+"/config.json", criConfig("sandbox", ""))
		t.in(101, 100, "/kubepods/burstable/pod"+podUID+"/kata_"+idA)
	}, "kube-system/coredns-5d78c9869d-abcde id=A image=registry.k8s.io/coredns:v1 uid=" + podUID + " infra by process"},

	// kind: a node is a container of Docker, with a containerd in it (kind v0.20: kubelet.slice).
	{"kind", func(t *tree) {
		node := t.host + "-node"
		t.shim(90, "moby", idB)
		t.write(t.host+"/var/lib/docker/containers/"+idB+"/config.v2.json", strings.ReplaceAll(dockerConfig("kind-control-plane", ""), idA, idB))
		cgroup := "/docker/" + idB
		t.in(95, 90, cgroup+"/init.scope")
		t.add(task{
			pid: 100, ppid: 95, comm: "containerd-shim", cgroup: cgroup + "/system.slice/containerd.service", ns: within(95, all...), rootAt: node,
			args: []string{"/usr/local/bin/containerd-shim-runc-v2", "-namespace", "k8s.io", "-id", idA}, cwd: node + "/run/task/" + idA,
		})
		t.write(node+"/run/task/"+idA+"/config.json", criConfig("container", "coredns"))
		t.in(101, 100, cgroup+"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod"+podSlice+".slice/cri-containerd-"+idA+".scope")
	}, "docker:kind-control-plane > kube-system/coredns-5d78c9869d-abcde id=A name=coredns image=registry.k8s.io/coredns:v1 uid=" + podUID + " by process"},
	// k3s has a containerd of its own, with another socket (k3s pkg/agent/containerd).
	{"k3s", func(t *tree) {
		t.add(task{
			pid: 100, comm: "containerd-shim", cgroup: "/system.slice/k3s.service", cwd: t.host + "/run/k3s/task/" + idA,
			args: []string{"/var/lib/rancher/k3s/data/1/bin/containerd-shim-runc-v2", "-namespace", "k8s.io", "-id", idA, "-address", "/run/k3s/containerd/containerd.sock"},
		})
		t.write(t.host+"/run/k3s/task/"+idA+"/config.json", criConfig("container", "coredns"))
		t.in(101, 100, podCgroup+"/cri-containerd-"+idA+".scope")
	}, "kube-system/coredns-5d78c9869d-abcde id=A name=coredns image=registry.k8s.io/coredns:v1 uid=" + podUID + " by process"},

	// CRI-O 1.37: seen. Its conmon works in the bundle and has the kubelet's name for the container.
	{"cri-o", func(t *tree) {
		bundle := "/run/containers/storage/overlay-containers/" + idA + "/userdata"
		t.conmon(100, idA, "k8s_metrics_metrics-server-66_kube-system_"+podUID+"_0", bundle)
		t.write(t.host+bundle+"/config.json", `{"annotations": {"io.container.manager": "cri-o", "io.kubernetes.cri-o.ContainerType": "container",
			"io.kubernetes.cri-o.ImageName": "registry.k8s.io/metrics@sha256:1", "io.kubernetes.cri-o.UserRequestedImage": "registry.k8s.io/metrics:v1",
			"io.kubernetes.cri-o.Labels": "{\"app\":\"metrics\"}", "io.kubernetes.pod.name": "metrics-server-66",
			"io.kubernetes.pod.namespace": "kube-system", "io.kubernetes.pod.uid": "`+podUID+`", "io.kubernetes.container.name": "metrics"}}`)
		t.in(101, 100, podCgroup+"/crio-"+idA+".scope")
	}, "kube-system/metrics-server-66 id=A name=metrics image=registry.k8s.io/metrics:v1 uid=" + podUID + " app=metrics by process"},
	{"cri-o without its files", func(t *tree) {
		t.conmon(100, idA, "k8s_metrics_metrics-server-66_kube-system_"+podUID+"_0", "/gone")
		t.in(101, 100, podCgroup+"/crio-"+idA+".scope/container")
	}, "kube-system/metrics-server-66 id=A name=metrics uid=" + podUID + " by process"},
	{"pause of cri-o", func(t *tree) {
		t.conmon(100, idA, "k8s_POD_metrics-server-66_kube-system_"+podUID+"_0", "/gone")
		t.in(101, 100, podCgroup+"/crio-"+idA+".scope")
	}, "kube-system/metrics-server-66 id=A uid=" + podUID + " infra by process"},

	// podman 4.3: seen.
	{"podman", func(t *tree) {
		bundle := "/var/lib/containers/storage/overlay-containers/" + idA + "/userdata"
		t.conmon(100, idA, "pweb", bundle)
		t.write(t.host+bundle+"/config.json", `{"hostname": "0123", "annotations": {"io.container.manager": "libpod"}}`)
		t.write(t.host+"/var/lib/containers/storage/overlay-containers/containers.json", storage)
		t.in(101, 100, "/machine.slice/libpod-"+idA+".scope/container")
	}, "podman:renamed id=A name=renamed image=docker.io/nstui/bb:1 by process"},
	{"podman without its files", func(t *tree) {
		t.conmon(100, idA, "pweb", "/gone")
		t.in(101, 100, "/libpod_parent/libpod-"+idA)
	}, "podman:pweb id=A name=pweb by process"},
	{"podman rootless where control groups tell nothing", func(t *tree) {
		t.conmon(100, idA, "pweb", "/gone")
		t.in(101, 100, "/")
	}, "podman:pweb id=A name=pweb by process"},
	{"podman's pod", func(t *tree) {
		above := "/var/lib/containers/storage/overlay-containers/"
		t.conmon(100, idA, "pweb", above+idA+"/userdata")
		t.write(t.host+above+idA+"/userdata/config.json", `{"annotations": {"io.container.manager": "libpod", "io.kubernetes.cri-o.SandboxID": "`+idB+`"},
			"linux": {"namespaces": [{"type": "pid"}, {"type": "network", "path": "/proc/99/ns/net"}]}}`)
		t.write(t.host+above+idB+"/userdata/config.json", `{"hostname": "mypod", "annotations": {"io.container.manager": "libpod"}}`)
		t.write(t.host+above+"containers.json", storage)
		t.in(101, 100, "/")
	}, "mypod id=A name=renamed image=docker.io/nstui/bb:1 uid=cd6b5c4b03a5 by process"},
	{"infra of podman's pod", func(t *tree) {
		bundle := "/var/lib/containers/storage/overlay-containers/" + idA + "/userdata"
		t.conmon(100, idA, "fedcba987654-infra", bundle)
		t.write(t.host+bundle+"/config.json", `{"hostname": "mypod", "annotations": {"io.container.manager": "libpod"}}`)
		t.in(101, 100, "/libpod_parent/"+idB+"/libpod-"+idA)
	}, "mypod id=A name=fedcba987654-infra uid=B infra by process"},
	// What is in the bundle is for root.
	{"infra of podman's pod by its name", func(t *tree) {
		t.conmon(100, idA, "fedcba987654-infra", "/gone")
		t.in(101, 100, "/libpod_parent/"+idB+"/libpod-"+idA)
	}, "pod fedcba987654 id=A name=fedcba987654-infra uid=B infra by process"},
	{"infra of podman's pod by its name alone", func(t *tree) {
		t.conmon(100, idA, "fedcba987654-infra", "/gone")
		t.in(101, 100, "/")
	}, "pod fedcba987654 id=A name=fedcba987654-infra uid=fedcba987654 infra by process"},
	{"podman's conmon", func(t *tree) {
		t.conmon(101, idA, "pweb", "/gone")
	}, "podman:pweb id=A name=pweb infra by process"},

	// LXC 5: seen. LXD and Incus: their monitors have the folder in the title.
	{"lxc", func(t *tree) {
		t.add(task{pid: 100, comm: "lxc-start", args: []string{"[lxc monitor] /var/lib/lxc l1"}, cgroup: "/lxc.monitor.l1"})
		t.in(101, 100, "/lxc.payload.l1/system.slice/cron.service")
	}, "lxc:l1 name=l1 by process"},
	{"incus", func(t *tree) {
		t.add(task{pid: 100, comm: "incusd", args: []string{"[lxc monitor] /var/lib/incus/containers proj_web"}, cgroup: "/lxc.monitor.proj_web"})
		t.in(101, 100, "/lxc.payload.proj_web")
	}, "incus:proj_web name=proj_web by process"},
	{"lxd from a snap", func(t *tree) {
		t.add(task{pid: 100, comm: "lxd", args: []string{"[lxc monitor] /var/snap/lxd/common/lxd/containers web"}, cgroup: "/lxc.monitor.web"})
		t.in(101, 100, "/lxc.payload.web")
	}, "lxd:web name=web by process"},
	{"lxc without its monitor", func(t *tree) { t.in(101, 1, "/lxc.payload.l1") }, "lxc:l1 name=l1 by cgroup"},

	// systemd 252: seen.
	{"nspawn registered", func(t *tree) {
		t.write(t.host+"/run/systemd/machines/n1", "# This is private data. Do not parse.\nNAME=n1\nSERVICE=systemd-nspawn\nSCOPE=machine-n1.scope\nLEADER=101\n")
		t.add(task{pid: 100, comm: "systemd-nspawn", args: []string{"systemd-nspawn", "-M", "other"}, cgroup: "/machine.slice/machine-n1.scope/supervisor"})
		t.in(101, 100, "/machine.slice/machine-n1.scope/payload/init.scope")
	}, "nspawn:n1 name=n1 by file"},
	{"nspawn not registered", func(t *tree) {
		t.add(task{pid: 100, comm: "systemd-nspawn", args: []string{"systemd-nspawn", "-q", "-D", "/srv/trees/n2"}, cgroup: "/system.slice/x.service"})
		t.in(101, 100, "/system.slice/x.service/payload")
	}, "nspawn:n2 name=n2 by process"},
	{"a virtual machine of libvirt", func(t *tree) {
		t.add(task{pid: 101, comm: "qemu-system-x86", cgroup: `/machine.slice/machine-qemu\x2d1\x2dweb.scope/libvirt/emulator`})
	}, "libvirt:web name=web by cgroup"},

	// Sandboxes: seen with bubblewrap 0.8, firejail 0.9.72 and flatpak 1.14.
	{"bwrap", func(t *tree) {
		t.add(task{pid: 99, comm: "bwrap", args: []string{"bwrap", "--unshare-all"}, cgroup: "/user.slice/user-1.slice/session-1.scope"})
		t.add(task{pid: 100, ppid: 99, comm: "bwrap", cgroup: "/user.slice/user-1.slice/session-1.scope", ns: within(1, all...)})
		t.add(task{pid: 101, ppid: 100, comm: "sh", cgroup: "/user.slice/user-1.slice/session-1.scope", ns: within(1, all...)})
	}, "bwrap by nobody"},
	{"flatpak without a scope", func(t *tree) {
		root := t.host + "-flatpak"
		t.write(root+"/.flatpak-info", "[Application]\nname=org.test.App\nruntime=runtime/org.test.Platform/x86_64/1\n\n[Instance]\ninstance-id=4711\n")
		t.add(task{pid: 99, comm: "bwrap", args: []string{"bwrap", "--args", "40"}, cgroup: "/"})
		t.add(task{pid: 100, ppid: 99, comm: "bwrap", cgroup: "/", ns: within(1, all...), rootAt: root})
		t.add(task{pid: 101, ppid: 100, comm: "app", cgroup: "/", ns: within(1, all...), rootAt: root})
	}, "flatpak:org.test.App id=4711 name=org.test.App image=runtime/org.test.Platform/x86_64/1 by process"},
	{"flatpak in a scope", func(t *tree) {
		root, scope := t.host+"-flatpak", "/user.slice/user-1.slice/user@1.service/app.slice/app-flatpak-org.test.App-4711.scope"
		t.own(t.write(root+"/.flatpak-info", "[Application]\nname=org.test.App\nruntime=runtime/org.test.Platform/x86_64/1\n"), 1)
		t.add(task{pid: 96, comm: "bwrap", args: []string{"bwrap", "--args", "40"}, cgroup: scope, uid: 1})
		t.add(task{pid: 97, ppid: 96, comm: "bwrap", args: []string{"bwrap", "--args", "41"}, cgroup: scope, uid: 1})
		t.add(task{pid: 98, ppid: 97, comm: "xdg-dbus-proxy", cgroup: scope, uid: 1, ns: within(2, ns.Mnt, ns.User)})
		t.add(task{pid: 99, ppid: 96, comm: "bwrap", args: []string{"bwrap", "--args", "40"}, cgroup: scope, uid: 1, ns: within(1, all...), rootAt: root})
		t.add(task{pid: 101, ppid: 99, comm: "app", cgroup: scope, uid: 1, ns: within(1, all...), rootAt: root})
	}, "flatpak:org.test.App name=org.test.App image=runtime/org.test.Platform/x86_64/1 by process"},
	{"flatpak that root has started as a user", func(t *tree) {
		root, scope := t.host+"-flatpak", "/machine.slice/machine-m.scope/payload/user.slice/user-1.slice/user@1.service/app.slice/app-flatpak-org.test.App-4711.scope"
		t.own(t.write(root+"/.flatpak-info", "[Application]\nname=org.test.App\nruntime=runtime/org.test.Platform/x86_64/1\n"), 1)
		t.add(task{pid: 90, comm: "systemd", cgroup: "/machine.slice/machine-m.scope/payload/init.scope", ns: within(3, all...)})
		t.add(task{pid: 96, ppid: 90, comm: "bwrap", args: []string{"bwrap", "--args", "40"}, cgroup: scope, uid: 1, ns: within(3, all...)})
		t.add(task{pid: 101, ppid: 96, comm: "app", cgroup: scope, uid: 1, ns: within(1, all...), rootAt: root})
	}, "machine:m > flatpak:org.test.App name=org.test.App image=runtime/org.test.Platform/x86_64/1 by process"},
	{"firejail", func(t *tree) {
		t.add(task{pid: 99, comm: "firejail", args: []string{"firejail", "--noprofile", "--name=fjbox", "sleep"}, cgroup: "/"})
		t.add(task{pid: 100, ppid: 99, comm: "firejail", cgroup: "/", ns: within(1, all...)})
		t.add(task{pid: 101, ppid: 100, comm: "sleep", cgroup: "/", ns: within(1, all...)})
	}, "firejail:fjbox name=fjbox by process"},
	// snapd sandbox/cgroup, nomad client/lib/cgroupslib, firecracker docs/jailer.md.
	{"snap", func(t *tree) {
		t.add(task{pid: 101, comm: "firefox", cgroup: "/user.slice/user-1.slice/user@1.service/app.slice/snap.firefox.firefox-" + podUID + ".scope", ns: within(1, ns.Mnt)})
	}, "snap:firefox name=firefox by cgroup"},
	{"nomad", func(t *tree) { t.in(101, 1, "/nomad.slice/share.slice/"+podUID+".redis.scope") }, "nomad:redis id=" + podUID + " name=redis by cgroup"},
	{"firecracker", func(t *tree) { t.in(101, 1, "/firecracker/vm-1") }, "firecracker:vm-1 id=vm-1 by nobody"},

	// runc 1.1 and crun 1.8 by hand: seen.
	{"runc", func(t *tree) {
		t.write(t.host+"/run/runc/mybox/state.json", `{"id": "mybox", "init_process_pid": 7, "init_process_start": 101, "config": {}}`)
		t.add(task{pid: 101, comm: "app", cgroup: "/mybox", ns: within(1, all...), nspid: "101\t7\t1"})
	}, "runc:mybox id=mybox name=mybox by file"},
	{"crun", func(t *tree) {
		t.write(t.host+"/run/crun/mybox/status", `{"pid": 101, "process-start-time": 101, "cgroup-path": "/mybox", "bundle": "/srv"}`)
		t.in(101, 1, "/mybox")
	}, "crun:mybox id=mybox name=mybox by file"},
	{"another process of runc", func(t *tree) {
		t.write(t.host+"/run/runc/mybox/state.json", `{"id": "mybox", "init_process_pid": 101, "init_process_start": 100, "config": {}}`)
		t.in(101, 1, "/mybox")
	}, ""},

	{"a service with mounts of its own", func(t *tree) {
		t.add(task{pid: 101, comm: "timesyncd", cgroup: "/system.slice/systemd-timesyncd.service", ns: within(1, ns.Mnt)})
	}, "systemd-timesyncd.service name=systemd-timesyncd.service by unit"},
	{"nothing", func(t *tree) { t.add(task{pid: 101, comm: "sh", cgroup: "/"}) }, ""},
}

func TestRuntimes(t *testing.T) {
	for _, test := range runtimeTests {
		t.Run(test.name, func(t *testing.T) {
			tree := newTree(t)
			test.make(tree)
			n := tree.resolve()
			if got := n.Of(n.snap.ByPID(101)).line(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			checkLimits(t, n)
		})
	}
}

// checkLimits checks what holds for all names.
func checkLimits(t *testing.T, n *Names) {
	t.Helper()
	for _, p := range n.snap.Procs {
		o := n.Of(p)
		if o == nil {
			continue
		}
		if o.Short() == "" || o.Full() == "" {
			t.Errorf("process %d belongs to one without a name: %+v", p.PID, o)
		}
		for _, text := range []string{o.ID, o.Name, o.Image, o.ImageID, o.Handler, o.Project, o.Service, o.State} {
			if len(text) > maxText {
				t.Errorf("process %d has a text of %d bytes", p.PID, len(text))
			}
		}
		if len(o.Chain()) > maxDepth {
			t.Errorf("process %d is in %d containers", p.PID, len(o.Chain()))
		}
		if p.Kernel || p.PID == 1 {
			t.Errorf("process %d belongs to %s", p.PID, o)
		}
	}
}

// TestUnprivileged holds what is known without a right: control groups and arguments.
func TestUnprivileged(t *testing.T) {
	tree := newTree(t)
	hidden := func(p task) {
		tree.add(p)
		for _, name := range []string{"/cwd", "/root", "/ns/mnt"} {
			_ = os.Remove(fmt.Sprintf("%s/%d%s", tree.root, p.pid, name)) // some have none
		}
	}
	hidden(task{pid: 100, comm: "conmon", args: []string{"conmon", "-c", idA, "-n", "pweb", "-b", "/gone"}, cgroup: "/"})
	hidden(task{pid: 101, ppid: 100, comm: "app", cgroup: "/libpod_parent/libpod-" + idA})
	hidden(task{pid: 102, ppid: 101, comm: "child", cgroup: "/libpod_parent/libpod-" + idA})
	hidden(task{pid: 110, comm: "containerd-shim", args: []string{"containerd-shim-runc-v2", "-namespace", "default", "-id", "plain1"}})
	hidden(task{pid: 111, ppid: 110, comm: "app", cgroup: "/default/plain1"})
	hidden(task{pid: 120, comm: "bwrap", args: []string{"bwrap"}})
	hidden(task{pid: 121, ppid: 120, comm: "bwrap"})
	hidden(task{pid: 122, ppid: 121, comm: "app"})
	hidden(task{pid: 130, comm: "sh"})
	hidden(task{pid: 131, ppid: 130, comm: "app"})
	n := tree.resolve()
	for pid, want := range map[int]string{
		100: "", 101: "podman:pweb", 102: "podman:pweb", 110: "", 111: "containerd:plain1", 120: "", 121: "bwrap", 122: "bwrap", 130: "", 131: "",
	} {
		if got := of(n, pid); got != want {
			t.Errorf("process %d belongs to %q, not %q", pid, got, want)
		}
	}
}

// TestFlatpakScope holds that all in a scope of flatpak's is one container, which the app stands for.
func TestFlatpakScope(t *testing.T) {
	at := slices.IndexFunc(runtimeTests, func(r runtimeTest) bool { return r.name == "flatpak in a scope" })
	tree := newTree(t)
	runtimeTests[at].make(tree)
	rows := tree.resolve().Containers()
	if len(rows) != 1 || rows[0].Processes != 5 || rows[0].Leader.PID != 101 || rows[0].Host.Has(ns.PID) || rows[0].Host.Has(ns.Mnt) {
		t.Errorf("rows are %+v", rows)
	}
}
