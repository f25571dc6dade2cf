package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// unified returns where the unified cgroup hierarchy is mounted, or nothing. See cgroups(7).
func unified() (string, error) {
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(mounts)) {
		if fields := strings.Fields(line); len(fields) > 2 && fields[2] == "cgroup2" {
			return fields[1], nil
		}
	}
	return "", nil
}

// makeCgroup makes the cgroup of the small host and returns its directory, or nothing on a host that
// has no unified hierarchy: then all processes are in the root.
func makeCgroup() (string, error) {
	root, err := unified()
	if err != nil || root == "" {
		return "", err
	}
	dir, err := os.MkdirTemp(root, "nstui-screenshots-")
	if err != nil {
		return "", fmt.Errorf("make a cgroup: %w", err)
	}
	return dir, nil
}

// removeCgroups removes a cgroup and those in it, in which there are no processes any more.
func removeCgroups(dir string) error {
	if dir == "" {
		return nil
	}
	var dirs []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			dirs = append(dirs, path)
		}
		return err
	})
	for _, path := range slices.Backward(dirs) {
		err = errors.Join(err, syscall.Rmdir(path)) // files in it are the kernel's
	}
	return err
}

// enterCgroup has a process start in the cgroup with the directory, which is made if need be. What it
// returns is to be called when the process has started.
func enterCgroup(attr *syscall.SysProcAttr, dir string) (func(), error) {
	if dir == "" {
		return func() {}, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make a cgroup: %w", err)
	}
	file, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("open a cgroup: %w", err)
	}
	attr.UseCgroupFD, attr.CgroupFD = true, int(file.Fd())
	return func() { _ = file.Close() }, nil // only its number was needed
}
