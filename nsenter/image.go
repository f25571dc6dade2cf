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

// image returns this program as a file, to be let go of once the child runs. What runs programs of the target
// needs a sealed copy: one of them that is a link to /proc/self/exe gets hold of ours, and can then not
// write to it, see CVE-2019-5736.
func image(inRoot bool) (f *os.File, release func(), err error) {
	own.Lock()
	defer own.Unlock()
	if own.plain == nil {
		if own.plain, err = os.Open("/proc/self/exe"); err != nil {
			own.plain = nil
			return nil, nil, fmt.Errorf("open own program: %w", err)
		}
	}
	if !inRoot {
		return own.plain, func() {}, nil
	}
	if own.sealed == nil {
		own.sealed, err = seal("nstui", own.plain)
		if errors.Is(err, unix.EACCES) { // vm.memfd_noexec=2 forbids it
			f, err := unnamed(own.plain)
			return f, func() { f.Close() }, err
		}
	}
	return own.sealed, func() {}, err
}

// unnamed returns a copy of a program in a file without a name. It is not sealed, so it serves once: whoever
// writes to it has it to himself.
func unnamed(program *os.File) (*os.File, error) {
	var errs []error
	for _, dir := range []string{os.TempDir(), "/run", "/var/tmp", "/dev/shm"} {
		f, err := copyInto(dir, program)
		if err == nil {
			return f, nil
		}
		errs = append(errs, err)
	}
	return nil, fmt.Errorf("copy own program: %w", errors.Join(errs...))
}

// copyInto copies a program into a file without a name, in a directory whose file system lets it run.
func copyInto(dir string, program *os.File) (*os.File, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return nil, fmt.Errorf("look at %s: %w", dir, err)
	}
	if fs.Flags&unix.ST_NOEXEC != 0 {
		return nil, fmt.Errorf("%s is mounted noexec", dir)
	}
	w, err := os.OpenFile(dir, os.O_RDWR|unix.O_TMPFILE, 0o700) //nolint:gosec // it is a program
	if err != nil {
		return nil, err
	}
	defer w.Close() // nothing that is open for writing can be executed
	if _, err := io.Copy(w, io.NewSectionReader(program, 0, math.MaxInt64)); err != nil {
		return nil, err
	}
	return os.Open(fmt.Sprintf("/proc/self/fd/%d", w.Fd()))
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
