package mounts

import (
	"context"
	"syscall"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// Mount is a namespace that is mounted on a file.
type Mount struct {
	Namespace ns.ID
	// Path is where, as the mount namespace sees it; hostile text. It is empty where that place
	// cannot be reached from the root of the mount namespace, and where there was no room for it.
	Path  string
	Where uint64 // inode number of the mount namespace it is mounted in; 0 if not known
	PID   int    // the process that was asked; 0 if none had to be
	// Number names the mount for Held; it is zero where a process was asked.
	Number Number
}

// Number names a mount, or with a Mount of 0 a mount namespace. The kernel gives these numbers to no
// other.
type Number struct {
	Space uint64 // of the mount namespace
	Mount uint64
}

// Namespace is a mount namespace.
type Namespace struct {
	Ino    uint64
	Number Number // zero where nothing is mounted in it
}

// Source is a mount namespace to look into through a process that is in it.
type Source struct {
	// Where is its inode number. Zero means that it is not known in which the processes are: each may
	// be in another.
	Where uint64
	PIDs  []int // processes in it; the first that answers will do
}

// Miss is a mount namespace that could not be looked into, or not to the end.
type Miss struct {
	Where uint64 // 0 if not known
	Errno syscall.Errno
}

// Query says where to look.
type Query struct {
	Root int // an open descriptor of the proc root
	// Sources are the mount namespaces to read through processes where the kernel does not list
	// them. The first are those whose mounts are told first.
	Sources []Source
	// Ours says that the pids of the sources are of our own pid namespace: then all mount namespaces
	// of this kernel are the matter, not just those of the sources.
	Ours bool
	// Pace, if not nil, is called between slices of work of about a millisecond and may take its time.
	// An error it returns ends the search.
	Pace func(context.Context) error
	// Skip, if not nil, says of which processes nothing is to be read now, because who reads would wait.
	Skip func(pid int) bool
}

// Result is what Find found.
type Result struct {
	Mounts []Mount
	// All are all mount namespaces there are, ours first; empty where the kernel does not list them.
	All    []Namespace
	Missed []Miss
}

// Bounds of what is kept of what anybody may mount.
const (
	// perNamespace is how many mounts of one namespace are told. Mounts propagate: a name given by
	// ip-netns(8) is often in every mount namespace of a host.
	perNamespace = 64
	// pathRoom is how many bytes all paths together may have. Beyond it one mount of each namespace
	// is told, without its path, and a Miss says E2BIG.
	pathRoom = 16 << 20
	// maxRead is how much is read of one mountinfo. 100,000 mounts, the most the kernel allows unless
	// told otherwise (/proc/sys/fs/mount-max), have about 20 MB.
	maxRead = 64 << 20
)

// Find returns what is mounted in the mount namespaces of the sources, and, where this kernel and
// this user may ask for them, in all others there are. What it cannot read is in Result.Missed; the
// error is that of the context or of Pace.
func Find(ctx context.Context, q Query) (Result, error) {
	f := finder{Query: q, counts: make(map[ns.ID]int)}
	var listed map[uint64]bool
	if q.Ours {
		var err error
		if listed, err = f.host(ctx); err != nil {
			return f.Result, err
		}
	}
	f.buf = make([]byte, bufferSize)
	f.seen = make(map[uint64]bool)
	for _, s := range q.Sources {
		if s.Where != 0 && listed[s.Where] {
			continue
		}
		if err := f.source(ctx, s, len(listed) > 0); err != nil {
			return f.Result, err
		}
	}
	return f.Result, nil
}

// finder is a search that is under way.
type finder struct {
	Query
	Result

	counts map[ns.ID]int // mounts told of each namespace
	room   int           // bytes of paths that are kept
	full   bool
	// seen are the numbers of the first mounts of the mountinfos that were read: as long as it lives
	// a mount has a number of its own, in one mount namespace.
	seen map[uint64]bool
	buf  []byte
}

// pace lets the caller use less of the processor, or end the search.
func (f *finder) pace(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if f.Pace == nil {
		return nil
	}
	return f.Pace(ctx)
}

// wanted reports whether another mount of the namespace is to be told.
func (f *finder) wanted(id ns.ID) bool {
	n := f.counts[id]
	return n == 0 || n < perNamespace && !f.full
}

// add tells a mount. path is not kept.
func (f *finder) add(m Mount, path []byte) {
	f.counts[m.Namespace]++
	if f.room+len(path) > pathRoom {
		if !f.full {
			f.miss(m.Where, unix.E2BIG)
		}
		f.full = true
	}
	if !f.full {
		m.Path = string(path)
		f.room += len(path)
	}
	f.Mounts = append(f.Mounts, m)
}

func (f *finder) miss(where uint64, errno syscall.Errno) {
	f.Missed = append(f.Missed, Miss{Where: where, Errno: errno})
}
