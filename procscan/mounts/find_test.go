package mounts

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// start runs a script in a shell with a mount namespace of its own, waits until it is through, and
// leaves the shell waiting for the end of the test. It returns what the script printed.
func start(t *testing.T, script string) (cmd *exec.Cmd, printed []string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: mounting")
	}
	cmd = exec.Command("/bin/sh", "-ec", "mount --make-rprivate /\n"+script+"\necho through; read end")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skipf("needs a host that lets us make namespaces: %v", err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(stdout)
	for lines.Scan() && lines.Text() != "through" {
		printed = append(printed, lines.Text())
	}
	if lines.Text() != "through" {
		t.Fatalf("the script ended: %v", printed)
	}
	return cmd, printed
}

func inode(t *testing.T, path string) ns.ID {
	t.Helper()
	text, err := os.Readlink(path)
	if err != nil {
		t.Fatal(err)
	}
	id, err := ns.ParseLink(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func openProc(t testing.TB) int {
	t.Helper()
	root, err := unix.Open("/proc", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(root) })
	return root
}

// of returns the paths at which a namespace is mounted in a mount namespace.
func of(r Result, id ns.ID, where uint64) (paths []string) {
	for _, m := range r.Mounts {
		if m.Namespace == id && m.Where == where {
			paths = append(paths, m.Path)
		}
	}
	slices.Sort(paths)
	return paths
}

// needHost skips where the kernel does not list mount namespaces.
func needHost(t *testing.T, r Result) {
	t.Helper()
	if len(r.All) == 0 {
		t.Skip("needs Linux 6.12, root, and the pid namespace of the host")
	}
}

// mountScript mounts a network namespace that nothing else keeps, three times, one over another
// mount, one at a path with what mountinfo escapes, and prints the name of it.
const mountScript = `
	dir=$1; mount -t tmpfs tmpfs "$dir"; cd "$dir"
	touch a 'b c\d'; mkdir e; touch e/f
	unshare --net="$dir/a" readlink /proc/self/ns/net
	mount --bind a 'b c\d'
	mount --bind a e/f
	mount -t tmpfs tmpfs e
`

// started is where mountScript ran.
type started struct {
	cmd   *exec.Cmd
	net   ns.ID
	where uint64
	paths []string
}

func startMounts(t *testing.T) started {
	t.Helper()
	dir := t.TempDir()
	cmd, printed := start(t, strings.ReplaceAll(mountScript, "$1", dir))
	id, err := ns.ParseLink(printed[0])
	if err != nil {
		t.Fatal(err)
	}
	return started{
		cmd: cmd, net: id,
		where: inode(t, filepath.Join("/proc", itoa(cmd.Process.Pid), "ns/mnt")).Ino,
		paths: []string{dir + "/a", dir + `/b c\d`, dir + "/e/f"},
	}
}

// Both ways tell the same of a network namespace that is mounted in another mount namespace: under
// its paths, also where another mount covers it.
func TestFindElsewhere(t *testing.T) {
	s := startMounts(t)
	q := Query{Root: openProc(t), Sources: []Source{{Where: s.where, PIDs: []int{1 << 30, s.cmd.Process.Pid}}}}
	r := mustFind(t, q)
	if got := of(r, s.net, s.where); !slices.Equal(got, s.paths) || len(r.Missed) != 0 || len(r.All) != 0 {
		t.Errorf("mountinfo says %q, want %q; missed %v", got, s.paths, r.Missed)
	}
	if len(r.Mounts) == 0 || r.Mounts[0].PID != s.cmd.Process.Pid {
		t.Errorf("found %v", r.Mounts)
	}

	q.Ours = true
	r = mustFind(t, q)
	needHost(t, r)
	if got := of(r, s.net, s.where); !slices.Equal(got, s.paths) || len(r.Missed) != 0 {
		t.Errorf("the kernel says %q, want %q; missed %v", got, s.paths, r.Missed)
	}
	if r.All[0].Ino != inode(t, "/proc/self/ns/mnt").Ino {
		t.Errorf("the first is not ours: %v", r.All)
	}
	var numbers []Number
	for _, m := range r.Mounts {
		if m.PID != 0 || !Held(m.Number) {
			t.Errorf("a process was asked, or it is not there: %+v", m)
		}
		if m.Where == s.where {
			numbers = append(numbers, m.Number)
		}
	}

	// Nothing is left of it when the process has ended, though it was looked at.
	end(s.cmd)
	for _, ours := range []bool{false, true} {
		q.Ours = ours
		if r := mustFind(t, q); len(of(r, s.net, s.where)) != 0 || len(r.Missed) != 0 {
			t.Errorf("afterwards there is %v, missed %v", r.Mounts, r.Missed)
		}
	}
	for _, n := range numbers {
		if Held(n) {
			t.Errorf("the mount %v is still there", n)
		}
	}
}

// A mount namespace no process is in, and the namespace mounted in it, are found while a descriptor
// keeps them, and no longer.
func TestFindWithoutProcess(t *testing.T) {
	s := startMounts(t)
	fd, err := unix.Open(filepath.Join("/proc", itoa(s.cmd.Process.Pid), "ns/mnt"), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	end(s.cmd)
	q := Query{Root: openProc(t), Ours: true}
	r := mustFind(t, q)
	there := func(n Namespace) bool { return n.Ino == s.where && Held(n.Number) }
	if len(r.All) == 0 {
		unix.Close(fd)
		needHost(t, r)
	}
	if got := of(r, s.net, s.where); !slices.Equal(got, s.paths) || !slices.ContainsFunc(r.All, there) {
		t.Errorf("found is %q in %v, want %q", got, r.All, s.paths)
	}
	gone := r.All[slices.IndexFunc(r.All, there)].Number
	unix.Close(fd)
	if Held(gone) {
		t.Errorf("the mount namespace %v is still there", gone)
	}
	r = mustFind(t, q)
	if slices.ContainsFunc(r.All, func(n Namespace) bool { return n.Number == gone }) || len(of(r, s.net, s.where)) != 0 {
		t.Errorf("%d is still there: %v", s.where, r.All)
	}
}

// TestFindRestsWithNothingOpen holds that no mount namespace is kept alive by a search that rests.
func TestFindRestsWithNothingOpen(t *testing.T) {
	s := startMounts(t)
	rests := 0
	q := Query{Root: openProc(t), Ours: true}
	q.Pace = func(context.Context) error {
		rests++
		fds, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			return err
		}
		for _, fd := range fds {
			if link, _ := os.Readlink("/proc/self/fd/" + fd.Name()); strings.HasPrefix(link, "mnt:") {
				t.Errorf("at rest %d %s is open", rests, link)
			}
		}
		return nil
	}
	r := mustFind(t, q)
	needHost(t, r)
	if got := of(r, s.net, s.where); !slices.Equal(got, s.paths) || rests < len(r.All) {
		t.Errorf("found is %q in %d mount namespaces after %d rests", got, len(r.All), rests)
	}
}

// TestFindOfOneThatEnds is about a mount namespace that is gone by the time its mounts are read.
func TestFindOfOneThatEnds(t *testing.T) {
	s := startMounts(t)
	q := Query{Root: openProc(t), Ours: true}
	needHost(t, mustFind(t, q))
	q.Pace = func(context.Context) error {
		if s.cmd.ProcessState == nil {
			end(s.cmd)
		}
		return nil
	}
	if r := mustFind(t, q); len(of(r, s.net, s.where)) != 0 || len(r.Missed) != 0 {
		t.Errorf("of one that has ended found is %v, missed %v", of(r, s.net, s.where), r.Missed)
	}
}

// What is mounted outside of the root directory of all processes is found all the same.
func TestFindOutsideOfRoot(t *testing.T) {
	dir := t.TempDir()
	cmd, printed := start(t, strings.ReplaceAll(mountScript, "$1", dir)+`
		mkdir root; mount --bind / root; exec chroot root /bin/sh -c "echo through; read end"`)
	id, err := ns.ParseLink(printed[0])
	if err != nil {
		t.Fatal(err)
	}
	where := inode(t, filepath.Join("/proc", itoa(cmd.Process.Pid), "ns/mnt")).Ino
	q := Query{Root: openProc(t), Sources: []Source{{Where: where, PIDs: []int{cmd.Process.Pid}}}}
	if got := of(mustFind(t, q), id, where); len(got) != 0 {
		t.Errorf("the process sees %q: this proves nothing", got)
	}
	q.Ours = true
	r := mustFind(t, q)
	needHost(t, r)
	if got := of(r, id, where); len(got) != 3 {
		t.Errorf("found are %q", got)
	}
}

func TestFindAsNobody(t *testing.T) {
	if os.Getenv("MOUNTS_TEST_NOBODY") == "" {
		s := startMounts(t)
		cmd := exec.Command("/proc/self/exe", "-test.run=^TestFindAsNobody$", "-test.v")
		cmd.Env = append(os.Environ(), "MOUNTS_TEST_NOBODY="+itoa(s.cmd.Process.Pid)+" "+s.net.String())
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "--- PASS") {
			t.Errorf("as nobody: %v\n%s", err, out)
		}
		return
	}
	pid, net, _ := strings.Cut(os.Getenv("MOUNTS_TEST_NOBODY"), " ")
	id, err := ns.ParseLink(net)
	if err != nil {
		t.Fatal(err)
	}
	// The link of its mount namespace cannot be read, but its mountinfo can.
	q := Query{Root: openProc(t), Sources: []Source{{PIDs: []int{os.Getpid(), atoi(t, pid)}}}, Ours: true}
	r := mustFind(t, q)
	if got := of(r, id, 0); len(got) != 3 || len(r.All) != 0 || len(r.Missed) != 0 {
		t.Errorf("found is %q, all are %v, missed %v", got, r.All, r.Missed)
	}
}

func BenchmarkFind(b *testing.B) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		b.Fatal(err)
	}
	q := Query{Root: openProc(b), Ours: true}
	unknown := Source{}
	for _, e := range entries {
		if e.Name()[0] >= '1' && e.Name()[0] <= '9' {
			unknown.PIDs = append(unknown.PIDs, atoi(b, e.Name()))
		}
	}
	b.Run("kernel", func(b *testing.B) { benchmarkFind(b, q) })
	q.Ours, q.Sources = false, []Source{unknown}
	b.Run("mountinfo", func(b *testing.B) { benchmarkFind(b, q) })
}

func benchmarkFind(b *testing.B, q Query) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Find(context.Background(), q); err != nil {
			b.Fatal(err)
		}
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

func atoi(t testing.TB, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// end ends a process and waits until it is gone.
func end(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}
