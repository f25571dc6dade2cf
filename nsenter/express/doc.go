// Package express is the fast way into one namespace. It takes over a nstui that was started as
//
//	nstui enter -t PID -n PROGRAM [ARGUMENT...]
//
// while packages are initialised, joins the namespace, and executes the program in its own process.
//
// Why it exists: scripts enter one namespace after the other, and there the time until the program runs
// counts. These are ratios of medians of some thousand entries that took turns with nsenter(1), from the
// start of the process to the first byte of the program (BenchmarkFirstByte in nstui/test):
//
//	1.0  nsenter -t PID -n sh -c 'echo x', 1.5 ms
//	1.3  this package
//	2.0  the same system calls, but made by main: Go has initialised all packages by then
//	3.3  the ordinary way, by package nsenter, which re-executes nstui and stays as the parent
//
// Most of what is left above 1 is the start of the Go runtime: memory, signals, threads.
//
// The kinds are net, uts, ipc and cgroup: those that setns(2) lets a process with several threads join,
// that need no fork, and that leave the files, the ids and the capabilities as they are. So what the
// ordinary way does around an entry has no object here: nobody in the namespace can reach the process who
// could not before, and a program that is found outside is found inside.
//
// The contract: a user cannot tell this way from the ordinary one but by its speed, and by the process that
// does not wait: the program has the pid nstui was started with. Whatever is not exactly the simple case
// goes the ordinary way, and so does whatever does not succeed; no error is put into words here. Before the
// namespace is joined that means to return. Afterwards the process is in it already, with one of its
// threads only, so nstui is executed anew: it finds nothing to join then, does not execute the program
// either, and says why. Its options are made such that it does not come by here again.
//
// Signals are as after a syscall.Exec: those ignored stay so as far as the Go runtime lets them, which is
// SIGHUP, SIGINT and those it has no handler for. The limit of open files is the caller's: package
// syscall, which raises it, is initialised later. Descriptors above 2 are closed.
//
// Dangers. The package imports nothing but unsafe, and that is load-bearing, for the same reason as that of
// package stage. It reads a command line that package ui/cli reads, too: it must understand less of it,
// never something else. It never acts with more privileges than its caller has (AT_SECURE).
//
// What it must never grow into: a second nsenter. No kind that needs a fork or one thread (pid, user,
// time), none with other files (mnt), no two kinds at once, no options about ids, directories or the
// environment, no names of targets, no messages. Each of these is a matter of the ordinary way, where it can
// be planned, checked and explained.
package express
