package container

import (
	"context"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan"
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
