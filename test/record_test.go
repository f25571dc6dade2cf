//go:build record

package test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"nstui/ui/term"
)

// step is what is typed, and what stands on the screen once it has been done.
type step struct{ keys, text string }

// recorded are the programs of which ui/term has recordings.
var recorded = map[string]struct {
	command string
	steps   []step
}{
	"vim": {"vim -u NONE -i NONE -N --cmd 'set ruler hlsearch' poem.txt", []step{
		{"", "poem.txt"},
		{"oa new line\x1b", "a new line"},
		{"yy3p:set number\r", "  1 "},
		{"/line\r", "/line"},
		{":split\r\x17j\x06", "poem.txt [+]"},
		{"V5jd:syntax on\r", "syntax on"},
	}},
	"man": {"man -P less ls", []step{
		{"", "Manual page"},
		{"  ", "Manual page"},
		{"/sort\r", "sort"},
		{"nb-i\r", "sort"},
	}},
	"htop": {"htop -d 200", []step{
		{"", "F10"},
		{"\x1bOP", "Arrows"},
		{"q\x1bOQ", "Screens"},
		{"\x1bOB\x1bOB\x1bOC\x1bOB", "Screens"},
	}},
	"nano": {"nano -I -l poem.txt", []step{
		{"", "Read File"},
		{"first 日本 line\r", "日本"},
		{"\x0b\x0b\x15\x15", "first"},
		{"\x17line\r", "line"},
		{"\x07", "Main nano help text"},
	}},
	"mc": {"mc -u /usr/share/perl5 /usr/share/perl5", []step{
		{"", "10Quit"},
		{"\x1bOB\x1bOB\x1b[2~\x1bOB", "10Quit"},
		{"\x1b9", "Options"},
		{"\x1bOB", "Listing format"},
	}},
	"dialog": {"dialog --title Choice --checklist 'What it is' 15 50 5 one 'the first' on two second off three '日本語' off", []step{
		{"", "Cancel"},
		{"\x1bOB \x1bOB ", "Cancel"},
		{"\t", "Cancel"},
	}},
	"tmux": {"tmux -S socket -f /dev/null new -s recorded \"PS1='$ ' sh\"", []step{
		{"", "[recorded]"},
		{"seq 40\r", "40"},
		{"\x02%", "[recorded]"},
		{"\x02\"", "[recorded]"},
		{"echo '日本語 text'\r", "日本語"},
		{"\x02w", "(0)"},
	}},
}

const poem = `The wind has bound the heather down,
	and tabs are in this line;
über allen Gipfeln ist Ruh,
日本語の行もあります
and one that is too long for a window of eighty columns, so that every program has to say what it makes of it

the end of the text
`

// TestRecord records these programs into the folder that RECORD names: what each wrote (raw), the size of its
// terminal (raw.size) and where to look (cps.json). With ui/term/testdata/live as the folder, what is to be seen there
// is then filled in by
//
//	go test ./ui/term -tags tmux,xtermjs -run TmuxAndXtermJSRecordings -update
//
// It needs root: a program sees a host of its own.
func TestRecord(t *testing.T) {
	folder, err := filepath.Abs(os.Getenv("RECORD"))
	if err != nil || os.Getenv("RECORD") == "" {
		t.Fatalf("RECORD names no folder: %v", err)
	}
	for name, r := range recorded {
		t.Run(name, func(t *testing.T) {
			raw, points := record(t, r.command, r.steps)
			into := filepath.Join(folder, name)
			if err := os.MkdirAll(into, 0o755); err != nil {
				t.Fatal(err)
			}
			list, err := json.Marshal(points)
			if err != nil {
				t.Fatal(err)
			}
			for file, content := range map[string][]byte{"raw": raw, "raw.size": []byte("0 80 24\n"), "cps.json": append(list, '\n')} {
				if err := os.WriteFile(filepath.Join(into, file), content, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// point is a place in a recording.
type point struct {
	Off   int
	Label string
}

// record runs a command and returns what it wrote until the last step was done.
func record(t *testing.T, command string, steps []step) (raw []byte, points []point) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "poem.txt"), []byte(poem), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("unshare", "--uts", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "sh", "-c", "hostname h; exec "+command)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "TZ=UTC", "HOME=" + dir, "SHELL=/bin/sh"}
	master, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill() // and with it all it has started
		_ = cmd.Wait()
		_ = master.Close()
	}()
	pieces := make(chan []byte)
	go func() {
		defer close(pieces)
		for {
			buf := make([]byte, 4096)
			n, err := master.Read(buf)
			if err != nil {
				return
			}
			pieces <- buf[:n]
		}
	}()
	screen := term.New(term.Size{W: 80, H: 24}, term.Options{})
	for i, s := range steps {
		if _, err := master.WriteString(s.keys); err != nil {
			t.Fatal(err)
		}
		// A step is done once its text is there and the program has nothing more to say.
		late := time.After(patience / 4)
		for quiet := false; !quiet; {
			select {
			case piece, ok := <-pieces:
				if !ok {
					t.Fatalf("it ended after %q:\n%s", s.keys, text(screen))
				}
				raw = append(raw, piece...)
				_, _ = screen.Write(piece)
				if _, err := master.Write(screen.TakeReplies()); err != nil {
					t.Fatal(err)
				}
			case <-time.After(time.Second):
				quiet = strings.Contains(text(screen), s.text)
			case <-late:
				t.Fatalf("%q is not there after %q:\n%s", s.text, s.keys, text(screen))
			}
		}
		points = append(points, point{Off: len(raw), Label: strconv.Itoa(i)})
	}
	return raw, points
}

// text returns what stands on a screen.
func text(screen *term.Terminal) string {
	var b strings.Builder
	for y := range screen.Size().H {
		b.WriteString(screen.Text(y) + "\n")
	}
	return b.String()
}
