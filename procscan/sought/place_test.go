package sought

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
)

const user = 1000

func longID(begin string) string { return begin + strings.Repeat("0", 64-len(begin)) }

// host is a host of which Find is asked: what is called as what else is, of root and of a user.
type host struct {
	snap procscan.Snapshot
	told map[string]container.Owner // by ID
}

// add adds a process; its namespaces of most kinds are others if it is in a container.
func (h *host) add(pid, ppid int, uid uint32, comm, cgroup string) {
	p := &procscan.Process{PID: pid, PPID: ppid, Start: uint64(pid), UID: uid, Comm: comm, Args: []string{"/bin/" + comm}, Cgroup: cgroup, NS: h.snap.Mine}
	if strings.Contains(cgroup, "docker/") || strings.Contains(cgroup, "kubepods/") {
		p.NS[ns.Net], p.NS[ns.Mnt] = uint64(pid)*100, uint64(pid)*100+1
	}
	h.snap.Procs = append(h.snap.Procs, p)
}

// box adds a container that is told to be so.
func (h *host) box(pid int, comm, above, id string, as container.Owner) {
	h.add(pid, 1, 0, comm, above+longID(id))
	h.told[longID(id)] = as
}

// place returns what was seen of it, with the names as a resolver finds them.
func (h *host) place(t *testing.T) *Place {
	t.Helper()
	names := container.New(container.Options{Root: "/nonexistent"}).Resolve(t.Context(), &h.snap)
	for _, p := range h.snap.Procs {
		for o := names.Of(p); o != nil; o = o.In {
			as, ok := h.told[o.ID]
			if !ok {
				continue
			}
			delete(h.told, o.ID)
			o.Name, o.Pod, o.Infra, o.User, o.Project, o.Service, o.From = as.Name, as.Pod, as.Infra, as.User, as.Project, as.Service, container.ByDisk
		}
	}
	return &Place{&h.snap, names}
}

const (
	users   = "/user.slice/user-1000.slice/user@1000.service/"
	session = "/user.slice/user-1000.slice/session-1.scope"
	pods    = "/kubepods/burstable/pod0b1c2d3e-0000-4000-8000-0123456789ab/"
)

func newHost() *host {
	h := &host{told: make(map[string]container.Owner)}
	h.snap.Mine = ns.Tuple{1, 2, 3, 4, 5, 6, 7, 8}
	h.add(1, 0, 0, "systemd", "/init.scope")
	h.add(10, 1, 0, "containerd", "/system.slice/containerd.service")
	h.add(11, 1, 0, "containerd-shim", "/system.slice/containerd.service")
	h.add(20, 1, 0, "nginx", "/system.slice/nginx.service")
	h.add(21, 20, 0, "nginx", "/system.slice/nginx.service")
	h.add(30, 1, 0, "postgres", "/system.slice/psql.service")
	h.add(31, 1, user, "psql", session)
	h.add(40, 1, 0, "agent", "/system.slice/other.service")
	h.add(41, 1, user, "x", users+"app.slice/agent.service")
	h.add(42, 1, user, "y", users+"app.slice/mine.service")
	h.add(50, 1, 0, "vim", "/system.slice/ssh.service")
	h.add(51, 1, user, "vim", session)
	h.add(60, 1, 0, "web", "/system.slice/old.service")
	h.box(100, "httpd", "/docker/", "aaaa1", container.Owner{Name: "web", Project: "shop", Service: "front"})
	h.add(101, 1, user, "web", session)
	h.box(110, "redis", "/docker/", "bbbb1", container.Owner{Name: "shop-db-1", Project: "shop", Service: "db"})
	h.box(120, "bash", users+"docker/", "cccc1", container.Owner{Name: "theirs", User: user})
	h.add(121, 1, 0, "theirs", "/system.slice/that.service")
	h.box(130, "sh", users+"docker/", "cccc2", container.Owner{Name: "own", User: user})
	h.box(140, "cat", "/docker/", "cafe1", container.Owner{Name: "cat"})
	h.add(141, 1, user, "cafe", session)
	h.add(142, 1, 0, longID("cafe1")[:12], "/system.slice/that.service")
	h.box(150, "sleep", "/docker/"+longID("aaaa1")+"/docker/", "eeee1", container.Owner{Name: "inner"})
	pod := &container.Pod{Name: "coredns-5d78", Namespace: "kube-system", UID: "0b1c2d3e-0000-4000-8000-0123456789ab"}
	h.box(200, "pause", pods, "d1", container.Owner{Pod: pod, Infra: true})
	h.box(201, "coredns", pods, "d2", container.Owner{Name: "coredns", Pod: pod})
	h.box(202, "proxy", pods, "d3", container.Owner{Name: "proxy", Pod: pod})
	slices.SortFunc(h.snap.Procs, func(a, b *procscan.Process) int { return a.PID - b.PID })
	return h
}

// What a word means is the same whoever asks, and what a user calls so never stands in for what root does.
func TestFind(t *testing.T) {
	at := newHost().place(t)
	for _, tt := range []struct {
		word    string
		want    []int
		certain bool
	}{
		{"web", []int{100}, true},            // a container, and no process
		{"nginx", []int{20}, true},           // a unit, whose worker is not one more
		{"unit:nginx", []int{20}, true},      //
		{"nginx.service", []int{20}, true},   //
		{"containerd", []int{10}, true},      // and none of its shims
		{"unit:containerd", []int{10}, true}, //
		{"psql", []int{30}, true},            // root's unit, and not the user's process
		{"agent", []int{40}, true},           // root's process, and not the user's unit
		{"mine", []int{42}, false},           // a user's unit
		{"unit:agent", []int{41}, false},     //
		{"vim", []int{50, 51}, true},         // processes of both, root's first
		{"theirs", []int{121}, true},         // root's process, and not the user's container
		{"own", []int{130}, false},           //
		{"redis", []int{110}, false},         // what runs in a container anybody may call so
		{"cafe", []int{140, 141}, true},      // the start of an ID, and a process
		{"cafe10000000", []int{140}, true},   // so much of an ID means nothing else
		{"container:cafe", []int{140}, true}, //
		{"shop/db", []int{110}, true},
		{"front", []int{100}, true},
		{"compose:shop", []int{110, 100}, true},
		{"shop", []int{110, 100}, true},
		{"k8s:kube-system", []int{201, 202}, true},
		{"kube-system", []int{201, 202}, true},
		{"coredns", []int{201}, true}, // of a pod, and not the pod
		{"pod/coredns", []int{201, 202}, true},
		{"pod:kube-system/coredns", []int{201, 202}, true},
		{"pod/coredns-5d78/proxy", []int{202}, true},
		{"docker:web", []int{100}, true},
		{"docker:web > docker:inner", []int{150}, false}, // as lists have it
		{"inner", []int{150}, false},
		{"infra of kube-system/coredns-5d78", []int{200}, true},
		{"infra of coredns", []int{200}, true},
		{"infra of web", nil, false},
		{"pod/kube-system/coredns-5d78/infra", []int{200}, true},
		{"pod/coredns/infra", []int{200}, true},
		{"coredns/infra", []int{200}, true},
		{"kube-system/coredns-5d78/d10000000000", []int{200}, true}, // what lists call one without a name
		{"pod/kube-system/coredns-5d78/d10000000000", []int{200}, true},
		{"pod/coredns/d2", nil, false},
		{"compose:shop/db", []int{110}, true}, // as details have it
		{"compose:shop/web", nil, false},
		{"compose:shop/", nil, false},
		{"docker:web > docker:none", nil, false},
		{"compose:web", nil, false},
		{"compose/web", nil, false},
		{"k8s:shop", nil, false},
		{"unit:web", nil, false},
		{"nothing", nil, false},
		{"unit:", nil, false},
		{"", nil, false},
	} {
		var got []int
		found := at.Find(tt.word)
		for _, c := range found {
			got = append(got, c.Process.PID)
		}
		if !slices.Equal(got, tt.want) || at.Certain(found) != tt.certain {
			t.Errorf("%s: got %v, certain %v; want %v, %v", tt.word, got, at.Certain(found), tt.want, tt.certain)
		}
	}
}

// What others have of a name that root has is passed over with a word, and makes nothing ambiguous.
func TestMean(t *testing.T) {
	h := newHost()
	h.box(160, "sh", users+"docker/", "f1", container.Owner{Name: "web", User: user})
	h.box(161, "sh", users+"docker/", "f2", container.Owner{Name: "coredns", User: user})
	h.box(162, "sh", users+"docker/", "f3", container.Owner{Name: "cafe", User: user})
	h.box(163, "sh", users+"docker/", "f4", container.Owner{Name: "z", Project: "shop", User: user})
	pod := &container.Pod{Name: "coredns-5d78", Namespace: "kube-system", UID: "0b1c2d3e-0000-4000-8000-0123456789ab"}
	h.box(164, "sh", users+"docker/", "f5", container.Owner{Name: "evil", Pod: pod, User: user})
	h.add(170, 1, 0, "daemon", "/system.slice/that.service")
	h.add(171, 1, user, "tool", session)
	slices.SortFunc(h.snap.Procs, func(a, b *procscan.Process) int { return a.PID - b.PID })
	at := h.place(t)
	pids := func(choices []Choice) []int {
		list := []int{}
		for _, c := range choices {
			list = append(list, c.Process.PID)
		}
		return list
	}
	for word, want := range map[string]string{ // what is meant, what is passed over, and whether that is open
		"web":                "[100] [160] false",
		"container:web":      "[100] [160] false",
		"coredns":            "[201] [161] false",
		"pod/coredns":        "[201 202] [164] false",
		"k8s:kube-system":    "[201 202] [164] false",
		"compose:shop":       "[110 100] [163] false",
		"shop":               "[110 100] [163] false",
		"theirs":             "[121] [120] true", // a process
		"nginx":              "[20] [] false",    // a unit
		"unit:agent":         "[41] [] false",
		"daemon":             "[170] [] true",
		"tool":               "[171] [] true",
		"own":                "[130] [] true", // a user's container
		"container:own":      "[130] [] true",
		"cafe":               "[140 141 162] [] true", // the start of an ID passes over nothing
		"container:cafe":     "[140 162] [] false",
		longID("cafe1")[:12]: "[140] [] false",
		"nothing":            "[] [] true",
	} {
		m := at.Mean(word)
		if got := fmt.Sprint(pids(m.Choices), pids(m.Passed), m.Open); got != want {
			t.Errorf("%s: got %s, want %s", word, got, want)
		}
	}
}

// For the user what is theirs is as good as root's.
func TestFindAsUser(t *testing.T) {
	h := newHost()
	h.snap.Self = procscan.ProcID{PID: 31, Start: 31}
	at := h.place(t)
	for word, want := range map[string]string{"own": "[130] true", "theirs": "[120] true", "mine": "[42] true", "agent": "[41] true", "web": "[100] true"} {
		var got []int
		found := at.Find(word)
		for _, c := range found {
			got = append(got, c.Process.PID)
		}
		if said := fmt.Sprint(got, at.Certain(found)); said != want {
			t.Errorf("%s: got %s, want %s", word, said, want)
		}
	}
}

// Without names there are processes, and units by the paths of control groups.
func TestFindWithoutNames(t *testing.T) {
	at := &Place{Snapshot: &newHost().snap}
	for word, want := range map[string]int{"nginx": 20, "unit:psql": 30, "web": 60} {
		if found := at.Find(word); len(found) == 0 || found[0].Process.PID != want {
			t.Errorf("%s: got %+v, want %d", word, found, want)
		}
	}
}

func TestNearWords(t *testing.T) {
	at := newHost().place(t)
	for word, want := range map[string]string{
		"wbe":                 "web",
		"unit:ngnix":          "nginx.service",
		"compose:shpo":        "shop",
		"k8s:kube-sistem":     "kube-system",
		"pod/cordns":          "coredns, kube-system/coredns-5d78",
		"kube-sistem":         "kube-system",
		"container:nginx":     "",
		"docker:wbe":          "docker:web",
		"container:docker:ow": "docker:own",
		"docker:qqqq":         "",
		"lxc:own":             "own", // no container of that runtime is so called
	} {
		if got := strings.Join(at.Near(word), ", "); got != want {
			t.Errorf("%s: got %q, want %q", word, got, want)
		}
	}
}

// What belongs to what was found is all of a container, and nothing but the process else.
func TestBelongs(t *testing.T) {
	at := newHost().place(t)
	for word, want := range map[string][]int{"web": {100}, "nginx": {20}, "pod/coredns/proxy": {202}} {
		belongs := at.Belongs(at.Find(word))
		var got []int
		for _, p := range at.Procs {
			if belongs(p) {
				got = append(got, p.PID)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", word, got, want)
		}
	}
}

// Only what the prefixes are that are told of means something of its own: a project or a namespace may be called as one.
func TestFindNoPrefix(t *testing.T) {
	h := newHost()
	h.box(300, "httpd", "/docker/", "f1", container.Owner{Name: "unit-api-1", Project: "unit", Service: "api"})
	h.box(301, "httpd", "/docker/", "f2", container.Owner{Name: "container-api-1", Project: "container", Service: "api"})
	h.box(302, "httpd", "/docker/", "f3", container.Owner{Name: "nginx", Project: "shop", Service: "nginx"})
	at := h.place(t)
	for word, want := range map[string]string{
		"unit/api":       "[300] true",
		"container/api":  "[301] true",
		"unit/nginx":     "[] false",
		"container/web":  "[] false",
		"unit:nginx":     "[20] true",
		"pod/unit:nginx": "[] false",
	} {
		if got := means(at, word); got != want {
			t.Errorf("%s: got %s, want %s", word, got, want)
		}
	}
}
