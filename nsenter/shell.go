package nsenter

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// shells returns the argument vectors to try: the one that was asked for, or else the login shell of
// the account it runs as and every other that is there.
func (f *Facts) shells(asked string, join ns.Set, as Identity) [][]string {
	if argv := strings.Fields(asked); len(argv) > 0 {
		return [][]string{argv}
	}
	home := &f.Outside
	if join.Has(ns.Mnt) {
		home = &f.Inside
	}
	paths := home.Shells
	if a, ok := home.account(strconv.FormatUint(uint64(as.UID), 10)); ok && a.Shell != "" {
		others := slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p == a.Shell })
		paths = append([]string{a.Shell}, others...)
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

func shellPath(argvs [][]string) string {
	if len(argvs) == 0 {
		return ""
	}
	return argvs[0][0]
}

// Look reports whether the first word of the command line is an executable file: inside, in the
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
		return t.root >= 0 && executable(t.root, argv[0])
	}
	root, err := unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(root)
	return executable(root, argv[0])
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

// environment makes the shell's environment: the target's where its files are entered, else the
// caller's. A target's environment is what it wrote: with it a process could make a shell of another
// user do what it wants, so it counts only for a shell of its own user.
func (f *Facts) environment(join ns.Set, as Identity, shell string, own []string) []string {
	inside := join.Has(ns.Mnt)
	base, home := own, &f.Outside
	keep := func(name, _ string) bool { return !matches(foreign, name) }
	switch {
	case inside && f.UID == as.OutUID:
		base, home = f.Environ, &f.Inside
		keep = func(name, _ string) bool { return !matches(foreign, name) && !matches(active, name) }
	case inside:
		home = &f.Inside
		keep = func(name, value string) bool { return matches(harmless, name) && !strings.Contains(value, "/") }
	case f.seen(join):
		keep = func(name, _ string) bool {
			return matches(harmless, name) || name == "PATH" || name == "HOME" || name == "USER" || name == "LOGNAME"
		}
	}
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
	if env["PATH"] == "" {
		env["PATH"] = defaultPath
	}
	if inside {
		env["HOME"], env["SHELL"] = "/", shell
		if a, ok := home.account(strconv.FormatUint(uint64(as.UID), 10)); ok {
			env["HOME"], env["USER"], env["LOGNAME"] = a.Dir, a.Name, a.Name
		}
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

// seen reports whether the target's root user can look into the shell though the shell has the caller's
// files: it is in the same pid namespace, and in the user namespace in which that one may trace it.
func (f *Facts) seen(join ns.Set) bool {
	return join.Has(ns.PID) && join.Has(ns.User) && !join.Has(ns.Mnt) && f.Differing().Has(ns.Mnt)
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if prefix, ok := strings.CutSuffix(p, "*"); ok {
			return strings.HasPrefix(name, prefix)
		}
		return name == p
	})
}
