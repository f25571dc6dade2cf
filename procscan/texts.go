package procscan

import (
	"bytes"
	"cmp"

	"nstui/procscan/ns"
)

// maxArgs is how many bytes of a command line are read. There are command lines of megabytes, and
// the time to read them is the owner's choice.
const maxArgs = 4 << 10

// texts returns a copy of the process with its texts, and, if its namespaces could not be read, with
// the kinds in which it is known to be elsewhere than the scanner. alive is false if the process has
// ended, also if its pid is another's by now. A process whose stat cannot be read gets no texts,
// because nothing tells that they are its own.
//
// e is its place in the listing. Two processes of one pid may have started in the same tick of the
// clock, so where the inode number is another one by now all of the process is read anew, as it is
// where it has become a zombie. What stat tells is read again in any case: arguments go with a name.
func (r *reader) texts(p *Process, e entry, self *host) (with *Process, why Reason, alive bool) {
	dir, errno := r.sys.open(r.root, r.pidName(p.PID), openPath)
	if gone(errno) {
		return nil, "", false
	}
	read := *p
	read.Args, read.NSpid, read.Cgroup, read.Texts = nil, nil, "", true
	if errno != 0 {
		return &read, reasonOf(errno), true
	}
	defer r.sys.close(dir)
	st, why, alive := r.stat(dir)
	if !alive || why == "" && st.start != p.Start {
		return nil, "", false
	}
	if why != "" {
		return &read, why, true
	}
	if r.sys.stat(dir, &r.st) != 0 || r.st.Ino != e.ino || zombie(st.state) != p.Zombie() {
		read = Process{PID: p.PID, Texts: true}
		if why, alive = r.readProcess(dir, &read, self.kinds); !alive {
			return nil, "", false
		}
		p = &read // what is known of the old one does not count
	} else {
		read.setStat(&st, r.intern(st.comm))
	}
	if !read.Kernel && !read.Zombie() {
		text, reason := r.text(dir, fileCmdline, r.buf[:maxArgs])
		why = cmp.Or(why, reason)
		read.Args = parseArgs(text, p.Args)
	}
	text, reason := r.text(dir, fileCgroup, r.buf[:])
	why = cmp.Or(why, reason)
	read.Cgroup = p.Cgroup
	if path := parseCgroup(text); string(path) != p.Cgroup {
		read.Cgroup = r.intern(path)
	}
	// A process keeps its numbers for life.
	if read.NSpid = p.NSpid; read.NSpid == nil {
		text, reason = r.text(dir, fileStatus, r.buf[:])
		why = cmp.Or(why, reason)
		read.NSpid = parseNSpid(text)
	}
	if read.Refused != "" {
		read.Nested = r.nested(dir, &read, self)
	}
	return &read, why, true
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
