package test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// A container whose shell is "whoever starts me": the kernel then runs the program that enters once more,
// inside, where root can open its file and wait until it may be written. That must not be the file of
// nstui.
func TestEvilShellCannotReplaceTheProgram(t *testing.T) {
	needRoot(t)
	h := newHelper(t, nil, inPIDs...)
	tree := busyboxTree(t)
	pid := h.outside(h.run("begin chroot " + tree))
	h.run("mount -t proc proc " + tree + "/proc")
	h.run("rm " + tree + "/bin/sh; echo '#!/proc/self/exe' >" + tree + "/bin/sh; chmod 755 " + tree + "/bin/sh")
	// The runtime of Go reads this file first of all: so the program waits there until root is ready.
	gate := filepath.Join(tree, "sys/kernel/mm/transparent_hugepage/hpage_pmd_size")
	h.run("mkdir -p " + filepath.Dir(gate) + "; mkfifo " + gate)

	program, before := staticProgram(t)
	cmd := exec.Command(program, "enter", "-t", strconv.Itoa(pid), "-a", "-r", "--", "/bin/sh")
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // with an error: there is no command /bin/sh
		fd, err := unix.Open(gate, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if err == nil { // so that root does not wait for what did not come
			unix.Close(fd)
		}
	}()

	h.run("exec 8>" + gate)
	file := h.run(`for p in /proc/[0-9]*; do
		case $(readlink $p/root) in ` + tree + `) case $(tr '\0' ' ' <$p/cmdline) in "/proc/self/exe /bin/sh ") exec 9<$p/exe && readlink $p/exe;; esac;; esac
	done`)
	if file == "" {
		<-ended
		t.Fatalf("the program was not started once more: it says %q", output.Bytes())
	}
	h.run("echo 2097152 >&8; exec 8>&-")
	<-ended
	if said, status := h.try("printf evil >/proc/self/fd/9"); status == 0 {
		t.Errorf("root of the container has written to %s: %s", file, said)
	}
	after, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("the program is not what it was")
	}
}

// staticProgram builds the program as it ships, also for tests with the race detector: one that needs
// libraries would not start in a root directory that lacks them.
func staticProgram(t *testing.T) (path string, content []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "nstui")
	cmd := exec.Command("go", "build", "-o", path, "nstui")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build nstui: %v\n%s", err, out)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, content
}
