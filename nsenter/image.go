package nsenter

import (
	"errors"
	"fmt"
	"io"
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

// sealed is this program as a sealed file, nil until it was made.
var sealed struct {
	sync.Mutex
	file *os.File
}

// image returns this program as a sealed file, made once. A target that gets hold of the running
// program through /proc/PID/exe can then not write to it, see CVE-2019-5736.
func image() (*os.File, error) {
	sealed.Lock()
	defer sealed.Unlock()
	if sealed.file != nil {
		return sealed.file, nil
	}
	f, err := newImage()
	if err == nil {
		sealed.file = f
	}
	return f, err
}

func newImage() (*os.File, error) {
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		return nil, fmt.Errorf("open own program: %w", err)
	}
	copySelf := func(f *os.File) error {
		defer self.Close()
		_, err := io.Copy(f, self)
		return err
	}
	f, err := memfd("nstui", unix.MFD_EXEC, copySelf)
	switch {
	case errors.Is(err, unix.EINVAL): // before Linux 6.3
		return memfd("nstui", 0, copySelf)
	case errors.Is(err, unix.EACCES): // vm.memfd_noexec=2
		return self, nil
	}
	return f, err
}
