// Command nstui shows every Linux namespace of the host and opens a shell in any set of them.
//
// A shell is started by a second nstui that joins the namespaces and becomes the shell. It is taken
// over long before main, while packages are initialised: see nstui/nsenter/stage.
package main

import (
	"fmt"
	"os"
	"runtime"

	"nstui/nsenter"
	_ "nstui/nsenter/express" // takes over what needs no more than two system calls
	"nstui/ui/cli"
)

// exitNested is what env(1) and nice(1) exit with when they fail before the program they are to run.
const exitNested = 125

func main() {
	// A child that was not taken over would start children of its own, without end.
	if nsenter.Nested() {
		fmt.Fprintln(os.Stderr, "nstui: started as the child that enters namespaces, but not recognised as one")
		os.Exit(exitNested)
	}
	// Its options and variables name files to write, and it shows what only its owner may see.
	if os.Getuid() != os.Geteuid() || os.Getgid() != os.Getegid() {
		fmt.Fprintln(os.Stderr, "nstui: is set-user-ID or set-group-ID, which it is not made for: use sudo(8)")
		os.Exit(exitNested)
	}
	// The kernel gives signals to the main thread before others. It only waits: a thread that hangs in a
	// file system of somebody else's would keep them.
	ends := make(chan cli.End)
	go func() { ends <- cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr) }()
	end := <-ends
	if end.Signal != 0 {
		cli.Raise(end.Signal)
	}
	os.Exit(end.Status)
}

func init() { runtime.LockOSThread() }
