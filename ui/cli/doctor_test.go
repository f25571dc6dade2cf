package cli

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"nstui/procscan/probe"
)

// runDoctor runs nstui doctor on what is found.
func runDoctor(found probe.Report, args ...string) run {
	var r run
	var stdout, stderr bytes.Buffer
	a := &app{
		stdout: &stdout, stderr: &stderr, notify: noSignals,
		lookup: func(string) (string, bool) { return "", false },
		probe: func(_ context.Context, root string) probe.Report {
			found.Root = root
			return found
		},
	}
	r.status = a.main(context.Background(), append([]string{"doctor"}, args...)).Status
	r.stdout, r.stderr = stdout.String(), stderr.String()
	return r
}

var found = probe.Report{
	Kernel: "6.18.0", UID: 1000, Usable: true,
	Findings: []probe.Finding{
		{Area: "proc", Name: "list-processes", State: probe.OK, Tried: "readdir /proc", Answer: "79 \x1b[31mprocesses"},
		{Area: "live", Name: "events", State: probe.No, Tried: "perf_event_open", Answer: "permission denied", Instead: "lists", Advice: "be root"},
	},
}

func TestDoctorTable(t *testing.T) {
	r := runDoctor(found)
	_, rest, _ := strings.Cut(r.stdout, "\n")
	want := `
proc
  ok  list-processes  readdir /proc    79 ?[31mprocesses

live
  no  events          perf_event_open  permission denied
        instead: nstui lists
        to do:   be root

1 of 2 do not work; nstui does without them as said above
`
	if rest = strings.ReplaceAll(rest, "␛", "?"); rest != want || r.status != 0 || r.stderr != "" {
		t.Errorf("status %d, it says\n%s\nwant\n%s\n%s", r.status, rest, want, r.stderr)
	}
	if !strings.HasPrefix(r.stdout, "nstui ") || !strings.Contains(r.stdout, ", Linux 6.18.0, uid 1000, proc at /proc\n") {
		t.Errorf("it begins\n%s", r.stdout)
	}
	broken := found
	broken.Usable = false
	if r := runDoctor(broken, "--proc", "/x"); r.status != 1 || !strings.HasSuffix(r.stdout, "\nnstui cannot list the processes of /x\n") {
		t.Errorf("status %d, it says\n%s%s", r.status, r.stdout, r.stderr)
	}
	well := found
	well.Findings = well.Findings[:1]
	if r := runDoctor(well); r.status != 0 || !strings.HasSuffix(r.stdout, "\neverything works\n") {
		t.Errorf("status %d, it says\n%s%s", r.status, r.stdout, r.stderr)
	}
}

// The shape of the JSON is what scripts depend on.
func TestDoctorJSON(t *testing.T) {
	r := runDoctor(found, "--json", "--proc=/host/proc")
	want := `{
  "proc": "/host/proc",
  "kernel": "6.18.0",
  "uid": 1000,
  "usable": true,
  "findings": [
    {
      "area": "proc",
      "name": "list-processes",
      "state": "ok",
      "tried": "readdir /proc",
      "answer": "79 \u001b[31mprocesses",
      "instead": "",
      "advice": ""
    },
    {
      "area": "live",
      "name": "events",
      "state": "no",
      "tried": "perf_event_open",
      "answer": "permission denied",
      "instead": "lists",
      "advice": "be root"
    }
  ]
}
`
	if r.stdout != want || r.status != 0 || r.stderr != "" {
		t.Errorf("status %d, it says\n%s\n%s", r.status, r.stdout, r.stderr)
	}
}

func TestDoctorUsage(t *testing.T) {
	for _, args := range [][]string{{"x"}, {"--no-such"}, {"--json=perhaps"}} {
		if r := runDoctor(found, args...); r.status != exitUsage || r.stdout != "" || !strings.HasPrefix(r.stderr, "nstui: ") {
			t.Errorf("%q: %+v", args, r)
		}
	}
	if r := runApp(t.Context(), nil, errors.New("no screen"), "--proc", "/x", "doctor"); r.status != exitUsage || !strings.Contains(r.stderr, "--proc") {
		t.Errorf("an option before it: %+v", r)
	}
	if r := runDoctor(found, "--help"); r.status != 0 || !strings.Contains(r.stdout, "findings") || !strings.Contains(r.stdout, "exit status") {
		t.Errorf("the help is %+v", r)
	}
}
