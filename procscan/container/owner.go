package container

import (
	"cmp"
	"strings"

	"nstui/procscan/container/engine"
)

// Runtime says what made a container. Its values are what people call it.
type Runtime string

// The runtimes that are told apart. One that nothing told of is "".
const (
	Docker      Runtime = "docker"
	Containerd  Runtime = "containerd" // by ctr, nerdctl or the kubelet
	CRIO        Runtime = "cri-o"
	Podman      Runtime = "podman"
	LXC         Runtime = "lxc"
	LXD         Runtime = "lxd"
	Incus       Runtime = "incus"
	Nspawn      Runtime = "nspawn"
	Machine     Runtime = "machine" // registered at systemd-machined(8), by whom is not known
	Libvirt     Runtime = "libvirt"
	Flatpak     Runtime = "flatpak"
	Snap        Runtime = "snap"
	Bwrap       Runtime = "bwrap"
	Firejail    Runtime = "firejail"
	Kata        Runtime = "kata"
	Firecracker Runtime = "firecracker"
	Nomad       Runtime = "nomad"
	Buildkit    Runtime = "buildkit"
	Runc        Runtime = "runc"
	Crun        Runtime = "crun"
	Kubernetes  Runtime = "kubernetes" // a pod of which no container is known
	Systemd     Runtime = "systemd"    // a unit, which is no container
)

// Layer is a source of names. The later ones cost more.
type Layer uint8

// The layers, in the order they are asked.
const (
	Nobody     Layer = iota // nobody told a name
	ByCgroup                // the path of its control group
	ByAncestor              // the runtime's process above it, its arguments and its files
	ByDisk                  // the files a runtime keeps
	BySocket                // the socket of a runtime's daemon
	ByUnit                  // the unit of systemd it runs in
)

// String returns the layer in a word.
func (l Layer) String() string {
	switch l {
	case ByCgroup:
		return "cgroup"
	case ByAncestor:
		return "process"
	case ByDisk:
		return "file"
	case BySocket:
		return "socket"
	case ByUnit:
		return "unit"
	default:
		return "nobody"
	}
}

// Owner is a container, or, where there is none, a unit of systemd. It is immutable. Each container has
// one Owner in a [Names], and keeps the same one from one Names to the next as long as nothing new is known
// of it. All text is as others chose it: hostile, but of maxText bytes each at most.
type Owner struct {
	Runtime Runtime
	// ID is what the runtime calls it: 64 hexadecimal digits for most, for others a name. It is empty
	// where nothing but the name is known, and for units.
	ID string
	// Name is what people call it: of a container of a pod that of the container in the pod, of a unit
	// that of the unit. Empty where nobody told.
	Name  string
	Image string
	// ImageID is the digest that tells the image from others of that name: sha256: and 64 hexadecimal digits.
	// Handler is the program that runs containers for the runtime, such as runc, crun or kata. Both are empty
	// where neither files nor a daemon tell.
	ImageID, Handler string
	// Pod is the pod of Kubernetes or podman it is in, nil if none. Those of containers of one pod are
	// equal, as values; so may those of others be, see [Owner.Home].
	Pod *Pod
	// Project and Service are those of compose.
	Project, Service string
	// Labels are what the runtime keeps under that word; nil where they are not known.
	Labels map[string]string
	// State is "paused" where the kernel has frozen it. Else it is what the runtime says, or else "running" if
	// the kernel says that it is not frozen; empty where nobody tells.
	State string
	// Infra says that it only serves others: the process that holds a pod's namespaces, or the
	// process of a runtime that watches over a container.
	Infra bool
	// Cgroup is the path of its control group.
	Cgroup string
	// From is who told the name.
	From Layer
	// In is the container it is in, nil if none.
	In *Owner
	// User is by whose word it is known, as a uid of ours: of the user who started it, which is not who its
	// processes run as. It is 0 where root says so, the system's units among them; a user may give what is
	// theirs any name and ID, also those of root's. [NoUser] where nobody can tell. What is in a container
	// that is not root's is of the same user; in one of root's it is as that container tells.
	User uint32
	// Monitor says that it is the runtime's process beside a container, as conmon and LXC's monitor are, in the
	// control group it has for that. Infra is true, too.
	Monitor bool

	// netns are the files that pin its network namespace, as its mount namespace sees them.
	netns string
}

// Pod is a pod. It is immutable.
type Pod struct {
	Name      string
	Namespace string // of Kubernetes; empty for podman
	UID       string // for podman its ID
}

// String returns NAMESPACE/NAME, as much of it as is known; else the start of its UID.
func (p *Pod) String() string {
	switch {
	case p.Name == "":
		return "pod " + short(p.UID)
	case p.Namespace == "":
		return p.Name
	default:
		return p.Namespace + "/" + p.Name
	}
}

// Home is a pod where it is: nobody can say that a container of theirs is in another user's.
type Home struct {
	Pod  Pod
	User uint32
	In   *Owner
}

// Home returns the pod it is in; ok is false if there is none, or nobody can tell whose it is.
func (o *Owner) Home() (h Home, ok bool) {
	if o == nil || o.Pod == nil || o.User == NoUser {
		return Home{}, false
	}
	return Home{*o.Pod, o.User, o.In}, true
}

// OnePod reports whether owners are all of one pod.
func OnePod(owners ...*Owner) bool {
	for _, o := range owners {
		first, ok := owners[0].Home()
		if home, known := o.Home(); !ok || !known || home != first {
			return false
		}
	}
	return len(owners) > 0
}

// Container reports whether it is a container, and not a unit.
func (o *Owner) Container() bool { return o != nil && o.Runtime != Systemd }

// byPod reports whether people call it by its pod: if that has a name, or if its own says nothing but the ID of
// the pod, as that of what holds the namespaces of podman's pods does.
func (o *Owner) byPod() bool {
	if o.Pod == nil || o.Pod.Name != "" {
		return o.Pod != nil
	}
	_, holds := infraOf(o.Name)
	return o.Infra && holds
}

// Short returns the name to show where there is little room: NAMESPACE/POD for a container in a pod, else
// its name, else the start of its ID. It is never empty.
func (o *Owner) Short() string {
	switch {
	case o.byPod():
		return o.Pod.String()
	case o.Name != "":
		return o.Name
	case o.ID != "":
		return short(o.ID)
	case o.Pod != nil:
		return o.Pod.String()
	default:
		return string(o.Runtime)
	}
}

// Full returns the name with all that tells it from others: NAMESPACE/POD/CONTAINER, else RUNTIME:NAME.
func (o *Owner) Full() string {
	name := o.Name
	if name == "" {
		name = short(o.ID)
	}
	switch {
	case o.Runtime == Systemd:
		return name
	case o.Pod != nil && o.Pod.Name != "":
		if name == "" {
			return o.Pod.String()
		}
		return o.Pod.String() + "/" + name
	case name == "":
		return o.Short()
	}
	if o.Runtime == "" {
		return name
	}
	return string(o.Runtime) + ":" + name
}

// Chain returns the containers it is in and itself, the outermost first.
func (o *Owner) Chain() []*Owner {
	var chain []*Owner
	for at := o; at != nil; at = at.In {
		chain = append(chain, at)
	}
	for i, j := 0, len(chain)-1; i < j; i, j = i+1, j-1 {
		chain[i], chain[j] = chain[j], chain[i]
	}
	return chain
}

// String returns the whole chain, such as "docker:kind-node > kube-system/coredns".
func (o *Owner) String() string {
	var b strings.Builder
	for i, link := range o.Chain() {
		if i > 0 {
			b.WriteString(" > ")
		}
		switch {
		case link.byPod():
			b.WriteString(link.Short())
		default:
			b.WriteString(link.Full())
		}
	}
	return b.String()
}

// SortName returns by what lists of containers are sorted by name: what it is in comes before its own name, and
// what only serves a pod is behind the others of it. It is not for people to read.
func (o *Owner) SortName() string {
	var b strings.Builder
	for _, link := range o.Chain() {
		if link.Pod != nil {
			b.WriteString(link.Pod.String() + "\x00")
		}
		name := cmp.Or(link.Name, link.Short())
		if link.Infra {
			name = "\U0010ffff" // the last
		}
		b.WriteString(name + "\x00")
	}
	return b.String()
}

// shortID is how many digits of an ID are shown, as docker ps(1) does.
const shortID = 12

func short(id string) string {
	if len(id) > shortID && isHex(id[:shortID]) {
		return id[:shortID]
	}
	return id
}

// maxText is how many bytes of any text from outside are kept.
const maxText = engine.MaxText

// capped returns the text, or as many whole characters of it as are kept. It does not keep a longer text in memory.
func capped(text string) string { return engine.Cut(text) }
