package nsenter

import (
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// staticELF returns the beginning of a program that needs no other file.
func staticELF() []byte { return elfOf(machines[runtime.GOARCH][0], "") }

// elfOf returns the beginning of a program for a machine with the given loader.
func elfOf(machine elf.Machine, loader string) []byte {
	h := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(machine), Version: 1, Ehsize: 64, Phentsize: 56}
	copy(h.Ident[:], elf.ELFMAG)
	h.Ident[elf.EI_CLASS], h.Ident[elf.EI_DATA], h.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1
	h.Shoff, h.Shnum, h.Shentsize = 1<<20, 30, 64 // they are far away
	interp := append([]byte(loader), 0)
	prog := elf.Prog64{Type: uint32(elf.PT_INTERP), Off: 64 + 56, Filesz: uint64(len(interp))}
	if loader != "" {
		h.Phoff, h.Phnum = 64, 1
	}
	b, err := binary.Append(nil, binary.LittleEndian, h)
	if err == nil && loader != "" {
		b, err = binary.Append(b, binary.LittleEndian, prog)
		b = append(b, interp...)
	}
	if err != nil {
		panic(err) // the types have fixed sizes
	}
	return b
}

// What the kernel calls "no such file" or "exec format error" is told apart.
func TestMissing(t *testing.T) {
	root := t.TempDir()
	native := machines[runtime.GOARCH][0]
	for name, content := range map[string][]byte{
		"static":  staticELF(),
		"dynamic": elfOf(native, "/static"),
		"broken":  elfOf(native, "/lib/ld-musl.so.1"),
		"foreign": elfOf(elf.EM_RISCV, ""),
		"script":  []byte("#! /dynamic -x\n"),
		"orphan":  []byte("#!/bin/none\n"),
		"loop":    []byte("#!/loop\n"),
		"text":    []byte("echo hello\n"),
		"empty":   nil,
		"short":   []byte(elf.ELFMAG),
	} {
		if err := os.WriteFile(filepath.Join(root, name), content, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "plain"), staticELF(), 0o644); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Open(root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	for name, want := range map[string]string{
		"static": "", "dynamic": "", "script": "",
		"broken":  "it needs /lib/ld-musl.so.1: it is not there",
		"foreign": "it is for another machine: EM_RISCV",
		"orphan":  "it needs /bin/none: it is not there",
		"loop":    "go round in a circle",
		"text":    "it is no program",
		"empty":   "it is empty",
		"short":   "it is cut off",
		"plain":   "nobody may execute it",
		"none":    "it is not there",
		".":       "it is no file",
	} {
		got := missing(fd, "/"+name)
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if !static(fd, "/static") || static(fd, "/dynamic") || static(fd, "/text") {
		t.Error("a program is called static that is not, or the other way round")
	}
}

func FuzzInterpreterOf(f *testing.F) {
	f.Add(elfOf(elf.EM_X86_64, "/lib64/ld-linux-x86-64.so.2"))
	f.Add([]byte("#!/bin/sh -e\n"))
	f.Fuzz(func(t *testing.T, head []byte) {
		interpreter, why := interpreterOf(head)
		if interpreter != "" && why != "" || strings.ContainsAny(interpreter, "\n") && head[0] == '#' {
			t.Errorf("interpreterOf(%q) = %q, %q", head, interpreter, why)
		}
	})
}
