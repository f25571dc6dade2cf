//go:build xterm

package term

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// xtermWindow is a window of xterm itself, on an X server of its own (Xvfb). It prints its screen to a pipe
// when asked to: the text, since the styles it prints go on where they have ended on the screen.
type xtermWindow struct {
	*feeder
	display string
	cmd     *exec.Cmd
	printed string
}

func (x *xtermWindow) name() string { return "xterm" }

// reset opens another window: RIS leaves some of what was before.
func (x *xtermWindow) reset(t *testing.T, size Size) {
	t.Helper()
	x.close()
	dir := t.TempDir()
	child, accept := startFeeding(t, dir)
	x.printed = filepath.Join(dir, "printed")
	if err := unix.Mkfifo(x.printed, 0o600); err != nil {
		t.Fatal(err)
	}
	x.cmd = exec.Command("xterm", "-geometry", fmt.Sprintf("%dx%d", size.W, size.H), "-xrm", "*printerCommand: cat >"+x.printed,
		"-xrm", "*printAttributes: 2", "-xrm", "*printerAutoClose: true", "-xrm", "*allowWindowOps: true",
		"-xrm", "*precompose: false", "-xrm", "*boldColors: false", "-e", "sh", "-c", child)
	x.cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "DISPLAY="+x.display)
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	x.feeder = accept()
}

// close ends the window's child, and so the window.
func (x *xtermWindow) close() {
	if x.feeder != nil {
		_ = x.conn.Close()
		_ = x.cmd.Wait() // which ended by losing its child
		x.feeder = nil
	}
}

func startXterm(t *testing.T) *xtermWindow {
	t.Helper()
	x := &xtermWindow{display: startXvfb(t)}
	t.Cleanup(x.close)
	return x
}

// startXvfb starts an X server that draws nowhere, and returns the name of its display. It stays as it is when
// its last window is closed: one that starts again then would lose the next window.
func startXvfb(t *testing.T) (display string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-noreset", "-nolisten", "tcp", "-screen", "0", "1280x1024x24")
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // which was killed
	})
	_ = w.Close() // the server has it
	var number int
	if _, err := fmt.Fscan(r, &number); err != nil {
		t.Fatalf("Xvfb does not say its display: %v", err)
	}
	return fmt.Sprintf(":%d", number)
}

// resize asks the window for a size and waits until it has it.
func (x *xtermWindow) resize(t *testing.T, size Size) {
	t.Helper()
	want := fmt.Sprintf("\x1b[8;%d;%dt", size.H, size.W)
	x.feed(t, want)
	for x.replies = ""; !strings.Contains(x.replies, want); {
		x.feed(t, "\x1b[18t")
	}
	x.replies = ""
}

func (x *xtermWindow) view(t *testing.T) view {
	t.Helper()
	x.replies = ""
	x.feed(t, "\x1b[18t\x1b[?1049$p\x1b[?25$p\x1b[6n")
	var v view
	var size Size
	var alternate, visible int
	if _, err := fmt.Sscanf(x.replies, "\x1b[8;%d;%dt\x1b[?1049;%d$y\x1b[?25;%d$y\x1b[%d;%dR",
		&size.H, &size.W, &alternate, &visible, &v.reportY, &v.reportX); err != nil {
		t.Fatalf("xterm says %q: %v", x.replies, err)
	}
	v.reportX--
	v.reportY--
	v.isReported, v.isText, v.alternate, v.hidden, v.hasIsHidden = true, true, alternate == 1, visible != 1, true
	x.feed(t, "\x1b[?19h\x1b[i") // all of the screen, not only its scrolling region
	raw, err := os.ReadFile(x.printed)
	if err != nil {
		t.Fatal(err)
	}
	screen := screenOf(strings.ReplaceAll(string(raw), "\r", ""), size)
	for y := range size.H {
		v.rows = append(v.rows, textOf(screen, y, size.W))
	}
	return v
}

// xtermOmits are the kinds of tokens of which xterm does not tell or does not know what to make.
var xtermOmits = map[string]string{
	"flags":       "hidden text is printed",
	"mark":        "a mark after a movement of the cursor gets lost; in tmux it joins the character before",
	"columns":     "a tab from right of the right margin goes back to it",
	"autowrap":    "some wide characters that do not fit at the end are moved to the left, others dropped",
	"rectangle":   "a rectangle is filled in colours that 1049 has ended",
	"reversewrap": "xterm 379 goes from the top left to the bottom right, later ones no longer do",
	"underline":   "xterm 379 knows neither shapes nor colours of underlines",
	"overline":    "nor lines above",
}

// xtermWrong are the unit cases in which xterm is not what we follow.
var xtermWrong = map[string]string{
	"emoji_zwj":    "xterm drops joiners; kept, they let a terminal around us that can draw the whole do so",
	"invalid_utf8": "tmux and xterm.js drop what is not UTF-8, xterm shows a replacement for it",
}

func TestXtermCorpus(t *testing.T) {
	corpus(t, startXterm(t), func(name string) bool { _, ok := xtermWrong[name]; return ok })
}

func TestXtermGenerated(t *testing.T) {
	omit := maps.Clone(xtermOmits)
	omit["el"] = "it erases the character before a wrap that is pending, and ends that"
	omit["ed"] = "as el"
	omit["protect"] = "as el"
	differ(t, startXterm(t), omit, false, 150)
}

func TestXtermSettled(t *testing.T) {
	differ(t, startXterm(t), xtermOmits, true, 50)
}
