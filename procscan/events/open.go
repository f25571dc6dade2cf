package events

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// ringSize is how many bytes of data a ring has: room for about 900 processes that are born, execute
	// and end between two drains. The kernel lets ordinary users map twice as many, see
	// perf_event_mlock_kb in perf_event_open(2).
	ringSize   = 256 << 10
	onlineFile = "/sys/devices/system/cpu/online"
	// namespaces asks for PERF_RECORD_NAMESPACES: bit 28 of the flags, not in x/sys.
	namespaces = 1 << 28
)

// defaultPages returns how many pages a ring has. On arm64 a page may have 64 KiB.
func defaultPages() int { return max(1, ringSize/os.Getpagesize()) }

// openRings begins to listen on every processor that runs.
func (s *Stream) openRings() error {
	for cpu := 0; ; cpu++ {
		r, err := openRing(cpu, s.pages)
		switch {
		case err == nil:
			s.rings = append(s.rings, r)
		case errors.Is(err, unix.ENODEV): // it does not run
		case errors.Is(err, unix.EINVAL) && cpu > 0 && len(s.rings) > 0: // there are no more
			return nil
		default:
			s.closeRings()
			return fmt.Errorf("listen to cpu %d: %w", cpu, err)
		}
	}
}

// openRing begins to listen on one processor. Its ring gets fewer pages if the kernel does not grant
// that many: as there is a limit to what a user may lock in memory.
func openRing(cpu, pages int) (*ring, error) {
	attr := unix.PerfEventAttr{
		Type:        unix.PERF_TYPE_SOFTWARE,
		Size:        uint32(unsafe.Sizeof(unix.PerfEventAttr{})),
		Config:      unix.PERF_COUNT_SW_DUMMY,
		Sample_type: unix.PERF_SAMPLE_TIME,
		Bits: unix.PerfBitTask | unix.PerfBitComm | unix.PerfBitCommExec | namespaces |
			unix.PerfBitSampleIDAll | unix.PerfBitUseClockID,
		Clockid: unix.CLOCK_MONOTONIC, // the same on all processors
	}
	fd, err := unix.PerfEventOpen(&attr, -1, cpu, -1, unix.PERF_FLAG_FD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("perf_event_open: %w", err)
	}
	for ; ; pages /= 2 {
		memory, err := unix.Mmap(fd, 0, (1+pages)*os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		if err == nil {
			return newRing(fd, memory), nil
		}
		if pages == 1 || !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.ENOMEM) {
			unix.Close(fd)
			return nil, fmt.Errorf("perf_event_open: map a ring of %d pages: %w", pages, err)
		}
	}
}

// newRing returns the ring in the memory: a page of its own, and the data.
func newRing(fd int, memory []byte) *ring {
	r := &ring{
		fd:     fd,
		memory: memory,
		page:   (*unix.PerfEventMmapPage)(unsafe.Pointer(&memory[0])),
		data:   memory[os.Getpagesize():],
	}
	r.next = r.page.Data_tail // 0: we alone write it
	return r
}

// closeRings ends listening. There is nothing to be done about errors, and nothing was written.
func (s *Stream) closeRings() {
	for _, r := range s.rings {
		_ = unix.Munmap(r.memory)
		unix.Close(r.fd)
	}
	s.rings = nil
}

// changed reports whether the list of processors that run is another than the last time. One that began
// to run is not listened to, and one that stopped is not heard any more even when it runs again.
func (s *Stream) changed() bool {
	if s.online == nil {
		return false
	}
	n, err := s.online.ReadAt(s.buf, 0)
	if n == 0 && err != nil || string(s.buf[:n]) == s.seen {
		return false
	}
	s.seen = string(s.buf[:n])
	return true
}
