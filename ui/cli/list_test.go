package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// fixed returns a scan that has seen one thing only.
func fixed(snap *procscan.Snapshot) func(context.Context, string, procscan.Want) (*procscan.Snapshot, error) {
	return func(context.Context, string, procscan.Want) (*procscan.Snapshot, error) { return snap, nil }
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

func TestListOfOneProcess(t *testing.T) {
	var out bytes.Buffer
	status, stderr := runList(&out, "--pid", "77", "--kind", "net")
	if status != 0 || stderr != "" {
		t.Fatalf("got status %d and %q", status, stderr)
	}
	lines := strings.Split(out.String(), "\n")
	if len(lines) != 3 || lines[2] != "" {
		t.Fatalf("want a heading and one line:\n%s", out.String())
	}
	if want := "        NS TYPE PROCS OWNER    PID USER     COMMAND"; strings.Join(strings.Fields(lines[0]), " ") != strings.Join(strings.Fields(want), " ") {
		t.Errorf("heading is %q", lines[0])
	}
	if !strings.HasPrefix(lines[1], "4026532571 net ") || !strings.HasSuffix(lines[1], " web␛[2J␊ 服务 \uFFFD") {
		t.Errorf("line is %q: what is hostile must be shown, not sent", lines[1])
	}
}

func TestListIsAligned(t *testing.T) {
	var out bytes.Buffer
	status, stderr := runList(&out)
	if status != 0 {
		t.Fatalf("got status %d and %q", status, stderr)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 1+10 {
		t.Fatalf("want a heading and ten namespaces:\n%s", out.String())
	}
	column := strings.Index(lines[0], "COMMAND")
	for _, line := range lines[1:] {
		if rest := line[column:]; line[column-1] != ' ' || (rest != "/sbin/init splash" && !strings.HasPrefix(rest, "web")) {
			t.Errorf("command does not start below its heading: %q", line)
		}
	}
	if !strings.Contains(stderr, "1 of 4 processes refused to show their namespaces: permission denied (EACCES)\n") {
		t.Errorf("standard error says %q", stderr)
	}
}

func TestListRefusals(t *testing.T) {
	for pid, want := range map[string]string{
		"4183": "nstui: list namespaces of pid 4183: read /proc/4183/ns: permission denied (EACCES)\n",
		"5":    "nstui: list namespaces of pid 5: no such process\n",
	} {
		var out bytes.Buffer
		status, stderr := runList(&out, "--pid", pid)
		if status != exitError || stderr != want || out.Len() != 0 {
			t.Errorf("pid %s: got status %d, %q and %q, want 1 and %q", pid, status, stderr, out.String(), want)
		}
	}
}

// broken is a writer that fails.
type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }

func TestListWriteErrors(t *testing.T) {
	if status, stderr := runList(broken{syscall.ENOSPC}); status != exitError || !strings.Contains(stderr, "no space left") {
		t.Errorf("full disk: got status %d and %q", status, stderr)
	}
	if status, stderr := runList(broken{syscall.EPIPE}); status != exitOK || strings.Contains(stderr, "pipe") {
		t.Errorf("closed pipe: got status %d and %q", status, stderr)
	}
	if !errors.Is(printTable(broken{syscall.ENOSPC}, nil), syscall.ENOSPC) {
		t.Error("the cause is lost")
	}
}
