package test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"nstui/test/drive"
	"nstui/ui/term"
)

// ownDevpts is a process with terminals of its own, as containers have them.
func ownDevpts(t *testing.T) (pid int) {
	t.Helper()
	needRoot(t)
	return play(t, actor{
		Comm:  "quokka",
		Flags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
		Setup: [][]string{
			{"mount", "--make-rprivate", "/"},
			{"mount", "-t", "devpts", "-o", "newinstance,ptmxmode=0666", "devpts", "/dev/pts"},
			{"mount", "-t", "proc", "proc", "/proc"},
		},
	})
}

// A shell in a mount namespace has a terminal of that namespace, which is shown on ours: it knows its name,
// follows our size, and leaves ours as it was.
func TestEnterOnItsOwnTerminal(t *testing.T) {
	pid := ownDevpts(t)
	file := filepath.Join(t.TempDir(), "session.cast")
	s := start(t, drive.Options{
		Args: []string{"enter", "-t", strconv.Itoa(pid), "-a", "--record", file}, Size: term.Size{W: 90, H: 20},
		Env: append(drive.Environ(), "SHELL=/bin/sh"),
	})
	s.send("tty; stty size; ps -o tty= -p $$" + drive.Enter)
	s.wait("/dev/pts/0", "20 90", "pts/0")
	if err := s.Resize(term.Size{W: 100, H: 30}); err != nil {
		t.Fatal(err)
	}
	s.send("clear; stty size" + drive.Enter)
	s.wait("30 100")
	s.send("clear; cat" + drive.Enter)
	s.gone("30 100")
	s.send("typed" + drive.Enter)
	s.waitFor("an echo", func(v drive.View) bool { return strings.Count(strings.Join(v.Lines(), "\n"), "typed") == 2 })
	s.send("\x03")
	s.waitFor("a prompt", func(v drive.View) bool { // what is typed before it the terminal may drop
		return slices.ContainsFunc(v.Lines(), func(line string) bool { return strings.TrimSpace(line) == "#" })
	})
	s.send("exit 6" + drive.Enter)
	s.exit(6)
	now, err := s.Modes()
	if err != nil {
		t.Fatal(err)
	}
	if now != s.InitialModes() {
		t.Errorf("the terminal is left as %+v, and was %+v", now, s.InitialModes())
	}
	s.wait("nstui: recorded ")
	replayed := replay(t, file)
	s.Look(func(v drive.View) {
		shown := v.Lines()
		for y := range replayed.Size().H {
			if line := replayed.Text(y); line != "" && strings.TrimRight(shown[y], " ") != line {
				t.Errorf("row %d of the recording is %q, and was %q", y, line, shown[y])
			}
		}
	})
	if size := replayed.Size(); size != (term.Size{W: 100, H: 30}) || !strings.Contains(replayed.Text(2), "exit 6") && !strings.Contains(replayed.Text(3), "exit 6") {
		t.Errorf("the recording ends with a screen of %v:\n%s\n%s\n%s", size, replayed.Text(0), replayed.Text(1), replayed.Text(2))
	}
	if stdout, stderr, status := enter(t, nil, "-t", strconv.Itoa(pid), "-m", "--record", file, "true"); status != 1 || stdout != "" ||
		!strings.Contains(stderr, "--record takes a terminal") {
		t.Errorf("without a terminal: %q, %q and status %d", stdout, stderr, status)
	}
	s = start(t, drive.Options{Args: []string{"enter", "-t", strconv.Itoa(pid), "-m", "--record", file, "true"}})
	s.wait("--record: create "+file[:40], "file exists")
	s.exit(1)
}

// replay returns the screen a recording ends with. Each of its lines must be what asciicast v2 has there.
func replay(t *testing.T, file string) *term.Terminal {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	first, events, _ := strings.Cut(strings.TrimSuffix(string(data), "\n"), "\n")
	var header struct{ Version, Width, Height int }
	if err := json.Unmarshal([]byte(first), &header); err != nil || header.Version != 2 {
		t.Fatalf("the header is %q: %v", first, err)
	}
	screen := term.New(term.Size{W: header.Width, H: header.Height}, term.Options{})
	last := 0.0
	for line := range strings.SplitSeq(events, "\n") {
		var at float64
		var code, text string
		if err := json.Unmarshal([]byte(line), &[]any{&at, &code, &text}); err != nil || at < last {
			t.Fatalf("an event at %v after %v is %q: %v", at, last, line, err)
		}
		last = at
		switch code {
		case "o":
			_, _ = screen.Write([]byte(text)) // it never fails
		case "r":
			var size term.Size
			if _, err := fmt.Sscanf(text, "%dx%d", &size.W, &size.H); err != nil {
				t.Fatalf("a size is %q: %v", text, err)
			}
			screen.Resize(size)
		default:
			t.Errorf("an event of kind %q", code)
		}
	}
	return screen
}

// Without asking, a program has ours; with it, its own.
func TestEnterPTYOptions(t *testing.T) {
	pid := strconv.Itoa(ownDevpts(t))
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-m", "tty"}, "not a tty"},
		{[]string{"-m", "--pty", "tty"}, "/dev/pts/0"},
		{[]string{"-m", "--pty", "sh", "-c", "echo killed; kill -9 $$"}, "killed"},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			s := start(t, drive.Options{Args: append([]string{"enter", "-t", pid}, test.args...)})
			s.wait(test.want)
			status, err := s.Wait(s.ctx)
			if err != nil {
				t.Fatal(err)
			}
			if killed := test.want == "killed"; killed != (status == 128+int(syscall.SIGKILL)) {
				t.Errorf("it ended with %d", status)
			}
		})
	}
	if stdout, stderr, status := enter(t, nil, "-t", pid, "-m", "--pty", "true"); status != 1 || stdout != "" ||
		!strings.Contains(stderr, "--pty takes a terminal") {
		t.Errorf("without a terminal: %q, %q and status %d", stdout, stderr, status)
	}
}

// When the program stops nstui stops with it, and both go on together.
func TestEnterStops(t *testing.T) {
	pid := strconv.Itoa(webServer(t))
	for _, args := range [][]string{{"-n", "-F"}, {"-n", "--pty"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			line := "'" + binary + "' enter -t " + pid + " " + strings.Join(args, " ") + ` sh -c 'kill -STOP $$; echo went "on"'`
			s := startProgram(t, "/bin/bash", drive.Options{Args: []string{"--norc", "-i"}, Env: append(drive.Environ(), "PS1=> ")})
			s.send(line + drive.Enter)
			s.wait("Stopped")
			s.send("fg" + drive.Enter)
			s.wait("went on")
			s.send("exit" + drive.Enter)
		})
	}
}

// A terminal that goes away takes the shell with it.
func TestEnterHangUp(t *testing.T) {
	pid := ownDevpts(t)
	s := start(t, drive.Options{Args: []string{"enter", "-t", strconv.Itoa(pid), "-a"}, Env: append(drive.Environ(), "SHELL=/bin/sh")})
	s.wait("#")
	if err := s.HangUp(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Wait(s.ctx); err != nil {
		t.Fatal(err)
	}
	if left := inNamespace(t, "pid", inode(t, pid, "pid")); len(left) != 1 {
		t.Errorf("processes %v are in the namespace", left)
	}
}

// A signal that ends nstui leaves the terminal as it was; others are passed on.
func TestEnterSignals(t *testing.T) {
	pid := ownDevpts(t)
	for _, test := range []struct {
		signal syscall.Signal
		status int
	}{
		{syscall.SIGINT, 130},
		{syscall.SIGQUIT, 131},
		{syscall.SIGHUP, 129},
		{syscall.SIGTERM, 143},
		{syscall.SIGUSR1, 3},
		{syscall.SIGUSR2, 4},
		{syscall.SIGALRM, 5},
	} {
		t.Run(unix.SignalName(test.signal), func(t *testing.T) {
			script := `trap "exit 3" USR1; trap "exit 4" USR2; trap "exit 5" ALRM; echo rea"d"y; sleep 1000 & wait`
			s := start(t, drive.Options{Args: []string{"enter", "-t", strconv.Itoa(pid), "-a", "--pty", "sh", "-c", script}})
			s.wait("ready")
			if err := s.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			s.exit(test.status)
			if now, err := s.Modes(); err != nil || now != s.InitialModes() {
				t.Errorf("the terminal is left as %+v, %v, and was %+v", now, err, s.InitialModes())
			}
		})
	}
}

// A terminal that is slower than the program is shown all it printed, also if it leaves a job behind.
func TestEnterSlowTerminal(t *testing.T) {
	pid := ownDevpts(t)
	const lines, height = 5000, 400 // more than our terminal holds, less than that and the one in there
	for _, test := range []struct{ name, job string }{
		{"no job", ""},
		{"a quiet job", "sleep 1000 &"},
		{"a loud job", `(trap "" HUP; while printf "\a"; do :; done) 2>&- &`},
	} {
		t.Run(test.name, func(t *testing.T) {
			script := "echo ready; read -r go; " + "seq " + strconv.Itoa(lines) + "; " + test.job + " exit 7"
			s := start(t, drive.Options{
				Args: []string{"enter", "-t", strconv.Itoa(pid), "-a", "--pty", "sh", "-c", script},
				Size: term.Size{W: 20, H: height},
			})
			s.wait("ready")
			nstui, err := pidfd(s.PID())
			if err != nil {
				t.Fatal(err)
			}
			// The terminal takes nothing while it is looked at, long after the program has ended.
			s.Look(func(drive.View) {
				s.send(drive.Enter)
				if nstui.ends(t, time.Now().Add(1500*time.Millisecond)) {
					t.Error("nstui has ended before all was shown")
				}
			})
			s.exit(7)
			var got, want []string
			s.Look(func(v drive.View) { got = strings.Fields(strings.Join(v.Lines(), " ")) })
			for i := lines - height + 2; i <= lines; i++ { // the cursor is on the last row
				want = append(want, strconv.Itoa(i))
			}
			if !slices.Equal(got, want) {
				t.Errorf("at the end stands %q, want %q", got, want)
			}
		})
	}
}
