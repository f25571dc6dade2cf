package engine

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// lookout tells whether an engine runs without connecting to it. A socket of systemd's becomes readable when
// somebody connects, and then systemd starts the engine: see systemd.socket(5). Once it runs it has the same
// socket open, so whoever has it open tells.
type lookout struct {
	proc string // "/proc"
	pid  int    // the engine found last
}

// asleep reports whether nobody but systemd has the socket behind a door open. Where that cannot be read, an
// engine that runs is believed to have it open.
func (l *lookout) asleep(d *door) bool {
	listened, sure := l.activated(d)
	if len(listened) == 0 {
		return false // connecting starts nothing
	}
	if l.pid != 0 && l.serves(l.pid, d, listened, sure) {
		return false
	}
	l.pid = 0
	for _, pid := range l.named(d.owner, daemons[d.engine]...) {
		if l.serves(pid, d, listened, sure) {
			l.pid = pid
			return false
		}
	}
	return true
}

// daemons are what the processes of an engine are called. A podman that has executed itself is called exe.
var daemons = map[string][]string{Docker: {"dockerd"}, Podman: {"podman", "exe"}}

// activated returns the inode numbers of the sockets that somebody listens at there, if systemd waits at one of
// them. The others are an engine's that has made its own, which is in the way of systemd's, or somebody says of
// systemd's that they are there. When it cannot be read whether it waits, sure is false.
func (l *lookout) activated(d *door) (inodes []string, sure bool) {
	managers := []int{1}
	if d.owner != 0 {
		managers = l.named(d.owner, "systemd") // each user has one
	}
	waits := false
	sure = true
	for _, pid := range managers[:min(len(managers), maxManagers)] {
		listened := l.listened(pid, d)
		if len(listened) == 0 {
			continue
		}
		held, err := l.held(pid, listened)
		switch {
		case err == nil && len(held) > 0:
		case errors.Is(err, fs.ErrPermission) && l.comm(pid) == "systemd":
			sure = false
		default:
			continue
		}
		waits = true
		inodes = append(inodes, listened...)
	}
	if !waits {
		return nil, true
	}
	return inodes, sure
}

// maxManagers is of how many processes of a user's that are called systemd it is looked what they wait at: one is.
const maxManagers = 16

// serves reports whether a process that is named as an engine has one of the sockets open. One that does not show
// it is root's, where it is not root who looks: it is believed to, but not at a user's door.
func (l *lookout) serves(pid int, d *door, inodes []string, sure bool) bool {
	held, err := l.held(pid, inodes)
	if err == nil {
		return len(held) > 0
	}
	refused := errors.Is(err, fs.ErrPermission)
	if sure && !refused || refused && d.owner != 0 {
		return false
	}
	args, err := os.ReadFile(l.file(pid, "cmdline"))
	words := strings.Split(string(args), "\x00")
	if err != nil {
		return false
	}
	return filepath.Base(words[0]) == "dockerd" || slices.Contains(words, "system") && slices.Contains(words, "service")
}

// file is that of a process in /proc.
func (l *lookout) file(pid int, name string) string {
	return filepath.Join(l.proc, strconv.Itoa(pid), name)
}

// comm is the name of a process, "" if it has ended.
func (l *lookout) comm(pid int) string {
	name, _ := os.ReadFile(l.file(pid, "comm")) // it may have ended
	return strings.TrimSuffix(string(name), "\n")
}

// named returns the processes of these names that are root's or the user's, the user's first: anybody's can have any
// name.
func (l *lookout) named(user uint32, names ...string) []int {
	dir, err := os.Open(l.proc)
	if err != nil {
		return nil
	}
	defer dir.Close()
	entries, _ := dir.Readdirnames(-1) // what was read is better than nothing
	root := l.user(1)
	var users, roots []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry)
		if err != nil || !slices.Contains(names, l.comm(pid)) {
			continue
		}
		switch l.user(pid) {
		case noUser:
		case user:
			users = append(users, pid)
		case root:
			roots = append(roots, pid)
		}
	}
	return append(users, roots...)
}

// noUser is no user's number, see setreuid(2).
const noUser uint32 = math.MaxUint32

// user returns who runs a process, noUser if that cannot be told. Who owns its folder in /proc does not tell: of a
// setuid program that a user has started it is root. So root it is only by all its uids, and if its program is none.
func (l *lookout) user(pid int) uint32 {
	status, err := os.ReadFile(l.file(pid, "status"))
	if err != nil {
		return noUser
	}
	uids, ok := UIDs(status)
	if !ok {
		return noUser
	}
	if uid := cmp.Or(uids...); uid != 0 {
		return uid
	}
	// Whoever has its file system may not answer.
	var st unix.Statx_t
	err = unix.Statx(unix.AT_FDCWD, l.file(pid, "exe"), unix.AT_STATX_DONT_SYNC, unix.STATX_MODE, &st)
	if err == nil && st.Mode&unix.S_ISUID != 0 {
		return noUser
	}
	return 0
}

// UIDs returns the real, effective, saved and file system uid in a status, see proc_pid_status(5).
func UIDs(status []byte) (uids []uint32, ok bool) {
	_, line, _ := bytes.Cut(status, []byte("\nUid:"))
	line, _, _ = bytes.Cut(line, []byte{'\n'})
	for word := range bytes.FieldsSeq(line) {
		uid, err := strconv.ParseUint(string(word), 10, 32)
		if err != nil {
			return nil, false
		}
		uids = append(uids, uint32(uid))
	}
	return uids, len(uids) == 4
}

// accepting is in the flags of a socket that somebody listens at: __SO_ACCEPTCON of the kernel's net.h.
const accepting = 0x10000

// listened returns the inode numbers of the sockets that somebody listens at under the path of the door, in the
// network namespace of the process. If that is ours, the kernel says which of them are bound to the very file:
// of the others only the table says so, and in it a user may write what looks like another line.
func (l *lookout) listened(pid int, d *door) []string {
	file, err := os.Open(l.file(pid, "net/unix"))
	if err != nil {
		return nil
	}
	defer file.Close()
	inodes := parseListened(file, d.path)
	if len(inodes) == 0 {
		return nil
	}
	certain, _ := boundTo(d.ino) // a kernel may not have it
	certain = slices.DeleteFunc(certain, func(inode string) bool { return !slices.Contains(inodes, inode) })
	if len(certain) > 0 {
		return certain
	}
	return inodes
}

// parseListened reads /proc/PID/net/unix, see proc_net(5): "Num RefCount Protocol Flags Type St Inode Path".
func parseListened(table io.Reader, path string) []string {
	var inodes []string
	for lines := bufio.NewScanner(table); lines.Scan(); {
		if !bytes.HasSuffix(lines.Bytes(), []byte(path)) {
			continue
		}
		fields := strings.Fields(lines.Text())
		if len(fields) < 8 {
			continue
		}
		flags, err := strconv.ParseUint(fields[3], 16, 32)
		if err == nil && flags&accepting != 0 && samePath(fields[7], path) {
			inodes = append(inodes, fields[6])
		}
	}
	return inodes
}

// samePath reports whether a path that a socket was bound to is that of the file, which links have led to.
func samePath(bound, path string) bool {
	return bound == path || strings.TrimPrefix(bound, "/var") == path
}

// held returns which of the sockets the process has open.
func (l *lookout) held(pid int, inodes []string) ([]string, error) {
	dir, err := os.Open(l.file(pid, "fd"))
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var held []string
	for _, name := range names {
		link, _ := os.Readlink(filepath.Join(dir.Name(), name)) // closed in the meantime
		inode, ok := strings.CutPrefix(link, "socket:[")
		if inode = strings.TrimSuffix(inode, "]"); ok && slices.Contains(inodes, inode) {
			held = append(held, inode)
		}
	}
	return held, nil
}
