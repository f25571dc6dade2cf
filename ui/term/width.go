package term

import (
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// runeWidth returns the cells a character takes as wcwidth(3) counts them, which is what bash,
// vim and less compute with: 0 for what goes on top of the character before it.
func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1 // soft hyphen included
	case r >= 0x4e00 && r <= 0x9fff, r >= 0xac00 && r <= 0xd7a3, r >= 0x3041 && r <= 0x3096:
		return 2
	case r >= 0x2500 && r <= 0x259f:
		return 1
	case r >= 0x1160 && r <= 0x11ff, r >= 0xd7b0 && r <= 0xd7ff:
		return 0 // vowels and finals of Hangul join the consonant before them
	}
	return min(ansi.StringWidthWc(string(r)), 2)
}

// widthCache keeps the widths of characters seen lately: computing one allocates.
type widthCache [256]struct {
	r rune
	w int8
}

func (c *widthCache) width(r rune) int {
	slot := &c[r%256]
	if slot.r != r {
		slot.r, slot.w = r, int8(runeWidth(r))
	}
	return int(slot.w)
}

// joins reports whether a character of no width is kept with the one before it. Format characters
// are not: they are invisible, and those that turn the direction of text would do so for the
// screen around the pane.
func joins(r rune) bool {
	return r == 0x200c || r == 0x200d || // non-joiner and joiner
		r >= 0x1160 && r <= 0x11ff || r >= 0xd7b0 && r <= 0xd7ff ||
		unicode.In(r, unicode.Mn, unicode.Me)
}

// plain reports whether a character has the width runeWidth says everywhere and never joins a
// neighbour, so that most text needs no closer look when it is drawn.
func plain(r rune) bool {
	switch {
	case r >= 0x20 && r < 0x7f, r >= 0xa1 && r < 0x300 && r != 0xad && r != 0xa9 && r != 0xae:
		return true
	case r >= 0x391 && r <= 0x481, r >= 0x2500 && r <= 0x259f:
		return true
	}
	return r >= 0x4e00 && r <= 0x9fff || r >= 0x3041 && r <= 0x3096 || r >= 0x30a1 && r <= 0x30fa
}
