package nsenter

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nstui/procscan/ns"
)

// startPlain starts a shell with a plain prompt in namespaces of a user's, which ends with the test.
func startPlain(t *testing.T) *Session {
	t.Helper()
	pinned := pin(t, startTarget(t, ns.SetOf(ns.User, ns.PID)).ref())
	plan := NewPlan(pinned.Facts(), Request{Kinds: ns.All, Shell: "/bin/sh", Tools: ToolsBare}, append(os.Environ(), "PS1=$ "))
	s, err := Start(t.Context(), pinned, plan, 80, 24)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		hangUp(t, s)
		s.Wait()
	})
	return s
}

// interruptible starts a shell that runs a program, behind a command that gets the terminal ready for it.
func interruptible(t *testing.T, ready, program string) *Session {
	t.Helper()
	s := startPlain(t)
	typeLine(t, s, "sh -c '"+ready+"; echo r$((1))s; exec "+program+"'")
	waitFor(t, s, "r1s")
	return s
}

// A program that does not read is interrupted at once, and nothing of what was pasted is run.
func TestInterruptStuckInput(t *testing.T) {
	s := interruptible(t, ":", "sleep 1000")
	file := filepath.Join(t.TempDir(), "pasted")
	line := fmt.Sprintf("echo pasted >>%s\n", file)
	idle := make(chan struct{})
	wrote := make(chan error, 1)
	go func() {
		defer close(idle)
		_, err := s.Write([]byte(strings.Repeat(line, 100<<10/len(line))))
		wrote <- err
	}()
	for done := false; !done && t.Context().Err() == nil; { // until enough has got there
		var err error
		if done, err = s.Interrupt(idle); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-wrote; err != nil {
		t.Errorf("the write that was ended says %v", err)
	}
	typeLine(t, s, "echo status $? e$((2))d")
	waitFor(t, s, "status 130 e2d")
	if got, err := os.ReadFile(file); err == nil {
		t.Errorf("of what was pasted %d bytes were run", len(got))
	}
}

// Where the program reads, or takes ^C as a key, ^C is left to be typed.
func TestInterruptIsLeftAlone(t *testing.T) {
	idle := make(chan struct{})
	close(idle)
	s := interruptible(t, ":", "cat")
	if done, err := s.Interrupt(idle); done || err != nil {
		t.Errorf("a program that reads was interrupted (%v, %v)", done, err)
	}
	s = interruptible(t, "stty raw -echo", "sleep 1000")
	if _, err := s.Write(make([]byte, 8<<10)); err != nil {
		t.Fatal(err)
	}
	if done, err := s.Interrupt(idle); done || err != nil {
		t.Errorf("a program in raw mode was interrupted (%v, %v)", done, err)
	}
}
