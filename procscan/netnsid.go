package procscan

import (
	"encoding/binary"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// NetID returns the number our network namespace has for the one that is open as fd, -1 where it has
// none, see [Namespace.NETNSID]. The error is that of the kernel.
func NetID(fd int) (int, error) {
	r := newReader(direct{}, -1)
	defer r.close()
	id, errno := r.netID(fd)
	if errno != 0 {
		return -1, fmt.Errorf("ask for the NETNSID: %w", errno)
	}
	return id, nil
}

// netID is NetID with a socket that is kept. An answer that is not understood is EBADMSG.
//
// It is one message RTM_GETNSID of rtnetlink(7) with the attribute NETNSA_FD, and its answer. The
// kernel answers such a message before the call that sends it returns, so nothing here waits.
func (r *reader) netID(fd int) (id int, errno syscall.Errno) {
	if r.netlink < 0 && r.netlinkErr == 0 {
		r.netlink, r.netlinkErr = r.sys.netlink()
	}
	if r.netlinkErr != 0 {
		return -1, r.netlinkErr
	}
	r.serial++
	request := appendNetIDRequest(r.buf[:0], r.serial, fd)
	if _, errno := r.sys.write(r.netlink, request); errno != 0 {
		return -1, errno
	}
	for {
		n, errno := r.sys.read(r.netlink, r.buf[:])
		if errno != 0 {
			return -1, errno
		}
		id, serial, errno, ok := parseNetID(r.buf[:n])
		switch {
		case !ok:
			return -1, unix.EBADMSG
		case serial != r.serial:
			continue // of a question whose answer was not read
		default:
			return id, errno
		}
	}
}

const (
	lenMessage = 16 // struct nlmsghdr: length, type (2 bytes), flags (2 bytes), serial number, port
	lenGeneric = 4  // struct rtgenmsg: the family, padded
	lenAttr    = 4  // struct nlattr: length and type, 2 bytes each
	lenNumber  = 4
)

// appendNetIDRequest appends the message that asks for the number of the network namespace that is
// open as fd.
func appendNetIDRequest(b []byte, serial uint32, fd int) []byte {
	order := binary.NativeEndian
	b = order.AppendUint32(b, lenMessage+lenGeneric+lenAttr+lenNumber)
	b = order.AppendUint16(b, unix.RTM_GETNSID)
	b = order.AppendUint16(b, unix.NLM_F_REQUEST)
	b = order.AppendUint32(b, serial)
	b = order.AppendUint32(b, 0)
	b = append(b, unix.AF_UNSPEC, 0, 0, 0)
	b = order.AppendUint16(b, lenAttr+lenNumber)
	b = order.AppendUint16(b, unix.NETNSA_FD)
	return order.AppendUint32(b, uint32(fd))
}

// parseNetID parses the answer: the number, -1 where there is none, or the error of the kernel.
func parseNetID(b []byte) (id int, serial uint32, errno syscall.Errno, ok bool) {
	order := binary.NativeEndian
	if len(b) < lenMessage {
		return -1, 0, 0, false
	}
	size := int(order.Uint32(b))
	if size < lenMessage || size > len(b) {
		return -1, 0, 0, false
	}
	kind, serial := order.Uint16(b[4:]), order.Uint32(b[8:])
	body := b[lenMessage:size]
	switch kind {
	case unix.NLMSG_ERROR:
		if len(body) < lenNumber {
			return -1, serial, 0, false
		}
		code := int32(order.Uint32(body))
		if code >= 0 {
			return -1, serial, 0, false // an acknowledgement, which was not asked for
		}
		return -1, serial, syscall.Errno(-code), true
	case unix.RTM_NEWNSID:
	default:
		return -1, serial, 0, false
	}
	if len(body) < lenGeneric {
		return -1, serial, 0, false
	}
	for attrs := body[lenGeneric:]; len(attrs) >= lenAttr; {
		size, name := int(order.Uint16(attrs)), order.Uint16(attrs[2:])
		if size < lenAttr || size > len(attrs) {
			break
		}
		if name == unix.NETNSA_NSID && size == lenAttr+lenNumber {
			return int(int32(order.Uint32(attrs[lenAttr:]))), serial, 0, true
		}
		attrs = attrs[min((size+3)&^3, len(attrs)):]
	}
	return -1, serial, 0, false
}
