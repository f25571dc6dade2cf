// Package stage is the end of nstui that runs inside a child of itself: it takes over a re-executed
// nstui before anything else of the program starts, forks, and interprets a list of system calls
// that ends in the execve of a shell.
//
// Why it exists: setns(2) into a user or a time namespace needs a process with one thread, and a Go
// program never is one. A fork made with a raw clone has one thread by construction, but in it nothing
// of Go may run that allocates, grows a stack or takes a lock. So the entry is compiled into a flat
// list of operations by package nsenter, where it can be tested as plain data, and what runs after
// the fork is a loop that only makes system calls.
//
// The contract between the two ends: descriptor FD holds a memfd of the same user, sealed against
// shrinking, growing and writing, that begins with Magic (see Header); the report of what happened goes
// as Records to the descriptor the header names, which is closed by a successful execve. A program that
// finds something else there, or the list of another user, goes on as an ordinary one; package nsenter
// has put a variable into its environment by which main then knows that it is none. A list of our own
// that is broken or not sealed ends the program.
//
// Processes: the first fork and each Fork operation use CLONE_PARENT, so that every process made here
// is a child of the nstui that started the stage, and none stays behind only to wait for the next.
//
// Dangers. The package imports nothing but unsafe, and that is load-bearing: Go initialises packages
// in the order of their import paths as far as their imports allow, so this one runs before package
// syscall, which raises RLIMIT_NOFILE, and before the packages of the screen, which cost milliseconds.
// Everything that runs after the fork is nosplit and norace. The stage refuses to act in a
// program that runs with more privileges than its caller (AT_SECURE), since its list comes from there.
//
// What it does not do: it decides nothing. It knows no namespace and no shell.
package stage
