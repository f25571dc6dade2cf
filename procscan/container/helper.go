package container

import (
	"path"
	"strings"

	"nstui/procscan"
)

// helperKind says what a process of a runtime is that stands above a container.
type helperKind uint8

const (
	noHelper helperKind = iota
	shim                // containerd-shim-runc-v2 and its like
	conmon              // of podman and CRI-O
	lxcMonitor
	nspawn
	firejail
	bwrap
)

// helper is such a process. It is a copy: who reads its files may be left behind.
type helper struct {
	id   procscan.ProcID
	kind helperKind
	uid  uint32
	args []string // nil where they are not read yet
}

// kindOf says what a process calls itself. Any process can call itself anything: see ward.believes.
func kindOf(p *procscan.Process) helperKind {
	// The kernel keeps 15 bytes of a name.
	switch p.Comm {
	case "containerd-shim":
		return shim
	case "conmon", "conmonrs":
		return conmon
	case "lxc-start", "lxc-execute", "lxd", "incusd", "[lxc monitor] /", "[lxc monitor]":
		return lxcMonitor
	case "systemd-nspawn":
		return nspawn
	case "firejail":
		return firejail
	case "bwrap", "flatpak-bwrap":
		return bwrap
	}
	return noHelper
}

func helperOf(p *procscan.Process, kind helperKind) *helper {
	h := &helper{id: p.ID(), kind: kind, uid: p.UID}
	if p.Texts {
		h.args = p.Args
	}
	return h
}

// maxDepth is how many processes above a process are looked at. Their parents may change while they are
// read, so that there may even be a circle.
const maxDepth = 64

// flags returns the values of options in a command line, by the names they are given under.
func flags(args []string, names map[string]string) map[string]string {
	found := make(map[string]string)
	for i := 1; i < len(args); i++ {
		name, value, glued := strings.Cut(args[i], "=")
		key, wanted := names[name]
		switch {
		case args[i] == "--":
			return found
		case !wanted:
			continue
		case !glued:
			if i++; i == len(args) {
				return found
			}
			value = args[i]
		}
		if _, twice := found[key]; !twice {
			found[key] = value
		}
	}
	return found
}

var (
	shimFlags = map[string]string{
		"-namespace": "namespace", "--namespace": "namespace", "-id": "id", "--id": "id",
	}
	conmonFlags = map[string]string{
		"-c": "id", "--cid": "id", "-n": "name", "--name": "name", "-b": "bundle", "--bundle": "bundle",
		"-r": "runtime", "--runtime": "runtime",
	}
	nspawnFlags = map[string]string{
		"-M": "machine", "--machine": "machine", "-D": "directory", "--directory": "directory", "-i": "image", "--image": "image",
	}
	firejailFlags = map[string]string{"--name": "name"}
)

// lxcTitle returns what the monitor of an LXC container has for a title: "[lxc monitor] PATH NAME".
func lxcTitle(args []string) (folder, name string, ok bool) {
	rest, ok := strings.CutPrefix(strings.Join(args, " "), "[lxc monitor] ")
	if !ok {
		return "", "", false
	}
	rest = strings.TrimRight(rest, " ")
	at := strings.LastIndexByte(rest, ' ')
	if at < 0 || at == len(rest)-1 {
		return "", "", false
	}
	return rest[:at], rest[at+1:], true
}

// kubeName is what a container of Kubernetes is called where names are all there is:
// k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT, none of which holds a "_".
func kubeName(name string) (container string, pod *Pod) {
	parts := strings.Split(name, "_")
	if len(parts) != 6 || parts[0] != "k8s" {
		return "", nil
	}
	return capped(parts[1]), &Pod{Name: capped(parts[2]), Namespace: capped(parts[3]), UID: capped(parts[4])}
}

// kubeNamed reports whether a container is called so by what the kubelet's labels say. Where that name was taken
// there is a number more at the end.
func kubeNamed(name string, labels map[string]string) bool {
	if labels[kubePodName] == "" {
		return false
	}
	parts := []string{"k8s", labels[kubeContainerName], labels[kubePodName], labels[kubePodNamespace], labels[kubePodUID]}
	return strings.HasPrefix(name, capped(strings.Join(parts, "_")+"_"))
}

// plain reports whether a text can stand for one segment of a path.
func plain(segment string) bool {
	return segment != "" && segment != "." && segment != ".." && !strings.ContainsAny(segment, "/\x00")
}

// machineName returns what systemd-nspawn(1) calls its machine.
func machineName(args []string) string {
	f := flags(args, nspawnFlags)
	switch {
	case f["machine"] != "":
		return f["machine"]
	case f["directory"] != "":
		return path.Base(f["directory"])
	case f["image"] != "":
		return strings.TrimSuffix(path.Base(f["image"]), ".raw")
	}
	return ""
}
