package container

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// oci is what is wanted of a config.json, see config.md of the OCI's runtime-spec.
type oci struct {
	annotations map[string]string
	hostname    string
	netns       string // the file of the network namespace it was put in, if it was
	joined      bool   // it was put in a namespace of a process
}

// parseOCI parses a config.json; false if it is none.
func parseOCI(text []byte) (oci, bool) {
	var c oci
	ok := members(text, func(name, value []byte) bool {
		switch string(name) {
		case "annotations":
			c.annotations = stringMap(value)
		case "hostname":
			c.hostname = jsonString(value)
		case "linux":
			c.netns, c.joined = spacesIn(member(value, "namespaces"))
		}
		return true
	})
	return c, ok
}

// spacesIn returns the path of the network namespace in the list of linux.namespaces, if that is a file, and
// whether any is a process's.
func spacesIn(list []byte) (netns string, joined bool) {
	left := maxSpaces
	elements(list, func(space []byte) bool {
		at := jsonString(member(space, "path"))
		switch {
		case strings.HasPrefix(at, "/proc/"):
			joined = true
		case netns == "" && jsonString(member(space, "type")) == "network":
			netns = capped(at)
		}
		left--
		return left > 0
	})
	return netns, joined
}

// stringMap decodes an object of strings; a member that is none is left out.
func stringMap(text []byte) map[string]string {
	found := make(map[string]string)
	left := maxAnnotations
	members(text, func(name, value []byte) bool {
		if key, text := jsonString(slices.Concat([]byte{'"'}, name, []byte{'"'})), jsonString(value); key != "" {
			found[key] = text
		}
		left--
		return left > 0
	})
	return found
}

// Bounds of what is looked at of namespaces and labels, and of what is kept of these. There are eight kinds of the
// ones, and a pod has some ten of the others.
const (
	maxSpaces      = 64
	maxLabels      = 64
	maxAnnotations = 1024
)

// jsonString decodes a JSON string; empty if it is none.
func jsonString(text []byte) string {
	if len(text) >= 2 && text[0] == '"' && !slices.Contains(text, '\\') {
		return string(text[1 : len(text)-1])
	}
	var s string
	if json.Unmarshal(text, &s) != nil {
		return ""
	}
	return s
}

// digest returns the digest of an image, empty if it is none: some leave out how it was made.
func digest(id string) string {
	if id = strings.TrimPrefix(id, "sha256:"); !isID(id) {
		return ""
	}
	return "sha256:" + id
}

// keptLabels returns as many labels as are kept, those first in order; nil where there is none.
func keptLabels(labels map[string]string) map[string]string {
	if len(labels) == 0 {
		return nil
	}
	kept := make(map[string]string, min(len(labels), maxLabels))
	for i, key := range slices.Sorted(maps.Keys(labels)) {
		if i == maxLabels {
			break
		}
		kept[capped(key)] = capped(labels[key])
	}
	return kept
}

// Annotations of containerd's CRI plugin, see pkg/cri/annotations of containerd.
const (
	criSandboxName      = "io.kubernetes.cri.sandbox-name"
	criSandboxNamespace = "io.kubernetes.cri.sandbox-namespace"
	criSandboxUID       = "io.kubernetes.cri.sandbox-uid"
	criContainerName    = "io.kubernetes.cri.container-name"
	criContainerType    = "io.kubernetes.cri.container-type"
	criImageName        = "io.kubernetes.cri.image-name"
	criSandboxImage     = "io.kubernetes.cri.podsandbox.image-name"
)

// Annotations of CRI-O, see pkg/annotations of cri-o; the first four are those of the kubelet.
const (
	kubePodName       = "io.kubernetes.pod.name"
	kubePodNamespace  = "io.kubernetes.pod.namespace"
	kubePodUID        = "io.kubernetes.pod.uid"
	kubeContainerName = "io.kubernetes.container.name"
	crioType          = "io.kubernetes.cri-o.ContainerType"
	crioImage         = "io.kubernetes.cri-o.ImageName"
	crioUserImage     = "io.kubernetes.cri-o.UserRequestedImage"
	crioLabels        = "io.kubernetes.cri-o.Labels"
	managerKey        = "io.container.manager"
)

// Annotations and labels of others.
const (
	nerdctlName      = "nerdctl/name"
	nerdctlNamespace = "nerdctl/namespace"
	dockerType       = "io.kubernetes.docker.type" // of cri-dockerd
	composeProject   = "com.docker.compose.project"
	composeService   = "com.docker.compose.service"
	composeNumber    = "com.docker.compose.container-number" // of containers alone
	podmanProject    = "io.podman.compose.project"
	podmanService    = "io.podman.compose.service"
)

// sandboxType is how CRI runtimes call what holds the namespaces of a pod, podman how it does.
const sandboxType = "sandbox"

// learn takes over what a config.json says. What podman starts has the annotations of its image, too, whose
// author is not to say in which pod it is.
func (f *facts) learn(c oci) {
	a := c.annotations
	f.netns = cmp.Or(f.netns, c.netns)
	switch {
	case a[managerKey] == "libpod", f.runtime == Podman:
		f.runtime = Podman
		return
	case a[criSandboxName] != "":
		f.runtime = Containerd
		f.pod = &Pod{Name: capped(a[criSandboxName]), Namespace: capped(a[criSandboxNamespace]), UID: capped(a[criSandboxUID])}
		f.name = capped(a[criContainerName])
		f.infra = a[criContainerType] == sandboxType
		f.image = capped(cmp.Or(a[criImageName], a[criSandboxImage]))
	case a[kubePodName] != "" && (a[managerKey] == "cri-o" || a[crioType] != ""):
		f.runtime = CRIO
		f.takeKubernetes(a)
		f.infra = a[crioType] == sandboxType
		f.image = capped(cmp.Or(a[crioUserImage], a[crioImage]))
		if f.infra {
			f.name = ""
		}
		f.labels = keptLabels(stringMap([]byte(a[crioLabels])))
	case a[nerdctlName] != "":
		f.runtime = Containerd
		f.name = capped(a[nerdctlName])
	}
	f.takeCompose(a)
}

// takeKubernetes takes over the kubelet's labels.
func (f *facts) takeKubernetes(labels map[string]string) {
	f.pod = &Pod{Name: capped(labels[kubePodName]), Namespace: capped(labels[kubePodNamespace]), UID: capped(labels[kubePodUID])}
	f.name = capped(labels[kubeContainerName])
	f.infra = labels[dockerType] == "podsandbox" || f.name == "POD"
	if f.infra {
		f.name = ""
	}
}

// takeCompose takes over the labels of compose. What it builds has some of them, too, whoever starts it then.
func (f *facts) takeCompose(labels map[string]string) {
	if labels[composeNumber] == "" && labels[podmanProject] == "" {
		return
	}
	f.project = cmp.Or(f.project, capped(cmp.Or(labels[composeProject], labels[podmanProject])))
	f.service = cmp.Or(f.service, capped(cmp.Or(labels[composeService], labels[podmanService])))
}
