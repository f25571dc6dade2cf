package container

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nstui/procscan"
	"nstui/procscan/container/engine"
)

// serveDocker answers each question at a socket with the text until the end of the test, or never if that is
// empty, and makes the socket the one of $DOCKER_HOST.
func serveDocker(t *testing.T, text string) {
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
			if text == "" {
				_, _ = io.Copy(io.Discard, question) // until whoever asks has had enough
			}
			_, _ = io.WriteString(conn, text)
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

// askedWorld has one container of docker's that no file tells of, of the user.
func askedWorld(t *testing.T, uid int) (w *world, r *Resolver, id string) {
	t.Helper()
	w = newWorld(t)
	id = strings.Repeat("5a", 32)
	group := "/docker/" + id // which only root can make
	if uid != 0 {
		group = fmt.Sprintf("/user.slice/user-%d.slice/user@%[1]d.service/user.slice/docker-%s.scope", uid, id)
	}
	w.add(&procscan.Process{PID: 100, Comm: "httpd", UID: uint32(uid), NS: within(1, all...), Cgroup: group})
	return w, New(Options{Root: t.TempDir(), Host: t.TempDir()}), id
}

// TestAskDaemon takes the name of a container from the daemon, and only if its owner may tell.
func TestAskDaemon(t *testing.T) {
	for name, tt := range map[string]struct {
		uid  int
		want string
	}{
		"of the same user": {os.Getuid(), "web"},
		"of another user":  {os.Getuid() + 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if os.Getuid() == 0 && tt.want == "" {
				return // what root's daemon may tell of others' is another question
			}
			w, r, id := askedWorld(t, tt.uid)
			serveDocker(t, "HTTP/1.0 200 OK\r\n\r\n"+`[{"Id":"`+id+`","Names":["/web"],"Image":"nginx","State":"paused","Labels":{"com.docker.compose.project":"shop","com.docker.compose.container-number":"1"}}]`)
			before := w.resolve(r)
			o := before.Of(before.Snapshot().ByPID(100))
			if o == nil || o.Name != "" || o.ID != id {
				t.Fatalf("before anybody is asked it is %+v", o)
			}
			if news := r.Ask(t.Context()); news != (tt.want != "") {
				t.Errorf("there is news: %v", news)
			}
			after := w.resolve(r)
			o = after.Of(after.Snapshot().ByPID(100))
			if o == nil || o.Name != tt.want {
				t.Fatalf("it is %+v", o)
			}
			if tt.want != "" && (o.Image != "nginx" || o.State != "paused" || o.Project != "shop" || o.From != BySocket) {
				t.Errorf("it is %+v", o)
			}
			if r.Ask(t.Context()) {
				t.Error("there is news again")
			}
		})
	}
}

// TestAskedBefore holds that to ask about an older snapshot once more, as a screen that shows it does, costs nothing
// that was told about a newer one.
func TestAskedBefore(t *testing.T) {
	w, r, id := askedWorld(t, os.Getuid())
	serveDocker(t, "HTTP/1.0 200 OK\r\n\r\n"+`[{"Id":"`+id+`","Names":["/web"]}]`)
	newer := w.snapshot()
	w.procs = w.procs[:1]
	older := w.snapshot()
	older.At = time.Unix(1000, 0)
	newer.At = older.At.Add(time.Second)
	r.Resolve(t.Context(), older)
	r.Resolve(t.Context(), newer)
	r.Ask(t.Context())
	named := r.Resolve(t.Context(), newer)
	if of(named, 100) != "docker:web" {
		t.Fatalf("it is %q", of(named, 100))
	}
	if late := r.Resolve(t.Context(), older); late.Snapshot() != older || late.Serial() <= named.Serial() {
		t.Errorf("the names for the older one have number %d after %d", late.Serial(), named.Serial())
	}
	if again := r.Resolve(t.Context(), newer); of(again, 100) != "docker:web" {
		t.Errorf("then it is %q", of(again, 100))
	}
	// Nor may what is new be taken for shown with it.
	newest := w.snapshot()
	newest.Procs, newest.At = newer.Procs, newer.At.Add(time.Second)
	if n := r.Resolve(t.Context(), newest); of(n, 100) != "docker:web" {
		t.Errorf("after the next scan it is %q", of(n, 100))
	}
}

// TestAskSilent says who does not answer and since when, and costs nothing but the name.
func TestAskSilent(t *testing.T) {
	w, r, id := askedWorld(t, os.Getuid())
	serveDocker(t, "")
	w.resolve(r)
	start := time.Now()
	if !r.Ask(t.Context()) {
		t.Error("there is no news")
	}
	n := w.resolve(r)
	silent := n.Silent()
	if len(silent) != 1 || !strings.HasPrefix(silent[0].Source, "docker") || silent[0].Since.Before(start) {
		t.Errorf("silent are %+v", silent)
	}
	if o := n.Of(n.Snapshot().ByPID(100)); o == nil || o.ID != id || o.Name != "" {
		t.Errorf("it is %+v", o)
	}
}

// A daemon that may not be asked is told of apart from one that does not answer.
func TestTroubles(t *testing.T) {
	docker, podman := engine.Socket{Engine: engine.Docker}, engine.Socket{Engine: engine.Podman}
	n := &Names{silent: troubles([]engine.State{
		{Socket: docker, Status: engine.Forbidden, Err: os.ErrPermission},
		{Socket: podman, Status: engine.Silent},
		{Socket: docker, Status: engine.Answered},
		{Socket: docker, Status: engine.Absent},
	})}
	if list := n.Denied(); len(list) != 1 || list[0].Source != "docker" || !errors.Is(list[0].Err, os.ErrPermission) {
		t.Errorf("denied are %+v", list)
	}
	if list := n.Silent(); len(list) != 1 || list[0].Source != "podman" {
		t.Errorf("silent are %+v", list)
	}
}

// TestAllAtOnce has who scans, who asks and who shows an older snapshot call at the same time: what a daemon told is
// not lost, and all of it may be read meanwhile.
func TestAllAtOnce(t *testing.T) {
	w, r, id := askedWorld(t, os.Getuid())
	serveDocker(t, "HTTP/1.0 200 OK\r\n\r\n"+`[{"Id":"`+id+`","Names":["/web"],"Image":"nginx"}]`)
	old := w.snapshot()
	old.At = time.Unix(1, 0)
	w.procs[1].Start = 200 // the container has been started again
	snap := w.snapshot()
	snap.At = time.Unix(2, 0)
	r.Resolve(t.Context(), snap)
	var all sync.WaitGroup
	for _, do := range []func(){
		func() { r.Resolve(t.Context(), old).Find("web") },
		func() { r.Resolve(t.Context(), snap).Containers() },
		func() { r.Ask(t.Context()) },
		func() { r.Stopped(t.Context(), "web") },
	} {
		all.Go(func() {
			for range 20 {
				do()
			}
		})
	}
	all.Wait()
	if got := of(r.Resolve(t.Context(), snap), 100); got != "docker:web" {
		t.Errorf("it is %s", got)
	}
}
