package mounts

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/sys/unix"

	"nstui/procscan/ns"
)

func TestParseLine(t *testing.T) {
	net := ns.ID{Kind: ns.Net, Ino: 4026532177}
	tests := []struct {
		text  string
		ok    bool
		mount uint64
		id    ns.ID
		path  string
	}{
		{"36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw", true, 36, ns.ID{}, ""},
		{"36 35 0:4 net:[4026532177] /run/netns/blue rw - nsfs nsfs rw", true, 36, net, "/run/netns/blue"},
		{"36 35 0:4 net:[4026532177] /run/netns/blue rw shared:5 master:2 - nsfs nsfs rw", true, 36, net, "/run/netns/blue"},
		{"36 35 0:4 net:[4026532177]//deleted /a rw - nsfs nsfs rw", true, 36, net, "/a"},
		{`36 35 0:4 net:[4026532177] /a\040b\011c\012d\134e rw - nsfs nsfs rw`, true, 36, net, "/a b\tc\nd\\e"},
		{"36 35 0:4 net:[4026532177] /run rw - ext4 nsfs rw", true, 36, ns.ID{}, ""},
		{"36 35 0:4 pipe:[7] /run rw - pipefs pipefs rw", true, 36, ns.ID{}, ""},
		{"36 35 0:4 net:[4026532177] run rw - nsfs nsfs rw", false, 0, ns.ID{}, ""},
		{"36 35 0:4 net:[0] /run rw - nsfs nsfs rw", false, 0, ns.ID{}, ""},
		{"36 35 0:4 new:[4026532177] /run rw - nsfs nsfs rw", false, 0, ns.ID{}, ""},
		{"36 35 0:4 net:[4026532177] /run rw shared:5 nsfs nsfs rw", false, 0, ns.ID{}, ""},
		{"36 35 0:4 net:[4026532177] /run rw - nsfs", false, 0, ns.ID{}, ""},
		{"36 35 0:4 net:[4026532177]", false, 0, ns.ID{}, ""},
		{"x6 35 0:4 / / rw - a b c", false, 0, ns.ID{}, ""},
		{"36  0:4 / / rw - a b c", false, 0, ns.ID{}, ""},
		{"99999999999999999999 35 0:4 / / rw - a b c", false, 0, ns.ID{}, ""},
		{"", false, 0, ns.ID{}, ""},
	}
	for _, test := range tests {
		e, ok := parseLine([]byte(test.text))
		if ok != test.ok {
			t.Errorf("%q: understood is %t", test.text, ok)
			continue
		}
		if !ok {
			continue
		}
		path, ok := unescape(e.path)
		if !ok || e.mount != test.mount || e.namespace != test.id || string(path) != test.path {
			t.Errorf("%q is %+v at %q", test.text, e, path)
		}
	}
}

func TestUnescape(t *testing.T) {
	for text, want := range map[string]string{`\040`: " ", `\377`: "\xff", `/\134040`: `/\040`, "": ""} {
		if got, ok := unescape([]byte(text)); !ok || string(got) != want {
			t.Errorf("%q is %q, %t", text, got, ok)
		}
	}
	for _, text := range []string{`\`, `\04`, `\400`, `\08 `, `a\nb`} {
		if got, ok := unescape([]byte(text)); ok {
			t.Errorf("%q is %q", text, got)
		}
	}
}

// fixture makes a proc root with the mountinfos of processes that are all in one mount namespace.
func fixture(t testing.TB, where uint64, tables map[int]string) int {
	t.Helper()
	root := t.TempDir()
	for pid, text := range tables {
		dir := filepath.Join(root, itoa(pid))
		if err := os.MkdirAll(filepath.Join(dir, "ns"), 0o755); err != nil {
			t.Fatal(err)
		}
		link := ns.ID{Kind: ns.Mnt, Ino: where}
		if err := os.Symlink(link.String(), filepath.Join(dir, "ns", "mnt")); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "mountinfo"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	fd, err := unix.Open(root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	return fd
}

func nsfsLine(mount int, id ns.ID, path string) string {
	return fmt.Sprintf("%d 1 0:4 %s %s rw shared:7 - nsfs nsfs rw\n", mount, id, path)
}

const rootLine = "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n"

func mustFind(t testing.TB, q Query) Result {
	t.Helper()
	r, err := Find(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFindInMountinfo(t *testing.T) {
	net, uts := ns.ID{Kind: ns.Net, Ino: 5000}, ns.ID{Kind: ns.UTS, Ino: 5001}
	long := "30 1 8:1 / /" + strings.Repeat("x", bufferSize) + " rw - ext4 a rw\n"
	root := fixture(t, 7, map[int]string{
		3: rootLine + nsfsLine(21, net, "/run/a") + long + nsfsLine(22, uts, `/run/b\040c`) +
			nsfsLine(23, net, "/run/a") + "not a line\n" + nsfsLine(24, net, "/run/d"),
		4: "20 1 8:1 / / rw - ext4 /dev/sda1 rw\n" + nsfsLine(25, net, "/other"),
	})
	want := []Mount{
		{net, "/run/a", 7, 3, Number{}},
		{uts, "/run/b c", 7, 3, Number{}},
		{net, "/run/a", 7, 3, Number{}}, // a mount over another: the one below keeps its namespace, too
		{net, "/run/d", 7, 3, Number{}},
	}
	// Process 2 is not there; after process 3 has answered nobody else is asked.
	r := mustFind(t, Query{Root: root, Sources: []Source{{Where: 7, PIDs: []int{2, 3, 4}}}})
	if !slices.Equal(r.Mounts, want) || !slices.Equal(r.Missed, []Miss{{7, unix.EINVAL}}) {
		t.Errorf("found %v, missed %v", r.Mounts, r.Missed)
	}
	// Where it is not known in which mount namespaces processes are, the first mount tells: 4 is where 3 is.
	r = mustFind(t, Query{Root: root, Sources: []Source{{PIDs: []int{2, 3, 4}}}})
	if len(r.Mounts) != len(want) || r.Mounts[0] != (Mount{net, "/run/a", 0, 3, Number{}}) {
		t.Errorf("found %v", r.Mounts)
	}
	// Processes that are elsewhere by now say nothing about the mount namespace they were in.
	r = mustFind(t, Query{Root: root, Sources: []Source{{Where: 8, PIDs: []int{3, 4}}}})
	if len(r.Mounts) != 0 || len(r.Missed) != 0 {
		t.Errorf("found %v, missed %v", r.Mounts, r.Missed)
	}
}

func TestFindIsBounded(t *testing.T) {
	var text strings.Builder
	text.WriteString(rootLine)
	crowded := ns.ID{Kind: ns.Net, Ino: 5000}
	for i := range 1000 {
		text.WriteString(nsfsLine(30+i, crowded, fmt.Sprintf("/run/%d", i)))
	}
	long := "/" + strings.Repeat("y", 4000)
	const others = 5000
	for i := range others {
		text.WriteString(nsfsLine(2000+i, ns.ID{Kind: ns.Net, Ino: uint64(6000 + i)}, long))
	}
	root := fixture(t, 7, map[int]string{3: text.String()})
	r := mustFind(t, Query{Root: root, Sources: []Source{{Where: 7, PIDs: []int{3}}}})
	if len(r.Mounts) != perNamespace+others {
		t.Errorf("%d mounts are told, want %d", len(r.Mounts), perNamespace+others)
	}
	size := 0
	for _, m := range r.Mounts {
		size += len(m.Path)
	}
	if size > pathRoom || size < pathRoom-len(long) || !slices.Equal(r.Missed, []Miss{{7, unix.E2BIG}}) {
		t.Errorf("the paths have %d bytes; missed %v", size, r.Missed)
	}
}

func TestFindEnds(t *testing.T) {
	root := fixture(t, 7, map[int]string{3: rootLine})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	q := Query{Root: root, Sources: []Source{{Where: 7, PIDs: []int{3}}}}
	if _, err := Find(ctx, q); err != context.Canceled { //nolint:errorlint // it is returned as it is
		t.Errorf("with a context that has ended: %v", err)
	}
	q.Pace = func(context.Context) error { return io.ErrClosedPipe }
	if _, err := Find(context.Background(), q); err != io.ErrClosedPipe { //nolint:errorlint // as above
		t.Errorf("with a pace that ends it: %v", err)
	}
}

func newTable() *table {
	return &table{
		finder: &finder{counts: make(map[ns.ID]int), seen: make(map[uint64]bool)},
		where:  7, pid: 3, left: maxRead,
	}
}

// FuzzTable holds that a table is read the same whatever the pieces it comes in, and never as more
// than it says.
func FuzzTable(f *testing.F) {
	id := ns.ID{Kind: ns.Net, Ino: 5000}
	f.Add(rootLine + nsfsLine(21, id, `/run/a\040b`))
	f.Add(nsfsLine(21, id, "/a//deleted") + "\n\n \\ - nsfs")
	f.Add("1 1 0:4 net:[5000]//deleted /\\134 rw - nsfs nsfs rw\n")
	f.Add("1 1 0:4 net:[+5000] /\\13")
	f.Fuzz(func(t *testing.T, text string) {
		whole, pieces := newTable(), newTable()
		if err := whole.read(context.Background(), strings.NewReader(text), make([]byte, bufferSize)); err != nil {
			t.Fatal(err)
		}
		if err := pieces.read(context.Background(), iotest.OneByteReader(strings.NewReader(text)), make([]byte, bufferSize)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(whole.Mounts, pieces.Mounts) || whole.strange != pieces.strange {
			t.Errorf("at once %v, by the byte %v", whole.Mounts, pieces.Mounts)
		}
		if len(whole.Mounts) > strings.Count(text, "nsfs") {
			t.Errorf("%d mounts are told of %q", len(whole.Mounts), text)
		}
		for _, m := range whole.Mounts {
			if m.Namespace.Ino == 0 || !strings.HasPrefix(m.Path, "/") {
				t.Errorf("told is %+v of %q", m, text)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	var text strings.Builder
	for i := range 50 {
		fmt.Fprintf(&text, "%d 27 0:%d / /sys/fs/cgroup/%d rw,nosuid,nodev,noexec,relatime shared:%d - cgroup cgroup rw,cpu\n", 20+i, i, i, i)
	}
	text.WriteString(nsfsLine(99, ns.ID{Kind: ns.Net, Ino: 5000}, "/run/netns/blue"))
	buf := make([]byte, bufferSize)
	t := newTable()
	from := strings.NewReader("")
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		from.Reset(text.String())
		t.lines, t.left = 1, maxRead // the first mount is not looked up
		t.Mounts = t.Mounts[:0]
		clear(t.counts)
		if err := t.read(context.Background(), from, buf); err != nil || len(t.Mounts) != 1 {
			b.Fatal(err, t.Mounts)
		}
	}
}
