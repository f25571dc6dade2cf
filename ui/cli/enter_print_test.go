package cli

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"nstui/nsenter"
	"nstui/procscan/ns"
)

// planned returns a plan with something of everything, some of it hostile.
func planned() (*nsenter.Facts, *nsenter.Plan) {
	p := &nsenter.Plan{
		PID:     4183,
		Shells:  [][]string{{"/bin/bash"}, {"/bin/busybox", "sh"}},
		Dir:     "/a\x1bb",
		Command: "nsenter -t 4183 -n -- /bin/bash",
		Checks: []nsenter.Check{
			{Level: nsenter.OK, Text: "CAP_SYS_ADMIN over the target's namespaces"},
			{Level: nsenter.Warn, Text: "a name\u202e"},
		},
	}
	for _, k := range ns.Kinds() {
		p.Kinds[k] = nsenter.KindPlan{Kind: k, Target: 100, Mine: 100, State: nsenter.Shared, Reason: "same as yours"}
	}
	p.Kinds[ns.Net] = nsenter.KindPlan{Kind: ns.Net, Target: 4026532571, Mine: 4026531840, State: nsenter.Enter}
	p.Kinds[ns.UTS] = nsenter.KindPlan{Kind: ns.UTS, Target: 9, Mine: 8, Source: "/run/x\x1b", State: nsenter.Enter}
	p.Kinds[ns.Mnt] = nsenter.KindPlan{Kind: ns.Mnt, Target: 7, Mine: 8, State: nsenter.Off}
	p.Kinds[ns.Time] = nsenter.KindPlan{Kind: ns.Time, State: nsenter.Missing, Reason: "this kernel does not have it"}
	p.As.UID, p.As.GID, p.As.Name = 1000, 100, "ana"
	return &nsenter.Facts{PID: 4183, Start: 77, Comm: "web\x1b[2J\u009b\U000e0001", UID: 33, GID: 34}, p
}

func TestPlanText(t *testing.T) {
	f, p := planned()
	want := `target     4183 web␛[2J��
cgroup     shared   100: same as yours
ipc        shared   100: same as yours
mnt        off      7, yours is 8
net        enter    4026532571, yours is 4026531840
pid        shared   100: same as yours
time       missing: this kernel does not have it
user       shared   100: same as yours
uts        enter    9 from /run/x␛, yours is 8
ids        uid 1000, gid 100, ana
shell      /bin/bash
or else    /bin/busybox sh
directory  /a␛b
ok         CAP_SYS_ADMIN over the target's namespaces
warn       a name�
same as    nsenter -t 4183 -n -- /bin/bash
`
	if got := planText(&enterOptions{}, f, nil, p); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	got := planText(&enterOptions{program: []string{"sh", "-c", "echo 'a'", "", "\x1b"}, keep: true}, &nsenter.Facts{}, nil, p)
	for _, part := range []string{"target     no process\n", "program    sh -c \"echo 'a'\" \"\" ␛\n", ", kept as they are\n"} {
		if !strings.Contains(got, part) || strings.Contains(got, "/bin/busybox") {
			t.Errorf("%q is missing in\n%s", part, got)
		}
	}
}

// Where the program starts is said in words people have for it.
func TestPlanPlace(t *testing.T) {
	f := &nsenter.Facts{PID: 7, GivenRoot: "/r", GivenDir: "/w"}
	tree := nsenter.Tree{At: "/srv", Target: "/mnt"}
	for _, test := range []struct {
		plan            nsenter.Plan
		root, text, dir string
	}{
		{nsenter.Plan{PID: 7}, "host", "", ""},
		{nsenter.Plan{PID: 7, Root: nsenter.RootNamespace, Dir: "/"}, "namespace", "that of the mount namespace", "/"},
		{nsenter.Plan{PID: 7, Root: nsenter.RootTarget, GivenDir: nsenter.RootTarget}, "target", "that of the process", "/proc/7/cwd"},
		{nsenter.Plan{PID: 7, Root: nsenter.RootSource}, "source", "that of the process the mount namespace is from", ""},
		{nsenter.Plan{PID: 7, Root: nsenter.RootGiven, GivenDir: nsenter.RootGiven}, "given", "/r", "/w"},
		{nsenter.Plan{PID: 7, Root: nsenter.RootNamespace, Tree: tree}, "tree", "the host's tree, with the target's files in /mnt", ""},
	} {
		if root, dir := rootWord(&test.plan), directoryOf(f, &test.plan); root != test.root || dir != test.dir {
			t.Errorf("got %q and %q, want %q and %q", root, dir, test.root, test.dir)
		}
		text := planText(&enterOptions{}, f, nil, &test.plan)
		_, line, _ := strings.Cut(text, "\nroot       ")
		if line, _, _ = strings.Cut(line, "\n"); line != test.text {
			t.Errorf("%s: the root is called %q, want %q", test.root, line, test.text)
		}
		if !regexp.MustCompile(`a root one of [^.]*\b` + test.root + `\b`).MatchString(enterHelp) {
			t.Errorf("the help does not say %s", test.root)
		}
	}
	f.GivenDir = stay
	if dir := directoryOf(f, &nsenter.Plan{GivenDir: nsenter.RootGiven}); dir != "" {
		t.Errorf("the caller's directory is called %q", dir)
	}
}

// What a program decodes is what the plan says, and what a terminal gets is harmless.
func TestPlanJSON(t *testing.T) {
	f, p := planned()
	text, err := planJSON(&enterOptions{}, f, nil, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range text {
		if r != '\n' && (r < ' ' || r > '~') {
			t.Errorf("%q is not escaped in\n%s", r, text)
		}
	}
	var got planDocument
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.Version != 1 || !got.Ready || got.Directory != p.Dir || got.Command != p.Command || len(got.Kinds) != ns.NumKinds {
		t.Errorf("got %+v", got)
	}
	if want := (&targetDocument{PID: 4183, Start: 77, Comm: f.Comm, UID: 33, GID: 34}); !reflect.DeepEqual(got.Target, want) {
		t.Errorf("target is %+v, want %+v", got.Target, want)
	}
	if want := (kindDocument{Kind: "net", State: "enter", Target: 4026532571, Mine: 4026531840}); got.Kinds[ns.Net] != want {
		t.Errorf("net is %+v, want %+v", got.Kinds[ns.Net], want)
	}
	if want := (credentialsDocument{UID: 1000, GID: 100, Name: "ana"}); got.Credentials != want {
		t.Errorf("credentials are %+v, want %+v", got.Credentials, want)
	}
	if len(got.Program) != 0 || !reflect.DeepEqual(got.Shells, p.Shells) {
		t.Errorf("program is %q, shells are %q", got.Program, got.Shells)
	}
	if want := (checkDocument{Level: "warn", Text: "a name\u202e"}); len(got.Checks) != 2 || got.Checks[1] != want {
		t.Errorf("checks are %+v", got.Checks)
	}
	// Lists are lists and not null, and the names are those the help promises.
	text, err = planJSON(&enterOptions{}, &nsenter.Facts{}, nil, &nsenter.Plan{})
	if err != nil {
		t.Fatal(err)
	}
	var top map[string]any
	if err := json.Unmarshal([]byte(text), &top); err != nil {
		t.Fatal(err)
	}
	for name, v := range top {
		if v == nil && name != "target" {
			t.Errorf("%s is null in\n%s", name, text)
		}
		if !strings.Contains(enterHelp, name) {
			t.Errorf("the help does not say what %s is", name)
		}
	}
}

// A state without a word would be printed as nothing.
func TestStateWords(t *testing.T) {
	for _, s := range []nsenter.State{nsenter.Shared, nsenter.Off, nsenter.Enter, nsenter.Added, nsenter.Refused, nsenter.Missing} {
		if word := stateWords[s]; word == "" || !strings.Contains(enterHelp, word) {
			t.Errorf("state %d is %q", s, word)
		}
	}
}

func TestFailures(t *testing.T) {
	f, p := planned()
	if got := failures(p, &entry{asked: ns.SetOf(ns.Net)}); len(got) != 0 {
		t.Errorf("got %q", got)
	}
	if got := failures(p, &entry{request: nsenter.Request{Cgroup: true}}); len(got) != 1 || !strings.Contains(got[0], "cgroup") {
		t.Errorf("a cgroup that cannot be joined is left out in silence: %q", got)
	}
	if got := failures(p, &entry{asked: ns.SetOf(ns.Time, ns.UTS)}); !reflect.DeepEqual(got, []string{"time: this kernel does not have it"}) {
		t.Errorf("a kind that was asked for is left out in silence: %q", got)
	}
	p.Checks = append(p.Checks, nsenter.Check{Level: nsenter.Fail, Text: "net: not yours\x1b"})
	var out strings.Builder
	a := &app{stderr: &out, stdout: &out}
	if !a.refuses(p, &entry{asked: ns.SetOf(ns.Time)}) || out.String() != "nstui: net: not yours␛\n" {
		t.Errorf("it says %q", out.String())
	}
	for _, o := range []*enterOptions{{dryRun: true}, {dryRun: true, json: true}} {
		out.Reset()
		if err := a.dryRun(o, f, nil, p); err == nil || !strings.Contains(out.String(), "not yours") {
			t.Errorf("a plan that fails gave %v and\n%s", err, out.String())
		}
	}
}

// The plan names the container the target is in, also where it was given by its pid.
func TestPlanNamesTheContainer(t *testing.T) {
	snap, namer := harbour()
	a := &app{scan: fixed(snap), names: func(string) nameSource { return namer }}
	_, p := planned()
	for pid, want := range map[int][2]string{
		101: {"docker:web nginx:1.27␛[2J", "web docker aaaa1"},
		110: {"docker:cache", "cache docker bbbb1"}, // as its daemon says
		131: {"docker:kind > docker:inner", "docker:kind > inner docker cccc2"},
		212: {"default/shop-0/proxy", "default/shop-0/proxy containerd e3 in default/shop-0/1b1c2d3e-0000-4000-8000-0123456789ab"},
		50:  {},
		999: {},
	} {
		f := &nsenter.Facts{PID: pid, Start: uint64(pid)}
		in := a.containerOf(t.Context(), f)
		line := "\ncontainer  " + want[0] + "\n"
		if got := planText(&enterOptions{}, f, in, p); strings.Contains(got, "\ncontainer ") != (want[0] != "") || want[0] != "" && !strings.Contains(got, line) {
			t.Errorf("%d: got\n%s\nwant %q", pid, got, line)
		}
		text, err := planJSON(&enterOptions{}, f, in, p)
		if err != nil {
			t.Fatal(err)
		}
		var got planDocument
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		said := ""
		if c := got.Target.Container; c != nil {
			said = c.Name + " " + c.Runtime + " " + strings.TrimRight(c.ID, "0")
			if pod := c.Pod; pod != nil {
				said += " in " + pod.Namespace + "/" + pod.Name + "/" + pod.UID
			}
		}
		if said != want[1] {
			t.Errorf("%d: JSON says %q, want %q", pid, said, want[1])
		}
	}
	if in := a.containerOf(t.Context(), &nsenter.Facts{PID: 100, Start: 99}); in != nil {
		t.Errorf("another process of the pid is in %v", in)
	}
}
