package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"syscall"
	"testing"
	"time"

	"nstui/procscan"
	"nstui/procscan/ns"
	"nstui/ui"
)

// film is a live picture that goes through snapshots, and then ends the watch as a signal would.
type film struct {
	ui.Live

	scenes []*procscan.Snapshot
	end    context.CancelCauseFunc
	closed bool
}

func (f *film) Refresh(ctx context.Context, _ func(*procscan.Snapshot)) (*procscan.Snapshot, error) {
	if len(f.scenes) == 0 {
		f.end(&signalError{signal: syscall.SIGINT})
		return nil, ctx.Err()
	}
	scene := f.scenes[0]
	f.scenes = f.scenes[1:]
	return scene, nil
}

func (f *film) Deepen(ctx context.Context, _ float64) error { return ctx.Err() }

func (f *film) Status() procscan.Status {
	return procscan.Status{Mode: procscan.Polling, Why: "events are \x1b[31mrefused"}
}

func (f *film) Close() { f.closed = true }

// scenes are a lab, in which then pid 12 enters namespaces of the pod and calls itself something hostile,
// pid 9 ends and pid 20 is born in a network namespace of its own.
func scenes() []*procscan.Snapshot {
	first, second := lab(), lab()
	second.At = time.Date(2026, 7, 1, 12, 30, 15, 250_000_000, time.UTC)
	moved := *first.Procs[3]
	moved.NS[ns.Net], moved.NS[ns.PID] = 201, 203
	moved.Comm, moved.Args = "bash", []string{"bash\x1b[2J"}
	own := first.Procs[0].NS
	own[ns.Net] = 401
	second.Procs = []*procscan.Process{first.Procs[0], first.Procs[1], &moved, {PID: 20, PPID: 12, UID: 33, Comm: "new", NS: own}}
	second.Namespaces[ns.Net] = append(second.Namespaces[ns.Net], procscan.Namespace{ID: own.ID(ns.Net), Members: []int{3}, Leader: 3})
	second.Namespaces[ns.User] = second.Namespaces[ns.User][:1]
	return []*procscan.Snapshot{first, first, second}
}

func runWatch(t *testing.T, args string) (stdout, stderr string, status int) {
	t.Helper()
	f := &film{scenes: scenes()}
	var out, errs bytes.Buffer
	a := &app{
		stdout: &out,
		stderr: &errs,
		lookup: func(string) (string, bool) { return "", false },
		live:   func(string) live { return f },
		notify: func(ctx context.Context) (context.Context, func()) {
			ctx, f.end = context.WithCancelCause(ctx)
			return ctx, func() { f.end(nil) }
		},
	}
	end := a.main(t.Context(), append([]string{"ls", "--watch=100ms"}, strings.Fields(args)...))
	if !f.closed {
		t.Error("the live picture was not closed")
	}
	return out.String(), errs.String(), end.Status
}

func TestWatch(t *testing.T) {
	stdout, stderr, status := runWatch(t, "")
	want := `
TIME         WHAT         PID TYPE         FROM         TO COMMAND
12:30:15.250 gone           9 -               -          - a␊b
12:30:15.250 moved         12 net           101        201 bash␛[2J
12:30:15.250 moved         12 pid           103        203 bash␛[2J
12:30:15.250 exec          12 -               -          - bash␛[2J
12:30:15.250 born          20 -               -          - new
12:30:15.250 appeared      20 net             -        401 new
12:30:15.250 vanished       7 user          202          - nginx: worker
`
	if stdout != strings.TrimPrefix(want, "\n") || status != 130 {
		t.Errorf("got status %d and\n%swant%s", status, stdout, want)
	}
	if stderr != "nstui: watching 4 processes in 8 namespaces every 100ms: events are ␛[31mrefused\n" {
		t.Errorf("standard error says %q", stderr)
	}
}

func TestWatchFilters(t *testing.T) {
	for args, want := range map[string]string{
		"-t net":                 "moved 12 101 201|appeared 20 - 401",
		"-t user -t pid":         "moved 12 103 203|vanished 7 202 -",
		"-p 12 -t net":           "moved 12 101 201",
		"-p 9":                   "gone 9 - -",
		"-p 1":                   "",
		"-Q UID==33":             "gone 9 - -|born 20 - -|appeared 20 - 401|vanished 7 202 -",
		"-Q NS==201":             "moved 12 101 201",
		"-Q TYPE&&!PID":          "",
		"-Q TYPE=='user'":        "vanished 7 202 -",
		"-Q PID==7":              "vanished 7 202 -",
		"-Q COMMAND=~'^new'":     "born 20 - -|appeared 20 - 401",
		"-Q PPID==12&&TYPE=='x'": "",
	} {
		stdout, _, _ := runWatch(t, "-n "+args)
		var lines []string
		for line := range strings.Lines(stdout) {
			words := strings.Fields(line)
			lines = append(lines, strings.Join([]string{words[1], words[2], words[4], words[5]}, " "))
		}
		if got := strings.Join(lines, "|"); got != want {
			t.Errorf("%s: got %q, want %q", args, got, want)
		}
	}
}

func TestWatchJSON(t *testing.T) {
	stdout, stderr, status := runWatch(t, "-J -t net")
	lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
	if len(lines) != 3 || stderr != "" || status != 130 {
		t.Fatalf("got status %d, %q and\n%s", status, stderr, stdout)
	}
	var e struct {
		Time          time.Time
		What, Command string
		Type          *string
		PID, PPID     *int
		UID, From, To *uint64
	}
	if err := json.Unmarshal([]byte(lines[0]), &e); err != nil || e.What != "watching" || e.PID != nil || e.Type != nil {
		t.Errorf("%v, the first line is %s", err, lines[0])
	}
	if want := `{"time":"2026-07-01T12:30:15.25Z","what":"moved","pid":12,"ppid":1,"uid":0,"command":"bash\u001b[2J","type":"net","from":101,"to":201,"container":[],"unit":[]}`; lines[1] != want {
		t.Errorf("got  %s\nwant %s", lines[1], want)
	}
	if want := `{"time":"2026-07-01T12:30:15.25Z","what":"appeared","pid":20,"ppid":12,"uid":33,"command":"new","type":"net","from":null,"to":401,"container":[],"unit":[]}`; lines[2] != want {
		t.Errorf("got  %s\nwant %s", lines[2], want)
	}
}

func TestWatchErrors(t *testing.T) {
	if _, stderr, status := runWatchBad(t, "-Q TYPE==5"); status != exitError || !strings.Contains(stderr, `compare TYPE to a number: "net" is none`) {
		t.Errorf("got status %d and %q", status, stderr)
	}
	if _, stderr, status := runWatchBad(t, "-Q FOO"); status != exitError || !strings.Contains(stderr, "unknown column FOO") {
		t.Errorf("got status %d and %q", status, stderr)
	}
}

// runWatchBad runs a watch that fails.
func runWatchBad(t *testing.T, args string) (stdout, stderr string, status int) {
	t.Helper()
	f := &film{scenes: scenes()}
	var out, errs bytes.Buffer
	a := &app{
		stdout: &out,
		stderr: &errs,
		lookup: func(string) (string, bool) { return "", false },
		live:   func(string) live { return f },
		notify: noSignals,
	}
	end := a.main(t.Context(), append([]string{"ls", "--watch=100ms"}, strings.Fields(args)...))
	return out.String(), errs.String(), end.Status
}
