package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/ui/cli/query"
	"nstui/ui/cli/sheet"
	"nstui/ui/text"
)

// exitUnknown is the exit status of lsns(8) where the kernel cannot be asked for owners and parents.
const exitUnknown = 2

// lsUsageError is an error in the command line of nstui ls. Its status is 1, as lsns(8) has it.
type lsUsageError struct{ error }

func (e lsUsageError) Unwrap() error { return e.error }

// lsCommand returns the command nstui ls.
func (a *app) lsCommand() *cobra.Command {
	cmd := a.ownOptions(lsHelp, func(err error) error { return lsUsageError{err} }, a.ls)
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		o := lsOptions{containers: slices.Contains(args, "--containers")}
		return completeOptions((&lsOptions{}).options(), lsHelp, true, a.lsValues(o.table()))(cmd, args, typed)
	}
	cmd.Use = "ls [options] [namespace]"
	cmd.Short = "List namespaces for people and scripts, with the options of lsns(8)"
	return cmd
}

// ls runs nstui ls with its arguments.
func (a *app) ls(ctx context.Context, args []string) error {
	o, err := readLsOptions(args)
	switch {
	case errors.Is(err, errHelp):
		return a.print(lsHelp)
	case errors.Is(err, errVersion):
		return a.print("nstui " + Version() + "\n")
	case err != nil:
		return lsUsageError{err}
	case o.listColumns:
		return a.printColumns(o)
	case o.watch:
		return a.watch(ctx, o)
	}
	return a.list(ctx, o)
}

// listGC is how much garbage there may be while a list is made, in percent of what is not.
const listGC = 400

// list prints the namespaces that are asked for, or the processes of one. What could not be read is said on
// standard error, so that a short list is not taken for all.
func (a *app) list(ctx context.Context, o *lsOptions) error {
	s := &lister{opts: o, users: newUsers(passwdFile)}
	s.nobody = func(word string) error { return a.nobody(ctx, s, word) }
	if err := s.parseFilter(); err != nil {
		return err
	}
	// All that is read is kept until it is printed: to look for what could be freed meanwhile costs a
	// twentieth of the time, and saves less than a megabyte on a host of 10,000 processes.
	defer debug.SetGCPercent(debug.SetGCPercent(listGC))
	kinds := o.kinds
	if s.named() {
		kinds = ns.All // what is in which container is seen by its other namespaces, too
	}
	snap, err := a.scan(ctx, procscan.Options{Root: o.root, Kinds: kinds}, s.want())
	if err != nil {
		return fmt.Errorf("scan namespaces: %w", err)
	}
	if len(snap.Procs) == 0 {
		return fmt.Errorf("scan namespaces: there is no process in %s: is proc mounted there?", o.root)
	}
	s.snap = snap
	a.name(ctx, s)
	s.sheet = a.newSheet(o)
	if err := s.fill(); err != nil {
		return err
	}
	if err := s.sheet.Print(a.stdout); err != nil {
		return fmt.Errorf("print namespaces: %w", err)
	}
	a.hintAtProcesses(s)
	a.noteOthers(s)
	if o.pid == 0 && o.word == "" {
		if err := a.complainOfRefusals(snap); err != nil {
			return err
		}
	}
	return a.complainOfMisses(snap, o)
}

// lister makes the lines of one list.
type lister struct {
	opts  *lsOptions
	snap  *procscan.Snapshot
	names *container.Names // nil: not asked for
	users *users
	query *query.Query // nil: all lines
	sheet *sheet.Sheet
	// nobody returns the error for a name nobody has.
	nobody func(word string) error
	// The lines that are there already, of processes and of namespaces.
	byProc  map[*procscan.Process]int
	spaces  map[ns.ID]container.Space
	sharers map[ns.ID][]*container.Owner // see inhabitants
	byNS    map[*procscan.Namespace]int
}

// parseFilter understands -Q.
func (s *lister) parseFilter() (err error) {
	if !s.opts.filtered {
		return nil
	}
	if s.query, err = query.Parse(s.opts.filter, s.opts.table().query); err != nil {
		return lsUsageError{fmt.Errorf("filter %q: %w", s.opts.filter, err)}
	}
	return nil
}

// named reports whether something is asked for that takes who processes belong to.
func (s *lister) named() bool {
	return s.opts.containers || s.opts.word != "" || s.opts.table().named(s.opts.columns) || s.query != nil && s.opts.table().named(s.query.Columns())
}

// want returns what has to be read. Namespaces no process is in are always looked for, but for a list of
// those of one process.
func (s *lister) want() procscan.Want {
	o := s.opts
	want := procscan.Deep | procscan.Owners
	if o.containers || o.word != "" || o.pid != 0 && o.tree != treeOwner && o.tree != treeParent {
		want = 0
	}
	columns := o.columns
	if s.query != nil {
		columns = append(slices.Clone(columns), s.query.Columns()...)
	}
	for _, c := range columns {
		want |= o.table()[c].want
	}
	if o.word != "" {
		want |= procscan.Groups
	}
	if o.ofProcesses() && want&procscan.Leaders != 0 {
		want |= procscan.Texts // of each process in it
	}
	if !o.kinds.Has(ns.Net) {
		want &^= procscan.NetIDs
	}
	return want
}

// newSheet returns the sheet without lines.
func (a *app) newSheet(o *lsOptions) *sheet.Sheet {
	s := &sheet.Sheet{Name: "namespaces", NoHeadings: o.noHeadings}
	if o.containers {
		s.Name = "containers"
	}
	a.format(s, o)
	for _, i := range o.columns {
		c := o.table()[i].Column
		if o.noTruncate {
			c.Flags &^= sheet.Trunc
		}
		if o.noWrap {
			c.Flags &^= sheet.Wrap
		}
		switch {
		case o.tree == treeProcess && i == colCommand:
			c.Flags |= sheet.Tree
		case (o.tree == treeOwner || o.tree == treeParent) && i == colNS:
			c.Flags = c.Flags&^sheet.Right | sheet.Tree
		}
		s.Columns = append(s.Columns, c)
	}
	return s
}

// format sets what is written, and where to.
func (a *app) format(s *sheet.Sheet, o *lsOptions) {
	s.ASCII = !a.speaksUTF8()
	if a.width != nil {
		s.Terminal = a.width()
	}
	shape, _ := a.lookup("LIBSMARTCOLS_JSON")
	switch {
	case o.raw:
		s.Format = sheet.Raw
	case o.json && shape == "lines":
		s.Format = sheet.JSONLines
	case o.json && shape == "compact":
		s.Format = sheet.JSONCompact
	case o.json:
		s.Format = sheet.JSON
	}
}

// speaksUTF8 reports whether the locale has more than ASCII, see locale(7).
func (a *app) speaksUTF8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value, _ := a.lookup(name); value != "" {
			value = strings.ToUpper(value)
			return strings.Contains(value, "UTF-8") || strings.Contains(value, "UTF8")
		}
	}
	return false
}

// printColumns prints the columns there are.
func (a *app) printColumns(o *lsOptions) error {
	s := &sheet.Sheet{
		Name: "lsns-columns", NoHeadings: true,
		Columns: []sheet.Column{{Name: "HOLDER", Flags: sheet.Right}, {Name: "TYPE"}, {Name: "DESCRIPTION"}},
	}
	a.format(s, o)
	for i := range o.table() {
		c := &o.table()[i]
		typ := "<string>"
		if c.Type == sheet.Number {
			typ = "<integer>"
		}
		s.Add(sheet.NoParent, []string{c.Name, typ, c.help})
	}
	return s.Print(a.stdout)
}

// complainOfRefusals says how many processes are missing from a list, and why. The list is of what
// may be seen, so that is no error, unless it is nothing at all.
func (a *app) complainOfRefusals(snap *procscan.Snapshot) error {
	if snap.Hidepid != "" {
		a.complain("nstui: %s is mounted with hidepid=%s: processes of others may be missing altogether\n",
			snap.Root, text.Clean(snap.Hidepid))
	}
	refused := len(snap.Refused)
	if refused == 0 {
		return nil
	}
	var reasons []string
	for _, i := range snap.Refused {
		if reason := explain(snap.Procs[i].Refused); !slices.Contains(reasons, reason) {
			reasons = append(reasons, reason)
		}
	}
	slices.Sort(reasons)
	why := strings.Join(reasons, ", ")
	if snap.Count() == 0 {
		return fmt.Errorf("all of %d processes refused to show their namespaces: %s", refused, why)
	}
	a.complain("nstui: %d of %d processes refused to show their namespaces: %s\n", refused, len(snap.Procs), why)
	if os.Geteuid() != 0 {
		a.complain("nstui: only root, or the same user with ptrace access, may read them\n")
	}
	return nil
}

// misses are the words for what could not be read: what, and of what, in the singular and the plural.
var misses = map[procscan.Want][3]string{
	procscan.Leaders: {"the command line", "process", "processes"},
	procscan.Texts:   {"the command line", "process", "processes"},
	procscan.Owners:  {"the owners and parents", "namespace", "namespaces"},
	procscan.NetIDs:  {"the NETNSID", "network namespace", "network namespaces"},
	procscan.Threads: {"the threads", "process", "processes"},
	procscan.Files:   {"the descriptors", "process", "processes"},
	procscan.Sockets: {"the sockets", "process", "processes"},
	procscan.Mounts:  {"the mounts", "mount namespace", "mount namespaces"},
}

// sayMisses says what is missing, in one line where it is as much of the same for the same reason: whose
// descriptors cannot be read shows its sockets neither.
func (a *app) sayMisses(list []procscan.Miss) {
	for len(list) > 0 {
		m := list[0]
		words := misses[m.What]
		what := []string{words[0]}
		n := 1
		for ; n < len(list) && list[n].Count == m.Count && list[n].Reason == m.Reason && misses[list[n].What][2] == words[2]; n++ {
			what = append(what, misses[list[n].What][0])
		}
		list = list[n:]
		of := words[2]
		if m.Count == 1 {
			of = words[1]
		}
		a.complain("nstui: %s of %d %s could not be read: %s\n", strings.Join(what, ", "), m.Count, of, explain(m.Reason))
	}
}

// complainOfMisses says what else of what was asked for is not in the list, and why. A kernel that
// knows no owners has a status of its own, as it has for lsns(8).
func (a *app) complainOfMisses(snap *procscan.Snapshot, o *lsOptions) error {
	var asked procscan.Want
	if o.tree == treeOwner || o.tree == treeParent {
		asked |= procscan.Owners
	}
	if o.persistent {
		asked |= procscan.Deep
	}
	for _, c := range o.columns {
		asked |= o.table()[c].want
	}
	if asked&procscan.Leaders != 0 {
		asked |= procscan.Texts // for those of one namespace
	}
	if !slices.ContainsFunc(o.columns, func(c int) bool { return o.table()[c].want&procscan.Files != 0 }) && !o.persistent {
		asked &^= procscan.Mounts // NSFS shows our own mount namespace only
	}
	unknown := false
	var missed []procscan.Miss
	for _, m := range snap.Missed {
		if _, ok := misses[m.What]; !ok || asked&m.What == 0 {
			continue
		}
		if m.What == procscan.Sockets && m.Reason == procscan.Foreign { // none was tried, so there is no count
			a.complain("nstui: what only sockets keep is not looked for: the pids are of another pid namespace (EXDEV)\n")
			continue
		}
		missed = append(missed, m)
		unknown = unknown || m.What == procscan.Owners && m.Reason == procscan.Unknown
	}
	a.sayMisses(missed)
	if unknown {
		return &endError{End{Status: exitUnknown}}
	}
	return nil
}

// explain says a reason in words, with its name for those who look it up.
func explain(r procscan.Reason) string {
	words := map[procscan.Reason]string{
		procscan.Denied:   "permission denied",
		procscan.NotPerm:  "operation not permitted",
		procscan.Unparsed: "not understood",
		procscan.Unknown:  "not known to this kernel",
		procscan.Stuck:    "no answer in time",
		procscan.Foreign:  "no way there from here",
		procscan.Other:    "input/output error",
	}
	return words[r] + " (" + string(r) + ")"
}
