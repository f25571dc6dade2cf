package procscan

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// DefaultRoot is where proc is mounted on every Linux system.
const DefaultRoot = "/proc"

// Options say what a Scanner reads.
type Options struct {
	// Root is the directory where proc is mounted, DefaultRoot if empty. It may be the proc of
	// another pid namespace, as a container sees that of its host.
	Root string
	// Kinds, if it is not zero, are the kinds of the namespaces to look for. Others are in no
	// snapshot, and of their processes only what is needed to find these is known. It says nothing to
	// a Live, which reads all kinds.
	Kinds ns.Set
}

// Scanner reads a proc root. It remembers nothing from one scan to the next. Its methods may be
// called from any goroutine.
type Scanner struct {
	root    string
	kinds   ns.Set // to look for, never none
	sys     kernel
	workers int // how many goroutines read; zero for as many as may run at once
	// every is how often a long first pass shows what it has, unless making that up takes more than a
	// tenth of the time.
	every time.Duration
	// patience is how long one system call may take.
	patience time.Duration
	// waits are the processes of which something does not come.
	waits waits

	// busy holds one token while a scan runs, so that there is one progress to tell.
	busy        chan struct{}
	done, total atomic.Int64
}

// New returns a scanner. It reads nothing yet.
func New(o Options) *Scanner {
	if o.Root == "" {
		o.Root = DefaultRoot
	}
	if o.Kinds == 0 {
		o.Kinds = ns.All
	}
	return &Scanner{
		root:  filepath.Clean(o.Root),
		kinds: o.Kinds,
		sys:   new(cautious),
		every: 50 * time.Millisecond,

		patience: scanPatience,
		busy:     make(chan struct{}, 1),
	}
}

// Progress returns how many processes the running (or else the last) scan has read, and of how
// many. The total is zero until the proc root is listed.
func (s *Scanner) Progress() (done, total int) {
	return int(s.done.Load()), int(s.total.Load())
}

// Scan reads the proc root once, as deep as wanted. show, if it is not nil, gets what has been read
// so far, several times, in the goroutine of the caller. Scan fails only if the root itself cannot
// be read or the context ends; everything else that goes wrong is in the snapshot. Calls at the same
// time wait for each other.
func (s *Scanner) Scan(ctx context.Context, want Want, show func(*Snapshot)) (*Snapshot, error) {
	select {
	case s.busy <- struct{}{}:
		defer func() { <-s.busy }()
	case <-ctx.Done():
		return nil, fmt.Errorf("scan %s: %w", s.root, ctx.Err())
	}
	p, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer p.end()
	p.crew.skip = s.skipped(want)
	p.crew.grouped = want&Groups != 0 && want&Texts == 0
	if want&Deep != 0 {
		p.dig = s.newDig(want&Deep, nil)
		p.dig.host = p.host
		p.dig.warn()
	}
	if err := p.readProcesses(ctx, show); err != nil {
		return nil, err
	}
	if err := p.readWanted(ctx, want); err != nil {
		return nil, err
	}
	return p.snapshot(), nil
}

// met returns the kinds to read: those to look for, and all where user namespaces are, because one
// without processes may be known only as the owner of another namespace.
func (s *Scanner) met() ns.Set {
	if s.kinds.Has(ns.User) {
		return ns.All
	}
	return s.kinds
}

// skipped returns the kinds of which the links of processes need not be read. What is mounted is
// looked for in each mount namespace.
func (s *Scanner) skipped(want Want) ns.Set {
	kinds := s.met()
	if want&Mounts != 0 {
		kinds = kinds.With(ns.Mnt)
	}
	return ns.All &^ kinds
}

// openRoot returns a descriptor of the proc root.
func (s *Scanner) openRoot() (int, error) {
	fd, errno := s.sys.open(unix.AT_FDCWD, append([]byte(s.root), 0), openDir)
	if errno != 0 {
		return -1, fmt.Errorf("open proc root %s: %w", s.root, errno)
	}
	s.sys.meet(fd)
	return fd, nil
}

// openCrew opens the proc root and returns a crew to read it.
func (s *Scanner) openCrew() (*crew, error) {
	fd, err := s.openRoot()
	if err != nil {
		return nil, err
	}
	return s.newCrew(newRootDir(s.sys, fd)), nil
}

// pass is one reading of a proc root.
type pass struct {
	s     *Scanner
	began time.Time
	crew  *crew
	host  host
	want  Want // what has been read of it

	dig *dig // nil if nothing deep is wanted

	// procs are the processes by pid; entries and whys, parallel to it, their places in the listing
	// and the first thing that went wrong with each.
	procs   []*Process
	entries []entry
	whys    []Reason
	held    []holding
	all     [ns.NumKinds][]Namespace
	missed  []Miss
}

// begin opens the root and lists it.
func (s *Scanner) begin(ctx context.Context) (*pass, error) {
	s.done.Store(0)
	s.total.Store(0)
	p := &pass{s: s, began: time.Now()}
	var err error
	if p.crew, err = s.openCrew(); err != nil {
		return nil, err
	}
	p.crew.every = s.every
	if p.entries, err = p.crew.list(ctx, nil); err == nil {
		p.host, err = p.crew.host(ctx)
	}
	if err != nil {
		p.end()
		return nil, fmt.Errorf("scan %s: %w", s.root, err)
	}
	s.total.Store(int64(len(p.entries)))
	return p, nil
}

// end closes what the pass has open.
func (p *pass) end() {
	p.crew.close()
	p.crew.root.release()
}

// readProcesses reads what is listed, the first pass of every scan.
func (p *pass) readProcesses(ctx context.Context, show func(*Snapshot)) error {
	listed := p.entries
	p.procs = make([]*Process, len(listed))
	p.whys = make([]Reason, len(listed))
	self := p.host
	work := &work{
		items: len(listed),
		begin: func(k *worker, items int) {
			k.room = make([]Process, items)
			if p.visits() {
				k.visit = func(dir int, proc *Process) { k.digger(p.dig).visit(dir, proc) }
			}
		},
		read: func(k *worker, i int) { k.proc, k.why, k.alive = k.process(listed[i], &self) },
		keep: func(k *worker, i int) {
			if k.alive {
				p.procs[i], p.whys[i] = k.proc, k.why
				if k.visit != nil {
					k.fail(k.dig.keep())
				}
			}
			p.s.done.Add(1)
		},
		lost: func(i int) {
			p.procs[i], p.whys[i] = stuckProcess(listed[i].pid), Stuck
			if p.visits() {
				p.dig.missEach(p.dig.want&^Mounts, Stuck)
			}
			p.s.done.Add(1)
		},
	}
	if show != nil {
		next := p.began.Add(p.s.every)
		work.between = func(finished int) {
			now := time.Now()
			if now.Before(next) || finished == 0 || finished == len(listed) {
				return
			}
			part := &pass{s: p.s, began: p.began, host: p.host}
			part.take(listed[:finished], p.procs[:finished], p.whys[:finished])
			part.all = group(part.procs, nil)
			snap := part.snapshot()
			snap.Part = true
			show(snap)
			shown := time.Now()
			next = shown.Add(max(p.s.every, 9*shown.Sub(now)))
		}
	}
	if err := p.crew.do(ctx, work); err != nil {
		return fmt.Errorf("scan %s: %w", p.s.root, err)
	}
	p.crew.plain()
	procs, whys := p.procs, p.whys
	p.entries, p.procs, p.whys = listed[:0], procs[:0], whys[:0]
	p.take(listed, procs, whys)
	return nil
}

// visits reports whether more of each process is looked at while its directory is open.
func (p *pass) visits() bool { return p.dig != nil && p.dig.want&^Mounts != 0 }

// take appends those of the listed processes that were there.
func (p *pass) take(listed []entry, procs []*Process, whys []Reason) {
	for i, proc := range procs {
		if proc != nil {
			p.procs = append(p.procs, proc)
			p.whys = append(p.whys, whys[i])
			p.entries = append(p.entries, listed[i])
		}
	}
}

// readWanted reads what is wanted beyond the processes.
func (p *pass) readWanted(ctx context.Context, want Want) error {
	if want&Texts != 0 {
		if _, err := p.readTexts(ctx, nil, Texts, (*reader).texts); err != nil {
			return err
		}
	}
	if p.dig != nil {
		var err error
		var missed []Miss
		if p.held, missed, err = p.dig.rest(ctx, p.crew, p.procs); err != nil {
			return err
		}
		p.missed = append(p.missed, missed...)
	}
	p.all = group(p.procs, p.held)
	if want&Leaders != 0 && want&Texts == 0 {
		moved, err := p.readTexts(ctx, p.leaders(), Leaders, (*reader).command)
		if err != nil {
			return err
		}
		if moved {
			p.all = group(p.procs, p.held)
		}
	}
	if want&(Owners|NetIDs) != 0 {
		if err := p.readOwners(ctx, want); err != nil {
			return err
		}
	}
	if want&Texts != 0 {
		want |= Groups
	}
	p.want = want & Everything
	return nil
}

// readOwners asks about the namespaces. A descriptor of a namespace keeps it alive, so a worker
// closes each before it opens the next.
func (p *pass) readOwners(ctx context.Context, want Want) error {
	var list []*Namespace
	for k := range p.all {
		for i := range p.all[k] {
			if want&Owners != 0 && p.s.met().Has(ns.Kind(k)) || p.s.kinds.Has(ns.Net) && ns.Kind(k) == ns.Net {
				list = append(list, &p.all[k][i])
			}
		}
	}
	a := newAsker(p.procs, &p.all, &p.host, want)
	if err := p.crew.do(ctx, a.work(list, nil)); err != nil {
		return fmt.Errorf("scan %s: %w", p.s.root, err)
	}
	if want&Owners != 0 && want&Deep != 0 {
		r := newReader(p.s.sys, p.crew.root.fd)
		defer r.close()
		a.unexplained(r, p.s.met())
	}
	a.settle(nil)
	p.missed = append(p.missed, a.misses()...)
	return nil
}

// leaders returns the indices of the leaders of namespaces, and of the members with the lowest pids,
// in order.
func (p *pass) leaders() []int {
	leads := make([]bool, len(p.procs))
	for k, list := range p.all {
		if !p.s.kinds.Has(ns.Kind(k)) {
			continue
		}
		for i := range list {
			if leader := list[i].Leader; leader >= 0 {
				leads[leader], leads[list[i].Members[0]] = true, true
			}
		}
	}
	var which []int
	for i, is := range leads {
		if is {
			which = append(which, i)
		}
	}
	return which
}

// snapshot returns what the pass has read.
func (p *pass) snapshot() *Snapshot {
	snap := &Snapshot{
		Root: p.s.root, At: time.Now(), Boot: p.host.boot, Mine: p.host.mine, Hidepid: p.host.hidepid,
		Read: p.want, Procs: p.procs, Namespaces: p.all, Missed: p.missed, Unreadable: make(map[Reason]int),
	}
	for k := range snap.Namespaces {
		if !p.s.kinds.Has(ns.Kind(k)) {
			snap.Namespaces[k] = nil
		}
	}
	snap.Took = snap.At.Sub(p.began)
	for i, proc := range p.procs {
		if p.whys[i] != "" {
			snap.Unreadable[p.whys[i]]++
		}
		if proc.Refused != "" {
			snap.Refused = append(snap.Refused, i)
		}
	}
	if p.host.ours {
		if us := snap.ByPID(p.host.self); us != nil {
			snap.Self = us.ID()
		}
	}
	return snap
}
