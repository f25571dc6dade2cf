package container

import "bytes"

// The files of runtimes are of some 10 KiB, of which a few lines are wanted, and there may be a thousand of
// them. So a file is walked over once, and only what is wanted is given to encoding/json. That is three
// times as quick as to have all of it decoded.

// members calls take with the name (as it is written, without the quotes) and the text of each member of a
// JSON object, until that returns false. It reports whether the text is an object, as far as it was read.
// Nothing is checked within a member but that it ends.
func members(text []byte, take func(name, value []byte) bool) bool {
	at := space(text, 0)
	if at >= len(text) || text[at] != '{' {
		return false
	}
	at = space(text, at+1)
	if at < len(text) && text[at] == '}' {
		return true
	}
	for at < len(text) && text[at] == '"' {
		end := quoted(text, at)
		if end < 0 {
			return false
		}
		name := text[at+1 : end-1]
		at = space(text, end)
		if at >= len(text) || text[at] != ':' {
			return false
		}
		at = space(text, at+1)
		end = value(text, at)
		if end <= at {
			return false
		}
		if !take(name, text[at:end]) {
			return true
		}
		at = space(text, end)
		if at < len(text) && text[at] == '}' {
			return true
		}
		if at >= len(text) || text[at] != ',' {
			return false
		}
		at = space(text, at+1)
	}
	return false
}

// elements calls take with the text of each element of a JSON list, until that returns false.
func elements(text []byte, take func(element []byte) bool) {
	at := space(text, 0)
	if at >= len(text) || text[at] != '[' {
		return
	}
	for at < len(text) && text[at] != ']' {
		at = space(text, at+1)
		end := value(text, at)
		if end <= at || !take(bytes.TrimSpace(text[at:end])) {
			return
		}
		at = space(text, end)
	}
}

// member returns the text of a member of a JSON object, nil where there is none.
func member(text []byte, name string) []byte {
	var found []byte
	members(text, func(called, value []byte) bool {
		if string(called) == name {
			found = value
		}
		return found == nil
	})
	return found
}

// space returns where the next is that is no white space.
func space(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r') {
		at++
	}
	return at
}

// quoted returns where the string ends that begins at a quote, -1 if it does not.
func quoted(text []byte, at int) int {
	for at++; at < len(text); at++ {
		switch text[at] {
		case '"':
			return at + 1
		case '\\':
			at++
		}
	}
	return -1
}

// value returns where the value ends that begins here, -1 if it does not.
func value(text []byte, at int) int {
	depth := 0
	for at < len(text) {
		switch text[at] {
		case '"':
			if at = quoted(text, at); at < 0 {
				return -1
			}
		case '{', '[':
			depth++
			at++
		case '}', ']':
			if depth == 0 {
				return at
			}
			depth--
			at++
		case ',':
			if depth == 0 {
				return at
			}
			at++
			continue
		default:
			at++
			continue
		}
		if depth == 0 {
			return at
		}
	}
	return -1
}
