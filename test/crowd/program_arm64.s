#include "textflag.h"

// The numbers are those of asm-generic/unistd.h. At the start of a program the stack has the number of
// arguments, the arguments, NULL, the environment, NULL.

// func program()
TEXT ·program(SB), NOSPLIT|NOFRAME, $0-0
	// prctl(PR_SET_NAME, argv[0])
	MOVD $15, R0
	MOVD 8(RSP), R1
	MOVD $167, R8
	SVC

	// R21 is the first variable, the path of this program; R19 points to the others, the children.
	MOVD 0(RSP), R19
	ADD $2, R19, R19
	LSL $3, R19, R19
	MOVD RSP, R20
	ADD R20, R19, R19
	MOVD (R19), R21
	CBZ R21, threads

children:
	ADD $8, R19, R19
	MOVD (R19), R20
	CBZ R20, threads
	// clone(SIGCHLD)
	MOVD $17, R0
	MOVD $0, R1
	MOVD $0, R2
	MOVD $0, R3
	MOVD $0, R4
	MOVD $220, R8
	SVC
	CBNZ R0, children

	// The child. With an empty name it exits.
	MOVBU (R20), R0
	CBZ R0, exit
	// execve(path, {name, NULL}, NULL)
	MOVD RSP, R1
	SUB $16, R1, R1
	MOVD R20, (R1)
	MOVD ZR, 8(R1)
	MOVD R21, R0
	MOVD $0, R2
	MOVD $221, R8
	SVC

exit:
	// exit_group(0)
	MOVD $0, R0
	MOVD $94, R8
	SVC

threads:
	// Of each argument but the first a thread. It needs no stack of its own: it does not use it.
	MOVD 0(RSP), R19

thread:
	SUB $1, R19, R19
	CBZ R19, ready
	// clone(CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD)
	MOVD $0x10f00, R0
	MOVD $0, R1
	MOVD $0, R2
	MOVD $0, R3
	MOVD $0, R4
	MOVD $220, R8
	SVC
	CBNZ R0, thread
	B rest

ready:
	// close(3)
	MOVD $3, R0
	MOVD $57, R8
	SVC

rest:
	// ppoll(NULL, 0, NULL, NULL)
	MOVD $0, R0
	MOVD $0, R1
	MOVD $0, R2
	MOVD $0, R3
	MOVD $0, R4
	MOVD $73, R8
	SVC
	B rest

	// The mark of its end: "the end" and a NUL.
	WORD $0x20656874
	WORD $0x00646e65

// func measure()
TEXT ·measure(SB), NOSPLIT|NOFRAME, $0-0
	// R20 is &argv[1], R21 the environment.
	MOVD 0(RSP), R21
	ADD $2, R21, R21
	LSL $3, R21, R21
	MOVD RSP, R20
	ADD R20, R21, R21
	ADD $16, R20, R20
	// clock_gettime(CLOCK_MONOTONIC, began); it, too, is below the stack, behind what is told of the end
	MOVD $1, R0
	MOVD RSP, R1
	SUB $104, R1, R1
	MOVD $113, R8
	SVC
	// clone(SIGCHLD)
	MOVD $17, R0
	MOVD $0, R1
	MOVD $0, R2
	MOVD $0, R3
	MOVD $0, R4
	MOVD $220, R8
	SVC
	CBNZ R0, parent

	// close(3)
	MOVD $3, R0
	MOVD $57, R8
	SVC
	// execve(argv[1], argv + 1, envp)
	MOVD (R20), R0
	MOVD R20, R1
	MOVD R21, R2
	MOVD $221, R8
	SVC
	// exit_group(127)
	MOVD $127, R0
	MOVD $94, R8
	SVC

parent:
	// wait4(child, status, 0, status + 8), the status below the stack
	MOVD RSP, R1
	SUB $256, R1, R1
	MOVD ZR, (R1)
	MOVD $0, R2
	ADD $8, R1, R3
	MOVD $260, R8
	SVC
	// clock_gettime(CLOCK_MONOTONIC, ended)
	MOVD $1, R0
	MOVD RSP, R1
	SUB $88, R1, R1
	MOVD $113, R8
	SVC
	// write(3, status, 8 + sizeof(struct rusage) + 2 * sizeof(struct timespec))
	MOVD $3, R0
	MOVD RSP, R1
	SUB $256, R1, R1
	MOVD $184, R2
	MOVD $64, R8
	SVC
	// exit_group(0)
	MOVD $0, R0
	MOVD $94, R8
	SVC

	// The mark of its end: "the end" and a NUL.
	WORD $0x20656874
	WORD $0x00646e65

DATA ·programAt(SB)/8, $·program(SB)
GLOBL ·programAt(SB), RODATA, $8

DATA ·measureAt(SB)/8, $·measure(SB)
GLOBL ·measureAt(SB), RODATA, $8
