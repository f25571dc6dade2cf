package test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/test/drive"
	"nstui/ui/term"
)

// unshare's options for a pid namespace with its own /proc, all of which ends with its first process.
var inPIDs = []string{"--pid", "--fork", "--kill-child", "--mount", "--mount-proc"}

// A pid that another process has got meanwhile: who named the first by its inode in pidfs must not get
// into the second.
func TestEnterReusedPID(t *testing.T) {
	needRoot(t)
	h := newHelper(t, nil, inPIDs...)
	pid := h.run("begin unshare --uts")
	inode := pidfsInode(t, h.outside(pid))
	named := pid + ":" + inode
	h.equal("$nstui enter -t "+named+" -u -- echo entered", "entered")

	h.reuse(pid)
	if again := pidfsInode(t, h.outside(pid)); again == inode {
		t.Fatalf("the inode %s is used again", inode)
	}
	h.equal("$nstui enter -t "+pid+" -u -- echo entered", "entered")
	h.refused("$nstui enter -t "+named+" -u -- echo entered", "process "+pid, "the pid belongs to another process now")
}

// reuse ends a process that begin has started, and gives its pid to another in a uts namespace of its own.
func (h *helper) reuse(pid string) {
	h.t.Helper()
	h.run("kill " + pid + "; wait " + pid + " || true")
	h.equal("echo $(("+pid+" - 1)) >/proc/sys/kernel/ns_last_pid; begin unshare --uts", pid)
}

// The same, of a process picked on the screen: nothing may be started in the other.
func TestPickedPIDIsReused(t *testing.T) {
	needRoot(t)
	h := newHelper(t, nil, inPIDs...)
	pid := h.run("begin unshare --uts")
	program, err := drive.Start("nsenter", drive.Options{
		Args: []string{"-t", strconv.Itoa(h.outside(h.run("echo $$"))), "-m", "-p", binary},
		Size: term.Size{W: 120, H: 36}, Env: shellEnv(),
	})
	if err != nil {
		t.Fatal(err)
	}
	s := attend(t, program)
	s.wait("live")
	s.send(":pid " + pid + drive.Enter)
	s.waitFor(row("▌", pid, "sleep"))
	s.send("s")
	s.wait("Enter namespaces of "+pid+" sleep", "Same as")
	h.reuse(pid)
	s.doesNotStart("the process is gone")
	other := h.outside(pid)
	if in := inNamespace(t, "uts", inode(t, other, "uts")); !slices.Equal(in, []int{other}) {
		t.Errorf("processes %v are in the other's namespace, want only %d", in, other)
	}
	s.send(drive.Esc)
	s.gone("Enter namespaces of")
	s.send("q")
	s.exit(0)
}

// attend makes a running program the session of a test.
func attend(t *testing.T, p *drive.Program) *session {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return &session{Program: p, t: t, ctx: ctx}
}

// A pid namespace whose first process has ended takes no other, though a file still holds it.
func TestEnterDeadPIDNamespace(t *testing.T) {
	needRoot(t)
	h := newHelper(t, nil, "--mount")
	h.run("mount -t tmpfs tmpfs /mnt; touch /mnt/dead; unshare --pid=/mnt/dead --fork true")
	h.refused("$nstui enter --pid=/mnt/dead -- echo entered", "the init process of this pid namespace has ended")
}

// A network namespace that no process is in, but a file holds.
func TestEnterEmptyNetworkNamespace(t *testing.T) {
	needRoot(t)
	needProgram(t, "ip")
	h := newHelper(t, nil, "--mount")
	h.run("mount -t tmpfs tmpfs /run; ip netns add blue; ip -n blue addr add " + address + " dev lo")
	want := "net:[" + h.run("stat -L -c %i /run/netns/blue") + "]"
	h.equal("$nstui enter --net=/run/netns/blue -- readlink /proc/self/ns/net", want)
	h.equal("$nstui enter --net=/run/netns/blue -- ip -o -4 addr show | awk '{ print $4 }'", address)
}

// A network namespace that neither a process nor a file holds, but a socket.
func TestEnterNetworkNamespaceOfASocket(t *testing.T) {
	needRoot(t)
	socket, link := -1, ""
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends, and only the socket remains
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			link, err = os.Readlink("/proc/thread-self/ns/net")
		}
		if err == nil {
			socket, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	defer unix.Close(socket)
	out := enters(t, "-t", strconv.Itoa(os.Getpid()), "-N", strconv.Itoa(socket), "--", "readlink", "/proc/self/ns/net")
	if out != link {
		t.Errorf("inside is %q, want %q", out, link)
	}
}

// A namespace that only one thread of a process is in.
func TestEnterNetworkNamespaceOfAThread(t *testing.T) {
	needRoot(t)
	link, tid := "", 0
	ready, over := make(chan error), make(chan struct{})
	defer close(over)
	go func() {
		runtime.LockOSThread() // the thread ends with this goroutine
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			tid = unix.Gettid()
			link, err = os.Readlink("/proc/thread-self/ns/net")
		}
		ready <- err
		<-over
	}()
	if err := <-ready; err != nil {
		t.Fatal(err)
	}
	file := fmt.Sprintf("/proc/%d/task/%d/ns/net", os.Getpid(), tid)
	if out := enters(t, "--net="+file, "--", "readlink", "/proc/self/ns/net"); out != link {
		t.Errorf("inside is %q, want %q", out, link)
	}
}

// A target that has changed its root directory: -r goes there, and else it is that of the namespace.
func TestEnterChrooted(t *testing.T) {
	needRoot(t)
	tree := busyboxTree(t)
	h := newHelper(t, nil, inPIDs...)
	pid := h.run("begin chroot " + tree)
	h.equal("$nstui enter -t "+pid+" -m -r -- /bin/sh -c 'cat /marker'", "here")
	h.equal("$nstui enter -t "+pid+" -m -- /bin/sh -c 'cat "+tree+"/marker'", "here")
	h.refused("$nstui enter -t "+pid+" -m -- /bin/sh -c 'cat /marker || exit 1'", "/marker")
}

// busyboxTree makes a root directory with a shell and a file "marker".
func busyboxTree(t *testing.T) string {
	t.Helper()
	needProgram(t, "/bin/busybox")
	tree := t.TempDir()
	script := `mkdir bin proc dev etc tmp && cp /bin/busybox bin && bin/busybox --install bin && echo here >marker`
	cmd := exec.Command("/bin/busybox", "sh", "-c", script)
	cmd.Dir = tree
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("make a root directory: %v\n%s", err, out)
	}
	return tree
}

// One user namespace owns net, one in it mnt: going straight to the inner one would lose the right to
// join the other's.
func TestEnterNestedUserNamespacesAsUser(t *testing.T) {
	if os.Geteuid() != 0 {
		needUserNamespaces(t)
	}
	h := newHelper(t, ordinary(), "--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc")
	pid := h.outside(h.run("begin unshare --user --map-root-user --mount --uts sh -c 'hostname quokka; exec \"$@\"' sh"))

	cmd := exec.Command(binary, "enter", "-t", strconv.Itoa(pid), "-a", "--", "sh", "-c", namespacesScript)
	cmd.SysProcAttr = &unix.SysProcAttr{Credential: ordinary()}
	if got, want := output(t, cmd), namespacesOf(t, pid)+"\nquokka\n0"; got != want {
		t.Errorf("inside is\n%s\nwant\n%s", got, want)
	}
}

// The clock of a time namespace, which only a new process gets.
func TestEnterTimeNamespace(t *testing.T) {
	needRoot(t)
	h := newHelper(t, nil, append([]string{"--time", "--boottime", "1000000000"}, inPIDs...)...)
	pid := strconv.Itoa(h.outside(h.run("echo $$")))
	for _, kinds := range []string{"-T", "-a"} {
		var up float64
		if _, err := fmt.Sscan(enters(t, "-t", pid, kinds, "--", "cat", "/proc/uptime"), &up); err != nil {
			t.Fatal(err)
		}
		if up < 1e9 {
			t.Errorf("with %s the machine is up for %f seconds, want a thousand million more than it is", kinds, up)
		}
	}
}

// Where no memory file may be executed the program has no sealed copy of itself to start, and does
// without.
func TestEnterWhereMemoryFilesAreNotExecuted(t *testing.T) {
	needRoot(t)
	h := newHelper(t, nil, inPIDs...)
	h.run("echo 2 >/proc/sys/vm/memfd_noexec") // of this pid namespace
	pid := h.run("begin unshare --uts --net")
	h.equal("$nstui enter -t "+pid+" -a -- readlink /proc/self/ns/net", h.run("readlink /proc/"+pid+"/ns/net"))
}

// enters runs nstui enter, which must succeed, and returns what it prints.
func enters(t *testing.T, args ...string) string {
	t.Helper()
	return output(t, exec.Command(binary, append([]string{"enter"}, args...)...))
}

// output runs a command, which must succeed, in an environment that every root directory can do with, and
// returns what it prints.
func output(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "LC_ALL=C.UTF-8"}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		t.Errorf("%s: %v: %s", strings.Join(cmd.Args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

// namespacesScript prints the namespaces a shell is in, the host name and the user.
const namespacesScript = `for kind in cgroup ipc mnt net pid time user uts; do readlink /proc/self/ns/$kind; done; hostname; id -u`

// namespacesOf returns what the script says of the namespaces in those of the process.
func namespacesOf(t *testing.T, pid int) string {
	t.Helper()
	links, err := filepath.Glob(fmt.Sprintf("/proc/%d/ns/*", pid))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, file := range links {
		if strings.HasSuffix(file, "_for_children") {
			continue
		}
		link, err := os.Readlink(file)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, link)
	}
	return strings.Join(list, "\n")
}
