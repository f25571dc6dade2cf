package probe

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"nstui/procscan"
	"nstui/procscan/ns"
)

const asHostRoot = "run nstui as root, in the pid and the user namespace of the host"

// namespaceProbes try what the kernel tells of namespaces.
func namespaceProbes() []probe {
	const area = "namespaces"
	return []probe{
		{
			area: area, name: "owner", tried: "ioctl NS_GET_USERNS", try: owner,
			instead: "does not tell whose namespaces are", since: "4.9", rights: "run nstui in the user namespace of the host",
		},
		{
			area: area, name: "parent", tried: "ioctl NS_GET_PARENT", try: parent,
			instead: "does not tell which namespace is in which", since: "4.9",
		},
		{
			area: area, name: "owner-uid", tried: "ioctl NS_GET_OWNER_UID", try: ownerUID,
			instead: "does not tell which user made a namespace", since: "4.11",
		},
		{
			area: area, name: "unique-id", tried: "ioctl NS_GET_ID", try: uniqueID,
			instead: "knows namespaces by inode numbers, which the kernel gives to others later", since: "6.18",
		},
		{
			area: area, name: "mount-namespaces", tried: "ioctl NS_MNT_GET_NEXT", try: nextMounts,
			instead: "reads the mountinfo of a process in each mount namespace, and misses those without one",
			since:   "6.12", rights: asHostRoot,
		},
		{
			area: area, name: "listmount", tried: "listmount", try: func(context.Context, *host) (string, error) {
				_, err := listMount()
				return "the root is mounted", err
			},
			instead: "reads mountinfo", since: "6.8", rights: asRoot,
		},
		{
			area: area, name: "statmount", tried: "statmount", try: statMount,
			instead: "reads mountinfo", since: "6.8", rights: asRoot,
		},
		{
			area: area, name: "listns", tried: "listns", try: listNS,
			instead: "looks for namespaces in processes, threads, descriptors, sockets and mounts", since: "6.19", rights: asHostRoot,
		},
		{
			area: area, name: "pidfd", tried: "pidfd_open", try: openPIDFD,
			instead: "compares start times of processes to know them again", since: "5.3",
		},
		{
			area: area, name: "pidfd-getfd", tried: "pidfd_getfd", try: getFD,
			instead: "misses network namespaces that only a socket holds", since: "5.6", rights: asRoot,
		},
		{
			area: area, name: "socket-namespace", tried: "ioctl SIOCGSKNS", try: socketNS,
			instead: "misses network namespaces that only a socket holds", since: "4.10",
			rights: "run nstui as root, or with CAP_NET_ADMIN",
		},
		{
			area: area, name: "netnsid", tried: "netlink RTM_GETNSID", try: netnsID,
			instead: "does not tell the NETNSID of network namespaces", since: "4.0",
			other: "needs a kernel with rtnetlink",
		},
	}
}

// openNS opens a namespace of this process. Whoever closes it does so before the try ends.
func openNS(kind ns.Kind) (fd int, err error) {
	fd, err = unix.Open(ownNS(kind), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("open %s: %w", ownNS(kind), err)
	}
	return fd, nil
}

// ioctl makes the call on a namespace of this process. What it returns is a descriptor for some.
func ioctl(kind ns.Kind, request uintptr, arg unsafe.Pointer) (n int, err error) {
	fd, err := openNS(kind)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	r, _, errno := syscall.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(arg))
	if errno != 0 {
		return 0, errno
	}
	return int(r), nil
}

// inode closes a descriptor of a namespace and returns its inode number.
func inode(fd int) (uint64, error) {
	defer unix.Close(fd)
	var st unix.Stat_t
	err := unix.Fstat(fd, &st)
	return st.Ino, err
}

func owner(context.Context, *host) (string, error) {
	fd, err := ioctl(ns.Net, unix.NS_GET_USERNS, nil)
	if err != nil {
		return "", err
	}
	ino, err := inode(fd)
	return fmt.Sprintf("our network namespace belongs to user:[%d]", ino), err
}

func parent(context.Context, *host) (string, error) {
	fd, err := ioctl(ns.PID, unix.NS_GET_PARENT, nil)
	if errors.Is(err, unix.EPERM) {
		return "there is none above our pid namespace that we may see", nil
	}
	if err != nil {
		return "", err
	}
	ino, err := inode(fd)
	return fmt.Sprintf("pid:[%d] is above ours", ino), err
}

func ownerUID(context.Context, *host) (string, error) {
	var uid uint32
	_, err := ioctl(ns.User, unix.NS_GET_OWNER_UID, unsafe.Pointer(&uid))
	return fmt.Sprintf("our user namespace is of uid %d", uid), err
}

func uniqueID(context.Context, *host) (string, error) {
	var id uint64
	_, err := ioctl(ns.Net, unix.NS_GET_ID, unsafe.Pointer(&id))
	return fmt.Sprintf("our network namespace is %d", id), err
}

// nextMounts goes to the mount namespace after ours. That there is none is an answer, too.
func nextMounts(context.Context, *host) (string, error) {
	const getNext = 2<<30 | 16<<16 | 0xb7<<8 | 11 // _IOR(0xb7, 11, struct mnt_ns_info), not in x/sys
	fd, err := ioctl(ns.Mnt, getNext, nil)
	if errors.Is(err, unix.ENOENT) {
		return "ours is the last", nil
	}
	if err != nil {
		return "", err
	}
	ino, err := inode(fd)
	return fmt.Sprintf("mnt:[%d] is after ours", ino), err
}

// mountRequest is struct mnt_id_req of linux/mount.h in its first version.
type mountRequest struct {
	size, _ uint32
	mount   uint64
	param   uint64
}

// listMount returns the 64-bit number of a mount in our mount namespace.
func listMount() (mount uint64, err error) {
	const below = 1<<64 - 1 // LSMT_ROOT: all mounts
	request := mountRequest{size: 24, mount: below}
	n, _, errno := syscall.Syscall6(unix.SYS_LISTMOUNT, uintptr(unsafe.Pointer(&request)),
		uintptr(unsafe.Pointer(&mount)), 1, 0, 0, 0)
	switch {
	case errno != 0:
		return 0, errno
	case n == 0:
		return 0, errors.New("there are no mounts")
	default:
		return mount, nil
	}
}

func statMount(context.Context, *host) (string, error) {
	mount, err := listMount()
	if err != nil {
		return "", fmt.Errorf("listmount: %w", err)
	}
	const basic = 2 // STATMOUNT_MNT_BASIC
	request := mountRequest{size: 24, mount: mount, param: basic}
	var answer [512]byte // struct statmount; the mount's number is 40 bytes in it
	_, _, errno := syscall.Syscall6(unix.SYS_STATMOUNT, uintptr(unsafe.Pointer(&request)),
		uintptr(unsafe.Pointer(&answer[0])), uintptr(len(answer)), 0, 0, 0)
	if errno != 0 {
		return "", errno
	}
	if got := binary.NativeEndian.Uint64(answer[40:]); got != mount {
		return "", fmt.Errorf("asked for mount %d, told of %d", mount, got)
	}
	return "the root is mounted", nil
}

func listNS(context.Context, *host) (string, error) {
	request := unix.NsIdReq{Size: 32}
	ids := make([]uint64, 64)
	n, err := unix.Listns(&request, ids, 0)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d namespaces at least", n), nil
}

func openPIDFD(context.Context, *host) (string, error) {
	fd, err := unix.PidfdOpen(unix.Getpid(), 0)
	if err != nil {
		return "", err
	}
	unix.Close(fd)
	return "a descriptor of this process", nil
}

// getFD gets a descriptor of our own, which everybody may.
func getFD(context.Context, *host) (string, error) {
	pid, err := unix.PidfdOpen(unix.Getpid(), 0)
	if err != nil {
		return "", fmt.Errorf("pidfd_open: %w", err)
	}
	defer unix.Close(pid)
	fd, err := unix.PidfdGetfd(pid, pid, 0)
	if err != nil {
		return "", err
	}
	unix.Close(fd)
	return "a descriptor of this process", nil
}

func socketNS(context.Context, *host) (string, error) {
	socket, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return "", fmt.Errorf("socket: %w", err)
	}
	defer unix.Close(socket)
	fd, _, errno := syscall.Syscall(unix.SYS_IOCTL, uintptr(socket), unix.SIOCGSKNS, 0)
	if errno != 0 {
		return "", errno
	}
	ino, err := inode(int(fd))
	return fmt.Sprintf("a socket of ours is in net:[%d]", ino), err
}

// netnsID asks for the number of our own network namespace: mostly there is none.
func netnsID(context.Context, *host) (string, error) {
	net, err := openNS(ns.Net)
	if err != nil {
		return "", err
	}
	defer unix.Close(net)
	id, err := procscan.NetID(net)
	switch {
	case err != nil:
		return "", err
	case id < 0:
		return "our network namespace has none in itself", nil
	default:
		return fmt.Sprintf("our network namespace is %d", id), nil
	}
}
