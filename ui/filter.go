package ui

import (
	"slices"
	"strconv"
	"strings"

	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/ui/text"
	"nstui/ui/theme"
)

// word is one word of a filter.
type word struct {
	needle string // lower case
	typed  string // as it was typed
	not    bool   // written !x: what does not have it
}

// filter is what rows must have to be shown: all of its words.
type filter struct {
	text  string // as typed
	words []word
	// wide is set where it was typed on the namespaces: it is for them and the processes alike.
	wide bool
	// meant is the target the program was started for if that is what it lets pass; "" otherwise.
	meant string
}

// newFilter reads a filter: words, of which !x stands for rows without x.
func newFilter(typed string, wide bool) filter {
	f := filter{text: typed, wide: wide}
	for typed := range strings.FieldsSeq(typed) {
		typed, not := strings.CutPrefix(typed, "!")
		if typed != "" {
			f.words = append(f.words, word{needle: strings.ToLower(typed), typed: typed, not: not})
		}
	}
	return f
}

// empty reports whether every row passes.
func (f *filter) empty() bool { return len(f.words) == 0 && f.meant == "" }

// sieve is a filter at work on the processes of a world. What it finds it remembers, since a process
// is asked for again for each of its namespaces.
type sieve struct {
	filter
	world *world
	uids  []map[uint32]bool // by word: the users whose name has it
	found [][]verdict       // by word, by index of the process
	only  map[int]bool      // by index of the process, what is meant; nil for all
	left  map[ns.ID]bool    // what is meant and has no process
}

// verdict says whether a process has a word.
type verdict uint8

const (
	unasked verdict = iota
	hasNot
	has
)

// sieve prepares the filter for many rows.
func (f *filter) sieve(names map[uint32]string, of *world) sieve {
	s := sieve{filter: *f, world: of, uids: make([]map[uint32]bool, len(f.words)), found: make([][]verdict, len(f.words))}
	if f.meant != "" {
		s.only, s.left = of.meant(f.meant)
	}
	for i, w := range f.words {
		s.uids[i] = make(map[uint32]bool)
		s.found[i] = make([]verdict, len(of.procs))
		for uid, name := range names {
			if strings.Contains(strings.ToLower(name), w.needle) {
				s.uids[i][uid] = true
			}
		}
	}
	return s
}

// has reports whether a process has word i.
func (s *sieve) has(i int, p *proc) bool {
	if p.ended {
		return s.look(i, p)
	}
	v := &s.found[i][p.index]
	if *v == unasked {
		*v = hasNot
		if s.look(i, p) {
			*v = has
		}
	}
	return *v == has
}

func (s *sieve) look(i int, p *proc) bool {
	needle := s.words[i].needle
	return s.uids[i][p.UID] || strings.Contains(p.hay, needle) || p.owner.has(needle) ||
		s.netnsHas(needle, p)
}

// netnsHas reports whether a process is in a network namespace with that in one of its names.
func (s *sieve) netnsHas(needle string, p *proc) bool {
	return slices.ContainsFunc(s.world.netnsOf(p), func(name string) bool { return strings.Contains(strings.ToLower(container.NetnsPrefix+name), needle) })
}

// passes reports whether a process is to be shown.
func (s *sieve) passes(p *proc) bool {
	if s.only != nil && (p.ended || !s.only[p.index]) {
		return false
	}
	for i := range s.words {
		if s.has(i, p) == s.words[i].not {
			return false
		}
	}
	return true
}

// passesSpace reports whether a namespace is to be shown: each word is asked of its inode and its
// owner, and of all the processes in it.
func (s *sieve) passesSpace(sp *space) bool {
	if !s.hasMeant(sp.Members) && !s.left[sp.ID] {
		return false
	}
	for i := range s.words {
		if s.spaceHas(i, sp) == s.words[i].not {
			return false
		}
	}
	return true
}

// passesGroup reports whether a group is to be shown: each word is asked of its namespaces, and of all the
// processes in it.
func (s *sieve) passesGroup(g *group) bool {
	if !s.hasMeant(g.members) {
		return false
	}
	for i := range s.words {
		if s.groupHas(i, g) == s.words[i].not {
			return false
		}
	}
	return true
}

// hasMeant reports whether one of the processes is meant, or all are.
func (s *sieve) hasMeant(members []int) bool {
	return s.only == nil || slices.ContainsFunc(members, func(at int) bool { return s.only[at] })
}

func (s *sieve) groupHas(i int, g *group) bool {
	needle := s.words[i].needle
	var named bool
	switch {
	case g.refused():
		named = strings.HasPrefix(refusedWord, needle)
	case g.id.box != "":
		named = g.owner.has(needle) || strings.Contains(g.shares.hay, needle) || strings.Contains(strings.ToLower(g.letters), needle)
	default:
		named = slices.ContainsFunc(g.id.tuple[:], func(ino uint64) bool { return strings.Contains(strconv.FormatUint(ino, 10), needle) })
	}
	return named || slices.ContainsFunc(g.members, func(at int) bool { return s.has(i, &s.world.procs[at]) })
}

// refusedWord finds the row of those that refused.
const refusedWord = "refused"

func (s *sieve) spaceHas(i int, sp *space) bool {
	needle := s.words[i].needle
	switch {
	case sp.refused():
		if strings.HasPrefix(refusedWord, needle) {
			return true
		}
	case strings.Contains(strconv.FormatUint(sp.ID.Ino, 10), needle), sp.OwnerKnown && s.uids[i][sp.OwnerUID]:
		return true
	}
	if sp.empty() && strings.Contains(s.world.keptText(sp), needle) || s.nameHas(needle, sp) {
		return true
	}
	for _, at := range sp.Members {
		if s.has(i, &s.world.procs[at]) {
			return true
		}
	}
	return false
}

// nameHas reports whether a namespace is called so, by those it is for or by ip-netns(8).
func (s *sieve) nameHas(needle string, sp *space) bool {
	for _, words := range sp.words {
		if strings.Contains(strings.ToLower(words), needle) {
			return true
		}
	}
	return slices.ContainsFunc(sp.whose.Owners, func(o *container.Owner) bool {
		return s.world.owners[o].has(needle)
	})
}

// highlight splits a clean text so that what the filter looks for has the role of a match.
func (f *filter) highlight(role theme.Role, clean string) line {
	lower := strings.ToLower(clean)
	if f.empty() || len(lower) != len(clean) { // in some alphabets the lower case is longer
		return line{{role, clean}}
	}
	hit := make([]bool, len(clean))
	for _, t := range f.words {
		for from := 0; !t.not; {
			i := strings.Index(lower[from:], t.needle)
			if i < 0 {
				break
			}
			for j := from + i; j < from+i+len(t.needle); j++ {
				hit[j] = true
			}
			from += i + len(t.needle)
		}
	}
	var out line
	for at := 0; at < len(clean); {
		cluster, _ := text.Next(clean[at:])
		r := role
		if hit[at] {
			r = theme.Match
		}
		if n := len(out); n > 0 && out[n-1].role == r {
			out[n-1].text += cluster
		} else {
			out = append(out, span{r, cluster})
		}
		at += len(cluster)
	}
	return out
}
