package lookup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// TestOpen looks up in a folder beside which there is another, with openat2(2) and without.
func TestOpen(t *testing.T) {
	top := t.TempDir()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(top, name)
		check(os.MkdirAll(filepath.Dir(name), 0o755))
		check(os.WriteFile(name, []byte(text), 0o600))
	}
	write("in/a/b/file", "mine")
	write("in/out/file", "mine, too")
	write("out/file", "another's")
	check(os.Symlink("b/file", filepath.Join(top, "in/a/link")))
	check(os.Symlink("b", filepath.Join(top, "in/a/way")))
	check(os.Symlink("../../out", filepath.Join(top, "in/a/up")))
	check(os.Symlink("/out", filepath.Join(top, "in/a/root")))
	dir, err := unix.Open(filepath.Join(top, "in"), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	check(err)
	defer unix.Close(dir)

	// Whether a link was followed that leads out is told by what is read; "" is nothing, or a link.
	for _, tt := range []struct {
		name              string
		resolve           uint64
		open, walk, about string
	}{
		{"a/b/file", Inside, "mine", "mine", "a path"},
		{"/a/b/file", Inside, "mine", "mine", "a path from the root"},
		{"a//./b/file", Inside, "mine", "mine", "an odd path"},
		{"a/link", Inside, "mine", "", "a link at the end"},
		{"a/way/file", Inside, "mine", "", "a link in the middle"},
		{"a/up/file", Inside, "mine, too", "", "a link that leads up"},
		{"a/root/file", Inside, "mine, too", "", "a link from the root"},
		{"../out/file", Inside, "mine, too", "mine, too", "a path that leads up"},
		{"../out/file", Beside, "another's", "another's", "a path beside"},
		{"a/link", Beside, "", "", "a link at the end"},
		{"a/up/file", Beside, "", "", "a link beside"},
		{"a/none", Inside, "", "", "nothing"},
	} {
		for _, walks := range []bool{false, true} {
			want, had := tt.open, known
			if walks {
				want, known = tt.walk, func() bool { return false }
			}
			fd, err := Open(dir, tt.name, tt.resolve, 0)
			known = had
			got := ""
			if err == nil {
				got = contents(t, fd)
			}
			if got != want {
				t.Errorf("%s, %s (step by step: %v): %q, %v; want %q", tt.about, tt.name, walks, got, err, want)
			}
		}
	}
	fd, err := Open(dir, "/", Inside, unix.O_DIRECTORY)
	check(err)
	check(unix.Close(fd))
}

// contents reads the file and closes it; "" if it is a link.
func contents(t *testing.T, fd int) string {
	t.Helper()
	f := os.NewFile(uintptr(fd), "file")
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return ""
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/self/fd/%d", fd))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAgain holds that nobody can have a lookup made again without end.
func TestAgain(t *testing.T) {
	calls := 0
	_, err := again(func() (int, error) { calls++; return -1, unix.EAGAIN })
	if calls != maxAgain || !errors.Is(err, unix.EAGAIN) {
		t.Errorf("after %d calls: %v", calls, err)
	}
	calls = 0
	fd, err := again(func() (int, error) {
		if calls++; calls < 3 {
			return -1, unix.EINTR
		}
		return 7, nil
	})
	if calls != 3 || fd != 7 || err != nil {
		t.Errorf("after %d calls: %d, %v", calls, fd, err)
	}
}
