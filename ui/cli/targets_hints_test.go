package cli

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"nstui/nsenter"
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
	for _, test := range []struct {
		target string
		err    error
		want   string
	}{
		{"4183", gone, "there is no process 4183"},
		{"4183:99", gone, gone.Error()}, // which says more than that no such process is there
		{"web", gone, gone.Error()},
		{"4183", syscall.EPERM, syscall.EPERM.Error()},
		{"netns:bleu", missing, missing.Error() + "\n  near names: netns:blue"},
		{"netns:redd", missing, missing.Error() + "\n  near names: netns:red␛"},
		{"netns:other", missing, missing.Error()},
		{"netns:bleu", syscall.EACCES, syscall.EACCES.Error()},
	} {
		err := absent(test.target, test.err, netns)
		if err.Error() != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s: got %q, want %q", test.target, err, test.want)
		}
	}
}
