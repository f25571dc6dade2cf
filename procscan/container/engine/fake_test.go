package engine

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// fake is an engine that does what a test wants of it.
type fake struct {
	socket Socket

	mu    sync.Mutex
	asked []string // the first line of each question
	held  []net.Conn
}

// startFake listens until the end of the test, reads each question and then calls answer.
func startFake(t *testing.T, answer func(*fake, net.Conn)) *fake {
	t.Helper()
	f := &fake{socket: ownSocket(t, "/docker.sock")}
	listener, err := net.Listen("unix", filepath.Join(f.socket.Root, f.socket.Path))
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			served.Go(func() { f.serve(conn, answer) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		f.mu.Lock()
		for _, conn := range f.held {
			_ = conn.Close()
		}
		f.mu.Unlock()
		served.Wait()
	})
	return f
}

// serve reads a question, and answers it. The connection is closed at the end of the test if answer leaves it open.
func (f *fake) serve(conn net.Conn, answer func(*fake, net.Conn)) {
	f.mu.Lock()
	f.held = append(f.held, conn)
	f.mu.Unlock()
	lines := bufio.NewReader(conn)
	first := ""
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		if first == "" {
			first = strings.TrimSpace(line)
		}
		if line == "\r\n" {
			break
		}
	}
	f.mu.Lock()
	f.asked = append(f.asked, first)
	f.mu.Unlock()
	answer(f, conn)
}

// questions returns the first lines of all questions up to now.
func (f *fake) questions() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.asked...)
}

// says is an answer that is a text.
func says(text string) func(*fake, net.Conn) {
	return func(_ *fake, conn net.Conn) {
		_, _ = io.WriteString(conn, text) // who asked may have hung up
		_ = conn.Close()
	}
}

// holds is no answer, and no end of the connection either.
func holds(*fake, net.Conn) {}

// ownSocket is a path in a folder of the test's own, which is a short one: a socket's path has 107 bytes.
func ownSocket(t *testing.T, name string) Socket {
	t.Helper()
	root, err := os.MkdirTemp("", "engine")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(root); err != nil {
			t.Error(err)
		}
	})
	s := Socket{Engine: Docker, Root: root, Path: name, UID: uint32(os.Getuid())}
	if err := os.MkdirAll(filepath.Dir(s.file()), 0o755); err != nil {
		t.Fatal(err)
	}
	return s
}

// file is the path of the socket for this program.
func (s Socket) file() string { return filepath.Join(s.Root, s.Path) }

// wantStatus checks that the error is one of the socket, with that status and text, and returns it.
func wantStatus(t *testing.T, err error, status Status, text string) {
	t.Helper()
	var failed *Error
	if !errors.As(err, &failed) {
		t.Fatalf("got the error %v, want one that is %v", err, status)
	}
	if failed.Status != status || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v: %v; want %v: %s", failed.Status, err, status, text)
	}
	if !strings.Contains(err.Error(), failed.Socket.file()) {
		t.Errorf("the error does not say of which socket it is: %v", err)
	}
}

// asUser calls f in a thread of another user, which ends with it, and returns its error. Only root can do that.
func asUser(uid int, f func() error) error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() == os.Getpid() { // the first thread must stay what it is
			result <- asUser(uid, f)
			runtime.UnlockOSThread()
			return
		}
		// unix.Setresuid would change all threads.
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(uid), uintptr(uid), uintptr(uid)); errno != 0 {
			result <- fmt.Errorf("become uid %d: %w", uid, errno)
			return
		}
		result <- f()
	}()
	return <-result
}
