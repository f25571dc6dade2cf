package container

import (
	"context"
	"maps"
	"strings"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// pinKey is a network namespace that a runtime keeps in a file. The path alone is none: in a mount namespace of
// their own users mount anything anywhere.
type pinKey struct {
	path string
	// ino is its inode number where its container was seen in it; else where is that of the mount namespace the
	// file has to be in.
	ino, where uint64
}

// pin is who a network namespace is for, and what the kernel never gives to another, 0 where that is not known.
type pin struct {
	owner  *Owner
	unique uint64
}

// pinPath is the path of a file that keeps a namespace; /var/run is a link to /run.
func pinPath(path string) string {
	if rest, ok := strings.CutPrefix(path, "/var/run/"); ok {
		return "/run/" + rest
	}
	return path
}

// pinned returns, by inode number, who the network namespaces are for that no process is in any more and that
// a runtime keeps in a file. Their containers may have ended since, or before anybody looked: then the shim
// that watched over them tells.
func (r *Resolver) pinned(ctx context.Context, s *survey) map[uint64]*Owner {
	r.unpin(s.snap)
	r.eachUsed(func(e *entry) { r.pinOf(s, e) })
	found := make(map[uint64]*Owner)
	asked := false
	for i := range s.snap.Namespaces[ns.Net] {
		space := &s.snap.Namespaces[ns.Net][i]
		if len(space.Members) > 0 {
			continue
		}
		for _, k := range space.Keepers {
			if k.By != procscan.ByMount || k.Path == "" {
				continue
			}
			o := r.pinAt(space, k)
			if o == nil && !asked {
				asked = true
				r.askShims(ctx, s)
				r.askCRIO(ctx, s)
				o = r.pinAt(space, k)
			}
			if o != nil {
				found[space.ID.Ino] = o
				break
			}
		}
	}
	return found
}

// unpin forgets the namespaces that are gone: the kernel gives their numbers to others.
func (r *Resolver) unpin(snap *procscan.Snapshot) {
	if len(r.pins) > maxNetns {
		// A user may have as many as there are; if that is not enough something is wrong.
		maps.DeleteFunc(r.pins, func(_ pinKey, p pin) bool { return p.owner.User != 0 || p.owner.In != nil })
	}
	if len(r.pins) > maxNetns {
		clear(r.pins)
	}
	if snap.Read&procscan.Mounts == 0 {
		return // those without processes are not known
	}
	for key, p := range r.pins {
		if key.ino == 0 {
			continue
		}
		if space := snap.Namespace(ns.ID{Kind: ns.Net, Ino: key.ino}); space == nil || p.unique != 0 && space.Unique != 0 && space.Unique != p.unique {
			delete(r.pins, key)
		}
	}
}

// pinOf notes the network namespace that a container's leader is in, if its runtime keeps it.
func (r *Resolver) pinOf(s *survey, e *entry) {
	at := s.index(e.leader.PID)
	if e.facts.netns == "" || at < 0 || s.snap.Procs[at].ID() != e.leader {
		return
	}
	id := s.snap.Procs[at].NS.ID(ns.Net)
	space := s.snap.Namespace(id)
	if space == nil {
		return
	}
	key := pinKey{path: e.facts.netns, ino: id.Ino}
	known, ok := r.pins[key]
	hosts := func(user uint32, nested bool) bool { return user == 0 && !nested }
	switch was, is := ok && hosts(known.owner.User, known.owner.In != nil), hosts(e.trust, e.nested()); {
	case !ok, is && !was:
	case was && !is:
		return // who is in a container of root's may have entered its pod's
	case !e.facts.infra && (known.owner.Infra || known.owner.ID != e.id()):
		return // another container of the pod was first
	}
	r.pins[key] = pin{owner: e.build(), unique: space.Unique}
}

// pinAt returns who a namespace is for that is mounted.
func (r *Resolver) pinAt(space *procscan.Namespace, k procscan.Keeper) *Owner {
	key := pinKey{path: pinPath(k.Path), ino: space.ID.Ino}
	if p, ok := r.pins[key]; ok {
		return p.owner
	}
	// A shim has told of the file: it is this one from now on.
	told := pinKey{path: key.path, where: k.Where.Ino}
	p, ok := r.pins[told]
	if !ok || told.where == 0 {
		return nil
	}
	delete(r.pins, told)
	p.unique = space.Unique
	r.pins[key] = p
	return p.owner
}

// askShims asks root's shims of which no process is left but themselves for what they watched over. Each is
// asked once, and believed about the mount namespace it is in.
func (r *Resolver) askShims(ctx context.Context, s *survey) {
	parents := make(map[int]bool)
	for _, p := range s.snap.Procs {
		parents[p.PPID] = true
	}
	alive := make(map[procscan.ProcID]bool)
	for i, p := range s.snap.Procs {
		if kindOf(p) != shim || parents[p.PID] {
			continue
		}
		alive[p.ID()] = true
		if r.widows[p.ID()] || ctx.Err() != nil {
			continue
		}
		r.widows[p.ID()] = true
		if !s.mayBeRoots(p) || p.NS[ns.Mnt] == 0 {
			continue
		}
		e := &entry{sandbox: true, outer: s.conts[i], known: true}
		q := &inquiry{root: s.r.root, host: s.hostRoot, nested: e.nested(), sandbox: true, helper: helperOf(p, shim), shelf: &r.shelf}
		got, err := run(ctx, &r.errands, e.blamed(), func() answer {
			var a answer
			if q.realUser(q.helper.id) == 0 {
				q.askHelper(&a)
			}
			return a
		})
		if err == nil && got.known && got.netns != "" {
			e.facts, e.pod = got.facts, got.pod
			r.pins[pinKey{path: pinPath(got.netns), where: p.NS[ns.Mnt]}] = pin{owner: e.build()}
		}
	}
	for id := range r.widows {
		if !alive[id] {
			delete(r.widows, id)
		}
	}
}
