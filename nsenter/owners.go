package nsenter

import (
	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// readOwners finds for each namespace the user namespace that owns it, and keeps a descriptor for each
// user namespace between ours and the target's.
func (t *Target) readOwners() {
	f := &t.facts
	f.Users = map[uint64]UserNS{f.Caller.UserNS: {}}
	for _, k := range ns.Kinds() {
		if t.ns[k] < 0 {
			continue
		}
		if k == ns.User {
			f.Kinds[k].Owner = f.Kinds[k].Target
			t.chain = t.climb(t.ns[k], true)
			continue
		}
		// EPERM: it belongs to a user namespace that is not ours and not below ours.
		owner, err := unix.IoctlRetInt(t.ns[k], unix.NS_GET_USERNS)
		if err != nil {
			continue
		}
		f.Kinds[k].Owner, _ = inode(owner)
		t.climb(owner, false)
		unix.Close(owner)
	}
}

// climb records the user namespace and its parents up to ours in Facts.Users. If keep is set it
// returns descriptors for those below ours, the outermost first, to be closed by the caller; none of
// them if ours is not among the parents.
func (t *Target) climb(fd int, keep bool) (chain []int) {
	users := t.facts.Users
	at, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
	for err == nil {
		var ino uint64
		if ino, err = inode(at); err != nil || ino == t.facts.Caller.UserNS {
			break
		}
		if keep {
			chain = append([]int{at}, chain...)
		}
		var u UserNS
		uid, ownerErr := unix.IoctlGetUint32(at, unix.NS_GET_OWNER_UID)
		parent, parentErr := unix.IoctlRetInt(at, unix.NS_GET_PARENT)
		if ownerErr == nil {
			u.Owner = uid
		}
		if parentErr == nil {
			u.Parent, _ = inode(parent)
		}
		users[ino] = u
		if !keep {
			unix.Close(at)
		}
		at, err = parent, parentErr
	}
	if err == nil {
		unix.Close(at) // ours
		return chain
	}
	for i := range chain {
		closeFD(&chain[i])
	}
	return nil
}

// readPIDNamespace finds out whether the target's pid namespace is ours or below it, as setns(2) wants
// it, and which process is its init.
func (t *Target) readPIDNamespace() {
	f := &t.facts
	mine := f.Kinds[ns.PID].Mine
	if t.ns[ns.PID] < 0 || mine == 0 {
		return
	}
	at, err := unix.FcntlInt(uintptr(t.ns[ns.PID]), unix.F_DUPFD_CLOEXEC, 0)
	for err == nil {
		ino, statErr := inode(at)
		if statErr != nil || ino == mine {
			unix.Close(at)
			f.PIDVisible = statErr == nil
			break
		}
		var parent int
		parent, err = unix.IoctlRetInt(at, unix.NS_GET_PARENT)
		unix.Close(at)
		at = parent
	}
	if !f.PIDVisible {
		return
	}
	const getTGIDFrom = 2<<30 | 4<<16 | 0xb7<<8 | 7 // NS_GET_TGID_FROM_PIDNS, Linux 6.11
	pid, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(t.ns[ns.PID]), getTGIDFrom, 1)
	switch errno {
	case 0:
		f.Init = int(pid)
	case unix.ESRCH: // none can be opened before it has an init
		f.InitDead = true
	}
}
