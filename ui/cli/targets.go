package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/sought"
	"nstui/ui/text"
)

// resolver finds what names of one form stand for.
type resolver struct {
	prefix string // that names of this form begin with
	// resolve gets the name without the prefix.
	resolve func(r *resolution, name string) (aim, error)
}

// resolvers are the forms of names that are found by a number or a path. All others are words, of which package
// sought says what they mean.
var resolvers = []resolver{
	{container.NetnsPrefix, (*resolution).netns},
	{sought.NumberPrefix, (*resolution).namespace},
}

// prefixes returns what names of all forms begin with.
func prefixes() []string {
	all := container.Prefixes()
	for _, form := range resolvers {
		all = append(all, form.prefix)
	}
	return all
}

// resolution is the search for one target.
type resolution struct {
	// scan reads what there is. It is not asked for a pid.
	scan func(procscan.Want) (*procscan.Snapshot, error)
	// names says who the processes belong to, without asking a daemon; ask asks them, and reports whether
	// they say anything new. Both are nil where nobody knows a container.
	names func(*procscan.Snapshot) *container.Names
	ask   func() bool
	// stopped returns the containers a word means that do not run. It is nil as names is.
	stopped func(word string) []container.Stopped
	user    func(uint32) string
	width   int // of a line of the terminal that errors are for; 0 if that is none
}

// newResolution returns a search with the scanner of the program.
func (a *app) newResolution(ctx context.Context) *resolution {
	r := &resolution{
		scan: func(want procscan.Want) (*procscan.Snapshot, error) {
			snap, err := a.scan(ctx, procscan.Options{}, want)
			if err != nil {
				return nil, fmt.Errorf("look for processes: %w", err)
			}
			return snap, nil
		},
		user: newUsers(passwdFile).name,
	}
	if terminal, ok := a.stderr.(*os.File); ok {
		r.width = widthOf(terminal)
	}
	if a.names != nil {
		namer := a.names(procscan.DefaultRoot)
		r.names = func(snap *procscan.Snapshot) *container.Names { return namer.Resolve(ctx, snap) }
		r.ask = func() bool { return namer.Ask(ctx) }
		r.stopped = func(word string) []container.Stopped { return namer.Stopped(ctx, word) }
	}
	return r
}

// resolve finds what the target is that was written on the command line; empty is none.
func (r *resolution) resolve(target string) (aim, error) {
	at, err := r.find(target)
	if err != nil {
		return aim{}, fmt.Errorf("target %s: %w", text.Clean(strconv.Quote(target)), err)
	}
	at.name = target
	at.notes = notesOf(target, at.notes...)
	return at, nil
}

// notesOf returns notes on a target, each with what was written for it.
func notesOf(target string, said ...string) []string {
	var notes []string
	for _, note := range said {
		if note != "" {
			notes = append(notes, "target "+text.Clean(strconv.Quote(target))+": "+note)
		}
	}
	return notes
}

func (r *resolution) find(target string) (aim, error) {
	if target == "" {
		return aim{}, nil
	}
	if isNumber(target) {
		ref, err := parsePID(target)
		return aim{refs: []nsenter.Ref{ref}}, err
	}
	if slices.Contains(prefixes(), target) {
		return aim{}, errors.New("there is no name behind " + target)
	}
	for _, form := range resolvers {
		if name, ok := strings.CutPrefix(target, form.prefix); ok {
			return form.resolve(r, name)
		}
	}
	return r.word(target)
}

// isNumber reports whether the target is written as a pid: digits, and what may follow a colon. A
// process whose name looks like one can only be entered by its pid. Twelve and 64 digits, which no pid has,
// are an ID of a container as docker-ps(1) shows it.
func isNumber(target string) bool {
	digits, _, _ := strings.Cut(target, ":")
	id := digits == target && (len(digits) == 12 || len(digits) == 64)
	return digits != "" && !id && strings.Trim(digits, "0123456789") == ""
}

// parsePID reads PID or PID:INODE, the inode number of the process in pidfs.
func parsePID(target string) (nsenter.Ref, error) {
	digits, inode, more := strings.Cut(target, ":")
	pid, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || pid == 0 || pid > math.MaxInt32 {
		return nsenter.Ref{}, errors.New("a pid is a number of 1 or more")
	}
	ref := nsenter.Ref{PID: int(pid)}
	if more {
		if ref.Inode, err = strconv.ParseUint(inode, 10, 64); err != nil || ref.Inode == 0 {
			return nsenter.Ref{}, errors.New("what follows the colon is the inode number of the process, such as ls -Li shows for a pidfd")
		}
	}
	return ref, nil
}
