package cli

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// recorded returns options like those of nsenter(1), and the list they write down what is met in.
func recorded() (options []option, met *[]string) {
	met = &[]string{}
	note := func(name string) func(argument) error {
		return func(a argument) error {
			if a.given {
				name := name + "=" + a.text
				*met = append(*met, name)
				return nil
			}
			*met = append(*met, name)
			return nil
		}
	}
	return []option{
		{short: 'a', long: "all", set: note("a")},
		{short: 't', long: "target", takes: takesValue, set: note("t")},
		{short: 'n', long: "net", takes: takesGlued, set: note("n")},
		{short: 'u', long: "uts", takes: takesGlued, set: note("u")},
		{long: "user", takes: takesGlued, set: note("user")},
		{long: "user-parent", newer: true, set: note("user-parent")},
		{short: 'W', takes: takesValue, set: note("W")},
		{long: "wdns", takes: takesGlued, set: note("wdns")},
		{long: "wd", takes: takesGlued, set: note("wd")},
		{short: 'F', long: "no-fork", set: note("F")},
		{long: "keep-caps", newer: true, set: note("keep-caps")},
		{short: 'h', set: func(argument) error { return errHelp }},
	}, met
}

// What is expected here is what the nsenter of util-linux 2.38.1 does with the same words, but for the
// options it does not have.
func TestGetopt(t *testing.T) {
	tests := []struct {
		args string // words, apart by one space
		met  string
		rest string
		err  string
	}{
		{args: "", met: ""},
		{args: "-a", met: "a"},
		{args: "ls -a", rest: "ls -a"}, // the options of the program are its own
		{args: "-a ls -a", met: "a", rest: "ls -a"},
		{args: "-a -- -t 1", met: "a", rest: "-t 1"},
		{args: "-- -- x", rest: "-- x"},
		{args: "- -a", rest: "- -a"}, // a program called "-"
		{args: "-t 1 -n", met: "t=1 n"},
		{args: "-t1", met: "t=1"},
		{args: "-t -n", met: "t=-n"},
		{args: "-t -- x", met: "t=--", rest: "x"},
		{args: "-at 1", met: "a t=1"},
		{args: "-aF", met: "a F"},
		{args: "-nu", met: "n=u"}, // the file u
		{args: "-an", met: "a n"},
		{args: "-n /file", met: "n", rest: "/file"},
		{args: "-n/file", met: "n=/file"},
		{args: "-n=/file", met: "n==/file"}, // what to make of it is up to the option
		{args: "--net=/file", met: "n=/file"},
		{args: "--net=", met: "n="},
		{args: "--net= x", met: "n=", rest: "x"},
		{args: "--net /file", met: "n", rest: "/file"},
		{args: "--net=a=b", met: "n=a=b"},
		{args: "--target 1", met: "t=1"},
		{args: "--target=1", met: "t=1"},
		{args: "--target --", met: "t=--"},
		{args: "--targ 1", met: "t=1"},
		{args: "--wd", met: "wd"}, // whole, though another one begins so
		{args: "--us", met: "user"},
		{args: "--user-p", met: "user-parent"},
		{args: "--k", met: "keep-caps"},
		{args: "-W / x", met: "W=/", rest: "x"},
		{args: "--wdns / x", met: "wdns", rest: "/ x"},
		{args: "-a -h --bogus", met: "a", err: "asked for help"}, // what is behind it is not looked at

		{args: "--bogus", err: "unknown option --bogus"},
		{args: "--netx", err: "unknown option --netx"},
		{args: "-q", err: "unknown option -q"},
		{args: "-aé", met: "a", err: "unknown option -é"},
		{args: "-t", err: "option -t needs a value"},
		{args: "--target", err: "option --target needs a value"},
		{args: "--all=x", err: "option --all takes no value"},
		{args: "--w", err: "option --w may be one of --wdns, --wd"},
		{args: "--n", err: "option --n may be one of --net, --no-fork"},
		{args: "--Net", err: "unknown option --Net"},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			options, met := recorded()
			rest, err := getopt(options, strings.Fields(test.args))
			if got := strings.Join(*met, " "); got != test.met {
				t.Errorf("met %q, want %q", got, test.met)
			}
			if (err == nil) != (test.err == "") || err != nil && err.Error() != test.err {
				t.Fatalf("got error %v, want %q", err, test.err)
			}
			if err == nil && strings.Join(rest, " ") != test.rest {
				t.Errorf("left %q, want %q", rest, test.rest)
			}
		})
	}
}

// Words that are empty are words.
func TestGetoptEmptyWords(t *testing.T) {
	options, met := recorded()
	rest, err := getopt(options, []string{"-t", "", "", "-a"})
	if err != nil || !reflect.DeepEqual(rest, []string{"", "-a"}) || !reflect.DeepEqual(*met, []string{"t="}) {
		t.Errorf("met %q, left %q, %v", *met, rest, err)
	}
}

// Whatever is typed, an option is met or an error is returned; what is left is the end of what was
// given, and no word is invented.
func FuzzGetopt(f *testing.F) {
	f.Add("-a\x00-nu\x00--targ\x001\x00ls\x00-l")
	f.Add("-W\x00\x00--=\x00--")
	f.Fuzz(func(t *testing.T, line string) {
		args := strings.Split(line, "\x00")
		before := slices.Clone(args)
		options, _ := recorded()
		rest, err := getopt(options, args)
		if !slices.Equal(args, before) {
			t.Fatal("the words were changed")
		}
		if err != nil {
			if rest != nil || !errors.Is(err, errHelp) && err.Error() == "" {
				t.Errorf("left %q, %v", rest, err)
			}
			return
		}
		if !slices.Equal(rest, args[len(args)-len(rest):]) {
			t.Errorf("left %q of %q", rest, args)
		}
	})
}
