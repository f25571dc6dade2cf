package cli

import (
	"fmt"
	"strings"
)

// This file reads options as getopt_long(3) does for nsenter(1), which neither pflag nor the getopt
// libraries for Go do: a value that is there only if it is glued to its option, so that -mu asks for
// the mount namespace of the file "u"; long options cut short; and an end at the first word that is no
// option, so that those of the program behind it are left alone.

// takes says whether an option has a value.
type takes uint8

const (
	takesNothing takes = iota
	takesValue         // in the same word, or else the next one
	takesGlued         // in the same word, or none
)

// argument is the value of an option, if it has one. An empty value is one.
type argument struct {
	given bool
	text  string
}

// option is one option of a command line, with one or both of its names.
type option struct {
	short byte
	long  string
	takes takes
	// newer is set for options that scripts written for nsenter 2.38 do not know: where a long option is
	// cut short and could be either, the older one is meant.
	newer bool
	// set is called each time the option is met. Its error ends the reading.
	set func(argument) error
}

// getopt reads options up to the first word that is none, calls their functions in turn, and returns
// the words that are left.
func getopt(options []option, args []string) (rest []string, err error) {
	for len(args) > 0 {
		switch {
		case args[0] == "--":
			return args[1:], nil
		case !isOption(args[0]):
			return args, nil
		}
		if args, err = readOption(options, args); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// getoptAnywhere reads options wherever they stand, as getopt_long(3) does for most programs, and returns
// the words between and behind them. Behind -- there are only words.
func getoptAnywhere(options []option, args []string) (words []string, err error) {
	for len(args) > 0 {
		switch {
		case args[0] == "--":
			return append(words, args[1:]...), nil
		case !isOption(args[0]):
			words, args = append(words, args[0]), args[1:]
			continue
		}
		if args, err = readOption(options, args); err != nil {
			return nil, err
		}
	}
	return words, nil
}

func isOption(word string) bool { return len(word) > 1 && word[0] == '-' }

// readOption reads the word the arguments begin with, and the next one if that is its value.
func readOption(options []option, args []string) (rest []string, err error) {
	if name, long := strings.CutPrefix(args[0], "--"); long {
		return readLong(options, name, args[1:])
	}
	return readShort(options, args[0][1:], args[1:])
}

// readLong reads one word that began with two dashes.
func readLong(options []option, word string, args []string) (rest []string, err error) {
	name, text, given := strings.Cut(word, "=")
	o, err := findLong(options, name)
	if err != nil {
		return nil, err
	}
	if given && o.takes == takesNothing {
		return nil, fmt.Errorf("option --%s takes no value", o.long)
	}
	if o.takes == takesValue && !given {
		if len(args) == 0 {
			return nil, fmt.Errorf("option --%s needs a value", o.long)
		}
		text, given, args = args[0], true, args[1:]
	}
	return args, o.set(argument{given: given, text: text})
}

// findLong returns the option of the name, or the only one that begins with it.
func findLong(options []option, name string) (*option, error) {
	var older, newer []*option
	for i := range options {
		o := &options[i]
		switch {
		case o.long == "" || !strings.HasPrefix(o.long, name):
		case o.long == name:
			return o, nil
		case o.newer:
			newer = append(newer, o)
		default:
			older = append(older, o)
		}
	}
	found := older
	if len(found) == 0 {
		found = newer
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("unknown option --%s", name)
	case 1:
		return found[0], nil
	default:
		names := make([]string, len(found))
		for i, o := range found {
			names[i] = "--" + o.long
		}
		return nil, fmt.Errorf("option --%s may be one of %s", name, strings.Join(names, ", "))
	}
}

// readShort reads one word of short options that began with one dash.
func readShort(options []option, word string, args []string) (rest []string, err error) {
	for len(word) > 0 {
		o := findShort(options, word[0])
		if o == nil {
			return nil, fmt.Errorf("unknown option -%s", firstRune(word))
		}
		word = word[1:]
		var arg argument
		switch {
		case o.takes == takesNothing:
		case word != "":
			arg, word = argument{given: true, text: word}, ""
		case o.takes == takesValue && len(args) == 0:
			return nil, fmt.Errorf("option -%c needs a value", o.short)
		case o.takes == takesValue:
			arg, args = argument{given: true, text: args[0]}, args[1:]
		}
		if err := o.set(arg); err != nil {
			return nil, err
		}
	}
	return args, nil
}

func findShort(options []option, letter byte) *option {
	for i := range options {
		if options[i].short == letter && letter != 0 {
			return &options[i]
		}
	}
	return nil
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}
