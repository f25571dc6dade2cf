package engine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// Of linux/unix_diag.h, see sock_diag(7).
const (
	unixDiagReqLen = 24
	unixDiagMsgLen = 16
	unixDiagVFS    = 1      // UNIX_DIAG_VFS: the file's inode number and device, 32 bits each
	showVFS        = 1 << 1 // UDIAG_SHOW_VFS
	listening      = 10     // TCP_LISTEN, also of these
)

// errDiag says that the kernel's answer is none.
var errDiag = errors.New("no answer to sock_diag")

// boundTo returns the inode numbers of the sockets that somebody in our network namespace listens at and that are
// bound to a file with that inode number. Unlike the paths in /proc/net/unix, in which a user may write
// whole lines, it is the kernel's word.
func boundTo(file uint64) ([]string, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, fmt.Errorf("make a socket for sock_diag: %w", err)
	}
	defer unix.Close(fd)
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 1}); err != nil {
		return nil, fmt.Errorf("limit the time of sock_diag: %w", err)
	}
	if err := unix.Sendto(fd, diagRequest(), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, fmt.Errorf("ask sock_diag: %w", err)
	}
	var inodes []string
	buf := make([]byte, 64<<10)
	for {
		n, _, err := unix.Recvfrom(fd, buf, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read sock_diag: %w", err)
		}
		found, done, err := parseBound(buf[:n], file)
		if err != nil {
			return nil, err
		}
		if inodes = append(inodes, found...); done {
			return inodes, nil
		}
	}
}

// diagRequest asks for the files of all sockets of this family that are listened at: a struct unix_diag_req.
func diagRequest() []byte {
	at, ask := binary.NativeEndian, make([]byte, unix.NLMSG_HDRLEN+unixDiagReqLen)
	at.PutUint32(ask, uint32(len(ask)))
	at.PutUint16(ask[4:], unix.SOCK_DIAG_BY_FAMILY)
	at.PutUint16(ask[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	req := ask[unix.NLMSG_HDRLEN:]
	req[0] = unix.AF_UNIX
	at.PutUint32(req[4:], 1<<listening)
	at.PutUint32(req[12:], showVFS)
	return ask
}

// parseBound reads a part of the answer: a struct unix_diag_msg and its attributes for each socket.
func parseBound(part []byte, file uint64) (inodes []string, done bool, err error) {
	messages, err := syscall.ParseNetlinkMessage(part)
	if err != nil || len(messages) == 0 {
		return nil, false, errDiag
	}
	at := binary.NativeEndian
	for _, m := range messages {
		switch {
		case m.Header.Type == unix.NLMSG_DONE:
			return inodes, true, nil
		case m.Header.Type != unix.SOCK_DIAG_BY_FAMILY, len(m.Data) < unixDiagMsgLen:
			return nil, false, errDiag
		}
		inode := at.Uint32(m.Data[4:])
		for rest := m.Data[unixDiagMsgLen:]; len(rest) >= unix.SizeofRtAttr; {
			size, kind := int(at.Uint16(rest)), at.Uint16(rest[2:])
			if size < unix.SizeofRtAttr || size > len(rest) {
				return nil, false, errDiag
			}
			if kind == unixDiagVFS && size >= unix.SizeofRtAttr+8 && at.Uint32(rest[unix.SizeofRtAttr:]) == uint32(file) {
				inodes = append(inodes, strconv.FormatUint(uint64(inode), 10))
			}
			rest = rest[min((size+3)&^3, len(rest)):]
		}
	}
	return inodes, false, nil
}
