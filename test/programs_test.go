package test

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"nstui/test/drive"
	"nstui/ui/term"
)

// shellIn starts a shell in a network namespace of the test's, at 120x36.
func shellIn(t testing.TB) *session {
	t.Helper()
	return shellOf(t, webServer(t))
}

// shellOf starts a shell in the network namespace of a process, at 120x36.
func shellOf(t testing.TB, pid int) *session {
	t.Helper()
	s := start(t, wide(t))
	s.enterNet(pid)
	return s
}

// wide are the options of a terminal of 120x36, for programs with no files of the user's.
func wide(t testing.TB) drive.Options {
	return drive.Options{Size: term.Size{W: 120, H: 36}, Env: append(shellEnv(), "LANG=C.UTF-8", "HOME="+t.TempDir())}
}

// needProgram skips a test of a program that is not installed. CI installs them all.
func needProgram(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skip("needs a program:", err)
	}
}

// said returns what stands in the pane: the lines between the bars, without the frame and what is empty.
func said(v drive.View) []string {
	var lines []string
	for _, line := range v.Lines()[1 : len(v.Lines())-1] {
		if line = strings.TrimSpace(strings.Trim(line, "┃")); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// ending is whether these lines are the last that the shell and its programs have printed.
func ending(lines ...string) (what string, holds func(drive.View) bool) {
	return fmt.Sprintf("%q at the end", lines), func(v drive.View) bool {
		got := said(v)
		return len(got) >= len(lines) && slices.Equal(got[len(got)-len(lines):], lines)
	}
}

// prompt is whether the last line is a prompt with nothing typed.
func prompt(v drive.View) bool {
	lines := said(v)
	return len(lines) > 0 && strings.HasSuffix(strings.ReplaceAll(lines[len(lines)-1], "#", "$"), "$")
}

// quit ends the program in the pane and waits for the prompt. Some throw away what is typed while they
// take over a new size: then the keys are pressed again.
func (s *session) quit(keys string) {
	s.t.Helper()
	for s.ctx.Err() == nil {
		s.send(keys)
		moment, cancel := context.WithTimeout(s.ctx, 3*time.Second)
		err := s.WaitFor(moment, "a prompt", prompt)
		cancel()
		if err == nil {
			return
		}
	}
	s.t.Fatalf("the program does not end:\n%s", s.Screen())
}

// Programs that fill the screen, in the pane: what they show, and that the prompt comes back after them.
func TestProgramsInThePane(t *testing.T) {
	for _, p := range []struct {
		name, start string
		shows       []string
		keys        string   // typed into it
		then        []string // shown after that
		quit        string
	}{
		{"vim", "vim -u NONE /etc/passwd", []string{"root:x:0:0", `"/etc/passwd"`}, "Gonew line" + drive.Esc, []string{"new line"}, ":q!" + drive.Enter},
		{"less", "less /etc/passwd /etc/group", []string{"root:x:0:0", "file 1 of 2"}, "/daemon" + drive.Enter, []string{"daemon:x:1:1"}, "q"},
		{"htop", "htop", []string{"Tasks:", "F10Quit"}, "t", []string{"F5List"}, "q"},
		{"man", "man bash", []string{"BASH(1)", "SYNOPSIS", "Manual page bash(1)"}, "G", []string{"(END)"}, "q"},
		{"top", "top", []string{"load average", "COMMAND"}, "", nil, "q"},
	} {
		t.Run(p.name, func(t *testing.T) {
			needProgram(t, p.name)
			s := shellIn(t)
			s.send(p.start + drive.Enter)
			s.wait(p.shows...)
			s.send(p.keys)
			s.wait(p.then...)
			if err := s.Resize(term.Size{W: 100, H: 30}); err != nil {
				t.Fatal(err)
			}
			s.quit(p.quit)
			s.send("clear; echo back in $(stty size)" + drive.Enter)
			s.wait("back in 28 98", "INSIDE")
		})
	}
}

// Escape and a key that come together, as tmux and fast hands send them, are no Alt and key for vim, which asks
// to be told of Alt.
func TestEscapeAndAKey(t *testing.T) {
	needProgram(t, "vim")
	options := wide(t)
	options.NoKitty = true
	s := start(t, options)
	s.enterNet(webServer(t))
	s.send("vim -N -u /dev/null" + drive.Enter)
	s.wait("VIM - Vi IMproved")
	s.send("ifirst")
	s.wait("INSERT", "first")
	s.send(drive.Esc + ":s/first/second/" + drive.Enter)
	s.wait("second")
	s.quit(drive.Esc + ":q!" + drive.Enter)
}

func TestJobControl(t *testing.T) {
	s := shellIn(t)
	// A key for a job that is only about to get the terminal would be the shell's: so wait for what the job says.
	job := `sh -c 'echo it runs; exec cat'`
	s.send(job + drive.Enter)
	s.waitFor(ending("it runs"))
	s.send("\x03")
	s.waitFor("a prompt", prompt)
	s.send("echo first $?" + drive.Enter)
	s.wait("first 130")
	s.send("clear; " + job + drive.Enter)
	s.gone("first 130")
	s.waitFor(ending("it runs"))
	s.send("\x1a")
	s.wait("Stopped")
	s.send("clear; sleep 300 & jobs" + drive.Enter)
	s.wait("Running", "Stopped")
	s.send("kill %2; fg %1" + drive.Enter)
	s.waitFor(ending(job))
	s.send("word" + drive.Enter)
	s.waitFor(ending("word", "word"))
	s.send("\x03") // alone: bash drops what is typed before the prompt that follows an interrupted fg
	s.waitFor("a prompt", prompt)
	s.send("echo last $?" + drive.Enter)
	s.wait("last 130")
}

// While a shell prints without end its keys and the list are there at once, and ^C ends it.
func TestFlood(t *testing.T) {
	s := shellIn(t)
	s.send("yes | head -1000000; echo that was $(yes | head -1000 | wc -l)" + drive.Enter)
	s.wait("that was 1000")
	s.send("clear; yes flood" + drive.Enter)
	s.wait("flood")
	s.send(drive.Prefix)
	s.wait("esc cancel")
	s.send("d")
	s.gone("INSIDE")
	s.wait("quokka")
	s.send("b")
	s.wait("INSIDE", "flood")
	s.send("\x03")
	s.waitFor("a prompt", prompt)
	s.send("clear; echo it is o\"\"ver" + drive.Enter)
	s.wait("it is over")
}
