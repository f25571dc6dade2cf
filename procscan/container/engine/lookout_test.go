package engine

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// proc is a folder like /proc.
type proc struct {
	t    *testing.T
	root string
}

// process adds a process that has sockets of these inode numbers open.
func (p proc) process(pid int, comm, args string, sockets ...int) {
	p.t.Helper()
	dir := filepath.Join(p.root, strconv.Itoa(pid))
	check(p.t, os.MkdirAll(filepath.Join(dir, "fd"), 0o755))
	check(p.t, os.MkdirAll(filepath.Join(dir, "net"), 0o755))
	check(p.t, os.WriteFile(filepath.Join(dir, "comm"), []byte(comm+"\n"), 0o644))
	check(p.t, os.WriteFile(filepath.Join(dir, "cmdline"), []byte(args), 0o644))
	uid := os.Getuid()
	p.runBy(pid, uid, uid, uid, uid)
	check(p.t, os.WriteFile(filepath.Join(dir, "net/unix"), []byte(unixTable), 0o644))
	check(p.t, os.Symlink("/dev/null", filepath.Join(dir, "fd/0")))
	for n, inode := range sockets {
		check(p.t, os.Symlink(fmt.Sprintf("socket:[%d]", inode), filepath.Join(dir, "fd", strconv.Itoa(n+3))))
	}
}

// runBy says by which uids a process is run: the real, effective, saved and file system one.
func (p proc) runBy(pid int, uids ...any) {
	p.t.Helper()
	status := fmt.Sprintf("Name:\tx\nUmask:\t0022\nUid:\t%d\t%d\t%d\t%d\nGid:\t0\t0\t0\t0\n", uids...)
	check(p.t, os.WriteFile(filepath.Join(p.root, strconv.Itoa(pid), "status"), []byte(status), 0o644))
}

// hide makes what a process has open unreadable, as it is for another user.
func (p proc) hide(pid int) {
	p.t.Helper()
	dir := filepath.Join(p.root, strconv.Itoa(pid), "fd")
	check(p.t, os.Chmod(dir, 0))
	p.t.Cleanup(func() { check(p.t, os.Chmod(dir, 0o755)) }) // or it could not be removed
}

// unixTable is a /proc/net/unix: 100 and 200 are listened at, and the others are connections, or sockets that
// only sound alike.
const unixTable = `Num       RefCount Protocol Flags    Type St Inode Path
00000000835c25e1: 00000002 00000000 00010000 0001 01 100 /run/podman/podman.sock
00000000835c25e2: 00000003 00000000 00000000 0001 03 101 /run/podman/podman.sock
00000000835c25e3: 00000002 00000000 00010000 0001 01 102 /srv/run/podman/podman.sock
00000000835c25e4: 00000002 00000000 00010000 0001 01 103 @/run/podman/podman.sock
00000000835c25e5: 00000003 00000000 00000000 0001 03 104
/run/podman/podman.sock
00000000835c25e6: 00000002 00000000 00010000 0001 01 200 /run/user/1000/podman/podman.sock
00000000835c25e7: 00000002 00000000 00010000 0001 01 300 /var/run/docker.sock
`

func TestLookout(t *testing.T) {
	const (
		system  = "/run/podman/podman.sock"
		user    = "/run/user/1000/podman/podman.sock"
		docker  = "/run/docker.sock"
		service = "podman\x00--log-level=info\x00system\x00service\x00"
	)
	for name, tt := range map[string]struct {
		make   func(p proc)
		path   string
		owner  uint32
		asleep bool
		hidden bool // needs files that this user cannot read
	}{
		"nobody waits":   {func(p proc) { p.process(1, "systemd", "", 7) }, system, 0, false, false},
		"no systemd":     {func(p proc) { p.process(1, "sh", ""); p.process(9, "podman", service, 100) }, system, 0, false, false},
		"systemd waits":  {func(p proc) { p.process(1, "systemd", "", 7, 100) }, system, 0, true, false},
		"another name":   {func(p proc) { p.process(1, "init", "", 100) }, system, 0, true, false},
		"it runs":        {func(p proc) { p.process(1, "systemd", "", 100); p.process(9, "podman", service, 100) }, system, 0, false, false},
		"another podman": {func(p proc) { p.process(1, "systemd", "", 100); p.process(9, "podman", service, 102) }, system, 0, true, false},
		"only a client":  {func(p proc) { p.process(1, "systemd", "", 100); p.process(9, "podman", service, 101) }, system, 0, true, false},
		"docker waits":   {func(p proc) { p.process(1, "systemd", "", 300) }, docker, 0, true, false},
		"docker runs":    {func(p proc) { p.process(1, "systemd", "", 300); p.process(9, "dockerd", "", 300) }, docker, 0, false, false},
		"a user's waits": {func(p proc) { p.process(1, "systemd", ""); p.process(5, "systemd", "", 200) }, user, 1000, true, false},
		"a user's runs": {func(p proc) {
			p.process(1, "init", "")
			p.process(5, "systemd", "", 200)
			p.process(9, "exe", service, 200)
		}, user, 1000, false, false},
		"nobody's for a user":  {func(p proc) { p.process(1, "systemd", "", 100) }, user, 1000, false, false},
		"hidden, waits":        {func(p proc) { p.process(1, "systemd", "", 100); p.hide(1) }, system, 0, true, true},
		"hidden, no systemd":   {func(p proc) { p.process(1, "sh", "", 100); p.hide(1) }, system, 0, false, true},
		"hidden, not bound":    {func(p proc) { p.process(1, "systemd", ""); p.hide(1) }, "/run/other.sock", 0, false, true},
		"hidden, docker runs":  {func(p proc) { p.hidden("dockerd", "/usr/bin/dockerd\x00-H\x00fd://\x00") }, docker, 0, false, true},
		"hidden, podman runs":  {func(p proc) { p.hidden("podman", service) }, system, 0, false, true},
		"hidden, podman is ps": {func(p proc) { p.hidden("podman", "podman\x00ps\x00") }, system, 0, true, true},
		"hidden, named podman": {func(p proc) { p.hidden("sleep", service) }, system, 0, true, true},
		"hidden, another's docker": {func(p proc) {
			p.process(1, "systemd", "")
			p.hide(1)
			p.process(5, "systemd", "", 200)
			p.process(9, "dockerd", "/usr/sbin/dockerd\x00")
			p.hide(9)
		}, user, 1000, true, true},
		"hidden, another's podman": {func(p proc) {
			p.process(1, "systemd", "")
			p.hide(1)
			p.process(5, "systemd", "", 200)
			p.process(9, "podman", service)
			p.hide(9)
		}, user, 1000, true, true},
		"no proc":             {func(proc) {}, system, 0, false, false},
		"no proc, for a user": {func(proc) {}, user, 1000, false, false},
		"a lie, docker runs": {func(p proc) {
			p.process(1, "systemd", "", 7)
			p.process(9, "dockerd", "", 300)
			p.lie("/run/docker.sock", 7)
		}, docker, 0, false, false},
		"a lie, docker waits": {func(p proc) {
			p.process(1, "systemd", "", 7, 300)
			p.lie("/run/docker.sock", 7)
		}, docker, 0, true, false},
		"garbage for a process": {func(p proc) { p.process(1, "systemd", ""); p.garbage() }, system, 0, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := proc{t, t.TempDir()}
			tt.make(p)
			look := func() error {
				l := lookout{proc: p.root}
				for range 2 { // it remembers whom it found
					if got := l.asleep(&door{path: tt.path, engine: engineOf(tt.path), owner: tt.owner}); got != tt.asleep {
						return fmt.Errorf("asleep is %v, want %v", got, tt.asleep)
					}
				}
				return nil
			}
			var err error
			if tt.hidden && os.Getuid() == 0 {
				check(t, os.Chmod(filepath.Dir(p.root), 0o755))
				err = asUser(65534, look)
			} else {
				err = look()
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestParseListened finds what is listened at, and no connections.
func TestParseListened(t *testing.T) {
	for path, want := range map[string]string{
		"/run/podman/podman.sock": "100", "/run/user/1000/podman/podman.sock": "200", "/run/docker.sock": "300", "/podman.sock": "",
	} {
		if got := strings.Join(parseListened(strings.NewReader(unixTable), path), " "); got != want {
			t.Errorf("at %s are %q, want %q", path, got, want)
		}
	}
}

// hidden adds a systemd and an engine, neither of which can be looked into.
func (p proc) hidden(comm, args string) {
	p.t.Helper()
	p.process(1, "systemd", "", 100, 300)
	p.process(9, comm, args, 100, 300)
	p.hide(1)
	p.hide(9)
}

// lie has somebody bind a socket to a path with what looks like a line of the table in it.
func (p proc) lie(path string, inode int) {
	p.t.Helper()
	text := fmt.Sprintf("%s00000000835c25e8: 00000002 00000000 00010000 0001 01 400 /tmp/x\n0: 2 0 10000 1 1 %d %s\n", unixTable, inode, path)
	check(p.t, os.WriteFile(filepath.Join(p.root, "1/net/unix"), []byte(text), 0o644))
}

// garbage spoils the table of sockets.
func (p proc) garbage() {
	p.t.Helper()
	text := "x /run/podman/podman.sock\na b c d e f g /run/podman/podman.sock\n\x00\n /run/podman/podman.sock"
	check(p.t, os.WriteFile(filepath.Join(p.root, "1/net/unix"), []byte(text), 0o644))
}

// TestLookoutRemembers looks for an engine that has ended again.
func TestLookoutRemembers(t *testing.T) {
	podman := &door{path: "/run/podman/podman.sock", engine: Podman}
	p := proc{t, t.TempDir()}
	p.process(1, "systemd", "", 100)
	p.process(9, "podman", "", 100)
	l := lookout{proc: p.root}
	if l.asleep(podman) || l.pid != 9 {
		t.Errorf("podman was not found: %d", l.pid)
	}
	check(t, os.RemoveAll(filepath.Join(p.root, "9")))
	if !l.asleep(podman) || l.pid != 0 {
		t.Errorf("podman has ended, and was found: %d", l.pid)
	}
	p.process(10, "podman", "", 100)
	if l.asleep(podman) || l.pid != 10 {
		t.Errorf("the next podman was not found: %d", l.pid)
	}
}

// TestLookoutAmongUsers holds that what another user runs under the name of a user's systemd or of an engine tells
// nothing of them.
func TestLookoutAmongUsers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: processes of several users")
	}
	const service = "podman\x00system\x00service\x00"
	for name, tt := range map[string]struct {
		path    string
		owner   uint32
		manager int // of systemd, if that is not the first process
		engine  int // uid of the process called podman
		asleep  bool
	}{
		"the user's":           {"/run/user/1000/podman/podman.sock", 1000, 1000, 1000, false},
		"root's engine":        {"/run/user/1000/podman/podman.sock", 1000, 1000, 0, false},
		"another's engine":     {"/run/user/1000/podman/podman.sock", 1000, 1000, 1001, true},
		"another's systemd":    {"/run/user/1000/podman/podman.sock", 1000, 1001, 1001, false},
		"a user's for root's":  {"/run/podman/podman.sock", 0, 0, 1000, true},
		"root's engine itself": {"/run/podman/podman.sock", 0, 0, 0, false},
	} {
		p := proc{t, t.TempDir()}
		p.process(1, "systemd", "", 100)
		p.process(5, "systemd", "", 200)
		p.process(9, "podman", service, 100, 200)
		p.runBy(5, tt.manager, tt.manager, tt.manager, tt.manager)
		p.runBy(9, tt.engine, tt.engine, tt.engine, tt.engine)
		l := lookout{proc: p.root}
		if got := l.asleep(&door{path: tt.path, engine: engineOf(tt.path), owner: tt.owner}); got != tt.asleep {
			t.Errorf("%s: asleep is %v", name, got)
		}
	}
}

// TestLookoutAmongSetuid holds that a user's setuid programs are not root's: neither do they take the place of another
// user's systemd, nor that of an engine.
func TestLookoutAmongSetuid(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: files of root's")
	}
	const victim, stranger = 1000, 65534
	podman := &door{path: "/run/user/1000/podman/podman.sock", engine: Podman, owner: victim}
	for name, become := range map[string]func(p proc, pid int){
		"real uid":     func(p proc, pid int) { p.runBy(pid, stranger, 0, 0, 0) },
		"saved uid":    func(p proc, pid int) { p.runBy(pid, stranger, stranger, 0, stranger) },
		"program":      func(p proc, pid int) { p.runBy(pid, 0, 0, 0, 0); p.setuid(pid) },
		"it has ended": func(p proc, pid int) { check(p.t, os.Remove(filepath.Join(p.root, strconv.Itoa(pid), "status"))) },
		"garbage":      func(p proc, pid int) { p.runBy(pid, 0, 0, 0, -1) },
	} {
		p := proc{t, t.TempDir()}
		p.process(1, "systemd", "")
		for pid := 10; pid < 10+maxManagers; pid++ {
			p.process(pid, "systemd", "", 7)
			become(p, pid)
		}
		p.process(99, "systemd", "", 200)
		p.runBy(99, victim, victim, victim, victim)
		p.process(200, "podman", "podman\x00system\x00service\x00", 200)
		become(p, 200)
		l := lookout{proc: p.root}
		if !l.asleep(podman) {
			t.Errorf("%s: the user's podman is not asleep", name)
		}
		if pids := l.named(victim, "systemd", "podman"); !slices.Equal(pids, []int{99, 1}) {
			t.Errorf("%s: of the user and of root are %v", name, pids)
		}
	}
}

// setuid makes the program of a process one that sets the uid.
func (p proc) setuid(pid int) {
	p.t.Helper()
	exe := filepath.Join(p.root, strconv.Itoa(pid), "exe")
	check(p.t, os.WriteFile(exe, nil, 0o755))
	check(p.t, os.Chmod(exe, 0o755|os.ModeSetuid))
}

// TestListened holds that a line of the table that a user has written is not believed.
func TestListened(t *testing.T) {
	dir, err := os.MkdirTemp("/tmp", "n") // paths of sockets are short
	check(t, err)
	t.Cleanup(func() { check(t, os.RemoveAll(dir)) })
	listen := func(path string) {
		t.Helper()
		check(t, os.MkdirAll(filepath.Dir(path), 0o755))
		l, err := net.Listen("unix", path)
		check(t, err)
		t.Cleanup(func() { check(t, l.Close()) })
	}
	listen(dir + "/s")
	listen(dir + "/x\n0: 2 0 10000 1 1 77" + " " + dir + "/s")
	d, err := Socket{Root: "/", Path: dir + "/s", Given: true}.open()
	check(t, err)
	defer d.close()
	l := lookout{proc: "/proc"}
	table, err := os.ReadFile("/proc/self/net/unix")
	check(t, err)
	if all := parseListened(bytes.NewReader(table), d.path); len(all) != 2 || !slices.Contains(all, "77") {
		t.Fatalf("the table has %q", all)
	}
	got := l.listened(os.Getpid(), d)
	held, err := l.held(os.Getpid(), got)
	check(t, err)
	if len(got) != 1 || len(held) != 1 {
		t.Errorf("listened at are %q, and we have %q", got, held)
	}
}

// TestParseBound takes no answer for another.
func TestParseBound(t *testing.T) {
	at := binary.NativeEndian
	message := func(kind uint16, data ...byte) []byte {
		m := append(make([]byte, unix.NLMSG_HDRLEN), data...)
		at.PutUint32(m, uint32(len(m)))
		at.PutUint16(m[4:], kind)
		return m
	}
	socket := make([]byte, unixDiagMsgLen+4+12)
	at.PutUint32(socket[4:], 70) // its inode number
	attr := socket[unixDiagMsgLen:]
	at.PutUint16(attr, 4) // one without a value
	at.PutUint16(attr[2:], 5)
	at.PutUint16(attr[4:], 12)
	at.PutUint16(attr[6:], unixDiagVFS)
	at.PutUint32(attr[8:], 9) // that of its file
	cut := slices.Clone(socket)
	at.PutUint16(cut[unixDiagMsgLen+4:], 100)
	for name, tt := range map[string]struct {
		part []byte
		file uint64
		want string
	}{
		"the file":     {message(unix.SOCK_DIAG_BY_FAMILY, socket...), 9, "70 more"},
		"a large one":  {message(unix.SOCK_DIAG_BY_FAMILY, socket...), 5<<32 + 9, "70 more"},
		"another file": {message(unix.SOCK_DIAG_BY_FAMILY, socket...), 8, " more"},
		"the end":      {message(unix.NLMSG_DONE, 0, 0, 0, 0), 9, " end"},
		"both":         {append(message(unix.SOCK_DIAG_BY_FAMILY, socket...), message(unix.NLMSG_DONE, 0, 0, 0, 0)...), 9, "70 end"},
		"an error":     {message(unix.NLMSG_ERROR, make([]byte, 20)...), 9, "error"},
		"too short":    {message(unix.SOCK_DIAG_BY_FAMILY, 1, 2, 3, 4), 9, "error"},
		"a long value": {message(unix.SOCK_DIAG_BY_FAMILY, cut...), 9, "error"},
		"nothing":      {nil, 9, "error"},
		"no message":   {[]byte{1, 2, 3}, 9, "error"},
	} {
		inodes, done, err := parseBound(tt.part, tt.file)
		got := strings.Join(inodes, ",") + map[bool]string{false: " more", true: " end"}[done]
		if err != nil {
			got = "error"
		}
		if got != tt.want {
			t.Errorf("%s: %q, %v; want %q", name, got, err, tt.want)
		}
	}
}
