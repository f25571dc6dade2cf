package procscan

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// fuse is a file system in which every name is there, those without a dot as files but "directory",
// until it dies: then nobody who asks it gets an answer. See fuse(4) and linux/fuse.h.
type fuse struct {
	device *os.File
	served chan struct{}
	once   sync.Once
}

// mountFUSE mounts one on a directory.
func mountFUSE(t *testing.T, dir string) *fuse {
	t.Helper()
	fd, err := unix.Open("/dev/fuse", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skip("needs /dev/fuse: ", err)
	}
	if err := unix.Mount("test", dir, "fuse", 0, fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", fd)); err != nil {
		unix.Close(fd)
		t.Skip("needs a kernel with FUSE: ", err)
	}
	f := &fuse{device: os.NewFile(uintptr(fd), "/dev/fuse"), served: make(chan struct{})}
	go f.serve()
	t.Cleanup(func() {
		f.end()
		for _, mount := range []string{filepath.Join(dir, "directory", "file"), dir} {
			_ = unix.Unmount(mount, unix.MNT_DETACH)
		}
	})
	return f
}

// die ends the answers. Who has asked and who asks waits.
func (f *fuse) die() {
	_ = f.device.SetReadDeadline(time.Now())
	<-f.served
}

// end lets all who wait go, with an error.
func (f *fuse) end() {
	f.once.Do(func() {
		f.die()
		_ = f.device.Close()
	})
}

// serve answers until the deadline.
func (f *fuse) serve() {
	defer close(f.served)
	request := make([]byte, 256<<10)
	for {
		n, err := f.device.Read(request)
		if errors.Is(err, unix.ENOENT) {
			continue // somebody was interrupted
		}
		if err != nil {
			return
		}
		errno, answer := answerFUSE(request[:n])
		if answer == nil && errno == 0 {
			continue
		}
		header := binary.NativeEndian.AppendUint32(nil, uint32(16+len(answer)))
		header = binary.NativeEndian.AppendUint32(header, uint32(-int32(errno)))
		header = append(header, request[8:16]...) // the number of the request
		_, _ = f.device.Write(append(header, answer...))
	}
}

// answerFUSE returns what to say to a request; nothing at all to those that want no answer.
func answerFUSE(request []byte) (errno unix.Errno, answer []byte) {
	const lookup, forget, getattr, open, flush, release, initialize, opendir, interrupt, batchForget = 1, 2, 3, 14, 25, 18, 26, 27, 36, 42
	node := binary.NativeEndian.Uint64(request[16:])
	switch binary.NativeEndian.Uint32(request[4:]) {
	case initialize:
		answer = make([]byte, 64)
		for i, word := range []uint32{7, 31, 4096, 0, 0, 64 << 10} { // version 7.31, room for writing
			binary.NativeEndian.PutUint32(answer[4*i:], word)
		}
		return 0, answer
	case lookup:
		number := uint64(2) // a file
		if string(request[40:len(request)-1]) == "directory" {
			number = 3
		}
		// The number, its generation, how long that and the attributes hold (not at all), attributes.
		entry := binary.NativeEndian.AppendUint64(nil, number)
		entry = append(entry, make([]byte, 32)...)
		return 0, append(entry, attributesFUSE(number)...)
	case getattr:
		return 0, append(make([]byte, 16), attributesFUSE(node)...)
	case open, opendir:
		return 0, make([]byte, 16)
	case flush, release:
		return 0, []byte{}
	case forget, batchForget, interrupt:
		return 0, nil
	default:
		return unix.ENOSYS, []byte{}
	}
}

// attributesFUSE is struct fuse_attr of a file (2) or a directory.
func attributesFUSE(node uint64) []byte {
	const modeAt, linksAt = 60, 64
	attr := make([]byte, 88)
	binary.NativeEndian.PutUint64(attr, node)
	mode := uint32(unix.S_IFDIR | 0o755)
	if node == 2 {
		mode = unix.S_IFREG | 0o644
	}
	binary.NativeEndian.PutUint32(attr[modeAt:], mode)
	binary.NativeEndian.PutUint32(attr[linksAt:], 1)
	return attr
}
