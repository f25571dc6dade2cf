package stage

// Numbers of system calls, from the kernel's arch/x86/entry/syscalls/syscall_64.tbl.
const (
	sysRead      = 0
	sysWrite     = 1
	sysClose     = 3
	sysMmap      = 9
	sysPread64   = 17
	sysClone     = 56
	sysFcntl     = 72
	sysGeteuid   = 107
	sysExitGroup = 231
	sysOpenat    = 257
	sysStatx     = 332
)
