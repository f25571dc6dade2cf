package events

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// manyPages has room for what other programs of a busy machine do during a test.
const manyPages = 1024

// mustOpen opens a stream until the end of the test. Only root may.
func mustOpen(t testing.TB, pages int, onlineFile string) *Stream {
	t.Helper()
	s, err := open(pages, onlineFile)
	if errors.Is(err, fs.ErrPermission) {
		t.Skip("needs root, and a container that allows it:", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// tasks are the records of each task, and which are of each process.
type tasks map[int][]Record

// hear drains the stream once and sorts what it tells by task.
func hear(t testing.TB, s *Stream) tasks {
	t.Helper()
	all := make(tasks)
	records, lost := drain(t, s)
	if lost {
		t.Error("records are lost")
	}
	for _, r := range records {
		all[r.TID] = append(all[r.TID], r)
	}
	return all
}

// find returns the first record of that kind of the task.
func (all tasks) find(tid int, what What) (Record, bool) {
	for _, r := range all[tid] {
		if r.What == what {
			return r, true
		}
	}
	return Record{}, false
}

// inode returns the inode number of a namespace of a task of ours.
func inode(t testing.TB, task string, kind ns.Kind) uint64 {
	t.Helper()
	link, err := os.Readlink("/proc/" + task + "/ns/" + kind.String())
	if err != nil {
		t.Fatal(err)
	}
	id, err := ns.ParseLink(link)
	if err != nil {
		t.Fatal(err)
	}
	return id.Ino
}

// run runs a script to its end and returns its pid.
func run(t testing.TB, script string, args ...string) int {
	t.Helper()
	cmd := exec.Command("/bin/sh", append([]string{"-c", script, "sh"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return cmd.Process.Pid
}

func TestLifeOfAProcess(t *testing.T) {
	before := exec.Command("/bin/cat")
	stdin, err := before.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := before.Start(); err != nil {
		t.Fatal(err)
	}
	s := mustOpen(t, manyPages, onlineFile)
	pid := run(t, "printf quokka >/proc/$$/comm; exec /usr/bin/env true")
	if err := errors.Join(stdin.Close(), before.Wait()); err != nil {
		t.Fatal(err)
	}
	all := hear(t, s)
	var got []string
	for _, r := range all[pid] {
		got = append(got, map[What]string{
			Fork: "fork", Exit: "exit", Exec: "exec " + r.Comm, Rename: "rename " + r.Comm, Enter: "enter",
		}[r.What])
	}
	if want := "fork, enter, exec sh, rename quokka, exec env, exec true, exit"; strings.Join(got, ", ") != want {
		t.Errorf("told is %q, want %q", got, want)
	}
	born, _ := all.find(pid, Fork)
	if born.PPID != os.Getpid() || born.PID != pid {
		t.Errorf("born is %+v of %d", born, os.Getpid())
	}
	in, _ := all.find(pid, Enter)
	for _, kind := range kinds {
		if want := inode(t, "self", kind); in.NS[kind] != want {
			t.Errorf("it is born in %s %d, want %d", kind, in.NS[kind], want)
		}
	}
	// What was before the stream is not told, its end is.
	if tells := all[before.Process.Pid]; len(tells) != 1 || tells[0].What != Exit {
		t.Errorf("of the process from before is told %+v", tells)
	}
}

// The first thread is kept for main: a test that changes its thread gets one that can end.
func init() { runtime.LockOSThread() }

// inThread runs f in a thread of its own, which ends after it, and returns its number.
func inThread(t testing.TB, f func(task string) error) (tid int) {
	t.Helper()
	var err error
	var wait sync.WaitGroup
	wait.Go(func() {
		runtime.LockOSThread() // and never unlocked: what f changed ends with the thread
		tid = unix.Gettid()
		err = f("self/task/" + strconv.Itoa(tid))
	})
	wait.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return tid
}

func TestThreadsThatMove(t *testing.T) {
	s := mustOpen(t, manyPages, onlineFile)
	cmd := exec.Command("/bin/cat")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWUTS}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs := strconv.Itoa(cmd.Process.Pid)
	want := inode(t, theirs, ns.UTS)

	for _, test := range []struct {
		name string
		kind ns.Kind
		move func() error
	}{
		{"unshare net", ns.Net, func() error { return unix.Unshare(unix.CLONE_NEWNET) }},
		{"unshare mnt", ns.Mnt, func() error { return unix.Unshare(unix.CLONE_NEWNS) }},
		{"unshare ipc", ns.IPC, func() error { return unix.Unshare(unix.CLONE_NEWIPC) }},
		{"unshare cgroup", ns.Cgroup, func() error { return unix.Unshare(unix.CLONE_NEWCGROUP) }},
		{"setns uts", ns.UTS, func() error {
			fd, err := unix.Open("/proc/"+theirs+"/ns/uts", unix.O_RDONLY|unix.O_CLOEXEC, 0)
			if err != nil {
				return err
			}
			defer unix.Close(fd)
			return unix.Setns(fd, unix.CLONE_NEWUTS)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			hear(t, s)
			var now uint64
			tid := inThread(t, func(task string) error {
				err := test.move()
				now = inode(t, task, test.kind)
				return err
			})
			if test.kind == ns.UTS && now != want {
				t.Fatalf("the thread is in %d, want %d", now, want)
			}
			all := hear(t, s)
			for _, r := range all[tid] {
				if r.What == Enter && r.NS[test.kind] == now && r.PID == os.Getpid() && now != inode(t, "self", test.kind) {
					return
				}
			}
			t.Errorf("of thread %d that went to %d is told %+v", tid, now, all[tid])
		})
	}
	if err := errors.Join(stdin.Close(), cmd.Wait()); err != nil {
		t.Fatal(err)
	}
}

// storm forks so many processes, some at a time on all processors.
const storm = `i=0; while [ $i -lt $1 ]; do (:)& (:); i=$((i+1)); done; wait`

func TestOverflow(t *testing.T) {
	s := mustOpen(t, 1, onlineFile)
	run(t, storm, "300")
	if records, lost := drain(t, s); !lost || len(records) == 0 {
		t.Errorf("%d records, lost %v", len(records), lost)
	}
	// It goes on. What other programs do may be too much again for rings as small as these.
	for range 1000 {
		drain(t, s)
		pid := run(t, "exit 0")
		records, lost := drain(t, s)
		if lost {
			continue
		}
		if !slices.ContainsFunc(records, func(r Record) bool { return r.What == Exit && r.TID == pid }) {
			t.Errorf("of process %d is told %+v", pid, records)
		}
		return
	}
	t.Error("something is always lost")
}

// Causes come before effects though the two are on different processors and the rings are read while
// they are written.
func TestOrderUnderAStorm(t *testing.T) {
	s := mustOpen(t, manyPages, onlineFile)
	const forks = 1000
	done := make(chan error, 1)
	cmd := exec.Command("/bin/sh", "-c", storm, "sh", strconv.Itoa(forks/2))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { done <- cmd.Wait() }()
	ended := make(map[int]bool)
	born, drains := 0, 0
	check := func(r *Record) {
		switch {
		case r.What == Exit:
			ended[r.TID] = true
		case r.What == Fork && r.PPID == cmd.Process.Pid:
			born++
			if ended[r.TID] {
				t.Errorf("process %d ended before it was born", r.TID)
			}
		}
	}
	drainOnce := func() {
		lost, err := s.Drain(check)
		if err != nil || lost {
			t.Errorf("lost %v, %v", lost, err)
		}
		drains++
	}
	for running := true; running; {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			running = false
		default:
			drainOnce()
		}
	}
	drainOnce()
	if born != forks {
		t.Errorf("%d of %d were born, in %d drains", born, forks, drains)
	}
}

func TestProcessorsComeAndGo(t *testing.T) {
	list := filepath.Join(t.TempDir(), "online")
	write := func(text string) {
		if err := os.WriteFile(list, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("0-1\n")
	s := mustOpen(t, manyPages, list)
	drain(t, s)
	write("0\n")
	if _, lost := drain(t, s); !lost {
		t.Error("nobody noticed")
	}
	pid := run(t, "exit 0")
	all := hear(t, s)
	if _, ok := all.find(pid, Exit); !ok {
		t.Error("afterwards nothing is heard")
	}
}

func TestWithoutRights(t *testing.T) {
	if os.Geteuid() == 0 {
		rerun(t, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}})
		return
	}
	s, err := Open()
	if err == nil {
		s.Close()
		t.Fatal("it was allowed")
	}
	if !errors.Is(err, fs.ErrPermission) || !strings.HasPrefix(err.Error(), "listen to cpu ") ||
		!strings.Contains(err.Error(), ": perf_event_open: ") {
		t.Errorf("the error is %q", err)
	}
}

// In a pid namespace only what is in it is told, by the pids it has there.
func TestInAPidNamespace(t *testing.T) {
	if os.Getenv(childVariable) != t.Name() {
		s := mustOpen(t, manyPages, onlineFile)
		rerun(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWPID})
		hear(t, s)
		return
	}
	s := mustOpen(t, manyPages, onlineFile)
	pid := run(t, "exit 0")
	all := hear(t, s)
	if born, ok := all.find(pid, Fork); !ok || born.PPID != 1 || os.Getpid() != 1 {
		t.Errorf("born is %+v", born)
	}
	for tid, records := range all {
		if tid <= 0 || tid > pid+100 {
			t.Errorf("of an outsider is told %+v", records)
		}
	}
}

func TestClose(t *testing.T) {
	s := mustOpen(t, manyPages, onlineFile)
	s.Close()
	s.Close()
	if _, err := s.Drain(func(*Record) {}); !errors.Is(err, ErrClosed) {
		t.Errorf("the error is %v", err)
	}
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range open {
		if link, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.Contains(link, "perf_event") {
			t.Errorf("descriptor %s is still %s", e.Name(), link)
		}
	}
}

// childVariable tells the test binary which test it is the child of.
const childVariable = "EVENTS_TEST_CHILD"

// rerun runs this test once more in a child with the given attributes.
func rerun(t *testing.T, attr *syscall.SysProcAttr) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v", "-test.count=1")
	cmd.Env = append(os.Environ(), childVariable+"="+t.Name())
	cmd.SysProcAttr = attr
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("the child: %v\n%s", err, out)
	}
}

// BenchmarkKernel measures what a record of real processes costs, the system call of a drain included. The
// processes take far longer than what is measured, so say how often:
//
//	go test ./procscan/events -run '^$' -bench . -benchtime 200x
func BenchmarkKernel(b *testing.B) {
	s := mustOpen(b, defaultPages(), onlineFile)
	told := 0
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		run(b, storm, "50")
		b.StartTimer()
		if _, err := s.Drain(func(*Record) { told++ }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(told), "ns/record")
	b.ReportMetric(float64(told)/float64(b.N), "records/drain")
}
