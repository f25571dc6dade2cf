package cli

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nstui/procscan"
	"nstui/procscan/container"
	"nstui/procscan/ns"
)

// lyingDocker answers each question at the socket of $DOCKER_HOST with what is no list of containers.
func lyingDocker(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "docker") // a socket's path has 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "docker.sock")
	listener, err := net.Listen("unix", name)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			question := bufio.NewReader(conn)
			for line := "-"; strings.TrimSpace(line) != ""; {
				line, _ = question.ReadString('\n')
			}
			_, _ = io.WriteString(conn, "HTTP/1.0 500 \x1b[2J\r\n\r\n")
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
		_ = os.RemoveAll(dir)
	})
	t.Setenv("DOCKER_HOST", "unix://"+name)
}

// dockside is the harbour with a process whose name nothing else has.
func dockside() (*procscan.Snapshot, *fakeNamer) {
	snap, namer := harbour()
	snap.Procs = append(snap.Procs, &procscan.Process{PID: 410, PPID: 1, Start: 410, Comm: "cache", NS: snap.Mine, Cgroup: "/system.slice/old.service"})
	return snap, namer
}

// Before a process is taken, root's even, the daemons are asked for a container of that name.
func TestTargetAsksBeforeAProcess(t *testing.T) {
	snap, namer := dockside()
	at, err := searchIn(snap, namer).resolve("cache")
	if err != nil || at.refs[0].PID != 110 || namer.asked != 1 || len(at.notes) > 0 {
		t.Errorf("got %+v, %v; asked %d times", at, err, namer.asked)
	}
	snap, namer = dockside()
	namer.late = nil // nobody has it
	at, err = searchIn(snap, namer).resolve("cache")
	if err != nil || at.refs[0].PID != 410 || namer.asked != 1 || len(at.notes) > 0 {
		t.Errorf("got %+v, %v; asked %d times", at, err, namer.asked)
	}
}

// A process is taken only with a word where a daemon does not tell what it knows, and so is what a user calls so.
func TestTargetNotedWhereDaemonsDoNotTell(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("root's containers are asked of root's daemon alone, and only root makes a socket of root's")
	}
	lyingDocker(t)
	for word, want := range map[string]string{
		"cache":      `target "cache": process 410 is taken, but a container may be called so: docker`,
		"inner":      `target "inner": docker:kind > docker:inner is taken, but a container may be called so: docker`,
		"cow":        "",
		"docker":     "",
		"unit:other": "", // only a user has it
	} {
		snap, namer := dockside()
		snap.Procs = append(snap.Procs, &procscan.Process{
			PID: 420, PPID: 1, Start: 420, UID: 1000, Comm: "x", NS: snap.Mine,
			Cgroup: "/user.slice/user-1000.slice/user@1000.service/app.slice/other.service",
		})
		namer.resolver = container.New(container.Options{Root: "/nonexistent", Host: t.TempDir()})
		r := searchIn(snap, namer)
		r.ask = func() bool { return namer.resolver.Ask(context.Background()) }
		at, err := r.resolve(word)
		said := strings.Join(at.notes, "\n")
		if err != nil || (want == "") != (said == "") || !strings.HasPrefix(said, want) || strings.Contains(said, "\x1b") {
			t.Errorf("%s: got %v, %v, want %s", word, said, err, want)
		}
	}
}

// Of many that others call so a few are told of, and what they are called is hostile.
func TestNotesAreShort(t *testing.T) {
	snap, namer := harbour()
	for pid := range 5 {
		p := &procscan.Process{PID: 500 + pid, PPID: 1, Start: 1, UID: 1000, Comm: "x", NS: ns.Tuple{1, 2, 3, 4, 5, 6, 777, 8}}
		id := longID("ab" + string(rune('1'+pid)))
		p.Cgroup = "/user.slice/user-1000.slice/user@1000.service/docker/" + id
		snap.Procs = append(snap.Procs, p)
		namer.told[id] = container.Owner{Name: "cow", User: 1000, Pod: &container.Pod{Name: "\x1b]0;" + strings.Repeat("x", 1000)}}
	}
	at, err := searchIn(snap, namer).resolve("container:cow")
	if err != nil || at.refs[0].PID != 140 || len(at.notes) != 4 || !strings.HasSuffix(at.notes[3], ": 2 more containers are called so, too") {
		t.Fatalf("got %+v, %v", at, err)
	}
	for _, note := range at.notes {
		if strings.Contains(note, "\x1b") || len(note) > 400 {
			t.Errorf("it says %q", note)
		}
	}
}
