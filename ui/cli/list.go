package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"nstui/procscan"
	"nstui/procscan/ns"
	"nstui/ui/text"
)

// list prints the namespaces the options ask for: all, those of one kind, or those of one process.
// What could not be read is said on standard error, so that a short list is not taken for all.
func (a *app) list(ctx context.Context, opts options) error {
	snap, err := a.scan(ctx, opts.root, procscan.Owners|procscan.Leaders)
	if err != nil {
		return fmt.Errorf("scan namespaces: %w", err)
	}
	found, err := choose(snap, opts)
	if err != nil {
		return err
	}
	if err := printTable(a.stdout, rows(snap, found, newUsers(passwdFile).name)); err != nil {
		return fmt.Errorf("print namespaces: %w", err)
	}
	if opts.pid == 0 {
		a.complainOfRefusals(snap)
	}
	return nil
}

// choose returns the namespaces the options ask for, in the order of their kinds and inodes.
func choose(snap *procscan.Snapshot, opts options) ([]*procscan.Namespace, error) {
	wanted := func(ns.ID) bool { return true }
	if opts.pid != 0 {
		p := snap.ByPID(int(opts.pid))
		switch {
		case p == nil:
			return nil, fmt.Errorf("list namespaces of pid %d: no such process", opts.pid)
		case p.Refused != "":
			return nil, fmt.Errorf("list namespaces of pid %d: read /proc/%d/ns: %s", opts.pid, opts.pid, explain(p.Refused))
		}
		wanted = func(id ns.ID) bool { return p.NS.ID(id.Kind) == id }
	}
	var found []*procscan.Namespace
	for _, kind := range ns.Kinds() {
		if opts.kind.kind != nil && kind != *opts.kind.kind {
			continue
		}
		for i := range snap.Namespaces[kind] {
			if n := &snap.Namespaces[kind][i]; wanted(n.ID) {
				found = append(found, n)
			}
		}
	}
	return found, nil
}

// complainOfRefusals says how many processes are missing from the list, and why.
func (a *app) complainOfRefusals(snap *procscan.Snapshot) {
	if snap.Hidepid != "" {
		a.complain("nstui: %s is mounted with hidepid=%s: processes of others may be missing altogether\n",
			snap.Root, text.Clean(snap.Hidepid))
	}
	refused := len(snap.Refused)
	if refused == 0 {
		return
	}
	var reasons []string
	for _, i := range snap.Refused {
		if reason := explain(snap.Procs[i].Refused); !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	slices.Sort(reasons)
	a.complain("nstui: %d of %d processes refused to show their namespaces: %s\n",
		refused, len(snap.Procs), strings.Join(reasons, ", "))
	if os.Geteuid() != 0 {
		a.complain("nstui: only root, or the same user with ptrace access, may read them\n")
	}
}

// explain says a reason in words, with its name for those who look it up.
func explain(r procscan.Reason) string {
	words := map[procscan.Reason]string{
		procscan.Denied:   "permission denied",
		procscan.NotPerm:  "operation not permitted",
		procscan.Unparsed: "not understood",
		procscan.Other:    "input/output error",
	}
	return words[r] + " (" + string(r) + ")"
}

// columns are the headings of the list and whether the column is one of numbers. The last one has no
// width of its own.
var columns = []struct {
	title  string
	number bool
}{
	{"NS", true}, {"TYPE", false}, {"PROCS", true}, {"OWNER", false}, {"PID", true}, {"USER", false}, {"COMMAND", false},
}

// rows returns the cells of the namespaces, fit to be written to a terminal.
func rows(snap *procscan.Snapshot, found []*procscan.Namespace, user func(uint32) string) [][]string {
	table := make([][]string, 0, len(found))
	for _, n := range found {
		leader := snap.Procs[n.Leader]
		owner := "?" // the kernel does not tell
		if n.OwnerKnown {
			owner = user(n.OwnerUID)
		}
		table = append(table, []string{
			strconv.FormatUint(n.ID.Ino, 10),
			n.ID.Kind.String(),
			strconv.Itoa(len(n.Members)),
			text.Clean(owner),
			strconv.Itoa(leader.PID),
			text.Clean(user(leader.UID)),
			text.Clean(command(leader)),
		})
	}
	return table
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

// printTable writes the headings and the rows, each column as wide as its widest cell.
func printTable(w io.Writer, table [][]string) error {
	widths := make([]int, len(columns))
	for i, column := range columns {
		widths[i] = len(column.title)
		for _, row := range table {
			widths[i] = max(widths[i], text.Width(row[i]))
		}
	}
	titles := make([]string, len(columns))
	for i, column := range columns {
		titles[i] = column.title
	}
	// The writer keeps the first error and Flush returns it.
	out := bufio.NewWriter(w)
	printRow(out, titles, widths)
	for _, row := range table {
		printRow(out, row, widths)
	}
	return out.Flush()
}

// printRow writes one line: numbers to the right of their column, words to the left.
func printRow(out *bufio.Writer, row []string, widths []int) {
	var line strings.Builder
	last := len(row) - 1
	for i, cell := range row[:last] {
		if columns[i].number {
			cell = text.PadLeft(cell, widths[i])
		} else {
			cell = text.Pad(cell, widths[i])
		}
		line.WriteString(cell + " ")
	}
	line.WriteString(row[last] + "\n")
	_, _ = out.WriteString(line.String()) // see printTable
}
