package ui

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/term"
)

// recorded reads the only recording in the directory and returns its header and what a player shows at its
// end, on a screen of the size the recording has then.
func recorded(t *testing.T, dir string) (header map[string]any, screen *term.Terminal) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "nstui-*.cast"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the recordings are %q, %v", files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSuffix(b, []byte("\n")), []byte("\n"))
	if err := json.Unmarshal(lines[0], &header); err != nil {
		t.Fatal(err)
	}
	screen = term.New(term.Size{W: int(header["width"].(float64)), H: int(header["height"].(float64))}, term.Options{})
	for _, line := range lines[1:] {
		var e []any
		if err := json.Unmarshal(line, &e); err != nil || len(e) != 3 {
			t.Fatalf("%q: %v", line, err)
		}
		if e[1] == "o" {
			_, _ = screen.Write([]byte(e[2].(string)))
			continue
		}
		size, ok := strings.CutPrefix(e[2].(string), "80x")
		if e[1] != "r" || !ok || size != "22" {
			t.Fatalf("the event is %q", line)
		}
		screen.Resize(term.Size{W: 80, H: 22})
	}
	return header, screen
}

func TestRecord(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	s := atNginx(t, 120, 36)
	s.press("S")
	s.await("the shell runs", func() bool { return s.m.shellShown().session != nil })
	session := s.enterer.last()
	s.prints(session, "\x1b[31mbefore\x1b[m\r\n", "before")
	s.press("ctrl+]", "R")
	s.has("REC 0:00", "recording to nstui-nginx-")
	s.prints(session, "mean", "mean")
	s.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	s.has("REC")
	s.prints(session, "while\xff\r\n", "while")
	s.press("ctrl+]", "R")
	s.hasNot("REC")
	s.await("what was recorded is told", func() bool { return strings.Contains(s.text(), "recorded 0:00") })
	s.prints(session, "afterwards", "afterwards")

	header, screen := recorded(t, dir)
	env, _ := header["env"].(map[string]any)
	if header["title"] != "nginx all" || env["TERM"] != "xterm-256color" {
		t.Errorf("the header is %v", header)
	}
	if got := screen.Text(0) + "|" + screen.Text(1) + "|" + screen.Text(2); got != "before|meanwhile\ufffd|" {
		t.Errorf("played it shows %q", got)
	}
	if red := screen.Cell(0, 0).Style.FG; red.Index != 1 {
		t.Errorf("its first character is of colour %v", red)
	}
}

// A recording ends with the shell, and on quitting.
func TestRecordEnds(t *testing.T) {
	for name, end := range map[string]func(*shellScreen){
		"exit":  func(s *shellScreen) { s.enterer.last().exit(0) },
		"quit":  func(s *shellScreen) { s.m.closeShells() },
		"close": func(s *shellScreen) { s.m.dropShell(s.m.shellShown()) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			s := atNginx(t, 80, 24)
			s.press("S")
			s.await("the shell runs", func() bool { return s.m.shellShown().session != nil })
			s.press("ctrl+]", "R")
			recorder := s.m.shellShown().recording.recorder
			s.prints(s.enterer.last(), "the last words", "the last words")
			end(s)
			if name == "exit" {
				s.await("the shell has ended", func() bool { return s.m.shellShown().ended != nil })
			}
			if res := recorder.Wait(); res.Err != nil {
				t.Fatal(res.Err)
			}
			if _, screen := recorded(t, dir); screen.Text(0) != "the last words" {
				t.Errorf("played it shows %q", screen.Text(0))
			}
		})
	}
}

// A file without as much as the header does not stay.
func TestRecordEmpty(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range map[string]string{"empty.cast": "", "header.cast": "{}\n"} {
		file, err := (&recording{path: make(chan string, 1)}).create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}
	if files, err := filepath.Glob("*"); err != nil || len(files) != 1 || files[0] != "header.cast" {
		t.Errorf("there are the files %q, %v", files, err)
	}
}

func TestRecordFails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	s := atNginx(t, 120, 36)
	s.press("S")
	s.await("the shell runs", func() bool { return s.m.shellShown().session != nil })
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	s.press("ctrl+]", "R")
	s.await("it is told", func() bool { return strings.Contains(s.text(), "nothing was recorded: ") })
	s.hasNot("REC")
	s.prints(s.enterer.last(), "goes on", "goes on")
	s.enterer.last().exit(0)
	s.await("the shell has ended", func() bool { return s.m.shellShown().ended != nil })
	s.press("ctrl+]", "R")
	s.has("it does not run any more")
}
