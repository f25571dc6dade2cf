package procscan

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"nstui/procscan/ns"
)

func TestParseStat(t *testing.T) {
	const tail = " S 7 1 1 0 -1 4194560 0 0 0 0 1 2 0 0 20 0 3 0 110479 0 0\n"
	good := []struct {
		name, text string
		want       procStat
	}{
		{"plain", "42 (cat)" + tail, procStat{comm: []byte("cat"), state: 'S', ppid: 7, start: 110479, threads: 3}},
		{"empty name", "42 ()" + tail, procStat{comm: []byte{}, state: 'S', ppid: 7, start: 110479, threads: 3}},
		{
			"name like the end of a name", "42 ((we)ird (x\n) S 1 \x1b[31m)" + tail,
			procStat{comm: []byte("(we)ird (x\n) S 1 \x1b[31m"), state: 'S', ppid: 7, start: 110479, threads: 3},
		},
		{
			"kernel thread", "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0\n",
			procStat{comm: []byte("kthreadd"), state: 'S', kernel: true, start: 5, threads: 1},
		},
	}
	for _, test := range good {
		t.Run(test.name, func(t *testing.T) {
			got, ok := parseStat([]byte(test.text))
			if !ok || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, %v, want %+v", got, ok, test.want)
			}
		})
	}
	whole := "42 (cat)" + tail
	ends := strings.Index(whole, "110479") + len("110479")
	for n := range ends + 1 {
		if got, ok := parseStat([]byte(whole[:n])); ok {
			t.Errorf("a text of %d bytes passes as %+v", n, got)
		}
	}
	for _, text := range []string{
		")" + tail, ")(" + tail, "42 (cat) SS" + tail[2:], "42 (cat)" + strings.Replace(tail, "110479", "-1", 1),
		"42 (cat)" + strings.Replace(tail, " 7 ", " 9999999999 ", 1), "42 (cat)" + strings.Replace(tail, "4194560", "x", 1),
	} {
		if got, ok := parseStat([]byte(text)); ok {
			t.Errorf("%q passes as %+v", text, got)
		}
	}
}

func TestParseInodeAgreesWithParseLink(t *testing.T) {
	for _, text := range []string{
		"net:[4026531840]", "pid:[1]", "", "net", "net:[]", "net:[0]", "net:[1", "net:[+1]", "net:[007]",
		"net:[18446744073709551616]", "net:[18446744073709551615]", "mnt:[5]x", "network:[5]",
	} {
		agree(t, []byte(text))
	}
}

// agree checks that the parser of the scan and the one of the vocabulary say the same.
func agree(t *testing.T, text []byte) {
	t.Helper()
	id, err := ns.ParseLink(string(text))
	for k := range ns.Kind(ns.NumKinds) {
		ino, ok := parseInode(text, k)
		want := err == nil && id.Kind == k
		if ok != want || ok && ino != id.Ino {
			t.Fatalf("parseInode(%q, %v) = %d, %v; ParseLink says %v, %v", text, k, ino, ok, id, err)
		}
	}
}

func TestParseArgs(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{"", nil},
		{"\x00", nil},
		{"\x00\x00\x00", nil},
		{"cat\x00", []string{"cat"}},
		{"cat\x00-n\x00a b\x00", []string{"cat", "-n", "a b"}},
		{"sh\x00\x00-c\x00", []string{"sh", "", "-c"}},
		{"\x00x\x00", []string{"", "x"}},
		{"nginx: worker process\x00\x00\x00\x00", []string{"nginx: worker process"}},
		{"no end", []string{"no end"}},
	}
	for _, test := range tests {
		got := parseArgs([]byte(test.text), nil)
		if !slices.Equal(got, test.want) || (got == nil) != (test.want == nil) {
			t.Errorf("parseArgs(%q) = %q, want %q", test.text, got, test.want)
		}
		if got == nil {
			continue
		}
		if again := parseArgs([]byte(test.text), got); &again[0] != &got[0] {
			t.Errorf("the same arguments %q are made anew", test.text)
		}
		for _, other := range []string{test.text + "more", "x" + test.text, strings.Trim(test.text, "\x00") + "\x00y"} {
			if changed := parseArgs([]byte(other), got); slices.Equal(changed, got) {
				t.Errorf("%q passes as %q", other, got)
			}
		}
	}
}

func TestParseCgroup(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", ""},
		{"version 2", "0::/system.slice/a.service\n", "/system.slice/a.service"},
		{"root of version 2", "0::/\n", "/"},
		{"outside the cgroup namespace", "0::/../../x\n", "/../../x"},
		{"colons in the path", "0::/a:b:c\n", "/a:b:c"},
		{"version 1", "12:cpu,cpuacct:/\n11:memory:/docker/abc\n1:name=systemd:/docker\n", "/docker/abc"},
		{"root of version 1", "2:cpu:/\n1:name=systemd:/\n", "/"},
		{"hybrid, told by version 1", "3:memory:/docker/abc\n1:name=systemd:/init.scope\n0::/\n", "/docker/abc"},
		{"hybrid, told by version 2", "3:memory:/something/very/long\n0::/user.slice\n", "/user.slice"},
		{"deleted", "0::/a (deleted)\n", "/a (deleted)"},
		{"hostile", "0::/\x1b[31m\xff\n", "/\x1b[31m\xff"},
		{"not understood", "x::/a\n0:/b\n0::c\n\n::\n", ""},
		{"cut off", "4:cpu", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := string(parseCgroup([]byte(test.text))); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestAppendGroups(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"version 2", "0::/system.slice/a.service\n", ""},
		{"all the same", "12:cpu,cpuacct:/docker/a\n1:name=systemd:/docker/a\n0::/docker/a\n", ""},
		{"hybrid", "3:memory:/docker/abc\n2:cpu:/\n1:name=systemd:/docker/abc\n0::/\n", "/docker/abc\n/"},
		{"the start of another", "3:memory:/docker/abc\n2:cpu:/docker\n0::/docker/ab\n", "/docker/abc\n/docker\n/docker/ab"},
		{"not understood", "x::/a\n0:/b\n0::c\n\n::\n", ""},
		{
			"more than are kept", "1::/a\n1::/b\n1::/c\n1::/d\n1::/e\n1::/f\n1::/g\n1::/h\n1::/i\n1::/j\n1::/k\n1::/l\n1::/m\n1::/n\n1::/o\n1::/p\n1::/q\n",
			"/a\n/b\n/c\n/d\n/e\n/f\n/g\n/h\n/i\n/j\n/k\n/l\n/m\n/n\n/o\n/p",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := string(appendGroups([]byte("before"), []byte(test.text))); got != "before"+test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestParseNSpid(t *testing.T) {
	tests := []struct {
		text string
		want []int
	}{
		{"Name:\tcat\nNSpid:\t42\nVmPeak:\t1 kB\n", []int{42}},
		{"Name:\tcat\nNSpid:\t42\t7\t1\n", []int{42, 7, 1}},
		{"Name:\tcat\\nNSpid:\t1\nNSpid:\t42\n", []int{42}},
		{"Name:\tNSpid:\t1\nNSpid:\t42\n", []int{42}},
		{"Name:\tcat\n", nil},
		{"Name:\tcat\nNSpid:\t42\t1", nil},
		{"Name:\tcat\nNSpid:\t42\t-1\n", nil},
		{"Name:\tcat\nNSpid:\t99999999999\n", nil},
		{"", nil},
	}
	for _, test := range tests {
		if got := parseNSpid([]byte(test.text)); !slices.Equal(got, test.want) {
			t.Errorf("parseNSpid(%q) = %v, want %v", test.text, got, test.want)
		}
	}
}

func TestParsePID(t *testing.T) {
	for text, want := range map[string]int{"1": 1, "4194304": 4194304, "2147483647": 2147483647} {
		if got, ok := parsePID([]byte(text)); !ok || got != want {
			t.Errorf("parsePID(%q) = %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "0", "01", "self", "1x", "-1", "2147483648", "99999999999999999999"} {
		if got, ok := parsePID([]byte(text)); ok {
			t.Errorf("parsePID(%q) = %d", text, got)
		}
	}
}

func TestParseBoot(t *testing.T) {
	if got, ok := parseBoot([]byte("btime 1700000000")); !ok || !got.Equal(time.Unix(1700000000, 0)) {
		t.Errorf("boot was at %v, %v", got, ok)
	}
	for _, text := range []string{"", "cpu 1", "btime ", "btime -5", "btime 99999999999999999", "xbtime 5"} {
		if got, ok := parseBoot([]byte(text)); ok || !got.IsZero() {
			t.Errorf("parseBoot(%q) = %v", text, got)
		}
	}
}

const mountinfo = `22 27 0:21 / /proc rw,relatime shared:5 master:1 - proc proc rw
23 27 0:210 / /a\040-\040b rw - proc proc rw,gid=4,hidepid=invisible
24 27 0:2 / /x rw - proc proc rw,hidepid=2
25 27 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
26 27 0:30 / /cut
`

// hidepidIn returns what the first line tells that is of the file system.
func hidepidIn(text []byte, major, minor uint32) string {
	for line := range bytes.Lines(text) {
		if value, ok := parseHidepid(bytes.TrimSuffix(line, []byte{'\n'}), major, minor); ok {
			return value
		}
	}
	return ""
}

func TestParseHidepid(t *testing.T) {
	tests := []struct {
		major, minor uint32
		want         string
	}{{0, 21, ""}, {0, 210, "invisible"}, {0, 2, "2"}, {8, 1, ""}, {0, 30, ""}, {9, 9, ""}}
	for _, test := range tests {
		if got := hidepidIn([]byte(mountinfo), test.major, test.minor); got != test.want {
			t.Errorf("hidepid of %d:%d is %q, want %q", test.major, test.minor, got, test.want)
		}
	}
}

func TestParsersDoNotAllocate(t *testing.T) {
	stat := []byte("42 (cat) S 7 1 1 0 -1 4194560 0 0 0 0 1 2 0 0 20 0 3 0 110479 0 0\n")
	link := []byte("net:[4026531840]")
	args, old := []byte("cat\x00-n\x00"), []string{"cat", "-n"}
	cgroup := []byte("3:memory:/docker/abc\n0::/\n")
	mounts := []byte(mountinfo)
	boot := []byte("btime 17")
	for name, parse := range map[string]func() bool{
		"stat":      func() bool { _, ok := parseStat(stat); return ok },
		"link":      func() bool { _, ok := parseInode(link, ns.Net); return ok },
		"args":      func() bool { return len(parseArgs(args, old)) == 2 },
		"cgroup":    func() bool { return len(parseCgroup(cgroup)) > 1 },
		"mountinfo": func() bool { return hidepidIn(mounts, 8, 1) == "" },
		"boot":      func() bool { _, ok := parseBoot(boot); return ok },
	} {
		if !parse() {
			t.Errorf("%s is not understood", name)
		}
		if n := testing.AllocsPerRun(100, func() { parse() }); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("42 (cat) S 7 1 1 0 -1 4194560 0 0 0 0 1 2 0 0 20 0 3 0 110479 0 0\n"))
	f.Add([]byte("42 ((we)ird (x\n) S 1) Z 0 1 1 0 -1 0 0 0 0 0 1 2 0 0 20 0 3 0 1 0 0\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		st, ok := parseStat(text)
		if !ok {
			return
		}
		if st.ppid < 0 || st.state == 0 || bytes.IndexByte(text[bytes.LastIndexByte(text, ')')+1:], ')') >= 0 {
			t.Fatalf("%q passes as %+v", text, st)
		}
		// Whatever name a process gives itself, the rest stays what it was.
		evil := slices.Concat([]byte("1 ("), st.comm, []byte(") S 1 (x)"), text[bytes.LastIndexByte(text, ')')+1:])
		again, ok := parseStat(evil)
		if !ok || again.start != st.start || again.ppid != st.ppid || again.state != st.state || again.kernel != st.kernel {
			t.Fatalf("%q changes %+v into %+v, %v", evil, st, again, ok)
		}
	})
}

func FuzzParseInode(f *testing.F) {
	f.Add([]byte("net:[4026531840]"))
	f.Add([]byte("cgroup:[18446744073709551616]"))
	f.Fuzz(func(t *testing.T, text []byte) { agree(t, text) })
}

func FuzzParseCgroup(f *testing.F) {
	f.Add([]byte("3:memory:/docker/abc\n1:name=systemd:/init.scope\n0::/\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		path := parseCgroup(text)
		if len(path) > 0 && (path[0] != '/' || bytes.IndexByte(path, '\n') >= 0 || !bytes.Contains(text, path)) {
			t.Fatalf("the path in %q is %q", text, path)
		}
	})
}

func FuzzParseMountinfo(f *testing.F) {
	f.Add([]byte(mountinfo), uint32(0), uint32(210))
	f.Fuzz(func(t *testing.T, text []byte, major, minor uint32) {
		value := hidepidIn(text, major, minor)
		if value != "" && (strings.ContainsAny(value, " ,\n") || !bytes.Contains(text, []byte("hidepid="+value))) {
			t.Fatalf("hidepid in %q is %q", text, value)
		}
	})
}

func FuzzParseArgs(f *testing.F) {
	f.Add([]byte("cat\x00-n\x00"), []byte("cat\x00"))
	f.Fuzz(func(t *testing.T, text, before []byte) {
		want := parseArgs(text, nil)
		if got := parseArgs(text, parseArgs(before, nil)); !slices.Equal(got, want) {
			t.Fatalf("%q after %q is %q, alone it is %q", text, before, got, want)
		}
	})
}

func FuzzParseNSpid(f *testing.F) {
	f.Add([]byte("Name:\tcat\nNSpid:\t42\t7\t1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, pid := range parseNSpid(text) {
			if pid < 0 {
				t.Fatalf("%q has pid %d", text, pid)
			}
		}
	})
}

func FuzzAppendEntries(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x18\x00\x0442\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, records []byte) {
		for _, e := range appendEntries(nil, records) {
			if e.pid <= 0 {
				t.Fatalf("%q lists pid %d", records, e.pid)
			}
		}
	})
}
