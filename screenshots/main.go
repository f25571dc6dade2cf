// Command screenshots takes the pictures of nstui that the README shows.
//
//	go -C screenshots run . [-o folder] [name...]
//
// It needs root. It makes a small host of its own from namespaces, with a few servers and containers
// that only bear the names, runs nstui there in a terminal of package drive, types keys, waits for
// text, and draws the cells of the screen. When it ends, so does the small host with all that is in
// it; nothing of the real host is in the pictures.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
)

// roleVariable says which part a process of this program plays; none is the one the user started.
const roleVariable = "NSTUI_SCREENSHOTS_ROLE"

// The parts.
const (
	roleUnshare = "unshare" // leaves the cgroup namespace, and becomes:
	roleInit    = "init"    // the first process of the small host, which takes the pictures
	roleActor   = "actor"   // any other process of it
)

func main() {
	if err := play(os.Getenv(roleVariable)); err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

// play plays the part.
func play(role string) error {
	switch role {
	case roleUnshare:
		return unshareCgroup()
	case roleInit:
		return runInit()
	case roleActor:
		return runActor()
	default:
		return run(os.Args[1:])
	}
}

// run builds nstui and has the pictures taken in a small host.
func run(args []string) error {
	flags := flag.NewFlagSet("screenshots", flag.ContinueOnError)
	out := flags.String("o", ".", "folder to write to")
	flags.Usage = func() {
		_, _ = fmt.Fprintln(flags.Output(), "usage: go -C screenshots run . [-o folder] [name...]\nnames:", names())
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	for _, name := range flags.Args() {
		if !slices.Contains(names(), name) {
			return fmt.Errorf("there is no picture %q, only %v", name, names())
		}
	}
	if os.Geteuid() != 0 {
		return errors.New("making a host needs root")
	}
	folder, err := filepath.Abs(*out)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return withHost(ctx, order{Folder: folder, Names: flags.Args()})
}
