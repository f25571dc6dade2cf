package procscan

import (
	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// maxListed is how many namespaces are taken of what the kernel lists beyond those that were found.
const maxListed = 64 << 10

// unexplained adds the namespaces of the kinds the kernel lists (listns(2), Linux 6.19) that have neither
// a process nor any keeper that was found. It is to be called when all others have been asked about: what
// tells one from another is the 64-bit number, which the kernel has given since 6.18.
//
// Each is opened by that number, asked, and closed.
func (a *asker) unexplained(r *reader, kinds ns.Set) {
	known := make(map[uint64]bool)
	for _, list := range a.all {
		for i := range list {
			known[list[i].Unique] = true
		}
	}
	for _, f := range a.found {
		known[f.unique] = true
	}
	var last uint64
	taken := 0
	for {
		n, errno := r.sys.listNS(kinds, last, r.numbers[:])
		if errno != 0 || n == 0 {
			if errno != 0 && errno != unix.ENOSYS { // all that is lost on older kernels is this list
				a.missed[Miss{What: Owners, Reason: reasonOf(errno)}]++
			}
			return
		}
		for _, number := range r.numbers[:n] {
			switch {
			case number <= last: // the kernel goes up, and so this ends
				return
			case known[number]:
			case taken == maxListed:
				a.missed[Miss{What: Owners, Reason: Other}]++
				return
			default:
				taken++
				a.byNumber(r, number)
			}
			last = number
		}
	}
}

// byNumber asks about the namespace with the given 64-bit number.
func (a *asker) byNumber(r *reader, number uint64) {
	fd, errno := r.sys.openNS(number)
	if errno != 0 {
		// It is gone, or we may not: then it stays as unknown as before.
		if !gone(errno) && errno != unix.ESTALE {
			a.missed[Miss{What: Owners, Reason: reasonOf(errno)}]++
		}
		return
	}
	flag, errno := r.sys.kind(fd)
	kind, ok := kindOfFlag(flag)
	if errno != 0 || !ok || r.sys.stat(fd, &r.st) != 0 {
		r.sys.close(fd)
		return
	}
	id := ns.ID{Kind: kind, Ino: r.st.Ino}
	if !a.claim(id) {
		r.sys.close(fd)
		return
	}
	f := a.facts(r, fd, id)
	a.count(id, f)
	a.found[id] = f
}

// kindOfFlag returns the kind with the given CLONE_NEW… flag.
func kindOfFlag(flag int) (ns.Kind, bool) {
	for _, k := range ns.Kinds() {
		if int(k.CloneFlag()) == flag {
			return k, true
		}
	}
	return 0, false
}
