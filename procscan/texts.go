package procscan

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

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
	text, reason := r.text(dir, fileCgroup, r.buf[:])
	why = cmp.Or(why, reason)
	if path := parseCgroup(text); string(path) != read.Cgroup {
		read.Cgroup = r.intern(path)
	}
	// A process keeps its numbers for life.
	if read.NSpid == nil && self.top != 0 && read.NS[ns.PID] == self.top {
		read.NSpid = []int{p.PID}
	}
	if read.NSpid == nil {
		text, reason = r.text(dir, fileStatus, r.buf[:])
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

// again opens the directory of a process that was read before and returns it, -1 if that is refused,
// with a copy of the process.
//
// e is its place in the listing: the same inode number is the same process. Another one is either
// that of another process or, where memory is short, a new number of the same directory. Then all of
// it is read anew, because two processes of one pid may have started in the same tick of the clock.
func (r *reader) again(p *Process, e entry, self *host) (with *Process, dir int, why Reason, alive bool) {
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

// scanPatience is textPatience for who cannot ask again: a busy machine shall not look like a stuck
// process.
const scanPatience = time.Second

// textShare is how many processes a worker takes at once to read their texts.
const textShare = 256

// readTexts puts in the place of the processes with the given indices (all, if nil) copies with
// more of their texts. One that has ended stays as it was: it did exist, and a scan is true of the moment it
// read each process. moved reports whether one of them is in other namespaces now. A process whose
// command line does not come holds nothing up, and is in the missed of what.
func (p *pass) readTexts(ctx context.Context, which []int, what Want, read reading) (moved bool, err error) {
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
	if err := p.readJobs(ctx, jobs, read); err != nil {
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

// readJobs deals the jobs out to as many goroutines as may run at once.
func (p *pass) readJobs(ctx context.Context, jobs []textJob, read reading) error {
	workers := p.s.workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	shares := (len(jobs) + textShare - 1) / textShare
	errs := make(chan error, min(workers, shares))
	var claimed atomic.Int64
	var all sync.WaitGroup
	for range cap(errs) {
		all.Go(func() {
			t := &texter{take: read, patience: p.s.patience}
			for {
				from := int(claimed.Add(textShare)) - textShare
				if from >= len(jobs) {
					return
				}
				if err := t.read(ctx, p.s, &p.host, jobs[from:min(from+textShare, len(jobs))]); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(errs)
	return <-errs
}
