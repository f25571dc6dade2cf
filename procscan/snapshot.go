package procscan

import (
	"sort"
	"time"

	"nstui/procscan/ns"
)

// ProcID is the identity of a process: its pid alone is given to another process once it is gone.
type ProcID struct {
	PID   int
	Start uint64 // clock ticks between the boot and the start of the process
}

// Reason says why something of a process could not be read. The zero value: nothing was refused.
type Reason string

// The reasons a scan counts. A process that is gone by the time it is read is no reason.
const (
	Denied   Reason = "EACCES" // no ptrace access to the process, see ptrace(2)
	NotPerm  Reason = "EPERM"  // /proc is mounted with hidepid, see proc(5)
	Unparsed Reason = "EINVAL" // the kernel wrote what this program does not understand
	Unknown  Reason = "ENOSYS" // the kernel does not have the call
	Other    Reason = "EIO"    // any other error

	// Stuck: it did not answer in time. Such is a process that waits in execve(2), for a file system to
	// close a file: the kernel lets nobody look at it meanwhile.
	Stuck Reason = "ETIMEDOUT"
	// Foreign: there is no way there, by a pid that is not of our own pid namespace, or to a mount no
	// process sees.
	Foreign Reason = "EXDEV"
)

// Process is what a scan saw of a process. It is never changed once a snapshot has it, and snapshots
// share those that stayed as they were. Text in it is as the process set it: hostile.
type Process struct {
	PID     int
	PPID    int
	Start   uint64 // clock ticks after boot, stat(5) field 22
	UID     uint32 // effective
	Threads int    // how many it has; 0 where not known
	State   byte   // as in proc_pid_stat(5): 'R', 'S', 'Z'…
	Kernel  bool   // a kernel thread
	Comm    string // at most 15 bytes (63 for kernel workers)
	NS      ns.Tuple
	// NextPID and NextTime are the inode numbers of the namespaces its next child will be in, see
	// pid_for_children and time_for_children in namespaces(7). Zero where that is its own, or where
	// there is none yet.
	NextPID, NextTime uint64
	// Refused is why the namespaces could not be read; none of them is known then.
	Refused Reason
	// Nested are kinds in which the process is known to be in another namespace than the scanner
	// though it refused to say which: pid by NSpid of its status, user by its uid_map.
	Nested ns.Set

	// Texts says whether the rest has been read. Without it the control groups and NSpid may be known:
	// where nothing else was wanted, and where the arguments do not come, because somebody has locked the
	// memory of the process.
	Texts  bool
	Args   []string // empty for kernel threads, zombies and processes that wiped them
	NSpid  []int    // its pid in each pid namespace, ours first; nil where not known
	Cgroup string   // path in the unified hierarchy, or in the one that says most on v1
	// Groups are its paths in all hierarchies, each once, one a line; empty where Cgroup is the only one.
	Groups string

	// execs is how many times a Live was told that it runs another program.
	execs uint32
	// held says that most of it could not be read because it makes who reads it wait, see reader.held.
	held bool
}

// ID returns the identity of the process.
func (p *Process) ID() ProcID { return ProcID{PID: p.PID, Start: p.Start} }

// Zombie reports whether the process has ended and waits for its parent to read its status.
func (p *Process) Zombie() bool { return zombie(p.State) }

func zombie(state byte) bool { return state == 'Z' || state == 'X' }

// Namespace is one namespace, whether processes are in it or not.
type Namespace struct {
	ID ns.ID
	// Members are indices into Snapshot.Procs, in the order of their pids.
	Members []int
	// Leader is the index into Snapshot.Procs of the oldest of the topmost members: those whose
	// parent is not a member. It is -1 where there is no member.
	Leader int
	// Keepers are what else keeps the namespace alive, as far as it was looked for: see
	// Snapshot.Read. Those below it, ByChild and ByOwned, are told of (64 at most) only where there
	// is no member.
	Keepers []Keeper

	// Owner is the inode number of the user namespace it belongs to, see NS_GET_USERNS in
	// ioctl_nsfs(2); for a user namespace that is its parent. Zero where the kernel does not tell us.
	Owner uint64
	// OwnerUID is the uid that owns that user namespace (for a user namespace: that created it), as
	// seen from ours. OwnerKnown is false where the kernel does not tell us.
	OwnerUID   uint32
	OwnerKnown bool
	// Parent is the inode number of the namespace above it, for the kinds pid and user. Zero for the
	// topmost, and where the kernel does not tell us.
	Parent uint64
	// Level is how many namespaces are above it, for the kinds pid and user: 0 for the topmost that
	// can be seen.
	Level int
	// Unique is the number the kernel never gives to another namespace, unlike the inode's; 0 where
	// it has none (before Linux 6.18) or does not tell us.
	Unique uint64
	// NETNSID is the number a network namespace has in ours, see RTM_GETNSID in rtnetlink(7): -1
	// where none is assigned, and NETNSIDKnown false where that could not be asked.
	NETNSID      int
	NETNSIDKnown bool
}

// Holder says what a Keeper is.
type Holder uint8

// What keeps a namespace alive beside its members.
const (
	ByThread   Holder = iota // a thread other than the first of a process
	ByNext                   // a process whose next child will be in it
	ByFile                   // an open file descriptor
	BySocket                 // a socket of that network namespace
	ByMount                  // a mount of its file, such as those of ip-netns(8)
	ByChild                  // a namespace below it, of the same kind
	ByOwned                  // a namespace of any kind that belongs to this user namespace
	NumHolders = iota
)

// Keeper is one reason why a namespace is alive.
type Keeper struct {
	By Holder
	// Proc is the process that has the thread, the descriptor or the socket; for ByMount one that is
	// in the mount namespace and sees the mount, its PID zero where no process is.
	Proc ProcID
	// Number is that of the descriptor, or the id of the thread.
	Number int
	// Path is where the file is mounted, as the mount namespace sees it: hostile text.
	Path string
	// Where is the mount namespace of a mount, the child of ByChild, what belongs to ByOwned.
	Where ns.ID
}

// Want is a set of what a scan is to read beyond the processes, their users and namespaces.
type Want uint16

// What takes time and is not read unless it is wanted.
const (
	Owners  Want = 1 << iota // of every namespace its owner, parent, level and 64-bit number
	NetIDs                   // the NETNSID of every network namespace
	Leaders                  // the arguments of the leaders of namespaces, and of their members with the lowest pids
	Texts                    // the texts of all processes: arguments, pids in their namespaces, cgroup
	Threads                  // namespaces of threads other than the first
	Files                    // namespaces held by descriptors
	Sockets                  // network namespaces held by sockets
	Mounts                   // namespaces that are mounted, in any mount namespace
	Groups                   // the control groups of all processes, which are among their texts
	// Everything is all of it.
	Everything = Owners | NetIDs | Leaders | Texts | Threads | Files | Sockets | Mounts | Groups
	// Deep is what finds namespaces no process is in.
	Deep = Threads | Files | Sockets | Mounts
)

// Miss counts what one part of a scan could not read for one reason.
type Miss struct {
	What   Want // one of the constants
	Reason Reason
	Count  int
}

// Snapshot is what a scan saw. It is immutable and safe to share.
type Snapshot struct {
	Root string        // the proc root that was read
	At   time.Time     // when the scan ended
	Took time.Duration // how long it ran
	Boot time.Time     // zero where the proc root does not tell (subset=pid)
	Self ProcID        // the scanner's own process; zero where the root's pids are not ours
	Mine ns.Tuple      // the scanner's own namespaces

	// Part says that this is what a first scan has read so far: there are more processes.
	Part bool
	// Read is what of Want is in it.
	Read Want

	// Procs are the processes sorted by pid.
	Procs []*Process
	// Namespaces are the namespaces of each kind sorted by inode number.
	Namespaces [ns.NumKinds][]Namespace
	// Refused are the indices of the processes whose namespaces could not be read, by pid.
	Refused []int
	// Unreadable counts processes that refused something, by reason.
	Unreadable map[Reason]int
	// Missed is what else could not be read.
	Missed []Miss
	// Hidepid is the mount option of the proc root that hides processes, empty where there is none.
	Hidepid string
}

// Find returns the process with the given identity, or nil.
func (s *Snapshot) Find(id ProcID) *Process {
	if p := s.ByPID(id.PID); p != nil && p.Start == id.Start {
		return p
	}
	return nil
}

// ByPID returns the process with the given pid, or nil.
func (s *Snapshot) ByPID(pid int) *Process {
	i := sort.Search(len(s.Procs), func(i int) bool { return s.Procs[i].PID >= pid })
	if i < len(s.Procs) && s.Procs[i].PID == pid {
		return s.Procs[i]
	}
	return nil
}

// Namespace returns the namespace with the given identity, or nil.
func (s *Snapshot) Namespace(id ns.ID) *Namespace {
	list := s.Namespaces[id.Kind]
	i := sort.Search(len(list), func(i int) bool { return list[i].ID.Ino >= id.Ino })
	if i < len(list) && list[i].ID.Ino == id.Ino {
		return &list[i]
	}
	return nil
}

// Count returns the number of namespaces of all kinds.
func (s *Snapshot) Count() int {
	n := 0
	for _, list := range s.Namespaces {
		n += len(list)
	}
	return n
}

// Started returns when the process started, or the zero time where the boot time is not known.
// It may be up to a second early, because /proc tells the boot time in whole seconds.
func (s *Snapshot) Started(p *Process) time.Time {
	if s.Boot.IsZero() {
		return time.Time{}
	}
	return s.Boot.Add(time.Duration(p.Start) * (time.Second / userHZ))
}

// userHZ is the number of clock ticks a second in /proc: the kernel's USER_HZ, 100 on every
// architecture Go runs on.
const userHZ = 100
