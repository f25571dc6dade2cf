package ui

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/term"
	"nstui/ui/text"
)

func TestSelectAndCopy(t *testing.T) {
	printed := "first line  \r\n" + strings.Repeat("0123456789", 15) + " wrapped\r\n世界 wide\r\n\r\n  end of it\r\n# "
	for name, tt := range map[string]struct {
		keys []string
		want string
	}{
		"a character":      {[]string{"g", "v", "y"}, "f"},
		"characters":       {[]string{"g", "v", "w", "y"}, "first l"},
		"backwards":        {[]string{"g", "$", "v", "b", "y"}, "line"},
		"to another line":  {[]string{"g", "w", "v", "j", "y"}, "line\n0123456"},
		"over a wrapped":   {[]string{"g", "j", "v", "$", "y"}, strings.Repeat("0123456789", 15) + " wrapped"},
		"the other end":    {[]string{"g", "w", "v", "$", "o", "0", "y"}, "first line"},
		"lines":            {[]string{"g", "V", "j", "y"}, "first line\n" + strings.Repeat("0123456789", 15) + " wrapped"},
		"from a lower row": {[]string{"g", "j", "j", "V", "y"}, strings.Repeat("0123456789", 15) + " wrapped"},
		"wide":             {[]string{"g", "j", "j", "j", "v", "l", "y"}, "世界"},
		"half of a wide":   {[]string{"g", "l", "j", "j", "j", "v", "y"}, "世"},
		"block":            {[]string{"g", "l", "ctrl+v", "j", "j", "j", "l", "l", "y"}, "irst\n1234\n9012\n世界"},
		"shape is changed": {[]string{"g", "v", "w", "V", "y"}, "first line"},
		"the line":         {[]string{"g", "j", "j", "Y"}, strings.Repeat("0123456789", 15) + " wrapped"},
		"and leaves":       {[]string{"g", "v", "e", "enter"}, "first"},
		"an empty line":    {[]string{"g", "V", "j", "j", "j", "j", "j", "y"}, "first line\n" + strings.Repeat("0123456789", 15) + " wrapped\n世界 wide\n\n  end of it"},
		"the line by menu": {[]string{"g", "y", "l"}, "first line"},
		"the page":         {[]string{"y", "p"}, "first line\n" + strings.Repeat("0123456789", 15) + " wrapped\n世界 wide\n\n  end of it\n#"},
		"everything":       {[]string{"y", "a"}, "first line\n" + strings.Repeat("0123456789", 15) + " wrapped\n世界 wide\n\n  end of it\n#"},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := atScroll(t, 120, 36, printed)
			s.press(tt.keys...)
			if s.clipboard != tt.want {
				t.Errorf("copied %q, want %q", s.clipboard, tt.want)
			}
			s.has("to the clipboard, if the terminal allows that: ")
			s.m.toasts.dismiss()
			s.hasNot("SELECTING")
			if left := s.m.shellShown().scroll == nil; left != (name == "and leaves") {
				t.Errorf("left: %v", left)
			}
		})
	}
}

// From the shell the screen is copied as one line where it was wrapped, and without what is around it.
func TestCopyTheScreen(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.press("n")
	s.prints(s.enterer.last(), numbered(100)+strings.Repeat("x", 150), "xxx")
	s.press("ctrl+]", "y")
	if want := "line 68\n"; !strings.HasPrefix(s.clipboard, want) || !strings.HasSuffix(s.clipboard, "line 99\n# "+strings.Repeat("x", 150)) {
		t.Errorf("copied %q", s.clipboard)
	}
	s.has("sent the screen to the clipboard, if the terminal allows that: 33 lines, ")
}

// What is more than terminals take is offered as a file.
func TestCopyTooMuch(t *testing.T) {
	t.Chdir(t.TempDir())
	s, _ := atScroll(t, 120, 36, numbered(9000))
	s.press("y", "a")
	s.has("9001 lines", "is more than some terminals take", "save it in a file")
	if s.clipboard != "" {
		t.Error("it was sent all the same")
	}
	s.press("s")
	s.has("save everything in nstui-nginx-net-2")
	for range 40 {
		s.press("backspace")
	}
	s.typeText("out.txt")
	s.press("enter")
	s.has("saved everything in out.txt: 9001 lines")
	got, err := os.ReadFile("out.txt")
	if err != nil || !strings.HasPrefix(string(got), "line 0\nline 1\n") || !strings.HasSuffix(string(got), "line 8999\n#\n") {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	s.press("y", "a", "y")
	if len(s.clipboard) < 50_000 {
		t.Errorf("sent %d bytes", len(s.clipboard))
	}
}

// Nothing asks unseen: the text may have been read only after one has gone on to something else.
func TestSaveTooLate(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		save bool
		want string
	}{
		"a file":    {"text", true, "everything: not saved, as the keyboard has gone elsewhere"},
		"much text": {strings.Repeat("x", maxClipboard+1), false, "everything: not sent, as the keyboard has gone elsewhere"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, keys := range [][]string{{"ctrl+]", "d"}, {"/"}, {"f1"}} {
				s, _ := atScroll(t, 120, 36, numbered(100))
				msg := copiedMsg{what: "everything", text: tt.text, shell: s.m.shellShown(), save: tt.save}
				s.press(keys...)
				top := s.m.top()
				s.send(msg)
				if s.m.top() != top {
					t.Errorf("after %q it opened a %T", keys, s.m.top())
				}
				s.has(tt.want)
			}
		})
	}
}

// A file that is there already is left as it is, and another name can be typed.
func TestSaveAgain(t *testing.T) {
	t.Chdir(t.TempDir())
	s, _ := atScroll(t, 120, 36, "some words\r\n# ")
	for _, name := range []string{"a", "b"} {
		if name == "b" {
			s.press("g", "s", "l", "a", "enter")
			s.has("save to a: file exists")
			s.press("backspace")
		} else {
			s.press("g", "V", "s")
		}
		s.press(name, "enter")
		s.has("saved the ", " in "+name+": 10 characters")
		if got, err := os.ReadFile(name); string(got) != "some words\n" || err != nil {
			t.Errorf("%s has %q, %v", name, got, err)
		}
	}
	s.press("s", "l", "esc")
	s.has("SCROLLED BACK")
}

func TestCreateFile(t *testing.T) {
	dir := t.TempDir()
	outside := t.TempDir()
	for _, err := range []error{
		os.Mkdir(filepath.Join(dir, "sub"), 0o700),
		os.WriteFile(filepath.Join(dir, "there"), []byte("kept"), 0o600),
		os.Symlink(filepath.Join(outside, "target"), filepath.Join(dir, "dangling")),
		os.Symlink(filepath.Join(dir, "there"), filepath.Join(dir, "link")),
		os.Symlink(outside, filepath.Join(dir, "way-out")),
		os.Symlink("sub", filepath.Join(dir, "inner")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]error{
		"new": nil, "sub/new": nil, "./sub/../new2": nil, filepath.Join(dir, "absolute"): nil, "odd\nname": nil,
		"there": fs.ErrExist, "dangling": fs.ErrExist, "link": fs.ErrExist, "sub": fs.ErrExist,
		"way-out/x": errSymlink, "inner/x": errSymlink,
		"": fs.ErrExist, "../x": errOutside, filepath.Join(outside, "x"): errOutside, "sub/../../x": errOutside,
		"missing/x": fs.ErrNotExist, "there/x": syscall.ENOTDIR,
	} {
		err := saveFile(dir, name, "text")
		if !errors.Is(err, want) || want != nil && !strings.HasPrefix(err.Error(), "save to "+name+": ") {
			t.Errorf("%q: %v, want %v", name, err, want)
		}
		if want != nil {
			continue
		}
		path := name
		if !filepath.IsAbs(name) {
			path = filepath.Join(dir, name)
		}
		info, err := os.Lstat(path)
		if err != nil || info.Mode() != 0o600 || info.Size() != 4 {
			t.Errorf("%q: %v, %v", name, info, err)
		}
	}
	if kept, err := os.ReadFile(filepath.Join(dir, "there")); string(kept) != "kept" || err != nil {
		t.Errorf("the file that was there has %q, %v", kept, err)
	}
	if left, err := os.ReadDir(outside); len(left) != 0 || err != nil {
		t.Errorf("outside there is %v, %v", left, err)
	}
}

// atMouse is a shell with the mouse taken, and where its first cell is.
func atMouse(t *testing.T, printed string) (*shellScreen, int, int) {
	t.Helper()
	s, _ := atScroll(t, 120, 36, printed)
	s.m.config.Mouse = true
	s.press("q")
	p := s.m.shellLayout().Pane
	return s, p.X, p.Y
}

func TestMouseSelects(t *testing.T) {
	s, x, y := atMouse(t, "some words in a line\r\nsee https://go.dev/a?b=1, and\r\n"+strings.Repeat("w", 130)+"\r\n# ")
	s.sendAll(click(x+5, y), release(x+5, y))
	if s.clipboard != "" || s.m.shellShown().scroll != nil {
		t.Error("a click has selected something")
	}
	s.sendAll(click(x+9, y), drag(x+6, y), drag(x+5, y))
	s.has("SELECTING CHARACTERS")
	s.send(release(x+5, y))
	if s.clipboard != "words" || s.m.shellShown().scroll != nil {
		t.Errorf("copied %q, scrolled back %v", s.clipboard, s.m.shellShown().scroll != nil)
	}
	s.has("sent the selection to the clipboard, if the terminal allows that: 5 characters")
	for clicks, want := range []string{"", "https://go.dev/a?b=1,", "see https://go.dev/a?b=1, and", ""} {
		s.clipboard = ""
		s.sendAll(click(x+8, y+1), release(x+8, y+1))
		if got := strings.TrimSuffix(s.clipboard, ","); got != strings.TrimSuffix(want, ",") {
			t.Errorf("click %d copied %q, want %q", clicks+1, got, want)
		}
	}
	s.sendAll(click(x, y+2), release(x, y+2), click(x, y+2), release(x, y+2))
	if s.clipboard != strings.Repeat("w", 130) {
		t.Errorf("a word over two rows: %q", s.clipboard)
	}
	shifted := tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft, Mod: tea.ModShift}
	s.clipboard = ""
	s.sendAll(shifted, tea.MouseMotionMsg{X: x + 4, Y: y, Button: tea.MouseLeft, Mod: tea.ModShift}, tea.MouseReleaseMsg{X: x + 4, Y: y, Button: tea.MouseLeft, Mod: tea.ModShift})
	if s.clipboard != "" {
		t.Errorf("with shift it copied %q", s.clipboard)
	}
}

// The view scrolls while the pointer is held at an edge, until it moves away or the button is let go.
func TestMouseScrollsAtTheEdge(t *testing.T) {
	s, x, y := atMouse(t, numbered(100))
	s.sendAll(click(x+3, y+1), drag(x+2, y), drag(x, y-1))
	view := s.m.shells.view
	for range 3 {
		s.send(dragMsg{view.drag.era})
	}
	s.has("SCROLLED BACK 3 of")
	s.send(dragMsg{view.drag.era - 1}) // of before it moved
	s.has("SCROLLED BACK 3 of")
	s.send(drag(x, y+5))
	s.send(dragMsg{view.drag.era})
	s.has("SCROLLED BACK 3 of")
	s.sendAll(drag(x, y-1), dragMsg{view.drag.era + 1})
	s.send(dragMsg{view.drag.era})
	s.send(release(x, y-1))
	if got := strings.Count(s.clipboard, "\n"); got != 6 || !strings.HasPrefix(s.clipboard, "line 62\n") {
		t.Errorf("copied %q", s.clipboard)
	}
	s.send(dragMsg{view.drag.era})
	s.m.toasts.dismiss()
	s.has("SCROLLED BACK 5 of", "q back")
	s.press("y", "esc", "q")
	s.hasNot("SCROLLED BACK")
}

// What was opened before the drag stays open after it.
func TestMouseInTheScrollback(t *testing.T) {
	s, x, y := atMouse(t, numbered(100))
	s.press("ctrl+]", "[", "g")
	s.sendAll(click(x, y), drag(x+3, y+1), release(x+3, y+1))
	if s.clipboard != "line 0\nline" {
		t.Errorf("copied %q", s.clipboard)
	}
	s.m.toasts.dismiss()
	s.has("SCROLLED BACK 67 of")
	s.sendAll(click(x+5, y+3), release(x+5, y+3))
	s.onText("3")
}

// A key after a drag is for the shell only if one does not look back any more: who does types y, q or esc
// for the scrollback, and a shell would run what comes of it.
func TestKeysAfterADrag(t *testing.T) {
	s := atNginx(t, 120, 36)
	s.m.config.Mouse = true
	s.press("n")
	session := s.enterer.last()
	s.says(session, numbered(100))
	p := s.m.shellLayout().Pane
	x, y := p.X, p.Y
	keys := func() {
		t.Helper()
		s.m.toasts.dismiss()
		s.has("SCROLLED BACK", "q back")
		s.press("n", "V", "y", "q")
		s.m.toasts.dismiss()
		s.hasNot("SCROLLED BACK")
	}
	s.sendAll(wheel(x, y, tea.MouseWheelUp), click(x, y), drag(x+3, y+1), release(x+3, y+1))
	keys()
	s.sendAll(wheel(x, y, tea.MouseWheelUp), click(x, y), release(x, y), click(x, y), release(x, y))
	keys()
	s.sendAll(click(x, y), drag(x+3, y+1))
	s.press("y")
	s.send(release(x+3, y+1))
	keys()
	s.sendAll(click(x, y), drag(x+3, y+1), release(x+3, y+1))
	s.press("z")
	if got := session.got(t, "z"); got != "z" {
		t.Errorf("the shell was sent %q", got)
	}
}

// A double click takes an address whole, and of a sentence no more than the word.
func TestWords(t *testing.T) {
	vt := term.New(term.Size{W: 100, H: 3}, term.Options{})
	for _, tt := range []struct{ line, at, want string }{
		{"see https://en.wikipedia.org/wiki/Go_(language)_(x) now", "wiki/", "https://en.wikipedia.org/wiki/Go_(language)_(x)"},
		{"see https://en.wikipedia.org/wiki/Go_(language) now", "(lang", "https://en.wikipedia.org/wiki/Go_(language)"},
		{"(see https://en.wikipedia.org/wiki/Go_(language)).", "Go_", "https://en.wikipedia.org/wiki/Go_(language)"},
		{"<http://[::1]:8080/a;b=1,2!x>, and", "a;b", "http://[::1]:8080/a;b=1,2!x"},
		{"(see https://go.dev).", "(see", "("},
		{"(see https://go.dev).", "see", "see"},
		{"(see https://go.dev).", ").", ")"},
		{"ls: /etc/hosts: no such file", "hosts", "/etc/hosts"},
		{"ls: /etc/hosts: no such file", ": no", ":"},
		{"it ended.", "ended", "ended"},
		{"cd ../.. now", "../", "../.."},
		{"main.go:12:3: message", "main", "main.go:12:3"},
		{"sha256:9f2c-61_d0@x#y%z", "9f2", "sha256:9f2c-61_d0@x#y%z"},
		{"naïve 世界,x", "ve", "naïve"},
		{"naïve 世界,x", "界", "世界"},
		{"a  b", "  b", " "},
	} {
		if _, err := vt.Write([]byte("\x1bc" + tt.line)); err != nil {
			t.Fatal(err)
		}
		b := &scrollback{term: vt}
		before, _, _ := strings.Cut(tt.line, tt.at)
		x := text.Width(before)
		if vt.Cell(x+1, 0).Width == 0 {
			x++ // its other half does, too
		}
		r := b.word(point{0, x})
		if got := vt.TextBetween(0, r.from.x, r.to.x+1); strings.TrimRight(got, " ") != strings.TrimRight(tt.want, " ") {
			t.Errorf("%q at %q: %q, want %q", tt.line, tt.at, got, tt.want)
		}
	}
}

func TestLinks(t *testing.T) {
	vt := term.New(term.Size{W: 40, H: 8}, term.Options{})
	printed := "see http://a.example/x. (or http://b.example/(y)) http://a.example/x\r\n" +
		"\x1b]8;;https://evil.example/\x07https://bank.example\x1b]8;;\x07 \x1b]8;id=1;file:///etc/motd\x07motd\x1b]8;;\x07\r\n" +
		"http://c.example/" + strings.Repeat("long", 20) + " <HTTP://D.EXAMPLE>, x://nothing :// [ssh://e]\r\n" +
		"http:// \x1b]8;;https://evil.example/\x07again\x1b]8;;\x07"
	if _, err := vt.Write([]byte(printed)); err != nil {
		t.Fatal(err)
	}
	long := "http://c.example/" + strings.Repeat("long", 20)
	want := [][2]string{ // with what they are shown as
		{"https://evil.example/", "again"},
		{"ssh://e", "ssh://e"},
		{"HTTP://D.EXAMPLE", "HTTP://D.EXAMPLE"},
		{long, long},
		{"file:///etc/motd", "motd"},
		{"http://a.example/x", "http://a.example/x"},
		{"http://b.example/(y)", "http://b.example/(y)"},
	}
	got := linksIn(vt)
	if len(got) != len(want) {
		t.Fatalf("%d links: %+v", len(got), got)
	}
	for i := range want {
		if got[i].target != want[i][0] || got[i].shown != want[i][1] {
			t.Errorf("link %d is %+v, want %q", i, got[i], want[i])
		}
	}
}

// What is marked as a link and what looks like one stand in one order, and what overlaps counts once. Of
// a paragraph that is full of them the newest are kept.
func TestLinksAmongAddresses(t *testing.T) {
	mark := func(target, shown string) string { return "\x1b]8;;" + target + "\x07" + shown + "\x1b]8;;\x07" }
	var many strings.Builder
	newest := []string{"m:a"}
	for i := range 5 * maxLinks {
		fmt.Fprintf(&many, "s3://%d "+mark("m:a", "a")+" ", i)
		newest = append(newest, fmt.Sprintf("s3://%d", 5*maxLinks-1-i))
	}
	for name, tt := range map[string]struct {
		printed string
		want    []string
	}{
		"by turns":  {"s3://a " + mark("m:b", "b") + " s3://c s3://d " + mark("m:e", "e") + mark("m:f", "f") + " s3://g", []string{"s3://g", "m:f", "m:e", "s3://d", "s3://c", "m:b", "s3://a"}},
		"first":     {mark("m:a", "s3") + "://a s3://b", []string{"s3://b", "m:a"}},
		"inside":    {"s3://" + mark("m:a", "a") + "b" + mark("m:c", "c") + "d s3://e", []string{"s3://e", "m:c", "m:a"}},
		"last":      {"s3://ab" + mark("m:a", "c") + " x", []string{"m:a"}},
		"over two":  {"x " + mark("m:a", "s3://a s3://b") + " s3://c", []string{"s3://c", "m:a"}},
		"next to":   {mark("m:a", "x") + " s3://a, " + mark("m:b", "y"), []string{"m:b", "s3://a", "m:a"}},
		"very many": {many.String(), newest[:maxLinks]},
	} {
		t.Run(name, func(t *testing.T) {
			vt := term.New(term.Size{W: 200, H: 8}, term.Options{})
			if _, err := vt.Write([]byte(tt.printed)); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, l := range linksIn(vt) {
				got = append(got, l.target)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%d links: %q, want %d: %q", len(got), got[:min(len(got), 8)], len(tt.want), tt.want[:min(len(tt.want), 8)])
			}
		})
	}
}

// BenchmarkLinks looks for links in a paragraph that is full of them.
func BenchmarkLinks(b *testing.B) {
	vt := term.New(term.Size{W: 200, H: 50}, term.Options{})
	for range 1000 * 200 / 7 {
		for i, c := range []byte("s3://a ") {
			_, _ = fmt.Fprintf(vt, "\x1b]8;;a:%d\x07%c", i%2, c)
		}
	}
	for b.Loop() {
		if n := len(linksIn(vt)); n != 2 {
			b.Fatalf("%d links", n)
		}
	}
}

func TestLinksOfAShell(t *testing.T) {
	s, _ := atScroll(t, 120, 36, "http://a.example \x1b]8;;http://\u202eevil.example/"+strings.Repeat("x", 300)+"\x07https://bank.example\x1b]8;;\x07\r\n# ")
	s.press("q", "ctrl+]", "u")
	s.has("http://evil.example/xxx", "but shown as https://bank.example")
	s.typeText("a.ex")
	s.press("enter")
	if s.clipboard != "http://a.example" {
		t.Errorf("copied %q", s.clipboard)
	}
	s, _ = atScroll(t, 120, 36, "nothing here")
	s.press("u")
	s.has("there are no links in it")
}

// The name of a file about a shell has nothing in it that a path or a terminal would take for its own.
func TestFileName(t *testing.T) {
	at := time.Date(2026, 11, 22, 6, 35, 1, 0, time.UTC)
	for label, want := range map[string]string{
		"nginx net":              "nstui-nginx-net-20261122-063501.cast",
		"nginx net/../\x1b[31mü": "nstui-nginx-net-..-31m-20261122-063501.cast",
		strings.Repeat("a", 60):  "nstui-" + strings.Repeat("a", 40) + "-20261122-063501.cast",
	} {
		if got := fileName(label, at, ".cast"); got != want {
			t.Errorf("%q: %q, want %q", label, got, want)
		}
	}
}
