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

// Meaning is what a word means.
type Meaning struct {
	Choices []Choice // one, all containers of a pod, or what is to choose from; none if it means nothing
	// Passed are containers that have the name as well and are passed over, since somebody else calls them so than
	// root or the caller.
	Passed []Choice
	// Open says that a container nobody tells the name of here would be meant instead if it were called so: where the
	// word may mean a container, and means a process, or only what anybody may call so.
	Open bool
}

// Find returns what a word means: the choices of Mean.
func (at *Place) Find(word string) []Choice { return at.Mean(word).Choices }

// Mean returns what a word means: see the package. What root or the caller calls so comes first.
func (at *Place) Mean(word string) Meaning {
	var m Meaning
	switch prefix, name := container.Split(word); prefix {
	case "":
		return at.bare(name)
	case container.UnitPrefix:
		m.Choices = at.unit(name)
		return m
	default:
		m.Choices, m.Passed, _ = at.containers(prefix, name)
	}
	m.Open = !at.Certain(m.Choices)
	return m
}

// bare returns what a word without a prefix means.
func (at *Place) bare(name string) Meaning {
	containers, passed, named := at.containers("", name)
	if slices.ContainsFunc(containers, func(c Choice) bool { return c.Owner.HasID(name) }) {
		return Meaning{Choices: containers, Passed: passed, Open: !at.Certain(containers)}
	}
	var digits []Choice // of an ID
	if !named {
		containers, digits = nil, containers
	}
	others := func(p *procscan.Process) bool {
		return isCalled(p, name) && !at.owns(containers, p) && !at.owns(passed, p) && !at.owns(digits, p)
	}
	classes := [][]Choice{containers, at.unit(name), at.processes(others)}
	best := slices.IndexFunc(classes, at.Certain)
	certain := best >= 0
	if !certain {
		best = slices.IndexFunc(classes, func(class []Choice) bool { return len(class) > 0 })
	}
	m := Meaning{Passed: passed}
	if best >= 0 {
		m.Choices = slices.Clone(classes[best])
	}
	switch {
	case best > 0 && certain:
		m.Passed = append(m.Passed, containers...) // of users
	case best > 0:
		m.Choices = append(m.Choices, containers...)
	}
	if m.Choices = append(m.Choices, digits...); len(m.Choices) > 0 {
		slices.SortStableFunc(m.Choices, func(a, b Choice) int { return at.rank(a) - at.rank(b) })
		m.Open = !at.Certain(m.Choices) || best == len(classes)-1
		return m
	}
	project, passedToo, _ := at.containers(container.ComposePrefix, name)
	pods, passed, _ := at.containers(container.K8sPrefix, name)
	m.Choices, m.Passed = at.apart(append(project, pods...))
	m.Passed = slices.Concat(m.Passed, passedToo, passed)
	m.Open = !at.Certain(m.Choices)
	return m
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

// ours reports whether root or the caller runs a process: in no container, where anybody may be root, and no setuid
// program, which a user may have started by any name. All that is root's in another user's unit may be one.
func (at *Place) ours(p *procscan.Process) bool {
	if at.Names.Of(p).Container() || at.Names.Setuid(p) {
		return false
	}
	if unit := at.Names.Unit(p); unit != nil && !at.Names.Trusted(unit) {
		return false
	}
	// Nobody may have told of a container. A service has no pid namespace of its own, but for few.
	if pid := p.NS[ns.PID]; pid != 0 && pid != at.Mine[ns.PID] && pid != at.Names.Host()[ns.PID] {
		return false
	}
	self := at.Snapshot.Find(at.Self)
	return p.UID == 0 || self != nil && p.UID == self.UID
}

// containers returns the containers that are called so, see Named of container.Names; passed are those of others where
// root or the caller calls one so. The start of an ID is no name, and passes over nothing.
func (at *Place) containers(prefix, name string) (found, passed []Choice, named bool) {
	owners, named := at.Names.Named(prefix, name)
	for _, o := range owners {
		if row, ok := at.Names.Row(o); ok && !row.Leader.Zombie() {
			found = append(found, Choice{Process: row.Leader, Owner: o})
		} else if ino, ok := at.Names.Pinned(o); ok {
			found = append(found, Choice{Owner: o, Space: ns.ID{Kind: ns.Net, Ino: ino}})
		}
	}
	if named {
		found, passed = at.apart(found)
	}
	return found, passed, named
}

// apart parts what others call so from what root or the caller does, if there is any of that.
func (at *Place) apart(containers []Choice) (found, passed []Choice) {
	if !at.Certain(containers) {
		return containers, nil
	}
	for _, c := range containers {
		if at.trusts(c) {
			found = append(found, c)
		} else {
			passed = append(passed, c)
		}
	}
	return found, passed
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
