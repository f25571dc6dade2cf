package procscan

import (
	"bytes"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

// held reports whether what the kernel guards of a process is not to be asked for, because who asks
// would wait. It is to be called before anything of that is read of a process.
//
// While a process executes a program nobody may look at it, see exec_update_lock in the kernel's
// fs/exec.c. It closes the files that are closed on exec meanwhile, and waits for the file systems
// they are on. Its stat, its links and its descriptors wait for it; its status, statm, cgroup and
// uid_map do not. Nothing is asked before somebody waits: that spares a call for each process.
func (r *reader) held(pid int) bool {
	r.at.Store(int64(pid))
	r.crowded = false
	n := r.waits.n.Load()
	if n == 0 {
		return false
	}
	if r.waits.count(int64(pid)) > 0 {
		return true
	}
	r.crowded = n >= maxStuck
	return r.crowded || r.executing(pid)
}

// executing reports whether a process has the memory of a new program in which that is not loaded yet.
func (r *reader) executing(pid int) bool {
	r.name = append(strconv.AppendInt(r.name[:0], int64(pid), 10), "/statm\x00"...)
	text, why := r.text(r.root, r.name, r.buf[:])
	return why == "" && parseStatm(text)
}

// stuckProcess is a process of which nothing could be read.
func stuckProcess(pid int) *Process { return &Process{PID: pid, Refused: Stuck, held: true} }

// readHeld fills p from what does not wait for it.
func (r *reader) readHeld(dir int, p *Process, self *host) (why Reason, alive bool) {
	p.held = true
	r.readOwner(dir, p)
	pidfd, errno := -1, unix.EXDEV
	if self.ours {
		pidfd, errno = r.sys.pidfd(p.PID)
	}
	// It is there after that, so the pid was its own.
	text, reason := r.text(dir, fileStatus, r.buf[:])
	if errno == 0 {
		if text != nil {
			r.readByPidfd(pidfd, p)
		}
		r.sys.close(pidfd)
	}
	if text == nil && reason == "" {
		return "", false
	}
	p.NSpid = parseNSpid(text)
	if st, ok := parseStatus(text); ok {
		p.PPID, p.State, p.Threads = st.ppid, st.state, st.threads
		p.Comm = r.intern(unescape(st.comm))
	}
	if p.NS.Known() == 0 {
		p.Refused = Stuck
	}
	return Stuck, true
}

// readByPidfd reads the namespaces of a process by PIDFD_GET_NET_NAMESPACE and its like of Linux 6.11,
// see linux/pidfd.h. They are descriptors, closed at once.
func (r *reader) readByPidfd(pidfd int, p *Process) {
	ask := func(k ns.Kind, next bool) uint64 {
		fd, errno := r.sys.namespaceOf(pidfd, k, next)
		if errno != 0 {
			return 0
		}
		defer r.sys.close(fd)
		if r.sys.stat(fd, &r.st) != 0 {
			return 0
		}
		return r.st.Ino
	}
	for k := range ns.Kind(ns.NumKinds) {
		if !r.skip.Has(k) {
			p.NS[k] = ask(k, false)
		}
	}
	if next := ask(ns.PID, true); !r.skip.Has(ns.PID) && next != p.NS[ns.PID] {
		p.NextPID = next
	}
	if next := ask(ns.Time, true); !r.skip.Has(ns.Time) && next != p.NS[ns.Time] {
		p.NextTime = next
	}
}

// openByPidfd opens a namespace of a process that is held; it fails as openLink does.
func (r *reader) openByPidfd(pid int, id ns.ID, self *host) (fd int, errno syscall.Errno) {
	if !self.ours {
		return -1, unix.ETIMEDOUT
	}
	pidfd, errno := r.sys.pidfd(pid)
	if errno != 0 {
		return -1, errno
	}
	defer r.sys.close(pidfd)
	if fd, errno = r.sys.namespaceOf(pidfd, id.Kind, false); errno != 0 {
		return -1, unix.ETIMEDOUT
	}
	if errno := r.sys.stat(fd, &r.st); errno != 0 || r.st.Ino != id.Ino {
		r.sys.close(fd)
		return -1, unix.ESTALE
	}
	return fd, 0
}

// parseStatm reports whether the text of /proc/PID/statm, see proc_pid_statm(5), is that of memory
// without any code in it: the fields are size, resident, shared and text, in pages.
func parseStatm(text []byte) bool {
	size, rest := nextWord(text)
	_, rest = nextWord(rest)
	_, rest = nextWord(rest)
	code, _ := nextWord(rest)
	return len(size) > 0 && string(size) != "0" && string(code) == "0"
}

// parseStatus returns what a scan takes from the text of /proc/PID/status, see proc_pid_status(5),
// where it cannot have it from stat. The name is escaped.
func parseStatus(text []byte) (st procStat, ok bool) {
	field := func(name string) []byte {
		_, line, found := bytes.Cut(text, []byte("\n"+name+":\t"))
		if !found {
			return nil
		}
		line, _, _ = bytes.Cut(line, []byte{'\n'})
		return line
	}
	name, _, whole := bytes.Cut(text, []byte{'\n'})
	name, found := bytes.CutPrefix(name, []byte("Name:\t"))
	state, ppid := field("State"), field("PPid")
	parent, err := strconv.Atoi(string(ppid))
	if !whole || !found || len(state) == 0 || err != nil {
		return st, false
	}
	threads, _ := parseUint(field("Threads"))
	return procStat{comm: name, state: state[0], ppid: parent, threads: int(threads)}, true
}

// unescape undoes in place what the kernel does to names in status: "\n" and "\\".
func unescape(name []byte) []byte {
	to := name[:0]
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c == '\\' && i+1 < len(name) && (name[i+1] == 'n' || name[i+1] == '\\') {
			if i++; name[i] == 'n' {
				c = '\n'
			} else {
				c = '\\'
			}
		}
		to = append(to, c)
	}
	return to
}
