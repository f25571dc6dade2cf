package container

import (
	"context"
	"path/filepath"
	"sync"
	"time"

	"nstui/procscan"
	"nstui/procscan/container/engine"
	"nstui/procscan/ns"
)

// Options say what a Resolver reads.
type Options struct {
	// Root is the proc root of the snapshots, procscan.DefaultRoot if empty.
	Root string
	// Host is the root directory of the host: where files are looked for that a runtime keeps there. If
	// empty that is the one of the first process of the proc root, as far as that may be seen.
	Host string
}

// Resolver finds out who processes belong to, and remembers it. Its methods may be called from any
// goroutine.
type Resolver struct {
	root, host string
	now        func() time.Time
	errands    errands
	shelf      shelf

	mu     sync.Mutex
	last   *Names
	serial uint64
	dirty  bool      // something is known that is not in the last Names
	again  time.Time // when there may be something new about the same snapshot
	round  uint64
	hostAt string // the root directory of the host, as it was seen last
	memory

	// asking holds a token while daemons are asked, and guards asker, which is made when it is needed. mute are
	// those of them that do not answer.
	asking chan struct{}
	asker  *engine.Asker
	mute   []Silent
}

// memory is what is remembered from one Resolve to the next, of what has processes.
type memory struct {
	groups map[string]*group
	// entries are the containers a control group names, by its path.
	entries map[string]*entry
	// sandboxes are those that no control group names, and what might be one.
	sandboxes map[sandboxKey]*entry
	units     map[string]*unit     // by the path of the control group
	deaf      map[string]time.Time // files that do not come, and since when
	// netns are the names ip-netns(8) gave, by inode number, to be looked for again at netnsNext.
	netns     map[uint64][]string
	netnsNext time.Time
	pins      map[pinKey]pin
	widows    map[procscan.ProcID]bool // shims that were asked for them
	setuid    map[called]verdict
	// crioNext is when the files of CRI-O may be read for them again.
	crioNext time.Time
	// freezers are where the kernel says what is frozen, to be looked for again at freezersNext.
	freezers     []freezer
	freezersNext time.Time
}

// New returns a resolver that knows nothing yet.
func New(o Options) *Resolver {
	if o.Root == "" {
		o.Root = procscan.DefaultRoot
	}
	return &Resolver{
		root: filepath.Clean(o.Root), host: o.Host, now: time.Now,
		errands: errands{patience: filePatience},
		shelf:   shelf{now: time.Now},
		asking:  make(chan struct{}, 1),
		memory: memory{
			groups: make(map[string]*group), entries: make(map[string]*entry), sandboxes: make(map[sandboxKey]*entry),
			units: make(map[string]*unit), deaf: make(map[string]time.Time),
			pins: make(map[pinKey]pin), widows: make(map[procscan.ProcID]bool), setuid: make(map[called]verdict),
		},
	}
}

// Resolve returns who the processes of a snapshot belong to, without asking any daemon. It returns the same
// Names for the same snapshot unless something new is known: it is to be called for that, too, since names may
// come later and change. Containers that are new are looked up in files; what is known of others is remembered
// for as long as they have processes.
//
// It is to be called by who scans: it may take as long as a scan where everything is new, and up to a second
// longer where files do not come. The context ends the reading of files, not the answer.
func (r *Resolver) Resolve(ctx context.Context, snap *procscan.Snapshot) *Names {
	r.mu.Lock()
	defer r.mu.Unlock()
	same := r.last != nil && r.last.snap == snap
	if same && !r.dirty && r.now().Before(r.again) {
		return r.last
	}
	// Who shows an older one may ask once more. What only a newer one has is not to be forgotten for it.
	older := r.last != nil && snap.At.Before(r.last.snap.At)
	r.dirty = older
	r.round++
	s := r.survey(snap)
	r.hostAt = s.hostRoot
	r.recheck(ctx)
	r.investigate(ctx, s, s.lead())
	for range maxNested {
		if !s.settle() {
			break
		}
		r.investigate(ctx, s, s.due)
	}
	r.shareOutPods()
	r.feel(ctx)
	n := s.names()
	r.findNetns(ctx, snap)
	n.netns, n.pinned, n.setuid = r.netns, r.pinned(ctx, s), r.findSetuid(ctx, s)
	n.silent = r.silence()
	if older {
		r.serial++
		n.serial = r.serial
		return n
	}
	r.forget()
	r.again = r.nextLook(snap)
	if same && n.says(r.last) {
		return r.last
	}
	r.serial++
	n.serial = r.serial
	r.last = n
	return n
}

// nextLook returns when there may be something new about the same snapshot.
func (r *Resolver) nextLook(snap *procscan.Snapshot) time.Time {
	next := r.now().Add(time.Hour)
	sooner := func(t time.Time) {
		if t.Before(next) {
			next = t
		}
	}
	each := func(e *entry) {
		if e.tries == 0 || !e.named() {
			sooner(e.next)
		}
		if len(e.sources) > 0 {
			sooner(e.checked.Add(recheckEvery))
		}
		if !e.frostNext.IsZero() {
			sooner(e.frostNext)
		}
	}
	for _, e := range r.entries {
		each(e)
	}
	for _, e := range r.sandboxes {
		each(e)
	}
	if snap.Read&procscan.Mounts == 0 {
		sooner(r.netnsNext)
	}
	return next
}

// maxNested is how many sandboxes in one another are found at once: who is in one is known only once that
// is known for one.
const maxNested = 8

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

// group is what is known of the processes with the same paths of control groups.
type group struct {
	parsed

	key  string // all its paths, one a line
	cont *entry // of the last hit, nil if there is none
	in   *unit  // nil if there is none
	used uint64 // the round in which it was met last
}

// group returns the group with the given paths.
func (r *Resolver) group(key string) *group {
	g := r.groups[key]
	if g == nil {
		g = &group{parsed: parsePaths(key), key: key}
		r.groups[key] = g
	}
	if g.used == r.round {
		return g
	}
	g.used = r.round
	g.cont, g.in = nil, nil
	for i := range g.hits {
		key := g.path[:g.hits[i].end]
		e := r.entries[key]
		if e == nil {
			e = &entry{hit: g.hits[i], cgroup: key, user: g.user, outer: g.cont}
			e.trust = e.firstWord()
			r.entries[key] = e
		}
		e.outer = g.cont
		e.used = r.round
		g.cont = e
	}
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
	for key, v := range r.setuid {
		if v.used != r.round {
			delete(r.setuid, key)
		}
	}
	for key, e := range r.entries {
		if e.used != r.round {
			delete(r.entries, key)
		}
	}
	for key, e := range r.sandboxes {
		if e.used != r.round {
			delete(r.sandboxes, key)
		}
	}
}

// unit is a unit of systemd.
type unit struct {
	owner *Owner
	used  uint64
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
		u.owner.User = maker(g.path[:g.unitEnd], g.user)
		if in != nil {
			u.owner.User = in.User
		}
	}
	return u.owner
}
