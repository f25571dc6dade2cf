package test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"nstui/test/drive"
	"nstui/ui/term"
)

// row returns a condition: one line of the screen holds all the words.
func row(words ...string) (string, func(drive.View) bool) {
	return fmt.Sprintf("a line with %q", words), func(v drive.View) bool {
		for _, line := range v.Lines() {
			if containsAll(line, words) {
				return true
			}
		}
		return false
	}
}

func containsAll(line string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(line, word) {
			return false
		}
	}
	return true
}

func TestBrowserShowsEveryKind(t *testing.T) {
	for _, size := range []term.Size{{W: 120, H: 36}, {W: 80, H: 24}} {
		t.Run(fmt.Sprintf("%dx%d", size.W, size.H), func(t *testing.T) {
			s := startSize(t, size.W, size.H)
			s.wait("live", "PID", "COMMAND")
			s.waitFor(row("all", "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"))
		})
	}
}

func TestKindFromTheCommandLine(t *testing.T) {
	ino := inode(t, os.Getpid(), "uts")
	s := startSize(t, 120, 36, "--kind", "uts")
	s.wait("live")
	s.wait("Namespaces  uts", "="+ino)
	s.send("4") // net
	s.wait("Namespaces  net", "="+inode(t, os.Getpid(), "net"))
}

func TestFilterFindsAProcess(t *testing.T) {
	pid := play(t, actor{Comm: "quokka"})
	s := startSize(t, 120, 36, "--kind", "uts")
	s.wait("live")
	s.send("/quokka" + drive.Enter)
	s.waitFor(row(strconv.Itoa(pid), "quokka"))
	s.send(drive.Esc)
	s.gone("/quokka")
}

func TestOpensOnAProcess(t *testing.T) {
	pid := play(t, actor{Comm: "numbat"})
	s := startSize(t, 120, 36, "--pid", strconv.Itoa(pid))
	s.waitFor(row("▌", strconv.Itoa(pid), "numbat"))
}

// A new process is seen by a later scan, without a key.
func TestListIsLive(t *testing.T) {
	s := startSize(t, 120, 36, "--kind", "uts", "--interval", "100ms")
	s.wait("live")
	s.send("/bilby" + drive.Enter)
	pid := play(t, actor{Comm: "bilby"})
	s.waitFor(row(strconv.Itoa(pid), "bilby"))
}

func TestQuitRestoresTheTerminal(t *testing.T) {
	s := start(t, drive.Options{Before: "$ nstui\n", Args: []string{"--mouse"}})
	before := untouched(s)
	s.wait("live")
	if during := modes(s); during == before {
		t.Fatal("the modes of the terminal are as before: this test would not see what is left behind")
	}
	s.send("q")
	s.exit(0)
	s.restored(before)
}

func TestSignalsRestoreTheTerminal(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			s := start(t, drive.Options{Before: "$ nstui\n"})
			before := untouched(s)
			s.wait("live")
			if err := s.Signal(sig); err != nil {
				t.Fatal(err)
			}
			s.exit(128 + int(sig))
			s.restored(before)
		})
	}
}

// When the connection is lost nobody sees the screen, and nobody will press q.
func TestHangUpEndsTheProgram(t *testing.T) {
	s := startSize(t, 80, 24)
	s.wait("live")
	if err := s.HangUp(); err != nil {
		t.Fatal(err)
	}
	s.exit(128 + int(syscall.SIGHUP))
}

func TestResize(t *testing.T) {
	s := startSize(t, 80, 24)
	s.wait("live")
	for _, size := range []term.Size{{W: 120, H: 36}, {W: 60, H: 20}, {W: 200, H: 50}, {W: 40, H: 10}} {
		if err := s.Resize(size); err != nil {
			t.Fatal(err)
		}
		s.waitFor(fmt.Sprintf("a frame that fills %dx%d", size.W, size.H), framed)
	}
	if err := s.Resize(term.Size{W: 36, H: 8}); err != nil {
		t.Fatal(err)
	}
	s.wait("needs 40x10", "36x8")
	if err := s.Resize(term.Size{W: 80, H: 24}); err != nil {
		t.Fatal(err)
	}
	s.waitFor("a frame that fills 80x24", framed)
}

// framed reports whether the frames of the lists reach the right side, and keys are told below them.
func framed(v drive.View) bool {
	size := v.Size()
	corners := 0
	for y := range size.H {
		switch v.Cell(size.W-1, y).Text {
		case "╮", "╯":
			corners++
		}
	}
	return corners >= 2 && corners%2 == 0 && v.Contains("enter open")
}

// A terminal that does not know its size says 0x0. That is no size to draw for.
func TestNoSizeIsIgnored(t *testing.T) {
	s := startSize(t, 80, 24)
	s.wait("live")
	if err := s.ResizeQuietly(term.Size{}); err != nil {
		t.Fatal(err)
	}
	s.send("?")
	s.wait("esc close")
	s.send(drive.Esc)
	s.gone("esc close")
	s.send("q")
	s.exit(0)
}

func TestCtrlCNeedsToBePressedTwice(t *testing.T) {
	s := startSize(t, 80, 24)
	s.wait("live")
	s.send(drive.CtrlC)
	s.wait("again to quit")
	s.send(drive.CtrlC)
	s.exit(0)
}

func TestUnprivilegedFirstRun(t *testing.T) {
	s := start(t, drive.Options{Size: term.Size{W: 80, H: 24}, Credential: ordinary()})
	s.wait("live", "refused")
	s.send("q")
	s.exit(0)
}

// look is everything about a terminal that a program can leave in disorder.
type look struct {
	cursor bool
	modes  term.Modes
	lines  [4]uint32 // input, output, control and local modes of termios(3)
}

// modes returns the state the terminal is in.
func modes(s *session) (l look) {
	s.t.Helper()
	tio, err := s.Modes()
	if err != nil {
		s.t.Fatal(err)
	}
	s.Look(func(v drive.View) { l = lookOf(tio, v.Terminal) })
	return l
}

// untouched returns the state the terminal was in before the program started, which may be at work already.
func untouched(s *session) look {
	return lookOf(s.InitialModes(), term.New(term.Size{W: 80, H: 24}, term.Options{}))
}

func lookOf(tio unix.Termios, screen *term.Terminal) look {
	return look{
		lines:  [4]uint32{tio.Iflag, tio.Oflag, tio.Cflag, tio.Lflag},
		modes:  screen.Modes(),
		cursor: screen.Cursor().Visible,
	}
}

// restored checks that the terminal is as it was, and that the user is back at the old screen.
func (s *session) restored(before look) {
	s.t.Helper()
	if after := modes(s); after != before {
		s.t.Errorf("the terminal is left as\n%+v, and was\n%+v", after, before)
	}
	if got := s.Screen(); !strings.HasPrefix(got, "$ nstui\n") || strings.Contains(got, "COMMAND") {
		s.t.Errorf("the old screen is not back:\n%s", got)
	}
}

// inode returns the inode number of a namespace of a process, in digits.
func inode(t testing.TB, pid int, kind string) string {
	t.Helper()
	link, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", pid, kind))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Trim(link, kind+":[]")
}
