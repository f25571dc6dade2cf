package procscan

import (
	"bytes"
	"cmp"

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
	read.Texts = true
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
