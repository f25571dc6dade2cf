package nsenter

import (
	"golang.org/x/sys/unix"

	"nstui/nsenter/stage"
	"nstui/procscan/ns"
)

// The descriptors the stage starts with: 0 to 2 are the pty, stage.FD the list.
const (
	fdImage  = stage.FD + 1 // the program itself, only to execute it
	fdReport = stage.FD + 2
	fdFirst  = stage.FD + 3 // the first that belongs to the target
)

// handles are the numbers of the target's descriptors in the stage; -1 where there is none.
type handles struct {
	ns    [ns.NumKinds]int
	chain []int // user namespaces, the outermost first
	root  int
}

// op is one operation before it is encoded: pointers are still Go values. Arguments that are left out
// are zero.
type op struct {
	verb stage.Verb
	step Step
	arg  uint32
	nr   uintptr
	args []argument
}

// argument is an argument of a system call. It is encoded as a value, or as the offset of something in
// the data.
type argument interface {
	encode(e *encoder) (value uint64, pointer bool)
}

type (
	num     uintptr // itself
	cstring string  // the address of the text with a NUL behind it
	zeros   int     // the address of so many zero bytes
	// vector is the address of a NULL-terminated array of addresses of texts. The same vector is
	// encoded once.
	vector struct{ texts []string }
)

func (a num) encode(*encoder) (uint64, bool)       { return uint64(a), false }
func (a cstring) encode(e *encoder) (uint64, bool) { return e.text(string(a)), true }
func (a *vector) encode(e *encoder) (uint64, bool) { return e.vector(a), true }
func (a zeros) encode(e *encoder) (uint64, bool)   { return e.put(make([]byte, a)), true }

// Signals and the size of a signal set in the kernel's rt_sigaction.
const (
	numSignals    = 64
	sigsetBytes   = 8
	sigactionSize = 64 // at least; all zero is SIG_DFL
)

// compile turns a plan into the operations of an entry. It is pure.
func compile(p *Plan, h handles) []op {
	var ops []op
	add := func(verb stage.Verb, step Step, arg uint32, nr uintptr, args ...argument) {
		ops = append(ops, op{verb: verb, step: step, arg: arg, nr: nr, args: args})
	}

	// Nothing the starter ignored, blocked or had open reaches the shell.
	for sig := 1; sig <= numSignals; sig++ {
		add(stage.Try, StepSignals, 0, unix.SYS_RT_SIGACTION, num(sig), zeros(sigactionSize), num(0), num(sigsetBytes))
	}
	add(stage.Call, StepSignals, 0, unix.SYS_RT_SIGPROCMASK, num(unix.SIG_SETMASK), zeros(sigsetBytes), num(0), num(sigsetBytes))
	add(stage.Call, StepClose, 0, unix.SYS_CLOSE_RANGE, num(3), num(^uint32(0)), num(unix.CLOSE_RANGE_CLOEXEC))
	// Until the execve this process runs our program among strangers: they must not trace it.
	add(stage.Call, StepDumpable, 0, unix.SYS_PRCTL, num(unix.PR_SET_DUMPABLE))
	if p.Join.Has(ns.User) {
		// While still privileged: in the user namespace it may be denied.
		add(stage.Try, StepSetGID, 0, unix.SYS_SETGROUPS)
	}

	ops = append(ops, joins(p, h)...)

	if p.Join.Has(ns.Mnt) || p.Join.Has(ns.User) {
		// The keys of the starter's session are not for what runs in there, see keyctl(2).
		add(stage.Try, StepSession, 0, unix.SYS_KEYCTL, num(unix.KEYCTL_JOIN_SESSION_KEYRING))
	}
	if p.Join.Has(ns.Mnt) {
		// setns moved the root to that of the namespace; the target's may be deeper.
		add(stage.Call, StepRoot, 0, unix.SYS_FCHDIR, num(h.root))
		add(stage.Call, StepRoot, 0, unix.SYS_CHROOT, cstring("."))
	}
	if p.Join.Has(ns.PID) {
		// setns moved only the children to come.
		add(stage.Fork, StepFork, 0, 0)
	}
	if p.Dir != "" {
		add(stage.Try, StepRoot, 0, unix.SYS_CHDIR, cstring(p.Dir))
	}
	add(stage.Call, StepSession, 0, unix.SYS_SETSID)
	add(stage.Call, StepTTY, 0, unix.SYS_IOCTL, num(0), num(unix.TIOCSCTTY))
	if !p.As.Keep {
		add(stage.Try, StepSetGID, 0, unix.SYS_SETGROUPS)
		gid, uid := num(p.As.GID), num(p.As.UID)
		add(stage.Call, StepSetGID, 0, unix.SYS_SETRESGID, gid, gid, gid)
		add(stage.Call, StepSetUID, 0, unix.SYS_SETRESUID, uid, uid, uid)
	}
	// After the ids, which reset it: a shell that ignores the hangup of its terminal ends with us, too.
	add(stage.Call, StepSession, 0, unix.SYS_PRCTL, num(unix.PR_SET_PDEATHSIG), num(unix.SIGKILL))
	env := &vector{p.Env}
	for i, argv := range p.Shells[:min(len(p.Shells), maxShells)] {
		add(stage.Exec, StepExec, uint32(i), unix.SYS_EXECVE, cstring(argv[0]), &vector{argv}, env)
	}
	add(stage.Fail, StepExec, 0, 0)
	return ops
}

// maxShells caps how many shells are tried: a passwd file of the target may name very many.
const maxShells = 16

// joins returns the operations that enter the namespaces: each kind with what the starter may do, then
// again at each level of the way down the user namespaces, so that a kind is joined where its owner
// allows it.
func joins(p *Plan, h handles) []op {
	var ops []op
	try := func() {
		for _, k := range p.Join.Without(ns.User).Kinds() {
			ops = append(ops, setns(stage.Join, k, h.ns[k]))
		}
	}
	try()
	if p.Join.Has(ns.User) {
		for i, fd := range h.chain {
			verb := stage.Call
			if i == len(h.chain)-1 {
				verb = stage.Join // the target's own: it counts for the assertion
			}
			ops = append(ops, setns(verb, ns.User, fd))
			try()
		}
	}
	return append(ops, op{verb: stage.Assert, step: StepJoin, args: []argument{num(p.Join)}})
}

func setns(verb stage.Verb, k ns.Kind, fd int) op {
	return op{verb: verb, step: StepJoin, arg: uint32(k), nr: unix.SYS_SETNS, args: []argument{num(fd), num(k.CloneFlag())}}
}
