package procscan

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"nstui/procscan/ns"
)

// fixture is a proc root made of plain files. Its namespace links lead nowhere, as those of proc
// would for readlink(2), which is all that a scan needs.
type fixture struct {
	t    testing.TB
	root string
}

// fixtureProc is a process in a fixture; what is left zero gets the value of an ordinary process.
type fixtureProc struct {
	pid, ppid int
	start     uint64
	state     string
	flags     uint64
	comm      string
	cmdline   string
	cgroup    string
	status    string
	stat      string // instead of everything above that is in it
	links     ns.Tuple
}

// hostNS are the namespaces of an ordinary process of a fixture.
var hostNS = ns.Tuple{4026531835, 4026531839, 4026531832, 4026531840, 4026531836, 4026531834, 4026531837, 4026531838}

// newFixture makes an empty root, in memory where there is a tmpfs: a process is fifteen files, which take
// milliseconds each on some disks.
func newFixture(t testing.TB) fixture {
	t.Helper()
	root, err := os.MkdirTemp("/dev/shm", "procscan-")
	if err != nil {
		return fixture{t: t, root: t.TempDir()}
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(root); err != nil {
			t.Error(err)
		}
	})
	return fixture{t: t, root: root}
}

func (f fixture) write(name, text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.root, name), []byte(text), 0o644); err != nil {
		f.t.Fatal(err)
	}
}

func (f fixture) link(name, target string) {
	f.t.Helper()
	if err := os.Symlink(target, filepath.Join(f.root, name)); err != nil {
		f.t.Fatal(err)
	}
}

func (f fixture) remove(name string) {
	f.t.Helper()
	if err := os.RemoveAll(filepath.Join(f.root, name)); err != nil {
		f.t.Fatal(err)
	}
}

func (f fixture) add(p fixtureProc) {
	f.t.Helper()
	dir := strconv.Itoa(p.pid)
	if err := os.MkdirAll(filepath.Join(f.root, dir, "ns"), 0o755); err != nil {
		f.t.Fatal(err)
	}
	f.write(dir+"/stat", p.statText())
	f.write(dir+"/cmdline", p.cmdline)
	if p.cgroup == "" {
		p.cgroup = "0::/\n"
	}
	f.write(dir+"/cgroup", p.cgroup)
	if p.status == "" {
		p.status = fmt.Sprintf("Name:\t%s\nNSpid:\t%d\n", strings.ReplaceAll(p.comm, "\n", `\n`), p.pid)
	}
	f.write(dir+"/status", p.status)
	if p.links == (ns.Tuple{}) {
		p.links = hostNS
	}
	for _, k := range p.links.Known().Kinds() {
		f.link(dir+"/ns/"+k.String(), p.links.ID(k).String())
	}
}

func (p fixtureProc) statText() string {
	if p.stat != "" {
		return p.stat
	}
	if p.state == "" {
		p.state = "S"
	}
	return fmt.Sprintf("%d (%s) %s %d 1 1 0 -1 %d 0 0 0 0 0 0 0 0 20 0 1 0 %d%s\n",
		p.pid, p.comm, p.state, p.ppid, p.flags, p.start, strings.Repeat(" 0", 30))
}

func (f fixture) scanner() *Scanner { return New(Options{Root: f.root}) }

// mustScan scans and checks what holds for every snapshot.
func mustScan(t testing.TB, s *Scanner) *Snapshot {
	t.Helper()
	snap, err := s.Scan(context.Background(), Owners|NetIDs|Texts, nil)
	if err != nil {
		t.Fatal(err)
	}
	checkSnapshot(t, snap)
	return snap
}

// checkSnapshot checks that the parts of a snapshot agree with each other.
func checkSnapshot(t testing.TB, snap *Snapshot) {
	t.Helper()
	members, refused := checkNamespaces(t, snap), 0
	for i := range snap.Procs {
		p := snap.Procs[i]
		members -= p.NS.Known().Len()
		if i > 0 && snap.Procs[i-1].PID >= p.PID {
			t.Errorf("process %d comes after %d", p.PID, snap.Procs[i-1].PID)
		}
		if p.Refused != "" {
			if refused >= len(snap.Refused) || snap.Refused[refused] != i || p.NS.Known() != 0 {
				t.Errorf("process %d refused and is not listed, or is known: %v", p.PID, p.NS)
			}
			refused++
		}
		if (p.Kernel || p.Zombie()) && p.Args != nil {
			t.Errorf("process %d in state %c has arguments %q", p.PID, p.State, p.Args)
		}
	}
	if members != 0 || refused != len(snap.Refused) {
		t.Errorf("%d members too many, %d refused of %d", -members, refused, len(snap.Refused))
	}
}

// checkNamespaces checks the namespaces of a snapshot and returns how many members they have.
func checkNamespaces(t testing.TB, snap *Snapshot) (members int) {
	t.Helper()
	for k, list := range snap.Namespaces {
		for i, n := range list {
			if n.ID.Kind != ns.Kind(k) || n.ID.Ino == 0 || i > 0 && list[i-1].ID.Ino >= n.ID.Ino {
				t.Errorf("namespace %v is out of place", n.ID)
			}
			if snap.Namespace(n.ID) != &list[i] {
				t.Errorf("namespace %v is not found", n.ID)
			}
			checkMembers(t, snap, &n)
			for _, above := range []ns.ID{{Kind: ns.User, Ino: n.Owner}, {Kind: ns.Kind(k), Ino: n.Parent}} {
				if above.Ino != 0 && snap.Namespace(above) == nil {
					t.Errorf("above %v is %v, which is missing", n.ID, above)
				}
			}
			members += len(n.Members)
		}
	}
	return members
}

// checkMembers checks the members of a namespace and its leader.
func checkMembers(t testing.TB, snap *Snapshot, n *Namespace) {
	t.Helper()
	led := false
	for j, m := range n.Members {
		if snap.Procs[m].NS.ID(n.ID.Kind) != n.ID || j > 0 && n.Members[j-1] >= m {
			t.Errorf("process %d is no member of %v", snap.Procs[m].PID, n.ID)
		}
		led = led || m == n.Leader
	}
	if led != (len(n.Members) > 0) || n.Leader < 0 != (len(n.Members) == 0) {
		t.Errorf("the leader of %v is %d, its members %v", n.ID, n.Leader, n.Members)
	}
}

// hooked is a kernel that asks before each call with a name whether it shall fail, and keeps
// account of the descriptors.
type hooked struct {
	kernel
	// before gets the call and the path relative to the root; its error becomes that of the call.
	before func(call, path string) syscall.Errno

	mu    sync.Mutex // a worker that was given up may go on
	paths map[int]string
	peak  int
}

// hook puts itself between the scanner and the kernel.
func hook(s *Scanner, before func(call, path string) syscall.Errno) *hooked {
	h := &hooked{kernel: s.sys, before: before, paths: make(map[int]string)}
	s.sys, s.workers = h, 1
	return h
}

// path returns the name without its NUL under the directory, "" for the root itself.
func (h *hooked) path(dir int, name []byte) string {
	parent, known := h.pathOf(dir)
	if !known || string(name) == ".\x00" {
		return parent
	}
	return strings.TrimPrefix(parent+"/"+strings.TrimSuffix(string(name), "\x00"), "/")
}

func (h *hooked) pathOf(fd int) (string, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	path, known := h.paths[fd]
	return path, known
}

func (h *hooked) opened(fd int, path string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.paths[fd] = path
	h.peak = max(h.peak, len(h.paths))
}

func (h *hooked) open(dir int, name []byte, flags int) (int, syscall.Errno) {
	path := h.path(dir, name)
	if errno := h.before("open", path); errno != 0 {
		return -1, errno
	}
	fd, errno := h.kernel.open(dir, name, flags)
	if errno == 0 {
		h.opened(fd, path)
	}
	return fd, errno
}

func (h *hooked) readlink(dir int, name, buf []byte) (int, syscall.Errno) {
	if errno := h.before("readlink", h.path(dir, name)); errno != 0 {
		return -1, errno
	}
	return h.kernel.readlink(dir, name, buf)
}

func (h *hooked) read(fd int, buf []byte) (int, syscall.Errno) {
	path, _ := h.pathOf(fd)
	if errno := h.before("read", path); errno != 0 {
		return -1, errno
	}
	return h.kernel.read(fd, buf)
}

func (h *hooked) readSlow(fd int, buf []byte) (int, syscall.Errno) {
	path, _ := h.pathOf(fd)
	if errno := h.before("read", path); errno != 0 {
		return -1, errno
	}
	return h.kernel.readSlow(fd, buf)
}

func (h *hooked) ownerNS(fd int) (int, syscall.Errno) {
	owner, errno := h.kernel.ownerNS(fd)
	if errno == 0 {
		path, _ := h.pathOf(fd)
		h.opened(owner, path+" owner")
	}
	return owner, errno
}

func (h *hooked) parentNS(fd int) (int, syscall.Errno) {
	parent, errno := h.kernel.parentNS(fd)
	if errno == 0 {
		path, _ := h.pathOf(fd)
		h.opened(parent, path+" parent")
	}
	return parent, errno
}

func (h *hooked) openNS(id uint64) (int, syscall.Errno) {
	fd, errno := h.kernel.openNS(id)
	if errno == 0 {
		h.opened(fd, "namespace")
	}
	return fd, errno
}

func (h *hooked) netlink() (int, syscall.Errno) {
	fd, errno := h.kernel.netlink()
	if errno == 0 {
		h.opened(fd, "netlink")
	}
	return fd, errno
}

func (h *hooked) close(fd int) {
	h.mu.Lock()
	delete(h.paths, fd)
	h.mu.Unlock()
	h.kernel.close(fd)
}
