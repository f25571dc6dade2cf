package test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// change is a line of nstui ls --watch -J.
type change struct {
	What, Command, Type string
	PID                 int
	From, To            uint64
}

// watching is a running nstui ls --watch -J.
type watching struct {
	t     *testing.T
	cmd   *exec.Cmd
	lines *bufio.Scanner
}

func startWatch(t *testing.T, args ...string) *watching {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, append([]string{"ls", "--watch=100ms", "-J"}, args...)...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	t.Cleanup(func() { kill.Stop() })
	w := &watching{t: t, cmd: cmd, lines: bufio.NewScanner(stdout)}
	w.until("it watches", func(c change) bool { return c.What == "watching" })
	return w
}

// until waits for a change.
func (w *watching) until(what string, holds func(change) bool) change {
	w.t.Helper()
	for w.lines.Scan() {
		var c change
		if err := json.Unmarshal(w.lines.Bytes(), &c); err != nil {
			w.t.Fatalf("%v: %s", err, w.lines.Bytes())
		}
		if holds(c) {
			return c
		}
	}
	w.t.Fatalf("it ended before %s: %v", what, w.lines.Err())
	return change{}
}

// stop interrupts the watch and checks its end.
func (w *watching) stop(s syscall.Signal, want int) {
	w.t.Helper()
	if err := w.cmd.Process.Signal(s); err != nil {
		w.t.Fatal(err)
	}
	for w.lines.Scan() {
	}
	err := w.cmd.Wait()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	if got := w.cmd.ProcessState.ExitCode(); got != want {
		w.t.Errorf("it ended with %d, want %d", got, want)
	}
}

// What a process does is told: that it is born, runs another program, moves, and ends, and that the
// namespace it made is gone with it.
func TestWatchTellsWhatAProcessDoes(t *testing.T) {
	needRoot(t)
	needProgram(t, "unshare")
	w := startWatch(t)
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "read x; exec unshare -n cat")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	is := func(what string) func(change) bool {
		return func(c change) bool { return c.What == what && c.PID == pid }
	}
	w.until("the process is born", is("born"))
	before := inode(t, pid, "net")
	if _, err := io.WriteString(stdin, "go on\n"); err != nil {
		t.Fatal(err)
	}
	moved := w.until("the process moves", is("moved"))
	if moved.Type != "net" || strconv.FormatUint(moved.From, 10) != before || strconv.FormatUint(moved.To, 10) != inode(t, pid, "net") {
		t.Errorf("the move is %+v, and the process was in %s and is in %s", moved, before, inode(t, pid, "net"))
	}
	if err := errors.Join(stdin.Close(), cmd.Wait()); err != nil {
		t.Fatal(err)
	}
	w.until("the process is gone", is("gone"))
	w.until("its namespace is gone", func(c change) bool { return c.What == "vanished" && c.Type == "net" && c.From == moved.To })
	w.stop(syscall.SIGINT, 128+int(syscall.SIGINT))
}

func TestWatchEndsBySignalsAndWithItsReader(t *testing.T) {
	w := startWatch(t, "-t", "net")
	w.stop(syscall.SIGTERM, 128+int(syscall.SIGTERM))

	// Nobody reads on: the next change ends it, without a word.
	w = startWatch(t)
	var stderr strings.Builder
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), binary, "ls", "--watch=100ms", "-J")
	cmd.Stdout, cmd.Stderr = writer, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, err = bufio.NewReader(reader).ReadString('\n')
	if err := errors.Join(err, reader.Close(), writer.Close()); err != nil {
		t.Fatal(err)
	}
	if err := exec.CommandContext(t.Context(), "sh", "-c", "sleep 1").Run(); err != nil { // a change
		t.Fatal(err)
	}
	err = cmd.Wait()
	ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if quiet := err == nil || ok && ws.Signaled() && ws.Signal() == syscall.SIGPIPE; !quiet || stderr.String() != "" {
		t.Errorf("got %v and %q", err, stderr.String())
	}
	w.stop(syscall.SIGHUP, 128+int(syscall.SIGHUP))
}
