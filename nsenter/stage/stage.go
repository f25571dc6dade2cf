package stage

import "unsafe"

// The runtime exports these three to package syscall for its own fork, and keeps their names and
// types for programs that link to them as this one does.

//go:linkname beforeFork syscall.runtime_BeforeFork
func beforeFork()

//go:linkname afterFork syscall.runtime_AfterFork
func afterFork()

//go:linkname afterForkInChild syscall.runtime_AfterForkInChild
func afterForkInChild()

// rawSyscall6 is syscall.RawSyscall6, reached without importing the package: see doc.go.
//
//go:linkname rawSyscall6 syscall.RawSyscall6
func rawSyscall6(nr, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2, errno uintptr)

// From the kernel's headers; equal on all architectures.
const (
	cloneParent  = 0x8000
	sigchld      = 17
	protRW       = 0x1 | 0x2
	mapPrivate   = 0x2
	fGetSeals    = 1034
	sealsNeeded  = 0x2 | 0x4 | 0x8 // shrink, grow, write
	atFDCWD      = ^uintptr(99)
	oCloexec     = 0x80000
	auxSecure    = 23 // AT_SECURE, getauxval(3)
	maxListBytes = 4 << 20
	atEmptyPath  = 0x1000
	statxUID     = 0x8

	enosys = 38

	// What execve says of a program that is not there or none: the next one is tried then.
	enoent  = 2
	enoexec = 8
	eacces  = 13
	enotdir = 20
	eloop   = 40
)

func init() {
	var h Header
	n, _, errno := rawSyscall6(sysPread64, FD, uintptr(unsafe.Pointer(&h)), HeaderSize, 0, 0, 0)
	if errno != 0 || n != HeaderSize || h.Magic != Magic || !own() {
		return
	}
	takeOver(&h)
}

// own reports whether the list belongs to the user we are. Programs that change the user, su(1) among
// them, leave descriptors open: the list of somebody else is not for us.
func own() bool {
	var st struct {
		_   [20]byte
		uid uint32
		_   [232]byte
	}
	var empty byte
	_, _, errno := rawSyscall6(sysStatx, FD, uintptr(unsafe.Pointer(&empty)), atEmptyPath, statxUID, uintptr(unsafe.Pointer(&st)), 0)
	euid, _, _ := rawSyscall6(sysGeteuid, 0, 0, 0, 0, 0, 0)
	return errno == 0 && uintptr(st.uid) == euid
}

// takeOver runs the list whose header was found and never returns.
func takeOver(h *Header) {
	ops, ok := load(h)
	if !ok || secure() {
		exit(ExitFailed)
	}
	m := machine{ops: ops, n: uintptr(h.Ops), report: uintptr(h.Report)}
	beforeFork()
	pid, _, errno := rawSyscall6(sysClone, cloneParent|sigchld, 0, 0, 0, 0, 0)
	if errno == 0 && pid == 0 {
		m.begin()
	}
	afterFork()
	if errno != 0 {
		m.fail(0, 0, errno)
	}
	m.tell(Forked, 0, uint32(pid), 0)
	exit(0)
}

// load maps the list, checks that every offset in it stays inside, and puts addresses in the place of
// offsets. The mapping is private: the memfd stays as it is.
func load(h *Header) (ops unsafe.Pointer, ok bool) {
	seals, _, errno := rawSyscall6(sysFcntl, FD, fGetSeals, 0, 0, 0, 0)
	if errno != 0 || seals&sealsNeeded != sealsNeeded {
		return nil, false
	}
	// Each count is held under the cap before it is multiplied, so that nothing here overflows.
	if h.Size > maxListBytes || h.Ops > maxListBytes || h.Relocs > maxListBytes {
		return nil, false
	}
	relocs := uint64(HeaderSize) + h.Ops*uint64(OpSize)
	data := relocs + h.Relocs*8
	if data > h.Size {
		return nil, false
	}
	// The mapping must not reach past the file: that would be SIGBUS.
	var last [1]byte
	n, _, errno := rawSyscall6(sysPread64, FD, uintptr(unsafe.Pointer(&last)), 1, uintptr(h.Size-1), 0, 0)
	if errno != 0 || n != 1 {
		return nil, false
	}
	addr, _, errno := rawSyscall6(sysMmap, 0, uintptr(h.Size), protRW, mapPrivate, FD, 0)
	if errno != 0 {
		return nil, false
	}
	base := *(*unsafe.Pointer)(unsafe.Pointer(&addr)) // memory Go does not manage
	size := h.Size - data
	for i := range h.Relocs {
		at := *(*uint64)(unsafe.Add(base, relocs+8*i))
		if at%8 != 0 || at > size || size-at < 8 {
			return nil, false
		}
		word := (*uint64)(unsafe.Add(base, data+at))
		if *word >= size {
			return nil, false
		}
		*word += uint64(addr) + data
	}
	ops = unsafe.Add(base, HeaderSize)
	for i := range h.Ops {
		op := (*Op)(unsafe.Add(ops, i*uint64(OpSize)))
		if op.Verb >= NumVerbs || op.Arg >= 32 {
			return nil, false
		}
		for a := range op.Args {
			if op.Pointers&(1<<a) == 0 {
				continue
			}
			if op.Args[a] >= size {
				return nil, false
			}
			op.Args[a] += uint64(addr) + data
		}
	}
	return ops, true
}

// secure reports whether the kernel marked this program as one with more privileges than its caller
// (file capabilities, set-user-ID), or whether that could not be found out.
func secure() bool {
	path := [...]byte{'/', 'p', 'r', 'o', 'c', '/', 's', 'e', 'l', 'f', '/', 'a', 'u', 'x', 'v', 0}
	fd, _, errno := rawSyscall6(sysOpenat, atFDCWD, uintptr(unsafe.Pointer(&path)), oCloexec, 0, 0, 0)
	if errno != 0 {
		return true
	}
	var pairs [64][2]uintptr
	n, _, errno := rawSyscall6(sysRead, fd, uintptr(unsafe.Pointer(&pairs)), unsafe.Sizeof(pairs), 0, 0, 0)
	rawSyscall6(sysClose, fd, 0, 0, 0, 0, 0)
	if errno != 0 {
		return true
	}
	for _, pair := range pairs[:n/unsafe.Sizeof(pairs[0])] {
		if pair[0] == auxSecure {
			return pair[1] != 0
		}
	}
	return true
}

// machine is the interpreter. It lives on the stack of the forked process.
type machine struct {
	ops    unsafe.Pointer // of n operations
	n      uintptr
	report uintptr
	forks  uint32
	joined uint64      // bit per kind
	errs   [32]uintptr // the last error of joining each kind
	failed bool        // an Exec failed
	arg    uint32      // of the Exec whose error says most
	errno  uintptr
	last   uintptr // the error of the last Exec
	kept   uintptr // the result of the last Keep
}

// begin is the first thing that runs in the forked process.
//
//go:nosplit
//go:norace
func (m *machine) begin() {
	afterForkInChild()
	m.forks = 1
	m.run()
}

// run interprets the list and never returns.
//
//go:nosplit
//go:norace
func (m *machine) run() {
	for i := uintptr(0); i < m.n; i++ {
		op := (*Op)(unsafe.Add(m.ops, i*OpSize))
		for a := range op.Args {
			if op.Kept&(1<<a) != 0 {
				op.Args[a] = uint64(m.kept)
			}
		}
		switch op.Verb {
		case Call:
			if errno := call(op); errno != 0 {
				m.fail(op.Step, op.Arg, errno)
			}
		case Try:
			call(op)
		case Join:
			if m.joined&(1<<op.Arg) != 0 {
				continue
			}
			errno := call(op)
			if errno == 0 {
				m.joined |= 1 << op.Arg
			}
			m.errs[op.Arg&31] = errno
		case Assert:
			m.assert(op)
		case Fork:
			m.fork(op)
		case Exec:
			m.exec(op)
		case Script:
			if m.last == enoexec {
				m.exec(op)
			}
		case Need:
			if errno := m.keep(op); errno != 0 {
				m.fail(op.Step, op.Arg, errno)
			}
		case Keep:
			m.keep(op)
		case Wish:
			if errno := call(op); errno != 0 {
				m.tell(Missed, op.Step, op.Arg, uint32(errno))
				i += uintptr(op.Skip)
			}
		case Fail:
			m.fail(op.Step, m.arg, m.errno)
		}
	}
	m.fail(0, 0, enosys) // the list did not end in Fail
}

// exec tries a program. Of several that cannot be executed the first one is told of, but one that is not
// there only if there is no other.
//
//go:nosplit
//go:norace
func (m *machine) exec(op *Op) {
	m.tell(Tried, op.Step, op.Arg, 0)
	m.last = call(op)
	if !m.failed || (m.errno == enoent || m.errno == enotdir) && m.last != enoent && m.last != enotdir {
		m.failed, m.arg, m.errno = true, op.Arg, m.last
	}
	if m.last != enoent && m.last != enoexec && m.last != eacces && m.last != enotdir && m.last != eloop {
		m.fail(op.Step, op.Arg, m.last)
	}
}

//go:nosplit
//go:norace
func (m *machine) keep(op *Op) uintptr {
	a := &op.Args
	r, _, errno := rawSyscall6(uintptr(op.Nr), uintptr(a[0]), uintptr(a[1]), uintptr(a[2]), uintptr(a[3]), uintptr(a[4]), uintptr(a[5]))
	if m.kept = r; errno != 0 {
		m.kept = ^uintptr(0)
	}
	return errno
}

//go:nosplit
//go:norace
func (m *machine) assert(op *Op) {
	missing := op.Args[0] &^ m.joined
	for kind := range uint32(len(m.errs)) {
		if missing&(1<<kind) != 0 {
			m.fail(op.Step, kind, m.errs[kind])
		}
	}
}

//go:nosplit
//go:norace
func (m *machine) fork(op *Op) {
	pid, _, errno := rawSyscall6(sysClone, cloneParent|sigchld, 0, 0, 0, 0, 0)
	if errno != 0 {
		m.fail(op.Step, op.Arg, errno)
	}
	if pid == 0 {
		m.forks++
		return
	}
	m.tell(Forked, m.forks, uint32(pid), 0)
	exit(0)
}

//go:nosplit
//go:norace
func (m *machine) fail(step, arg uint32, errno uintptr) {
	m.tell(Failed, step, arg, uint32(errno))
	exit(ExitFailed)
}

//go:nosplit
//go:norace
func (m *machine) tell(kind RecordKind, a, b, c uint32) {
	r := Record{Kind: kind, A: a, B: b, C: c}
	rawSyscall6(sysWrite, m.report, uintptr(unsafe.Pointer(&r)), RecordSize, 0, 0, 0)
}

//go:nosplit
//go:norace
func call(op *Op) uintptr {
	a := &op.Args
	_, _, errno := rawSyscall6(uintptr(op.Nr), uintptr(a[0]), uintptr(a[1]), uintptr(a[2]), uintptr(a[3]), uintptr(a[4]), uintptr(a[5]))
	return errno
}

//go:nosplit
//go:norace
func exit(status uintptr) {
	for {
		rawSyscall6(sysExitGroup, status, 0, 0, 0, 0, 0)
	}
}
