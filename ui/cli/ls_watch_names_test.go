package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// watchHarbour runs nstui ls --watch on the harbour, where a process of coredns and one of dns.service are born, one
// of web ends, and a network namespace comes that no process is in.
func watchHarbour(t *testing.T, args ...string) (run, *fakeNamer) {
	t.Helper()
	first, namer := harbour()
	second := *first
	second.At = time.Date(2026, 7, 1, 12, 30, 15, 0, time.UTC)
	second.Procs = slices.DeleteFunc(slices.Clone(first.Procs), func(p *procscan.Process) bool { return p.PID == 101 })
	for pid, like := range map[int]int{400: 201, 401: 50} {
		p := *first.ByPID(like)
		p.PID, p.Start, p.Comm, p.Args = pid, uint64(pid), "new", []string{"new"}
		second.Procs = append(second.Procs, &p)
	}
	slices.SortFunc(second.Procs, func(a, b *procscan.Process) int { return a.PID - b.PID })
	second.Namespaces[ns.Net] = append(slices.Clone(second.Namespaces[ns.Net]), procscan.Namespace{
		ID:      ns.ID{Kind: ns.Net, Ino: 90003},
		Keepers: []procscan.Keeper{{By: procscan.ByMount, Path: "/run/netns/blue", Where: first.Mine.ID(ns.Mnt)}},
	})
	f := &film{scenes: []*procscan.Snapshot{first, &second}}
	var out, stderr bytes.Buffer
	a := &app{
		stdout: &out, stderr: &stderr,
		lookup: func(string) (string, bool) { return "", false },
		live:   func(string) live { return f },
		names:  func(string) nameSource { return namer },
		notify: func(ctx context.Context) (context.Context, func()) {
			ctx, f.end = context.WithCancelCause(ctx)
			return ctx, func() { f.end(nil) }
		},
	}
	end := a.main(t.Context(), append([]string{"ls", "--watch=100ms"}, args...))
	return run{status: end.Status, stdout: out.String(), stderr: stderr.String()}, namer
}

// Each change in JSON says which container and unit it is about.
func TestWatchNamesInJSON(t *testing.T) {
	r, _ := watchHarbour(t, "-J")
	want := []string{
		"watching null [] []",
		`gone 101 ["web"] []`,
		`born 400 ["kube-system/coredns-5d78"] []`,
		`born 401 [] ["dns.service"]`,
		"appeared null [] []",
	}
	var got []string
	for line := range strings.Lines(r.stdout) {
		var e struct {
			What                 string
			PID, Container, Unit json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.Join([]string{e.What, string(e.PID), string(e.Container), string(e.Unit)}, " "))
	}
	if !slices.Equal(got, want) || r.stderr != "" {
		t.Errorf("got %q and\n%s\nwant\n%s", r.stderr, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// Others are added, and none twice.
	r, _ = watchHarbour(t, "-J", "-o", "+container,POD,netns", "-p", "400")
	if want := `"to":null,"container":["kube-system/coredns-5d78"],"unit":[],"pod":["coredns-5d78"],"netns":[]}`; !strings.HasSuffix(r.stdout, want+"\n") {
		t.Errorf("got\n%swant it to end with\n%s", r.stdout, want)
	}
}

func TestWatchNamesInText(t *testing.T) {
	r, namer := watchHarbour(t)
	if strings.Contains(r.stdout, "coredns-5d78") || namer.asked != 0 {
		t.Errorf("names are told that nobody asked for:\n%s", r.stdout)
	}
	r, _ = watchHarbour(t, "-o", "+CONTAINER,IMAGE")
	want := `
TIME         WHAT         PID TYPE         FROM         TO CONTAINER            IMAGE                COMMAND
12:30:15.000 gone         101 -               -          - web                  nginx:1.27␛[2J       /bin/worker
12:30:15.000 born         400 -               -          - kube-system/coredns-5d78 coredns:1            new
12:30:15.000 born         401 -               -          - -                    -                    new
12:30:15.000 appeared       - net             -      90003 -                    -
`
	if r.stdout != want[1:] {
		t.Errorf("got\n%swant%s", r.stdout, want)
	}
}

// What is true of who a namespace belongs to is asked also of one that no process is in.
func TestWatchFiltersNames(t *testing.T) {
	for filter, want := range map[string]string{
		`CONTAINER == "web"`:                  "gone 101",
		`CONTAINER =~ "coredns"`:              "born 400",
		`UNIT == "dns.service"`:               "born 401",
		`TYPE == "net" && CONTAINER != "web"`: "appeared -",
	} {
		r, _ := watchHarbour(t, "-n", "-Q", filter)
		var got []string
		for line := range strings.Lines(r.stdout) {
			got = append(got, strings.Join(strings.Fields(line)[1:3], " "))
		}
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("%s: %q, want %q; %s", filter, s, want, r.stderr)
		}
	}
}
