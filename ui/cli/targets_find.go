package cli

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"nstui/nsenter"
	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/procscan/sought"
	"nstui/ui"
	"nstui/ui/text"
)

// netns finds a network namespace that ip-netns(8) gave a name.
func (r *resolution) netns(name string) (aim, error) {
	if strings.Contains(name, "/") || name == "." || name == ".." {
		return aim{}, errors.New("the name of a network namespace is that of a file in " + netnsFolder)
	}
	at := aim{kinds: ns.SetOf(ns.Net)}
	at.sources[ns.Net] = nsenter.Source{File: path.Join(netnsFolder, name)}
	return at, nil
}

// netnsFolder is where ip-netns(8) keeps named network namespaces.
const netnsFolder = "/run/netns"

// namespace finds a namespace by its inode number. The process that stands for it is the target; if
// that one ends before it is taken hold of, another member will do. One without processes is entered by
// what keeps it, which is looked for only then.
func (r *resolution) namespace(name string) (aim, error) {
	ino, err := strconv.ParseUint(name, 10, 64)
	if err != nil || ino == 0 {
		return aim{}, errors.New("the name of a namespace is its inode number, such as ns:4026531840")
	}
	snap, err := r.scan(0)
	if err != nil {
		return aim{}, err
	}
	n := numbered(snap, ino)
	if n == nil {
		if snap, err = r.scan(procscan.Deep); err != nil {
			return aim{}, err
		}
		if n = numbered(snap, ino); n == nil {
			return aim{}, fmt.Errorf("there is no namespace of that number%s", refused(snap))
		}
	}
	if len(n.Members) == 0 {
		return kept(snap, n)
	}
	return aim{kinds: ns.SetOf(n.ID.Kind), refs: members(snap, n)}, nil
}

// numbered returns the namespace with the inode number, or nil. No two kinds have the same.
func numbered(snap *procscan.Snapshot, ino uint64) *procscan.Namespace {
	for _, k := range ns.Kinds() {
		if n := snap.Namespace(ns.ID{Kind: k, Ino: ino}); n != nil {
			return n
		}
	}
	return nil
}

// kept returns the way into a namespace that no process is in.
func kept(snap *procscan.Snapshot, n *procscan.Namespace) (aim, error) {
	ref, ok := ui.WayInto(snap, n)
	if !ok {
		return aim{}, fmt.Errorf("no process is in that %s namespace, and nothing was found that holds it and can be opened%s", n.ID.Kind, refused(snap))
	}
	at := aim{kinds: ns.SetOf(n.ID.Kind), sources: ref.Sources}
	if ref.PID != 0 {
		at.refs = []nsenter.Ref{ref}
	}
	return at, nil
}

// members returns the processes of a namespace, its leader first. Only that namespace must still be
// theirs: in the others they may differ.
func members(snap *procscan.Snapshot, n *procscan.Namespace) []nsenter.Ref {
	refs := make([]nsenter.Ref, 0, len(n.Members))
	add := func(p *procscan.Process) {
		ref := nsenter.Ref{PID: p.PID, Start: p.Start}
		ref.NS[n.ID.Kind] = n.ID.Ino
		refs = append(refs, ref)
	}
	add(snap.Procs[n.Leader])
	for _, i := range n.Members {
		if i != n.Leader {
			add(snap.Procs[i])
		}
	}
	return refs
}

// ambiguousError is a name that several processes or containers have.
type ambiguousError struct {
	what  string // in the plural
	lines []string
	count int
}

func (e *ambiguousError) Error() string {
	by := "its pid"
	if e.what != "processes" {
		by = "its pid or whole name"
	}
	return fmt.Sprintf("%d %s could be meant, take one by %s:\n%s", e.count, e.what, by, strings.Join(e.lines, "\n"))
}

// maxListed bounds the list of processes that could be meant.
const maxListed = 20

// lines returns one line for each choice, fit for a terminal, and no wider.
func (r *resolution) lines(at *place, found []sought.Choice) []string {
	rows := [][]string{{"PID", "USER", "DIFFERS", "NAME", "RUNTIME", "WHOSE", "IMAGE", "COMMAND"}}
	// Of a pod the name does not tell the runtime, of other containers it does.
	pods := slices.ContainsFunc(found, func(c sought.Choice) bool { return c.Owner != nil && c.Owner.Pod != nil && c.Owner.Pod.Name != "" })
	for _, c := range found[:min(len(found), maxListed)] {
		row, o := make([]string, len(rows[0])), c.Owner
		if p := c.Process; p != nil {
			row[0], row[1], row[2], row[7] = strconv.Itoa(p.PID), text.Clean(r.user(p.UID)), p.NS.Differs(&at.Mine).Letters(), text.Line(command(p), maxCommand, "…")
			o = at.Names.Of(p)
		}
		if o.Container() {
			row[3], row[5], row[6] = text.Line(sought.Name(o), maxCommand, "…"), text.Clean(r.whose(o)), text.Line(o.Image, maxCommand, "…")
			if pods {
				row[4] = string(o.Runtime)
			}
		}
		rows = append(rows, row)
	}
	lines := make([]string, 0, len(rows)+1)
	for _, row := range rows {
		cells := []string{"", text.PadLeft(row[0], width(rows, 0))}
		for i, cell := range row[1:] {
			// A column in which nobody has anything is left out.
			if column := rows[1:]; slices.ContainsFunc(column, func(r []string) bool { return r[i+1] != "" }) {
				cells = append(cells, text.Pad(cell, width(rows, i+1)))
			}
		}
		line := strings.TrimRight(strings.Join(cells, "  "), " ")
		if r.width > 0 {
			line = text.Truncate(line, r.width, "…")
		}
		lines = append(lines, line)
	}
	if more := len(found) - maxListed; more > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more", more))
	}
	return slices.Clip(lines)
}

// whose returns the user who started a container, unless that is root; "?" where nobody can tell.
func (r *resolution) whose(o *container.Owner) string {
	switch o.User {
	case 0:
		return ""
	case container.NoUser:
		return "?"
	}
	return r.user(o.User)
}

// maxCommand is how much of a command line is shown of each process that could be meant.
const maxCommand = 100

func width(rows [][]string, column int) int {
	w := 0
	for _, row := range rows {
		w = max(w, text.Width(row[column]))
	}
	return w
}

// hidden says that processes may be missing from those whose names were looked at.
func hidden(snap *procscan.Snapshot) string {
	if snap.Hidepid == "" {
		return ""
	}
	return ", among those you may see"
}

// refused says that processes are missing from those whose namespaces were looked at.
func refused(snap *procscan.Snapshot) string {
	if len(snap.Refused) == 0 {
		return hidden(snap)
	}
	return fmt.Sprintf(", but %d of %d processes refuse to show theirs", len(snap.Refused), len(snap.Procs))
}

// command returns the command line of a process as ps(1) shows it: the name in brackets where there
// are no arguments. It is as the process set it.
func command(p *procscan.Process) string {
	switch {
	case p.Zombie():
		return p.Comm + " (zombie)"
	case len(p.Args) == 0:
		return "[" + p.Comm + "]"
	default:
		return strings.Join(p.Args, " ")
	}
}
