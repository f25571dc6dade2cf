package ui

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"nstui/nsenter"
	"nstui/ui/term"
)

// BenchmarkPaneBesideTmux prints the same into a pane and into a window of tmux, by turns, each in a real
// pty of 80x24 with 10,000 lines of history. A shell prints a file, asks the terminal for its status and
// takes the time until the answer is there: everything before it has been understood by then. Reported are
// MB (10^6 bytes) a second of both and their ratio, ours to tmux's. To start what prints and asks is part of the
// time, so there is enough to print that it does not count.
//
//	go test ./ui -run '^$' -bench BesideTmux -benchtime 5x
func BenchmarkPaneBesideTmux(b *testing.B) {
	if _, err := exec.LookPath("tmux"); err != nil {
		b.Skip("no tmux to compare with: ", err)
	}
	for _, s := range []struct {
		name string
		size int // of what is printed, at least half of it
		data func(*testing.B) []byte
	}{
		{"text", 16 << 20, proseStream},
		{"ls", 16 << 20, lsStream},
		{"cjk", 4 << 20, cjkStream},
		{"vim", 16 << 20, vimStream},
		{"yes", 4 << 20, func(*testing.B) []byte { return []byte("y\n") }},
	} {
		b.Run(s.name, func(b *testing.B) {
			data := s.data(b)
			besideTmux(b, bytes.Repeat(data, max(1, s.size/len(data))))
		})
	}
}

const (
	sampleBytes = 2 << 20     // of a stream, then it begins again
	turnTime    = time.Minute // no turn takes that long
)

// timed is the shell that prints the file $1 and writes how many nanoseconds it took to $2.
const timed = `stty -icanon -echo min 1
began=$(date +%s%N)
cat "$1"
printf '\033[5n'
head -c 4 >/dev/null
ended=$(date +%s%N)
echo $((ended - began)) >"$2"`

func besideTmux(b *testing.B, data []byte) {
	b.Helper()
	dir := b.TempDir()
	file, fifo := filepath.Join(dir, "stream"), filepath.Join(dir, "took")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		b.Fatal(err)
	}
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		b.Fatal(err)
	}
	took, err := os.OpenFile(fifo, os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer took.Close()
	command := []string{"sh", "-c", timed, "sh", file, fifo}
	var ours, theirs time.Duration
	for b.Loop() {
		ours += inPane(b, took, command)
		theirs += inTmux(b, took, dir, command)
	}
	speed := func(d time.Duration) float64 { return float64(len(data)) * float64(b.N) / d.Seconds() / 1e6 }
	b.ReportMetric(speed(ours), "MB/s")
	b.ReportMetric(speed(theirs), "tmux-MB/s")
	b.ReportMetric(speed(ours)/speed(theirs), "ratio")
	b.ReportMetric(0, "ns/op") // it says nothing that these do not
}

// ptySession is a program in a pty of its own, without namespaces.
type ptySession struct {
	*os.File
	cmd *exec.Cmd
}

func (s *ptySession) Read(b []byte) (int, error) {
	n, err := s.File.Read(b)
	if err != nil {
		err = io.EOF // EIO: nobody has the other side open any more
	}
	return n, err
}

func (s *ptySession) Wait() nsenter.Status {
	_ = s.cmd.Wait() // the state says it too
	return nsenter.Status{Code: s.cmd.ProcessState.ExitCode()}
}

func (s *ptySession) Resize(int, int) error        { return nil } // it keeps its size
func (s *ptySession) PID() int                     { return s.cmd.Process.Pid }
func (s *ptySession) Shell() []string              { return []string{"bash"} }
func (s *ptySession) Missed() []*nsenter.StepError { return nil }
func (s *ptySession) Foreground() string           { return "" }
func (s *ptySession) Kill() error                  { return s.cmd.Process.Kill() }
func (s *ptySession) Continue() error              { return s.cmd.Process.Signal(syscall.SIGCONT) }

func (s *ptySession) Interrupt(<-chan struct{}) (bool, error) { return false, nil }

// startPTY starts a program in a pty that is read as those of nsenter are: through the runtime's poller, not by
// a thread that blocks, as pty leaves it.
func startPTY(tb testing.TB, size term.Size, command ...string) *ptySession {
	tb.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	master, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(size.W), Rows: uint16(size.H)})
	if err == nil {
		err = syscall.SetNonblock(int(master.Fd()), true)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return &ptySession{master, cmd}
}

// inPane runs the timed shell in a pane with its goroutines, which is drawn when there is news.
func inPane(b *testing.B, took *os.File, command []string) time.Duration {
	b.Helper()
	size := term.Size{W: 80, H: 24}
	session := startPTY(b, size, command...)
	p := newPane(size, 0)
	go p.write(session)
	go p.read(session, func() {
		p.taken()
		p.rows(term.RowOptions{})
	})
	defer p.wait(session, func(bool) {})
	return readTook(b, took)
}

// inTmux runs the timed shell in the only window of a server of its own.
func inTmux(b *testing.B, took *os.File, dir string, command []string) time.Duration {
	b.Helper()
	config := filepath.Join(dir, "tmux.conf")
	if err := os.WriteFile(config, []byte("set -g status off\nset -g history-limit 10000\n"), 0o600); err != nil {
		b.Fatal(err)
	}
	args := []string{"-S", filepath.Join(dir, "tmux"), "-f", config, "new-session", "-d", "-x", "80", "-y", "24", "--"}
	if out, err := exec.Command("tmux", append(args, command...)...).CombinedOutput(); err != nil {
		b.Fatalf("start tmux: %v: %s", err, out)
	}
	return readTook(b, took)
}

func readTook(b *testing.B, took *os.File) time.Duration {
	b.Helper()
	if err := took.SetReadDeadline(time.Now().Add(turnTime)); err != nil {
		b.Fatal(err)
	}
	var buf [64]byte
	n, err := took.Read(buf[:])
	if err != nil {
		b.Fatal(err)
	}
	ns, err := strconv.ParseInt(strings.TrimSpace(string(buf[:n])), 10, 64)
	if err != nil {
		b.Fatal(err)
	}
	return time.Duration(ns)
}

// outputOf returns the first bytes a program prints, without its errors.
func outputOf(b *testing.B, name string, args ...string) []byte {
	b.Helper()
	cmd := exec.Command(name, args...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	data, err := io.ReadAll(io.LimitReader(out, sampleBytes))
	if err != nil {
		b.Fatal(err)
	}
	_ = cmd.Process.Kill() // it may have ended, or print for long yet
	_ = cmd.Wait()         // it was killed
	return data[:bytes.LastIndexByte(data, '\n')+1]
}

func lsStream(b *testing.B) []byte {
	b.Helper()
	return outputOf(b, "ls", "-lR", "--color=always", "/usr/share", "/usr/lib")
}

func proseStream(*testing.B) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var out []byte
	for len(out) < 1<<20 {
		for n := r.IntN(76); n >= 0; n-- {
			out = append(out, "etaoin shrdlu cmfwyp"[r.IntN(20)])
		}
		out = append(out, '\n')
	}
	return out
}

func cjkStream(*testing.B) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var out []byte
	for len(out) < 1<<20 {
		for n := r.IntN(38); n >= 0; n-- {
			out = append(out, string(rune(0x4e00+r.IntN(0x2000)))...)
		}
		out = append(out, '\n')
	}
	return out
}

// vimStream records vim while it scrolls through a program with colours, line by line, there and back.
func vimStream(b *testing.B) []byte {
	b.Helper()
	if _, err := exec.LookPath("vim"); err != nil {
		b.Skip("no vim to record: ", err)
	}
	scroll := func(key string) string {
		return fmt.Sprintf(`for i in range(300) | exe "normal! \<%s>" | redraw | endfor`, key)
	}
	session := startPTY(b, term.Size{W: 80, H: 24}, "vim", "-n", "-u", "NONE", "-N", "-c", "set term=xterm-256color t_RV= t_u7=",
		"-c", "syntax on", "-c", scroll("C-e"), "-c", scroll("C-y"), "-c", "q!", "shell_test.go")
	defer session.Wait()
	defer session.Close()
	data, err := io.ReadAll(session)
	if err != nil {
		b.Fatal(err)
	}
	return data
}
