package cli

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/ui/theme"
)

const completionHelp = `Prints a script that lets a shell complete the words of nstui, also names of containers, pods,
units and network namespaces behind -t. It needs nothing but the shell.

  bash  source <(nstui completion bash)      in ~/.bashrc
  zsh   source <(nstui completion zsh)       in ~/.zshrc, behind compinit
  fish  nstui completion fish | source       in ~/.config/fish/config.fish

For all users: put what it prints in /etc/bash_completion.d/nstui, in a file _nstui in a
folder of zsh's $fpath, or in /etc/fish/completions/nstui.fish.`

// completionCommand returns the command nstui completion. The scripts ask the hidden command __complete, which
// cobra makes: it prints a line for each word, with a tab and a description behind it, and as the last one a
// colon and what else is to be done, see cobra.ShellCompDirective. Of a word --option=value it prints values.
func (a *app) completionCommand() *cobra.Command {
	scripts := map[string]string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}
	cmd := &cobra.Command{
		Use:       "completion bash|zsh|fish",
		Short:     "Print a script that completes names in bash, zsh or fish",
		Long:      completionHelp,
		ValidArgs: []string{"bash", "fish", "zsh"},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || scripts[args[0]] == "" {
				return usageError{errors.New("completion: want one of bash, zsh, fish")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := misplaced(cmd); err != nil {
				return usageError{err}
			}
			return a.print(scripts[args[0]])
		},
	}
	cmd.Flags().BoolP("help", "h", false, "print this help and exit")
	return cmd
}

// What a shell does beside showing the words.
const (
	completeFiles  = cobra.ShellCompDirectiveDefault    // of files, if there are no words
	completeNoFile = cobra.ShellCompDirectiveNoFileComp // nothing
	// completeOn puts no space behind the word, since it may go on.
	completeOn = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
)

// completeFlags says what may stand behind the options of nstui itself.
func (a *app) completeFlags(cmd *cobra.Command) {
	fixed := func(words []string) cobra.CompletionFunc {
		return func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return beginning(slices.Clone(words), typed), completeNoFile
		}
	}
	var themes []string
	for _, name := range theme.Names() {
		themes = append(themes, string(name))
	}
	for flag, complete := range map[string]cobra.CompletionFunc{
		"target": func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return a.targetWords(cmd.Context(), typed), completeNoFile
		},
		"kind":  fixed(kindWords()),
		"theme": fixed(themes),
		"pid":   fixed(nil), "prefix": fixed(nil), "interval": fixed(nil), "history": fixed(nil),
	} {
		_ = cmd.RegisterFlagCompletionFunc(flag, complete) // which fails only if there is no such flag
	}
}

func kindWords() []string {
	words := make([]string, 0, ns.NumKinds)
	for _, k := range ns.Kinds() {
		words = append(words, k.String())
	}
	return words
}

// valueWords returns the words that may be the value of an option, and what else is to be done.
type valueWords func(ctx context.Context, o *option, typed string) ([]string, cobra.ShellCompDirective)

// completeOptions returns a function that completes what getopt reads. Behind the first word that is no option
// there are files, unless options may stand anywhere: then values is asked, without an option.
func completeOptions(options []option, help string, anywhere bool, values valueWords) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		pending, ended := behind(options, args, anywhere)
		name, value, glued := strings.Cut(typed, "=")
		switch {
		case pending != nil:
			return values(cmd.Context(), pending, typed)
		case ended:
			return nil, completeFiles
		case strings.HasPrefix(typed, "--") && glued:
			o, err := findLong(options, name[2:])
			if err != nil || o.takes == takesNothing {
				return nil, completeNoFile
			}
			return values(cmd.Context(), o, value)
		case len(typed) > 2 && typed[0] == '-' && typed[1] != '-':
			o := findShort(options, typed[1])
			if o == nil || o.takes != takesValue {
				return nil, completeFiles
			}
			words, more := values(cmd.Context(), o, typed[2:])
			for i := range words {
				words[i] = typed[:2] + words[i]
			}
			return words, more
		case strings.HasPrefix(typed, "-"):
			return optionWords(options, help, typed), completeNoFile
		case anywhere:
			return values(cmd.Context(), nil, typed)
		}
		return nil, completeFiles
	}
}

// behind reads options as getopt does. It returns the option whose value comes next, nil if there is none, and
// whether there is no option any more.
func behind(options []option, args []string, anywhere bool) (pending *option, ended bool) {
	const next = "\x00" // stands for the word that is typed: no other argument is so
	marked := slices.Clone(options)
	for i := range marked {
		marked[i].set = func(value argument) error {
			if value.text == next {
				pending = &options[i]
			}
			return nil
		}
	}
	for rest := append(slices.Clone(args), next); len(rest) > 1; {
		switch {
		case rest[0] == "--", !isOption(rest[0]) && !anywhere:
			return nil, true
		case !isOption(rest[0]):
			rest = rest[1:]
			continue
		}
		left, err := readOption(marked, rest)
		if err != nil {
			left = rest[1:]
		}
		rest = left
	}
	return pending, false
}

// optionWords returns the options that begin as typed, with the line of the help that is about them.
func optionWords(options []option, help, typed string) []string {
	var words []string
	for _, o := range options {
		word := "--" + o.long
		if o.long == "" {
			word = "-" + string(rune(o.short))
		}
		if strings.HasPrefix(word, typed) {
			words = append(words, described(word, helpOf(help, word)))
		}
	}
	return words
}

// helpOf returns what the line of an option says behind it.
func helpOf(help, option string) string {
	line := regexp.MustCompile(`(?m)^ +(?:-\w, )?` + regexp.QuoteMeta(option) + `(?:[ =\[][^ ]+)?(?:\n {10,}| {2,})(\S.*)$`)
	if m := line.FindStringSubmatch(help); m != nil {
		return m[1]
	}
	return ""
}

// described returns a word with its description.
func described(word, description string) string {
	if description == "" {
		return word
	}
	return word + "\t" + description
}

// enterValues completes the values of the options of nstui enter.
func (a *app) enterValues(ctx context.Context, o *option, typed string) ([]string, cobra.ShellCompDirective) {
	switch o.long {
	case "target":
		return a.targetWords(ctx, typed), completeNoFile
	case "setuid", "setgid":
		return beginning([]string{"follow"}, typed), completeNoFile
	case "tools":
		return beginning([]string{"host", "busybox", "tree"}, typed), completeNoFile
	case "net-socket":
		return nil, completeNoFile
	}
	return nil, completeFiles
}

// lsValues completes the values of the options of nstui ls. What columns there are depends on the other words.
func (a *app) lsValues(columns columnTable) valueWords {
	return func(ctx context.Context, o *option, typed string) ([]string, cobra.ShellCompDirective) {
		if o == nil {
			return a.ownerWords(ctx, typed)
		}
		switch o.long {
		case "type":
			return beginning(kindWords(), typed), completeNoFile
		case "tree":
			return beginning([]string{"owner", "parent", "process"}, typed), completeNoFile
		case "output":
			return columnWords(columns, typed), completeOn
		case "proc":
			return nil, completeFiles
		}
		return nil, completeNoFile
	}
}

// ownerWords returns the names of whose processes nstui ls lists: first only what they may begin with.
func (a *app) ownerWords(ctx context.Context, typed string) ([]string, cobra.ShellCompDirective) {
	for _, prefix := range container.Prefixes() {
		if strings.HasPrefix(typed, prefix) {
			return a.targetWords(ctx, typed), completeNoFile
		}
	}
	words := beginning(container.Prefixes(), typed)
	if len(words) == 0 {
		return nil, completeNoFile
	}
	return words, completeOn
}

// columnWords returns the columns that may come next in a list of them.
func columnWords(columns columnTable, typed string) []string {
	before := typed[:strings.LastIndexAny(typed, ",+")+1]
	last := strings.ToUpper(typed[len(before):])
	var words []string
	for i := range columns {
		if strings.HasPrefix(columns[i].Name, last) {
			words = append(words, described(before+columns[i].Name, columns[i].help))
		}
	}
	return words
}

func beginning(words []string, typed string) []string {
	return slices.DeleteFunc(words, func(w string) bool { return !strings.HasPrefix(w, typed) })
}
