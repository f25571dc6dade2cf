package ui

import (
	"math"
	"path"
	"strconv"
	"strings"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
)

// mark says what has happened to a process since the snapshot before.
type mark uint8

// The marks. A row has one for the time of one snapshot.
const (
	unmarked mark = iota
	born          // it was not there
	moved         // it entered other namespaces
	execed        // it runs another program, or has another name
)

// String returns what stands beside the row.
func (m mark) String() string { return [...]string{" ", "+", "~", "!"}[m] }

// proc is a process as the lists need it. It is taken over from world to world while the process stays
// as it is.
type proc struct {
	*procscan.Process
	// shown is its command line, or what stands for it; as raw as the process set it.
	shown   string
	hay     string // lower case: what a filter looks in, but for the name of the user
	letters string // the NS column
	differs ns.Set
	owner   *owner // nil for the host's own, and where nothing is known
	index   int    // in world.procs
	mark    mark
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
	*procscan.Namespace
	leader *proc // nil where there is none to name
	whose  container.Space
	words  []string // what it is called by who it is for; none if by nobody
	mine   bool
	born   bool
	ended  bool
}

// refused reports whether the space stands for processes that refused to show their namespaces.
func (s *space) refused() bool { return s.ID == refusedID(s.ID.Kind) }

// empty reports whether the space is a namespace that no process is in.
func (s *space) empty() bool { return len(s.Members) == 0 && !s.ended && !s.refused() }

// hiddenNS is the NS column of a process that shows nothing.
const hiddenNS = "????????"

// maxCommand bounds what is kept of a command line for showing and filtering; all of it is in Args.
const maxCommand = 4096

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
	case !p.Texts:
		return p.Comm
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
		return nestedLetters(p.Nested)
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

// nestedLetters returns the NS column of a process that refused, but could not hide that it is in
// namespaces of these kinds below ours.
func nestedLetters(nested ns.Set) string {
	if nested == 0 {
		return hiddenNS
	}
	letters := []byte(hiddenNS)
	for i, kind := range ns.Kinds() {
		if nested.Has(kind) {
			letters[i] = kind.Letter()
		}
	}
	return string(letters)
}
