package nsenter

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// Facts is all a plan is made from. It is plain data: a plan made from equal facts is equal.
type Facts struct {
	PID   int // 0 without a process
	Start uint64
	Comm  string // as the process set it: hostile
	UID   uint32 // effective, in the caller's user namespace
	GID   uint32

	Kinds [ns.NumKinds]KindFact
	// Users are the user namespaces that own the target's namespaces, and their parents up to the
	// caller's, by inode number.
	Users  map[uint64]UserNS
	Caller Caller
	// UIDMap and GIDMap are those of the target's user namespace, SetgroupsDenied its setgroups file, if
	// Mapped says that they could be read.
	Mapped          bool
	UIDMap, GIDMap  IDMap
	SetgroupsDenied bool
	// PIDVisible is whether the target's pid namespace is the caller's or below it.
	PIDVisible bool
	// Init is the pid of the init process of the target's pid namespace, InitDead says that it has ended:
	// nothing can start in there any more.
	Init     int
	InitDead bool
	// SourceRoot says that the mount namespace is from another process, whose root directory is known.
	SourceRoot bool
	// RootErr is why its root directory could not be opened, DirErr why its working directory.
	RootErr, DirErr error
	// ChildrenPID is the pid namespace its children get, if that is not its own: what unshare(2) leaves.
	ChildrenPID uint64
	// PIDInside is its pid in its own pid namespace, 0 if that is not known.
	PIDInside int
	// GivenRoot and GivenDir are the paths of Ref.Root and Ref.Dir.
	GivenRoot, GivenDir string
	Confines            Confines
	// Chrooted is the target's root directory as /proc/PID/root names it, if it is not "/".
	Chrooted string

	// Explored is whether Target.Explore has looked for shells. Without, a plan says nothing of them.
	Explored bool
	Inside   Home // the target's root directory
	Outside  Home // the caller's
	// NetFiles are those about the network namespace that are not in it: of the process it is from, or of
	// ip-netns(8).
	NetFiles []File
	// Environ is the target's environment, as far as it could be read.
	Environ []string
}

// KindFact is what is known of the target's namespace of one kind.
type KindFact struct {
	Target uint64 // inode number; 0 if it could not be opened
	Mine   uint64 // the caller's; 0 if the kernel lacks the kind
	Owner  uint64 // inode of the user namespace that owns it (for user: itself); 0 if not visible
	Err    error  // why it could not be opened
	Source string // what it is from, if that is not the process
	File   string // a file that holds it, if Source is set
}

// Shared reports whether the target and the caller are in the same namespace.
func (f *KindFact) Shared() bool { return f.Target != 0 && f.Target == f.Mine }

// UserNS is a user namespace at or below the caller's.
type UserNS struct {
	Parent uint64 // inode; 0 for the caller's own and for one whose parent is not visible
	Owner  uint32 // the uid that created it, in the caller's user namespace
}

// Caller is who enters.
type Caller struct {
	UID    uint32 // effective
	GID    uint32
	Caps   uint64 // effective capabilities, bit per number of capabilities(7)
	UserNS uint64 // inode
}

// IDMap is the content of uid_map or gid_map, see user_namespaces(7).
type IDMap []IDRange

// IDRange maps Count ids from Inside on to those from Outside on.
type IDRange struct{ Inside, Outside, Count uint32 }

// Out returns the id outside the user namespace of an id inside.
func (m IDMap) Out(inside uint32) (uint32, bool) {
	for _, r := range m {
		if inside >= r.Inside && inside-r.Inside < r.Count {
			return r.Outside + (inside - r.Inside), true
		}
	}
	return 0, false
}

// In returns the id inside the user namespace of an id outside.
func (m IDMap) In(outside uint32) (uint32, bool) {
	for _, r := range m {
		if outside >= r.Outside && outside-r.Outside < r.Count {
			return r.Inside + (outside - r.Outside), true
		}
	}
	return 0, false
}

func parseIDMap(text string) (IDMap, error) {
	var m IDMap
	for line := range strings.Lines(text) {
		var r IDRange
		if _, err := fmt.Sscan(line, &r.Inside, &r.Outside, &r.Count); err != nil {
			return nil, fmt.Errorf("parse id map line %q: %w", line, err)
		}
		m = append(m, r)
	}
	return m, nil
}

// readProcess fills in what the directory of the process tells.
func (t *Target) readProcess() error {
	f, dir := &t.facts, t.dir
	var st unix.Stat_t
	if err := unix.Fstatat(dir, "stat", &st, 0); err != nil {
		return gone(err)
	}
	f.UID, f.GID = st.Uid, st.Gid
	if err := f.readStatus(dir); err != nil {
		return err
	}
	if link, err := readlinkAt(dir, "ns/pid_for_children"); err == nil {
		if id, err := ns.ParseLink(link); err == nil && id.Ino != f.Kinds[ns.PID].Target && f.Kinds[ns.PID].Source == "" {
			f.ChildrenPID = id.Ino
		}
	}
	if link, err := readlinkAt(dir, "root"); err == nil && link != "/" {
		f.Chrooted = link
	}
	return nil
}

// readFacts fills in what the descriptors of the namespaces tell.
func (t *Target) readFacts(ref Ref) error {
	f := &t.facts
	if err := f.readCaller(); err != nil {
		return err
	}
	f.Confines.Last = lastCapability()
	t.readOwners()
	t.readPIDNamespace()
	if dir, owned := t.userDir(ref); dir >= 0 {
		f.readMaps(dir)
		if owned {
			unix.Close(dir)
		}
	}
	return nil
}

// userDir returns the directory in /proc of a process in the user namespace, -1 if none is known, and
// whether it is to be closed.
func (t *Target) userDir(ref Ref) (dir int, owned bool) {
	switch src := ref.Sources[ns.User]; {
	case ref.UserParent || src.File != "":
		return -1, false
	case src.PID != 0:
		dir, err := unix.Open("/proc/"+strconv.Itoa(src.PID), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			return -1, false
		}
		var st unix.Stat_t // the pid may belong to another by now
		if err := unix.Fstatat(dir, "ns/user", &st, 0); err != nil || st.Ino != t.facts.Kinds[ns.User].Target {
			unix.Close(dir)
			return -1, false
		}
		return dir, true
	}
	return t.dir, false
}

// readMaps reads which ids the user namespace of a process has. What cannot be read is done without.
func (f *Facts) readMaps(dir int) {
	uids, uidErr := readAt(dir, "uid_map")
	gids, gidErr := readAt(dir, "gid_map")
	if uidErr == nil && gidErr == nil {
		f.Mapped = true
		f.UIDMap, _ = parseIDMap(string(uids))
		f.GIDMap, _ = parseIDMap(string(gids))
	}
	if text, err := readAt(dir, "setgroups"); err == nil {
		f.SetgroupsDenied = strings.TrimSpace(string(text)) == "deny"
	}
}

// Explore looks for shells, accounts and terminals: in the caller's root directory, and if inside is set
// in the target's, whose environment it then reads, too. That one may belong to a file system that answers late or never: it is given two
// seconds. The facts must not be in use meanwhile.
func (t *Target) Explore(inside bool) {
	t.open.RLock()
	defer t.open.RUnlock()
	f := &t.facts
	f.Explored = true
	if root := t.insideRoot(); inside && root >= 0 {
		f.Inside = lookAroundWithin(lookTime, root)
	}
	if inside && t.dir >= 0 {
		t.readSlow()
	}
	f.NetFiles = f.Inside.Files
	if root, err := unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0); err == nil {
		f.Outside = lookAround(root)
		if net := &f.Kinds[ns.Net]; net.Source != "" {
			f.NetFiles = filesOfNet(root, net.File)
		}
		f.Outside.Busybox = busybox(root)
		unix.Close(root)
	}
}

// filesOfNet returns what there is about a network namespace of a file. For those of ip-netns(8) it is in
// /etc/netns, for that of another process in its root directory.
func filesOfNet(root int, file string) []File {
	if dir, name := path.Split(file); dir == "/run/netns/" || dir == "/var/run/netns/" {
		h := Home{root: root}
		return h.viewFiles(path.Join("/etc/netns", name))
	}
	process, ok := strings.CutSuffix(file, "/ns/net")
	if !ok || !strings.HasPrefix(process, "/proc/") {
		return nil
	}
	theirs, err := unix.Open(process+"/root", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	files, _ := within(lookTime, func() []File {
		defer unix.Close(theirs)
		h := Home{root: theirs}
		return h.viewFiles("/etc")
	})
	return files
}

// insideRoot returns the root directory of a process in the mount namespace, -1 if none is known.
func (t *Target) insideRoot() int {
	if t.facts.Kinds[ns.Mnt].Source != "" {
		return t.sourceRoot
	}
	return t.root
}

// readSlow reads what may be slow to get, or never come: the environment is in the memory of the process,
// which may be a file of a server that does not answer.
func (t *Target) readSlow() {
	dir, err := unix.FcntlInt(uintptr(t.dir), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return
	}
	f := &t.facts
	f.readConfines(dir)
	text, _ := within(lookTime, func() []byte {
		defer unix.Close(dir)
		text, err := readAt(dir, "environ")
		if err != nil {
			return nil // the shell does without
		}
		return text
	})
	f.Environ = splitNUL(string(text))
	if len(text) >= maxRead && len(f.Environ) > 0 {
		f.Environ = f.Environ[:len(f.Environ)-1] // it is cut
	}
}

// readStatus takes the effective ids from the status file: the owner of the files in /proc is root
// for a process that is not dumpable.
func (f *Facts) readStatus(dir int) error {
	text, err := readAt(dir, "status")
	if err != nil {
		return fmt.Errorf("read its status: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		fields := strings.Fields(value)
		if len(fields) > 0 {
			f.readLimit(name, fields)
		}
		// real, effective, saved, file system
		if (name != "Uid" && name != "Gid") || len(fields) < 2 {
			continue
		}
		id, err := strconv.ParseUint(fields[1], 10, 32)
		if err != nil {
			return fmt.Errorf("parse its status: %s: %w", name, err)
		}
		if name == "Uid" {
			f.UID = uint32(id)
		} else {
			f.GID = uint32(id)
		}
	}
	return nil
}

// readLimit takes what a line of the status file says of the limits of a process.
func (f *Facts) readLimit(name string, fields []string) {
	switch name {
	case "CapBnd":
		f.Confines.Bounding, _ = strconv.ParseUint(fields[0], 16, 64)
	case "NoNewPrivs":
		f.Confines.NoNewPrivs = fields[0] == "1"
	case "Seccomp":
		f.Confines.Seccomp = fields[0] == "2"
	case "NSpid":
		f.PIDInside, _ = strconv.Atoi(fields[len(fields)-1])
	}
}

func (f *Facts) readCaller() error {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return fmt.Errorf("read own capabilities: %w", err)
	}
	f.Caller = Caller{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid()), UserNS: f.Kinds[ns.User].Mine}
	// The re-executed child has no file capabilities: what an ordinary user has of them is lost.
	set := "CapEff:"
	if f.Caller.UID != 0 {
		set = "CapAmb:"
	}
	for line := range strings.Lines(string(text)) {
		if hex, ok := strings.CutPrefix(line, set); ok {
			f.Caller.Caps, err = strconv.ParseUint(strings.TrimSpace(hex), 16, 64)
		}
	}
	if err != nil {
		return fmt.Errorf("parse own capabilities: %w", err)
	}
	return nil
}

func readlinkAt(dir int, name string) (string, error) {
	buf := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(dir, name, buf)
	if err != nil {
		return "", err
	}
	return string(buf[:n]), nil
}

func splitNUL(text string) []string {
	var list []string
	for entry := range strings.SplitSeq(text, "\x00") {
		if entry != "" {
			list = append(list, entry)
		}
	}
	return list
}

// Denied reports whether the namespace could not be opened for lack of rights.
func (f *KindFact) Denied() bool {
	return errors.Is(f.Err, unix.EACCES) || errors.Is(f.Err, unix.EPERM)
}
