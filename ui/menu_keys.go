package ui

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// keyed chooses an item by its key. Where another key begins as that does it is only selected: more is to be
// typed, or enter.
func (s *menu) keyed(m *Model, key string) (tea.Cmd, bool) {
	if key == "" { // an item without a key has that
		return nil, false
	}
	before := s.begun
	typed, first, more := before+key, -1, false
	s.begun = ""
	for i, it := range s.shown {
		exact := it.key == typed || it.also == typed
		if exact && first < 0 {
			first = i
		}
		if !exact && strings.HasPrefix(it.key, typed) {
			more = true
		}
	}
	switch {
	case first >= 0:
		s.at = first
		if !more {
			return s.choose(m), true
		}
		s.begun = typed
		return nil, true
	case before != "" && len(key) == 1 && key >= "0" && key <= "9":
		return m.note("there is no " + typed), true
	}
	return nil, false
}

// words say how to choose.
func (s *menu) words() string {
	if s.begun != "" {
		return s.begun + ": enter, or another digit  esc close"
	}
	return "enter " + cmp.Or(s.does, "run") + "  esc close"
}

// refill renews what there is to choose from. The cursor stays where it is by number.
func (s *menu) refill(m *Model) {
	number := -1
	if s.at < len(s.shown) {
		number = s.shown[s.at].number
	}
	s.all = s.fill(m)
	s.search()
	if i := slices.IndexFunc(s.shown, func(it item) bool { return it.number == number }); i >= 0 {
		s.at = i
	}
}
