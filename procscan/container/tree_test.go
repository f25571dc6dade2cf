package container

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// tree is a proc root and a host made of plain files.
type tree struct {
	tb         testing.TB
	root, host string
}

// task is a process of a tree; what is left zero is that of an ordinary process.
type task struct {
	pid, ppid int
	uid       int
	ruid      int // real, where that is another than the effective one
	start     int
	comm      string
	args      []string
	cgroup    string // the path in the second version, or all lines
	ns        ns.Tuple
	cwd, rootAt,
	mountinfo string
	nspid string
}

// newTree makes a tree with a first process, in memory where there is a tmpfs.
func newTree(tb testing.TB) *tree {
	tb.Helper()
	if os.Geteuid() != 0 {
		tb.Skip("needs root: files of runtimes are believed only if they are root's")
	}
	folder, err := os.MkdirTemp("/dev/shm", "container-")
	if err != nil {
		folder = tb.TempDir()
	} else {
		tb.Cleanup(func() {
			if err := os.RemoveAll(folder); err != nil {
				tb.Error(err)
			}
		})
	}
	t := &tree{tb: tb, root: folder + "/proc", host: folder + "/host"}
	t.dir(t.host)
	t.add(task{pid: 1, comm: "init", args: []string{"/sbin/init"}})
	t.add(task{pid: 2, comm: "self", cgroup: "/user.slice/user-0.slice/session-1.scope"})
	t.link(t.root+"/self", "2")
	return t
}

func (t *tree) dir(name string) {
	t.tb.Helper()
	if err := os.MkdirAll(name, 0o755); err != nil {
		t.tb.Fatal(err)
	}
}

// write writes a file, and the folders above it.
func (t *tree) write(name, text string) string {
	t.tb.Helper()
	t.dir(filepath.Dir(name))
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.tb.Fatal(err)
	}
	return name
}

func (t *tree) link(name, target string) {
	t.tb.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.tb.Fatal(err)
	}
}

// add adds a process.
func (t *tree) add(p task) {
	t.tb.Helper()
	dir := filepath.Join(t.root, strconv.Itoa(p.pid))
	t.dir(dir + "/ns")
	if p.ppid == 0 && p.pid != 1 {
		p.ppid = 1
	}
	t.write(dir+"/stat", fmt.Sprintf("%d (%s) S %d 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %d%s\n",
		p.pid, p.comm, p.ppid, cmp.Or(p.start, p.pid), strings.Repeat(" 0", 30)))
	t.write(dir+"/cmdline", strings.Join(append(p.args, ""), "\x00"))
	if !strings.Contains(p.cgroup, ":/") {
		p.cgroup = "0::" + cmp.Or(p.cgroup, "/") + "\n"
	}
	t.write(dir+"/cgroup", p.cgroup)
	t.write(dir+"/status", fmt.Sprintf("Name:\t%s\nUid:\t%d\t%d\t%[3]d\t%[3]d\nNSpid:\t%[4]s\n", p.comm, cmp.Or(p.ruid, p.uid), p.uid, cmp.Or(p.nspid, strconv.Itoa(p.pid))))
	t.write(dir+"/mountinfo", p.mountinfo)
	if p.ns == (ns.Tuple{}) {
		p.ns = hostNS
	}
	for _, k := range p.ns.Known().Kinds() {
		t.link(dir+"/ns/"+k.String(), p.ns.ID(k).String())
	}
	if p.cwd != "" {
		t.dir(p.cwd)
		t.link(dir+"/cwd", p.cwd)
	}
	t.link(dir+"/root", cmp.Or(p.rootAt, t.host))
	t.own(dir, p.uid)
}

// own gives a file to a user.
func (t *tree) own(name string, uid int) {
	t.tb.Helper()
	if err := os.Chown(name, uid, uid); err != nil {
		t.tb.Fatal(err)
	}
}

// remove removes a process.
func (t *tree) remove(pid int) {
	t.tb.Helper()
	if err := os.RemoveAll(filepath.Join(t.root, strconv.Itoa(pid))); err != nil {
		t.tb.Fatal(err)
	}
}

// scan reads the processes.
func (t *tree) scan(want procscan.Want) *procscan.Snapshot {
	t.tb.Helper()
	snap, err := procscan.New(procscan.Options{Root: t.root}).Scan(context.Background(), want, nil)
	if err != nil {
		t.tb.Fatal(err)
	}
	return snap
}

// resolver returns one that knows nothing yet and has all the time there is: tests run on busy machines.
func (t *tree) resolver() *Resolver {
	r := New(Options{Root: t.root, Host: t.host})
	r.errands.patience = time.Minute
	return r
}

// resolve returns the names as a new resolver finds them.
func (t *tree) resolve() *Names {
	t.tb.Helper()
	return t.resolver().Resolve(t.tb.Context(), t.scan(procscan.Groups))
}
