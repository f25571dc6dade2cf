package nsenter

import (
	"encoding/hex"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nstui/nsenter/stage"
	"nstui/procscan/ns"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with testdata/NAME.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update rewrites it), got:\n%s", file, got)
	}
}

// Inode numbers of the invented host the plans are made on.
const (
	initUser  = 4026531837
	outerUser = 4026532100 // owned by uid 1000
	innerUser = 4026532200 // below it
)

// host returns facts in which the target shares everything with the caller, who is root.
func host() *Facts {
	f := &Facts{
		PID: 4183, Comm: "nginx", Explored: true,
		Users:      map[uint64]UserNS{initUser: {}},
		Caller:     Caller{Caps: 1<<41 - 1, UserNS: initUser},
		UIDMap:     IDMap{{Count: 1<<32 - 1}},
		GIDMap:     IDMap{{Count: 1<<32 - 1}},
		Mapped:     true,
		PIDVisible: true,
		Inside: Home{
			Known:    true,
			Shells:   []string{"/bin/ash", "/bin/sh"},
			Accounts: []Account{{Name: "root", UID: "0", Dir: "/root", Shell: "/bin/sh"}},
			Terms:    []string{"xterm"},
		},
		Outside: Home{
			Known:    true,
			Shells:   []string{"/bin/bash", "/bin/sh"},
			Accounts: []Account{{Name: "root", UID: "0", Dir: "/root", Shell: "/bin/bash"}, {Name: "ana", UID: "1000", Dir: "/home/ana", Shell: "/bin/sh"}},
			Terms:    []string{"xterm-256color"},
		},
		Environ: []string{"PATH=/usr/bin:/bin", "NGINX_VERSION=1.27", "LD_PRELOAD=/evil.so", "HOME=/var/www"},
	}
	for _, k := range ns.Kinds() {
		ino := uint64(4026531800) + uint64(k)
		if k == ns.User {
			ino = initUser
		}
		f.Kinds[k] = KindFact{Target: ino, Mine: ino, Owner: initUser}
	}
	return f
}

// own gives the target namespaces of its own, owned by the given user namespace.
func (f *Facts) own(owner uint64, kinds ...ns.Kind) *Facts {
	for _, k := range kinds {
		f.Kinds[k].Target, f.Kinds[k].Owner = 4026532500+uint64(k), owner
	}
	return f
}

// user puts the target into a user namespace with root mapped to uid 1000.
func (f *Facts) user(ino uint64) *Facts {
	f.Users[outerUser] = UserNS{Parent: initUser, Owner: 1000}
	f.Users[innerUser] = UserNS{Parent: outerUser, Owner: 1000}
	f.Kinds[ns.User].Target, f.Kinds[ns.User].Owner = ino, ino
	f.UID, f.GID = 1000, 1000
	f.UIDMap, f.GIDMap = IDMap{{Outside: 1000, Count: 1}}, IDMap{{Outside: 1000, Count: 1}}
	f.SetgroupsDenied = true
	return f
}

// as makes the caller an ordinary user.
func (f *Facts) as(uid uint32) *Facts {
	f.Caller = Caller{UID: uid, GID: uid, UserNS: initUser}
	return f
}

var container = []ns.Kind{ns.Cgroup, ns.IPC, ns.Mnt, ns.Net, ns.PID, ns.UTS}

// plans are the situations a plan is made for.
var plans = map[string]struct {
	facts   *Facts
	request Request
}{
	"container as root":           {host().own(initUser, container...), Request{Kinds: ns.All}},
	"net only as root":            {host().own(initUser, container...), Request{Kinds: ns.SetOf(ns.Net)}},
	"another user's process":      {host().own(initUser, ns.Mnt).of(1000), Request{Kinds: ns.All}},
	"rootless pid without mnt":    {host().user(outerUser).own(outerUser, container...).as(1000), Request{Kinds: ns.SetOf(ns.PID)}},
	"user is not readable":        {host().own(initUser, ns.Net).hidden(ns.User), Request{Kinds: ns.SetOf(ns.Net, ns.User)}},
	"child in a pid namespace":    {host().own(initUser, ns.Mnt).parent(), Request{Kinds: ns.All}},
	"pid without mnt":             {host().own(initUser, container...), Request{Kinds: ns.SetOf(ns.PID)}},
	"nothing differs":             {host(), Request{Kinds: ns.All}},
	"container of another user":   {host().own(initUser, container...).as(1001), Request{Kinds: ns.All}},
	"rootless as its owner":       {host().user(outerUser).own(outerUser, container...).as(1000), Request{Kinds: ns.All}},
	"rootless net as its owner":   {host().user(outerUser).own(outerUser, container...).as(1000), Request{Kinds: ns.SetOf(ns.Net)}},
	"rootless as another user":    {host().user(outerUser).own(outerUser, container...).as(1001), Request{Kinds: ns.All}},
	"rootless mnt as root":        {host().user(outerUser).own(outerUser, container...), Request{Kinds: ns.SetOf(ns.Mnt)}},
	"sandbox in a sandbox":        {host().user(innerUser).own(outerUser, ns.Net).own(innerUser, ns.Mnt).as(1000), Request{Kinds: ns.All}},
	"only user differs, net same": {host().user(outerUser).as(1000), Request{Kinds: ns.All}},
	"shell of one's own":          {host().own(initUser, container...), Request{Kinds: ns.All, Shell: "/opt/my sh -l"}},
	"shell that is missing":       {host().own(initUser, container...), Request{Kinds: ns.All, Shell: "/opt/sh", ShellMissing: true}},
	"nothing of it is known":      {host().as(1000).refuse(), Request{}},
	"refused namespaces":          {host().as(1000).refuse(), Request{Kinds: ns.SetOf(ns.Net)}},
	"pid namespace above":         {host().own(initUser, ns.PID).above(), Request{Kinds: ns.All}},
	"no time namespaces":          {host().own(initUser, container...).without(ns.Time), Request{Kinds: ns.All}},
	"root is not mapped":          {host().user(outerUser).own(outerUser, container...).unmapped(), Request{Kinds: ns.All}},
	"no way to its root":          {host().own(initUser, container...).rootless(unix.EACCES), Request{Kinds: ns.SetOf(ns.Mnt), Shell: "/bin/sh"}},
	"file system that hangs":      {host().own(initUser, container...).hung(), Request{Kinds: ns.All}},
	"no shell inside":             {host().own(initUser, container...).empty(), Request{Kinds: ns.All}},
	"no shell inside, busybox":    {host().own(initUser, container...).empty(), Request{Kinds: ns.All, Tools: ToolsBusybox}},
	"no shell inside, host tools": {host().own(initUser, container...).empty().files(), Request{Kinds: ns.All, Tools: ToolsHost}},
	"no shell inside, the tree":   {host().own(initUser, container...).empty().files(), Request{Kinds: ns.All, Tools: ToolsTree}},
	"net with the target's files": {host().own(initUser, container...).files(), Request{Kinds: ns.SetOf(ns.Net)}},
	"net and nothing around it":   {host().own(initUser, container...).files(), Request{Kinds: ns.SetOf(ns.Net), Tools: ToolsBare}},
	"confined":                    {host().own(initUser, container...).confined(), Request{Kinds: ns.All, Confined: true}},
	"confined, the tree":          {host().own(initUser, container...).empty().confined(), Request{Kinds: ns.All, Tools: ToolsTree, Confined: true}},
	"confined, not in its user":   {host().user(outerUser).own(outerUser, container...).confined(), Request{Kinds: ns.All.Without(ns.User), Confined: true}},
	"confined, pid is ours":       {host().own(initUser, ns.Net, ns.Mnt).confined(), Request{Kinds: ns.SetOf(ns.Net), Confined: true}},
	"the tree and a user":         {host().user(outerUser).own(outerUser, container...).empty(), Request{Kinds: ns.All, Tools: ToolsTree}},
	"plain, its environment":      {host().own(initUser, container...), Request{Plain: true, Kinds: ns.SetOf(ns.Net), Env: true, Program: []string{"id"}}},
	"plain, tools that are seen":  {host().user(outerUser).own(outerUser, container...), Request{Plain: true, Kinds: ns.All, Tools: ToolsHost, Program: []string{"id"}}},
	"confined, host tools":        {host().own(initUser, container...).confined(), Request{Kinds: ns.All.Without(ns.Mnt), Confined: true}},
	"as the target, host tools":   {host().own(initUser, container...).of(1000), Request{Kinds: ns.SetOf(ns.PID), As: AsTarget}},
	"in its cgroup":               {host().own(initUser, container...).confined(), Request{Kinds: ns.All, Cgroup: true}},
	"as the target":               {host().own(initUser, ns.Mnt).of(1000), Request{Kinds: ns.All, As: AsTarget}},
	"rootless as root by choice":  {host().user(outerUser).own(outerUser, container...).unmapped(), Request{Kinds: ns.All, As: AsRoot}},
	"rootless, ids kept":          {host().user(outerUser).own(outerUser, container...).as(1000), Request{Kinds: ns.All, As: AsKeep}},
	"init of the pid ns is dead":  {host().own(initUser, ns.PID).dead(), Request{Kinds: ns.SetOf(ns.PID)}},
	"net of a file":               {host().from(ns.Net, "/run/netns/blue"), Request{Kinds: ns.SetOf(ns.Net)}},
	"mnt of a file":               {host().from(ns.Mnt, "/run/my mnt"), Request{Kinds: ns.SetOf(ns.Mnt)}},
	"plain shell":                 {host().own(initUser, container...), Request{Plain: true, Kinds: ns.All}},
	"plain program":               {host().own(initUser, container...), Request{Plain: true, Kinds: ns.SetOf(ns.Net), Program: []string{"ip", "addr"}}},
	"plain, every option": {host().user(outerUser).own(outerUser, container...).confined(), Request{
		Plain: true, Kinds: ns.All, Program: []string{"/bin/id"}, UID: ID{Set: true, N: 0}, GID: ID{Set: true, Follow: true},
		KeepCaps: true, Cgroup: true, Context: true, Root: true, Dir: true, Env: true, NoFork: true,
	}},
	"plain, id not mapped": {host().user(outerUser).own(outerUser, container...), Request{Plain: true, Kinds: ns.All, Program: []string{"id"}, UID: ID{Set: true, N: 7}}},
}

// of gives the target to another user, who has set an environment for whoever enters.
func (f *Facts) of(uid uint32) *Facts {
	f.UID, f.GID = uid, uid
	f.Environ = []string{"PATH=/tmp/evil", "PS1=$(id)", "ZDOTDIR=/tmp/evil", "LANG=C.UTF-8", "LC_ALL=../../evil", "TZ=UTC"}
	return f
}

func (f *Facts) hidden(k ns.Kind) *Facts {
	f.Kinds[k] = KindFact{Mine: f.Kinds[k].Mine, Err: unix.EACCES}
	return f
}

func (f *Facts) parent() *Facts {
	f.ChildrenPID = 4026532777
	return f
}

func (f *Facts) refuse() *Facts {
	for k := range f.Kinds {
		f.Kinds[k] = KindFact{Mine: f.Kinds[k].Mine, Err: unix.EACCES}
	}
	return f
}

func (f *Facts) above() *Facts {
	f.PIDVisible = false
	return f
}

func (f *Facts) without(k ns.Kind) *Facts {
	f.Kinds[k] = KindFact{Err: unix.ENOENT}
	return f
}

func (f *Facts) unmapped() *Facts {
	f.UIDMap, f.GIDMap = IDMap{{Inside: 5, Outside: 70, Count: 1}}, IDMap{{Inside: 5, Outside: 70, Count: 1}}
	return f
}

func (f *Facts) rootless(err error) *Facts {
	f.RootErr = err
	return f
}

func (f *Facts) hung() *Facts {
	f.Inside = Home{Hung: true}
	return f
}

// files gives the target files about its network.
func (f *Facts) files() *Facts {
	f.NetFiles = []File{{"/etc/resolv.conf", "nameserver 10.0.0.2\n"}, {"/etc/hosts", "127.0.0.1 localhost\n"}}
	f.PIDInside = 7
	return f
}

func (f *Facts) confined() *Facts {
	f.Confines = Confines{
		Last: 40, Bounding: 1<<40 - 1, NoNewPrivs: true, Seccomp: true,
		Cgroups: []string{"/sys/fs/cgroup/web/cgroup.procs"}, CgroupsMissing: []string{"pids:/../other"},
		Label: Label{File: "/proc/thread-self/attr/exec", Text: "exec docker-default"},
	}
	return f
}

func (f *Facts) dead() *Facts {
	f.InitDead = true
	return f
}

// from is a namespace of a file, without a process.
func (f *Facts) from(k ns.Kind, file string) *Facts {
	f.PID, f.Comm, f.Inside = 0, "", Home{}
	for other := range f.Kinds {
		f.Kinds[other].Target, f.Kinds[other].Owner = 0, 0
	}
	f.own(initUser, k)
	f.Kinds[k].Source, f.Kinds[k].File = file, file
	return f
}

func (f *Facts) empty() *Facts {
	f.Inside = Home{Known: true, Broken: []Broken{{"/bin/bash", "it needs /lib64/ld-linux-x86-64.so.2: it is not there"}}}
	f.Outside.Busybox, f.Inside.Spare, f.Outside.Spare = "/bin/busybox", "/mnt", "/media"
	return f
}

func TestPlan(t *testing.T) {
	env := []string{"HOME=/root", "TERM=screen", "TMUX=/tmp/tmux", "PATH=/usr/bin", "LD_LIBRARY_PATH=/opt", "NSTUI_DEBUG=/x"}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(plans)) {
		c := plans[name]
		p := NewPlan(c.facts, c.request, env)
		fmt.Fprintf(&b, "== %s\n", name)
		for _, k := range p.Kinds {
			fmt.Fprintf(&b, "%-6s %s %s\n", k.Kind, [...]string{"shared", "off", "enter", "added", "refused", "missing"}[k.State], strings.TrimSpace(k.Reason+" "+k.Source))
		}
		fmt.Fprintf(&b, "join %q host %q as %+v dir %q ready %v\n", p.Join, p.Host(), p.As, p.Dir, p.Ready())
		fmt.Fprintf(&b, "shells %q\nenv %q\n", p.Shells, p.Env)
		for _, c := range p.Checks {
			fmt.Fprintf(&b, "%-4s %s\n", c.Level, c.Text)
		}
		fmt.Fprintf(&b, "%s\n\n", p.Command)
	}
	golden(t, "plans.txt", b.String())
}

// TestCompile holds the operations of each plan: what runs in the forked process, line by line.
func TestCompile(t *testing.T) {
	verbs := verbNames()
	numbers := map[uintptr]string{
		unix.SYS_RT_SIGACTION: "rt_sigaction", unix.SYS_RT_SIGPROCMASK: "rt_sigprocmask", unix.SYS_CLOSE_RANGE: "close_range",
		unix.SYS_PRCTL: "prctl", unix.SYS_SETGROUPS: "setgroups", unix.SYS_SETNS: "setns", unix.SYS_FCHDIR: "fchdir",
		unix.SYS_CHROOT: "chroot", unix.SYS_CHDIR: "chdir", unix.SYS_SETSID: "setsid", unix.SYS_IOCTL: "ioctl",
		unix.SYS_SETRESGID: "setresgid", unix.SYS_SETRESUID: "setresuid", unix.SYS_EXECVE: "execve", unix.SYS_KEYCTL: "keyctl",
		unix.SYS_EXECVEAT: "execveat", unix.SYS_WRITE: "write", unix.SYS_OPENAT: "openat", unix.SYS_MOUNT: "mount", unix.SYS_UMOUNT2: "umount2",
		unix.SYS_UNSHARE: "unshare", unix.SYS_OPEN_TREE: "open_tree", unix.SYS_MOVE_MOUNT: "move_mount", unix.SYS_CAPSET: "capset",
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(plans)) {
		c := plans[name]
		p := NewPlan(c.facts, c.request, nil)
		if !p.Ready() {
			continue
		}
		fmt.Fprintf(&b, "== %s\n", name)
		for _, o := range compile(p, handlesOf(c.facts, p)) {
			call, known := numbers[o.nr]
			if !known && o.nr != 0 {
				t.Errorf("system call %d has no name here", o.nr)
			}
			if call == "rt_sigaction" && o.args[0] != num(1) && o.args[0] != num(numSignals) {
				continue
			}
			fmt.Fprintf(&b, "%-6s %-12s %s(", verbs[o.verb], strings.Fields(o.step.String())[0], call)
			if o.skip > 0 {
				fmt.Fprintf(&b, "else skip %d: ", o.skip)
			}
			for i, arg := range o.args {
				if i > 0 {
					b.WriteString(", ")
				}
				b.WriteString(written(arg))
			}
			b.WriteString(")\n")
		}
	}
	golden(t, "ops.txt", b.String())
}

// handlesOf invents the descriptors a plan needs.
func handlesOf(f *Facts, p *Plan) handles {
	h := handles{root: -1, dir: -1, busybox: 23}
	if p.Root > RootNamespace {
		h.root = 20
	}
	if p.GivenDir != RootHost {
		h.dir = 21
	}
	for i := range p.Cgroups {
		h.cgroups = append(h.cgroups, 40+i)
	}
	for k := range h.ns {
		h.ns[k] = 10 + k
	}
	for i := range f.userPath() {
		h.chain = append(h.chain, 30+i)
	}
	return h
}

// written returns an argument as the golden files have it.
func written(arg argument) string {
	switch arg := arg.(type) {
	case num:
		return strconv.FormatInt(int64(arg), 10)
	case cstring:
		return strconv.Quote(string(arg))
	case *vector:
		return fmt.Sprintf("%q", arg.texts)
	case data:
		return hex.EncodeToString(arg)
	case kept:
		return "kept"
	default:
		return fmt.Sprint(arg)
	}
}

func TestEveryStepHasAName(t *testing.T) {
	for s := range StepTree + 1 {
		if s.String() == "" || strings.HasPrefix(s.String(), "step ") {
			t.Errorf("step %d has no name", s)
		}
	}
	if len(verbNames()) != int(stage.NumVerbs) {
		t.Error("a verb was added: the golden files do not know it")
	}
}

func verbNames() []string {
	return []string{"call", "try", "join", "assert", "fork", "exec", "script", "fail", "need", "keep", "wish"}
}

func TestParseStat(t *testing.T) {
	const rest = " 1 2 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0"
	for text, want := range map[string]procStat{
		"7 (sh) S" + rest:             {comm: "sh", group: 2, start: 4711},
		"7 (a) b (c\n) Z 1) Z" + rest: {comm: "a) b (c\n) Z 1", group: 2, start: 4711, zombie: true},
		"7 () R" + rest:               {group: 2, start: 4711},
	} {
		if got, err := parseStat(text); err != nil || got != want {
			t.Errorf("parseStat(%q) = %+v, %v, want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "7 sh S" + rest, "7 )sh( S", "7 (sh) S 1 1", "7 (sh) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 x 0", "7 (sh) S 1 x" + rest} {
		if got, err := parseStat(text); err == nil {
			t.Errorf("parseStat(%q) = %+v, want an error", text, got)
		}
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add("7 (a) b (c\n) Z 1) Z 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 0")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseStat(text)
		if err == nil && !strings.Contains(text, "("+s.comm+")") {
			t.Errorf("the name %q is not in %q", s.comm, text)
		}
	})
}

func FuzzParsePasswd(f *testing.F) {
	f.Add([]byte("root:x:0:0:root:/root:/bin/bash\n\x00:::::::\n:::::::::\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, a := range parsePasswd(text) {
			for _, s := range []string{a.Name, a.UID, a.Dir, a.Shell} {
				if strings.ContainsAny(s, ":\n\x00") {
					t.Errorf("field %q of %+v", s, a)
				}
			}
		}
	})
}

func TestIDMap(t *testing.T) {
	m, err := parseIDMap("         0       1000          1\n         1     100000      65536\n")
	if err != nil {
		t.Fatal(err)
	}
	for inside, outside := range map[uint32]uint32{0: 1000, 1: 100000, 65536: 165535} {
		if got, ok := m.Out(inside); !ok || got != outside {
			t.Errorf("Out(%d) = %d, %v, want %d", inside, got, ok, outside)
		}
		if got, ok := m.In(outside); !ok || got != inside {
			t.Errorf("In(%d) = %d, %v, want %d", outside, got, ok, inside)
		}
	}
	if _, ok := m.Out(65537); ok {
		t.Error("65537 is mapped")
	}
	if _, ok := m.In(0); ok {
		t.Error("0 is mapped from outside")
	}
	if _, err := parseIDMap("0 x 1\n"); err == nil {
		t.Error("no error for a map that is none")
	}
}

// A file system that never answers must not hold up who looks.
func TestWithin(t *testing.T) {
	never := make(chan Home)
	defer close(never)
	if h, ok := within(time.Millisecond, func() Home { return <-never }); ok {
		t.Errorf("one that does not answer: %+v", h)
	}
	if h, ok := within(time.Minute, func() Home { return Home{Shells: []string{"/bin/sh"}} }); !ok || len(h.Shells) != 1 {
		t.Errorf("one that answers: %+v", h)
	}
}

// A target's environment may be as large as it likes: what execve would refuse does not come along.
func TestLargeEnvironment(t *testing.T) {
	f := host().own(initUser, container...)
	f.Environ = []string{"HUGE=" + strings.Repeat("x", 200<<10), "SMALL=1"}
	for i := range 90_000 {
		f.Environ = append(f.Environ, fmt.Sprintf("V%d=x", i))
	}
	p := NewPlan(f, Request{Kinds: ns.All}, nil)
	size := 0
	for _, entry := range p.Env {
		size += len(entry)
	}
	if size > maxEnviron+maxVariable || !slices.Contains(p.Env, "SMALL=1") {
		t.Errorf("%d bytes in %d variables", size, len(p.Env))
	}
	if n := len(encode(compile(p, handles{}))); n > 1<<20 {
		t.Errorf("the list has %d bytes", n)
	}
}

func TestQuote(t *testing.T) {
	for arg, want := range map[string]string{
		"/bin/sh": "/bin/sh", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "a\x03\r'\\": `$'a\x03\x0d\x27\x5c'`,
	} {
		if got := quote(arg); got != want {
			t.Errorf("quote(%q) = %s, want %s", arg, got, want)
		}
	}
}

func TestLoginShells(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "sbin"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"halt", "mysh"} {
		if err := os.WriteFile(filepath.Join(root, "sbin", name), staticELF(), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	h := Home{Accounts: []Account{
		{Shell: "/sbin/halt"}, {Shell: "/sbin/mysh"}, {Shell: "/sbin/none"}, {Shell: "../sbin/mysh"}, {Shell: ""},
	}}
	fd, err := unix.Open(root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	h.root = fd
	h.checkShells()
	for i, want := range []string{"", "/sbin/mysh", "", "", ""} {
		if got := h.Accounts[i].Shell; got != want {
			t.Errorf("account %d has the shell %q, want %q", i, got, want)
		}
	}
}
