package procscan

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/procscan/mounts"
	"nstui/procscan/ns"
)

// ownMounts makes the mounts of the test its own; it must be in a mount namespace of its own.
func ownMounts(t *testing.T) {
	t.Helper()
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
}

// mountNet mounts a new network namespace nobody is in on a new file.
func mountNet(t *testing.T, path string) ns.ID {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("unshare", "--net="+path, "readlink", "/proc/self/ns/net").CombinedOutput()
	if err != nil {
		t.Skipf("needs unshare --net: %s", out)
	}
	return mustLink(t, strings.TrimSpace(string(out)))
}

// keepersOf returns what keeps a namespace without members.
func keepersOf(t *testing.T, id ns.ID) (keepers []Keeper, n *Namespace) {
	t.Helper()
	n = scanDeep(t).Namespace(id)
	if n == nil {
		return nil, nil
	}
	if len(n.Members) != 0 || n.Leader != -1 {
		t.Errorf("%v has processes: %+v", id, n)
	}
	return n.Keepers, n
}

// The namespaces of ip-netns(8): mounted, open through the mount, and open when that is gone.
func TestKeptByMount(t *testing.T) {
	needRoot(t, "mounting")
	if !rerun(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}) {
		return
	}
	ownMounts(t)
	path := filepath.Join(t.TempDir(), "a net\nwork") // what mountinfo would escape
	id := mountNet(t, path)
	where := mustLink(t, linkOf("self/ns/mnt"))

	keepers, n := keepersOf(t, id)
	if len(keepers) != 1 || keepers[0].By != ByMount || keepers[0].Path != path || keepers[0].Where != where || keepers[0].Proc.PID == 0 {
		t.Fatalf("it is %+v, want it kept by the mount at %q in %v", n, path, where)
	}
	if !n.OwnerKnown || n.Unique == 0 && scanDeep(t).Namespace(where).Unique != 0 {
		t.Errorf("its owner is not known: %+v", n)
	}

	holder := start(t, nil, "exec 9<"+"'"+path+"'\n")
	r, held := holdingOf(t, id)
	keepers, n = keepersOf(t, id)
	if len(keepers) != 2 || keepers[0].By != ByFile || keepers[0].Proc.PID != holder.Process.Pid || keepers[0].Number != 9 {
		t.Errorf("open through the mount it is %+v", n)
	}
	if held.keeper != keepers[0] || !r.holds(&held) {
		t.Errorf("the short look does not see %+v", held)
	}

	if err := unix.Unmount(path, unix.MNT_DETACH); err != nil {
		t.Fatal(err)
	}
	keepers, n = keepersOf(t, id)
	if len(keepers) != 1 || keepers[0] != held.keeper || !n.OwnerKnown || !r.holds(&held) {
		t.Errorf("open without the mount it is %+v, want it kept by %+v", n, held)
	}
	end(holder)
	wantNone(t, n)
	if r.holds(&held) {
		t.Errorf("the short look still sees %+v", held)
	}
}

// A namespace that is mounted where only others see it.
func TestKeptByMountElsewhere(t *testing.T) {
	needRoot(t, "mounting")
	dir := t.TempDir()
	cmd := start(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}, strings.ReplaceAll(`
		mount --make-rprivate / && mount -t tmpfs tmpfs $1 && cd $1 && touch a b &&
		unshare --net=$1/a readlink /proc/self/ns/net >link && mount --bind a b
		`, "$1", dir))
	pid := cmd.Process.Pid
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/root/%s/link", pid, dir))
	if err != nil {
		t.Fatal(err)
	}
	id, where := mustLink(t, strings.TrimSpace(string(text))), mustLink(t, linkOf(fmt.Sprintf("%d/ns/mnt", pid)))
	keepers, n := keepersOf(t, id)
	if len(keepers) != 2 || !n.OwnerKnown {
		t.Fatalf("it is %+v", n)
	}
	for i, name := range []string{"/a", "/b"} {
		if k := keepers[i]; k.By != ByMount || k.Path != dir+name || k.Where != where || k.Proc.PID != pid {
			t.Errorf("it is kept by %+v, want %s%s in %v", k, dir, name, where)
		}
	}
	r, held := holdingOf(t, id)
	if !r.holds(&held) {
		t.Errorf("the short look does not see %+v", held)
	}
	end(cmd)
	wantNone(t, n)
	if held.mount != (mounts.Number{}) && r.holds(&held) {
		t.Errorf("the short look still sees %+v", held)
	}
}

// A mount namespace without a process is there though nothing is known to keep it: our own
// descriptors are not looked at. What is mounted in it is found, too.
func TestMountNamespaceAlone(t *testing.T) {
	needRoot(t, "mounting")
	cmd := start(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}, "mount --make-rprivate / && mount -t tmpfs tmpfs /mnt\n")
	path := fmt.Sprintf("/proc/%d/ns/mnt", cmd.Process.Pid)
	id := mustLink(t, linkOf(strings.TrimPrefix(path, "/proc/")))
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	end(cmd)
	keepers, n := keepersOf(t, id)
	unix.Close(fd)
	if n == nil {
		t.Skip("needs Linux 6.12 and the pid namespace of the host")
	}
	if len(keepers) != 0 {
		t.Errorf("it is kept by %+v", keepers)
	}
	wantNone(t, n)
}

// TestDeadFileSystem holds that files on a file system that never answers hold nothing up: a
// descriptor of one, and a namespace that is mounted there.
func TestDeadFileSystem(t *testing.T) {
	needRoot(t, "mounting")
	if !rerun(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}) {
		return
	}
	ownMounts(t)
	dir, other := t.TempDir(), filepath.Join(t.TempDir(), "net")
	fs := mountFUSE(t, dir)
	id := mountNet(t, other)
	below := filepath.Join(dir, "directory", "file")
	if err := unix.Mount(other, below, "", unix.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	if err := unix.Unmount(other, unix.MNT_DETACH); err != nil {
		t.Fatal(err)
	}
	holder := start(t, nil, "exec 8<"+filepath.Join(dir, "other")+" 9</proc/self/ns/uts\n")
	defer fs.end() // before the holder ends, which would wait for its file to be closed
	fs.die()

	// The path leads nowhere now, as somebody finds out who takes it.
	walked := make(chan error, 1)
	go func() {
		var st unix.Stat_t
		walked <- unix.Stat(below, &st)
	}()
	snap := scanDeep(t)
	select {
	case err := <-walked:
		t.Fatalf("the file system still answers: %v", err)
	default:
	}
	n := snap.Namespace(id)
	if n == nil || len(n.Keepers) != 1 || n.Keepers[0].Path != below || n.OwnerKnown {
		t.Errorf("the namespace that is mounted there is %+v", n)
	}
	if !slices.ContainsFunc(snap.Missed, func(m Miss) bool { return m.What == Owners && m.Count > 0 }) {
		t.Errorf("missed are %v, nothing of owners", snap.Missed)
	}
	uts := snap.Namespace(snap.Mine.ID(ns.UTS))
	if !slices.ContainsFunc(uts.Keepers, func(k Keeper) bool { return k.Proc.PID == holder.Process.Pid && k.Number == 9 }) {
		t.Errorf("after the descriptor of a file there, that of our UTS namespace is not found: %+v", uts)
	}
	fs.end()
	if err := <-walked; err == nil {
		t.Error("the path leads somewhere without a file system")
	}
}

// A directory that lets us not through is not one whose file system does not answer.
func TestMountInClosedDirectory(t *testing.T) {
	needRoot(t, "mounting")
	if !rerun(t, &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}) {
		return
	}
	ownMounts(t)
	if err := unix.Mount("tmpfs", "/mnt", "tmpfs", 0, "mode=755"); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		mode os.FileMode
		gid  int
		want syscall.Errno
	}{
		{"root's", 0o700, 0, unix.EACCES},
		{"of a group we are not of", 0o710, 0, unix.EACCES},
		{"for all but our group", 0o701, nobody, unix.EACCES},
		{"of our group", 0o710, nobody, 0},
		{"for all", 0o711, 0, 0},
	}
	var ids []ns.ID
	for _, test := range tests {
		dir := filepath.Join("/mnt", test.name)
		if err := os.MkdirAll(dir+"/open", 0o755); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, mountNet(t, dir+"/open/net"))
		if err := errors.Join(os.Chown(dir, 0, test.gid), os.Chmod(dir, test.mode)); err != nil {
			t.Fatal(err)
		}
	}
	// Of all threads; who changes so is not to be looked at by its new user, unless it says so.
	if err := errors.Join(syscall.Setgroups(nil), syscall.Setgid(nobody), syscall.Setuid(nobody), unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0)); err != nil {
		t.Fatal(err)
	}
	snap := scanDeep(t)
	r := newReader(direct{}, unix.AT_FDCWD)
	defer r.close()
	for i, test := range tests {
		n := snap.Namespace(ids[i])
		if n == nil || len(n.Keepers) != 1 {
			t.Errorf("%s: it is %+v", test.name, n)
			continue
		}
		fd, errno := r.openMount(n.Keepers[0], &host{mine: snap.Mine})
		if errno == 0 {
			unix.Close(fd)
		}
		if errno != test.want || n.OwnerKnown != (test.want == 0) {
			t.Errorf("%s: it opens with %v, want %v; it is %+v", test.name, errno, test.want, n)
		}
	}
	if !slices.ContainsFunc(snap.Missed, func(m Miss) bool { return m.What == Owners && m.Reason == Denied && m.Count >= 3 }) {
		t.Errorf("missed are %v", snap.Missed)
	}
}

// swappingKernel gives files of a file system that does not answer in place of all descriptors that are
// taken, as if each had been exchanged at that moment.
type swappingKernel struct {
	kernel

	files []int
}

func (k *swappingKernel) take(int, int) (int, syscall.Errno) {
	fd := k.files[0]
	k.files = k.files[1:]
	return fd, 0
}

// A process that exchanges its sockets for files nobody can close costs a bounded number of threads.
func TestExchangedDescriptors(t *testing.T) {
	needRoot(t, "mounting")
	if !rerun(t, own()) {
		return
	}
	dir := t.TempDir()
	fs := mountFUSE(t, dir)
	k := &swappingKernel{kernel: direct{}}
	for range 2 * maxWaiting {
		fd, err := unix.Open(filepath.Join(dir, "file"), unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		k.files = append(k.files, fd)
	}
	fs.die()
	s := New(Options{})
	d := s.newDig(Sockets, nil)
	d.host.ours = true
	g := (&worker{reader: newReader(k, unix.AT_FDCWD)}).digger(d)
	g.p = &Process{PID: os.Getpid()}
	pidfd, errno := k.pidfd(os.Getpid())
	if errno != 0 {
		t.Fatal(errno)
	}
	g.pidfd = pidfd
	defer unix.Close(pidfd)
	refused := 0
	for i := range 2 * maxWaiting {
		if g.socket(-1, 3, uint64(1000+i), nil) {
			refused++
		}
	}
	if refused != maxWaiting || len(k.files) != maxWaiting {
		t.Errorf("%d are refused, %d not taken", refused, len(k.files))
	}
	if err := g.keep(); err != nil {
		t.Error(err)
	}
	if _, missed := d.take(); !slices.Contains(missed, Miss{What: Sockets, Reason: Stuck, Count: maxWaiting}) {
		t.Errorf("missed are %v", missed)
	}
	for _, fd := range k.files {
		defer release(fd)
	}
	fs.end()
	await(t, "those that waited are gone", func() bool { return waiting.Load() == 0 })
}
