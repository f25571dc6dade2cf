package nsenter

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// output enters as asked and returns what the program prints, without carriage returns.
func output(t *testing.T, pinned *Target, r Request) string {
	t.Helper()
	plan := NewPlan(pinned.Facts(), r, os.Environ())
	if !plan.Ready() {
		t.Fatalf("the plan is not ready: %v", plan.Checks)
	}
	s, err := Start(t.Context(), pinned, plan, 80, 24)
	if err != nil {
		t.Fatal(err)
	}
	defer hangUp(t, s)
	text, err := io.ReadAll(s)
	if err != nil {
		t.Fatal(err)
	}
	if status := s.Wait(); status.Code != 0 {
		t.Errorf("it %s and said %q", status, text)
	}
	for _, missed := range s.Missed() {
		t.Errorf("missed: %v", missed)
	}
	return strings.ReplaceAll(string(text), "\r", "")
}

func sh(script string) []string { return []string{"/bin/sh", "-c", script} }

// startScript starts a target that runs a script and then waits. The script must say nothing.
func startScript(t *testing.T, set ns.Set, script string) *target {
	t.Helper()
	cmd := exec.Command("/bin/sh", "-ec", script+"\nexec cat")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	p := startCommand(t, cmd, set)
	p.echo(t, out)
	return p
}

// Every kind may come from somewhere else.
func TestSources(t *testing.T) {
	needRoot(t)
	a, b := startTarget(t, ns.SetOf(ns.Net, ns.UTS)), startTarget(t, ns.SetOf(ns.IPC, ns.Net, ns.Mnt))
	pidA, pidB := a.ref().PID, b.ref().PID
	// A namespace that no process is in: only a mounted file holds it.
	file := filepath.Join(t.TempDir(), "net")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := startTarget(t, ns.SetOf(ns.Net))
	held := tupleOf(t, c.ref().PID)[ns.Net]
	if err := unix.Mount(fmt.Sprintf("/proc/%d/ns/net", c.ref().PID), file, "", unix.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(file, unix.MNT_DETACH) })
	c.end()

	tests := []struct {
		name string
		ref  Ref
		kind ns.Kind
		want uint64
	}{
		{"net of A, the rest of B", Ref{PID: pidB, Sources: sources(ns.Net, Source{PID: pidA})}, ns.Net, tupleOf(t, pidA)[ns.Net]},
		{"ipc of B, a file of /proc", Ref{PID: pidA, Sources: sources(ns.IPC, Source{File: fmt.Sprintf("/proc/%d/ns/ipc", pidB)})}, ns.IPC, tupleOf(t, pidB)[ns.IPC]},
		{"a mounted file, no process", Ref{Sources: sources(ns.Net, Source{File: file})}, ns.Net, held},
		{"mnt without a process", Ref{Sources: sources(ns.Mnt, Source{PID: pidB})}, ns.Mnt, tupleOf(t, pidB)[ns.Mnt]},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := Request{Kinds: ns.SetOf(test.kind), Program: []string{"readlink", "/proc/self/ns/" + test.kind.String()}, Tools: ToolsBare}
			want := ns.ID{Kind: test.kind, Ino: test.want}.String() + "\n"
			if got := output(t, pin(t, test.ref), r); got != want {
				t.Errorf("in %s, want %s", got, want)
			}
		})
	}
}

// Shells are looked for in the root directory of the process the mount namespace is from.
func TestMountOfAnother(t *testing.T) {
	needRoot(t)
	root := t.TempDir()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{helperEnv + "=chroot", "DIR=" + root}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	caged := startCommand(t, cmd, ns.SetOf(ns.Mnt))
	waitFor(t, out, "ready")
	free := startTarget(t, ns.SetOf(ns.Mnt, ns.UTS))
	for _, test := range []struct {
		pid, from int
		shells    bool
	}{{caged.ref().PID, free.ref().PID, true}, {free.ref().PID, caged.ref().PID, false}} {
		pinned := pin(t, Ref{PID: test.pid, Sources: sources(ns.Mnt, Source{PID: test.from})})
		plan := NewPlan(pinned.Facts(), Request{Kinds: ns.SetOf(ns.Mnt)}, os.Environ())
		if plan.Root != RootSource || plan.Ready() != test.shells {
			t.Errorf("root %d, ready %v, checks %v", plan.Root, plan.Ready(), plan.Checks)
		}
	}
	r := Request{Kinds: ns.SetOf(ns.Mnt), Program: []string{"readlink", "/proc/self/ns/mnt"}}
	pinned := pin(t, Ref{PID: caged.ref().PID, Sources: sources(ns.Mnt, Source{PID: free.ref().PID})})
	want := ns.ID{Kind: ns.Mnt, Ino: tupleOf(t, free.ref().PID)[ns.Mnt]}.String() + "\n"
	if got := output(t, pinned, r); got != want {
		t.Errorf("in %q, want %q", got, want)
	}
}

// What was there when the plan was made may be gone: the session tells which shell runs.
func TestSecondShellRuns(t *testing.T) {
	needRoot(t)
	pinned := pin(t, startTarget(t, ns.SetOf(ns.UTS)).ref())
	plan := NewPlan(pinned.Facts(), Request{Kinds: ns.SetOf(ns.UTS)}, os.Environ())
	plan.Shells = [][]string{{"/gone/sh"}, {"/etc/passwd"}, {"/bin/sh", "-c", "exit 7"}, {"/bin/bash"}}
	s, err := Start(t.Context(), pinned, plan, 80, 24)
	if err != nil {
		t.Fatal(err)
	}
	defer hangUp(t, s)
	if got := s.Shell(); !slices.Equal(got, plan.Shells[2]) {
		t.Errorf("%q runs, want %q", got, plan.Shells[2])
	}
	if status := s.Wait(); status.Code != 7 {
		t.Errorf("it %s", status)
	}
}

func sources(k ns.Kind, s Source) (list [ns.NumKinds]Source) {
	list[k] = s
	return list
}

// A socket keeps its network namespace, wherever its process is.
func TestSocket(t *testing.T) {
	needRoot(t)
	p := startTarget(t, ns.SetOf(ns.Net))
	want := tupleOf(t, p.ref().PID)[ns.Net]
	s := socketIn(t, p.ref().PID)
	defer unix.Close(s)
	p.end()
	ref := Ref{PID: os.Getpid(), Sources: sources(ns.Net, Source{Socket: Descriptor{Set: true, FD: s}})}
	got := output(t, pin(t, ref), Request{Kinds: ns.SetOf(ns.Net), Program: []string{"readlink", "/proc/self/ns/net"}})
	if got != (ns.ID{Kind: ns.Net, Ino: want}.String() + "\n") {
		t.Errorf("in %s, want %d", got, want)
	}
}

// socketIn returns a socket that was made in the network namespace of a process.
func socketIn(t *testing.T, pid int) int {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var fds [2]int
	for i, dir := range []string{"thread-self", strconv.Itoa(pid)} {
		fd, err := unix.Open("/proc/"+dir+"/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		fds[i] = fd
	}
	if err := unix.Setns(fds[1], unix.CLONE_NEWNET); err != nil {
		t.Fatal(err)
	}
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err := errors.Join(err, unix.Setns(fds[0], unix.CLONE_NEWNET)); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSourcesThatAreNone(t *testing.T) {
	pid := os.Getpid()
	for name, test := range map[string]struct {
		ref  Ref
		want string
	}{
		"no namespace":      {Ref{Sources: sources(ns.Net, Source{File: "/etc/passwd"})}, "open the net namespace of /etc/passwd: the file holds no namespace"},
		"another kind":      {Ref{Sources: sources(ns.Net, Source{File: "/proc/self/ns/uts"})}, "it is another kind of namespace: uts"},
		"no file":           {Ref{Sources: sources(ns.Mnt, Source{File: "/run/netns/none"})}, "/run/netns/none: no such file or directory"},
		"moved":             {Ref{Sources: sources(ns.Net, Source{File: "/proc/self/ns/net", Is: 1})}, ErrMoved.Error()},
		"no link":           {Ref{Sources: sources(ns.Net, Source{PID: pid, Is: 1})}, ErrMoved.Error()},
		"no directory":      {Ref{PID: pid, Root: "/none"}, "open the directory /none: no such file or directory"},
		"another process":   {Ref{PID: pid, Inode: 1}, ErrReused.Error()},
		"another namespace": {Ref{PID: pid, IDs: ns.Tuple{ns.Net: 1 << 40}}, ErrMoved.Error()},
		"no socket":         {Ref{PID: pid, Sources: sources(ns.Net, Source{Socket: Descriptor{Set: true, FD: 1 << 20}})}, "bad file descriptor"},
	} {
		t.Run(name, func(t *testing.T) {
			pinned, err := Pin(test.ref)
			if err == nil {
				pinned.Close()
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
	var st unix.Stat_t
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Fstat(fd, &st); err != nil {
		t.Fatal(err)
	}
	pin(t, Ref{PID: pid, Inode: st.Ino})
}

// Without an init process nothing starts in a pid namespace, and that is known before.
func TestDeadInit(t *testing.T) {
	needRoot(t)
	p := startTarget(t, ns.SetOf(ns.PID))
	fd, err := unix.Open(fmt.Sprintf("/proc/%d/ns/pid", p.ref().PID), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	ref := Ref{Sources: sources(ns.PID, Source{File: "/proc/self/fd/" + strconv.Itoa(fd)})}
	living := pin(t, ref)
	p.end()
	if plan := NewPlan(pin(t, ref).Facts(), Request{Kinds: ns.SetOf(ns.PID)}, nil); plan.Ready() {
		t.Errorf("the plan is ready: %v", plan.Checks)
	}
	// The plan was made while it lived.
	plan := NewPlan(living.Facts(), Request{Kinds: ns.SetOf(ns.PID), Tools: ToolsBare}, nil)
	_, err = Start(t.Context(), living, plan, 80, 24)
	var step *StepError
	if !errors.As(err, &step) || step.Step != StepFork || step.Errno != unix.ENOMEM || step.Hint() == "" {
		t.Errorf("start: %v", err)
	}
}

// Tools of the host see the target's network and processes, and the host sees nothing of it.
func TestView(t *testing.T) {
	needRoot(t)
	dir := t.TempDir()
	conf := filepath.Join(dir, "resolv.conf")
	if err := os.WriteFile(conf, []byte("nameserver 10.77.0.53\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	p := startScript(t, ns.SetOf(ns.Mnt, ns.Net, ns.PID, ns.Cgroup),
		"mount --make-rprivate /; mount --bind "+conf+" /etc/resolv.conf; ip link add nstuitest type bridge")
	before := mountsOf(t)
	r := Request{Kinds: ns.SetOf(ns.Net), Program: sh("ls -1 /sys/class/net; cat /etc/resolv.conf; ls -1 -d /sys/fs/cgroup/*")}
	got := output(t, pin(t, p.ref()), r)
	if !strings.HasPrefix(got, "lo\nnstuitest\nnameserver 10.77.0.53\n/sys/fs/cgroup/") {
		t.Errorf("it sees %q", got)
	}
	r.Tools = ToolsBare
	if got := output(t, pin(t, p.ref()), r); strings.Contains(got, "nstuitest") || strings.Contains(got, "10.77.0.53") {
		t.Errorf("with bare tools it sees %q", got)
	}
	r = Request{Kinds: ns.All, Tools: ToolsHost, Program: sh(`readlink /proc/self/ns/pid; set -- /proc/[0-9]*; echo $#; pwd`)}
	got = output(t, pin(t, p.ref()), r)
	pid := ns.ID{Kind: ns.PID, Ino: tupleOf(t, p.ref().PID)[ns.PID]}.String()
	lines := strings.Split(got, "\n")
	if len(lines) < 3 || lines[0] != pid || lines[1] != "2" || lines[2] != "/proc/1/root" {
		t.Errorf("it sees %q: want the namespace %s, two processes, and the target's root", got, pid)
	}
	if now := mountsOf(t); now != before {
		t.Errorf("mounts of the host were\n%s\nand are\n%s", before, now)
	}
}

// What ip-netns(8) has about a namespace, and what another process has, is taken for theirs.
func TestFilesOfNet(t *testing.T) {
	needRoot(t)
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "etc/netns/blue"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "etc/netns/blue/resolv.conf"), []byte("nameserver 10.77.0.1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Open(root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	want := []File{{"/etc/resolv.conf", "nameserver 10.77.0.1\n"}}
	if got := filesOfNet(fd, "/run/netns/blue"); !slices.Equal(got, want) {
		t.Errorf("files of blue: %v", got)
	}
	if got := filesOfNet(fd, "/run/netns/red"); got != nil {
		t.Errorf("files of red: %v", got)
	}
	conf := filepath.Join(root, "resolv.conf")
	if err := os.WriteFile(conf, []byte("nameserver 10.77.0.2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	p := startScript(t, ns.SetOf(ns.Mnt, ns.Net), "mount --make-rprivate /; mount --bind "+conf+" /etc/resolv.conf")
	ref := Ref{PID: os.Getpid(), Sources: sources(ns.Net, Source{PID: p.ref().PID})}
	r := Request{Kinds: ns.SetOf(ns.Net), Program: []string{"cat", "/etc/resolv.conf"}}
	if got := output(t, pin(t, ref), r); got != "nameserver 10.77.0.2\n" {
		t.Errorf("it sees %q", got)
	}
}

func mountsOf(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A root directory with nothing in it can still be looked at.
func TestBusybox(t *testing.T) {
	needRoot(t)
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "here"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{helperEnv + "=chroot", "DIR=" + root}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := startCommand(t, cmd, ns.SetOf(ns.Mnt))
	waitFor(t, out, "ready")
	pinned := pin(t, p.ref())
	plan := NewPlan(pinned.Facts(), Request{Kinds: ns.All, Tools: ToolsBusybox}, nil)
	if !plan.Ready() {
		t.Fatalf("the plan is not ready: %v", plan.Checks)
	}
	s, err := Start(t.Context(), pinned, plan, 80, 24)
	if err != nil {
		t.Fatal(err)
	}
	defer hangUp(t, s)
	typeLine(t, s, "cd /; echo sees *; exit 4")
	waitFor(t, s, "sees here")
	if status := s.Wait(); status.Code != 4 {
		t.Errorf("it %s", status)
	}
}

// startRooted starts a target whose root directory is the given one, with little more than a busybox in it,
// once it has run a script outside of it.
func startRooted(t *testing.T, root, script string) *target {
	t.Helper()
	for _, dir := range []string{"proc", "etc", "mnt", "old"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "etc/hosts"), []byte("10.77.0.9 inside\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/sh", "-ec", "mount --make-rprivate /; mount --bind "+root+" "+root+"; cd "+root+
		"; "+script+" cp $(which busybox) busybox; pivot_root . old; exec /busybox sh -c '/busybox umount -l /old; /busybox mount --make-shared /; exec /busybox cat'")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := startCommand(t, cmd, ns.SetOf(ns.Mnt, ns.PID, ns.Net))
	p.echo(t, out)
	return p
}

// A target that puts something else in the place of the directory the tree is mounted on, at any time, gets
// nothing of its own run.
func TestTreeOnADirectoryThatMoves(t *testing.T) {
	needRoot(t)
	root := t.TempDir()
	p := startRooted(t, root, "mkdir -p vol/bin vol/sys vol/proc; touch vol/hostile; cp $(which busybox) vol/bin/sh; mount --bind vol vol; ln -s /vol link;")
	mnt, link := filepath.Join(root, "mnt"), filepath.Join(root, "link")
	done := make(chan struct{})
	var swapper sync.WaitGroup
	swapper.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				_ = unix.Renameat2(unix.AT_FDCWD, mnt, unix.AT_FDCWD, link, unix.RENAME_EXCHANGE)
			}
		}
	})
	defer swapper.Wait()
	defer close(done)
	ran := 0
	for range 100 {
		pinned := pin(t, p.ref())
		r := Request{Kinds: ns.All, Tools: ToolsTree, Program: sh("[ -e /hostile ] && echo taken over; echo good")}
		plan := NewPlan(pinned.Facts(), r, os.Environ())
		if !plan.Ready() {
			continue
		}
		s, err := Start(t.Context(), pinned, plan, 80, 24)
		var step *StepError
		if errors.As(err, &step) && step.Step == StepTree {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(s)
		s.Wait()
		hangUp(t, s)
		if err != nil || string(text) != "good\r\n" {
			t.Fatalf("it says %q, %v", text, err)
		}
		ran++
	}
	if ran == 0 {
		t.Error("it never ran")
	}
}

// The host's tree around a root directory without tools: its files are there, and can be written.
func TestTree(t *testing.T) {
	needRoot(t)
	root := t.TempDir()
	p := startRooted(t, root, "")
	theirs := fmt.Sprintf("/proc/%d/mountinfo", p.ref().PID)
	inside, err := os.ReadFile(theirs)
	if err != nil {
		t.Fatal(err)
	}
	before := mountsOf(t)
	pinned := pin(t, p.ref())
	script := sh("cd " + pinned.Facts().Outside.Spare + "; ls -1; cat /etc/hosts; set -- /proc/[0-9]*; echo $#; ls /sys/class/net; echo by the host >written")
	got := output(t, pinned, Request{Kinds: ns.All, Tools: ToolsTree, Program: script})
	if want := "busybox\netc\nmnt\nold\nproc\n10.77.0.9 inside\n2\nlo\n"; got != want {
		t.Errorf("it sees %q, want %q", got, want)
	}
	if text, err := os.ReadFile(filepath.Join(root, "written")); err != nil || string(text) != "by the host\n" {
		t.Errorf("written is %q, %v", text, err)
	}
	if now := mountsOf(t); now != before {
		t.Errorf("mounts of the host were\n%s\nand are\n%s", before, now)
	}
	if now, err := os.ReadFile(theirs); err != nil || string(now) != string(inside) {
		t.Errorf("mounts of the target were\n%s\nand are\n%s, %v", inside, now, err)
	}
}

// As confined as the target: no capability and no cgroup more than that.
func TestConfined(t *testing.T) {
	needRoot(t)
	cmd := exec.Command("setpriv", "--bounding-set", "-sys_admin,-sys_ptrace", "--no-new-privs", "cat")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := startCommand(t, cmd, ns.SetOf(ns.UTS, ns.Net))
	p.echo(t, out)
	script := sh("grep -E '^(CapBnd|CapEff|NoNewPrivs)' /proc/self/status")
	r := Request{Kinds: ns.SetOf(ns.UTS), Program: script, Confined: true}
	got := output(t, pin(t, p.ref()), r)
	want := statusOf(t, p.ref().PID, "CapBnd") + "NoNewPrivs:\t1\n"
	eff := strings.Replace(statusOf(t, p.ref().PID, "CapBnd"), "CapBnd", "CapEff", 1)
	if !strings.Contains(got, eff) || !strings.HasSuffix(got, want) {
		t.Errorf("it is %q, want %q", got, eff+want)
	}
	r.Confined = false
	if got := output(t, pin(t, p.ref()), r); !strings.Contains(got, "NoNewPrivs:\t0\n") {
		t.Errorf("without asking it is %q", got)
	}
}

// statusOf returns a line of the status file of a process.
func statusOf(t *testing.T, pid int, name string) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, name+":") {
			return line
		}
	}
	t.Fatalf("no %s in the status of %d", name, pid)
	return ""
}

// The shell is counted where the target is, in every hierarchy there is.
func TestCgroup(t *testing.T) {
	needRoot(t)
	p := startTarget(t, ns.SetOf(ns.UTS))
	pid := strconv.Itoa(p.ref().PID)
	name := "nstui-test-" + pid
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	points := map[string]bool{}
	for _, m := range cgroupMounts(mounts) {
		points[m.point] = true
	}
	joined := 0
	for point := range points {
		dir := filepath.Join(point, name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			continue // read-only, or not ours to make
		}
		t.Cleanup(func() {
			p.end()
			if err := os.Remove(dir); err != nil {
				t.Error(err)
			}
		})
		if err := os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(pid), 0o644); err == nil {
			joined++ // a cpuset takes no process before it has processors
		}
	}
	if joined == 0 {
		t.Fatal("no cgroup to make")
	}
	want, err := os.ReadFile("/proc/" + pid + "/cgroup")
	if err != nil {
		t.Fatal(err)
	}
	r := Request{Kinds: ns.SetOf(ns.UTS), Cgroup: true, Program: []string{"cat", "/proc/self/cgroup"}}
	if got := output(t, pin(t, p.ref()), r); got != string(want) {
		t.Errorf("in %q, want %q", got, want)
	}
}

func TestCgroupFiles(t *testing.T) {
	const mounts = `30 20 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs ro
31 30 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
32 30 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd
33 30 0:29 /outer /sys/fs/cgroup/cpu,cpuacct rw shared:7 - cgroup cgroup rw,cpu,cpuacct
`
	files, missing := cgroupFiles([]byte("5:cpu,cpuacct:/outer/web\n4:cpu,cpuacct:/other\n3:pids:/web\n1:name=systemd:/a b/web\n0::/../web\n0::/web\n"), []byte(mounts))
	want := "/sys/fs/cgroup/cpu,cpuacct/web/cgroup.procs /sys/fs/cgroup/systemd/a b/web/cgroup.procs /sys/fs/cgroup/unified/web/cgroup.procs"
	if got := strings.Join(files, " "); got != want {
		t.Errorf("files %s", got)
	}
	if got := strings.Join(missing, " "); got != "cpu,cpuacct:/other pids:/web :/../web" {
		t.Errorf("missing %s", got)
	}
}

func FuzzCgroupFiles(f *testing.F) {
	f.Add([]byte("0::/a\n1:cpu:/../b\n"), []byte("31 30 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"))
	f.Fuzz(func(t *testing.T, cgroups, mounts []byte) {
		files, _ := cgroupFiles(cgroups, mounts)
		for _, file := range files {
			if filepath.Base(file) != "cgroup.procs" {
				t.Errorf("the file %q", file)
			}
		}
	})
}

func TestParseLabel(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "unconfined": "", "kernel": "",
		"docker-default (enforce)":                       "exec docker-default",
		"/usr/sbin/my daemon (complain)":                 "exec /usr/sbin/my daemon",
		"system_u:system_r:container_t:s0:c1,c2":         "system_u:system_r:container_t:s0:c1,c2",
		"unconfined_u:unconfined_r:unconfined_t:s0-s0:c": "unconfined_u:unconfined_r:unconfined_t:s0-s0:c",
	} {
		if got := parseLabel(text).Text; got != want {
			t.Errorf("parseLabel(%q) = %q, want %q", text, got, want)
		}
	}
}

// The terminal is one of the target's: it is known there by its name and belongs to the shell's user.
func TestTerminalOfTheTarget(t *testing.T) {
	const devpts = "mount --make-rprivate /; mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts; "
	script := sh(`tty; echo to the terminal >"$(tty)"`)
	const good = "/dev/pts/0\nto the terminal\n"
	t.Run("as root", func(t *testing.T) {
		needRoot(t)
		p := startScript(t, ns.SetOf(ns.Mnt), devpts)
		if got := output(t, pin(t, p.ref()), Request{Kinds: ns.All, Program: script}); got != good {
			t.Errorf("it says %q", got)
		}
	})
	t.Run("in a user namespace", func(t *testing.T) {
		p := startScript(t, ns.SetOf(ns.Mnt, ns.User), devpts)
		if got := output(t, pin(t, p.ref()), Request{Kinds: ns.All, Program: script}); got != good {
			t.Errorf("it says %q", got)
		}
	})
	// What stands in for the master is not opened, and the shell gets a terminal of the host's.
	for name, evil := range map[string]string{
		"none":                "mount -t tmpfs tmpfs /dev/pts",
		"a fifo":              "mount -t tmpfs tmpfs /dev/pts; mkfifo /dev/pts/ptmx",
		"a file":              "mount -t tmpfs tmpfs /dev/pts; touch /dev/pts/ptmx",
		"a link":              "mount -t tmpfs tmpfs /dev/pts; ln -s /proc/self/fd/0 /dev/pts/ptmx",
		"the host's":          "mount -t tmpfs tmpfs /dev/pts; touch /dev/pts/ptmx; mount --bind /dev/tty /dev/pts/ptmx",
		"one with no room":    "mount -t devpts -o newinstance,ptmxmode=0666,max=1 devpts /dev/pts; exec 3<>/dev/pts/ptmx",
		"one nobody may open": "mount -t devpts -o newinstance,ptmxmode=0000 devpts /dev/pts; mount -o remount,bind,nodev /dev/pts",
	} {
		t.Run(name, func(t *testing.T) {
			needRoot(t)
			p := startScript(t, ns.SetOf(ns.Mnt), "mount --make-rprivate /; "+evil)
			if got := output(t, pin(t, p.ref()), Request{Kinds: ns.All, Program: sh("echo said >/dev/tty")}); got != "said\n" {
				t.Errorf("it says %q", got)
			}
		})
	}
}

// What the user namespace gives stays with a program of another uid than root.
func TestKeepCaps(t *testing.T) {
	p := startTarget(t, ns.SetOf(ns.User, ns.Net))
	r := Request{Kinds: ns.All, As: AsKeep, KeepCaps: true, Tools: ToolsBare, Program: sh("grep ^CapAmb /proc/self/status")}
	if got := output(t, pin(t, p.ref()), r); strings.Trim(got, "CapAmb:\t0\n") == "" {
		t.Errorf("its capabilities are %q", got)
	}
}

// Whose ids are mapped in a user namespace of a file is not known: root is tried, and done without.
func TestUserOfAFile(t *testing.T) {
	p := startTarget(t, ns.SetOf(ns.User))
	ref := Ref{Sources: sources(ns.User, Source{File: fmt.Sprintf("/proc/%d/ns/user", p.ref().PID)})}
	if got := output(t, pin(t, ref), Request{Kinds: ns.SetOf(ns.User), Program: []string{"id", "-u"}}); got != "0\n" {
		t.Errorf("uid %q", got)
	}
	unmapped := exec.Command("unshare", "--user", "cat")
	out, err := unmapped.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	q := startCommand(t, unmapped, 0)
	q.echo(t, out)
	ref.Sources = sources(ns.User, Source{File: fmt.Sprintf("/proc/%d/ns/user", q.ref().PID)})
	if got := output(t, pin(t, ref), Request{Kinds: ns.SetOf(ns.User), Program: []string{"id", "-u"}}); got != "65534\n" {
		t.Errorf("uid %q", got)
	}
}

// When the init process of a container ends, the kernel kills the shell. That is not the shell's end.
func TestContainerEnds(t *testing.T) {
	needRoot(t)
	p := startTarget(t, ns.SetOf(ns.PID))
	s, _ := enter(t, pin(t, p.ref()), ns.SetOf(ns.PID))
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if status := s.Wait(); !status.InitEnded || status.Code != 137 || status.String() != "the container has ended (137)" {
		t.Errorf("status %+v: %s", status, status)
	}
	q := startTarget(t, ns.SetOf(ns.PID))
	s, _ = enter(t, pin(t, q.ref()), ns.SetOf(ns.PID))
	if err := unix.Kill(s.PID(), unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if status := s.Wait(); status.InitEnded {
		t.Errorf("status %+v of a shell that was killed", status)
	}
}
