package query

import (
	"strings"
	"testing"
)

// line is a line with the columns the tests ask for. PPID is empty.
var line = []struct {
	name string
	typ  Type
	text string
}{
	{"NS", Number, "4026531833"},
	{"TYPE", String, "net"},
	{"NPROCS", Number, "12"},
	{"PPID", Number, ""},
	{"COMMAND", String, " /usr/sbin/nginx -g\ndaemon off; "},
	{"NETNSID", String, "unassigned"},
	{"ZERO", Number, "0"},
	{"X-Y.Z", String, "y"},
	{"OWNERS", List, "web\x00side"},
	{"ALONE", List, "web"},
	{"NOBODY", List, ""},
}

func find(name string) (int, Type, bool) {
	for i, c := range line {
		if strings.EqualFold(c.name, name) {
			return i, c.typ, true
		}
	}
	return 0, 0, false
}

func cell(i int) string { return line[i].text }

func TestMatch(t *testing.T) {
	tests := []struct {
		expr string
		want bool
	}{
		{`TYPE == "net"`, true},
		{`OWNERS == "web"`, true},
		{`OWNERS == "side" && "side" == OWNERS`, true},
		{`OWNERS == "we"`, false},
		{`OWNERS != "web"`, false}, // one of them is
		{`OWNERS != "x"`, true},
		{`OWNERS =~ "^si"`, true},
		{`OWNERS =~ "b.s"`, false}, // each by itself
		{`OWNERS !~ "^si"`, false},
		{`OWNERS !~ "x"`, true},
		{`OWNERS == ALONE`, true},
		{`OWNERS`, true},
		{`ALONE == "web" && ALONE != "side"`, true},
		{`NOBODY`, false},
		{`NOBODY == ""`, true},
		{`NOBODY == "web"`, false},
		{`type eq 'net'`, true},
		{`TYPE EQ " net "`, true}, // space at the ends counts nowhere
		{`TYPE != "net"`, false},
		{`TYPE == "user"`, false},
		{`NPROCS > 10`, true},
		{`NPROCS gt 12`, false},
		{`NPROCS >= 12 && NPROCS le 12`, true},
		{`NPROCS lt 12`, false},
		{`NPROCS < 9`, false}, // as numbers, not as text
		{`NPROCS < "9"`, true},
		{`9 < NPROCS`, true},
		{`NPROCS > 11.5`, true},
		{`NPROCS == 12.0`, true},
		{`NS > 1G`, true},
		{`NS > 4GiB`, false},
		{`NS > 3GiB`, true},
		{`2KiB == 2048`, true},
		{`NS =~ "^4026"`, true},
		{`NS !~ "^4026"`, false},
		{`COMMAND =~ "nginx.*off;$"`, true}, // also past a newline
		{`COMMAND =~ "^daemon"`, false},     // the ends are those of the cell
		{`COMMAND =~ '[[:upper:]]'`, false},
		{`COMMAND =~ "^(/usr)?/sbin/(nginx|httpd)"`, true},
		{`COMMAND`, true},
		{`PPID`, false},
		{`!PPID`, true},
		{`NOT PPID`, true},
		{`ZERO`, false},
		{`true`, true},
		{`FALSE`, false},
		{`""`, false},
		{`"x"`, true},
		{`0.0`, false},
		// An empty cell is no number.
		{`PPID == 0`, false},
		{`PPID != 0`, false},
		{`!(PPID == 0)`, true},
		{`PPID == ""`, true},
		{`PPID < "a"`, true},
		// or and and bind alike.
		{`true || true && false`, false},
		{`true or (true and false)`, true},
		{`false AND true OR true`, true},
		// A negation binds closest.
		{`!ZERO == true`, true},
		{`!(ZERO == true)`, true},
		{`! ! NPROCS`, true},
		{`not NETNSID == "unassigned"`, true}, // (not NETNSID), which is false, as is the text
		{`(TYPE == "net") == true`, true},
		{`true == (TYPE == "user")`, false},
		{`NPROCS == true`, false}, // "12" does not say yes
		{`X-Y.Z == true`, true},
		{`NPROCS == NPROCS`, true},
		{`NPROCS == NETNSID || true`, true},
		{`false && NETNSID == 5`, false}, // what is not asked for cannot fail
		{"TYPE\n==\t\"net\"", true},
	}
	for _, test := range tests {
		q, err := Parse(test.expr, find)
		if test.expr == `NPROCS == NETNSID || true` {
			// The type of the left side counts where both are columns.
			if err != nil {
				t.Errorf("%s: %v", test.expr, err)
			} else if _, err := q.Match(cell); err == nil || !strings.Contains(err.Error(), `compare NETNSID to a number: "unassigned" is none`) {
				t.Errorf("%s: got error %v", test.expr, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.expr, err)
			continue
		}
		if got, err := q.Match(cell); err != nil || got != test.want {
			t.Errorf("%s: got %v, %v; want %v", test.expr, got, err, test.want)
		}
	}
}

func TestErrors(t *testing.T) {
	tests := map[string]string{
		``:                            `at 1: the expression ends, want a column`,
		`TYPE ==`:                     `at 8: the expression ends, want a column`,
		`TYPE "net"`:                  `at 6: unexpected "\"net\"", want an operator or the end`,
		`(TYPE`:                       `at 6: the expression ends, want an operator or )`,
		`TYPE)`:                       `at 5: unexpected ")", want an operator or the end`,
		`&& TYPE`:                     `at 1: unexpected "&&", want a column`,
		`FOO == 1`:                    `at 1: unknown column FOO`,
		`NS == "x`:                    `at 7: the string that begins here does not end on its line with "`,
		"NS == 'x\ny'":                `at 7: the string that begins here`,
		`NS = 1`:                      `at 4: unexpected "="`,
		`NS == 1 # x`:                 `at 9: unexpected "#"`,
		`NS == é`:                     `at 7: unexpected "é"`,
		`NS =~ 5`:                     `at 7: want a regular expression in quotes behind =~`,
		`NS =~ TYPE`:                  `at 7: want a regular expression in quotes behind =~`,
		`NS !~ "("`:                   `at 7: regular expression "(": missing closing )`,
		`NS == 99999999999999999999`:  `at 7: number 99999999999999999999 is out of range`,
		`NS == 1Y`:                    `at 7: number 1Y is out of range`,
		`NS == 16E`:                   `at 7: number 16E is out of range`,
		strings.Repeat("(", 10_000):   `at 501: too deep`,
		strings.Repeat("!", 10_000):   `at 501: too deep`,
		strings.Repeat("x", 1<<20):    `too long`,
		strings.Repeat("1||", 10_000): `too many operators`,
	}
	for expr, want := range tests {
		if _, err := Parse(expr, find); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: got error %v, want %q", expr, err, want)
		}
	}
}

func TestTextIsNoNumber(t *testing.T) {
	for expr, want := range map[string]string{
		`TYPE == 5`:     `compare TYPE to a number: "net" is none`,
		`"a" < 5.5`:     `compare a string to a number: "a" is none`,
		`!(TYPE > 5)`:   `compare TYPE`,
		`1 && TYPE > 5`: `compare TYPE`,
	} {
		q, err := Parse(expr, find)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		if expr == `"a" < 5.5` {
			// Of two that are written out the left one counts.
			if ok, err := q.Match(cell); ok || err != nil {
				t.Errorf("%s: got %v, %v", expr, ok, err)
			}
			continue
		}
		if _, err := q.Match(cell); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q", expr, err, want)
		}
	}
}

func TestColumns(t *testing.T) {
	q, err := Parse(`TYPE == "net" || NS > 1 && !TYPE`, find)
	if err != nil {
		t.Fatal(err)
	}
	if got := q.Columns(); len(got) != 3 || got[0] != 1 || got[1] != 0 || got[2] != 1 {
		t.Errorf("got columns %v, want TYPE, NS, TYPE", got)
	}
}

// What is typed is understood or refused with a place, and what is understood can be evaluated.
func FuzzParse(f *testing.F) {
	f.Add(`TYPE == "net" && (NPROCS > 10 || !PPID)`)
	f.Add(`COMMAND !~ '^a[^]]*$' or NS le 4.5 and 3KiB ne true`)
	f.Add(`not not (((TYPE`)
	f.Fuzz(func(t *testing.T, expr string) {
		q, err := Parse(expr, find)
		if err != nil {
			if msg := err.Error(); !strings.HasPrefix(msg, "at ") && !strings.Contains(msg, "too long") {
				t.Errorf("the error has no place: %s", msg)
			}
			return
		}
		got, err := q.Match(cell)
		if again, errAgain := q.Match(cell); again != got || (err == nil) != (errAgain == nil) {
			t.Errorf("got %v, %v and then %v, %v", got, err, again, errAgain)
		}
	})
}
