package container

import (
	"bytes"
	"cmp"
	"path"
	"strings"

	"nstui/procscan"
)

// inquiry is what is asked about one container. It is all that the goroutine that reads for it touches, and
// nobody else's, but for the shelf, which is locked.
type inquiry struct {
	root string // of proc
	host string // the root directory of the host, as we see it
	hit  hit
	user string // whose manager made the control group

	leader procscan.ProcID
	helper *helper // nil where there is none to be believed
	// outside is the first process above the leader that is not in the container; zero where there is none.
	outside procscan.ProcID
	// outsideRoot says that this is root's: then files of root's are there what they seem. beyond says that it is
	// not in the container that this one is in either.
	outsideRoot, beyond bool
	// ward is the leader, as one that others speak for, and trust by whose word the container is known.
	ward  ward
	trust uint32
	// bare says that the leader is in more namespaces of its own than a service of systemd is.
	bare bool
	// nested says that it is in another container: then nothing that the host knows is of it.
	nested bool
	// sandbox says that its control group does not name it.
	sandbox bool
	shelf   *shelf
}

// facts are what is found out about a container beyond its hit.
type facts struct {
	runtime          Runtime
	id, name         string
	image, imageID   string
	handler          string
	pod              *Pod
	project, service string
	labels           map[string]string
	state            string
	infra            bool
	from             Layer
	netns            string
	sandbox          string // ID of the container that holds the namespaces of its pod
}

// answer is what an inquiry brought.
type answer struct {
	facts

	known   bool // there is such a container
	trust   uint32
	sources []source
}

// source is a file that what is known of a container comes from, and how it was then.
type source struct {
	via  procscan.ProcID // the process that leads to it; zero for a path of ours
	link string          // "root" or "cwd" of that
	path string
	stamp
}

// look asks all there is to ask, the cheapest first.
func (q *inquiry) look() answer {
	var a answer
	if q.helper != nil {
		q.askHelper(&a)
	}
	if q.hit.runtime == Flatpak {
		q.askFlatpak(&a)
	}
	if a.from == Nobody && !q.beyond {
		q.askDisk(&a)
	}
	a.trust = q.trust
	return a
}

// told notes that a layer told the name.
func (a *answer) told(by Layer) {
	a.known = true
	if a.from == Nobody {
		a.from = by
	}
}

// askHelper asks the runtime's process, its arguments first and then its files.
func (q *inquiry) askHelper(a *answer) {
	p, err := openProcess(q.root, q.helper.id)
	if err != nil {
		return
	}
	defer p.close()
	args := q.helper.args
	if args == nil {
		args = p.arguments()
	}
	if len(args) == 0 {
		return
	}
	switch q.helper.kind {
	case shim:
		q.askShim(p, args, a)
	case conmon:
		q.askConmon(p, args, a)
	case lxcMonitor:
		if folder, name, ok := lxcTitle(args); ok && (q.hit.name == "" || q.hit.name == name) {
			a.runtime, a.name = lxcRuntime(folder), capped(name)
			a.told(ByAncestor)
		}
	case nspawn:
		if name := machineName(args); name != "" && (q.hit.name == "" || q.hit.name == name) {
			a.runtime, a.name = Nspawn, capped(name)
			a.told(ByAncestor)
		}
	case firejail:
		a.known, a.runtime = true, Firejail
		if name := flags(args, firejailFlags)["name"]; name != "" {
			a.name = capped(name)
			a.told(ByAncestor)
		}
	case bwrap:
		a.known, a.runtime = true, Bwrap
		q.askFlatpak(a)
	}
}

// lxcRuntime says who keeps its containers in a folder.
func lxcRuntime(folder string) Runtime {
	for part := range strings.SplitSeq(folder, "/") {
		switch part {
		case "lxd":
			return LXD
		case "incus":
			return Incus
		}
	}
	return LXC
}

// askShim asks a shim of containerd. Its working directory is the bundle of the container it was started for,
// and those of the others are beside.
func (q *inquiry) askShim(p process, args []string, a *answer) {
	f := flags(args, shimFlags)
	id := q.hit.id
	if q.sandbox {
		id = f["id"]
	}
	if !plain(id) {
		return
	}
	if q.beyond && id != f["id"] {
		return // what is in a container may be called as one that is beside it
	}
	if f["namespace"] == "moby" {
		if id == f["id"] {
			a.known, a.runtime, a.id, a.handler = true, Docker, capped(id), q.shimHandler(p, id, args[0])
			q.askDocker(p, a)
		}
		return
	}
	cwd, err := p.link("cwd")
	if err == nil {
		defer cwd.close()
		places := []string{"../" + id + "/config.json"}
		if id == f["id"] {
			places = append(places, "config.json")
		}
		for _, name := range places {
			if text, _, err := cwd.read(name, beside, q.believed); err == nil {
				if c, ok := parseOCI(text); ok {
					a.known = true
					a.learn(c)
					break
				}
			}
		}
	}
	if !a.known && id != f["id"] {
		return // a pod's other container, or somebody else's: it cannot be told
	}
	a.runtime, a.id, a.known, a.handler = Containerd, capped(id), true, q.shimHandler(p, id, args[0])
	if strings.Contains(path.Base(args[0]), "kata") {
		a.runtime = Kata
	}
	switch {
	case a.name != "" || a.pod != nil:
		a.told(ByAncestor)
	case isID(id) && id == f["id"]:
		q.askDocker(p, a) // dockerd may be told to take another namespace
	case len(id) != idDigits || !isHex(id):
		a.name = capped(id) // with ctr the name is all there is
		a.told(ByAncestor)
	}
}

// shimHandler returns what a shim runs containers with: its own name says so, see the runtimes of containerd, but
// that of runc may run what works alike, as a file in the bundle says.
func (q *inquiry) shimHandler(p process, id, program string) string {
	name, ok := strings.CutPrefix(path.Base(program), "containerd-shim-")
	if !ok {
		return ""
	}
	if at := strings.LastIndex(name, "-v"); at > 0 && isNumber(name[at+len("-v"):]) {
		name = name[:at]
	}
	if name != "runc" {
		return capped(name)
	}
	cwd, err := p.link("cwd")
	if err != nil {
		return ""
	}
	defer cwd.close()
	text, _, err := cwd.readUpTo("../"+id+"/runtime", beside, q.believed, maxHandler)
	switch {
	case err != nil:
		return ""
	case len(bytes.TrimSpace(text)) == 0:
		return "runc" // nobody chose another
	}
	return capped(path.Base(string(bytes.TrimSpace(text))))
}

// maxHandler is how long the file may be: it has a name, or a path.
const maxHandler = 4 << 10

// believed reports whether a file of the user may tell about the container. Of what is a user's, root's files
// say nothing: a user may call it as one of root's containers.
func (q *inquiry) believed(uid uint32) bool { return uid == q.trust }

// askConmon asks a conmon: its arguments name the container, and its bundle, as it sees it, has the rest.
func (q *inquiry) askConmon(p process, args []string, a *answer) {
	f := flags(args, conmonFlags)
	if f["id"] == "" || q.hit.id != "" && q.hit.id != f["id"] {
		return
	}
	a.known, a.runtime, a.id = true, Podman, capped(f["id"])
	if f["runtime"] != "" {
		a.handler = capped(path.Base(f["runtime"]))
	}
	if container, pod := kubeName(f["name"]); pod != nil {
		a.runtime, a.name, a.pod = CRIO, container, pod
		if a.infra = container == "POD"; a.infra {
			a.name = ""
		}
	} else {
		a.name = capped(f["name"])
	}
	if a.runtime == Podman {
		q.takeInfra(a, "")
	}
	if a.name != "" || a.pod != nil {
		a.told(ByAncestor)
	}
	if !path.IsAbs(f["bundle"]) {
		return
	}
	root, err := p.link("root")
	if err != nil {
		return
	}
	defer root.close()
	bundle := path.Clean(f["bundle"])
	text, _, err := root.read(bundle+"/config.json", inside, q.believed)
	if err != nil {
		return
	}
	c, ok := parseOCI(text)
	if !ok {
		return
	}
	name, pod := a.name, a.pod
	if a.learn(c); pod != nil {
		a.name, a.pod = name, pod // CRI-O's own word, and not that of an annotation
	}
	if a.runtime == Podman {
		a.name = name
		q.askPodman(p, root, bundle, c, a)
	}
}

// askFlatpak looks for what flatpak(1) leaves in each sandbox, see flatpak-metadata(5).
func (q *inquiry) askFlatpak(a *answer) {
	p, err := openProcess(q.root, q.leader)
	if err != nil {
		return
	}
	defer p.close()
	root, err := p.link("root")
	if err != nil {
		return
	}
	defer root.close()
	// Who runs it may be another than by whose word it is known, as of what root starts as a user.
	runs := func(uid uint32) bool { return q.believed(uid) || uid != 0 && uid == q.ward.uid }
	text, _, err := root.read(".flatpak-info", inside, runs)
	if err != nil {
		return
	}
	var info facts
	group := ""
	for line := range strings.Lines(string(text[:min(len(text), maxProc)])) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			group = line
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		switch group + key {
		case "[Application]name":
			info.name = capped(value)
		case "[Application]runtime":
			info.image = capped(value)
		case "[Instance]instance-id":
			info.id = capped(value)
		}
	}
	if info.name == "" || q.hit.name != "" && q.hit.name != info.name {
		return
	}
	a.runtime, a.name, a.image, a.id = Flatpak, info.name, info.image, info.id
	a.told(ByAncestor)
}

// askDisk looks for what runtimes keep of a container where no process of theirs told of it. It looks as the
// process does that the container's first one is a child of: that may be in another container.
func (q *inquiry) askDisk(a *answer) {
	for _, v := range q.views() {
		q.readDisk(v, a)
		v.close()
		if a.from != Nobody {
			return
		}
	}
}

// view is a root directory to look for files of runtimes in.
type view struct {
	folder

	via procscan.ProcID // whose it is; zero for the host's
	// own says that it is a user's, who may have put any file system there: one that says that a file is root's
	// is not believed.
	own bool
}

// views opens the root directories to look in: that of the process outside, and that of the host if it is the
// same, or may be.
func (q *inquiry) views() (list []view) {
	sure := q.nested || q.outsideRoot
	if sure || q.trust != 0 {
		if p, err := openProcess(q.root, q.outside); err == nil {
			defer p.close()
			if root, err := p.link("root"); err == nil {
				list = append(list, view{root, p.id, !sure})
			}
		}
	}
	if q.nested || sure && len(list) > 0 {
		return list
	}
	// The root of the process may be refused, its pid may be another's by now.
	if host, err := openFolder(cmp.Or(q.host, "/")); err == nil {
		list = append(list, view{folder: host})
	}
	return list
}

// readDisk looks below one root directory.
func (q *inquiry) readDisk(v view, a *answer) {
	runtime := cmp.Or(a.runtime, q.hit.runtime)
	switch {
	case runtime == Machine, runtime == Nspawn, runtime == Libvirt:
		q.readMachine(v.folder, a)
	case isID(q.hit.id):
		if runtime == Docker || runtime == "" {
			q.readDocker(v.folder, v.via, a)
		}
		if a.from == Nobody {
			q.readState(v.folder, a)
		}
	case q.sandbox && q.bare:
		q.findState(v, a)
	}
}
