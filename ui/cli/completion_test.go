package cli

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
)

// complete returns what is offered for the last of the words, and the directive.
func complete(t *testing.T, words ...string) (offered []string, directive string, namer *fakeNamer) {
	t.Helper()
	snap, namer := harbour()
	namer.told[longID("bbbb1")] = container.Owner{Name: "bad\x1b[2J\nname", Image: "evil\tone"}
	return completeIn(t, snap, namer, words...)
}

// completeIn returns the same of some processes.
func completeIn(t *testing.T, snap *procscan.Snapshot, namer *fakeNamer, words ...string) (offered []string, directive string, _ *fakeNamer) {
	t.Helper()
	var out bytes.Buffer
	a := &app{
		stdout: &out, stderr: &bytes.Buffer{},
		lookup: func(string) (string, bool) { return "", false },
		names:  func(string) nameSource { return namer },
		scan:   func(context.Context, procscan.Options, procscan.Want) (*procscan.Snapshot, error) { return snap, nil },
	}
	a.main(t.Context(), append([]string{"__complete"}, words...))
	offered = strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	return offered[:len(offered)-1], offered[len(offered)-1], namer
}

func TestCompleteTargets(t *testing.T) {
	for _, test := range []struct{ words, want string }{
		{"enter -t co", "compose:shop,coredns,coredns-5d78,cow"},
		{"enter -n -t co", "compose:shop,coredns,coredns-5d78,cow"},
		{"enter --target=cor", "coredns,coredns-5d78"},
		{"enter -tco", "-tcompose:shop,-tcoredns,-tcoredns-5d78,-tcow"},
		{"enter -t compose:", "compose:shop"},
		{"enter -t k8s:", "k8s:default,k8s:kube-system"},
		{"enter -at do", "docker:web"}, // one of two called web
		{"enter -t container:k", "container:kind"},
		{"enter -t pod/", "pod/coredns-5d78,pod/default/shop-0,pod/default/shop-0/app,pod/default/shop-0/proxy," +
			"pod/kube-system/coredns-5d78,pod/kube-system/coredns-5d78/coredns,pod/shop-0"},
		{"enter -t kube-", "kube-system/coredns-5d78"},
		{"enter -t pod:sh", "pod:shop-0"},
		{"enter -t unit:d", "unit:dns.service,unit:docker.service"},
		{"enter -t bb", "bbbb10000000"}, // what it is called cannot be typed
		{"enter -t container:bb", "container:bbbb10000000"},
		{"enter -t bad", ""},
		{"enter -t ns:", ""},
		{"ls unit:d", "unit:dns.service,unit:docker.service"},
		{"ls -l container:k", "container:kind"},
		{"-t cor", "coredns,coredns-5d78"},
		{"--target=lx", "lxc,lxc:web"},
	} {
		offered, directive, namer := complete(t, strings.Split(test.words, " ")...)
		for i, word := range offered {
			offered[i], _, _ = strings.Cut(word, "\t")
		}
		if got := strings.Join(offered, ","); got != test.want || directive != ":4" || namer.asked != 0 {
			t.Errorf("%s: got %s %s, want %s; daemons were asked %d times", test.words, got, directive, test.want, namer.asked)
		}
	}
}

// A name that several have is offered where it means one of them all the same.
func TestCompleteSharedNames(t *testing.T) {
	snap, namer := harbour()
	namer.told[longID("bbbb1")] = container.Owner{Name: "pause"}
	for id, o := range namer.told {
		if o.Infra {
			o.Name = "pause"
			namer.told[id] = o
		}
	}
	for typed, want := range map[string]string{"pau": "pause", "docker:pau": "docker:pause", "we": ""} {
		offered, _, _ := completeIn(t, snap, namer, "enter", "-t", typed)
		for i, word := range offered {
			offered[i], _, _ = strings.Cut(word, "\t")
		}
		if got := strings.Join(offered, ","); got != want {
			t.Errorf("%s: got %s, want %s", typed, got, want)
		}
	}
}

// What a shell might take for a command is not offered, whatever a user calls a process or a container.
func TestCompleteCommands(t *testing.T) {
	for _, name := range []string{
		"zq$(id)", "zq`id`", "zq;id", "zq'", `zq"`, `zq\`, "zq!!", "zq*", "zq{a,b}", "zq id", "zq|id", "zq&", "zq<a", "zq\u00a0", "~zq", "=zq", "zq\u202e",
	} {
		snap, namer := harbour()
		snap.Procs = append(snap.Procs, &procscan.Process{PID: 400, PPID: 1, Start: 400, UID: 1000, Comm: name, NS: snap.Mine})
		snap.ByPID(400).NS[ns.UTS]++
		namer.told[longID("bbbb1")] = container.Owner{Name: name, Pod: &container.Pod{Name: name, Namespace: name}}
		for _, form := range []string{"", "container:", "pod/", "pod:", "unit:"} {
			for _, typed := range []string{"", name[:1], "zq"} {
				offered, _, _ := completeIn(t, snap, namer, "enter", "-t", form+typed)
				for _, line := range offered {
					if word, _, _ := strings.Cut(line, "\t"); strings.Contains(word, "zq") {
						t.Errorf("%q behind %q: %q is offered", name, form+typed, word)
					}
				}
			}
		}
	}
}

func TestCompleteDescriptions(t *testing.T) {
	for words, want := range map[string]string{
		"enter -t cow":       "cow\tdocker, pid 140",
		"enter -t bbb":       "bbbb10000000\tbad␛[2J␊name docker, evil␉one, pid 110",
		"enter -t docker:we": "docker:web\tdocker, nginx:1.27␛[2J, pid 100",
		"enter -t unit:dns":  "unit:dns.service\tunit, pid 50 dns",
		"enter -t worke":     "worker\tprocess, pid 101",
		"enter --targ":       "--target\twhat to take namespaces from:",
		"ls -o IMAG":         "IMAGE\timages of these",
	} {
		if offered, _, _ := complete(t, strings.Split(words, " ")...); !slices.Equal(offered, []string{want}) {
			t.Errorf("%s: got %q, want %q", words, offered, want)
		}
	}
}

func TestCompleteOptions(t *testing.T) {
	for _, test := range []struct{ words, want, directive string }{
		{"enter --tools=", "host,busybox,tree", ":4"},
		{"enter -S f", "follow", ":4"},
		{"enter -n --net=/r", "", ":0"}, // a file
		{"enter -n ", "", ":0"},         // a program
		{"enter -n ls --to", "", ":0"},  // its options
		{"enter -t 1 -- --to", "", ":0"},
		{"enter --record ", "", ":0"},
		{"enter --nonsense=x", "", ":4"},
		{"enter --all=x", "", ":4"},
		{"enter -N ", "", ":4"},
		{"ls -t u", "user,uts", ":4"},
		{"ls -l --type=mn", "mnt", ":4"},
		{"ls --tree=p", "parent,process", ":4"},
		{"ls -o NS,contai", "NS,CONTAINER", ":6"},
		{"ls -o +k8", "+K8SNS", ":6"},
		{"ls --containers -o SHA", "SHARES", ":6"},
		{"ls 4026531840 --nohe", "--noheadings", ":4"},
		{"ls 4026", "", ":4"},
		{"ls un", "unit:", ":6"},
		{"ls -Q ", "", ":4"},
		{"--kind p", "pid", ":4"},
		{"--theme=m", "mono", ":4"},
		{"completion f", "fish", ":4"},
		{"doctor --js", "--json", ":4"},
	} {
		offered, directive, _ := complete(t, strings.Split(test.words, " ")...)
		for i, word := range offered {
			offered[i], _, _ = strings.Cut(word, "\t")
		}
		if got := strings.Join(offered, ","); got != test.want || directive != test.directive {
			t.Errorf("%s: got %s %s, want %s %s", test.words, got, directive, test.want, test.directive)
		}
	}
}

func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if r := runApp(t.Context(), nil, nil, "completion", shell); r.status != 0 || !strings.Contains(r.stdout, "__complete") {
			t.Errorf("%s: got %+v", shell, r)
		}
	}
	for _, args := range [][]string{{"completion"}, {"completion", "tcsh"}, {"completion", "bash", "zsh"}} {
		if r := runApp(t.Context(), nil, nil, args...); r.status != exitUsage || !strings.Contains(r.stderr, "bash, zsh, fish") {
			t.Errorf("%q: got %+v", args, r)
		}
	}
}
