package cli

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

const raiseVariable = "NSTUI_TEST_RAISE"

// The process ends by the signal itself, also where Go would print all goroutines, ignore it, or has
// found it ignored.
func TestRaise(t *testing.T) {
	if number, err := strconv.Atoi(os.Getenv(raiseVariable)); err == nil {
		runtime.LockOSThread()
		Raise(syscall.Signal(number))
		t.Fatal("still alive")
	}
	for _, s := range []syscall.Signal{
		syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGSEGV, syscall.SIGABRT,
		syscall.SIGUSR1, syscall.SIGPIPE, syscall.SIGKILL, syscall.SIGALRM, 34, 64,
	} {
		for _, before := range []string{"", "trap '' " + strconv.Itoa(int(s)) + "; "} {
			t.Run(before+s.String(), func(t *testing.T) {
				cmd := exec.CommandContext(t.Context(), "sh", "-c", before+`exec "$0" -test.run '^TestRaise$'`, os.Args[0])
				cmd.Env = append(os.Environ(), raiseVariable+"="+strconv.Itoa(int(s)))
				out, err := cmd.CombinedOutput()
				var exit *exec.ExitError
				if !errors.As(err, &exit) {
					t.Fatalf("got %v and %q", err, out)
				}
				status, ok := exit.Sys().(syscall.WaitStatus)
				if !ok || !status.Signaled() || status.Signal() != s || status.CoreDump() || strings.Contains(string(out), "goroutine") {
					t.Errorf("got %v and %q, want signal %v and no core", exit, out, s)
				}
			})
		}
	}
}
