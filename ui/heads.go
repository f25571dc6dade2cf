package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/ui/theme"
)

// family is what containers have in common that are below one head in the tree of containers: their pod, or else
// the project of compose that their runtime has started for somebody.
type family struct {
	home    container.Home
	runtime container.Runtime
	project string
}

// familyOf returns what a container is below, ok is false for one that is below none. That of a container of
// which nobody can tell whose it is would let it stand among those of root.
func familyOf(o *container.Owner) (h family, ok bool) {
	if home, ok := o.Home(); ok {
		return family{home: home}, true
	}
	if o == nil || o.Project == "" || o.User == container.NoUser {
		return family{}, false
	}
	return family{home: container.Home{User: o.User, In: o.In}, runtime: o.Runtime, project: o.Project}, true
}

// id returns the identity of the head, which is the same in the next world.
func (h *family) id() groupID {
	parts := []string{"", h.home.Pod.UID, h.home.Pod.Namespace, h.home.Pod.Name, string(h.runtime), h.project, strconv.FormatUint(uint64(h.home.User), 10)}
	if in := h.home.In; in != nil {
		parts = append(parts, in.ID, in.Cgroup)
	}
	return groupID{box: strings.Join(parts, "\x00")}
}

// words returns what a head is called in ever fewer words: as the target that means all of it.
func (h *family) words() []string {
	if h.project != "" {
		return []string{"compose:" + h.project}
	}
	words := ownWords(&container.Owner{Pod: &h.home.Pod}, false)
	for i := range words {
		words[i] = container.PodPrefix + words[i]
	}
	return words
}

// takeHeads makes the heads of the containers that have one. They are rows of the tree alone.
func (w *world) takeHeads() {
	at := make(map[family]int)
	ids := make(map[groupID]bool)
	var parts [][]*group // of each head
	for i := range w.boxes {
		g := &w.boxes[i]
		h, ok := familyOf(g.owner.Owner)
		if !ok {
			continue
		}
		k, known := at[h]
		if !known {
			k = len(w.heads)
			at[h] = k
			head := newHead(&h, g)
			if ids[head.id] { // of what is in a container that somebody has made to look as another
				head.id.box += "\x00" + strconv.Itoa(g.leader.PID)
			}
			ids[head.id] = true
			w.heads, parts = append(w.heads, head), append(parts, nil)
		}
		g.within = w.heads[k].id
		parts[k] = append(parts[k], g)
	}
	in := make(map[ns.ID]int)
	for i := range w.boxes {
		for _, k := range ns.Kinds() {
			in[w.boxes[i].row.NS.ID(k)]++
		}
	}
	for i := range w.heads {
		w.heads[i].finishHead(parts[i], in)
	}
	slices.SortFunc(w.heads, func(a, b group) int { return a.id.compare(&b.id) })
}

// newHead returns the head of a container that is one of those below it.
func newHead(h *family, first *group) group {
	o := &container.Owner{Runtime: first.owner.Runtime, Name: h.project, Project: h.project, In: h.home.In, User: h.home.User}
	if h.project == "" {
		o.Pod = &h.home.Pod
	}
	return group{id: h.id(), owner: &owner{Owner: o, words: h.words(), in: first.owner.in}, row: container.Row{Owner: o}}
}

// finishHead works out what the row of a head says of the containers below it; in is how many containers are in each
// namespace. It is entered by the oldest of them: what only serves the others is left out of that, as it is where a pod is a target.
func (g *group) finishHead(parts []*group, in map[ns.ID]int) {
	g.parts = len(parts)
	entered := slices.DeleteFunc(slices.Clone(parts), func(part *group) bool { return part.owner.Infra })
	if g.serves = len(entered) == 0; g.serves {
		entered = parts
	}
	oldest := slices.MinFunc(entered, func(a, b *group) int { return cmp.Compare(a.leader.Start, b.leader.Start) })
	g.leader, g.differs, g.row.Leader, g.row.NS = oldest.leader, oldest.leader.differs, oldest.row.Leader, oldest.row.NS
	g.row.Host, g.owner.State = ns.All, oldest.owner.State
	for _, part := range parts {
		g.members = append(g.members, part.members...)
		g.row.Host &= part.row.Host
		g.unknown |= ns.All &^ part.row.NS.Known()
		g.split |= part.row.NS.Differs(&oldest.row.NS)
		if part.owner.State != g.owner.State {
			g.owner.State = ""
		}
	}
	slices.Sort(g.members)
	for _, part := range entered {
		g.apart |= part.row.NS.Differs(&oldest.row.NS)
	}
	for _, k := range ns.Kinds() {
		if g.apart.Has(k) {
			g.row.NS[k] = 0
			continue
		}
		here := 0
		for _, part := range parts {
			if part.row.NS[k] == g.row.NS[k] {
				here++
			}
		}
		if g.row.NS[k] != 0 && !g.row.Host.Has(k) && in[g.row.NS.ID(k)] > here {
			g.row.Others = g.row.Others.With(k)
		}
	}
	g.letters = g.headLetters()
	g.shares.host = hostShares(g.row.Host)
}

// headLetters returns the NS column of a head: the letters of the namespaces that all below it are in, a dot stands where
// they are not all in the same.
func (g *group) headLetters() string {
	letters := []byte(hiddenNS)
	for i, k := range ns.Kinds() {
		switch {
		case g.row.Host.Has(k):
			letters[i] = '-'
		case g.split.Has(k):
			letters[i] = '.'
		case g.unknown.Has(k):
		case g.row.Others.Has(k):
			letters[i] = '&'
		default:
			letters[i] = k.Letter()
		}
	}
	return string(letters)
}

// isHead reports whether the group is a head in the tree of containers, and no container.
func (g *group) isHead() bool { return g.parts > 0 }

// isOf reports whether the group is the head of an owner.
func (g *group) isOf(o *owner) bool {
	h, ok := familyOf(o.Owner)
	return ok && h.id() == g.id
}

// headLines returns everything there is to say of a head.
func (m *Model) headLines(g *group) []line {
	c, o := m.paint, g.owner
	what := "pod"
	if o.Project != "" {
		what = "project of compose"
	}
	ls := []line{say(theme.Strong, o.words[0]), nil, fact("what", span{theme.Plain, what})}
	tell := func(label, words string) {
		if words != "" {
			ls = append(ls, fact(label, span{theme.Plain, words}))
		}
	}
	tell("runtime", string(o.Runtime))
	tell("state", o.State)
	if o.In != nil {
		tell("in", o.In.String())
	}
	tell("members", fmt.Sprintf("%-6d in %d %s", len(g.members), g.parts, plural(g.parts, "container", "containers")))
	ls = append(ls, nil, line{c.column(theme.Heading, "NAMESPACES", 20), {theme.Heading, "SHARED WITH"}})
	for _, k := range ns.Kinds() {
		ls = append(ls, append(m.kindOfBox(g, k), m.headShares(g, k)...))
	}
	ls = append(ls, nil, say(theme.Heading, "CONTAINERS"))
	for _, b := range m.world.partsOf(g) {
		ls = append(ls, line{c.column(theme.Plain, strconv.Itoa(len(b.members)), 5), {theme.Plain, partWords(b)[0]}, {theme.Warn, "  " + b.note()}})
	}
	return append(ls, m.enterGroupLines(g)...)
}

// partsOf returns the containers below a head by their names, last those that only serve the others.
func (w *world) partsOf(head *group) (parts []*group) {
	for i := range w.boxes {
		if b := &w.boxes[i]; b.within == head.id && !b.ended {
			parts = append(parts, b)
		}
	}
	slices.SortStableFunc(parts, func(a, b *group) int { return strings.Compare(a.owner.SortName(), b.owner.SortName()) })
	return parts
}

// headShares says whose the namespace of a kind is in which all below a head are.
func (m *Model) headShares(g *group, k ns.Kind) line {
	switch {
	case g.apart.Has(k):
		return say(theme.Plain, "several")
	case g.unknown.Has(k):
		return say(theme.Warn, "not known")
	case g.row.Host.Has(k), g.row.Others.Has(k):
		return m.boxShares(g, k)
	case g.split.Has(k):
		return say(theme.Own, "all but "+servant)
	}
	return say(theme.Own, "all in it")
}

// partWords returns what a container is called below its head.
func partWords(g *group) []string {
	o := g.owner
	switch {
	case o.Infra:
		return []string{servant}
	case o.Pod != nil:
		return []string{(&container.Owner{Runtime: o.Runtime, ID: o.ID, Name: o.Name}).Short()}
	}
	words := leanWords(o.Owner)
	return words[len(words)-1:]
}
