package procscan

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"syscall"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// linkSize is how much is read of the target of a descriptor. All that are of interest are shorter,
// but for paths, and those are told from each other by as much.
const linkSize = 40

// digger looks at one process after the other.
type digger struct {
	*dig

	k    *worker
	r    *reader
	skip ns.Set
	p    *Process
	dir  int // of p
	// pidfd is of p, -1 before it is needed.
	pidfd  int
	batch  []holding
	counts map[keeping]int // of the batch
	misses []missKey
	later  []opened
	err    error // that ends the pass
	st     unix.Statx_t
	link   [linkSize]byte
	dents  [32 << 10]byte
	device [2]uint32 // of nsfs, zero before it is needed
}

// digger returns the digger of a worker for a pass, ready for the next process.
func (k *worker) digger(d *dig) *digger {
	if k.dig == nil || k.dig.dig != d {
		k.dig = &digger{k: k, r: k.reader, counts: make(map[keeping]int), pidfd: -1}
		k.dig.dig, k.dig.skip = d, ns.All&^d.s.met()
	}
	g := k.dig
	g.batch, g.misses, g.later, g.err = g.batch[:0], g.misses[:0], g.later[:0], nil
	if len(g.counts) > 0 {
		clear(g.counts)
	}
	return g
}

// Directories of a process.
var (
	dirTask = []byte("task\x00")
	dirFD   = []byte("fd\x00")
)

// again looks at a process that was read before, or with only at those of its descriptors.
func (g *digger) again(p *Process, only []opened) {
	g.p = p
	if p.Kernel || p.Refused != "" || p.held || g.r.held(p.PID) {
		g.refused(cmp.Or(p.Refused, Stuck))
		return
	}
	dir, errno := g.r.sys.open(g.r.root, g.r.pidName(p.PID), openPath)
	if errno != 0 {
		if why, ok := refusal(errno); ok {
			g.refused(why)
		}
		return
	}
	defer g.r.sys.close(dir)
	if only == nil {
		g.visit(dir, p)
	} else {
		g.resolve(dir, p, only)
	}
	if len(g.batch) == 0 && len(g.later) == 0 {
		return
	}
	// The pid may have been given to another since it was scanned.
	st, why, alive := g.r.stat(dir)
	if alive && why != "" && p.Start != 0 {
		g.missEach(g.want&(Threads|Files|Sockets), why)
	}
	if !alive || why != "" && p.Start != 0 || st.start != p.Start {
		g.batch, g.later = g.batch[:0], g.later[:0]
	}
}

// wanted returns what there is to be looked for in the process.
func (g *digger) wanted() (what Want) {
	if g.p.Kernel {
		return 0 // they have neither descriptors nor namespaces of their own
	}
	if g.p.Threads != 1 {
		what |= g.want & Threads
	}
	if !g.p.Zombie() && g.p.PID != g.host.self {
		what |= g.want & (Files | Sockets)
	}
	return what
}

// refused notes that nothing can be read. Threads and descriptors are guarded as the links are.
func (g *digger) refused(why Reason) { g.missEach(g.wanted(), why) }

// visit finds what the process holds whose directory is open. It is that process all the time.
func (g *digger) visit(dir int, p *Process) {
	g.p, g.dir = p, dir
	what := g.wanted()
	if p.Refused != "" || p.held {
		g.refused(cmp.Or(p.Refused, Stuck))
		return
	}
	if what&Threads != 0 {
		g.threads()
	}
	if what&(Files|Sockets) != 0 && g.err == nil {
		g.files()
	}
	if g.pidfd >= 0 {
		g.r.sys.close(g.pidfd)
		g.pidfd = -1
	}
}

// missEach notes something that could not be read for each of what was wanted.
func (g *digger) missEach(what Want, why Reason) {
	what.each(func(one Want) { g.miss(one, why) })
}

func (g *digger) miss(what Want, why Reason) { g.misses = append(g.misses, missKey{what, why}) }

// hold notes a reason for a namespace to be alive.
func (g *digger) hold(h holding) {
	key := keeping{id: h.id, by: h.keeper.By}
	if g.skip.Has(h.id.Kind) || g.counts[key] >= maxKeepers || g.full(h.id, h.keeper.By) {
		return
	}
	g.counts[key]++
	h.keeper.Proc = g.p.ID()
	g.batch = append(g.batch, h)
}

// keep adds what was found. The error is what ends the pass.
func (g *digger) keep() error {
	g.missAll(g.misses)
	g.add(g.batch...)
	g.addOpened(g.later)
	return g.err
}

// each calls f with the name, ending in NUL, and the value of each number in a directory of the
// process. what is what is missed if it cannot be read.
func (g *digger) each(name []byte, what Want, f func(dir, n int, name []byte) (more bool)) {
	dir, errno := g.r.sys.open(g.dir, name, openDir)
	if errno != 0 {
		if why, ok := refusal(errno); ok {
			g.missEach(what, why)
		}
		return
	}
	defer g.r.sys.close(dir)
	for {
		n, errno := g.r.sys.list(dir, g.dents[:])
		if errno != 0 || n == 0 {
			if why, ok := refusal(errno); ok {
				g.missEach(what, why)
			}
			return
		}
		for records := g.dents[:n]; ; {
			name, rest, ok := nextName(records)
			if !ok {
				break
			}
			records = rest
			number, ok := parseUint(name[:len(name)-1])
			if ok && !f(dir, int(number), name) {
				return
			}
		}
		// What took more than one listing is long enough for a slice of its own.
		if n > len(g.dents)/2 {
			if g.err = g.beat(g.k); g.err != nil {
				return
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
func (g *digger) threads() {
	path := make([]byte, 0, 32)
	g.each(dirTask, Threads, func(task, tid int, name []byte) bool {
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
		if g.skip.Has(k) || k == ns.User || k == ns.PID || k == ns.Time && own[k] != 0 {
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
	if g.skip.Has(ns.PID) {
		return 0
	}
	next, errno := read(threadNext, ns.PID)
	if errno == 0 && next != 0 && next != own[ns.PID] && next != g.p.NextPID {
		g.hold(holding{id: ns.ID{Kind: ns.PID, Ino: next}, keeper: keeper})
	}
	return 0
}
