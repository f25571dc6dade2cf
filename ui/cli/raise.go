package cli

import (
	"os/signal"
	"syscall"
	"unsafe"
)

// End is how the program is to end.
type End struct {
	Status int            // the exit status
	Signal syscall.Signal // the signal to die of, if that is possible; zero: none
}

// Raise ends the process by the signal, so that whoever waits for it learns how the program it ran has
// ended, not only that. It returns if the signal does not end processes, or is refused.
//
// The Go runtime handles every signal it can: it prints all goroutines for SIGQUIT and SIGSEGV, and
// os/signal cannot undo that. So the default action is put back by the system call. No core is written:
// it would be one of the wrong program, over that of the right one. The caller must stay on its thread.
func Raise(s syscall.Signal) {
	none := syscall.Rlimit{Cur: 0, Max: 0}
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &none) // only lowered, which anybody may
	signal.Reset(s)

	// What fails here leaves the process alive, and the caller sees that. An action of zeros is the
	// default one, see rt_sigaction(2).
	const unblock, setSize = 1, 8
	var action [4]uint64
	mask := uint64(1) << (uint(s) - 1)
	_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(&action)), 0, setSize, 0, 0) //nolint:gosec // it takes a pointer
	_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, unblock, uintptr(unsafe.Pointer(&mask)), 0, setSize, 0, 0)    //nolint:gosec // as above

	// To this thread, which then cannot leave the call alive.
	_, _, _ = syscall.RawSyscall(syscall.SYS_TGKILL, uintptr(syscall.Getpid()), uintptr(syscall.Gettid()), uintptr(s))
}
