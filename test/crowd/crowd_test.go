package crowd

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// read returns what is in a file of a process of the crowd.
func read(t *testing.T, parts ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCrowd(t *testing.T) {
	const n = 200
	c := Start(t, Options{Processes: n})
	pids, err := filepath.Glob(c.Root + "/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	if len(pids) != n || c.Processes != n {
		t.Errorf("there are %d processes", len(pids))
	}
	threads, zombies := 0, 0
	cmdlines, users := make(map[string]bool), make(map[uint32]bool)
	spaces := make(map[string]bool)
	for _, dir := range pids {
		stat := read(t, dir, "stat")
		fields := strings.Fields(stat[strings.LastIndex(stat, ")")+2:])
		if fields[0] == "Z" {
			zombies++
			continue
		}
		for _, kind := range []string{"net", "ipc", "uts", "mnt", "pid", "cgroup"} {
			link, err := os.Readlink(filepath.Join(dir, "ns", kind))
			if err != nil {
				t.Fatal(err)
			}
			spaces[link] = true
		}
		if filepath.Base(dir) == "1" {
			continue
		}
		count, err := strconv.Atoi(fields[17])
		if err != nil {
			t.Fatal(err)
		}
		threads += count - 1
		cmdlines[read(t, dir, "cmdline")] = true
		info, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		users[info.Sys().(*syscall.Stat_t).Uid] = true
		fds, err := os.ReadDir(filepath.Join(dir, "fd"))
		if err != nil {
			t.Fatal(err)
		}
		if len(fds) != 9 {
			t.Errorf("%s has %d descriptors", stat, len(fds))
		}
	}
	if zombies != c.Zombies || zombies == 0 || threads != c.Threads || threads < n/3 {
		t.Errorf("%d zombies, %d threads, told are %+v", zombies, threads, c)
	}
	// The pause processes of the pods are alike.
	if len(cmdlines) < n*8/10 || len(users) < 20 || len(spaces) != c.Namespaces+6 || c.Namespaces < n/3 {
		t.Errorf("%d command lines, %d users, %d namespaces, told are %+v", len(cmdlines), len(users), len(spaces), c)
	}
	for _, held := range c.Held {
		if spaces[fmt.Sprintf("%s:[%d]", held.Kind, held.Ino)] || held.Ino == 0 {
			t.Errorf("a process is in %+v", held)
		}
	}
	if len(c.Held) != 5 {
		t.Errorf("held are %+v", c.Held)
	}
}

func TestRun(t *testing.T) {
	c := Start(t, Options{Processes: 20})
	var out strings.Builder
	cmd := exec.Command("/bin/sh", "-c", "readlink /proc/self/ns/pid; set -- /proc/[0-9]*; echo $#; exit 3")
	cmd.Stdout = &out
	err := c.Run(cmd)
	want, linkErr := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", c.PID))
	if linkErr != nil {
		t.Fatal(linkErr)
	}
	// The shell comes to the 20.
	if got := out.String(); got != want+"\n21\n" || cmd.ProcessState.ExitCode() != 3 {
		t.Errorf("it wrote %q, %v; the namespace is %s", got, err, want)
	}
	if here, err := os.Readlink("/proc/self/ns/pid"); err != nil || here == want {
		t.Errorf("the test is in %s, %v", here, err)
	}
}

// BenchmarkStart measures how long it takes to make a host of 10,000 processes, and to end it.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		b.Run("10000", func(b *testing.B) {
			c := Start(b, Options{Processes: 10_000})
			b.ReportMetric(float64(c.Namespaces), "namespaces")
			b.ReportMetric(float64(c.Threads), "threads")
		})
	}
}

func TestMeasure(t *testing.T) {
	c := Start(t, Options{Processes: 20})
	// Memory of the test that must not count.
	ballast := bytes.Repeat([]byte("x"), 64<<20)
	u, out, err := c.Measure("/bin/sh", "-c", "echo x$1; exit 3", "sh", "yz")
	if err != nil || string(out) != "xyz\n" || u.Exit != 3 {
		t.Errorf("it wrote %q and took %+v, %v", out, u, err)
	}
	if u.RSS < 100<<10 || u.RSS > 10<<20 || u.CPU <= 0 || u.Wall < u.CPU/8 {
		t.Errorf("it took %+v", u)
	}
	if u, _, err := c.Measure("/nowhere"); err != nil || u.Exit != 127 {
		t.Errorf("a program that is not there took %+v, %v", u, err)
	}
	runtime.KeepAlive(ballast)
}
