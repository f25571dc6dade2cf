package probe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// every returns all probes.
func every() []probe {
	return slices.Concat(procProbes("/proc"), kindProbes(), namespaceProbes(), liveProbes(), enterProbes())
}

func TestFindings(t *testing.T) {
	r := Run(t.Context(), "/proc")
	if !r.Usable || r.Root != "/proc" || r.Kernel == "" || r.Kernel == "unknown" || r.UID != os.Geteuid() {
		t.Errorf("the report is %+v", r)
	}
	if len(r.Findings) != len(every()) {
		t.Errorf("%d findings", len(r.Findings))
	}
	for _, f := range r.Findings {
		if f.Area == "" || f.Name == "" || f.Tried == "" || f.Answer == "" ||
			(f.State == No) != (f.Instead != "" && f.Advice != "") || (f.State == OK) != (f.Instead == "" && f.Advice == "") {
			t.Errorf("half a finding: %+v", f)
		}
	}
}

// Each probe has a name of its own, and says what to do whatever the error is.
func TestEveryErrorHasAdvice(t *testing.T) {
	names := make(map[string]bool)
	for _, p := range every() {
		if key := p.area + " " + p.name; names[key] || p.instead == "" {
			t.Errorf("%s is there twice, or has nothing instead", key)
		} else {
			names[key] = true
		}
		for _, err := range []error{
			unix.ENOSYS, unix.ENOTTY, unix.EPERM, unix.EACCES, unix.ENOENT, unix.ENOMEM,
			context.DeadlineExceeded, errors.New("something else"),
		} {
			advice := p.advise(fmt.Errorf("tried: %w", err))
			if advice == "" || strings.HasSuffix(advice, "Linux ") {
				t.Errorf("%s: for %v the advice is %q", p.name, err, advice)
			}
		}
	}
}

func TestAdvice(t *testing.T) {
	p := probe{since: "9.9", rights: "be root", other: "think"}
	for err, want := range map[error]string{
		unix.ENOSYS:              "needs Linux 9.9, and a container runtime that lets the call through",
		unix.EINVAL:              "needs Linux 9.9, and a container runtime that lets the call through",
		unix.EPERM:               "be root",
		unix.EACCES:              "be root",
		unix.ENOENT:              "think",
		context.DeadlineExceeded: "find out what does not answer, and try again",
	} {
		if got := p.advise(err); got != want {
			t.Errorf("for %v the advice is %q, want %q", err, got, want)
		}
	}
}

// What never answers is left behind, and the next is tried.
func TestWhatDoesNotAnswer(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	p := probe{area: "a", name: "n", tried: "t", instead: "i", limit: time.Millisecond, try: func(context.Context, *host) (string, error) {
		<-release
		return "late", nil
	}}
	f := p.run(t.Context(), &host{})
	if f.State != No || !strings.HasPrefix(f.Answer, "no answer") || f.Instead != "i" || f.Advice == "" {
		t.Errorf("found is %+v", f)
	}
}

func TestNothingStays(t *testing.T) {
	open := func() (names []string) {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if link, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && !strings.HasPrefix(link, "anon_inode") {
				names = append(names, link)
			}
		}
		slices.Sort(names)
		return names
	}
	Run(t.Context(), "/proc") // the first may leave what Go itself keeps, such as a poller
	before := open()
	Run(t.Context(), "/proc")
	if after := open(); !slices.Equal(before, after) {
		t.Errorf("open before were %q, and after %q", before, after)
	}
}

func TestNoProcIsNoOtherProc(t *testing.T) {
	for _, f := range Run(t.Context(), t.TempDir()).Findings {
		switch f.Name {
		case "own-pids", "whole-proc":
			if f.State != No || strings.Contains(f.Answer, "subset") || f.Advice != mountProc {
				t.Errorf("of an empty directory %s is %+v", f.Name, f)
			}
		}
	}
}

func TestNoProc(t *testing.T) {
	dir := t.TempDir()
	for _, root := range []string{dir, dir + "/nothing"} {
		r := Run(t.Context(), root)
		if r.Usable {
			t.Errorf("%s is usable", root)
		}
		for _, f := range r.Findings {
			if f.Area == "proc" && f.State == OK && f.Name != "no-hidepid" && f.Name != "read-namespaces" {
				t.Errorf("%s: %+v", root, f)
			}
		}
	}
}
