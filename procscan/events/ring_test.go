package events

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// paper is a ring without a kernel, of 4096 bytes.
type paper struct {
	*ring
}

func newPaper() paper {
	return paper{&ring{page: &unix.PerfEventMmapPage{}, data: make([]byte, 4096)}}
}

// write adds a record as the kernel does, wrapping at the end, and reports whether there was room.
func (p paper) write(record []byte) bool {
	head := p.page.Data_head
	if head-atomic.LoadUint64(&p.page.Data_tail)+uint64(len(record)) > uint64(len(p.data)) {
		return false
	}
	for i, b := range record {
		p.data[(head+uint64(i))%uint64(len(p.data))] = b
	}
	atomic.StoreUint64(&p.page.Data_head, head+uint64(len(record)))
	return true
}

// record makes the bytes of a record of words: uint16, uint32, uint64 or bytes.
func record(kind uint32, misc uint16, time uint64, words ...any) []byte {
	var body bytes.Buffer
	for _, w := range append(words, time) {
		_ = binary.Write(&body, binary.NativeEndian, w) // a bytes.Buffer takes everything
	}
	head := binary.NativeEndian.AppendUint32(nil, kind)
	head = binary.NativeEndian.AppendUint16(head, misc)
	head = binary.NativeEndian.AppendUint16(head, uint16(headerSize+body.Len()))
	return append(head, body.Bytes()...)
}

func fork(time uint64, pid, ppid, tid uint32) []byte {
	return record(unix.PERF_RECORD_FORK, 0, time, pid, ppid, tid, ppid, time)
}

func exit(time uint64, pid, tid uint32) []byte {
	return record(unix.PERF_RECORD_EXIT, 0, time, pid, uint32(1), tid, uint32(1), time)
}

func comm(time uint64, misc uint16, pid uint32, name string) []byte {
	padded := name + strings.Repeat("\x00", 8-len(name)%8)
	return record(unix.PERF_RECORD_COMM, misc, time, pid, pid, []byte(padded))
}

func enter(time uint64, pid uint32, inodes ...uint64) []byte {
	words := []any{pid, pid, uint64(len(inodes))}
	for _, ino := range inodes {
		words = append(words, uint64(4), ino)
	}
	return record(unix.PERF_RECORD_NAMESPACES, 0, time, words...)
}

// streamOf returns a stream of such rings.
func streamOf(papers ...paper) *Stream {
	s := &Stream{buf: make([]byte, maxSize), names: make(map[string]string)}
	for _, p := range papers {
		s.rings = append(s.rings, p.ring)
	}
	return s
}

// drain returns what a stream tells.
func drain(t testing.TB, s *Stream) (records []Record, lost bool) {
	t.Helper()
	lost, err := s.Drain(func(r *Record) { records = append(records, *r) })
	if err != nil {
		t.Fatal(err)
	}
	return records, lost
}

func TestRecords(t *testing.T) {
	p := newPaper()
	p.write(fork(1, 20, 10, 20))
	p.write(enter(2, 20, 1, 2, 3, 4, 5, 6, 7))
	p.write(comm(3, byExec, 20, "a (b)\x1b\n"))
	p.write(comm(4, 0, 20, "fifteen letters"))
	p.write(fork(5, 20, 0xffffffff, 21))
	p.write(enter(6, 21, 1, 2, 3, 4, 5, 6, 7, 8, 9))
	p.write(enter(7, 21, 1, 2))
	p.write(record(unix.PERF_RECORD_MAX+1, 0, 7, uint64(9)))
	p.write(exit(8, 20, 21))
	p.write(exit(9, 0, 0)) // of another pid namespace
	p.write(exit(9, 0xffffffff, 5))
	all := ns.Tuple{ns.Net: 1, ns.UTS: 2, ns.IPC: 3, ns.PID: 4, ns.User: 5, ns.Mnt: 6, ns.Cgroup: 7}
	want := []Record{
		{What: Fork, PID: 20, TID: 20, PPID: 10},
		{What: Enter, PID: 20, TID: 20, NS: all},
		{What: Exec, PID: 20, TID: 20, Comm: "a (b)\x1b\n"},
		{What: Rename, PID: 20, TID: 20, Comm: "fifteen letters"},
		{What: Fork, PID: 20, TID: 21},
		{What: Enter, PID: 21, TID: 21, NS: all},
		{What: Enter, PID: 21, TID: 21, NS: ns.Tuple{ns.Net: 1, ns.UTS: 2}},
		{What: Exit, PID: 20, TID: 21},
	}
	s := streamOf(p)
	if got, lost := drain(t, s); !reflect.DeepEqual(got, want) || lost {
		t.Errorf("told is\n%+v, lost %v, want\n%+v", got, lost, want)
	}
	if got, lost := drain(t, s); got != nil || lost || p.page.Data_tail != p.page.Data_head {
		t.Errorf("told again is %+v, lost %v", got, lost)
	}
}

// A record that is not as the kernel promises says that something is lost, and the next is read.
func TestStrangeRecords(t *testing.T) {
	for name, strange := range map[string][]byte{
		"lost":                    record(unix.PERF_RECORD_LOST, 0, 5, uint64(1), uint64(77)),
		"short fork":              record(unix.PERF_RECORD_FORK, 0, 5, uint64(1)),
		"long exit":               record(unix.PERF_RECORD_EXIT, 0, 5, make([]byte, 32)),
		"empty name":              record(unix.PERF_RECORD_COMM, 0, 5, uint32(1), uint32(1)),
		"endless name":            record(unix.PERF_RECORD_COMM, 0, 5, uint64(1), []byte("12345678")),
		"long name":               comm(5, 0, 1, "12345678123456781234567"),
		"no namespaces":           record(unix.PERF_RECORD_NAMESPACES, 0, 5, uint64(1)),
		"more namespaces than is": record(unix.PERF_RECORD_NAMESPACES, 0, 5, uint64(1), uint64(2), uint64(4), uint64(5)),
		"fewer namespaces":        record(unix.PERF_RECORD_NAMESPACES, 0, 5, uint64(1), uint64(0), uint64(4), uint64(5)),
		"half a namespace":        record(unix.PERF_RECORD_NAMESPACES, 0, 5, uint64(1), uint64(0), uint64(4)),
		"huge count":              record(unix.PERF_RECORD_NAMESPACES, 0, 5, uint64(1), uint64(1)<<60, uint64(4), uint64(5)),
	} {
		t.Run(name, func(t *testing.T) {
			p := newPaper()
			p.write(strange)
			p.write(exit(6, 7, 7))
			s := streamOf(p)
			want := []Record{{What: Exit, PID: 7, TID: 7}}
			if got, lost := drain(t, s); !slices.Equal(got, want) || !lost {
				t.Errorf("told is %+v, lost %v", got, lost)
			}
			if _, lost := drain(t, s); lost {
				t.Error("lost a second time")
			}
		})
	}
}

// What cannot be a record at all is not read on, and what comes after is.
func TestBrokenRing(t *testing.T) {
	for name, broken := range map[string][]byte{
		"no length":          make([]byte, 32),
		"odd length":         {9, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"longer than it is":  {9, 0, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"less than a header": make([]byte, 8),
	} {
		t.Run(name, func(t *testing.T) {
			p := newPaper()
			p.write(fork(1, 5, 1, 5))
			p.write(broken)
			s := streamOf(p)
			if got, lost := drain(t, s); len(got) != 1 || !lost {
				t.Errorf("told is %+v, lost %v", got, lost)
			}
			p.write(exit(2, 5, 5))
			if got, lost := drain(t, s); len(got) != 1 || lost {
				t.Errorf("afterwards told is %+v, lost %v", got, lost)
			}
		})
	}
}

// Records of every length wrap at every place of the ring.
func TestWrapping(t *testing.T) {
	p := newPaper()
	s := streamOf(p)
	for i := range 10_000 {
		time := uint64(i + 1)
		name := strings.Repeat("x", i%16)
		p.write(comm(time, 0, uint32(time), name))
		want := []Record{{What: Rename, PID: i + 1, TID: i + 1, Comm: name}}
		if got, lost := drain(t, s); !slices.Equal(got, want) || lost {
			t.Fatalf("round %d told %+v, lost %v", i, got, lost)
		}
	}
	if p.page.Data_tail < 10*uint64(len(p.data)) {
		t.Errorf("the ring went around too rarely: %d", p.page.Data_tail)
	}
}

func TestOrderAcrossRings(t *testing.T) {
	a, b, c := newPaper(), newPaper(), newPaper()
	a.write(fork(10, 5, 1, 5))
	a.write(exit(40, 6, 6))
	b.write(fork(20, 6, 1, 6))
	b.write(exit(30, 5, 5))
	b.write(fork(25, 7, 1, 7)) // a clock that goes back does not change the order of a ring
	got, lost := drain(t, streamOf(a, b, c))
	want := []Record{
		{What: Fork, PID: 5, TID: 5, PPID: 1},
		{What: Fork, PID: 6, TID: 6, PPID: 1},
		{What: Exit, PID: 5, TID: 5},
		{What: Fork, PID: 7, TID: 7, PPID: 1},
		{What: Exit, PID: 6, TID: 6},
	}
	if !slices.Equal(got, want) || lost {
		t.Errorf("told is %+v, lost %v", got, lost)
	}
}

// A cause that is written to one ring while the rings are read comes before its effect on another.
func TestOrderWhileRingsAreWritten(t *testing.T) {
	a, b := newPaper(), newPaper()
	const rounds = 20_000
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range uint32(rounds) {
			for !a.write(fork(uint64(2*i), i+1, 1, i+1)) {
				runtime.Gosched()
			}
			for !b.write(exit(uint64(2*i+1), i+1, i+1)) {
				runtime.Gosched()
			}
		}
	}()
	s := streamOf(a, b)
	next := Record{What: Fork, PID: 1, TID: 1, PPID: 1}
	check := func(r *Record) {
		if *r != next {
			t.Errorf("told is %+v instead of %+v", *r, next)
		}
		if next = *r; r.What == Fork {
			next.What, next.PPID = Exit, 0
		} else {
			next = Record{What: Fork, PID: r.PID + 1, TID: r.PID + 1, PPID: 1}
		}
	}
	for running := true; running; {
		select {
		case <-done:
			running = false // what there is now is all there is
		default:
		}
		if _, err := s.Drain(check); err != nil || t.Failed() {
			t.Fatal(err)
		}
	}
	if next.PID != rounds+1 || next.What != Fork {
		t.Errorf("the end is before %+v", next)
	}
}

// A ring with no room for another record may have lost one, though nothing in it says so.
func TestFullRing(t *testing.T) {
	p := newPaper()
	s := streamOf(p)
	one := exit(1, 5, 5)
	for room := true; room; {
		room = p.write(one)
	}
	got, lost := drain(t, s)
	if len(got) != len(p.data)/len(one) || !lost {
		t.Errorf("%d records, lost %v", len(got), lost)
	}
	if _, lost := drain(t, s); lost {
		t.Error("lost a second time")
	}
}

func TestNamesAreBounded(t *testing.T) {
	s := streamOf()
	for i := range 3 * maxNames {
		s.name(binary.NativeEndian.AppendUint32(nil, uint32(i)))
		if len(s.names) > maxNames {
			t.Fatalf("%d names", len(s.names))
		}
	}
}

// FuzzRing reads whatever may be in the memory of a ring, from wherever it may begin.
func FuzzRing(f *testing.F) {
	f.Add(fork(1, 2, 3, 4), uint16(4080), uint16(48))
	f.Add(enter(1, 2, 3, 4, 5, 6, 7, 8, 9), uint16(4000), uint16(144))
	f.Add(comm(1, byExec, 5, "sh"), uint16(0), uint16(40))
	f.Add(record(unix.PERF_RECORD_LOST, 0, 1, uint64(1), uint64(1)), uint16(8), uint16(31))
	f.Fuzz(func(t *testing.T, content []byte, from, length uint16) {
		p := newPaper()
		start := uint64(from) &^ 7
		p.page.Data_head, p.page.Data_tail, p.next = start, start, start
		p.write(content[:min(len(content), len(p.data))])
		p.page.Data_head = start + uint64(length)%uint64(len(p.data)+1)
		s := streamOf(p)
		for range 2 {
			_, err := s.Drain(func(r *Record) {
				if r.PID <= 0 || r.TID <= 0 || r.PPID < 0 || len(r.Comm) > maxName || r.What > Enter {
					t.Errorf("told is %+v", r)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if left := p.page.Data_head - p.page.Data_tail; left > 7 {
				t.Fatalf("%d bytes are left", left)
			}
		}
	})
}

func BenchmarkDrain(b *testing.B) {
	papers := []paper{newPaper(), newPaper()}
	s := streamOf(papers...)
	var batch []byte
	for _, r := range [][]byte{
		fork(1, 20, 10, 20), enter(2, 20, 1, 2, 3, 4, 5, 6, 7), comm(3, byExec, 20, "sh"), exit(4, 20, 20),
	} {
		batch = append(batch, r...)
	}
	for _, p := range papers {
		for range 10 {
			p.write(batch)
		}
	}
	told := 0
	b.ReportAllocs()
	for b.Loop() {
		for _, p := range papers {
			p.page.Data_tail, p.next, p.time = 0, 0, 0
		}
		if _, err := s.Drain(func(*Record) { told++ }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(told), "ns/record")
}

func TestDrainAllocatesNothing(t *testing.T) {
	p := newPaper()
	p.write(fork(1, 20, 10, 20))
	p.write(enter(2, 20, 1, 2, 3, 4, 5, 6, 7))
	p.write(comm(3, byExec, 20, "sh"))
	s := streamOf(p)
	told := 0
	count := func(*Record) { told++ }
	allocs := testing.AllocsPerRun(100, func() {
		p.page.Data_tail, p.next, p.time = 0, 0, 0
		_, _ = s.Drain(count) // told says that it worked
	})
	if allocs != 0 || told != 101*3 {
		t.Errorf("%v allocations a run, %d records", allocs, told)
	}
}
