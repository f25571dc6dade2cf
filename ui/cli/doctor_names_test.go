package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/container/engine"
	"nstui/procscan/probe"
)

// The doctor counts the containers by what made them, and says of each daemon what came of asking it.
func TestDoctorNames(t *testing.T) {
	snap, namer := harbour()
	var out bytes.Buffer
	a := &app{
		stdout: &out, stderr: &bytes.Buffer{}, notify: noSignals,
		lookup: func(string) (string, bool) { return "", false },
		probe:  func(context.Context, string) probe.Report { return probe.Report{Usable: true} },
		names:  func(string) nameSource { return namer },
		scan:   func(context.Context, procscan.Options, procscan.Want) (*procscan.Snapshot, error) { return snap, nil },
		sources: func(context.Context, string, *procscan.Snapshot) []container.Source {
			return []container.Source{
				{Name: "netns", Tried: "/run/netns", Count: 3, Of: "names"},
				{Name: "states", Tried: "/run of runc", Err: errors.New("open /run/runc: permission denied")},
				{Name: "freezer", Tried: "freezer.state", Err: errors.New("not mounted")},
				{Name: "control-groups", Tried: "/proc/PID/cgroup", Err: errors.New("none")},
			}
		},
		engines: func(_ context.Context, hostRoot string) []engine.State {
			if hostRoot != "/host/proc/1/root" {
				t.Errorf("sockets are looked for in %s", hostRoot)
			}
			state := func(name string, status engine.Status, err error) engine.State {
				return engine.State{Socket: engine.Socket{Engine: name, Path: "/run/" + name}, Status: status, Err: err}
			}
			return []engine.State{
				state("docker", engine.Silent, errors.New("read /run/docker: \u009b2J\u202eno answer")), state("podman", engine.Answered, nil),
				state("none", engine.Absent, nil), state("lazy", engine.Asleep, nil), state("closed", engine.Forbidden, nil),
			}
		},
	}
	if end := a.main(t.Context(), []string{"doctor", "--json", "--proc", "/host/proc"}); end.Status != 0 {
		t.Errorf("status %d", end.Status)
	}
	if strings.ContainsAny(out.String(), "\u009b\u202e") {
		t.Errorf("a terminal obeys %q", out.String())
	}
	var report probe.Report
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	want := []struct {
		name   string
		state  probe.State
		answer string
	}{
		{"containers", probe.No, "1 of lxc, 3 of containerd, 5 of docker; no file here names 1 of them"},
		{"netns", probe.OK, "3 names"},
		{"states", probe.No, "open /run/runc: permission denied"},
		{"freezer", probe.No, "not mounted"},
		{"control-groups", probe.No, "none"},
		{"docker", probe.No, "read /run/docker: \u009b2J\u202eno answer"},
		{"podman", probe.OK, "answers"},
		{"lazy", probe.OK, "does not run; systemd would start it if it were asked, so it is not"},
		{"closed", probe.No, "closed: may not be asked"},
	}
	for i, f := range report.Findings {
		if i >= len(want) || f.Name != want[i].name || f.State != want[i].state || f.Answer != want[i].answer || (f.Advice == "") != (f.State == probe.OK) {
			t.Errorf("found %+v", f)
		}
	}
	if len(report.Findings) != len(want) {
		t.Errorf("found %d things", len(report.Findings))
	}
}
