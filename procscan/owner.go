package procscan

import (
	"cmp"
	"sync"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// nsFacts are what the kernel tells of a namespace through a descriptor of it. The fields are those
// of [Namespace].
type nsFacts struct {
	owner, parent, unique uint64
	ownerUID              uint32
	ownerKnown            bool
	netID                 int
	netIDKnown            bool
	// why and netWhy are for which reason the owner, and the NETNSID, could not be told.
	why, netWhy Reason
}

// applyFacts puts what is known of the namespace into it.
func (n *Namespace) applyFacts(f nsFacts) {
	n.Owner, n.Parent, n.Unique = f.owner, f.parent, f.unique
	n.OwnerUID, n.OwnerKnown = f.ownerUID, f.ownerKnown
	n.NETNSID, n.NETNSIDKnown = f.netID, f.netIDKnown
}

// asker asks the kernel about the namespaces of a scan. First they are asked about, as work says, and
// then comes settle, which adds the namespaces that were met on the way.
type asker struct {
	procs []*Process
	all   *[ns.NumKinds][]Namespace
	host  *host
	want  Want // Owners or NetIDs or both

	mu sync.Mutex
	// found are namespaces that were met above others and are not in all.
	found map[ns.ID]nsFacts
	// missed counts what could not be told.
	missed map[Miss]int
}

func newAsker(procs []*Process, all *[ns.NumKinds][]Namespace, h *host, want Want) *asker {
	return &asker{
		procs: procs, all: all, host: h, want: want,
		found: make(map[ns.ID]nsFacts), missed: make(map[Miss]int),
	}
}

// work returns the work to ask for the facts of the namespaces and put them into them. heard, if not
// nil, gets them, too, for who wants to keep them: they are true as long as one that was in the namespace
// before is in it still, because the inode number of a dead namespace is given to a new one within
// microseconds. A descriptor of a namespace keeps it alive, so a worker closes each before it opens the
// next.
func (a *asker) work(list []*Namespace, heard func(i int, f nsFacts)) *work {
	self := *a.host
	keep := func(i int, f nsFacts) {
		list[i].applyFacts(f)
		a.count(list[i].ID, f)
		if heard != nil {
			heard(i, f)
		}
	}
	return &work{
		items: len(list),
		read:  func(k *worker, i int) { k.fd, k.errno = k.openNamespace(a.ways(list[i]), &self) },
		keep: func(k *worker, i int) {
			f := nsFacts{netID: -1}
			switch {
			case k.errno == 0:
				f = a.facts(k.reader, k.fd, list[i].ID)
			case !gone(k.errno) && k.errno != unix.ESTALE:
				f.why = reasonOf(k.errno)
				f.netWhy = f.why
			}
			keep(i, f)
		},
		left: func(k *worker) {
			if k.errno == 0 {
				k.sys.close(k.fd)
			}
		},
		lost: func(i int) { keep(i, nsFacts{netID: -1, why: Stuck, netWhy: Stuck}) },
	}
}

// count notes what could not be told.
func (a *asker) count(id ns.ID, f nsFacts) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if f.why != "" && a.want&Owners != 0 {
		a.missed[Miss{What: Owners, Reason: f.why}]++
	}
	if id.Kind == ns.Net && f.netWhy != "" && a.want&NetIDs != 0 {
		a.missed[Miss{What: NetIDs, Reason: f.netWhy}]++
	}
}

// openTries is how many members and keepers are tried to open a namespace: the leader may have ended
// since it was read.
const openTries = 3

// ways are how a namespace may be opened.
type ways struct {
	id      ns.ID
	members [openTries]*Process
	keepers []Keeper
}

// ways returns the ways to a namespace: the leader first, those that are held last.
func (a *asker) ways(n *Namespace) (w ways) {
	w.id, w.keepers = n.ID, n.Keepers[:min(len(n.Keepers), openTries)]
	all := w.members[:0]
	for _, held := range []bool{false, true} {
		if n.Leader >= 0 && a.procs[n.Leader].held == held {
			all = append(all, a.procs[n.Leader])
		}
		for _, i := range n.Members {
			if len(all) == openTries {
				return w
			}
			if i != n.Leader && a.procs[i].held == held {
				all = append(all, a.procs[i])
			}
		}
	}
	return w
}

// openNamespace returns a descriptor of the namespace. It keeps the namespace alive until it is closed.
func (r *reader) openNamespace(w ways, self *host) (fd int, errno unix.Errno) {
	errno = unix.ESRCH
	for _, p := range w.members {
		if p == nil {
			break
		}
		if p.held || r.held(p.PID) {
			fd, errno = r.openByPidfd(p.PID, w.id, self)
		} else {
			fd, errno = r.openLink(p.PID, fileLinks[w.id.Kind], w.id)
		}
		if errno == 0 {
			return fd, 0
		}
	}
	for _, keeper := range w.keepers {
		if fd, errno = r.openHeld(w.id, keeper, self); errno == 0 {
			return fd, 0
		}
	}
	return -1, errno
}

// openLink opens a namespace through the link of a process. The process may have gone elsewhere, or
// its pid to another, since it was read: ESTALE says that the link leads to another namespace.
func (r *reader) openLink(pid int, link []byte, id ns.ID) (fd int, errno unix.Errno) {
	r.name = append(append(r.pidName(pid)[:len(r.name)-1], '/'), link...)
	fd, errno = r.sys.open(r.root, r.name, openFile)
	if errno != 0 {
		return -1, errno
	}
	if errno := r.sys.stat(fd, &r.st); errno != 0 || r.st.Ino != id.Ino {
		r.sys.close(fd)
		return -1, unix.ESTALE
	}
	return fd, 0
}

// facts asks about the namespace of the descriptor, which it closes, see ioctl_nsfs(2). Those above
// it are asked, too, unless they are known already. While an answer is a descriptor, three are open
// at most, and they are closed on the way.
func (a *asker) facts(r *reader, fd int, id ns.ID) nsFacts {
	f := nsFacts{netID: -1}
	if id.Kind == ns.Net && a.want&NetIDs != 0 {
		var errno unix.Errno
		f.netID, errno = r.netID(fd)
		f.netIDKnown = errno == 0
		if errno != 0 {
			f.netWhy = reasonOf(errno)
		}
	}
	if a.want&Owners == 0 {
		r.sys.close(fd)
		return f
	}
	if r.sys.unique(fd, &r.id) == 0 {
		f.unique = r.id
	}
	if id.Kind == ns.User {
		f.ownerKnown = r.sys.ownerUID(fd, &r.uid) == 0
		f.ownerUID = r.uid
	}
	parent := -1
	var noParent unix.Errno
	if id.Kind == ns.PID {
		parent, noParent = r.sys.parentNS(fd)
	}
	owner, noOwner := r.sys.ownerNS(fd)
	r.sys.close(fd)
	if errno := cmp.Or(noOwner, noParent); errno != 0 && !a.top(id) {
		f.why = reasonOf(errno)
	}
	if noOwner == 0 {
		if id.Kind != ns.User {
			f.ownerKnown = r.sys.ownerUID(owner, &r.uid) == 0
			f.ownerUID = r.uid
		}
		f.owner = a.above(r, owner, ns.User)
	}
	if !f.ownerKnown {
		f.ownerUID = 0
	}
	if id.Kind == ns.User {
		f.parent = f.owner
	} else if id.Kind == ns.PID && noParent == 0 {
		f.parent = a.above(r, parent, ns.PID)
	}
	return f
}

// The inode numbers of the first user and pid namespace, see linux/nsfs.h.
const (
	firstUser = 0xEFFFFFFD
	firstPID  = 0xEFFFFFFC
)

// top reports whether nobody is above the namespace whom the kernel would tell us of.
func (a *asker) top(id ns.ID) bool {
	switch id.Kind {
	case ns.User:
		return id.Ino == firstUser || id.Ino == a.host.mine[ns.User]
	case ns.PID:
		return id.Ino == firstPID || id.Ino == a.host.mine[ns.PID]
	default:
		return false
	}
}

// above returns the inode number of a namespace met above another, and closes its descriptor. If no
// scan has seen it, it is asked about itself.
func (a *asker) above(r *reader, fd int, k ns.Kind) (ino uint64) {
	if r.sys.stat(fd, &r.st) != 0 {
		r.sys.close(fd)
		return 0
	}
	id := ns.ID{Kind: k, Ino: r.st.Ino}
	if !a.claim(id) {
		r.sys.close(fd)
		return id.Ino
	}
	f := a.facts(r, fd, id)
	a.count(id, f)
	a.mu.Lock()
	a.found[id] = f
	a.mu.Unlock()
	return id.Ino
}

// claim reports whether the namespace is new, to the first who asks.
func (a *asker) claim(id ns.ID) bool {
	if find(a.all, id) != nil {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, known := a.found[id]; known {
		return false
	}
	a.found[id] = nsFacts{netID: -1}
	return true
}
