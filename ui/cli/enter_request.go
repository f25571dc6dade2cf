package cli

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"

	"nstui/nsenter"
	"nstui/procscan/ns"
	"nstui/procscan/sought"
	"nstui/ui/text"
)

// aim is what a target on the command line stands for.
type aim struct {
	name string // as it was written; empty: no target
	// refs are the processes it may be, none where it stands for a namespace without one. One after the
	// other is tried as long as the one before is gone.
	refs []nsenter.Ref
	// sources are namespaces it names directly.
	sources [ns.NumKinds]nsenter.Source
	// kinds are entered if none is asked for.
	kinds ns.Set
	// unsure is not nil if refs are several containers of a pod: what they do not have in common cannot
	// be asked for. common are the kinds in which they are in the same namespaces.
	unsure *ambiguousError
	common ns.Set
	// left says that it is a pod without processes: its network namespace is all there is of it.
	left bool
	// notes are what whoever typed it should know, fit for a terminal.
	notes []string
}

// entry is what the package nsenter is asked to do.
type entry struct {
	refs []nsenter.Ref // the first one that is there is meant
	// asked are the kinds that were asked for one by one. One of these may not be left out in silence.
	asked   ns.Set
	request nsenter.Request
}

// settle returns the request as it is for a target. nsenter joins a mount namespace also where it is the
// caller's own, for which there is no reason but this: the program starts in the root directory. Scripts
// see that, so it is kept.
func (e *entry) settle(f *nsenter.Facts) nsenter.Request {
	r := e.request
	if r.Kinds.Has(ns.Mnt) && f.Kinds[ns.Mnt].Shared() && !r.Dir && r.DirInside == "" && r.Tools != nsenter.ToolsHost {
		r.DirInside = "/"
	}
	return r
}

var errNoNamespace = errors.New("no namespace specified: -a takes all of the target, " +
	"-m -u -i -n -p -C -U -T take one kind each")

// entry puts the options and the target together.
func (o *enterOptions) entry(at aim) (*entry, error) {
	asked := o.kinds
	if o.socket.Set {
		asked = asked.With(ns.Net)
	}
	if o.userParent {
		asked = asked.With(ns.User)
	}
	if asked == 0 && !o.all {
		asked = at.kinds
	}
	kinds := asked
	if o.all {
		kinds = ns.All
	}
	if kinds == 0 && !o.asksForMore() {
		return nil, errNoNamespace
	}
	e := &entry{asked: asked, refs: at.refs, request: o.request(kinds)}
	if len(e.refs) == 0 {
		if err := o.needsProcess(kinds, at); err != nil {
			return nil, err
		}
		e.refs = []nsenter.Ref{{}}
	}
	refs := make([]nsenter.Ref, len(e.refs))
	for i, ref := range e.refs {
		refs[i] = o.complete(ref, at)
	}
	e.refs = refs
	return e, nil
}

// asksForMore reports whether something else than a namespace is asked for. nsenter 2.38 then runs the
// program, and so it is here. Without even that the program would run as if nothing had been said,
// which nobody means, and newer versions of nsenter refuse, too.
func (o *enterOptions) asksForMore() bool {
	return o.root.asked() || o.wd.asked() || o.wdns != "" || o.env || o.cgroup || o.context || o.confined ||
		o.uid.Set || o.gid.Set
}

// request returns the part of the request that no target changes.
func (o *enterOptions) request(kinds ns.Set) nsenter.Request {
	as := nsenter.AsAuto
	if o.keep {
		as = nsenter.AsKeep
	}
	return nsenter.Request{
		Kinds:     kinds,
		Program:   o.program,
		As:        as,
		UID:       o.uid,
		GID:       o.gid,
		KeepCaps:  o.keepCaps,
		Confined:  o.confined,
		Cgroup:    o.cgroup,
		Context:   o.context,
		Tools:     o.tools,
		Plain:     true,
		Root:      o.root.asked(),
		Dir:       o.wd.asked() || o.staysInDirectory(),
		DirInside: o.wdns,
		Env:       o.env,
		NoFork:    o.noFork,
	}
}

// complete adds what the options take from elsewhere than the process.
func (o *enterOptions) complete(ref nsenter.Ref, at aim) nsenter.Ref {
	ref.Sources = at.sources
	for k, file := range o.files {
		if file != "" {
			ref.Sources[k] = nsenter.Source{File: file}
		}
	}
	if o.socket.Set {
		ref.Sources[ns.Net] = nsenter.Source{Socket: o.socket}
	}
	ref.UserParent = o.userParent
	if !o.root.targets {
		ref.Root = o.root.path
	}
	switch {
	case o.staysInDirectory():
		ref.Dir = stay
	case !o.wd.targets:
		ref.Dir = o.wd.path
	}
	return ref
}

// stay is the caller's working directory.
const stay = "."

// staysInDirectory reports whether the program starts in the caller's working directory though its root
// directory is another one, as nsenter has it.
func (o *enterOptions) staysInDirectory() bool {
	return o.root.asked() && !o.wd.asked() && o.wdns == "" && !o.all && !o.kinds.Has(ns.Mnt)
}

// explores reports whether more must be read of the target than what its namespaces are: its files, its
// environment, its limits. To run a program that is named none of it is needed.
func (o *enterOptions) explores() bool {
	return o.dryRun || len(o.program) == 0 || o.env || o.cgroup || o.context || o.confined || o.tools != nsenter.ToolsAuto
}

// processOption returns the first option that takes something from a process beside its namespaces of a kind.
func (o *enterOptions) processOption() string {
	switch {
	case o.all:
		return "--all"
	case o.socket.Set:
		return "--net-socket"
	case o.userParent:
		return "--user-parent"
	case o.root.targets:
		return "--root"
	case o.wd.targets:
		return "--wd"
	case o.env:
		return "--env"
	case o.cgroup:
		return "--join-cgroup"
	case o.context:
		return "--follow-context"
	case o.confined:
		return "--confined"
	case o.uid.Follow:
		return "--setuid=follow"
	case o.gid.Follow:
		return "--setgid=follow"
	}
	return ""
}

// unsure returns an error if the target is several containers and the options ask for what these do not have
// in common.
func (o *enterOptions) unsure(at aim) error {
	if at.unsure == nil {
		return nil
	}
	need, apart := o.processOption(), ns.Set(0)
	if o.all {
		apart = ns.All &^ at.common
	}
	for _, k := range kindOptions {
		if o.kinds.Has(k.kind) && o.files[k.kind] == "" && !at.common.Has(k.kind) {
			need, apart = cmp.Or(need, "--"+k.long), apart.With(k.kind)
		}
	}
	if need == "" {
		return nil
	}
	return fmt.Errorf("target %s: %s: %w", text.Clean(strconv.Quote(at.name)), sought.NotInCommon("pod", need, apart), at.unsure)
}

// needsProcess returns an error that names the first option that takes something from a process.
func (o *enterOptions) needsProcess(kinds ns.Set, at aim) error {
	need := cmp.Or(o.processOption(), o.kindWithoutSource(kinds, at))
	switch {
	case need == "":
		return nil
	case at.left:
		return fmt.Errorf("target %s: no process of it is left, only its network namespace, which -n enters: there is nothing for %s to take",
			text.Clean(strconv.Quote(at.name)), need)
	case at.name != "":
		return fmt.Errorf("no target PID specified for %s: %s is a namespace, not a process", need, at.name)
	default:
		return fmt.Errorf("no target PID specified for %s", need)
	}
}

// kindWithoutSource returns the option of the first kind that nothing but a process can give.
func (o *enterOptions) kindWithoutSource(kinds ns.Set, at aim) string {
	for _, k := range kindOptions {
		if kinds.Has(k.kind) && o.files[k.kind] == "" && at.sources[k.kind] == (nsenter.Source{}) {
			return "--" + k.long
		}
	}
	return ""
}
