package test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"nstui/test/drive"
	"nstui/ui/term"
)

// The programs tests run, in a folder every user can read: nstui, and a copy of the test binary for
// actors.
var binary, actorBinary string

// The first thread is for TestMain alone: one that enters namespaces ends with its goroutine, but the first
// stays, and what it is in the whole process is held to be in.
func init() { runtime.LockOSThread() }

func TestMain(m *testing.M) {
	actIfActor()
	status, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

// runTests builds the program, runs the tests and removes the program.
func runTests(m *testing.M) (status int, err error) {
	folder, err := os.MkdirTemp("", "nstui-test-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := os.Chmod(folder, 0o755); err != nil {
		return 0, err
	}
	binary, actorBinary = filepath.Join(folder, "nstui"), filepath.Join(folder, "actor")
	if err := errors.Join(build(binary), copySelf(actorBinary)); err != nil {
		return 0, err
	}
	status = m.Run()
	return status, endLabs()
}

// build builds the program as it ships: static. With the race detector, which needs cgo, if the tests
// have it.
func build(path string) error {
	args, cgo := []string{"build", "-o", path}, "0"
	if raceEnabled {
		args, cgo = append(args, "-race"), "1"
	}
	cmd := exec.Command("go", append(args, "nstui")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build nstui: %w\n%s", err, out)
	}
	return nil
}

// raceOptions returns the options of the race detector for the environment of a program the tests run.
func raceOptions() string { return "GORACE=" + os.Getenv("GORACE") }

// patience is how long a test waits for what must come: so long that only a fault exceeds it, also on
// a busy machine under the race detector.
const patience = 60 * time.Second

// uid is the ordinary user tests run the program as when they are root.
const uid = 1000

// needRoot skips a test that only root can do. The words are known to .ci/run.
func needRoot(t testing.TB) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
}

// ordinary returns the credential of an ordinary user: ours, or uid's if we are root.
func ordinary() *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	return &syscall.Credential{Uid: uid, Gid: uid}
}

// session is a running nstui of a test.
type session struct {
	*drive.Program
	t   testing.TB
	ctx context.Context
}

// start runs nstui until the end of the test.
func start(t testing.TB, opts drive.Options) *session {
	t.Helper()
	return startProgram(t, binary, opts)
}

// startProgram runs another program until the end of the test.
func startProgram(t testing.TB, program string, opts drive.Options) *session {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	p, err := drive.Start(program, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return &session{Program: p, t: t, ctx: ctx}
}

// startSize runs nstui in a terminal of the given size, as the caller.
func startSize(t testing.TB, width, height int, args ...string) *session {
	t.Helper()
	return start(t, drive.Options{Args: args, Size: term.Size{W: width, H: height}})
}

// send types keys.
func (s *session) send(keys string) {
	s.t.Helper()
	if err := s.Send(keys); err != nil {
		s.t.Fatal(err)
	}
}

// wait waits until every text stands on the screen.
func (s *session) wait(texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		if err := s.WaitText(s.ctx, text); err != nil {
			s.t.Fatal(err)
		}
	}
}

// gone waits until the text stands nowhere on the screen.
func (s *session) gone(text string) {
	s.t.Helper()
	if err := s.WaitGone(s.ctx, text); err != nil {
		s.t.Fatal(err)
	}
}

// waitFor waits until the screen is as wanted.
func (s *session) waitFor(what string, holds func(drive.View) bool) {
	s.t.Helper()
	if err := s.WaitFor(s.ctx, what, holds); err != nil {
		s.t.Fatal(err)
	}
}

// exit waits for the end of the program and checks its exit status.
func (s *session) exit(want int) {
	s.t.Helper()
	status, err := s.Wait(s.ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	if status != want {
		s.t.Fatalf("exit status is %d, want %d; the screen is\n%s", status, want, s.Screen())
	}
}
