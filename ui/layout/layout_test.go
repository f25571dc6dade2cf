package layout

import (
	"fmt"
	"testing"
)

var (
	widths  = []int{0, 1, 20, 39, 40, 41, 63, 64, 65, 80, 100, 119, 120, 139, 140, 141, 200, 249, 250, 299, 300, 500}
	heights = []int{0, 1, 9, 10, 16, 24, 36, 100}
)

// TestEveryCellBelongsToOnePart draws the parts of each screen into a grid.
func TestEveryCellBelongsToOnePart(t *testing.T) {
	for _, w := range widths {
		for _, h := range heights {
			for i := range 24 {
				for _, rows := range [][3]int{{}, {3, 1, 1}, {30, 5, 2}, {2, 400, 400}, {1000, 1000, 7}} {
					want := Want{
						Width: w, Height: h, Focus: Pane(i % 3), Tabs: i%2 == 0, Beside: i/6%2 == 1, Long: i >= 12,
						First: rows[0], Second: rows[1], Open: rows[2],
					}
					if err := check(Compute(want), want); err != nil {
						t.Errorf("%+v: %v", want, err)
					}
				}
			}
		}
	}
}

func check(s Screen, want Want) error {
	parts := []Rect{s.Header, s.Tabs, s.Kinds, s.Crumb, s.Footer, s.Namespaces, s.Processes, s.Details, s.Strip, s.Shell}
	if s.Form == TooSmall {
		for _, r := range parts {
			if !r.Empty() {
				return fmt.Errorf("too small, but has %+v", r)
			}
		}
		return nil
	}
	grid := make([]int, s.Width*s.Height)
	for _, r := range parts {
		if r.Empty() {
			continue
		}
		if r.X < 0 || r.Y < 0 || r.X+r.W > s.Width || r.Y+r.H > s.Height {
			return fmt.Errorf("%+v leaves the screen", r)
		}
		for y := r.Y; y < r.Y+r.H; y++ {
			for x := r.X; x < r.X+r.W; x++ {
				grid[y*s.Width+x]++
			}
		}
	}
	for i, n := range grid {
		if n != 1 {
			return fmt.Errorf("cell %d,%d is in %d parts", i%s.Width, i/s.Width, n)
		}
	}
	if s.Tabs.Empty() == want.Tabs {
		return fmt.Errorf("tabs at %+v", s.Tabs)
	}
	if beside := want.Beside && want.Width >= SideBySide; s.Shell.Empty() == beside {
		return fmt.Errorf("the shell is at %+v", s.Shell)
	}
	if pane := ShellIn(s.Shell).Pane; !s.Shell.Empty() && pane.W < 80 {
		return fmt.Errorf("the shell has %d columns", pane.W)
	}
	for _, r := range []Rect{s.Namespaces, s.Processes, s.Details} {
		if !r.Empty() && (r.Inner().H < 3 || r.Inner().W < 24) {
			return fmt.Errorf("a pane of %+v is of no use", r)
		}
	}
	return nil
}

func TestForms(t *testing.T) {
	for _, tt := range []struct {
		w, h                int
		form                Form
		ns, procs, details  int // widths
		crumb, strip, lines int // heights; lines is the list's frame
	}{
		{120, 36, Columns, 36, 48, 36, 1, 0, 31},
		{80, 24, TwoLists, 32, 48, 0, 0, 5, 15},
		{63, 20, OneList, 63, 0, 0, 0, 0, 16},
		{40, 10, OneList, 40, 0, 0, 0, 0, 7},
		{39, 10, TooSmall, 0, 0, 0, 0, 0, 0},
		{40, 9, TooSmall, 0, 0, 0, 0, 0, 0},
	} {
		s := Compute(Want{Width: tt.w, Height: tt.h})
		got := fmt.Sprint(s.Form, s.Namespaces.W, s.Processes.W, s.Details.W, s.Crumb.H, s.Strip.H, s.Namespaces.H)
		if want := fmt.Sprint(tt.form, tt.ns, tt.procs, tt.details, tt.crumb, tt.strip, tt.lines); got != want {
			t.Errorf("%dx%d: %s, want %s", tt.w, tt.h, got, want)
		}
	}
}

// Of two lists one above the other each has what the other leaves of the 31 lines.
func TestRoomAboveAndBelow(t *testing.T) {
	for _, tt := range []struct {
		first, second, open int
		focus               Pane
		want                int // rows that the first list shows
	}{
		{30, 2, 2, Namespaces, 22},
		{30, 2, 2, Processes, 22}, // nothing moves where nothing more is to be seen
		{30, 40, 2, Namespaces, 18},
		{30, 40, 2, Processes, 18},
		{30, 40, 40, Processes, 10},
		{9, 40, 40, Namespaces, 9},
		{9, 40, 40, Processes, 9},
		{1, 40, 40, Namespaces, 3},
	} {
		s := Compute(Want{Width: 120, Height: 36, Focus: tt.focus, Long: true, First: tt.first, Second: tt.second, Open: tt.open})
		if got := s.Namespaces.Inner().H - 1; got != tt.want || s.Namespaces.H+s.Processes.H != 31 {
			t.Errorf("%+v: %d rows, and %d lines below", tt, got, s.Processes.H)
		}
	}
}

func TestPopupStaysInTheBody(t *testing.T) {
	for _, w := range widths {
		for _, h := range heights {
			s := Compute(Want{Width: w, Height: h})
			for _, columns := range []int{0, 30, 78, 1000} {
				for _, lines := range []int{0, 5, 1000} {
					p := s.Popup(columns, lines)
					if p.X < s.Body.X || p.Y < s.Body.Y || p.X+p.W > s.Body.X+s.Body.W || p.Y+p.H > s.Body.Y+s.Body.H {
						t.Errorf("%dx%d: popup %dx%d at %+v, body %+v", w, h, columns, lines, p, s.Body)
					}
				}
			}
		}
	}
}

func TestUnderReachesTheEnd(t *testing.T) {
	s := Compute(Want{Width: 80, Height: 24, Tabs: true})
	if got, want := s.Under(), (Rect{0, 2, 80, 22}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestFormsBesideAShell(t *testing.T) {
	for _, tt := range []struct {
		w, h  int
		form  Form
		lists int // columns of the namespaces
		shell int // columns inside of the frame
	}{
		{139, 45, Columns, 38, -2},
		{140, 45, Stacked, 58, 80},
		{160, 45, Stacked, 64, 94},
		{140, 15, OneList, 58, 80},
		{250, 60, TwoLists, 36, 148},
		{300, 60, Columns, 36, 178},
	} {
		s := Compute(Want{Width: tt.w, Height: tt.h, Tabs: true, Beside: true})
		if s.Form != tt.form || s.Namespaces.W != tt.lists || s.Shell.W-2 != tt.shell {
			t.Errorf("%dx%d: form %d, lists %d, shell %d; want %+v", tt.w, tt.h, s.Form, s.Namespaces.W, s.Shell.W-2, tt)
		}
	}
}
