package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// order is what the first process of the small host is to do.
type order struct {
	Folder string   // where the pictures go
	Names  []string // which; all if empty
	Binary string   // nstui
	Cgroup string   // directory of the cgroup that is the small host's root; empty if there is none
}

// withHost starts the small host, waits for its end and removes what is left of it.
func withHost(ctx context.Context, o order) (err error) {
	dir, err := os.MkdirTemp("", "nstui-screenshots-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	o.Binary = filepath.Join(dir, "nstui")
	if err := build(ctx, o.Binary); err != nil {
		return err
	}
	if o.Cgroup, err = makeCgroup(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, removeCgroups(o.Cgroup)) }()

	cmd, err := again(roleUnshare, o)
	if err != nil {
		return err
	}
	attr := &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWNET,
		Pdeathsig:  syscall.SIGKILL,
	}
	cmd.SysProcAttr = attr
	leave, err := enterCgroup(attr, o.Cgroup)
	if err != nil {
		return err
	}
	defer leave()
	// The child gets its death signal when the thread that started it ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start a host: %w", err)
	}
	// What the kernel does when the first process of a pid namespace ends is all the cleaning up.
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("take pictures: %w", err)
	}
	return nil
}

// build builds nstui as it ships, in the module beside this one.
func build(ctx context.Context, path string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-C", "..", "-ldflags", "-X nstui/ui/cli.release=v0.1", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build nstui: %w\n%s", err, out)
	}
	return nil
}

// valueVariable holds what a part is given.
const valueVariable = "NSTUI_SCREENSHOTS_VALUE"

// again returns a command that starts this program again in another part, which gets the value.
func again(role string, value any) (*exec.Cmd, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = environ(role, string(text))
	cmd.Stderr = os.Stderr
	return cmd, nil
}

// environ returns the environment of a part. Of a variable that is there twice the first counts, so
// what this part was given goes.
func environ(role, value string) []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		return strings.HasPrefix(entry, roleVariable+"=") || strings.HasPrefix(entry, valueVariable+"=")
	})
	return append(env, roleVariable+"="+role, valueVariable+"="+value)
}

// given returns what this part was given.
func given[T any]() (v T, err error) {
	err = json.Unmarshal([]byte(os.Getenv(valueVariable)), &v)
	return v, err
}

// unshareCgroup makes the cgroup this process is in the root of all it will see, which only a process
// that is in it already can do, and goes on as the first process of the small host.
func unshareCgroup() error {
	// A namespace is the thread's; the thread that executes becomes the process.
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWCGROUP); err != nil {
		return fmt.Errorf("unshare the cgroup namespace: %w", err)
	}
	err := syscall.Exec("/proc/self/exe", []string{"/sbin/init"}, environ(roleInit, os.Getenv(valueVariable)))
	return fmt.Errorf("execute as init: %w", err)
}
