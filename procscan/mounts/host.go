package mounts

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// The ioctls of mount namespaces in linux/nsfs.h, all _IOR(0xb7, n, struct mnt_ns_info).
const (
	mntGetInfo = 2<<30 | infoSize<<16 | 0xb7<<8 | 10
	mntGetNext = 2<<30 | infoSize<<16 | 0xb7<<8 | 11
	mntGetPrev = 2<<30 | infoSize<<16 | 0xb7<<8 | 12
	infoSize   = 16
)

// info is struct mnt_ns_info.
type info struct {
	size, mounts uint32
	unique       uint64
}

// request is struct mnt_id_req of linux/mount.h in its second version, that of Linux 6.11.
type request struct {
	size, _ uint32
	mount   uint64 // its 64-bit number
	param   uint64 // for listmount the mount to go on after, for statmount what is wanted
	where   uint64 // 64-bit number of the mount namespace
}

const (
	requestSize = 32
	// listRoot, for request.mount, is the root of the mount namespace: LSMT_ROOT.
	listRoot = 1<<64 - 1
	// Bits of request.param for statmount(2), STATMOUNT_….
	wantSuper, wantMount, wantRoot, wantPoint = 1, 2, 8, 16
)

// Where struct statmount has what, in bytes. The strings are after it.
const (
	maskAt, magicAt, parentAt, rootAt, pointAt = 8, 24, 48, 104, 108
	statSize                                   = 512
	// statRoom has room for a path, the longest of which has 4096 bytes, and a short root.
	statRoom = statSize + 8<<10
)

// host reads all mount namespaces there are, ours first, and returns the inode numbers of those it
// could read. It returns none where the kernel does not let us.
//
// An open mount namespace lives, with all that is mounted in it, and which is the next can only be
// asked of an open one. So all are walked without a rest, and only then, when none is open, their mounts
// are read by the numbers of the namespaces.
func (f *finder) host(ctx context.Context) (listed map[uint64]bool, err error) {
	w := walker{finder: f, listed: make(map[uint64]bool), ids: make([]uint64, 512), stat: make([]byte, statRoom)}
	if err := w.all(ctx); err != nil {
		return nil, err
	}
	for _, s := range w.spaces {
		if err := w.mounts(ctx, s.top, s.Namespace); err != nil {
			return nil, err
		}
	}
	return w.listed, nil
}

// walker reads mount namespaces by listmount(2) and statmount(2).
type walker struct {
	*finder

	listed map[uint64]bool
	spaces []space // that have mounts
	ids    []uint64
	stat   []byte
	req    request
}

// space is a mount namespace and the mount everything else in it is below of.
type space struct {
	Namespace

	top uint64
}

// all visits ours and those on both sides of it.
func (w *walker) all(ctx context.Context) error {
	own, openErr := unix.Open("/proc/self/ns/mnt", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if openErr != nil {
		return nil
	}
	defer unix.Close(own)
	// Before Linux 6.12 it is not a known ioctl, and it may be known and not allowed. With only one
	// mount namespace there is no next and no previous one: that is allowed.
	first, errno := mntIoctl(own, mntGetNext, nil)
	if errno == 0 {
		unix.Close(first)
	} else if errno != unix.ENOENT {
		return nil
	}
	var here info
	if _, errno := mntIoctl(own, mntGetInfo, &here); errno != 0 {
		return nil
	}
	if err := w.visit(own, here.unique); err != nil {
		return err
	}
	for _, way := range []uintptr{mntGetNext, mntGetPrev} {
		if err := w.walk(ctx, own, way); err != nil {
			return err
		}
	}
	return nil
}

// walk visits those on one side of ours, each opened from the one before, until there is no more.
func (w *walker) walk(ctx context.Context, own int, way uintptr) error {
	at := own
	defer func() {
		if at != own {
			unix.Close(at)
		}
	}()
	for {
		var next info
		fd, errno := mntIoctl(at, way, &next)
		if errno == unix.ENOENT {
			return nil
		}
		if errno != 0 {
			w.miss(0, errno)
			return nil
		}
		if at != own {
			unix.Close(at)
		}
		at = fd
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.visit(fd, next.unique); err != nil {
			return err
		}
	}
}

// visit notes one mount namespace.
func (w *walker) visit(fd int, unique uint64) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return fmt.Errorf("stat mount namespace %d: %w", unique, err)
	}
	s := space{Namespace: Namespace{Ino: st.Ino, Number: Number{Space: unique}}}
	w.req = request{size: requestSize, where: unique}
	var read bool
	if s.top, read = w.top(); s.top == 0 {
		s.Number = Number{} // Held could not tell it from one that is gone
	} else {
		w.spaces = append(w.spaces, s)
	}
	w.All = append(w.All, s.Namespace)
	if read {
		w.listed[st.Ino] = true
	}
	return nil
}

// mounts tells which of the mounts below the top one are namespaces. A mount namespace that is gone by
// now has none.
func (w *walker) mounts(ctx context.Context, top uint64, where Namespace) error {
	w.req = request{size: requestSize, where: where.Number.Space}
	for last := uint64(0); ; {
		if err := w.pace(ctx); err != nil {
			return err
		}
		w.req.mount, w.req.param = top, last
		n, errno := w.list()
		if errno == unix.ENOENT {
			return nil
		}
		if errno != 0 {
			w.miss(where.Ino, errno)
			return nil
		}
		for _, id := range w.ids[:n] {
			w.mount(id, where)
		}
		if n < len(w.ids) {
			return nil
		}
		last = w.ids[n-1]
	}
}

// top returns the mount everything else is below of: what the kernel lists as the root of another mount
// namespace is only the first mount on top of that. It is zero where there is none; read says that
// this is because nothing is mounted.
func (w *walker) top() (id uint64, read bool) {
	w.req.mount, w.req.param = listRoot, 0
	n, errno := w.list()
	if errno != 0 || n == 0 {
		return 0, errno == 0 || errno == unix.ENOENT
	}
	id = w.ids[0]
	// Nobody stacks a thousand roots; a kernel that says so is not followed for ever.
	for range 1000 {
		if errno := w.about(id, wantMount); errno != 0 {
			return 0, false
		}
		parent := binary.NativeEndian.Uint64(w.stat[parentAt:])
		if parent == id {
			break
		}
		id = parent
	}
	return id, true
}

// mount tells a mount if it is a namespace. One that is gone by now is none.
func (w *walker) mount(mount uint64, where Namespace) {
	if w.about(mount, wantSuper) != 0 || binary.NativeEndian.Uint64(w.stat[magicAt:]) != unix.NSFS_MAGIC {
		return
	}
	if errno := w.about(mount, wantRoot|wantPoint); errno != 0 {
		if errno != unix.ENOENT {
			w.miss(where.Ino, errno)
		}
		return
	}
	id, ok := parseRoot(w.text(wantRoot, rootAt))
	if !ok {
		w.miss(where.Ino, unix.EINVAL)
		return
	}
	if w.wanted(id) {
		number := Number{Space: where.Number.Space, Mount: mount}
		w.add(Mount{Namespace: id, Where: where.Ino, Number: number}, w.text(wantPoint, pointAt))
	}
}

// text returns a string of what statmount(2) wrote, nothing where it wrote none.
func (w *walker) text(bit uint64, at int) []byte {
	start := statSize + int(binary.NativeEndian.Uint32(w.stat[at:]))
	if binary.NativeEndian.Uint64(w.stat[maskAt:])&bit == 0 || start >= len(w.stat) {
		return nil
	}
	text, _, _ := bytes.Cut(w.stat[start:], []byte{0})
	return text
}

// Held reports whether a mount, or a mount namespace, is still there. It opens neither. Where the
// kernel does not tell us, it is.
func Held(n Number) bool {
	req := request{size: requestSize, mount: n.Mount, param: wantSuper, where: n.Space}
	var errno syscall.Errno
	if n.Mount != 0 {
		var room [statRoom]byte
		_, _, errno = syscall.Syscall6(unix.SYS_STATMOUNT, uintptr(unsafe.Pointer(&req)),
			uintptr(unsafe.Pointer(&room[0])), uintptr(len(room)), 0, 0, 0)
		return errno != unix.ENOENT
	}
	// Of one in which nothing is mounted the kernel says ENOENT, too: those are given no number.
	req.mount, req.param = listRoot, 0
	var one uint64
	_, _, errno = syscall.Syscall6(unix.SYS_LISTMOUNT, uintptr(unsafe.Pointer(&req)),
		uintptr(unsafe.Pointer(&one)), 1, 0, 0, 0)
	return errno != unix.ENOENT
}

// list calls listmount(2) for w.req and returns how many numbers it wrote to w.ids.
func (w *walker) list() (int, syscall.Errno) {
	n, _, errno := syscall.Syscall6(unix.SYS_LISTMOUNT, uintptr(unsafe.Pointer(&w.req)),
		uintptr(unsafe.Pointer(&w.ids[0])), uintptr(len(w.ids)), 0, 0, 0)
	return int(n), errno
}

// about calls statmount(2) for a mount in the mount namespace of w.req; the answer is in w.stat.
func (w *walker) about(mount, want uint64) syscall.Errno {
	w.req.mount, w.req.param = mount, want
	_, _, errno := syscall.Syscall6(unix.SYS_STATMOUNT, uintptr(unsafe.Pointer(&w.req)),
		uintptr(unsafe.Pointer(&w.stat[0])), uintptr(len(w.stat)), 0, 0, 0)
	return errno
}

// mntIoctl asks a mount namespace about itself or for a descriptor of another.
func mntIoctl(fd int, what uintptr, about *info) (int, syscall.Errno) {
	var none info
	if about == nil {
		about = &none
	}
	about.size = infoSize
	n, _, errno := syscall.Syscall(unix.SYS_IOCTL, uintptr(fd), what, uintptr(unsafe.Pointer(about)))
	return int(n), errno
}

// parseRoot parses what the kernel gives as the root of a mounted namespace: "net:[4026532000]". One
// whose name is no more may be marked by a suffix, as any root.
func parseRoot(text []byte) (ns.ID, bool) {
	text = bytes.TrimSuffix(text, []byte("//deleted"))
	if len(text) > 40 { // the longest kind and the longest number
		return ns.ID{}, false
	}
	id, err := ns.ParseLink(string(text))
	return id, err == nil
}
