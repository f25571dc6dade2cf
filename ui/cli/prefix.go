package cli

import (
	"errors"
	"fmt"
	"strings"
)

// defaultPrefix is the escape key of telnet(1) and virsh(1), hardly ever typed at a prompt.
const defaultPrefix = "ctrl+]"

// prefixFlag is the key that leads to nstui from inside a shell, spelt "ctrl+]".
//
// Only a control chord can be one: any other key would be missing in the shell. It is sent through
// by pressing it twice, so every control chord can still be typed, except those that terminals send
// for another key: they would swallow that key, or never be seen.
type prefixFlag string

func (f *prefixFlag) String() string { return string(*f) }

func (f *prefixFlag) Type() string { return "KEY" }

// unfit are the letters that make no prefix, with the reason.
var unfit = map[string]string{
	"c": "it interrupts what runs in the shell",
	"h": "terminals send it for backspace",
	"i": "terminals send it for tab",
	"j": "terminals send it for enter",
	"m": "terminals send it for enter",
	"[": "terminals send it for esc and every arrow key",
}

// Set takes the spellings ctrl+x, Ctrl-X, C-x and ^X of one key.
func (f *prefixFlag) Set(s string) error {
	key, ok := cutAnyPrefix(strings.ToLower(s), "ctrl+", "ctrl-", "c-", "^")
	if !ok || len(key) != 1 {
		return errPrefix
	}
	if why := unfit[key]; why != "" {
		return fmt.Errorf("ctrl+%s cannot be the prefix: %s", key, why)
	}
	switch c := key[0]; {
	case c >= 'a' && c <= 'z', c == ']', c == '\\', c == '^', c == '_':
	default:
		return errPrefix
	}
	*f = prefixFlag("ctrl+" + key)
	return nil
}

var errPrefix = errors.New(`want ctrl+ and a letter, or one of ctrl+] ctrl+\ ctrl+^ ctrl+_`)

// cutAnyPrefix returns s without the first of the prefixes it starts with.
func cutAnyPrefix(s string, prefixes ...string) (string, bool) {
	for _, prefix := range prefixes {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			return rest, true
		}
	}
	return s, false
}
