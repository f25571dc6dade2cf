package sought

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
)

// means returns the pids of what a word means, and whether that is certain.
func means(at *Place, word string) string {
	found := at.Find(word)
	pids := make([]int, 0, len(found))
	for _, c := range found {
		pids = append(pids, c.Process.PID)
	}
	return fmt.Sprint(pids, " ", at.Certain(found))
}

// inOwn adds a process in a user namespace of its own.
func (h *host) inOwn(pid, ppid int, uid uint32, comm, cgroup string) {
	h.add(pid, ppid, uid, comm, cgroup)
	h.snap.Procs[len(h.snap.Procs)-1].NS[ns.User] = uint64(pid) * 100
}

// What a user starts in the control group of a service of root's, as sessions are where nothing moves them out, does
// not stand in for the service, whatever it is called.
func TestFindUserInUnit(t *testing.T) {
	const service = "/system.slice/sshd2.service"
	h := newHost()
	h.add(300, 1, 0, "sshd", service)
	h.inOwn(301, 300, user, "sshd2", service)
	at := h.place(t)
	for _, word := range []string{"unit:sshd2", "sshd2"} {
		if got := means(at, word); got != "[300 301] true" {
			t.Errorf("%s: got %s, want both", word, got)
		}
	}
	// Of several of root's the one that is called so is the unit's own, and a user's is not.
	h.inOwn(302, 1, 0, "sshd2", service)
	at = h.place(t)
	if got := means(at, "unit:sshd2"); got != "[302] true" {
		t.Errorf("got %s, want root's", got)
	}
	// A service may run as another user.
	h = newHost()
	h.add(310, 1, 33, "helper", "/system.slice/www.service")
	h.inOwn(311, 1, 33, "www", "/system.slice/www.service")
	if got := means(h.place(t), "unit:www"); got != "[311] true" {
		t.Errorf("got %s, want the one that is called as the service", got)
	}
	// The caller's are as good as root's.
	h = newHost()
	h.add(320, 1, user, "x", users+"app.slice/u.service")
	h.inOwn(321, 1, 33, "u", users+"app.slice/u.service")
	h.snap.Self = procscan.ProcID{PID: 31, Start: 31}
	if got := means(h.place(t), "unit:u"); got != "[320 321] true" {
		t.Errorf("got %s, want both", got)
	}
}

// A unit in which there is nothing but a container, of which its name does not tell, is that container's processes.
func TestFindUnitOfContainer(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(root+"/300", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(root+"/300/status", []byte("Name:\tcontainerd-shim\nUid:\t0\t0\t0\t0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	stat := "300 (containerd-shim) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 300" + strings.Repeat(" 0", 30) + "\n"
	if err := os.WriteFile(root+"/300/stat", []byte(stat), 0o600); err != nil {
		t.Fatal(err)
	}
	h := newHost()
	h.add(300, 1, 0, "containerd-shim", "/system.slice/containerd.service")
	h.snap.Procs[len(h.snap.Procs)-1].Texts = true
	h.snap.Procs[len(h.snap.Procs)-1].Args = []string{"/usr/bin/containerd-shim-runc-v2", "-namespace", "default", "-id", "demo"}
	for pid, comm := range map[int]string{301: "sh", 302: "sleep"} {
		h.add(pid, 300+pid-301, 0, comm, "/system.slice/demo-plain.scope")
		h.snap.Procs[len(h.snap.Procs)-1].NS = ns.Tuple{1, 2, 31, 32, 33, 6, 7, 34}
	}
	h.add(303, 300, 0, "cat", "/system.slice/containerd.service") // a container in the daemon's own unit is not the daemon's
	h.snap.Procs[len(h.snap.Procs)-1].NS = ns.Tuple{1, 2, 41, 42, 43, 6, 7, 44}
	slices.SortFunc(h.snap.Procs, func(a, b *procscan.Process) int { return a.PID - b.PID })
	at := &Place{&h.snap, container.New(container.Options{Root: root, Host: t.TempDir()}).Resolve(t.Context(), &h.snap)}
	if o := at.Names.Of(h.snap.ByPID(302)); !o.Container() {
		t.Fatalf("it is in %+v", o)
	}
	for word, want := range map[string]string{"unit:demo-plain.scope": "[301] true", "demo-plain.scope": "[301] true", "unit:containerd": "[10] true"} {
		if got := means(at, word); got != want {
			t.Errorf("%s: got %s, want %s", word, got, want)
		}
	}
}

// A slice is none but the one that is asked for, whatever units users have.
func TestFindSlice(t *testing.T) {
	h := newHost()
	h.add(300, 1, 0, "boss", "/batch.slice/a.service")
	h.add(301, 1, user, "other", users+"app.slice/batch.slice.service")
	h.add(302, 1, user, "third", users+"app.slice/foo.socket.service")
	at := h.place(t)
	for word, want := range map[string]string{
		"unit:batch.slice":         "[300] true",
		"batch.slice":              "[300] true",
		"unit:batch.slice.service": "[301] false",
		"unit:foo.socket":          "[] false",
		"unit:foo.socket.service":  "[302] false",
	} {
		if got := means(at, word); got != want {
			t.Errorf("%s: got %s, want %s", word, got, want)
		}
	}
}

// What runs as root in a pid namespace of its own may be in a container nobody told of, where anybody may be root.
func TestFindInUntoldContainer(t *testing.T) {
	h := newHost()
	h.add(300, 1, 0, "tool", "/somewhere")
	h.snap.Procs[len(h.snap.Procs)-1].NS = ns.Tuple{1, 2, 31, 32, 33, 6, 7, 34}
	h.add(301, 1, 0, "both", "/somewhere")
	h.snap.Procs[len(h.snap.Procs)-1].NS = ns.Tuple{1, 2, 41, 42, 43, 6, 7, 44}
	h.add(302, 1, 0, "both", "/elsewhere")
	at := h.place(t)
	for word, want := range map[string]string{"tool": "[300] false", "both": "[302 301] true"} {
		if got := means(at, word); got != want {
			t.Errorf("%s: got %s, want %s", word, got, want)
		}
	}
	// Who is in it themselves sees the same namespace as theirs.
	h.snap.Mine = h.snap.ByPID(300).NS
	if got := means(h.place(t), "tool"); got != "[300] true" {
		t.Errorf("within it: got %s", got)
	}
}

// A setuid program that a user has started by some name is not called so by root.
func TestFindSetuid(t *testing.T) {
	h := newHost()
	h.add(300, 31, 0, "nosuch", session)
	h.add(301, 31, 0, "shared", session)
	h.add(302, 1, 0, "shared", "/system.slice/that.service")
	h.add(303, 1, 0, "root", "/user.slice/user-0.slice/session-2.scope")
	at := h.place(t)
	for word, want := range map[string]string{"nosuch": "[300] false", "shared": "[302 301] true", "root": "[303] true"} {
		if got := means(at, word); got != want {
			t.Errorf("%s: got %s, want %s", word, got, want)
		}
	}
	h.snap.Self = procscan.ProcID{PID: 31, Start: 31}
	if got := means(h.place(t), "nosuch"); got != "[300] true" {
		t.Errorf("got %s: what is in the caller's session is the caller's", got)
	}
}

// Nor is it root's in a unit of root's, where sessions of users may be.
func TestFindSetuidInUnit(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: files of processes of root's")
	}
	h, root := newHost(), t.TempDir()
	for pid, uids := range map[int]string{300: "1000 0 0 0", 301: "0 0 0 0"} {
		dir := filepath.Join(root, strconv.Itoa(pid))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"stat":   fmt.Sprintf("%d (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 %[1]d 0 0\n", pid),
			"status": "Name:\tx\nUid:\t" + uids + "\n",
		} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.add(300, 1, 0, "theirs9", "/system.slice/cron.service")
	h.add(301, 1, 0, "roots9", "/system.slice/cron.service")
	at := &Place{&h.snap, container.New(container.Options{Root: root}).Resolve(t.Context(), &h.snap)}
	for word, want := range map[string]string{"theirs9": "[300] false", "roots9": "[301] true", "vim": "[50 51] true"} {
		if got := means(at, word); got != want {
			t.Errorf("%s: got %s, want %s", word, got, want)
		}
	}
}

// A process may be in the control group of a unit in one hierarchy alone.
func TestInUnitOfAnyHierarchy(t *testing.T) {
	in := InUnit("web")
	for _, test := range []struct {
		groups, cgroup string
		want           bool
	}{
		{"", "/system.slice/web.service", true},
		{"", "/system.slice/web.service/below", true},
		{"/\n/system.slice/web.service\n/a", "/", true},
		{"/\n/system.slice/web.services", "/", false},
		{"", "/", false},
	} {
		if got := in(&procscan.Process{Groups: test.groups, Cgroup: test.cgroup}); got != test.want {
			t.Errorf("%q, %q: %v", test.groups, test.cgroup, got)
		}
	}
}
