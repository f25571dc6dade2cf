package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// actor is a process of the small host. It bears a name, is in namespaces, and does nothing.
type actor struct {
	PID      int    // the pid it would like to have
	Comm     string // its name
	Command  string // its command line, in one argument as daemons write it
	UID      int
	Cgroup   string  // below the root
	Flags    uintptr // the namespaces it gets, as CLONE_NEW… flags
	Hostname string  // of its own uts namespace
	Address  string  // of its own network namespace, on the bridge
	Net      string  // name of the process whose network namespace it is in
	Dir      string  // its working directory, "" for the root
	Inside   []actor // its children

	Root string // the directory of the root of the cgroups; filled in by start
}

// runActor plays an actor: it says when it, and those inside, are in place.
func runActor() error {
	a, err := given[actor]()
	if err != nil {
		return err
	}
	if err := a.dress(); err != nil {
		return err
	}
	for _, child := range a.Inside {
		child.Root = a.Root
		if child.Cgroup == "" {
			child.Cgroup = a.Cgroup
		}
		if child.Net != "" {
			other, err := pidOf(child.Net)
			if err == nil {
				err = child.startIn(other)
			}
			if err != nil {
				return err
			}
			continue
		}
		pid, err := child.start()
		if err != nil {
			return err
		}
		if child.Address != "" {
			if err := connect(pid, child.Address); err != nil {
				return err
			}
		}
	}
	ready := os.NewFile(3, "ready")
	if _, err := ready.WriteString("!"); err != nil {
		return err
	}
	if err := ready.Close(); err != nil {
		return err
	}
	for {
		_ = unix.Pause() // until the host ends
	}
}

// dress makes this process look like the actor.
func (a actor) dress() error {
	if a.Flags&unix.CLONE_NEWNS != 0 {
		if err := mountProc(); err != nil {
			return err
		}
	}
	if a.Hostname != "" {
		if err := unix.Sethostname([]byte(a.Hostname)); err != nil {
			return fmt.Errorf("set the hostname: %w", err)
		}
	}
	if err := rename(a.Comm); err != nil {
		return err
	}
	if a.UID == 0 || a.UID == os.Getuid() {
		return nil
	}
	if err := errors.Join(syscall.Setgid(a.UID), syscall.Setuid(a.UID)); err != nil {
		return fmt.Errorf("become uid %d: %w", a.UID, err)
	}
	return nil
}

// start starts the actor and waits until it is in place. It returns its pid.
func (a actor) start() (int, error) {
	cmd, err := again(roleActor, a)
	if err != nil {
		return 0, err
	}
	cmd.Path, cmd.Args = a.file(), []string{a.Command}
	if a.Comm == "containerd-shim" { // nstui reads its options
		cmd.Args = strings.Fields(a.Command)
	}
	cmd.Dir = "/" + a.Dir
	attr := &syscall.SysProcAttr{Cloneflags: a.Flags, Setsid: true}
	cmd.SysProcAttr = attr
	switch {
	case a.Flags&unix.CLONE_NEWUSER != 0:
		attr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	case a.Flags == 0 && a.UID != os.Getuid():
		// One that has namespaces to furnish does this later, in dress.
		attr.Credential = &syscall.Credential{Uid: uint32(a.UID), Gid: uint32(a.UID)}
	}
	leave := func() {}
	if a.Root != "" && os.Getuid() == 0 {
		if leave, err = enterCgroup(attr, filepath.Join(a.Root, a.Cgroup)); err != nil {
			return 0, err
		}
	}
	defer leave()
	r, w, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer func() { _ = r.Close() }()
	cmd.ExtraFiles = []*os.File{w}
	a.wishPID()
	if err := errors.Join(cmd.Start(), w.Close()); err != nil {
		return 0, fmt.Errorf("start %s: %w", a.Comm, err)
	}
	if _, err := io.ReadFull(r, make([]byte, 1)); err != nil {
		return 0, fmt.Errorf("wait for %s to be in place: %w", a.Comm, err)
	}
	return cmd.Process.Pid, nil
}

// file returns the program the actor seems to run.
func (a actor) file() string { return filepath.Join(programs, strings.ReplaceAll(a.Comm, " ", "-")) }

// wishPID asks the kernel for a pid, see proc_sys_kernel(5). It is for looks only: a kernel that
// cannot, or a thread that starts in between, does no harm.
func (a actor) wishPID() {
	if a.PID != 0 {
		_ = os.WriteFile("/proc/sys/kernel/ns_last_pid", []byte(strconv.Itoa(a.PID-1)), 0)
	}
}

// startIn starts the actor in the network namespace of another process.
func (a actor) startIn(pid int) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	own, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	defer func() { _ = own.Close() }()
	other, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		return err
	}
	defer func() { _ = other.Close() }()
	if err := unix.Setns(int(other.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("join net of pid %d: %w", pid, err)
	}
	_, err = a.start()
	return errors.Join(err, unix.Setns(int(own.Fd()), unix.CLONE_NEWNET))
}

// rename gives this process another name. The file is that of its first thread, which is the one
// that programs show.
func rename(comm string) error {
	if err := os.WriteFile("/proc/self/comm", []byte(comm), 0); err != nil {
		return fmt.Errorf("take the name %s: %w", comm, err)
	}
	return nil
}

// mountProc mounts a /proc of our pid namespace that nobody outside of our mount namespace sees.
func mountProc() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	return nil
}
