package cli

import (
	"cmp"
	"fmt"
	"slices"

	"nstui/procscan"
	"nstui/procscan/ns"
	"nstui/ui/cli/sheet"
)

// fill adds the lines that are asked for.
func (s *lister) fill() error {
	s.byProc = make(map[*procscan.Process]int)
	s.byNS = make(map[*procscan.Namespace]int)
	if s.opts.containers {
		return s.fillContainers()
	}
	switch {
	case s.opts.namespace != 0:
		return s.fillProcesses()
	case s.opts.word != "":
		return s.fillOwned()
	}
	wanted := func(*procscan.Namespace) bool { return true }
	if s.opts.pid != 0 {
		p, err := s.task()
		if err != nil {
			return err
		}
		wanted = func(n *procscan.Namespace) bool { return p.NS[n.ID.Kind] == n.ID.Ino }
	}
	for _, n := range s.namespaces() {
		if !wanted(n) || s.opts.persistent && len(n.Members) > 0 {
			continue
		}
		if err := s.addNamespace(n); err != nil {
			return err
		}
	}
	return nil
}

// task returns the process of -p.
func (s *lister) task() (*procscan.Process, error) {
	pid := s.opts.pid
	p := s.snap.ByPID(pid)
	switch {
	case p == nil:
		return nil, fmt.Errorf("list namespaces of pid %d: no such process", pid)
	case p.Refused != "":
		return nil, fmt.Errorf("list namespaces of pid %d: read %s/%d/ns: %s", pid, s.snap.Root, pid, explain(p.Refused))
	default:
		return p, nil
	}
}

// namespaces returns all of the kinds that are asked for, in the order of their inode numbers.
func (s *lister) namespaces() []*procscan.Namespace {
	list := make([]*procscan.Namespace, 0, s.snap.Count())
	for _, kind := range s.opts.kinds.Kinds() {
		for i := range s.snap.Namespaces[kind] {
			list = append(list, &s.snap.Namespaces[kind][i])
		}
	}
	slices.SortStableFunc(list, func(a, b *procscan.Namespace) int { return cmp.Compare(a.ID.Ino, b.ID.Ino) })
	return list
}

// first returns the process with the lowest pid, nil if there is none.
func (s *lister) first(n *procscan.Namespace) *procscan.Process {
	if len(n.Members) == 0 {
		return nil
	}
	return s.snap.Procs[n.Members[0]]
}

// maxLevels is more than the 32 levels namespaces can be nested in, see user_namespaces(7), with those of
// pid namespaces above them. It ends the way up also where a picture of a moving host has a circle.
const maxLevels = 100

// addNamespace adds the line of a namespace, after those of the namespaces it stands below.
func (s *lister) addNamespace(n *procscan.Namespace) error {
	if _, there := s.byNS[n]; there {
		return nil
	}
	chain := []*procscan.Namespace{n}
	for above := s.before(n); above != nil && len(chain) < maxLevels; above = s.before(above) {
		if _, there := s.byNS[above]; there {
			break
		}
		chain = append(chain, above)
	}
	for _, n := range slices.Backward(chain) {
		if _, there := s.byNS[n]; there {
			continue
		}
		if err := s.add(lsLine{n: n, p: s.first(n)}); err != nil {
			return err
		}
	}
	return nil
}

// before returns the namespace whose line has to be there first: the one above it, and in a tree of
// parents that of the owner where there is none.
func (s *lister) before(n *procscan.Namespace) *procscan.Namespace {
	switch s.opts.tree {
	case treeOwner:
		return s.owner(n)
	case treeParent:
		return cmp.Or(s.parent(n), s.owner(n))
	default:
		return nil
	}
}

// owner returns the user namespace that owns it, nil if it is not known or not asked for.
func (s *lister) owner(n *procscan.Namespace) *procscan.Namespace {
	return s.related(ns.ID{Kind: ns.User, Ino: n.Owner})
}

// parent returns the namespace of the same kind it was made in, nil as for owner.
func (s *lister) parent(n *procscan.Namespace) *procscan.Namespace {
	return s.related(ns.ID{Kind: n.ID.Kind, Ino: n.Parent})
}

func (s *lister) related(id ns.ID) *procscan.Namespace {
	if id.Ino == 0 || !s.opts.kinds.Has(id.Kind) {
		return nil
	}
	return s.snap.Namespace(id)
}

// fillProcesses adds the processes of one namespace.
func (s *lister) fillProcesses() error {
	var n *procscan.Namespace
	for _, kind := range s.opts.kinds.Kinds() {
		n = cmp.Or(n, s.snap.Namespace(ns.ID{Kind: kind, Ino: s.opts.namespace}))
	}
	if n == nil {
		return fmt.Errorf("list processes of namespace %d: no such namespace is seen", s.opts.namespace)
	}
	in := func(p *procscan.Process) bool { return p.NS[n.ID.Kind] == n.ID.Ino }
	for _, i := range n.Members {
		if err := s.addProcess(n, s.snap.Procs[i], in); err != nil {
			return err
		}
	}
	return nil
}

// addProcess adds the line of a process, in a tree after those of the processes it descends from that are listed,
// too: in says which are. n is the namespace they are in, nil for those of a name.
func (s *lister) addProcess(n *procscan.Namespace, p *procscan.Process, in func(*procscan.Process) bool) error {
	if _, there := s.byProc[p]; there {
		return nil
	}
	chain := []*procscan.Process{p}
	if s.opts.tree == treeProcess {
		up := s.snap.ByPID(p.PPID)
		for up != nil && in(up) && len(chain) < len(s.snap.Procs) {
			if _, there := s.byProc[up]; there {
				break
			}
			chain = append(chain, up)
			up = s.snap.ByPID(up.PPID)
		}
	}
	for _, p := range slices.Backward(chain) {
		if _, there := s.byProc[p]; there {
			continue // a circle: processes change their parents while they are read
		}
		if err := s.add(lsLine{n: n, p: p}); err != nil {
			return err
		}
	}
	return nil
}

// add adds a line if it passes the filter.
func (s *lister) add(l lsLine) error {
	if s.query != nil {
		ok, err := s.query.Match(func(column int) string { return s.cell(column, l) })
		if err != nil {
			return fmt.Errorf("filter %q: %w", s.opts.filter, err)
		}
		if !ok {
			return nil
		}
	}
	cells := make([]string, len(s.opts.columns))
	for i, c := range s.opts.columns {
		cells[i] = s.text(c, l)
	}
	line := s.sheet.Add(s.above(l), cells)
	if s.opts.tree == treeOwner || s.opts.tree == treeParent {
		s.byNS[l.n] = line
	} else if l.p != nil {
		s.byProc[l.p] = line
	}
	return nil
}

// above returns the line this one stands below.
func (s *lister) above(l lsLine) int {
	line, there := 0, false
	switch s.opts.tree {
	case treeOwner:
		line, there = s.byNS[s.owner(l.n)]
	case treeParent:
		line, there = s.byNS[s.parent(l.n)]
	case treeProcess:
		if l.p != nil {
			line, there = s.byProc[s.snap.ByPID(l.p.PPID)]
		}
	default:
	}
	if !there {
		return sheet.NoParent
	}
	return line
}
