package test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func TestPlainList(t *testing.T) {
	pid := play(t, actor{Comm: "dugong", Args: []string{"dugong", "--sea", "grass"}})
	out, err := exec.CommandContext(t.Context(), binary, "--pid", strconv.Itoa(pid)).Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if got := strings.Join(strings.Fields(lines[0]), " "); got != "NS TYPE NPROCS PID USER COMMAND" {
		t.Errorf("headings are %q", got)
	}
	for _, kind := range []string{"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"} {
		found := 0
		for _, line := range lines[1:] {
			fields := strings.Fields(line)
			if fields[0] == inode(t, pid, kind) && fields[1] == kind {
				found++
			}
		}
		if found != 1 {
			t.Errorf("the %s namespace is there %d times in\n%s", kind, found, out)
		}
	}
}

func TestPlainListOfOneKind(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), binary, "--kind", "net").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	mine := false
	for _, line := range lines[1:] {
		fields := strings.Fields(line)
		if fields[1] != "net" {
			t.Errorf("not a network namespace: %q", line)
		}
		mine = mine || fields[0] == inode(t, os.Getpid(), "net")
	}
	if !mine {
		t.Errorf("our own network namespace is missing:\n%s", out)
	}
}

// Who reads only the first lines must not be told of an error.
func TestPlainListIntoAClosedPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), binary)
	cmd.Stdout, cmd.Stderr = w, &stderr
	err = errors.Join(cmd.Run(), w.Close())
	ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	quiet := err == nil || ok && ws.Signaled() && ws.Signal() == syscall.SIGPIPE
	if !quiet || strings.Contains(stderr.String(), "pipe") {
		t.Errorf("got %v and %q", err, stderr.String())
	}
}

func TestPlainListToAFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("needs /dev/full:", err)
	}
	defer func() { _ = full.Close() }()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), binary)
	cmd.Stdout, cmd.Stderr = full, &stderr
	if err := cmd.Run(); err == nil || !strings.Contains(stderr.String(), "no space left on device") {
		t.Errorf("got %v and %q", err, stderr.String())
	}
}

func TestStatusOfUsageErrors(t *testing.T) {
	err := exec.CommandContext(t.Context(), binary, "--kind", "network").Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 2 {
		t.Errorf("got %v, want exit status 2", err)
	}
}

// The guard against a child that does not know it is one: it would start children without end.
func TestRefusesToBeAStage(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), binary, "--version")
	cmd.Env = append(os.Environ(), "NSTUI_STAGE=1")
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 125 {
		t.Errorf("got %v, want exit status 125", err)
	}
}
