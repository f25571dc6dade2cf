package probe

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// listing is the name of the feature without which there is nothing to show.
const listing = "list-processes"

// What to do about most of what does not work.
const (
	asRoot    = "run nstui as root"
	mountProc = "mount proc there, or name where it is mounted with --proc"
)

// procProbes try the proc root.
func procProbes(root string) []probe {
	return []probe{
		{
			area: "proc", name: listing, tried: "readdir " + root, try: list,
			instead: "shows nothing",
			other:   mountProc,
		},
		{
			area: "proc", name: "proc-filesystem", tried: "statfs " + root, try: isProc,
			instead: "reads it as if it were one",
			other:   "name where proc is mounted with --proc",
		},
		{
			area: "proc", name: "own-pids", tried: "readlink " + filepath.Join(root, "self"), try: ownPIDs,
			instead: "goes by paths below " + root + " only: no events, and nothing that takes a pid",
			other:   "run nstui in the pid namespace of that proc: --pid host of a container runtime",
		},
		{
			area: "proc", name: "no-hidepid", tried: "mount options of " + root, try: hidepid, limit: scanLimit,
			instead: "shows the processes that are not hidden, and says that others may be",
			other:   "run as root, or as a member of the group in its gid option",
		},
		{
			area: "proc", name: "whole-proc", tried: "open " + filepath.Join(root, "stat"), try: whole,
			instead: "does not tell when processes started",
			other:   "mount proc without subset=pid",
		},
		{
			area: "proc", name: "read-namespaces", tried: "readlink " + filepath.Join(root, "*/ns/*"), try: readable, limit: scanLimit,
			instead: "shows of the others what everybody may see: nested pid and user namespaces, names, cgroups",
			other:   allowAll(),
		},
	}
}

// allowAll says how to be allowed to see all namespaces.
func allowAll() string {
	if os.Geteuid() == 0 {
		return "look for what keeps it from root: a container, a security module, a user namespace"
	}
	return asRoot
}

// list counts the processes.
func list(_ context.Context, h *host) (string, error) {
	entries, err := os.ReadDir(h.root)
	if err != nil {
		return "", err
	}
	n := 0
	for _, e := range entries {
		if _, err := strconv.ParseUint(e.Name(), 10, 32); err == nil {
			n++
		}
	}
	if n == 0 {
		return "", fmt.Errorf("no processes among %d files", len(entries))
	}
	return fmt.Sprintf("%d processes", n), nil
}

// isProc asks for the type of the file system.
func isProc(_ context.Context, h *host) (string, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(h.root, &st); err != nil {
		return "", err
	}
	if st.Type != unix.PROC_SUPER_MAGIC {
		return "", fmt.Errorf("another file system, of type %#x", st.Type)
	}
	return "proc", nil
}

// ownPIDs compares the root's idea of our pid with ours.
func ownPIDs(_ context.Context, h *host) (string, error) {
	link, err := os.Readlink(filepath.Join(h.root, "self"))
	if err != nil {
		return "", err
	}
	if own := strconv.Itoa(os.Getpid()); link != own {
		return "", fmt.Errorf("%s, but our pid is %s: its pids are of another pid namespace", link, own)
	}
	return "our own pid", nil
}

// hidepid looks for the mount option.
func hidepid(_ context.Context, h *host) (string, error) {
	snap, err := h.scan()
	if err != nil {
		return "", err
	}
	if snap.Hidepid != "" {
		return "", fmt.Errorf("hidepid=%s", snap.Hidepid)
	}
	return "no hidepid", nil
}

// whole looks for what is in proc beside the processes.
func whole(ctx context.Context, h *host) (string, error) {
	f, err := os.Open(filepath.Join(h.root, "stat"))
	if _, noProc := isProc(ctx, h); noProc == nil && errors.Is(err, fs.ErrNotExist) {
		return "", errors.New("not there: proc is mounted with subset=pid")
	}
	if err != nil {
		return "", err
	}
	_ = f.Close() // it was not even read
	return "it is there", nil
}

// readable counts the processes that refuse to show their namespaces.
func readable(_ context.Context, h *host) (string, error) {
	snap, err := h.scan()
	if err != nil {
		return "", err
	}
	if len(snap.Refused) > 0 {
		var reasons []string
		for _, i := range snap.Refused {
			if reason := string(snap.Procs[i].Refused); !slices.Contains(reasons, reason) {
				reasons = append(reasons, reason)
			}
		}
		slices.Sort(reasons)
		return "", fmt.Errorf("%d of %d processes refuse, such as pid %d: %s",
			len(snap.Refused), len(snap.Procs), snap.Procs[snap.Refused[0]].PID, strings.Join(reasons, ", "))
	}
	return fmt.Sprintf("%d processes, %d namespaces", len(snap.Procs), snap.Count()), nil
}

// kindProbes try which kinds of namespaces this kernel has.
func kindProbes() []probe {
	kinds := ns.Kinds()
	list := make([]probe, 0, len(kinds))
	for _, kind := range kinds {
		path := ownNS(kind)
		list = append(list, probe{
			area: "kinds", name: kind.String(), tried: "readlink " + path,
			try: func(context.Context, *host) (string, error) {
				return os.Readlink(path)
			},
			instead: "does not show this kind",
			other:   "needs a kernel built with namespaces of this kind, and a proc at /proc",
		})
	}
	return list
}

// ownNS returns the path of a namespace of this process.
func ownNS(kind ns.Kind) string { return "/proc/self/ns/" + kind.String() }
