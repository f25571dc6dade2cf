package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// finding is what nstui doctor --json says of one feature.
type finding struct{ Area, Name, State, Tried, Answer, Instead, Advice string }

// checkup is what nstui doctor --json says.
type checkup struct {
	Proc     string
	Kernel   string
	UID      int
	Usable   bool
	Findings []finding
	status   int
}

// doctor runs the command, which must end in nstui doctor --json.
func doctor(t *testing.T, attr *syscall.SysProcAttr, name string, args ...string) checkup {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.SysProcAttr = attr
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	var c checkup
	decoder := json.NewDecoder(bytes.NewReader(out))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, stderr.String())
	}
	c.status = cmd.ProcessState.ExitCode()
	if stderr.Len() > 0 {
		t.Errorf("it complains: %s", stderr.String())
	}
	return c
}

// find returns what was found of a feature.
func (c *checkup) find(t *testing.T, name string) finding {
	t.Helper()
	i := slices.IndexFunc(c.Findings, func(f finding) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("there is no %s", name)
	}
	return c.Findings[i]
}

// want checks whether features work.
func (c *checkup) want(t *testing.T, state string, names ...string) {
	t.Helper()
	for _, name := range names {
		if f := c.find(t, name); f.State != state {
			t.Errorf("%+v, want %s", f, state)
		}
	}
}

// doctored are all features in their order. Scripts know them by these names.
const doctored = `proc list-processes
proc proc-filesystem
proc own-pids
proc no-hidepid
proc whole-proc
proc read-namespaces
kinds cgroup
kinds ipc
kinds mnt
kinds net
kinds pid
kinds time
kinds user
kinds uts
namespaces owner
namespaces parent
namespaces owner-uid
namespaces unique-id
namespaces mount-namespaces
namespaces listmount
namespaces statmount
namespaces listns
namespaces pidfd
namespaces pidfd-getfd
namespaces socket-namespace
namespaces netnsid
live events
live cgroup-version
enter capabilities
enter user-namespaces
enter memfd-exec
enter pty
names containers
`

func TestDoctorShape(t *testing.T) {
	c := doctor(t, nil, binary, "doctor", "--json")
	var names strings.Builder
	for _, f := range c.Findings {
		if f.Area == "names" && f.Name != "containers" {
			continue // daemons, as there are
		}
		names.WriteString(f.Area + " " + f.Name + "\n")
	}
	if names.String() != doctored {
		t.Errorf("the features are\n%s", names.String())
	}
	if c.status != 0 || !c.Usable || c.Proc != "/proc" || c.Kernel == "" {
		t.Errorf("it says %+v", c)
	}
	c.want(t, "ok", "list-processes", "proc-filesystem", "own-pids", "net", "pid", "pidfd", "pidfd-getfd", "netnsid", "pty")

	out, err := exec.CommandContext(t.Context(), binary, "doctor").Output()
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`^(|nstui .*, Linux .*, uid \d+, proc at /proc|[a-z]+|  (ok|no)  [a-z-]+ +[a-z].*  .+|        (instead: nstui |to do:   )[a-z].+|everything works|\d+ of \d+ do not work; .+)$`)
	for text := range strings.Lines(string(out)) {
		if text = strings.TrimSuffix(text, "\n"); !line.MatchString(text) {
			t.Errorf("a strange line: %q", text)
		}
	}
}

func TestDoctorAsAnOrdinaryUser(t *testing.T) {
	needRoot(t) // to be sure that there are processes of others
	c := doctor(t, &syscall.SysProcAttr{Credential: ordinary()}, binary, "doctor", "--json")
	c.want(t, "no", "events", "capabilities", "read-namespaces")
	c.want(t, "ok", "list-processes", "owner", "pidfd", "pty")
	if c.status != 0 || c.UID != uid {
		t.Errorf("status %d as %d", c.status, c.UID)
	}
	events := c.find(t, "events")
	if !strings.Contains(events.Answer, "perf_event_open: permission denied; kernel.perf_event_paranoid is ") ||
		!strings.Contains(events.Answer, "CAP_PERFMON is missing") || !strings.Contains(events.Advice, "CAP_PERFMON") || events.Instead == "" {
		t.Errorf("it says %+v", events)
	}
}

func TestDoctorAsRoot(t *testing.T) {
	needRoot(t)
	c := doctor(t, nil, binary, "doctor", "--json")
	c.want(t, "ok", "owner", "owner-uid", "parent", "socket-namespace", "no-hidepid", "whole-proc")
	if c.status != 0 || c.UID != 0 {
		t.Errorf("status %d as %d", c.status, c.UID)
	}
}

func TestDoctorInAUserNamespace(t *testing.T) {
	attr := &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: syscall.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: syscall.Getgid(), Size: 1}},
	}
	c := doctor(t, attr, binary, "doctor", "--json")
	// It is root, with all capabilities, and yet may not.
	c.want(t, "ok", "list-processes", "capabilities")
	c.want(t, "no", "events", "owner", "mount-namespaces")
	if c.status != 0 || c.UID != 0 {
		t.Errorf("status %d as %d", c.status, c.UID)
	}
	if f := c.find(t, "events"); strings.Contains(f.Answer, "CAP_PERFMON is missing") {
		t.Errorf("it says %+v", f)
	}
}

// inMounts runs nstui doctor as an ordinary user on a proc that is mounted with the options, in a mount
// namespace of its own.
func inMounts(t *testing.T, options string) checkup {
	t.Helper()
	needRoot(t)
	const script = `set -e; mount --make-rprivate /; mount -t tmpfs tmpfs /mnt; mkdir /mnt/proc
		mount -t proc -o "$1" proc /mnt/proc
		exec setpriv --reuid 1000 --regid 1000 --clear-groups "$2" doctor --json --proc /mnt/proc`
	return doctor(t, &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}, "/bin/sh", "-c", script, "sh", options, binary)
}

func TestDoctorUnderHidepid(t *testing.T) {
	c := inMounts(t, "hidepid=2")
	c.want(t, "no", "no-hidepid")
	c.want(t, "ok", "list-processes", "own-pids", "whole-proc", "proc-filesystem")
	if f := c.find(t, "no-hidepid"); f.Answer != "hidepid=invisible" && f.Answer != "hidepid=2" {
		t.Errorf("it says %+v", f)
	}
	if c.status != 0 || c.Proc != "/mnt/proc" {
		t.Errorf("status %d on %s", c.status, c.Proc)
	}
}

func TestDoctorOnASubset(t *testing.T) {
	c := inMounts(t, "subset=pid")
	c.want(t, "no", "whole-proc")
	c.want(t, "ok", "list-processes", "no-hidepid", "proc-filesystem")
	if f := c.find(t, "whole-proc"); !strings.Contains(f.Answer, "subset=pid") || c.status != 0 {
		t.Errorf("status %d, it says %+v", c.status, f)
	}
}

func TestDoctorOnAForeignProc(t *testing.T) {
	needRoot(t)
	// In a pid namespace of its own, where nothing is mounted, /proc is that of the pid namespace outside.
	c := doctor(t, &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID}, binary, "doctor", "--json")
	c.want(t, "ok", "list-processes", "proc-filesystem")
	c.want(t, "no", "own-pids")
	if c.status != 0 {
		t.Errorf("status %d", c.status)
	}
}

func TestDoctorWithoutProc(t *testing.T) {
	c := doctor(t, nil, binary, "doctor", "--json", "--proc", t.TempDir())
	c.want(t, "no", "list-processes", "proc-filesystem")
	if c.status != 1 || c.Usable {
		t.Errorf("status %d, usable %v", c.status, c.Usable)
	}
}
