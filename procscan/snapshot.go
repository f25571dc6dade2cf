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
	Other    Reason = "EIO"    // any other error
)

// Process is what one scan saw of a process. Text in it is as the process set it: hostile.
type Process struct {
	PID    int
	PPID   int
	Start  uint64   // clock ticks after boot, stat(5) field 22
	UID    uint32   // effective
	State  byte     // as in proc_pid_stat(5): 'R', 'S', 'Z'…
	Kernel bool     // a kernel thread
	Comm   string   // at most 15 bytes (63 for kernel workers)
	Args   []string // empty for kernel threads, zombies and processes that wiped them
	NSpid  []int    // its pid in each pid namespace, ours first; nil where not known
	Cgroup string   // path in the unified hierarchy, or in the one that says most on v1
	NS     ns.Tuple
	// Refused is why the namespaces could not be read; none of them is known then.
	Refused Reason
}

// ID returns the identity of the process.
func (p *Process) ID() ProcID { return ProcID{PID: p.PID, Start: p.Start} }

// Zombie reports whether the process has ended and waits for its parent to read its status.
func (p *Process) Zombie() bool { return p.State == 'Z' || p.State == 'X' }

// Namespace is one namespace that has members.
type Namespace struct {
	ID ns.ID
	// Members are indices into Snapshot.Procs, in the order of their pids.
	Members []int
	// Leader is the index into Snapshot.Procs of the oldest of the topmost members: those whose
	// parent is not a member.
	Leader int
	// Owner is the uid that owns the user namespace this one belongs to (for a user namespace: that
	// created it), see ioctl_nsfs(2). OwnerKnown is false where the kernel does not tell us.
	Owner      uint32
	OwnerKnown bool
	// Unique is the number the kernel never gives to another namespace, unlike the inode's; 0 where it has
	// none (before Linux 6.18) or does not tell us.
	Unique uint64
}

// Snapshot is what one scan saw. It is immutable and safe to share.
type Snapshot struct {
	Root string        // the proc root that was read
	At   time.Time     // when the scan ended
	Took time.Duration // how long it ran
	Boot time.Time     // zero where the proc root does not tell (subset=pid)
	Self ProcID        // the scanner's own process; zero where the root's pids are not ours
	Mine ns.Tuple      // the scanner's own namespaces

	// Procs are the processes sorted by pid.
	Procs []Process
	// Namespaces are the namespaces of each kind sorted by inode number.
	Namespaces [ns.NumKinds][]Namespace
	// Refused are the indices of the processes whose namespaces could not be read, by pid.
	Refused []int
	// Unreadable counts processes that refused something, by reason.
	Unreadable map[Reason]int
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
		return &s.Procs[i]
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
