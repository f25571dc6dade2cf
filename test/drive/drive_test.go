package drive

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"nstui/ui/term"
)

// run starts a shell script in a terminal until the end of the test.
func run(t *testing.T, script string, opts Options) (*Program, context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	opts.Args = []string{"-c", script}
	p, err := Start("/bin/sh", opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, ctx
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTypeAndRead(t *testing.T) {
	p, ctx := run(t, `stty size; read word; echo "<$word>"; exit 3`, Options{Size: term.Size{W: 100, H: 30}, Before: "$ go\n"})
	must(t, p.WaitText(ctx, "30 100"))
	must(t, p.Send("hello\r"))
	must(t, p.WaitText(ctx, "<hello>"))
	status, err := p.Wait(ctx)
	must(t, err)
	if status != 3 {
		t.Errorf("status is %d, want 3", status)
	}
	if got := p.Screen(); !strings.HasPrefix(got, "$ go\n30 100\nhello\n<hello>\n") {
		t.Errorf("screen is %q", got)
	}
}

func TestResize(t *testing.T) {
	p, ctx := run(t, `trap 'stty size' WINCH; echo ready; while :; do read line; done`, Options{})
	must(t, p.WaitText(ctx, "ready"))
	must(t, p.Resize(term.Size{W: 90, H: 20}))
	must(t, p.Send("\r")) // sh runs the trap when read is done
	must(t, p.WaitText(ctx, "20 90"))
	p.Look(func(v View) {
		if got := v.Size(); got != (term.Size{W: 90, H: 20}) {
			t.Errorf("screen is %v", got)
		}
	})
}

func TestTerminalAnswers(t *testing.T) {
	// The answer to DSR 6 arrives as input, ended by R.
	p, ctx := run(t, `stty -echo -icanon; printf '\033[5;7H\033[6n'; dd bs=1 count=6 2>/dev/null | od -An -c`, Options{})
	must(t, p.WaitText(ctx, "033   [   5   ;   7   R"))
}

func TestModes(t *testing.T) {
	p, ctx := run(t, `stty raw -echo; echo raw; read x`, Options{})
	must(t, p.WaitText(ctx, "raw"))
	now, err := p.Modes()
	must(t, err)
	initial := p.InitialModes()
	if initial.Lflag&syscall.ECHO == 0 || now.Lflag&syscall.ECHO != 0 {
		t.Errorf("echo was %v and is %v", initial.Lflag&syscall.ECHO, now.Lflag&syscall.ECHO)
	}
}

func TestWaitInVain(t *testing.T) {
	p, ctx := run(t, `echo here I am; read x`, Options{})
	must(t, p.WaitText(ctx, "here I am"))
	ended, cancel := context.WithCancel(ctx)
	cancel()
	err := p.WaitText(ended, "godot")
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "godot") || !strings.Contains(err.Error(), "here I am") {
		t.Errorf("error is %v: it must say what was waited for and what was there instead", err)
	}
	must(t, p.Send("\r"))
	if err := p.WaitText(ctx, "godot"); !errors.Is(err, errEnded) {
		t.Errorf("error is %v, want that the program has ended", err)
	}
}

func TestKilledBySignal(t *testing.T) {
	p, ctx := run(t, `echo ready; exec sleep 1000`, Options{})
	must(t, p.WaitText(ctx, "ready"))
	must(t, p.Signal(syscall.SIGTERM))
	if status, err := p.Wait(ctx); status != 143 || err != nil {
		t.Errorf("got %d, %v, want 143", status, err)
	}
}

// What outlives the program on its terminal must not go unnoticed.
func TestWaitSeesWhatIsLeft(t *testing.T) {
	p, ctx := run(t, `trap '' HUP; sleep 1000 & echo "left $! behind"; read x`, Options{})
	must(t, p.WaitText(ctx, "behind"))
	var left int
	if _, err := fmt.Sscanf(p.Screen(), "left %d behind", &left); err != nil {
		t.Fatalf("screen is %q: %v", p.Screen(), err)
	}
	must(t, p.Send("\r"))
	<-p.ended
	soon, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := p.Wait(soon); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want that something holds the terminal", err)
	}
	must(t, syscall.Kill(left, syscall.SIGKILL))
	if _, err := p.Wait(ctx); err != nil {
		t.Error(err)
	}
}
