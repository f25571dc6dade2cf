package cli

import (
	"bytes"
	"context"
	"io"
	"strings"
	"syscall"
	"testing"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// fixed returns a scan that has seen one thing only.
func fixed(snap *procscan.Snapshot) func(context.Context, procscan.Options, procscan.Want) (*procscan.Snapshot, error) {
	return func(context.Context, procscan.Options, procscan.Want) (*procscan.Snapshot, error) { return snap, nil }
}

// host returns a host with init, a web server in namespaces of its own whose name is hostile, and a
// process that refuses to show anything.
func host() *procscan.Snapshot {
	var mine, web ns.Tuple
	for _, kind := range ns.Kinds() {
		mine[kind] = 4026531835 + uint64(kind)
		web[kind] = mine[kind]
	}
	web[ns.Net], web[ns.UTS] = 4026532571, 9
	snap := &procscan.Snapshot{
		Root: "/proc",
		Procs: []*procscan.Process{
			{PID: 1, Comm: "init", Args: []string{"/sbin/init", "splash"}, NS: mine},
			{PID: 2, Comm: "kthreadd", Kernel: true, NS: mine},
			{PID: 77, UID: 33, Comm: "web", Args: []string{"web\x1b[2J\n", "服务", "\u202e"}, NS: web},
			{PID: 4183, UID: 1000, Comm: "secret", Refused: procscan.Denied},
		},
		Refused: []int{3},
	}
	add := func(n procscan.Namespace) {
		snap.Namespaces[n.ID.Kind] = append(snap.Namespaces[n.ID.Kind], n)
	}
	for _, kind := range ns.Kinds() {
		members := []int{0, 1, 2}
		if kind == ns.Net || kind == ns.UTS {
			add(procscan.Namespace{ID: web.ID(kind), Members: []int{2}, Leader: 2, OwnerUID: 33, OwnerKnown: kind == ns.Net})
			members = []int{0, 1}
		}
		add(procscan.Namespace{ID: mine.ID(kind), Members: members, OwnerKnown: true})
	}
	return snap
}

// runList runs the command with no terminal.
func runList(w io.Writer, args ...string) (int, string) {
	var stderr bytes.Buffer
	a := &app{
		stdout: w,
		stderr: &stderr,
		lookup: func(string) (string, bool) { return "", false },
		scan:   fixed(host()),
		notify: noSignals,
	}
	end := a.main(context.Background(), args)
	return end.Status, stderr.String()
}

// What is printed without a terminal is what nstui ls prints.
func TestListIsThatOfLs(t *testing.T) {
	for plain, ls := range map[string]string{
		"":                    "ls",
		"--kind net":          "ls -t net",
		"--kind net --pid 77": "ls -p 77 -t net",
	} {
		var want, got bytes.Buffer
		wantStatus, wantStderr := runList(&want, strings.Fields(ls)...)
		status, stderr := runList(&got, strings.Fields(plain)...)
		if status != wantStatus || stderr != wantStderr || got.String() != want.String() || want.Len() == 0 {
			t.Errorf("%q: got status %d, %q and\n%s\nwant %d, %q and\n%s", plain, status, stderr, got.String(), wantStatus, wantStderr, want.String())
		}
	}
}

func TestListRefusals(t *testing.T) {
	for pid, want := range map[string]string{
		"4183": "nstui: list namespaces of pid 4183: read /proc/4183/ns: permission denied (EACCES)\n",
		"5":    "nstui: list namespaces of pid 5: no such process\n",
	} {
		for _, args := range [][]string{{"--pid", pid}, {"ls", "-p", pid}, {"ls", "-J", "--task=" + pid}} {
			var out bytes.Buffer
			status, stderr := runList(&out, args...)
			if status != exitError || stderr != want || out.Len() != 0 {
				t.Errorf("%v: got status %d, %q and %q, want 1 and %q", args, status, stderr, out.String(), want)
			}
		}
	}
	var out bytes.Buffer
	status, stderr := runList(&out)
	want := "1 of 4 processes refused to show their namespaces: permission denied (EACCES)\n"
	if status != exitOK || !strings.Contains(stderr, want) {
		t.Errorf("got status %d and %q", status, stderr)
	}
}

// broken is a writer that fails.
type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }

func TestListWriteErrors(t *testing.T) {
	for _, args := range [][]string{nil, {"ls"}, {"ls", "-J"}, {"ls", "-H"}} {
		if status, stderr := runList(broken{syscall.ENOSPC}, args...); status != exitError || !strings.Contains(stderr, "no space left") {
			t.Errorf("full disk: got status %d and %q", status, stderr)
		}
		if status, stderr := runList(broken{syscall.EPIPE}, args...); status != exitOK || strings.Contains(stderr, "pipe") {
			t.Errorf("closed pipe: got status %d and %q", status, stderr)
		}
	}
}

// TestReasonsHaveWords holds that whatever could not be read is said in words.
func TestReasonsHaveWords(t *testing.T) {
	for _, reason := range []procscan.Reason{
		procscan.Denied, procscan.NotPerm, procscan.Unparsed, procscan.Unknown, procscan.Stuck, procscan.Foreign, procscan.Other,
	} {
		if words := explain(reason); strings.HasPrefix(words, " ") {
			t.Errorf("of %s is said %q", reason, words)
		}
	}
}

func TestSocketsOfAForeignProc(t *testing.T) {
	snap := host()
	snap.Missed = []procscan.Miss{{What: procscan.Sockets, Reason: procscan.Foreign, Count: 1}}
	var out, stderr bytes.Buffer
	a := &app{stdout: &out, stderr: &stderr, lookup: func(string) (string, bool) { return "", false }, scan: fixed(snap)}
	err := a.ls(context.Background(), []string{"-P"})
	const want = "nstui: what only sockets keep is not looked for: the pids are of another pid namespace (EXDEV)\n"
	if err != nil || !strings.Contains(stderr.String(), want) {
		t.Errorf("it says %q, %v", stderr.String(), err)
	}
}
