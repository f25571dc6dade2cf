package probe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"nstui/procscan/events"
)

// liveProbes try what keeps a picture up to date.
func liveProbes() []probe {
	return []probe{
		{
			area: "live", name: "events", tried: "perf_event_open", try: listen,
			instead: "lists the processes at every refresh, and looks at some of them again",
			since:   "4.12",
			rights:  "run nstui as root, or with CAP_PERFMON; container runtimes forbid it unless told otherwise",
			other:   "needs a kernel with CONFIG_PERF_EVENTS, and memory to lock: see ulimit -l",
		},
		{
			area: "live", name: "cgroup-version", tried: "statfs " + cgroupDir, try: cgroup,
			instead: "tells the cgroups that are in /proc all the same",
			other:   "mount cgroup2 on " + cgroupDir,
		},
	}
}

// listen opens the events of all processes and closes them. A refusal depends on more than the error says.
func listen(context.Context, *host) (string, error) {
	stream, err := events.Open()
	if err == nil {
		stream.Close()
		return "forks, exits, execs and moves of all processes", nil
	}
	if text, readErr := os.ReadFile("/proc/sys/kernel/perf_event_paranoid"); readErr == nil {
		err = fmt.Errorf("%w; kernel.perf_event_paranoid is %s", err, strings.TrimSpace(string(text)))
	}
	if missing, capErr := lacking("CAP_PERFMON"); capErr == nil && len(missing) > 0 {
		err = fmt.Errorf("%w, and CAP_PERFMON is missing", err)
	}
	return "", err
}

const cgroupDir = "/sys/fs/cgroup"

func cgroup(context.Context, *host) (string, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(cgroupDir, &st); err != nil {
		return "", err
	}
	switch st.Type {
	case unix.CGROUP2_SUPER_MAGIC:
		return "version 2", nil
	case unix.TMPFS_MAGIC:
		if err := unix.Statfs(cgroupDir+"/unified", &st); err == nil && st.Type == unix.CGROUP2_SUPER_MAGIC {
			return "version 1, and version 2 beside it", nil
		}
		return "version 1", nil
	default:
		return "", fmt.Errorf("no cgroups, but a file system of type %#x", st.Type)
	}
}

// enterProbes try what entering needs, short of entering.
func enterProbes() []probe {
	return []probe{
		{
			area: "enter", name: "capabilities", tried: "capget", try: capabilities,
			instead: "enters the namespaces of your own processes, as far as you own them",
			other:   asRoot,
		},
		{
			area: "enter", name: "user-namespaces", tried: "clone CLONE_NEWUSER", try: userNamespace,
			instead: "enters only what it has the rights for from the start",
			rights:  "see sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone and kernel.apparmor_restrict_unprivileged_userns",
			other:   "see sysctl user.max_user_namespaces",
		},
		{
			area: "enter", name: "memfd-exec", tried: "execve of a memfd", try: memfdExec,
			instead: "copies itself into a file without a name to run inside",
			since:   "3.17", rights: "sysctl vm.memfd_noexec=0",
		},
		{
			area: "enter", name: "pty", tried: "open /dev/ptmx", try: pty,
			instead: "cannot show a shell in its screen; nstui enter runs on the terminal there is",
			other:   "mount devpts on /dev/pts, with ptmxmode=666",
		},
	}
}

// wanted are capabilities(7) that reading and entering everything takes.
var wanted = []struct {
	name   string
	number int
}{
	{"CAP_SYS_ADMIN", unix.CAP_SYS_ADMIN},
	{"CAP_SYS_PTRACE", unix.CAP_SYS_PTRACE},
	{"CAP_SYS_CHROOT", unix.CAP_SYS_CHROOT},
	{"CAP_SETUID", unix.CAP_SETUID},
	{"CAP_SETGID", unix.CAP_SETGID},
	{"CAP_PERFMON", unix.CAP_PERFMON},
}

// lacking returns which of the named capabilities, or of all that are wanted if none is named, are not in
// force.
func lacking(names ...string) (missing []string, err error) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return nil, err
	}
	effective := uint64(data[0].Effective) | uint64(data[1].Effective)<<32
	for _, c := range wanted {
		asked := len(names) == 0
		for _, name := range names {
			asked = asked || name == c.name
		}
		if asked && effective&(1<<c.number) == 0 {
			missing = append(missing, c.name)
		}
	}
	return missing, nil
}

func capabilities(context.Context, *host) (string, error) {
	missing, err := lacking()
	if err != nil {
		return "", err
	}
	if len(missing) > 0 {
		return "", fmt.Errorf("missing %s", strings.Join(missing, ", "))
	}
	return "all it takes, in our user namespace", nil
}

// nothing is a path where there is no program, for children that only have to be born.
const nothing = "/proc/self/there is no such program"

// userNamespace starts a child in a user namespace. That it then has nothing to execute is what ends it.
func userNamespace(context.Context, *host) (string, error) {
	err := begin(nothing, unix.CLONE_NEWUSER)
	if errors.Is(err, unix.ENOENT) {
		return "a child can have one", nil
	}
	return "", err
}

// memfdExec executes an empty file in memory, which the kernel refuses only after it has allowed it.
func memfdExec(context.Context, *host) (string, error) {
	fd, err := unix.MemfdCreate("nstui", unix.MFD_CLOEXEC|unix.MFD_EXEC)
	if errors.Is(err, unix.EINVAL) { // before Linux 6.3
		fd, err = unix.MemfdCreate("nstui", unix.MFD_CLOEXEC)
	}
	if err != nil {
		return "", fmt.Errorf("memfd_create: %w", err)
	}
	defer unix.Close(fd)
	err = begin(fmt.Sprintf("/proc/self/fd/%d", fd), 0)
	if errors.Is(err, unix.ENOEXEC) {
		return "allowed", nil
	}
	return "", err
}

// begin starts a child that is not able to execute its program, and returns why it was not.
func begin(program string, flags uintptr) error {
	pid, err := syscall.ForkExec(program, []string{"nstui"}, &syscall.ProcAttr{
		Files: []uintptr{}, Sys: &syscall.SysProcAttr{Cloneflags: flags},
	})
	if err != nil {
		return err
	}
	// It cannot be, but then it must not stay as a zombie.
	_, _ = syscall.Wait4(pid, nil, 0, nil)
	return errors.New("a program ran that does not exist")
}

// pty opens a pseudoterminal and its other end.
func pty(context.Context, *host) (string, error) {
	master, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", err
	}
	defer unix.Close(master)
	if err := unix.IoctlSetPointerInt(master, unix.TIOCSPTLCK, 0); err != nil {
		return "", fmt.Errorf("unlock it: %w", err)
	}
	n, err := unix.IoctlGetInt(master, unix.TIOCGPTN)
	if err != nil {
		return "", fmt.Errorf("ask for its name: %w", err)
	}
	path := fmt.Sprintf("/dev/pts/%d", n)
	slave, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", fmt.Errorf("open %s: %w", path, err)
	}
	unix.Close(slave)
	return path, nil
}
