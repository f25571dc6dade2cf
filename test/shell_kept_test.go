package test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nstui/test/drive"
	"nstui/ui/term"
)

// What a shell prints is kept in all ways there are: recorded, also over a resize and while it has the whole
// terminal; in its history; and copied to the clipboard of the terminal around.
func TestWhatAShellPrintsIsKept(t *testing.T) {
	t.Chdir(t.TempDir())
	s := shellOf(t, webServer(t))
	s.send(drive.Prefix + "R")
	s.wait("recording to nstui-")
	// Before it has the terminal: bubbletea looks for a new size in two goroutines at once once it has the
	// terminal back, and notes it in fields that are not guarded, nor read.
	if err := s.Resize(term.Size{W: 110, H: 30}); err != nil {
		t.Fatal(err)
	}
	s.waitFor("the new size", func(v drive.View) bool { return strings.HasPrefix(v.Text(29), "┗") })
	s.send(drive.Prefix + "f")
	s.gone("INSIDE")
	s.send("seq -f 'line %g' 300; read reply; echo got $reply" + drive.Enter)
	s.wait("line 300")
	s.send("typed over" + drive.Prefix + "f") // the end of it comes in the pane
	s.wait("INSIDE", "line 300", "typed over")
	s.send(" there" + drive.Enter)
	s.wait("got typed over there")

	var want strings.Builder
	for i := range 300 {
		fmt.Fprintf(&want, "line %d\n", i+1)
	}
	want.WriteString("typed over there\ngot typed over there")
	s.send(drive.Prefix + "[")
	s.wait("SCROLLED BACK")
	s.Look(func(v drive.View) { v.TakeEvents() })
	s.send("y")
	s.wait("everything")
	s.send("a")
	s.wait("sent everything to the clipboard")
	s.waitFor("the text in the clipboard", func(v drive.View) bool {
		return slices.ContainsFunc(v.TakeEvents(), func(e term.Event) bool {
			return e.Kind == term.EventClipboard && strings.Contains(e.Text, want.String())
		})
	})
	s.send("q")
	s.gone("SCROLLED BACK")

	s.send(drive.Prefix + "R")
	s.wait("recorded ")
	files, err := filepath.Glob("nstui-*.cast")
	if err != nil || len(files) != 1 {
		t.Fatalf("recordings: %q, %v", files, err)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode() != 0o600 {
		t.Errorf("the recording is %v, %v", info, err)
	}
	replayed := replay(t, files[0])
	var all []string
	for y := -replayed.HistoryLen(); y < replayed.Size().H; y++ {
		all = append(all, replayed.Text(y))
	}
	if !strings.Contains(strings.Join(all, "\n"), want.String()) {
		t.Errorf("the recording shows %q", all)
	}
	s.send("exit" + drive.Enter)
	s.back("exited 0")
	s.send("q")
	s.exit(0)
}
