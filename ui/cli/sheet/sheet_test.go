package sheet

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"
)

// listing returns a table like that of lsns(8): what is expected of it below was written by lsns 2.38.1
// for namespaces with these names and numbers.
func listing() *Sheet {
	s := &Sheet{
		Name: "namespaces",
		Columns: []Column{
			{Name: "NS", Hint: 10, Flags: Right, Type: Number},
			{Name: "TYPE", Hint: 5},
			{Name: "PID", Hint: 5, Flags: Right, Type: Number},
			{Name: "NSFS", Flags: Wrap},
			{Name: "COMMAND", Flags: Trunc | Tree},
		},
	}
	first := s.Add(NoParent, []string{"4026531833", "net", "1", "", "bash lab"})
	s.Add(first, []string{"4026532183", "net", "4", "", "we\x1b[31mird\nx\\y\"é 1000"})
	s.Add(NoParent, []string{"4026532252", "net", "8", "", "sleep 1001"})
	third := s.Add(first, []string{"4026532393", "net", "11", "/mnt/b\x00/mnt/c", "sleep 1005"})
	s.Add(third, []string{"4026532394", "net", "", "", ""})
	return s
}

func printed(t *testing.T, s *Sheet) string {
	t.Helper()
	var out bytes.Buffer
	if err := s.Print(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func check(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.TrimPrefix(want, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", strings.ReplaceAll(got, " ", "·"), strings.ReplaceAll(want, " ", "·"))
	}
}

func TestAligned(t *testing.T) {
	check(t, printed(t, listing()), `
        NS TYPE PID NSFS   COMMAND
4026531833 net    1        bash lab
4026532183 net    4        ├─we\x1b[31mird\x0ax\y"é 1000
4026532393 net   11 /mnt/b └─sleep 1005
                    /mnt/c   │ 
4026532394 net               └─
4026532252 net    8        sleep 1001
`)
}

func TestASCII(t *testing.T) {
	s := listing()
	s.ASCII, s.NoHeadings = true, true
	check(t, printed(t, s), `
4026531833 net    1        bash lab
4026532183 net    4        |-we\x1b[31mird\x0ax\y"\xc3\xa9 1000
4026532393 net   11 /mnt/b `+"`"+`-sleep 1005
                    /mnt/c   | 
4026532394 net               `+"`"+`-
4026532252 net    8        sleep 1001
`)
}

// A hint counts only if no cell is narrower than the heading.
func TestHint(t *testing.T) {
	s := listing()
	s.Columns[2].Flags = 0
	s.rows[0].cells[2] = "123"
	check(t, strings.SplitN(printed(t, s), "\n", 2)[0]+"\n", "        NS TYPE PID   NSFS   COMMAND\n")
}

func TestCutToTheTerminal(t *testing.T) {
	for width, want := range map[int]string{
		200: "├─we\\x1b[31mird\\x0ax\\y\"é 1000\n",
		40:  "├─we\\x1b[31mi\n",
		30:  "├─we\\x1\n", // as narrow as its heading and no narrower
	} {
		s := listing()
		s.Terminal = width
		if line := strings.SplitAfter(printed(t, s), "\n")[2]; !strings.HasSuffix(line, " "+want) {
			t.Errorf("in %d cells got %q, want %q at its end", width, line, want)
		}
	}
	s := listing()
	s.Columns[4].Flags, s.Columns[0], s.Columns[4] = Trunc, s.Columns[4], s.Columns[0]
	for i := range s.rows {
		c := s.rows[i].cells
		c[0], c[4] = c[4], c[0]
	}
	s.Columns[0].Flags, s.Columns[4].Flags = Trunc, Right
	s.Terminal = 36
	check(t, strings.Join(strings.SplitAfter(printed(t, s), "\n")[:3], ""), `
COMMAND   TYPE PID NSFS           NS
bash lab  net    1        4026531833
we\x1b[31 net    4        4026532183
`)
}

// Of several columns that may be cut the widest give way: a short one is not worn away by one long cell.
func TestTheWidestGiveWay(t *testing.T) {
	s := &Sheet{Name: "x", Terminal: 21, Columns: []Column{
		{Name: "A", Flags: Trunc}, {Name: "PID", Flags: Right}, {Name: "B", Flags: Wrap | Trunc, Type: List}, {Name: "C", Flags: Trunc},
	}}
	s.Add(NoParent, []string{"shop", "1", "net with " + strings.Repeat("x", 200) + Separator + "uts with web", strings.Repeat("y", 300)})
	s.Add(NoParent, []string{"web", "4183", "", "nginx"})
	check(t, printed(t, s), `
A     PID B     C
shop    1 net w yyyyy
          uts w 
web  4183       nginx
`)
}

// Names that begin alike are told apart by their ends, and what is missing is marked.
func TestCutInTheMiddle(t *testing.T) {
	s := &Sheet{Name: "x", Terminal: 19, Columns: []Column{{Name: "NAME", Flags: Trunc | Ends}, {Name: "PID", Flags: Right}}}
	s.Add(NoParent, []string{"shop/cart-7c9f8d6b5-x2x4z/cart", "8081"})
	s.Add(NoParent, []string{"shop/cart-7c9f8d6b5-x2x4z/sidecar", "8082"})
	s.Add(NoParent, []string{"web", "3"})
	want := `
NAME            PID
shop/ca…z/cart 8081
shop/ca…idecar 8082
web               3
`
	check(t, printed(t, s), want)
	s.ASCII = true
	check(t, printed(t, s), strings.ReplaceAll(want, "…", "~"))
}

// One long cell moves what is behind it, and nothing in other lines.
func TestOneLongCell(t *testing.T) {
	s := &Sheet{Name: "x", Columns: []Column{{Name: "NAME", Most: 6, Flags: Trunc}, {Name: "PID", Flags: Right}, {Name: "C"}}}
	for _, name := range []string{"web", "a-long-one", "cache1"} {
		s.Add(NoParent, []string{name, "1", "x"})
	}
	const want = `
NAME   PID C
web      1 x
a-long-one   1 x
cache1   1 x
`
	check(t, printed(t, s), want)
	s.Terminal, s.Columns[0].Flags = 12, 0
	check(t, printed(t, s), want)
	s.Columns[0].Flags = Trunc
	check(t, printed(t, s), `
NAME   PID C
web      1 x
a-long   1 x
cache1   1 x
`)
}

func TestRaw(t *testing.T) {
	s := listing()
	s.Format = Raw
	check(t, printed(t, s), `
NS TYPE PID NSFS COMMAND
4026531833 net 1  bash\x20lab
4026532183 net 4  \xe2\x94\x9c\xe2\x94\x80we\x1b[31mird\x0ax\x5cy"\xc3\xa9\x201000
4026532393 net 11 /mnt/b\x0a/mnt/c \xe2\x94\x94\xe2\x94\x80sleep\x201005
4026532394 net   \x20\x20\xe2\x94\x94\xe2\x94\x80
4026532252 net 8  sleep\x201001
`)
}

func TestJSON(t *testing.T) {
	s := listing()
	s.Columns = s.Columns[1:]
	s.Columns[2].Type = List
	for i := range s.rows {
		s.rows[i].cells = s.rows[i].cells[1:]
	}
	s.Format = JSON
	check(t, printed(t, s), `
{
   "namespaces": [
      {
         "type": "net",
         "pid": 1,
         "nsfs": [],
         "command": "bash lab",
         "children": [
            {
               "type": "net",
               "pid": 4,
               "nsfs": [],
               "command": "we\u001b[31mird\nx\\y\"é 1000"
            },{
               "type": "net",
               "pid": 11,
               "nsfs": ["/mnt/b", "/mnt/c"],
               "command": "sleep 1005",
               "children": [
                  {
                     "type": "net",
                     "pid": null,
                     "nsfs": [],
                     "command": null
                  }
               ]
            }
         ]
      },{
         "type": "net",
         "pid": 8,
         "nsfs": [],
         "command": "sleep 1001"
      }
   ]
}
`)
	s.Columns = s.Columns[:2]
	for i := range s.rows {
		s.rows[i].cells = s.rows[i].cells[:2]
	}
	s.Format = JSONCompact // no column has the tree any more
	check(t, printed(t, s), `{"namespaces":[{"type":"net","pid":1},{"type":"net","pid":4},{"type":"net","pid":8},{"type":"net","pid":11},{"type":"net","pid":null}]}`+"\n")
	s.Columns[0].Flags |= Tree
	s.Format = JSONLines
	check(t, printed(t, s), `
{"type":"net","pid":1,"children":[{"type":"net","pid":4},{"type":"net","pid":11,"children":[{"type":"net","pid":null}]}]}
{"type":"net","pid":8}
`)
}

func TestNothing(t *testing.T) {
	s := &Sheet{Name: "namespaces", Columns: []Column{{Name: "NS"}}}
	for format, want := range map[Format]string{
		Aligned:     "",
		Raw:         "",
		JSON:        "{\n   \"namespaces\": [\n\n   ]\n}\n",
		JSONCompact: "{\"namespaces\":[]}\n",
		JSONLines:   "",
	} {
		s.Format = format
		check(t, printed(t, s), want)
	}
}

// A chain as long as there are pids must not run out of stack.
func TestDeepTree(t *testing.T) {
	s := &Sheet{Name: "x", Columns: []Column{{Name: "A", Flags: Tree, Type: Number}}, Format: JSONCompact}
	parent := NoParent
	for range 2000 {
		parent = s.Add(parent, []string{"1"})
	}
	out := printed(t, s)
	if !json.Valid([]byte(out)) || strings.Count(out, "children") != 1999 {
		t.Errorf("got %d bytes, valid: %v", len(out), json.Valid([]byte(out)))
	}
}

func TestErrorsOfTheWriter(t *testing.T) {
	if err := listing().Print(full{}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v", err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// Whatever a cell holds, a terminal obeys nothing of it, and what is JSON can be read again.
func FuzzCells(f *testing.F) {
	f.Add("we\x1b[31mird\n\\x1b \u202e\u009b界é\xff\U000e0001")
	f.Fuzz(func(t *testing.T, cell string) {
		for _, format := range []Format{Aligned, Raw, JSON} {
			s := &Sheet{
				Name: "x", Columns: []Column{{Name: "A", Flags: Trunc | Tree}, {Name: "B", Flags: Wrap, Type: List}, {Name: "C"}},
				Format: format, Terminal: 20,
			}
			s.Add(NoParent, []string{cell, cell, cell})
			out := printed(t, s)
			if !utf8.ValidString(out) {
				t.Fatalf("broken UTF-8: %q", out)
			}
			for _, r := range out {
				if r != '\n' && r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0xe0000 && r < 0xe0080 {
					t.Fatalf("%q is in %q", r, out)
				}
			}
			if format != JSON {
				continue
			}
			var read struct{ X []struct{ A, C *string } }
			if err := json.Unmarshal([]byte(out), &read); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if cell != "" && utf8.ValidString(cell) && (*read.X[0].A != cell || *read.X[0].C != cell) {
				t.Fatalf("wrote %q, read %q", cell, *read.X[0].A)
			}
		}
	})
}
