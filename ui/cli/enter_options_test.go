package cli

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"nstui/nsenter"
	"nstui/procscan/ns"
)

func file(path string) nsenter.Source { return nsenter.Source{File: path} }

// sources returns an array with one source in it.
func sources(k ns.Kind, s nsenter.Source) (list [ns.NumKinds]nsenter.Source) {
	list[k] = s
	return list
}

// What a command line asks the package nsenter for.
func TestEnterRequests(t *testing.T) {
	const pid = "-t 4183 "
	plain := func(kinds ...ns.Kind) nsenter.Request {
		return nsenter.Request{Plain: true, Kinds: ns.SetOf(kinds...)}
	}
	with := func(r nsenter.Request, change func(*nsenter.Request)) nsenter.Request {
		change(&r)
		return r
	}
	ref := func(change func(*nsenter.Ref)) nsenter.Ref {
		r := nsenter.Ref{PID: 4183}
		change(&r)
		return r
	}
	tests := []struct {
		args    string
		ref     nsenter.Ref
		request nsenter.Request
	}{
		{"-t 4183 -n", nsenter.Ref{PID: 4183}, plain(ns.Net)},
		{"-t 4183:6129 -n", nsenter.Ref{PID: 4183, Inode: 6129}, plain(ns.Net)},
		{pid + "-m -u -i -n -p -C -U -T", nsenter.Ref{PID: 4183}, nsenter.Request{Plain: true, Kinds: ns.All}},
		{pid + "--mount --uts --ipc --net --pid --cgroup --user --time", nsenter.Ref{PID: 4183}, nsenter.Request{Plain: true, Kinds: ns.All}},
		{pid + "-a", nsenter.Ref{PID: 4183}, nsenter.Request{Plain: true, Kinds: ns.All}},
		{pid + "-a -n/f", ref(func(r *nsenter.Ref) { r.Sources[ns.Net] = file("/f") }), nsenter.Request{Plain: true, Kinds: ns.All}},
		{"-n/f", nsenter.Ref{Sources: sources(ns.Net, file("/f"))}, plain(ns.Net)},
		{"--net=f", nsenter.Ref{Sources: sources(ns.Net, file("f"))}, plain(ns.Net)},
		{"-n=/f", nsenter.Ref{Sources: sources(ns.Net, file("/f"))}, plain(ns.Net)},
		{pid + "-n/f -n", ref(func(r *nsenter.Ref) { r.Sources[ns.Net] = file("/f") }), plain(ns.Net)},
		{pid + "-N 5", ref(func(r *nsenter.Ref) {
			r.Sources[ns.Net] = nsenter.Source{Socket: nsenter.Descriptor{Set: true, FD: 5}}
		}), plain(ns.Net)},
		{pid + "--net-socket=0", ref(func(r *nsenter.Ref) {
			r.Sources[ns.Net] = nsenter.Source{Socket: nsenter.Descriptor{Set: true}}
		}), plain(ns.Net)},
		{pid + "--user-parent", ref(func(r *nsenter.Ref) { r.UserParent = true }), plain(ns.User)},

		{pid + "-U -S 0 -G 7", nsenter.Ref{PID: 4183}, with(plain(ns.User), func(r *nsenter.Request) {
			r.UID, r.GID = nsenter.ID{Set: true}, nsenter.ID{Set: true, N: 7}
		})},
		{pid + "-S follow -G follow", nsenter.Ref{PID: 4183}, with(plain(), func(r *nsenter.Request) {
			r.UID, r.GID = nsenter.ID{Set: true, Follow: true}, nsenter.ID{Set: true, Follow: true}
		})},
		{pid + "-U --preserve-credentials --keep-caps", nsenter.Ref{PID: 4183}, with(plain(ns.User), func(r *nsenter.Request) {
			r.As, r.KeepCaps = nsenter.AsKeep, true
		})},
		{pid + "-r -w", nsenter.Ref{PID: 4183}, with(plain(), func(r *nsenter.Request) { r.Root, r.Dir = true, true })},
		{"-r/r -w/w", nsenter.Ref{Root: "/r", Dir: "/w"}, with(plain(), func(r *nsenter.Request) { r.Root, r.Dir = true, true })},
		{"--root=/r --wd=/w", nsenter.Ref{Root: "/r", Dir: "/w"}, with(plain(), func(r *nsenter.Request) { r.Root, r.Dir = true, true })},
		{pid + "-m -r/r -r", nsenter.Ref{PID: 4183}, with(plain(ns.Mnt), func(r *nsenter.Request) { r.Root = true })},
		{"-r/r", nsenter.Ref{Root: "/r", Dir: "."}, with(plain(), func(r *nsenter.Request) { r.Root, r.Dir = true, true })},
		{"-W /d", nsenter.Ref{}, with(plain(), func(r *nsenter.Request) { r.DirInside = "/d" })},
		{"--wdns=/d", nsenter.Ref{}, with(plain(), func(r *nsenter.Request) { r.DirInside = "/d" })},
		{pid + "-e -F -c -Z", nsenter.Ref{PID: 4183}, with(plain(), func(r *nsenter.Request) {
			r.Env, r.NoFork, r.Cgroup, r.Context = true, true, true, true
		})},
		{pid + "--env --no-fork --join-cgroup --follow-context", nsenter.Ref{PID: 4183}, with(plain(), func(r *nsenter.Request) {
			r.Env, r.NoFork, r.Cgroup, r.Context = true, true, true, true
		})},
		{pid + "-n --confined --tools=host", nsenter.Ref{PID: 4183}, with(plain(ns.Net), func(r *nsenter.Request) {
			r.Confined, r.Tools = true, nsenter.ToolsHost
		})},
		{pid + "-m --tools busybox", nsenter.Ref{PID: 4183}, with(plain(ns.Mnt), func(r *nsenter.Request) {
			r.Tools = nsenter.ToolsBusybox
		})},
		{pid + "-n ip -o addr", nsenter.Ref{PID: 4183}, with(plain(ns.Net), func(r *nsenter.Request) {
			r.Program = []string{"ip", "-o", "addr"}
		})},
		{"-t netns:blue", nsenter.Ref{Sources: sources(ns.Net, file("/run/netns/blue"))}, plain(ns.Net)},
		{"-t netns:blue -n", nsenter.Ref{Sources: sources(ns.Net, file("/run/netns/blue"))}, plain(ns.Net)},
		{"-t netns:blue -n/f", nsenter.Ref{Sources: sources(ns.Net, file("/f"))}, plain(ns.Net)},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			o, err := readEnterOptions(strings.Fields(test.args))
			if err != nil {
				t.Fatal(err)
			}
			at, err := new(resolution).resolve(o.target)
			if err != nil {
				t.Fatal(err)
			}
			e, err := o.entry(at)
			if err != nil {
				t.Fatal(err)
			}
			if len(e.refs) != 1 || e.refs[0] != test.ref {
				t.Errorf("refs are %+v, want %+v", e.refs, test.ref)
			}
			if !reflect.DeepEqual(e.request, test.request) {
				t.Errorf("request is %+v, want %+v", e.request, test.request)
			}
		})
	}
}

func TestEnterUsage(t *testing.T) {
	tests := []struct{ args, want string }{
		{"-a", "no target PID specified for --all"},
		{"-n", "no target PID specified for --net"},
		{"-n/f -m", "no target PID specified for --mount"},
		{"-n/f -r", "no target PID specified for --root"},
		{"-n/f -w", "no target PID specified for --wd"},
		{"-n/f -e", "no target PID specified for --env"},
		{"-n/f -c", "no target PID specified for --join-cgroup"},
		{"-n/f -Z", "no target PID specified for --follow-context"},
		{"-n/f --confined", "no target PID specified for --confined"},
		{"-U/f --user-parent", "no target PID specified for --user-parent"},
		{"-N 3", "no target PID specified for --net-socket"},
		{"-S follow", "no target PID specified for --setuid=follow"},
		{"-G follow", "no target PID specified for --setgid=follow"},
		{"-t netns:blue -m", "no target PID specified for --mount: netns:blue is a namespace, not a process"},
		{"-t 1 true", "no namespace specified"},
		{"true", "no namespace specified"},
		{"", "no namespace specified"},
		{"-F", "no namespace specified"},
		{"-t 1 -w -W /", "--wd and --wdns exclude each other"},
		{"-t 1 -m --no-pty --record=x", "--record and --no-pty exclude each other"},
		{"-t 1 -m --record=", "the path of --record is empty"},
		{"-t 1 -t 2 -n", `option --target is given twice: "1" and "2"`},
		{"-t 0 -n", `target "0": a pid is a number of 1 or more`},
		{"-t 99999999999999999999 -n", "a pid is a number of 1 or more"},
		{"-t 1: -n", "the inode number of the process"},
		{"-t 1:x -n", "the inode number of the process"},
		{"-t netns:a/b", "/run/netns"},
		{"-t netns:..", "/run/netns"},
		{"-t netns:", "no name behind netns:"},
		{"-t ns:net", "such as ns:4026531840"},
		{"-t 1 --net=", "the path of --net is empty"},
		{"-n:7", "64-bit id"},
		{"-N x", `invalid value "x" of --net-socket`},
		{"-N -1", `invalid value "-1" of --net-socket`},
		{"-S root", `invalid value "root" of --setuid`},
		{"-S 4294967295", "invalid value"},
		{"-G 99999999999", `invalid value "99999999999" of --setgid`},
		{"--tools=mine", `invalid value "mine" of --tools: want host, busybox or tree`},
		{"-t 1 -m --tools=busybox ls", "--tools=busybox runs its shell and no other program"},
		{"-t 1 -n --json", "--json goes with --dry-run"},
		{"--bogus", "unknown option --bogus"},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			r := runApp(t.Context(), nil, nil, append([]string{"enter"}, strings.Fields(test.args)...)...)
			if r.status != exitError || r.stdout != "" || r.screen != nil {
				t.Errorf("got %+v, want status 1 and nothing started", r)
			}
			if !strings.HasPrefix(r.stderr, "nstui: ") || !strings.Contains(r.stderr, test.want) {
				t.Errorf("it says %q, want %q", r.stderr, test.want)
			}
		})
	}
}

func TestEnterEmptyTarget(t *testing.T) {
	if _, err := readEnterOptions([]string{"-t", "", "-n"}); err == nil {
		t.Error("an empty target was taken: $PID that is not set must not mean no target")
	}
}

func TestEnterHelpAndVersion(t *testing.T) {
	for _, args := range [][]string{{"enter", "--help"}, {"enter", "-h"}, {"enter", "-t", "1", "--he", "--bogus"}, {"help", "enter"}} {
		r := runApp(t.Context(), nil, nil, args...)
		if r.status != 0 || r.stdout != enterHelp || r.stderr != "" {
			t.Errorf("%q did %+v", args, r)
		}
	}
	if r := runApp(t.Context(), nil, nil, "enter", "-V"); r.status != 0 || !strings.HasPrefix(r.stdout, "nstui ") || r.stderr != "" {
		t.Errorf("version did %+v", r)
	}
	if r := runApp(t.Context(), nil, nil, "--help"); !strings.Contains(r.stdout, "enter ") || !strings.Contains(r.stdout, "completion ") {
		t.Errorf("the help of nstui is wrong about its commands:\n%s", r.stdout)
	}
}

// Every option is in the help, and the help has no option that is not there.
func TestEnterHelpIsComplete(t *testing.T) {
	var o enterOptions
	known := map[string]bool{}
	for _, option := range o.table() {
		if option.long != "" {
			known["--"+option.long] = true
		}
		if option.short != 0 {
			known["-"+string(option.short)] = true
		}
	}
	_, options, _ := strings.Cut(enterHelp, "TARGET\n")
	options, _, _ = strings.Cut(options, "\nJSON\n")
	seen := map[string]bool{}
	for line := range strings.Lines(options) {
		if !strings.HasPrefix(strings.TrimSpace(line), "-") {
			continue
		}
		for _, word := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" ,[=:\n", r) }) {
			if !strings.HasPrefix(word, "-") {
				continue
			}
			if seen[word] = true; !known[word] {
				t.Errorf("the help has %s, which is no option: %q", word, line)
			}
		}
	}
	for name := range known {
		if !seen[name] {
			t.Errorf("the help does not have %s", name)
		}
	}
	for line := range strings.Lines(enterHelp) {
		if n := len(strings.TrimSuffix(line, "\n")); n > 96 {
			t.Errorf("a line of %d characters: %q", n, line)
		}
	}
}

// Options of nstui before the word enter are not taken for those of enter: --pid would be a namespace.
func TestEnterMisplacedOptions(t *testing.T) {
	r := runApp(t.Context(), nil, nil, "--pid", "5", "enter", "-t", "1", "-n", "true")
	if r.status != exitError || !strings.Contains(r.stderr, "--pid of nstui itself does not go with enter") {
		t.Errorf("got %+v", r)
	}
}

func TestEnterEndsReading(t *testing.T) {
	for _, args := range [][]string{{"-h"}, {"-V"}} {
		if _, err := readEnterOptions(args); !errors.Is(err, errHelp) && !errors.Is(err, errVersion) {
			t.Errorf("%q gave %v", args, err)
		}
	}
}
