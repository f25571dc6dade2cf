package container

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// How many digits of an ID are enough to name a container by it, and enough that it means nothing else.
const (
	minPrefix = 4
	longID    = 12
)

// Find returns the containers or units that are meant by a word a user typed:
//
//	NAME, container:NAME       a container by its name (that in a pod, that of compose, RUNTIME:NAME, what
//	                           lists call it: OUTER > NAME, infra of POD)
//	                           or by at least four digits of its ID (also RUNTIME:ID); a pod
//	pod/NAME, pod/NS/NAME      a pod (also pod:…), or with /CONTAINER behind one container of it; infra is what
//	                           holds it
//	compose:NAME               all containers of a project of compose, or with /SERVICE behind those of one service
//	k8s:NAME                   all containers in a namespace of Kubernetes
//	unit:NAME                  a unit of systemd, a service if no type is said
//
// Twelve digits of an ID and more mean the ID before anything else. A name that is the whole name of something
// means nothing else; the next best is the name of a deployment, which its pods have before a dash; then the
// start of an ID. Several owners of one pod are one answer to the question for the pod; other than that, more
// than one is for the user to choose from. What only serves others is found only where nothing else is.
//
// Anybody can give what is theirs any name: what [Names.Trusted] says no of is never found alone where a word
// means one that it says yes of, too, however badly. Then both are found, those that are trusted first. Nor do
// those of one user, or in one container, hide another's.
//
// A pod of which nothing is left but its network namespace, see [Names.Pinned], is found by its name and its UID
// where no container is.
func (n *Names) Find(word string) []*Owner {
	found, _ := n.Named(Split(word))
	return found
}

// Named is Find of a word that has been split. It also says whether what was found has the name, and not only an ID
// that begins so.
func (n *Names) Named(prefix, name string) (found []*Owner, named bool) {
	if n == nil || name == "" {
		return nil, false
	}
	switch prefix {
	case UnitPrefix:
		return n.findUnit(name), true
	case PodPrefix:
		return n.search(podMatch(name))
	case ComposePrefix:
		return n.search(composeMatch(name))
	case K8sPrefix:
		return n.search(groupMatch(podNamespace, name))
	default:
		return n.search(nameMatch(name))
	}
}

// Pinned returns the inode number of the network namespace that is left of a pod without processes, which a
// runtime keeps in a file; ok is false for all others. It is known only where the snapshot has namespaces without
// processes: see procscan.Mounts.
func (n *Names) Pinned(o *Owner) (ino uint64, ok bool) {
	if n == nil || o == nil {
		return 0, false
	}
	for at, owner := range n.pinned {
		if owner == o && (!ok || at < ino) {
			ino, ok = at, true
		}
	}
	return ino, ok
}

// match says how well an owner is meant; zero is not at all, less is better.
type match func(o *Owner) int

// How an owner can be meant.
const (
	byLongID = 1 + iota
	byName
	byPodName
	byDeployment
	byWholeID
	byPrefix
	numMatches
)

// groupMatch matches all of a group that has the name.
func groupMatch(group func(*Owner) string, name string) match {
	return func(o *Owner) int {
		if group(o) == name {
			return byName
		}
		return 0
	}
}

// composeMatch matches PROJECT, and PROJECT/SERVICE as details have it.
func composeMatch(name string) match {
	project, service, one := strings.Cut(name, "/")
	return func(o *Owner) int {
		if o.Project == project && (!one || o.Service != "" && o.Service == service) {
			return byName
		}
		return 0
	}
}

// podNamespace returns the namespace of Kubernetes a container is in; empty for none.
func podNamespace(o *Owner) string {
	if o.Pod == nil {
		return ""
	}
	return o.Pod.Namespace
}

// search returns the owners of the best match there is, and whether that is by a name.
func (n *Names) search(m match) (list []*Owner, named bool) {
	owners := make([]*Owner, 0, len(n.Containers()))
	for _, r := range n.Containers() {
		owners = append(owners, r.Owner)
	}
	if list, named = n.searchIn(owners, m); slices.ContainsFunc(list, n.Trusted) {
		return list, named
	}
	left, byName := n.searchIn(n.left(), m)
	return append(left, list...), named || byName
}

// left returns the pods of which there is only a network namespace.
func (n *Names) left() []*Owner {
	var owners []*Owner
	for _, ino := range slices.Sorted(maps.Keys(n.pinned)) {
		if o := n.pinned[ino]; o != nil && o.Pod != nil && !slices.Contains(owners, o) {
			owners = append(owners, o)
		}
	}
	return owners
}

func (n *Names) searchIn(owners []*Owner, m match) (found []*Owner, named bool) {
	var trusted matches
	var others []*matches
	places := make(map[origin]*matches)
	for _, o := range owners {
		how := m(o)
		switch {
		case how == 0:
		case n.Trusted(o):
			trusted.add(o, how)
		default:
			from := originOf(o)
			if places[from] == nil {
				places[from] = new(matches)
				others = append(others, places[from])
			}
			places[from].add(o, how)
		}
	}
	found, how := trusted.best()
	sure := len(found) > 0
	named = sure && how%numMatches != byPrefix
	for _, place := range others {
		if more, howMore := place.best(); !sure || howMore <= how && how%numMatches != byLongID {
			found = append(found, more...)
			named = named || !sure && howMore%numMatches != byPrefix
		}
	}
	return found, named
}

// origin is where something comes from that is not trusted: of two none is to hide what the other has.
type origin struct {
	user uint32
	in   *Owner // the outermost container it is in, nil if none
}

func originOf(o *Owner) origin {
	from := origin{user: o.User}
	for in := o.In; in != nil; in = in.In {
		from.in = in
	}
	return from
}

// Trusted reports whether what is known of a container or unit is as root or the caller says: it is theirs, and
// in no container, where anybody may be root.
func (n *Names) Trusted(o *Owner) bool {
	if n == nil || o == nil || o.In != nil || o.User == NoUser {
		return false
	}
	if o.User == 0 {
		return true
	}
	self := n.snap.Find(n.snap.Self)
	return self != nil && self.UID == o.User
}

// matches are the owners a word means, by how; behind them, those that only serve others.
type matches [2 * numMatches][]*Owner

func (m *matches) add(o *Owner, how int) {
	if o.Infra {
		how += numMatches
	}
	m[how] = append(m[how], o)
}

// best returns those that are meant best, and how.
func (m *matches) best() (found []*Owner, how int) {
	for how, list := range m {
		if len(list) > 0 {
			return list, how
		}
	}
	return nil, 0
}

// shown reports whether a word is what lists call an owner: behind what it is in, or as what only serves others.
func (o *Owner) shown(word string) bool {
	if of, ok := strings.CutPrefix(word, InfraName+" of "); ok && o.Infra {
		return of == o.String() || podMatch(of)(o) != 0
	}
	return o.In != nil && strings.Contains(word, " > ") && (word == o.String() || word == o.In.String()+" > "+o.Full())
}

// HasID reports whether a word is so much of the ID that it means this container before anything else.
func (o *Owner) HasID(word string) bool {
	return len(word) >= longID && isHex(word) && strings.HasPrefix(o.ID, word)
}

// nameMatch matches a name, or an ID or the start of one.
func nameMatch(name string) match {
	pod := podMatch(name)
	return func(o *Owner) int {
		switch {
		case o.HasID(name):
			return byLongID
		case o.Name == name, o.Full() == name, o.Runtime != "" && o.Name != "" && string(o.Runtime)+":"+o.Name == name,
			o.Service != "" && (o.Service == name || o.Project+"/"+o.Service == name), o.shown(name):
			return byName
		case o.ID == name:
			return byWholeID
		}
		if how := pod(o); how != 0 {
			return how
		}
		id := name
		if o.Runtime != "" {
			id = strings.TrimPrefix(name, string(o.Runtime)+":")
		}
		if len(id) >= minPrefix && isHex(id) && strings.HasPrefix(o.ID, id) {
			return byPrefix
		}
		return 0
	}
}

// podMatch matches POD, NAMESPACE/POD, POD/CONTAINER where that is no such pod, NAMESPACE/POD/CONTAINER, and
// the UID of a pod.
func podMatch(name string) match {
	parts := strings.Split(name, "/")
	return func(o *Owner) int {
		if o.Pod == nil {
			return 0
		}
		how := 0
		switch len(parts) {
		case 1:
			how = podNamed(o.Pod, parts[0])
			if how == 0 && (o.Pod.UID == name || len(name) >= minPrefix && isHex(name) && strings.HasPrefix(o.Pod.UID, name)) {
				how = byPrefix
			}
		case 2:
			if o.Pod.Namespace == parts[0] {
				how = podNamed(o.Pod, parts[1])
			} else if o.inPod(parts[1]) {
				how = podNamed(o.Pod, parts[0])
			}
		case 3:
			if o.Pod.Namespace == parts[0] && o.inPod(parts[2]) {
				how = podNamed(o.Pod, parts[1])
			}
		}
		return how
	}
}

// inPod reports whether a container is called so within its pod: by its name, where it has none by the start of its ID,
// and infra if it is what holds the pod.
func (o *Owner) inPod(name string) bool {
	if o.Name != "" && o.Name == name || o.Infra && name == InfraName {
		return true
	}
	return o.Name == "" && len(name) >= minPrefix && isHex(name) && strings.HasPrefix(o.ID, name)
}

// InfraName is what lists call what holds a pod, and what names it in a word for a target.
const InfraName = "infra"

// podNamed says whether a pod has the name, or the name of what made it.
func podNamed(p *Pod, name string) int {
	switch {
	case name == "" || p.Name == "":
		return 0
	case p.Name == name:
		return byPodName
	case strings.HasPrefix(p.Name, name) && p.Name[len(name)] == '-':
		return byDeployment
	default:
		return 0
	}
}

// UnitName returns the name of a unit of systemd with its type, a service if none is said: see systemd.unit(5).
func UnitName(name string) string {
	switch path.Ext(name) {
	case ".service", ".scope", ".slice", ".socket", ".mount", ".swap":
		return name
	}
	return name + ".service"
}

// findUnit returns the units with the name: the host's, if there is one, before those of users and within
// containers.
func (n *Names) findUnit(name string) []*Owner {
	name = UnitName(name)
	var host, others []*Owner
	for _, r := range n.Units() {
		switch {
		case r.Owner.Name != name:
		case n.Trusted(r.Owner):
			host = append(host, r.Owner)
		default:
			others = append(others, r.Owner)
		}
	}
	if len(host) > 0 {
		return host
	}
	return others
}
