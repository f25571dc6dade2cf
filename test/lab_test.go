package test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// machine is a throw-away machine with containers of real runtimes, which all tests of a run share: see
// the script, in folder lab.
type machine struct {
	script string
	needs  []string // programs and files
	depth  int      // how many pid namespaces below this one it is
	pods   string   // the control group of a pod

	once, installed, program sync.Once

	err     error
	starter int // the process all of it descends from
	groups  string
	pids    map[string]int // of a process in each container
	inner   map[string]int // the same processes, as the machine sees them
	stop    func() error
}

// hybrid has no systemd, and its control groups are those of the host.
var hybrid = &machine{
	script: "machine", depth: 1, pods: "/GROUPS/kubepods/burstable/podUID",
	needs: []string{
		"/bin/busybox", "/usr/lib/cni/bridge", "/usr/lib/podman/netavark", "bwrap", "containerd", "ctr", "dbus-run-session",
		"docker", "dockerd", "firejail", "flatpak", "iptables", "ip", "jq", "lxc-start", "newuidmap", "podman",
		"runc", "setpriv", "systemd-nspawn", "unshare",
	},
}

// booted has systemd, and control groups of the second version alone.
var booted = &machine{
	script: "booted", depth: 2, pods: "kubepods-burstable-podUID.slice",
	needs: []string{
		"/bin/busybox", "/lib/systemd/systemd", "/usr/bin/dbus-daemon", "/usr/lib/cni/bridge", "/usr/lib/podman/netavark",
		"/usr/lib/systemd/user/dbus.socket", "containerd", "ctr", "docker", "dockerd", "flatpak", "iptables", "jq",
		"newuidmap", "podman",
		"runc", "setpriv", "systemd-nspawn", "unshare",
	},
}

// labs are all machines.
var labs = []*machine{hybrid, booted}

// use returns the machine, which the first who asks starts. Where the runtimes are not installed it skips
// the test; CI installs them all.
func (m *machine) use(t *testing.T) *machine {
	t.Helper()
	needRoot(t)
	for _, name := range m.needs {
		if !filepath.IsAbs(name) {
			needProgram(t, name)
		} else if _, err := os.Stat(name); err != nil {
			t.Skip("needs a file:", err)
		}
	}
	m.once.Do(func() { m.err = m.start() })
	if m.err != nil {
		t.Fatalf("the machine did not start: %v", m.err)
	}
	return m
}

// start starts the machine and makes its pods.
func (m *machine) start() (err error) {
	folder, err := os.MkdirTemp("", "nstui-lab-")
	if err != nil {
		return err
	}
	cmd := exec.Command("lab/"+m.script, folder)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	// What ends the tests must not end who removes the control groups then.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	m.starter, m.groups = cmd.Process.Pid, fmt.Sprintf("nstui-lab-%d", cmd.Process.Pid)
	kill := time.AfterFunc(2*patience, m.kill) // so many programs start in it
	m.stop = func() error {
		defer kill.Stop()
		kill.Reset(patience)
		_ = stdin.Close() // the end of the machine
		if err := cmd.Wait(); err != nil {
			return fmt.Errorf("the machine: %w\n%s%s", err, stderr.Bytes(), logs(folder))
		}
		return errors.Join(m.checkRemoved(), os.RemoveAll(folder))
	}
	m.pids, m.inner = make(map[string]int), make(map[string]int)
	inner, err := announced(stdout)
	kill.Stop()
	if err != nil {
		return errors.Join(err, m.end())
	}
	inner["init"] = 1
	if err := m.find(inner); err != nil {
		return err
	}
	return m.makePods()
}

// end ends the machine if it was started.
func (m *machine) end() error {
	stop := m.stop
	if stop == nil {
		return nil
	}
	m.stop = nil
	return stop()
}

// endLabs ends the machines that tests have used.
func endLabs() error {
	var err error
	for _, m := range labs {
		err = errors.Join(err, m.end())
	}
	return err
}

// announced reads what a machine says of its processes, up to "ready".
func announced(r io.Reader) (map[string]int, error) {
	inner := make(map[string]int)
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		name, text, _ := strings.Cut(lines.Text(), " ")
		if name == "ready" {
			return inner, nil
		}
		pid, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("it says %q", lines.Text())
		}
		inner[name] = pid
	}
	return nil, errors.Join(errors.New("it ended"), lines.Err())
}

// logs returns the ends of the machine's logs.
func logs(folder string) string {
	files, err := filepath.Glob(filepath.Join(folder, "*.log"))
	if err != nil {
		return err.Error()
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err.Error()
		}
		fmt.Fprintf(&all, "%s:\n%s\n", filepath.Base(file), text[max(0, len(text)-2000):])
	}
	return all.String()
}

// checkRemoved checks that nothing of the machine is left.
func (m *machine) checkRemoved() error {
	for _, pattern := range []string{"/sys/fs/cgroup/", "/sys/fs/cgroup/*/"} {
		left, err := filepath.Glob(pattern + m.groups)
		if err != nil {
			return err
		}
		if len(left) > 0 {
			return fmt.Errorf("the machine has left %q", left)
		}
	}
	return nil
}

// kill ends the machine where it does not by itself. All processes of it end with its first, and what
// started that one removes what is left.
func (m *machine) kill() {
	m.thaw()
	if pid := outside(m.starter, 1, 1); pid != 0 {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// thaw lets run what is frozen in the machine, which could not be killed in control groups of the first
// version. That none of them can be written is no news: there may be none.
func (m *machine) thaw() {
	_ = filepath.WalkDir("/sys/fs/cgroup/freezer/"+m.groups, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == "freezer.state" {
			_ = os.WriteFile(path, []byte("THAWED"), 0)
		}
		return nil
	})
}

// find finds processes as they are here by their pids inside.
func (m *machine) find(inner map[string]int) error {
	all := descendants(m.starter, m.depth)
	for name, pid := range inner {
		m.inner[name] = pid
		if m.pids[name] = all[pid]; m.pids[name] == 0 {
			return fmt.Errorf("%s should be process %d inside, and is not", name, pid)
		}
	}
	return nil
}

// outside returns the pid here of one of the machine's processes.
func (m *machine) outside(t *testing.T, inner int) int {
	t.Helper()
	pid := outside(m.starter, m.depth, inner)
	if pid == 0 {
		t.Fatalf("the machine has no process %d", inner)
	}
	return pid
}

// outside returns the pid here of a process that descends from starter, and has the pid inner in the pid
// namespace this deep below. It is 0 if there is none.
func outside(starter, depth, inner int) int { return descendants(starter, depth)[inner] }

// descendants returns the processes that descend from starter, in a pid namespace this deep below or deeper,
// by their pids there.
func descendants(starter, depth int) map[int]int {
	pids := make(map[int]int)
	statuses, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		return pids
	}
	for _, file := range statuses {
		numbers := strings.Fields(statusField(file, "NSpid"))
		if len(numbers) <= depth {
			continue
		}
		pid, err := strconv.Atoi(numbers[0])
		inner, err2 := strconv.Atoi(numbers[depth])
		if err == nil && err2 == nil && descends(pid, starter) {
			pids[inner] = pid
		}
	}
	return pids
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

// path returns the path here of a file of the machine's.
func (m *machine) path(file string) string {
	return fmt.Sprintf("/proc/%d/root%s", m.pids["init"], file)
}
