package express

import "unsafe"

// The runtime exports these to packages os and syscall and to golang.org/x/sys, and keeps their names and
// types for programs that link to them as this one does.

//go:linkname runtimeArgs os.runtime_args
func runtimeArgs() []string

//go:linkname runtimeEnvs syscall.runtime_envs
func runtimeEnvs() []string

//go:linkname beforeExec syscall.runtime_BeforeExec
func beforeExec()

//go:linkname getAuxv runtime.getAuxv
func getAuxv() []uintptr

// rawSyscall6 is syscall.RawSyscall6, reached without importing the package: see doc.go.
//
//go:linkname rawSyscall6 syscall.RawSyscall6
func rawSyscall6(nr, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2, errno uintptr)

// From the kernel's headers; equal on all architectures.
const (
	sysCloseRange     = 436
	closeRangeCloexec = 1 << 2
	atFDCWD           = ^uintptr(99)
	oCloexec          = 0x80000
	auxSecure         = 23 // AT_SECURE, getauxval(3)
	statxIno          = 0x100

	enoent  = 2
	enoexec = 8
	eacces  = 13
	enotdir = 20
	eloop   = 40
)

func init() {
	args := runtimeArgs()
	if len(args) < 2 || args[1] != "enter" {
		return
	}
	o, ok := read(args[2:])
	if !ok || secure() || !mainThread() {
		return
	}
	env, ok := strip(runtimeEnvs())
	if !ok {
		return
	}
	files, ok := candidates(o.program[0], env)
	if !ok || !enter(&o) {
		return
	}
	// From here on there is no way back: one thread of several is in the namespace.
	execute(files, o.program, env)
	again(args)
}

// secure reports whether the kernel marked this program as one with more privileges than its caller, or
// whether that could not be found out.
func secure() bool {
	aux := getAuxv()
	for i := 0; i+1 < len(aux); i += 2 {
		if aux[i] == auxSecure {
			return aux[i+1] != 0
		}
	}
	return true
}

// mainThread reports whether this is the first thread of the process, the one execve(2) leaves and
// /proc/PID/ns is about. Go runs inits on it.
func mainThread() bool {
	pid, _, _ := rawSyscall6(sysGetpid, 0, 0, 0, 0, 0, 0)
	tid, _, _ := rawSyscall6(sysGettid, 0, 0, 0, 0, 0, 0)
	return pid == tid && isProcOf(pid)
}

// isProcOf reports whether /proc has this process by the pid it has for itself. If not, /proc is that of
// another pid namespace, and the target's number there is another one than for the caller.
func isProcOf(pid uintptr) bool {
	var link [maxDigits + 1]byte
	path := text("/proc/self")
	n, _, errno := rawSyscall6(sysReadlinkat, atFDCWD, uintptr(unsafe.Pointer(path)), uintptr(unsafe.Pointer(&link)), uintptr(len(link)), 0, 0)
	if errno != 0 || n > maxDigits {
		return false
	}
	seen := uintptr(0)
	for _, digit := range link[:n] {
		seen = seen*10 + uintptr(digit-'0')
	}
	return seen == pid
}

// enter joins the namespace. All that may fail comes before the last step of it.
func enter(o *order) bool {
	target := text("/proc/" + o.pid + "/ns/" + o.kind.name)
	fd, _, errno := rawSyscall6(sysOpenat, atFDCWD, uintptr(unsafe.Pointer(target)), oCloexec, 0, 0, 0)
	if errno != 0 {
		return false
	}
	theirs, ok := identify(fd, "", atEmptyPath)
	if !ok {
		return false
	}
	mine, ok := identify(atFDCWD, "/proc/self/ns/"+o.kind.name, 0)
	if !ok || theirs == mine {
		return false
	}
	if _, _, errno := rawSyscall6(sysCloseRange, 3, uintptr(^uint32(0)), closeRangeCloexec, 0, 0, 0); errno != 0 {
		return false
	}
	_, _, errno = rawSyscall6(sysSetns, fd, o.kind.flag, 0, 0, 0, 0)
	return errno == 0
}

const atEmptyPath = 0x1000

// identity is what makes a file what it is.
type identity struct {
	major, minor uint32
	ino          uint64
}

// identify returns the identity of an open file or of the one of that name.
func identify(dir uintptr, name string, flags uintptr) (identity, bool) {
	var st struct { // see statx(2)
		mask         uint32
		_            [28]byte
		ino          uint64
		_            [96]byte
		major, minor uint32
		_            [112]byte
	}
	path := text(name)
	_, _, errno := rawSyscall6(sysStatx, dir, uintptr(unsafe.Pointer(path)), flags, statxIno, uintptr(unsafe.Pointer(&st)), 0)
	return identity{st.major, st.minor, st.ino}, errno == 0 && st.mask&statxIno != 0
}

// execute tries the files one after the other as execvp(3) does. It returns only if none could be executed.
func execute(files, program, env []string) {
	argv, envp := vector(program), vector(env)
	// Threads that are being made while the process is replaced would make the runtime complain.
	beforeExec()
	for _, file := range files {
		errno := execve(file, argv, envp)
		if errno == enoexec {
			const shell = "/bin/sh"
			script := append([]string{shell, file}, program[1:]...)
			errno = execve(shell, vector(script), envp)
		}
		switch errno {
		case enoent, enoexec, eacces, enotdir, eloop:
		default:
			return
		}
	}
}

// again executes nstui anew, to go the ordinary way. -F is of no effect with these kinds, and not one of
// the options that are read here.
func again(args []string) {
	words := append([]string{args[0], args[1], "-F"}, args[2:]...)
	execve("/proc/self/exe", vector(words), vector(runtimeEnvs()))
	const message = "nstui: neither the program could be executed, nor nstui once more to say why\n"
	rawSyscall6(sysWrite, 2, uintptr(unsafe.Pointer(text(message))), uintptr(len(message)), 0, 0, 0)
	const notExecutable = 126 // as shells and env(1) have it
	for {
		rawSyscall6(sysExitGroup, notExecutable, 0, 0, 0, 0, 0)
	}
}

func execve(file string, argv, envp []*byte) (errno uintptr) {
	_, _, errno = rawSyscall6(sysExecve, uintptr(unsafe.Pointer(text(file))),
		uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&envp[0])), 0, 0, 0)
	return errno
}

// text returns the address of the text with a NUL behind it.
func text(s string) *byte {
	b := make([]byte, len(s)+1)
	copy(b, s)
	return &b[0]
}

// vector returns a NULL-terminated array of addresses of texts.
func vector(texts []string) []*byte {
	v := make([]*byte, len(texts)+1)
	for i, s := range texts {
		v[i] = text(s)
	}
	return v
}
