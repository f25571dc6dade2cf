package ui

import (
	"context"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/ui/text"
)

// Namer finds out who processes belong to: a container.Resolver, which see. Its methods are called from
// commands, Resolve also while the others wait.
type Namer interface {
	Resolve(ctx context.Context, snap *procscan.Snapshot) *container.Names
	Ask(ctx context.Context) bool
	Stopped(ctx context.Context, word string) []container.Stopped
}

// owner is who a process belongs to as the lists need it. There is one for each container.Owner, taken over
// from world to world for as long as that is.
type owner struct {
	*container.Owner
	// words are what it is called, from all there is to say to the least. They are as hostile as what
	// they are made of.
	words []string
	hay   string // lower case: what a filter looks in, beside the control group and what it is in
	in    *owner // nil if it is in no container
	// beside says that other containers are in its pod, so that the name of the pod does not mean it.
	beside bool
}

// newOwner prepares an owner, which is in another and beside others in a pod.
func newOwner(o *container.Owner, in *owner, beside bool) *owner {
	row := &owner{Owner: o, words: wordsFor(o, beside), in: in, beside: beside}
	var hay strings.Builder
	for _, word := range []string{string(o.Runtime), o.ID, o.Full(), o.Image, o.State} {
		hay.WriteString(word + "\n")
	}
	for _, word := range row.words { // whatever of them a column has room for; most are the end of the first
		if word += "\n"; !strings.Contains(hay.String(), word) {
			hay.WriteString(word)
		}
	}
	if o.Pod != nil {
		hay.WriteString(container.PodPrefix + o.Pod.String() + "\n" + o.Pod.UID + "\n")
	}
	if o.Project != "" {
		hay.WriteString(container.ComposePrefix + o.Project + "/" + o.Service + "\n")
	}
	if !o.Container() {
		hay.WriteString(container.UnitPrefix + o.Name + "\n")
	}
	row.hay = strings.ToLower(hay.String())
	return row
}

// has reports whether a filter finds it: in its control group, or in what is known of it and of those it is in.
// The paths of control groups are long, and those of the others are the start of its own, so no other is kept.
func (o *owner) has(needle string) bool {
	if o == nil {
		return false
	}
	for at := o; at != nil; at = at.in {
		if strings.Contains(at.hay, needle) {
			return true
		}
	}
	return strings.Contains(strings.ToLower(o.Cgroup), needle)
}

// Container reports whether it is a container, and not a unit, or nobody.
func (o *owner) Container() bool { return o != nil && o.Owner.Container() }

// called returns what an owner is called; nobody is called nothing.
func (o *owner) called() []string {
	if o == nil {
		return nil
	}
	return o.words
}

// least returns the least that an owner is called where it is not known what else is.
func (o *owner) least() string {
	if o.Project != "" && o.Pod == nil { // other projects have a db-1, too
		return o.Short()
	}
	return o.words[len(o.words)-1]
}

// maxOuter is how many containers are named that one is in: the innermost.
const maxOuter = 3

// wordsFor returns what an owner is called in ever fewer words: first the chain of containers it is in is cut,
// outermost first, then what its pod's name has behind that of what made it.
func wordsFor(o *container.Owner, beside bool) (words []string) {
	chain := o.Chain()
	chain = chain[max(0, len(chain)-1-maxOuter) : len(chain)-1]
	outer := make([]string, len(chain))
	for i, link := range chain {
		outer[i] = link.Full()
		if link.Pod != nil {
			outer[i] = link.Short()
		}
	}
	if !o.Container() && len(outer) > 0 && o.Name == "init.scope" { // of a container that has a systemd
		outer = nil
	}
	own := ownWords(o, beside)
	for i := range outer {
		words = append(words, strings.Join(append(slices.Clone(outer[i:]), own[0]), " > "))
	}
	words = append(words, own...)
	if !o.Infra {
		return words
	}
	serves := servant
	if o.Monitor {
		serves = monitor
	}
	for i, w := range words {
		words[i] = serves + " of " + w
	}
	return append(words, serves)
}

// ownWords returns what an owner is called but for what it is in. One that is called as its pod is has that name, unless
// it is beside others there.
func ownWords(o *container.Owner, beside bool) []string {
	if o.Pod == nil || o.Pod.Name == "" {
		return leanWords(o)
	}
	pod, name := o.Pod.Name, o.Name
	if o.Infra {
		name = ""
	}
	made, ok := madeBy(pod, name)
	if name != "" && (beside || !ok) {
		pod, made = pod+"/"+name, made+"/"+name
	}
	words := []string{pod, made, made}
	if o.Pod.Namespace != "" {
		words[0], words[1] = o.Pod.Namespace+"/"+words[0], o.Pod.Namespace+"/"+words[1]
	}
	return slices.Compact(words)
}

// leanWords returns what an owner in no pod is called: first its whole name, then that without what goes without
// saying, as units with processes are services or scopes, and compose puts the project before the names of its containers.
func leanWords(o *container.Owner) []string {
	words, lean := []string{o.Short()}, ""
	switch {
	case o.Runtime == container.Systemd:
		lean = strings.TrimSuffix(strings.TrimSuffix(o.Name, ".service"), ".scope")
	case o.Project != "" && o.Service != "":
		lean = strings.TrimLeft(strings.TrimPrefix(o.Name, o.Project), "-_")
	}
	if lean != "" && lean != words[0] {
		words = append(words, lean)
	}
	return words
}

// madeBy returns the name of what has made a pod, which is that of the pod without what Kubernetes puts behind
// it to tell its pods apart, and whether the container in it is called so, too.
func madeBy(pod, name string) (made string, same bool) {
	if rest, ok := strings.CutPrefix(pod, name); ok && name != "" && (rest == "" || rest[0] == '-') {
		return name, true
	}
	made = pod
	// The characters are those of rand.SafeEncodeString in k8s.io/apimachinery: five for the pod, and
	// before them up to ten for the version of a deployment.
	for _, longest := range []int{5, 10} {
		at := strings.LastIndexByte(made, '-')
		if tail := made[at+1:]; at > 0 && len(tail) >= 5 && len(tail) <= longest && strings.Trim(tail, "bcdfghjklmnpqrstvwxz2456789") == "" {
			made = made[:at]
		}
	}
	return made, false
}

// servant is the least that is said of what only serves others, and monitor of a runtime's process beside a container.
// It is said where no more than that has room.
const (
	servant      = container.InfraName
	monitor      = "monitor"
	servantWidth = 12
)

// fit returns the first of some wordings that fits into that many cells, or as much of the last as does.
func fit(words []string, width int, tail string) string {
	if n := len(words); n > 1 && (words[n-1] == servant || words[n-1] == monitor) && width >= servantWidth {
		words = words[:n-1]
	}
	for _, w := range words {
		if w = text.Clean(w); text.Width(w) <= width {
			return w
		}
	}
	if len(words) == 0 {
		return ""
	}
	return text.Ends(text.Clean(words[len(words)-1]), width, tail)
}

// named is who the processes of a world belong to.
type named struct {
	names  *container.Names // nil before anything is known
	owners map[*container.Owner]*owner
	beside map[*container.Owner]bool // those of pods of several containers
}

// takeOwner returns an owner as the lists need it, from the world before if that has it.
func (n *named) takeOwner(prev *world, o *container.Owner) *owner {
	if o == nil {
		return nil
	}
	row := n.owners[o]
	if row != nil {
		return row
	}
	if prev != nil {
		if row = prev.owners[o]; row != nil && row.beside != n.beside[o] {
			row = nil
		}
	}
	in := n.takeOwner(prev, o.In) // also for the world after this one
	if row == nil {
		row = newOwner(o, in, n.beside[o])
	}
	n.owners[o] = row
	return row
}

// besideOthers returns the containers of pods of several, without what only serves others.
func besideOthers(names *container.Names) map[*container.Owner]bool {
	pods := make(map[container.Home][]*container.Owner)
	for _, row := range names.Containers() {
		if home, ok := row.Owner.Home(); ok && !row.Owner.Infra {
			pods[home] = append(pods[home], row.Owner)
		}
	}
	beside := make(map[*container.Owner]bool)
	for _, owners := range pods {
		for _, o := range owners {
			beside[o] = len(owners) > 1
		}
	}
	return beside
}

// takeOwners finds out who the processes and namespaces belong to.
func (w *world) takeOwners(prev *world) {
	if w.names == nil {
		return
	}
	w.owners, w.beside = make(map[*container.Owner]*owner), besideOthers(w.names)
	for i := range w.procs {
		w.procs[i].owner = w.takeOwner(prev, w.names.Of(w.procs[i].Process))
	}
	for kind := range w.spaces {
		for i := range w.spaces[kind] {
			if s := &w.spaces[kind][i]; !s.refused() {
				s.whose = w.names.Space(s.ID)
				s.words = w.spaceWords(&s.whose)
			}
		}
	}
}

// spaceWords returns what a namespace is called by who it is for, in ever fewer words; none if it is for
// nobody that has a name, or the host's.
func (w *world) spaceWords(s *container.Space) (words []string) {
	switch owners := s.Owners; {
	case s.Host:
	case len(owners) == 1:
		words = w.wordsOf(owners[0])
	case s.Pod != nil && len(owners) > 0:
		words = ownWords(&container.Owner{Pod: s.Pod, In: owners[0].In}, false)
	case len(owners) > 1:
		var all []string
		for _, o := range owners[:min(len(owners), maxOwners)] {
			all = append(all, w.wordsOf(o)[0])
		}
		if len(owners) <= maxOwners {
			words = append(words, strings.Join(all, ", "))
		}
		for _, word := range w.wordsOf(owners[0]) {
			words = append(words, word+" +"+strconv.Itoa(len(owners)-1))
		}
	}
	for _, name := range s.Netns {
		full := container.NetnsPrefix + name
		if len(words) > 0 {
			words = append([]string{words[0] + " " + full}, words...)
		} else {
			words = append(words, full, name)
		}
	}
	return words
}

// ownerOf returns who all the processes belong to, nil if they do not belong to the same.
func ownerOf(rows []*proc) *owner {
	if len(rows) == 0 || slices.ContainsFunc(rows, func(p *proc) bool { return p.owner != rows[0].owner }) {
		return nil
	}
	return rows[0].owner
}

// maxOwners is how many owners of a namespace are named.
const maxOwners = 8

// wordsOf returns what an owner is called.
func (w *world) wordsOf(o *container.Owner) []string {
	if row := w.owners[o]; row != nil {
		return row.words
	}
	return wordsFor(o, w.beside[o])
}

// netnsOf returns the names ip-netns(8) gave the network namespace of a process.
func (w *world) netnsOf(p *proc) []string {
	if w.names == nil {
		return nil
	}
	if s := w.space(p.in(ns.Net)); s != nil {
		return s.whose.Netns
	}
	return nil
}

// naming is the asking of what takes long to answer for names.
type naming struct {
	asking bool
	asked  bool // at least once to the end
}

// askedMsg says that the daemons of runtimes have been asked for names.
type askedMsg struct{ told bool }

// renamedMsg is a world with names that came late.
type renamedMsg struct{ of, world *world }

// ask asks the daemons of runtimes for the names nothing else told, if nobody does already.
func (m *Model) ask() tea.Cmd {
	n := &m.live.naming
	if n.asking || m.world == nil || m.world.names == nil {
		return nil
	}
	n.asking = true
	namer, ctx := m.config.Names, m.ctx
	return func() tea.Msg { return askedMsg{namer.Ask(ctx)} }
}

// handleAsked shows what was told.
func (m *Model) handleAsked(msg askedMsg) tea.Cmd {
	m.live.naming = naming{asked: true}
	if msg.told {
		return m.rename()
	}
	return m.openSought() // no name is to come any more
}

// rename works the names out again that are shown.
func (m *Model) rename() tea.Cmd {
	w, namer, ctx := m.world, m.config.Names, m.ctx
	return func() tea.Msg {
		return renamedMsg{w, newWorld(w, w.snap, namer.Resolve(ctx, w.snap))}
	}
}

// handleRenamed shows names that came late: by way of a new scan if there was one meanwhile that did not
// know them. No cursor moves.
func (m *Model) handleRenamed(msg renamedMsg) tea.Cmd {
	switch {
	case msg.world == m.world:
		return nil
	case msg.of == m.world:
		return m.show(msg.world)
	case m.world.names.Serial() < msg.world.names.Serial():
		return m.rename()
	}
	return nil
}
