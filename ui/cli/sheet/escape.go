package sheet

import (
	"bufio"
	"strings"
	"unicode/utf8"

	"nstui/ui/text"
)

const hex = "0123456789abcdef"

// safe returns the text as it may be written to a terminal: controls, broken UTF-8 and all else that
// does not stand there as one sees it as \xHH, byte by byte, and the \ of a \x that was there before as
// \x5c. The separator is left alone where it parts the values of a list.
func safe(s string, ascii, list bool) string {
	plain := 0
	for plain < len(s) && isPlain(s, plain, list) {
		plain++
	}
	if plain == len(s) {
		return s
	}
	rest := escape(s[plain:], ascii, list, false)
	// Characters that are good alone may still melt into one that is not.
	if !ascii && !drawable(rest, list) {
		rest = escape(s[plain:], ascii, list, true)
	}
	return s[:plain] + rest
}

// isPlain reports whether the byte is ASCII that stands for itself.
func isPlain(s string, i int, list bool) bool {
	switch b := s[i]; b {
	case '\\':
		return i+1 == len(s) || s[i+1] != 'x'
	case Separator[0]:
		return list
	default:
		return b >= 0x20 && b < 0x7f
	}
}

// escape writes the text; all is set where nothing but ASCII is to be left of it.
func escape(s string, ascii, list, all bool) string {
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := 0; i < len(s); {
		if isPlain(s, i, list) {
			b.WriteByte(s[i])
			i++
			continue
		}
		_, n := utf8.DecodeRuneInString(s[i:])
		if char := s[i : i+n]; s[i] >= utf8.RuneSelf && !ascii && !all && text.Clean(char) == char {
			b.WriteString(char)
		} else {
			for _, c := range []byte(char) {
				b.Write([]byte{'\\', 'x', hex[c>>4], hex[c&15]})
			}
		}
		i += n
	}
	return b.String()
}

// drawable reports whether a terminal draws the text as one character after the other.
func drawable(s string, list bool) bool {
	for len(s) > 0 {
		line, rest := s, ""
		if list {
			line, rest, _ = strings.Cut(s, Separator)
		}
		if len(line) > text.MaxBytes || text.Clean(line) != line {
			return false
		}
		s = rest
	}
	return true
}

// writeRaw writes every byte but printable ASCII as \xHH, and the space and the \ too.
func writeRaw(out *bufio.Writer, s string) {
	start := 0
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '\\' {
			_, _ = out.WriteString(s[start:i]) // see Print
			_, _ = out.Write([]byte{'\\', 'x', hex[c>>4], hex[c&15]})
			start = i + 1
		}
	}
	_, _ = out.WriteString(s[start:])
}

// writeString writes a JSON string, see RFC 8259. Nothing in it that a terminal would obey is written
// as it is.
func writeString(out *bufio.Writer, s string) {
	_ = out.WriteByte('"')
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < 0x7f {
			if c == '"' || c == '\\' {
				_ = out.WriteByte('\\')
			}
			_ = out.WriteByte(c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch short := strings.IndexByte("\b\t\n\f\r", c); {
		case short >= 0:
			_, _ = out.Write([]byte{'\\', "btnfr"[short]})
		case r == utf8.RuneError, c >= utf8.RuneSelf && text.Clean(s[i:i+n]) == s[i:i+n]:
			_, _ = out.WriteRune(r)
		case r > 0xffff:
			writeSurrogates(out, r)
		default:
			writeUnit(out, r)
		}
		i += n
	}
	_ = out.WriteByte('"')
}

// writeSurrogates writes a character beyond the first 65,536 as the two halves JSON has for it.
func writeSurrogates(out *bufio.Writer, r rune) {
	r -= 0x10000
	writeUnit(out, 0xd800+r>>10)
	writeUnit(out, 0xdc00+r&0x3ff)
}

// writeUnit writes \uHHHH.
func writeUnit(out *bufio.Writer, r rune) {
	_, _ = out.Write([]byte{'\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15]})
}
