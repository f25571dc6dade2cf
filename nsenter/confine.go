package nsenter

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// Confines are the limits a process is in beside its namespaces.
type Confines struct {
	Last       int    // the number of the last capability the kernel has
	Bounding   uint64 // the capabilities it or a program it executes can ever have
	NoNewPrivs bool
	Seccomp    bool // system calls are filtered: a filter cannot be taken over
	Label      Label
	// Cgroups are the cgroup.procs files of its cgroups, CgroupsMissing those that cannot be reached.
	Cgroups        []string
	CgroupsMissing []string
	// Frozen is the directory of one of them that is frozen, empty if none is: docker pause(1) does that.
	Frozen string
}

// Label is the security label of a process, and the file it is to be written to before an execve.
type Label struct {
	File string
	Text string
}

// confine takes over what the plan shares with the target.
func (p *Plan) confine(f *Facts, r Request) {
	p.Caps = f.Caller.Caps
	if p.Join.Has(ns.User) {
		p.Caps = 1<<(f.Confines.Last+1) - 1
	}
	if r.KeepCaps && p.Join.Has(ns.User) {
		p.KeepCaps = p.Caps
	}
	if f.PID == 0 {
		return
	}
	if p.Confined = r.Confined; p.Confined {
		p.Confine = f.Confines
		p.KeepCaps &= f.Confines.Bounding
	}
	if r.Confined || r.Cgroup {
		p.Cgroups = f.Confines.Cgroups
	}
	if r.Confined || r.Context {
		p.Label = f.Confines.Label
	}
}

// checkConfined says what the shell shares with the target and what it does not.
func (p *Plan) checkConfined(f *Facts, r Request) {
	if !r.Confined && !r.Cgroup {
		return
	}
	for _, missing := range f.Confines.CgroupsMissing {
		p.add(Warn, "its cgroup %s cannot be reached from here: the shell is not counted in it", missing)
	}
	if f.Confines.Frozen != "" {
		p.add(Fail, "its cgroup %s is frozen: what is started in there stands still until that is thawed", f.Confines.Frozen)
	}
	switch user := &f.Kinds[ns.User]; {
	case !r.Confined:
		return
	case f.PID == 0:
		p.add(Fail, "as confined as the target takes a process")
		return
	case user.Mine != 0 && !user.Shared() && !p.Join.Has(ns.User):
		p.add(Fail, "as confined as the target takes its user namespace, too: its capabilities count only in there")
		return
	}
	p.add(OK, "as confined as the target: its capabilities%s%s", map[bool]string{true: ", no new privileges"}[f.Confines.NoNewPrivs],
		map[bool]string{true: ", its cgroup"}[len(p.Cgroups) > 0])
	if f.Confines.Seccomp {
		p.add(Warn, "its seccomp filter cannot be taken over: the shell may make system calls that the target may not")
	}
}

// lastCapability returns the number of the last capability the kernel has.
func lastCapability() int {
	text, err := os.ReadFile("/proc/sys/kernel/cap_last_cap")
	if err == nil {
		if n, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil && n < 64 {
			return n
		}
	}
	return unix.CAP_LAST_CAP
}

// readConfines reads the cgroups and the label of the process. What cannot be read is left out.
func (f *Facts) readConfines(dir int) {
	c := &f.Confines
	c.Cgroups, c.CgroupsMissing, c.Frozen, c.Label = nil, nil, "", Label{}
	if cgroups, err := readAt(dir, "cgroup"); err == nil {
		if mounts, err := os.ReadFile("/proc/self/mountinfo"); err == nil {
			c.Cgroups, c.CgroupsMissing = cgroupFiles(cgroups, mounts)
			c.leaveOutForbidden()
			c.findFrozen()
		}
	}
	if text, err := readAt(dir, "attr/current"); err == nil {
		c.Label = parseLabel(string(bytes.TrimRight(text, "\n\x00")))
	}
}

// leaveOutForbidden moves cgroups that the caller may not put processes into to those that are missing.
func (c *Confines) leaveOutForbidden() {
	c.Cgroups = slices.DeleteFunc(c.Cgroups, func(file string) bool {
		forbidden := unix.Faccessat(unix.AT_FDCWD, file, unix.W_OK, unix.AT_EACCESS) != nil
		if forbidden {
			c.CgroupsMissing = append(c.CgroupsMissing, path.Dir(file))
		}
		return forbidden
	})
}

// findFrozen finds a cgroup in which nothing runs: Linux's Documentation has cgroup.events in admin-guide/cgroup-v2.rst,
// and freezer.state in cgroup-v1/freezer-subsystem.rst. Where neither can be read nothing is known.
func (c *Confines) findFrozen() {
	for _, file := range c.Cgroups {
		dir := path.Dir(file)
		events, _ := os.ReadFile(dir + "/cgroup.events")
		state, _ := os.ReadFile(dir + "/freezer.state")
		switch strings.TrimSpace(string(state)) {
		case "FROZEN", "FREEZING":
			c.Frozen = dir
		}
		if slices.Contains(strings.Split(string(events), "\n"), "frozen 1") {
			c.Frozen = dir
		}
	}
}

// parseLabel returns how a label is set for the next execve: AppArmor's has its mode behind it, SELinux's
// is a context of four fields. See apparmor(7) and proc_pid_attr(5).
func parseLabel(text string) Label {
	profile, mode, ok := strings.Cut(text, " (")
	switch {
	case ok && strings.HasSuffix(mode, ")"):
		return Label{File: "/proc/thread-self/attr/exec", Text: "exec " + profile}
	case text != "unconfined" && strings.Count(text, ":") >= 3:
		return Label{File: "/proc/thread-self/attr/exec", Text: text}
	}
	return Label{}
}

// cgroupFiles returns the cgroup.procs files of the cgroups in the content of /proc/PID/cgroup, given the
// mounts of /proc/self/mountinfo: one for each hierarchy of version 1, and one of version 2. See cgroups(7).
func cgroupFiles(cgroups, mounts []byte) (files, missing []string) {
	points := cgroupMounts(mounts)
	lines := bufio.NewScanner(bytes.NewReader(cgroups))
	for lines.Scan() {
		fields := strings.SplitN(lines.Text(), ":", 3)
		if len(fields) != 3 {
			continue
		}
		at, ok := points[fields[1]]
		if !ok { // of a hierarchy with several controllers each is an option of the mount
			first, _, _ := strings.Cut(fields[1], ",")
			at, ok = points[first]
		}
		file, err := at.file(fields[2])
		if !ok || err != nil {
			missing = append(missing, fields[1]+":"+fields[2])
			continue
		}
		files = append(files, file)
	}
	return files, missing
}

// cgroupMount is a mounted hierarchy.
type cgroupMount struct{ root, point string }

var errOutside = errors.New("outside of what is mounted")

// file returns the path of the cgroup.procs file of a cgroup.
func (m cgroupMount) file(cgroup string) (string, error) {
	if strings.HasPrefix(cgroup, "/..") {
		return "", errOutside
	}
	below, ok := strings.CutPrefix(path.Clean(cgroup), strings.TrimSuffix(m.root, "/"))
	if !ok || below != "" && below[0] != '/' {
		return "", fmt.Errorf("%s: %w", cgroup, errOutside)
	}
	return path.Join(m.point, below, "cgroup.procs"), nil
}

// unescape undoes what mountinfo does to blanks, see proc_pid_mountinfo(5).
var unescape = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace

// cgroupMounts returns where hierarchies are mounted: by controller or by name, as in /proc/PID/cgroup;
// that of version 2 by the empty name.
func cgroupMounts(mounts []byte) map[string]cgroupMount {
	points := map[string]cgroupMount{}
	lines := bufio.NewScanner(bytes.NewReader(mounts))
	for lines.Scan() {
		head, tail, ok := strings.Cut(lines.Text(), " - ")
		place, kind := strings.Fields(head), strings.Fields(tail)
		if !ok || len(place) < 5 || len(kind) < 3 {
			continue
		}
		m := cgroupMount{root: unescape(place[3]), point: unescape(place[4])}
		names := []string{""}
		switch kind[0] {
		case "cgroup2":
		case "cgroup":
			names = strings.Split(kind[2], ",")
		default:
			continue
		}
		for _, name := range names {
			if _, again := points[name]; !again {
				points[name] = m
			}
		}
	}
	return points
}
