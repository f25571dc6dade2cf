package container

import (
	"slices"
	"strings"

	"nstui/procscan/ns"
)

// Space is who a namespace is for.
type Space struct {
	// Host says that it is the namespace of the host's first process. Owners are then the containers
	// that have been put there.
	Host bool
	// Owners are the containers in it; where there is none, units. Left out are visitors (processes that
	// came from elsewhere, such as a shell of nsenter(1)), and what only serves others, unless nobody
	// else is there.
	Owners []*Owner
	// Pod is the pod that all of them are of, nil if they are not.
	Pod *Pod
	// Netns are the names ip-netns(8) gave it, sorted.
	Netns []string
}

// String returns a short name: of the pod, else of the owners, else that of ip-netns(8) as netns:NAME. It is
// empty where there is nothing to say, and for the host's.
func (s *Space) String() string {
	switch {
	case s.Host:
		return ""
	case s.Pod != nil:
		return s.Pod.String()
	case len(s.Owners) == 0 && len(s.Netns) > 0:
		return NetnsPrefix + s.Netns[0]
	}
	words := make([]string, 0, len(s.Owners))
	for _, o := range s.Owners {
		words = append(words, o.Short())
	}
	return strings.Join(words, ", ")
}

// Space returns who a namespace is for.
//
// A container is what a namespace is for if its leader is in it. Only where no leader is, a container counts
// that has another process in it, which has made the namespace within. So a process that was put into a
// namespace of another container names nothing.
func (n *Names) Space(id ns.ID) Space {
	var s Space
	if n == nil || n.snap == nil {
		return s
	}
	space := n.snap.Namespace(id)
	if space == nil {
		return s
	}
	s.Host = id.Ino == n.host[id.Kind]
	s.Netns = n.netnsNames(space)
	t := n.tables()
	var groups [numRanks]ownerSet
	for _, i := range space.Members {
		o, unit := n.owners[i], n.units[i]
		switch {
		case o == nil && unit != nil:
			groups[rankUnit].add(unit)
		case o == nil, o.Monitor:
		case t.containers[t.rows[o]].NS[id.Kind] == id.Ino && !o.Infra:
			groups[rankLeader].add(o)
		case t.containers[t.rows[o]].NS[id.Kind] == id.Ino:
			groups[rankInfra].add(o)
		default:
			groups[rankMember].add(o)
		}
	}
	if s.Host {
		s.Owners = groups[rankLeader].list
	} else {
		for _, g := range groups {
			if s.Owners = g.list; len(s.Owners) > 0 {
				break
			}
		}
	}
	if o := n.pinned[id.Ino]; o != nil && id.Kind == ns.Net && len(space.Members) == 0 {
		s.Owners = []*Owner{o}
	}
	slices.SortFunc(s.Owners, compare)
	s.Pod = podOfAll(s.Owners)
	return s
}

// What an owner is to a namespace, the best first.
const (
	rankLeader = iota
	rankInfra
	rankMember
	rankUnit
	numRanks
)

// ownerSet is a list in which each owner is once.
type ownerSet struct {
	list []*Owner
	has  map[*Owner]bool
}

func (s *ownerSet) add(o *Owner) {
	if len(s.list) > 0 && s.list[len(s.list)-1] == o || s.has[o] {
		return
	}
	if s.has == nil {
		s.has = make(map[*Owner]bool)
	}
	s.has[o] = true
	s.list = append(s.list, o)
}

// podOfAll returns the pod all owners are of.
func podOfAll(owners []*Owner) *Pod {
	if len(owners) == 1 || OnePod(owners...) {
		return owners[0].Pod
	}
	return nil
}
