package container

import (
	"context"
	"path/filepath"
	"sync"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// Options say what a Resolver reads.
type Options struct {
	// Root is the proc root of the snapshots, procscan.DefaultRoot if empty.
	Root string
}

// Resolver finds out who processes belong to, and remembers it. Its methods may be called from any
// goroutine.
type Resolver struct {
	root string

	mu     sync.Mutex
	last   *Names
	serial uint64
	round  uint64
	groups map[string]*group
	// entries are the containers by where they are: the path of the control group that is theirs.
	entries map[string]*entry
	units   map[string]*unit // by the path of the control group of the unit
	dirty   bool             // something is known since the last Names that is not in it
}

// New returns a resolver that knows nothing yet.
func New(o Options) *Resolver {
	if o.Root == "" {
		o.Root = procscan.DefaultRoot
	}
	return &Resolver{
		root:   filepath.Clean(o.Root),
		groups: make(map[string]*group), entries: make(map[string]*entry), units: make(map[string]*unit),
	}
}

// group is what is known of the processes with the same paths of control groups.
type group struct {
	parsed

	cont *entry // of the last hit, nil if there is none
	in   *unit  // nil if there is none
	used uint64 // the round in which it was met last
}

// unit is a unit of systemd.
type unit struct {
	owner *Owner
	used  uint64
}

// entry is a container.
type entry struct {
	hit
	facts

	cgroup string
	outer  *entry
	owner  *Owner // as it was made last; nil if it is to be made anew
	inside *Owner // the owner of outer it was made with
	used   uint64
}

// facts are what is found out about a container beyond its hit.
type facts struct {
	image            string
	pod              *Pod
	project, service string
	labels           map[string]string
	state            string
	infra            bool
	from             Layer
	netns            string
}

// Resolve returns who the processes of a snapshot belong to, without asking any daemon. It returns the same
// Names for the same snapshot unless something new is known. Containers that are new are looked up in files;
// what is known of others is remembered for as long as they have processes.
//
// It is to be called by who scans: it may take as long as a scan where everything is new, and 200 ms more
// for a file that does not come, some times. The context ends the reading of files, not the answer.
func (r *Resolver) Resolve(ctx context.Context, snap *procscan.Snapshot) *Names {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last != nil && r.last.snap == snap && !r.dirty {
		return r.last
	}
	r.dirty = false
	r.round++
	groups := r.sort(snap)
	n := &Names{
		snap: snap, host: hostOf(snap),
		owners: make([]*Owner, len(snap.Procs)), units: make([]*Owner, len(snap.Procs)),
	}
	for i, g := range groups {
		if g == nil {
			continue
		}
		if g.cont != nil {
			n.owners[i] = g.cont.build()
		}
		if g.in != nil {
			n.units[i] = g.in.build(g)
		}
	}
	r.forget()
	r.serial++
	n.serial = r.serial
	r.last = n
	return n
}

// Ask asks the daemons of runtimes for the names of containers nothing else has told of, and reports whether
// one of them told something new: then Resolve returns it. It waits for them, for a second each at most, so
// it is to be called in a goroutine of its own. It asks no daemon more often than that can bear, so it may
// be called after each Resolve; calls at the same time wait for each other.
func (r *Resolver) Ask(context.Context) bool { return false }

// hostOf returns the namespaces of the host: those of its first process, or, where that does not tell them,
// our own.
func hostOf(snap *procscan.Snapshot) ns.Tuple {
	host := snap.Mine
	if first := snap.ByPID(1); first != nil {
		for k, ino := range first.NS {
			if ino != 0 {
				host[k] = ino
			}
		}
	}
	return host
}

// sort returns the group of each process; nil for those that own nothing: the kernel's threads and the first
// process.
func (r *Resolver) sort(snap *procscan.Snapshot) []*group {
	groups := make([]*group, len(snap.Procs))
	var last *group
	var lastKey string
	for i, p := range snap.Procs {
		key := p.Cgroup
		if p.Groups != "" {
			key = p.Groups
		}
		if key == "" || p.Kernel || p.PID == 1 {
			continue
		}
		// Neighbours are often in the same.
		if last == nil || key != lastKey {
			last, lastKey = r.group(key), key
		}
		groups[i] = last
	}
	return groups
}

// group returns the group with the given paths.
func (r *Resolver) group(key string) *group {
	g := r.groups[key]
	if g == nil {
		g = &group{parsed: parsePaths(key)}
		r.groups[key] = g
	}
	if g.used == r.round {
		return g
	}
	g.used = r.round
	var outer *entry
	for i := range g.hits {
		outer = r.entry(&g.parsed, i, outer)
	}
	g.cont = outer
	if g.unit != "" {
		key := g.path[:g.unitEnd]
		if g.in = r.units[key]; g.in == nil {
			g.in = new(unit)
			r.units[key] = g.in
		}
		g.in.used = r.round
	}
	return g
}

// entry returns the container of the given hit of a path.
func (r *Resolver) entry(p *parsed, i int, outer *entry) *entry {
	h := p.hits[i]
	key := p.path[:h.end]
	e := r.entries[key]
	if e == nil {
		e = &entry{hit: h, cgroup: key, outer: outer}
		r.entries[key] = e
	}
	e.used = r.round
	return e
}

// forget drops what no process has any more.
func (r *Resolver) forget() {
	for key, g := range r.groups {
		if g.used != r.round {
			delete(r.groups, key)
		}
	}
	for key, u := range r.units {
		if u.used != r.round {
			delete(r.units, key)
		}
	}
	for key, e := range r.entries {
		if e.used != r.round {
			delete(r.entries, key)
		}
	}
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
	o := &Owner{
		Runtime: e.runtime, ID: capped(e.id), Name: capped(e.name), Image: e.image, Pod: e.facts.pod,
		Project: e.project, Service: e.service, Labels: e.labels, State: e.state, Infra: e.infra || e.monitor,
		Cgroup: e.cgroup, From: e.from, In: in, monitor: e.monitor, netns: e.netns,
	}
	if o.Pod == nil && e.hit.pod != "" {
		o.Pod = &Pod{UID: e.hit.pod}
	}
	if o.From == Nobody && o.Name != "" {
		o.From = ByCgroup
	}
	e.owner, e.inside = o, in
	return o
}

// build returns the owner of a unit, a new one only if something is new.
func (u *unit) build(g *group) *Owner {
	var in *Owner
	if g.cont != nil {
		in = g.cont.build()
	}
	if u.owner == nil || u.owner.In != in {
		u.owner = &Owner{
			Runtime: Systemd, Name: capped(unescape(g.unit)), Cgroup: g.path[:g.unitEnd], From: ByUnit, In: in,
		}
	}
	return u.owner
}
