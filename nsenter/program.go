package nsenter

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"io"
	"path"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// maxHead is how much of a program is read to see what it needs: headers are in the first page.
const maxHead = 4096

// missing returns why a program in a root directory cannot be executed, or "". The kernel says "no such
// file" for the loader of a program, too, and not which.
func missing(root int, name string) string {
	return missingBehind(root, name, 0)
}

// maxInterpreters is how many scripts the kernel goes through, see execve(2).
const maxInterpreters = 4

func missingBehind(root int, name string, depth int) string {
	fd, err := openIn(root, name, unix.O_PATH)
	switch {
	case errors.Is(err, unix.EACCES):
		return "" // whoever enters may see more than the caller: the kernel will tell
	case err != nil:
		return "it is not there"
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	var fs unix.Statfs_t
	if err := errors.Join(unix.Fstat(fd, &st), unix.Fstatfs(fd, &fs)); err != nil {
		return "it cannot be looked at: " + err.Error()
	}
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		return "it is no file"
	case st.Mode&0o111 == 0:
		return "nobody may execute it"
	case fs.Flags&unix.ST_NOEXEC != 0:
		return "its file system is mounted noexec"
	}
	head, err := readHead(fd)
	if err != nil {
		return "" // it may be executed and not be read: the kernel will tell
	}
	interpreter, why := interpreterOf(head)
	switch {
	case why != "":
		return why
	case interpreter == "":
		return ""
	case depth >= maxInterpreters:
		return "its interpreters go round in a circle"
	case !path.IsAbs(interpreter):
		return ""
	}
	if why := missingBehind(root, interpreter, depth+1); why != "" {
		return "it needs " + interpreter + ": " + why
	}
	return ""
}

// readHead reads the beginning of a file given by an O_PATH descriptor.
func readHead(fd int) ([]byte, error) {
	in, err := unix.Open("/proc/self/fd/"+strconv.Itoa(fd), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(in)
	head := make([]byte, maxHead)
	n, err := unix.Pread(in, head, 0)
	return head[:max(n, 0)], err
}

// machines are the values of e_machine this kernel runs.
var machines = map[string][]elf.Machine{
	"amd64": {elf.EM_X86_64, elf.EM_386},
	"arm64": {elf.EM_AARCH64, elf.EM_ARM},
}

// interpreterOf returns which file executes the program that begins with head: the interpreter of a
// script, the loader of an ELF file, "" for a static one; or why no kernel of this machine does. See
// execve(2) and elf(5).
func interpreterOf(head []byte) (interpreter, why string) {
	if line, ok := bytes.CutPrefix(head, []byte("#!")); ok {
		line, _, _ = bytes.Cut(line, []byte("\n"))
		fields := strings.Fields(string(line))
		if len(fields) == 0 {
			return "", "it is a script without an interpreter"
		}
		return fields[0], ""
	}
	if !bytes.HasPrefix(head, []byte(elf.ELFMAG)) {
		if len(head) == 0 {
			return "", "it is empty"
		}
		return "", "it is no program"
	}
	if len(head) < 20 {
		return "", "it is cut off"
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if elf.Data(head[elf.EI_DATA]) == elf.ELFDATA2MSB {
		order = binary.BigEndian
	}
	machine := elf.Machine(order.Uint16(head[18:]))
	known := false
	for _, m := range machines[runtime.GOARCH] {
		known = known || m == machine
	}
	if !known {
		return "", "it is for another machine: " + machine.String()
	}
	return loaderOf(head), ""
}

// loaderOf returns the interpreter of an ELF file, "" if it has none or it is not in its first page.
func loaderOf(head []byte) string {
	// debug/elf would want the sections, too, which are at the end of the file: it is told of none.
	b := bytes.Clone(head)
	switch elf.Class(b[elf.EI_CLASS]) {
	case elf.ELFCLASS64:
		if len(b) < 64 {
			return ""
		}
		clear(b[40:48]) // e_shoff
		clear(b[60:64]) // e_shnum, e_shstrndx
	case elf.ELFCLASS32:
		if len(b) < 52 {
			return ""
		}
		clear(b[32:36])
		clear(b[48:52])
	}
	file, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		return ""
	}
	for _, p := range file.Progs {
		if p.Type != elf.PT_INTERP || p.Off+p.Filesz > uint64(len(b)) {
			continue
		}
		name, err := io.ReadAll(p.Open())
		if err != nil {
			return ""
		}
		return string(bytes.TrimRight(name, "\x00"))
	}
	return ""
}

// static reports whether the program in the root directory needs no other file.
func static(root int, name string) bool {
	if missing(root, name) != "" {
		return false
	}
	fd, err := openIn(root, name, unix.O_PATH)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	head, err := readHead(fd)
	if err != nil {
		return false
	}
	interpreter, why := interpreterOf(head)
	return interpreter == "" && why == ""
}
