package test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// machine is a throw-away machine with containers of real runtimes: see lab/machine.
type machine struct {
	starter int // the process all of it descends from
	groups  string
	pids    map[string]int // of a process in each container
}

// startMachine starts a machine that lasts as long as the test. Where the runtimes are not installed it
// skips the test; CI installs them all.
func startMachine(t *testing.T) *machine {
	t.Helper()
	needRoot(t)
	for _, name := range []string{
		"/bin/busybox", "/usr/lib/cni/bridge", "bwrap", "containerd", "ctr", "docker", "dockerd", "ip", "newuidmap",
		"podman", "runc", "setpriv", "systemd-nspawn", "unshare",
	} {
		needProgram(t, name)
	}
	folder := t.TempDir()
	cmd := exec.Command("lab/machine", folder)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, stdout := startPiped(t, cmd)
	m := &machine{starter: cmd.Process.Pid, groups: fmt.Sprintf("nstui-lab-%d", cmd.Process.Pid), pids: make(map[string]int)}
	kill := time.AfterFunc(patience, m.kill)
	t.Cleanup(func() {
		defer kill.Stop()
		kill.Reset(patience)
		_ = stdin.Close() // the end of the machine
		if err := cmd.Wait(); err != nil {
			t.Errorf("the machine: %v\n%s", err, stderr.Bytes())
		}
		m.checkRemoved(t)
	})
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		name, pid, _ := strings.Cut(lines.Text(), " ")
		if name == "ready" {
			kill.Stop()
			return m
		}
		inner, err := strconv.Atoi(pid)
		if err != nil {
			t.Fatalf("the machine says %q", lines.Text())
		}
		m.pids[name] = m.outside(t, inner)
	}
	t.Fatalf("the machine did not start: %v\n%s", lines.Err(), logs(t, folder))
	return nil
}

// logs returns the ends of the machine's logs.
func logs(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.log"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&all, "%s:\n%s\n", filepath.Base(file), text[max(0, len(text)-2000):])
	}
	return all.String()
}

// checkRemoved checks that nothing of the machine is left.
func (m *machine) checkRemoved(t *testing.T) {
	t.Helper()
	for _, pattern := range []string{"/sys/fs/cgroup/", "/sys/fs/cgroup/*/"} {
		left, err := filepath.Glob(pattern + m.groups)
		if err != nil {
			t.Fatal(err)
		}
		if len(left) > 0 {
			t.Errorf("the machine has left %q", left)
		}
	}
}

// kill ends the machine where it does not by itself. All processes of it end with its first, and what
// started that one removes what is left.
func (m *machine) kill() {
	if pid := outside(m.starter, 1); pid != 0 {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// outside returns the pid of one of the machine's processes as it is here.
func (m *machine) outside(t *testing.T, inner int) int {
	t.Helper()
	pid := outside(m.starter, inner)
	if pid == 0 {
		t.Fatalf("the machine has no process %d", inner)
	}
	return pid
}

// outside returns the pid here of a process that descends from starter, and has the pid inner in the pid
// namespace made there. It is 0 if there is none.
func outside(starter, inner int) int {
	statuses, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		return 0
	}
	for _, file := range statuses {
		if pids := strings.Fields(statusField(file, "NSpid")); len(pids) > 1 && pids[1] == strconv.Itoa(inner) {
			if pid, err := strconv.Atoi(pids[0]); err == nil && descends(pid, starter) {
				return pid
			}
		}
	}
	return 0
}

// descends reports whether the process descends from the other.
func descends(pid, from int) bool {
	for pid > 1 && pid != from {
		parent, err := strconv.Atoi(statusField(fmt.Sprintf("/proc/%d/status", pid), "PPid"))
		if err != nil {
			return false
		}
		pid = parent
	}
	return pid == from
}

// statusField returns a field of a status file of /proc, empty if the process is gone.
func statusField(file, name string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(line, name+":"); found {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// socket returns the path to a socket of the machine's.
func (m *machine) socket(t *testing.T, path string) string {
	t.Helper()
	return fmt.Sprintf("/proc/%d/root%s", m.outside(t, 1), path)
}
