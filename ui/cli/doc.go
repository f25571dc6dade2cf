// Package cli is the command line of nstui: it turns arguments and NSTUI_ variables into one call of
// the screen, or, where there is no terminal to draw on, into a plain list of namespaces, or, for
// nstui enter, into one program run in the namespaces of another process.
//
// The contract is [Main]: it never ends the process itself, it returns how it is to end. 0: all went
// well. 1: something could not be done; standard error says what. 2: the command line or an NSTUI_
// variable makes no sense; nothing was started. 128+n: ended by signal n, after the terminal was
// given back. nstui enter ends as nsenter(1) does, so that it can stand for it in scripts: as the
// program it ran, by the same signal too, which [Raise] sees to; 1 if that could not be started, 126
// and 127 if it could not be executed or found.
//
// nstui enter reads its options by a getopt_long(3) of its own. The table in enter_options.go holds
// them, enter_request.go makes of them what package nsenter is asked for, and targets.go finds the
// process a name stands for: a form of names is one more resolver there. A scan is made for names
// only, and what it saw of a process is checked again when that is taken hold of.
//
// Whatever a process of the host can influence, such as its name, passes [text.Clean] before it is
// written: a plain list often ends up on a terminal too, by way of less or ssh.
//
// The package does not read /proc, does not enter namespaces and does not know bubbletea. A later
// subcommand is one more file here with a function that returns a cobra.Command, and one line in
// newCommand.
package cli
