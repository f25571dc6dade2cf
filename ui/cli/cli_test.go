package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"nstui/procscan"
	"nstui/procscan/ns"
	"nstui/ui"
	"nstui/ui/theme"
)

// run is what one run of the command did.
type run struct {
	status         int
	stdout, stderr string
	screen         *ui.Config // how the screen was called; nil if it was not
}

// runApp runs the command on a terminal, with the variables and arguments given.
func runApp(ctx context.Context, env map[string]string, screenErr error, args ...string) run {
	var r run
	var stdout, stderr bytes.Buffer
	a := &app{
		stdout:      &stdout,
		stderr:      &stderr,
		interactive: true,
		live:        func(root string) live { return procscan.NewLive(procscan.Options{Root: root}) },
		lookup:      func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		screen: func(_ context.Context, c ui.Config) error {
			r.screen = &c
			return screenErr
		},
		notify: noSignals,
	}
	r.status = a.main(ctx, args).Status
	r.stdout, r.stderr = stdout.String(), stderr.String()
	return r
}

// noSignals catches no signals.
func noSignals(ctx context.Context) (context.Context, func()) { return ctx, func() {} }

func TestDefaults(t *testing.T) {
	r := runApp(t.Context(), nil, nil)
	if r.status != 0 || r.stdout != "" || r.stderr != "" || r.screen == nil {
		t.Fatalf("got %+v, want the screen and nothing else", r)
	}
	c := r.screen
	if c.PID != 0 || c.Kind == nil || *c.Kind != ns.Net || c.Prefix != "ctrl+]" || c.Interval != 2*time.Second ||
		c.History != 10_000 || c.Theme != theme.Auto || c.Mouse || c.NoBell || c.Shell != "" {
		t.Errorf("defaults are %+v", c)
	}
	if c.Kernel == "" || c.Version == "" || c.Users == nil {
		t.Errorf("what the screen cannot find out itself is missing: %+v", c)
	}
}

func TestFlagsAndEnvironment(t *testing.T) {
	env := map[string]string{
		"NSTUI_KIND":     "mnt",
		"NSTUI_INTERVAL": "1m",
		"NSTUI_MOUSE":    "1",
		"NSTUI_BARE":     "true",
		"NSTUI_HISTORY":  "0",
		"NSTUI_NO_BELL":  "1",
		"NSTUI_PREFIX":   "^b",
		"NSTUI_SHELL":    "", // set, but says nothing
		"NSTUI_PID":      "nonsense",
	}
	r := runApp(t.Context(), env, nil, "--kind", "net", "--pid=4183", "--theme", "mono", "--shell", "/bin//sh")
	if r.status != 0 || r.screen == nil {
		t.Fatalf("got %+v", r)
	}
	c := r.screen
	if c.Kind == nil || *c.Kind != ns.Net {
		t.Errorf("kind is %v: a flag counts more than its variable", c.Kind)
	}
	if c.PID != 4183 || c.Theme != theme.Mono || c.Shell != "/bin/sh" {
		t.Errorf("flags came out as %+v", c)
	}
	if c.Interval != time.Minute || !c.Mouse || !c.Bare || !c.NoBell || c.History != -1 || c.Prefix != "ctrl+b" {
		t.Errorf("variables came out as %+v", c)
	}
}

func TestTargetFlag(t *testing.T) {
	for args, want := range map[string]targetFlag{
		"-t web": {name: "web"}, "--target=pod/kube-system/coredns": {name: "pod/kube-system/coredns"}, "-t 4183": {pid: 4183},
		"-t netns:blue": {name: "netns:blue"}, "-t 123456789012": {name: "123456789012"},
	} {
		r := runApp(t.Context(), nil, nil, strings.Fields(args)...)
		if r.screen == nil || r.screen.PID != want.pid || r.screen.Target != want.name {
			t.Errorf("%s: got %+v", args, r)
		}
	}
}

func TestUsageErrors(t *testing.T) {
	tests := []struct {
		env  map[string]string
		args []string
		want []string // parts of what is said: what was tried, and what is allowed
	}{
		{args: []string{"--kind", "network"}, want: []string{`"network"`, "--kind", "cgroup, ipc, mnt, net, pid, time, user, uts"}},
		{args: []string{"-t", "0"}, want: []string{`"0"`, "--target", "1 or more"}},
		{args: []string{"-t", ""}, want: []string{"--target", "want a name"}},
		{args: []string{"-t", "12:34"}, want: []string{"--target", "1 or more"}},
		{args: []string{"--pid", "0"}, want: []string{`"0"`, "--pid", "1 or more"}},
		{args: []string{"--pid", "4294967297"}, want: []string{"--pid"}},
		{args: []string{"--interval", "0s"}, want: []string{`"0s"`, "--interval", "100ms"}},
		{args: []string{"--interval", "soon"}, want: []string{`"soon"`, "--interval", "100ms"}},
		{args: []string{"--theme", "pink"}, want: []string{`"pink"`, "--theme", "high-contrast"}},
		{args: []string{"--shell", "bash"}, want: []string{`"bash"`, "--shell", "absolute path"}},
		{args: []string{"--prefix", "x"}, want: []string{`"x"`, "--prefix", "ctrl+]"}},
		{args: []string{"--colour"}, want: []string{"--colour"}},
		{args: []string{"nginx"}, want: []string{`"nginx"`}},
		{env: map[string]string{"NSTUI_THEME": "pink"}, want: []string{`"pink"`, "NSTUI_THEME", "high-contrast"}},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			r := runApp(t.Context(), test.env, nil, test.args...)
			if r.status != exitUsage || r.screen != nil || r.stdout != "" {
				t.Errorf("got %+v, want status 2 and nothing started", r)
			}
			for _, part := range append(test.want, "nstui --help") {
				if !strings.Contains(r.stderr, part) {
					t.Errorf("%q does not say %q", r.stderr, part)
				}
			}
		})
	}
}

func TestHelpAndVersion(t *testing.T) {
	help := runApp(t.Context(), nil, nil, "--help")
	if help.status != 0 || help.screen != nil || help.stderr != "" {
		t.Errorf("help did %+v", help)
	}
	for _, part := range []string{"--pid N", "--prefix KEY", "(default ctrl+])", "NSTUI_DEBUG", "NSTUI_THEME", "NO_COLOR"} {
		if !strings.Contains(help.stdout, part) {
			t.Errorf("help does not say %q:\n%s", part, help.stdout)
		}
	}
	version := runApp(t.Context(), nil, nil, "--version")
	if version.status != 0 || !strings.HasPrefix(version.stdout, "nstui ") || strings.Count(version.stdout, "\n") != 1 {
		t.Errorf("version did %+v", version)
	}
}

func TestExitStatus(t *testing.T) {
	killed, cancel := context.WithCancelCause(t.Context())
	cancel(&signalError{signal: syscall.SIGHUP})
	tests := []struct {
		name   string
		ctx    context.Context
		err    error
		status int
		stderr string
	}{
		{"the screen failed", t.Context(), errors.New("open /dev/tty: no such device"), 1, "nstui: open /dev/tty: no such device\n"},
		{"it is hostile", t.Context(), errors.New("open \x1b[31m:\n  one\n  two\a"), 1, "nstui: open ␛[31m:\n  one\n  two␇\n"},
		{"a signal ended it", killed, errors.New("program was killed"), 129, ""},
		{"nobody reads on", t.Context(), fmt.Errorf("write: %w", syscall.EPIPE), 0, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := runApp(test.ctx, nil, test.err)
			if r.status != test.status || r.stderr != test.stderr {
				t.Errorf("got status %d and %q, want %d and %q", r.status, r.stderr, test.status, test.stderr)
			}
		})
	}
}

func TestNotify(t *testing.T) {
	ctx, stop := notify(t.Context())
	defer stop()
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
	var killed *signalError
	if !errors.As(context.Cause(ctx), &killed) || killed.status() != 143 {
		t.Errorf("cause is %v, want SIGTERM", context.Cause(ctx))
	}
}
