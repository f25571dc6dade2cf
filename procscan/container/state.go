package container

import (
	"bytes"
	"path"
	"strconv"
	"strings"
	"time"
)

// initProcess is a container by its first process, as that is in the state of runc or crun.
type initProcess struct {
	runtime Runtime
	id      string
	pid     int
	start   uint64
}

// How much of one folder of states is looked at: a state.json has some 10 to 50 KiB, and who has the folder may
// put there what it likes.
const (
	maxStates     = 1024 // containers
	maxState      = 256 << 10
	maxStateBytes = 16 << 20 // of all of them
)

// stateSettles is how long after its folder a state may come, and how long one that did not come is not looked
// for again after that.
const stateSettles = 10 * time.Second

// stateFolder is where a runtime keeps states, each in a folder by the ID.
type stateFolder struct {
	runtime    Runtime
	path, file string
}

// stateFolders returns where runc and crun keep the states of containers started by hand, and podman has them keep
// its own; of a user's, too, as far as it is known whose the container is.
func stateFolders(user string) []stateFolder {
	list := []stateFolder{{Runc, "/run/runc", "state.json"}, {Crun, "/run/crun", "status"}}
	if user != "" {
		at := "/run/user/" + user
		list = append([]stateFolder{{Runc, at + "/runc", "state.json"}, {Crun, at + "/crun", "status"}}, list...)
	}
	return list
}

// otherStates are where the states are of containers of others, by their ID.
var otherStates = []string{"/run/docker/runtime-runc/moby", "/run/containerd/runc/k8s.io", "/run/containerd/runc/default", "/run/runc"}

// parseState parses a state.json of runc or a status of crun.
func parseState(text []byte) (pid int, start uint64, config []byte) {
	members(text, func(name, value []byte) bool {
		value = bytes.TrimSpace(value)
		switch string(name) {
		case "init_process_pid", "pid":
			pid, _ = strconv.Atoi(string(value))
		case "init_process_start", "process-start-time":
			start, _ = strconv.ParseUint(string(value), 10, 64)
		case "config":
			config = value
		}
		return true
	})
	return pid, start, config
}

// stateLabels returns the annotations in the config of a state.json: a list of KEY=VALUE under labels.
func stateLabels(config []byte) map[string]string {
	labels := make(map[string]string)
	left := maxAnnotations
	elements(member(config, "labels"), func(label []byte) bool {
		if key, text, ok := strings.Cut(jsonString(label), "="); ok {
			labels[key] = text
		}
		left--
		return left > 0
	})
	return labels
}

// readState looks a container up by its ID in the states of runc. They have its annotations.
func (q *inquiry) readState(root folder, a *answer) {
	for _, at := range otherStates {
		text, _, err := root.read(at+"/"+q.hit.id+"/state.json", inside, q.believed)
		if err != nil {
			continue
		}
		_, start, config := parseState(text)
		if start == 0 {
			continue
		}
		name := a.name
		a.learn(oci{annotations: stateLabels(config)})
		if a.name == "" {
			a.name = name
		}
		a.handler = string(Runc)
		if strings.HasSuffix(at, "/moby") {
			a.runtime = Docker
		}
		if a.name != "" || a.pod != nil {
			a.told(ByDisk)
		}
		return
	}
}

// findState looks for the container of which a process is the first, among those runc and crun were told to
// start by hand. The numbers in the states are those in the pid namespace of the runtime.
func (q *inquiry) findState(v view, a *answer) {
	for _, at := range stateFolders(q.user) {
		if q.findIn(v, at, a) {
			return
		}
	}
}

// findIn looks in one folder, and reports whether it is there.
func (q *inquiry) findIn(v view, at stateFolder, a *answer) bool {
	st, err := v.stampOf(at.path, inside)
	if err != nil || v.own && st.uid == 0 {
		return false
	}
	for _, c := range q.shelf.inits(v.folder, at) {
		if c.start != q.leader.Start || !q.numbered(c.pid, st.uid) {
			continue
		}
		if st.uid == 0 {
			q.trust = 0 // root's runtime started this very process
		}
		a.handler = string(c.runtime)
		a.runtime, a.id, a.name = c.runtime, capped(c.id), capped(c.id)
		a.told(ByDisk)
		return true
	}
	return false
}

// numbered reports whether the leader has the number that a file of the user says, in some pid namespace. Of
// what is a user's root's files say the number in ours: in a namespace of their own users choose it.
func (q *inquiry) numbered(pid int, says uint32) bool {
	if pid == q.leader.PID {
		return true
	}
	if says == 0 && q.trust != 0 && !q.nested {
		return false
	}
	p, err := openProcess(q.root, q.leader)
	if err != nil {
		return false
	}
	defer p.close()
	text, err := p.proc("status")
	if err != nil {
		return false
	}
	_, line, _ := bytes.Cut(text, []byte("\nNSpid:"))
	line, _, _ = bytes.Cut(line, []byte{'\n'})
	for word := range bytes.FieldsSeq(line) {
		if string(word) == strconv.Itoa(pid) {
			return true
		}
	}
	return false
}

// inits returns the first processes of the containers with a state in a folder.
func (s *shelf) inits(root folder, at stateFolder) []initProcess {
	state, err := root.stampOf(at.path, inside)
	if err != nil {
		return nil
	}
	known, ok := take(s, &s.states, state)
	if ok {
		return known
	}
	complete, room := true, maxStateBytes
	same := func(uid uint32) bool { return uid == state.uid }
	for _, id := range root.names(at.path, maxStates) {
		if !plain(id) {
			continue
		}
		text, _, err := root.readUpTo(path.Join(at.path, id, at.file), inside, same, min(maxState, room))
		room -= len(text)
		if err != nil {
			complete = false
			continue
		}
		if pid, start, _ := parseState(text); start != 0 {
			known = append(known, initProcess{runtime: at.runtime, id: id, pid: pid, start: start})
		}
	}
	now := s.now()
	switch changed := time.Unix(state.mtime.Unix()); {
	case complete:
		keep(s, &s.states, state, known, time.Time{})
	case now.Sub(changed).Abs() > stateSettles: // or else one may be on its way
		keep(s, &s.states, state, known, now.Add(stateSettles))
	}
	return known
}

// readMachine reads what systemd-machined(8) keeps of a machine: who registered it.
func (q *inquiry) readMachine(root folder, a *answer) {
	if !plain(q.hit.name) {
		return
	}
	text, _, err := root.read("/run/systemd/machines/"+q.hit.name, inside, q.believed)
	if err != nil {
		return
	}
	for line := range bytes.Lines(text) {
		service, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("SERVICE="))
		if !ok {
			continue
		}
		a.told(ByDisk)
		a.name = q.hit.name
		switch {
		case string(service) == "systemd-nspawn":
			a.runtime = Nspawn
		case bytes.HasPrefix(service, []byte("libvirt-")):
			a.runtime = Libvirt
		}
	}
}
