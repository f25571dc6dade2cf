package nsenter

import (
	"strconv"

	"nstui/procscan/ns"
)

// Identity is the ids a shell runs with, as they are inside its user namespace.
type Identity struct {
	SetUID, SetGID bool // else the caller's stay; UID and GID are then what they are inside
	UID, GID       uint32
	OutUID         uint32 // the same uid in the caller's user namespace
	Name           string // the account's name where one is known
	// Lenient says that it is not known whether the ids are mapped: if they are not, the caller's stay.
	Lenient bool
}

// Keep reports whether the caller's ids stay.
func (id *Identity) Keep() bool { return !id.SetUID && !id.SetGID }

// overflow is what an id looks like that is not mapped, see user_namespaces(7).
const overflow = 65534

// identity chooses the ids.
func (f *Facts) identity(r Request, join ns.Set) Identity {
	id := f.chosenIdentity(r.As, join.Has(ns.User))
	if r.UID.Set {
		id.SetUID, id.UID, id.Lenient = true, f.idOf(r.UID, f.UIDMap, f.UID, join), false
		id.OutUID = id.UID
		if join.Has(ns.User) {
			var ok bool
			if id.OutUID, ok = f.UIDMap.Out(id.UID); !ok {
				id.OutUID = overflow
			}
		}
	}
	if r.GID.Set {
		id.SetGID, id.GID, id.Lenient = true, f.idOf(r.GID, f.GIDMap, f.GID, join), false
	}
	home := &f.Outside
	if join.Has(ns.Mnt) && r.Tools != ToolsTree {
		home = &f.Inside
	}
	if a, ok := home.account(strconv.FormatUint(uint64(id.UID), 10)); ok {
		id.Name = a.Name
	}
	return id
}

// idOf returns the number of an id that was asked for. An id of the target's that is not mapped is left
// to the kernel to refuse.
func (f *Facts) idOf(asked ID, m IDMap, target uint32, join ns.Set) uint32 {
	if !asked.Follow {
		return asked.N
	}
	if join.Has(ns.User) {
		if in, ok := m.In(target); ok {
			return in
		}
		return overflow
	}
	return target
}

// chosenIdentity chooses by rule. What is not mapped cannot be taken: the caller's ids stay then.
func (f *Facts) chosenIdentity(as As, user bool) Identity {
	if !user {
		if as == AsTarget && f.PID != 0 {
			return Identity{SetUID: true, SetGID: true, UID: f.UID, GID: f.GID, OutUID: f.UID}
		}
		return Identity{UID: f.Caller.UID, GID: f.Caller.GID, OutUID: f.Caller.UID}
	}
	root, target := f.mappedRoot(), f.mappedTarget()
	switch {
	case as == AsKeep:
	case as != AsTarget && !f.Mapped:
		return Identity{SetUID: true, SetGID: true, OutUID: f.Caller.UID, Lenient: true}
	case as != AsTarget && root != nil:
		return *root
	case as != AsRoot && target != nil:
		return *target
	}
	id := Identity{OutUID: f.Caller.UID}
	var ok bool
	if id.UID, ok = f.UIDMap.In(f.Caller.UID); !ok {
		id.UID = overflow
	}
	if id.GID, ok = f.GIDMap.In(f.Caller.GID); !ok {
		id.GID = overflow
	}
	return id
}

// mappedRoot returns root inside the target's user namespace, nil if it is not mapped.
func (f *Facts) mappedRoot() *Identity {
	outUID, uidOK := f.UIDMap.Out(0)
	_, gidOK := f.GIDMap.Out(0)
	if !uidOK || !gidOK {
		return nil
	}
	return &Identity{SetUID: true, SetGID: true, OutUID: outUID}
}

// mappedTarget returns the target's own ids inside its user namespace, nil if they are not mapped.
func (f *Facts) mappedTarget() *Identity {
	uid, uidOK := f.UIDMap.In(f.UID)
	gid, gidOK := f.GIDMap.In(f.GID)
	if !uidOK || !gidOK || f.PID == 0 {
		return nil
	}
	return &Identity{SetUID: true, SetGID: true, UID: uid, GID: gid, OutUID: f.UID}
}
