package cli

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/ui/cli/sheet"
)

// table returns the columns there are.
func (o *lsOptions) table() columnTable {
	if o.containers {
		return boxColumns
	}
	return lsColumns
}

// boxDefaults are the columns of a list of containers if none are named: those a terminal has room for.
var boxDefaults = []int{0, 1, 2, 3, 4, 5, 6, 7}

// boxColumns are the columns of nstui ls --containers.
var boxColumns = append(columnTable{
	cut(ofBox("NAME", "name, of one in a pod NAMESPACE/POD/CONTAINER", boxName)),
	ofBox("RUNTIME", "what made it", func(_ *lister, r *container.Row) string { return string(r.Owner.Runtime) }),
	ofBox("STATE", "paused where the kernel has frozen it, else what its runtime says, or running", func(_ *lister, r *container.Row) string { return r.Owner.State }),
	numberOfBox("NPROCS", "number of its processes", func(r *container.Row) uint64 { return uint64(r.Processes) }),
	numberOfBox("PID", "its first process", func(r *container.Row) uint64 { return uint64(r.Leader.PID) }),
	ofBox("OWN", "letters of the kinds in which it is not in the host's namespace, ? where that is not known", ownKinds),
	{
		sheet.Column{Name: "SHARES", Most: mostOfNames, Flags: sheet.Wrap | sheet.Trunc | sheet.Ends, Type: sheet.List},
		"namespaces it has in common with the host and with other containers", procscan.Groups, (*lister).shares,
	},
	cut(ofBox("IMAGE", "its image", func(_ *lister, r *container.Row) string { return r.Owner.Image })),
	cut(ofBox("CGROUP", "path of its control group", func(_ *lister, r *container.Row) string { return r.Owner.Cgroup })),
	ofBox("CID", "its ID", func(_ *lister, r *container.Row) string { return r.Owner.ID }),
	ofBox("IMAGEID", "digest of its image", func(_ *lister, r *container.Row) string { return r.Owner.ImageID }),
	ofBox("HANDLER", "what runs it for its runtime, such as runc, crun or kata", func(_ *lister, r *container.Row) string { return r.Owner.Handler }),
	ofBox("POD", "its pod", func(_ *lister, r *container.Row) string { return ofPod(podName)(r.Owner) }),
	ofBox("K8SNS", "namespace of Kubernetes the pod is in", func(_ *lister, r *container.Row) string { return ofPod(podNamespace)(r.Owner) }),
	ofBox("PODUID", "UID of the pod", func(_ *lister, r *container.Row) string { return ofPod(podUID)(r.Owner) }),
	ofBox("PROJECT", "project of compose", func(_ *lister, r *container.Row) string { return r.Owner.Project }),
	ofBox("SERVICE", "service of compose", func(_ *lister, r *container.Row) string { return r.Owner.Service }),
	ofBox("UNIT", "unit of systemd it runs in, which may have been made for it", unitOf),
	ofBox("TOLDBY", "who told the name: cgroup, process, file, socket or nobody", func(_ *lister, r *container.Row) string { return r.Owner.From.String() }),
}, kindColumns()...)

// ownKinds returns the letter of each kind in which a container is not in the host's namespace, '-' where it
// is, and '?' where one of the two may not be seen.
func ownKinds(s *lister, r *container.Row) string {
	host := s.names.Host()
	letters := []byte(r.NS.Differs(&host).Letters())
	known := r.NS.Known() & host.Known()
	for i, k := range ns.Kinds() {
		if !known.Has(k) {
			letters[i] = '?'
		}
	}
	return string(letters)
}

func podName(p *container.Pod) string      { return p.Name }
func podNamespace(p *container.Pod) string { return p.Namespace }
func podUID(p *container.Pod) string       { return p.UID }

// kindColumns are a column for the namespace of each kind.
func kindColumns() columnTable {
	var columns columnTable
	for _, k := range ns.Kinds() {
		columns = append(columns, numberOfBox(strings.ToUpper(k.String())+"NS", "its "+k.String()+" namespace (inode number)",
			func(r *container.Row) uint64 { return r.NS[k] }))
	}
	return columns
}

// mostOfNames is how wide a column is for the sake of names that others chose, where there is no terminal: more than
// those of Kubernetes take as a rule.
const mostOfNames = 64

// cut is a column that gives way where the list is wider than the terminal: anybody may choose a long name. Where it
// is not cut, one does not move the other lines.
func cut(c lsColumn) lsColumn {
	c.Flags |= sheet.Trunc | sheet.Ends
	c.Most = mostOfNames
	return c
}

// ofBox is a column of text.
func ofBox(name, help string, say func(*lister, *container.Row) string) lsColumn {
	return lsColumn{
		sheet.Column{Name: name},
		help, procscan.Groups,
		func(s *lister, l lsLine) string { return strings.ReplaceAll(say(s, l.row), sheet.Separator, "") },
	}
}

// numberOfBox is a column of numbers, of which 0 is not known.
func numberOfBox(name, help string, say func(*container.Row) uint64) lsColumn {
	return lsColumn{
		sheet.Column{Name: name, Flags: right, Type: number},
		help, procscan.Groups,
		func(_ *lister, l lsLine) string { return decimalIf(say(l.row) != 0, say(l.row)) },
	}
}

// boxName returns what a container is called in a list that has a column for what made it.
func boxName(_ *lister, r *container.Row) string {
	o := r.Owner
	switch {
	case o.Infra:
		return container.InfraName + " of " + shortName(o)
	case o.Pod == nil || o.Pod.Name == "" || o.Name == "":
		return shortName(o)
	case o.In != nil:
		return o.In.String() + " > " + o.Full()
	default:
		return o.Full()
	}
}

// nameAmong returns what a container is called beside another: in its own pod that goes without saying.
func nameAmong(o, beside *container.Owner) string {
	switch {
	case !container.OnePod(o, beside):
		return boxName(nil, &container.Row{Owner: o})
	case o.Infra:
		return container.InfraName
	default:
		return cmp.Or(o.Name, o.Short())
	}
}

// sharesTold are the kinds of which it is told who shares them, the most telling first. That containers are in
// the host's namespaces of the others is as usual.
var sharesTold = [...]ns.Kind{ns.Net, ns.PID, ns.Mnt, ns.IPC, ns.UTS}

// shares says which namespaces a container has in common: "host net", "net with web".
func (s *lister) shares(l lsLine) string {
	var values, host []string
	for _, k := range sharesTold {
		if l.row.Host.Has(k) {
			host = append(host, k.String())
		}
	}
	if len(host) > 0 {
		values = append(values, "host "+strings.Join(host, " "))
	}
	// Kinds that are shared with the same containers are told together.
	var kinds, with []string
	for _, k := range sharesTold {
		if !l.row.Others.Has(k) {
			continue
		}
		names := s.sharing(l.row, k)
		if i := slices.Index(with, names); i >= 0 {
			kinds[i] += " " + k.String()
		} else {
			kinds, with = append(kinds, k.String()), append(with, names)
		}
	}
	for i := range kinds {
		values = append(values, kinds[i]+" with "+with[i])
	}
	return list(values)
}

// sharing names the containers that share a namespace with one: what only serves others where nobody else does.
func (s *lister) sharing(row *container.Row, k ns.Kind) string {
	var names, infra []string
	for _, o := range s.inhabitants()[row.NS.ID(k)] {
		switch name := nameAmong(o, row.Owner); {
		case o == row.Owner:
		case o.Infra:
			infra = append(infra, name)
		default:
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		names = infra
	}
	if more := len(names) - maxSharers; more > 0 {
		names = append(names[:maxSharers], strconv.Itoa(more)+" more")
	}
	return strings.Join(names, ", ")
}

// maxSharers is how many of those a namespace is shared with are named.
const maxSharers = 3

// inhabitants returns the containers whose first process is in a namespace.
func (s *lister) inhabitants() map[ns.ID][]*container.Owner {
	if s.sharers == nil {
		s.sharers = make(map[ns.ID][]*container.Owner)
		for _, row := range s.names.Containers() {
			for _, k := range row.Others.Kinds() {
				s.sharers[row.NS.ID(k)] = append(s.sharers[row.NS.ID(k)], row.Owner)
			}
		}
	}
	return s.sharers
}

// fillContainers adds a line for each container, in the order of the list on the screen.
func (s *lister) fillContainers() error {
	rows := slices.Clone(s.names.Containers())
	slices.SortStableFunc(rows, func(a, b container.Row) int { return strings.Compare(a.Owner.SortName(), b.Owner.SortName()) })
	for i := range rows {
		if err := s.add(lsLine{p: rows[i].Leader, row: &rows[i]}); err != nil {
			return err
		}
	}
	return nil
}
