package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/ui/text"
)

// resolver finds what names of one form stand for.
type resolver struct {
	prefix string // that names of this form begin with
	// resolve gets the name without the prefix.
	resolve func(r *resolution, name string) (aim, error)
}

// resolvers are the forms of names, besides pids and the names of processes. A later form, such as
// that of containers, is one more line here, in the place of its errLater.
var resolvers = []resolver{
	{"unit:", (*resolution).unit},
	{"netns:", (*resolution).netns},
	{"ns:", (*resolution).namespace},
	{"container:", errLater("container")},
	{"pod/", errLater("pod")},
	{"pod:", errLater("pod")},
}

// errLater returns a resolver for names that are kept free for what is not there yet.
func errLater(what string) func(*resolution, string) (aim, error) {
	return func(*resolution, string) (aim, error) {
		return aim{}, fmt.Errorf("nstui does not know %ss by name yet: name a process of it by its pid", what)
	}
}

// resolution is the search for one target.
type resolution struct {
	// scan reads what there is. It is not asked for a pid.
	scan func(procscan.Want) (*procscan.Snapshot, error)
	user func(uint32) string
}

// newResolution returns a search with the scanner of the program.
func (a *app) newResolution(ctx context.Context) *resolution {
	return &resolution{
		scan: func(want procscan.Want) (*procscan.Snapshot, error) {
			snap, err := a.scan(ctx, procscan.Options{}, want)
			if err != nil {
				return nil, fmt.Errorf("look for processes: %w", err)
			}
			return snap, nil
		},
		user: newUsers(passwdFile).name,
	}
}

// resolve finds what the target is that was written on the command line; empty is none.
func (r *resolution) resolve(target string) (aim, error) {
	at, err := r.find(target)
	if err != nil {
		return aim{}, fmt.Errorf("target %s: %w", text.Clean(strconv.Quote(target)), err)
	}
	at.name = target
	return at, nil
}

func (r *resolution) find(target string) (aim, error) {
	if target == "" {
		return aim{}, nil
	}
	if isNumber(target) {
		ref, err := parsePID(target)
		return aim{refs: []nsenter.Ref{ref}}, err
	}
	for _, form := range resolvers {
		if name, ok := strings.CutPrefix(target, form.prefix); ok {
			if name == "" {
				return aim{}, errors.New("there is no name behind " + form.prefix)
			}
			return form.resolve(r, name)
		}
	}
	return r.named(target)
}

// isNumber reports whether the target is written as a pid: digits, and what may follow a colon. A
// process whose name looks like one can only be entered by its pid.
func isNumber(target string) bool {
	digits, _, _ := strings.Cut(target, ":")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
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
