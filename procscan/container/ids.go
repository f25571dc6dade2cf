package container

import (
	"strings"

	"nstui/procscan/container/engine"
)

// uuidLen is the length of a UUID as text.
const uuidLen = 36

// isUUID reports whether the text is a UUID with the given byte between its groups.
func isUUID(s string, dash byte) bool {
	if len(s) != uuidLen {
		return false
	}
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != dash {
				return false
			}
		default:
			if !hexDigit(s[i]) {
				return false
			}
		}
	}
	return true
}

// isPodUID reports whether the text is the UID of a pod: a UUID, or for a static pod the hash of its
// manifest.
func isPodUID(s string, dash byte) bool { return isUUID(s, dash) || len(s) == 32 && isHex(s) }

func isID(s string) bool { return engine.IsID(s) }

// isHex reports whether the text has nothing but lower-case hexadecimal digits.
func isHex(s string) bool {
	for i := range len(s) {
		if !hexDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

func hexDigit(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' }

func isNumber(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// unescape undoes \xNN in the name of a unit, see systemd-escape(1), but for control characters: no name
// needs them.
func unescape(name string) string {
	if !strings.Contains(name, `\x`) {
		return name
	}
	b := make([]byte, 0, len(name))
	for i := 0; i < len(name); i++ {
		if i+4 <= len(name) && name[i:i+2] == `\x` && hexDigit(name[i+2]) && hexDigit(name[i+3]) {
			if c := digit(name[i+2])<<4 | digit(name[i+3]); c >= ' ' && c != 0x7f {
				b = append(b, c)
				i += 3
				continue
			}
		}
		b = append(b, name[i])
	}
	return string(b)
}

func digit(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c - 'a' + 10
}
