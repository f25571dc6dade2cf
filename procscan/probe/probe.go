package probe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan"
)

// State says whether something works.
type State string

// The states.
const (
	OK State = "ok"
	No State = "no"
)

// Finding is what came of trying one feature. As JSON its shape is stable: fields may be added.
type Finding struct {
	Area  string `json:"area"` // what belongs together: proc, kinds, namespaces, live, enter
	Name  string `json:"name"` // of the feature; unique, and stable
	State State  `json:"state"`
	Tried string `json:"tried"` // the system call or file
	// Answer is what the kernel said: what was found, or the error.
	Answer string `json:"answer"`
	// Instead is what nstui does without it, Advice what to do to have it. Both are empty where it works.
	Instead string `json:"instead"`
	Advice  string `json:"advice"`
}

// Report is all that was found.
type Report struct {
	Root   string `json:"proc"`   // the proc root that was tried
	Kernel string `json:"kernel"` // its release, see uname(2)
	UID    int    `json:"uid"`    // the effective user
	// Usable is whether nstui can do what it is for: list the processes of the root.
	Usable   bool      `json:"usable"`
	Findings []Finding `json:"findings"`
}

// How long one try may take: one system call or a few, or a look at all processes, of which there may be
// many on a busy host.
const (
	limit     = 2 * time.Second
	scanLimit = 20 * time.Second
)

// probe is one thing to try.
type probe struct {
	area, name string
	// tried names what is tried.
	tried string
	// try uses the feature and returns what is worth telling, or why it does not work.
	try     func(context.Context, *host) (answer string, err error)
	instead string
	// since is the first Linux that has it, rights who may use it; other is what to do in all cases.
	// Whichever fits the error is the advice.
	since, rights, other string
	limit                time.Duration // if not the usual one
}

// host is what is tried on.
type host struct {
	root string
	// scan reads the namespaces of all processes, once.
	scan func() (*procscan.Snapshot, error)
}

// Run tries everything on a proc root, one after the other.
func Run(ctx context.Context, root string) Report {
	r := Report{Root: root, Kernel: "unknown", UID: os.Geteuid()}
	var name unix.Utsname
	if err := unix.Uname(&name); err == nil {
		r.Kernel = unix.ByteSliceToString(name.Release[:])
	}
	h := &host{root: root, scan: sync.OnceValues(func() (*procscan.Snapshot, error) {
		ctx, cancel := context.WithTimeout(ctx, scanLimit)
		defer cancel()
		return procscan.New(procscan.Options{Root: root}).Scan(ctx, 0, nil)
	})}
	for _, list := range [][]probe{procProbes(root), kindProbes(), namespaceProbes(), liveProbes(), enterProbes()} {
		for i := range list {
			r.Findings = append(r.Findings, list[i].run(ctx, h))
		}
	}
	for _, f := range r.Findings {
		if f.Name == listing {
			r.Usable = f.State == OK
		}
	}
	return r
}

// run tries one thing within its time. What does not answer is left behind.
func (p *probe) run(ctx context.Context, h *host) Finding {
	f := Finding{Area: p.area, Name: p.name, Tried: p.tried, State: OK}
	type result struct {
		answer string
		err    error
	}
	done := make(chan result, 1)
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(p.limit, limit))
	defer cancel()
	go func() {
		answer, err := p.try(ctx, h)
		done <- result{answer, err}
	}()
	var got result
	select {
	case got = <-done:
	case <-ctx.Done():
		got.err = fmt.Errorf("no answer: %w", ctx.Err())
	}
	f.Answer = got.answer
	if got.err != nil {
		f.State, f.Answer, f.Instead, f.Advice = No, got.err.Error(), p.instead, p.advise(got.err)
	}
	return f
}

// advise returns what to do about an error.
func (p *probe) advise(err error) string {
	unknown := errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOTTY) || errors.Is(err, unix.EINVAL) ||
		errors.Is(err, unix.EOPNOTSUPP)
	denied := errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "find out what does not answer, and try again"
	case p.area == "proc" && errors.Is(err, fs.ErrNotExist):
		return mountProc
	case unknown && p.since != "":
		return "needs Linux " + p.since + ", and a container runtime that lets the call through"
	case denied && p.rights != "":
		return p.rights
	case p.other != "":
		return p.other
	case denied:
		return asRoot
	default:
		return "needs Linux " + p.since
	}
}
