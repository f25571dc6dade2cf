package procscan

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// DefaultRoot is where proc is mounted on every Linux system.
const DefaultRoot = "/proc"

// Options say what a Scanner reads.
type Options struct {
	// Root is the directory where proc is mounted, DefaultRoot if empty. It may be the proc of
	// another pid namespace, as a container sees that of its host.
	Root string
}

// Scanner reads a proc root again and again. It remembers the last scan to spare itself what does
// not change, and its buffers. Its methods may be called from any goroutine.
type Scanner struct {
	root string
	sys  kernel

	// busy holds one token while a scan runs; it guards everything below but the counters.
	busy chan struct{}

	rootFD  int
	entries []entry
	// last are the processes of the last snapshot, shared with its readers and so never written;
	// lastInos, parallel to it, the inode numbers their directories had.
	last           []*Process
	lastInos, inos []uint64
	texts          turn
	// kinds are the kinds of namespaces this kernel has, as far as our own process tells.
	kinds ns.Set
	index map[uint64]int // of a namespace by its inode number, one kind at a time

	// Buffers of the calls. They are fields because a buffer handed to an interface is put on the
	// heap by the compiler, and once is enough.
	name []byte
	buf  [16 << 10]byte
	big  []byte
	st   unix.Stat_t
	uid  uint32
	id   uint64

	done, total atomic.Int64
}

// entry is a process as the listing of the proc root has it.
type entry struct {
	pid int
	ino uint64
}

// New returns a scanner. It reads nothing yet.
func New(o Options) *Scanner {
	if o.Root == "" {
		o.Root = DefaultRoot
	}
	return &Scanner{
		root:  filepath.Clean(o.Root),
		sys:   direct{},
		busy:  make(chan struct{}, 1),
		index: make(map[uint64]int),
		texts: turn{limit: textBudget},
	}
}

// Progress returns how many processes the running (or else the last) scan has read, and of how
// many. The total is zero until the proc root is listed.
func (s *Scanner) Progress() (done, total int) {
	return int(s.done.Load()), int(s.total.Load())
}

// Scan reads the proc root once, as deep as wanted. show, if it is not nil, gets what has been read
// so far, several times, in the goroutine of the caller. Scan fails only if the root itself cannot be read or the context
// ends; everything else that goes wrong is in the snapshot. Calls at the same time wait for each
// other.
func (s *Scanner) Scan(ctx context.Context, want Want, show func(*Snapshot)) (*Snapshot, error) {
	_, _ = want, show
	select {
	case s.busy <- struct{}{}:
		defer func() { <-s.busy }()
	case <-ctx.Done():
		return nil, fmt.Errorf("scan %s: %w", s.root, ctx.Err())
	}
	begin := time.Now()
	s.done.Store(0)
	s.total.Store(0)
	fd, errno := s.sys.open(unix.AT_FDCWD, append([]byte(s.root), 0), openDir)
	if errno != 0 {
		return nil, fmt.Errorf("open proc root %s: %w", s.root, errno)
	}
	defer s.sys.close(fd)
	s.rootFD = fd

	if err := s.list(); err != nil {
		return nil, err
	}
	snap := &Snapshot{Root: s.root, Read: Owners | Texts, Unreadable: make(map[Reason]int)}
	self := s.readRoot(snap)
	if err := s.readAll(ctx, snap); err != nil {
		return nil, err
	}
	if p := snap.ByPID(self); p != nil && self == os.Getpid() {
		snap.Self = p.ID()
	}
	snap.Namespaces = s.group(snap.Procs)
	if err := s.readOwners(ctx, snap); err != nil {
		return nil, err
	}
	snap.At = time.Now()
	snap.Took = snap.At.Sub(begin)
	return snap, nil
}

// list fills s.entries with the processes of the root in the order of their pids.
func (s *Scanner) list() error {
	s.entries = s.entries[:0]
	for {
		n, errno := s.sys.list(s.rootFD, s.buf[:])
		if errno != 0 {
			return fmt.Errorf("list proc root %s: %w", s.root, errno)
		}
		if n == 0 {
			break
		}
		s.entries = appendEntries(s.entries, s.buf[:n])
	}
	// The kernel lists processes by pid, other file systems list names as they like.
	byPID := func(a, b entry) int { return a.pid - b.pid }
	if !slices.IsSortedFunc(s.entries, byPID) {
		slices.SortFunc(s.entries, byPID)
	}
	s.total.Store(int64(len(s.entries)))
	return nil
}

// appendEntries appends the processes among the records of getdents64(2): inode number, offset,
// length of the record (2 bytes), type (1 byte), name up to a NUL.
func appendEntries(entries []entry, records []byte) []entry {
	const lenAt, nameAt = 16, 19
	for len(records) > nameAt {
		size := int(binary.NativeEndian.Uint16(records[lenAt:]))
		if size <= nameAt || size > len(records) {
			return entries
		}
		name := records[nameAt:size]
		if end := bytes.IndexByte(name, 0); end >= 0 {
			name = name[:end]
		}
		if pid, ok := parsePID(name); ok {
			entries = append(entries, entry{pid: pid, ino: binary.NativeEndian.Uint64(records)})
		}
		records = records[size:]
	}
	return entries
}

// politeness is after how many processes a scan lets other goroutines run. Its system calls hold
// the processor, so without it the screen would be late by tens of milliseconds wherever this
// goroutine has the only processor there is.
const politeness = 16

// readAll reads the listed processes into the snapshot.
func (s *Scanner) readAll(ctx context.Context, snap *Snapshot) error {
	procs := make([]*Process, 0, len(s.entries))
	s.inos = s.inos[:0]
	s.texts.begin()
	prev := 0
	for i, e := range s.entries {
		if i%politeness == 0 {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("scan %s: %w", s.root, err)
			}
			runtime.Gosched()
		}
		for prev < len(s.last) && s.last[prev].PID < e.pid {
			prev++
		}
		var old *Process
		if prev < len(s.last) && s.last[prev].PID == e.pid && s.lastInos[prev] == e.ino {
			old = s.last[prev]
		}
		p := &Process{PID: e.pid, Texts: true}
		reason, alive := s.readProcess(p, old)
		s.done.Store(int64(i + 1))
		if !alive {
			continue
		}
		if reason != "" {
			snap.Unreadable[reason]++
		}
		if p.Refused != "" {
			snap.Refused = append(snap.Refused, len(procs))
		}
		procs = append(procs, p)
		s.inos = append(s.inos, e.ino)
	}
	s.texts.end()
	snap.Procs = procs
	s.last = procs
	s.lastInos, s.inos = s.inos, s.lastInos
	return nil
}

var (
	fileSelf      = []byte("self\x00")
	fileMountinfo = []byte("self/mountinfo\x00")
	fileBoot      = []byte("stat\x00")
)

// readRoot reads what the root says besides its processes, each of it optional, and returns the
// pid the root gives to this process, or zero.
func (s *Scanner) readRoot(snap *Snapshot) (self int) {
	snap.Boot = parseBoot(s.readWhole(fileBoot))
	if s.sys.stat(s.rootFD, &s.st) == 0 {
		//nolint:unconvert // Dev is 32 bits on some architectures
		dev := uint64(s.st.Dev)
		snap.Hidepid = parseHidepid(s.readWhole(fileMountinfo), unix.Major(dev), unix.Minor(dev))
	}
	s.kinds = ns.All
	n, errno := s.sys.readlink(s.rootFD, fileSelf, s.buf[:])
	if errno != 0 {
		return 0
	}
	self, ok := parsePID(s.buf[:n])
	if !ok {
		return 0
	}
	dir, errno := s.sys.open(s.rootFD, s.pidName(self), openPath)
	if errno != 0 {
		return self
	}
	defer s.sys.close(dir)
	if s.readLinks(dir, &snap.Mine); snap.Mine.Known() != 0 {
		s.kinds = snap.Mine.Known()
	}
	return self
}

// maxWhole bounds what is read of a file of the root; a mountinfo of 50,000 mounts has 10 MB.
const maxWhole = 32 << 20

// readWhole returns the content of a file of the root, as much as can be read. It is valid until
// the next call.
func (s *Scanner) readWhole(name []byte) []byte {
	fd, errno := s.sys.open(s.rootFD, name, openFile)
	if errno != 0 {
		return nil
	}
	defer s.sys.close(fd)
	s.big = s.big[:0]
	for len(s.big) < maxWhole {
		s.big = slices.Grow(s.big, 4<<10)
		n, errno := s.sys.readSlow(fd, s.big[len(s.big):cap(s.big)])
		if errno != 0 || n == 0 {
			break
		}
		s.big = s.big[:len(s.big)+n]
	}
	return s.big
}

// pidName returns the name of the directory of a process with a NUL, valid until the next call.
func (s *Scanner) pidName(pid int) []byte {
	s.name = append(strconv.AppendInt(s.name[:0], int64(pid), 10), 0)
	return s.name
}
