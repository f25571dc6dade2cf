package text

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Width returns how many cells a clean text takes.
func Width(s string) int {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// Truncate returns a clean text cut to at most width cells; what was cut is marked by the tail, which
// is left out where there is no room for it.
func Truncate(s string, width int, tail string) string {
	if width <= 0 {
		return ""
	}
	if Width(s) <= width {
		return s
	}
	room := width - Width(tail)
	if room < 0 {
		return head(s, width)
	}
	return head(s, room) + tail
}

// leastEnds is the width from which on something is to be seen of both ends of a text that is cut between them.
const leastEnds = 12

// Ends returns a clean text cut to at most width cells, in its middle: names that begin alike differ at their
// ends. Where there is little room what is cut is the end.
func Ends(s string, width int, tail string) string {
	if width < leastEnds || Width(s) <= width {
		return Truncate(s, width, tail)
	}
	room := width - Width(tail)
	front := head(s, room-room/2)
	for rest := Width(s); rest > room-Width(front); {
		cluster, w := Next(s)
		s, rest = s[len(cluster):], rest-w
	}
	return front + tail + s
}

// head returns the graphemes of s that fit into width cells.
func head(s string, width int) string {
	end := 0
	for end < len(s) && width > 0 {
		cluster, w := Next(s[end:])
		if w > width {
			break
		}
		width -= w
		end += len(cluster)
	}
	return s[:end]
}

// Next returns the first grapheme of a clean text and its width; "" at the end of it.
func Next(s string) (cluster string, width int) {
	if s == "" {
		return "", 0
	}
	if s[0] < utf8.RuneSelf && (len(s) == 1 || s[1] < utf8.RuneSelf) {
		return s[:1], 1
	}
	return ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
}

// Pad returns a clean text with spaces after it up to width cells. It cuts nothing.
func Pad(s string, width int) string {
	if w := Width(s); w < width {
		return s + Spaces(width-w)
	}
	return s
}

// PadLeft returns a clean text with spaces before it up to width cells. It cuts nothing.
func PadLeft(s string, width int) string {
	if w := Width(s); w < width {
		return Spaces(width-w) + s
	}
	return s
}

// Fit returns a clean text in exactly width cells: cut with the tail, or padded.
func Fit(s string, width int, tail string) string {
	return Pad(Truncate(s, width, tail), width)
}

// blanks is what Spaces slices, so that padding a line allocates nothing.
var blanks = strings.Repeat(" ", 512)

// Spaces returns n spaces, none if n is negative.
func Spaces(n int) string {
	switch {
	case n <= 0:
		return ""
	case n <= len(blanks):
		return blanks[:n]
	}
	return strings.Repeat(" ", n)
}

// Wrap returns a clean text in lines of at most width cells, broken at spaces where there are some.
// It returns at least one line.
func Wrap(s string, width int) []string {
	if width <= 0 {
		return []string{""}
	}
	lines := strings.Split(ansi.Wrap(s, width, " "), "\n")
	for i := range lines {
		lines[i] = strings.Trim(lines[i], " ")
	}
	return lines
}
