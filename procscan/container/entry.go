package container

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"nstui/procscan"
)

// entry is a container, or, while nobody has told of one, what might be one.
type entry struct {
	hit    hit
	cgroup string
	user   string // whose manager made the control group, "" for the system's
	outer  *entry
	used   uint64 // the round in which it was met last

	// leader is the oldest of its topmost processes, led the round in which that was there last, mnt its
	// mount namespace.
	leader procscan.ProcID
	led    uint64
	mnt    uint64

	// A sandbox is a container that no control group names; known says that somebody told of it, helped that
	// a process of a runtime is above its leader, bare that it has a pid namespace of its own. path is the
	// group of its leader, queued the round in which it was put among those to ask about.
	sandbox bool
	known   bool
	helped  bool
	bare    bool
	path    *group
	queued  uint64

	// What was found out, how often that was tried, and when it is to be tried again.
	facts   facts
	sources []source
	tries   int
	next    time.Time
	checked time.Time

	// trust is by whose word it is known: that user's files and daemons are believed about it, and nobody
	// else's. asks and askNext are as tries and next, of asking daemons.
	trust   uint32
	suspect uint32 // who could have its files not answer
	asks    int
	askNext time.Time

	// frost says whether it is frozen, frostNext when that is to be looked at again.
	frost     frost
	frostNext time.Time

	pod    *Pod   // its own, or what another container of the pod knows
	owner  *Owner // as it was made last; nil if it is to be made anew
	inside *Owner // the owner of outer it was made with
}

// retries are how long after an inquiry that brought no name the next is made.
var retries = [...]time.Duration{2 * time.Second, 10 * time.Second, time.Minute}

// due reports whether the container is to be asked about.
func (e *entry) due(now time.Time) bool {
	switch {
	case e.tries == 0:
		return true
	case e.named():
		return false
	default:
		return !now.Before(e.next)
	}
}

// named reports whether there is nothing to wait for.
func (e *entry) named() bool {
	return e.facts.from != Nobody || !e.sandbox && e.hit.id == "" && e.hit.name != ""
}

// tried notes that it was asked about.
func (e *entry) tried(now time.Time) {
	e.next = now.Add(retries[min(e.tries, len(retries)-1)])
	e.tries++
	e.checked = now
}

// learn takes over what an inquiry brought, and reports whether that is new.
func (e *entry) learn(a answer) bool {
	if a.from == Nobody && e.facts.from == BySocket {
		return false // who told of it will be asked again
	}
	e.sources, a.netns = a.sources, pinPath(a.netns)
	if e.known == a.known && e.facts.equal(&a.facts) {
		return false
	}
	e.known, e.facts, e.owner = a.known, a.facts, nil
	return true
}

// restart forgets what was found out: the next container of that name is another.
func (e *entry) restart() {
	e.facts, e.sources, e.known, e.tries, e.asks, e.owner = facts{}, nil, false, 0, 0, nil
	e.askNext, e.frost, e.frostNext = time.Time{}, frostUnknown, time.Time{}
	e.trust = e.firstWord()
}

// equal reports whether two say the same.
func (f *facts) equal(g *facts) bool {
	return f.runtime == g.runtime && f.id == g.id && f.name == g.name && f.image == g.image && f.imageID == g.imageID && f.handler == g.handler && samePod(f.pod, g.pod) &&
		f.project == g.project && f.service == g.service && maps.Equal(f.labels, g.labels) && f.state == g.state &&
		f.infra == g.infra && f.from == g.from && f.netns == g.netns && f.sandbox == g.sandbox
}

func samePod(a, b *Pod) bool { return a == b || a != nil && b != nil && *a == *b }

// within reports whether it is the other container or in it.
func (e *entry) within(other *entry) bool {
	for ; e != nil; e = e.outer {
		if e == other {
			return true
		}
	}
	return false
}

// blamed returns who could have its files not answer: by whose word it is known has them. In a container of
// root's that is the container, whose uids are not the host's.
func (e *entry) blamed() blame {
	if e.outer == nil {
		return blame{uid: e.suspect}
	}
	outermost := e.outer
	for outermost.outer != nil {
		outermost = outermost.outer
	}
	if outermost.trust != 0 {
		return blame{uid: outermost.trust}
	}
	return blame{in: outermost}
}

// depth returns how many containers it is in.
func (e *entry) depth() (n int) {
	for ; e != nil && e.outer != nil; e = e.outer {
		n++
	}
	return n
}

// nested reports whether it is in another container.
func (e *entry) nested() bool { return e.outer != nil }

// podKey names the pod a container is in, as its containers have it in common; empty if it is in none.
func (e *entry) podKey() string {
	switch {
	case e.hit.pod != "":
		return e.hit.pod
	case e.facts.sandbox != "":
		return e.facts.sandbox
	case e.facts.infra:
		return cmp.Or(e.hit.id, e.facts.id)
	}
	return ""
}

// shareOutPods gives what one container of a pod knows of it to the others. Who makes a control group may
// give it any name, so containers of one user or in one container do not speak for others.
func (r *Resolver) shareOutPods() {
	pods := make(map[podPlace]*Pod)
	each := func(do func(*entry)) {
		for _, e := range r.entries {
			do(e)
		}
		for _, e := range r.sandboxes {
			do(e)
		}
	}
	each(func(e *entry) {
		if key := e.podKey(); key != "" && e.facts.pod != nil && e.trust != NoUser {
			at := podPlace{key, e.trust, e.outer}
			if known := pods[at]; known == nil || known.Name == "" {
				pods[at] = e.facts.pod
			}
			// podman's containers know the ID of the one that holds the namespaces.
			if id := cmp.Or(e.hit.id, e.facts.id); e.facts.infra && id != "" {
				pods[podPlace{id, e.trust, e.outer}] = e.facts.pod
			}
		}
	})
	each(func(e *entry) {
		pod := e.facts.pod
		if key := e.podKey(); key != "" && e.trust != NoUser {
			if shared := pods[podPlace{key, e.trust, e.outer}]; shared != nil {
				pod = shared
			}
		}
		if pod == nil {
			pod = e.namelessPod()
		}
		if pod != nil && pod.Name == "" && e.pod != nil && e.pod.UID == pod.UID {
			pod = e.pod // who told of it has ended
		}
		if !samePod(pod, e.pod) {
			e.pod, e.owner = pod, nil
		}
	})
}

// namelessPod returns the pod of which only the ID is known: by the control group, or by the name of what holds its
// namespaces. It is nil if there is none.
func (e *entry) namelessPod() *Pod {
	if e.hit.pod != "" {
		return &Pod{UID: e.hit.pod}
	}
	if uid, ok := infraOf(e.facts.name); ok && e.facts.infra {
		return &Pod{UID: uid}
	}
	return nil
}

// id and runtime return what is known of these.
func (e *entry) id() string       { return cmp.Or(e.hit.id, e.facts.id) }
func (e *entry) runtime() Runtime { return cmp.Or(e.facts.runtime, e.hit.runtime) }

// podPlace is where a pod is, and by whose word.
type podPlace struct {
	key   string
	trust uint32
	outer *entry
}

// build returns the owner, a new one only if something is new.
func (e *entry) build() *Owner {
	var in *Owner
	if e.outer != nil {
		in = e.outer.build()
	}
	if e.owner != nil && e.inside == in {
		return e.owner
	}
	f := &e.facts
	o := &Owner{
		Runtime: cmp.Or(f.runtime, e.hit.runtime), ID: capped(cmp.Or(e.hit.id, f.id)), Name: cmp.Or(f.name, capped(e.hit.name)),
		Image: f.image, ImageID: f.imageID, Handler: f.handler, Pod: e.pod, Project: f.project, Service: f.service, Labels: f.labels, State: e.state(),
		Infra: f.infra || e.hit.monitor, Cgroup: e.cgroup, From: f.from, In: in, User: e.trust, Monitor: e.hit.monitor, netns: f.netns,
	}
	if in != nil && in.User != 0 {
		o.User = in.User
	}
	if f.from == Nobody && e.hit.name != "" {
		o.From = ByCgroup
	}
	e.owner, e.inside = o, in
	return o
}

// sourced returns the containers whose files are to be looked at again, those first for which that was
// longest ago.
func (r *Resolver) sourced(before time.Time) []*entry {
	var list []*entry
	each := func(e *entry) {
		if len(e.sources) > 0 && e.checked.Before(before) {
			list = append(list, e)
		}
	}
	for _, e := range r.entries {
		each(e)
	}
	for _, e := range r.sandboxes {
		each(e)
	}
	slices.SortFunc(list, func(a, b *entry) int { return a.checked.Compare(b.checked) })
	return list
}
