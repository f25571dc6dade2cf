package procscan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"
)

// ErrGone is returned for a process that has ended, also if its pid is another's by now.
var ErrGone = errors.New("process is gone")

// Inspect reads more about one process. It fails with [ErrGone] if there is no such process, with
// the error of the context, or if not even its stat can be read; what else is refused is left
// empty and told in the detail.
//
// The files are read by the name of the process's directory, so its start is compared before and
// after: if both are right the pid was its own in between. Links are read and never followed,
// because what is behind them may be a file system that does not answer.
//
// Of a process that makes who reads it wait, as one does that executes a program and waits for a file
// system to close a file, nothing is known but that: Refused is Stuck.
func (s *Scanner) Inspect(ctx context.Context, id ProcID) (Detail, error) {
	type inspected struct {
		detail Detail
		err    error
	}
	c, err := s.openCrew()
	if err != nil {
		return Detail{}, fmt.Errorf("inspect process %d: %w", id.PID, err)
	}
	defer c.root.release()
	defer c.close()
	var got inspected
	err = c.one(ctx, &work{
		read: func(k *worker, _ int) {
			in := inspected{detail: Detail{ID: id, Refused: Stuck}}
			if !k.held(id.PID) {
				in.detail, in.err = s.inspect(ctx, id)
			}
			k.any = in
		},
		keep: func(k *worker, _ int) { got, _ = k.any.(inspected) },
	})
	switch {
	case errors.Is(err, unix.ETIMEDOUT):
		return Detail{ID: id, Refused: Stuck}, nil
	case err != nil:
		return Detail{}, fmt.Errorf("inspect process %d: %w", id.PID, err)
	default:
		return got.detail, got.err
	}
}

// inspect is Inspect for one that makes nobody wait.
func (s *Scanner) inspect(ctx context.Context, id ProcID) (Detail, error) {
	fsys, err := procfs.NewFS(s.root)
	if err != nil {
		return Detail{}, fmt.Errorf("inspect process %d: %w", id.PID, err)
	}
	stat, err := statOf(fsys, id)
	if err != nil {
		return Detail{}, err
	}
	d := Detail{ID: id, Threads: stat.NumThreads}
	dir := filepath.Join(s.root, strconv.Itoa(id.PID))
	steps := []func(){
		func() { d.Root = d.link(dir, "root") },
		func() { d.Cwd = d.link(dir, "cwd") },
		func() { d.Exe = d.link(dir, "exe") },
		func() { d.UIDMap = idMap(dir, "uid_map") },
		func() { d.GIDMap = idMap(dir, "gid_map") },
		func() { d.RootFS = rootFS(fsys, id.PID) },
	}
	for _, step := range steps {
		if err := ctx.Err(); err != nil {
			return Detail{}, fmt.Errorf("inspect process %d: %w", id.PID, err)
		}
		step()
	}
	if _, err := statOf(fsys, id); err != nil {
		return Detail{}, err
	}
	return d, nil
}

// statOf reads the stat of the process and makes sure that it is that process.
func statOf(fsys procfs.FS, id ProcID) (procfs.ProcStat, error) {
	proc, err := fsys.Proc(id.PID)
	if err == nil {
		var stat procfs.ProcStat
		if stat, err = proc.Stat(); err == nil {
			if stat.Starttime == id.Start {
				return stat, nil
			}
			err = ErrGone
		}
	}
	// Between opening and reading a file of a process that ends, the error is ESRCH.
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) {
		err = ErrGone
	}
	return procfs.ProcStat{}, fmt.Errorf("inspect process %d: %w", id.PID, err)
}

// link returns where a link of the process leads and notes if reading it was refused. Kernel
// threads and zombies lack some, which is no refusal.
func (d *Detail) link(dir, name string) string {
	target, err := os.Readlink(filepath.Join(dir, name))
	var errno unix.Errno
	if errors.As(err, &errno) && !gone(errno) && d.Refused == "" {
		d.Refused = reasonOf(errno)
	}
	return target
}

// idMap returns the text of uid_map or gid_map, see user_namespaces(7), without the padding. The kernel
// takes at most 340 lines.
func idMap(dir, name string) string {
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return ""
	}
	var lines [][]byte
	for line := range bytes.Lines(text) {
		lines = append(lines, bytes.Join(bytes.Fields(line), []byte{' '}))
	}
	return string(bytes.Join(lines, []byte{'\n'}))
}

// rootFS returns the type of the file system that is the root of the process. A later mount covers
// an earlier one. In a chroot the root may be no mount point, and then nothing is known: asking
// the directory itself could hang.
func rootFS(fsys procfs.FS, pid int) string {
	proc, err := fsys.Proc(pid)
	if err != nil {
		return ""
	}
	mounts, err := proc.MountInfo()
	if err != nil {
		return ""
	}
	fsType := ""
	for _, m := range mounts {
		if m.MountPoint == "/" {
			fsType = m.FSType
		}
	}
	return fsType
}
