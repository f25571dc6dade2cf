package procscan

import (
	"cmp"
	"slices"
	"sort"

	"nstui/procscan/ns"
)

// maxBelow is how many of the namespaces that keep one above them alive are told of it.
const maxBelow = 64

// settle adds the namespaces that were met above others and have no processes, counts levels, and
// says which of those without processes are kept by others. known, if not nil, gives the facts of a
// namespace above one that was not asked this time because its own are still known.
func (a *asker) settle(known func(ns.ID) (nsFacts, bool)) {
	if known != nil {
		a.recall(known)
	}
	add(a.all, a.found)
	clear(a.found)
	for k := range a.all {
		for i := range a.all[k] {
			n := &a.all[k][i]
			n.Level = a.level(n)
			a.keepAbove(n)
		}
	}
}

// recall adds to what was found the namespaces above others that are known from before.
func (a *asker) recall(known func(ns.ID) (nsFacts, bool)) {
	var climb func(id ns.ID)
	climb = func(id ns.ID) {
		if id.Ino == 0 || find(a.all, id) != nil {
			return
		}
		if _, ok := a.found[id]; ok {
			return
		}
		f, ok := known(id)
		if !ok {
			f.netID = -1
		}
		a.found[id] = f
		climb(ns.ID{Kind: ns.User, Ino: f.owner})
		climb(ns.ID{Kind: id.Kind, Ino: f.parent})
	}
	for _, list := range a.all {
		for i := range list {
			climb(ns.ID{Kind: ns.User, Ino: list[i].Owner})
			climb(ns.ID{Kind: list[i].ID.Kind, Ino: list[i].Parent})
		}
	}
}

// add adds namespaces without processes.
func add(all *[ns.NumKinds][]Namespace, found map[ns.ID]nsFacts) {
	var grown ns.Set
	for id, f := range found {
		n := Namespace{ID: id, Leader: -1}
		n.applyFacts(f)
		all[id.Kind] = append(all[id.Kind], n)
		grown = grown.With(id.Kind)
	}
	for _, k := range grown.Kinds() {
		slices.SortFunc(all[k], func(a, b Namespace) int { return compareID(a.ID, b.ID) })
	}
}

// find returns the namespace with the given identity, or nil.
func find(all *[ns.NumKinds][]Namespace, id ns.ID) *Namespace {
	list := all[id.Kind]
	i := sort.Search(len(list), func(i int) bool { return list[i].ID.Ino >= id.Ino })
	if i < len(list) && list[i].ID.Ino == id.Ino {
		return &list[i]
	}
	return nil
}

// level counts the namespaces above one. The kernel has at most 32 levels of user and of pid
// namespaces; the bound here is against inode numbers that were given away between two questions and
// lead in a circle.
func (a *asker) level(n *Namespace) int {
	const most = 64
	level := 0
	for n.Parent != 0 && level < most {
		if n = find(a.all, ns.ID{Kind: n.ID.Kind, Ino: n.Parent}); n == nil {
			break
		}
		level++
	}
	return level
}

// keepAbove notes that the namespace keeps those above it alive, where no process does.
func (a *asker) keepAbove(n *Namespace) {
	keep := func(id ns.ID, by Holder) {
		above := find(a.all, id)
		if above == nil || above.Leader >= 0 || len(above.Keepers) >= maxBelow {
			return
		}
		above.Keepers = append(above.Keepers, Keeper{By: by, Where: n.ID})
	}
	if n.Parent != 0 {
		keep(ns.ID{Kind: n.ID.Kind, Ino: n.Parent}, ByChild)
	}
	if n.Owner != 0 && n.ID.Kind != ns.User {
		keep(ns.ID{Kind: ns.User, Ino: n.Owner}, ByOwned)
	}
}

// misses returns what could not be told, in order.
func (a *asker) misses() []Miss {
	list := make([]Miss, 0, len(a.missed))
	for m, count := range a.missed {
		m.Count = count
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b Miss) int {
		return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.Reason, b.Reason))
	})
	return list
}
