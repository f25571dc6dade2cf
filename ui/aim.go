package ui

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/ui/table"
)

// How well a word is the name of something; more is better, and zero is not at all.
const (
	hasIt     = 1 + iota // somewhere in it
	hasWord              // a word in it begins so
	begins               // it begins so
	isIt                 // the whole name, but for its case
	isExactly            // the whole name
)

// likeness says how well a word is one of the names, whose case matters only between two that are the whole word.
func likeness(w word, names ...string) (best int) {
	needle := w.needle
	for _, name := range names {
		if name == w.typed {
			return isExactly
		}
		name = strings.ToLower(name)
		switch at := strings.Index(name, needle); {
		case at < 0:
		case name == needle:
			best = max(best, isIt)
		case at == 0:
			best = max(best, begins)
		case startsWord(name, needle):
			best = max(best, hasWord)
		default:
			best = max(best, hasIt)
		}
	}
	return best
}

// startsWord reports whether a word of a name begins with what is in that name.
func startsWord(name, needle string) bool {
	for at := 0; ; {
		i := strings.Index(name[at:], needle)
		if i < 0 {
			return false
		}
		at += i
		if r, _ := utf8.DecodeLastRuneInString(name[:at]); at == 0 || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return true
		}
		at += len(needle)
	}
}

// names returns all that an owner is called and a user may type: not what it is in.
func (o *owner) names() []string {
	names := []string{o.Name, o.Service, o.Full()}
	if !o.Container() {
		name := strings.TrimSuffix(o.Name, path.Ext(o.Name))
		return append(names, name, container.UnitPrefix+name, container.UnitPrefix+o.Name)
	}
	if o.Project != "" && o.Service != "" {
		names = append(names, o.Project+"/"+o.Service)
	}
	if o.Pod != nil && o.Pod.Name != "" {
		made, _ := madeBy(o.Pod.Name, o.Name)
		names = append(names, o.Pod.Name, o.Pod.String(), made)
	}
	return names
}

// likeness says how well an owner is meant by a word. One that has it only in what else is known of it, such
// as its image, is meant least.
func (o *owner) likeness(w word) int {
	switch {
	case !o.has(w.needle):
		return 0
	case o.Owner.Container():
		return max(hasIt, likeness(w, o.names()...))
	}
	if how := likeness(w, o.names()...); how >= begins { // the units of a host are many
		return how
	}
	return 0
}

// rankOwner says how well an owner is what the filter looks for, a container better than a unit and that better
// than what only serves others; zero is not at all.
func (s *sieve) rankOwner(o *owner) int {
	if o == nil {
		return 0
	}
	rank := s.rank(o.likeness)
	switch {
	case o.Infra:
		return min(rank, 1)
	case o.Owner.Container():
		return 4*rank + min(rank, 1)
	}
	return 4 * rank
}

// rankSpace is rankOwner for a namespace: of the owners and the names it has the best counts.
func (s *sieve) rankSpace(sp *space) (best int) {
	for _, o := range sp.whose.Owners {
		best = max(best, s.rankOwner(s.world.owners[o]))
	}
	for _, name := range sp.whose.Netns {
		best = max(best, 4*s.rank(func(w word) int { return likeness(w, name, container.NetnsPrefix+name) }))
	}
	if best == 0 {
		return s.rank(func(w word) int { return likeness(w, sp.words...) })
	}
	return best
}

// rankGroup is rankOwner for a group. What only serves a pod is no better than any other row.
func (s *sieve) rankGroup(g *group) int {
	if g.owner == nil || g.owner.Infra || g.isHead() {
		return 0
	}
	return s.rankOwner(g.owner)
}

// rank adds up how well the words of the filter are the names of something; zero if one is not at all.
func (s *sieve) rank(like func(w word) int) (sum int) {
	for _, w := range s.words {
		if w.not {
			continue
		}
		how := like(w)
		if how == 0 {
			return 0
		}
		sum += how
	}
	return sum
}

// aim moves the cursors to what is called as the filter says: a name that is the word comes before one that
// begins so, and that before one that has it somewhere. Those that have it in a command line only, such as an
// editor with a file of that name, are less likely what is looked for. A cursor that is on as good a row stays.
func (m *Model) aim() {
	b := &m.browser
	if m.world == nil || b.filter.empty() {
		return
	}
	s := b.filter.sieve(m.users.names, m.world)
	if b.filter.wide && b.tab.grouped() {
		aimAt(b.groups, s.rankGroup, func(g *group) groupID { return g.id })
	} else if b.filter.wide {
		aimAt(b.spaces, s.rankSpace, func(sp *space) ns.ID { return sp.ID })
	}
	m.syncOpen()
	ranks := make(map[*owner]int)
	aimAt(b.procs, func(p *proc) int {
		if p.owner == nil {
			return 0
		}
		rank, ok := ranks[p.owner]
		if !ok {
			rank = s.rankOwner(p.owner)
			ranks[p.owner] = rank
		}
		return rank
	}, func(p *proc) procscan.ProcID { return p.ID() })
}

// aimAt moves the cursor of a list to the first of the rows of the highest rank, unless it is on one.
func aimAt[K comparable, R any](l *table.List[K, R], rank func(R) int, key func(R) K) {
	at, ok := l.Selected()
	if !ok {
		return
	}
	best, most := at, rank(at)
	for _, r := range l.Rows() {
		if how := rank(r); how > most {
			best, most = r, how
		}
	}
	l.Select(key(best))
}
