package nsenter

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// openNamespaces opens the eight namespaces of the process and compares each with what the user saw.
func (t *Target) openNamespaces(ref Ref) error {
	for _, k := range ns.Kinds() {
		if ref.Sources[k] != (Source{}) {
			continue
		}
		fact := &t.facts.Kinds[k]
		fd, err := unix.Openat(t.dir, "ns/"+k.String(), unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			if errors.Is(err, unix.ESRCH) {
				return ErrGone
			}
			fact.Err = err
			continue
		}
		t.ns[k] = fd
		if fact.Target, err = inode(fd); err != nil {
			return fmt.Errorf("stat its %s namespace: %w", k, err)
		}
		if ref.NS[k] != 0 && ref.NS[k] != fact.Target {
			return fmt.Errorf("%w: %s, it was %s", ErrMoved, ns.ID{Kind: k, Ino: fact.Target}, ns.ID{Kind: k, Ino: ref.NS[k]})
		}
		// The number of a namespace that has ended is used again at once; this one never is.
		if id := uniqueID(fd); ref.IDs[k] != 0 && id != 0 && ref.IDs[k] != id {
			return fmt.Errorf("%w: %s, another one of the same number", ErrMoved, ns.ID{Kind: k, Ino: fact.Target})
		}
	}
	return nil
}

// unmoved checks that the process is still in the namespaces that were opened: its root directory was
// opened after them, and must be of the same mount namespace.
func (t *Target) unmoved(ref Ref) error {
	for _, k := range ns.Kinds() {
		if t.ns[k] < 0 || ref.Sources[k] != (Source{}) || k == ns.User && ref.UserParent {
			continue
		}
		var st unix.Stat_t
		if err := unix.Fstatat(t.dir, "ns/"+k.String(), &st, 0); err != nil {
			return gone(err)
		}
		if st.Ino != t.facts.Kinds[k].Target {
			return fmt.Errorf("%w: %s", ErrMoved, ns.ID{Kind: k, Ino: st.Ino})
		}
	}
	return nil
}

// openGiven opens the directories that are named, from where the caller is.
func (t *Target) openGiven(ref Ref) (err error) {
	t.facts.GivenRoot, t.facts.GivenDir = ref.Root, ref.Dir
	for i, name := range []string{ref.Root, ref.Dir} {
		if name == "" {
			continue
		}
		if t.given[i], err = unix.Open(name, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err != nil {
			t.given[i] = -1
			return fmt.Errorf("open the directory %s: %w", name, err)
		}
	}
	return nil
}

// openSources opens the namespaces that are not the process's own.
func (t *Target) openSources(ref Ref) (err error) {
	for _, k := range ns.Kinds() {
		src := ref.Sources[k]
		if src == (Source{}) {
			continue
		}
		fact := &t.facts.Kinds[k]
		fact.Source, fact.File = src.String(), src.path(k, ref.PID)
		if t.ns[k], err = t.openSource(k, src); err == nil {
			fact.Target, err = inode(t.ns[k])
		}
		if err == nil && src.Is != 0 && src.Is != fact.Target {
			err = fmt.Errorf("%w: %s, it was %s", ErrMoved, ns.ID{Kind: k, Ino: fact.Target}, ns.ID{Kind: k, Ino: src.Is})
		}
		if err != nil {
			return fmt.Errorf("open the %s namespace of %s: %w", k, fact.Source, err)
		}
	}
	if err := t.openSourceRoot(ref.Sources[ns.Mnt].PID); err != nil {
		return err
	}
	if !ref.UserParent {
		return nil
	}
	fact := &t.facts.Kinds[ns.User]
	if t.ns[ns.User] < 0 {
		return fmt.Errorf("find the parent of its user namespace: %w", fact.Err)
	}
	parent, err := unix.IoctlRetInt(t.ns[ns.User], unix.NS_GET_PARENT)
	if err != nil {
		if errors.Is(err, unix.EPERM) {
			return errors.New("the parent of its user namespace is not yours and not below yours")
		}
		return fmt.Errorf("find the parent of its user namespace: %w", err)
	}
	closeFD(&t.ns[ns.User])
	t.ns[ns.User], fact.Source = parent, "the parent"
	fact.Target, err = inode(parent)
	return err
}

// openSourceRoot opens the root directory of the process the mount namespace is from.
func (t *Target) openSourceRoot(pid int) (err error) {
	if pid == 0 {
		return nil
	}
	t.sourceRoot, err = unix.Open(fmt.Sprintf("/proc/%d/root", pid), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.sourceRoot = -1
		return fmt.Errorf("open the root directory of process %d: %w", pid, err)
	}
	// It must be of the namespace that was opened.
	var st unix.Stat_t
	if err := unix.Stat(fmt.Sprintf("/proc/%d/ns/mnt", pid), &st); err != nil {
		return fmt.Errorf("process %d: %w", pid, gone(err))
	}
	if st.Ino != t.facts.Kinds[ns.Mnt].Target {
		return fmt.Errorf("process %d: %w", pid, ErrMoved)
	}
	t.facts.SourceRoot = true
	return nil
}

// String returns such as "/run/netns/blue".
func (s Source) String() string {
	switch {
	case s.File != "":
		return s.File
	case s.PID != 0:
		return "process " + strconv.Itoa(s.PID)
	case s.Socket.Set:
		return "socket " + strconv.Itoa(s.Socket.FD)
	}
	return ""
}

// path returns a path by which nsenter(1) finds the namespace, too.
func (s Source) path(k ns.Kind, pid int) string {
	switch {
	case s.PID != 0:
		return fmt.Sprintf("/proc/%d/ns/%s", s.PID, k)
	case s.Socket.Set:
		return fmt.Sprintf("/proc/%d/fd/%d", pid, s.Socket.FD)
	}
	return s.File
}

// errNotNamespace is returned for a file that holds no namespace: such as one in /run/netns whose
// namespace was unmounted.
var errNotNamespace = errors.New("the file holds no namespace")

// openSource returns a descriptor of the namespace, whose kind has been checked.
func (t *Target) openSource(k ns.Kind, src Source) (fd int, err error) {
	switch {
	case src.Socket.Set:
		fd, err = t.openSocket(src.Socket.FD)
	case src.PID != 0:
		fd, err = unix.Open(fmt.Sprintf("/proc/%d/ns/%s", src.PID, k), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	default:
		// A descriptor may be of another file by now, and opening that may wait or do something.
		if link, err := os.Readlink(src.File); err == nil && src.Is != 0 && link != (ns.ID{Kind: k, Ino: src.Is}).String() {
			return -1, fmt.Errorf("%w: it leads to %s", ErrMoved, link)
		}
		fd, err = unix.Open(src.File, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	}
	if err != nil {
		return -1, err
	}
	kind, err := unix.IoctlRetInt(fd, unix.NS_GET_NSTYPE)
	switch {
	case err != nil:
		err = errNotNamespace
	case uint32(kind) != k.CloneFlag():
		err = fmt.Errorf("it is another kind of namespace: %s", kindOfFlag(uint32(kind)))
	default:
		return fd, nil
	}
	unix.Close(fd)
	return -1, err
}

func kindOfFlag(flag uint32) string {
	for _, k := range ns.Kinds() {
		if k.CloneFlag() == flag {
			return k.String()
		}
	}
	return fmt.Sprintf("%#x", flag)
}

// openSocket returns the network namespace of a socket of the process, see SIOCGSKNS in netdevice(7).
func (t *Target) openSocket(number int) (int, error) {
	if t.pidfd < 0 {
		return -1, errors.New("that takes a process: its number is one of its descriptors")
	}
	sock, err := unix.PidfdGetfd(t.pidfd, number, 0)
	if err != nil {
		return -1, err
	}
	defer unix.Close(sock)
	return unix.IoctlRetInt(sock, unix.SIOCGSKNS)
}

// ownNamespace returns the inode number of the caller's namespace, 0 if the kernel lacks the kind.
func ownNamespace(k ns.Kind) uint64 {
	var st unix.Stat_t
	if err := unix.Stat("/proc/self/ns/"+k.String(), &st); err != nil {
		return 0
	}
	return st.Ino
}

func inode(fd int) (uint64, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return 0, err
	}
	return st.Ino, nil
}

// uniqueID returns the number of a namespace that is never used again, 0 where the kernel has none: see
// NS_GET_ID in ioctl_nsfs(2), Linux 6.18.
func uniqueID(fd int) uint64 {
	const nsGetID = 2<<30 | 8<<16 | 0xb7<<8 | 13 // _IOR(0xb7, 13, __u64)
	var id uint64
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), nsGetID, uintptr(unsafe.Pointer(&id))); errno != 0 {
		return 0
	}
	return id
}
