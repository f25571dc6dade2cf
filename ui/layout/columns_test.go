package layout

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestShare(t *testing.T) {
	name, command, user := Column{Want: 24, Least: 8, Fair: 14}, Column{Want: 32, Least: 10, Fair: 20}, Column{Want: 8, Least: 6, Fair: 8}
	for _, tt := range []struct {
		width   int
		columns []Column
		want    string
	}{
		{0, nil, "[]"},
		{-3, []Column{name}, "[0]"},
		{8, []Column{name}, "[0]"}, // the gap has no room
		{9, []Column{name}, "[8]"},
		{100, []Column{name}, "[24]"},
		{100, []Column{{}, name}, "[0 24]"},             // nothing to show
		{5, []Column{{Want: 4, Least: 6}}, "[4]"},       // content with less
		{19, []Column{command, name, user}, "[11 0 6]"}, // the last needs less
		{20, []Column{command, name, user}, "[10 8 0]"},
		{27, []Column{command, name, user}, "[10 8 6]"},
		{35, []Column{command, name, user}, "[18 8 6]"},
		{45, []Column{command, name, user}, "[20 14 8]"},
		{60, []Column{command, name, user}, "[32 17 8]"},
		{999, []Column{command, name, user}, "[32 24 8]"},
	} {
		if got := fmt.Sprint(Share(tt.width, tt.columns...)); got != tt.want {
			t.Errorf("%d cells for %v: %s, want %s", tt.width, tt.columns, got, tt.want)
		}
	}
}

// TestShareOfAny holds what Share promises for columns of any widths: none is wider than it wants or narrower
// than it needs, they fit, and no cell is left that one of them wants.
func TestShareOfAny(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		columns := make([]Column, random.IntN(7))
		for i := range columns {
			columns[i] = Column{Want: random.IntN(50), Least: random.IntN(20), Fair: random.IntN(40)}
		}
		width := random.IntN(200) - 5
		got := Share(width, columns...)
		used, wanted := 0, false
		for i, w := range got {
			c := columns[i]
			if w == 0 {
				continue
			}
			used += w + 1
			wanted = wanted || w < c.Want
			if w > c.Want || w < min(c.Least, c.Want) {
				t.Fatalf("%d cells for %v: %v, of which column %d is wrong", width, columns, got, i)
			}
		}
		if used > max(0, width) || wanted && used < width {
			t.Fatalf("%d cells for %v: %v take %d", width, columns, got, used)
		}
		if len(columns) > 0 && columns[0].Want > 0 && width > columns[0].Want && got[0] == 0 {
			t.Fatalf("%d cells for %v: %v, without the most important", width, columns, got)
		}
		if again := Share(width, columns...); !slices.Equal(got, again) {
			t.Fatalf("%v, then %v", got, again)
		}
	}
}
