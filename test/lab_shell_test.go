package test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// helper is a bash in namespaces of its own that does what a test tells it. It ends with the test, and so
// does all it has started if it has a pid namespace.
type helper struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Reader
	cmd *exec.Cmd
}

// begin starts a process by a command that executes another, and prints its pid once it has.
const begin = `begin() {
	exec {begun}< <(exec "$@" sh -c 'echo begun; exec sleep 1000000')
	read -r _ <&"$begun" && echo $!
}
`

// newHelper starts bash by unshare(1) with the options. It has the program as $nstui,
// and the function begin.
func newHelper(t *testing.T, credential *syscall.Credential, options ...string) *helper {
	t.Helper()
	h := &helper{t: t, cmd: exec.Command("unshare", append(options, "bash", "--norc", "--noprofile")...)}
	h.cmd.Env = append(os.Environ(), "nstui="+binary, "LC_ALL=C.UTF-8", "PATH=/usr/sbin:/usr/bin:/sbin:/bin")
	h.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
	h.cmd.Dir = "/"
	in, err := h.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	h.cmd.Stderr = h.cmd.Stdout
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // bash may have ended
		_ = h.cmd.Wait()
	})
	h.in, h.out = in, bufio.NewReader(out)
	if _, err := io.WriteString(in, begin); err != nil {
		t.Fatal(err)
	}
	return h
}

// try runs a command, and returns what it has printed and its status.
func (h *helper) try(command string) (output string, status int) {
	h.t.Helper()
	const mark = "\x1estatus "
	if _, err := fmt.Fprintf(h.in, "{ %s\n} </dev/null 2>&1; printf '\\x1estatus %%d\\n' $?\n", command); err != nil {
		h.t.Fatal(err)
	}
	var all strings.Builder
	for {
		line, err := h.out.ReadString('\n')
		before, number, found := strings.Cut(line, mark)
		all.WriteString(before)
		if found {
			status, err = strconv.Atoi(strings.TrimSpace(number))
		}
		if err != nil {
			h.t.Fatalf("%s: %v after %q", command, err, all.String())
		}
		if found {
			return strings.TrimSpace(all.String()), status
		}
	}
}

// run runs a command that must not fail, and returns what it has printed.
func (h *helper) run(command string) string {
	h.t.Helper()
	output, status := h.try(command)
	if status != 0 {
		h.t.Fatalf("%s: status %d: %s", command, status, output)
	}
	return output
}

// refused runs a command of nstui's that must end with status 1 and a message with each of the texts.
func (h *helper) refused(command string, texts ...string) {
	h.t.Helper()
	output, status := h.try(command)
	if status != 1 {
		h.t.Errorf("%s: status %d, want 1", command, status)
	}
	for _, text := range texts {
		if !strings.Contains(output, text) {
			h.t.Errorf("%s: says %q, which lacks %q", command, output, text)
		}
	}
}

// equal runs a command and compares what it prints.
func (h *helper) equal(command, want string) {
	h.t.Helper()
	if got := h.run(command); got != want {
		h.t.Errorf("%s: prints %q, want %q", command, got, want)
	}
}

// outside returns the pid here of a process with this pid in the helper's pid namespace.
func (h *helper) outside(inner string) int {
	h.t.Helper()
	number, err := strconv.Atoi(inner)
	if err != nil {
		h.t.Fatal(err)
	}
	pid := outside(h.cmd.Process.Pid, 1, number)
	if pid == 0 {
		h.t.Fatalf("there is no process %d inside", number)
	}
	return pid
}
