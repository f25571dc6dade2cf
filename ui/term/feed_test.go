//go:build tmux || xterm

package term

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// feeder makes a child of a terminal print things: TestFeed, in another process.
type feeder struct {
	conn    net.Conn
	replies string // what the terminal answered since the last reset
}

const (
	feedSocket = "NSTUI_TEST_FEED" // the socket that what the pane prints comes from
	asked      = "\x1b[5n"         // is answered once all before it has been read
	answer     = "\x1b[0n"
)

// startFeeding returns the command to run in a terminal, and what waits until it does.
func startFeeding(t *testing.T, dir string) (command string, accept func() *feeder) {
	t.Helper()
	path := filepath.Join(dir, "feed")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // of a test that has ended
	command = fmt.Sprintf("stty raw -echo; %s=%s exec %s -test.run '^TestFeed$'", feedSocket, path, os.Args[0])
	return command, func() *feeder {
		if err := l.SetDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		conn, err := l.Accept()
		if err != nil {
			t.Fatalf("the terminal does not start its child: %v", err)
		}
		t.Cleanup(func() { _ = conn.Close() }) // as above
		return &feeder{conn: conn}
	}
}

// feed returns when the terminal has read the data.
func (f *feeder) feed(t *testing.T, data string) {
	t.Helper()
	if err := writeFrame(f.conn, []byte(data)); err != nil {
		t.Fatal(err)
	}
	replies, err := readFrame(f.conn)
	if err != nil {
		t.Fatal(err)
	}
	f.replies += string(replies)
}

// TestFeed is the child: it prints what comes from the socket, and sends back what the terminal answered
// when that has read it all.
func TestFeed(t *testing.T) {
	if os.Getenv(feedSocket) == "" {
		return
	}
	conn, err := net.Dial("unix", os.Getenv(feedSocket))
	if err != nil {
		t.Fatal(err)
	}
	var replies []byte
	buf := make([]byte, 4096)
	for {
		data, err := readFrame(conn)
		if errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		data = append(data, asked...)
		if _, err := os.Stdout.Write(data); err != nil {
			t.Fatal(err)
		}
		for replies = replies[:0]; bytes.Count(replies, []byte(answer)) < bytes.Count(data, []byte(asked)); {
			n, err := os.Stdin.Read(buf)
			if err != nil {
				t.Fatal(err)
			}
			replies = append(replies, buf[:n]...)
		}
		if err := writeFrame(conn, replies); err != nil {
			t.Fatal(err)
		}
	}
}

// readFrame and writeFrame carry data after its length.
func readFrame(r io.Reader) ([]byte, error) {
	var n uint32
	if err := binary.Read(r, binary.LittleEndian, &n); err != nil {
		return nil, err
	}
	data := make([]byte, n)
	_, err := io.ReadFull(r, data)
	return data, err
}

func writeFrame(w io.Writer, data []byte) error {
	if err := binary.Write(w, binary.LittleEndian, uint32(len(data))); err != nil {
		return err
	}
	_, err := w.Write(data)
	return err
}
