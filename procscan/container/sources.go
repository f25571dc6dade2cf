package container

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"nstui/procscan"
)

// Source is a place names come from, and what came of looking there.
type Source struct {
	Name  string // unique, and stable
	Tried string // the system call, and the path or what there is of that sort
	Count int    // how many things it has: of what, Of says in the plural
	Of    string
	Err   error // why it, or some of it, cannot be read; it keeps the cause
}

// places are where runtimes keep what names their containers, unless they are told otherwise.
var places = []struct {
	name, tried, of string
	paths           []string
}{
	{"docker-files", "readdir " + dockerRoot, "containers", []string{dockerRoot + dockerContainers}},
	{"podman-files", "readdir /var/lib/containers", "files and folders", []string{"/var/lib/containers/storage/overlay-containers"}},
	{"states", "readdir /run of runc and crun", "containers", append([]string{"/run/crun"}, otherStates...)},
	{"machines", "readdir /run/systemd/machines", "files", []string{"/run/systemd/machines"}},
	{"netns", "readdir /run/netns", "names", []string{"/run/netns"}},
}

// maxCounted is how many things in one place are counted.
const maxCounted = 10_000

// Errors of looking at sources.
var (
	errNoGroups  = errors.New("no process shows its control group")
	errNoFreezer = errors.New("no hierarchy of control groups is mounted that says what is frozen")
)

// Sources looks once at each place where names of the containers in a snapshot may come from, but for the sockets
// of daemons, and returns those that are there. It needs a snapshot with control groups. It waits half a
// second for each folder and each process that does not come, until there are four of them: then no more are looked at.
func (r *Resolver) Sources(ctx context.Context, snap *procscan.Snapshot) []Source {
	host := r.hostRoot(snap)
	groups := Source{Name: "control-groups", Tried: "read /proc/PID/cgroup", Of: "processes"}
	for _, p := range snap.Procs {
		if p.Cgroup != "" {
			groups.Count++
		}
	}
	if groups.Count == 0 {
		groups.Err = errNoGroups
	}
	found := []Source{groups}
	if s, ok := r.helpers(ctx, snap); ok {
		found = append(found, s)
	}
	for _, place := range places {
		s, there := Source{Name: place.name, Tried: place.tried, Of: place.of}, false
		for _, name := range place.paths {
			n, err := r.look(ctx, func() (int, error) { return count(host, name) })
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			there, s.Count, s.Err = true, s.Count+n, cmp.Or(s.Err, err)
		}
		if there {
			found = append(found, s)
		}
	}
	freezers := Source{Name: "freezer", Tried: "read cgroup.events, freezer.state", Of: "mounts"}
	freezers.Count, freezers.Err = r.look(ctx, func() (int, error) { return len(findFreezers(r.root, host)), nil })
	if freezers.Count == 0 && freezers.Err == nil {
		freezers.Err = errNoFreezer
	}
	return append(found, freezers)
}

// look runs what counts what is in one place, and returns what that returns, or that it does not come.
func (r *Resolver) look(ctx context.Context, do func() (int, error)) (int, error) {
	type answer struct {
		n   int
		err error
	}
	got, err := run(ctx, &r.errands, blame{}, func() (a answer) {
		a.n, a.err = do()
		return a
	})
	if err != nil {
		return 0, err
	}
	return got.n, got.err
}

// count counts what is in a folder.
func count(host, name string) (int, error) {
	root, err := openFolder(host)
	if err != nil {
		return 0, err
	}
	defer root.close()
	names, err := root.list(name, maxCounted)
	return len(names), err
}

// helpers tells of the processes of runtimes that stand above containers; ok is false if there are none.
func (r *Resolver) helpers(ctx context.Context, snap *procscan.Snapshot) (s Source, ok bool) {
	s = Source{Name: "runtimes", Tried: "open /proc/PID/root of runtimes", Of: "processes of runtimes"}
	refused, all := 0, 0
	for _, p := range snap.Procs {
		if kindOf(p) == noHelper {
			continue
		}
		all++
		id := p.ID()
		n, err := r.look(ctx, func() (int, error) {
			at, err := openProcess(r.root, id)
			if err != nil {
				return 0, err
			}
			defer at.close()
			root, err := at.link("root")
			if err != nil {
				return 0, err
			}
			root.close()
			return 1, nil
		})
		s.Count += n
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, procscan.ErrGone) {
			refused++
			s.Err = err
		}
	}
	if s.Err != nil {
		s.Err = fmt.Errorf("%d of %d cannot be looked into: %w", refused, all, s.Err)
	}
	return s, all > 0
}
