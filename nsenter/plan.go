package nsenter

import (
	"strconv"

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
	Source       string // what the namespace is from, if that is not the process
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

// Root says which directory is the root of what runs.
type Root uint8

// The roots.
const (
	RootHost      Root = iota // the caller's
	RootNamespace             // that of the mount namespace
	RootTarget                // that of the target's process
	RootSource                // that of another process, whose mount namespace it is
	RootGiven                 // Ref.Root
)

// Plan is what an entry will do. It is made by NewPlan and not changed.
type Plan struct {
	PID    int    // 0 without a process
	Target string // "pid 4183", or the file a namespace is from
	Kinds  [ns.NumKinds]KindPlan
	Join   ns.Set // Enter and Added
	As     Identity
	// Shells are the argument vectors tried in this order. Program says that it is one, and not a shell:
	// a name without a slash is looked for in PATH. Login says that it is run as a login shell.
	Shells         [][]string
	Program, Login bool
	Busybox        bool // the shell is a static busybox of the host's
	Env            []string
	Root           Root
	Dir            string // directory the shell starts in, a path inside; empty: GivenDir, or the caller's
	DirAsked       bool   // Dir was asked for: without it nothing runs
	GivenDir       Root   // RootTarget or RootGiven: the working directory of that; else none
	View           View   // what is mounted around host tools
	Tree           Tree   // how the host's files are mounted among the target's; zero: not at all
	NoFork         bool
	Session        bool // it gets a session of its own on its own terminal
	Confine        Confines
	Confined       bool
	Cgroups        []string // files to write the process into
	Label          Label
	Caps           uint64 // capabilities it has before it executes anything
	KeepCaps       uint64 // capabilities that become ambient
	Checks         []Check
	// Command is the equal command line: of nsenter(1), util-linux 2.42, or of nstui enter where that cannot
	// do the same. It is empty if nothing is entered.
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

// forks returns how many processes an entry makes: one, and one more for the pid namespace.
func (p *Plan) forks() int {
	if p.Join.Has(ns.PID) && !p.NoFork {
		return 2
	}
	return 1
}

// InRoot reports whether the shell has the files of another root directory than the caller's.
func (p *Plan) InRoot() bool { return p.Root != RootHost && p.Tree.At == "" }

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
	p := &Plan{PID: f.PID, Target: f.name(), NoFork: r.NoFork, Session: !r.Plain || r.Terminal}
	refused := p.choose(f, r)
	p.Root = p.root(f, r)
	p.As = f.identity(r, p.Join)
	p.Tree = p.tree(f, r)
	p.program(f, r, env)
	p.place(f, r)
	p.View = p.view(f, r)
	p.confine(f, r)
	p.Env = p.environment(f, r, env)
	p.check(f, r, refused)
	if p.Join != 0 || p.InRoot() {
		p.Command = p.nsenter(f, r)
	}
	return p
}

// name names what is entered.
func (f *Facts) name() string {
	if f.PID != 0 {
		return "pid " + strconv.Itoa(f.PID)
	}
	for _, k := range ns.Kinds() {
		if f.Kinds[k].Source != "" {
			return f.Kinds[k].Source
		}
	}
	return "nothing"
}

// root says which root directory the plan takes.
func (p *Plan) root(f *Facts, r Request) Root {
	switch {
	case r.Plain && r.Root && f.GivenRoot != "":
		return RootGiven
	case r.Plain && r.Root:
		return RootTarget
	case !p.Join.Has(ns.Mnt):
		return RootHost
	case r.Plain:
		return RootNamespace
	case f.SourceRoot:
		return RootSource
	case f.PID == 0 || f.Kinds[ns.Mnt].Source != "":
		return RootNamespace
	}
	return RootTarget
}

// hostFiles reports whether the shell has files that the target does not have.
func (p *Plan) hostFiles(f *Facts) bool {
	return !p.InRoot() && !f.Kinds[ns.Mnt].Shared() && f.PID != 0
}

// visible reports whether the target sees the shell: it is in its pid namespace.
func (p *Plan) visible(f *Facts) bool {
	pid := &f.Kinds[ns.PID]
	return p.Join.Has(ns.PID) || pid.Shared() || pid.Target == 0
}

// place chooses the directory the program starts in.
func (p *Plan) place(f *Facts, r Request) {
	switch {
	case r.DirInside != "":
		p.Dir, p.DirAsked = r.DirInside, true
	case r.Dir && f.GivenDir != "":
		p.GivenDir = RootGiven
	case r.Dir:
		p.GivenDir = RootTarget
	case p.InRoot() || p.Tree.At != "": // not among the target's files: programs of the host act on what they find
		p.Dir = "/"
	case r.Tools == ToolsHost && f.PID != 0 && f.Differing().Has(ns.Mnt):
		p.Dir = "/proc/" + strconv.Itoa(p.pidInside(f)) + "/root"
	}
}

// pidInside is the pid the target has in the /proc the program sees.
func (p *Plan) pidInside(f *Facts) int {
	if p.Join.Has(ns.PID) && f.PIDInside != 0 {
		return f.PIDInside
	}
	return f.PID
}

// choose fills in Kinds and Join, and returns why kinds that are wanted cannot be entered.
func (p *Plan) choose(f *Facts, r Request) map[ns.Kind]string {
	differing := f.Differing()
	wanted := r.Kinds
	if r.Tools == ToolsHost {
		wanted = wanted.Without(ns.Mnt)
	}
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
		plan := KindPlan{Kind: k, Target: fact.Target, Mine: fact.Mine, State: Off, Source: fact.Source}
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
		case f.PID == 0 && fact.Source == "":
			plan.Reason = "no process to take it from"
		case fact.Target == 0:
			plan.State, plan.Reason = Missing, f.refusal(f.authority(), k)
		case k == ns.Mnt && r.Kinds.Has(k) && !wanted.Has(k):
			plan.Reason = "host tools: the files stay yours"
		}
		p.Kinds[k] = plan
	}
	return refused
}
