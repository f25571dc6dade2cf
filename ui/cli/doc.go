// Package cli is the command line of nstui: it turns arguments and NSTUI_ variables into one call of
// the screen, or, for nstui ls and where there is no terminal to draw on, into a list of namespaces,
// or, for nstui enter, into one program run in the namespaces of another process.
//
// The contract is [Main]: it never ends the process itself, it returns how it is to end. 0: all went
// well. 1: something could not be done; standard error says what. 2: the command line or an NSTUI_
// variable makes no sense; nothing was started. 128+n: ended by signal n, after the terminal was
// given back. nstui enter ends as nsenter(1) does, so that it can stand for it in scripts: as the
// program it ran, by the same signal too, which [Raise] sees to; 1 if that could not be started, 126
// and 127 if it could not be executed or found. nstui ls ends as lsns(8) does: 1 also for a command line
// that makes no sense, 2 if the kernel does not know of owners.
//
// nstui enter reads its options by a getopt_long(3) of its own. The table in enter_options.go holds
// them, enter_request.go makes of them what package nsenter is asked for, and targets.go finds the
// process a name stands for: a form of names is one more resolver there. A scan is made for names
// only, and what it saw of a process is checked again when that is taken hold of.
//
// nstui ls is a table of columns in ls_columns.go, each with what has to be read for it and how a cell is
// made; ls_lines.go decides which lines there are and what stands below what. What lines are wanted is
// understood by package query, and how they are written by package sheet. A column of ours goes behind
// those of lsns(8), since --output-all prints them in this order.
//
// nstui completion prints a script for a shell, in completion_scripts.go; completion.go says what may come next.
//
// Whatever a process of the host can influence, such as its name, passes [text.Clean] or package sheet
// before it is written: a list often ends up on a terminal too, by way of less or ssh.
//
// The package does not read /proc, does not enter namespaces and does not know bubbletea. A later
// subcommand is one more file here with a function that returns a cobra.Command, and one line in
// newCommand.
package cli
