package nsenter

import (
	"bytes"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Home is what a root directory offers to a shell: the shells in it, its accounts, its terminals.
type Home struct {
	Shells   []string // those of shellPaths that are there and executable
	Accounts []Account
	Terms    []string // those of terminals whose terminfo entry is there
	// Broken are those that are there and cannot be executed.
	Broken []Broken
	// Busybox is a statically linked busybox.
	Busybox string
	// Files are those of viewFiles that are there.
	Files []File
	// Spare is a directory to mount on.
	Spare string
	// Known says that it was looked at, Hung that the file system did not answer in time.
	Known, Hung bool
	root        int // only while it is being read
}

// Broken is a program that cannot be executed, and why: "it needs /lib/ld-musl.so: it is not there".
type Broken struct{ Path, Why string }

// Account is a line of /etc/passwd, see passwd(5).
type Account struct {
	Name  string
	UID   string // as written there
	Dir   string
	Shell string // empty if it is not there, not executable or no shell
}

// shellPaths are the places where shells are, the most wished for first.
var shellPaths = []string{
	"/bin/bash", "/usr/bin/bash", "/bin/zsh", "/bin/ash", "/bin/sh", "/busybox/sh", "/bin/busybox",
	"/usr/bin/sh", "/run/current-system/sw/bin/bash", "/system/bin/sh",
}

// terminals are the values of TERM the pane can stand for, the most able first.
var terminals = []string{"xterm-256color", "xterm", "vt100", "linux"}

// lookTime is how long a target's file system may take to answer.
const lookTime = 2 * time.Second

// lookAroundWithin is lookAround of a file system that may never answer, such as a FUSE one whose
// server is stopped.
func lookAroundWithin(limit time.Duration, root int) Home {
	own, err := unix.FcntlInt(uintptr(root), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return Home{}
	}
	h, ok := within(limit, func() Home {
		defer unix.Close(own)
		return lookAround(own)
	})
	h.Hung = !ok
	return h
}

// within returns what look returns, or ok false if that takes too long. A system call that waits for ever
// cannot be called off: its goroutine stays behind, with what it holds.
func within[T any](limit time.Duration, look func() T) (seen T, ok bool) {
	done := make(chan T, 1)
	go func() { done <- look() }()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case seen = <-done:
		return seen, true
	case <-timer.C:
		return seen, false
	}
}

// lookAround reads a root directory, given as O_PATH descriptor. No path in it leads out of it, and
// nothing in it is executed or resolved by a library: its files belong to whoever lives there.
func lookAround(root int) Home {
	h := Home{root: root, Known: true, Spare: spare(root)}
	for _, p := range shellPaths {
		if !executable(root, p) {
			continue
		}
		if why := missing(root, p); why != "" {
			h.Broken = append(h.Broken, Broken{p, why})
			continue
		}
		h.Shells = append(h.Shells, p)
	}
	h.Files = h.viewFiles("/etc")
	if text, err := h.read("/etc/passwd"); err == nil {
		h.Accounts = parsePasswd(text)
		h.checkShells()
	}
	for _, name := range terminals {
		for _, dir := range []string{"/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/lib/terminfo"} {
			if h.is(path.Join(dir, name[:1], name), unix.S_IFREG) {
				h.Terms = append(h.Terms, name)
				break
			}
		}
	}
	h.root = -1
	return h
}

// viewFiles returns the files about the network that a directory has.
func (h *Home) viewFiles(dir string) []File {
	var files []File
	for _, p := range viewFiles {
		if text, err := h.read(path.Join(dir, path.Base(p))); err == nil && len(text) <= maxViewFile {
			files = append(files, File{p, string(text)})
		}
	}
	return files
}

// busybox returns a statically linked busybox of the caller's root directory, "" if there is none.
func busybox(root int) string {
	for _, p := range []string{"/bin/busybox", "/usr/bin/busybox", "/bin/busybox.static", "/sbin/busybox-static"} {
		if static(root, p) {
			return p
		}
	}
	return ""
}

// maxLoginShells bounds how many different login shells are looked for: their names are the target's.
const maxLoginShells = 16

// checkShells clears the shells of accounts that cannot be run.
func (h *Home) checkShells() {
	usable := map[string]bool{}
	for i := range h.Accounts {
		shell := h.Accounts[i].Shell
		if _, known := usable[shell]; !known && len(usable) < maxLoginShells {
			usable[shell] = path.IsAbs(shell) && !slices.Contains(noShells, path.Base(shell)) && missing(h.root, shell) == ""
		}
		if !usable[shell] {
			h.Accounts[i].Shell = ""
		}
	}
}

// noShells are what accounts have in place of a shell: they end at once, or do what nobody asked for.
var noShells = []string{"nologin", "false", "true", "sync", "halt", "shutdown", "poweroff", "reboot", "git-shell"}

// openIn opens a path inside a root directory; links in it are followed as a process chrooted there
// would, and magic links of /proc are not.
func openIn(root int, name string, flags uint64) (int, error) {
	return unix.Openat2(root, name, &unix.OpenHow{
		Flags:   flags | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS,
	})
}

// is reports whether the path is there and of the given type (S_IFREG…).
func (h *Home) is(name string, kind uint32) bool {
	mode, ok := modeIn(h.root, name)
	return ok && mode&unix.S_IFMT == kind
}

func (h *Home) read(name string) ([]byte, error) {
	path, err := openIn(h.root, name, unix.O_PATH)
	if err != nil {
		return nil, err
	}
	defer unix.Close(path)
	var st unix.Stat_t
	if err := unix.Fstat(path, &st); err != nil {
		return nil, err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG { // opening a device or a fifo may do something
		return nil, unix.EINVAL
	}
	fd, err := unix.Open("/proc/self/fd/"+strconv.Itoa(path), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return readAll(fd)
}

func modeIn(root int, name string) (uint32, bool) {
	fd, err := openIn(root, name, unix.O_PATH)
	if err != nil {
		return 0, false
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return 0, false
	}
	return st.Mode, true
}

// executable reports whether the path is a regular file that somebody may execute.
func executable(root int, name string) bool {
	mode, ok := modeIn(root, name)
	return ok && mode&unix.S_IFMT == unix.S_IFREG && mode&0o111 != 0
}

func parsePasswd(text []byte) []Account {
	var list []Account
	for line := range bytes.Lines(text) {
		fields := strings.Split(strings.TrimRight(string(line), "\n"), ":")
		if len(fields) != 7 || bytes.IndexByte(line, 0) >= 0 {
			continue
		}
		list = append(list, Account{Name: fields[0], UID: fields[2], Dir: fields[5], Shell: fields[6]})
	}
	return list
}

// account returns the account with the given uid.
func (h *Home) account(uid string) (Account, bool) {
	for _, a := range h.Accounts {
		if a.UID == uid {
			return a, true
		}
	}
	return Account{}, false
}
