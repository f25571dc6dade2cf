package stage

// Numbers of system calls, from the kernel's include/uapi/asm-generic/unistd.h.
const (
	sysFcntl     = 25
	sysOpenat    = 56
	sysClose     = 57
	sysRead      = 63
	sysWrite     = 64
	sysPread64   = 67
	sysExitGroup = 94
	sysGeteuid   = 175
	sysClone     = 220
	sysMmap      = 222
	sysStatx     = 291
)
