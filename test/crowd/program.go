//go:build amd64 || arm64

package crowd

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"unsafe"
)

// program is what the processes of a crowd execute, in assembly: ten thousand processes of Go would need
// 20 GB. It is never called but copied into a file of its own. What it does:
//
//   - it takes its first argument for its name;
//   - if there are environment variables, the first is the path of this program, and for each of the others
//     it starts a child with that name and nothing else, or, if the variable is empty, one that exits and
//     stays a zombie;
//   - for each argument but the first it starts a thread;
//   - it closes descriptor 3, and waits until it is killed.
func program()

// measure runs the program its arguments name, waits for it, and writes to descriptor 3 how it ended and
// what it took: an int in 8 bytes and a struct rusage, as wait4(2) says them.
func measure()

// programAt and measureAt are where these begin.
var programAt, measureAt uintptr

// Nothing calls them.
var _ = []func(){program, measure}

// machines are the machines of ELF, by Go's names.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// code returns the instructions that begin there.
func code(at *uintptr) ([]byte, error) {
	const most = 1024
	mark := []byte("the end\x00")
	start := *(**byte)(unsafe.Pointer(at))
	text := unsafe.Slice(start, most)
	for n := range most - len(mark) {
		if bytes.Equal(text[n:n+len(mark)], mark) {
			return text[:n], nil
		}
	}
	return nil, errors.New("a program of the crowd has no end")
}

// writeProgram makes an executable file of the instructions that begin there: see elf(5).
func writeProgram(path string, at *uintptr) error {
	text, err := code(at)
	if err != nil {
		return err
	}
	const (
		base       = 0x400000
		headerSize = 64
		progSize   = 56
		size       = headerSize + progSize
	)
	header := elf.Header64{
		Ident: [elf.EI_NIDENT]byte{
			0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT),
		},
		Type: uint16(elf.ET_EXEC), Machine: uint16(machines[runtime.GOARCH]), Version: uint32(elf.EV_CURRENT),
		Entry: base + size, Phoff: headerSize, Ehsize: headerSize, Phentsize: progSize, Phnum: 1,
	}
	all := uint64(size + len(text))
	segment := elf.Prog64{
		Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_X), Vaddr: base, Paddr: base,
		Filesz: all, Memsz: all, Align: 0x10000,
	}
	var file bytes.Buffer
	for _, part := range []any{header, segment, text} {
		if err := binary.Write(&file, binary.LittleEndian, part); err != nil {
			return fmt.Errorf("make a program of the crowd: %w", err)
		}
	}
	return os.WriteFile(path, file.Bytes(), 0o755)
}
