package test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// outcome is what a run of a program came to.
type outcome struct {
	stdout string
	end    string // "exit 3" or "signal 9"
}

// comparison is one command line that is given to nsenter(1) and to nstui enter. Of both the same must
// come, or what is written down with the reason.
type comparison struct {
	args string // apart by one space; PID and DIR stand for those of the target
	// program is run by sh -c; empty: what is in args, or a shell.
	program string
	stdin   string
	// differs says why nstui does not do as nsenter 2.38 does; instead is what it does then.
	differs string
	instead outcome
	// any leaves out the comparison of what is written, where each writes its own words.
	any bool
}

// rootComparisons are made as root, with a target that shares no namespace with us.
var rootComparisons = []comparison{
	// Kinds, by letter, by name and by file.
	{args: "-t PID -n", program: links},
	{args: "-t PID -u", program: links},
	{args: "-t PID -i", program: links},
	{args: "-t PID -C", program: links},
	{args: "-t PID -T", program: links},
	{args: "-t PID -U", program: links},
	{args: "-t PID -m", program: "pwd; ls /proc/1/ns; " + links},
	{args: "-t PID -p", program: "ls /proc/self; kill -0 1; echo $?"},
	{args: "-t PID -m -p", program: "pwd; " + links},
	{args: "-t PID -m -p -F", program: "readlink /proc/self/ns/pid; true | readlink /proc/self/ns/pid"},
	{args: "-t PID -p -F", program: links + "; readlink /proc/self/ns/pid_for_children"},
	{args: "-t PID -a", program: "pwd; id; " + links},
	{args: "-t PID --all", program: "pwd; id; " + links},
	{args: "-at PID", program: links},
	{args: "-t PID -m -u -i -n -p -C -U -T", program: links},
	{args: "-t PID --mount --uts --ipc --net --pid --cgroup --user --time", program: links},
	{args: "--target=PID --net --uts", program: links},
	{args: "--targ PID --ne --ut --ip --ti", program: links},
	{args: "--target PID --us", program: links},
	{args: "-n/proc/PID/ns/net", program: links},
	{args: "--net=/proc/PID/ns/net", program: links},
	{args: "--net=/proc/PID/ns/net -u/proc/PID/ns/uts", program: links},
	{args: "-t PID -a -n/proc/self/ns/net", program: links},
	{args: "-t PID -a --net=/proc/self/ns/net -u/proc/self/ns/uts", program: links},
	{args: "-m/proc/PID/ns/mnt -p/proc/PID/ns/pid", program: "pwd; " + links},
	{args: "-U/proc/PID/ns/user -n/proc/PID/ns/net", program: "id; " + links},
	{args: "-t SELF -n -m", program: "pwd; " + links}, // namespaces that are ours already
	{args: "-t SELF -a", program: "pwd; " + links},
	{args: "-t SELF -m -w", program: "pwd"},
	{args: "-t SELF -p", program: "readlink /proc/self/ns/pid"},
	{
		args: "-t SELF -n -U", program: links,
		differs: "our own user namespace cannot be joined: nothing is to be done about it, and it is no error",
	},

	// Ids and capabilities.
	{args: "-t PID -U", program: "id; " + rights},
	{args: "-t PID -a -S 5 -G 6", program: "id; " + rights},
	{args: "-t PID -U -S 5", program: "id; " + rights},
	{args: "-t PID -U -G 6", program: "id; " + rights},
	{args: "-t PID -n -S 5", program: "id; " + rights},
	{args: "-t PID -n -G 6", program: "id; " + rights},
	{args: "-S 5 -G 6", program: "id; " + rights},
	{args: "--setuid=5 --setgid 6", program: "id; " + rights},
	{args: "-t PID -U --preserve-credentials", program: "id; " + rights},
	{args: "-t PID -U --preserve-credentials -S 5", program: "id; " + rights},
	{args: "-t PID -U -S 70000", program: "id"}, // not mapped
	{
		args: "-t PID -a", program: "test -e /proc/self/fd/3 && echo leaked || echo closed",
		differs: "descriptors but the first three are closed: what is behind them is of this host",
		instead: outcome{"closed\n", "exit 0"},
	},
	{args: "-t PID -n", program: "id; ulimit -n; umask; " + rights},
	{args: "-S follow -t PID", program: "id -u", differs: newer, instead: outcome{"100000\n", "exit 0"}},
	{args: "-G follow -t PID", program: "id -g", differs: newer, instead: outcome{"100000\n", "exit 0"}},
	{args: "-U -S follow -G follow -t PID", program: "id -u; id -g", differs: newer, instead: outcome{"0\n0\n", "exit 0"}},
	{args: "-U --keep-caps -S 5 -t PID", program: "grep CapEff /proc/self/status | grep -c 1ff", differs: newer, instead: outcome{"1\n", "exit 0"}},

	// Directories.
	{args: "-w/usr", program: "pwd"},
	{args: "--wd=/usr", program: "pwd"},
	{args: "-t PID -w", program: "pwd"},
	{args: "-t PID -w/usr -w", program: "pwd"},
	{args: "-t PID -m -w", program: "pwd"},
	{args: "-t PID -m -w/usr", program: "pwd"},
	{args: "-t PID -m -W /usr", program: "pwd"},
	{args: "-t PID -m -W/usr", program: "pwd"},
	{args: "--wdns=/usr", program: "pwd"},
	{args: "-W /usr", program: "pwd"},
	{args: "-W lib", program: "pwd"}, // from where we are
	{args: "-wlib", program: "pwd"},
	{args: "-t PID -m -W usr", program: "pwd"},
	{args: "-t PID -m -wlib", program: "pwd"},
	{args: "-t PID -m -p -r -W /usr", program: "pwd; " + links},
	{args: "-r/usr", program: "pwd; echo /*"},
	{args: "-r/usr -W /bin", program: "pwd"},
	{args: "-r/usr -w/var", program: "pwd"},
	{args: "-t SELF -m -r/usr -w/usr/bin", program: "pwd"},
	{args: "-t PID -m --wdns", program: "pwd"},
	{args: "-t PID -m -r", program: "pwd; ls -d /usr"},
	{args: "-t PID -r", program: "pwd; ls -d /usr"},
	{args: "-t PID -r -w", program: "pwd"},
	{args: "-r/", program: "pwd"},
	{args: "--root=/ --wd=/usr", program: "pwd"},
	{args: "-w=/usr", program: "pwd", differs: "newer versions drop the '=', too", instead: outcome{"/usr\n", "exit 0"}},
	{args: "-n=/proc/PID/ns/net", program: "echo in", differs: "newer versions drop the '=', too", instead: outcome{"in\n", "exit 0"}},
	{args: "-r/nonexistent", program: "pwd"},
	{args: "-w/nonexistent", program: "pwd"},
	{args: "-W/nonexistent", program: "pwd"},
	{args: "-w/etc/passwd", program: "pwd"},
	{args: "-w -W /", program: "pwd"},

	// The environment.
	{args: "-t PID -n", program: "env | sort"},
	{args: "-t PID -a", program: "env | sort"},
	{args: "-t PID -n -e", program: "echo $SECRET $OURS", differs: newer, instead: outcome{"of-the-target\n", "exit 0"}},
	{args: "-t PID -n --env", program: "echo $SECRET $OURS", differs: newer, instead: outcome{"of-the-target\n", "exit 0"}},

	// What is run, and how it ends.
	{args: "-t PID -n true"},
	{args: "-t PID -n false"},
	{args: "-t PID -n echo -n -t 1 --all"},
	{args: "-t PID -n -- echo -n"},
	{args: "-t PID -n", program: "exit 3"},
	{args: "-t PID -n", program: "exit 255"},
	{args: "-t PID -p", program: "exit 3"},
	{args: "-t PID -n", program: "kill -9 $$"},
	{args: "-t PID -n", program: "kill -TERM $$"},
	{args: "-t PID -n", program: "ulimit -c 0; kill -SEGV $$"},
	{args: "-t PID -n", program: "ulimit -c 0; kill -QUIT $$"},
	{args: "-t PID -n", program: "kill -USR1 $$"},
	{args: "-t PID -p", program: "kill -TERM $$"},
	{args: "-t PID -n", program: "cat; echo end", stdin: "over standard input\n"},
	{args: "-t PID -n /nonexistent/program"},
	{args: "-t PID -n no-such-program"},
	{args: "-t PID -n /etc/passwd"},
	{args: "-t PID -n /etc"},
	{args: "-t PID -n /etc/passwd/x"},
	{args: "-t PID -n -"},
	{args: "-t PID -m no-such-program"},
	{args: "-t PID -n", stdin: "echo $0 $-; exit 5\n"}, // a login shell
	{args: "-t PID -a", stdin: "echo $0; pwd; exit 5\n"},
	{args: "-t PID -m", stdin: "echo $0; exit 5\n"},
	{args: "-F -t PID -p", stdin: "echo $0; exit 5\n"},
	{args: "-t PID -Z -n", program: links},
	{
		args: "-Z -n/proc/PID/ns/net", program: "echo in",
		differs: "a label must be somebody's; nsenter finds that out on hosts with SELinux only",
		instead: outcome{"", "exit 1"},
	},

	// Options of newer versions.
	{args: "-t PID -n -c", program: "echo in", differs: newer, instead: outcome{"in\n", "exit 0"}},
	{args: "-t PID -n --join-cgroup", program: "echo in", differs: newer, instead: outcome{"in\n", "exit 0"}},
	{args: "-t PID -a --user-parent", program: "readlink /proc/self/ns/user | grep -c $OURUSER", differs: newer, instead: outcome{"1\n", "exit 0"}},
	{args: "-t PID -a -N 3", program: "readlink /proc/self/ns/net | grep -c $OURNET", differs: newer, instead: outcome{"1\n", "exit 0"}},
	{args: "-t PID --net-socket 0", program: "echo in"}, // a pipe is no socket

	// What makes no sense.
	{args: "-t PID --bogus true"},
	{args: "-t PID -q true"},
	{args: "-t PID --net --p true"},
	{args: "-t PID --w true"},
	{args: "-t PID --all=x true"},
	{args: "-t"},
	{args: "--target"},
	{args: "-n true"},
	{args: "-a true"},
	{args: "-a -n true"},
	{args: "-t abc -n true"},
	{args: "-t 0 -n true"},
	{args: "-t -5 -n true"},
	{args: "-t 99999999999999999999 -n true"},
	{args: "-t 4194305 -n true"},
	{args: "-t PID -nu true"},
	{args: "-t PID -muinp true"},
	{args: "-n/nonexistent true"},
	{args: "-n/etc/passwd true"},
	{args: "-n/proc/PID/ns/uts true"},
	{args: "--net= true"},
	{args: "-S abc true"},
	{args: "-G abc true"},
	{
		args:    "-S 99999999999 id -u",
		differs: "a number too large for an id is not cut to another one",
		instead: outcome{"", "exit 1"},
	},
	{
		args:    "true",
		differs: "without a namespace, a directory or an id nothing is entered: newer versions refuse, too",
		instead: outcome{"", "exit 1"},
	},
	{
		args:    "-t PID true",
		differs: "without a namespace, a directory or an id nothing is entered: newer versions refuse, too",
		instead: outcome{"", "exit 1"},
	},
	{
		args: "-t SELF -t PID -n", program: "echo in",
		differs: "of two targets one is a mistake: newer versions refuse, too",
		instead: outcome{"", "exit 1"},
	},
	{
		args: "-t PID -n -n/proc/self/ns/net", program: "readlink /proc/self/ns/net | grep -c $OURNET",
		differs: "a file counts more than the target, as with --all and in newer versions",
		instead: outcome{"1\n", "exit 0"},
	},
	{args: "--help", any: true},
	{args: "-h", any: true},
	{args: "-hx", any: true},
	{args: "-V", any: true},
	{args: "--version", any: true},
	{args: "-w -V", any: true},
}

const newer = "nsenter 2.38 does not have the option"

// What the programs tell of where they are.
const (
	links  = "for k in cgroup ipc mnt net pid time user uts; do readlink /proc/self/ns/$k; done"
	rights = "grep -E '^(Cap|NoNewPrivs|Groups|Sig[BIC])' /proc/self/status"
)

// TestEnterDoesAsNsenter compares the two on one target, option by option.
func TestEnterDoesAsNsenter(t *testing.T) {
	needRoot(t) // for all kinds of namespaces
	version := needNsenter(t)
	pid := stranger(t)
	for _, c := range rootComparisons {
		t.Run(strings.TrimSpace(c.args+" "+c.program), func(t *testing.T) { c.compare(t, pid, version, nil) })
	}
}

// userComparisons are made as an ordinary user, with a target in a user namespace of their own.
var userComparisons = []comparison{
	{args: "-t PID -U --preserve-credentials", program: "id; " + links},
	{args: "-t PID -U --preserve-credentials -n -u", program: "id; " + links},
	{
		args: "-t PID -a --preserve-credentials", program: "id -u; pwd; readlink /proc/self/ns/cgroup >/dev/null",
		differs: "what is ours already is not asked for: the kernel would refuse",
		instead: outcome{"0\n/\n", "exit 0"},
	},
	{args: "-t PID -U --preserve-credentials", program: rights},
	{args: "-t 1 -n true"},
	{args: "-t 1 -a true"},
	{
		args: "-t PID -U -n", program: "id -u",
		differs: "setgroups is denied in there, and nsenter gives up on that",
		instead: outcome{"0\n", "exit 0"},
	},
	{
		args: "-t PID -n", program: "id -u",
		differs: "the user namespace is added: without it nobody but root may enter the others",
		instead: outcome{"0\n", "exit 0"},
	},
}

func TestEnterDoesAsNsenterForAUser(t *testing.T) {
	needUserNamespaces(t)
	version := needNsenter(t)
	cmd := exec.Command("cat")
	credential := ordinary()
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET | syscall.CLONE_NEWUTS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	if credential != nil {
		// The user makes the namespaces: one of root's would not be theirs.
		cmd = exec.Command("unshare", "--user", "--map-root-user", "--net", "--uts", "cat")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
	}
	startActor(t, cmd)
	for _, c := range userComparisons {
		t.Run(strings.TrimSpace(c.args+" "+c.program), func(t *testing.T) { c.compare(t, cmd.Process.Pid, version, credential) })
	}
}

// needNsenter returns the version of the nsenter there is.
func needNsenter(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "nsenter", "--version").Output()
	if err != nil {
		t.Skip("needs nsenter:", err)
	}
	return string(out)
}

// stranger starts a process that shares no namespace with us, in a directory of its own choice and with
// an environment of its own.
func stranger(t *testing.T) (pid int) {
	t.Helper()
	// A socket of another network namespace than the one it will be in: ours.
	listener, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }() // nothing was sent
	socket, err := listener.File()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	const ids = 65536
	// A time namespace is one for the program that is executed next.
	cmd := exec.Command("unshare", "--time", "--mount-proc", "cat")
	cmd.Dir, cmd.ExtraFiles = "/usr/share", []*os.File{socket}
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "SECRET=of-the-target"}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC | syscall.CLONE_NEWNET |
			syscall.CLONE_NEWPID | syscall.CLONE_NEWCGROUP | syscall.CLONE_NEWUSER,
		UidMappings:                []syscall.SysProcIDMap{{ContainerID: 0, HostID: 100000, Size: ids}},
		GidMappings:                []syscall.SysProcIDMap{{ContainerID: 0, HostID: 100000, Size: ids}},
		GidMappingsEnableSetgroups: true,
		Credential:                 &syscall.Credential{},
	}
	startActor(t, cmd)
	for _, kind := range []string{"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"} {
		if inode(t, cmd.Process.Pid, kind) == inode(t, os.Getpid(), kind) {
			t.Fatalf("the target is in our %s namespace", kind)
		}
	}
	return cmd.Process.Pid
}

// compare runs both and says where they differ.
func (c *comparison) compare(t *testing.T, pid int, version string, credential *syscall.Credential) {
	t.Helper()
	theirs := c.run(t, pid, credential, "nsenter")
	ours := c.run(t, pid, credential, binary, "enter")
	if c.any {
		theirs.stdout, ours.stdout = "", ""
	}
	if c.differs == "" {
		if ours != theirs {
			t.Errorf("nstui enter:\n%s\nnsenter:\n%s", ours, theirs)
		}
		return
	}
	if c.instead != (outcome{}) && ours != c.instead {
		t.Errorf("nstui enter:\n%s\nwant:\n%s", ours, c.instead)
	}
	// Newer versions of nsenter do as we do in more places.
	if ours == theirs && strings.Contains(version, " 2.38") {
		t.Errorf("it does not differ, so this is no reason: %s\n%s", c.differs, ours)
	}
}

func (o outcome) String() string { return fmt.Sprintf("%s\n%q", o.end, o.stdout) }

// run runs one of the two.
func (c *comparison) run(t *testing.T, pid int, credential *syscall.Credential, argv ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	words := strings.NewReplacer("PID", strconv.Itoa(pid), "SELF", strconv.Itoa(os.Getpid()))
	argv = append(argv, strings.Fields(words.Replace(c.args))...)
	if c.program != "" {
		argv = append(argv, "sh", "-c", c.program)
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = "/var"
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "SHELL=/bin/sh", "HOME=/nonexistent", "OURS=1", "LANG=C", "ODD=a b\nc",
		raceOptions(),
		"OURNET=" + inode(t, os.Getpid(), "net"), "OURUSER=" + inode(t, os.Getpid(), "user"),
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
	cmd.ExtraFiles = []*os.File{os.Stderr}
	cmd.Stdin = strings.NewReader(c.stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	t.Logf("%v: %v\n%s", argv, err, stderr.Bytes())
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("run %v: %v", argv, err)
	}
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok {
		t.Fatal("there is no wait status")
	}
	o := outcome{stdout: stdout.String(), end: fmt.Sprintf("exit %d", status.ExitStatus())}
	if status.Signaled() {
		o.end = fmt.Sprintf("signal %d", status.Signal())
	}
	return o
}
