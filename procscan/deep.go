package procscan

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
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

// patience is how long Close waits for a refresh.
var patience = 5 * time.Second

// deepChunk is how many processes are taken at once: one may have very many descriptors.
const deepChunk = 16

// deep looks for what holds namespaces beside the processes that are in them: threads, descriptors,
// sockets and mounts, as far as they are in want. procs are all processes of a scan of the same root,
// by pid. What was found is sorted by namespace, and there are at most maxKeepers of a sort for each.
//
// It never opens or stats a descriptor of another process by its path, and never walks the path of a
// mount: such files may be on a file system that does not answer.
func (s *Scanner) deep(ctx context.Context, want Want, procs []*Process, pace pacer) ([]holding, []Miss, error) {
	c, err := s.openCrew()
	if err != nil {
		return nil, nil, err
	}
	defer c.root.release()
	defer c.close()
	if pace != nil {
		c.workers = 1
	}
	d := s.newDig(want, pace)
	newReader(s.sys, c.root.fd).us(&d.host)
	d.warn()
	if err := d.processes(ctx, c, procs); err != nil {
		return nil, nil, err
	}
	return d.rest(ctx, c, procs)
}

// dig is a deep pass.
type dig struct {
	*findings

	s     *Scanner
	host  host // not changed while it works
	want  Want
	procs []*Process // for who looks at mounts
	pace  pacer
	// paths are mounted namespaces by their paths, as far as readlink(2) with a buffer of linkSize
	// tells them; nil until they are found.
	paths   map[string][]ns.ID
	sockets sockets
}

// newDig begins a deep pass.
func (s *Scanner) newDig(want Want, pace pacer) *dig {
	if !s.met().Has(ns.Net) {
		want &^= Sockets
	}
	return &dig{s: s, want: want, pace: pace, findings: newFindings()}
}

// warn notes what cannot be read of any process.
func (d *dig) warn() {
	if d.want&Sockets != 0 && !d.host.ours {
		d.miss(Sockets, Foreign)
	}
}

// processes looks at the threads and descriptors of processes that were read before.
func (d *dig) processes(ctx context.Context, c *crew, procs []*Process) error {
	want := d.want &^ Mounts
	if want == 0 {
		return nil
	}
	err := c.do(ctx, &work{
		items: len(procs), chunk: deepChunk,
		begin: func(k *worker, _ int) { k.slow(d) },
		read:  func(k *worker, i int) { k.digger(d).again(procs[i], nil) },
		keep:  func(k *worker, _ int) { k.fail(k.dig.keep()) },
		lost:  func(int) { d.missEach(want, Stuck) },
	})
	return d.failed(err)
}

// rest finds what is mounted, and what was opened through mounts. It returns what all of the pass found.
func (d *dig) rest(ctx context.Context, c *crew, procs []*Process) ([]holding, []Miss, error) {
	if d.want&Mounts != 0 {
		d.procs = slices.Clone(procs) // the worker may be left behind, and others change the list then
		err := c.one(ctx, &work{
			read: func(k *worker, _ int) {
				m := new(mounted)
				m.err = d.mounts(k, m)
				k.any = m
			},
			keep: func(k *worker, _ int) {
				if m, ok := k.any.(*mounted); ok {
					d.paths = m.paths
					d.add(m.held...)
					d.missAll(m.missed)
					k.fail(m.err)
				}
			},
		})
		if errors.Is(err, unix.ETIMEDOUT) {
			d.miss(Mounts, Stuck)
		} else if err != nil {
			return nil, nil, d.failed(err)
		}
	}
	if err := d.opened(ctx, c); err != nil {
		return nil, nil, d.failed(err)
	}
	held, missed := d.take()
	return held, missed, nil
}

// failed says what the error ended.
func (d *dig) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("look deeper into %s: %w", d.s.root, err)
}

// errLeft ends what nobody waits for.
var errLeft = errors.New("left behind")

// beat is called by read between slices of work.
func (d *dig) beat(k *worker) error {
	runtime.Gosched()
	if err := k.ctx.Err(); err != nil {
		return err
	}
	if d.pace == nil {
		if !k.beat() {
			return errLeft
		}
		return nil
	}
	goOn, err := k.rest(func() error { return d.pace(k.ctx) })
	if !goOn {
		return errLeft
	}
	return err
}

// slow keeps the pace between chunks.
func (k *worker) slow(d *dig) {
	if d.pace != nil {
		k.fail(d.pace(k.ctx))
	}
}

// missEach counts something that could not be read for each of what was wanted.
func (d *dig) missEach(what Want, why Reason) {
	what.each(func(one Want) { d.miss(one, why) })
}

// each calls f with each part of a deep pass that is wanted.
func (w Want) each(f func(Want)) {
	for _, one := range []Want{Threads, Files, Sockets, Mounts} {
		if w&one != 0 {
			f(one)
		}
	}
}

// mounted is what is mounted.
type mounted struct {
	paths  map[string][]ns.ID
	held   []holding
	missed []missKey
	err    error // of the pace or the context
}

// mounts finds the namespaces that are mounted, and the mount namespaces no process is in.
func (d *dig) mounts(k *worker, m *mounted) error {
	sources, members := d.sources()
	found, err := mounts.Find(k.ctx, mounts.Query{
		Root: k.reader.root, Sources: sources, Ours: d.host.ours,
		Pace: func(context.Context) error { return d.beat(k) },
		Skip: k.held,
	})
	if err != nil {
		return err
	}
	m.paths = make(map[string][]ns.ID)
	for _, mount := range found.Mounts {
		if !d.s.met().Has(mount.Namespace.Kind) {
			continue
		}
		key := mount.Path[:min(len(mount.Path), linkSize)]
		if known := m.paths[key]; key != "" && !slices.Contains(known, mount.Namespace) {
			m.paths[key] = append(known, mount.Namespace)
		}
		keeper := Keeper{By: ByMount, Path: mount.Path, Where: ns.ID{Kind: ns.Mnt, Ino: mount.Where}}
		if p := d.seer(mount, members); p != nil {
			keeper.Proc = p.ID()
		}
		m.held = append(m.held, holding{id: mount.Namespace, keeper: keeper, mount: mount.Number})
	}
	for _, miss := range found.Missed {
		m.missed = append(m.missed, missKey{Mounts, reasonOf(miss.Errno)})
	}
	if !d.s.met().Has(ns.Mnt) {
		return nil
	}
	lone := slices.DeleteFunc(found.All, func(n mounts.Namespace) bool {
		return members[n.Ino] != nil || n.Number.Space != 0 && !mounts.Held(n.Number)
	})
	return d.addLone(k, m, lone)
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
			if !p.Kernel && !p.Zombie() && !p.held {
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
		if len(sources[i].PIDs) < maxSources && !p.held {
			sources[i].PIDs = append(sources[i].PIDs, p.PID)
		}
	}
	return append(sources, unknown), members
}

// addLone adds mount namespaces in which there is none of the processes, unless one that was born
// since is in it.
func (d *dig) addLone(k *worker, m *mounted, lone []mounts.Namespace) error {
	if len(lone) == 0 {
		return nil
	}
	entries, err := k.list(nil)
	if err != nil {
		return err
	}
	at := 0
	for i, e := range entries {
		if i%politeness == 0 {
			if err := d.beat(k); err != nil {
				return err
			}
		}
		for at < len(d.procs) && d.procs[at].PID < e.pid {
			at++
		}
		if at < len(d.procs) && d.procs[at].PID == e.pid || k.held(e.pid) {
			continue
		}
		dir, errno := k.sys.open(k.reader.root, k.pidName(e.pid), openPath)
		if errno != 0 {
			continue
		}
		ino, _, _ := k.link(dir, fileLinks[ns.Mnt], ns.Mnt)
		k.sys.close(dir)
		lone = slices.DeleteFunc(lone, func(n mounts.Namespace) bool { return n.Ino == ino })
	}
	for _, n := range lone {
		m.held = append(m.held, holding{id: ns.ID{Kind: ns.Mnt, Ino: n.Ino}, bare: true, mount: n.Number})
	}
	return nil
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
