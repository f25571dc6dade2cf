package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/container/engine"
	"nstui/procscan/probe"
	"nstui/ui"
	"nstui/ui/text"
)

// The exit statuses beside those of signals.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

// usageError is an error in what the user asked for, as opposed to one in doing it.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// live is what keeps the screen up to date.
type live interface {
	ui.Live
	Close()
}

// app is what a run depends on; tests put their own functions in place of the real ones.
type app struct {
	stdout, stderr io.Writer
	interactive    bool // there is a terminal on both ends
	onTerminal     bool // and standard error is it, too
	// width returns how many cells a line of the terminal has that standard output is, 0 if it is none.
	// It may be nil for that, too.
	width  func() int
	lookup func(string) (string, bool)
	// scan reads a proc root once, live again and again.
	scan func(ctx context.Context, o procscan.Options, want procscan.Want) (*procscan.Snapshot, error)
	live func(root string) live
	// names returns who finds out who the processes of a proc root belong to. It may be nil for nobody.
	names func(root string) nameSource
	// engines asks the daemons of runtimes what nstui asks them. It may be nil for nobody, too.
	engines func(ctx context.Context, hostRoot string) []engine.State
	// sources looks where names come from besides. It may be nil for nowhere, too.
	sources func(ctx context.Context, root string, snap *procscan.Snapshot) []container.Source
	screen  func(context.Context, ui.Config) error
	// probe tries what the kernel allows on a proc root.
	probe  func(ctx context.Context, root string) probe.Report
	engine enterer
	// notify catches the signals that end programs, for what must put something right first.
	notify func(context.Context) (context.Context, func())
}

// Main runs nstui with the given arguments, the name of the program not among them, and returns how it
// is to end.
func Main(args []string, stdin, stdout, stderr *os.File) End {
	interactive := term.IsTerminal(stdin.Fd()) && term.IsTerminal(stdout.Fd())
	a := &app{
		stdout:      stdout,
		stderr:      stderr,
		interactive: interactive,
		onTerminal:  interactive && term.IsTerminal(stderr.Fd()),
		width:       func() int { return widthOf(stdout) },
		lookup:      os.LookupEnv,
		scan:        scan,
		live:        func(root string) live { return procscan.NewLive(procscan.Options{Root: root}) },
		names:       func(root string) nameSource { return container.New(container.Options{Root: root}) },
		engines:     askEngines,
		sources:     sourcesOf,
		screen:      ui.Run,
		probe:       probe.Run,
		engine:      enterer{pin: nsenter.Pin, run: nsenter.Run, relay: relay},
		notify:      notify,
	}
	return a.main(context.Background(), args)
}

// widthOf returns how many cells a line of the terminal has, 0 if the file is none. As for other programs
// $COLUMNS counts where the terminal does not tell.
func widthOf(file *os.File) int {
	if !term.IsTerminal(file.Fd()) {
		return 0
	}
	if width, _, err := term.GetSize(file.Fd()); err == nil && width > 0 {
		return width
	}
	if width, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && width > 0 {
		return width
	}
	return 80
}

// scan reads a proc root once.
func scan(ctx context.Context, o procscan.Options, want procscan.Want) (*procscan.Snapshot, error) {
	return procscan.New(o).Scan(ctx, want, nil)
}

// main runs the command and says on standard error what went wrong.
func (a *app) main(ctx context.Context, args []string) End {
	cmd := a.newCommand()
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(ctx)

	var killed *signalError
	var end *endError
	switch {
	case err == nil:
		return End{Status: exitOK}
	case errors.As(err, &end):
		return end.end
	// Whoever sent the signal needs no message.
	case errors.As(err, &killed):
		return End{Status: killed.status()}
	// The reader, such as head(1), has seen enough. That is not for us to judge.
	case errors.Is(err, syscall.EPIPE):
		return End{Status: exitOK}
	case errors.As(err, new(usageError)):
		a.complain("nstui: %s\ntry: nstui --help\n", cleanLines(err))
		return End{Status: exitUsage}
	case errors.As(err, new(enterUsageError)):
		a.complain("nstui: %s\ntry: nstui enter --help\n", text.Clean(err.Error()))
		return End{Status: exitError}
	case errors.As(err, new(lsUsageError)):
		a.complain("nstui: %s\ntry: nstui ls --help\n", cleanLines(err))
		return End{Status: exitError}
	default:
		a.complain("nstui: %s\n", cleanLines(err))
		return End{Status: exitError}
	}
}

// show shows the namespaces, until a signal or the user ends it. A signal is why all else failed, so it
// goes before other errors.
func (a *app) show(ctx context.Context, opts options) error {
	ctx, stop := a.notify(ctx)
	defer stop()
	var err error
	if a.interactive {
		live := a.live(opts.root)
		defer live.Close()
		err = a.screen(ctx, opts.config(live))
	} else {
		err = a.listTarget(ctx, opts)
	}
	if killed, ok := errors.AsType[*signalError](context.Cause(ctx)); ok {
		return killed
	}
	return err
}

// listTarget prints the namespaces, or those of the target if there is one.
func (a *app) listTarget(ctx context.Context, opts options) error {
	list := opts.list()
	if name := opts.target.name; name != "" {
		at, err := a.newResolution(ctx).resolve(name)
		if err != nil {
			return err
		}
		if len(at.refs) == 0 {
			return usageError{fmt.Errorf("target %s is a namespace, not a process: nstui ls lists it", text.Clean(strconv.Quote(name)))}
		}
		a.tell(at)
		list.pid = at.refs[0].PID
	}
	return a.list(ctx, list)
}

// cleanLines returns what the error says, fit for a terminal. It may have lines, such as a list of processes.
func cleanLines(err error) string {
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		lines[i] = text.Clean(line)
	}
	return strings.Join(lines, "\n")
}

// complain writes to standard error; where that fails there is nobody left to tell.
func (a *app) complain(format string, args ...any) {
	_, _ = fmt.Fprintf(a.stderr, format, args...)
}

// tell says on standard error what whoever typed a target should know of it.
func (a *app) tell(at aim) {
	for _, note := range at.notes {
		a.complain("nstui: %s\n", note)
	}
}

// newCommand returns the command nstui without its arguments.
func (a *app) newCommand() *cobra.Command {
	var opts options
	cmd := &cobra.Command{
		Use:     "nstui",
		Short:   "See every Linux namespace of this host and open a shell in any set of them",
		Long:    longHelp,
		Example: examples,
		Version: Version(),
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.NoArgs(cmd, args); err != nil {
				return usageError{err}
			}
			return nil
		},
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			return setFromEnvironment(cmd.Flags(), a.lookup)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return a.show(cmd.Context(), opts) },
		// main says it, once and without the whole help below it.
		SilenceErrors: true,
		SilenceUsage:  true,
		// What stands before the name of a subcommand is an option of nstui itself.
		TraverseChildren:  true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	cmd.SetOut(a.stdout)
	cmd.SetErr(a.stderr)
	cmd.SetVersionTemplate("nstui {{.Version}}\n")
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	cmd.SetHelpTemplate(cmd.HelpTemplate() + "{{if not .HasParent}}" + environmentHelp + "{{end}}")
	cmd.Flags().SortFlags = false
	opts.addTo(cmd.Flags())
	cmd.AddCommand(a.enterCommand(), a.lsCommand(), a.doctorCommand(), a.completionCommand())
	a.completeFlags(cmd)
	return cmd
}

// ownOptions returns a command that reads its options itself, as another program does: see getopt. misuse
// makes the error of one that is called in a wrong way.
func (a *app) ownOptions(help string, misuse func(error) error, run func(context.Context, []string) error) *cobra.Command {
	cmd := &cobra.Command{
		DisableFlagParsing:    true,
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := misplaced(cmd); err != nil {
				return misuse(err)
			}
			return run(cmd.Context(), args)
		},
	}
	cmd.SetHelpFunc(func(*cobra.Command, []string) { _ = a.print(help) }) // there is nobody left to tell
	return cmd
}

// misplaced returns an error if an option of nstui itself was given before a command of it.
func misplaced(cmd *cobra.Command) (err error) {
	cmd.Root().Flags().Visit(func(f *pflag.Flag) {
		err = fmt.Errorf("option --%s of nstui itself does not go with %s", f.Name, cmd.Name())
	})
	return err
}

// print writes to standard output.
func (a *app) print(s string) error {
	_, err := fmt.Fprint(a.stdout, s)
	return err
}

const longHelp = `nstui shows every Linux namespace of this host, the processes in it and what they share,
and opens a shell in any set of namespaces of a process, inside its own screen.

Press ? in the program for its keys. Inside a shell one key belongs to nstui: the prefix,
ctrl+] unless --prefix says otherwise; d after it goes back to the list.

Where standard input or output is not a terminal, the namespaces are printed as by nstui ls.
Linux lets an ordinary user see the namespaces of their own processes only: run nstui as
root to see and enter all.`

const examples = `  nstui                          every namespace, live
  nstui --kind net               open on network namespaces
  nstui --pid 4183               open on process 4183
  nstui -t web                   open on a container, a pod, a unit
  nstui ls -t net -o +KEPTBY     a list for scripts, as lsns makes it
  nstui enter -t nginx -n ss -l  a program in its namespaces, as nsenter does`

const environmentHelp = `
Environment:
  NSTUI_KIND, NSTUI_SHELL, NSTUI_PREFIX, NSTUI_INTERVAL, NSTUI_HISTORY, NSTUI_THEME,
  NSTUI_MOUSE, NSTUI_BARE, NSTUI_NO_BELL
               like the options of these names, which count more
  NSTUI_DEBUG  file to log messages and timings to
  NO_COLOR     not empty: no colours
`
