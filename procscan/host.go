package procscan

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// entry is a process as the listing of the proc root has it. The inode number is another one for
// another process with the same pid; it may change while the process lives, when memory is short.
type entry struct {
	pid int
	ino uint64
}

// list is reader.list. Where processes are hidden, see proc(5), even that may wait for one of them. The
// room of the entries is not the caller's any more if it fails.
func (c *crew) list(ctx context.Context, room []entry) ([]entry, error) {
	c.entries, c.err = room, nil
	if err := c.do(ctx, &c.listing); err != nil {
		return nil, fmt.Errorf("list proc root: %w", err)
	}
	return c.entries, c.err
}

// prepare makes the work to list the root, once: many a refresh does.
func (c *crew) prepare() {
	c.listing.items = 1
	c.listing.ready = func(k *worker, _ int) {
		k.entries = c.entries
		if k.retry {
			k.entries = nil // somebody may still put something there
		}
	}
	c.listing.read = func(k *worker, _ int) { k.entries, k.err = k.list(k.entries) }
	c.listing.keep = func(k *worker, _ int) { c.entries, c.err = k.entries, k.err }
	c.listing.lost = func(int) { c.entries, c.err = nil, fmt.Errorf("list proc root: %w", unix.ETIMEDOUT) }
}

// host is reader.host. Of what that reads only what tells of the first process may make it wait.
func (c *crew) host(ctx context.Context) (h host, err error) {
	err = c.one(ctx, &work{
		read: func(k *worker, _ int) {
			h := k.host()
			k.self = &h
		},
		keep: func(k *worker, _ int) { h = *k.self },
	})
	if err != nil {
		return host{}, fmt.Errorf("read proc root: %w", err)
	}
	return h, nil
}

var fileHere = []byte(".\x00")

// list returns the processes of the root in the order of their pids, in the room of entries. It opens the
// root once more for that: how far a listing has come belongs to what was opened, and one that was given up
// may go on at any time.
func (r *reader) list(entries []entry) ([]entry, error) {
	entries = entries[:0]
	dir, errno := r.sys.open(r.root, fileHere, openDir)
	if errno != 0 {
		return nil, fmt.Errorf("open proc root to list it: %w", errno)
	}
	defer r.sys.close(dir)
	for {
		n, errno := r.sys.list(dir, r.buf[:])
		if errno != 0 {
			return nil, fmt.Errorf("list proc root: %w", errno)
		}
		if n == 0 {
			break
		}
		entries = appendEntries(entries, r.buf[:n])
	}
	// The kernel lists processes by pid, other file systems list names as they like.
	byPID := func(a, b entry) int { return a.pid - b.pid }
	if !slices.IsSortedFunc(entries, byPID) {
		slices.SortFunc(entries, byPID)
	}
	return entries, nil
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

// host is what a proc root tells beside its processes. Each of it is optional.
type host struct {
	boot    time.Time
	hidepid string
	self    int // the pid the root gives to this process, zero where it gives none
	// ours says that the pids of the root are numbers of our own pid namespace. Where they are not,
	// a system call that takes a pid would hit another process.
	ours bool
	// levels is how many numbers the root knows of us: one for each pid namespace from that of its
	// mount down to ours. Zero where it does not tell.
	levels int
	uidMap []byte // text of our uid_map
	// top is the inode number of the pid namespace whose pids the root has, zero where that is not
	// told: a process in it has no other number than its pid.
	top   uint64
	mine  ns.Tuple
	kinds ns.Set // the kinds this kernel has, as far as our own process tells
}

var (
	fileSelf      = []byte("self\x00")
	fileMountinfo = []byte("self/mountinfo\x00")
	fileBoot      = []byte("stat\x00")
	// The first process of a pid namespace has the number 1 there.
	fileFirst = []byte("1/ns/pid\x00")
)

// host reads what the root says beside its processes.
func (r *reader) host() host {
	h := host{kinds: ns.All, boot: r.boot()}
	if r.sys.stat(r.root, &r.st) == 0 {
		//nolint:unconvert // Dev is 32 bits on some architectures
		dev := uint64(r.st.Dev)
		r.lines(fileMountinfo, func(line []byte) bool {
			value, ok := parseHidepid(line, unix.Major(dev), unix.Minor(dev))
			h.hidepid = value
			return !ok
		})
	}
	r.us(&h)
	if h.ours {
		h.top = h.mine[ns.PID]
	} else if !r.held(1) {
		h.top, _, _ = r.link(r.root, fileFirst, ns.PID)
	}
	return h
}

// boot returns when the system was booted, zero where the root does not tell. In some containers another
// file is mounted over that of proc, which a program answers for, or does not: then the clock tells.
func (r *reader) boot() (at time.Time) {
	var over unix.Statx_t
	if r.sys.stat(r.root, &r.st) == 0 && r.sys.near(r.root, fileBoot, &over) == 0 {
		//nolint:unconvert // Dev is 32 bits on some architectures
		dev := uint64(r.st.Dev)
		if over.Dev_major != unix.Major(dev) || over.Dev_minor != unix.Minor(dev) {
			var up unix.Timespec
			if unix.ClockGettime(unix.CLOCK_BOOTTIME, &up) != nil {
				return time.Time{}
			}
			return time.Now().Add(-time.Duration(up.Nano())).Round(time.Second)
		}
	}
	r.lines(fileBoot, func(line []byte) (more bool) {
		boot, ok := parseBoot(line)
		at = boot
		return !ok
	})
	return at
}

// us reads what the root says of our own process.
//
// The line NSpid of status has one number for each pid namespace from that of the mounted proc down
// to that of the process. So a single one says that the proc is of our own pid namespace: equal
// numbers alone do not, every pid namespace has a process 1.
func (r *reader) us(h *host) {
	n, errno := r.sys.readlink(r.root, fileSelf, r.buf[:])
	if errno != 0 {
		return
	}
	self, ok := parsePID(r.buf[:n])
	if !ok {
		return
	}
	h.self = self
	dir, errno := r.sys.open(r.root, r.pidName(h.self), openPath)
	if errno != 0 {
		return
	}
	defer r.sys.close(dir)
	var p Process
	if r.readLinks(dir, &p); p.NS.Known() != 0 {
		h.mine, h.kinds = p.NS, p.NS.Known()
	}
	if text, why := r.text(dir, fileStatus, r.buf[:]); why == "" {
		pids := parseNSpid(text)
		h.levels = len(pids)
		h.ours = len(pids) == 1 && pids[0] == h.self && h.self == os.Getpid()
	}
	if text, why := r.text(dir, fileUIDMap, r.buf[:]); why == "" && text != nil {
		h.uidMap = bytes.Clone(text)
	}
}

// lines calls f with each line of a file of the root, without its end, until f returns false. Lines
// longer than the buffer are cut. A mountinfo of 50,000 mounts has 10 MB: it is read in pieces.
func (r *reader) lines(name []byte, f func(line []byte) bool) {
	fd, errno := r.sys.open(r.root, name, openFile)
	if errno != 0 {
		return
	}
	defer r.sys.close(fd)
	held, cut := 0, false // how much of the buffer waits for its end; whether that was given already
	for {
		n, errno := r.sys.readSlow(fd, r.buf[held:])
		if errno != 0 || n == 0 {
			return
		}
		text := r.buf[:held+n]
		for {
			line, rest, whole := bytes.Cut(text, []byte{'\n'})
			if !whole {
				break
			}
			if !cut && !f(line) {
				return
			}
			text, cut = rest, false
		}
		if len(text) == len(r.buf) {
			if !cut && !f(text) {
				return
			}
			text, cut = text[:0], true
		}
		held = copy(r.buf[:], text)
	}
}
