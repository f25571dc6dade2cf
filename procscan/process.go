package procscan

import (
	"cmp"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// maxArgs is how many bytes of a command line are read. There are command lines of megabytes, and
// the time to read them is the owner's choice.
const maxArgs = 4 << 10

// textBudget is how many processes that look unchanged a scan asks for their texts again, to
// notice an exec of a program with the same name, a new title or a move to another control group.
// On hosts up to this size everything a scan returns is fresh; on larger ones the rest is as old as
// it takes to go round.
const textBudget = 1000

// turn shares textBudget out: the processes are asked in the order of their pids, each scan going
// on where the last one stopped, so that those unread for longest come first.
type turn struct {
	limit int
	from  int // the pid to start from
	next  int
	left  int
}

func (t *turn) begin() { t.left, t.next = t.limit, 0 }

// take reports whether it is the turn of the process.
func (t *turn) take(pid int) bool {
	if pid < t.from || t.left == 0 {
		return false
	}
	t.left--
	t.next = pid + 1
	return true
}

// end settles where the next scan starts: from the lowest pid if all had their turn.
func (t *turn) end() {
	if t.left > 0 {
		t.next = 0
	}
	t.from = t.next
}

// Files of a process, relative to its directory.
var (
	fileStat    = []byte("stat\x00")
	fileStatus  = []byte("status\x00")
	fileCmdline = []byte("cmdline\x00")
	fileCgroup  = []byte("cgroup\x00")
	fileLinks   = linkNames()
)

func linkNames() (names [ns.NumKinds][]byte) {
	for _, k := range ns.Kinds() {
		names[k] = []byte("ns/" + k.String() + "\x00")
	}
	return names
}

// readProcess fills p, whose pid is set, with what the kernel says of that process. It reports the
// first reason for which something of it could not be read, and whether it is there at all. old is
// what the last scan saw under this pid and the same inode number, nil if nothing.
//
// Everything is read relative to one descriptor of the process's directory. Once the process is
// gone that descriptor leads nowhere, whoever has the pid by then, so the process that is returned
// is never mixed from two.
func (s *Scanner) readProcess(p, old *Process) (trouble Reason, alive bool) {
	dir, errno := s.sys.open(s.rootFD, s.pidName(p.PID), openPath)
	if errno != 0 {
		if gone(errno) {
			return "", false
		}
		p.Refused = reasonOf(errno)
		return p.Refused, true
	}
	defer s.sys.close(dir)

	// The owner of the directory is the effective uid, also of processes that are not dumpable.
	if s.sys.stat(dir, &s.st) == 0 {
		p.UID = s.st.Uid
	}
	// A process may end between two reads. A link that is missing from a process that is alive is
	// the sign of it, and a second look tells a zombie from a process without that namespace.
	for range 2 {
		trouble, alive = s.readStat(dir, p, old)
		if !alive {
			return "", false
		}
		reason := s.readLinks(dir, &p.NS)
		if p.NS.Known() == 0 {
			p.Refused = reason
		}
		if trouble == "" {
			trouble = reason
		}
		if trouble != "" || p.Zombie() || p.NS.Known()&s.kinds == s.kinds {
			break
		}
	}
	if reason := s.readTexts(dir, p, old); trouble == "" {
		trouble = reason
	}
	return trouble, true
}

// readStat reads what stat tells. A process whose stat cannot be read is kept without a start time
// and a name: it may still tell its namespaces.
func (s *Scanner) readStat(dir int, p, old *Process) (trouble Reason, alive bool) {
	fd, errno := s.sys.open(dir, fileStat, openFile)
	n := 0
	if errno == 0 {
		n, errno = s.sys.read(fd, s.buf[:])
		s.sys.close(fd)
	}
	if gone(errno) {
		return "", false
	}
	if errno != 0 {
		return reasonOf(errno), true
	}
	st, ok := parseStat(s.buf[:n])
	if !ok {
		return Unparsed, true
	}
	p.PPID, p.State, p.Kernel, p.Start = st.ppid, st.state, st.kernel, st.start
	if old != nil && old.Comm == string(st.comm) {
		p.Comm = old.Comm
	} else {
		p.Comm = string(st.comm)
	}
	return "", true
}

// readLinks reads the namespaces of a process and returns the first reason for which one could not
// be read. A link that is not there is no reason: zombies have few, and kernels lack kinds. All
// links are guarded alike, so the first refusal ends it and nothing is known.
func (s *Scanner) readLinks(dir int, t *ns.Tuple) Reason {
	var trouble Reason
	*t = ns.Tuple{}
	for k := range ns.Kind(ns.NumKinds) {
		n, errno := s.sys.readlink(dir, fileLinks[k], s.buf[:])
		switch {
		case errno == 0:
			ino, ok := parseInode(s.buf[:n], k)
			if !ok {
				trouble = Unparsed
			}
			t[k] = ino
		case gone(errno):
		case errno == unix.EACCES || errno == unix.EPERM:
			*t = ns.Tuple{}
			return reasonOf(errno)
		default:
			trouble = reasonOf(errno)
		}
	}
	return trouble
}

// readTexts reads what is longer and changes rarely, or takes it from old if that is the same
// process under the same name and it is not its turn.
func (s *Scanner) readTexts(dir int, p, old *Process) (trouble Reason) {
	var none Process
	if old == nil || old.Start != p.Start || p.Start == 0 {
		old = &none
	}
	// Kernel threads rename themselves after the work they do, which changes nothing else.
	known := old != &none && (old.Comm == p.Comm || p.Kernel)
	fresh := !known || s.texts.take(p.PID)

	if !p.Kernel && !p.Zombie() {
		p.Args = old.Args
		if fresh {
			text, reason := s.readText(dir, fileCmdline, s.buf[:maxArgs])
			p.Args, trouble = parseArgs(text, old.Args), reason
		}
	}
	p.Cgroup = old.Cgroup
	if fresh {
		text, reason := s.readText(dir, fileCgroup, s.buf[:])
		if path := parseCgroup(text); string(path) != old.Cgroup {
			p.Cgroup = string(path)
		}
		trouble = cmp.Or(trouble, reason)
	}
	// A process keeps its numbers for life.
	p.NSpid = old.NSpid
	if p.NSpid == nil && fresh {
		text, reason := s.readText(dir, fileStatus, s.buf[:])
		p.NSpid = parseNSpid(text)
		trouble = cmp.Or(trouble, reason)
	}
	return trouble
}

// readText returns the content of a file of a process, nothing where the process is gone.
func (s *Scanner) readText(dir int, name, buf []byte) ([]byte, Reason) {
	fd, errno := s.sys.open(dir, name, openFile)
	n := 0
	if errno == 0 {
		n, errno = s.sys.readSlow(fd, buf)
		s.sys.close(fd)
	}
	switch {
	case errno == 0:
		return buf[:n], ""
	case gone(errno):
		return nil, ""
	default:
		return nil, reasonOf(errno)
	}
}
