package container

import (
	"cmp"
	"encoding/json"
	"path"
	"strings"
)

// Annotations podman has from CRI-O.
const podmanSandbox = "io.kubernetes.cri-o.SandboxID"

// askPodman reads what podman keeps of a container beside its bundle: its name, which may have changed since
// its conmon was started, and its image. The container that holds the namespaces of a pod has the pod's name
// for a hostname.
func (q *inquiry) askPodman(p process, root folder, bundle string, c oci, a *answer) {
	a.sandbox = c.annotations[podmanSandbox]
	pod := ""
	if q.hit.podman {
		pod = q.hit.pod
	}
	if start, ok := strings.CutSuffix(a.name, "-infra"); ok && len(start) == shortID && isHex(start) && strings.HasPrefix(cmp.Or(pod, start), start) {
		a.infra = true
		a.pod = &Pod{Name: capped(c.hostname), UID: cmp.Or(pod, start)}
	}
	// BUNDLE is …/overlay-containers/ID/userdata.
	name := path.Dir(path.Dir(bundle)) + "/containers.json"
	stored, at, err := q.shelf.stored(root, name)
	if err != nil || !q.believed(at.uid) {
		return
	}
	if s, ok := stored[a.id]; ok {
		a.image = s.image
		a.sources = append(a.sources, source{via: p.id, link: "root", path: name, stamp: at})
		if s.name != "" {
			a.name = s.name
			a.told(ByDisk)
		}
	}
}

// stored is what podman's storage knows of a container.
type stored struct{ name, image string }

// parseStorage parses a containers.json of containers/storage: a list of all containers.
func parseStorage(text []byte) map[string]stored {
	var list []struct {
		ID       string
		Names    []string
		Metadata string // JSON once more
	}
	if json.Unmarshal(text, &list) != nil {
		return nil
	}
	found := make(map[string]stored, len(list))
	for _, c := range list {
		var s stored
		meta := []byte(c.Metadata)
		s.image = capped(jsonString(member(meta, "image-name")))
		if s.name = capped(jsonString(member(meta, "name"))); len(c.Names) > 0 {
			s.name = capped(c.Names[0])
		}
		found[c.ID] = s
	}
	return found
}
