package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// MaxBytes is how much of one text Clean looks at: more than any screen is wide, so that an argument
// list of two megabytes costs no more than a long line.
const MaxBytes = 8 << 10

// replacement stands for what cannot be drawn safely. It is one cell wide in every terminal.
const replacement = "\uFFFD"

// maxCluster bounds one grapheme in bytes: a base with the few marks a language needs. A thousand
// marks on one letter draw over the lines above and below it.
const maxCluster = 20

// Clean returns s as it may be drawn: controls as their pictures (U+2400 and on), all else that is
// invisible, malformed or of doubtful width as U+FFFD.
func Clean(s string) string {
	if len(s) > MaxBytes {
		return clean(s[:MaxBytes], MaxBytes) + "…"
	}
	return clean(s, MaxBytes)
}

// Line returns s clean and cut to at most width cells, what was cut marked by the tail. It looks at no
// more of s than that takes, so that a row costs the same whatever a process calls itself.
func Line(s string, width int, tail string) string {
	if width <= 0 {
		return ""
	}
	if most := (width + 1) * maxCluster; len(s) > most {
		s = s[:most]
	}
	return Truncate(clean(s, width+1), width, tail)
}

// clean returns at least the first cells of s as they may be drawn.
func clean(s string, cells int) string {
	plain := 0
	for plain < len(s) && isPlain(s[plain]) {
		plain++
	}
	if plain >= min(len(s), cells+1) {
		return s[:plain]
	}
	if plain > 0 && s[plain] >= utf8.RuneSelf {
		plain-- // what follows may be a mark on it
	}
	var out strings.Builder
	out.Grow(min(len(s), 4*cells) + 8)
	out.WriteString(s[:plain])
	cleanRest(&out, s[plain:], cells-plain)
	return out.String()
}

// isPlain reports whether a byte is printable ASCII.
func isPlain(b byte) bool { return b >= 0x20 && b < 0x7f }

// cleanRest appends s, grapheme by grapheme, up to a number of them. The last one appended is kept to
// see whether the next would melt into it.
func cleanRest(out *strings.Builder, s string, cells int) {
	last := "a"
	for ; len(s) > 0 && cells >= 0; cells-- {
		if b := s[0]; b < utf8.RuneSelf {
			// A mark after an ASCII letter belongs to it, so a letter is only safe to take alone
			// when ASCII follows.
			if len(s) == 1 || s[1] < utf8.RuneSelf || !isPlain(b) {
				last = asciiCell(b)
				out.WriteString(last)
				s = s[1:]
				continue
			}
		}
		cluster, _ := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		if cluster == "" {
			cluster = s[:1]
		}
		s = s[len(cluster):]
		cell := cleanCluster(cluster)
		if cell == replacement && isPlain(cluster[0]) {
			// What is wrong hangs on a letter that is not.
			out.WriteByte(cluster[0])
		}
		if cell != replacement && melts(last, cell) {
			cell = replacement
		}
		out.WriteString(cell)
		last = cell
	}
}

// asciiCell returns what is drawn for one ASCII byte.
func asciiCell(b byte) string {
	switch {
	case b < 0x20:
		return string(rune(0x2400 + int(b)))
	case b == 0x7f:
		return "\u2421"
	}
	return string(rune(b))
}

// cleanCluster returns the grapheme itself if it is safe to draw, else what stands for it.
func cleanCluster(cluster string) string {
	if len(cluster) == 1 && cluster[0] < utf8.RuneSelf {
		return asciiCell(cluster[0])
	}
	if len(cluster) > maxCluster {
		return replacement
	}
	for i, r := range cluster {
		if r == utf8.RuneError || !visible(r) {
			return replacement
		}
		if mark := unicode.Is(unicode.Mn, r); mark != (i > 0) {
			// Alone a mark would sit on the cell before it, which is not its own. What is not a
			// mark but joins (jamo, flags, emoji) is drawn joined by some terminals only.
			return replacement
		}
	}
	w := ansi.StringWidth(cluster)
	if w < 1 || w > 2 || w != ansi.StringWidthWc(cluster) {
		return replacement
	}
	// Some letters join what follows them, be it a border or one of their own, which may be the
	// beginning of another text.
	if melts(cluster, "\u2502") || melts(cluster, cluster) {
		return replacement
	}
	return cluster
}

// visible reports whether a rune leaves a mark of its own on the screen and does nothing else.
func visible(r rune) bool {
	return unicode.IsGraphic(r) &&
		!unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) &&
		!unicode.Is(unicode.Variation_Selector, r) &&
		!unicode.Is(unicode.Regional_Indicator, r) &&
		!conjoining(r)
}

// conjoining reports whether a rune is a jamo, a part of a Hangul syllable, which melts with the next.
func conjoining(r rune) bool {
	return r >= 0x1100 && r <= 0x11ff || r >= 0xa960 && r <= 0xa97f || r >= 0xd7b0 && r <= 0xd7ff
}

// melts reports whether two graphemes side by side would become one.
func melts(a, b string) bool {
	joined, _ := ansi.FirstGraphemeCluster(a+b, ansi.GraphemeWidth)
	return len(joined) != len(a)
}
