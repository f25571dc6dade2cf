package nsenter

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// memfd makes an anonymous file, fills it and seals it against every change.
func memfd(name string, flags int, fill func(*os.File) error) (_ *os.File, err error) {
	fd, err := unix.MemfdCreate(name, flags|unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, fmt.Errorf("memfd_create %s: %w", name, err)
	}
	f := os.NewFile(uintptr(fd), name)
	if err = fill(f); err == nil {
		_, err = unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS,
			unix.F_SEAL_SEAL|unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_WRITE)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("fill %s: %w", name, err)
	}
	return f, nil
}

// own is this program as files to execute, nil until they are needed.
var own struct {
	sync.Mutex
	sealed, plain *os.File
}

// image returns this program as a file. What runs programs of the target needs a sealed copy: one of
// them that is a link to /proc/self/exe gets hold of ours, and can then not write to it, see CVE-2019-5736.
func image(inRoot bool) (*os.File, error) {
	own.Lock()
	defer own.Unlock()
	if own.sealed != nil {
		return own.sealed, nil
	}
	if own.plain == nil {
		f, err := os.Open("/proc/self/exe")
		if err != nil {
			return nil, fmt.Errorf("open own program: %w", err)
		}
		own.plain = f
	}
	if !inRoot {
		return own.plain, nil
	}
	f, err := seal("nstui", own.plain)
	if errors.Is(err, unix.EACCES) { // vm.memfd_noexec=2 forbids it
		return own.plain, nil
	}
	if err != nil {
		return nil, err
	}
	own.sealed = f
	return f, nil
}

// seal returns a sealed copy of a program.
func seal(name string, program *os.File) (*os.File, error) {
	fill := func(f *os.File) error {
		_, err := io.Copy(f, io.NewSectionReader(program, 0, math.MaxInt64))
		return err
	}
	f, err := memfd(name, unix.MFD_EXEC, fill)
	if errors.Is(err, unix.EINVAL) { // before Linux 6.3
		return memfd(name, 0, fill)
	}
	return f, err
}

// sealedProgram returns a sealed copy of a program of the host's, to run among strangers.
func sealedProgram(file string) (*os.File, error) {
	program, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer program.Close()
	return seal("program", program)
}
