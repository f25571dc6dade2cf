package procscan

import (
	"cmp"
	"strconv"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// reader reads single processes of a proc root. It is for one goroutine: its buffers are fields
// because a buffer handed to an interface is put on the heap by the compiler, and once is enough.
type reader struct {
	sys  kernel
	root int    // descriptor of the proc root, which is not the reader's to close
	skip ns.Set // kinds whose links are not read
	// grouped says that the control groups are read with the rest.
	grouped bool

	// names are the names of processes it has met: most hosts run many of few programs.
	names map[string]string
	// room is where the next processes are put. One by one they would cost a scan more in
	// allocations, but in a block a single one that is kept keeps its neighbours.
	room []Process

	// netlink is a socket for netID, opened when it is needed; netlinkErr is why there is none.
	netlink    int
	netlinkErr unix.Errno
	serial     uint32

	// at is the process that is being read, for who waits for the reader, see waits.
	at    atomic.Int64
	waits *waits
	// crowded says that the process that is read is held only because too many goroutines wait, mute
	// that its command line is left out because it is held.
	crowded, mute bool
	// visit, if not nil, looks at more of a process, through its directory if that could be opened.
	visit func(dir int, p *Process)

	name  []byte
	paths []byte // scratch
	buf   [16 << 10]byte
	st    unix.Stat_t
	uid   uint32
	id    uint64
	ino   uint64 // of the directory of the process that was read last, 0 if that could not be opened

	numbers [512]uint64 // of namespaces
	one     [1]Process  // room for one that is not kept
}

// newReader returns a reader of the proc root with the given descriptor.
func newReader(sys kernel, root int) *reader {
	return &reader{sys: sys, root: root, names: make(map[string]string), netlink: -1, waits: new(waits)}
}

// close closes what the reader has opened for itself. It can be used again.
func (r *reader) close() {
	if r.netlink >= 0 {
		r.sys.close(r.netlink)
	}
	r.netlink, r.netlinkErr = -1, 0
}

// Files of a process, relative to its directory.
var (
	fileStat    = []byte("stat\x00")
	fileStatus  = []byte("status\x00")
	fileCmdline = []byte("cmdline\x00")
	fileCgroup  = []byte("cgroup\x00")
	fileUIDMap  = []byte("uid_map\x00")

	fileLinks    = linkNames()
	fileNextPID  = []byte("ns/pid_for_children\x00")
	fileNextTime = []byte("ns/time_for_children\x00")
)

func linkNames() (names [ns.NumKinds][]byte) {
	for _, k := range ns.Kinds() {
		names[k] = []byte("ns/" + k.String() + "\x00")
	}
	return names
}

// pidName returns the name of the directory of a process with a NUL, valid until the next call.
func (r *reader) pidName(pid int) []byte {
	r.name = append(strconv.AppendInt(r.name[:0], int64(pid), 10), 0)
	return r.name
}

// process reads what every scan reads of a process: its stat, user and namespaces, no texts. why is
// the first reason for which something of it could not be read, alive whether it is there at all.
// kinds are those the kernel has.
//
// Everything is read relative to one descriptor of the process's directory. Once the process is
// gone that descriptor leads nowhere, whoever has the pid by then, so the process that is returned
// is never mixed from two.
//
// Of one that is known to make who reads it wait only what does not is read, see held.
func (r *reader) process(e entry, self *host) (p *Process, why Reason, alive bool) {
	p = r.place()
	if why, alive = r.processTo(p, e, self); !alive {
		return nil, "", false
	}
	if len(r.room) > 0 {
		r.room = r.room[1:]
	}
	return p, why, true
}

// processTo is process, which puts what it reads into p.
func (r *reader) processTo(p *Process, e entry, self *host) (why Reason, alive bool) {
	*p = Process{PID: e.pid}
	r.ino = 0
	held := r.held(e.pid)
	dir, errno := -1, unix.ETIMEDOUT
	if !held || !r.waits.blind.Load() {
		dir, errno = r.sys.open(r.root, r.pidName(e.pid), openPath)
	}
	switch {
	case gone(errno):
		return "", false
	case errno != 0:
		p.Refused = reasonOf(errno)
		p.held = held
		why = p.Refused
	default:
		defer r.sys.close(dir)
		if held {
			why, alive = r.readHeld(dir, p, self)
		} else {
			why, alive = r.readProcess(dir, p, self.kinds)
		}
		if !alive {
			return "", false
		}
	}
	if r.grouped && dir >= 0 {
		why = cmp.Or(why, r.groups(dir, p))
	}
	if r.visit != nil {
		r.visit(dir, p)
	}
	return why, true
}

// place returns where the next process is to be put: the first of the room, which is still the first
// until it is cut off, or one of its own.
func (r *reader) place() *Process {
	if len(r.room) > 0 {
		return &r.room[0]
	}
	return new(Process)
}

// readProcess fills p from its directory.
func (r *reader) readProcess(dir int, p *Process, kinds ns.Set) (why Reason, alive bool) {
	r.readOwner(dir, p)
	// A process may end between two reads. A link that is missing from a process that is alive is
	// the sign of it, and a second look tells a zombie from a process without that namespace.
	for range 2 {
		why, alive = r.readStat(dir, p)
		if !alive {
			return "", false
		}
		reason := r.readLinks(dir, p)
		if p.NS.Known() == 0 {
			p.Refused = reason
		}
		if why == "" {
			why = reason
		}
		if why != "" || p.Zombie() || (p.NS.Known()|r.skip)&kinds == kinds {
			break
		}
	}
	return why, true
}

// readOwner reads the owner of its directory: the effective uid, also of processes that are not dumpable.
func (r *reader) readOwner(dir int, p *Process) {
	if r.sys.stat(dir, &r.st) == 0 {
		p.UID, r.ino = r.st.Uid, r.st.Ino
	}
}

// readStat reads what stat tells. A process whose stat cannot be read is kept without a start time
// and a name: it may still tell its namespaces.
func (r *reader) readStat(dir int, p *Process) (why Reason, alive bool) {
	st, why, alive := r.stat(dir)
	if !alive || why != "" {
		return why, alive
	}
	p.setStat(&st, r.intern(st.comm))
	return "", true
}

func (p *Process) setStat(st *procStat, comm string) {
	p.PPID, p.State, p.Kernel, p.Start, p.Threads = st.ppid, st.state, st.kernel, st.start, st.threads
	p.Comm = comm
}

// stat returns the parsed stat of a process; its name is valid until the next call.
func (r *reader) stat(dir int) (st procStat, why Reason, alive bool) {
	fd, errno := r.sys.open(dir, fileStat, openFile)
	n := 0
	if errno == 0 {
		n, errno = r.sys.readSlow(fd, r.buf[:])
		r.sys.close(fd)
	}
	if gone(errno) {
		return st, "", false
	}
	if errno != 0 {
		return st, reasonOf(errno), true
	}
	st, ok := parseStat(r.buf[:n])
	if !ok {
		return procStat{}, Unparsed, true
	}
	return st, "", true
}

// maxNames is how many names a reader remembers before it begins anew.
const maxNames = 4 << 10

// intern returns the name as a string, the same one for the same name.
func (r *reader) intern(name []byte) string {
	if known, ok := r.names[string(name)]; ok {
		return known
	}
	if len(r.names) >= maxNames {
		clear(r.names)
	}
	text := string(name)
	r.names[text] = text
	return text
}

// readLinks reads the namespaces of a process and returns the first reason for which one could not
// be read. A link that is not there is no reason: zombies have few, and kernels lack kinds. All
// links are guarded alike, so the first refusal ends it and nothing is known.
func (r *reader) readLinks(dir int, p *Process) (why Reason) {
	p.NS, p.NextPID, p.NextTime = ns.Tuple{}, 0, 0
	for k := range ns.Kind(ns.NumKinds) {
		if r.skip.Has(k) {
			continue
		}
		ino, reason, refused := r.link(dir, fileLinks[k], k)
		if refused {
			p.NS = ns.Tuple{}
			return reason
		}
		if reason != "" {
			why = reason
		}
		p.NS[k] = ino
	}
	if !r.skip.Has(ns.PID) {
		if next, _, _ := r.link(dir, fileNextPID, ns.PID); next != p.NS[ns.PID] {
			p.NextPID = next
		}
	}
	if !r.skip.Has(ns.Time) {
		if next, _, _ := r.link(dir, fileNextTime, ns.Time); next != p.NS[ns.Time] {
			p.NextTime = next
		}
	}
	return why
}

// link reads one link. It returns zero where there is none and where it could not be read; refused
// says that it was for lack of rights.
func (r *reader) link(dir int, name []byte, k ns.Kind) (ino uint64, why Reason, refused bool) {
	n, errno := r.sys.readlink(dir, name, r.buf[:])
	switch {
	case errno == 0:
		ino, ok := parseInode(r.buf[:n], k)
		if !ok {
			return 0, Unparsed, false
		}
		return ino, "", false
	case gone(errno):
		return 0, "", false
	default:
		return 0, reasonOf(errno), errno == unix.EACCES || errno == unix.EPERM
	}
}
