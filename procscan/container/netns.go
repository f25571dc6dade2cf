package container

import (
	"context"
	"slices"
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

// netnsFolders are where ip-netns(8) keeps namespaces; the second is the same by another name.
var netnsFolders = [...]string{"/run/netns/", "/var/run/netns/"}

// netnsNames returns the names ip-netns(8) gave a network namespace.
func (n *Names) netnsNames(space *procscan.Namespace) []string {
	if space.ID.Kind != ns.Net {
		return nil
	}
	names := slices.Clone(n.netns[space.ID.Ino])
	for _, k := range space.Keepers {
		if k.By != procscan.ByMount || !n.rootMounts(k.Where) {
			continue
		}
		for _, folder := range netnsFolders {
			if name, ok := strings.CutPrefix(k.Path, folder); ok && name != "" && !strings.Contains(name, "/") {
				names = append(names, capped(name))
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// rootMounts reports whether only root can mount anything in a mount namespace: in the host's, in ours, and in
// those of the host's user namespace, as far as it is known whose they are. In one of their own anybody can.
func (n *Names) rootMounts(where ns.ID) bool {
	if where.Ino == 0 {
		return false
	}
	if where.Ino == n.host[ns.Mnt] || where.Ino == n.snap.Mine[ns.Mnt] {
		return true
	}
	space := n.snap.Namespace(where)
	return space != nil && space.Owner != 0 && space.Owner == n.host[ns.User]
}
