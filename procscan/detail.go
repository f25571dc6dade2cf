package procscan

// Detail is what is worth reading of one process only when somebody looks at it.
type Detail struct {
	ID      ProcID
	Root    string // target of /proc/PID/root; empty where it could not be read
	RootFS  string // type of the file system its root directory is on, such as "overlay"
	Cwd     string
	Exe     string
	Threads int
	UIDMap  string // "inside outside count" lines of uid_map; empty where it could not be read
	GIDMap  string // the same of gid_map
	// Refused says why links could not be read; empty if all were.
	Refused Reason
}
