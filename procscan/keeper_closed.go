package procscan

import (
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// closed reports whether a directory on the way to a path is seen to let us not through. The kernel says
// EAGAIN for that, too, where it must not ask a file system, see may_lookup in its fs/namei.c. Nor is one asked
// here: what decides are the owner and the mode of each directory, as far as the kernel has them in memory.
// Where these do not decide, as for who has the capabilities of root, it is not closed.
func (r *reader) closed(root int, path string) bool {
	if walksAnywhere() {
		return false
	}
	for i := range len(path) {
		if path[i] != '/' {
			continue
		}
		fd, errno := r.sys.look(root, path[:i+1])
		if errno != 0 {
			return false
		}
		var st unix.Statx_t
		errno = r.sys.file(fd, &st)
		r.sys.close(fd)
		if errno != 0 {
			return false
		}
		if !searchable(&st) {
			return true
		}
	}
	return false
}

// searchable reports whether the mode of a directory lets us through, see path_resolution(7). Access control lists
// are not looked at: who is let through by one, to a file system that has to be asked, is told a wrong reason.
func searchable(st *unix.Statx_t) bool {
	mode := uint32(st.Mode)
	switch {
	case int(st.Uid) == os.Geteuid():
		return mode&unix.S_IXUSR != 0
	case ourGroup(int(st.Gid)):
		return mode&unix.S_IXGRP != 0
	default:
		return mode&unix.S_IXOTH != 0
	}
}

func ourGroup(gid int) bool {
	if gid == os.Getegid() {
		return true
	}
	groups, err := os.Getgroups()
	return err == nil && slices.Contains(groups, gid)
}

// walksAnywhere reports whether modes do not hold us, see capabilities(7).
func walksAnywhere() bool {
	const may = 1<<unix.CAP_DAC_READ_SEARCH | 1<<unix.CAP_DAC_OVERRIDE
	var data [2]unix.CapUserData
	err := unix.Capget(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &data[0])
	return err != nil || data[0].Effective&may != 0
}
