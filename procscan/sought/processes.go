package sought

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"nstui/procscan"
	"nstui/procscan/container"
)

// processes returns the processes that match. One with an ancestor that
// matches and is in the same namespaces is not one more: it is a worker of it.
func (at *Place) processes(matches func(*procscan.Process) bool) []Choice {
	var found []Choice
	for _, p := range at.Procs {
		if p.Kernel || p.Zombie() || p.ID() == at.Self || !matches(p) {
			continue
		}
		if at.hasAncestor(p, func(a *procscan.Process) bool { return a.NS == p.NS && !a.Zombie() && matches(a) }) {
			continue
		}
		found = append(found, Choice{Process: p})
	}
	return found
}

// hasAncestor reports whether one of the processes above p is as wanted. What the scan saw of two
// processes is not of one moment, so that parents could go round in a circle: the steps are counted.
func (at *Place) hasAncestor(p *procscan.Process, wanted func(*procscan.Process) bool) bool {
	a := at.ByPID(p.PPID)
	for steps := 0; a != nil && steps < len(at.Procs); steps++ {
		if a.ID() != p.ID() && wanted(a) {
			return true
		}
		a = at.ByPID(a.PPID)
	}
	return false
}

// isCalled reports whether a process has the name: its own, or the one it was started under. What a process writes
// over its arguments often holds that, too, as in "nginx: master process /usr/sbin/nginx".
func isCalled(p *procscan.Process, name string) bool {
	return p.Comm == name || len(p.Args) > 0 && path.Base(p.Args[0]) == name
}

// unit returns the processes of a unit of systemd: of the host, or where that has none of the name, of those of users and
// within containers. Where one is called as the unit is, it is the unit's own, and the others are what it
// started or watches over. What a user has started in a unit beside what root runs there is never taken for its own.
func (at *Place) unit(name string) []Choice {
	units, _ := at.Names.Named(container.UnitPrefix, name)
	matches := func(p *procscan.Process) bool {
		unit := at.Names.Unit(p)
		if !slices.Contains(units, unit) {
			return false
		}
		// A daemon's containers may be in the control group of its unit, and are not the unit's processes.
		o := at.Names.Of(p)
		return o == unit || o == unit.In
	}
	if len(units) == 0 {
		matches = InUnit(name)
	}
	found := at.processes(matches)
	if len(found) == 0 {
		// It may be made for a container that its name does not tell of, as by runc with --systemd-cgroup.
		found = at.processes(func(p *procscan.Process) bool {
			unit := at.Names.Unit(p)
			return unit != nil && slices.Contains(units, unit)
		})
	}
	for i := range found {
		if len(units) > 0 {
			found[i].Owner = at.Names.Unit(found[i].Process)
		}
	}
	service := strings.TrimSuffix(container.UnitName(name), ".service")
	apart := slices.ContainsFunc(found, func(c Choice) bool { return at.ours(c.Process) })
	own := slices.DeleteFunc(slices.Clone(found), func(c Choice) bool {
		return !isCalled(c.Process, service) || apart && !at.ours(c.Process)
	})
	if len(own) > 0 {
		return own
	}
	return found
}

// InUnit returns a condition: the process is in the control group of the unit, or below it, in any hierarchy.
func InUnit(name string) func(*procscan.Process) bool {
	unit := container.UnitName(name)
	return func(p *procscan.Process) bool {
		for path := range strings.SplitSeq(cmp.Or(p.Groups, p.Cgroup), "\n") {
			for component := range strings.SplitSeq(path, "/") {
				if component == unit {
					return true
				}
			}
		}
		return false
	}
}

// Belongs returns a condition: the process is one of those found, or in one of the containers.
func (at *Place) Belongs(found []Choice) func(*procscan.Process) bool {
	owners, processes := make(map[*container.Owner]bool), make(map[procscan.ProcID]bool)
	for _, c := range found {
		switch {
		case c.Owner.Container():
			owners[c.Owner] = true
		case c.Process != nil:
			processes[c.Process.ID()] = true
		}
	}
	return func(p *procscan.Process) bool {
		return processes[p.ID()] || len(owners) > 0 && owners[at.Names.Of(p)]
	}
}
