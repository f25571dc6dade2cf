package stage_test

import (
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"slices"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"nstui/nsenter/stage"
)

// The offsets of the header's fields.
const (
	atSize   = unsafe.Offsetof(stage.Header{}.Size)
	atOps    = unsafe.Offsetof(stage.Header{}.Ops)
	atRelocs = unsafe.Offsetof(stage.Header{}.Relocs)
	atOp     = stage.HeaderSize
)

// list returns a list with one operation, exit_group(7), and eight bytes of data with one relocation.
func list() []byte {
	op := stage.Op{Nr: unix.SYS_EXIT_GROUP}
	op.Args[0] = 7
	size := stage.HeaderSize + stage.OpSize + 8 + 8
	b := make([]byte, 0, size)
	b = append(b, stage.Magic[:]...)
	for _, v := range []uint64{uint64(size), 1, 1, 2} { // the report goes to standard error
		b = binary.NativeEndian.AppendUint64(b, v)
	}
	b = append(b, unsafe.Slice((*byte)(unsafe.Pointer(&op)), stage.OpSize)...)
	return append(b, make([]byte, 16)...)
}

// run starts this program again with the list at the stage's descriptor. It returns the exit status of
// the stage and what it reported.
func run(t *testing.T, wire []byte, seals int) (int, []byte) {
	t.Helper()
	return runOf(t, wire, seals, os.Geteuid())
}

// runOf is run with a list that belongs to the given user.
func runOf(t *testing.T, wire []byte, seals, owner int) (int, []byte) {
	t.Helper()
	fd, err := unix.MemfdCreate("list", unix.MFD_ALLOW_SEALING|unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), "list")
	defer f.Close()
	if _, err := f.Write(wire); err != nil {
		t.Fatal(err)
	}
	if err := f.Chown(owner, -1); err != nil {
		t.Fatal(err)
	}
	if _, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seals); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^$")
	cmd.ExtraFiles = []*os.File{f}
	_, err = cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit != nil {
		return exit.ExitCode(), exit.Stderr
	}
	return 0, nil
}

const allSeals = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE

// The stage ends with 0 once it has forked; what was forked is our child then.
func TestTakesOver(t *testing.T) {
	status, report := run(t, list(), allSeals)
	if status != 0 || report != nil {
		t.Fatalf("status %d, report %v", status, report)
	}
	var ws unix.WaitStatus
	if _, err := unix.Wait4(-1, &ws, 0, nil); err != nil || ws.ExitStatus() != 7 {
		t.Errorf("the forked process ended with %d, %v, want 7", ws.ExitStatus(), err)
	}
}

func TestRefusesBrokenLists(t *testing.T) {
	put := func(at uintptr, v uint64) func([]byte) []byte {
		return func(b []byte) []byte {
			binary.NativeEndian.PutUint64(b[at:], v)
			return b
		}
	}
	for name, change := range map[string]func([]byte) []byte{
		"size past the end":        put(atSize, 1<<20),
		"size of nothing":          put(atSize, 0),
		"size that is enormous":    put(atSize, 1<<62),
		"more operations":          put(atOps, 2),
		"operations that overflow": put(atOps, 1<<63),
		"more relocations":         put(atRelocs, 3),
		"relocations overflow":     put(atRelocs, 1<<61),
		"relocation outside":       put(atOp+stage.OpSize, 8),
		"relocation not aligned":   put(atOp+stage.OpSize, 1),
		"relocated word outside":   put(atOp+stage.OpSize+8, 8),
		"unknown verb":             put(atOp, uint64(stage.NumVerbs)),
		"pointer outside": func(b []byte) []byte {
			binary.NativeEndian.PutUint32(b[atOp+unsafe.Offsetof(stage.Op{}.Pointers):], 2)
			binary.NativeEndian.PutUint64(b[atOp+unsafe.Offsetof(stage.Op{}.Args)+8:], 8)
			return b
		},
		"cut short": func(b []byte) []byte { return b[:len(b)-1] },
	} {
		t.Run(name, func(t *testing.T) {
			if status, _ := run(t, change(list()), allSeals); status != stage.ExitFailed {
				t.Errorf("status %d, want %d", status, stage.ExitFailed)
			}
		})
	}
	t.Run("not sealed", func(t *testing.T) {
		if status, _ := run(t, list(), unix.F_SEAL_GROW); status != stage.ExitFailed {
			t.Errorf("status %d, want %d", status, stage.ExitFailed)
		}
	})
}

// Whatever else is open at the stage's descriptor, the program is an ordinary one.
func TestLeavesOthersAlone(t *testing.T) {
	for name, wire := range map[string][]byte{
		"empty":       nil,
		"short":       stage.Magic[:],
		"other magic": slices.Replace(list(), 0, 1, 'N'),
	} {
		t.Run(name, func(t *testing.T) {
			if status, _ := run(t, wire, allSeals); status != 0 {
				t.Errorf("status %d, want that of an empty test run", status)
			}
			if pid, err := unix.Wait4(-1, nil, 0, nil); !errors.Is(err, unix.ECHILD) {
				t.Errorf("it forked %d: %v", pid, err)
			}
		})
	}
}

// su(1) leaves descriptors open: a list made by one user must not run as another.
func TestLeavesListsOfOthersAlone(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: it makes a list of another user")
	}
	if status, _ := runOf(t, list(), allSeals, 1000); status != 0 {
		t.Errorf("status %d, want that of an empty test run", status)
	}
	if pid, err := unix.Wait4(-1, nil, 0, nil); !errors.Is(err, unix.ECHILD) {
		t.Errorf("it forked %d: %v", pid, err)
	}
}
