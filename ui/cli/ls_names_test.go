package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/ui/cli/sheet"
)

// lsHarbour runs nstui ls on the harbour. The arguments are apart by one space.
func lsHarbour(t *testing.T, args ...string) (r listed, namer *fakeNamer) {
	t.Helper()
	snap, namer := harbour()
	if slices.Contains(args, "/split") {
		like := *snap.ByPID(140)
		for pid, cgroup := range map[int]string{500: "/system.slice/dns.service/libpod-payload-" + longID("5e1"), 510: "/system.slice/docker-" + longID("feed1") + ".scope"} {
			p := like
			p.PID, p.Start, p.Cgroup, p.Args = pid, uint64(pid), cgroup, []string{"box"}
			snap.Procs = append(snap.Procs, &p)
		}
		namer.told[longID("5e1")] = container.Owner{Name: "split"}
	}
	if slices.Contains(args, "/users") { // uid 1000 has a container with the name of one of root's
		p := *snap.ByPID(140)
		p.PID, p.Start, p.UID = 500, 500, 1000
		p.Cgroup = "/user.slice/user-1000.slice/user@1000.service/docker/" + longID("c0")
		snap.Procs = append(snap.Procs, &p)
		namer.told[longID("c0")] = container.Owner{Name: "cow", User: 1000}
	}
	slices.SortFunc(snap.Procs, func(a, b *procscan.Process) int { return a.PID - b.PID })
	found := make(map[ns.ID]int)
	for _, k := range ns.Kinds() {
		list := &snap.Namespaces[k]
		for i, p := range snap.Procs {
			id := p.NS.ID(k)
			at, ok := found[id]
			if !ok {
				at = len(*list)
				found[id] = at
				*list = append(*list, procscan.Namespace{ID: id, Leader: i})
			}
			(*list)[at].Members = append((*list)[at].Members, i)
		}
		slices.SortFunc(*list, func(a, b procscan.Namespace) int { return int(a.ID.Ino) - int(b.ID.Ino) })
		if k == ns.Net {
			(*list)[1].Keepers = []procscan.Keeper{{By: procscan.ByMount, Path: "/run/netns/blue", Where: snap.Procs[0].NS.ID(ns.Mnt)}}
		}
	}
	var out, stderr bytes.Buffer
	a := &app{
		stdout: &out, stderr: &stderr,
		lookup: func(string) (string, bool) { return "C.UTF-8", true },
		names:  func(string) nameSource { return namer },
		scan: func(_ context.Context, _ procscan.Options, want procscan.Want) (*procscan.Snapshot, error) {
			r.want = want
			return snap, nil
		},
	}
	r.status = a.main(t.Context(), append([]string{"ls"}, args...)).Status
	r.stdout, r.stderr = out.String(), stderr.String()
	return r, namer
}

// Columns that name nobody cost nothing: neither files nor daemons are asked.
func TestLsNamesOnlyIfAsked(t *testing.T) {
	for _, test := range []struct {
		args  []string
		named bool
	}{
		{[]string{"-l"}, false},
		{[]string{"-l", "-Q", `COMMAND == "x"`}, false},
		{[]string{"-l", "-o", "+CONTAINER"}, true},
		{[]string{"-l", "-Q", `CONTAINER == "web"`}, true},
		{[]string{"--containers"}, true},
	} {
		r, namer := lsHarbour(t, test.args...)
		if r.status != 0 || (namer.asked > 0) != test.named || (r.want&procscan.Groups != 0) != test.named {
			t.Errorf("%q: status %d, %q, asked %d times, read %b", test.args, r.status, r.stderr, namer.asked, r.want)
		}
	}
}

func TestLsNames(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"-l|-n|-t|net|-o|NS,CONTAINER,RUNTIME,UNIT,NETNS", `
         4                                                  
     10003 web                      docker                  blue
     11003 cache                    docker                  
     12003 web                      lxc                     
     13003 kind                     docker                  
     13103 docker:kind > inner      docker                  
     14003 cow                      docker                  
     15003                                     beef.service 
     20003 kube-system/coredns-5d78 containerd              
     21003 default/shop-0           containerd              
`},
		{"-l|-r|-n|-t|net|-o|NS,POD,K8SNS,IMAGE,PROJECT,SERVICE|-Q|CONTAINER", `
10003   nginx:1.27\x1b[2J shop front
11003     
12003     
13003     
13103     
14003     
20003 coredns-5d78 kube-system coredns:1  
21003 shop-0 default   
`},
		{"-l|-n|-o|NS,TYPE|-Q|CONTAINER == 'web' && TYPE == 'net'", "\n     10003 net\n     12003 net\n"},
		{"-l|-n|-o|NS,TYPE|-Q|NETNS =~ 'bl'", "\n     10003 net\n"},
		{"-l|-n|-o|NS,TYPE|-Q|POD == 'shop-0' and TYPE == 'uts'", "\n     21007 uts\n"},
		{"4|-l|-n|-o|PID,UNIT,CONTAINER", `
  1 init.scope     
 10 docker.service 
 50 dns.service    
 60 old.service    
`},
		{"10003|-l|-n|-o|PID,UNIT,CONTAINER", `
  100                 web
  101                 web
  300 session-1.scope 
`},
		{"unit:docker|-l", `
PID PPID USER COMMAND
 10    1 root /bin/dockerd
`},
		{"container:kind|-n|-o|PID,NS,NPROCS,CONTAINER", "\n  130           kind\n"},
		{"pod/shop-0|-l|-n|-o|PID,POD", "\n  211 shop-0\n  212 shop-0\n"},
		{"compose:shop|-n|-o|PID,COMMAND", "\n  100 /bin/httpd\n  101 └─/bin/worker\n"},
		{"compose:shop|-n|-r|-o|PID|-Q|COMMAND =~ 'worker' && !NPROCS", "\n101\n"},
		{"container:web|-n|-r|-o|PID,RUNTIME", "\n100 docker\n101 docker\n120 lxc\n"},
		{"--containers|-n|-r|-o|NAME,NPROCS,PID,OWN,SHARES", `
cache 1 110 -imnp--u 
cow 1 140 -imnp--u 
default/shop-0/app 1 211 -imnp--u net\x20ipc\x20uts\x20with\x20proxy
default/shop-0/proxy 1 212 -imnp--u net\x20ipc\x20uts\x20with\x20app
infra\x20of\x20default/shop-0 1 210 -imnp--u net\x20ipc\x20uts\x20with\x20app,\x20proxy
kind 1 130 -imnp--u 
docker:kind\x20>\x20inner 1 131 -imnp--u 
kube-system/coredns-5d78/coredns 1 201 -imnp--u net\x20with\x20infra
infra\x20of\x20kube-system/coredns-5d78 1 200 -imnp--u net\x20with\x20coredns
web 1 120 -imnp--u 
web 2 100 -imnp--u 
`},
	} {
		r, _ := lsHarbour(t, strings.Split(test.args, "|")...)
		if r.stdout != test.want[1:] || r.stderr != "" || r.status != 0 {
			t.Errorf("%s: got status %d, %q and\n%s", test.args, r.status, r.stderr, r.stdout)
		}
	}
}

// What others call as root does is not listed with it, but told of.
func TestLsPassesOverOthers(t *testing.T) {
	r, _ := lsHarbour(t, "container:cow", "-n", "-r", "-o", "PID", "--proc", "/users")
	if r.stdout != "140\n" || !strings.HasPrefix(r.stderr, "nstui: docker:cow of ") || !strings.Contains(r.stderr, "is called so, too, and not meant: that is 500") {
		t.Errorf("got %q and %q", r.stdout, r.stderr)
	}
}

// A name that means nothing is an error, and says what is called almost so. Daemons are asked only if a name is
// nobody's that can be trusted.
func TestLsOfName(t *testing.T) {
	for _, test := range []struct {
		args, stderr string
		asked        int
	}{
		{"unit:docker", "", 0},
		{"unit:docker|-o|+CONTAINER", "", 1},
		{"container:cache", "", 1}, // only a daemon tells
		{"unit:dokcer", "nstui: list processes of unit:dokcer: there is no process in a control group of the name dokcer.service\n" +
			"  near names: docker.service\n", 1},
	} {
		r, namer := lsHarbour(t, strings.Split(test.args, "|")...)
		if r.stderr != test.stderr || (r.status != 0) != (test.stderr != "") || (r.stdout == "") != (test.stderr != "") || namer.asked != test.asked {
			t.Errorf("%s: got status %d, %q, asked %d times\n%s", test.args, r.status, r.stderr, namer.asked, r.stdout)
		}
	}
	for args, want := range map[string]string{
		"unit:docker|-t|net":         "--type and a name exclude each other",
		"unit:docker|-P":             "--persistent and a name exclude each other",
		"unit:docker|-T":             "a tree of namespaces and a name exclude each other",
		"unit:docker|-p|1":           "--task and a name exclude each other",
		"unit:docker|--containers":   "--containers and a name exclude each other",
		"unit:docker|--watch":        "--watch and a name exclude each other",
		"unit:docker|container:kind": `want one namespace, not "container:kind" too`,
		"docker.service":             "did you mean unit:docker.service or container:docker.service?",
	} {
		if r, _ := lsHarbour(t, strings.Split(args, "|")...); r.status != exitError || !strings.Contains(r.stderr, want) {
			t.Errorf("%s: got status %d and %q, want %q", args, r.status, r.stderr, want)
		}
	}
}

// A filter that is true of no namespace, but of processes in the host's, says where these are.
func TestLsHintsAtProcesses(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{`-l|-Q|UNIT == "docker.service"`, "nstui: no namespace is for that, but 1 process matches in one of the host: nstui ls 1 -Q 'UNIT == \"docker.service\"'\n"},
		{`-Q|UNIT =~ '^d' && TYPE == "net"`, "nstui: no namespace is for that, but 2 processes match in one of the host: nstui ls 4 -Q 'UNIT =~ '\\''^d'\\'' && TYPE == \"net\"'\n"},
		{`-t|uts|-Q|UNIT == "docker.service"`, "nstui: no namespace is for that, but 1 process matches in one of the host: nstui ls 8 -Q 'UNIT == \"docker.service\"'\n"},
		{`-Q|UNIT == "nobody.service"`, ""},
		{`-Q|UNIT == "beef.service"`, ""}, // has a namespace
		{`-Q|COMMAND == "nobody"`, ""},
		{`-P|-Q|UNIT == "docker.service"`, ""},
		{`4|-Q|UNIT == "nobody.service"`, ""},
	} {
		r, _ := lsHarbour(t, strings.Split(test.args, "|")...)
		if r.stderr != test.want || r.status != 0 {
			t.Errorf("%s: got status %d, %q", test.args, r.status, r.stderr)
		}
	}
}

// A unit has also what is in control groups below its own, and one that was made for a container is found.
func TestLsOfUnitWithContainers(t *testing.T) {
	box := "docker-" + longID("feed1") + ".scope"
	for args, want := range map[string]string{
		"unit:dns|-n|-r|-o|PID,CONTAINER":                 "50 \n500 split\n",
		"unit:" + box + "|-n|-r|-o|PID,COMMAND":           "510 box\n",
		"--containers|-n|-r|-o|NAME,UNIT|-Q|UNIT =~ '^d'": "feed10000000 " + box + "\nsplit dns.service\n",
	} {
		r, _ := lsHarbour(t, append(strings.Split(args, "|"), "--proc", "/split")...)
		if r.stdout != want || r.stderr != "" {
			t.Errorf("%s: got %q and\n%s", args, r.stderr, r.stdout)
		}
	}
}

func TestLsContainersJSON(t *testing.T) {
	r, _ := lsHarbour(t, "--containers", "-J", "-o", "+NETNS,CID", "-Q", `NAME == "default/shop-0/proxy"`)
	var list struct {
		Containers []struct {
			Name, Runtime, OWN, CID, Cgroup string
			PID, Nprocs, Netns              uint64
			Shares                          []string
			State                           *string
		}
	}
	if err := json.Unmarshal([]byte(r.stdout), &list); err != nil || len(list.Containers) != 1 {
		t.Fatalf("got %v and\n%s", err, r.stdout)
	}
	c := list.Containers[0]
	if c.Name != "default/shop-0/proxy" || c.Runtime != "containerd" || c.PID != 212 || c.Nprocs != 1 || c.Netns != 21003 || c.CID != longID("e3") ||
		c.State != nil || len(c.Shares) != 1 || c.Shares[0] != "net ipc uts with app" {
		t.Errorf("got %+v", c)
	}
}

func TestLsContainersExcludes(t *testing.T) {
	for _, args := range []string{"-t|net", "-p|1", "-P", "-T", "--watch", "4"} {
		r, _ := lsHarbour(t, append(strings.Split(args, "|"), "--containers")...)
		if r.status != 1 || r.stdout != "" || !strings.Contains(r.stderr, "exclude each other") {
			t.Errorf("%s: got status %d and %q", args, r.status, r.stderr)
		}
	}
	if r, _ := lsHarbour(t, "--containers", "-o", "NSFS"); r.status != 1 || !strings.Contains(r.stderr, `unknown column "NSFS": nstui ls --containers -H lists`) {
		t.Errorf("got status %d and %q", r.status, r.stderr)
	}
	if r, _ := lsHarbour(t, "--containers", "-H"); r.status != 0 || !strings.Contains(r.stdout, "SHARES") || strings.Contains(r.stdout, "NSFS") {
		t.Errorf("got status %d and\n%s", r.status, r.stdout)
	}
}

// Where a namespace is may not be seen, nobody says that it is the host's.
func TestLsContainersOwnIsNotGuessed(t *testing.T) {
	for _, test := range []struct {
		tuple ns.Tuple
		want  string
	}{{ns.Tuple{}, "????????"}, {ns.Tuple{ns.Net: 14003, ns.UTS: 8}, "???n???-"}} {
		snap, namer := harbour()
		p := snap.ByPID(140)
		p.NS = test.tuple
		s := &lister{opts: &lsOptions{containers: true}, snap: snap, names: namer.Resolve(t.Context(), snap)}
		i := slices.IndexFunc(s.names.Containers(), func(r container.Row) bool { return r.Leader == p })
		column, _ := boxColumns.find("OWN")
		if got := boxColumns[column].cell(s, lsLine{row: &s.names.Containers()[i]}); got != test.want {
			t.Errorf("of %v it says %q, want %q", test.tuple, got, test.want)
		}
	}
}

// A name that somebody chose to be long costs the others on the terminal nothing.
func TestLsContainersFitTheTerminal(t *testing.T) {
	for _, c := range boxDefaults {
		switch name := boxColumns[c].Name; name {
		case "CGROUP":
			t.Error("the path of the control group is among the columns nobody asked for")
		case "NAME", "SHARES", "IMAGE":
			if boxColumns[c].Flags&sheet.Trunc == 0 || boxColumns[c].Flags&sheet.Ends == 0 || boxColumns[c].Most == 0 {
				t.Errorf("%s is not cut to the terminal, in its middle, or without one as wide as the longest name", name)
			}
		}
	}
}
