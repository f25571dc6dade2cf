package cli

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/container/engine"
	"nstui/procscan/probe"
	"nstui/procscan/sought"
)

// askEngines asks all daemons there are, once, and returns what came of it. hostRoot is the host's root directory.
func askEngines(ctx context.Context, hostRoot string) []engine.State {
	asker := engine.NewAsker(hostRoot)
	asker.Ask(ctx)
	return asker.States()
}

// sourcesOf looks where the names of containers come from, on one proc root.
func sourcesOf(ctx context.Context, root string, snap *procscan.Snapshot) []container.Source {
	return container.New(container.Options{Root: root}).Sources(ctx, snap)
}

// probeNames says which containers are seen, which sources of names there are and which of them may be read, and
// which daemons tell more.
func (a *app) probeNames(ctx context.Context, root string) []probe.Finding {
	if a.names == nil || a.engines == nil {
		return nil
	}
	snap, err := a.scan(ctx, procscan.Options{Root: root}, procscan.Texts)
	if err != nil {
		return nil // that is said already
	}
	at := &place{sought.Place{Snapshot: snap, Names: a.names(root).Resolve(ctx, snap)}}
	findings := []probe.Finding{at.finding()}
	if a.sources != nil {
		for _, s := range a.sources(ctx, root, snap) {
			findings = append(findings, sourceFinding(s))
		}
	}
	hostRoot := "/"
	if root != procscan.DefaultRoot {
		hostRoot = filepath.Join(root, "1", "root")
	}
	for _, s := range a.engines(ctx, hostRoot) {
		if f, ok := engineFinding(s); ok {
			findings = append(findings, f)
		}
	}
	return findings
}

// finding says which containers there are.
func (at *place) finding() probe.Finding {
	counts := make(map[container.Runtime]int)
	for _, row := range at.Names.Containers() {
		if !row.Owner.Infra {
			counts[row.Owner.Runtime]++
		}
	}
	var seen []string
	for runtime, n := range counts {
		seen = append(seen, fmt.Sprintf("%d of %s", n, cmp.Or(string(runtime), "a runtime nobody tells")))
	}
	slices.Sort(seen)
	f := probe.Finding{
		Area: "names", Name: "containers", State: probe.OK, Tried: "control groups, runtimes' files",
		Answer: cmp.Or(strings.Join(seen, ", "), "there are none"),
	}
	if n := at.nameless(); n > 0 {
		f.State = probe.No
		f.Answer += fmt.Sprintf("; no file here names %d of them", n)
		f.Instead = "asks daemons for names, and calls the others by their IDs"
		f.Advice = "run nstui as root, who may read the files of runtimes"
	}
	return f
}

// sourceFinding says whether a source of names may be read.
func sourceFinding(s container.Source) probe.Finding {
	f := probe.Finding{Area: "names", Name: s.Name, State: probe.OK, Tried: s.Tried, Answer: count(s.Count, s.Of, s.Of)}
	if s.Err == nil {
		return f
	}
	f.State, f.Answer = probe.No, s.Err.Error()
	switch s.Name {
	case "control-groups":
		f.Instead = "does not know which processes are in containers"
		f.Advice = "mount proc without hidepid, in the pid namespace of the host"
	case "freezer":
		f.Instead = "says only of Docker's containers, and of those a daemon tells of, whether they are paused"
		f.Advice = "mount cgroup2, or the freezer of version 1"
	default:
		f.Instead = "names containers by their control groups, by the arguments of runtimes and by what daemons tell"
		f.Advice = "run nstui as root, who may read the files of runtimes"
	}
	return f
}

// engineFinding says whether a daemon tells of its containers; ok is false if it is not there.
func engineFinding(s engine.State) (f probe.Finding, ok bool) {
	f = probe.Finding{Area: "names", Name: s.Socket.String(), State: probe.OK, Tried: "connect " + s.Socket.Path, Answer: "answers"}
	switch s.Status {
	case engine.Absent, engine.Unasked:
		return f, false
	case engine.Answered:
		return f, true
	case engine.Dead:
		f.Answer = "does not run"
		return f, true
	case engine.Asleep:
		f.Answer = "does not run; systemd would start it if it were asked, so it is not"
		return f, true
	case engine.Forbidden:
		f.Advice = "run nstui as root, or as a user who may use the socket"
	case engine.Foreign:
		f.Advice = "see to it that the socket belongs to root, or to the user in whose folder it is"
	default:
		f.Advice = "look after the daemon: it was asked for the list of its containers"
	}
	f.State = probe.No
	f.Instead = "names its containers by files alone, which takes root"
	f.Answer = s.String()
	if s.Err != nil {
		f.Answer = s.Err.Error()
	}
	return f, true
}
