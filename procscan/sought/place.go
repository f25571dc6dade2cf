package sought

import (
	"slices"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
)

// Place is what was seen of the host: the processes, with their texts, and who they belong to.
type Place struct {
	*procscan.Snapshot

	Names *container.Names // nil: nobody tells
}

// Choice is one of the things a word may mean.
type Choice struct {
	// Process is the one to enter: the first of a container, or the one that is called so or in the unit. It is nil
	// for a pod of which no process is left.
	Process *procscan.Process
	// Owner is the container, or the unit, if that was meant; nil for a process.
	Owner *container.Owner
	// Space is the network namespace that is left of a pod without processes.
	Space ns.ID
}

// NumberPrefix is before the inode number of a namespace, which is no word either.
const NumberPrefix = "ns:"

// Find returns what a word means: see the package. What root or the caller calls so comes first.
func (at *Place) Find(word string) []Choice {
	switch prefix, name := container.Split(word); prefix {
	case "":
		return at.bare(name)
	case container.UnitPrefix:
		return at.unit(name)
	default:
		found, _ := at.containers(prefix, name)
		return found
	}
}

// bare returns what a word without a prefix means.
func (at *Place) bare(name string) []Choice {
	containers, named := at.containers("", name)
	if slices.ContainsFunc(containers, func(c Choice) bool { return c.Owner.HasID(name) }) {
		return containers
	}
	var digits []Choice // of an ID
	if !named {
		containers, digits = nil, containers
	}
	others := func(p *procscan.Process) bool {
		return isCalled(p, name) && !at.owns(containers, p) && !at.owns(digits, p)
	}
	classes := [][]Choice{containers, at.unit(name), at.processes(others)}
	best := slices.IndexFunc(classes, at.Certain)
	if best < 0 {
		best = slices.IndexFunc(classes, func(class []Choice) bool { return len(class) > 0 })
	}
	var found []Choice
	if best >= 0 {
		found = slices.Clone(classes[best])
	}
	if best > 0 {
		found = append(found, containers...) // of users
	}
	if found = append(found, digits...); len(found) > 0 {
		slices.SortStableFunc(found, func(a, b Choice) int { return at.rank(a) - at.rank(b) })
		return found
	}
	project, _ := at.containers(container.ComposePrefix, name)
	pods, _ := at.containers(container.K8sPrefix, name)
	return append(project, pods...)
}

// Certain reports whether root or the caller calls one of what was found so, and not just anybody. If not, a daemon
// that was not asked yet may know better.
func (at *Place) Certain(found []Choice) bool {
	return slices.ContainsFunc(found, at.trusts)
}

// rank is less for what root or the caller calls so.
func (at *Place) rank(c Choice) int {
	if at.trusts(c) {
		return 0
	}
	return 1
}

func (at *Place) trusts(c Choice) bool {
	if c.Owner != nil {
		return at.Names.Trusted(c.Owner)
	}
	return at.ours(c.Process)
}

// ours reports whether root or the caller runs a process, in no container, where anybody may be root, and in no unit of
// another user's, where that user may have started a setuid program by any name.
func (at *Place) ours(p *procscan.Process) bool {
	if at.Names.Of(p).Container() {
		return false
	}
	if unit := at.Names.Unit(p); unit != nil && !at.Names.Trusted(unit) {
		return false
	}
	self := at.Snapshot.Find(at.Self)
	return p.UID == 0 || self != nil && p.UID == self.UID
}

// containers returns the containers that are called so; see Named of container.Names.
func (at *Place) containers(prefix, name string) (found []Choice, named bool) {
	owners, named := at.Names.Named(prefix, name)
	for _, o := range owners {
		if row, ok := at.Names.Row(o); ok && !row.Leader.Zombie() {
			found = append(found, Choice{Process: row.Leader, Owner: o})
		} else if ino, ok := at.Names.Pinned(o); ok {
			found = append(found, Choice{Owner: o, Space: ns.ID{Kind: ns.Net, Ino: ino}})
		}
	}
	return found, named
}

// owns reports whether a process is in one of the containers, or in one within.
func (at *Place) owns(found []Choice, p *procscan.Process) bool {
	for o := at.Names.Of(p); o != nil; o = o.In {
		if slices.ContainsFunc(found, func(c Choice) bool { return c.Owner == o }) {
			return true
		}
	}
	return false
}

// OnePod reports whether all are containers of the same pod.
func OnePod(found []Choice) bool {
	owners := make([]*container.Owner, 0, len(found))
	for _, c := range found {
		owners = append(owners, c.Owner)
	}
	return container.OnePod(owners...)
}
