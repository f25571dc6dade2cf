package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// What could not be read is said if it was asked for.
func TestLsMisses(t *testing.T) {
	const (
		owners = "nstui: the owners and parents of 3 namespaces could not be read: not known to this kernel (ENOSYS)\n"
		fds    = "nstui: the descriptors of 70 processes could not be read: permission denied (EACCES)\n"
	)
	for args, want := range map[string]struct {
		stderr string
		status int
	}{
		"-t mnt -o NS":     {"", 0},
		"-t mnt -o NS,ONS": {owners, exitUnknown},
		"-T":               {owners, exitUnknown},
		"-t net":           {"", 0},
		"-P":               {fds, 0},
		"-o KEPTBY":        {owners + fds, exitUnknown},
	} {
		snap := lab()
		snap.Missed = []procscan.Miss{
			{What: procscan.Owners, Reason: procscan.Unknown, Count: 3},
			{What: procscan.Files, Reason: procscan.Denied, Count: 70},
		}
		r := runLsOn(snap, args)
		if r.stderr != want.stderr || r.status != want.status {
			t.Errorf("%s: got status %d and %q, want %d and %q", args, r.status, r.stderr, want.status, want.stderr)
		}
	}
}

// One process that refuses is one line, and one process.
func TestLsMissesOfOne(t *testing.T) {
	snap := lab()
	for _, what := range []procscan.Want{procscan.Threads, procscan.Files, procscan.Sockets} {
		snap.Missed = append(snap.Missed, procscan.Miss{What: what, Reason: procscan.Denied, Count: 1})
	}
	snap.Missed = append(snap.Missed, procscan.Miss{What: procscan.Mounts, Reason: procscan.Denied, Count: 1})
	const want = "nstui: the threads, the descriptors, the sockets of 1 process could not be read: permission denied (EACCES)\n" +
		"nstui: the mounts of 1 mount namespace could not be read: permission denied (EACCES)\n"
	if r := runLsOn(snap, "-P"); r.stderr != want || r.status != 0 {
		t.Errorf("got status %d and %q, want %q", r.status, r.stderr, want)
	}
}

// lab returns a host with init, a pod of two processes in namespaces of a user namespace of their own, and
// a network namespace that is only mounted.
func lab() *procscan.Snapshot {
	mine := ns.Tuple{ns.Mnt: 100, ns.Net: 101, ns.User: 102, ns.PID: 103}
	pod := ns.Tuple{ns.Mnt: 100, ns.Net: 201, ns.User: 202, ns.PID: 203}
	s := &procscan.Snapshot{Root: "/proc", Mine: mine, Read: procscan.Everything, Procs: []*procscan.Process{
		{PID: 1, Comm: "init", Args: []string{"/sbin/init"}, NS: mine},
		{PID: 7, PPID: 1, UID: 33, Comm: "worker", Args: []string{"nginx:", "worker"}, NS: pod},
		{PID: 9, PPID: 7, UID: 33, Comm: "a\nb", NS: pod},
		{PID: 12, PPID: 1, Comm: "sh", Args: []string{"sh"}, NS: mine},
	}}
	add := func(id ns.ID, n procscan.Namespace) {
		n.ID, n.Leader = id, -1
		for i, p := range s.Procs {
			if p.NS.ID(id.Kind) == id {
				n.Members = append(n.Members, i)
				n.Leader = n.Members[0]
			}
		}
		s.Namespaces[id.Kind] = append(s.Namespaces[id.Kind], n)
	}
	mount := func(path string, where uint64) procscan.Keeper {
		return procscan.Keeper{By: procscan.ByMount, Path: path, Where: ns.ID{Kind: ns.Mnt, Ino: where}}
	}
	add(mine.ID(ns.Mnt), procscan.Namespace{Owner: 102, OwnerKnown: true, Unique: 5})
	add(mine.ID(ns.Net), procscan.Namespace{Owner: 102, OwnerKnown: true, NETNSID: -1, NETNSIDKnown: true})
	add(pod.ID(ns.Net), procscan.Namespace{
		Owner: 202, OwnerUID: 33, OwnerKnown: true, NETNSID: 4, NETNSIDKnown: true,
		Keepers: []procscan.Keeper{
			mount("/y", 0), mount("/x", 300), mount("/run/netns/a", 100), mount("/run/netns/b\nc", 100),
			{By: procscan.BySocket, Number: 5, Proc: procscan.ProcID{PID: 12}},
		},
	})
	add(ns.ID{Kind: ns.Net, Ino: 301}, procscan.Namespace{
		Owner: 102, OwnerUID: 0, OwnerKnown: true, Keepers: []procscan.Keeper{mount("/z", 0), mount("/mnt", 100)},
	})
	add(mine.ID(ns.User), procscan.Namespace{OwnerKnown: true, Keepers: []procscan.Keeper{
		{By: procscan.ByChild, Where: ns.ID{Kind: ns.User, Ino: 202}},
		{By: procscan.ByOwned, Where: ns.ID{Kind: ns.Mnt, Ino: 100}},
		{By: procscan.ByOwned, Where: ns.ID{Kind: ns.Net, Ino: 101}},
		{By: procscan.ByOwned, Where: ns.ID{Kind: ns.Net, Ino: 301}},
		{By: procscan.ByOwned, Where: ns.ID{Kind: ns.PID, Ino: 103}},
	}})
	add(pod.ID(ns.User), procscan.Namespace{Owner: 102, OwnerUID: 33, OwnerKnown: true, Parent: 102, Level: 1})
	add(mine.ID(ns.PID), procscan.Namespace{Owner: 102, OwnerKnown: true})
	add(pod.ID(ns.PID), procscan.Namespace{Owner: 202, OwnerUID: 33, OwnerKnown: true, Parent: 103, Level: 1})
	return s
}

// listed is what one run of nstui ls did.
type listed struct {
	stdout, stderr string
	status         int
	want           procscan.Want // what it scanned for
}

// runLs runs nstui ls in a lab. The arguments are apart by one space.
func runLs(args string, env ...string) listed { return runLsOn(lab(), args, env...) }

// runLsOn runs it on a host.
func runLsOn(snap *procscan.Snapshot, args string, env ...string) listed {
	var out, stderr bytes.Buffer
	var r listed
	a := &app{
		stdout: &out,
		stderr: &stderr,
		lookup: func(name string) (string, bool) {
			for _, pair := range append(env, "LANG=C.UTF-8") {
				if value, ok := strings.CutPrefix(pair, name+"="); ok {
					return value, true
				}
			}
			return "", false
		},
		scan: func(_ context.Context, _ procscan.Options, want procscan.Want) (*procscan.Snapshot, error) {
			r.want = want
			return snap, nil
		},
		notify: noSignals,
	}
	words := []string{"ls"}
	if args != "" {
		words = append(words, strings.Split(args, " ")...)
	}
	r.status = a.main(context.Background(), words).Status
	r.stdout, r.stderr = out.String(), stderr.String()
	return r
}

func TestLs(t *testing.T) {
	tests := []struct{ args, want string }{
		{"", `
 NS TYPE NPROCS PID USER     COMMAND
100 mnt       4   1 root     /sbin/init
101 net       2   1 root     /sbin/init
102 user      2   1 root     /sbin/init
103 pid       2   1 root     /sbin/init
201 net       2   7 www-data ├─nginx: worker
202 user      2   7 www-data ├─nginx: worker
203 pid       2   7 www-data └─nginx: worker
301 net       0     root     
`},
		{"-l -n -t user -t pid", `
102 user 2 1 root     /sbin/init
103 pid  2 1 root     /sbin/init
202 user 2 7 www-data nginx: worker
203 pid  2 7 www-data nginx: worker
`},
		{"-t net -l -W", `
 NS TYPE NPROCS PID USER        NETNSID NSFS                           COMMAND
101 net       2   1 root     unassigned                                /sbin/init
201 net       2   7 www-data          4 /run/netns/a,/run/netns/b\x0ac nginx: worker
301 net       0     root                /mnt                           
`},
		{"-t net -o NS,NSFS,PATH", `
 NS NSFS             PATH
101                  /proc/1/ns/net
201 /run/netns/a     /proc/7/ns/net
    /run/netns/b\x0ac 
301 /mnt             
`},
		{"-T -o NS,TYPE,ONS", `
NS        TYPE ONS
102       user   0
├─100     mnt  102
├─101     net  102
├─103     pid  102
├─202     user 102
│ ├─201   net  202
│ └─203   pid  202
└─301     net  102
`},
		{"--tree=parent -o NS,TYPE,PNS,LEVEL -n", `
102     user   0 0
└─202   user 102 1
100     mnt    0 
101     net    0 
103     pid    0 0
└─203   pid  103 1
201     net    0 
301     net    0 
`},
		{"-t net -T -o NS", "NS\n101\n201\n301\n"}, // its owners are not asked for
		{"-P -o ns,keptby", " NS KEPTBY\n301 mount /mnt\n    mount /z in another mnt\n"},
		{"-P -J", `
{
   "namespaces": [
      {
         "ns": 301,
         "type": "net",
         "nprocs": 0,
         "pid": null,
         "user": "root",
         "command": null
      }
   ]
}
`},
		{"-p 7 -o NS -n", "100\n201\n202\n203\n"},
		{"-p 7 -t net -Q false", ""},
		{"-Q NPROCS==0 -o NS -n", "301\n"},
		{"-Q USER=~'^www'&&TYPE!='pid' -o NS -n", "201\n202\n"},
		{"203", `
PID PPID USER     COMMAND
  7    1 www-data nginx: worker
  9    7 www-data └─a\x0ab
`},
		{"-l 203 -n -o PID,COMMAND", "7 nginx: worker\n9 a\\x0ab\n"},
		{"-r 203", "PID PPID USER COMMAND\n7 1 www-data nginx:\\x20worker\n9 7 www-data \\xe2\\x94\\x94\\xe2\\x94\\x80a\\x0ab\n"},
		{"-o OWNERUID,NSID,NS -Q LEVEL==1||NSID -n -r", "0 5 100\n33  202\n33  203\n"},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			r := runLs(test.args)
			want := strings.TrimPrefix(test.want, "\n")
			got := r.stdout
			// The widths of columns are those of sheet's tests; here it is what stands in them.
			if fields(got) != fields(want) || r.stderr != "" || r.status != 0 {
				t.Errorf("got status %d, %q and\n%s\nwant\n%s", r.status, r.stderr, got, want)
			}
		})
	}
}

// fields returns the text with one space for several.
func fields(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.Join(strings.Fields(line), " ")
	}
	return strings.Join(lines, "\n")
}

func TestLsKeptBy(t *testing.T) {
	var read struct {
		Namespaces []struct {
			NS     int
			KeptBy []string
		}
	}
	r := runLs("-J -l -o NS,KEPTBY")
	if err := json.Unmarshal([]byte(r.stdout), &read); err != nil {
		t.Fatal(err)
	}
	want := map[int]string{
		101: "process 1|1 more process",
		102: "process 1|1 more process|child user:[202]|owns mnt:[100]|owns net:[101]|owns pid:[103]|1 more owned",
		201: "process 7|1 more process|socket 5 of 12|mount /run/netns/a|mount /run/netns/b\nc|mount /x in mnt:[300]|1 more mount",
		301: "mount /mnt|mount /z in another mnt",
	}
	for _, n := range read.Namespaces {
		if got := strings.Join(n.KeptBy, "|"); want[n.NS] != "" && got != want[n.NS] {
			t.Errorf("%d: got %q, want %q", n.NS, got, want[n.NS])
		}
	}
	if len(read.Namespaces) != 8 || r.want&procscan.Deep != procscan.Deep {
		t.Errorf("got %d namespaces, scanned for %b", len(read.Namespaces), r.want)
	}
}

func TestLsJSONShapes(t *testing.T) {
	for shape, want := range map[string]string{
		"lines":   "{\"pid\":7,\"children\":[{\"pid\":9}]}\n",
		"compact": "{\"namespaces\":[{\"pid\":7,\"children\":[{\"pid\":9}]}]}\n",
	} {
		r := runLs("-J 203 -o PID,COMMAND", "LIBSMARTCOLS_JSON="+shape)
		got := strings.NewReplacer(`,"command":"nginx: worker"`, "", `,"command":"a\nb"`, "").Replace(r.stdout)
		if got != want {
			t.Errorf("%s: got %q, want %q", shape, got, want)
		}
	}
}

func TestLsLocale(t *testing.T) {
	for env, want := range map[string]string{
		"LC_ALL=C":           "`-a",
		"LC_ALL=de_DE.utf8":  "└─a",
		"LC_CTYPE=en.UTF-8":  "└─a",
		"LC_CTYPE=POSIX":     "`-a",
		"LANG=en.ISO-8859-1": "`-a",
	} {
		if r := runLs("203", env); !strings.Contains(r.stdout, want) {
			t.Errorf("%s: got\n%s", env, r.stdout)
		}
	}
}

// Only what is asked for is read: the rest takes time.
func TestLsWants(t *testing.T) {
	const always = procscan.Deep | procscan.Owners
	for args, want := range map[string]procscan.Want{
		"":                      always | procscan.Leaders,
		"-o NS":                 always,
		"-o NS -t user":         always,
		"-t net":                always | procscan.Leaders | procscan.NetIDs,
		"-p 7":                  procscan.Leaders,
		"-p 7 -o NS":            0,
		"-p 7 -o NS,NSFS":       procscan.Mounts,
		"-p 7 -o NS -T":         always,
		"-p 7 -o NS -Q ONS":     procscan.Owners,
		"203":                   always | procscan.Leaders | procscan.Texts,
		"203 -o PID -Q COMMAND": always | procscan.Leaders | procscan.Texts,
		"-o NS,NETNSID -t user": always,
	} {
		if r := runLs(args); r.want != want || r.status != 0 {
			t.Errorf("%q: scanned for %b, want %b; %s", args, r.want, want, r.stderr)
		}
	}
}

func TestLsErrors(t *testing.T) {
	tests := map[string]string{
		"-J -r":                 "--json and --raw exclude each other",
		"-p 1 -P":               "--persistent and --task exclude each other",
		"-l -T":                 "--list and --tree exclude each other",
		"-p 1 203":              "--task and a namespace exclude each other",
		"-p x":                  `invalid value "x" of --task`,
		"-p 0":                  `invalid value "0" of --task`,
		"-t network":            `invalid value "network" of --type: want one of cgroup, ipc, mnt, net, pid, time, user, uts`,
		"-o FOO":                `unknown column "FOO"`,
		"-o NS,":                `unknown column ""`,
		"-T=up":                 `invalid value "=up" of --tree: want owner, parent or process`,
		"-Tup":                  `invalid value "up" of --tree`,
		"--tree=":               `invalid value "" of --tree`,
		"5x":                    `invalid namespace "5x"`,
		"net":                   `invalid namespace "net": want its inode number; did you mean --type net?`,
		"containers":            `invalid namespace "containers": want its inode number; did you mean --containers?`,
		"--watch -o NS":         `with --watch, --output adds columns of names, such as +CONTAINER,UNIT; it cannot be "NS"`,
		"--watch -o +NS":        `with --watch, --output adds columns of names, such as +CONTAINER,UNIT; it cannot be "+NS"`,
		"--watch -o +FOO":       `unknown column "FOO"`,
		"1 2":                   `want one namespace, not "2" too`,
		"-Q NS==":               `filter "NS==": at 5: the expression ends`,
		"-Q FOO":                `filter "FOO": at 1: unknown column FOO`,
		"--watch -T":            "--watch and --tree exclude each other",
		"--watch=0":             `invalid value "0" of --watch`,
		"--proc=":               "the path of --proc is empty",
		"--no":                  "may be one of --noheadings, --notruncate, --nowrap",
		"-z":                    "unknown option -z",
		"--\x1b[31mred":         "unknown option --␛[31mred",
		"-o " + manyColumns(99): "want at most 54 columns, not 99",
	}
	for args, want := range tests {
		r := runLs(args)
		if r.status != exitError || r.stdout != "" || !strings.Contains(r.stderr, want) || !strings.Contains(r.stderr, "try: nstui ls --help") {
			t.Errorf("%q: got status %d, %q and %q; want 1 and %q", args, r.status, r.stderr, r.stdout, want)
		}
	}
	for args, want := range map[string]string{
		"999":        "nstui: list processes of namespace 999: no such namespace is seen\n",
		"-t net 203": "nstui: list processes of namespace 203: no such namespace is seen\n",
		"-Q TYPE==5": "nstui: filter \"TYPE==5\": compare TYPE to a number: \"mnt\" is none\n",
	} {
		if r := runLs(args); r.status != exitError || r.stdout != "" || r.stderr != want {
			t.Errorf("%q: got status %d, %q and %q; want 1 and %q", args, r.status, r.stderr, r.stdout, want)
		}
	}
}

func manyColumns(n int) string { return strings.TrimSuffix(strings.Repeat("NS,", n), ",") }

// Options stand wherever they like, and may be cut short as for lsns.
func TestLsOptionsAnywhere(t *testing.T) {
	want := runLs("-l -n -o PID 203")
	for _, args := range []string{"203 -l -n -o PID", "-ln 203 -oPID", "--list --noh 203 --output=pid", "--li -n --output pid -- 203"} {
		if r := runLs(args); r.stdout != want.stdout || r.status != 0 {
			t.Errorf("%q: got status %d and %q, want %q", args, r.status, r.stdout, want.stdout)
		}
	}
}

func TestLsHelpAndColumns(t *testing.T) {
	help := runLs("--help")
	for _, part := range []string{"--persistent", "--containers", "--list-columns", "KEPTBY", "EXIT STATUS", "LIBSMARTCOLS_JSON"} {
		if !strings.Contains(help.stdout, part) {
			t.Errorf("the help does not say %s", part)
		}
	}
	for line := range strings.SplitSeq(help.stdout, "\n") {
		if len(line) > 92 {
			t.Errorf("a line of the help is too long: %q", line)
		}
	}
	if version := runLs("-V"); !strings.HasPrefix(version.stdout, "nstui ") {
		t.Errorf("the version is %q", version.stdout)
	}
	columns := runLs("-H")
	if lines := strings.Count(columns.stdout, "\n"); lines != len(lsColumns) ||
		!strings.HasPrefix(columns.stdout, "       NS <integer> namespace identifier (inode number)\n") {
		t.Errorf("the columns are\n%s", columns.stdout)
	}
	if r := runLs("-H -J"); !json.Valid([]byte(r.stdout)) || !strings.Contains(r.stdout, `"holder": "KEPTBY"`) {
		t.Errorf("the columns as JSON are\n%s", r.stdout)
	}
}

// Every column can be asked for of every line, and the columns of --output-all are all there are.
func TestLsAllColumns(t *testing.T) {
	for _, args := range []string{"--output-all", "--output-all -J", "--output-all -r -T", "--output-all 203", "-o +KEPTBY --output-all"} {
		r := runLs(args)
		if r.status != 0 || r.stderr != "" {
			t.Errorf("%s: got status %d, %q", args, r.status, r.stderr)
		}
		for _, c := range lsColumns {
			if !strings.Contains(strings.ToUpper(r.stdout), c.Name) {
				t.Errorf("%s: %s is missing", args, c.Name)
			}
		}
	}
}
