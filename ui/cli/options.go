package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/pflag"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/ui"
	"nstui/ui/theme"
)

// options is what the command line and the environment say, checked.
type options struct {
	pid      pidFlag
	target   targetFlag
	kind     kindFlag
	shell    shellFlag
	prefix   prefixFlag
	interval intervalFlag
	history  historyFlag
	theme    themeFlag
	mouse    bool
	bare     bool
	noBell   bool
	root     string // where proc is mounted
}

// addTo defines the flags of the options, with their defaults.
func (o *options) addTo(flags *pflag.FlagSet) {
	o.prefix = defaultPrefix
	o.interval = intervalFlag(2 * time.Second)
	o.history = ui.DefaultHistory
	o.theme = themeFlag(theme.Auto)

	flags.Var(&o.pid, "pid", "open on the process with this pid")
	flags.VarP(&o.target, "target", "t", "open on a target of nstui enter: a name, unit:, netns:, ns:, a pid")
	flags.Var(&o.kind, "kind", "open on one kind of namespaces, net if none is named: "+kindNames(", "))
	flags.Var(&o.shell, "shell", "program to run inside, instead of the target's own shell")
	flags.Var(&o.prefix, "prefix", "the one key that is ours inside a shell")
	flags.Var(&o.interval, "interval", "pause between two scans")
	flags.Var(&o.history, "history", "lines a shell keeps of what scrolled off its screen, 0 for none")
	flags.Var(&o.theme, "theme", "colours: "+themeNames(", "))
	flags.BoolVar(&o.mouse, "mouse", false, "take the mouse; the terminal then selects text only with shift held")
	flags.BoolVar(&o.bare, "bare", false, "leave your own /sys, /proc and resolv.conf to shells with the host's tools")
	flags.BoolVar(&o.noBell, "no-bell", false, "do not pass the bells of the shell on the screen on to the terminal")
	flags.StringVar(&o.root, "proc", procscan.DefaultRoot, "the `ROOT` proc is mounted at; /host/proc in a container")
	flags.Bool("version", false, "print the version and exit")
	flags.BoolP("help", "h", false, "print this help and exit")
}

// config returns what the screen needs to know.
func (o *options) config(live ui.Live) ui.Config {
	kind := o.kind.kind
	if kind == nil {
		net := ns.Net // what is debugged most
		kind = &net
	}
	return ui.Config{
		Live:     live,
		Names:    container.New(container.Options{Root: o.root}),
		PID:      cmp.Or(int(o.pid), o.target.pid),
		Target:   o.target.name,
		Kind:     kind,
		Prefix:   string(o.prefix),
		Interval: time.Duration(o.interval),
		History:  o.history.lines(),
		Theme:    theme.Name(o.theme),
		Mouse:    o.mouse,
		Bare:     o.bare,
		NoBell:   o.noBell,
		Shell:    string(o.shell),
		Host:     hostname(),
		Kernel:   kernel(),
		UID:      os.Geteuid(),
		Version:  shortVersion(),
		Users:    newUsers(passwdFile).name,
	}
}

// list returns what a list is to show where there is no terminal.
func (o *options) list() *lsOptions {
	list := &lsOptions{pid: cmp.Or(int(o.pid), o.target.pid), root: o.root, kinds: ns.All}
	if o.kind.kind != nil {
		list.kinds, list.given = ns.SetOf(*o.kind.kind), map[string]bool{"type": true}
	}
	list.chooseDefaults()
	return list
}

// hostname returns the name of this host, or nothing where the kernel does not tell.
func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return name
}

// kernel returns the release of the running kernel, such as "6.12.8", see proc_sys_kernel(5), or
// nothing where /proc does not tell.
func kernel() string {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(release))
}

// environment is the options that may be set by a variable. One process is no preference, and PID is
// what daemons like to call a variable, so --pid is not among them.
var environment = map[string]string{
	"kind":     "NSTUI_KIND",
	"shell":    "NSTUI_SHELL",
	"prefix":   "NSTUI_PREFIX",
	"interval": "NSTUI_INTERVAL",
	"history":  "NSTUI_HISTORY",
	"theme":    "NSTUI_THEME",
	"mouse":    "NSTUI_MOUSE",
	"bare":     "NSTUI_BARE",
	"no-bell":  "NSTUI_NO_BELL",
}

// setFromEnvironment sets the flags the command line did not set. An empty variable says nothing.
func setFromEnvironment(flags *pflag.FlagSet, lookup func(string) (string, bool)) error {
	var errs []error
	flags.VisitAll(func(f *pflag.Flag) {
		value, ok := lookup(environment[f.Name])
		if !ok || value == "" || f.Changed {
			return
		}
		if err := f.Value.Set(value); err != nil {
			errs = append(errs, fmt.Errorf("invalid value %q of %s: %w", value, environment[f.Name], err))
		}
	})
	if len(errs) > 0 {
		return usageError{errors.Join(errs...)}
	}
	return nil
}

// pidFlag is the pid of a process; zero is none.
type pidFlag int

func (f *pidFlag) String() string {
	if *f == 0 {
		return ""
	}
	return strconv.Itoa(int(*f))
}

func (f *pidFlag) Type() string { return "N" }

func (f *pidFlag) Set(s string) error {
	pid, err := strconv.ParseInt(s, 10, 32)
	if err != nil || pid <= 0 {
		return errors.New("want the number of a process, 1 or more")
	}
	*f = pidFlag(pid)
	return nil
}

// targetFlag is what a process is called, or its pid.
type targetFlag struct {
	pid  int    // 0: none
	name string // "" if there is a pid
}

func (f *targetFlag) String() string {
	if f.pid != 0 {
		return strconv.Itoa(f.pid)
	}
	return f.name
}

func (f *targetFlag) Type() string { return "NAME" }

func (f *targetFlag) Set(s string) error {
	*f = targetFlag{name: s}
	switch {
	case s == "":
		return errors.New("want a name")
	case isNumber(s):
		ref, err := parsePID(s)
		if err != nil || ref.Inode != 0 {
			return errors.New("a pid is a number of 1 or more")
		}
		*f = targetFlag{pid: ref.PID}
	}
	return nil
}

// kindFlag is a kind of namespaces, or none.
type kindFlag struct{ kind *ns.Kind }

func (f *kindFlag) String() string {
	if f.kind == nil {
		return ""
	}
	return f.kind.String()
}

func (f *kindFlag) Type() string { return "KIND" }

func (f *kindFlag) Set(s string) error {
	kind, ok := ns.ParseKind(s)
	if !ok {
		return errors.New("want one of " + kindNames(", "))
	}
	f.kind = &kind
	return nil
}

func kindNames(sep string) string {
	names := make([]string, 0, ns.NumKinds)
	for _, kind := range ns.Kinds() {
		names = append(names, kind.String())
	}
	return strings.Join(names, sep)
}

// shellFlag is the path of a program. Whether it exists is for the plan of an entry to say: the path
// is one of the target's root, which may not be ours.
type shellFlag string

func (f *shellFlag) String() string { return string(*f) }

func (f *shellFlag) Type() string { return "PATH" }

func (f *shellFlag) Set(s string) error {
	if !path.IsAbs(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == 0 }) {
		return errors.New("want an absolute path without arguments, such as /bin/sh")
	}
	*f = shellFlag(path.Clean(s))
	return nil
}

// intervalFlag is a pause; a bare number is one of seconds, as for top(1) and watch(1).
type intervalFlag time.Duration

const (
	minInterval = 100 * time.Millisecond
	maxInterval = time.Hour
)

func (f *intervalFlag) String() string { return time.Duration(*f).String() }

func (f *intervalFlag) Type() string { return "DURATION" }

func (f *intervalFlag) Set(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil {
		d, err = time.ParseDuration(s + "s")
	}
	if err != nil || d < minInterval || d > maxInterval {
		return fmt.Errorf("want a pause of %v to %v, such as 500ms, 2s or 1m", minInterval, maxInterval)
	}
	*f = intervalFlag(d)
	return nil
}

// historyFlag is a number of lines.
type historyFlag int

func (f *historyFlag) String() string { return strconv.Itoa(int(*f)) }

func (f *historyFlag) Type() string { return "LINES" }

func (f *historyFlag) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > ui.MaxHistory {
		return fmt.Errorf("want a number of lines, 0 to %d", ui.MaxHistory)
	}
	*f = historyFlag(n)
	return nil
}

// lines returns the number as the screen takes it, which knows 0 as the default.
func (f *historyFlag) lines() int {
	if *f == 0 {
		return -1
	}
	return int(*f)
}

// themeFlag is the name of a theme.
type themeFlag theme.Name

func (f *themeFlag) String() string { return string(*f) }

func (f *themeFlag) Type() string { return "NAME" }

func (f *themeFlag) Set(s string) error {
	for _, name := range theme.Names() {
		if s == string(name) {
			*f = themeFlag(name)
			return nil
		}
	}
	return errors.New("want one of " + themeNames(", "))
}

func themeNames(sep string) string {
	names := make([]string, 0, len(theme.Names()))
	for _, name := range theme.Names() {
		names = append(names, string(name))
	}
	return strings.Join(names, sep)
}
