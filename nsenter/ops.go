package nsenter

import (
	"path"
	"strings"

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

// handles are the numbers of descriptors in the stage; -1 where there is none.
type handles struct {
	ns      [ns.NumKinds]int
	chain   []int // user namespaces, the outermost first
	root    int
	dir     int
	cgroups []int
	busybox int
}

// op is one operation before it is encoded: pointers are still Go values. Arguments that are left out
// are zero.
type op struct {
	verb stage.Verb
	step Step
	arg  uint32
	skip uint32
	nr   uintptr
	args []argument
}

// argument is an argument of a system call. It is encoded as a value, or as the offset of something in
// the data.
type argument interface {
	encode(e *encoder) (value uint64, pointer bool)
}

type (
	num     uintptr  // itself
	cstring string   // the address of the text with a NUL behind it
	zeros   int      // the address of so many zero bytes
	data    []byte   // the address of the bytes
	kept    struct{} // the result that was kept last
	// vector is the address of a NULL-terminated array of addresses of texts. The same vector is
	// encoded once.
	vector struct{ texts []string }
)

func (a num) encode(*encoder) (uint64, bool)       { return uint64(a), false }
func (a cstring) encode(e *encoder) (uint64, bool) { return e.text(string(a)), true }
func (a *vector) encode(e *encoder) (uint64, bool) { return e.vector(a), true }
func (a data) encode(e *encoder) (uint64, bool)    { return e.put(a), true }
func (kept) encode(*encoder) (uint64, bool)        { return 0, false }
func (a zeros) encode(e *encoder) (uint64, bool)   { return e.put(make([]byte, a)), true }

// Signals and the size of a signal set in the kernel's rt_sigaction.
const (
	numSignals    = 64
	sigsetBytes   = 8
	sigactionSize = 64 // at least; all zero is SIG_DFL
)

// atCWD is AT_FDCWD, a negative number, as an argument.
const atCWD = num(^uintptr(^unix.AT_FDCWD))

// program collects operations.
type program []op

func (ops *program) add(verb stage.Verb, step Step, arg uint32, nr uintptr, args ...argument) {
	*ops = append(*ops, op{verb: verb, step: step, arg: arg, nr: nr, args: args})
}

// compile turns a plan into the operations of an entry. It is pure.
func compile(p *Plan, h handles) []op {
	var ops program
	ops.begin(p, h)
	if p.Tree.At != "" {
		ops.takeTree()
	}
	ops = append(ops, joins(p, h)...)
	if p.Join.Has(ns.Mnt) || p.Join.Has(ns.User) {
		// The keys of the starter's session are not for what runs in there, see keyctl(2).
		ops.add(stage.Try, StepSession, 0, unix.SYS_KEYCTL, num(unix.KEYCTL_JOIN_SESSION_KEYRING))
	}
	if h.root >= 0 {
		// setns moved the root to that of the namespace; the target's may be deeper.
		ops.add(stage.Call, StepRoot, 0, unix.SYS_FCHDIR, num(h.root))
		ops.add(stage.Call, StepRoot, 0, unix.SYS_CHROOT, cstring("."))
	}
	if p.forks() > 1 {
		// setns moved only the children to come.
		ops.add(stage.Fork, StepFork, 0, 0)
	}
	if p.Tree.At != "" {
		ops.mountTree(&p.Tree)
		ops = append(ops, viewMounts(&p.View)...)
	} else {
		ops = append(ops, viewOps(&p.View)...)
	}
	switch {
	case h.dir >= 0:
		ops.add(stage.Call, StepDir, 0, unix.SYS_FCHDIR, num(h.dir))
	case p.Dir != "":
		verb := stage.Try
		if p.DirAsked {
			verb = stage.Call
		}
		ops.add(verb, StepDir, 0, unix.SYS_CHDIR, cstring(p.Dir))
	}
	if p.Session {
		ops.add(stage.Call, StepSession, 0, unix.SYS_SETSID)
		ops.add(stage.Call, StepTTY, 0, unix.SYS_IOCTL, num(0), num(unix.TIOCSCTTY))
	}
	ops.credentials(p)
	// After the ids, which reset it: a shell that ignores the hangup of its terminal ends with us, too.
	ops.add(stage.Call, StepSession, 0, unix.SYS_PRCTL, num(unix.PR_SET_PDEATHSIG), num(unix.SIGKILL))
	ops.execute(p, h)
	return ops
}

// begin is what comes before anything is entered.
func (ops *program) begin(p *Plan, h handles) {
	if p.Session {
		// Nothing the starter ignored, blocked or had open reaches the shell.
		for sig := 1; sig <= numSignals; sig++ {
			ops.add(stage.Try, StepSignals, 0, unix.SYS_RT_SIGACTION, num(sig), zeros(sigactionSize), num(0), num(sigsetBytes))
		}
		ops.add(stage.Call, StepSignals, 0, unix.SYS_RT_SIGPROCMASK, num(unix.SIG_SETMASK), zeros(sigsetBytes), num(0), num(sigsetBytes))
	}
	ops.add(stage.Call, StepClose, 0, unix.SYS_CLOSE_RANGE, num(3), num(^uint32(0)), num(unix.CLOSE_RANGE_CLOEXEC))
	// Until the execve this process runs our program among strangers: they must not trace it.
	ops.add(stage.Call, StepDumpable, 0, unix.SYS_PRCTL, num(unix.PR_SET_DUMPABLE))
	for i, fd := range h.cgroups { // before any fork, and as who may
		verb := stage.Call
		if p.Confined { // as far as it can be: a hierarchy may have rules of its own, cpuset among them
			verb = stage.Wish
		}
		ops.add(verb, StepCgroup, uint32(i), unix.SYS_WRITE, num(fd), cstring("0"), num(1))
	}
	if label := p.Label; label.File != "" {
		ops.add(stage.Need, StepLabel, 0, unix.SYS_OPENAT, atCWD, cstring(label.File), num(unix.O_WRONLY|unix.O_CLOEXEC))
		ops.add(stage.Call, StepLabel, 0, unix.SYS_WRITE, kept{}, cstring(label.Text), num(len(label.Text)))
	}
	if p.Join.Has(ns.User) && p.As.SetGID {
		// While still privileged: in the user namespace it may be denied.
		ops.add(stage.Try, StepSetGID, 0, unix.SYS_SETGROUPS)
	}
}

// credentials takes the ids and drops or keeps capabilities.
func (ops *program) credentials(p *Plan) {
	if p.Confined {
		// What is inheritable or ambient survives the execve whatever the bounding set is.
		ops.add(stage.Call, StepConfine, 0, unix.SYS_PRCTL, num(unix.PR_CAP_AMBIENT), num(unix.PR_CAP_AMBIENT_CLEAR_ALL))
		ops.capset(p.Caps, 0)
		for c := range p.Confine.Last + 1 {
			if p.Confine.Bounding&(1<<c) == 0 {
				ops.add(stage.Call, StepConfine, 0, unix.SYS_PRCTL, num(unix.PR_CAPBSET_DROP), num(c))
			}
		}
	}
	if p.KeepCaps != 0 {
		ops.add(stage.Call, StepCaps, 0, unix.SYS_PRCTL, num(unix.PR_SET_KEEPCAPS), num(1))
	}
	verb := stage.Call
	if p.As.Lenient {
		verb = stage.Try
	}
	if p.As.SetGID {
		gid := num(p.As.GID)
		ops.add(stage.Try, StepSetGID, 0, unix.SYS_SETGROUPS)
		ops.add(verb, StepSetGID, 0, unix.SYS_SETRESGID, gid, gid, gid)
	}
	if p.As.SetUID {
		uid := num(p.As.UID)
		ops.add(verb, StepSetUID, 0, unix.SYS_SETRESUID, uid, uid, uid)
	}
	if p.KeepCaps != 0 {
		ops.ambient(p.KeepCaps)
	}
	if p.Confined && p.Confine.NoNewPrivs {
		ops.add(stage.Call, StepConfine, 0, unix.SYS_PRCTL, num(unix.PR_SET_NO_NEW_PRIVS), num(1))
	}
}

// ambient makes capabilities survive the execve of a program without any, see capabilities(7).
func (ops *program) ambient(caps uint64) {
	ops.capset(caps, caps)
	for c := range 64 {
		if caps&(1<<c) != 0 {
			ops.add(stage.Call, StepCaps, 0, unix.SYS_PRCTL, num(unix.PR_CAP_AMBIENT), num(unix.PR_CAP_AMBIENT_RAISE), num(c))
		}
	}
}

// capset sets the capabilities a process has, and those a program it executes inherits.
func (ops *program) capset(has, inheritable uint64) {
	header := []uint32{unix.LINUX_CAPABILITY_VERSION_3, 0}
	low, high := uint32(has), uint32(has>>32) // effective, permitted, inheritable: twice 32 of each
	sets := []uint32{low, low, uint32(inheritable), high, high, uint32(inheritable >> 32)}
	ops.add(stage.Call, StepCaps, 0, unix.SYS_CAPSET, data(bytesOf(&header[0], len(header))), data(bytesOf(&sets[0], len(sets))))
}

// maxShells caps how many shells are tried: a passwd file of the target may name very many.
const maxShells = 16

// execute tries what there is to execute.
func (ops *program) execute(p *Plan, h handles) {
	env := &vector{p.Env}
	if p.Busybox {
		ops.add(stage.Exec, StepExec, 0, unix.SYS_EXECVEAT, num(h.busybox), cstring(""), &vector{p.Shells[0]}, env, num(unix.AT_EMPTY_PATH))
	}
	for i, argv := range p.Shells[:min(len(p.Shells), maxShells)] {
		files := []string{argv[0]}
		switch {
		case p.Busybox:
			files = nil
		case p.Program:
			dirs, ok := variable(p.Env, "PATH")
			if !ok {
				dirs = "/bin:/usr/bin"
			}
			files = lookPath(argv[0], dirs)
		case p.Login:
			argv = append([]string{"-" + path.Base(argv[0])}, argv[1:]...)
		}
		args := &vector{argv}
		for _, file := range files {
			ops.add(stage.Exec, StepExec, uint32(i), unix.SYS_EXECVE, cstring(file), args, env)
			if p.Program { // as execvp(3) does
				script := &vector{append([]string{"/bin/sh", file}, argv[1:]...)}
				ops.add(stage.Script, StepExec, uint32(i), unix.SYS_EXECVE, cstring("/bin/sh"), script, env)
			}
		}
	}
	ops.add(stage.Fail, StepExec, 0, 0)
}

// maxPath caps how many directories of a PATH are tried, which may be the target's to choose.
const maxPath = 256

// lookPath returns where a program of that name can be, as execvp(3) looks for it.
func lookPath(name, dirs string) []string {
	if strings.Contains(name, "/") {
		return []string{name}
	}
	var files []string
	for dir := range strings.SplitSeq(dirs, ":") {
		if len(files) == maxPath {
			break
		}
		files = append(files, path.Join(dir, name))
	}
	return files
}

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
