package ui

import (
	"slices"
	"strings"
	"testing"
)

func TestGrow(t *testing.T) {
	twigs := twigs{"+", "`", "|", "."}
	for name, tt := range map[string]struct {
		rows    []int
		parents map[int]int
		want    string
	}{
		"none":            {nil, nil, ""},
		"flat":            {[]int{3, 1, 2}, nil, "3 1 2"},
		"branches":        {[]int{1, 2, 3, 4, 5}, map[int]int{2: 1, 3: 2, 4: 1, 5: 4}, "1 +2 |`3 `4 .`5"},
		"order of rows":   {[]int{5, 4, 3, 2, 1}, map[int]int{2: 1, 3: 1}, "5 4 1 +3 `2"},
		"hidden ancestor": {[]int{1, 4}, map[int]int{4: 3, 3: 2, 2: 1}, "1 `4"},
		"no ancestor":     {[]int{4, 5}, map[int]int{4: 3, 5: 3}, "4 5"},
		"its own parent":  {[]int{1, 2}, map[int]int{1: 1, 2: 1}, "1 `2"},
		"a circle":        {[]int{1, 2, 3}, map[int]int{1: 2, 2: 1}, "3 1 `2"},
		"hidden circle":   {[]int{1}, map[int]int{1: 2, 2: 3, 3: 2}, "1"},
	} {
		up := func(k int) (int, bool) { p, ok := tt.parents[k]; return p, ok }
		rows, stems := grow(tt.rows, func(r int) int { return r }, up, up, twigs, 10)
		var got []string
		for i, r := range rows {
			got = append(got, stems[i]+string(rune('0'+r)))
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: %s, want %s", name, s, tt.want)
		}
	}
}

// TestDeepTree does not go on to indent, and does not take for ever.
func TestDeepTree(t *testing.T) {
	rows := make([]int, 20_000)
	for i := range rows {
		rows[i] = i + 1
	}
	up := func(k int) (int, bool) { return k - 1, k > 1 }
	out, stems := grow(rows, func(r int) int { return r }, up, up, twigs{"+", "`", "|", "."}, 8)
	if !slices.Equal(out, rows) || widest(stems) > 9 {
		t.Errorf("%d rows, %d cells wide", len(out), widest(stems))
	}
}

func TestTreeOfProcesses(t *testing.T) {
	f := host()
	s := start(t, 120, 36, testConfig(f.snapshot(), f.without(4231).snapshot()))
	inNginx(s)
	s.press("j", "t")
	s.has("nginx: master", "├─nginx: wor", "└─nginx: wor", "tree")
	if s.pid() != 4231 {
		t.Errorf("on %d", s.pid())
	}
	s.scan()
	s.has("├─ended ng")
	s.press("/")
	s.typeText("worker")
	s.press("enter")
	s.has("nginx: wor")
	s.hasNot("├─nginx", "└─nginx")
	s.press("esc", "o")
	s.typeText("j")
	s.press("enter")
	s.has("├─nginx: wor")
	s.press("t")
	s.hasNot("├─nginx", "└─nginx", "  tree")
}

func TestTreeOfNamespaces(t *testing.T) {
	s := start(t, 120, 36, testConfig(nested(), nested()))
	s.press("5")
	s.on(4026532912)
	s.press("t")
	s.has("by parent", "└4026532912")
	if s.m.browser.open.space.Ino != 4026532912 {
		t.Errorf("on %v", s.m.browser.open)
	}
	s.scan()
	s.has("└4026532912")
	s.press("t")
	s.has("by owner")
	s.press("t")
	s.hasNot("by owner", "by parent", "└4026532912")

	s.press("4", "t") // they have no parents, only owners
	s.has("by owner", "=K INODE", "└4026532803")
	s.press("o", "j", "enter")
	s.has("└4026532803", "procs")
	s.press("/")
	s.typeText("nginx")
	s.has("5 of 9") // what owns them has not passed
}
