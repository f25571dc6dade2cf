package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"nstui/nsenter"
	"nstui/procscan/ns"
)

// mayBecome reports whether the ids of a plan can be taken: without a user namespace only root can.
func mayBecome(f *nsenter.Facts, plan *nsenter.Plan) bool {
	return plan.As.Keep() || plan.Join.Has(ns.User) || f.Caller.UID == 0
}

// identitiesFor returns as whom a request could be run, each that is somebody else than those before it.
func identitiesFor(f *nsenter.Facts, r nsenter.Request) []nsenter.As {
	type ids struct{ uid, gid uint32 }
	var list []nsenter.As
	var seen []ids
	for _, as := range []nsenter.As{nsenter.AsAuto, nsenter.AsTarget, nsenter.AsKeep} {
		r.As = as
		plan := nsenter.NewPlan(f, r, nil)
		who := ids{plan.As.UID, plan.As.GID}
		if slices.Contains(seen, who) || as == nsenter.AsTarget && plan.As.Keep() || !mayBecome(f, plan) {
			continue
		}
		list, seen = append(list, as), append(seen, who)
	}
	return list
}

// toolsOffer are tools that may be chosen, and what there is to say of them.
type toolsOffer struct {
	tools nsenter.Tools
	words string
}

// toolsFor returns whose programs a request could be run with: those with which it would start, and
// that make a difference.
func toolsFor(f *nsenter.Facts, r nsenter.Request, found [2]bool) []toolsOffer {
	var list []toolsOffer
	viewed := false // what comes before bare has something mounted around it
	for _, tools := range []nsenter.Tools{nsenter.ToolsAuto, nsenter.ToolsHost, nsenter.ToolsBusybox, nsenter.ToolsTree, nsenter.ToolsBare} {
		r.Tools = tools
		plan := planOf(f, r, found)
		viewed = viewed || tools == nsenter.ToolsAuto && plan.View.Any()
		differs := true
		switch tools {
		case nsenter.ToolsHost:
			differs = f.Differing().Has(ns.Mnt)
		case nsenter.ToolsBusybox:
			differs = plan.Busybox && plan.InRoot()
		case nsenter.ToolsTree:
			differs = plan.Tree.At != ""
		case nsenter.ToolsBare:
			differs = viewed
		}
		if differs && plan.Ready() {
			list = append(list, toolsOffer{tools, toolsWords(tools, plan)})
		}
	}
	return list
}

// instead returns tools with which an entry would start that does not with those it asks for, nil if there
// are none.
func instead(plan *nsenter.Plan, offers []toolsOffer) *toolsOffer {
	if plan.Ready() || len(offers) == 0 {
		return nil
	}
	return &offers[0]
}

// nextOf returns the choice that comes after the one there is, and whether it is another.
func nextOf[T any](list []T, isNow func(T) bool) (next T, another bool) {
	if len(list) == 0 {
		return next, false
	}
	next = list[(slices.IndexFunc(list, isNow)+1)%len(list)]
	return next, !isNow(next)
}

// nextAs returns as whom the shell would run next.
func (s *picker) nextAs() (nsenter.As, bool) {
	return nextOf(s.runsAs, func(as nsenter.As) bool { return as == s.entry.request.As })
}

// nextTools returns with whose tools the shell would run next.
func (s *picker) nextTools() (toolsOffer, bool) {
	return nextOf(s.tools, func(o toolsOffer) bool { return o.tools == s.entry.request.Tools })
}

// asWords say by which rule the ids are chosen.
func asWords(as nsenter.As, plan *nsenter.Plan) string {
	switch {
	case as == nsenter.AsTarget:
		return "the target's own"
	case as == nsenter.AsKeep && plan.Join.Has(ns.User):
		return "yours, whatever they are in there"
	case plan.Join.Has(ns.User):
		return "root where it is mapped"
	}
	return "yours"
}

// toolsWords say whose programs there are, in a few words.
func toolsWords(tools nsenter.Tools, plan *nsenter.Plan) string {
	switch {
	case tools == nsenter.ToolsBusybox:
		return "the host's busybox in its root"
	case tools == nsenter.ToolsHost:
		return "the host's, at its files"
	case tools == nsenter.ToolsTree:
		return "the host's, its files in " + plan.Tree.Target
	case plan.InRoot():
		return "the target's own"
	case tools == nsenter.ToolsBare:
		return "the host's, with nothing around"
	case plan.View.Any():
		return "the host's, with its " + briefView(plan.View)
	}
	return "the host's"
}

// cycleAs chooses the next of those the shell could run as.
func (m *Model) cycleAs(s *picker) tea.Cmd {
	if s.plan == nil {
		return nil
	}
	next, another := s.nextAs()
	if !another {
		return m.note("there is nobody else it could run as")
	}
	s.entry.request.As = next
	s.replan()
	return nil
}

// cycleTools chooses the next of the tools that would work.
func (m *Model) cycleTools(s *picker) tea.Cmd {
	if s.plan == nil {
		return nil
	}
	next, another := s.nextTools()
	if !another {
		return m.note("no other tools would work here")
	}
	s.entry.request.Tools = next.tools
	s.replan()
	return nil
}

// toggleConfined takes on the limits of the target, or not.
func (m *Model) toggleConfined(s *picker) tea.Cmd {
	if s.plan != nil {
		s.entry.request.Confined = !s.entry.request.Confined
		s.replan()
	}
	return nil
}

// toggleCgroup joins the cgroups of the target, or not.
func (m *Model) toggleCgroup(s *picker) tea.Cmd {
	switch {
	case s.plan == nil:
		return nil
	case s.entry.request.Confined:
		return m.note("as confined as the target: its cgroup is joined already")
	}
	s.entry.request.Cgroup = !s.entry.request.Cgroup
	s.replan()
	return nil
}

// limitWords say which limits of the target the shell has, and what the keys would do about it.
func limitWords(r *nsenter.Request, dot string) (words, keys string) {
	switch {
	case r.Confined:
		return "as confined as the target", "x no more"
	case r.Cgroup:
		return "its cgroup", "x confine " + dot + " g no more"
	}
	return "none", "x confine " + dot + " g cgroup"
}
