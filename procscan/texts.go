package procscan

import (
	"bytes"
	"cmp"
	"context"
	"fmt"

	"nstui/procscan/ns"
)

// maxArgs is how many bytes of a command line are read: as many as lsns(8) shows. There are command
// lines of megabytes, and the time to read them is the owner's choice.
const maxArgs = 8<<10 - 1

// texts returns a copy of the process with its texts, and, if its namespaces could not be read, with
// the kinds in which it is known to be elsewhere than the scanner. alive is false if the process has
// ended, also if its pid is another's by now.
func (r *reader) texts(p *Process, e entry, self *host) (with *Process, why Reason, alive bool) {
	read, dir, why, alive := r.again(p, e, self)
	if !alive || dir < 0 {
		return read, why, alive
	}
	defer r.sys.close(dir)
	if !r.mute {
		read.Texts = true
	}
	why = cmp.Or(why, r.arguments(dir, read))
	why = cmp.Or(why, r.groups(dir, read))
	// A process keeps its numbers for life.
	if read.NSpid == nil && self.top != 0 && read.NS[ns.PID] == self.top {
		read.NSpid = []int{p.PID}
	}
	if read.NSpid == nil {
		text, reason := r.text(dir, fileStatus, r.buf[:])
		why = cmp.Or(why, reason)
		read.NSpid = parseNSpid(text)
	}
	if read.Refused != "" {
		read.Nested = r.nested(dir, read, self)
	}
	return read, why, true
}

// command is texts for the arguments alone.
func (r *reader) command(p *Process, e entry, self *host) (with *Process, why Reason, alive bool) {
	read, dir, why, alive := r.again(p, e, self)
	if !alive || dir < 0 {
		return read, why, alive
	}
	defer r.sys.close(dir)
	return read, cmp.Or(why, r.arguments(dir, read)), true
}

// groups reads the control groups.
func (r *reader) groups(dir int, p *Process) Reason {
	text, why := r.text(dir, fileCgroup, r.buf[:])
	if path := parseCgroup(text); string(path) != p.Cgroup {
		p.Cgroup = r.intern(path)
	}
	r.paths = appendGroups(r.paths[:0], text)
	if string(r.paths) != p.Groups {
		p.Groups = r.intern(r.paths)
	}
	return why
}

// again opens the directory of a process that was read before and returns it, -1 if that is refused,
// with a copy of the process. Of one that is held only what does not wait is to be read.
//
// e is its place in the listing: the same inode number is the same process. Another one is either
// that of another process or, where memory is short, a new number of the same directory. Then all of
// it is read anew, because two processes of one pid may have started in the same tick of the clock.
func (r *reader) again(p *Process, e entry, self *host) (with *Process, dir int, why Reason, alive bool) {
	held := r.held(p.PID)
	r.mute = held || p.held
	if held && r.waits.blind.Load() {
		read := r.place()
		*read = *p
		return read, -1, Stuck, true
	}
	dir, errno := r.sys.open(r.root, r.pidName(p.PID), openPath)
	if gone(errno) {
		return nil, -1, "", false
	}
	read := r.place()
	*read = *p
	if errno != 0 {
		read.Texts = true
		return read, -1, reasonOf(errno), true
	}
	if r.sys.stat(dir, &r.st) == 0 && r.st.Ino == e.ino {
		return read, dir, "", true
	}
	if held {
		r.sys.close(dir)
		return read, -1, Stuck, true
	}
	*read = Process{PID: p.PID, execs: p.execs}
	if why, alive = r.readProcess(dir, read, self.kinds); !alive || read.Start != p.Start {
		r.sys.close(dir)
		return nil, -1, "", false
	}
	return read, dir, why, true
}

// arguments reads the command line.
func (r *reader) arguments(dir int, p *Process) Reason {
	if p.Kernel || p.Zombie() {
		p.Args = nil
		return ""
	}
	if r.mute {
		return Stuck
	}
	text, why := r.text(dir, fileCmdline, r.buf[:maxArgs])
	p.Args = parseArgs(text, p.Args)
	return why
}

// nested returns the kinds in which a process that refused its links is in another namespace than
// the scanner, by what it does tell.
//
// A process at another depth of pid namespaces is in another one. The text of uid_map is the same
// for all processes of a user namespace, see user_namespaces(7); the reverse need not be true.
func (r *reader) nested(dir int, p *Process, self *host) (kinds ns.Set) {
	if len(p.NSpid) != 0 && self.levels != 0 && len(p.NSpid) != self.levels {
		kinds = kinds.With(ns.PID)
	}
	if text, why := r.text(dir, fileUIDMap, r.buf[:]); text != nil && why == "" && self.uidMap != nil &&
		!p.Zombie() && !bytes.Equal(text, self.uidMap) {
		kinds = kinds.With(ns.User)
	}
	return kinds
}

// text returns the content of a file of a process, nothing where the process is gone.
func (r *reader) text(dir int, name, buf []byte) ([]byte, Reason) {
	fd, errno := r.sys.open(dir, name, openFile)
	n := 0
	if errno == 0 {
		n, errno = r.sys.readSlow(fd, buf)
		r.sys.close(fd)
	}
	switch {
	case errno == 0:
		return buf[:n], ""
	case gone(errno):
		return nil, ""
	default:
		return nil, reasonOf(errno)
	}
}

// reading is a method of a reader that returns a copy of a process with more in it.
type reading func(*reader, *Process, entry, *host) (with *Process, why Reason, alive bool)

// textJob is a process whose texts are to be read, and what came of it.
type textJob struct {
	old   *Process
	entry entry
	now   *Process // old if the texts are the same, nil if the process is gone
	why   Reason
	done  bool
	mute  bool // the command line is left out, because the process is held
	stuck bool // that is so because of the process itself
}

// textChunk is how many processes a worker takes at once to read their texts.
const textChunk = 64

// readTexts puts in the place of the processes with the given indices (all, if nil) copies with
// more of their texts. One that has ended stays as it was: it did exist, and a scan is true of the moment it
// read each process. moved reports whether one of them is in other namespaces now. A process whose
// command line does not come holds nothing up, and is in the missed of what.
func (p *pass) readTexts(ctx context.Context, which []int, what Want, take reading) (moved bool, err error) {
	items := len(which)
	if which == nil {
		items = len(p.procs)
	}
	index := func(i int) int {
		if which != nil {
			return which[i]
		}
		return i
	}
	jobs := make([]textJob, items)
	for i := range jobs {
		at := index(i)
		jobs[i].old, jobs[i].entry = p.procs[at], p.entries[at]
	}
	work := textWork(take)
	self := p.host
	work.deal(jobs, &self)
	if err := p.crew.do(ctx, &work.work); err != nil {
		return false, fmt.Errorf("scan %s: %w", p.s.root, err)
	}
	stuck := 0
	for i := range jobs {
		job, at := &jobs[i], index(i)
		if job.mute || !job.done {
			stuck++
		}
		if !job.done {
			continue
		}
		p.whys[at] = cmp.Or(p.whys[at], job.why)
		if job.now == nil {
			continue
		}
		old, now := job.old, job.now
		moved = moved || now.NS != old.NS || now.NextPID != old.NextPID || now.NextTime != old.NextTime
		p.procs[at] = now
	}
	if stuck > 0 {
		p.missed = append(p.missed, Miss{What: what, Reason: Stuck, Count: stuck})
	}
	return moved, nil
}

// texting is the work to read texts.
type texting struct {
	work

	jobs []textJob
	self *host
}

// textWork returns the work to read more of processes in the way told.
func textWork(take reading) *texting {
	t := new(texting)
	t.chunk = textChunk
	t.ready = func(k *worker, i int) { k.job, k.self = t.jobs[i], t.self }
	t.read = func(k *worker, _ int) {
		k.room = k.one[:]
		k.proc, k.why, k.alive = take(k.reader, k.job.old, k.job.entry, k.self)
	}
	t.keep = func(k *worker, i int) { t.jobs[i].keep(k) }
	t.lost = func(i int) { t.jobs[i].stuck = true }
	return t
}

// deal makes the jobs the work. The host must not change any more.
func (t *texting) deal(jobs []textJob, self *host) {
	t.jobs, t.items, t.self = jobs, len(jobs), self
}

// keep notes what a worker read.
func (job *textJob) keep(k *worker) {
	job.why, job.done, job.mute, job.stuck = k.why, true, k.mute, k.mute && !k.crowded
	switch {
	case !k.alive:
		job.now = nil
	case alike(job.old, k.proc.withExecs(job.old.execs)):
		job.now = job.old
	default:
		kept := *k.proc
		job.now = &kept
	}
}

// withExecs returns p, which counts as many execs as what it is read of.
func (p *Process) withExecs(n uint32) *Process {
	p.execs = n
	return p
}
