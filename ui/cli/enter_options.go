package cli

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"nstui/nsenter"
	"nstui/procscan/ns"
)

// enterOptions is what the words behind nstui enter say, each checked by itself.
type enterOptions struct {
	target     string // as it was written; empty: none
	all        bool
	kinds      ns.Set
	files      [ns.NumKinds]string
	socket     nsenter.Descriptor
	userParent bool

	uid, gid nsenter.ID
	keep     bool
	keepCaps bool

	root, wd directory
	wdns     string
	env      bool
	noFork   bool
	cgroup   bool
	context  bool

	dryRun   bool
	json     bool
	confined bool
	tools    nsenter.Tools
	pty      bool
	noPTY    bool
	record   string // the file a session is recorded to; empty: none

	program []string
}

// directory is a directory to open before anything is entered.
type directory struct {
	targets bool   // that of the target
	path    string // this one; it counts for less, as it does for nsenter
}

func (d directory) asked() bool { return d.targets || d.path != "" }

// These end the reading of options: what stands behind them is not looked at.
var (
	errHelp    = errors.New("asked for help")
	errVersion = errors.New("asked for the version")
)

// readEnterOptions reads the command line of nstui enter.
func readEnterOptions(args []string) (*enterOptions, error) {
	var o enterOptions
	program, err := getopt(o.table(), args)
	if err != nil {
		return nil, err
	}
	o.program = program
	if o.wd.asked() && o.wdns != "" {
		return nil, errors.New("--wd and --wdns exclude each other")
	}
	if o.tools == nsenter.ToolsBusybox && len(program) > 0 {
		return nil, errors.New("--tools=busybox runs its shell and no other program: give that its commands")
	}
	if o.pty && o.noPTY {
		return nil, errors.New("--pty and --no-pty exclude each other")
	}
	if o.record != "" && o.noPTY {
		return nil, errors.New("--record and --no-pty exclude each other: what is recorded is a terminal of the program's own")
	}
	if o.json && !o.dryRun {
		return nil, errors.New("--json goes with --dry-run")
	}
	return &o, nil
}

// kindOptions are the names nsenter(1) has for the kinds, in its order.
var kindOptions = []struct {
	kind ns.Kind
	long string
}{
	{ns.Mnt, "mount"},
	{ns.UTS, "uts"},
	{ns.IPC, "ipc"},
	{ns.Net, "net"},
	{ns.PID, "pid"},
	{ns.Cgroup, "cgroup"},
	{ns.User, "user"},
	{ns.Time, "time"},
}

// table returns the options of nsenter(1), those of util-linux 2.42 too, and our own.
func (o *enterOptions) table() []option {
	options := []option{
		{short: 'a', long: "all", set: flag(&o.all)},
		{short: 'h', long: "help", set: stop(errHelp)},
		{short: 'V', long: "version", set: stop(errVersion)},
		{short: 't', long: "target", takes: takesValue, set: o.setTarget},
	}
	for _, k := range kindOptions {
		options = append(options, option{short: k.kind.Letter(), long: k.long, takes: takesGlued, set: o.setKind(k.kind, k.long)})
	}
	return append(options,
		option{short: 'N', long: "net-socket", takes: takesValue, newer: true, set: o.setSocket},
		option{long: "user-parent", newer: true, set: o.setUserParent},
		option{short: 'S', long: "setuid", takes: takesValue, set: setID(&o.uid, "--setuid")},
		option{short: 'G', long: "setgid", takes: takesValue, set: setID(&o.gid, "--setgid")},
		option{long: "preserve-credentials", set: flag(&o.keep)},
		option{long: "keep-caps", newer: true, set: flag(&o.keepCaps)},
		option{short: 'r', long: "root", takes: takesGlued, set: setDirectory(&o.root, "--root")},
		option{short: 'w', long: "wd", takes: takesGlued, set: setDirectory(&o.wd, "--wd")},
		// nsenter takes the next word for -W, but not for --wdns.
		option{short: 'W', takes: takesValue, set: o.setWdns},
		option{long: "wdns", takes: takesGlued, set: o.setWdns},
		option{short: 'e', long: "env", newer: true, set: flag(&o.env)},
		option{short: 'F', long: "no-fork", set: flag(&o.noFork)},
		option{short: 'c', long: "join-cgroup", newer: true, set: flag(&o.cgroup)},
		option{short: 'Z', long: "follow-context", set: flag(&o.context)},

		option{long: "dry-run", newer: true, set: flag(&o.dryRun)},
		option{long: "json", newer: true, set: flag(&o.json)},
		option{long: "confined", newer: true, set: flag(&o.confined)},
		option{long: "tools", takes: takesValue, newer: true, set: o.setTools},
		option{long: "pty", newer: true, set: flag(&o.pty)},
		option{long: "no-pty", newer: true, set: flag(&o.noPTY)},
		option{long: "record", takes: takesValue, newer: true, set: o.setRecord},
	)
}

func flag(f *bool) func(argument) error {
	return func(argument) error {
		*f = true
		return nil
	}
}

func stop(err error) func(argument) error {
	return func(argument) error { return err }
}

func (o *enterOptions) setTarget(a argument) error {
	if o.target != "" {
		return fmt.Errorf("option --target is given twice: %q and %q", o.target, a.text)
	}
	if a.text == "" {
		return errors.New("option --target is empty: want a pid or a name")
	}
	o.target = a.text
	return nil
}

func (o *enterOptions) setKind(k ns.Kind, long string) func(argument) error {
	return func(a argument) error {
		o.kinds = o.kinds.With(k)
		if !a.given {
			return nil
		}
		file, err := pathOf(a, "--"+long)
		if err == nil && file[0] == ':' {
			err = fmt.Errorf("invalid value %q of --%s: namespaces are not yet found by their 64-bit id; "+
				"for a file of this name write ./%s", file, long, file)
		}
		o.files[k] = file
		return err
	}
}

func (o *enterOptions) setSocket(a argument) error {
	fd, err := strconv.ParseInt(a.text, 10, 32)
	if err != nil || fd < 0 {
		return fmt.Errorf("invalid value %q of --net-socket: want the number of a file descriptor of the target", a.text)
	}
	o.socket = nsenter.Descriptor{Set: true, FD: int(fd)}
	return nil
}

func (o *enterOptions) setUserParent(argument) error {
	o.userParent = true
	return nil
}

func (o *enterOptions) setWdns(a argument) error {
	if !a.given {
		return nil // as nsenter does
	}
	dir, err := pathOf(a, "--wdns")
	o.wdns = dir
	return err
}

func (o *enterOptions) setTools(a argument) error {
	switch a.text {
	case "host":
		o.tools = nsenter.ToolsHost
	case "busybox":
		o.tools = nsenter.ToolsBusybox
	case "tree":
		o.tools = nsenter.ToolsTree
	default:
		return fmt.Errorf("invalid value %q of --tools: want host, busybox or tree", a.text)
	}
	return nil
}

func (o *enterOptions) setRecord(a argument) error {
	path, err := pathOf(a, "--record")
	o.record = path
	return err
}

func setDirectory(d *directory, name string) func(argument) error {
	return func(a argument) error {
		if !a.given {
			d.targets = true
			return nil
		}
		dir, err := pathOf(a, name)
		d.path = dir
		return err
	}
}

// setID reads a user or group id. The highest number means "leave it" to setresuid(2), which is not
// what anybody means who writes it.
func setID(id *nsenter.ID, name string) func(argument) error {
	return func(a argument) error {
		if a.text == "follow" {
			*id = nsenter.ID{Set: true, Follow: true}
			return nil
		}
		n, err := strconv.ParseUint(a.text, 10, 32)
		if err != nil || n == math.MaxUint32 {
			return fmt.Errorf("invalid value %q of %s: want a number, or follow for that of the target", a.text, name)
		}
		*id = nsenter.ID{Set: true, N: uint32(n)}
		return nil
	}
}

// pathOf returns the path an option names. A '=' before it is dropped, as newer versions of nsenter do for
// those who write -n=file.
func pathOf(a argument, name string) (string, error) {
	path := a.text
	if path != "" && path[0] == '=' {
		path = path[1:]
	}
	if path == "" {
		return "", fmt.Errorf("the path of %s is empty", name)
	}
	return path, nil
}
