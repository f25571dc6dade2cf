package nsenter

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// program chooses what is executed.
func (p *Plan) program(f *Facts, r Request, env []string) {
	switch {
	case len(r.Program) > 0:
		p.Program, p.Shells = true, [][]string{r.Program}
	case r.Tools == ToolsBusybox && r.Shell == "":
		p.Busybox, p.Shells = true, [][]string{{"sh"}}
	default:
		p.Login = r.Plain && r.Shell == ""
		p.Shells = p.shells(f, r, env)
	}
}

// home is what the root directory offers that the program runs in.
func (p *Plan) home(f *Facts) *Home {
	if p.InRoot() {
		return &f.Inside
	}
	return &f.Outside
}

// shells returns the argument vectors to try: the one that was asked for, or else the login shell of
// the account it runs as and every other that is there. Where it is not known which there are, all that
// could be.
func (p *Plan) shells(f *Facts, r Request, env []string) [][]string {
	if argv := strings.Fields(r.Shell); len(argv) > 0 {
		return [][]string{argv}
	}
	home := p.home(f)
	paths := home.Shells
	if p.InRoot() && !home.Known && !home.Hung {
		paths = shellPaths
	}
	first := func(shell string) {
		others := slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p == shell })
		paths = append([]string{shell}, others...)
	}
	if a, ok := home.account(strconv.FormatUint(uint64(p.As.UID), 10)); ok && a.Shell != "" {
		first(a.Shell)
	}
	if r.Plain && !r.ShellMissing { // as nsenter(1) does
		if r.Env && !p.hostFiles(f) {
			env = f.Environ
		}
		if shell, _ := variable(env, "SHELL"); path.IsAbs(shell) {
			first(shell)
		}
	}
	argvs := make([][]string, 0, len(paths))
	for _, p := range paths {
		if path.Base(p) == "busybox" {
			argvs = append(argvs, []string{p, "sh"})
			continue
		}
		argvs = append(argvs, []string{p})
	}
	return argvs
}

// variable returns the value of a variable of an environment: the first, as getenv(3) does.
func variable(env []string, name string) (value string, ok bool) {
	for _, entry := range env {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value, true
		}
	}
	return "", false
}

func shellPath(argvs [][]string) string {
	if len(argvs) == 0 {
		return ""
	}
	return argvs[0][0]
}

// Look reports whether the first word of the command line can be executed: inside, in the
// target's root directory, or in the caller's. It must be an absolute path. It may block on a hung
// file system.
func (t *Target) Look(inside bool, commandLine string) bool {
	argv := strings.Fields(commandLine)
	if len(argv) == 0 || !path.IsAbs(argv[0]) {
		return false
	}
	if inside {
		t.open.RLock()
		defer t.open.RUnlock()
		root, err := unix.FcntlInt(uintptr(t.insideRoot()), unix.F_DUPFD_CLOEXEC, 0)
		if err != nil {
			return false
		}
		found, _ := within(lookTime, func() bool {
			defer unix.Close(root)
			return missing(root, argv[0]) == ""
		})
		return found
	}
	root, err := unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(root)
	return missing(root, argv[0]) == ""
}

// defaultPath is what a shell in a container finds programs with if nothing else is said.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// The variables that are not carried into a shell. A name that ends in '*' is a prefix.
var (
	// foreign describe the terminal that is not the shell's own, or are this program's.
	foreign = []string{
		"TERM", "TERMCAP", "COLORTERM", "TERM_PROGRAM*", "TMUX*", "STY", "WINDOWID", "COLUMNS", "LINES",
		"VTE_VERSION", "KITTY_*", "WEZTERM_*", "ALACRITTY_*", "NSTUI_*", "_",
	}
	// active make a shell or the loader run something, or write somewhere. The caller's own stay with
	// the caller's files; those of a target do not come along.
	active = []string{
		"LD_*", "GLIBC_TUNABLES", "BASH_ENV", "ENV", "PROMPT_COMMAND", "PS0", "PS1", "PS2", "PS4", "BASH_FUNC_*",
		"SHELLOPTS", "BASHOPTS", "ZDOTDIR", "HISTFILE", "INPUTRC", "XDG_CONFIG_HOME", "TERMINFO*",
		"PWD", "OLDPWD", "SHLVL",
	}
	// harmless are all that is taken of an environment that is not to be trusted, or must not be told:
	// those of locale(7), if they name no file.
	harmless = []string{"LANG", "LANGUAGE", "LC_*", "TZ"}
)

// Bounds of the environment, in bytes: one variable, and all. execve(2) takes 128 KiB for one.
const (
	maxVariable = 32 << 10
	maxEnviron  = 128 << 10
)

// environment makes the environment of what runs: where the target's files are entered the target's,
// else the caller's. A target's environment is what it wrote: with it a process could make a shell of
// another user do what it wants, so it counts only for a shell of its own user.
func (p *Plan) environment(f *Facts, r Request, own []string) []string {
	if r.Plain {
		return p.plainEnvironment(f, r, own)
	}
	home := p.home(f)
	base, keep := own, func(name, _ string) bool { return !matches(foreign, name) }
	switch {
	case p.InRoot() && f.UID == p.As.OutUID && f.PID != 0:
		base = f.Environ
		keep = func(name, _ string) bool { return !matches(foreign, name) && !matches(active, name) }
	case p.InRoot():
		keep = func(name, value string) bool { return matches(harmless, name) && !strings.Contains(value, "/") }
	case p.seen(f):
		keep = func(name, _ string) bool {
			return matches(harmless, name) || name == "PATH" || name == "HOME" || name == "USER" || name == "LOGNAME"
		}
	}
	env := filter(base, keep)
	if env["PATH"] == "" {
		env["PATH"] = defaultPath
	}
	if p.InRoot() {
		env["HOME"] = "/"
		if shell := shellPath(p.Shells); path.IsAbs(shell) {
			env["SHELL"] = shell
		}
		if a, ok := home.account(strconv.FormatUint(uint64(p.As.UID), 10)); ok {
			env["HOME"], env["USER"], env["LOGNAME"] = a.Dir, a.Name, a.Name
		}
	} else if a, ok := home.account(strconv.FormatUint(uint64(p.As.UID), 10)); ok && p.As.SetUID && !p.Join.Has(ns.User) {
		env["HOME"], env["USER"], env["LOGNAME"] = a.Dir, a.Name, a.Name
	}
	if !p.InRoot() && p.Dir != "" { // a shell cannot find out the name of a directory outside of its mounts
		env["PWD"] = p.Dir
	}
	env["TERM"], env["COLORTERM"] = terminals[0], "truecolor"
	if len(home.Terms) > 0 {
		env["TERM"] = home.Terms[0]
	}
	list := make([]string, 0, len(env))
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

// plainEnvironment is that of nsenter(1), but for what would let the target decide what the caller's
// programs do, or read what is the caller's.
func (p *Plan) plainEnvironment(f *Facts, r Request, own []string) []string {
	own = slices.DeleteFunc(slices.Clone(own), func(entry string) bool { return strings.HasPrefix(entry, "NSTUI_") })
	tools := r.Tools == ToolsHost || r.Tools == ToolsTree
	switch {
	case r.Env && !p.hostFiles(f):
		return f.Environ
	case r.Env:
		theirs := slices.DeleteFunc(slices.Clone(f.Environ), func(entry string) bool {
			name, _, _ := strings.Cut(entry, "=")
			return matches(active, name) || name == "PATH" || name == "SHELL" || name == "HOME"
		})
		for _, name := range []string{"PATH", "SHELL", "HOME"} {
			if value, ok := variable(own, name); ok {
				theirs = append(theirs, name+"="+value)
			}
		}
		return theirs
	case tools && p.seen(f):
		own = slices.DeleteFunc(own, func(entry string) bool {
			name, _, _ := strings.Cut(entry, "=")
			return !matches(harmless, name) && name != "PATH" && name != "HOME" && name != "TERM"
		})
	}
	if tools && strings.HasPrefix(p.Dir, "/proc/") { // a shell cannot find out its name by itself
		own = append(own, "PWD="+p.Dir)
	}
	return own
}

// filter returns the variables to keep of an environment, in bounds.
func filter(base []string, keep func(name, value string) bool) map[string]string {
	env := map[string]string{}
	size := 0
	for _, entry := range base {
		name, value, ok := strings.Cut(entry, "=")
		if !ok || name == "" || !keep(name, value) || len(entry) > maxVariable || size+len(entry) > maxEnviron {
			continue
		}
		size += len(entry)
		env[name] = value
	}
	return env
}

// seen reports whether the target's root user, or the user it runs as, can look into the shell though the
// shell has the caller's files: the shell has no right that the target lacks.
func (p *Plan) seen(f *Facts) bool {
	weak := p.Join.Has(ns.User) || p.As.SetUID && p.As.UID != 0
	return weak && p.visible(f) && p.hostFiles(f)
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if prefix, ok := strings.CutSuffix(p, "*"); ok {
			return strings.HasPrefix(name, prefix)
		}
		return name == p
	})
}
