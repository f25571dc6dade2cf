// Package cli is the command line of nstui: it turns arguments and NSTUI_ variables into one call of
// the screen, or, where there is no terminal to draw on, into a plain list of namespaces.
//
// The contract is [Main]: it never ends the process itself, it returns the exit status. 0: all went
// well. 1: something could not be done; standard error says what. 2: the command line or an NSTUI_
// variable makes no sense; nothing was started. 128+n: ended by signal n, after the terminal was
// given back.
//
// Whatever a process of the host can influence, such as its name, passes [text.Clean] before it is
// written: a plain list often ends up on a terminal too, by way of less or ssh.
//
// The package does not read /proc, does not enter namespaces and does not know bubbletea. A later
// subcommand is one more file here with a function that returns a cobra.Command, and one line in
// newCommand.
package cli
