package cli

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"nstui/nsenter"
	"nstui/procscan/container"
)

func TestWhatElseIsCalledSo(t *testing.T) {
	for target, want := range map[string]string{
		"pod/kube-system": "\n  a namespace of Kubernetes is called so: k8s:kube-system",
		"pod:default":     "\n  a namespace of Kubernetes is called so: k8s:default",
	} {
		_, err := searchIn(harbour()).resolve(target)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", target, err, want)
		}
	}
}

// Only what could be a unit is called one.
func TestNotCalled(t *testing.T) {
	for target, unit := range map[string]bool{"wab": true, "docker:wab": false, "a > wab": false, "kube-system/wab": false} {
		_, err := searchIn(harbour()).resolve(target)
		if err == nil || strings.Contains(err.Error(), "no unit") != unit {
			t.Errorf("%s: got %v", target, err)
		}
	}
}

func TestAbsentTargets(t *testing.T) {
	gone := fmt.Errorf("process 4183: %w", nsenter.ErrGone)
	missing := fmt.Errorf("open /run/netns/x: %w", syscall.ENOENT)
	netns := func() []string { return []string{"blue", "red\x1b"} }
	digits := func(pid string) string {
		if pid == "6572" {
			return "container:6572 means docker:web"
		}
		return ""
	}
	for _, test := range []struct {
		target string
		err    error
		want   string
	}{
		{"4183", gone, "there is no process 4183"},
		{"6572", gone, "there is no process 6572; container:6572 means docker:web"},
		{"4183:99", gone, gone.Error()}, // which says more than that no such process is there
		{"web", gone, gone.Error()},
		{"4183", syscall.EPERM, syscall.EPERM.Error()},
		{"netns:bleu", missing, missing.Error() + "\n  near names: netns:blue"},
		{"netns:redd", missing, missing.Error() + "\n  near names: netns:red␛"},
		{"netns:other", missing, missing.Error()},
		{"netns:bleu", syscall.EACCES, syscall.EACCES.Error()},
	} {
		err := absent(test.target, test.err, netns, digits)
		if err.Error() != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s: got %q, want %q", test.target, err, test.want)
		}
	}
}

// A number is a pid; what else it may mean is said.
func TestDigits(t *testing.T) {
	snap, namer := harbour()
	snap.ByPID(110).Cgroup, snap.ByPID(130).Cgroup = "/docker/"+longID("65721"), "/docker/"+longID("65722")
	namer.told[longID("65721")] = container.Owner{Name: "1605"}
	namer.told[longID("65722")] = container.Owner{Name: "e\x1bvil"}
	r := searchIn(snap, namer)
	for pid, want := range map[string]string{
		"1605":  "container:1605 means docker:1605",
		"6572":  "container:6572 means 2 containers",
		"65722": "container:65722 means docker:e␛vil",
		"657":   "", // too short
		"140":   "",
	} {
		if got := r.digits(pid); got != want || namer.asked > 0 {
			t.Errorf("%s: got %q, want %q", pid, got, want)
		}
	}
	r.names = nil
	if got := r.digits("1605"); got != "" {
		t.Errorf("without names it says %q", got)
	}
}
