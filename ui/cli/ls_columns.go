package cli

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/ui/cli/query"
	"nstui/ui/cli/sheet"
)

// The columns of nstui ls that have a place of their own in the program.
const (
	colNS = iota
	colType
	colPath
	colNprocs
	colPID
	colPPID
	colCommand
	colUID
	colUser
	colNetNSID
	colNSFS
)

// lsLine is what one line is about: a namespace and the process that stands for it, or one of its
// processes. The process is nil where there is none.
type lsLine struct {
	n *procscan.Namespace
	p *procscan.Process
	// row is the container, where the lines are containers.
	row *container.Row
}

// lsColumn is one column of nstui ls.
type lsColumn struct {
	sheet.Column
	help string
	want procscan.Want // what must be read for it
	cell func(*lister, lsLine) string
}

// names reports whether the column takes who processes belong to. Its cells are lists, also for filters.
func (c *lsColumn) names() bool { return c.want&procscan.Groups != 0 }

// cell returns the cell of a line; empty where the line is about no namespace and the column is.
func (s *lister) cell(column int, l lsLine) string {
	c := &s.opts.table()[column]
	if l.n == nil && l.row == nil && !aboutProcess[column] && !c.names() {
		return ""
	}
	return c.cell(s, l)
}

// text returns the cell of a line as it is written.
func (s *lister) text(column int, l lsLine) string {
	c, cell := &s.opts.table()[column], s.cell(column, l)
	if c.names() && (s.opts.noWrap || s.opts.raw) {
		cell = strings.ReplaceAll(cell, sheet.Separator, ",")
	}
	return cell
}

// columnTable is the columns there are.
type columnTable []lsColumn

const (
	number = sheet.Number
	right  = sheet.Right
)

// lsColumns are the columns of lsns(8), in its order, and those that are ours.
var lsColumns = append(columnTable{
	{
		sheet.Column{Name: "NS", Hint: 10, Flags: right, Type: number},
		"namespace identifier (inode number)", 0,
		func(_ *lister, l lsLine) string { return decimal(l.n.ID.Ino) },
	},
	{
		sheet.Column{Name: "TYPE", Hint: 5},
		"kind of namespace", 0,
		func(_ *lister, l lsLine) string { return l.n.ID.Kind.String() },
	},
	{
		sheet.Column{Name: "PATH"}, "path to the namespace", 0, (*lister).path,
	},
	{
		sheet.Column{Name: "NPROCS", Hint: 5, Flags: right, Type: number},
		"number of processes in the namespace", 0,
		func(_ *lister, l lsLine) string { return strconv.Itoa(len(l.n.Members)) },
	},
	{
		sheet.Column{Name: "PID", Hint: 5, Flags: right, Type: number},
		"lowest PID in the namespace", 0,
		ofProcess(func(p *procscan.Process) string { return strconv.Itoa(p.PID) }),
	},
	{
		sheet.Column{Name: "PPID", Hint: 5, Flags: right, Type: number},
		"PPID of the PID", 0,
		ofProcess(func(p *procscan.Process) string { return strconv.Itoa(p.PPID) }),
	},
	{
		sheet.Column{Name: "COMMAND", Flags: sheet.Trunc},
		"command line of the PID", procscan.Leaders,
		ofProcess(commandLine),
	},
	{
		sheet.Column{Name: "UID", Flags: right, Type: number},
		"UID of the PID, or of the owner", 0,
		func(_ *lister, l lsLine) string {
			uid, ok := userOf(l)
			return decimalIf(ok, uint64(uid))
		},
	},
	{
		sheet.Column{Name: "USER"},
		"username of the PID, or of the owner", 0,
		func(s *lister, l lsLine) string {
			uid, ok := userOf(l)
			if !ok {
				return ""
			}
			return s.users.name(uid)
		},
	},
	{
		sheet.Column{Name: "NETNSID", Flags: right},
		"namespace ID as used by network subsystem", procscan.NetIDs,
		netNSID,
	},
	{
		sheet.Column{Name: "NSFS", Flags: sheet.Wrap},
		"nsfs mountpoint (usually used network subsystem)", procscan.Mounts,
		(*lister).nsfs,
	},
	{
		sheet.Column{Name: "PNS", Hint: 10, Flags: right, Type: number},
		"parent namespace identifier (inode number)", procscan.Owners,
		func(_ *lister, l lsLine) string { return decimal(l.n.Parent) },
	},
	{
		sheet.Column{Name: "ONS", Hint: 10, Flags: right, Type: number},
		"owner namespace identifier (inode number)", procscan.Owners,
		func(_ *lister, l lsLine) string { return decimal(l.n.Owner) },
	},
	{
		sheet.Column{Name: "OWNERUID", Flags: right, Type: number},
		"UID of the owner, as it is here", procscan.Owners,
		func(_ *lister, l lsLine) string { return decimalIf(l.n.OwnerKnown, uint64(l.n.OwnerUID)) },
	},
	{
		sheet.Column{Name: "LEVEL", Flags: right, Type: number},
		"how many namespaces are above it (user, pid)", procscan.Owners,
		func(_ *lister, l lsLine) string {
			nested := l.n.ID.Kind == ns.User || l.n.ID.Kind == ns.PID
			return decimalIf(nested, uint64(max(l.n.Level, 0)))
		},
	},
	{
		sheet.Column{Name: "NSID", Flags: right, Type: number},
		"64-bit identifier no other namespace ever gets", procscan.Owners,
		func(_ *lister, l lsLine) string { return decimalIf(l.n.Unique != 0, l.n.Unique) },
	},
	{
		sheet.Column{Name: "KEPTBY", Flags: sheet.Wrap, Type: sheet.List},
		"what keeps it alive", procscan.Deep | procscan.Owners,
		(*lister).keptBy,
	},
}, nameColumns...)

// find returns the column of a name, in any case.
func (t columnTable) find(name string) (int, bool) {
	for i := range t {
		if strings.EqualFold(t[i].Name, name) {
			return i, true
		}
	}
	return 0, false
}

// query returns a column as filter expressions see it.
func (t columnTable) query(name string) (int, query.Type, bool) {
	i, ok := t.find(name)
	switch {
	case ok && t[i].Type == sheet.Number:
		return i, query.Number, true
	case ok && t[i].Type == sheet.List && t[i].names():
		return i, query.List, true
	}
	return i, query.String, ok
}

// named reports whether names must be known for one of the columns.
func (t columnTable) named(columns []int) bool {
	return slices.ContainsFunc(columns, func(i int) bool { return t[i].names() })
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }

func decimalIf(known bool, n uint64) string {
	if !known {
		return ""
	}
	return decimal(n)
}

// ofProcess is a cell that is empty where there is no process.
func ofProcess(f func(*procscan.Process) string) func(*lister, lsLine) string {
	return func(_ *lister, l lsLine) string {
		if l.p == nil {
			return ""
		}
		return f(l.p)
	}
}

// commandLine returns the command line of a process, or its name if it has none, as lsns(8) shows it.
// It is as the process set it.
func commandLine(p *procscan.Process) string {
	if len(p.Args) == 0 {
		return p.Comm
	}
	return strings.Join(p.Args, " ")
}

// userOf returns whose the process is; without one, whose the namespace.
func userOf(l lsLine) (uid uint32, known bool) {
	if l.p != nil {
		return l.p.UID, true
	}
	return l.n.OwnerUID, l.n.OwnerKnown
}

func netNSID(_ *lister, l lsLine) string {
	switch {
	case l.n.ID.Kind != ns.Net || !l.n.NETNSIDKnown:
		return ""
	case l.n.NETNSID < 0:
		return "unassigned"
	default:
		return strconv.Itoa(l.n.NETNSID)
	}
}

// path returns the link of the process that leads to the namespace.
func (s *lister) path(l lsLine) string {
	if l.p == nil {
		return ""
	}
	return s.snap.Root + "/" + strconv.Itoa(l.p.PID) + "/ns/" + l.n.ID.Kind.String()
}

// nsfs returns where the namespace is mounted in our own mount namespace: others mean nothing to who
// reads the path.
func (s *lister) nsfs(l lsLine) string {
	var paths []string
	for i := range l.n.Keepers {
		if k := &l.n.Keepers[i]; k.By == procscan.ByMount && k.Where.Ino == s.snap.Mine[ns.Mnt] {
			paths = append(paths, k.Path)
		}
	}
	return s.join(paths)
}

// join makes one cell of several values.
func (s *lister) join(values []string) string {
	if s.opts.noWrap || s.opts.raw {
		return strings.Join(values, ",")
	}
	return strings.Join(values, sheet.Separator)
}

// keepersShown is how many of one sort KEPTBY names: a user namespace may own thousands.
const keepersShown = 3

// keptBy says what keeps the namespace alive.
func (s *lister) keptBy(l lsLine) string {
	var values []string
	if members := len(l.n.Members); members > 0 {
		values = append(values, "process "+strconv.Itoa(s.snap.Procs[l.n.Members[0]].PID))
		if members > 1 {
			values = append(values, more(members-1, "process", "processes"))
		}
	}
	var counts [procscan.NumHolders]int
	for _, k := range s.sorted(l.n.Keepers) {
		if counts[k.By]++; counts[k.By] <= keepersShown {
			values = append(values, s.keeper(k))
		}
	}
	for by, n := range counts {
		if n > keepersShown {
			values = append(values, more(n-keepersShown, holders[by].one, holders[by].many))
		}
	}
	return s.join(values)
}

// sorted returns the keepers in an order that does not depend on which was found first: by their sorts,
// what is mounted where we see it before other mounts.
func (s *lister) sorted(keepers []procscan.Keeper) []*procscan.Keeper {
	list := make([]*procscan.Keeper, len(keepers))
	for i := range keepers {
		list[i] = &keepers[i]
	}
	far := func(k *procscan.Keeper) uint64 {
		switch k.Where.Ino {
		case s.snap.Mine[ns.Mnt]:
			return 0
		case 0: // not known
			return math.MaxUint64
		default:
			return k.Where.Ino
		}
	}
	slices.SortStableFunc(list, func(a, b *procscan.Keeper) int {
		return cmp.Or(
			cmp.Compare(a.By, b.By),
			cmp.Compare(far(a), far(b)),
			cmp.Compare(a.Proc.PID, b.Proc.PID),
			cmp.Compare(a.Number, b.Number),
			cmp.Compare(a.Path, b.Path),
		)
	})
	return list
}

func more(n int, one, many string) string {
	if n == 1 {
		many = one
	}
	return strconv.Itoa(n) + " more " + many
}

// holders are the words for the sorts of keepers.
var holders = [procscan.NumHolders]struct{ one, many string }{
	procscan.ByThread: {"thread", "threads"},
	procscan.ByNext:   {"next child", "next children"},
	procscan.ByFile:   {"fd", "fds"},
	procscan.BySocket: {"socket", "sockets"},
	procscan.ByMount:  {"mount", "mounts"},
	procscan.ByChild:  {"child", "children"},
	procscan.ByOwned:  {"owned", "owned"},
}

// keeper says one reason in words.
func (s *lister) keeper(k *procscan.Keeper) string {
	of := strconv.Itoa(k.Number) + " of " + strconv.Itoa(k.Proc.PID)
	switch k.By {
	case procscan.ByThread:
		return "thread " + of
	case procscan.ByNext:
		return "next child of " + strconv.Itoa(k.Proc.PID)
	case procscan.ByFile:
		return "fd " + of
	case procscan.BySocket:
		return "socket " + of
	case procscan.ByMount:
		switch k.Where.Ino {
		case s.snap.Mine[ns.Mnt]:
			return "mount " + k.Path
		case 0:
			return "mount " + k.Path + " in another mnt"
		default:
			return "mount " + k.Path + " in " + k.Where.String()
		}
	case procscan.ByChild:
		return "child " + k.Where.String()
	default:
		return "owns " + k.Where.String()
	}
}
