package container

import (
	"cmp"
	"math"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"nstui/procscan"
	"nstui/procscan/container/engine"
	"nstui/procscan/ns"
)

// NoUser is by whose word a container is known where nobody can tell: it is no user's number, see setreuid(2).
const NoUser uint32 = math.MaxUint32

// firstWord returns by whose word a container is known as far as its control group tells.
func (e *entry) firstWord() uint32 {
	if by := maker(e.cgroup, e.user); by != 0 || e.user != "" || e.outer == nil && !e.sandbox {
		return by
	}
	return NoUser
}

// maker returns who made a control group: the user whose manager did, else root, where nobody else may make
// any, else NoUser.
func maker(cgroup, user string) uint32 {
	if uid, ok := userOf(user); ok {
		return uid
	}
	if onlyRoots(cgroup) {
		return 0
	}
	return NoUser
}

// setTrust notes by whose word it is known.
func (e *entry) setTrust(uid uint32) {
	if e.trust != uid {
		e.trust, e.owner = uid, nil
	}
}

// userOf returns the number of the user whose manager made a control group; ok is false for the system's.
func userOf(user string) (uid uint32, ok bool) {
	n, err := strconv.ParseUint(user, 10, 32)
	return uint32(n), err == nil
}

// onlyRoots reports whether only root can have made a control group. A service may be of a user who was given
// what is below its own, see Delegate= in systemd.resource-control(5), as a scope may; and /user was pam_cgfs's.
func onlyRoots(cgroup string) bool {
	return !strings.Contains(cgroup, ".service/") && !strings.Contains(cgroup, ".scope/") && !strings.HasPrefix(cgroup, "/user/")
}

// ward is the first process of a container, by what tells who may speak for it.
type ward struct {
	uid uint32 // effective
	// alien says that it is in a user namespace that is not ours, of which owner is the owner if owned.
	alien, owned bool
	owner        uint32
	// maker is who made its control group, if made.
	made  bool
	maker uint32
}

// wardOf returns that of the leader of a container.
func wardOf(snap *procscan.Snapshot, e *entry, p *procscan.Process) ward {
	w := ward{uid: p.UID}
	if w.maker = e.firstWord(); w.maker != NoUser {
		w.made = true
	}
	if p.NS[ns.User] == 0 {
		w.alien = p.Nested.Has(ns.User)
		return w
	}
	if space := snap.Namespace(p.NS.ID(ns.User)); space != nil && p.NS[ns.User] != snap.Mine[ns.User] {
		w.alien, w.owned, w.owner = true, space.OwnerKnown, space.OwnerUID
	}
	return w
}

// believes reports whether a process of the user that calls itself a runtime's is believed about the container
// below it: root's is, and that of who runs the container as the same user, or in a user namespace of its own.
func (w *ward) believes(uid uint32) bool {
	switch {
	case uid == 0:
		return true
	case uid == NoUser:
		return false
	case w.made && uid != w.maker:
		return false
	case uid == w.uid:
		return true
	default:
		return w.alien && (!w.owned || w.owner == uid)
	}
}

// weigh finds out by whose word the container is known, and drops a runtime's process that is none. A process
// with the effective uid 0 may be a setuid program that somebody else started under any name.
func (q *inquiry) weigh() {
	if q.helper != nil {
		if q.helper.uid == 0 && !q.outsideRoot {
			q.helper.uid = q.realUser(q.helper.id)
		}
		// Two runtimes' programs are setuid ones on some hosts. They tell of what anybody may start.
		open := q.helper.kind == bwrap || q.helper.kind == firejail
		if !q.ward.believes(q.helper.uid) && (!open || q.helper.uid != NoUser) {
			q.helper = nil
		}
	}
	switch {
	case q.helper != nil && q.helper.uid != NoUser:
		q.trust = q.helper.uid
	case q.ward.made:
		q.trust = q.ward.maker
	case q.ward.uid == 0:
		q.trust = q.realUser(q.leader)
	case q.outsideRoot && !q.sandbox:
		q.trust = 0
	case q.ward.owned && q.ward.alien:
		q.trust = q.ward.owner
	default:
		q.trust = q.ward.uid
	}
}

// realUser returns who runs a process whose effective uid is 0: root, only if that is so by all its uids, and
// its program is no setuid one, which may have set them all.
func (q *inquiry) realUser(id procscan.ProcID) uint32 {
	p, err := openProcess(q.root, id)
	if err != nil {
		return NoUser
	}
	defer p.close()
	text, err := p.proc("status")
	if err != nil {
		return NoUser
	}
	uids, ok := engine.UIDs(text)
	if !ok {
		return NoUser
	}
	if uid := cmp.Or(uids...); uid != 0 {
		return uid
	}
	if p.setuid() {
		return NoUser
	}
	return 0
}

// setuid reports whether a process runs a program with the bit; false where that may not be seen.
func (p process) setuid() bool {
	fd, err := openat(int(p.folder), "exe", unix.O_PATH)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	// Whoever has its file system may not answer.
	var st unix.Statx_t
	err = unix.Statx(fd, "", unix.AT_EMPTY_PATH|unix.AT_STATX_DONT_SYNC, unix.STATX_MODE, &st)
	return err == nil && st.Mode&unix.S_ISUID != 0
}
