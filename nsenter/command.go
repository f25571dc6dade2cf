package nsenter

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"nstui/procscan/ns"
)

// toolWords are the values of the option --tools of nstui enter.
var toolWords = map[Tools]string{ToolsHost: "host", ToolsBusybox: "busybox", ToolsTree: "tree"}

// nsenter writes the equal command line: of nstui enter where nsenter(1) cannot do the same.
func (p *Plan) nsenter(f *Facts, r Request) string {
	words := []string{"nsenter"}
	if toolWords[r.Tools] != "" || r.Confined {
		words[0] = "nstui enter"
	}
	add := func(w ...string) { words = append(words, w...) }
	if p.PID != 0 {
		add("-t", strconv.Itoa(p.PID))
	}
	for _, k := range ns.ByEffect() {
		switch source := f.Kinds[k].Source; {
		case !p.Join.Has(k):
		case source == "":
			add(k.Flag())
		default:
			add(quote(k.Flag() + f.Kinds[k].File))
		}
	}
	p.commandIDs(f, add)
	switch {
	case p.Root == RootGiven:
		add("-r" + quote(f.GivenRoot))
	case p.Root == RootTarget && (f.Chrooted != "" || !p.Join.Has(ns.Mnt)):
		add("-r")
	}
	switch {
	case r.DirInside != "":
		add("-W", quote(p.Dir))
	case p.GivenDir == RootGiven:
		add("-w" + quote(f.GivenDir))
	case p.GivenDir == RootTarget:
		add("-w")
	}
	for _, option := range []struct {
		is   bool
		word string
	}{
		{r.Env, "-e"},
		{r.Cgroup, "-c"},
		{p.KeepCaps != 0, "--keep-caps"},
		{r.Context, "-Z"},
		{r.NoFork, "-F"},
		{r.Confined, "--confined"},
		{toolWords[r.Tools] != "", "--tools=" + toolWords[r.Tools]},
	} {
		if option.is {
			add(option.word)
		}
	}
	if len(p.Shells) > 0 && !p.Login && !p.Busybox {
		add("--")
		for _, arg := range p.Shells[0] {
			add(quote(arg))
		}
	}
	return strings.Join(words, " ")
}

// commandIDs adds the options about ids: in a user namespace nsenter(1) becomes root if none says otherwise.
func (p *Plan) commandIDs(f *Facts, add func(...string)) {
	user := p.Join.Has(ns.User)
	switch {
	case user && p.As.Keep():
		add("--preserve-credentials")
	case user && f.SetgroupsDenied && f.Caller.UID != 0 && f.sameIDs(&p.As):
		// It may not drop its groups, and nsenter(1) takes that for an error.
		add("--preserve-credentials")
	case user && p.As.UID == 0 && p.As.GID == 0:
	default:
		if p.As.SetUID {
			add("-S", strconv.FormatUint(uint64(p.As.UID), 10))
		}
		if p.As.SetGID {
			add("-G", strconv.FormatUint(uint64(p.As.GID), 10))
		}
	}
}

// sameIDs reports whether the ids are those the caller has anyway.
func (f *Facts) sameIDs(as *Identity) bool {
	uid, uidOK := f.UIDMap.In(f.Caller.UID)
	gid, gidOK := f.GIDMap.In(f.Caller.GID)
	return uidOK && gidOK && uid == as.UID && gid == as.GID
}

// quote quotes an argument for a shell where it needs it.
func quote(arg string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=:,@%"
	if arg != "" && strings.Trim(arg, plain) == "" {
		return arg
	}
	if strings.ContainsFunc(arg, unicode.IsControl) { // a terminal it is pasted into would act on them
		var b strings.Builder
		for _, c := range []byte(arg) {
			if c < 0x20 || c >= 0x7f || c == '\'' || c == '\\' {
				fmt.Fprintf(&b, "\\x%02x", c)
				continue
			}
			b.WriteByte(c)
		}
		return "$'" + b.String() + "'"
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}
