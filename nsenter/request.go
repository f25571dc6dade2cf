package nsenter

import (
	"nstui/procscan/ns"
)

// Ref names what is to be entered: a process, as the user saw it, and what is taken from elsewhere.
type Ref struct {
	PID   int      // 0: no process, every namespace is from Sources
	Start uint64   // clock ticks after boot; 0 is not checked
	Inode uint64   // of the process in pidfs (Linux 6.9), never used again; 0 is not checked
	NS    ns.Tuple // its namespaces; a zero is not checked
	IDs   ns.Tuple // their 64-bit ids (Linux 6.18), never used again; a zero is not checked

	// Sources give namespaces in place of those of the process.
	Sources [ns.NumKinds]Source
	// UserParent takes the parent of the user namespace in its place.
	UserParent bool
	// Root and Dir are directories to open for Request.Root and Request.Dir before anything is entered;
	// empty: those of the process.
	Root, Dir string
}

// Source says where a namespace is from: one of File, PID and Socket; none means the process of the Ref.
type Source struct {
	File string // a file that holds the namespace: a bind mount, /proc/PID/ns/X, /proc/PID/fd/N
	PID  int    // another process
	// Socket is the descriptor of a socket of the process of the Ref: the network namespace it is in.
	Socket Descriptor
	// Is is the inode number the namespace must have, where it is known: pinning fails for another,
	// and does not even open a link in /proc that leads elsewhere. 0 takes whichever is there.
	Is uint64
}

// Descriptor is the number of a file descriptor, if it is set.
type Descriptor struct {
	Set bool
	FD  int
}

// Request is what the user wants.
type Request struct {
	Kinds ns.Set

	// Program is the argument vector of what runs; empty: a shell. A name without a slash is looked for
	// in PATH.
	Program []string
	// Shell is the command line of the shell, split at spaces; empty: the best there is.
	Shell string
	// ShellMissing says that Target.Look did not find it, or with Plain the caller's $SHELL, in the root
	// directory it will run in.
	ShellMissing bool

	// As chooses the ids; UID and GID override what it chooses.
	As       As
	UID, GID ID
	KeepCaps bool // the program keeps the capabilities that the user namespace gives: they are made ambient

	// Confined drops what the target does not have: capabilities (its bounding set), new privileges, and
	// takes on its cgroup and its security label, as far as they can be set.
	Confined bool
	Cgroup   bool // join the cgroups of the target
	Context  bool // take on the security label of the target

	// Tools says whose programs run where the mount namespace is not entered or has none.
	Tools Tools

	// Plain does as nsenter(1): the caller's environment, the root of the mount namespace instead of the
	// target's, the caller's $SHELL as a login shell first, no session of its own.
	Plain     bool
	Root      bool   // change to Ref.Root; without Plain the target's root is always changed to
	Dir       bool   // start in Ref.Dir
	DirInside string // start in this directory, looked up after everything is entered
	Env       bool   // the target's environment
	NoFork    bool   // only children of the program are in the pid namespace
	Terminal  bool   // a session on a terminal of its own all the same, for Start
}

// As says as whom a shell runs.
type As uint8

// The ways to choose ids. They differ only where a user namespace is entered.
const (
	AsAuto   As = iota // root where it is mapped, else the target's ids where they are, else the caller's
	AsRoot             // root
	AsTarget           // the target's effective ids
	AsKeep             // the caller's, whatever they are inside
)

// ID is a user or group id inside the user namespace, if it is set.
type ID struct {
	Set    bool
	Follow bool // that of the target
	N      uint32
}

// Tools says whose programs a shell uses.
type Tools uint8

// The tools.
const (
	ToolsAuto    Tools = iota // the target's where mnt is entered, else the host's
	ToolsHost                 // the host's, with the target's resolv.conf, hosts, /sys and /proc around them
	ToolsBusybox              // a static busybox of the host's in the target's root directory
	ToolsTree                 // the host's, its whole tree mounted in a private copy of the target's mount namespace
	ToolsBare                 // the host's as they are: nothing is mounted around them
)
