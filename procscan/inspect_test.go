package procscan

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestInspect(t *testing.T) {
	cmd := start(t, nil, "")
	s := New(Options{})
	p := mustScan(t, s).ByPID(cmd.Process.Pid)
	if p == nil {
		t.Fatal("the child is missing")
	}
	d, err := s.Inspect(context.Background(), p.ID())
	if err != nil {
		t.Fatal(err)
	}
	cwd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	ours, err := s.Inspect(context.Background(), mustScan(t, s).Self)
	if err != nil {
		t.Fatal(err)
	}
	if d.ID != p.ID() || d.Threads != 1 || d.Cwd != cwd || !strings.HasPrefix(d.Exe, "/") || d.Refused != "" {
		t.Errorf("the child is %+v", d)
	}
	if ours.Threads < 2 || ours.Root != d.Root || ours.RootFS != d.RootFS || ours.UIDMap != d.UIDMap || len(strings.Fields(d.UIDMap))%3 != 0 {
		t.Errorf("we are %+v, the child is %+v", ours, d)
	}

	other := p.ID()
	other.Start++
	for _, id := range []ProcID{other, {PID: 1 << 30}} {
		if d, err := s.Inspect(context.Background(), id); !errors.Is(err, ErrGone) {
			t.Errorf("inspecting %v gives %+v, %v", id, d, err)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Inspect(ended, p.ID()); !errors.Is(err, context.Canceled) {
		t.Errorf("inspecting after the end gives %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if _, err := s.Inspect(context.Background(), p.ID()); !errors.Is(err, ErrGone) {
		t.Errorf("inspecting the dead gives %v", err)
	}
}

func TestInspectOfAFixture(t *testing.T) {
	f := newFixture(t)
	f.add(fixtureProc{pid: 7, start: 5, comm: "sh"})
	f.link("7/root", "/some/root")
	f.link("7/cwd", "/some/\x1b[31mwhere (deleted)")
	f.write("7/uid_map", "         0       1000          1\n         1     100000      65536\n")
	f.write("7/gid_map", "         0       2000          1\n")
	f.write("7/mountinfo", "1 0 0:1 / / rw - rootfs rootfs rw\n2 1 0:2 / / rw - overlay overlay rw\n3 2 0:3 / /proc rw - proc proc rw\n")
	d, err := f.scanner().Inspect(context.Background(), ProcID{7, 5})
	want := Detail{
		ID: ProcID{7, 5}, Root: "/some/root", RootFS: "overlay", Cwd: "/some/\x1b[31mwhere (deleted)", Threads: 1,
		UIDMap: "0 1000 1\n1 100000 65536", GIDMap: "0 2000 1",
	}
	if err != nil || d != want {
		t.Errorf("got %+v, %v, want %+v", d, err, want)
	}
}

// TestInspectOfAPIDThatIsReused gives the pid to another process while a file of it is read.
func TestInspectOfAPIDThatIsReused(t *testing.T) {
	f := newFixture(t)
	p := fixtureProc{pid: 7, start: 5, comm: "sh"}
	f.add(p)
	pipe := filepath.Join(f.root, "7", "uid_map")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	go func() {
		_, err := f.scanner().Inspect(context.Background(), ProcID{7, 5})
		// Whatever went wrong, the writer below must not wait for ever.
		if r, err := os.OpenFile(pipe, os.O_RDONLY|unix.O_NONBLOCK, 0); err == nil {
			t.Cleanup(func() { _ = r.Close() })
		}
		result <- err
	}()
	w, err := os.OpenFile(pipe, os.O_WRONLY, 0) // waits until Inspect opens it
	if err != nil {
		t.Fatal(err)
	}
	p.start = 6
	f.write("7/stat", p.statText())
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-result; !errors.Is(err, ErrGone) {
		t.Errorf("got %v", err)
	}
}
