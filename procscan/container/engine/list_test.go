package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestList(t *testing.T) {
	f := startFake(t, says(ok(web)))
	list, err := List(t.Context(), f.socket)
	if err != nil || len(list) != 1 {
		t.Fatalf("got %+v, %v", list, err)
	}
	if c := list[0]; c.Name != "web" || c.Engine != Docker || c.UID != f.socket.UID {
		t.Errorf("got %+v", c)
	}
	if asked := f.questions(); len(asked) != 1 || asked[0] != "GET /containers/json HTTP/1.0" {
		t.Errorf("it was asked %q", asked)
	}
}

// TestListPodman asks podman in its own way, also where the socket is only called docker's.
func TestListPodman(t *testing.T) {
	for name, tt := range map[string]struct {
		answers []string
		want    []Container
		asked   []string
	}{
		"own list": {
			[]string{ok(inPod)},
			[]Container{{Name: "deadbeef-infra", PodName: "mypod"}},
			[]string{"/v4.0.0/libpod/containers/json?filters=%7B%22status%22%3A%5B%22running%22%2C%22paused%22%5D%7D"},
		},
		"no own list": {
			[]string{"HTTP/1.0 404 Not Found\r\n\r\n", ok(web)},
			[]Container{{Name: "web"}},
			[]string{"/v4.0.0/libpod/containers/json?filters=%7B%22status%22%3A%5B%22running%22%2C%22paused%22%5D%7D", "/containers/json"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			f := startFake(t, func(f *fake, conn net.Conn) { says(tt.answers[asked.Add(1)-1])(f, conn) })
			s := f.socket
			if err := os.Mkdir(filepath.Join(s.Root, "podman"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(s.file(), filepath.Join(s.Root, "podman/podman.sock")); err != nil {
				t.Fatal(err)
			}
			// As a package of podman's does it; in a container the path is one of the host's root.
			if err := os.Symlink("/podman/podman.sock", s.file()); err != nil {
				t.Fatal(err)
			}
			s.UID, s.Given = 0, true
			list, err := List(t.Context(), s)
			if err != nil || len(list) != len(tt.want) {
				t.Fatalf("got %+v, %v", list, err)
			}
			for i, want := range tt.want {
				if c := list[i]; c.Name != want.Name || c.PodName != want.PodName || c.Engine != Podman {
					t.Errorf("got %+v", c)
				}
			}
			for i, question := range f.questions() {
				if question != "GET "+tt.asked[i]+" HTTP/1.0" {
					t.Errorf("question %d is %q", i, question)
				}
			}
		})
	}
}

// TestListErrors tells what is the matter with a socket.
func TestListErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		make   func(t *testing.T, s *Socket)
		status Status
		text   string
	}{
		"absent":    {func(*testing.T, *Socket) {}, Absent, "no such file or directory"},
		"no folder": {func(_ *testing.T, s *Socket) { s.Path = "/none/docker.sock" }, Absent, "no such file or directory"},
		"no root":   {func(_ *testing.T, s *Socket) { s.Root += "/none" }, Absent, "no such file or directory"},
		"a folder": {func(t *testing.T, s *Socket) {
			t.Helper()
			check(t, os.Mkdir(s.file(), 0o755))
		}, Foreign, "it is not a socket"},
		"a pipe": {func(t *testing.T, s *Socket) {
			t.Helper()
			check(t, unix.Mkfifo(s.file(), 0o644))
		}, Foreign, "it is not a socket"},
		"a link in a user's folder": {func(t *testing.T, s *Socket) {
			t.Helper()
			check(t, os.Symlink("/anything", s.file()))
			s.UID = 12345
		}, Foreign, "too many levels of symbolic links"},
		"somebody else's": {func(t *testing.T, s *Socket) {
			t.Helper()
			_ = bound(t, s, unix.SOCK_STREAM)
			s.UID++
		}, Foreign, fmt.Sprintf("it belongs to uid %d, not to uid %d", os.Getuid(), os.Getuid()+1)},
		"nobody listens":   {func(t *testing.T, s *Socket) { t.Helper(); _ = bound(t, s, unix.SOCK_STREAM) }, Dead, "connect: connection refused"},
		"another protocol": {func(t *testing.T, s *Socket) { t.Helper(); _ = bound(t, s, unix.SOCK_DGRAM) }, Foreign, "connect: protocol wrong type"},
		"many wait": {func(t *testing.T, s *Socket) {
			t.Helper()
			fd := bound(t, s, unix.SOCK_STREAM)
			check(t, unix.Listen(fd, 0))
			fill(t, s)
		}, Silent, "connect: too many wait for it already"},
	} {
		t.Run(name, func(t *testing.T) {
			s := ownSocket(t, "/docker.sock")
			tt.make(t, &s)
			list, err := List(t.Context(), s)
			wantStatus(t, err, tt.status, tt.text)
			if list != nil {
				t.Errorf("got %+v, too", list)
			}
		})
	}
}

// TestListForbidden asks where this process may not.
func TestListForbidden(t *testing.T) {
	s := ownSocket(t, "/docker.sock")
	check(t, unix.Listen(bound(t, &s, unix.SOCK_STREAM), 1))
	check(t, os.Chmod(s.file(), 0))
	check(t, os.Chmod(s.Root, 0o711))
	ask := func() error {
		_, err := List(t.Context(), s)
		return err
	}
	var err error
	if os.Getuid() == 0 {
		err = asUser(65534, ask)
	} else {
		err = ask()
	}
	wantStatus(t, err, Forbidden, "connect: permission denied")
}

// TestListPeer does not believe a user who listens at a socket of another's.
func TestListPeer(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root to be two users")
	}
	s := ownSocket(t, "/docker.sock")
	fd := bound(t, &s, unix.SOCK_STREAM)
	check(t, os.Chown(s.file(), 1001, 0))
	s.UID = 1001
	check(t, asUser(1002, func() error { return unix.Listen(fd, 8) }))
	_, err := List(t.Context(), s)
	wantStatus(t, err, Foreign, "uid 1002 listens at a socket of uid 1001")
	check(t, os.Chown(s.file(), 0, 0))
	s.UID = 0
	_, err = List(t.Context(), s)
	wantStatus(t, err, Foreign, "uid 1002 listens at a socket of uid 0")
}

// TestListSilent waits for engines that never come to an end, and no longer than it is patient: the deadline is
// one for everything, however often something comes.
func TestListSilent(t *testing.T) {
	tick := func(_ *fake, conn net.Conn) {
		ticks := time.NewTicker(5 * time.Millisecond)
		defer ticks.Stop()
		for range ticks.C {
			if _, err := io.WriteString(conn, " "); err != nil {
				return
			}
		}
	}
	for name, answer := range map[string]func(*fake, net.Conn){
		"never answers": holds,
		"half a head":   func(_ *fake, conn net.Conn) { _, _ = io.WriteString(conn, "HTTP/1.0 200 OK\r\nA: ") },
		"half a list":   func(_ *fake, conn net.Conn) { _, _ = io.WriteString(conn, ok(web[:100])) },
		"no end of a list": func(_ *fake, conn net.Conn) {
			_, _ = io.WriteString(conn, ok(strings.TrimSuffix(web, "]\n")))
		},
		"byte by byte": func(f *fake, conn net.Conn) {
			_, _ = io.WriteString(conn, ok("["))
			tick(f, conn)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := startFake(t, answer)
			_, err := listPatiently(t.Context(), f.socket, 200*time.Millisecond)
			wantStatus(t, err, Silent, "no answer in time")
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the cause is lost: %v", err)
			}
		})
	}
}

// TestListNotAccepted asks an engine that is stopped: the kernel takes the question, and nobody reads it.
func TestListNotAccepted(t *testing.T) {
	s := ownSocket(t, "/docker.sock")
	check(t, unix.Listen(bound(t, &s, unix.SOCK_STREAM), 8))
	_, err := listPatiently(t.Context(), s, 100*time.Millisecond)
	wantStatus(t, err, Silent, "no answer in time")
}

// TestListCancelled ends with the context, and says that it did.
func TestListCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := startFake(t, func(*fake, net.Conn) { cancel() })
	_, err := listPatiently(ctx, f.socket, time.Hour)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, is := errors.AsType[*Error](err); is {
		t.Errorf("that is not the socket's fault: %v", err)
	}
}

// TestListHuge stops reading from an engine that sends a gigabyte.
func TestListHuge(t *testing.T) {
	for name, tt := range map[string]struct {
		first, piece, want string
	}{
		"containers":    {"[", `{"Id":"` + id(1) + `","Command":"` + strings.Repeat("x", 64<<10) + `"},`, "it answers more than 32768 KiB"},
		"one container": {`[{"Command":"`, strings.Repeat("x", 64<<10), "it describes a container in more than 1024 KiB"},
	} {
		if raceDetector && name == "containers" {
			continue // 32 MiB of JSON take minutes
		}
		t.Run(name, func(t *testing.T) {
			sent := make(chan int, 1)
			f := startFake(t, func(_ *fake, conn net.Conn) {
				defer func() { _ = conn.Close() }()
				n, _ := io.WriteString(conn, ok(tt.first))
				for n < 1<<30 {
					more, err := io.WriteString(conn, tt.piece)
					if n += more; err != nil {
						break
					}
				}
				sent <- n
			})
			_, err := listPatiently(t.Context(), f.socket, time.Minute)
			wantStatus(t, err, Wrong, tt.want)
			if n := <-sent; n > 40<<20 {
				t.Errorf("it could send %d bytes", n)
			}
		})
	}
}

// TestListMany lists as many containers as nobody has.
func TestListMany(t *testing.T) {
	many := 100_000
	if raceDetector {
		many = 10_000
	}
	f := startFake(t, func(_ *fake, conn net.Conn) {
		defer func() { _ = conn.Close() }()
		_, _ = io.Copy(conn, io.MultiReader(strings.NewReader(ok("[")), containers(many), strings.NewReader("]")))
	})
	list, err := listPatiently(t.Context(), f.socket, time.Minute)
	if err != nil || len(list) != many || list[many-1].Name != fmt.Sprintf("c%d", many-1) {
		t.Errorf("got %d containers: %v", len(list), err)
	}
}

// TestListManyOfUser holds that another user's engine may not say as much.
func TestListManyOfUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root to be two users")
	}
	for many, want := range map[int]string{mostOfUser.containers: "", mostOfUser.containers + 1: "it lists more than 4096 containers"} {
		f := startFake(t, func(_ *fake, conn net.Conn) {
			defer func() { _ = conn.Close() }()
			_, _ = io.Copy(conn, io.MultiReader(strings.NewReader(ok("[")), containers(many), strings.NewReader("]")))
		})
		check(t, os.Chown(f.socket.file(), 1001, 0))
		f.socket.UID = 1001
		list, err := listPatiently(t.Context(), f.socket, time.Minute)
		if want != "" {
			wantStatus(t, err, Wrong, want)
		} else if err != nil || len(list) != many {
			t.Errorf("got %d containers: %v", len(list), err)
		}
	}
}

// TestListRefused says what the engine said.
func TestListRefused(t *testing.T) {
	f := startFake(t, says("HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\n\r\n{\"message\":\"no disk\"}\n"))
	_, err := List(t.Context(), f.socket)
	wantStatus(t, err, Wrong, `it answers "500 Internal Server Error": "no disk"`)
}

// TestSockets lists what could be there.
func TestSockets(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"1000", "0", "lost+found", "4294967296"} {
		check(t, os.MkdirAll(filepath.Join(root, "run/user", name), 0o700))
	}
	system := []string{"podman " + root + "/run/podman/podman.sock", "docker " + root + "/run/docker.sock", "docker " + root + "/var/run/docker.sock"}
	users := []string{
		"docker of uid 1000 " + root + "/run/user/1000/docker.sock",
		"podman of uid 1000 " + root + "/run/user/1000/podman/podman.sock",
	}
	for host, more := range map[string][]string{
		"":                                nil,
		"tcp://127.0.0.1:2375":            nil,
		"ssh://root@host":                 nil,
		"unix://relative":                 nil,
		"/run/docker.sock":                nil,
		"unix:///home/u/docker.sock":      {"docker /home/u/docker.sock given"},
		"unix:///tmp//podman/podman.sock": {"podman /tmp/podman/podman.sock given"},
	} {
		var got []string
		for _, s := range Sockets(root, host) {
			text := s.String() + " " + s.file()
			if s.Given {
				text += " given"
			}
			got = append(got, text)
		}
		want := append(append(append([]string(nil), system...), users...), more...)
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("with %q: got\n%s\nwant\n%s", host, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	for _, s := range Sockets("/", "unix:///run/docker.sock") {
		if s.Given {
			t.Errorf("%v is listed twice", s.Path)
		}
	}
}

// listPatiently is List with another patience.
func listPatiently(ctx context.Context, s Socket, patience time.Duration) ([]Container, error) {
	d, err := s.open()
	if err != nil {
		return nil, err
	}
	defer d.close()
	return s.list(ctx, d, &lookout{proc: "/proc"}, patience)
}

// bound makes a socket in the file system that nobody listens at yet.
func bound(t *testing.T, s *Socket, kind int) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC, 0)
	check(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	check(t, unix.Bind(fd, &unix.SockaddrUnix{Name: s.file()}))
	return fd
}

// fill connects to a socket until nobody else can.
func fill(t *testing.T, s *Socket) {
	t.Helper()
	for {
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		check(t, err)
		t.Cleanup(func() { unix.Close(fd) })
		err = unix.Connect(fd, &unix.SockaddrUnix{Name: s.file()})
		if errors.Is(err, unix.EAGAIN) {
			return
		}
		check(t, err)
	}
}

// check fails the test if there is an error.
func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
