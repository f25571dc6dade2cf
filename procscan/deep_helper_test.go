package procscan

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// helpers are what a child process of a test can do. Each prints a line when it is ready and then
// waits for the end of its input.
var helpers = map[string]func() (string, error){
	// thread is a process with a thread in network and UTS namespaces of its own.
	"thread": func() (string, error) {
		return inThread(unix.CLONE_NEWNET|unix.CLONE_NEWUTS, func() (string, error) {
			return fmt.Sprintf("%d %s %s", unix.Gettid(), linkOf("thread-self/ns/net"), linkOf("thread-self/ns/uts")), nil
		}, true)
	},
	// socket has a socket of a network namespace in which nobody is.
	"socket": func() (string, error) {
		return inThread(unix.CLONE_NEWNET, func() (string, error) {
			fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
			return fmt.Sprintf("%d %s", fd, linkOf("thread-self/ns/net")), err
		}, false)
	},
	// files has a namespace open 2,000 times, and one at the end.
	"files": func() (string, error) {
		last := 0
		for range 2000 {
			fd, err := unix.Open("/proc/self/ns/net", unix.O_RDONLY, 0)
			if err != nil {
				return "", err
			}
			last = fd
		}
		line, err := inThread(unix.CLONE_NEWUTS, func() (string, error) {
			fd, err := unix.Open("/proc/thread-self/ns/uts", unix.O_RDONLY, 0)
			return fmt.Sprintf("%d %s", fd, linkOf("thread-self/ns/uts")), err
		}, false)
		return fmt.Sprintf("%d %s %s", last, linkOf("self/ns/net"), line), err
	},
}

// inThread calls f in a thread that has left the namespaces. The thread stays, or has ended when it returns.
func inThread(flags int, f func() (string, error), stay bool) (line string, err error) {
	done, tid := make(chan struct{}), 0
	go func() {
		runtime.LockOSThread() // a goroutine that ends with it takes the thread along
		if unix.Gettid() == unix.Getpid() {
			line, err = inThread(flags, f, stay) // the first thread is the process: it is held, take another
			close(done)
			return
		}
		if err = unix.Unshare(flags); err == nil {
			line, err = f()
		}
		tid = unix.Gettid()
		close(done)
		if stay {
			select {}
		}
	}()
	<-done
	for tid != 0 && !stay { // it ends some time after the goroutine, and holds the namespaces until then
		if _, err := os.Stat(fmt.Sprintf("/proc/self/task/%d", tid)); err != nil {
			break
		}
		runtime.Gosched()
	}
	return line, err
}

func linkOf(name string) string {
	text, err := os.Readlink("/proc/" + name)
	if err != nil {
		return err.Error()
	}
	return text
}

// TestHelper is what startHelper starts.
func TestHelper(t *testing.T) {
	name := os.Getenv("PROCSCAN_TEST_HELPER")
	if name == "" {
		return // it is a child process of other tests
	}
	line, err := helpers[name]()
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("ready " + line)
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
}

// startHelper starts a helper and returns the words of its line.
func startHelper(t *testing.T, name string, attr *syscall.SysProcAttr) (*exec.Cmd, []string) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestHelper$", "-test.v")
	cmd.Env = append(os.Environ(), "PROCSCAN_TEST_HELPER="+name)
	cmd.SysProcAttr = attr
	stdin, stdout := startPiped(t, cmd)
	t.Cleanup(func() {
		_ = stdin.Close()
		end(cmd)
	})
	lines := bufio.NewScanner(stdout)
	var said []string
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
			return cmd, strings.Fields(rest)
		}
		said = append(said, lines.Text())
	}
	t.Fatalf("the helper says %q", said)
	return nil, nil
}
