package procscan

import (
	"bytes"
	"context"
	"encoding/binary"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// linkSize is how much is read of the target of a descriptor. All that are of interest are shorter,
// but for paths, and those are told from each other by as much.
const linkSize = 40

// maxBatch is how many holdings of one process are kept until it is made sure whose they are.
const maxBatch = 256

// digger reads one process after the other.
type digger struct {
	*dig

	r      *reader
	w      *watch
	want   Want // of what the pass looks for, what this one does
	p      *Process
	pidfd  int // of p, -1 before it is needed
	batch  []holding
	st     unix.Statx_t
	link   [linkSize]byte
	dents  [32 << 10]byte
	device [2]uint32 // of nsfs, zero before it is needed
}

// Directories of a process.
const (
	dirTask = "/task\x00"
	dirFD   = "/fd\x00"
)

// process finds what a process holds. It fails only if the work is to end.
func (g *digger) process(ctx context.Context, p *Process) error {
	if p.Kernel {
		return nil // they have neither descriptors nor namespaces of their own
	}
	threads := g.want&Threads != 0 && p.Threads != 1
	files := g.want&(Files|Sockets) != 0 && !p.Zombie() && p.PID != g.host.self
	if p.Refused != "" {
		// Threads and descriptors are guarded as the links are.
		if threads {
			g.miss(Threads, p.Refused)
		}
		if files {
			g.missEach(g.want&(Files|Sockets), p.Refused)
		}
		return nil
	}
	g.p = p
	defer g.end()
	if threads {
		if err := g.threads(ctx); err != nil {
			return err
		}
	}
	if files {
		return g.files(ctx)
	}
	return nil
}

// end adds what was found, and closes what was opened for the process.
func (g *digger) end() {
	g.flush()
	if g.pidfd >= 0 {
		g.r.sys.close(g.pidfd)
		g.pidfd = -1
	}
}

// hold notes a reason for a namespace to be alive.
func (g *digger) hold(h holding) {
	if g.r.skip.Has(h.id.Kind) || g.full(h.id, h.keeper.By) {
		return
	}
	h.keeper.Proc = g.p.ID()
	g.batch = append(g.batch, h)
	if len(g.batch) >= maxBatch {
		g.flush()
	}
}

// flush adds what was noted, if it was read of the process that was scanned: the pid may have been given
// to another. One that was there when it was scanned and is there now has had it in between.
func (g *digger) flush() {
	if len(g.batch) == 0 {
		return
	}
	start, why, alive := g.start()
	switch {
	case !alive:
	case why != "" && g.p.Start != 0:
		g.missEach(g.want&(Threads|Files|Sockets), why)
	case start == g.p.Start:
		g.add(g.batch...)
	}
	g.batch = g.batch[:0]
}

// start returns when the process that has the pid now has started, zero where that cannot be read.
func (g *digger) start() (at uint64, why Reason, alive bool) {
	dir, errno := g.r.sys.open(g.r.root, g.r.pidName(g.p.PID), openPath)
	if errno != 0 {
		why, alive = refusal(errno)
		return 0, why, alive
	}
	defer g.r.sys.close(dir)
	st, why, alive := g.r.stat(dir)
	return st.start, why, alive
}

// each calls f with the name, ending in NUL, and the value of each number in a directory of the
// process. what is what is missed if it cannot be read.
func (g *digger) each(ctx context.Context, name string, what Want, f func(dir, n int, name []byte) (more bool)) error {
	g.r.name = append(strconv.AppendInt(g.r.name[:0], int64(g.p.PID), 10), name...)
	dir, errno := g.r.sys.open(g.r.root, g.r.name, openDir)
	if errno != 0 {
		if why, ok := refusal(errno); ok {
			g.missEach(what, why)
		}
		return nil
	}
	defer g.r.sys.close(dir)
	for {
		n, errno := g.r.sys.list(dir, g.dents[:])
		if errno != 0 || n == 0 {
			if why, ok := refusal(errno); ok {
				g.missEach(what, why)
			}
			return nil
		}
		for records := g.dents[:n]; ; {
			name, rest, ok := nextName(records)
			if !ok {
				break
			}
			records = rest
			number, ok := parseUint(name[:len(name)-1])
			if ok && !f(dir, int(number), name) {
				return nil
			}
		}
		// What took more than one listing is long enough for a slice of its own.
		if n > len(g.dents)/2 {
			if err := g.beat(ctx, g.w); err != nil {
				return err
			}
		}
	}
}

// nextName returns the name with its NUL in the first of the records of getdents64(2), see
// appendEntries, and the records after it.
func nextName(records []byte) (name, rest []byte, ok bool) {
	const lenAt, nameAt = 16, 19
	if len(records) <= nameAt {
		return nil, nil, false
	}
	size := int(binary.NativeEndian.Uint16(records[lenAt:]))
	if size <= nameAt || size > len(records) {
		return nil, nil, false
	}
	end := bytes.IndexByte(records[nameAt:size], 0)
	if end < 0 {
		return nil, nil, false
	}
	return records[nameAt : nameAt+end+1], records[size:], true
}

// threads finds namespaces of threads other than the first. All threads of a process have the same
// user and pid namespace, see unshare(2) and setns(2), and so the same time namespace, but for one
// whose first thread has ended: that tells nothing.
func (g *digger) threads(ctx context.Context) error {
	path := make([]byte, 0, 32)
	return g.each(ctx, dirTask, Threads, func(task, tid int, name []byte) bool {
		if tid == g.p.PID {
			return true
		}
		path = append(append(path[:0], name[:len(name)-1]...), "/ns\x00"...)
		dir, errno := g.r.sys.open(task, path, openPath)
		if errno == 0 {
			errno = g.thread(dir, tid)
			g.r.sys.close(dir)
		}
		if why, ok := refusal(errno); ok {
			g.miss(Threads, why)
			return false
		}
		return true
	})
}

// Links in the directory ns.
var (
	threadLinks = nsNames()
	threadNext  = []byte("pid_for_children\x00")
)

func nsNames() (names [ns.NumKinds][]byte) {
	for _, k := range ns.Kinds() {
		names[k] = []byte(k.String() + "\x00")
	}
	return names
}

// thread reads the links of a thread that may differ from those of its process.
func (g *digger) thread(dir, tid int) syscall.Errno {
	keeper := Keeper{By: ByThread, Number: tid}
	read := func(name []byte, k ns.Kind) (uint64, syscall.Errno) {
		n, errno := g.r.sys.readlink(dir, name, g.link[:])
		if errno != 0 {
			return 0, errno
		}
		ino, _ := parseInode(g.link[:n], k)
		return ino, 0
	}
	own := &g.p.NS
	for k := range ns.Kind(ns.NumKinds) {
		if g.r.skip.Has(k) || k == ns.User || k == ns.PID || k == ns.Time && own[k] != 0 {
			continue
		}
		ino, errno := read(threadLinks[k], k)
		if errno != 0 && !gone(errno) {
			return errno
		}
		if ino != 0 && ino != own[k] {
			g.hold(holding{id: ns.ID{Kind: k, Ino: ino}, keeper: keeper})
		}
	}
	if g.r.skip.Has(ns.PID) {
		return 0
	}
	next, errno := read(threadNext, ns.PID)
	if errno == 0 && next != 0 && next != own[ns.PID] && next != g.p.NextPID {
		g.hold(holding{id: ns.ID{Kind: ns.PID, Ino: next}, keeper: keeper})
	}
	return 0
}
