package container

import "strings"

// hit is a container that the path of a control group names.
type hit struct {
	end     int // where its segment ends in the path
	runtime Runtime
	id      string
	name    string
	pod     string // UID or ID of its pod
	podman  bool   // the pod is podman's
	monitor bool   // it is the runtime's process beside the container
}

// named reports whether the hit says no more than a name, which the next container may have, too.
func (h *hit) named() bool { return len(h.id) != idDigits }

// machine reports whether systemd-nspawn(1) may watch over it from beside its payload.
func (h *hit) machine() bool { return h.runtime == Machine || h.runtime == Nspawn }

// idDigits is the length of the IDs of most runtimes: SHA-256 in hexadecimal digits.
const idDigits = 64

// parsed is what the path of a control group says.
type parsed struct {
	path string
	hits []hit // the outermost first
	// unit is the last unit of systemd in it, behind the last hit if there is one; unitEnd is where its
	// segment ends.
	unit    string
	unitEnd int
	// user is the user whose manager made the control group, "" for the system's.
	user string
}

// maxPath is how much of a path is looked at. PATH_MAX bounds what a control group can be made with.
const maxPath = 4096

// parsePaths parses the distinct paths of a process in all hierarchies, one a line, and returns what that
// says which names most containers; of those that name the same, the first, or one with a unit behind. On
// hosts with both versions of control groups one hierarchy may say "/" where the other has the container, see
// cgroups(7), or end at a machine whose units are in the other alone.
func parsePaths(lines string) parsed {
	var best parsed
	first := true
	for line := range strings.SplitSeq(lines, "\n") {
		p := parsePath(line)
		if first || len(p.hits) > len(best.hits) || best.unit == "" && p.unit != "" && p.inner() == best.inner() {
			best = p
		}
		first = false
	}
	return best
}

// inner returns the path of the innermost container, "" if there is none.
func (p *parsed) inner() string {
	if len(p.hits) == 0 {
		return ""
	}
	return p.path[:p.hits[len(p.hits)-1].end]
}

// walk is the parsing of a path, segment by segment. A segment is looked at with those above it and never
// with where it stands: what reads from within a control group namespace sees paths such as
// "/../../kubepods.slice/…", and containers are nested.
type walk struct {
	parsed

	parent, grand string // the segments above
	pod           string // that the segments above name
	podman        bool
	podEnd        int // where the segment of the pod ends
	nomad, kata   bool
}

// parsePath parses one path. It reads it once and allocates for hits alone.
func parsePath(path string) parsed {
	path = strings.TrimSuffix(path, " (deleted)") // of a zombie
	if len(path) > maxPath {
		path = path[:maxPath]
	}
	w := walk{parsed: parsed{path: path}}
	for at := 0; at < len(path); {
		next := strings.IndexByte(path[at:], '/')
		end := len(path)
		if next >= 0 {
			end = at + next
		}
		if segment := path[at:end]; segment != "" && segment != "." && segment != ".." {
			w.segment(segment, end)
			w.grand, w.parent = w.parent, segment
		}
		at = end + 1
	}
	if w.pod != "" && !w.podman {
		// A process of the pod and of none of its containers: of a sandbox that is a machine.
		w.hits = append(w.hits, hit{end: w.podEnd, runtime: Kubernetes, pod: w.pod})
	}
	return w.parsed
}

// segment takes the next segment, which ends at end.
func (w *walk) segment(s string, end int) {
	slice, _, glued := strings.Cut(s, ":") // see idOf
	if pod, podman := podOf(slice, w.parent); pod != "" {
		if w.pod, w.podman, w.podEnd = pod, podman, end; !glued {
			w.unit, w.unitEnd = "", 0
			return
		}
	}
	if n := len(w.hits); s == "supervisor" && n > 0 && w.hits[n-1].end == end-len("/supervisor") && w.hits[n-1].machine() {
		w.hits[n-1].monitor, w.hits[n-1].end = true, end
		return
	}
	switch s {
	case "nomad", "nomad.slice":
		w.nomad = true
	case "kata_overhead", "kata-overhead.slice", "kata_sandboxed_pod":
		w.kata = true
	}
	if len(w.hits) >= maxChain {
		return
	}
	h, ok := idOf(s, w.parent, w.grand)
	if !ok {
		h, ok = w.nameOf(s, end == len(w.path))
	}
	if ok {
		if w.kata {
			h.runtime, w.kata = Kata, false
		}
		h.end = end
		h.pod, h.podman = w.pod, w.podman
		if h.runtime == "" && h.pod != "" && !h.podman {
			h.runtime = Containerd
		}
		w.pod, w.podman = "", false
		w.hits = append(w.hits, h)
		w.unit, w.unitEnd = "", 0
		return
	}
	switch {
	case s == "init.scope" && w.unit != "" && w.unit == w.parent && strings.HasPrefix(w.unit, "user@"):
		// The manager of a user: its unit is the one by which the system's manager knows it.
	case w.parent == "user.slice" && len(w.hits) == 0 && w.user == "" && onlyRoots(w.path[:end]):
		if user, ok := strings.CutPrefix(strings.TrimSuffix(s, ".slice"), "user-"); ok && isNumber(user) {
			w.user = user
		}
	case len(s) > len(".service") && strings.HasSuffix(s, ".service"), len(s) > len(".scope") && strings.HasSuffix(s, ".scope"):
		w.unit, w.unitEnd = s, end
	}
}

// podOf returns the UID of the pod a segment names.
func podOf(s, parent string) (uid string, podman bool) {
	// The kubelet's cgroupfs driver: pod<uid>; a static pod has a hash for a UID.
	if uid, ok := strings.CutPrefix(s, "pod"); ok && isPodUID(uid, '-') {
		return uid, false
	}
	// podman's: the pod above its containers, libpod-<id>.
	if parent == "libpod_parent" && isID(s) {
		return s, true
	}
	slice, ok := strings.CutSuffix(s, ".slice")
	if !ok {
		return "", false
	}
	// podman's: machine-libpod_pod_<id>.slice, of users user-libpod_pod_<id>.slice
	if above, id, ok := strings.Cut(slice, "-libpod_pod_"); ok && above != "" && isID(id) {
		return id, true
	}
	// The kubelet's systemd driver, below kubelet-kubepods.slice in kind:
	// kubepods[-besteffort|-burstable]-pod<uid with _ for ->.slice
	at := strings.LastIndex(slice, "-pod")
	if at < 0 || !isPodUID(slice[at+len("-pod"):], '_') {
		return "", false
	}
	above := slice[:at]
	above = strings.TrimSuffix(strings.TrimSuffix(above, "-burstable"), "-besteffort")
	if above != "kubepods" && !strings.HasSuffix(above, "-kubepods") {
		return "", false
	}
	return strings.ReplaceAll(slice[at+len("-pod"):], "_", "-"), false
}

// idOf returns the container whose ID ends a segment: <id>, <prefix>-<id>.scope, and <slice>:<prefix>:<id>
// where a runtime was given a path for systemd and makes control groups itself.
func idOf(s, parent, grand string) (hit, bool) {
	body := strings.TrimSuffix(s, ".scope")
	if len(body) < idDigits || !isID(body[len(body)-idDigits:]) {
		return hit{}, false
	}
	h := hit{id: body[len(body)-idDigits:]}
	prefix := body[:len(body)-idDigits]
	switch {
	case prefix == "":
		h.runtime = runtimeBelow(parent, grand)
		return h, true
	case prefix[len(prefix)-1] == '-':
		prefix = prefix[:len(prefix)-1]
	case prefix[len(prefix)-1] == ':':
		prefix = prefix[:len(prefix)-1]
		prefix = prefix[strings.LastIndexByte(prefix, ':')+1:]
	case prefix == "kata_":
		return hit{id: h.id, runtime: Kata}, true
	default:
		return hit{}, false
	}
	if bare, ok := strings.CutSuffix(prefix, "-conmon"); ok {
		h.monitor = true
		prefix = bare
	}
	h.runtime = prefixes[prefix]
	return h, true
}

// prefixes are what runtimes put before the ID in the name of a scope. A runc- may be of any of them: a
// rootless dockerd's is.
var prefixes = map[string]Runtime{
	"docker":         Docker,
	"cri-containerd": Containerd,
	"containerd":     Containerd,
	"nerdctl":        Containerd,
	"crio":           CRIO,
	"libpod":         Podman,
	"libpod-payload": Podman,
	"libpod-runtime": Podman,
	"kata":           Kata,
}

// runtimeBelow returns whose containers are named by their bare ID below a segment.
func runtimeBelow(parent, grand string) Runtime {
	switch {
	case parent == "docker", parent == "actions_job", parent == "ecs", grand == "ecs":
		return Docker
	case parent == "k8s.io", parent == "default" && grand == "":
		return Containerd
	case parent == "libpod_parent":
		return Podman
	case parent == "firecracker":
		return Firecracker
	case parent == "buildkit":
		return Buildkit
	case parent == "lxc", parent == "lxc.payload":
		return LXC
	}
	return ""
}

// nameOf returns the container a segment names otherwise than by an ID. last says that it is the last one.
func (w *walk) nameOf(s string, last bool) (hit, bool) {
	for _, prefix := range []string{"lxc.payload.", "lxc.monitor."} {
		if name, ok := strings.CutPrefix(s, prefix); ok && name != "" {
			h := hit{runtime: LXC, name: name, monitor: prefix == "lxc.monitor."}
			return h, true
		}
	}
	switch w.parent {
	case "lxc", "lxc.payload":
		return hit{runtime: LXC, name: s}, true
	case "lxc.monitor":
		return hit{runtime: LXC, name: s, monitor: true}, true
	case "buildkit":
		return hit{runtime: Buildkit, id: s}, true
	case "firecracker":
		return hit{runtime: Firecracker, id: s}, true
	}
	if w.kata && last { // behind it may be the whole path of the container
		return hit{runtime: Kata, id: strings.TrimPrefix(strings.TrimSuffix(s, ".scope"), "runtime-rs-")}, true
	}
	if h, ok := w.nomadOf(s); ok {
		return h, true
	}
	if scope, ok := strings.CutSuffix(s, ".scope"); ok {
		return w.nameOfScope(scope)
	}
	if service, ok := strings.CutSuffix(s, ".service"); ok {
		if name, ok := strings.CutPrefix(service, "systemd-nspawn@"); ok && name != "" {
			return hit{runtime: Nspawn, name: unescape(name)}, true
		}
		return snapOf(service)
	}
	return hit{}, false
}

// nomadOf returns the task of nomad a segment names: <UUID of the allocation>.<task>, with a .scope that is not
// systemd's where there is the second version of control groups. What is above may have another name than
// nomad's; the parts that tasks share processors in have not.
func (w *walk) nomadOf(s string) (hit, bool) {
	switch w.parent {
	case "share", "share.slice", "reserve", "reserve.slice":
	default:
		if !w.nomad {
			return hit{}, false
		}
	}
	alloc, task, ok := strings.Cut(strings.TrimSuffix(s, ".scope"), ".")
	if !ok || !isUUID(alloc, '-') || task == "" {
		return hit{}, false
	}
	return hit{runtime: Nomad, id: alloc, name: task}, true
}

// nameOfScope returns the container in the name of a scope of systemd, given without its ".scope".
func (w *walk) nameOfScope(scope string) (hit, bool) {
	if name, ok := strings.CutPrefix(scope, "machine-"); ok && name != "" {
		name = unescape(name)
		for _, driver := range []string{"qemu-", "lxc-"} {
			// libvirt: machine-qemu\x2d1\x2dNAME.scope
			if number, domain, ok := strings.Cut(strings.TrimPrefix(name, driver), "-"); ok &&
				strings.HasPrefix(name, driver) && isNumber(number) && domain != "" {
				return hit{runtime: Libvirt, name: domain}, true
			}
		}
		return hit{runtime: Machine, name: name}, true
	}
	if app, ok := strings.CutPrefix(strings.TrimPrefix(scope, "app-"), "flatpak-"); ok {
		if at := strings.LastIndexByte(app, '-'); at > 0 && isNumber(app[at+1:]) {
			return hit{runtime: Flatpak, name: unescape(app[:at])}, true
		}
	}
	return snapOf(scope)
}

// snapOf returns the snap in the name of a unit without its type: snap.SNAP.APP, with a UUID behind it for
// a scope.
func snapOf(unit string) (hit, bool) {
	rest, ok := strings.CutPrefix(unit, "snap.")
	if !ok {
		return hit{}, false
	}
	if at := len(rest) - uuidLen; at > 0 && isUUID(rest[at:], '-') && (rest[at-1] == '-' || rest[at-1] == '.') {
		rest = rest[:at-1]
	}
	name, app, ok := strings.Cut(unescape(rest), ".")
	if !ok || name == "" || app == "" {
		return hit{}, false
	}
	if app != name {
		name += "." + app
	}
	return hit{runtime: Snap, name: name}, true
}
