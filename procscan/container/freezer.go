package container

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// frost says whether the kernel has frozen a container, which is what runtimes call paused.
type frost uint8

const (
	frostUnknown frost = iota
	thawed
	frozen
)

// freezer is a hierarchy of control groups that tells whether one is frozen, where the host has it mounted.
type freezer struct {
	at   string // the mount point
	root string // the control group that is mounted there, "" for the root of all we see
	file string
}

// maxFreezers is how many are looked at: there are two hierarchies, which may be mounted more than once.
const maxFreezers = 4

// parseFreezers finds the freezers in a mountinfo, see proc_pid_mountinfo(5). In the second version each control
// group but the root has a cgroup.events (Documentation/admin-guide/cgroup-v2.rst), in the first it is a controller
// of its own (cgroup-v1/freezer-subsystem.rst).
func parseFreezers(mountinfo []byte) []freezer {
	var found []freezer
	for line := range bytes.Lines(mountinfo) {
		mount, system, ok := bytes.Cut(line, []byte(" - "))
		if !ok || !bytes.HasPrefix(system, []byte("cgroup")) {
			continue
		}
		fields, more := strings.Fields(string(mount)), strings.Fields(string(system))
		if len(fields) < 6 || len(more) < 3 {
			continue
		}
		f := freezer{at: unoctal(fields[4]), root: strings.TrimSuffix(unoctal(fields[3]), "/")}
		switch {
		case more[0] == "cgroup2":
			f.file = "cgroup.events"
		case more[0] == "cgroup" && slices.Contains(strings.Split(more[2], ","), "freezer"):
			f.file = "freezer.state"
		default:
			continue
		}
		known := slices.ContainsFunc(found, func(g freezer) bool { return g.root == f.root && g.file == f.file })
		if !known && len(found) < maxFreezers {
			found = append(found, f)
		}
	}
	return found
}

// unoctal undoes what the kernel writes for spaces and the like in paths: a backslash and three octal digits.
func unoctal(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+4 <= len(text) {
			if c, err := strconv.ParseUint(text[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(c))
				i += 3
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// below returns the path of a control group's file in the mount; ok is false if that is not mounted there. Both
// are as our own control group namespace has them: with the names of those above it left out, so that nothing
// can be told of what is not below the same.
func (f *freezer) below(cgroup string) (name string, ok bool) {
	rest, ok := strings.CutPrefix(cgroup, f.root)
	if !ok || rest != "" && rest[0] != '/' || strings.Contains(rest+"/", "/../") {
		return "", false
	}
	return path.Join("/", rest, f.file), true
}

// parseFrost says what is in a cgroup.events or a freezer.state. Some of a group that is FREEZING still runs.
func parseFrost(text []byte) frost {
	for line := range bytes.Lines(text) {
		switch string(bytes.TrimSpace(line)) {
		case "frozen 1", "FROZEN":
			return frozen
		case "frozen 0", "FREEZING", "THAWED":
			return thawed
		}
	}
	return frostUnknown
}

// maxFrost is how long these files may be.
const maxFrost = 4 << 10

// feel returns whether the groups of each container are frozen. One in any hierarchy will do.
func feel(host string, freezers []freezer, groups [][]string) []frost {
	felt := make([]frost, len(groups))
	root, err := openFolder(host)
	if err != nil {
		return felt
	}
	defer root.close()
	for _, f := range freezers {
		fd, err := root.lookUp(f.at, inside)
		if err != nil {
			continue
		}
		at := folder(fd)
		for i, paths := range groups {
			for _, p := range paths {
				if name, ok := f.below(p); ok {
					felt[i] = max(felt[i], at.frost(name))
				}
			}
		}
		at.close()
	}
	return felt
}

// frost reads one file. The root of a hierarchy has none: it cannot be frozen.
func (f folder) frost(name string) frost {
	text, _, err := f.readUpTo(name, inside, anybodys, maxFrost)
	switch {
	case err == nil:
		return parseFrost(text)
	case errors.Is(err, unix.ENOENT) && path.Dir(name) == "/":
		return thawed
	default:
		return frostUnknown
	}
}

// findFreezers looks where the freezers of the host are mounted.
func findFreezers(root, host string) []freezer {
	dir := "/1" // whose root directory that of the host is
	if host == "/" {
		dir = "/self"
	}
	at, err := openFolder(root + dir)
	if err != nil {
		return nil
	}
	defer at.close()
	text, err := at.proc("mountinfo")
	if err != nil {
		return nil
	}
	return parseFreezers(text)
}

// How often it is looked whether containers are frozen, of how many of root's and of as many of others' at once (of new
// ones four times as many), and how long after nothing was there for one, and after the mounts were looked at.
const (
	feelEvery  = recheckEvery
	feelMost   = 256
	feelSeldom = time.Minute
)

// feel finds out which containers are frozen.
func (r *Resolver) feel(ctx context.Context) {
	now := r.now()
	var due []*entry
	r.eachUsed(func(e *entry) {
		if e.used == r.round && !e.hit.monitor && !now.Before(e.frostNext) {
			due = append(due, e)
		}
	})
	if len(due) == 0 {
		return
	}
	// Users may have more than there is time for, and root may: of the new ones, which have no time yet, root's come
	// first, and of the others each have their share, those first that wait the longest.
	slices.SortFunc(due, func(a, b *entry) int { return cmp.Or(a.haste()-b.haste(), a.frostNext.Compare(b.frostNext)) })
	fresh, old := 4*feelMost, [...]int{feelMost, feelMost} // by haste
	due = slices.DeleteFunc(due, func(e *entry) bool {
		left := &old[e.haste()]
		if e.frostNext.IsZero() {
			left = &fresh
		}
		*left--
		return *left < 0
	})
	groups := make([][]string, len(due))
	for i, e := range due {
		groups[i] = e.groups()
	}
	root, host := r.root, r.hostAt
	freezers := r.freezers
	look := !now.Before(r.freezersNext)
	type answer struct {
		freezers []freezer
		felt     []frost
	}
	got, err := run(ctx, &r.errands, blame{}, func() answer {
		if look {
			freezers = findFreezers(root, host)
		}
		return answer{freezers, feel(host, freezers, groups)}
	})
	if err != nil {
		for _, e := range due { // what was known is so still, for all we know
			e.frostNext = now.Add(feelEvery)
		}
		return
	}
	if r.freezers = got.freezers; look {
		r.freezersNext = now.Add(feelSeldom)
	}
	for i, e := range due {
		e.freeze(got.felt[i])
		if e.frostNext = now.Add(feelEvery); e.frost == frostUnknown {
			e.frostNext = now.Add(feelSeldom)
		}
	}
}

// groups returns the control groups that are frozen where a container is: its own, or, where none names it, those
// of its leader.
func (e *entry) groups() []string {
	if e.sandbox && e.path != nil {
		return strings.Split(e.path.key, "\n")
	}
	return []string{e.cgroup}
}

// freeze notes whether it is frozen.
func (e *entry) freeze(f frost) {
	if e.frost != f {
		e.frost, e.owner = f, nil
	}
}

// state returns what is known of the state: that it is frozen the kernel knows best.
func (e *entry) state() string {
	switch {
	case e.frost == frozen:
		return "paused"
	case e.frost == thawed && e.facts.state == "":
		return "running"
	default:
		return e.facts.state
	}
}
