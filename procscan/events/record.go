package events

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// kinds are the kinds of namespaces in the order of a PERF_RECORD_NAMESPACES: the …_NS_INDEX of
// linux/perf_event.h.
var kinds = [...]ns.Kind{ns.Net, ns.UTS, ns.IPC, ns.PID, ns.User, ns.Mnt, ns.Cgroup}

const (
	// byExec is PERF_RECORD_MISC_COMM_EXEC: the new name comes with a new program.
	byExec = 1 << 13
	// maxName is the size of the kernel's TASK_COMM_LEN without the NUL.
	maxName = 15
	// maxNames is how many names are remembered: programs are few, but a process may change its name
	// all the time.
	maxNames = 4096
)

// parse reads the record the ring is at into s.rec, and reports whether there is anything to deliver.
// What is not as the kernel promises counts as lost.
func (s *Stream) parse(r *ring) bool {
	record := r.record(s.buf)
	kind := binary.NativeEndian.Uint32(record)
	misc := binary.NativeEndian.Uint16(record[4:])
	body := record[headerSize:]
	var valid bool
	switch kind {
	case unix.PERF_RECORD_LOST:
		r.lost = true
		return false
	case unix.PERF_RECORD_FORK, unix.PERF_RECORD_EXIT:
		valid = s.task(body, kind == unix.PERF_RECORD_FORK)
	case unix.PERF_RECORD_COMM:
		valid = s.comm(body, misc&byExec != 0)
	case unix.PERF_RECORD_NAMESPACES:
		valid = s.namespaces(body)
	default:
		return false // not asked for; of a kernel to come
	}
	if !valid {
		r.lost = true
		return false
	}
	// The kernel writes 0 for a task outside of our pid namespace, and -1 for one it has no pid for any
	// more.
	return s.rec.PID > 0 && s.rec.TID > 0
}

// task reads { u32 pid, ppid, tid, ptid; u64 time }.
func (s *Stream) task(body []byte, born bool) bool {
	if len(body) != 24 {
		return false
	}
	s.rec = Record{What: Exit, PID: number(body), TID: number(body[8:])}
	if born {
		s.rec.What, s.rec.PPID = Fork, max(0, number(body[4:]))
	}
	return true
}

// comm reads { u32 pid, tid; char comm[] }, the name ended by NUL and padded to 8 bytes.
func (s *Stream) comm(body []byte, exec bool) bool {
	if len(body) < 16 {
		return false
	}
	n := bytes.IndexByte(body[8:], 0)
	if n < 0 || n > maxName {
		return false
	}
	s.rec = Record{What: Rename, PID: number(body), TID: number(body[4:]), Comm: s.name(body[8 : 8+n])}
	if exec {
		s.rec.What = Exec
	}
	return true
}

// namespaces reads { u32 pid, tid; u64 n; { u64 dev, inode } [n] }. A kind the kernel was built without
// is zero. Later kernels may know of more kinds.
func (s *Stream) namespaces(body []byte) bool {
	if len(body) < 16 {
		return false
	}
	n := binary.NativeEndian.Uint64(body[8:])
	links := body[16:]
	if n != uint64(len(links)/16) || len(links)%16 != 0 {
		return false
	}
	s.rec = Record{What: Enter, PID: number(body), TID: number(body[4:])}
	for i, kind := range kinds {
		if uint64(i) < n {
			s.rec.NS[kind] = binary.NativeEndian.Uint64(links[i*16+8:])
		}
	}
	return true
}

// number reads a pid.
func number(b []byte) int { return int(int32(binary.NativeEndian.Uint32(b))) }

// name returns the bytes as a string, the same one for the same name.
func (s *Stream) name(b []byte) string {
	if name, ok := s.names[string(b)]; ok {
		return name
	}
	if len(s.names) >= maxNames {
		clear(s.names)
	}
	name := string(b)
	s.names[name] = name
	return name
}
