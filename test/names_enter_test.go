package test

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// What people call containers and pods leads into them, in the machines as on any host.
func TestNamesEnter(t *testing.T) {
	t.Run("hybrid", func(t *testing.T) {
		m := hybrid.use(t)
		m.testEnterNames(t, map[string]string{
			"l1": "l1", "lxc:l1": "l1", "spawned": "spawned", "fjbox": "fjbox", "byhand": "byhand", "rootless": "rootless",
			"org.nstui.Lab": "flatpak", "flatpak:org.nstui.Lab": "flatpak",
		})
		t.Run("list", m.testListNames)
		t.Run("stopped", m.testEnterStopped)
		t.Run("hung daemon", m.testEnterHungDaemon)
	})
	t.Run("booted", func(t *testing.T) {
		booted.use(t).testEnterNames(t, map[string]string{
			"unit:errand": "errand", "unit:errand.service": "errand", "unit:init.scope": "init", "spawned": "spawned", "split": "split", "rootless": "rootless",
			"pod/burrow": "digger", "pod/burrow/digger": "digger",
		})
	})
}

func (m *machine) testEnterNames(t *testing.T, own map[string]string) {
	t.Helper()
	docker := m.run(t, "docker", "inspect", "--format", "{{.Id}}", "web")
	targets := map[string]string{
		"container:web": "web", "docker:web": "web", docker: "web", docker[:12]: "web", "container:" + docker[:4]: "web",
		"side": "side", "shop-db-1": "shop-db-1", "shop/db": "shop-db-1", "compose:shop": "shop-db-1", "plain": "plain",
		"pweb": "pweb", "pod/mypod": "inpod", "mypod": "inpod", "podman:pweb": "pweb",
	}
	maps.Copy(targets, own)
	for _, p := range labPods {
		whole := p.namespace + "/" + p.name
		targets[whole], targets["pod/"+whole], targets["pod:"+p.name] = p.containers[0], p.containers[0], p.containers[0]
		for _, name := range p.containers {
			targets["pod/"+whole+"/"+name] = name
		}
	}
	for target, key := range targets {
		if m.pids[key] == 0 {
			t.Fatalf("there is no %q", key)
		}
		out, errs, status := m.nstui(t, "enter", "-t", target, "-n", "readlink", "/proc/self/ns/net")
		if want := "net:[" + inode(t, m.pids[key], "net") + "]\n"; out != want || errs != "" || status != 0 {
			t.Errorf("%s: got %q, %q and status %d, want %q", target, out, errs, status, want)
		}
	}
	for target, words := range map[string][]string{
		"no-such-name":      {"there is no container, pod or process of that name"},
		"container:shop-db": {"near names: shop-db-1"},
	} {
		out, errs, status := m.nstui(t, "enter", "-t", target, "-n", "echo", "in")
		if out != "" || status != 1 {
			t.Errorf("%s: got %q and status %d", target, out, status)
		}
		for _, word := range words {
			if !strings.Contains(errs, word) {
				t.Errorf("%s: it does not say %q:\n%s", target, word, errs)
			}
		}
	}
}

// testListNames lists what is in the machine by its names.
func (m *machine) testListNames(t *testing.T) {
	net := inode(t, m.pids["pweb"], "net") + "\n"
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-t", "net", "-Q", `CONTAINER == "pweb"`}, net},
		{[]string{"-Q", `TYPE == "net" && RUNTIME == "podman" && IMAGE =~ "tools" && CONTAINER == "pweb"`}, net},
		{[]string{"-t", "net", "-Q", `SERVICE == "db" and PROJECT == "shop"`}, inode(t, m.pids["shop-db-1"], "net") + "\n"},
		{[]string{"-t", "net", "-Q", `K8SNS == "shop"`}, inode(t, m.pids["cart"], "net") + "\n"},
	} {
		out, errs, status := m.nstui(t, append([]string{"ls", "-n", "-r", "-o", "NS"}, test.args...)...)
		if out != test.want || errs != "" || status != 0 {
			t.Errorf("%q: got %q, %q and status %d, want %q", test.args, out, errs, status, test.want)
		}
	}
	out, errs, status := m.nstui(t, "ls", "--containers", "-J", "-Q", `SHARES =~ "^host.*net"`, "-o", "NAME,PID")
	for _, name := range []string{"hosted", "kube-system/kube-proxy-tq9rm/kube-proxy"} {
		if !strings.Contains(out, `"`+name+`"`) || errs != "" || status != 0 {
			t.Errorf("in the network of the host is not %s: status %d, %q and\n%s", name, status, errs, out)
		}
	}
	if strings.Contains(out, `"web"`) {
		t.Errorf("in the network of the host is\n%s", out)
	}
}

// A container that does not run is told of as such, by root from the files of its runtime, by others from its daemon.
func (m *machine) testEnterStopped(t *testing.T) {
	m.run(t, "docker", "create", "--name", "born", "nstui-lab/tools")
	t.Cleanup(func() { m.run(t, "docker", "rm", "-f", "born", "ended") })
	m.run(t, "docker", "run", "-d", "--name", "ended", "nstui-lab/tools", "false")
	m.run(t, "docker", "wait", "ended")
	for target, want := range map[string]string{
		"born":         "docker's container born is not running (created, and never started)",
		"docker:ended": "docker's container ended is not running (exited with 1, less than a minute ago)",
	} {
		out, errs, status := m.nstui(t, "enter", "-t", target, "-n", "echo", "in")
		if out != "" || status != 1 || !strings.Contains(errs, want) {
			t.Errorf("%s: got %q, %q and status %d, want %q", target, out, errs, status, want)
		}
	}
	m.run(t, "mount", "-t", "tmpfs", "tmpfs", "/var/lib/docker/containers")
	t.Cleanup(func() { m.run(t, "umount", "/var/lib/docker/containers") })
	out, errs, status := m.nstui(t, "enter", "-t", "ended", "-n", "echo", "in")
	if out != "" || status != 1 || !strings.Contains(errs, "docker's container ended is not running (exited with 1, ") {
		t.Errorf("by the daemon: got %q, %q and status %d", out, errs, status)
	}
}

// A daemon that hangs is waited for only if a name is not known, and then not for long; that it did not answer
// is said.
func (m *machine) testEnterHungDaemon(t *testing.T) {
	_, pid := m.docker(t, "hidden")
	net := "net:[" + inode(t, pid, "net") + "]\n"
	enter := func() (stdout, stderr string, status int) {
		return m.nstui(t, "enter", "-t", "hidden", "-n", "readlink", "/proc/self/ns/net")
	}
	m.run(t, "mount", "-t", "tmpfs", "tmpfs", "/var/lib/docker/containers")
	t.Cleanup(func() { m.run(t, "umount", "/var/lib/docker/containers") })
	if out, errs, status := enter(); out != net || errs != "" || status != 0 {
		t.Errorf("by the daemon: got %q, %q and status %d, want %q", out, errs, status, net)
	}
	dockerd := m.process(t, "dockerd")
	t.Cleanup(func() { signal(t, dockerd, syscall.SIGCONT) })
	signal(t, dockerd, syscall.SIGSTOP)
	if out, errs, status := enter(); out != "" || !strings.Contains(errs, "docker: no answer") || status != 1 {
		t.Errorf("while it hangs: got %q, %q and status %d", out, errs, status)
	}
	if out, _, status := m.nstui(t, "enter", "-t", "pweb", "-n", "echo", "in"); out != "in\n" || status != 0 {
		t.Errorf("another's, while it hangs: got %q and status %d", out, status)
	}
}

// nstui runs the program in the machine.
func (m *machine) nstui(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	all := append(m.within(), m.installProgram(t))
	all = append(all, args...)
	cmd := exec.CommandContext(t.Context(), all[0], all[1:]...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// installProgram copies the program to a place in the machine, and returns its path there.
func (m *machine) installProgram(t *testing.T) string {
	t.Helper()
	const path = "/srv/nstui"
	m.program.Do(func() {
		text, err := os.ReadFile(binary)
		if err == nil {
			err = os.WriteFile(m.path(path), text, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	return path
}
