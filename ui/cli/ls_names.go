package cli

import (
	"context"
	"slices"
	"strings"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/ui/cli/sheet"
)

// nameColumns are the columns of who namespaces and processes belong to.
var nameColumns = columnTable{
	ofOwners("CONTAINER", "containers and pods it is for", shortName),
	ofOwners("RUNTIME", "what made these", func(o *container.Owner) string { return string(o.Runtime) }),
	ofOwners("IMAGE", "images of these", func(o *container.Owner) string { return o.Image }),
	ofOwners("CID", "IDs of these", func(o *container.Owner) string { return o.ID }),
	ofOwners("POD", "pods of these", ofPod(func(p *container.Pod) string { return p.Name })),
	ofOwners("K8SNS", "namespaces of Kubernetes the pods are in", ofPod(func(p *container.Pod) string { return p.Namespace })),
	ofOwners("PROJECT", "projects of compose", func(o *container.Owner) string { return o.Project }),
	ofOwners("SERVICE", "services of compose", func(o *container.Owner) string { return o.Service }),
	{
		sheet.Column{Name: "UNIT", Flags: sheet.Wrap, Type: sheet.List},
		"units of systemd", procscan.Groups, (*lister).units,
	},
	{
		sheet.Column{Name: "NETNS", Flags: sheet.Wrap, Type: sheet.List},
		"names given by ip-netns", procscan.Groups, (*lister).netnsNames,
	},
}

// ofOwners is a column of something containers have.
func ofOwners(name, help string, say func(*container.Owner) string) lsColumn {
	return lsColumn{
		sheet.Column{Name: name, Flags: sheet.Wrap, Type: sheet.List},
		help, procscan.Groups,
		func(s *lister, l lsLine) string {
			var values []string
			for _, o := range s.owners(l) {
				if o.Container() {
					values = append(values, say(o))
				}
			}
			return list(values)
		},
	}
}

func ofPod(say func(*container.Pod) string) func(*container.Owner) string {
	return func(o *container.Owner) string {
		if o.Pod == nil {
			return ""
		}
		return say(o.Pod)
	}
}

// list makes one cell of several values, each once.
func list(values []string) string {
	var once []string
	for _, v := range values {
		if v != "" && !slices.Contains(once, v) {
			once = append(once, strings.ReplaceAll(v, sheet.Separator, ""))
		}
	}
	return strings.Join(once, sheet.Separator)
}

// shortName returns what a container is called by people, behind what it is in.
func shortName(o *container.Owner) string {
	if o.In.Container() {
		return o.In.String() + " > " + o.Short()
	}
	return o.Short()
}

// owners returns who a line is about belongs to: the container in a list of these, the owner of a process in a
// list of processes, and else those the namespace is for. Nobody is named for the namespaces of the host.
func (s *lister) owners(l lsLine) []*container.Owner {
	switch {
	case l.row != nil:
		return []*container.Owner{l.row.Owner}
	case s.ofProcesses() && l.p != nil:
		if o := s.names.Of(l.p); o != nil {
			return []*container.Owner{o}
		}
		return nil
	}
	if space := s.space(l.n.ID); !space.Host {
		return space.Owners
	}
	return nil
}

// space returns who a namespace is for. To find that out takes a look at each process in it, for many columns.
func (s *lister) space(id ns.ID) container.Space {
	space, known := s.spaces[id]
	if !known {
		if s.spaces == nil {
			s.spaces = make(map[ns.ID]container.Space)
		}
		space = s.names.Space(id)
		s.spaces[id] = space
	}
	return space
}

// ofProcesses reports whether the lines are about processes rather than namespaces.
func (s *lister) ofProcesses() bool { return s.opts.ofProcesses() || s.opts.watch }

func (s *lister) units(l lsLine) string {
	var values []string
	if p := l.p; p != nil && s.ofProcesses() {
		if unit := s.names.Unit(p); unit != nil {
			values = append(values, unit.Name)
		}
	}
	for _, o := range s.owners(l) {
		if !o.Container() {
			values = append(values, o.Name)
		}
	}
	return list(values)
}

func (s *lister) netnsNames(l lsLine) string {
	id := ns.ID{Kind: ns.Net}
	switch {
	case l.row != nil:
		id.Ino = l.row.NS[ns.Net]
	case s.ofProcesses() && l.p != nil:
		id.Ino = l.p.NS[ns.Net]
	default:
		id = l.n.ID
	}
	return list(s.space(id).Netns)
}

// name finds out who the processes of the list belong to, if that is asked for. A daemon that may know more is
// waited for, a second or so; one that does not answer is complained of.
func (a *app) name(ctx context.Context, s *lister) {
	if a.names == nil || !s.named() {
		return
	}
	namer := a.names(s.opts.root)
	s.names = namer.Resolve(ctx, s.snap)
	if !s.certain() && namer.Ask(ctx) {
		s.names = namer.Resolve(ctx, s.snap)
	}
	for _, silent := range s.names.Silent() {
		a.complain("nstui: names may be missing: %s\n", silence(silent))
	}
}
