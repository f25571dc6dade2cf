package procscan

import (
	"cmp"
	"context"
	"sort"
	"time"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// tracked is a process of the picture and what only a Live needs to know of it.
type tracked struct {
	*Process
	ino    uint64 // of its directory when it was last listed; 0 if it never was
	why    Reason // the first reason for which something of it could not be read
	unsaid Reason // the same of its texts
	texted bool   // its texts are of the program it runs
	stuck  bool   // its texts do not come
	round  uint32 // when its texts were chosen to be read last
}

// task is what is to be done about a pid.
type task uint8

const (
	lookAt  task = 1 << iota // read the process
	confirm                  // its directory has another inode number: make sure that it is another process
	ended                    // it is not listed any more
	execed                   // the kernel told of an exec
	leave                    // it ends, or has ended: see whether it is still there
)

// picture is what a Live knows. It is changed in three steps: marks say what to look at, look looks and
// changes the processes, publish makes a snapshot.
type picture struct {
	begun bool      // it holds all processes
	snap  *Snapshot // what was returned last; nil before the first
	host  *host     // as it was read, never changed
	crew  *crew
	looks work // what round does

	all, spare []tracked // by pid, and the room for the next
	entries    []entry
	tasks      map[int]task
	inos       map[int]uint64 // of those to confirm or to read for the first time
	order      []int          // scratch
	updates    []update       // scratch

	// young were born before the last refresh: users, control groups and titles are often set after that.
	young []int
	// orphans are processes that ended: their children have other parents.
	orphans map[int]struct{}
	// leaving are processes the kernel will not tell of again: zombies, and those about to be, with in how
	// many refreshes they were looked for.
	leaving map[int]uint8
	// entered are processes that entered namespaces since the last snapshot.
	entered map[int]struct{}
	// threads are processes a thread of which entered other namespaces.
	threads map[int]struct{}
	held    holdings
	polled  [1]unix.PollFd // scratch
	unread  int            // how many have no texts of the program they run
	stuck   int            // how many are held, see reader.held
	fresh   []int          // which of them have none since the last look

	// unanswered are the namespaces the kernel would not tell all of.
	unanswered map[ns.ID]nsFacts
	unsaid     []Miss // what that makes
	netAsked   time.Time

	changed bool // something that a snapshot shows is not as in snap
	moved   bool // something that namespaces depend on
}

// update is what look found out about a pid.
type update struct {
	pid  int
	now  tracked
	gone bool
}

// from makes the picture read from an open proc root.
func (p *picture) from(s *Scanner, root *rootDir) *crew {
	if p.crew == nil {
		p.crew = s.newCrew(root)
		p.crew.timed = true
		p.prepare()
		p.held.mountinfo = -1
		p.tasks, p.inos = make(map[int]task), make(map[int]uint64)
		p.leaving, p.orphans = make(map[int]uint8), make(map[int]struct{})
		p.entered, p.threads = make(map[int]struct{}), make(map[int]struct{})
	}
	p.crew.root, p.crew.spent = root, 0
	return p.crew
}

// close closes what the readers have open.
func (p *picture) close() {
	if p.crew == nil {
		return
	}
	if p.held.mountinfo >= 0 {
		p.crew.s.sys.close(p.held.mountinfo)
	}
	p.crew.close()
}

// begin takes over a scan.
func (p *picture) begin(scan *pass) {
	p.all = make([]tracked, len(scan.procs), len(scan.procs)+len(scan.procs)/8)
	for i, proc := range scan.procs {
		p.all[i] = tracked{Process: proc, ino: scan.entries[i].ino, why: scan.whys[i], texted: proc.Texts}
		p.settled(&p.all[i])
	}
	p.count()
	p.begun, p.changed, p.moved = true, true, true
}

// setHost takes over what the root tells of itself.
func (p *picture) setHost(h host) {
	if !h.boot.Equal(p.host.boot) || h.hidepid != p.host.hidepid || h.mine != p.host.mine {
		p.changed = true
	}
	p.host = &h
}

// count counts the processes without texts, and those that are held.
func (p *picture) count() {
	p.unread, p.stuck = 0, 0
	for i := range p.all {
		t := &p.all[i]
		if !t.texted && !t.stuck {
			p.unread++
		}
		if t.held {
			p.stuck++
		}
	}
}

// settled keeps account of those whose end the kernel will not tell.
func (p *picture) settled(t *tracked) {
	if _, known := p.leaving[t.PID]; !known && t.Zombie() {
		p.leaving[t.PID] = 0
	}
}

// index returns where the pid is, or belongs, among the processes.
func (p *picture) index(pid int) (int, bool) {
	i := sort.Search(len(p.all), func(i int) bool { return p.all[i].PID >= pid })
	return i, i < len(p.all) && p.all[i].PID == pid
}

// find returns the process with the pid, or nil.
func (p *picture) find(pid int) *tracked {
	if i, ok := p.index(pid); ok {
		return &p.all[i]
	}
	return nil
}

// mark notes that something is to be done about a pid.
func (p *picture) mark(pid int, what task) { p.tasks[pid] |= what }

// markAll notes that every process is to be read.
func (p *picture) markAll() {
	for i := range p.all {
		p.mark(p.all[i].PID, lookAt)
	}
}

// list lists the proc root and marks what is new in it, what is no longer in it, and what has another
// directory.
func (p *picture) list(ctx context.Context) error {
	var err error
	if p.entries, err = p.crew.list(ctx, p.entries); err != nil {
		return err
	}
	i := 0
	for _, e := range p.entries {
		for i < len(p.all) && p.all[i].PID < e.pid {
			p.mark(p.all[i].PID, ended)
			i++
		}
		switch {
		case i == len(p.all) || p.all[i].PID > e.pid:
			p.mark(e.pid, lookAt)
			p.inos[e.pid] = e.ino
			continue
		case p.all[i].ino != e.ino:
			p.mark(e.pid, confirm)
			p.inos[e.pid] = e.ino
		}
		i++
	}
	for ; i < len(p.all); i++ {
		p.mark(p.all[i].PID, ended)
	}
	return nil
}

// apply changes the processes as the updates say, which are sorted by pid.
func (p *picture) apply() {
	if len(p.updates) == 0 {
		return
	}
	inPlace := true
	for i := range p.updates {
		u := &p.updates[i]
		old := p.find(u.pid)
		if u.gone || old == nil {
			inPlace = false
		}
		p.note(old, u)
		if u.gone {
			continue
		}
		p.settled(&u.now)
		if !u.now.texted {
			p.fresh = append(p.fresh, u.pid)
		}
	}
	if inPlace {
		for _, u := range p.updates {
			*p.find(u.pid) = u.now
		}
	} else {
		p.rebuild()
	}
	clear(p.updates) // nothing in it is kept from being collected
	p.updates = p.updates[:0]
	p.count()
}

// note says what an update means for the next snapshot.
func (p *picture) note(old *tracked, u *update) {
	if old == nil {
		p.young = append(p.young, u.pid)
	} else if u.gone || old.Start != u.now.Start || u.now.Zombie() && !old.Zombie() {
		p.orphans[u.pid] = struct{}{}
	}
	if u.gone || old == nil {
		p.changed, p.moved = true, true
		return
	}
	was, is := old.Process, u.now.Process
	if was.Start != is.Start {
		p.young = append(p.young, u.pid)
	}
	if was == is && old.why == u.now.why && old.unsaid == u.now.unsaid {
		return
	}
	p.changed = true
	if was.Start != is.Start || was.NS != is.NS || was.NextPID != is.NextPID || was.NextTime != is.NextTime ||
		was.PPID != is.PPID || was.Zombie() != is.Zombie() || was.Refused != is.Refused {
		p.moved = true
	}
}

// rebuild merges the updates and the processes into the spare room.
func (p *picture) rebuild() {
	to := p.spare[:0]
	rest := p.all
	for _, u := range p.updates {
		n := sort.Search(len(rest), func(i int) bool { return rest[i].PID >= u.pid })
		to = append(to, rest[:n]...)
		rest = rest[n:]
		if len(rest) > 0 && rest[0].PID == u.pid {
			rest = rest[1:]
		}
		if !u.gone {
			to = append(to, u.now)
		}
	}
	to = append(to, rest...)
	clear(p.all)
	p.spare, p.all = p.all[:0], to
}

// procs returns the processes for a snapshot.
func (p *picture) procs() []*Process {
	procs := make([]*Process, len(p.all))
	for i := range p.all {
		procs[i] = p.all[i].Process
	}
	return procs
}

// tell fills in what a snapshot says of all its processes and of the root.
func (p *picture) tell(snap *Snapshot) {
	snap.Boot, snap.Hidepid, snap.Mine = p.host.boot, p.host.hidepid, p.host.mine
	snap.Unreadable = make(map[Reason]int)
	for i := range p.all {
		t := &p.all[i]
		if why := cmp.Or(t.why, t.unsaid); why != "" {
			snap.Unreadable[why]++
		}
		if t.Refused != "" {
			snap.Refused = append(snap.Refused, i)
		}
	}
	if p.host.ours {
		if self := snap.ByPID(p.host.self); self != nil {
			snap.Self = self.ID()
			// We may have entered other namespaces ourselves.
			if self.NS.Known() != 0 {
				snap.Mine = self.NS
			}
		}
	}
}
