package cli

import (
	"bufio"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
	"nstui/ui/cli/sheet"
	"nstui/ui/text"
)

// Of a watch that looks for namespaces no process is in: how often, and which share of a core it uses.
const (
	deepPause = 30 * time.Second
	deepShare = 0.02
)

// watch prints what changes, until a signal ends it.
func (a *app) watch(ctx context.Context, o *lsOptions) error {
	w := &watcher{lister: lister{opts: o, users: newUsers(passwdFile)}, app: a}
	if err := w.parseFilter(); err != nil {
		return err
	}
	ctx, stop := a.notify(ctx)
	defer stop()
	err := w.run(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// watcher prints the changes between one picture and the next.
type watcher struct {
	lister
	app  *app
	live live
	old  *procscan.Snapshot
	// namer is nil if nothing takes names; before are those of the picture before.
	namer  nameSource
	before *container.Names
	silent map[string]bool // sources that were complained of
}

// run returns the first error, that of the context at the latest.
func (w *watcher) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	w.live = w.app.live(w.opts.root)
	deep := make(chan struct{})
	go func() {
		defer close(deep)
		w.deepen(ctx)
	}()
	defer func() {
		cancel()
		<-deep
		w.live.Close()
	}()
	for {
		snap, err := w.live.Refresh(ctx, nil)
		if err != nil {
			return fmt.Errorf("scan namespaces: %w", err)
		}
		w.name(ctx, snap)
		if err := w.print(snap); err != nil {
			return err
		}
		if err := wait(ctx, max(w.opts.interval, w.live.Status().Pause)); err != nil {
			return err
		}
	}
}

// name finds out who the processes of a picture belong to, if that is asked for.
func (w *watcher) name(ctx context.Context, snap *procscan.Snapshot) {
	if w.app.names == nil || !w.named() {
		return
	}
	if w.namer == nil {
		w.namer, w.silent = w.app.names(w.opts.root), make(map[string]bool)
	}
	w.before = w.names
	w.names = w.namer.Resolve(ctx, snap)
	if w.namer.Ask(ctx) {
		w.names = w.namer.Resolve(ctx, snap)
	}
	for _, silent := range w.names.Silent() {
		if !w.silent[silent.Source] {
			w.silent[silent.Source] = true
			w.app.complain("nstui: names may be missing: %s\n", silence(silent))
		}
	}
}

// deepen looks for what no process is in, again and again. What it cannot look at is no error: the changes
// of processes are told all the same.
func (w *watcher) deepen(ctx context.Context) {
	for ctx.Err() == nil {
		_ = w.live.Deepen(ctx, deepShare)
		if wait(ctx, deepPause) != nil {
			return
		}
	}
}

// wait waits for the time or the end of the context, and returns the error of that.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// event is one line of a watch.
type event struct {
	at   time.Time
	what string
	p    *procscan.Process // nil for namespaces no process is in
	kind string
	// The inode numbers of the namespace it left and of that it entered; 0: none.
	from, to uint64
	names    []string // cells of the columns of names
}

// print prints what happened since the last picture. Of the first it says what there is.
func (w *watcher) print(snap *procscan.Snapshot) error {
	old := w.old
	w.old, w.snap = snap, snap
	var events []event
	if old == nil {
		if !w.opts.json {
			return w.begin(snap)
		}
		events = append(events, event{at: snap.At, what: "watching"})
	}
	for _, c := range procscan.Diff(old, snap) {
		for _, e := range w.eventsOf(old, &c) {
			ok, err := w.passes(old, &e)
			if err != nil {
				return err
			}
			if ok {
				w.addNames(old, &e)
				events = append(events, e)
			}
		}
	}
	if len(events) == 0 {
		return nil
	}
	if w.opts.json {
		return w.printJSON(events)
	}
	return w.printText(events)
}

// whats are the words for changes.
var whats = [procscan.NumWhat]string{
	procscan.Born:     "born",
	procscan.Gone:     "gone",
	procscan.Moved:    "moved",
	procscan.Execed:   "exec",
	procscan.Appeared: "appeared",
	procscan.Vanished: "vanished",
}

// eventsOf returns the lines of a change: a process that moved has one for each kind. With a namespace goes
// the process in it that has the lowest pid.
func (w *watcher) eventsOf(old *procscan.Snapshot, c *procscan.Change) []event {
	o := w.opts
	e := event{at: c.At, what: whats[c.What], p: c.Proc}
	switch {
	case o.pid != 0 && (c.Proc == nil || c.Proc.PID != o.pid):
		return nil
	case c.What == procscan.Moved:
		var list []event
		for _, k := range (c.Kinds & o.kinds).Kinds() {
			e.kind, e.from, e.to = k.String(), c.Was.NS[k], c.Proc.NS[k]
			list = append(list, e)
		}
		return list
	case c.What == procscan.Appeared || c.What == procscan.Vanished:
		if !o.kinds.Has(c.Namespace.Kind) {
			return nil
		}
		e.kind = c.Namespace.Kind.String()
		in := w.snap
		if c.What == procscan.Appeared {
			e.to = c.Namespace.Ino
		} else {
			e.from, in = c.Namespace.Ino, old
		}
		if n := in.Namespace(c.Namespace); n != nil && len(n.Members) > 0 {
			e.p = in.Procs[n.Members[0]]
		}
		return []event{e}
	case o.given["type"]:
		return nil // only what happens to namespaces of those kinds
	default:
		return []event{e}
	}
}

// about returns what an event is about, as a line of a list and who makes that: of the namespace that was entered
// before that which was left, and of the process.
func (w *watcher) about(old *procscan.Snapshot, e *event) (*lister, lsLine) {
	l := lsLine{n: &procscan.Namespace{}, p: e.p}
	about := &lister{opts: w.opts, snap: w.snap, users: w.users, names: w.names}
	if kind, ok := ns.ParseKind(e.kind); ok {
		now, before := w.snap.Namespace(ns.ID{Kind: kind, Ino: e.to}), old.Namespace(ns.ID{Kind: kind, Ino: e.from})
		switch {
		case now != nil:
			l.n = now
		case before != nil:
			l.n, about.snap = before, old
			if e.p == nil {
				about.names = w.before
			}
		}
	}
	if e.p != nil && e.p == old.ByPID(e.p.PID) {
		about.names = w.before // it may be gone
	}
	return about, l
}

// passes reports whether the filter is true of an event.
func (w *watcher) passes(old *procscan.Snapshot, e *event) (bool, error) {
	if w.query == nil {
		return true, nil
	}
	about, l := w.about(old, e)
	ok, err := w.query.Match(func(column int) string {
		if c := &lsColumns[column]; e.kind != "" || aboutProcess[column] || c.names() {
			return c.cell(about, l)
		}
		return ""
	})
	if err != nil {
		return false, fmt.Errorf("filter %q: %w", w.opts.filter, err)
	}
	return ok, nil
}

// addNames adds the columns of names that are asked for.
func (w *watcher) addNames(old *procscan.Snapshot, e *event) {
	if len(w.opts.columns) == 0 {
		return
	}
	about, l := w.about(old, e)
	e.names = make([]string, len(w.opts.columns))
	for i, column := range w.opts.columns {
		e.names[i] = lsColumns[column].cell(about, l)
	}
}

// aboutProcess are the columns that say something of a process without a namespace.
var aboutProcess = map[int]bool{colPID: true, colPPID: true, colCommand: true, colUID: true, colUser: true}

// begin prints the headings, and on standard error what is watched and how.
func (w *watcher) begin(snap *procscan.Snapshot) error {
	status := w.live.Status()
	how := "by events"
	if status.Mode == procscan.Polling {
		how = "every " + max(w.opts.interval, status.Pause).String()
		if status.Why != "" {
			how += ": " + text.Clean(status.Why)
		}
	}
	a := w.app
	a.complain("nstui: watching %d processes in %d namespaces %s\n", len(snap.Procs), snap.Count(), how)
	if w.opts.noHeadings {
		return nil
	}
	var names []string
	for _, column := range w.opts.columns {
		names = append(names, lsColumns[column].Name)
	}
	return a.print(watchLine("TIME", "WHAT", "PID", "TYPE", "FROM", "TO", names, "COMMAND"))
}

// nameWidth is how wide a column of names is where its cells are not wider.
const nameWidth = 20

// watchLine aligns the words of a line.
func watchLine(at, what, pid, kind, from, to string, names []string, command string) string {
	words := []string{fmt.Sprintf("%-12s %-8s %7s %-6s %10s %10s", at, what, pid, kind, from, to)}
	for _, name := range names {
		words = append(words, text.Pad(name, nameWidth))
	}
	return strings.TrimRight(strings.Join(append(words, command), " "), " ") + "\n"
}

// printText prints the events for people.
func (w *watcher) printText(events []event) error {
	out := bufio.NewWriter(w.app.stdout)
	for _, e := range events {
		pid, command := "-", ""
		if e.p != nil {
			pid, command = strconv.Itoa(e.p.PID), text.Clean(commandLine(e.p))
		}
		names := make([]string, len(e.names))
		for i, name := range e.names {
			names[i] = dash(text.Clean(strings.ReplaceAll(name, sheet.Separator, ", ")))
		}
		line := watchLine(e.at.Format("15:04:05.000"), e.what, pid, dash(e.kind), dash(decimalIf(e.from != 0, e.from)), dash(decimalIf(e.to != 0, e.to)), names, command)
		_, _ = out.WriteString(line) // Flush returns the first error
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("print changes: %w", err)
	}
	return nil
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// printJSON prints each event as an object on a line of its own.
func (w *watcher) printJSON(events []event) error {
	s := &sheet.Sheet{Format: sheet.JSONLines, Columns: []sheet.Column{
		{Name: "time"},
		{Name: "what"},
		{Name: "pid", Type: number},
		{Name: "ppid", Type: number},
		{Name: "uid", Type: number},
		{Name: "command"},
		{Name: "type"},
		{Name: "from", Type: number},
		{Name: "to", Type: number},
	}}
	for _, column := range w.opts.columns {
		s.Columns = append(s.Columns, lsColumns[column].Column)
	}
	for _, e := range events {
		cells := []string{
			e.at.Format(time.RFC3339Nano), e.what, "", "", "", "", e.kind, decimalIf(e.from != 0, e.from), decimalIf(e.to != 0, e.to),
		}
		if e.p != nil {
			cells[2], cells[3], cells[4] = strconv.Itoa(e.p.PID), strconv.Itoa(e.p.PPID), decimal(uint64(e.p.UID))
			cells[5] = commandLine(e.p)
		}
		names := e.names
		if names == nil { // it is about nothing
			names = make([]string, len(w.opts.columns))
		}
		s.Add(sheet.NoParent, append(cells, names...))
	}
	if err := s.Print(w.app.stdout); err != nil {
		return fmt.Errorf("print changes: %w", err)
	}
	return nil
}
