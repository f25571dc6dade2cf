#include "textflag.h"

// The numbers are those of asm/unistd_64.h. At the start of a program the stack has the number of
// arguments, the arguments, NULL, the environment, NULL.

// func program()
TEXT ·program(SB), NOSPLIT|NOFRAME, $0-0
	// prctl(PR_SET_NAME, argv[0])
	MOVQ $15, DI
	MOVQ 8(SP), SI
	MOVQ $157, AX
	SYSCALL

	// R14 is the first variable, the path of this program; R12 points to the others, the children.
	MOVQ 0(SP), R12
	LEAQ 16(SP)(R12*8), R12
	MOVQ (R12), R14
	TESTQ R14, R14
	JZ threads

children:
	ADDQ $8, R12
	MOVQ (R12), R13
	TESTQ R13, R13
	JZ threads
	// clone(SIGCHLD)
	MOVQ $17, DI
	XORQ SI, SI
	XORQ DX, DX
	XORQ R10, R10
	XORQ R8, R8
	MOVQ $56, AX
	SYSCALL
	TESTQ AX, AX
	JNZ children

	// The child. With an empty name it exits.
	CMPB (R13), $0
	JEQ exit
	// execve(path, {name, NULL}, NULL)
	LEAQ -16(SP), SI
	MOVQ R13, (SI)
	MOVQ $0, 8(SI)
	MOVQ R14, DI
	XORQ DX, DX
	MOVQ $59, AX
	SYSCALL

exit:
	// exit_group(0)
	XORQ DI, DI
	MOVQ $231, AX
	SYSCALL

threads:
	// Of each argument but the first a thread. It needs no stack of its own: it does not use it.
	MOVQ 0(SP), R12

thread:
	DECQ R12
	JLE ready
	// clone(CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD)
	MOVQ $0x10f00, DI
	XORQ SI, SI
	XORQ DX, DX
	XORQ R10, R10
	XORQ R8, R8
	MOVQ $56, AX
	SYSCALL
	TESTQ AX, AX
	JNZ thread
	JMP rest

ready:
	// close(3)
	MOVQ $3, DI
	MOVQ $3, AX
	SYSCALL

rest:
	// pause()
	MOVQ $34, AX
	SYSCALL
	JMP rest

	// The mark of its end.
	BYTE $'t'; BYTE $'h'; BYTE $'e'; BYTE $' '; BYTE $'e'; BYTE $'n'; BYTE $'d'; BYTE $0

// func measure()
TEXT ·measure(SB), NOSPLIT|NOFRAME, $0-0
	// R13 is &argv[1], R14 the environment.
	MOVQ 0(SP), R14
	LEAQ 16(SP)(R14*8), R14
	LEAQ 16(SP), R13
	// clock_gettime(CLOCK_MONOTONIC, began); it, too, is below the stack, behind what is told of the end
	MOVQ $1, DI
	LEAQ -104(SP), SI
	MOVQ $228, AX
	SYSCALL
	// clone(SIGCHLD)
	MOVQ $17, DI
	XORQ SI, SI
	XORQ DX, DX
	XORQ R10, R10
	XORQ R8, R8
	MOVQ $56, AX
	SYSCALL
	TESTQ AX, AX
	JNZ parent

	// close(3)
	MOVQ $3, DI
	MOVQ $3, AX
	SYSCALL
	// execve(argv[1], argv + 1, envp)
	MOVQ (R13), DI
	MOVQ R13, SI
	MOVQ R14, DX
	MOVQ $59, AX
	SYSCALL
	// exit_group(127)
	MOVQ $127, DI
	MOVQ $231, AX
	SYSCALL

parent:
	// wait4(child, status, 0, status + 8), the status below the stack
	MOVQ AX, DI
	LEAQ -256(SP), SI
	MOVQ $0, (SI)
	XORQ DX, DX
	LEAQ 8(SI), R10
	MOVQ $61, AX
	SYSCALL
	// clock_gettime(CLOCK_MONOTONIC, ended)
	MOVQ $1, DI
	LEAQ -88(SP), SI
	MOVQ $228, AX
	SYSCALL
	// write(3, status, 8 + sizeof(struct rusage) + 2 * sizeof(struct timespec))
	MOVQ $3, DI
	LEAQ -256(SP), SI
	MOVQ $184, DX
	MOVQ $1, AX
	SYSCALL
	// exit_group(0)
	XORQ DI, DI
	MOVQ $231, AX
	SYSCALL

	// The mark of its end.
	BYTE $'t'; BYTE $'h'; BYTE $'e'; BYTE $' '; BYTE $'e'; BYTE $'n'; BYTE $'d'; BYTE $0

DATA ·programAt(SB)/8, $·program(SB)
GLOBL ·programAt(SB), RODATA, $8

DATA ·measureAt(SB)/8, $·measure(SB)
GLOBL ·measureAt(SB), RODATA, $8
