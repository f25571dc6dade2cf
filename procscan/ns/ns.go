package ns

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Kind is one of the eight kinds of Linux namespaces, see namespaces(7).
type Kind uint8

// The kinds in the order every list of nstui shows them: by the name they have in /proc/PID/ns.
const (
	Cgroup Kind = iota
	IPC
	Mnt
	Net
	PID
	Time
	User
	UTS
)

// NumKinds is the number of kinds; an array with this length is indexed by Kind.
const NumKinds = 8

// facts holds what is fixed about each kind: the link in /proc/PID/ns, the short option of
// nsenter(1), and the flag of clone(2), unshare(2) and setns(2) from linux/sched.h.
var facts = [NumKinds]struct {
	name   string
	letter byte
	flag   uint32
}{
	Cgroup: {"cgroup", 'C', 0x02000000},
	IPC:    {"ipc", 'i', 0x08000000},
	Mnt:    {"mnt", 'm', 0x00020000},
	Net:    {"net", 'n', 0x40000000},
	PID:    {"pid", 'p', 0x20000000},
	Time:   {"time", 'T', 0x00000080},
	User:   {"user", 'U', 0x10000000},
	UTS:    {"uts", 'u', 0x04000000},
}

// Kinds returns all kinds in order.
func Kinds() [NumKinds]Kind {
	return [NumKinds]Kind{Cgroup, IPC, Mnt, Net, PID, Time, User, UTS}
}

// ByEffect returns all kinds, those first that change most for who enters them.
func ByEffect() [NumKinds]Kind {
	return [NumKinds]Kind{Mnt, UTS, IPC, Net, PID, Cgroup, Time, User}
}

// String returns the name of the kind's link in /proc/PID/ns, such as "net".
func (k Kind) String() string {
	if k >= NumKinds {
		return "kind(" + strconv.Itoa(int(k)) + ")"
	}
	return facts[k].name
}

// Letter returns the short option nsenter(1) has for the kind, such as 'n'.
func (k Kind) Letter() byte { return facts[k].letter }

// CloneFlag returns the CLONE_NEW… flag of the kind, as setns(2) takes it.
func (k Kind) CloneFlag() uint32 { return facts[k].flag }

// Flag returns nsenter(1)'s short option of the kind with its dash, such as "-n".
func (k Kind) Flag() string { return "-" + string(facts[k].letter) }

// ParseKind returns the kind with the given name, such as "net".
func ParseKind(name string) (Kind, bool) {
	for k := range Kind(NumKinds) {
		if facts[k].name == name {
			return k, true
		}
	}
	return 0, false
}

// KindOfLetter returns the kind nsenter(1) selects with the given letter.
func KindOfLetter(letter byte) (Kind, bool) {
	for k := range Kind(NumKinds) {
		if facts[k].letter == letter {
			return k, true
		}
	}
	return 0, false
}

// ID names one namespace while it lives: the kernel gives inode numbers of dead namespaces to new
// ones, also to ones of another kind, so an ID is worth something only between two looks at it.
type ID struct {
	Kind Kind
	Ino  uint64
}

// String returns the ID as the kernel writes it, such as "net:[4026531840]".
func (id ID) String() string { return id.Kind.String() + ":[" + strconv.FormatUint(id.Ino, 10) + "]" }

// ErrLink is returned for text that is not that of a link in /proc/PID/ns.
var ErrLink = errors.New("not a namespace link")

// ParseLink parses the text of a link in /proc/PID/ns, such as "net:[4026531840]". The text of
// pid_for_children and time_for_children parses as pid and time, as the kernel writes them.
func ParseLink(text string) (ID, error) {
	name, rest, ok := strings.Cut(text, ":[")
	digits, closed := strings.CutSuffix(rest, "]")
	kind, known := ParseKind(name)
	if !ok || !closed || !known {
		return ID{}, fmt.Errorf("%w: %q", ErrLink, text)
	}
	ino, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || ino == 0 || digits[0] == '+' {
		return ID{}, fmt.Errorf("%w: %q", ErrLink, text)
	}
	return ID{Kind: kind, Ino: ino}, nil
}

// Tuple is the inode numbers of the eight namespaces of a process, indexed by Kind. Zero is a
// namespace that is not known: unreadable, or a kind the kernel does not have.
type Tuple [NumKinds]uint64

// ID returns the identity of the namespace of the given kind; its Ino is zero if it is not known.
func (t *Tuple) ID(k Kind) ID { return ID{Kind: k, Ino: t[k]} }

// Known returns the kinds whose namespace is known.
func (t *Tuple) Known() Set {
	var s Set
	for k, ino := range t {
		if ino != 0 {
			s = s.With(Kind(k))
		}
	}
	return s
}

// Differs returns the kinds in which both namespaces are known and are not the same.
func (t *Tuple) Differs(from *Tuple) Set {
	var s Set
	for k := range t {
		if t[k] != 0 && from[k] != 0 && t[k] != from[k] {
			s = s.With(Kind(k))
		}
	}
	return s
}

// Set is a set of kinds. The zero value is the empty set.
type Set uint8

// All is the set of all kinds.
const All Set = 1<<NumKinds - 1

// SetOf returns the set of the given kinds.
func SetOf(kinds ...Kind) Set {
	var s Set
	for _, k := range kinds {
		s = s.With(k)
	}
	return s
}

// Has reports whether the kind is in the set.
func (s Set) Has(k Kind) bool { return s&(1<<k) != 0 }

// With returns the set with the kind in it.
func (s Set) With(k Kind) Set { return s | 1<<k }

// Without returns the set without the kind.
func (s Set) Without(k Kind) Set { return s &^ (1 << k) }

// Toggle returns the set with the kind in it if it was not, and without it if it was.
func (s Set) Toggle(k Kind) Set { return s ^ 1<<k }

// Len returns the number of kinds in the set.
func (s Set) Len() int { return len(s.Kinds()) }

// Kinds returns the kinds of the set in order.
func (s Set) Kinds() []Kind {
	kinds := make([]Kind, 0, NumKinds)
	for k := range Kind(NumKinds) {
		if s.Has(k) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// Letters returns eight characters in the order of the kinds: the letter of a kind that is in the
// set, '-' for one that is not, such as "Cimnp--u".
func (s Set) Letters() string {
	var b [NumKinds]byte
	for k := range Kind(NumKinds) {
		b[k] = '-'
		if s.Has(k) {
			b[k] = k.Letter()
		}
	}
	return string(b[:])
}

// String returns the names of the kinds in the set, such as "mnt net".
func (s Set) String() string {
	names := make([]string, 0, NumKinds)
	for _, k := range s.Kinds() {
		names = append(names, k.String())
	}
	return strings.Join(names, " ")
}
