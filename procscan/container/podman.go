package container

import (
	"bytes"
	"cmp"
	"encoding/json"
	"path"
	"strings"
)

// Annotations podman has from CRI-O.
const podmanSandbox = "io.kubernetes.cri-o.SandboxID"

// takeInfra takes a container for the one that holds the namespaces of a pod if it is called so: by the start
// of the ID of the pod. It has the name of the pod for a hostname.
func (q *inquiry) takeInfra(a *answer, hostname string) {
	uid, ok := infraOf(a.name)
	if !ok {
		return
	}
	if q.hit.podman && strings.HasPrefix(q.hit.pod, uid) {
		uid = q.hit.pod
	}
	a.infra = true
	if hostname != "" {
		a.pod = &Pod{Name: capped(hostname), UID: uid}
	}
}

// infraOf returns the start of the ID of the pod of which a container is called as the one that holds its
// namespaces.
func infraOf(name string) (uid string, ok bool) {
	uid, ok = strings.CutSuffix(name, "-infra")
	return uid, ok && len(uid) == shortID && isHex(uid)
}

// askPodman reads what podman keeps of a container beside its bundle: its name, which may have changed since
// its conmon was started, and its image; and of which pod it is.
func (q *inquiry) askPodman(p process, root folder, bundle string, c oci, a *answer) {
	q.takeInfra(a, c.hostname)
	if c.joined || q.hit.podman { // or else its image says so
		a.sandbox = c.annotations[podmanSandbox]
	}
	// BUNDLE is …/overlay-containers/ID/userdata.
	containers := path.Dir(path.Dir(bundle))
	name := containers + "/containers.json"
	stored, at, err := q.shelf.stored(root, name, q.believed)
	if err != nil {
		return
	}
	if s, ok := stored[a.id]; ok {
		a.image, a.imageID = s.image, s.imageID
		a.sources = append(a.sources, source{via: p.id, link: "root", path: name, stamp: at})
		if s.name != "" {
			a.name = s.name
			a.told(ByDisk)
		}
	}
	// What holds the namespaces of its pod may have ended.
	uid, ok := infraOf(stored[a.sandbox].name)
	if !ok || !isID(a.sandbox) {
		return
	}
	if q.hit.podman && strings.HasPrefix(q.hit.pod, uid) {
		uid = q.hit.pod
	}
	text, _, err := root.read(containers+"/"+a.sandbox+"/userdata/config.json", inside, q.believed)
	if err != nil {
		return
	}
	if holds, ok := parseOCI(text); ok && holds.hostname != "" {
		a.pod = &Pod{Name: capped(holds.hostname), UID: uid}
		a.netns = cmp.Or(a.netns, holds.netns)
	}
}

// stored is what podman's storage knows of a container; podmans says that it is podman's own.
type stored struct {
	name, image, imageID string
	podmans              bool
}

// storedByID is what it knows of all of them.
type storedByID map[string]stored

// maxStored is how many containers are looked at in one storage.
const maxStored = 4096

// parseStorage parses a containers.json of containers/storage: a list of all containers, those among them that CRI-O
// and buildah keep there. Podman writes the name into the metadata (libpod/storage.go of podman), CRI-O that and the
// pod (internal/storage/runtime.go of cri-o), buildah nothing (new.go of buildah). Its user may have written anything.
func parseStorage(text []byte) storedByID {
	list := json.NewDecoder(bytes.NewReader(text))
	if start, err := list.Token(); err != nil || start != json.Delim('[') {
		return nil
	}
	found := make(storedByID)
	for range maxStored {
		if !list.More() {
			break
		}
		var c struct {
			ID       string
			Image    string // its ID
			Names    []string
			Metadata string // JSON once more
		}
		if list.Decode(&c) != nil {
			break
		}
		if !isID(c.ID) {
			continue
		}
		var s stored
		meta := []byte(c.Metadata)
		s.imageID = digest(c.Image)
		s.image = capped(jsonString(member(meta, "image-name")))
		s.podmans = jsonString(member(meta, "name")) != "" && jsonString(member(meta, "pod-id")) == ""
		if s.name = capped(jsonString(member(meta, "name"))); len(c.Names) > 0 {
			s.name = capped(c.Names[0])
		}
		found[c.ID] = s
	}
	return found
}
