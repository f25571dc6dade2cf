package procscan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestLines(t *testing.T) {
	f := newFixture(t)
	long := strings.Repeat("x", 40<<10)
	var many strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, "line %d of many\n", i)
	}
	s := f.scanner()
	fd, err := s.openRoot()
	if err != nil {
		t.Fatal(err)
	}
	defer s.sys.close(fd)
	r := newReader(s.sys, fd)
	for _, text := range []string{
		"", "\n", "a\nb\n", "a\n\nb\n", long + "\nb\n", "a\n" + long + "\nb\n", many.String(),
		strings.Repeat("y", len(r.buf)) + "\nb\n", strings.Repeat("y", len(r.buf)-1) + "\nb\n",
	} {
		f.write("file", text)
		var want, got []string
		for line := range strings.Lines(text) {
			want = append(want, strings.TrimSuffix(line, "\n"))
		}
		r.lines([]byte("file\x00"), func(line []byte) bool {
			got = append(got, string(line))
			return true
		})
		// A line that is too long is given as far as it fits, once.
		same := func(a, b string) bool {
			return a == b || len(a) <= len(r.buf) && len(a) > 1<<10 && strings.HasPrefix(b, a)
		}
		if !slices.EqualFunc(got, want, same) {
			t.Errorf("of %.20q… there are %d lines, not %d", text, len(got), len(want))
		}
		if len(want) == 0 {
			continue
		}
		calls := 0
		r.lines([]byte("file\x00"), func([]byte) bool { calls++; return false })
		if calls != 1 {
			t.Errorf("after the end of it %d lines follow", calls-1)
		}
	}
	r.lines([]byte("none\x00"), func([]byte) bool { t.Error("there is no such file"); return false })
}
