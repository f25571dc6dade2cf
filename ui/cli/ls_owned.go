package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/procscan/sought"
	"nstui/ui/text"
)

// certain reports whether only a name is asked for, and it is that of a unit, or root or the caller calls something
// so: then no daemon has to be asked.
func (s *lister) certain() bool {
	table := s.opts.table()
	if s.opts.word == "" || table.named(s.opts.columns) || s.query != nil && table.named(s.query.Columns()) {
		return false
	}
	prefix, _ := container.Split(s.opts.word)
	found, _ := s.meant()
	return prefix == container.UnitPrefix && len(s.owned()) > 0 || slices.ContainsFunc(found, s.names.Trusted)
}

// meant returns the containers or units that a name means, as for who enters, see package sought: m says what else is
// called so. Of a unit that is all its processes.
func (s *lister) meant() (owners []*container.Owner, m sought.Meaning) {
	if prefix, _ := container.Split(s.opts.word); prefix == container.UnitPrefix {
		return s.names.Find(s.opts.word), m
	}
	m = (&sought.Place{Snapshot: s.snap, Names: s.names}).Mean(s.opts.word)
	for _, c := range m.Choices {
		owners = append(owners, c.Owner)
	}
	return owners, m
}

// noteOthers says what else is called as what was listed.
func (a *app) noteOthers(s *lister) {
	if s.opts.word == "" {
		return
	}
	at := &sought.Place{Snapshot: s.snap, Names: s.names}
	_, m := s.meant()
	for _, note := range at.Notes(m, s.users.name) {
		a.complain("nstui: %s\n", text.Line(note, maxSaid, "…"))
	}
}

// fillOwned adds the processes of all that a name means.
func (s *lister) fillOwned() error {
	in := s.owned()
	if len(in) == 0 {
		return s.nobody(s.opts.word)
	}
	for _, p := range s.snap.Procs {
		if !in[p] {
			continue
		}
		if err := s.addProcess(nil, p, func(p *procscan.Process) bool { return in[p] }); err != nil {
			return err
		}
	}
	return nil
}

// owned returns the processes of all that a name means. In a unit are also those of containers whose control groups
// are below its own, and a unit that is but a container's has a name, too.
func (s *lister) owned() map[*procscan.Process]bool {
	in := make(map[*procscan.Process]bool)
	found, _ := s.meant()
	var units []string
	for _, o := range found {
		for _, p := range s.names.Members(o) {
			in[p] = true
		}
		if !o.Container() {
			units = append(units, o.Cgroup+"/")
		}
	}
	prefix, name := container.Split(s.opts.word)
	if prefix != container.UnitPrefix {
		return in
	}
	below := sought.InUnit(name)
	if len(units) > 0 { // of these alone
		below = func(p *procscan.Process) bool {
			for path := range strings.SplitSeq(cmp.Or(p.Groups, p.Cgroup), "\n") {
				if slices.ContainsFunc(units, func(unit string) bool { return strings.HasPrefix(path+"/", unit) }) {
					return true
				}
			}
			return false
		}
	}
	for _, p := range s.snap.Procs {
		if below(p) {
			in[p] = true
		}
	}
	return in
}

// unitOf returns the unit of systemd a container is in, the innermost: that may have been made for it alone.
func unitOf(s *lister, r *container.Row) string {
	if unit := s.names.Unit(r.Leader); unit != nil {
		return unit.Name
	}
	for _, segment := range slices.Backward(strings.Split(r.Owner.Cgroup, "/")) {
		if strings.HasSuffix(segment, ".service") || strings.HasSuffix(segment, ".scope") {
			return segment
		}
	}
	return ""
}

// nobody returns the error for a name nobody has.
func (a *app) nobody(ctx context.Context, s *lister, word string) error {
	r := a.newResolution(ctx)
	if s.opts.root != procscan.DefaultRoot {
		r.stopped = nil // they are of this host
	}
	err := r.nothing(&place{sought.Place{Snapshot: s.snap, Names: s.names}}, word)
	return fmt.Errorf("list processes of %s: %w", text.Clean(word), err)
}

// hintAtProcesses says how to list the processes of the host's namespaces that a filter on names is true of, where
// it is true of no namespace: the host's are for nobody, but those who share them, as most units, are found there.
func (a *app) hintAtProcesses(s *lister) {
	o := s.opts
	if s.query == nil || s.sheet.Len() > 0 || o.containers || o.ofProcesses() || o.pid != 0 || o.persistent || !o.table().named(s.query.Columns()) {
		return
	}
	best, most := ns.ID{}, 0
	host := s.names.Host()
	for _, k := range o.kinds.Kinds() {
		id := host.ID(k)
		if n := s.matching(id); n > most {
			best, most = id, n
		}
	}
	if most == 0 {
		return
	}
	a.complain("nstui: no namespace is for that, but %s in one of the host: nstui ls %s -Q %s\n",
		count(most, "process matches", "processes match"), strconv.FormatUint(best.Ino, 10), text.Clean(shellWord(o.filter)))
}

// shellWord quotes a word for a shell.
func shellWord(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// matching counts the processes of a namespace that the filter is true of, each by itself.
func (s *lister) matching(id ns.ID) (matching int) {
	n := s.snap.Namespace(id)
	if n == nil {
		return 0
	}
	opts := *s.opts
	opts.namespace = id.Ino
	each := &lister{opts: &opts, snap: s.snap, users: s.users, names: s.names}
	for _, i := range n.Members {
		l := lsLine{n: n, p: s.snap.Procs[i]}
		if ok, err := s.query.Match(func(column int) string { return each.cell(column, l) }); ok && err == nil {
			matching++
		}
	}
	return matching
}
