package express

import (
	"path"
	"slices"
	"strings"
	"testing"
)

func TestReadsTheSimpleCase(t *testing.T) {
	for _, words := range []string{
		"-t 42 -n sh -c echo",
		"-n -t 42 sh -c echo",
		"-t42 -n sh -c echo",
		"--target 42 --net sh -c echo",
		"--target=42 -n sh -c echo",
		"-n --target=42 -- sh -c echo",
	} {
		o, ok := read(strings.Fields(words))
		if !ok {
			t.Errorf("%q is not read", words)
			continue
		}
		if o.pid != "42" || o.kind.name != "net" || !slices.Equal(o.program, []string{"sh", "-c", "echo"}) {
			t.Errorf("%q is read as pid %s, kind %s, program %q", words, o.pid, o.kind.name, o.program)
		}
	}
	for _, k := range kinds {
		for _, word := range []string{k.short, k.long} {
			if o, ok := read([]string{"-t1", word, "x"}); !ok || o.kind.name != k.name {
				t.Errorf("%s is read as %+v, %v", word, o, ok)
			}
		}
	}
	// What stands behind the program is its own, also what looks like options.
	o, ok := read([]string{"-t", "42", "-n", "x", "-t", "1", "--", ""})
	if want := []string{"x", "-t", "1", "--", ""}; !ok || !slices.Equal(o.program, want) {
		t.Errorf("the program is %q, %v, want %q", o.program, ok, want)
	}
	if o, ok := read([]string{"-t", "42", "-n", "--", "-x"}); !ok || !slices.Equal(o.program, []string{"-x"}) {
		t.Errorf("the program behind -- is %q, %v", o.program, ok)
	}
}

// Each of these is for the ordinary way, or an error it tells of.
func TestLeavesAllElse(t *testing.T) {
	for _, words := range [][]string{
		{},
		{"-t", "42", "-n"},       // a shell
		{"-t", "42", "-n", "--"}, // a shell
		{"-t", "42", "sh"},
		{"-n", "sh"},
		{"-n", "-t"},
		{"-t", "-n", "sh"},
		{"-t", "42", "-t", "42", "-n", "sh"},
		{"-t", "42", "-n", "-n", "sh"},
		{"-t", "42", "-n", "--net", "sh"},
		{"-t", "42", "-n", "-u", "sh"},
		{"-t", "42", "-nu", "sh"}, // the file u
		{"-nt", "42", "sh"},       // the file t
		{"-t", "42", "-n=/x", "sh"},
		{"-t", "42", "--net=/x", "sh"},
		{"-t", "42", "--net=", "sh"},
		{"-t", "42", "--ne", "sh"},
		{"-t", "42", "--targe=42", "sh"},
		{"-t", "42", "-m", "sh"},
		{"-t", "42", "-p", "sh"},
		{"-t", "42", "-U", "sh"},
		{"-t", "42", "-T", "sh"},
		{"-t", "42", "-a", "sh"},
		{"-t", "42", "-n", "-F", "sh"},
		{"-t", "42", "-n", "-S", "0", "sh"},
		{"-t", "42", "-n", "-r", "sh"},
		{"-t", "42", "-n", "--dry-run", "sh"},
		{"-t", "42", "-n", "-", "x"},
		{"-t", "42", "-n", ""},
		{"-t", "42", "-n", "."},
		{"-t", "42", "-n", ".."},
		{"-t", "", "-n", "sh"},
		{"-t", "0", "-n", "sh"},
		{"-t", "042", "-n", "sh"},
		{"-t", "-42", "-n", "sh"},
		{"-t", "+42", "-n", "sh"},
		{"-t", " 42", "-n", "sh"},
		{"-t", "42:7", "-n", "sh"},
		{"-t", "41943040", "-n", "sh"},
		{"-t", "self", "-n", "sh"},
		{"-t=42", "-n", "sh"},
		{"--target=", "-n", "sh"},
		{"--help"},
	} {
		if o, ok := read(words); ok {
			t.Errorf("%q is read as %+v", words, o)
		}
	}
}

func TestStrip(t *testing.T) {
	env := []string{"A=1", "NSTUI_THEME=dark", "nstui_x=2", "NSTUI=3", "NSTUI_", "B"}
	if got, ok := strip(env); !ok || !slices.Equal(got, []string{"A=1", "nstui_x=2", "NSTUI=3", "B"}) {
		t.Errorf("what is left is %q, %v", got, ok)
	}
	if got, ok := strip([]string{"A=1", "NSTUI_STAGE="}); ok {
		t.Errorf("what is left in a child of ourselves is %q", got)
	}
}

func TestCandidates(t *testing.T) {
	for _, c := range []struct {
		name, env, want string
	}{
		{"./x", "PATH=/bin", "./x"},
		{"/a//b/../x", "PATH=//", "/a//b/../x"},
		{"x", "", "/bin/x /usr/bin/x"},
		{"x", "PATH=/bin", "/bin/x"},
		{"x", "HOME=/ PATH=/a:/b PATH=/c", "/a/x /b/x"},
		{"x", "PATH=:/b:", "x /b/x x"},
		{"x", "PATH=/", "/x"},
		{"x", "PATH=a/b:/root/.local/bin:/...:..a", "a/b/x /root/.local/bin/x /.../x ..a/x"},
	} {
		got, ok := candidates(c.name, strings.Fields(c.env))
		if want := strings.Fields(c.want); !ok || !slices.Equal(got, want) {
			t.Errorf("%s with %s is looked for in %q, %v, want %q", c.name, c.env, got, ok, want)
		}
	}
	for _, dirs := range []string{"", "/bin:/a//b", "/bin/", "/a/./b", ".", "..", "../a", "a/..", "//a", "/bin:."} {
		if got, ok := candidates("x", []string{"PATH=" + dirs}); ok {
			t.Errorf("with PATH=%s it is looked for in %q", dirs, got)
		}
	}
}

// A path that counts as clean is what the ordinary way makes of it.
func FuzzClean(f *testing.F) {
	for _, dir := range []string{"/usr/bin", "a/../b", "/a/./b", "//", "/", "", ".local/bin", "..", "/..a/"} {
		f.Add(dir)
	}
	f.Fuzz(func(t *testing.T, dir string) {
		if clean(dir) && dir != "" && path.Clean(dir) != dir {
			t.Errorf("%q is held to be clean, but path.Clean makes %q of it", dir, path.Clean(dir))
		}
		if !clean(dir) && path.Clean(dir) == dir && dir != "." && !strings.Contains(dir, "..") {
			t.Errorf("%q is clean", dir)
		}
	})
}
