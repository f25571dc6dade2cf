package nsenter

import (
	"fmt"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// authority is a process's standing towards user namespaces: what the kernel's ns_capable() looks at.
type authority struct {
	users map[uint64]UserNS
	uid   uint32
	ns    uint64 // inode of the user namespace it is in
	caps  uint64 // its capabilities there
}

func (f *Facts) authority() authority {
	return authority{users: f.Users, uid: f.Caller.UID, ns: f.Caller.UserNS, caps: f.Caller.Caps}
}

// inside returns the standing after joining a user namespace: all capabilities in it.
func (a authority) inside(user uint64) authority {
	a.ns, a.caps = user, ^uint64(0)
	return a
}

// has reports whether the process has the capability in a user namespace: it has it in its own, and
// then in all below; or it is the owner of a child of its own, or of one above the target. This is
// cap_capable() of the kernel's security/commoncap.c.
func (a authority) has(capability int, user uint64) bool {
	for steps := 0; user != 0 && steps <= len(a.users); steps++ {
		if user == a.ns {
			return a.caps&(1<<capability) != 0
		}
		u, known := a.users[user]
		if !known {
			return false
		}
		if u.Parent == a.ns && u.Owner == a.uid {
			return true
		}
		user = u.Parent
	}
	return false
}

// mayJoin returns why the process may not join a namespace of the kind that is owned by the given user
// namespace, or "". See the install functions in the kernel, as setns(2) describes them.
func (a authority) mayJoin(k ns.Kind, owner uint64) string {
	if owner == 0 {
		return "it belongs to a user namespace that is not yours and not below yours"
	}
	if !a.has(unix.CAP_SYS_ADMIN, owner) {
		return fmt.Sprintf("needs CAP_SYS_ADMIN in user namespace %d%s", owner, a.ownedBy(owner))
	}
	if k == ns.User {
		return ""
	}
	if !a.has(unix.CAP_SYS_ADMIN, a.ns) {
		return "needs CAP_SYS_ADMIN in your own user namespace too"
	}
	if k == ns.Mnt && !a.has(unix.CAP_SYS_CHROOT, a.ns) {
		return "needs CAP_SYS_CHROOT in your own user namespace too"
	}
	return ""
}

func (a authority) ownedBy(user uint64) string {
	if u, ok := a.users[user]; ok && u.Parent != 0 {
		return fmt.Sprintf(", owned by uid %d", u.Owner)
	}
	return ""
}

// refusals returns for each kind of the set why it cannot be joined, in the order an entry tries: all
// kinds with what the caller has, then level by level down the user namespaces if user is in the set.
func (f *Facts) refusals(set ns.Set) map[ns.Kind]string {
	left := map[ns.Kind]string{}
	a := f.authority()
	for _, k := range set.Without(ns.User).Kinds() {
		if why := f.refusal(a, k); why != "" {
			left[k] = why
		}
	}
	if !set.Has(ns.User) {
		return left
	}
	for _, user := range f.userPath() {
		if why := a.mayJoin(ns.User, user); why != "" {
			left[ns.User] = why
			break
		}
		a = a.inside(user)
		for k := range left {
			if f.refusal(a, k) == "" {
				delete(left, k)
			}
		}
	}
	if len(f.userPath()) == 0 {
		left[ns.User] = "it is not below yours"
		if fact := &f.Kinds[ns.User]; fact.Err != nil || fact.Mine == 0 {
			left[ns.User] = f.refusal(a, ns.User)
		}
	}
	return left
}

// refusal returns why a process with the given standing cannot join the target's namespace.
func (f *Facts) refusal(a authority, k ns.Kind) string {
	switch fact := &f.Kinds[k]; {
	case fact.Mine == 0:
		return "this kernel does not have it"
	case fact.Denied():
		return fmt.Sprintf("you may not open it: %v, its process belongs to uid %d", fact.Err, f.UID)
	case fact.Err != nil:
		return fmt.Sprintf("it cannot be opened: %v", fact.Err)
	case k == ns.Mnt && f.RootErr != nil:
		return fmt.Sprintf("its root directory cannot be opened: %v", f.RootErr)
	case k == ns.PID && !f.PIDVisible:
		return "it is above yours: a pid namespace can only be entered from one of its ancestors"
	default:
		return a.mayJoin(k, fact.Owner)
	}
}

// userPath returns the user namespaces from below the caller's down to the target's; nil if the
// target's is not below the caller's.
func (f *Facts) userPath() []uint64 {
	var path []uint64
	for user := f.Kinds[ns.User].Target; user != f.Caller.UserNS; {
		u, known := f.Users[user]
		if !known || user == 0 || len(path) > len(f.Users) {
			return nil
		}
		path = append([]uint64{user}, path...)
		user = u.Parent
	}
	return path
}
