package procscan

import (
	"encoding/binary"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// message returns a netlink message with the given body.
func message(kind uint16, serial uint32, body ...byte) []byte {
	order := binary.NativeEndian
	b := order.AppendUint32(nil, uint32(lenMessage+len(body)))
	b = order.AppendUint16(b, kind)
	b = order.AppendUint16(b, 0)
	b = order.AppendUint32(b, serial)
	return append(order.AppendUint32(b, 0), body...)
}

// number32 returns an attribute with a number of 32 bits.
func number32(name uint16, value int32) []byte {
	b := binary.NativeEndian.AppendUint16(nil, lenAttr+lenNumber)
	b = binary.NativeEndian.AppendUint16(b, name)
	return binary.NativeEndian.AppendUint32(b, uint32(value))
}

func TestParseNetID(t *testing.T) {
	family := []byte{0, 0, 0, 0}
	answer := func(attrs ...byte) []byte { return append(append([]byte{}, family...), attrs...) }
	odd := []byte{5, 0, 9, 0, 'x', 0, 0, 0}                              // an attribute of one byte, padded
	refused := binary.NativeEndian.AppendUint32(nil, uint32(0xffffffff)) // -1, EPERM
	tests := []struct {
		name  string
		text  []byte
		id    int
		errno syscall.Errno
		ok    bool
	}{
		{"a number", message(unix.RTM_NEWNSID, 7, answer(number32(unix.NETNSA_NSID, 42)...)...), 42, 0, true},
		{"none", message(unix.RTM_NEWNSID, 7, answer(number32(unix.NETNSA_NSID, -1)...)...), -1, 0, true},
		{"behind another", message(unix.RTM_NEWNSID, 7, answer(append(odd, number32(unix.NETNSA_NSID, 3)...)...)...), 3, 0, true},
		{"refused", message(unix.NLMSG_ERROR, 7, refused...), -1, unix.EPERM, true},
		{"an acknowledgement", message(unix.NLMSG_ERROR, 7, 0, 0, 0, 0), -1, 0, false},
		{"without a number", message(unix.RTM_NEWNSID, 7, family...), -1, 0, false},
		{"without a family", message(unix.RTM_NEWNSID, 7), -1, 0, false},
		{"of another kind", message(unix.RTM_NEWLINK, 7, answer(number32(unix.NETNSA_NSID, 42)...)...), -1, 0, false},
		{"an attribute longer than the rest", message(unix.RTM_NEWNSID, 7, answer(255, 0, 1, 0, 1, 0, 0, 0)...), -1, 0, false},
		{"an attribute of no length", message(unix.RTM_NEWNSID, 7, answer(0, 0, 1, 0, 1, 0, 0, 0)...), -1, 0, false},
		{"cut", message(unix.RTM_NEWNSID, 7, family...)[:10], -1, 0, false},
		{"nothing", nil, -1, 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			id, serial, errno, ok := parseNetID(test.text)
			if id != test.id || errno != test.errno || ok != test.ok || ok && serial != 7 {
				t.Errorf("got %d, %d, %v, %v", id, serial, errno, ok)
			}
		})
	}
	whole := tests[0].text
	for n := range whole {
		if id, _, _, ok := parseNetID(whole[:n]); ok {
			t.Errorf("%d bytes of it give %d", n, id)
		}
	}
}

func FuzzParseNetID(f *testing.F) {
	f.Add(message(unix.RTM_NEWNSID, 7, append([]byte{0, 0, 0, 0}, number32(unix.NETNSA_NSID, 42)...)...))
	f.Add(message(unix.NLMSG_ERROR, 7, 0xff, 0xff, 0xff, 0xff))
	f.Fuzz(func(t *testing.T, text []byte) {
		if id, _, errno, ok := parseNetID(text); id != -1 && (!ok || errno != 0) {
			t.Errorf("%x gives %d, %v, %v", text, id, errno, ok)
		}
	})
}

// late is a kernel that leaves an answer to an earlier question in the socket.
type late struct {
	kernel
	before []byte
	wrote  bool
}

func (l *late) write(fd int, data []byte) (int, syscall.Errno) {
	l.wrote = true
	return l.kernel.write(fd, data)
}

func (l *late) read(fd int, buf []byte) (int, syscall.Errno) {
	if l.wrote && l.before != nil {
		n := copy(buf, l.before)
		l.before = nil
		return n, 0
	}
	return l.kernel.read(fd, buf)
}

func TestNetIDOfTheRightQuestion(t *testing.T) {
	own, err := os.Open("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	body := append([]byte{0, 0, 0, 0}, number32(unix.NETNSA_NSID, 42)...)
	r := newReader(&late{kernel: direct{}, before: message(unix.RTM_NEWNSID, 1<<30, body...)}, -1)
	defer r.close()
	if id, why := r.netID(int(own.Fd())); id == 42 || why != 0 {
		t.Errorf("got %d, %q", id, why)
	}
	// Asked about what is no namespace the kernel says so.
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if id, why := r.netID(int(null.Fd())); id != -1 || why == 0 {
		t.Errorf("the null device has the number %d, %q", id, why)
	}
}
