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
	paths := slices.Clone(home.Shells)
	if a, ok := home.account(strconv.FormatUint(uint64(as.UID), 10)); ok {
		if i := slices.Index(paths, a.Shell); i > 0 {
			paths = slices.Insert(slices.Delete(paths, i, i+1), 0, a.Shell)
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

// foreign are variables that are not carried into a shell: they describe the terminal that is not its
// own, make a shell or the loader run files, or are this program's. A name that ends in '*' is a prefix.
var foreign = []string{
	"LD_*", "BASH_ENV", "ENV", "PROMPT_COMMAND", "BASH_FUNC_*", "SHELLOPTS", "BASHOPTS",
	"TERM", "TERMCAP", "TERMINFO*", "COLORTERM", "TERM_PROGRAM*", "TMUX*", "STY", "WINDOWID", "COLUMNS",
	"LINES", "VTE_VERSION", "KITTY_*", "WEZTERM_*", "ALACRITTY_*", "NSTUI_*", "_", "OLDPWD", "SHLVL",
}

// hostOnly are those of them a shell with the host's files keeps: they are the caller's own.
var hostOnly = []string{"LD_*", "BASH_ENV", "ENV", "PROMPT_COMMAND", "BASH_FUNC_*", "SHELLOPTS", "BASHOPTS", "SHLVL", "OLDPWD", "TERMINFO*"}

// environment makes the shell's environment: the target's where its files are entered, else the
// caller's.
func (f *Facts) environment(join ns.Set, as Identity, shell string, own []string) []string {
	base, home := own, &f.Outside
	if join.Has(ns.Mnt) {
		base, home = f.Environ, &f.Inside
	}
	env := map[string]string{}
	for _, entry := range base {
		name, value, ok := strings.Cut(entry, "=")
		if !ok || name == "" || (matches(foreign, name) && (join.Has(ns.Mnt) || !matches(hostOnly, name))) {
			continue
		}
		env[name] = value
	}
	if env["PATH"] == "" {
		env["PATH"] = defaultPath
	}
	if join.Has(ns.Mnt) {
		delete(env, "PWD")
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

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if prefix, ok := strings.CutSuffix(p, "*"); ok {
			return strings.HasPrefix(name, prefix)
		}
		return name == p
	})
}
