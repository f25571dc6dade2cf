package nsenter

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode"

	"nstui/procscan/ns"
)

// State says what an entry does with one kind.
type State uint8

// The states of a kind in a plan.
const (
	Shared  State = iota // the caller is in the same namespace: nothing to do
	Off                  // it differs, and stays the caller's
	Enter                // it is entered
	Added                // it is entered though it was not asked for: the others need it
	Refused              // it was asked for and cannot be entered
	Missing              // it cannot be known or the kernel does not have it
)

// KindPlan is what happens with one kind.
type KindPlan struct {
	Kind         ns.Kind
	Target, Mine uint64 // inode numbers, 0 where not known
	State        State
	Reason       string // why it is Shared, Added, Refused or Missing
}

// Level is how much a check weighs.
type Level uint8

// The levels. A plan with a Fail cannot be started.
const (
	OK Level = iota
	Note
	Warn
	Fail
)

// String returns the word that stands before a check.
func (l Level) String() string { return [...]string{"ok", "note", "warn", "fail"}[l] }

// Check is one line of the preflight.
type Check struct {
	Level Level
	Text  string
}

// Identity is the ids a shell runs with, as they are inside its user namespace.
type Identity struct {
	Keep     bool // the caller's ids stay; UID and GID are then what they are inside
	UID, GID uint32
	OutUID   uint32 // the same uid in the caller's user namespace
	Name     string // the account's name where one is known
}

// Plan is what an entry will do. It is made by NewPlan and not changed.
type Plan struct {
	PID    int
	Kinds  [ns.NumKinds]KindPlan
	Join   ns.Set // Enter and Added
	As     Identity
	Shells [][]string // argument vectors, tried in this order
	Env    []string
	Dir    string // directory the shell starts in; empty: the caller's
	Checks []Check
	// Command is the equal command line of nsenter(1), util-linux 2.38; empty if nothing is entered.
	Command string
}

// Ready reports whether nothing stands against starting the plan.
func (p *Plan) Ready() bool {
	for _, c := range p.Checks {
		if c.Level == Fail {
			return false
		}
	}
	return true
}

// InRoot reports whether the shell runs in the target's root directory, not in the caller's.
func (p *Plan) InRoot() bool { return p.Join.Has(ns.Mnt) }

// Host returns the kinds that stay the caller's though the target has another namespace.
func (p *Plan) Host() ns.Set {
	var s ns.Set
	for _, k := range p.Kinds {
		if !p.Join.Has(k.Kind) && k.State != Shared && k.Target != 0 {
			s = s.With(k.Kind)
		}
	}
	return s
}

// Differing returns the kinds in which the target's namespace is known and is not the caller's: what
// is entered if nothing else is asked for.
func (f *Facts) Differing() ns.Set {
	var s ns.Set
	for _, k := range ns.Kinds() {
		if fact := &f.Kinds[k]; fact.Target != 0 && fact.Mine != 0 && !fact.Shared() {
			s = s.With(k)
		}
	}
	return s
}

// present returns the kinds the kernel has.
func (f *Facts) present() ns.Set {
	var s ns.Set
	for _, k := range ns.Kinds() {
		if f.Kinds[k].Mine != 0 {
			s = s.With(k)
		}
	}
	return s
}

// unknown returns the kinds in which the target's namespace could not be opened.
func (f *Facts) unknown() ns.Set {
	var s ns.Set
	for _, k := range f.present().Kinds() {
		if f.Kinds[k].Target == 0 {
			s = s.With(k)
		}
	}
	return s
}

// NewPlan decides what an entry with the given facts does. env is the caller's environment.
func NewPlan(f *Facts, r Request, env []string) *Plan {
	p := &Plan{PID: f.PID}
	refused := p.choose(f, r.Kinds)
	p.As = f.identity(p.Join)
	p.Shells, p.Dir = f.shells(r.Shell, p.Join, p.As), f.dir(p.Join)
	p.Env = f.environment(p.Join, p.As, shellPath(p.Shells), env)
	p.check(f, r, refused)
	if p.Join != 0 {
		p.Command = p.nsenter(f)
	}
	return p
}

// choose fills in Kinds and Join, and returns why kinds that are wanted cannot be entered.
func (p *Plan) choose(f *Facts, wanted ns.Set) map[ns.Kind]string {
	differing := f.Differing()
	// A kind of an unreadable process that was asked for is refused, not forgotten.
	p.Join = wanted & (differing | f.unknown())
	refused := f.refusals(p.Join)
	added := false
	if len(refused) > 0 && differing.Has(ns.User) && !p.Join.Has(ns.User) {
		if with := f.refusals(p.Join.With(ns.User)); len(with) < len(refused) {
			p.Join, refused, added = p.Join.With(ns.User), with, true
		}
	}
	for _, k := range ns.Kinds() {
		fact := &f.Kinds[k]
		plan := KindPlan{Kind: k, Target: fact.Target, Mine: fact.Mine, State: Off}
		switch why, no := refused[k]; {
		case fact.Mine == 0:
			plan.State, plan.Reason = Missing, "this kernel does not have it"
		case fact.Shared():
			plan.State, plan.Reason = Shared, "same as yours"
		case no:
			plan.State, plan.Reason = Refused, why
		case added && k == ns.User:
			plan.State, plan.Reason = Added, "added: the others need it"
		case p.Join.Has(k):
			plan.State = Enter
		case fact.Target == 0:
			plan.State, plan.Reason = Missing, f.refusal(f.authority(), k)
		}
		p.Kinds[k] = plan
	}
	return refused
}

// identity chooses the ids: in a user namespace of the target's, root where it is mapped, else the
// target's own ids where they are, else those the caller has. Elsewhere the caller's.
func (f *Facts) identity(join ns.Set) Identity {
	id := Identity{
		Keep: true, UID: f.Caller.UID, GID: f.Caller.GID,
		OutUID: f.Caller.UID,
	}
	if join.Has(ns.User) {
		id = f.mappedIdentity(id)
	}
	home := &f.Outside
	if join.Has(ns.Mnt) {
		home = &f.Inside
	}
	if a, ok := home.account(strconv.FormatUint(uint64(id.UID), 10)); ok {
		id.Name = a.Name
	}
	return id
}

func (f *Facts) mappedIdentity(id Identity) Identity {
	const overflow = 65534 // what an id that is not mapped looks like, see user_namespaces(7)
	outUID, uidOK := f.UIDMap.Out(0)
	_, gidOK := f.GIDMap.Out(0)
	if uidOK && gidOK {
		return Identity{OutUID: outUID}
	}
	uid, uidOK := f.UIDMap.In(f.UID)
	gid, gidOK := f.GIDMap.In(f.GID)
	if uidOK && gidOK {
		return Identity{UID: uid, GID: gid, OutUID: f.UID}
	}
	if id.UID, uidOK = f.UIDMap.In(f.Caller.UID); !uidOK {
		id.UID = overflow
	}
	if id.GID, gidOK = f.GIDMap.In(f.Caller.GID); !gidOK {
		id.GID = overflow
	}
	return id
}

func (f *Facts) dir(join ns.Set) string {
	if join.Has(ns.Mnt) {
		return "/"
	}
	return ""
}

// check writes the preflight.
func (p *Plan) check(f *Facts, r Request, refused map[ns.Kind]string) {
	p.checkRefused(refused)
	unknown := f.unknown() == f.present()
	switch {
	case p.Join == 0 && unknown:
		p.add(Fail, "its namespaces: %s", f.refusal(f.authority(), ns.Net))
	case p.Join == 0:
		p.add(Warn, "nothing to enter: the shell runs in your own namespaces")
	case len(refused) == 0 && p.Join.Has(ns.User):
		p.add(OK, "all capabilities in user namespace %d once it is entered", f.Kinds[ns.User].Target)
	case len(refused) == 0:
		p.add(OK, "CAP_SYS_ADMIN over the target's namespaces")
	}
	if p.Kinds[ns.User].State == Added {
		p.add(Note, "user is entered too: without it you may not enter the others")
	}
	p.checkShell(f, r)
	if f.seen(p.Join) {
		p.add(Warn, "pid and user without mnt: root in there can reach your files through the shell's /proc entry")
	}
	if p.Join.Has(ns.PID) && !p.Join.Has(ns.Mnt) && f.Differing().Has(ns.Mnt) {
		p.add(Warn, "pid without mnt: /proc stays yours, ps and top fail or show your processes")
	}
	if p.Join.Has(ns.Mnt) && !p.Join.Has(ns.PID) && f.Differing().Has(ns.PID) {
		p.add(Warn, "mnt without pid: the /proc in there does not know the shell, ps and top fail")
	}
	if p.Join.Has(ns.Mnt) && f.ChildrenPID != 0 {
		p.add(Warn, "its children are in another pid namespace, %d, and so is the /proc in there: ps fails; pick one of them", f.ChildrenPID)
	}
	if p.Join.Has(ns.Mnt) && f.Differing().Has(ns.User) && !p.Join.Has(ns.User) {
		p.add(Warn, "mnt without user: its files belong to ids of another user namespace")
	}
	if p.Join.Has(ns.Mnt) && !p.Join.Has(ns.User) && f.Caller.UID == 0 {
		p.add(Note, "runs as root of the host: with all your capabilities, outside the limits of its cgroup")
	}
	if p.Join == ns.SetOf(ns.Net) && f.Differing().Has(ns.Mnt) {
		p.add(Note, "host tools: /etc/resolv.conf and /sys stay the host's")
	}
	if p.As.Keep && p.Join.Has(ns.User) {
		p.add(Warn, "neither root nor the target's own uid is mapped in there: the shell keeps yours")
	}
}

// checkRefused adds one line for all kinds that are refused for the same reason.
func (p *Plan) checkRefused(refused map[ns.Kind]string) {
	var said ns.Set
	for _, k := range ns.Kinds() {
		if _, no := refused[k]; !no || said.Has(k) {
			continue
		}
		var same ns.Set
		for other, why := range refused {
			if why == refused[k] {
				same = same.With(other)
			}
		}
		said |= same
		p.add(Fail, "%s: %s", same, refused[k])
	}
}

func (p *Plan) checkShell(f *Facts, r Request) {
	if !f.Explored {
		return
	}
	where, without := "on the host", "leave mnt out"
	if p.Join.Has(ns.Mnt) {
		where = "in the target's root directory"
	}
	if p.Join.Has(ns.PID) && p.Join.Has(ns.User) {
		without = "leave mnt and pid out"
	}
	switch {
	case r.Shell != "" && len(p.Shells) > 0 && !path.IsAbs(p.Shells[0][0]):
		p.add(Fail, "%s is not an absolute path", p.Shells[0][0])
	case r.ShellMissing && len(p.Shells) > 0:
		p.add(Fail, "%s is not an executable file %s", p.Shells[0][0], where)
	case p.InRoot() && f.Inside.Hung:
		p.add(Fail, "the target's root directory does not answer: %s to use the host's", without)
	case len(p.Shells) > 0:
		p.add(OK, "%s exists %s", p.Shells[0][0], where)
	case p.Join.Has(ns.Mnt):
		p.add(Fail, "no shell %s: choose one, or %s to use the host's", where, without)
	default:
		p.add(Fail, "no shell %s", where)
	}
}

func (p *Plan) add(level Level, format string, args ...any) {
	p.Checks = append(p.Checks, Check{Level: level, Text: fmt.Sprintf(format, args...)})
}

// nsenter writes the equal command line.
func (p *Plan) nsenter(f *Facts) string {
	words := []string{"nsenter", "-t", strconv.Itoa(p.PID)}
	for _, k := range []ns.Kind{ns.Mnt, ns.UTS, ns.IPC, ns.Net, ns.PID, ns.Cgroup, ns.Time, ns.User} {
		if p.Join.Has(k) {
			words = append(words, k.Flag())
		}
	}
	if p.Join.Has(ns.User) {
		switch {
		case p.As.Keep || f.SetgroupsDenied:
			words = append(words, "--preserve-credentials")
		case p.As.UID != 0 || p.As.GID != 0:
			words = append(words, fmt.Sprintf("-S %d -G %d", p.As.UID, p.As.GID))
		}
	}
	if p.Join.Has(ns.Mnt) && f.Chrooted != "" {
		words = append(words, "-r")
	}
	if len(p.Shells) > 0 {
		words = append(words, "--")
		for _, arg := range p.Shells[0] {
			words = append(words, quote(arg))
		}
	}
	return strings.Join(words, " ")
}

// quote quotes an argument for a shell where it needs it.
func quote(arg string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=:,@%"
	if arg != "" && strings.Trim(arg, plain) == "" {
		return arg
	}
	if strings.ContainsFunc(arg, unicode.IsControl) { // a terminal it is pasted into would act on them
		var b strings.Builder
		for _, c := range []byte(arg) {
			if c < 0x20 || c >= 0x7f || c == '\'' || c == '\\' {
				fmt.Fprintf(&b, "\\x%02x", c)
				continue
			}
			b.WriteByte(c)
		}
		return "$'" + b.String() + "'"
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}
