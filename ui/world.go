package ui

import (
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// proc is a process as the lists need it.
type proc struct {
	*procscan.Process
	// shown is its command line, or what stands for it; as raw as the process set it.
	shown   string
	hay     string // lower case: what a filter looks in, but for the name of the user
	letters string // the NS column
	differs ns.Set
	index   int  // in world.procs
	born    bool // not in the snapshot before
	ended   bool // only in the snapshot before
}

// in returns the namespace of a kind the process is in, or what stands for those that refused.
func (p *proc) in(kind ns.Kind) ns.ID {
	if p.Refused != "" {
		return refusedID(kind)
	}
	return p.NS.ID(kind)
}

// refusedID returns the identity of the row of the processes that refused to show their namespaces.
// No namespace has this inode number: the kernel gives 32 bits.
func refusedID(kind ns.Kind) ns.ID { return ns.ID{Kind: kind, Ino: math.MaxUint64} }

// space is a namespace as the lists need it, or the row that stands for those nobody may see.
type space struct {
	id         ns.ID
	members    []*proc // by pid
	leader     *proc   // nil where there is none to name
	owner      uint32
	ownerKnown bool
	unique     uint64 // see procscan.Namespace
	mine       bool
	born       bool
	ended      bool
}

// refused reports whether the space stands for processes that refused to show their namespaces.
func (s *space) refused() bool { return s.id == refusedID(s.id.Kind) }

// hiddenNS is the NS column of a process that shows nothing.
const hiddenNS = "????????"

// maxCommand bounds what is kept of a command line for showing and filtering; all of it is in Args.
const maxCommand = 4096

// world is a snapshot prepared for looking at: rows with everything that is sorted, filtered and shown.
// It is built in the goroutine of the scan and immutable from then on.
type world struct {
	snap   *procscan.Snapshot
	procs  []proc
	ended  []proc               // in the snapshot before and no more in this one
	spaces [ns.NumKinds][]space // by inode
	// reason is what most of those that refused gave as theirs.
	reason procscan.Reason
}

// newWorld prepares a snapshot. prev is the world before it, or nil.
func newWorld(prev *world, snap *procscan.Snapshot) *world {
	w := &world{snap: snap, procs: make([]proc, len(snap.Procs))}
	for i := range snap.Procs {
		p := newProc(snap.Procs[i], &snap.Mine)
		p.index = i
		p.born = prev != nil && prev.snap.Find(p.ID()) == nil
		w.procs[i] = p
	}
	if prev != nil {
		for i := range prev.procs {
			if p := prev.procs[i]; snap.Find(p.ID()) == nil {
				p.born, p.ended = false, true
				w.ended = append(w.ended, p)
			}
		}
	}
	for _, kind := range ns.Kinds() {
		w.spaces[kind] = w.newSpaces(prev, kind)
	}
	w.reason = commonReason(w.members(snap.Refused))
	return w
}

// commonReason returns the reason most of the processes refused for.
func commonReason(refused []*proc) procscan.Reason {
	count := make(map[procscan.Reason]int)
	for _, p := range refused {
		count[p.Refused]++
	}
	var most procscan.Reason
	for reason, n := range count {
		if n > count[most] || n == count[most] && reason < most {
			most = reason
		}
	}
	return most
}

// newProc prepares one process.
func newProc(p *procscan.Process, mine *ns.Tuple) proc {
	row := proc{Process: p, shown: commandOf(p), letters: lettersOf(p, mine), differs: p.NS.Differs(mine)}
	row.hay = strings.ToLower(strconv.Itoa(p.PID) + "\n" + p.Comm + "\n" + row.shown + "\n" + p.Cgroup + "\n" + row.letters)
	return row
}

// commandOf returns what is shown as the command of a process: kernel threads and processes that have
// no arguments are in brackets, as in ps(1).
func commandOf(p *procscan.Process) string {
	switch {
	case p.Zombie():
		return p.Comm + " (zombie)"
	case p.Kernel, len(p.Args) == 0:
		return "[" + p.Comm + "]"
	}
	var b strings.Builder
	for i, arg := range p.Args {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(arg[:min(len(arg), maxCommand)])
		if b.Len() >= maxCommand {
			return b.String()[:maxCommand]
		}
	}
	if strings.TrimSpace(b.String()) == "" {
		return "[" + p.Comm + "]"
	}
	return b.String()
}

// maxName bounds the name of a process.
const maxName = 64

// nameOf returns what a process is called where there is room for a word: by the first of its
// arguments, as in the list of processes, or by what the kernel calls it.
func nameOf(p *procscan.Process) string {
	if p.Kernel || p.Zombie() || len(p.Args) == 0 {
		return p.Comm
	}
	word, _, _ := strings.Cut(p.Args[0], " ") // "nginx: master process"
	word = strings.TrimSuffix(strings.TrimPrefix(path.Base(word), "-"), ":")
	if word == "" || word == "." || word == "/" {
		return p.Comm
	}
	return word[:min(len(word), maxName)]
}

// lettersOf returns the NS column: the letter of a kind in which the process is not in our namespace,
// '-' where it is, '?' where that is not known.
func lettersOf(p *procscan.Process, mine *ns.Tuple) string {
	if p.Refused != "" {
		return hiddenNS
	}
	letters := []byte(p.NS.Differs(mine).Letters())
	known := p.NS.Known() & mine.Known()
	for i, kind := range ns.Kinds() {
		if !known.Has(kind) {
			letters[i] = '?'
		}
	}
	return string(letters)
}

// newSpaces prepares the namespaces of a kind: those of the snapshot, those that ended since the one
// before, and last the processes that refused.
func (w *world) newSpaces(prev *world, kind ns.Kind) []space {
	list := w.snap.Namespaces[kind]
	spaces := make([]space, 0, len(list)+1)
	for i := range list {
		n := &list[i]
		s := space{
			id: n.ID, owner: n.OwnerUID, ownerKnown: n.OwnerKnown, unique: n.Unique,
			mine: w.snap.Mine[kind] == n.ID.Ino,
			born: prev != nil && prev.snap.Namespace(n.ID) == nil,
		}
		s.members = w.members(n.Members)
		if n.Leader >= 0 && n.Leader < len(w.procs) {
			s.leader = &w.procs[n.Leader]
		}
		spaces = append(spaces, s)
	}
	if prev != nil {
		for _, s := range prev.spaces[kind] {
			if !s.ended && !s.refused() && w.snap.Namespace(s.id) == nil {
				s.born, s.ended, s.members = false, true, nil
				spaces = append(spaces, s)
			}
		}
		slices.SortFunc(spaces, func(a, b space) int { return compareIDs(a.id, b.id) })
	}
	if len(w.snap.Refused) > 0 {
		spaces = append(spaces, space{id: refusedID(kind), members: w.members(w.snap.Refused)})
	}
	return spaces
}

// members returns the processes with the given indices.
func (w *world) members(indices []int) []*proc {
	procs := make([]*proc, 0, len(indices))
	for _, i := range indices {
		if i >= 0 && i < len(w.procs) {
			procs = append(procs, &w.procs[i])
		}
	}
	return procs
}

// ids returns the numbers of namespaces that the kernel gives to no other, 0 where it has none.
func (w *world) ids(inodes *ns.Tuple) (ids ns.Tuple) {
	for _, k := range ns.Kinds() {
		if s := w.space(inodes.ID(k)); s != nil {
			ids[k] = s.unique
		}
	}
	return ids
}

// space returns the namespace with the given identity, also one that has just ended, or nil.
func (w *world) space(id ns.ID) *space {
	if w == nil {
		return nil
	}
	list := w.spaces[id.Kind]
	i, ok := slices.BinarySearchFunc(list, id, func(s space, id ns.ID) int { return compareIDs(s.id, id) })
	if !ok {
		return nil
	}
	return &list[i]
}

// byPID returns the process with the given pid, or nil.
func (w *world) byPID(pid int) *proc {
	if w == nil {
		return nil
	}
	i, ok := slices.BinarySearchFunc(w.procs, pid, func(p proc, pid int) int { return p.PID - pid })
	if !ok {
		return nil
	}
	return &w.procs[i]
}

// find returns the process with the given identity, also one that has just ended, or nil.
func (w *world) find(id procscan.ProcID) *proc {
	if p := w.byPID(id.PID); p != nil && p.ID() == id {
		return p
	}
	if w == nil {
		return nil
	}
	for i := range w.ended {
		if w.ended[i].ID() == id {
			return &w.ended[i]
		}
	}
	return nil
}
