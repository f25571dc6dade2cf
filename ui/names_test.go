package ui

import (
	"fmt"
	"testing"
)

// namedViews are the screens of a host with containers, by name.
var namedViews = map[string]func(*screen){
	"named":         func(s *screen) { s.press("j") },
	"named-host":    func(s *screen) { s.press("l") },
	"named-all":     func(s *screen) { s.press("0", "j") },
	"boxes":         func(s *screen) { s.press("c") },
	"boxes-shared":  func(s *screen) { s.press("c"); s.typeInto("/", "side"); s.press("enter") },
	"boxes-tree":    func(s *screen) { s.press("c", "t") },
	"boxes-details": func(s *screen) { s.press("c"); s.typeInto("/", "postgres"); s.press("enter", "i") },
	"boxes-none":    func(s *screen) { s.press("c"); s.typeInto("/", "redis") },
	"named-sets":    func(s *screen) { s.press("9", "G") },
	"named-found":   func(s *screen) { s.press("/"); s.typeText("coredns"); s.press("enter") },
}

// typeInto presses a key and types a text.
func (s *screen) typeInto(key, text string) {
	s.t.Helper()
	s.press(key)
	s.typeText(text)
}

func TestGoldenNames(t *testing.T) {
	for name, do := range namedViews {
		for _, size := range [][2]int{{120, 36}, {80, 24}, {200, 50}} {
			t.Run(fmt.Sprintf("%s/%dx%d", name, size[0], size[1]), func(t *testing.T) {
				s := start(t, size[0], size[1], namedConfig())
				do(s)
				s.golden(name)
			})
		}
	}
}
