package container

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"nstui/procscan/container/engine"
)

// Stopped is a container that has no process, as its runtime tells. Its texts are a stranger's.
type Stopped struct {
	Runtime Runtime
	ID      string
	Name    string
	// How says what became of it, such as "exited with 137, 5 minutes ago"; empty where nobody tells.
	How string
	// ByID says that nothing but the start of its ID is what was asked for, which may be chance.
	ByID bool

	// project and service are those of compose.
	project, service string
}

// String says that it does not run: "docker's container web is not running (exited with 137, 5 minutes ago)". Who
// asked for the start of its ID is told that: "podman's container web, 4f5a9b2c1d3e, is not running".
func (s *Stopped) String() string {
	name := s.Name
	if s.ByID {
		name += ", " + short(s.ID) + ","
	}
	said := fmt.Sprintf("%s's container %s is not running", s.Runtime, name)
	if s.How != "" {
		said += " (" + s.How + ")"
	}
	return said
}

// maxStopped is how many containers of one name are told.
const maxStopped = 5

// Stopped returns the containers without processes that a word means: a name, with RUNTIME: too, a service of
// compose, or at least four digits of an ID. It is for who has found nothing by [Names.Find], and tells of Docker
// and podman alone: by their files, as far as root's or the caller's own are there, and, where those have none of
// that name, by their daemons. It waits for these for a second or so, and asks none that was silent before; before
// Resolve it knows nothing.
func (r *Resolver) Stopped(ctx context.Context, word string) []Stopped {
	prefix, name := Split(word)
	r.mu.Lock()
	host, last, mute := r.hostAt, r.last, slices.Clone(r.mute)
	r.mu.Unlock()
	if host == "" || prefix != "" && prefix != ContainerPrefix {
		return nil
	}
	known := make(map[string]bool)
	for _, row := range last.Containers() {
		known[row.Owner.ID] = true
	}
	// meant returns those of a list that the word means and that are not known yet.
	meant := func(list []Stopped) (some []Stopped) {
		for _, s := range list {
			if !known[s.ID] && len(some) < maxStopped && s.means(name) {
				known[s.ID] = true
				some = append(some, s)
			}
		}
		return some
	}
	now := r.now()
	list, err := run(ctx, &r.errands, blame{}, func() []Stopped { return stoppedOnDisk(host, r.shelf.dockerRoots(), now) })
	list = meant(list)
	if err == nil && slices.ContainsFunc(list, func(s Stopped) bool { return !s.ByID }) {
		return list
	}
	var told []Stopped
	for _, c := range engine.ListStopped(ctx, host, func(s engine.Socket) bool {
		return slices.ContainsFunc(mute, func(m Silent) bool { return !m.Denied && m.Source == s.String() })
	}) {
		told = append(told, stoppedOf(&c, now))
	}
	return append(list, meant(told)...)
}

// means reports whether a word means it, and notes whether by its ID alone.
func (s *Stopped) means(name string) bool {
	name = strings.TrimPrefix(name, string(s.Runtime)+":")
	if name == s.Name || s.service != "" && (name == s.service || name == s.project+"/"+s.service) {
		return true
	}
	s.ByID = len(name) >= minPrefix && isHex(name) && strings.HasPrefix(s.ID, name)
	return s.ByID
}

// stoppedOf is what a daemon says of one.
func stoppedOf(c *engine.Stopped, now time.Time) Stopped {
	var f facts
	f.takeCompose(c.Labels)
	s := Stopped{Runtime: Docker, ID: c.ID, Name: capped(c.Name), project: f.project, service: f.service}
	if c.Engine == engine.Podman {
		s.Runtime = Podman
	}
	// "Exited (137) 5 minutes ago", "Restarting (1) Less than a second ago"
	word, rest, _ := strings.Cut(c.Status, " (")
	code, ago, ended := strings.Cut(rest, ") ")
	switch {
	case c.State == "created":
		s.How = neverStarted
	case !c.Ended.IsZero():
		s.How = exitedWith(c.Exit, c.Ended, now)
	case ended && word == "Exited":
		s.How = "exited with " + code + ", " + strings.ToLower(ago)
	case ended && word == "Restarting":
		s.How = restarting + "exited with " + code + ", " + strings.ToLower(ago)
	default:
		s.How = strings.ToLower(c.State)
	}
	return s
}

const (
	neverStarted = "created, and never started"
	restarting   = "to be started again: " // what comes before how it ended
)

// exitedWith says how a container ended, and when.
func exitedWith(code int, at, now time.Time) string {
	return fmt.Sprintf("exited with %d, %s", code, ago(now.Sub(at)))
}

// ago says how long something is ago in its largest unit.
func ago(d time.Duration) string {
	const day = 24 * time.Hour
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{day, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		switch n := d / unit.of; {
		case n == 1:
			return "1 " + unit.name + " ago"
		case n > 1:
			return fmt.Sprintf("%d %ss ago", n, unit.name)
		}
	}
	return "less than a minute ago"
}

// stoppedOnDisk returns the containers without processes that Docker and podman have in their files, of those in
// which the host's root directory is. Only what is root's or the caller's is read.
func stoppedOnDisk(host string, dockerRoots []string, now time.Time) []Stopped {
	var list []Stopped
	if root, err := openFolder(host); err == nil {
		for _, at := range dockerRoots {
			list = append(list, stoppedDocker(root, at+dockerContainers, now)...)
		}
		list = append(list, stoppedPodman(root, "/var/lib/containers/storage")...)
		root.close()
	}
	home, err := os.UserHomeDir()
	if err != nil || os.Geteuid() == 0 {
		return list
	}
	if root, err := openFolder(home); err == nil {
		list = append(list, stoppedPodman(root, ".local/share/containers/storage")...)
		root.close()
	}
	return list
}

// ours reports whether a file is root's or the caller's own.
func ours(uid uint32) bool { return uid == 0 || uid == uint32(os.Geteuid()) }

// stoppedDocker reads the config.v2.json of all containers below a folder of dockerd's.
func stoppedDocker(root folder, at string, now time.Time) []Stopped {
	var list []Stopped
	room := maxStateBytes
	for _, id := range root.names(at, maxStates) {
		if !isID(id) {
			continue
		}
		text, _, err := root.readUpTo(path.Join(at, id, dockerFile), inside, ours, min(maxState, room))
		room -= len(text)
		if err != nil {
			continue
		}
		if s, ok := parseStopped(text, id, now); ok {
			list = append(list, s)
		}
	}
	return list
}

// parseStopped reads a config.v2.json; ok is false if that is of a container that runs, or none.
func parseStopped(text []byte, id string, now time.Time) (s Stopped, ok bool) {
	var f facts
	if !f.learnDocker(text) || f.state == "running" || f.state == "paused" {
		return Stopped{}, false
	}
	s = Stopped{Runtime: Docker, ID: id, Name: f.name, project: f.project, service: f.service}
	state := member(text, "State")
	code, err := strconv.Atoi(string(bytes.TrimSpace(member(state, "ExitCode"))))
	ended, wrong := time.Parse(time.RFC3339Nano, jsonString(member(state, "FinishedAt")))
	switch {
	case f.state == "dead", err != nil, wrong != nil:
		s.How = f.state
	case ended.Year() < 1970: // the zero time of Go
		s.How = neverStarted
	default:
		s.How = exitedWith(code, ended, now)
		if f.state == "restarting" {
			s.How = restarting + s.How
		}
	}
	return s, true
}

// stoppedPodman reads what podman's storage knows of its containers, those that run among them. How they ended is not
// in a file that can be read by others.
func stoppedPodman(root folder, storage string) []Stopped {
	var list []Stopped
	for _, driver := range []string{"overlay", "vfs", "btrfs", "zfs"} {
		name := filepath.Join(storage, driver+"-containers", "containers.json")
		text, _, err := root.read(name, inside, ours)
		if err != nil {
			continue
		}
		for id, c := range parseStorage(text) {
			if c.podmans {
				list = append(list, Stopped{Runtime: Podman, ID: id, Name: c.name})
			}
		}
	}
	slices.SortFunc(list, func(a, b Stopped) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	return list
}
