package container

import (
	"context"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// maxNetns is how many names of ip-netns(8) are kept.
const maxNetns = 4096

// netnsEvery is how often the folder of ip-netns(8) is looked at.
const netnsEvery = 2 * time.Second

// findNetns finds the names ip-netns(8) gave, where the scan has not looked for mounts.
func (r *Resolver) findNetns(ctx context.Context, snap *procscan.Snapshot) {
	now := r.now()
	if snap.Read&procscan.Mounts != 0 || now.Before(r.netnsNext) {
		return
	}
	r.netnsNext = now.Add(netnsEvery)
	host := r.hostAt
	if found, err := run(ctx, &r.errands, blame{}, func() map[uint64][]string { return netnsIn(host) }); err == nil {
		r.netns = found
	}
}

// netnsIn returns the names of the network namespaces that are mounted in /run/netns, by inode number. A file
// there that is none is what is left of one, or one that is mounted elsewhere.
func netnsIn(host string) map[uint64][]string {
	root, err := openFolder(host)
	if err != nil {
		return nil
	}
	defer root.close()
	found := make(map[uint64][]string)
	for _, name := range root.names("/run/netns", maxNetns) {
		fd, err := root.lookUp("/run/netns/"+name, inside)
		if err != nil {
			continue
		}
		var st unix.Stat_t
		var fs unix.Statfs_t
		if unix.Fstatfs(fd, &fs) == nil && fs.Type == unix.NSFS_MAGIC && unix.Fstat(fd, &st) == nil {
			found[st.Ino] = append(found[st.Ino], capped(name))
		}
		_ = unix.Close(fd) // nothing was written
	}
	return found
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
	if len(r.pins) > maxNetns {
		clear(r.pins)
	}
	r.eachUsed(func(e *entry) {
		if e.facts.netns != "" && (e.facts.infra || r.pins[pinPath(e.facts.netns)] == nil) {
			r.pins[pinPath(e.facts.netns)] = e.build()
		}
	})
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
			if r.pins[pinPath(k.Path)] == nil && !asked {
				asked = true
				r.askShims(ctx, s)
			}
			if o := r.pins[pinPath(k.Path)]; o != nil {
				found[space.ID.Ino] = o
				break
			}
		}
	}
	return found
}

// askShims asks shims of which no process is left but themselves for what they watched over. Each is asked once.
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
		q := &inquiry{root: s.r.root, host: s.hostRoot, nested: s.conts[i] != nil, sandbox: true, helper: helperOf(p, shim), shelf: &r.shelf}
		got, err := run(ctx, &r.errands, blame{uid: p.UID}, func() answer {
			var a answer
			q.askHelper(&a)
			return a
		})
		if err == nil && got.known && got.netns != "" {
			e := &entry{sandbox: true, outer: s.conts[i], known: true, facts: got.facts, pod: got.pod}
			r.pins[pinPath(got.netns)] = e.build()
		}
	}
	for id := range r.widows {
		if !alive[id] {
			delete(r.widows, id)
		}
	}
}
