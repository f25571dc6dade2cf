package container

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"nstui/procscan"
)

// dockerRoot is where dockerd keeps what it has unless it is told otherwise.
const dockerRoot = "/var/lib/docker"

// dockerContainers is the folder below that in which each container has its own, called by its ID, and dockerFile the
// file in there that says what dockerd knows of it.
const (
	dockerContainers = "/containers"
	dockerFile       = "config.v2.json"
)

// askDocker reads what dockerd keeps of a container, as a process sees it that dockerd started.
func (q *inquiry) askDocker(p process, a *answer) {
	root, err := p.link("root")
	if err != nil {
		return
	}
	defer root.close()
	q.readDocker(root, p.id, a)
}

// readDocker reads containers/ID/config.v2.json in the folder where dockerd keeps what it has. Where that is
// is told by the mounts of the container.
func (q *inquiry) readDocker(root folder, via procscan.ProcID, a *answer) {
	tried := q.shelf.dockerRoots()
	if q.dockerIn(root, via, tried, a) {
		return
	}
	if q.leader.PID == 0 {
		q.dockerIn(root, via, remappedIn(root), a)
		return
	}
	p, err := openProcess(q.root, q.leader)
	if err != nil {
		return
	}
	defer p.close()
	mounts, err := p.proc("mountinfo")
	if err != nil {
		return
	}
	var others []string
	for _, folder := range dockerFolders(mounts, q.hit.id) {
		if !slices.Contains(tried, folder) {
			others = append(others, folder)
		}
	}
	q.dockerIn(root, via, others, a)
}

// remappedIn returns the folders dockerd has below its own for containers with a user namespace: each is called by
// the uid and the gid that root of the containers has. See userns-remap in dockerd(8).
func remappedIn(root folder) (found []string) {
	for _, name := range root.names(dockerRoot, maxShelf) {
		if uid, gid, ok := strings.Cut(name, "."); ok && isNumber(uid) && isNumber(gid) {
			found = append(found, dockerRoot+"/"+name)
		}
	}
	return found
}

// dockerIn reads what dockerd keeps if it does so in one of the folders.
func (q *inquiry) dockerIn(root folder, via procscan.ProcID, folders []string, a *answer) bool {
	id := q.hit.id
	if q.sandbox {
		id = a.id
	}
	for _, at := range folders {
		name := at + dockerContainers + "/" + id + "/" + dockerFile
		text, st, err := root.read(name, inside, q.believed)
		if err != nil {
			continue
		}
		// Where no shim says that it is this container, its first process has to be the one.
		if (q.helper == nil || q.helper.kind != shim) && !q.numbered(dockerPID(text), st.Uid) {
			continue
		}
		if !a.learnDocker(text) {
			continue
		}
		a.id = id
		a.told(ByDisk)
		a.sources = append(a.sources, source{via: via, link: "root", path: name, stamp: stampIn(&st)})
		if st.Uid == 0 && !q.nested { // others would have their files looked for where somebody else says
			q.shelf.dockerAt(at)
		}
		return true
	}
	return false
}

// learnDocker takes over what a config.v2.json of dockerd says; false if it is none.
func (f *facts) learnDocker(text []byte) bool {
	var name, state string
	var labels map[string]string
	var image, imageID, sandbox string
	members(text, func(key, value []byte) bool {
		switch string(key) {
		case "Name":
			name = strings.TrimPrefix(jsonString(value), "/")
		case "Image":
			imageID = jsonString(value)
		case "Config":
			image = jsonString(member(value, "Image"))
			labels = stringMap(member(value, "Labels"))
		case "NetworkSettings":
			sandbox = jsonString(member(value, "SandboxKey"))
		case "State":
			state = dockerState(value)
		}
		return true
	})
	if name == "" {
		return false
	}
	f.runtime, f.name, f.image, f.netns, f.state = Docker, capped(name), capped(image), capped(sandbox), state
	f.imageID = digest(imageID)
	f.takeDocker(labels)
	return true
}

// takeDocker takes over the labels of a container of Docker. Those of its image are among them, whose author may
// write of any pod: so the kubelet's count only where the container is called as cri-dockerd calls it.
func (f *facts) takeDocker(labels map[string]string) {
	if kubeNamed(f.name, labels) {
		f.takeKubernetes(labels)
	}
	f.takeCompose(labels)
	f.labels = keptLabels(labels)
}

// dockerPID returns the first process of a container by its config.v2.json, as dockerd sees it; 0 if it tells
// of none.
func dockerPID(text []byte) int {
	pid, err := strconv.Atoi(string(bytes.TrimSpace(member(member(text, "State"), "Pid"))))
	if err != nil {
		return 0
	}
	return pid
}

// dockerState returns docker ps(1)'s word for the state in a config.v2.json.
func dockerState(text []byte) string {
	is := func(name string) bool { return string(bytes.TrimSpace(member(text, name))) == "true" }
	switch {
	case is("Paused"):
		return "paused"
	case is("Restarting"):
		return "restarting"
	case is("Running"):
		return "running"
	case is("Dead"):
		return "dead"
	default:
		return ""
	}
}

// dockerFolders returns where dockerd may keep what it has, by the mounts of a container of it, see
// proc_pid_mountinfo(5): its root file system is below, and its /etc/hosts is beside what is looked for.
func dockerFolders(mountinfo []byte, id string) []string {
	var found []string
	add := func(folder string) {
		if strings.HasPrefix(folder, "/") && !slices.Contains(found, folder) && len(found) < 8 {
			found = append(found, folder)
		}
	}
	for line := range bytes.Lines(mountinfo) {
		text := string(bytes.TrimSpace(line))
		fields := strings.Fields(text)
		if len(fields) < 10 {
			continue
		}
		if at := strings.Index(fields[3], dockerContainers+"/"+id+"/"); at > 0 {
			add(fields[3][:at])
		}
		if fields[4] != "/" {
			continue
		}
		_, upper, ok := strings.Cut(text, "upperdir=")
		if !ok {
			continue
		}
		upper, _, _ = strings.Cut(upper, ",")
		upper, _, _ = strings.Cut(upper, " ")
		for _, below := range []string{"/overlay2/", "/fuse-overlayfs/", "/containerd/daemon/"} {
			if at := strings.LastIndex(upper, below); at > 0 {
				add(upper[:at])
			}
		}
	}
	return found
}
