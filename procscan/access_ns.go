package procscan

import (
	"encoding/binary"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// questions are the system calls that tell whose a namespace is.
type questions interface {
	// ownerNS and ownerUID are NS_GET_USERNS and NS_GET_OWNER_UID, see ioctl_nsfs(2).
	ownerNS(fd int) (int, syscall.Errno)
	ownerUID(fd int, uid *uint32) syscall.Errno
	// parentNS is NS_GET_PARENT.
	parentNS(fd int) (int, syscall.Errno)
	// unique is NS_GET_ID of Linux 6.18.
	unique(fd int, id *uint64) syscall.Errno
	// listNS is listns(2) of Linux 6.19: the 64-bit numbers of all namespaces of the kinds there are,
	// those after the given one, in order.
	listNS(kinds ns.Set, after uint64, numbers []uint64) (int, syscall.Errno)
	// openNS opens the namespace with a 64-bit number.
	openNS(id uint64) (int, syscall.Errno)
	// namespaceOf opens the namespace of a process, or with next that of its next child, by its pidfd:
	// PIDFD_GET_NET_NAMESPACE and its like of Linux 6.11. It does not wait while the process executes.
	namespaceOf(pidfd int, k ns.Kind, next bool) (int, syscall.Errno)
	// netlink opens a socket to NETLINK_ROUTE, see netlink(7), that never waits.
	netlink() (int, syscall.Errno)
}

func (direct) ownerNS(fd int) (int, syscall.Errno) {
	owner, _, errno := syscall.RawSyscall(unix.SYS_IOCTL, uintptr(fd), unix.NS_GET_USERNS, 0)
	return int(owner), errno
}

func (direct) parentNS(fd int) (int, syscall.Errno) {
	parent, _, errno := syscall.RawSyscall(unix.SYS_IOCTL, uintptr(fd), unix.NS_GET_PARENT, 0)
	return int(parent), errno
}

func (direct) ownerUID(fd int, uid *uint32) syscall.Errno {
	_, _, errno := syscall.RawSyscall(unix.SYS_IOCTL, uintptr(fd), unix.NS_GET_OWNER_UID,
		uintptr(unsafe.Pointer(uid)))
	return errno
}

func (direct) unique(fd int, id *uint64) syscall.Errno {
	_, _, errno := syscall.RawSyscall(unix.SYS_IOCTL, uintptr(fd), unix.NS_GET_ID, uintptr(unsafe.Pointer(id)))
	return errno
}

// The requests of linux/pidfd.h, which are numbered as the kinds are in the alphabet.
const (
	pidfdRequests  = unix.NS_GET_USERNS&^0xffff | 0xff00 // _IO is not the same number everywhere
	pidfdNextPID   = 6
	pidfdNextTime  = 8
	pidfdGetCgroup = 1
	pidfdGetIPC    = 2
	pidfdGetMnt    = 3
	pidfdGetNet    = 4
	pidfdGetPID    = 5
	pidfdGetTime   = 7
	pidfdGetUser   = 9
	pidfdGetUTS    = 10
)

var pidfdRequest = [ns.NumKinds]uintptr{
	ns.Cgroup: pidfdGetCgroup, ns.IPC: pidfdGetIPC, ns.Mnt: pidfdGetMnt, ns.Net: pidfdGetNet,
	ns.PID: pidfdGetPID, ns.Time: pidfdGetTime, ns.User: pidfdGetUser, ns.UTS: pidfdGetUTS,
}

func (direct) namespaceOf(pidfd int, k ns.Kind, next bool) (int, syscall.Errno) {
	request := pidfdRequest[k]
	if next {
		request = pidfdNextPID
		if k == ns.Time {
			request = pidfdNextTime
		}
	}
	fd, _, errno := syscall.Syscall(unix.SYS_IOCTL, uintptr(pidfd), pidfdRequests|request, 0)
	return int(fd), errno
}

func (direct) netlink() (int, syscall.Errno) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	return fd, number(err)
}

func (direct) listNS(kinds ns.Set, after uint64, numbers []uint64) (int, syscall.Errno) {
	request := unix.NsIdReq{Size: uint32(unsafe.Sizeof(unix.NsIdReq{})), Ns_id: after}
	if kinds != ns.All { // none are all
		for _, k := range kinds.Kinds() {
			request.Ns_type |= k.CloneFlag()
		}
	}
	n, err := unix.Listns(&request, numbers, 0)
	return n, number(err)
}

// openNS needs a kernel that finds namespaces by the number alone, as those with listns(2) do.
func (direct) openNS(id uint64) (int, syscall.Errno) { return openHandle(id, 0, 0) }

// openHandle opens a namespace by its file handle, struct nsfs_file_handle of linux/nsfs.h: the 64-bit
// number, the CLONE_NEW… flag of the kind, and the inode number. The last two may be zero together.
func openHandle(id uint64, flag, ino uint32) (int, syscall.Errno) {
	const handleOfNamespace = 0xf1 // FILEID_NSFS of the kernel
	handle := binary.NativeEndian.AppendUint64(nil, id)
	handle = binary.NativeEndian.AppendUint32(handle, flag)
	handle = binary.NativeEndian.AppendUint32(handle, ino)
	fd, err := unix.OpenByHandleAt(unix.FD_NSFS_ROOT, unix.NewFileHandle(handleOfNamespace, handle),
		unix.O_RDONLY|unix.O_CLOEXEC)
	return fd, number(err)
}
