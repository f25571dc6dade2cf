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

// asker asks the kernel about the namespaces of a scan. First ask is called for each of them, by as
// many goroutines as like, and then settle, which adds the namespaces that were met on the way.
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

// ask asks for the facts of one namespace and puts them into it. It returns them, too, for who wants
// to keep them: they are true as long as one that was in the namespace before is in it still, because
// the inode number of a dead namespace is given to a new one within microseconds.
func (a *asker) ask(r *reader, n *Namespace) nsFacts {
	f := nsFacts{netID: -1}
	fd, errno := a.open(r, n)
	switch {
	case errno == 0:
		f = a.facts(r, fd, n.ID)
	case !gone(errno) && errno != unix.ESTALE:
		f.why = reasonOf(errno)
		f.netWhy = f.why
	}
	n.applyFacts(f)
	a.count(n.ID, f)
	return f
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

// open returns a descriptor of the namespace. It keeps the namespace alive until it is closed.
func (a *asker) open(r *reader, n *Namespace) (fd int, errno unix.Errno) {
	errno = unix.ESRCH
	tries := 0
	if n.Leader >= 0 {
		if fd, errno = r.openLink(a.procs[n.Leader].PID, fileLinks[n.ID.Kind], n.ID); errno == 0 {
			return fd, 0
		}
		tries++
	}
	for _, i := range n.Members {
		if tries == openTries {
			return -1, errno
		}
		if i == n.Leader {
			continue
		}
		tries++
		if fd, errno = r.openLink(a.procs[i].PID, fileLinks[n.ID.Kind], n.ID); errno == 0 {
			return fd, 0
		}
	}
	for _, keeper := range n.Keepers[:min(len(n.Keepers), openTries)] {
		if fd, errno = r.openHeld(n.ID, keeper, a.host); errno == 0 {
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
		f.netID, f.netWhy = r.netID(fd)
		f.netIDKnown = f.netWhy == ""
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
