package container

import (
	"context"
	"path"
	"time"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// crioFolders are where CRI-O keeps a folder for each container that was started since boot, those that hold a pod
// among them: of containers/storage, by its driver. The config.json of a pod says which network namespace it has,
// also where no process holds it, as CRI-O has it unless a pod needs one: see server/sandbox_run_linux.go of cri-o.
var crioFolders = []string{
	"/run/containers/storage/overlay-containers", "/run/containers/storage/vfs-containers", "/run/containers/storage/btrfs-containers",
}

// crioEvery is how often CRI-O's files are read where there are network namespaces nobody has told of.
const crioEvery = 10 * time.Second

// askCRIO asks CRI-O's files whose the network namespaces are that the host keeps in files and no process is in. Only
// what is root's is believed.
func (r *Resolver) askCRIO(ctx context.Context, s *survey) {
	host := s.host[ns.Mnt]
	wanted := make(map[string]bool)
	for i := range s.snap.Namespaces[ns.Net] {
		space := &s.snap.Namespaces[ns.Net][i]
		for _, k := range space.Keepers {
			if len(space.Members) == 0 && k.By == procscan.ByMount && k.Where.Ino == host && k.Path != "" && r.pinAt(space, k) == nil {
				wanted[pinPath(k.Path)] = true
			}
		}
	}
	if now := r.now(); host == 0 || len(wanted) == 0 || now.Before(r.crioNext) {
		return
	}
	r.crioNext = r.now().Add(crioEvery)
	at := s.hostRoot
	found, err := run(ctx, &r.errands, blame{}, func() []facts {
		root, err := openFolder(at)
		if err != nil {
			return nil
		}
		defer root.close()
		return crioPods(root, wanted)
	})
	if err != nil {
		return
	}
	for _, f := range found {
		e := &entry{sandbox: true, known: true, facts: f, pod: f.pod}
		r.pins[pinKey{path: pinPath(f.netns), where: host}] = pin{owner: e.build()}
	}
}

// crioPods returns the pods CRI-O has given one of the network namespaces.
func crioPods(root folder, wanted map[string]bool) []facts {
	var pods []facts
	room := maxStateBytes
	for _, at := range crioFolders {
		for _, id := range root.names(at, maxStates) {
			if !isID(id) {
				continue
			}
			text, _, err := root.readUpTo(path.Join(at, id, "userdata/config.json"), inside, func(uid uint32) bool { return uid == 0 }, min(maxState, room))
			room -= len(text)
			if err != nil {
				continue
			}
			c, ok := parseOCI(text)
			if !ok || !wanted[pinPath(c.netns)] {
				continue
			}
			f := facts{id: id, from: ByDisk}
			// Containers that have ended are no pod, but of one: they say the same of it.
			if f.learn(c); f.runtime == CRIO && f.pod != nil {
				f.infra, f.name, f.image = true, "", ""
				pods = append(pods, f)
			}
		}
	}
	return pods
}
