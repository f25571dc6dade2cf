package ui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"nstui/ui/term"
)

func TestSearchKeys(t *testing.T) {
	s, _ := atScroll(t, 120, 36, numbered(100)+"\r\nLINE 100\r\n$ ")
	s.press("?", "l", "i", "n", "e")
	s.has("?line", "101 of 101") // capital letters are found too
	s.onText("LINE 100")
	s.press("enter", "n")
	s.has("100 of 101")
	s.onText("line 99")
	s.press("N", "N")
	s.has("1 of 101") // and on at the other end
	s.onText("line 0")
	s.has("SCROLLED BACK 69 of 69")
	s.press("/", "L", "I")
	s.has("1 of 1 ")
	s.press("esc") // everything is as it was
	s.has("1 of 101")
	s.onText("line 0")
	s.press("/", "enter") // the same, downwards
	s.onText("line 1")
	s.press("/")
	s.typeText("redis")
	s.has(`"redis" not found`)
	s.press("enter")
	s.has(`"redis" is nowhere in it`)
	s.press("n")
	s.has(`"redis" is nowhere in it`)
	s.press("k", "/")
	s.send(tea.PasteMsg{Content: "line 4\nx"})
	s.has("/line 4", "1 of 11")
	s.press("backspace", "backspace", "backspace", "backspace", "backspace", "backspace", "backspace")
	s.has("not found") // of before
	s.press("esc", "n")
	s.has("nothing is looked for")
	s.press("esc")
	s.hasNot("SCROLLED BACK")
}

// found returns what is found, each as it is highlighted: the cells of each row.
func found(b *scrollback) []string {
	var all []string
	for y := b.first(); y <= b.last(); y++ {
		for _, h := range b.find.highlights(y, b.term.Size().W) {
			all = append(all, fmt.Sprintf("%d:%d-%d %s", y-b.first(), h.From, h.To, b.term.TextBetween(y, h.From, h.To)))
		}
	}
	return all
}

func TestSearchFinds(t *testing.T) {
	for name, tt := range map[string]struct {
		width         int
		printed, text string
		want          []string
	}{
		"literal":           {20, "a.b axb [a.b]", "a.b", []string{"0:0-3 a.b", "0:9-12 a.b"}},
		"over a wrapped":    {5, "abcdefgh", "def", []string{"0:3-5 de", "1:0-1 f"}},
		"over three rows":   {2, "abcdefgh", "bcdef", []string{"0:1-2 b", "1:0-2 cd", "2:0-2 ef"}},
		"not over a line":   {20, "abc\r\ndef", "cd", nil},
		"wide":              {20, "ab世界cd", "界", []string{"0:4-5 界"}},
		"wide and wrapped":  {5, "abc世界cd", "世界c", []string{"0:3-5 世", "1:0-3 界c"}},
		"moved to the next": {4, "abc世", "c世", []string{"0:2-4 c", "1:0-1 世"}},
		"combining":         {20, "cafe\u0301 cafe", "cafe", []string{"0:0-4 cafe\u0301", "0:5-9 cafe"}},
		"only with a mark":  {20, "cafe\u0301 cafe", "e\u0301", []string{"0:3-4 e\u0301"}},
		"capitals of Greek": {20, "ΣΊΣΥΦΟΣ x", "σίσυ", []string{"0:0-4 ΣΊΣΥ"}},
		"longer in small":   {20, "ȺȾ İx", "ⱥⱦ", []string{"0:0-2 ȺȾ"}},
		"behind longer":     {20, "ȺȾȺ abc", "abc", []string{"0:4-7 abc"}},
		"exactly":           {20, "Ab ab AB", "Ab", []string{"0:0-2 Ab"}},
		"blanks written":    {20, "a  b   \r\nc", "a  b", []string{"0:0-4 a  b"}},
		"no more than once": {20, "aaaaa", "aa", []string{"0:0-2 aa", "0:2-4 aa"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := &scrollback{term: term.New(term.Size{W: tt.width, H: 4}, term.Options{})}
			if _, err := b.term.Write([]byte(tt.printed)); err != nil {
				t.Fatal(err)
			}
			for b.newFinding(tt.text, false, point{}); !b.find.done; {
				b.search(1)
			}
			if got := found(b); strings.Join(got, "|") != strings.Join(tt.want, "|") {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}

// A search of many lines is done in parts, between which keys come. One that is over is not gone on with.
func TestSearchInParts(t *testing.T) {
	s, _ := atScroll(t, 120, 36, numbered(10_000))
	s.press("/")
	var parts []tea.Msg
	for _, key := range []string{"l", "i", "n", "e"} {
		_, cmd := s.m.Update(keyOf(key))
		parts = append(parts, messagesOf(cmd)...)
	}
	s.has("found, searching")
	for _, msg := range parts {
		s.send(msg)
	}
	s.has("of 10000")
	s.hasNot("searching")
	if n := len(s.look().find.hits); n != 10_000 {
		t.Errorf("%d hits", n)
	}
}

// A search that is not over is gone on with when one goes back to it, also if its turn came while
// something else was looked for.
func TestSearchGoesOn(t *testing.T) {
	s, _ := atScroll(t, 120, 36, numbered(10_000))
	s.press("/")
	s.m.Update(tea.PasteMsg{Content: "line"})
	_, cmd := s.m.Update(keyOf("enter"))
	if cmd != nil {
		t.Fatal("somebody else goes on with it")
	}
	old := s.look().find
	s.m.Update(keyOf("/"))
	s.m.Update(keyOf("x"))
	s.m.Update(findMsg{s.m.shellShown(), old})
	s.press("esc")
	s.has("of 10000")
	s.hasNot("searching")
}

// After a change of size while one types, what was found before is found where it is now, and what is
// typed is looked for from where the cursor is now.
func TestSearchResizes(t *testing.T) {
	for name, keys := range map[string][]string{"cancelled": {"esc"}, "the same": {"enter"}, "typed first": {"x", "backspace", "esc"}} {
		t.Run(name, func(t *testing.T) {
			s, _ := atScroll(t, 120, 36, strings.Repeat(strings.Repeat("x", 100)+" needle\r\n", 60)+"$ ")
			s.press("?")
			s.typeText("needle")
			s.press("enter", "n", "/")
			s.send(tea.WindowSizeMsg{Width: 80, Height: 30})
			s.onText("needle")
			s.press(keys...)
			b := s.look()
			for _, h := range b.find.hits {
				if got := b.term.TextBetween(h.from.y, h.from.x, h.to.x); got != "needle" {
					t.Fatalf("it found %q at %v", got, h)
				}
			}
			if len(b.find.hits) != 60 {
				t.Errorf("%d are found", len(b.find.hits))
			}
			s.onText("needle")
		})
	}
	s, _ := atScroll(t, 120, 36, strings.Repeat(strings.Repeat("x", 100)+" one two\r\n", 60)+"$ ")
	s.press("g", "/")
	s.send(tea.WindowSizeMsg{Width: 80, Height: 30})
	s.typeText("two")
	s.has("1 of 60")
	s.press("backspace", "backspace", "backspace", "esc")
	if s.look().find != nil {
		t.Error("something is looked for that was not before")
	}
}

// messagesOf runs a command and what it is made of.
func messagesOf(cmd tea.Cmd) []tea.Msg {
	if cmd == nil {
		return nil
	}
	switch msg := cmd().(type) {
	case nil:
		return nil
	case tea.BatchMsg:
		var all []tea.Msg
		for _, cmd := range msg {
			all = append(all, messagesOf(cmd)...)
		}
		return all
	default:
		return []tea.Msg{msg}
	}
}

// What is found stands out on the screen, all of it, the one one is at in another way.
func TestSearchHighlights(t *testing.T) {
	s, _ := atScroll(t, 120, 36, "one two 世界 two\r\n# ")
	s.press("?", "t", "w", "o", "enter")
	content := s.m.View().Content
	for _, want := range []string{"\x1b[0;4;30;43mtwo", "\x1b[0;1;4;30;46mtwo"} {
		if strings.Count(content, want) != 1 {
			t.Errorf("%q is not there once", want)
		}
	}
	s.press("/")
	s.typeText("世")
	if !strings.Contains(s.m.View().Content, "\x1b[0;1;4;30;46m世\x1b[m界") {
		t.Error("the wide character does not stand out alone")
	}
}

// What is kept of what was found is bounded, however much a shell prints.
func TestSearchIsBounded(t *testing.T) {
	b := &scrollback{term: term.New(term.Size{W: 500, H: 4}, term.Options{})}
	if _, err := b.term.Write([]byte(strings.Repeat("a", 500*1000))); err != nil {
		t.Fatal(err)
	}
	for b.newFinding("a", true, point{}); !b.find.done; {
		b.search(100)
	}
	if n := len(b.find.hits); n < maxHits || n > 2*maxHits {
		t.Errorf("%d hits are kept", n)
	}
	b.goToHit(b.find.nearest(point{3, 499}, true, true))
	if !strings.Contains(b.find.words(), "of the last") {
		t.Errorf("it says %q", b.find.words())
	}
}
