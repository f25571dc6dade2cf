package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/procscan/sought"
	"nstui/ui/text"
)

// nameSource finds out who processes belong to: a container.Resolver, which see.
type nameSource interface {
	Resolve(ctx context.Context, snap *procscan.Snapshot) *container.Names
	Ask(ctx context.Context) bool
	Stopped(ctx context.Context, word string) []container.Stopped
}

// place is what was seen of the host: the processes, and who they belong to.
type place struct{ sought.Place }

// look reads what there is, without asking a daemon.
func (r *resolution) look(want procscan.Want) (*place, error) {
	snap, err := r.scan(want)
	if err != nil {
		return nil, err
	}
	at := &place{sought.Place{Snapshot: snap}}
	if r.names != nil {
		at.Names = r.names(snap)
	}
	return at, nil
}

// asked asks the daemons for names that nothing else tells, and reports whether there are new ones.
func (r *resolution) asked(at *place) bool {
	if r.ask == nil || !r.ask() {
		return false
	}
	at.Names = r.names(at.Snapshot)
	return true
}

// word finds what a word stands for that is no number: a container, a pod, a unit, a process.
func (r *resolution) word(word string) (aim, error) {
	at, err := r.look(procscan.Texts)
	if err != nil {
		return aim{}, err
	}
	m := at.Mean(word)
	if (m.Open || !at.Certain(m.Choices)) && r.asked(at) {
		m = at.Mean(word)
	}
	if !at.Certain(m.Choices) && r.names != nil && !strings.HasPrefix(word, container.UnitPrefix) {
		// Of a pod there may be nothing but a network namespace, which is mounted. What a user calls so does not hide it.
		if at, err = r.look(procscan.Texts | procscan.Mounts); err != nil {
			return aim{}, err
		}
		m = at.Mean(word)
	}
	if len(m.Choices) == 0 {
		return aim{}, r.nothing(at, word)
	}
	found, err := r.pick(at, m.Choices)
	for _, note := range at.Notes(m, r.user) {
		found.notes = append(found.notes, text.Line(note, maxSaid, "…"))
	}
	return found, err
}

// pick returns the one that was found, or all containers of one pod; else an error that lists them.
func (r *resolution) pick(at *place, found []sought.Choice) (aim, error) {
	if len(found) == 1 {
		p := found[0].Process
		if p == nil {
			return left(at, found[0])
		}
		return aim{refs: []nsenter.Ref{{PID: p.PID, Start: p.Start, NS: p.NS}}}, nil
	}
	unsure := &ambiguousError{what: plural(found), lines: r.lines(at, found), count: len(found)}
	if !sought.OnePod(found) || slices.ContainsFunc(found, func(c sought.Choice) bool { return c.Process == nil }) {
		return aim{}, unsure
	}
	several := aim{common: common(found), unsure: unsure}
	for _, c := range found {
		ref := nsenter.Ref{PID: c.Process.PID, Start: c.Process.Start}
		for _, k := range several.common.Kinds() {
			ref.NS[k] = c.Process.NS[k]
		}
		several.refs = append(several.refs, ref)
	}
	return several, nil
}

// left returns the way into the network namespace that is left of a pod.
func left(at *place, c sought.Choice) (aim, error) {
	n := at.Namespace(c.Space)
	if n == nil {
		return aim{}, errors.New("no process of it is left, and its network namespace is gone")
	}
	pod, err := kept(at.Snapshot, n)
	pod.left = true
	return pod, err
}

// containerOf returns the container a process is in, nil if that is none or cannot be told.
func (a *app) containerOf(ctx context.Context, f *nsenter.Facts) *container.Owner {
	if a.names == nil || f.PID == 0 {
		return nil
	}
	r := a.newResolution(ctx)
	at, err := r.look(procscan.Texts)
	if err != nil {
		return nil // the plan is right without
	}
	p := at.ByPID(f.PID)
	if p == nil || p.Start != f.Start {
		return nil
	}
	o := at.Names.Of(p)
	if o.Container() && o.From == container.Nobody && r.asked(at) {
		o = at.Names.Of(p)
	}
	if !o.Container() {
		return nil
	}
	return o
}

// common returns the kinds in which all are in the same namespace.
func common(found []sought.Choice) ns.Set {
	same := found[0].Process.NS.Known()
	for _, c := range found[1:] {
		same &= c.Process.NS.Known() &^ c.Process.NS.Differs(&found[0].Process.NS)
	}
	return same
}

// plural says what is in the list, in a word.
func plural(found []sought.Choice) string {
	containers := 0
	for _, c := range found {
		if c.Owner.Container() {
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

// nothing returns the error for a word that means nothing: that it is a container that does not run, or what is
// called almost so, and who might know more. All of it where the word is but the start of an ID, as it may be by chance.
func (r *resolution) nothing(at *place, word string) error {
	var lines []string
	sure := false
	if r.stopped != nil {
		for _, s := range r.stopped(word) {
			lines = append(lines, text.Line(s.String(), maxSaid, "…"))
			sure = sure || !s.ByID
		}
	}
	if sure {
		return &nothingError{lines}
	}
	if len(lines) == 0 {
		lines = append(lines, said(word)+hidden(at.Snapshot))
	}
	for _, other := range at.Others(word, netnsNames()) {
		lines = append(lines, "  "+text.Clean(other))
	}
	if near := at.Near(word); len(near) > 0 {
		lines = append(lines, "  near names: "+strings.Join(shown(near), ", "))
	}
	for _, s := range at.Names.Silent() {
		lines = append(lines, "  "+silence(s))
	}
	for _, s := range at.Names.Denied() {
		lines = append(lines, text.Clean(fmt.Sprintf("  %s may know more names: %v", s.Source, s.Err)))
	}
	if n := at.nameless(); n > 0 {
		lines = append(lines, fmt.Sprintf("  %s without a name here: root may see more", count(n, "container is", "containers are")))
	}
	return &nothingError{lines}
}

// maxSaid is how many cells a line takes at most that somebody else may write.
const maxSaid = 300

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
	for _, row := range at.Names.Containers() {
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
