package container

import (
	"testing"
)

// TestImageClaims holds that who made an image does not say in which pod its containers are, or of which project
// of compose: labels and annotations of an image are among those of its containers.
func TestImageClaims(t *testing.T) {
	const pod = `"io.kubernetes.container.name": "dns", "io.kubernetes.pod.name": "coredns", "io.kubernetes.pod.namespace": "kube-system", "io.kubernetes.pod.uid": "u"`
	docker := func(name, labels string) func(tree *tree) {
		return func(tree *tree) {
			tree.shim(100, "moby", idA)
			tree.write(tree.host+"/var/lib/docker/containers/"+idA+"/config.v2.json", dockerConfig(name, labels))
			tree.in(101, 100, "/docker/"+idA)
		}
	}
	podman := func(config string) func(tree *tree) {
		return func(tree *tree) {
			bundle := "/var/lib/containers/storage/overlay-containers/" + idA + "/userdata"
			tree.conmon(100, idA, "web", bundle)
			tree.write(tree.host+bundle+"/config.json", config)
			tree.in(101, 100, "/machine.slice/libpod-"+idA+".scope")
		}
	}
	for _, test := range []struct {
		name string
		make func(tree *tree)
		want string
	}{
		{"a pod's labels", docker("web", pod), "docker:web id=A name=web image=nstui/bb:1 state=running by file"},
		{"a pod's labels and its name", docker("k8s_dns_coredns_kube-system_u_0", pod), "kube-system/coredns id=A name=dns image=nstui/bb:1 uid=u state=running by file"},
		{"a pod's labels and another name of it", docker("k8s_dns_coredns_kube-system_u_0_1f2e", pod), "kube-system/coredns id=A name=dns image=nstui/bb:1 uid=u state=running by file"},
		{"a pod's labels and another's name", docker("k8s_dns_coredns_default_u_0", pod), "docker:k8s_dns_coredns_default_u_0 id=A name=k8s_dns_coredns_default_u_0 image=nstui/bb:1 state=running by file"},
		{"what compose has built", docker("web", `"com.docker.compose.project": "shop", "com.docker.compose.service": "db"`), "docker:web id=A name=web image=nstui/bb:1 state=running by file"},
		{"annotations of containerd's", podman(criConfig("container", "dns")), "podman:web id=A name=web by process"},
		{"annotations of CRI-O's", podman(`{"annotations": {"io.kubernetes.cri-o.ContainerType": "container", ` + pod + `}}`), "podman:web id=A name=web by process"},
		{"annotations of podman's pod", func(tree *tree) {
			podman(`{"annotations": {"io.container.manager": "libpod", "io.kubernetes.cri-o.SandboxID": "` + idB + `"}}`)(tree)
			above := tree.host + "/var/lib/containers/storage/overlay-containers/"
			tree.write(above+idB+"/userdata/config.json", `{"hostname": "mypod", "annotations": {"io.container.manager": "libpod"}}`)
			tree.write(above+"containers.json", storage)
		}, "podman:renamed id=A name=renamed image=docker.io/nstui/bb:1 by process"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tree := newTree(t)
			test.make(tree)
			n := tree.resolve()
			if got := n.Of(n.snap.ByPID(101)).line(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
