package procscan

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan/mounts"
	"nstui/procscan/ns"
)

// pacer is called between slices of work of a few milliseconds at most. It may take its time, to let
// the work use but a share of a core; it returns an error when the work is to end. It is called from
// one goroutine, which is not that of the caller of the work. A nil pacer means full speed.
type pacer func(context.Context) error

// Reasons of a deep pass.
const (
	Stuck   Reason = "ETIMEDOUT" // it did not answer in time
	Foreign Reason = "EXDEV"     // no way there: by a pid that is not of our own pid namespace, or to a mount no process sees
)

// patience is how long nothing may happen in a slice of work until it is held to be stuck: at least
// once this, at most twice. Nothing here is known to wait for a file system; this is for what is not
// known.
var patience = 5 * time.Second

// deepChunk is how many processes are taken at once: one may have very many descriptors.
const deepChunk = 16

// deep looks for what holds namespaces beside the processes that are in them: threads, descriptors,
// sockets and mounts, as far as they are in want. procs are all processes of a scan of the same root,
// by pid. What was found is sorted by namespace, and there are at most maxKeepers of a sort for each.
//
// It never opens or stats a descriptor of another process by its path, and never walks the path of a
// mount: such files may be on a file system that does not answer. A goroutine that is stuck all the
// same is left behind, and what it was to read is in the missed as Stuck.
func (s *Scanner) deep(ctx context.Context, want Want, procs []*Process, pace pacer) ([]holding, []Miss, error) {
	if !s.met().Has(ns.Net) {
		want &^= Sockets
	}
	d, err := s.newDig(want, procs, pace)
	if err != nil {
		return nil, nil, err
	}
	if want&Sockets != 0 && !d.host.ours {
		d.miss(Sockets, Foreign)
	}
	// Threads are read while one goroutine reads the mounts. Descriptors come after them, since those
	// that were opened through a mount are known by its path.
	for _, part := range []Want{want & (Mounts | Threads), want & (Files | Sockets)} {
		if part == 0 || err != nil {
			continue
		}
		d.claimed.Store(0)
		d.mounted.Store(part&Mounts == 0)
		err = d.attend(ctx, d.workers(part), func(ctx context.Context, w *watch) error { return d.work(ctx, w, part) })
		// Where all are stuck nobody reads the rest.
		for rest := len(procs) - int(d.claimed.Load()); rest > 0 && err == nil; rest-- {
			d.missEach(part&^Mounts, Stuck)
		}
	}
	return d.end(err)
}

// workers returns how many goroutines are to look for something.
func (d *dig) workers(what Want) int {
	if d.pace != nil || what == Mounts {
		return 1
	}
	most := d.s.workers
	if most == 0 {
		most = runtime.GOMAXPROCS(0)
	}
	return max(1, min(most, len(d.procs)/deepChunk))
}

// newDig begins a deep pass.
func (s *Scanner) newDig(want Want, procs []*Process, pace pacer) (*dig, error) {
	root, err := s.openRoot()
	if err != nil {
		return nil, err
	}
	defer s.sys.close(root)
	d := &dig{s: s, want: want, procs: procs, pace: pace, findings: newFindings()}
	newReader(s.sys, root).us(&d.host)
	return d, nil
}

// end returns what was found, unless the pass was ended by the error.
func (d *dig) end(err error) ([]holding, []Miss, error) {
	if err != nil {
		return nil, nil, fmt.Errorf("look deeper into %s: %w", d.s.root, err)
	}
	held, missed := d.take()
	return held, missed, nil
}

// dig is a deep pass.
type dig struct {
	*findings

	s     *Scanner
	host  host
	want  Want
	procs []*Process
	pace  pacer
	// paths are mounted namespaces by their paths, as far as readlink(2) with a buffer of linkSize
	// tells them; nil until they are found. They are put here complete, because who finds them may have
	// been left behind by then, and others read.
	paths atomic.Pointer[map[string][]ns.ID]

	mounted atomic.Bool  // somebody reads the mounts, or has
	claimed atomic.Int64 // processes
	sockets sockets
}

// watch is how a goroutine is seen from outside.
type watch struct {
	// slices counts beginnings and ends of slices of work: it is odd within one.
	slices atomic.Uint64
	// what is the Want it reads.
	what atomic.Uint32
	// left says that nobody waits for the goroutine any more.
	left atomic.Bool
}

// errLeft ends a goroutine nobody waits for.
var errLeft = errors.New("left behind")

// beat is called between slices of work.
func (d *dig) beat(ctx context.Context, w *watch) error {
	w.slices.Add(1)
	defer w.slices.Add(1)
	if w.left.Load() {
		return errLeft
	}
	runtime.Gosched()
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.pace == nil {
		return nil
	}
	return d.pace(ctx)
}

// attend runs the work in as many goroutines as told and waits for those that are not stuck.
func (d *dig) attend(ctx context.Context, workers int, work func(context.Context, *watch) error) error {
	type end struct {
		who int
		err error
	}
	ends := make(chan end, workers)
	watches := make([]*watch, workers)
	before := make([]uint64, workers)
	for i := range watches {
		w := new(watch)
		watches[i] = w
		w.slices.Store(1)
		go func() {
			err := work(ctx, w)
			w.slices.Store(0)
			ends <- end{i, err}
		}()
	}
	look := time.NewTicker(patience)
	defer look.Stop()
	var first error
	for running := workers; running > 0; {
		select {
		case e := <-ends:
			if watches[e.who].left.Load() {
				continue
			}
			running--
			if first == nil {
				first = e.err
			}
		case <-look.C:
			for i, w := range watches {
				now := w.slices.Load()
				if now&1 == 1 && now == before[i] && !w.left.Swap(true) {
					running--
					d.missEach(Want(w.what.Load()), Stuck)
				}
				before[i] = now
			}
		}
	}
	return first
}

// missEach counts something that could not be read for each of what was wanted.
func (d *dig) missEach(what Want, why Reason) {
	for _, one := range []Want{Threads, Files, Sockets, Mounts} {
		if what&one != 0 {
			d.miss(one, why)
		}
	}
}

// mounts finds the namespaces that are mounted, and the mount namespaces no process is in.
func (d *dig) mounts(ctx context.Context, w *watch) error {
	root, err := d.s.openRoot()
	if err != nil {
		return err
	}
	defer d.s.sys.close(root)
	sources, members := d.sources()
	found, err := mounts.Find(ctx, mounts.Query{
		Root: root, Sources: sources, Ours: d.host.ours,
		Pace: func(ctx context.Context) error { return d.beat(ctx, w) },
	})
	if err != nil {
		return err
	}
	paths := make(map[string][]ns.ID)
	for _, m := range found.Mounts {
		if !d.s.met().Has(m.Namespace.Kind) {
			continue
		}
		key := m.Path[:min(len(m.Path), linkSize)]
		if known := paths[key]; key != "" && !slices.Contains(known, m.Namespace) {
			paths[key] = append(known, m.Namespace)
		}
		keeper := Keeper{By: ByMount, Path: m.Path, Where: ns.ID{Kind: ns.Mnt, Ino: m.Where}}
		if p := d.seer(m, members); p != nil {
			keeper.Proc = p.ID()
		}
		d.add(holding{id: m.Namespace, keeper: keeper, mount: m.Number})
	}
	d.paths.Store(&paths)
	for _, m := range found.Missed {
		d.miss(Mounts, reasonOf(m.Errno))
	}
	if !d.s.met().Has(ns.Mnt) {
		return nil
	}
	lone := slices.DeleteFunc(found.All, func(n mounts.Namespace) bool {
		return members[n.Ino] != nil || n.Number.Space != 0 && !mounts.Held(n.Number)
	})
	return d.addLone(ctx, w, newReader(d.s.sys, root), lone)
}

// seer returns a process that sees the mount, or nil.
func (d *dig) seer(m mounts.Mount, members map[uint64]*Process) *Process {
	if m.PID == 0 {
		return members[m.Where]
	}
	i, ok := slices.BinarySearchFunc(d.procs, m.PID, func(p *Process, pid int) int { return p.PID - pid })
	if !ok {
		return nil
	}
	return d.procs[i]
}

// maxSources is how many processes of a mount namespace may be asked what is mounted in it.
const maxSources = 8

// sources returns the mount namespaces of the processes, ours first, and one process in each.
func (d *dig) sources() (sources []mounts.Source, members map[uint64]*Process) {
	mine := d.host.mine[ns.Mnt]
	sources = append(sources, mounts.Source{Where: mine, PIDs: []int{d.host.self}})
	index := map[uint64]int{mine: 0}
	members = make(map[uint64]*Process)
	var unknown mounts.Source
	for _, p := range d.procs {
		where := p.NS[ns.Mnt]
		if where == 0 {
			if !p.Kernel && !p.Zombie() {
				unknown.PIDs = append(unknown.PIDs, p.PID)
			}
			continue
		}
		if members[where] == nil {
			members[where] = p
		}
		i, known := index[where]
		if !known {
			i = len(sources)
			index[where] = i
			sources = append(sources, mounts.Source{Where: where})
		}
		if len(sources[i].PIDs) < maxSources {
			sources[i].PIDs = append(sources[i].PIDs, p.PID)
		}
	}
	return append(sources, unknown), members
}

// addLone adds mount namespaces in which there is none of the processes, unless one that was born
// since is in it.
func (d *dig) addLone(ctx context.Context, w *watch, r *reader, lone []mounts.Namespace) error {
	if len(lone) == 0 {
		return nil
	}
	entries, err := r.list(nil)
	if err != nil {
		return err
	}
	at := 0
	for i, e := range entries {
		if i%politeness == 0 {
			if err := d.beat(ctx, w); err != nil {
				return err
			}
		}
		for at < len(d.procs) && d.procs[at].PID < e.pid {
			at++
		}
		if at < len(d.procs) && d.procs[at].PID == e.pid {
			continue
		}
		dir, errno := r.sys.open(r.root, r.pidName(e.pid), openPath)
		if errno != 0 {
			continue
		}
		ino, _, _ := r.link(dir, fileLinks[ns.Mnt], ns.Mnt)
		r.sys.close(dir)
		lone = slices.DeleteFunc(lone, func(n mounts.Namespace) bool { return n.Ino == ino })
	}
	for _, n := range lone {
		d.add(holding{id: ns.ID{Kind: ns.Mnt, Ino: n.Ino}, bare: true, mount: n.Number})
	}
	return nil
}

// work reads what is wanted, the mounts first if nobody does, until there is no more.
func (d *dig) work(ctx context.Context, w *watch, want Want) error {
	if !d.mounted.Swap(true) {
		w.what.Store(uint32(Mounts))
		if err := d.mounts(ctx, w); err != nil {
			return err
		}
	}
	want &^= Mounts
	w.what.Store(uint32(want))
	if want == 0 {
		return nil
	}
	return d.processes(ctx, w, want)
}

// processes reads processes until there are no more.
func (d *dig) processes(ctx context.Context, w *watch, want Want) error {
	root, err := d.s.openRoot()
	if err != nil {
		return err
	}
	defer d.s.sys.close(root)
	g := &digger{dig: d, r: newReader(d.s.sys, root), w: w, want: want, pidfd: -1}
	g.r.skip = ns.All &^ d.s.met()
	for {
		from := int(d.claimed.Add(deepChunk)) - deepChunk
		if from >= len(d.procs) {
			return nil
		}
		if err := d.beat(ctx, w); err != nil {
			return err
		}
		for _, p := range d.procs[from:min(from+deepChunk, len(d.procs))] {
			if err := g.process(ctx, p); err != nil {
				return err
			}
		}
	}
}

// nsfsDevice returns the device all namespaces are files of, zero where that cannot be told.
func nsfsDevice(sys kernel) (major, minor uint32) {
	fd, errno := sys.open(unix.AT_FDCWD, []byte("/proc/self/ns/user\x00"), openFile)
	if errno != 0 {
		return 0, 0
	}
	defer sys.close(fd)
	var st unix.Statx_t
	if sys.file(fd, &st) != 0 {
		return 0, 0
	}
	return st.Dev_major, st.Dev_minor
}

// refusal returns why something is missed, if the error is not that it is gone.
func refusal(errno syscall.Errno) (Reason, bool) {
	if errno == 0 || gone(errno) {
		return "", false
	}
	return reasonOf(errno), true
}
