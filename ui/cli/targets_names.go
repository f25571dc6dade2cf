package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/ui/text"
)

// nameSource finds out who processes belong to: a container.Resolver, which see.
type nameSource interface {
	Resolve(ctx context.Context, snap *procscan.Snapshot) *container.Names
	Ask(ctx context.Context) bool
}

// place is what was seen of the host: the processes, and who they belong to.
type place struct {
	*procscan.Snapshot

	names *container.Names // nil: nobody tells
}

// choice is a process that a name may stand for, and the container whose leader it is if that was meant.
type choice struct {
	p     *procscan.Process
	owner *container.Owner
}

// look reads what there is, without asking a daemon.
func (r *resolution) look() (*place, error) {
	snap, err := r.scan(procscan.Texts)
	if err != nil {
		return nil, err
	}
	at := &place{Snapshot: snap}
	if r.names != nil {
		at.names = r.names(snap)
	}
	return at, nil
}

// asked asks the daemons for names that nothing else tells, and reports whether there are new ones.
func (r *resolution) asked(at *place) bool {
	if r.ask == nil || !r.ask() {
		return false
	}
	at.names = r.names(at.Snapshot)
	return true
}

// containers returns the leaders of the containers that are called so; see Find of container.Names.
func (at *place) containers(word string) []choice {
	var found []choice
	for _, o := range at.names.Find(word) {
		if row, ok := at.names.Row(o); ok && !row.Leader.Zombie() {
			found = append(found, choice{row.Leader, o})
		}
	}
	return found
}

// owns reports whether a process is in one of the containers, or in one within.
func (at *place) owns(found []choice, p *procscan.Process) bool {
	for o := at.names.Of(p); o != nil; o = o.In {
		if slices.ContainsFunc(found, func(c choice) bool { return c.owner == o }) {
			return true
		}
	}
	return false
}

// processes returns the processes that match, as candidates does.
func (at *place) processes(matches func(*procscan.Process) bool) []choice {
	var found []choice
	for _, p := range candidates(at.Snapshot, matches) {
		found = append(found, choice{p: p})
	}
	return found
}

// called returns what a bare name may stand for: containers, pods and processes of the name; where there is
// none of these, what has a unit of the name. A process that is called as a container's ID means nothing.
func (at *place) called(name string) []choice {
	containers := at.containers(name)
	if slices.ContainsFunc(containers, func(c choice) bool { return c.owner.HasID(name) }) {
		return containers
	}
	processes := at.processes(func(p *procscan.Process) bool {
		return (p.Comm == name || called(p) == name) && !at.owns(containers, p)
	})
	if found := slices.Concat(containers, processes); len(found) > 0 {
		return found
	}
	return at.inUnit(name)
}

// certain reports whether root or the caller calls one of what was found so, and not just anybody.
func (at *place) certain(found []choice) bool {
	self := at.Find(at.Self)
	return slices.ContainsFunc(found, func(c choice) bool {
		if o := at.names.Of(c.p); c.owner != nil || o.Container() {
			return at.names.Trusted(c.owner)
		}
		return c.p.UID == 0 || self != nil && c.p.UID == self.UID
	})
}

// inUnit returns the processes of a unit of systemd: of the host, or where that has none of the name, of
// those within containers.
func (at *place) inUnit(name string) []choice {
	units := at.names.Find("unit:" + name)
	if len(units) == 0 {
		return at.processes(inUnit(name))
	}
	return at.processes(func(p *procscan.Process) bool {
		unit := at.names.Unit(p)
		if !slices.Contains(units, unit) {
			return false
		}
		// A daemon's containers may be in the control group of its unit, and are not the unit's processes.
		o := at.names.Of(p)
		return o == unit || o == unit.In
	})
}

// container finds a container, or a pod, by a word that says so.
func (r *resolution) container(word string) (aim, error) {
	at, err := r.look()
	if err != nil {
		return aim{}, err
	}
	found := at.containers(word)
	if !at.certain(found) && r.asked(at) {
		found = at.containers(word)
	}
	if len(found) == 0 {
		what, name := "container or pod", strings.TrimPrefix(word, "container:")
		if rest, ok := strings.CutPrefix(word, "pod/"); ok {
			what, name = "pod", rest
		}
		return aim{}, at.nothing("there is no "+what+" of that name", name, at.containerNames())
	}
	return r.pick(at, found)
}

// pick returns the one that was found, or all containers of one pod; else an error that lists them.
func (r *resolution) pick(at *place, found []choice) (aim, error) {
	if len(found) == 1 {
		p := found[0].p
		return aim{refs: []nsenter.Ref{{PID: p.PID, Start: p.Start, NS: p.NS}}}, nil
	}
	unsure := &ambiguousError{what: plural(found), lines: r.lines(at, found), count: len(found)}
	if !onePod(found) {
		return aim{}, unsure
	}
	several := aim{common: common(found), unsure: unsure}
	for _, c := range found {
		ref := nsenter.Ref{PID: c.p.PID, Start: c.p.Start}
		for _, k := range several.common.Kinds() {
			ref.NS[k] = c.p.NS[k]
		}
		several.refs = append(several.refs, ref)
	}
	return several, nil
}

// containerOf returns the container a process is in, nil if that is none or cannot be told.
func (a *app) containerOf(ctx context.Context, f *nsenter.Facts) *container.Owner {
	if a.names == nil || f.PID == 0 {
		return nil
	}
	r := a.newResolution(ctx)
	at, err := r.look()
	if err != nil {
		return nil // the plan is right without
	}
	p := at.ByPID(f.PID)
	if p == nil || p.Start != f.Start {
		return nil
	}
	o := at.names.Of(p)
	if o.Container() && o.From == container.Nobody && r.asked(at) {
		o = at.names.Of(p)
	}
	if !o.Container() {
		return nil
	}
	return o
}

// onePod reports whether all are containers of the same pod.
func onePod(found []choice) bool {
	owners := make([]*container.Owner, 0, len(found))
	for _, c := range found {
		owners = append(owners, c.owner)
	}
	return container.OnePod(owners...)
}

// common returns the kinds in which all are in the same namespace.
func common(found []choice) ns.Set {
	same := found[0].p.NS.Known()
	for _, c := range found[1:] {
		same &= c.p.NS.Known() &^ c.p.NS.Differs(&found[0].p.NS)
	}
	return same
}

// plural says what is in the list, in a word.
func plural(found []choice) string {
	containers := 0
	for _, c := range found {
		if c.owner.Container() {
			containers++
		}
	}
	switch containers {
	case 0:
		return "processes"
	case len(found):
		return "containers"
	default:
		return "containers and processes"
	}
}

// fullName returns the name of a container with all that tells it from others: what can be typed for it,
// behind what it is in.
func fullName(o *container.Owner) string {
	if o == nil {
		return ""
	}
	if o.In != nil {
		return o.In.String() + " > " + o.Full()
	}
	return o.Full()
}

// nothing returns the error for a name that nothing has: what is called almost so, and who might know more.
func (at *place) nothing(said, name string, names []string) error {
	lines := append([]string{said + hidden(at.Snapshot)}, at.others(name, netnsNames())...)
	if near := near(name, names); len(near) > 0 {
		for i, n := range near {
			near[i] = text.Line(n, maxCommand, "…")
		}
		lines = append(lines, "  near names: "+strings.Join(near, ", "))
	}
	for _, s := range at.names.Silent() {
		lines = append(lines, "  "+silence(s))
	}
	if n := at.nameless(); n > 0 {
		lines = append(lines, fmt.Sprintf("  %s without a name here: root may see more", count(n, "container is", "containers are")))
	}
	return &nothingError{lines}
}

// silence says that a source of names does not answer, and what came instead.
func silence(s container.Silent) string {
	return text.Clean(fmt.Sprintf("%s: no answer: %v", s.Source, s.Err))
}

// nothingError is a name that nothing has.
type nothingError struct{ lines []string }

func (e *nothingError) Error() string { return strings.Join(e.lines, "\n") }

// nameless counts the containers of which nobody tells the name, but that others than this user might be told.
func (at *place) nameless() int {
	n := 0
	for _, row := range at.names.Containers() {
		if o := row.Owner; o.From == container.Nobody && !o.Infra && o.ID != "" {
			n++
		}
	}
	return n
}

func count(n int, one, many string) string {
	if n == 1 {
		many = one
	}
	return fmt.Sprintf("%d %s", n, many)
}
