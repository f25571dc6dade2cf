package container

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"nstui/procscan"
	"nstui/procscan/ns"
)

// apache is the control group of a service of uid 33, who has processes there but no control groups.
const apache = "/system.slice/apache2.service"

// TestTrust holds that a user has nothing told of root's: process 201, or root's 101, has to be known as it
// would be without what the user does, and by whose word.
func TestTrust(t *testing.T) {
	config := func(tree *tree) {
		tree.write(tree.host+"/var/lib/docker/containers/"+idA+"/config.v2.json", dockerConfig("bank", ""))
	}
	const session = "/user.slice/user-1000.slice/session-1.scope"
	docker := []string{"x", "-namespace", "moby", "-id", idA}
	tests := []struct {
		name string
		make func(tree *tree)
		pid  int
		want string
		user uint32
	}{
		{"root's docker", func(tree *tree) {
			config(tree)
			tree.shim(100, "moby", idA)
			tree.add(task{pid: 101, ppid: 100, uid: 1000, comm: "app", cgroup: "/docker/" + idA, ns: within(7, all...)})
		}, 101, "docker:bank id=A name=bank image=nstui/bb:1 state=running by file", 0},
		{"a service's shim", func(tree *tree) {
			config(tree)
			tree.add(task{pid: 200, uid: 33, comm: "containerd-shim", cgroup: apache, args: docker})
			tree.add(task{pid: 201, ppid: 200, uid: 33, comm: "app", cgroup: apache, ns: within(7, ns.Mnt, ns.User)})
		}, 201, "docker:0123456789ab id=A by nobody", 33},
		{"a setuid shim", func(tree *tree) {
			config(tree)
			tree.add(task{pid: 200, ruid: 33, comm: "containerd-shim", cgroup: apache, args: docker})
			tree.add(task{pid: 201, ppid: 200, uid: 33, comm: "app", cgroup: apache, ns: within(7, ns.Mnt, ns.User)})
		}, 201, "docker:0123456789ab id=A by nobody", 33},
		{"a setuid shim in a session", func(tree *tree) {
			config(tree)
			tree.add(task{pid: 200, ruid: 1000, comm: "containerd-shim", cgroup: session, args: docker})
			tree.add(task{pid: 201, ppid: 200, uid: 1000, comm: "app", cgroup: session, ns: within(7, ns.Mnt, ns.User)})
		}, 201, "docker:0123456789ab id=A by nobody", 1000},
		{"another user's setuid shim", func(tree *tree) {
			config(tree)
			tree.add(task{pid: 200, ruid: 1001, comm: "containerd-shim", cgroup: session, args: docker})
			tree.add(task{pid: 201, ppid: 200, uid: 1000, comm: "app", cgroup: session, ns: within(7, ns.Mnt, ns.User)})
		}, 201, "session-1.scope name=session-1.scope by unit", 1000},
		{"a setuid program that is root by all its uids", func(tree *tree) {
			config(tree)
			tree.add(task{pid: 200, comm: "containerd-shim", cgroup: apache, args: docker})
			sudo := tree.write(tree.host+"/usr/bin/sudo", "")
			if err := os.Chmod(sudo, 0o755|os.ModeSetuid); err != nil {
				tree.tb.Fatal(err)
			}
			tree.link(tree.root+"/200/exe", sudo)
			tree.add(task{pid: 201, ppid: 200, uid: 33, comm: "app", cgroup: apache, ns: within(7, ns.Mnt, ns.User)})
		}, 201, "apache2.service name=apache2.service by unit", 0},
		{"root's shim in a session", func(tree *tree) {
			config(tree)
			tree.add(task{pid: 200, comm: "containerd-shim", cgroup: session, args: docker})
			tree.add(task{pid: 201, ppid: 200, uid: 1000, comm: "app", cgroup: session, ns: within(7, ns.Mnt, ns.User)})
		}, 201, "docker:bank id=A name=bank image=nstui/bb:1 state=running by file", 0},
		{"root's session", func(tree *tree) {
			config(tree)
			tree.shim(100, "moby", idA)
			tree.add(task{pid: 102, ppid: 100, comm: "app", cgroup: "/user.slice/user-0.slice/session-1.scope/docker/" + idA, ns: within(101, all...)})
		}, 102, "docker:bank id=A name=bank image=nstui/bb:1 state=running by file", 0},
		{"a service's infra container of root's pod", func(tree *tree) {
			tree.write(tree.host+"/c/"+idA+"/userdata/config.json",
				`{"hostname": "x", "annotations": {"io.container.manager": "libpod", "io.kubernetes.cri-o.SandboxID": "`+idB+`"},
				"linux": {"namespaces": [{"type": "network", "path": "/proc/99/ns/net"}]}}`)
			tree.conmon(100, idA, "inpod", "/c/"+idA+"/userdata")
			tree.in(101, 100, "/machine.slice/libpod-"+idA+".scope")
			tree.add(task{pid: 200, uid: 33, comm: "conmon", cgroup: apache, args: []string{"x", "-c", idB, "-n", "k8s_POD_coredns_kube-system_u_0"}})
			tree.add(task{pid: 201, ppid: 200, uid: 33, comm: "app", cgroup: apache, ns: within(7, ns.Mnt, ns.User)})
		}, 101, "podman:inpod id=A name=inpod by process", 0},
		{"a user's machine called as root's", func(tree *tree) {
			tree.write(tree.host+"/run/systemd/machines/web", "SERVICE=systemd-nspawn\n")
			tree.add(task{pid: 201, uid: 1000, comm: "app", ns: within(7, all...), cgroup: "/user.slice/user-1000.slice/user@1000.service/machine-web.scope"})
		}, 201, "machine:web name=web by cgroup", 1000},
		{"in a user's container", func(tree *tree) {
			user := "/user.slice/user-1000.slice/user@1000.service/libpod-" + idA + ".scope"
			tree.add(task{pid: 101, uid: 1000, comm: "app", ns: within(7, all...), cgroup: user})
			tree.add(task{pid: 201, ppid: 101, uid: 1000, comm: "app", ns: within(8, all...), cgroup: user + "/docker/" + idB})
		}, 201, "podman:0123456789ab > docker:fedcba987654 id=B by nobody", 1000},
		{"a user's runc that says it is root's", func(tree *tree) {
			tree.write(tree.host+"/run/runc/bank/state.json", `{"id": "bank", "init_process_pid": 7, "init_process_start": 201}`)
			tree.add(task{pid: 201, uid: 33, comm: "app", cgroup: apache, ns: within(1, all...), nspid: "201\t7\t1"})
		}, 201, "apache2.service name=apache2.service by unit", 0},
		{"root's runc as a user", func(tree *tree) {
			tree.write(tree.host+"/run/runc/bank/state.json", `{"id": "bank", "init_process_pid": 201, "init_process_start": 201}`)
			tree.add(task{pid: 201, uid: 33, comm: "app", cgroup: apache, ns: within(1, all...), nspid: "201\t1"})
		}, 201, "runc:bank id=bank name=bank by file", 0},
		{"a user's unit", func(tree *tree) {
			tree.add(task{pid: 201, uid: 1000, comm: "app", cgroup: "/user.slice/user-1000.slice/user@1000.service/app.slice/nginx.service"})
		}, 201, "nginx.service name=nginx.service by unit", 1000},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree := newTree(t)
			test.make(tree)
			n := tree.resolve()
			o := n.Of(n.snap.ByPID(test.pid))
			if got := o.line(); got != test.want {
				t.Fatalf("got  %s\nwant %s", got, test.want)
			}
			if o != nil && o.User != test.user {
				t.Errorf("%s is known by the word of %d, not %d", o, o.User, test.user)
			}
		})
	}
}

// TestTrustDaemons holds that a daemon names only what is its user's.
func TestTrustDaemons(t *testing.T) {
	const list = "HTTP/1.0 200 OK\r\n\r\n" + `[{"Id":"` + idA + `","Names":["/bank"],"Image":"bank:1"}]`
	tests := []struct {
		name string
		uid  int // of the daemon
		make func(tree *tree)
		want string
	}{
		{"root's about a user's, whose own conmon is above", 0, func(tree *tree) {
			tree.add(task{pid: 200, uid: 33, comm: "conmon", cgroup: apache, args: []string{"x", "-c", idA}})
			tree.add(task{pid: 201, ppid: 200, uid: 33, comm: "app", cgroup: apache, ns: within(7, ns.Mnt, ns.User)})
		}, "podman:0123456789ab id=A by nobody"},
		{"a user's about root's that runs as the user", 1000, func(tree *tree) {
			tree.shim(100, "moby", idA)
			tree.add(task{pid: 201, ppid: 100, uid: 1000, comm: "app", cgroup: "/docker/" + idA, ns: within(7, all...)})
		}, "docker:0123456789ab id=A by nobody"},
		{"root's about root's that runs as a user", 0, func(tree *tree) {
			tree.shim(100, "moby", idA)
			tree.add(task{pid: 201, ppid: 100, uid: 1000, comm: "app", cgroup: "/docker/" + idA, ns: within(7, all...)})
		}, "docker:bank id=A name=bank image=bank:1 by socket"},
		{"a user's about the user's", 1000, func(tree *tree) {
			tree.add(task{pid: 201, uid: 100999, comm: "app", ns: within(7, all...), cgroup: "/user.slice/user-1000.slice/user@1000.service/docker-" + idA + ".scope"})
		}, "docker:bank id=A name=bank image=bank:1 by socket"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree := newTree(t)
			test.make(tree)
			serveDocker(t, list)
			tree.own(strings.TrimPrefix(os.Getenv("DOCKER_HOST"), "unix://"), test.uid)
			r := tree.resolver()
			snap := tree.scan(procscan.Groups)
			r.Resolve(t.Context(), snap)
			r.Ask(t.Context())
			if got := r.Resolve(t.Context(), snap).Of(snap.ByPID(201)).line(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestDelegated holds that who was given a part of the tree of control groups does not speak for root there.
func TestDelegated(t *testing.T) {
	for path, want := range map[string]uint32{
		"/system.slice/docker-" + idA + ".scope":                                        0,
		"/user.slice/user-0.slice/docker-" + idA + ".scope":                             0,
		"/../../user.slice/user-1000.slice/docker-" + idA + ".scope":                    1000,
		"/x/user.slice/user-1000.slice/docker-" + idA + ".scope":                        1000,
		"/system.slice/x.service/user.slice/user-0.slice/docker-" + idA + ".scope":      33,
		"/system.slice/x.scope/user.slice/user-1000.slice/docker-" + idA + ".scope":     33,
		"/user/33/user.slice/user-0.slice/docker-" + idA + ".scope":                     33,
		"/system.slice/nginx.service":                                                   0,
		"/system.slice/x.service/nginx.service":                                         NoUser,
		"/system.slice/x.service/user.slice/user-0.slice/nginx.service":                 NoUser,
		"/user.slice/user-1000.slice/user@1000.service/nginx.service":                   1000,
		"/user.slice/user-1000.slice/user@1000.service/user.slice/user-0.slice/x.scope": 1000,
	} {
		w := newWorld(t)
		p := w.add(&procscan.Process{PID: 100, UID: 33, Comm: "app", Cgroup: path, NS: within(7, all...)})
		if o := w.resolve(New(Options{Root: "/nowhere"})).Of(p); o == nil || o.User != want {
			t.Errorf("%s is of %+v, and not of %d", path, o, want)
		}
	}
}

// setuidEnv has the test binary be a program that waits until its input ends: "root" after it has made itself
// root by all its uids, as sudo(8) does.
const setuidEnv = "NSTUI_TEST_SETUID"

func init() {
	mode, ok := os.LookupEnv(setuidEnv)
	if !ok {
		return
	}
	if mode == "root" {
		if err := syscall.Setresuid(0, 0, 0); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	fmt.Println("effective uid", os.Geteuid())
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// startSetuid starts a copy of the test binary as a user, waits until it has the effective uid 0, and returns
// its pid. It ends with the test.
func startSetuid(t *testing.T, program, mode string, uid uint32) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = []string{setuidEnv + "=" + mode}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid, NoSetGroups: true}}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait() // the test's context may have killed it
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "effective uid 0\n" {
		t.Fatalf("the program says %q, %v", line, err)
	}
	return cmd.Process.Pid
}

// TestRealUser holds who is taken to run a real process with the effective uid 0.
func TestRealUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root: a setuid program of root's")
	}
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // others may pass
		t.Fatal(err)
	}
	tests := []struct {
		name, mode string
		bits       os.FileMode
		as, want   uint32
	}{
		{"root's", "", 0o755, 0, 0},
		{"a user's setuid program", "", 0o755 | os.ModeSetuid, 1234, 1234},
		{"a user's setuid program that is root by all its uids", "root", 0o755 | os.ModeSetuid, 1234, NoUser},
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			program := filepath.Join(dir, strconv.Itoa(i)+"-shim")
			if err := os.WriteFile(program, self, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(program, test.bits); err != nil {
				t.Fatal(err)
			}
			pid := startSetuid(t, program, test.mode, test.as)
			snap, err := procscan.New(procscan.Options{}).Scan(t.Context(), procscan.Groups, nil)
			if err != nil {
				t.Fatal(err)
			}
			p := snap.ByPID(pid)
			if p == nil || p.UID != 0 {
				t.Fatalf("process %d is %+v", pid, p)
			}
			q := &inquiry{root: procscan.DefaultRoot}
			if got := q.realUser(p.ID()); got != test.want {
				t.Errorf("process %d is of %d, not %d", p.PID, got, test.want)
			}
			if got := New(Options{}).Resolve(t.Context(), snap).Setuid(p); got != (test.want != 0) {
				t.Errorf("process %d is a setuid program: %v", p.PID, got)
			}
		})
	}
}

// TestSetuidLater holds that a process that root began is looked at again once it has executed something else.
func TestSetuidLater(t *testing.T) {
	tree := newTree(t)
	tree.add(task{pid: 10, comm: "cron", args: []string{"/usr/sbin/cron"}})
	r := tree.resolver()
	snap := tree.scan(procscan.Groups | procscan.Texts)
	if r.Resolve(t.Context(), snap).Setuid(snap.ByPID(10)) {
		t.Error("root's own is a setuid program")
	}
	tree.write(tree.root+"/10/status", "Name:\tcron\nUid:\t1000\t0\t0\t0\n")
	if snap = tree.scan(procscan.Groups | procscan.Texts); r.Resolve(t.Context(), snap).Setuid(snap.ByPID(10)) {
		t.Error("a process is looked at again and again")
	}
	tree.remove(10)
	tree.add(task{pid: 10, ruid: 1000, comm: "theirs", args: []string{"./theirs"}})
	if snap = tree.scan(procscan.Groups | procscan.Texts); !r.Resolve(t.Context(), snap).Setuid(snap.ByPID(10)) {
		t.Error("what a user has executed is root's")
	}
}
