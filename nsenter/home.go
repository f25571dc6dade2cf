package nsenter

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Home is what a root directory offers to a shell: the shells in it, its accounts, its terminals.
type Home struct {
	Shells   []string // those of shellPaths that are there and executable
	Accounts []Account
	Terms    []string // those of terminals whose terminfo entry is there
	// Hung says that the file system did not answer in time; nothing else is known then.
	Hung bool
	root int // only while it is being read
}

// Account is a line of /etc/passwd, see passwd(5).
type Account struct {
	Name  string
	UID   string // as written there
	Dir   string
	Shell string
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
	return within(limit, func() Home {
		defer unix.Close(own)
		return lookAround(own)
	})
}

// within returns what look returns, or a hung Home if it takes too long. A system call that waits for
// ever cannot be called off: its goroutine stays behind, with what it holds.
func within(limit time.Duration, look func() Home) Home {
	seen := make(chan Home, 1)
	go func() { seen <- look() }()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case h := <-seen:
		return h
	case <-timer.C:
		return Home{Hung: true}
	}
}

// lookAround reads a root directory, given as O_PATH descriptor. No path in it leads out of it, and
// nothing in it is executed or resolved by a library: its files belong to whoever lives there.
func lookAround(root int) Home {
	h := Home{root: root}
	for _, p := range shellPaths {
		if executable(root, p) {
			h.Shells = append(h.Shells, p)
		}
	}
	if text, err := h.read("/etc/passwd"); err == nil {
		h.Accounts = parsePasswd(text)
		for _, a := range h.Accounts {
			if a.Shell != "" && !nologin(a.Shell) && !slices.Contains(h.Shells, a.Shell) && executable(root, a.Shell) {
				h.Shells = append(h.Shells, a.Shell)
			}
		}
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

func nologin(shell string) bool {
	base := path.Base(shell)
	return base == "nologin" || base == "false" || base == "true" || base == "sync"
}

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
	// O_NONBLOCK: a fifo of that name must not hold us up. Only a regular file is read.
	if !h.is(name, unix.S_IFREG) {
		return nil, unix.ENOENT
	}
	fd, err := openIn(h.root, name, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY)
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
