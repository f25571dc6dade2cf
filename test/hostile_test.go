package test

import (
	"bytes"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"nstui/test/drive"
)

// hostile returns a process that tries whatever a name can try: to set the title, to clear the screen,
// to leave it, to colour it, to start new lines, to turn the direction of writing, to hide text, and
// to be longer than any screen.
func hostile() actor {
	const evil = "\x1b]0;owned\x07\x1b[2J\x1b[H\x1b[?1049l\x1b[31;8m\x9b7m\r\n\tzz\u202e\u2066\u200f\u0301\u0301\ufeff"
	return actor{
		Comm: "\x1b[2J\nwombat\u202e",
		Args: []string{"wombat" + evil, evil, strings.Repeat("W", 4000), strings.Repeat("界", 1000)},
	}
}

func TestHostileNamesCannotDisturbTheScreen(t *testing.T) {
	pid := play(t, hostile())
	for _, args := range [][]string{nil, {"--kind", "uts"}, {"--pid", strconv.Itoa(pid)}} {
		s := startSize(t, 120, 36, args...)
		s.wait("live")
		s.send("/wombat" + drive.Enter)
		s.waitFor(row("wombat", strconv.Itoa(pid)))
		s.send("i") // all of it, in the details
		s.wait("esc close")
		s.send(drive.Esc)
		s.gone("esc close")
		s.waitFor("whole frames", framed)
		s.Look(func(v drive.View) {
			// Only what is drawn safely may stand there, and nothing may have been obeyed.
			if title := v.Title(); strings.Contains(title, "owned") {
				t.Errorf("the title is %q", title)
			}
			for y, line := range v.Lines() {
				if strings.ContainsAny(line, "\u202e\u2066\u200f\u0301\ufeff\x1b\u009b") {
					t.Errorf("line %d holds what must not be drawn: %q", y, line)
				}
			}
			size := v.Size()
			for y := range size.H {
				for x := range size.W {
					if v.Cell(x, y).Style.Conceal {
						t.Fatalf("the cell %d,%d is hidden", x, y)
					}
				}
			}
		})
		s.send("q")
		s.exit(0)
	}
}

func TestHostileNamesInThePlainList(t *testing.T) {
	pid := play(t, hostile())
	out, err := exec.CommandContext(t.Context(), binary, "--pid", strconv.Itoa(pid)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.ContainsAny(out, "\x1b\u009b\x07\r\t\u202e\u2066\u200f\u0301\ufeff") {
		t.Errorf("the list holds what a terminal would obey: %q", out)
	}
}
