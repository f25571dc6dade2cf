//go:build amd64 || arm64

package crowd

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sys/unix"
)

// hold makes namespaces that no process is in, so many of each sort.
func (h *host) hold(each int) error {
	for i := range each {
		for _, hold := range []func(int) error{h.byFile, h.bySocket, h.byMount, h.byFarMount, h.byThread} {
			if err := hold(i); err != nil {
				return err
			}
		}
	}
	return nil
}

// self is the directory of this thread, which has namespaces of its own.
const self = "/proc/thread-self/ns/"

// note adds a namespace this thread is in to those that are told.
func (h *host) note(by, kind string) error {
	var st unix.Stat_t
	if err := unix.Stat(self+kind, &st); err != nil {
		return fmt.Errorf("look at %s: %w", self+kind, err)
	}
	h.lock.Lock()
	defer h.lock.Unlock()
	h.crowd.Held = append(h.crowd.Held, Held{By: by, Kind: kind, Ino: st.Ino})
	return nil
}

// byFile makes an uts namespace that a descriptor holds.
func (h *host) byFile(int) error {
	return inThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWUTS); err != nil {
			return fmt.Errorf("make an uts namespace: %w", err)
		}
		f, err := os.Open(self + "uts")
		if err != nil {
			return err
		}
		h.kept = append(h.kept, f)
		return h.note("fd", "uts")
	})
}

// bySocket makes a network namespace that a socket holds.
func (h *host) bySocket(int) error {
	return inThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("make a network namespace: %w", err)
		}
		if _, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0); err != nil {
			return fmt.Errorf("make a socket: %w", err)
		}
		return h.note("socket", "net")
	})
}

// byMount makes a network namespace that a mount in this mount namespace holds.
func (h *host) byMount(i int) error {
	return inThread(func() error { return h.mount("mount", i) })
}

// byFarMount makes a network namespace that a mount in the mount namespace of a container holds.
func (h *host) byFarMount(i int) error {
	return inThread(func() error {
		if err := unix.Unshare(unix.CLONE_FS); err != nil {
			return fmt.Errorf("have a root directory of its own: %w", err)
		}
		fd, err := unix.Open(fmt.Sprintf("/proc/%d/ns/mnt", h.last), unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("open a mount namespace: %w", err)
		}
		defer unix.Close(fd)
		if err := unix.Setns(fd, unix.CLONE_NEWNS); err != nil {
			return fmt.Errorf("enter a mount namespace: %w", err)
		}
		return h.mount("far mount", i)
	})
}

// mount makes a network namespace and mounts it on a file.
func (h *host) mount(by string, i int) error {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("make a network namespace: %w", err)
	}
	path := filepath.Join(filepath.Dir(h.path), fmt.Sprintf("%s-%d", by, i))
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return err
	}
	if err := unix.Mount(self+"net", path, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("mount %s on %s: %w", self+"net", path, err)
	}
	return h.note(by, "net")
}

// byThread makes an uts namespace that only a thread of this process is in, for ever.
func (h *host) byThread(int) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := unix.Unshare(unix.CLONE_NEWUTS)
		if err == nil {
			err = h.note("thread", "uts")
		}
		done <- err
		select {}
	}()
	if err := <-done; err != nil {
		return fmt.Errorf("a thread with an uts namespace: %w", err)
	}
	return nil
}
