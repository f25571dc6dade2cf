//go:build tmux

package term

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// tmux is a server of tmux with one pane, in which a feeder prints.
type tmux struct {
	*feeder
	socket    string
	noHistory bool // is not to be compared
}

// startTmux starts a server of its own, which ends with the test.
func startTmux(t *testing.T) *tmux {
	t.Helper()
	dir := t.TempDir()
	child, accept := startFeeding(t, dir)
	m := &tmux{socket: filepath.Join(dir, "tmux")}
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", m.socket, "kill-server").Run() }) // it may be gone
	config := filepath.Join(dir, "config")
	if err := os.WriteFile(config, []byte("set -g history-limit 2000\nset -g status off\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m.run(t, "-f", config, "new-session", "-d", "-x", "80", "-y", "24", child)
	m.feeder = accept()
	return m
}

// run runs a command of tmux and returns what it prints.
func (m *tmux) run(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("tmux", append([]string{"-S", m.socket}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TERM=xterm-256color", "SHELL=/bin/sh"}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tmux %q: %v: %s", args, err, stderr.String())
	}
	return string(out)
}

func (m *tmux) name() string { return "tmux" }

// reset makes the terminal as good as new. RIS keeps the alternate screen and the history.
func (m *tmux) reset(t *testing.T, size Size) {
	t.Helper()
	m.feed(t, "\x18\x1b[?1049l\x1bc")
	m.resize(t, size)
	m.feed(t, "\x1b[?1049h\x1b[?1049l\x1bc\x1b7") // nor does it forget saved cursors
	m.run(t, "clear-history")
}

func (m *tmux) resize(t *testing.T, size Size) {
	t.Helper()
	m.run(t, "resize-window", "-x", strconv.Itoa(size.W), "-y", strconv.Itoa(size.H))
}

func (m *tmux) view(t *testing.T) view {
	t.Helper()
	out := m.run(t, "display-message", "-p",
		"#{cursor_x} #{cursor_y} #{cursor_flag} #{alternate_on} #{history_size} #{pane_width} #{pane_height}", ";",
		"capture-pane", "-p", "-e", "-N", "-S", "-")
	head, rest, _ := strings.Cut(out, "\n")
	var v view
	var visible, alternate, history, w, h int
	if _, err := fmt.Sscan(head, &v.x, &v.y, &visible, &alternate, &history, &w, &h); err != nil {
		t.Fatalf("tmux says %q: %v", head, err)
	}
	v.hidden, v.alternate, v.hasHistory, v.hasIsHidden, v.isPlain = visible == 0, alternate == 1, !m.noHistory, true, true
	lines := strings.Split(strings.TrimSuffix(rest, "\n"), "\n")
	if len(lines) != history+h {
		t.Fatalf("%d lines, want %d and %d", len(lines), history, h)
	}
	all := screenOf(strings.Join(lines, "\n"), Size{w, len(lines)})
	for y := range lines {
		// How tmux prints its screen leaves out the background of some blanks.
		if y < history {
			v.history = append(v.history, cellsOf(all, y, w))
		} else {
			v.rows = append(v.rows, plainBlanks(all, y, w))
		}
	}
	return v
}

// tmuxOmits are the kinds of tokens about which tmux is known to differ from xterm.
var tmuxOmits = map[string]string{
	"alternate again": "tmux moves the cursor only if it was saved, and does not clear a screen it is on",
	"columns":         "tmux has no left and right margins",
	"relative":        "nor HPR and VPR",
	"newline":         "nor LNM",
	"reversewrap":     "nor reverse wraparound",
	"decbi":           "nor sideways scrolling",
	"protect":         "nor protected characters",
	"rectangle":       "nor rectangles",
	"1048":            "nor mode 1048",
	"alt47":           "it restores the cursor also for 47 and 1047",
	"ukset":           "nor the British set",
	"decstr":          "DECSTR does not end SGR",
	"il":              "IL and DL leave the cursor where it is",
	"dl":              "as il",
	"cht":             "nor CHT",
	"rep":             "REP ends at the end of the line",
	"origin":          "setting margins goes to the corner of the screen, not of the region",
	"ris":             "RIS stays on the alternate screen",
	"overline":        "how tmux prints its screen has another attribute for it",
	"ich":             "a large count moves the wrong cells",
	"insert":          "a wide character is inserted in one column",
	"bs":              "from the left it goes back to a line that wrapped into this one, whenever it did",
	"autowrap":        "a mark at the end of the line joins the character before the last",
	"wide":            "half of a wide character that is erased or written over is not there any more",
	"charset":         "1049 does not save character sets",
	"mark":            "a mark on an empty cell stays there",
	"save":            "the saved cursor is one for both screens; kind excursion has it within one",
	"restore":         "as save",
}

// tmuxWrong are unit cases about which tmux and xterm differ in what testdata does not have.
var tmuxWrong = map[string]string{
	"lf_region": "lines that scroll in a region that begins below the top go to the history in tmux",
	"su_region": "as lf_region",
	"wrap_off":  "a wrap is pending in xterm also while wrapping is off",
}

// tmuxHistoryOmits are the kinds after which tmux has more in its history than xterm.
var tmuxHistoryOmits = map[string]string{
	"ed":      "erasing all of the screen keeps lines that are blank but were written to",
	"bce":     "lines that scroll away lose the background of blanks at their end",
	"sgr":     "as bce",
	"margins": "lines that scroll in a region that begins below the top go to the history in tmux",
}

func TestTmuxCorpus(t *testing.T) {
	corpus(t, startTmux(t), func(name string) bool {
		wrong := xterm[name].why != "" || tmuxWrong[name] != ""
		// The background of blanks is not compared, and reset has left the alternate screen at the corner.
		return wrong && !strings.HasPrefix(name, "bce_") && name != "alt_leave_noenter"
	})
}

func TestTmuxGenerated(t *testing.T) {
	m := startTmux(t)
	m.noHistory = true
	differ(t, m, tmuxOmits, true, 400)
}

func TestTmuxHistory(t *testing.T) {
	omit := maps.Clone(tmuxOmits)
	maps.Copy(omit, tmuxHistoryOmits)
	differ(t, startTmux(t), omit, true, 200)
}

func TestTmuxRecordings(t *testing.T) {
	recordings(t, startTmux(t))
}
